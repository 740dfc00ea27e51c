package pipeline

import (
	"context"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
)

// maxLessons is how often a pipeline tries to learn an operation's request before it leaves the
// operation to the SDK for good.
const maxLessons = 3

// lesson follows one call of the SDK, and makes a template from its first request. It takes the
// template only if the template reproduces that very request, signature included.
type lesson struct {
	pipeline *Pipeline
	state    *operationState
	client   dynamodb.HTTPClient
	hash     string // of the body, in hexadecimal digits
	known    bool   // the SDK's middleware is what the pipeline reproduces
	over     bool   // a request has been sent
}

// configure is the option function of the call.
func (l *lesson) configure(o *dynamodb.Options) {
	l.client, o.HTTPClient = o.HTTPClient, l
	o.APIOptions = append(o.APIOptions, l.addTo)
}

// addTo looks at the steps of the SDK's middleware, and reads the hash of the body after signing.
func (l *lesson) addTo(stack *middleware.Stack) error {
	l.known = isKnown(stack)
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc(ownPrefix+"ReadHash", func(
		ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
	) (middleware.FinalizeOutput, middleware.Metadata, error) {
		l.hash = v4.GetPayloadHash(ctx)
		return next.HandleFinalize(ctx, in)
	}), "Signing", middleware.After)
}

// Do sends a request of the SDK, and learns from the first one.
func (l *lesson) Do(request *http.Request) (*http.Response, error) {
	if !l.over {
		l.over = true
		l.learn(request)
	}
	return l.pipeline.send(l.client, request)
}

func (l *lesson) learn(request *http.Request) {
	credentials, err := l.pipeline.credentials.Retrieve(request.Context())
	if err != nil {
		return
	}
	if made := l.template(request, &credentials); made != nil {
		l.state.template.Store(made)
		return
	}
	l.state.failures.Add(1)
}

// template returns the template of a request, or nil if it does not reproduce the request.
func (l *lesson) template(request *http.Request, credentials *aws.Credentials) *template {
	if !l.known {
		return nil
	}
	made := makeTemplate(request, credentials.AccountID, l.pipeline.signers.of)
	if made == nil {
		return nil
	}
	at, err := time.Parse(timeLayout, request.Header.Get(dateHeader))
	if err != nil {
		return nil
	}
	v := variables{credentials: credentials, at: at, trace: request.Header.Get(traceHeader),
		invocation: request.Header.Get(invocationHeader), try: request.Header.Get(tryHeader),
		length: int(request.ContentLength)}
	if n, err := hex.Decode(v.bodyHash[:], []byte(l.hash)); err != nil || n != len(v.bodyHash) {
		return nil
	}
	own := made.request(request.Context(), make([]byte, request.ContentLength), &v)
	if !isSame(own, request) || !isSameTry(v.try, l.pipeline.tryText(request.Context())) {
		return nil
	}
	return made
}

// isSameTry reports whether two headers name the same try. The time in them may differ by the skew
// that the SDK has found in another response.
func isSameTry(a, b string) bool {
	a, _, timed := strings.Cut(a, timePrefix)
	b, _, also := strings.Cut(b, timePrefix)
	return a == b && timed == also
}

// isSame reports whether two requests are equal but for the type of the body.
func isSame(own, theirs *http.Request) bool {
	return own.Method == theirs.Method && *own.URL == *theirs.URL && own.Host == theirs.Host &&
		own.Proto == theirs.Proto && own.ContentLength == theirs.ContentLength &&
		theirs.GetBody == nil && theirs.TransferEncoding == nil && !theirs.Close &&
		theirs.Trailer == nil && maps.EqualFunc(own.Header, theirs.Header, slices.Equal)
}

// ownPrefix begins the names of this module's middleware.
const ownPrefix = "dynamapper:"

// isKnown reports whether the steps of the SDK's middleware are those that the pipeline reproduces.
// A version of the SDK with another step is left to itself.
func isKnown(stack *middleware.Stack) bool {
	return isSubset(stack.Initialize.List(), "OperationIdempotencyTokenAutoFill",
		"OperationInputValidation") &&
		isSubset(stack.Serialize.List(), "setOperationInput", "ResolveEndpoint",
			"OperationSerializer") &&
		isSubset(stack.Build.List(), "ClientRequestID", "UserAgent", "RecursionDetection") &&
		isSubset(stack.Finalize.List(), "AcceptEncodingGzip", "DisableAcceptEncodingGzip",
			"InterceptBeforeRetryLoop", "Retry", "InterceptAttempt", "ResolveAuthScheme",
			"GetIdentity", "ResolveEndpointV2", "disableHTTPS", "DiscoverEndpoint",
			"ComputePayloadHash", "setLegacyContextSigningOptions", "Signing") &&
		isSubset(stack.Deserialize.List(), "AddRawResponseToMetadata", "ResponseErrorWrapper",
			"RequestIDRetriever", "OperationDeserializer", "RecordResponseTiming",
			"RequestResponseLogger")
}

func isSubset(steps []string, known ...string) bool {
	return !slices.ContainsFunc(steps, func(step string) bool {
		return !strings.HasPrefix(step, ownPrefix) && !slices.Contains(known, step)
	})
}
