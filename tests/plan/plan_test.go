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

// wider has by-guild with all attributes.
type wider struct {
	dynamapper.Model `dynamo:"heroes"`
	Login            string    `dynamo:"login,hash"`
	Email            string    `dynamo:"email" index:"by-email,hash"`
	Guild            string    `dynamo:"guild" index:"by-guild,hash"`
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

// DynamoDB takes an hour to switch TTL to another attribute, so that takes two plans.
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
	everything := differences["everything"]
	for name, fault := range map[string]dynamotest.Fault{
		"applied": dynamotest.Lose(), "not applied": dynamotest.Drop(),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for n := 1; ; n++ {
				line := dynamotest.NewFaults()
				m := fixtures.Mapper(t, dynamapper.WithConfig(fixtures.LineConfig(t, line)))
				everything.live(t, m)
				wanted := everything.want(t, m)
				plan, err := dynamapper.PlanTables(t.Context(), wanted)
				require.NoError(t, err)
				ctx, crash := context.WithCancel(t.Context())
				line.Each("", func(seen int) dynamotest.Fault {
					if seen == n {
						return dynamotest.After(fault, crash)
					}
					return nil
				})
				crashed := plan.Apply(ctx)
				line.Clear()
				if crashed == nil {
					require.Greater(t, n, 20, "each change takes some requests")
					return
				}
				require.ErrorIs(t, crashed, context.Canceled)
				rest, err := dynamapper.PlanTables(t.Context(), wanted)
				require.NoError(t, err)
				require.NoError(t, rest.Apply(t.Context()))
				again, err := dynamapper.PlanTables(t.Context(), wanted)
				require.NoError(t, err)
				require.Empty(t, again.Changes)
			}
		})
	}
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
		"Billing is": {Billing: "free"},
		"on demand":  {Billing: onDemand, Units: units{Read: 1, Write: 1}},
		"provisioned": {Billing: provisioned, Units: units{Read: 1, Write: 1},
			OnDemandMaximum: units{Read: 1}},
		"at least 1 unit": {Billing: provisioned},
		"none":            {Units: units{Read: 1}},
		`IndexUnits of "x"`: {Billing: provisioned, Units: units{Read: 1, Write: 1},
			IndexUnits: map[string]units{"x": {Read: 1}}},
		"needs Recovery":     {RecoveryDays: 3},
		"1 to 35 days":       {Recovery: dynamapper.On, RecoveryDays: 36},
		"DeletionProtection": {DeletionProtection: "maybe"},
		"OnDemandMaximum is": {OnDemandMaximum: units{Read: -2}},
		"WarmThroughput is":  {WarmThroughput: units{Read: -1}},
	} {
		_, err := dynamapper.TableOf[bare](m, dynamapper.WithSpec(bad))
		require.ErrorContains(t, err, text)
		require.ErrorContains(t, err, "WithSpec")
	}
	table, err := dynamapper.TableOf[bare](m, dynamapper.WithSpec(two))
	require.NoError(t, err)
	require.ErrorContains(
		t,
		table.CreateTable(t.Context(), dynamapper.Provisioned(1, 1)),
		"keep one",
	)
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
