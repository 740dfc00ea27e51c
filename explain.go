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
)

// requestError is a request that failed: which, on what table, why and what to do, with the SDK's error inside.
type requestError struct {
	op, table string // table "": several, or none
	problem   string // what is wrong and how to mend it; "": only the cause is known
	cause     string // the part of err that says something new; "": none
	err       error
}

func (e *requestError) Error() string {
	parts := []string{"dynamapper", e.op}
	if e.table != "" {
		parts = append(parts, fmt.Sprintf("table %q", e.table))
	}
	for _, part := range []string{e.problem, e.cause} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
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
	var field *FieldError
	var batch *BatchError
	var transaction *TransactionError
	return errors.As(err, &request) || errors.As(err, &field) || errors.As(err, &batch) || errors.As(err, &transaction)
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
		return operation.Err.Error()
	}
	return err.Error()
}

// describeAnswer is what the service said, with the number by which its support finds the request.
func describeAnswer(api smithy.APIError, err error) string {
	text := api.ErrorCode()
	if message := api.ErrorMessage(); message != "" {
		text += ": " + message
	}
	var request interface{ ServiceRequestID() string }
	if errors.As(err, &request) && request.ServiceRequestID() != "" {
		text += " (request " + request.ServiceRequestID() + ")"
	}
	return text
}

// diagnoseAnswer knows the refusals of the service.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
func (m *Mapper) diagnoseAnswer(api smithy.APIError) string {
	switch api.ErrorCode() {
	case "ResourceNotFoundException":
		return "the table does not exist" + m.place() + "; create it with CreateTable or EnsureTable, or check the region and " + m.prefixHint()
	case "ResourceInUseException":
		return "the table is being created, changed or deleted; wait until that is done and try again"
	case "LimitExceededException":
		return "too many tables are being created, changed or deleted at once, or the account has too many; try again later, or have the quota raised"
	case "MissingAuthenticationToken", "MissingAuthenticationTokenException":
		return "the request is not signed, as the client has no credentials; give it some, or use Connect"
	case "UnrecognizedClientException", "InvalidClientTokenId", "IncompleteSignature", "IncompleteSignatureException":
		return "the access key is refused; check WithCredentials, AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN, or the profile"
	case "InvalidSignatureException", "SignatureDoesNotMatch":
		return "the signature is refused; check the secret access key, and the clock of this machine"
	case "ExpiredTokenException", "ExpiredToken", "RequestExpired":
		return "the credentials have expired; get new ones, or check the clock of this machine"
	case "AccessDeniedException", "AccessDenied":
		return "the credentials do not allow this; add the action to the IAM policy of the user or the role"
	case "ValidationException":
		return diagnoseValidation(api.ErrorMessage())
	case "ProvisionedThroughputExceededException":
		return "the capacity of the table or an index is used up, also after the SDK's retries; raise it, make the table on-demand, or slow down"
	case "ThrottlingException", "Throttling":
		return "the service throttles the requests, also after the SDK's retries; slow down, spread the hash keys, or raise the table's limits"
	case "RequestLimitExceeded":
		return "the account's limit of requests is reached, also after the SDK's retries; slow down, or have the quota raised"
	case "ItemCollectionSizeLimitExceededException":
		return "the items of one hash key have reached 10 GB, the limit of a table with local indexes; delete some, spread them over more hash keys, " +
			"or make the indexes global"
	case "TransactionConflictException", "TransactionInProgressException", "ReplicatedWriteConflictException":
		return "another write is running on the item; try again"
	case "TransactionCanceledException":
		return "other writes were running on the items, also after the retries; try again"
	case "InternalServerError", "InternalFailure", "ServiceUnavailable":
		return "the service failed, also after the SDK's retries; try again"
	}
	return ""
}

// isThrottled says that the service has taken nothing of a request, and may later.
func isThrottled(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) || errors.Is(err, ErrUnknownOutcome) {
		return false
	}
	switch api.ErrorCode() {
	case "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded":
		return true
	}
	return false
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
		return !isRefusalCode(api.ErrorCode())
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

// isRefusalCode reports whether an error code of the service says that nothing was applied. A client that
// is not the SDK's may give its failures a code, too, and blame any side for them: what is not listed here
// says nothing.
func isRefusalCode(code string) bool {
	switch code {
	case "ConditionalCheckFailedException", "ValidationException", "SerializationException",
		"ResourceNotFoundException", "ResourceInUseException", "LimitExceededException",
		"ItemCollectionSizeLimitExceededException", "IdempotentParameterMismatchException",
		"TransactionConflictException", "TransactionCanceledException", "ReplicatedWriteConflictException",
		"ProvisionedThroughputExceededException", "ThrottlingException", "Throttling", "RequestLimitExceeded",
		"AccessDeniedException", "AccessDenied", "UnrecognizedClientException", "InvalidClientTokenId",
		"MissingAuthenticationToken", "MissingAuthenticationTokenException",
		"IncompleteSignature", "IncompleteSignatureException", "InvalidSignatureException", "SignatureDoesNotMatch",
		"ExpiredTokenException", "ExpiredToken", "RequestExpired", "UnknownOperationException", "NotImplemented":
		return true
	}
	return false
}

// diagnoseValidation tells apart the requests that the service calls invalid: only its message says why.
func diagnoseValidation(message string) string {
	has := func(part string) bool { return strings.Contains(message, part) }
	switch {
	case has("Item size"):
		return "the item is larger than 400 KB, the limit of DynamoDB; store large values elsewhere, such as in S3, or split the item"
	case has("does not have the specified index"):
		return "the table lacks the index; add it with UpdateTable, and call Verify for all that differs from the model"
	case has("document path"), has("not exist in the item"):
		return "the item has no such document, or no such attribute, that the update could change inside; set it whole before, or in another update"
	case has("projection type is not ALL"), has("does not project"):
		return "the index of the table has fewer attributes than the tags say; call Verify for all that differs, and make the index anew"
	case has("required keys was not given"), has("number of conditions on the keys"), has("missed key schema element"),
		has("does not match the schema"), has("does not match schema type"), has("Type mismatch for "), has("Missing the key "), has("The provided key element"):
		return "the keys of the table or an index are not those of the model; call Verify for all that differs"
	}
	return "the service takes the request for invalid"
}

// unreachable says where nothing answers.
func (m *Mapper) unreachable() string {
	options := m.clientOptions()
	if options.BaseEndpoint == nil {
		return fmt.Sprintf("DynamoDB cannot be reached; check the network, and that the region %q exists", options.Region)
	}
	return "the endpoint " + redact(*options.BaseEndpoint) + " cannot be reached; check its host and port, and that something listens there"
}

// place says where the client looks for tables.
func (m *Mapper) place() string {
	options := m.clientOptions()
	text := ""
	if options.Region != "" {
		text += fmt.Sprintf(" in region %q", options.Region)
	}
	if options.BaseEndpoint != nil {
		text += " at " + redact(*options.BaseEndpoint)
	}
	return text
}

func (m *Mapper) prefixHint() string {
	if m.prefix == "" {
		return "WithTablePrefix"
	}
	return fmt.Sprintf("the table prefix %q", m.prefix)
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
