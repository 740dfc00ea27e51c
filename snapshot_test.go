package dynamapper

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// The models of dynamodb-mapper's documentation, for items that it wrote.
type (
	doomMap struct {
		Model     `dynamo:"doom_map"`
		EpisodeID int      `dynamo:"episode_id,hash"`
		Name      string   `dynamo:"name,range"`
		World     string   `dynamo:"world"`
		Cheats    []string `dynamo:"cheats,set"`
	}
	doomMonsterMap struct {
		Model    `dynamo:"doom_monster_map"`
		MapID    int            `dynamo:"map_id,hash"`
		Monsters map[string]any `dynamo:"monsters"`
	}
	patch struct {
		Model       `dynamo:"patch"`
		Datetime    time.Time `dynamo:"datetime,hash,layout=2006-01-02T15:04:05.000000-07:00"`
		Description string    `dynamo:"description"`
	}
	gameReport struct {
		Model     `dynamo:"game_report"`
		PlayerIDs string    `dynamo:"player_ids,hash"`
		Datetime  time.Time `dynamo:"datetime,range"`
		Score     float64   `dynamo:"score"`
	}
	campaignStatus struct {
		Model     `dynamo:"doom_campaign_status"`
		ID        int    `dynamo:"id,hash"`
		Name      string `dynamo:"name"`
		Completed bool   `dynamo:"completed"`
	}
	logEntry struct {
		Model `dynamo:"log_entry"`
		ID    int    `dynamo:"id,hash,autoincrement"`
		Text  string `dynamo:"text"`
	}
	userPurchase struct {
		Model       `dynamo:"user_purchase"`
		RequesterID int       `dynamo:"requester_id,hash"`
		Datetime    time.Time `dynamo:"datetime,range"`
		Status      string    `dynamo:"status"`
	}
)

// rewrite loads an item, edits it, and returns what a save would write.
func rewrite[T IsModel](t *testing.T, raw string, edit func(*T)) map[string]string {
	t.Helper()
	table := tableOf[T](t)
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

// Items of dynamodb-mapper are decoded and written back byte for byte.
func TestOriginalItems(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/python_items.json")
	require.NoError(t, err)
	var tables []struct {
		Table string            `json:"table"`
		Items []json.RawMessage `json:"items"`
	}
	require.NoError(t, json.Unmarshal(text, &tables))
	rewrites := map[string]func(string) map[string]string{
		"doom_map": func(raw string) map[string]string {
			return rewrite[doomMap](t, raw,
				nil)
		},
		"doom_monster_map": func(raw string) map[string]string {
			return rewrite[doomMonsterMap](
				t, raw, nil)
		},
		"patch": func(raw string) map[string]string {
			return rewrite[patch](t, raw,
				nil)
		},
		"game_report": func(raw string) map[string]string {
			return rewrite[gameReport](t,
				raw, nil)
		},
		"doom_campaign_status": func(raw string) map[string]string {
			return rewrite[campaignStatus](
				t, raw, nil)
		},
		"log_entry": func(raw string) map[string]string {
			return rewrite[logEntry](t, raw,
				nil)
		},
		"user_purchase": func(raw string) map[string]string {
			return rewrite[userPurchase](t, raw,
				nil)
		},
	}
	require.Len(t, tables, len(rewrites))
	for _, table := range tables {
		for _, raw := range table.Items {
			require.Equal(t, attributesOf(t, string(raw)), rewrites[table.Table](string(raw)),
				table.Table)
		}
	}
}

// attributesOf returns the attributes of an item with normalized spacing.
func attributesOf(t *testing.T, raw string) map[string]string {
	t.Helper()
	item, err := wire.ParseItem(raw)
	require.NoError(t, err)
	texts := make(map[string]string, len(item))
	for attribute, value := range item {
		text, err := wire.AppendValue(nil, value)
		require.NoError(t, err)
		texts[attribute] = string(text)
	}
	return texts
}

// Items of dynamodb-mapper decode to these values.
func TestOriginalValues(t *testing.T) {
	t.Parallel()
	report, err := tableOf[gameReport](t).
		UnmarshalItemJSON([]byte(`{"player_ids":{"S":"[\"duke3d\"]"},
		"datetime":{"S":"1998-01-02T03:04:05.678900+00:00"},"score":{"N":"-1.5e-07"}}`))
	require.NoError(t, err)
	require.Equal(t, `["duke3d"]`, report.PlayerIDs)
	require.Equal(t, time.Date(1998, 1, 2, 3, 4, 5, 678900000, time.UTC), report.Datetime)
	require.Equal(t, -1.5e-07, report.Score)
	status, err := tableOf[campaignStatus](t).
		UnmarshalItemJSON([]byte(`{"id":{"N":"1"},"completed":{"N":"1"}}`))
	require.NoError(t, err)
	require.True(t, status.Completed)
}

type keeper struct {
	Model  `dynamo:"keepers"`
	ID     string         `dynamo:"id,hash"`
	Text   string         `dynamo:"text"`
	Number float64        `dynamo:"number"`
	Flag   bool           `dynamo:"flag"`
	At     time.Time      `dynamo:"at"`
	JSON   map[string]any `dynamo:"json"`
	Doc    keeperDoc      `dynamo:"doc,document"`
	List   []json.Number  `dynamo:"list,document"`
	Nums   []json.Number  `dynamo:"nums,set"`
	Tags   []string       `dynamo:"tags,set"`
	Any    any            `dynamo:"any,document"`
	Zero   int            `dynamo:"zero,omitempty"`
	Point  *point         `dynamo:"point"`
}

type keeperDoc struct {
	A    int       `dynamo:"a"`
	At   time.Time `dynamo:"at"`
	Kids []point   `dynamo:"kids"`
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
		{"JSON members that a struct does not know", "point", inS(`{"x": 1, "y": 2, "z": 3}`)},
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
			got := rewrite[keeper](t, raw, nil)
			require.JSONEq(t, test.raw, got[test.attribute])
			got = rewrite(t, raw, func(k *keeper) { k.ID = "2" })
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
		edit      func(*keeper)
		want      string // empty for unchanged, "-" for missing
	}{
		{"the same time in another zone", "at", `{"S":"2012-05-31T12:00:00.000042+00:00"}`,
			func(k *keeper) { k.At = noon.In(time.FixedZone("", 3600)) }, ""},
		{"another time", "at", `{"S":"2012-05-31T12:00:00.000042+00:00"}`,
			func(k *keeper) { k.At = noon.Add(1) }, `{"S":"2012-05-31T12:00:00.000042001Z"}`},
		{"the same number", "number", `{"N":"1E2"}`, func(k *keeper) { k.Number = 100 }, ""},
		{"-0 for 0", "number", `{"N":"0"}`, func(k *keeper) { k.Number *= -1 }, ""},
		{"another number", "number", `{"N":"1E2"}`, func(k *keeper) { k.Number = 100.5 },
			`{"N":"100.5"}`},
		{"the same JSON", "json", inS(`{ "b": [1], "a": 2 }`), func(k *keeper) {
			k.JSON = map[string]any{"a": json.Number("2"), "b": []any{json.Number("1")}}
		}, ""},
		{"other JSON", "json", inS(`{ "b": 1, "a": 2 }`), func(k *keeper) { delete(k.JSON, "b") },
			inS(`{"a":2}`)},
		{"a set in another order", "tags", `{"SS":["b","a"]}`,
			func(k *keeper) { k.Tags = []string{"a", "b", "a"} }, ""},
		{"a set with other members", "tags", `{"SS":["b","a"]}`,
			func(k *keeper) { k.Tags = k.Tags[:1] }, `{"SS":["b"]}`},
		{"a set of the same numbers", "nums", `{"NS":["1.0","2E0"]}`,
			func(k *keeper) { k.Nums = []json.Number{"2", "1"} }, ""},
		{"the same numbers in a list", "list", `{"L":[{"N":"1E2"}]}`,
			func(k *keeper) { k.List = []json.Number{"100.0"} }, ""},
		{"another order of a list", "list", `{"L":[{"N":"1"},{"N":"2"}]}`,
			func(k *keeper) { k.List = []json.Number{"2", "1"} }, `{"L":[{"N":"2"},{"N":"1"}]}`},
		{"a bool turned", "flag", `{"N":"1"}`, func(k *keeper) { k.Flag = false },
			`{"BOOL":false}`},
		{"a member of a document", "doc", `{"M":{"a":{"N":"1E2"}}}`, func(k *keeper) { k.Doc.A++ },
			`{"M":{"a":{"N":"101"}}}`},
		{"a field emptied", "text", `{"S":"x"}`, func(k *keeper) { k.Text = "" }, "-"},
		{"an empty string set to something", "text", `{"S":""}`, func(k *keeper) { k.Text = "x" },
			`{"S":"x"}`},
		{"NULL set to something", "number", `{"NULL":true}`, func(k *keeper) { k.Number = 1 },
			`{"N":"1"}`},
		{"a pointer set to nil", "point", inS(`{"x":0,"y":0}`), func(k *keeper) { k.Point = nil },
			"-"},
		{"a missing field set to zero stays zero", "number", `{"N":"0"}`,
			func(k *keeper) { k.Number = 0 }, ""},
		{"any edited", "any", `{"L":[{"N":"1E2"}]}`,
			func(k *keeper) { k.Any = append(k.Any.([]any), "x") },
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
	got := rewrite(t, `{"id":{"S":"1"},"other":{"S":"x"}}`, func(k *keeper) { k.Text = "new" })
	require.Equal(t,
		map[string]string{"id": `{"S":"1"}`, "other": `{"S":"x"}`, "text": `{"S":"new"}`}, got)
	got = rewrite(t, `{"id":{"S":"1"}}`, func(k *keeper) { k.Number = 1 })
	require.Equal(t, `{"N":"1"}`, got["number"])
}

// Model{} makes an item new, and a copy of a struct copies its snapshot.
func TestNewItemsHaveNoSnapshot(t *testing.T) {
	t.Parallel()
	table := tableOf[keeper](t)
	item, err := table.UnmarshalItemJSON(
		[]byte(`{"id":{"S":"1"},"other":{"S":"x"},"number":{"N":"1E2"}}`))
	require.NoError(t, err)
	require.False(t, table.IsNew(item))
	require.Equal(t, &types.AttributeValueMemberS{Value: "x"}, table.Snapshot(item)["other"])

	copied := *item
	raw, err := table.MarshalItem(&copied)
	require.NoError(t, err)
	require.Contains(t, raw, "other")

	copied.Model = Model{}
	require.True(t, table.IsNew(&copied))
	require.Nil(t, table.Snapshot(&copied))
	raw, err = table.MarshalItem(&copied)
	require.NoError(t, err)
	require.NotContains(t, raw, "other")
	require.Equal(t, &types.AttributeValueMemberN{Value: "100"}, raw["number"])
}

// Of attributes with the same name, the last one counts, as in any JSON object.
func TestRawItem(t *testing.T) {
	t.Parallel()
	item := `{"b":{"N":"1"},"a":{"S":"x"},"b":{"N":"2"}}`
	raw, err := parseRawItem(item)
	require.NoError(t, err)
	require.Equal(t, rawItem{{Name: "a", Value: `{"S":"x"}`}, {Name: "b", Value: `{"N":"2"}`}}, raw)
	require.True(t, raw.has("a"))
	require.False(t, raw.has("c"))
	require.True(t, raw.equal("b", `{"N":"2.0"}`))
	require.True(t, raw.equal("c", ""))
	require.False(t, raw.equal("a", ""))

	value, err := attributeIn(item, "b")
	require.NoError(t, err)
	require.Equal(t, wire.Raw(`{"N":"2"}`), value)
	value, err = attributeIn(item, "c")
	require.NoError(t, err)
	require.Empty(t, value)
	_, err = attributeIn(item[:20], "a")
	require.Error(t, err)

	empty, err := parseRawItem("{}")
	require.NoError(t, err)
	require.NotNil(t, empty, "an item may have no attributes")
}

// A key has the same identity however its numbers are spelled and its strings escaped.
func TestIdentity(t *testing.T) {
	t.Parallel()
	s, err := schemas.lookup(reflect.TypeFor[doomMap]())
	require.NoError(t, err)
	id := s.identityOf(itemKey{`{"N":"1E2"}`, `{"S":"a/b"}`})
	require.Equal(t, identity{"100", "a/b"}, id)
	for _, raw := range []string{
		`{"episode_id":{"N":"100"},"name":{"S":"a/b"}}`,
		`{"x":{"L":[{"S":"y"}]}, "name":{"S":"a\/b"}, "z":{"NULL":true}, "episode_id":{"N":"100.0"}}`,
	} {
		require.Equal(t, id, s.identityIn(raw), raw)
	}
	require.NotEqual(t, id, s.identityIn(`{"episode_id":{"N":"100"},"name":{"S":"a"}}`))
}

// An outcome is complete when it is returned: what differs is sorted, whichever way it was found,
// and of that the loaded value is expected.
func TestOutcomeIsComplete(t *testing.T) {
	t.Parallel()
	table := tableOf[doomMap](t)
	item, err := table.UnmarshalItemJSON(
		[]byte(`{"episode_id":{"N":"1"},"name":{"S":"a"},"world":{"S":"b"},` +
			`"cheats":{"SS":["c","d"]},"zone":{"S":"kept"}}`))
	require.NoError(t, err)
	item.World, item.Name, item.EpisodeID, item.Cheats = "x", "y", 2, nil
	c, err := table.compare(item)
	require.NoError(t, err)
	o, err := c.outcome()
	require.NoError(t, err)
	require.Equal(t, []string{"cheats", "episode_id", "name", "world"}, o.differing)
	require.Equal(t, wire.Raw(`{"S":"kept"}`), o.written.raw("zone"))
	for _, e := range table.schema.expectLoaded(c.raw, &o) {
		require.True(t, c.raw.equal(e.attribute, e.value), e.attribute)
	}
	changed := o.changes()
	require.Equal(t, change{attribute: "cheats"}, changed[0])
	require.Equal(t,
		change{attribute: "world", value: `{"S":"x"}`}, changed[3])
}
