package work

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/dynamapper/dynamapper"
)

// transactWrite puts n new Players in one transaction. The SDK alone gets ready maps.
func transactWrite(name string, n int) Work {
	return Work{Name: name, Items: n, Contenders: []Contender{
		{Dynamapper, func() (Operation, error) { return transactOurs(n) }},
		{SDK, func() (Operation, error) { return transactMaps(n) }},
		{AttributeValue, func() (Operation, error) { return transactValues(n) }},
		{Guregu, func() (Operation, error) { return transactGuregu(n) }},
	}}
}

func transactOurs(n int) (Operation, error) {
	client, s := newBatches(1), newSquad(n)
	mapper, err := dynamapper.Connect(context.Background(), dynamapper.WithConfig(inMemory(client)))
	if err != nil {
		return nil, err
	}
	table, err := dynamapper.TableOf[playerModel](mapper)
	return s.batch(client, func(ctx context.Context) error {
		return mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
			for _, m := range s.models() {
				if err := table.In(tx).Save(m); err != nil {
					return err
				}
			}
			return nil
		})
	}), err
}

func transactMaps(n int) (Operation, error) {
	client, s := newBatches(1), newSquad(n)
	db, ready := dynamodb.NewFromConfig(inMemory(client)), s.maps()
	return s.batch(client, func(ctx context.Context) error {
		s.setBalances(ready)
		return putTogether(ctx, db, ready)
	}), nil
}

func transactValues(n int) (Operation, error) {
	client, s := newBatches(1), newSquad(n)
	db := dynamodb.NewFromConfig(inMemory(client))
	return s.batch(client, func(ctx context.Context) error {
		items, err := s.marshal()
		if err != nil {
			return err
		}
		return putTogether(ctx, db, items)
	}), nil
}

// putTogether sends the transaction with the SDK's client.
func putTogether(ctx context.Context, db *dynamodb.Client, items rawItems) error {
	puts := make([]types.TransactWriteItem, len(items))
	for i, item := range items {
		puts[i].Put = &types.Put{TableName: aws.String(tableName), Item: item}
	}
	_, err := db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: puts})
	return err
}

func transactGuregu(n int) (Operation, error) {
	client, s := newBatches(1), newSquad(n)
	db := dynamo.New(inMemory(client))
	table := db.Table(tableName)
	return s.batch(client, func(ctx context.Context) error {
		tx := db.WriteTx()
		for i := range s {
			tx.Put(table.Put(&s[i]))
		}
		return tx.Run(ctx)
	}), nil
}
