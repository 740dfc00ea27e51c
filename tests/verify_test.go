package tests

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// createRaw creates a table without the mapper, under the name of a model's table.
func createRaw(t *testing.T, in *dynamodb.CreateTableInput, ttlAttribute string) {
	t.Helper()
	in.BillingMode = types.BillingModePayPerRequest
	_, err := engineClient(t).CreateTable(t.Context(), in)
	require.NoError(t, err)
	waiter := dynamodb.NewTableExistsWaiter(engineClient(t),
		func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = 20 * time.Millisecond })
	require.NoError(t,
		waiter.Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: in.TableName},
			time.Minute))
	if ttlAttribute == "" {
		return
	}
	_, err = engineClient(t).UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
		TableName: in.TableName,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &ttlAttribute,
			Enabled: aws.Bool(true)},
	})
	require.NoError(t, err)
}

func globalIndex(
	name string, projection *types.Projection, hash string, rng ...string,
) types.GlobalSecondaryIndex {
	return types.GlobalSecondaryIndex{IndexName: &name, KeySchema: keySchema(hash, rng...),
		Projection: projection}
}

func localIndex(
	name string, projection *types.Projection, hash, rng string,
) types.LocalSecondaryIndex {
	return types.LocalSecondaryIndex{IndexName: &name, KeySchema: keySchema(hash, rng),
		Projection: projection}
}

// differences returns the differences that Verify lists.
func differences(t *testing.T, table string, err error) []string {
	t.Helper()
	var schema *dynamapper.SchemaError
	require.ErrorAs(t, err, &schema)
	require.ErrorIs(t, err, dynamapper.ErrSchema)
	_, list, found := strings.Cut(schema.Problem, "the table is not as the model says: ")
	require.True(t, found, schema.Problem)
	return strings.Split(list, "; ")
}

func TestVerifyListsEverything(t *testing.T) {
	t.Parallel()
	purchases := tableOn[purchaseModel](t, fixtures.Mapper(t))
	createRaw(t, &dynamodb.CreateTableInput{
		TableName: aws.String(purchases.Name()),
		AttributeDefinitions: []types.AttributeDefinition{
			definitionOf("player", types.ScalarAttributeTypeN),
			definitionOf("count", types.ScalarAttributeTypeN),
			definitionOf("time", types.ScalarAttributeTypeS),
			definitionOf("day", types.ScalarAttributeTypeS),
			definitionOf("price", types.ScalarAttributeTypeN),
			definitionOf("item", types.ScalarAttributeTypeS),
			definitionOf("shop", types.ScalarAttributeTypeB),
		},
		KeySchema: keySchema("player", "count"),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			globalIndex("by-time", projectSome("day", "item"), "time", "player"),
			globalIndex("by-shop", projectKeys, "shop", "time"),
			globalIndex("by-day", projectAll, "player", "day"),
		},
		LocalSecondaryIndexes: []types.LocalSecondaryIndex{
			localIndex("by-price", projectKeys, "player", "item"),
			localIndex("of-others", projectAll, "player", "price"),
		},
	}, "other")

	err := purchases.Verify(t.Context())
	const anew = "correct the tags, or replace the index with PlanTables and Apply"
	const project = "say in its tag what it projects (keys_only or include=), or replace the " +
		"index with PlanTables and Apply"
	assert.Equal(t, []string{
		`its keys are hash "player" (N), range "count" (N), those of the model hash "player" (S), range "number" (N): ` +
			`correct the tags, or create the table again, because keys cannot be changed`,
		`the keys of index "by-time" are hash "time" (S), range "player" (N), those of the model hash "time" (N), range "player" (S): ` + anew,
		`the index "by-time" lacks attributes, while that of the model projects all: ` + project,
		`the keys of index "by-shop" are hash "shop" (B), range "time" (S), those of the model hash "shop" (B), range "time" (N): ` + anew,
		`the index "by-shop" lacks the attribute "price": ` + project,
		`the index "by-shop-keys" is missing: add it with PlanTables and Apply`,
		`the index "by-day" is global, that of the model local: ` + anew,
		`the keys of index "by-price" are hash "player" (N), range "item" (S), those of the model hash "player" (S), range "price" (N): ` + anew,
		`the local index "by-item" is missing: create the table again, because a local index comes only with it, or declare a global one`,
		`TTL is on for the attribute "other", and the model says "expires": correct the tags, or switch it off with UpdateTimeToLive, ` +
			`wait up to an hour and call EnsureTable`,
	}, differences(t, purchases.Name(), err))

	var schema *dynamapper.SchemaError
	require.ErrorAs(t, err, &schema)
	require.Equal(t, reflect.TypeFor[purchaseModel](), schema.Type)
	require.Equal(t, strings.Replace(err.Error(), "Verify", "EnsureTable", 1),
		purchases.EnsureTable(t.Context()).Error(),
		"EnsureTable returns the same error")
}

// indexed is a model whose index differs from that of the real table.
type indexed struct {
	dynamapper.Model `dynamo:"indexed"`
	ID               string `dynamo:"id,hash" index:"all,range;some,range;keys,range"`
	Group            string `dynamo:"group" index:"all,hash;some,hash,include=a+b+id;keys,hash,keys_only"`
	A                string `dynamo:"a"`
	B                string `dynamo:"b"`
}

func TestVerifyProjections(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name            string
		all, some, keys *types.Projection
		want            []string
	}{
		{"given the same", projectAll, projectSome("b", "a"), projectKeys, nil},
		{"given more", projectAll, projectAll, projectAll, nil},
		{"given some more", projectAll, projectSome("a", "b", "c"), projectSome("c"), nil},
		{"given fewer", projectSome("a", "b"), projectSome("a"), projectKeys,
			[]string{`the index "all" lacks attributes, while that of the model projects all`,
				`the index "some" lacks the attribute "b"`}},
		{"given keys only", projectKeys, projectKeys, projectKeys,
			[]string{`the index "all" lacks attributes`,
				`the index "some" lacks the attributes "a", "b"`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			table := tableOn[indexed](t, fixtures.Mapper(t))
			createRaw(t, &dynamodb.CreateTableInput{
				TableName: aws.String(table.Name()),
				AttributeDefinitions: []types.AttributeDefinition{
					definitionOf("id", types.ScalarAttributeTypeS),
					definitionOf("group", types.ScalarAttributeTypeS)},
				KeySchema: keySchema("id"),
				GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
					globalIndex("all", test.all, "group", "id"),
					globalIndex("some", test.some, "group", "id"),
					globalIndex("keys", test.keys, "group", "id"),
					globalIndex("of-others", projectKeys, "group"),
				},
			}, "")
			err := table.Verify(t.Context())
			if test.want == nil {
				require.NoError(t, err)
				return
			}
			got := differences(t, table.Name(), err)
			require.Len(t, got, len(test.want))
			for n, want := range test.want {
				require.Contains(t, got[n], want)
			}
		})
	}
}

func TestVerifyKeys(t *testing.T) {
	t.Parallel()
	type ranged struct {
		dynamapper.Model `dynamo:"logins"`
		Name             string `dynamo:"name,hash"`
		Age              int    `dynamo:"age,range"`
	}
	t.Run("given no range key", func(t *testing.T) {
		m := fixtures.Mapper(t)
		require.NoError(t, tableOn[loginModel](t, m).EnsureTable(t.Context()))
		require.ErrorContains(t, tableOn[ranged](t, m).Verify(t.Context()),
			`its keys are hash "name" (S), those of the model hash "name" (S), range "age" (N)`)
	})
	t.Run("given a range key too many", func(t *testing.T) {
		m := fixtures.Mapper(t)
		require.NoError(t, tableOn[ranged](t, m).EnsureTable(t.Context()))
		require.ErrorContains(t, tableOn[loginModel](t, m).Verify(t.Context()),
			`its keys are hash "name" (S), range "age" (N), those of the model hash "name" (S):`)
	})
}

func TestVerifyIndexThatGoesOrComes(t *testing.T) {
	t.Parallel()
	for status, want := range map[types.IndexStatus]string{
		types.IndexStatusActive:   "",
		types.IndexStatusCreating: "",
		types.IndexStatusDeleting: `the index "by-email" is missing`,
	} {
		t.Run(string(status), func(t *testing.T) {
			type model struct {
				dynamapper.Model `dynamo:"models"`
				Name             string `dynamo:"name,hash"`
				Email            string `dynamo:"email" index:"by-email,hash"`
			}
			m := givenTableClient(t, &tableClient{
				describe: func() (*types.TableDescription, error) {
					table := activeTable(types.GlobalSecondaryIndexDescription{
						IndexName: aws.String("by-email"), KeySchema: keySchema("email"),
						Projection: projectAll, IndexStatus: status,
					})
					table.AttributeDefinitions = append(table.AttributeDefinitions,
						definitionOf("email", types.ScalarAttributeTypeS))
					return table, nil
				},
				describeTTL: func() types.TimeToLiveDescription { return types.TimeToLiveDescription{} },
			})
			err := tableOn[model](t, m).Verify(t.Context())
			if want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, want)
			}
		})
	}
}

func TestVerifyTTL(t *testing.T) {
	t.Parallel()
	type untold struct {
		dynamapper.Model `dynamo:"sessions"`
		Token            string    `dynamo:"token,hash"`
		Expires          time.Time `dynamo:"expires,unixtime"`
	}
	m := fixtures.Mapper(t)
	require.NoError(t, tableOn[sessionModel](t, m).EnsureTable(t.Context()))
	err := tableOn[untold](t, m).Verify(t.Context())
	require.ErrorContains(t, err,
		`TTL is on for the attribute "expires", whose field has not the option ttl: add the option`)
}

func TestVerifyMissingTable(t *testing.T) {
	t.Parallel()
	logins := tableOn[loginModel](t, fixtures.Mapper(t))
	err := logins.Verify(t.Context())
	require.ErrorContains(t, err, fmt.Sprintf("table %q: the table does not exist", logins.Name()))
	var missing *types.ResourceNotFoundException
	require.ErrorAs(t, err, &missing)
}

// Verify of a model without ttl needs no permission to describe TTL.
func TestVerifyWithoutTheRightToAskForTTL(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"AccessDeniedException", "UnknownOperationException"} {
		vaults, _, line, _ := fixtures.FaultyTable[vault](t)
		line.Each("DescribeTimeToLive", fixtures.Always(dynamotest.Refuse(http.StatusBadRequest,
			code)))
		require.NoError(t, vaults.Verify(t.Context()))
		require.NoError(t, vaults.EnsureTable(t.Context()))
		require.Equal(t, 2, line.Sent("DescribeTimeToLive"))
		line.Clear()
		line.Each("DescribeTimeToLive",
			fixtures.Always(dynamotest.Refuse(http.StatusBadRequest, "ResourceNotFoundException")))
		require.Error(t, vaults.Verify(t.Context()), "any other refusal is an error")

		purchases, _, line, _ := fixtures.FaultyTable[purchaseModel](t)
		line.Each("DescribeTimeToLive", fixtures.Always(dynamotest.Refuse(http.StatusBadRequest,
			code)))
		require.ErrorContains(t, purchases.Verify(t.Context()), code)
		require.ErrorContains(t, purchases.EnsureTable(t.Context()), code)
	}
}
