package service

import (
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/stream"
)

// checkNewStream checks the stream of a CreateTable, if there is one.
func checkNewStream(s *protocol.StreamSpecification) error {
	switch {
	case s == nil:
		return nil
	case *s.StreamEnabled && s.StreamViewType == nil:
		return invalid("Table is being created with a stream enabled, UpdateViewType is required")
	case !*s.StreamEnabled && s.StreamViewType != nil:
		return invalid("Table is being created with a stream disabled, UpdateViewType should not " +
			"be specified")
	}
	return nil
}

// checkStreamUpdate checks the stream of an UpdateTable, if there is one.
func checkStreamUpdate(s *protocol.StreamSpecification) error {
	switch {
	case s == nil:
		return nil
	case *s.StreamEnabled && s.StreamViewType == nil:
		return invalid("If stream is being enabled then UpdateViewType is required")
	case !*s.StreamEnabled && s.StreamViewType != nil:
		return invalid("If stream is being disabled, then UpdateViewType must not be specified")
	}
	return nil
}

// checkStreamChange refuses to switch a stream on that is on, or off that is off.
func (e *tableEntry) checkStreamChange(s *protocol.StreamSpecification) error {
	if s == nil {
		return nil
	}
	switch on := e.description.stream.view != ""; {
	case e.has(streamChange):
		return inUse("Table is being updated: " + e.name)
	case e.has(indexAllocation):
		return inUse("Can't change stream status when an index is being created")
	case *s.StreamEnabled && on:
		return protocol.Validation("Table already has an enabled stream: TableName: %s", e.name)
	case !*s.StreamEnabled && !on:
		return protocol.Validation("Table has no stream to disable: TableName: %s", e.name)
	}
	return nil
}

// changeStream switches the table's stream on or off.
func (s *Service) changeStream(
	e *tableEntry, spec *protocol.StreamSpecification, now, due time.Time,
) {
	if *spec.StreamEnabled {
		s.enableStream(e, *spec.StreamViewType, now)
	} else {
		s.disableStream(e, now)
	}
	e.begin(change{kind: streamChange, due: due})
}

// labelLayout is the form of a stream's label, the time at which it was switched on.
const labelLayout = "2006-01-02T15:04:05.000"

// enableStream gives the table a new stream. The caller holds the table's lock.
func (s *Service) enableStream(e *tableEntry, view string, now time.Time) {
	s.catalog.mu.Lock()
	defer s.catalog.mu.Unlock()
	s.catalog.dropGoneStreams(now)
	at := now.UTC()
	for s.catalog.streams[streamARN(e.name, at.Format(labelLayout))] != nil {
		at = at.Add(time.Millisecond) // no two streams have the same ARN
	}
	label := at.Format(labelLayout)
	e.log = stream.New(streamARN(e.name, label), view, now)
	e.description.stream = streamDescription{view: view, label: label}
	s.catalog.streams[streamARN(e.name, label)] = &streamEntry{
		table: e.name, keys: e.description.keys, label: label, log: e.log,
	}
}

// disableStream ends the table's stream. Its records can still be read.
func (s *Service) disableStream(e *tableEntry, now time.Time) {
	if e.log == nil {
		return
	}
	e.log.Close(now)
	e.log = nil
	e.description.stream.view = ""
}
