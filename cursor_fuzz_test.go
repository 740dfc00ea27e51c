package dynamapper

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// What reads as a cursor is one that was written: it is written again as the same text.
func FuzzCursor(f *testing.F) {
	table := tableOf[everything](f)
	c := bindCursors(table.schema, nil, "Query", "x")
	for _, key := range []string{`{"id":{"S":"a"},"range":{"N":"7"}}`, `{"id":{"S":"\u00e4\""},"range":{"N":"-1E2"}}`} {
		parsed, err := wire.ParseItem(key)
		require.NoError(f, err)
		cursor, err := c.write(parsed)
		require.NoError(f, err)
		f.Add(cursor)
	}
	f.Add("")
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, cursor string) {
		key, err := c.read(cursor)
		if err != nil {
			require.ErrorIs(t, err, ErrInvalidCursor)
			return
		}
		again, err := c.write(key)
		require.NoError(t, err)
		require.Equal(t, cursor, again)
	})
}
