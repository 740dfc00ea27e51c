package tests

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// leaves reports whether the service leaves entry i of the n entries of a batch unprocessed. The
// entry is JSON.
type leaves func(i, n int, entry string) bool

func leavesHalf(i, n int, _ string) bool { return i >= (n+1)/2 }

// leavesWhatHas leaves the entries that contain a text.
func leavesWhatHas(text string) leaves {
	return func(_, _ int, entry string) bool { return strings.Contains(entry, text) }
}

// leaving keeps entries of a batch from the engine and adds them to the response as unprocessed,
// under the given name.
func leaving(unprocessed string, which leaves) dynamotest.Fault {
	return func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		whole := members{}
		if err := json.NewDecoder(request.Body).Decode(&whole); err != nil {
			return nil, err
		}
		sent, left, err := which.split(whole["RequestItems"])
		if err != nil {
			return nil, err
		}
		if len(sent) == 0 {
			return responseWith(members{unprocessed: mustJSON(left)}), nil
		}
		whole["RequestItems"] = mustJSON(sent)
		body := mustJSON(whole)
		request.Body, request.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		response, err := send()
		if err != nil || response.StatusCode != http.StatusOK {
			return response, err
		}
		defer func() { _ = response.Body.Close() }()
		changed := members{}
		if err := json.NewDecoder(response.Body).Decode(&changed); err != nil {
			return nil, err
		}
		changed[unprocessed] = mustJSON(left)
		return responseWith(changed), nil
	}
}

// members is a JSON object.
type members = map[string]json.RawMessage

// split splits the entries of all tables into those to send and those to leave.
func (l leaves) split(text json.RawMessage) (sent, left members, err error) {
	tables := members{}
	if err := json.Unmarshal(text, &tables); err != nil {
		return nil, nil, err
	}
	sent, left = members{}, members{}
	for table, entries := range tables {
		passes, stays, err := l.splitTable(entries)
		if err != nil {
			return nil, nil, err
		}
		if passes != nil {
			sent[table] = passes
		}
		if stays != nil {
			left[table] = stays
		}
	}
	return sent, left, nil
}

// splitTable splits the entries of one table, which are a list of writes or an object with a list
// of keys. It returns nil for an empty part.
func (l leaves) splitTable(text json.RawMessage) (sent, left json.RawMessage, err error) {
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
		if l(i, len(list), string(entry)) {
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
		panic(err) // cannot happen: v consists of valid RawMessages
	}
	return text
}

// responseWith returns a response without a checksum.
func responseWith(v members) *http.Response {
	return fixtures.RawResponse(http.StatusOK, string(mustJSON(v)))
}

// crowdedLine holds requests back until the given number of them is in flight. It is a fault before
// the engine, or answers requests itself.
type crowdedLine struct {
	only string // if it answers requests itself, the operation that it counts
	rest string // the response to other operations
	want int
	// closed when enough requests are in flight
	full chan struct{}
	// answers a request; the number of requests before it is given
	do func(*http.Request, int) (*http.Response, error)

	mu              sync.Mutex
	now, most, came int
}

func newCrowdedLine(want int) *crowdedLine {
	return &crowdedLine{only: ".Batch", want: want, full: make(chan struct{})}
}

func (l *crowdedLine) fault(
	request *http.Request, send func() (*http.Response, error),
) (*http.Response, error) {
	return l.pass(request, func(int) (*http.Response, error) { return send() })
}

// Do answers a request without an engine.
func (l *crowdedLine) Do(request *http.Request) (*http.Response, error) {
	if !strings.Contains(request.Header.Get("X-Amz-Target"), l.only) {
		return fixtures.RawResponse(http.StatusOK, l.rest), nil
	}
	return l.pass(request, func(came int) (*http.Response, error) { return l.do(request, came) })
}

func (l *crowdedLine) pass(
	request *http.Request, respond func(came int) (*http.Response, error),
) (*http.Response, error) {
	came := l.enter()
	defer l.leave()
	select {
	case <-l.full:
		return respond(came)
	case <-request.Context().Done():
		return nil, request.Context().Err()
	}
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

// until returns a context with a deadline, for a test that would otherwise wait forever.
func until(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}
