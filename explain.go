package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynamapper/dynamapper/internal/awserr"
)

// requestError is a request that failed: which, on what table, why and what to do, with the SDK's error inside.
type requestError struct {
	op, table string // table "": several, or none
	problem   string // what is wrong and how to mend it; "": only the cause is known
	cause     string // the part of err that says something new; "": none
	err       error
}

func (e *requestError) Error() string {
	var parts []string
	for _, part := range []string{e.problem, e.cause} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return told(prefixOf(e.op, e.table) + strings.Join(parts, ": "))
}

// Unwrap gives the error of the SDK.
func (e *requestError) Unwrap() error { return e.err }

// explain turns what the SDK returned into one sentence that names the operation, the table and the mend. The error of
// the SDK stays inside, for errors.Is and errors.As. Errors of this package pass unchanged, and nil stays nil.
func (m *Mapper) explain(op, table string, err error) error {
	if err == nil || isOwn(err) {
		return err
	}
	problem, cause := m.diagnose(err)
	return &requestError{op: op, table: table, problem: problem, cause: cause, err: err}
}

// isOwn says that the error already says everything.
func isOwn(err error) bool {
	for _, own := range []error{
		ErrNotFound, ErrConflict, ErrOverwrite, ErrConditionFailed, ErrMaxRetriesExceeded, ErrUnknownOutcome, ErrPartial,
		ErrSchema, ErrInvalidRegion, ErrInvalidCursor,
	} {
		if errors.Is(err, own) {
			return true
		}
	}
	var request *requestError
	var interrupted *interruptedError
	var field *FieldError
	var batch *BatchError
	var transaction *TransactionError
	return errors.As(err, &request) || errors.As(err, &interrupted) || errors.As(err, &field) || errors.As(err, &batch) || errors.As(err, &transaction)
}

// diagnose finds the problem with its mend, and the part of the error's text that is worth showing beside it.
func (m *Mapper) diagnose(err error) (problem, cause string) {
	var api smithy.APIError
	var noRegion *aws.MissingRegionError
	var dial *net.OpError
	var lookup *net.DNSError
	switch {
	case errors.Is(err, context.Canceled):
		return "the context was cancelled", ""
	case isCredentialsError(err): // before the deadline: the SDK sets one of its own for each source of credentials
		return "no credentials could be had; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, give the machine an IAM role, " +
			"or give Connect WithCredentials", causeOf(err)
	case errors.As(err, &api):
		return m.diagnoseAnswer(api), describeAnswer(api, err)
	case errors.As(err, &lookup):
		return m.unreachable(), lookup.Error()
	case errors.As(err, &dial) && dial.Op == "dial":
		return m.unreachable(), dial.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer came before the deadline of the context or the time-out of the client", ""
	case errors.As(err, &noRegion), strings.Contains(err.Error(), "Missing Region"): // an error of the endpoint rules has no type
		return "the client has no region; give it one, or use Connect with WithRegion or AWS_REGION", causeOf(err)
	case strings.HasSuffix(err.Error(), "NotImplemented"): // the text of AWS's client of DAX
		return "the client does not have this operation; make a mapper of *dynamodb.Client for it", causeOf(err)
	}
	return "", causeOf(err)
}

// isCredentialsError says that the request was not signed because nothing gave credentials. Whoever was asked (the
// metadata service, STS, SSO) is a service of its own in the error. The SDK has no type for the rest.
func isCredentialsError(err error) bool {
	var empty *credentials.StaticCredentialsEmptyError
	if errors.As(err, &empty) {
		return true
	}
	var operation *smithy.OperationError
	if !errors.As(err, &operation) || operation.ServiceID != dynamodb.ServiceID {
		return false // of a client that is not the SDK's
	}
	for inner := operation.Err; errors.As(inner, &operation); inner = operation.Err {
		if operation.ServiceID != dynamodb.ServiceID {
			return true
		}
	}
	return strings.Contains(err.Error(), "get identity: ")
}

// causeOf is the text of the error without the operation, which is named already.
func causeOf(err error) string {
	var operation *smithy.OperationError
	if errors.As(err, &operation) && operation.Err != nil {
		err = operation.Err
	}
	return toldWithin(err.Error(), maxShownCause)
}

// describeAnswer is what the service said, with the number by which its support finds the request.
func describeAnswer(api smithy.APIError, err error) string {
	text := cut(api.ErrorCode())
	if message := api.ErrorMessage(); message != "" {
		text += ": " + toldWithin(message, maxShownCause)
	}
	var request interface{ ServiceRequestID() string }
	if errors.As(err, &request) && request.ServiceRequestID() != "" {
		text += " (request " + cut(request.ServiceRequestID()) + ")"
	}
	return text
}

// diagnoseAnswer returns what is wrong and what to do about it.
func (m *Mapper) diagnoseAnswer(api smithy.APIError) string {
	return strings.NewReplacer("{location}", m.location(), "{prefix}", m.prefixHint()).Replace(awserr.FixOf(api))
}

// isThrottled reports whether the service has taken nothing of a request, and may later.
func isThrottled(err error) bool { return isAgain(err, awserr.Throttled) }

// isContended reports whether a request was refused because another one, of a transaction or in
// another region, is running on one of its items.
func isContended(err error) bool { return isAgain(err, awserr.Contended) }

// isInvalid reports whether the service refused a request for what is in it, and applied nothing.
func isInvalid(err error) bool { return awserr.IsInvalid(err) && !errors.Is(err, ErrUnknownOutcome) }

// isAgain reports whether a request may be sent again for a reason. A doubt is no such reason,
// whatever is inside it.
func isAgain(err error, reason awserr.Again) bool {
	return awserr.AgainOf(err) == reason && !errors.Is(err, ErrUnknownOutcome)
}

// isRefusal says that the service has refused a request for what it is, and would again.
func isRefusal(err error) bool {
	var answer *smithyhttp.ResponseError
	return errors.As(err, &answer) && answer.Response != nil && answer.HTTPStatusCode()/100 == 4 && !isThrottled(err)
}

// mayBeApplied reports whether a write may have been applied by a client that hides its tries, and returned
// an error. The service's refusal says that it was not applied. Nor was what the client itself refused: what
// it takes for invalid, and an operation that failed without a request.
func mayBeApplied(err error) bool {
	var api smithy.APIError
	var invalid smithy.InvalidParamsError
	var unwritten *smithy.SerializationError
	var operation *smithy.OperationError
	switch {
	case err == nil, errors.As(err, &invalid), errors.As(err, &unwritten):
		return false
	case errors.As(err, &api):
		return !awserr.IsRefusal(api.ErrorCode())
	case errors.As(err, &operation):
		return !isTextAlone(operation.Err)
	}
	return true
}

// isTextAlone reports whether an error is a text that the client has written, and has nothing inside: no
// connection, no context and no end of an answer had a part in it.
func isTextAlone(err error) bool {
	switch err {
	case nil, io.EOF, io.ErrUnexpectedEOF, context.Canceled:
		return false
	}
	t := reflect.TypeOf(err)
	return t == reflect.TypeOf(errors.New("")) || t == reflect.TypeOf(fmt.Errorf("%d", 0))
}

// unreachable says where nothing answers.
func (m *Mapper) unreachable() string {
	options := m.clientOptions()
	if options.BaseEndpoint == nil {
		return fmt.Sprintf("DynamoDB cannot be reached; check the network, and that the region %q exists", cut(options.Region))
	}
	return "the endpoint " + toldWithin(redact(*options.BaseEndpoint), maxShownCause) + " cannot be reached; check its host and port, and that something listens there"
}

// location says where the client looks for tables.
func (m *Mapper) location() string {
	options := m.clientOptions()
	text := ""
	if options.Region != "" {
		text += fmt.Sprintf(" in region %q", cut(options.Region))
	}
	if options.BaseEndpoint != nil {
		text += " at " + toldWithin(redact(*options.BaseEndpoint), maxShownCause)
	}
	return text
}

func (m *Mapper) prefixHint() string {
	if m.prefix == "" {
		return "WithTablePrefix"
	}
	return fmt.Sprintf("the table prefix %q", cut(m.prefix))
}

// clientOptions are those of the SDK's client; of another client they are not known.
func (m *Mapper) clientOptions() dynamodb.Options {
	if client, ok := m.client.(interface{ Options() dynamodb.Options }); ok {
		return client.Options()
	}
	return dynamodb.Options{}
}

func redact(endpoint string) string {
	if parsed, err := url.Parse(endpoint); err == nil {
		return parsed.Redacted()
	}
	return endpoint
}
