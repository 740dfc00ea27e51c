package work

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/dynamapper/dynamapper"
)

// newMotto is what the update sets.
const newMotto = "Dawn is near."

// update adds to a number and sets a text of one Player, and reads the Player as it is afterwards.
func (on network) update(name string) Work {
	return Work{Name: name, Items: 1, Contenders: []Contender{
		{Dynamapper, on.updateOurs}, {SDK, on.updateMap}, {AttributeValue, on.updateValue},
		{Guregu, on.updateGuregu},
	}}
}

// newUpdated returns a client that responds to an UpdateItem with the updated Player.
func newUpdated() (*writes, error) {
	item, err := itemResponse("Attributes")
	return &writes{response: item}, err
}

// updated is an operation that reads a Player after an update.
func updated(client *writes, run func(context.Context) (*Player, error)) Operation {
	return steps[*Player]{run, func(p *Player) error {
		if err := client.checkUpdated(); err != nil {
			return err
		}
		return players.checkItem(0, p)
	}}
}

func (on network) updateOurs() (Operation, error) {
	client, err := newUpdated()
	if err != nil {
		return nil, err
	}
	table, err := openTable[playerModel](on, client)
	if err != nil {
		return nil, err
	}
	return updated(client, func(ctx context.Context) (*Player, error) {
		m, err := table.Update(dynamapper.Key(guild, 0)).Add("balance", 1).Set("motto", newMotto).
			Run(ctx)
		if err != nil {
			return nil, err
		}
		return &m.Player, nil
	}), nil
}

func (on network) updateMap() (Operation, error) {
	client, err := newUpdated()
	if err != nil {
		return nil, err
	}
	db := dynamodb.NewFromConfig(on(client))
	return steps[rawItem]{
		func(ctx context.Context) (rawItem, error) {
			out, err := db.UpdateItem(ctx, updateInput())
			if err != nil {
				return nil, err
			}
			return out.Attributes, nil
		},
		func(item rawItem) error {
			if err := client.checkUpdated(); err != nil {
				return err
			}
			return players.checkMaps(1, rawItems{item})
		},
	}, nil
}

func updateInput() *dynamodb.UpdateItemInput {
	return &dynamodb.UpdateItemInput{
		TableName: aws.String(tableName), Key: keyMap(0),
		UpdateExpression:         aws.String("ADD #balance :one SET #motto = :motto"),
		ExpressionAttributeNames: map[string]string{"#balance": "balance", "#motto": "motto"},
		ExpressionAttributeValues: rawItem{
			":one":   &types.AttributeValueMemberN{Value: "1"},
			":motto": &types.AttributeValueMemberS{Value: newMotto},
		},
		ReturnValues: types.ReturnValueAllNew,
	}
}

func (on network) updateValue() (Operation, error) {
	client, err := newUpdated()
	if err != nil {
		return nil, err
	}
	db := dynamodb.NewFromConfig(on(client))
	return updated(client, func(ctx context.Context) (*Player, error) {
		out, err := db.UpdateItem(ctx, updateInput())
		if err != nil {
			return nil, err
		}
		var p Player
		err = attributevalue.UnmarshalMap(out.Attributes, &p)
		return &p, err
	}), nil
}

func (on network) updateGuregu() (Operation, error) {
	client, err := newUpdated()
	if err != nil {
		return nil, err
	}
	table := dynamo.New(on(client)).Table(tableName)
	return updated(client, func(ctx context.Context) (*Player, error) {
		var p Player
		err := table.Update("guild", guild).Range("id", 0).Add("balance", 1).Set("motto", newMotto).
			Value(ctx, &p)
		return &p, err
	}), nil
}
