package dynamapper

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

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
	if p.request == updateItem {
		w.string("ReturnValues", string(returns))
	}
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
	table string, part []*batchedWrite, capacity types.ReturnConsumedCapacity,
) ([]byte, error) {
	size := bodySize
	for _, b := range part {
		size += bodySize/2 + len(b.plan.item)
	}
	w := newBody(size)
	w.member("RequestItems")
	w.begin()
	w.elements(table, len(part), func(i int) { w.batched(part[i].plan) })
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
