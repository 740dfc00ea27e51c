package service

import "testing"

func TestDeleteItem(t *testing.T) {
	t.Parallel()
	run(t, newTables, []row{{
		rule: "an item that is not there is no error",
		ask:  `DeleteItem things {"Key":{"pk":"a"},"ReturnValues":"ALL_OLD"}`,
		want: `{}`,
	}, {
		rule:  "the item that is gone",
		given: `things {"pk":"a","n":1}`,
		ask:   `DeleteItem things {"Key":{"pk":"a"},"ReturnValues":"ALL_OLD"}`,
		want:  `{"Attributes":{"pk":"a","n":1}}`,
	}, {
		rule: "new values cannot be asked for",
		ask:  `DeleteItem things {"Key":{"pk":"a"},"ReturnValues":"UPDATED_NEW"}`,
		want: "ValidationException: 1 validation error detected: " +
			"ReturnValues can only be ALL_OLD or NONE",
	}, {
		rule: "a condition fails where no item is",
		ask:  `DeleteItem things {"Key":{"pk":"a"},"ConditionExpression":"attribute_exists(pk)"}`,
		want: conditionFailed,
	}, {
		rule: "a condition can hold where no item is",
		ask: `DeleteItem things {"Key":{"pk":"a"},
			"ConditionExpression":"attribute_not_exists(pk)"}`,
		want: `{}`,
	}, {
		rule:  "a refusal carries the item if the request asks for it",
		given: `things {"pk":"a","n":1}`,
		ask: `DeleteItem things {"Key":{"pk":"a"},"ConditionExpression":"n > :n",
			"ExpressionAttributeValues":{":n":1},
			"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
		want: conditionFailed + ` {"n":1,"pk":"a"}`,
	}})
}

func TestDeletedItemsAreGoneEverywhere(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	give(t, s, `
		scores {"pk":"a","sk":1,"day":1,"game":"chess"}
		scores {"pk":"a","sk":2,"day":2,"game":"chess"}
		DeleteItem scores {"Key":{"pk":"a","sk":1}}`)
	script(t, s,
		`GetItem scores {"Key":{"pk":"a","sk":1}}`, `{}`,
		`Scan scores {"ProjectionExpression":"sk"}`,
		`{"Items":[{"sk":2}],"Count":1,"ScannedCount":1}`,
		`Scan scores {"IndexName":"byDay","ProjectionExpression":"sk"}`,
		`{"Items":[{"sk":2}],"Count":1,"ScannedCount":1}`,
		`Scan scores {"IndexName":"games","ProjectionExpression":"sk"}`,
		`{"Items":[{"sk":2}],"Count":1,"ScannedCount":1}`)
}
