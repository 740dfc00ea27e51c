package service

import (
	"context"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// tableUpdate is an UpdateTable of a table, whose lock is held.
type tableUpdate struct {
	s     *Service
	entry *tableEntry
	in    *protocol.UpdateTableInput
	now   time.Time
	due   time.Time // when the changes are completed
}

// updateTable answers UpdateTable.
func updateTable(
	s *Service, _ context.Context, in *protocol.UpdateTableInput, out *protocol.Writer,
) error {
	name, err := checkedName(in.TableName)
	if err != nil {
		return err
	}
	if err := checkUpdate(in); err != nil {
		return err
	}
	entry, now, err := s.lock(name)
	if err != nil {
		return err
	}
	defer entry.mu.Unlock()
	u := tableUpdate{s, entry, in, now, now.Add(s.options.TableDelay)}
	if err := u.check(); err != nil {
		return err
	}
	u.apply()
	out.Object()
	out.Key("TableDescription")
	entry.write(out, describesTable)
	out.End()
	return nil
}

// check checks the request against the table, in the service's order.
func (u *tableUpdate) check() error {
	e, in := u.entry, u.in
	steps := []func() error{
		e.refuseUnready,
		u.checkBilling,
		u.checkMaximum,
		u.checkUnits,
		u.checkIndexUpdates,
		func() error { return e.checkStreamChange(in.StreamSpecification) },
		func() error { return e.checkReencryption(in.SSESpecification) },
		u.checkWarm,
		u.checkClassChange,
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// willBeOnDemand reports whether the table is on demand after the update.
func (u *tableUpdate) willBeOnDemand() bool {
	if u.in.BillingMode == nil {
		return u.entry.description.onDemand
	}
	return isOnDemand(u.in.BillingMode)
}

// switches reports whether the update changes the billing mode.
func (u *tableUpdate) switches() bool {
	return u.willBeOnDemand() != u.entry.description.onDemand
}

// checkBilling checks that the request has units if the table needs them, and has none otherwise.
func (u *tableUpdate) checkBilling() error {
	units := u.in.ProvisionedThroughput
	switch {
	case u.willBeOnDemand() && units != nil:
		return invalid(unitsOnDemand)
	case u.in.BillingMode != nil && !u.willBeOnDemand() && units == nil:
		return invalid("ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
	}
	return nil
}

// checkMaximum checks the limits of a table on demand.
func (u *tableUpdate) checkMaximum() error {
	most := u.in.OnDemandThroughput
	if member := firstMaximum(most); member != "" && !u.willBeOnDemand() {
		return invalid("%s for OnDemandThroughput cannot be specified when the table BillingMode "+
			"is PROVISIONED", member)
	}
	return checkMaximum(most, "table", true)
}

// checkUnits refuses unchanged units, and changes at the wrong time or too often.
func (u *tableUpdate) checkUnits() error {
	units := u.in.ProvisionedThroughput
	if units == nil && !u.switches() {
		return nil
	}
	if u.entry.has(throughputChange) {
		return inUse("Table IOPS are currently being updated. Table: " + u.entry.name)
	}
	if deleted := u.entry.indexesIn(indexDeletion); deleted != "" {
		return inUse("Can't change table IOPS when an index is being deleted. Table: " +
			u.entry.name + " Indexes: [" + deleted + "]")
	}
	if u.entry.has(indexAllocation) {
		return inUse("Table is being updated: " + u.entry.name)
	}
	if units == nil || u.switches() {
		return nil
	}
	has := &u.entry.description.capacity.provisioned
	if *units.ReadCapacityUnits == has.read && *units.WriteCapacityUnits == has.write {
		return protocol.Validation("The provisioned throughput for the table will not change."+
			unchangedUnits, "the table", has.read, has.read, "the table", has.write, has.write)
	}
	return has.checkDecrease(*units.ReadCapacityUnits, *units.WriteCapacityUnits, u.now)
}

const unchangedUnits = " The requested value equals the current value. Current ReadCapacityUnits " +
	"provisioned for %s: %d. Requested ReadCapacityUnits: %d. Current WriteCapacityUnits " +
	"provisioned for %s: %d. Requested WriteCapacityUnits: %d. Refer to the Amazon DynamoDB " +
	"Developer Guide for current limits and how to request higher limits."

// checkWarm refuses to decrease warm throughput.
func (u *tableUpdate) checkWarm() error {
	return checkWarmer(u.in.WarmThroughput, u.entry.description.capacity.warm, "table")
}

func checkWarmer(w *protocol.WarmThroughput, has warm, of string) error {
	if w == nil {
		return nil
	}
	const less = "Requested %s for WarmThroughput for %s is lower than current WarmThroughput, " +
		"decreasing WarmThroughput is not supported"
	if orElse(w.ReadUnitsPerSecond, has.read) < has.read {
		return invalid(less, "ReadUnitsPerSecond", of)
	}
	if orElse(w.WriteUnitsPerSecond, has.write) < has.write {
		return invalid(less, "WriteUnitsPerSecond", of)
	}
	return nil
}

// The service's documentation, "Table classes": no more than two updates in 30 days.
const (
	maxClassChanges  = 2
	classChangesSpan = 30 * 24 * time.Hour
)

// checkClassChange refuses to change the table's class too often.
func (u *tableUpdate) checkClassChange() error {
	class := u.in.TableClass
	if class == nil {
		return nil
	}
	if u.entry.has(classChange) {
		return inUse("Table is being updated: " + u.entry.name)
	}
	made := u.entry.description.classChanges
	if n := len(made); n >= maxClassChanges && *class != u.entry.description.class &&
		u.now.Before(made[n-maxClassChanges].Add(classChangesSpan)) {
		return overLimit("Updates to TableClass are limited to 2 times in 30 day(s).")
	}
	return nil
}

// apply starts all changes of the request.
func (u *tableUpdate) apply() {
	e, in := u.entry, u.in
	d := &e.description
	u.applyUnits()
	u.applyIndexes()
	if in.OnDemandThroughput != nil {
		e.changeMaximum(&d.capacity, in.OnDemandThroughput, u.now)
	}
	if in.StreamSpecification != nil {
		u.s.changeStream(e, in.StreamSpecification, u.now, u.due)
	}
	if in.SSESpecification != nil {
		e.reencrypt(in.SSESpecification, u.due)
	}
	if in.WarmThroughput != nil {
		u.warmUp(&d.capacity, in.WarmThroughput, "")
	}
	if in.TableClass != nil {
		u.applyClass()
	}
	if in.DeletionProtectionEnabled != nil {
		d.protected = *in.DeletionProtectionEnabled
	}
}

// applyUnits starts a change of the billing mode or the units.
func (u *tableUpdate) applyUnits() {
	e, in := u.entry, u.in
	d := &e.description
	switch {
	case in.ProvisionedThroughput != nil:
		read := *in.ProvisionedThroughput.ReadCapacityUnits
		write := *in.ProvisionedThroughput.WriteCapacityUnits
		if !d.onDemand {
			done := d.capacity.change(read, write, u.now)
			e.begin(change{kind: throughputChange, due: u.due, done: done})
			return
		}
		d.onDemand = false
		d.capacity.provisioned.read, d.capacity.provisioned.write = read, write
		d.forgetMaximums()
		e.begin(change{kind: throughputChange, due: u.due})
	case in.BillingMode == nil:
	case d.onDemand: // the mode does not change, but the service reports UPDATING
		e.begin(change{kind: throughputChange, due: u.now})
	default:
		d.onDemand, d.onDemandSince = true, u.now
		for _, c := range d.capacities() {
			c.provisioned.read, c.provisioned.write = 0, 0
			c.warm.read, c.warm.write = max(c.warm.read, initialReads),
				max(c.warm.write, initialWrites)
		}
		e.begin(change{kind: throughputChange, due: u.due})
	}
}

// capacities returns the capacity of the table and of each global index.
func (d *tableDescription) capacities() []*capacity {
	all := []*capacity{&d.capacity}
	for _, index := range d.globals {
		all = append(all, &index.capacity)
	}
	return all
}

// forgetMaximums removes the limits of a table that is no longer on demand.
func (d *tableDescription) forgetMaximums() {
	for _, c := range d.capacities() {
		c.maximum = maximum{}
	}
}

// changeMaximum sets the limits that a request has. The response repeats a -1, which then stands
// for no limit.
func (e *tableEntry) changeMaximum(
	c *capacity, most *protocol.OnDemandThroughput, now time.Time,
) {
	c.maximum.read = orElse(most.MaxReadRequestUnits, c.maximum.read)
	c.maximum.write = orElse(most.MaxWriteRequestUnits, c.maximum.write)
	e.begin(change{kind: maximumChange, due: now, done: func() {
		c.maximum = maximum{max(0, c.maximum.read), max(0, c.maximum.write)}
	}})
}

// warmUp starts to raise the warm throughput of the table, or of an index if it has a name.
func (u *tableUpdate) warmUp(c *capacity, w *protocol.WarmThroughput, index string) {
	read := orElse(w.ReadUnitsPerSecond, c.warm.read)
	write := orElse(w.WriteUnitsPerSecond, c.warm.write)
	u.entry.begin(change{kind: warmChange, index: index, due: u.due, done: func() {
		c.warm.read, c.warm.write = max(c.warm.read, read), max(c.warm.write, write)
	}})
}

// applyClass starts a change of the table's class. A table that never got a class has the standard
// one, and its description omits it.
func (u *tableUpdate) applyClass() {
	d := &u.entry.description
	class := *u.in.TableClass
	if class == d.class || d.class == "" && class == standardClass {
		u.entry.begin(change{kind: classChange, due: u.now})
		return
	}
	d.classChanges = append(d.classChanges[max(0, len(d.classChanges)-1):], u.now)
	u.entry.begin(change{kind: classChange, due: u.due, done: func() { d.class = class }})
}
