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
func (on network) saveNew(name string) Work { return on.save(name, on.saveOursNew) }

// saveLoaded puts a Player that was edited since it was read or saved.
func (on network) saveLoaded(name string) Work { return on.save(name, on.saveOursLoaded) }

func (on network) save(name string, ours func() (Operation, error)) Work {
	return Work{Name: name, Items: 1, Contenders: []Contender{
		{Dynamapper, ours}, {SDK, on.saveMap}, {AttributeValue, on.saveValue},
		{Guregu, on.saveGuregu},
	}}
}

func (on network) saveOursNew() (Operation, error) {
	client := newWrites()
	table, err := openTable[playerModel](on, client)
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

func (on network) saveOursLoaded() (Operation, error) {
	client := newWrites()
	table, err := openTable[playerModel](on, client)
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
func (on network) saveMap() (Operation, error) {
	client := newWrites()
	db := dynamodb.NewFromConfig(on(client))
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

func (on network) saveValue() (Operation, error) {
	client := newWrites()
	db := dynamodb.NewFromConfig(on(client))
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

func (on network) saveGuregu() (Operation, error) {
	client := newWrites()
	table := dynamo.New(on(client)).Table(tableName)
	p := newPlayer(0)
	return steps[Player]{
		func(ctx context.Context) (Player, error) {
			p.Balance++
			return p, table.Put(&p).Run(ctx)
		},
		client.checkPut,
	}, nil
}
