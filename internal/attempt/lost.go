package attempt

import (
	"errors"
	"net/http"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynamapper/dynamapper/internal/awserr"
)

// isLost reports whether a request that was sent and ended with err may have been applied: there
// was no response, or an incomplete one, or the service failed during the request. A refusal (4xx,
// including throttling) means that the request was not applied, except for the few codes for which
// the table of errors differs. Without a response, only the connection decides: errors of the same
// type occur before the request is sent and after it is applied.
func isLost(err error, line *connection) bool {
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) && response.Response != nil && response.HTTPStatusCode() > 0 {
		return !isRefusal(response.HTTPStatusCode()) || awserr.AgainOf(err) == awserr.WithToken
	}
	return !line.isUnsent()
}

// isRefusal reports whether a status means that the request was not applied. 408 does not: the
// service never sends it, but some gateways do if the service does not respond in time.
func isRefusal(status int) bool {
	return status >= 400 && status <= 499 && status != http.StatusRequestTimeout
}

// finalError keeps the SDK from sending a request again.
type finalError struct{ err error }

func (e *finalError) Error() string { return e.err.Error() }

func (e *finalError) Unwrap() error { return e.err }

// RetryableError returns false. The SDK's retryer calls it.
func (e *finalError) RetryableError() bool { return false }
