package service

import (
	"context"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// recovery is the point-in-time recovery of a table. The engine makes no backups: it keeps what the
// table is set to.
type recovery struct {
	on    bool
	days  int64
	since time.Time
}

// The bounds of RecoveryPeriodInDays: the API reference of PointInTimeRecoverySpecification.
const (
	leastRecoveryDays = 1
	mostRecoveryDays  = 35
)

// describeContinuousBackups answers DescribeContinuousBackups.
func describeContinuousBackups(
	s *Service, _ context.Context, in *protocol.DescribeTableInput, out *protocol.Writer,
) error {
	name, err := checkedName(in.TableName)
	if err != nil {
		return err
	}
	entry, now, err := s.lockForBackups(name)
	if err != nil {
		return err
	}
	defer entry.mu.Unlock()
	entry.writeBackups(out, now)
	return nil
}

// updateContinuousBackups answers UpdateContinuousBackups.
func updateContinuousBackups(
	s *Service, _ context.Context, in *protocol.UpdateContinuousBackupsInput, out *protocol.Writer,
) error {
	name, err := checkedName(in.TableName)
	if err != nil {
		return err
	}
	spec := in.PointInTimeRecoverySpecification
	if err := recoveryConstraints(spec).err(); err != nil {
		return err
	}
	entry, now, err := s.lockForBackups(name)
	if err != nil {
		return err
	}
	defer entry.mu.Unlock()
	if entry.has(creation) {
		return &protocol.Error{Code: "ContinuousBackupsUnavailableException",
			Message: "Backups are being enabled for the table: " + name + ". Please retry later"}
	}
	entry.setRecovery(spec, now)
	entry.writeBackups(out, now)
	return nil
}

// lockForBackups is lock with the error that the operations on backups have for a missing table.
func (s *Service) lockForBackups(name string) (*tableEntry, time.Time, error) {
	if s.find(name) == nil {
		return nil, time.Time{}, &protocol.Error{
			Code: "TableNotFoundException", Message: "Table not found: " + name,
		}
	}
	return s.lock(name)
}

func recoveryConstraints(spec *protocol.PointInTimeRecoverySpecification) constraints {
	const path = "pointInTimeRecoverySpecification"
	c := constraints{}
	if c.missing(spec == nil, path) {
		return c
	}
	c.missing(spec.PointInTimeRecoveryEnabled == nil, path+".pointInTimeRecoveryEnabled")
	return append(c, outsideValue(path+".recoveryPeriodInDays", spec.RecoveryPeriodInDays,
		leastRecoveryDays, mostRecoveryDays)...)
}

// setRecovery switches point-in-time recovery on or off. Without days, a table keeps its own.
func (e *tableEntry) setRecovery(spec *protocol.PointInTimeRecoverySpecification, now time.Time) {
	r := &e.description.recovery
	if !*spec.PointInTimeRecoveryEnabled {
		*r = recovery{}
		return
	}
	if !r.on {
		*r = recovery{on: true, days: mostRecoveryDays, since: now}
	}
	r.days = orElse(spec.RecoveryPeriodInDays, r.days)
}

// writeBackups writes the description. Continuous backups are enabled for each table.
func (e *tableEntry) writeBackups(out *protocol.Writer, now time.Time) {
	r := e.description.recovery
	out.Object()
	out.Key("ContinuousBackupsDescription")
	out.Object()
	putString(out, "ContinuousBackupsStatus", "ENABLED")
	out.Key("PointInTimeRecoveryDescription")
	out.Object()
	if r.on {
		putString(out, "PointInTimeRecoveryStatus", "ENABLED")
		putInt(out, "RecoveryPeriodInDays", r.days)
		putTime(out, "EarliestRestorableDateTime", r.since)
		putTime(out, "LatestRestorableDateTime", now)
	} else {
		putString(out, "PointInTimeRecoveryStatus", "DISABLED")
	}
	out.End()
	out.End()
	out.End()
}
