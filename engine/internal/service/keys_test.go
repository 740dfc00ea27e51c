package service

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Key attributes of the table must be present, of their type, not empty and not too large.
func TestTableKeys(t *testing.T) {
	t.Parallel()
	const refusal = "ValidationException: One or more parameter values "
	const mismatch = "ValidationException: The provided key element does not match the schema"
	run(t, newTables, []row{{
		rule: "an item lacks its hash key",
		ask:  `PutItem scores {"Item":{"sk":1}}`,
		want: refusal + "were invalid: Missing the key pk in the item",
	}, {
		rule: "an item lacks its range key",
		ask:  `PutItem scores {"Item":{"pk":"a"}}`,
		want: refusal + "were invalid: Missing the key sk in the item",
	}, {
		rule: "an item's key of another type",
		ask:  `PutItem scores {"Item":{"pk":"a","sk":"1"}}`,
		want: refusal + "were invalid: Type mismatch for key sk expected: N actual: S",
	}, {
		rule: "a set is no key",
		ask:  `PutItem scores {"Item":{"pk":{"SS":["a"]},"sk":1}}`,
		want: refusal + "were invalid: Type mismatch for key pk expected: S actual: SS",
	}, {
		rule: "an empty key",
		ask:  `PutItem scores {"Item":{"pk":"","sk":1}}`,
		want: refusal + "are not valid. The AttributeValue for a key attribute cannot contain " +
			"an empty string value. Key: pk",
	}, {
		rule: "an empty key to update",
		ask:  `UpdateItem things {"Key":{"pk":""}}`,
		want: refusal + "are not valid. The AttributeValue for a key attribute cannot contain " +
			"an empty string value. Key: pk",
	}, {
		rule: "a key to update, of another type",
		ask:  `UpdateItem things {"Key":{"pk":1}}`,
		want: mismatch,
	}, {
		rule: "a key to delete, with an attribute too many",
		ask:  `DeleteItem things {"Key":{"pk":"a","sk":1}}`,
		want: mismatch,
	}, {
		rule: "a key to delete, without its range key",
		ask:  `DeleteItem scores {"Key":{"pk":"a"}}`,
		want: mismatch,
	}, {
		rule: "a key of another name",
		ask:  `GetItem things {"Key":{"id":"a"}}`,
		want: mismatch,
	}})
}

func TestKeySizes(t *testing.T) {
	t.Parallel()
	const tooLarge = "ValidationException: One or more parameter values were invalid: "
	const hashKey = tooLarge + "Size of hashkey has exceeded the maximum size limit of2048 bytes"
	const rangeKey = tooLarge + "Aggregated size of all range keys has exceeded the size limit " +
		"of 1024 bytes"
	tables := func(t *testing.T) *Service {
		s := newTables(t)
		call(t, s, "CreateTable", object(nameOf("texts"), onDemand,
			define("pk S, sk S"), key("pk sk")))
		return s
	}
	put := func(pk, sk string) string {
		return `PutItem texts {"Item":{"pk":"` + pk + `","sk":"` + sk + `"}}`
	}
	run(t, tables, []row{
		{rule: "a hash key of 2,048 bytes", ask: put(ofSize(2048), "s"), want: `{}`},
		{rule: "a byte more", ask: put(ofSize(2049), "s"), want: hashKey},
		{rule: "bytes, not characters", ask: put(strings.Repeat("é", 1025), "s"), want: hashKey},
		{rule: "a range key of 1,024 bytes", ask: put("a", ofSize(1024)), want: `{}`},
		{rule: "one more", ask: put("a", ofSize(1025)), want: rangeKey},
		{
			rule: "to read", want: hashKey,
			ask: `GetItem texts {"Key":{"pk":"` + ofSize(2049) + `","sk":"s"}}`,
		},
		{
			rule: "to delete", want: rangeKey,
			ask: `DeleteItem texts {"Key":{"pk":"a","sk":"` + ofSize(1025) + `"}}`,
		},
	})
}

// An item without a key attribute of an index is not in the index. If the attribute has another
// type or is empty, the write is refused.
func TestIndexKeys(t *testing.T) {
	t.Parallel()
	const refusal = "ValidationException: One or more parameter values "
	const notEmpty = refusal + "are not valid. A value specified for a secondary index key is " +
		"not supported. The AttributeValue for a key attribute cannot contain an empty string " +
		"value. "
	run(t, newTables, []row{{
		rule: "missing keys are well",
		ask:  `PutItem scores {"Item":{"pk":"a","sk":1}}`,
		want: `{}`,
	}, {
		rule: "a key of a local index of another type",
		ask:  `PutItem scores {"Item":{"pk":"a","sk":1,"day":"1"}}`,
		want: refusal + "were invalid: Type mismatch for Index Key day Expected: N Actual: S " +
			"IndexName: byDay",
	}, {
		rule: "of several indexes the first by name speaks",
		ask:  `PutItem scores {"Item":{"pk":"a","sk":1,"game":1}}`,
		want: refusal + "were invalid: Type mismatch for Index Key game Expected: S Actual: N " +
			"IndexName: byGame",
	}, {
		rule: "NULL is of another type",
		ask:  `PutItem scores {"Item":{"pk":"a","sk":1,"points":null}}`,
		want: refusal + "were invalid: Type mismatch for Index Key points Expected: N Actual: " +
			"NULL IndexName: byGame",
	}, {
		rule: "an empty key of an index",
		ask:  `PutItem scores {"Item":{"pk":"a","sk":1,"note":""}}`,
		want: notEmpty + "IndexName: byNote, IndexKey: note",
	}, {
		rule: "an update to another type",
		ask: `UpdateItem scores {"Key":{"pk":"a","sk":1},"UpdateExpression":"SET points = :v",
			"ExpressionAttributeValues":{":v":"1"}}`,
		want: refusal + "were invalid: Type mismatch for Index Key points Expected: N Actual: S " +
			"IndexName: byGame",
	}, {
		rule: "an update to an empty one",
		ask: `UpdateItem scores {"Key":{"pk":"a","sk":1},"UpdateExpression":"SET note = :v",
			"ExpressionAttributeValues":{":v":""}}`,
		want: refusal + "are not valid. The update expression attempted to update a secondary " +
			"index key to a value that is not supported. The AttributeValue for a key attribute " +
			"cannot contain an empty string value.",
	}})
}

// A write that an index refuses changes nothing, neither in the table nor in another index.
func TestWriteThatAnIndexRefusesChangesNothing(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	give(t, s, `scores {"pk":"a","sk":1,"day":1,"game":"go","points":1}`)
	require.Contains(t, ask(t, s, `UpdateItem scores {"Key":{"pk":"a","sk":1},
		"UpdateExpression":"SET #d = :d, points = :v","ExpressionAttributeNames":{"#d":"day"},
		"ExpressionAttributeValues":{":d":2,":v":"one"}}`), "Type mismatch for Index Key points")
	const whole = `{"Items":[{"pk":"a","sk":1,"day":1,"game":"go","points":1}],
		"Count":1,"ScannedCount":1}`
	script(t, s,
		`Scan scores {}`, whole,
		`Scan scores {"IndexName":"games"}`, whole,
		`Scan scores {"IndexName":"byDay","Select":"ALL_ATTRIBUTES"}`, whole)
}

// Indexes follow each write to their table.
func TestIndexesFollow(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	set := func(expression, values string) string {
		if values != "" {
			values = `,"ExpressionAttributeValues":` + values
		}
		return `UpdateItem scores {"Key":{"pk":"a","sk":1},"UpdateExpression":"` + expression +
			`"` + values + `}`
	}
	in := func(game string) string {
		return querySk("game = :g", `{":g":"`+game+`"}`, `,"IndexName":"byGame"`)
	}
	script(t, s,
		`PutItem scores {"Item":{"pk":"a","sk":1,"game":"go"}}`, `{}`,
		in("go"), foundSk(""),
		set("SET points = :v", `{":v":1}`), `{}`,
		in("go"), foundSk("1"),
		set("SET game = :v", `{":v":"chess"}`), `{}`,
		in("go"), foundSk(""),
		in("chess"), foundSk("1"),
		set("REMOVE game", ""), `{}`,
		in("chess"), foundSk(""),
		set("SET game = :v", `{":v":"go"}`), `{}`,
		in("go"), foundSk("1"),
		`DeleteItem scores {"Key":{"pk":"a","sk":1}}`, `{}`,
		in("go"), foundSk(""))
}
