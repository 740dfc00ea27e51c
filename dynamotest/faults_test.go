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
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// faultyClient is the plain SDK at the end of a line, with a table of players, and the same at the end of a good one.
func faultyClient(t *testing.T, opts ...func(*dynamodb.Options)) (faulty *dynamodb.Client, players *dynamapper.Table[Player], line *dynamotest.Faults) {
	t.Helper()
	players, err := dynamapper.TableOf[Player](dynamotest.Mapper(t))
	require.NoError(t, err)
	require.NoError(t, players.CreateTable(t.Context()))
	line = dynamotest.NewFaults()
	return dynamodb.NewFromConfig(line.Config(dynamotest.Run(t)), opts...), players, line
}

func putInput(table, login string) *dynamodb.PutItemInput {
	return &dynamodb.PutItemInput{TableName: &table, Item: map[string]types.AttributeValue{
		"login": &types.AttributeValueMemberS{Value: login}, "coins": &types.AttributeValueMemberN{Value: "200"},
	}}
}

// onceOnly keeps the SDK from sending again, so that a test sees what it saw.
func onceOnly(o *dynamodb.Options) { o.RetryMaxAttempts = 1 }

func isStored(t *testing.T, players *dynamapper.Table[Player], login string) bool {
	t.Helper()
	stored, err := players.BatchGet(t.Context(), dynamapper.Keys(login), dynamapper.Consistent())
	require.NoError(t, err)
	return len(stored) == 1
}

// Each fault applies the request or does not, and shows the SDK what it should; what the SDK sends again by itself comes through.
func TestEachFault(t *testing.T) {
	once, players, line := faultyClient(t, onceOnly)
	retrying := dynamodb.NewFromConfig(line.Config(dynamotest.Run(t)))
	isReset := func(t *testing.T, err error) {
		require.ErrorIs(t, err, syscall.ECONNRESET)
		var read *net.OpError
		var post *url.Error
		require.ErrorAs(t, err, &read)
		require.ErrorAs(t, err, &post)
		require.Equal(t, "read", read.Op)
		require.Contains(t, err.Error(), "connection reset by peer")
	}
	hasCode := func(code string) func(*testing.T, error) {
		return func(t *testing.T, err error) {
			var api smithy.APIError
			require.ErrorAs(t, err, &api)
			require.Equal(t, code, api.ErrorCode())
		}
	}
	for name, test := range map[string]struct {
		fault   dynamotest.Fault
		applied bool
		sees    func(*testing.T, error)
		tries   int // of the SDK
	}{
		"Lose":         {dynamotest.Lose(), true, isReset, 2},
		"Drop":         {dynamotest.Drop(), false, isReset, 2},
		"Fail":         {dynamotest.Fail(), true, hasCode("InternalServerError"), 2},
		"Cut":          {dynamotest.Cut(), true, func(t *testing.T, err error) { require.ErrorIs(t, err, io.ErrUnexpectedEOF) }, 1},
		"Corrupt":      {dynamotest.Corrupt(), true, func(t *testing.T, err error) { require.NoError(t, err, "it believes the answer") }, 1},
		"throttled":    {dynamotest.Refuse(http.StatusBadRequest, "ThrottlingException"), false, hasCode("ThrottlingException"), 2},
		"refused":      {dynamotest.Refuse(http.StatusBadRequest, "AccessDeniedException"), false, hasCode("AccessDeniedException"), 1},
		"unavailable":  {dynamotest.Refuse(http.StatusServiceUnavailable, "ServiceUnavailable"), false, hasCode("ServiceUnavailable"), 2},
		"Delay":        {dynamotest.Delay(time.Millisecond), true, func(t *testing.T, err error) { require.NoError(t, err) }, 1},
		"After":        {dynamotest.After(dynamotest.Lose(), func() {}), true, isReset, 2},
		"After, alone": {dynamotest.After(nil, func() {}), true, func(t *testing.T, err error) { require.NoError(t, err) }, 1},
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
			require.Equal(t, test.tries, line.Sent("PutItem"))
			if test.tries == 2 {
				require.NoError(t, err)
			} else {
				test.sees(t, err)
			}
		})
	}
}

// A corrupt answer is JSON still, so that only the checksum tells: the SDK takes the item for a missing one.
func TestACorruptAnswerIsBelievedByTheSDK(t *testing.T) {
	client, players, line := faultyClient(t)
	require.NoError(t, players.Save(t.Context(), &Player{Login: "waldo", Coins: 200}))
	line.On("GetItem", 1, dynamotest.Corrupt())
	out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(players.Name()), Key: map[string]types.AttributeValue{"login": &types.AttributeValueMemberS{Value: "waldo"}},
	})
	require.NoError(t, err)
	require.NotEqual(t, &types.AttributeValueMemberN{Value: "200"}, out.Item["coins"])
}

// The mapper reads a damaged answer again.
func TestTheMapperReadsADamagedAnswerAgain(t *testing.T) {
	line := dynamotest.NewFaults()
	players, err := dynamapper.TableOf[Player](line.Mapper(t))
	require.NoError(t, err)
	require.NoError(t, players.CreateTable(t.Context()))
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

// Requests count by operation and in all; rules count from where they were made, and the first that chooses decides.
func TestRulesAndCounts(t *testing.T) {
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
	refuse := func(code string) dynamotest.Fault { return dynamotest.Refuse(http.StatusBadRequest, code) }
	require.Empty(t, put())
	line.On("PutItem", 2, refuse("second"))
	line.On("GetItem", 1, refuse("other"))
	line.Each("", func(n int) dynamotest.Fault {
		require.Equal(t, n+1, line.Sent(""), "a rule may use the line")
		return refuse(fmt.Sprint("any ", n))
	})
	require.Equal(t, []string{"any 1", "second", "any 3"}, []string{put(), put(), put()}, "a rule that is not asked counts")
	_, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.ErrorContains(t, err, "any 4")
	require.Equal(t, []int{4, 1, 0, 5}, []int{line.Sent("PutItem"), line.Sent("ListTables"), line.Sent("GetItem"), line.Sent("")})
	line.Clear()
	require.Zero(t, line.Sent("PutItem"))
	require.Empty(t, put())
	require.Equal(t, 1, line.Sent("PutItem"))
}

// Many senders at once: every request counts once, and every n-th fails, whichever it is.
func TestFaultsOfManySenders(t *testing.T) {
	client, players, line := faultyClient(t, onceOnly)
	asked := 0 // by one request at a time
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
			_, err := client.PutItem(context.Background(), putInput(players.Name(), fmt.Sprint(i)))
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

// A delayed request ends with its context, and is not applied then.
func TestADelayEndsWithTheContext(t *testing.T) {
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

// What acts after a fault sees what was applied, before the caller knows.
func TestAfterActsInBetween(t *testing.T) {
	client, players, line := faultyClient(t, onceOnly)
	for _, fault := range []dynamotest.Fault{nil, dynamotest.Lose(), dynamotest.Drop()} {
		seen := false
		line.Clear()
		login := fmt.Sprintf("%p", fault)
		line.On("PutItem", 1, dynamotest.After(fault, func() { seen = isStored(t, players, login) }))
		_, err := client.PutItem(t.Context(), putInput(players.Name(), login))
		require.Equal(t, fault == nil, err == nil)
		require.Equal(t, isStored(t, players, login), seen)
	}
}

// Without an engine there is nothing to lose: a fault passes on that the line is dead.
func TestFaultsOfADeadLine(t *testing.T) {
	line := dynamotest.NewFaults()
	cfg := line.Config(dynamotest.Run(t))
	cfg.BaseEndpoint = aws.String("http://127.0.0.1:1")
	client := dynamodb.NewFromConfig(cfg, onceOnly)
	for _, fault := range []dynamotest.Fault{dynamotest.Lose(), dynamotest.Fail(), dynamotest.Cut(), dynamotest.Corrupt()} {
		line.Clear()
		line.On("ListTables", 1, fault)
		_, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
	}
}

// What DynamoDB has not would never go wrong: that is told where it is written.
func TestFaultsRefuseWhatNeverHappens(t *testing.T) {
	line := dynamotest.NewFaults()
	for _, misspelt := range []string{"PutItems", "putItem", "Options", "BatchPut", " "} {
		text := fmt.Sprintf("dynamotest: %q is no operation of DynamoDB; write it as the method of *dynamodb.Client, such as \"PutItem\"", misspelt)
		require.PanicsWithValue(t, text, func() { line.On(misspelt, 1, dynamotest.Lose()) })
		require.PanicsWithValue(t, text, func() { line.Each(misspelt, func(int) dynamotest.Fault { return nil }) })
		require.PanicsWithValue(t, text, func() { line.Sent(misspelt) })
	}
	require.PanicsWithValue(t, `dynamotest: there is no request number 0 of "PutItem"; count from 1`, func() { line.On("PutItem", 0, dynamotest.Lose()) })
	require.PanicsWithValue(t, `dynamotest: the fault of request 2 of "PutItem" is nil, and would never happen; give one, such as Lose()`,
		func() { line.On("PutItem", 2, nil) })
	require.PanicsWithValue(t, `dynamotest: the function that chooses the faults of "PutItem" is nil; give one`, func() { line.Each("PutItem", nil) })
	for _, operation := range []string{"", "PutItem", "TransactWriteItems", "BatchGetItem", "Query", "UpdateTimeToLive", "ListTables"} {
		line.On(operation, 1, dynamotest.Lose())
		require.Zero(t, line.Sent(operation))
	}
}

// What was planned and has not happened is told: it was not come to, or another rule was before it.
func TestPendingFaults(t *testing.T) {
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
	require.Equal(t, []string{"PutItem 2 (1 came)", "PutItem 2 (1 came)", "GetItem 1 (0 came)", "3 (1 came)"}, line.Pending())
	put()
	put()
	require.Equal(t, []string{"PutItem 2 (3 came)", "GetItem 1 (0 came)"}, line.Pending())
	line.Clear()
	require.Empty(t, line.Pending())
}

// A configuration of one's own goes through the line, and its client sends what comes through.
func TestFaultsOfAConfigurationOfOnesOwn(t *testing.T) {
	_, players, line := faultyClient(t)
	own := &countingClient{line: http.DefaultClient}
	cfg := dynamotest.Run(t).Config()
	for name, test := range map[string]struct {
		before aws.HTTPClient
		own    int
	}{"none": {nil, 0}, "its own": {own, 2}, "the line": {line, 0}} {
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

// countingClient is a client of one's own.
type countingClient struct {
	line aws.HTTPClient
	sent int
}

func (c *countingClient) Do(request *http.Request) (*http.Response, error) {
	c.sent++
	return c.line.Do(request)
}
