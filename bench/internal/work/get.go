package work

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2"

	"github.com/dynamapper/dynamapper"
)

// get reads one Player by its key, in the given number of goroutines at once.
func (on network) get(name string, goroutines int) Work {
	return Work{Name: name, Items: 1, Goroutines: goroutines, Contenders: []Contender{
		{Dynamapper, on.getOurs}, {SDK, on.getMap}, {AttributeValue, on.getValue},
		{Guregu, on.getGuregu},
	}}
}

// getItemResponse returns the response to a GetItem.
func getItemResponse() (*response, error) { return itemResponse("Item") }

// itemResponse returns a response with a Player as the given member.
func itemResponse(member string) (*response, error) {
	items, _, err := players.wire(0, 1)
	if err != nil {
		return nil, err
	}
	return newResponse(fmt.Appendf(nil, `{"%s":%s}`, member, items[1:len(items)-1])), nil
}

func (on network) getOurs() (Operation, error) {
	client, err := getItemResponse()
	if err != nil {
		return nil, err
	}
	table, err := openTable[playerModel](on, client)
	if err != nil {
		return nil, err
	}
	return steps[*playerModel]{
		func(ctx context.Context) (*playerModel, error) {
			return table.Get(ctx, dynamapper.Key(guild, 0))
		},
		func(p *playerModel) error { return players.checkItem(0, &p.Player) },
	}, nil
}

func (on network) getMap() (Operation, error) {
	client, err := getItemResponse()
	if err != nil {
		return nil, err
	}
	db := dynamodb.NewFromConfig(on(client))
	return steps[*dynamodb.GetItemOutput]{
		func(ctx context.Context) (*dynamodb.GetItemOutput, error) {
			return db.GetItem(ctx, getInput())
		},
		func(out *dynamodb.GetItemOutput) error { return players.checkMaps(1, rawItems{out.Item}) },
	}, nil
}

func getInput() *dynamodb.GetItemInput {
	return &dynamodb.GetItemInput{TableName: aws.String(tableName), Key: keyMap(0)}
}

func (on network) getValue() (Operation, error) {
	client, err := getItemResponse()
	if err != nil {
		return nil, err
	}
	db := dynamodb.NewFromConfig(on(client))
	return steps[*Player]{
		func(ctx context.Context) (*Player, error) {
			out, err := db.GetItem(ctx, getInput())
			if err != nil {
				return nil, err
			}
			var p Player
			err = attributevalue.UnmarshalMap(out.Item, &p)
			return &p, err
		},
		func(p *Player) error { return players.checkItem(0, p) },
	}, nil
}

func (on network) getGuregu() (Operation, error) {
	client, err := getItemResponse()
	if err != nil {
		return nil, err
	}
	table := dynamo.New(on(client)).Table(tableName)
	return steps[*Player]{
		func(ctx context.Context) (*Player, error) {
			var p Player
			err := table.Get("guild", guild).Range("id", dynamo.Equal, 0).One(ctx, &p)
			return &p, err
		},
		func(p *Player) error { return players.checkItem(0, p) },
	}, nil
}
