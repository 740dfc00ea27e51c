package dynamapper

import (
	"errors"
	"fmt"
)

// batchRequests is how many requests of one batch are under way at once: enough to hide most of the waiting for
// answers, and so few that a batch neither takes all of the SDK's connections nor runs a table's capacity dry at once.
const batchRequests = 4

// newUnprocessedError says that the service would not take all of a request.
var errUnprocessed = errors.New("the service left a part of the batch unprocessed; raise the capacity, or slow down")

// entryError says which entry of a batch an error is about.
type entryError struct {
	op, table string
	noun      string // "item", "key"
	position  int    // in what the caller gave, from 0
	err       error
}

// Error names operation and table once, although the error inside may name them too.
func (e *entryError) Error() string {
	return told(fmt.Sprintf("%s%s %d: %s", prefixOf(e.op, e.table), e.noun, e.position, textWithin(e.err, e.op, e.table)))
}

// Unwrap gives what is wrong with the entry.
func (e *entryError) Unwrap() error { return e.err }

// joinReasons makes one error of several.
func joinReasons(reasons []error) error {
	if len(reasons) == 1 {
		return reasons[0]
	}
	return joinedReasons(reasons)
}

// joinedReasons is several reasons, none of which stands for the others.
type joinedReasons []error

func (r joinedReasons) Error() string {
	texts := make([]string, len(r))
	for i, reason := range r {
		texts[i] = textOf(reason)
	}
	return told(joinSome(texts, "; "))
}

// Unwrap returns the reasons.
func (r joinedReasons) Unwrap() []error { return r }
