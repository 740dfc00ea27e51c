package dynamapper_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// lineTable is a table at the end of a line of the test's own, and the same at the end of a good one.
func lineTable[T any](t *testing.T, line aws.HTTPClient, opts ...dynamapper.Option) (through, good *dynamapper.Table[T], sent *requests) {
	t.Helper()
	good = tableOf[T](t)
	cfg := dynamotest.Run(t).Config()
	cfg.HTTPClient = line
	sent = &requests{}
	mapper, err := dynamapper.Connect(t.Context(), append(opts, dynamapper.WithConfig(cfg), dynamapper.WithObserver(sent.observe))...)
	require.NoError(t, err)
	through, err = dynamapper.TableOf[T](mapper, dynamapper.WithTableName(good.Name()))
	require.NoError(t, err)
	return through, good, sent
}

// busyLine leaves entries of every batch unprocessed: it keeps them from the engine, and adds them to the answer.
type busyLine struct {
	line   http.Client
	leaves func(i, n int, entry string) bool // of the n entries of a request, as JSON
	before func(batches int)                 // is called before each batch, counted from 1

	mu      sync.Mutex
	batches int
}

// leavesHalf leaves the second half of each request.
func leavesHalf(i, n int, _ string) bool { return i >= (n+1)/2 }

// leavesWhatHas leaves the entries that hold a text.
func leavesWhatHas(text string) func(int, int, string) bool {
	return func(_, _ int, entry string) bool { return strings.Contains(entry, text) }
}

func (l *busyLine) Do(request *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	if !strings.HasPrefix(operation, "Batch") {
		return l.line.Do(request)
	}
	l.mu.Lock()
	l.batches++
	batches := l.batches
	l.mu.Unlock()
	if l.before != nil {
		l.before(batches)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	if operation == "BatchGetItem" {
		return l.split(request, body, "UnprocessedKeys")
	}
	return l.split(request, body, "UnprocessedItems")
}

// members is a JSON object of which only some members matter.
type members = map[string]json.RawMessage

// split sends what it does not leave, and tells of the rest under a name in the answer.
func (l *busyLine) split(request *http.Request, body []byte, unprocessed string) (*http.Response, error) {
	whole, tables := members{}, members{}
	if err := json.Unmarshal(body, &whole); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(whole["RequestItems"], &tables); err != nil {
		return nil, err
	}
	sent, left := members{}, members{}
	for table, entries := range tables {
		var err error
		if sent[table], left[table], err = l.splitTable(entries); err != nil {
			return nil, err
		}
		if left[table] == nil {
			delete(left, table)
		}
		if sent[table] == nil {
			return answerOf(members{unprocessed: mustJSON(left)}), nil
		}
	}
	whole["RequestItems"] = mustJSON(sent)
	response, err := l.line.Do(withRequestBody(request, whole))
	if err != nil || response.StatusCode != http.StatusOK {
		return response, err
	}
	defer func() { _ = response.Body.Close() }()
	answer := members{}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, err
	}
	answer[unprocessed] = mustJSON(left)
	return answerOf(answer), nil
}

// splitTable splits the entries of one table: a list of writes, or an object with a list of keys. nil is none.
func (l *busyLine) splitTable(text json.RawMessage) (sent, left json.RawMessage, err error) {
	var list []json.RawMessage
	var object members
	if text[0] != '[' {
		if err := json.Unmarshal(text, &object); err != nil {
			return nil, nil, err
		}
		text = object["Keys"]
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, nil, err
	}
	var lists [2][]json.RawMessage
	for i, entry := range list {
		side := 0
		if l.leaves(i, len(list), string(entry)) {
			side = 1
		}
		lists[side] = append(lists[side], entry)
	}
	return wrapEntries(object, lists[0]), wrapEntries(object, lists[1]), nil
}

func wrapEntries(object members, list []json.RawMessage) json.RawMessage {
	if len(list) == 0 {
		return nil
	}
	if object == nil {
		return mustJSON(list)
	}
	object["Keys"] = mustJSON(list)
	return mustJSON(object)
}

func mustJSON(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // of RawMessages that have been parsed
	}
	return text
}

func withRequestBody(request *http.Request, v members) *http.Request {
	body := mustJSON(v)
	changed := request.Clone(request.Context())
	changed.Body, changed.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return changed
}

// answerOf is an answer without a checksum.
func answerOf(v members) *http.Response {
	return rawAnswer(http.StatusOK, string(mustJSON(v)))
}

func rawAnswer(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)),
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}, "Content-Length": {strconv.Itoa(len(body))}},
	}
}

// crowdedLine lets no batch, or what else it looks at, pass before a number of them are under way at once.
type crowdedLine struct {
	line http.Client
	only string // the operation that it looks at
	rest string // the answer to others; "": the line's
	want int
	full chan struct{}                                    // closed when they are
	do   func(*http.Request, int) (*http.Response, error) // in place of the line, with how many had come before; nil: the line

	mu              sync.Mutex
	now, most, came int
}

func newCrowdedLine(want int) *crowdedLine {
	return &crowdedLine{only: ".Batch", want: want, full: make(chan struct{})}
}

func (l *crowdedLine) Do(request *http.Request) (*http.Response, error) {
	if !strings.Contains(request.Header.Get("X-Amz-Target"), l.only) {
		if l.rest != "" {
			return rawAnswer(http.StatusOK, l.rest), nil
		}
		return l.line.Do(request)
	}
	came := l.enter()
	defer l.leave()
	select {
	case <-l.full:
	case <-request.Context().Done():
		return nil, request.Context().Err()
	}
	if l.do != nil {
		return l.do(request, came)
	}
	return l.line.Do(request)
}

func (l *crowdedLine) enter() (came int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now++
	l.most = max(l.most, l.now)
	l.came++
	if l.came == l.want {
		close(l.full)
	}
	return l.came - 1
}

func (l *crowdedLine) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now--
}

// until gives a context that a test which waits in vain ends with.
func until(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}
