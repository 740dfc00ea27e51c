package stage

import (
	"context"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// Engine is where a program plays.
type Engine interface {
	// Connect makes a mapper.
	Connect(context.Context, ...dynamapper.Option) (*dynamapper.Mapper, error)
	// Config is for a client of one's own.
	Config(context.Context) (aws.Config, error)
}

// amazon is AWS itself, or what its configuration says.
type amazon struct{}

func (amazon) Connect(ctx context.Context, opts ...dynamapper.Option) (*dynamapper.Mapper, error) {
	return dynamapper.Connect(ctx, opts...)
}

func (amazon) Config(ctx context.Context) (aws.Config, error) { return config.LoadDefaultConfig(ctx) }

// server is an engine of dynamotest.
type server struct{ running *dynamotest.Server }

func (s server) Connect(ctx context.Context, opts ...dynamapper.Option) (*dynamapper.Mapper, error) {
	return s.running.Mapper(ctx, opts...)
}

func (s server) Config(context.Context) (aws.Config, error) { return s.running.Config(), nil }

// Running is an engine on which a program runs, and until when.
type Running struct {
	Engine
	Where string
	Close func() error
}

// Start decides by the environment, in this order: the endpoint of AWS_ENDPOINT_URL_DYNAMODB; AWS itself, where
// AWS_PROFILE or AWS_REGION is set; else DynamoDB Local, started for this run.
func Start(ctx context.Context, cost string) (*Running, error) {
	if os.Getenv("AWS_ENDPOINT_URL_DYNAMODB") == "" {
		for _, variable := range []string{"AWS_PROFILE", "AWS_REGION"} {
			if value := os.Getenv(variable); value != "" {
				return awsEngine("AWS, or the endpoint of its configuration, because " + variable + " is set (" + value + "); without flags it costs " + cost), nil
			}
		}
	}
	running, err := dynamotest.Start(ctx)
	if err != nil {
		return nil, err
	}
	where := "DynamoDB Local at " + running.Endpoint() + ", started for this run"
	if os.Getenv("AWS_ENDPOINT_URL_DYNAMODB") != "" {
		where = running.Endpoint() + ", because AWS_ENDPOINT_URL_DYNAMODB is set"
	}
	return &Running{Engine: server{running}, Where: where, Close: running.Close}, nil
}

func awsEngine(where string) *Running {
	return &Running{Engine: amazon{}, Where: where, Close: func() error { return nil }}
}
