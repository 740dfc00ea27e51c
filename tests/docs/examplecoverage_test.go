package docs

import (
	"go/ast"
	"go/build"
	"go/doc"
	"go/parser"
	gotoken "go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// withoutExample maps a name without an example to the name that its example needs and that does
// not exist yet.
var withoutExample = map[string]string{
	"TransactionError": "Mapper.RunTransaction",
}

// Every exported function, type, method, variable and constant has an example. The name of an
// example is that of its function, type or method; a variable or constant only has to appear in
// one.
func TestEveryExportedNameHasAnExample(t *testing.T) {
	t.Parallel()
	files := gotoken.NewFileSet()
	pkg, err := doc.NewFromFiles(files, parsePackage(t, files), "github.com/dynamapper/dynamapper")
	require.NoError(t, err)
	names, values := exportedNames(pkg)
	exemplified, mentioned := exemplifiedNames(pkg)

	var missing []string
	for _, name := range names {
		if !exemplified[name] && !isWaiting(name, names) {
			missing = append(missing, name)
		}
	}
	for _, name := range values {
		if !mentioned[name] && !isWaiting(name, names) {
			missing = append(missing, name)
		}
	}
	require.Empty(t, missing,
		"exported names without an example; write ExampleName or ExampleType_Method in an "+
			"example file")
}

// isWaiting reports whether a name cannot have an example yet.
func isWaiting(name string, names []string) bool {
	needs, waits := withoutExample[name]
	return waits && !slices.Contains(names, needs)
}

// parsePackage parses the package's sources for this system, and its examples.
func parsePackage(t *testing.T, files *gotoken.FileSet) []*ast.File {
	t.Helper()
	entries, err := os.ReadDir("../..")
	require.NoError(t, err)
	var parsed []*ast.File
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasSuffix(name, ".go") ||
			strings.HasSuffix(name, "_test.go") && !strings.HasPrefix(name, "example") {
			continue
		}
		matches, err := build.Default.MatchFile("../..", name)
		require.NoError(t, err)
		if matches {
			file, err := parser.ParseFile(files, filepath.Join("../..", name), nil,
				parser.ParseComments)
			require.NoError(t, err)
			parsed = append(parsed, file)
		}
	}
	return parsed
}

// exportedNames returns the functions, types and methods ("Table.Save"), and the variables and
// constants.
func exportedNames(pkg *doc.Package) (names, values []string) {
	addValues := func(groups ...[]*doc.Value) {
		for _, value := range slices.Concat(groups...) {
			values = append(values, value.Names...)
		}
	}
	addValues(pkg.Consts, pkg.Vars)
	for _, f := range pkg.Funcs {
		names = append(names, f.Name)
	}
	for _, typ := range pkg.Types {
		names = append(names, typ.Name)
		addValues(typ.Consts, typ.Vars)
		for _, f := range typ.Funcs {
			names = append(names, f.Name)
		}
		for _, method := range typ.Methods {
			// the example of the type shows these
			if !slices.Contains([]string{"Error", "Is", "Unwrap"}, method.Name) {
				names = append(names, typ.Name+"."+method.Name)
			}
		}
	}
	return names, values
}

// exemplifiedNames returns the functions, types and methods for which go doc shows an example with
// output, and every identifier that an example uses.
func exemplifiedNames(pkg *doc.Package) (exemplified, mentioned map[string]bool) {
	exemplified, mentioned = map[string]bool{}, map[string]bool{}
	add := func(name string, examples []*doc.Example) {
		for _, example := range examples {
			exemplified[name] = exemplified[name] || example.Output != "" || example.EmptyOutput
			ast.Inspect(example.Code, func(n ast.Node) bool {
				if identifier, is := n.(*ast.Ident); is {
					mentioned[identifier.Name] = true
				}
				return true
			})
		}
	}
	add("", pkg.Examples)
	for _, f := range pkg.Funcs {
		add(f.Name, f.Examples)
	}
	for _, typ := range pkg.Types {
		add(typ.Name, typ.Examples)
		for _, f := range typ.Funcs {
			add(f.Name, f.Examples)
		}
		for _, method := range typ.Methods {
			add(typ.Name+"."+method.Name, method.Examples)
		}
	}
	return exemplified, mentioned
}
