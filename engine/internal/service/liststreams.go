package service

import (
	"context"
	"slices"
	"sort"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// listedStreams is the greatest number of streams, or shards of a stream, in a response.
const listedStreams = 100

// listStreams answers ListStreams.
func listStreams(
	s *Service, _ context.Context, in *protocol.ListStreamsInput, out *protocol.Writer,
) error {
	if err := checkListStreams(in); err != nil {
		return err
	}
	arns, entries := s.listedStreams(in.TableName)
	if start := in.ExclusiveStartStreamArn; start != nil {
		arns = arns[sort.Search(len(arns), func(i int) bool { return arns[i] > *start }):]
	}
	limit := int(orElse(in.Limit, listedStreams))
	more := len(arns) > limit
	arns = arns[:min(len(arns), limit)]
	out.Object()
	out.Key("Streams")
	out.Array()
	for _, arn := range arns {
		out.Object()
		putString(out, "StreamArn", arn)
		putString(out, "TableName", entries[arn].table)
		putString(out, "StreamLabel", entries[arn].label)
		out.End()
	}
	out.End()
	if more {
		putString(out, "LastEvaluatedStreamArn", arns[len(arns)-1])
	}
	out.End()
	return nil
}

// checkListStreams checks the members of the request.
func checkListStreams(in *protocol.ListStreamsInput) error {
	c := constraints{}
	c.within(in.ExclusiveStartStreamArn, "exclusiveStartStreamArn", minStreamARN, maxStreamARN)
	if in.TableName != nil {
		c = append(c, tableNameProblems(*in.TableName, "tableName")...)
	}
	c.limit(in.Limit, listedStreams)
	if err := c.err(); err != nil || in.ExclusiveStartStreamArn == nil {
		return err
	}
	return checkStreamARN(*in.ExclusiveStartStreamArn)
}

// listedStreams returns the ARNs of the streams that can be read, of one table or of all, in order,
// and the streams by ARN.
func (s *Service) listedStreams(table *string) ([]string, map[string]*streamEntry) {
	s.catalog.mu.Lock()
	defer s.catalog.mu.Unlock()
	s.catalog.dropGoneStreams(s.options.Now())
	var arns []string
	entries := map[string]*streamEntry{}
	for arn, entry := range s.catalog.streams {
		if table == nil || entry.table == tableName(*table) {
			arns = append(arns, arn)
			entries[arn] = entry
		}
	}
	slices.Sort(arns)
	return arns, entries
}
