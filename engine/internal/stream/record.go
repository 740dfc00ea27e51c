package stream

import (
	"fmt"
	"strconv"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// Change is a write that may have changed an item. Old is nil for a new item, New for a deleted
// one.
type Change struct {
	At             time.Time
	Keys, Old, New value.Map
	Expired        bool // the service deleted the item because its time to live had passed
}

// Record is a change in the form of a stream. Old and New are nil if the stream's view omits them.
type Record struct {
	Change
	Event    string // INSERT, MODIFY or REMOVE
	Sequence uint64
	Size     int // in bytes, of the keys and the images
}

// record returns the record of a change in a stream with the given view, without its sequence
// number.
func (c Change) record(view string) Record {
	r := Record{Change: c, Event: c.event()}
	if view != "OLD_IMAGE" && view != "NEW_AND_OLD_IMAGES" {
		r.Old = nil
	}
	if view != "NEW_IMAGE" && view != "NEW_AND_OLD_IMAGES" {
		r.New = nil
	}
	r.Size = value.ItemSize(r.Keys) + value.ItemSize(r.Old) + value.ItemSize(r.New)
	return r
}

func (c *Change) event() string {
	switch {
	case c.Old == nil:
		return "INSERT"
	case c.New == nil:
		return "REMOVE"
	}
	return "MODIFY"
}

// FormatSequence returns a sequence number as the service writes it, in 21 digits.
func FormatSequence(sequence uint64) string { return fmt.Sprintf("1%020d", sequence) }

// ParseSequence parses a sequence number that FormatSequence has written. It returns false for any
// other text.
func ParseSequence(text string) (uint64, bool) {
	if len(text) != 21 || text[0] != '1' || text[1] < '0' || text[1] > '9' {
		return 0, false
	}
	n, err := strconv.ParseUint(text[1:], 10, 64)
	return n, err == nil
}
