package dynamapper

import (
	"bytes"
	"context"
	"errors"
	"hash/crc32"
	"net/http"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynamapper/dynamapper/internal/attempt"
)

// heldResponse is a response with a body that has been read: all that is made for it, in one piece.
type heldResponse struct {
	smithyhttp.Response
	plain http.Response
	body  heldBody
}

type heldBody struct{ bytes.Reader }

func (*heldBody) Close() error { return nil }

// withBody is the same response with another body.
func withBody(response *smithyhttp.Response, body []byte) *smithyhttp.Response {
	held := &heldResponse{plain: *response.Response}
	held.body.Reset(body)
	held.plain.Body, held.Response.Response = &held.body, &held.plain
	return &held.Response
}

// brokenAnswerError is a response that was damaged on its way. The SDK sends the read again.
type brokenAnswerError struct {
	problem string
	err     error
}

func (e *brokenAnswerError) Error() string {
	if e.err == nil {
		return e.problem
	}
	return e.problem + ": " + e.err.Error()
}

func (e *brokenAnswerError) Unwrap() error { return e.err }

// RetryableError tells the SDK's retryer that another try may help.
func (e *brokenAnswerError) RetryableError() bool { return true }

const checksumHeader = "X-Amz-Crc32"

// readBody reads a response to its end.
func readBody(body *bytes.Buffer, response *smithyhttp.Response) error {
	if n := response.ContentLength; n > 0 && n < maxKeptBuffer {
		body.Grow(int(n) + bytes.MinRead)
	}
	_, err := body.ReadFrom(response.Body)
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case err != nil:
		return &brokenAnswerError{"the response was cut short", err}
	case body.Len() == 0 && response.StatusCode < 300:
		return &brokenAnswerError{"the response is empty", nil}
	}
	return nil
}

// checkSum holds a body against its checksum, where it has one.
func checkSum(body []byte, header http.Header) error {
	text := header.Get(checksumHeader)
	if text == "" {
		return nil
	}
	sum, err := strconv.ParseUint(text, 10, 32)
	if err != nil || uint32(sum) != crc32.ChecksumIEEE(body) {
		return &brokenAnswerError{"the response does not match its checksum, header " + checksumHeader, nil}
	}
	return nil
}

// writeCall is one request of a write: its table, and what becomes of it.
type writeCall struct {
	table string
	tries attempt.Counter
}

// configure is the option function of a write: a damaged answer is as good as a lost one, where the SDK would log and believe
// it.
func (w *writeCall) configure(o *dynamodb.Options) {
	configureCall(o, &w.tries)
	if o.Protocol != nil {
		o.Protocol = &summedProtocol{ClientProtocol: o.Protocol, unsum: o.EnableAcceptEncodingGzip}
	}
}

// summedProtocol reads an answer to its end, and checks its checksum, before the SDK reads it.
type summedProtocol struct {
	smithyhttp.ClientProtocol
	unsum bool // the response is compressed, its sum is the SDK's business
	body  bytes.Buffer
}

// DeserializeResponse is called by the SDK once a try. A refusal is checked, too: it says why, and carries the item as it is. A
// failure of the service is one in any case.
func (p *summedProtocol) DeserializeResponse(
	ctx context.Context, operation *smithy.OperationSchema, registry *smithy.TypeRegistry, response *smithyhttp.Response, out smithy.Deserializable,
) error {
	if response.StatusCode < 200 || response.StatusCode > 499 {
		return p.ClientProtocol.DeserializeResponse(ctx, operation, registry, response, out)
	}
	p.body = bytes.Buffer{} // what a try before has read may stand in its error
	if err := readBody(&p.body, response); err != nil {
		return err
	}
	if !p.unsum {
		if err := checkSum(p.body.Bytes(), response.Header); err != nil {
			return err
		}
	}
	return p.ClientProtocol.DeserializeResponse(ctx, operation, registry, withBody(response, p.body.Bytes()), out)
}
