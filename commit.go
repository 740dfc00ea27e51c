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
	"github.com/dynamapper/dynamapper/internal/pipeline"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// tokenLife is how long a request may be resent with its token. The service keeps a token for ten
// minutes; after that it would apply the same request a second time.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const tokenLife = 9 * time.Minute

// operation is one operation of a transaction.
type operation struct {
	table string
	plan  *writePlan
	form  writeForm
}

// checks reports whether the operation only checks conditions: an update without changes is a
// ConditionCheck.
func (o *operation) checks() bool { return o.plan.request == updateItem && o.form.update == nil }

// item returns the operation in the SDK's types.
func (o *operation) item() types.TransactWriteItem {
	p, form, returns := o.plan, &o.form, o.plan.returnOnRefusal()
	names, values := form.aliases.Names(), form.aliases.Values()
	switch {
	case p.request == putItem:
		return types.TransactWriteItem{Put: &types.Put{
			TableName: &o.table, Item: p.itemAttributes(),
			ReturnValuesOnConditionCheckFailure: returns,
			ConditionExpression:                 form.condition,
			ExpressionAttributeNames:            names, ExpressionAttributeValues: values,
		}}
	case p.request == deleteItem:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: &o.table, Key: p.keyAttributes(),
			ReturnValuesOnConditionCheckFailure: returns,
			ConditionExpression:                 form.condition,
			ExpressionAttributeNames:            names, ExpressionAttributeValues: values,
		}}
	case o.checks():
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &o.table, Key: p.keyAttributes(),
			ReturnValuesOnConditionCheckFailure: returns,
			ConditionExpression:                 form.condition,
			ExpressionAttributeNames:            names, ExpressionAttributeValues: values,
		}}
	}
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &o.table, Key: p.keyAttributes(), UpdateExpression: form.update,
		ReturnValuesOnConditionCheckFailure: returns, ConditionExpression: form.condition,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}}
}

// newCommitment returns a commitment with a random token and the mapper's retries.
func (m *Mapper) newCommitment(op, table string) *commitment {
	return &commitment{mapper: m, op: op, table: table, token: rand.Text(), attempts: m.attempts}
}

// commit sends a transaction until its outcome is known. It resends after a lost response, which
// the token makes safe, and with backoff while another transaction is running on one of its items.
// A refusal has one reason for each operation. Without a response, commit returns an
// *UnknownOutcomeError.
func (c *commitment) commit(ctx context.Context, operations []operation) (
	refused *types.TransactionCanceledException, err error,
) {
	c.until = time.Now().Add(tokenLife)
	within, cancel := context.WithDeadline(ctx, c.until)
	defer cancel()
	refused, err = c.send(within, operations)
	if refused == nil || !c.lost || !mayArriveLate(operations, refused) {
		return refused, err
	}
	if c.given {
		c.mayArrive = true
		return refused, nil
	}
	if err := c.fence(within, operations[0]); err != nil {
		return nil, err
	}
	return refused, nil
}

// mayArriveLate reports whether a try that was given up could still be applied after another try of
// the same transaction was refused. It cannot if nothing is written, or if the refused operation
// compares with a random version, which never recurs.
func mayArriveLate(operations []operation, refused *types.TransactionCanceledException) bool {
	writes := false
	for i := range operations {
		o := &operations[i]
		if o.plan.comparesToken() &&
			aws.ToString(reasonAt(refused, i).Code) == "ConditionalCheckFailed" {
			return false
		}
		writes = writes || !o.checks()
	}
	return writes
}

// comparesToken reports whether the write requires a certain random version of the item.
func (p *writePlan) comparesToken() bool {
	v := p.schema.version
	return v != nil && v.codec.wire == wire.S &&
		slices.ContainsFunc(p.expected, func(e expectation) bool {
			return e.attribute == v.attribute && e.value != ""
		})
}

// commitment is a transaction with its token.
type commitment struct {
	mapper    *Mapper
	op, table string
	token     string
	given     bool // the token is the caller's
	attempts  int  // how often the transaction is sent
	until     time.Time
	lost      bool // the response to a try was lost
	// A try with the caller's token was lost, and another was refused, so that the first may still
	// be applied. A fence would use up the token: the next transaction with it would be refused,
	// although nothing was applied.
	mayArrive bool
}

// fence prevents a try that was given up from being applied after another try was refused. The
// service keeps the token of an applied transaction, and forgets the token of a refused one. So
// fence sends the token with a transaction that checks a condition that is always true. Once the
// service keeps the token for the fence, it refuses any other request with it. If the service
// refuses the fence for that reason, the lost try arrived before the fence and may have been
// applied.
func (c *commitment) fence(ctx context.Context, at operation) error {
	plan := planOptions{schema: at.plan.schema}.planCheck(at.plan.key)
	plan.expected = []expectation{{attribute: c.token}} // no item has such an attribute
	form, err := plan.form()
	if err != nil {
		return newCallError(c.op, c.table, err)
	}
	refused, err := c.send(ctx, []operation{{at.table, &plan, form}})
	if refused != nil {
		return &UnknownOutcomeError{Op: c.op, Table: c.table,
			Err: c.mapper.explain(c.op, c.table, refused)}
	}
	return err
}

// send sends operations with the token until their outcome is known.
func (c *commitment) send(ctx context.Context, operations []operation) (
	refused *types.TransactionCanceledException, err error,
) {
	row := c.mapper.newTries(c.op, c.table)
	row.most = c.attempts
	for {
		row.begin()
		refused, state, err := c.sendOnce(ctx, operations)
		switch state {
		case isDecided:
			return refused, nil
		case isOfAnother:
			return nil, err
		}
		// A throttled try proves nothing about the earlier try whose response was lost: send it
		// again.
		ends := row.usedUp() || isCut(ctx, err) || errors.Is(err, attempt.ErrLate) ||
			state == isUnsent && !c.lost ||
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

// commitState is what a response shows about a transaction.
type commitState int

const (
	isDecided   commitState = iota // it was applied or refused
	isDeferred                     // it was not applied this time, and may be sent again
	isDoubtful                     // it may have been applied
	isUnsent                       // it did not reach the service
	isRejected                     // the service refuses such a request
	isOfAnother                    // the caller's token is that of another transaction
)

// sendOnce sends a transaction with one call of the SDK, which makes several tries itself.
func (c *commitment) sendOnce(ctx context.Context, operations []operation) (
	refused *types.TransactionCanceledException, state commitState, err error,
) {
	m := c.mapper
	call := writeCall{counter: attempt.Counter{Until: c.until}}
	watched := m.begin("TransactWriteItems", c.table)
	watched.count(&call.counter)
	items := 0
	defer func() { watched.end(ctx, items, err) }()
	out, err := send(ctx, m, request[dynamodb.TransactWriteItemsInput]{
		operation: pipeline.TransactWriteItems,
		input:     func() *dynamodb.TransactWriteItemsInput { return c.makeInput(operations) },
		body: func() ([]byte, error) {
			return transactBody(operations, c.token, m.capacity())
		},
	}, Client.TransactWriteItems, &call)
	if err == nil {
		items = len(operations)
		for i := range out.ConsumedCapacity {
			watched.consumed(false, &out.ConsumedCapacity[i])
		}
		return nil, isDecided, nil
	}
	state = commitStateOf(err, &call)
	c.lost = c.lost || state == isDoubtful || call.counter.Lost()
	if err = m.explainTries(ctx, c.op, c.table, err, &call.counter); state == isDecided {
		errors.As(err, &refused)
		return refused, state, err
	}
	if c.given && awserr.Is(err, tokenMismatch) {
		return nil, isOfAnother, &RequestError{Op: c.op, Table: c.table, Err: err,
			problem: usedToken, sentinel: ErrTokenUsed}
	}
	return nil, state, err
}

// tokenMismatch is the code of a refusal because the token belongs to a transaction with other
// contents, which was applied.
const tokenMismatch = "IdempotentParameterMismatchException"

const usedToken = "the token was used in the last ten minutes for a transaction with other " +
	"contents, which was applied, and this one was not; if both are the same request, it was " +
	"applied before, otherwise give each request a token of its own"

func (c *commitment) makeInput(operations []operation) *dynamodb.TransactWriteItemsInput {
	items := make([]types.TransactWriteItem, len(operations))
	for i := range operations {
		items[i] = operations[i].item()
	}
	return &dynamodb.TransactWriteItemsInput{TransactItems: items, ClientRequestToken: &c.token,
		ReturnConsumedCapacity: c.mapper.capacity()}
}

// commitStateOf returns the state that an error shows. If the token is in use, an earlier try of
// this transaction uses it.
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

// passes reports whether an operation was refused only because of other requests at the same time.
func passes(reason types.CancellationReason) bool {
	return awserr.MayPass(aws.ToString(reason.Code))
}
