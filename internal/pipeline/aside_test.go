package pipeline

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	smithyauth "github.com/aws/smithy-go/auth"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
	"github.com/aws/smithy-go/metrics"
	"github.com/aws/smithy-go/middleware"
	"github.com/aws/smithy-go/tracing"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"
)

// A client with anything that only the SDK's middleware calls has no pipeline.
func TestWhatHasNoPipeline(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*dynamodb.Options){
		"middleware": func(o *dynamodb.Options) {
			o.APIOptions = append(o.APIOptions, func(*middleware.Stack) error { return nil })
		},
		"an interceptor": func(o *dynamodb.Options) {
			o.Interceptors.AddBeforeTransmit(interceptor{})
		},
		"tracing":  func(o *dynamodb.Options) { o.TracerProvider = tracer{} },
		"metrics":  func(o *dynamodb.Options) { o.MeterProvider = meter{} },
		"a log":    func(o *dynamodb.Options) { o.ClientLogMode = aws.LogRetries },
		"a signer": func(o *dynamodb.Options) { o.HTTPSignerV4 = signsHTTP{v4.NewSigner()} },
		"an endpoint resolver": func(o *dynamodb.Options) {
			o.EndpointResolverV2 = resolver{}
		},
		"an old endpoint resolver": func(o *dynamodb.Options) {
			//lint:ignore SA1019 if a client has one, the SDK asks it
			o.EndpointResolver = dynamodb.EndpointResolverFromURL("http://localhost:8000")
		},
		"an authorization": func(o *dynamodb.Options) { o.AuthSchemeResolver = authorization{} },
		"a protocol": func(o *dynamodb.Options) {
			o.Protocol = protocol{o.Protocol}
		},
		"endpoint discovery": func(o *dynamodb.Options) {
			o.EndpointDiscovery.EnableEndpointDiscovery = aws.EndpointDiscoveryEnabled
		},
		"no credentials": func(o *dynamodb.Options) { o.Credentials = nil },
		"anonymous":      func(o *dynamodb.Options) { o.Credentials = aws.AnonymousCredentials{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := dynamodb.New(plainOptions(&service{replies: []reply{ok}}), change)
			require.Nil(t, New(client))
		})
	}
	require.NotNil(t, New(dynamodb.New(plainOptions(&service{}))))
}

type interceptor struct{}

func (interceptor) BeforeTransmit(context.Context, *smithyhttp.InterceptorContext) error {
	return nil
}

type tracer struct{ tracing.NopTracerProvider }

type meter struct{ metrics.NopMeterProvider }

type signsHTTP struct{ *v4.Signer }

type protocol struct{ smithyhttp.ClientProtocol }

type resolver struct{}

func (resolver) ResolveEndpoint(
	context.Context, dynamodb.EndpointParameters,
) (smithyendpoints.Endpoint, error) {
	return smithyendpoints.Endpoint{}, nil
}

type authorization struct{}

func (authorization) ResolveAuthSchemes(
	context.Context, *dynamodb.AuthResolverParameters,
) ([]*smithyauth.Option, error) {
	return nil, nil
}

// If the SDK's middleware has a step that the pipeline does not know, the SDK sends everything.
func TestAnUnknownStep(t *testing.T) {
	t.Parallel()
	step := func(stack *middleware.Stack) error {
		return stack.Build.Add(middleware.BuildMiddlewareFunc("NewInThisVersion", nil),
			middleware.After)
	}
	stack := func(steps ...func(*middleware.Stack) error) *middleware.Stack {
		made := middleware.NewStack("GetItem", smithyhttp.NewStackRequest)
		client := dynamodb.New(plainOptions(&service{replies: []reply{ok}}))
		_, _ = client.GetItem(t.Context(), getInput(), func(o *dynamodb.Options) {
			o.DisableValidateResponseChecksum = true
			o.APIOptions = append(o.APIOptions, steps...)
			o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
				made = s
				return &smithy.CanceledError{}
			})
		})
		return made
	}
	require.True(t, isKnown(stack()))
	require.False(t, isKnown(stack(step)))
}

// A request that a template does not reproduce is left to the SDK after three lessons.
func TestLessonsEnd(t *testing.T) {
	t.Parallel()
	s := &service{replies: []reply{ok}}
	options := plainOptions(s)
	options.BaseEndpoint = aws.String("http://localhost:8000/behind/a/path")
	client := dynamodb.New(options)
	p := New(client)
	for range 2 * maxLessons {
		require.NoError(t, get(t.Context(), p, client).err)
	}
	require.Nil(t, p.operations[GetItem].template.Load())
	require.EqualValues(t, maxLessons, p.operations[GetItem].failures.Load())
}

// rotating returns credentials that change.
type rotating struct{ aws.Credentials }

func (r *rotating) Retrieve(context.Context) (aws.Credentials, error) { return r.Credentials, nil }

// Credentials that change are used at once, and the endpoint of another account is learned anew.
func TestChangingCredentials(t *testing.T) {
	t.Parallel()
	s, keys := &service{replies: []reply{ok}}, &rotating{}
	keys.AccessKeyID, keys.SecretAccessKey, keys.AccountID = "A", "a", "111111111111"
	options := plainOptions(s)
	options.Credentials, options.AccountIDEndpointMode = keys, aws.AccountIDEndpointModePreferred
	client := dynamodb.New(options)
	p := learned(t, client)
	theirs := func() *http.Request {
		require.NoError(t, get(t.Context(), nil, client).err)
		return s.got[len(s.got)-1]
	}
	ours := func(own bool) *http.Request {
		got := get(t.Context(), p, client)
		require.NoError(t, got.err)
		require.Equal(t, own, got.own)
		return s.got[len(s.got)-1]
	}
	requireSameRequest(t, theirs(), ours(true))
	keys.SessionToken = "of this hour"
	require.Equal(t, keys.SessionToken, ours(false).Header.Get(tokenHeader)) // it has a space
	keys.SessionToken = "token"
	requireSameRequest(t, theirs(), ours(true))
	keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken = "B", "b", ""
	requireSameRequest(t, theirs(), ours(true))
	keys.AccountID = "222222222222"
	require.Contains(t, ours(false).URL.Host, keys.AccountID)
	requireSameRequest(t, theirs(), ours(true))
}

// The clock of the service corrects the time of the signature, as in the SDK.
func TestSkew(t *testing.T) {
	t.Parallel()
	ahead := reply{status: 200, body: "{}", header: map[string]string{
		"Date": time.Now().Add(3 * time.Hour).UTC().Format(http.TimeFormat)}}
	s := &service{replies: []reply{ahead}}
	client := dynamodb.New(plainOptions(s))
	p := learned(t, client)
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	require.True(t, get(ctx, p, client).own)
	require.NoError(t, get(ctx, nil, client).err)
	ours, theirs := s.got[len(s.got)-2], s.got[len(s.got)-1]
	at, err := time.Parse(timeLayout, ours.Header.Get(dateHeader))
	require.NoError(t, err)
	require.InDelta(t, 3*time.Hour, time.Until(at), float64(time.Minute))
	require.Contains(t, ours.Header.Get(tryHeader), timePrefix)
	require.Len(t, ours.Header.Get(tryHeader), len(theirs.Header.Get(tryHeader)))

	old := ahead
	old.header = map[string]string{"Date": ahead.header["Date"], "Age": "9"}
	for _, header := range []map[string]string{old.header, {"Date": "yesterday"}, {}} {
		p.skew.by.Store(1)
		h := http.Header{}
		for name, value := range header {
			h.Set(name, value)
		}
		p.skew.note(h, time.Now())
		require.EqualValues(t, 1, p.skew.load())
	}
	p.skew.disabled = true
	p.skew.note(http.Header{"Date": {ahead.header["Date"]}}, time.Now())
	require.EqualValues(t, 1, p.skew.load())
}

// The context of a request has the SDK's values and the caller's.
func TestContextOfARequest(t *testing.T) {
	t.Parallel()
	type key struct{}
	s := &service{replies: []reply{ok}}
	client := dynamodb.New(plainOptions(s))
	p := learned(t, client)
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "of the caller"))
	require.True(t, get(ctx, p, client).own)
	within := s.got[len(s.got)-1].Context()
	require.Equal(t, "of the caller", within.Value(key{}))
	require.Equal(t, "GetItem", middleware.GetOperationName(within))
	require.Equal(t, "DynamoDB", middleware.GetServiceID(within))
	require.Equal(t, "GetItem", awsmiddleware.GetOperationName(within))
	require.Equal(t, "DynamoDB", awsmiddleware.GetServiceID(within))
	require.Equal(t, "eu-west-1", awsmiddleware.GetRegion(within))
	cancel()
	require.ErrorIs(t, within.Err(), context.Canceled)
}

// In a function of AWS Lambda a request has the trace of its invocation.
func TestTraces(t *testing.T) {
	t.Setenv(functionVariable, "game")
	s := &service{replies: []reply{ok}}
	client := dynamodb.New(plainOptions(s))
	for _, trace := range []string{"Root=1-5759e988;Parent=53995c3f;Sampled=1", "Root=2"} {
		t.Setenv(traceVariable, trace)
		p := learned(t, client)
		t.Setenv(traceVariable, trace+"Lineage=a:0")
		require.True(t, get(t.Context(), p, client).own)
		require.NoError(t, get(t.Context(), nil, client).err)
		requireSameRequest(t, s.got[len(s.got)-1], s.got[len(s.got)-2])
		t.Setenv(traceVariable, "Root=ü")
		require.False(t, get(t.Context(), p, client).own)
	}
}

// Many goroutines may send at a time, from the first request on.
func TestConcurrentRequests(t *testing.T) {
	t.Parallel()
	options := plainOptions(nil)
	options.HTTPClient = smithyhttp.NopClient{}
	client := dynamodb.New(options)
	p := New(client)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if err := get(context.Background(), p, client).err; err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	require.True(t, get(t.Context(), p, client).own)
}

// counted are credentials that are refused every third time.
type counted struct{ asked int }

func (c *counted) Retrieve(ctx context.Context) (aws.Credentials, error) {
	if c.asked++; c.asked%3 == 0 {
		return aws.Credentials{}, &smithy.GenericAPIError{Code: "ThrottlingException"}
	}
	return keys.Retrieve(ctx)
}

// The SDK gets the same refusal of the credentials, and nobody is asked for them a second time.
func TestRefusedCredentials(t *testing.T) {
	t.Parallel()
	endingsOf := func(own bool) (outcomes []outcome, asked int) {
		provider, s := &counted{}, &service{replies: []reply{ok}}
		options := plainOptions(s)
		options.Credentials = provider
		client := dynamodb.New(options)
		p := learned(t, client)
		if !own {
			p = nil
		}
		provider.asked = 0
		for range 10 {
			outcomes = append(outcomes, get(t.Context(), p, client))
		}
		return outcomes, provider.asked
	}
	theirs, theirsAsked := endingsOf(false)
	ours, oursAsked := endingsOf(true)
	require.Equal(t, theirsAsked, oursAsked)
	for i := range ours {
		requireSameError(t, theirs[i].err, ours[i].err)
	}
}
