package tests

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

// gamer and match share a table: a player's profile and the player's matches are items of one hash
// key.
type gamer struct {
	dynamapper.Model `dynamo:"game,entity=player"`

	_       dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{login}"`
	_       dynamapper.Computed `dynamo:"sk,range,format=PROFILE"`
	Login   string              `dynamo:"login"`
	Balance int                 `dynamo:"balance"`
}

type match struct {
	dynamapper.Model `dynamo:"game,entity=match"`

	_ dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{player}"`
	_ dynamapper.Computed `dynamo:"sk,range,format=MATCH#{at}#{id}"`

	GuildKey dynamapper.Computed `dynamo:"gsi1pk,format=GUILD#{guild}" index:"gsi1,hash"`
	ScoreKey dynamapper.Computed `dynamo:"gsi1sk,format=SCORE#{points:10}" index:"gsi1,range"`

	Player string    `dynamo:"player"`
	At     time.Time `dynamo:"at"`
	ID     string    `dynamo:"id"`
	Guild  string    `dynamo:"guild"`
	Points int       `dynamo:"points"`
	Note   string    `dynamo:"note"`
}

// gameTables returns the tables of two entities that share one table, and its name.
func gameTables(
	t *testing.T, opts ...dynamapper.Option,
) (*dynamapper.Table[gamer], *dynamapper.Table[match]) {
	t.Helper()
	mapper := testMapper(t, opts...)
	gamers, err := dynamapper.TableOf[gamer](mapper)
	require.NoError(t, err)
	matches, err := dynamapper.TableOf[match](mapper)
	require.NoError(t, err)
	require.NoError(t, matches.CreateTable(t.Context(), dynamapper.WaitActive()))
	return gamers, matches
}

var matchDay = time.Date(2026, 5, 31, 12, 0, 0, 0, time.UTC)

func newMatch(id string, points int) *match {
	return &match{Player: "waldo", At: matchDay, ID: id, Guild: "reds", Points: points}
}

func TestAnEntityIsStoredWithItsKeysAndName(t *testing.T) {
	t.Parallel()
	_, matches := gameTables(t)
	m := newMatch("m1", 42)
	require.NoError(t, matches.Save(t.Context(), m))
	assert.Equal(t, dynamapper.Computed("GUILD#reds"), m.GuildKey)
	assert.Equal(t, dynamapper.Computed("SCORE#0000000042"), m.ScoreKey)
	stored := getRaw(t, matches.Name(), attributes{"pk": textValue("PLAYER#waldo"),
		"sk": textValue("MATCH#2026-05-31T12:00:00.000000000Z#m1")})
	require.NotNil(t, stored)
	assert.Equal(t, textValue("match"), stored["entity"])
	assert.Equal(t, textValue("GUILD#reds"), stored["gsi1pk"])
	key := dynamapper.Key("waldo", matchDay, "m1")
	assert.Equal(t, key, matches.KeyOf(m))
	loaded, err := matches.Get(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, "waldo", loaded.Player)
	assert.Equal(t, m.ScoreKey, loaded.ScoreKey)
	loaded.Points++
	require.NoError(t, matches.Save(t.Context(), loaded, dynamapper.FailOnConflict()))
	assert.Equal(t, dynamapper.Computed("SCORE#0000000043"), loaded.ScoreKey)
}
