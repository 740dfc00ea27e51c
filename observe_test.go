package dynamapper

import (
	"bytes"
	"context"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

func observeInto(seen *[]Operation) func(context.Context, Operation) {
	return func(_ context.Context, o Operation) { *seen = append(*seen, o) }
}

func withoutDuration(o Operation) Operation {
	o.Duration = 0
	return o
}

// Every observer is called once for each request, with the error that the caller gets.
func TestObserversAreToldOfEachRequest(t *testing.T) {
	t.Parallel()
	heroes := heroesFrom(t, &wireClient{answers: []wireAnswer{
		{body: `{"Item":{"name":{"S":"Duke"},"level":{"N":"7"}},"ConsumedCapacity":{"TableName":"heroes","CapacityUnits":0.5}}`}, {body: `{}`},
	}})
	var one, other []Operation
	heroes.mapper.observers = append(heroes.mapper.observers, observeInto(&one),
		observeInto(&other))

	_, err := heroes.Get(t.Context(), Key("Duke"))
	require.NoError(t, err)
	_, missing := heroes.Get(t.Context(), Key("Duke"))
	require.ErrorIs(t, missing, ErrNotFound)

	require.Positive(t, one[0].Duration)
	require.Equal(t,
		Operation{Name: "GetItem", Table: "heroes", Attempts: 1, Items: 1, ReadUnits: 0.5},
		withoutDuration(one[0]))
	require.Equal(t, Operation{Name: "GetItem", Table: "heroes", Attempts: 1, Err: missing},
		withoutDuration(one[1]))
	require.Equal(t, one, other)
}

// A logger gets one debug record for each request, without values of items.
func TestLoggerRecordsEachRequest(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	heroes := heroesFrom(t,
		&wireClient{
			answers: []wireAnswer{{body: goodHero},
				{body: `{"Item":{"name":{"S":"Duke"},"level":{"S":"secret"}}}`}}})
	heroes.mapper.logger = slog.New(
		slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	_, err := heroes.Get(t.Context(), Key("Duke"))
	require.NoError(t, err)
	_, err = heroes.Get(t.Context(), Key("Duke"))
	require.Error(t, err)
	require.Equal(t, 2, bytes.Count(log.Bytes(), []byte("operation=GetItem table=heroes")))
	require.Contains(t, log.String(), "error=")
	require.NotContains(t, log.String(), "secret")
	require.NotContains(t, log.String(), "Duke")

	log.Reset()
	heroes.mapper.logger = slog.New(slog.NewTextHandler(&log, nil))
	_, err = heroes.Get(t.Context(), Key("Duke"))
	require.Error(t, err)
	require.Empty(t, log.String(), "debug records only")
}
