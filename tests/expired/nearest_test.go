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

// In a collection, only the models that the index has say whether a search hides expired items.
func TestNearestInACollectionHidesItsOwnItems(t *testing.T) {
	t.Parallel()
	type coupon struct {
		dynamapper.Model `dynamo:"offers,entity=coupon"`
		ID               string    `dynamo:"id,hash"`
		Expires          time.Time `dynamo:"expires,ttl"`
	}
	type place struct {
		dynamapper.Model `dynamo:"offers,entity=place"`
		ID               string    `dynamo:"id,hash"`
		Expires          time.Time `dynamo:"expires,ttl"`
		Text             string    `dynamo:"text"`
		Taste            []float32 `dynamo:"taste" vector:"by-taste,cosine,dimensions=2,include=text+entity"`
	}
	keepingEngine(t)
	mapper := dynamotest.Mapper(t)
	places := tableOf[place](t, mapper)
	coupons := tableOf[coupon](t, mapper, dynamapper.HideExpired())
	all, err := dynamapper.NewCollection(places, coupons)
	require.NoError(t, err)
	require.NoError(t, all.CreateTable(t.Context(), dynamapper.WaitActive()))
	require.NoError(t, places.Save(t.Context(), &place{ID: "a", Text: "x", Taste: []float32{1, 0},
		Expires: time.Now().Add(-time.Hour)}))
	for _, search := range []*dynamapper.CollectionSearch{
		all.Nearest([]float32{1, 0}), all.Nearest([]float32{1, 0}).Select("text"),
	} {
		found, err := search.Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, found, 1)
		require.Equal(t, "x", found[0].Item.(*place).Text)
	}
	hiding, err := dynamapper.NewCollection(coupons,
		tableOf[place](t, mapper, dynamapper.HideExpired()))
	require.NoError(t, err)
	_, err = hiding.Nearest([]float32{1, 0}).Collect(t.Context())
	require.ErrorContains(t, err, `does not have the attribute "expires", by which HideExpired`)
}
