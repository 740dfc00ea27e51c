package legacy

import (
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// ParseExpected returns the conditions of Expected.
func ParseExpected(
	in protocol.Map[protocol.ExpectedAttributeValue], operator *string,
) (*Conditions, error) {
	c := newConditions(operator)
	for i := range in {
		if err := c.expect(in[i].Key, &in[i].Value); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// expect checks and adds the condition on one attribute.
func (c *Conditions) expect(name string, e *protocol.ExpectedAttributeValue) error {
	about := func(problem string) error {
		return protocol.Validation(invalid+"%s for Attribute: %s", problem, name)
	}
	operator, listed := e.ComparisonOperator != nil, e.AttributeValueList != nil
	switch {
	case e.Exists != nil && operator:
		return about("Exists and ComparisonOperator cannot be used together")
	case e.Value != nil && listed:
		return about("Value and AttributeValueList cannot be used together")
	case listed && !operator:
		return about("AttributeValueList can only be used with a ComparisonOperator")
	case operator:
		return c.expectOperator(name, e)
	case e.Exists == nil && e.Value == nil:
		return about("Value must be provided when Exists is null")
	case e.Exists != nil && *e.Exists && e.Value == nil:
		return about("Value must be provided when Exists is true")
	case e.Exists != nil && !*e.Exists && e.Value != nil:
		return about("Value cannot be used when Exists is false")
	case e.Value == nil:
		c.add(name, "NULL", nil)
	default:
		c.add(name, "EQ", []value.Value{e.Value.Value})
	}
	return nil
}

// expectOperator checks and adds a condition with a ComparisonOperator.
func (c *Conditions) expectOperator(name string, e *protocol.ExpectedAttributeValue) error {
	operator := *e.ComparisonOperator
	values := plain(e.AttributeValueList)
	if e.Value != nil {
		values = []value.Value{e.Value.Value}
	}
	op, known := operators[operator]
	if known && op.least > 0 && e.Value == nil && e.AttributeValueList == nil {
		return protocol.Validation(invalid+"Value or AttributeValueList must be used with "+
			"ComparisonOperator: %s for Attribute: %s", operator, name)
	}
	if err := check(operator, values); err != nil {
		return err
	}
	if !sameKinds(values) {
		return protocol.Validation(
			invalid + "AttributeValues inside AttributeValueList must be of same type")
	}
	if operator == "BETWEEN" {
		if order, ok := value.Compare(values[0], values[1]); ok && order > 0 {
			return protocol.Validation("The BETWEEN condition was provided a range where the " +
				"lower bound is greater than the upper bound")
		}
	}
	c.add(name, operator, values)
	return nil
}
