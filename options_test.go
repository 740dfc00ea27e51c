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
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/timetext"
)

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
		parsed, err := parseFieldTag("a,layout=" + name)
		require.NoError(t, err)
		require.Equal(t, layout, parsed.layout)
		require.NoError(t, checkLayoutText(layout), name)
	}
}
