package tool

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/dynamotest"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	createOldHeroes(g, 7)
	before := g.lines("heroes")
	got := g.requireRun(2, "migrate", "-dry-run")
	require.Contains(t, got.stdout, "heroes: dry run, nothing was written: 1 of 1 segments: 7 seen, "+
		"7 changed")
	require.Equal(t, before, g.lines("heroes"))

	r := g.runJSON("migrate", "-segments", "3", "-read-units", "1000", "-write-units", "1000")
	require.Equal(t, 0, r.Status)
	require.Equal(t, 7, r.Migrated[0].Report.Changed)
	require.Equal(t, 3, r.Migrated[0].Report.SegmentsDone)
	require.Positive(t, r.Migrated[0].Report.Seconds)
	require.Less(t, r.Migrated[0].Report.Seconds, 3600.0)
	require.NotContains(t, g.requireRun(0, "migrate", "-json").stdout, `"time"`)
	require.Equal(t, []string{`{"Item":{"guild":{"S":"owls"},"level":{"N":"1"},` +
		`"login":{"S":"hero-000"}}}`}, g.lines("heroes")[:1])

	require.Contains(t, g.requireRun(0, "migrate", "-dry-run").stdout, "0 changed")
	require.Contains(t, g.requireRun(0, "migrate").stdout, "7 seen, 0 changed")
}

func TestMigrateACollection(t *testing.T) {
	t.Parallel()
	g := newGame(t, ModelOf[user](), ModelOf[visit]())
	g.requireRun(0, "apply")
	require.NoError(t, table[user](g).Save(t.Context(), &user{Name: "waldo", Coins: 1}))
	require.NoError(t, table[visit](g).Save(t.Context(), &visit{Name: "waldo", Day: "monday"}))
	require.Contains(t, g.requireRun(0, "migrate").stdout, "game: 1 of 1 segments: 2 seen, 0 changed")

	g.put("game", `{"pk":{"S":"USER#odlaw"},"sk":{"S":"X"},"entity":{"S":"beast"}}`)
	require.Contains(t, g.requireRun(1, "migrate").stderr, "beast")
}

// TestMigrateSkipsInvalidItems names their keys.
func TestMigrateSkipsInvalidItems(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	createOldHeroes(g, 2)
	g.put("heroes", `{"login":{"S":"broken"},"level":{"S":"many"}}`)
	got := g.requireRun(1, "migrate")
	require.Contains(t, got.stderr, `the key is "broken"; to go on without such items, give `+
		"-skip-invalid")

	got = g.requireRun(2, "migrate", "-skip-invalid")
	require.Contains(t, got.stderr, `skipped: key "broken": dynamapper: Migrate: table "heroes"`)
	require.Contains(t, got.stdout, "1 skipped")
	r := g.runJSON("migrate", "-skip-invalid")
	require.Equal(t, 2, r.Status)
	require.Equal(t, `"broken"`, r.Migrated[0].Skipped[0].Key)
	require.Contains(t, r.Migrated[0].Skipped[0].Error, "hero.Level")
}

// TestMigrateContinuesAfterAnInterrupt cancels the context after a few items, as Ctrl-C does.
func TestMigrateContinuesAfterAnInterrupt(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	createOldHeroes(g, 20)
	line := g.lineTo()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	line.On("UpdateItem", 5, dynamotest.After(nil, cancel))
	file := filepath.Join(t.TempDir(), "checkpoint")

	got := g.runIn(ctx, "migrate", "-checkpoint", file)
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "interrupted")
	require.Contains(t, got.stderr, "the same command continues there, from the checkpoint in "+file)
	require.Contains(t, got.stderr, "heroes: ended before its end: 0 of 1 segments: ")
	require.Equal(t, 5, line.Sent("UpdateItem"))

	r := g.runJSON("migrate", "-checkpoint", file)
	require.Equal(t, 0, r.Status)
	require.Equal(t, 20, r.Migrated[0].Report.Seen)
	require.LessOrEqual(t, line.Sent("UpdateItem"), 21, "no item twice, but the last one perhaps")

	sent := line.Sent("Scan")
	require.Contains(t, g.requireRun(0, "migrate", "-checkpoint", file).stdout,
		"heroes: the migration has finished before: 1 of 1 segments: 20 seen, ")
	require.Equal(t, sent, line.Sent("Scan"))
	again := g.runJSON("migrate", "-checkpoint", file).Migrated[0]
	require.True(t, again.Before)
	require.Equal(t, r.Migrated[0].Report.MigrateReport, again.Report.MigrateReport,
		"the counts are those of the checkpoint")
	require.Positive(t, again.Report.Seconds)

	require.Contains(t, g.requireRun(0, "migrate", "-checkpoint", file, "-restart").stdout,
		"20 seen, 0 changed")
}

// A command with -restart would begin again, and skip no table that has a finished checkpoint.
func TestHowToContinueAfterAnInterruptOfRestart(t *testing.T) {
	t.Parallel()
	g := newGame(t, ModelOf[hero](), ModelOf[user]())
	g.requireRun(0, "apply")
	createOldHeroes(g, 20)
	file := filepath.Join(t.TempDir(), "checkpoint")
	g.requireRun(0, "migrate", "-checkpoint", file)
	line := g.lineTo()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	line.On("Scan", 1, dynamotest.After(nil, cancel))
	got := g.runIn(ctx, "migrate", "-checkpoint", file, "-restart")
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "the same command without -restart continues there, from the "+
		"checkpoint in "+file+`; after that, give -restart with -table for "game"`)
	got = g.requireRun(0, "migrate", "-checkpoint", file)
	require.Contains(t, got.stdout, "heroes: 1 of 1 segments: 20 seen")
	require.Contains(t, got.stdout, "game: the migration has finished before: 1 of 1 segments")

	line.Clear()
	line.On("DescribeTable", line.Sent("DescribeTable")+1, dynamotest.After(nil, cancel))
	got = g.runIn(ctx, "migrate", "-checkpoint", file, "-restart")
	require.Equal(t, 1, got.status)
	require.NotContains(t, got.stderr, "continues there", "the new run has not begun")
}

func TestAnInterruptIsInTheJSON(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	createOldHeroes(g, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, command := range []string{"verify", "plan", "apply", "migrate", "describe"} {
		got := g.runIn(ctx, command, "-json")
		require.Equal(t, 1, got.status, command)
		require.Contains(t, got.stdout, `"interrupted": true`, command)
		require.Contains(t, got.stdout, fmt.Sprintf("%q: %q", "command", command))
	}
}
