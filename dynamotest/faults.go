package dynamotest

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamapper/dynamapper"
)

// Faults is the line between a mapper and the engine, and fails as it is told: so that a test sees what a purchase does when an
// answer is lost after the write was applied. Without a fault it only counts.
//
//	line := dynamotest.NewFaults()
//	players, err := dynamapper.TableOf[Player](line.Mapper(t))
//	line.On("UpdateItem", 1, dynamotest.Lose()) // the next update is applied, and nobody is told
//
// It is an [aws.HTTPClient], for any configuration, and safe for concurrent use. Operations are DynamoDB's: "PutItem",
// "TransactWriteItems"; "" is any. One that is misspelt would never go wrong, and is a panic at once. What the SDK sends again is
// a request of its own. See the package's documentation for what to test, and [Fault] for faults of one's own.
type Faults struct {
	line aws.HTTPClient

	choosing sync.Mutex // held while rules choose, which may use the methods of the line

	mu    sync.Mutex
	rules []*rule
	sent  map[string]int
}

// rule decides over the requests of an operation.
type rule struct {
	operation string
	seen      int
	choose    func(n int) Fault
	planned   int // the number of the request that On has a fault for; 0: there is none
	happened  bool
}

// NewFaults makes a line without a fault.
func NewFaults() *Faults {
	return &Faults{line: awshttp.NewBuildableClient(), sent: map[string]int{}}
}

// Config is the engine's configuration, through the line. The SDK sends again as ever, but does not wait before it does,
// unless the environment configures its retries.
func (f *Faults) Config(s *Server) aws.Config {
	cfg := s.Config()
	cfg.HTTPClient = f
	if cfg.Retryer == nil {
		cfg.Retryer = func() aws.Retryer { return retry.NewStandard(withoutWait) }
	}
	return cfg
}

func withoutWait(o *retry.StandardOptions) {
	o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
}

// Mapper is as the function [Mapper], through the line. The tables that it creates count, too; an option
// [dynamapper.WithConfig] would take the line away.
func (f *Faults) Mapper(tb testing.TB, opts ...dynamapper.Option) *dynamapper.Mapper {
	tb.Helper()
	return Mapper(tb, append([]dynamapper.Option{dynamapper.WithConfig(f.Config(Run(tb)))}, opts...)...)
}

// Through is a configuration of one's own, through the line: its own HTTP client sends what comes through. Nothing else of it is
// changed, also not how long the SDK waits before it sends again.
func (f *Faults) Through(cfg aws.Config) aws.Config {
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = f
	} else if !f.isOn(cfg.HTTPClient) {
		cfg.HTTPClient = passage{f, cfg.HTTPClient}
	}
	return cfg
}

// passage is the line before a client.
type passage struct {
	faults *Faults
	client aws.HTTPClient
}

// Do sends a request on by the client, or does to it what a rule says.
func (p passage) Do(request *http.Request) (*http.Response, error) {
	return p.faults.do(request, p.client)
}

// isOn says that a client goes through the line already: a request would count twice.
func (f *Faults) isOn(client aws.HTTPClient) bool {
	p, isPassage := client.(passage)
	return client == aws.HTTPClient(f) || isPassage && p.faults == f
}

// On makes the n-th request of an operation from now on, counted from 1, go wrong. See [Faults.Pending] for whether it has. A nil
// fault would never happen, and is a panic at once.
func (f *Faults) On(operation string, n int, fault Fault) {
	if n < 1 {
		panic(fmt.Sprintf("dynamotest: there is no request number %d of %q; count from 1", n, operation))
	}
	if fault == nil {
		panic(fmt.Sprintf("dynamotest: the fault of request %d of %q is nil, and would never happen; give one, such as Lose()", n, operation))
	}
	f.add(&rule{operation: operation, planned: n, choose: func(seen int) Fault {
		if seen == n {
			return fault
		}
		return nil
	}})
}

// Each lets a function choose for each request of an operation from now on, the first being number 1; nil is no fault. The
// function is called for one request at a time. Of several rules the first that chooses a fault decides, and those behind it
// only count.
func (f *Faults) Each(operation string, choose func(n int) Fault) {
	if choose == nil {
		panic(fmt.Sprintf("dynamotest: the function that chooses the faults of %q is nil; give one", operation))
	}
	f.add(&rule{operation: operation, choose: choose})
}

func (f *Faults) add(r *rule) {
	checkOperation(r.operation)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = append(f.rules, r)
}

// checkOperation refuses what DynamoDB has not: a fault on it would never happen, and its count would stay 0.
func checkOperation(operation string) {
	if operation == "" {
		return
	}
	method, found := reflect.TypeFor[*dynamodb.Client]().MethodByName(operation)
	if !found || method.Type.NumIn() < 3 || method.Type.In(2).Elem().Name() != operation+"Input" {
		panic(fmt.Sprintf("dynamotest: %q is no operation of DynamoDB; write it as the method of *dynamodb.Client, such as \"PutItem\"", operation))
	}
}

// Pending are the faults of On that have not happened, in the order of their calls, each as "PutItem 2 (1 came)": the test
// did not come to them, or another rule decided over their requests. A test that has planned a fault should end with none.
func (f *Faults) Pending() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var pending []string
	for _, r := range f.rules {
		if r.planned > 0 && !r.happened {
			pending = append(pending, strings.TrimSpace(fmt.Sprintf("%s %d (%d came)", r.operation, r.planned, r.seen)))
		}
	}
	return pending
}

// Clear takes all faults back, and counts from 0 again.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules, f.sent = nil, map[string]int{}
}

// Sent is how many requests of an operation came to the line since the beginning or Clear, those included that went wrong.
func (f *Faults) Sent(operation string) int {
	checkOperation(operation)
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sent[operation]
}

// Do sends a request on, or does to it what a rule says.
func (f *Faults) Do(request *http.Request) (*http.Response, error) { return f.do(request, f.line) }

func (f *Faults) do(request *http.Request, client aws.HTTPClient) (*http.Response, error) {
	_, operation, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	send := func() (*http.Response, error) { return client.Do(request) }
	if fault := f.choose(operation); fault != nil {
		return fault(request, send)
	}
	return send()
}

func (f *Faults) choose(operation string) Fault {
	f.choosing.Lock()
	defer f.choosing.Unlock()
	for _, asked := range f.count(operation) {
		if fault := asked.choose(asked.n); fault != nil {
			f.note(asked.rule)
			return fault
		}
	}
	return nil
}

// asked is a rule, and which of its requests it is asked for.
type asked struct {
	*rule
	n int
}

func (f *Faults) note(r *rule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r.happened = true
}

// count counts a request, and gives the rules to ask for it.
func (f *Faults) count(operation string) []asked {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sent[operation]++
	if operation != "" {
		f.sent[""]++
	}
	var rules []asked
	for _, r := range f.rules {
		if r.operation == operation || r.operation == "" {
			r.seen++
			rules = append(rules, asked{r, r.seen})
		}
	}
	return rules
}
