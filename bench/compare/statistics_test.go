package main

import "testing"

func TestSpreadOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		figures []float64
		want    spread
	}{
		{[]float64{3}, spread{3, 3, 3}},
		{[]float64{4, 2}, spread{2.5, 3, 3.5}},
		{[]float64{5, 1, 3, 2, 4}, spread{2, 3, 4}},
	} {
		if got := spreadOf(c.figures); got != c.want {
			t.Errorf("spreadOf(%v) = %v, not %v", c.figures, got, c.want)
		}
	}
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		goal  target
		value float64
		want  string
	}{
		{target{least: true, bound: 8}, 8, "reached"},
		{target{least: true, bound: 8}, 8.1, "reached"},
		{target{least: true, bound: 8}, 7.9, "MISSED"},
		{target{bound: 3}, 3, "reached"},
		{target{bound: 3}, 2.9, "reached"},
		{target{bound: 3}, 3.1, "MISSED"},
	} {
		if got := c.goal.verdict(c.value); got != c.want {
			t.Errorf("%+v of %g: %s, not %s", c.goal, c.value, got, c.want)
		}
	}
}

func TestFiguresAsText(t *testing.T) {
	t.Parallel()
	for nanoseconds, want := range map[float64]string{
		7: "7.00 ns", 355: "355 ns", 1400: "1.40 µs", 61_540: "61.5 µs", 12_345_678: "12.3 ms",
	} {
		if got := duration(nanoseconds); got != want {
			t.Errorf("duration(%g) = %s, not %s", nanoseconds, got, want)
		}
	}
	for n, want := range map[float64]string{
		0: "0", 999: "999", 2596: "2,596", 1_234_567: "1,234,567",
	} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%g) = %s, not %s", n, got, want)
		}
	}
}
