package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

// call calls a handler.
func call(t *testing.T, h http.Handler, path string) (status int, body []byte) {
	t.Helper()
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	require.Equal(t, "application/json", recorder.Header().Get("Content-Type"))
	return recorder.Code, recorder.Body.Bytes()
}

func getPage(t *testing.T, h http.Handler, path string) scorePage {
	t.Helper()
	status, body := call(t, h, path)
	require.Equal(t, http.StatusOK, status, string(body))
	var page scorePage
	require.NoError(t, json.Unmarshal(body, &page))
	return page
}

func TestPagesAreTheWhole(t *testing.T) {
	t.Parallel()
	s := newTestSeason(t, settings{scores: 100})
	h := newHandler(s.scores, slog.Default())
	whole, err := s.scores.Query("green").Index("by-guild").Reverse().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, whole, 33)
	for _, limit := range []int{1, 10, 11, 33, 100} {
		var players []any
		pages, next := 0, ""
		for pages == 0 || next != "" {
			page := getPage(t, h, fmt.Sprintf("/guilds/green/top?limit=%d&cursor=%s", limit,
				url.QueryEscape(next)))
			require.LessOrEqual(t, len(page.Items), limit)
			for _, item := range page.Items {
				require.Equal(t, "green", item["guild"])
				players = append(players, item["player"])
			}
			pages, next = pages+1, page.Next
			require.LessOrEqual(t, pages, 40)
		}
		require.Len(t, players, len(whole))
		for i, score := range whole {
			require.Equal(t, score.Player, players[i], limit)
		}
	}
}

func TestStandardLimit(t *testing.T) {
	t.Parallel()
	s := newTestSeason(t, settings{scores: 100})
	page := getPage(t, newHandler(s.scores, slog.Default()), "/guilds/red/top")
	require.Len(t, page.Items, 10)
	require.NotEmpty(t, page.Next)
	for _, item := range page.Items {
		require.Len(t, item, 3)
		require.Equal(t, "red", item["guild"])
	}
}

func TestGuildWithoutScores(t *testing.T) {
	t.Parallel()
	s := newTestSeason(t, settings{})
	status, body := call(t, newHandler(s.scores, slog.Default()), "/guilds/red/top")
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"items":[]}`, string(body))
}

func TestRefusedCalls(t *testing.T) {
	t.Parallel()
	s := newTestSeason(t, settings{scores: 100})
	h := newHandler(s.scores, slog.Default())
	next := getPage(t, h, "/guilds/red/top?limit=3").Next
	used := s.Meter.Since()
	const badCursor,
		badLimit = "the cursor is damaged or belongs to another list; start again without one",
		"the limit must be a number from 1 to 100"
	for _, refused := range []struct {
		path, why string
		status    int
	}{
		{"/guilds/blue/top?cursor=" + next, badCursor, http.StatusBadRequest},
		{"/guilds/red/top?cursor=" + next[1:], badCursor, http.StatusBadRequest},
		{"/guilds/red/top?cursor=" + next[:len(next)-1], badCursor, http.StatusBadRequest},
		{"/guilds/red/top?cursor=top", badCursor, http.StatusBadRequest},
		{"/guilds/red/top?limit=0", badLimit, http.StatusBadRequest},
		{"/guilds/red/top?limit=-1", badLimit, http.StatusBadRequest},
		{"/guilds/red/top?limit=101", badLimit, http.StatusBadRequest},
		{"/guilds/red/top?limit=ten&cursor=" + next, badLimit, http.StatusBadRequest},
		{"/guilds/pink/top", "there is no such guild", http.StatusNotFound},
	} {
		status, body := call(t, h, refused.path)
		require.Equal(t, refused.status, status, refused.path)
		require.JSONEq(t, `{"error":"`+refused.why+`"}`, string(body), refused.path)
	}
	require.Zero(t, used().Total().Requests)
	// another limit is allowed
	require.Len(t, getPage(t, h, "/guilds/red/top?limit=5&cursor="+next).Items, 5)
}

func TestUnreadableTable(t *testing.T) {
	t.Parallel()
	s := newTestSeason(t, settings{})
	require.NoError(t, s.scores.DeleteTable(t.Context()))
	var log bytes.Buffer
	status, body := call(t, newHandler(s.scores, slog.New(slog.NewTextHandler(&log, nil))),
		"/guilds/red/top")
	require.Equal(t, http.StatusInternalServerError, status)
	require.JSONEq(t, `{"error":"the scores cannot be read"}`, string(body))
	require.Contains(t, log.String(), s.scores.Name())
}
