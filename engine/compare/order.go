package main

// If a request has two faults, each endpoint may name another one. Such a difference is one of
// order only if both endpoints report both faults, each on its own.

// isOrder reports whether a difference is one of order only.
func (c *comparer) isOrder(history []*step, s *step, found difference) bool {
	if isTaken(found.ours) || isTaken(found.theirs) || s.raw != "" || s.mode != once ||
		summary(found.ours) == summary(found.theirs) {
		return false
	}
	c.run++
	run := c.run
	made := creations(history)
	for _, one := range made {
		c.look(run, one)
	}
	defer c.clean(run, made)
	return c.knows(run, s, c.ours, c.theirs, summary(found.ours)) &&
		c.knows(run, s, c.theirs, c.ours, summary(found.theirs))
}

// knows reduces a step to one fault, which the first endpoint names, and reports whether the other
// endpoint then names the same fault.
func (c *comparer) knows(run int, s *step, first, other *endpoint, fault string) bool {
	names := func(e *endpoint, body any) bool {
		return summary(e.observe(run, &step{operation: s.operation, body: body}, c.tables)) == fault
	}
	alone := simplify(s.body, func(body any) bool { return names(first, body) })
	return names(other, alone)
}
