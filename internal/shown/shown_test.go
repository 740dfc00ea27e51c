package shown

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// A text is shortened between characters and keeps its end.
func TestShortened(t *testing.T) {
	t.Parallel()
	for i := range 12 {
		require.True(t, utf8.ValidString(shortened(strings.Repeat("é€😀", 20), 20+i, i)))
	}
	require.Equal(t, "a…", shortened("aé€", 2, 0))
	require.Equal(t, "0123…89", shortened("0123456789", 6, 2))
	require.Equal(t, `a\x1b[31m\n\xff\u202e"é😀`, escaped("a\x1b[31m\n\xff\u202e\"é😀"))
	require.Equal(t, `'`, escaped("'"))
	require.Equal(t, "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, and 2 more",
		Join(strings.Split("1 2 3 4 5 6 7 8 9 10 11 12", " "), ", "))
}
