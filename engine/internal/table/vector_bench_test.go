package table

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/dynamapper/dynamapper/engine/internal/number"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// BenchmarkNearest searches 10,000 vectors of 384 dimensions.
func BenchmarkNearest(b *testing.B) {
	const items, dimensions = 10_000, 384
	r := rand.New(rand.NewPCG(1, 2))
	keys := KeySchema{Hash: []KeyPart{{Name: "pk", Kind: value.KindN}}}
	t := New(keys, nil)
	t.AddVectorIndex(VectorSchema{Name: "vix", Attribute: "v", Dimensions: dimensions})
	for i := range items {
		list := make(value.List, dimensions)
		for j := range list {
			n, _ := number.Parse(strconv.FormatFloat(r.NormFloat64(), 'g', -1, 32))
			list[j] = value.Number{Number: n}
		}
		item := value.NewMap([]value.Attribute{
			{Name: "pk", Value: value.Number{Number: number.FromInt(int64(i))}},
			{Name: "v", Value: list},
		})
		key, _ := keys.Key(item)
		t.Put(key, item)
	}
	to := make([]float32, dimensions)
	for j := range to {
		to[j] = float32(r.NormFloat64())
	}
	index := t.Vector("vix")
	all := func(value.Map) bool { return true }
	for b.Loop() {
		index.Nearest(to, 10, all)
	}
}
