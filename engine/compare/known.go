package main

import (
	"regexp"
	"slices"
	"strings"
)

// A rule accepts a difference between the engine and the reference, and gives a reason.
type rule struct {
	name   string
	reason string
	match  func(s *step, ours, theirs observation) bool
}

// knownDifferences are the differences that are not the engine's fault. A reason that names
// dynoxide means its version 3.2.0.
var knownDifferences = slices.Concat(decodingRules, expressionRules, itemRules, readRules,
	transactionRules, tableRules, absenceRules, textRules)

// ruleFor returns the first rule that accepts a difference, or nil.
func ruleFor(s *step, ours, theirs observation) *rule {
	for i := range knownDifferences {
		if knownDifferences[i].match(s, ours, theirs) {
			return &knownDifferences[i]
		}
	}
	return nil
}

var decodingRules = []rule{{
	name: "texts of the reference's JSON library",
	reason: "dynoxide shows its own library's text about a request that it cannot decode; the " +
		"service has another text.",
	match: func(_ *step, ours, theirs observation) bool {
		return ours.failed() && theirs.failed() && libraryText.MatchString(message(theirs))
	},
}, {
	name: "members that the operation does not have",
	reason: "The service ignores a member that is not in the operation's model; dynoxide checks " +
		"the JSON types of the members of all operations.",
	match: func(s *step, _, theirs observation) bool {
		return isCode(theirs, "SerializationException") && hasForeignMember(s)
	},
}, {
	name: "values inside of values",
	reason: "The service cannot decode a text where a list or map has a value, nor a list where " +
		"a string is required; dynoxide decodes these in other ways than at the top of an item.",
	match: func(_ *step, ours, theirs observation) bool {
		return isCode(ours, "SerializationException") &&
			(isCode(theirs, "SerializationException") ||
				strings.Contains(message(theirs), "Supplied AttributeValue is empty"))
	},
}}

var expressionRules = []rule{{
	name: "distinct operands",
	reason: "The service refuses a comparison or function whose first operand is repeated among " +
		"the remaining ones; dynoxide only looks at contains, and there before it replaces names.",
	match: func(_ *step, ours, _ observation) bool {
		return strings.Contains(message(ours), "The first operand must be distinct")
	},
}, {
	name: "operands without an order",
	reason: "The service refuses <, <=, >, >= and BETWEEN with a value that is not a string, " +
		"number or binary before it reads an item; dynoxide evaluates them as false.",
	match: func(_ *step, ours, _ observation) bool {
		return unorderedOperand.MatchString(message(ours))
	},
}, {
	name: "operand types inside of functions",
	reason: "The service also checks the operands of a function that is itself an operand; " +
		"dynoxide evaluates it.",
	match: func(_ *step, ours, theirs observation) bool {
		return innerOperand.MatchString(message(ours)) && (isTaken(theirs) ||
			strings.HasPrefix(message(theirs), "An operand in the update expression has"))
	},
}, {
	name: "bounds of BETWEEN",
	reason: "The service compares the bounds of BETWEEN before it reads a table; dynoxide does " +
		"so if the first operand is a path, outside of transactions and key conditions, and " +
		"not in the legacy forms.",
	match: func(_ *step, ours, theirs observation) bool {
		return strings.HasPrefix(message(ours), "The BETWEEN condition was provided a range") ||
			strings.Contains(message(ours), "The BETWEEN operator requires") &&
				!strings.Contains(message(theirs), "The BETWEEN operator requires")
	},
}, {
	name: "names without an update",
	reason: "The service refuses names and values that no expression uses; dynoxide does not " +
		"check them in an UpdateItem without an UpdateExpression.",
	match: func(s *step, ours, theirs observation) bool {
		return s.operation == "UpdateItem" && lookup(s.body, "UpdateExpression") == nil &&
			isTaken(theirs) && strings.Contains(message(ours), "unused in expressions")
	},
}, {
	name: "projections that are read late",
	reason: "The service reads all expressions before it reads a table; dynoxide reads a " +
		"projection when it has items, or if its paths overlap.",
	match: func(_ *step, ours, theirs observation) bool {
		return strings.HasPrefix(message(ours), "Invalid ProjectionExpression") &&
			!strings.Contains(message(theirs), "ProjectionExpression")
	},
}, {
	name: "texts of key conditions and projections",
	reason: "The service names the invalid expression, and gives a syntax error's token and " +
		"place; dynoxide has its own texts for some faults of these two.",
	match: func(_ *step, ours, theirs observation) bool {
		return ours.failed() && ownText.MatchString(message(theirs))
	},
}}

var itemRules = []rule{{
	name: "ALL_OLD of a new item",
	reason: "The response has no old attributes if there was no item; dynoxide " +
		"returns its key.",
	match: func(s *step, ours, theirs observation) bool {
		return s.operation == "UpdateItem" && text(s.body, "ReturnValues") == "ALL_OLD" &&
			onlyDiffers(ours, theirs, ".Attributes(-)")
	},
}, {
	name: "changed elements of lists",
	reason: "UPDATED_OLD and UPDATED_NEW return the elements that an update names; dynoxide " +
		"returns the whole list.",
	match: func(s *step, ours, theirs observation) bool {
		return s.operation == "UpdateItem" && !ours.failed() && !theirs.failed() &&
			strings.HasPrefix(text(s.body, "ReturnValues"), "UPDATED_") &&
			strings.Contains(text(s.body, "UpdateExpression"), "[")
	},
}, {
	name: "numbers of sets as they were sent",
	reason: "A set to add may write a number in another way than the item; dynoxide takes " +
		"3. and 3 for two numbers first, and for duplicates then.",
	match: func(_ *step, _, theirs observation) bool {
		return strings.Contains(encode(theirs.tree), "Input collection contains duplicates")
	},
}, {
	name: "legacy operators that do not take a type",
	reason: "The service's documentation lists the types that each ComparisonOperator takes; " +
		"dynoxide evaluates a condition with another type as false.",
	match: func(_ *step, ours, _ observation) bool {
		return strings.Contains(message(ours), "ComparisonOperator") &&
			strings.Contains(message(ours), "is not valid for")
	},
}}

var readRules = []rule{{
	name: "attributes that a global index lacks",
	reason: "The service refuses to filter by or return attributes that a global index does not " +
		"have; dynoxide leaves them out.",
	match: func(_ *step, ours, theirs observation) bool {
		return strings.Contains(message(ours), "does not project") && isTaken(theirs)
	},
}, {
	name: "attributes that a local index lacks",
	reason: "A read of a local index fetches what the index lacks from the table, for the filter " +
		"and the response, and consumes the table's units for that; dynoxide does so for " +
		"ALL_ATTRIBUTES only, and has the units of a Scan under the table.",
	match: func(s *step, ours, theirs observation) bool {
		return strings.HasPrefix(text(s.body, "IndexName"), "local.") &&
			(onlyDiffers(ours, theirs, ".CapacityUnits", ".LocalSecondaryIndexes(+)", ".Count",
				".Items[](length)") || fetchesMore(ours, theirs))
	},
}, {
	name:   "start keys without a range key",
	reason: "dynoxide returns the item of the start key again if the table has no range key.",
	match: func(s *step, ours, theirs observation) bool {
		startsAtItem := lookup(s.body, "ExclusiveStartKey") != nil && theirs.status == 200
		return s.operation == "Query" && !ours.failed() &&
			(theirs.fault == endless || startsAtItem)
	},
}, {
	name: "SizeBytes of a stream record",
	reason: "The service counts the sizes of keys and images as those of items; dynoxide counts " +
		"the bytes of their JSON.",
	match: func(s *step, ours, theirs observation) bool {
		return s.mode == records && onlyDiffers(ours, theirs, ".change.SizeBytes")
	},
}}

var transactionRules = []rule{{
	name: "expressions in transactions",
	reason: "The service checks an expression as a whole before it looks at keys; dynoxide finds " +
		"undefined names and values, and values of a wrong type, later, and then cancels.",
	match: func(s *step, ours, theirs observation) bool {
		return s.operation == "TransactWriteItems" &&
			lateInTransactions.MatchString(message(ours)) &&
			(isTaken(theirs) || strings.Contains(message(ours), "Incorrect operand type"))
	},
}, {
	name: "keys that a transaction changes",
	reason: "An update that writes a key attribute is also refused in a transaction; dynoxide " +
		"does the rest of it.",
	match: func(s *step, ours, _ observation) bool {
		return s.operation == "TransactWriteItems" &&
			strings.Contains(encode(ours.tree), "This attribute is part of the key")
	},
}, {
	name: "projected keys in transactions",
	reason: "TransactGetItems returns the attributes that its projection names; dynoxide adds " +
		"the item's keys.",
	match: func(s *step, ours, theirs observation) bool {
		return s.operation == "TransactGetItems" && onlyDiffers(ours, theirs, "(-)") &&
			strings.Contains(encode(s.body), "ProjectionExpression")
	},
}, {
	name: "item collections of transactions",
	reason: "ReturnItemCollectionMetrics is also a parameter of TransactWriteItems; dynoxide " +
		"ignores it there.",
	match: func(s *step, ours, theirs observation) bool {
		return s.operation == "TransactWriteItems" &&
			onlyDiffers(ours, theirs, ".ItemCollectionMetrics(+)")
	},
}}

var tableRules = []rule{{
	name: "descriptions of tables",
	reason: "The service reports WarmThroughput, when a table became on-demand, a stream that is " +
		"disabled, an index that is being deleted, and UPDATING in the response to UpdateTable; " +
		"it takes throughput away with PAY_PER_REQUEST. dynoxide does not.",
	match: func(s *step, ours, theirs observation) bool {
		return strings.HasSuffix(s.operation, "Table") && onlyDiffers(ours, theirs,
			".WarmThroughput(+)", ".LastUpdateToPayPerRequestDateTime(+)", ".TableStatus",
			".IndexStatus", ".LatestStreamArn(+)", ".LatestStreamLabel(+)", ".Backfilling(+)",
			".BillingModeSummary(+)", ".ReadCapacityUnits", ".WriteCapacityUnits",
			".LastIncreaseDateTime(-)", ".GlobalSecondaryIndexes[](length)",
			".GlobalSecondaryIndexes(+)", ".TableClassSummary(-)",
			".StreamSpecification(-)", ".TableThroughputModeSummary(+)", ".BillingMode",
			".TableThroughputMode", ".LastDecreaseDateTime(-)", ".NumberOfDecreasesToday",
			".AttributeDefinitions[](length)")
	},
}, {
	name: "changes of tables that the service refuses",
	reason: "The service refuses to disable an absent stream, to enable one in addition to " +
		"another, to set time to live to its present value or twice in an hour, and an index of " +
		"a provisioned table without throughput. dynoxide does not.",
	match: func(_ *step, ours, theirs observation) bool {
		return !theirs.failed() && refusedChange.MatchString(message(ours))
	},
}, {
	name:   "an absent index",
	reason: "If UpdateTable does not find an index, the text of dynoxide calls it a table.",
	match: func(s *step, ours, _ observation) bool {
		return s.operation == "UpdateTable" &&
			strings.HasPrefix(message(ours), "Requested resource not found: Index")
	},
}, {
	name: "tags",
	reason: "TagResource and UntagResource have no output, so the service's response has no " +
		"body; dynoxide sends an empty object. The service refuses a key that occurs twice, and " +
		"a list that is missing in another way than an empty one; dynoxide does not.",
	match: func(s *step, ours, theirs observation) bool {
		if s.operation != "TagResource" && s.operation != "UntagResource" {
			return false
		}
		noBody := ours.status == 200 && encode(ours.tree) == `""` && encode(theirs.tree) == "{}"
		return noBody || strings.HasPrefix(message(ours), "Duplicate Tag Keys") ||
			strings.Contains(message(ours), "Value null at 'tag")
	},
}}

var (
	libraryText = regexp.MustCompile(`at line \d+ column \d+|missing field|unknown variant|` +
		`invalid type|invalid base64|^expected \w+ (for|in) `)

	unorderedOperand = regexp.MustCompile(
		`operator or function: (<|<=|>|>=|BETWEEN), operand type`)

	innerOperand = regexp.MustCompile(
		`Invalid UpdateExpression: Incorrect operand type.*function: (list_append|\+|-),`)

	lateInTransactions = regexp.MustCompile(`^Invalid (Update|Condition)Expression: ` +
		`(Incorrect operand type|An expression attribute (name|value) used)`)

	ownText = regexp.MustCompile(`^An expression attribute (name|value) used|` +
		`^Unexpected operator in KeyConditionExpression|Unexpected token in ProjectionExpression|` +
		`Expected [\w\]) ]+, got |` +
		`Expected closing parenthesis in KeyConditionExpression|^Attribute name is a reserved ` +
		`keyword`)

	refusedChange = regexp.MustCompile(
		`^Table has no stream|^Table already has an enabled stream|` +
			`^Time to live has been modified|^TimeToLive is already|` +
			`ProvisionedThroughput must be specified for index|` +
			`Both ReadCapacityUnits and WriteCapacityUnits must be specified for index`)
)

// message returns the text of a refusal.
func message(o observation) string { return text(o.tree, "message") + text(o.tree, "Message") }

func isCode(o observation, code string) bool {
	return strings.HasSuffix(text(o.tree, "__type"), "#"+code)
}

// onlyDiffers reports whether both endpoints accepted a step, and all paths at which the
// observations differ end in one of the given ways.
func onlyDiffers(ours, theirs observation, ends ...string) bool {
	if ours.failed() || theirs.failed() {
		return false
	}
	for _, path := range differences(nil, "", ours.tree, theirs.tree) {
		isKnown := func(end string) bool { return strings.HasSuffix(path, end) }
		if !slices.ContainsFunc(ends, isKnown) {
			return false
		}
	}
	return true
}

// fetchesMore reports whether a read returns equally many items at both endpoints, and the engine's
// have more attributes.
func fetchesMore(ours, theirs observation) bool {
	mine, other := elements(ours.tree, "Items"), elements(theirs.tree, "Items")
	return len(mine) == len(other) && len(encode(ours.tree)) > len(encode(theirs.tree))
}

var (
	oneWrite = []string{"PutItem", "UpdateItem", "DeleteItem"}
	manyRead = []string{"Query", "Scan"}
	writes   = append([]string{"BatchWriteItem", "TransactWriteItems"}, oneWrite...)
	reads    = append([]string{"GetItem", "BatchGetItem", "TransactGetItems"}, manyRead...)
)

// membersOf lists members that the generator adds to requests as a test, with the operations that
// have them.
var membersOf = map[string][]string{
	"AttributesToGet":                     append([]string{"GetItem"}, manyRead...),
	"AttributeUpdates":                    {"UpdateItem"},
	"ConditionalOperator":                 slices.Concat(oneWrite, manyRead),
	"ConditionExpression":                 oneWrite,
	"ConsistentRead":                      append([]string{"GetItem"}, manyRead...),
	"Expected":                            oneWrite,
	"ExpressionAttributeNames":            slices.Concat(oneWrite, manyRead, []string{"GetItem"}),
	"ExpressionAttributeValues":           slices.Concat(oneWrite, manyRead),
	"FilterExpression":                    manyRead,
	"IndexName":                           manyRead,
	"Limit":                               append([]string{"ListTables"}, manyRead...),
	"QueryFilter":                         {"Query"},
	"ReturnConsumedCapacity":              slices.Concat(reads, writes),
	"ReturnItemCollectionMetrics":         writes,
	"ReturnValues":                        oneWrite,
	"ReturnValuesOnConditionCheckFailure": oneWrite,
	"ScanFilter":                          {"Scan"},
	"Segment":                             {"Scan"},
	"Select":                              manyRead,
	"TotalSegments":                       {"Scan"},
}

func hasForeignMember(s *step) bool {
	body, _ := s.body.(*object)
	for name, operations := range membersOf {
		if body.has(name) && !slices.Contains(operations, s.operation) {
			return true
		}
	}
	return false
}
