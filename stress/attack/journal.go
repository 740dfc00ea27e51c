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
	accepted  bool // its response had status 200
	// it had no effect: its token was accepted before, it only checks, or it takes a missing item
	idle bool
}

// journal is between the faulty line and the engine. It records which requests arrive and which of
// them are accepted, whatever result the caller gets.
type journal struct {
	engine aws.HTTPClient
	note   func() // called after each accepted request

	mu       sync.Mutex
	arrivals []arrival
	tokens   map[string]bool // the tokens of accepted transactions
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
	idle := false
	if bytes.Contains(body, []byte(`"ReturnValues":"ALL_OLD"`)) &&
		strings.HasSuffix(request.Header.Get("X-Amz-Target"), ".DeleteItem") {
		text, err := io.ReadAll(response.Body)
		if err != nil {
			return nil, err
		}
		if err := response.Body.Close(); err != nil {
			return nil, err
		}
		response.Body = io.NopCloser(bytes.NewReader(text))
		idle = !bytes.Contains(text, []byte(`"Attributes"`)) // there was nothing to delete
	}
	j.add(request, body, response.StatusCode == http.StatusOK, idle)
	return response, nil
}

func (j *journal) add(request *http.Request, body []byte, accepted, idle bool) {
	_, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	var transaction struct {
		ClientRequestToken string
		TransactItems      []struct{ ConditionCheck json.RawMessage }
	}
	if operation == "TransactWriteItems" {
		// the engine has already refused a body that is not JSON
		_ = json.Unmarshal(body, &transaction)
	}
	token := transaction.ClientRequestToken
	checks := operation == "TransactWriteItems"
	for _, item := range transaction.TransactItems {
		checks = checks && item.ConditionCheck != nil
	}
	j.mu.Lock()
	idle = idle || checks || token != "" && j.tokens[token]
	j.arrivals = append(j.arrivals, arrival{operation, accepted, idle})
	if token != "" && accepted {
		j.tokens[token] = true
	}
	j.mu.Unlock()
	if accepted && j.note != nil {
		j.note()
	}
}

// clear forgets the arrivals.
func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.arrivals, j.tokens = nil, map[string]bool{}
}

// effects returns the number of requests of these operations that were accepted and had an effect.
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

// readBody reads the body of a request. The request cannot be sent afterwards.
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
