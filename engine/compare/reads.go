package main

// query returns a Query of a table or one of its indexes.
func (g *generator) query(s *step) *object {
	t := g.table()
	p := newPhrasing(g.r, t)
	o := newObject("TableName", t.name)
	hash, ranged := g.source(o, t)
	legacy := g.chance(15)
	if legacy {
		g.keyConditions(o, p, hash, ranged)
	} else {
		o.set("KeyConditionExpression", p.keyCondition(hash, ranged))
	}
	g.filtered(o, p, "QueryFilter", legacy != g.chance(2))
	if g.chance(40) {
		o.set("ScanIndexForward", g.chance(30))
	}
	g.paged(s, o, t, hash, ranged)
	return o
}

// scan returns a Scan of a table or one of its indexes.
func (g *generator) scan(s *step) *object {
	t := g.table()
	p := newPhrasing(g.r, t)
	o := newObject("TableName", t.name)
	hash, ranged := g.source(o, t)
	g.filtered(o, p, "ScanFilter", g.chance(15))
	g.paged(s, o, t, hash, ranged)
	if s.mode == once && g.chance(10) {
		total := 1 + g.r.IntN(4)
		o.set("TotalSegments", newInt(total))
		o.set("Segment", newInt(g.r.IntN(total)))
		if !o.has("ExclusiveStartKey") && g.chance(80) {
			s.mode = segments
		}
	}
	return o
}

// source directs a read to an index or to the table, and returns its keys.
func (g *generator) source(request *object, t *table) (hash, ranged []key) {
	if len(t.indexes) == 0 || g.chance(45) {
		return t.keys()[:1], t.keys()[1:]
	}
	x := pick(g.r, t.indexes)
	request.set("IndexName", x.name)
	return x.hash, x.ranged
}

// filtered adds a filter, a projection, Select and the names and values that these use.
func (g *generator) filtered(request *object, p *phrasing, legacyName string, legacy bool) {
	if g.chance(40) {
		if legacy {
			g.conditions(request, p, legacyName)
		} else {
			request.set("FilterExpression", p.condition(2))
		}
	}
	g.projected(request, p, legacy && !request.has("FilterExpression"))
	p.into(request)
	if projected := request.has("ProjectionExpression"); g.chance(20) &&
		(!projected || g.chance(30)) {
		request.set("Select", pick(g.r, []string{"ALL_ATTRIBUTES", "COUNT", "COUNT",
			"ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES"}))
	}
	g.consistent(request)
	g.report(request, false)
}

// paged makes a read return one page, or walk over all of them.
func (g *generator) paged(s *step, request *object, t *table, hash, ranged []key) {
	if g.chance(40) {
		request.set("Limit", jsonInt(g.r, 1, 1, 2, 3, 5, 100))
	}
	if g.chance(40) {
		s.mode = walk
	} else if g.chance(15) {
		request.set("ExclusiveStartKey", g.startKey(t, hash, ranged))
	}
}

// startKey returns a key of a table or index, where an item may be.
func (g *generator) startKey(t *table, hash, ranged []key) *object {
	o := t.keyOf(g.r)
	for _, k := range append(hash[:len(hash):len(hash)], ranged...) {
		if !o.has(k.name) {
			o.set(k.name, clone(pick(g.r, t.pools[k.name])))
		}
	}
	return o
}
