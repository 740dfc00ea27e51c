package service

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// The tests of this package use the JSON of requests and responses, with two abbreviations. A
// request is a line: the operation, the table and the other members.
//
//	GetItem things {"Key":{"pk":"a"}}
//	TransactGetItems {"TransactItems":[{"Get":{"TableName":"things","Key":{"pk":"a"}}}]}
//
// Items have plain JSON in place of their attribute values: {"pk":"a","n":1} stands for
// {"pk":{"S":"a"},"n":{"N":"1"}}. Sets and binaries are not abbreviated: {"tags":{"SS":["x"]}}.

// row is a rule of the service: the response to a request on tables with the given items.
type row struct {
	rule  string
	given string // requests, one a line; `things {"pk":"a"}` is short for a PutItem
	ask   string // the request
	want  string // the response's JSON, or the refusal: "Code: message"
}

// run checks rows, each on new tables.
func run(t *testing.T, tables func(*testing.T) *Service, rows []row) {
	t.Helper()
	for _, r := range rows {
		t.Run(r.rule, func(t *testing.T) {
			t.Parallel()
			s := tables(t)
			give(t, s, r.given)
			require.Equal(t, normal(t, r.want), ask(t, s, r.ask), "%s", r.ask)
		})
	}
}

// script checks a sequence of requests. The arguments alternate between a request and its response.
func script(t *testing.T, s *Service, asksAndWants ...string) {
	t.Helper()
	for i := 0; i < len(asksAndWants); i += 2 {
		question, want := asksAndWants[i], asksAndWants[i+1]
		require.Equal(t, normal(t, want), ask(t, s, question), "%d: %s", i/2+1, question)
	}
}

// give sends requests that must succeed.
func give(t *testing.T, s *Service, lines string) {
	t.Helper()
	for _, line := range requests(lines) {
		if first, item, _ := strings.Cut(line, " "); !s.Known(first) {
			line = "PutItem " + first + ` {"Item":` + item + `}`
		}
		if response := ask(t, s, line); !strings.HasPrefix(response, "{") {
			require.Fail(t, response, "%s", line)
		}
	}
}

// requests splits requests. Each starts at the beginning of a line, with a letter.
func requests(text string) []string {
	var all []string
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
		case line[0] >= 'a' && line[0] <= 'z', line[0] >= 'A' && line[0] <= 'Z':
			all = append(all, line)
		default:
			all[len(all)-1] += line
		}
	}
	return all
}

// ask sends a request, and returns the response's JSON or the refusal.
func ask(t *testing.T, s *Service, line string) string {
	t.Helper()
	operation, body := request(t, line)
	response, err := s.Do(t.Context(), operation, body)
	if err != nil {
		refusal, ok := err.(*protocol.Error)
		require.True(t, ok, "%T: %[1]v", err)
		return refusalText(t, refusal)
	}
	if len(response) == 0 {
		return "{}"
	}
	return encode(t, plain(decode(t, string(response))))
}

// request returns the operation and the body of a line.
func request(t *testing.T, line string) (operation string, body []byte) {
	t.Helper()
	head, text, _ := strings.Cut(line, "{")
	words := strings.Fields(head)
	text = "{" + text
	members, ok := decode(t, text).(map[string]any)
	require.True(t, ok, "%s", line)
	if len(words) > 1 {
		members["TableName"] = words[1]
	}
	return words[0], []byte(encode(t, attributes(members)))
}

// refusalText formats a refusal: its code and message, its item, its reasons line by line.
func refusalText(t *testing.T, e *protocol.Error) string {
	t.Helper()
	text := e.Code + ": " + e.Message + itemText(t, e.Item)
	for _, r := range e.Reasons {
		text += "\n" + strings.TrimSuffix(r.Code+": "+r.Message, ": ") + itemText(t, r.Item)
	}
	return text
}

func itemText(t *testing.T, item value.Map) string {
	t.Helper()
	if item == nil {
		return ""
	}
	return " " + encode(t, plain(decode(t, string(value.AppendItemJSON(nil, item)))))
}

// normal returns an expected response in the form that ask returns.
func normal(t *testing.T, want string) string {
	t.Helper()
	want = strings.TrimSpace(want)
	if strings.HasPrefix(want, "{") {
		return encode(t, plain(decode(t, want)))
	}
	lines := strings.Split(want, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n")
}

func decode(t *testing.T, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	require.NoError(t, d.Decode(&v), "%s", text)
	return v
}

func encode(t *testing.T, v any) string {
	t.Helper()
	out := bytes.Buffer{}
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	require.NoError(t, e.Encode(v))
	return strings.TrimSpace(out.String())
}

// attributes replaces the plain JSON of a request's items by attribute values.
func attributes(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = attributes(v[i])
		}
	case map[string]any:
		for name, member := range v {
			switch name {
			case "Item", "Key", "ExclusiveStartKey", "ExpressionAttributeValues":
				v[name] = attributeMap(member)
			case "Keys":
				keys, _ := member.([]any)
				for i := range keys {
					keys[i] = attributeMap(keys[i])
				}
			default:
				v[name] = attributes(member)
			}
		}
	}
	return v
}

func attributeMap(v any) any {
	item, ok := v.(map[string]any)
	if !ok {
		return v
	}
	for name := range item {
		item[name] = attributeValue(item[name])
	}
	return item
}

func attributeValue(v any) any {
	switch v := v.(type) {
	case string:
		return map[string]any{"S": v}
	case json.Number:
		return map[string]any{"N": v.String()}
	case bool:
		return map[string]any{"BOOL": v}
	case nil:
		return map[string]any{"NULL": true}
	case []any:
		for i := range v {
			v[i] = attributeValue(v[i])
		}
		return map[string]any{"L": v}
	case map[string]any:
		if kind, _ := soleMember(v); slices.Contains(kinds, kind) {
			return v
		}
		return map[string]any{"M": attributeMap(v)}
	}
	return v
}

var kinds = []string{"S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL"}

func soleMember(v map[string]any) (name string, member any) {
	if len(v) != 1 {
		return "", nil
	}
	for name, member = range v {
	}
	return name, member
}

// plain removes the types of the attribute values in a response. It removes the ".0" that capacity
// units have.
func plain(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case map[string]any:
		switch kind, member := soleMember(v); kind {
		case "S", "BOOL", "L", "M":
			return plain(member)
		case "N":
			if text, ok := member.(string); ok {
				return json.Number(text)
			}
		case "NULL":
			return nil
		}
		for name := range v {
			v[name] = plain(v[name])
		}
	case json.Number:
		return json.Number(strings.TrimSuffix(v.String(), ".0"))
	}
	return v
}

// newTables returns a service with two tables. The key of things is pk; the key of scores is pk and
// sk. scores has a local and two global indexes:
//
//	byDay   local,  pk and day,      keys only
//	byNote  local,  pk and note,     all attributes
//	byGame  global, game and points, keys and note
//	games   global, game,            all attributes
func newTables(t *testing.T) *Service {
	t.Helper()
	s := newService()
	createTables(t, s)
	return s
}

func createTables(t *testing.T, s *Service) {
	t.Helper()
	newThings(t, s)
	call(t, s, "CreateTable", object(nameOf("scores"), onDemand,
		define("pk S, sk N, day N, note S, game S, points N"), key("pk sk"),
		locals(indexOf("byDay", "pk day", projectKeys), indexOf("byNote", "pk note", projectAll)),
		globals(
			indexOf("byGame", "game points",
				`"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["note"]}`),
			indexOf("games", "game", projectAll))))
}

func itoa(n int) string { return strconv.Itoa(n) }
