package service

import (
	"context"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// createTable answers CreateTable.
func createTable(
	s *Service, _ context.Context, in *protocol.CreateTableInput, out *protocol.Writer,
) error {
	name, err := newTableName(in.TableName)
	if err != nil {
		return err
	}
	if err := checkCreate(in); err != nil {
		return err
	}
	if existing := s.find(name); existing != nil {
		return existing.refuseAgain()
	}
	now := s.options.Now()
	entry := &tableEntry{name: name, description: describe(in, now)}
	entry.table = entry.description.newTable()
	entry.mu.Lock() // so that nobody completes the table before the response
	defer entry.mu.Unlock()
	entry.begin(change{kind: creation, due: now.Add(s.options.TableDelay)})
	if !s.catalog.add(entry) {
		return inUseAlready(name)
	}
	if stream := in.StreamSpecification; stream != nil && *stream.StreamEnabled {
		s.enableStream(entry, *stream.StreamViewType, now)
	}
	out.Object()
	out.Key("TableDescription")
	entry.write(out, describesNewTable)
	out.End()
	return nil
}

// newTableName returns the name of a table to create. The service lists all faults of the name, and
// no others.
func newTableName(name *string) (string, error) {
	if name == nil || isARN(*name) {
		return checkedName(name)
	}
	c := constraints{}
	if !isNameText(*name) {
		c.add(quoted(*name), "tableName", "satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
	}
	c.shorter(quoted(*name), len(*name), "tableName", 3)
	c.longer(quoted(*name), len(*name), "tableName", 255)
	return *name, c.err()
}

// refuseAgain refuses to create a table that already exists.
func (e *tableEntry) refuseAgain() error {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if err := e.refuseUnready(); err != nil {
		return err
	}
	return inUseAlready(e.name)
}

func inUseAlready(name string) error {
	return &protocol.Error{
		Code: "ResourceInUseException", Message: "Table already exists: " + name,
	}
}

// checkCreate checks a request in the service's order, except the table's name.
func checkCreate(in *protocol.CreateTableInput) error {
	steps := []func() error{
		createConstraints(in).err,
		func() error { return checkCreateThroughput(in) },
		newTableRequest(in).checkKeys,
		func() error { return checkIndexThroughputs(in) },
		func() error { return checkNewStream(in.StreamSpecification) },
		func() error { return checkEncryption(in.SSESpecification) },
		func() error { return checkClass(in.TableClass) },
		func() error { return checkCreateMaximum(in) },
		func() error { return checkCreateWarm(in) },
		func() error { return checkTags(in.Tags) },
		func() error { return refuseUnsupportedCreate(in) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// refuseUnsupportedCreate refuses what the engine does not support: replicas and policies.
func refuseUnsupportedCreate(in *protocol.CreateTableInput) error {
	switch {
	case in.ResourcePolicy != nil:
		return unsupported("ResourcePolicy")
	case in.GlobalTableSourceArn != nil:
		return unsupported("GlobalTableSourceArn")
	case in.GlobalTableSettingsReplicationMode != nil:
		return unsupported("GlobalTableSettingsReplicationMode")
	}
	return nil
}

func unsupported(member string) error { return invalid("%s is not supported", member) }

// checkClass checks a table class, if there is one.
func checkClass(class *string) error {
	if class == nil || *class == standardClass || *class == "STANDARD_INFREQUENT_ACCESS" {
		return nil
	}
	return protocol.Validation("Invalid table-class parameter provided. Please try again with " +
		"a valid table-class value: [STANDARD, STANDARD_INFREQUENT_ACCESS].")
}

const standardClass = "STANDARD"
