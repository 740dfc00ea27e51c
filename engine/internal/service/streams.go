package service

import (
	"strings"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// The limits on members of the operations on streams.
const (
	minStreamARN      = 37
	maxStreamARN      = 1024
	minShardID        = 28
	maxShardID        = 65
	minSequenceNumber = 21
	maxSequenceNumber = 40
	maxIterator       = 2048
)

// stream returns a stream by its ARN. It first removes the items whose time to live has passed, so
// that the stream has their records.
func (s *Service) stream(arn string) (*streamEntry, error) {
	if err := checkStreamARN(arn); err != nil {
		return nil, err
	}
	s.catalog.mu.RLock()
	entry := s.catalog.streams[arn]
	s.catalog.mu.RUnlock()
	if entry == nil || entry.log.Gone(s.options.Now()) {
		return nil, noStreamResource("Stream: " + arn + " not found")
	}
	if t := s.find(entry.table); t != nil {
		_, done := s.view(t, true)
		done()
	}
	return entry, nil
}

// checkStreamARN refuses an ARN that is not one of a stream of DynamoDB.
func checkStreamARN(arn string) error {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" || parts[2] != "dynamodb" {
		return protocol.Validation("Invalid StreamArn")
	}
	path := strings.Split(parts[5], "/")
	if len(path) != 4 || path[0] != "table" || path[2] != "stream" {
		return protocol.Validation("Invalid StreamArn")
	}
	return nil
}

// noStreamResource returns the error of an operation on a stream or shard that does not exist.
func noStreamResource(which string) error {
	return &protocol.Error{
		Code: "ResourceNotFoundException", Message: "Requested resource not found: " + which,
	}
}

// errTrimmed returns the error of a read of records that are older than a day.
func errTrimmed() error {
	return &protocol.Error{
		Code:    "TrimmedDataAccessException",
		Message: "The data you are trying to access has been trimmed.",
	}
}

// dropGoneStreams removes the streams whose records can no longer be read. The caller holds the
// catalog's lock.
func (c *catalog) dropGoneStreams(now time.Time) {
	for arn, entry := range c.streams {
		if entry.log.Gone(now) {
			delete(c.streams, arn)
		}
	}
}

// within checks the length of a member if the request has it.
func (c *constraints) within(s *string, path string, least, most int) {
	if s == nil {
		return
	}
	c.shorter(quoted(*s), len(*s), path, least)
	c.longer(quoted(*s), len(*s), path, most)
}

// streamARN checks a StreamArn, which is required.
func (c *constraints) streamARN(arn *string) {
	c.missing(arn == nil, "streamArn")
	c.within(arn, "streamArn", minStreamARN, maxStreamARN)
}

// limit checks the Limit of a response if the request has one.
func (c *constraints) limit(n *int64, most int64) {
	*c = append(*c, outsideValue("limit", n, 1, most)...)
}
