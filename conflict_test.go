package dynamapper_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

type player struct {
	dynamapper.Model `dynamo:"players"`
	Login            string         `dynamo:"login,hash"`
	Name             string         `dynamo:"name"`
	Balance          int            `dynamo:"balance"`
	Inventory        map[string]int `dynamo:"inventory"`
}

// tableOf makes a table of its own for the test, on the engine.
func tableOf[T any](t *testing.T) *dynamapper.Table[T] {
	t.Helper()
	table, err := dynamapper.TableOf[T](dynamotest.Mapper(t))
	require.NoError(t, err)
	require.NoError(t, table.CreateTable(t.Context(), dynamapper.WaitActive()))
	return table
}

// rawClient is a client beside the mapper: somebody else's program.
func rawClient(t *testing.T) *dynamodb.Client {
	t.Helper()
	return dynamodb.NewFromConfig(dynamotest.Run(t).Config())
}

func TestSmoke(t *testing.T) {
	players := tableOf[player](t)
	ctx := context.Background()
	p := &player{Login: "waldo", Balance: 200}
	require.NoError(t, players.Save(ctx, p, dynamapper.FailOnConflict()))
	a, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	require.NoError(t, err)
	b, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	require.NoError(t, err)
	a.Balance -= 150
	b.Balance -= 100
	require.NoError(t, players.Save(ctx, a, dynamapper.FailOnConflict()))
	err = players.Save(ctx, b, dynamapper.FailOnConflict())
	var conflict *dynamapper.ConflictError
	require.ErrorAs(t, err, &conflict)
	t.Log(err)
	require.Equal(t, []string{"balance"}, conflict.Attributes)
	require.Equal(t, &types.AttributeValueMemberN{Value: "50"}, conflict.Current["balance"])
	var wg sync.WaitGroup
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				p, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
				if err != nil {
					t.Error(err)
					return
				}
				p.Balance++
				err = players.Save(ctx, p, dynamapper.FailOnConflict())
				if err == nil {
					return
				}
				if !errors.Is(err, dynamapper.ErrConflict) {
					t.Error(err)
					return
				}
			}
		}()
	}
	wg.Wait()
	p, err = players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, 58, p.Balance)
}
