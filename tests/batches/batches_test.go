// Package batches tests the batches of several tables, and batch deletes of items.
package batches

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// hero and trophy are models of two tables.
type hero struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string `dynamo:"login,hash"`
	Level            int    `dynamo:"level"`
	Note             string `dynamo:"note"`
}

type trophy struct {
	dynamapper.Model `dynamo:"trophies"`
	Login            string    `dynamo:"login,hash"`
	Rank             int       `dynamo:"rank,range"`
	Version          string    `dynamo:"version,version"`
	Updated          time.Time `dynamo:"updated,updated"`
}

// ticket and order take ids, in two tables.
type ticket struct {
	dynamapper.Model `dynamo:"tickets"`
	ID               int64  `dynamo:"id,hash,autoincrement"`
	Text             string `dynamo:"text"`
}

type order struct {
	dynamapper.Model `dynamo:"orders"`
	ID               int64  `dynamo:"id,hash,autoincrement"`
	Text             string `dynamo:"text"`
}

// profile is another model of the table of heroes.
type profile struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string `dynamo:"login,hash"`
	Motto            string `dynamo:"motto"`
}

// world holds the tables of a test, on a line with faults.
type world struct {
	*fixtures.Requests
	line     *dynamotest.Faults
	mapper   *dynamapper.Mapper
	heroes   *dynamapper.Table[hero]
	trophies *dynamapper.Table[trophy]
	tickets  *dynamapper.Table[ticket]
	orders   *dynamapper.Table[order]
	profiles *dynamapper.Table[profile]
}

func newWorld(t *testing.T, opts ...dynamapper.Option) *world {
	t.Helper()
	fixtures.SteadyEngine(t)
	w := &world{Requests: &fixtures.Requests{}, line: dynamotest.NewFaults()}
	opts = append(opts, dynamapper.WithConfig(fixtures.LineConfig(t, w.line)),
		dynamapper.WithObserver(w.Observe))
	w.mapper = fixtures.Mapper(t, opts...)
	w.heroes = fixtures.TableIn[hero](t, w.mapper)
	w.trophies = fixtures.TableIn[trophy](t, w.mapper)
	w.tickets = fixtures.TableIn[ticket](t, w.mapper)
	w.orders = fixtures.TableIn[order](t, w.mapper)
	var err error
	w.profiles, err = dynamapper.TableOf[profile](w.mapper)
	require.NoError(t, err)
	w.Take()
	return w
}

func crowd(n int) []*hero {
	heroes := make([]*hero, n)
	for i := range heroes {
		heroes[i] = &hero{Login: fmt.Sprintf("h%03d", i), Level: i}
	}
	return heroes
}

func cabinet(n int) []*trophy {
	trophies := make([]*trophy, n)
	for i := range trophies {
		trophies[i] = &trophy{Login: "waldo", Rank: i}
	}
	return trophies
}

func keysOf[T any](table *dynamapper.Table[T], items []*T) []dynamapper.PrimaryKey {
	keys := make([]dynamapper.PrimaryKey, len(items))
	for i, item := range items {
		keys[i] = table.KeyOf(item)
	}
	return keys
}

// all returns the number of items of a table.
func all[T any](t *testing.T, table *dynamapper.Table[T]) int {
	t.Helper()
	n, err := table.Scan().Consistent().Count(t.Context())
	require.NoError(t, err)
	return n
}

func requireBatchError(t *testing.T, err error) *dynamapper.BatchError {
	t.Helper()
	var batch *dynamapper.BatchError
	require.ErrorAs(t, err, &batch)
	return batch
}

// The writes of several tables share requests of 25.
func TestTablesShareRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	heroes, trophies := crowd(30), cabinet(20)
	require.NoError(t, w.mapper.BatchWrite(t.Context(), w.heroes.Puts(heroes...),
		w.trophies.Puts(trophies...)))
	sent := w.Operations()
	require.Len(t, sent, 2)
	tables := []string{sent[0].Table, sent[1].Table}
	slices.Sort(tables)
	require.Equal(t, []string{"", w.heroes.Name()}, tables, "a request of two tables names none")
	require.Equal(t, []int{25, 25}, []int{sent[0].Items, sent[1].Items})
	require.Equal(t, []int{30, 20}, []int{all(t, w.heroes), all(t, w.trophies)})
	for _, one := range trophies {
		require.NotEmpty(t, one.Version)
		require.False(t, w.trophies.IsNew(one))
	}
	require.NoError(t, w.trophies.Save(t.Context(), trophies[3], dynamapper.FailOnConflict()))

	w.Take()
	require.NoError(t, w.mapper.BatchWrite(t.Context(),
		w.trophies.Deletes(keysOf(w.trophies, trophies)...), w.heroes.Puts(&hero{Login: "new"}),
		w.heroes.Deletes(dynamapper.Keys("h001", "h002", "missing", "h001")...)))
	require.Equal(t, []string{"BatchWriteItem"}, w.Take())
	require.Equal(t, []int{29, 0}, []int{all(t, w.heroes), all(t, w.trophies)})
}

// Unprocessed writes of any table are sent again, and those that stay unprocessed are listed by the
// part and the position.
func TestUnprocessedWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dynamapper.WithMaxRetries(3))
	e := dynamotest.Run(t).Engine()
	e.LeaveUnprocessed(w.heroes.Name(), 4)
	e.LeaveUnprocessed(w.trophies.Name(), 3)
	require.NoError(t, w.mapper.BatchWrite(t.Context(), w.heroes.Puts(crowd(30)...),
		w.trophies.Puts(cabinet(9)...), w.heroes.Deletes(dynamapper.Keys("a", "b")...)))
	require.Equal(t, []int{30, 9}, []int{all(t, w.heroes), all(t, w.trophies)})

	e.LeaveUnprocessed(w.trophies.Name(), 1000)
	trophies := cabinet(3)
	before := *trophies[1]
	heroes := crowd(2)
	err := w.mapper.BatchWrite(t.Context(), w.heroes.Puts(heroes...), w.trophies.Puts(trophies...),
		w.trophies.Deletes(dynamapper.Key("waldo", 7), dynamapper.Key("waldo", 8)))
	batch := requireBatchError(t, err)
	require.Equal(t, [][]int{nil, {0, 1, 2}, {0, 1}}, batch.Parts)
	require.Empty(t, batch.Unprocessed)
	require.Equal(t, []string{"BatchWrite", ""}, []string{batch.Op, batch.Table})
	require.ErrorIs(t, err, dynamapper.ErrMaxRetriesExceeded)
	require.ErrorContains(t, err, "dynamapper: BatchWrite: 5 items were not written: gave up after")
	require.Equal(t, before, *trophies[1], "the stamps are restored")
	require.False(t, w.heroes.IsNew(heroes[1]))
}

// Lost responses: the requests are sent again. Without any response the outcome of each write is
// unknown.
func TestEveryLossOfABatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for how, fault := range map[string]dynamotest.Fault{
		"Lose": dynamotest.Lose(), "Fail": dynamotest.Fail(), "Cut": dynamotest.Cut(),
		"Corrupt": dynamotest.Corrupt(), "Drop": dynamotest.Drop(),
		"Refuse": dynamotest.Refuse(http.StatusServiceUnavailable, "ServiceUnavailable"),
	} {
		w.line.Clear()
		w.line.On("BatchWriteItem", 1, fault)
		heroes, trophies := crowd(2), cabinet(2)
		write := func() error {
			return w.mapper.BatchWrite(t.Context(), w.heroes.Puts(heroes...),
				w.trophies.Puts(trophies...), w.heroes.Deletes(dynamapper.Key("gone")))
		}
		require.NoError(t, write(), how)
		require.Equal(t, 2, w.line.Sent("BatchWriteItem"), how)

		w.line.Each("BatchWriteItem", fixtures.Always(fault))
		err := write()
		doubt := fixtures.RequireDoubt(t, err)
		require.Equal(t, "BatchWrite", doubt.Op, how)
		require.ErrorContains(t, err, "each write of the request was applied or not", how)
		require.ErrorContains(t, err, w.heroes.Name(), how)
		require.Equal(t, [][]int{{0, 1}, {0, 1}, {0}}, requireBatchError(t, err).Parts, how)

		err = w.heroes.DeleteItems(t.Context(), heroes)
		fixtures.RequireDoubt(t, err)
		require.Equal(t, []int{0, 1}, requireBatchError(t, err).Unprocessed, how)
		require.False(t, w.heroes.IsNew(heroes[0]), how)
	}
}

// An error of the service on a request of several tables names the tables.
func TestAMissingTableOfABatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	missing, err := dynamapper.TableOf[trophy](w.mapper, dynamapper.WithTableName("nowhere"))
	require.NoError(t, err)
	err = w.mapper.BatchWrite(t.Context(), w.heroes.Puts(crowd(1)...),
		missing.Puts(cabinet(1)...))
	var unknown *types.ResourceNotFoundException
	require.ErrorAs(t, err, &unknown)
	require.ErrorContains(t, err, `a request to the tables "`)
	require.ErrorContains(t, err, `"`+missing.Name()+`": the table does not exist`)
	require.Equal(t, [][]int{{0}, {0}}, requireBatchError(t, err).Parts)
}

// One invalid item does not hold back the writes of other tables.
func TestAnInvalidItemOfSeveralTables(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	heroes := crowd(3)
	heroes[1].Note = strings.Repeat("x", 400<<10)
	err := w.mapper.BatchWrite(t.Context(), w.trophies.Puts(cabinet(2)...),
		w.heroes.Puts(heroes...), w.trophies.Deletes(dynamapper.Key("waldo", 9)))
	batch := requireBatchError(t, err)
	require.Equal(t, [][]int{nil, {1}, nil}, batch.Parts)
	require.ErrorContains(t, err, `1 item was not written: table "`+w.heroes.Name()+
		`": part 1, item 1: the item is larger than 400 KB`)
	require.Equal(t, []int{2, 2}, []int{all(t, w.heroes), all(t, w.trophies)})
	require.True(t, w.heroes.IsNew(heroes[1]))
}

// The ids of each table are taken with one request.
func TestNewIDsOfSeveralTables(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tickets := []*ticket{{Text: "a"}, {Text: "b"}, {ID: 9, Text: "by hand"}, {Text: "c"}}
	orders := []*order{{Text: "d"}, {Text: "e"}}
	require.NoError(t, w.mapper.BatchWrite(t.Context(), w.tickets.Puts(tickets[:2]...),
		w.orders.Puts(orders...), w.tickets.Puts(tickets[2:]...)))
	names := map[string]int{}
	for _, name := range w.Take() {
		names[name]++
	}
	require.Equal(t, map[string]int{"BatchWriteItem": 1, "UpdateItem": 2, "PutItem": 5}, names)
	require.Equal(t, []int64{1, 2, 9, 3},
		[]int64{tickets[0].ID, tickets[1].ID, tickets[2].ID, tickets[3].ID})
	require.Equal(t, []int64{1, 2}, []int64{orders[0].ID, orders[1].ID})
	require.Equal(t, "c", fixtures.Load(t, w.tickets, 3).Text)
	require.Equal(t, "e", fixtures.Load(t, w.orders, 2).Text)
}

// Two writes of one key are refused before a request, also by two models of one table, and by a
// put and a delete. Two deletes are one.
func TestOneKeyTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	waldo := &hero{Login: "waldo"}
	for name, c := range map[string]struct {
		parts []dynamapper.BatchPart
		want  string
	}{
		"one part": {[]dynamapper.BatchPart{w.heroes.Puts(waldo, &hero{Login: "waldo"})},
			"the part 0, item 0 and the part 0, item 1 have the same key"},
		"two parts": {[]dynamapper.BatchPart{w.heroes.Puts(&hero{Login: "x"}, waldo),
			w.heroes.Puts(&hero{Login: "waldo"})},
			"the part 0, item 1 and the part 1, item 0 have the same key"},
		"two models": {[]dynamapper.BatchPart{w.heroes.Puts(waldo),
			w.profiles.Puts(&profile{Login: "waldo"})},
			"the part 0, item 0 and the part 1, item 0 have the same key"},
		"a delete": {[]dynamapper.BatchPart{w.profiles.Deletes(dynamapper.Keys("y", "waldo")...),
			w.heroes.Puts(waldo)}, "the part 0, key 1 and the part 1, item 0 have the same key"},
		"a pointer": {[]dynamapper.BatchPart{w.heroes.Puts(waldo), w.heroes.Puts(waldo)},
			"the part 0, item 0 and the part 1, item 0 are the same pointer"},
	} {
		err := w.mapper.BatchWrite(t.Context(), c.parts...)
		require.ErrorContains(t, err,
			`dynamapper: BatchWrite: table "`+w.heroes.Name()+`": `+c.want, name)
		require.NoError(t, w.mapper.BatchWrite(t.Context(),
			append(c.parts, dynamapper.LastWins())...), name)
	}
	w.Take()
	err := w.heroes.BatchSave(t.Context(), []*hero{waldo, {Login: "waldo"}})
	require.ErrorContains(t, err, "the items 0 and 1 have the same key")
	require.ErrorContains(t, err, "or give LastWins")
	one := &trophy{Login: "waldo"}
	err = w.trophies.BatchSave(t.Context(), []*trophy{one, one})
	require.ErrorContains(t, err, "the items 0 and 1 are the same pointer")
	require.Equal(t, trophy{Login: "waldo"}, *one)
	require.Empty(t, w.Take())
	require.NoError(t, w.mapper.BatchWrite(t.Context(), w.heroes.Deletes(dynamapper.Key("waldo")),
		w.profiles.Deletes(dynamapper.Key("waldo"))))
}

// With LastWins the last write of a key is sent. The items before it stay as they were.
func TestLastWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, last, other := &trophy{Login: "waldo", Rank: 1}, &trophy{Login: "waldo", Rank: 1},
		&trophy{Login: "waldo", Rank: 2}
	require.NoError(t, w.trophies.BatchSave(t.Context(),
		[]*trophy{first, other, last, other}, dynamapper.LastWins()))
	require.Equal(t, trophy{Login: "waldo", Rank: 1}, *first)
	require.True(t, w.trophies.IsNew(first))
	require.Equal(t, fixtures.Load(t, w.trophies, "waldo", 1).Version, last.Version)
	require.NoError(t, w.trophies.Save(t.Context(), other, dynamapper.FailOnConflict()))

	again := []*trophy{last, first, last}
	version := last.Version
	require.NoError(t, w.trophies.BatchSave(t.Context(), again, dynamapper.LastWins()))
	require.NotEqual(t, version, last.Version)
	require.NoError(t, w.trophies.Save(t.Context(), last, dynamapper.FailOnConflict()),
		"the item that was given first and last is the last one")

	require.NoError(t, w.mapper.BatchWrite(t.Context(), w.trophies.Puts(last),
		w.trophies.Deletes(dynamapper.Key("waldo", 1)), dynamapper.LastWins()))
	require.Equal(t, 1, all(t, w.trophies))
	require.NoError(t, w.mapper.BatchWrite(t.Context(),
		w.trophies.Deletes(dynamapper.Key("waldo", 1)), w.trophies.Puts(last),
		dynamapper.LastWins()))
	require.Equal(t, 2, all(t, w.trophies))

	one := &ticket{Text: "one"}
	require.NoError(t, w.tickets.BatchSave(t.Context(), []*ticket{one, one}, dynamapper.LastWins()))
	require.EqualValues(t, 1, one.ID)
	require.Equal(t, 1, all(t, w.tickets))
}

// If the last write of a key could not be sent, all its entries are listed.
func TestLastWinsIsNotWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dynamapper.WithMaxRetries(1))
	dynamotest.Run(t).Engine().LeaveUnprocessed(w.heroes.Name(), 1000)
	err := w.heroes.BatchSave(t.Context(), []*hero{{Login: "a"}, {Login: "b"}, {Login: "a"}},
		dynamapper.LastWins())
	require.Equal(t, []int{0, 1, 2}, requireBatchError(t, err).Unprocessed)
}

// DeleteItems deletes loaded items, which are new afterwards.
func TestDeleteItems(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	heroes := crowd(60)
	require.NoError(t, w.heroes.BatchSave(t.Context(), heroes))
	w.Take()
	require.NoError(t, w.heroes.DeleteItems(t.Context(), append(heroes[:55:55], heroes[0],
		&hero{Login: "h000"}, &hero{Login: "missing"})))
	require.Equal(t, []string{"BatchWriteItem", "BatchWriteItem", "BatchWriteItem"}, w.Take())
	require.Equal(t, 5, all(t, w.heroes))
	require.True(t, w.heroes.IsNew(heroes[54]))
	require.False(t, w.heroes.IsNew(heroes[55]))
	require.NoError(t, w.heroes.Save(t.Context(), heroes[3], dynamapper.FailOnConflict()))

	w.Take()
	for name, c := range map[string]struct {
		item *hero
		want string
	}{
		"nil": {nil, "item 1: the item is nil"}, "empty": {&hero{}, `item 1: the hash key "login"`},
	} {
		err := w.heroes.DeleteItems(t.Context(), []*hero{heroes[55], c.item})
		require.ErrorContains(t, err,
			`dynamapper: DeleteItems: table "`+w.heroes.Name()+`": `+c.want, name)
	}
	one := &trophy{Login: "waldo", Rank: 1}
	require.NoError(t, w.trophies.Save(t.Context(), one))
	one.Version = "another"
	w.Take()
	require.ErrorIs(t, w.trophies.DeleteItems(t.Context(), []*trophy{one}), dynamapper.ErrConflict)
	require.Empty(t, w.Take())
}

// Items that were not deleted stay loaded.
func TestDeleteItemsThatStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dynamapper.WithMaxRetries(1))
	heroes := crowd(3)
	require.NoError(t, w.heroes.BatchSave(t.Context(), heroes))
	dynamotest.Run(t).Engine().LeaveUnprocessed(w.heroes.Name(), 1)
	batch := requireBatchError(t, w.heroes.DeleteItems(t.Context(), heroes))
	require.Len(t, batch.Unprocessed, 1)
	for i, one := range heroes {
		require.Equal(t, i != batch.Unprocessed[0], w.heroes.IsNew(one))
	}
}

// A table whose Defaults have FailOnConflict needs LastWriterWins, unless only keys are deleted.
func TestBatchesUnderDefaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	careful, err := dynamapper.TableOf[hero](w.mapper,
		dynamapper.Defaults(dynamapper.FailOnConflict()))
	require.NoError(t, err)
	heroes := crowd(2)
	write := func(parts ...dynamapper.BatchPart) error {
		return w.mapper.BatchWrite(t.Context(),
			append(parts, w.trophies.Puts(cabinet(1)...), careful.Puts(heroes...))...)
	}
	require.ErrorContains(t, write(), "part 1: the table's Defaults have FailOnConflict")
	require.NoError(t, write(dynamapper.LastWriterWins()))
	err = careful.DeleteItems(t.Context(), heroes)
	require.ErrorContains(t, err, "pass LastWriterWins to delete what is stored")
	require.NoError(t, careful.DeleteItems(t.Context(), heroes, dynamapper.LastWriterWins()))
	require.NoError(t, w.mapper.BatchWrite(t.Context(), careful.Deletes(dynamapper.Key("x"))))
	require.NoError(t, careful.BatchDelete(t.Context(), nil))
}

// Wrong calls return an error and send nothing.
func TestWrongCalls(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	none := (*dynamapper.Table[hero])(nil)
	elsewhere := fixtures.OfflineTable[hero](t)
	waldo := &hero{Login: "waldo"}
	for want, parts := range map[string][]dynamapper.BatchPart{
		"BatchWrite: part 0: the table is nil or empty": {none.Puts(waldo)},
		"BatchWrite: part 1: the table is nil or empty": {w.heroes.Puts(), none.Deletes()},
		"BatchWrite: a part of the batch is nil":        {w.heroes.Puts(waldo), nil},
		"part 0: the table is of another mapper":        {elsewhere.Puts(waldo)},
		"part 1, item 1: the item is nil": {w.trophies.Puts(),
			w.heroes.Puts(waldo, nil)},
		`part 0, key 1: the hash key "login" is empty`: {
			w.heroes.Deletes(dynamapper.Keys("a", "")...)},
		"part 0, key 0: ": {w.tickets.Deletes(dynamapper.Key(-1))},
		"part 0, item 0: hero.Login (attribute login): the": {w.heroes.Puts(&hero{Login: "\xff"})},
	} {
		require.ErrorContains(t, w.mapper.BatchWrite(t.Context(), parts...), want)
	}
	require.NoError(t, w.mapper.BatchWrite(t.Context()))
	require.NoError(t, w.mapper.BatchWrite(t.Context(), w.heroes.Puts(), dynamapper.LastWins()))
	var mapper *dynamapper.Mapper
	require.ErrorContains(t, mapper.BatchWrite(t.Context(), w.heroes.Puts(waldo)),
		"dynamapper: BatchWrite: the mapper is nil or empty")
	var ctx context.Context
	require.ErrorContains(t, w.mapper.BatchWrite(ctx, w.heroes.Puts(waldo)),
		"the context is nil")
	require.ErrorContains(t, none.DeleteItems(t.Context(), nil), "the table is nil or empty")
	require.ErrorContains(t, w.heroes.DeleteItems(t.Context(), nil, nil), "an option is nil")
	require.Error(t, w.mapper.RunTransaction(t.Context(),
		func(ctx context.Context, _ *dynamapper.Tx) error {
			return w.mapper.BatchWrite(ctx, w.heroes.Puts(waldo))
		}))
	require.Empty(t, w.Take())
	require.True(t, w.heroes.IsNew(waldo))
}
