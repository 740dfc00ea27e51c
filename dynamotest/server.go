package dynamotest

import (
	"context"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/dynamapper/dynamapper"
)

// Server is a running DynamoDB engine. It is safe for concurrent use.
type Server struct {
	config aws.Config
	engine *engine // nil: an endpoint that was there before, and stays
}

// Start finds an engine, as the package's documentation says, starts it, and returns when it answers. The first time it
// may take a minute, while the engine is brought into the cache. ctx limits the start, not the life of the server: that
// ends with [Server.Close], or with this process.
//
// Without any engine the error says of all three ways why they did not work. When ctx ends first, the error wraps its
// cause.
func Start(ctx context.Context) (*Server, error) {
	if endpoint := os.Getenv(endpointVariable); endpoint != "" {
		return useEndpoint(ctx, endpoint)
	}
	engine, err := startFirst(ctx, []way{
		{name: "Java and Maven", start: startJava},
		{name: "Docker", start: startDocker},
	})
	if err != nil {
		return nil, err
	}
	return &Server{config: engine.config, engine: engine}, nil
}

// Endpoint is the URL that the engine listens on.
func (s *Server) Endpoint() string {
	return aws.ToString(s.config.BaseEndpoint)
}

// Config is what a client of one's own needs to reach the engine: its region, endpoint and credentials. Each call returns
// a copy.
func (s *Server) Config() aws.Config {
	return s.config.Copy()
}

// Mapper connects a mapper to the engine. Its tables are those of the whole engine: in tests, the function [Mapper] gives
// each test tables of its own. The errors are those of [dynamapper.Connect].
func (s *Server) Mapper(ctx context.Context, opts ...dynamapper.Option) (*dynamapper.Mapper, error) {
	all := append([]dynamapper.Option{dynamapper.WithConfig(s.Config())}, opts...)
	return dynamapper.Connect(ctx, all...)
}

// Close ends the engine, with everything in it, and returns when its process is gone. An endpoint from
// AWS_ENDPOINT_URL_DYNAMODB is left alone. Closing twice is fine. The error says that the engine had ended before, on
// its own, and what it printed.
func (s *Server) Close() error {
	if s.engine == nil {
		return nil
	}
	return s.engine.close()
}
