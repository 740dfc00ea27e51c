package dynamapper

import (
	"encoding/json"
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// loader makes models of a table from JSON of the DynamoDB protocol.
type loader struct {
	table *table
	op    string  // for errors: "Get"
	from  *origin // the origin of the snapshots
	// Items of other entities are left out, because no key asked for them.
	leavesOthers bool
	// Expired items are kept, although the table hides them: a filter has left them out, or the
	// caller asks for what is stored.
	keepsExpired bool
}

// next decodes the item at the decoder's position, and returns it with its JSON. A *FieldError
// concerns only this item. An error of the reader concerns the text, which may be unreadable only
// within this item.
func (l loader) next(d *decoder) (item anyItem, raw string, err error) {
	if l.table.kinds != nil {
		return l.nextOfKind(d)
	}
	start := d.Offset()
	item = l.table.newItem()
	if s := l.table.schema; !s.hooks.beforeCodec() && s.rest == nil {
		d.forgetNoted(s)
		if err = d.decodeItem(&s.structPlan, reflect.ValueOf(item).Elem()); err == nil &&
			s.isShared() {
			err = l.complete(item, d.noted, d.Since(start))
		}
	} else if err = d.skipItem(); err == nil {
		if s.autoincrement && s.isCounterText(d.Since(start)) {
			return nil, "", errCounterItem // no item of the model, so its hooks do not see it
		}
		if err = l.checkEntityIn(d.Since(start)); err == nil {
			err = l.fill(item, d.Since(start))
		}
	}
	if err != nil {
		return nil, "", err
	}
	raw = d.Since(start)
	l.setModel(item, raw)
	return item, raw, nil
}

// errCounterItem marks the item that only counts the ids of autoincrement.
var errCounterItem = errors.New("the item counts the ids")

func (l loader) setModel(item anyItem, raw string) {
	*l.table.modelOf(item) = Model{raw: raw, origin: l.from}
}

// text decodes one item from its JSON.
func (l loader) text(raw string) (anyItem, error) {
	if l.table.kinds != nil {
		return l.textOfKind(raw)
	}
	item := l.table.newItem()
	if err := l.checkEntityIn(raw); err != nil {
		return nil, err
	}
	if err := l.fill(item, raw); err != nil {
		return nil, l.newError(err, raw)
	}
	l.setModel(item, raw)
	return item, nil
}

// fill decodes an item through the model's hooks.
func (l loader) fill(item anyItem, raw string) error {
	s := l.table.schema
	text := raw
	if s.hooks.beforeCodec() {
		attributes, err := wire.ParseItem(raw)
		if err != nil {
			return err
		}
		if s.hooks.migrate {
			if err := s.migrate(item.(itemMigrator), attributes, raw); err != nil {
				return err
			}
		}
		if s.hooks.unmarshal {
			return item.(itemUnmarshaler).UnmarshalItem(attributes)
		}
		migrated, err := wire.AppendItem(nil, attributes)
		if err != nil {
			return err
		}
		text = string(migrated)
	}
	return s.decodeText(text, reflect.ValueOf(item).Elem())
}

// decodeText decodes a whole item by its fields, without hooks.
func (s *schema) decodeText(text string, v reflect.Value) error {
	if s.rest != nil {
		return s.decodeWithRest(text, v)
	}
	d := newDecoder(wire.NewReader(text))
	if err := d.decodeItem(&s.structPlan, v); err != nil {
		return err
	}
	d.Done()
	if d.Err() != nil || s.computed == nil {
		return d.Err()
	}
	raw, err := parseRawItem(text)
	if err == nil {
		err = s.fillParts(v, raw)
	}
	return err
}

// textOf returns an item in the SDK's types as wire JSON. It writes into a reused buffer, so that
// only the returned text is allocated.
func (t *table) textOf(item map[string]types.AttributeValue) (string, error) {
	e := t.schema.encoders.get()
	defer t.schema.encoders.put(e)
	text, err := wire.AppendItem(e.text, item)
	e.text = text
	return string(text), err
}

// attributes decodes an item in the SDK's types, with the same decoder.
func (l loader) attributes(item map[string]types.AttributeValue) (anyItem, error) {
	if l.table.kinds != nil {
		return l.attributesOfKind(item)
	}
	raw, err := l.table.textOf(item)
	if err != nil {
		return nil, l.newError(err, "")
	}
	loaded, err := l.text(raw)
	if err == nil {
		if err := l.table.schema.checkItem(item); err != nil {
			return nil, l.newError(err, raw)
		}
	}
	return loaded, err
}

// newError completes the error of an item with the operation, the model and the key.
func (l loader) newError(err error, raw string) *FieldError {
	s := l.table.schema
	placed, ok := err.(*FieldError)
	switch {
	// From DecodeItem in a hook; its path has the model's name already.
	case ok && placed.Type == s.goType:
		complete := *placed
		placed = &complete
	case ok && placed.Type == nil:
		placed.setPath(plainPath(s.goType.Name(), ""))
	default:
		placed = &FieldError{Field: s.goType.Name(), Err: err}
	}
	placed.Op, placed.Table, placed.Type, placed.Key = l.op, l.table.name, s.goType, s.keyIn(raw)
	return placed
}

// keyIn returns the key in an item's JSON, in its stored spelling. If the codec cannot decode a
// part, that part is the attribute value itself. If the text or the type of a part is wrong, the
// key is empty.
func (s *schema) keyIn(raw string) PrimaryKey {
	attributes, err := parseRawItem(raw)
	if err != nil {
		return PrimaryKey{}
	}
	model := reflect.New(s.goType).Elem()
	if s.hasKeyFormat() {
		return s.keyInParts(attributes, model)
	}
	var stored itemKey
	var unread [2]types.AttributeValue
	for i, f := range s.keyFields() {
		value := attributes.raw(f.attribute)
		if value == "" {
			continue
		}
		if s.decodeAttribute(f, value, model) == nil {
			stored.set(i, value)
			continue
		}
		if value.Type() != f.codec.stored() {
			return PrimaryKey{}
		}
		unread[i] = value.AttributeValue()
	}
	k := s.keyAt(model, stored)
	if unread[0] != nil {
		k.hash = unread[0]
	}
	if unread[1] != nil {
		k.rng = unread[1]
	}
	return k
}

// decodeAttribute decodes one attribute's JSON into its field of a model.
func (s *schema) decodeAttribute(f *field, value wire.Raw, model reflect.Value) error {
	if f.isInRest() {
		member, err := f.decodeMember(value)
		if err == nil {
			s.makeRest(model)[f.attribute] = member
		}
		return err
	}
	return newDecoder(wire.NewReader(string(value))).decodeField(f, model)
}

// skipItem skips an item, and checks its text.
func (d *decoder) skipItem() error {
	d.Object()
	for {
		name, ok := d.Member()
		if !ok {
			return d.Err()
		}
		d.SkipValue()
		if d.Err() != nil {
			return placedAt(d.Err(), namedPath("", name))
		}
	}
}

// inPlaceOfCodec reports whether a hook writes or reads the item in place of the codec.
func (h hooks) inPlaceOfCodec() bool { return h.marshal || h.unmarshal }

// beforeCodec reports whether a hook sees the item before the codec does.
func (h hooks) beforeCodec() bool { return h.migrate || h.unmarshal }

// UnmarshalItem decodes attribute values into an item, as if it had been loaded from this table.
// Use it for streams, PartiQL or a deep copy. It sends no request. Errors: *FieldError; ErrNotFound
// if raw is nil, as ConflictError.Current may be. A stream of a table with autoincrement also
// contains the item at -1 that counts the ids.
func (t *Table[T]) UnmarshalItem(raw map[string]types.AttributeValue) (*T, error) {
	return typed[T](orZero(t).untyped.unmarshalItem(raw))
}

func (t *table) unmarshalItem(raw map[string]types.AttributeValue) (anyItem, error) {
	if err := t.checkMade(); err != nil {
		return nil, newCallError("UnmarshalItem", t.name, err)
	}
	if raw == nil {
		return nil, &NotFoundError{Op: "UnmarshalItem", Table: t.name,
			problem: "the attributes are nil, which is no item"}
	}
	return loader{table: t, op: "UnmarshalItem", from: t.whole}.attributes(raw)
}

// UnmarshalItemJSON decodes DynamoDB's JSON into an item, as if it had been loaded from this table.
// Use it for the images in a Lambda event, and for exports. It accepts an item itself, a line of an
// export, the response of GetItem, and a record of a stream. It takes the new image of a record. It
// sends no request.
//
// Errors: *FieldError. If the text contains no item or several, as in the record of a deletion or
// an event with several records, the error describes the text.
func (t *Table[T]) UnmarshalItemJSON(raw []byte) (*T, error) {
	return typed[T](orZero(t).untyped.unmarshalItemJSON(string(raw)))
}

func (t *table) unmarshalItemJSON(text string) (anyItem, error) {
	l := loader{table: t, op: "UnmarshalItemJSON", from: t.whole}
	if err := t.checkMade(); err != nil {
		return nil, newCallError(l.op, t.name, err)
	}
	item, err := l.text(text)
	if err != nil {
		inner, problem := itemWithin(text)
		switch {
		case problem != nil:
			return nil, newCallError(l.op, t.name, problem)
		case inner != "":
			text = inner
			item, err = l.text(text)
		}
	}
	if err == nil {
		err = l.checkForeign(text)
	}
	if err != nil {
		return nil, err
	}
	return item, nil
}

// checkedText decodes one item from JSON that does not come from the service's response.
func (l loader) checkedText(raw string) (anyItem, error) {
	item, err := l.text(raw)
	if err == nil {
		err = l.checkForeign(raw)
	}
	if err != nil {
		return nil, err
	}
	return item, nil
}

// checkForeign checks the attributes that the schema does not know, too, which the decoder skips.
func (l loader) checkForeign(text string) error {
	attributes, err := wire.ParseItem(text)
	if err == nil {
		err = l.table.schema.checkItem(attributes)
	}
	if err != nil {
		return l.newError(err, text)
	}
	return nil
}

// clear sets the fields of all attributes to zero, because an attribute that the item lacks decodes
// to zero.
func (s *schema) clear(model reflect.Value) {
	for _, f := range s.fields {
		if v, ok := f.valueIn(model); ok && f.isStored() {
			v.SetZero()
		}
	}
	if s.rest != nil {
		model.FieldByIndex(s.rest.path).SetZero()
	}
}

// DecodeItem decodes attribute values into a model by its fields alone. It calls no hook and makes
// no snapshot. A hook UnmarshalItem calls it for the attributes that the hook does not handle. It
// sends no request. Errors: *FieldError, *SchemaError.
func DecodeItem[T any](raw map[string]types.AttributeValue, item *T) error {
	if item == nil {
		return newCallError("DecodeItem", "", errNilItem)
	}
	s, err := schemas.lookup(reflect.TypeFor[T]())
	if err != nil {
		return newCallError("DecodeItem", "", err)
	}
	text, err := wire.AppendItem(nil, raw)
	if err == nil {
		v := reflect.ValueOf(item).Elem()
		s.clear(v)
		err = s.decodeText(string(text), v)
	}
	if err == nil {
		err = s.checkItem(raw)
	}
	if err != nil {
		return (loader{table: &table{schema: s}, op: "DecodeItem"}).newError(err, string(text))
	}
	return nil
}

// envelope is the JSON that DynamoDB and its tools put around an item: a line of an export, the
// response of GetItem, or a record of a stream. Its members are not attribute values, so an item is
// never mistaken for an envelope.
type envelope struct {
	Item   json.RawMessage   `json:"Item"`
	Items  []json.RawMessage `json:"Items"`
	Record json.RawMessage   `json:"dynamodb"`
	Event  []json.RawMessage `json:"Records"`

	Keys     json.RawMessage `json:"Keys"`
	NewImage json.RawMessage `json:"NewImage"`
	OldImage json.RawMessage `json:"OldImage"`
}

var (
	errEvent = errors.New(
		"the text is an event with several records; pass its records one by one")
	errResponse = errors.New(
		"the text is a response with several items; pass the elements of Items one by one")
	errDeleted = errors.New("the text is the record of a deletion, which has no new item; " +
		"pass its OldImage to see what was deleted")
	errKeysAlone = errors.New("the text is a record of a stream that has keys alone; " +
		"read the item with Get, or set the stream's view to new images")
)

// itemWithin returns the text of the item in an envelope, or "" if the text is no known envelope.
func itemWithin(text string) (item string, err error) {
	if _, err := wire.ParseItem(text); err == nil {
		return "", nil // an item, whatever the names of its attributes
	}
	var e envelope
	if json.Unmarshal([]byte(text), &e) != nil {
		return "", nil
	}
	switch {
	case isObject(e.Item):
		return string(e.Item), nil
	case isObject(e.Record):
		return itemWithin(string(e.Record))
	case isObject(e.NewImage):
		return string(e.NewImage), nil
	case isObject(e.OldImage):
		return "", errDeleted
	case isObject(e.Keys):
		return "", errKeysAlone
	case e.Event != nil:
		return "", errEvent
	case e.Items != nil:
		return "", errResponse
	}
	return "", nil
}

func isObject(text json.RawMessage) bool { return len(text) > 0 && text[0] == '{' }
