package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// ending is how a try of the pipeline ended. The SDK continues with it: its first try gets the
// ending instead of sending a request.
type ending struct {
	response *http.Response // nil if there was none
	body     []byte
	bodyErr  error // what ended the body before its time
	err      error // of the HTTP client

	pipeline   *Pipeline
	release    func(error) error // of the retryer's token for the try
	invocation string
	agent      string
	client     dynamodb.HTTPClient
	over       bool // the SDK has got the ending
}

// endedContext is the context of a call that continues. It ends only when the SDK has got the
// ending: the SDK begins no try in a context that has ended, and the try has been made already.
type endedContext struct {
	context.Context
	ending *ending
}

// Done returns nil until the SDK has got the ending.
func (c endedContext) Done() <-chan struct{} {
	if !c.ending.over {
		return nil
	}
	return c.Context.Done()
}

// Err returns nil until the SDK has got the ending.
func (c endedContext) Err() error {
	if !c.ending.over {
		return nil
	}
	return c.Context.Err()
}

// configure is the option function of the call.
func (e *ending) configure(o *dynamodb.Options) {
	e.client, o.HTTPClient = o.HTTPClient, e
	o.APIOptions = append(o.APIOptions, e.addTo)
	if !e.pipeline.standard {
		o.Retryer = &resumed{RetryerV2: e.pipeline.retryer, release: e.release}
	}
}

// addTo gives the SDK's further tries the names of the first one.
func (e *ending) addTo(stack *middleware.Stack) error {
	return stack.Build.Add(middleware.BuildMiddlewareFunc(ownPrefix+"Continue", func(
		ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler,
	) (middleware.BuildOutput, middleware.Metadata, error) {
		request, ok := in.Request.(*smithyhttp.Request)
		if !ok {
			return middleware.BuildOutput{}, middleware.Metadata{},
				fmt.Errorf("the request is of the unknown type %T", in.Request)
		}
		request.Header.Set(invocationHeader, e.invocation)
		request.Header.Set(agentHeader, e.agent)
		return next.HandleBuild(ctx, in)
	}), middleware.After)
}

// Do returns the ending to the SDK's first try, and sends the others.
func (e *ending) Do(request *http.Request) (*http.Response, error) {
	if e.over {
		return e.pipeline.send(e.client, request)
	}
	e.over = true
	if e.response != nil && e.err == nil {
		e.response.Body = &replayed{*bytes.NewReader(e.body), e.bodyErr}
	}
	return e.response, e.err
}

// replayed is the body of a response that was read before.
type replayed struct {
	bytes.Reader
	err error // at the end, in place of io.EOF; nil if the body was whole
}

// Read reads from the body.
func (r *replayed) Read(to []byte) (int, error) {
	n, err := r.Reader.Read(to)
	if err != nil && r.err != nil {
		err = r.err
	}
	return n, err
}

// WriteTo writes the rest of the body.
func (r *replayed) WriteTo(w io.Writer) (int64, error) {
	n, err := r.Reader.WriteTo(w)
	if err == nil {
		err = r.err
	}
	return n, err
}

// Close does nothing.
func (*replayed) Close() error { return nil }

// resumed is a retryer whose first token has been taken already.
type resumed struct {
	aws.RetryerV2
	release func(error) error
}

// GetAttemptToken returns the token of the pipeline's try, and then the retryer's.
func (r *resumed) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	if release := r.release; release != nil {
		r.release = nil
		return release, nil
	}
	return r.RetryerV2.GetAttemptToken(ctx)
}

// GetInitialToken returns the token of the pipeline's try, and then the retryer's.
func (r *resumed) GetInitialToken() func(error) error {
	if release := r.release; release != nil {
		r.release = nil
		return release
	}
	//lint:ignore SA1019 a retryer of the first version has no other
	return r.RetryerV2.GetInitialToken()
}

// refused is a provider that has refused to give credentials already.
type refused struct {
	aws.CredentialsProvider
	err error
}

// configure is the option function of the call.
func (r *refused) configure(o *dynamodb.Options) { o.Credentials = r }

// Retrieve returns the error of the refusal, and then what the provider returns.
func (r *refused) Retrieve(ctx context.Context) (aws.Credentials, error) {
	if err := r.err; err != nil {
		r.err = nil
		return aws.Credentials{}, err
	}
	return r.CredentialsProvider.Retrieve(ctx)
}

// ProviderSources returns the sources of the provider, which the SDK writes into User-Agent.
func (r *refused) ProviderSources() []aws.CredentialSource {
	if sources, ok := r.CredentialsProvider.(aws.CredentialProviderSource); ok {
		return sources.ProviderSources()
	}
	return nil
}
