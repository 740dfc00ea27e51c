package tests

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// jsonNest has structs in JSON wherever they may stand.
type jsonNest struct {
	dynamapper.Model `dynamo:"json-nests"`
	ID               string              `dynamo:"id,hash"`
	Struct           jsonBox             `dynamo:"struct"`
	Map              map[string]*jsonLid `dynamo:"map"`
	List             []jsonLid           `dynamo:"list"`
	Gone             *jsonLid            `dynamo:"gone"`
	Counts           map[string]int      `dynamo:"counts"`
}

type jsonBox struct {
	jsonBase
	Lid  jsonLid   `json:"lid"`
	Lids []jsonLid `json:"lids,omitempty"`
}

type jsonBase struct {
	Slot string `json:"slot"`
	Hint string `json:"hint,omitempty"`
}

type jsonLid struct {
	Slot string `json:"slot"`
}

// Members that a newer program put into the JSON of a struct stay there when the struct is edited,
// as in a document.
func TestUnknownJSONMembersAreKept(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]dynamapper.SaveOption{
		"Save": nil, "FailOnConflict": {dynamapper.FailOnConflict()},
		"ChangedOnly": {dynamapper.ChangedOnly()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			table := fixtures.TableOf[jsonNest](t)
			key := fixtures.Attributes{"id": fixtures.Text("1")}
			fixtures.PutRaw(t, table.Name(), fixtures.Attributes{
				"id": fixtures.Text("1"),
				"struct": fixtures.Text(
					`{"new\"er": {"a": [1.50, "é<"]}, "Slot":"a", "hint":"h", "big": 12345678901234567890,
					"lid": {"slot":"b","newer":1}, "lids": [{"slot":"x","newer":2},
						{"slot":"y","newer":3}]}`,
				),
				"map": fixtures.Text(
					`{"left":{"slot":"l","newer":4},"right":{"slot":"r","newer":5}}`),
				"list": fixtures.Text(
					`[{"slot":"1","newer":6},{"slot":"2","newer":7},{"slot":"3","newer":8}]`),
				"gone":   fixtures.Text(`{"slot":"g","newer":9}`),
				"counts": fixtures.Text(`{"a":1}`),
			})
			item := fixtures.Load(t, table, "1")
			require.Equal(t, "a", item.Struct.Slot, "encoding/json reads other letters, too")
			item.Struct.Slot, item.Struct.Hint, item.Struct.Lid.Slot = "A", "", "B"
			item.Struct.Lids = []jsonLid{{"new"}, {"y"}}
			item.Map["left"].Slot = "L"
			delete(item.Map, "right")
			item.Map["new"] = &jsonLid{"n"}
			item.List = append([]jsonLid{{"0"}}, item.List[0], jsonLid{"edited"}, item.List[2])
			item.Gone = nil
			item.Counts["a"]++
			require.NoError(t, table.Save(t.Context(), item, opts...))
			require.Equal(t, fixtures.Attributes{
				"id": fixtures.Text("1"),
				"struct": fixtures.Text(`{"slot":"A","lid":{"slot":"B","newer":1},` +
					`"lids":[{"slot":"new"},{"slot":"y","newer":3}],` +
					`"new\"er":{"a": [1.50, "é<"]},"big":12345678901234567890}`),
				"map": fixtures.Text(`{"left":{"slot":"L","newer":4},"new":{"slot":"n"}}`),
				"list": fixtures.Text(
					`[{"slot":"0"},{"slot":"1","newer":6},{"slot":"edited"},{"slot":"3","newer":8}]`,
				),
				"counts": fixtures.Text(`{"a":2}`),
			}, fixtures.GetRaw(t, table.Name(), key))
			item.Struct.Slot = "again"
			require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()),
				"the snapshot has them, too")
		})
	}
}

// unread has structs whose JSON may be of another program.
type unread struct {
	dynamapper.Model `dynamo:"unread"`
	ID               string             `dynamo:"id,hash"`
	Gear             jsonUnread         `dynamo:"gear"`
	Pointer          *jsonUnread        `dynamo:"pointer"`
	List             []jsonUnread       `dynamo:"list"`
	Map              map[string]jsonBag `dynamo:"map"`
	Loose            jsonLoose          `dynamo:"loose"`
	None             struct{}           `dynamo:"none"`
	Document         jsonUnread         `dynamo:"document,document"`
}

type jsonUnread struct {
	SlotName string `dynamo:"slot"`
	Power    int    `json:"power"`
}

type jsonBag struct {
	Gear jsonUnread `json:"gear"`
}

type jsonLoose struct {
	Slot string `json:"slot,omitempty" dynamo:"place"`
}

// A JSON object of which the struct reads no member is no empty one.
func TestJSONThatIsNotRead(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[unread](t)
	for _, test := range []struct{ attribute, text, place, problem string }{
		{"gear", `{"slot_name":"hand"}`, "unread.Gear",
			"stores the field SlotName as \"SlotName\"; write `json:\"slot_name\"`"},
		{"gear", `{"slot":"hand"}`, "unread.Gear", "none that the Go type tests.jsonUnread reads"},
		{"gear", `{"other":1}`, "unread.Gear", "no member that the Go type tests.jsonUnread reads"},
		{"pointer", `{"other":1}`, "unread.Pointer", "no member that the Go type"},
		{"list", `[{"power":0},{"other":1}]`, "unread.List[1]", "no member that the Go type"},
		{"map", `{"a":{"gear":{"other":1}}}`, `unread.Map["a"].Gear`, "no member that the Go type"},
		{"loose", `{"place":"hand"}`, "unread.Loose", "stores the field Slot as \"slot\""},
		{"document", `{"other":1}`, "unread.Document", "no member that the Go type"},
	} {
		_, err := table.UnmarshalItem(
			fixtures.Attributes{"id": fixtures.Text("1"), test.attribute: fixtures.Text(test.text)})
		var placed *dynamapper.FieldError
		require.ErrorAs(t, err, &placed, test.text)
		require.Equal(t, test.place, placed.Field)
		require.ErrorContains(t, err, test.problem)
	}
	for attribute, texts := range map[string][]string{
		"gear":    {`{}`, `null`, `{"POWER":0,"newer":1}`, `{"SlotName":""}`},
		"pointer": {`{}`, `null`},
		"list":    {`[]`, `[{}]`, `[{"power":0}]`},
		"map":     {`{"a":{"gear":{}}}`, `{"a":{}}`},
		"loose":   {`{"newer":1}`, `{"slot":""}`}, // of a program of tomorrow, whose slot is empty
		"none":    {`{"newer":1}`},
	} {
		for _, text := range texts {
			_, err := table.UnmarshalItem(
				fixtures.Attributes{"id": fixtures.Text("1"), attribute: fixtures.Text(text)})
			require.NoError(t, err, "%s %s", attribute, text)
		}
	}
}

// JSON inside a document keeps unknown members, too, also if another field of the document is
// edited.
func TestUnknownJSONMembersInADocumentAreKept(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[jsonInside](t)
	key := fixtures.Attributes{"id": fixtures.Text("1")}
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{"id": fixtures.Text("1"), "box": mapValue(fixtures.Attributes{
			"name": fixtures.Text("a"), "lid": fixtures.Text(`{"slot":"b","newer":1}`),
			"newer": fixtures.Text("x")})},
	)
	item := fixtures.Load(t, table, "1")
	item.Box.Name = "A"
	require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
	item.Box.Lid.Slot = "B"
	require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
	require.Equal(
		t,
		fixtures.Attributes{"id": fixtures.Text("1"), "box": mapValue(fixtures.Attributes{
			"name": fixtures.Text("A"), "lid": fixtures.Text(`{"slot":"B","newer":1}`),
			"newer": fixtures.Text("x")})},
		fixtures.GetRaw(t, table.Name(), key),
	)
}

type jsonInside struct {
	dynamapper.Model `dynamo:"json-inside"`
	ID               string   `dynamo:"id,hash"`
	Box              outerBox `dynamo:"box,document"`
}

type outerBox struct {
	Name string   `dynamo:"name"`
	Lid  *jsonLid `dynamo:"lid,json"`
}
