package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
	"github.com/dynamapper/dynamapper/examples/internal/stage/stagetest"
)

func TestGuild(t *testing.T) {
	t.Parallel()
	engine := stagetest.NewEngine(t)
	stagetest.RequireLines(t, program(&settings{messages: 60}), engine, []string{
		`Its table is ` + engine.Prefix + `guild-\w{10}-guilds; it is deleted at the end\.`,

		`1\. The table`,
		`Three guilds with 30 members, 180 messages and 12 wars\..*`,
		`  guild +GUILD#blue +GUILD +REGION#eu, TROPHIES#00005051 *`,
		`  member +GUILD#blue +MEMBER#waldo +PLAYER#waldo, MEMBER#blue +` +
			`GUILD#blue, TROPHIES#00000792 *`,
		`  message +GUILD#blue +CHAT#2026-05-01T18:00:00Z#m0 +` +
			`PLAYER#waldo, CHAT#2026-05-01T18:00:00Z *`,
		`  war +GUILD#blue +WAR#001#guild-0 +2026-spring, gold, 1, \d+`,
		`225 items were written with \d+ requests, for 480 write units: .*`,

		`2\. A guild with all that belongs to it`,
		`    err = all\.Query\("red"\)\.Into\(ctx, &page\)`,
		`  the guild +"for the red", 10 members, 60 messages, 4 wars +1 +75 +2(\.5)? +0`,
		`  its members, one by one +10 members +1 +10 +5 +0`,

		`3\. A part of it`,
		`  the members +10 members +1 +10 +0\.5 +0`,
		`  the last messages +m59 m58 m57 m56 m55 +1 +5 +0\.5 +0`,
		`  the messages of some minutes +m5 m6 m7 m8 m9 +1 +5 +0\.5 +0`,
		`  the wars, by the collection +4 wars +1 +4 +0\.5 +0`,
		`  the members, by a scan +10 members +1 +10 +[5-9](\.5)? +0`,

		`4\. Indexes`,
		`  waldo's guilds and messages +member of red, member of blue, m50 in \w+, m50 in \w+ ` +
			`+1 +4 +0\.5 +0`,
		`  waldo's guilds +blue red +1 +2 +0\.5 +0`,
		`  the best member +[\w-]+ with \d+ +1 +1 +0\.5 +0`,
		`  the best guild +\w+ with \d+ +1 +1 +0\.5 +0`,
		`  the wars of a round, the best first +blue 28, red 25 +1 +2 +0\.5 +0`,
		`  those with 26 stars or more +blue 28 +1 +1 +0\.5 +0`,

		`5\. What writes cost`,
		`  another motto, by-trophies has it, too +onward +1 +1 +0 +2`,
		`  a message, in by-player, too +hello +1 +1 +0 +2`,
		`  a star, its entry in by-league moves +\d+ stars +1 +1 +0 +3`,
		`  trophies, of the member and the guild +waldo \d+, red \d+ +3 +4 +2 +9`,
		`    dynamapper: Update: .* Add of "trophies" .*`,

		`The table is deleted\.`,
	})
}

func TestInterruptedGuildLeavesNoTable(t *testing.T) {
	t.Parallel()
	stagetest.RequireNoTableAfterInterrupt(t, program(&settings{messages: 20}), "BatchWriteItem", 3)
}

// newTestChronicle returns a chronicle whose items are written.
func newTestChronicle(t *testing.T) *chronicle {
	t.Helper()
	c := &chronicle{Stage: &stage.Stage{Mapper: dynamotest.Mapper(t)}}
	var err error
	c.tables, err = openTables(c.Mapper)
	require.NoError(t, err)
	require.NoError(t, c.all.CreateTable(t.Context(), dynamapper.WaitActive()))
	require.NoError(t, c.saveAll(t.Context(), makeWorld(1)))
	return c
}

// A win moves the member and the guild to their new places in the index.
func TestWin(t *testing.T) {
	t.Parallel()
	c := newTestChronicle(t)
	before, err := c.guilds.Get(t.Context(), dynamapper.Key("green"))
	require.NoError(t, err)
	_, err = c.win(t.Context(), "green", "green-4", 2000)
	require.NoError(t, err)
	best, err := c.members.Query("green").Index("by-trophies").Reverse().First(t.Context())
	require.NoError(t, err)
	require.Equal(t, "green-4", best.Player)
	strongest, err := c.guilds.Query("eu").Index("by-trophies").Reverse().First(t.Context())
	require.NoError(t, err)
	require.Equal(t, "green", strongest.Name)
	require.Equal(t, before.Trophies+2000, strongest.Trophies)
}

// If the member is missing, the guild gets nothing.
func TestWinOfNobody(t *testing.T) {
	t.Parallel()
	c := newTestChronicle(t)
	before, err := c.guilds.Get(t.Context(), dynamapper.Key("green"))
	require.NoError(t, err)
	_, err = c.win(t.Context(), "green", "nobody", 30)
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	after, err := c.guilds.Get(t.Context(), dynamapper.Key("green"))
	require.NoError(t, err)
	require.Equal(t, before.Trophies, after.Trophies)
}
