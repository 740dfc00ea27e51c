package service

import (
	"context"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// deleteItem answers DeleteItem.
func deleteItem(
	s *Service, ctx context.Context, in *protocol.DeleteItemInput, out *protocol.Writer,
) error {
	w := singleWrite{
		table: in.TableName, target: in.Key, condition: in.ConditionExpression,
		operator: in.ConditionalOperator, expected: in.Expected,
		names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		capacity: in.ReturnConsumedCapacity, metrics: in.ReturnItemCollectionMetrics,
		returnValues: in.ReturnValues, returnOnCheck: in.ReturnValuesOnConditionCheckFailure,
	}
	e, err := w.planDelete()
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

// planDelete checks the request in the service's order.
func (w *singleWrite) planDelete() (*edit, error) {
	if w.table != nil && *w.table == "" {
		return nil, protocol.Enveloped(emptyTableName)
	}
	broken := w.constraints("key")
	if w.target != nil && isReturnValues(w.returnValues) &&
		!isOneOf(w.returnValues, "NONE", "ALL_OLD") {
		broken = append(broken, "ReturnValues can only be ALL_OLD or NONE")
	}
	if err := refuseConstraints(broken); err != nil {
		return nil, err
	}
	if err := w.checkNames(); err != nil {
		return nil, err
	}
	p := w.parameters()
	if err := p.check(); err != nil {
		return nil, err
	}
	if err := itemProblem(w.target); err != nil {
		return nil, err
	}
	condition, err := w.planCondition(&p)
	if err != nil {
		return nil, err
	}
	if err := condition.unused(); err != nil {
		return nil, err
	}
	return w.edit(deleteEdit, condition), nil
}
