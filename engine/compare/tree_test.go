package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func tree(t *testing.T, text string) any {
	t.Helper()
	parsed, err := parse([]byte(text))
	require.NoError(t, err)
	return parsed
}

func TestParseKeepsATextAsItIs(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"b":1.0,"a":[true,null,"<é\u0000\"",1E+30,{}],"":[]}`, `null`, `"x"`, `0.10`,
	} {
		assert.Equal(t, text, encode(tree(t, text)))
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{``, `{`, `{"a":1,"a":2}`, `1 2`, `[1`, `{"a":{"b":1,"b":1}}`} {
		_, err := parse([]byte(text))
		assert.Error(t, err, text)
	}
}

func TestACloneSharesNothing(t *testing.T) {
	t.Parallel()
	original := tree(t, `{"a":[{"b":"c"}]}`)
	for i := range places(original) {
		places(clone(original))[i].set("changed")
		places(clone(original))[i].remove()
	}
	assert.Equal(t, `{"a":[{"b":"c"}]}`, encode(original))
}

func TestPlacesAreInOrder(t *testing.T) {
	t.Parallel()
	var found []string
	for _, p := range places(tree(t, `{"a":[1,{"b":2}],"c":3}`)) {
		found = append(found, p.name()+" "+encode(p.get()))
	}
	assert.Equal(t, []string{`a [1,{"b":2}]`, ` 1`, ` {"b":2}`, `b 2`, `c 3`}, found)
}
