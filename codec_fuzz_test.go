package dynamapper

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// normalize turns the value into the one that decoding returns: sets hold each member once, and
// empty members, which are refused, are removed.
func (e *everything) normalize() {
	notEmpty := func(text string) bool { return text == "" }
	once := func(texts []string) []string {
		texts = slices.Compact(slices.Sorted(slices.Values(texts)))
		return slices.DeleteFunc(texts, notEmpty)
	}
	e.Strings = once(e.Strings)
	seen := map[string]bool{}
	e.Decimals = slices.DeleteFunc(e.Decimals, func(n json.Number) bool {
		known := seen[wire.CanonicalNumber(string(n))] || n == ""
		seen[wire.CanonicalNumber(string(n))] = true
		return known
	})
	e.Blobs = slices.DeleteFunc(e.Blobs, func(b []byte) bool {
		known := seen["b"+string(b)] || len(b) == 0
		seen["b"+string(b)] = true
		return known
	})
	for flag, set := range e.Flags {
		if !set {
			delete(e.Flags, flag)
		}
	}
	eachNested(reflect.ValueOf(e), func(n *nested) { n.Set = once(n.Set) })
}

// eachNested calls a function with each nested struct in a value.
func eachNested(v reflect.Value, call func(*nested)) {
	if v.Kind() == reflect.Pointer {
		if n, ok := v.Interface().(*nested); ok && n != nil {
			call(n)
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Field(i)
			if f.CanSet() && f.Kind() != reflect.Pointer {
				f = f.Addr()
			}
			if f.CanInterface() && f.Type() != modelType {
				eachNested(f, call)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			e := v.Index(i)
			if e.Kind() != reflect.Pointer {
				e = e.Addr()
			}
			eachNested(e, call)
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			eachNested(entries.Value(), call)
		}
	}
}

// requireRoundTrip encodes an item and decodes it again, through the table and through the codec
// alone.
func requireRoundTrip(t *testing.T, table *Table[everything], item *everything) {
	t.Helper()
	item.normalize()
	raw, err := table.MarshalItem(item)
	require.NoError(t, err)
	back, err := table.UnmarshalItem(raw)
	require.NoError(t, err)
	alone := new(everything)
	require.NoError(t, DecodeItem(raw, alone))
	back.Model = Model{}
	for _, got := range []*everything{back, alone} {
		got.normalize()
		require.Empty(t, difference(reflect.ValueOf(item).Elem(), reflect.ValueOf(got).Elem()))
	}
}

// Decoding an encoded item returns the same value.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	table := tableOf[everything](t)
	rounds := uint64(2000)
	if testing.Short() {
		rounds = 200
	}
	for seed := range rounds {
		requireRoundTrip(t, table, newRandomizer(seed).everything())
	}
}

// The randomizer sets every field to empty and to other values. Otherwise the round trip would not
// test a field.
func TestRandomizerReaches(t *testing.T) {
	t.Parallel()
	stored, missing := map[string]bool{}, map[string]bool{}
	for seed := range uint64(300) {
		item := newRandomizer(seed).everything()
		item.normalize()
		raw, err := EncodeItem(item)
		require.NoError(t, err)
		for _, f := range tableOf[everything](t).schema.fields {
			if raw[f.attribute] != nil {
				stored[f.attribute] = true
			} else {
				missing[f.attribute] = true
			}
		}
	}
	for _, f := range tableOf[everything](t).schema.fields {
		require.True(t, stored[f.attribute], f.attribute)
		if f.zero == nil && f.codec.wire != wire.M {
			require.True(t,
				missing[f.attribute] || f.goType.Kind() == reflect.Array ||
					f.attribute == "jsonany" ||
					hasOwnCodec(f.goType) || f.goType.Kind() == reflect.Struct ||
					f.attribute == "docany", f.attribute)
		}
	}
}

// FuzzRoundTrip lets the fuzzer choose the values.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte(strings.Repeat("\x01\x02\x03", 300)))
	for seed := range uint64(10) {
		bytes := make([]byte, 2000)
		random := newRandomizer(seed)
		for i := range bytes {
			bytes[i] = byte(random.next(256))
		}
		f.Add(bytes)
	}
	table := tableOf[everything](f)
	f.Fuzz(func(t *testing.T, data []byte) {
		requireRoundTrip(t, table,
			newChosen(data).everything())
	})
}

// FuzzDecodeItem decodes any text as an item. A decoded item can be encoded and then decodes to the
// same value, except for JSON that DynamoDB cannot hold in a document. Unedited, it is written back
// as it was.
func FuzzDecodeItem(f *testing.F) {
	for seed := range uint64(50) {
		item := newRandomizer(seed).everything()
		item.normalize()
		raw, err := EncodeItem(item)
		require.NoError(f, err)
		text, err := wire.AppendItem(nil, raw)
		require.NoError(f, err)
		f.Add(text)
	}
	for _, text := range []string{
		`{}`,
		`{"id":{"S":"a"},"range":{"N":"1E2"},"bool":{"N":"1"},"json":{"M":{"s":{"S":"x"}}},"doc":{"S":"{\"n\": 1}"}}`,
		`{"time":{"S":"2012-05-31T12:00:00.000042+00:00"},"unknown":{"L":[{"NULL":true}]},"strings":{"SS":["a","a",""]}}`,
	} {
		f.Add([]byte(text))
	}
	table := tableOf[everything](f)
	f.Fuzz(func(t *testing.T, text []byte) {
		item, err := table.UnmarshalItemJSON(text)
		if err != nil {
			placed := new(FieldError)
			require.ErrorAs(t, err, &placed)
			return
		}
		encoded, err := EncodeItem(item)
		if err != nil {
			requireOnlyInDocuments(t, err)
			return
		}
		again := new(everything)
		require.NoError(t, DecodeItem(encoded, again))
		item.normalize()
		again.normalize()
		again.Model = item.Model
		require.Empty(t, difference(reflect.ValueOf(item).Elem(), reflect.ValueOf(again).Elem()))
		requireWrittenBack(t, table, text)
	})
}

// requireOnlyInDocuments requires an error for values that can be decoded but not encoded.
func requireOnlyInDocuments(t *testing.T, err error) {
	t.Helper()
	placed := new(FieldError)
	require.ErrorAs(t, err, &placed)
	for _, known := range []string{"nested deeper", "is empty; leave it out", "empty name",
		"the number", "no attribute value"} {
		if strings.Contains(err.Error(), known) {
			return
		}
	}
	require.NoError(t, err)
}

func requireWrittenBack(t *testing.T, table *Table[everything], text []byte) {
	t.Helper()
	if _, err := wire.ParseItem(string(text)); err != nil {
		return // the invalid base64 is in an attribute without a field, which is not decoded
	}
	attributes, err := wire.IndexItem(string(text))
	require.NoError(t, err)
	names := map[string]bool{}
	for _, attribute := range attributes {
		if names[attribute.Name] {
			return // the service sends each attribute once
		}
		names[attribute.Name] = true
	}
	item, err := table.UnmarshalItemJSON(text)
	require.NoError(t, err)
	written, err := table.MarshalItem(item)
	require.NoError(t, err)
	require.Len(t, written, len(attributes))
	for _, attribute := range attributes {
		require.True(t, wire.EqualText(attribute.Value, written[attribute.Name]), attribute.Name)
	}
}
