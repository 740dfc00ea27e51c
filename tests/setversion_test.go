package tests

import (
	"context"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// versionField returns the field of a model's version.
func versionField[T any](item *T) reflect.Value {
	return reflect.ValueOf(item).Elem().FieldByName("Version")
}

// A form was opened at the first version. The handler reads the item again, now at the second
// version, and sets the version of the form. Any write then returns a conflict, and nothing is
// sent.
func testSetVersion[T dynamapper.IsModel, P versioned[T]](t *testing.T) {
	sent := &fixtures.Requests{}
	mapper := fixtures.Mapper(t, dynamapper.WithObserver(sent.Observe))
	table := fixtures.TableIn[T](t, mapper)
	ctx, key := t.Context(), dynamapper.Key("one")
	form := savedAccount[T, P](t, table)
	other := fixtures.Load(t, table, "one")
	P(other).fields().Balance = 100
	require.NoError(t, table.Save(ctx, other, dynamapper.FailOnConflict()))
	stored := fixtures.GetRaw(t, table.Name(), accountKey)

	item := fixtures.Load(t, table, "one")
	P(item).fields().Name = "from the form"
	for _, seen := range []reflect.Value{versionField(form),
		reflect.Zero(versionField(form).Type())} {
		versionField(item).Set(seen)
		before := *item
		sent.Take()
		for name, err := range setVersionWrites(t, mapper, table, item) {
			requireUnsentConflict(t, err, "its field Version was set to (version)")
			require.Equal(t, before, *item, name)
		}
		require.Empty(t, sent.Take())

		modified := 0
		changes := func(p *T) error {
			modified++
			versionField(p).Set(seen)
			return nil
		}
		_, err := table.Modify(ctx, key, changes)
		requireUnsentConflict(t, err, "its field Version was set to")
		_, err = table.ModifyOrNew(ctx, key, changes, dynamapper.Idempotent())
		requireUnsentConflict(t, err, "its field Version was set to")
		require.Equal(t, []string{"GetItem", "GetItem"}, sent.Take())
		require.Equal(t, 2, modified, "another try would have the same result")
	}
	require.Equal(t, stored, fixtures.GetRaw(t, table.Name(), accountKey))

	versionField(item).Set(versionField(other))
	require.NoError(t, table.Save(ctx, item, dynamapper.FailOnConflict()),
		"the current version was seen")
	_, err := table.Modify(ctx, key, func(p *T) error {
		versionField(p).Set(versionField(item))
		return nil
	})
	require.NoError(t, err)
	_, err = table.ModifyOrNew(ctx, dynamapper.Key("gone"), func(p *T) error {
		versionField(p).Set(versionField(item))
		return nil
	})
	requireUnsentConflict(t, err, "is not there any more")
}

// setVersionWrites returns the errors of all writes of an item.
func setVersionWrites[T any](
	t *testing.T, mapper *dynamapper.Mapper, table *dynamapper.Table[T], item *T,
) map[string]error {
	errs := map[string]error{}
	for _, letters := range []string{"", "M", "F", "C", "FC", "FM", "X"} {
		errs["Save "+letters] = table.Save(t.Context(), item,
			lostWrite{options: letters}.writeOptions(false)...)
	}
	for _, letters := range []string{"", "M", "F", "FM", "X"} {
		errs["Delete "+letters] = table.Delete(
			t.Context(),
			item,
			fixtures.OptionsAs[dynamapper.DeleteOption](
				lostWrite{options: letters}.writeOptions(false),
			)...)
	}
	errs["BatchSave"] = table.BatchSave(t.Context(), []*T{item})
	for name, stage := range map[string]func(*dynamapper.TxTable[T]){
		"tx.Save":   func(table *dynamapper.TxTable[T]) { table.Save(item) },
		"tx.Delete": func(table *dynamapper.TxTable[T]) { table.Delete(item) },
	} {
		errs[name] = mapper.RunTransaction(t.Context(),
			func(_ context.Context, tx *dynamapper.Tx) error {
				stage(table.In(tx))
				return nil
			})
	}
	return errs
}

// Update and DeleteKey do not use the item. But if a transaction has read the item and set its
// version, the set version counts.
func TestASetVersionBesideAWriteOfTheKey(t *testing.T) {
	t.Parallel()
	mapper := fixtures.Mapper(t)
	table, key := fixtures.TableIn[tokened](t, mapper), dynamapper.Key("one")
	savedAccount[tokened](t, table)
	stored := fixtures.GetRaw(t, table.Name(), accountKey)
	for _, stage := range []func(*dynamapper.TxTable[tokened]){
		func(table *dynamapper.TxTable[tokened]) { table.Update(key).Add("balance", 1) },
		func(table *dynamapper.TxTable[tokened]) { table.DeleteKey(key) },
	} {
		err := mapper.RunTransaction(t.Context(),
			func(ctx context.Context, tx *dynamapper.Tx) error {
				item, err := table.In(tx).Get(ctx, key)
				require.NoError(t, err)
				item.Version = "seen before"
				stage(table.In(tx))
				return nil
			})
		requireUnsentConflict(t, err, "its field Version was set to (version)")
		require.Equal(t, stored, fixtures.GetRaw(t, table.Name(), accountKey))
	}
}

// Nobody can have seen a copy under another key, so its version may start from any value in the
// field.
func TestTheVersionOfACopy(t *testing.T) {
	t.Parallel()
	t.Run("integer", testVersionOfACopy[counted])
	t.Run("string", testVersionOfACopy[tokened])
}

func testVersionOfACopy[T dynamapper.IsModel, P versioned[T]](t *testing.T) {
	table := fixtures.TableOf[T](t)
	item := savedAccount[T, P](t, table)
	for i, change := range []func(copied *T){
		func(*T) {},
		func(copied *T) { versionField(copied).SetZero() },
		func(copied *T) { reflect.ValueOf(copied).Elem().FieldByName("Model").SetZero() },
	} {
		copied := *item
		P(&copied).fields().ID = string(rune('a' + i))
		change(&copied)
		require.NoError(t, table.Save(t.Context(), &copied))
		require.NotEqual(t, versionField(item).Interface(), versionField(&copied).Interface())
		require.Equal(t, versionField(&copied).Interface(),
			versionField(fixtures.Load(t, table, P(&copied).fields().ID)).Interface())
	}
}

// If ChangedOnly saves beside another writer, the new version does not vouch for the loaded
// attributes, so the field keeps the loaded version.
func TestTheVersionAfterAStaleSaveIsTheLoadedOne(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[tokened](t)
	item := savedAccount[tokened](t, table)
	other := fixtures.Load(t, table, "one")
	other.Balance = 100
	require.NoError(t, table.Save(t.Context(), other))
	loaded := item.Version
	item.Name = "Waldo"
	require.NoError(t, table.Save(t.Context(), item, dynamapper.ChangedOnly()))
	require.Equal(t, loaded, item.Version)
	require.NotEqual(t, loaded, fixtures.Load(t, table, "one").Version)
	item.Name = "Wally"
	require.NoError(t, table.Save(t.Context(), item, dynamapper.ChangedOnly()))
}

// For a partial item without its version, an integer version is incremented in the table, and a
// version that was set cannot be compared.
func TestTheVersionOfAPartialItem(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table := fixtures.TableOf[listed](t)
	require.NoError(t, table.Save(t.Context(), &listed{ID: "one", Guild: "red", Name: "x"}))
	version := fixtures.Load(t, table, "one").Version
	items, err := table.Query("red").Index("by-guild").Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, items, 1)
	items[0].Name = "edited"
	require.NoError(t,
		table.Save(t.Context(), items[0], dynamapper.ChangedOnly(), dynamapper.FailOnConflict()))
	require.Equal(t, version+1, fixtures.Load(t, table, "one").Version)
	require.ErrorIs(t, table.Delete(t.Context(), items[0], dynamapper.FailOnConflict()),
		dynamapper.ErrPartial)
	items, err = table.Query("red").Index("by-guild").Collect(t.Context())
	require.NoError(t, err)
	items[0].Version = version + 1
	require.ErrorIs(t, table.Save(t.Context(), items[0], dynamapper.ChangedOnly()),
		dynamapper.ErrPartial)
	require.ErrorIs(t, table.Delete(t.Context(), items[0]), dynamapper.ErrPartial)
}

// listed has an index that does not project the version.
type listed struct {
	dynamapper.Model `dynamo:"listed"`
	ID               string `dynamo:"id,hash"`
	Guild            string `dynamo:"guild" index:"by-guild,hash,include=name"`
	Name             string `dynamo:"name"`
	Version          int    `dynamo:"version,version"`
}

// User methods that set the version field, at random or not at all, do not count as an edit of it.
func TestAVersionThatAHookFillsIn(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[hookedVersion](t)
	for _, letters := range []string{"", "F", "C"} {
		fixtures.PutRaw(
			t,
			table.Name(),
			fixtures.Attributes{"id": fixtures.Text("one"), "version": fixtures.Number("5")},
		)
		item := fixtures.Load(t, table, "one")
		require.Zero(t, item.Version)
		item.Name = "edited"
		require.NoError(t, table.Save(t.Context(), item, writeOptions(letters)...))
		item = fixtures.Load(t, table, "one")
		item.Version = 3
		require.ErrorIs(t, table.Save(t.Context(), item, writeOptions(letters)...),
			dynamapper.ErrConflict)
	}
	moving := fixtures.TableOf[movingVersion](t)
	fixtures.PutRaw(t, moving.Name(), fixtures.Attributes{"id": fixtures.Text("one")})
	item := fixtures.Load(t, moving, "one")
	require.NotEmpty(t, item.Version)
	require.NoError(t, moving.Save(t.Context(), item, dynamapper.FailOnConflict()))
}

// hookedVersion has a hook that leaves the version out.
type hookedVersion struct {
	dynamapper.Model `dynamo:"hooked"`
	ID               string `dynamo:"id,hash"`
	Name             string `dynamo:"name"`
	Version          int    `dynamo:"version,version"`
}

func (h *hookedVersion) UnmarshalItem(raw fixtures.Attributes) error {
	err := dynamapper.DecodeItem(raw, h)
	h.Version = 0
	return err
}

// movingVersion has a hook that sets a new version each time the item has none.
type movingVersion struct {
	dynamapper.Model `dynamo:"moving"`
	ID               string `dynamo:"id,hash"`
	Version          string `dynamo:"version,version"`
}

func (*movingVersion) MigrateItem(raw fixtures.Attributes) error {
	if raw["version"] == nil {
		raw["version"] = fixtures.Text(randomName())
	}
	return nil
}
