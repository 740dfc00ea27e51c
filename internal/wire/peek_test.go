package wire

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const entityHead = `"entity":{"S":"`

// PeekText finds the attribute wherever it stands, and nothing else that looks like it.
func TestPeekText(t *testing.T) {
	t.Parallel()
	others := []string{`"id":{"N":"7"}`, `"a":{"S":"x,\"entity\":{\"S\":\"no\"}"}`,
		`"q\"":{"S":"\\"}`, `"set":{"SS":["entity","}"]}`, `"on":{"BOOL":true}`,
		`"none":{"NULL":true}`, `"имя":{"S":"é]"}`, `"":{"S":""}`,
		`"doc":{"M":{"entity":{"S":"inner"},"l":{"L":[{"M":{}}]}}}`,
		`"entity2":{"S":"no"}`, `"e":{"S":"entity"}`}
	for i := range len(others) + 1 {
		before, after := strings.Join(others[:i], ","), strings.Join(others[i:], ",")
		members := strings.Trim(before+`,"entity":{"S":"match"},`+after, ",")
		r := NewReader("{" + members + "}")
		require.Equal(t, "match", r.PeekText(entityHead), members)
		require.Equal(t, NewReader("{"+members+"}"), r)
	}
	for _, text := range []string{`{}`, `{"a":{"S":"x"}}`, "{" + strings.Join(others, ",") + "}",
		`{"entity":{"N":"5"}}`, `{"entity":{"S":"a\"b"}}`, `{ "entity":{"S":"x"}}`, `null`,
		`{"a":{"S":"x"},"entity" :{"S":"x"}}`, `{"a":{"S":"x"}},{"entity":{"S":"match"}}`} {
		r := NewReader(text)
		require.Empty(t, r.PeekText(entityHead), text)
		require.NoError(t, r.Err())
		require.Zero(t, r.Offset())
	}
}

// If the item ends behind the text, the reader fails as at the end of the text.
func TestPeekTextOfACutItem(t *testing.T) {
	t.Parallel()
	text := `{"a":{"S":"x\"y"},"b":{"L":[{"N":"1"}]},"entity":{"S":"match"}}`
	found := strings.Index(text, `match"`) + len(`match"`)
	for end := range text {
		r := NewReader(text[:end])
		got := r.PeekText(entityHead)
		if end >= found {
			require.Equal(t, "match", got)
			continue
		}
		require.Empty(t, got, text[:end])
		require.True(t, r.Truncated(), text[:end])
	}
}

// Going back without a failure stays in the window, and strings from before are not read again.
func TestBackWithoutAFailure(t *testing.T) {
	t.Parallel()
	r := newPageReader([]byte(`[{"a":1},{"b":2}]`), 1<<10)
	r.Array()
	r.Element()
	mark := r.Mark()
	r.Object()
	name, _ := r.Member()
	require.Equal(t, "a", name)
	r.Back(mark)
	r.Skip()
	require.True(t, r.Element())
	r.Skip()
	require.False(t, r.Element())
	r.Done()
	require.NoError(t, r.Err())
}

// PeekText says what reading says of an item as DynamoDB spells it, and changes nothing.
func FuzzPeekText(f *testing.F) {
	for _, seed := range []string{
		`{"entity":{"S":"match"}}`, `{"a":{"M":{"entity":{"S":"x"}}},"entity":{"S":"y"}}`, sample,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		item, err := ParseItem(text)
		if err != nil {
			NewReader(text).PeekText(entityHead) // does not panic
			return
		}
		spelled, err := AppendItem(nil, item)
		require.NoError(t, err)
		r := NewReader(string(spelled))
		got := r.PeekText(entityHead)
		require.NoError(t, r.Err())
		want := ""
		if value, err := MakeRaw(item["entity"]); err == nil && value.Type() == S {
			want = value.Text()
		}
		if want != "" && textEnd(want, 0) < len(want) {
			want = "" // escaped
		}
		require.Equal(t, want, got)
	})
}
