package dynamapper_test

import (
	"fmt"
	"go/importer"
	gotoken "go/token"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// A call with an option that it does not take does not compile.
func TestWrongCallsDoNotCompile(t *testing.T) {
	t.Parallel()
	files := gotoken.NewFileSet()
	imports := slices.Sorted(maps.Values(guideImports))
	compiled := importer.ForCompiler(files, "gc", exportsOf(t, imports))
	compile := func(code string) error {
		block := guideBlock{page: "call", line: 1, code: code}
		file, err := block.parse(files)
		require.NoError(t, err, code)
		return block.check(t, files, file, compiled)
	}
	save := "_ = players.Save(ctx, nil, dynamapper.%s)\n"
	remove := "_ = players.Delete(ctx, nil, dynamapper.%s)\n"
	removeKey := "_ = players.DeleteKey(ctx, dynamapper.Key(1), dynamapper.%s)\n"
	modify := "_, _ = players.Modify(ctx, dynamapper.Key(1), nil, dynamapper.%s)\n"
	batch := "_ = players.BatchSave(ctx, nil, dynamapper.%s)\n"
	stage := "_ = players.In(nil).Save(nil, dynamapper.%s)\n"
	stageKey := "_ = players.In(nil).DeleteKey(dynamapper.Key(1), dynamapper.%s)\n"
	defaults := "_, _ = dynamapper.TableOf[Player](mapper, dynamapper.Defaults(dynamapper.%s))\n"
	all := []string{save, remove, removeKey, modify, batch, stage, stageKey, defaults}
	for option, takes := range map[string][]string{
		"FailOnConflict()": {save, remove, stage, defaults},
		"ChangedOnly()":    {save, defaults},
		"MustExist()":      {save, remove, removeKey, stage, stageKey},
		"If()":             {save, remove, removeKey, stage, stageKey},
		"Idempotent()":     {save, remove, removeKey, modify, defaults},
		"LastWriterWins()": {save, remove, batch},
		"Consistent()":     {},
		"WaitActive()":     {},
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
