package main

import (
	"encoding/json"
	"slices"
	"strings"
)

// Normalising removes from responses what a service may choose, before they are compared: the order
// of attributes, of number sets, of a scan and of equal index keys; where a page of such a read
// ends; dates and identities; and the size of a table, which the service counts only now and then.

// normalise returns the observation of a response to a single request.
func normalise(s *step, tables []*table, a rawResponse) observation {
	o := observation{a.status, canonical(a.body), a.fault}
	if o.failed() {
		return o
	}
	tree, ok := o.tree.(*object)
	if !ok {
		return o
	}
	switch s.operation {
	case "Scan":
		normaliseRead(s, tree, nil)
	case "Query":
		if lookup(s.body, "IndexName") != nil {
			normaliseRead(s, tree, rangeNames(s, tables))
		}
	case "BatchGetItem":
		sortEach(tree, "Responses")
	case "ListTables":
		normaliseNames(tree)
	}
	return o
}

// chosen are the members that identify or date something, or give the size of a table.
var chosen = map[string]bool{"TableId": true, "CreationDateTime": true, "LatestStreamLabel": true,
	"LatestStreamArn": true, "LastUpdateToPayPerRequestDateTime": true, "LastUpdateDateTime": true,
	"LastIncreaseDateTime": true, "LastDecreaseDateTime": true, "ItemCount": true,
	"TableSizeBytes": true, "IndexSizeBytes": true}

// unordered are the members whose lists have no order in the service.
var unordered = map[string]bool{"NS": true, "AttributeDefinitions": true, "Tags": true,
	"GlobalSecondaryIndexes": true, "LocalSecondaryIndexes": true, "NonKeyAttributes": true,
	"ConsumedCapacity": true}

// canonical returns a tree with the members of objects sorted by name, and with the lists that have
// no order sorted.
func canonical(tree any) any {
	switch t := tree.(type) {
	case *object:
		o := &object{}
		for _, m := range t.members {
			o.members = append(o.members, member{m.name, canonicalMember(m)})
		}
		slices.SortFunc(o.members, func(a, b member) int { return strings.Compare(a.name, b.name) })
		return o
	case *list:
		l := &list{}
		for _, element := range t.elements {
			l.add(canonical(element))
		}
		return l
	}
	return tree
}

func canonicalMember(m member) any {
	value := canonical(m.value)
	_, isObject := value.(*object) // an attribute can have any of these names
	if chosen[m.name] && !isObject {
		return "…"
	}
	if l, ok := value.(*list); ok && unordered[m.name] {
		sortList(l)
	}
	return value
}

func sortList(l *list) {
	slices.SortStableFunc(l.elements, func(a, b any) int {
		return strings.Compare(sortKey(a), sortKey(b))
	})
}

// sortKey returns the key by which a list without an order is sorted. It is a name if there is one,
// so that elements with the same name stay side by side although they differ.
func sortKey(element any) string {
	for _, name := range []string{"IndexName", "AttributeName", "Key", "TableName"} {
		if key := text(element, name); key != "" {
			return key
		}
	}
	return encode(element)
}

// sortEach sorts the lists of the object under a name.
func sortEach(tree *object, name string) {
	o, ok := tree.get(name).(*object)
	if !ok {
		return
	}
	for _, m := range o.members {
		if l, ok := m.value.(*list); ok {
			sortList(l)
		}
	}
}

// normaliseNames removes all tables but this run's from lists of table names.
func normaliseNames(tree *object) {
	names := newList()
	for _, name := range elements(tree, "TableNames") {
		if s, ok := name.(string); ok && strings.Contains(s, runMark) {
			names.add(name)
		}
	}
	sortList(names)
	*tree = *newObject("TableNames", names)
}

// normaliseRead removes from a page of a Scan, or of a Query of an index, what depends on an order
// that the service may choose. A page that is not the whole result keeps only its numbers.
func normaliseRead(s *step, page *object, ranges []string) {
	body, _ := s.body.(*object)
	if body.has("ExclusiveStartKey") || body.has("Segment") {
		*page = object{}
		return
	}
	isPart := page.has("LastEvaluatedKey")
	if !isPart {
		sortItems(page, ranges)
		return
	}
	kept := newObject("LastEvaluatedKey", true)
	if body.has("Limit") {
		kept.set("ScannedCount", page.get("ScannedCount"))
		if !isFiltered(body) {
			kept.set("Count", page.get("Count"))
		}
	}
	*page = *kept
}

func isFiltered(body *object) bool {
	return body.has("FilterExpression") || body.has("ScanFilter") || body.has("QueryFilter")
}

// rangeNames returns the range keys of the index that a step queries.
func rangeNames(s *step, tables []*table) []string {
	var names []string
	for _, t := range tables {
		if t.name != text(s.body, "TableName") {
			continue
		}
		for _, x := range t.indexes {
			if x.name != text(s.body, "IndexName") {
				continue
			}
			for _, k := range x.ranged {
				names = append(names, k.name)
			}
		}
	}
	return names
}

// sortItems sorts each run of items with equal range keys. Without range keys it sorts all items.
func sortItems(page *object, ranges []string) {
	items := elements(page, "Items")
	for start := 0; start < len(items); {
		end := start + 1
		for end < len(items) && sameRange(items[start], items[end], ranges) {
			end++
		}
		sortList(&list{items[start:end]})
		start = end
	}
}

// sameRange reports whether the service may choose the order of two items: their range keys are
// equal, or one of the keys is not among the attributes.
func sameRange(a, b any, ranges []string) bool {
	for _, name := range ranges {
		one, other := lookup(a, name), lookup(b, name)
		if one != nil && other != nil && encode(one) != encode(other) {
			return false
		}
	}
	return true
}

// merge returns the combined result of the pages of a walk.
func merge(s *step, tables []*table, pages []*object) *object {
	items, sizes, used := newList(), newList(), newList()
	count, scanned := int64(0), int64(0)
	for _, page := range pages {
		items.elements = append(items.elements, elements(page, "Items")...)
		sizes.add(page.get("Count"))
		used.add(page.get("ConsumedCapacity"))
		count += integer(page.get("Count"))
		scanned += integer(page.get("ScannedCount"))
	}
	whole := newObject("Items", items, "Count", newInt(int(count)),
		"ScannedCount", newInt(int(scanned)))
	if s.operation == "Query" && lookup(s.body, "IndexName") == nil {
		whole.set("Pages", sizes)
		whole.set("ConsumedCapacity", used)
		return whole
	}
	if len(pages) == 1 && !isLimited(s) {
		whole.set("ConsumedCapacity", used)
	}
	var ranges []string
	if s.operation == "Query" {
		ranges = rangeNames(s, tables)
	}
	sortItems(whole, ranges)
	return whole
}

func isLimited(s *step) bool { return lookup(s.body, "Limit") != nil }

func integer(tree any) int64 {
	number, _ := tree.(json.Number)
	n, _ := number.Int64()
	return n
}
