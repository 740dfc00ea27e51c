// Package stagetest is the common part of the tests of the example programs.
package stagetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

// Engine is the engine of the tests. Each test has its own tables.
type Engine struct {
	Prefix  string                     // of the tables' names
	Observe func(dynamapper.Operation) // called for each request
	server  *dynamotest.Server
}

// NewEngine returns an engine without tables for a test.
func NewEngine(t *testing.T) *Engine {
	return &Engine{
		server: dynamotest.Run(t), Prefix: strings.ToLower(rand.Text()) + "-",
		Observe: func(dynamapper.Operation) {},
	}
}

// Connect implements stage.Engine.
func (e *Engine) Connect(
	ctx context.Context, opts ...dynamapper.Option,
) (*dynamapper.Mapper, error) {
	observe := func(_ context.Context, operation dynamapper.Operation) { e.Observe(operation) }
	own := []dynamapper.Option{dynamapper.WithTablePrefix(e.Prefix),
		dynamapper.WithObserver(observe)}
	return e.server.Mapper(ctx, append(own, opts...)...)
}

// Config implements stage.Engine. The SDK does not wait between retries.
func (e *Engine) Config(context.Context) (aws.Config, error) {
	cfg := e.server.Config()
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) {
				return 0, nil
			})
		})
	}
	return cfg, nil
}

// Endpoint implements stage.Engine.
func (e *Engine) Endpoint() string { return e.server.Endpoint() }

// Tables lists the tables that the test has left.
func (e *Engine) Tables(t *testing.T) []string {
	t.Helper()
	var left []string
	pages := dynamodb.NewListTablesPaginator(dynamodb.NewFromConfig(e.server.Config()),
		&dynamodb.ListTablesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.WithoutCancel(t.Context()))
		require.NoError(t, err)
		for _, table := range page.TableNames {
			if strings.HasPrefix(table, e.Prefix) {
				left = append(left, table)
			}
		}
	}
	return left
}

// NewStage returns a stage with an empty table, which is deleted at the end of the test.
func NewStage[T dynamapper.IsModel](t *testing.T) (*stage.Stage, *dynamapper.Table[T]) {
	t.Helper()
	s := &stage.Stage{Printer: stage.NewPrinter(io.Discard), Engine: NewEngine(t)}
	s.Mapper = dynamotest.Mapper(t, dynamapper.WithObserver(s.Meter.Observe))
	table, err := dynamapper.TableOf[T](s.Mapper)
	require.NoError(t, err)
	require.NoError(t, table.CreateTable(t.Context(), dynamapper.WaitActive()))
	return s, table
}

// deletedLine is the last line that a program prints.
var deletedLine = regexp.MustCompile(`\nThe tables? (is|are) deleted\.\n$`)

// RequireLines checks that the program prints lines that match these regular expressions in order,
// and leaves no table.
func RequireLines(t *testing.T, program stage.Program, engine *Engine, lines []string) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, program.Perform(t.Context(), engine, stage.NewPrinter(&out)))
	require.Empty(t, engine.Tables(t))
	for _, line := range lines {
		found := regexp.MustCompile("(?m)^" + line + "$").FindIndex(out.Bytes())
		require.NotNil(t, found, "the line %q is missing or in a wrong place; the rest:\n%s", line,
			&out)
		out.Next(found[1])
	}
}

// RequireNoTableAfterInterrupt interrupts the program after the nth response to a request of this
// name.
func RequireNoTableAfterInterrupt(t *testing.T, program stage.Program, at string, nth int64) {
	t.Helper()
	engine := NewEngine(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var seen atomic.Int64
	engine.Observe = func(operation dynamapper.Operation) {
		if operation.Name == at && seen.Add(1) == nth {
			cancel()
		}
	}
	var out bytes.Buffer
	require.ErrorIs(t, program.Perform(ctx, engine, stage.NewPrinter(&out)), context.Canceled)
	require.Regexp(t, deletedLine, out.String())
	require.Empty(t, engine.Tables(t))
}

// RequireRefused checks that the program ends with a line on stderr that matches the regular
// expression.
func RequireRefused(t *testing.T, program stage.Program, args, line string) {
	t.Helper()
	var stderr bytes.Buffer
	require.Equal(t, 1, program.Run(t.Context(), strings.Fields(args), io.Discard, &stderr), args)
	require.Regexp(t, "^"+line+"\n$", stderr.String())
}

// RequireHelp checks that -help prints this line.
func RequireHelp(t *testing.T, program stage.Program, line string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, program.Run(t.Context(), []string{"-help"}, &stdout, &stderr))
	require.Contains(t, stdout.String(), line)
	require.Empty(t, stderr.String())
}

// RequireRun runs the program as a user does, with flags, and returns its output.
func RequireRun(t *testing.T, program stage.Program, args ...string) string {
	t.Helper()
	endpoint := dynamotest.Run(t).Endpoint()
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
	var stdout, stderr bytes.Buffer
	require.Equal(t, 0, program.Run(t.Context(), args, &stdout, &stderr), stderr.String())
	require.Contains(t, stdout.String(),
		program.Title+"\nThis runs on "+endpoint+", because AWS_ENDPOINT_URL_DYNAMODB is set.\n")
	require.Regexp(t, deletedLine, stdout.String())
	require.Empty(t, stderr.String())
	return stdout.String()
}

// RequireShownCodeRuns compares each line of code that the program prints with the code of its
// scenes, in the current folder.
func RequireShownCodeRuns(t *testing.T, atLeast int) {
	t.Helper()
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
	shown = append(shown,
		regexp.MustCompile("s\\.Code\\(`(.*)`\\)").FindAllStringSubmatch(code.String(), -1)...)
	require.GreaterOrEqual(t, len(shown), atLeast)
	ran := regexp.MustCompile("`[^`]*`").ReplaceAllString(code.String(), "")
	for _, line := range shown {
		statement, _, _ := strings.Cut(line[1], "//")
		statement = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(statement), "err :="))
		statement = strings.TrimSpace(strings.TrimPrefix(statement, "err ="))
		if statement != "..." {
			require.True(t, strings.Contains(ran, statement), "no scene runs %q", statement)
		}
	}
}
