package legacy

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// decode decodes the JSON of a request.
func decode[In any](t *testing.T, body string) *In {
	t.Helper()
	in, err := protocol.Decode[In]([]byte(body))
	require.NoError(t, err, "%s", body)
	return in
}

// item returns the item for its JSON.
func item(t *testing.T, attributes string) value.Map {
	t.Helper()
	return decode[protocol.PutItemInput](t, `{"Item":{`+attributes+`}}`).Item.Attributes
}

// itemText returns the JSON of an item.
func itemText(item value.Map) string { return string(value.AppendItemJSON(nil, item)) }

func filterOf(t *testing.T, conditions string) protocol.Map[protocol.Condition] {
	t.Helper()
	return decode[protocol.ScanInput](t, `{"ScanFilter":{`+conditions+`}}`).ScanFilter
}

func expectedOf(
	t *testing.T, conditions string,
) protocol.Map[protocol.ExpectedAttributeValue] {
	t.Helper()
	return decode[protocol.PutItemInput](t, `{"Expected":{`+conditions+`}}`).Expected
}

func keyConditionsOf(t *testing.T, conditions string) protocol.Map[protocol.Condition] {
	t.Helper()
	return decode[protocol.QueryInput](t, `{"KeyConditions":{`+conditions+`}}`).KeyConditions
}

func updatesOf(t *testing.T, updates string) protocol.Map[protocol.AttributeValueUpdate] {
	t.Helper()
	return decode[protocol.UpdateItemInput](t,
		`{"AttributeUpdates":{`+updates+`}}`).AttributeUpdates
}

// condition returns the JSON of a condition with an operator and values: "LT" and `{"N":"1"}`.
func condition(operator, values string) string {
	return `{"ComparisonOperator":"` + operator + `","AttributeValueList":[` + values + `]}`
}

// requireRefused checks that an error is the service's ValidationException with a text.
func requireRefused(t *testing.T, err error, message string) {
	t.Helper()
	refusal, ok := err.(*protocol.Error)
	require.True(t, ok, "%T: %[1]v", err)
	require.Equal(t, "ValidationException", refusal.Code)
	require.Equal(t, message, refusal.Message)
}
