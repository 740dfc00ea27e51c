package dynamapper

import (
	"bytes"
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/pipeline"
)

// request is one request of an operation on items. The pipeline sends its body, and the client its
// input, which is that of the SDK, of type I. So each is made when it is asked for.
type request[I any] struct {
	operation pipeline.Operation
	input     func() *I
	body      func() ([]byte, error) // the JSON of the input
}

// reply reads the response to a request, and follows the tries.
type reply interface {
	// configure is the option function of the call, if the client sends the request.
	configure(*dynamodb.Options)
	// read reads a successful response that the pipeline has received.
	read(context.Context, *received) error
	// tries returns the counter of the tries, or nil.
	tries() *attempt.Counter
}

// received is a successful response that the pipeline has received.
type received struct {
	pipeline  *pipeline.Pipeline
	operation pipeline.Operation
	response  *smithyhttp.Response
	body      *bytes.Buffer
	cut       error // what ended the body before its time
	out       smithy.Deserializable
}

// open checks and decompresses the body.
func (r *received) open() error { return openResponse(r.body, r.response, r.cut) }

// decode decodes a body into the output, as the SDK does.
func (r *received) decode(ctx context.Context, body []byte) error {
	protocol := guardedProtocol{r.pipeline.Protocol()}
	return protocol.DeserializeResponse(ctx, r.pipeline.Schema(r.operation),
		dynamodb.TypeRegistry, withBody(r.response, body), r.out)
}

// output is the SDK's output of an operation.
type output[O any] interface {
	*O
	smithy.Deserializable
}

// send sends a request. The mapper's pipeline makes the first try if it can, and otherwise the
// client makes all.
func send[I, O any, Out output[O]](
	ctx context.Context, m *Mapper, r request[I],
	call func(Client, context.Context, *I, ...func(*dynamodb.Options)) (*O, error), to reply,
) (*O, error) {
	options := append(make([]func(*dynamodb.Options), 0, 2), to.configure)
	if m.pipeline != nil && !m.usesARN.Load() {
		out := new(O)
		rest := m.pipeline.Send(ctx, &pipeline.Request{
			Operation: r.operation, Tries: to.tries(), Body: r.body,
			Read: func(response *smithyhttp.Response, body *bytes.Buffer, cut error) error {
				return to.read(ctx, &received{m.pipeline, r.operation, response, body, cut,
					Out(out)})
			},
		})
		if rest == nil {
			return out, nil
		}
		ctx = rest.Context
		if rest.Configure != nil {
			options = append(options, rest.Configure)
		}
	}
	return call(m.client, ctx, r.input(), options...)
}
