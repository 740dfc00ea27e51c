package service

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A boolean given as a string, or a number that does not fit, puts a request under the service's
// older rules.
func TestOlderRules(t *testing.T) {
	t.Parallel()
	s := newService()
	call(t, s, "CreateTable", `{"TableName": "tab", `+define("pk S")+`, `+key("pk")+`,
		"BillingMode": "PAY_PER_REQUEST"}`)
	for _, c := range []struct{ name, operation, body, want string }{
		{"no envelope", "PutItem",
			`{"TableName": "tab", "Item": {"pk": {"S": "a"}, "b": {"BOOL": "true"}},
			"ExpressionAttributeValues": {":v": {"S": "a"}}}`,
			"ExpressionAttributeValues can only be specified when using expressions"},
		{"an envelope without it", "PutItem",
			`{"TableName": "tab", "Item": {"pk": {"S": "a"}, "b": {"BOOL": true}},
			"ExpressionAttributeValues": {":v": {"S": "a"}}}`,
			"1 validation error detected: " +
				"ExpressionAttributeValues can only be specified when using expressions"},
		{"a limit that was cut", "Scan", `{"TableName": "tab", "Limit": 0.5}`,
			"1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: " +
				"Member must have value greater than or equal to 1"},
		{"the same of a query", "Query", `{"TableName": "tab", "Limit": 0.5}`,
			"1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: " +
				"Member must have value greater than or equal to 1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, refused(t, s, c.operation, c.body).Message)
		})
	}
}
