package service

import "testing"

// The keys of names begin with "#" and those of values with ":". The error about a character that
// is not ASCII has a count in the writes of one item, and none in other operations.
func TestPlaceholders(t *testing.T) {
	t.Parallel()
	const refusal = "ValidationException: "
	const enveloped = refusal + "1 validation error detected: "
	const badName = `ExpressionAttributeNames contains invalid key: Syntax error; key: `
	const badValue = `ExpressionAttributeValues contains invalid key: Syntax error; key: `
	put := func(condition, more string) string {
		return `PutItem nothing {"Item":{"pk":"a"},"ConditionExpression":"` + condition + `",` +
			more + `}`
	}
	run(t, newTables, []row{{
		rule: "a name without #",
		ask:  put("a = b", `"ExpressionAttributeNames":{"x":"a"}`),
		want: refusal + badName + `"x"`,
	}, {
		rule: "a value without :",
		ask:  put("a = b", `"ExpressionAttributeValues":{"#v":1}`),
		want: refusal + badValue + `"#v"`,
	}, {
		rule: "a name beyond ASCII",
		ask:  put("#é = b", `"ExpressionAttributeNames":{"#é":"a"}`),
		want: enveloped + badName + `"#é"`,
	}, {
		rule: "a value beyond ASCII",
		ask:  put("a = :é", `"ExpressionAttributeValues":{":é":1}`),
		want: enveloped + badValue + `":é"`,
	}, {
		rule: "a name beyond ASCII in a read",
		ask: `Scan nothing {"FilterExpression":"#é = b",
			"ExpressionAttributeNames":{"#é":"a"}}`,
		want: refusal + badName + `"#é"`,
	}, {
		rule: "a value beyond ASCII in a read",
		ask: `Scan nothing {"FilterExpression":"a = :é",
			"ExpressionAttributeValues":{":é":1}}`,
		want: refusal + badValue + `":é"`,
	}})
}
