// Package legacy implements the parameters that expressions have replaced: Expected, the filters,
// KeyConditions and AttributeUpdates. They work on the items directly, and lack the limits that
// expressions have.
package legacy

import (
	"fmt"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// Conditions are conditions on attributes, from Expected or a filter.
type Conditions struct {
	tests []test
	any   bool // one true condition is enough
}

// test is a condition on one attribute.
type test struct {
	attribute string
	holds     func(attribute value.Value, values []value.Value) bool
	values    []value.Value
}

// Eval reports whether an item satisfies the conditions. Without conditions every item does.
func (c *Conditions) Eval(item value.Map) bool {
	for _, t := range c.tests {
		if t.holds(item.Get(t.attribute), t.values) == c.any {
			return c.any
		}
	}
	return !c.any || len(c.tests) == 0
}

// Attributes returns the attributes that the conditions test.
func (c *Conditions) Attributes() []string {
	names := make([]string, len(c.tests))
	for i, t := range c.tests {
		names[i] = t.attribute
	}
	return names
}

// newConditions returns an empty set of conditions. All of its conditions must hold, or one if the
// operator is "OR".
func newConditions(operator *string, size int) *Conditions {
	return &Conditions{
		tests: make([]test, 0, size),
		any:   operator != nil && *operator == "OR",
	}
}

// add adds a condition if the operator takes the values.
func (c *Conditions) add(attribute, operator string, values []value.Value) error {
	if err := check(operator, values); err != nil {
		return err
	}
	c.tests = append(c.tests, test{attribute, operators[operator].holds, values})
	return nil
}

// ParseFilter returns the conditions of a QueryFilter or a ScanFilter, each of which has a
// ComparisonOperator. The error is a *protocol.Error.
func ParseFilter(in protocol.Map[protocol.Condition], operator *string) (*Conditions, error) {
	c := newConditions(operator, len(in))
	for i := range in {
		condition := &in[i].Value
		values := plain(condition.AttributeValueList)
		if err := c.add(in[i].Key, *condition.ComparisonOperator, values); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// MissingOperators returns the broken constraint of each condition without a ComparisonOperator.
// member is the name of the conditions in the request.
func MissingOperators(in protocol.Map[protocol.Condition], member string) []string {
	var broken []string
	for i := range in {
		if in[i].Value.ComparisonOperator == nil {
			broken = append(broken, fmt.Sprintf("Value null at '%s.%s.member.comparisonOperator' "+
				"failed to satisfy constraint: Member must not be null", member, in[i].Key))
		}
	}
	return broken
}
