package attack

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/dynamapper/dynamapper"
)

// sender is what sends the first tries of requests on items: the mapper's pipeline, or the SDK's
// middleware.
type sender string

const (
	byPipeline sender = "pipeline"
	bySDK      sender = "sdk"
)

// bothSenders are all senders.
var bothSenders = []sender{byPipeline, bySDK}

// options returns the mapper's options for a sender and its watch.
func (s sender) options(w *watch) []dynamapper.Option {
	options := []dynamapper.Option{dynamapper.WithObserver(w.observe)}
	if s == bySDK {
		options = append(options, dynamapper.WithSDKPipeline())
	}
	return options
}

// requestsOnItems are the operations that a pipeline sends.
var requestsOnItems = []string{"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan",
	"BatchGetItem", "BatchWriteItem", "TransactWriteItems"}

// watch records the requests of a mapper.
type watch struct {
	mu    sync.Mutex
	ended []dynamapper.Operation
}

func (w *watch) observe(_ context.Context, operation dynamapper.Operation) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = append(w.ended, operation)
}

// count returns how many requests have ended.
func (w *watch) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.ended)
}

// since returns the requests that have ended since the count was n.
func (w *watch) since(n int) []dynamapper.Operation {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.ended[n:])
}

// check returns an error if a request went another way than that of the sender.
func (s sender) check(o dynamapper.Operation) error {
	want := s == byPipeline && slices.Contains(requestsOnItems, o.Name)
	if o.OwnPipeline != want {
		return fmt.Errorf("%s: sent by the pipeline is %v, but should be %v", o.Name,
			o.OwnPipeline, want)
	}
	return nil
}

// Warm is the item of the requests from which a pipeline learns.
type Warm struct {
	dynamapper.Model `dynamo:"warm"`

	ID   string `dynamo:"id,hash"`
	Text string `dynamo:"text"`
}

// warmUp sends a request of each operation on a table of its own. From the first request of an
// operation a pipeline only learns, so without warmUp no attack would meet it.
func warmUp(ctx context.Context, m *dynamapper.Mapper, w *watch) error {
	table, err := dynamapper.TableOf[Warm](m)
	if err != nil {
		return err
	}
	item := &Warm{ID: "x"}
	for _, send := range []func() error{
		func() error { return table.CreateTable(ctx) },
		func() error { return table.Save(ctx, item) },
		func() error {
			item.Text = "y"
			return table.Save(ctx, item, dynamapper.ChangedOnly())
		},
		func() error { _, err := table.Get(ctx, dynamapper.Key("x")); return err },
		func() error { _, err := table.Query("x").Collect(ctx); return err },
		func() error { _, err := table.Scan().Collect(ctx); return err },
		func() error { _, err := table.BatchGet(ctx, dynamapper.Keys("x", "y")); return err },
		func() error { return table.BatchSave(ctx, []*Warm{{ID: "y"}, {ID: "z"}}) },
		func() error { return table.Save(ctx, item, dynamapper.Idempotent()) },
		func() error { return table.Delete(ctx, item) },
	} {
		if err := send(); err != nil {
			return fmt.Errorf("warming up: %w", err)
		}
	}
	return w.requireAll()
}

// requireAll returns an error if an operation on items was never sent.
func (w *watch) requireAll() error {
	sent := map[string]bool{}
	for _, o := range w.since(0) {
		sent[o.Name] = true
	}
	for _, name := range requestsOnItems {
		if !sent[name] {
			return fmt.Errorf("warming up has sent no %s", name)
		}
	}
	return nil
}
