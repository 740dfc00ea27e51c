package dynamapper

import (
	"context"
	"iter"
)

// CollectionScan reads all items of the table of a collection, or of an index, in no order. Its
// methods are those of Scan. It is not safe for concurrent use.
type CollectionScan struct {
	of *collection
	scan
}

// Scan returns a scan of the table.
func (c *Collection) Scan() *CollectionScan {
	return &CollectionScan{of: &orZero(c).collection}
}

// Parallel reads several segments of the table at once. See Scan.Parallel.
func (s *CollectionScan) Parallel(segments int) *CollectionScan {
	s = orZero(s)
	s.parallel = &segments
	return s
}

// Segment reads segment i of the given number of segments, counted from 0. See Scan.Segment.
func (s *CollectionScan) Segment(i, of int) *CollectionScan {
	s = orZero(s)
	s.segment = &segment{i, of}
	return s
}

// Index reads a secondary index, which holds only the items that have its keys. See Scan.Index.
func (s *CollectionScan) Index(name string) *CollectionScan {
	s = orZero(s)
	s.indexName, s.indexed = name, true
	return s
}

// Where limits the scan to items for which all conditions are true. See CollectionQuery.Where.
func (s *CollectionScan) Where(conditions ...Condition) *CollectionScan {
	s = orZero(s)
	s.conditions = append(s.conditions, conditions...)
	return s
}

// Select reads only these attributes, the keys and the version of each model. See
// CollectionQuery.Select.
func (s *CollectionScan) Select(attributes ...string) *CollectionScan {
	s = orZero(s)
	s.settings.add(attributes)
	return s
}

// Consistent makes the reads strongly consistent, at twice the read units. A global index does not
// support it.
func (s *CollectionScan) Consistent() *CollectionScan {
	s = orZero(s)
	s.settings.consistent = true
	return s
}

// Limit ends the scan after n matching items of all models together. Items that cannot be decoded
// count.
func (s *CollectionScan) Limit(n int) *CollectionScan {
	s = orZero(s)
	s.limit = &n
	return s
}

// PageSize sets how many items one request reads, whether they match or not. By default a request
// reads up to 1 MB.
func (s *CollectionScan) PageSize(n int) *CollectionScan {
	s = orZero(s)
	s.pageSize = &n
	return s
}

// From starts after the items of a page, at the cursor that Page returned. See Scan.From and
// CollectionQuery.From.
func (s *CollectionScan) From(cursor string) *CollectionScan {
	s = orZero(s)
	s.cursor = cursor
	return s
}

// All reads page by page, with one Scan request for each, while the loop runs. It yields pointers
// to models, and the errors of single items as CollectionQuery.All does.
func (s *CollectionScan) All(ctx context.Context) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		run, err := s.run()
		if err != nil {
			yield(nil, err)
			return
		}
		run.all(ctx, yield)
	}
}

// Collect reads all items into a slice of pointers to models. It stops at the first error. See
// Scan.Collect.
func (s *CollectionScan) Collect(ctx context.Context) ([]any, error) {
	run, err := s.run()
	if err != nil {
		return nil, err
	}
	return collectAny(ctx, run.collect)
}

// Into reads all items into the fields of a struct, by their types. See CollectionQuery.Into.
func (s *CollectionScan) Into(ctx context.Context, view any) error {
	run, err := s.run()
	if err != nil {
		return err
	}
	return run.table.into(ctx, "Scan", view, run.collect)
}

// Count returns the number of matching items of all entities, up to Limit. See
// CollectionQuery.Count.
func (s *CollectionScan) Count(ctx context.Context) (int, error) {
	run, err := s.run()
	if err != nil {
		return 0, err
	}
	return run.count(ctx)
}

// Page reads up to Limit items, with as many requests as needed. See Scan.Page and
// CollectionQuery.Page.
func (s *CollectionScan) Page(ctx context.Context) (CollectionPage, error) {
	run, err := s.run()
	if err != nil {
		return CollectionPage{}, err
	}
	return pageOfAny(ctx, run.page)
}

// run returns the scan of the table or the index.
func (s *CollectionScan) run() (*scan, error) {
	s = orZero(s)
	from, err := orZero(s.of).lookup(&s.reading)
	if err != nil {
		return nil, newCallError("Scan", orZero(s.of).name(), err)
	}
	run := s.scan
	run.table = from.table
	return &run, nil
}
