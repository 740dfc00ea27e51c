package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"

	"github.com/dynamapper/dynamapper"
)

const (
	standardLimit = 10
	maxLimit      = 100
)

// scorePage is a page of scores. Next is the cursor of the next page; "" is the end.
type scorePage struct {
	Items []map[string]any `json:"items"`
	Next  string           `json:"next,omitempty"`
}

// handler is the API: GET /guilds/red/top?limit=10&cursor=NEXT. It keeps no state between requests.
type handler struct {
	scores *dynamapper.Table[Score]
	logger *slog.Logger
}

func newHandler(scores *dynamapper.Table[Score], logger *slog.Logger) http.Handler {
	h := &handler{scores, logger}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /guilds/{guild}/top", h.top)
	return mux
}

func (h *handler) top(w http.ResponseWriter, r *http.Request) {
	ctx, guild, asked := r.Context(), r.PathValue("guild"), r.URL.Query()
	if !slices.Contains(guilds, guild) {
		refuse(w, http.StatusNotFound, "there is no such guild")
		return
	}
	limit, err := parseLimit(asked.Get("limit"))
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	scores, cursor := h.scores, asked.Get("cursor")
	page, err := scores.Query(guild).Index("by-guild").Reverse().Limit(limit).From(cursor).Page(ctx)
	switch {
	case errors.Is(err, dynamapper.ErrInvalidCursor):
		refuse(w, http.StatusBadRequest,
			"the cursor is damaged or belongs to another list; start again without one")
	case ctx.Err() != nil: // the caller is gone, or the server is stopping
		refuse(w, http.StatusServiceUnavailable, "the request was cancelled")
	case err != nil:
		h.logger.ErrorContext(ctx, "the scores cannot be read", "error", err)
		refuse(w, http.StatusInternalServerError, "the scores cannot be read")
	default:
		respond(w, http.StatusOK, makeScorePage(scores, page))
	}
}

// parseLimit parses the number of scores; "" means the default.
func parseLimit(text string) (int, error) {
	if text == "" {
		return standardLimit, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > maxLimit {
		return 0, fmt.Errorf("the limit must be a number from 1 to %d", maxLimit)
	}
	return limit, nil
}

// makeScorePage makes a response from the index's part of the scores.
func makeScorePage(scores *dynamapper.Table[Score], page dynamapper.Page[Score]) scorePage {
	a := scorePage{Items: []map[string]any{}, Next: page.Cursor}
	for _, score := range page.Items {
		a.Items = append(a.Items, scores.ToMap(score))
	}
	return a
}

func refuse(w http.ResponseWriter, status int, why string) {
	respond(w, status, map[string]string{"error": why})
}

func respond(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the caller may be gone
}
