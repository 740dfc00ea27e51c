package dynamapper

import (
	"encoding/json"
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// loader makes models of a table out of wire JSON.
type loader struct {
	table *table
	op    string  // for errors: "Get"
	from  *origin // of the snapshots
}

// next decodes the item where the decoder stands, and gives its wire JSON, too. A *FieldError concerns this item alone; the
// reader's own error concerns the text, perhaps at this item alone.
func (l loader) next(d *decoder) (item any, raw string, err error) {
	start := d.Offset()
	item = l.table.newItem()
	if s := l.table.schema; !s.hooks.beforeCodec() {
		err = d.decodeItem(&s.structPlan, reflect.ValueOf(item).Elem())
	} else if err = d.skipItem(); err == nil {
		if s.autoincrement && s.isCounterText(d.Since(start)) {
			return nil, "", errCounterItem // no item of the model, and none for its hooks
		}
		err = l.fill(item, d.Since(start))
	}
	if err != nil {
		return nil, "", err
	}
	raw = d.Since(start)
	l.setModel(item, raw)
	return item, raw, nil
}

// errCounterItem says that an item is the one that only counts the ids.
var errCounterItem = errors.New("the item counts the ids")

func (l loader) setModel(item any, raw string) {
	*l.table.modelOf(item) = Model{raw: raw, origin: l.from}
}

// text decodes one item from its wire JSON.
func (l loader) text(raw string) (any, error) {
	item := l.table.newItem()
	if err := l.fill(item, raw); err != nil {
		return nil, l.newError(err, raw)
	}
	l.setModel(item, raw)
	return item, nil
}

// fill decodes an item through the model's hooks.
func (l loader) fill(item any, raw string) error {
	s := l.table.schema
	text := raw
	if s.hooks.beforeCodec() {
		attributes, err := wire.ParseItem(raw)
		if err != nil {
			return err
		}
		if s.hooks.migrate {
			if err := s.migrate(item.(itemMigrator), attributes); err != nil {
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

// decodeText decodes a whole item by its fields alone.
func (s *schema) decodeText(text string, v reflect.Value) error {
	d := newDecoder(wire.NewReader(text))
	if err := d.decodeItem(&s.structPlan, v); err != nil {
		return err
	}
	d.Done()
	return d.Err()
}

// attributes decodes an item that comes in the SDK's types, by the same decoder.
func (l loader) attributes(item map[string]types.AttributeValue) (any, error) {
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

// newError completes what is wrong with an item: which operation, which model, which item.
func (l loader) newError(err error, raw string) *FieldError {
	s := l.table.schema
	placed, ok := err.(*FieldError)
	switch {
	case ok && placed.Type == s.goType: // of DecodeItem, in a hook: it has the model's name already
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

// keyIn reads the key out of an item's wire JSON, in the spelling that is stored. A part that the codec
// cannot read is the attribute value itself. The key is empty if the text or the type of a part is wrong.
func (s *schema) keyIn(raw string) PrimaryKey {
	attributes, err := parseRawItem(raw)
	if err != nil {
		return PrimaryKey{}
	}
	model := reflect.New(s.goType).Elem()
	stored := make(map[string]types.AttributeValue, 2)
	var unread [2]types.AttributeValue
	for i, f := range s.keyFields() {
		text, ok := attributes.text(f.attribute)
		if !ok {
			continue
		}
		value := attributes.value(f.attribute)
		if s.decodeAttribute(f, text, model) == nil {
			stored[f.attribute] = value
			continue
		}
		if wire.TypeOf(value) != f.codec.stored() {
			return PrimaryKey{}
		}
		unread[i] = value
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

// decodeAttribute decodes one attribute's wire JSON into its field of a model.
func (s *schema) decodeAttribute(f *field, text string, model reflect.Value) error {
	return newDecoder(wire.NewReader(text)).decodeField(f, model)
}

// skipItem reads over an item, and checks it.
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

// inPlaceOfCodec says that a hook writes or reads the item, and not the codec.
func (h hooks) inPlaceOfCodec() bool { return h.marshal || h.unmarshal }

// beforeCodec says that a hook sees the item before the codec does.
func (h hooks) beforeCodec() bool { return h.migrate || h.unmarshal }

// UnmarshalItem makes an item of attribute values, as if it had been loaded from this table: for streams, PartiQL, or a
// deep copy. It sends no request. Errors: *FieldError; ErrNotFound for nil, which is no item, as ConflictError.Current may
// be. A stream of an autoincrement table has the item at -1, too, which counts the ids.
func (t *Table[T]) UnmarshalItem(raw map[string]types.AttributeValue) (*T, error) {
	return typed[T](orZero(t).unmarshalItem(raw))
}

func (t *table) unmarshalItem(raw map[string]types.AttributeValue) (any, error) {
	if err := t.checkMade(); err != nil {
		return nil, newCallError("UnmarshalItem", t.name, err)
	}
	if raw == nil {
		return nil, &NotFoundError{Op: "UnmarshalItem", Table: t.name, problem: "the attributes are nil, which is no item"}
	}
	return loader{t, "UnmarshalItem", t.whole}.attributes(raw)
}

// UnmarshalItemJSON makes an item of DynamoDB's JSON, as if it had been loaded from this table: for the images in a
// Lambda event, and for exports. It takes the item itself, and finds it in a line of an export, in the
// answer of GetItem, and in a record of a stream, where it is the new image. It sends no request.
//
// Errors: *FieldError; and one that says what the text is, if there is no item in it, or several, as
// in the record of a deletion or an event with several records.
func (t *Table[T]) UnmarshalItemJSON(raw []byte) (*T, error) {
	return typed[T](orZero(t).unmarshalItemJSON(string(raw)))
}

func (t *table) unmarshalItemJSON(text string) (any, error) {
	l := loader{t, "UnmarshalItemJSON", t.whole}
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
	if err != nil {
		return nil, err
	}
	// What the schema does not know has only been read over. It did not come from the service, and is looked at once.
	attributes, err := wire.ParseItem(text)
	if err == nil {
		err = t.schema.checkItem(attributes)
	}
	if err != nil {
		return nil, l.newError(err, text)
	}
	return item, nil
}

// clear sets the fields of all attributes to zero: what the item does not have reads as zero.
func (s *schema) clear(model reflect.Value) {
	for _, f := range s.fields {
		if v, ok := f.valueIn(model); ok {
			v.SetZero()
		}
	}
}

// DecodeItem decodes attribute values into a model by its fields alone: no hook is called, and no snapshot is made. It
// is what a hook UnmarshalItem calls for the attributes that it leaves as they are. Errors: *FieldError, *SchemaError.
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

// envelope is what DynamoDB and its tools put around an item in JSON: a line of an export, the answer
// of GetItem, a record of a stream. Its members are no attribute values, so that no item is taken for one.
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
	errEvent   = errors.New("the text is an event with several records; give its records one by one")
	errAnswer  = errors.New("the text is an answer with several items; give the elements of Items one by one")
	errDeleted = errors.New("the text is the record of a deletion, which has no new item; " +
		"give the OldImage in it to see what was deleted")
	errKeysAlone = errors.New("the text is a record of a stream that has keys alone; " +
		"read the item with Get, or set the stream's view to new images")
)

// itemWithin returns the item in an envelope, as text; "" if the text is none that is known.
func itemWithin(text string) (item string, err error) {
	if _, err := wire.ParseItem(text); err == nil {
		return "", nil // it is an item itself, whatever its attributes are called
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
		return "", errAnswer
	}
	return "", nil
}

func isObject(text json.RawMessage) bool { return len(text) > 0 && text[0] == '{' }
