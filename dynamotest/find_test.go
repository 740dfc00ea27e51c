package dynamotest

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// withoutEngines is an environment in which no way to an engine works, and an empty folder that is its whole PATH.
func withoutEngines(t *testing.T) (path string) {
	t.Helper()
	path = t.TempDir()
	t.Setenv("PATH", path)
	t.Setenv("JAVA_HOME", "")
	t.Setenv(endpointVariable, "")
	return path
}

func TestStartFirst(t *testing.T) {
	errFirst, errSecond := errors.New("first is missing"), errors.New("second said:\none\ntwo")
	var tried []string
	failing := func(name string, err error) way {
		return way{name: name, start: func(context.Context) (*engine, error) {
			tried = append(tried, name)
			return nil, err
		}}
	}
	working := func(name string, e *engine) way {
		return way{name: name, start: func(context.Context) (*engine, error) {
			tried = append(tried, name)
			return e, nil
		}}
	}

	t.Run("the first that works", func(t *testing.T) {
		tried = nil
		wanted := &engine{}
		got, err := startFirst(t.Context(), []way{failing("a", errFirst), working("b", wanted), working("c", &engine{})})
		require.NoError(t, err)
		require.Same(t, wanted, got)
		require.Equal(t, []string{"a", "b"}, tried)
	})

	t.Run("none", func(t *testing.T) {
		_, err := startFirst(t.Context(), []way{failing("First", errFirst), failing("Second", errSecond)})
		require.EqualError(t, err, `dynamotest: no DynamoDB engine; one of these is needed:
- AWS_ENDPOINT_URL_DYNAMODB: not set; set it to the endpoint of an engine that runs, such as http://localhost:8000
- First: first is missing
- Second: second said:
    one
    two`)
		require.ErrorIs(t, err, errFirst)
		require.ErrorIs(t, err, errSecond)
	})

	t.Run("given up", func(t *testing.T) {
		tried = nil
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := startFirst(ctx, []way{failing("a", errFirst), failing("b", errSecond)})
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, []string{"a"}, tried)
	})
}

func TestStartWithoutAnyEngine(t *testing.T) {
	withoutEngines(t)
	_, err := Start(t.Context())
	require.EqualError(t, err, `dynamotest: no DynamoDB engine; one of these is needed:
- AWS_ENDPOINT_URL_DYNAMODB: not set; set it to the endpoint of an engine that runs, such as http://localhost:8000
- Java and Maven: java is not on the PATH; install Java 17 or newer
- Docker: docker is not on the PATH; install Docker`)
}
