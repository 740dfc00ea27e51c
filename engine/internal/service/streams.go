package service

import (
	"context"
	"encoding/base64"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/stream"
)

// listedStreams is how many streams ListStreams answers at most.
const listedStreams = 100

// listStreams answers ListStreams.
func listStreams(
	s *Service, _ context.Context, in *protocol.ListStreamsInput, out *protocol.Writer,
) error {
	broken := outsideValue("limit", in.Limit, 1, listedStreams)
	if in.TableName != nil {
		broken = append(broken, tableNameProblems(*in.TableName, "tableName")...)
	}
	if err := refuseConstraints(broken); err != nil {
		return err
	}
	limit := listedStreams
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	arns := s.streamARNs(in.TableName)
	if start := in.ExclusiveStartStreamArn; start != nil {
		arns = arns[sort.Search(len(arns), func(i int) bool { return arns[i] > *start }):]
	}
	more := len(arns) > limit
	arns = arns[:min(len(arns), limit)]
	out.Object()
	out.Key("Streams")
	out.Array()
	for _, arn := range arns {
		s.writeStreamSummary(out, arn)
	}
	out.End()
	if more {
		putString(out, "LastEvaluatedStreamArn", arns[len(arns)-1])
	}
	out.End()
	return nil
}

// streamARNs returns the ARNs of the streams that can be read, of one table or of all, in order.
func (s *Service) streamARNs(table *string) []string {
	s.catalog.mu.Lock()
	defer s.catalog.mu.Unlock()
	var arns []string
	for arn, entry := range s.catalog.streams {
		switch {
		case entry.log.Gone(s.options.Now()):
			delete(s.catalog.streams, arn)
		case table == nil || entry.table == tableName(*table):
			arns = append(arns, arn)
		}
	}
	sort.Strings(arns)
	return arns
}

func (s *Service) writeStreamSummary(out *protocol.Writer, arn string) {
	entry, err := s.stream(arn)
	if err != nil {
		return // it ended a day ago just now
	}
	out.Object()
	putString(out, "StreamArn", arn)
	putString(out, "TableName", entry.table)
	putString(out, "StreamLabel", entry.label)
	out.End()
}

// stream returns a stream by its ARN.
func (s *Service) stream(arn string) (*streamEntry, error) {
	s.catalog.mu.RLock()
	defer s.catalog.mu.RUnlock()
	entry := s.catalog.streams[arn]
	if entry == nil || entry.log.Gone(s.options.Now()) {
		return nil, &protocol.Error{
			Code:    "ResourceNotFoundException",
			Message: "Requested resource not found: Stream: " + arn + " not found",
		}
	}
	return entry, nil
}

// describeStream answers DescribeStream.
func describeStream(
	s *Service, _ context.Context, in *protocol.DescribeStreamInput, out *protocol.Writer,
) error {
	broken := missingMember(in.StreamArn == nil, "streamArn")
	broken = append(broken, outsideValue("limit", in.Limit, 1, listedStreams)...)
	if err := refuseConstraints(broken); err != nil {
		return err
	}
	entry, err := s.stream(*in.StreamArn)
	if err != nil {
		return err
	}
	out.Object()
	out.Key("StreamDescription")
	out.Object()
	putString(out, "StreamArn", *in.StreamArn)
	putString(out, "StreamLabel", entry.label)
	putString(out, "StreamStatus", streamStatus(entry.log))
	putString(out, "StreamViewType", entry.log.View())
	putTime(out, "CreationRequestDateTime", entry.log.Created())
	putString(out, "TableName", entry.table)
	s.writeStreamKeys(out, entry.table)
	out.Key("Shards")
	out.Array()
	if isListed(in, entry.log) {
		s.writeShard(out, entry.log)
	}
	out.End()
	out.End()
	out.End()
	return nil
}

func streamStatus(log *stream.Log) string {
	if log.Closed() {
		return "DISABLED"
	}
	return "ENABLED"
}

// writeStreamKeys writes the key schema of a stream's table, if the table is still there.
func (s *Service) writeStreamKeys(out *protocol.Writer, table string) {
	entry := s.find(table)
	if entry == nil {
		return
	}
	writeKeySchema(out, entry.description.keys)
}

// isListed reports whether a request asks for the one shard of a stream.
func isListed(in *protocol.DescribeStreamInput, log *stream.Log) bool {
	if start := in.ExclusiveStartShardId; start != nil && *start >= log.Shard() {
		return false
	}
	// A filter asks for the children of a shard, and this one has none.
	return in.ShardFilter == nil
}

func (s *Service) writeShard(out *protocol.Writer, log *stream.Log) {
	first, last := log.Range(s.options.Now())
	out.Object()
	putString(out, "ShardId", log.Shard())
	out.Key("SequenceNumberRange")
	out.Object()
	putString(out, "StartingSequenceNumber", stream.FormatSequence(first))
	if log.Closed() {
		putString(out, "EndingSequenceNumber", stream.FormatSequence(max(first, last)))
	}
	out.End()
	out.End()
}

// iteratorLife is how long an iterator can be used.
const iteratorLife = 15 * time.Minute

// iterator is a place in a stream: after a sequence.
type iterator struct {
	arn    string
	after  uint64
	issued time.Time
}

// String returns the iterator as a text for the client.
func (it iterator) String() string {
	plain := fmt.Sprintf("%s|%d|%d", it.arn, it.after, it.issued.UnixNano())
	return base64.StdEncoding.EncodeToString([]byte(plain))
}

// parseIterator returns the iterator of a text. It returns false if the text is none.
func parseIterator(text string) (iterator, bool) {
	plain, err := base64.StdEncoding.DecodeString(text)
	parts := strings.Split(string(plain), "|")
	if err != nil || len(parts) != 3 {
		return iterator{}, false
	}
	after, err := strconv.ParseUint(parts[1], 10, 64)
	issued, err2 := strconv.ParseInt(parts[2], 10, 64)
	if err != nil || err2 != nil {
		return iterator{}, false
	}
	return iterator{parts[0], after, time.Unix(0, issued)}, true
}

// getShardIterator answers GetShardIterator.
func getShardIterator(
	s *Service, _ context.Context, in *protocol.GetShardIteratorInput, out *protocol.Writer,
) error {
	if err := checkIteratorMembers(in); err != nil {
		return err
	}
	entry, err := s.stream(*in.StreamArn)
	if err != nil {
		return err
	}
	if *in.ShardId != entry.log.Shard() {
		return &protocol.Error{
			Code: "ResourceNotFoundException",
			Message: "Requested resource not found: Shard: " + *in.ShardId + " in Stream: " +
				*in.StreamArn + " not found",
		}
	}
	now := s.options.Now()
	after, err := iteratorPlace(in, entry.log, now)
	if err != nil {
		return err
	}
	out.Object()
	putString(out, "ShardIterator", iterator{*in.StreamArn, after, now}.String())
	out.End()
	return nil
}

const iteratorTypes = "TRIM_HORIZON, LATEST, AT_SEQUENCE_NUMBER, AFTER_SEQUENCE_NUMBER, AT_TIMESTAMP"

// checkIteratorMembers checks the members of the request against the service's model.
func checkIteratorMembers(in *protocol.GetShardIteratorInput) error {
	broken := missingMember(in.StreamArn == nil, "streamArn")
	broken = append(broken, missingMember(in.ShardId == nil, "shardId")...)
	broken = append(broken, missingMember(in.ShardIteratorType == nil, "shardIteratorType")...)
	if !isOneOf(in.ShardIteratorType, strings.Split(iteratorTypes, ", ")...) {
		broken = append(broken,
			notInEnum(*in.ShardIteratorType, "shardIteratorType", iteratorTypes))
	}
	if in.SequenceNumber != nil {
		what := "Value at 'sequenceNumber'"
		if n := len(*in.SequenceNumber); n < 21 {
			broken = append(broken, what+" failed to satisfy constraint: "+
				"Member must have length greater than or equal to 21")
		} else if n > 40 {
			broken = append(broken, what+" failed to satisfy constraint: "+
				"Member must have length less than or equal to 40")
		}
	}
	return refuseConstraints(broken)
}

// iteratorPlace returns the sequence after which the iterator stands.
func iteratorPlace(
	in *protocol.GetShardIteratorInput, log *stream.Log, now time.Time,
) (uint64, error) {
	first, last := log.Range(now)
	kind := *in.ShardIteratorType
	if strings.HasSuffix(kind, "_SEQUENCE_NUMBER") {
		return sequencePlace(in, first, last)
	}
	if in.SequenceNumber != nil {
		return 0, invalid("SequenceNumber should not be passed for this iterator type")
	}
	switch kind {
	case "TRIM_HORIZON":
		return first - 1, nil
	case "AT_TIMESTAMP":
		if in.Timestamp == nil {
			return 0, invalid("Timestamp cannot be null")
		}
		return log.Before(time.UnixMilli(int64(*in.Timestamp * 1000))), nil
	}
	return last, nil
}

// sequencePlace returns the place of an iterator at or after a sequence number.
func sequencePlace(in *protocol.GetShardIteratorInput, first, last uint64) (uint64, error) {
	if in.SequenceNumber == nil {
		return 0, invalid("SequenceNumber cannot be null")
	}
	n, ok := stream.ParseSequence(*in.SequenceNumber)
	switch {
	case !ok || n > max(first, last):
		return 0, protocol.Validation("Invalid SequenceNumber for the shard")
	case n < first:
		return 0, errTrimmed()
	case *in.ShardIteratorType == "AT_SEQUENCE_NUMBER":
		return n - 1, nil
	}
	return n, nil
}

// errTrimmed refuses to read what is older than a day.
func errTrimmed() error {
	return &protocol.Error{
		Code: "TrimmedDataAccessException",
		Message: "The operation attempted to read past the oldest stream record in a shard: " +
			"the data of the requested sequence number has been trimmed",
	}
}

const (
	maxRecords     = 1000
	maxRecordBytes = 1 << 20
)

// getRecords answers GetRecords.
func getRecords(
	s *Service, _ context.Context, in *protocol.GetRecordsInput, out *protocol.Writer,
) error {
	broken := missingMember(in.ShardIterator == nil, "shardIterator")
	broken = append(broken, outsideValue("limit", in.Limit, 1, maxRecords)...)
	if err := refuseConstraints(broken); err != nil {
		return err
	}
	it, ok := parseIterator(*in.ShardIterator)
	if !ok {
		return protocol.Validation("Invalid ShardIterator")
	}
	now := s.options.Now()
	if now.Sub(it.issued) >= iteratorLife {
		return &protocol.Error{
			Code:    "ExpiredIteratorException",
			Message: "Iterator expired: The iterator was created more than 15 minutes ago",
		}
	}
	entry, err := s.stream(it.arn)
	if err != nil {
		return err
	}
	limit := maxRecords
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	records, trimmed := entry.log.Read(it.after, limit, maxRecordBytes, now)
	if trimmed {
		return errTrimmed()
	}
	writeRecords(out, entry.log, records, it, now)
	return nil
}

// writeRecords writes the response of GetRecords. A shard that has been read to its end has no next
// iterator.
func writeRecords(
	out *protocol.Writer, log *stream.Log, records []stream.Record, it iterator, now time.Time,
) {
	out.Object()
	out.Key("Records")
	out.Array()
	for i := range records {
		writeRecord(out, &records[i], log.View())
		it.after = records[i].Sequence
	}
	out.End()
	_, last := log.Range(now)
	if !log.Closed() || it.after < last {
		it.issued = now
		putString(out, "NextShardIterator", it.String())
	}
	out.End()
}

func writeRecord(out *protocol.Writer, r *stream.Record, view string) {
	old, now := r.Images(view)
	out.Object()
	putString(out, "eventID", fmt.Sprintf("%032x", r.Sequence))
	putString(out, "eventName", r.Event())
	putString(out, "eventVersion", "1.1")
	putString(out, "eventSource", "aws:dynamodb")
	putString(out, "awsRegion", region)
	out.Key("dynamodb")
	out.Object()
	out.Key("ApproximateCreationDateTime")
	out.Float(float64(r.At.Unix()))
	out.Key("Keys")
	out.Item(r.Keys)
	if now != nil {
		out.Key("NewImage")
		out.Item(now)
	}
	if old != nil {
		out.Key("OldImage")
		out.Item(old)
	}
	putString(out, "SequenceNumber", stream.FormatSequence(r.Sequence))
	putInt(out, "SizeBytes", int64(r.Size(view)))
	putString(out, "StreamViewType", view)
	out.End()
	if r.Expired {
		out.Key("userIdentity")
		out.Object()
		putString(out, "PrincipalId", "dynamodb.amazonaws.com")
		putString(out, "Type", "Service")
		out.End()
	}
	out.End()
}
