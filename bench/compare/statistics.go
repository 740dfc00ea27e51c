package main

import (
	"slices"
)

// spread is the median of some numbers and the range of their middle half.
type spread struct{ Low, Median, High float64 }

func spreadOf(figures []float64) spread {
	sorted := slices.Sorted(slices.Values(figures))
	return spread{quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75)}
}

// quantile returns a number such that the part q of all sorted numbers lies below it.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	below := int(at)
	if below+1 == len(sorted) {
		return sorted[below]
	}
	return sorted[below] + (at-float64(below))*(sorted[below+1]-sorted[below])
}

// ratios returns a's times divided by b's, round by round.
func ratios(a, b figures) []float64 {
	rs := make([]float64, len(a.CPU))
	for i := range rs {
		rs[i] = a.CPU[i] / b.CPU[i]
	}
	return rs
}
