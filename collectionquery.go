package dynamapper

import (
	"context"
	"iter"
	"slices"
)

// CollectionQuery reads the items of one hash key, of all models of a collection, in the order of
// the range key. Its methods are those of Query. It sends no filter by entity: it reads everything
// at the hash key. A CollectionQuery is not safe for concurrent use.
type CollectionQuery struct {
	of *collection
	query
}

// CollectionPage holds a part of the items that a query or a scan of a collection finds. Items are
// pointers to models. See Page.
type CollectionPage struct {
	Items  []any
	Cursor string
}

// Query returns a query for the items of a hash key: the table's, or that of the index given to
// Index. If the hash keys have a format, Query takes the parts, never the formatted text.
func (c *Collection) Query(hash ...any) *CollectionQuery {
	return &CollectionQuery{of: &orZero(c).collection, query: query{hash: hash}}
}

// Range limits the query to items whose range key fulfils the comparison. If the range keys of the
// models have formats, or differ in type, they are compared as stored text, and the comparison is
// BeginsWith with the beginning of the formatted text: BeginsWith("MATCH#2026-05"). Otherwise Range
// takes what Query.Range takes.
func (q *CollectionQuery) Range(c Comparison) *CollectionQuery {
	q = orZero(q)
	q.ranges = append(q.ranges, []Comparison{c})
	return q
}

// Index reads a secondary index. The items are those of the models that have the index, whose hash
// keys need one form. See Query.Index.
func (q *CollectionQuery) Index(name string) *CollectionQuery {
	q = orZero(q)
	q.indexName, q.indexed = name, true
	return q
}

// Where limits the query to items for which all conditions are true. The attributes are those that
// all models have, in one Go type and with the same options. The attribute that names the entity is
// one of them. See Query.Where.
func (q *CollectionQuery) Where(conditions ...Condition) *CollectionQuery {
	q = orZero(q)
	q.conditions = append(q.conditions, conditions...)
	return q
}

// Select reads only these attributes, the keys and the version of each model. An attribute may be
// one that only some of the models have. See the ReadOption Select.
func (q *CollectionQuery) Select(attributes ...string) *CollectionQuery {
	q = orZero(q)
	q.settings.add(attributes)
	return q
}

// Consistent makes the reads strongly consistent, at twice the read units. A global index does not
// support it.
func (q *CollectionQuery) Consistent() *CollectionQuery {
	q = orZero(q)
	q.settings.consistent = true
	return q
}

// Reverse reads in descending order of the range key.
func (q *CollectionQuery) Reverse() *CollectionQuery {
	q = orZero(q)
	q.reverse = true
	return q
}

// Limit ends the query after n matching items of all models together. Items that cannot be decoded
// count.
func (q *CollectionQuery) Limit(n int) *CollectionQuery {
	q = orZero(q)
	q.limit = &n
	return q
}

// PageSize sets how many items one request reads, whether they match or not. By default a request
// reads up to 1 MB.
func (q *CollectionQuery) PageSize(n int) *CollectionQuery {
	q = orZero(q)
	q.pageSize = &n
	return q
}

// From starts after the items of a page, at the cursor that Page returned. It refuses the cursors
// of the models' own tables. The collection may have further models since. See Query.From.
func (q *CollectionQuery) From(cursor string) *CollectionQuery {
	q = orZero(q)
	q.cursor = cursor
	return q
}

// All reads page by page, with one Query request for each, while the loop runs. It yields pointers
// to models. If an item cannot be decoded, All yields a *FieldError and continues. If an item is of
// an entity that no model has, All yields an *UnknownEntityError and continues. All yields any
// other error last.
func (q *CollectionQuery) All(ctx context.Context) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		run, err := q.run()
		if err != nil {
			yield(nil, err)
			return
		}
		run.all(ctx, yield)
	}
}

// Collect reads all items into a slice of pointers to models. It stops at the first error. Like
// Query.Collect, it requests the next page before it decodes one.
func (q *CollectionQuery) Collect(ctx context.Context) ([]any, error) {
	run, err := q.run()
	if err != nil {
		return nil, err
	}
	return collectAny(ctx, run.collect)
}

// Into reads all items into the fields of a struct, by their types:
//
//	var view struct {
//		Player  *Player
//		Matches []*Match
//		Others  []any
//	}
//	err := game.Query("waldo").Into(ctx, &view)
//
// A pointer takes one item of its model, and is nil if there is none. A slice of pointers takes all
// items of its model, in the order of the range key. A field of type []any takes the items of all
// models that have no other field. What the fields held before is replaced. At an error, the struct
// is not changed.
//
// The fields are exported, and each takes another model of the collection, else Into returns an
// error before it sends a request. If there is a second item for a pointer, or an item without a
// field, Into returns a *ViewError. It stops at a *FieldError or an *UnknownEntityError, as Collect
// does.
func (q *CollectionQuery) Into(ctx context.Context, view any) error {
	run, err := q.run()
	if err != nil {
		return err
	}
	return run.table.into(ctx, "Query", view, run.collect)
}

// Count returns the number of matching items of all entities, up to Limit. The service counts them,
// so items of entities that no model of the collection has are counted, too. See Query.Count.
func (q *CollectionQuery) Count(ctx context.Context) (int, error) {
	run, err := q.run()
	if err != nil {
		return 0, err
	}
	return run.count(ctx)
}

// Page reads up to Limit items, with as many requests as needed. At a *FieldError or an
// *UnknownEntityError, the page holds the items before that item, and the cursor points after it.
// See Query.Page.
func (q *CollectionQuery) Page(ctx context.Context) (CollectionPage, error) {
	run, err := q.run()
	if err != nil {
		return CollectionPage{}, err
	}
	return pageOfAny(ctx, run.page)
}

// run returns the query of the table or the index.
func (q *CollectionQuery) run() (*query, error) {
	q = orZero(q)
	from, err := orZero(q.of).lookup(&q.reading)
	if err == nil {
		err = from.hashProblem
	}
	if err == nil {
		err = from.checkRange(q.ranges)
	}
	if err != nil {
		return nil, newCallError("Query", orZero(q.of).name(), err)
	}
	run := q.query
	run.table = from.table
	return &run, nil
}

// anyItems collects items of any model.
type anyItems []any

func (a *anyItems) add(item anyItem, remaining int) {
	*a = append(slices.Grow(*a, 1+remaining), item)
}

func collectAny(
	ctx context.Context, collect func(context.Context, func(anyItem, int)) error,
) ([]any, error) {
	var items anyItems
	if err := collect(ctx, items.add); err != nil {
		return nil, err
	}
	return items, nil
}

func pageOfAny(
	ctx context.Context, page func(context.Context, func(anyItem, int)) (string, error),
) (CollectionPage, error) {
	var items anyItems
	cursor, err := page(ctx, items.add)
	return CollectionPage{items, cursor}, err
}
