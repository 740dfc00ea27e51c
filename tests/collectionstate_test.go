package tests

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// secondRow and thirdRow are rows of two further entities, with the hash keys of entityRow.
type secondRow struct {
	dynamapper.Model `dynamo:"shared,entity=second"`

	_     dynamapper.Computed `dynamo:"pk,hash,format=ROW#{id}"`
	_     dynamapper.Computed `dynamo:"sk,range,format=SECOND"`
	Index dynamapper.Computed `dynamo:"gsi,format=N#{note}#{count:3}" index:"by-note,hash"`
	ID    string              `dynamo:"id"`
	rowValues
}

type thirdRow struct {
	dynamapper.Model `dynamo:"shared,entity=third"`

	_     dynamapper.Computed `dynamo:"pk,hash,format=ROW#{id}"`
	_     dynamapper.Computed `dynamo:"sk,range,format=THIRD"`
	Index dynamapper.Computed `dynamo:"gsi,format=N#{note}#{count:3}" index:"by-note,hash"`
	ID    string              `dynamo:"id"`
	rowValues
}

var secondRows = rowsOfEntity("SECOND", "second",
	func(id string) *secondRow { return &secondRow{ID: id} },
	func(r *secondRow) (string, *rowValues) { return r.ID, &r.rowValues })

var thirdRows = rowsOfEntity("THIRD", "third",
	func(id string) *thirdRow { return &thirdRow{ID: id} },
	func(r *thirdRow) (string, *rowValues) { return r.ID, &r.rowValues })

// anyMachine is the machine of one of the entities.
type anyMachine interface {
	step()
	id() string
	take(item any, id string) bool
	has(id string) bool
}

// has reports whether an item with the id is expected.
func (m *machine[T]) has(id string) bool { return m.stored[id] != nil }

// take compares an item that a collection has read with the expected one. At random, a client goes
// on with the item. It returns false for an item of another model.
func (m *machine[T]) take(item any, id string) bool {
	one, ok := item.(*T)
	if !ok {
		return false
	}
	stored := m.stored[id]
	require.NotNil(m, stored, m.story)
	c := rowClient[T]{kind: m.kind, item: one, snapshot: stored, kept: unknownOf(stored)}
	require.Equal(m, stored, c.encoded(), m.story)
	if m.random.IntN(4) == 0 {
		m.tell("take %s", id)
		*m.clients[m.random.IntN(len(m.clients))] = c
	}
	return true
}

// Three entities share the hash keys of a table. After each random write of one of them, a query of
// the collection finds what is expected of all, and the items that it returns are saved as others.
func TestCollectionsAreAsTheRulesSay(t *testing.T) {
	t.Parallel()
	mapper := fixtures.Mapper(t)
	first, second := member[entityRow](t, mapper), member[secondRow](t, mapper)
	third := member[thirdRow](t, mapper)
	all, err := dynamapper.NewCollection(first, second, third)
	require.NoError(t, err)
	require.NoError(t, all.CreateTable(t.Context(), dynamapper.WaitActive()))
	for seed := range uint64(6) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 11))
			machines := []anyMachine{newMachine(t, random, first, &entityRows),
				newMachine(t, random, second, &secondRows),
				newMachine(t, random, third, &thirdRows)}
			for range 120 {
				machines[random.IntN(len(machines))].step()
				requireCollected(t, all, machines, machines[0].id())
			}
		})
	}
}

// requireCollected compares the items of a hash key with what the machines expect.
func requireCollected(
	t *testing.T, all *dynamapper.Collection, machines []anyMachine, id string,
) {
	t.Helper()
	items, err := all.Query(id).Consistent().Collect(t.Context())
	require.NoError(t, err)
	want := 0
	for _, m := range machines {
		if !m.has(id) {
			continue
		}
		require.Less(t, want, len(items), fmt.Sprint(id))
		require.True(t, m.take(items[want], id))
		want++
	}
	require.Len(t, items, want)
}

// Eight writers change items of three entities in one partition at once, and read all of them with
// one query. No change is lost.
func TestWritersOfACollectionLoseNothing(t *testing.T) {
	t.Parallel()
	g := openGame(t)
	require.NoError(t, g.gamers.Save(t.Context(), &gamer{Login: "waldo"}))
	require.NoError(t, g.matches.Save(t.Context(), newMatch("m", 0)))
	require.NoError(t, g.awards.Save(t.Context(), &award{Player: "waldo", Name: "a"}))
	const rounds = 5
	for _, err := range fixtures.InParallel(func(writer int) error {
		for range rounds {
			if err := g.addToAll(t); err != nil {
				return err
			}
		}
		return nil
	}) {
		require.NoError(t, err)
	}
	var view struct {
		Gamer *gamer
		Match *match
		Award *award
	}
	require.NoError(t, g.Query("waldo").Consistent().Into(t.Context(), &view))
	require.Equal(t, fixtures.Writers*rounds, view.Gamer.Balance)
	require.Equal(t, fixtures.Writers*rounds, view.Match.Points)
	require.Equal(t, fixtures.Writers*rounds, view.Award.Points)
	require.EqualValues(t, fmt.Sprintf("SCORE#%010d", fixtures.Writers*rounds), view.Match.ScoreKey)
}

// addToAll adds one to each item of waldo, and reads them again after a conflict.
func (g *game) addToAll(t *testing.T) error {
	left := map[string]bool{"gamer": true, "match": true, "award": true}
	for len(left) > 0 {
		for entity, err := range g.Query("waldo").Consistent().All(t.Context()) {
			if err != nil {
				return err
			}
			kind := fmt.Sprintf("%T", entity)[len("*tests."):]
			if !left[kind] {
				continue
			}
			switch err := g.addOne(t, entity); {
			case err == nil:
				delete(left, kind)
			case !errors.Is(err, dynamapper.ErrConflict):
				return err
			}
		}
	}
	return nil
}

// addOne adds one to an item, unless the item has changed since it was read.
func (g *game) addOne(t *testing.T, entity any) error {
	switch entity := entity.(type) {
	case *gamer:
		entity.Balance++
		return g.gamers.Save(t.Context(), entity, dynamapper.FailOnConflict())
	case *match:
		entity.Points++
		return g.matches.Save(t.Context(), entity, dynamapper.FailOnConflict())
	case *award:
		entity.Points++
		return g.awards.Save(t.Context(), entity, dynamapper.FailOnConflict(),
			dynamapper.ChangedOnly())
	}
	return fmt.Errorf("an entity of type %T", entity)
}
