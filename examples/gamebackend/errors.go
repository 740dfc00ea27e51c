package main

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"slices"

	"github.com/dynamapper/dynamapper"
)

// refusal is an error as the client is told: {"error":{"code":"conflict","message":"..."}}. The code is for programs.
type refusal struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (r *refusal) Error() string { return r.Code + ": " + r.Message }

// Why a request of a player is refused. Nothing is written then.
var (
	errTooFewCoins = &refusal{http.StatusPaymentRequired, "too_few_coins", "the balance does not cover the price"}
	errIDTaken     = &refusal{http.StatusConflict, "id_taken", "something else was done under this id; make a new one"}
	errNoSuchThing = &refusal{http.StatusNotFound, "no_such_thing", "the shop does not sell this"}
	errNoSession   = &refusal{http.StatusUnauthorized, "no_session", "the session has ended, or there is none; log in"}
)

func newBadRequest(message string) error {
	return &refusal{http.StatusBadRequest, "bad_request", message}
}

// What the client is told of the mapper's errors, and of all others.
var (
	saidUnknown     = &refusal{http.StatusServiceUnavailable, "unknown_outcome", "the request was applied, or not; send the same one again"}
	saidUnavailable = &refusal{http.StatusServiceUnavailable, "unavailable", "the request cannot be answered now; send the same one again"}
	saidCursor      = &refusal{http.StatusBadRequest, "bad_cursor", "the cursor is damaged, or of another list; begin again without one"}
	saidStale       = &refusal{http.StatusPreconditionFailed, "stale", "it is not as If-Match says; read it again"}
	saidConflict    = &refusal{http.StatusConflict, "conflict", "somebody else has changed it meanwhile; read it again, and decide anew"}
	saidNotFound    = &refusal{http.StatusNotFound, "not_found", "there is no such thing"}
	saidTooLarge    = &refusal{http.StatusRequestEntityTooLarge, "too_large", "the request is too large"}
	saidInternal    = &refusal{http.StatusInternalServerError, "internal", "the request failed"}
)

// retryAfter is how many seconds a client is to wait after a 503.
const retryAfter = "1"

// refusalOf says what the client is told of an error.
//
// Doubts come first: a transaction may have refused by what it read, and then failed to check that this was true at one moment.
// The error is both, and the refusal alone would be a lie if the same request sent before was applied in between.
func refusalOf(err error) *refusal {
	var refused *refusal
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, dynamapper.ErrUnknownOutcome):
		return saidUnknown
	case errors.Is(err, dynamapper.ErrMaxRetriesExceeded), isPassing(err):
		return saidUnavailable
	case errors.As(err, &refused):
		return refused
	case errors.Is(err, dynamapper.ErrInvalidCursor):
		return saidCursor
	case errors.Is(err, dynamapper.ErrConditionFailed):
		return saidStale
	case errors.Is(err, dynamapper.ErrConflict): // an ErrOverwrite is one
		return saidConflict
	case errors.Is(err, dynamapper.ErrNotFound):
		return saidNotFound
	case errors.As(err, &tooLarge):
		return saidTooLarge
	}
	return saidInternal
}

// isPassing says that the request may succeed later: DynamoDB did not answer in time, failed, or has too much to do.
func isPassing(err error) bool {
	var network net.Error
	var answer interface{ HTTPStatusCode() int }
	var code interface{ ErrorCode() string }
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), errors.As(err, &network):
		return true
	case errors.As(err, &answer) && answer.HTTPStatusCode() >= http.StatusInternalServerError:
		return true
	}
	return errors.As(err, &code) && slices.Contains(passingCodes, code.ErrorCode())
}

var passingCodes = []string{
	"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded", "TransactionConflictException",
}

// refuse answers with an error.
func refuse(w http.ResponseWriter, said *refusal) {
	switch said.Status {
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", retryAfter)
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	respond(w, said.Status, map[string]*refusal{"error": said})
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // to a client who is gone, perhaps
}
