package tool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/awserr"
)

// errDamaged is the error of a response that did not arrive as it was sent.
var errDamaged = errors.New("the response is damaged")

// wholeResponses makes a call of the SDK's client return errDamaged if a response does not arrive
// whole. The SDK itself only logs a wrong checksum. Other clients take no middleware.
func wholeResponses(o *dynamodb.Options) {
	if o.Protocol == nil {
		return
	}
	o.DisableValidateResponseChecksum = true
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(
			middleware.DeserializeMiddlewareFunc("WholeResponse", readWhole), middleware.After)
	})
}

// readWhole reads the body of a response and checks it.
func readWhole(
	ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
) (middleware.DeserializeOutput, middleware.Metadata, error) {
	out, metadata, err := next.HandleDeserialize(ctx, in)
	response, ok := out.RawResponse.(*smithyhttp.Response)
	if err != nil || !ok {
		return out, metadata, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil {
		return out, metadata, fmt.Errorf("%w: %w", errDamaged, err)
	}
	want := response.Header.Get("X-Amz-Crc32")
	if got := strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10); want != "" && got != want {
		return out, metadata, fmt.Errorf("%w: its checksum is wrong", errDamaged)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return out, metadata, nil
}

// maxDamaged bounds how often a request is sent because its response is damaged.
const maxDamaged = 5

// mayTryAgain reports whether a read, or a write that may be applied twice, is sent again.
func mayTryAgain(err error, tries *attempt.Backoff) bool {
	return awserr.AgainOf(err) == awserr.Throttled ||
		errors.Is(err, errDamaged) && tries.Tries() < maxDamaged
}
