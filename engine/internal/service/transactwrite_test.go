package service

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// transact returns a TransactWriteItems of actions, one a line: `Put things {"Item":{...}}`.
func transact(actions string, more ...string) string {
	var items []string
	for _, line := range requests(actions) {
		kind, rest, _ := strings.Cut(line, " ")
		table, members, _ := strings.Cut(rest, " ")
		items = append(items, `{"`+kind+`":{"TableName":"`+table+`",`+
			strings.TrimPrefix(members, "{")+`}`)
	}
	return `TransactWriteItems {"TransactItems":[` + strings.Join(items, ",") + `]` +
		strings.Join(more, "") + `}`
}

const transactionCancelled = "TransactionCanceledException: Transaction cancelled, please refer " +
	"cancellation reasons for specific reasons "

func TestTransactWriteItems(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	give(t, s, `
		things {"pk":"a","n":1}
		things {"pk":"b","n":1}
		scores {"pk":"a","sk":1,"n":1}`)
	script(t, s,
		transact(`
			Put things {"Item":{"pk":"c","n":3}}
			Update things {"Key":{"pk":"a"},"UpdateExpression":"SET n = n + :d",
				"ExpressionAttributeValues":{":d":41}}
			Delete things {"Key":{"pk":"b"}}
			ConditionCheck scores {"Key":{"pk":"a","sk":1},"ConditionExpression":"n = :n",
				"ExpressionAttributeValues":{":n":1}}
			Update scores {"Key":{"pk":"a","sk":2},"UpdateExpression":"SET n = :n",
				"ExpressionAttributeValues":{":n":2}}`), `{}`,
		gets(`{"pk":"a"}`, `{"pk":"b"}`, `{"pk":"c"}`),
		`{"Responses":[{"Item":{"pk":"a","n":42}},{},{"Item":{"pk":"c","n":3}}]}`,
		querySk("pk = :p", `{":p":"a"}`, ""), foundSk("1 2"))
}

func TestTransactWriteReasons(t *testing.T) {
	t.Parallel()
	const given = `
		things {"pk":"a","n":1}
		scores {"pk":"a","sk":1,"n":1}`
	const checkA = `{"Key":{"pk":"a"},"ConditionExpression":"n = :n",
		"ExpressionAttributeValues":{":n":2}`
	run(t, newTables, []row{{
		rule: "reasons are in the order of the items", given: given,
		ask: transact(`
			Put things {"Item":{"pk":"x"}}
			ConditionCheck things ` + checkA + `}
			Put things {"Item":{"pk":"y"}}
			Delete scores {"Key":{"pk":"a"}}`),
		want: transactionCancelled + `[None, ConditionalCheckFailed, None, ValidationError]
			None
			ConditionalCheckFailed: The conditional request failed
			None
			ValidationError: The provided key element does not match the schema`,
	}, {
		rule: "a reason carries the item if its action asks for it", given: given,
		ask: transact(`
			ConditionCheck things ` + checkA + `,"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}
			Update scores {"Key":{"pk":"a","sk":1},"UpdateExpression":"SET n = :m",
				"ConditionExpression":"n = :m","ExpressionAttributeValues":{":m":9}}`),
		want: transactionCancelled + `[ConditionalCheckFailed, ConditionalCheckFailed]
			ConditionalCheckFailed: The conditional request failed {"n":1,"pk":"a"}
			ConditionalCheckFailed: The conditional request failed`,
	}, {
		rule: "of an item that is not there a reason carries none",
		ask: transact(`ConditionCheck things ` + checkA +
			`,"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`),
		want: transactionCancelled + `[ConditionalCheckFailed]
			ConditionalCheckFailed: The conditional request failed`,
	}, {
		rule: "an update that the item does not allow", given: given,
		ask: transact(`
			Update things {"Key":{"pk":"a"},"UpdateExpression":"SET m = nn + :n",
				"ExpressionAttributeValues":{":n":1}}
			Put things {"Item":{"pk":"b"}}`),
		want: transactionCancelled + `[ValidationError, None]
			ValidationError: The provided expression refers to an attribute that does not exist ` +
			`in the item
			None`,
	}, {
		rule: "a missing key", given: given,
		ask: transact(`Put things {"Item":{"n":1}}`),
		want: transactionCancelled + `[ValidationError]
			ValidationError: One or more parameter values were invalid: ` +
			`Missing the key pk in the item`,
	}, {
		rule: "a value of the wrong type for an index", given: given,
		ask: transact(`Put scores {"Item":{"pk":"a","sk":1,"day":"monday"}}`),
		want: transactionCancelled + `[ValidationError]
			ValidationError: One or more parameter values were invalid: Type mismatch for Index ` +
			`Key day Expected: N Actual: S IndexName: byDay`,
	}, {
		rule: "a key attribute cannot be updated", given: given,
		ask: transact(`Update things {"Key":{"pk":"a"},"UpdateExpression":"SET pk = :p",
			"ExpressionAttributeValues":{":p":"b"}}`),
		want: transactionCancelled + `[ValidationError]
			ValidationError: One or more parameter values were invalid: Cannot update attribute ` +
			`pk. This attribute is part of the key`,
	}})
}

// A fault of the request refuses the whole transaction, without reasons.
func TestTransactWriteRefusals(t *testing.T) {
	t.Parallel()
	const refusal = "ValidationException: "
	run(t, newTables, []row{{
		rule: "two actions on one item",
		ask: transact(`
			Put things {"Item":{"pk":"a"}}
			ConditionCheck things {"Key":{"pk":"a"},"ConditionExpression":"attribute_exists(n)"}`),
		want: refusal + "Transaction request cannot include multiple operations on one item",
	}, {
		rule: "one key in two tables is two items",
		ask: transact(`
			Put things {"Item":{"pk":"a"}}
			Put scores {"Item":{"pk":"a","sk":1}}`),
		want: `{}`,
	}, {
		rule: "a table that is not there",
		ask:  transact(`Put nothing {"Item":{"pk":"a"}}`),
		want: "ResourceNotFoundException: Requested resource not found",
	}, {
		rule: "an empty key",
		ask: transact(`
			ConditionCheck things {"Key":{"pk":"a"},"ConditionExpression":"attribute_exists(pk)"}
			Put things {"Item":{"pk":""}}`),
		want: refusal + "One or more parameter values are not valid. The AttributeValue for a " +
			"key attribute cannot contain an empty string value. Key: pk",
	}, {
		rule: "no items",
		ask:  `TransactWriteItems {"TransactItems":[]}`,
		want: refusal + "1 validation error detected: Value '[]' at 'transactItems' failed to " +
			"satisfy constraint: Member must have length greater than or equal to 1",
	}, {
		rule: "an item without an action",
		ask:  `TransactWriteItems {"TransactItems":[{}]}`,
		want: refusal + "Invalid Request: TransactWriteRequest should contain Delete or Put or " +
			"Update request",
	}, {
		rule: "an item with two actions",
		ask: `TransactWriteItems {"TransactItems":[{
			"Put":{"TableName":"things","Item":{"pk":"a"}},
			"Delete":{"TableName":"things","Key":{"pk":"b"}}}]}`,
		want: refusal + "TransactItems can only contain one of Check, Put, Update or Delete",
	}, {
		rule: "a check without a condition",
		ask:  transact(`ConditionCheck things {"Key":{"pk":"a"}}`),
		want: refusal + "1 validation error detected: Value null at " +
			"'transactItems.1.member.conditionCheck.conditionExpression' failed to satisfy " +
			"constraint: Member must not be null",
	}, {
		rule: "an update without an expression",
		ask:  transact(`Update things {"Key":{"pk":"a"}}`),
		want: refusal + "1 validation error detected: Value null at " +
			"'transactItems.1.member.update.updateExpression' failed to satisfy constraint: " +
			"Member must not be null",
	}, {
		rule: "an expression that is wrong",
		ask: transact(`Update things {"Key":{"pk":"a"},"UpdateExpression":"SET status = :s",
			"ExpressionAttributeValues":{":s":1}}`),
		want: refusal + "Invalid UpdateExpression: Attribute name is a reserved keyword; " +
			"reserved keyword: status",
	}, {
		rule: "a value that no expression uses",
		ask: transact(`Update things {"Key":{"pk":"a"},"UpdateExpression":"REMOVE s",
			"ExpressionAttributeValues":{":s":1}}`),
		want: refusal + "Value provided in ExpressionAttributeValues unused in expressions: " +
			"keys: {:s}",
	}})
}

// A transaction is all or nothing: whatever refuses it, none of its items is written.
func TestATransactionThatIsRefusedWritesNothing(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{
		`ConditionCheck things {"Key":{"pk":"z"},"ConditionExpression":"attribute_exists(pk)"}`,
		`Update things {"Key":{"pk":"z"},"UpdateExpression":"SET a = b"}`,
		`Put things {"Item":{"pk":""}}`,
		`Put things {"Item":{"pk":1}}`,
		`Put scores {"Item":{"pk":"z","sk":1,"day":"monday"}}`,
		`Put nothing {"Item":{"pk":"z"}}`,
		`Put things {"Item":{"pk":"a"}}`,
	} {
		s := newTables(t)
		give(t, s, `
			things {"pk":"gone"}
			things {"pk":"changed","n":1}`)
		response := ask(t, s, transact(`
			Put things {"Item":{"pk":"a"}}
			Delete things {"Key":{"pk":"gone"}}
			Update things {"Key":{"pk":"changed"},"UpdateExpression":"SET n = :n",
				"ExpressionAttributeValues":{":n":2}}
			`+wrong))
		assert.Contains(t, response, "Exception: ", "%s", wrong)
		script(t, s, gets(`{"pk":"a"}`, `{"pk":"gone"}`, `{"pk":"changed"}`),
			`{"Responses":[{},{"Item":{"pk":"gone"}},{"Item":{"pk":"changed","n":1}}]}`)
	}
}

func TestTransactWriteLimits(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	puts := func(n, bytes int) string {
		lines := strings.Builder{}
		for i := range n {
			fmt.Fprintf(&lines, `Put things {"Item":{"pk":"%03d","pad":"%s"}}`+"\n", i,
				ofSize(bytes))
		}
		return transact(lines.String())
	}
	assert.Equal(t, `{}`, ask(t, s, puts(100, 1)), "a hundred actions")
	assert.Contains(t, ask(t, s, puts(101, 1)), "at 'transactItems' failed to satisfy "+
		"constraint: Member must have length less than or equal to 100")
	// quarter is a quarter of 1 MB, less the 8 bytes of pk, pad and three digits.
	const quarter = 1<<18 - 8
	assert.Equal(t, `{}`, ask(t, s, puts(16, quarter)), "4 MB")
	assert.Equal(t, "ValidationException: Collection size of items exceeded, which can also be "+
		"caused by the aggregate size of the items in the transaction exceeding the 4MB limit",
		ask(t, s, puts(17, quarter)), "more")
	for token, bound := range map[string]string{
		"": "greater than or equal to 1", ofSize(37): "less than or equal to 36",
	} {
		assert.Equal(t, "ValidationException: 1 validation error detected: Value '"+token+
			"' at 'clientRequestToken' failed to satisfy constraint: Member must have length "+
			bound, ask(t, s, transact(`Put things {"Item":{"pk":"a"}}`,
			`,"ClientRequestToken":"`+token+`"`)))
	}
}

// A conflict that a test asks for is the reason of its item, and nothing is written.
func TestTransactionConflict(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	s.Conflict("scores", 1)
	both := transact(`
		Put things {"Item":{"pk":"a"}}
		Put scores {"Item":{"pk":"a","sk":1}}`)
	script(t, s,
		both, transactionCancelled+`[None, TransactionConflict]
			None
			TransactionConflict: Transaction is ongoing for the item`,
		`GetItem things {"Key":{"pk":"a"}}`, `{}`,
		both, `{}`)
	s.Conflict("things", 1)
	script(t, s,
		`PutItem things {"Item":{"pk":"a"}}`,
		"TransactionConflictException: Transaction is ongoing for the item",
		`PutItem things {"Item":{"pk":"a"}}`, `{}`)
	s.Conflict("things", 1)
	script(t, s,
		gets(`{"pk":"a"}`), transactionCancelled+`[TransactionConflict]
			TransactionConflict: Transaction is ongoing for the item`,
		gets(`{"pk":"a"}`), `{"Responses":[{"Item":{"pk":"a"}}]}`)
}
