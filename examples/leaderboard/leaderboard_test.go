package main

import (
	"context"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/examples/internal/stage/stagetest"
)

// newTestSeason returns a season whose scores are written.
func newTestSeason(t *testing.T, settings settings) *season {
	on, scores := stagetest.NewStage[Score](t)
	s := &season{Stage: on, settings: settings, scores: scores}
	require.NoError(t, s.saveAll(t.Context(), makeSeason(settings.scores)))
	return s
}

func TestSeason(t *testing.T) {
	t.Parallel()
	engine := stagetest.NewEngine(t)
	stagetest.RequireLines(t, program(&settings{scores: 120, segments: 3}), engine, []string{
		`Its table is ` + engine.Prefix + `leaderboard-\w{10}-scores; it is deleted at the end\.`,

		`1\. The season`,
		`.* 120 scores are written, .*`,
		`  120 +5 +240 +2\.00`,
		`.* Checks until it had all 120: \d+\.`,

		`2\. The top ten of a guild`,
		`  rank +player +points`,
		`  10 +player-\d{6} +\d{5}`,
		`Scores read: 10 of the 40 red ones\. Requests sent: 1\. Read units: 0\.5\.`,

		`3\. Page by page, over HTTP`,
		`    GET /guilds/red/top\?limit=10`,
		`    200 {"items":\[`,
		`      \.\.\. 8 more,`,
		`     "next":"[\w-]+\.\.\.[\w-]+"}`,
		`    GET /guilds/red/top\?limit=10&cursor=[\w-]+\.\.\.[\w-]+`,
		`    200 {"items":\[`,
		`    GET /guilds/red/top\?limit=10&cursor=[\w-]+\.\.\.[\w-]+`,
		`    200 {"items":\[`,
		`  1 +10 +1 +0\.5`,
		`  2 +10 +1 +0\.5`,
		`  3 +10 +1 +0\.5`,
		`    GET /guilds/blue/top\?limit=10&cursor=[\w-]+\.\.\.[\w-]+`,
		`    400 {"error":"the cursor is damaged or belongs to another list; start again without ` +
			`one"}`,
		`    400 {"error":"the cursor is damaged or belongs to another list; start again without ` +
			`one"}`,
		`    GET /guilds/red/top\?limit=0`,
		`    400 {"error":"the limit must be a number from 1 to 100"}`,
		`Requests sent to DynamoDB for these: 0\.`,

		`4\. Why a scan is not a query`,
		`  scan of all scores +120 +1 .*`,
		`  scan, above the bound +\d+ +1 .*`,
		`  the same, parallel segments: 3 +\d+ +3 .*`,
		`  query of the index, .* +\d+ +3 .*`,
		`A scan reads every score, .*`,
		`In return, every write also pays for the index: see 1\.`,

		`The table is deleted\.`,
	})
}

func TestWaysFindTheSame(t *testing.T) {
	t.Parallel()
	s := newTestSeason(t, settings{scores: 200, segments: 2})
	all := 0
	for _, score := range makeSeason(200) {
		if score.Points > bound {
			all++
		}
	}
	require.Positive(t, all)
	var results []counted
	for _, way := range s.ways() {
		c, err := s.measure(t.Context(), way)
		require.NoError(t, err)
		require.Positive(t, c.readUnits)
		results = append(results, c)
	}
	require.Equal(t, []int{200, all, all, all},
		[]int{results[0].found, results[1].found, results[2].found, results[3].found})
	require.Equal(t, results[0].readUnits, results[1].readUnits)
	require.Less(t, results[3].readUnits, results[1].readUnits)
}

func TestConclude(t *testing.T) {
	t.Parallel()
	all, scan := counted{found: 100, readUnits: 8}, counted{found: 7, readUnits: 8}
	parallel, query := counted{found: 7, readUnits: 9}, counted{found: 7, readUnits: 0.5}
	told := conclude(all, scan, parallel, query)
	require.Contains(t, told, "to find 7 of 100 scores costs 100.0% of the read units of all.")
	require.Contains(t, told, "and cost 112.5%.")
	require.Contains(t, told, "because the index has nothing else: 6.2%.")
	require.Contains(t, conclude(all, scan, parallel, counted{found: 6}), "have different results")
	require.Contains(t, conclude(counted{}, counted{}, counted{}, counted{}), "does not report")
}

func TestSeasonIsTheSameInEveryRun(t *testing.T) {
	t.Parallel()
	season := makeSeason(30)
	require.Equal(t, season, makeSeason(40)[:30])
	of := map[string]int{}
	for _, score := range season {
		of[score.Guild]++
		require.Less(t, score.Points, pointsBelow)
		require.Len(t, score.Loadout, 8)
	}
	require.Equal(t, map[string]int{"red": 10, "green": 10, "blue": 10}, of)
}

func TestIndexThatIsNeverFull(t *testing.T) {
	t.Parallel()
	on, scores := stagetest.NewStage[Score](t)
	s := &season{Stage: on, settings: settings{scores: 1}, scores: scores}
	require.EqualError(t, s.settle(t.Context(), 0), "after 0s the index does not have all scores")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, s.settle(ctx, settleWithin), context.Canceled)
	require.NoError(t, scores.Save(t.Context(), &Score{Player: "one", Guild: "red", Points: 1}))
	require.NoError(t, s.settle(t.Context(), settleWithin))
}

func TestShorten(t *testing.T) {
	t.Parallel()
	require.Equal(t, "/guilds/red/top", shorten("/guilds/red/top"))
	long := "/guilds/red/top?limit=10&cursor=" + strconv.Itoa(1<<60) + strconv.Itoa(1<<61) +
		strconv.Itoa(1<<62)
	require.Equal(t, long[:60]+"..."+long[len(long)-8:], shorten(long))
}

func TestInterruptLeavesNoTable(t *testing.T) {
	t.Parallel()
	for _, interrupt := range []struct {
		at  string
		nth int64
	}{
		{"CreateTable", 1},
		{"BatchWriteItem", 2},
		{"Scan", 1},  // of the index
		{"Query", 1}, // the top ten
		{"Query", 4}, // in the API
		{"Scan", 2},
	} {
		t.Run(interrupt.at+strconv.FormatInt(interrupt.nth, 10), func(t *testing.T) {
			stagetest.RequireNoTableAfterInterrupt(t, program(&settings{scores: 120, segments: 2}),
				interrupt.at, interrupt.nth)
		})
	}
}

func TestRun(t *testing.T) {
	printed := stagetest.RequireRun(t, program(&settings{}), "-scores", "100", "-segments", "2")
	require.Contains(t, printed, "How many of the 100 scores are above 90000?")
}

func TestRunRefusesFlags(t *testing.T) {
	t.Parallel()
	for _, failure := range []struct{ args, want string }{
		{"-score 2", `leaderboard: flag provided but not defined: -score; see -help`},
		{"-scores 99", `leaderboard: -scores is 99; give 100 to 100000`},
		{"-scores 100001", `leaderboard: -scores is 100001; give 100 to 100000`},
		{"-segments 0", `leaderboard: -segments is 0; give 1 to 64`},
		{"-segments 65", `leaderboard: -segments is 65; give 1 to 64`},
		{"red", `leaderboard: there is no argument "red"; see -help`},
	} {
		stagetest.RequireRefused(t, program(&settings{}), failure.args, failure.want)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	stagetest.RequireHelp(t, program(&settings{}),
		"number of scores in the season, 100 to 100000 (default 5000)")
}

func TestCodeShownIsCodeRun(t *testing.T) {
	t.Parallel()
	stagetest.RequireShownCodeRuns(t, 12)
}
