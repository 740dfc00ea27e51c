package tests

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

func randomName() string { return rand.Text() }

// A version never returns to a key: a program that read an item before it was deleted and inserted
// again, in whatever way, is refused.
func TestAVersionDoesNotComeAgain(t *testing.T) {
	t.Parallel()
	t.Run("int", testLives[int])
	t.Run("int64", testLives[int64])
	t.Run("uint", testLives[uint])
	t.Run("uint64", testLives[uint64])
	t.Run("int32", testLives[int32])
	t.Run("uint32", testLives[uint32])
	t.Run("string", testLives[string])
}

func testLives[V comparable](t *testing.T) {
	mapper := fixtures.Mapper(t)
	table := fixtures.TableIn[smallVersion[V]](t, mapper)
	for way, insert := range insertions[V](mapper) {
		for seen := range 3 { // updates in its first life before it was read
			t.Run(fmt.Sprint(way, " ", seen), func(t *testing.T) {
				ctx, id := t.Context(), fmt.Sprint(way, seen)
				live := func(balance int) *smallVersion[V] {
					require.NoError(t, insert(ctx, table, id, balance))
					for range seen {
						item := fixtures.Load(t, table, id)
						item.Balance++
						require.NoError(t, table.Save(ctx, item, dynamapper.FailOnConflict()))
					}
					return fixtures.Load(t, table, id)
				}
				stale, gone := live(100), fixtures.Load(t, table, id)
				require.NoError(t, table.DeleteKey(ctx, dynamapper.Key(id)))
				live(7)
				stale.Balance = 50
				require.ErrorIs(t, table.Save(ctx, stale, dynamapper.FailOnConflict()),
					dynamapper.ErrConflict)
				require.ErrorIs(t, table.Delete(ctx, gone, dynamapper.FailOnConflict()),
					dynamapper.ErrConflict)
				require.ErrorIs(t,
					mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
						table.In(tx).Save(stale)
						return nil
					}), dynamapper.ErrConflict)
				require.Equal(t, 7+seen, fixtures.Load(t, table, id).Balance)
			})
		}
	}
}

// insertions returns all ways to create an item.
func insertions[V comparable](
	mapper *dynamapper.Mapper,
) map[string]func(
	ctx context.Context, table *dynamapper.Table[smallVersion[V]], id string, balance int,
) error {
	type lives = dynamapper.Table[smallVersion[V]]
	item := func(id string, balance int) *smallVersion[V] {
		return &smallVersion[V]{ID: id,
			Balance: balance}
	}
	return map[string]func(context.Context, *lives, string, int) error{
		"Save": func(ctx context.Context, table *lives, id string, balance int) error {
			return table.Save(ctx, item(id, balance))
		},
		"FailOnConflict": func(ctx context.Context, table *lives, id string, balance int) error {
			return table.Save(ctx, item(id, balance), dynamapper.FailOnConflict())
		},
		"Idempotent": func(ctx context.Context, table *lives, id string, balance int) error {
			return table.Save(ctx, item(id, balance), dynamapper.ChangedOnly(),
				dynamapper.Idempotent())
		},
		"BatchSave": func(ctx context.Context, table *lives, id string, balance int) error {
			return table.BatchSave(ctx, []*smallVersion[V]{item(id, balance)})
		},
		"ModifyOrNew": func(ctx context.Context, table *lives, id string, balance int) error {
			_, err := table.ModifyOrNew(ctx, dynamapper.Key(id), func(s *smallVersion[V]) error {
				s.Balance = balance
				return nil
			})
			return err
		},
		"Update": func(ctx context.Context, table *lives, id string, balance int) error {
			_, err := table.Update(dynamapper.Key(id)).Set("balance", balance).Run(ctx)
			return err
		},
		"RunTransaction": func(ctx context.Context, table *lives, id string, balance int) error {
			return mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
				table.In(tx).Save(item(id, balance))
				return nil
			})
		},
		"Update in a transaction": func(ctx context.Context, table *lives, id string, balance int) error {
			return mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
				table.In(tx).Update(dynamapper.Key(id)).Set("balance", balance)
				return nil
			})
		},
	}
}

// An integer version starts at the current time in microseconds, however the item gets its first
// version.
func TestAnIntegerVersionBeginsAtTheTime(t *testing.T) {
	t.Parallel()
	mapper := fixtures.Mapper(t)
	table := fixtures.TableIn[smallVersion[int64]](t, mapper)
	begin := time.Now().UnixMicro()
	isTime := func(id string) {
		require.InDelta(t, begin, fixtures.Load(t, table, id).Version, 3600e6)
		require.GreaterOrEqual(t, fixtures.Load(t, table, id).Version, begin)
	}
	for way, insert := range insertions[int64](mapper) {
		require.NoError(t, insert(t.Context(), table, way, 1))
		isTime(way)
	}
	for _, letters := range []string{"", "F", "C", "FC", "U"} {
		id := "without " + letters
		fixtures.PutRaw(
			t,
			table.Name(),
			fixtures.Attributes{"id": fixtures.Text(id), "balance": fixtures.Number("1")},
		)
		if letters == "U" {
			_, err := table.Update(dynamapper.Key(id)).Set("balance", 2).Run(t.Context())
			require.NoError(t, err)
		} else {
			item := fixtures.Load(t, table, id)
			item.Balance = 2
			require.NoError(t, table.Save(t.Context(), item, writeOptions(letters)...))
			require.Equal(t, fixtures.Load(t, table, id).Version, item.Version)
		}
		isTime(id)
	}
	entries := fixtures.TableOf[stampedEntry](t)
	entry := &stampedEntry{}
	require.NoError(t, entries.Save(t.Context(), entry))
	require.GreaterOrEqual(t, entry.Version, int(begin))
}

// A small version from before is incremented by a guarded write. An unguarded put sets a version
// that no other writer can have.
func TestASmallVersionGoesOn(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[smallVersion[int]](t)
	begin := int(time.Now().UnixMicro())
	for letters, guarded := range map[string]bool{"F": true, "C": true, "FC": true, "": false,
		"M": false, "B": false} {
		id := "item " + letters
		fixtures.PutRaw(
			t,
			table.Name(),
			fixtures.Attributes{"id": fixtures.Text(id), "version": fixtures.Number("5")},
		)
		item := fixtures.Load(t, table, id)
		item.Balance++
		if letters == "B" {
			require.NoError(t, table.BatchSave(t.Context(), []*smallVersion[int]{item}))
		} else {
			require.NoError(t, table.Save(t.Context(), item, writeOptions(letters)...))
		}
		require.Equal(t, item.Version, fixtures.Load(t, table, id).Version)
		if guarded {
			require.Equal(t, 6, item.Version)
		} else {
			require.GreaterOrEqual(t, item.Version, begin)
		}
	}
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{"id": fixtures.Text("updated"), "version": fixtures.Number("5")},
	)
	updated, err := table.Update(dynamapper.Key("updated")).Set("balance", 1).Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, 6, updated.Version)
}

// Two writers put an item over each other. A reader of the first one's item is refused, even if the
// version that both had loaded is ahead of their clocks.
func TestUnguardedPutsDoNotShareAVersion(t *testing.T) {
	t.Parallel()
	ahead := fmt.Sprint(time.Now().Add(time.Hour).UnixMicro())
	for _, stored := range []string{"5", ahead} {
		table := fixtures.TableOf[smallVersion[int]](t)
		fixtures.PutRaw(
			t,
			table.Name(),
			fixtures.Attributes{"id": fixtures.Text("one"), "version": fixtures.Number(stored)},
		)
		first, second := fixtures.Load(t, table, "one"), fixtures.Load(t, table, "one")
		first.Balance, second.Balance = 1, 2
		require.NoError(t, table.Save(t.Context(), first))
		reader := fixtures.Load(t, table, "one")
		require.NoError(t, table.Save(t.Context(), second))
		reader.Balance += 10
		require.ErrorIs(t, table.Save(t.Context(), reader, dynamapper.FailOnConflict()),
			dynamapper.ErrConflict)
		require.Equal(t, 2, fixtures.Load(t, table, "one").Balance)
	}
}

// Another program, which does not know the version, puts the item without one. A version that
// ChangedOnly saved afterwards does not vouch for the other attributes.
func TestAVersionThatAnotherProgramRemoved(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[smallVersion[int]](t)
	require.NoError(t, table.Save(t.Context(), &smallVersion[int]{ID: "one", Balance: 1}))
	item := fixtures.Load(t, table, "one")
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{"id": fixtures.Text("one"), "balance": fixtures.Number("100")},
	)
	item.Note = "edited"
	require.NoError(t, table.Save(t.Context(), item, dynamapper.ChangedOnly()))
	require.Greater(t, fixtures.Load(t, table, "one").Version, item.Version)
	item.Balance = 2
	require.ErrorIs(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
	require.Equal(t, 100, fixtures.Load(t, table, "one").Balance)
}

// Version types that overflow after a few writes are refused, because the item could then no longer
// be read.
func TestVersionsThatAreTooSmall(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"int8": tableError[smallVersion[int8]](t), "int16": tableError[smallVersion[int16]](t),
		"uint8": tableError[smallVersion[uint8]](t), "uint16": tableError[smallVersion[uint16]](t),
	} {
		require.ErrorIs(t, err, dynamapper.ErrSchema)
		require.ErrorContains(t, err, "of type "+name+"; use int64, or string")
	}
	for _, err := range []error{tableError[smallVersion[int32]](t),
		tableError[smallVersion[uint32]](t), tableError[smallVersion[uint64]](t)} {
		require.NoError(t, err)
	}
}

func tableError[T dynamapper.IsModel](t *testing.T) error {
	_, err := dynamapper.TableOf[T](fixtures.Mapper(t))
	return err
}

// A version of 32 bits may repeat, so the other attributes are compared as well.
func TestASmallVersionIsNotComparedAlone(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[smallVersion[int32]](t)
	item := &smallVersion[int32]{ID: "one", Balance: 1}
	require.NoError(t, table.Save(t.Context(), item))
	require.EqualValues(t, 1, item.Version)
	fixtures.SetRaw(t, table.Name(), accountKey, "balance", fixtures.Number("2"))
	item.Note = "edited"
	requireConflictIn(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()), "balance")
	requireConflictIn(t, table.Delete(t.Context(), item, dynamapper.FailOnConflict()), "balance")
	partial, err := table.Get(t.Context(), dynamapper.Key("one"), dynamapper.Select("note"),
		dynamapper.Consistent())
	require.NoError(t, err)
	err = table.Delete(t.Context(), partial, dynamapper.FailOnConflict())
	require.ErrorIs(t, err, dynamapper.ErrPartial)
	require.ErrorContains(t, err, "make its version an int64 or a string")
	fixtures.SetRaw(t, table.Name(), accountKey, "balance", fixtures.Number("1"))
	for i, letters := range []string{"F", "", "C", "FC", "F"} {
		item.Balance++
		require.NoError(t, table.Save(t.Context(), item, writeOptions(letters)...))
		require.EqualValues(t, i+2, item.Version)
	}
	require.NoError(t, table.Delete(t.Context(), item, dynamapper.FailOnConflict()))
}

// A save whose update is too long for an expression also increments its version.
func TestTheVersionOfALongUpdate(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[wideVersion](t)
	for _, letters := range []string{"F", "C"} {
		for name, version := range map[string]string{"counted": "5", "without": ""} {
			stored := fixtures.Attributes{"id": fixtures.Text("one")}
			if version != "" {
				stored["version"] = fixtures.Number(version)
			}
			fixtures.PutRaw(t, table.Name(), stored)
			item := fixtures.Load(t, table, "one")
			fillWide(item, 700, letters)
			require.NoError(t, table.Save(t.Context(), item, writeOptions(letters)...))
			require.Equal(t, fixtures.GetRaw(t, table.Name(), accountKey), table.Snapshot(item))
			require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
			require.Equal(t, name == "counted", item.Version == 7)
		}
	}
}

// wideVersion has a version and more attributes than an expression can set.
type wideVersion struct {
	dynamapper.Model `dynamo:"wide"`
	ID               string `dynamo:"id,hash"`
	block700
	Version int `dynamo:"version,version"`
}
