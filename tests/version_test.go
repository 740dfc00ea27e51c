package tests

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// account has the fields that the models with versions share.
type account struct {
	ID      string    `dynamo:"id,hash"`
	Name    string    `dynamo:"name"`
	Balance int       `dynamo:"balance"`
	Created time.Time `dynamo:"created,created"`
	Updated time.Time `dynamo:"updated,updated"`
}

func (a *account) fields() *account { return a }

func newAccount[T any, P versioned[T]]() *T {
	item := new(T)
	P(item).fields().ID = "one"
	return item
}

func TestEveryWriteRenewsAnIntegerVersion(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[counted](t)
	item := newAccount[counted]()
	for _, letters := range []string{"F", "", "F", "C", "FC", "M", "F"} {
		item.Balance++
		before := item.Version
		require.NoError(t, table.Save(t.Context(), item, writeOptions(letters)...))
		if letters == "C" || letters == "FC" || letters == "F" && before != 0 {
			require.Equal(t, before+1, item.Version,
				"a guarded write, and one that the service increments, adds one")
		} else {
			require.Greater(t, item.Version, before)
		}
		stored := fixtures.Load(t, table, "one")
		require.Equal(t, item.account, stored.account)
		require.Equal(t, item.Version, stored.Version)
	}
	before := item.Version
	require.NoError(t, table.Delete(t.Context(), item, dynamapper.FailOnConflict()))
	require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
	require.Greater(t, fixtures.Load(t, table, "one").Version, before,
		"the version of an item that is created again continues")
}

func TestEveryWriteRenewsAStringVersion(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[tokened](t)
	item := newAccount[tokened]()
	seen := map[string]bool{"": true}
	for _, letters := range []string{"F", "", "F", "C", "FC", "M", "F"} {
		item.Balance++
		require.NoError(t, table.Save(t.Context(), item, writeOptions(letters)...))
		require.NotContains(t, seen, item.Version)
		seen[item.Version] = true
		require.Equal(t, item.Version, fixtures.Load(t, table, "one").Version)
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	t.Run("integer", testVersions[counted])
	t.Run("string", testVersions[tokened])
}

func testVersions[T dynamapper.IsModel, P versioned[T]](t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"RefusedOrUnsentRenewsNothing":             testRefusedRenewsNothing[T, P],
		"FailOnConflictLooksAtTheVersionAlone":     testVersionAlone[T, P],
		"ChangedOnlyBesideAnotherWriterIsStale":    testStaleVersion[T, P],
		"ChangedOnlyBesideTheFirstVersionIsStale":  testStaleFirstVersion[T, P],
		"ChangedOnlyAloneIsNotStale":               testFreshVersion[T, P],
		"AnItemWithoutAVersionGetsOne":             testFirstVersion[T, P],
		"APartialItemWithAVersionCanBeDeleted":     testDeletePartial[T, P],
		"NoUpdateIsLost":                           testNoVersionedUpdateIsLost[T, P],
		"TheSnapshotOfAnUpdateHasTheVersionInIt":   testSnapshotHasVersion[T, P],
		"AttributesOfAConflictAreAllThatDiffer":    testVersionConflictAttributes[T, P],
		"ChangedOnlyOfWhatTheMapperWritesIsNoEdit": testStampsAreNoEdit[T, P],
		"ASetVersionIsTheOneThatWasSeen":           testSetVersion[T, P],
	} {
		t.Run(name, test)
	}
}

// savedAccount saves an item and reads it again.
func savedAccount[T any, P versioned[T]](t *testing.T, table *dynamapper.Table[T]) *T {
	t.Helper()
	require.NoError(t, table.Save(t.Context(), newAccount[T, P]()))
	return fixtures.Load(t, table, "one")
}

func testRefusedRenewsNothing[T dynamapper.IsModel, P versioned[T]](t *testing.T) {
	table, sent := fixtures.WatchedTable[T](t)
	unedited := savedAccount[T, P](t, table)
	stale := fixtures.Load(t, table, "one")
	P(stale).fields().Balance = 7
	fresh := fixtures.Load(t, table, "one")
	P(fresh).fields().Balance = 8
	require.NoError(t, table.Save(t.Context(), fresh, dynamapper.FailOnConflict()))
	gone := fixtures.Load(t, table, "one")
	P(gone).fields().ID = "gone"
	invalid := fixtures.Load(t, table, "one")
	P(invalid).fields().Name = "\xff"
	stored := fixtures.GetRaw(t, table.Name(), accountKey)
	sent.Take()
	for _, c := range []struct {
		item    *T
		letters string
		want    error
	}{
		{unedited, "C", nil},
		{unedited, "FC", nil},
		{stale, "F", dynamapper.ErrConflict},
		{stale, "FC", dynamapper.ErrConflict},
		{newAccount[T, P](), "F", dynamapper.ErrOverwrite},
		{gone, "M", dynamapper.ErrNotFound},
		{gone, "F", dynamapper.ErrConflict},
		{invalid, "", nil},
		{invalid, "F", nil},
	} {
		before := *c.item
		err := table.Save(t.Context(), c.item, writeOptions(c.letters)...)
		if c.want != nil {
			require.ErrorIs(t, err, c.want)
		}
		require.Equal(t, c.item == invalid || c.want != nil, err != nil)
		require.Equal(t, before, *c.item)
		require.Equal(t, stored, fixtures.GetRaw(t, table.Name(), accountKey))
	}
	require.Equal(t, []string{"UpdateItem", "UpdateItem", "PutItem", "PutItem"}, sent.Take())
}

func testVersionAlone[T dynamapper.IsModel, P versioned[T]](t *testing.T) {
	table := fixtures.TableOf[T](t)
	item := savedAccount[T, P](t, table)
	fixtures.SetRaw(t, table.Name(), accountKey, "balance", fixtures.Number("5"))
	P(item).fields().Name = "Waldo"
	require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
	stored := fixtures.GetRaw(t, table.Name(), accountKey)
	require.Equal(
		t,
		fixtures.Number("5"),
		stored["balance"],
		"an unedited attribute is not written",
	)
	P(item).fields().Name = "Other"
	fixtures.SetRaw(t, table.Name(), accountKey, "version", nil)
	require.ErrorIs(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
	fixtures.SetRaw(t, table.Name(), accountKey, "version", stored["version"])
	require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
}

// A and B load an item; B changes the balance, A the name. A has not seen B's balance, so its next
// write must be refused.
func testStaleVersion[T dynamapper.IsModel, P versioned[T]](t *testing.T) {
	table := fixtures.TableOf[T](t)
	for _, letters := range []string{"C", "FC"} {
		a, b := savedAccount[T, P](t, table), fixtures.Load(t, table, "one")
		P(b).fields().Balance = 100
		require.NoError(t, table.Save(t.Context(), b, writeOptions(letters)...))
		P(a).fields().Name = "Waldo"
		require.NoError(t, table.Save(t.Context(), a, writeOptions(letters)...))
		P(a).fields().Balance = 1
		require.ErrorIs(t, table.Save(t.Context(), a, dynamapper.FailOnConflict()),
			dynamapper.ErrConflict)
		require.ErrorIs(t, table.Delete(t.Context(), a, dynamapper.FailOnConflict()),
			dynamapper.ErrConflict)
		P(b).fields().Name = "B"
		require.ErrorIs(t, table.Save(t.Context(), b, dynamapper.FailOnConflict()),
			dynamapper.ErrConflict)
		P(a).fields().Name = "Again"
		P(a).fields().Balance = 0 // as it was loaded
		require.NoError(t, table.Save(t.Context(), a, dynamapper.ChangedOnly()))
		P(a).fields().Balance = 1
		require.ErrorIs(t, table.Save(t.Context(), a, dynamapper.FailOnConflict()),
			dynamapper.ErrConflict, "also after another write of A")
		require.Equal(t, 100, P(fixtures.Load(t, table, "one")).fields().Balance)
	}
}

// The same test for an item that was stored before its model had a version.
func testStaleFirstVersion[T dynamapper.IsModel, P versioned[T]](t *testing.T) {
	table := fixtures.TableOf[T](t)
	// in some rounds, incrementing the integer version that A loaded would give that of B
	for round := range 40 {
		id := fmt.Sprint(round)
		fixtures.PutRaw(
			t,
			table.Name(),
			fixtures.Attributes{"id": fixtures.Text(id), "balance": fixtures.Number("0")},
		)
		a, b := fixtures.Load(t, table, id), fixtures.Load(t, table, id)
		P(b).fields().Balance = 100
		require.NoError(t, table.Save(t.Context(), b, dynamapper.ChangedOnly()))
		P(a).fields().Name = "Waldo"
		require.NoError(t, table.Save(t.Context(), a, dynamapper.ChangedOnly()))
		P(a).fields().Balance = 1
		require.ErrorIs(t, table.Save(t.Context(), a, dynamapper.FailOnConflict()),
			dynamapper.ErrConflict)
		require.Equal(t, 100, P(fixtures.Load(t, table, id)).fields().Balance)
	}
}

func testFreshVersion[T dynamapper.IsModel, P versioned[T]](t *testing.T) {
	table := fixtures.TableOf[T](t)
	item := savedAccount[T, P](t, table)
	for _, letters := range []string{"C", "FC", "F", "C", "", "F"} {
		P(item).fields().Balance++
		require.NoError(t, table.Save(t.Context(), item, writeOptions(letters)...))
	}
	require.Equal(t, 6, P(fixtures.Load(t, table, "one")).fields().Balance)
}

func testFirstVersion[T dynamapper.IsModel, P versioned[T]](t *testing.T) {
	table := fixtures.TableOf[T](t)
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{"id": fixtures.Text("one"), "balance": fixtures.Number("1")},
	)
	first, second := fixtures.Load(t, table, "one"), fixtures.Load(t, table, "one")
	require.NoError(t, table.Save(t.Context(), first, dynamapper.FailOnConflict()))
	require.Contains(t, fixtures.GetRaw(t, table.Name(), accountKey), "version")
	require.ErrorIs(t, table.Save(t.Context(), second, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
	fixtures.PutRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text("one")})
	gone := fixtures.Load(t, table, "one")
	fixtures.DeleteRaw(t, table.Name(), accountKey)
	require.ErrorIs(t, table.Save(t.Context(), gone, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
	require.ErrorIs(t, table.Delete(t.Context(), gone, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
	require.Nil(t, fixtures.GetRaw(t, table.Name(), accountKey))
}

func testDeletePartial[T dynamapper.IsModel, P versioned[T]](t *testing.T) {
	table := fixtures.TableOf[T](t)
	whole := savedAccount[T, P](t, table)
	partial, err := table.Get(t.Context(), dynamapper.Key("one"), dynamapper.Consistent(),
		dynamapper.Select("name"))
	require.NoError(t, err)
	P(whole).fields().Balance = 5
	require.NoError(t, table.Save(t.Context(), whole, dynamapper.FailOnConflict()))
	require.ErrorIs(t, table.Delete(t.Context(), partial, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
	partial, err = table.Get(t.Context(), dynamapper.Key("one"), dynamapper.Consistent(),
		dynamapper.Select("name"))
	require.NoError(t, err)
	P(partial).fields().Name = "Waldo"
	require.NoError(t,
		table.Save(t.Context(), partial, dynamapper.ChangedOnly(), dynamapper.FailOnConflict()))
	require.Equal(t, 5, P(fixtures.Load(t, table, "one")).fields().Balance)
	require.NoError(t, table.Delete(t.Context(), partial, dynamapper.FailOnConflict()))
}

func testNoVersionedUpdateIsLost[T dynamapper.IsModel, P versioned[T]](t *testing.T) {
	table := fixtures.TableOf[T](t)
	savedAccount[T, P](t, table)
	errs := fixtures.InParallel(func(int) error {
		for range 5 {
			err := untilNoConflict(t.Context(), table, "one",
				func(item *T) { P(item).fields().Balance++ }, dynamapper.FailOnConflict())
			if err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, errors.Join(errs...))
	require.Equal(t, 5*fixtures.Writers, P(fixtures.Load(t, table, "one")).fields().Balance)
}

func testSnapshotHasVersion[T dynamapper.IsModel, P versioned[T]](t *testing.T) {
	table := fixtures.TableOf[T](t)
	item := savedAccount[T, P](t, table)
	for _, letters := range []string{"", "F", "C", "FC"} {
		P(item).fields().Balance++
		require.NoError(t, table.Save(t.Context(), item, writeOptions(letters)...))
		require.Equal(t, fixtures.GetRaw(t, table.Name(), accountKey), table.Snapshot(item))
	}
}

func testVersionConflictAttributes[T dynamapper.IsModel, P versioned[T]](t *testing.T) {
	table := fixtures.TableOf[T](t)
	a, b := savedAccount[T, P](t, table), fixtures.Load(t, table, "one")
	P(b).fields().Balance = 5
	require.NoError(t, table.Save(t.Context(), b))
	requireConflictIn(t, table.Save(t.Context(), a, dynamapper.FailOnConflict()), "balance",
		"updated", "version")
}

func testStampsAreNoEdit[T dynamapper.IsModel, P versioned[T]](t *testing.T) {
	table, sent := fixtures.WatchedTable[T](t)
	item := savedAccount[T, P](t, table)
	P(item).fields().Updated = P(item).fields().Updated.In(time.FixedZone("", 3600))
	sent.Take()
	require.NoError(t, table.Save(t.Context(), item, dynamapper.ChangedOnly()))
	require.Empty(t, sent.Take())
}

// If a hook panics in a save, the item is unchanged.
func TestAPanicOfAHookRenewsNothing(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[brokenVersion](t)
	item := &brokenVersion{ID: "one", Version: 3}
	require.PanicsWithValue(t, "hook", func() { _ = table.Save(t.Context(), item) })
	require.Equal(t, brokenVersion{ID: "one", Version: 3}, *item)
}

type brokenVersion struct {
	dynamapper.Model `dynamo:"broken"`
	ID               string `dynamo:"id,hash"`
	Version          int    `dynamo:"version,version"`
}

func (*brokenVersion) MarshalItem() (fixtures.Attributes, error) { panic("hook") }

type smallVersion[V any] struct {
	dynamapper.Model `dynamo:"small"`
	ID               string `dynamo:"id,hash"`
	Balance          int    `dynamo:"balance,omitempty"`
	Note             string `dynamo:"note"`
	Version          V      `dynamo:"version,version"`
}

func TestAVersionThatOverflowsIsAnError(t *testing.T) {
	t.Parallel()
	t.Run("int32",
		func(t *testing.T) { testVersionOverflow[int32](t, math.MaxInt32, "2147483647") })
	t.Run("int64",
		func(t *testing.T) { testVersionOverflow[int64](t, math.MaxInt64, "9223372036854775807") })
	t.Run("uint32",
		func(t *testing.T) { testVersionOverflow[uint32](t, math.MaxUint32, "4294967295") })
	t.Run("uint64",
		func(t *testing.T) {
			testVersionOverflow[uint64](t, math.MaxUint64,
				"18446744073709551615")
		})
}

func testVersionOverflow[V any](t *testing.T, largest V, text string) {
	table, sent := fixtures.WatchedTable[smallVersion[V]](t)
	stored := fixtures.Attributes{"id": fixtures.Text("one"), "version": fixtures.Number(text)}
	fixtures.PutRaw(t, table.Name(), stored)
	item := fixtures.Load(t, table, "one")
	sent.Take()
	for _, letters := range []string{"", "F", "C"} {
		for _, item := range []*smallVersion[V]{item, {ID: "one", Version: largest}} {
			var wrong *dynamapper.FieldError
			require.ErrorAs(t, table.Save(t.Context(), item, writeOptions(letters)...), &wrong)
			require.Equal(t, "version", wrong.Attribute)
			require.Equal(t, largest, item.Version)
		}
	}
	require.Empty(t, sent.Take())
	require.Equal(t, stored, fixtures.GetRaw(t, table.Name(), accountKey))
	require.NoError(t, table.Delete(t.Context(), item, dynamapper.FailOnConflict()))
}
