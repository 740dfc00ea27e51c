// Package stream holds the records of DynamoDB Streams.
package stream

import (
	"fmt"
	"math/big"
	"sort"
	"sync"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// Life is how long a record can be read: the service's documentation, "Change data capture for
// DynamoDB Streams", says 24 hours.
const Life = 24 * time.Hour

// Change is a write that changed an item. Old is nil for a new item, New for one that is gone.
type Change struct {
	At             time.Time
	Keys, Old, New value.Map
	Expired        bool // the service deleted the item because its time to live was over
}

// Record is a change in a stream.
type Record struct {
	Change
	Sequence uint64 // counts from 1
}

// Log is a stream: the changes of one table in the order in which they happened. All of them are in
// one shard. It is safe for concurrent use.
type Log struct {
	arn, view string
	created   time.Time

	mu      sync.Mutex
	records []Record
	last    uint64    // the sequence of the last record
	closed  time.Time // zero: still open
}

// New returns a stream without records. View is its StreamViewType.
func New(arn, view string, at time.Time) *Log { return &Log{arn: arn, view: view, created: at} }

// ARN returns the stream's ARN.
func (l *Log) ARN() string { return l.arn }

// View returns the stream's StreamViewType.
func (l *Log) View() string { return l.view }

// Created returns when the stream was switched on.
func (l *Log) Created() time.Time { return l.created }

// Shard returns the id of the stream's shard.
func (l *Log) Shard() string {
	return fmt.Sprintf("shardId-%020d-%08x", l.created.UnixMilli(), uint32(l.created.UnixNano()))
}

// Append adds a change.
func (l *Log) Append(c Change) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trim(c.At)
	l.last++
	l.records = append(l.records, Record{c, l.last})
}

// Close ends the stream. Its records can still be read.
func (l *Log) Close(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = at
}

// Closed reports whether the stream has ended.
func (l *Log) Closed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.closed.IsZero()
}

// Gone reports whether the stream has ended so long ago that nothing of it can be read.
func (l *Log) Gone(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.closed.IsZero() && now.Sub(l.closed) >= Life
}

// trim forgets the records that are too old. The caller holds the lock.
func (l *Log) trim(now time.Time) {
	n := sort.Search(len(l.records), func(i int) bool { return now.Sub(l.records[i].At) < Life })
	if n > 0 {
		l.records = append([]Record(nil), l.records[n:]...)
	}
}

// Range returns the sequences of the first record that can be read, or of the next one where there
// is none, and of the last one.
func (l *Log) Range(now time.Time) (first, last uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trim(now)
	if len(l.records) == 0 {
		return l.last + 1, l.last
	}
	return l.records[0].Sequence, l.last
}

// Read returns records after a sequence: at most a number of them, and of bytes. Trimmed reports
// whether records after the sequence are gone already.
func (l *Log) Read(after uint64, limit, bytes int, now time.Time) (records []Record, trimmed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trim(now)
	first := l.last + 1
	if len(l.records) > 0 {
		first = l.records[0].Sequence
	}
	if after+1 < first {
		return nil, true
	}
	for _, r := range l.records[min(int(after+1-first), len(l.records)):] {
		bytes -= r.Size(l.view)
		if len(records) == limit || bytes < 0 && len(records) > 0 {
			break
		}
		records = append(records, r)
	}
	return records, false
}

// Before returns the sequence before the first record that is not older than a time.
func (l *Log) Before(at time.Time) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.records {
		if !r.At.Before(at) {
			return r.Sequence - 1
		}
	}
	return l.last
}

// Event returns "INSERT", "MODIFY" or "REMOVE".
func (c *Change) Event() string {
	switch {
	case c.Old == nil:
		return "INSERT"
	case c.New == nil:
		return "REMOVE"
	}
	return "MODIFY"
}

// Images returns the item before and after the change, as far as a view shows them.
func (c *Change) Images(view string) (old, now value.Map) {
	switch view {
	case "OLD_IMAGE":
		return c.Old, nil
	case "NEW_IMAGE":
		return nil, c.New
	case "NEW_AND_OLD_IMAGES":
		return c.Old, c.New
	}
	return nil, nil
}

// Size returns the bytes of what a view shows of the change.
func (c *Change) Size(view string) int {
	old, now := c.Images(view)
	return value.ItemSize(c.Keys) + value.ItemSize(old) + value.ItemSize(now)
}

// base makes texts of 21 digits of sequences, as the service's are.
var base, _ = new(big.Int).SetString("100000000000000000000", 10)

// FormatSequence returns a sequence as the service writes it.
func FormatSequence(sequence uint64) string {
	n := new(big.Int).SetUint64(sequence)
	return n.Add(n, base).String()
}

// ParseSequence returns the sequence of a text. It returns false if no record can have it.
func ParseSequence(text string) (uint64, bool) {
	n, ok := new(big.Int).SetString(text, 10)
	if !ok || n.Cmp(base) <= 0 {
		return 0, false
	}
	n.Sub(n, base)
	return n.Uint64(), n.IsUint64()
}
