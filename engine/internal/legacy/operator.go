package legacy

import (
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// operator is a ComparisonOperator.
type operator struct {
	least, most int // how many values it takes
	kinds       kinds
	holds       func(attribute value.Value, values []value.Value) bool
}

// kinds are the types of values that an operator takes; nil: all.
type kinds []value.Kind

var (
	scalars = kinds{value.KindS, value.KindN, value.KindB}
	texts   = kinds{value.KindS, value.KindB}
	members = kinds{value.KindS, value.KindN, value.KindB, value.KindBool, value.KindNull}
)

const anyNumber = 1 << 30

// operators are the ComparisonOperators by name. The attribute is nil if the item has none.
var operators = map[string]operator{
	"NULL":         {0, 0, nil, func(a value.Value, _ []value.Value) bool { return a == nil }},
	"NOT_NULL":     {0, 0, nil, func(a value.Value, _ []value.Value) bool { return a != nil }},
	"EQ":           {1, 1, nil, equals},
	"NE":           {1, 1, nil, func(a value.Value, v []value.Value) bool { return !equals(a, v) }},
	"LT":           {1, 1, scalars, compares(func(c int) bool { return c < 0 })},
	"LE":           {1, 1, scalars, compares(func(c int) bool { return c <= 0 })},
	"GT":           {1, 1, scalars, compares(func(c int) bool { return c > 0 })},
	"GE":           {1, 1, scalars, compares(func(c int) bool { return c >= 0 })},
	"BETWEEN":      {2, 2, scalars, between},
	"IN":           {1, anyNumber, scalars, in},
	"BEGINS_WITH":  {1, 1, texts, beginsWith},
	"CONTAINS":     {1, 1, members, contains},
	"NOT_CONTAINS": {1, 1, members, func(a value.Value, v []value.Value) bool { return !contains(a, v) }},
}

func equals(a value.Value, v []value.Value) bool { return a != nil && value.Equal(a, v[0]) }

func compares(holds func(int) bool) func(value.Value, []value.Value) bool {
	return func(a value.Value, v []value.Value) bool {
		order, comparable := compare(a, v[0])
		return comparable && holds(order)
	}
}

func compare(a, b value.Value) (int, bool) {
	if a == nil {
		return 0, false
	}
	return value.Compare(a, b)
}

func between(a value.Value, v []value.Value) bool {
	low, ok := compare(a, v[0])
	high, also := compare(a, v[1])
	return ok && also && low >= 0 && high <= 0
}

func in(a value.Value, v []value.Value) bool {
	for i := range v {
		if equals(a, v[i:]) {
			return true
		}
	}
	return false
}

func beginsWith(a value.Value, v []value.Value) bool {
	return a != nil && value.BeginsWith(a, v[0])
}

func contains(a value.Value, v []value.Value) bool { return a != nil && value.Contains(a, v[0]) }

// invalid is the beginning of the service's text about a parameter.
const invalid = "One or more parameter values were invalid: "

// check refuses values that the operator does not take.
func check(name string, values []value.Value) error {
	op, known := operators[name]
	if !known {
		return protocol.Validation(invalid + "Invalid comparison operator")
	}
	if len(values) < op.least || len(values) > op.most {
		return protocol.Validation(
			invalid+"Invalid number of argument(s) for the %s ComparisonOperator", name)
	}
	checked := values[:min(1, len(values))]
	if name == "IN" {
		checked = values
	}
	for _, v := range checked {
		if !op.kinds.take(v.Kind()) {
			return protocol.Validation(invalid+"ComparisonOperator %s is not valid for %s "+
				"AttributeValue type", name, v.Kind())
		}
	}
	return nil
}

func (k kinds) take(kind value.Kind) bool {
	for _, taken := range k {
		if taken == kind {
			return true
		}
	}
	return k == nil
}

// sameKinds reports whether all values are of one type.
func sameKinds(values []value.Value) bool {
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
