package tests

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// placed has keys of three indexes: one of two values that writers edit independently, one of a
// value and a part of the key, and one of several attributes of both kinds.
type placed struct {
	dynamapper.Model `dynamo:"placed,entity=placed"`

	_ dynamapper.Computed `dynamo:"pk,hash,format=R#{group}#{id}"`
	_ dynamapper.Computed `dynamo:"g1,format={group}#{team}" index:"by-team,hash"`
	_ dynamapper.Computed `dynamo:"r1,format=T#{team}#{points:4}" index:"by-team,range"`
	_ dynamapper.Computed `dynamo:"g2,format=ID#{id}" index:"by-id,hash;by-place,range=3"`

	Group  string `dynamo:"group" index:"by-place,hash=2"`
	ID     string `dynamo:"id"`
	Team   string `dynamo:"team" index:"by-place,hash=1"`
	Points int    `dynamo:"points" index:"by-place,range=2"`
	Other  int    `dynamo:"other" index:"by-place,range=1"`
}

// placedWriter writes random items in every way, and keeps some loaded.
type placedWriter struct {
	*testing.T
	random  *rand.Rand
	mapper  *dynamapper.Mapper
	table   *dynamapper.Table[placed]
	good    *dynamapper.Table[placed] // without faults
	held    []*placed
	applied *appliedWrites
	refused int // by conflicts
	checked int // items
	found   int // items, through the index of several attributes
}

// appliedWrites counts the writes that were applied, by name.
type appliedWrites struct {
	mu sync.Mutex
	of map[string]int
}

func (a *appliedWrites) add(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.of[name]++
}

func (w *placedWriter) key() dynamapper.PrimaryKey {
	return dynamapper.Key("g", fmt.Sprint(w.random.IntN(3)))
}

func (w *placedWriter) edit(r *placed) error {
	if w.random.IntN(2) == 0 {
		r.Team = w.team()
	}
	if w.random.IntN(2) == 0 {
		r.Points = w.random.IntN(3)
	}
	r.Other = w.random.IntN(3)
	return nil
}

func (w *placedWriter) team() string { return []string{"", "red", "blue"}[w.random.IntN(3)] }

// item returns an item after an edit: the last one that was read, an older one, or a new one.
func (w *placedWriter) item() *placed {
	item := &placed{Group: "g", ID: fmt.Sprint(w.random.IntN(3))}
	switch n := w.random.IntN(4); {
	case len(w.held) == 0 || n == 0:
	case n == 1:
		item = w.held[w.random.IntN(len(w.held))]
	default:
		item = w.held[len(w.held)-1]
	}
	_ = w.edit(item)
	return item
}

// inTransaction stages a write. Half of the transactions read the item of the key first.
func (w *placedWriter) inTransaction(
	stage func(table *dynamapper.TxTable[placed], read *placed),
) error {
	key, reads := w.key(), w.random.IntN(2) == 0
	return w.mapper.RunTransaction(w.Context(), func(
		ctx context.Context, tx *dynamapper.Tx,
	) error {
		table := w.table.In(tx)
		read := &placed{Group: "g", ID: key.Parts()[1].(string)}
		if reads {
			var err error
			if read, err = table.Get(ctx, key); err != nil {
				return err
			}
		}
		stage(table, read)
		return nil
	})
}

// save returns a write that saves an item with options.
func (w *placedWriter) save(opts ...dynamapper.SaveOption) func(context.Context) error {
	return func(ctx context.Context) error { return w.table.Save(ctx, w.item(), opts...) }
}

// update returns a write that updates the item of a key.
func (w *placedWriter) update(
	change func(*dynamapper.Update[placed]),
) func(context.Context) error {
	return func(ctx context.Context) error {
		u := w.table.Update(w.key())
		if w.random.IntN(3) == 0 {
			u.Idempotent()
		}
		change(u)
		_, err := u.Run(ctx)
		return err
	}
}

// writes returns all kinds of writes.
func (w *placedWriter) writes() []namedWrite {
	return append(w.writesOfOne(), w.writesOfSeveral()...)
}

type namedWrite struct {
	name string
	run  func(context.Context) error
}

func (w *placedWriter) writesOfOne() []namedWrite {
	type update = dynamapper.Update[placed]
	return []namedWrite{
		{"Save", w.save()},
		{"Save Idempotent", w.save(dynamapper.Idempotent())},
		{"Save If", w.save(dynamapper.If(dynamapper.Attr("other", dynamapper.NE(1))))},
		{"FailOnConflict", w.save(dynamapper.FailOnConflict())},
		{"ChangedOnly", w.save(dynamapper.ChangedOnly())},
		{"ChangedOnly FailOnConflict", w.save(dynamapper.ChangedOnly(),
			dynamapper.FailOnConflict(), dynamapper.Idempotent())},
		{"Update of all parts", w.update(func(u *update) {
			u.Set("team", w.team()).Set("points", w.random.IntN(3))
		})},
		{"Update of no part", w.update(func(u *update) { u.Add("other", 1) })},
		{"Update that removes", w.update(func(u *update) {
			if w.random.IntN(2) == 0 {
				u.Remove("team").Set("points", 1)
			} else {
				u.Remove("points").Set("team", "red")
			}
		})},
		{"Update If", w.update(func(u *update) {
			u.Set("team", "red").Set("points", 2).If(dynamapper.Attr("other", dynamapper.NE(1)))
		})},
		{"Update MustExist", w.update(func(u *update) {
			u.Set("team", w.team()).Set("points", w.random.IntN(3)).MustExist()
		})},
		{"Modify", func(ctx context.Context) error {
			_, err := w.table.Modify(ctx, w.key(), w.edit)
			return err
		}},
		{"ModifyOrNew", func(ctx context.Context) error {
			_, err := w.table.ModifyOrNew(ctx, w.key(), w.edit, dynamapper.Idempotent())
			return err
		}},
		{"Delete", func(ctx context.Context) error { return w.table.Delete(ctx, w.item()) }},
		{"Delete FailOnConflict", func(ctx context.Context) error {
			return w.table.Delete(ctx, w.item(), dynamapper.FailOnConflict())
		}},
		{"DeleteKey", func(ctx context.Context) error { return w.table.DeleteKey(ctx, w.key()) }},
	}
}

func (w *placedWriter) writesOfSeveral() []namedWrite {
	type table = *dynamapper.TxTable[placed]
	inTransaction := func(stage func(table, *placed)) func(context.Context) error {
		return func(context.Context) error { return w.inTransaction(stage) }
	}
	return []namedWrite{
		{"transaction with Save", inTransaction(func(t table, read *placed) {
			_ = w.edit(read)
			t.Save(read)
		})},
		{"transaction of two", inTransaction(func(t table, read *placed) {
			_ = w.edit(read)
			t.Save(read)
			t.Update(dynamapper.Key("g", "other than "+read.ID)).Set("team", w.team()).Set("points", 1)
		})},
		{"transaction with Update", inTransaction(func(t table, read *placed) {
			t.Update(w.table.KeyOf(read)).Set("team", w.team()).Set("points", w.random.IntN(3))
		})},
		{"transaction with Delete", inTransaction(func(t table, read *placed) {
			t.DeleteKey(w.table.KeyOf(read))
		})},
		{"BatchSave", func(ctx context.Context) error {
			return w.table.BatchSave(ctx, []*placed{w.item()})
		}},
		{"BatchSave of all", func(ctx context.Context) error {
			var items []*placed
			for id := range 3 {
				items = append(items, &placed{Group: "g", ID: fmt.Sprint(id)})
				_ = w.edit(items[id])
			}
			return w.table.BatchSave(ctx, items)
		}},
		{"BatchDelete", func(ctx context.Context) error {
			return w.table.BatchDelete(ctx, []dynamapper.PrimaryKey{w.key()})
		}},
	}
}

// load reads by the mapper that writes: to it, an item of another one is new.
func (w *placedWriter) load() {
	read, err := w.table.Get(w.Context(), w.key(), dynamapper.Consistent())
	if err == nil {
		w.held = append(w.held, read)
		w.held = w.held[max(0, len(w.held)-4):]
	}
}

// requireKeys compares the keys of all stored items with what their parts say.
func (w *placedWriter) requireKeys(after string) {
	items, err := w.good.Scan().Consistent().Collect(w.Context())
	require.NoError(w, err)
	for _, r := range items {
		key := fixtures.Attributes{"pk": fixtures.Text("R#" + r.Group + "#" + r.ID)}
		stored := fixtures.GetRaw(w.T, w.good.Name(), key)
		require.NotNil(w, stored)
		want := fixtures.Attributes{"g2": fixtures.Text("ID#" + r.ID),
			"entity": fixtures.Text("placed"),
			"group":  fixtures.Text(r.Group), "id": fixtures.Text(r.ID)}
		if r.Team != "" {
			want["g1"] = fixtures.Text(r.Group + "#" + r.Team)
		}
		// An Update without points leaves them out of the item and the index. A Save computes with 0.
		if points := stored["points"]; r.Team != "" && (points != nil || stored["r1"] != nil) {
			n := 0
			if points != nil {
				n, err = strconv.Atoi(points.(*types.AttributeValueMemberN).Value)
				require.NoError(w, err)
			}
			want["r1"] = fixtures.Text(fmt.Sprintf("T#%s#%04d", r.Team, n))
		}
		for _, attribute := range []string{"g1", "r1", "g2", "entity", "group", "id"} {
			require.Equal(w, want[attribute], stored[attribute], "%s of %v after %s", attribute,
				stored, after)
		}
		w.checked++
	}
}

// breakLine makes writes fail in every way.
func (w *placedWriter) breakLine(line *dynamotest.Faults) {
	for _, operation := range []string{"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems",
		"BatchWriteItem"} {
		line.Each(operation, func(int) dynamotest.Fault {
			return []dynamotest.Fault{dynamotest.Lose(), dynamotest.Fail(), dynamotest.Drop(), nil,
				nil, nil, nil}[w.random.IntN(7)]
		})
	}
}

// writesOfRun returns the number of random writes of each seed. DYNAMAPPER_TEST_WRITES sets it for
// a long run.
func writesOfRun(t *testing.T) int {
	t.Helper()
	text := os.Getenv("DYNAMAPPER_TEST_WRITES")
	if text == "" {
		return 240
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// After random writes of every kind, with responses that are lost, each item's keys are what its
// parts say, and an index of several attributes has what the table has.
func TestKeysAreRightAfterEveryWrite(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	applied := &appliedWrites{of: map[string]int{}}
	t.Cleanup(func() {
		for _, write := range (&placedWriter{}).writes() {
			assert.Positive(t, applied.of[write.name], write.name)
		}
	})
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			good := fixtures.TableOf[placed](t)
			line := dynamotest.NewFaults()
			mapper, err := dynamapper.Connect(t.Context(),
				dynamapper.WithConfig(fixtures.LineConfig(t, line)))
			require.NoError(t, err)
			table, err := dynamapper.TableOf[placed](mapper, dynamapper.WithTableName(good.Name()))
			require.NoError(t, err)
			w := &placedWriter{T: t, random: rand.New(rand.NewPCG(seed, 11)), mapper: mapper,
				table: table, good: good, applied: applied}
			if seed > 0 {
				w.breakLine(line)
			}
			writes := w.writes()
			for range writesOfRun(t) / len(writes) {
				w.random.Shuffle(len(writes), func(i, j int) {
					writes[i], writes[j] = writes[j], writes[i]
				})
				for _, write := range writes {
					w.load()
					w.note(write.name, write.run(t.Context()))
					w.requireKeys(write.name)
					w.requireIndex()
				}
			}
			require.Greater(t, w.checked, 100)
			require.Greater(t, w.found, 50)
			require.Positive(t, w.refused)
		})
	}
}

// note counts a write by its result.
func (w *placedWriter) note(name string, err error) {
	w.requireAllowed(err)
	switch {
	case err == nil:
		w.applied.add(name)
	case errors.Is(err, dynamapper.ErrConflict):
		w.refused++
	}
}

// requireAllowed refuses an error that no race and no lost response explains.
func (w *placedWriter) requireAllowed(err error) {
	for _, allowed := range []error{nil, dynamapper.ErrConflict, dynamapper.ErrNotFound,
		dynamapper.ErrUnknownOutcome, dynamapper.ErrMaxRetriesExceeded,
		dynamapper.ErrConditionFailed} {
		if errors.Is(err, allowed) {
			return
		}
	}
	var batch *dynamapper.BatchError
	if !errors.As(err, &batch) {
		w.Fatal(err)
	}
}

// A key that stays missing, because a part is empty, is compared as well: somebody else may have
// set that part.
func TestChangedOnlyComparesAMissingPart(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table := fixtures.TableOf[placed](t)
	key := dynamapper.Key("g", "1")
	require.NoError(t, table.Save(t.Context(), &placed{Group: "g", ID: "1", Points: 1}))
	one, err := table.Get(t.Context(), key)
	require.NoError(t, err)
	_, err = table.Update(key).Set("team", "red").Set("points", 1).Run(t.Context())
	require.NoError(t, err)
	one.Points = 2
	err = table.Save(t.Context(), one, dynamapper.ChangedOnly())
	var conflict *dynamapper.ConflictError
	require.ErrorAs(t, err, &conflict)
	require.Equal(t, []string{"team"}, conflict.Attributes)
}

// Two writers of different parts of one key do not leave a key that neither has computed.
func TestChangedOnlyComparesTheOtherParts(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table := fixtures.TableOf[placed](t)
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
