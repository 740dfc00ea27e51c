package service

import "testing"

const conditionFailed = "ConditionalCheckFailedException: The conditional request failed"

func TestPutItem(t *testing.T) {
	t.Parallel()
	run(t, newTables, []row{{
		rule: "the response is empty",
		ask:  `PutItem things {"Item":{"pk":"a"}}`,
		want: `{}`,
	}, {
		rule:  "an item replaces the whole item of its key",
		given: `things {"pk":"a","n":1}`,
		ask:   `PutItem things {"Item":{"pk":"a","m":2},"ReturnValues":"ALL_OLD"}`,
		want:  `{"Attributes":{"pk":"a","n":1}}`,
	}, {
		rule: "of a new item there are no old attributes",
		ask:  `PutItem things {"Item":{"pk":"a"},"ReturnValues":"ALL_OLD"}`,
		want: `{}`,
	}, {
		rule:  "NONE answers none",
		given: `things {"pk":"a","n":1}`,
		ask:   `PutItem things {"Item":{"pk":"a"},"ReturnValues":"NONE"}`,
		want:  `{}`,
	}, {
		rule: "new values cannot be asked for",
		ask:  `PutItem things {"Item":{"pk":"a"},"ReturnValues":"ALL_NEW"}`,
		want: "ValidationException: 1 validation error detected: " +
			"ReturnValues can only be ALL_OLD or NONE",
	}, {
		rule:  "a condition is about the item before",
		given: `things {"pk":"a","n":1}`,
		ask: `PutItem things {"Item":{"pk":"a","n":2},"ConditionExpression":"n = :n",
			"ExpressionAttributeValues":{":n":1},"ReturnValues":"ALL_OLD"}`,
		want: `{"Attributes":{"pk":"a","n":1}}`,
	}, {
		rule:  "a condition that is false of the item before refuses",
		given: `things {"pk":"a","n":1}`,
		ask: `PutItem things {"Item":{"pk":"a","n":2},"ConditionExpression":"n = :n",
			"ExpressionAttributeValues":{":n":2}}`,
		want: conditionFailed,
	}, {
		rule: "without an item before, the condition sees no attributes, not even the key",
		ask: `PutItem things {"Item":{"pk":"a","n":2},
			"ConditionExpression":"attribute_exists(pk)"}`,
		want: conditionFailed,
	}, {
		rule:  "a refusal carries the item before if the request asks for it",
		given: `things {"pk":"a","n":1}`,
		ask: `PutItem things {"Item":{"pk":"a","n":2},
			"ConditionExpression":"attribute_not_exists(pk)",
			"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
		want: conditionFailed + ` {"n":1,"pk":"a"}`,
	}, {
		rule: "a refusal without an item before carries none",
		ask: `PutItem things {"Item":{"pk":"a","n":2},"ConditionExpression":"attribute_exists(pk)",
			"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
		want: conditionFailed,
	}, {
		rule:  "a refusal carries no item by default",
		given: `things {"pk":"a","n":1}`,
		ask: `PutItem things {"Item":{"pk":"a","n":2},
			"ConditionExpression":"attribute_not_exists(pk)",
			"ReturnValuesOnConditionCheckFailure":"NONE"}`,
		want: conditionFailed,
	}, {
		rule: "a table can be named by its ARN",
		ask: `PutItem arn:aws:dynamodb:us-east-1:000000000000:table/things
			{"Item":{"pk":"a"}}`,
		want: `{}`,
	}})
}

func TestPutItemThatIsRefusedChangesNothing(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	give(t, s, `things {"pk":"a","n":1}`)
	script(t, s,
		`PutItem things {"Item":{"pk":"a","n":2},"ConditionExpression":"attribute_exists(m)"}`,
		conditionFailed,
		`GetItem things {"Key":{"pk":"a"}}`, `{"Item":{"pk":"a","n":1}}`)
}

func TestItemsComeBackAsTheyWerePut(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	const item = `{"pk":"a","s":"é☃😀","empty":"","n":-1.5E-10,"b":{"B":"AAEC/w=="},
		"yes":true,"no":false,"nothing":null,"list":[1,"x",[],{}],"map":{"deep":{"er":[null]}},
		"ss":{"SS":["b","a"]},"ns":{"NS":["2","10"]},"bs":{"BS":["Ag==","AQ=="]}}`
	script(t, s, `PutItem things {"Item":`+item+`}`, `{}`, `GetItem things {"Key":{"pk":"a"}}`,
		`{"Item":{"pk":"a","s":"é☃😀","empty":"","n":-0.00000000015,"b":{"B":"AAEC/w=="},
		"yes":true,"no":false,"nothing":null,"list":[1,"x",[],{}],"map":{"deep":{"er":[null]}},
		"ss":{"SS":["a","b"]},"ns":{"NS":["2","10"]},"bs":{"BS":["AQ==","Ag=="]}}}`)
}
