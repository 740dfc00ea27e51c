package tests

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

func TestIDsAreCountedUp(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[logEntry](t)
	require.Equal(t, counter("0"), fixtures.GetRaw(t, table.Name(), idKey("-1")))
	for id := range int64(3) {
		entry := &logEntry{Text: "entry"}
		require.NoError(t, table.Save(t.Context(), entry))
		require.Equal(t, id+1, entry.ID)
		require.Equal(t, []string{"UpdateItem", "PutItem"}, sent.Take())
		require.False(t, table.IsNew(entry))
		entry.Text = "edited"
		require.NoError(t, table.Save(t.Context(), entry, dynamapper.FailOnConflict()))
		require.Equal(t, []string{"UpdateItem"}, sent.Take(), "an id that is set stays")
	}
	require.Equal(t, counter("3"), fixtures.GetRaw(t, table.Name(), idKey("-1")))
}

func TestNoIDIsGivenTwice(t *testing.T) {
	t.Parallel()
	const count = 12
	table := fixtures.TableOf[logEntry](t)
	ids, errs := make([]int64, count), make([]error, count)
	var group sync.WaitGroup
	for i := range count {
		group.Go(func() {
			entry := &logEntry{Text: "entry"}
			errs[i] = table.Save(t.Context(), entry)
			ids[i] = entry.ID
		})
	}
	group.Wait()
	require.NoError(t, errors.Join(errs...))
	slices.Sort(ids)
	require.Equal(t, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, ids)
	stored, err := table.Scan().Consistent().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, stored, count, "no id is lost")
}

// The counter of a table of dynamodb-mapper continues. It is 7 here, and the id 9 was saved by
// hand.
func TestATableOfTheOriginalGoesOnCounting(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[logEntry](t)
	fixtures.PutRaw(t, table.Name(), pythonItems(t, "log_entry")...)
	for _, want := range []struct {
		id   int64
		sent []string
	}{
		{8, []string{"UpdateItem", "PutItem"}},
		{10, []string{"UpdateItem", "PutItem", "UpdateItem", "PutItem"}},
		{11, []string{"UpdateItem", "PutItem"}},
	} {
		entry := &logEntry{Text: "new"}
		require.NoError(t, table.Save(t.Context(), entry))
		require.Equal(t, want.id, entry.ID)
		require.Equal(t, want.sent, sent.Take())
	}
	require.Equal(t, "put there by hand", fixtures.Load(t, table, 9).Text)
	require.Equal(t, counter("11"), fixtures.GetRaw(t, table.Name(), idKey("-1")))
}

func TestTooManyTakenIDs(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[logEntry](t, dynamapper.WithMaxRetries(3))
	for id := range 4 {
		require.NoError(t, table.Save(t.Context(), &logEntry{ID: int64(id + 1), Text: "by hand"}))
	}
	sent.Take()
	entry := &logEntry{Text: "new"}
	before := *entry
	err := table.Save(t.Context(), entry)
	require.ErrorIs(t, err, dynamapper.ErrMaxRetriesExceeded)
	var exceeded *dynamapper.MaxRetriesExceededError
	require.ErrorAs(t, err, &exceeded)
	require.Equal(t, 3, exceeded.Tries)
	require.Equal(t, before, *entry, "the id is 0 again")
	require.Len(t, sent.Take(), 6)
	require.ErrorIs(t, table.Save(t.Context(), entry, dynamapper.FailOnConflict()), nil,
		"the next ids are 4, which is taken, and 5")
	require.Equal(t, int64(5), entry.ID)
}

// An item with the id 0 is new, even if it was loaded. With an option that compares the loaded
// item, Save returns a conflict.
func TestAZeroIDIsANewItem(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[logEntry](t)
	for i := range 2 {
		stored := fixtures.Attributes{"id": fixtures.Number("100"), "text": fixtures.Text("loaded"),
			"unknown": nested(fixtures.Number("1"))}
		fixtures.PutRaw(t, table.Name(), stored)
		entry := fixtures.Load(t, table, 100)
		entry.ID = 0
		before := *entry
		sent.Take()
		for _, refused := range []string{"F", "C", "FC"} {
			requireUnsentConflict(t, table.Save(t.Context(), entry, writeOptions(refused)...),
				"its key was edited since (id)")
		}
		require.Empty(t, sent.Take())
		require.Equal(t, before, *entry)
		require.NoError(t, table.Save(t.Context(), entry))
		require.Equal(t, []string{"UpdateItem", "PutItem"}, sent.Take())
		require.Equal(t, int64(i+1), entry.ID)
		copied := fixtures.GetRaw(t, table.Name(), idKey(numberText(entry.ID)))
		require.Equal(t, fixtures.Text("loaded"), copied["text"])
		require.Contains(t, copied, "unknown", "the unknown attributes are copied")
		require.NotNil(t, fixtures.GetRaw(t, table.Name(), idKey("100")))
		entry.Text = "edited"
		require.NoError(t, table.Save(t.Context(), entry, dynamapper.FailOnConflict()))
	}
}

func TestAFailedSaveTakesTheIDBack(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[logEntry](t)
	invalid := &logEntry{Text: "\xff"}
	partial := func() *logEntry {
		require.NoError(t, table.Save(t.Context(), &logEntry{ID: 50, Text: "x"}))
		entry, err := table.Get(t.Context(), dynamapper.Key(50), dynamapper.Select("text"),
			dynamapper.Consistent())
		require.NoError(t, err)
		entry.ID = 0
		return entry
	}()
	sent.Take()
	before := *partial
	require.ErrorContains(t, table.Save(t.Context(), invalid), "not valid UTF-8")
	require.ErrorIs(t, table.Save(t.Context(), partial), dynamapper.ErrPartial)
	require.Empty(t, sent.Take(), "an item that cannot be written takes no id")
	require.Equal(t, logEntry{Text: "\xff"}, *invalid)
	require.Equal(t, before, *partial)
	require.ErrorIs(t, table.Save(t.Context(), &logEntry{}, dynamapper.MustExist()),
		dynamapper.ErrNotFound)

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	entry := &logEntry{Text: "x"}
	require.ErrorIs(t, table.Save(cancelled, entry), context.Canceled)
	require.Equal(t, logEntry{Text: "x"}, *entry)
	fixtures.DeleteRaw(t, table.Name(), idKey("-1"))
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{
			"id":               fixtures.Number("-1"),
			"__max_hash_key__": fixtures.Number("1.5"),
		},
	)
	require.ErrorContains(t, table.Save(t.Context(), entry), "is not an integer; correct the item")
	require.Equal(t, logEntry{Text: "x"}, *entry)
}

func TestAMissingCounterBeginsAtOne(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[logEntry](t)
	fixtures.DeleteRaw(t, table.Name(), idKey("-1"))
	entry := &logEntry{Text: "x"}
	require.NoError(t, table.Save(t.Context(), entry))
	require.Equal(t, int64(1), entry.ID)
}

// The id 0 means that an item has none, so a counter below zero must not assign it.
func TestACounterBelowZero(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[logEntry](t)
	fixtures.PutRaw(t, table.Name(), counter("-1"))
	entry := &logEntry{Text: "x"}
	require.NoError(t, table.Save(t.Context(), entry))
	require.Equal(t, int64(1), entry.ID)
	require.Equal(t, []string{"UpdateItem", "UpdateItem", "PutItem"}, sent.Take())
	fixtures.PutRaw(t, table.Name(), counter("-2"))
	require.ErrorIs(t, table.Save(t.Context(), &logEntry{}), dynamapper.ErrSchema)
}

type tinyEntry struct {
	dynamapper.Model `dynamo:"tiny"`
	ID               uint8 `dynamo:"id,hash,autoincrement"`
}

func TestAnIDThatDoesNotFitItsField(t *testing.T) {
	t.Parallel()
	mapper := fixtures.Mapper(t)
	table := fixtures.TableIn[tinyEntry](t, mapper)
	for _, stands := range []string{"255", "-7"} {
		fixtures.PutRaw(t, table.Name(), counter(stands))
		entry := &tinyEntry{}
		err := table.Save(t.Context(), entry)
		require.Equal(t, tinyEntry{}, *entry)
		requireIDField(t, err,
			"tinyEntry.ID (attribute id): the number does not fit the Go type uint8")

		fixtures.PutRaw(t, table.Name(), counter(stands))
		err = table.BatchSave(t.Context(), []*tinyEntry{entry})
		require.Equal(t, tinyEntry{}, *entry)
		requireIDField(t, err,
			"item 0: tinyEntry.ID (attribute id): the number does not fit the Go type uint8")

		fixtures.PutRaw(t, table.Name(), counter(stands))
		err = mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
			table.In(tx).Save(entry)
			return nil
		})
		require.Equal(t, tinyEntry{}, *entry)
		requireIDField(t, err,
			"tinyEntry.ID (attribute id): the number does not fit the Go type uint8")
	}
}

// requireIDField requires an error about the field ID of a tinyEntry.
func requireIDField(t *testing.T, err error, says string) {
	t.Helper()
	require.ErrorContains(t, err, says)
	var field *dynamapper.FieldError
	require.ErrorAs(t, err, &field)
	require.NotEmpty(t, field.Op)
	require.Equal(t, reflect.TypeFor[tinyEntry](), field.Type)
	require.Equal(t, "tinyEntry.ID", field.Field)
	require.Equal(t, "id", field.Attribute)
}

// After the counter's item is deleted, the ids start at 1 again, where items exist. The steps grow
// until an id is free. If the tries do not suffice, the error says what to do.
func TestADeletedCounter(t *testing.T) {
	t.Parallel()
	const stored = 300
	mapper := fixtures.Mapper(t)
	table := fixtures.TableIn[logEntry](t, mapper)
	entries := make([]*logEntry, stored)
	for i := range entries {
		entries[i] = &logEntry{ID: int64(i + 1), Text: "there"}
	}
	require.NoError(t, table.BatchSave(t.Context(), entries))
	reset := func() { fixtures.DeleteRaw(t, table.Name(), idKey("-1")) }

	reset()
	entry := &logEntry{Text: "new"}
	require.NoError(t, table.Save(t.Context(), entry))
	require.Greater(t, entry.ID, int64(stored))
	require.Less(t, entry.ID, int64(3*stored))
	next := &logEntry{Text: "next"}
	require.NoError(t, table.Save(t.Context(), next))
	require.Equal(t, entry.ID+1, next.ID, "the counter is beyond these ids")

	reset()
	staged := &logEntry{Text: "staged"}
	require.NoError(t,
		mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
			table.In(tx).Save(staged)
			return nil
		}))
	require.Greater(t, staged.ID, int64(stored))

	reset()
	few := dynamotest.Mapper(t, dynamapper.WithMaxRetries(4))
	same, err := dynamapper.TableOf[logEntry](few, dynamapper.WithTableName(table.Name()))
	require.NoError(t, err)
	for _, err := range []error{
		same.Save(t.Context(), &logEntry{}),
		same.BatchSave(t.Context(), []*logEntry{{}}),
		few.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
			same.In(tx).Save(&logEntry{})
			return nil
		}),
	} {
		require.ErrorIs(t, err, dynamapper.ErrMaxRetriesExceeded)
		require.ErrorIs(t, err, dynamapper.ErrOverwrite)
		require.ErrorContains(t, err,
			"gave up after 4 tries: each id that the counter gave is taken, as after the "+
				"counter's item was "+
				"deleted; set the attribute __max_hash_key__ of the item at -1 to the highest id")
	}
}

// If the context ends before a free id is found, the error contains the ids that were in use.
func TestACancellationNamesTakenIDs(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	puts := 0
	entries := fixtures.TableIn[logEntry](t,
		fixtures.Mapper(t, dynamapper.WithObserver(func(_ context.Context, o dynamapper.Operation) {
			if errors.Is(o.Err, dynamapper.ErrOverwrite) {
				puts++
			}
			if puts == 3 {
				cancel()
			}
		})))
	for id := range int64(5) {
		require.NoError(t, entries.Save(t.Context(), &logEntry{ID: id + 1, Text: "by hand"}))
	}
	err := entries.Save(ctx, &logEntry{})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, dynamapper.ErrOverwrite)
	require.ErrorContains(t, err,
		"the context was cancelled in another try, after 3 tries; the last one: each id that "+
			"the counter gave is taken")
}

// If a hook panics while an item takes its id, the item is unchanged.
func TestAPanicWhileAnItemTakesItsID(t *testing.T) {
	t.Parallel()
	mapper := fixtures.Mapper(t)
	table := fixtures.TableIn[panickingEntry](t, mapper)
	for name, save := range map[string]func(*panickingEntry) error{
		"Save": func(e *panickingEntry) error { return table.Save(t.Context(), e) },
		"BatchSave": func(e *panickingEntry) error {
			return table.BatchSave(t.Context(),
				[]*panickingEntry{e})
		},
		"RunTransaction": func(e *panickingEntry) error {
			return mapper.RunTransaction(t.Context(),
				func(_ context.Context, tx *dynamapper.Tx) error {
					table.In(tx).Save(e)
					return nil
				})
		},
	} {
		for _, at := range []int{1, 2} {
			entry := &panickingEntry{at: at}
			require.PanicsWithValue(t, "of the hook", func() { _ = save(entry) }, name)
			require.Zero(t, entry.ID, name)
			require.Zero(t, entry.Created, name)
			require.True(t, table.IsNew(entry), name)
			entry.at = 0
			require.NoError(t, save(entry), name)
			require.Positive(t, entry.ID, name)
		}
	}
}

// panickingEntry panics in the given call of its hook.
type panickingEntry struct {
	dynamapper.Model `dynamo:"panicking"`
	ID               int64     `dynamo:"id,hash,autoincrement"`
	Created          time.Time `dynamo:"created,created"`
	at, calls        int
}

func (e *panickingEntry) MarshalItem() (fixtures.Attributes, error) {
	e.calls++
	if e.calls == e.at {
		panic("of the hook")
	}
	return fixtures.Attributes{"id": fixtures.Number(numberText(e.ID))}, nil
}

func (e *panickingEntry) UnmarshalItem(fixtures.Attributes) error { return nil }

func TestTheCounterIsNoItemOfTheModel(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[logEntry](t)
	require.NoError(t, table.Save(t.Context(), &logEntry{Text: "one"}))
	ctx := t.Context()
	_, err := table.Get(ctx, dynamapper.Key(-1))
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	entries, err := table.Query(-1).Collect(ctx)
	require.NoError(t, err)
	require.Empty(t, entries)
	entries, err = table.Scan().Consistent().Collect(ctx)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	entries, err = table.BatchGet(ctx, dynamapper.Keys(-1, 1), dynamapper.Consistent())
	require.NoError(t, err)
	require.Len(t, entries, 1)
	loaded, err := table.UnmarshalItem(counter("1"))
	require.NoError(t, err)
	sent.Take()
	for _, write := range []error{
		table.Save(ctx, &logEntry{ID: -1}),
		table.Save(ctx, &logEntry{ID: -1}, dynamapper.FailOnConflict()),
		table.Delete(ctx, &logEntry{ID: -1}),
		table.DeleteKey(ctx, dynamapper.Key(-1)),
		table.DeleteKey(ctx, dynamapper.Key(-1.0)),
		table.DeleteKey(ctx, dynamapper.Key(fixtures.Number("-1.00"))),
		table.DeleteKey(ctx, dynamapper.Key(fixtures.Number("-10E-1"))),
		table.Save(ctx, loaded, dynamapper.FailOnConflict()),
		table.Delete(ctx, loaded),
	} {
		require.ErrorIs(t, write, dynamapper.ErrSchema)
	}
	require.Empty(t, sent.Take())
	require.Equal(t, counter("1"), fixtures.GetRaw(t, table.Name(), idKey("-1")))
}

// stampedEntry has an id, a version and times.
type stampedEntry struct {
	dynamapper.Model `dynamo:"stamped_entry"`
	ID               int64     `dynamo:"id,hash,autoincrement"`
	Version          int       `dynamo:"version,version"`
	Created          time.Time `dynamo:"created,created"`
	Updated          time.Time `dynamo:"updated,updated"`
}

// An item that takes a new id also gets a version and times. If the save fails, all of them are as
// before.
func TestANewIDWithStamps(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[stampedEntry](t, dynamapper.WithMaxRetries(1))
	entry := &stampedEntry{Version: 3}
	require.NoError(t, table.Save(t.Context(), entry))
	require.EqualValues(t, 1, entry.ID)
	require.Greater(t, entry.Version, 4)
	require.False(t, entry.Created.IsZero())
	require.Equal(t, entry.Created, entry.Updated)
	stored := fixtures.Load(t, table, 1)
	require.Equal(t, entry.Version, stored.Version)
	require.NoError(t, table.Save(t.Context(), stored, dynamapper.FailOnConflict()))

	fixtures.PutRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Number("2")})
	taken := &stampedEntry{Version: 3}
	require.ErrorIs(t, table.Save(t.Context(), taken), dynamapper.ErrMaxRetriesExceeded)
	require.Equal(t, stampedEntry{Version: 3}, *taken)
	sent.Take()
	full := &stampedEntry{Version: math.MaxInt}
	require.ErrorContains(t, table.Save(t.Context(), full), "does not fit")
	require.Empty(t, sent.Take(), "an item whose version cannot be incremented takes no id")
	require.Equal(t, stampedEntry{Version: math.MaxInt}, *full)
}

// Another program may have stored an item with the id 0. It can be deleted. With an option that
// compares the loaded item, Save returns a conflict; a plain Save stores a copy under a new id.
func TestAnItemAtTheIDZero(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[logEntry](t)
	stored := fixtures.Attributes{"id": fixtures.Number("0"), "text": fixtures.Text("by hand")}
	fixtures.PutRaw(t, table.Name(), stored)
	entry := fixtures.Load(t, table, 0)
	entry.Text = "edited"
	before := *entry
	sent.Take()
	for _, letters := range []string{"F", "C", "FC"} {
		requireUnsentConflict(t, table.Save(t.Context(), entry, writeOptions(letters)...),
			"is stored at the id 0")
	}
	require.Empty(t, sent.Take())
	require.Equal(t, before, *entry)
	require.NoError(t, table.Save(t.Context(), entry))
	require.EqualValues(t, 1, entry.ID)
	require.NoError(
		t,
		table.Delete(t.Context(), fixtures.Load(t, table, 0), dynamapper.FailOnConflict()),
	)
}

// A transaction saves with FailOnConflict: it does not insert a loaded item as a copy after its id
// was set to 0.
func TestATransactionInsertsNoCopyOfALoadedItem(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	require.NoError(t, b.entries.Save(t.Context(), &logEntry{Text: "one"}))
	fixtures.PutRaw(
		t,
		b.entries.Name(),
		fixtures.Attributes{"id": fixtures.Number("0"), "text": fixtures.Text("by hand")},
	)
	outside := fixtures.Load(t, b.entries, 1)
	outside.ID = 0
	for text, get := range map[string]func(context.Context, *dynamapper.TxTable[logEntry]) *logEntry{
		"its key was edited since (id)": func(
			ctx context.Context, entries *dynamapper.TxTable[logEntry],
		) *logEntry {
			entry, err := entries.Get(ctx, dynamapper.Key(1))
			require.NoError(t, err)
			entry.ID = 0
			return entry
		},
		"is stored at the id 0": func(
			ctx context.Context, entries *dynamapper.TxTable[logEntry],
		) *logEntry {
			entry, err := entries.Get(ctx, dynamapper.Key(0))
			require.NoError(t, err)
			return entry
		},
		"loaded at another key": func(context.Context, *dynamapper.TxTable[logEntry]) *logEntry {
			return outside
		},
	} {
		b.Take()
		err := b.mapper.RunTransaction(t.Context(),
			func(ctx context.Context, tx *dynamapper.Tx) error {
				b.entries.In(tx).Save(get(ctx, b.entries.In(tx)))
				return nil
			})
		requireUnsentConflict(t, err, text)
		require.NotContains(t, b.Take(), "TransactWriteItems")
	}
	require.Equal(
		t,
		counter("1"),
		fixtures.GetRaw(t, b.entries.Name(), idKey("-1")),
		"no id was taken",
	)
}

// countedText counts how often it is encoded.
type countedText struct{ encoded *int }

func (c countedText) MarshalText() ([]byte, error) {
	*c.encoded++
	return []byte("text"), nil
}

func (c *countedText) UnmarshalText([]byte) error {
	c.encoded = new(int)
	return nil
}

type countedEntry struct {
	dynamapper.Model `dynamo:"counted"`
	ID               int         `dynamo:"id,hash,autoincrement"`
	Text             countedText `dynamo:"text"`
	Note             string      `dynamo:"note"`
}

// A save with a new id encodes the item once, in a batch and in a transaction, too. So does a Save
// that finds ids taken: the first one here.
func TestANewIDIsPlannedOnce(t *testing.T) {
	t.Parallel()
	mapper := fixtures.Mapper(t)
	entries := fixtures.TableIn[countedEntry](t, mapper)
	for id := range 3 { // put by hand
		require.NoError(t,
			entries.Save(t.Context(),
				&countedEntry{ID: id + 1, Text: countedText{new(int)}, Note: "by hand"}))
	}
	saves := map[string]func(*countedEntry) error{
		"Save": func(e *countedEntry) error { return entries.Save(t.Context(), e) },
		"BatchSave": func(e *countedEntry) error {
			return entries.BatchSave(t.Context(),
				[]*countedEntry{e})
		},
		"RunTransaction": func(e *countedEntry) error {
			return mapper.RunTransaction(t.Context(),
				func(_ context.Context, tx *dynamapper.Tx) error {
					return entries.In(tx).Save(e)
				})
		},
	}
	once := &countedEntry{Text: countedText{new(int)}}
	_, err := entries.MarshalItem(once)
	require.NoError(t, err)
	for _, name := range []string{"Save", "Save", "BatchSave", "RunTransaction"} {
		save := saves[name]
		entry := &countedEntry{Text: countedText{new(int)}}
		require.NoError(t, save(entry), name)
		require.Equal(t, *once.Text.encoded, *entry.Text.encoded, name)
		require.Equal(t, entry.ID, fixtures.Load(t, entries, entry.ID).ID, name)
		require.False(t, entries.IsNew(entry), name)
	}
}
