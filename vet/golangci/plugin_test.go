package golangci_test

import (
	"testing"

	"github.com/golangci/plugin-module-register/register"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/vet"
	"github.com/dynamapper/dynamapper/vet/golangci"
)

// golangci-lint finds the plugin by its name, and gets all checks.
func TestThePluginIsRegistered(t *testing.T) {
	t.Parallel()
	make, err := register.GetPlugin("dynamapper")
	require.NoError(t, err)
	plugin, err := make(nil)
	require.NoError(t, err)
	analyzers, err := plugin.BuildAnalyzers()
	require.NoError(t, err)
	require.Equal(t, vet.Analyzers(), analyzers)
	require.Equal(t, register.LoadModeTypesInfo, plugin.GetLoadMode())
}

func TestSettings(t *testing.T) {
	t.Parallel()
	plugin, err := golangci.New(map[string]any{"disable": []any{"dynamotx", "dynamocopy"}})
	require.NoError(t, err)
	analyzers, err := plugin.BuildAnalyzers()
	require.NoError(t, err)
	require.Len(t, analyzers, len(vet.Analyzers())-2)
	for _, analyzer := range analyzers {
		require.NotContains(t, []string{"dynamotx", "dynamocopy"}, analyzer.Name)
	}
	_, err = golangci.New(map[string]any{"disable": []any{"dynamotxs"}})
	require.ErrorContains(t, err, `"dynamotxs"`)
	_, err = golangci.New(map[string]any{"dissable": []any{"dynamotx"}})
	require.ErrorContains(t, err, "dissable")
}
