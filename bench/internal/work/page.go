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

// clients are the clients of a work that reads: one for the peers and one for dynamapper.
type clients struct{ peers, ours aws.HTTPClient }

// page responds to a Query or a Scan with n items.
func (k kind[P, M]) page(n int) (clients, error) {
	peers, ours, err := k.wire(0, n)
	if err != nil {
		return clients{}, err
	}
	return clients{pageOf(n, peers), pageOf(n, ours)}, nil
}

// pageOf returns the response with n items.
func pageOf(n int, items []byte) *response {
	return newResponse(fmt.Appendf(nil, `{"Count":%d,"Items":%s,"ScannedCount":%d}`, n, items, n))
}

// rawItems are the items in the SDK's form.
type rawItems = []rawItem

// readers holds each contender's way to read many items.
type readers[P any, M dynamapper.IsModel] struct {
	dynamapper func(context.Context, *dynamapper.Table[M]) ([]*M, error)
	// calls the function with each page
	sdk    func(context.Context, *dynamodb.Client, func(rawItems) error) error
	guregu func(context.Context, dynamo.Table) ([]P, error)
}

// read returns a work that reads n items.
func (k kind[P, M]) read(
	name string, n int, responses func(int) (clients, error), r readers[P, M],
) Work {
	return Work{Name: name, Items: n, Contenders: []Contender{
		{Dynamapper, func() (Operation, error) { return k.readOurs(n, responses, r) }},
		{SDK, func() (Operation, error) { return k.readMaps(n, responses, r) }},
		{AttributeValue, func() (Operation, error) { return k.readValues(n, responses, r) }},
		{Guregu, func() (Operation, error) { return k.readGuregu(n, responses, r) }},
	}}
}

func (k kind[P, M]) readOurs(
	n int, responses func(int) (clients, error), r readers[P, M],
) (Operation, error) {
	c, err := responses(n)
	if err != nil {
		return nil, err
	}
	table, err := openTable[M](inMemory, c.ours)
	if err != nil {
		return nil, err
	}
	return steps[[]*M]{
		func(ctx context.Context) ([]*M, error) { return r.dynamapper(ctx, table) },
		func(items []*M) error { return k.checkModels(n, items) },
	}, nil
}

// openTable returns dynamapper's table of a model.
func openTable[M dynamapper.IsModel](
	on network, client aws.HTTPClient,
) (*dynamapper.Table[M], error) {
	mapper, err := dynamapper.Connect(context.Background(),
		dynamapper.WithConfig(on(client)))
	if err != nil {
		return nil, err
	}
	return dynamapper.TableOf[M](mapper)
}

func (k kind[P, M]) readMaps(
	n int, responses func(int) (clients, error), r readers[P, M],
) (Operation, error) {
	c, err := responses(n)
	if err != nil {
		return nil, err
	}
	client := dynamodb.NewFromConfig(inMemory(c.peers))
	return steps[rawItems]{
		func(ctx context.Context) (items rawItems, err error) {
			err = r.sdk(ctx, client, func(page rawItems) error {
				items = append(items, page...)
				return nil
			})
			return items, err
		},
		func(items rawItems) error { return k.checkMaps(n, items) },
	}, nil
}

func (k kind[P, M]) readValues(
	n int, responses func(int) (clients, error), r readers[P, M],
) (Operation, error) {
	c, err := responses(n)
	if err != nil {
		return nil, err
	}
	client := dynamodb.NewFromConfig(inMemory(c.peers))
	return steps[[]P]{
		func(ctx context.Context) (items []P, err error) {
			err = r.sdk(ctx, client, func(page rawItems) error {
				var part []P
				err := attributevalue.UnmarshalListOfMaps(page, &part)
				items = append(items, part...)
				return err
			})
			return items, err
		},
		func(items []P) error { return k.checkPlain(n, items) },
	}, nil
}

func (k kind[P, M]) readGuregu(
	n int, responses func(int) (clients, error), r readers[P, M],
) (Operation, error) {
	c, err := responses(n)
	if err != nil {
		return nil, err
	}
	table := dynamo.New(inMemory(c.peers)).Table(tableName)
	return steps[[]P]{
		func(ctx context.Context) ([]P, error) { return r.guregu(ctx, table) },
		func(items []P) error { return k.checkPlain(n, items) },
	}, nil
}
