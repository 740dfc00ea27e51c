package changes

import (
	"cmp"
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// game has three entities in one table with a stream.
type game struct {
	*dynamapper.Collection
	profiles *dynamapper.Table[profile]
	matches  *dynamapper.Table[match]
	awards   *dynamapper.Table[award]
}

// openGame makes the table. Its collection has no awards.
func openGame(t *testing.T, view types.StreamViewType) game {
	t.Helper()
	m := dynamotest.Mapper(t)
	g := game{profiles: tableIn[profile](t, m), matches: tableIn[match](t, m),
		awards: tableIn[award](t, m)}
	var err error
	g.Collection, err = dynamapper.NewCollection(g.profiles, g.matches)
	require.NoError(t, err)
	require.NoError(t, g.CreateTable(t.Context(), dynamapper.WaitActive(), streamOption(view)))
	return g
}

// play changes items of the profile and of matches.
func (g game) play(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	waldo := &profile{Login: "waldo", Balance: 200}
	require.NoError(t, g.profiles.Save(ctx, waldo))
	require.NoError(t, g.matches.Save(ctx, &match{Player: "waldo", Number: 7, Points: 90}))
	waldo.Balance = 50
	require.NoError(t, g.profiles.Save(ctx, waldo))
	require.NoError(t, g.matches.DeleteKey(ctx, dynamapper.Key("waldo", 7)))
}

// The table of a model sees the changes of its entity, whatever the stream's view is. The keys are
// in parts.
func TestChangesOfAnEntity(t *testing.T) {
	t.Parallel()
	for _, view := range types.StreamViewType("").Values() {
		t.Run(string(view), func(t *testing.T) {
			t.Parallel()
			g := openGame(t, view)
			g.play(t)
			all := records(t, g.profiles.Name())
			require.Len(t, all, 4)

			profiles := both(t, g.profiles, all)
			require.Equal(t, []dynamapper.ChangeKind{dynamapper.Inserted, dynamapper.Modified},
				kinds(profiles))
			matches := both(t, g.matches, all)
			require.Equal(t, []dynamapper.ChangeKind{dynamapper.Inserted, dynamapper.Removed},
				kinds(matches))
			for _, c := range profiles {
				require.Equal(t, "profile", c.Entity)
				require.Equal(t, []any{"waldo"}, c.Key.Parts())
			}
			for _, c := range matches {
				require.Equal(t, "match", c.Entity)
				require.Equal(t, dynamapper.Key("waldo", 7), c.Key)
			}
			require.Empty(t, both(t, g.awards, all))
		})
	}
}

// A collection sees the changes of all its models.
func TestChangesOfACollection(t *testing.T) {
	t.Parallel()
	for _, view := range types.StreamViewType("").Values() {
		t.Run(string(view), func(t *testing.T) {
			t.Parallel()
			g := openGame(t, view)
			g.play(t)
			all := records(t, g.Name())
			for _, changes := range [][]dynamapper.CollectionChange{
				collect(t, g.ChangesOf(all...)), collect(t, g.Changes(eventOf(t, all...))),
			} {
				var texts []string
				for _, c := range changes {
					texts = append(texts, fmt.Sprint(c.Kind, " ", c.Entity, " ", c.Key.Parts()))
					switch item := cmp.Or(c.New, c.Old).(type) {
					case *profile:
						require.Equal(t, "profile", c.Entity)
						require.False(t, g.profiles.IsNew(item))
					case *match:
						require.Equal(t, "match", c.Entity)
						require.Equal(t, 90, item.Points)
					default:
						require.NotEqual(t, bothImages, view)
						require.Nil(t, item)
					}
				}
				require.Equal(t, []string{"INSERT profile [waldo]", "INSERT match [waldo 7]",
					"MODIFY profile [waldo]", "REMOVE match [waldo 7]"}, texts)
			}
		})
	}
}

// A record of an entity without a model is an error with its number, and the loop continues.
func TestChangesOfAnUnknownEntity(t *testing.T) {
	t.Parallel()
	for _, view := range types.StreamViewType("").Values() {
		t.Run(string(view), func(t *testing.T) {
			t.Parallel()
			g := openGame(t, view)
			require.NoError(t, g.awards.Save(t.Context(), &award{Player: "waldo", Name: "s3cr3t"}))
			require.NoError(t, g.profiles.Save(t.Context(), &profile{Login: "waldo"}))
			var errs []error
			all := records(t, g.Name())
			for change, err := range g.ChangesOf(all...) {
				errs = append(errs, err)
				require.Equal(t, *all[len(errs)-1].Dynamodb.SequenceNumber, change.SequenceNumber)
			}
			require.Len(t, errs, 2)
			require.NoError(t, errs[1])
			require.ErrorIs(t, errs[0], dynamapper.ErrUnknownEntity)
			require.NotContains(t, errs[0].Error(), "s3cr3t")
			unknown := &dynamapper.UnknownEntityError{}
			require.ErrorAs(t, errs[0], &unknown)
			require.Equal(t, dynamapper.Key("PLAYER#waldo", "AWARD#s3cr3t"), unknown.Key)
			require.ErrorContains(t, errs[0], "give the table of its model to NewCollection")

			var handled int
			failures := g.HandleChanges(t.Context(), eventOf(t, all...),
				func(context.Context, dynamapper.CollectionChange) error { handled++; return nil },
				dynamapper.SetAside(func(_ context.Context, bad *dynamapper.ChangeError) error {
					require.ErrorIs(t, bad, dynamapper.ErrUnknownEntity)
					return nil
				}))
			require.NoError(t, failures.Err())
			require.Equal(t, 1, handled)
		})
	}
}

// note has the keys of profiles, so that a save replaces a profile.
type note struct {
	dynamapper.Model `dynamo:"game,entity=note"`

	PK string `dynamo:"pk,hash"`
	SK string `dynamo:"sk,range"`
}

// If a save replaces an item by one of another entity, each model sees its side.
func TestChangesBetweenEntities(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	g := openGame(t, bothImages)
	notes, err := dynamapper.TableOf[note](dynamotest.Mapper(t))
	require.NoError(t, err)
	require.NoError(t, g.profiles.Save(ctx, &profile{Login: "waldo"}))
	require.NoError(t, notes.Save(ctx, &note{PK: "PLAYER#waldo", SK: "PROFILE"}))
	require.NoError(t, g.profiles.Save(ctx, &profile{Login: "waldo"}))
	all := records(t, g.Name())

	profiles := both(t, g.profiles, all)
	require.Equal(t, []dynamapper.ChangeKind{
		dynamapper.Inserted, dynamapper.Removed, dynamapper.Inserted}, kinds(profiles))
	require.Nil(t, profiles[1].New)
	require.NotNil(t, profiles[1].Old)
	attributes, ok := profiles[1].Changed()
	require.True(t, ok)
	require.Contains(t, attributes, "login")
	noted := both(t, notes, all)
	require.Equal(t, []dynamapper.ChangeKind{dynamapper.Inserted, dynamapper.Removed}, kinds(noted))
}

// A key without a format does not tell the entity, so a record with keys alone is an error.
func TestChangesOfKeysThatTellNothing(t *testing.T) {
	t.Parallel()
	notes, err := dynamapper.TableOf[note](dynamotest.Mapper(t))
	require.NoError(t, err)
	event := `{"eventName":"INSERT","dynamodb":{"SequenceNumber":"5",
		"Keys":{"pk":{"S":"a"},"sk":{"S":"b"}}}}`
	var errs []error
	for _, err := range notes.Changes([]byte(event)) {
		errs = append(errs, err)
	}
	require.Len(t, errs, 1)
	require.ErrorContains(t, errs[0], "its key does not tell the entity, because no key of the "+
		"model has a format; give the table's stream the view NEW_AND_OLD_IMAGES")
}

// order and line have keys of which one also has the other's form.
type order struct {
	dynamapper.Model `dynamo:"shop,entity=order"`

	_  dynamapper.Computed `dynamo:"pk,hash,format=SHOP"`
	_  dynamapper.Computed `dynamo:"sk,range,format=ORDER#{id}"`
	ID string              `dynamo:"id"`
}

type line struct {
	dynamapper.Model `dynamo:"shop,entity=line"`

	_  dynamapper.Computed `dynamo:"pk,hash,format=SHOP"`
	_  dynamapper.Computed `dynamo:"sk,range,format=ORDER#{id}#LINE#{number}"`
	ID string              `dynamo:"id"`
	No int                 `dynamo:"number"`
}

func TestChangesOfKeysOfTwoModels(t *testing.T) {
	t.Parallel()
	m := dynamotest.Mapper(t)
	shop, err := dynamapper.NewCollection(tableIn[order](t, m), tableIn[line](t, m))
	require.NoError(t, err)
	event := func(sk string) []byte {
		return fmt.Appendf(nil, `{"eventName":"INSERT","dynamodb":{"SequenceNumber":"5",
			"Keys":{"pk":{"S":"SHOP"},"sk":{"S":%q}}}}`, sk)
	}
	orders := collect(t, shop.Changes(event("ORDER#7")))
	require.Equal(t, "order", orders[0].Entity)
	require.Equal(t, dynamapper.Key("7"), orders[0].Key)
	for _, err := range shop.Changes(event("ORDER#7#LINE#1")) {
		require.ErrorContains(t, err, "keys of changes.order and changes.line have this form")
	}
	lines := collect(t, shop.Changes([]byte(`{"eventName":"INSERT","dynamodb":{"NewImage":{
		"pk":{"S":"SHOP"},"sk":{"S":"ORDER#7#LINE#1"},"entity":{"S":"line"}}}}`)))
	require.Equal(t, dynamapper.Key("7", 1), lines[0].Key, "an image tells")
}

// Items from before the model had a name are changes of the model with Unmarked.
func TestChangesOfUnmarkedItems(t *testing.T) {
	t.Parallel()
	m := dynamotest.Mapper(t)
	event := []byte(`{"eventName":"INSERT","dynamodb":{"NewImage":{
		"pk":{"S":"PLAYER#waldo"},"sk":{"S":"PROFILE"},"balance":{"N":"3"}}}}`)
	require.Empty(t, collect(t, tableIn[profile](t, m).Changes(event)))
	unmarked := tableIn[profile](t, m, dynamapper.Unmarked())
	changes := collect(t, unmarked.Changes(event))
	require.Equal(t, "waldo", changes[0].New.Login)
	game, err := dynamapper.NewCollection(unmarked, tableIn[match](t, m))
	require.NoError(t, err)
	require.IsType(t, &profile{}, collect(t, game.Changes(event))[0].New)
}
