package expired_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

type guild struct {
	dynamapper.Model `dynamo:"game,entity=guild"`

	PK   string `dynamo:"pk,hash"`
	SK   string `dynamo:"sk,range"`
	Ends int64  `dynamo:"ends,ttl"`
}

type invite struct {
	dynamapper.Model `dynamo:"game,entity=invite"`

	PK   string `dynamo:"pk,hash"`
	SK   string `dynamo:"sk,range"`
	Ends int64  `dynamo:"ends,ttl"`
}

// game has items of two entities, of another one, and of none, one of each expired.
func game(t *testing.T) *dynamapper.Mapper {
	t.Helper()
	keepingEngine(t)
	mapper := dynamotest.Mapper(t)
	require.NoError(t, tableOf[guild](t, mapper).CreateTable(t.Context()))
	for _, entity := range []string{"guild", "invite", "other", ""} {
		for state, ends := range map[string]time.Duration{"live": time.Hour, "old": -time.Hour} {
			item := attributes{"pk": text("g"), "sk": text(entity + "-" + state),
				"ends": seconds(time.Now().Add(ends))}
			if entity != "" {
				item["entity"] = text(entity)
			}
			put(t, tableOf[guild](t, mapper).Name(), item)
		}
	}
	return mapper
}

// read returns the range keys of what a query of a collection of these tables yields, "?" for an
// item of an unknown entity, and what it counts.
func read(t *testing.T, tables ...dynamapper.AnyTable) (found []string, count int) {
	t.Helper()
	all, err := dynamapper.NewCollection(tables...)
	require.NoError(t, err)
	for item, err := range all.Query("g").All(t.Context()) {
		switch item := item.(type) {
		case *guild:
			found = append(found, item.SK)
		case *invite:
			found = append(found, item.SK)
		default:
			require.ErrorIs(t, err, dynamapper.ErrUnknownEntity)
			found = append(found, "?")
		}
	}
	count, err = all.Query("g").Count(t.Context())
	require.NoError(t, err)
	scanned, err := all.Scan().Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, count, scanned)
	return found, count
}

func TestACollectionFollowsEachTable(t *testing.T) {
	t.Parallel()
	mapper := game(t)
	hide := dynamapper.HideExpired()
	unmarked := dynamapper.Unmarked()
	found, count := read(t, tableOf[guild](t, mapper, hide), tableOf[invite](t, mapper, hide))
	require.Equal(t, []string{"?", "guild-live", "invite-live", "?"}, found)
	require.Equal(t, 4, count)

	found, count = read(t, tableOf[guild](t, mapper), tableOf[invite](t, mapper, hide))
	require.Equal(t, []string{"?", "?", "guild-live", "guild-old", "invite-live", "?", "?"}, found)
	require.Equal(t, 7, count)

	found, count = read(t,
		tableOf[guild](t, mapper), tableOf[invite](t, mapper, hide, unmarked))
	require.Equal(t, []string{"-live", "guild-live", "guild-old", "invite-live", "?", "?"}, found)
	require.Equal(t, 6, count)

	found, count = read(t, tableOf[guild](t, mapper), tableOf[invite](t, mapper))
	require.Len(t, found, 8)
	require.Equal(t, 8, count)
}

func TestOneEntityOfATable(t *testing.T) {
	t.Parallel()
	mapper := game(t)
	guilds := tableOf[guild](t, mapper, dynamapper.HideExpired())
	items, err := guilds.Query("g").Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, items, 1)
	_, err = guilds.Get(t.Context(), dynamapper.Key("g", "invite-live"))
	require.ErrorIs(t, err, dynamapper.ErrOtherEntity)
	_, err = guilds.Get(t.Context(), dynamapper.Key("g", "guild-old"))
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
}

type timed struct {
	dynamapper.Model `dynamo:"timed,entity=timed"`

	PK   string `dynamo:"pk,hash" index:"by-end,hash"`
	SK   string `dynamo:"sk,range"`
	Ends int64  `dynamo:"ends,ttl" index:"by-end,range"`
}

type kept struct {
	dynamapper.Model `dynamo:"timed,entity=kept"`

	PK   string `dynamo:"pk,hash" index:"by-end,hash"`
	SK   string `dynamo:"sk,range"`
	Ends int64  `dynamo:"ends,ttl" index:"by-end,range"`
}

// The time is the range key of the index, so that no filter can leave the items out.
func TestACollectionOfAnIndexOfTheTime(t *testing.T) {
	t.Parallel()
	keepingEngine(t)
	mapper := dynamotest.Mapper(t)
	hiding := tableOf[timed](t, mapper, dynamapper.HideExpired())
	showing := tableOf[kept](t, mapper)
	all, err := dynamapper.NewCollection(hiding, showing)
	require.NoError(t, err)
	require.NoError(t, all.CreateTable(t.Context()))
	for _, entity := range []string{"timed", "kept", "other"} {
		for state, ends := range map[string]time.Duration{"live": time.Hour, "old": -time.Hour} {
			put(t, hiding.Name(), attributes{"pk": text("g"), "sk": text(entity + "-" + state),
				"ends": seconds(time.Now().Add(ends)), "entity": text(entity)})
		}
	}
	n, err := all.Query("g").Index("by-end").Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, 5, n)
	n, err = hiding.Query("g").Index("by-end").Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	all, err = dynamapper.NewCollection(hiding, tableOf[kept](t, mapper, dynamapper.HideExpired()))
	require.NoError(t, err)
	n, err = all.Query("g").Index("by-end").Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, 3, n)
}

type unmarkedA struct {
	dynamapper.Model `dynamo:"game,entity=a"`

	Room string                `dynamo:"room"`
	_    dynamapper.Computed   `dynamo:"pk,hash,format=R#{room}"`
	_    dynamapper.Computed   `dynamo:"sk,range,format=A#{room}"`
	Ends int64                 `dynamo:"ends,ttl"`
	Raw  *types.AttributeValue `dynamo:"-"`
}

type unmarkedB struct {
	dynamapper.Model `dynamo:"game,entity=b"`

	Room string              `dynamo:"room"`
	_    dynamapper.Computed `dynamo:"pk,hash,format=R#{room}"`
	_    dynamapper.Computed `dynamo:"sk,range,format=B#{room}"`
	Ends int64               `dynamo:"ends,ttl"`
}

func TestUnmarkedItemsOfTwoTables(t *testing.T) {
	t.Parallel()
	mapper := dynamotest.Mapper(t)
	hide, unmarked := dynamapper.HideExpired(), dynamapper.Unmarked()
	_, err := dynamapper.NewCollection(tableOf[unmarkedA](t, mapper, unmarked, hide),
		tableOf[unmarkedB](t, mapper, unmarked))
	require.ErrorIs(t, err, dynamapper.ErrSchema)
	require.ErrorContains(t, err, "give HideExpired to all of them, or to none")
	_, err = dynamapper.NewCollection(tableOf[unmarkedA](t, mapper, unmarked, hide),
		tableOf[unmarkedB](t, mapper, unmarked, hide))
	require.NoError(t, err)
}
