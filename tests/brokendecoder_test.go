package tests

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// panickingProtocol panics when it deserializes a response, as the SDK does for some malformed
// responses.
type panickingProtocol struct {
	smithyhttp.ClientProtocol
	panics *atomic.Bool
}

func (p panickingProtocol) DeserializeResponse(
	ctx context.Context, operation *smithy.OperationSchema, registry *smithy.TypeRegistry,
	response *smithyhttp.Response, out smithy.Deserializable,
) error {
	if p.panics.Load() {
		panic("slice bounds out of range")
	}
	return p.ClientProtocol.DeserializeResponse(ctx, operation, registry, response, out)
}

// panickingTable returns a table whose client panics in its decoder while the flag is set.
func panickingTable[T dynamapper.IsModel](
	t *testing.T,
) (players *dynamapper.Table[T], mapper *dynamapper.Mapper, panics *atomic.Bool) {
	t.Helper()
	panics = new(atomic.Bool)
	client := dynamodb.NewFromConfig(fixtures.LineConfig(t, dynamotest.NewFaults()),
		func(o *dynamodb.Options) {
			o.Protocol = panickingProtocol{o.Protocol, panics}
		})
	mapper, err := dynamapper.New(client, dynamapper.WithMaxRetries(2))
	require.NoError(t, err)
	players, err = dynamapper.TableOf[T](
		mapper,
		dynamapper.WithTableName(fixtures.TableOf[T](t).Name()),
	)
	require.NoError(t, err)
	return players, mapper, panics
}

// If the SDK's decoder panics on the response to a write, the write may have been applied, so its
// outcome is unknown.
func TestADecoderThatPanicsAtAWrite(t *testing.T) {
	t.Parallel()
	players, mapper, panics := panickingTable[player](t)
	ctx, key := t.Context(), dynamapper.Key("waldo")
	require.NoError(t,
		players.BatchSave(ctx,
			[]*player{{Login: "waldo", Balance: 200}, {Login: "wally", Balance: 200}}))
	loaded := fixtures.Load(t, players, "wally")
	loaded.Balance = 150
	panics.Store(true)
	for name, write := range map[string]func() error{
		"Save": func() error { return players.Save(ctx, &player{Login: "a"}) },
		"Save, new": func() error {
			return players.Save(ctx, &player{Login: "b"},
				dynamapper.FailOnConflict())
		},
		"Save, old": func() error {
			return players.Save(ctx, loaded,
				dynamapper.FailOnConflict())
		},
		"Save, once": func() error {
			return players.Save(ctx, &player{Login: "c"},
				dynamapper.Idempotent())
		},
		"DeleteKey": func() error { return players.DeleteKey(ctx, dynamapper.Key("z")) },
		"Update": func() error {
			_, err := players.Update(key).Add("balance", -1).
				Run(ctx)
			return err
		},
		"BatchSave":   func() error { return players.BatchSave(ctx, []*player{{Login: "d"}}) },
		"BatchDelete": func() error { return players.BatchDelete(ctx, dynamapper.Keys("d")) },
		"RunTransaction": func() error {
			return mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
				players.In(tx).Save(&player{Login: "e"})
				return nil
			})
		},
	} {
		err := write()
		require.ErrorIs(t, err, dynamapper.ErrUnknownOutcome, name)
		fixtures.RequireUndecided(t, err)
		require.ErrorContains(t, err,
			"the response is malformed: the SDK's decoder panicked: slice bounds out of range",
			name)
	}
	panics.Store(false)
	require.Equal(t, 199, fixtures.Load(t, players, "waldo").Balance, "it was applied once")
	require.Equal(t, 150, fixtures.Load(t, players, "wally").Balance)
}

// If the SDK's decoder panics on another response, the call returns an error.
func TestADecoderThatPanics(t *testing.T) {
	t.Parallel()
	players, _, panics := panickingTable[player](t)
	panics.Store(true)
	ctx := t.Context()
	for name, call := range map[string]func() error{
		"Verify":      func() error { return players.Verify(ctx) },
		"EnsureTable": func() error { return players.EnsureTable(ctx) },
		"CreateTable": func() error { return players.CreateTable(ctx) },
		"Count":       func() error { _, err := players.Scan().Count(ctx); return err },
	} {
		require.ErrorContains(t, call(), "the response is malformed", name)
	}
}

// A response that makes the SDK's decoder panic does not end the program.
func TestAResponseThatTheSDKPanicsAt(t *testing.T) {
	t.Parallel()
	players, _, line, _ := fixtures.FaultyTable[player](t)
	line.Each(
		"BatchWriteItem",
		fixtures.Always(
			func(*http.Request, func() (*http.Response, error)) (*http.Response, error) {
				return fixtures.RawResponse(
					http.StatusOK,
					`{"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"a":{"S":"x"}}}},{"teRequest":{"Key":{"":"1"}}}}]},`+
						`"ConsumedCapacity":[{"TableName":"t","CapacityUnits":1}]}`,
				), nil
			},
		),
	)
	err := players.BatchSave(t.Context(), []*player{{Login: "waldo"}})
	require.ErrorIs(t, err, dynamapper.ErrUnknownOutcome)
}
