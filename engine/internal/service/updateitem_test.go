package service

import "testing"

// updateOfA returns an UpdateItem of the thing a.
func updateOfA(expression, values, more string) string {
	if values != "" {
		values = `"ExpressionAttributeValues":` + values + `,`
	}
	return `UpdateItem things {"Key":{"pk":"a"},` + values + `"UpdateExpression":"` + expression +
		`"` + more + `}`
}

// All parts of an update read the item before the update, in whatever order they stand.
func TestUpdateReadsTheItemAsItWas(t *testing.T) {
	t.Parallel()
	const allNew = `,"ReturnValues":"ALL_NEW"`
	run(t, newTables, []row{{
		rule:  "SET reads what another SET writes as it was",
		given: `things {"pk":"a","x":1,"y":2}`,
		ask:   updateOfA("SET x = :v, y = x", `{":v":9}`, allNew),
		want:  `{"Attributes":{"pk":"a","x":9,"y":1}}`,
	}, {
		rule:  "two attributes change places",
		given: `things {"pk":"a","x":1,"y":2}`,
		ask:   updateOfA("SET x = y, y = x", "", allNew),
		want:  `{"Attributes":{"pk":"a","x":2,"y":1}}`,
	}, {
		rule:  "SET reads what REMOVE takes away",
		given: `things {"pk":"a","x":1}`,
		ask:   updateOfA("REMOVE x SET y = x", "", allNew),
		want:  `{"Attributes":{"pk":"a","y":1}}`,
	}, {
		rule:  "SET reads what ADD adds to as it was",
		given: `things {"pk":"a","x":1}`,
		ask:   updateOfA("ADD x :v SET y = x", `{":v":5}`, allNew),
		want:  `{"Attributes":{"pk":"a","x":6,"y":1}}`,
	}, {
		rule:  "REMOVE takes elements by their places before the update",
		given: `things {"pk":"a","l":[0,1,2,3]}`,
		ask:   updateOfA("REMOVE l[0], l[1]", "", allNew),
		want:  `{"Attributes":{"pk":"a","l":[2,3]}}`,
	}, {
		rule:  "SET and REMOVE in one list",
		given: `things {"pk":"a","l":[0,1,2,3]}`,
		ask:   updateOfA("REMOVE l[0] SET l[2] = :v", `{":v":"x"}`, allNew),
		want:  `{"Attributes":{"pk":"a","l":[1,"x",3]}}`,
	}, {
		rule:  "places past the end append, in the order of the places",
		given: `things {"pk":"a","l":[0]}`,
		ask:   updateOfA("SET l[9] = :x, l[5] = :y", `{":x":"nine",":y":"five"}`, allNew),
		want:  `{"Attributes":{"pk":"a","l":[0,"five","nine"]}}`,
	}, {
		rule:  "if_not_exists sees the item as it was",
		given: `things {"pk":"a"}`,
		ask:   updateOfA("SET x = :v, y = if_not_exists(x, :w)", `{":v":1,":w":2}`, allNew),
		want:  `{"Attributes":{"pk":"a","x":1,"y":2}}`,
	}, {
		rule:  "a missing operand refuses",
		given: `things {"pk":"a"}`,
		ask:   updateOfA("SET x = :v, y = x", `{":v":1}`, allNew),
		want: "ValidationException: The provided expression refers to an attribute that does not " +
			"exist in the item",
	}, {
		rule: "an update makes the item that is not there",
		ask:  updateOfA("ADD n :v", `{":v":5}`, allNew),
		want: `{"Attributes":{"pk":"a","n":5}}`,
	}, {
		rule: "an update without an expression makes the item, too",
		ask:  `UpdateItem things {"Key":{"pk":"a"}` + allNew + `}`,
		want: `{"Attributes":{"pk":"a"}}`,
	}, {
		rule:  "numbers add up exactly",
		given: `things {"pk":"a","n":99999999999999999999999999999999999999}`,
		ask:   updateOfA("SET n = n - :v", `{":v":1}`, allNew),
		want:  `{"Attributes":{"pk":"a","n":99999999999999999999999999999999999998}}`,
	}, {
		rule:  "a set that loses its last element goes",
		given: `things {"pk":"a","ss":{"SS":["x"]}}`,
		ask:   updateOfA("DELETE ss :v", `{":v":{"SS":["x","y"]}}`, allNew),
		want:  `{"Attributes":{"pk":"a"}}`,
	}, {
		rule: "a key attribute cannot be updated, not even to what it is",
		ask:  updateOfA("SET pk = :v", `{":v":"a"}`, allNew),
		want: "ValidationException: One or more parameter values were invalid: Cannot update " +
			"attribute pk. This attribute is part of the key",
	}, {
		rule:  "a condition sees the item as it was",
		given: `things {"pk":"a","n":1}`,
		ask:   updateOfA("SET n = :v", `{":v":2}`, `,"ConditionExpression":"n = :v"`),
		want:  conditionFailed,
	}, {
		rule:  "a refusal carries the item as it was",
		given: `things {"pk":"a","n":1}`,
		ask: updateOfA("SET n = :v", `{":v":2}`, `,"ConditionExpression":"n = :v",
			"ReturnValuesOnConditionCheckFailure":"ALL_OLD"`),
		want: conditionFailed + ` {"n":1,"pk":"a"}`,
	}})
}

func TestUpdateItemReturnsValues(t *testing.T) {
	t.Parallel()
	const (
		given = `things {"pk":"a","x":1,"y":2,"ma":{"in":1,"out":2},"l":["p","q","r"]}`
		sets  = "SET x = :v, ma.#in = :v REMOVE y"
		both  = `{":v":9}`
		names = `,"ExpressionAttributeNames":{"#in":"in"},"ReturnValues":`
	)
	run(t, newTables, []row{{
		rule: "NONE", given: given,
		ask:  updateOfA(sets, both, names+`"NONE"`),
		want: `{}`,
	}, {
		rule: "ALL_OLD is the whole item before", given: given,
		ask: updateOfA(sets, both, names+`"ALL_OLD"`),
		want: `{"Attributes":{"pk":"a","x":1,"y":2,"ma":{"in":1,"out":2},
			"l":["p","q","r"]}}`,
	}, {
		rule: "ALL_NEW is the whole item after", given: given,
		ask:  updateOfA(sets, both, names+`"ALL_NEW"`),
		want: `{"Attributes":{"pk":"a","x":9,"ma":{"in":9,"out":2},"l":["p","q","r"]}}`,
	}, {
		rule: "UPDATED_OLD is what the update wrote, as it was", given: given,
		ask:  updateOfA(sets, both, names+`"UPDATED_OLD"`),
		want: `{"Attributes":{"x":1,"y":2,"ma":{"in":1}}}`,
	}, {
		rule: "UPDATED_NEW is what the update wrote, as it is", given: given,
		ask:  updateOfA(sets, both, names+`"UPDATED_NEW"`),
		want: `{"Attributes":{"x":9,"ma":{"in":9}}}`,
	}, {
		rule: "UPDATED_NEW of an element is a list of it alone", given: given,
		ask:  updateOfA("SET l[1] = :v", both, `,"ReturnValues":"UPDATED_NEW"`),
		want: `{"Attributes":{"l":[9]}}`,
	}, {
		rule: "UPDATED_NEW after a REMOVE alone is nothing", given: given,
		ask:  updateOfA("REMOVE y", "", `,"ReturnValues":"UPDATED_NEW"`),
		want: `{}`,
	}, {
		rule: "UPDATED_OLD of what was not there is nothing", given: given,
		ask:  updateOfA("SET z = :v", both, `,"ReturnValues":"UPDATED_OLD"`),
		want: `{}`,
	}, {
		rule: "ALL_OLD of a new item is nothing",
		ask:  updateOfA("SET z = :v", both, `,"ReturnValues":"ALL_OLD"`),
		want: `{}`,
	}, {
		rule: "UPDATED_NEW has no key",
		ask:  updateOfA("SET z = :v", both, `,"ReturnValues":"UPDATED_NEW"`),
		want: `{"Attributes":{"z":9}}`,
	}, {
		rule: "a ReturnValues that there is not",
		ask:  updateOfA("SET z = :v", both, `,"ReturnValues":"ALL"`),
		want: "ValidationException: 1 validation error detected: Failed to satisfy constraint: " +
			"Member must satisfy enum value set: " +
			"[ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]",
	}})
}

// An update creates an absent item, unless it only removes attributes.
func TestUpdateThatOnlyRemovesCreatesNoItem(t *testing.T) {
	t.Parallel()
	const allNew = `,"ReturnValues":"ALL_NEW"`
	old := func(updates string) string {
		return `UpdateItem things {"Key":{"pk":"a"},"AttributeUpdates":` + updates + allNew + `}`
	}
	for update, item := range map[string]string{
		updateOfA("REMOVE x, y", "", allNew):                             ``,
		updateOfA("DELETE x :v", `{":v":{"SS":["b"]}}`, allNew):          ``,
		updateOfA("REMOVE x DELETE y :v", `{":v":{"NS":["1"]}}`, allNew): ``,
		updateOfA("REMOVE x SET y = :v", `{":v":1}`, allNew):             `{"pk":"a","y":1}`,
		updateOfA("REMOVE x ADD y :v", `{":v":1}`, allNew):               `{"pk":"a","y":1}`,
		old(`{"x":{"Action":"DELETE"}}`):                                 ``,
		old(`{"x":{"Action":"DELETE","Value":{"SS":["b"]}}}`):            ``,
		old(`{"x":{"Action":"DELETE"},"y":{"Value":{"N":"1"}}}`):         `{"pk":"a","y":1}`,
		old(`{"x":{"Action":"ADD","Value":{"N":"1"}}}`):                  `{"pk":"a","x":1}`,
		old(`{}`): `{"pk":"a"}`,
		`UpdateItem things {"Key":{"pk":"a"},"ReturnValues":"ALL_NEW"}`:            `{"pk":"a"}`,
		transact(`Update things {"Key":{"pk":"a"},"UpdateExpression":"REMOVE x"}`): ``,
	} {
		s := newTables(t)
		returned, stored := `{}`, `{}`
		if item != "" {
			returned, stored = `{"Attributes":`+item+`}`, `{"Item":`+item+`}`
		}
		script(t, s, update, returned, `GetItem things {"Key":{"pk":"a"}}`, stored)
	}
	run(t, newTables, []row{{
		rule: "an update that only removes takes the unit of a small item",
		ask:  updateOfA("REMOVE x", "", `,"ReturnConsumedCapacity":"TOTAL"`),
		want: `{"ConsumedCapacity":{"TableName":"things","CapacityUnits":1}}`,
	}, {
		rule:  "an update that only removes keeps an item of a key alone",
		given: `things {"pk":"a"}`,
		ask:   updateOfA("REMOVE x", "", allNew),
		want:  `{"Attributes":{"pk":"a"}}`,
	}, {
		rule: "REMOVE of a part of what is not there",
		ask:  updateOfA("REMOVE x.y", "", ""),
		want: "ValidationException: The document path provided in the update expression is " +
			"invalid for update",
	}})
}
