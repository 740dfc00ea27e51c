package service

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// vectorIndex returns a vector index of three dimensions over the attribute v.
func vectorIndex(name, distance string, more ...string) string {
	members := []string{`"IndexName":"` + name + `"`, `"VectorAttribute":{"AttributeName":"v"}`,
		`"Dimensions":3`, `"DistanceFunction":"` + distance + `"`}
	if !strings.Contains(strings.Join(more, ""), "Projection") {
		members = append(members, projectAll)
	}
	return object(append(members, more...)...)
}

func vectorIndexes(indexes ...string) string {
	return `"VectorIndexes":[` + strings.Join(indexes, ",") + `]`
}

// schema returns a SearchSchema of a hash attribute and inline filters.
func schema(hash string, filters ...string) string {
	var list []string
	if hash != "" {
		list = append(list, `{"AttributeName":"`+hash+`","SearchSchemaElementType":"HASH"}`)
	}
	for _, f := range filters {
		list = append(list,
			`{"AttributeName":"`+f+`","SearchSchemaElementType":"INLINE_FILTER"}`)
	}
	return `"SearchSchema":[` + strings.Join(list, ",") + `]`
}

// numbers returns the elements of a vector.
func numbers(vector ...string) string {
	for i, n := range vector {
		vector[i] = `{"N":"` + n + `"}`
	}
	return "[" + strings.Join(vector, ",") + "]"
}

func vectorOf(n ...string) string { return `"v":{"L":` + numbers(n...) + `}` }

// put puts an item with members such as `"a":{"S":"x"}`.
func put(t *testing.T, s *Service, id string, members ...string) map[string]any {
	t.Helper()
	return call(t, s, "PutItem", putOf(id, members...))
}

func putOf(id string, members ...string) string {
	item := object(append([]string{`"pk":{"S":"` + id + `"}`}, members...)...)
	return object(nameOf("things"), `"Item":`+item, `"ReturnConsumedCapacity":"INDEXES"`)
}

// search returns a SearchVectors of the index.
func search(index, vector string, more ...string) string {
	return object(append([]string{nameOf("things"), `"IndexName":"` + index + `"`,
		`"SearchVector":` + vector, `"TopK":10`}, more...)...)
}

// found searches, and returns the keys and the scores of the results.
func found(t *testing.T, s *Service, request string) (keys []string, scores []float64) {
	t.Helper()
	results := call(t, s, "SearchVectors", request)["SearchResults"].([]any)
	for _, r := range results {
		keys = append(keys, at(r, "Item", "pk", "S").(string))
		scores = append(scores, at(r, "Score").(float64))
	}
	return keys, scores
}

func TestSearchVectorsByEachDistance(t *testing.T) {
	t.Parallel()
	s := newService()
	newThings(t, s, vectorIndexes(vectorIndex("cosine", "COSINE"),
		vectorIndex("euclidean", "EUCLIDEAN"), vectorIndex("dot", "DOT_PRODUCT")))
	put(t, s, "a", vectorOf("1", "0", "0"), `"label":{"S":"x"}`)
	put(t, s, "b", vectorOf("0", "1", "0"))
	put(t, s, "c", vectorOf("-1", "0", "0"))
	put(t, s, "d", vectorOf("0.6", "0.8", "0"))
	put(t, s, "without")

	keys, scores := found(t, s, search("cosine", numbers("1", "0", "0")))
	require.Equal(t, []string{"a", "d", "b", "c"}, keys)
	require.InDeltaSlice(t, []float64{0, 0.4, 1, 2}, scores, 1e-6)
	require.Zero(t, scores[0], "the same vector")

	keys, scores = found(t, s, search("euclidean", numbers("1", "0", "0")))
	require.Equal(t, []string{"a", "d", "b", "c"}, keys)
	require.InDeltaSlice(t, []float64{0, math.Sqrt(0.8), math.Sqrt2, 2}, scores, 1e-6)

	keys, scores = found(t, s, search("dot", numbers("1", "0", "0")))
	require.Equal(t, []string{"a", "d", "b", "c"}, keys)
	require.InDeltaSlice(t, []float64{1, 0.6, 0, -1}, scores, 1e-6)

	keys, _ = found(t, s, strings.Replace(search("cosine", numbers("0", "2", "0")), "10", "1", 1))
	require.Equal(t, []string{"b"}, keys, "TopK")
}

func TestScoresOfExtremeVectors(t *testing.T) {
	t.Parallel()
	s := newService()
	newThings(t, s, vectorIndexes(vectorIndex("cosine", "COSINE"),
		vectorIndex("euclidean", "EUCLIDEAN"), vectorIndex("dot", "DOT_PRODUCT")))
	put(t, s, "zero", vectorOf("0", "0", "0"))
	score := func(index string, vector ...string) float64 {
		_, scores := found(t, s, search(index, numbers(vector...)))
		return scores[0]
	}
	require.Equal(t, 1.0, score("cosine", "1", "0", "0"), "no direction")
	require.Equal(t, 1.0, score("cosine", "0", "0", "0"))
	put(t, s, "zero", vectorOf("3.4e38", "-3.4e38", "0"))
	require.Zero(t, score("dot", "3.4e38", "3.4e38", "0"), "the products cancel out")
	require.Equal(t, float64(math.MaxFloat32), score("euclidean", "-3.4e38", "0", "0"))
	put(t, s, "zero", vectorOf("1e-23", "0", "0"))
	require.Zero(t, score("cosine", "1e-23", "0", "0"), "a direction, however short")
}

func TestSearchVectorsSelects(t *testing.T) {
	t.Parallel()
	s := newService()
	newThings(t, s, `"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},`+
		`{"AttributeName":"team","AttributeType":"S"},`+
		`{"AttributeName":"grade","AttributeType":"N"}]`,
		vectorIndexes(vectorIndex("by-team", "COSINE", schema("team", "grade")),
			vectorIndex("plain", "COSINE", projectKeys)))
	red, blue := `"team":{"S":"red"}`, `"team":{"S":"blue"}`
	put(t, s, "a", vectorOf("1", "0", "0"), red, `"grade":{"N":"1"}`)
	put(t, s, "b", vectorOf("0", "1", "0"), red)
	put(t, s, "c", vectorOf("1", "0", "0"), blue, `"grade":{"N":"1"}`)
	put(t, s, "no team", vectorOf("1", "0", "0"))

	at1 := numbers("1", "0", "0")
	of := func(condition, values string) string {
		return search("by-team", at1, `"SearchConditionExpression":"`+condition+`"`,
			`"ExpressionAttributeValues":`+values)
	}
	keys, _ := found(t, s, of("team = :t", `{":t":{"S":"red"}}`))
	require.Equal(t, []string{"a", "b"}, keys)
	keys, _ = found(t, s, of("(:t = team AND grade = :l)",
		`{":t":{"S":"red"},":l":{"N":"1.0"}}`))
	require.Equal(t, []string{"a"}, keys)
	keys, _ = found(t, s, search("plain", at1))
	require.Len(t, keys, 4, "the item without a hash attribute is in the other index")

	call(t, s, "UpdateItem", object(nameOf("things"), `"Key":{"pk":{"S":"a"}}`,
		`"UpdateExpression":"SET team = :t"`, `"ExpressionAttributeValues":{":t":{"S":"blue"}}`))
	keys, _ = found(t, s, of("team = :t", `{":t":{"S":"blue"}}`))
	require.ElementsMatch(t, []string{"a", "c"}, keys)
	call(t, s, "UpdateItem", object(nameOf("things"), `"Key":{"pk":{"S":"a"}}`,
		`"UpdateExpression":"REMOVE team"`))
	call(t, s, "DeleteItem", object(nameOf("things"), `"Key":{"pk":{"S":"c"}}`))
	keys, _ = found(t, s, of("team = :t", `{":t":{"S":"blue"}}`))
	require.Empty(t, keys)
	call(t, s, "UpdateItem", object(nameOf("things"), `"Key":{"pk":{"S":"b"}}`,
		`"UpdateExpression":"REMOVE v"`))
	keys, _ = found(t, s, of("team = :t", `{":t":{"S":"red"}}`))
	require.Empty(t, keys)
}

func TestVectorsInAnItem(t *testing.T) {
	t.Parallel()
	s := newService()
	newThings(t, s, vectorIndexes(vectorIndex("all", "COSINE"),
		vectorIndex("keys", "COSINE", projectKeys),
		vectorIndex("some", "COSINE", `"Projection":{"ProjectionType":"INCLUDE",`+
			`"NonKeyAttributes":["v","a"]}`)))
	put(t, s, "x", vectorOf("1", "0.1", "16777217"), `"a":{"N":"1"}`, `"b":{"N":"2"}`)
	names := func(index string, more ...string) []string {
		request := search(index, numbers("1", "1", "1"), more...)
		item := at(call(t, s, "SearchVectors", request), "SearchResults", "Item")
		var names []string
		for name := range item.(map[string]any) {
			names = append(names, name)
		}
		slices.Sort(names)
		return names
	}
	require.Equal(t, []string{"a", "b", "pk"}, names("all"), "no vector by default")
	require.Equal(t, []string{"pk"}, names("keys"))
	require.Equal(t, []string{"a", "pk"}, names("some"))
	asked := `"ProjectionExpression":"pk, v, b"`
	require.Equal(t, []string{"b", "pk", "v"}, names("all", asked))
	require.Equal(t, []string{"pk"}, names("keys", asked), "others are left out in silence")
	require.Equal(t, []string{"pk", "v"}, names("some", asked))

	response := call(t, s, "SearchVectors", search("all", numbers("1", "1", "1"), asked))
	require.Equal(t, []any{
		map[string]any{"N": "1.0"}, map[string]any{"N": "0.1"}, map[string]any{"N": "16777216.0"},
	}, at(response, "SearchResults", "Item", "v", "L"), "in 32 bits, as the index writes them")
	got := call(t, s, "GetItem", object(nameOf("things"), `"Key":{"pk":{"S":"x"}}`))
	require.Equal(t, []any{
		map[string]any{"N": "1"}, map[string]any{"N": "0.1"}, map[string]any{"N": "16777217"},
	}, at(got, "Item", "v", "L"), "as it was written")
}

func TestVectorsThatAreNotWritten(t *testing.T) {
	t.Parallel()
	s := newService()
	newThings(t, s, `"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},`+
		`{"AttributeName":"team","AttributeType":"S"},`+
		`{"AttributeName":"level","AttributeType":"N"}]`,
		vectorIndexes(vectorIndex("plain", "COSINE"),
			vectorIndex("schema", "COSINE", schema("team", "level"))))
	const bad = "One or more parameter values were invalid. Invalid "
	for _, c := range []struct{ name, member, text string }{
		{"size", vectorOf("1", "0"),
			bad + "size for parameter v, Expected: 3, Actual: 2 IndexName: plain"},
		{"empty", `"v":{"L":[]}`,
			bad + "size for parameter v, Expected: 3, Actual: 0 IndexName: plain"},
		{"element", `"v":{"L":[{"N":"1"},{"S":"x"},{"N":"0"}]}`, bad + "type for parameter v[1], " +
			"Expected: 32-bit floating point number, Actual: S. IndexName: plain"},
		{"range", vectorOf("1", "1.3e40", "0"), bad + "value for parameter v[1], Value: 1.3E+40 " +
			"is outside valid range [-3.4028235E38, 3.4028235E38]. IndexName: plain"},
		{"type", `"v":{"NS":["1","2","3"]}`, bad + "type for parameter v, Expected: 32-bit " +
			"floating point number list IndexName: plain"},
		{"hash type", `"team":{"N":"1"}`, "One or more parameter values were invalid. Attribute " +
			"'team' type mismatch. Expected: S, Actual: N. IndexName: schema"},
		{"filter type", `"level":{"S":"1"}`, "One or more parameter values were invalid. " +
			"Attribute 'level' type mismatch. Expected: N, Actual: S. IndexName: schema"},
		{"empty hash", `"team":{"S":""}`, "One or more parameter values are not valid. A value " +
			"specified for a secondary index key is not supported. The AttributeValue for a key " +
			"attribute cannot contain an empty string value. IndexName: schema, IndexKey: team"},
		{"long hash", `"team":{"S":"` + strings.Repeat("x", 2049) + `"}`, "One or more parameter " +
			"values were invalid: Aggregate size for HASH key attributes exceeds the maximum of " +
			"2048 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			requireRefused(t, s, "PutItem", putOf("x", c.member), validation, c.text)
		})
	}
	put(t, s, "x", vectorOf("1", "0", "0"))
	requireRefused(t, s, "UpdateItem", object(nameOf("things"), `"Key":{"pk":{"S":"x"}}`,
		`"UpdateExpression":"SET v = list_append(v, v)"`), validation,
		bad+"size for parameter v, Expected: 3, Actual: 6 IndexName: plain")
}

func TestVectorCapacity(t *testing.T) {
	t.Parallel()
	s := newService()
	newThings(t, s, vectorIndexes(vectorIndex("vix", "COSINE")))
	written := func(response map[string]any) any {
		return at(response, "ConsumedCapacity", "VectorIndexes", "vix", "VectorWriteRequestBytes")
	}
	response := put(t, s, "a", vectorOf("1", "0", "0"))
	require.Equal(t, 1024.0, written(response), "at least a kilobyte")
	require.Equal(t, 1.0, at(response, "ConsumedCapacity", "CapacityUnits"), "bytes are no units")
	require.Nil(t, written(put(t, s, "a", vectorOf("1", "0", "0"))), "nothing changed")
	require.Nil(t, written(put(t, s, "b")), "nothing in the index")
	long := strings.Repeat("x", 2000)
	response = put(t, s, "a", vectorOf("0", "1", "0"), `"z":{"S":"`+long+`"}`)
	require.Equal(t, float64(4*3+len("v")+len("pk")+len("a")+len("z")+len(long)), written(response))

	request := search("vix", numbers("1", "0", "0"), `"ReturnConsumedCapacity":"TOTAL"`)
	consumed := at(call(t, s, "SearchVectors", request), "ConsumedCapacity")
	require.Equal(t, map[string]any{
		"VectorSearchRequestBytes": 17.6*3 + float64(len("pk")+len("a")+len("z")+len(long)),
	}, consumed)
	require.Nil(t, call(t, s, "SearchVectors", search("vix", numbers("1", "0", "0")))["Consumed"])
}

func TestSearchVectorsRefusals(t *testing.T) {
	t.Parallel()
	s := newService()
	newThings(t, s, `"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"},`+
		`{"AttributeName":"team","AttributeType":"S"},`+
		`{"AttributeName":"kind","AttributeType":"S"}]`,
		vectorIndexes(vectorIndex("plain", "COSINE"),
			vectorIndex("schema", "COSINE", schema("team", "kind"))))
	one := numbers("1", "0", "0")
	where := func(condition, values string) string {
		return search("schema", one, `"SearchConditionExpression":"`+condition+`"`,
			`"ExpressionAttributeValues":`+values)
	}
	topK := func(k string) string {
		return strings.Replace(search("plain", one), `"TopK":10`, `"TopK":`+k, 1)
	}
	const envelope = "1 validation error detected: "
	const comparator = "Invalid SearchConditionExpression: Invalid comparator used in " +
		"SearchConditionExpression"
	for _, c := range []struct{ name, request, text string }{
		{"TopK 0", topK("0"), envelope + "Value '0' at 'topK' failed to satisfy constraint: " +
			"Member must have value greater than or equal to 1"},
		{"TopK 101", topK("101"), "Provided TopK value '101' is out of valid range. The value " +
			"must be between 1 and 100 inclusive"},
		{"no TopK", topK("null"), envelope + "Value null at 'topK' failed to satisfy " +
			"constraint: Member must not be null"},
		{"a short name", search("ab", one), envelope + "Value at 'IndexName' failed to satisfy " +
			"constraint: Member must have length greater than or equal to 3"},
		{"no index", search("absent", one),
			"The table does not have the specified index: absent"},
		{"no vector", search("plain", "[]"), envelope + "Value at 'SearchVector' failed to " +
			"satisfy constraint: Member must have length greater than or equal to 1"},
		{"dimensions", search("plain", numbers("1", "0")),
			"Input search vector dimension 2 does not match vector index dimension 3"},
		{"a list", search("plain", `[{"L":`+numbers("1", "0", "0")+`}]`), "Search vector " +
			"contains invalid values. All values in the search vector must be a 32-bit " +
			"floating-point number attribute"},
		{"out of range", search("plain", numbers("1e39", "0", "0")), "Search vector " +
			"contains invalid values. All values in the search vector must be a 32-bit " +
			"floating-point number attribute"},
		{"no hash", search("schema", one),
			"SearchConditionExpression must be provided when SearchSchema has a HASH key"},
		{"only a filter", where("kind = :k", `{":k":{"S":"x"}}`),
			"SearchConditionExpression must be provided when SearchSchema has a HASH key"},
		{"an inequality", where("team = :t AND kind < :t", `{":t":{"S":"x"}}`), comparator},
		{"OR", where("team = :t OR kind = :t", `{":t":{"S":"x"}}`), comparator},
		{"a function", where("begins_with(team, :t)", `{":t":{"S":"x"}}`), comparator},
		{"another attribute", where("team = :t AND pk = :t", `{":t":{"S":"x"}}`),
			"SearchConditionExpression must not contain any attributes that is not in " +
				"SearchSchema. Invalid attribute: pk"},
		{"another type", where("team = :t", `{":t":{"N":"1"}}`), "Type of 'team' attribute in " +
			"SearchConditionExpression (N) does not match type in search schema (S)"},
		{"an empty hash", where("team = :t", `{":t":{"S":""}}`), "One or more parameter values " +
			"are not valid. The AttributeValue for a key attribute cannot contain an empty " +
			"string value. Key: team"},
		{"a reserved word", where("bucket = :t", `{":t":{"S":"x"}}`), "Invalid " +
			"SearchConditionExpression: Attribute name is a reserved keyword; reserved keyword: " +
			"bucket"},
		{"an unused value", where("team = :t", `{":t":{"S":"x"},":u":{"S":"x"}}`), "Value " +
			"provided in ExpressionAttributeValues unused in expressions: keys: {:u}"},
		{"values alone", search("plain", one, `"ExpressionAttributeValues":{":t":{"S":"x"}}`),
			"ExpressionAttributeValues can only be specified when using expressions: " +
				"SearchConditionExpression is null"},
	} {
		t.Run(c.name, func(t *testing.T) {
			requireRefused(t, s, "SearchVectors", c.request, validation, c.text)
		})
	}
	requireRefused(t, s, "SearchVectors", strings.Replace(search("plain", one), "things", "none", 1),
		"ResourceNotFoundException", "Requested resource not found")
	for _, operation := range []string{"Query", "Scan"} {
		request := object(nameOf("things"), `"IndexName":"plain"`)
		if operation == "Query" {
			request = object(nameOf("things"), `"IndexName":"plain"`,
				`"KeyConditionExpression":"pk = :p"`,
				`"ExpressionAttributeValues":{":p":{"S":"x"}}`)
		}
		requireRefused(t, s, operation, request, validation,
			operation+" operation not supported on this index type.")
	}
}

func TestVectorIndexesThatAreNotCreated(t *testing.T) {
	t.Parallel()
	s := newService()
	with := func(members ...string) string {
		return object(append([]string{nameOf("things"), key("pk")}, members...)...)
	}
	simple := func(indexes ...string) string {
		return with(define("pk S"), onDemand, vectorIndexes(indexes...))
	}
	vix := vectorIndex("vix", "COSINE")
	of := func(from, to string) string { return strings.Replace(vix, from, to, 1) }
	const wrong = "One or more parameter values were invalid: "
	const envelope = "1 validation error detected: "
	six := make([]string, 6)
	for i := range six {
		six[i] = vectorIndex("vix"+strconv.Itoa(i), "COSINE")
	}
	filters := make([]string, 19)
	defined := "pk S"
	for i := range filters {
		filters[i] = "f" + strconv.Itoa(i)
		defined += ", " + filters[i] + " S"
	}
	for _, c := range []struct{ name, request, text string }{
		{"provisioned", with(define("pk S"), fiveUnits, vectorIndexes(vix)),
			wrong + "Vector indexes are only supported for PAY_PER_REQUEST tables"},
		{"no dimensions", simple(of(`"Dimensions":3`, `"Dimensions":0`)), envelope + "Value '0' " +
			"at 'vectorIndexes.1.member.dimensions' failed to satisfy constraint: Member must " +
			"have value greater than or equal to 1"},
		{"too many dimensions", simple(of(`"Dimensions":3`, `"Dimensions":4097`)),
			wrong + "Number of dimensions must be between 1 and 4096 inclusive."},
		{"distance", simple(vectorIndex("vix", "MANHATTAN")), envelope + "Value 'MANHATTAN' at " +
			"'vectorIndexes.1.member.distanceFunction' failed to satisfy constraint: Member " +
			"must satisfy enum value set: [COSINE, DOT_PRODUCT, EUCLIDEAN]"},
		{"a short name", simple(vectorIndex("vx", "COSINE")), envelope + "Value 'vx' at " +
			"'vectorIndexes.1.member.indexName' failed to satisfy constraint: Member must have " +
			"length greater than or equal to 3"},
		{"a role", simple(vectorIndex("vix", "COSINE",
			`"SearchSchema":[{"AttributeName":"a","SearchSchemaElementType":"RANGE"}]`)),
			envelope + "Value 'RANGE' at 'vectorIndexes.1.member.searchSchema.1.member." +
				"searchSchemaElementType' failed to satisfy constraint: Member must satisfy enum " +
				"value set: [HASH, INLINE_FILTER]"},
		{"undefined", simple(vectorIndex("vix", "COSINE", schema("team"))),
			wrong + "One element in SearchSchema is not defined in attribute definitions"},
		{"two hashes", with(define("pk S, a S, b S"), onDemand, vectorIndexes(
			vectorIndex("vix", "COSINE", strings.Replace(schema("a", "b"), inlineFilter, "HASH", 1)))),
			wrong + "Value '2' at 'SearchSchema' failed to satisfy constraint: Member must have " +
				"HASH count less than or equal to 1"},
		{"19 filters", with(define(defined), onDemand, vectorIndexes(
			vectorIndex("vix", "COSINE", schema("", filters...)))),
			wrong + "Value '19' at 'SearchSchema' failed to satisfy constraint: Member must have " +
				"INLINE_FILTER count less than or equal to 18"},
		{"twice", with(define("pk S, a S"), onDemand, vectorIndexes(
			vectorIndex("vix", "COSINE", schema("a", "a")))),
			wrong + "SearchSchema contains a duplicate AttributeName"},
		{"a key as the vector", with(define("pk S, v S"), onDemand, vectorIndexes(vix),
			globals(indexOf("gsi", "v", projectAll))),
			wrong + "Conflicting attribute definition for 'v'. An attribute cannot be defined in " +
				"AttributeDefinitions when used as a VectorAttribute."},
		{"six", simple(six...), wrong + "VectorIndex count exceeds the per-table limit of 5"},
		{"two dimensions", simple(vix, strings.Replace(vectorIndex("vix2", "COSINE"),
			`"Dimensions":3`, `"Dimensions":4`, 1)),
			wrong + "Conflicting attribute definition for 'v'. All VectorIndexes on the same " +
				"vector attribute must use the same dimensions."},
		{"one name", simple(vix, vix), wrong + "Duplicate index name: vix"},
		{"a global index's name", with(define("pk S, g S"), onDemand, vectorIndexes(vix),
			globals(indexOf("vix", "g", projectAll))), wrong + "Duplicate index name: vix"},
	} {
		t.Run(c.name, func(t *testing.T) {
			requireRefused(t, s, "CreateTable", c.request, validation, c.text)
		})
	}
}

func TestVectorIndexesAreDescribed(t *testing.T) {
	t.Parallel()
	s := newService()
	created := newThings(t, s, `"AttributeDefinitions":[{"AttributeName":"pk",`+
		`"AttributeType":"S"},{"AttributeName":"team","AttributeType":"S"}]`,
		vectorIndexes(vectorIndex("vix", "EUCLIDEAN", schema("team"), projectKeys)))
	require.Equal(t, "CREATING", at(created, "TableDescription", "VectorIndexes", "IndexStatus"))
	put(t, s, "a", vectorOf("1", "0", "0"), `"team":{"S":"x"}`)
	require.Equal(t, []any{map[string]any{
		"IndexName":        "vix",
		"VectorAttribute":  map[string]any{"AttributeName": "v"},
		"Dimensions":       3.0,
		"DistanceFunction": "EUCLIDEAN",
		"SearchSchema": []any{map[string]any{
			"AttributeName": "team", "SearchSchemaElementType": "HASH",
		}},
		"Projection":     map[string]any{"ProjectionType": "KEYS_ONLY"},
		"IndexStatus":    "ACTIVE",
		"IndexSizeBytes": 4*3 + 1 + 2 + 1 + 4 + 1.0,
		"ItemCount":      1.0,
		"IndexArn":       "arn:aws:dynamodb:us-east-1:000000000000:table/things/index/vix",
	}}, at(described(t, s), "VectorIndexes"))
}

func TestUpdateTableWithVectorIndexes(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := New(Options{Now: clock.Now, TableDelay: 10 * time.Second})
	newThings(t, s)
	clock.add(10 * time.Second)
	put(t, s, "a", vectorOf("1", "0", "0"))
	put(t, s, "bad", `"v":{"S":"x"}`)
	add := func(name string, more ...string) string {
		return `{"Create":` + vectorIndex(name, "COSINE", more...) + `}`
	}
	drop := func(name string) string { return `{"Delete":{"IndexName":"` + name + `"}}` }
	change := func(updates string, more ...string) string {
		return modify(append([]string{`"VectorIndexUpdates":[` + updates + `]`}, more...)...)
	}
	one := numbers("1", "0", "0")
	requireRefused(t, s, "UpdateTable", change(add("vix")+","+add("vix2")),
		"LimitExceededException", "Subscriber limit exceeded: "+oneOnline)
	requireRefused(t, s, "UpdateTable", change(drop("vix")), "ResourceNotFoundException",
		"Requested resource not found: Index vix for table things")
	requireRefused(t, s, "UpdateTable", change(add("vix", schema("team"))), validation,
		"One or more parameter values were invalid: One element in SearchSchema is not defined "+
			"in attribute definitions")

	call(t, s, "UpdateTable", change(add("vix")))
	require.Equal(t, "UPDATING", at(described(t, s), "TableStatus"))
	require.Equal(t, false, at(described(t, s), "VectorIndexes", "Backfilling"))
	const filling = "Cannot search backfilling vector index: vix"
	requireRefused(t, s, "SearchVectors", search("vix", one), validation, filling)
	requireRefused(t, s, "UpdateTable", change(drop("vix")), "ResourceInUseException",
		"Attempt to change a resource which is still in use: Index creation is in resource "+
			"allocation phase. Retry deletion during backfilling phase or when the index is "+
			"active. Table: things Index: vix")
	clock.add(6 * time.Second)
	require.Equal(t, true, at(described(t, s), "VectorIndexes", "Backfilling"))
	require.Equal(t, "ACTIVE", at(described(t, s), "TableStatus"))
	require.Equal(t, "CREATING", at(described(t, s), "VectorIndexes", "IndexStatus"))
	requireRefused(t, s, "SearchVectors", search("vix", one), validation, filling)
	requireRefused(t, s, "DeleteTable", describedName, "ResourceInUseException",
		"Attempt to change a resource which is still in use: Cannot delete table while indexes "+
			"are being created, updated, or deleted.")
	clock.add(4 * time.Second)
	require.Equal(t, "ACTIVE", at(described(t, s), "VectorIndexes", "IndexStatus"))
	require.Nil(t, at(described(t, s), "VectorIndexes", "Backfilling"))
	keys, _ := found(t, s, search("vix", one))
	require.Equal(t, []string{"a"}, keys, "an old item that is not valid is left out")

	requireRefused(t, s, "UpdateTable", modify(`"BillingMode":"PROVISIONED"`, fiveUnits),
		validation, "One or more parameter values were invalid: "+vectorsOnDemand)
	call(t, s, "UpdateTable", change(drop("vix")))
	require.Equal(t, "DELETING", at(described(t, s), "VectorIndexes", "IndexStatus"))
	requireRefused(t, s, "SearchVectors", search("vix", one), validation,
		"The table does not have the specified index: vix")
	clock.add(10 * time.Second)
	require.Nil(t, at(described(t, s), "VectorIndexes"))
}

func TestSearchVectorsMayBeStale(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := New(Options{Now: clock.Now, StaleReads: time.Second})
	newThings(t, s, vectorIndexes(vectorIndex("vix", "COSINE")))
	put(t, s, "a", vectorOf("1", "0", "0"))
	clock.add(2 * time.Second)
	put(t, s, "b", vectorOf("1", "0", "0"))
	keys, _ := found(t, s, search("vix", numbers("1", "0", "0")))
	require.Equal(t, []string{"a"}, keys)
	clock.add(2 * time.Second)
	keys, _ = found(t, s, search("vix", numbers("1", "0", "0")))
	require.Len(t, keys, 2)
}

func TestSearchVectorsMayMissANeighbor(t *testing.T) {
	t.Parallel()
	s := New(Options{Now: newClock().Now, Seed: 7})
	newThings(t, s, vectorIndexes(vectorIndex("vix", "EUCLIDEAN")))
	for i := range 20 {
		put(t, s, strconv.Itoa(i), vectorOf(strconv.Itoa(i/2), "0", "0"))
	}
	missed, orders := 0, map[string]bool{}
	for range 200 {
		keys, scores := found(t, s, search("vix", numbers("0", "0", "0")))
		require.True(t, slices.IsSorted(scores))
		require.Len(t, keys, 10, "the next one takes the place of one that was missed")
		require.Zero(t, scores[0])
		if scores[9] > 4 {
			missed++
		}
		orders[strings.Join(keys[:2], " ")] = true
	}
	require.Greater(t, missed, 2)
	require.Less(t, missed, 100)
	require.Greater(t, len(orders), 1, "equal scores have no order")
}

// TestSearchVectorsFindsTheNearest compares searches of random vectors with the sorted distances.
func TestSearchVectorsFindsTheNearest(t *testing.T) {
	t.Parallel()
	const items, dimensions = 400, 17
	for _, distance := range []string{"COSINE", "EUCLIDEAN", "DOT_PRODUCT"} {
		t.Run(distance, func(t *testing.T) {
			t.Parallel()
			s := newService()
			newThings(t, s, vectorIndexes(strings.Replace(vectorIndex("vix", distance),
				`"Dimensions":3`, fmt.Sprintf(`"Dimensions":%d`, dimensions), 1)))
			r := rand.New(rand.NewPCG(1, 2))
			random := func() ([]float64, []string) {
				vector, text := make([]float64, dimensions), make([]string, dimensions)
				for i := range vector {
					f := float32(r.NormFloat64())
					vector[i] = float64(f)
					text[i] = strconv.FormatFloat(float64(f), 'g', -1, 32)
				}
				return vector, text
			}
			vectors := make([][]float64, items)
			for i := range vectors {
				var text []string
				vectors[i], text = random()
				put(t, s, strconv.Itoa(i), vectorOf(text...))
			}
			to, text := random()
			order := make([]int, items)
			for i := range order {
				order[i] = i
			}
			slices.SortFunc(order, func(a, b int) int {
				return cmp.Compare(naive(distance, to, vectors[a]), naive(distance, to, vectors[b]))
			})
			keys, scores := found(t, s, search("vix", numbers(text...)))
			for i, key := range keys {
				require.Equal(t, strconv.Itoa(order[i]), key)
				sign := 1.0
				if distance == "DOT_PRODUCT" {
					sign = -1
				}
				require.InDelta(t, sign*naive(distance, to, vectors[order[i]]), scores[i], 1e-5)
			}
		})
	}
}

// naive returns a distance that is the smaller, the nearer the vectors are.
func naive(distance string, a, b []float64) float64 {
	dot, aa, bb, difference := 0.0, 0.0, 0.0, 0.0
	for i := range a {
		dot += a[i] * b[i]
		aa += a[i] * a[i]
		bb += b[i] * b[i]
		difference += (a[i] - b[i]) * (a[i] - b[i])
	}
	switch distance {
	case "COSINE":
		return 1 - dot/math.Sqrt(aa)/math.Sqrt(bb)
	case "EUCLIDEAN":
		return math.Sqrt(difference)
	}
	return -dot
}
