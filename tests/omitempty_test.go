package tests

import (
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
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
	table := fixtures.TableOf[coinPurse](t)
	none := coins{Currency: "euro"}
	document := mapValue(
		fixtures.Attributes{"currency": fixtures.Text("euro"), "amount": fixtures.Number("0")},
	)
	require.NoError(t,
		table.Save(t.Context(),
			&coinPurse{ID: "zero", Coins: none, JSON: none, Pointer: &none, Plain: none, Rank: -1,
				Price: fee{"0.00"}, Marks: marks{"a": false}, Inside: pocket{none, -1}}))
	require.Equal(
		t,
		fixtures.Attributes{"id": fixtures.Text("zero"), "pointer": document, "plain": document,
			"inside": mapValue(fixtures.Attributes{})},
		fixtures.GetRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text("zero")}),
		"only a nil pointer is missing, and without omitempty every value is stored",
	)
	require.Equal(t, []string{"id", "inside", "plain", "pointer", "rank"},
		slices.Sorted(maps.Keys(table.ToMap(fixtures.Load(t, table, "zero")))))

	require.NoError(t,
		table.Save(t.Context(),
			&coinPurse{ID: "some", Rank: 0, Price: fee{"0.01"}, Marks: marks{"a": true}}))
	raw := fixtures.GetRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text("some")})
	require.Equal(
		t,
		fixtures.Attributes{
			"id":    fixtures.Text("some"),
			"rank":  fixtures.Number("0"),
			"price": fixtures.Text("0.01"),
			"marks": mapValue(
				fixtures.Attributes{"a": &types.AttributeValueMemberBOOL{Value: true}},
			),
			"plain":  mapValue(fixtures.Attributes{"amount": fixtures.Number("0")}),
			"inside": mapValue(fixtures.Attributes{"rank": fixtures.Number("0")}),
		},
		raw,
	)
}

// Loading a stored value that IsZero calls zero is not an edit, and setting a field to zero removes
// the attribute.
func TestOmitEmptyOfStoredValues(t *testing.T) {
	t.Parallel()
	ctx, table := t.Context(), fixtures.TableOf[coinPurse](t)
	key := fixtures.Attributes{"id": fixtures.Text("1")}
	stored := fixtures.Attributes{"id": fixtures.Text("1"), "price": fixtures.Text("0.00"),
		"rank": fixtures.Number("-5")}
	fixtures.PutRaw(t, table.Name(), stored)
	item := fixtures.Load(t, table, "1")
	item.Name = "Waldo"
	require.NoError(t, table.Save(ctx, item, dynamapper.FailOnConflict()))
	stored["name"] = fixtures.Text("Waldo")
	require.Equal(t, stored, fixtures.GetRaw(t, table.Name(), key))

	updated, err := table.Update(dynamapper.Key("1")).Set("price", fee{"1.00"}).Set("coins",
		coins{Amount: 1}).Run(ctx)
	require.NoError(t, err)
	require.Equal(t, fee{"1.00"}, updated.Price)
	_, err = table.Update(dynamapper.Key("1")).Set("price", fee{"0.00"}).Set("coins",
		coins{Currency: "euro"}).Set("rank", -3).Run(ctx)
	require.NoError(t, err)
	raw := fixtures.GetRaw(t, table.Name(), key)
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
			ctx, table := t.Context(), fixtures.TableOf[standingPlayer](t)
			key := fixtures.Attributes{"id": fixtures.Text("1")}
			fixtures.PutRaw(t, table.Name(),
				fixtures.Attributes{"id": fixtures.Text("1"),
					"league": &types.AttributeValueMemberNULL{Value: true}})
			item := fixtures.Load(t, table, "1")
			require.Nil(t, item.Standings)
			item.Standings = &Standings{}
			require.NoError(t, table.Save(ctx, item, opts...))
			raw := fixtures.GetRaw(t, table.Name(), key)
			require.Equal(t, fixtures.Number("0"), raw["wins"])
			require.NotContains(t, raw, "year")
			item = fixtures.Load(t, table, "1")
			require.Equal(t, &Standings{}, item.Standings)

			item.Season = &Season{}
			require.NoError(t, table.Save(ctx, item, opts...))
			require.Equal(t, fixtures.Number("0"), fixtures.GetRaw(t, table.Name(), key)["year"])
			item = fixtures.Load(t, table, "1")
			require.Equal(t, &Season{}, item.Season)

			item.Standings = nil
			require.NoError(t, table.Save(ctx, item, opts...))
			require.NotContains(t, fixtures.GetRaw(t, table.Name(), key), "wins")
			require.Nil(t, fixtures.Load(t, table, "1").Standings)
		})
	}
}

// A zero field beside a stored attribute stays missing, as it does in the model itself.
func TestZeroBesideAStoredAttributeBehindAnEmbeddedPointer(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	table, sent := fixtures.WatchedTable[standingPlayer](t)
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{"id": fixtures.Text("1"), "league": fixtures.Text("gold")},
	)
	item := fixtures.Load(t, table, "1")
	sent.Take()
	require.NoError(t, table.Save(ctx, item, dynamapper.ChangedOnly()))
	require.Empty(t, sent.Take(), "nothing was edited")
	partial, err := table.Get(ctx, dynamapper.Key("1"), dynamapper.Select("name"),
		dynamapper.Consistent())
	require.NoError(t, err)
	partial.Standings = &Standings{}
	sent.Take()
	require.NoError(t, table.Save(ctx, partial, dynamapper.ChangedOnly()))
	require.Empty(t, sent.Take(), "a zero value of an unread attribute is not an edit")
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
	table, sent := fixtures.WatchedTable[auditedPlayer](t)
	fixtures.PutRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text("1")})
	item := fixtures.Load(t, table, "1")
	sent.Take()
	require.NoError(t, table.Save(t.Context(), item, dynamapper.ChangedOnly()))
	require.Empty(t, sent.Take())
	require.Nil(t, item.Audit)
}
