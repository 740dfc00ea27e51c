package main

import (
	"regexp"
	"slices"
	"strings"
)

// A rule accepts a difference between the engine and the reference, for a reason.
type rule struct {
	name   string
	reason string
	match  func(s *step, ours, theirs observation) bool
}

// knownDifferences are the differences that are no fault of the engine. Those that name dynoxide are
// of version 3.2.0.
var knownDifferences = []rule{
	{
		"texts of the reference's JSON library",
		"dynoxide shows what its own library says of a request that it cannot decode; the service's text " +
			"is another.",
		func(_ *step, ours, theirs observation) bool {
			return ours.failed() && theirs.failed() && libraryText.MatchString(message(theirs))
		},
	},
	{
		"members that the operation does not have",
		"The service ignores a member that is not in the operation's model; dynoxide checks the JSON types " +
			"of the members of all operations.",
		func(s *step, _, theirs observation) bool {
			return isCode(theirs, "SerializationException") && hasForeignMember(s)
		},
	},
	{
		"distinct operands",
		"The service refuses a comparison or function whose first operand comes again among the " +
			"remaining ones; dynoxide only looks at contains, and there before names are replaced.",
		func(_ *step, ours, _ observation) bool {
			return strings.Contains(message(ours), "The first operand must be distinct")
		},
	},
	{
		"operands without an order",
		"The service refuses <, <=, >, >= and BETWEEN with a value that is no string, number or binary, " +
			"before it reads an item; dynoxide evaluates them as false.",
		func(_ *step, ours, _ observation) bool { return unorderedOperand.MatchString(message(ours)) },
	},
	{
		"operand types in transactions",
		"The service checks the types of an update's values with the rest of the expression; dynoxide does " +
			"so in UpdateItem only, and cancels the transaction.",
		func(s *step, ours, _ observation) bool {
			return s.operation == "TransactWriteItems" &&
				strings.Contains(message(ours), "Invalid UpdateExpression: Incorrect operand type")
		},
	},
	{
		"projected keys in transactions",
		"TransactGetItems returns the attributes that its projection names; dynoxide adds the item's keys.",
		func(s *step, ours, theirs observation) bool {
			return s.operation == "TransactGetItems" && onlyDiffers(ours, theirs, "(-)") &&
				strings.Contains(encode(s.body), "ProjectionExpression")
		},
	},
	{
		"ALL_OLD of a new item",
		"There are no attributes from before the update if there was no item; dynoxide returns its key.",
		func(s *step, ours, theirs observation) bool {
			return s.operation == "UpdateItem" && text(s.body, "ReturnValues") == "ALL_OLD" &&
				onlyDiffers(ours, theirs, ".Attributes(-)")
		},
	},
	{
		"texts of key conditions and projections",
		"The service says which expression is invalid, and gives a syntax error's token and place; " +
			"dynoxide has texts of its own for some faults of these two.",
		func(_ *step, ours, theirs observation) bool {
			return ours.failed() && ownText.MatchString(message(theirs))
		},
	},
	{
		"values inside of values",
		"The service cannot decode a text where a list or map has a value, nor a list where a string is " +
			"due; dynoxide decodes these in other ways than at the top of an item.",
		func(_ *step, ours, theirs observation) bool {
			return isCode(ours, "SerializationException") &&
				(strings.HasPrefix(message(theirs), "Supplied AttributeValue is empty") ||
					isCode(theirs, "SerializationException"))
		},
	},
	{
		"legacy operators that do not take a type",
		"The service's documentation lists the types that each ComparisonOperator takes; dynoxide " +
			"evaluates a condition with another type as false.",
		func(_ *step, ours, _ observation) bool {
			return strings.Contains(message(ours), "is not valid for") &&
				strings.Contains(message(ours), "ComparisonOperator")
		},
	},
	{
		"attributes that an index does not project",
		"The service refuses to filter or return attributes that a global index does not have, and reads " +
			"them from the table for a local one; dynoxide leaves them out.",
		func(s *step, ours, theirs observation) bool {
			return strings.Contains(message(ours), "does not project") && isTaken(theirs)
		},
	},
	{
		"pages without an end",
		"dynoxide answers the item of the start key again, where a table has no range key.",
		func(s *step, ours, theirs observation) bool {
			return s.operation == "Query" && theirs.fault == endless && ours.fault == ""
		},
	},
	{
		"attributes that a local index lacks",
		"A read of a local index fetches what the index lacks from the table, for the filter and the " +
			"answer, and consumes the table's units for it; dynoxide does so for ALL_ATTRIBUTES only.",
		func(s *step, ours, theirs observation) bool {
			return strings.HasPrefix(text(s.body, "IndexName"), "local.") &&
				onlyDiffers(ours, theirs, ".CapacityUnits", ".LocalSecondaryIndexes(+)", ".Count",
					".Items[](length)") || fetchesMore(s, ours, theirs)
		},
	},
	{
		"item collections of transactions",
		"ReturnItemCollectionMetrics is a parameter of TransactWriteItems, too; dynoxide ignores it there.",
		func(s *step, ours, theirs observation) bool {
			return s.operation == "TransactWriteItems" && onlyDiffers(ours, theirs, ".ItemCollectionMetrics(+)")
		},
	},
	{
		"keys that a transaction changes",
		"An update that writes a key attribute is refused in a transaction, too; dynoxide does the rest.",
		func(s *step, ours, _ observation) bool {
			return s.operation == "TransactWriteItems" &&
				strings.Contains(encode(ours.tree), "This attribute is part of the key")
		},
	},
	{
		"throughput of indexes",
		"UpdateTable to PROVISIONED needs the throughput of each global index; dynoxide invents it.",
		func(s *step, ours, _ observation) bool {
			return s.operation == "UpdateTable" &&
				strings.Contains(message(ours), "ProvisionedThroughput must be specified for index")
		},
	},
	{
		"SizeBytes of a stream record",
		"The service counts the sizes of the keys and images as those of items; dynoxide counts the " +
			"bytes of their JSON.",
		func(s *step, ours, theirs observation) bool {
			return s.mode == records && onlyDiffers(ours, theirs, ".change.SizeBytes")
		},
	},
	{
		"time to live as it is already",
		"The service refuses to enable what is enabled and to disable what is disabled; dynoxide does not.",
		func(_ *step, ours, theirs observation) bool {
			return strings.HasPrefix(message(ours), "TimeToLive is already") && !theirs.failed()
		},
	},
	{
		"tags",
		"TagResource and UntagResource have no output, so the service's answer has no body; dynoxide " +
			"sends an empty object. The service refuses a key that comes twice; dynoxide takes the last.",
		func(s *step, ours, theirs observation) bool {
			isTag := s.operation == "TagResource" || s.operation == "UntagResource"
			noBody := ours.status == 200 && encode(ours.tree) == `""` && encode(theirs.tree) == "{}"
			return isTag && !theirs.failed() &&
				(noBody || strings.HasPrefix(message(ours), "Duplicate Tag Keys"))
		},
	},
	{
		"descriptions of tables",
		"The service reports WarmThroughput, when a table became on-demand, and UPDATING in the answer to " +
			"UpdateTable; it takes throughput away with PROVISIONED. dynoxide does not.",
		func(s *step, ours, theirs observation) bool {
			return strings.HasSuffix(s.operation, "Table") && onlyDiffers(ours, theirs,
				".WarmThroughput(+)", ".LastUpdateToPayPerRequestDateTime(+)", ".TableStatus")
		},
	},
}

var libraryText = regexp.MustCompile(`at line \d+ column \d+|missing field|unknown variant|invalid type|` +
	`invalid base64|^expected \w+ (for|in) `)

var unorderedOperand = regexp.MustCompile(`operator or function: (<|<=|>|>=|BETWEEN), operand type`)

var ownText = regexp.MustCompile(`^An expression attribute (name|value) used|^Unexpected operator in ` +
	`KeyConditionExpression|Unexpected token in ProjectionExpression|Expected attribute name, got`)

// message returns the text of a refusal.
func message(o observation) string { return text(o.tree, "message") + text(o.tree, "Message") }

func isCode(o observation, code string) bool {
	return strings.HasSuffix(text(o.tree, "__type"), "#"+code)
}

// onlyDiffers reports whether both endpoints took a step and all paths at which the observations
// differ end in one of the given ways.
func onlyDiffers(ours, theirs observation, ends ...string) bool {
	if ours.failed() || theirs.failed() {
		return false
	}
	for _, path := range differences(nil, "", ours.tree, theirs.tree) {
		if !slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(path, end) }) {
			return false
		}
	}
	return true
}

// fetchesMore reports whether a read of a local index returns the same items at both endpoints, ours
// with more attributes.
func fetchesMore(s *step, ours, theirs observation) bool {
	mine, other := elements(ours.tree, "Items"), elements(theirs.tree, "Items")
	if !strings.HasPrefix(text(s.body, "IndexName"), "local.") || len(mine) != len(other) {
		return false
	}
	return len(encode(ours.tree)) > len(encode(theirs.tree))
}

// foreign are members that requests get for test, with the operations that have them.
var foreign = map[string][]string{
	"ReturnValues":                        {"PutItem", "UpdateItem", "DeleteItem"},
	"ReturnConsumedCapacity":              itemOperations,
	"Select":                              {"Query", "Scan"},
	"ConditionalOperator":                 {"PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"},
	"ReturnItemCollectionMetrics":         writeOperations,
	"ReturnValuesOnConditionCheckFailure": {"PutItem", "UpdateItem", "DeleteItem"},
	"Limit":                               {"Query", "Scan", "ListTables"},
	"Segment":                             {"Scan"},
	"TotalSegments":                       {"Scan"},
	"IndexName":                           {"Query", "Scan"},
	"ConsistentRead":                      {"Query", "Scan", "GetItem"},
	"ConditionExpression":                 {"PutItem", "UpdateItem", "DeleteItem"},
}

var writeOperations = []string{"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem",
	"TransactWriteItems"}

var itemOperations = append([]string{"GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems"},
	writeOperations...)

func hasForeignMember(s *step) bool {
	body, _ := s.body.(*object)
	for name, operations := range foreign {
		if body.has(name) && !slices.Contains(operations, s.operation) {
			return true
		}
	}
	return false
}

// ruleFor returns the first rule that accepts a difference, or nil.
func ruleFor(s *step, ours, theirs observation) *rule {
	for i := range knownDifferences {
		if knownDifferences[i].match(s, ours, theirs) {
			return &knownDifferences[i]
		}
	}
	return nil
}
