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
		out.UnprocessedKeys = renamed(out.UnprocessedKeys, others, "players")
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
	server := dynamotest.RunEngine(t)
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
			ConsistentRead: aws.Bool(true),
			Key:            map[string]types.AttributeValue{"login": &types.AttributeValueMemberS{Value: "waldo"}}})
		require.NoError(t, err)
		require.Equal(t, &types.AttributeValueMemberN{Value: coins}, out.Item["coins"])
	}

	key := dynamapper.Key("waldo")
	consistent := dynamapper.Consistent()
	here, there := own.Fetch(key, consistent), far.Fetch(key, consistent)
	again := far.Fetch(key, consistent)
	require.NoError(t, mapper.BatchGet(ctx, here, there, again))
	require.Equal(t, 1, here.Item.Coins)
	require.Equal(t, 3, there.Item.Coins)
	require.Equal(t, 3, again.Item.Coins)

	require.NoError(t, mapper.BatchWrite(ctx, own.Deletes(key), far.Puts(&player{Login: "waldo"}),
		dynamapper.LastWins()))
	here, there = own.Fetch(key, consistent), far.Fetch(key, consistent)
	require.NoError(t, mapper.BatchGet(ctx, here, there))
	require.ErrorIs(t, here.Err, dynamapper.ErrNotFound)
	require.NoError(t, there.Err)
}

const thirdARN = "arn:aws:dynamodb:us-east-1:444455556666:table/players"

// reading is a client of several accounts, whose tables of one name have the same items.
type reading struct {
	*dynamodb.Client
	asked *[]string
}

func (r reading) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	*r.asked = append(*r.asked, *in.TableName)
	asked := *in
	asked.TableName = aws.String("players")
	return r.Client.GetItem(ctx, &asked)
}

func (r reading) TransactGetItems(
	ctx context.Context, in *dynamodb.TransactGetItemsInput, opts ...func(*dynamodb.Options),
) (*dynamodb.TransactGetItemsOutput, error) {
	for _, one := range in.TransactItems {
		*r.asked = append(*r.asked, *one.Get.TableName)
	}
	return r.Client.TransactGetItems(ctx, in)
}

func (r reading) TransactWriteItems(
	context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options),
) (*dynamodb.TransactWriteItemsOutput, error) {
	*r.asked = append(*r.asked, "TransactWriteItems")
	return &dynamodb.TransactWriteItemsOutput{}, nil
}

// A transaction is in one account. The items of two accounts are never taken for one.
func TestNoTransactionOfTwoAccounts(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	var asked []string
	mapper, err := dynamapper.New(
		reading{dynamodb.NewFromConfig(dynamotest.Run(t).Config()), &asked})
	require.NoError(t, err)
	own := playersOf(t, mapper)
	require.NoError(t, own.CreateTable(ctx))
	require.NoError(t, own.Save(ctx, &player{Login: "waldo", Coins: 5}))
	far := playersOf(t, mapper, dynamapper.WithTableName(otherARN))
	third := playersOf(t, mapper, dynamapper.WithTableName(thirdARN))
	key := dynamapper.Key("waldo")
	const reason = `table "` + thirdARN + `": the table is of another account or region than "` +
		otherARN + `", and a transaction of DynamoDB is in one account and region; use a ` +
		`transaction for each`

	first, second := far.Fetch(key), third.Fetch(key)
	err = mapper.TransactGet(ctx, first, second)
	require.EqualError(t, err, "dynamapper: TransactGet: "+reason)
	require.Nil(t, first.Item)
	require.Nil(t, second.Item)
	require.Equal(t, err, second.Err)
	require.Empty(t, asked)

	type stage func(context.Context, *dynamapper.TxTable[player]) error
	for op, call := range map[string]stage{
		"In": func(ctx context.Context, x *dynamapper.TxTable[player]) error {
			_, err := x.Get(ctx, key)
			return err
		},
		"Save": func(_ context.Context, x *dynamapper.TxTable[player]) error {
			return x.Save(&player{Login: "waldo"})
		},
		"Put": func(_ context.Context, x *dynamapper.TxTable[player]) error {
			return x.Put(&player{Login: "waldo"})
		},
		"Delete": func(_ context.Context, x *dynamapper.TxTable[player]) error {
			return x.Delete(&player{Login: "waldo"})
		},
		"DeleteKey": func(_ context.Context, x *dynamapper.TxTable[player]) error {
			return x.DeleteKey(key)
		},
		"Check": func(_ context.Context, x *dynamapper.TxTable[player]) error {
			return x.Check(key)
		},
	} {
		asked = nil
		err := mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
			if _, err := far.In(tx).Get(ctx, key); err != nil {
				return err
			}
			return call(ctx, third.In(tx))
		})
		require.EqualError(t, err, "dynamapper: "+op+": "+reason)
		require.Equal(t, []string{otherARN}, asked, op)
	}
	err = mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		if _, err := far.In(tx).Get(ctx, key); err != nil {
			return err
		}
		third.In(tx).Update(key).Add("coins", 1)
		return nil
	})
	require.EqualError(t, err, "dynamapper: In: "+reason)
	require.NotContains(t, asked, "TransactWriteItems")
}
