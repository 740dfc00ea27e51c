package service

import (
	"context"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// expiryInterval is the time for which time to live cannot be changed again: the API reference of
// UpdateTimeToLive.
const expiryInterval = time.Hour

// updateTimeToLive answers UpdateTimeToLive.
func updateTimeToLive(
	s *Service, _ context.Context, in *protocol.UpdateTimeToLiveInput, out *protocol.Writer,
) error {
	name, err := checkedName(in.TableName)
	if err != nil {
		return err
	}
	spec := in.TimeToLiveSpecification
	if err := expiryConstraints(spec).err(); err != nil {
		return err
	}
	entry, now, err := s.lock(name)
	if err != nil {
		return err
	}
	defer entry.mu.Unlock()
	if err := entry.setExpiry(*spec.AttributeName, *spec.Enabled, now); err != nil {
		return err
	}
	entry.begin(change{kind: expiryChange, due: now.Add(s.options.TableDelay), done: func() {
		entry.description.expiryLeft = ""
		entry.table.SetExpiry(entry.description.expiry)
	}})
	out.Object()
	out.Key("TimeToLiveSpecification")
	out.Object()
	putString(out, "AttributeName", *spec.AttributeName)
	out.Key("Enabled")
	out.Bool(*spec.Enabled)
	out.End()
	out.End()
	return nil
}

func expiryConstraints(spec *protocol.TimeToLiveSpecification) constraints {
	c := constraints{}
	if !c.missing(spec == nil, "timeToLiveSpecification") {
		c.attributeName(spec.AttributeName, "timeToLiveSpecification.attributeName")
		c.missing(spec.Enabled == nil, "timeToLiveSpecification.enabled")
	}
	return c
}

// setExpiry begins to switch the table's time to live on or off.
func (e *tableEntry) setExpiry(attribute string, on bool, now time.Time) error {
	d := &e.description
	switch {
	case e.has(creation):
		return tableNotFound(e.name)
	case d.expiry != "" && attribute != d.expiry:
		return protocol.Validation("TimeToLive is active on a different AttributeName: current "+
			"AttributeName is %s", d.expiry)
	case on && d.expiry != "":
		return protocol.Validation("TimeToLive is already enabled")
	case !on && d.expiry == "":
		return protocol.Validation("TimeToLive is already disabled")
	case e.has(expiryChange),
		!d.expiryChanged.IsZero() && now.Before(d.expiryChanged.Add(expiryInterval)):
		return protocol.Validation(
			"Time to live has been modified multiple times within a fixed interval")
	}
	d.expiry, d.expiryLeft, d.expiryChanged = "", attribute, now
	if on {
		d.expiry, d.expiryLeft = attribute, ""
	}
	return nil
}

// describeTimeToLive answers DescribeTimeToLive.
func describeTimeToLive(
	s *Service, _ context.Context, in *protocol.DescribeTimeToLiveInput, out *protocol.Writer,
) error {
	entry, err := s.named(in.TableName)
	if err != nil {
		return err
	}
	entry.mu.RLock()
	defer entry.mu.RUnlock()
	if entry.has(creation, deletion) {
		return protocol.Validation("Cannot describe time to live while table is in %s state: "+
			"Current table state is %[1]s", entry.status())
	}
	out.Object()
	out.Key("TimeToLiveDescription")
	out.Object()
	attribute, status := entry.expiryStatus()
	if attribute != "" {
		putString(out, "AttributeName", attribute)
	}
	putString(out, "TimeToLiveStatus", status)
	out.End()
	out.End()
	return nil
}

// expiryStatus returns the attribute and the status of the time to live.
func (e *tableEntry) expiryStatus() (attribute, status string) {
	d, changes := &e.description, e.has(expiryChange)
	switch {
	case d.expiry != "" && changes:
		return d.expiry, "ENABLING"
	case d.expiry != "":
		return d.expiry, "ENABLED"
	case d.expiryLeft != "":
		return d.expiryLeft, "DISABLING"
	}
	return "", "DISABLED"
}
