package regions_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

const otherARN = "arn:aws:dynamodb:us-east-1:111122223333:table/players"

// accounts is a client of two accounts: the ARN of the other account is the table others. It calls
// the tables by their names alone in its responses, as the service may.
type accounts struct{ dynamapper.Client }

const others = "others"

// BatchGetItem accepts one table of the name players in a request.
func (a accounts) BatchGetItem(
	ctx context.Context, in *dynamodb.BatchGetItemInput, opts ...func(*dynamodb.Options),
) (*dynamodb.BatchGetItemOutput, error) {
	asked := *in
	asked.RequestItems = renamed(in.RequestItems, otherARN, others)
	out, err := a.Client.BatchGetItem(ctx, &asked)
	if err == nil && in.RequestItems["players"].Keys == nil {
		out.Responses = renamed(out.Responses, others, "players")
	}
	return out, err
}

func (a accounts) BatchWriteItem(
	ctx context.Context, in *dynamodb.BatchWriteItemInput, opts ...func(*dynamodb.Options),
) (*dynamodb.BatchWriteItemOutput, error) {
	asked := *in
	asked.RequestItems = renamed(in.RequestItems, otherARN, others)
	out, err := a.Client.BatchWriteItem(ctx, &asked)
	if err == nil && in.RequestItems["players"] == nil {
		out.UnprocessedItems = renamed(out.UnprocessedItems, others, "players")
	}
	return out, err
}

func renamed[V any](tables map[string]V, from, to string) map[string]V {
	result := map[string]V{}
	for table, of := range tables {
		if table == from {
			table = to
		}
		result[table] = of
	}
	return result
}

// Two accounts have tables of one name. A batch tells their items apart.
func TestBatchesOfTablesOfOneNameInTwoAccounts(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	server := dynamotest.Run(t)
	client := dynamodb.NewFromConfig(server.Config())
	mapper, err := dynamapper.New(accounts{client})
	require.NoError(t, err)
	own := playersOf(t, mapper)
	far := playersOf(t, mapper, dynamapper.WithTableName(otherARN))
	require.NoError(t, own.CreateTable(ctx))
	require.NoError(t, playersOf(t, mapper, dynamapper.WithTableName(others)).CreateTable(ctx))

	server.Engine().LeaveUnprocessed(others, 1)
	require.NoError(t, mapper.BatchWrite(ctx,
		own.Puts(&player{Login: "waldo", Coins: 1}, &player{Login: "duke", Coins: 2}),
		far.Puts(&player{Login: "waldo", Coins: 3}, &player{Login: "duke", Coins: 4})))
	for table, coins := range map[string]string{"players": "1", others: "3"} {
		out, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(table),
			Key: map[string]types.AttributeValue{"login": &types.AttributeValueMemberS{Value: "waldo"}}})
		require.NoError(t, err)
		require.Equal(t, &types.AttributeValueMemberN{Value: coins}, out.Item["coins"])
	}

	key := dynamapper.Key("waldo")
	here, there, again := own.Fetch(key), far.Fetch(key), far.Fetch(key)
	require.NoError(t, mapper.BatchGet(ctx, here, there, again))
	require.Equal(t, 1, here.Item.Coins)
	require.Equal(t, 3, there.Item.Coins)
	require.Equal(t, 3, again.Item.Coins)

	require.NoError(t, mapper.BatchWrite(ctx, own.Deletes(key), far.Puts(&player{Login: "waldo"}),
		dynamapper.LastWins()))
	here, there = own.Fetch(key), far.Fetch(key)
	require.NoError(t, mapper.BatchGet(ctx, here, there))
	require.ErrorIs(t, here.Err, dynamapper.ErrNotFound)
	require.NoError(t, there.Err)
}
