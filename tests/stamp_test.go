package tests

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

func TestCreatedIsSetOnceAndUpdatedByEveryWrite(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[counted](t)
	item := newAccount[counted]()
	begin := time.Now()
	require.NoError(t, table.Save(t.Context(), item))
	require.False(t, item.Created.Before(begin))
	require.Equal(t, item.Created, item.Updated)
	require.Equal(t, time.UTC, item.Created.Location())
	created, updated := item.Created, item.Updated
	for _, letters := range []string{"", "F", "C", "FC"} {
		item.Balance++
		require.NoError(t, table.Save(t.Context(), item, writeOptions(letters)...))
		require.Equal(t, created, item.Created)
		require.False(t, item.Updated.Before(updated))
		require.Equal(t, item.account, fixtures.Load(t, table, "one").account)
		updated = item.Updated
	}
}

func TestCreatedIsKeptWhereSet(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[counted](t)
	item := newAccount[counted]()
	founded := time.Date(2012, 5, 31, 12, 0, 0, 42000, time.UTC)
	item.Created = founded
	require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
	require.Equal(t, founded, fixtures.Load(t, table, "one").Created)
	item.ID = "copy"
	require.NoError(t, table.Save(t.Context(), item))
	require.Equal(t, founded, fixtures.Load(t, table, "copy").Created)
	require.NoError(t, table.Delete(t.Context(), item))
	require.NoError(t, table.Save(t.Context(), item))
	require.Equal(t, founded, fixtures.Load(t, table, "copy").Created)
	fixtures.PutRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text("old")})
	old := fixtures.Load(t, table, "old")
	require.NoError(t, table.Save(t.Context(), old))
	require.True(t, old.Created.IsZero(),
		"the created time of a stored item without one is unknown")
}

// Only the caller can change the created time of a loaded item, and that change is an edit.
func TestCreatedEditedByTheCallerIsSaved(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[counted](t)
	founded := time.Date(2012, 5, 31, 12, 0, 0, 42000, time.UTC)
	for _, letters := range []string{"", "F", "C", "FC"} {
		item := savedAccount[counted](t, table)
		item.Created = founded
		require.NoError(t, table.Save(t.Context(), item, writeOptions(letters)...))
		require.Equal(t, founded, fixtures.Load(t, table, "one").Created)
	}
}

type nanoTimes struct {
	dynamapper.Model `dynamo:"times"`
	ID               string    `dynamo:"id,hash"`
	Created          time.Time `dynamo:"created,created"`
	Updated          time.Time `dynamo:"updated,updated"`
}

type unixTimes struct {
	dynamapper.Model `dynamo:"times"`
	ID               string    `dynamo:"id,hash"`
	Created          time.Time `dynamo:"created,created,unixtime"`
	Updated          time.Time `dynamo:"updated,updated,unixtime"`
}

type layoutTimes struct {
	dynamapper.Model `dynamo:"times"`
	ID               string    `dynamo:"id,hash"`
	Created          time.Time `dynamo:"created,created,layout=DateOnly"`
	Updated          time.Time `dynamo:"updated,updated,layout=2006-01-02T15:04:05.000000-07:00"`
}

func (m *nanoTimes) times() [2]time.Time   { return [2]time.Time{m.Created, m.Updated} }
func (m *unixTimes) times() [2]time.Time   { return [2]time.Time{m.Created, m.Updated} }
func (m *layoutTimes) times() [2]time.Time { return [2]time.Time{m.Created, m.Updated} }

// After a save, a time in the field has the precision of its stored form, so that a read returns
// the same time.
func TestTimesAfterASaveAreTheTimesOfARead(t *testing.T) {
	t.Parallel()
	t.Run("default", func(t *testing.T) { testTimesAreAsRead(t, &nanoTimes{ID: "one"}) })
	t.Run("unixtime", func(t *testing.T) { testTimesAreAsRead(t, &unixTimes{ID: "one"}) })
	t.Run("layout", func(t *testing.T) { testTimesAreAsRead(t, &layoutTimes{ID: "one"}) })
}

func testTimesAreAsRead[T dynamapper.IsModel, P interface {
	*T
	times() [2]time.Time
}](t *testing.T, item P) {
	table, sent := fixtures.WatchedTable[T](t)
	for _, letters := range []string{"F", "", "F"} {
		require.NoError(t, table.Save(t.Context(), item, writeOptions(letters)...))
		require.Equal(t, item.times(), P(fixtures.Load(t, table, "one")).times())
		require.False(t, item.times()[0].IsZero())
		require.False(t, item.times()[1].IsZero())
	}
	sent.Take()
	require.NoError(t, table.Save(t.Context(), item, dynamapper.ChangedOnly()))
	require.Empty(t, sent.Take())
}

// Stamps is an anonymous struct, embedded as a nil pointer, whose fields are stamps.
type Stamps struct {
	Created time.Time `dynamo:"created,created"`
	Updated time.Time `dynamo:"updated,updated"`
	Version int       `dynamo:"version,version"`
}

type stamped struct {
	dynamapper.Model `dynamo:"stamped"`
	ID               string `dynamo:"id,hash"`
	*Stamps
}

func TestStampsOfAnAnonymousStruct(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[stamped](t)
	item := &stamped{ID: "one"}
	require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
	require.NotNil(t, item.Stamps)
	require.NotZero(t, item.Version)
	require.False(t, item.Created.IsZero())
	require.Equal(t, item.Stamps, fixtures.Load(t, table, "one").Stamps)
	again := &stamped{ID: "one"}
	require.ErrorIs(t, table.Save(t.Context(), again, dynamapper.FailOnConflict()),
		dynamapper.ErrOverwrite)
	require.Nil(t, again.Stamps, "a failed save leaves the item as it was")
}

// An updated time that the caller sets is saved as it is, also by ChangedOnly and in a new item.
// The next write renews it.
func TestUpdatedSetByTheCallerIsSaved(t *testing.T) {
	t.Parallel()
	t.Run("default",
		func(t *testing.T) {
			testUpdatedIsSaved(t,
				func(m *nanoTimes) *time.Time { return &m.Updated })
		})
	t.Run("unixtime",
		func(t *testing.T) {
			testUpdatedIsSaved(t,
				func(m *unixTimes) *time.Time { return &m.Updated })
		})
	t.Run("layout",
		func(t *testing.T) {
			testUpdatedIsSaved(t,
				func(m *layoutTimes) *time.Time { return &m.Updated })
		})
}

func testUpdatedIsSaved[T dynamapper.IsModel](t *testing.T, updated func(*T) *time.Time) {
	table := fixtures.TableOf[T](t)
	imported := time.Date(2012, 5, 31, 14, 0, 0, 42_123_456, time.FixedZone("", 7200))
	for _, letters := range []string{"", "F", "C", "FC", "new"} {
		fixtures.PutRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text("one")})
		item := fixtures.Load(t, table, "one")
		if letters == "new" {
			fixtures.DeleteRaw(t, table.Name(), accountKey)
			reflect.ValueOf(item).Elem().FieldByName("Model").SetZero()
		} else {
			require.NoError(t, table.Save(t.Context(), item))
			require.WithinDuration(t, time.Now(), *updated(item), time.Minute)
		}
		*updated(item) = imported
		require.NoError(t,
			table.Save(t.Context(), item, writeOptions(strings.TrimPrefix(letters, "new"))...))
		require.WithinDuration(t, imported, *updated(fixtures.Load(t, table, "one")), time.Second)
		require.NoError(t, table.Save(t.Context(), item))
		require.WithinDuration(t, time.Now(), *updated(fixtures.Load(t, table, "one")), time.Minute,
			"an unchanged time is renewed")
		require.NoError(t, table.Delete(t.Context(), item))
		*updated(item) = imported
		require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
		require.WithinDuration(t, imported, *updated(fixtures.Load(t, table, "one")), time.Second)
		require.NoError(t, table.Delete(t.Context(), item))
		require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
		require.WithinDuration(t, time.Now(), *updated(fixtures.Load(t, table, "one")), time.Minute,
			"a copied time is renewed")
	}
}

// Two edits of the created time conflict, as with any attribute.
func TestTwoEditsOfCreated(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[nanoTimes](t)
	require.NoError(t, table.Save(t.Context(), &nanoTimes{ID: "one"}))
	one, other := fixtures.Load(t, table, "one"), fixtures.Load(t, table, "one")
	one.Created, other.Created = one.Created.Add(-time.Hour), other.Created.Add(time.Hour)
	require.NoError(t, table.Save(t.Context(), one, writeOptions("FC")...))
	require.ErrorIs(t, table.Save(t.Context(), other, writeOptions("FC")...),
		dynamapper.ErrConflict)
}
