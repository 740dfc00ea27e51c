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
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/dynamapper/dynamapper/internal/awserr"
	"github.com/dynamapper/dynamapper/internal/shown"
)

// explain turns an error of the SDK into a RequestError, whose text names the fix. explain returns
// nil and errors of this package unchanged.
func (m *Mapper) explain(op, table string, err error) error {
	if err == nil || isOwn(err) {
		return err
	}
	problem, cause := m.diagnose(err)
	return &RequestError{Op: op, Table: table, Err: err, problem: problem, cause: cause}
}

// isOwn reports whether an error is one of this package, which needs no explanation.
func isOwn(err error) bool {
	for _, own := range []error{
		ErrNotFound, ErrConflict, ErrOverwrite, ErrConditionFailed, ErrMaxRetriesExceeded,
		ErrUnknownOutcome, ErrPartial,
		ErrSchema, ErrInvalidRegion, ErrInvalidCursor,
	} {
		if errors.Is(err, own) {
			return true
		}
	}
	var request *RequestError
	var field *FieldError
	var batch *BatchError
	var transaction *TransactionError
	return errors.As(err, &request) || errors.As(err, &field) || errors.As(err, &batch) ||
		errors.As(err, &transaction)
}

// diagnose returns the problem with its fix, and the part of the error's text that is worth showing
// with it.
func (m *Mapper) diagnose(err error) (problem, cause string) {
	var api smithy.APIError
	var noRegion *aws.MissingRegionError
	var canceled *types.TransactionCanceledException
	var dial *net.OpError
	var lookup *net.DNSError
	switch {
	case errors.Is(err, context.Canceled):
		return "the context was cancelled", ""
	case isCredentialsError(err): // first: the SDK sets a deadline for each source of credentials
		return "no credentials could be had; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or " +
			"AWS_PROFILE, give the machine an IAM role, " +
			"or give Connect WithCredentials", causeOf(err)
	case errors.As(err, &canceled) && awserr.AgainOf(err) == awserr.Throttled:
		return m.describeThrottled(canceled), describeResponse(canceled, err)
	case errors.As(err, &api) && len(awserr.ThrottlingOf(err)) > 0:
		return describeThrottling(awserr.ThrottlingOf(err)), describeResponse(api, err)
	case errors.As(err, &api):
		return m.diagnoseResponse(api), describeResponse(api, err)
	case errors.As(err, &lookup):
		return m.unreachable(), lookup.Error()
	case errors.As(err, &dial) && dial.Op == "dial":
		return m.unreachable(), dial.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "no response came before the deadline of the context or the time-out of the " +
			"client", ""
	// the latter has no type
	case errors.As(err, &noRegion), strings.Contains(err.Error(), "Missing Region"):
		return "the client has no region; give the client a region, or use Connect with " +
			"WithRegion or " +
			"AWS_REGION", causeOf(err)
	case strings.HasSuffix(err.Error(), "NotImplemented"): // the text of AWS's client of DAX
		return "the client does not have this operation; make a mapper of *dynamodb.Client for it",
			causeOf(err)
	}
	return "", causeOf(err)
}

// isCredentialsError reports whether a request was not signed because no source gave credentials.
// The error names the source that was asked (the metadata service, STS, SSO) as another service.
// The SDK has no type for the other cases.
func isCredentialsError(err error) bool {
	var empty *credentials.StaticCredentialsEmptyError
	if errors.As(err, &empty) {
		return true
	}
	var operation *smithy.OperationError
	if !errors.As(err, &operation) || operation.ServiceID != dynamodb.ServiceID {
		return false // the client is not the SDK's
	}
	for inner := operation.Err; errors.As(inner, &operation); inner = operation.Err {
		if operation.ServiceID != dynamodb.ServiceID {
			return true
		}
	}
	return strings.Contains(err.Error(), "get identity: ")
}

// causeOf returns the text of the error without the operation, which the caller names.
func causeOf(err error) string {
	var operation *smithy.OperationError
	if errors.As(err, &operation) && operation.Err != nil {
		err = operation.Err
	}
	return shown.Within(err.Error(), shown.MaxCause)
}

// describeResponse returns the service's error code and message, and the id by which AWS support
// finds the request.
func describeResponse(api smithy.APIError, err error) string {
	text := shown.Name(api.ErrorCode())
	if message := api.ErrorMessage(); message != "" {
		text += ": " + shown.Within(message, shown.MaxCause)
	}
	var request interface{ ServiceRequestID() string }
	if errors.As(err, &request) && request.ServiceRequestID() != "" {
		text += " (request " + shown.Name(request.ServiceRequestID()) + ")"
	}
	return text
}

// diagnoseResponse returns what is wrong and what to do about it.
func (m *Mapper) diagnoseResponse(api smithy.APIError) string {
	return strings.NewReplacer("{location}", m.location(), "{prefix}", m.prefixHint()).
		Replace(awserr.FixOf(api))
}

// describeThrottling returns why a request was throttled and what to do about it.
func describeThrottling(reasons []types.ThrottlingReason) string {
	texts := make([]string, len(reasons))
	for i, reason := range reasons {
		texts[i] = awserr.DescribeThrottling(reason)
	}
	return shown.Join(texts, "; ")
}

// describeThrottled returns which operations of a transaction were throttled. The service gives
// such an operation a message and no throttling reason.
func (m *Mapper) describeThrottled(canceled *types.TransactionCanceledException) string {
	var texts []string
	for i, reason := range canceled.CancellationReasons {
		if awserr.IsThrottled(reason) {
			api := &smithy.GenericAPIError{Code: awserr.OfReason(aws.ToString(reason.Code))}
			text := fmt.Sprintf("operation %d: %s", i+1, m.diagnoseResponse(api))
			if reason.Message != nil {
				text += " (" + shown.Within(*reason.Message, shown.MaxCause) + ")"
			}
			texts = append(texts, text)
		}
	}
	return shown.Join(texts, "; ")
}

// isThrottled reports whether the service applied nothing of a request because of its load.
func isThrottled(err error) bool { return isAgain(err, awserr.Throttled) }

// isContended reports whether a request was refused because another one, of a transaction or in
// another region, is running on one of its items.
func isContended(err error) bool { return isAgain(err, awserr.Contended) }

// isInvalid reports whether the service refused a request because of its content, and applied
// nothing.
func isInvalid(
	err error,
) bool {
	return awserr.IsInvalid(err) && !errors.Is(err, ErrUnknownOutcome)
}

// isAgain reports whether a request may be sent again for a reason. An ErrUnknownOutcome never
// matches, even if it wraps such an error.
func isAgain(err error, reason awserr.Again) bool {
	return awserr.AgainOf(err) == reason && !errors.Is(err, ErrUnknownOutcome)
}

// isRefusal reports whether the service refused a request and would refuse it again.
func isRefusal(err error) bool {
	var failed *smithyhttp.ResponseError
	return errors.As(err, &failed) && failed.Response != nil && failed.HTTPStatusCode()/100 == 4 &&
		!isThrottled(err)
}

// mayBeApplied reports whether a write may have been applied although a client that hides its tries
// returned err. The write was not applied if the service or the client refused it, or if the
// operation failed without a request.
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

// isTextAlone reports whether an error is a mere text of the client. Such an error wraps no error
// of a connection, a context or a broken response.
func isTextAlone(err error) bool {
	switch err {
	case nil, io.EOF, io.ErrUnexpectedEOF, context.Canceled:
		return false
	}
	t := reflect.TypeOf(err)
	return t == reflect.TypeOf(errors.New("")) || t == reflect.TypeOf(fmt.Errorf("%d", 0))
}

// unreachable returns the problem text for an endpoint that does not respond.
func (m *Mapper) unreachable() string {
	options := m.clientOptions()
	if options.BaseEndpoint == nil {
		return fmt.Sprintf(
			"DynamoDB cannot be reached; check the network, and that the region %q exists",
			shown.Name(options.Region))
	}
	return "the endpoint " + shown.Within(redact(*options.BaseEndpoint), shown.MaxCause) +
		" cannot be reached; check its host and port, and that something listens there"
}

// location describes where the client looks for tables.
func (m *Mapper) location() string {
	options := m.clientOptions()
	text := ""
	if options.Region != "" {
		text += fmt.Sprintf(" in region %q", shown.Name(options.Region))
	}
	if options.BaseEndpoint != nil {
		text += " at " + shown.Within(redact(*options.BaseEndpoint), shown.MaxCause)
	}
	return text
}

func (m *Mapper) prefixHint() string {
	if m.prefix == "" {
		return "WithTablePrefix"
	}
	return fmt.Sprintf("the table prefix %q", shown.Name(m.prefix))
}

// clientOptions returns the options of the SDK's client. For another client the options are unknown
// and empty.
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
