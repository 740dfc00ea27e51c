package dynamapper

import (
	crand "crypto/rand"
	"math/big"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// stamps are the fields that a save has set, with what they held before.
type stamps struct {
	fields       []stamped
	holders      []*field      // of them, those whose embedded pointer was nil
	version      reflect.Value // the version before the save
	fresh        int64         // an integer version that no write before this one has had
	updatedIsSet bool          // the caller has set the time of the update, and it is saved as it is
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

// nilHolderIn gives the first anonymous struct pointer on the way to the field that is nil: setting the field makes it.
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

// stamping renews the version and the times in the fields of an item that is about to be saved.
type stamping struct {
	table  *table
	item   any
	model  reflect.Value
	loaded bool
	counts bool // the save is guarded by the loaded version, or counts up the stored one
	now    time.Time
	stamps stamps
}

// stamp renews the version and the times in the fields. A loaded item whose version was set to
// another than the loaded one is a conflict: the caller has seen that other one.
func (t *table) stamp(item any, settings writeSettings, now time.Time) (stamps, error) {
	s := stamping{table: t, item: item, model: reflect.ValueOf(item).Elem(), loaded: t.isLoaded(t.modelOf(item)),
		counts: settings.failOnConflict || settings.changedOnly, now: now}
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
	if f == nil {
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

// isSet reports whether a field holds another value than the item had when it was loaded or saved.
// With a hook that fills in another value at each load, nobody knows.
func (t *table) isSet(item any, f *field) (bool, error) {
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

// loadedValue gives a field's value as loading the snapshot gives it. Where there is no snapshot,
// or the attribute is missing in it, that is the zero value.
func (t *table) loadedValue(item any, f *field) (reflect.Value, error) {
	snapshot := t.modelOf(item).raw
	if t.schema.hooks.beforeCodec() && snapshot != "" {
		loaded := t.newItem()
		err := loader{table: t}.fill(loaded, snapshot)
		return f.valueOrZero(reflect.ValueOf(loaded).Elem()), err
	}
	loaded := reflect.New(t.schema.goType).Elem()
	text, ok, err := attributeIn(snapshot, f.attribute)
	if ok {
		err = t.schema.decodeAttribute(f, text, loaded)
	}
	return f.valueOrZero(loaded), err
}

// valueOrZero gives the field's value. Behind an embedded pointer that is nil that is the zero
// value.
func (f *field) valueOrZero(model reflect.Value) reflect.Value {
	if value, ok := f.valueIn(model); ok {
		return value
	}
	return reflect.Zero(f.goType)
}

// isStoredAlike reports whether two values of a version or a time are stored as the same one.
func (f *field) isStoredAlike(a, b reflect.Value) bool {
	if isTimeType(f.goType) {
		return f.storedForm(timeOf(a)).Equal(f.storedForm(timeOf(b)))
	}
	return a.Equal(b)
}

// nextVersion gives the version that the save makes.
func (s *stamping) nextVersion(f *field) (reflect.Value, error) {
	base, counts, err := s.baseVersion(f)
	if err != nil {
		return base, err
	}
	if f.codec.wire == wire.S {
		next := reflect.New(f.goType).Elem()
		next.SetString(newVersionToken().Value)
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

// baseVersion gives the version to go on from: of a loaded item the loaded one. counts reports that
// the next one is larger by one, as only the next write of the same item can make it.
func (s *stamping) baseVersion(f *field) (base reflect.Value, counts bool, err error) {
	base = f.valueOrZero(s.model)
	if !s.loaded {
		return base, false, nil
	}
	moved, err := s.table.checkVersion(s.item)
	if err != nil || moved || f.codec.wire == wire.S {
		return base, false, err
	}
	text, ok, err := s.table.loadedText(s.item, f.attribute)
	if err != nil || !ok {
		return base, false, err
	}
	if !s.table.schema.hooks.beforeCodec() {
		return base, s.counts, nil // checkVersion has found it to be the loaded one
	}
	loaded := reflect.New(s.table.schema.goType).Elem()
	if err := s.table.schema.decodeAttribute(f, text, loaded); err != nil {
		return base, false, err
	}
	return f.valueOrZero(loaded), s.counts, nil
}

// checkVersion refuses a loaded item whose version the caller has set to another than the loaded
// one: it is the version that the caller has seen. Where the key was edited as well the item is
// another one, of which no version was seen, and moved is true.
func (t *table) checkVersion(item any) (moved bool, err error) {
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
		return false, withPath(&partialError{"the version was set and had not been read; load the item whole"},
			f.goPath, f.attribute)
	}
	return false, newSetVersionError(t.keyOf(item), f)
}

// maxVersionLeap is how many microseconds an integer version goes beyond one that is ahead of the
// clock.
const maxVersionLeap = 1_000_000

// isWide reports whether an integer version has room for the time in microseconds, so that it never
// comes again in its item's life. One that has not is counted from 1, and FailOnConflict does not
// rest on it alone.
func (f *field) isWide() bool { return f.codec.wire == wire.N && f.goType.Bits() >= 64 }

// maxVersionJitter is how many microseconds an integer version may be ahead of the clock, so that
// two programs whose clocks tick slowly do not make the same one.
const maxVersionJitter = 1000

// maxVersionGap is how many microseconds lie at most between two versions that are made faster than
// the clock goes. With it a mapper keeps to the clock up to 30,000 writes a second.
const maxVersionGap = 64

// newVersion gives an integer version that no write before has had: about the time in microseconds
// since 1970, and never the same one twice. Nor is it larger by one than one before, or by any number
// that can be foreseen: an update that is not guarded counts up what it finds, and must not arrive at
// a version that another item in memory takes for its own.
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

// isBelow reports whether an integer version is smaller than a number that is above 0.
func isBelow(version reflect.Value, n int64) bool {
	if version.CanInt() {
		return version.Int() < n
	}
	return version.Uint() < uint64(n)
}

// addVersion gives an integer version larger by n, and reports whether its type can hold it.
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

// countDown gives an integer smaller by 1, and false for what is none.
func countDown(number string) (smaller string, ok bool) {
	n, ok := new(big.Int).SetString(number, 10)
	if !ok {
		return "", false
	}
	return n.Sub(n, big.NewInt(1)).String(), true
}

func newNumber(text string) *types.AttributeValueMemberN {
	return &types.AttributeValueMemberN{Value: text}
}

// newVersionToken makes a string version that no other write has.
func newVersionToken() *types.AttributeValueMemberS {
	return &types.AttributeValueMemberS{Value: crand.Text()}
}
