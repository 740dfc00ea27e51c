package dynamotest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTail(t *testing.T) {
	var kept tail
	require.Empty(t, kept.String())
	fmt.Fprint(&kept, "one\n\n  two  \r\nthr")
	fmt.Fprint(&kept, "ee")
	require.Equal(t, "one\n  two\nthree", kept.String())

	for i := range 10_000 {
		fmt.Fprintln(&kept, "line", i)
	}
	lines := strings.Split(kept.String(), "\n")
	require.Len(t, lines, tailLines)
	require.Equal(t, "line 9999", lines[tailLines-1])
	require.LessOrEqual(t, len(kept.kept), tailBytes)
}
