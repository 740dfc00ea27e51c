package stage

import (
	"context"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// Engine is the engine on which a program runs.
type Engine interface {
	// Connect makes a mapper.
	Connect(context.Context, ...dynamapper.Option) (*dynamapper.Mapper, error)
	// Config returns the configuration of a client.
	Config(context.Context) (aws.Config, error)
	// Endpoint returns the URL of the engine for another process, or "" if the environment is
	// enough.
	Endpoint() string
}

// amazon is AWS, or the endpoint of its configuration.
type amazon struct{}

func (amazon) Connect(ctx context.Context, opts ...dynamapper.Option) (*dynamapper.Mapper, error) {
	return dynamapper.Connect(ctx, opts...)
}

func (amazon) Config(ctx context.Context) (aws.Config, error) {
	return config.LoadDefaultConfig(ctx)
}

func (amazon) Endpoint() string { return "" }

// server is an engine of dynamotest.
type server struct{ running *dynamotest.Server }

func (s server) Connect(
	ctx context.Context, opts ...dynamapper.Option,
) (*dynamapper.Mapper, error) {
	return s.running.Mapper(ctx, opts...)
}

func (s server) Config(context.Context) (aws.Config, error) { return s.running.Config(), nil }

func (s server) Endpoint() string { return s.running.Endpoint() }

// Running is an engine on which a program runs, and its end.
type Running struct {
	Engine
	Where string
	Close func() error
}

// Start returns the engine that the environment names: the one at AWS_ENDPOINT_URL_DYNAMODB, or AWS
// if AWS_PROFILE or AWS_REGION is set. If it names none, Start returns an engine in this process.
func Start(ctx context.Context, cost string) (*Running, error) {
	if os.Getenv("AWS_ENDPOINT_URL_DYNAMODB") == "" {
		for _, variable := range []string{"AWS_PROFILE", "AWS_REGION"} {
			if value := os.Getenv(variable); value != "" {
				return awsEngine("AWS, or the endpoint of its configuration, because " + variable +
					" is set (" + value + "); without flags it costs " + cost), nil
			}
		}
	}
	running, err := dynamotest.Start(ctx)
	if err != nil {
		return nil, err
	}
	where := "the engine, started for this run"
	if running.Engine() == nil {
		where = running.Endpoint() + ", because AWS_ENDPOINT_URL_DYNAMODB is set"
	}
	return &Running{Engine: server{running}, Where: where, Close: running.Close}, nil
}

func awsEngine(where string) *Running {
	return &Running{Engine: amazon{}, Where: where, Close: func() error { return nil }}
}
