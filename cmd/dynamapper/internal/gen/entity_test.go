package gen

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// texts returns items whose attributes are texts. Each row has a value for each name; "" leaves the
// attribute out, and a value in parentheses is a number.
func texts(names string, rows ...string) []Item {
	var items []Item
	for _, row := range rows {
		item := Item{}
		for i, value := range strings.Fields(row) {
			name := strings.Fields(names)[i]
			if number, ok := strings.CutPrefix(value, "("); ok {
				item[name] = Value{kind: "N", text: strings.TrimSuffix(number, ")")}
			} else if value != "-" {
				item[name] = Value{kind: "S", text: value}
			}
		}
		items = append(items, item)
	}
	return items
}

func TestFindFormat(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, want, names string
		rows             []string
	}{
		{"a part", "USER#{login}", "pk login", []string{"USER#a a", "USER#b b"}},
		{"two parts", "A#{x}#{y}", "pk x y", []string{"A#1#2 1 2", "A#3#4 3 4"}},
		{"another separator", "$app:u|{x}", "pk x", []string{"$app:u|1 1", "$app:u|2 2"}},
		{"a number", "P#{n}", "pk n", []string{"P#7 (7)", "P#12 (12)"}},
		{"a padded number", "P#{n:3}", "pk n", []string{"P#007 (7)", "P#012 (12)"}},
		{"a constant", "PROFILE", "pk x", []string{"PROFILE 1", "PROFILE 2"}},
		{"an index key that some items lack", "G#{g}", "pk g", []string{"G#a a", "G#b b", "- -"}},
		{"one item shows nothing", "", "pk login", []string{"USER#a a"}},
		{"a part that does not vary", "", "pk login", []string{"USER#a a", "USER#a a"}},
		{"two attributes could be the part", "", "pk x y", []string{"A#1 1 1", "A#2 2 2"}},
		{"no attribute has the part", "", "pk x", []string{"A#1 3", "A#2 4"}},
		{"an item differs", "", "pk x", []string{"A#1 1", "A#2 2", "A#3 4"}},
		{"another constant", "", "pk x", []string{"A#1 1", "B#2 2"}},
		{"a constant that may be data", "", "pk x", []string{"A#2026#1 1", "A#2026#2 2"}},
		{"an item has the part and no key", "", "pk x", []string{"A#1 1", "A#2 2", "- 3"}},
		{"no text around the part", "", "pk x", []string{"1 1", "2 2"}},
		{"a part in capitals", "", "pk x", []string{"A#x X", "A#y Y"}},
		{"a number beyond its width", "", "pk n", []string{"P#07 (7)", "P#112 (112)"}},
	} {
		finder := &formatFinder{items: texts(c.names, c.rows...), excluded: []string{"pk"}}
		assert.Equal(t, c.want, finder.find("pk"), c.why)
	}
}

func TestFindEntities(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		why, want, names string // want: the attribute and the entities
		rows             []string
	}{
		{"a usual name", "entity match user", "pk sk entity",
			[]string{"U#1 PROFILE user", "U#1 M#2 match"}},
		{"type, if the keys show it", "type match user", "pk sk type",
			[]string{"U#1 PROFILE user", "U#1 M#2 match", "U#2 M#3 match"}},
		{"type, if the keys do not", "", "pk sk type", []string{"U#1 M#1 red", "U#1 M#2 blue"}},
		{"type, if a kind has two forms", "", "pk sk type",
			[]string{"U#1 M#1 red", "U#1 X#2 red", "U#1 Y#1 blue"}},
		{"an item without it", "", "pk sk entity", []string{"U#1 M#1 a", "U#1 X#2 -"}},
		{"a name that no tag can have", "", "pk sk entity", []string{"U#1 M#1 a,b", "U#1 X#2 c"}},
		{"plain keys", "", "pk sk entity", []string{"1 2 user", "3 4 match"}},
		{"another attribute", "", "pk sk colour", []string{"U#1 PROFILE red", "U#1 M#2 blue"}},
	} {
		table := &Table{Name: "t", Hash: "pk", Range: "sk",
			Kinds: map[string]string{"pk": "S", "sk": "S"}, Items: texts(c.names, c.rows...)}
		attribute, kinds := table.findEntities()
		got := attribute
		for _, kind := range kinds {
			got += " " + kind.entity
		}
		assert.Equal(t, c.want, strings.TrimSpace(got), c.why)
	}
}

func TestANoteForKindsWithoutAName(t *testing.T) {
	t.Parallel()
	table := &Table{Name: "t", Hash: "pk", Kinds: map[string]string{"pk": "S"},
		Items: texts("pk", "U#1", "M#2")}
	code, err := Generate("models", []*Table{table})
	require.NoError(t, err)
	assert.Contains(t, string(code), "and no attribute names the kind of every")
}

// An index that does not project the entity cannot be read by it.
func TestAnIndexWithoutTheEntity(t *testing.T) {
	t.Parallel()
	table := &Table{Name: "t", Hash: "pk", Kinds: map[string]string{"pk": "S", "mail": "S"},
		Indexes: []Index{
			{Name: "narrow", Hash: []string{"mail"}, Projection: "KEYS_ONLY"},
			{Name: "wide", Hash: []string{"mail"}, Projection: "ALL"},
		},
		Items: texts("pk entity mail", "U#1 user a@b", "M#2 match -")}
	code, err := Generate("models", []*Table{table})
	require.NoError(t, err)
	assert.Contains(t, string(code), "Mail string `dynamo:\"mail\" index:\"wide,hash\"`")
	assert.Contains(t, string(code), "It does not have the index \"narrow\"")
	_, match, _ := strings.Cut(string(code), "type Match ")
	match, _, _ = strings.Cut(match, "}")
	assert.NotContains(t, match, "mail") // no match is in an index
}
