// Package expr parses and evaluates the service's expressions: conditions, filters, key conditions,
// projections and updates.
//
// An expression is parsed and checked once, against the names and values of its request, and then
// applied to any number of items. A parsed expression does not change, and is safe for concurrent
// use.
package expr

import (
	"fmt"
	"strconv"
)

// Error is the service's response to an invalid expression, or to an update that an item does not
// allow.
type Error struct{ Message string }

// Error returns the service's text.
func (e *Error) Error() string { return e.Message }

// Kind is a kind of expression.
type Kind uint8

// The kinds of expressions. The kinds for a Scan's filter and for a condition in a transaction
// differ from the other filters and conditions in one text only: if the expression is too long, the
// service gives its size.
const (
	KindCondition Kind = iota
	KindFilter
	KindKeyCondition
	KindProjection
	KindUpdate
	KindScanFilter
	KindTransactionCondition
	KindSearchCondition
)

// String returns the name of the request's member.
func (k Kind) String() string {
	return [...]string{
		"ConditionExpression", "FilterExpression", "KeyConditionExpression",
		"ProjectionExpression", "UpdateExpression", "FilterExpression", "ConditionExpression",
		"SearchConditionExpression",
	}[k]
}

// wrong returns an error with the service's text about an expression of the kind.
func (k Kind) wrong(format string, args ...any) *Error {
	return &Error{"Invalid " + k.String() + ": " + fmt.Sprintf(format, args...)}
}

// The documented limits of an expression.
const (
	maxBytes      = 4096
	maxOperators  = 300
	maxInOperands = 100
	maxDepth      = 32
)

// checkSize refuses an empty expression and one that is too long.
func (k Kind) checkSize(text string) error {
	const tooLong = "Expression size has exceeded the maximum allowed size;"
	switch {
	case text == "":
		return k.wrong("The expression can not be empty;")
	case len(text) <= maxBytes:
		return nil
	case k == KindScanFilter || k == KindTransactionCondition:
		return k.wrong("%s expression size: %s", tooLong, strconv.Itoa(len(text)))
	}
	return k.wrong(tooLong)
}
