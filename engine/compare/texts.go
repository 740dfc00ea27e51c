package main

import (
	"slices"
	"strings"
)

// textRules accept differences in which fault a refusal names, and in which words. In all of them
// both endpoints refuse the request, or the engine refuses something that the reference does not
// check.
var textRules = []rule{{
	name: "faults of expressions",
	reason: "If an expression has several faults, the service's unpublished grammar decides " +
		"which one it reports. The engine reports syntax errors " +
		"before others; dynoxide stops at the first fault that it reads, and at another token.",
	match: func(_ *step, ours, theirs observation) bool {
		return bothInvalid(ours, theirs) && aboutExpressions(ours) && !isMissing(theirs)
	},
}, {
	name: "expressions that are checked without an item",
	reason: "The service checks the names, values and operands of an expression before it reads " +
		"items; dynoxide does so when it evaluates that part of the expression.",
	match: func(_ *step, ours, theirs observation) bool {
		return isCode(ours, "ValidationException") && aboutExpressions(ours) &&
			(isTaken(theirs) || isMissing(theirs))
	},
}, {
	name: "requests that cannot be decoded",
	reason: "The service decodes the whole request before it checks its members; dynoxide " +
		"decodes start keys, legacy conditions and some values later, with its own texts.",
	match: func(_ *step, ours, theirs observation) bool {
		return isCode(ours, "SerializationException") && isCode(theirs, "ValidationException")
	},
}, {
	name: "invalid values",
	reason: "The service refuses a number that it cannot store, and a set with an element twice, " +
		"before it reads an item; dynoxide does so when it stores the value, and takes 1 and 1.0 " +
		"in a set for two numbers.",
	match: func(_ *step, ours, theirs observation) bool {
		return isCode(ours, "ValidationException") && aboutValues(ours) &&
			(theirs.failed() || isTaken(theirs))
	},
}, {
	name: "legacy lists of several types",
	reason: "The service accepts values of one type in an AttributeValueList: the tests of " +
		"ScyllaDB's Alternator, which also run against DynamoDB. dynoxide accepts any.",
	match: func(_ *step, ours, _ observation) bool {
		return strings.Contains(message(ours), "inside AttributeValueList must be of same type")
	},
}, {
	name: "which of several conditions",
	reason: "Legacy conditions are a map, and so are the indexes of a table: which of two faulty " +
		"ones is reported is free.",
	match: func(_ *step, ours, theirs observation) bool {
		both := func(part string) bool {
			return strings.Contains(message(ours), part) && strings.Contains(message(theirs), part)
		}
		return bothInvalid(ours, theirs) &&
			(both("ComparisonOperator") || both("Type mismatch for Index Key"))
	},
}, {
	name: "index keys that are too long",
	reason: "The documentation limits the keys of indexes as those of tables, to 2,048 and 1,024 " +
		"bytes; dynoxide limits those of tables.",
	match: func(_ *step, ours, theirs observation) bool {
		text := encode(ours.tree)
		return isTaken(theirs) && (strings.Contains(text, "Size of hashkey has exceeded") ||
			strings.Contains(text, "size of all range keys has exceeded"))
	},
}, {
	name: "the form of numbers",
	reason: "The service normalises a number when it reads it; dynoxide does so when it stores " +
		"it, so that item collections, sets and texts have numbers as they were sent.",
	match: func(_ *step, ours, theirs observation) bool {
		return onlyDiffers(ours, theirs, ".N", ".NS[](length)") ||
			bothInvalid(ours, theirs) && strings.Contains(message(ours), "lower bound operand")
	},
}, {
	name: "texts that repeat a member",
	reason: "A refusal that repeats a list or map of the request shows it in the form of the " +
		"service's own objects, which changes from time to time; the engine shows JSON in it.",
	match: func(_ *step, ours, theirs observation) bool {
		return bothInvalid(ours, theirs) && strings.Contains(message(ours), "Value '") &&
			strings.Contains(message(theirs), "Value '")
	},
}, {
	name: "names and values before expressions",
	reason: "The service checks the maps of names and values before it reads an expression; " +
		"dynoxide does so only in single writes and reads.",
	match: func(_ *step, ours, theirs observation) bool {
		return bothInvalid(ours, theirs) &&
			strings.HasPrefix(unwrapped(ours), "ExpressionAttribute")
	},
}, {
	name: "constraints before values",
	reason: "The service reports missing members of the request before the faults of values " +
		"that it reads late; dynoxide has another order.",
	match: func(_ *step, ours, theirs observation) bool {
		return bothInvalid(ours, theirs) && (strings.HasPrefix(unwrapped(ours), "Value null at") ||
			strings.Contains(message(ours), "validation errors detected: "))
	},
}, {
	name: "absent indexes",
	reason: "The service looks for an index before it checks how it is read; dynoxide takes an " +
		"absent index for a global one.",
	match: func(_ *step, ours, theirs observation) bool {
		return bothInvalid(ours, theirs) &&
			strings.HasPrefix(message(ours), "The table does not have the specified index")
	},
}, {
	name: "texts of table operations",
	reason: "Captures of the service differ from month to month in the texts of operations on " +
		"tables, tags and time to live, and in which of several faults they report. The engine " +
		"has those of October 2026 where there are any.",
	match: func(s *step, ours, theirs observation) bool {
		return isTableOperation(s) && ours.failed() && theirs.failed()
	},
}, {
	name: "requests on tables that the reference accepts",
	reason: "The documentation requires a StreamViewType with StreamEnabled, an attribute's name " +
		"of at most 255 characters, a tag's key of at least one and only allowed ones, and a " +
		"complete ARN; dynoxide does not.",
	match: func(s *step, ours, theirs observation) bool {
		return isTableOperation(s) && ours.failed() && isTaken(theirs) &&
			(strings.Contains(message(ours), "UpdateViewType") ||
				strings.Contains(message(ours), "Member must have length") ||
				strings.Contains(message(ours), "Tag Key") ||
				strings.Contains(message(ours), "Tag Value") ||
				strings.Contains(message(ours), "Invalid TableArn"))
	},
}, {
	name:   "the description of a deleted table",
	reason: "The service's response to DeleteTable has no stream; dynoxide's has.",
	match: func(s *step, ours, theirs observation) bool {
		return s.operation == "DeleteTable" && onlyDiffers(ours, theirs,
			".WarmThroughput(+)", ".StreamSpecification(-)", ".TableClassSummary(-)")
	},
}, {
	name: "start keys of another segment",
	reason: "The service refuses a start key that is not in the segment of the scan; dynoxide " +
		"continues from the position of the key.",
	match: func(_ *step, ours, theirs observation) bool {
		return strings.Contains(message(ours), "with correct Segment") && isTaken(theirs)
	},
}, {
	name: "segments that are too high",
	reason: "The service's text ends with the two numbers, as the public suite has it; dynoxide " +
		"leaves them off.",
	match: func(_ *step, ours, theirs observation) bool {
		const text = "The Segment parameter is zero-based"
		return strings.HasPrefix(message(ours), text) && strings.HasPrefix(message(theirs), text)
	},
}, {
	name: "reasons of transactions",
	reason: "A reason has the text of a single write of the item; dynoxide has some texts of " +
		"expressions without their beginning there.",
	match: func(_ *step, ours, theirs observation) bool {
		return isCode(ours, "TransactionCanceledException") &&
			isCode(theirs, "TransactionCanceledException") &&
			message(ours) == message(theirs)
	},
}}

// bothInvalid reports whether both endpoints text ValidationException.
func bothInvalid(ours, theirs observation) bool {
	return isCode(ours, "ValidationException") && isCode(theirs, "ValidationException")
}

// isMissing reports whether an endpoint does not find the table.
func isMissing(o observation) bool { return isCode(o, "ResourceNotFoundException") }

// unwrapped returns the message of a response without the count of errors.
func unwrapped(o observation) string {
	return strings.TrimPrefix(message(o), "1 validation error detected: ")
}

// aboutExpressions reports whether a refusal names an expression.
func aboutExpressions(o observation) bool {
	text := unwrapped(o)
	return strings.HasPrefix(text, "Invalid ") && strings.Contains(text, "Expression: ") ||
		strings.HasPrefix(text, "The BETWEEN ") || strings.Contains(text, "unused in expressions")
}

// aboutValues reports whether a refusal names a value that no item can have.
func aboutValues(o observation) bool {
	text := unwrapped(o)
	return strings.Contains(text, "contains duplicates") ||
		strings.HasPrefix(text, "ExpressionAttributeValues contains invalid value") ||
		strings.Contains(text, "significant digits in a Number") ||
		strings.Contains(text, "Nesting Levels") || strings.Contains(text, "may not be empty") ||
		strings.Contains(text, "cannot be converted to a numeric value")
}

// isTableOperation reports whether a step is not an operation on items.
func isTableOperation(s *step) bool {
	return strings.HasSuffix(s.operation, "Table") ||
		strings.HasSuffix(s.operation, "TimeToLive") ||
		strings.HasSuffix(s.operation, "Resource") || slices.Contains([]string{
		"ListTagsOfResource", "ListTables", "ListStreams", "DescribeStream", "GetShardIterator",
	}, s.operation)
}
