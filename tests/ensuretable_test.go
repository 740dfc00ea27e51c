package tests

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

func TestTablePatience(t *testing.T) {
	t.Parallel()
	creating := &tableClient{
		create: func(*dynamodb.CreateTableInput) error { return nil },
		remove: func() error { return nil },
		describe: func() (*types.TableDescription, error) {
			// without it, the waiter would never end, because its requests take no time
			time.Sleep(time.Millisecond)
			return &types.TableDescription{TableStatus: types.TableStatusCreating}, nil
		},
	}
	busy := &tableClient{remove: func() error { return &types.ResourceInUseException{} }}
	for _, test := range []struct {
		name, says string
		fake       *tableClient
		run        func(context.Context, *dynamapper.Table[loginModel]) error
	}{
		{"CreateTable", "the table is CREATING", creating,
			func(ctx context.Context, logins *dynamapper.Table[loginModel]) error {
				return logins.CreateTable(ctx, dynamapper.WaitActive())
			}},
		{"EnsureTable", "the table is CREATING", creating,
			func(ctx context.Context, logins *dynamapper.Table[loginModel]) error {
				return logins.EnsureTable(ctx)
			}},
		{"DeleteTable", "the table is not deleted yet", creating,
			func(ctx context.Context, logins *dynamapper.Table[loginModel]) error {
				return logins.DeleteTable(ctx)
			}},
		{"DeleteTable", "the table is still in use", busy,
			func(ctx context.Context, logins *dynamapper.Table[loginModel]) error {
				return logins.DeleteTable(ctx)
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				err := test.run(t.Context(), tableOn[loginModel](t, givenTableClient(t, test.fake)))
				require.ErrorContains(t, err,
					"dynamapper: "+test.name+
						`: table "logins": after a wait of 10m0s, `+test.says)
				require.InDelta(t, 10*time.Minute, time.Since(start), float64(10*time.Second))
			})
		})
	}
}

func TestEnsureTableThatIsLocked(t *testing.T) {
	t.Parallel()
	fake := &tableClient{describe: func() (*types.TableDescription, error) {
		return &types.TableDescription{
			TableStatus: types.TableStatusInaccessibleEncryptionCredentials}, nil
	}}
	err := tableOn[loginModel](t, givenTableClient(t, fake)).EnsureTable(t.Context())
	require.ErrorContains(t, err,
		`dynamapper: EnsureTable: table "logins": the table is INACCESSIBLE_ENCRYPTION_CREDENTIALS`)
	var request *dynamapper.RequestError
	require.ErrorAs(t, err, &request)
	require.NoError(t, request.Err) // the request succeeded
}

func TestTableRequestsFailWhileWaiting(t *testing.T) {
	t.Parallel()
	refused := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "no"}
	fake := &tableClient{
		create:   func(*dynamodb.CreateTableInput) error { return nil },
		remove:   func() error { return nil },
		describe: func() (*types.TableDescription, error) { return nil, refused },
	}
	logins := tableOn[loginModel](t, givenTableClient(t, fake))
	for op, err := range map[string]error{
		"CreateTable": logins.CreateTable(t.Context(), dynamapper.WaitActive()),
		"EnsureTable": logins.EnsureTable(t.Context()),
		"Verify":      logins.Verify(t.Context()),
		"DeleteTable": logins.DeleteTable(t.Context()),
	} {
		require.ErrorContains(t, err,
			"dynamapper: "+op+`: table "logins": the credentials do not allow this`, op)
		require.ErrorIs(t, err, refused, op)
	}
}

func TestEnsureTable(t *testing.T) {
	t.Parallel()
	purchases := tableOn[purchaseModel](t, fixtures.Mapper(t))
	require.NoError(t, purchases.EnsureTable(t.Context(), dynamapper.Provisioned(5, 3)), "creates")
	requireUnits(t, liveTable(t, purchases.Name()), 5, 3)
	require.Equal(t, types.TimeToLiveStatusEnabled, liveTTL(t, purchases.Name()).TimeToLiveStatus)
	require.NoError(t, purchases.EnsureTable(t.Context()), "EnsureTable accepts the existing table")
	requireUnits(t, liveTable(t, purchases.Name()), 5, 3)
}

func TestEnsureTableVerifies(t *testing.T) {
	t.Parallel()
	type other struct {
		dynamapper.Model `dynamo:"logins"`
		ID               int `dynamo:"id,hash"`
	}
	m := fixtures.Mapper(t)
	require.NoError(t, tableOn[loginModel](t, m).EnsureTable(t.Context()))
	err := tableOn[other](t, m).EnsureTable(t.Context())
	require.ErrorIs(t, err, dynamapper.ErrSchema)
	require.ErrorContains(t, err, `its keys are hash "name" (S), those of the model hash "id" (N)`)
}

func TestEnsureTableSwitchesTTLOn(t *testing.T) {
	t.Parallel()
	type before struct {
		dynamapper.Model `dynamo:"sessions"`
		Token            string `dynamo:"token,hash"`
	}
	m := fixtures.Mapper(t)
	require.NoError(t, tableOn[before](t, m).EnsureTable(t.Context()))
	sessions := tableOn[sessionModel](t, m)
	require.ErrorContains(t, sessions.Verify(t.Context()),
		`TTL is off, and the model says the attribute "expires": call EnsureTable`)
	require.NoError(t, sessions.EnsureTable(t.Context()))
	require.Equal(t, types.TimeToLiveStatusEnabled, liveTTL(t, sessions.Name()).TimeToLiveStatus)
	require.NoError(t, sessions.Verify(t.Context()))
	require.NoError(t, tableOn[before](t, m).Verify(t.Context()),
		"TTL on an attribute without a field is accepted")
}

func TestEnsureTableChangesNothingOfAnotherTable(t *testing.T) {
	t.Parallel()
	type before struct {
		dynamapper.Model `dynamo:"sessions"`
		ID               string `dynamo:"id,hash"`
	}
	m := fixtures.Mapper(t)
	require.NoError(t, tableOn[before](t, m).EnsureTable(t.Context()))
	sessions := tableOn[sessionModel](t, m)
	require.ErrorIs(t, sessions.EnsureTable(t.Context()), dynamapper.ErrSchema)
	require.Equal(t, types.TimeToLiveStatusDisabled, liveTTL(t, sessions.Name()).TimeToLiveStatus)
}

func TestEnsureTableRace(t *testing.T) {
	t.Parallel()
	purchases := tableOn[purchaseModel](t, fixtures.Mapper(t))
	var group sync.WaitGroup
	errs := make([]error, 8)
	for n := range errs {
		group.Go(func() { errs[n] = purchases.EnsureTable(t.Context()) })
	}
	group.Wait()
	require.NoError(t, errors.Join(errs...))
	require.NoError(t, purchases.Verify(t.Context()))
}

func sessionsTable() (*types.TableDescription, error) {
	table := activeTable()
	table.KeySchema = keySchema("token")
	table.AttributeDefinitions = []types.AttributeDefinition{
		definitionOf("token", types.ScalarAttributeTypeS)}
	return table, nil
}

func ttlState(status types.TimeToLiveStatus, attribute string) types.TimeToLiveDescription {
	return types.TimeToLiveDescription{TimeToLiveStatus: status, AttributeName: &attribute}
}

func TestEnsureTableTTLOfOthers(t *testing.T) {
	t.Parallel()
	off, enabling := types.TimeToLiveDescription{TimeToLiveStatus: types.TimeToLiveStatusDisabled},
		ttlState(types.TimeToLiveStatusEnabling, "expires")
	for _, test := range []struct {
		name   string
		states []types.TimeToLiveDescription // one for each request
		refuse string
		want   string // empty for no error
	}{
		{"given one that is being enabled", []types.TimeToLiveDescription{enabling}, "", ""},
		{"given somebody faster", []types.TimeToLiveDescription{off},
			"TimeToLive is already enabled", ""},
		{"given somebody much faster", []types.TimeToLiveDescription{off, enabling},
			"Time to live has been modified multiple times within a fixed interval", ""},
		{"given another refusal", []types.TimeToLiveDescription{off, off}, "Something else",
			"EnsureTable: table \"sessions\": the service refused the request as invalid: " +
				"ValidationException: Something else"},
		{"given somebody faster with another attribute",
			[]types.TimeToLiveDescription{off, ttlState(types.TimeToLiveStatusEnabling, "other")},
			"TimeToLive is active on a different AttributeName: current AttributeName is other",
			"different AttributeName"},
		{"given another attribute",
			[]types.TimeToLiveDescription{ttlState(types.TimeToLiveStatusEnabled, "other")}, "",
			`TTL is on for the attribute "other", and the model says "expires"`},
		{"given one that is being disabled",
			[]types.TimeToLiveDescription{ttlState(types.TimeToLiveStatusDisabling, "expires")}, "",
			"TTL is being switched off"},
	} {
		t.Run(test.name, func(t *testing.T) {
			states := test.states
			fake := &tableClient{describe: sessionsTable,
				describeTTL: func() types.TimeToLiveDescription {
					next := states[0]
					states = states[1:]
					return next
				},
				updateTTL: func() error {
					return &smithy.GenericAPIError{Code: "ValidationException",
						Message: test.refuse}
				},
			}
			err := tableOn[sessionModel](t, givenTableClient(t, fake)).EnsureTable(t.Context())
			if test.want == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, test.want)
			}
			require.Empty(t, states)
		})
	}
}

func TestEnsureTableAfterADeletion(t *testing.T) {
	t.Parallel()
	created := false
	responses := []types.TableStatus{types.TableStatusDeleting, types.TableStatusDeleting, "",
		types.TableStatusActive}
	fake := &tableClient{
		create: func(*dynamodb.CreateTableInput) error {
			created = true
			return nil
		},
		describe: func() (*types.TableDescription, error) {
			next := responses[0]
			responses = responses[1:]
			if next == "" {
				return nil, &types.ResourceNotFoundException{}
			}
			table := activeTable()
			table.TableStatus = next
			return table, nil
		},
		describeTTL: func() types.TimeToLiveDescription { return types.TimeToLiveDescription{} },
	}
	require.NoError(t, tableOn[loginModel](t, givenTableClient(t, fake)).EnsureTable(t.Context()))
	require.True(t, created)
}

func TestDeleteTable(t *testing.T) {
	t.Parallel()
	logins := tableOn[loginModel](t, fixtures.Mapper(t))
	err := logins.DeleteTable(t.Context())
	require.ErrorContains(t, err,
		fmt.Sprintf("dynamapper: DeleteTable: table %q: the table does not exist", logins.Name()))
	var missing *types.ResourceNotFoundException
	require.ErrorAs(t, err, &missing)

	require.NoError(t, logins.EnsureTable(t.Context()))
	require.NoError(t, logins.DeleteTable(t.Context()))
	require.ErrorAs(t, logins.Verify(t.Context()), &missing)
	require.NoError(t, logins.EnsureTable(t.Context()), "the name can be used again")
}

func TestDeleteTableInUse(t *testing.T) {
	t.Parallel()
	inUse, gone := &types.ResourceInUseException{}, &types.ResourceNotFoundException{}
	for name, responses := range map[string][]error{
		"given one that is being created": {inUse, inUse, nil},
		"given one that is being deleted": {inUse, gone},
	} {
		t.Run(name, func(t *testing.T) {
			fake := &tableClient{
				remove: func() error {
					next := responses[0]
					responses = responses[1:]
					return next
				},
				describe: func() (*types.TableDescription, error) { return nil, gone },
			}
			require.NoError(t,
				tableOn[loginModel](t, givenTableClient(t, fake)).DeleteTable(t.Context()))
			require.Empty(t, responses)
		})
	}
	t.Run("given a context that ends", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		err := tableOn[loginModel](t,
			givenTableClient(t, &tableClient{remove: func() error { return inUse }})).
			DeleteTable(ctx)
		require.ErrorContains(t, err,
			"the context ended during the wait for the table, and the table is still in use")
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestDeleteTableProtected(t *testing.T) {
	t.Parallel()
	logins := tableOn[loginModel](t, fixtures.Mapper(t))
	require.NoError(t,
		logins.CreateTable(t.Context(), dynamapper.CreateInput(func(in *dynamodb.CreateTableInput) {
			in.DeletionProtectionEnabled = aws.Bool(true)
		})))
	require.True(t, *liveTable(t, logins.Name()).DeletionProtectionEnabled)
	require.ErrorContains(t, logins.DeleteTable(t.Context()), "protect")
}

func TestTablesCancelled(t *testing.T) {
	t.Parallel()
	logins := tableOn[loginModel](t, fixtures.Mapper(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for op, err := range map[string]error{
		"CreateTable": logins.CreateTable(ctx),
		"EnsureTable": logins.EnsureTable(ctx),
		"Verify":      logins.Verify(ctx),
		"DeleteTable": logins.DeleteTable(ctx),
	} {
		require.ErrorIs(t, err, context.Canceled, op)
		require.ErrorContains(t, err, "the context was cancelled", op)
	}
}

func TestTablesObserved(t *testing.T) {
	t.Parallel()
	var seen []string
	m := fixtures.Mapper(t, dynamapper.WithObserver(func(_ context.Context,
		o dynamapper.Operation) {
		seen = append(seen, o.Name)
		assert.Equal(t, 1, o.Attempts)
		assert.NotEmpty(t, o.Table)
	}))
	sessions := tableOn[sessionModel](t, m)
	require.NoError(t, sessions.CreateTable(t.Context()))
	require.NoError(t, sessions.Verify(t.Context()))
	require.NoError(t, sessions.DeleteTable(t.Context()))
	require.Equal(t, []string{
		"CreateTable", "DescribeTable", "UpdateTimeToLive", // CreateTable
		"DescribeTable", "DescribeTimeToLive", // Verify
		"DeleteTable", "DescribeTable", // DeleteTable
	}, seen)
}

func TestTablesPutTheCounter(t *testing.T) {
	t.Parallel()
	type ticket struct {
		dynamapper.Model `dynamo:"tickets"`
		ID               int `dynamo:"id,hash,autoincrement"`
	}
	tickets := tableOn[ticket](t, fixtures.Mapper(t))
	key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberN{Value: "-1"}}
	counter := func() map[string]types.AttributeValue {
		return fixtures.GetRaw(t, tickets.Name(), key)
	}
	require.NoError(t, tickets.CreateTable(t.Context()), "EnsureTable waits to put the counter")
	require.Equal(t, &types.AttributeValueMemberN{Value: "0"}, counter()["__max_hash_key__"])

	_, err := engineClient(t).DeleteItem(t.Context(),
		&dynamodb.DeleteItemInput{TableName: aws.String(tickets.Name()), Key: key})
	require.NoError(t, err)
	require.NoError(t, tickets.EnsureTable(t.Context()))
	require.Equal(t, &types.AttributeValueMemberN{Value: "0"}, counter()["__max_hash_key__"])
}
