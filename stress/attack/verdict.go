package attack

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// told is the meaning of a call's error.
type told int

const (
	done    told = iota // it was applied
	failed              // nothing was applied
	refused             // nothing was applied, because of the stored item
	unknown             // it may or may not have been applied
)

func (t told) String() string { return [...]string{"done", "failed", "refused", "unknown"}[t] }

// hear returns the meaning of an error.
func hear(err error) told {
	var used *types.ResourceInUseException
	var gone *types.ResourceNotFoundException
	switch {
	case err == nil:
		return done
	case errors.Is(err, dynamapper.ErrUnknownOutcome):
		return unknown
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled),
		errors.Is(err, dynamapper.ErrMaxRetriesExceeded): // it contains the last refusal
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

// lie is a disagreement between a call and the table.
type lie string

const (
	honest        lie = ""
	panicked      lie = "the call panicked"
	toldApplied   lie = "reported as applied, but it was not"
	toldRefused   lie = "reported as refused or failed, but it was applied"
	appliedTwice  lie = "applied twice"
	halfWritten   lie = "a half-written wallet was stored"
	needlessDoubt lie = "reported as unknown, though no response was lost"
	falseReason   lie = "reported as refused, though nobody else wrote"
	shouldSucceed lie = "failed, though the fault is harmless"
	wrongItem     lie = "the item in hand is not the stored one"
	editedInHand  lie = "the call failed but changed the item in hand"
	staleInHand   lie = "the next save of the item in hand was refused"
	neverWas      lie = "read values that were never stored"
)
