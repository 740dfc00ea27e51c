package service

import (
	"context"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// putItem answers PutItem.
func putItem(
	s *Service, ctx context.Context, in *protocol.PutItemInput, out *protocol.Writer,
) error {
	w := singleWrite{
		table: in.TableName, target: in.Item, condition: in.ConditionExpression,
		operator: in.ConditionalOperator, expected: in.Expected,
		names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		capacity: in.ReturnConsumedCapacity, metrics: in.ReturnItemCollectionMetrics,
		returnValues: in.ReturnValues, returnOnCheck: in.ReturnValuesOnConditionCheckFailure,
	}
	e, err := w.planPut()
	if err != nil {
		return refuseWrite(err, in.Older)
	}
	st, err := s.writeOne(ctx, *in.TableName, e)
	if err != nil {
		return refuseWrite(err, in.Older)
	}
	w.respond(out, st, w.oldAttributes(st))
	return nil
}

// planPut checks the request in the service's order.
func (w *singleWrite) planPut() (*edit, error) {
	if w.table != nil && *w.table == "" {
		return nil, protocol.Enveloped(emptyTableName)
	}
	if err := refuseConstraints(w.constraints("item")); err != nil {
		return nil, err
	}
	if err := w.checkNames(); err != nil {
		return nil, err
	}
	if err := itemProblem(w.target); err != nil {
		return nil, err
	}
	p := w.parameters()
	if err := p.check(); err != nil {
		return nil, err
	}
	condition, err := w.planCondition(&p)
	if err != nil {
		return nil, err
	}
	if !isOneOf(w.returnValues, "NONE", "ALL_OLD") {
		return nil, protocol.Enveloped("ReturnValues can only be ALL_OLD or NONE")
	}
	if value.ItemSize(w.target.Attributes) > maxItem {
		return nil, protocol.Validation("Item size has exceeded the maximum allowed size")
	}
	if err := condition.unused(); err != nil {
		return nil, err
	}
	return w.edit(putEdit, condition), nil
}

// edit makes the edit of a checked request.
func (w *singleWrite) edit(kind editKind, c *plannedCondition) *edit {
	e := &edit{
		kind: kind, target: w.target.Attributes, condition: c.eval, keyCheck: checkKey,
		oldOnFail: isAllOld(w.returnOnCheck),
	}
	if kind == putEdit {
		e.keyCheck = checkItemKey
	}
	return e
}

func isAllOld(mode *string) bool { return mode != nil && *mode == "ALL_OLD" }

// oldAttributes returns the item before the write if the request asks for it.
func (w *singleWrite) oldAttributes(st *staged) value.Map {
	if isAllOld(w.returnValues) {
		return st.item()
	}
	return nil
}
