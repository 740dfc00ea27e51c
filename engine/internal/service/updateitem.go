package service

import (
	"context"

	"github.com/dynamapper/dynamapper/engine/internal/expr"
	"github.com/dynamapper/dynamapper/engine/internal/legacy"
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// updateRequest is a singleWrite with the other members of UpdateItem.
type updateRequest struct {
	singleWrite
	expression *string
	updates    protocol.Map[protocol.AttributeValueUpdate]
}

// updateItem answers UpdateItem.
func updateItem(
	s *Service, ctx context.Context, in *protocol.UpdateItemInput, out *protocol.Writer,
) error {
	w := updateRequest{
		singleWrite: singleWrite{
			table: in.TableName, target: in.Key, condition: in.ConditionExpression,
			operator: in.ConditionalOperator, expected: in.Expected,
			names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
			capacity: in.ReturnConsumedCapacity, metrics: in.ReturnItemCollectionMetrics,
			returnValues:  in.ReturnValues,
			returnOnCheck: in.ReturnValuesOnConditionCheckFailure,
		},
		expression: in.UpdateExpression,
		updates:    in.AttributeUpdates,
	}
	e, err := w.plan()
	if err != nil {
		return refuseWrite(err, in.Older)
	}
	st, err := s.writeOne(ctx, *in.TableName, e)
	if err != nil {
		return refuse(err)
	}
	w.respond(out, st, w.attributes(st))
	return nil
}

// plan checks the request in the service's order.
func (w *updateRequest) plan() (*edit, error) {
	if err := w.checkMembers(); err != nil {
		return nil, err
	}
	if err := w.checkNames(); err != nil {
		return nil, err
	}
	if err := w.updateNames(); err != nil {
		return nil, err
	}
	p := w.allParameters()
	if err := p.check(); err != nil {
		return nil, err
	}
	if err := checkOperator(w.operator, len(w.expected)); err != nil {
		return nil, err
	}
	if err := itemProblem(w.target); err != nil {
		return nil, err
	}
	if err := updatesProblem(w.updates); err != nil {
		return nil, err
	}
	if !legacy.CheckActions(w.updates) {
		return nil, requestError(legacy.BadAction)
	}
	return w.planEdit(&p)
}

// checkMembers checks the members of the request against the service's model. Unlike PutItem,
// UpdateItem reports one fault at a time: first that of the table's name, then the others. Without
// its key it reports all of them.
func (w *updateRequest) checkMembers() error {
	if w.table != nil && *w.table == "" {
		return protocol.Enveloped(emptyTableName)
	}
	if w.target == nil {
		return refuseConstraints(w.constraintsWithoutKey())
	}
	if w.table == nil && !isReturnValues(w.returnValues) {
		return refuseConstraints([]string{notNull("tableName"), w.badReturnValues()})
	}
	if err := refuseConstraints(w.nameConstraints()); err != nil {
		return err
	}
	return w.firstBadEnum()
}

// constraintsWithoutKey returns all constraints that a request without a key breaks.
func (w *updateRequest) constraintsWithoutKey() []string {
	broken := badCapacity(w.capacity)
	if w.table == nil {
		broken = append(broken, notNull("tableName"))
	}
	if !isReturnValues(w.returnValues) {
		broken = append(broken, w.badReturnValues())
	}
	broken = append(broken, badOnCheck(w.returnOnCheck, "returnValuesOnConditionCheckFailure")...)
	broken = append(broken, badMetrics(w.metrics)...)
	return append(broken, notNull("key"))
}

func (w *updateRequest) badReturnValues() string {
	return notInEnum(*w.returnValues, "returnValues",
		"ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW")
}

// nameConstraints returns the constraints that the table's name breaks. The pattern is checked
// before the length.
func (w *updateRequest) nameConstraints() []string {
	if w.table == nil {
		return []string{notNull("tableName")}
	}
	broken := tableNameProblems(*w.table, "tableName")
	if len(broken) == 2 {
		broken[0], broken[1] = broken[1], broken[0]
	}
	return broken
}

// firstBadEnum refuses the first member whose value the model does not have. For two of the
// members, the service's text has no count of errors.
func (w *updateRequest) firstBadEnum() error {
	if !isReturnValues(w.returnValues) {
		return protocol.Enveloped(returnValuesEnum)
	}
	if broken := badOnCheck(w.returnOnCheck, "returnValuesOnConditionCheckFailure"); broken != nil {
		return protocol.Validation("%s", broken[0])
	}
	if broken := badMetrics(w.metrics); broken != nil {
		return refuseConstraints(broken)
	}
	if broken := badCapacity(w.capacity); broken != nil {
		return protocol.Validation("%s", broken[0])
	}
	return nil
}

// allParameters collects the parts of the request that concern expressions.
func (w *updateRequest) allParameters() parameters {
	p := w.parameters()
	if w.updates != nil {
		p.legacy = append([]string{"AttributeUpdates"}, p.legacy...)
	}
	if w.expression != nil {
		p.expressions = append([]string{"UpdateExpression"}, p.expressions...)
	}
	return p
}

// planEdit plans the update and its condition.
func (w *updateRequest) planEdit(p *parameters) (*edit, error) {
	if w.condition != nil && *w.condition == "" {
		return nil, requestError("Invalid ConditionExpression: The expression can not be empty;")
	}
	scope := p.scope()
	changes, err := w.planUpdate(scope)
	if err != nil {
		return nil, err
	}
	condition, err := w.planConditionIn(scope)
	if err != nil {
		return nil, err
	}
	if w.expression != nil || w.condition != nil {
		if err := scope.Unused(); err != nil {
			return nil, err
		}
	}
	if u, ok := changes.(*expr.Update); ok && u.RequestSize() > maxItem {
		return nil, protocol.Validation(
			"Item size to update has exceeded the maximum allowed size")
	}
	e := w.edit(updateEdit, condition)
	e.update = changes
	return e, nil
}

// planUpdate makes the update of the request, or nil if it has none.
func (w *updateRequest) planUpdate(scope *expr.Scope) (update, error) {
	if w.expression != nil {
		return expr.ParseUpdate(*w.expression, scope)
	}
	if len(w.updates) > 0 {
		return legacy.ParseUpdates(w.updates)
	}
	return nil, nil
}

// attributes returns the attributes that ReturnValues asks for, or nil if it asks for none.
func (w *updateRequest) attributes(st *staged) value.Map {
	if w.returnValues == nil {
		return nil
	}
	switch *w.returnValues {
	case "ALL_OLD":
		return st.item()
	case "ALL_NEW":
		return st.now
	case "UPDATED_OLD":
		return touched(st, st.item())
	case "UPDATED_NEW":
		return touched(st, st.now)
	}
	return nil
}

// touched returns the part of an item that the update writes, or nil if the item has none of it.
func touched(st *staged, item value.Map) value.Map {
	if st.update == nil {
		return nil
	}
	if part := st.update.Touched(item); len(part) > 0 {
		return part
	}
	return nil
}
