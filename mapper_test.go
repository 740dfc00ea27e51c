package dynamapper

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"
)

func sdkClient() *dynamodb.Client { return dynamodb.New(dynamodb.Options{Region: "eu-west-1"}) }

// An invalid option or client returns an error and never panics.
func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, refused := range map[string]struct {
		client Client
		opts   []Option
		says   string
	}{
		"no client":              {nil, nil, "the client is nil"},
		"a nil *dynamodb.Client": {(*dynamodb.Client)(nil), nil, "the client is nil"},
		"a nil option":           {sdkClient(), []Option{nil}, "an option is nil"},
		"a region": {sdkClient(), []Option{WithRegion("eu-west-1")},
			"WithRegion has no effect"},
		"credentials": {sdkClient(), []Option{WithCredentials("a", "b")},
			"WithCredentials has no effect"},
		"an endpoint": {sdkClient(), []Option{WithEndpoint("http://localhost:8000")},
			"WithEndpoint has no effect"},
		"a configuration": {sdkClient(), []Option{WithConfig(aws.Config{})},
			"WithConfig has no effect"},
		"a nil logger":   {sdkClient(), []Option{WithLogger(nil)}, "the logger is nil"},
		"a nil observer": {sdkClient(), []Option{WithObserver(nil)}, "the function is nil"},
		"negative attempts": {sdkClient(), []Option{WithMaxRetries(-1)},
			"-1 is not a number of tries"},
	} {
		t.Run(name, func(t *testing.T) {
			mapper, err := New(refused.client, refused.opts...)
			require.ErrorContains(t, err, refused.says)
			require.Nil(t, mapper)
		})
	}
}

func TestNewTakesOptions(t *testing.T) {
	t.Parallel()
	mapper, err := New(sdkClient(), WithTablePrefix("eu-"), WithTablePrefix("staging-"),
		WithMaxRetries(4),
		WithObserver(func(context.Context, Operation) {}),
		WithObserver(func(context.Context, Operation) {}))
	require.NoError(t, err)
	require.Equal(t, "eu-staging-", mapper.prefix)
	require.Equal(t, 4, mapper.attempts)
	require.Len(t, mapper.observers, 2)

	mapper, err = New(sdkClient())
	require.NoError(t, err)
	require.Equal(t, MaxRetries, mapper.attempts)
}

// A table's name is the prefix followed by the name in Model's tag, or by that of WithTableName.
func TestTableNames(t *testing.T) {
	t.Parallel()
	mapper, err := New(sdkClient(), WithTablePrefix("staging-"))
	require.NoError(t, err)
	heroes, err := TableOf[hero](mapper)
	require.NoError(t, err)
	require.Equal(t, "staging-heroes", heroes.Name())
	heroes, err = TableOf[hero](mapper, WithTableName("villains"))
	require.NoError(t, err)
	require.Equal(t, "staging-villains", heroes.Name())

	_, err = TableOf[hero](mapper, WithTableName("no spaces"))
	require.ErrorIs(t, err, ErrSchema)
	_, err = TableOf[hero](mapper, WithTableName(strings.Repeat("x", 250)))
	require.ErrorIs(t, err, ErrSchema)
	_, err = TableOf[hero](nil)
	require.EqualError(t, err,
		"dynamapper: TableOf: the mapper is nil or empty; make one with Connect or New")
	_, err = TableOf[hero](&Mapper{})
	require.EqualError(t, err,
		"dynamapper: TableOf: the mapper is nil or empty; make one with Connect or New")
}

// A nil item returns an error or a zero result and does not panic.
func TestNilItems(t *testing.T) {
	t.Parallel()
	heroes := heroesFrom(t, &wireClient{responses: []wireResponse{{body: `{}`}}})
	for name, call := range map[string]func() error{
		"Save":        func() error { return heroes.Save(t.Context(), nil) },
		"Delete":      func() error { return heroes.Delete(t.Context(), nil) },
		"MarshalItem": func() error { _, err := heroes.MarshalItem(nil); return err },
		"EncodeItem":  func() error { _, err := EncodeItem[hero](nil); return err },
		"DecodeItem":  func() error { return DecodeItem[hero](nil, nil) },
	} {
		require.ErrorContains(t, call(), "the item is nil", name)
	}
	require.True(t, heroes.IsNew(nil))
	require.Nil(t, heroes.Snapshot(nil))
	require.Nil(t, heroes.ToMap(nil))
	require.Equal(t, PrimaryKey{}, heroes.KeyOf(nil))
}

// Get from a fake that ignores the option functions and returns no item returns ErrNotFound.
func TestAFakeWithoutItems(t *testing.T) {
	t.Parallel()
	mapper, err := New(emptyClient{})
	require.NoError(t, err)
	heroes, err := TableOf[hero](mapper)
	require.NoError(t, err)
	_, err = heroes.Get(t.Context(), Key("Duke"))
	require.ErrorIs(t, err, ErrNotFound)
}

// emptyClient is a fake as a user writes it: it embeds Client and defines the methods that its test
// needs.
type emptyClient struct{ Client }

func (emptyClient) GetItem(
	context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	return &dynamodb.GetItemOutput{}, nil
}

// A nil context returns an error in every operation on items and does not panic.
func TestNilContexts(t *testing.T) {
	t.Parallel()
	heroes := heroesFrom(t, &wireClient{responses: []wireResponse{{body: `{}`}}})
	var none context.Context
	_, get := heroes.Get(none, Key("x"))
	_, query := heroes.Query("x").Collect(none)
	_, scan := heroes.Scan().Collect(none)
	_, batch := heroes.BatchGet(none, Keys("x"))
	for name, err := range map[string]error{
		"Get": get, "Query": query, "Scan": scan, "BatchGet": batch,
		"Save":      heroes.Save(none, &hero{Name: "x"}),
		"Delete":    heroes.Delete(none, &hero{Name: "x"}),
		"DeleteKey": heroes.DeleteKey(none, Key("x")),
	} {
		require.ErrorIs(t, err, errNilContext, name)
	}
}

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
	heroes := heroesFrom(t, &wireClient{responses: []wireResponse{
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
	require.Equal(t, Operation{Name: "GetItem", Table: "heroes", Attempts: 1, Err: missing,
		OwnPipeline: true}, // the first request is the SDK's
		withoutDuration(one[1]))
	require.Equal(t, one, other)
}

// A logger gets one debug record for each request, without values of items.
func TestLoggerRecordsEachRequest(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	heroes := heroesFrom(t,
		&wireClient{
			responses: []wireResponse{{body: goodHero},
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
