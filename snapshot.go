package dynamapper

import (
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// rawItem is an item's attributes as wire JSON, by name.
type rawItem map[string]string

func parseRawItem(text string) (rawItem, error) {
	if text == "" {
		return nil, nil
	}
	attributes, err := wire.IndexItem(text)
	if err != nil {
		return nil, err
	}
	raw := make(rawItem, len(attributes))
	for _, attribute := range attributes {
		raw[attribute.Name] = attribute.Value
	}
	return raw, nil
}

// value gives an attribute in the SDK's type, nil where it is missing.
func (r rawItem) value(attribute string) types.AttributeValue {
	text, ok := r[attribute]
	if !ok {
		return nil
	}
	return wire.NewReader(text).AttributeValue()
}

// equal compares an attribute with a value, nil being a missing one.
func (r rawItem) equal(attribute string, value types.AttributeValue) bool {
	text, ok := r[attribute]
	if !ok || value == nil {
		return !ok && value == nil
	}
	return wire.EqualText(text, value)
}

// comparison holds an item, as its fields are now, against its snapshot.
type comparison struct {
	schema  *schema
	raw     rawItem // the snapshot: what is in the table, as far as we know; nil: nothing
	base    rawItem // the same after the hook MigrateItem, by which the fields were filled
	encoded map[string]types.AttributeValue
	// canonical gives an attribute of base as the codec would write it: an attribute equal to that was not edited.
	canonical func(attribute string) (types.AttributeValue, error)
}

// compare encodes an item and finds its snapshot.
func (t *Table[T]) compare(item *T) (*comparison, error) {
	s := t.schema
	encoded, err := t.encode(item)
	if err != nil {
		return nil, err
	}
	c := &comparison{schema: s, encoded: encoded}
	snapshot := t.modelOf(item).raw
	if c.raw, err = parseRawItem(snapshot); err != nil {
		return nil, err
	}
	c.base = c.raw
	if s.hooks.migrate && snapshot != "" {
		if c.base, err = t.migrated(snapshot); err != nil {
			return nil, err
		}
	}
	if s.hooks.marshal || s.hooks.unmarshal {
		c.canonical = t.canonicalByHooks(snapshot)
	} else {
		c.canonical = c.canonicalByField
	}
	return c, nil
}

// encode encodes an item through the hook MarshalItem, or by its fields.
func (t *Table[T]) encode(item *T) (map[string]types.AttributeValue, error) {
	if !t.schema.hooks.marshal {
		return t.schema.encodeItem(reflect.ValueOf(item).Elem())
	}
	encoded, err := any(item).(itemMarshaler).MarshalItem()
	if err != nil {
		return nil, fmt.Errorf("the hook MarshalItem: %w", err)
	}
	return encoded, t.schema.checkItem(encoded)
}

// migrate calls the hook MigrateItem, and checks what it made of the attributes.
func (s *schema) migrate(item itemMigrator, attributes map[string]types.AttributeValue) error {
	err := item.MigrateItem(attributes)
	if err == nil {
		err = s.checkItem(attributes)
	}
	if err != nil {
		return fmt.Errorf("the hook MigrateItem: %w", err)
	}
	return nil
}

// migrated applies the hook MigrateItem to a copy of the snapshot, as loading did.
func (t *Table[T]) migrated(snapshot string) (rawItem, error) {
	attributes, err := wire.ParseItem(snapshot)
	if err != nil {
		return nil, err
	}
	if err := t.schema.migrate(any(new(T)).(itemMigrator), attributes); err != nil {
		return nil, err
	}
	text, err := wire.AppendItem(nil, attributes)
	if err != nil {
		return nil, err
	}
	return parseRawItem(string(text))
}

// canonicalByField decodes one attribute and encodes it again.
func (c *comparison) canonicalByField(attribute string) (types.AttributeValue, error) {
	f := c.schema.byAttribute[attribute]
	text, ok := c.base[attribute]
	if !ok {
		return f.zero, nil
	}
	model := reflect.New(c.schema.goType).Elem()
	if err := c.schema.decodeAttribute(f, text, model); err != nil {
		return nil, err
	}
	return (&encoder{}).encodeField(f, model)
}

// canonicalByHooks loads the whole snapshot and encodes it again, once: only the hooks know what belongs to what.
func (t *Table[T]) canonicalByHooks(snapshot string) func(string) (types.AttributeValue, error) {
	var whole map[string]types.AttributeValue
	return func(attribute string) (types.AttributeValue, error) {
		if whole == nil && snapshot != "" {
			loaded := new(T)
			err := loader[T]{table: t}.fill(loaded, snapshot)
			if err != nil {
				return nil, err
			}
			if whole, err = t.encode(loaded); err != nil {
				return nil, err
			}
		}
		return whole[attribute], nil
	}
}

// edited says that an attribute's value is another than was loaded. It is judged on values: a spelling of the same
// value, as other writers have theirs, is no edit.
func (c *comparison) edited(attribute string) (bool, error) {
	value := c.encoded[attribute]
	if c.base.equal(attribute, value) {
		return false, nil
	}
	canonical, err := c.canonical(attribute)
	if err != nil {
		return false, err
	}
	return !wire.Equal(value, canonical), nil
}

// written gives the whole item as a save puts it: what was edited as it is encoded, all else as it was loaded, the
// attributes that the schema does not know included.
func (c *comparison) written() (map[string]types.AttributeValue, error) {
	if c.base == nil {
		return c.encoded, nil
	}
	item := make(map[string]types.AttributeValue, len(c.encoded)+len(c.base))
	for attribute, value := range c.encoded {
		edited, err := c.edited(attribute)
		if err != nil {
			return nil, err
		}
		if !edited {
			value = c.base.value(attribute)
		}
		if value != nil {
			item[attribute] = value
		}
	}
	for attribute := range c.base {
		if _, done := c.encoded[attribute]; done {
			continue
		}
		keep, err := c.keeps(attribute)
		if err != nil {
			return nil, err
		}
		if keep {
			item[attribute] = c.base.value(attribute)
		}
	}
	return item, nil
}

// keeps says that an attribute which the item no longer has is written back nevertheless: because the schema does not
// know it, or because it was not edited and only reads as missing.
func (c *comparison) keeps(attribute string) (bool, error) {
	if c.schema.hooks.marshal {
		return false, nil // what MarshalItem returns is the whole item
	}
	if c.schema.byAttribute[attribute] == nil {
		return true, nil
	}
	edited, err := c.edited(attribute)
	return !edited, err
}

// differing lists the attributes in which what would be written differs from the snapshot.
func (c *comparison) differing(item map[string]types.AttributeValue) []string {
	var names []string
	for attribute, value := range item {
		if !c.raw.equal(attribute, value) {
			names = append(names, attribute)
		}
	}
	for attribute := range c.raw {
		if item[attribute] == nil {
			names = append(names, attribute)
		}
	}
	return names
}

// Snapshot is a copy of the item as it was loaded or last saved, with the attributes that the schema does not know; nil
// where the item is new.
func (t *Table[T]) Snapshot(item *T) map[string]types.AttributeValue {
	if t.IsNew(item) {
		return nil
	}
	attributes, err := wire.ParseItem(t.modelOf(item).raw)
	if err != nil {
		return nil // it has been parsed before
	}
	return attributes
}

// MarshalItem gives the item as Save would put it, with the attributes that the schema does not know; of a partial item, what
// was read of it. It renews no version and no time, and sends no request. Errors: *FieldError.
func (t *Table[T]) MarshalItem(item *T) (map[string]types.AttributeValue, error) {
	if item == nil {
		return nil, newCallError("MarshalItem", t.name, errNilItem)
	}
	c, err := t.compare(item)
	if err != nil {
		return nil, t.newEncodeError("MarshalItem", item, err)
	}
	written, err := c.written()
	if err != nil {
		return nil, t.newEncodeError("MarshalItem", item, err)
	}
	return written, nil
}

// EncodeItem encodes a model by its fields alone: no hook is called, no snapshot looked at. It is what a hook
// MarshalItem calls for the attributes that it leaves as they are. Errors: *FieldError, *SchemaError.
func EncodeItem[T any](item *T) (map[string]types.AttributeValue, error) {
	if item == nil {
		return nil, newFreeError("EncodeItem", errNilItem)
	}
	s, err := schemas.lookup(reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	encoded, err := s.encodeItem(reflect.ValueOf(item).Elem())
	if err != nil {
		return nil, (&Table[T]{schema: s}).newEncodeError("EncodeItem", item, err)
	}
	return encoded, nil
}

// newEncodeError completes what is wrong with a value that was to be written.
func (t *Table[T]) newEncodeError(op string, item *T, err error) error {
	if _, complete := err.(*ConflictError); complete {
		return err
	}
	placed, ok := err.(*FieldError)
	if !ok {
		return newCallError(op, t.name, err)
	}
	placed.Op, placed.Type, placed.Key = op, t.schema.goType, t.KeyOf(item)
	placed.Field = joinPath(t.schema.goType.Name(), placed.Field)
	return placed
}
