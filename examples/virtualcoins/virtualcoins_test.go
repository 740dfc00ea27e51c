package main

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
	"github.com/dynamapper/dynamapper/examples/internal/stage/stagetest"
)

// newTestStory returns a story whose table exists.
func newTestStory(t *testing.T, settings settings) *story {
	on, players := stagetest.NewStage[Player](t)
	return &story{Stage: on, settings: settings, players: players}
}

func TestStory(t *testing.T) {
	t.Parallel()
	engine := stagetest.NewEngine(t)
	stagetest.RequireLines(t, program(&settings{players: 2, purchases: 3}), engine, []string{
		`Its table is ` + engine.Prefix + `virtualcoins-\w{10}-players; it is deleted at the end\.`,

		`1\. The lost update`,
		`  sword +200 +50 +saved`,
		`  shield +200 +100 +saved`,
		`He has spent 250 of his 200 coins, and has 100 left: .*`,

		`2\. The same with FailOnConflict`,
		`  sword +200 +50 +saved`,
		`  shield +200 +100 +refused: balance has changed to 50`,
		`  shield +50 +- +read again: 50 is less than 100, not bought`,
		`The balance at the end is 50, which is correct\.`,

		`3\. Many purchases at once`,
		`Players: 2, with 48 coins each\. .*`,
		`  without the option +48 +0 +\d+ +48 +\d+ coins out of nowhere`,
		`  FailOnConflict +48 +\d+ +48 +48 +none`,

		`4\. A new item never replaces one`,
		`Refused with an OverwriteError: there already is a waldo, with 50 coins\. Nothing was ` +
			`written\.`,

		`5\. An edited key`,
		`Refused with a ConflictError: login has changed since it was read\. Requests sent: 0\. .*`,
		`A copy has appeared: waldo has 50 coins, wally has 50 coins\.`,

		`6\. Deletion by key`,
		`Requests sent: 1\.`,
		`The copy is gone: waldo has 50 coins, there is no wally\.`,

		`7\. The move`,
		`.*: there is no waldo, wally has 50 coins\.`,

		`The table is deleted\.`,
	})
}

func TestRace(t *testing.T) {
	t.Parallel()
	s := newTestStory(t, settings{players: 3, purchases: 4})
	const all, endowed = 3 * devices * 4, 3 * 2 * devices * 4
	// a player's first reads see the same balance, and all but one of the saves are lost
	const certain = 3 * (devices - 1)

	unchecked, err := s.runRace(t.Context(), "unchecked")
	require.NoError(t, err)
	require.Equal(t, result{bought: all, left: unchecked.left, shouldBe: endowed - all}, unchecked)
	require.GreaterOrEqual(t, unchecked.left, unchecked.shouldBe+certain)

	checked, err := s.runRace(t.Context(), "checked", dynamapper.FailOnConflict())
	require.NoError(t, err)
	require.Equal(t, result{bought: all, retried: checked.retried, left: endowed - all,
		shouldBe: endowed - all}, checked)
	require.GreaterOrEqual(t, checked.retried, int64(certain))
	for i := range 3 {
		player, err := s.players.Get(t.Context(), dynamapper.Key("checked-"+strconv.Itoa(i+1)),
			dynamapper.Consistent())
		require.NoError(t, err)
		require.Equal(t, (endowed-all)/3, player.Balance)
	}
}

func TestRaceEndsWithTheFirstError(t *testing.T) {
	t.Parallel()
	s := newTestStory(t, settings{})
	require.NoError(t, s.players.Save(t.Context(), &Player{Login: "rich", Balance: 1}))
	require.NoError(t, s.players.Save(t.Context(), &Player{Login: "poor"}))
	start := stage.NewMeeting(2) // the other one never joins
	var bought, retried atomic.Int64
	var tasks []func(context.Context) error
	for _, login := range []string{"rich", "poor"} {
		d := &device{players: s.players, login: login, start: start, retried: &retried}
		tasks = append(tasks, func(ctx context.Context) error { return d.shop(ctx, 1, &bought) })
	}
	require.ErrorIs(t, stage.Together(t.Context(), tasks), errTooFewCoins)
	require.Zero(t, bought.Load())
}

func TestSaveOfAPlayerWhoIsGone(t *testing.T) {
	t.Parallel()
	s := newTestStory(t, settings{})
	sword, _, err := s.readBoth(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.players.DeleteKey(t.Context(), dynamapper.Key("waldo")))
	outcome, err := s.save(t.Context(), sword)
	require.NoError(t, err)
	require.Equal(t, "refused: the player is gone", outcome)
}

func TestInterruptLeavesNoTable(t *testing.T) {
	t.Parallel()
	for _, interrupt := range []struct {
		at  string
		nth int64
	}{
		{"CreateTable", 1},
		{"PutItem", 1},
		{"GetItem", 2},
		{"GetItem", 30}, // in the race
		{"UpdateItem", 20},
		{"BatchGetItem", 1},
		{"DeleteItem", 1},
	} {
		t.Run(interrupt.at+strconv.FormatInt(interrupt.nth, 10), func(t *testing.T) {
			stagetest.RequireNoTableAfterInterrupt(t, program(&settings{players: 2, purchases: 3}),
				interrupt.at, interrupt.nth)
		})
	}
}

func TestRun(t *testing.T) {
	printed := stagetest.RequireRun(t, program(&settings{}), "-players", "1", "-purchases", "2")
	require.Contains(t, printed, "Players: 1, with 32 coins each.")
}

func TestRunFails(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	for _, failure := range []struct{ args, want string }{
		{"", `virtualcoins: dynamapper: CreateTable: table "virtualcoins-\w+-players": the ` +
			`endpoint http://127\.0\.0\.1:1 cannot be reached.*`},
		{"-player 2", `virtualcoins: flag provided but not defined: -player; see -help`},
		{"-players 0", `virtualcoins: -players is 0; give 1 to 100`},
		{"-players 101", `virtualcoins: -players is 101; give 1 to 100`},
		{"-purchases 1001", `virtualcoins: -purchases is 1001; give 1 to 1000`},
		{"2", `virtualcoins: there is no argument "2"; see -help`},
	} {
		stagetest.RequireRefused(t, program(&settings{}), failure.args, failure.want)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	stagetest.RequireHelp(t, program(&settings{}),
		"number of players in the race, 1 to 100 (default 4)")
}

func TestCodeShownIsCodeRun(t *testing.T) {
	t.Parallel()
	stagetest.RequireShownCodeRuns(t, 20)
}
