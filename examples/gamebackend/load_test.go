package main

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/examples/internal/stage"
	"github.com/dynamapper/dynamapper/examples/internal/stage/stagetest"
)

// shortLoad is about 300 requests, in which no client waits before it retries.
func shortLoad(faults share) loadSettings {
	s := standardLoad()
	s.players, s.steps, s.faults, s.patience = 4, 30, faults, 0
	if faults > 0 {
		s.timeout = troubledTimeout
	}
	return s
}

func TestLoad(t *testing.T) {
	t.Parallel()
	for _, faults := range []share{0, standardShare} {
		engine := stagetest.NewEngine(t)
		var out, log bytes.Buffer
		require.NoError(t, performLoadOn(t.Context(), engine, stage.NewPrinter(&out),
			shortLoad(faults),
			slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError}))))
		require.Empty(t, engine.Tables(t))
		require.Empty(t, log.String())
		require.Regexp(t, `(?m)^4 players on 8 devices played for `, out.String())
		require.Regexp(t, `(?m)^  all +([2-9]\d\d|\d{4,}) `, out.String())
		require.Regexp(t, `(?m)^  purchases made +[1-9]`, out.String())
		require.Regexp(t, `(?m)^  purchases repeated with the same id +\d`, out.String())
		require.Regexp(t, `(?m)^  at the start +800 `, out.String())
		require.Regexp(t, `(?m)^  difference +0 *$`, out.String())
		require.Contains(t, out.String(), "\nEvery coin is accounted for")
		if faults > 0 {
			require.Regexp(t, `(?m)^  writes to DynamoDB that failed +[1-9]\d`, out.String())
		}
	}
}

func TestInterruptedLoadLeavesNoTable(t *testing.T) {
	t.Parallel()
	for _, faults := range []share{0, standardShare} {
		program := newLoad(shortLoad(faults), slog.New(slog.DiscardHandler)).program()
		stagetest.RequireNoTableAfterInterrupt(t, program, "TransactWriteItems", 30)
	}
}

func TestQuantile(t *testing.T) {
	t.Parallel()
	var durations []time.Duration
	require.Zero(t, quantile(durations, 99))
	for n := range 200 {
		durations = append(durations, time.Duration(n+1))
	}
	require.Equal(t, time.Duration(100), quantile(durations, 50))
	require.Equal(t, time.Duration(198), quantile(durations, 99))
	require.Equal(t, time.Duration(1), quantile(durations[:1], 50))
	require.Equal(t, time.Duration(2), quantile(durations[:2], 99))
}
