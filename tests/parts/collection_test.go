package parts

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/engine"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

type profile struct {
	dynamapper.Model `dynamo:"club,entity=profile"`
	_                dynamapper.Computed `dynamo:"pk,hash,format=P#{login}"`
	_                dynamapper.Computed `dynamo:"sk,range,format=PROFILE"`
	Login            string              `dynamo:"login"`
	Coins            int                 `dynamo:"coins"`
	Shared           string              `dynamo:"shared"`
	Settings         settings            `dynamo:"settings,document"`
	Dotted           string              `dynamo:"detail.note"`
	Version          int                 `dynamo:"version,version"`
}

type visit struct {
	dynamapper.Model `dynamo:"club,entity=visit"`
	_                dynamapper.Computed `dynamo:"pk,hash,format=P#{login}"`
	_                dynamapper.Computed `dynamo:"sk,range,format=VISIT#{id}"`
	Login            string              `dynamo:"login"`
	ID               string              `dynamo:"id"`
	Place            string              `dynamo:"place" index:"by-place,hash,include=entity+shared+login+id"`
	Shared           string              `dynamo:"shared"`
	Settings         map[string]int      `dynamo:"settings"`
	Detail           map[string]string   `dynamo:"detail,document"`
	Expires          time.Time           `dynamo:"expires,ttl"`
}

// club has a profile and two visits, one of which has expired.
func club(t *testing.T, hides ...dynamapper.TableOption) (
	*dynamapper.Collection, *dynamapper.Table[profile], *dynamapper.Table[visit],
) {
	t.Helper()
	// The engine's time is long past, so that it does not delete the expired visit.
	dynamotest.RunEngine(t, engine.WithSeed(0), engine.WithClock(func() time.Time {
		return time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	}))
	mapper := fixtures.Mapper(t)
	profiles, err := dynamapper.TableOf[profile](mapper)
	require.NoError(t, err)
	visits, err := dynamapper.TableOf[visit](mapper, hides...)
	require.NoError(t, err)
	all, err := dynamapper.NewCollection(profiles, visits)
	require.NoError(t, err)
	ctx := t.Context()
	require.NoError(t, all.CreateTable(ctx))
	one := &profile{Login: "waldo", Coins: 7, Shared: "s", Dotted: "d"}
	one.Settings.Lang, one.Settings.Volume = "en", 11
	require.NoError(t, profiles.Save(ctx, one))
	for id, expires := range map[string]time.Time{
		"a": time.Now().Add(time.Hour), "b": time.Now().Add(-time.Hour),
	} {
		require.NoError(t, visits.Save(ctx, &visit{Login: "waldo", ID: id, Place: "inn",
			Shared: "t", Detail: map[string]string{"note": "n", "more": "m"}, Expires: expires}))
	}
	return all, profiles, visits
}

// A collection reads attributes that some of its models have, and the keys and versions of all.
func TestSelectInACollection(t *testing.T) {
	t.Parallel()
	all, profiles, visits := club(t)
	ctx := t.Context()
	items, err := all.Query("waldo").Select("coins", "shared").Collect(ctx)
	require.NoError(t, err)
	require.Len(t, items, 3)
	one, first := items[0].(*profile), items[1].(*visit)
	require.Equal(t, []any{7, "s", "waldo", ""},
		[]any{one.Coins, one.Shared, one.Login, one.Settings.Lang})
	require.NotZero(t, one.Version)
	require.Equal(t, []any{"t", "waldo", "a", "inn", 0},
		[]any{first.Shared, first.Login, first.ID, first.Place, len(first.Detail)})
	require.True(t, first.Expires.IsZero())
	require.ErrorIs(t, profiles.Save(ctx, one), dynamapper.ErrPartial)
	one.Coins, first.Shared = 8, "u"
	require.NoError(t, profiles.Save(ctx, one, dynamapper.ChangedOnly()))
	require.NoError(t, visits.Save(ctx, first, dynamapper.ChangedOnly()))
	stored, err := profiles.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, []any{8, "en", "d"}, []any{stored.Coins, stored.Settings.Lang, stored.Dotted})

	var view struct {
		Profile *profile
		Visits  []*visit
	}
	require.NoError(t, all.Query("waldo").Select("place").Into(ctx, &view))
	require.Zero(t, view.Profile.Coins)
	require.Equal(t, "inn", view.Visits[1].Place)
	items, err = all.Scan().Select("detail.note").Collect(ctx)
	require.NoError(t, err)
	notes := map[string]int{}
	for _, item := range items {
		switch item := item.(type) {
		case *profile:
			require.Zero(t, item.Coins)
			notes[item.Dotted]++
		case *visit:
			require.Empty(t, item.Detail["more"])
			notes[item.Detail["note"]]++
		}
	}
	require.Equal(t, map[string]int{"d": 1, "n": 2}, notes,
		"one path is an attribute of one model, and a member of the other's")
	items, err = all.Query("inn").Index("by-place").Select("shared").Collect(ctx)
	require.NoError(t, err)
	require.Len(t, items, 2)
}

func TestWrongSelectsInACollection(t *testing.T) {
	t.Parallel()
	all, _, _ := club(t)
	for name, says := range map[string]string{
		"coin": `the collection of parts.profile, parts.visit has no attribute "coin"; did you ` +
			`mean "coins"?`,
		"settings.lang": `"settings" is stored as JSON, into which DynamoDB does not see`,
		"":              "Select of",
	} {
		_, err := all.Query("waldo").Select(name).Collect(t.Context())
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "dynamapper: Query: table ")
	}
	_, err := all.Scan().Select().Collect(t.Context())
	require.ErrorContains(t, err, "Select names no attribute")
	_, err = all.Query("inn").Index("by-place").Select("detail").Collect(t.Context())
	require.ErrorContains(t, err, `the index "by-place" does not have the attribute "detail"`)
}

// The time by which a table hides expired items is read, whatever is selected.
func TestSelectHidesExpired(t *testing.T) {
	t.Parallel()
	all, _, _ := club(t, dynamapper.HideExpired())
	items, err := all.Query("waldo").Select("shared").Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, items, 2)
}
