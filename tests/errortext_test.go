package tests

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// If the table has other keys than the model, every call reports it, and names the call that lists
// all differences.
func TestAWrongKeySchemaIsReportedByEachCall(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	named := dynamapper.WithTableName("players")
	for name, others := range map[string]func() []error{
		"another name": func() []error {
			type other struct {
				dynamapper.Model
				Owner string `dynamo:"owner,hash"`
				Name  string `dynamo:"name"`
			}
			table, err := dynamapper.TableOf[other](b.mapper, named)
			require.NoError(t, err)
			return callsOf(t, table, dynamapper.Key("a"), &other{Owner: "a"})
		},
		"a range key": func() []error {
			type other struct {
				dynamapper.Model
				Login string `dynamo:"login,hash"`
				Range string `dynamo:"range,range"`
				Name  string `dynamo:"name"`
			}
			table, err := dynamapper.TableOf[other](b.mapper, named)
			require.NoError(t, err)
			// to a put, the range key is only one more attribute
			return callsOf(t, table, dynamapper.Key("a", "b"), &other{Login: "a", Range: "b"})[1:]
		},
		"another type": func() []error {
			type other struct {
				dynamapper.Model
				Login int    `dynamo:"login,hash"`
				Name  string `dynamo:"name"`
			}
			table, err := dynamapper.TableOf[other](b.mapper, named)
			require.NoError(t, err)
			return callsOf(t, table, dynamapper.Key(1), &other{Login: 1})
		},
	} {
		for _, err := range others() {
			require.ErrorContains(t, err,
				"the keys of the table or an index are not those of the model; call Verify for "+
					"all that differs: ValidationException", name)
		}
	}
}

// callsOf returns the errors of all calls that take a key.
func callsOf[T any](
	t *testing.T, table *dynamapper.Table[T], key dynamapper.PrimaryKey, item *T,
) []error {
	_, got := table.Get(t.Context(), key)
	_, updated := table.Update(key).Set("name", "x").Run(t.Context())
	_, batched := table.BatchGet(t.Context(), []dynamapper.PrimaryKey{key})
	return []error{table.Save(t.Context(), item), got, updated, batched,
		table.DeleteKey(t.Context(), key)}
}

// A BatchError names the mapper, the operation and the table once, and its reasons in one sentence.
func TestABatchErrorSaysItOnce(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	big := strings.Repeat("x", 500_000)
	err := b.players.BatchSave(t.Context(),
		[]*player{{Login: "a", Name: big}, {Login: "b"}, {Login: "c", Name: big}})
	require.ErrorContains(t, err,
		fmt.Sprintf(
			"dynamapper: BatchSave: table %q: 2 items were not written: item 0: the item is "+
				"larger than 400 KB", b.players.Name()))
	require.ErrorContains(t, err, "; item 2: the item is larger")
	require.Equal(t, 1, strings.Count(err.Error(), "dynamapper: "))
	require.Equal(t, 1, strings.Count(err.Error(), b.players.Name()))
	require.NotContains(t, err.Error(), "\n")
}

// The error for a partial item is one sentence and matches errors.Is.
func TestAPartialItemIsReportedInOneSentence(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	waldo, err := b.players.Get(t.Context(), dynamapper.Key("waldo"), dynamapper.Select("name"),
		dynamapper.Consistent())
	require.NoError(t, err)
	waldo.Balance = 7
	for _, test := range []struct {
		err  error
		text string
	}{
		{b.players.Save(t.Context(), waldo),
			"and cannot be saved whole; save with ChangedOnly, or load the whole item"},
		{b.players.Save(t.Context(), waldo, dynamapper.ChangedOnly()),
			"the attribute was edited but had not been read; select the attribute, too, or load " +
				"the whole item"},
		{b.players.Delete(t.Context(), waldo, dynamapper.FailOnConflict()),
			"and the delete cannot check that these are unchanged; load the whole item, or " +
				"give the model a version"},
	} {
		require.ErrorIs(t, test.err, dynamapper.ErrPartial)
		require.True(t, strings.HasSuffix(test.err.Error(), test.text), test.err)
	}
}

// The text of a ConditionError names attributes, but no values and no keys of maps.
func TestAFalseConditionNamesItsAttributes(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	keepers := fixtures.TableIn[keeper](t, b.mapper)
	stored := storedKeeper()
	fixtures.PutRaw(t, keepers.Name(), stored)
	text := func(op, table, attributes string) string {
		return fmt.Sprintf(
			"dynamapper: %s: table %q: the condition on the item is false (%s); nothing was "+
				"written", op, table, attributes)
	}
	_, err := b.players.Update(dynamapper.Key("waldo")).Set("name", "x").
		If(dynamapper.Or(poor(), dynamapper.Not(dynamapper.Attr("name", dynamapper.Exists()))),
			poor()).Run(t.Context())
	require.EqualError(t, err, text("Update", b.players.Name(), "balance, name"))
	_, err = keepers.Update(dynamapper.Key(keeperKey["at"])).Set("name", "x").
		If(dynamapper.Attr("settings.lang", dynamapper.EQ("secret"))).Run(t.Context())
	require.EqualError(t, err, text("Update", keepers.Name(), "settings"))
	err = b.mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
		b.players.In(tx).Check(dynamapper.Key("waldo"), poor())
		return nil
	})
	require.ErrorContains(t, err,
		"operation 1: "+
			strings.TrimPrefix(text("Check", b.players.Name(), "balance"), "dynamapper: "))
}

// The error names the hook that needs the whole item.
func TestTheHookThatNeedsTheWholeItemIsNamed(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"migrating has the hook MigrateItem": selectOf[migrating](t, "title"),
		"fullName has the hook MarshalItem":  selectOf[fullName](t, "balance"),
	} {
		require.ErrorContains(t, err, name+", which needs the whole item; leave Select out")
	}
}

func selectOf[T dynamapper.IsModel](t *testing.T, attribute string) error {
	table, err := dynamapper.TableOf[T](mustMapper(t))
	require.NoError(t, err)
	_, err = table.Get(t.Context(), dynamapper.Key("one"), dynamapper.Select(attribute))
	return err
}

func mustMapper(t *testing.T) *dynamapper.Mapper {
	mapper, err := dynamapper.New(struct{ dynamapper.Client }{})
	require.NoError(t, err)
	return mapper
}

// The error for an edited key in a transaction has the number of the operation, and moving the item
// as it suggests works.
func TestAMoveInATransaction(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	err := b.mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
		waldo := b.get(t, ctx, tx, "waldo")
		waldo.Login = "moved"
		b.players.In(tx).Check(dynamapper.Key("wally"))
		b.players.In(tx).Save(waldo)
		return nil
	})
	require.EqualError(t, err,
		fmt.Sprintf(
			"dynamapper: Save: table %q: the item of operation 2 was loaded at another key, and "+
				"its key was edited since (login); "+
				"nothing was sent: to move it stage In(tx).Delete of it as it was read, and "+
				"In(tx).Save of a copy with the new key and Model = dynamapper.Model{}; "+
				"or move it before the transaction", b.players.Name()))
	require.ErrorIs(t, err, dynamapper.ErrConflict)

	require.NoError(t,
		b.mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
			waldo := b.get(t, ctx, tx, "waldo")
			moved := *waldo
			moved.Model, moved.Login = dynamapper.Model{}, "moved"
			b.players.In(tx).Delete(waldo)
			b.players.In(tx).Save(&moved)
			return nil
		}))
	require.Equal(t, []int{-1, 200}, []int{b.balance(t, "waldo"), b.balance(t, "moved")})
}
