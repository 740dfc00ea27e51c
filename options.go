package dynamapper

import (
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/dynamapper/dynamapper/internal/spelling"
	"github.com/dynamapper/dynamapper/internal/tag"
	"github.com/dynamapper/dynamapper/internal/timetext"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// tableRole returns the first option that only a field of the model itself can have, or "".
func (f *field) tableRole() string {
	for _, role := range []struct {
		given  bool
		option string
	}{
		{f.Hash, "hash"}, {f.Range, "range"}, {f.Autoincrement, "autoincrement"}, {f.TTL, "ttl"},
		{f.Version, "version"},
		{f.Created, "created"}, {f.Updated, "updated"}, {f.HasDefault, "default"},
		{f.IndexKey, "index"}, {f.Dimensions > 0, "vector"}, {f.HasFormat, "format"},
		{f.Rest, "rest"},
	} {
		if role.given {
			return role.option
		}
	}
	return ""
}

// checkOptions checks a field's options against its type and against each other.
func checkOptions(f *field) error {
	if err := f.CheckType(f.optionType()); err != nil {
		return err
	}
	if err := f.CheckEachOther(); err != nil {
		return err
	}
	if f.Layout != "" {
		return checkLayoutText(f.Layout)
	}
	return nil
}

// optionType returns what the rules for options ask about the field's type.
func (f *field) optionType() tag.Type {
	value := f.valueType()
	return tag.Type{Name: f.goType.String(), Field: formOfType(f.goType), Value: formOfType(value),
		Member: formOfType(memberType(value))}
}

func formOfType(t reflect.Type) tag.Form {
	if t == nil {
		return tag.Form{}
	}
	form := tag.Form{Time: isTimeType(t), Integer: isInteger(t), Composite: isComposite(t),
		Text:   t.Kind() == reflect.String && !hasOwnCodec(t),
		Vector: isVector(t), Computed: t == computedType}
	if form.Integer {
		form.Bits = t.Bits()
	}
	return form
}

// memberType returns the type of a set's members, or nil if the type cannot be a set.
func memberType(t reflect.Type) reflect.Type {
	switch t.Kind() {
	case reflect.Slice:
		return t.Elem()
	case reflect.Map:
		return t.Key()
	}
	return nil
}

// checkLayoutText refuses a layout that loses parts of a time. It also refuses a misspelled name of
// a layout, whose letters could pass as a layout.
func checkLayoutText(layout string) error {
	if name := spelling.Nearest(layout, slices.Sorted(maps.Keys(timetext.Layouts))); name != "" {
		return fmt.Errorf("layout %q is not known; did you mean %q?", layout, name)
	}
	if err := timetext.CheckLayout(layout); err != nil {
		return err
	}
	for _, t := range layoutSamples() {
		back, err := time.ParseInLocation(layout, t.Format(layout), time.UTC)
		if err != nil || !keepsParts(t, back.UTC()) {
			return fmt.Errorf(
				"layout %q is ambiguous, as it can read back another time than it wrote; "+
					"separate its parts, or write PM beside the hour", layout)
		}
	}
	return nil
}

// layoutSamples returns times whose parts have one digit and two, before and after noon.
func layoutSamples() []time.Time {
	var samples []time.Time
	for _, month := range []time.Month{1, 11, 12} {
		for _, day := range []int{1, 2, 11, 22} {
			for _, hour := range []int{0, 1, 11, 12, 13, 23} {
				for _, rest := range []int{1, 11} {
					samples = append(samples,
						time.Date(2013, month, day, hour, rest, rest, 0, time.UTC))
				}
			}
		}
	}
	return samples
}

// keepsParts reports whether each part of a time was read back unchanged, or is left out by the
// layout.
func keepsParts(t, back time.Time) bool {
	partsOf := func(t time.Time) [6]int {
		return [6]int{t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second()}
	}
	was, is, none := partsOf(t), partsOf(back), [6]int{0, 1, 1, 0, 0, 0}
	for i := range was {
		if is[i] != was[i] && is[i] != none[i] {
			return false
		}
	}
	return true
}

func (f *field) makeDefault() error {
	if !f.HasDefault {
		return nil
	}
	t := f.valueType()
	if isTimeType(t) && f.DefaultText == "now" {
		f.defaultNow = true
		return nil
	}
	if !hasTextForm(t) {
		return fmt.Errorf(
			"option \"default\" is for scalars, and the field is of type %s; set it in the hook "+
				"InitItem", f.goType)
	}
	value := reflect.New(t).Elem()
	err := f.parseDefault(value)
	if err == nil {
		// Refuses a NaN, for example, which no write accepts.
		_, err = f.codec.raw(f.pointerTo(value))
	}
	if err != nil {
		return fmt.Errorf("default %q is not a value that type %s can store; write %s",
			f.DefaultText, t, f.defaultExample(t))
	}
	f.defaultValue = value
	return nil
}

// hasTextForm reports whether a default of the type can be parsed from text.
func hasTextForm(t reflect.Type) bool {
	switch {
	case isTimeType(t), t == jsonNumberType, t == attributeNumberType,
		implements(t, textUnmarshalerType):
		return true
	case hasOwnCodec(t), isComposite(t):
		return false
	}
	return true
}

// pointerTo returns the value, or a pointer to it if the field is a pointer.
func (f *field) pointerTo(value reflect.Value) reflect.Value {
	if value.Type() == f.goType {
		return value
	}
	pointer := reflect.New(value.Type())
	pointer.Elem().Set(value)
	return pointer
}

// defaultExample describes a valid default of the type.
func (f *field) defaultExample(t reflect.Type) string {
	switch {
	case isTimeType(t) && f.Layout != "":
		return fmt.Sprintf("a time in the layout %q, or now", f.Layout)
	case isTimeType(t):
		return "a time such as 2012-05-31T12:00:00Z, or now"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case isInteger(t):
		return "an integer that fits it"
	case t == jsonNumberType, t == attributeNumberType, t.Kind() == reflect.Float32,
		t.Kind() == reflect.Float64:
		return "a number"
	case implements(t, textUnmarshalerType):
		return "text that its UnmarshalText takes"
	}
	return "valid UTF-8"
}

func (f *field) parseDefault(value reflect.Value) (err error) {
	t, text := value.Type(), f.DefaultText
	switch {
	case isTimeType(t):
		layout := time.RFC3339Nano
		if f.Layout != "" {
			layout = f.Layout
		}
		var parsed time.Time
		parsed, err = time.Parse(layout, text)
		setTime(value, f.storedForm(parsed))
	case implements(t, textUnmarshalerType):
		err = unmarshalText(value, text)
	case t.Kind() == reflect.String:
		value.SetString(text)
	case t.Kind() == reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(text)
		value.SetBool(b)
	case value.CanInt():
		var n int64
		n, err = strconv.ParseInt(text, 10, t.Bits())
		value.SetInt(n)
	case value.CanUint():
		var n uint64
		n, err = strconv.ParseUint(text, 10, t.Bits())
		value.SetUint(n)
	case value.CanFloat():
		var x float64
		x, err = strconv.ParseFloat(text, t.Bits())
		value.SetFloat(x)
	}
	return err
}

// applyDefaults sets the fields of a new item that have a default in their tag.
func (s *schema) applyDefaults(item reflect.Value, now time.Time) {
	for _, f := range s.fields {
		if !f.HasDefault {
			continue
		}
		f.settableIn(item).Set(f.pointerTo(f.newDefault(now)))
	}
}

// timeValue returns a time as the field reads it back, as the field's own type.
func (f *field) timeValue(t time.Time) reflect.Value {
	return reflect.ValueOf(f.storedForm(t)).Convert(f.valueType())
}

// newDefault returns the default for one item. A value from UnmarshalText may refer to memory, as a
// net.IP does, so each item gets its own.
func (f *field) newDefault(now time.Time) reflect.Value {
	if f.defaultNow {
		return f.timeValue(now)
	}
	if t := f.defaultValue.Type(); !isTimeType(t) && implements(t, textUnmarshalerType) {
		value := reflect.New(t).Elem()
		if f.parseDefault(value) == nil { // makeDefault has parsed the same text
			return value
		}
	}
	return f.defaultValue
}

// isZeroer is implemented by types that define which value omitempty leaves out, as omitzero of
// encoding/json does.
type isZeroer interface{ IsZero() bool }

var isZeroerType = reflect.TypeFor[isZeroer]()

// chooseIsZero returns the function that reports whether omitempty leaves out a value of a type.
// For a pointer, it leaves out only nil.
func chooseIsZero(t reflect.Type) func(reflect.Value) bool {
	switch {
	case t.Kind() == reflect.Pointer:
		return reflect.Value.IsNil
	case implements(t, isZeroerType):
		return func(v reflect.Value) bool {
			return addressable(v).Addr().Interface().(isZeroer).IsZero()
		}
	case t == bigIntType: // a big number that has become zero may still hold memory
		return func(v reflect.Value) bool {
			return addressable(v).Addr().Interface().(*big.Int).Sign() == 0
		}
	case t == bigFloatType:
		return func(v reflect.Value) bool {
			return addressable(v).Addr().Interface().(*big.Float).Sign() == 0
		}
	}
	return reflect.Value.IsZero
}

// leavesOut reports whether the option omitempty makes the value a missing attribute.
func (t target) leavesOut(value wire.Raw) bool {
	if t.isZero == nil || t.element || t.goType.Kind() == reflect.Pointer {
		return false
	}
	if implements(t.goType, isZeroerType) {
		v, err := t.decodeOperand(value)
		return err == nil && t.isZero(v)
	}
	zero, err := probe(func() (wire.Raw, error) {
		return t.codec.raw(reflect.New(t.goType).Elem())
	})
	return err == nil && zero.Equal(value)
}
