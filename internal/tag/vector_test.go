package tag

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseVector(t *testing.T) {
	t.Parallel()
	parsed, err := ParseVector(
		"by-taste, cosine ,dimensions=384, include=a+b;exact,dot,dimensions=384,keys_only")
	require.NoError(t, err)
	require.Equal(t, []Vector{
		{Name: "by-taste", Distance: "cosine", Dimensions: 384, Include: []string{"a", "b"}},
		{Name: "exact", Distance: "dot", Dimensions: 384, KeysOnly: true},
	}, parsed)
	parsed, err = ParseVector("by-taste,partition;exact,filter")
	require.NoError(t, err)
	require.Equal(t, []Vector{{Name: "by-taste", Hash: true}, {Name: "exact", Filter: true}}, parsed)
}

func TestParseVectorRefuses(t *testing.T) {
	t.Parallel()
	for tag, problem := range map[string]string{
		"":                                   "has no name",
		",cosine":                            "has no name",
		"v":                                  "does not say what the field is",
		"v,cosine":                           "write dimensions=N",
		"v,dimensions=3":                     "write cosine, euclidean or dot",
		"v,cosine,dot,dimensions=3":          "the distances cosine and dot",
		"v,cosine,dimensions=0":              "dimensions=1 to dimensions=4096",
		"v,cosine,dimensions=4097":           "dimensions=1 to dimensions=4096",
		"v,cosine,dimensions=x":              "dimensions=1 to dimensions=4096",
		"v,cosine,dimensions=3,dimensions=3": "given twice",
		"v,cosine,dimensions=3,hash":         "use two fields",
		"v,hash,filter":                      "keep one",
		"v,hash,keys_only":                   "say it at the vector",
		"v,range":                            "no range key",
		"v,cosin,dimensions=3":               `did you mean "cosine"?`,
		"v,hash=1":                           `option "hash=1" is not known`,
		"v,cosine,dimensions=3,keys_only,include=a":  "says twice",
		"v,cosine,dimensions=3,include=a+":           "lacks the name of an attribute",
		"v,cosine,dimensions=3,include=a,keys_only":  "says twice",
		"v,cosine,dimensions=3;":                     "has no name",
		"v,cosine,dimensions=3,include=a,include=b":  "says twice",
		"v,cosine,dimensions=3,dimensions=4;w,hash ": "given twice",
	} {
		_, err := ParseVector(tag)
		require.ErrorContains(t, err, problem, "%q", tag)
	}
}
