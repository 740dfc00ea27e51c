package dax

import (
	"context"
	"errors"
	"net"
	"testing"

	"github.com/aws/aws-dax-go-v2/dax"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

var _ dynamapper.Client = (*dax.Dax)(nil)

// player is an item in the cache.
type player struct {
	dynamapper.Model `dynamo:"players"`
	Login            string `dynamo:"login,hash"`
	Balance          int    `dynamo:"balance"`
	Version          string `dynamo:"version,version"`
}

// noCluster returns AWS's client of a cluster that cannot be reached.
func noCluster(t *testing.T) *dax.Dax {
	t.Helper()
	cfg := dax.DefaultConfig()
	cfg.HostPorts = []string{"dax://127.0.0.1:8111"}
	cfg.Region = "eu-west-1"
	cfg.Credentials = credentials.NewStaticCredentialsProvider("key", "secret", "")
	cfg.WriteRetries = 0
	cfg.DialContext = func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("there is no cluster")
	}
	client, err := dax.New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// AWS's client refuses a call with middleware before it looks for a node. The mapper's calls reach
// that point even with observers. Because nothing was sent, the error is neither a lost response
// nor missing credentials.
func TestAWSClientTakesTheCallsOfTheMapper(t *testing.T) {
	t.Parallel()
	ctx, observed := t.Context(), 0
	mapper, err := dynamapper.New(noCluster(t), dynamapper.WithMaxRetries(4),
		dynamapper.WithObserver(func(context.Context, dynamapper.Operation) { observed++ }))
	require.NoError(t, err)
	players, err := dynamapper.TableOf[player](mapper)
	require.NoError(t, err)
	waldo := dynamapper.Key("waldo")
	calls := map[string]func() error{
		"Get": func() error {
			_, err := players.Get(ctx, waldo)
			return err
		},
		"BatchGet": func() error {
			_, err := players.BatchGet(ctx, []dynamapper.PrimaryKey{waldo})
			return err
		},
		"Query": func() error {
			_, err := players.Query("waldo").Collect(ctx)
			return err
		},
		"Scan": func() error {
			_, err := players.Scan().Count(ctx)
			return err
		},
		"Save": func() error { return players.Save(ctx, &player{Login: "waldo"}) },
		"an insert": func() error {
			return players.Save(ctx, &player{Login: "waldo"}, dynamapper.FailOnConflict())
		},
		"Idempotent": func() error {
			return players.Save(ctx, &player{Login: "waldo"}, dynamapper.Idempotent())
		},
		"Update": func() error {
			_, err := players.Update(waldo).Add("balance", 1).Run(ctx)
			return err
		},
		"DeleteKey": func() error { return players.DeleteKey(ctx, waldo) },
		"BatchSave": func() error {
			return players.BatchSave(ctx, []*player{{Login: "waldo"}, {Login: "eve"}})
		},
		"BatchDelete": func() error {
			return players.BatchDelete(ctx, []dynamapper.PrimaryKey{waldo})
		},
		"RunTransaction": func() error {
			return mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
				players.In(tx).Save(&player{Login: "waldo"})
				return nil
			})
		},
	}
	for name, call := range calls {
		before := observed
		err := call()
		require.ErrorContains(t, err, "no routes found", name)
		require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome, name)
		require.NotContains(t, err.Error(), "credentials", name)
		require.Equal(t, before+1, observed, "%s is not tried again: %v", name, err)
	}
}

// AWS's client has no operations on tables, and its error reports that.
func TestAWSClientHasNoTables(t *testing.T) {
	t.Parallel()
	mapper, err := dynamapper.New(noCluster(t))
	require.NoError(t, err)
	players, err := dynamapper.TableOf[player](mapper)
	require.NoError(t, err)
	for _, err := range []error{
		players.CreateTable(t.Context()), players.EnsureTable(t.Context()),
		players.Verify(t.Context()), players.DeleteTable(t.Context()),
	} {
		require.ErrorContains(t, err,
			"the client does not have this operation; make a mapper of *dynamodb.Client for it")
	}
}
