package service

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// comparison returns a legacy condition.
func comparison(operator, values string) string {
	return `{"ComparisonOperator":"` + operator + `","AttributeValueList":[` + values + `]}`
}

// If the table does not exist, an invalid request is still refused for its own fault.
func TestLegacyParametersAreCheckedBeforeTheTable(t *testing.T) {
	t.Parallel()
	const enveloped = "1 validation error detected: "
	const count = "One or more parameter values were invalid: Invalid number of argument(s) for " +
		"the EQ ComparisonOperator"
	const mixed = "One or more parameter values were invalid: AttributeValues inside " +
		"AttributeValueList must be of same type"
	const lower = "The BETWEEN condition was provided a range where the lower bound is greater " +
		"than the upper bound"
	s := newTables(t)
	for operation, members := range map[string][3]string{
		"PutItem":    {`"Item":{"pk":{"S":"a"}},"Expected"`, "", enveloped},
		"DeleteItem": {`"Key":{"pk":{"S":"a"}},"Expected"`, "", enveloped},
		"UpdateItem": {`"Key":{"pk":{"S":"a"}},"Expected"`, "", enveloped},
		"Scan":       {`"ScanFilter"`, "", ""},
		"Query": {`"QueryFilter"`,
			`,"KeyConditions":{"pk":` + comparison("EQ", `{"S":"a"}`) + `}`, ""},
	} {
		for condition, text := range map[string]string{
			comparison("EQ", ""):                         count,
			comparison("IN", `{"S":"a"},{"N":"1"}`):      mixed,
			comparison("BETWEEN", `{"S":"b"},{"S":"a"}`): lower,
		} {
			body := `{"TableName":"nothing",` + members[0] + `:{"a":` + condition + `}` +
				members[1] + `}`
			requireRefused(t, s, operation, body, validation, members[2]+text)
		}
		good := `{"TableName":"nothing",` + members[0] + `:{"a":` +
			comparison("NULL", "") + `}` + members[1] + `}`
		require.Equal(t, "ResourceNotFoundException", refused(t, s, operation, good).Code)
	}
}

// The types of KeyConditions are checked before their operators, even for the keys of another
// index.
func TestKeyConditionsAgainstTheTable(t *testing.T) {
	t.Parallel()
	query := func(conditions, more string) string {
		return `Query scores {"KeyConditions":{` + conditions + `}` + more + `}`
	}
	const wrongType = "ValidationException: One or more parameter values were invalid: " +
		"Condition parameter type does not match schema type"
	const given = `
		scores {"pk":"a","sk":1}
		scores {"pk":"a","sk":2}
		scores {"pk":"b","sk":1}`
	hash := `"pk":` + comparison("EQ", `{"S":"a"}`)
	run(t, newTables, []row{{
		rule: "the hash attribute alone", given: given, ask: query(hash, `,"Select":"COUNT"`),
		want: `{"Count":2,"ScannedCount":2}`,
	}, {
		rule: "a range", given: given,
		ask:  query(`"sk":`+comparison("GT", `{"N":"1"}`)+","+hash, `,"Select":"COUNT"`),
		want: `{"Count":1,"ScannedCount":1}`,
	}, {
		rule: "a wrong type comes before an operator that keys do not have",
		ask:  query(hash+`,"sk":`+comparison("NE", `{"S":"1"}`), ""), want: wrongType,
	}, {
		rule: "the wrong type of the key of an index",
		ask:  query(hash+`,"points":`+comparison("EQ", `{"S":"1"}`), ""), want: wrongType,
	}, {
		rule: "an operator that keys do not have",
		ask:  query(hash+`,"sk":`+comparison("NE", `{"N":"1"}`), ""),
		want: "ValidationException: Unsupported KeyConditions ComparisonOperator: NE",
	}, {
		rule: "another operator for the hash attribute",
		ask:  query(`"pk":`+comparison("GT", `{"S":"a"}`), ""),
		want: "ValidationException: Query key condition not supported",
	}, {
		rule: "an attribute that is no key",
		ask:  query(hash+`,"other":`+comparison("EQ", `{"BOOL":true}`), ""),
		want: "ValidationException: Query condition missed key schema element: sk",
	}})
}
