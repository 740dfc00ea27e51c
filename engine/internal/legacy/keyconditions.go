package legacy

import (
	"github.com/dynamapper/dynamapper/engine/internal/expr"
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// keyOps are the operators that key conditions may use.
var keyOps = map[string]expr.KeyOp{
	"EQ": expr.KeyEQ, "LT": expr.KeyLT, "LE": expr.KeyLE, "GT": expr.KeyGT, "GE": expr.KeyGE,
	"BETWEEN": expr.KeyBetween, "BEGINS_WITH": expr.KeyBeginsWith,
}

// CheckKeyConditions refuses KeyConditions whose operators do not take their values. Each condition
// has a ComparisonOperator. The error is a *protocol.Error.
func CheckKeyConditions(in protocol.Map[protocol.Condition]) error {
	for i := range in {
		condition := &in[i].Value
		values := plain(condition.AttributeValueList)
		if err := check(*condition.ComparisonOperator, values); err != nil {
			return err
		}
	}
	return nil
}

// ParseKeyConditions returns the tests of KeyConditions that CheckKeyConditions accepts. kindOf
// returns the type that an attribute has as a key of the table or an index, or 0 if it is not a
// key. The error is a *protocol.Error.
func ParseKeyConditions(
	in protocol.Map[protocol.Condition], kindOf func(attribute string) value.Kind,
) ([]expr.KeyTest, error) {
	for i := range in {
		kind := kindOf(in[i].Key)
		for _, v := range in[i].Value.AttributeValueList {
			if kind != 0 && v.Value.Kind() != kind {
				return nil, protocol.Validation(
					invalid + "Condition parameter type does not match schema type")
			}
		}
	}
	tests := make([]expr.KeyTest, len(in))
	for i := range in {
		name := *in[i].Value.ComparisonOperator
		op, supported := keyOps[name]
		if !supported {
			return nil, protocol.Validation(
				"Unsupported KeyConditions ComparisonOperator: %s", name)
		}
		values := in[i].Value.AttributeValueList
		tests[i] = expr.KeyTest{Attribute: in[i].Key, Op: op, Low: values[0].Value}
		if op == expr.KeyBetween {
			tests[i].High = values[1].Value
		}
	}
	return tests, nil
}
