package work

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2"

	"github.com/dynamapper/dynamapper"
)

// deleteKey deletes an item by its key. attributevalue has no part in it.
func (on network) deleteKey(name string) Work {
	return Work{Name: name, Items: 1, Contenders: []Contender{
		{Dynamapper, on.deleteOurs}, {SDK, on.deleteMap}, {Guregu, on.deleteGuregu},
	}}
}

// deleting is an operation without a result.
func deleting(client *writes, run func(context.Context) error) Operation {
	return steps[struct{}]{
		func(ctx context.Context) (struct{}, error) { return struct{}{}, run(ctx) },
		func(struct{}) error { return client.checkKey() },
	}
}

func (on network) deleteOurs() (Operation, error) {
	client := newWrites()
	table, err := openTable[playerModel](on, client)
	return deleting(client, func(ctx context.Context) error {
		return table.DeleteKey(ctx, dynamapper.Key(guild, 0))
	}), err
}

func (on network) deleteMap() (Operation, error) {
	client := newWrites()
	db := dynamodb.NewFromConfig(on(client))
	return deleting(client, func(ctx context.Context) error {
		_, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: aws.String(tableName), Key: keyMap(0)})
		return err
	}), nil
}

func (on network) deleteGuregu() (Operation, error) {
	client := newWrites()
	table := dynamo.New(on(client)).Table(tableName)
	return deleting(client, func(ctx context.Context) error {
		return table.Delete("guild", guild).Range("id", 0).Run(ctx)
	}), nil
}
