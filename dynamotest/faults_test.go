package dynamotest_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// faultyClient returns a client of the plain SDK on a line, a table that is not on the line, and
// the line.
func faultyClient(
	t *testing.T, opts ...func(*dynamodb.Options),
) (faulty *dynamodb.Client, players *dynamapper.Table[Player], line *dynamotest.Faults) {
	t.Helper()
	players = createPlayers(t, dynamotest.Mapper(t))
	line = dynamotest.NewFaults()
	return dynamodb.NewFromConfig(line.Config(dynamotest.Run(t)), opts...), players, line
}

// createPlayers creates the mapper's table of players.
func createPlayers(t *testing.T, mapper *dynamapper.Mapper) *dynamapper.Table[Player] {
	t.Helper()
	players, err := dynamapper.TableOf[Player](mapper)
	require.NoError(t, err)
	require.NoError(t, players.CreateTable(t.Context()))
	return players
}

func putInput(table, login string) *dynamodb.PutItemInput {
	return &dynamodb.PutItemInput{TableName: &table, Item: map[string]types.AttributeValue{
		"login": &types.AttributeValueMemberS{Value: login},
		"coins": &types.AttributeValueMemberN{Value: "200"},
	}}
}

// onceOnly keeps the SDK from retrying, so that a test sees the error of a single try.
func onceOnly(o *dynamodb.Options) { o.RetryMaxAttempts = 1 }

func isStored(t *testing.T, players *dynamapper.Table[Player], login string) bool {
	t.Helper()
	stored, err := players.BatchGet(t.Context(), dynamapper.Keys(login), dynamapper.Consistent())
	require.NoError(t, err)
	return len(stored) == 1
}

// The errors of faults that the SDK returns.

func isNil(t *testing.T, err error) { require.NoError(t, err) }

func isCutOff(t *testing.T, err error) { require.ErrorIs(t, err, io.ErrUnexpectedEOF) }

func isReset(t *testing.T, err error) {
	require.ErrorIs(t, err, syscall.ECONNRESET)
	var read *net.OpError
	var post *url.Error
	require.ErrorAs(t, err, &read)
	require.ErrorAs(t, err, &post)
	require.Equal(t, "read", read.Op)
	require.Contains(t, err.Error(), "connection reset by peer")
}

func hasCode(code string) func(*testing.T, error) {
	return func(t *testing.T, err error) {
		var api smithy.APIError
		require.ErrorAs(t, err, &api)
		require.Equal(t, code, api.ErrorCode())
	}
}

// Each fault applies the request or does not, and the SDK returns the expected error. If the SDK
// retries, the second try succeeds.
func TestEachFault(t *testing.T) {
	t.Parallel()
	once, players, line := faultyClient(t, onceOnly)
	retrying := dynamodb.NewFromConfig(line.Config(dynamotest.Run(t)))
	refuse, denied := dynamotest.Refuse, "AccessDeniedException"
	for name, test := range map[string]struct {
		fault   dynamotest.Fault
		applied bool
		sees    func(*testing.T, error)
		retried bool
	}{
		"Lose":    {dynamotest.Lose(), true, isReset, true},
		"Drop":    {dynamotest.Drop(), false, isReset, true},
		"Fail":    {dynamotest.Fail(), true, hasCode("InternalServerError"), true},
		"Cut":     {dynamotest.Cut(), true, isCutOff, false},
		"Corrupt": {dynamotest.Corrupt(), true, isNil, false},
		"throttled": {refuse(400, "ThrottlingException"), false, hasCode("ThrottlingException"),
			true},
		"refused": {refuse(400, denied), false, hasCode(denied), false},
		"unavailable": {refuse(503, "ServiceUnavailable"), false, hasCode("ServiceUnavailable"),
			true},
		"Delay":        {dynamotest.Delay(time.Microsecond), true, isNil, false},
		"After":        {dynamotest.After(dynamotest.Lose(), func() {}), true, isReset, true},
		"After, alone": {dynamotest.After(nil, func() {}), true, isNil, false},
	} {
		t.Run(name, func(t *testing.T) {
			line.Clear()
			line.On("PutItem", 1, test.fault)
			_, err := once.PutItem(t.Context(), putInput(players.Name(), name))
			test.sees(t, err)
			require.Equal(t, test.applied, isStored(t, players, name))

			line.Clear()
			line.On("PutItem", 1, test.fault)
			_, err = retrying.PutItem(t.Context(), putInput(players.Name(), name))
			if test.retried {
				require.NoError(t, err)
				require.Equal(t, 2, line.Sent("PutItem"))
			} else {
				test.sees(t, err)
				require.Equal(t, 1, line.Sent("PutItem"))
			}
		})
	}
}

// A corrupt response is still JSON, and only its checksum is wrong: the SDK returns a wrong item.
func TestACorruptResponseIsBelievedByTheSDK(t *testing.T) {
	t.Parallel()
	client, players, line := faultyClient(t)
	require.NoError(t, players.Save(t.Context(), &Player{Login: "waldo", Coins: 200}))
	line.On("GetItem", 1, dynamotest.Corrupt())
	out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(players.Name()),
		Key: map[string]types.AttributeValue{
			"login": &types.AttributeValueMemberS{Value: "waldo"},
		},
	})
	require.NoError(t, err)
	require.NotEqual(t, putInput("", "waldo").Item, out.Item)
}

// The mapper repeats a read whose response is damaged.
func TestTheMapperReadsADamagedResponseAgain(t *testing.T) {
	t.Parallel()
	line := dynamotest.NewFaults()
	players := createPlayers(t, line.Mapper(t))
	require.Equal(t, 1, line.Sent("CreateTable"))
	require.NoError(t, players.Save(t.Context(), &Player{Login: "waldo", Coins: 200}))
	for _, fault := range []dynamotest.Fault{dynamotest.Cut(), dynamotest.Corrupt()} {
		line.Clear()
		line.On("GetItem", 1, fault)
		waldo, err := players.Get(t.Context(), dynamapper.Key("waldo"), dynamapper.Consistent())
		require.NoError(t, err)
		require.Equal(t, 200, waldo.Coins)
		require.Equal(t, 2, line.Sent("GetItem"))
	}
}

// Requests count by operation and in total. Rules count from their creation, and the first that
// chooses a fault decides.
func TestRulesAndCounts(t *testing.T) {
	t.Parallel()
	client, players, line := faultyClient(t, onceOnly)
	put := func() string {
		_, err := client.PutItem(t.Context(), putInput(players.Name(), "waldo"))
		var api smithy.APIError
		if err == nil {
			return ""
		}
		require.ErrorAs(t, err, &api)
		return api.ErrorCode()
	}
	refuse := func(code string) dynamotest.Fault {
		return dynamotest.Refuse(http.StatusBadRequest, code)
	}
	require.Empty(t, put())
	line.On("PutItem", 2, refuse("second"))
	line.On("GetItem", 1, refuse("other"))
	line.Each("", func(n int) dynamotest.Fault {
		require.Equal(t, n+1, line.Sent(""), "a rule may use the line")
		return refuse(fmt.Sprint("any ", n))
	})
	require.Equal(t, []string{"any 1", "second", "any 3"}, []string{put(), put(), put()},
		"a rule that is not asked counts")
	_, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.ErrorContains(t, err, "any 4")
	for operation, sent := range map[string]int{
		"PutItem": 4, "ListTables": 1, "GetItem": 0, "": 5,
	} {
		require.Equal(t, sent, line.Sent(operation), operation)
	}
	line.Clear()
	require.Zero(t, line.Sent("PutItem"))
	require.Empty(t, put())
	require.Equal(t, 1, line.Sent("PutItem"))
}

// If many goroutines send requests, every request counts once, and every nth fails.
func TestFaultsOfManySenders(t *testing.T) {
	t.Parallel()
	client, players, line := faultyClient(t, onceOnly)
	asked := 0 // accessed by one request at a time
	line.Each("PutItem", func(n int) dynamotest.Fault {
		asked++
		if n%4 == 0 {
			return dynamotest.Drop()
		}
		return nil
	})
	var senders sync.WaitGroup
	errs := make(chan error, 40)
	for i := range 40 {
		senders.Go(func() {
			_, err := client.PutItem(t.Context(), putInput(players.Name(), fmt.Sprint(i)))
			errs <- err
		})
	}
	senders.Wait()
	close(errs)
	failed := 0
	for err := range errs {
		if err != nil {
			require.ErrorIs(t, err, syscall.ECONNRESET)
			failed++
		}
	}
	require.Equal(t, []int{40, 40, 10}, []int{asked, line.Sent("PutItem"), failed})
	stored, err := players.Scan().Consistent().Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, 30, stored)
}

// A delayed request ends with its context, and is then not applied.
func TestADelayEndsWithTheContext(t *testing.T) {
	t.Parallel()
	client, players, line := faultyClient(t)
	ctx, cancel := context.WithCancel(t.Context())
	line.Each("PutItem", func(int) dynamotest.Fault {
		cancel()
		return dynamotest.Delay(time.Hour)
	})
	_, err := client.PutItem(ctx, putInput(players.Name(), "waldo"))
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, isStored(t, players, "waldo"))
}

// The function of After sees the applied write before the caller gets the outcome.
func TestAfterActsInBetween(t *testing.T) {
	t.Parallel()
	client, players, line := faultyClient(t, onceOnly)
	for name, fault := range map[string]dynamotest.Fault{
		"nil": nil, "Lose": dynamotest.Lose(), "Drop": dynamotest.Drop(),
	} {
		seen := false
		line.Clear()
		line.On("PutItem", 1, dynamotest.After(fault, func() { seen = isStored(t, players, name) }))
		_, err := client.PutItem(t.Context(), putInput(players.Name(), name))
		require.Equal(t, fault == nil, err == nil)
		require.Equal(t, isStored(t, players, name), seen)
		require.Equal(t, name != "Drop", seen)
	}
}

// Without an engine there is nothing to lose: a fault returns the error of the dead line.
func TestFaultsOfADeadLine(t *testing.T) {
	t.Parallel()
	line := dynamotest.NewFaults()
	nobody := func(o *dynamodb.Options) { o.BaseEndpoint = aws.String("http://127.0.0.1:1") }
	client := dynamodb.NewFromConfig(line.Config(dynamotest.Run(t)), onceOnly, nobody)
	for _, fault := range []dynamotest.Fault{
		dynamotest.Lose(), dynamotest.Fail(), dynamotest.Cut(), dynamotest.Corrupt(),
	} {
		line.Clear()
		line.On("ListTables", 1, fault)
		_, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
	}
}

// A fault that would never happen panics when it is planned.
func TestFaultsRefuseWhatNeverHappens(t *testing.T) {
	t.Parallel()
	line := dynamotest.NewFaults()
	each := func(int) dynamotest.Fault { return nil }
	for _, misspelt := range []string{"PutItems", "putItem", "Options", "BatchPut", " "} {
		text := fmt.Sprintf("dynamotest: %q is not an operation of DynamoDB; "+
			"write it as the method of *dynamodb.Client, such as \"PutItem\"", misspelt)
		require.PanicsWithValue(t, text, func() { line.On(misspelt, 1, dynamotest.Lose()) })
		require.PanicsWithValue(t, text, func() { line.Each(misspelt, each) })
		require.PanicsWithValue(t, text, func() { line.Sent(misspelt) })
	}
	for text, plan := range map[string]func(){
		`there is no request number 0 of "PutItem"; count from 1`: func() {
			line.On("PutItem", 0, dynamotest.Lose())
		},
		`the fault of request 2 of "PutItem" is nil, and would never happen; ` +
			`pass a fault, such as Lose()`: func() {
			line.On("PutItem", 2, nil)
		},
		`the function that chooses the faults of "PutItem" is nil; pass a function`: func() {
			line.Each("PutItem", nil)
		},
	} {
		require.PanicsWithValue(t, "dynamotest: "+text, plan)
	}
	for _, operation := range []string{
		"", "PutItem", "TransactWriteItems", "BatchGetItem", "Query", "UpdateTimeToLive",
		"ListTables",
	} {
		line.On(operation, 1, dynamotest.Lose())
		require.Zero(t, line.Sent(operation))
	}
}

// A planned fault is pending if too few requests came, or if another rule came first.
func TestPendingFaults(t *testing.T) {
	t.Parallel()
	client, players, line := faultyClient(t, onceOnly)
	put := func() {
		_, err := client.PutItem(t.Context(), putInput(players.Name(), "waldo"))
		require.Equal(t, line.Sent("PutItem") == 1, err == nil)
	}
	require.Empty(t, line.Pending())
	line.On("PutItem", 2, dynamotest.Drop())
	line.On("PutItem", 2, dynamotest.Lose())
	line.On("GetItem", 1, dynamotest.Lose())
	line.On("", 3, dynamotest.Drop())
	line.Each("Query", func(int) dynamotest.Fault { return dynamotest.Lose() })
	put()
	require.Equal(t, []string{
		"PutItem 2 (1 came)", "PutItem 2 (1 came)", "GetItem 1 (0 came)", "3 (1 came)",
	}, line.Pending())
	put()
	put()
	require.Equal(t, []string{"PutItem 2 (3 came)", "GetItem 1 (0 came)"}, line.Pending())
	line.Clear()
	require.Empty(t, line.Pending())
}

// A given configuration works over the line, and its own client sends the requests.
func TestFaultsOfAConfigurationOfOnesOwn(t *testing.T) {
	t.Parallel()
	players := createPlayers(t, dynamotest.Mapper(t))
	server, line := dynamotest.Run(t), dynamotest.NewFaults()
	server.Endpoint() // so that any client reaches the engine
	cfg := server.Config()
	own := &countingClient{line: http.DefaultClient}
	for name, test := range map[string]struct {
		before aws.HTTPClient
		own    int
	}{
		"none": {nil, 0}, "its own": {own, 2}, "the line": {line, 0},
		"the engine's": {cfg.HTTPClient, 0},
	} {
		t.Run(name, func(t *testing.T) {
			own.sent = 0
			cfg.HTTPClient = test.before
			once, twice := line.Through(cfg), line.Through(line.Through(cfg))
			require.Equal(t, test.before, cfg.HTTPClient, "it is a copy")
			for i, through := range []aws.Config{once, twice} {
				line.Clear()
				line.On("PutItem", 2, dynamotest.Drop())
				client := dynamodb.NewFromConfig(through, onceOnly)
				_, err := client.PutItem(t.Context(), putInput(players.Name(), "waldo"))
				require.NoError(t, err)
				require.Equal(t, 1, line.Sent("PutItem"))
				_, err = client.PutItem(t.Context(), putInput(players.Name(), "waldo"))
				require.ErrorIs(t, err, syscall.ECONNRESET)
				require.Equal(t, min(test.own, i+1), own.sent)
			}
		})
	}
}

// countingClient counts its requests.
type countingClient struct {
	line aws.HTTPClient
	sent int
}

func (c *countingClient) Do(request *http.Request) (*http.Response, error) {
	c.sent++
	return c.line.Do(request)
}

// One line may have mappers on several engines.
func TestOneLineToTwoEngines(t *testing.T) {
	t.Parallel()
	line := dynamotest.NewFaults()
	for _, test := range []string{"one", "two"} {
		t.Run(test, func(t *testing.T) {
			dynamotest.RunEngine(t)
			players := createPlayers(t, line.Mapper(t))
			require.NoError(t, players.Save(t.Context(), &Player{Login: test}))
			stored, err := players.Scan().Consistent().Collect(t.Context())
			require.NoError(t, err)
			require.Len(t, stored, 1)
			require.Equal(t, test, stored[0].Login)
		})
	}
	require.Equal(t, 2, line.Sent("PutItem")+line.Sent("UpdateItem"))
}

// A line without a server knows no engine in process, and sends nothing out of the process to find
// one.
func TestALineByItselfReachesNoEngine(t *testing.T) {
	t.Parallel()
	cfg := dynamotest.RunEngine(t).Config()
	cfg.HTTPClient = dynamotest.NewFaults()
	client := dynamodb.NewFromConfig(cfg, onceOnly)
	_, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.ErrorContains(t, err, "put the engine's own configuration on it")
}

// On a line the SDK retries as often as a client does by default, one request after the other,
// until its retries are used up, but it does not wait.
func TestALineRetriesAsTheSDKDoes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := dynamotest.RunEngine(t)
		sentBy := func(
			config func(*dynamotest.Faults) aws.Config, fault dynamotest.Fault,
		) (sent []int) {
			line := dynamotest.NewFaults()
			client := dynamodb.NewFromConfig(config(line))
			line.Each("ListTables", func(n int) dynamotest.Fault {
				if n%3 == 0 {
					return nil // a response gives some of the retries back
				}
				return fault
			})
			for range 120 {
				_, _ = client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
				sent = append(sent, line.Sent("ListTables"))
			}
			return sent
		}
		onLine := func(line *dynamotest.Faults) aws.Config { return line.Config(server) }
		byDefault := func(line *dynamotest.Faults) aws.Config {
			return line.Through(server.Config())
		}
		for _, fault := range []dynamotest.Fault{
			dynamotest.Lose(), dynamotest.Refuse(400, "ThrottlingException"),
		} {
			start := time.Now()
			sent := sentBy(onLine, fault)
			require.Zero(t, time.Since(start), "it does not wait")
			require.Equal(t, sentBy(byDefault, fault), sent)
			require.NotZero(t, time.Since(start), "the default waits")
		}
	})
}

// The retryer of a configuration and its number of tries are kept.
func TestALineKeepsTheRetriesOfTheConfiguration(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamotest.RunEngine(t).Endpoint())
	t.Setenv("AWS_MAX_ATTEMPTS", "7")
	server, err := dynamotest.Start(t.Context())
	require.NoError(t, err)
	line := dynamotest.NewFaults()
	line.Each("", func(int) dynamotest.Fault { return dynamotest.Drop() })
	client := dynamodb.NewFromConfig(line.Config(server))
	_, err = client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.ErrorIs(t, err, syscall.ECONNRESET)
	require.Equal(t, 7, line.Sent(""))
}
