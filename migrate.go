package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/awserr"
	"github.com/dynamapper/dynamapper/internal/parallel"
	"github.com/dynamapper/dynamapper/internal/rate"
	"github.com/dynamapper/dynamapper/internal/shown"
)

// Migrate brings all items of the table into the form in which the model writes them today: it
// reads each item, and saves those that differ, under FailOnConflict, while other programs go on
// reading and writing. An item differs if the hook MigrateItem changes it, if an attribute has the
// form of an earlier tag or of another program (JSON with spaces, a time in another spelling, a
// native map in place of JSON, an empty text), or if it lacks what every save writes: the version,
// the name of the entity, or an attribute with a format, such as the key of a new index.
//
// Migrate changes the form, and no value. These stay as they are: attributes that the schema does
// not know, the key of the item, a missing zero, the created and the updated time, and a value of
// which the form of the model would hold less. The version is renewed, so that the save of a
// program that has read the old form returns ErrConflict. The hook ValidateItem is not called.
//
// If another writer changes an item meanwhile, Migrate reads the item again and goes on with what
// it finds. If an item is deleted meanwhile, it stays deleted. Another program that still
// writes the old form may do so after Migrate has passed: run Migrate again when no such program is
// left. A second run changes nothing of what the first has written.
//
// An item that cannot be migrated ends the run with a *MigrateError that has its key; with
// SkipInvalid, Migrate reports the item and continues. If the context ends, or at any other error,
// Migrate returns the error with the report so far. With Checkpoints, the next run continues there.
//
// The requests are those of a Scan, at half a read unit for 4 KB; one UpdateItem for each item that
// differs; and one consistent GetItem more for each conflict.
//
// Errors: *MigrateError, ErrMigrated, ErrMigrating, and those of Scan and Save.
func (t *Table[T]) Migrate(ctx context.Context, opts ...MigrateOption) (MigrateReport, error) {
	return orZero(t).untyped.migrateItems(ctx, opts)
}

// Migrate brings the items of all models of the collection into the form in which their models
// write them today, with one scan of the table. See Table.Migrate. An item of an entity that no
// model has cannot be migrated: its *MigrateError wraps an *UnknownEntityError.
func (c *Collection) Migrate(ctx context.Context, opts ...MigrateOption) (MigrateReport, error) {
	if c = orZero(c); c.check() != nil {
		return MigrateReport{}, newCallError(opMigrate, "", errNoCollection)
	}
	return c.whole.table.migrateItems(ctx, opts)
}

const opMigrate = "Migrate"

// MigrateReport counts what a migration has done. With Checkpoints, it includes earlier runs of the
// same migration, but for what they did after their last checkpoint.
type MigrateReport struct {
	Seen      int `json:"seen"`      // items read by the scan
	Changed   int `json:"changed"`   // items saved; with DryRun, those that would be
	Conflicts int `json:"conflicts"` // saves refused because another writer was faster
	Skipped   int `json:"skipped"`   // items that SkipInvalid has skipped
	// Items of which a key or a value stays in another form than the model's, because a key cannot
	// change, or because the model's form would hold less.
	Kept int `json:"kept"`

	Segments     int `json:"segments"`     // of the table
	SegmentsDone int `json:"segmentsDone"` // those that were read to their end

	// Consumed capacity units. The service does not report those of a refused write: WriteUnits has
	// an estimate of them, from the item's size.
	ReadUnits  float64 `json:"readUnits"`
	WriteUnits float64 `json:"writeUnits"`

	Time time.Duration `json:"time"` // that the runs took; nanoseconds in JSON
}

// Done reports whether the migration has read the whole table.
func (r MigrateReport) Done() bool { return r.Segments > 0 && r.SegmentsDone == r.Segments }

// String returns the report as one line. RU and WU are read and write units.
func (r MigrateReport) String() string {
	return fmt.Sprintf("%d of %d segments: %d seen, %d changed, %d conflicts, %d skipped, %d kept; "+
		"%.1f RU, %.1f WU; %v", r.SegmentsDone, r.Segments, r.Seen, r.Changed, r.Conflicts,
		r.Skipped, r.Kept, r.ReadUnits, r.WriteUnits, r.Time.Round(time.Millisecond))
}

// MigrateOption configures Table.Migrate and Collection.Migrate.
type MigrateOption interface{ setMigrate(*migrateSettings) error }

type migrateOption func(*migrateSettings) error

func (o migrateOption) setMigrate(s *migrateSettings) error { return o(s) }

type migrateSettings struct {
	segments    int // 0: not given
	reads       *rate.Limiter
	writes      *rate.Limiter
	unitsRead   float64 // a second; 0: no limit
	store       CheckpointStore
	restart     bool
	progress    func(MigrateReport)
	reportError func(error)
	dryRun      bool
}

// maxMigrateSegments bounds the goroutines of a migration, and the size of its checkpoint.
const maxMigrateSegments = 1000

// Segments sets how many segments of the table are migrated at once, 1 by default and 1,000 at
// most. Each has one request under way, a scan or a write, and up to one page, of up to 1 MB, in
// memory.
func Segments(n int) MigrateOption {
	return migrateOption(func(s *migrateSettings) error {
		if n < 1 || n > maxMigrateSegments {
			return fmt.Errorf("Segments is %d; give 1 to %d", n, maxMigrateSegments)
		}
		s.segments = n
		return nil
	})
}

// RateLimit holds the migration to this many read units and write units a second, as the service
// reports them as consumed. math.Inf(1) means no limit. The capacity of indexes counts. A conflict
// costs a write without a report, which is estimated from the item's size.
func RateLimit(readUnits, writeUnits float64) MigrateOption {
	return migrateOption(func(s *migrateSettings) error {
		for _, units := range []float64{readUnits, writeUnits} {
			if !(units > 0) {
				return fmt.Errorf("RateLimit is %v and %v units a second; give numbers above 0, or "+
					"math.Inf(1) for no limit", readUnits, writeUnits)
			}
		}
		s.reads, s.writes, s.unitsRead = nil, nil, 0
		if !math.IsInf(readUnits, 1) {
			s.reads, s.unitsRead = rate.New(readUnits), readUnits
		}
		if !math.IsInf(writeUnits, 1) {
			s.writes = rate.New(writeUnits)
		}
		return nil
	})
}

// progress is implemented by what a long call reports while it runs. O is the option of that call.
type progress[P, O any] interface{ onProgress(report func(P)) O }

// OnProgress makes a long call report what it has done. The type that the function takes decides
// which call takes the option. Migrate calls the function with the MigrateReport after each page
// of the table, in a goroutine of its own, and waits for it; the calls do not overlap. Plan.Apply
// calls it with each TableChange after it was made.
func OnProgress[P progress[P, O], O any](report func(P)) O {
	var none P
	return none.onProgress(report)
}

var errNilProgress = errors.New("the function of OnProgress is nil; leave the option out")

func (MigrateReport) onProgress(report func(MigrateReport)) MigrateOption {
	return migrateOption(func(s *migrateSettings) error {
		if report == nil {
			return errNilProgress
		}
		s.progress = report
		return nil
	})
}

// SkipInvalid makes a migration continue after an item that cannot be migrated: one that cannot be
// decoded or encoded, whose key would change, that the service refuses (such as an item that would
// be too large), that meets a conflict in every try, or whose entity is unknown. The function gets
// a *MigrateError with the key of the item. The calls do not overlap. The item is not changed.
func SkipInvalid(report func(error)) MigrateOption {
	return migrateOption(func(s *migrateSettings) error {
		if report == nil {
			return errors.New("the function of SkipInvalid is nil; give one that notes the error")
		}
		s.reportError = report
		return nil
	})
}

// DryRun makes a migration read the table and write nothing. The report counts the items that
// Migrate would change. What only the service can refuse is not found. DryRun takes no Checkpoints.
func DryRun() MigrateOption {
	return migrateOption(func(s *migrateSettings) error { s.dryRun = true; return nil })
}

// A MigrateError reports an item that cannot be migrated. errors.Is and errors.As find the reason,
// such as a *FieldError.
type MigrateError struct {
	Op, Table string     // Op is "Migrate"
	Key       PrimaryKey // as it is stored, if the item cannot be decoded
	Err       error      // the reason
}

// Error returns one sentence without a value of an item.
func (e *MigrateError) Error() string {
	reason := textOf(e.Err)
	if e.Err != nil {
		reason = textWithin(e.Err, e.Op, e.Table)
	}
	return shown.Text(prefixOf(e.Op, e.Table) + "an item cannot be migrated: " + reason)
}

// Unwrap returns the reason.
func (e *MigrateError) Unwrap() error { return e.Err }

// migration is a running Migrate.
type migration struct {
	table    *table // of a mapper that measures what its requests consume
	settings migrateSettings
	keeper   *checkpointKeeper // nil: no checkpoints
	segments []*migratedSegment
	began    time.Time
	before   time.Duration // of earlier runs

	mu     sync.Mutex
	report MigrateReport // without Time

	telling sync.Mutex // held while a function of the caller runs
}

// migratedSegment is a segment of the table.
type migratedSegment struct {
	migration *migration
	stream    *stream

	readUnits  float64 // of the last page
	itemUnits  float64 // of an item on it; 0: not known yet
	writeRatio float64 // the write units for each unit of an item's size, with the indexes

	// Guarded by the migration's mu. The place is after the item with the JSON last or, if that is
	// "", after the key next.
	last string
	next map[string]types.AttributeValue
	done bool
}

func (t *table) migrateItems(ctx context.Context, opts []MigrateOption) (MigrateReport, error) {
	settings, err := t.migrateSettings(ctx, opts)
	if err != nil {
		return MigrateReport{}, newCallError(opMigrate, t.name, err)
	}
	m := &migration{settings: settings, began: time.Now()}
	if m.table, err = t.observedBy(observeUnits); err != nil {
		return MigrateReport{}, newCallError(opMigrate, t.name, err)
	}
	if err := m.open(ctx); err != nil {
		return m.report, newCallError(opMigrate, t.name, err)
	}
	return m.run(ctx)
}

func (t *table) migrateSettings(
	ctx context.Context, opts []MigrateOption,
) (migrateSettings, error) {
	var s migrateSettings
	if err := t.checkWrite(ctx); err != nil {
		return s, err
	}
	if err := applyOptions(opts, &s, MigrateOption.setMigrate); err != nil {
		return s, err
	}
	switch {
	case s.dryRun && s.store != nil:
		return s, errors.New("DryRun writes nothing, also no checkpoint; leave Checkpoints out")
	case s.restart && s.store == nil:
		return s, errors.New("Restart is without Checkpoints, which say where to go on; leave it out")
	}
	return s, nil
}

// migrationName returns the name of the checkpoint.
func (t *table) migrationName() string {
	if t.kinds == nil && t.schema.entity != nil {
		return t.name + "/" + t.schema.entityName()
	}
	return t.name
}

// observedBy returns the table in a mapper with one more observer. Items of the one are new to the
// other.
func (t *table) observedBy(observe func(context.Context, Operation)) (*table, error) {
	m := t.mapper
	observed := &Mapper{client: m.client, prefix: m.prefix, attempts: m.attempts, logger: m.logger,
		observers: append(m.observers[:len(m.observers):len(m.observers)], observe),
		pipeline:  m.pipeline}
	observed.usesARN.Store(m.usesARN.Load())
	return t.withMapper(observed)
}

// withMapper returns the table in another mapper, with its expired items.
func (t *table) withMapper(m *Mapper) (*table, error) {
	of := *t
	of.mapper, of.whole = m, &origin{mapper: m, table: t.name}
	of.hidesExpired = false // a migration is a write, and writes see expired items
	if t.kinds == nil {
		return &of, nil
	}
	tables := make([]*table, len(t.kinds.tables))
	for i, one := range t.kinds.tables {
		var err error
		if tables[i], err = one.withMapper(m); err != nil {
			return nil, err
		}
	}
	var err error
	of.kinds, err = makeKinds(tables)
	return &of, err
}

// open takes the checkpoint, and prepares the segments.
func (m *migration) open(ctx context.Context) error {
	var at checkpoint
	if m.settings.store != nil {
		m.keeper = &checkpointKeeper{store: m.settings.store, name: m.table.migrationName()}
		var err error
		at, err = m.keeper.acquire(ctx, m.settings.segments, m.settings.restart)
		if errors.Is(err, ErrMigrated) {
			m.report = at.Report
		}
		if err != nil {
			return err
		}
	} else {
		at = makeCheckpoint(m.settings.segments)
	}
	for i, place := range at.Places {
		s, err := m.openSegment(i, len(at.Places), place)
		if err != nil {
			m.keeper.release(ctx)
			return err
		}
		m.segments = append(m.segments, s)
	}
	m.report, m.before = at.Report, at.Report.Time
	return nil
}

func (m *migration) openSegment(i, of int, at segmentPlace) (*migratedSegment, error) {
	read := scan{table: m.table, segment: &segment{i, of}}
	read.cursor = at.Cursor
	plan, err := read.plan(giveItems)
	if errors.Is(err, ErrInvalidCursor) {
		err = fmt.Errorf("%s is of another migration; use Restart, or another store: %w",
			m.keeper.title(), err)
	}
	if err != nil {
		return nil, err
	}
	s := &migratedSegment{migration: m, stream: read.stream(plan, read.segment), next: plan.start,
		done: at.Done, readUnits: 1, writeRatio: 1}
	s.stream.op = opMigrate
	return s, nil
}

// run migrates all segments, and leaves a checkpoint.
func (m *migration) run(ctx context.Context) (MigrateReport, error) {
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	ended := m.keepCheckpoint(running, stop)
	released := false
	defer func() {
		if !released { // a hook panics
			stop(nil)
			<-ended
			m.keeper.release(ctx)
		}
	}()
	err := parallel.Run(running, len(m.segments), len(m.segments),
		func(ctx context.Context, i int) error { return m.segments[i].run(ctx) })
	if err != nil && ctx.Err() == nil && running.Err() != nil {
		err = newCallError(opMigrate, m.table.name, context.Cause(running)) // of the checkpoint
	}
	if err == context.Canceled || err == context.DeadlineExceeded { // between two requests
		err = newCallError(opMigrate, m.table.name, err)
	}
	stop(nil)
	<-ended
	released = true
	if saveErr := m.keeper.finish(ctx, m.checkpoint()); err == nil && saveErr != nil {
		err = newCallError(opMigrate, m.table.name, saveErr)
	}
	return m.reportNow(), err
}

// keepCheckpoint stores the checkpoint now and then. If that fails until another run may take the
// checkpoint, it stops this run. The channel is closed at the end.
func (m *migration) keepCheckpoint(
	ctx context.Context, stop context.CancelCauseFunc,
) chan struct{} {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if m.keeper == nil {
			return
		}
		ticker := time.NewTicker(checkpointInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
			}
			if err := m.keeper.save(ctx, m.checkpoint()); err != nil {
				stop(err)
				return
			}
		}
	}()
	return ended
}

// reportNow returns the report so far.
func (m *migration) reportNow() MigrateReport {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lockedReport()
}

func (m *migration) lockedReport() MigrateReport {
	report := m.report
	report.Time = m.before + time.Since(m.began)
	return report
}

// checkpoint returns the place of each segment, with the report of exactly what is before it.
func (m *migration) checkpoint() checkpoint {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := checkpoint{Report: m.lockedReport(), Places: make([]segmentPlace, len(m.segments))}
	for i, s := range m.segments {
		c.Places[i] = s.place()
	}
	return c
}

func (s *migratedSegment) place() segmentPlace {
	if s.done {
		return segmentPlace{Done: true}
	}
	key, cursors := s.next, &s.stream.plan.cursors
	if s.last != "" {
		if after := cursors.after(s.last); after != nil {
			key = after
		}
	}
	cursor, err := cursors.write(key)
	if err != nil {
		cursor, _ = cursors.write(s.stream.plan.start) // a client with a strange key; read again
	}
	return segmentPlace{Cursor: cursor}
}

// run migrates the rest of the segment.
func (s *migratedSegment) run(ctx context.Context) error {
	for !s.done {
		items, got, err := s.readPage(ctx)
		if err != nil {
			return err
		}
		for _, one := range items {
			if err := s.migrate(ctx, one); err != nil {
				return err
			}
		}
		s.endPage(got.last)
	}
	return nil
}

// readPage reads the next page, at the rate that is asked for.
func (s *migratedSegment) readPage(ctx context.Context) (items []readResult, got page, err error) {
	m := s.migration
	err = m.spend(ctx, m.settings.reads, s.readUnits, func(ctx context.Context, u *units) error {
		return m.untilNotThrottled(ctx, func() error {
			items, got, err = s.stream.readPage(ctx, pageRequest{s.next, s.pageLimit()})
			s.readUnits = u.read
			if u.read == 0 {
				s.readUnits = s.estimateRead(items)
				u.read = s.readUnits
			}
			return err
		})
	})
	if len(items) > 0 {
		s.itemUnits = s.readUnits / float64(len(items))
	}
	return items, got, err
}

// untilNotThrottled calls a request again while the service throttles it, after the SDK's own
// tries.
func (m *migration) untilNotThrottled(ctx context.Context, do func() error) error {
	row := m.table.mapper.newTries(opMigrate, m.table.name)
	for {
		row.begin()
		err := do()
		if !isAgain(err, awserr.Throttled) || row.usedUp() {
			return err
		}
		if err := row.wait(ctx, err); err != nil {
			return err
		}
	}
}

const (
	readUnitSize  = 4096 * 2 // in bytes; an eventually consistent read of 8 KB takes one unit
	writeUnitSize = 1024
	firstPageSize = 25 // items; it shows how large they are
)

// estimateRead returns the read units of a page of which the client does not report them.
func (s *migratedSegment) estimateRead(items []readResult) float64 {
	size := 0
	for _, one := range items {
		size += len(s.stream.table.rawOf(one))
	}
	return max(0.5, float64(size)/readUnitSize)
}

// pageLimit returns how many items the next page reads, or nil for 1 MB. With a limit of the read
// units, a page takes about what a segment has in a second, so that the units are evenly spread.
func (s *migratedSegment) pageLimit() *int32 {
	if s.migration.settings.unitsRead == 0 {
		return nil
	}
	limit := int32(firstPageSize)
	if s.itemUnits > 0 {
		share := s.migration.settings.unitsRead / float64(len(s.migration.segments))
		limit = int32(min(max(1, share/s.itemUnits), math.MaxInt32))
	}
	return &limit
}

// endPage notes that all items of a page are migrated.
func (s *migratedSegment) endPage(next map[string]types.AttributeValue) {
	m := s.migration
	m.mu.Lock()
	s.last, s.next = "", next
	if len(next) == 0 {
		s.done = true
		m.report.SegmentsDone++
	}
	m.mu.Unlock()
	if m.settings.progress != nil {
		m.telling.Lock()
		defer m.telling.Unlock()
		m.settings.progress(m.reportNow())
	}
}

// itemEffect is what the migration of one item did.
type itemEffect struct {
	changed, kept bool
	conflicts     int
	err           error // the item cannot be migrated
}

// migrate migrates one item, and notes it in the report.
func (s *migratedSegment) migrate(ctx context.Context, one readResult) error {
	raw := s.stream.table.rawOf(one)
	var effect itemEffect
	var err error
	if err = ctx.Err(); err == nil {
		effect, err = s.migrateItem(ctx, one, raw)
	}
	m := s.migration
	if effect.err != nil {
		effect.err = m.newItemError(effect.err, raw)
		if m.settings.reportError == nil {
			err = effect.err
		}
	}
	if err != nil {
		return err
	}
	m.note(s, raw, &effect)
	if effect.err != nil {
		m.telling.Lock()
		defer m.telling.Unlock()
		m.settings.reportError(effect.err)
	}
	return nil
}

// note adds an item to the report, and moves the segment's place behind it.
func (m *migration) note(s *migratedSegment, raw string, effect *itemEffect) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.report.Seen++
	m.report.Conflicts += effect.conflicts
	if effect.changed {
		m.report.Changed++
	}
	if effect.kept {
		m.report.Kept++
	}
	if effect.err != nil {
		m.report.Skipped++
	}
	s.last = raw
}

// newItemError returns the error of an item that cannot be migrated.
func (m *migration) newItemError(err error, raw string) error {
	e := &MigrateError{Op: opMigrate, Table: m.table.name, Err: err,
		Key: m.table.schema.storedKeyIn(raw)}
	if field := (*FieldError)(nil); errors.As(err, &field) && field.Key != (PrimaryKey{}) {
		e.Key = field.Key
	}
	return e
}

// migrateItem saves an item if its form differs, and again as long as other writers are faster.
func (s *migratedSegment) migrateItem(
	ctx context.Context, one readResult, raw string,
) (effect itemEffect, err error) {
	m := s.migration
	row := m.table.mapper.newTries(opMigrate, m.table.name)
	for isDoubtful := false; ; {
		row.begin()
		if effect.err = one.err(); effect.err != nil {
			return effect, nil
		}
		t := m.tableOf(one.item())
		planned, kept, err := t.prepareRenewal(opMigrate, one.item())
		effect.kept = kept
		if err != nil {
			effect.err = t.newEncodeError(opMigrate, one.item(), err)
			return effect, nil
		}
		if planned.isEmpty() {
			effect.changed = isDoubtful // the write whose response was lost
			return effect, nil
		}
		if m.settings.dryRun {
			effect.changed = true
			return effect, nil
		}
		lost, err := s.save(ctx, t, planned)
		switch {
		case err == nil:
			effect.changed = true
			return effect, nil
		case lost && errors.Is(err, ErrUnknownOutcome):
			isDoubtful = true
		case lost:
			effect.conflicts++
		case isOfItem(err):
			effect.err = err
			return effect, nil
		default:
			return effect, err
		}
		if row.usedUp() {
			effect.err = row.exceeded(err)
			return effect, nil
		}
		if err := row.wait(ctx, err); err != nil {
			return effect, err
		}
		if one, err = m.readAgain(ctx, raw); err != nil || one == (readResult{}) {
			return effect, err
		}
	}
}

// isOfItem reports whether a save failed because of its item, so that others may succeed.
func isOfItem(err error) bool {
	return isInvalid(err) || errors.Is(err, errUnsendable) || isContended(err)
}

// errUnsendable marks a save that no request can express.
var errUnsendable = errors.New("no request can express the save")

// tableOf returns the table of an item's model.
func (m *migration) tableOf(item anyItem) *table {
	if m.table.kinds == nil {
		return m.table
	}
	return m.table.kinds.tableOf(reflect.TypeOf(item))
}

// save sends a planned save. lost reports that the item must be read again, because another writer
// was faster or the outcome is not known.
func (s *migratedSegment) save(
	ctx context.Context, t *table, planned *saving,
) (lost bool, err error) {
	form, err := planned.plan.form()
	if err != nil {
		return false, errors.Join(errUnsendable, err)
	}
	m := s.migration
	size := max(planned.raw.size(), planned.after.attributes.size())
	least := math.Ceil(float64(size) / writeUnitSize)
	err = m.spend(ctx, m.settings.writes, least*s.writeRatio,
		func(ctx context.Context, u *units) error {
			err := m.untilNotThrottled(ctx, func() error {
				_, err := t.mapper.writeAlone(ctx, t.name, planned.plan, &form)
				return err
			})
			if u.write > 0 {
				s.writeRatio = u.write / least
			} else if errors.Is(err, ErrConflict) || err == nil {
				u.write = least // the service charges a refused write, and does not report it
			}
			return err
		})
	lost = errors.Is(err, ErrConflict) || errors.Is(err, ErrUnknownOutcome) ||
		errors.Is(err, ErrNotFound) || errors.Is(err, ErrOtherEntity)
	return lost, err
}

// size returns about how many bytes an item has.
func (r rawItem) size() int {
	size := 0
	for _, attribute := range r {
		size += len(attribute.Name) + len(attribute.Value)
	}
	return size
}

// readAgain reads an item with strong consistency. It returns the zero result if the item was
// deleted, or is no item of the model any more.
func (m *migration) readAgain(ctx context.Context, raw string) (one readResult, err error) {
	attributes, err := parseRawItem(raw)
	if err != nil {
		return one, err
	}
	t := m.table
	get := &getRequest{table: t, key: t.schema.takeKey(attributes)}
	isConsistent := true
	get.consistent = &isConsistent
	const least = 1
	err = m.spend(ctx, m.settings.reads, least, func(ctx context.Context, u *units) error {
		return m.untilNotThrottled(ctx, func() (err error) {
			c := t.mapper.begin("GetItem", t.name)
			var item anyItem
			item, err = t.sendGet(ctx, opMigrate, PrimaryKey{}, get, t.whole, c)
			c.end(ctx, 1, err)
			one = readResult{item}
			return err
		})
	})
	switch {
	case err == nil:
		return one, nil
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrOtherEntity):
		return readResult{}, nil
	case isOfRead(err):
		return readResult{&badItem{err, raw}}, nil
	}
	return readResult{}, err
}

// isOfRead reports whether an item was read and cannot be decoded.
func isOfRead(err error) bool {
	field := (*FieldError)(nil)
	return errors.As(err, &field) || errors.Is(err, ErrUnknownEntity)
}

// units is what a request has consumed.
type units struct{ read, write float64 }

type unitsKey struct{}

// observeUnits adds what a request consumed to the units in its context.
func observeUnits(ctx context.Context, of Operation) {
	if u, ok := ctx.Value(unitsKey{}).(*units); ok {
		u.read += of.ReadUnits
		u.write += of.WriteUnits
	}
}

// spend sends a request when its turn has come, and notes what it has consumed. guess is what it
// takes probably.
func (m *migration) spend(
	ctx context.Context, limit *rate.Limiter, guess float64,
	send func(context.Context, *units) error,
) error {
	if err := limit.Take(ctx, guess); err != nil {
		return err
	}
	var u units
	err := send(context.WithValue(ctx, unitsKey{}, &u), &u)
	limit.Correct(u.read + u.write - guess)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.report.ReadUnits += u.read
	m.report.WriteUnits += u.write
	return err
}
