package tool

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

func TestDescribe(t *testing.T) {
	t.Parallel()
	g := newGame(t, ModelOf[hero](), ModelOf[user](), ModelOf[visit]())
	heroes := create[hero](g)
	require.NoError(t, heroes.Save(t.Context(), &hero{Login: "waldo"}))
	require.Equal(t, `heroes
  models     tool.hero
  status     ACTIVE
  keys       login (S, hash)
  items      1, 16 B, as counted by the service every six hours
  billing    on demand
  warm       12000 read and 4000 write units a second
  TTL        until
  stream     off
  class      STANDARD
  protection off
  recovery   off
  encryption the key that DynamoDB owns
  index      by-guild, global: guild (S, hash); projects all attributes; 0 items, 0 B
game
  models     tool.user, tool.visit
  status     the table does not exist; create it with apply
`, g.requireRun(2, "describe").stdout)

	r := g.runJSON("describe")
	require.Equal(t, describedLive{Table: "heroes", Models: []string{"tool.hero"}, Exists: true,
		Status: "ACTIVE", Keys: []describedKey{{"login", "S", "hash"}}, Items: 1, Bytes: 16,
		Billing: "on demand", WarmThroughput: &liveUnits{12000, 4000}, TTL: "until",
		Class: "STANDARD", Recovery: &liveRecovery{}, Indexes: []describedIndexes{{Index: "by-guild",
			Keys: []describedKey{{"guild", "S", "hash"}}, Projects: "all attributes",
			Status: "ACTIVE"}}}, r.Described[0])
	require.False(t, r.Described[1].Exists)
	g.requireRun(0, "describe", "-table", "heroes")
}

// owl has an index of each kind.
type owl struct {
	dynamapper.Model `dynamo:"owls"`

	Login string    `dynamo:"login,hash"`
	At    int       `dynamo:"at,range"`
	Rank  int       `dynamo:"rank" localIndex:"by-rank,range,keys_only"`
	Guild string    `dynamo:"guild" index:"by-guild,hash" vector:"by-taste,filter"`
	Taste []float32 `dynamo:"taste" vector:"by-taste,cosine,dimensions=3"`
}

// shown says where describe shows each member of a Spec. OtherIndexes are among the indexes.
var shown = map[string]string{"Billing": "Billing", "Units": "Units", "IndexUnits": "Indexes",
	"OnDemandMaximum": "OnDemandMaximum", "WarmThroughput": "WarmThroughput", "Class": "Class",
	"DeletionProtection": "DeletionProtection", "Recovery": "Recovery", "RecoveryDays": "Recovery",
	"Stream": "Stream", "Tags": "Tags", "Key": "Key", "OtherIndexes": "Indexes"}

func TestDescribeShowsAllOfASpec(t *testing.T) {
	t.Parallel()
	for _, member := range reflect.VisibleFields(reflect.TypeFor[dynamapper.Spec]()) {
		_, has := reflect.TypeFor[describedLive]().FieldByName(shown[member.Name])
		require.True(t, has, member.Name)
	}
	const key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	spec := dynamapper.Spec{Billing: types.BillingModeProvisioned,
		Units:      dynamapper.Units{Read: 5, Write: 6},
		IndexUnits: map[string]dynamapper.Units{"by-guild": {Read: 7, Write: 8}},
		Class:      types.TableClassStandardInfrequentAccess, DeletionProtection: dynamapper.On,
		Recovery: dynamapper.On, RecoveryDays: 9, Stream: types.StreamViewTypeNewImage,
		Tags: map[string]string{"team": "owls", "cost": "12"}, Key: key}
	g := newGame(t, ModelOf[hero](dynamapper.WithSpec(spec)), ModelOf[owl](dynamapper.WithSpec(
		dynamapper.Spec{OnDemandMaximum: dynamapper.Units{Read: 100},
			WarmThroughput: dynamapper.Units{Read: 15000, Write: 5000}})))
	g.requireRun(0, "apply")
	require.Equal(t, `heroes
  models     tool.hero
  status     ACTIVE
  keys       login (S, hash)
  items      0, 0 B, as counted by the service every six hours
  billing    provisioned, 5 read and 6 write units
  warm       5 read and 6 write units a second
  TTL        until
  stream     NEW_IMAGE
  class      STANDARD_INFREQUENT_ACCESS
  protection on
  recovery   on, 9 days
  encryption `+key+`
  tag        cost=12
  tag        team=owls
  index      by-guild, global: guild (S, hash); projects all attributes; 0 items, 0 B
             7 read and 8 write units
owls
  models     tool.owl
  status     ACTIVE
  keys       login (S, hash), at (N, range)
  items      0, 0 B, as counted by the service every six hours
  billing    on demand
  maximum    100 read and -1 write units a second (-1: no limit)
  warm       15000 read and 5000 write units a second
  TTL        off
  stream     off
  class      STANDARD
  protection off
  recovery   off
  encryption the key that DynamoDB owns
  index      by-guild, global: guild (S, hash); projects all attributes; 0 items, 0 B
  index      by-rank, local: login (S, hash), rank (N, range); projects the keys; 0 items, 0 B
  index      by-taste, vector: taste, 3 dimensions, COSINE; selects by guild (S, filter); `+
		`projects all attributes; 0 items, 0 B
`, g.requireRun(0, "describe").stdout)

	r := g.runJSON("describe").Described
	require.Equal(t, &liveUnits{5, 6}, r[0].Units)
	require.Equal(t, &liveUnits{7, 8}, r[0].Indexes[0].Units)
	require.Equal(t, &liveRecovery{true, 9}, r[0].Recovery)
	require.Equal(t, map[string]string{"team": "owls", "cost": "12"}, r[0].Tags)
	require.Equal(t, key, r[0].Key)
	require.True(t, r[0].DeletionProtection)
	require.Equal(t, &liveUnits{100, -1}, r[1].OnDemandMaximum)
	require.Equal(t, []describedVector{{Index: "by-taste", Attribute: "taste", Dimensions: 3,
		Distance: "COSINE", Keys: []describedKey{{"guild", "S", "filter"}},
		Projects: "all attributes", Status: "ACTIVE"}}, r[1].VectorIndexes)
}

// What this caller may not read does not keep it from the rest.
func TestDescribeWithoutAllRights(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	create[hero](g)
	line := g.lineTo()
	for _, name := range []string{"DescribeContinuousBackups", "ListTagsOfResource"} {
		line.Each(name, func(int) dynamotest.Fault {
			return dynamotest.Refuse(400, "AccessDeniedException")
		})
	}
	got := g.requireRun(0, "describe").stdout
	require.Contains(t, got, "  unknown    point-in-time recovery: AccessDeniedException\n"+
		"  unknown    tags: AccessDeniedException\n")
	require.NotContains(t, got, "recovery   off")
	require.Nil(t, g.runJSON("describe").Described[0].Recovery)
}
