package tests

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// migrating renames name to title, drops old, and adds a level if none is stored.
type migrating struct {
	dynamapper.Model `dynamo:"migrating"`
	ID               string `dynamo:"id,hash"`
	Title            string `dynamo:"title"`
	Level            int    `dynamo:"level"`
	Balance          int    `dynamo:"balance"`
}

var errNoMigration = errors.New("the item is too old")

func (*migrating) MigrateItem(raw map[string]types.AttributeValue) error {
	if _, ok := raw["prehistoric"]; ok {
		return errNoMigration
	}
	if name, ok := raw["name"]; ok {
		raw["title"] = name
		delete(raw, "name")
	}
	delete(raw, "old")
	if _, ok := raw["level"]; !ok {
		raw["level"] = &types.AttributeValueMemberN{Value: "1"}
	}
	return nil
}

func storedOld() fixtures.Attributes {
	return fixtures.Attributes{
		"id":      fixtures.Text("one"),
		"name":    fixtures.Text("Waldo"),
		"old":     fixtures.Text("x"),
		"clan":    fixtures.Text("reds"),
		"balance": fixtures.Number("5"),
	}
}

func migrated() fixtures.Attributes {
	return fixtures.Attributes{"id": fixtures.Text("one"), "title": fixtures.Text("Waldo"),
		"level": fixtures.Number(
			"1",
		), "clan": fixtures.Text("reds"), "balance": fixtures.Number("5")}
}

func TestMigrateItemAtLoad(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[migrating](t)
	for _, letters := range []string{"", "F", "C", "FC"} {
		fixtures.PutRaw(t, table.Name(), storedOld())
		item := fixtures.Load(t, table, "one")
		require.Equal(t, "Waldo", item.Title)
		require.Equal(t, 1, item.Level)
		require.Equal(t, storedOld(), table.Snapshot(item), "the snapshot is the stored item")
		require.NoError(t, table.Save(t.Context(), item, writeOptions(letters)...))
		require.Equal(t, migrated(), fixtures.GetRaw(t, table.Name(), accountKey),
			"Save removes the attributes that the hook deleted")
		require.Equal(t, migrated(), table.Snapshot(item))
		item.Balance = 6
		require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
		require.NoError(t, table.Delete(t.Context(), item, dynamapper.FailOnConflict()))
	}
}

func TestAConcurrentChangeOrMigrationIsAConflict(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[migrating](t)
	for name, change := range map[string]func(){
		"old": func() {
			fixtures.SetRaw(t, table.Name(), accountKey, "old",
				fixtures.Text("y"))
		},
		"name": func() {
			fixtures.SetRaw(t, table.Name(), accountKey, "name",
				fixtures.Text("Other"))
		},
		"title": func() {
			fixtures.SetRaw(t, table.Name(), accountKey, "title",
				fixtures.Text("Other"))
		},
		"level": func() {
			fixtures.SetRaw(t, table.Name(), accountKey, "level",
				fixtures.Number("1"))
		},
		"balance": func() { fixtures.SetRaw(t, table.Name(), accountKey, "balance", nil) },
	} {
		t.Run(name, func(t *testing.T) {
			fixtures.PutRaw(t, table.Name(), storedOld())
			item := fixtures.Load(t, table, "one")
			change()
			item.Balance = 10
			requireConflictIn(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()), name)
			requireConflictIn(t, table.Delete(t.Context(), item, dynamapper.FailOnConflict()), name)
			requireConflictIn(t,
				table.Save(t.Context(), item, dynamapper.FailOnConflict(),
					dynamapper.ChangedOnly()), name)
		})
	}
	fixtures.PutRaw(t, table.Name(), storedOld())
	first, second := fixtures.Load(t, table, "one"), fixtures.Load(t, table, "one")
	require.NoError(t, table.Save(t.Context(), first, dynamapper.FailOnConflict()))
	requireConflictIn(t, table.Save(t.Context(), second, dynamapper.FailOnConflict()), "level",
		"name", "old", "title")
}

// hero is a model whose attribute lvl was renamed to level.
type hero struct {
	dynamapper.Model `dynamo:"heroes"`

	Name  string `dynamo:"name,hash"`
	Level int    `dynamo:"level"`
}

func (h *hero) MigrateItem(raw map[string]types.AttributeValue) error {
	if old, has := raw["lvl"]; has && raw["level"] == nil {
		raw["level"] = old
	}
	delete(raw, "lvl")
	return nil
}

// The service does not know the hook: an update creates the new attribute beside the old one, and a
// condition finds the new one missing. Modify and transactions use the hook.
func TestUpdateDoesNotSeeARename(t *testing.T) {
	t.Parallel()
	mapper := fixtures.Mapper(t)
	heroes := fixtures.TableIn[hero](t, mapper)
	key := dynamapper.Key("Duke")
	stored := fixtures.Attributes{"name": fixtures.Text("Duke"), "lvl": fixtures.Number("7")}
	store := func() { fixtures.PutRaw(t, heroes.Name(), stored) }
	isLevel := func(level string) {
		require.Equal(
			t,
			fixtures.Attributes{"name": fixtures.Text("Duke"), "level": fixtures.Number(level)},
			fixtures.GetRaw(t, heroes.Name(), fixtures.Attributes{"name": fixtures.Text("Duke")}),
		)
	}

	store()
	duke, err := heroes.Update(key).Add("level", 1).Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, duke.Level, "as the guide warns")
	require.NoError(t, heroes.Save(t.Context(), duke, dynamapper.FailOnConflict()))
	isLevel("1")
	store()
	_, err = heroes.Update(key).Add("level", 1).If(dynamapper.Attr("level", dynamapper.GE(5))).
		Run(t.Context())
	require.ErrorIs(t, err, dynamapper.ErrConditionFailed)

	for range 2 { // before and after the migration
		duke, err = heroes.Modify(t.Context(), key, func(h *hero) error { h.Level++; return nil })
		require.NoError(t, err)
	}
	require.Equal(t, 9, duke.Level)
	isLevel("9")
	store()
	require.NoError(t,
		mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
			h, err := heroes.In(tx).Get(ctx, key)
			require.NoError(t, err)
			h.Level++
			heroes.In(tx).Save(h)
			return nil
		}))
	isLevel("8")
}

func TestAMigrationThatFailsNamesTheItem(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[migrating](t)
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{"id": fixtures.Text("one"), "prehistoric": fixtures.Text("x")},
	)
	_, err := table.Get(t.Context(), dynamapper.Key("one"), dynamapper.Consistent())
	require.ErrorIs(t, err, errNoMigration)
	var wrong *dynamapper.FieldError
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, dynamapper.Key("one"), wrong.Key)
}

// fullName is stored as one attribute and held in two fields; its hooks use the codec for the other
// attributes.
type fullName struct {
	dynamapper.Model `dynamo:"names"`
	ID               string `dynamo:"id,hash"`
	First, Last      string `dynamo:"-"`
	Balance          int    `dynamo:"balance"`
	Version          int    `dynamo:"version,version"`
	WrongKey         any    `dynamo:"-"`
}

var errNoName = errors.New("a name is missing")

func (n *fullName) MarshalItem() (map[string]types.AttributeValue, error) {
	if n.First == "" {
		return nil, errNoName
	}
	item, err := dynamapper.EncodeItem(n)
	if err != nil {
		return nil, err
	}
	item["full"] = &types.AttributeValueMemberS{Value: n.First + " " + n.Last}
	switch key := n.WrongKey.(type) {
	case types.AttributeValue:
		item["id"] = key
	case bool:
		delete(item, "id")
	}
	return item, nil
}

func (n *fullName) UnmarshalItem(raw map[string]types.AttributeValue) error {
	full, ok := raw["full"].(*types.AttributeValueMemberS)
	if !ok {
		return errNoName
	}
	n.First, n.Last, _ = strings.Cut(full.Value, " ")
	return dynamapper.DecodeItem(raw, n)
}

func TestMarshalItemReturnsTheWholeItem(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[fullName](t)
	for _, letters := range []string{"", "F", "C", "FC"} {
		fixtures.PutRaw(t, table.Name(), fixtures.Attributes{
			"id": fixtures.Text(
				"one",
			), "full": fixtures.Text("Waldo Waldsen"), "version": fixtures.Number("3"),
			"clan": fixtures.Text("reds"),
		})
		item := fixtures.Load(t, table, "one")
		require.Equal(t, "Waldsen", item.Last)
		require.Equal(t, 3, item.Version)
		item.Last = "Other"
		require.NoError(t, table.Save(t.Context(), item, writeOptions(letters)...))
		want := fixtures.Attributes{
			"id":      fixtures.Text("one"),
			"full":    fixtures.Text("Waldo Other"),
			"version": fixtures.Number(fmt.Sprint(item.Version)),
		}
		require.Greater(t, item.Version, 3)
		require.Equal(t, want, fixtures.GetRaw(t, table.Name(), accountKey),
			"the version is set before the hook, and attributes that the hook omits are removed")
		require.Equal(t, want, table.Snapshot(item))
	}
}

func TestMarshalItemThatFails(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[fullName](t)
	for name, c := range map[string]struct {
		item *fullName
		want string
	}{
		"its own error": {&fullName{ID: "one", Version: 7}, errNoName.Error()},
		"a wrong key": {&fullName{ID: "one", First: "W", WrongKey: fixtures.Number("1")},
			`the hash key "id" is of type N, and must be S; correct the hook MarshalItem`},
		"no key": {&fullName{ID: "one", First: "W", WrongKey: true},
			`the hook MarshalItem returned no hash key "id"; add the attribute`},
		"a nil value": {
			&fullName{ID: "one", First: "W", WrongKey: (*types.AttributeValueMemberS)(nil)}, "id"},
		"an empty key": {&fullName{ID: "one", First: "W", WrongKey: fixtures.Text("")},
			`the hash key "id" is empty`},
	} {
		t.Run(name, func(t *testing.T) {
			before := *c.item
			err := table.Save(t.Context(), c.item)
			require.ErrorContains(t, err, c.want)
			require.Equal(t, before, *c.item, "the version is as before, too")
			require.Empty(t, sent.Take())
		})
	}
}

// validated refuses a negative balance.
type validated struct {
	dynamapper.Model `dynamo:"validated"`
	ID               int64 `dynamo:"id,hash,autoincrement"`
	Balance          int   `dynamo:"balance"`
	Version          int   `dynamo:"version,version"`
}

var errBroke = errors.New("the balance is below zero")

func (v *validated) ValidateItem() error {
	if v.Balance < 0 {
		return errBroke
	}
	return nil
}

func TestValidateItemStopsASave(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[validated](t)
	item := &validated{}
	require.NoError(t, table.Save(t.Context(), item))
	item.Balance = -1
	fresh := &validated{Balance: -1}
	sent.Take()
	for _, letters := range []string{"", "F", "C", "FC", "M"} {
		for _, item := range []*validated{item, fresh} {
			before := *item
			require.ErrorIs(t, table.Save(t.Context(), item, writeOptions(letters)...), errBroke)
			require.Equal(t, before, *item)
		}
	}
	require.Empty(t, sent.Take(), "no id was taken either")
	require.NoError(t, table.Delete(t.Context(), item, dynamapper.FailOnConflict()),
		"a deletion is not validated")
}

// madeKey has a ValidateItem that sets its keys from other fields.
type madeKey struct {
	dynamapper.Model `dynamo:"madekeys"`
	Hash             string `dynamo:"hash,hash"`
	Range            string `dynamo:"range,range"`
	Guild            string `dynamo:"guild"`
	Name             string `dynamo:"name"`
}

var errNoGuild = errors.New("there is no guild")

func (k *madeKey) ValidateItem() error {
	if k.Guild == "" {
		return errNoGuild
	}
	k.Hash, k.Range = "guild#"+k.Guild, "player#"+k.Name
	return nil
}

// Every write calls ValidateItem before it reads the key, so that the hook can set the key.
func TestValidateItemMakesTheKey(t *testing.T) {
	t.Parallel()
	mapper := fixtures.Mapper(t)
	table := fixtures.TableIn[madeKey](t, mapper)
	ctx := t.Context()
	made := func(name string) *madeKey { return &madeKey{Guild: "red", Name: name} }
	stored := func(name string) fixtures.Attributes {
		return fixtures.GetRaw(
			t,
			table.Name(),
			fixtures.Attributes{
				"hash":  fixtures.Text("guild#red"),
				"range": fixtures.Text("player#" + name),
			},
		)
	}
	require.NoError(t, table.Save(ctx, made("a")))
	require.NoError(t, table.BatchSave(ctx, []*madeKey{made("b")}))
	inTransaction := func(stage func(*dynamapper.TxTable[madeKey])) error {
		return mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
			stage(table.In(tx))
			return nil
		})
	}
	require.NoError(t, inTransaction(func(in *dynamapper.TxTable[madeKey]) { in.Save(made("c")) }))
	for _, name := range []string{"a", "b", "c"} {
		require.NotNil(t, stored(name), name)
	}
	require.ErrorIs(t,
		inTransaction(func(in *dynamapper.TxTable[madeKey]) { in.Save(&madeKey{Name: "d"}) }),
		errNoGuild)
	require.ErrorIs(t, table.Delete(ctx, &madeKey{Name: "a"}), errNoGuild)

	require.NoError(t, table.Delete(ctx, made("a")))
	require.Nil(t, stored("a"))
	b := fixtures.Load(t, table, "guild#red", "player#b")
	b.Guild = ""
	require.NoError(t, table.Delete(ctx, b), "the item already has its key and is not validated")
	require.Nil(t, stored("b"))

	edited := 0
	_, err := table.ModifyOrNew(ctx, dynamapper.Key("guild#red", "player#c"),
		func(k *madeKey) error {
			edited++
			k.Name = "elsewhere"
			return nil
		})
	require.ErrorContains(t, err, "the function has changed the item's key")
	require.Equal(t, 1, edited, "another try would have the same result")
	require.Nil(t, stored("elsewhere"))
}

// numbered records the id that its hook sees.
type numbered struct {
	dynamapper.Model `dynamo:"numbered"`
	ID               int `dynamo:"id,hash,autoincrement"`
	Seen             int `dynamo:"seen"`
}

func (n *numbered) ValidateItem() error {
	n.Seen = n.ID
	return nil
}

// In ValidateItem, a new item with autoincrement has no id yet, also in a transaction.
func TestValidateItemSeesNoID(t *testing.T) {
	t.Parallel()
	mapper := fixtures.Mapper(t)
	table := fixtures.TableIn[numbered](t, mapper)
	items := []*numbered{{Seen: 9}, {Seen: 9}, {Seen: 9}}
	require.NoError(t, table.Save(t.Context(), items[0]))
	require.NoError(t, table.BatchSave(t.Context(), items[1:2]))
	require.NoError(t,
		mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
			table.In(tx).Save(items[2])
			return nil
		}))
	for i, item := range items {
		require.Equal(t, []int{i + 1, 0}, []int{item.ID, item.Seen})
	}
}
