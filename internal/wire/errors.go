package wire

import (
	"io"
	"strconv"
)

// SyntaxError says what is wrong with a text and at which byte. It never holds the text itself: that is somebody's data.
type SyntaxError struct {
	Offset  int
	Problem string

	cause error
}

// Error implements error.
func (e *SyntaxError) Error() string {
	return "malformed DynamoDB JSON at byte " + strconv.Itoa(e.Offset) + ": " + e.Problem
}

// Unwrap returns io.ErrUnexpectedEOF where the text ended too early, otherwise nil.
func (e *SyntaxError) Unwrap() error { return e.cause }

// newTruncatedError says that the text ended, at offset, before the value did.
func newTruncatedError(offset int) error {
	return &SyntaxError{Offset: offset, Problem: "the text ends too early", cause: io.ErrUnexpectedEOF}
}
