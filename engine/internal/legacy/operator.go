package legacy

import (
	"math"
	"slices"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// operator is a ComparisonOperator.
type operator struct {
	least, most int          // the number of values that it takes
	kinds       []value.Kind // the types of values that it takes; nil: all
	holds       func(attribute value.Value, values []value.Value) bool
}

var (
	ordered = []value.Kind{value.KindS, value.KindN, value.KindB}
	texts   = []value.Kind{value.KindS, value.KindB}
	members = []value.Kind{
		value.KindS, value.KindN, value.KindB, value.KindBool, value.KindNull,
	}
)

// operators are the ComparisonOperators by name. The attribute is nil if the item has none. Despite
// their names, NULL and NOT_NULL test whether the attribute exists, not its type.
var operators = map[string]operator{
	"NULL":         {0, 0, nil, isMissing},
	"NOT_NULL":     {0, 0, nil, not(isMissing)},
	"EQ":           {1, 1, nil, equals},
	"NE":           {1, 1, nil, not(equals)},
	"LT":           {1, 1, ordered, compares(func(order int) bool { return order < 0 })},
	"LE":           {1, 1, ordered, compares(func(order int) bool { return order <= 0 })},
	"GT":           {1, 1, ordered, compares(func(order int) bool { return order > 0 })},
	"GE":           {1, 1, ordered, compares(func(order int) bool { return order >= 0 })},
	"BETWEEN":      {2, 2, ordered, isBetween},
	"IN":           {1, math.MaxInt, ordered, isIn},
	"BEGINS_WITH":  {1, 1, texts, beginsWith},
	"CONTAINS":     {1, 1, members, contains},
	"NOT_CONTAINS": {1, 1, members, lacks},
}

func not(holds func(value.Value, []value.Value) bool) func(value.Value, []value.Value) bool {
	return func(a value.Value, values []value.Value) bool { return !holds(a, values) }
}

func isMissing(a value.Value, _ []value.Value) bool { return a == nil }

func equals(a value.Value, values []value.Value) bool {
	return a != nil && value.Equal(a, values[0])
}

// compares returns an operator that holds if the order of the attribute and a value does. Values of
// two types have no order.
func compares(holds func(order int) bool) func(value.Value, []value.Value) bool {
	return func(a value.Value, values []value.Value) bool {
		order, comparable := value.Compare(a, values[0])
		return comparable && holds(order)
	}
}

func isBetween(a value.Value, values []value.Value) bool {
	low, comparable := value.Compare(a, values[0])
	if !comparable {
		return false
	}
	high, comparable := value.Compare(a, values[1])
	return comparable && low >= 0 && high <= 0
}

func isIn(a value.Value, values []value.Value) bool {
	return slices.ContainsFunc(values, func(v value.Value) bool { return value.Equal(a, v) })
}

func beginsWith(a value.Value, values []value.Value) bool { return value.BeginsWith(a, values[0]) }

func contains(a value.Value, values []value.Value) bool { return value.Contains(a, values[0]) }

// lacks reports whether NOT_CONTAINS holds. Like CONTAINS, it is false if the item does not have
// the attribute.
func lacks(a value.Value, values []value.Value) bool {
	return a != nil && !value.Contains(a, values[0])
}

// invalid is the beginning of the service's text about a parameter.
const invalid = "One or more parameter values were invalid: "

// check refuses an unknown operator, and values that the operator does not take: too few or too
// many, of a wrong type, of more than one type, or an empty range.
func check(name string, values []value.Value) error {
	op, known := operators[name]
	if !known {
		return protocol.Validation(invalid + "Invalid comparison operator")
	}
	if len(values) < op.least || len(values) > op.most {
		return protocol.Validation(
			invalid+"Invalid number of argument(s) for the %s ComparisonOperator", name)
	}
	if bad := op.unsupported(name, values); bad != nil {
		return protocol.Validation(invalid+"ComparisonOperator %s is not valid for %s "+
			"AttributeValue type", name, bad.Kind())
	}
	if !areOfOneType(values) {
		return protocol.Validation(
			invalid + "AttributeValues inside AttributeValueList must be of same type")
	}
	if name == "BETWEEN" {
		if order, _ := value.Compare(values[0], values[1]); order > 0 {
			return protocol.Validation("The BETWEEN condition was provided a range where the " +
				"lower bound is greater than the upper bound")
		}
	}
	return nil
}

// unsupported returns the value whose type the operator does not take, or nil if there is none. The
// service checks only the first value, except for IN.
func (op *operator) unsupported(name string, values []value.Value) value.Value {
	if op.kinds == nil {
		return nil
	}
	if name != "IN" {
		values = values[:1]
	}
	for _, v := range values {
		if !slices.Contains(op.kinds, v.Kind()) {
			return v
		}
	}
	return nil
}

// areOfOneType reports whether all values have the type of the first one.
func areOfOneType(values []value.Value) bool {
	for _, v := range values {
		if v.Kind() != values[0].Kind() {
			return false
		}
	}
	return true
}

// plain returns the values of a request's list.
func plain(list []protocol.Value) []value.Value {
	values := make([]value.Value, len(list))
	for i := range list {
		values[i] = list[i].Value
	}
	return values
}
