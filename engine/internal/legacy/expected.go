package legacy

import (
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// ParseExpected returns the conditions of Expected. The error is a *protocol.Error.
func ParseExpected(
	in protocol.Map[protocol.ExpectedAttributeValue], operator *string,
) (*Conditions, error) {
	c := newConditions(operator, len(in))
	for i := range in {
		if err := c.expect(in[i].Key, &in[i].Value); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// expect adds the condition on one attribute if its members are compatible.
func (c *Conditions) expect(name string, e *protocol.ExpectedAttributeValue) error {
	operator, listed := e.ComparisonOperator != nil, e.AttributeValueList != nil
	switch {
	case e.Exists != nil && operator:
		return wrong("Exists and ComparisonOperator cannot be used together", name)
	case e.Value != nil && listed:
		return wrong("Value and AttributeValueList cannot be used together", name)
	case listed && !operator:
		return wrong("AttributeValueList can only be used with a ComparisonOperator", name)
	case operator:
		return c.expectComparison(name, e)
	}
	return c.expectValue(name, e)
}

// wrong refuses the condition on an attribute.
func wrong(problem, attribute string) error {
	return protocol.Validation(invalid+"%s for Attribute: %s", problem, attribute)
}

// expectComparison adds a condition that has a ComparisonOperator. Its value may be in Value
// instead of a list.
func (c *Conditions) expectComparison(name string, e *protocol.ExpectedAttributeValue) error {
	operator := *e.ComparisonOperator
	values := plain(e.AttributeValueList)
	if e.Value != nil {
		values = []value.Value{e.Value.Value}
	}
	if e.Value == nil && e.AttributeValueList == nil && operators[operator].least > 0 {
		return wrong(
			"Value or AttributeValueList must be used with ComparisonOperator: "+operator, name)
	}
	return c.add(name, operator, values)
}

// expectValue adds a condition without a ComparisonOperator: the attribute has a value, or does not
// exist.
func (c *Conditions) expectValue(name string, e *protocol.ExpectedAttributeValue) error {
	switch {
	case e.Exists == nil && e.Value == nil:
		return wrong("Value must be provided when Exists is null", name)
	case e.Exists != nil && *e.Exists && e.Value == nil:
		return wrong("Value must be provided when Exists is true", name)
	case e.Exists != nil && !*e.Exists && e.Value != nil:
		return wrong("Value cannot be used when Exists is false", name)
	case e.Value == nil:
		return c.add(name, "NULL", nil)
	}
	return c.add(name, "EQ", []value.Value{e.Value.Value})
}
