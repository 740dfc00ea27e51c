package main

import (
	"net/http"
	"strconv"

	"github.com/dynamapper/dynamapper"
)

const (
	standardLimit = 10
	maxLimit      = 100
)

// getTop returns a page of a guild's players, the best first: GET
// /guilds/red/top?limit=10&cursor=NEXT.
func (g *game) getTop(w http.ResponseWriter, r *http.Request) error {
	guild, asked := r.PathValue("guild"), r.URL.Query()
	limit, err := parseLimit(asked.Get("limit"))
	if err != nil {
		return err
	}
	page, err := g.scores.Query(guild).Index("by-guild").Reverse().
		Limit(limit).From(asked.Get("cursor")).Page(r.Context())
	if err != nil {
		return err
	}
	respond(w, http.StatusOK, makeTop(page))
	return nil
}

// parseLimit parses the number of players; "" means the default.
func parseLimit(text string) (int, error) {
	if text == "" {
		return standardLimit, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > maxLimit {
		return 0, newBadRequest("the limit must be a number from 1 to " + strconv.Itoa(maxLimit))
	}
	return limit, nil
}

// top is a page of a leaderboard. Next is the cursor of the next page; "" is the end.
type top struct {
	Players []*Score `json:"players"`
	Next    string   `json:"next,omitempty"`
}

func makeTop(page dynamapper.Page[Score]) top {
	return top{Players: append([]*Score{}, page.Items...), Next: page.Cursor}
}
