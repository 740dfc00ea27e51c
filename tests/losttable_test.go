package tests

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// lineTable returns a table that does not exist yet, once with a faulty connection and once with a
// good one.
func lineTable[T dynamapper.IsModel](
	t *testing.T,
) (faulty, good *dynamapper.Table[T], line *dynamotest.Faults) {
	t.Helper()
	good = tableOn[T](t, fixtures.Mapper(t))
	line = dynamotest.NewFaults()
	mapper, err := dynamapper.Connect(t.Context(), dynamapper.WithConfig(fixtures.LineConfig(t,
		line)))
	require.NoError(t, err)
	faulty, err = dynamapper.TableOf[T](mapper, dynamapper.WithTableName(good.Name()))
	require.NoError(t, err)
	return faulty, good, line
}

// lostResponses are faults that apply a request and lose its response.
var lostResponses = map[string]dynamotest.Fault{
	"lost": dynamotest.Lose(), "cut": dynamotest.Cut(), "failed": dynamotest.Fail(),
	"damaged": dynamotest.Corrupt(),
}

// CreateTable succeeds if it has made the table although the response was lost, and so does
// DeleteTable.
func TestLostResponsesOfATable(t *testing.T) {
	t.Parallel()
	for name, fault := range lostResponses {
		t.Run(name, func(t *testing.T) {
			for model, create := range map[string]func(context.Context, *testing.T) (
				func() error, func() error, *dynamotest.Faults,
			){
				"plain":   tableCalls[loginModel],
				"indexes": tableCalls[purchaseModel],
				"ttl":     tableCalls[sessionModel],
				"counter": tableCalls[logEntry],
			} {
				t.Run(model, func(t *testing.T) {
					create, remove, line := create(t.Context(), t)
					for _, operation := range []string{"CreateTable", "UpdateTimeToLive",
						"DescribeTable", "DescribeTimeToLive", "PutItem"} {
						line.Each(operation, fixtures.First(1, fault))
					}
					require.NoError(t, create())
					require.Equal(t, 2, line.Sent("CreateTable"))
					line.Clear()
					line.Each("DeleteTable", fixtures.First(1, fault))
					require.NoError(t, remove())
					require.GreaterOrEqual(t, line.Sent("DeleteTable"), 2)
				})
			}
		})
	}
}

func tableCalls[T dynamapper.IsModel](
	ctx context.Context, t *testing.T,
) (create, remove func() error, line *dynamotest.Faults) {
	table, good, line := lineTable[T](t)
	create = func() error {
		if err := table.CreateTable(ctx, dynamapper.Provisioned(3, 4),
			dynamapper.CreateInput(func(in *dynamodb.CreateTableInput) {
				in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true),
					StreamViewType: types.StreamViewTypeNewImage}
				in.TableClass = types.TableClassStandard
			})); err != nil {
			return err
		}
		return good.Verify(ctx)
	}
	return create, func() error { return table.DeleteTable(ctx) }, line
}

// EnsureTable also accepts a table that it has made itself.
func TestEnsureTableWithLostResponses(t *testing.T) {
	t.Parallel()
	for name, fault := range lostResponses {
		t.Run(name, func(t *testing.T) {
			table, good, line := lineTable[sessionModel](t)
			line.Each("CreateTable", fixtures.First(fixtures.SDKTries, fault))
			line.Each("UpdateTimeToLive", fixtures.First(1, fault))
			require.NoError(t, table.EnsureTable(t.Context()))
			require.NoError(t, good.Verify(t.Context()))
		})
	}
}

// A table that another program has made with different properties is not taken for the own one, and
// the error names the differences.
func TestALostCreationMeetsAnotherTable(t *testing.T) {
	t.Parallel()
	edit := func(edit func(*dynamodb.CreateTableInput)) dynamapper.CreateOption {
		return dynamapper.CreateInput(edit)
	}
	for name, other := range map[string]struct {
		option dynamapper.CreateOption
		says   string
	}{
		"keys": {edit(func(in *dynamodb.CreateTableInput) {
			in.AttributeDefinitions[0].AttributeType = types.ScalarAttributeTypeB
		}), "with other keys;"},
		"indexes": {edit(func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{
				{IndexName: aws.String("by-name"), KeySchema: in.KeySchema,
					Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll}}}
		}), "with other indexes;"},
		"capacity": {dynamapper.Provisioned(1, 2), "with other capacity;"},
		"stream": {edit(func(in *dynamodb.CreateTableInput) {
			in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true),
				StreamViewType: types.StreamViewTypeKeysOnly}
		}), "with other stream;"},
		"protection": {edit(func(in *dynamodb.CreateTableInput) {
			in.DeletionProtectionEnabled = aws.Bool(true)
		}), "with other deletion protection;"},
	} {
		t.Run(name, func(t *testing.T) {
			table, good, line := lineTable[loginModel](t)
			ctx := t.Context()
			line.On("CreateTable", 1, dynamotest.After(dynamotest.Drop(), func() {
				require.NoError(t, good.CreateTable(ctx, other.option, dynamapper.WaitActive()))
			}))
			err := table.CreateTable(ctx)
			require.ErrorContains(t, err,
				"another table of this name was made at the same time, "+other.says)
			var inUse *types.ResourceInUseException
			require.ErrorAs(t, err, &inUse)
			require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
		})
	}
}

// A table that existed before is not taken for the own one, even if the first response that said so
// was lost.
func TestALostCreationMeetsAnOldTable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		_, logins, line := bubbleTable[loginModel](t)
		time.Sleep(time.Hour)
		line.On("CreateTable", 1, dynamotest.Lose())
		err := logins.CreateTable(t.Context())
		require.Empty(t, line.Pending())
		require.ErrorContains(t, err, "the table exists already; use EnsureTable")
		var inUse *types.ResourceInUseException
		require.ErrorAs(t, err, &inUse)
		require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
	})
}

// If no response arrives, or if nothing shows who made the table, the call returns an error.
func TestATableWithoutAResponse(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for _, test := range []struct {
		operation, op, says string
		call                func(*dynamapper.Table[sessionModel]) error
	}{
		{"CreateTable", "CreateTable", "the table is being created or not",
			func(s *dynamapper.Table[sessionModel]) error { return s.CreateTable(ctx) }},
		{"DeleteTable", "DeleteTable", "the table is being deleted or not",
			func(s *dynamapper.Table[sessionModel]) error { return s.DeleteTable(ctx) }},
		{"UpdateTimeToLive", "CreateTable", "TTL is being switched on or not",
			func(s *dynamapper.Table[sessionModel]) error { return s.CreateTable(ctx) }},
	} {
		table, good, line := lineTable[sessionModel](t)
		if test.operation == "DeleteTable" {
			require.NoError(t, good.CreateTable(ctx))
		}
		line.Each(test.operation, fixtures.Always(dynamotest.Drop()))
		err := test.call(table)
		require.ErrorIs(t, err, dynamapper.ErrUnknownOutcome, test.operation)
		var doubt *dynamapper.UnknownOutcomeError
		require.ErrorAs(t, err, &doubt)
		require.Equal(t, test.op, doubt.Op)
		require.Equal(t, good.Name(), doubt.Table)
		require.Zero(t, doubt.Key)
		require.ErrorContains(t, err, test.says)
	}

	table, _, line := lineTable[loginModel](t)
	line.On("CreateTable", 1, dynamotest.Lose())
	line.Each("DescribeTable",
		fixtures.Always(dynamotest.Refuse(http.StatusBadRequest, "AccessDeniedException")))
	err := table.CreateTable(ctx)
	require.ErrorIs(t, err, dynamapper.ErrUnknownOutcome)
	require.ErrorContains(t, err, "made by this call or by another; call EnsureTable")
	line.Clear()
	line.On("CreateTable", 1, dynamotest.Refuse(http.StatusBadRequest, "LimitExceededException"))
	line.On("CreateTable", 2, dynamotest.Refuse(http.StatusBadRequest, "AccessDeniedException"))
	require.NotErrorIs(t, table.CreateTable(ctx), dynamapper.ErrUnknownOutcome,
		"a refusal is not an unknown outcome")
}

// If the put of the counter lost its response and the counter has been used since, CreateTable
// succeeds and leaves it.
func TestALostCounterThatHasCounted(t *testing.T) {
	t.Parallel()
	table, good, line := lineTable[logEntry](t)
	ctx := t.Context()
	line.On("PutItem", 1, dynamotest.After(dynamotest.Lose(), func() {
		require.NoError(t, good.Save(ctx, &logEntry{Text: "fast"}))
	}))
	require.NoError(t, table.CreateTable(ctx))
	require.Equal(t, counter("1"), fixtures.GetRaw(t, good.Name(), idKey("-1")))
}
