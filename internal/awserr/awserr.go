// Package awserr knows the errors of DynamoDB: for each error code whether the request may have
// been applied, whether it may be sent again, and what to do about it.
package awserr

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// Again says when a request that ended with an error may be sent again by the mapper. The SDK has
// retried some of them before.
type Again int

const (
	// Never: the same request would be refused again, or only its caller can decide.
	Never Again = iota
	// Throttled: the service has no capacity for the request at the moment.
	Throttled
	// Contended: another request is running on an item of this one.
	Contended
	// InUse: the table is being created, changed or deleted.
	InUse
	// WithToken: the request may have been applied, and may be sent again if its token makes it one
	// that is applied once.
	WithToken
	// ByReasons: the reasons of a transaction's cancellation decide.
	ByReasons
)

// Known is what is known of one error code.
type Known struct {
	Perhaps bool  // the request may have been applied; if false nothing of it was
	Again   Again // whether the mapper may send it again
	// Fix says what is wrong and what to do about it. {place} stands for where the client looks for
	// tables, {prefix} for the option that gives the mapper its prefix.
	Fix string
}

// FixOf returns what is wrong and what to do about it, "" if that is not known. Requests that the
// service calls invalid are told apart by their message alone.
func FixOf(api smithy.APIError) string {
	if api.ErrorCode() == validation {
		for _, v := range validations {
			if strings.Contains(api.ErrorMessage(), v.part) {
				return v.fix
			}
		}
	}
	return table[api.ErrorCode()].Fix
}

// Is reports whether the service answered with an error code.
func Is(err error, code string) bool { return codeOf(err) == code }

// IsInvalid reports whether the service has refused a request for what is in it.
func IsInvalid(err error) bool { return Is(err, validation) }

// AgainOf returns when a request may be sent again that ended with an error; Never if the error is
// not known. For a transaction's cancellation it goes by the reasons.
func AgainOf(err error) Again {
	again := table[codeOf(err)].Again
	var canceled *types.TransactionCanceledException
	if again == ByReasons && errors.As(err, &canceled) {
		return againByReasons(canceled.CancellationReasons)
	}
	return again
}

// againByReasons returns Never unless all that was wrong with a transaction is what else was going
// on.
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

// IsRefusal reports whether an error code of the service says that nothing was applied. A code that
// is not known says nothing: a client that is not the SDK's may give its failures codes, too.
func IsRefusal(code string) bool {
	known, ok := table[code]
	return ok && !known.Perhaps
}

// OfReason returns the error code for the code of a reason in a transaction's cancellation:
// "ThrottlingException" for "ThrottlingError". It returns "" for an operation that was fine.
func OfReason(code string) string {
	if code == "" || code == "None" {
		return ""
	}
	return strings.TrimSuffix(code, "Error") + "Exception"
}

// MayPass reports whether a reason of a transaction's cancellation is only what else was going on,
// so that the transaction may be sent again.
func MayPass(reason string) bool {
	again := table[OfReason(reason)].Again
	return again == Throttled || again == Contended
}

// codeOf returns the error code of the service's answer, "" if there was none.
func codeOf(err error) string {
	var api smithy.APIError
	if err == nil || !errors.As(err, &api) {
		return ""
	}
	return api.ErrorCode()
}
