package main

var operators = []string{"EQ", "NE", "LE", "LT", "GE", "GT", "NOT_NULL", "NULL", "CONTAINS",
	"NOT_CONTAINS", "BEGINS_WITH", "IN", "BETWEEN"}

// expected adds the condition of a write in its legacy form.
func (g *generator) expected(request *object, p *phrasing) {
	conditions := newObject()
	for range 1 + g.r.IntN(3) {
		a := p.attribute()
		switch n := g.r.IntN(10); {
		case n == 0:
			conditions.set(a.name, newObject("Exists", false))
		case n < 4:
			conditions.set(a.name, newObject("Value", p.likely(a)))
		default:
			conditions.set(a.name, g.comparison(p, a, operators))
		}
	}
	request.set("Expected", conditions)
	g.operator(request, len(conditions.members))
}

// conditions adds a filter in its legacy form.
func (g *generator) conditions(request *object, p *phrasing, member string) {
	conditions := newObject()
	for range 1 + g.r.IntN(2) {
		a := p.attribute()
		conditions.set(a.name, g.comparison(p, a, operators))
	}
	request.set(member, conditions)
	g.operator(request, len(conditions.members))
}

func (g *generator) operator(request *object, conditions int) {
	if g.chance(60) && (conditions > 1 || g.chance(10)) {
		request.set("ConditionalOperator", pick(g.r, []string{"AND", "OR"}))
	}
}

// comparison returns a condition with one of the operators and the number of values that it takes.
func (g *generator) comparison(p *phrasing, a key, from []string) *object {
	operator := pick(g.r, from)
	values := newList(p.likely(a))
	switch operator {
	case "NULL", "NOT_NULL":
		values = newList()
	case "BETWEEN":
		values.add(p.likely(a))
	case "IN":
		for range g.r.IntN(3) {
			values.add(p.likely(a))
		}
	}
	o := newObject("ComparisonOperator", operator)
	if len(values.elements) > 0 || g.chance(10) {
		o.set("AttributeValueList", values)
	}
	return o
}

// keyConditions adds the keys of a Query in their legacy form.
func (g *generator) keyConditions(request *object, p *phrasing, hash, ranged []key) {
	conditions := newObject()
	for _, k := range hash {
		conditions.set(k.name, g.comparison(p, k, []string{"EQ"}))
	}
	for _, k := range ranged {
		if g.chance(50) {
			from := []string{"EQ", "LE", "LT", "GE", "GT", "BETWEEN", "BEGINS_WITH", "NE"}
			conditions.set(k.name, g.comparison(p, k, from))
		}
	}
	request.set("KeyConditions", conditions)
}

// attributeUpdates adds the changes of an UpdateItem in their legacy form.
func (g *generator) attributeUpdates(request *object, p *phrasing) {
	updates := newObject()
	for range 1 + g.r.IntN(3) {
		a := p.attribute()
		o := newObject()
		action := pick(g.r, []string{"PUT", "PUT", "ADD", "DELETE", ""})
		if (action == "ADD" || action == "DELETE") && g.chance(85) {
			a = p.attributeOf(map[string]string{"ADD": "N NS SS BS L",
				"DELETE": "NS SS BS"}[action])
		}
		if action != "" {
			o.set("Action", action)
		}
		if action != "DELETE" || g.chance(50) {
			o.set("Value", p.likely(a))
		}
		updates.set(a.name, o)
	}
	request.set("AttributeUpdates", updates)
}
