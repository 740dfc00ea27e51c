package tests

import (
	"context"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// quitter is a model whose hooks end their goroutine, as t.FailNow does.
type quitter struct {
	dynamapper.Model `dynamo:"quitters"`
	ID               int    `dynamo:"id,hash,autoincrement"`
	Name             string `dynamo:"name"`
}

func (*quitter) MigrateItem(raw fixtures.Attributes) error {
	if raw["name"] != nil {
		runtime.Goexit()
	}
	return nil
}

func (q *quitter) ValidateItem() error {
	if q.Name != "" {
		runtime.Goexit()
	}
	return nil
}

// exits reports whether a call ends the goroutine that makes it.
func exits(call func()) bool {
	returned := make(chan bool, 1)
	go func() {
		here := false
		defer func() { returned <- here }()
		call()
		here = true
	}()
	return !<-returned
}

// A hook that ends its goroutine ends the caller's, whichever goroutine it runs in, so that no call
// returns as if it had succeeded.
func TestAHookThatEndsItsGoroutine(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[quitter](t)
	ctx, keys := t.Context(), dynamapper.Keys(1, 2)
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{"id": fixtures.Number("1"), "name": fixtures.Text("x")},
		fixtures.Attributes{"id": fixtures.Number("2")},
	)
	for name, call := range map[string]func(){
		"Get":           func() { _, _ = table.Get(ctx, keys[0], dynamapper.Consistent()) },
		"BatchGet":      func() { _, _ = table.BatchGet(ctx, keys, dynamapper.Consistent()) },
		"Scan":          func() { _, _ = table.Scan().Consistent().Collect(ctx) },
		"Scan.Parallel": func() { _, _ = table.Scan().Consistent().Parallel(3).Collect(ctx) },
		"Scan.First": func() {
			_, _ = table.Scan().Consistent().Parallel(3).
				Where(dynamapper.Attr("name", dynamapper.Exists())).First(ctx)
		},
		"Scan.All": func() { drain(table, ctx) },
		"Query":    func() { _, _ = table.Query(1).Consistent().Collect(ctx) },
		"Update":   func() { _, _ = table.Update(keys[0]).Set("name", "y").Run(ctx) },
		"Modify": func() {
			_, _ = table.Modify(ctx, keys[0],
				func(*quitter) error { return nil })
		},
		"Save":      func() { _ = table.Save(ctx, &quitter{ID: 7, Name: "x"}) },
		"BatchSave": func() { _ = table.BatchSave(ctx, []*quitter{{ID: 7}, {Name: "x"}}) },
		"Modify, function": func() {
			_, _ = table.Modify(ctx, keys[1],
				func(*quitter) error { runtime.Goexit(); return nil })
		},
	} {
		require.True(t, exits(call), name)
	}
	require.Nil(
		t,
		fixtures.GetRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Number("7")}),
	)
}

func drain(table *dynamapper.Table[quitter], ctx context.Context) {
	for range table.Scan().Consistent().Parallel(3).All(ctx) {
	}
}

// An observer that ends a goroutine of a batch also ends the caller's.
func TestAnObserverThatEndsItsGoroutine(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	good := fixtures.TableOf[player](t)
	observed, err := dynamapper.New(fixtures.RawClient(t),
		dynamapper.WithObserver(func(_ context.Context, o dynamapper.Operation) {
			if o.Name == "Scan" || o.Name == "BatchGetItem" || o.Name == "BatchWriteItem" {
				runtime.Goexit()
			}
		}))
	require.NoError(t, err)
	players, err := dynamapper.TableOf[player](observed, dynamapper.WithTableName(good.Name()))
	require.NoError(t, err)
	item := &player{Login: "waldo"}
	for name, call := range map[string]func(){
		"BatchGet":    func() { _, _ = players.BatchGet(t.Context(), dynamapper.Keys("waldo")) },
		"BatchSave":   func() { _ = players.BatchSave(t.Context(), []*player{item}) },
		"BatchDelete": func() { _ = players.BatchDelete(t.Context(), dynamapper.Keys("waldo")) },
		"Count":       func() { _, _ = players.Scan().Parallel(2).Count(t.Context()) },
	} {
		require.True(t, exits(call), name)
	}
	require.False(t, players.IsNew(item), "the item was written")
}
