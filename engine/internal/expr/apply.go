package expr

import (
	"cmp"
	"errors"
	"slices"

	"github.com/dynamapper/dynamapper/engine/internal/number"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// The service's texts about an update that an item does not allow.
var (
	errPath = &Error{
		"The document path provided in the update expression is invalid for update"}
	errMissing = &Error{
		"The provided expression refers to an attribute that does not exist in the item"}
	errOperand = &Error{"An operand in the update expression has an incorrect data type"}
)

// edit sets the value at a path, or removes it.
type edit struct {
	target path
	value  value.Value // nil: remove
}

// Apply returns the item after the update. All operands are read from the item before the update,
// and indexes refer to the lists before the update. The error is an *Error.
func (u *Update) Apply(item value.Map) (value.Map, error) {
	if err := u.checkStored(item); err != nil {
		return nil, err
	}
	edits := make([]edit, len(u.actions))
	for i := range u.actions {
		v, err := u.actions[i].result(item)
		if err != nil {
			return nil, err
		}
		edits[i] = edit{u.actions[i].target, v}
	}
	slices.SortFunc(edits, func(a, b edit) int { return comparePaths(a.target, b.target) })
	return editMap(item, edits, 0)
}

// checkStored refuses an ADD or a DELETE that does not fit the stored value. The service reports
// this error before any other about the item.
func (u *Update) checkStored(item value.Map) error {
	for i := range u.actions {
		a := &u.actions[i]
		if a.clause != clauseAdd && a.clause != clauseDelete {
			continue
		}
		stored := a.target.find(item)
		if stored != nil && stored.Kind() != a.operand.value.Kind() {
			return errOperand
		}
	}
	return nil
}

// result returns the value that the action leaves at its target, or nil if it leaves none.
func (a *action) result(item value.Map) (value.Value, error) {
	switch a.clause {
	case clauseSet:
		return a.operand.assigned(item)
	case clauseAdd:
		return Add(a.target.find(item), a.operand.value)
	case clauseDelete:
		return value.Without(a.target.find(item), a.operand.value), nil
	}
	return nil, nil
}

// assigned returns the value of an operand of SET.
func (n *node) assigned(item value.Map) (value.Value, error) {
	switch n.op {
	case opValue:
		return n.value, nil
	case opPath:
		if v := n.path.find(item); v != nil {
			return v, nil
		}
		return nil, errMissing
	case opIfNotExists:
		if v := n.args[0].path.find(item); v != nil {
			return v, nil
		}
		return n.args[1].assigned(item)
	}
	first, err := n.args[0].assigned(item)
	if err != nil {
		return nil, err
	}
	second, err := n.args[1].assigned(item)
	if err != nil {
		return nil, err
	}
	if n.op == opListAppend {
		return appendLists(first, second)
	}
	return calculate(n.op, first, second)
}

func appendLists(a, b value.Value) (value.Value, error) {
	first, ok := a.(value.List)
	second, both := b.(value.List)
	if !ok || !both {
		return nil, errOperand
	}
	return slices.Concat(first, second), nil
}

// calculate adds two numbers, or subtracts the second.
func calculate(o op, a, b value.Value) (value.Value, error) {
	first, ok := a.(value.Number)
	second, both := b.(value.Number)
	if !ok || !both {
		return nil, errOperand
	}
	var result number.Number
	var err error
	if o == opPlus {
		result, err = first.Add(second.Number)
	} else {
		result, err = first.Sub(second.Number)
	}
	if err != nil {
		return nil, &Error{rangeText(err)}
	}
	return value.Number{Number: result}, nil
}

// rangeText returns the service's text about a result that no number can hold.
func rangeText(err error) string {
	switch {
	case errors.Is(err, number.ErrTooLarge):
		return "Number overflow. " +
			"Attempting to store a number with magnitude larger than supported range"
	case errors.Is(err, number.ErrTooSmall):
		return "Number underflow. " +
			"Attempting to store a number with magnitude smaller than supported range"
	}
	return "Attempting to store more than 38 significant digits in a Number"
}

// Add returns the result of ADD on a stored value, which is nil if there is none. Both values have
// one type. The error is an *Error.
func Add(stored, operand value.Value) (value.Value, error) {
	switch {
	case stored == nil:
		return operand, nil
	case operand.Kind() == value.KindN:
		return calculate(opPlus, stored, operand)
	}
	return value.Union(stored, operand), nil
}

// editValue applies the edits to a value, which is nil if there is none. The edits are sorted, and
// their first depth steps lead to the value.
func editValue(old value.Value, edits []edit, depth int) (value.Value, error) {
	if len(edits[0].target) == depth {
		return edits[0].value, nil
	}
	if edits[0].target[depth].isIndex {
		if list, ok := old.(value.List); ok {
			return editList(list, edits, depth)
		}
		return nil, errPath
	}
	if m, ok := old.(value.Map); ok {
		return editMap(m, edits, depth)
	}
	return nil, errPath
}

// editMap applies the edits to a map.
func editMap(m value.Map, edits []edit, depth int) (value.Map, error) {
	out := make(value.Map, 0, len(m)+len(edits))
	for len(edits) > 0 {
		n := editsSharing(edits, depth)
		name := edits[0].target[depth].name
		at, found := slices.BinarySearchFunc(m, name, func(a value.Attribute, name string) int {
			return cmp.Compare(a.Name, name)
		})
		out = append(out, m[:at]...)
		m = m[at:]
		var old value.Value
		if found {
			old, m = m[0].Value, m[1:]
		}
		v, err := editValue(old, edits[:n], depth+1)
		if err != nil {
			return nil, err
		}
		if v != nil {
			out = append(out, value.Attribute{Name: name, Value: v})
		}
		edits = edits[n:]
	}
	return append(out, m...), nil
}

// editList applies the edits to a list. Values beyond its end are appended in the order of their
// indexes.
func editList(list value.List, edits []edit, depth int) (value.List, error) {
	out := make(value.List, 0, len(list)+len(edits))
	done := 0
	for len(edits) > 0 {
		n := editsSharing(edits, depth)
		at := min(edits[0].target[depth].index, len(list))
		out = append(out, list[done:at]...)
		done = at
		var old value.Value
		if at < len(list) {
			old, done = list[at], at+1
		}
		v, err := editValue(old, edits[:n], depth+1)
		if err != nil {
			return nil, err
		}
		if v != nil {
			out = append(out, v)
		}
		edits = edits[n:]
	}
	return append(out, list[done:]...), nil
}

// editsSharing returns how many of the sorted edits have the first one's step at a depth.
func editsSharing(edits []edit, depth int) int {
	n := 1
	for n < len(edits) && edits[n].target[depth] == edits[0].target[depth] {
		n++
	}
	return n
}
