package tests

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/internal/wire"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// rewrite loads an item, edits it, and returns what a save would write.
func rewrite[T dynamapper.IsModel](t *testing.T, raw string, edit func(*T)) map[string]string {
	t.Helper()
	table := fixtures.OfflineTable[T](t)
	item, err := table.UnmarshalItemJSON([]byte(raw))
	require.NoError(t, err)
	if edit != nil {
		edit(item)
	}
	written, err := table.MarshalItem(item)
	require.NoError(t, err)
	texts := make(map[string]string, len(written))
	for attribute, value := range written {
		text, err := wire.AppendValue(nil, value)
		require.NoError(t, err)
		texts[attribute] = string(text)
	}
	return texts
}

type keptItem struct {
	dynamapper.Model `dynamo:"keepers"`
	ID               string         `dynamo:"id,hash"`
	Text             string         `dynamo:"text"`
	Number           float64        `dynamo:"number"`
	Flag             bool           `dynamo:"flag"`
	At               time.Time      `dynamo:"at"`
	JSON             map[string]any `dynamo:"json"`
	Doc              keptDocument   `dynamo:"doc,document"`
	List             []json.Number  `dynamo:"list,document"`
	Nums             []json.Number  `dynamo:"nums,set"`
	Tags             []string       `dynamo:"tags,set"`
	Any              any            `dynamo:"any,document"`
	Zero             int            `dynamo:"zero,omitempty"`
	Point            *coordinates   `dynamo:"coordinates"`
}

type keptDocument struct {
	A    int           `dynamo:"a"`
	At   time.Time     `dynamo:"at"`
	Kids []coordinates `dynamo:"kids"`
}

// An unedited field keeps its spelling, and members inside it that the model does not know.
func TestUneditedIsWrittenBackRaw(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ rule, attribute, raw string }{
		{"an unknown attribute", "other", `{"M":{"x":{"L":[{"NS":["1.0"]}]}}}`},
		{"an unknown attribute of 38 digits", "other",
			`{"N":"12345678901234567890123456789012345678"}`},
		{"an empty string", "text", `{"S":""}`},
		{"NULL", "text", `{"NULL":true}`},
		{"NULL for a number", "number", `{"NULL":true}`},
		{"NULL for a struct", "doc", `{"NULL":true}`},
		{"a number's spelling", "number", `{"N":"1E2"}`},
		{"a number of more digits than a float has", "number", `{"N":"0.1000000000000000000001"}`},
		{"a bool as number", "flag", `{"N":"1"}`},
		{"a bool as number, false", "flag", `{"N":"0"}`},
		{"microseconds", "at", `{"S":"2012-05-31T12:00:00.000042+00:00"}`},
		{"an offset", "at", `{"S":"2012-05-31T14:00:00+02:00"}`},
		{"the spaces of JSON", "json", inS(`{ "b" : 1.0, "a": "\u00e9" }`)},
		{"a big number in JSON", "json", inS(`{"n": 12345678901234567890}`)},
		{"JSON of nothing", "json", inS(` {} `)},
		{"JSON null", "json", inS(`null`)},
		{"a document in a JSON field", "json", `{"M":{"a":{"N":"1E2"}}}`},
		{"JSON members that a struct does not know", "coordinates",
			inS(`{"x": 1, "y": 2, "z": 3}`)},
		{"numbers inside a document", "doc", `{"M":{"a":{"N":"1E2"}}}`},
		{"members of a document that the struct does not know", "doc",
			`{"M":{"a":{"N":"1"},"new":{"SS":["x"]},"kids":{"L":[{"M":{"x":{"N":"1"},"z":{"N":"3"}}}]}}}`},
		{"microseconds inside a document", "doc",
			`{"M":{"a":{"N":"1"},"at":{"S":"2012-05-31T12:00:00.000042+00:00"}}}`},
		{"a document as JSON", "doc", inS(`{"A": 1}`)},
		{"a list's numbers", "list", `{"L":[{"N":"1E2"},{"N":"2.0"}]}`},
		{"a set's order and spelling", "nums", `{"NS":["3","1.0","2E0"]}`},
		{"any", "any", `{"L":[{"N":"1E2"},{"NS":["1","2"]},{"NULL":true},{"S":""}]}`},
		{"a zero that omitempty would leave out", "zero", `{"N":"0"}`},
		{"an empty document", "list", `{"L":[]}`},
	} {
		t.Run(test.rule, func(t *testing.T) {
			raw := `{"id":{"S":"1"},"` + test.attribute + `":` + test.raw + `}`
			got := rewrite[keptItem](t, raw, nil)
			require.JSONEq(t, test.raw, got[test.attribute])
			got = rewrite(t, raw, func(k *keptItem) { k.ID = "2" })
			require.JSONEq(t, test.raw, got[test.attribute], "beside an edit of another field")
			require.Equal(t, `{"S":"2"}`, got["id"])
		})
	}
}

// Setting the same value again is not an edit; setting another value is.
func TestEditsAreJudgedByValue(t *testing.T) {
	t.Parallel()
	noon := time.Date(2012, 5, 31, 12, 0, 0, 42000, time.UTC)
	for _, test := range []struct {
		rule      string
		attribute string
		raw       string
		edit      func(*keptItem)
		want      string // empty for unchanged, "-" for missing
	}{
		{"the same time in another zone", "at", `{"S":"2012-05-31T12:00:00.000042+00:00"}`,
			func(k *keptItem) { k.At = noon.In(time.FixedZone("", 3600)) }, ""},
		{"another time", "at", `{"S":"2012-05-31T12:00:00.000042+00:00"}`,
			func(k *keptItem) { k.At = noon.Add(1) }, `{"S":"2012-05-31T12:00:00.000042001Z"}`},
		{"the same number", "number", `{"N":"1E2"}`, func(k *keptItem) { k.Number = 100 }, ""},
		{"-0 for 0", "number", `{"N":"0"}`, func(k *keptItem) { k.Number *= -1 }, ""},
		{"another number", "number", `{"N":"1E2"}`, func(k *keptItem) { k.Number = 100.5 },
			`{"N":"100.5"}`},
		{"the same JSON", "json", inS(`{ "b": [1], "a": 2 }`), func(k *keptItem) {
			k.JSON = map[string]any{"a": json.Number("2"), "b": []any{json.Number("1")}}
		}, ""},
		{"other JSON", "json", inS(`{ "b": 1, "a": 2 }`), func(k *keptItem) { delete(k.JSON, "b") },
			inS(`{"a":2}`)},
		{"a set in another order", "tags", `{"SS":["b","a"]}`,
			func(k *keptItem) { k.Tags = []string{"a", "b", "a"} }, ""},
		{"a set with other members", "tags", `{"SS":["b","a"]}`,
			func(k *keptItem) { k.Tags = k.Tags[:1] }, `{"SS":["b"]}`},
		{"a set of the same numbers", "nums", `{"NS":["1.0","2E0"]}`,
			func(k *keptItem) { k.Nums = []json.Number{"2", "1"} }, ""},
		{"the same numbers in a list", "list", `{"L":[{"N":"1E2"}]}`,
			func(k *keptItem) { k.List = []json.Number{"100.0"} }, ""},
		{"another order of a list", "list", `{"L":[{"N":"1"},{"N":"2"}]}`,
			func(k *keptItem) { k.List = []json.Number{"2", "1"} }, `{"L":[{"N":"2"},{"N":"1"}]}`},
		{"a bool turned", "flag", `{"N":"1"}`, func(k *keptItem) { k.Flag = false },
			`{"BOOL":false}`},
		{"a member of a document", "doc", `{"M":{"a":{"N":"1E2"}}}`,
			func(k *keptItem) { k.Doc.A++ },
			`{"M":{"a":{"N":"101"}}}`},
		{"a field emptied", "text", `{"S":"x"}`, func(k *keptItem) { k.Text = "" }, "-"},
		{"an empty string set to something", "text", `{"S":""}`, func(k *keptItem) { k.Text = "x" },
			`{"S":"x"}`},
		{"NULL set to something", "number", `{"NULL":true}`, func(k *keptItem) { k.Number = 1 },
			`{"N":"1"}`},
		{"a pointer set to nil", "coordinates", inS(`{"x":0,"y":0}`),
			func(k *keptItem) { k.Point = nil },
			"-"},
		{"a missing field set to zero stays zero", "number", `{"N":"0"}`,
			func(k *keptItem) { k.Number = 0 }, ""},
		{"any edited", "any", `{"L":[{"N":"1E2"}]}`,
			func(k *keptItem) { k.Any = append(k.Any.([]any), "x") },
			`{"L":[{"N":"1E2"},{"S":"x"}]}`},
	} {
		t.Run(test.rule, func(t *testing.T) {
			raw := `{"id":{"S":"1"},"` + test.attribute + `":` + test.raw + `}`
			got := rewrite(t, raw, test.edit)[test.attribute]
			switch test.want {
			case "":
				require.JSONEq(t, test.raw, got)
			case "-":
				require.Empty(t, got)
			default:
				require.Equal(t, test.want, got)
			}
		})
	}
}

// A save does not add a zero value that was not stored.
func TestMissingAttributesAreNotAdded(t *testing.T) {
	t.Parallel()
	got := rewrite(t, `{"id":{"S":"1"},"other":{"S":"x"}}`, func(k *keptItem) { k.Text = "new" })
	require.Equal(t,
		map[string]string{"id": `{"S":"1"}`, "other": `{"S":"x"}`, "text": `{"S":"new"}`}, got)
	got = rewrite(t, `{"id":{"S":"1"}}`, func(k *keptItem) { k.Number = 1 })
	require.Equal(t, `{"N":"1"}`, got["number"])
}

// Model{} makes an item new, and a copy of a struct copies its snapshot.
func TestNewItemsHaveNoSnapshot(t *testing.T) {
	t.Parallel()
	table := fixtures.OfflineTable[keptItem](t)
	item, err := table.UnmarshalItemJSON(
		[]byte(`{"id":{"S":"1"},"other":{"S":"x"},"number":{"N":"1E2"}}`))
	require.NoError(t, err)
	require.False(t, table.IsNew(item))
	require.Equal(t, &types.AttributeValueMemberS{Value: "x"}, table.Snapshot(item)["other"])

	copied := *item
	raw, err := table.MarshalItem(&copied)
	require.NoError(t, err)
	require.Contains(t, raw, "other")

	copied.Model = dynamapper.Model{}
	require.True(t, table.IsNew(&copied))
	require.Nil(t, table.Snapshot(&copied))
	raw, err = table.MarshalItem(&copied)
	require.NoError(t, err)
	require.NotContains(t, raw, "other")
	require.Equal(t, &types.AttributeValueMemberN{Value: "100"}, raw["number"])
}
