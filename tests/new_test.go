package tests

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// hoard has maps in every form.
type hoard struct {
	dynamapper.Model `dynamo:"hoards"`
	ID               string            `dynamo:"id,hash"`
	Inventory        map[string]int    `dynamo:"inventory"`
	Flags            map[string]bool   `dynamo:"flags,set"`
	Counts           map[string]int    `dynamo:"counts,document"`
	Pointer          *map[string]int   `dynamo:"pointer"`
	Behind           map[string]string `dynamo:"behind"`
	*Hideout
}

// Hideout is embedded as a pointer.
type Hideout struct {
	Loot map[string]int `dynamo:"loot"`
}

// New makes the maps whose empty form is a missing attribute, so that a program can write to them.
// An empty map stays missing and is neither an edit nor a conflict.
func TestNewMakesMaps(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	table, sent := fixtures.WatchedTable[hoard](t)
	item := table.New(func(h *hoard) { h.ID = "1" })
	require.NotPanics(t, func() { item.Inventory["sword"]++; item.Flags["rich"] = true })
	require.Nil(t, item.Counts, "an empty document is stored")
	require.Nil(t, item.Pointer)
	require.Nil(t, item.Hideout)

	untouched := table.New(func(h *hoard) { h.ID = "2" })
	require.NoError(t, table.Save(ctx, untouched, dynamapper.FailOnConflict()))
	key := fixtures.Attributes{"id": fixtures.Text("2")}
	require.Equal(t, key, fixtures.GetRaw(t, table.Name(), key))
	require.Equal(t, map[string]any{"id": "2"}, table.ToMap(untouched))
	sent.Take()
	require.NoError(t, table.Save(ctx, untouched, dynamapper.ChangedOnly()))
	require.Empty(t, sent.Take(), "nothing was edited")
	untouched.Behind = map[string]string{"a": "b"}
	require.NoError(t, table.Save(ctx, untouched, dynamapper.FailOnConflict()))
	key["behind"] = fixtures.Text(`{"a":"b"}`)
	require.Equal(
		t,
		key,
		fixtures.GetRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text("2")}),
	)

	stored, err := table.ModifyOrNew(ctx, dynamapper.Key("3"),
		func(h *hoard) error { h.Inventory["sword"]++; return nil })
	require.NoError(t, err)
	require.Equal(t, map[string]int{"sword": 1}, stored.Inventory)
}

// hoardWithHook has an InitItem hook that sees the maps.
type hoardWithHook struct {
	dynamapper.Model `dynamo:"hooked-hoards"`
	ID               string         `dynamo:"id,hash"`
	Inventory        map[string]int `dynamo:"inventory"`
}

func (h *hoardWithHook) InitItem() { h.Inventory["stick"] = 1 }

func TestNewMakesMapsBeforeTheHook(t *testing.T) {
	t.Parallel()
	require.Equal(t, map[string]int{"stick": 1}, fixtures.TableOf[hoardWithHook](t).New().Inventory)
}
