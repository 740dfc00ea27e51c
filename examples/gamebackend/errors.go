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

// refusal is an error as the client gets it: {"error":{"code":"conflict","message":"..."}}. The
// code is for programs.
type refusal struct {
	Status  int    `json:"-"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (r *refusal) Error() string { return r.Code + ": " + r.Message }

// The reasons to refuse a player's request. Nothing is written then.
var (
	errTooFewCoins = &refusal{http.StatusPaymentRequired, "too_few_coins",
		"the balance does not cover the price"}
	errIDTaken = &refusal{http.StatusConflict, "id_taken",
		"another request was made with this id; make a new id"}
	errNoSuchThing = &refusal{http.StatusNotFound, "no_such_thing", "the shop does not sell this"}
	errNoSession   = &refusal{http.StatusUnauthorized, "no_session",
		"there is no session, or it has ended; log in"}
)

func newBadRequest(message string) error {
	return &refusal{http.StatusBadRequest, "bad_request", message}
}

// The responses to errors of the mapper, and to all others.
var (
	saidUnknown = &refusal{http.StatusServiceUnavailable, "unknown_outcome",
		"the request may or may not have been applied; send the same request again"}
	saidUnavailable = &refusal{http.StatusServiceUnavailable, "unavailable",
		"the request cannot be answered now; send the same request again"}
	saidCursor = &refusal{http.StatusBadRequest, "bad_cursor",
		"the cursor is damaged or belongs to another list; start again without one"}
	saidStale = &refusal{http.StatusPreconditionFailed, "stale",
		"it does not match If-Match; read it again"}
	saidConflict = &refusal{http.StatusConflict, "conflict",
		"another request has changed it; read it again and decide again"}
	saidNotFound = &refusal{http.StatusNotFound, "not_found", "not found"}
	saidTooLarge = &refusal{http.StatusRequestEntityTooLarge, "too_large",
		"the request is too large"}
	saidInternal = &refusal{http.StatusInternalServerError, "internal", "the request failed"}
)

// retryAfter is the number of seconds that a client must wait after a 503.
const retryAfter = "1"

// refusalOf returns the response to an error.
//
// Uncertain outcomes come first: a transaction may have refused the request because of what it
// read, and then failed to check that it read everything at one moment. The error then contains
// both. The refusal alone could be wrong if an earlier try of the same request was applied in
// between.
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

// isPassing reports whether the request may succeed later: DynamoDB did not respond in time,
// failed, or is overloaded.
func isPassing(err error) bool {
	var network net.Error
	var response interface{ HTTPStatusCode() int }
	var code interface{ ErrorCode() string }
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled),
		errors.As(err, &network):
		return true
	case errors.As(err, &response) && response.HTTPStatusCode() >= http.StatusInternalServerError:
		return true
	}
	return errors.As(err, &code) && slices.Contains(passingCodes, code.ErrorCode())
}

var passingCodes = []string{
	"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded",
	"TransactionConflictException",
}

// refuse responds with an error.
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
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}
