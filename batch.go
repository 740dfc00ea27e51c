package dynamapper

import (
	"errors"
	"fmt"

	"github.com/dynamapper/dynamapper/internal/shown"
)

// batchRequests is the number of concurrent requests of one batch. Four hide most of the waiting
// for responses, and do not use up the SDK's connections or a table's capacity.
const batchRequests = 4

// errUnprocessed is the error of a request that the service processed only in part.
var errUnprocessed = errors.New(
	"the service left a part of the batch unprocessed; raise the capacity, or slow down")

// entryError says which entry of a batch an error concerns.
type entryError struct {
	op, table string
	noun      string // "item", "key"
	position  int    // in the caller's slice, from 0
	err       error
}

// Error names the operation and the table once, although the inner error may name them, too.
func (e *entryError) Error() string {
	return shown.Text(
		fmt.Sprintf("%s%s %d: %s", prefixOf(e.op, e.table), e.noun, e.position,
			textWithin(e.err, e.op, e.table)))
}

// Unwrap returns the inner error.
func (e *entryError) Unwrap() error { return e.err }

// joinReasons joins several reasons in one error.
func joinReasons(reasons []error) error {
	if len(reasons) == 1 {
		return reasons[0]
	}
	return joinedReasons(reasons)
}

// joinedReasons is an error with several reasons, none of which stands for the others.
type joinedReasons []error

func (r joinedReasons) Error() string {
	texts := make([]string, len(r))
	for i, reason := range r {
		texts[i] = textOf(reason)
	}
	return shown.Text(shown.Join(texts, "; "))
}

// Unwrap returns the reasons.
func (r joinedReasons) Unwrap() []error { return r }
