package dynamapper

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A request holds at most 25 writes and the service's limit of bytes. A larger write is sent alone.
func TestSplitBatch(t *testing.T) {
	t.Parallel()
	sized := func(sizes ...int) []*batchedWrite {
		writes := make([]*batchedWrite, len(sizes))
		for i, size := range sizes {
			writes[i] = &batchedWrite{size: size}
		}
		return writes
	}
	const most = maxBatchBytes
	for _, c := range []struct {
		writes []*batchedWrite
		want   []int
	}{
		{nil, nil},
		{sized(0), []int{1}},
		{sized(make([]int, 25)...), []int{25}},
		{sized(make([]int, 51)...), []int{25, 25, 1}},
		{sized(most-1, 1, 1, most), []int{2, 1, 1}},
		{sized(most+1, most+1, 1), []int{1, 1, 1}},
	} {
		var got []int
		for _, part := range splitBatch(c.writes) {
			got = append(got, len(part))
		}
		require.Equal(t, c.want, got)
	}
}
