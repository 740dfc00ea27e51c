package moving

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/credentials"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/guregu/dynamo"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// newGuregu1 returns guregu/dynamo v1, which reaches the engine by its port.
func newGuregu1(t *testing.T) *dynamo.DB {
	t.Helper()
	settings, err := session.NewSession(&aws.Config{
		Endpoint: aws.String(dynamotest.Run(t).Endpoint()), Region: aws.String("eu-west-1"),
		Credentials: credentials.NewStaticCredentials("test", "test", ""),
	})
	require.NoError(t, err)
	return dynamo.New(settings)
}

// Both programs work on one table that v1 has created. What v1 wrote is read, and stays as it is if
// it is not edited. v1 reads what we edited. A stale save of ours is refused.
func TestGuregu1AndOursOnOneTable(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	ours, err := dynamapper.TableOf[ourPlayer](
		dynamotest.Mapper(t, dynamapper.WithTablePrefix("v1-")))
	require.NoError(t, err)
	db := newGuregu1(t)
	require.NoError(t, db.CreateTable(ours.Name(), guregusPlayer{}).OnDemand(true).Run())
	require.NoError(t, ours.Verify(ctx), "the keys and indexes are those of our tags")
	theirs := db.Table(ours.Name())
	require.NoError(t, theirs.Put(guregusWaldo()).Run())
	want := getRaw(t, ours.Name(), "waldo")

	waldo, err := ours.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	require.NoError(t, err)
	theirWaldo := guregusWaldo()
	require.Equal(t,
		&ourPlayer{Model: waldo.Model, ID: "waldo", Guild: "red", Points: 7, Balance: 200,
			Rate:  1.5e-7,
			Admin: true, Avatar: []byte("png"), Level: &seven, Weapon: gear{"hand", 3},
			Inventory: map[string]int{"sword": 1},
			Names:     theirWaldo.Names, Badges: []string{"a", "b"},
			Bag:      []gear{{"left", 1}, {"right", 2}},
			LastSeen: atUTC.Truncate(time.Second), stamps: stamps{Joined: atUTC, Visits: 3}}, waldo)
	waldo.Balance -= 150
	require.NoError(t, ours.Save(ctx, waldo, dynamapper.FailOnConflict()))
	want["balance"] = &types.AttributeValueMemberN{Value: "50"}
	require.Equal(t, want, getRaw(t, ours.Name(), "waldo"), "what was not edited is as v1 wrote it")

	waldo.Weapon.Power, waldo.Inventory["shield"], waldo.Badges = 4, 1, []string{"c"}
	waldo.Bag = append(waldo.Bag, gear{"back", 5})
	waldo.Joined = atUTC.Add(time.Hour)
	require.NoError(t, ours.Save(ctx, waldo, dynamapper.FailOnConflict()))
	var back guregusPlayer
	require.NoError(t, theirs.Get("id", "waldo").Consistent(true).One(&back))
	require.Equal(t, []any{50, 4, waldo.Inventory, waldo.Badges, waldo.Bag, waldo.Joined},
		[]any{back.Balance, back.Weapon.Power, back.Inventory, back.Badges, back.Bag, back.Joined},
		"v1 reads what we edited")

	require.NoError(t, theirs.Update("id", "waldo").Add("balance", 10).Run())
	waldo.Balance = 0
	require.ErrorIs(t, ours.Save(ctx, waldo, dynamapper.FailOnConflict()), dynamapper.ErrConflict)
	red, err := ours.Query("red").Index("by-guild").Collect(ctx)
	require.NoError(t, err)
	require.Len(t, red, 1)
	require.Equal(t, 60, red[0].Balance)
}
