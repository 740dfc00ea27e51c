package dynamapper

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A mistake in a format or an entity is a SchemaError that says what is wrong and how to fix it.
func TestFormatsRefused(t *testing.T) {
	t.Parallel()
	for want, model := range map[string]any{
		`the part {logim}: the model`: struct {
			Model `dynamo:"game"`
			_     Computed `dynamo:"pk,hash,format=P#{logim}"`
			Login string   `dynamo:"login"`
		}{},
		`did you mean "login"?`: struct {
			Model `dynamo:"game"`
			_     Computed `dynamo:"pk,hash,format=P#{logim}"`
			Login string   `dynamo:"login"`
		}{},
		`the part {tags}: it is stored neither as text nor as a number`: struct {
			Model `dynamo:"game"`
			_     Computed `dynamo:"pk,hash,format=P#{tags}"`
			Tags  []string `dynamo:"tags"`
		}{},
		`the part {on}: it is stored neither`: struct {
			Model `dynamo:"game"`
			_     Computed `dynamo:"pk,hash,format=P#{on}"`
			On    bool     `dynamo:"on"`
		}{},
		`the part {pk}: it is the attribute itself`: struct {
			Model `dynamo:"game"`
			_     Computed `dynamo:"pk,hash,format=P#{pk}"`
		}{},
		`the part {sk}: it is computed, too`: struct {
			Model `dynamo:"game"`
			_     Computed `dynamo:"pk,hash,format=P#{sk}"`
			_     Computed `dynamo:"sk,range,format=P#{pk}"`
		}{},
		`option "format" makes text, and the field is of type int`: struct {
			Model `dynamo:"game"`
			PK    int    `dynamo:"pk,hash,format=P#{login}"`
			Login string `dynamo:"login"`
		}{},
		`does not hold whole numbers; use an integer, or leave :3 out`: struct {
			Model  `dynamo:"game"`
			_      Computed `dynamo:"pk,hash,format=P#{points:3}"`
			Points float64  `dynamo:"points"`
		}{},
		`the part {v}: it is the version, which every write changes`: struct {
			Model `dynamo:"game"`
			_     Computed `dynamo:"pk,hash,format=P#{v}"`
			V     int64    `dynamo:"v,version"`
		}{},
		`every write would change the key`: struct {
			Model   `dynamo:"game"`
			_       Computed  `dynamo:"pk,hash,format=P#{updated}"`
			Updated time.Time `dynamo:"updated,updated"`
		}{},
		`write a separator, such as {a}#{b}`: struct {
			Model `dynamo:"game"`
			_     Computed `dynamo:"pk,hash,format={a}{b}"`
			A     string   `dynamo:"a"`
			B     string   `dynamo:"b"`
		}{},
		`a value of "format" with a comma stands in single quotes`: struct {
			Model `dynamo:"game"`
			_     Computed `dynamo:"pk,hash,format={a},{b}"`
			A     string   `dynamo:"a"`
			B     string   `dynamo:"b"`
		}{},
		`the type Computed has no option "format"`: struct {
			Model `dynamo:"game"`
			_     Computed `dynamo:"pk,hash"`
		}{},
		`the field has no name in Go and none in its tag`: struct {
			Model `dynamo:"game"`
			_     Computed `dynamo:",hash,format=P"`
		}{},
		`options "format" and "default" on one field`: struct {
			Model `dynamo:"game"`
			PK    string `dynamo:"pk,hash,format=P,default=x"`
		}{},
		`option "entityAttribute" says where the name of the entity is stored`: struct {
			Model `dynamo:"game,entityAttribute=kind"`
			ID    string `dynamo:"id,hash"`
		}{},
		`option "entity" needs a value`: struct {
			Model `dynamo:"game,entity="`
			ID    string `dynamo:"id,hash"`
		}{},
		`option "entity" is given twice`: struct {
			Model `dynamo:"game,entity=a,entity=b"`
			ID    string `dynamo:"id,hash"`
		}{},
		`the attribute holds the name of the entity`: struct {
			Model `dynamo:"game,entity=player"`
			ID    string `dynamo:"entity,hash"`
		}{},
		`option "autoincrement" counts the ids of a table of its own`: struct {
			Model `dynamo:"game,entity=player"`
			ID    int64 `dynamo:"id,hash,autoincrement"`
		}{},
		`index "by-guild" does not project the attribute "entity"`: struct {
			Model `dynamo:"game,entity=player"`
			ID    string `dynamo:"id,hash"`
			Guild string `dynamo:"guild" index:"by-guild,hash,keys_only"`
		}{},
		`a Computed is an attribute of the model itself`: struct {
			Model `dynamo:"game"`
			ID    string                 `dynamo:"id,hash"`
			In    struct{ Key Computed } `dynamo:"in,document"`
		}{},
		`option "format" is behind the embedded pointer`: struct {
			Model `dynamo:"game"`
			ID    string `dynamo:"id,hash"`
			*EmbeddedFormat
		}{},
	} {
		_, err := makeSchema(reflect.TypeOf(model))
		require.ErrorIs(t, err, ErrSchema, want)
		assert.ErrorContains(t, err, want)
	}
}

type EmbeddedFormat struct {
	_ Computed `dynamo:"key,format=P#{id}"`
}

// A format may have all that sorts and separates.
func TestFormatsTaken(t *testing.T) {
	t.Parallel()
	type model struct {
		Model `dynamo:"game,document,entity=player,entityAttribute=_type"`

		PK      string    `dynamo:"pk,hash,format='{{{a}}},{n:3}{at}'"`
		_       Computed  `dynamo:"sk,range,format=S#{f}#{expires:12}"`
		A       string    `dynamo:"a"`
		N       *uint8    `dynamo:"n"`
		At      time.Time `dynamo:"at,layout=DateOnly"`
		F       float64   `dynamo:"f"`
		Expires time.Time `dynamo:"expires,ttl"`
	}
	s, err := makeSchema(reflect.TypeFor[model]())
	require.NoError(t, err)
	n, at := uint8(7), time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	encoded, err := s.encodeAttributes(reflect.ValueOf(
		&model{A: "x", N: &n, At: at, F: 1.50, Expires: at}).Elem())
	require.NoError(t, err)
	assert.Equal(t, "{x},0072026-05-01", textOfS(encoded["pk"]))
	assert.Equal(t, "S#1.5#001777593600", textOfS(encoded["sk"]))
	assert.Equal(t, "player", textOfS(encoded["_type"]))
	var decoded model
	require.NoError(t, DecodeItem(encoded, &decoded))
	assert.Equal(t, "{x},0072026-05-01", decoded.PK)
	for _, part := range []string{"a", "n", "at", "f", "expires"} {
		delete(encoded, part) // each is read from the keys
	}
	again := model{}
	require.NoError(t, DecodeItem(encoded, &again))
	assert.Equal(t, decoded, again)
}
