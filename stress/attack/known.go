package attack

import "strings"

// known is a disagreement between a call and the table that the documentation states, because the
// service leaves the mapper no way to know better.
type known struct {
	lie  lie
	when func(*place) bool
	why  string
}

// knowns is the whole list. What is in none of its rows is a fault of the mapper.
var knowns = []known{
	{appliedTwice, func(p *place) bool { return p.traits.has(repeats) },
		"a write without a condition is at least once: it is sent again, and a repeat may undo " +
			"another write"},
	{appliedTwice, func(p *place) bool { return p.traits.has(ofTable) && p.rival != nobody },
		"a call about a table is sent again, and may do again what another has undone"},
	{toldRefused, func(p *place) bool { return p.traits.has(ofTable) && p.fault.doubtful },
		"a call about a table that gets no answer returns the SDK's error, which says nothing of " +
			"the outcome; it may be called again"},
	{appliedTwice, func(p *place) bool { return p.inserts() && p.deleted() },
		"an insertion is sent again after a lost answer: another may have deleted the item meanwhile"},
	{appliedTwice, func(p *place) bool {
		return p.traits.has(tokened) && p.fault.name == "late" && p.rival == undoes
	}, "a request with a token that was refused may arrive again, late, where its condition is true " +
		"again; a string version excludes it"},
	{needlessDoubt, func(p *place) bool { return p.readsBack() && p.nth > 1 },
		"an Idempotent update whose item cannot be read back is an ErrUnknownOutcome, which says so"},
}

// inserts reports whether the call is an insertion with FailOnConflict.
func (p *place) inserts() bool { return p.traits.has(checks) && !p.stored }

// deleted reports whether the other writer deletes the wallet after it was inserted.
func (p *place) deleted() bool {
	return p.moment == atAnswer && (p.rival == deletes || p.rival == restores || p.rival == renews)
}

// readsBack reports whether the call reads the item again after it has written it.
func (p *place) readsBack() bool {
	return p.traits.has(tokened) && strings.HasPrefix(p.operation, "Update/")
}

// explain returns why a lie is known, and "" if it is not.
func explain(p *place, l lie) string {
	for _, k := range knowns {
		if k.lie == l && k.when(p) {
			return k.why
		}
	}
	return ""
}
