package tests

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/engine"
)

// prefixLength keeps table names short enough to read.
const prefixLength = 6

type attributes = map[string]types.AttributeValue

func textValue(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func numberValue(n string) types.AttributeValue { return &types.AttributeValueMemberN{Value: n} }

// steadyEngine gives the test an engine in process that behaves the same in every run, whatever
// DYNAMOTEST_SEED is. Tests that count requests, or that read from an index immediately after a
// write, need it.
func steadyEngine(t *testing.T) {
	t.Helper()
	if os.Getenv("AWS_ENDPOINT_URL_DYNAMODB") == "" {
		dynamotest.RunEngine(t, engine.WithSeed(0))
	}
}

// testMapper makes a mapper on the engine of the test, with a table prefix of its own, so that a
// test may have several tables of a model.
func testMapper(t *testing.T, opts ...dynamapper.Option) *dynamapper.Mapper {
	t.Helper()
	prefix := dynamapper.WithTablePrefix(strings.ToLower(rand.Text()[:prefixLength]) + "-")
	opts = append([]dynamapper.Option{prefix}, opts...)
	if os.Getenv("DYNAMAPPER_TEST_PIPELINE") == "sdk" {
		opts = append(opts, dynamapper.WithSDKPipeline())
	}
	return dynamotest.Mapper(t, opts...)
}

// tableOf makes a table for one test on the engine.
func tableOf[T dynamapper.IsModel](t *testing.T) *dynamapper.Table[T] {
	t.Helper()
	return tableIn[T](t, testMapper(t))
}

// tableIn makes the table of a model in a mapper.
func tableIn[T dynamapper.IsModel](
	t *testing.T, m *dynamapper.Mapper, opts ...dynamapper.TableOption,
) *dynamapper.Table[T] {
	t.Helper()
	table, err := dynamapper.TableOf[T](m, opts...)
	require.NoError(t, err)
	require.NoError(t, table.CreateTable(t.Context(), dynamapper.WaitActive()))
	return table
}

// requests records the requests that a mapper sends.
type requests struct {
	mu   sync.Mutex
	sent []dynamapper.Operation
}

func (r *requests) observe(_ context.Context, operation dynamapper.Operation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent = append(r.sent, operation)
}

// take returns the names of the requests since the last call.
func (r *requests) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	names := []string{}
	for _, operation := range r.sent {
		names = append(names, operation.Name)
	}
	r.sent = nil
	return names
}

// operations returns the requests since the last call of take.
func (r *requests) operations() []dynamapper.Operation {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.sent)
}

// watchedTable returns a table whose requests are recorded, starting with its creation.
func watchedTable[T dynamapper.IsModel](
	t *testing.T, opts ...dynamapper.Option,
) (*dynamapper.Table[T], *requests) {
	t.Helper()
	noted := &requests{}
	table := tableIn[T](t, testMapper(t, append(opts, dynamapper.WithObserver(noted.observe))...))
	noted.take()
	return table, noted
}

// rawClient returns a client without a mapper, which stands for another program.
func rawClient(t *testing.T) *dynamodb.Client {
	t.Helper()
	return dynamodb.NewFromConfig(dynamotest.Run(t).Config())
}

func putRaw(t *testing.T, table string, items ...attributes) {
	t.Helper()
	for _, item := range items {
		_, err := rawClient(t).PutItem(t.Context(),
			&dynamodb.PutItemInput{TableName: &table, Item: item})
		require.NoError(t, err)
	}
}

// getRaw returns an item as stored, or nil.
func getRaw(t *testing.T, table string, key attributes) attributes {
	t.Helper()
	consistent := true
	out, err := rawClient(t).GetItem(t.Context(),
		&dynamodb.GetItemInput{TableName: &table, Key: key, ConsistentRead: &consistent})
	require.NoError(t, err)
	return out.Item
}

func deleteRaw(t *testing.T, table string, key attributes) {
	t.Helper()
	_, err := rawClient(t).DeleteItem(t.Context(),
		&dynamodb.DeleteItemInput{TableName: &table, Key: key})
	require.NoError(t, err)
}

// setRaw sets one attribute of a stored item, or removes it if value is nil.
func setRaw(
	t *testing.T, table string, key attributes, attribute string, value types.AttributeValue,
) {
	t.Helper()
	in := &dynamodb.UpdateItemInput{TableName: &table, Key: key,
		ExpressionAttributeNames: map[string]string{"#a": attribute}}
	expression := "REMOVE #a"
	if value != nil {
		expression = "SET #a = :v"
		in.ExpressionAttributeValues = attributes{":v": value}
	}
	in.UpdateExpression = &expression
	_, err := rawClient(t).UpdateItem(t.Context(), in)
	require.NoError(t, err)
}

// load reads an item consistently.
func load[T any](t *testing.T, table *dynamapper.Table[T], hash any, rng ...any) *T {
	t.Helper()
	item, err := table.Get(t.Context(), dynamapper.Key(hash, rng...), dynamapper.Consistent())
	require.NoError(t, err)
	return item
}

// sdkTries is how often the client of a faulty table sends a request.
const sdkTries = 3

// quickRetryer returns a retryer without waits and without a quota, so that a test may lose any
// number of responses.
func quickRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = sdkTries
		o.Backoff = retry.BackoffDelayerFunc(
			func(int, error) (time.Duration, error) { return 0, nil })
		o.RateLimiter = ratelimit.None
	})
}

// lineConfig returns the configuration of a client with faults.
func lineConfig(t *testing.T, line *dynamotest.Faults) aws.Config {
	t.Helper()
	cfg := line.Config(dynamotest.Run(t))
	cfg.Retryer = quickRetryer
	return cfg
}

// faultyTable returns a table whose connection has faults, and the same table with a good
// connection.
func faultyTable[T dynamapper.IsModel](
	t *testing.T, opts ...dynamapper.Option,
) (faulty, good *dynamapper.Table[T], line *dynamotest.Faults, sent *requests) {
	t.Helper()
	good = tableOf[T](t)
	line, sent = dynamotest.NewFaults(), &requests{}
	opts = append(
		[]dynamapper.Option{dynamapper.WithConfig(lineConfig(t, line)),
			dynamapper.WithObserver(sent.observe)}, opts...)
	mapper, err := dynamapper.Connect(t.Context(), opts...)
	require.NoError(t, err)
	faulty, err = dynamapper.TableOf[T](mapper, dynamapper.WithTableName(good.Name()))
	require.NoError(t, err)
	return faulty, good, line, sent
}

// first returns a fault for the first n requests.
func first(n int, fault dynamotest.Fault) func(int) dynamotest.Fault {
	return func(seen int) dynamotest.Fault {
		if seen <= n {
			return fault
		}
		return nil
	}
}

// always returns a fault for all requests.
func always(fault dynamotest.Fault) func(int) dynamotest.Fault {
	return func(int) dynamotest.Fault { return fault }
}

// optionsAs converts options to the type that another call takes.
func optionsAs[O any](opts []dynamapper.SaveOption) []O {
	as := make([]O, len(opts))
	for i, opt := range opts {
		as[i] = any(opt).(O)
	}
	return as
}

type logEntry struct {
	dynamapper.Model `dynamo:"log_entry"`
	ID               int64  `dynamo:"id,hash,autoincrement"`
	Text             string `dynamo:"text"`
}

func counter(id string) attributes {
	return attributes{"id": numberValue("-1"), "__max_hash_key__": numberValue(id)}
}

func idKey(id string) attributes { return attributes{"id": numberValue(id)} }

// leave makes every batch request leave entries unprocessed.
func leave(line *dynamotest.Faults, which leaves) {
	line.Each("BatchGetItem", always(leaving("UnprocessedKeys", which)))
	line.Each("BatchWriteItem", always(leaving("UnprocessedItems", which)))
}

func rawResponse(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(body)),
		Body: io.NopCloser(strings.NewReader(body)),
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"},
			"Content-Length": {strconv.Itoa(len(body))}},
	}
}

const writers = 8

// inParallel runs a function once for each writer, each in a goroutine, and returns the errors.
func inParallel(do func(writer int) error) []error {
	errs := make([]error, writers)
	var group sync.WaitGroup
	for writer := range writers {
		group.Go(func() { errs[writer] = do(writer) })
	}
	group.Wait()
	return errs
}

// requireDoubt requires an UnknownOutcomeError that matches none of the errors for a refused write.
func requireDoubt(t *testing.T, err error) *dynamapper.UnknownOutcomeError {
	t.Helper()
	var doubt *dynamapper.UnknownOutcomeError
	require.ErrorAs(t, err, &doubt)
	requireUndecided(t, err)
	require.ErrorIs(t, err, dynamapper.ErrUnknownOutcome)
	return doubt
}

type tokenWallet struct {
	dynamapper.Model `dynamo:"tokenwallets"`
	ID               string `dynamo:"id,hash"`
	Balance          int    `dynamo:"balance"`
	Version          string `dynamo:"version,version"`
}

type countedWallet struct {
	dynamapper.Model `dynamo:"countedwallets"`
	ID               string `dynamo:"id,hash"`
	Balance          int    `dynamo:"balance"`
	Version          int    `dynamo:"version,version"`
}

// wallets describes a model with a balance for the tests of lost responses.
type wallets[T any] struct {
	make    func(id string, balance int) *T
	balance func(*T) *int
}

var plainWallets = wallets[player]{
	func(id string, balance int) *player { return &player{Login: id, Balance: balance} },
	func(p *player) *int { return &p.Balance },
}

var tokenWallets = wallets[tokenWallet]{
	func(id string, balance int) *tokenWallet { return &tokenWallet{ID: id, Balance: balance} },
	func(w *tokenWallet) *int { return &w.Balance },
}

var countedWallets = wallets[countedWallet]{
	func(id string, balance int) *countedWallet { return &countedWallet{ID: id, Balance: balance} },
	func(w *countedWallet) *int { return &w.Balance },
}

// setBalance writes a balance as another writer would.
func (w wallets[T]) setBalance(t *testing.T, good *dynamapper.Table[T], id string, balance int) {
	item, err := good.Get(t.Context(), dynamapper.Key(id), dynamapper.Consistent())
	if err == nil {
		*w.balance(item) = balance
		err = good.Save(t.Context(), item, dynamapper.FailOnConflict())
	}
	if err != nil {
		t.Error(err)
	}
}

// stored returns the balance of the item with an id, or -1 if it does not exist.
func (w wallets[T]) stored(t *testing.T, good *dynamapper.Table[T], id string) int {
	t.Helper()
	items, err := good.BatchGet(t.Context(), dynamapper.Keys(id), dynamapper.Consistent())
	require.NoError(t, err)
	if len(items) == 0 {
		return -1
	}
	return *w.balance(items[0])
}

// purse has a version, times, a default and hooks.
type purse struct {
	dynamapper.Model `dynamo:"purses"`
	Owner            string    `dynamo:"owner,hash"`
	Coins            int       `dynamo:"coins,default=10"`
	Motto            string    `dynamo:"motto"`
	Version          int       `dynamo:"version,version"`
	Created          time.Time `dynamo:"created,created"`
	Updated          time.Time `dynamo:"updated,updated"`
}

func (p *purse) InitItem() { p.Motto = "new" }

func (p *purse) ValidateItem() error {
	if p.Coins < 0 {
		return errInDebt
	}
	return nil
}

// requireAsStored requires that an item and its snapshot equal the stored item.
func requireAsStored[T any](t *testing.T, table *dynamapper.Table[T], item *T, hash any) {
	t.Helper()
	stored := load(t, table, hash)
	require.Equal(t, table.ToMap(stored), table.ToMap(item))
	require.Equal(t, table.Snapshot(stored), table.Snapshot(item))
}

func numberText(n int64) string { return strconv.FormatInt(n, 10) }

// player is the model of most tests on the engine.
type player struct {
	dynamapper.Model `dynamo:"players"`
	Login            string         `dynamo:"login,hash"`
	Name             string         `dynamo:"name"`
	Balance          int            `dynamo:"balance"`
	Inventory        map[string]int `dynamo:"inventory"`
}

func playerKey(login string) attributes { return attributes{"login": textValue(login)} }

// storedPlayer returns a player as another program stores it: with an unknown attribute, and with
// spaces in the JSON.
func storedPlayer(login string) attributes {
	return attributes{
		"login": textValue(login), "name": textValue("Waldo"), "balance": numberValue("200"),
		"inventory": textValue(`{"armor": 1, "sword": 2}`), "clan": textValue("reds"),
	}
}

// copyOf returns a copy that shares no memory with the item.
func copyOf(p *player) *player {
	c := *p
	c.Inventory = maps.Clone(p.Inventory)
	return &c
}

// states are the states that an item and its stored form can be in when a write is called.
var states = map[string]func(t *testing.T, players *dynamapper.Table[player], login string) *player{
	"new, free": func(_ *testing.T, _ *dynamapper.Table[player], login string) *player {
		return &player{Login: login, Name: "New"}
	},
	"new, taken": func(t *testing.T, players *dynamapper.Table[player], login string) *player {
		putRaw(t, players.Name(), storedPlayer(login))
		return &player{Login: login, Name: "New"}
	},
	"loaded": func(t *testing.T, players *dynamapper.Table[player], login string) *player {
		p := loadedPlayer(t, players, login)
		p.Name = "Edited"
		return p
	},
	"unedited": loadedPlayer,
	"other attribute changed": func(
		t *testing.T, players *dynamapper.Table[player], login string,
	) *player {
		p := loadedPlayer(t, players, login)
		p.Name = "Edited"
		setRaw(t, players.Name(), playerKey(login), "balance", numberValue("7"))
		return p
	},
	"same attribute changed": func(
		t *testing.T, players *dynamapper.Table[player], login string,
	) *player {
		p := loadedPlayer(t, players, login)
		p.Name = "Edited"
		setRaw(t, players.Name(), playerKey(login), "name", textValue("Theirs"))
		return p
	},
	"gone": func(t *testing.T, players *dynamapper.Table[player], login string) *player {
		p := loadedPlayer(t, players, login)
		p.Name = "Edited"
		deleteRaw(t, players.Name(), playerKey(login))
		return p
	},
	"key edited": func(t *testing.T, players *dynamapper.Table[player], login string) *player {
		p := loadedPlayer(t, players, login+"-old")
		p.Login = login
		return p
	},
	"deleted": func(t *testing.T, players *dynamapper.Table[player], login string) *player {
		p := loadedPlayer(t, players, login)
		require.NoError(t, players.Delete(t.Context(), p))
		return p
	},
	"of another table": func(t *testing.T, players *dynamapper.Table[player], login string) *player {
		return loadedPlayer(t, tableOf[player](t), login)
	},
}

func loadedPlayer(t *testing.T, players *dynamapper.Table[player], login string) *player {
	putRaw(t, players.Name(), storedPlayer(login))
	return load(t, players, login)
}

// writeOptions returns the options of a write that the letters stand for.
func writeOptions(letters string) []dynamapper.SaveOption {
	var opts []dynamapper.SaveOption
	for _, letter := range letters {
		opts = append(opts, map[rune]dynamapper.SaveOption{
			'F': dynamapper.FailOnConflict(), 'C': dynamapper.ChangedOnly(),
			'M': dynamapper.MustExist(),
		}[letter])
	}
	return opts
}

// outcome returns a text with the requests that were sent and their result.
func outcome(sent []string, err error) string {
	text := strings.Join(sent, "+")
	if text == "" {
		text = "none"
	}
	for _, known := range []struct {
		err  error
		name string
	}{
		{dynamapper.ErrOverwrite, "overwrite"}, {dynamapper.ErrConflict, "conflict"},
		{dynamapper.ErrNotFound, "missing"},
	} {
		if errors.Is(err, known.err) {
			return text + " " + known.name
		}
	}
	if err != nil {
		return text + " " + err.Error()
	}
	return text
}

// score is a model with an index of every kind. The names of its attributes are reserved words, or
// contain characters that have a meaning in expressions.
type score struct {
	dynamapper.Model `dynamo:"scores"`
	Guild            string    `dynamo:"group,hash"`
	Player           int       `dynamo:"user,range"`
	Points           int       `dynamo:"points#" localIndex:"by-points,range"`
	Season           string    `dynamo:"season.name" index:"by-season,hash;brief,hash,include=comment+points#;keys,hash,keys_only"`
	Day              time.Time `dynamo:"date" index:"by-season,range;brief,range"`
	Rank             int       `dynamo:"order" localIndex:"by-rank,range,include=comment"`
	Comment          string    `dynamo:"comment"`
	Note             string    `dynamo:"note-to-self"`
	Version          int       `dynamo:"version,version"`
}

var firstDay = time.Date(2026, time.May, 1, 12, 0, 0, 0, time.UTC)

// makeScores returns the scores of a guild. The points fall as the player's number rises, and every
// ten players share a day.
func makeScores(guild string, n int) []*score {
	scores := make([]*score, n)
	for i := range scores {
		scores[i] = &score{
			Guild: guild, Player: i, Points: 1000 - 3*i, Season: "spring",
			Day: firstDay.AddDate(0, 0, i/10), Rank: i % 50,
			Comment: fmt.Sprintf("comment %d", i%50), Note: "x", Version: 1,
		}
	}
	return scores
}

// putMany stores items without the mapper.
func putMany[T any](t *testing.T, table *dynamapper.Table[T], items []*T) {
	t.Helper()
	client := rawClient(t)
	for some := range slices.Chunk(items, 25) {
		var writes []types.WriteRequest
		for _, item := range some {
			raw, err := table.MarshalItem(item)
			require.NoError(t, err)
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: raw}})
		}
		for len(writes) > 0 {
			out, err := client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{
				RequestItems: map[string][]types.WriteRequest{table.Name(): writes},
			})
			require.NoError(t, err)
			writes = out.UnprocessedItems[table.Name()]
		}
	}
}

// scoreTable returns a table with 120 scores of the guild "red" and 30 of "blue".
func scoreTable(t *testing.T) (*dynamapper.Table[score], *requests) {
	t.Helper()
	table, sent := watchedTable[score](t)
	putMany(t, table, append(makeScores("red", 120), makeScores("blue", 30)...))
	return table, sent
}

// players returns the players' numbers of scores, in order.
func players(scores []*score) []int {
	numbers := []int{}
	for _, one := range scores {
		numbers = append(numbers, one.Player)
	}
	return numbers
}

// upTo returns the numbers from one to another.
func upTo(from, to int) []int {
	numbers := []int{}
	for step := 1; ; from += step {
		if from > to {
			step = -1
		}
		if numbers = append(numbers, from); from == to {
			return numbers
		}
	}
}

// bank holds the three tables, the mapper and the faults that tests of transactions use.
type bank struct {
	*requests
	line    *dynamotest.Faults
	mapper  *dynamapper.Mapper
	players *dynamapper.Table[player]
	purses  *dynamapper.Table[purse]
	entries *dynamapper.Table[logEntry]
}

// openBank makes a bank in which waldo and wally are players, and waldo has a purse.
func openBank(t *testing.T, opts ...dynamapper.Option) *bank {
	t.Helper()
	b := &bank{requests: &requests{}, line: dynamotest.NewFaults()}
	opts = append(opts, dynamapper.WithConfig(lineConfig(t, b.line)),
		dynamapper.WithObserver(b.observe))
	b.mapper = testMapper(t, opts...)
	b.players, b.purses, b.entries = tableIn[player](t, b.mapper), tableIn[purse](t,
		b.mapper), tableIn[logEntry](t, b.mapper)
	putRaw(t, b.players.Name(), storedPlayer("waldo"), storedPlayer("wally"))
	require.NoError(t, b.purses.Save(t.Context(), &purse{Owner: "waldo", Coins: 200}))
	b.take()
	return b
}

// get reads an existing player in a transaction.
func (b *bank) get(t *testing.T, ctx context.Context, tx *dynamapper.Tx, login string) *player {
	t.Helper()
	p, err := b.players.In(tx).Get(ctx, dynamapper.Key(login))
	require.NoError(t, err)
	return p
}

// setBalance writes a balance as another writer would.
func (b *bank) setBalance(t *testing.T, login string, balance int) {
	t.Helper()
	setRaw(t, b.players.Name(), playerKey(login), "balance",
		numberValue(numberText(int64(balance))))
}

// balance returns the stored balance of a player, or -1 if the player does not exist.
func (b *bank) balance(t *testing.T, login string) int {
	t.Helper()
	if getRaw(t, b.players.Name(), playerKey(login)) == nil {
		return -1
	}
	return load(t, b.players, login).Balance
}

// besideRefusal stages a check that fails as long as wally has the balance 200.
func (b *bank) besideRefusal(tx *dynamapper.Tx, wally *player) {
	condition := rich()
	if wally.Balance != 200 {
		condition = poor()
	}
	b.players.In(tx).Check(dynamapper.Key("waldo"), condition)
}

// counted has an integer version.
type counted struct {
	dynamapper.Model `dynamo:"counted"`
	account
	Version int `dynamo:"version,version"`
}

// tokened has a string version, which is a random token.
type tokened struct {
	dynamapper.Model `dynamo:"tokened"`
	account
	Version string `dynamo:"version,version"`
}

var accountKey = attributes{"id": textValue("one")}

type versioned[T any] interface {
	*T
	fields() *account
}

func requireConflictIn(t *testing.T, err error, attributes ...string) {
	t.Helper()
	var conflict *dynamapper.ConflictError
	require.ErrorAs(t, err, &conflict)
	require.Equal(t, attributes, conflict.Attributes)
	require.NotNil(t, conflict.Current)
}
