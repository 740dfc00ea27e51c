package docs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	gotoken "go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// guidePreamble declares what the fragments in the guide use: models, tables and other variables. A
// block that declares one of these names replaces the declaration here.
const guidePreamble = `package guide

type Player struct {
	dynamapper.Model
	Login, Email, Guild string
	Balance             int
	Badges              []string
	Inventory           map[string]int
	LastSeen            time.Time
	Name, Version       string
}

type Score struct {
	dynamapper.Model
	Player, Season, Guild string
	Points                int
	At                    time.Time
}

type Match struct {
	dynamapper.Model
	Player, ID string
	Day        time.Time
}

type Profile struct {
	dynamapper.Model
	Login string
}

type Purchase struct {
	dynamapper.Model
	ID, Player string
	Price      int
}

type Order struct {
	dynamapper.Model
	Player, ID, State string
	Total             int
}

type Hero struct {
	dynamapper.Model
	Name  string
	Level int
}

type Ticket struct {
	dynamapper.Model
	ID   int
	Text string
}

type Place struct {
	dynamapper.Model
	Name, City, Kind string
	Taste            []float32
}

type Decimal struct{} // of another package

func (Decimal) String() string                       { return "" }
func NewFromString(text string) (d Decimal, _ error) { return d, nil }

var (
	ctx       context.Context
	mapper    *dynamapper.Mapper
	players   *dynamapper.Table[Player]
	scores    *dynamapper.Table[Score]
	purchases *dynamapper.Table[Purchase]
	orders    *dynamapper.Table[Order]
	heroes    *dynamapper.Table[Hero]
	tickets   *dynamapper.Table[Ticket]
	places    *dynamapper.Table[Place]
	taste     []float32

	waldo, wally      *Player
	cursor, requestID string
	sku               string
	now, day          time.Time
	matches           *dynamapper.Table[Match]
	profiles          *dynamapper.Table[Profile]
	game              *dynamapper.Collection

	name, seen        string

	errTooPoor, errTryAgain, errPreconditionFailed error
)
`

// guideImports are the packages that a fragment can use without importing them.
var guideImports = map[string]string{
	"aws":        "github.com/aws/aws-sdk-go-v2/aws",
	"awshttp":    "github.com/aws/aws-sdk-go-v2/aws/transport/http",
	"cmp":        "cmp",
	"config":     "github.com/aws/aws-sdk-go-v2/config",
	"context":    "context",
	"dynamapper": "github.com/dynamapper/dynamapper",
	"dynamodb":   "github.com/aws/aws-sdk-go-v2/service/dynamodb",
	"dynamotest": "github.com/dynamapper/dynamapper/dynamotest",
	"engine":     "github.com/dynamapper/dynamapper/engine",
	"errors":     "errors",
	"fmt":        "fmt",
	"http":       "net/http",
	"json":       "encoding/json",
	"log":        "log",
	"maps":       "maps",
	"os":         "os",
	"reflect":    "reflect",
	"require":    "github.com/stretchr/testify/require",
	"retry":      "github.com/aws/aws-sdk-go-v2/aws/retry",
	"slog":       "log/slog",
	"strconv":    "strconv",
	"strings":    "strings",
	"synctest":   "testing/synctest",
	"testing":    "testing",
	"time":       "time",
	"types":      "github.com/aws/aws-sdk-go-v2/service/dynamodb/types",
}

// guideBlock is a block of Go on a page.
type guideBlock struct {
	page string
	line int // the line on which its code starts
	code string
}

// Every Go block in the README and the guide compiles: a program on its own, a fragment with the
// preamble.
func TestTheGuideCompiles(t *testing.T) {
	t.Parallel()
	blocks := guideBlocks(t)
	require.NotEmpty(t, blocks)
	files := gotoken.NewFileSet()
	imports := slices.Sorted(maps.Values(guideImports))
	parsed := make([]*ast.File, len(blocks))
	for i, block := range blocks {
		file, err := block.parse(files)
		require.NoError(t, err)
		parsed[i] = file
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			if !slices.Contains(imports, path) {
				imports = append(imports, path)
			}
		}
	}
	compiled := importer.ForCompiler(files, "gc", exportsOf(t, imports))
	for i, block := range blocks {
		if err := block.check(t, files, parsed[i], compiled); err != nil {
			t.Error(err)
		}
	}
}

var (
	openFence  = regexp.MustCompile("^\\s*```go\\s*$")
	closeFence = regexp.MustCompile("^\\s*```\\s*$")
)

func guidePages(t *testing.T) []string {
	t.Helper()
	pages, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	return append([]string{"../../README.md"}, pages...)
}

func guideBlocks(t *testing.T) []guideBlock {
	t.Helper()
	var blocks []guideBlock
	for _, page := range guidePages(t) {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		open, code := 0, []string(nil)
		for n, line := range strings.Split(string(text), "\n") {
			switch {
			case open == 0 && openFence.MatchString(line):
				open, code = n+2, nil
			case open > 0 && closeFence.MatchString(line):
				blocks = append(blocks,
					guideBlock{page: page, line: open, code: strings.Join(code, "\n") + "\n"})
				open = 0
			case open > 0:
				code = append(code, line)
			}
		}
		require.Zero(t, open, "%s: the block that begins in line %d is not closed", page, open)
	}
	return blocks
}

func (b guideBlock) isProgram() bool { return strings.HasPrefix(b.code, "package ") }

// parse reads a block as a program, as declarations, or as the body of a function. Line numbers are
// those of the page.
func (b guideBlock) parse(files *gotoken.FileSet) (*ast.File, error) {
	at := fmt.Sprintf("//line %s:%d\n", b.page, b.line)
	if b.isProgram() {
		return parser.ParseFile(files, "block.go", at+b.code, parser.SkipObjectResolution)
	}
	declarations := "package guide\n" + at + b.code
	if _, err := parser.ParseFile(gotoken.NewFileSet(), "block.go", declarations,
		parser.SkipObjectResolution); err == nil {
		return parser.ParseFile(files, "block.go", declarations, parser.SkipObjectResolution)
	}
	return parser.ParseFile(files, "block.go",
		"package guide\nfunc _() error {\n"+at+b.code+"return nil\n}\n",
		parser.SkipObjectResolution)
}

// check type-checks a block with the preamble. A fragment may leave a variable unused.
func (b guideBlock) check(
	t *testing.T, files *gotoken.FileSet, file *ast.File, compiled types.Importer,
) error {
	t.Helper()
	checked := []*ast.File{file}
	if !b.isProgram() {
		checked = append(checked, preambleFor(t, files, file))
		addImports(file)
	}
	var found []error
	settings := types.Config{Importer: compiled, Error: func(err error) {
		var wrong types.Error
		if !b.isProgram() && errors.As(err, &wrong) && wrong.Soft &&
			strings.Contains(wrong.Msg, "not used") {
			// a variable or an import; a type argument without its constraint is a soft error, too
			return
		}
		found = append(found, err)
	}}
	_, _ = settings.Check("guide", files, checked, nil) // the errors are in found
	return errors.Join(found...)
}

// preambleFor returns the preamble without the names that the block declares itself.
func preambleFor(t *testing.T, files *gotoken.FileSet, block *ast.File) *ast.File {
	t.Helper()
	preamble, err := parser.ParseFile(files, "docs_test.go's preamble", guidePreamble,
		parser.SkipObjectResolution)
	require.NoError(t, err)
	own := map[string]bool{}
	for _, decl := range block.Decls {
		for _, name := range declaredBy(decl) {
			own[name.Name] = name.Name != "_"
		}
	}
	for _, decl := range preamble.Decls {
		for _, name := range declaredBy(decl) {
			if own[name.Name] {
				name.Name = "_"
			}
		}
	}
	addImports(preamble)
	return preamble
}

func declaredBy(decl ast.Decl) (names []*ast.Ident) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Recv == nil {
			names = append(names, decl.Name)
		}
	case *ast.GenDecl:
		for _, spec := range decl.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name)
			case *ast.ValueSpec:
				names = append(names, spec.Names...)
			}
		}
	}
	return names
}

// addImports adds the imports that the file lacks.
func addImports(file *ast.File) {
	imported := map[string]bool{}
	for _, spec := range file.Imports {
		imported[spec.Path.Value] = true
	}
	added := &ast.GenDecl{Tok: gotoken.IMPORT, Lparen: 1}
	for name, path := range guideImports {
		if value := strconv.Quote(path); !imported[value] {
			spec := &ast.ImportSpec{Name: ast.NewIdent(name),
				Path: &ast.BasicLit{Kind: gotoken.STRING, Value: value}}
			added.Specs = append(added.Specs, spec)
			file.Imports = append(file.Imports, spec)
		}
	}
	file.Decls = append([]ast.Decl{added}, file.Decls...)
}

// exportsOf returns a lookup of the compiler's export data of packages. Most packages are in the
// build cache, because this test was built with them.
func exportsOf(t *testing.T, packages []string) importer.Lookup {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go",
		append([]string{"list", "-export", "-json=ImportPath,Export"}, packages...)...)
	var said bytes.Buffer
	list.Stderr = &said
	out, err := list.Output()
	require.NoError(t, err, said.String())
	exports := map[string]string{}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var listed struct{ ImportPath, Export string }
		if err := decoder.Decode(&listed); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			require.NoError(t, err)
		}
		exports[listed.ImportPath] = listed.Export
	}
	return func(path string) (io.ReadCloser, error) {
		file := exports[path]
		if file == "" {
			return nil, fmt.Errorf("go list knows nothing of %q", path)
		}
		return os.Open(file)
	}
}

var (
	guideLink    = regexp.MustCompile(`\[([^\]]*)\]\(([^)\s]+)\)`)
	guideHeading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	guideFence   = regexp.MustCompile("(?ms)^\\s*```.*?^\\s*```\\s*$")
	// a link whose text is code, or code
	guideCode   = regexp.MustCompile("\\[`[^`]*`\\]\\([^)]*\\)|`[^`\n]*`")
	namedTest   = regexp.MustCompile("^`((?:Test|Example|Fuzz)\\w+)`$")
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// Every relative link leads to an existing file and heading. A link that names a test or an example
// leads to the file that contains it.
func TestTheGuidesLinks(t *testing.T) {
	t.Parallel()
	pages := append(guidePages(t), "../../CHANGELOG.md", "../../CONTRIBUTING.md", "../../.github/SECURITY.md")
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, link := range guideLink.FindAllStringSubmatch(withoutCode(string(text)), -1) {
			if err := checkLink(page, link[1], link[2]); err != nil {
				t.Errorf("%s: %s: %v", page, link[0], err)
			}
		}
	}
}

// withoutCode removes code that looks like a link, such as a call of a generic function.
func withoutCode(text string) string {
	return guideCode.ReplaceAllStringFunc(guideFence.ReplaceAllString(text, ""),
		func(found string) string {
			if found[0] == '[' {
				return found
			}
			return ""
		})
}

func checkLink(page, text, target string) error {
	if strings.Contains(target, "://") {
		return nil
	}
	path, anchor, _ := strings.Cut(target, "#")
	file := filepath.Join(filepath.Dir(page), path)
	if path == "" {
		file = page
	}
	info, err := os.Stat(file)
	if err != nil || info.IsDir() {
		return err
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if anchor != "" && !slices.Contains(anchorsOf(string(content)), anchor) {
		return fmt.Errorf("%s has no heading #%s", file, anchor)
	}
	if named := namedTest.FindStringSubmatch(text); named != nil &&
		!strings.Contains(string(content), "func "+named[1]+"(") {
		return fmt.Errorf("%s has no %s", file, named[1])
	}
	return nil
}

// anchorsOf returns the anchors of a page's headings.
func anchorsOf(page string) (anchors []string) {
	for _, heading := range guideHeading.FindAllStringSubmatch(
		guideFence.ReplaceAllString(page, ""), -1) {
		text := notInAnchor.ReplaceAllString(strings.ToLower(heading[1]), "")
		anchors = append(anchors, strings.ReplaceAll(strings.TrimSpace(text), " ", "-"))
	}
	return anchors
}
