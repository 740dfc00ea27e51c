package legacy

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestUpdates(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ update, before, after string }{
		{`{"Value":{"N":"1"}}`, ``, `"a":{"N":"1"}`},
		{`{"Action":"PUT","Value":{"N":"1"}}`, `"a":{"S":"x"}`, `"a":{"N":"1"}`},
		{`{"Action":"DELETE"}`, `"a":{"S":"x"}`, ``},
		{`{"Action":"DELETE"}`, ``, ``},
		{`{"Action":"DELETE","Value":{"SS":["a"]}}`, ``, ``},
		{`{"Action":"DELETE","Value":{"SS":["a","z"]}}`, `"a":{"SS":["a","b"]}`,
			`"a":{"SS":["b"]}`},
		{`{"Action":"DELETE","Value":{"NS":["1","2"]}}`, `"a":{"NS":["2","1"]}`, ``},
		{`{"Action":"DELETE","Value":{"BS":["AQ=="]}}`, `"a":{"BS":["AQ==","Ag=="]}`,
			`"a":{"BS":["Ag=="]}`},
		{`{"Action":"ADD","Value":{"N":"2"}}`, ``, `"a":{"N":"2"}`},
		{`{"Action":"ADD","Value":{"N":"-3.5"}}`, `"a":{"N":"9"}`, `"a":{"N":"5.5"}`},
		{`{"Action":"ADD","Value":{"SS":["b","c"]}}`, `"a":{"SS":["d","b"]}`,
			`"a":{"SS":["b","c","d"]}`},
		{`{"Action":"ADD","Value":{"SS":["b"]}}`, `"a":{"SS":["a","b"]}`, `"a":{"SS":["a","b"]}`},
		{`{"Action":"ADD","Value":{"NS":["1"]}}`, `"a":{"NS":["2"]}`, `"a":{"NS":["1","2"]}`},
		{`{"Action":"ADD","Value":{"BS":["AQ=="]}}`, ``, `"a":{"BS":["AQ=="]}`},
		{`{"Action":"ADD","Value":{"L":[{"N":"1"}]}}`, ``, `"a":{"L":[{"N":"1"}]}`},
		{`{"Action":"ADD","Value":{"L":[{"N":"1"}]}}`, `"a":{"L":[{"N":"1"},{"S":"x"}]}`,
			`"a":{"L":[{"N":"1"},{"S":"x"},{"N":"1"}]}`},
	} {
		updates, err := ParseUpdates(updatesOf(t, `"a":`+test.update))
		require.NoError(t, err, "%s", test.update)
		before := item(t, test.before)
		after, err := updates.Apply(before)
		require.NoError(t, err, "%v", test)
		assert.Equal(t, itemText(item(t, test.after)), itemText(after), "%v", test)
		assert.Equal(t, itemText(item(t, test.before)), itemText(before), "stays as it is")
	}
}

func TestUpdatesThatDoNotFit(t *testing.T) {
	t.Parallel()
	const mismatch = "Type mismatch for attribute to update"
	for _, test := range []struct{ update, before, text string }{
		{`{"Action":"ADD","Value":{"N":"1"}}`, `{"S":"x"}`, mismatch},
		{`{"Action":"ADD","Value":{"SS":["a"]}}`, `{"NS":["1"]}`, mismatch},
		{`{"Action":"ADD","Value":{"L":[]}}`, `{"SS":["a"]}`, mismatch},
		{`{"Action":"DELETE","Value":{"SS":["a"]}}`, `{"S":"a"}`, mismatch},
		{`{"Action":"DELETE","Value":{"SS":["1"]}}`, `{"NS":["1"]}`, mismatch},
		{`{"Action":"ADD","Value":{"N":"9E125"}}`, `{"N":"9E125"}`, "Number overflow. Attempting " +
			"to store a number with magnitude larger than supported range"},
		{`{"Action":"ADD","Value":{"N":"1"}}`, `{"N":"1E38"}`,
			"Attempting to store more than 38 significant digits in a Number"},
	} {
		updates, err := ParseUpdates(updatesOf(t, `"b":{"Value":{"S":"y"}},"a":`+test.update))
		require.NoError(t, err)
		_, err = updates.Apply(item(t, `"a":`+test.before))
		assert.ErrorContains(t, err, test.text, "%v", test)
	}
}

func TestBadUpdates(t *testing.T) {
	t.Parallel()
	const missing = invalid + "Only DELETE action is allowed when no attribute value is specified"
	for _, test := range []struct{ update, text string }{
		{`{}`, missing},
		{`{"Action":"PUT"}`, missing},
		{`{"Action":"ADD"}`, missing},
		{`{"Action":"ADD","Value":{"S":"x"}}`,
			invalid + "ADD action is not supported for the type S"},
		{`{"Action":"ADD","Value":{"BOOL":true}}`,
			invalid + "ADD action is not supported for the type BOOL"},
		{`{"Action":"ADD","Value":{"M":{}}}`,
			invalid + "ADD action is not supported for the type M"},
		{`{"Action":"DELETE","Value":{"N":"1"}}`,
			invalid + "DELETE action with value is not supported for the type N"},
		{`{"Action":"DELETE","Value":{"L":[]}}`,
			invalid + "DELETE action with value is not supported for the type L"},
	} {
		in := updatesOf(t, `"b":{"Value":{"N":"1"}},"a":`+test.update)
		require.True(t, CheckActions(in))
		_, err := ParseUpdates(in)
		requireRefused(t, err, test.text)
	}
}

func TestCheckActions(t *testing.T) {
	t.Parallel()
	for action, good := range map[string]bool{
		`"PUT"`: true, `"ADD"`: true, `"DELETE"`: true, `null`: true,
		`"put"`: false, `""`: false, `"REMOVE"`: false,
	} {
		in := updatesOf(t, `"b":{},"a":{"Action":`+action+`}`)
		assert.Equal(t, good, CheckActions(in), "%s", action)
	}
	assert.True(t, CheckActions(nil))
}

func TestWhatUpdatesTouch(t *testing.T) {
	t.Parallel()
	updates, err := ParseUpdates(updatesOf(t, `"c":{"Value":{"N":"1"}},"a":{"Action":"DELETE"},
		"b":{"Action":"ADD","Value":{"N":"1"}}`))
	require.NoError(t, err)
	assert.Equal(t, []string{"c", "a", "b"}, updates.Attributes())
	before := item(t, `"z":{"N":"1"},"c":{"N":"2"},"a":{"N":"3"}`)
	assert.Equal(t, `{"a":{"N":"3"},"c":{"N":"2"}}`, itemText(updates.Touched(before)))
	after, err := updates.Apply(before)
	require.NoError(t, err)
	assert.Equal(t, `{"b":{"N":"1"},"c":{"N":"1"}}`, itemText(updates.Touched(after)))
	assert.Nil(t, updates.Touched(item(t, `"z":{"N":"1"}`)))
}
