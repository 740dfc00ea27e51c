package attack

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// told is what the error of a call says.
type told int

const (
	done    told = iota // it was applied
	failed              // nothing was applied
	refused             // nothing was applied, because of what is stored
	unknown             // it was applied, or not
)

func (t told) String() string { return [...]string{"done", "failed", "refused", "unknown"}[t] }

// hear returns what an error says.
func hear(err error) told {
	var used *types.ResourceInUseException
	var gone *types.ResourceNotFoundException
	switch {
	case err == nil:
		return done
	case errors.Is(err, dynamapper.ErrUnknownOutcome):
		return unknown
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled),
		errors.Is(err, dynamapper.ErrMaxRetriesExceeded): // the last refusal is inside
		return failed
	case errors.As(err, &used), errors.As(err, &gone):
		return refused
	}
	for _, refusal := range []error{
		dynamapper.ErrConflict, dynamapper.ErrOverwrite, dynamapper.ErrNotFound,
		dynamapper.ErrConditionFailed,
	} {
		if errors.Is(err, refusal) {
			return refused
		}
	}
	return failed
}

// lie is a way in which a call and the table disagree.
type lie string

const (
	honest        lie = ""
	panicked      lie = "the call panicked"
	toldApplied   lie = "told applied, and it was not"
	toldRefused   lie = "told refused or failed, and it was applied"
	appliedTwice  lie = "applied twice"
	halfWritten   lie = "a half-written wallet was stored"
	needlessDoubt lie = "told unknown, though no answer was lost"
	falseReason   lie = "told refused, though nobody else wrote"
	shouldSucceed lie = "failed, though the fault is harmless"
	wrongItem     lie = "the item in hand is not the stored one"
	editedInHand  lie = "the call failed and has changed the item in hand"
	staleInHand   lie = "the next save of the item in hand was refused"
	neverWas      lie = "read what never was stored"
)
