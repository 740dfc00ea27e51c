package attempt

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// isLost says that a request which left with this end may have been applied: no answer came, or a cut one, or the service
// failed while it was at it. A refusal (4xx, throttling included) says that it was not, and without a connection it was not
// either. An error that is not known is no answer.
func isLost(err error) bool {
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) && answer.Response != nil && answer.HTTPStatusCode() > 0 {
		status := answer.HTTPStatusCode()
		return status < 400 || status > 499
	}
	return !isUnconnected(err)
}

// isUnconnected says that there was no connection to send a request on.
func isUnconnected(err error) bool {
	var network *net.OpError
	var certificate *tls.CertificateVerificationError
	var noTLS tls.RecordHeaderError
	return errors.As(err, &network) && (network.Op == "dial" || network.Op == "proxyconnect") ||
		errors.As(err, &certificate) || errors.As(err, &noTLS) || errors.Is(err, http.ErrSchemeMismatch)
}

// finalError keeps the SDK from sending a request again.
type finalError struct{ err error }

func (e *finalError) Error() string { return e.err.Error() }

func (e *finalError) Unwrap() error { return e.err }

// RetryableError answers the SDK's retryer.
func (e *finalError) RetryableError() bool { return false }
