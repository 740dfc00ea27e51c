package tests

import (
	"context"
	"errors"
	"fmt"
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

func TestCreateTableOnDemand(t *testing.T) {
	t.Parallel()
	logins := tableOn[loginModel](t, fixtures.Mapper(t))
	require.NoError(t, logins.CreateTable(t.Context(), dynamapper.WaitActive()))

	live := liveTable(t, logins.Name())
	assert.Equal(t, types.TableStatusActive, live.TableStatus)
	assert.Equal(t, types.BillingModePayPerRequest, live.BillingModeSummary.BillingMode)
	assert.Equal(t,
		[]types.KeySchemaElement{{AttributeName: aws.String("name"), KeyType: types.KeyTypeHash}},
		live.KeySchema)
	assert.Empty(t, live.GlobalSecondaryIndexes)
	assert.Empty(t, live.LocalSecondaryIndexes)
	require.NoError(t, logins.Verify(t.Context()))
}

func TestCreateTableExists(t *testing.T) {
	t.Parallel()
	logins := tableOn[loginModel](t, fixtures.Mapper(t))
	require.NoError(t, logins.CreateTable(t.Context()))
	err := logins.CreateTable(t.Context())
	require.ErrorContains(t, err,
		fmt.Sprintf("dynamapper: CreateTable: table %q: the table exists already; use EnsureTable",
			logins.Name()))
	var inUse *types.ResourceInUseException
	require.ErrorAs(t, err, &inUse)
}

func TestCreateTableWithEverything(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]dynamapper.CreateOption{
		"on demand":   nil,
		"provisioned": {dynamapper.Provisioned(5, 3)},
	} {
		t.Run(name, func(t *testing.T) {
			purchases := tableOn[purchaseModel](t, fixtures.Mapper(t))
			require.NoError(t, purchases.CreateTable(t.Context(), opts...))
			live := liveTable(t, purchases.Name())
			require.Equal(t, types.TableStatusActive, live.TableStatus,
				"CreateTable waits for a table with a ttl field")
			require.Len(t, live.GlobalSecondaryIndexes, 3)
			require.Len(t, live.LocalSecondaryIndexes, 3)
			ttl := liveTTL(t, purchases.Name())
			require.Equal(t, types.TimeToLiveStatusEnabled, ttl.TimeToLiveStatus)
			require.Equal(t, "expires", *ttl.AttributeName)
			require.NoError(t, purchases.Verify(t.Context()))
			if len(opts) > 0 {
				requireUnits(t, live, 5, 3)
			} else {
				require.Equal(t, types.BillingModePayPerRequest,
					live.BillingModeSummary.BillingMode)
			}
		})
	}
}

func requireUnits(t *testing.T, live *types.TableDescription, read, write int64) {
	t.Helper()
	require.Equal(t, read, *live.ProvisionedThroughput.ReadCapacityUnits)
	require.Equal(t, write, *live.ProvisionedThroughput.WriteCapacityUnits)
	for _, i := range live.GlobalSecondaryIndexes {
		require.Equal(t, read, *i.ProvisionedThroughput.ReadCapacityUnits, *i.IndexName)
		require.Equal(t, write, *i.ProvisionedThroughput.WriteCapacityUnits, *i.IndexName)
	}
}

func sentInput[T dynamapper.IsModel](
	t *testing.T, opts ...dynamapper.CreateOption,
) *dynamodb.CreateTableInput {
	t.Helper()
	stop := errors.New("that is enough")
	var sent *dynamodb.CreateTableInput
	m := givenTableClient(t, &tableClient{create: func(in *dynamodb.CreateTableInput) error {
		sent = in
		return stop
	}})
	require.ErrorIs(t, tableOn[T](t, m).CreateTable(t.Context(), opts...), stop)
	return sent
}

func TestCreateInputIsWhole(t *testing.T) {
	t.Parallel()
	require.Equal(t, &dynamodb.CreateTableInput{
		TableName: aws.String("purchases"),
		AttributeDefinitions: []types.AttributeDefinition{
			definitionOf("player", types.ScalarAttributeTypeS),
			definitionOf("number", types.ScalarAttributeTypeN),
			definitionOf("time", types.ScalarAttributeTypeN),
			definitionOf("shop", types.ScalarAttributeTypeB),
			definitionOf("day", types.ScalarAttributeTypeS),
			definitionOf("price", types.ScalarAttributeTypeN),
			definitionOf("item", types.ScalarAttributeTypeS),
		},
		KeySchema:   keySchema("player", "number"),
		BillingMode: types.BillingModePayPerRequest,
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			{IndexName: aws.String("by-time"), KeySchema: keySchema("time", "player"),
				Projection: projectAll},
			{IndexName: aws.String("by-shop"), KeySchema: keySchema("shop", "time"),
				Projection: projectSome("price")},
			{IndexName: aws.String("by-shop-keys"), KeySchema: keySchema("shop"),
				Projection: projectKeys},
		},
		LocalSecondaryIndexes: []types.LocalSecondaryIndex{
			{IndexName: aws.String("by-day"), KeySchema: keySchema("player", "day"),
				Projection: projectAll},
			{IndexName: aws.String("by-price"), KeySchema: keySchema("player", "price"),
				Projection: projectKeys},
			{IndexName: aws.String("by-item"), KeySchema: keySchema("player", "item"),
				Projection: projectSome("price")},
		},
	}, sentInput[purchaseModel](t))
}

func TestCreateInputIncludesOnlyKeys(t *testing.T) {
	t.Parallel()
	type model struct {
		dynamapper.Model `dynamo:"models"`
		ID               string `dynamo:"id,hash"`
		Email            string `dynamo:"email" index:"by-email,hash,include=id+email"`
	}
	require.Equal(t, projectKeys, sentInput[model](t).GlobalSecondaryIndexes[0].Projection)
}

func TestCreateInputProvisioned(t *testing.T) {
	t.Parallel()
	in := sentInput[purchaseModel](t, dynamapper.Provisioned(5, 3),
		dynamapper.CreateInput(func(in *dynamodb.CreateTableInput) {
			*in.GlobalSecondaryIndexes[0].ProvisionedThroughput.ReadCapacityUnits = 50
			in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true)}
		}), dynamapper.CreateInput(func(in *dynamodb.CreateTableInput) {
			in.StreamSpecification.StreamViewType = types.StreamViewTypeKeysOnly
			*in.KeySchema[0].AttributeName = "edited"
		}))
	require.Equal(t, types.BillingModeProvisioned, in.BillingMode)
	require.Equal(t, int64(5), *in.ProvisionedThroughput.ReadCapacityUnits)
	require.Equal(t, int64(50),
		*in.GlobalSecondaryIndexes[0].ProvisionedThroughput.ReadCapacityUnits)
	require.Equal(t, int64(5),
		*in.GlobalSecondaryIndexes[1].ProvisionedThroughput.ReadCapacityUnits)
	require.Equal(t, types.StreamViewTypeKeysOnly, in.StreamSpecification.StreamViewType)
	require.Equal(t, "player", *sentInput[purchaseModel](t).KeySchema[0].AttributeName,
		"the edit concerns only that input")
}

func TestCreateOptionsRefused(t *testing.T) {
	t.Parallel()
	logins := tableOn[loginModel](t, givenTableClient(t, &tableClient{})) // a request would panic
	for want, opt := range map[string]dynamapper.CreateOption{
		"Provisioned(0, 1): a table has at least 1 unit each": dynamapper.Provisioned(0, 1),
		"Provisioned(1, -1)":               dynamapper.Provisioned(1, -1),
		"CreateInput: the function is nil": dynamapper.CreateInput(nil),
		"an option is nil":                 nil,
	} {
		require.ErrorContains(t, logins.CreateTable(t.Context(), opt),
			`dynamapper: CreateTable: table "logins": `+want)
		require.ErrorContains(t, logins.EnsureTable(t.Context(), opt),
			`dynamapper: EnsureTable: table "logins": `+want)
	}
}

func TestCreateTableRefusedByTheService(t *testing.T) {
	t.Parallel()
	logins := tableOn[loginModel](t, fixtures.Mapper(t))
	err := logins.CreateTable(t.Context(),
		dynamapper.CreateInput(func(in *dynamodb.CreateTableInput) { in.KeySchema = nil }))
	require.ErrorContains(t, err, fmt.Sprintf("dynamapper: CreateTable: table %q: ", logins.Name()))
}

func TestCreateTableWaitsForIndexes(t *testing.T) {
	t.Parallel()
	type model struct {
		dynamapper.Model `dynamo:"models"`
		Name             string `dynamo:"name,hash" index:"by-name,hash"`
	}
	var statuses []types.IndexStatus
	index := func(name string, status types.IndexStatus) types.GlobalSecondaryIndexDescription {
		statuses = append(statuses, status)
		return types.GlobalSecondaryIndexDescription{IndexName: &name, IndexStatus: status}
	}
	responses := []func() (*types.TableDescription, error){
		// not visible everywhere yet
		func() (*types.TableDescription, error) { return nil, &types.ResourceNotFoundException{} },
		func() (*types.TableDescription, error) {
			return &types.TableDescription{TableStatus: types.TableStatusCreating}, nil
		},
		func() (*types.TableDescription, error) {
			return activeTable(index("by-name", types.IndexStatusCreating)), nil
		},
		func() (*types.TableDescription, error) {
			return activeTable(index("by-name", types.IndexStatusActive),
				index("of-others", types.IndexStatusCreating)), nil
		},
	}
	fake := &tableClient{create: func(*dynamodb.CreateTableInput) error { return nil },
		describe: func() (*types.TableDescription, error) {
			next := responses[0]
			responses = responses[1:]
			return next()
		}}
	require.NoError(t,
		tableOn[model](t, givenTableClient(t, fake)).CreateTable(t.Context(),
			dynamapper.WaitActive()))
	require.Empty(t, responses)
}

func TestCreateTableDoesNotWait(t *testing.T) {
	t.Parallel()
	fake := &tableClient{create: func(*dynamodb.CreateTableInput) error { return nil }}
	require.NoError(t, tableOn[loginModel](t, givenTableClient(t, fake)).CreateTable(t.Context()))
}

func TestCreateTableContextEndsWhileWaiting(t *testing.T) {
	t.Parallel()
	fake := &tableClient{
		create: func(*dynamodb.CreateTableInput) error { return nil },
		describe: func() (*types.TableDescription, error) {
			return &types.TableDescription{TableStatus: types.TableStatusCreating}, nil
		},
	}
	logins := tableOn[loginModel](t, givenTableClient(t, fake))
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		err := logins.CreateTable(ctx, dynamapper.WaitActive())
		require.EqualError(t, err,
			`dynamapper: CreateTable: table "logins": the context ended during the wait for the table, and the table is CREATING`)
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("deadline", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		err := logins.EnsureTable(ctx)
		require.ErrorContains(t, err, `dynamapper: EnsureTable: table "logins": the context ended`)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

// loginModel is a model with nothing but a hash key.
type loginModel struct {
	dynamapper.Model `dynamo:"logins"`
	Name             string `dynamo:"name,hash"`
}

// purchaseModel has everything that a table can have.
type purchaseModel struct {
	dynamapper.Model `dynamo:"purchases"`
	Player           string    `dynamo:"player,hash" index:"by-time,range"`
	Number           int       `dynamo:"number,range"`
	Shop             []byte    `dynamo:"shop" index:"by-shop,hash,include=price+player+shop;by-shop-keys,hash,keys_only"`
	Day              string    `dynamo:"day" localIndex:"by-day,range"`
	Price            int       `dynamo:"price" localIndex:"by-price,range,keys_only"`
	Item             string    `dynamo:"item" localIndex:"by-item,range,include=price"`
	Time             int64     `dynamo:"time" index:"by-time,hash;by-shop,range"`
	Expires          time.Time `dynamo:"expires,ttl"`
}

// sessionModel has a field with ttl.
type sessionModel struct {
	dynamapper.Model `dynamo:"sessions"`
	Token            string    `dynamo:"token,hash"`
	Expires          time.Time `dynamo:"expires,ttl"`
}

func tableOn[T dynamapper.IsModel](t *testing.T, m *dynamapper.Mapper) *dynamapper.Table[T] {
	t.Helper()
	table, err := dynamapper.TableOf[T](m)
	require.NoError(t, err)
	return table
}

// engineClient returns a client of the SDK for the engine of the tests.
func engineClient(t *testing.T) *dynamodb.Client {
	t.Helper()
	return dynamodb.NewFromConfig(dynamotest.Run(t).Config())
}

func liveTable(t *testing.T, table string) *types.TableDescription {
	t.Helper()
	output, err := engineClient(t).DescribeTable(t.Context(),
		&dynamodb.DescribeTableInput{TableName: &table})
	require.NoError(t, err)
	return output.Table
}

func liveTTL(t *testing.T, table string) types.TimeToLiveDescription {
	t.Helper()
	output, err := engineClient(t).DescribeTimeToLive(t.Context(),
		&dynamodb.DescribeTimeToLiveInput{TableName: &table})
	require.NoError(t, err)
	return *output.TimeToLiveDescription
}

// tableClient is a fake. A test must not call methods that it does not define.
type tableClient struct {
	dynamapper.Client
	create      func(*dynamodb.CreateTableInput) error
	describe    func() (*types.TableDescription, error)
	remove      func() error
	describeTTL func() types.TimeToLiveDescription
	updateTTL   func() error
}

func (f *tableClient) CreateTable(
	_ context.Context, in *dynamodb.CreateTableInput, _ ...func(*dynamodb.Options),
) (*dynamodb.CreateTableOutput, error) {
	return &dynamodb.CreateTableOutput{}, f.create(in)
}

func (f *tableClient) DescribeTable(
	context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options),
) (*dynamodb.DescribeTableOutput, error) {
	table, err := f.describe()
	return &dynamodb.DescribeTableOutput{Table: table}, err
}

func (f *tableClient) DeleteTable(
	context.Context, *dynamodb.DeleteTableInput, ...func(*dynamodb.Options),
) (*dynamodb.DeleteTableOutput, error) {
	return &dynamodb.DeleteTableOutput{}, f.remove()
}

func (f *tableClient) DescribeTimeToLive(
	context.Context, *dynamodb.DescribeTimeToLiveInput, ...func(*dynamodb.Options),
) (
	*dynamodb.DescribeTimeToLiveOutput, error,
) {
	ttl := f.describeTTL()
	return &dynamodb.DescribeTimeToLiveOutput{TimeToLiveDescription: &ttl}, nil
}

func (f *tableClient) UpdateTimeToLive(
	context.Context, *dynamodb.UpdateTimeToLiveInput, ...func(*dynamodb.Options),
) (*dynamodb.UpdateTimeToLiveOutput, error) {
	return &dynamodb.UpdateTimeToLiveOutput{}, f.updateTTL()
}

func givenTableClient(
	t *testing.T, fake *tableClient, opts ...dynamapper.Option,
) *dynamapper.Mapper {
	t.Helper()
	m, err := dynamapper.New(fake, opts...)
	require.NoError(t, err)
	return m
}

func keySchema(hash string, rng ...string) []types.KeySchemaElement {
	elements := []types.KeySchemaElement{{AttributeName: &hash, KeyType: types.KeyTypeHash}}
	for _, attribute := range rng {
		elements = append(elements,
			types.KeySchemaElement{AttributeName: &attribute, KeyType: types.KeyTypeRange})
	}
	return elements
}

func definitionOf(attribute string, kind types.ScalarAttributeType) types.AttributeDefinition {
	return types.AttributeDefinition{AttributeName: &attribute, AttributeType: kind}
}

var (
	projectAll  = &types.Projection{ProjectionType: types.ProjectionTypeAll}
	projectKeys = &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
)

func projectSome(attributes ...string) *types.Projection {
	return &types.Projection{ProjectionType: types.ProjectionTypeInclude,
		NonKeyAttributes: attributes}
}

func activeTable(indexes ...types.GlobalSecondaryIndexDescription) *types.TableDescription {
	return &types.TableDescription{
		TableStatus: types.TableStatusActive,
		KeySchema:   keySchema("name"),
		AttributeDefinitions: []types.AttributeDefinition{
			definitionOf("name", types.ScalarAttributeTypeS)},
		GlobalSecondaryIndexes: indexes,
	}
}
