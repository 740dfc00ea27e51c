package bench

import (
	"testing"

	"github.com/dynamapper/dynamapper/bench/internal/work"
)

// Benchmark measures all works with all contenders.
//
//	go test -bench '/Query$/dynamapper' -benchmem
func Benchmark(b *testing.B) {
	for _, w := range work.All() {
		b.Run(w.Name, func(b *testing.B) {
			for _, c := range w.Contenders {
				b.Run(c.Name, func(b *testing.B) { benchmark(b, w, c) })
			}
		})
	}
}

func benchmark(b *testing.B, w work.Work, c work.Contender) {
	operation, err := c.Open()
	if err != nil {
		b.Fatal(err)
	}
	if err := operation.Check(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	if err := w.Repeat(b.Context(), operation, b.N); err != nil {
		b.Fatal(err)
	}
}
