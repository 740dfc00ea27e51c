package tool

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/engine"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	require.Contains(t, g.requireRun(2, "verify").stdout,
		"heroes: the table does not exist; create it with apply")
	createOldHeroes(g, 0)
	require.Contains(t, g.requireRun(2, "verify").stdout, `the index "by-guild" is missing`)
	r := g.runJSON("verify")
	require.Len(t, r.Verified, 1)
	require.False(t, r.Verified[0].OK)
	require.Contains(t, r.Verified[0].Problem, `the index "by-guild" is missing`)
	require.Equal(t, []string{"tool.hero"}, r.Verified[0].Models)

	g.requireRun(0, "apply")
	require.Equal(t, "heroes: as the models say\n", g.requireRun(0, "verify").stdout)
	require.True(t, g.runJSON("verify").Verified[0].OK)
}

func TestPlanAndApply(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	createOldHeroes(g, 3)
	require.Contains(t, g.requireRun(2, "plan").stdout, `heroes: add the index "by-guild"`)
	planned := g.runJSON("plan")
	require.Equal(t, 2, planned.Status)
	require.Equal(t, "add-index", planned.Plan.Changes[0].Kind)

	require.Equal(t, g.run("plan"), g.run("apply", "-dry-run"), "a dry run is a plan")
	require.Equal(t, planned.Plan, g.runJSON("apply", "-dry-run").Plan)

	applied := g.runJSON("apply").Applied
	require.Empty(t, applied.Left)
	require.Len(t, applied.Done, len(planned.Plan.Changes))

	require.Equal(t, "nothing to change\n", g.requireRun(0, "plan").stdout)
	require.Equal(t, "nothing to change\n", g.requireRun(0, "apply").stdout)
	require.Contains(t, g.run("plan", "-json").stdout, `"changes": []`)
	require.Contains(t, g.run("apply", "-json").stdout, `"done": []`)
}

// TestApplyCreatesTables creates a table of two models.
func TestApplyCreatesTables(t *testing.T) {
	t.Parallel()
	g := newGame(t, ModelOf[user](), ModelOf[visit](), ModelOf[hero]())
	got := g.requireRun(0, "apply")
	require.Contains(t, got.stdout, "done: game: create the table")
	require.Contains(t, got.stdout, "done: heroes: create the table")
	g.requireRun(0, "verify")
}

func TestApplyLeavesOutWhatDestroys(t *testing.T) {
	t.Parallel()
	g := newGame(t, ModelOf[oldHero]())
	create[hero](g)
	got := g.requireRun(2, "apply")
	require.Contains(t, got.stdout, `left out: ! heroes: drop the index "by-guild"`)
	require.Contains(t, got.stdout, "give -allow-destroy")
	r := g.runJSON("apply")
	require.Equal(t, 2, r.Status)
	require.Empty(t, r.Applied.Done)
	require.Equal(t, "drop-index", r.Applied.Left[0].Kind)

	got = g.requireRun(0, "apply", "-allow-destroy")
	require.Contains(t, got.stdout, `done: heroes: drop the index "by-guild"`)
	g.requireRun(0, "plan")
}

// otherKeys is a model whose table has other keys.
type otherKeys struct {
	dynamapper.Model `dynamo:"heroes"`

	ID int `dynamo:"id,hash"`
}

func TestApplyLeavesOutWhatCannotBeDone(t *testing.T) {
	t.Parallel()
	g := newGame(t, ModelOf[otherKeys]())
	createOldHeroes(g, 0)
	got := g.requireRun(2, "apply", "-allow-destroy")
	require.Contains(t, got.stdout, "left out: x heroes: the keys are")
	require.NotContains(t, got.stdout, "to make it")
}

// An index of a large table is built for hours, and nothing else is to be said meanwhile.
func TestApplyShowsThatItWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, err := dynamotest.StartEngine(engine.WithTableDelay(25 * time.Second))
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, server.Close()) })
		mapper, err := server.Mapper(t.Context())
		require.NoError(t, err)
		g := &game{t: t, server: server, mapper: mapper, models: []Model{ModelOf[hero]()}}
		require.NoError(t, table[oldHero](g).CreateTable(t.Context(), dynamapper.WaitActive()))
		got := g.requireRun(0, "apply")
		require.Regexp(t, `(?m)^\[\.{10}\] 0 of 2 changes made, 1\ds: CREATING.*: heroes: add the index `+
			`"by-guild"`, got.stderr)
		require.Regexp(t, `(?m)^\[\.{10}\] 0 of 2 changes made, 2\ds: CREATING`, got.stderr)
		require.Contains(t, got.stdout, `done: heroes: add the index "by-guild"`)
		require.NotContains(t, got.stdout, "changes made")
	})
}

func TestWhatAnApplyIsAt(t *testing.T) {
	t.Parallel()
	change := func(what string) dynamapper.TableChange { return dynamapper.TableChange{What: what} }
	destroys, impossible := change("drop"), change("keys")
	destroys.Destroys, impossible.Impossible = true, "no"
	plan := &dynamapper.Plan{Changes: []dynamapper.TableChange{
		destroys, change("a"), impossible, change("b"), change("c")}}
	a := newApplying(&run{flags: &flags{}}, plan)
	require.Len(t, a.changes, 3)
	c, made, is := a.underWay()
	require.Equal(t, "a 0 true", fmt.Sprint(c.What, " ", made, " ", is))
	a.done(change("b")) // a was left out
	c, made, is = a.underWay()
	require.Equal(t, "c 1 true", fmt.Sprint(c.What, " ", made, " ", is))
	a.done(change("c"))
	_, made, is = a.underWay()
	require.Equal(t, "2 false", fmt.Sprint(made, " ", is))
	require.Len(t, newApplying(&run{flags: &flags{allowDestroy: true}}, plan).changes, 4)
}
