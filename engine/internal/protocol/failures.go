package protocol

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// StatusCode returns the HTTP status.
func (e *Error) StatusCode() int {
	switch {
	case e.Status != 0:
		return e.Status
	case e.Code == "InternalServerError", e.Code == "InternalFailure":
		return http.StatusInternalServerError
	case e.Code == "ServiceUnavailable":
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

// namespace returns the package of the Java class that an error's type on the wire names.
func (e *Error) namespace() string {
	switch e.Code {
	case "ValidationException":
		return "com.amazon.coral.validate#"
	case "ThrottlingException":
		return "com.amazon.coral.availability#"
	case "SerializationException", "UnknownOperationException", "InternalFailure",
		"MissingAuthenticationTokenException", "IncompleteSignatureException",
		"InvalidSignatureException", "UnrecognizedClientException", "ServiceUnavailable":
		return "com.amazon.coral.service#"
	}
	return "com.amazonaws.dynamodb.v20120810#"
}

// messageMember returns the name of the member that contains the message.
func (e *Error) messageMember() string {
	switch e.Code {
	case "SerializationException", "TransactionCanceledException":
		return "Message"
	}
	return "message"
}

// AppendJSON appends the error in the form of a response's body.
func (e *Error) AppendJSON(dst []byte) []byte {
	w := Writer{buf: dst}
	w.buf = append(w.buf, `{"__type":"`+e.namespace()+e.Code+`"`...)
	w.open = append(w.open, '}')
	if e.Message != "" {
		w.Key(e.messageMember())
		w.String(e.Message)
	}
	if e.Item != nil {
		w.Key("Item")
		w.Item(e.Item)
	}
	if e.Reasons != nil {
		w.Key("CancellationReasons")
		w.reasons(e.Reasons)
	}
	if e.Throttling != nil {
		w.Key("ThrottlingReasons")
		w.throttling(e.Throttling)
	}
	w.End()
	return w.buf
}

func (w *Writer) reasons(reasons []Reason) {
	w.Array()
	for _, r := range reasons {
		w.Object()
		w.Key("Code")
		w.String(r.Code)
		if r.Message != "" {
			w.Key("Message")
			w.String(r.Message)
		}
		if r.Item != nil {
			w.Key("Item")
			w.Item(r.Item)
		}
		w.End()
	}
	w.End()
}

func (w *Writer) throttling(reasons []ThrottlingReason) {
	w.Array()
	for _, r := range reasons {
		w.Object()
		w.Key("reason")
		w.String(r.Reason)
		w.Key("resource")
		w.String(r.Resource)
		w.End()
	}
	w.End()
}

// Validation returns a ValidationException. If there are no args, the format is the message,
// unchanged.
func Validation(format string, args ...any) *Error {
	return &Error{Code: "ValidationException", Message: text(format, args)}
}

func text(format string, args []any) string {
	if len(args) == 0 {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// oneError precedes the text of a refusal in an envelope.
const oneError = "1 validation error detected: "

// Enveloped returns a ValidationException whose message starts with "1 validation error detected:
// ". If there are no args, the format is the message, unchanged.
func Enveloped(format string, args ...any) *Error {
	return &Error{Code: "ValidationException", Message: oneError + text(format, args)}
}

// Constraints returns the ValidationException of members that break constraints of the service's
// model: "2 validation errors detected: a; b". Without any it is nil.
func Constraints(broken []string) *Error {
	switch len(broken) {
	case 0:
		return nil
	case 1:
		return &Error{Code: "ValidationException", Message: oneError + broken[0]}
	}
	return &Error{
		Code: "ValidationException",
		Message: strconv.Itoa(len(broken)) + " validation errors detected: " +
			strings.Join(broken, "; "),
	}
}

// ConditionFailed returns the error of a condition that does not hold. item is the stored item if
// the request asks for it, and nil otherwise.
func ConditionFailed(item value.Map) *Error {
	return &Error{
		Code:    "ConditionalCheckFailedException",
		Message: "The conditional request failed",
		Item:    item,
	}
}

// NotFound returns a ResourceNotFoundException.
func NotFound(format string, args ...any) *Error {
	return &Error{Code: "ResourceNotFoundException", Message: text(format, args)}
}

// InUse returns a ResourceInUseException.
func InUse(format string, args ...any) *Error {
	return &Error{Code: "ResourceInUseException", Message: text(format, args)}
}

// LimitExceeded returns a LimitExceededException.
func LimitExceeded(format string, args ...any) *Error {
	return &Error{Code: "LimitExceededException", Message: text(format, args)}
}

// UnknownOperation returns the error of an operation that does not exist.
func UnknownOperation() *Error { return &Error{Code: "UnknownOperationException"} }

// Canceled returns the error of a refused transaction, from the reasons of all of its items.
func Canceled(reasons []Reason) *Error {
	codes := make([]string, len(reasons))
	for i, r := range reasons {
		codes[i] = r.Code
	}
	return &Error{
		Code: "TransactionCanceledException",
		Message: "Transaction cancelled, please refer cancellation reasons for specific reasons [" +
			strings.Join(codes, ", ") + "]",
		Reasons: reasons,
	}
}
