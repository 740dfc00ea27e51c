// Package pipeline sends the requests of item operations without the SDK's middleware, which takes
// most of the time of a small request. The SDK would have sent the same request, byte for byte:
// the pipeline makes it from a template, which it learns from the first request that the SDK itself
// sends. It uses a template only if that reproduces the first request.
//
// The pipeline sends only the first try. If that does not succeed, the SDK's own middleware
// continues with what the try ended with, so that errors, retries, waits and quotas are the SDK's.
// Whatever the pipeline does not know to reproduce is left to the SDK, client by client and call by
// call.
package pipeline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	smithyrand "github.com/aws/smithy-go/rand"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/response"
)

// Pipeline sends the requests of one client. It is safe for concurrent use.
type Pipeline struct {
	credentials aws.CredentialsProvider
	client      dynamodb.HTTPClient
	retryer     aws.RetryerV2
	standard    bool // the retryer is the SDK's standard one, whose first token has no effect
	protocol    smithyhttp.ClientProtocol
	skew        *skew
	inLambda    bool
	invocations smithyrand.UUID

	operations [len(operationNames)]operationState
	signers    signers
	tries      atomic.Pointer[tryText]
	buffers    response.Pool
}

// operationState is what the pipeline knows of one operation.
type operationState struct {
	schema   *smithy.OperationSchema
	values   context.Context // the SDK's values in the context of a request
	template atomic.Pointer[template]
	failures atomic.Int32 // lessons without a template
}

// Request is one request of an item operation.
type Request struct {
	Operation Operation
	Body      func() ([]byte, error) // makes the JSON; its bytes must not change later
	Tries     *attempt.Counter
	// Read reads a successful response. body holds the bytes as they were sent; err is the error
	// that ended them.
	Read func(r *smithyhttp.Response, body *bytes.Buffer, err error) error
}

// Remainder is what is left of a request that the pipeline did not end: a call of the client.
type Remainder struct {
	Context context.Context
	// Configure is an option function of the call. It makes the client continue what the pipeline
	// has begun, or the pipeline learn from the client. It may be nil.
	Configure func(*dynamodb.Options)
}

// Send sends a request. It returns nil if the request was successful.
func (p *Pipeline) Send(ctx context.Context, r *Request) *Remainder {
	state := &p.operations[r.Operation]
	t := state.template.Load()
	if t == nil {
		return p.learn(ctx, state)
	}
	content, err := r.Body()
	if err != nil {
		return &Remainder{Context: ctx}
	}
	v, release, rest := p.begin(ctx, t, r)
	if rest != nil {
		return rest
	}
	v.length, v.bodyHash = len(content), sha256.Sum256(content)
	within := requestContext{r.Tries.Begin(ctx), state.values}
	end := p.try(t.request(within, content, v), r)
	if end == nil {
		_ = release(nil)
		return nil
	}
	end.pipeline, end.release, end.invocation, end.agent = p, release, v.invocation, t.agent()
	return &Remainder{endedContext{ctx, end}, end.configure}
}

// learn leaves a request to the SDK, and learns from it.
func (p *Pipeline) learn(ctx context.Context, state *operationState) *Remainder {
	if state.failures.Load() >= maxLessons {
		return &Remainder{Context: ctx}
	}
	return &Remainder{ctx, (&lesson{pipeline: p, state: state}).configure}
}

// begin collects what a request needs but for its body. If the SDK must send the request, begin
// returns the remainder.
func (p *Pipeline) begin(ctx context.Context, t *template, r *Request) (
	v *variables, release func(error) error, rest *Remainder,
) {
	rest = &Remainder{Context: ctx}
	if ctx.Err() != nil || r.Tries.IsLate() {
		return nil, nil, rest
	}
	credentials, err := p.credentials.Retrieve(ctx)
	if err != nil {
		rest.Configure = (&refused{CredentialsProvider: p.credentials, err: err}).configure
		return nil, nil, rest
	}
	switch {
	case credentials.AccountID != t.account: // the endpoint may be that of the account
		return nil, nil, p.learn(ctx, &p.operations[r.Operation])
	case strings.Contains(credentials.SessionToken, " "):
		return nil, nil, rest // its signature has other spaces
	}
	v = &variables{credentials: &credentials, at: p.skew.now(), try: p.tryText(ctx)}
	if p.inLambda {
		var plain bool
		if v.trace, plain = traceOf(); !plain {
			return nil, nil, rest
		}
	}
	if v.invocation, err = p.invocations.GetUUID(); err != nil {
		return nil, nil, rest
	}
	if release, err = p.retryer.GetAttemptToken(ctx); err != nil {
		return nil, nil, rest
	}
	return v, release, nil
}

// send sends one HTTP request, and takes the skew of the clock from the response.
func (p *Pipeline) send(client dynamodb.HTTPClient, request *http.Request) (*http.Response, error) {
	begun := time.Now()
	received, err := client.Do(request)
	if err == nil && received != nil {
		p.skew.note(received.Header, begun)
	}
	return received, err
}

// try sends a request. It returns nil if the request was successful, and otherwise how it ended.
func (p *Pipeline) try(request *http.Request, r *Request) *ending {
	received, err := p.send(p.client, request)
	if err != nil || received == nil || received.Body == nil {
		return &ending{response: received, err: err}
	}
	buffer := p.buffers.Get()
	defer p.buffers.Put(buffer)
	err = response.Read(buffer, received)
	_ = received.Body.Close()
	if received.StatusCode >= 200 && received.StatusCode <= 299 {
		raw := buffer.Bytes() // which Read does not change
		if r.Read(&smithyhttp.Response{Response: received}, buffer, err) == nil {
			return nil
		}
		return &ending{response: received, body: bytes.Clone(raw), bodyErr: err}
	}
	return &ending{response: received, body: bytes.Clone(buffer.Bytes()), bodyErr: err}
}

// Schema returns the schema of an operation.
func (p *Pipeline) Schema(o Operation) *smithy.OperationSchema { return p.operations[o].schema }

// Protocol returns the protocol of the client.
func (p *Pipeline) Protocol() smithyhttp.ClientProtocol { return p.protocol }

// requestContext is the context of a request. Beside the values of the caller's context it has
// those of the SDK, which an HTTP client may read.
type requestContext struct {
	context.Context
	sdk context.Context
}

// Value returns the SDK's value of a key, or that of the caller's context.
func (c requestContext) Value(key any) any {
	if value := c.sdk.Value(key); value != nil {
		return value
	}
	return c.Context.Value(key)
}

// tryText is the header that says which try a request is.
type tryText struct {
	max  int
	text string
}

// timePrefix begins the time until which the caller waits, in the header.
const timePrefix = "; ttl="

// tryText returns the header of a first try.
func (p *Pipeline) tryText(ctx context.Context) string {
	kept, most := p.tries.Load(), p.retryer.MaxAttempts()
	if kept == nil || kept.max != most {
		kept = &tryText{most, "attempt=1"}
		if most != 0 {
			kept.text += "; max=" + strconv.Itoa(most)
		}
		p.tries.Store(kept)
	}
	if by := p.skew.load(); by > 0 {
		if deadline, ok := ctx.Deadline(); ok {
			return kept.text + timePrefix + deadline.Add(by).Format(timeLayout)
		}
	}
	return kept.text
}

// The variables of the environment of a function in AWS Lambda. The SDK passes the trace on, so
// that a loop of functions is found.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
const (
	functionVariable = "AWS_LAMBDA_FUNCTION_NAME"
	traceVariable    = "_X_AMZN_TRACE_ID"
)

// traceOf returns the trace of the running invocation, or "" if there is none. It returns false if
// the trace is empty, or has a character that the SDK would escape.
func traceOf() (string, bool) {
	trace, set := os.LookupEnv(traceVariable)
	if !set {
		return "", true
	}
	plain := func(c rune) bool {
		return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' ||
			strings.ContainsRune("-=;:", c)
	}
	return trace, trace != "" && !strings.ContainsFunc(trace, func(c rune) bool { return !plain(c) })
}

// isStandard reports whether a retryer is the SDK's standard one.
func isStandard(retryer aws.Retryer) bool {
	_, ok := retryer.(*retry.Standard)
	return ok
}
