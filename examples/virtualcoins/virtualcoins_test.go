package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// testEngine is the engine of the tests, with tables of its own for each test.
type testEngine struct {
	server  *dynamotest.Server
	prefix  string
	observe func(dynamapper.Operation)
}

func newTestEngine(t *testing.T) *testEngine {
	return &testEngine{
		server: dynamotest.Run(t), prefix: strings.ToLower(rand.Text()) + "-", observe: func(dynamapper.Operation) {},
	}
}

func (e *testEngine) connect(ctx context.Context, opts ...dynamapper.Option) (*dynamapper.Mapper, error) {
	observe := func(_ context.Context, operation dynamapper.Operation) { e.observe(operation) }
	own := []dynamapper.Option{dynamapper.WithTablePrefix(e.prefix), dynamapper.WithObserver(observe)}
	return e.server.Mapper(ctx, append(own, opts...)...)
}

// tables lists the tables that the test has left.
func (e *testEngine) tables(t *testing.T) []string {
	var left []string
	pages := dynamodb.NewListTablesPaginator(dynamodb.NewFromConfig(e.server.Config()), &dynamodb.ListTablesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		require.NoError(t, err)
		for _, table := range page.TableNames {
			if strings.HasPrefix(table, e.prefix) {
				left = append(left, table)
			}
		}
	}
	return left
}

// newTestStory is a story whose table is there.
func newTestStory(t *testing.T, settings settings) *story {
	players, err := dynamapper.TableOf[Player](dynamotest.Mapper(t))
	require.NoError(t, err)
	require.NoError(t, players.CreateTable(t.Context(), dynamapper.WaitActive()))
	return &story{printer: newPrinter(io.Discard), settings: settings, players: players}
}

func TestStory(t *testing.T) {
	engine := newTestEngine(t)
	var out bytes.Buffer
	require.NoError(t, tellStory(t.Context(), engine.connect, settings{players: 2, purchases: 3}, newPrinter(&out)))
	require.Empty(t, engine.tables(t))

	for _, line := range []string{
		`Its table is ` + engine.prefix + `virtualcoins-\w{10}-players; it is deleted at the end\.`,

		`1\. The lost update`,
		`  sword +200 +50 +saved`,
		`  shield +200 +100 +saved`,
		`He has spent 250 of his 200 coins, and has 100 left: .*`,

		`2\. The same with FailOnConflict`,
		`  sword +200 +50 +saved`,
		`  shield +200 +100 +refused: balance has changed, and is 50 now`,
		`  shield +50 +- +read again: 50 does not pay 100, not bought`,
		`The balance at the end is 50, as it must be\.`,

		`3\. Many purchases at once`,
		`Players: 2, with 48 coins each\. .*`,
		`  without the option +48 +0 +\d+ +48 +\d+ coins out of nowhere`,
		`  FailOnConflict +48 +\d+ +48 +48 +none`,

		`4\. A new item never replaces one`,
		`Refused with an OverwriteError: there is a waldo, with 50 coins\. Nothing was written\.`,

		`5\. An edited key`,
		`Refused with a ConflictError: login is not as it was read\. Requests sent: 0\. .*`,
		`A copy has appeared: waldo has 50 coins, wally has 50 coins\.`,

		`6\. Deletion by key`,
		`Requests sent: 1\.`,
		`The copy is gone: waldo has 50 coins, there is no wally\.`,

		`7\. The move`,
		`.*: there is no waldo, wally has 50 coins\.`,

		`The table is deleted\.`,
	} {
		found := regexp.MustCompile("(?m)^" + line + "$").FindIndex(out.Bytes())
		require.NotNil(t, found, "the line %q is missing, or not where it belongs; what is left:\n%s", line, &out)
		out.Next(found[1])
	}
}

func TestRace(t *testing.T) {
	s := newTestStory(t, settings{players: 3, purchases: 4})
	const all, endowed = 3 * devices * 4, 3 * 2 * devices * 4
	const certain = 3 * (devices - 1) // a player's first reads see the same balance, and all but one of the saves are lost

	unchecked, err := s.runRace(t.Context(), "unchecked")
	require.NoError(t, err)
	require.Equal(t, result{bought: all, left: unchecked.left, shouldBe: endowed - all}, unchecked)
	require.GreaterOrEqual(t, unchecked.left, unchecked.shouldBe+certain)

	checked, err := s.runRace(t.Context(), "checked", dynamapper.FailOnConflict())
	require.NoError(t, err)
	require.Equal(t, result{bought: all, retried: checked.retried, left: endowed - all, shouldBe: endowed - all}, checked)
	require.GreaterOrEqual(t, checked.retried, int64(certain))
	for i := range 3 {
		player, err := s.players.Get(t.Context(), dynamapper.Key("checked-"+strconv.Itoa(i+1)), dynamapper.Consistent())
		require.NoError(t, err)
		require.Equal(t, (endowed-all)/3, player.Balance)
	}
}

func TestRaceEndsWithTheFirstError(t *testing.T) {
	s := newTestStory(t, settings{})
	require.NoError(t, s.players.Save(t.Context(), &Player{Login: "rich", Balance: 1}))
	require.NoError(t, s.players.Save(t.Context(), &Player{Login: "poor"}))
	start := newMeeting(2) // the poor one will never join
	var bought, retried atomic.Int64
	var tasks []func(context.Context) error
	for _, login := range []string{"rich", "poor"} {
		d := &device{players: s.players, login: login, start: start, retried: &retried}
		tasks = append(tasks, func(ctx context.Context) error { return d.shop(ctx, 1, &bought) })
	}
	require.ErrorIs(t, runAll(t.Context(), tasks), errTooFewCoins)
	require.Zero(t, bought.Load())
}

func TestSaveOfAPlayerWhoIsGone(t *testing.T) {
	s := newTestStory(t, settings{})
	sword, _, err := s.readBoth(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.players.DeleteKey(t.Context(), dynamapper.Key("waldo")))
	outcome, err := s.save(t.Context(), sword)
	require.NoError(t, err)
	require.Equal(t, "refused: the player is gone", outcome)
}

// TestInterruptLeavesNoTable interrupts the story when a request has been answered for the nth time.
func TestInterruptLeavesNoTable(t *testing.T) {
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
			engine := newTestEngine(t)
			ctx, cancel := context.WithCancel(t.Context())
			var seen atomic.Int64
			engine.observe = func(operation dynamapper.Operation) {
				if operation.Name == interrupt.at && seen.Add(1) == interrupt.nth {
					cancel()
				}
			}
			var out bytes.Buffer
			err := tellStory(ctx, engine.connect, settings{players: 2, purchases: 3}, newPrinter(&out))
			require.ErrorIs(t, err, context.Canceled)
			require.Contains(t, out.String(), "The table is deleted.")
			require.Empty(t, engine.tables(t))
		})
	}
}

func TestInterruptBeforeTheStoryCreatesNoTable(t *testing.T) {
	engine := newTestEngine(t)
	engine.observe = func(operation dynamapper.Operation) { t.Error("a request was sent:", operation.Name) }
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	require.ErrorIs(t, tellStory(ctx, engine.connect, settings{players: 1, purchases: 1}, newPrinter(&out)), context.Canceled)
	require.Empty(t, out.String())
}

// closedPipe takes some writes, and no more.
type closedPipe struct{ takes int }

func (c *closedPipe) Write(text []byte) (int, error) {
	if c.takes--; c.takes < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(text), nil
}

func TestClosedOutputLeavesNoTable(t *testing.T) {
	for _, takes := range []int{0, 2, 20} {
		engine := newTestEngine(t)
		err := tellStory(t.Context(), engine.connect, settings{players: 1, purchases: 1}, newPrinter(&closedPipe{takes: takes}))
		require.ErrorIs(t, err, io.ErrClosedPipe)
		require.Empty(t, engine.tables(t))
	}
}

func TestRun(t *testing.T) {
	endpoint := dynamotest.Run(t).Endpoint()
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, run(t.Context(), []string{"-players", "1", "-purchases", "2"}, &stdout, &stderr))
	require.Contains(t, stdout.String(), "This runs on "+endpoint+", because AWS_ENDPOINT_URL_DYNAMODB is set.\n")
	require.Contains(t, stdout.String(), "Players: 1, with 32 coins each.")
	require.True(t, strings.HasSuffix(stdout.String(), "\nThe table is deleted.\n"))
	require.Empty(t, stderr.String())
}

func TestRunInterrupted(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamotest.Run(t).Endpoint())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr bytes.Buffer
	require.Equal(t, 1, run(ctx, nil, io.Discard, &stderr))
	require.Equal(t, "virtualcoins: interrupted: context canceled\n", stderr.String())
}

func TestRunFails(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	for _, failure := range []struct{ args, want string }{
		{"", `virtualcoins: dynamapper: CreateTable: table "virtualcoins-\w+-players": the endpoint http://127\.0\.0\.1:1 cannot be reached.*`},
		{"-player 2", `virtualcoins: flag provided but not defined: -player; see -help`},
		{"-players 0", `virtualcoins: -players is 0; give 1 to 100`},
		{"-players 101", `virtualcoins: -players is 101; give 1 to 100`},
		{"-purchases 1001", `virtualcoins: -purchases is 1001; give 1 to 1000`},
		{"2", `virtualcoins: there is no argument "2"; see -help`},
	} {
		var stderr bytes.Buffer
		require.Equal(t, 1, run(t.Context(), strings.Fields(failure.args), io.Discard, &stderr), failure.args)
		require.Regexp(t, "^"+failure.want+"\n$", stderr.String())
	}
}

func TestHelp(t *testing.T) {
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, run(t.Context(), []string{"-help"}, &stdout, &stderr))
	require.Contains(t, stdout.String(), "how many players take part in the race, 1 to 100 (default 4)")
	require.Empty(t, stderr.String())
}

func TestEngineOfTheEnvironment(t *testing.T) {
	for _, environment := range []struct{ endpoint, profile, region, where string }{
		{"http://127.0.0.1:1", "", "eu-west-1", "http://127.0.0.1:1, because AWS_ENDPOINT_URL_DYNAMODB is set"},
		{"", "games", "eu-west-1", "AWS, or the endpoint of its configuration, because AWS_PROFILE is set (games); without flags it costs less than a cent"},
		{"", "", "eu-west-1", "AWS, or the endpoint of its configuration, because AWS_REGION is set (eu-west-1); without flags it costs less than a cent"},
	} {
		t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", environment.endpoint)
		t.Setenv("AWS_PROFILE", environment.profile)
		t.Setenv("AWS_REGION", environment.region)
		engine, err := startEngine(t.Context())
		require.NoError(t, err)
		require.Equal(t, environment.where, engine.where)
		require.NoError(t, engine.close())
	}
}

func TestProgress(t *testing.T) {
	for _, progress := range []struct {
		terminal bool
		want     string
	}{
		{false, "  checked: 7 of 9 purchases\n"},
		{true, strings.Repeat("\r  checked: 7 of 9 purchases", 59) + "\r" + strings.Repeat(" ", 28) + "\r"},
	} {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			s := &story{printer: &printer{out: &out, terminal: progress.terminal}}
			var bought atomic.Int64
			bought.Store(7)
			stop := s.watch("checked", &bought, 9)
			time.Sleep(5*time.Second + 950*time.Millisecond) // of the bubble's clock
			stop()
			require.Equal(t, progress.want, out.String())
		})
	}
}

func TestNotRefused(t *testing.T) {
	require.EqualError(t, notRefused("the save", nil), "the save was not refused, and must be")
	require.ErrorIs(t, notRefused("the save", io.EOF), io.EOF)
}

// TestCodeShownIsCodeRun holds each line of code that the story prints against the code of the scenes.
func TestCodeShownIsCodeRun(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var code strings.Builder
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			code.Write(text)
		}
	}
	shown := regexp.MustCompile("(?m)^\t\t`(.*)`,$").FindAllStringSubmatch(code.String(), -1)
	shown = append(shown, regexp.MustCompile("s\\.code\\(`(.*)`\\)").FindAllStringSubmatch(code.String(), -1)...)
	require.Greater(t, len(shown), 20)
	ran := regexp.MustCompile("`[^`]*`").ReplaceAllString(code.String(), "")
	for _, line := range shown {
		statement, _, _ := strings.Cut(line[1], "//")
		statement = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(statement), "err :="))
		statement = strings.TrimSpace(strings.TrimPrefix(statement, "err ="))
		if statement != "..." {
			require.Contains(t, ran, statement)
		}
	}
}
