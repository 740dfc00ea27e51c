package stage_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
	"github.com/dynamapper/dynamapper/examples/internal/stage/stagetest"
)

type prop struct {
	dynamapper.Model `dynamo:"props"`
	Name             string `dynamo:"name,hash"`
}

// play returns a program of these scenes.
func play(scenes ...stage.Scene) stage.Program {
	return stage.Program{
		Name: "play", Title: "A play.", Cost: "nothing",
		Flags: func(flags *stage.Flags) { flags.Int(new(int), "acts", "number of acts", 3, 1, 5) },
		Play: func(ctx context.Context, s *stage.Stage) error {
			props, err := dynamapper.TableOf[prop](s.Mapper)
			if err != nil {
				return err
			}
			say := func(context.Context) error { s.Say("Curtain up."); return nil }
			return s.PlayOn(ctx, props, append([]stage.Scene{say}, scenes...)...)
		},
	}
}

func TestPerform(t *testing.T) {
	t.Parallel()
	engine := stagetest.NewEngine(t)
	stagetest.RequireLines(t, play(), engine, []string{
		"Its table is " + engine.Prefix + `play-\w{10}-props; it is deleted at the end\.`,
		`Curtain up\.`, "", `The table is deleted\.`,
	})
}

// costume has its own table, besides that of prop.
type costume struct {
	dynamapper.Model `dynamo:"costumes"`
	Name             string `dynamo:"name,hash"`
}

// costumed returns a program with two tables.
func costumed(scene stage.Scene) stage.Program {
	program := play()
	program.Play = func(ctx context.Context, s *stage.Stage) error {
		props, err := dynamapper.TableOf[prop](s.Mapper)
		if err != nil {
			return err
		}
		costumes, err := dynamapper.TableOf[costume](s.Mapper)
		if err != nil {
			return err
		}
		return s.PlayOnAll(ctx, []stage.Table{props, costumes}, scene)
	}
	return program
}

func TestPerformOnTwoTables(t *testing.T) {
	t.Parallel()
	engine := stagetest.NewEngine(t)
	scene := func(context.Context) error { require.Len(t, engine.Tables(t), 2); return nil }
	stagetest.RequireLines(t, costumed(scene), engine, []string{
		"Its tables are " + engine.Prefix + `play-\w{10}-props, ` + engine.Prefix +
			`play-\w{10}-costumes; they are deleted at the end\.`,
		"", `The tables are deleted\.`,
	})
}

func TestInterruptBetweenTwoTablesLeavesNone(t *testing.T) {
	t.Parallel()
	for nth := range int64(2) {
		stagetest.RequireNoTableAfterInterrupt(t, costumed(func(ctx context.Context) error {
			return ctx.Err()
		}), "CreateTable", nth+1)
	}
}

func TestPerformThroughALine(t *testing.T) {
	t.Parallel()
	line := dynamotest.NewFaults()
	program := play()
	program.Line = line
	stagetest.RequireLines(t, program, stagetest.NewEngine(t), []string{`Curtain up\.`})
	require.Equal(t, 1, line.Sent("CreateTable"))
}

// Another process finds the engine by its environment alone.
func TestEnvironment(t *testing.T) {
	on, props := stagetest.NewStage[prop](t)
	require.NoError(t, props.Save(t.Context(), &prop{Name: "skull"}))
	t.Setenv("AWS_PROFILE", "there is none such")
	t.Setenv("AWS_ACCESS_KEY_ID", "ANOTHER")
	t.Setenv("AWS_SESSION_TOKEN", "another")
	environment, err := on.Environment(t.Context())
	require.NoError(t, err)
	for _, variable := range environment {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	other, err := dynamapper.Connect(t.Context(),
		dynamapper.WithTablePrefix(strings.TrimSuffix(props.Name(), "props")))
	require.NoError(t, err)
	there, err := dynamapper.TableOf[prop](other)
	require.NoError(t, err)
	_, err = there.Get(t.Context(), dynamapper.Key("skull"), dynamapper.Consistent())
	require.NoError(t, err)
}

func TestFailureLeavesNoTable(t *testing.T) {
	t.Parallel()
	engine := stagetest.NewEngine(t)
	failure := errors.New("the prompter is asleep")
	later := func(context.Context) error {
		t.Error("a scene after the failure was played")
		return nil
	}
	program := play(func(context.Context) error { return failure }, later)
	var out bytes.Buffer
	require.ErrorIs(t, program.Perform(t.Context(), engine, stage.NewPrinter(&out)), failure)
	require.Contains(t, out.String(), "The table is deleted.")
	require.Empty(t, engine.Tables(t))
}

func TestInterruptLeavesNoTable(t *testing.T) {
	t.Parallel()
	program := play(func(ctx context.Context) error { return ctx.Err() })
	stagetest.RequireNoTableAfterInterrupt(t, program, "CreateTable", 1)
}

func TestInterruptBeforeThePlayCreatesNoTable(t *testing.T) {
	t.Parallel()
	engine := stagetest.NewEngine(t)
	engine.Observe = func(operation dynamapper.Operation) {
		t.Error("a request was sent:", operation.Name)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out bytes.Buffer
	require.ErrorIs(t, play().Perform(ctx, engine, stage.NewPrinter(&out)), context.Canceled)
	require.Empty(t, out.String())
}

// closedPipe accepts some writes, and then no more.
type closedPipe struct{ takes int }

func (c *closedPipe) Write(text []byte) (int, error) {
	if c.takes--; c.takes < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(text), nil
}

func TestClosedOutputLeavesNoTable(t *testing.T) {
	t.Parallel()
	for _, takes := range []int{0, 1} {
		engine := stagetest.NewEngine(t)
		later := func(context.Context) error {
			t.Error("a scene was played that nobody sees")
			return nil
		}
		err := play(later).Perform(t.Context(), engine, stage.NewPrinter(&closedPipe{takes: takes}))
		require.ErrorIs(t, err, io.ErrClosedPipe)
		require.Empty(t, engine.Tables(t))
	}
}

func TestRunInterrupted(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", dynamotest.Run(t).Endpoint())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr bytes.Buffer
	require.Equal(t, 1, play().Run(ctx, nil, io.Discard, &stderr))
	require.Equal(t, "play: interrupted: context canceled\n", stderr.String())
}

func TestRunFails(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	for _, failure := range []struct{ args, want string }{
		{"", `play: dynamapper: CreateTable: table "play-\w+-props": the endpoint ` +
			`http://127\.0\.0\.1:1 cannot be reached.*`},
		{"-act 2", `play: flag provided but not defined: -act; see -help`},
		{"-acts two", `play: invalid value "two" for flag -acts: parse error; see -help`},
		{"-acts 0", `play: -acts is 0; give 1 to 5`},
		{"-acts 6", `play: -acts is 6; give 1 to 5`},
		{"2", `play: there is no argument "2"; see -help`},
	} {
		stagetest.RequireRefused(t, play(), failure.args, failure.want)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	stagetest.RequireHelp(t, play(),
		"Usage: play [-acts n]\n  -acts int\n    \tnumber of acts, 1 to 5 (default 3)\n")
}

func TestMeter(t *testing.T) {
	t.Parallel()
	var meter stage.Meter
	empty := meter.Since()
	require.Zero(t, empty().Total())
	meter.Observe(t.Context(), dynamapper.Operation{Name: "PutItem", Attempts: 2, WriteUnits: 1})
	since := meter.Since()
	meter.Observe(t.Context(), dynamapper.Operation{Name: "PutItem", Attempts: 1, WriteUnits: 2})
	meter.Observe(t.Context(), dynamapper.Operation{Name: "Query", Attempts: 1, Items: 9,
		ReadUnits: 0.5})
	require.Equal(t, stage.Bill{"PutItem": {Requests: 1, WriteUnits: 2},
		"Query": {Requests: 1, Items: 9, ReadUnits: 0.5}}, since())
	require.Equal(t, stage.Usage{Requests: 2, Items: 9, ReadUnits: 0.5, WriteUnits: 2},
		since().Total())
	require.Equal(t, stage.Usage{Requests: 4, Items: 9, ReadUnits: 0.5, WriteUnits: 3},
		empty().Total())
}

func TestTogetherEndsWithTheFirstError(t *testing.T) {
	t.Parallel()
	failure := errors.New("stage fright")
	meeting := stage.NewMeeting(3) // the third never joins
	err := stage.Together(t.Context(), []func(context.Context) error{
		func(context.Context) error { return failure }, meeting.Join,
	})
	require.ErrorIs(t, err, failure)
}

func TestNotRefused(t *testing.T) {
	t.Parallel()
	require.EqualError(t, stage.NotRefused("the save", nil), "the save should have been refused")
	require.ErrorIs(t, stage.NotRefused("the save", io.EOF), io.EOF)
}
