package tool

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/awserr"
	"github.com/dynamapper/dynamapper/internal/parallel"
	"github.com/dynamapper/dynamapper/internal/rate"
	"github.com/dynamapper/dynamapper/internal/wire"
)

func runImport(ctx context.Context, r *run) error {
	g := r.groups[0]
	from, err := openSource(r.flags.file, r.stdin)
	if err != nil {
		return err
	}
	live, err := r.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &g.name})
	if err != nil {
		return newTableError(g.name, err)
	}
	im := &importer{run: r, group: g, from: from, keys: newKeyChecker(live.Table),
		lines: map[keySum]uint32{}, batches: make(chan []entry),
		result: &imported{Table: g.name, File: r.flags.file, DryRun: r.flags.dryRun}}
	r.result.Imported = im.result
	if r.flags.writeUnits > 0 {
		im.limiter = rate.New(r.flags.writeUnits)
	}
	if err := im.checkEmpty(ctx); err != nil {
		return err
	}
	if err := im.work(ctx); err != nil {
		return im.unfinished(err)
	}
	r.say("%s: %s\n", g.name, im.result)
	if im.result.Invalid > 0 {
		r.differs()
	}
	return nil
}

// String returns the result for people.
func (i *imported) String() string {
	if i.DryRun {
		return fmt.Sprintf("dry run, nothing was written: %s lines, %s valid, %s skipped",
			number(int64(i.Lines)), number(int64(i.Written)), number(int64(i.Invalid)))
	}
	return fmt.Sprintf("%s lines, %s written, %s skipped; %.1f WU", number(int64(i.Lines)),
		number(int64(i.Written)), number(int64(i.Invalid)), i.WriteUnits)
}

// importer is a running import.
type importer struct {
	*run
	group   *group
	from    *source
	keys    *keyChecker
	limiter *rate.Limiter // nil: no limit
	batches chan []entry

	lines map[keySum]uint32 // the number of the item with a key; of the reader alone
	count uint32            // of items that were read

	mu     sync.Mutex
	result *imported
}

// entry is an item that is to be written.
type entry struct {
	place string
	item  item
}

// The bounds of a batch. The service takes 16 MB; a text in a request may be longer than its line.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
const (
	maxBatch     = 25
	maxBatchSize = 6 << 20
)

// checkEmpty refuses a table with items, unless -replace is given.
func (im *importer) checkEmpty(ctx context.Context) error {
	if im.flags.replace {
		return nil
	}
	out, err := im.client.Scan(ctx, &dynamodb.ScanInput{TableName: &im.group.name,
		Limit: aws.Int32(1), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return newTableError(im.group.name, err)
	}
	if len(out.Items) > 0 {
		return fmt.Errorf("table %q has items; to replace those with the keys of the file, and "+
			"keep the others, give -replace", im.group.name)
	}
	return nil
}

// work reads the lines in one goroutine, and writes batches of items in others.
func (im *importer) work(ctx context.Context) error {
	if im.flags.dryRun {
		return im.read(ctx, func([]entry) error { return nil })
	}
	return parallel.Run(ctx, 1+im.flags.writers, 1+im.flags.writers,
		func(ctx context.Context, i int) error {
			if i > 0 {
				return im.writeAll(ctx)
			}
			defer close(im.batches)
			return im.read(ctx, func(batch []entry) error {
				select {
				case im.batches <- batch:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
		})
}

// read checks all lines, and hands on batches.
func (im *importer) read(ctx context.Context, hand func([]entry) error) error {
	var batch []entry
	size := 0
	err := im.from.each(func(place string, line []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		one, err := im.parse(place, line)
		if err != nil {
			return im.skip(err)
		}
		if len(batch) == maxBatch || len(batch) > 0 && size+len(line) > maxBatchSize {
			if err := hand(batch); err != nil {
				return err
			}
			batch, size = nil, 0
		}
		batch, size = append(batch, one), size+len(line)
		return nil
	})
	if err != nil || len(batch) == 0 {
		return err
	}
	return hand(batch)
}

// parse returns the item of a line, if a model of the table reads it and the table takes it.
func (im *importer) parse(place string, line []byte) (entry, error) {
	im.note(func(r *imported) { r.Lines++ })
	im.count++
	text, err := itemIn(line)
	if err != nil {
		return entry{}, &lineError{place: place, err: err}
	}
	attributes, err := parseItem(string(text))
	if err != nil {
		return entry{}, &lineError{place: place, err: err}
	}
	fail := func(err error) (entry, error) {
		return entry{}, &lineError{place, im.keys.text(attributes), err}
	}
	if err := im.keys.check(attributes); err != nil {
		return fail(err)
	}
	if err := im.group.check(text); err != nil {
		return fail(err)
	}
	sum := im.keys.sum(attributes)
	if before, is := im.lines[sum]; is {
		return fail(fmt.Errorf("item %d of the import has the same key", before))
	}
	im.lines[sum] = im.count
	if im.flags.dryRun {
		im.note(func(r *imported) { r.Written++ })
	}
	return entry{place, attributes}, nil
}

// lineError is the error of a line.
type lineError struct {
	place, key string // key is "" if the line has none
	err        error
}

func (e *lineError) Error() string {
	if e.key == "" {
		return e.place + ": " + e.err.Error()
	}
	return e.place + ": key " + e.key + ": " + e.err.Error()
}

func (e *lineError) Unwrap() error { return e.err }

// skip reports an invalid line, or returns its error if such lines end the import.
func (im *importer) skip(err error) error {
	invalid := (*lineError)(nil)
	if !im.flags.skipInvalid || !errors.As(err, &invalid) {
		return err
	}
	im.note(func(r *imported) {
		r.Invalid++
		r.Skipped = listed(r.Skipped, skipped{invalid.place, invalid.key, invalid.err.Error()})
	})
	im.progress.line("skipped: %v", err)
	return nil
}

// note changes the result.
func (im *importer) note(change func(*imported)) {
	im.mu.Lock()
	defer im.mu.Unlock()
	change(im.result)
}

// writeAll writes batches until there are no more.
func (im *importer) writeAll(ctx context.Context) error {
	for {
		select {
		case batch, more := <-im.batches:
			if !more {
				return nil
			}
			if err := im.write(ctx, batch); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// write puts the items of a batch, and waits while the table has no capacity for them. A put that
// is sent again writes the same item, so a lost response needs no care.
func (im *importer) write(ctx context.Context, batch []entry) error {
	pending := batch
	var wait attempt.Backoff
	for {
		wait.Begin()
		left, err := im.send(ctx, pending)
		switch {
		case err == nil && len(left) == 0:
			return nil
		case err == nil && len(left) < len(pending):
			wait = attempt.Backoff{}
			wait.Begin()
			pending = left
		case awserr.IsInvalid(err) && len(pending) > 1:
			return im.writeEach(ctx, pending)
		case awserr.IsInvalid(err):
			return im.skip(&lineError{pending[0].place, im.keys.text(pending[0].item), err})
		case err != nil && !mayTryAgain(err, &wait):
			return newTableError(im.group.name, err)
		}
		if err := wait.Wait(ctx, attempt.Overload); err != nil {
			return err
		}
	}
}

// writeEach writes the items of a batch alone, because the service has refused the whole batch for
// the fault of one.
func (im *importer) writeEach(ctx context.Context, batch []entry) error {
	for i := range batch {
		if err := im.write(ctx, batch[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// send sends one BatchWriteItem and returns the items that were left unprocessed.
func (im *importer) send(ctx context.Context, batch []entry) (left []entry, err error) {
	units := 0.0
	requests := make([]types.WriteRequest, len(batch))
	for i, one := range batch {
		requests[i].PutRequest = &types.PutRequest{Item: one.item}
		units += float64(1 + wire.ItemSize(one.item)/1024)
	}
	if err := im.limiter.Take(ctx, units); err != nil {
		return nil, err
	}
	out, err := im.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
		RequestItems:           map[string][]types.WriteRequest{im.group.name: requests},
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}, wholeResponses)
	if err != nil {
		im.limiter.Correct(-units)
		return nil, err
	}
	consumed := 0.0
	for _, one := range out.ConsumedCapacity {
		consumed += unitsOf(&one)
	}
	im.limiter.Correct(consumed - units)
	left = im.unprocessed(batch, out.UnprocessedItems)
	im.note(func(r *imported) {
		r.Written += len(batch) - len(left)
		r.WriteUnits += consumed
		im.progress.update(func() string {
			return fmt.Sprintf("%s, %.0f WU",
				im.progress.counted(im.group.name, r.Written, im.from.total), r.WriteUnits)
		})
	})
	return left, nil
}

// unprocessed returns the items of a batch whose requests the service has left.
func (im *importer) unprocessed(
	batch []entry, requests map[string][]types.WriteRequest,
) (left []entry) {
	isLeft := map[keySum]bool{}
	for _, ofTable := range requests {
		for _, one := range ofTable {
			if one.PutRequest != nil {
				isLeft[im.keys.sum(one.PutRequest.Item)] = true
			}
		}
	}
	if len(isLeft) == 0 {
		return nil
	}
	for _, one := range batch {
		if isLeft[im.keys.sum(one.item)] {
			left = append(left, one)
		}
	}
	return left
}

// unfinished says what an import that ended early has done.
func (im *importer) unfinished(err error) error {
	if im.flags.dryRun || im.result.Written == 0 {
		return err
	}
	return fmt.Errorf("%w; %d items were written before, and a few more perhaps: to import the "+
		"file again, give -replace", err, im.result.Written)
}
