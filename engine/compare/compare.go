package main

import (
	"fmt"
	"regexp"
	"strings"
)

// An observation is the result of a step at one endpoint, without the parts that a service may
// choose.
type observation struct {
	status int
	tree   any
	fault  string
}

// failed reports whether the endpoint refused the step.
func (o observation) failed() bool { return o.status != 200 }

// A difference describes how two observations of a step differ.
type difference struct {
	kind         string // the same text for differences that look alike; "" if there is none
	ours, theirs observation
}

// compare returns how two observations of a step differ.
func compare(s *step, ours, theirs observation) difference {
	return difference{kindOf(s, ours, theirs), ours, theirs}
}

// kindOf names how two observations differ, or returns "" if they are equal. A refusal is of the
// same kind in all operations. If only one endpoint refused the request, the result at the other
// endpoint does not matter.
func kindOf(s *step, ours, theirs observation) string {
	mine, other := summary(ours), summary(theirs)
	if mine != other {
		if !isTaken(ours) && isTaken(theirs) {
			other = "taken"
		}
		if isTaken(ours) && !isTaken(theirs) {
			mine = "taken"
		}
		return fmt.Sprintf("%s: %s | %s", family(s.operation), mine, other)
	}
	paths := differences(nil, "", ours.tree, theirs.tree)
	if ours.fault != theirs.fault {
		paths = append(paths, "fault")
	}
	if len(paths) == 0 {
		return ""
	}
	return fmt.Sprintf("%s: %s: %s", s.operation, mine, strings.Join(shapes(paths), " "))
}

// family returns which operations check their requests in the same way.
func family(operation string) string {
	switch operation {
	case "PutItem", "UpdateItem", "DeleteItem", "GetItem", "Query", "Scan", "BatchGetItem",
		"BatchWriteItem", "TransactGetItems", "TransactWriteItems":
		return "items"
	}
	return operation
}

// isTaken reports whether a request reached the items: it succeeded, or failed because of an item's
// content.
func isTaken(o observation) bool {
	if !o.failed() {
		return true
	}
	code, message := text(o.tree, "__type"), text(o.tree, "message")
	return strings.HasSuffix(code, "#ConditionalCheckFailedException") ||
		strings.HasSuffix(code, "#TransactionCanceledException") ||
		strings.Contains(message, "document path provided in the update") ||
		strings.Contains(message, "refers to an attribute that does not exist in the item")
}

// summary returns the shape of an observation: an error with its message, or the status alone.
func summary(o observation) string {
	if !o.failed() {
		return fmt.Sprint(o.status)
	}
	code := text(o.tree, "__type")
	message := text(o.tree, "message") + text(o.tree, "Message")
	code = code[strings.LastIndexByte(code, '#')+1:]
	return fmt.Sprintf("%d %s %q", o.status, code, messageShape(message))
}

var (
	quoted   = regexp.MustCompile(`'[^']*'|"[^"]*"|\{[^{}]*\}|\[[^\[\]]*\]|\([^()]*\)`)
	labelled = regexp.MustCompile(`(attribute|name|value|path|symbol|Table|key|token|near|` +
		`keyword|Key|operand): [^,;\n]+`)
	numerals       = regexp.MustCompile(`[0-9]+`)
	expressionKind = regexp.MustCompile(
		`Invalid (Condition|Filter|Update|Projection|KeyCondition)Expression`)
	tableName = regexp.MustCompile(`t…\.` + runMark + `[.\w]*`)
)

// messageShape returns a message without the names, values and numbers of the request.
func messageShape(message string) string {
	message = strings.TrimPrefix(message, "1 validation error detected: ")
	message = expressionKind.ReplaceAllString(message, "Invalid …Expression")
	message = quoted.ReplaceAllString(message, "…")
	message = labelled.ReplaceAllString(message, "$1: …")
	message = numerals.ReplaceAllString(message, "…")
	message = tableName.ReplaceAllString(message, "…")
	if len(message) > 250 {
		message = message[:250]
	}
	return message
}

// differences appends the paths at which two trees differ.
func differences(paths []string, path string, ours, theirs any) []string {
	switch mine := ours.(type) {
	case *object:
		if other, ok := theirs.(*object); ok {
			return differentMembers(paths, path, mine, other)
		}
	case *list:
		if other, ok := theirs.(*list); ok {
			return differentElements(paths, path, mine, other)
		}
	}
	if encode(ours) != encode(theirs) {
		paths = append(paths, path)
	}
	return paths
}

func differentMembers(paths []string, path string, ours, theirs *object) []string {
	for _, m := range ours.members {
		if !theirs.has(m.name) {
			paths = append(paths, path+"."+m.name+"(+)")
			continue
		}
		paths = differences(paths, path+"."+m.name, m.value, theirs.get(m.name))
	}
	for _, m := range theirs.members {
		if !ours.has(m.name) {
			paths = append(paths, path+"."+m.name+"(-)")
		}
	}
	return paths
}

func differentElements(paths []string, path string, ours, theirs *list) []string {
	if len(ours.elements) != len(theirs.elements) {
		return append(paths, path+"[](length)")
	}
	for i := range ours.elements {
		paths = differences(paths, path+"[]", ours.elements[i], theirs.elements[i])
	}
	return paths
}

// insideItem finds where a path enters an item. Inside an item only the types matter.
var insideItem = regexp.MustCompile(
	`(\.(?:Item|Attributes|LastEvaluatedKey|Keys|NewImage|OldImage|Key|Items\[\]|` +
		`Responses\.[^ \[]*\[\]))\..*?` +
		`((?:\.(?:S|N|B|BOOL|NULL|L|M|SS|NS|BS))?(?:\[\])?(?:\([-+a-z]*\))?)$`)

// shapes returns a few of the paths, without names that requests choose.
func shapes(paths []string) []string {
	var found []string
	seen := map[string]bool{}
	for _, path := range paths {
		path = tableName.ReplaceAllString(numerals.ReplaceAllString(path, "…"), "T")
		path = insideItem.ReplaceAllString(path, "$1…$2")
		if !seen[path] && len(found) < 3 {
			seen[path] = true
			found = append(found, path)
		}
	}
	return found
}
