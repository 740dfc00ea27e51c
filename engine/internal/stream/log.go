// Package stream holds the records of DynamoDB Streams: the changes to a table during the last 24
// hours.
package stream

import (
	"fmt"
	"hash/fnv"
	"sort"
	"sync"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// Life is the time for which a record can be read: 24 hours, by the service's documentation,
// "Change data capture for DynamoDB Streams".
const Life = 24 * time.Hour

// Log is a stream: the changes of one table in order. All of them are in one shard, which is closed
// when the stream ends. A Log has its own lock and is safe for concurrent use.
//
// A place in a stream is the sequence number of the next record.
type Log struct {
	arn, view string
	created   time.Time
	id        uint64 // distinguishes the stream's events from those of other streams

	mu      sync.Mutex
	records []Record // the records that can be read, the oldest first
	next    uint64   // the sequence number of the next record
	closed  time.Time
}

// New returns a stream without records. view is its StreamViewType. The sequence numbers of its
// records start with the time, so that they are higher than those of an earlier stream of the
// table.
func New(arn, view string, at time.Time) *Log {
	id := fnv.New64a()
	id.Write([]byte(arn)) // never fails
	return &Log{
		arn: arn, view: view, created: at, id: id.Sum64(),
		next: uint64(max(at.UnixMicro(), 0)) + 1,
	}
}

// ARN returns the stream's ARN.
func (l *Log) ARN() string { return l.arn }

// View returns the stream's StreamViewType.
func (l *Log) View() string { return l.view }

// Created returns when the stream was switched on.
func (l *Log) Created() time.Time { return l.created }

// Shard returns the id of the stream's shard.
func (l *Log) Shard() string {
	return fmt.Sprintf("shardId-%020d-%08x", max(l.created.UnixMilli(), 0), uint32(l.id))
}

// EventID returns the id of a record's event, which is unique among the records of all streams.
func (l *Log) EventID(r *Record) string { return fmt.Sprintf("%016x%016x", l.id, r.Sequence) }

// Append adds the record of a change. A change that leaves the item as it was has no record.
func (l *Log) Append(c Change) {
	if c.Old != nil && c.New != nil && value.Equal(c.Old, c.New) {
		return
	}
	r := c.record(l.view)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trim(c.At)
	r.Sequence = l.next
	l.next++
	l.records = append(l.records, r)
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

// Gone reports whether the stream ended so long ago that none of its records can be read.
func (l *Log) Gone(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.closed.IsZero() && now.Sub(l.closed) >= Life
}

// Bounds returns the places of the oldest record that can be read and of the next record. They are
// equal if there is nothing to read.
func (l *Log) Bounds(now time.Time) (oldest, next uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trim(now)
	return l.oldest(), l.next
}

// Since returns the place of the first record that is not older than a time.
func (l *Log) Since(at, now time.Time) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trim(now)
	n := sort.Search(len(l.records), func(i int) bool { return !l.records[i].At.Before(at) })
	return l.oldest() + uint64(n)
}

// Read returns the records from a place on: at most limit records, and at most the given number of
// bytes unless the first record alone has more. It returns false if the record at the place is too
// old to be read.
func (l *Log) Read(place uint64, limit, bytes int, now time.Time) ([]Record, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trim(now)
	oldest := l.oldest()
	switch {
	case place < oldest:
		return nil, false
	case place >= l.next:
		return nil, true
	}
	rest := l.records[place-oldest:]
	n := 0
	for n < min(limit, len(rest)) {
		if bytes -= rest[n].Size; bytes < 0 && n > 0 {
			break
		}
		n++
	}
	return append([]Record(nil), rest[:n]...), true
}

// oldest returns the place of the oldest record. The caller holds the lock.
func (l *Log) oldest() uint64 { return l.next - uint64(len(l.records)) }

// trim removes the records that are too old to be read. The caller holds the lock.
func (l *Log) trim(now time.Time) {
	n := 0
	for n < len(l.records) && now.Sub(l.records[n].At) >= Life {
		n++
	}
	clear(l.records[:n]) // the images become garbage before the next append allocates a new array
	l.records = l.records[n:]
}
