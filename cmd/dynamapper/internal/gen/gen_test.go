package gen_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/cmd/dynamapper/internal/gen"
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

// A vector index that does not fit the sample is left out, and digits that a float32 lacks are
// named.
func TestVectorsThatDoNotFit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ item, want, not string }{
		{`{"taste": {"L": [{"N": "1"}, {"N": "2"}]}}`,
			`It does not have the vector index "by-taste", because no tag fits`, "by-taste,"},
		{`{"taste": {"L": [{"N": "1"}, {"N": "2"}, {"N": "1e39"}]}}`,
			"does not have the vector", "by-taste,"},
		{`{"city": {"N": "3"}}`, "does not have the vector", "by-taste,"},
		{`{"taste": {"L": [{"N": "1"}, {"N": "0.1234567890123"}, {"N": "3"}]}}`,
			"// Some numbers have more digits than a float32.", "does not have the vector"},
	} {
		text, err := os.ReadFile("testdata/places.create.json")
		require.NoError(t, err)
		tables, err := gen.ParseCreateTable(text)
		require.NoError(t, err)
		sample, err := gen.ReadSample(strings.NewReader(`{"name": {"S": "Owl"}, ` + c.item[1:] + "\n"))
		require.NoError(t, err)
		require.NoError(t, sample.AddTo(tables))
		got, err := gen.Generate("models", tables)
		require.NoError(t, err)
		assert.Contains(t, strings.Join(strings.Fields(string(got)), " "),
			strings.Join(strings.Fields(c.want), " "))
		assert.NotContains(t, string(got), c.not)
	}
}
