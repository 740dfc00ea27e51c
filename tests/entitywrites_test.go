package tests

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// placed has keys of two indexes: one of two values that writers edit independently, and one of a
// value and a part of the key.
type placed struct {
	dynamapper.Model `dynamo:"placed,entity=placed"`

	_ dynamapper.Computed `dynamo:"pk,hash,format=R#{group}#{id}"`
	_ dynamapper.Computed `dynamo:"g1,format={group}#{team}" index:"by-team,hash"`
	_ dynamapper.Computed `dynamo:"r1,format=T#{team}#{points:4}" index:"by-team,range"`
	_ dynamapper.Computed `dynamo:"g2,format=ID#{id}" index:"by-id,hash"`

	Group  string `dynamo:"group"`
	ID     string `dynamo:"id"`
	Team   string `dynamo:"team"`
	Points int    `dynamo:"points"`
	Other  int    `dynamo:"other"`
}

// rankedWriter writes random items in every way, and keeps some loaded.
type rankedWriter struct {
	*testing.T
	random *rand.Rand
	mapper *dynamapper.Mapper
	table  *dynamapper.Table[placed]
	good   *dynamapper.Table[placed] // without faults
	held   []*placed
	wrote  int
}

func (w *rankedWriter) key() dynamapper.PrimaryKey {
	return dynamapper.Key("g", fmt.Sprint(w.random.IntN(3)))
}

func (w *rankedWriter) edit(r *placed) error {
	if w.random.IntN(2) == 0 {
		r.Team = []string{"", "red", "blue"}[w.random.IntN(3)]
	}
	if w.random.IntN(2) == 0 {
		r.Points = w.random.IntN(3)
	}
	r.Other = w.random.IntN(3)
	return nil
}

// item returns a held item, or a new one.
func (w *rankedWriter) item() *placed {
	if len(w.held) == 0 || w.random.IntN(4) == 0 {
		return &placed{Group: "g", ID: fmt.Sprint(w.random.IntN(3))}
	}
	return w.held[w.random.IntN(len(w.held))]
}

// write does one random write.
func (w *rankedWriter) write() error {
	ctx, item := w.Context(), w.item()
	if err := w.edit(item); err != nil {
		return err
	}
	switch w.random.IntN(12) {
	case 0:
		return w.table.Save(ctx, item)
	case 1:
		return w.table.Save(ctx, item, dynamapper.FailOnConflict())
	case 2, 3, 4:
		return w.table.Save(ctx, item, dynamapper.ChangedOnly())
	case 5:
		return w.table.Save(ctx, item, dynamapper.ChangedOnly(), dynamapper.FailOnConflict(),
			dynamapper.Idempotent())
	case 6:
		_, err := w.table.Update(w.key()).Set("team", item.Team).Set("points", item.Points).Run(ctx)
		return err
	case 7:
		_, err := w.table.Update(w.key()).Add("other", 1).Run(ctx)
		return err
	case 8:
		_, err := w.table.ModifyOrNew(ctx, w.key(), w.edit)
		return err
	case 9:
		return w.mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
			read, err := w.table.In(tx).Get(ctx, w.key())
			if err != nil {
				return err
			}
			if err := w.edit(read); err != nil {
				return err
			}
			return w.table.In(tx).Save(read)
		})
	case 10:
		return w.table.BatchSave(ctx, []*placed{item})
	}
	return w.table.Delete(ctx, item, dynamapper.FailOnConflict())
}

func (w *rankedWriter) load() {
	read, err := w.good.Get(w.Context(), w.key(), dynamapper.Consistent())
	if err == nil {
		w.held = append(w.held, read)
		w.held = w.held[max(0, len(w.held)-4):]
	}
}

// requireKeys compares the keys of all stored items with what their parts say.
func (w *rankedWriter) requireKeys() {
	items, err := w.good.Scan().Consistent().Collect(w.Context())
	require.NoError(w, err)
	for _, r := range items {
		key := attributes{"pk": textValue("R#" + r.Group + "#" + r.ID)}
		stored := getRaw(w.T, w.good.Name(), key)
		require.NotNil(w, stored)
		want := attributes{"g2": textValue("ID#" + r.ID), "entity": textValue("placed"),
			"group": textValue(r.Group), "id": textValue(r.ID)}
		if r.Team != "" {
			want["g1"] = textValue(r.Group + "#" + r.Team)
		}
		if r.Team != "" && stored["points"] != nil {
			want["r1"] = textValue(fmt.Sprintf("T#%s#%04d", r.Team, r.Points))
		}
		for _, attribute := range []string{"g1", "r1", "g2", "entity", "group", "id"} {
			require.Equal(w, want[attribute], stored[attribute], "%s of %v", attribute, stored)
		}
		w.wrote++
	}
}

// After random writes of every kind, with responses that are lost, each item's keys are what its
// parts say.
func TestKeysAreRightAfterEveryWrite(t *testing.T) {
	t.Parallel()
	steadyEngine(t)
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			good := tableOf[placed](t)
			line := dynamotest.NewFaults()
			mapper, err := dynamapper.Connect(t.Context(),
				dynamapper.WithConfig(lineConfig(t, line)))
			require.NoError(t, err)
			table, err := dynamapper.TableOf[placed](mapper, dynamapper.WithTableName(good.Name()))
			require.NoError(t, err)
			w := &rankedWriter{T: t, random: rand.New(rand.NewPCG(seed, 11)), mapper: mapper,
				table: table, good: good}
			if seed > 0 {
				for _, operation := range []string{"PutItem", "UpdateItem", "DeleteItem",
					"TransactWriteItems", "BatchWriteItem"} {
					line.Each(operation, func(int) dynamotest.Fault {
						return []dynamotest.Fault{dynamotest.Lose(), dynamotest.Fail(),
							dynamotest.Drop(), nil, nil, nil, nil}[w.random.IntN(7)]
					})
				}
			}
			refused := 0
			for range 150 {
				w.load()
				err := w.write()
				w.requireAllowed(err)
				if errors.Is(err, dynamapper.ErrConflict) {
					refused++
				}
				w.requireKeys()
			}
			require.Greater(t, w.wrote, 100)
			require.Positive(t, refused)
		})
	}
}

// requireAllowed refuses an error that no race and no lost response explains.
func (w *rankedWriter) requireAllowed(err error) {
	for _, allowed := range []error{nil, dynamapper.ErrConflict, dynamapper.ErrNotFound,
		dynamapper.ErrUnknownOutcome, dynamapper.ErrMaxRetriesExceeded} {
		if errors.Is(err, allowed) {
			return
		}
	}
	var batch *dynamapper.BatchError
	if !errors.As(err, &batch) {
		w.Fatal(err)
	}
}

// Two writers of different parts of one key do not leave a key that neither has computed.
func TestChangedOnlyComparesTheOtherParts(t *testing.T) {
	t.Parallel()
	steadyEngine(t)
	table := tableOf[placed](t)
	key := dynamapper.Key("g", "1")
	require.NoError(t, table.Save(t.Context(), &placed{Group: "g", ID: "1", Team: "red", Points: 1}))
	one, err := table.Get(t.Context(), key)
	require.NoError(t, err)
	other, err := table.Get(t.Context(), key)
	require.NoError(t, err)
	third, err := table.Get(t.Context(), key)
	require.NoError(t, err)
	one.Points, other.Team, third.Other = 2, "blue", 5
	require.NoError(t, table.Save(t.Context(), one, dynamapper.ChangedOnly()))
	err = table.Save(t.Context(), other, dynamapper.ChangedOnly())
	var conflict *dynamapper.ConflictError
	require.ErrorAs(t, err, &conflict)
	require.Equal(t, []string{"points"}, conflict.Attributes)
	require.NoError(t, table.Save(t.Context(), third, dynamapper.ChangedOnly()))
	require.NoError(t, table.DeleteKey(t.Context(), key))
	one.Points = 3
	require.ErrorIs(t, table.Save(t.Context(), one, dynamapper.ChangedOnly()),
		dynamapper.ErrNotFound)
}
