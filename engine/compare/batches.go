package main

import "fmt"

// batchGet returns a BatchGetItem of keys of one or both tables.
func (g *generator) batchGet() *object {
	asked := newObject()
	for _, t := range g.someTables() {
		p := newPhrasing(g.r, t)
		keys := g.distinctKeys(t, 1+g.r.IntN(8))
		if g.chance(2) {
			keys = append(keys, clone(keys[0]))
		}
		of := newObject("Keys", newList(keys...))
		g.projected(of, p, g.chance(15))
		g.consistent(of)
		if len(p.names.members) > 0 {
			of.set("ExpressionAttributeNames", p.names)
		}
		asked.set(t.name, of)
	}
	o := newObject("RequestItems", asked)
	g.report(o, false)
	return o
}

// batchWrite returns a BatchWriteItem of puts and deletes in one or both tables.
func (g *generator) batchWrite() *object {
	asked := newObject()
	for _, t := range g.someTables() {
		writes := newList()
		for _, k := range g.distinctKeys(t, 1+g.r.IntN(6)) {
			if g.chance(40) {
				writes.add(newObject("DeleteRequest", newObject("Key", k)))
				continue
			}
			writes.add(newObject("PutRequest", newObject("Item", g.itemAt(t, k.(*object)))))
		}
		if g.chance(2) {
			writes.add(clone(writes.elements[0]))
		}
		asked.set(t.name, writes)
	}
	o := newObject("RequestItems", asked)
	g.report(o, true)
	return o
}

func (g *generator) someTables() []*table {
	if g.chance(35) {
		return g.tables
	}
	return []*table{g.table()}
}

// distinctKeys returns up to n different keys of a table.
func (g *generator) distinctKeys(t *table, n int) []any {
	seen := map[string]bool{}
	var keys []any
	for range n {
		k := t.keyOf(g.r)
		if text := encode(k); !seen[text] {
			seen[text] = true
			keys = append(keys, k)
		}
	}
	return keys
}

// itemAt returns an item with a key.
func (g *generator) itemAt(t *table, k *object) *object {
	item := t.item(g.r)
	for _, m := range k.members {
		item.set(m.name, m.value)
	}
	return item
}

func (g *generator) transactGet() *object {
	asked := newList()
	for _, t := range g.someTables() {
		for _, k := range g.distinctKeys(t, 1+g.r.IntN(4)) {
			p := newPhrasing(g.r, t)
			get := newObject("TableName", t.name, "Key", k)
			if g.chance(40) {
				get.set("ProjectionExpression", p.projection())
			}
			p.into(get)
			asked.add(newObject("Get", get))
		}
	}
	if g.chance(3) {
		asked.add(clone(asked.elements[0]))
	}
	o := newObject("TransactItems", asked)
	g.report(o, false)
	return o
}

func (g *generator) transactWrite() *object {
	asked := newList()
	for _, t := range g.someTables() {
		for _, k := range g.distinctKeys(t, 1+g.r.IntN(4)) {
			asked.add(g.transactItem(t, k.(*object)))
		}
	}
	if g.chance(3) {
		asked.add(clone(asked.elements[0]))
	}
	o := newObject("TransactItems", asked)
	g.report(o, true)
	if g.chance(12) {
		return g.withToken(o)
	}
	return o
}

// withToken gives a transaction a token, or returns an earlier one that has one.
func (g *generator) withToken(o *object) *object {
	if len(g.repeated) > 0 && g.chance(40) {
		return clone(pick(g.r, g.repeated)).(*object)
	}
	number := len(g.repeated)
	if g.chance(10) {
		number = g.r.IntN(number + 1)
	}
	o.set("ClientRequestToken", fmt.Sprintf("token-%s-%d", runMark, number))
	g.repeated = append(g.repeated, clone(o))
	return o
}

// transactItem returns one action of a transaction.
func (g *generator) transactItem(t *table, k *object) *object {
	p := newPhrasing(g.r, t)
	o := newObject("TableName", t.name)
	kind := pick(g.r, []string{"Put", "Update", "Update", "Delete", "ConditionCheck"})
	if kind == "Put" {
		o.set("Item", g.itemAt(t, k))
	} else {
		o.set("Key", k)
	}
	if kind == "Update" {
		o.set("UpdateExpression", p.update())
	}
	if kind == "ConditionCheck" || g.chance(25) {
		o.set("ConditionExpression", g.easyCondition(p))
	}
	if g.chance(30) {
		o.set("ReturnValuesOnConditionCheckFailure", pick(g.r, []string{"ALL_OLD", "NONE"}))
	}
	p.into(o)
	return newObject(kind, o)
}

// easyCondition returns a condition that most items fulfil, so that many writes succeed.
func (g *generator) easyCondition(p *phrasing) string {
	if g.chance(40) {
		return "attribute_not_exists(" + p.name("zz") + ") OR " + p.condition(2)
	}
	return p.condition(2)
}
