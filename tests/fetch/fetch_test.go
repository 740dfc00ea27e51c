// Package fetch tests reads of several items at once: TransactGet, BatchGet of a mapper, and the
// check of what a transaction has read.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/engine"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

type player struct {
	dynamapper.Model `dynamo:"players"`
	Login            string `dynamo:"login,hash"`
	Name             string `dynamo:"name"`
	Balance          int    `dynamo:"balance"`
}

type score struct {
	dynamapper.Model `dynamo:"scores"`
	Player           string `dynamo:"player,hash"`
	Round            int    `dynamo:"round,range"`
	Points           int    `dynamo:"points"`
}

// gamer and badge are entities of one table.
type gamer struct {
	dynamapper.Model `dynamo:"game,entity=gamer"`
	Login            string `dynamo:"login,hash"`
	Rank             int    `dynamo:"rank"`
}

type badge struct {
	dynamapper.Model `dynamo:"game,entity=badge"`
	Login            string `dynamo:"login,hash"`
	Title            string `dynamo:"title"`
}

type entry struct {
	dynamapper.Model `dynamo:"entries"`
	ID               int64  `dynamo:"id,hash,autoincrement"`
	Text             string `dynamo:"text"`
}

// world has tables of several models, and records the requests.
type world struct {
	fixtures.Requests
	mapper  *dynamapper.Mapper
	players *dynamapper.Table[player]
	scores  *dynamapper.Table[score]
	line    *dynamotest.Faults
}

func key(hash any, rng ...any) dynamapper.PrimaryKey { return dynamapper.Key(hash, rng...) }

// open makes the tables, with a few items, on an engine without chance.
func open(t *testing.T, opts ...dynamapper.Option) *world {
	t.Helper()
	fixtures.SteadyEngine(t)
	return openOn(t, opts...)
}

// openOn is open on the engine that the test has.
func openOn(t *testing.T, opts ...dynamapper.Option) *world {
	t.Helper()
	w := &world{line: dynamotest.NewFaults()}
	opts = append([]dynamapper.Option{dynamapper.WithObserver(w.Observe),
		dynamapper.WithConfig(fixtures.LineConfig(t, w.line))}, opts...)
	var err error
	w.mapper, err = dynamapper.Connect(t.Context(), opts...)
	require.NoError(t, err)
	w.players, w.scores = tableOf[player](t, w.mapper), tableOf[score](t, w.mapper)
	fixtures.PutMany(t, w.players, []*player{{Login: "waldo", Name: "Waldo", Balance: 200},
		{Login: "wally", Name: "Wally", Balance: 200}})
	fixtures.PutMany(t, w.scores, []*score{{Player: "waldo", Round: 1, Points: 10}})
	w.Take()
	return w
}

func tableOf[T dynamapper.IsModel](t *testing.T, m *dynamapper.Mapper) *dynamapper.Table[T] {
	t.Helper()
	table, err := dynamapper.TableOf[T](m)
	require.NoError(t, err)
	require.NoError(t, table.CreateTable(t.Context(), dynamapper.WaitActive()))
	return table
}

func (w *world) setBalance(t *testing.T, login string, balance int) {
	t.Helper()
	fixtures.SetRaw(t, w.players.Name(), fixtures.Attributes{"login": fixtures.Text(login)},
		"balance", fixtures.Number(fmt.Sprint(balance)))
}

// runs are the two calls that run Fetches.
var runs = map[string]func(
	*dynamapper.Mapper, context.Context, ...dynamapper.AnyFetch,
) error{
	"TransactGet": (*dynamapper.Mapper).TransactGet, "BatchGet": (*dynamapper.Mapper).BatchGet,
}

// One request reads items of several tables. Each Fetch gets an item of its own or ErrNotFound.
func TestOneRequestForSeveralTables(t *testing.T) {
	t.Parallel()
	for name, run := range runs {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			waldo, again := w.players.Fetch(key("waldo")), w.players.Fetch(key("waldo"))
			points, nobody := w.scores.Fetch(key("waldo", 1)), w.players.Fetch(key("nobody"))
			require.ErrorContains(t, waldo.Err, `Fetch: table "players": the item was not read yet`)
			require.NoError(t, run(w.mapper, t.Context(), waldo, points, nobody, again, waldo))
			request := map[string]string{"TransactGet": "TransactGetItems",
				"BatchGet": "BatchGetItem"}[name]
			require.Len(t, w.Operations(), 1)
			sent := w.Operations()[0]
			require.Equal(t, []string{request}, w.Take())
			require.Equal(t, 2, sent.Items)
			require.Empty(t, sent.Table, "of several tables")
			units := map[string]float64{"TransactGet": 3 * 2, "BatchGet": 3 * 0.5}[name]
			require.Equal(t, units, sent.ReadUnits, "two items and a missing one")

			require.NoError(t, waldo.Err)
			require.Equal(t, 200, waldo.Item.Balance)
			require.Equal(t, 10, points.Item.Points)
			require.Equal(t, waldo.Item, again.Item)
			require.NotSame(t, waldo.Item, again.Item)
			require.Nil(t, nobody.Item)
			require.ErrorIs(t, nobody.Err, dynamapper.ErrNotFound)
			var missing *dynamapper.NotFoundError
			require.ErrorAs(t, nobody.Err, &missing)
			require.Equal(t, dynamapper.NotFoundError{Op: name, Table: "players",
				Key: key("nobody")}, *missing)
		})
	}
}

// The items have the snapshot of a Get: a change in between is a conflict, and none is none.
func TestItemsHaveASnapshot(t *testing.T) {
	t.Parallel()
	for name, run := range runs {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			waldo, wally := w.players.Fetch(key("waldo")), w.players.Fetch(key("wally"))
			require.NoError(t, run(w.mapper, t.Context(), waldo, wally))
			w.setBalance(t, "waldo", 0)
			for _, p := range []*player{waldo.Item, wally.Item} {
				p.Balance -= 150
			}
			guard := dynamapper.FailOnConflict()
			require.ErrorIs(t, w.players.Save(t.Context(), waldo.Item, guard),
				dynamapper.ErrConflict)
			require.NoError(t, w.players.Save(t.Context(), wally.Item, guard))
		})
	}
}

// A Fetch that is run again reads again, and leaves the item of the first run alone.
func TestAFetchIsRunAgain(t *testing.T) {
	t.Parallel()
	w := open(t)
	waldo := w.players.Fetch(key("waldo"))
	require.NoError(t, w.mapper.TransactGet(t.Context(), waldo))
	first := waldo.Item
	w.setBalance(t, "waldo", 1)
	require.NoError(t, w.mapper.TransactGet(t.Context(), waldo))
	require.Equal(t, []int{200, 1}, []int{first.Balance, waldo.Item.Balance})
	_, err := fixtures.RawClient(t).DeleteTable(t.Context(),
		&dynamodb.DeleteTableInput{TableName: fixtures.Pointer("players")})
	require.NoError(t, err)
	err = w.mapper.TransactGet(t.Context(), waldo)
	require.ErrorContains(t, err, `TransactGet: table "players": the table does not exist`)
	require.Equal(t, err, waldo.Err)
	require.Nil(t, waldo.Item)
}

// Nothing is sent for nothing, and for the item that counts the ids.
func TestNothingToRead(t *testing.T) {
	t.Parallel()
	w := open(t)
	entries := tableOf[entry](t, w.mapper)
	w.Take()
	for _, run := range runs {
		counter := entries.Fetch(key(-1))
		require.NoError(t, run(w.mapper, t.Context()))
		require.NoError(t, run(w.mapper, t.Context(), counter))
		require.ErrorIs(t, counter.Err, dynamapper.ErrNotFound)
	}
	require.Empty(t, w.Take())
}

// Wrong calls return an error before a request, which every Fetch then has.
func TestWrongFetches(t *testing.T) {
	t.Parallel()
	w := open(t)
	other := fixtures.OfflineTable[player](t)
	var noTable *dynamapper.Table[player]
	var none *dynamapper.Fetch[player]
	for want, f := range map[string]dynamapper.AnyFetch{
		"the Fetch 2: the Fetch is nil or zero; make it with Table.Fetch": nil,
		"Fetch 2: the Fetch is nil or zero":                               none,
		"Fetch 2: the Fetch is nil or zero;":                              &dynamapper.Fetch[player]{},
		`table "players": the Fetch 2: the table is of another mapper`:    other.Fetch(key("a")),
		"Fetch 2: the table is nil or empty":                              noTable.Fetch(key("a")),
		`the Fetch 2: the key has no range key`:                           w.scores.Fetch(key("a")),
		"is empty, which DynamoDB does not take":                          w.players.Fetch(key("")),
		"Fetch 2: an option is nil":                                       w.players.Fetch(key("a"), nil),
		"Select names no attribute":                                       w.players.Fetch(key("a"), dynamapper.Select()),
		`the Fetch 2: Select of "gold": the model fetch.player has no attribute "gold"`: w.players.Fetch(
			key("a"), dynamapper.Select("gold")),
	} {
		for name, run := range runs {
			waldo := w.players.Fetch(key("waldo"))
			err := run(w.mapper, t.Context(), waldo, f)
			require.ErrorContains(t, err, want)
			require.ErrorContains(t, err, "dynamapper: "+name+": ")
			require.Equal(t, err, waldo.Err)
		}
	}
	var nobody *dynamapper.Mapper
	var noContext context.Context
	for _, run := range runs {
		waldo := w.players.Fetch(key("waldo"))
		require.ErrorContains(t, run(nobody, t.Context(), waldo), "mapper is nil or empty")
		require.ErrorContains(t, run(w.mapper, noContext, waldo), "the context is nil")
	}
	require.Empty(t, w.Take())
}

// A moment takes 100 items. BatchGet takes any number, 100 in a request.
func TestMoreThanAHundred(t *testing.T) {
	t.Parallel()
	w := open(t)
	var players []*player
	var fetches []dynamapper.AnyFetch
	for i := range 150 {
		login := fmt.Sprintf("p%03d", i)
		players = append(players, &player{Login: login, Balance: i})
		fetches = append(fetches, w.players.Fetch(key(login)))
	}
	fixtures.PutMany(t, w.players, players)
	for round := range 80 {
		fetches = append(fetches, w.scores.Fetch(key("waldo", round)))
	}
	err := w.mapper.TransactGet(t.Context(), fetches[:101]...)
	require.ErrorContains(t, err, `TransactGet: table "players": 101 items are to be read at one `+
		"moment, and DynamoDB reads 100; read fewer, or read them with BatchGet")
	require.Empty(t, w.Take())
	require.NoError(t, w.mapper.TransactGet(t.Context(), append(fetches[:100:100], fetches[0])...))
	require.Equal(t, []string{"TransactGetItems"}, w.Take())

	dynamotest.Run(t).Engine().LeaveUnprocessed("players", 7)
	require.NoError(t, w.mapper.BatchGet(t.Context(), fetches...))
	sent := w.Operations()
	require.Equal(t, []string{"BatchGetItem", "BatchGetItem", "BatchGetItem", "BatchGetItem"},
		w.Take(), "230 keys, and the unprocessed ones")
	items := 0
	for _, one := range sent {
		items += one.Items
	}
	require.Equal(t, 151, items)
	for i, f := range fetches[:150] {
		require.Equal(t, i, f.(*dynamapper.Fetch[player]).Item.Balance)
	}
	require.Equal(t, 10, fetches[151].(*dynamapper.Fetch[score]).Item.Points)
	require.ErrorIs(t, fetches[152].(*dynamapper.Fetch[score]).Err, dynamapper.ErrNotFound)
}

// With Select the items are partial. Fetches of one table with other options are read apart.
func TestFetchesWithOptions(t *testing.T) {
	t.Parallel()
	w := open(t)
	part := w.players.Fetch(key("waldo"), dynamapper.Select("balance"))
	other := w.players.Fetch(key("wally"), dynamapper.Select("name"), dynamapper.Consistent())
	require.NoError(t, w.mapper.TransactGet(t.Context(), part, other))
	require.Equal(t, []string{"TransactGetItems"}, w.Take())
	require.Equal(t, player{Login: "waldo", Balance: 200, Model: part.Item.Model}, *part.Item)
	require.Equal(t, player{Login: "wally", Name: "Wally", Model: other.Item.Model}, *other.Item)
	require.ErrorIs(t, w.players.Save(t.Context(), part.Item), dynamapper.ErrPartial)
	part.Item.Balance++
	require.NoError(t, w.players.Save(t.Context(), part.Item, dynamapper.ChangedOnly()))
	w.Take()

	// The same item, whole and in part, at different moments, and consistently.
	whole, sure := w.players.Fetch(key("waldo")), w.players.Fetch(key("waldo"),
		dynamapper.Consistent())
	require.NoError(t, w.mapper.BatchGet(t.Context(), whole, part, sure))
	sent := w.Operations()
	require.Equal(t, []string{"BatchGetItem", "BatchGetItem", "BatchGetItem"}, w.Take())
	require.Equal(t, 0.5+0.5+1, sent[0].ReadUnits+sent[1].ReadUnits+sent[2].ReadUnits)
	require.Equal(t, "Waldo", whole.Item.Name)
	require.Empty(t, part.Item.Name)
	require.Equal(t, 201, sure.Item.Balance)

	// At one moment the item is read once.
	require.NoError(t, w.mapper.TransactGet(t.Context(), whole, part, sure))
	sent = w.Operations()
	require.Equal(t, []string{"TransactGetItems"}, w.Take())
	require.Equal(t, 2.0, sent[0].ReadUnits)
	require.Equal(t, "Waldo", whole.Item.Name)
	require.Empty(t, part.Item.Name)
	require.Equal(t, 201, sure.Item.Balance)
}

// An item that cannot be decoded, or that is of another entity, is the error of its Fetch alone.
// Two models may ask for one item.
func TestErrorsOfSingleItems(t *testing.T) {
	t.Parallel()
	for name, run := range runs {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			gamers := tableOf[gamer](t, w.mapper)
			badges, err := dynamapper.TableOf[badge](w.mapper)
			require.NoError(t, err)
			fixtures.PutMany(t, gamers, []*gamer{{Login: "waldo", Rank: 1}})
			fixtures.SetRaw(t, "players", fixtures.Attributes{"login": fixtures.Text("waldo")},
				"balance", fixtures.Text("much"))
			waldo, wally := w.players.Fetch(key("waldo")), w.players.Fetch(key("wally"))
			ranked, titled := gamers.Fetch(key("waldo")), badges.Fetch(key("waldo"))
			require.NoError(t, run(w.mapper, t.Context(), waldo, ranked, titled, wally))
			require.Equal(t, 1, w.line.Sent(map[string]string{"TransactGet": "TransactGetItems",
				"BatchGet": "BatchGetItem"}[name]))
			var field *dynamapper.FieldError
			require.ErrorAs(t, waldo.Err, &field)
			require.Equal(t, []any{name, "players", key("waldo"), "balance"},
				[]any{field.Op, field.Table, field.Key, field.Attribute})
			require.Nil(t, waldo.Item)
			require.Equal(t, 200, wally.Item.Balance)
			require.Equal(t, 1, ranked.Item.Rank)
			require.ErrorIs(t, titled.Err, dynamapper.ErrOtherEntity)
		})
	}
}

type session struct {
	dynamapper.Model `dynamo:"sessions"`
	ID               string    `dynamo:"id,hash"`
	Text             string    `dynamo:"text"`
	Expires          time.Time `dynamo:"expires,ttl"`
}

// HideExpired holds for these reads, too, also with Select. A transaction that has found an expired
// item does not run again unless the item has changed.
func TestExpiredItemsAreHidden(t *testing.T) {
	t.Parallel()
	// The engine's clock stands in the past, so that the engine deletes no item.
	dynamotest.RunEngine(t, engine.WithClock(func() time.Time { return time.Unix(1, 0) }))
	w := openOn(t)
	all := tableOf[session](t, w.mapper)
	hiding, err := dynamapper.TableOf[session](w.mapper, dynamapper.HideExpired())
	require.NoError(t, err)
	fixtures.PutMany(t, all, []*session{{ID: "old", Expires: time.Now().Add(-time.Hour)},
		{ID: "new", Expires: time.Now().Add(time.Hour)}})
	for name, run := range runs {
		shown := all.Fetch(key("old"), dynamapper.Consistent())
		hidden := hiding.Fetch(key("old"), dynamapper.Consistent())
		fresh := hiding.Fetch(key("new"), dynamapper.Consistent())
		require.NoError(t, run(w.mapper, t.Context(), shown, hidden, fresh))
		require.NoError(t, errors.Join(shown.Err, fresh.Err))
		require.ErrorIs(t, hidden.Err, dynamapper.ErrNotFound, name)
		require.ErrorContains(t, hidden.Err, "has expired")
		part := hiding.Fetch(key("old"), dynamapper.Select("text"), dynamapper.Consistent())
		require.NoError(t, run(w.mapper, t.Context(), part))
		require.ErrorIs(t, part.Err, dynamapper.ErrNotFound)
	}
	tries := 0
	require.NoError(t, w.mapper.RunTransaction(t.Context(),
		func(ctx context.Context, tx *dynamapper.Tx) error {
			tries++
			_, old := hiding.In(tx).Get(ctx, key("old"))
			require.ErrorIs(t, old, dynamapper.ErrNotFound)
			_, err := hiding.In(tx).Get(ctx, key("new"))
			return err
		}))
	require.Equal(t, 1, tries)
}

// cancelled refuses a transaction with these reasons, one for each item.
func cancelled(codes ...string) dynamotest.Fault {
	reasons := make([]string, len(codes))
	for i, code := range codes {
		reasons[i] = fmt.Sprintf(`{"Code":%q,"Message":"refused"}`, code)
	}
	body := `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",` +
		`"CancellationReasons":[` + strings.Join(reasons, ",") + `]}`
	return func(request *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		response := fixtures.RawResponse(http.StatusBadRequest, body)
		response.Request = request
		return response, nil
	}
}

// While another transaction is running on an item, or a table is throttled, the request is sent
// again, as often as the mapper's retries.
func TestAMomentBesideATransaction(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"TransactionConflict", "ProvisionedThroughputExceeded",
		"ThrottlingError"} {
		t.Run(code, func(t *testing.T) {
			w := open(t, dynamapper.WithMaxRetries(3))
			waldo, points := w.players.Fetch(key("waldo")), w.scores.Fetch(key("waldo", 1))
			w.line.Each("TransactGetItems", fixtures.First(2, cancelled("None", code)))
			require.NoError(t, w.mapper.TransactGet(t.Context(), waldo, points))
			require.Equal(t, 3, w.line.Sent("TransactGetItems"))
			require.Equal(t, 200, waldo.Item.Balance)

			w.line.Clear()
			w.line.Each("TransactGetItems", fixtures.Always(cancelled("None", code)))
			err := w.mapper.TransactGet(t.Context(), waldo, points)
			var exceeded *dynamapper.MaxRetriesExceededError
			require.ErrorAs(t, err, &exceeded)
			require.Equal(t, []any{"TransactGet", 3}, []any{exceeded.Op, exceeded.Tries})
			require.ErrorIs(t, waldo.Err, dynamapper.ErrMaxRetriesExceeded)
		})
	}
	t.Run("of the engine", func(t *testing.T) {
		w := open(t)
		dynamotest.Run(t).Engine().Conflict("players", 1)
		waldo := w.players.Fetch(key("waldo"))
		require.NoError(t, w.mapper.TransactGet(t.Context(), waldo))
		require.Equal(t, []string{"TransactGetItems", "TransactGetItems"}, w.Take())
	})
}

// Any other reason ends the call, and the error names the table of the item at fault.
func TestAMomentThatIsRefused(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.line.On("TransactGetItems", 1, cancelled("None", "AccessDenied"))
	waldo, points := w.players.Fetch(key("waldo")), w.scores.Fetch(key("waldo", 1))
	err := w.mapper.TransactGet(t.Context(), waldo, points)
	require.ErrorContains(t, err, `dynamapper: TransactGet: table "scores": the credentials do not `+
		"allow this")
	var canceled *types.TransactionCanceledException
	require.ErrorAs(t, err, &canceled)
	require.Equal(t, []string{"TransactGetItems"}, w.Take())
}

// If a request of a batch fails, the Fetches that it did not read have its error.
func TestABatchThatFails(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.line.On("BatchGetItem", 1, func(
		request *http.Request, _ func() (*http.Response, error),
	) (*http.Response, error) {
		response := fixtures.RawResponse(http.StatusBadRequest,
			`{"__type":"com.amazon.coral.service#AccessDeniedException","message":"no"}`)
		response.Request = request
		return response, nil
	})
	waldo, points := w.players.Fetch(key("waldo")), w.scores.Fetch(key("waldo", 1))
	err := w.mapper.BatchGet(t.Context(), waldo, points)
	require.ErrorContains(t, err, "dynamapper: BatchGet: the credentials do not allow this")
	require.Equal(t, err, waldo.Err)
	require.Equal(t, err, points.Err)
}

// plainClient is a client without the options of the SDK, as DAX's.
type plainClient struct {
	dynamapper.Client
	sdk *dynamodb.Client
}

func (c plainClient) TransactGetItems(
	ctx context.Context, in *dynamodb.TransactGetItemsInput, _ ...func(*dynamodb.Options),
) (*dynamodb.TransactGetItemsOutput, error) {
	return c.sdk.TransactGetItems(ctx, in)
}

func (c plainClient) BatchGetItem(
	ctx context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.BatchGetItemOutput, error) {
	return c.sdk.BatchGetItem(ctx, in)
}

func (c plainClient) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	return c.sdk.GetItem(ctx, in)
}

// withoutTransactGet is a client of before the operation was asked for.
type withoutTransactGet struct{ dynamapper.Client }

func TestOtherClients(t *testing.T) {
	t.Parallel()
	w := open(t)
	sdk := fixtures.RawClient(t)
	for name, client := range map[string]dynamapper.Client{
		"plain": plainClient{sdk, sdk}, "without": withoutTransactGet{sdk},
	} {
		sent := &fixtures.Requests{}
		m, err := dynamapper.New(client, dynamapper.WithObserver(sent.Observe))
		require.NoError(t, err)
		players, err := dynamapper.TableOf[player](m)
		require.NoError(t, err)
		waldo, nobody := players.Fetch(key("waldo")), players.Fetch(key("nobody"))
		require.NoError(t, m.BatchGet(t.Context(), waldo, nobody))
		require.Equal(t, 200, waldo.Item.Balance, name)
		require.ErrorIs(t, nobody.Err, dynamapper.ErrNotFound)
		sent.Take()

		err = m.TransactGet(t.Context(), waldo, nobody)
		commit := "TransactGetItems"
		if name == "without" {
			commit = "TransactWriteItems"
			require.ErrorContains(t, err, "the client has no method TransactGetItems")
			require.Empty(t, sent.Take())
		} else {
			require.NoError(t, err)
			require.Equal(t, 200, waldo.Item.Balance)
			require.ErrorIs(t, nobody.Err, dynamapper.ErrNotFound)
			require.NoError(t, players.Save(t.Context(), waldo.Item, dynamapper.FailOnConflict()))
			sent.Take()
		}
		// A transaction that has only read is checked in either case.
		tries := 0
		require.NoError(t, m.RunTransaction(t.Context(),
			func(ctx context.Context, tx *dynamapper.Tx) error {
				_, err := players.In(tx).Get(ctx, key("waldo"))
				if tries++; tries == 1 {
					w.setBalance(t, "waldo", 1)
				}
				require.NoError(t, err)
				_, err = players.In(tx).Get(ctx, key("nobody"))
				require.ErrorIs(t, err, dynamapper.ErrNotFound)
				return nil
			}))
		require.Equal(t, []string{"GetItem", "GetItem", commit, "GetItem", "GetItem", commit},
			sent.Take(), name)
		w.setBalance(t, "waldo", 200)
	}
}

// The pipeline sends the operation once it has learned it.
func TestThePipelineSendsTransactGet(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	sent := &fixtures.Requests{}
	m := dynamotest.Mapper(t, dynamapper.WithObserver(sent.Observe))
	players := tableOf[player](t, m)
	fixtures.PutMany(t, players, []*player{{Login: "waldo", Balance: 200}})
	sent.Take()
	for range 2 {
		waldo := players.Fetch(key("waldo"))
		require.NoError(t, m.TransactGet(t.Context(), waldo))
		require.Equal(t, 200, waldo.Item.Balance)
	}
	operations := sent.Operations()
	require.Equal(t, []bool{false, true},
		[]bool{operations[0].OwnPipeline, operations[1].OwnPipeline})
}
