package dynamapper

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamapper/dynamapper/internal/awserr"
	"github.com/dynamapper/dynamapper/internal/pipeline"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// transactGetter is a Client with TransactGetItems. Client does not have the operation, so that a
// client without it works for all calls that do not need it.
type transactGetter interface {
	TransactGetItems(
		context.Context, *dynamodb.TransactGetItemsInput, ...func(*dynamodb.Options),
	) (*dynamodb.TransactGetItemsOutput, error)
}

var errNoTransactGet = errors.New("the client has no method TransactGetItems, which reads " +
	"several items at one moment; add the method to the client, or make a mapper of " +
	"*dynamodb.Client")

// transactGets returns the client as one with TransactGetItems, or false.
func (m *Mapper) transactGets() (transactGetter, bool) {
	client, ok := m.client.(transactGetter)
	return client, ok
}

// transactGetRequest is one TransactGetItems.
type transactGetRequest struct {
	mapper *Mapper
	op     string
	table  string // "" if the request names several
	most   int    // how often the request is sent while others are running on the items
	gets   []transactGet
}

// transactGet is the read of one item.
type transactGet struct {
	table  string
	schema *schema
	key    itemKey
	projection
}

func (g *transactGetRequest) makeInput() *dynamodb.TransactGetItemsInput {
	items := make([]types.TransactGetItem, len(g.gets))
	for i := range g.gets {
		get := &g.gets[i]
		items[i].Get = &types.Get{TableName: &get.table, Key: get.schema.keyAttributes(get.key),
			ProjectionExpression: get.text, ExpressionAttributeNames: get.aliases.Names()}
	}
	return &dynamodb.TransactGetItemsInput{TransactItems: items,
		ReturnConsumedCapacity: g.mapper.capacity()}
}

// send returns the items in the order of the request. It sends the request again with backoff while
// a transaction is running on one of the items, or while the table is too busy.
func (g *transactGetRequest) send(ctx context.Context) ([]storedItem, error) {
	client, ok := g.mapper.transactGets()
	if !ok {
		return nil, newCallError(g.op, g.table, errNoTransactGet)
	}
	row := g.mapper.newTries(g.op, g.table)
	row.most = g.most
	var items []storedItem
	err := row.repeat(ctx, func(err error) bool { return isContended(err) || isThrottled(err) },
		func() (err error) {
			items, err = g.sendOnce(ctx, client)
			return err
		})
	return items, err
}

func (g *transactGetRequest) sendOnce(
	ctx context.Context, client transactGetter,
) (items []storedItem, err error) {
	c := g.mapper.begin("TransactGetItems", g.table)
	defer func() { c.end(ctx, countStored(items), err) }()
	d := &responseDecoder{loader: loader{table: &table{mapper: g.mapper, name: g.table}, op: g.op},
		call: c, keep: (*responseDecoder).keepInOrder}
	out, err := send(ctx, g.mapper, request[dynamodb.TransactGetItemsInput]{
		operation: pipeline.TransactGetItems,
		input:     g.makeInput,
		body:      g.body,
	}, func(
		_ Client, ctx context.Context, in *dynamodb.TransactGetItemsInput,
		options ...func(*dynamodb.Options),
	) (*dynamodb.TransactGetItemsOutput, error) {
		return client.TransactGetItems(ctx, in, options...)
	}, d)
	if err != nil {
		return nil, g.explain(ctx, d, err)
	}
	for i := range out.ConsumedCapacity {
		c.consumed(true, &out.ConsumedCapacity[i])
	}
	if !d.hooked {
		for _, response := range out.Responses {
			d.stored = append(d.stored, storedItem{attributes: response.Item})
		}
	}
	if len(d.stored) != len(g.gets) {
		return nil, newCallError(g.op, g.table, fmt.Errorf(
			"the response has %d items in place of the %d requested; try again", len(d.stored),
			len(g.gets)))
	}
	return d.stored, nil
}

// explain explains the error of the request. If one item is the reason, the error names its table.
func (g *transactGetRequest) explain(ctx context.Context, d *responseDecoder, err error) error {
	var canceled *types.TransactionCanceledException
	if !errors.As(err, &canceled) || awserr.AgainOf(err) != awserr.Never {
		return d.explain(ctx, err)
	}
	for i, reason := range canceled.CancellationReasons {
		code := awserr.OfReason(aws.ToString(reason.Code))
		if code == "" || i >= len(g.gets) {
			continue
		}
		api := &smithy.GenericAPIError{Code: code, Message: aws.ToString(reason.Message)}
		return &RequestError{Op: g.op, Table: g.gets[i].table, Err: err,
			problem: g.mapper.diagnoseResponse(api), cause: describeResponse(api, err)}
	}
	return d.explain(ctx, err)
}

// isMissing reports whether there is no item.
func (s *storedItem) isMissing() bool { return s.raw == "" && s.attributes == nil }

// text returns the item's JSON.
func (s *storedItem) text() (string, error) {
	if s.attributes == nil {
		return s.raw, nil
	}
	text, err := wire.AppendItem(nil, s.attributes)
	return string(text), err
}

// countStored returns how many items there are.
func countStored(items []storedItem) (n int) {
	for i := range items {
		if !items[i].isMissing() {
			n++
		}
	}
	return n
}
