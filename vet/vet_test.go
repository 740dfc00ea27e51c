package vet_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/vet"
	"github.com/dynamapper/dynamapper/vet/testdata/model"
)

// The packages below testdata use the mapper itself. Each line that is to be reported says so, and
// any other report of any check fails.
func TestChecks(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs(".")
	require.NoError(t, err)
	// One run for all checks: it type-checks the mapper, and all that it imports, from the source.
	all := &analysis.Analyzer{Name: "all", Doc: "runs all checks", Run: runAll}
	analysistest.Run(t, root, all, "./testdata/copy", "./testdata/err", "./testdata/loop",
		"./testdata/model", "./testdata/option", "./testdata/overwrite", "./testdata/rename",
		"./testdata/tag", "./testdata/tx")
}

func runAll(pass *analysis.Pass) (any, error) {
	for _, analyzer := range vet.Analyzers() {
		if _, err := analyzer.Run(pass); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// The mapper agrees with the checks of models: it refuses those that are reported, and no others.
func TestTheMapperRefusesWhatIsReported(t *testing.T) {
	t.Parallel()
	mapper, err := dynamapper.New(struct{ dynamapper.Client }{}) // TableOf sends nothing
	require.NoError(t, err)
	for name, err := range model.Tables(mapper) {
		if name == "NoHash" || strings.HasPrefix(name, "Wrong") {
			require.ErrorIs(t, err, dynamapper.ErrSchema, name)
		} else {
			require.NoError(t, err, name)
		}
	}
}

// Each check has a row in the guide, at the address that it names.
func TestEveryCheckIsInTheGuide(t *testing.T) {
	t.Parallel()
	require.NoError(t, analysis.Validate(vet.Analyzers()))
	page, err := os.ReadFile("../docs/vet.md")
	require.NoError(t, err)
	for _, analyzer := range vet.Analyzers() {
		require.Contains(t, string(page), "\n## "+analyzer.Name+"\n")
		require.True(t, strings.HasSuffix(analyzer.URL, "/docs/vet.md#"+analyzer.Name), analyzer.URL)
	}
}
