package dynamapper

import (
	"crypto/rand"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// stamps are the fields that a save has set, with what they held before.
type stamps []stamped

type stamped struct{ field, before reflect.Value }

func (s stamps) undo() {
	for _, one := range s {
		one.field.Set(one.before)
	}
}

func (s *stamps) set(f *field, model, value reflect.Value) {
	if holder, ok := f.nilHolderIn(model); ok {
		*s = append(*s, stamped{holder, reflect.Zero(holder.Type())})
	}
	target := f.settableIn(model)
	before := reflect.New(target.Type()).Elem()
	before.Set(target)
	target.Set(value)
	*s = append(*s, stamped{target, before})
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

// loadedText gives an attribute of what was loaded, as wire JSON.
type loadedText func(attribute string) (text string, ok bool, err error)

// stamp renews the version and the times in the fields. snapshot is asked only for a loaded item with an integer version.
func (s *schema) stamp(model reflect.Value, loaded bool, snapshot loadedText, now time.Time) (stamps, error) {
	var set stamps
	if s.version != nil {
		next, err := s.nextVersion(model, loaded, snapshot)
		if err != nil {
			return nil, err
		}
		set.set(s.version, model, next)
	}
	if f := s.created; f != nil && !loaded {
		if v, ok := f.valueIn(model); !ok || isZeroTime(v) {
			set.set(f, model, reflect.ValueOf(f.storedForm(now)))
		}
	}
	if f := s.updated; f != nil {
		set.set(f, model, reflect.ValueOf(f.storedForm(now)))
	}
	return set, nil
}

// nextVersion gives the version after the one that was loaded, or after the field's for a new item: an integer larger
// by one, or a random token.
func (s *schema) nextVersion(model reflect.Value, isLoaded bool, snapshot loadedText) (reflect.Value, error) {
	f := s.version
	next := reflect.New(f.goType).Elem()
	if f.codec.wire == wire.S {
		next.SetString(newVersionToken().Value)
		return next, nil
	}
	current, ok := f.valueIn(model)
	if !ok {
		current = reflect.Zero(f.goType)
	}
	if isLoaded {
		text, ok, err := snapshot(f.attribute)
		if err != nil {
			return next, err
		}
		loaded := reflect.New(s.goType).Elem()
		if ok {
			if err := s.decodeAttribute(f, text, loaded); err != nil {
				return next, err
			}
		}
		current = f.settableIn(loaded)
	}
	overflow := false
	if next.CanInt() {
		overflow = next.OverflowInt(current.Int()+1) || current.Int()+1 < current.Int()
		next.SetInt(current.Int() + 1)
	} else {
		overflow = next.OverflowUint(current.Uint()+1) || current.Uint()+1 == 0
		next.SetUint(current.Uint() + 1)
	}
	if overflow {
		return next, withPath(newOverflowError(f.goType), f.goPath, f.attribute)
	}
	return next, nil
}

// newVersionToken makes a string version that no other write has.
func newVersionToken() *types.AttributeValueMemberS {
	return &types.AttributeValueMemberS{Value: rand.Text()}
}
