package main

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func getTop(t *testing.T, g *testGame, guild string, limit int, cursor string) top {
	t.Helper()
	response := player{g, ""}.send(t, fmt.Sprintf("GET /guilds/%s/top?limit=%d&cursor=%s", guild,
		limit, url.QueryEscape(cursor)), "")
	require.Equal(t, http.StatusOK, response.status, response.text)
	var page top
	response.read(t, &page)
	return page
}

func TestLeaderboardByCursor(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	for n := range 5 {
		player := g.logIn(t, fmt.Sprintf("red-%d", n), "red")
		require.Equal(t, http.StatusCreated,
			player.send(t, "PUT /me/games/1", fmt.Sprintf(`{"points":%d}`, 10*(n+1))).status)
	}
	g.logIn(t, "blue-0", "blue")
	for _, limit := range []int{1, 2, 5, 100} {
		var seen []string
		for next := ""; ; {
			page := getTop(t, g, "red", limit, next)
			require.LessOrEqual(t, len(page.Players), limit)
			for _, score := range page.Players {
				seen = append(seen, fmt.Sprintf("%s %d", score.Login, score.Points))
			}
			if next = page.Next; next == "" {
				break
			}
			require.LessOrEqual(t, len(seen), 5)
		}
		require.Equal(t, []string{"red-4 50", "red-3 40", "red-2 30", "red-1 20", "red-0 10"}, seen,
			limit)
	}
	require.Empty(t, getTop(t, g, "green", 10, "").Players)
}

func TestLeaderboardRefused(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	g.logIn(t, "waldo", "red")
	g.logIn(t, "wally", "red")
	next := getTop(t, g, "red", 1, "").Next
	require.NotEmpty(t, next)
	nobody := player{g, ""}
	for _, cursor := range []string{"damaged", next[1:], next[:len(next)-1]} {
		nobody.send(t, "GET /guilds/red/top?cursor="+cursor, "").requireRefused(t, saidCursor)
	}
	nobody.send(t, "GET /guilds/blue/top?cursor="+next, "").requireRefused(t, saidCursor)
	for _, limit := range []string{"0", "-1", "101", "ten"} {
		require.Equal(t, http.StatusBadRequest,
			nobody.send(t, "GET /guilds/red/top?limit="+limit, "").status)
	}
}
