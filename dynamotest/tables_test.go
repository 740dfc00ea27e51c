package dynamotest

import (
	"context"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

// atEndpoint makes the following tests use an engine that the environment names.
func atEndpoint(t *testing.T) *Server {
	t.Helper()
	server := startEngine(t)
	withoutAWS(t)
	t.Setenv(endpointVariable, server.Endpoint())
	return server
}

// At an endpoint each test has its own tables, which are deleted at its end.
func TestTablesAtAnEndpoint(t *testing.T) {
	server := atEndpoint(t)
	var names []string
	for range 2 {
		t.Run("test", func(t *testing.T) {
			require.Nil(t, Run(t).Engine())
			name := createNotes(t, Mapper(t))
			names = append(names, name)
			require.Regexp(t, "^t[a-z0-9]{10}-[A-Za-z]+AtAnEndpoint-test[-0-9]*-notes$", name)
			require.Equal(t, []string{name}, tablesOf(t, server.Config()))

			again, err := dynamapper.TableOf[note](Mapper(t))
			require.NoError(t, err)
			require.Equal(t, name, again.Name(), "mappers of one test have the same tables")
			t.Run("subtest", func(t *testing.T) {
				within, err := dynamapper.TableOf[note](Mapper(t))
				require.NoError(t, err)
				require.Equal(t, name, within.Name())
			})
		})
		require.Empty(t, tablesOf(t, server.Config()))
	}
	require.NotEqual(t, names[0], names[1])
}

func TestMapperTakesOptionsAtAnEndpoint(t *testing.T) {
	atEndpoint(t)
	name := createNotes(t, Mapper(t, dynamapper.WithTablePrefix("staging-")))
	require.Regexp(t, "^t[a-z0-9]{10}-[A-Za-z]+AtAnEndpoint-staging-notes$", name)
}

func TestMapperTakesOptions(t *testing.T) {
	t.Parallel()
	RunEngine(t)
	name := createNotes(t, Mapper(t, dynamapper.WithTablePrefix("staging-")))
	require.Equal(t, "staging-notes", name)
}

func TestServerMapperAtAnEndpoint(t *testing.T) {
	server := atEndpoint(t)
	mapper, err := Run(t).Mapper(t.Context(), dynamapper.WithTablePrefix("demo-"))
	require.NoError(t, err)
	require.Equal(t, "demo-notes", createNotes(t, mapper))
	client := dynamodb.NewFromConfig(server.Config())
	require.NoError(t, deleteTable(t.Context(), client, "demo-notes"))
	require.Empty(t, tablesOf(t, server.Config()))
	require.NoError(t, deleteTable(t.Context(), client, "demo-notes"), "one that is gone is fine")
}

// A test whose tables cannot be deleted fails.
func TestCleaningUpFails(t *testing.T) {
	server := startEngine(t)
	withoutAWS(t)
	t.Setenv(endpointVariable, server.Endpoint())
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	tb := &fakeTB{name: "TestX"}
	Mapper(tb)
	require.NoError(t, server.Close())
	tb.end()
	require.Len(t, tb.failures, 1)
	require.Regexp(t, "^dynamotest: cleaning up after TestX: .*ListTables", tb.failures[0])
}

func TestTablePrefix(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"TestSave":                  "Save",
		"TestSave/with_a_condition": "Save-with-a-condition",
		"TestSave/größer/als 0":     "Save-gr--er-als-0",
		"ExampleX":                  "ExampleX",
		"TestOfSomething/that_is/rather/long_and_specific": "ther-long-and-specific",
		"Test": "",
		"":     "",
	}
	for test, want := range tests {
		require.Equal(t, want, sanitize(test), test)
		prefix := tablePrefix(test)
		require.LessOrEqual(t, len(prefix), 35)
		require.Regexp(t, "^[a-zA-Z0-9-]+$", prefix)
		require.NotEqual(t, prefix, tablePrefix(test))
	}
}

// One page of ListTables has 100 names.
func TestDeleteTablesOfManyPages(t *testing.T) {
	t.Parallel()
	server := startEngine(t)
	client := dynamodb.NewFromConfig(server.Config())
	for i := range 104 {
		createTable(t, server.Config(), "first-"+strconv.Itoa(i), false)
	}
	createTable(t, server.Config(), "other-table", true)

	require.NoError(t, deleteTables(t.Context(), client, "first-"))
	require.Equal(t, []string{"other-table"}, tablesOf(t, server.Config()))
	require.NoError(t, deleteTables(t.Context(), client, "other-"), "its protection is taken off")
	require.Empty(t, tablesOf(t, server.Config()))
}

func TestDeleteTablesReportsItsFailure(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := deleteTables(ctx, dynamodb.NewFromConfig(startEngine(t).Config()), "t")
	require.ErrorIs(t, err, context.Canceled)
}
