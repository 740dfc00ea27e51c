// Package migrate tests Table.Migrate and Collection.Migrate on the engine.
package migrate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

type attributes = fixtures.Attributes

func text(s string) types.AttributeValue { return fixtures.Text(s) }

func number(n string) types.AttributeValue { return fixtures.Number(n) }

func document(members attributes) types.AttributeValue {
	return &types.AttributeValueMemberM{Value: members}
}

func list(elements ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: elements}
}

// world is a table of a model on an engine of its own, with its requests.
type world[T dynamapper.IsModel] struct {
	t      *testing.T
	table  *dynamapper.Table[T]
	mapper *dynamapper.Mapper
	client *dynamodb.Client

	mu   sync.Mutex
	sent []dynamapper.Operation
}

func newWorld[T dynamapper.IsModel](t *testing.T, opts ...dynamapper.Option) *world[T] {
	t.Helper()
	fixtures.SteadyEngine(t)
	w := &world[T]{t: t, client: fixtures.RawClient(t)}
	w.mapper = dynamotest.Mapper(t, append(opts, dynamapper.WithObserver(w.observe))...)
	table, err := dynamapper.TableOf[T](w.mapper)
	require.NoError(t, err)
	w.table = table
	require.NoError(t, w.table.CreateTable(t.Context(), dynamapper.WaitActive()))
	w.take()
	return w
}

// tableIn returns the table in another mapper, which has no prefix.
func (w *world[T]) tableIn(m *dynamapper.Mapper) *dynamapper.Table[T] {
	table, err := dynamapper.TableOf[T](m, dynamapper.WithTableName(w.table.Name()))
	require.NoError(w.t, err)
	return table
}

func (w *world[T]) observe(_ context.Context, o dynamapper.Operation) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, o)
}

// take returns the names of the requests since the last call.
func (w *world[T]) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var names []string
	for _, o := range w.sent {
		names = append(names, o.Name)
	}
	w.sent = nil
	return names
}

func (w *world[T]) put(items ...attributes) {
	w.t.Helper()
	name := w.table.Name()
	for _, item := range items {
		_, err := w.client.PutItem(w.t.Context(),
			&dynamodb.PutItemInput{TableName: &name, Item: item})
		require.NoError(w.t, err)
	}
}

// stored returns all items, by the text or number of an attribute.
func (w *world[T]) stored(by string) map[string]attributes {
	w.t.Helper()
	name, all := w.table.Name(), map[string]attributes{}
	pages := dynamodb.NewScanPaginator(w.client, &dynamodb.ScanInput{TableName: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.t.Context())
		require.NoError(w.t, err)
		for _, item := range page.Items {
			all[textOf(item[by])] = item
		}
	}
	return all
}

func textOf(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	}
	return fmt.Sprintf("%T", v)
}

func (w *world[T]) migrate(opts ...dynamapper.MigrateOption) dynamapper.MigrateReport {
	w.t.Helper()
	report, err := w.table.Migrate(w.t.Context(), opts...)
	require.NoError(w.t, err)
	return report
}

// requireSettled requires that another run changes nothing.
func (w *world[T]) requireSettled() {
	w.t.Helper()
	before := w.stored("id")
	w.take()
	report := w.migrate()
	require.Zero(w.t, report.Changed, "a second run changes items")
	for id, item := range w.stored("id") {
		require.Equal(w.t, before[id], item, id)
	}
	require.NotContains(w.t, w.take(), "UpdateItem")
}

type address struct {
	Street string `json:"street" dynamo:"street"`
	Number int    `json:"number" dynamo:"number"`
}

// player was stored with the name "nick", with its address as JSON, and without an index.
type player struct {
	dynamapper.Model `dynamo:"players"`
	ID               string            `dynamo:"id,hash"`
	Nickname         string            `dynamo:"nickname"`
	Level            int               `dynamo:"level"`
	Address          address           `dynamo:"address,document"`
	Tags             map[string]string `dynamo:"tags"`
	Note             *string           `dynamo:"note"`
}

func (p *player) MigrateItem(item map[string]types.AttributeValue) error {
	if old := item["nick"]; old != nil && item["nickname"] == nil {
		item["nickname"] = old
		delete(item, "nick")
	}
	return nil
}

func oldPlayer(id string) attributes {
	return attributes{"id": text(id), "nick": text("Nick " + id), "level": number("7"),
		"address": text(`{"street": "Main", "number": 5}`), "tags": text(`{"a": "b", "c": "d"}`),
		"note": &types.AttributeValueMemberNULL{Value: true}, "other": text("kept")}
}

func newPlayer(id string) attributes {
	return attributes{"id": text(id), "nickname": text("Nick " + id), "level": number("7"),
		"address": document(attributes{"street": text("Main"), "number": number("5")}),
		"tags":    text(`{"a":"b","c":"d"}`), "other": text("kept")}
}

func TestItemsGetTheFormOfTheModel(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	w.put(oldPlayer("1"), newPlayer("2"), oldPlayer("3"))
	report := w.migrate()
	require.Equal(t, map[string]attributes{"1": newPlayer("1"), "2": newPlayer("2"),
		"3": newPlayer("3")}, w.stored("id"))
	require.Equal(t, []string{"Scan", "UpdateItem", "UpdateItem"}, w.take())
	require.Equal(t, 3, report.Seen)
	require.Equal(t, 2, report.Changed)
	require.True(t, report.Done())
	require.Zero(t, report.Conflicts+report.Skipped+report.Kept)
	require.Positive(t, report.ReadUnits)
	require.Equal(t, 2.0, report.WriteUnits)
	w.requireSettled()
}

func TestSegmentsReadTheTableOnce(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	for i := range 50 {
		w.put(oldPlayer(fmt.Sprint(i)))
	}
	report := w.migrate(dynamapper.Segments(8))
	require.Equal(t, 50, report.Changed)
	require.Equal(t, 8, report.SegmentsDone)
	requests := w.take()
	slices.Sort(requests)
	require.Equal(t, append(slices.Repeat([]string{"Scan"}, 8),
		slices.Repeat([]string{"UpdateItem"}, 50)...), requests)
	w.requireSettled()
}

func TestADryRunWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	w.put(oldPlayer("1"), newPlayer("2"))
	report := w.migrate(dynamapper.DryRun())
	require.Equal(t, 1, report.Changed)
	require.Equal(t, []string{"Scan"}, w.take())
	require.Equal(t, oldPlayer("1"), w.stored("id")["1"])
}

func TestAnItemThatCannotBeDecodedEndsTheRun(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	w.put(attributes{"id": text("bad"), "level": text("secret")})
	_, err := w.table.Migrate(t.Context())
	var failed *dynamapper.MigrateError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, dynamapper.Key("bad"), failed.Key)
	require.Equal(t, "Migrate", failed.Op)
	require.Equal(t, w.table.Name(), failed.Table)
	require.EqualError(t, err, fmt.Sprintf("dynamapper: Migrate: table %q: an item cannot be "+
		"migrated: player.Level (attribute level): the attribute is of type S, and the Go type int "+
		"takes N; change the field's type or options, or correct the item", w.table.Name()))
}

func TestInvalidItemsAreSkippedAndReported(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	bad := attributes{"id": text("bad"), "level": text("secret")}
	w.put(oldPlayer("1"), bad, oldPlayer("2"))
	var skipped []error
	report := w.migrate(dynamapper.Segments(3),
		dynamapper.SkipInvalid(func(err error) { skipped = append(skipped, err) }))
	require.Equal(t, 1, report.Skipped)
	require.Equal(t, 2, report.Changed)
	require.Equal(t, 3, report.Seen)
	require.Len(t, skipped, 1)
	var field *dynamapper.FieldError
	require.ErrorAs(t, skipped[0], &field)
	require.Equal(t, "player.Level", field.Field)
	require.Equal(t, bad, w.stored("id")["bad"])
}

type moving struct {
	dynamapper.Model `dynamo:"moving"`
	ID               string `dynamo:"id,hash"`
}

func (m *moving) MigrateItem(item map[string]types.AttributeValue) error {
	item["id"] = text("prefix-" + textOf(item["id"]))
	return nil
}

type restless struct {
	dynamapper.Model `dynamo:"restless"`
	ID               string `dynamo:"id,hash"`
	Seen             int    `dynamo:"seen"`
}

var looks atomic.Int64

func (r *restless) MigrateItem(item map[string]types.AttributeValue) error {
	item["seen"] = number(fmt.Sprint(looks.Add(1)))
	return nil
}

func TestHooksThatMoveItems(t *testing.T) {
	t.Parallel()
	m := newWorld[moving](t)
	m.put(attributes{"id": text("a")})
	_, err := m.table.Migrate(t.Context())
	require.ErrorContains(t, err, "another key, and Migrate moves no item")
	require.NotContains(t, m.take(), "UpdateItem")
}

func TestHooksThatNeverSettle(t *testing.T) {
	t.Parallel()
	r := newWorld[restless](t)
	r.put(attributes{"id": text("a")})
	_, err := r.table.Migrate(t.Context())
	require.ErrorContains(t, err, "hooks read another item from what they write")
	require.NotContains(t, r.take(), "UpdateItem")
}

func TestAnItemThatTheServiceRefusesIsSkipped(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	large := attributes{"id": text("large"), "nick": text("n"), "level": number("1"),
		"other": text(strings.Repeat("x", 400*1024-len("id"+"large"+"nick"+"n"+"level"+"1"+"other")-3))}
	w.put(large, oldPlayer("1"))
	var skipped []error
	report := w.migrate(dynamapper.SkipInvalid(func(err error) { skipped = append(skipped, err) }))
	require.Equal(t, 1, report.Skipped)
	require.Equal(t, 1, report.Changed)
	require.ErrorContains(t, skipped[0], "size")
	require.Equal(t, large, w.stored("id")["large"])
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	for problem, opts := range map[string][]dynamapper.MigrateOption{
		"Segments is 0; give 1 to 1000":       {dynamapper.Segments(0)},
		"Segments is 1001; give 1 to 1000":    {dynamapper.Segments(1001)},
		"RateLimit is 0 and 5 units a second": {dynamapper.RateLimit(0, 5)},
		"the function of OnProgress is nil":   {dynamapper.OnProgress[dynamapper.MigrateReport](nil)},
		"the function of SkipInvalid is nil":  {dynamapper.SkipInvalid(nil)},
		"the store of Checkpoints is nil":     {dynamapper.Checkpoints(nil)},
		"Restart is without Checkpoints":      {dynamapper.Restart()},
		"an option is nil":                    {nil},
		"DryRun writes nothing, also no checkpoint;": {dynamapper.DryRun(),
			dynamapper.Checkpoints(dynamapper.FileCheckpoints("x"))},
	} {
		report, err := w.table.Migrate(t.Context(), opts...)
		require.ErrorContains(t, err, problem)
		require.ErrorContains(t, err, fmt.Sprintf("Migrate: table %q", w.table.Name()))
		require.Zero(t, report)
	}
	require.Empty(t, w.take())
}

func TestEmptyReceivers(t *testing.T) {
	t.Parallel()
	var table *dynamapper.Table[player]
	var collection *dynamapper.Collection
	_, err := table.Migrate(t.Context())
	require.ErrorContains(t, err, "the table is nil or empty")
	_, err = new(dynamapper.Table[player]).Migrate(t.Context())
	require.ErrorContains(t, err, "the table is nil or empty")
	_, err = collection.Migrate(t.Context())
	require.ErrorContains(t, err, "the collection is nil or empty")
	w := newWorld[player](t)
	//lint:ignore SA1012 a nil context is what is tested
	_, err = w.table.Migrate(nil)
	require.ErrorContains(t, err, "the context is nil")
	require.NoError(t, w.mapper.RunTransaction(t.Context(),
		func(ctx context.Context, tx *dynamapper.Tx) error {
			_, err := w.table.Migrate(ctx)
			require.ErrorContains(t, err, "transaction")
			return nil
		}))
}
