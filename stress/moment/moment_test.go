// Package moment_test checks that the mapper's reads of several items are of one moment:
// TransactGet, and a transaction that has only read. Writers change the accounts meanwhile. A
// checker searches for an order of all operations that explains what each of them returned.
package moment_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

const (
	workers  = 4
	rounds   = 40
	accounts = 3
)

type account struct {
	dynamapper.Model `dynamo:"accounts"`
	ID               int `dynamo:"id,hash"`
	Balance          int `dynamo:"balance"`
}

// state has the balances; a missing account has 0.
type state [accounts]int

// operation reads all accounts, or moves an amount from one to another.
type operation struct {
	name             string
	from, to, amount int
	seen             state // by a read
}

var model = porcupine.Model{
	Init: func() any { return state{} },
	Step: func(before, input, output any) (bool, any) {
		now, op := before.(state), output.(operation)
		if op.amount == 0 {
			return op.seen == now, now
		}
		now[op.from] -= op.amount
		now[op.to] += op.amount
		return true, now
	},
	DescribeOperation: func(_, output any) string { return fmt.Sprintf("%+v", output) },
}

// bank runs the operations.
type bank struct {
	mapper *dynamapper.Mapper
	table  *dynamapper.Table[account]
}

func (b *bank) move(ctx context.Context, random *rand.Rand) (operation, error) {
	from := random.IntN(accounts)
	op := operation{name: "move", from: from, to: (from + 1 + random.IntN(accounts-1)) % accounts,
		amount: 1 + random.IntN(9)}
	return op, b.mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		b.table.In(tx).Update(dynamapper.Key(op.from)).Add("balance", -op.amount)
		b.table.In(tx).Update(dynamapper.Key(op.to)).Add("balance", op.amount)
		return nil
	})
}

// transactGet reads by TransactGet.
func (b *bank) transactGet(ctx context.Context) (op operation, err error) {
	op.name = "TransactGet"
	var all [accounts]*dynamapper.Fetch[account]
	var fetches []dynamapper.AnyFetch
	for i := range all {
		all[i] = b.table.Fetch(dynamapper.Key(i))
		fetches = append(fetches, all[i])
	}
	if err = b.mapper.TransactGet(ctx, fetches...); err != nil {
		return op, err
	}
	for i, f := range all {
		if f.Item != nil {
			op.seen[i] = f.Item.Balance
		}
	}
	return op, nil
}

// readInTransaction reads one account after the other. The commit reads all again.
func (b *bank) readInTransaction(ctx context.Context) (op operation, err error) {
	op.name = "RunTransaction"
	err = b.mapper.RunTransaction(ctx,
		func(ctx context.Context, tx *dynamapper.Tx) error {
			op.seen = state{}
			for i := range accounts {
				switch a, err := b.table.In(tx).Get(ctx, dynamapper.Key(i)); {
				case err == nil:
					op.seen[i] = a.Balance
				case !errors.Is(err, dynamapper.ErrNotFound):
					return err
				}
			}
			return nil
		}, dynamapper.WithMaxRetries(1000))
	return op, err
}

func (b *bank) act(ctx context.Context, random *rand.Rand) (operation, error) {
	switch random.IntN(4) {
	case 0:
		return b.transactGet(ctx)
	case 1:
		return b.readInTransaction(ctx)
	}
	return b.move(ctx, random)
}

func TestReadsAreOfOneMoment(t *testing.T) {
	t.Parallel()
	mapper := dynamotest.Mapper(t)
	table, err := dynamapper.TableOf[account](mapper)
	if err == nil {
		err = table.CreateTable(t.Context(), dynamapper.WaitActive())
	}
	if err != nil {
		t.Fatal(err)
	}
	b, start := &bank{mapper, table}, time.Now()
	var mu sync.Mutex
	var history []porcupine.Operation
	var group sync.WaitGroup
	for worker := range workers {
		group.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(worker)))
			for range rounds {
				call := time.Since(start).Nanoseconds()
				op, err := b.act(context.Background(), random)
				end := time.Since(start).Nanoseconds()
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				history = append(history, porcupine.Operation{ClientId: worker, Output: op,
					Call: call, Return: end})
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if !porcupine.CheckOperations(model, history) {
		t.Error("no order of the operations explains what they returned")
	}
}

// The checker finds a read of two moments.
func TestTheCheckerFindsATornRead(t *testing.T) {
	t.Parallel()
	torn := []porcupine.Operation{
		{ClientId: 0, Call: 0, Return: 9, Output: operation{from: 0, to: 1, amount: 5}},
		{ClientId: 1, Call: 1, Return: 8, Output: operation{seen: state{-5, 0, 0}}},
	}
	if porcupine.CheckOperations(model, torn) {
		t.Error("half of a move was seen")
	}
}
