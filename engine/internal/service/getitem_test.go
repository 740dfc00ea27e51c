package service

import "testing"

func TestGetItem(t *testing.T) {
	t.Parallel()
	const given = `things {"pk":"a","n":1,"li":[1,2,3],"ma":{"x":1,"y":{"z":2}}}`
	run(t, newTables, []row{{
		rule: "an item that is not there is no error, and no Item",
		ask:  `GetItem things {"Key":{"pk":"a"}}`,
		want: `{}`,
	}, {
		rule:  "the whole item",
		given: given,
		ask:   `GetItem things {"Key":{"pk":"a"}}`,
		want:  `{"Item":{"pk":"a","n":1,"li":[1,2,3],"ma":{"x":1,"y":{"z":2}}}}`,
	}, {
		rule:  "a projection of paths keeps their places, and closes lists up",
		given: given,
		ask: `GetItem things {"Key":{"pk":"a"},
			"ProjectionExpression":"li[2], ma.y, li[0], nn"}`,
		want: `{"Item":{"li":[1,3],"ma":{"y":{"z":2}}}}`,
	}, {
		rule:  "a projection of which nothing is there leaves an empty Item",
		given: given,
		ask:   `GetItem things {"Key":{"pk":"a"},"ProjectionExpression":"nn"}`,
		want:  `{"Item":{}}`,
	}, {
		rule:  "AttributesToGet names whole attributes",
		given: given,
		ask:   `GetItem things {"Key":{"pk":"a"},"AttributesToGet":["n","ma.x"]}`,
		want:  `{"Item":{"n":1}}`,
	}, {
		rule: "AttributesToGet without a name",
		ask:  `GetItem things {"Key":{"pk":"a"},"AttributesToGet":[]}`,
		want: "ValidationException: 1 validation error detected: Value '[]' at " +
			"'attributesToGet' failed to satisfy constraint: " +
			"Member must have length greater than or equal to 1",
	}, {
		rule: "AttributesToGet with a name twice",
		ask:  `GetItem things {"Key":{"pk":"a"},"AttributesToGet":["n","n"]}`,
		want: "ValidationException: One or more parameter values were invalid: " +
			"Duplicate value in attribute name: n",
	}, {
		rule: "a key has all attributes of the schema",
		ask:  `GetItem scores {"Key":{"pk":"a"}}`,
		want: "ValidationException: The provided key element does not match the schema",
	}, {
		rule: "a key has no other attributes",
		ask:  `GetItem things {"Key":{"pk":"a","n":1}}`,
		want: "ValidationException: The provided key element does not match the schema",
	}, {
		rule: "a key has the schema's types",
		ask:  `GetItem scores {"Key":{"pk":"a","sk":"1"}}`,
		want: "ValidationException: The provided key element does not match the schema",
	}, {
		rule:  "equal numbers are one key",
		given: `scores {"pk":"a","sk":100,"n":1}`,
		ask:   `GetItem scores {"Key":{"pk":"a","sk":1.00E2},"ProjectionExpression":"n"}`,
		want:  `{"Item":{"n":1}}`,
	}})
}
