package attack

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// arrival is a request that reached the engine.
type arrival struct {
	operation string
	accepted  bool // it was answered with status 200
	idle      bool // it has no effect: its token was accepted before, or it only checks
}

// journal stands before the engine, behind everything that goes wrong on the line. It notes which
// requests arrive and which of them are accepted, whatever the caller gets to know of it.
type journal struct {
	engine aws.HTTPClient
	note   func() // called after each accepted request

	mu       sync.Mutex
	arrivals []arrival
	tokens   map[string]bool // of accepted transactions
}

// Do sends a request to the engine.
func (j *journal) Do(request *http.Request) (*http.Response, error) {
	body, err := readBody(request)
	if err != nil {
		return nil, err
	}
	response, err := j.engine.Do(withBody(request, body))
	if err != nil {
		return nil, err
	}
	j.add(request, body, response.StatusCode == http.StatusOK)
	return response, nil
}

func (j *journal) add(request *http.Request, body []byte, accepted bool) {
	_, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	var transaction struct {
		ClientRequestToken string
		TransactItems      []struct{ ConditionCheck json.RawMessage }
	}
	if operation == "TransactWriteItems" {
		_ = json.Unmarshal(body, &transaction) // the engine has refused what is no JSON
	}
	token, idle := transaction.ClientRequestToken, operation == "TransactWriteItems"
	for _, item := range transaction.TransactItems {
		idle = idle && item.ConditionCheck != nil
	}
	j.mu.Lock()
	idle = idle || token != "" && j.tokens[token]
	j.arrivals = append(j.arrivals, arrival{operation, accepted, idle})
	if token != "" && accepted {
		j.tokens[token] = true
	}
	j.mu.Unlock()
	if accepted && j.note != nil {
		j.note()
	}
}

// clear forgets what has arrived.
func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.arrivals, j.tokens = nil, map[string]bool{}
}

// effects returns how many requests of these operations were accepted and had an effect.
func (j *journal) effects(operations []string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := 0
	for _, a := range j.arrivals {
		for _, operation := range operations {
			if a.operation == operation && a.accepted && !a.idle {
				n++
			}
		}
	}
	return n
}

// readBody reads the body of a request, which is used up by that.
func readBody(request *http.Request) ([]byte, error) {
	if request.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	return body, request.Body.Close()
}

// withBody returns a copy of a request that has this body.
func withBody(request *http.Request, body []byte) *http.Request {
	return withBodyIn(request.Context(), request, body)
}

func withBodyIn(ctx context.Context, request *http.Request, body []byte) *http.Request {
	clone := request.Clone(ctx)
	clone.Body = io.NopCloser(bytes.NewReader(body))
	return clone
}
