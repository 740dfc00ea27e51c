package service

import (
	"context"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/stream"
)

// The limits of a response of GetRecords.
const (
	maxRecords     = 1000
	maxRecordBytes = 1 << 20
)

// getRecords answers GetRecords.
func getRecords(
	s *Service, _ context.Context, in *protocol.GetRecordsInput, out *protocol.Writer,
) error {
	if err := checkGetRecords(in); err != nil {
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
			Message: "The provided iterator exceeds the maximum age allowed.",
		}
	}
	entry, err := s.stream(it.arn)
	if err != nil {
		return err
	}
	// A stream that is already closed gets no records after these.
	closed := entry.log.Closed()
	limit := int(orElse(in.Limit, maxRecords))
	records, ok := entry.log.Read(it.place, limit, maxRecordBytes, now)
	if !ok {
		return errTrimmed()
	}
	out.Object()
	out.Key("Records")
	out.Array()
	for i := range records {
		s.writeRecord(out, entry.log, &records[i])
		it.place = records[i].Sequence + 1
	}
	out.End()
	if _, next := entry.log.Bounds(now); !closed || it.place < next {
		it.issued = now
		putString(out, "NextShardIterator", it.String())
	}
	out.End()
	return nil
}

// checkGetRecords checks the members of the request.
func checkGetRecords(in *protocol.GetRecordsInput) error {
	c := constraints{}
	c.missing(in.ShardIterator == nil, "shardIterator")
	c.within(in.ShardIterator, "shardIterator", 1, maxIterator)
	c.limit(in.Limit, maxRecords)
	return c.err()
}

// writeRecord writes a record of a stream.
func (s *Service) writeRecord(out *protocol.Writer, log *stream.Log, r *stream.Record) {
	out.Object()
	putString(out, "eventID", log.EventID(r))
	putString(out, "eventName", r.Event)
	putString(out, "eventVersion", "1.1")
	putString(out, "eventSource", "aws:dynamodb")
	putString(out, "awsRegion", region)
	out.Key("dynamodb")
	out.Object()
	out.Key("ApproximateCreationDateTime")
	out.Float(float64(r.At.Unix()))
	out.Key("Keys")
	s.writeItem(out, r.Keys)
	if r.New != nil {
		out.Key("NewImage")
		s.writeItem(out, r.New)
	}
	if r.Old != nil {
		out.Key("OldImage")
		s.writeItem(out, r.Old)
	}
	putString(out, "SequenceNumber", stream.FormatSequence(r.Sequence))
	putInt(out, "SizeBytes", int64(r.Size))
	putString(out, "StreamViewType", log.View())
	out.End()
	if r.Expired {
		writeExpirer(out)
	}
	out.End()
}

// writeExpirer writes the identity of the service as the deleter of an expired item.
func writeExpirer(out *protocol.Writer) {
	out.Key("userIdentity")
	out.Object()
	putString(out, "PrincipalId", "dynamodb.amazonaws.com")
	putString(out, "Type", "Service")
	out.End()
}
