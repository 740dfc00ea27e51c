package protocol

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

func TestErrorJSON(t *testing.T) {
	t.Parallel()
	item := value.Map{{Name: "a", Value: value.String("x")}}
	for _, tt := range []struct {
		refusal *Error
		status  int
		want    string
	}{
		{Validation("100% of %s"), 400,
			`{"__type":"com.amazon.coral.validate#ValidationException","message":"100% of %s"}`},
		{Enveloped("%s!", "a"), 400, `{"__type":"com.amazon.coral.validate#ValidationException",` +
			`"message":"1 validation error detected: a!"}`},
		{Constraints([]string{"100%"}), 400, `{"__type":"com.amazon.coral.validate#` +
			`ValidationException","message":"1 validation error detected: 100%"}`},
		{Constraints([]string{"a", "b"}), 400, `{"__type":"com.amazon.coral.validate#` +
			`ValidationException","message":"2 validation errors detected: a; b"}`},
		{&Error{Code: "SerializationException", Message: "x"}, 400,
			`{"__type":"com.amazon.coral.service#SerializationException","Message":"x"}`},
		{UnknownOperation(), 400,
			`{"__type":"com.amazon.coral.service#UnknownOperationException"}`},
		{NotFound("no %s", "t"), 400,
			`{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no t"}`},
		{ConditionFailed(nil), 400, `{"__type":"com.amazonaws.dynamodb.v20120810#` +
			`ConditionalCheckFailedException","message":"The conditional request failed"}`},
		{ConditionFailed(item), 400, `{"__type":"com.amazonaws.dynamodb.v20120810#` +
			`ConditionalCheckFailedException","message":"The conditional request failed",` +
			`"Item":{"a":{"S":"x"}}}`},
		{Canceled([]Reason{{Code: "None"},
			{Code: "ConditionalCheckFailed", Message: "m", Item: item}}),
			400, `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",` +
				`"Message":"Transaction cancelled, please refer cancellation reasons for ` +
				`specific ` +
				`reasons [None, ConditionalCheckFailed]","CancellationReasons":[{"Code":"None"},` +
				`{"Code":"ConditionalCheckFailed","Message":"m","Item":{"a":{"S":"x"}}}]}`},
		{&Error{Code: "ProvisionedThroughputExceededException", Message: "slow",
			Throttling: []ThrottlingReason{{"TableReadProvisionedThroughputExceeded", "arn:x"}}},
			400, `{"__type":"com.amazonaws.dynamodb.v20120810#` +
				`ProvisionedThroughputExceededException","message":"slow","ThrottlingReasons":` +
				`[{"reason":"TableReadProvisionedThroughputExceeded","resource":"arn:x"}]}`},
		{&Error{Code: "InternalServerError", Message: "x"}, 500,
			`{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"x"}`},
		{&Error{Code: "ServiceUnavailable"}, 503,
			`{"__type":"com.amazon.coral.service#ServiceUnavailable"}`},
		{&Error{Code: "ThrottlingException", Status: 429}, 429,
			`{"__type":"com.amazon.coral.availability#ThrottlingException"}`},
	} {
		assert.Equal(t, tt.want, string(tt.refusal.AppendJSON(nil)))
		assert.Equal(t, tt.status, tt.refusal.StatusCode())
		assert.Equal(t, "kept"+tt.want, string(tt.refusal.AppendJSON([]byte("kept"))))
	}
	assert.Nil(t, Constraints(nil))
	assert.Equal(t, "ValidationException: x", Validation("x").Error())
}
