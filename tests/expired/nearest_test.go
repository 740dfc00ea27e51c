package expired_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// offer has a vector, and expires.
type offer struct {
	dynamapper.Model `dynamo:"offers"`

	ID      string    `dynamo:"id,hash"`
	Expires time.Time `dynamo:"expires,ttl"`
	Taste   []float32 `dynamo:"taste" vector:"by-taste,cosine,dimensions=2"`
}

// A search and TransactGet leave expired items out. Those that a search has found count in its Top.
func TestNearestLeavesExpiredItemsOut(t *testing.T) {
	t.Parallel()
	keepingEngine(t)
	mapper := dynamotest.Mapper(t)
	hiding := tableOf[offer](t, mapper, dynamapper.HideExpired())
	showing := tableOf[offer](t, mapper)
	require.NoError(t, hiding.CreateTable(t.Context(), dynamapper.WaitActive()))
	for _, o := range []*offer{
		{ID: "old", Expires: time.Now().Add(-time.Hour), Taste: []float32{1, 0}},
		{ID: "new", Expires: time.Now().Add(time.Hour), Taste: []float32{1, 0.1}},
	} {
		require.NoError(t, hiding.Save(t.Context(), o))
	}
	found := func(table *dynamapper.Table[offer], top int, more ...string) (ids []string) {
		search := table.Nearest([]float32{1, 0}).Top(top)
		if more != nil {
			search = search.Select(more...)
		}
		for n, err := range search.All(t.Context()) {
			require.NoError(t, err)
			ids = append(ids, n.Item.ID)
		}
		return ids
	}
	require.Equal(t, []string{"old", "new"}, found(showing, 2))
	require.Equal(t, []string{"new"}, found(hiding, 2))
	require.Equal(t, []string{"new"}, found(hiding, 2, "id"))
	require.Empty(t, found(hiding, 1))

	fetch, shown := hiding.Fetch(dynamapper.Key("old")), showing.Fetch(dynamapper.Key("old"))
	require.NoError(t, mapper.TransactGet(t.Context(), fetch, shown))
	require.ErrorIs(t, fetch.Err, dynamapper.ErrNotFound)
	require.NoError(t, shown.Err)
}
