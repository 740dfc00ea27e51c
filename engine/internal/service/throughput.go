package service

import (
	"strconv"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// maxUnits is the greatest number that the service accepts as a number of units at all.
const maxUnits = 1_000_000_000_000

const (
	unitsOnDemand = "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when " +
		"BillingMode is PAY_PER_REQUEST"
	outOfRange = "Requested %s for OnDemandThroughput for %s is outside of valid range"
)

// checkCreateThroughput checks the units and the billing mode of a new table.
func checkCreateThroughput(in *protocol.CreateTableInput) error {
	units := in.ProvisionedThroughput
	if isOnDemand(in.BillingMode) && units != nil {
		return invalid(unitsOnDemand)
	}
	if err := checkBounds(units); err != nil {
		return err
	}
	if !isOnDemand(in.BillingMode) && units == nil {
		return invalid("ReadCapacityUnits and WriteCapacityUnits must both be specified when " +
			"BillingMode is PROVISIONED")
	}
	return nil
}

// checkBounds refuses numbers of units far out of range.
func checkBounds(units *protocol.ProvisionedThroughput) error {
	if units == nil {
		return nil
	}
	const outOfBounds = "Given value %d for %s is out of bounds"
	if n := *units.ReadCapacityUnits; n > maxUnits {
		return protocol.Validation(outOfBounds, n, "ReadCapacityUnits")
	}
	if n := *units.WriteCapacityUnits; n > maxUnits {
		return protocol.Validation(outOfBounds, n, "WriteCapacityUnits")
	}
	return nil
}

// checkIndexThroughputs checks that new global indexes have units if the table has, and none
// otherwise.
func checkIndexThroughputs(in *protocol.CreateTableInput) error {
	for _, index := range in.GlobalSecondaryIndexes {
		switch has := index.ProvisionedThroughput != nil; {
		case has && isOnDemand(in.BillingMode):
			return invalid("ProvisionedThroughput should not be specified for index: %s when "+
				"BillingMode is PAY_PER_REQUEST", *index.IndexName)
		case !has && !isOnDemand(in.BillingMode):
			return invalid("ProvisionedThroughput is not specified for index: %s",
				*index.IndexName)
		}
		if err := checkBounds(index.ProvisionedThroughput); err != nil {
			return err
		}
	}
	return nil
}

// firstMaximum returns the name of the first member that the limits have, or "" if they have none.
func firstMaximum(most *protocol.OnDemandThroughput) string {
	switch {
	case most == nil:
		return ""
	case most.MaxReadRequestUnits != nil:
		return "MaxReadRequestUnits"
	case most.MaxWriteRequestUnits != nil:
		return "MaxWriteRequestUnits"
	}
	return ""
}

// checkMaximum checks the limits of a table or an index, which of names in the texts. clears
// reports whether -1 may stand for no limit.
func checkMaximum(most *protocol.OnDemandThroughput, of string, clears bool) error {
	if most == nil {
		return nil
	}
	wrong := func(n *int64) bool { return n != nil && *n < 1 && (*n != -1 || !clears) }
	if wrong(most.MaxReadRequestUnits) {
		return invalid(outOfRange, "MaxReadRequestUnits", of)
	}
	if wrong(most.MaxWriteRequestUnits) {
		return invalid(outOfRange, "MaxWriteRequestUnits", of)
	}
	return nil
}

// checkCreateMaximum checks the limits of a new table and its indexes.
func checkCreateMaximum(in *protocol.CreateTableInput) error {
	member := firstMaximum(in.OnDemandThroughput)
	if member != "" && !isOnDemand(in.BillingMode) {
		return invalid("%s for OnDemandThroughput cannot be specified when table BillingMode is "+
			"PROVISIONED.", member)
	}
	if err := checkMaximum(in.OnDemandThroughput, "table", false); err != nil {
		return err
	}
	for _, index := range in.GlobalSecondaryIndexes {
		member := firstMaximum(index.OnDemandThroughput)
		if member != "" && !isOnDemand(in.BillingMode) {
			return invalid("%s for OnDemandThroughput for index: %s cannot be specified when "+
				"table BillingMode is PROVISIONED.", member, *index.IndexName)
		}
		of := "index : " + *index.IndexName
		if err := checkMaximum(index.OnDemandThroughput, of, false); err != nil {
			return err
		}
	}
	return nil
}

// checkCreateWarm refuses warm throughput below the initial one of a new table or index.
func checkCreateWarm(in *protocol.CreateTableInput) error {
	err := checkNewWarm(in.WarmThroughput, in.ProvisionedThroughput, "table")
	if err != nil {
		return err
	}
	for _, index := range in.GlobalSecondaryIndexes {
		of := "index " + *index.IndexName
		if err := checkNewWarm(index.WarmThroughput, index.ProvisionedThroughput, of); err != nil {
			return err
		}
	}
	return nil
}

// checkNewWarm checks the warm throughput of a new table or index, which of names.
func checkNewWarm(
	w *protocol.WarmThroughput, units *protocol.ProvisionedThroughput, of string,
) error {
	if w == nil {
		return nil
	}
	least := newCapacity(units, nil, nil).warm
	below := "initial throughput for OnDemand. See: https://docs.aws.amazon.com/amazondynamodb/" +
		"latest/developerguide/on-demand-capacity-mode.html#on-demand-capacity-mode-initial"
	tooLow := func(member, units string) error {
		return invalid("Requested %s for WarmThroughput for %s is lower than %s", member, of, units)
	}
	if orElse(w.ReadUnitsPerSecond, least.read) < least.read {
		if units != nil {
			below = "ReadCapacityUnits of ProvisionedThroughput"
		}
		return tooLow("ReadUnitsPerSecond", below)
	}
	if orElse(w.WriteUnitsPerSecond, least.write) < least.write {
		if units != nil {
			below = "WriteCapacityUnits of ProvisionedThroughput"
		}
		return tooLow("WriteUnitsPerSecond", below)
	}
	return nil
}

// The decreases of provisioned units that the service allows: a number a day, and then one in each
// interval.
const (
	freeDecreases    = 4
	decreaseInterval = time.Hour
)

// decreasesOn returns the number of decreases of the units on the day of a time, in UTC.
func (p *provisioned) decreasesOn(now time.Time) int64 {
	if day(p.decreased) != day(now) {
		return 0
	}
	return p.decreases
}

func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// checkDecrease refuses to decrease the units if they were decreased too often today.
func (p *provisioned) checkDecrease(read, write int64, now time.Time) error {
	done := p.decreasesOn(now)
	if read >= p.read && write >= p.write || done < freeDecreases {
		return nil
	}
	next := p.decreased.Add(decreaseInterval)
	if midnight := now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour); next.After(midnight) {
		next = midnight
	}
	if !now.Before(next) {
		return nil
	}
	const layout = "Monday, January 2, 2006 at 3:04:05 PM"
	return overLimit("Provisioned throughput decreases are limited within a given UTC day. After " +
		"the first 4 decreases, each subsequent decrease in the same UTC day can be performed at " +
		"most once every 3600 seconds. Number of decreases today: " + strconv.FormatInt(done, 10) +
		". Last decrease at " + p.decreased.UTC().Format(layout) +
		" Coordinated Universal Time. Next decrease can be made at " + next.Format(layout) +
		" Coordinated Universal Time.")
}

// change starts a change of the units. It sets the times at once, and returns the function that
// completes the change.
func (c *capacity) change(read, write int64, now time.Time) func() {
	p := &c.provisioned
	decreases := p.decreasesOn(now)
	p.decreases = decreases
	if read < p.read || write < p.write {
		p.decreased = now
		decreases++
	}
	if read > p.read || write > p.write {
		p.increased = now
	}
	return func() {
		p.read, p.write, p.decreases = read, write, decreases
		c.warm.read, c.warm.write = max(c.warm.read, read), max(c.warm.write, write)
	}
}
