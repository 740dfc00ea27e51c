package engine_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine"
)

type item = map[string]types.AttributeValue

// player returns the key of a player, which is also a complete item.
func player(login string) item { return item{"login": &types.AttributeValueMemberS{Value: login}} }

// openPlayers returns an engine with a table of players, and a client that does not retry.
func openPlayers(opts ...engine.Option) (*engine.Engine, *dynamodb.Client) {
	db := engine.New(opts...)
	client := dynamodb.NewFromConfig(config(db), func(o *dynamodb.Options) {
		o.RetryMaxAttempts = 1
	})
	createPlayers(client)
	return db, client
}

func put(ctx context.Context, client *dynamodb.Client, login string) error {
	_, err := client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String("players"), Item: player(login),
	})
	return err
}

func get(ctx context.Context, client *dynamodb.Client, login string) (item, error) {
	out, err := client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String("players"), Key: player(login), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, err
	}
	return out.Item, nil
}

func putBatch(
	ctx context.Context, client *dynamodb.Client, logins ...string,
) (left int, err error) {
	var requests []types.WriteRequest
	for _, login := range logins {
		write := &types.PutRequest{Item: player(login)}
		requests = append(requests, types.WriteRequest{PutRequest: write})
	}
	out, err := client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
		RequestItems: map[string][]types.WriteRequest{"players": requests},
	})
	if err != nil {
		return 0, err
	}
	return len(out.UnprocessedItems["players"]), nil
}

func putTogether(ctx context.Context, client *dynamodb.Client, logins ...string) error {
	var actions []types.TransactWriteItem
	for _, login := range logins {
		actions = append(actions, types.TransactWriteItem{Put: &types.Put{
			TableName: aws.String("players"), Item: player(login),
		}})
	}
	_, err := client.TransactWriteItems(ctx,
		&dynamodb.TransactWriteItemsInput{TransactItems: actions})
	return err
}

// requireCanceled checks that a transaction was canceled for these reasons.
func requireCanceled(t *testing.T, err error, codes ...string) {
	t.Helper()
	var canceled *types.TransactionCanceledException
	require.ErrorAs(t, err, &canceled)
	var got []string
	for _, reason := range canceled.CancellationReasons {
		got = append(got, *reason.Code)
	}
	require.Equal(t, codes, got)
}

func requireThrottled(t *testing.T, err error, reason string) {
	t.Helper()
	var throttled *types.ProvisionedThroughputExceededException
	require.ErrorAs(t, err, &throttled)
	require.Len(t, throttled.ThrottlingReasons, 1)
	require.Equal(t, reason, *throttled.ThrottlingReasons[0].Reason)
	require.Equal(t, "arn:aws:dynamodb:us-east-1:000000000000:table/players",
		*throttled.ThrottlingReasons[0].Resource)
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	db, client := openPlayers(engine.WithClock(func() time.Time { return now }))
	db.Throttle("players", 1, 1)
	ctx := t.Context()

	require.NoError(t, put(ctx, client, "ada"))
	requireThrottled(t, put(ctx, client, "bob"), "TableWriteProvisionedThroughputExceeded")
	stored, err := get(ctx, client, "bob")
	require.NoError(t, err)
	require.Nil(t, stored, "it was not applied")
	_, err = get(ctx, client, "ada")
	requireThrottled(t, err, "TableReadProvisionedThroughputExceeded")

	now = now.Add(time.Second)
	left, err := putBatch(ctx, client, "bob", "eve")
	require.NoError(t, err)
	require.Equal(t, 1, left)
	_, err = putBatch(ctx, client, "bob", "eve")
	requireThrottled(t, err, "TableWriteProvisionedThroughputExceeded")
	requireCanceled(t, putTogether(ctx, client, "bob"), "ProvisionedThroughputExceeded")

	db.Throttle("players", -1, -1)
	require.NoError(t, putTogether(ctx, client, "bob"))
}

func TestLeaveUnprocessed(t *testing.T) {
	t.Parallel()
	db, client := openPlayers()
	ctx := t.Context()
	db.LeaveUnprocessed("players", 3)
	left, err := putBatch(ctx, client, "ada", "bob")
	require.NoError(t, err)
	require.Equal(t, 2, left)
	left, err = putBatch(ctx, client, "ada", "bob")
	require.NoError(t, err)
	require.Equal(t, 1, left)
	left, err = putBatch(ctx, client, "ada", "bob")
	require.NoError(t, err)
	require.Zero(t, left)

	db.LeaveUnprocessed("players", 1)
	out, err := client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{
			"players": {Keys: []item{player("ada"), player("bob")}},
		},
	})
	require.NoError(t, err)
	require.Len(t, out.Responses["players"], 1)
	require.Len(t, out.UnprocessedKeys["players"].Keys, 1)
}

func TestConflict(t *testing.T) {
	t.Parallel()
	db, client := openPlayers()
	ctx := t.Context()
	db.Conflict("players", 2)
	var conflict *types.TransactionConflictException
	require.ErrorAs(t, put(ctx, client, "ada"), &conflict)
	requireCanceled(t, putTogether(ctx, client, "ada", "bob"), "TransactionConflict", "None")
	stored, err := get(ctx, client, "bob")
	require.NoError(t, err)
	require.Nil(t, stored, "nothing of a canceled transaction is applied")
	require.NoError(t, putTogether(ctx, client, "ada", "bob"))
}

func TestSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		db, client := openPlayers()
		db.Slow("players", time.Minute)
		start := time.Now()
		require.NoError(t, put(t.Context(), client, "ada"))
		require.Equal(t, time.Minute, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, put(ctx, client, "bob"), context.DeadlineExceeded)
		stored, err := get(t.Context(), client, "bob")
		require.NoError(t, err)
		require.Nil(t, stored, "a request whose context ends meanwhile does nothing")
	})
}

// A fault can be set before its table exists, and stays when the table is deleted.
func TestFaultsNeedNoTable(t *testing.T) {
	t.Parallel()
	db := engine.New()
	db.Conflict("players", 1)
	client := dynamodb.NewFromConfig(config(db), func(o *dynamodb.Options) {
		o.RetryMaxAttempts = 1
	})
	createPlayers(client)
	var conflict *types.TransactionConflictException
	require.ErrorAs(t, put(t.Context(), client, "ada"), &conflict)
	require.NoError(t, put(t.Context(), client, "ada"))
}
