package tests

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// If one item cannot be saved, BatchSave names its position, sends nothing and changes no item.
func TestABatchSaveThatIsRefused(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	partial := partialPlayer(t, players)
	sent.Take()
	one := &player{Login: "one"}
	for name, c := range map[string]struct {
		item *player
		want string
	}{
		"nil":      {nil, "item 3: the item is nil"},
		"the same": {one, "the items 1 and 3 are the same pointer"},
		"one key":  {&player{Login: "one"}, "the items 1 and 3 have the same key"},
		"partial":  {partial, "item 3: the item was read without some of its attributes"},
		"an empty": {&player{}, `item 3: the hash key "login" is empty`},
		"not to read": {&player{Login: "x", Name: "\xff"},
			"item 3: player.Name (attribute name): "},
	} {
		err := players.BatchSave(t.Context(),
			[]*player{{Login: "zero"}, one, {Login: "two"}, c.item, {Login: "four"}})
		require.ErrorContains(t, err, c.want, name)
		require.True(t,
			strings.HasPrefix(err.Error(), `dynamapper: BatchSave: table "`+players.Name()+`": `),
			name)
		require.Equal(t, 1, strings.Count(err.Error(), "BatchSave: "), name)
		require.Equal(t, name == "partial", errors.Is(err, dynamapper.ErrPartial), name)
		var field *dynamapper.FieldError
		require.Equal(t, name == "not to read", errors.As(err, &field), name)
	}
	require.Empty(t, sent.Take())
	require.True(t, players.IsNew(one))
}

// Two spellings of one number are one key, even if an item was loaded with the other spelling.
func TestABatchSaveOfOneNumberTwice(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[logEntry](t)
	loaded, err := table.UnmarshalItem(fixtures.Attributes{"id": fixtures.Number("1E2")})
	require.NoError(t, err)
	require.ErrorContains(t, table.BatchSave(t.Context(), []*logEntry{{ID: 100}, loaded}),
		"the items 0 and 1 have the same key")
	require.Empty(t, sent.Take())
}

// If a hook refuses an item, nothing is sent, and the stamps of all items are removed again.
func TestABatchSaveThatIsNotValid(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[validated](t)
	items := []*validated{{ID: 1, Version: 4}, {Version: 5}, {ID: 2, Balance: -1, Version: 6}}
	err := table.BatchSave(t.Context(), items)
	require.ErrorIs(t, err, errBroke)
	require.ErrorContains(t, err, "item 2: the item is not valid: ")
	require.Equal(t,
		[]*validated{{ID: 1, Version: 4}, {Version: 5}, {ID: 2, Balance: -1, Version: 6}}, items)
	items[2].Balance = 1
	items = append(items, &validated{ID: 1})
	require.ErrorContains(t, table.BatchSave(t.Context(), items),
		"the items 0 and 3 have the same key")
	require.Equal(t, []int{4, 5, 6, 0},
		[]int{items[0].Version, items[1].Version, items[2].Version, items[3].Version})
	require.Empty(t, sent.Take())
}

// BatchSave writes what Save puts: unknown attributes stay, unedited attributes keep their
// spelling, and a loaded item under another key becomes a copy.
func TestABatchSaveWritesWhatSavePuts(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	players, sent := fixtures.WatchedTable[player](t)
	kept, moved := loadedPlayer(t, players, "waldo"), loadedPlayer(t, players, "wally")
	kept.Balance, moved.Login = 7, "moved"
	sent.Take()
	require.NoError(t, players.BatchSave(t.Context(), []*player{kept, moved}))
	require.Equal(t, []string{"BatchWriteItem"}, sent.Take())
	want := storedPlayer("waldo")
	want["balance"] = fixtures.Number("7")
	require.Equal(t, want, fixtures.GetRaw(t, players.Name(), playerKey("waldo")))
	require.Equal(t, storedPlayer("moved"), fixtures.GetRaw(t, players.Name(), playerKey("moved")))
	require.Equal(t, storedPlayer("wally"), fixtures.GetRaw(t, players.Name(), playerKey("wally")))
	require.Equal(t, want, players.Snapshot(kept))
	moved.Balance++
	require.NoError(t, players.Save(t.Context(), moved, dynamapper.FailOnConflict()))
}

// As in Save, the version and times of every written item are renewed; an item that is not written
// keeps its own.
func TestABatchSaveRenewsTheStamps(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table, _, line, _ := fixtures.FaultyTable[counted](t, dynamapper.WithMaxRetries(1))
	leave(line, leavesWhatHas("stuck"))
	start := time.Now().Add(-time.Second)
	items := []*counted{{account: account{ID: "a"}}, {account: account{ID: "b", Name: "stuck"}},
		{account: account{ID: "c"}, Version: 6}}
	before := *items[1]
	requireUnwritten(t, table.BatchSave(t.Context(), items), 1)
	require.Equal(t, before, *items[1])
	created := items[0].Created
	require.True(t, created.After(start))
	require.Equal(t, created, items[0].Updated)
	versions := func() []int { return []int{items[0].Version, items[1].Version, items[2].Version} }
	first := versions()
	require.Greater(t, first[0], 0)
	require.Zero(t, first[1])
	require.Greater(t, first[2], 6)
	items[1].Name = "free"
	require.NoError(t, table.BatchSave(t.Context(), items))
	for i, version := range versions() {
		require.Greater(t, version, first[i])
	}
	require.Equal(t, created, items[0].Created)
	require.NoError(t, table.Save(t.Context(), items[1], dynamapper.FailOnConflict()))
	require.Equal(t, items[0].account, fixtures.Load(t, table, "a").account)
}

func idsOf(entries []*logEntry) []int64 {
	ids := make([]int64, len(entries))
	for i, entry := range entries {
		ids[i] = entry.ID
	}
	return ids
}

// New items take their ids with one request, in order. An id that an item of the batch has already
// is not assigned.
func TestABatchSaveTakesIDs(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table, sent := fixtures.WatchedTable[logEntry](t)
	entries := []*logEntry{{Text: "one"}, {ID: 2, Text: "by hand"}, {Text: "two"},
		{ID: 70, Text: "by hand"}, {Text: "three"}}
	require.NoError(t, table.BatchSave(t.Context(), entries))
	require.Equal(t, []int64{1, 2, 4, 70, 3}, idsOf(entries),
		"the id 2 was in use when it was assigned")
	names := map[string]int{}
	for _, name := range sent.Take() {
		names[name]++
	}
	require.Equal(t, map[string]int{"BatchWriteItem": 1, "UpdateItem": 2, "PutItem": 4}, names)
	require.Equal(t, counter("4"), fixtures.GetRaw(t, table.Name(), idKey("-1")))
	for _, entry := range entries {
		require.Equal(t, entry.Text, fixtures.Load(t, table, entry.ID).Text)
		require.False(t, table.IsNew(entry))
	}

	loaded := fixtures.Load(t, table, 70)
	loaded.ID = 0
	sent.Take()
	require.NoError(t, table.BatchSave(t.Context(), []*logEntry{loaded, {}, {}}))
	require.Equal(t, []string{"UpdateItem", "PutItem", "PutItem", "PutItem"}, sent.Take())
	require.EqualValues(t, 5, loaded.ID, "a loaded item is copied to a new id")
	require.Equal(t, "by hand", fixtures.Load(t, table, 5).Text)
	require.Equal(t, counter("7"), fixtures.GetRaw(t, table.Name(), idKey("-1")))
}

// If all ids are in use, or if the item cannot be stored, its id is 0 again, and the other items
// are written.
func TestABatchSaveOfItemsThatGetNoID(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[logEntry](t, dynamapper.WithMaxRetries(3))
	for _, id := range []int64{2, 4} {
		require.NoError(t, table.Save(t.Context(), &logEntry{ID: id, Text: "by hand"}))
	}
	large := strings.Repeat("x", 400<<10)
	entries := []*logEntry{{Text: "one"}, {Text: "two"}, {Text: large}}
	before := []logEntry{*entries[1], *entries[2]}
	err := table.BatchSave(t.Context(), entries)
	requireUnwritten(t, err, 2)
	require.ErrorContains(t, err, "item 2: the item is larger than 400 KB")
	require.Equal(t, before[1], *entries[2])
	require.EqualValues(t, 5, entries[1].ID)
	require.False(t, table.IsNew(entries[1]))

	for _, id := range []int64{6, 7, 8} {
		require.NoError(t, table.Save(t.Context(), &logEntry{ID: id, Text: "by hand"}))
	}
	unlucky := &logEntry{Text: "unlucky"}
	err = table.BatchSave(t.Context(), []*logEntry{unlucky})
	requireUnwritten(t, err, 0)
	require.ErrorIs(t, err, dynamapper.ErrMaxRetriesExceeded)
	require.Equal(t, logEntry{Text: "unlucky"}, *unlucky)

	sent.Take()
	err = table.BatchSave(t.Context(), []*logEntry{{Text: "x"}, {Text: "\xff"}})
	require.ErrorContains(t, err, "item 1: logEntry.Text (attribute text): ")
	require.ErrorContains(t,
		table.BatchSave(t.Context(), []*logEntry{unlucky, {Text: "x"}, unlucky}),
		"the items 0 and 2 are the same pointer")
	require.Empty(t, sent.Take(), "an item that cannot be written takes no id")
}

// The item that counts the ids is no item of the model: no batch reads, writes or deletes it.
func TestABatchLeavesTheCounterAlone(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[logEntry](t)
	loaded, err := table.UnmarshalItem(counter("0"))
	require.NoError(t, err)
	for _, item := range []*logEntry{{ID: -1}, loaded} {
		err := table.BatchSave(t.Context(), []*logEntry{{ID: 1}, item})
		require.ErrorIs(t, err, dynamapper.ErrSchema)
		require.ErrorContains(t, err, "item 1: ")
	}
	for _, key := range []any{-1, -1.0, fixtures.Number("-1.00")} {
		err := table.BatchDelete(t.Context(), dynamapper.Keys(1, key))
		require.ErrorIs(t, err, dynamapper.ErrSchema)
		require.ErrorContains(t, err, "key 1: ")
	}
	got, err := table.BatchGet(t.Context(), dynamapper.Keys(-1))
	require.NoError(t, err)
	require.Empty(t, got)
	require.Empty(t, sent.Take())
	require.Equal(t, counter("0"), fixtures.GetRaw(t, table.Name(), idKey("-1")))
}

// If the response to an item is lost, the item is sent again with the same id. If that is refused,
// or also lost, the outcome is unknown and the error has that id. A second id is never taken.
func TestALostResponseOfABatchOfNewIDs(t *testing.T) {
	t.Parallel()
	lossy, good, line, _ := fixtures.FaultyTable[logEntry](t)
	line.On("PutItem", 1, dynamotest.Drop())
	one := &logEntry{Text: "one"}
	require.NoError(t, lossy.BatchSave(t.Context(), []*logEntry{one}))
	require.EqualValues(t, 1, one.ID)
	line.Clear()
	line.On("PutItem", 1, dynamotest.Lose())
	two := &logEntry{Text: "two"}
	err := lossy.BatchSave(t.Context(), []*logEntry{two})
	fixtures.RequireDoubt(t, err)
	requireUnwritten(t, err, 0)
	var doubt *dynamapper.UnknownOutcomeError
	require.ErrorAs(t, err, &doubt)
	require.EqualValues(t, 2, doubt.Key.Hash())
	require.ErrorContains(t, err, "item 0: the response was lost")
	require.Equal(t, logEntry{Text: "two"}, *two)
	all, err := good.Scan().Consistent().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, all, 2)
}

// If no ids can be had, or if an earlier request has failed, no new item is sent, and all of them
// are listed.
func TestABatchSaveWithoutIDs(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table, sent := fixtures.WatchedTable[logEntry](t)
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{"id": fixtures.Number("-1"), "__max_hash_key__": fixtures.Text("x")},
	)
	entries := []*logEntry{{Text: "new"}, {ID: 7, Text: "by hand"}, {Text: "new"}}
	err := table.BatchSave(t.Context(), entries)
	requireUnwritten(t, err, 0, 2)
	var api smithy.APIError
	require.ErrorAs(t, err, &api)
	require.Equal(t, []int64{0, 7, 0}, idsOf(entries))
	require.Equal(t, []string{"BatchWriteItem", "UpdateItem"}, sent.Take())
	require.False(t, table.IsNew(entries[1]))

	lossy, _, line, _ := fixtures.FaultyTable[logEntry](t)
	line.Each("BatchWriteItem", fixtures.Always(dynamotest.Lose()))
	entries = []*logEntry{{Text: "new"}, {ID: 7, Text: "by hand"}, {Text: "new"}}
	err = lossy.BatchSave(t.Context(), entries)
	fixtures.RequireDoubt(t, err)
	requireUnwritten(t, err, 0, 1, 2)
	line.Clear()
	require.NoError(t, lossy.BatchSave(t.Context(), entries[:1]))
	require.EqualValues(t, 1, entries[0].ID, "no id was taken before")
}

// Concurrent batches share the ids: no id is assigned twice, and none is lost.
func TestBatchesShareTheIDs(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[stampedEntry](t)
	const writers, each = 6, 4
	all := make([]*stampedEntry, 0, writers*each)
	errs := make(chan error, writers)
	for range writers {
		entries := []*stampedEntry{{}, {}, {}, {}}
		all = append(all, entries...)
		go func() { errs <- table.BatchSave(t.Context(), entries) }()
	}
	for range writers {
		require.NoError(t, <-errs)
	}
	ids := []int64{}
	for _, entry := range all {
		ids = append(ids, entry.ID)
		require.NotZero(t, entry.Version)
		require.False(t, entry.Created.IsZero())
		stored := fixtures.Load(t, table, entry.ID)
		require.True(t,
			stored.Created.Equal(entry.Created) && stored.Updated.Equal(entry.Updated) &&
				stored.Version == entry.Version)
	}
	slices.Sort(ids)
	for i, id := range ids {
		require.EqualValues(t, i+1, id)
	}
}

// Several new items are put at the same time, at most four.
func TestABatchSavePutsSeveralNewItemsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		line := newCrowdedLine(4)
		line.only = ".PutItem"
		line.do = func(request *http.Request, came int) (*http.Response, error) {
			if came == 1 {
				return fixtures.RawResponse(http.StatusBadRequest, accessDenied), nil
			}
			select {
			case <-request.Context().Done():
				return nil, request.Context().Err()
			case <-time.After(time.Minute): // of the bubble's clock
				return fixtures.RawResponse(http.StatusOK, `{}`), nil
			}
		}
		line.rest = `{"Attributes":{"__max_hash_key__":{"N":"20"}}}`
		table := stubTable[logEntry](t, line)
		entries := make([]*logEntry, 20)
		for i := range entries {
			entries[i] = &logEntry{Text: "new"}
		}
		err := table.BatchSave(until(t), entries)
		var batch *dynamapper.BatchError
		require.ErrorAs(t, err, &batch)
		require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
		require.Len(t, batch.Unprocessed, 17)
		require.Equal(t, []int{4, 4}, []int{line.came, line.most})
		for i, entry := range entries {
			require.Equal(t, slices.Contains(batch.Unprocessed, i), entry.ID == 0)
		}
	})
}
