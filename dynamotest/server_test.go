package dynamotest

import (
	"net"
	"net/url"
	"os/exec"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"
)

// requireAnswer fails the test unless the engine answers.
func requireAnswer(t *testing.T, server *Server) {
	t.Helper()
	_, err := dynamodb.NewFromConfig(server.Config()).ListTables(t.Context(), &dynamodb.ListTablesInput{})
	require.NoError(t, err)
}

// startOwn starts an engine apart from that of the test binary, also where the environment names one.
func startOwn(t *testing.T) *Server {
	t.Helper()
	t.Setenv(endpointVariable, "")
	server, err := Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	return server
}

func TestStartAndClose(t *testing.T) {
	server := startOwn(t)
	requireAnswer(t, server)
	endpoint, err := url.Parse(server.Endpoint())
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1", endpoint.Hostname())

	require.NoError(t, server.Close())
	_, err = net.Dial("tcp", endpoint.Host)
	require.Error(t, err, "nothing listens any more")
	require.NoError(t, server.Close())
}

func TestCloseOfAnEngineThatEnded(t *testing.T) {
	server := startOwn(t)
	require.NoError(t, server.engine.child.cmd.Process.Kill())
	<-server.engine.child.done

	err := server.Close()
	require.ErrorContains(t, err, "dynamotest: DynamoDB Local ended (signal: killed), having printed last:\n")
	require.ErrorContains(t, err, "Version:\t2.6.1")
	require.Equal(t, err, server.Close())
}

func TestPortTakenInBetween(t *testing.T) {
	Run(t) // so that the engine is in the cache
	java, err := findJava(t.Context())
	require.NoError(t, err)
	jars, err := ensureJars(t.Context())
	require.NoError(t, err)
	var ports []int

	engine, err := startEngine(t.Context(), func(port int) (*child, error) {
		ports = append(ports, port)
		if len(ports) == 1 {
			taken, err := net.Listen("tcp", net.JoinHostPort("", strconv.Itoa(port)))
			require.NoError(t, err)
			t.Cleanup(func() { taken.Close() })
		}
		cmd := exec.Command(java, javaArgs(jars, port)...)
		leash, err := newLeash(cmd)
		require.NoError(t, err)
		return startChild("DynamoDB Local", cmd, leash, nil)
	})
	require.NoError(t, err)
	require.NoError(t, engine.close())
	require.Len(t, ports, 2)
}

func TestReservedPortsDiffer(t *testing.T) {
	numbers := map[int]bool{}
	for range 100 {
		port, err := reservePort()
		require.NoError(t, err)
		t.Cleanup(port.release)
		require.False(t, numbers[port.number])
		numbers[port.number] = true

		listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port.number)))
		require.NoError(t, err, "an engine can have it")
		require.NoError(t, listener.Close())
	}
}
