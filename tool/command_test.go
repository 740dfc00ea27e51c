package tool

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

func TestHelp(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	for _, word := range []string{"help", "-h", "-help", "--help"} {
		require.Contains(t, g.requireRun(0, word).stdout, "migrate")
	}
	for _, c := range commands() {
		help := g.requireRun(0, c.name, "-h").stdout
		require.Equal(t, help, g.requireRun(0, "help", c.name).stdout)
		for _, flag := range append([]string{"json", "table"}, c.flags...) {
			require.Contains(t, help, "-"+flag, c.name)
		}
		require.Equal(t, c.takesFile, bytes.Contains([]byte(help), []byte("[flags] FILE")), c.name)
	}
	got := g.requireRun(1)
	require.Contains(t, got.stderr, "usage")
	require.Empty(t, got.stdout)
}

func TestBadArguments(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	create[hero](g)
	for _, test := range []struct {
		args  []string
		fault string
	}{
		{[]string{"destroy"}, `no command "destroy"; the commands are verify, plan, apply`},
		{[]string{"verify", "-segments", "2"}, "verify: flag provided but not defined: -segments"},
		{[]string{"verify", "extra"}, `verify: "extra" is one argument too many`},
		{[]string{"verify", "-table", "knights"},
			`-table: no model has the table "knights"; the tables are "heroes"`},
		{[]string{"export"}, "export: no file is given"},
		{[]string{"export", "a.json", "-segments", "2"}, `"-segments" is one argument too many`},
		{[]string{"export", "-segments", "0", "-"}, "export: -segments is 0; give 1 to 1000"},
		{[]string{"import", "-writers", "1001", "-"}, "import: -writers is 1001; give 1 to 1000"},
		{[]string{"migrate", "-segments", "many"}, "invalid value"},
		{[]string{"migrate", "-read-units", "-1"}, "-read-units and -write-units are units a second"},
		{[]string{"migrate", "-write-units", "NaN"}, "give 0 or more"},
		{[]string{"migrate", "-restart"}, "-restart is without -checkpoint"},
		{[]string{"migrate", "-dry-run", "-checkpoint", "f"}, "-dry-run writes no checkpoint"},
		{[]string{"import", "missing.json"}, "missing.json"},
		{[]string{"export", "/no/such/folder/heroes.json"}, "/no/such/folder"},
	} {
		got := g.requireRun(1, test.args...)
		require.Contains(t, got.stderr, test.fault)
		require.Contains(t, got.stderr, "error: ")
		require.Empty(t, got.stdout, test.args)
	}
}

// A command that is misused writes the error as any other, where -json asks for it.
func TestAMisuseIsInTheJSON(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	for _, test := range []struct {
		args  []string
		fault string
	}{
		{[]string{"destroy", "-json"}, `there is no command "destroy"`},
		{[]string{"plan", "-foo", "-json"}, "plan: flag provided but not defined: -foo"},
		{[]string{"plan", "--json", "-foo"}, "-foo"},
		{[]string{"plan", "-json=true", "extra"}, `"extra" is one argument too many`},
		{[]string{"plan", "-json=yes"}, "invalid boolean value"},
		{[]string{"verify", "-json", "-table", "knights"}, "no model has the table"},
		{[]string{"migrate", "-json", "-segments", "0"}, "-segments is 0"},
		{[]string{"import", "-json"}, "no file is given"},
	} {
		got := g.requireRun(1, test.args...)
		var r result
		require.NoError(t, json.Unmarshal([]byte(got.stdout), &r), "%v: %s", test.args, got.stdout)
		require.Equal(t, 1, r.Status)
		require.Equal(t, test.args[0], r.Command)
		require.Contains(t, r.Error, test.fault)
		require.Contains(t, got.stderr, "error: ")
	}
	require.Empty(t, g.requireRun(1, "plan", "-json=false", "-foo").stdout)
	got := g.requireRun(1, "export", "-", "-json")
	require.Empty(t, got.stdout, "it is for the items")
	require.Contains(t, got.stderr, `"command": "export"`)
}

func TestWrongPrograms(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	for _, test := range []struct {
		connect func(context.Context) (*dynamapper.Mapper, error)
		models  []Model
		fault   string
	}{
		{nil, g.models, "the function that connects is nil"},
		{func(context.Context) (*dynamapper.Mapper, error) { return nil, errors.New("no network") },
			g.models, "connecting: no network"},
		{func(context.Context) (*dynamapper.Mapper, error) { return nil, nil }, g.models,
			"the mapper is nil or empty"},
		{func(context.Context) (*dynamapper.Mapper, error) { return g.mapper, nil }, nil,
			"the program has no models"},
		{func(context.Context) (*dynamapper.Mapper, error) { return g.mapper, nil },
			[]Model{ModelOf[hero](), {}}, "model 2 is empty; make it with tool.ModelOf"},
		{func(context.Context) (*dynamapper.Mapper, error) { return g.mapper, nil },
			[]Model{ModelOf[hero](), ModelOf[oldHero]()}, "the model names no entity"},
	} {
		var stdout, stderr bytes.Buffer
		status := Run(t.Context(), []string{"verify"}, &stdout, &stderr, test.connect, test.models...)
		require.Equal(t, 1, status)
		require.Contains(t, stderr.String(), test.fault)
	}
	var stderr bytes.Buffer
	var none context.Context
	require.Equal(t, 1, Run(none, []string{"verify"}, &stderr, &stderr, nil))
	require.Contains(t, stderr.String(), "the context is nil")
}

func TestAnErrorIsInTheJSON(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	r := g.runJSON("migrate")
	require.Equal(t, 1, r.Status)
	require.Contains(t, r.Error, `table "heroes" does not exist; create it with apply`)
	require.False(t, r.Interrupted)
}

func TestTheTableOption(t *testing.T) {
	t.Parallel()
	g := newGame(t, ModelOf[hero](), ModelOf[user](), ModelOf[visit]())
	create[hero](g)
	require.Contains(t, g.requireRun(0, "verify", "-table", "heroes").stdout, "heroes: as the models")
	require.Equal(t, 2, g.runJSON("verify", "-table", "heroes", "-table", "game").Status)
	require.Contains(t, g.requireRun(1, "export", "-").stderr,
		`export works on one table; choose it with -table: "heroes", "game"`)
}
