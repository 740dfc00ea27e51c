package moving

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/github.com/aws/aws-sdk-go-v2/otelaws"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// spans is a tracer that records the names of its spans.
type spans struct {
	noop.Tracer
	mu    sync.Mutex
	names []string
}

// provider provides one tracer.
type provider struct {
	noop.TracerProvider
	tracer trace.Tracer
}

func (p provider) Tracer(string, ...trace.TracerOption) trace.Tracer { return p.tracer }

func (s *spans) Start(
	ctx context.Context, name string, opts ...trace.SpanStartOption,
) (context.Context, trace.Span) {
	s.mu.Lock()
	s.names = append(s.names, name)
	s.mu.Unlock()
	return s.Tracer.Start(ctx, name, opts...)
}

// traced is a model whose requests are traced.
type traced struct {
	dynamapper.Model `dynamo:"traced"`
	Name             string `dynamo:"name,hash"`
	Score            int    `dynamo:"score"`
}

// OpenTelemetry's middleware traces every request of a mapper, as it does without a mapper. Such a
// client has no pipeline of the mapper's own, which calls no middleware.
func TestOpenTelemetryTracesEachRequest(t *testing.T) {
	t.Parallel()
	ctx, recorded := t.Context(), &spans{}
	cfg := dynamotest.Run(t).Config()
	otelaws.AppendMiddlewares(&cfg.APIOptions,
		otelaws.WithTracerProvider(provider{tracer: recorded}))
	operations := []string{}
	m, err := dynamapper.New(dynamodb.NewFromConfig(cfg), dynamapper.WithObserver(
		func(_ context.Context, o dynamapper.Operation) {
			operations = append(operations, "DynamoDB."+o.Name)
			require.False(t, o.OwnPipeline)
		}))
	require.NoError(t, err)
	table, err := dynamapper.TableOf[traced](m)
	require.NoError(t, err)
	require.NoError(t, table.EnsureTable(ctx))
	recorded.names, operations = nil, nil
	for range 3 { // the first request is the one that a pipeline would learn from
		item := &traced{Name: "waldo", Score: 7}
		require.NoError(t, table.Save(ctx, item))
		_, err = table.Update(dynamapper.Key("waldo")).Add("score", 1).Run(ctx)
		require.NoError(t, err)
		_, err = table.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
		require.NoError(t, err)
		_, err = table.Query("waldo").Collect(ctx)
		require.NoError(t, err)
		require.NoError(t, table.DeleteKey(ctx, dynamapper.Key("waldo")))
		_, err = table.Get(ctx, dynamapper.Key("nobody"))
		require.True(t, errors.Is(err, dynamapper.ErrNotFound))
	}
	require.Len(t, recorded.names, 18)
	require.Equal(t, operations, recorded.names)
}
