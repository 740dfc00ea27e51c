package timetext

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The texts sort as the times do: that is what the fixed width is for.
func TestStoredTextsSort(t *testing.T) {
	t.Parallel()
	start := time.Date(1999, 12, 31, 23, 59, 59, 999999990, time.UTC)
	var texts []string
	for step := time.Duration(1); step < 1<<40; step *= 3 {
		texts = append(texts, Format(start.Add(step)))
	}
	require.True(t, slices.IsSorted(texts))
}

func TestFormatAsPackageTime(t *testing.T) {
	t.Parallel()
	for seconds := int64(-60000000000); seconds < 250000000000; seconds += 7777777777 {
		at := time.Unix(seconds, seconds%1e9).UTC()
		require.Equal(t, at.Format(Stored), Format(at))
	}
}

// Parse reads what package time's parser reads, and nothing else.
func TestParseAsPackageTime(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	texts := []string{
		"",
		"2026-02-29T00:00:00.000000000Z",
		"2024-02-29T23:59:59.999999999Z",
		"2026-00-10T00:00:00.000000000Z",
		"2026-13-10T00:00:00.000000000Z",
		"2026-04-31T00:00:00.000000000Z",
		"2026-04-00T00:00:00.000000000Z",
		"2026-04-01T24:00:00.000000000Z",
		"2026-04-01T00:60:00.000000000Z",
		"2026-04-01T00:00:60.000000000Z",
		"2026-04-01T00:00:00.000000000z",
		"2026-04-01 00:00:00.000000000Z",
		"2026-04-01T00:00:00.00000000+Z",
		"0000-01-01T00:00:00.000000000Z",
	}
	for range 3000 {
		text := []byte(fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d.%09dZ",
			r.IntN(10000), r.IntN(14), r.IntN(33), r.IntN(25), r.IntN(61), r.IntN(61), r.IntN(1e9)))
		if r.IntN(3) == 0 {
			text[r.IntN(len(text))] = byte(r.IntN(256))
		}
		texts = append(texts, string(text))
	}
	for _, text := range texts {
		got, ok := Parse(text)
		want, err := time.Parse(time.RFC3339Nano, text)
		if ok {
			require.NoError(t, err, text)
			require.Equal(t, want, got, text)
		} else {
			require.True(t, err != nil || len(text) != len(Stored) || text[19] != '.', text)
		}
	}
}
