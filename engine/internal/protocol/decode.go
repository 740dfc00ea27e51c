package protocol

import (
	"reflect"
	"sync"
	"unicode/utf8"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// decoder reads a request.
type decoder struct {
	reader
	rules   rules
	older   bool // by the older rules
	place   place
	name    string // the attribute or expression value that is being read
	deepest int    // the number of maps and lists around its innermost value
	refusal *Error // for the first value that the service refuses at once
	arena   arena  // the texts of the item
	decoded []byte // the last bytes decoded from base64

	problems []Problem         // of the item
	stack    []value.Attribute // attributes of the maps that are being read

	first [12]value.Attribute // where stack starts

	olderSign bool // a part of the request requires the older rules
	coerced   bool // an integer had a fraction, or did not fit
}

// plan describes how an input is read.
type plan struct {
	rules   rules
	fields  map[string]field
	request int // the index of the field with the Request; -1: none
}

// plans has the *plan of each input type.
var plans sync.Map

func planOf(t reflect.Type) *plan {
	if p, found := plans.Load(t); found {
		return p.(*plan)
	}
	p := &plan{rules: rulesOf(t), fields: makeFields(t), request: -1}
	if f, found := t.FieldByName("Request"); found && f.Anonymous {
		p.request = f.Index[0]
	}
	plans.Store(t, p)
	return p
}

// Decode decodes a request's body into an input, which is one of this package's types whose names
// end in Input. The error is an *Error: SerializationException if the body is not JSON or has
// another JSON type than the model, ValidationException if it has an attribute value that the
// service refuses before it checks any other member. Decode skips names that the model does not
// have. If two members have one name, the last counts.
func Decode[In any](body []byte) (*In, error) {
	in := new(In)
	if err := decode(body, planOf(reflect.TypeFor[In]()), reflect.ValueOf(in).Elem()); err != nil {
		return nil, err
	}
	return in, nil
}

func decode(body []byte, p *plan, into reflect.Value) error {
	if !utf8.Valid(body) {
		return syntaxError()
	}
	d := newDecoder(body, p.rules, p.rules.older)
	err := d.request(p, into)
	if err == nil && d.olderSign && !d.older {
		into.SetZero()
		d = newDecoder(body, p.rules, true)
		err = d.request(p, into)
	}
	switch {
	case err != nil && !isJSON(body):
		return syntaxError()
	case err != nil:
		return err
	case d.refusal != nil:
		return d.refusal
	}
	if p.request >= 0 {
		into.Field(p.request).Set(reflect.ValueOf(Request{Older: d.older, Coerced: d.coerced}))
	}
	return nil
}

func newDecoder(body []byte, rules rules, older bool) *decoder {
	d := &decoder{reader: reader{body: body}, rules: rules, older: older}
	d.stack = d.first[:0]
	return d
}

// request reads the whole body.
func (d *decoder) request(p *plan, into reflect.Value) error {
	switch d.peek() {
	case '{':
	case '[':
		return serialization(structureFound)
	default:
		return serialization("Unexpected field type")
	}
	if err := readStruct(d, p.fields, into); err != nil {
		return err
	}
	if d.peek() != 0 || d.pos < len(d.body) {
		return syntaxError()
	}
	return nil
}
