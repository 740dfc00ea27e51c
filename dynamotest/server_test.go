package dynamotest

import (
	"net"
	"net/http"
	"net/url"
	"sync"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

// createTable creates a table and fails the test if it cannot.
func createTable(t *testing.T, cfg aws.Config, name string, protected bool) {
	t.Helper()
	_, err := dynamodb.NewFromConfig(cfg).CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:                 &name,
		BillingMode:               types.BillingModePayPerRequest,
		DeletionProtectionEnabled: &protected,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash},
		},
	})
	require.NoError(t, err)
}

// tablesOf returns the names of the tables that a client sees.
func tablesOf(t *testing.T, cfg aws.Config) []string {
	t.Helper()
	names, err := listTables(t.Context(), dynamodb.NewFromConfig(cfg), "")
	require.NoError(t, err)
	return names
}

// startEngine starts an engine that ends with the test.
func startEngine(t *testing.T) *Server {
	t.Helper()
	server, err := StartEngine()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server
}

// overHTTP returns the configuration of a client that knows only the endpoint.
func overHTTP(server *Server) aws.Config {
	endpoint := server.Endpoint()
	return aws.Config{
		Region: "us-east-1", Credentials: dummyCredentials(), BaseEndpoint: &endpoint,
	}
}

func TestStartIsInThisProcess(t *testing.T) {
	withoutAWS(t)
	server, err := Start(t.Context())
	require.NoError(t, err)
	require.NotNil(t, server.Engine())
	createTable(t, server.Config(), "players", false)
	require.Nil(t, server.door.server, "no port is open")
	require.NoError(t, server.Close())
}

func TestEnginesAreApart(t *testing.T) {
	t.Parallel()
	first, second := startEngine(t), startEngine(t)
	createTable(t, first.Config(), "players", false)
	require.Empty(t, tablesOf(t, second.Config()))
}

func TestEndpointIsTheSameEngine(t *testing.T) {
	t.Parallel()
	server := startEngine(t)
	createTable(t, server.Config(), "players", false)
	endpoint, err := url.Parse(server.Endpoint())
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1", endpoint.Hostname())
	require.Equal(t, []string{"players"}, tablesOf(t, overHTTP(server)))

	createTable(t, overHTTP(server), "coins", false)
	require.Equal(t, []string{"coins", "players"}, tablesOf(t, server.Config()))
}

func TestEndpointStays(t *testing.T) {
	t.Parallel()
	server := startEngine(t)
	endpoints := make([]string, 20)
	var all sync.WaitGroup
	for i := range endpoints {
		all.Go(func() { endpoints[i] = server.Endpoint() })
	}
	all.Wait()
	for _, endpoint := range endpoints {
		require.Equal(t, endpoints[0], endpoint)
	}
}

func TestCloseClosesThePort(t *testing.T) {
	t.Parallel()
	server, err := StartEngine()
	require.NoError(t, err)
	endpoint := server.Endpoint()
	connection, err := net.Dial("tcp", server.door.host)
	require.NoError(t, err)
	t.Cleanup(func() { _ = connection.Close() })

	require.NoError(t, server.Close())
	require.NoError(t, server.Close())
	_, err = connection.Read(make([]byte, 1))
	require.Error(t, err, "open connections are closed")
	// Another test may listen on the port by now, and has no such table.
	cfg := server.Config()
	cfg.BaseEndpoint, cfg.HTTPClient, cfg.RetryMaxAttempts = &endpoint, nil, 1
	createTable(t, server.Config(), "notes", false)
	_, err = dynamodb.NewFromConfig(cfg).DescribeTable(t.Context(),
		&dynamodb.DescribeTableInput{TableName: aws.String("notes")})
	require.Error(t, err, "nothing serves the engine any more")
	require.Equal(t, endpoint, server.Endpoint())
	require.Equal(t, []string{"notes"}, tablesOf(t, server.Config()),
		"this process still reaches the engine")
}

func TestNoPortAfterClose(t *testing.T) {
	t.Parallel()
	server, err := StartEngine()
	require.NoError(t, err)
	require.NoError(t, server.Close())
	require.Equal(t, "http://dynamotest.invalid", server.Endpoint())
	require.Nil(t, server.door.server)
}

// If a configuration is changed to another endpoint, it reaches that endpoint.
func TestConfigOfAnotherEndpoint(t *testing.T) {
	t.Parallel()
	server := startEngine(t)
	other := startEngine(t)
	createTable(t, other.Config(), "others", false)
	cfg := server.Config()
	cfg.BaseEndpoint = aws.String(other.Endpoint())
	require.Equal(t, []string{"others"}, tablesOf(t, cfg))

	cfg.BaseEndpoint, cfg.RetryMaxAttempts = aws.String("http://127.0.0.1:1"), 1
	_, err := dynamodb.NewFromConfig(cfg).ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}

// If the port is open, a configuration works with any HTTP client, and still works without one.
func TestConfigAfterEndpoint(t *testing.T) {
	t.Parallel()
	server := startEngine(t)
	createTable(t, server.Config(), "players", false)
	server.Endpoint()
	cfg := server.Config()
	require.Equal(t, server.Endpoint(), *cfg.BaseEndpoint)
	require.Same(t, server.door, cfg.HTTPClient)
	cfg.HTTPClient = http.DefaultClient
	require.Equal(t, []string{"players"}, tablesOf(t, cfg))
}
