package tests

import (
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

// coins are zero if the amount is 0, whatever the currency.
type coins struct {
	Currency string `dynamo:"currency"`
	Amount   int    `dynamo:"amount"`
}

func (c coins) IsZero() bool { return c.Amount == 0 }

// rank has an IsZero method on its pointer.
type rank int

func (r *rank) IsZero() bool { return *r < 0 }

// fee is stored as text and has several spellings of zero.
type fee struct{ digits string }

func (p fee) IsZero() bool                     { return p.digits == "" || p.digits == "0.00" }
func (p fee) MarshalText() ([]byte, error)     { return []byte(p.digits), nil }
func (p *fee) UnmarshalText(text []byte) error { p.digits = string(text); return nil }

// marks are zero if no mark is set.
type marks map[string]bool

func (m marks) IsZero() bool {
	for _, set := range m {
		if set {
			return false
		}
	}
	return true
}

type coinPurse struct {
	dynamapper.Model `dynamo:"purses"`
	ID               string `dynamo:"id,hash"`
	Name             string `dynamo:"name"`
	Coins            coins  `dynamo:"coins,document,omitempty"`
	JSON             coins  `dynamo:"json,omitempty"`
	Pointer          *coins `dynamo:"pointer,document,omitempty"`
	Plain            coins  `dynamo:"plain,document"`
	Rank             rank   `dynamo:"rank,omitempty"`
	Price            fee    `dynamo:"price,omitempty"`
	Marks            marks  `dynamo:"marks,document,omitempty"`
	Inside           pocket `dynamo:"inside,document"`
}

type pocket struct {
	Coins coins `dynamo:"coins,omitempty"`
	Rank  rank  `dynamo:"rank,omitempty"`
}

// With omitempty, exactly the values for which the type's IsZero returns true are left out, in
// every form and at every place.
func TestOmitEmptyAsksIsZero(t *testing.T) {
	t.Parallel()
	table := tableOf[coinPurse](t)
	none := coins{Currency: "euro"}
	document := mapValue(attributes{"currency": textValue("euro"), "amount": numberValue("0")})
	require.NoError(t,
		table.Save(t.Context(),
			&coinPurse{ID: "zero", Coins: none, JSON: none, Pointer: &none, Plain: none, Rank: -1,
				Price: fee{"0.00"}, Marks: marks{"a": false}, Inside: pocket{none, -1}}))
	require.Equal(t, attributes{"id": textValue("zero"), "pointer": document, "plain": document,
		"inside": mapValue(attributes{})},
		getRaw(t, table.Name(), attributes{"id": textValue("zero")}),
		"only a nil pointer is missing, and without omitempty every value is stored")
	require.Equal(t, []string{"id", "inside", "plain", "pointer", "rank"},
		slices.Sorted(maps.Keys(table.ToMap(load(t, table, "zero")))))

	require.NoError(t,
		table.Save(t.Context(),
			&coinPurse{ID: "some", Rank: 0, Price: fee{"0.01"}, Marks: marks{"a": true}}))
	raw := getRaw(t, table.Name(), attributes{"id": textValue("some")})
	require.Equal(t,
		attributes{"id": textValue("some"), "rank": numberValue("0"), "price": textValue("0.01"),
			"marks":  mapValue(attributes{"a": &types.AttributeValueMemberBOOL{Value: true}}),
			"plain":  mapValue(attributes{"amount": numberValue("0")}),
			"inside": mapValue(attributes{"rank": numberValue("0")})}, raw)
}

// Loading a stored value that IsZero calls zero is not an edit, and setting a field to zero removes
// the attribute.
func TestOmitEmptyOfStoredValues(t *testing.T) {
	t.Parallel()
	ctx, table := t.Context(), tableOf[coinPurse](t)
	key := attributes{"id": textValue("1")}
	stored := attributes{"id": textValue("1"), "price": textValue("0.00"),
		"rank": numberValue("-5")}
	putRaw(t, table.Name(), stored)
	item := load(t, table, "1")
	item.Name = "Waldo"
	require.NoError(t, table.Save(ctx, item, dynamapper.FailOnConflict()))
	stored["name"] = textValue("Waldo")
	require.Equal(t, stored, getRaw(t, table.Name(), key))

	updated, err := table.Update(dynamapper.Key("1")).Set("price", fee{"1.00"}).Set("coins",
		coins{Amount: 1}).Run(ctx)
	require.NoError(t, err)
	require.Equal(t, fee{"1.00"}, updated.Price)
	_, err = table.Update(dynamapper.Key("1")).Set("price", fee{"0.00"}).Set("coins",
		coins{Currency: "euro"}).Set("rank", -3).Run(ctx)
	require.NoError(t, err)
	raw := getRaw(t, table.Name(), key)
	for _, attribute := range []string{"price", "coins", "rank"} {
		require.NotContains(t, raw, attribute)
	}
	for name, condition := range map[string]dynamapper.Condition{
		"price": dynamapper.Attr("price", dynamapper.EQ(fee{"0.00"})),
		"rank":  dynamapper.Attr("rank", dynamapper.EQ(rank(-1))),
	} {
		count, err := table.Scan().Where(condition).Consistent().Count(ctx)
		require.NoError(t, err)
		require.Equal(t, 1, count, name)
	}
	count, err := table.Scan().Where(dynamapper.Attr("rank", dynamapper.EQ(0))).Consistent().
		Count(ctx)
	require.NoError(t, err)
	require.Zero(t, count, "no attribute is stored here")
}

// Standings is embedded as a pointer.
type Standings struct {
	Wins   int    `dynamo:"wins"`
	Rating int    `dynamo:"rating,omitempty"`
	League string `dynamo:"league"`
	*Season
}

// Season is embedded as a pointer in another one.
type Season struct {
	Year int `dynamo:"year"`
}

type standingPlayer struct {
	dynamapper.Model `dynamo:"standing-players"`
	ID               string `dynamo:"id,hash"`
	Name             string `dynamo:"name"`
	*Standings
}

// Setting a nil embedded pointer is an edit, even if all fields of the struct are zero.
func TestZeroStructBehindAnEmbeddedPointer(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]dynamapper.SaveOption{
		"Save": nil, "FailOnConflict": {dynamapper.FailOnConflict()},
		"ChangedOnly": {dynamapper.ChangedOnly()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, table := t.Context(), tableOf[standingPlayer](t)
			key := attributes{"id": textValue("1")}
			putRaw(t, table.Name(),
				attributes{"id": textValue("1"),
					"league": &types.AttributeValueMemberNULL{Value: true}})
			item := load(t, table, "1")
			require.Nil(t, item.Standings)
			item.Standings = &Standings{}
			require.NoError(t, table.Save(ctx, item, opts...))
			raw := getRaw(t, table.Name(), key)
			require.Equal(t, numberValue("0"), raw["wins"])
			require.NotContains(t, raw, "year")
			item = load(t, table, "1")
			require.Equal(t, &Standings{}, item.Standings)

			item.Season = &Season{}
			require.NoError(t, table.Save(ctx, item, opts...))
			require.Equal(t, numberValue("0"), getRaw(t, table.Name(), key)["year"])
			item = load(t, table, "1")
			require.Equal(t, &Season{}, item.Season)

			item.Standings = nil
			require.NoError(t, table.Save(ctx, item, opts...))
			require.NotContains(t, getRaw(t, table.Name(), key), "wins")
			require.Nil(t, load(t, table, "1").Standings)
		})
	}
}

// A zero field beside a stored attribute stays missing, as it does in the model itself.
func TestZeroBesideAStoredAttributeBehindAnEmbeddedPointer(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	table, sent := watchedTable[standingPlayer](t)
	putRaw(t, table.Name(), attributes{"id": textValue("1"), "league": textValue("gold")})
	item := load(t, table, "1")
	sent.take()
	require.NoError(t, table.Save(ctx, item, dynamapper.ChangedOnly()))
	require.Empty(t, sent.take(), "nothing was edited")
	partial, err := table.Get(ctx, dynamapper.Key("1"), dynamapper.Select("name"),
		dynamapper.Consistent())
	require.NoError(t, err)
	partial.Standings = &Standings{}
	sent.take()
	require.NoError(t, table.Save(ctx, partial, dynamapper.ChangedOnly()))
	require.Empty(t, sent.take(), "a zero value of an unread attribute is not an edit")
}

// Audit is allocated when a save sets its stamps.
type Audit struct {
	Version string `dynamo:"version,version"`
	Reviews int    `dynamo:"reviews"`
}

type auditedPlayer struct {
	dynamapper.Model `dynamo:"audited-players"`
	ID               string `dynamo:"id,hash"`
	*Audit
}

// If the mapper allocates an embedded struct to set a version, the other fields of the struct are
// not edited.
func TestStampedEmbeddedPointerIsNoEdit(t *testing.T) {
	t.Parallel()
	table, sent := watchedTable[auditedPlayer](t)
	putRaw(t, table.Name(), attributes{"id": textValue("1")})
	item := load(t, table, "1")
	sent.take()
	require.NoError(t, table.Save(t.Context(), item, dynamapper.ChangedOnly()))
	require.Empty(t, sent.take())
	require.Nil(t, item.Audit)
}
