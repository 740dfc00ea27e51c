package dynamapper

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// bodyWriter writes the JSON of a request. The members of an object are written in the order of
// their names, as the SDK writes them. A member without a value is left out.
type bodyWriter struct {
	text   []byte
	inside bool // the object has a member already
	err    error
}

// bodySize is the room for a request of few attributes, in bytes.
const bodySize = 256

// newBody returns a writer that has begun an object.
func newBody(room int) *bodyWriter {
	w := &bodyWriter{text: make([]byte, 0, room)}
	w.begin()
	return w
}

// done ends the body and returns it.
func (w *bodyWriter) done() ([]byte, error) {
	w.end()
	return w.text, w.err
}

func (w *bodyWriter) begin() { w.text, w.inside = append(w.text, '{'), false }

func (w *bodyWriter) end() { w.text, w.inside = append(w.text, '}'), true }

// member writes the name of a member, whose value follows.
func (w *bodyWriter) member(name string) {
	if w.inside {
		w.text = append(w.text, ',')
	}
	w.inside = true
	w.text = append(wire.AppendString(w.text, name), ':')
}

func (w *bodyWriter) string(name, value string) {
	if value != "" {
		w.member(name)
		w.text = wire.AppendString(w.text, value)
	}
}

func (w *bodyWriter) optional(name string, value *string) {
	if value != nil {
		w.member(name)
		w.text = wire.AppendString(w.text, *value)
	}
}

func (w *bodyWriter) bool(name string, value *bool) {
	if value != nil {
		w.member(name)
		w.text = strconv.AppendBool(w.text, *value)
	}
}

func (w *bodyWriter) int(name string, value *int32) {
	if value != nil {
		w.member(name)
		w.text = strconv.AppendInt(w.text, int64(*value), 10)
	}
}

func (w *bodyWriter) aliases(a *expression.Aliases) {
	if a.HasNames() {
		w.member("ExpressionAttributeNames")
		w.text = a.AppendNames(w.text)
	}
	if a.HasValues() {
		w.member("ExpressionAttributeValues")
		w.text = a.AppendValues(w.text)
	}
}

// item writes a map of attribute values.
func (w *bodyWriter) item(name string, item map[string]types.AttributeValue) {
	if item != nil {
		w.member(name)
		text, err := wire.AppendItem(w.text, item)
		w.text = text
		if err != nil && w.err == nil {
			w.err = err
		}
	}
}

// elements writes a list, each element by a function.
func (w *bodyWriter) elements(name string, n int, write func(i int)) {
	w.member(name)
	w.text = append(w.text, '[')
	for i := range n {
		if i > 0 {
			w.text = append(w.text, ',')
		}
		write(i)
	}
	w.text, w.inside = append(w.text, ']'), true
}

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
	size := bodySize
	for i := range g.parts {
		size += bodySize + len(g.parts[i].keys)
	}
	w := newBody(size)
	w.member("RequestItems")
	w.begin()
	for i := range g.parts {
		part := &g.parts[i]
		w.member(part.table)
		w.begin()
		w.bool("ConsistentRead", part.consistent)
		w.aliases(&part.aliases)
		w.member("Keys")
		w.text = append(append(append(w.text, '['), part.keys...), ']')
		w.optional("ProjectionExpression", part.text)
		w.end()
	}
	w.end()
	w.string("ReturnConsumedCapacity", string(g.mapper.capacity()))
	return w.done()
}

// body returns the JSON of a TransactGetItems.
func (g *transactGetRequest) body() ([]byte, error) {
	w := newBody(bodySize * (1 + len(g.gets)))
	w.string("ReturnConsumedCapacity", string(g.mapper.capacity()))
	w.elements("TransactItems", len(g.gets), func(i int) {
		get := &g.gets[i]
		w.begin()
		w.member("Get")
		w.begin()
		w.aliases(&get.aliases)
		w.member("Key")
		w.text = get.schema.appendKey(w.text, get.key)
		w.optional("ProjectionExpression", get.text)
		w.string("TableName", get.table)
		w.end()
		w.end()
	})
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

// writeBody returns the JSON of a request of one write. It has the members of the SDK's input.
func (p *writePlan) writeBody(
	table string, form *writeForm, capacity types.ReturnConsumedCapacity,
) ([]byte, error) {
	w := newBody(p.bodySize(form))
	p.writeMembers(w, table, form, capacity, p.returns)
	return w.done()
}

// bodySize returns the room for the JSON of a write, in bytes.
func (p *writePlan) bodySize(form *writeForm) int {
	size := bodySize + len(p.item) + form.aliases.Size()
	for _, text := range []*string{form.condition, form.update} {
		if text != nil {
			size += len(*text)
		}
	}
	return size
}

// writeMembers writes the members of a write, which are the same in a request of its own and in a
// transaction. In a transaction, capacity and returns are "".
func (p *writePlan) writeMembers(
	w *bodyWriter, table string, form *writeForm, capacity types.ReturnConsumedCapacity,
	returns types.ReturnValue,
) {
	if form.legacy && p.request == updateItem {
		w.legacyUpdates(p.legacyUpdates())
	}
	w.optional("ConditionExpression", form.condition)
	if form.legacy {
		w.legacyExpected(p.legacyExpected())
	}
	w.aliases(&form.aliases)
	if p.request == putItem {
		w.member("Item")
		w.text = append(w.text, p.item...)
	} else {
		w.key(p)
	}
	w.string("ReturnConsumedCapacity", string(capacity))
	w.string("ReturnValues", string(returns))
	w.string("ReturnValuesOnConditionCheckFailure", string(p.returnOnRefusal()))
	w.string("TableName", table)
	w.optional("UpdateExpression", form.update)
}

func (w *bodyWriter) key(p *writePlan) {
	w.member("Key")
	w.text = p.schema.appendKey(w.text, p.key)
}

func (w *bodyWriter) legacyExpected(expected map[string]types.ExpectedAttributeValue) {
	w.member("Expected")
	w.begin()
	for attribute, e := range expected {
		w.member(attribute)
		w.begin()
		if len(e.AttributeValueList) > 0 {
			w.elements("AttributeValueList", len(e.AttributeValueList),
				func(i int) { w.value(e.AttributeValueList[i]) })
		}
		w.string("ComparisonOperator", string(e.ComparisonOperator))
		w.end()
	}
	w.end()
}

func (w *bodyWriter) legacyUpdates(updates map[string]types.AttributeValueUpdate) {
	w.member("AttributeUpdates")
	w.begin()
	for attribute, u := range updates {
		w.member(attribute)
		w.begin()
		w.string("Action", string(u.Action))
		if u.Value != nil {
			w.member("Value")
			w.value(u.Value)
		}
		w.end()
	}
	w.end()
}

func (w *bodyWriter) value(value types.AttributeValue) {
	text, err := wire.AppendValue(w.text, value)
	w.text = text
	if err != nil && w.err == nil {
		w.err = err
	}
}

// transactBody returns the JSON of a TransactWriteItems.
func transactBody(
	operations []operation, token string, capacity types.ReturnConsumedCapacity,
) ([]byte, error) {
	size := bodySize
	for _, o := range operations {
		size += o.plan.bodySize(&o.form)
	}
	w := newBody(size)
	w.string("ClientRequestToken", token)
	w.string("ReturnConsumedCapacity", string(capacity))
	w.elements("TransactItems", len(operations), func(i int) {
		o := &operations[i]
		w.begin()
		w.member(o.kind())
		w.begin()
		o.plan.writeMembers(w, o.table, &o.form, "", "")
		w.end()
		w.end()
	})
	return w.done()
}

// kind returns the name of the operation in a transaction.
func (o *operation) kind() string {
	switch {
	case o.plan.request == putItem:
		return "Put"
	case o.plan.request == deleteItem:
		return "Delete"
	case o.checks():
		return "ConditionCheck"
	}
	return "Update"
}

// batchBody returns the JSON of a BatchWriteItem.
func batchBody(
	part []*batchedWrite, capacity types.ReturnConsumedCapacity,
) ([]byte, error) {
	size := bodySize
	for _, b := range part {
		size += bodySize/2 + len(b.plan.item)
	}
	w := newBody(size)
	w.member("RequestItems")
	w.begin()
	for _, writes := range byTable(part) {
		w.elements(writes[0].table.name, len(writes), func(i int) { w.batched(writes[i].plan) })
	}
	w.end()
	w.string("ReturnConsumedCapacity", string(capacity))
	return w.done()
}

// batched writes one write of a batch.
func (w *bodyWriter) batched(p *writePlan) {
	w.begin()
	if p.request == putItem {
		w.member("PutRequest")
		w.begin()
		w.member("Item")
		w.text = append(w.text, p.item...)
	} else {
		w.member("DeleteRequest")
		w.begin()
		w.key(p)
	}
	w.end()
	w.end()
}
