// Package awserr describes the errors of DynamoDB. For each error code it holds whether the request
// may have been applied, whether it may be sent again, and how to fix it.
package awserr

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// Again says when the mapper may resend a request that ended with an error. The SDK has already
// retried some of them.
type Again int

const (
	// Never: the same request would be refused again, or only the caller can decide.
	Never Again = iota
	// Throttled: the service has no capacity for the request at the moment.
	Throttled
	// Contended: another request is in progress on one of the items.
	Contended
	// InUse: the table is being created, changed or deleted.
	InUse
	// WithToken: the request may have been applied. It may be sent again if its token makes the
	// service apply it only once.
	WithToken
	// ByReasons: the reasons of a transaction's cancellation decide.
	ByReasons
)

// Known is the knowledge about one error code.
type Known struct {
	Perhaps bool  // the request may have been applied; if false, no part of it was
	Again   Again // whether the mapper may send it again
	// Fix names the fault and its remedy. {location} stands for the region or endpoint of the client,
	// {prefix} for the option that sets the mapper's table prefix.
	Fix string
}

// FixOf returns the fault behind an error and its remedy, or "" if they are not known. For a
// request that the service calls invalid, only the message decides.
func FixOf(api smithy.APIError) string {
	if api.ErrorCode() == validation {
		if isTransactionRefusal(api.ErrorMessage()) {
			return noTransactions
		}
		for _, v := range validations {
			if strings.Contains(api.ErrorMessage(), v.part) {
				return v.fix
			}
		}
	}
	return table[api.ErrorCode()].Fix
}

// isTransactionRefusal reports whether a message says that a table takes no transactions, as a
// global table with strong consistency in several regions does not. The documentation gives no
// text.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
func isTransactionRefusal(message string) bool {
	message = strings.ToLower(message)
	return strings.Contains(message, "transact") && strings.Contains(message, "support") &&
		(strings.Contains(message, "consisten") || strings.Contains(message, "global table") ||
			strings.Contains(message, "mrsc"))
}

// Is reports whether the service responded with an error code.
func Is(err error, code string) bool { return codeOf(err) == code }

// IsInvalid reports whether the service refused a request because of its content.
func IsInvalid(err error) bool { return Is(err, validation) }

// AgainOf returns when a request that ended with an error may be sent again. It returns Never for
// an unknown error. For a transaction's cancellation the reasons decide.
func AgainOf(err error) Again {
	again := table[codeOf(err)].Again
	var canceled *types.TransactionCanceledException
	if again == ByReasons && errors.As(err, &canceled) {
		return againByReasons(canceled.CancellationReasons)
	}
	return again
}

// againByReasons returns Never unless all reasons of a cancellation are other requests in progress
// or a lack of capacity.
func againByReasons(reasons []types.CancellationReason) Again {
	again := Never
	for _, reason := range reasons {
		code := OfReason(aws.ToString(reason.Code))
		switch {
		case code == "":
		case table[code].Again == Throttled:
			again = Throttled
		case table[code].Again != Contended:
			return Never
		case again == Never:
			again = Contended
		}
	}
	return again
}

// IsRefusal reports whether an error code of the service means that nothing was applied. It returns
// false for an unknown code: another client than the SDK's may give codes to its own failures.
func IsRefusal(code string) bool {
	known, ok := table[code]
	return ok && !known.Perhaps
}

// OfReason returns the error code that corresponds to the code of a cancellation reason, such as
// "ThrottlingException" for "ThrottlingError". It returns "" for an operation that was not at
// fault.
func OfReason(code string) string {
	if code == "" || code == "None" {
		return ""
	}
	return strings.TrimSuffix(code, "Error") + "Exception"
}

// MayPass reports whether a cancellation reason is temporary, so that the transaction may be sent
// again.
func MayPass(reason string) bool {
	again := table[OfReason(reason)].Again
	return again == Throttled || again == Contended
}

// codeOf returns the error code of the service's response, or "" if there was none.
func codeOf(err error) string {
	var api smithy.APIError
	if err == nil || !errors.As(err, &api) {
		return ""
	}
	return api.ErrorCode()
}
