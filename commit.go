package dynamapper

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/awserr"
)

// tokenLife is how long a request may be sent again with its token. The service keeps a token for ten minutes; after
// that the same request would be applied a second time.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const tokenLife = 9 * time.Minute

// commit sends a transaction until the service says what became of it: again after a lost answer, which its token makes
// safe, and with backoff while another transaction is running on one of its items. A refusal says why, one reason an
// operation. Without an answer the error is an *UnknownOutcomeError.
func (m *Mapper) commit(ctx context.Context, op, table string, operations []types.TransactWriteItem) (
	refused *types.TransactionCanceledException, err error,
) {
	token := rand.Text()
	in := &dynamodb.TransactWriteItemsInput{TransactItems: operations, ClientRequestToken: &token, ReturnConsumedCapacity: m.capacity()}
	until := time.Now().Add(tokenLife)
	within, cancel := context.WithDeadline(ctx, until)
	defer cancel()
	lost := false
	row := m.newTries(op, table)
	for {
		row.begin()
		refused, state, err := m.commitOnce(within, op, table, in, until)
		if state == isDecided {
			return refused, nil
		}
		lost = lost || state == isDoubtful
		// A service that throttles says nothing of the try whose answer was lost: that one is asked for again.
		ends := row.usedUp() || isCut(within, err) || errors.Is(err, attempt.ErrLate) || state == isUnsent && !lost || state == isRejected && !(lost && isThrottled(err))
		if state == isDeferred && ends && !lost {
			err = row.exceeded(err)
		}
		if ends {
			err = row.ended(within, err)
		} else if waiting := row.wait(within, err); waiting != nil {
			ends, err = true, waiting
		}
		if ends && lost {
			err = &UnknownOutcomeError{Op: op, Table: table, Err: err}
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

func (m *Mapper) commitOnce(ctx context.Context, op, table string, in *dynamodb.TransactWriteItemsInput, until time.Time) (
	refused *types.TransactionCanceledException, state commitState, err error,
) {
	call := writeCall{tries: attempt.Counter{Until: until}}
	c := m.begin("TransactWriteItems", table)
	c.count(&call.tries)
	items := 0
	defer func() { c.end(ctx, items, err) }()
	out, err := m.client.TransactWriteItems(ctx, in, call.configure)
	if err == nil {
		items = len(in.TransactItems)
		for i := range out.ConsumedCapacity {
			c.consumed(false, &out.ConsumedCapacity[i])
		}
		return nil, isDecided, nil
	}
	state = commitStateOf(err, &call)
	if err = m.explainTries(ctx, op, table, err, &call.tries); state == isDecided {
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
