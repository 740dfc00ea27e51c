package service

import (
	"context"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/stream"
)

// describeStream answers DescribeStream.
func describeStream(
	s *Service, _ context.Context, in *protocol.DescribeStreamInput, out *protocol.Writer,
) error {
	if err := checkDescribeStream(in); err != nil {
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
	writeKeySchema(out, entry.keys)
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

// checkDescribeStream checks the members of the request.
func checkDescribeStream(in *protocol.DescribeStreamInput) error {
	c := constraints{}
	c.streamARN(in.StreamArn)
	c.within(in.ExclusiveStartShardId, "exclusiveStartShardId", minShardID, maxShardID)
	if filter := in.ShardFilter; filter != nil {
		c.enum(filter.Type, "shardFilter.type", childShards)
		c.within(filter.ShardId, "shardFilter.shardId", minShardID, maxShardID)
	}
	c.limit(in.Limit, listedStreams)
	return c.err()
}

func streamStatus(log *stream.Log) string {
	if log.Closed() {
		return "DISABLED"
	}
	return "ENABLED"
}

// childShards is the type of a filter for the shards that continue another shard.
const childShards = "CHILD_SHARDS"

// isListed reports whether a response lists the one shard of a stream. No shard follows it, and it
// has no children.
func isListed(in *protocol.DescribeStreamInput, log *stream.Log) bool {
	if start := in.ExclusiveStartShardId; start != nil && *start >= log.Shard() {
		return false
	}
	return in.ShardFilter == nil || text(in.ShardFilter.Type) != childShards
}

// writeShard writes the shard of a stream.
func (s *Service) writeShard(out *protocol.Writer, log *stream.Log) {
	oldest, next := log.Bounds(s.options.Now())
	out.Object()
	putString(out, "ShardId", log.Shard())
	out.Key("SequenceNumberRange")
	out.Object()
	putString(out, "StartingSequenceNumber", stream.FormatSequence(oldest))
	if log.Closed() {
		putString(out, "EndingSequenceNumber", stream.FormatSequence(max(oldest, next-1)))
	}
	out.End()
	out.End()
}
