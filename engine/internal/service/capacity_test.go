package service

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// thingOf returns a thing of the given size in bytes.
func thingOf(pk string, bytes int) string {
	const names = len("pk") + len("filler")
	return fmt.Sprintf(`{"pk":"%s","filler":"%s"}`, pk, ofSize(bytes-names-len(pk)))
}

// consumed returns the ConsumedCapacity of a response as text.
func consumed(t *testing.T, s *Service, line string) string {
	t.Helper()
	response := ask(t, s, line)
	units := at(decode(t, response), "ConsumedCapacity")
	if units == nil {
		return response
	}
	return encode(t, units)
}

// Reads come in units of 4 KB, writes in units of 1 KB. An eventually consistent read costs half a
// unit for each.
func TestUnitsOfATable(t *testing.T) {
	t.Parallel()
	const kb = 1024
	for _, test := range []struct {
		bytes                   int
		write, consistent, read string
	}{
		{100, "1", "1", "0.5"},
		{kb, "1", "1", "0.5"},
		{kb + 1, "2", "1", "0.5"},
		{4 * kb, "4", "1", "0.5"},
		{4*kb + 1, "5", "2", "1"},
		{9*kb + 1, "10", "3", "1.5"},
	} {
		t.Run(itoa(test.bytes), func(t *testing.T) {
			t.Parallel()
			s := newTables(t)
			units := func(n string) string {
				return `{"CapacityUnits":` + n + `,"TableName":"things"}`
			}
			assert.Equal(t, units(test.write), consumed(t, s, `PutItem things {"Item":`+
				thingOf("a", test.bytes)+`,"ReturnConsumedCapacity":"TOTAL"}`))
			for _, read := range []string{
				`GetItem things {"Key":{"pk":"a"}`,
				`Scan things {"Limit":1`,
				`Query things {"KeyConditionExpression":"pk = :p",` +
					`"ExpressionAttributeValues":{":p":"a"}`,
			} {
				const total = `,"ReturnConsumedCapacity":"TOTAL"`
				assert.Equal(t, units(test.read), consumed(t, s, read+total+`}`), "%s", read)
				assert.Equal(t, units(test.consistent),
					consumed(t, s, read+total+`,"ConsistentRead":true}`), "%s", read)
				assert.Equal(t, units(test.read), consumed(t, s, read+total+
					`,"ProjectionExpression":"pk"}`), "a projection saves nothing: %s", read)
			}
		})
	}
}

// The cost of a write is that of the larger item, before or after it.
func TestUnitsOfWrites(t *testing.T) {
	t.Parallel()
	large := `things ` + thingOf("a", 3000)
	const total = `,"ReturnConsumedCapacity":"TOTAL"}`
	units := func(n string) string {
		return `{"ConsumedCapacity":{"TableName":"things","CapacityUnits":` + n + `}}`
	}
	run(t, newTables, []row{{
		rule: "a small item over a large one", given: large,
		ask: `PutItem things {"Item":{"pk":"a"}` + total, want: units("3"),
	}, {
		rule: "an update that makes the item smaller", given: large,
		ask:  `UpdateItem things {"Key":{"pk":"a"},"UpdateExpression":"REMOVE filler"` + total,
		want: units("3"),
	}, {
		rule: "an update costs the whole item", given: large,
		ask: `UpdateItem things {"Key":{"pk":"a"},"UpdateExpression":"SET n = :n",
			"ExpressionAttributeValues":{":n":1}` + total,
		want: units("3"),
	}, {
		rule: "a delete", given: large,
		ask: `DeleteItem things {"Key":{"pk":"a"}` + total, want: units("3"),
	}, {
		rule: "a delete of nothing",
		ask:  `DeleteItem things {"Key":{"pk":"a"}` + total, want: units("1"),
	}, {
		rule: "a read of nothing",
		ask:  `GetItem things {"Key":{"pk":"a"}` + total, want: units("0.5"),
	}, {
		rule: "NONE answers none", given: large,
		ask: `DeleteItem things {"Key":{"pk":"a"},"ReturnConsumedCapacity":"NONE"}`, want: `{}`,
	}, {
		rule: "INDEXES tells the table apart",
		ask:  `PutItem things {"Item":{"pk":"a"},"ReturnConsumedCapacity":"INDEXES"}`,
		want: `{"ConsumedCapacity":{"TableName":"things","CapacityUnits":1,
			"Table":{"CapacityUnits":1}}}`,
	}, {
		rule: "a mode that there is not",
		ask:  `PutItem things {"Item":{"pk":"a"},"ReturnConsumedCapacity":"ALL"}`,
		want: "ValidationException: 1 validation error detected: Value 'ALL' at " +
			"'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum " +
			"value set: [INDEXES, TOTAL, NONE]",
	}})
}

// Writes to indexes: an entry that is added or removed is one write, a moved entry is two, and an
// unchanged entry costs nothing.
func TestUnitsOfIndexWrites(t *testing.T) {
	t.Parallel()
	const indexes = `,"ReturnConsumedCapacity":"INDEXES"}`
	response := func(table string, global, local string) string {
		total := 0
		member := func(name, units string) string {
			var list []string
			for entry := range strings.FieldsSeq(units) {
				index, n, _ := strings.Cut(entry, ":")
				list = append(list, `"`+index+`":{"CapacityUnits":`+n+`}`)
				total += int(n[0] - '0')
			}
			if list == nil {
				return ""
			}
			return `,"` + name + `":{` + strings.Join(list, ",") + `}`
		}
		members := member("GlobalSecondaryIndexes", global) + member("LocalSecondaryIndexes", local)
		total += int(table[0] - '0')
		return `{"ConsumedCapacity":{"TableName":"scores","CapacityUnits":` + itoa(total) +
			`,"Table":{"CapacityUnits":` + table + `}` + members + `}}`
	}
	const full = `scores {"pk":"a","sk":1,"day":1,"note":"n","game":"go","points":1}`
	update := func(expression, values string) string {
		return `UpdateItem scores {"Key":{"pk":"a","sk":1},"UpdateExpression":"` + expression +
			`","ExpressionAttributeNames":{"#d":"day"},"ExpressionAttributeValues":` + values +
			indexes
	}
	run(t, newTables, []row{{
		rule: "an item without index keys",
		ask:  `PutItem scores {"Item":{"pk":"a","sk":1}` + indexes,
		want: response("1", "", ""),
	}, {
		rule: "an item with all of them",
		ask: `PutItem scores {"Item":{"pk":"a","sk":1,"day":1,"note":"n","game":"go",
			"points":1}` + indexes,
		want: response("1", "byGame:1 games:1", "byDay:1 byNote:1"),
	}, {
		rule: "the same item again", given: full,
		ask: `PutItem scores {"Item":{"pk":"a","sk":1,"day":1,"note":"n","game":"go",
			"points":1}` + indexes,
		want: response("1", "", ""),
	}, {
		rule: "a delete", given: full,
		ask:  `DeleteItem scores {"Key":{"pk":"a","sk":1}` + indexes,
		want: response("1", "byGame:1 games:1", "byDay:1 byNote:1"),
	}, {
		rule: "a key of an index: out of one place, into another", given: full,
		ask:  update("SET #d = :v", `{":v":2}`),
		want: response("1", "games:1", "byDay:2 byNote:1"),
	}, {
		rule: "an index that does not project the attribute has nothing to do", given: full,
		ask: `UpdateItem scores {"Key":{"pk":"a","sk":1},"UpdateExpression":"SET more = :v",
			"ExpressionAttributeValues":{":v":1}` + indexes,
		want: response("1", "games:1", "byNote:1"),
	}, {
		rule: "an attribute that an index includes", given: full,
		ask: `UpdateItem scores {"Key":{"pk":"a","sk":1},"UpdateExpression":"SET note = :v",
			"ExpressionAttributeValues":{":v":"m"}` + indexes,
		want: response("1", "byGame:1 games:1", "byNote:2"),
	}, {
		rule: "out of an index", given: full,
		ask: `UpdateItem scores {"Key":{"pk":"a","sk":1},"UpdateExpression":"REMOVE points"` +
			indexes,
		want: response("1", "byGame:1 games:1", "byNote:1"),
	}, {
		rule: "an entry has the size of what it projects",
		ask: `PutItem scores {"Item":{"pk":"a","sk":1,"day":1,"game":"go","pad":"` + ofSize(3000) +
			`"}` + indexes,
		want: response("3", "games:3", "byDay:1"),
	}, {
		rule: "TOTAL sums them up", given: full,
		ask:  `DeleteItem scores {"Key":{"pk":"a","sk":1},"ReturnConsumedCapacity":"TOTAL"}`,
		want: `{"ConsumedCapacity":{"TableName":"scores","CapacityUnits":5}}`,
	}})
}

func TestUnitsOfIndexReads(t *testing.T) {
	t.Parallel()
	padded := func(bytes int) string {
		return `
			scores {"pk":"a","sk":1,"day":1,"game":"go","pad":"` + ofSize(bytes) + `"}
			scores {"pk":"a","sk":2,"day":2,"game":"go","pad":"` + ofSize(bytes) + `"}`
	}
	byDay := func(more string) string {
		return `Query scores {"IndexName":"byDay","KeyConditionExpression":"pk = :p",
			"ExpressionAttributeValues":{":p":"a"},"ProjectionExpression":"sk",
			"ReturnConsumedCapacity":"INDEXES"` + more + `}`
	}
	const items = `{"Items":[{"sk":1},{"sk":2}],"Count":2,"ScannedCount":2,`
	run(t, newTables, []row{{
		rule: "a local index by what it projects", given: padded(6000),
		ask: byDay(""),
		want: items + `"ConsumedCapacity":{"TableName":"scores","CapacityUnits":0.5,
			"Table":{"CapacityUnits":0},"LocalSecondaryIndexes":{"byDay":{"CapacityUnits":0.5}}}}`,
	}, {
		rule: "consistently", given: padded(6000),
		ask: byDay(`,"ConsistentRead":true`),
		want: items + `"ConsumedCapacity":{"TableName":"scores","CapacityUnits":1,
			"Table":{"CapacityUnits":0},"LocalSecondaryIndexes":{"byDay":{"CapacityUnits":1}}}}`,
	}, {
		rule: "a global index of all: the sizes are added up, then rounded", given: padded(5000),
		ask: `Query scores {"IndexName":"games","KeyConditionExpression":"game = :g",
			"ExpressionAttributeValues":{":g":"go"},"ProjectionExpression":"sk",
			"ReturnConsumedCapacity":"INDEXES"}`,
		want: items + `"ConsumedCapacity":{"TableName":"scores","CapacityUnits":1.5,
			"Table":{"CapacityUnits":0},"GlobalSecondaryIndexes":{"games":{"CapacityUnits":1.5}}}}`,
	}, {
		rule:  "what a local index fetches costs the table, each item on its own",
		given: padded(5000),
		ask: `Query scores {"IndexName":"byDay","KeyConditionExpression":"pk = :p",
			"ExpressionAttributeValues":{":p":"a"},"ProjectionExpression":"sk, game",
			"ReturnConsumedCapacity":"INDEXES","ConsistentRead":true}`,
		want: `{"Items":[{"sk":1,"game":"go"},{"sk":2,"game":"go"}],"Count":2,"ScannedCount":2,
			"ConsumedCapacity":{"TableName":"scores","CapacityUnits":5,
			"Table":{"CapacityUnits":4},"LocalSecondaryIndexes":{"byDay":{"CapacityUnits":1}}}}`,
	}, {
		rule: "what a filter takes away costs, too", given: padded(5000),
		ask: `Query scores {"KeyConditionExpression":"pk = :p","Select":"COUNT",
			"FilterExpression":"game = :g","ExpressionAttributeValues":{":p":"a",":g":"chess"},
			"ReturnConsumedCapacity":"TOTAL"}`,
		want: `{"Count":0,"ScannedCount":2,
			"ConsumedCapacity":{"TableName":"scores","CapacityUnits":1.5}}`,
	}, {
		rule: "a query that finds nothing",
		ask: `Query scores {"KeyConditionExpression":"pk = :p","Select":"COUNT",
			"ExpressionAttributeValues":{":p":"a"},"ReturnConsumedCapacity":"TOTAL"}`,
		want: `{"Count":0,"ScannedCount":0,
			"ConsumedCapacity":{"TableName":"scores","CapacityUnits":0.5}}`,
	}})
}

func TestUnitsOfBatches(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	script(t, s,
		`BatchWriteItem {"ReturnConsumedCapacity":"INDEXES","RequestItems":{
			"things":[{"PutRequest":{"Item":`+thingOf("a", 3000)+`}},
				{"PutRequest":{"Item":`+thingOf("b", 5000)+`}}],
			"scores":[{"PutRequest":{"Item":{"pk":"a","sk":1,"day":1}}},
				{"PutRequest":{"Item":{"pk":"a","sk":2,"day":1}}}]}}`,
		`{"UnprocessedItems":{},"ConsumedCapacity":[
			{"TableName":"scores","CapacityUnits":4,"Table":{"CapacityUnits":2},
				"LocalSecondaryIndexes":{"byDay":{"CapacityUnits":2}}},
			{"TableName":"things","CapacityUnits":8,"Table":{"CapacityUnits":8}}]}`,
		`BatchGetItem {"ReturnConsumedCapacity":"TOTAL","RequestItems":{
			"things":{"Keys":[{"pk":"a"},{"pk":"b"},{"pk":"c"}],"ProjectionExpression":"pk"},
			"scores":{"Keys":[{"pk":"a","sk":1}],"ConsistentRead":true,
				"ProjectionExpression":"sk"}}}`,
		`{"Responses":{"things":[{"pk":"a"},{"pk":"b"}],"scores":[{"sk":1}]},
			"UnprocessedKeys":{},"ConsumedCapacity":[
			{"TableName":"scores","CapacityUnits":1},
			{"TableName":"things","CapacityUnits":2}]}`)
}

// A transaction costs twice as much as its parts alone, except for the indexes.
func TestUnitsOfTransactions(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	give(t, s, `things `+thingOf("b", 5000))
	script(t, s,
		transact(`
			Put scores {"Item":{"pk":"a","sk":1,"day":1,"game":"go"}}
			Put things {"Item":`+thingOf("a", 1500)+`}
			ConditionCheck things {"Key":{"pk":"b"},"ConditionExpression":"attribute_exists(pk)"}`,
			`,"ReturnConsumedCapacity":"INDEXES"`),
		`{"ConsumedCapacity":[
			{"TableName":"scores","CapacityUnits":4,"WriteCapacityUnits":4,
				"Table":{"CapacityUnits":2,"WriteCapacityUnits":2},
				"LocalSecondaryIndexes":{"byDay":{"CapacityUnits":1,"WriteCapacityUnits":1}},
				"GlobalSecondaryIndexes":{"games":{"CapacityUnits":1,"WriteCapacityUnits":1}}},
			{"TableName":"things","CapacityUnits":14,"WriteCapacityUnits":14,
				"Table":{"CapacityUnits":14,"WriteCapacityUnits":14}}]}`,
		`TransactGetItems {"ReturnConsumedCapacity":"TOTAL","TransactItems":[
			{"Get":{"TableName":"things","Key":{"pk":"b"},"ProjectionExpression":"pk"}},
			{"Get":{"TableName":"things","Key":{"pk":"none"}}},
			{"Get":{"TableName":"scores","Key":{"pk":"a","sk":1},"ProjectionExpression":"sk"}}]}`,
		`{"Responses":[{"Item":{"pk":"b"}},{},{"Item":{"sk":1}}],"ConsumedCapacity":[
			{"TableName":"scores","CapacityUnits":2,"ReadCapacityUnits":2},
			{"TableName":"things","CapacityUnits":6,"ReadCapacityUnits":6}]}`)
}

// Only tables with local indexes have item collections.
func TestItemCollectionMetrics(t *testing.T) {
	t.Parallel()
	const size = `"ReturnItemCollectionMetrics":"SIZE"`
	const ofA = `{"ItemCollectionKey":{"pk":"a"},"SizeEstimateRangeGB":[0,1]}`
	run(t, newTables, []row{{
		rule: "PutItem",
		ask:  `PutItem scores {"Item":{"pk":"a","sk":1,"day":1},` + size + `}`,
		want: `{"ItemCollectionMetrics":` + ofA + `}`,
	}, {
		rule: "UpdateItem",
		ask:  `UpdateItem scores {"Key":{"pk":"a","sk":1},` + size + `}`,
		want: `{"ItemCollectionMetrics":` + ofA + `}`,
	}, {
		rule: "DeleteItem",
		ask:  `DeleteItem scores {"Key":{"pk":"a","sk":1},` + size + `}`,
		want: `{"ItemCollectionMetrics":` + ofA + `}`,
	}, {
		rule: "a table without local indexes",
		ask:  `PutItem things {"Item":{"pk":"a"},` + size + `}`,
		want: `{}`,
	}, {
		rule: "NONE",
		ask:  `PutItem scores {"Item":{"pk":"a","sk":1},"ReturnItemCollectionMetrics":"NONE"}`,
		want: `{}`,
	}, {
		rule: "a batch has each collection once",
		ask: `BatchWriteItem {` + size + `,"RequestItems":{
			"scores":[{"PutRequest":{"Item":{"pk":"a","sk":1}}},
				{"PutRequest":{"Item":{"pk":"a","sk":2}}},
				{"DeleteRequest":{"Key":{"pk":"b","sk":1}}}],
			"things":[{"PutRequest":{"Item":{"pk":"a"}}}]}}`,
		want: `{"UnprocessedItems":{},"ItemCollectionMetrics":{"scores":[` + ofA + `,
			{"ItemCollectionKey":{"pk":"b"},"SizeEstimateRangeGB":[0,1]}]}}`,
	}, {
		rule: "a transaction, too, without what it only checks",
		ask: transact(`
			Put scores {"Item":{"pk":"a","sk":1}}
			Put scores {"Item":{"pk":"a","sk":2}}
			Put things {"Item":{"pk":"c"}}
			ConditionCheck scores {"Key":{"pk":"b","sk":1},
				"ConditionExpression":"attribute_not_exists(pk)"}`, `,`+size),
		want: `{"ItemCollectionMetrics":{"scores":[` + ofA + `]}}`,
	}})
}
