package plan

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// chooser chooses how tables are.
type chooser struct{ *rand.Rand }

func (r chooser) oneIn(n int) bool { return r.IntN(n) == 0 }

func choose[V any](r chooser, of ...V) V { return of[r.IntN(len(of))] }

func (r chooser) units() units { return units{Read: 1 + r.Int64N(9), Write: 1 + r.Int64N(9)} }

// random is a table in any state, and the indexes that it has.
type random struct {
	in      *dynamodb.CreateTableInput
	ttl     string
	indexes []string
}

// live chooses a table. Its names are also those of the models.
func (r chooser) live(name string) *random {
	kinds := map[string]types.ScalarAttributeType{"login": "S"}
	for _, attribute := range []string{"email", "guild", "team"} {
		kinds[attribute] = choose(r, types.ScalarAttributeTypeS, types.ScalarAttributeTypeN)
	}
	key := func(attribute string, kind types.KeyType) types.KeySchemaElement {
		return types.KeySchemaElement{AttributeName: &attribute, KeyType: kind}
	}
	in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: onDemand,
		KeySchema: []types.KeySchemaElement{key("login", types.KeyTypeHash)}}
	in.TableClass = choose(r, types.TableClassStandard, "STANDARD_INFREQUENT_ACCESS")
	in.DeletionProtectionEnabled = aws.Bool(r.oneIn(2))
	units := func() *types.ProvisionedThroughput { return nil }
	if r.oneIn(2) {
		units = func() *types.ProvisionedThroughput {
			u := r.units()
			return &types.ProvisionedThroughput{ReadCapacityUnits: &u.Read,
				WriteCapacityUnits: &u.Write}
		}
		in.BillingMode, in.ProvisionedThroughput = provisioned, units()
	} else if r.oneIn(2) {
		in.OnDemandThroughput = &types.OnDemandThroughput{
			MaxReadRequestUnits: aws.Int64(1 + r.Int64N(9))}
	}
	if r.oneIn(3) {
		in.WarmThroughput = &types.WarmThroughput{ReadUnitsPerSecond: aws.Int64(15000)}
	}
	if r.oneIn(2) {
		in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true),
			StreamViewType: choose(r, types.StreamViewTypeNewImage, types.StreamViewTypeKeysOnly)}
	}
	made := &random{in: in, ttl: choose(r, "", "ends", "gone", "other")}
	used := []string{"login"}
	for _, index := range []string{"by-email", "by-guild", "by-taste", "old"} {
		if r.oneIn(3) {
			continue
		}
		made.indexes = append(made.indexes, index)
		if index == "by-taste" && in.BillingMode == onDemand && r.oneIn(2) {
			in.VectorIndexes = []types.VectorIndex{{IndexName: &index,
				VectorAttribute: &types.VectorAttributeDefinition{
					AttributeName: aws.String("taste")},
				Dimensions: aws.Int64(choose(r, int64(3), 4)), DistanceFunction: "COSINE",
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll}}}
			continue
		}
		attributes := []string{choose(r, "email", "guild", "team", "login")}
		keys := []types.KeySchemaElement{key(attributes[0], types.KeyTypeHash)}
		if other := choose(r, "", "email", "guild"); other != "" && other != attributes[0] {
			attributes = append(attributes, other)
			keys = append(keys, key(other, types.KeyTypeRange))
		}
		used = append(used, attributes...)
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: &index, KeySchema: keys, ProvisionedThroughput: units(),
			Projection: &types.Projection{ProjectionType: choose(r, types.ProjectionTypeAll,
				types.ProjectionTypeKeysOnly)}})
	}
	slices.Sort(used)
	for _, attribute := range slices.Compact(used) {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: &attribute, AttributeType: kinds[attribute]})
	}
	return made
}

// spec chooses what is wanted of a table with indexes, of which the model has some.
func (r chooser) spec(indexes, modeled []string) spec {
	s := spec{
		Billing: choose(r, "", onDemand, provisioned),
		Class:   choose(r, "", types.TableClassStandard, "STANDARD_INFREQUENT_ACCESS"),
		Stream: choose(r, "", dynamapper.StreamOff, types.StreamViewTypeNewImage,
			types.StreamViewTypeOldImage),
		DeletionProtection: choose(r, "", dynamapper.On, dynamapper.Off),
		WarmThroughput:     choose(r, units{}, units{Read: 13000}, units{Read: 9, Write: 20000}),
	}
	if s.Billing != provisioned {
		s.OnDemandMaximum = choose(r, units{}, units{Read: -1}, r.units())
	}
	for _, index := range indexes {
		if !slices.Contains(modeled, index) && r.oneIn(3) {
			s.OtherIndexes = append(s.OtherIndexes, index)
		}
	}
	if s.Billing != provisioned {
		return s
	}
	s.Units, s.IndexUnits = r.units(), map[string]units{}
	for _, index := range slices.Concat(modeled, s.OtherIndexes) {
		if r.oneIn(3) && index != "by-taste" {
			s.IndexUnits[index] = r.units()
		}
	}
	return s
}

// wish is a model of the table, and its indexes.
type wish struct {
	indexes []string
	vector  bool
	want    func(*testing.T, *dynamapper.Mapper, spec) dynamapper.AnyTable
}

var wishes = []wish{
	{nil, false, want[bare]},
	{[]string{"by-email", "by-guild"}, false, want[hero]},
	{[]string{"by-email", "by-guild"}, false, want[wider]},
	{[]string{"by-number"}, false, want[typed]},
	{[]string{"by-email"}, false, want[retyped]},
	{[]string{"by-email", "by-guild"}, false, want[twice]},
	{[]string{"by-email", "by-guild"}, false, want[retypedTwice]},
	{[]string{"by-taste"}, false, want[global]},
	{[]string{"by-taste"}, true, want[tasteful]},
	{[]string{"sharp"}, true, want[sharper]},
	{[]string{"tastes"}, false, want[tasted]},
	{nil, false, want[later]},
}

// From any table to any model and Spec, Apply makes what can be made, and loses neither an item nor
// an index that is wanted or belongs to others.
func TestFromAnyTableToAnyModel(t *testing.T) {
	t.Parallel()
	impossible := 0
	for seed := range uint64(400) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := chooser{rand.New(rand.NewPCG(seed, 1))}
			clock := newClock(t)
			m, client := fixtures.Mapper(t), fixtures.RawClient(t)
			one := choose(r, wishes...)
			name := want[bare](t, m, spec{}).(*dynamapper.Table[bare]).Name()
			made := r.live(name)
			asked := r.spec(made.indexes, one.indexes)
			if one.vector && asked.Billing == provisioned {
				asked.Billing, asked.Units, asked.IndexUnits = onDemand, units{}, nil
			}
			_, err := client.CreateTable(t.Context(), made.in)
			require.NoError(t, err)
			if made.ttl != "" {
				_, err := client.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
					TableName: &name, TimeToLiveSpecification: &types.TimeToLiveSpecification{
						AttributeName: &made.ttl, Enabled: aws.Bool(true)}})
				require.NoError(t, err)
			}
			fixtures.PutRaw(t, name, fixtures.Attributes{"login": fixtures.Text("waldo")})

			wanted := one.want(t, m, asked)
			left := complete(t, clock, wanted)
			if len(left) == 0 {
				verifier := wanted.(interface{ Verify(context.Context) error })
				require.NoError(t, verifier.Verify(t.Context()))
			} else {
				impossible++
			}
			description := describe(t, wanted)
			require.Equal(t, int64(1), aws.ToInt64(description.ItemCount))
			var has []string
			for _, i := range description.GlobalSecondaryIndexes {
				has = append(has, *i.IndexName)
			}
			for _, i := range description.VectorIndexes {
				has = append(has, *i.IndexName)
			}
			for _, index := range made.indexes {
				if slices.Contains(one.indexes, index) ||
					slices.Contains(asked.OtherIndexes, index) {
					require.Contains(t, has, index)
				}
			}
			for _, index := range one.indexes {
				isLeft := func(c dynamapper.TableChange) bool { return c.Index == index }
				if !slices.ContainsFunc(left, isLeft) {
					require.Contains(t, has, index)
				}
			}
		})
	}
	require.Greater(t, impossible, 10)
	require.Less(t, impossible, 200)
}
