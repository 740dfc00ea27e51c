package dynamapper

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// body returns the JSON of a GetItem. It has the members of the SDK's input.
func (g *getRequest) body() ([]byte, error) {
	w := newBody(bodySize + len(g.key.hash) + len(g.key.rng))
	w.bool("ConsistentRead", g.consistent)
	w.aliases(&g.aliases)
	w.member("Key")
	w.text = g.table.schema.appendKey(w.text, g.key)
	w.optional("ProjectionExpression", g.projection.text)
	w.string("ReturnConsumedCapacity", string(g.table.mapper.capacity()))
	w.string("TableName", g.table.name)
	return w.done()
}

// body returns the JSON of a BatchGetItem.
func (g *batchGetRequest) body() ([]byte, error) {
	w := newBody(2*bodySize + len(g.keys))
	w.member("RequestItems")
	w.begin()
	w.member(g.table.name)
	w.begin()
	w.bool("ConsistentRead", g.consistent)
	w.aliases(&g.aliases)
	w.member("Keys")
	w.text = append(append(append(w.text, '['), g.keys...), ']')
	w.optional("ProjectionExpression", g.projection.text)
	w.end()
	w.end()
	w.string("ReturnConsumedCapacity", string(g.table.mapper.capacity()))
	return w.done()
}

// body returns the JSON of a Query.
func (q *query) body(plan *readPlan, at pageRequest) ([]byte, error) {
	w := newBody(plan.bodySize())
	plan.writeStart(w, at)
	w.optional("KeyConditionExpression", plan.key)
	plan.writeRest(w, at, q.table.mapper.capacity())
	w.bool("ScanIndexForward", q.forward())
	w.string("TableName", q.table.name)
	return w.done()
}

// body returns the JSON of a Scan of a segment, or of the whole if part is nil.
func (s *scan) body(plan *readPlan, part *segment, at pageRequest) ([]byte, error) {
	w := newBody(plan.bodySize())
	plan.writeStart(w, at)
	plan.writeRest(w, at, s.table.mapper.capacity())
	number, of := part.numbers()
	w.int("Segment", number)
	w.string("TableName", s.table.name)
	w.int("TotalSegments", of)
	return w.done()
}

// bodySize returns the room for the JSON of a request, in bytes.
func (p *readPlan) bodySize() int {
	size := 2*bodySize + p.aliases.Size()
	for _, text := range []*string{p.key, p.filter, p.projection} {
		if text != nil {
			size += len(*text)
		}
	}
	return size
}

// writeStart writes the first members that a Query and a Scan have in common.
func (p *readPlan) writeStart(w *bodyWriter, at pageRequest) {
	w.bool("ConsistentRead", p.consistent)
	w.item("ExclusiveStartKey", at.start)
	w.aliases(&p.aliases)
	w.optional("FilterExpression", p.filter)
	w.optional("IndexName", p.indexName())
}

// writeRest writes the other members that a Query and a Scan have in common.
func (p *readPlan) writeRest(
	w *bodyWriter, at pageRequest, capacity types.ReturnConsumedCapacity,
) {
	w.int("Limit", at.limit)
	w.optional("ProjectionExpression", p.projection)
	w.string("ReturnConsumedCapacity", string(capacity))
	w.string("Select", string(p.selects))
}
