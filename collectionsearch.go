package dynamapper

import (
	"context"
	"iter"
	"slices"
)

// CollectionSearch finds the items, of all models of a collection that have the vector index, whose
// vectors are nearest to a vector. Its methods are those of Search. A CollectionSearch is not safe
// for concurrent use.
type CollectionSearch struct {
	of *collection
	search
}

// CollectionNeighbor is a result of a search in a collection.
type CollectionNeighbor struct {
	Item  any     // a pointer to a model
	Score float64 // how near the item's vector is, as in Neighbor
}

// Nearest returns a search for the items whose vectors are nearest to a vector. It is one
// SearchVectors request, and the items are partial. See Table.Nearest.
func (c *Collection) Nearest(vector []float32) *CollectionSearch {
	return &CollectionSearch{of: &orZero(c).collection,
		search: search{vector: slices.Clone(vector)}}
}

// Index names the vector index to search. If the models have one, Index may be left out.
func (q *CollectionSearch) Index(name string) *CollectionSearch {
	q = orZero(q)
	q.indexName, q.indexed = name, true
	return q
}

// Where limits the search to items for which all conditions are true. The attributes are those that
// the index selects by, and that all models with the index have, in one Go type and with the same
// options. See Search.Where.
func (q *CollectionSearch) Where(conditions ...Condition) *CollectionSearch {
	q = orZero(q)
	q.conditions = append(q.conditions, conditions...)
	return q
}

// Select reads only these attributes, the keys of the table and what else a write needs. Without
// it, a search returns all that the index projects, but for the vector. See CollectionQuery.Select.
func (q *CollectionSearch) Select(attributes ...string) *CollectionSearch {
	q = orZero(q)
	q.settings.add(attributes)
	return q
}

// Top sets how many items a search finds, of all models together: 1 to 100. The default is 10.
func (q *CollectionSearch) Top(n int) *CollectionSearch {
	q = orZero(q)
	q.top = &n
	return q
}

// All searches, and yields the items, the nearest first. If an item cannot be decoded, All yields a
// *FieldError and continues. If an item is of an entity that no model has, All yields an
// *UnknownEntityError and continues.
func (q *CollectionSearch) All(ctx context.Context) iter.Seq2[CollectionNeighbor, error] {
	return func(yield func(CollectionNeighbor, error) bool) {
		found, err := q.find(ctx)
		yieldFound(found, err, collectionNeighborOf, yield)
	}
}

// Collect searches, and returns the items, the nearest first. If one cannot be decoded, Collect
// returns its *FieldError or *UnknownEntityError.
func (q *CollectionSearch) Collect(ctx context.Context) ([]CollectionNeighbor, error) {
	found, err := q.find(ctx)
	return collectFound(found, err, collectionNeighborOf)
}

func collectionNeighborOf(one scored) CollectionNeighbor {
	return CollectionNeighbor{one.item(), one.score}
}

// find searches the index with the models that have it.
func (q *CollectionSearch) find(ctx context.Context) ([]scored, error) {
	q = orZero(q)
	of := orZero(q.of)
	if err := of.check(); err != nil {
		return nil, newCallError("Nearest", "", err)
	}
	index, err := q.lookupVector(of.whole.table.schema)
	if err != nil {
		return nil, newCallError("Nearest", of.name(), err)
	}
	run := q.search
	run.table, run.indexName, run.indexed = of.searched[index.name], index.name, true
	return run.find(ctx)
}
