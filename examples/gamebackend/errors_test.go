package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

func TestRefusalOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		said *refusal
	}{
		{&dynamapper.ConflictError{}, saidConflict},
		{&dynamapper.OverwriteError{}, saidConflict},
		{&dynamapper.ConditionError{}, saidStale},
		{&dynamapper.TransactionError{Reasons: []error{nil, dynamapper.ErrNotFound}}, saidNotFound},
		{dynamapper.ErrNotFound, saidNotFound},
		{dynamapper.ErrInvalidCursor, saidCursor},
		{&dynamapper.UnknownOutcomeError{Err: context.DeadlineExceeded}, saidUnknown},
		{&dynamapper.MaxRetriesExceededError{Err: &dynamapper.ConflictError{}}, saidUnavailable},
		{context.DeadlineExceeded, saidUnavailable},
		{&url.Error{Op: "Post", Err: errors.New("no connection")}, saidUnavailable},
		{fmt.Errorf("no capacity: %w", &types.ProvisionedThroughputExceededException{}),
			saidUnavailable},
		{&types.ResourceNotFoundException{}, saidInternal},
		{&dynamapper.FieldError{Err: errors.New("a number is none")}, saidInternal},
		{errTooFewCoins, errTooFewCoins},
		{fmt.Errorf("%w; it could not be checked: %w", errTooFewCoins, context.DeadlineExceeded),
			saidUnavailable},
		{&http.MaxBytesError{}, saidTooLarge},
	} {
		require.Same(t, c.said, refusalOf(c.err), "%v", c.err)
	}
}
