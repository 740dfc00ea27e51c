package dynamapper

import (
	crand "crypto/rand"
	"math/big"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// stamps lists the fields that a save has set, with their values before.
type stamps struct {
	fields  []stamped
	holders []*field      // those whose embedded pointer was nil
	version reflect.Value // the version before the save
	fresh   int64         // an integer version that no earlier write has had
	// the caller has set the time of the update, which is saved unchanged
	updatedIsSet bool
}

type stamped struct{ field, before reflect.Value }

func (s stamps) undo() {
	for _, one := range s.fields {
		one.field.Set(one.before)
	}
}

func (s *stamps) set(f *field, model, value reflect.Value) {
	if holder, ok := f.nilHolderIn(model); ok {
		s.fields = append(s.fields, stamped{holder, reflect.Zero(holder.Type())})
		s.holders = append(s.holders, f)
	}
	target := f.settableIn(model)
	before := reflect.New(target.Type()).Elem()
	before.Set(target)
	target.Set(value)
	s.fields = append(s.fields, stamped{target, before})
}

// nilHolderIn returns the first nil pointer to an anonymous struct that holds the field. Setting
// the field allocates it.
func (f *field) nilHolderIn(model reflect.Value) (reflect.Value, bool) {
	for _, n := range f.path[:len(f.path)-1] {
		if model.Kind() == reflect.Pointer {
			model = model.Elem()
		}
		if model = model.Field(n); model.Kind() == reflect.Pointer && model.IsNil() {
			return model, true
		}
	}
	return reflect.Value{}, false
}

// stamping sets the version and the times of an item before a save.
type stamping struct {
	table  *table
	item   any
	model  reflect.Value
	loaded bool
	counts bool // the save requires the loaded version, or adds to the stored one
	keeps  bool // the save leaves the updated time
	now    time.Time
	stamps stamps
}

// stamp sets the version and the times in the fields. If the caller has changed the version of a
// loaded item, stamp returns a conflict: the caller has seen another version than the loaded one.
func (t *table) stamp(item anyItem, settings writeSettings, now time.Time) (stamps, error) {
	if t.schema.version == nil && t.schema.created == nil && t.schema.updated == nil {
		return stamps{}, nil
	}
	s := stamping{table: t, item: item, model: reflect.ValueOf(item).Elem(),
		loaded: t.isLoaded(t.modelOf(item)),
		counts: settings.failOnConflict || settings.changedOnly, keeps: settings.keepsTimes,
		now: now}
	if f := t.schema.version; f != nil {
		next, err := s.nextVersion(f)
		if err != nil {
			return stamps{}, err
		}
		s.stamps.version = reflect.New(f.goType).Elem()
		s.stamps.version.Set(f.valueOrZero(s.model))
		s.stamps.set(f, s.model, next)
	}
	if err := s.stampTimes(); err != nil {
		s.stamps.undo()
		return stamps{}, err
	}
	return s.stamps, nil
}

// stampTimes sets the times that the caller has not set.
func (s *stamping) stampTimes() error {
	if f := s.table.schema.created; f != nil && !s.loaded && isZeroTime(f.valueOrZero(s.model)) {
		s.stamps.set(f, s.model, f.timeValue(s.now))
	}
	f := s.table.schema.updated
	if f == nil || s.keeps {
		return nil
	}
	if !isZeroTime(f.valueOrZero(s.model)) {
		isSet, err := s.table.isSet(s.item, f)
		if err != nil {
			return err
		}
		s.stamps.updatedIsSet = isSet
	}
	if !s.stamps.updatedIsSet {
		s.stamps.set(f, s.model, f.timeValue(s.now))
	}
	return nil
}

// isSet reports whether a field has another value than when the item was loaded or saved. It
// returns false if a hook fills in another value at each load, because then a change cannot be
// recognized.
func (t *table) isSet(item anyItem, f *field) (bool, error) {
	value := f.valueOrZero(reflect.ValueOf(item).Elem())
	loaded, err := t.loadedValue(item, f)
	if err != nil || f.isStoredAlike(value, loaded) {
		return false, err
	}
	if !t.schema.hooks.beforeCodec() {
		return true, nil
	}
	again, err := t.loadedValue(item, f)
	return err == nil && f.isStoredAlike(loaded, again), err
}

// loadedValue returns a field's value as loading the snapshot sets it. It is the zero value if
// there is no snapshot, or if the attribute is missing in it.
func (t *table) loadedValue(item anyItem, f *field) (reflect.Value, error) {
	snapshot := t.modelOf(item).raw
	if t.schema.hooks.beforeCodec() && snapshot != "" {
		loaded := t.newItem()
		err := loader{table: t}.fill(loaded, snapshot)
		return f.valueOrZero(reflect.ValueOf(loaded).Elem()), err
	}
	loaded := reflect.New(t.schema.goType).Elem()
	stored, err := attributeIn(snapshot, f.attribute)
	if stored != "" && err == nil {
		err = t.schema.decodeAttribute(f, stored, loaded)
	}
	return f.valueOrZero(loaded), err
}

// valueOrZero returns the field's value, or the zero value if an embedded pointer that holds the
// field is nil.
func (f *field) valueOrZero(model reflect.Value) reflect.Value {
	if value, ok := f.valueIn(model); ok {
		return value
	}
	return reflect.Zero(f.goType)
}

// isStoredAlike reports whether two values of a version or a time are stored as the same value.
func (f *field) isStoredAlike(a, b reflect.Value) bool {
	if isTimeType(f.goType) {
		return f.storedForm(timeOf(a)).Equal(f.storedForm(timeOf(b)))
	}
	return a.Equal(b)
}

// nextVersion returns the version that the save writes.
func (s *stamping) nextVersion(f *field) (reflect.Value, error) {
	base, counts, err := s.baseVersion(f)
	if err != nil {
		return base, err
	}
	if f.codec.wire == wire.S {
		next := reflect.New(f.goType).Elem()
		next.SetString(newVersionToken())
		return next, nil
	}
	step := int64(1)
	if f.isWide() {
		s.stamps.fresh = s.table.mapper.newVersion(s.now)
		switch {
		case counts:
		case isBelow(base, s.stamps.fresh):
			base, step = reflect.Zero(f.goType), s.stamps.fresh
		default:
			step += rand.Int64N(maxVersionLeap)
		}
	}
	next, fits := addVersion(base, step)
	if !fits {
		return next, withPath(newOverflowError(f.goType), f.goPath, f.attribute)
	}
	return next, nil
}

// baseVersion returns the version that the next one is computed from: for a loaded item, the loaded
// version. If counts is true, the next version is larger by one, because the save can only follow
// that version of the same item.
func (s *stamping) baseVersion(f *field) (base reflect.Value, counts bool, err error) {
	base = f.valueOrZero(s.model)
	if !s.loaded {
		return base, false, nil
	}
	moved, err := s.table.checkVersion(s.item)
	if err != nil || moved || f.codec.wire == wire.S {
		return base, false, err
	}
	stored, err := s.table.loadedRaw(s.item, f.attribute)
	if err != nil || stored == "" {
		return base, false, err
	}
	if !s.table.schema.hooks.beforeCodec() {
		return base, s.counts, nil // checkVersion has found that it is the loaded one
	}
	loaded := reflect.New(s.table.schema.goType).Elem()
	if err := s.table.schema.decodeAttribute(f, stored, loaded); err != nil {
		return base, false, err
	}
	return f.valueOrZero(loaded), s.counts, nil
}

// checkVersion refuses a loaded item whose version the caller has changed: the caller has seen that
// version instead of the loaded one. If the key was edited as well, it is another item, no version
// of which was seen, and moved is true.
func (t *table) checkVersion(item anyItem) (moved bool, err error) {
	f := t.schema.version
	if isSet, err := t.isSet(item, f); err != nil || !isSet {
		return false, err
	}
	_, edited, err := t.writtenKey(item)
	if err != nil || len(edited) > 0 {
		return err == nil, err
	}
	model := t.modelOf(item)
	if model.origin.partial() && !model.origin.read[f.attribute] {
		return false, withPath(
			&partialError{"the version was set but had not been read; load the whole item"},
			f.goPath, f.attribute)
	}
	return false, newSetVersionError(t.keyOf(item), f)
}

// maxVersionLeap is the largest step, in microseconds, beyond an integer version that is ahead of
// the clock.
const maxVersionLeap = 1_000_000

// isWide reports whether an integer version has room for the time in microseconds, so that no
// version of an item ever recurs. A smaller one counts from 1, and FailOnConflict does not rely on
// it alone.
func (f *field) isWide() bool { return f.codec.wire == wire.N && f.goType.Bits() >= 64 }

// maxVersionJitter is how many microseconds an integer version may be ahead of the clock, so that
// two programs with coarse clocks do not make the same version.
const maxVersionJitter = 1000

// maxVersionGap is the largest distance, in microseconds, between two versions that are made faster
// than the clock advances. With it, versions stay close to the clock up to 30,000 writes a second.
const maxVersionGap = 64

// newVersion returns an integer version that no earlier write has had: approximately the time in
// microseconds since 1970, and never the same twice. Its distance to earlier versions is random and
// at least two, because an update without a guard adds one to the version that it finds, and must
// not produce a version that another item in memory holds.
func (m *Mapper) newVersion(now time.Time) int64 {
	fresh := now.UnixMicro() + rand.Int64N(maxVersionJitter)
	for {
		last := m.lastVersion.Load()
		next := max(last+2+rand.Int64N(maxVersionGap), fresh)
		if m.lastVersion.CompareAndSwap(last, next) {
			return next
		}
	}
}

// isBelow reports whether an integer version is smaller than a positive number.
func isBelow(version reflect.Value, n int64) bool {
	if version.CanInt() {
		return version.Int() < n
	}
	return version.Uint() < uint64(n)
}

// addVersion returns an integer version larger by n, and reports whether its type can hold it.
func addVersion(version reflect.Value, n int64) (next reflect.Value, fits bool) {
	next = reflect.New(version.Type()).Elem()
	if version.CanInt() {
		sum := version.Int() + n
		next.SetInt(sum)
		return next, sum > version.Int() && !next.OverflowInt(sum)
	}
	sum := version.Uint() + uint64(n)
	next.SetUint(sum)
	return next, sum > version.Uint() && !next.OverflowUint(sum)
}

// countDown returns an integer smaller by 1, or false if the text is not an integer.
func countDown(number string) (smaller string, ok bool) {
	n, ok := new(big.Int).SetString(number, 10)
	if !ok {
		return "", false
	}
	return n.Sub(n, big.NewInt(1)).String(), true
}

// newVersionToken returns a string version that no other write has.
func newVersionToken() string { return crand.Text() }
