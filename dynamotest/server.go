package dynamotest

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/engine"
)

const (
	// endpointVariable is the SDK's own, so that a program and its tests use the same engine.
	endpointVariable = "AWS_ENDPOINT_URL_DYNAMODB"
	// seedVariable makes the engines of tests use their freedom, without a change to the tests.
	seedVariable = "DYNAMOTEST_SEED"
)

// Server is a DynamoDB engine: one in this process, or one at an endpoint that the environment
// names. It is safe for concurrent use.
type Server struct {
	config aws.Config     // of the endpoint; without URL and HTTP client if in process
	engine *engine.Engine // nil at an endpoint
	door   *door          // of the engine in process; nil at an endpoint
}

// Start returns a new engine, for a program or a TestMain. Tests usually call [Run] or [Mapper]
// instead.
//
// If AWS_ENDPOINT_URL_DYNAMODB is set, Start starts nothing and returns a server at that endpoint.
// It returns an error if the variable is not a URL, if DYNAMOTEST_SEED is not a number, or if the
// AWS configuration of the environment cannot be read. The context limits only the reading of that
// configuration.
func Start(ctx context.Context) (*Server, error) {
	if endpoint := os.Getenv(endpointVariable); endpoint != "" {
		return useEndpoint(ctx, endpoint)
	}
	return StartEngine()
}

// StartEngine returns a new engine in this process with the given options, whether or not the
// environment names an endpoint. It returns an error if DYNAMOTEST_SEED is not a number.
func StartEngine(opts ...engine.Option) (*Server, error) {
	seed, err := environmentSeed()
	if err != nil {
		return nil, err
	}
	running := engine.New(append([]engine.Option{engine.WithSeed(seed)}, opts...)...)
	return &Server{engine: running, door: newDoor(running), config: aws.Config{
		Region:      cmp.Or(os.Getenv("AWS_REGION"), defaultRegion),
		Credentials: dummyCredentials(),
	}}, nil
}

// environmentSeed returns the seed that the environment names, or 0 if it names none.
func environmentSeed() (uint64, error) {
	text := os.Getenv(seedVariable)
	if text == "" {
		return 0, nil
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("dynamotest: %s is %q; "+
			"set it to a number from 0 to 18446744073709551615, or unset it", seedVariable, text)
	}
	return seed, nil
}

// Engine returns the engine in this process, whose methods make requests fail. It returns nil if
// the server is at an endpoint that the environment names. It is never nil for a server of
// [RunEngine] or [StartEngine].
func (s *Server) Engine() *engine.Engine { return s.engine }

// Endpoint returns the URL of the engine, for another program or a client in another language. The
// first call opens a port on the loopback interface, which [Server.Close] closes. Endpoint panics
// if the port cannot be opened.
func (s *Server) Endpoint() string {
	if s.door != nil {
		return s.door.open()
	}
	return aws.ToString(s.config.BaseEndpoint)
}

// Config returns the configuration of a client of the engine: its region, credentials and endpoint.
// If the engine is in this process, the HTTP client of the configuration calls it without a socket.
// That HTTP client reaches only the engine: if the endpoint is changed, requests go there over
// HTTP. To use another HTTP client, call [Server.Endpoint] first, so that there is a port that it
// can reach. Each call returns a copy.
func (s *Server) Config() aws.Config {
	cfg := s.config.Copy()
	if s.door != nil {
		cfg.BaseEndpoint = aws.String(s.door.url())
		cfg.HTTPClient = s.door
	}
	return cfg
}

// Mapper connects a mapper to the engine. Its errors are those of [dynamapper.Connect]. At an
// endpoint, the mapper sees all tables; the function [Mapper] gives each test its own tables.
func (s *Server) Mapper(
	ctx context.Context, opts ...dynamapper.Option,
) (*dynamapper.Mapper, error) {
	all := append([]dynamapper.Option{dynamapper.WithConfig(s.Config())}, opts...)
	return dynamapper.Connect(ctx, all...)
}

// Close closes the port of [Server.Endpoint], if it is open, and its connections. The engine still
// serves clients in this process; its data ends with the last of them. Close does not affect an
// endpoint of the environment. Further calls do nothing.
func (s *Server) Close() error {
	if s.door == nil {
		return nil
	}
	return s.door.close()
}
