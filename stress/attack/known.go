package attack

import "strings"

// known is a disagreement between a call and the table that the documentation describes, because
// the service gives the mapper no way to avoid it.
type known struct {
	lie  lie
	when func(*place) bool
	why  string
}

// knowns lists all known disagreements. Any other one is a fault of the mapper.
var knowns = []known{
	{appliedTwice, func(p *place) bool { return p.traits.has(repeats) },
		"a write without a condition is at least once: it is sent again, and a repeat may undo " +
			"another write"},
	{appliedTwice, func(p *place) bool { return p.traits.has(ofTable) && p.rival != nobody },
		"a call about a table is sent again, and may do again what another has undone"},
	{toldRefused, func(p *place) bool { return p.traits.has(ofTable) },
		"a call about a table that fails says nothing of what was done until then; it may be " +
			"called again"},
	{appliedTwice, func(p *place) bool { return p.inserts() && p.deleted() },
		"an insertion is sent again after a lost response: another writer may have deleted the " +
			"item"},
	{appliedTwice, (*place).isHidden, hiddenWhy},
	{toldRefused, (*place).isHidden, hiddenWhy},
	{falseReason, (*place).isHidden, hiddenWhy},
	{wrongItem, func(p *place) bool { return p.traits.has(ofOld) && p.isHidden() }, hiddenWhy},
	{appliedTwice, (*place).isHiddenByRival, hiddenByRivalWhy},
	{toldRefused, (*place).isHiddenByRival, hiddenByRivalWhy},
	{staleInHand, func(p *place) bool { return p.traits.has(partly) },
		"after a save with ChangedOnly that was sent again, the next FailOnConflict may be " +
			"refused, to be safe"},
	{needlessDoubt, func(p *place) bool { return p.readsBack() && (p.nth > 1 || p.deleted()) },
		"an Idempotent update whose item cannot be read back returns ErrUnknownOutcome, as " +
			"documented"},
}

const hiddenWhy = "a client or proxy that repeats requests on its own hides a lost response: " +
	"only a token (Idempotent, RunTransaction) or a string version under FailOnConflict can tell"

// isHidden reports whether the line repeats requests on its own, and nothing in the request
// identifies its first sender.
func (p *place) isHidden() bool {
	proven := p.traits.has(tokened) || p.version == stringVersion && p.traits.has(checks) &&
		!p.traits.has(partly) && !p.traits.has(removes)
	return strings.HasPrefix(p.fault.name, "repeat") && !proven && !p.traits.has(numbers)
}

const hiddenByRivalWhy = "a client or proxy that repeats a request on its own, after another " +
	"writer has written in between, shows only the other writer's version"

// isHiddenByRival reports whether another writer writes between a request and its repetition by the
// line. A transaction has a token, for which the service returns the first response again.
func (p *place) isHiddenByRival() bool {
	return strings.HasPrefix(p.fault.name, "repeat") && !p.traits.has(tokened) &&
		p.rival != nobody && p.moment == atResponse
}

// inserts reports whether the call is an insertion with FailOnConflict.
func (p *place) inserts() bool { return p.traits.has(checks) && !p.stored }

// deleted reports whether the other writer deletes the wallet after it was inserted.
func (p *place) deleted() bool {
	return p.moment == atResponse && (p.rival == deletes || p.rival == restores || p.rival == renews)
}

// readsBack reports whether the call reads the item again after it has written it.
func (p *place) readsBack() bool {
	return p.traits.has(tokened) && strings.HasPrefix(p.operation, "Update/")
}

// explain returns the reason of a known lie, or "" if the lie is not known.
func explain(p *place, l lie) string {
	for _, k := range knowns {
		if k.lie == l && k.when(p) {
			return k.why
		}
	}
	return ""
}
