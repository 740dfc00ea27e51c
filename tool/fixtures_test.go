package tool

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/engine"
)

type hero struct {
	dynamapper.Model `dynamo:"heroes"`

	Login string         `dynamo:"login,hash"`
	Guild string         `dynamo:"guild" index:"by-guild,hash"`
	Level int            `dynamo:"level"`
	Bag   map[string]int `dynamo:"bag"`
	Until time.Time      `dynamo:"until,ttl"`
}

// oldHero is a hero before the index and the TTL, with level stored under another name.
type oldHero struct {
	dynamapper.Model `dynamo:"heroes"`

	Login string `dynamo:"login,hash"`
	Guild string `dynamo:"guild"`
	Rank  int    `dynamo:"rank"`
}

func (*hero) MigrateItem(raw map[string]types.AttributeValue) error {
	if rank, old := raw["rank"]; old {
		raw["level"] = rank
		delete(raw, "rank")
	}
	return nil
}

// user and login share a table.
type user struct {
	dynamapper.Model `dynamo:"game,entity=user"`

	_     dynamapper.Computed `dynamo:"pk,hash,format=USER#{name}"`
	_     dynamapper.Computed `dynamo:"sk,range,format=USER"`
	Name  string              `dynamo:"name"`
	Coins int                 `dynamo:"coins"`
}

type visit struct {
	dynamapper.Model `dynamo:"game,entity=visit"`

	_    dynamapper.Computed `dynamo:"pk,hash,format=USER#{name}"`
	_    dynamapper.Computed `dynamo:"sk,range,format=VISIT#{day}"`
	Name string              `dynamo:"name"`
	Day  string              `dynamo:"day"`
}

// game is a command on an engine of its own.
type game struct {
	t      *testing.T
	server *dynamotest.Server
	mapper *dynamapper.Mapper
	models []Model
	stdin  string
}

// lineTo replaces the mapper by one of a line with faults.
func (g *game) lineTo() *dynamotest.Faults {
	line := dynamotest.NewFaults()
	mapper, err := dynamapper.Connect(g.t.Context(), dynamapper.WithConfig(line.Config(g.server)))
	require.NoError(g.t, err)
	g.mapper = mapper
	return line
}

// newGame returns a command of the models. The engine responds to equal requests in the same way.
func newGame(t *testing.T, models ...Model) *game {
	server, err := dynamotest.StartEngine(engine.WithSeed(0))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	mapper, err := server.Mapper(t.Context())
	require.NoError(t, err)
	return &game{t: t, server: server, mapper: mapper, models: models}
}

func newHeroes(t *testing.T) *game { return newGame(t, ModelOf[hero]()) }

// outcome is what a command has done.
type outcome struct {
	status         int
	stdout, stderr string
}

func (g *game) run(args ...string) outcome { return g.runIn(g.t.Context(), args...) }

func (g *game) runIn(ctx context.Context, args ...string) outcome {
	g.t.Helper()
	connect := func(context.Context) (*dynamapper.Mapper, error) { return g.mapper, nil }
	var stdout, stderr bytes.Buffer
	if g.stdin == "" {
		status := Run(ctx, args, &stdout, &stderr, connect, g.models...)
		return outcome{status, stdout.String(), stderr.String()}
	}
	r := &run{args: args, stdout: &stdout, stderr: &stderr, stdin: strings.NewReader(g.stdin),
		connect: connect, models: g.models}
	return outcome{r.run(ctx), stdout.String(), stderr.String()}
}

// runJSON runs a command with -json and returns the result.
func (g *game) runJSON(command string, args ...string) (r result) {
	g.t.Helper()
	got := g.run(append([]string{command, "-json"}, args...)...)
	require.NoError(g.t, json.Unmarshal([]byte(got.stdout), &r), "%s%s", got.stdout, got.stderr)
	require.Equal(g.t, got.status, r.Status)
	require.Equal(g.t, command, r.Command)
	return r
}

// requireRun runs a command and compares its status.
func (g *game) requireRun(status int, args ...string) outcome {
	g.t.Helper()
	got := g.run(args...)
	require.Equal(g.t, status, got.status, "%s%s", got.stdout, got.stderr)
	return got
}

func table[T dynamapper.IsModel](g *game) *dynamapper.Table[T] {
	made, err := dynamapper.TableOf[T](g.mapper)
	require.NoError(g.t, err)
	return made
}

// create makes the table of a model.
func create[T dynamapper.IsModel](g *game) *dynamapper.Table[T] {
	made := table[T](g)
	require.NoError(g.t, made.EnsureTable(g.t.Context()))
	return made
}

// createOldHeroes makes the table of the older version with n items.
func createOldHeroes(g *game, n int) {
	heroes := create[oldHero](g)
	for i := range n {
		require.NoError(g.t, heroes.Save(g.t.Context(),
			&oldHero{Login: fmt.Sprintf("hero-%03d", i), Guild: "owls", Rank: i + 1}))
	}
}

// put stores an item as it is, given as JSON of the protocol.
func (g *game) put(table, text string) {
	g.t.Helper()
	stored, err := parseItem(text)
	require.NoError(g.t, err)
	_, err = g.mapper.Client().PutItem(g.t.Context(),
		&dynamodb.PutItemInput{TableName: &table, Item: stored})
	require.NoError(g.t, err)
}

// lines returns the items of a table as sorted lines of an export.
func (g *game) lines(table string) []string {
	out, err := g.mapper.Client().Scan(g.t.Context(),
		&dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)})
	require.NoError(g.t, err)
	lines := []string{}
	for _, one := range out.Items {
		line, err := appendLine(nil, one)
		require.NoError(g.t, err)
		lines = append(lines, strings.TrimSpace(string(line)))
	}
	slices.Sort(lines)
	return lines
}

// file writes a file of the test and returns its path.
func (g *game) file(name string, lines ...string) string {
	path := filepath.Join(g.t.TempDir(), name)
	require.NoError(g.t, os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600))
	return path
}
