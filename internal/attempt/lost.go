package attempt

import (
	"errors"
	"net/http"

	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynamapper/dynamapper/internal/awserr"
)

// isLost reports whether a request that left with this end may have been applied: no answer came,
// or a cut one, or the service failed while it was at it. A refusal (4xx, throttling included) says
// that it was not, but for the few codes of which the table of errors says otherwise. Without an answer only the connection tells: an error of one type may come
// before the request was sent, or after it was applied.
func isLost(err error, line *connection) bool {
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) && answer.Response != nil && answer.HTTPStatusCode() > 0 {
		return !isRefusal(answer.HTTPStatusCode()) || awserr.AgainOf(err) == awserr.WithToken
	}
	return !line.isUnsent()
}

// isRefusal reports whether a status says that the request was not applied. The service has no 408,
// which is a gateway's: some send it when the service does not answer in time.
func isRefusal(status int) bool {
	return status >= 400 && status <= 499 && status != http.StatusRequestTimeout
}

// finalError keeps the SDK from sending a request again.
type finalError struct{ err error }

func (e *finalError) Error() string { return e.err.Error() }

func (e *finalError) Unwrap() error { return e.err }

// RetryableError answers the SDK's retryer.
func (e *finalError) RetryableError() bool { return false }
