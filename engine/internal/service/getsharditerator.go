package service

import (
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/stream"
)

// iteratorLife is the time for which an iterator is valid.
const iteratorLife = 15 * time.Minute

// iterator is a position in a stream.
type iterator struct {
	arn    string
	place  uint64
	issued time.Time
}

// String returns the iterator as a text for the client.
func (it iterator) String() string {
	plain := fmt.Sprintf("%s|%d|%d", it.arn, it.place, it.issued.UnixNano())
	return base64.StdEncoding.EncodeToString([]byte(plain))
}

// parseIterator parses the text of an iterator. It returns false if the text is not an iterator.
func parseIterator(text string) (iterator, bool) {
	plain, err := base64.StdEncoding.DecodeString(text)
	parts := strings.Split(string(plain), "|")
	if err != nil || len(parts) != 3 {
		return iterator{}, false
	}
	place, err := strconv.ParseUint(parts[1], 10, 64)
	if err != nil {
		return iterator{}, false
	}
	issued, err := strconv.ParseInt(parts[2], 10, 64)
	return iterator{parts[0], place, time.Unix(0, issued)}, err == nil
}

// The types of iterators.
const (
	atOldest    = "TRIM_HORIZON"
	atEnd       = "LATEST"
	atRecord    = "AT_SEQUENCE_NUMBER"
	afterRecord = "AFTER_SEQUENCE_NUMBER"
	atTime      = "AT_TIMESTAMP"
)

// getShardIterator answers GetShardIterator.
func getShardIterator(
	s *Service, _ context.Context, in *protocol.GetShardIteratorInput, out *protocol.Writer,
) error {
	if err := checkGetShardIterator(in); err != nil {
		return err
	}
	entry, err := s.stream(*in.StreamArn)
	if err != nil {
		return err
	}
	if *in.ShardId != entry.log.Shard() {
		return noStreamResource("Shard does not exist")
	}
	now := s.options.Now()
	place, err := iteratorPlace(in, entry.log, now)
	if err != nil {
		return err
	}
	out.Object()
	putString(out, "ShardIterator", iterator{*in.StreamArn, place, now}.String())
	out.End()
	return nil
}

// checkGetShardIterator checks the members of the request.
func checkGetShardIterator(in *protocol.GetShardIteratorInput) error {
	c := constraints{}
	c.streamARN(in.StreamArn)
	c.missing(in.ShardId == nil, "shardId")
	c.within(in.ShardId, "shardId", minShardID, maxShardID)
	c.missing(in.ShardIteratorType == nil, "shardIteratorType")
	c.enum(in.ShardIteratorType, "shardIteratorType",
		atOldest, atEnd, atRecord, afterRecord, atTime)
	c.sequenceNumber(in.SequenceNumber)
	return c.err()
}

// sequenceNumber checks the length of a SequenceNumber if there is one. The service's error does
// not repeat the value.
func (c *constraints) sequenceNumber(number *string) {
	const lengthOf = "Value at 'sequenceNumber' failed to satisfy constraint: " +
		"Member must have length "
	switch n := len(text(number)); {
	case number == nil:
	case n < minSequenceNumber:
		*c = append(*c, lengthOf+"greater than or equal to "+strconv.Itoa(minSequenceNumber))
	case n > maxSequenceNumber:
		*c = append(*c, lengthOf+"less than or equal to "+strconv.Itoa(maxSequenceNumber))
	}
}

// iteratorPlace returns the position of the iterator that a request asks for.
func iteratorPlace(
	in *protocol.GetShardIteratorInput, log *stream.Log, now time.Time,
) (uint64, error) {
	kind := *in.ShardIteratorType
	numbered := kind == atRecord || kind == afterRecord
	switch {
	case numbered && in.SequenceNumber == nil:
		return 0, invalid("SequenceNumber cannot be null")
	case !numbered && in.SequenceNumber != nil:
		return 0, invalid("SequenceNumber should not be passed for this iterator type")
	case kind == atTime && in.Timestamp == nil:
		return 0, invalid("Timestamp cannot be null")
	case kind != atTime && in.Timestamp != nil:
		return 0, invalid("Timestamp should not be passed for this iterator type")
	}
	oldest, next := log.Bounds(now)
	switch kind {
	case atOldest:
		return oldest, nil
	case atEnd:
		return next, nil
	case atTime:
		return timePlace(*in.Timestamp, log, now)
	}
	n, ok := stream.ParseSequence(*in.SequenceNumber)
	switch {
	case !ok || n > max(oldest, next-1):
		return 0, protocol.Validation("Invalid SequenceNumber for the shard")
	case n < oldest:
		return 0, errTrimmed()
	case kind == afterRecord && n < next:
		return n + 1, nil
	}
	return n, nil
}

// timePlace returns the position of the first record since a time, in seconds.
func timePlace(seconds float64, log *stream.Log, now time.Time) (uint64, error) {
	millis := math.Round(seconds * 1000)
	if millis > float64(now.UnixMilli()) {
		return 0, invalid("Timestamp cannot be in the future")
	}
	return log.Since(time.UnixMilli(int64(max(millis, 0))), now), nil
}
