// Package throttling_test tests what errors and observers get of a throttled request.
package throttling_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

type player struct {
	dynamapper.Model `dynamo:"players"`

	Login string `dynamo:"login,hash"`
	Coins int    `dynamo:"coins"`
}

// observed has the requests that a mapper has sent.
type observed struct{ operations []dynamapper.Operation }

func (o *observed) observe(_ context.Context, operation dynamapper.Operation) {
	o.operations = append(o.operations, operation)
}

// tableWith returns a table of a mapper with these options, which tries each request n times.
func tableWith(
	t *testing.T, n int, cfg aws.Config, opts ...dynamapper.Option,
) (*dynamapper.Table[player], *dynamapper.Mapper, *observed) {
	t.Helper()
	seen := &observed{}
	cfg.Retryer = func() aws.Retryer {
		return retry.AddWithMaxBackoffDelay(retry.AddWithMaxAttempts(retry.NewStandard(), n), 1)
	}
	mapper, err := dynamapper.Connect(t.Context(), append(opts, dynamapper.WithConfig(cfg),
		dynamapper.WithObserver(seen.observe))...)
	require.NoError(t, err)
	players, err := dynamapper.TableOf[player](mapper)
	require.NoError(t, err)
	return players, mapper, seen
}

func TestAThrottledRequestNamesTheLimit(t *testing.T) {
	t.Parallel()
	server := dynamotest.Run(t)
	var log bytes.Buffer
	players, _, seen := tableWith(t, 1, server.Config(), dynamapper.WithLogger(slog.New(
		slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	require.NoError(t, players.CreateTable(t.Context()))
	server.Engine().Throttle("players", 0, 0)
	seen.operations = nil

	const problem = `of the table "players" exceed its provisioned capacity; raise it, make the ` +
		`table on-demand, or slow down: ProvisionedThroughputExceededException: `
	for name, call := range map[string]func() error{
		"Read":  func() error { _, err := players.Query("a").Collect(t.Context()); return err },
		"Write": func() error { return players.Save(t.Context(), &player{Login: "a"}) },
	} {
		err := call()
		require.ErrorContains(t, err, map[string]string{"Read": "reads ", "Write": "writes "}[name]+
			problem)
		var typed *types.ProvisionedThroughputExceededException
		require.ErrorAs(t, err, &typed)
		last := seen.operations[len(seen.operations)-1]
		require.Equal(t, []string{fmt.Sprintf("Table%sProvisionedThroughputExceeded "+
			"arn:aws:dynamodb:us-east-1:000000000000:table/players", name)}, textsOf(last))
	}
	require.Contains(t, log.String(), `throttling="writes of the table`)
}

// textsOf returns the reasons of an operation as texts.
func textsOf(o dynamapper.Operation) []string {
	var texts []string
	for _, r := range o.Throttling {
		texts = append(texts, aws.ToString(r.Reason)+" "+aws.ToString(r.Resource))
	}
	return texts
}

// refuse returns a fault with a response that has reasons.
func refuse(code string, reasons string) dynamotest.Fault {
	body := fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"m",%s}`, code,
		reasons)
	return func(*http.Request, func() (*http.Response, error)) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusBadRequest, ProtoMajor: 1, ProtoMinor: 1,
			ContentLength: int64(len(body)),
			Header:        http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
			Body:          io.NopCloser(bytes.NewReader([]byte(body)))}, nil
	}
}

const index = "arn:aws:dynamodb:eu-west-1:111122223333:table/players/index/by-guild"

func TestEachLimitHasItsFix(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ code, member, reason, says string }{
		{"ThrottlingException", "throttlingReasons", "IndexWriteKeyRangeThroughputExceeded",
			`writes of the index "by-guild" exceed what one partition takes`},
		{"RequestLimitExceeded", "ThrottlingReasons", "IndexReadAccountLimitExceeded",
			`reads of the index "by-guild" exceed the account's limit`},
		{"ProvisionedThroughputExceededException", "ThrottlingReasons",
			"IndexReadMaxOnDemandThroughputExceeded",
			`reads of the index "by-guild" exceed the maximum that is set for it on-demand`},
		{"ThrottlingException", "throttlingReasons", "SomethingNew",
			"the service throttles the requests: SomethingNew of " + index},
	} {
		t.Run(test.reason, func(t *testing.T) {
			t.Parallel()
			line := dynamotest.NewFaults()
			players, _, seen := tableWith(t, 1, line.Config(dynamotest.Run(t)))
			line.On("GetItem", 1, refuse(test.code, fmt.Sprintf(
				`%q:[{"reason":%q,"resource":%q}]`, test.member, test.reason, index)))
			_, err := players.Get(t.Context(), dynamapper.Key("a"))
			require.ErrorContains(t, err, test.says)
			require.ErrorContains(t, err, test.code+": m")
			require.Equal(t, []string{test.reason + " " + index}, textsOf(seen.operations[0]))
		})
	}
}

// Tries that were throttled are reported although a later one succeeds, each reason once.
func TestThrottledTriesOfARequestThatSucceeds(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]dynamapper.Option{nil, {dynamapper.WithSDKPipeline()}} {
		line := dynamotest.NewFaults()
		players, _, seen := tableWith(t, 4, line.Config(dynamotest.Run(t)), opts...)
		if opts == nil {
			require.NoError(t, players.CreateTable(t.Context()))
		}
		for n, reason := range []string{"TableWriteKeyRangeThroughputExceeded",
			"TableWriteKeyRangeThroughputExceeded", "TableWriteAccountLimitExceeded"} {
			line.On("PutItem", n+1, refuse("ThrottlingException",
				fmt.Sprintf(`"throttlingReasons":[{"reason":%q,"resource":"x"}]`, reason)))
		}
		require.NoError(t, players.Save(t.Context(), &player{Login: "a"}))
		last := seen.operations[len(seen.operations)-1]
		require.NoError(t, last.Err)
		require.Equal(t, 4, last.Attempts)
		require.Equal(t, []string{"TableWriteKeyRangeThroughputExceeded x",
			"TableWriteAccountLimitExceeded x"}, textsOf(last))
	}
}

func TestAThrottledTransaction(t *testing.T) {
	t.Parallel()
	server := dynamotest.Run(t)
	players, mapper, seen := tableWith(t, 1, server.Config(), dynamapper.WithMaxRetries(2))
	require.NoError(t, players.CreateTable(t.Context()))
	server.Engine().Throttle("players", -1, 0)
	seen.operations = nil
	err := mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
		return players.In(tx).Save(&player{Login: "a"})
	})
	require.ErrorIs(t, err, dynamapper.ErrMaxRetriesExceeded)
	require.ErrorContains(t, err, "operation 1: the capacity of the table or an index is used up")
	require.ErrorContains(t, err, "The level of configured provisioned throughput")
	for _, operation := range seen.operations {
		require.Equal(t, []string{"ProvisionedThroughputExceeded "}, textsOf(operation))
	}
}

// fake is a client that hides its tries.
type fake struct{ dynamapper.Client }

func (fake) GetItem(
	context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	return nil, &types.ThrottlingException{ThrottlingReasons: []types.ThrottlingReason{{
		Reason: aws.String("TableReadAccountLimitExceeded")}}}
}

func TestAClientThatHidesItsTries(t *testing.T) {
	t.Parallel()
	seen := &observed{}
	mapper, err := dynamapper.New(fake{}, dynamapper.WithObserver(seen.observe))
	require.NoError(t, err)
	players, err := dynamapper.TableOf[player](mapper)
	require.NoError(t, err)
	_, err = players.Get(t.Context(), dynamapper.Key("a"))
	require.ErrorContains(t, err, "reads of the table exceed the account's limit")
	require.Equal(t, []string{"TableReadAccountLimitExceeded "}, textsOf(seen.operations[0]))
}
