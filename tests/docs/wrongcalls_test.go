package docs

import (
	"fmt"
	"go/importer"
	gotoken "go/token"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A call with an option that it does not take does not compile.
func TestWrongCallsDoNotCompile(t *testing.T) {
	t.Parallel()
	compile := compiler(t)
	save := "_ = players.Save(ctx, nil, dynamapper.%s)\n"
	remove := "_ = players.Delete(ctx, nil, dynamapper.%s)\n"
	removeKey := "_ = players.DeleteKey(ctx, dynamapper.Key(1), dynamapper.%s)\n"
	modify := "_, _ = players.Modify(ctx, dynamapper.Key(1), nil, dynamapper.%s)\n"
	batch := "_ = players.BatchSave(ctx, nil, dynamapper.%s)\n"
	take := "_, _ = players.Take(ctx, dynamapper.Key(1), dynamapper.%s)\n"
	replace := "_, _ = players.Replace(ctx, nil, dynamapper.%s)\n"
	removeAll := "_ = players.DeleteItems(ctx, nil, dynamapper.%s)\n"
	several := "_ = mapper.BatchWrite(ctx, dynamapper.%s)\n"
	stage := "_ = players.In(nil).Save(nil, dynamapper.%s)\n"
	stageKey := "_ = players.In(nil).DeleteKey(dynamapper.Key(1), dynamapper.%s)\n"
	put := "_ = players.In(nil).Put(nil, dynamapper.%s)\n"
	fetch := "_ = players.Fetch(dynamapper.Key(1), dynamapper.%s)\n"
	run := "_ = mapper.RunTransaction(ctx, nil, dynamapper.%s)\n"
	defaults := "_, _ = dynamapper.TableOf[Player](mapper, dynamapper.Defaults(dynamapper.%s))\n"
	all := []string{save, remove, removeKey, take, replace, modify, batch, removeAll, several,
		stage, stageKey, put, fetch, run, defaults}
	for option, takes := range map[string][]string{
		"FailOnConflict()":  {save, remove, stage, defaults},
		"ChangedOnly()":     {save, defaults},
		"MustExist()":       {save, remove, removeKey, replace, stage, stageKey, put},
		"If()":              {save, remove, removeKey, take, replace, stage, stageKey, put},
		"Idempotent()":      {save, remove, removeKey, modify, defaults},
		"LastWriterWins()":  {save, remove, replace, batch, removeAll, several},
		"LastWins()":        {batch, several},
		"Consistent()":      {fetch},
		"WithMaxRetries(1)": {run},
		"WithRegion(`a`)":   {},
		"WaitActive()":      {},
	} {
		for _, call := range all {
			code := fmt.Sprintf(call, option)
			if err := compile(code); slices.Contains(takes, call) {
				require.NoError(t, err, code)
			} else {
				require.ErrorContains(t, err, "missing method", code)
			}
		}
	}
	for _, code := range []string{
		"_, _ = players.In(nil).Update(dynamapper.Key(1)).Run(ctx)\n",
		"players.In(nil).Update(dynamapper.Key(1)).Idempotent()\n",
	} {
		require.ErrorContains(t, compile(code), "undefined", code)
	}
}

// A type that does not embed Model does not compile in TableOf, and no other type is refused.
func TestOnlyModelsCompile(t *testing.T) {
	t.Parallel()
	compile := compiler(t)
	for _, model := range []string{
		"struct{ Login string }", "struct{ Model dynamapper.Model }",
		"struct{ dynamapper.PrimaryKey }", "string", "any",
		"struct{ dynamapper.Model; Base struct{ dynamapper.Model } }", "Player", "Deep",
		"struct{ *Deep }", "*Player",
		"struct { dynamapper.Model; Deep }",
	} {
		code := "type Base struct{ dynamapper.Model }\ntype Deep struct{ Base }\n" +
			"var _, _ = dynamapper.TableOf[" + model + "](nil)\n"
		err := compile(code)
		if strings.Contains(model, "{ dynamapper.Model") || strings.Contains(model, "Player") ||
			strings.Contains(model, "Deep") {
			require.NoError(t, err, code)
		} else {
			require.ErrorContains(t, err, "missing method embedsModel", code)
		}
	}
	wrapper := "func open[T %s](m *dynamapper.Mapper) { _, _ = dynamapper.TableOf[T](m) }\n"
	require.NoError(t, compile(fmt.Sprintf(wrapper, "dynamapper.IsModel")))
	require.ErrorContains(t, compile(fmt.Sprintf(wrapper, "any")),
		"does not satisfy dynamapper.IsModel")
	require.NoError(t,
		compile("func use[T any](t *dynamapper.Table[T]) string { return t.Name() }\n"))
}

// compiler returns a function that type-checks a block of code as the documents' blocks are.
func compiler(t *testing.T) func(code string) error {
	t.Helper()
	files := gotoken.NewFileSet()
	imports := slices.Sorted(maps.Values(guideImports))
	compiled := importer.ForCompiler(files, "gc", exportsOf(t, imports))
	return func(code string) error {
		block := guideBlock{page: "call", line: 1, code: code}
		file, err := block.parse(files)
		require.NoError(t, err, code)
		return block.check(t, files, file, compiled)
	}
}
