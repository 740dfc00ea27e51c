package pipeline

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/attempt"
)

// reply is what the service of a test does with one request.
type reply struct {
	status int
	header map[string]string
	body   string
	cut    error // ends the body
	err    error // in place of a response
	unsent bool  // the client wants a connection and gets none
	end    bool  // the caller's context ends before the response
}

// service answers requests one after the other, the last reply again and again.
type service struct {
	replies []reply
	end     context.CancelFunc
	got     []*http.Request
	bodies  []string
}

func (s *service) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	a := s.replies[min(len(s.got), len(s.replies)-1)]
	s.got, s.bodies = append(s.got, r), append(s.bodies, string(body))
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil {
		trace.GetConn("service")
		if !a.unsent {
			trace.GotConn(httptrace.GotConnInfo{})
		}
	}
	if a.end {
		s.end()
	}
	if a.err != nil {
		return nil, a.err
	}
	made := &http.Response{StatusCode: a.status, Header: http.Header{}, Request: r,
		ContentLength: int64(len(a.body)),
		Body:          &replayed{*bytes.NewReader([]byte(a.body)), a.cut}}
	for name, value := range a.header {
		made.Header.Set(name, value)
	}
	return made, nil
}

// keys are the credentials of the tests.
var keys = credentials.NewStaticCredentialsProvider("AKID", "secret", "token")

// getInput is the input of the tests' requests.
func getInput() *dynamodb.GetItemInput {
	return &dynamodb.GetItemInput{TableName: aws.String("players"),
		Key: map[string]types.AttributeValue{"login": &types.AttributeValueMemberS{Value: "waldo"}}}
}

// outcome is how a call of GetItem ended, and what the counter knows of its tries.
type outcome struct {
	err    error
	own    bool
	sent   int
	lost   bool
	failed int
}

// serialize returns the JSON of an input as the SDK makes it.
func serialize(
	ctx context.Context, p *Pipeline, input smithy.Serializable,
) ([]byte, error) {
	request := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	if err := p.protocol.SerializeRequest(ctx, p.Schema(GetItem), input, request); err != nil {
		return nil, err
	}
	return io.ReadAll(request.GetStream())
}

// get calls GetItem by a pipeline, or by the client alone if there is none.
func get(ctx context.Context, p *Pipeline, client *dynamodb.Client) outcome {
	counter := &attempt.Counter{}
	options := []func(*dynamodb.Options){func(o *dynamodb.Options) {
		o.DisableValidateResponseChecksum = true
		o.APIOptions = append(o.APIOptions, counter.AddTo)
	}}
	if p != nil {
		rest := p.Send(ctx, &Request{Operation: GetItem, Tries: counter,
			Body: func() ([]byte, error) { return serialize(ctx, p, getInput()) },
			Read: func(r *smithyhttp.Response, body *bytes.Buffer, err error) error {
				if err != nil {
					return err
				}
				r.Body = io.NopCloser(body)
				return p.Protocol().DeserializeResponse(ctx, p.Schema(GetItem),
					dynamodb.TypeRegistry, r, &dynamodb.GetItemOutput{})
			}})
		if rest == nil {
			return outcome{own: counter.IsOwn(), sent: counter.Sent(), lost: counter.Lost()}
		}
		ctx = rest.Context
		if rest.Configure != nil {
			options = append(options, rest.Configure)
		}
	}
	_, err := client.GetItem(ctx, getInput(), options...)
	failed, _ := counter.Failed()
	return outcome{err, counter.IsOwn(), counter.Sent(), counter.Lost(), failed}
}

// learned returns a pipeline that knows the request of GetItem.
func learned(t *testing.T, client *dynamodb.Client) *Pipeline {
	t.Helper()
	p := New(client)
	require.NotNil(t, p)
	_ = get(t.Context(), p, client)
	require.NotNil(t, p.operations[GetItem].template.Load())
	return p
}

// plainOptions are the options of a client of the tests.
func plainOptions(s *service) dynamodb.Options {
	return dynamodb.Options{Region: "eu-west-1", Credentials: keys, HTTPClient: s,
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) { o.Backoff = noWait{} })}
}

// noWait is a backoff without a wait.
type noWait struct{}

func (noWait) BackoffDelay(int, error) (time.Duration, error) { return 0, nil }

var ok = reply{status: 200, body: "{}"}

// refusal returns the response of a refused request.
func refusal(status int, code string) reply {
	return reply{status: status, header: map[string]string{"X-Amzn-Requestid": "id"},
		body: `{"__type":"com.amazonaws.dynamodb.v20120810#` + code + `","message":"no"}`}
}

// endings are the ways in which a call may end.
func endings() map[string][]reply {
	later := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	skewed := refusal(403, "InvalidSignatureException")
	skewed.header["Date"] = later
	after := refusal(400, "ThrottlingException")
	after.header["X-Amz-Retry-After"] = "1"
	return map[string][]reply{
		"success":               {ok},
		"a response with items": {{status: 200, body: `{"Item":{"login":{"S":"waldo"}}}`}},
		"not found":             {refusal(400, "ResourceNotFoundException")},
		"invalid":               {refusal(400, "ValidationException")},
		"refused":               {refusal(400, "ConditionalCheckFailedException")},
		"access denied":         {refusal(400, "AccessDeniedException")},
		"expired credentials":   {refusal(400, "ExpiredTokenException"), ok},
		"a code of nobody":      {refusal(418, "TeapotException")},
		"no code":               {{status: 400, body: "{}"}},
		"no JSON":               {{status: 502, body: "<html>"}, ok},
		"a redirect":            {{status: 307, header: map[string]string{"Location": "/"}}},
		"throttled once":        {refusal(400, "ThrottlingException"), ok},
		"throttled":             {refusal(400, "ProvisionedThroughputExceededException")},
		"throttled with a wait": {after, ok},
		"failed once":           {refusal(500, "InternalServerError"), ok},
		"failed":                {refusal(503, "ServiceUnavailable")},
		"refused after failing": {refusal(500, "InternalServerError"),
			refusal(400, "ConditionalCheckFailedException")},
		"cut":                {{status: 200, body: `{"It`, cut: io.ErrUnexpectedEOF}},
		"cut once":           {{status: 200, body: `{"It`, cut: io.ErrUnexpectedEOF}, ok},
		"a cut refusal":      {{status: 400, body: `{"__ty`, cut: io.ErrUnexpectedEOF}, ok},
		"malformed":          {{status: 200, body: `{"Item":[}`}},
		"empty":              {{status: 200}},
		"not connected":      {{err: errors.New("connection refused"), unsent: true}, ok},
		"disconnected":       {{err: io.ErrUnexpectedEOF}, ok},
		"always lost":        {{err: io.ErrUnexpectedEOF}},
		"the clock is wrong": {skewed, ok},
		"given up":           {{err: context.Canceled, end: true}},
		"given up at a failure": {
			{status: 500, body: refusal(500, "InternalServerError").body, end: true}, ok},
		"given up, and cut": {
			{status: 200, body: `{"It`, cut: context.Canceled, end: true}, ok},
		"given up later": {refusal(500, "InternalServerError"),
			{err: context.Canceled, end: true}},
	}
}

// retryers are the kinds of retryers of a client.
func retryers() map[string]func() aws.Retryer {
	standard := func(o *retry.StandardOptions) { o.Backoff = noWait{} }
	return map[string]func() aws.Retryer{
		"standard": func() aws.Retryer { return retry.NewStandard(standard) },
		"one try": func() aws.Retryer {
			return retry.AddWithMaxAttempts(retry.NewStandard(standard), 1)
		},
		"no limit": func() aws.Retryer {
			return retry.AddWithErrorCodes(retry.NewStandard(standard, func(
				o *retry.StandardOptions,
			) {
				o.MaxAttempts = 7
			}), "TeapotException")
		},
		"adaptive": func() aws.Retryer {
			return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
				o.StandardOptions = append(o.StandardOptions, standard)
			})
		},
		"none":          func() aws.Retryer { return aws.NopRetryer{} },
		"first version": func() aws.Retryer { return oldRetryer{retry.NewStandard(standard)} },
	}
}

// oldRetryer has only the methods of the first version.
type oldRetryer struct{ aws.Retryer }

// Both ways of sending a request send the same requests, and end in the same way.
func TestBothWaysEndAlike(t *testing.T) {
	t.Parallel()
	for retries, retryer := range retryers() {
		for name, replies := range endings() {
			t.Run(retries+"/"+name, func(t *testing.T) {
				t.Parallel()
				theirs, theirOutcome := run(t, retryer(), replies, false)
				ours, ourOutcome := run(t, retryer(), replies, true)
				require.True(t, ourOutcome.own)
				require.False(t, theirOutcome.own)
				require.Equal(t, theirOutcome.sent, ourOutcome.sent)
				require.Equal(t, theirOutcome.lost, ourOutcome.lost)
				require.Equal(t, theirOutcome.failed, ourOutcome.failed)
				requireSameError(t, theirOutcome.err, ourOutcome.err)
				require.Equal(t, theirs.bodies, ours.bodies)
				require.Len(t, ours.got, len(theirs.got))
				for i := range ours.got {
					requireSameRequest(t, theirs.got[i], ours.got[i])
					require.Equal(t, ours.got[0].Header.Get(invocationHeader),
						ours.got[i].Header.Get(invocationHeader))
				}
			})
		}
	}
}

// run calls GetItem once, by a pipeline that has learned, or by the SDK.
func run(t *testing.T, retryer aws.Retryer, replies []reply, own bool) (*service, outcome) {
	t.Helper()
	s := &service{replies: []reply{ok}}
	options := plainOptions(s)
	options.Retryer = retryer
	client := dynamodb.New(options)
	p := learned(t, client)
	if !own {
		p = nil
		_ = get(t.Context(), nil, client) // the other client has also made one call
	}
	s.replies, s.got, s.bodies = replies, nil, nil
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.end = cancel
	return s, get(ctx, p, client)
}

// requireSameError compares two errors by their texts and the types in their chains.
func requireSameError(t *testing.T, want, got error) {
	t.Helper()
	if want == nil {
		require.NoError(t, got)
		return
	}
	require.EqualError(t, got, want.Error())
	for want != nil {
		require.IsType(t, want, got)
		want, got = errors.Unwrap(want), errors.Unwrap(got)
	}
}

// requireSameRequest compares two requests in all that does not differ from call to call.
func requireSameRequest(t *testing.T, want, got *http.Request) {
	t.Helper()
	require.Equal(t, want.URL.String(), got.URL.String())
	require.Equal(t, want.Method+want.Host+want.Proto, got.Method+got.Host+got.Proto)
	require.Equal(t, want.ContentLength, got.ContentLength)
	a, b := want.Header.Clone(), got.Header.Clone()
	for _, h := range []http.Header{a, b} {
		h.Set(invocationHeader, "one of each call")
		h.Set(dateHeader, "now")
		signature, _, _ := strings.Cut(h.Get(authorizationHeader), "Signature=")
		h.Set(authorizationHeader, signature)
	}
	require.Equal(t, a, b)
}
