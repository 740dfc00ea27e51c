// Package legacy holds the parameters that expressions have replaced: Expected, the filters,
// KeyConditions and AttributeUpdates. They work on the items themselves and have no limits of
// their own, as expressions have.
package legacy

import (
	"fmt"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// Conditions are conditions on attributes, of Expected or of a filter.
type Conditions struct {
	tests []test
	any   bool // one is enough
}

// test is a condition on one attribute.
type test struct {
	attribute string
	holds     func(value.Value, []value.Value) bool
	values    []value.Value
}

// Eval reports whether an item satisfies the conditions.
func (c *Conditions) Eval(item value.Map) bool {
	for _, t := range c.tests {
		if t.holds(item.Get(t.attribute), t.values) == c.any {
			return c.any
		}
	}
	return !c.any || len(c.tests) == 0
}

// Attributes returns the attributes that the conditions are on.
func (c *Conditions) Attributes() []string {
	names := make([]string, len(c.tests))
	for i, t := range c.tests {
		names[i] = t.attribute
	}
	return names
}

// newConditions returns conditions of which all must hold, or one if the operator is "OR".
func newConditions(operator *string) *Conditions {
	return &Conditions{any: operator != nil && *operator == "OR"}
}

// add adds a condition that has been checked.
func (c *Conditions) add(attribute, name string, values []value.Value) {
	c.tests = append(c.tests, test{attribute, operators[name].holds, values})
}

// ParseFilter returns the conditions of a QueryFilter or a ScanFilter.
func ParseFilter(in protocol.Map[protocol.Condition], operator *string) (*Conditions, error) {
	c := newConditions(operator)
	for _, entry := range in {
		values := plain(entry.Value.AttributeValueList)
		name := *entry.Value.ComparisonOperator
		if err := check(name, values); err != nil {
			return nil, err
		}
		c.add(entry.Key, name, values)
	}
	return c, nil
}

// MissingOperators returns the broken constraint of each condition without a ComparisonOperator.
func MissingOperators(in protocol.Map[protocol.Condition], member string) []string {
	var broken []string
	for _, entry := range in {
		if entry.Value.ComparisonOperator == nil {
			broken = append(broken, fmt.Sprintf("Value null at '%s.%s.member.comparisonOperator' "+
				"failed to satisfy constraint: Member must not be null", member, entry.Key))
		}
	}
	return broken
}
