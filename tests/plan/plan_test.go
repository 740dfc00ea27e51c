// Package plan tests PlanTables and Apply: what a plan finds, and that the table is then as
// planned.
package plan

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/engine"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// bare is the model of a table without anything.
type bare struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string `dynamo:"login,hash"`
}

// hero is the model to which the live table is changed.
type hero struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string    `dynamo:"login,hash"`
	Email            string    `dynamo:"email" index:"by-email,hash"`
	Guild            string    `dynamo:"guild" index:"by-guild,hash,keys_only"`
	Ends             time.Time `dynamo:"ends,ttl"`
}

// counted has ids that count up.
type counted struct {
	dynamapper.Model `dynamo:"heroes"`
	ID               int64 `dynamo:"id,hash,autoincrement"`
}

// numbered has another key than bare.
type numbered struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            int `dynamo:"login,hash"`
}

// localized has a local index.
type localized struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string `dynamo:"login,hash"`
	At               int    `dynamo:"at,range"`
	Points           int    `dynamo:"points" localIndex:"by-points,range"`
}

// plain is localized without its index.
type plain struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string `dynamo:"login,hash"`
	At               int    `dynamo:"at,range"`
}

// typed stores the key of by-email as another type.
type typed struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string `dynamo:"login,hash"`
	Email            int    `dynamo:"email" index:"by-number,hash"`
}

// retyped stores the key of by-email as another type.
type retyped struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string    `dynamo:"login,hash"`
	Email            int       `dynamo:"email" index:"by-email,hash"`
	Ends             time.Time `dynamo:"ends,ttl"`
}

// twice has the attribute email in two indexes.
type twice struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string    `dynamo:"login,hash"`
	Email            string    `dynamo:"email" index:"by-email,hash;by-guild,range"`
	Guild            string    `dynamo:"guild" index:"by-guild,hash"`
	Ends             time.Time `dynamo:"ends,ttl"`
}

// retypedTwice stores the key of both indexes of twice as another type.
type retypedTwice struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string    `dynamo:"login,hash"`
	Email            int       `dynamo:"email" index:"by-email,hash;by-guild,range"`
	Guild            string    `dynamo:"guild" index:"by-guild,hash"`
	Ends             time.Time `dynamo:"ends,ttl"`
}

// keyed has the key of bare as another type in an index.
type keyed struct {
	dynamapper.Model `dynamo:"heroes"`
	ID               string `dynamo:"id,hash"`
	Login            int    `dynamo:"login" index:"by-login,hash"`
}

// global has a global index of the name that is a vector index of tasteful.
type global struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string `dynamo:"login,hash"`
	Team             string `dynamo:"team" index:"by-taste,hash"`
}

// tasted has a key of the name that is a vector of tasteful.
type tasted struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string `dynamo:"login,hash"`
	Taste            string `dynamo:"taste" index:"tastes,hash"`
}

// sharper has a vector index of more dimensions than tasteful.
type sharper struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string    `dynamo:"login,hash"`
	Taste            []float32 `dynamo:"taste" vector:"sharp,cosine,dimensions=4"`
}

// wider has by-guild with all attributes.
type wider struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string    `dynamo:"login,hash"`
	Email            string    `dynamo:"email" index:"by-email,hash"`
	Guild            string    `dynamo:"guild" index:"by-guild,hash"`
	Ends             time.Time `dynamo:"ends,ttl"`
}

// until is later with TTL on the other attribute.
type until struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string    `dynamo:"login,hash"`
	Gone             time.Time `dynamo:"gone,unixtime"`
	Ends             time.Time `dynamo:"ends,ttl"`
}

// later expires by another attribute than hero.
type later struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string    `dynamo:"login,hash"`
	Gone             time.Time `dynamo:"gone,ttl"`
	Ends             time.Time `dynamo:"ends,unixtime"`
}

// tasteful has a vector index.
type tasteful struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string    `dynamo:"login,hash"`
	Team             string    `dynamo:"team" vector:"by-taste,hash"`
	Taste            []float32 `dynamo:"taste" vector:"by-taste,cosine,dimensions=3"`
}

// tasteless has the vector index with another distance.
type tasteless struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string    `dynamo:"login,hash"`
	Taste            []float32 `dynamo:"taste" vector:"by-taste,euclidean,dimensions=3"`
}

// live makes a table from a model and its spec, and returns the requests that are sent after it.
func live[T dynamapper.IsModel](
	t *testing.T, m *dynamapper.Mapper, spec dynamapper.Spec,
) *dynamapper.Table[T] {
	t.Helper()
	return fixtures.TableIn[T](t, m, dynamapper.WithSpec(spec))
}

// want returns the table of the model as a Spec wants it.
func want[T dynamapper.IsModel](
	t *testing.T, m *dynamapper.Mapper, spec dynamapper.Spec,
) dynamapper.AnyTable {
	t.Helper()
	table, err := dynamapper.TableOf[T](m, dynamapper.WithSpec(spec))
	require.NoError(t, err)
	return table
}

// kinds lists the kinds of changes, with the index, and marks those that destroy or are impossible.
func kinds(changes []dynamapper.TableChange) []string {
	list := []string{}
	for _, c := range changes {
		text := c.Kind
		if c.Index != "" {
			text += " " + c.Index
		}
		if c.Destroys {
			text += "!"
		}
		if c.Impossible != "" {
			text += " impossible"
		}
		list = append(list, text)
	}
	return list
}

type spec = dynamapper.Spec
type units = dynamapper.Units

var (
	provisioned = types.BillingModeProvisioned
	onDemand    = types.BillingModePayPerRequest
)

// difference is a live table, what is wanted, and the plan.
type difference struct {
	live func(*testing.T, *dynamapper.Mapper)
	want func(*testing.T, *dynamapper.Mapper) dynamapper.AnyTable
	plan []string
	left []string // what the plan still has when it was applied
}

func from[T dynamapper.IsModel](s spec) func(*testing.T, *dynamapper.Mapper) {
	return func(t *testing.T, m *dynamapper.Mapper) { live[T](t, m, s) }
}

func to[T dynamapper.IsModel](s spec) func(*testing.T, *dynamapper.Mapper) dynamapper.AnyTable {
	return func(t *testing.T, m *dynamapper.Mapper) dynamapper.AnyTable { return want[T](t, m, s) }
}

func nothing(*testing.T, *dynamapper.Mapper) {}

var two = spec{Billing: provisioned, Units: units{Read: 2, Write: 2}}

// differences are the kinds of differences between a live table and what is wanted.
var differences = map[string]difference{
	"no table": {nothing, to[hero](spec{}), []string{"create-table"}, nil},
	"no table, with spec": {
		nothing,
		to[hero](
			spec{
				Recovery:           dynamapper.On,
				RecoveryDays:       3,
				Stream:             types.StreamViewTypeNewImage,
				Tags:               map[string]string{"team": "a"},
				DeletionProtection: dynamapper.On,
				Class:              types.TableClassStandardInfrequentAccess,
			},
		),
		[]string{"create-table"},
		nil,
	},
	"no table, counted": {nothing, to[counted](spec{}), []string{"create-table"}, nil},
	"no table, units":   {nothing, to[hero](two), []string{"create-table"}, nil},
	"same":              {from[hero](spec{}), to[hero](spec{}), []string{}, nil},
	"same, with spec":   {from[hero](two), to[hero](two), []string{}, nil},
	"spec says nothing": {from[hero](two), to[hero](spec{}), []string{}, nil},
	"indexes and TTL": {from[bare](spec{}), to[hero](spec{}),
		[]string{"add-index by-email", "add-index by-guild", "ttl-on"}, nil},
	"indexes of a provisioned table": {from[bare](two), to[hero](two),
		[]string{"add-index by-email", "add-index by-guild", "ttl-on"}, nil},
	"indexes that no model has": {from[hero](spec{}), to[bare](spec{}),
		[]string{"drop-index by-email!", "drop-index by-guild!"}, nil},
	"indexes of others": {
		from[hero](spec{}),
		to[bare](spec{OtherIndexes: []string{"by-email", "by-guild"}}),
		[]string{},
		nil,
	},
	"index that projects less": {from[hero](spec{}), to[wider](spec{}),
		[]string{"replace-index by-guild!"}, nil},
	"index that projects more": {from[wider](spec{}), to[hero](spec{}), []string{}, nil},
	"key of another type": {
		from[bare](spec{}),
		to[numbered](spec{}),
		[]string{"keys impossible"},
		[]string{"keys impossible"},
	},
	"local index": {
		from[plain](spec{}),
		to[localized](spec{}),
		[]string{"local-index by-points impossible"},
		[]string{"local-index by-points impossible"},
	},
	"index key of another type": {
		from[hero](spec{}),
		to[typed](spec{OtherIndexes: []string{"by-email", "by-guild"}}),
		[]string{"add-index by-number impossible"},
		[]string{"add-index by-number impossible"},
	},
	"index key of another type and index": {
		from[hero](spec{}),
		to[typed](spec{OtherIndexes: []string{"by-guild"}}),
		[]string{"drop-index by-email!", "add-index by-number"},
		nil,
	},
	"index key of another type, replaced": {
		from[hero](spec{}),
		to[retyped](spec{OtherIndexes: []string{"by-guild"}}),
		[]string{"replace-index by-email!"},
		nil,
	},
	"index key of another type, in two indexes": {
		from[twice](spec{}),
		to[retypedTwice](spec{}),
		[]string{"drop-index by-email!", "drop-index by-guild!", "add-index by-email",
			"add-index by-guild"},
		nil,
	},
	"index key of another type, in an index of others": {
		from[twice](spec{}),
		to[retyped](spec{OtherIndexes: []string{"by-guild"}}),
		[]string{"replace-index by-email! impossible"},
		[]string{"replace-index by-email! impossible"},
	},
	"index key of another type, in the table": {
		from[bare](spec{}),
		to[keyed](spec{}),
		[]string{"keys impossible", "add-index by-login impossible"},
		[]string{"keys impossible", "add-index by-login impossible"},
	},
	"vector index instead of a global one": {
		from[global](spec{}), to[tasteful](spec{}), []string{"replace-index by-taste!"}, nil,
	},
	"global index instead of a vector one": {
		from[tasteful](spec{}), to[global](spec{}), []string{"replace-index by-taste!"}, nil,
	},
	"key of an index instead of a vector": {
		from[tasteful](spec{}), to[tasted](spec{}),
		[]string{"drop-index by-taste!", "add-index tastes"}, nil,
	},
	"other dimensions": {
		from[tasteful](spec{}), to[sharper](spec{}),
		[]string{"drop-index by-taste!", "add-index sharp"}, nil,
	},
	"vector index of a provisioned table": {
		from[bare](two), to[tasteful](spec{}),
		[]string{"add-index by-taste impossible"}, []string{"add-index by-taste impossible"},
	},
	"vector index of a table that changes to on demand": {
		from[bare](two), to[tasteful](spec{Billing: onDemand}),
		[]string{"billing", "add-index by-taste"}, nil,
	},
	"provisioned with a global index instead of a vector one": {
		from[tasteful](spec{}), to[global](two),
		[]string{"drop-index by-taste!", "billing", "add-index by-taste"}, nil,
	},
	"provisioned without the vector index": {
		from[tasteful](spec{}), to[bare](two), []string{"drop-index by-taste!", "billing"}, nil,
	},
	"provisioned with a vector index of others": {
		from[tasteful](spec{}),
		to[bare](spec{Billing: provisioned, Units: units{Read: 2, Write: 2},
			OtherIndexes: []string{"by-taste"}}),
		[]string{"billing impossible"}, []string{"billing impossible"},
	},
	"indexes of a table whose units others set": {
		from[bare](two), to[hero](spec{}),
		[]string{"add-index by-email", "add-index by-guild", "ttl-on"}, nil,
	},
	"index to replace of a table whose units others set": {
		from[hero](two), to[wider](spec{}), []string{"replace-index by-guild!"}, nil,
	},
	"to on demand with a maximum": {
		from[bare](two),
		to[bare](spec{Billing: onDemand, OnDemandMaximum: units{Read: 7}}),
		[]string{"billing", "on-demand-maximum"},
		nil,
	},
	"to provisioned with warm throughput": {
		from[hero](spec{}),
		to[hero](spec{Billing: provisioned, Units: units{Read: 2, Write: 2},
			WarmThroughput: units{Read: 13000, Write: 5000}}),
		[]string{"billing", "warm-throughput"},
		nil,
	},
	"maximum of a provisioned table": {
		from[bare](two),
		to[bare](spec{OnDemandMaximum: units{Read: 7}}),
		[]string{"on-demand-maximum impossible"},
		[]string{"on-demand-maximum impossible"},
	},
	"no maximum of a provisioned table": {
		from[bare](two), to[bare](spec{OnDemandMaximum: units{Read: -1}}), []string{}, nil,
	},
	"no table, no maximum and little warm throughput": {
		nothing,
		to[bare](spec{OnDemandMaximum: units{Read: -1, Write: 5},
			WarmThroughput: units{Read: 20000, Write: 3}}),
		[]string{"create-table"},
		nil,
	},
	"units of an index of others": {
		from[hero](two),
		to[bare](spec{Billing: provisioned, Units: units{Read: 2, Write: 2},
			OtherIndexes: []string{"by-email", "by-guild"},
			IndexUnits:   map[string]units{"by-email": {Read: 5, Write: 6}}}),
		[]string{"index-units by-email"},
		nil,
	},
	"counted, with other keys": {
		from[bare](spec{}), to[counted](spec{}),
		[]string{"keys impossible"}, []string{"keys impossible"},
	},
	"vector index": {
		from[bare](spec{}), to[tasteful](spec{}), []string{"add-index by-taste"}, nil,
	},
	"another vector index": {
		from[tasteful](spec{}), to[tasteless](spec{}), []string{"replace-index by-taste!"}, nil,
	},
	"no vector index": {
		from[tasteful](spec{}), to[bare](spec{}), []string{"drop-index by-taste!"}, nil,
	},
	"to on demand": {
		from[hero](two),
		to[hero](spec{Billing: onDemand}),
		[]string{"billing"},
		nil,
	},
	"to provisioned": {from[hero](spec{}), to[hero](two), []string{"billing"}, nil},
	"units": {
		from[bare](two),
		to[bare](spec{Billing: provisioned, Units: units{Read: 3, Write: 4}}),
		[]string{"units"},
		nil,
	},
	"units of indexes": {
		from[hero](two),
		to[hero](
			spec{
				Billing:    provisioned,
				Units:      units{Read: 2, Write: 2},
				IndexUnits: map[string]units{"by-email": {Read: 5, Write: 6}},
			},
		),
		[]string{"index-units by-email"},
		nil,
	},
	"units of table and indexes": {
		from[hero](two),
		to[hero](spec{Billing: provisioned, Units: units{Read: 3, Write: 3}}),
		[]string{"units", "index-units by-email", "index-units by-guild"},
		nil,
	},
	"maximum": {
		from[bare](spec{}),
		to[bare](spec{OnDemandMaximum: units{Read: 100, Write: 50}}),
		[]string{"on-demand-maximum"},
		nil,
	},
	"no maximum": {
		from[bare](spec{OnDemandMaximum: units{Read: 100, Write: 50}}),
		to[bare](spec{OnDemandMaximum: units{Read: -1}}),
		[]string{"on-demand-maximum"},
		nil,
	},
	"warm": {
		from[bare](spec{}),
		to[bare](spec{WarmThroughput: units{Read: 20000, Write: 8000}}),
		[]string{"warm-throughput"},
		nil,
	},
	"warm as it is": {
		from[bare](spec{WarmThroughput: units{Read: 20000, Write: 8000}}),
		to[bare](spec{WarmThroughput: units{Read: 13000}}),
		[]string{},
		nil,
	},
	"class": {
		from[bare](spec{}),
		to[bare](spec{Class: types.TableClassStandardInfrequentAccess}),
		[]string{"class"},
		nil,
	},
	"protection": {
		from[bare](spec{}),
		to[bare](spec{DeletionProtection: dynamapper.On}),
		[]string{"deletion-protection"},
		nil,
	},
	"no protection": {
		from[bare](spec{DeletionProtection: dynamapper.On}),
		to[bare](spec{DeletionProtection: dynamapper.Off}),
		[]string{"deletion-protection"},
		nil,
	},
	"recovery": {
		from[bare](spec{}),
		to[bare](spec{Recovery: dynamapper.On}),
		[]string{"recovery"},
		nil,
	},
	"recovery days": {
		from[bare](spec{Recovery: dynamapper.On}),
		to[bare](spec{Recovery: dynamapper.On, RecoveryDays: 7}),
		[]string{"recovery"},
		nil,
	},
	"no recovery": {
		from[bare](spec{Recovery: dynamapper.On}),
		to[bare](spec{Recovery: dynamapper.Off}),
		[]string{"recovery!"},
		nil,
	},
	"stream": {
		from[bare](spec{}),
		to[bare](spec{Stream: types.StreamViewTypeNewImage}),
		[]string{"stream"},
		nil,
	},
	"another stream": {
		from[bare](spec{Stream: types.StreamViewTypeNewImage}),
		to[bare](spec{Stream: types.StreamViewTypeKeysOnly}),
		[]string{"stream!"},
		nil,
	},
	"no stream": {
		from[bare](spec{Stream: types.StreamViewTypeNewImage}),
		to[bare](spec{Stream: dynamapper.StreamOff}),
		[]string{"stream!"},
		nil,
	},
	"tags": {
		from[bare](spec{Tags: map[string]string{"a": "1", "b": "2"}}),
		to[bare](spec{Tags: map[string]string{"b": "3", "c": "4"}}),
		[]string{"tags"},
		nil,
	},
	"tags there": {
		from[bare](spec{Tags: map[string]string{"a": "1", "b": "2"}}),
		to[bare](spec{Tags: map[string]string{"a": "1"}}),
		[]string{},
		nil,
	},
	"key": {
		from[bare](spec{}),
		to[bare](spec{Key: "alias/game"}),
		[]string{"encryption"},
		nil,
	},
	"no key": {
		from[bare](spec{Key: "alias/game"}),
		to[bare](spec{Key: dynamapper.OwnedKey}),
		[]string{"encryption"},
		nil,
	},
	"everything": {
		from[bare](spec{}),
		to[hero](
			spec{
				Billing:            provisioned,
				Units:              units{Read: 2, Write: 2},
				Class:              types.TableClassStandardInfrequentAccess,
				DeletionProtection: dynamapper.On,
				Recovery:           dynamapper.On,
				Stream:             types.StreamViewTypeNewAndOldImages,
				Tags:               map[string]string{"a": "b"},
				Key:                "alias/game",
			},
		),
		[]string{
			"billing",
			"class",
			"deletion-protection",
			"stream",
			"encryption",
			"recovery",
			"tags",
			"add-index by-email",
			"add-index by-guild",
			"ttl-on",
		},
		nil,
	},
}

// A plan finds each difference, Apply makes it, Verify then agrees, and the next plan is empty.
func TestEachDifferenceIsPlannedAndApplied(t *testing.T) {
	t.Parallel()
	require.GreaterOrEqual(t, len(differences), 30)
	for name, d := range differences {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := fixtures.Mapper(t)
			d.live(t, m)
			wanted := d.want(t, m)
			plan, err := dynamapper.PlanTables(t.Context(), wanted)
			require.NoError(t, err)
			require.Equal(t, d.plan, kinds(plan.Changes), plan.String())
			for _, change := range plan.Changes {
				require.NotEmpty(t, change.What)
				require.NotEmpty(t, change.Why)
				if change.Destroys {
					require.NotEmpty(t, change.Effect)
				}
			}

			made := []string{}
			err = plan.Apply(
				t.Context(),
				dynamapper.AllowDestroy(),
				dynamapper.OnProgress(
					func(c dynamapper.TableChange) {
						made = append(made, kinds([]dynamapper.TableChange{c})...)
					},
				),
			)
			possible := []string{}
			for i, c := range plan.Changes {
				if c.Impossible == "" {
					possible = append(possible, d.plan[i])
				}
			}
			require.Equal(t, possible, made)
			if len(possible) == len(d.plan) {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, dynamapper.ErrNotApplied)
			}
			again, err := dynamapper.PlanTables(t.Context(), wanted)
			require.NoError(t, err)
			require.Equal(t, append([]string{}, d.left...), kinds(again.Changes))
			if d.left == nil {
				verifier := wanted.(interface{ Verify(context.Context) error })
				require.NoError(t, verifier.Verify(t.Context()))
			}
		})
	}
}

// A table of another account is created there.
func TestATableByItsARNIsNotCreated(t *testing.T) {
	t.Parallel()
	table, err := dynamapper.TableOf[bare](fixtures.Mapper(t), dynamapper.WithTableName(
		"arn:aws:dynamodb:us-east-1:000000000000:table/absent"))
	require.NoError(t, err)
	plan, err := dynamapper.PlanTables(t.Context(), table)
	require.NoError(t, err)
	require.Equal(t, []string{"create-table impossible"}, kinds(plan.Changes))
	require.ErrorIs(t, plan.Apply(t.Context()), dynamapper.ErrNotApplied)
}

// Without AllowDestroy, Apply makes the other changes, and reports those that it left out.
func TestApplyDestroysNothingUnasked(t *testing.T) {
	t.Parallel()
	m := fixtures.Mapper(t)
	live[hero](t, m, spec{})
	wanted := want[bare](t, m, spec{DeletionProtection: dynamapper.On})
	plan, err := dynamapper.PlanTables(t.Context(), wanted)
	require.NoError(t, err)
	err = plan.Apply(t.Context())
	require.ErrorIs(t, err, dynamapper.ErrNotApplied)
	var left *dynamapper.PlanError
	require.ErrorAs(t, err, &left)
	require.Equal(t, []string{"drop-index by-email!", "drop-index by-guild!"}, kinds(left.Left))
	require.ErrorContains(t, err, "AllowDestroy")
	require.ErrorContains(t, err, "heroes")
	again, err := dynamapper.PlanTables(t.Context(), wanted)
	require.NoError(t, err)
	require.Equal(t, kinds(left.Left), kinds(again.Changes))
}

// TTL on an attribute by which items have expired already would delete them.
func TestTTLOfExpiredItemsDestroys(t *testing.T) {
	t.Parallel()
	for _, ends := range []time.Time{time.Now().Add(-time.Hour), time.Now().Add(time.Hour)} {
		m := fixtures.Mapper(t)
		table := live[bare](t, m, spec{})
		fixtures.PutRaw(t, table.Name(), fixtures.Attributes{"login": fixtures.Text("waldo"),
			"ends": fixtures.Number(fmt.Sprint(ends.Unix()))})
		plan, err := dynamapper.PlanTables(t.Context(), want[hero](t, m, spec{}))
		require.NoError(t, err)
		last := plan.Changes[len(plan.Changes)-1]
		require.Equal(t, "ttl-on", last.Kind)
		require.Equal(t, ends.Before(time.Now()), last.Destroys)
	}
}

// An index that needs the drop of another one is not added without it.
func TestAnIndexThatNeedsADropIsLeft(t *testing.T) {
	t.Parallel()
	m := fixtures.Mapper(t)
	live[hero](t, m, spec{})
	wanted := want[typed](t, m, spec{OtherIndexes: []string{"by-guild"}})
	plan, err := dynamapper.PlanTables(t.Context(), wanted)
	require.NoError(t, err)
	require.Equal(t, []string{"by-email"}, plan.Changes[1].Needs)
	require.Contains(t, plan.String(), `needs: that Apply drops the index "by-email" before`)
	err = plan.Apply(t.Context())
	require.ErrorIs(t, err, dynamapper.ErrNotApplied)
	require.ErrorContains(t, err, `it needs that Apply drops the index "by-email" before`)
	var left *dynamapper.PlanError
	require.ErrorAs(t, err, &left)
	require.Equal(t, []string{"drop-index by-email!", "add-index by-number"}, kinds(left.Left))

	plan.Changes = plan.Changes[1:] // AllowDestroy allows what the plan says
	require.ErrorIs(t, plan.Apply(t.Context(), dynamapper.AllowDestroy()),
		dynamapper.ErrNotApplied)
}

// fullA and fullB have as many vector indexes as a table can have.
type fullA struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string    `dynamo:"login,hash"`
	V                []float32 `dynamo:"v" vector:"by-a,cosine,dimensions=2;by-b,cosine,dimensions=2;by-c,cosine,dimensions=2;by-d,cosine,dimensions=2;by-e,cosine,dimensions=2"`
}

type fullB struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string    `dynamo:"login,hash"`
	V                []float32 `dynamo:"v" vector:"by-a,cosine,dimensions=2;by-b,cosine,dimensions=2;by-c,cosine,dimensions=2;by-d,cosine,dimensions=2;by-f,cosine,dimensions=2"`
	Ends             time.Time `dynamo:"ends,ttl"`
}

// If a table has no room for another index, and none is dropped, the index is left out, and the
// other changes are made.
func TestAnIndexWithoutRoomIsLeft(t *testing.T) {
	t.Parallel()
	m := fixtures.Mapper(t)
	live[fullA](t, m, spec{})
	wanted := want[fullB](t, m, spec{})
	plan, err := dynamapper.PlanTables(t.Context(), wanted)
	require.NoError(t, err)
	require.Equal(t, []string{"drop-index by-e!", "add-index by-f", "ttl-on"}, kinds(plan.Changes))
	err = plan.Apply(t.Context())
	var left *dynamapper.PlanError
	require.ErrorAs(t, err, &left)
	require.Equal(t, []string{"drop-index by-e!", "add-index by-f"}, kinds(left.Left))
	require.ErrorContains(t, err, `it needs that Apply drops the index "by-e" before`)
	require.NoError(t, plan.Apply(t.Context(), dynamapper.AllowDestroy()))
	again, err := dynamapper.PlanTables(t.Context(), wanted)
	require.NoError(t, err)
	require.True(t, again.Empty(), again)
}

// An index is not dropped if the table has changed since the plan was made, so that it could not be
// added again, or if the plan does not say so.
func TestApplyDropsNothingInVain(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		live, meanwhile func(*testing.T, *dynamapper.Mapper) dynamapper.AnyTable
		want            func(*testing.T, *dynamapper.Mapper) dynamapper.AnyTable
		plan, left      []string
	}{
		"could not be added again": {
			to[hero](spec{}), to[twice](spec{}),
			to[retyped](spec{OtherIndexes: []string{"by-guild"}}),
			[]string{"replace-index by-email!"}, []string{"replace-index by-email! impossible"},
		},
		"added by others meanwhile": {
			to[bare](spec{}), to[retyped](spec{}), to[hero](spec{}),
			[]string{"add-index by-email", "add-index by-guild", "ttl-on"},
			[]string{"replace-index by-email!"},
		},
		"a stream of others meanwhile": {
			to[bare](spec{}), to[bare](spec{Stream: types.StreamViewTypeKeysOnly}),
			to[bare](spec{Stream: types.StreamViewTypeNewImage}),
			[]string{"stream"}, []string{"stream!"},
		},
		"created by others meanwhile": {
			nil, to[localized](spec{}), to[bare](spec{}),
			[]string{"create-table"}, []string{"keys impossible"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := fixtures.Mapper(t)
			apply := func(table dynamapper.AnyTable) {
				plan, err := dynamapper.PlanTables(t.Context(), table)
				require.NoError(t, err)
				require.NoError(t, plan.Apply(t.Context(), dynamapper.AllowDestroy()))
			}
			if one.live != nil {
				apply(one.live(t, m))
			}
			plan, err := dynamapper.PlanTables(t.Context(), one.want(t, m))
			require.NoError(t, err)
			require.Equal(t, one.plan, kinds(plan.Changes))
			apply(one.meanwhile(t, m))
			var left *dynamapper.PlanError
			require.ErrorAs(t, plan.Apply(t.Context(), dynamapper.AllowDestroy()), &left)
			require.Equal(t, one.left, kinds(left.Left))
		})
	}
}

// An index keeps its capacity when it is replaced, if the Spec does not say another one, and a new
// index gets that of the table.
func TestUnitsOfAddedIndexes(t *testing.T) {
	t.Parallel()
	own := spec{Billing: provisioned, Units: units{Read: 2, Write: 3},
		IndexUnits: map[string]units{"by-guild": {Read: 7, Write: 8}}}
	for name, one := range map[string]struct {
		live func(*testing.T, *dynamapper.Mapper)
		want func(*testing.T, *dynamapper.Mapper) dynamapper.AnyTable
		has  units
	}{
		"new": {from[bare](spec{Billing: provisioned, Units: own.Units}), to[wider](spec{}),
			own.Units},
		"replaced": {from[hero](own), to[wider](spec{}), own.IndexUnits["by-guild"]},
		"said": {from[hero](own), to[wider](spec{Billing: provisioned, Units: own.Units,
			IndexUnits: map[string]units{"by-guild": {Read: 4, Write: 5}}}),
			units{Read: 4, Write: 5}},
		"dropped for another": {from[twice](own), to[retypedTwice](spec{}),
			own.IndexUnits["by-guild"]},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := fixtures.Mapper(t)
			one.live(t, m)
			wanted := one.want(t, m)
			plan, err := dynamapper.PlanTables(t.Context(), wanted)
			require.NoError(t, err)
			require.NoError(t, plan.Apply(t.Context(), dynamapper.AllowDestroy()))
			for _, i := range describe(t, wanted).GlobalSecondaryIndexes {
				if *i.IndexName == "by-guild" {
					require.Equal(t, one.has, units{
						Read:  *i.ProvisionedThroughput.ReadCapacityUnits,
						Write: *i.ProvisionedThroughput.WriteCapacityUnits})
					return
				}
			}
			require.Fail(t, "the index is missing")
		})
	}
}

// A replaced index on demand keeps its limits.
func TestMaximumOfReplacedIndexes(t *testing.T) {
	t.Parallel()
	m := fixtures.Mapper(t)
	name := live[hero](t, m, spec{}).Name()
	limits := &types.OnDemandThroughput{MaxReadRequestUnits: fixtures.Pointer(int64(9))}
	_, err := fixtures.RawClient(t).UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
		TableName: &name, GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{
			{Update: &types.UpdateGlobalSecondaryIndexAction{
				IndexName: fixtures.Pointer("by-guild"), OnDemandThroughput: limits}}}})
	require.NoError(t, err)
	wanted := want[wider](t, m, spec{})
	plan, err := dynamapper.PlanTables(t.Context(), wanted)
	require.NoError(t, err)
	require.NoError(t, plan.Apply(t.Context(), dynamapper.AllowDestroy()))
	for _, i := range describe(t, wanted).GlobalSecondaryIndexes {
		if *i.IndexName == "by-guild" {
			require.Equal(t, limits.MaxReadRequestUnits, i.OnDemandThroughput.MaxReadRequestUnits)
		}
	}
}

// describe returns the description of a live table.
func describe(t *testing.T, table dynamapper.AnyTable) *types.TableDescription {
	t.Helper()
	made := table.(interface {
		Describe(context.Context) (*types.TableDescription, error)
	})
	description, err := made.Describe(t.Context())
	require.NoError(t, err)
	return description
}

// If a table has as many indexes as it may have, those that go are dropped before others are added.
func TestDropsMakeRoom(t *testing.T) {
	t.Parallel()
	m := fixtures.Mapper(t)
	name := want[bare](t, m, spec{}).(*dynamapper.Table[bare]).Name()
	in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: onDemand,
		KeySchema: []types.KeySchemaElement{
			{AttributeName: fixtures.Pointer("login"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{
			AttributeName: fixtures.Pointer("login"), AttributeType: types.ScalarAttributeTypeS}}}
	for i := range 20 {
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: fixtures.Pointer(fmt.Sprintf("old-%02d", i)), KeySchema: in.KeySchema,
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll}})
	}
	_, err := fixtures.RawClient(t).CreateTable(t.Context(), in)
	require.NoError(t, err)
	wanted := want[wider](t, m, spec{})
	plan, err := dynamapper.PlanTables(t.Context(), wanted)
	require.NoError(t, err)
	require.NoError(t, plan.Apply(t.Context(), dynamapper.AllowDestroy()))
	plan, err = dynamapper.PlanTables(t.Context(), wanted)
	require.NoError(t, err)
	require.Empty(t, plan.Changes)
}

// DynamoDB takes an hour to switch TTL to another attribute, so that takes two plans. The other
// changes of a plan are made beside it.
func TestTTLOfAnotherAttribute(t *testing.T) {
	t.Parallel()
	var hours atomic.Int64
	dynamotest.RunEngine(t, engine.WithClock(func() time.Time {
		return time.Now().Add(time.Duration(hours.Load()) * time.Hour)
	}))
	m := fixtures.Mapper(t)
	live[hero](t, m, spec{})
	wanted := want[later](t, m, spec{OtherIndexes: []string{"by-email", "by-guild"}})
	for _, kind := range []string{"ttl-off", "ttl-on"} {
		plan, err := dynamapper.PlanTables(t.Context(), wanted)
		require.NoError(t, err)
		require.Equal(t, []string{kind}, kinds(plan.Changes))
		require.ErrorContains(t, plan.Apply(t.Context()), "ime to live")
		hours.Add(2)
		require.NoError(t, plan.Apply(t.Context()))
	}
	plan, err := dynamapper.PlanTables(t.Context(), wanted)
	require.NoError(t, err)
	require.Empty(t, plan.Changes)
}

// TTL that is being switched off is as planned. What follows cannot be done yet.
func TestTTLThatIsBeingSwitchedOff(t *testing.T) {
	t.Parallel()
	var minutes, step atomic.Int64
	dynamotest.RunEngine(t, engine.WithClock(func() time.Time {
		return time.Now().Add(time.Duration(minutes.Add(step.Load())) * time.Minute)
	}), engine.WithTableDelay(50*time.Minute))
	m := fixtures.Mapper(t)
	pass := func() { minutes.Add(120) }
	first, second := want[until](t, m, spec{}), want[later](t, m, spec{})
	step.Store(10) // CreateTable waits
	require.NoError(t, first.(*dynamapper.Table[until]).CreateTable(t.Context()))
	step.Store(0)

	planned := func(kind ...string) *dynamapper.Plan {
		t.Helper()
		plan, err := dynamapper.PlanTables(t.Context(), second)
		require.NoError(t, err)
		require.Equal(t, kind, kinds(plan.Changes))
		return plan
	}
	planned("ttl-off impossible") // it is being switched on
	pass()
	plan := planned("ttl-off")
	made := 0
	progress := dynamapper.OnProgress(func(dynamapper.TableChange) { made++ })
	require.NoError(t, plan.Apply(t.Context(), progress))
	require.Equal(t, 1, made)
	plan = planned("ttl-on impossible") // it is being switched off
	require.ErrorIs(t, plan.Apply(t.Context()), dynamapper.ErrNotApplied)
	require.ErrorContains(t, second.(*dynamapper.Table[later]).Verify(t.Context()),
		"being switched off")
	pass()
	plan = planned("ttl-on")
	require.NoError(t, plan.Apply(t.Context(), progress))
	require.Equal(t, 2, made)
	planned([]string{}...)
}

// A plan is JSON and text.
func TestPlanAsJSONAndText(t *testing.T) {
	t.Parallel()
	m := fixtures.Mapper(t)
	live[hero](t, m, spec{})
	plan, err := dynamapper.PlanTables(t.Context(), want[numbered](t, m, spec{}))
	require.NoError(t, err)
	text, err := json.Marshal(plan)
	require.NoError(t, err)
	var read dynamapper.Plan
	require.NoError(t, json.Unmarshal(text, &read))
	require.Equal(t, kinds(plan.Changes), kinds(read.Changes))
	require.Equal(t, plan.String(), read.String())
	require.Contains(t, plan.String(), "x ")
	require.Contains(t, plan.String(), "! ")
	require.Equal(t, "nothing to change\n", (*dynamapper.Plan)(nil).String())
	require.ErrorContains(t, read.Apply(t.Context(), dynamapper.AllowDestroy()), "PlanTables")
}

// The program dies at each request of an Apply, when the service has applied it or before. Another
// plan and its Apply complete the work.
func TestApplyAfterACrashAtEachRequest(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		difference
		requests int // that an Apply takes at least
	}{
		"everything":    {differences["everything"], 20},
		"replace index": {differences["index to replace of a table whose units others set"], 4},
		"two indexes":   {differences["index key of another type, in two indexes"], 8},
		"create table":  {differences["no table, with spec"], 6},
		"other TTL":     {difference{live: from[until](spec{}), want: to[later](spec{})}, 2},
	} {
		for how, fault := range map[string]dynamotest.Fault{
			"applied": dynamotest.Lose(), "not applied": dynamotest.Drop(),
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				clock, n := newClock(t), 1
				for !survivesCrash(t, clock, one.difference, n, fault) {
					n++
				}
				require.Greater(t, n, one.requests, "each change takes some requests")
			})
		}
	}
}

// survivesCrash applies a plan whose n-th request crashes the program, completes the work, and
// reports whether there were fewer requests.
func survivesCrash(
	t *testing.T, clock *atomic.Int64, d difference, n int, fault dynamotest.Fault,
) (whole bool) {
	t.Helper()
	line := dynamotest.NewFaults()
	m := fixtures.Mapper(t, dynamapper.WithConfig(fixtures.LineConfig(t, line)))
	d.live(t, m)
	clock.Add(2)
	wanted := d.want(t, m)
	plan, err := dynamapper.PlanTables(t.Context(), wanted)
	require.NoError(t, err)
	ctx, crash := context.WithCancel(t.Context())
	defer crash()
	line.Each("", func(seen int) dynamotest.Fault {
		if seen == n {
			return dynamotest.After(fault, crash)
		}
		return nil
	})
	crashed := plan.Apply(ctx, dynamapper.AllowDestroy())
	line.Clear()
	if crashed == nil {
		return true
	}
	require.ErrorIs(t, crashed, context.Canceled)
	require.Empty(t, complete(t, clock, wanted))
	return false
}

// newClock runs an engine whose clock is some hours ahead: DynamoDB changes TTL once an hour.
func newClock(t *testing.T) *atomic.Int64 {
	t.Helper()
	hours := &atomic.Int64{}
	dynamotest.RunEngine(t, engine.WithClock(func() time.Time {
		return time.Now().Add(time.Duration(hours.Load()) * time.Hour)
	}))
	return hours
}

// complete plans and applies until a plan has only changes that cannot be made, and returns them.
func complete(
	t *testing.T, clock *atomic.Int64, wanted dynamapper.AnyTable,
) []dynamapper.TableChange {
	t.Helper()
	var plan *dynamapper.Plan
	for range 3 { // TTL takes two plans
		clock.Add(2)
		var err error
		plan, err = dynamapper.PlanTables(t.Context(), wanted)
		require.NoError(t, err)
		err = plan.Apply(t.Context(), dynamapper.AllowDestroy())
		if err != nil {
			require.ErrorIs(t, err, dynamapper.ErrNotApplied, plan.String())
		}
	}
	for _, c := range plan.Changes {
		require.NotEmpty(t, c.Impossible, plan.String())
	}
	return plan.Changes
}

// Each response of an Apply is lost once, and the SDK or Apply sends again what is needed.
func TestApplySurvivesLostResponses(t *testing.T) {
	t.Parallel()
	everything := differences["everything"]
	line := dynamotest.NewFaults()
	m := fixtures.Mapper(t, dynamapper.WithConfig(fixtures.LineConfig(t, line)))
	everything.live(t, m)
	wanted := everything.want(t, m)
	plan, err := dynamapper.PlanTables(t.Context(), wanted)
	require.NoError(t, err)
	for _, operation := range []string{
		"UpdateTable", "UpdateContinuousBackups", "TagResource", "UpdateTimeToLive",
	} {
		line.Each(operation, func(seen int) dynamotest.Fault {
			if seen%2 == 1 {
				return dynamotest.Lose()
			}
			return nil
		})
	}
	require.NoError(t, plan.Apply(t.Context()))
	again, err := dynamapper.PlanTables(t.Context(), wanted)
	require.NoError(t, err)
	require.Empty(t, again.Changes)
}

// A lost response to a question leaves no doubt about a change.
func TestALostDescriptionIsNoDoubt(t *testing.T) {
	t.Parallel()
	line := dynamotest.NewFaults()
	m := fixtures.Mapper(t, dynamapper.WithConfig(fixtures.LineConfig(t, line)))
	everything := differences["everything"]
	everything.live(t, m)
	wanted := everything.want(t, m)
	for _, operation := range []string{"ListTagsOfResource", "DescribeContinuousBackups"} {
		line.Each(operation, fixtures.Always(dynamotest.Lose()))
		_, err := dynamapper.PlanTables(t.Context(), wanted)
		require.Error(t, err, operation)
		require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome, operation)
		line.Clear()
	}
}

// Two mappers may be of two regions, so each changes its own table, even of the same name.
func TestAPlanOfTwoMappers(t *testing.T) {
	t.Parallel()
	m := fixtures.Mapper(t)
	table := live[bare](t, m, spec{})
	var tables []dynamapper.AnyTable
	var sent [2]fixtures.Requests
	for i := range sent {
		region, err := dynamapper.Connect(t.Context(),
			dynamapper.WithConfig(fixtures.LineConfig(t, dynamotest.NewFaults())),
			dynamapper.WithObserver(sent[i].Observe))
		require.NoError(t, err)
		heroes, err := dynamapper.TableOf[hero](region, dynamapper.WithTableName(table.Name()))
		require.NoError(t, err)
		tables = append(tables, heroes)
	}
	plan, err := dynamapper.PlanTables(t.Context(), tables...)
	require.NoError(t, err)
	plan.Changes = plan.Changes[len(plan.Changes)/2:] // those of the second one
	sent[0].Take()
	sent[1].Take()
	require.NoError(t, plan.Apply(t.Context()))
	require.Empty(t, sent[0].Take())
	require.Contains(t, sent[1].Take(), "UpdateTable")
}

// Several programs apply the same plan at once.
func TestTwoAppliersDoNoHarm(t *testing.T) {
	t.Parallel()
	dynamotest.RunEngine(t, engine.WithTableDelay(20*time.Millisecond))
	everything := differences["everything"]
	m := fixtures.Mapper(t)
	everything.live(t, m)
	wanted := everything.want(t, m)
	for _, err := range fixtures.InParallel(func(int) error {
		plan, err := dynamapper.PlanTables(t.Context(), wanted)
		if err != nil {
			return err
		}
		return plan.Apply(t.Context())
	}) {
		require.NoError(t, err)
	}
	again, err := dynamapper.PlanTables(t.Context(), wanted)
	require.NoError(t, err)
	require.Empty(t, again.Changes)
}

// Verify and EnsureTable compare the table with its Spec.
func TestVerifyComparesTheSpec(t *testing.T) {
	t.Parallel()
	m := fixtures.Mapper(t)
	live[bare](t, m, spec{})
	asked := spec{DeletionProtection: dynamapper.On, Recovery: dynamapper.On,
		Tags: map[string]string{"team": "a"}}
	table, err := dynamapper.TableOf[bare](m, dynamapper.WithSpec(asked))
	require.NoError(t, err)
	for _, err := range []error{table.Verify(t.Context()), table.EnsureTable(t.Context())} {
		require.ErrorIs(t, err, dynamapper.ErrSchema)
		require.ErrorContains(t, err, "deletion protection")
		require.ErrorContains(t, err, "team=a")
		require.ErrorContains(t, err, "PlanTables")
	}
	plan, err := dynamapper.PlanTables(t.Context(), table)
	require.NoError(t, err)
	require.Equal(t, []string{"deletion-protection", "tags"}, kinds(plan.Changes),
		"EnsureTable has switched recovery on")
	require.NoError(t, plan.Apply(t.Context()))
	require.NoError(t, table.Verify(t.Context()))
	require.NoError(t, table.EnsureTable(t.Context()))
}

// A Spec that no table can have is refused by TableOf.
func TestImpossibleSpecs(t *testing.T) {
	t.Parallel()
	m := fixtures.Offline(t)
	for text, bad := range map[string]spec{
		`Billing is "free"`: {Billing: "free"},
		`mean "PROVISIONED"? give one of ["PROVISIONED" "PAY_PER_REQUEST"]`: {
			Billing: "PROVISONED"},
		`Class is "CHEAP"; give one of ["STANDARD" "STANDARD_INFREQUENT_ACCESS"]`: {
			Class: "CHEAP"},
		`Stream is "NEW_IMGE"; did you mean "NEW_IMAGE"? give one of ["NEW_IMAGE" `: {
			Stream: "NEW_IMGE"},
		`"off"]`:      {Stream: "none"},
		"on demand":   {Billing: onDemand, Units: units{Read: 1, Write: 1}},
		"is left out": {Units: units{Read: 1, Write: 1}},
		"Billing is left out; remove them": {
			IndexUnits: map[string]units{"by-email": {Read: 1, Write: 1}}},
		`the index "by-emial", which neither the model plan.hero nor OtherIndexes has; did you ` +
			`mean "by-email"? the global indexes of the table are ["by-email" "by-guild"]`: {
			Billing: provisioned, Units: units{Read: 1, Write: 1},
			IndexUnits: map[string]units{"by-emial": {Read: 1, Write: 1}}},
		"provisioned": {Billing: provisioned, Units: units{Read: 1, Write: 1},
			OnDemandMaximum: units{Read: 1}},
		"at least 1 unit": {Billing: provisioned},
		"if auto scaling": {Billing: provisioned, Units: units{Read: 1}},
		`IndexUnits of "x"`: {Billing: provisioned, Units: units{Read: 1, Write: 1},
			IndexUnits: map[string]units{"x": {Read: 1}}},
		"needs Recovery":     {RecoveryDays: 3},
		"1 to 35 days":       {Recovery: dynamapper.On, RecoveryDays: 36},
		"DeletionProtection": {DeletionProtection: "maybe"},
		"Recovery is":        {Recovery: "maybe"},
		"OnDemandMaximum is": {OnDemandMaximum: units{Read: -2}},
		"WarmThroughput is":  {WarmThroughput: units{Read: -1}},
	} {
		_, err := dynamapper.TableOf[hero](m, dynamapper.WithSpec(bad))
		require.ErrorContains(t, err, text)
		require.ErrorContains(t, err, "WithSpec")
	}
	for _, capacity := range []spec{two, {OnDemandMaximum: units{Read: 1}}} {
		table, err := dynamapper.TableOf[bare](m, dynamapper.WithSpec(capacity))
		require.NoError(t, err)
		require.ErrorContains(t, table.CreateTable(t.Context(), dynamapper.Provisioned(1, 1)),
			"keep one")
	}
}

// A Spec that contradicts the model is refused, too.
func TestSpecsThatContradictTheModel(t *testing.T) {
	t.Parallel()
	m := fixtures.Offline(t)
	_, err := dynamapper.TableOf[tasteful](m, dynamapper.WithSpec(two))
	require.ErrorContains(t, err, `the vector index "by-taste"`)
	asked := two
	asked.IndexUnits = map[string]units{"by-points": {Read: 1, Write: 1}}
	_, err = dynamapper.TableOf[localized](m, dynamapper.WithSpec(asked))
	require.ErrorContains(t, err, `the local index "by-points"`)
	asked.OtherIndexes = []string{"by-points"}
	_, err = dynamapper.TableOf[bare](m, dynamapper.WithSpec(asked))
	require.NoError(t, err)
}

// A Spec may speak of the index of another model that shares the table. All models together must
// have it.
func TestIndexUnitsOfAnotherModel(t *testing.T) {
	t.Parallel()
	m := fixtures.Mapper(t)
	asked := two
	asked.IndexUnits = map[string]units{"by-owner": {Read: 5, Write: 6}}
	things := want[thing](t, m, asked)
	others, err := dynamapper.TableOf[other](m)
	require.NoError(t, err)
	_, err = dynamapper.PlanTables(t.Context(), things)
	require.ErrorContains(t, err, `the index "by-owner"`)
	plan, err := dynamapper.PlanTables(t.Context(), things, others)
	require.NoError(t, err)
	require.NoError(t, plan.Apply(t.Context()))
	for _, i := range describe(t, things).GlobalSecondaryIndexes {
		if *i.IndexName == "by-owner" {
			require.Equal(t, int64(5), *i.ProvisionedThroughput.ReadCapacityUnits)
		}
	}
}

// The plan of a new table names all that it will have.
func TestPlanOfANewTableNamesEverything(t *testing.T) {
	t.Parallel()
	m := fixtures.Mapper(t)
	for _, one := range []struct {
		table dynamapper.AnyTable
		has   []string
	}{
		{want[tasteful](t, m, spec{OnDemandMaximum: units{Read: 7, Write: -1},
			WarmThroughput: units{Write: 9000}, Recovery: dynamapper.On, RecoveryDays: 3}),
			[]string{`hash "login" (S)`, `the vector index "by-taste"`, "on demand",
				"at most 7 read", "9000 write units a second at once", "recovery for 3 days"}},
		{want[hero](t, m, spec{Billing: provisioned, Units: units{Read: 2, Write: 3},
			IndexUnits: map[string]units{"by-email": {Read: 4, Write: 5}}}),
			[]string{`the global index "by-email"`, `TTL on "ends"`, "2 read and 3 write units",
				`4 read and 5 write units for the index "by-email"`}},
	} {
		plan, err := dynamapper.PlanTables(t.Context(), one.table)
		require.NoError(t, err)
		for _, text := range one.has {
			require.Contains(t, plan.String(), text)
		}
	}
}

// Wrong arguments are refused before anything is sent.
func TestPlanRefusesWrongArguments(t *testing.T) {
	t.Parallel()
	offline := fixtures.OfflineTable[bare](t)
	for text, call := range map[string]func() error{
		"no table": func() error { _, err := dynamapper.PlanTables(t.Context()); return err },
		"table 2": func() error {
			_, err := dynamapper.PlanTables(t.Context(), offline, nil)
			return err
		},
		"table 1": func() error {
			_, err := dynamapper.PlanTables(t.Context(), (*dynamapper.Table[bare])(nil))
			return err
		},
		"the context is nil": func() error {
			var none context.Context
			_, err := dynamapper.PlanTables(none, offline)
			return err
		},
		"OnProgress": func() error {
			return (&dynamapper.Plan{}).Apply(t.Context(),
				dynamapper.OnProgress[dynamapper.TableChange](nil))
		},
	} {
		require.ErrorContains(t, call(), text)
	}
	require.NoError(t, (*dynamapper.Plan)(nil).Apply(t.Context()))
}

// thing and other share a table.
type thing struct {
	dynamapper.Model `dynamo:"game,entity=thing"`
	PK               dynamapper.Computed `dynamo:"pk,hash,format=P#{owner}"`
	SK               dynamapper.Computed `dynamo:"sk,range,format=T#{id}"`
	Owner            string              `dynamo:"owner"`
	ID               string              `dynamo:"id" index:"by-id,hash"`
}

type other struct {
	dynamapper.Model `dynamo:"game,entity=other"`
	PK               dynamapper.Computed `dynamo:"pk,hash,format=P#{owner}"`
	SK               dynamapper.Computed `dynamo:"sk,range,format=O#{id}"`
	Owner            string              `dynamo:"owner" index:"by-owner,hash"`
	ID               string              `dynamo:"id"`
	Ends             time.Time           `dynamo:"ends,ttl"`
}

// Tables of one name are planned as one, and as what their models say together.
func TestEntitiesArePlannedAsOneTable(t *testing.T) {
	t.Parallel()
	m := fixtures.Mapper(t)
	live[thing](t, m, spec{})
	things := want[thing](t, m, spec{DeletionProtection: dynamapper.On})
	others, err := dynamapper.TableOf[other](m)
	require.NoError(t, err)
	plan, err := dynamapper.PlanTables(t.Context(), things, others, things)
	require.NoError(t, err)
	require.Equal(t, []string{"deletion-protection", "add-index by-owner", "ttl-on"},
		kinds(plan.Changes))
	require.NoError(t, plan.Apply(t.Context()))
	game, err := dynamapper.NewCollection(things, others)
	require.NoError(t, err)
	require.NoError(t, game.Verify(t.Context()))

	unlike := want[other](t, m, spec{DeletionProtection: dynamapper.Off})
	_, err = dynamapper.PlanTables(t.Context(), things, unlike)
	require.ErrorContains(t, err, "different Specs")
}

// A client that has only what Client asks for gets an error that says so, when something is to be
// changed.
func TestPlanWithAnotherClient(t *testing.T) {
	t.Parallel()
	m := fixtures.Mapper(t)
	table := live[bare](t, m, spec{})
	other, err := dynamapper.New(struct{ dynamapper.Client }{fixtures.RawClient(t)})
	require.NoError(t, err)
	wanted, err := dynamapper.TableOf[hero](other, dynamapper.WithTableName(table.Name()))
	require.NoError(t, err)
	plan, err := dynamapper.PlanTables(t.Context(), wanted)
	require.NoError(t, err)
	require.ErrorContains(t, plan.Apply(t.Context()), "has no method UpdateTable")
}
