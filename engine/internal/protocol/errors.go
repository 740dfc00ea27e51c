package protocol

import "github.com/dynamapper/dynamapper/engine/internal/value"

// Error is a refusal of the service.
type Error struct {
	Code    string // the exception's name: "ValidationException"
	Message string // "" leaves the member out
	Status  int    // the HTTP status; 0 is the status of the code

	Item       value.Map          // for ConditionalCheckFailedException with ALL_OLD; nil: none
	Reasons    []Reason           // for TransactionCanceledException
	Throttling []ThrottlingReason // for ProvisionedThroughputExceededException and similar errors
}

// Reason says why an item of a transaction was refused. Code is "None" if the item was not refused.
type Reason struct {
	Code    string
	Message string
	Item    value.Map
}

// ThrottlingReason says why a request was throttled.
type ThrottlingReason struct {
	Reason   string // "TableWriteProvisionedThroughputExceeded"
	Resource string // the ARN of the table or index
}

// Error returns the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// MessageOf returns the message of an Error, and the text of any other error.
func MessageOf(err error) string {
	if refusal, ok := err.(*Error); ok {
		return refusal.Message
	}
	return err.Error()
}
