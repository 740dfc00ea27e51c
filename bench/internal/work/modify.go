package work

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/dynamapper/dynamapper"
)

// storedVersion is the version of the items that modify and runTransaction read.
const storedVersion = 41

var versionedPlayers = kind[versionedPlayer, versionedModel]{
	make: func(i int) versionedPlayer { return versionedPlayer{newPlayer(i), storedVersion} },
	plain: func(m *versionedModel) *versionedPlayer {
		return &versionedPlayer{m.Player, m.Version}
	},
}

// newStored returns a client that has n items.
func newStored(n int) (stored, error) {
	s := stored{writes: newWrites()}
	for i := range n {
		item, _, err := versionedPlayers.wire(i, 1)
		if err != nil {
			return s, err
		}
		s.items = append(s.items, newResponse(fmt.Appendf(nil, `{"Item":%s}`, item[1:len(item)-1])))
	}
	return s, nil
}

// paid returns a stored item after a payment.
func paid(i int, amount int64) versionedPlayer {
	p := versionedPlayers.make(i)
	p.Balance, p.Version = p.Balance+amount, p.Version+1
	return p
}

// modify reads a Player, changes its balance, and saves it if its version is unchanged.
func modify(name string) Work {
	return Work{Name: name, Items: 1, Contenders: []Contender{
		{Dynamapper, modifyOurs}, {AttributeValue, modifyValue}, {Guregu, modifyGuregu},
	}}
}

// modifying is an operation that sends one guarded write.
func modifying(client stored, run func(context.Context) error) Operation {
	return steps[struct{}]{
		func(ctx context.Context) (struct{}, error) { return struct{}{}, run(ctx) },
		func(struct{}) error {
			want := paid(0, 1)
			return client.checkGuarded(want, strconv.FormatInt(want.Balance, 10),
				strconv.Itoa(want.Version), strconv.Itoa(storedVersion))
		},
	}
}

func modifyOurs() (Operation, error) {
	client, err := newStored(1)
	if err != nil {
		return nil, err
	}
	table, err := openTable[versionedModel](inMemory, client)
	return modifying(client, func(ctx context.Context) error {
		_, err := table.Modify(ctx, dynamapper.Key(guild, 0), func(m *versionedModel) error {
			m.Balance++
			return nil
		})
		return err
	}), err
}

func modifyValue() (Operation, error) {
	client, err := newStored(1)
	if err != nil {
		return nil, err
	}
	db := dynamodb.NewFromConfig(inMemory(client))
	return modifying(client, func(ctx context.Context) error {
		p, err := readVersioned(ctx, db, 0)
		if err != nil {
			return err
		}
		p.Balance, p.Version = p.Balance+1, p.Version+1
		item, err := attributevalue.MarshalMap(p)
		if err != nil {
			return err
		}
		_, err = db.PutItem(ctx, guardInput(item, p.Version-1))
		return err
	}), nil
}

// readVersioned reads a Player with attributevalue.
func readVersioned(ctx context.Context, db *dynamodb.Client, i int) (*versionedPlayer, error) {
	out, err := db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(tableName), Key: keyMap(i), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, err
	}
	var p versionedPlayer
	err = attributevalue.UnmarshalMap(out.Item, &p)
	return &p, err
}

func modifyGuregu() (Operation, error) {
	client, err := newStored(1)
	if err != nil {
		return nil, err
	}
	table := dynamo.New(inMemory(client)).Table(tableName)
	return modifying(client, func(ctx context.Context) error {
		p, err := readGuregu(ctx, table, 0)
		if err != nil {
			return err
		}
		p.Balance, p.Version = p.Balance+1, p.Version+1
		return table.Put(p).If("'version' = ?", p.Version-1).Run(ctx)
	}), nil
}

// readGuregu reads a Player with guregu/dynamo.
func readGuregu(ctx context.Context, table dynamo.Table, i int) (*versionedPlayer, error) {
	var p versionedPlayer
	err := table.Get("guild", guild).Range("id", dynamo.Equal, i).Consistent(true).One(ctx, &p)
	return &p, err
}

// runTransaction moves a balance from one Player to another, if neither has changed since it was
// read.
func runTransaction(name string) Work {
	return Work{Name: name, Items: 2, Contenders: []Contender{
		{Dynamapper, moveOurs}, {AttributeValue, moveValue}, {Guregu, moveGuregu},
	}}
}

// moving is an operation that sends one transaction.
func moving(client stored, run func(context.Context) error) Operation {
	return steps[struct{}]{
		func(ctx context.Context) (struct{}, error) { return struct{}{}, run(ctx) },
		func(struct{}) error { return client.checkMoved(paid(0, -1), paid(1, 1)) },
	}
}

func moveOurs() (Operation, error) {
	client, err := newStored(2)
	if err != nil {
		return nil, err
	}
	mapper, err := dynamapper.Connect(context.Background(), dynamapper.WithConfig(inMemory(client)))
	if err != nil {
		return nil, err
	}
	table, err := dynamapper.TableOf[versionedModel](mapper)
	return moving(client, func(ctx context.Context) error {
		return mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
			for i, amount := range []int64{-1, 1} {
				m, err := table.In(tx).Get(ctx, dynamapper.Key(guild, i))
				if err != nil {
					return err
				}
				m.Balance += amount
				if err := table.In(tx).Save(m); err != nil {
					return err
				}
			}
			return nil
		})
	}), err
}

func moveValue() (Operation, error) {
	client, err := newStored(2)
	if err != nil {
		return nil, err
	}
	db := dynamodb.NewFromConfig(inMemory(client))
	return moving(client, func(ctx context.Context) error {
		puts := make([]types.TransactWriteItem, 2)
		for i, amount := range []int64{-1, 1} {
			p, err := readVersioned(ctx, db, i)
			if err != nil {
				return err
			}
			p.Balance, p.Version = p.Balance+amount, p.Version+1
			item, err := attributevalue.MarshalMap(p)
			if err != nil {
				return err
			}
			put := guardInput(item, p.Version-1)
			puts[i].Put = &types.Put{
				TableName: put.TableName, Item: put.Item,
				ConditionExpression:       put.ConditionExpression,
				ExpressionAttributeNames:  put.ExpressionAttributeNames,
				ExpressionAttributeValues: put.ExpressionAttributeValues,
			}
		}
		_, err := db.TransactWriteItems(ctx,
			&dynamodb.TransactWriteItemsInput{TransactItems: puts})
		return err
	}), nil
}

func moveGuregu() (Operation, error) {
	client, err := newStored(2)
	if err != nil {
		return nil, err
	}
	db := dynamo.New(inMemory(client))
	table := db.Table(tableName)
	return moving(client, func(ctx context.Context) error {
		tx := db.WriteTx()
		for i, amount := range []int64{-1, 1} {
			p, err := readGuregu(ctx, table, i)
			if err != nil {
				return err
			}
			p.Balance, p.Version = p.Balance+amount, p.Version+1
			tx.Put(table.Put(p).If("'version' = ?", p.Version-1))
		}
		return tx.Run(ctx)
	}), nil
}
