package gen_test

import (
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/cmd/dynamapper/internal/gen/internal/cases"
)

var update = flag.Bool("update", false, "write the generated files")

// The generated code is package samples, whose tests compile it and run it on the engine.
func TestGenerate(t *testing.T) {
	t.Parallel()
	for _, c := range cases.All {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			got, err := c.Generate("testdata")
			require.NoError(t, err)
			file := "samples/" + c.Name + "_test.go"
			if *update {
				require.NoError(t, os.WriteFile(file, got, 0o644))
			}
			want, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, string(want), string(got))
		})
	}
}
