package dynamapper

import (
	"errors"
	"reflect"
	"strconv"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// plainJSON reads the JSON of one of the types that most JSON fields have, several times as fast as encoding/json. What
// it does not understand at once it leaves to that, which also knows what is wrong.
type plainJSON struct {
	pointer reflect.Type
	read    func(text string, to any) bool
}

// plainTypes are the types with a way of their own.
var plainTypes = []plainJSON{
	makePlainMap(readPlainText), makePlainMap(readPlainInt), makePlainMap(readPlainInt64),
	makePlainMap(readPlainFloat), makePlainMap((*wire.Reader).Bool),
	makePlainSlice(readPlainText), makePlainSlice(readPlainInt), makePlainSlice(readPlainInt64),
	makePlainSlice(readPlainFloat), makePlainSlice((*wire.Reader).Bool),
}

// lookupPlainJSON finds the way of a type, or of the type that it is a name for; nil where it has none.
func lookupPlainJSON(t reflect.Type) *plainJSON {
	if implements(t, jsonMarshalerType) || implements(t, jsonUnmarshalerType) {
		return nil
	}
	for i := range plainTypes {
		if reflect.PointerTo(t).ConvertibleTo(plainTypes[i].pointer) {
			return &plainTypes[i]
		}
	}
	return nil
}

func (p *plainJSON) decode(d *decoder, v reflect.Value) error {
	text := d.Text()
	if d.Err() != nil {
		return d.Err()
	}
	if p.read(text, v.Addr().Convert(p.pointer).Interface()) {
		return nil
	}
	return decodeJSONText(text, v)
}

func makePlainMap[V any](value func(*wire.Reader) V) plainJSON {
	return plainJSON{reflect.TypeFor[*map[string]V](), func(text string, to any) bool {
		r := wire.NewReader(text)
		members := map[string]V{}
		r.Object()
		for name, ok := r.Member(); ok; name, ok = r.Member() {
			members[name] = value(r)
		}
		r.Done()
		if r.Err() != nil {
			return false
		}
		*to.(*map[string]V) = members
		return true
	}}
}

func makePlainSlice[V any](value func(*wire.Reader) V) plainJSON {
	return plainJSON{reflect.TypeFor[*[]V](), func(text string, to any) bool {
		r := wire.NewReader(text)
		list := make([]V, 0, 4)
		for r.Array(); r.Element(); {
			list = append(list, value(r))
		}
		r.Done()
		if r.Err() != nil {
			return false
		}
		*to.(*[]V) = list
		return true
	}}
}

// errNotPlain only sends the text to encoding/json.
var errNotPlain = errors.New("not plain")

func readPlainText(r *wire.Reader) string { return r.Text() }

// plainNumber reads the text of a value, which need not be a number.
func plainNumber(r *wire.Reader) string {
	start := r.Offset()
	r.Skip()
	return r.Since(start)
}

func readPlainInt64(r *wire.Reader) int64 {
	n, ok := parseSmallInt(plainNumber(r))
	if !ok {
		r.Fail(errNotPlain)
	}
	return n
}

func readPlainInt(r *wire.Reader) int {
	n := readPlainInt64(r)
	if int64(int(n)) != n {
		r.Fail(errNotPlain)
	}
	return int(n)
}

func readPlainFloat(r *wire.Reader) float64 {
	f, err := strconv.ParseFloat(plainNumber(r), 64)
	if err != nil {
		r.Fail(errNotPlain)
	}
	return f
}
