package dynamotest

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamapper/dynamapper"
)

// Faults is a line between mappers and an engine, on which requests fail as a test has planned. A
// test can thus observe, for example, what a purchase does if the response is lost after the write
// was applied. Without a fault the line only counts requests.
//
//	line := dynamotest.NewFaults()
//	players, err := dynamapper.TableOf[Player](line.Mapper(t))
//	line.On("UpdateItem", 1, dynamotest.Lose()) // applied, but its response is lost
//
// [Faults.Mapper], [Faults.Config] and [Faults.Through] put a mapper or a client on the line. One
// line may have several, on several engines. Operations have DynamoDB's names, such as "PutItem"
// and "TransactWriteItems"; "" means all of them. A method panics if DynamoDB has no operation of
// the name, because its fault would never happen. Each retry of the SDK counts as another request.
// A Faults is safe for concurrent use.
type Faults struct {
	network aws.HTTPClient // sends the requests if there is no client before the line

	choosing sync.Mutex // held while rules choose; they may use the methods of the line

	mu    sync.Mutex
	rules []*rule
	sent  map[string]int
}

// rule chooses faults for the requests of an operation.
type rule struct {
	operation string
	seen      int
	choose    func(n int) Fault
	planned   int // the number of the request for which On has a fault; 0: a rule of Each
	happened  bool
}

// NewFaults returns a line without faults.
func NewFaults() *Faults {
	return &Faults{network: network{awshttp.NewBuildableClient()}, sent: map[string]int{}}
}

// network is the client of a line that has no other.
type network struct{ client aws.HTTPClient }

// Do sends a request over HTTP. It refuses a request for an engine in process, which has no
// address.
func (n network) Do(request *http.Request) (*http.Response, error) {
	if request.URL.Host == inProcessHost {
		return nil, errors.New("dynamotest: the line does not reach the engine in this process; " +
			"put the engine's own configuration on it, with Faults.Config or Faults.Through")
	}
	return n.client.Do(request)
}

// Config returns the configuration of a server, on the line. The SDK retries as often as by
// default, but without waiting, unless the environment configures its retryer.
func (f *Faults) Config(s *Server) aws.Config {
	cfg := f.Through(s.Config())
	if cfg.Retryer == nil {
		cfg.Retryer = withoutWait(cfg)
	}
	return cfg
}

// Mapper is the function [Mapper], on the line. The requests that create tables count too. The
// option [dynamapper.WithConfig] takes the mapper off the line.
func (f *Faults) Mapper(tb testing.TB, opts ...dynamapper.Option) *dynamapper.Mapper {
	tb.Helper()
	onLine := dynamapper.WithConfig(f.Config(Run(tb)))
	return Mapper(tb, append([]dynamapper.Option{onLine}, opts...)...)
}

// Through returns a copy of a configuration, on the line. The configuration's own HTTP client sends
// the requests. Nothing else changes; in particular, the SDK waits before it retries.
func (f *Faults) Through(cfg aws.Config) aws.Config {
	if cfg.HTTPClient == nil {
		cfg.HTTPClient = f
	} else if !f.isOn(cfg.HTTPClient) {
		cfg.HTTPClient = passage{f, cfg.HTTPClient}
	}
	return cfg
}

// passage is the line in front of a client.
type passage struct {
	faults *Faults
	client aws.HTTPClient
}

// Do sends a request through the client, or applies the fault that a rule has chosen.
func (p passage) Do(request *http.Request) (*http.Response, error) {
	return p.faults.do(request, p.client)
}

// isOn reports whether a client is already on the line. A request would then count twice.
func (f *Faults) isOn(client aws.HTTPClient) bool {
	p, isPassage := client.(passage)
	return client == aws.HTTPClient(f) || isPassage && p.faults == f
}

// On plans a fault for the nth request of an operation from now on, counted from 1.
// [Faults.Pending] returns the faults that have not happened. On panics if the fault is nil.
func (f *Faults) On(operation string, n int, fault Fault) {
	if n < 1 {
		panic(fmt.Sprintf(
			"dynamotest: there is no request number %d of %q; count from 1", n, operation))
	}
	if fault == nil {
		panic(fmt.Sprintf("dynamotest: the fault of request %d of %q is nil, and would never "+
			"happen; pass a fault, such as Lose()", n, operation))
	}
	f.add(&rule{operation: operation, planned: n, choose: func(seen int) Fault {
		if seen == n {
			return fault
		}
		return nil
	}})
}

// Each calls choose for each request of an operation from now on. choose returns the fault for the
// nth request, or nil for none. It is called for one request at a time. If several rules apply to a
// request, the first one that chooses a fault decides, and the later ones only count.
func (f *Faults) Each(operation string, choose func(n int) Fault) {
	if choose == nil {
		panic(fmt.Sprintf(
			"dynamotest: the function that chooses the faults of %q is nil; pass a "+
				"function", operation))
	}
	f.add(&rule{operation: operation, choose: choose})
}

func (f *Faults) add(r *rule) {
	checkOperation(r.operation)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = append(f.rules, r)
}

// checkOperation panics if DynamoDB has no such operation, because its faults would never happen
// and its count would stay 0.
func checkOperation(operation string) {
	if operation == "" {
		return
	}
	method, found := reflect.TypeFor[*dynamodb.Client]().MethodByName(operation)
	if !found || method.Type.NumIn() < 3 || method.Type.In(2).Elem().Name() != operation+"Input" {
		panic(fmt.Sprintf("dynamotest: %q is not an operation of DynamoDB; "+
			"write it as the method of *dynamodb.Client, such as \"PutItem\"", operation))
	}
}

// Pending returns the faults of [Faults.On] that have not happened, in the order of the calls, each
// in the form "PutItem 2 (1 came)". Either too few requests came, or another rule decided. A test
// that plans faults should end with none pending.
func (f *Faults) Pending() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var pending []string
	for _, r := range f.rules {
		if r.planned > 0 && !r.happened {
			line := fmt.Sprintf("%s %d (%d came)", r.operation, r.planned, r.seen)
			pending = append(pending, strings.TrimSpace(line))
		}
	}
	return pending
}

// Clear removes all rules and restarts the counts at 0.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules, f.sent = nil, map[string]int{}
}

// Sent returns the number of requests of an operation that have reached the line since NewFaults or
// Clear. It includes requests that failed.
func (f *Faults) Sent(operation string) int {
	checkOperation(operation)
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sent[operation]
}

// Do sends a request over HTTP, or applies the fault that a rule has chosen. It makes a Faults an
// [aws.HTTPClient].
func (f *Faults) Do(request *http.Request) (*http.Response, error) {
	return f.do(request, f.network)
}

// do sends a request through a client, or applies the fault that a rule has chosen.
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

// asked is a rule and the number of the request for which it is asked.
type asked struct {
	*rule
	n int
}

func (f *Faults) note(r *rule) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r.happened = true
}

// count counts a request and returns the rules to ask about it.
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
