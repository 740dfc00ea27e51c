package service

import (
	"context"
	"slices"
	"strconv"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// maxListed is the greatest number of tables in a response of ListTables.
const maxListed = 100

// listTables answers ListTables.
func listTables(
	s *Service, _ context.Context, in *protocol.ListTablesInput, out *protocol.Writer,
) error {
	if err := listConstraints(in).err(); err != nil {
		return err
	}
	limit := int(orElse(in.Limit, maxListed))
	names, more := s.tableNames(text(in.ExclusiveStartTableName), limit)
	out.Object()
	if more {
		putString(out, "LastEvaluatedTableName", names[len(names)-1])
	}
	out.Key("TableNames")
	out.Array()
	for _, name := range names {
		out.String(name)
	}
	out.End()
	out.End()
	return nil
}

func listConstraints(in *protocol.ListTablesInput) constraints {
	c := constraints{}
	if name := in.ExclusiveStartTableName; name != nil {
		const path = "exclusiveStartTableName"
		if !isNameText(*name) {
			c.add(quoted(*name), path, "satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
		}
		c.shorter(quoted(*name), len(*name), path, 3)
		c.longer(quoted(*name), len(*name), path, 255)
	}
	if in.Limit != nil {
		n := quoted(strconv.FormatInt(*in.Limit, 10))
		if *in.Limit < 1 {
			c.add(n, "limit", "have value greater than or equal to 1")
		}
		if *in.Limit > maxListed {
			c.add(n, "limit", "have value less than or equal to 100")
		}
	}
	return c
}

// tableNames returns at most limit table names that sort behind after, in order, and whether there
// are more.
func (s *Service) tableNames(after string, limit int) ([]string, bool) {
	all := s.catalog.names()
	slices.Sort(all)
	var names []string
	for _, name := range all {
		switch {
		case name <= after || s.find(name) == nil: // find removes a table whose deletion is due
		case len(names) == limit:
			return names, true
		default:
			names = append(names, name)
		}
	}
	return names, false
}
