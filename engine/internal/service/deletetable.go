package service

import (
	"context"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// deleteTable answers DeleteTable.
func deleteTable(
	s *Service, _ context.Context, in *protocol.DeleteTableInput, out *protocol.Writer,
) error {
	name, err := checkedName(in.TableName)
	if err != nil {
		return err
	}
	entry, now, err := s.lock(name)
	if err != nil {
		return err
	}
	defer entry.mu.Unlock()
	if err := entry.checkDeletion(); err != nil {
		return err
	}
	s.disableStream(entry, now)
	entry.begin(change{
		kind: deletion, due: now.Add(s.options.TableDelay),
		done: func() { entry.description.gone = true },
	})
	out.Object()
	out.Key("TableDescription")
	entry.write(out, describesTable)
	out.End()
	entry.settle(now)
	if entry.description.gone {
		s.catalog.remove(entry)
	}
	return nil
}

// checkDeletion refuses to delete a table that is protected or not ready.
func (e *tableEntry) checkDeletion() error {
	if err := e.refuseUnready(); err != nil {
		return err
	}
	if e.description.protected {
		return protocol.Validation("Resource cannot be deleted as it is currently protected " +
			"against deletion. Disable deletion protection first.")
	}
	switch {
	case e.has(indexAllocation, indexBackfill, indexDeletion, indexChange):
		return inUse("Cannot delete table while indexes are being created, updated, or deleted.")
	case e.has(streamChange):
		return inUse("Cannot delete table while stream is being enabled/disabled.")
	case len(e.changes) > 0:
		return inUse("Table: " + e.name + " is in the process of being updated.")
	}
	return nil
}
