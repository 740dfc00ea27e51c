package dynamapper

import (
	"encoding/json"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/tag"
	"github.com/dynamapper/dynamapper/internal/timetext"
)

type attributeMap = map[string]types.AttributeValue

// Models with hooks. The methods may have value receivers and may come from an embedded struct.
type (
	hooksOnPointer struct {
		Model `dynamo:"users"`
		ID    string `dynamo:"id,hash"`
	}
	hooksOnValue struct {
		Model `dynamo:"users"`
		ID    string `dynamo:"id,hash"`
	}
	hooksPromoted struct {
		Model `dynamo:"users"`
		hookBase
	}
	hookBase struct {
		ID string `dynamo:"id,hash"`
	}
)

func (*hooksOnPointer) InitItem()                                   {}
func (*hooksOnPointer) MarshalItem() (attributeMap, error)          { return nil, nil }
func (*hooksOnPointer) UnmarshalItem(attributeMap) error            { return nil }
func (*hooksOnPointer) MigrateItem(attributeMap) error              { return nil }
func (*hooksOnPointer) ValidateItem() error                         { return nil }
func (hooksOnValue) ValidateItem() error                            { return nil }
func (hooksOnValue) MarshalItem() (itemAsMap attributeMap, _ error) { return nil, nil }
func (*hookBase) InitItem()                                         {}

func TestHooks(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		rule  string
		model reflect.Type
		want  hooks
	}{
		{"no hooks", reflect.TypeFor[cachedModel](), hooks{}},
		{"all hooks, on the pointer", reflect.TypeFor[hooksOnPointer](),
			hooks{init: true, marshal: true, unmarshal: true, migrate: true, validate: true}},
		{"value receivers are fine", reflect.TypeFor[hooksOnValue](),
			hooks{marshal: true, validate: true}},
		{"hooks of an embedded struct", reflect.TypeFor[hooksPromoted](), hooks{init: true}},
	} {
		t.Run(row.rule, func(t *testing.T) {
			made, err := makeSchema(row.model)
			require.NoError(t, err)
			require.Equal(t, row.want, made.hooks)
		})
	}
}

// Models with a method that has the name of a hook but another signature.
type (
	wrongInit      struct{ hookModel }
	wrongMarshal   struct{ hookModel }
	wrongUnmarshal struct{ hookModel }
	wrongMigrate   struct{ hookModel }
	wrongValidate  struct{ hookModel }
	wrongVariadic  struct{ hookModel }
	hookModel      struct {
		Model `dynamo:"users"`
		ID    string `dynamo:"id,hash"`
	}
)

func (*wrongInit) InitItem() error                                        { return nil }
func (*wrongMarshal) MarshalItem() attributeMap                           { return nil }
func (wrongUnmarshal) UnmarshalItem(map[string]any) error                 { return nil }
func (*wrongMigrate) MigrateItem(attributeMap, int) (attributeMap, error) { return nil, nil }
func (*wrongValidate) ValidateItem() bool                                 { return true }
func (wrongVariadic) ValidateItem(...string) error                        { return nil }

// If two embedded structs have the same method, Go promotes neither.
type hookRival struct{ Note string }

func (*hookRival) InitItem() {}

func TestAmbiguousHook(t *testing.T) {
	t.Parallel()
	testRefusals(t, []refusal{{rule: "in two embedded structs", model: struct {
		Model `dynamo:"users"`
		hookBase
		hookRival
	}{}, problem: "two embedded structs have the hook InitItem, and Go promotes neither, so it " +
		"would never be called; give the model itself the method"}})
}

func TestRefusedHooks(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		model any
		is    string
		want  string
	}{
		{wrongInit{}, "InitItem() error", "InitItem()"},
		{wrongMarshal{}, "MarshalItem() map[string]types.AttributeValue",
			"MarshalItem() (map[string]types.AttributeValue, error)"},
		{wrongUnmarshal{}, "UnmarshalItem(map[string]interface {}) error",
			"UnmarshalItem(map[string]types.AttributeValue) error"},
		{wrongMigrate{},
			"MigrateItem(map[string]types.AttributeValue, int) " +
				"(map[string]types.AttributeValue, error)",
			"MigrateItem(map[string]types.AttributeValue) error"},
		{wrongValidate{}, "ValidateItem() bool", "ValidateItem() error"},
		{wrongVariadic{}, "ValidateItem(...string) error", "ValidateItem() error"},
	} {
		testRefusals(t, []refusal{{rule: row.is, model: row.model,
			problem: "the method " + row.is +
				" is not the hook of that name, and would never be called; make it " + row.want +
				", or rename it"}})
	}
}

type (
	defaultText string
	defaultInt  int8
)

// defaultsModel has a default of every scalar type.
type defaultsModel struct {
	Model  `dynamo:"users"`
	ID     string                `dynamo:"id,hash,default=nobody"`
	Quoted string                `dynamo:"quoted,default='it''s, by default'"`
	Empty  string                `dynamo:"empty,default="`
	Named  defaultText           `dynamo:"named,default=x"`
	Flag   bool                  `dynamo:"flag,default=true"`
	Int    int                   `dynamo:"int,default=-3"`
	Int8   defaultInt            `dynamo:"int8,default=-128"`
	Uint   uint64                `dynamo:"uint,default=18446744073709551615"`
	Float  float64               `dynamo:"float,default=-2.5e3"`
	Small  float32               `dynamo:"small,default=0.1"`
	Big    big.Int               `dynamo:"big,default=100000000000000000000"`
	Number json.Number           `dynamo:"number,default=1.10"`
	SDK    attributevalue.Number `dynamo:"sdk,default=7"`
	Addr   netip.Addr            `dynamo:"addr,default=127.0.0.1"`
	Then   time.Time             `dynamo:"then,default=2012-05-31T14:00:00+02:00"`
	Day    time.Time             `dynamo:"day,layout='Jan 2, 2006',default='May 31, 2012'"`
	Second time.Time             `dynamo:"second,unixtime,default=2012-05-31T12:00:00.9Z"`
	Now    time.Time             `dynamo:"now,default=now"`
	Today  time.Time             `dynamo:"today,layout=DateOnly,default=now"`
	Until  time.Time             `dynamo:"until,ttl,default=now"`
	PInt   *int                  `dynamo:"pint,default=0"`
	PNow   *time.Time            `dynamo:"pnow,unixtime,default=now"`
	PAddr  *netip.Addr           `dynamo:"paddr,default=::1"`
	*DefaultsBehind
}

type DefaultsBehind struct {
	Rank int `dynamo:"rank,default=1"`
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	made, err := makeSchema(reflect.TypeFor[defaultsModel]())
	require.NoError(t, err)
	now := time.Date(2024, 2, 3, 4, 5, 6, 789, time.FixedZone("here", 3600))
	var got defaultsModel
	made.applyDefaults(reflect.ValueOf(&got).Elem(), now)

	var large big.Int
	large.SetString("100000000000000000000", 10)
	zero, second, loopback := 0, time.Date(2024, 2, 3, 3, 5, 6, 0,
		time.UTC), netip.MustParseAddr("::1")
	require.Equal(t, defaultsModel{
		ID: "nobody", Quoted: "it's, by default", Named: "x", Flag: true, Int: -3, Int8: -128,
		Uint:  math.MaxUint64,
		Float: -2500, Small: 0.1, Big: large, Number: "1.10", SDK: "7",
		Addr: netip.MustParseAddr("127.0.0.1"),
		Then: time.Date(2012, 5, 31, 12, 0, 0, 0, time.UTC),
		Day:  time.Date(2012, 5, 31, 0, 0, 0, 0, time.UTC),
		// with the precision in which it is stored
		Second: time.Date(2012, 5, 31, 12, 0, 0, 0, time.UTC),
		Now:    time.Date(2024, 2, 3, 3, 5, 6, 789, time.UTC),
		Today:  time.Date(2024, 2, 3, 0, 0, 0, 0, time.UTC),
		Until:  second, PInt: &zero, PNow: &second, PAddr: &loopback,
		DefaultsBehind: &DefaultsBehind{Rank: 1},
	}, got)
}

// Two items share no memory that a default allocated.
func TestDefaultsAreNotShared(t *testing.T) {
	t.Parallel()
	made, err := makeSchema(reflect.TypeFor[defaultsModel]())
	require.NoError(t, err)
	var one, other defaultsModel
	made.applyDefaults(reflect.ValueOf(&one).Elem(), time.Now())
	*one.PInt, one.Rank = 5, 5
	made.applyDefaults(reflect.ValueOf(&other).Elem(), time.Now())
	require.Equal(t, 0, *other.PInt)
	require.Equal(t, 1, other.Rank)
}

// Table.New applies the defaults of the tags, then the hook, then the caller's functions.
func TestNewGivesDefaultsBeforeTheHook(t *testing.T) {
	t.Parallel()
	table, err := TableOf[defaultsHookModel](offline())
	require.NoError(t, err)
	item := table.New(func(m *defaultsHookModel) { m.Third = m.Second + "-new" })
	require.Equal(t, defaultsHookModel{ID: "tag", Second: "tag-hook", Third: "tag-hook-new"}, *item)
}

type defaultsHookModel struct {
	Model  `dynamo:"users"`
	ID     string `dynamo:"id,hash,default=tag"`
	Second string `dynamo:"second"`
	Third  string `dynamo:"third"`
}

func (m *defaultsHookModel) InitItem() { m.Second = m.ID + "-hook" }

// Loading an item never applies a default: a missing attribute decodes to zero.
func TestNoDefaultsOnLoad(t *testing.T) {
	t.Parallel()
	table, err := TableOf[defaultsHookModel](offline())
	require.NoError(t, err)
	raw, err := table.MarshalItem(&defaultsHookModel{Second: "x"})
	require.NoError(t, err)
	delete(raw, "id")
	var item defaultsHookModel
	require.NoError(t, DecodeItem(raw, &item))
	require.Empty(t, item.ID)
}

// The name of every layout of package time is known, and those that can be parsed back are
// accepted.
func TestLayoutNames(t *testing.T) {
	t.Parallel()
	for name, layout := range timetext.Layouts {
		parsed, err := tag.ParseField("a,layout=" + name)
		require.NoError(t, err)
		require.Equal(t, layout, parsed.Layout)
		require.NoError(t, checkLayoutText(layout), name)
	}
}

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
