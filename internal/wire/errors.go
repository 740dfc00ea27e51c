package wire

import (
	"io"
	"strconv"
)

// SyntaxError describes a fault in a text and the byte at which it is. It never contains the text
// itself, which is the user's data.
type SyntaxError struct {
	Offset  int
	Problem string

	cause error
}

// Error returns a description of the fault.
func (e *SyntaxError) Error() string {
	return "malformed DynamoDB JSON at byte " + strconv.Itoa(e.Offset) + ": " + e.Problem
}

// Unwrap returns io.ErrUnexpectedEOF if the text ended too early, and nil otherwise.
func (e *SyntaxError) Unwrap() error { return e.cause }

// newTruncatedError returns the error of a text that ends at offset, inside a value.
func newTruncatedError(offset int) error {
	return &SyntaxError{Offset: offset, Problem: "the text ends too early",
		cause: io.ErrUnexpectedEOF}
}
