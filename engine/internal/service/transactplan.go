package service

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/expr"
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// action is the action of an item of TransactWriteItems.
type action struct {
	name      string // in the form of the paths in errors: "conditionCheck"
	kind      editKind
	table     *string
	target    *protocol.Item
	member    string // the target's name: "item" or "key"
	update    *string
	condition *string
	names     protocol.Map[string]
	values    *protocol.Item
	onCheck   *string
}

// actionsOf returns the actions of an item. A valid item has one.
func actionsOf(item *protocol.TransactWriteItem) []action {
	var all []action
	if p := item.Put; p != nil {
		all = append(all, action{"put", putEdit, p.TableName, p.Item, "item", nil,
			p.ConditionExpression, p.ExpressionAttributeNames, p.ExpressionAttributeValues,
			p.ReturnValuesOnConditionCheckFailure})
	}
	if u := item.Update; u != nil {
		all = append(all, action{"update", updateEdit, u.TableName, u.Key, "key",
			u.UpdateExpression, u.ConditionExpression, u.ExpressionAttributeNames,
			u.ExpressionAttributeValues, u.ReturnValuesOnConditionCheckFailure})
	}
	if d := item.Delete; d != nil {
		all = append(all, action{"delete", deleteEdit, d.TableName, d.Key, "key", nil,
			d.ConditionExpression, d.ExpressionAttributeNames, d.ExpressionAttributeValues,
			d.ReturnValuesOnConditionCheckFailure})
	}
	if c := item.ConditionCheck; c != nil {
		all = append(all, action{"conditionCheck", checkEdit, c.TableName, c.Key, "key", nil,
			c.ConditionExpression, c.ExpressionAttributeNames, c.ExpressionAttributeValues,
			c.ReturnValuesOnConditionCheckFailure})
	}
	return all
}

// planTransactWrite checks the request in the service's order.
func planTransactWrite(in *protocol.TransactWriteItemsInput) ([]*transactEdit, error) {
	if err := checkTransactWrite(in); err != nil {
		return nil, err
	}
	actions, err := chooseActions(in)
	if err != nil {
		return nil, err
	}
	for i := range actions {
		if err := actions[i].checkNames(); err != nil {
			return nil, err
		}
	}
	edits := make([]*transactEdit, len(actions))
	for i := range actions {
		if edits[i], err = actions[i].plan(); err != nil {
			return nil, err
		}
	}
	for i := range actions {
		if actions[i].kind == putEdit {
			continue
		}
		if err := itemProblem(actions[i].target); err != nil {
			return nil, err
		}
	}
	return edits, nil
}

// checkTransactWrite checks the members of the request against the service's model.
func checkTransactWrite(in *protocol.TransactWriteItemsInput) error {
	echo := func() string { return transactWriteEcho(in) }
	if err := checkTransactItems(in.TransactItems != nil, len(in.TransactItems), echo); err != nil {
		return err
	}
	var broken []string
	for i := range in.TransactItems {
		for _, a := range actionsOf(&in.TransactItems[i]) {
			path := fmt.Sprintf("transactItems.%d.member.%s.", i+1, a.name)
			broken = append(broken, a.missing(path)...)
			broken = append(broken,
				badOnCheck(a.onCheck, path+"returnValuesOnConditionCheckFailure")...)
		}
	}
	broken = append(broken, badToken(in.ClientRequestToken)...)
	broken = append(broken, badCapacity(in.ReturnConsumedCapacity)...)
	return refuseConstraints(append(broken, badMetrics(in.ReturnItemCollectionMetrics)...))
}

// badToken returns the broken constraints of a ClientRequestToken, which has 1 to 36 characters.
func badToken(token *string) []string {
	bound := ""
	switch {
	case token == nil:
		return nil
	case *token == "":
		bound = "greater than or equal to 1"
	case len(*token) > 36:
		bound = "less than or equal to 36"
	default:
		return nil
	}
	return []string{fmt.Sprintf("Value '%s' at 'clientRequestToken' failed to satisfy "+
		"constraint: Member must have length %s", *token, bound)}
}

// missing returns the constraints that missing required members break.
func (a *action) missing(path string) []string {
	broken := missingMember(a.target == nil, path+a.member)
	broken = append(broken, missingMember(a.table == nil, path+"tableName")...)
	broken = append(broken,
		missingMember(a.kind == updateEdit && a.update == nil, path+"updateExpression")...)
	return append(broken,
		missingMember(a.kind == checkEdit && a.condition == nil, path+"conditionExpression")...)
}

// chooseActions returns the action of each item. It refuses an item with no or several actions,
// then invalid table names.
func chooseActions(in *protocol.TransactWriteItemsInput) ([]action, error) {
	actions := make([]action, len(in.TransactItems))
	for i := range in.TransactItems {
		switch all := actionsOf(&in.TransactItems[i]); len(all) {
		case 0:
			return nil, protocol.Validation("Invalid Request: TransactWriteRequest should " +
				"contain Delete or Put or Update request")
		case 1:
			actions[i] = all[0]
		default:
			return nil, protocol.Validation(
				"TransactItems can only contain one of Check, Put, Update or Delete")
		}
	}
	var broken []string
	for i, a := range actions {
		path := fmt.Sprintf("transactItems.%d.member.%s.tableName", i+1, a.name)
		broken = append(broken, tableNameProblems(*a.table, path)...)
	}
	return actions, refuseConstraints(broken)
}

// checkNames refuses empty attribute names.
func (a *action) checkNames() error {
	if hasEmptyName(a.target) {
		return protocol.Validation("Empty attribute name")
	}
	if err := emptyAliasedName(a.names); err != nil {
		return err
	}
	return emptyNameInValues(a.values)
}

// plan checks an action as far as the request alone allows. A fault found here refuses the whole
// transaction; a fault found in the table is the reason of its item.
func (a *action) plan() (*transactEdit, error) {
	for _, item := range []*protocol.Item{a.target, a.values} {
		if err := itemProblem(item); err != nil {
			return nil, err
		}
	}
	e := &edit{
		kind: a.kind, target: a.target.Attributes, keyCheck: checkKey,
		oldOnFail: isAllOld(a.onCheck),
	}
	if a.kind == putEdit {
		e.keyCheck = checkItemKey
		if value.ItemSize(e.target) > maxItem {
			return nil, protocol.Validation("Item size has exceeded the maximum allowed size")
		}
	}
	if err := a.planExpressions(e); err != nil {
		return nil, err
	}
	return &transactEdit{edit: e, table: *a.table}, nil
}

// planExpressions plans the update and the condition of an action.
func (a *action) planExpressions(e *edit) error {
	if a.update == nil && a.condition == nil {
		return nil // unused names and values are accepted
	}
	p := parameters{names: a.names, values: a.values}
	p.expressions = present(p.expressions, a.update != nil, "UpdateExpression")
	p.expressions = present(p.expressions, a.condition != nil, "ConditionExpression")
	if err := p.check(); err != nil {
		return err
	}
	scope := p.scope()
	if a.update != nil {
		parsed, err := expr.ParseUpdate(*a.update, scope)
		if err != nil {
			return err
		}
		e.update = parsed
	}
	if a.condition != nil {
		parsed, err := expr.ParseCondition(expr.KindTransactionCondition, *a.condition, scope)
		if err != nil {
			return err
		}
		e.condition = parsed.Eval
	}
	return scope.Unused()
}

// transactText returns a text that is equal for requests of the same transaction, whatever the
// order of their maps.
func transactText(in *protocol.TransactWriteItemsInput) []byte {
	out := protocol.Writer{}
	out.Array()
	for i := range in.TransactItems {
		for _, a := range actionsOf(&in.TransactItems[i]) {
			a.write(&out)
		}
	}
	out.End()
	return out.Bytes()
}

// write writes all members of an action.
func (a *action) write(out *protocol.Writer) {
	out.Array()
	out.String(a.name)
	for _, text := range []*string{a.table, a.update, a.condition, a.onCheck} {
		if text == nil {
			out.Int(0)
		} else {
			out.String(*text)
		}
	}
	for _, item := range []*protocol.Item{a.target, a.values} {
		if item == nil {
			out.Int(0)
		} else {
			out.Item(item.Attributes)
		}
	}
	names := slices.Clone(a.names)
	slices.SortFunc(names, func(x, y protocol.Entry[string]) int {
		return strings.Compare(x.Key, y.Key)
	})
	for _, n := range names {
		out.String(n.Key)
		out.String(n.Value)
	}
	out.End()
}
