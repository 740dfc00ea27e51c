package work

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// saveNew puts a new Player. The SDK alone gets a ready map.
func saveNew(name string) Work { return save(name, saveOursNew) }

// saveLoaded puts a Player that was edited since it was read or saved.
func saveLoaded(name string) Work { return save(name, saveOursLoaded) }

func save(name string, ours func() (Operation, error)) Work {
	return Work{Name: name, Items: 1, Contenders: []Contender{
		{Dynamapper, ours}, {SDK, saveMap}, {AttributeValue, saveValue}, {Guregu, saveGuregu},
	}}
}

func saveOursNew() (Operation, error) {
	client := newWrites()
	table, err := openTable[playerModel](client)
	if err != nil {
		return nil, err
	}
	p := newPlayer(0)
	return steps[*playerModel]{
		func(ctx context.Context) (*playerModel, error) {
			p.Balance++
			m := &playerModel{Player: p}
			return m, table.Save(ctx, m)
		},
		func(m *playerModel) error { return client.checkPut(m.Player) },
	}, nil
}

func saveOursLoaded() (Operation, error) {
	client := newWrites()
	table, err := openTable[playerModel](client)
	if err != nil {
		return nil, err
	}
	m := &playerModel{Player: newPlayer(0)}
	return steps[*playerModel]{
		func(ctx context.Context) (*playerModel, error) {
			m.Balance++
			return m, table.Save(ctx, m)
		},
		func(m *playerModel) error { return client.checkPut(m.Player) },
	}, nil
}

// saveMap puts a map that is ready except for the balance.
func saveMap() (Operation, error) {
	client := newWrites()
	db := dynamodb.NewFromConfig(newConfig(client))
	p := newPlayer(0)
	ready := encodeByHand(&p)
	return steps[Player]{
		func(ctx context.Context) (Player, error) {
			p.Balance++
			ready["balance"] = &types.AttributeValueMemberN{Value: strconv.FormatInt(p.Balance, 10)}
			_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(tableName),
				Item: ready})
			return p, err
		},
		client.checkPut,
	}, nil
}

func saveValue() (Operation, error) {
	client := newWrites()
	db := dynamodb.NewFromConfig(newConfig(client))
	p := newPlayer(0)
	return steps[Player]{
		func(ctx context.Context) (Player, error) {
			p.Balance++
			item, err := attributevalue.MarshalMap(&p)
			if err != nil {
				return p, err
			}
			_, err = db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(tableName),
				Item: item})
			return p, err
		},
		client.checkPut,
	}, nil
}

func saveGuregu() (Operation, error) {
	client := newWrites()
	table := dynamo.New(newConfig(client)).Table(tableName)
	p := newPlayer(0)
	return steps[Player]{
		func(ctx context.Context) (Player, error) {
			p.Balance++
			return p, table.Put(&p).Run(ctx)
		},
		client.checkPut,
	}, nil
}
