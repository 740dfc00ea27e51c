package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Limits of the wait for a table. A local engine creates a table at once; the service takes
// seconds, and for indexes minutes.
const (
	longestTableWait = 10 * time.Minute
	firstTablePoll   = 50 * time.Millisecond
	longestTablePoll = 5 * time.Second
)

// waitActive waits until the table and the indexes of the model can be used.
func (t *table) waitActive(ctx context.Context, op string) (*types.TableDescription, error) {
	var last error
	state := "it is not ACTIVE"
	waiter := dynamodb.NewTableExistsWaiter(tableDescriber{t.mapper, op},
		func(o *dynamodb.TableExistsWaiterOptions) {
			o.MinDelay, o.MaxDelay = firstTablePoll, longestTablePoll
			isComing := o.Retryable
			o.Retryable = func(ctx context.Context, in *dynamodb.DescribeTableInput, out *dynamodb.DescribeTableOutput, err error) (bool, error) {
				last = err
				again, err := isComing(ctx, in, out, err)
				if err != nil || out == nil || out.Table == nil {
					return again, err
				}
				if err := t.checkComing(op, out.Table.TableStatus); err != nil {
					return false, err
				}
				state = t.schema.describeComing(out.Table)
				return again || t.schema.awaitsIndex(out.Table), nil
			}
		})
	output, err := waiter.WaitForOutput(ctx, &dynamodb.DescribeTableInput{TableName: &t.name},
		longestTableWait)
	if err != nil {
		return nil, t.newWaitError(ctx, op, state, waitReason(ctx, err, last))
	}
	return output.Table, nil
}

// waitReason returns why a wait ended. If the context ended, that is the error of the last
// DescribeTable, which the SDK's waiter drops.
func waitReason(ctx context.Context, err, last error) error {
	if ctx.Err() != nil && last != nil {
		return last
	}
	return err
}

// describeComing describes the state of a table or of one of its indexes.
func (s *schema) describeComing(table *types.TableDescription) string {
	for _, live := range liveIndexes(table) {
		if table.TableStatus == types.TableStatusActive && live.status != types.IndexStatusActive &&
			live.status != "" {
			return fmt.Sprintf("its index %q is %s", live.name, live.status)
		}
	}
	return fmt.Sprintf("it is %s", table.TableStatus)
}

// checkComing refuses the states that a table does not leave by itself.
func (t *table) checkComing(op string, status types.TableStatus) error {
	switch status {
	case types.TableStatusInaccessibleEncryptionCredentials, types.TableStatusArchiving,
		types.TableStatusArchived:
		return &requestError{op: op, table: t.name,
			problem: fmt.Sprintf(
				"the table is %s and cannot be used; give it access to its KMS key again, or "+
					"restore it", status)}
	}
	return nil
}

func (t *table) waitGone(ctx context.Context, op string) error {
	waiter := dynamodb.NewTableNotExistsWaiter(tableDescriber{t.mapper, op},
		func(o *dynamodb.TableNotExistsWaiterOptions) {
			o.MinDelay, o.MaxDelay = firstTablePoll, longestTablePoll
		})
	err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &t.name}, longestTableWait)
	if err != nil {
		return t.newWaitError(ctx, op, "it is not gone", err)
	}
	return nil
}

// newWaitError returns why the wait for a table ended: the context ended, the time was up, or a
// request failed.
func (t *table) newWaitError(ctx context.Context, op, state string, err error) error {
	var request *requestError
	switch {
	case ctx.Err() != nil:
		ended := ctx.Err()
		if !errors.Is(err, ended) {
			ended = fmt.Errorf("%w, after %w", ended, err)
		}
		return &requestError{op: op, table: t.name,
			problem: "the context ended while the table was waited for, and " + state, err: ended}
	case errors.As(err, &request) && !isInUse(err) && !errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return &requestError{op: op, table: t.name, err: err,
		problem: fmt.Sprintf(
			"the table was waited for %s, and %s; look at it in the console, and try again",
			longestTableWait, state)}
}
