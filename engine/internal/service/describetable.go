package service

import (
	"context"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// describeTable answers DescribeTable.
func describeTable(
	s *Service, _ context.Context, in *protocol.DescribeTableInput, out *protocol.Writer,
) error {
	entry, err := s.named(in.TableName)
	if err != nil {
		return err
	}
	entry.mu.Lock()
	defer entry.mu.Unlock()
	entry.expire(s.options.Now())
	out.Object()
	out.Key("Table")
	entry.write(out, describesTable)
	out.End()
	return nil
}

// named returns the table that an operation on tables names.
func (s *Service) named(nameOrARN *string) (*tableEntry, error) {
	name, err := checkedName(nameOrARN)
	if err != nil {
		return nil, err
	}
	if entry := s.find(name); entry != nil {
		return entry, nil
	}
	return nil, tableNotFound(name)
}
