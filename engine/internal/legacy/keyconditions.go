package legacy

import (
	"github.com/dynamapper/dynamapper/engine/internal/expr"
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// keyOps are the operators that a key can be compared with.
var keyOps = map[string]expr.KeyOp{
	"EQ": expr.KeyEQ, "LT": expr.KeyLT, "LE": expr.KeyLE, "GT": expr.KeyGT, "GE": expr.KeyGE,
	"BETWEEN": expr.KeyBetween, "BEGINS_WITH": expr.KeyBeginsWith,
}

// CheckKeyConditions refuses values that the operators of KeyConditions do not take.
func CheckKeyConditions(in protocol.Map[protocol.Condition]) error {
	for _, entry := range in {
		values := plain(entry.Value.AttributeValueList)
		if err := check(*entry.Value.ComparisonOperator, values); err != nil {
			return err
		}
	}
	return nil
}

// ParseKeyConditions returns the conditions of KeyConditions that CheckKeyConditions lets pass.
func ParseKeyConditions(in protocol.Map[protocol.Condition]) ([]expr.KeyTest, error) {
	for _, entry := range in {
		if !sameKinds(plain(entry.Value.AttributeValueList)) {
			return nil, protocol.Validation(
				invalid + "AttributeValues inside AttributeValueList must be of same type")
		}
	}
	tests := make([]expr.KeyTest, len(in))
	for i, entry := range in {
		name := *entry.Value.ComparisonOperator
		op, supported := keyOps[name]
		if !supported {
			return nil, protocol.Validation("Unsupported KeyConditions ComparisonOperator: %s", name)
		}
		values := plain(entry.Value.AttributeValueList)
		tests[i] = expr.KeyTest{Attribute: entry.Key, Op: op, Low: values[0], High: last(values)}
	}
	return tests, nil
}

// last returns the second of two values, and nil for one.
func last(values []value.Value) value.Value {
	if len(values) < 2 {
		return nil
	}
	return values[1]
}
