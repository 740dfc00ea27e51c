package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// printResult prints a work's part of the table.
func printResult(w io.Writer, r result) {
	fmt.Fprintf(w, "\n%s%s\n", r.Work, itemsOf(r))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tCPU\ttimes dynamapper\tquartiles\telapsed\tallocs\tbytes\t")
	for _, c := range r.Contenders {
		ratio := spreadOf(ratios(c, r.Contenders[0]))
		fmt.Fprintf(t, "%s\t%s\t%.2f\t%.2f to %.2f\t%s\t%s\t%s\t\n", c.Name,
			duration(spreadOf(c.CPU).Median),
			ratio.Median, ratio.Low, ratio.High, duration(spreadOf(c.Wall).Median),
			counted(c.Allocs), counted(c.Bytes))
	}
	t.Flush()
}

// counted formats a count. A process is not asked for its counts, which are then 0.
func counted(n float64) string {
	if n == 0 {
		return "-"
	}
	return thousands(n)
}

// printKept prints sizes.
func printKept(w io.Writer, k kept) {
	fmt.Fprintf(w, "\n%s\n", k.Name)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tbytes\ttimes dynamapper\t")
	for _, one := range k.Keepers {
		fmt.Fprintf(t, "%s\t%s\t%.2f\t\n", one.Name, thousands(one.Bytes),
			one.Bytes/k.Keepers[0].Bytes)
	}
	t.Flush()
}

func itemsOf(r result) string {
	if r.Items == 1 {
		return ""
	}
	return fmt.Sprintf(", %s items", thousands(float64(r.Items)))
}

// duration formats nanoseconds with three digits.
func duration(nanoseconds float64) string {
	value, unit := nanoseconds, "ns"
	for _, next := range []string{"µs", "ms", "s"} {
		if value < 1000 {
			break
		}
		value, unit = value/1000, next
	}
	return fmt.Sprintf("%.*f %s", decimals(value), value, unit)
}

// decimals returns the number of decimals that show three digits of a value below 1,000.
func decimals(value float64) int {
	switch {
	case value < 10:
		return 2
	case value < 100:
		return 1
	default:
		return 0
	}
}

// thousands formats an integer with commas.
func thousands(n float64) string {
	digits := strconv.FormatInt(int64(n), 10)
	var groups []string
	for len(digits) > 3 {
		groups = append(groups, digits[len(digits)-3:])
		digits = digits[:len(digits)-3]
	}
	groups = append(groups, digits)
	slices.Reverse(groups)
	return strings.Join(groups, ",")
}
