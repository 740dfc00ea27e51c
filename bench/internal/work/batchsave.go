package work

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// putSize is the number of items in one BatchWriteItem, its maximum.
const putSize = 25

// batchSave puts n new Players. dynamapper sends several requests at a time; the others send one
// after the other. The SDK alone gets ready maps.
func batchSave(name string, n int) Work {
	return Work{Name: name, Items: n, Contenders: []Contender{
		{Dynamapper, func() (Operation, error) { return batchOurs(n) }},
		{SDK, func() (Operation, error) { return batchMaps(n) }},
		{AttributeValue, func() (Operation, error) { return batchValues(n) }},
		{Guregu, func() (Operation, error) { return batchGuregu(n) }},
	}}
}

// squad are Players that change before each write, so that a check sees the last one.
type squad []Player

func newSquad(n int) squad {
	s := make(squad, n)
	for i := range s {
		s[i] = newPlayer(i)
	}
	return s
}

// pay changes the balance of all.
func (s squad) pay() {
	for i := range s {
		s[i].Balance++
	}
}

// models returns new items for dynamapper.
func (s squad) models() []*playerModel {
	models := make([]*playerModel, len(s))
	for i := range s {
		models[i] = &playerModel{Player: s[i]}
	}
	return models
}

// maps returns the items as the SDK takes them.
func (s squad) maps() rawItems {
	items := make(rawItems, len(s))
	for i := range s {
		items[i] = encodeByHand(&s[i])
	}
	return items
}

// setBalances changes ready maps.
func (s squad) setBalances(ready rawItems) {
	for i := range s {
		ready[i]["balance"] = &types.AttributeValueMemberN{
			Value: strconv.FormatInt(s[i].Balance, 10)}
	}
}

// marshal makes the maps with attributevalue.
func (s squad) marshal() (rawItems, error) {
	items := make(rawItems, len(s))
	for i := range s {
		var err error
		if items[i], err = attributevalue.MarshalMap(&s[i]); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// batch is an operation that writes changed Players, and checks all requests.
func (s squad) batch(client *batches, write func(context.Context) error) Operation {
	return steps[struct{}]{
		func(ctx context.Context) (struct{}, error) {
			s.pay()
			return struct{}{}, write(ctx)
		},
		func(struct{}) error { return client.checkPuts(s) },
	}
}

func batchOurs(n int) (Operation, error) {
	client, s := newBatches(n/putSize), newSquad(n)
	table, err := openTable[playerModel](inMemory, client)
	return s.batch(client, func(ctx context.Context) error {
		return table.BatchSave(ctx, s.models())
	}), err
}

func batchMaps(n int) (Operation, error) {
	client, s := newBatches(n/putSize), newSquad(n)
	db, ready := dynamodb.NewFromConfig(inMemory(client)), s.maps()
	return s.batch(client, func(ctx context.Context) error {
		s.setBalances(ready)
		return putBatches(ctx, db, ready)
	}), nil
}

func batchValues(n int) (Operation, error) {
	client, s := newBatches(n/putSize), newSquad(n)
	db := dynamodb.NewFromConfig(inMemory(client))
	return s.batch(client, func(ctx context.Context) error {
		items, err := s.marshal()
		if err != nil {
			return err
		}
		return putBatches(ctx, db, items)
	}), nil
}

// putBatches sends the requests with the SDK's client, one after the other.
func putBatches(ctx context.Context, db *dynamodb.Client, items rawItems) error {
	for start := 0; start < len(items); start += putSize {
		requests := make([]types.WriteRequest, 0, putSize)
		for _, item := range items[start : start+putSize] {
			requests = append(requests,
				types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
		}
		for len(requests) > 0 {
			out, err := db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
				RequestItems: map[string][]types.WriteRequest{tableName: requests}})
			if err != nil {
				return err
			}
			requests = out.UnprocessedItems[tableName]
		}
	}
	return nil
}

func batchGuregu(n int) (Operation, error) {
	client, s := newBatches(n/putSize), newSquad(n)
	table := dynamo.New(inMemory(client)).Table(tableName)
	return s.batch(client, func(ctx context.Context) error {
		items := make([]any, n)
		for i := range s {
			items[i] = &s[i]
		}
		wrote, err := table.Batch("guild", "id").Write().Put(items...).Run(ctx)
		if err == nil && wrote != n {
			err = errWrong("%d items written of %d", wrote, n)
		}
		return err
	}), nil
}
