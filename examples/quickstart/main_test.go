package main

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// The program does what the README says of it.
func TestQuickstart(t *testing.T) {
	engine := dynamotest.Run(t)
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", engine.Endpoint())
	cfg := engine.Config()
	credentials, err := cfg.Credentials.Retrieve(t.Context())
	require.NoError(t, err)
	t.Setenv("AWS_REGION", cfg.Region)
	t.Setenv("AWS_ACCESS_KEY_ID", credentials.AccessKeyID)
	t.Setenv("AWS_SECRET_ACCESS_KEY", credentials.SecretAccessKey)

	require.NoError(t, run(t.Context()))

	mapper, err := dynamapper.Connect(t.Context())
	require.NoError(t, err)
	players, err := dynamapper.TableOf[Player](mapper)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, players.DeleteTable(context.WithoutCancel(t.Context()))) })
	waldo, err := players.Get(t.Context(), dynamapper.Key("waldo"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, 50, waldo.Balance)
	require.Equal(t, map[string]int{"sword": 1}, waldo.Inventory)
}

// The README shows the model and the purchase of this program, word for word.
func TestREADMEShowsIt(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	program, err := os.ReadFile("main.go")
	require.NoError(t, err)
	from, to := strings.Index(string(program), "// Player is"), strings.Index(string(program), "\nfunc run(")
	require.True(t, 0 < from && from < to)
	require.Contains(t, string(readme), "```go\n"+string(program[from:to])+"```")
}
