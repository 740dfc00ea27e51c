package work

import (
	"context"
	"maps"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/dynamapper/dynamapper"
)

// guardSnapshot saves an edited Player if nobody else has changed it. dynamapper compares all
// attributes with its snapshot; the peers have none, and put the whole item on the condition that
// the version is unchanged.
func (on network) guardSnapshot(name string) Work { return on.guard(name, on.guardBySnapshot) }

// guardVersion is guardSnapshot with a version for dynamapper too.
func (on network) guardVersion(name string) Work { return on.guard(name, on.guardByVersion) }

func (on network) guard(name string, ours func() (Operation, error)) Work {
	return Work{Name: name, Items: 1, Contenders: []Contender{
		{Dynamapper, ours}, {SDK, on.guardMap}, {AttributeValue, on.guardValue},
		{Guregu, on.guardGuregu},
	}}
}

func (on network) guardBySnapshot() (Operation, error) {
	client := newWrites()
	table, err := openTable[playerModel](on, client)
	if err != nil {
		return nil, err
	}
	m := &playerModel{Player: newPlayer(0)}
	if err := table.Save(context.Background(), m); err != nil {
		return nil, err
	}
	return steps[*playerModel]{
		func(ctx context.Context) (*playerModel, error) {
			m.Balance++
			return m, table.Save(ctx, m, dynamapper.FailOnConflict())
		},
		func(m *playerModel) error {
			return client.checkGuarded(versionedPlayer{Player: m.Player},
				strconv.FormatInt(m.Balance, 10))
		},
	}, nil
}

func (on network) guardByVersion() (Operation, error) {
	client := newWrites()
	table, err := openTable[versionedModel](on, client)
	if err != nil {
		return nil, err
	}
	m := &versionedModel{Player: newPlayer(0)}
	if err := table.Save(context.Background(), m); err != nil {
		return nil, err
	}
	return steps[*versionedModel]{
		func(ctx context.Context) (*versionedModel, error) {
			m.Balance++
			return m, table.Save(ctx, m, dynamapper.FailOnConflict())
		},
		func(m *versionedModel) error { // the stored version must be the old one
			return client.checkGuarded(versionedPlayer{m.Player, m.Version},
				strconv.FormatInt(m.Balance, 10), strconv.Itoa(m.Version-1))
		},
	}, nil
}

// guardMap puts a map that is ready except for the balance and the version.
func (on network) guardMap() (Operation, error) {
	client := newWrites()
	db := dynamodb.NewFromConfig(on(client))
	p := versionedPlayer{Player: newPlayer(0)}
	ready := maps.Clone(encodeByHand(&p.Player))
	return steps[versionedPlayer]{
		func(ctx context.Context) (versionedPlayer, error) {
			p.Balance, p.Version = p.Balance+1, p.Version+1
			ready["balance"] = &types.AttributeValueMemberN{Value: strconv.FormatInt(p.Balance, 10)}
			ready["version"] = &types.AttributeValueMemberN{Value: strconv.Itoa(p.Version)}
			_, err := db.PutItem(ctx, guardInput(ready, p.Version-1))
			return p, err
		},
		func(p versionedPlayer) error { return client.checkGuarded(p) },
	}, nil
}

// guardInput puts an item if the version is the given one.
func guardInput(item map[string]types.AttributeValue, version int) *dynamodb.PutItemInput {
	return &dynamodb.PutItemInput{
		TableName: aws.String(tableName), Item: item,
		ConditionExpression:      aws.String("#version = :version"),
		ExpressionAttributeNames: map[string]string{"#version": "version"},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":version": &types.AttributeValueMemberN{Value: strconv.Itoa(version)}},
	}
}

func (on network) guardValue() (Operation, error) {
	client := newWrites()
	db := dynamodb.NewFromConfig(on(client))
	p := versionedPlayer{Player: newPlayer(0)}
	return steps[versionedPlayer]{
		func(ctx context.Context) (versionedPlayer, error) {
			p.Balance, p.Version = p.Balance+1, p.Version+1
			item, err := attributevalue.MarshalMap(&p)
			if err != nil {
				return p, err
			}
			_, err = db.PutItem(ctx, guardInput(item, p.Version-1))
			return p, err
		},
		func(p versionedPlayer) error { return client.checkGuarded(p) },
	}, nil
}

func (on network) guardGuregu() (Operation, error) {
	client := newWrites()
	table := dynamo.New(on(client)).Table(tableName)
	p := versionedPlayer{Player: newPlayer(0)}
	return steps[versionedPlayer]{
		func(ctx context.Context) (versionedPlayer, error) {
			p.Balance, p.Version = p.Balance+1, p.Version+1
			return p, table.Put(&p).If("'version' = ?", p.Version-1).Run(ctx)
		},
		func(p versionedPlayer) error { return client.checkGuarded(p) },
	}, nil
}
