package service

import (
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// problemError refuses a request because of one of its attribute values.
type problemError struct{ *protocol.Problem }

// Error returns the service's text.
func (e problemError) Error() string { return e.Message }

// hasEmptyName reports whether an item has an attribute without a name, at any depth.
func hasEmptyName(item *protocol.Item) bool {
	return item != nil && item.Problem.Find(protocol.EmptyName) != nil
}

// valueHasEmptyName reports whether a value has an attribute without a name, at any depth.
func valueHasEmptyName(v *protocol.Value) bool {
	return v != nil && v.Problem.Find(protocol.EmptyName) != nil
}

// problem returns the refusal of a value's first problem, or nil if there is none. Attributes
// without a name have been refused earlier.
func problem(p *protocol.Problem) error {
	if p = p.Except(protocol.EmptyName); p != nil {
		return problemError{p}
	}
	return nil
}

// itemProblem refuses an item with an invalid value.
func itemProblem(item *protocol.Item) error {
	if item == nil {
		return nil
	}
	return problem(item.Problem)
}

const emptyName = requestError("Empty attribute name")

// checkNames refuses attributes without a name in all members of a single write.
func (w *singleWrite) checkNames() error {
	if hasEmptyName(w.target) {
		return emptyName
	}
	for i := range w.expected {
		e := &w.expected[i]
		if e.Key == "" || valueHasEmptyName(e.Value.Value) ||
			listHasEmptyName(e.Value.AttributeValueList) {
			return emptyName
		}
	}
	if err := emptyAliasedName(w.names); err != nil {
		return err
	}
	if hasEmptyName(w.values) {
		return emptyName
	}
	return nil
}

func listHasEmptyName(values []protocol.Value) bool {
	for i := range values {
		if valueHasEmptyName(&values[i]) {
			return true
		}
	}
	return false
}

// updateNames refuses attributes without a name in AttributeUpdates.
func (w *updateRequest) updateNames() error {
	for i := range w.updates {
		if u := &w.updates[i]; u.Key == "" || valueHasEmptyName(u.Value.Value) {
			return emptyName
		}
	}
	return nil
}

// filterNames refuses attributes without a name in the values of a legacy filter.
func filterNames(filters protocol.Map[protocol.Condition]) error {
	for i := range filters {
		if listHasEmptyName(filters[i].Value.AttributeValueList) {
			return emptyName
		}
	}
	return nil
}

// emptyNameInValues refuses attributes without a name in the expression values of a transaction.
func emptyNameInValues(values *protocol.Item) error {
	if values == nil {
		return nil
	}
	if p := values.Problem.Find(protocol.EmptyName); p != nil {
		return problemError{p}
	}
	return nil
}

// updatesProblem refuses invalid values of AttributeUpdates.
func updatesProblem(updates protocol.Map[protocol.AttributeValueUpdate]) error {
	for i := range updates {
		if v := updates[i].Value.Value; v != nil {
			if err := problem(v.Problem); err != nil {
				return err
			}
		}
	}
	return nil
}

// expectedProblem refuses invalid values of Expected.
func expectedProblem(expected protocol.Map[protocol.ExpectedAttributeValue]) error {
	for i := range expected {
		e := &expected[i].Value
		if e.Value != nil {
			if err := problem(e.Value.Problem); err != nil {
				return err
			}
		}
		if err := listProblem(e.AttributeValueList); err != nil {
			return err
		}
	}
	return nil
}

// conditionsProblem refuses invalid values of legacy conditions.
func conditionsProblem(conditions ...protocol.Map[protocol.Condition]) error {
	for _, of := range conditions {
		for i := range of {
			if err := listProblem(of[i].Value.AttributeValueList); err != nil {
				return err
			}
		}
	}
	return nil
}

func listProblem(values []protocol.Value) error {
	for i := range values {
		if err := problem(values[i].Problem); err != nil {
			return err
		}
	}
	return nil
}
