package dynamotest

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/dynamapper/dynamapper"
	"github.com/stretchr/testify/require"
)

type note struct {
	dynamapper.Model `dynamo:"notes"`

	ID string `dynamo:"id,hash"`
}

// createNotes creates the table of notes and returns its name.
func createNotes(t *testing.T, mapper *dynamapper.Mapper) string {
	t.Helper()
	notes, err := dynamapper.TableOf[note](mapper)
	require.NoError(t, err)
	require.NoError(t, notes.CreateTable(t.Context()))
	return notes.Name()
}

// requireTables fails the test unless exactly these tables have the prefix.
func requireTables(t *testing.T, prefix string, want ...string) {
	t.Helper()
	got, err := listTables(t.Context(), dynamodb.NewFromConfig(Run(t).Config()), prefix)
	require.NoError(t, err)
	require.ElementsMatch(t, want, got)
}

func TestRunIsOneEngine(t *testing.T) {
	servers := make([]*Server, 20)
	var all sync.WaitGroup
	for i := range servers {
		all.Go(func() { servers[i] = Run(t) })
	}
	all.Wait()
	for _, server := range servers {
		require.Same(t, servers[0], server)
	}
	requireAnswer(t, servers[0])
}

func TestRunWithoutAnEngineFails(t *testing.T) {
	cmd := exec.Command(os.Args[0], "-test.run=^TestRunIsOneEngine$", "-test.v")
	cmd.Env = []string{"PATH=" + t.TempDir(), "HOME=" + t.TempDir()}
	output, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(output), "--- FAIL: TestRunIsOneEngine")
	require.Contains(t, string(output), "dynamotest: no DynamoDB engine; one of these is needed:")
	require.NotContains(t, string(output), "SKIP")
}

func TestMapperHasTablesOfItsOwn(t *testing.T) {
	var first, second string
	t.Run("in a test", func(t *testing.T) {
		first = createNotes(t, Mapper(t))
		second = createNotes(t, Mapper(t))
		require.NotEqual(t, first, second)
		requireTables(t, first, first)
		requireTables(t, second, second)
	})
	requireTables(t, first)
	requireTables(t, second)
}

func TestMapperTakesOptions(t *testing.T) {
	name := createNotes(t, Mapper(t, dynamapper.WithTablePrefix("staging-")))
	require.Regexp(t, "^t[a-z0-9]{10}-MapperTakesOptions-staging-notes$", name)
}

func TestServerMapper(t *testing.T) {
	mapper, err := Run(t).Mapper(t.Context(), dynamapper.WithTablePrefix(tablePrefix(t.Name())))
	require.NoError(t, err)
	name := createNotes(t, mapper)
	client := dynamodb.NewFromConfig(Run(t).Config())
	require.NoError(t, deleteTable(t.Context(), client, name))
	requireTables(t, name)
	require.NoError(t, deleteTable(t.Context(), client, name), "one that is gone is fine")
}

func TestTablePrefix(t *testing.T) {
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
	client := dynamodb.NewFromConfig(Run(t).Config())
	prefix, other := tablePrefix(t.Name()), tablePrefix(t.Name())
	for i := range 104 {
		createTable(t, client, prefix+strconv.Itoa(i), false)
	}
	createTable(t, client, other, true)

	require.NoError(t, deleteTables(t.Context(), client, prefix))
	requireTables(t, prefix)
	requireTables(t, other, other)
	require.NoError(t, deleteTables(t.Context(), client, other), "its protection is taken off")
	requireTables(t, other)
}

func createTable(t *testing.T, client *dynamodb.Client, name string, protected bool) {
	t.Helper()
	_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:                 aws.String(name),
		BillingMode:               types.BillingModePayPerRequest,
		DeletionProtectionEnabled: aws.Bool(protected),
		AttributeDefinitions:      []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:                 []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
	})
	require.NoError(t, err)
}

func TestDeleteTablesReportsItsFailure(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := deleteTables(ctx, dynamodb.NewFromConfig(Run(t).Config()), "t")
	require.ErrorIs(t, err, context.Canceled)
}
