package stage

import (
	"context"
	"os"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// Connect makes a mapper: dynamapper.Connect, or the method of a dynamotest.Server.
type Connect func(context.Context, ...dynamapper.Option) (*dynamapper.Mapper, error)

// engine is where a program runs.
type engine struct {
	where   string
	connect Connect
	close   func() error
}

// startEngine decides by the environment, in this order: the endpoint of AWS_ENDPOINT_URL_DYNAMODB; AWS itself, where
// AWS_PROFILE or AWS_REGION is set; else DynamoDB Local, started for this run.
func startEngine(ctx context.Context, cost string) (*engine, error) {
	if os.Getenv("AWS_ENDPOINT_URL_DYNAMODB") == "" {
		for _, variable := range []string{"AWS_PROFILE", "AWS_REGION"} {
			if value := os.Getenv(variable); value != "" {
				return awsEngine("AWS, or the endpoint of its configuration, because " + variable + " is set (" + value + "); without flags it costs " + cost), nil
			}
		}
	}
	server, err := dynamotest.Start(ctx)
	if err != nil {
		return nil, err
	}
	where := "DynamoDB Local at " + server.Endpoint() + ", started for this run"
	if os.Getenv("AWS_ENDPOINT_URL_DYNAMODB") != "" {
		where = server.Endpoint() + ", because AWS_ENDPOINT_URL_DYNAMODB is set"
	}
	return &engine{where: where, connect: server.Mapper, close: server.Close}, nil
}

func awsEngine(where string) *engine {
	return &engine{where: where, connect: dynamapper.Connect, close: func() error { return nil }}
}
