package tests

import (
	"encoding/json"
	"net"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

type behindPointer struct {
	dynamapper.Model `dynamo:"behind"`
	ID               string `dynamo:"id,hash"`
	*Behind
}

// Behind has fields whose attributes may be missing while others of the struct are stored.
type Behind struct {
	Name  string `dynamo:"name"`
	Count int    `dynamo:"count"`
}

// A field behind an embedded pointer that was neither read nor edited is not written.
func TestFieldsBehindAPointerAreNotEditedByLoading(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[behindPointer](t)
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{"id": fixtures.Text("1"), "name": fixtures.Text("a")},
	)

	mine, err := table.Get(t.Context(), dynamapper.Key("1"), dynamapper.Consistent())
	require.NoError(t, err)
	theirs, err := table.Get(t.Context(), dynamapper.Key("1"), dynamapper.Consistent())
	require.NoError(t, err)
	theirs.Count = 5
	require.NoError(t, table.Save(t.Context(), theirs, dynamapper.ChangedOnly()))
	mine.Name = "b"
	require.NoError(t, table.Save(t.Context(), mine, dynamapper.ChangedOnly()))

	now, err := table.Get(t.Context(), dynamapper.Key("1"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, &Behind{Name: "b", Count: 5}, now.Behind)

	partial, err := table.Get(t.Context(), dynamapper.Key("1"), dynamapper.Select("name"),
		dynamapper.Consistent())
	require.NoError(t, err)
	partial.Name = "c"
	require.NoError(t, table.Save(t.Context(), partial, dynamapper.ChangedOnly()),
		"only the name was edited")
}

type beforeVersions struct {
	dynamapper.Model `dynamo:"wallets"`
	ID               string `dynamo:"id,hash"`
	Balance          int    `dynamo:"balance"`
}

type withVersions struct {
	dynamapper.Model `dynamo:"wallets"`
	ID               string `dynamo:"id,hash"`
	Balance          int    `dynamo:"balance"`
	Version          int    `dynamo:"version,version"`
}

// A stored item without a version is compared whole, because an older program without versions may
// still write.
func TestAnItemWithoutItsVersionIsComparedWhole(t *testing.T) {
	t.Parallel()
	old := fixtures.TableOf[beforeVersions](t)
	now := sameTable[withVersions](t, old.Name())
	ctx := t.Context()
	require.NoError(t, old.Save(ctx, &beforeVersions{ID: "1", Balance: 100}))

	mine, err := now.Get(ctx, dynamapper.Key("1"), dynamapper.Consistent())
	require.NoError(t, err)
	theirs, err := old.Get(ctx, dynamapper.Key("1"), dynamapper.Consistent())
	require.NoError(t, err)
	theirs.Balance = 70
	require.NoError(t, old.Save(ctx, theirs, dynamapper.FailOnConflict()))

	mine.Balance = 50
	require.ErrorIs(t, now.Save(ctx, mine, dynamapper.FailOnConflict()), dynamapper.ErrConflict)
	require.ErrorIs(t, now.Delete(ctx, mine, dynamapper.FailOnConflict()), dynamapper.ErrConflict)

	mine, err = now.Get(ctx, dynamapper.Key("1"), dynamapper.Consistent())
	require.NoError(t, err)
	mine.Balance -= 50
	require.NoError(t, now.Save(ctx, mine, dynamapper.FailOnConflict()))
	require.Equal(t, 20, mine.Balance)
	first := mine.Version
	require.NotZero(t, first)
	mine.Balance--
	require.NoError(t, now.Save(ctx, mine, dynamapper.FailOnConflict()),
		"now compared by its version")
	require.Equal(t, first+1, mine.Version)
}

type migratedVersion struct {
	dynamapper.Model `dynamo:"wallets"`
	ID               string `dynamo:"id,hash"`
	Balance          int    `dynamo:"balance"`
	Version          int    `dynamo:"version,version"`
}

func (*migratedVersion) MigrateItem(raw map[string]types.AttributeValue) error {
	if rev, ok := raw["rev"]; ok {
		raw["version"] = rev
		delete(raw, "rev")
	}
	return nil
}

// A version that MigrateItem reads from another attribute continues from there, and a concurrent
// change is a conflict.
func TestAMigratedVersionGoesOn(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[migratedVersion](t)
	stored := fixtures.Attributes{"id": fixtures.Text("1"), "balance": fixtures.Number("100"),
		"rev": fixtures.Number("2")}
	fixtures.PutRaw(t, table.Name(), stored)

	mine, err := table.Get(t.Context(), dynamapper.Key("1"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, 2, mine.Version)
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{
			"id":      fixtures.Text("1"),
			"balance": fixtures.Number("70"),
			"rev":     fixtures.Number("3"),
		},
	)
	mine.Balance = 50
	require.ErrorIs(t, table.Save(t.Context(), mine, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)

	mine, err = table.Get(t.Context(), dynamapper.Key("1"), dynamapper.Consistent())
	require.NoError(t, err)
	mine.Balance = 50
	require.NoError(t, table.Save(t.Context(), mine, dynamapper.FailOnConflict()))
	require.Equal(t, 4, mine.Version)
	require.Equal(
		t,
		fixtures.Attributes{
			"id":      fixtures.Text("1"),
			"balance": fixtures.Number("50"),
			"version": fixtures.Number("4"),
		},
		fixtures.GetRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text("1")}),
	)
}

type orderLine struct {
	dynamapper.Model `dynamo:"lines"`
	Order            string `dynamo:"order,hash"`
	N                int    `dynamo:"n,range"`
}

// A key may be the zero value of its type, also for an item that was not loaded.
func TestDeleteOfAnUnloadedItemWithAZeroKey(t *testing.T) {
	t.Parallel()
	lines := fixtures.TableOf[orderLine](t)
	require.NoError(t, lines.Save(t.Context(), &orderLine{Order: "o"}))
	require.NoError(t, lines.Delete(t.Context(), &orderLine{Order: "o"}, dynamapper.MustExist()))
	require.ErrorIs(t, lines.Delete(t.Context(), &orderLine{Order: "o"}, dynamapper.MustExist()),
		dynamapper.ErrNotFound)
}

// ChangedOnly refuses an edited key, because at the new key it would replace the whole item.
func TestChangedOnlyRefusesAnEditedKey(t *testing.T) {
	t.Parallel()
	wallets := fixtures.TableOf[beforeVersions](t)
	ctx := t.Context()
	require.NoError(t, wallets.Save(ctx, &beforeVersions{ID: "a", Balance: 1}))
	require.NoError(t, wallets.Save(ctx, &beforeVersions{ID: "b", Balance: 2}))
	a, err := wallets.Get(ctx, dynamapper.Key("a"), dynamapper.Consistent())
	require.NoError(t, err)
	a.ID = "b"
	err = wallets.Save(ctx, a, dynamapper.ChangedOnly())
	require.ErrorIs(t, err, dynamapper.ErrConflict)
	require.ErrorContains(t, err, "its key was edited since (id)")
	b, err := wallets.Get(ctx, dynamapper.Key("b"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, 2, b.Balance)
}

type server struct {
	dynamapper.Model `dynamo:"servers"`
	Name             string `dynamo:"name,hash"`
	IP               net.IP `dynamo:"ip,default=10.0.0.1"`
}

// Items that New makes share no memory, even if a default contains a reference.
func TestDefaultsAreMadeAnew(t *testing.T) {
	t.Parallel()
	mapper, err := dynamapper.New(fixtures.RawClient(t))
	require.NoError(t, err)
	servers, err := dynamapper.TableOf[server](mapper)
	require.NoError(t, err)
	one := servers.New()
	one.IP[len(one.IP)-1] = 99
	require.Equal(t, "10.0.0.1", servers.New().IP.String())
}

// Model does not contribute to a struct's value: it equals every other Model for go-cmp, which
// calls Equal, and has no fields in JSON.
func TestModelIsNoPartOfTheValue(t *testing.T) {
	t.Parallel()
	wallets := fixtures.TableOf[beforeVersions](t)
	loaded := &beforeVersions{ID: "1", Balance: 1}
	require.NoError(t, wallets.Save(t.Context(), loaded))
	require.True(t, loaded.Model.Equal(dynamapper.Model{}))
	text, err := json.Marshal(loaded)
	require.NoError(t, err)
	require.JSONEq(t, `{"ID":"1","Balance":1}`, string(text))

	again := *loaded
	require.False(t, wallets.IsNew(&again), "a copy has the snapshot")
	again.Model = dynamapper.Model{}
	require.True(t, wallets.IsNew(&again))
}

// sameTable returns a table of another model with the name of an existing table.
func sameTable[T dynamapper.IsModel](t *testing.T, name string) *dynamapper.Table[T] {
	t.Helper()
	mapper, err := dynamapper.New(fixtures.RawClient(t))
	require.NoError(t, err)
	table, err := dynamapper.TableOf[T](mapper, dynamapper.WithTableName(name))
	require.NoError(t, err)
	return table
}
