package attempt

import (
	"context"
	"errors"
	"net"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// isLost says that a request may have been applied although it ended with this error: no answer came, or a cut one, or
// the service failed while it was at it. A refusal (4xx, throttling included) says that it was not; what was never sent
// was not either.
func isLost(err error) bool {
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) && answer.Response != nil && answer.HTTPStatusCode() > 0 {
		status := answer.HTTPStatusCode()
		return status < 400 || status > 499
	}
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return false
	}
	var send *smithyhttp.RequestSendError
	var canceled *smithy.CanceledError
	return errors.As(err, &send) || errors.As(err, &canceled) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// finalError keeps the SDK from sending a request again.
type finalError struct{ err error }

func (e *finalError) Error() string { return e.err.Error() }

func (e *finalError) Unwrap() error { return e.err }

// RetryableError answers the SDK's retryer.
func (e *finalError) RetryableError() bool { return false }
