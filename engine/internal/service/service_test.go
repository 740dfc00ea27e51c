package service

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// clock is a clock that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2026, time.March, 4, 12, 30, 0, 0, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// newService returns a service without tables, with a clock that does not run.
func newService() *Service { return New(Options{Now: newClock().Now}) }

// call sends a request with a JSON body, and returns the response.
func call(t *testing.T, s *Service, operation, body string) map[string]any {
	t.Helper()
	response, err := s.Do(t.Context(), operation, []byte(body))
	require.NoError(t, err, "%s %s", operation, body)
	if len(response) == 0 {
		return nil
	}
	out := map[string]any{}
	require.NoError(t, json.Unmarshal(response, &out), "%s", response)
	return out
}

// refused sends a request that must be refused, and returns the refusal.
func refused(t *testing.T, s *Service, operation, body string) *protocol.Error {
	t.Helper()
	response, err := s.Do(t.Context(), operation, []byte(body))
	require.Error(t, err, "%s %s: %s", operation, body, response)
	refusal, ok := err.(*protocol.Error)
	require.True(t, ok, "%T: %[1]v", err)
	return refusal
}

// requireRefused checks code and text of a refusal.
func requireRefused(t *testing.T, s *Service, operation, body, code, message string) {
	t.Helper()
	err := refused(t, s, operation, body)
	require.Equal(t, message, err.Message, "%s", body)
	require.Equal(t, code, err.Code, "%s", body)
}

// at returns a value of a response by its path: at(response, "Table", "TableStatus"). In a list it
// selects the first element.
func at(response any, path ...string) any {
	for _, name := range path {
		if list, ok := response.([]any); ok && len(list) > 0 {
			response = list[0]
		}
		object, ok := response.(map[string]any)
		if !ok {
			return nil
		}
		response = object[name]
	}
	return response
}

// object joins JSON members into an object.
func object(members ...string) string { return "{" + strings.Join(members, ",") + "}" }

// define returns the AttributeDefinitions for attributes such as "pk S, sk N".
func define(attributes string) string {
	var list []string
	for a := range strings.SplitSeq(attributes, ", ") {
		name, kind, _ := strings.Cut(a, " ")
		list = append(list, `{"AttributeName":"`+name+`","AttributeType":"`+kind+`"}`)
	}
	return `"AttributeDefinitions":[` + strings.Join(list, ",") + `]`
}

// key returns the KeySchema for "pk", "pk sk" or "h1 h2 | r1 r2". Without a bar, the second
// attribute is the range key.
func key(attributes string) string {
	hashes, ranges, barred := strings.Cut(attributes, " | ")
	if !barred {
		hashes, ranges, _ = strings.Cut(attributes, " ")
	}
	var list []string
	for name := range strings.FieldsSeq(hashes) {
		list = append(list, `{"AttributeName":"`+name+`","KeyType":"HASH"}`)
	}
	for name := range strings.FieldsSeq(ranges) {
		list = append(list, `{"AttributeName":"`+name+`","KeyType":"RANGE"}`)
	}
	return `"KeySchema":[` + strings.Join(list, ",") + `]`
}

const (
	onDemand      = `"BillingMode":"PAY_PER_REQUEST"`
	projectAll    = `"Projection":{"ProjectionType":"ALL"}`
	projectKeys   = `"Projection":{"ProjectionType":"KEYS_ONLY"}`
	fiveUnits     = `"ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":5}`
	createdTable  = "TableDescription"
	describedName = `{"TableName":"things"}`
)

// nameOf returns the TableName member.
func nameOf(table string) string { return `"TableName":"` + table + `"` }

// indexOf returns an index.
func indexOf(name, keys, projection string, more ...string) string {
	return object(append([]string{`"IndexName":"` + name + `"`, key(keys), projection}, more...)...)
}

func globals(indexes ...string) string {
	return `"GlobalSecondaryIndexes":[` + strings.Join(indexes, ",") + `]`
}

func locals(indexes ...string) string {
	return `"LocalSecondaryIndexes":[` + strings.Join(indexes, ",") + `]`
}

// newThings creates the on-demand table things with the key pk, and with more members in the
// request.
func newThings(t *testing.T, s *Service, more ...string) map[string]any {
	t.Helper()
	members := append([]string{nameOf("things"), define("pk S"), key("pk"), onDemand}, more...)
	return call(t, s, "CreateTable", object(members...))
}

// described returns the description of the table things.
func described(t *testing.T, s *Service) any {
	t.Helper()
	return call(t, s, "DescribeTable", describedName)["Table"]
}
