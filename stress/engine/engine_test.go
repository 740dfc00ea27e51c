// Package engine_test checks DynamoDB's promises on the engine alone: consistent reads and writes
// are linearizable, and transactions are serializable with them. The checker does not depend on the
// engine: it searches for an order of all operations that explains the result of each of them.
package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/dynamotest"
)

const (
	workers  = 6
	rounds   = 60
	accounts = 3
)

// kind is a kind of operation.
type kind int

const (
	read     kind = iota // one account
	readAll              // all, by TransactGetItems
	add                  // to one account, by UpdateItem
	swap                 // a value for another, by PutItem with a condition
	transfer             // from one account to another, by TransactWriteItems
	remove               // an account, by DeleteItem
)

// call is an operation and its parameters.
type call struct {
	kind           kind
	account, other int
	amount, old    int
}

// result is what an operation returned. If it was refused, its condition was false.
type result struct {
	refused bool
	values  [accounts]int // for a read: only of its account
}

// state is the accounts; a missing one is 0.
type state [accounts]int

var model = porcupine.Model{
	Init: func() any { return state{} },
	Step: func(before, input, output any) (bool, any) {
		s, c, a := before.(state), input.(call), output.(result)
		return s.step(c, a), s
	},
	DescribeOperation: func(input, output any) string {
		return fmt.Sprintf("%v: %v", input, output)
	},
}

// step applies a call, and reports whether its result is correct.
func (s *state) step(c call, a result) bool {
	switch c.kind {
	case read:
		return a.values[c.account] == s[c.account]
	case readAll:
		return a.values == [accounts]int(*s)
	case add:
		s[c.account] += c.amount
		return a.values[c.account] == s[c.account]
	case swap:
		if a.refused {
			return s[c.account] != c.old
		}
		ok := s[c.account] == c.old
		s[c.account] = c.amount
		return ok
	case transfer:
		if a.refused {
			return s[c.account] < c.amount
		}
		ok := s[c.account] >= c.amount
		s[c.account] -= c.amount
		s[c.other] += c.amount
		return ok
	}
	s[c.account] = 0
	return true
}

// bank is the table of the accounts.
type bank struct {
	client *dynamodb.Client
	table  string
}

func openBank(t *testing.T) bank {
	t.Helper()
	b := bank{dynamodb.NewFromConfig(dynamotest.Run(t).Config()),
		"accounts-" + strconv.Itoa(rand.Int())}
	_, err := b.client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:   &b.table,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeN},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if _, err := b.client.DeleteTable(ctx,
			&dynamodb.DeleteTableInput{TableName: &b.table}); err != nil {
			t.Error(err)
		}
	})
	return b
}

type item = map[string]types.AttributeValue

func number(n int) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.Itoa(n)}
}

func key(account int) item { return item{"id": number(account)} }

// balance returns the balance in an item; a missing item is an account without money.
func balance(i item) int {
	n, ok := i["balance"].(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	value, err := strconv.Atoi(n.Value)
	if err != nil {
		return -1 // a value that the model never explains
	}
	return value
}

// do runs an operation.
func (b bank) do(ctx context.Context, c call) (result, error) {
	switch c.kind {
	case read:
		return b.read(ctx, c)
	case readAll:
		return b.readAll(ctx)
	case add:
		return b.add(ctx, c)
	case swap:
		return b.swap(ctx, c)
	case transfer:
		return b.transfer(ctx, c)
	}
	_, err := b.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &b.table,
		Key: key(c.account)})
	return result{}, err
}

func (b bank) read(ctx context.Context, c call) (a result, err error) {
	out, err := b.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &b.table, Key: key(c.account), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return a, err
	}
	a.values[c.account] = balance(out.Item)
	return a, nil
}

func (b bank) readAll(ctx context.Context) (a result, err error) {
	in := &dynamodb.TransactGetItemsInput{}
	for i := range accounts {
		in.TransactItems = append(in.TransactItems,
			types.TransactGetItem{Get: &types.Get{TableName: &b.table, Key: key(i)}})
	}
	out, err := b.client.TransactGetItems(ctx, in)
	if err != nil {
		return a, err
	}
	for i, response := range out.Responses {
		a.values[i] = balance(response.Item)
	}
	return a, nil
}

func (b bank) add(ctx context.Context, c call) (a result, err error) {
	out, err := b.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &b.table, Key: key(c.account), ReturnValues: types.ReturnValueUpdatedNew,
		UpdateExpression:          aws.String("ADD balance :amount"),
		ExpressionAttributeValues: item{":amount": number(c.amount)},
	})
	if err != nil {
		return a, err
	}
	a.values[c.account] = balance(out.Attributes)
	return a, nil
}

func (b bank) swap(ctx context.Context, c call) (result, error) {
	condition := "balance = :old"
	if c.old == 0 {
		condition += " OR attribute_not_exists(id)"
	}
	_, err := b.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &b.table, Item: item{"id": number(c.account), "balance": number(c.amount)},
		ConditionExpression:       &condition,
		ExpressionAttributeValues: item{":old": number(c.old)},
	})
	var refused *types.ConditionalCheckFailedException
	if errors.As(err, &refused) {
		return result{refused: true}, nil
	}
	return result{}, err
}

func (b bank) transfer(ctx context.Context, c call) (result, error) {
	_, err := b.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{
			{Update: &types.Update{
				TableName: &b.table, Key: key(c.account),
				UpdateExpression:          aws.String("SET balance = balance - :amount"),
				ConditionExpression:       aws.String("balance >= :amount"),
				ExpressionAttributeValues: item{":amount": number(c.amount)},
			}},
			{Update: &types.Update{
				TableName: &b.table, Key: key(c.other),
				UpdateExpression:          aws.String("ADD balance :amount"),
				ExpressionAttributeValues: item{":amount": number(c.amount)},
			}},
		},
	})
	var refused *types.TransactionCanceledException
	if errors.As(err, &refused) {
		return result{refused: true}, nil
	}
	return result{}, err
}

// anyCall returns a random operation.
func anyCall(r *rand.Rand) call {
	c := call{kind: kind(r.IntN(6)), account: r.IntN(accounts), amount: 1 + r.IntN(5),
		old: r.IntN(4)}
	c.other = (c.account + 1 + r.IntN(accounts-1)) % accounts
	return c
}

// history records the operations of all workers.
type history struct {
	mu         sync.Mutex
	start      time.Time
	operations []porcupine.Operation
}

func (h *history) run(t *testing.T, b bank, worker int) {
	r := rand.New(rand.NewPCG(uint64(worker), 7))
	for range rounds {
		c := anyCall(r)
		called := time.Since(h.start).Nanoseconds()
		a, err := b.do(t.Context(), c)
		returned := time.Since(h.start).Nanoseconds()
		if err != nil {
			t.Errorf("%+v: %v", c, err)
			return
		}
		h.mu.Lock()
		h.operations = append(h.operations, porcupine.Operation{
			ClientId: worker, Input: c, Output: a, Call: called, Return: returned,
		})
		h.mu.Unlock()
	}
}

func TestTheEngineIsLinearizable(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	h := &history{start: time.Now()}
	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() { h.run(t, b, worker) })
	}
	all.Wait()
	if !porcupine.CheckOperations(model, h.operations) {
		t.Error("no order of the operations explains their results")
	}
}

// The checker finds the faults that it is for.
func TestTheCheckerFindsATornRead(t *testing.T) {
	t.Parallel()
	torn := []porcupine.Operation{
		{ClientId: 0, Input: call{kind: add, amount: 5}, Output: result{values: [3]int{5}}, Call: 1,
			Return: 2},
		{ClientId: 0, Input: call{kind: transfer, other: 1, amount: 5}, Output: result{}, Call: 3,
			Return: 6},
		{ClientId: 1, Input: call{kind: readAll}, Output: result{}, Call: 4, Return: 5},
	}
	if porcupine.CheckOperations(model, torn) {
		t.Error("the checker accepts a read between two writes of one transaction")
	}
}
