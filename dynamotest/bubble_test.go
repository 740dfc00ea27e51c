package dynamotest_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// These tests take no time in a bubble of testing/synctest. In the bubble, time.Now stands still
// until every goroutine waits, and then advances to the end of the first wait. The engine reads the
// same clock.

// The SDK waits between its tries, longer each time, until the service has capacity again.
func TestExampleRetryWithBackOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := dynamotest.RunEngine(t)
		line := dynamotest.NewFaults()
		throughLine := dynamapper.WithConfig(line.Through(server.Config()))
		players := createPlayers(t, dynamotest.Mapper(t, throughLine))
		line.Clear() // count from here
		for n := 1; n <= 3; n++ {
			line.On("PutItem", n, dynamotest.Refuse(400, "ThrottlingException"))
		}

		start := time.Now()
		require.NoError(t, players.Save(t.Context(), &Player{Login: "waldo", Coins: 200}))
		require.Empty(t, line.Pending())
		require.Equal(t, 4, line.Sent("PutItem"))
		waited := time.Since(start) // at most 1 s, 2 s and 4 s, each random
		require.Positive(t, waited)
		require.Less(t, waited, 7*time.Second)
	})
}

// A table of one write unit a second takes ten writes in nine seconds, if the SDK retries often
// enough.
func TestExampleThrottledTable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := dynamotest.RunEngine(t)
		cfg := server.Config()
		cfg.Retryer = func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = 100 })
		}
		players := createPlayers(t, dynamotest.Mapper(t, dynamapper.WithConfig(cfg)))
		server.Engine().Throttle(players.Name(), -1, 1)

		start := time.Now()
		for _, login := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
			require.NoError(t, players.Save(t.Context(), &Player{Login: login}))
		}
		require.GreaterOrEqual(t, time.Since(start), 9*time.Second)
	})
}

// The error of a throttled request names the exceeded limit. An empty page also costs half a unit.
func TestExampleThrottlingReasons(t *testing.T) {
	t.Parallel()
	server := dynamotest.RunEngine(t)
	players := createPlayers(t, dynamotest.Mapper(t))
	server.Engine().Throttle(players.Name(), 0, -1)
	client := dynamodb.NewFromConfig(server.Config(), onceOnly)

	_, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(players.Name())})
	var throttled *types.ProvisionedThroughputExceededException
	require.ErrorAs(t, err, &throttled)
	require.Len(t, throttled.ThrottlingReasons, 1)
	reason := throttled.ThrottlingReasons[0]
	require.Equal(t, "TableReadProvisionedThroughputExceeded", *reason.Reason)
	require.Equal(t, "arn:aws:dynamodb:us-east-1:000000000000:table/players", *reason.Resource)
}

// Ten goroutines change the same item at once. After a conflict, each reads the item again and
// waits for a random time before it retries; no change is lost.
func TestExampleModifyUnderContention(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dynamotest.RunEngine(t)
		players := createPlayers(t, dynamotest.Mapper(t))
		require.NoError(t, players.Save(t.Context(), &Player{Login: "waldo"}))

		const writers = 10
		loaded := make(chan struct{}, writers)
		for range writers {
			go func() {
				first := true
				_, err := players.Modify(t.Context(), dynamapper.Key("waldo"),
					func(p *Player) error {
						p.Coins++
						if first { // all have read the same item before the first write
							first = false
							loaded <- struct{}{}
							time.Sleep(time.Second)
						}
						return nil
					})
				require.NoError(t, err)
			}()
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Len(t, loaded, writers)
		waldo, err := players.Get(t.Context(), dynamapper.Key("waldo"), dynamapper.Consistent())
		require.NoError(t, err)
		require.Equal(t, writers, waldo.Coins)
	})
}

// A caller with a deadline gives up on a table that responds too late. The request was not applied,
// but the caller cannot know.
func TestExampleDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := dynamotest.RunEngine(t)
		players := createPlayers(t, dynamotest.Mapper(t))
		server.Engine().Slow(players.Name(), time.Minute)

		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		err := players.Save(ctx, &Player{Login: "waldo"})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 3*time.Second, time.Since(start))

		server.Engine().Slow(players.Name(), 0)
		require.False(t, isStored(t, players, "waldo"))
	})
}

// Session expires.
type Session struct {
	dynamapper.Model `dynamo:"sessions"`

	Token   string    `dynamo:"token,hash"`
	Expires time.Time `dynamo:"expires,ttl"`
}

// A session is gone once it has expired.
func TestExampleTimeToLive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dynamotest.RunEngine(t)
		sessions, err := dynamapper.TableOf[Session](dynamotest.Mapper(t))
		require.NoError(t, err)
		require.NoError(t, sessions.CreateTable(t.Context()))
		session := &Session{Token: "s1", Expires: time.Now().Add(24 * time.Hour)}
		require.NoError(t, sessions.Save(t.Context(), session))

		time.Sleep(23 * time.Hour)
		_, err = sessions.Get(t.Context(), dynamapper.Key("s1"), dynamapper.Consistent())
		require.NoError(t, err)
		time.Sleep(2 * time.Hour)
		_, err = sessions.Get(t.Context(), dynamapper.Key("s1"), dynamapper.Consistent())
		require.ErrorIs(t, err, dynamapper.ErrNotFound)
	})
}

// The service knows the token of a transaction for ten minutes. Within them the same transaction is
// applied once, and after them again.
func TestExampleTokensTenMinutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := dynamotest.RunEngine(t)
		players := createPlayers(t, dynamotest.Mapper(t))
		client := dynamodb.NewFromConfig(server.Config())
		payOut := &dynamodb.TransactWriteItemsInput{
			ClientRequestToken: aws.String("payout-of-may"),
			TransactItems: []types.TransactWriteItem{{Update: &types.Update{
				TableName: aws.String(players.Name()),
				Key: map[string]types.AttributeValue{
					"login": &types.AttributeValueMemberS{Value: "waldo"},
				},
				UpdateExpression: aws.String("ADD coins :prize"),
				ExpressionAttributeValues: map[string]types.AttributeValue{
					":prize": &types.AttributeValueMemberN{Value: "100"},
				},
			}}},
		}
		for _, test := range []struct {
			after time.Duration
			coins int
		}{
			{0, 100}, {time.Minute, 100}, {8 * time.Minute, 100}, {2 * time.Minute, 200},
		} {
			time.Sleep(test.after)
			_, err := client.TransactWriteItems(t.Context(), payOut)
			require.NoError(t, err)
			waldo, err := players.Get(t.Context(), dynamapper.Key("waldo"), dynamapper.Consistent())
			require.NoError(t, err)
			require.Equal(t, test.coins, waldo.Coins, test.after)
		}
	})
}

// A batch waits, and then resends the items that the service left unprocessed.
func TestExampleUnprocessedItems(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := dynamotest.RunEngine(t)
		line := dynamotest.NewFaults()
		players := createPlayers(t, line.Mapper(t))
		server.Engine().LeaveUnprocessed(players.Name(), 5)

		start := time.Now()
		require.NoError(t, players.BatchSave(t.Context(), []*Player{
			{Login: "ada"}, {Login: "bob"}, {Login: "eve"},
		}))
		require.GreaterOrEqual(t, line.Sent("BatchWriteItem"), 3, "3, 2 and none were left")
		require.Positive(t, time.Since(start))
		stored, err := players.Scan().Consistent().Count(t.Context())
		require.NoError(t, err)
		require.Equal(t, 3, stored)
	})
}

// Another transaction works on the item; the mapper commits again.
func TestExampleTransactionConflict(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := dynamotest.RunEngine(t)
		line := dynamotest.NewFaults()
		mapper := line.Mapper(t)
		players := createPlayers(t, mapper)
		server.Engine().Conflict(players.Name(), 1)

		err := mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
			players.In(tx).Save(&Player{Login: "waldo", Coins: 200})
			players.In(tx).Save(&Player{Login: "odlaw", Coins: 100})
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, 2, line.Sent("TransactWriteItems"))
	})
}
