package tests

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// deckOf has the hook UnmarshalItem, which reads an attribute for which the model has no field.
type deckOf struct {
	dynamapper.Model `dynamo:"decks"`
	ID               string   `dynamo:"id,hash"`
	Wins             int      `dynamo:"wins"`
	Cards            []string `dynamo:"-"`
}

func (d *deckOf) MarshalItem() (fixtures.Attributes, error) {
	item, err := dynamapper.EncodeItem(d)
	if err == nil && len(d.Cards) > 0 {
		item["cards"] = fixtures.Text(strings.Join(d.Cards, " "))
	}
	return item, err
}

func (d *deckOf) UnmarshalItem(raw fixtures.Attributes) error {
	if cards, is := raw["cards"].(*types.AttributeValueMemberS); is {
		d.Cards = strings.Fields(cards.Value)
	}
	return dynamapper.DecodeItem(raw, d)
}

// The attributes that UnmarshalItem uses are unknown, so a newly added one would go unnoticed.
// Calls that decide by the item therefore require a version and return an error before anything is
// sent.
func TestUnmarshalItemWithoutAVersion(t *testing.T) {
	t.Parallel()
	sent := &fixtures.Requests{}
	mapper := fixtures.Mapper(t, dynamapper.WithObserver(sent.Observe))
	table := fixtures.TableIn[deckOf](t, mapper)
	fixtures.PutRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text("one")})
	item, key := fixtures.Load(t, table, "one"), dynamapper.Key("one")
	sent.Take()
	never := func(*deckOf) error {
		t.Error("the function was called")
		return nil
	}
	stage := func(do func(ctx context.Context, decks *dynamapper.TxTable[deckOf]) error) error {
		return mapper.RunTransaction(t.Context(),
			func(ctx context.Context, tx *dynamapper.Tx) error { return do(ctx, table.In(tx)) })
	}
	type staged = *dynamapper.TxTable[deckOf]
	for name, err := range map[string]error{
		"Modify":      errOf(table.Modify(t.Context(), key, never)),
		"ModifyOrNew": errOf(table.ModifyOrNew(t.Context(), key, never)),
		"Get": stage(
			func(ctx context.Context, decks staged) error { return errOf(decks.Get(ctx, key)) }),
		"Save": stage(
			func(_ context.Context, decks staged) error { decks.Save(item); return nil }),
		"Delete": stage(
			func(_ context.Context, decks staged) error { decks.Delete(item); return nil }),
	} {
		require.ErrorContains(t, err, `give the model a field with the option "version"`, name)
		require.ErrorContains(t, err, "dynamapper: "+name+": ", name)
	}
	require.Empty(t, sent.Take())
	for _, do := range []func(context.Context, staged) error{
		func(_ context.Context, decks staged) error { decks.Save(&deckOf{ID: "new"}); return nil },
		func(_ context.Context, decks staged) error { decks.DeleteKey(key); return nil },
		func(_ context.Context, decks staged) error {
			decks.Update(key).Add("wins",
				1)
			return nil
		},
	} {
		require.NoError(t, stage(do), "these writes do not use the item")
	}
}

// With a version, an added attribute is noticed when the item is modified, deleted or read in a
// transaction.
func TestAnAttributeThatIsAddedRenewsTheVersion(t *testing.T) {
	t.Parallel()
	mapper := fixtures.Mapper(t)
	table := fixtures.TableIn[fullName](t, mapper)
	newer := sameTable[newerName](t, table.Name())
	require.NoError(t, table.Save(t.Context(), &fullName{ID: "one", First: "W"}))
	stale := fixtures.Load(t, table, "one")
	add := func() {
		_, err := newer.Modify(t.Context(), dynamapper.Key("one"),
			func(n *newerName) error { n.Badge += "x"; return nil })
		require.NoError(t, err)
	}
	add()
	require.ErrorIs(t, table.Delete(t.Context(), stale, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
	calls := 0
	_, err := table.Modify(t.Context(), dynamapper.Key("one"), func(n *fullName) error {
		if calls++; calls == 1 {
			add()
		}
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 2, calls)
	require.ErrorIs(t,
		mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
			table.In(tx).Delete(stale)
			return nil
		}), dynamapper.ErrConflict)
}

// newerName is the model of a newer program, with an attribute that fullName does not know.
type newerName struct {
	dynamapper.Model `dynamo:"names"`
	ID               string `dynamo:"id,hash"`
	Badge            string `dynamo:"badge"`
	Version          int    `dynamo:"version,version"`
}
