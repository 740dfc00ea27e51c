package dynamapper

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/response"
	"github.com/dynamapper/dynamapper/internal/shown"
)

// heldResponse is a response whose body has been read, in one allocation.
type heldResponse struct {
	smithyhttp.Response
	plain http.Response
	body  heldBody
}

type heldBody struct{ bytes.Reader }

func (*heldBody) Close() error { return nil }

// withBody returns the same response with another body.
func withBody(response *smithyhttp.Response, body []byte) *smithyhttp.Response {
	held := &heldResponse{plain: *response.Response}
	held.body.Reset(body)
	held.plain.Body, held.Response.Response = &held.body, &held.plain
	return &held.Response
}

// damagedResponseError is a response that was damaged on its way. The SDK then sends a read again.
type damagedResponseError struct {
	problem string
	err     error
}

func (e *damagedResponseError) Error() string {
	if e.err == nil {
		return e.problem
	}
	return shown.Text(e.problem + ": " + e.err.Error())
}

func (e *damagedResponseError) Unwrap() error { return e.err }

// RetryableError reports to the SDK's retryer that another try may help.
func (e *damagedResponseError) RetryableError() bool { return true }

const checksumHeader = "X-Amz-Crc32"

// maxResponse bounds the size of a decompressed response, in bytes. The largest response, that of a
// BatchGetItem, has 16 MB of items, and each byte of them takes at most 8 bytes of JSON.
const maxResponse = 256 << 20

// keepCompressed removes the SDK's decompression from a call. The checksum is that of the
// compressed bytes, so readResponse must check them before it decompresses them.
func keepCompressed(stack *middleware.Stack) error {
	_, err := stack.Deserialize.Remove("DecompressGzip")
	return err
}

// readResponse reads a response to its end, checks its checksum and decompresses it.
func readResponse(body *bytes.Buffer, from *smithyhttp.Response) error {
	return openResponse(body, from, response.Read(body, from.Response))
}

// openResponse checks the checksum of the bytes of a response, and decompresses them. err is the
// error with which the reading of them ended.
func openResponse(body *bytes.Buffer, response *smithyhttp.Response, err error) error {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case err != nil:
		return &damagedResponseError{"the response was cut short", err}
	}
	if err := checkSum(body.Bytes(), response.Header); err != nil {
		return err
	}
	if isCompressed(response) {
		if err := decompress(body); err != nil {
			return err
		}
	}
	if body.Len() == 0 && response.StatusCode < 300 {
		return &damagedResponseError{"the response is empty", nil}
	}
	return nil
}

// checkSum compares the bytes of a response with its checksum, if it has one.
func checkSum(body []byte, header http.Header) error {
	text := header.Get(checksumHeader)
	if text == "" {
		return nil
	}
	sum, err := strconv.ParseUint(text, 10, 32)
	if err != nil || uint32(sum) != crc32.ChecksumIEEE(body) {
		return &damagedResponseError{
			"the response does not match its checksum, header " + checksumHeader, nil}
	}
	return nil
}

func isCompressed(response *smithyhttp.Response) bool {
	return strings.EqualFold(response.Header.Get("Content-Encoding"), "gzip")
}

// decompress replaces the compressed bytes of a response with its text.
func decompress(body *bytes.Buffer) error {
	var text bytes.Buffer
	reader, err := gzip.NewReader(body)
	if err == nil {
		_, err = text.ReadFrom(io.LimitReader(reader, maxResponse+1))
	}
	if err == nil && text.Len() > maxResponse {
		err = errors.New("the response is larger than any response of DynamoDB")
	}
	if err != nil {
		return &damagedResponseError{"the response cannot be decompressed", err}
	}
	*body = text
	return nil
}

// guardedProtocol converts a panic of the SDK's decoder to an error. Some malformed responses cause
// such a panic. A malformed response to a write counts as a lost one.
type guardedProtocol struct{ smithyhttp.ClientProtocol }

// DeserializeResponse recovers a panic of the wrapped protocol.
func (p guardedProtocol) DeserializeResponse(
	ctx context.Context, operation *smithy.OperationSchema, registry *smithy.TypeRegistry,
	response *smithyhttp.Response, out smithy.Deserializable,
) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = &damagedResponseError{"the response is malformed",
				fmt.Errorf("the SDK's decoder panicked: %v", panicked)}
		}
	}()
	return p.ClientProtocol.DeserializeResponse(ctx, operation, registry, response, out)
}

// writeCall is one request of a write: its table and its tries.
type writeCall struct {
	table   string
	counter attempt.Counter
}

// configure is the option function of a write.
func (w *writeCall) configure(o *dynamodb.Options) { configureCall(o, &w.counter) }

func (w *writeCall) tries() *attempt.Counter { return &w.counter }

// read reads the response to a write. Nearly all are "{}".
func (w *writeCall) read(ctx context.Context, r *received) error {
	if err := r.open(); err != nil || bytes.Equal(r.body.Bytes(), []byte("{}")) {
		return err
	}
	return r.decode(ctx, r.body.Bytes())
}

// isLost reports whether the write may have been applied, although it ended with an error. If the
// client hides its tries, isLost decides from the error alone.
func (w *writeCall) isLost(err error) bool {
	return w.counter.Lost() || !w.counter.Seen() && mayBeApplied(err)
}

// newDoubt returns the error of a write whose outcome is unknown.
func (w *writeCall) newDoubt(op string, key PrimaryKey, err error) error {
	doubt := &UnknownOutcomeError{Op: op, Table: w.table, Key: key, Err: err}
	if !w.counter.Seen() {
		doubt.problem = unsaidOutcome
	}
	return doubt
}

// checkedProtocol reads a response to its end and checks its checksum before the SDK decodes it.
// The SDK itself would only log that a response is damaged, and use it. A damaged response counts
// as a lost one.
type checkedProtocol struct {
	smithyhttp.ClientProtocol
	body bytes.Buffer
}

// DeserializeResponse checks refusals too, because a refusal contains the reason and the stored
// item.
func (p *checkedProtocol) DeserializeResponse(
	ctx context.Context, operation *smithy.OperationSchema, registry *smithy.TypeRegistry,
	response *smithyhttp.Response, out smithy.Deserializable,
) error {
	p.body = bytes.Buffer{} // the error of an earlier try may refer to the buffer
	err := readResponse(&p.body, response)
	if err != nil && response.StatusCode < 500 {
		return err
	}
	if err != nil {
		p.body.Reset() // a failure of the service needs no readable text
	}
	return p.ClientProtocol.DeserializeResponse(ctx, operation, registry,
		withBody(response, p.body.Bytes()), out)
}
