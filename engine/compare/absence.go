package main

import (
	"regexp"
	"strings"
)

// absenceRules accept differences about absent attributes. The comparer compares the stored items
// right after an update that only removes, because the response need not show the difference.
var absenceRules = []rule{{
	name:   "updates that only remove",
	reason: "An update that only removes creates no item; dynoxide creates one with only the key.",
	match: func(s *step, ours, theirs observation) bool {
		return onlyRemoves(s) && onlyDiffers(ours, theirs, ".Attributes(-)", "CapacityUnits",
			".GlobalSecondaryIndexes(-)", ".LocalSecondaryIndexes(-)")
	},
}, {
	name:   "writes that change nothing",
	reason: "A write that does not change an item has no record in a stream; dynoxide makes one.",
	match: func(s *step, ours, theirs observation) bool {
		return s.mode == records && onlyDiffers(ours, theirs, "[](length)", ".SizeBytes")
	},
}, {
	name:   "NOT_CONTAINS of an absent attribute",
	reason: "NOT_CONTAINS is false for an item without the attribute; in dynoxide it is true.",
	match: func(s *step, ours, theirs observation) bool {
		return strings.Contains(encode(s.body), `"NOT_CONTAINS"`) &&
			(isCode(ours, "ConditionalCheckFailedException") || !ours.failed() && !theirs.failed())
	},
}}

// onlyRemoves reports whether a step is or contains an update that only removes attributes.
func onlyRemoves(s *step) bool {
	switch s.operation {
	case "UpdateItem":
		return isRemoval(s.body)
	case "TransactWriteItems":
		for _, item := range elements(s.body, "TransactItems") {
			if isRemoval(lookup(item, "Update")) {
				return true
			}
		}
	}
	return false
}

var setsOrAdds = regexp.MustCompile(`(?i)(^|[^#:\w])(set|add)\s`)

// isRemoval reports whether an update has changes and all of them remove attributes.
func isRemoval(update any) bool {
	if expression := text(update, "UpdateExpression"); expression != "" {
		return !setsOrAdds.MatchString(expression)
	}
	updates, _ := lookup(update, "AttributeUpdates").(*object)
	if updates == nil {
		return false
	}
	for _, m := range updates.members {
		if text(m.value, "Action") != "DELETE" {
			return false
		}
	}
	return len(updates.members) > 0
}
