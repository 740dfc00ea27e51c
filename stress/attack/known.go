package attack

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
