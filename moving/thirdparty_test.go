package moving

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/oklog/ulid/v2"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// everywhere has a type in every place in which all of these types can stand.
type everywhere[V comparable] struct {
	dynamapper.Model `dynamo:"everywhere"`
	ID               V                        `dynamo:"id,hash"`
	Field            V                        `dynamo:"field"`
	Pointer          *V                       `dynamo:"pointer"`
	Zero             *V                       `dynamo:"zero"`
	Set              []V                      `dynamo:"set,set"`
	JSON             []V                      `dynamo:"json"`
	Map              map[string]V             `dynamo:"map"`
	Struct           map[string]struct{ V V } `dynamo:"struct"`
	Any              any                      `dynamo:"any"`
	List             []V                      `dynamo:"list,document"`
	Members          map[string]*V            `dynamo:"members,document"`
	Inside           struct{ V, Zero V }      `dynamo:"inside,document"`
}

// testEverywhere stores a value in every place, and reads it back.
func testEverywhere[V comparable](t *testing.T, value V, text func(V) string) {
	t.Helper()
	ctx, table := t.Context(), tableOf[everywhere[V]](t)
	inside := struct{ V V }{value}
	require.NoError(t, table.Save(ctx, &everywhere[V]{
		ID: value, Field: value, Pointer: &value, Zero: new(V), Set: []V{value, *new(V)},
		JSON: []V{value, *new(V)},
		Map:  map[string]V{"a": value}, Struct: map[string]struct{ V V }{"a": inside},
		Any:  map[string]any{"a": value},
		List: []V{value, *new(V)}, Members: map[string]*V{"a": &value, "zero": new(V)},
		Inside: struct{ V, Zero V }{V: value},
	}))
	back, err := table.Get(ctx, dynamapper.Key(value), dynamapper.Consistent())
	require.NoError(t, err)
	zero := text(*new(V))
	for name, read := range map[string]V{
		"key": back.ID, "field": back.Field, "pointer": *back.Pointer, "JSON": back.JSON[0],
		"map":    back.Map["a"],
		"struct": back.Struct["a"].V, "list": back.List[0], "members": *back.Members["a"],
		"inside": back.Inside.V,
	} {
		require.Equal(t, text(value), text(read), name)
	}
	for name, read := range map[string]V{
		"pointer": *back.Zero, "JSON": back.JSON[1], "list": back.List[1],
		"members": *back.Members["zero"], "inside": back.Inside.Zero,
	} {
		require.Equal(t, zero, text(read), "the zero value, %s", name)
	}
	members := []string{}
	for _, member := range back.Set {
		members = append(members, text(member))
	}
	require.ElementsMatch(t, []string{text(value), zero}, members)
	require.Equal(t, map[string]any{"a": text(value)}, back.Any)
	again := *back
	require.NoError(t, table.Save(ctx, &again, dynamapper.FailOnConflict()))
}

// Values of the packages that most programs use are read back from every place.
func TestTypesOfOtherPackages(t *testing.T) {
	t.Parallel()
	t.Run("uuid", func(t *testing.T) {
		testEverywhere(t, uuid.MustParse("7d444840-9dc0-11d1-b245-5ffdce74fad2"), uuid.UUID.String)
	})
	t.Run("ulid", func(t *testing.T) {
		testEverywhere(t, ulid.MustParse("01ARZ3NDEKTSV4RRFFQ69G5FAV"), ulid.ULID.String)
	})
	t.Run("decimal", func(t *testing.T) {
		testEverywhere(t, decimal.RequireFromString("-12345678901234567890.0125"),
			decimal.Decimal.String)
	})
}

// A type that cannot read its zero value is refused where every item has that, and stored where
// only a program puts it.
func TestNullUUID(t *testing.T) {
	t.Parallel()
	_, err := dynamapper.TableOf[struct {
		dynamapper.Model `dynamo:"nulls"`
		ID               string        `dynamo:"id,hash"`
		Null             uuid.NullUUID `dynamo:"null"`
	}](dynamotest.Mapper(t))
	require.ErrorContains(t, err,
		`the zero value of type uuid.NullUUID is one that MarshalText writes and UnmarshalText refuses`)

	type nullable struct {
		dynamapper.Model `dynamo:"nulls"`
		ID               string                   `dynamo:"id,hash"`
		Omitted          uuid.NullUUID            `dynamo:"omitted,omitempty"`
		Pointer          *uuid.NullUUID           `dynamo:"pointer"`
		JSON             []uuid.NullUUID          `dynamo:"json"`
		Decimals         []decimal.NullDecimal    `dynamo:"decimals"`
		Decimal          decimal.NullDecimal      `dynamo:"decimal"`
		List             []decimal.NullDecimal    `dynamo:"list,document"`
		At               *timestamppb.Timestamp   `dynamo:"at"`
		Times            []*timestamppb.Timestamp `dynamo:"times,document"`
	}
	ctx, table := t.Context(), tableOf[nullable](t)
	at := timestamppb.New(time.Date(2026, 5, 1, 12, 0, 0, 5, time.UTC))
	valid := uuid.NullUUID{UUID: uuid.New(), Valid: true}
	item := &nullable{ID: "1", JSON: []uuid.NullUUID{valid, {}},
		Decimals: make([]decimal.NullDecimal, 1), At: at,
		List: make([]decimal.NullDecimal, 1), Times: []*timestamppb.Timestamp{at, nil}}
	require.NoError(t, table.Save(ctx, item))
	back, err := table.Get(ctx, dynamapper.Key("1"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, item.JSON, back.JSON)
	require.Equal(t, item.Decimals, back.Decimals)
	require.Equal(t, item.List, back.List)
	require.True(t,
		at.AsTime().Equal(back.At.AsTime()) && at.AsTime().Equal(back.Times[0].AsTime()))
	require.Nil(t, back.Times[1])

	back.Pointer = &uuid.NullUUID{}
	require.ErrorContains(t, table.Save(ctx, back),
		"and the item could not be read; use a pointer, and leave it nil")
	*back.Pointer, back.Omitted = valid, valid
	require.NoError(t, table.Save(ctx, back))
	again, err := table.Get(ctx, dynamapper.Key("1"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, []uuid.NullUUID{valid, valid}, []uuid.NullUUID{*again.Pointer, again.Omitted})
}
