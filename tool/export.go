package tool

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/parallel"
	"github.com/dynamapper/dynamapper/internal/rate"
)

func runExport(ctx context.Context, r *run) error {
	table := r.groups[0].name
	total, err := r.countItems(ctx, table)
	if err != nil {
		return err
	}
	file, err := createOutput(r.flags.file, r.stdout)
	if err != nil {
		return err
	}
	defer file.discard()
	e := &exporter{run: r, table: table, total: total, segments: max(1, r.flags.segments),
		file: file, result: &exported{Table: table, File: r.flags.file}}
	r.result.Exported = e.result
	if r.flags.readUnits > 0 {
		e.limiter = rate.New(r.flags.readUnits)
	}
	err = parallel.Run(ctx, e.segments, e.segments, e.exportSegment)
	if err == nil {
		err = file.commit()
	}
	if err != nil {
		return newTableError(table, err)
	}
	r.say("%s: %s items, %s of JSON, %.1f RU: %s\n", table, number(int64(e.result.Items)),
		bytesText(e.result.Bytes), e.result.ReadUnits, e.result.File)
	return nil
}

// exporter is a running export.
type exporter struct {
	*run
	table    string
	total    int64
	segments int
	limiter  *rate.Limiter // nil: no limit

	mu     sync.Mutex
	file   *output
	result *exported
}

// exportSegment writes the items of one segment, page by page.
func (e *exporter) exportSegment(ctx context.Context, segment int) error {
	in := &dynamodb.ScanInput{TableName: &e.table,
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}
	if e.segments > 1 {
		in.Segment, in.TotalSegments = aws.Int32(int32(segment)), aws.Int32(int32(e.segments))
	}
	pace := &pace{perSecond: e.flags.readUnits / float64(e.segments), limiter: e.limiter}
	var text []byte
	for {
		page, err := e.readPage(ctx, in, pace)
		if err != nil {
			return err
		}
		text = text[:0]
		for _, one := range page.Items {
			if text, err = appendLine(text, one); err != nil {
				return err
			}
		}
		if err := e.write(text, len(page.Items), unitsOf(page.ConsumedCapacity)); err != nil {
			return err
		}
		if len(page.LastEvaluatedKey) == 0 {
			return nil
		}
		in.ExclusiveStartKey = page.LastEvaluatedKey
	}
}

// readPage reads a page, and waits while the table has no capacity for it.
func (e *exporter) readPage(
	ctx context.Context, in *dynamodb.ScanInput, pace *pace,
) (*dynamodb.ScanOutput, error) {
	var wait attempt.Backoff
	for {
		wait.Begin()
		if err := pace.begin(ctx, in); err != nil {
			return nil, err
		}
		page, err := e.client.Scan(ctx, in, wholeResponses)
		if err == nil {
			pace.end(int(page.ScannedCount), unitsOf(page.ConsumedCapacity))
			return page, nil
		}
		pace.end(0, 0)
		if !mayTryAgain(err, &wait) {
			return nil, err
		}
		if err := wait.Wait(ctx, attempt.Overload); err != nil {
			return nil, err
		}
	}
}

// write appends the lines of a page to the file.
func (e *exporter) write(text []byte, items int, units float64) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, err := e.file.Write(text); err != nil {
		return fmt.Errorf("writing %s: %w", e.flags.file, err)
	}
	e.result.Items += items
	e.result.Bytes += int64(len(text))
	e.result.ReadUnits += units
	e.progress.update(func() string {
		return fmt.Sprintf("%s, %.0f RU", e.progress.counted(e.table, e.result.Items, e.total),
			e.result.ReadUnits)
	})
	return nil
}

func unitsOf(consumed *types.ConsumedCapacity) float64 {
	if consumed == nil {
		return 0
	}
	return aws.ToFloat64(consumed.CapacityUnits)
}

// pace holds the pages of a segment to a rate: a page costs no more than a second of it.
type pace struct {
	perSecond float64 // of this segment; 0: no limit
	limiter   *rate.Limiter

	itemUnits float64 // that an item of the last page cost; 0: not known yet
	taken     float64 // for the page under way
}

// firstItems bounds the first page, before anything is known of the items' size.
const firstItems = 10

// begin sets the size of the next page, and waits for its units.
func (p *pace) begin(ctx context.Context, in *dynamodb.ScanInput) error {
	if p.perSecond == 0 {
		return ctx.Err()
	}
	items, cost := firstItems, 0.5
	if p.itemUnits > 0 {
		items = int(max(1, min(p.perSecond/p.itemUnits, 1e6)))
		cost = p.itemUnits * float64(items)
	}
	in.Limit = aws.Int32(int32(items))
	p.taken = cost
	return p.limiter.Take(ctx, cost)
}

// end corrects what was taken by what the page cost.
func (p *pace) end(items int, units float64) {
	if p.perSecond == 0 {
		return
	}
	p.limiter.Correct(units - p.taken)
	if items > 0 {
		p.itemUnits = units / float64(items)
	}
}

// output is the file of an export. It has its name only after commit, so that a file is whole.
type output struct {
	io.Writer
	path   string
	buffer *bufio.Writer
	gzip   *gzip.Writer // nil: not compressed
	file   *os.File     // nil: stdout, or done
}

func createOutput(path string, stdout io.Writer) (*output, error) {
	if path == "-" {
		buffer := bufio.NewWriter(stdout)
		return &output{Writer: buffer, buffer: buffer}, nil
	}
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("the file %s exists; give the name of a new one", path)
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return nil, err
	}
	o := &output{path: path, file: file, buffer: bufio.NewWriterSize(file, 1<<16)}
	o.Writer = o.buffer
	if strings.HasSuffix(path, ".gz") {
		o.gzip = gzip.NewWriter(o.buffer)
		o.Writer = o.gzip
	}
	return o, nil
}

// commit writes what is left, and gives the file its name.
func (o *output) commit() error {
	var err error
	if o.gzip != nil {
		err = o.gzip.Close()
	}
	if err = errors.Join(err, o.buffer.Flush()); err != nil || o.file == nil {
		return err
	}
	if err := errors.Join(o.file.Sync(), o.file.Close()); err != nil {
		return err
	}
	if err := os.Rename(o.file.Name(), o.path); err != nil {
		return err
	}
	o.file = nil
	return nil
}

// discard removes the file, unless it was committed.
func (o *output) discard() {
	if o.file != nil {
		_ = o.file.Close()
		_ = os.Remove(o.file.Name())
	}
}
