package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// A step is a request, or a series of requests, that both endpoints receive.
type step struct {
	operation string
	body      any
	raw       string // sent instead of the body if not ""
	mode      mode
}

// A mode says how many requests a step sends.
type mode int

const (
	once     mode = iota // one request
	walk                 // a Query or Scan, read to its last page
	segments             // a walk over each of a Scan's TotalSegments
	records              // all records of a table's streams
)

// text returns the body to send.
func (s *step) text() string {
	if s.raw != "" {
		return s.raw
	}
	return encode(s.body)
}

// A generator makes the steps of one session, which has tables of its own.
type generator struct {
	r          *rand.Rand
	tables     []*table
	operations []string // one entry for each unit of an operation's chance
	malformed  int      // how many of 100 requests are malformed
	repeated   []any    // transactions with a token
}

// chances gives how often the generator chooses each operation.
var chances = []struct {
	operation string
	times     int
}{
	{"PutItem", 14}, {"UpdateItem", 20}, {"DeleteItem", 6}, {"GetItem", 8}, {"Query", 16},
	{"Scan", 9}, {"BatchGetItem", 5}, {"BatchWriteItem", 5}, {"TransactGetItems", 4},
	{"TransactWriteItems", 9}, {"DescribeTable", 1}, {"UpdateTable", 1}, {"CreateTable", 2},
	{"DeleteTable", 1}, {"TagResource", 1}, {"UntagResource", 1}, {"ListTagsOfResource", 1},
	{"UpdateTimeToLive", 1}, {"DescribeTimeToLive", 1}, {"ListTables", 1}, {"GetRecords", 1},
}

// newGenerator returns a generator that makes only the given operations, or all of them if none is
// given.
func newGenerator(r *rand.Rand, settings settings, session int) *generator {
	g := &generator{r: r, malformed: settings.malformed}
	for i := range 2 {
		name := fmt.Sprintf("t%03d.%s.%c", session, runMark, 'a'+i)
		g.tables = append(g.tables, randomTable(r, name, settings.multi))
	}
	for _, c := range chances {
		if len(settings.operations) == 0 || slices.Contains(settings.operations, c.operation) {
			g.operations = append(g.operations, slices.Repeat([]string{c.operation}, c.times)...)
		}
	}
	return g
}

// prologue returns the steps that create the session's tables.
func (g *generator) prologue() []*step {
	var steps []*step
	for _, t := range g.tables {
		steps = append(steps, &step{operation: "CreateTable", body: t.create(g.r)})
	}
	return steps
}

// filling returns steps that put the first items into the tables.
func (g *generator) filling() []*step {
	var steps []*step
	for _, t := range g.tables {
		for range 12 {
			body := newObject("TableName", t.name, "Item", t.item(g.r))
			steps = append(steps, &step{operation: "PutItem", body: body})
		}
	}
	return steps
}

// next returns a random step.
func (g *generator) next() *step {
	s := &step{operation: pick(g.r, g.operations)}
	s.body = g.request(s)
	if g.chance(g.malformed) && s.mode != records {
		g.malform(s)
	}
	return s
}

func (g *generator) chance(percent int) bool { return g.r.IntN(100) < percent }

// table returns one of the tables, mostly the first.
func (g *generator) table() *table {
	if g.chance(70) {
		return g.tables[0]
	}
	return g.tables[1]
}

// request returns the body of a step and sets the step's mode.
func (g *generator) request(s *step) *object {
	switch s.operation {
	case "PutItem":
		return g.put()
	case "UpdateItem":
		return g.update()
	case "DeleteItem":
		return g.delete()
	case "GetItem":
		return g.get()
	case "Query":
		return g.query(s)
	case "Scan":
		return g.scan(s)
	case "BatchGetItem":
		return g.batchGet()
	case "BatchWriteItem":
		return g.batchWrite()
	case "TransactGetItems":
		return g.transactGet()
	case "TransactWriteItems":
		return g.transactWrite()
	case "GetRecords":
		s.mode = records
		return newObject("TableName", g.table().name)
	}
	return g.tableRequest(s.operation)
}

// report adds the parameters that ask for capacity and item collection metrics.
func (g *generator) report(request *object, write bool) {
	if g.chance(50) {
		request.set("ReturnConsumedCapacity",
			pick(g.r, []string{"INDEXES", "TOTAL", "NONE", "INDEXES"}))
	}
	if write && g.chance(10) {
		request.set("ReturnItemCollectionMetrics", pick(g.r, []string{"SIZE", "NONE"}))
	}
}

// returned adds ReturnValues and ReturnValuesOnConditionCheckFailure.
func (g *generator) returned(request *object, values ...string) {
	if g.chance(50) {
		request.set("ReturnValues", pick(g.r, values))
	}
	if g.chance(30) {
		request.set("ReturnValuesOnConditionCheckFailure", pick(g.r, []string{"ALL_OLD", "NONE"}))
	}
}

// conditional gives a write a condition in the present or the legacy form, or none.
func (g *generator) conditional(request *object, p *phrasing, legacy bool) {
	if !g.chance(50) {
		return
	}
	if legacy {
		g.expected(request, p)
		return
	}
	request.set("ConditionExpression", g.easyCondition(p))
}

func (g *generator) put() *object {
	t := g.table()
	p := newPhrasing(g.r, t)
	o := newObject("TableName", t.name, "Item", t.item(g.r))
	g.conditional(o, p, g.chance(15))
	p.into(o)
	g.returned(o, "NONE", "ALL_OLD")
	g.report(o, true)
	return o
}

func (g *generator) delete() *object {
	t := g.table()
	p := newPhrasing(g.r, t)
	o := newObject("TableName", t.name, "Key", t.keyOf(g.r))
	g.conditional(o, p, g.chance(15))
	p.into(o)
	g.returned(o, "NONE", "ALL_OLD")
	g.report(o, true)
	return o
}

func (g *generator) update() *object {
	t := g.table()
	p := newPhrasing(g.r, t)
	o := newObject("TableName", t.name, "Key", t.keyOf(g.r))
	legacy := g.chance(15)
	if legacy {
		g.attributeUpdates(o, p)
	} else if g.chance(98) {
		o.set("UpdateExpression", p.update())
	}
	g.conditional(o, p, legacy)
	p.into(o)
	g.returned(o, "NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW", "UPDATED_NEW")
	g.report(o, true)
	return o
}

func (g *generator) get() *object {
	t := g.table()
	p := newPhrasing(g.r, t)
	o := newObject("TableName", t.name, "Key", t.keyOf(g.r))
	g.projected(o, p, g.chance(15))
	p.into(o)
	g.consistent(o)
	g.report(o, false)
	return o
}

// projected gives a read a projection in the present or the legacy form, or none.
func (g *generator) projected(request *object, p *phrasing, legacy bool) {
	if !g.chance(40) {
		return
	}
	if legacy && g.chance(95) {
		request.set("AttributesToGet", newStrings(p.attribute().name, p.attribute().name))
		return
	}
	request.set("ProjectionExpression", p.projection())
}

func (g *generator) consistent(request *object) {
	if g.chance(30) {
		request.set("ConsistentRead", g.chance(70))
	}
}
