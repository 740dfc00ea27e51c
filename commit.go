package dynamapper

import (
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/awserr"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// tokenLife is how long a request may be sent again with its token. The service keeps a token for ten minutes; after
// that the same request would be applied a second time.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const tokenLife = 9 * time.Minute

// operation is one operation of a transaction.
type operation struct {
	table string
	plan  *writePlan
	item  types.TransactWriteItem
}

// commit sends a transaction until the service says what became of it: again after a lost answer, which its token makes
// safe, and with backoff while another transaction is running on one of its items. A refusal says why, one reason an
// operation. Without an answer the error is an *UnknownOutcomeError.
func (m *Mapper) commit(ctx context.Context, op, table string, operations []operation) (
	refused *types.TransactionCanceledException, err error,
) {
	c := &commitment{mapper: m, op: op, table: table, token: rand.Text(), until: time.Now().Add(tokenLife)}
	within, cancel := context.WithDeadline(ctx, c.until)
	defer cancel()
	items := make([]types.TransactWriteItem, len(operations))
	for i, o := range operations {
		items[i] = o.item
	}
	refused, err = c.send(within, items)
	if refused == nil || !c.lost || !mayArriveLate(operations, refused) {
		return refused, err
	}
	if err := c.fence(within, operations[0]); err != nil {
		return nil, err
	}
	return refused, nil
}

// mayArriveLate reports whether a try that was given up could still be applied after another one of the same transaction was
// refused. It cannot if nothing is written, or if the refused operation compares with a random version, which never comes again.
func mayArriveLate(operations []operation, refused *types.TransactionCanceledException) bool {
	writes := false
	for i, o := range operations {
		if o.plan.comparesToken() && aws.ToString(reasonAt(refused, i).Code) == "ConditionalCheckFailed" {
			return false
		}
		writes = writes || o.item.ConditionCheck == nil
	}
	return writes
}

// comparesToken reports whether the write happens only while the item has a certain random version.
func (p *writePlan) comparesToken() bool {
	v := p.schema.version
	return v != nil && v.codec.wire == wire.S && slices.ContainsFunc(p.expected, func(e expectation) bool {
		return e.attribute == v.attribute && e.value != nil
	})
}

// commitment is a transaction with its token.
type commitment struct {
	mapper    *Mapper
	op, table string
	token     string
	until     time.Time
	lost      bool // the answer to a try was
}

// fence keeps a try that was given up from being applied after all, once another one was refused. The service keeps the token of
// a transaction that was applied, and none of one that was refused. So the token is given to a transaction that checks what
// is always true: with a kept token and other operations every request is refused. If the fence itself is refused so, the try
// has arrived before it, and may have been applied.
func (c *commitment) fence(ctx context.Context, at operation) error {
	s := at.plan.schema
	plan := planOptions{schema: s}.planCheck(s.takeKey(at.plan.key))
	plan.expected = []expectation{{attribute: c.token}} // no item has such an attribute
	form, err := plan.form()
	if err != nil {
		return newCallError(c.op, c.table, err)
	}
	refused, err := c.send(ctx, []types.TransactWriteItem{plan.transactItem(at.table, &form)})
	if refused != nil {
		return &UnknownOutcomeError{Op: c.op, Table: c.table, Err: c.mapper.explain(c.op, c.table, refused)}
	}
	return err
}

// send sends operations under the token, until the service says what became of them.
func (c *commitment) send(ctx context.Context, items []types.TransactWriteItem) (
	refused *types.TransactionCanceledException, err error,
) {
	m := c.mapper
	in := &dynamodb.TransactWriteItemsInput{TransactItems: items, ClientRequestToken: &c.token, ReturnConsumedCapacity: m.capacity()}
	row := m.newTries(c.op, c.table)
	for {
		row.begin()
		refused, state, err := c.sendOnce(ctx, in)
		if state == isDecided {
			return refused, nil
		}
		// A service that throttles says nothing of the try whose answer was lost: that one is asked for again.
		ends := row.usedUp() || isCut(ctx, err) || errors.Is(err, attempt.ErrLate) || state == isUnsent && !c.lost ||
			state == isRejected && !(c.lost && isThrottled(err))
		if state == isDeferred && ends && !c.lost {
			err = row.exceeded(err)
		}
		if ends {
			err = row.ended(ctx, err)
		} else if waiting := row.wait(ctx, err); waiting != nil {
			ends, err = true, waiting
		}
		if ends && c.lost {
			err = &UnknownOutcomeError{Op: c.op, Table: c.table, Err: err}
		}
		if ends {
			return nil, err
		}
	}
}

// commitState is what is known of a transaction after it was sent.
type commitState int

const (
	isDecided  commitState = iota // it was applied or refused
	isDeferred                    // it was not applied this time, and may be sent again
	isDoubtful                    // it was applied, or not
	isUnsent                      // it did not get to the service
	isRejected                    // the service takes no such request
)

// sendOnce sends a transaction by one call of the SDK, which tries several times by itself.
func (c *commitment) sendOnce(ctx context.Context, in *dynamodb.TransactWriteItemsInput) (
	refused *types.TransactionCanceledException, state commitState, err error,
) {
	m := c.mapper
	call := writeCall{tries: attempt.Counter{Until: c.until}}
	watched := m.begin("TransactWriteItems", c.table)
	watched.count(&call.tries)
	items := 0
	defer func() { watched.end(ctx, items, err) }()
	out, err := m.client.TransactWriteItems(ctx, in, call.configure)
	if err == nil {
		items = len(in.TransactItems)
		for i := range out.ConsumedCapacity {
			watched.consumed(false, &out.ConsumedCapacity[i])
		}
		return nil, isDecided, nil
	}
	state = commitStateOf(err, &call)
	c.lost = c.lost || state == isDoubtful || call.tries.Lost()
	if err = m.explainTries(ctx, c.op, c.table, err, &call.tries); state == isDecided {
		errors.As(err, &refused)
		return refused, state, err
	}
	return nil, state, err
}

// commitStateOf says what an error means. A token that is in use is our own, of a try before.
func commitStateOf(err error, call *writeCall) commitState {
	var canceled *types.TransactionCanceledException
	var api smithy.APIError
	switch {
	case errors.As(err, &canceled) && awserr.AgainOf(err) != awserr.Never:
		return isDeferred
	case errors.As(err, &canceled):
		return isDecided
	case call.isLost(err), awserr.AgainOf(err) == awserr.WithToken:
		return isDoubtful
	case isContended(err):
		return isDeferred
	case errors.As(err, &api):
		return isRejected
	}
	return isUnsent
}

// passes reports whether an operation was refused only for what else was going on.
func passes(reason types.CancellationReason) bool {
	return awserr.MayPass(aws.ToString(reason.Code))
}
