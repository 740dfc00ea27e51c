package tests

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// A read whose response was damaged, truncated or lost is sent again. If every response fails, the
// call returns an error other than ErrNotFound.
func TestALostResponseOfARead(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	faulty, good, line, _ := fixtures.FaultyTable[player](t)
	require.NoError(t, good.BatchSave(t.Context(), crowd(3)))
	ctx, key := t.Context(), dynamapper.Key("p002")
	reads := map[string]func() ([]*player, error){
		"GetItem": func() ([]*player, error) {
			p, err := faulty.Get(ctx, key, dynamapper.Consistent())
			return []*player{p}, err
		},
		"Query": func() ([]*player, error) {
			return faulty.Query("p002").Consistent().
				Collect(ctx)
		},
		"Scan": func() ([]*player, error) { return faulty.Scan().Consistent().Collect(ctx) },
		"BatchGetItem": func() ([]*player, error) {
			return faulty.BatchGet(ctx, dynamapper.Keys("p002"), dynamapper.Consistent())
		},
	}
	for operation, read := range reads {
		for how, fault := range map[string]dynamotest.Fault{
			"Cut": dynamotest.Cut(), "Corrupt": dynamotest.Corrupt(), "Lose": dynamotest.Lose(),
			"Fail": dynamotest.Fail(),
		} {
			t.Run(operation+" "+how, func(t *testing.T) {
				line.Clear()
				line.On(operation, 1, fault)
				got, err := read()
				require.NoError(t, err)
				require.Equal(t, 2, line.Sent(operation))
				require.Len(t, got, map[bool]int{true: 3, false: 1}[operation == "Scan"])
				for _, p := range got {
					stored := fixtures.GetRaw(t, good.Name(), playerKey(p.Login))
					require.Equal(t, stored, faulty.Snapshot(p))
				}

				line.Each(operation, fixtures.Always(fault))
				_, err = read()
				require.Error(t, err)
				require.NotErrorIs(t, err, dynamapper.ErrNotFound)
				require.Equal(t, 2+fixtures.SDKTries, line.Sent(operation))
			})
		}
	}
}
