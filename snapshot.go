package dynamapper

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// rawItem lists an item's attributes as JSON of the DynamoDB protocol, sorted by name.
type rawItem []wire.Attribute

func parseRawItem(text string) (rawItem, error) {
	if text == "" {
		return nil, nil
	}
	attributes, err := wire.IndexItem(text)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(attributes,
		func(a, b wire.Attribute) int { return strings.Compare(a.Name, b.Name) })
	return lastOfEach(attributes), nil
}

// lastOfEach keeps the last of several attributes with the same name, as decoding into a map does.
func lastOfEach(attributes []wire.Attribute) rawItem {
	kept := attributes[:0]
	for i, attribute := range attributes {
		if i+1 == len(attributes) || attributes[i+1].Name != attribute.Name {
			kept = append(kept, attribute)
		}
	}
	return kept
}

// text returns an attribute's JSON.
func (r rawItem) text(attribute string) (text string, ok bool) {
	i, ok := slices.BinarySearchFunc(r, attribute,
		func(a wire.Attribute, name string) int { return strings.Compare(a.Name, name) })
	if !ok {
		return "", false
	}
	return r[i].Value, true
}

func (r rawItem) has(attribute string) bool {
	_, ok := r.text(attribute)
	return ok
}

// value returns an attribute in the SDK's type, or nil if it is missing.
func (r rawItem) value(attribute string) types.AttributeValue {
	text, ok := r.text(attribute)
	if !ok {
		return nil
	}
	return wire.NewReader(text).AttributeValue()
}

// equal reports whether an attribute equals a value. nil equals a missing attribute.
func (r rawItem) equal(attribute string, value types.AttributeValue) bool {
	text, ok := r.text(attribute)
	if !ok || value == nil {
		return !ok && value == nil
	}
	return wire.EqualText(text, value)
}

// attributeIn returns one attribute's JSON from an item's JSON.
func attributeIn(item, attribute string) (text string, ok bool, err error) {
	if item == "" {
		return "", false, nil
	}
	r := wire.NewReader(item)
	r.Object()
	for name, more := r.Member(); more; name, more = r.Member() {
		start := r.Offset()
		r.SkipValue()
		if name == attribute {
			text, ok = r.Since(start), true
		}
	}
	r.Done()
	return text, ok && r.Err() == nil, r.Err()
}

// comparison compares an item's fields with its snapshot.
type comparison struct {
	schema  *schema
	raw     rawItem // the snapshot, which is the last known stored item; nil for none
	base    rawItem // raw after the hook MigrateItem, as the fields were filled from it
	encoded map[string]types.AttributeValue
	read    map[string]bool // of a partial item, the attributes that were read; nil for all
	made    []*field        // fields whose embedded pointer the stamps of a save have set
	// byHooks returns an attribute of base as the model's hooks would write it. It is nil if there
	// are no such hooks.
	byHooks func(attribute string) (types.AttributeValue, error)
}

// outcome is what a comparison finds: what a save of the item writes, and how that differs from the
// snapshot.
type outcome struct {
	// written is the whole item as a put has it.
	written map[string]types.AttributeValue
	// differing lists the attributes of written that are not as in the snapshot, and those of the
	// snapshot that are not written. It is sorted.
	differing []string
	// respelt reports that an attribute is written as it was loaded, in another spelling than that
	// of the fields.
	respelt bool
}

// differs reports whether an attribute is written otherwise than it was loaded.
func (o *outcome) differs(attribute string) bool {
	_, differs := slices.BinarySearch(o.differing, attribute)
	return differs
}

// changes returns the changes of an update that makes the stored item the written one.
func (o *outcome) changes() []change {
	changes := make([]change, len(o.differing))
	for i, attribute := range o.differing {
		changes[i] = change{attribute: attribute, value: o.written[attribute]}
	}
	return changes
}

// compare encodes an item and parses its snapshot.
func (t *table) compare(item anyItem) (c comparison, err error) {
	c.schema = t.schema
	if c.encoded, err = t.encode(item); err != nil {
		return c, err
	}
	snapshot, from := t.modelOf(item).raw, t.modelOf(item).origin
	if from.partial() {
		c.read = from.read
	}
	if c.raw, err = parseRawItem(snapshot); err != nil {
		return c, err
	}
	c.base = c.raw
	hooks := t.schema.hooks
	if hooks.migrate && snapshot != "" {
		if c.base, err = t.migrated(snapshot); err != nil {
			return c, err
		}
	}
	if hooks.inPlaceOfCodec() {
		c.byHooks = t.canonicalByHooks(snapshot)
	}
	return c, nil
}

// encode encodes an item through the hook MarshalItem, or by its fields.
func (t *table) encode(item anyItem) (map[string]types.AttributeValue, error) {
	if !t.schema.hooks.marshal {
		return t.schema.encodeItem(reflect.ValueOf(item).Elem())
	}
	encoded, err := item.(itemMarshaler).MarshalItem()
	if err != nil {
		return nil, fmt.Errorf("the hook MarshalItem: %w", err)
	}
	if err := t.schema.checkItem(encoded); err != nil {
		return nil, err
	}
	whole := withBytes(&types.AttributeValueMemberM{Value: encoded}).(*types.AttributeValueMemberM)
	return whole.Value, nil
}

// migrate calls the hook MigrateItem, and checks the attributes that it changed.
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
func (t *table) migrated(snapshot string) (rawItem, error) {
	attributes, err := wire.ParseItem(snapshot)
	if err != nil {
		return nil, err
	}
	if err := t.schema.migrate(t.newItem().(itemMigrator), attributes); err != nil {
		return nil, err
	}
	text, err := wire.AppendItem(nil, attributes)
	if err != nil {
		return nil, err
	}
	return parseRawItem(string(text))
}

// canonical returns an attribute of base as a save would write it. A field that encodes to the same
// value was not edited.
func (c *comparison) canonical(attribute string) (types.AttributeValue, error) {
	if c.byHooks != nil {
		return c.byHooks(attribute)
	}
	return c.canonicalByField(attribute)
}

// canonicalByField decodes one attribute and encodes it again.
func (c *comparison) canonicalByField(attribute string) (types.AttributeValue, error) {
	f := c.schema.byAttribute[attribute]
	text, ok := c.base.text(attribute)
	if !ok {
		return c.unloaded(f), nil
	}
	model := reflect.New(c.schema.goType).Elem()
	if err := c.schema.decodeAttribute(f, text, model); err != nil {
		return nil, err
	}
	return (&encoder{}).encodeField(f, model)
}

// unloaded returns a missing attribute as a save would write it. If no attribute behind an embedded
// pointer was stored, loading left the pointer nil, and a zero struct there is an edit. An
// attribute that was not read may have any value, so its zero value is no edit.
func (c *comparison) unloaded(f *field) types.AttributeValue {
	isRead := c.read == nil || c.read[f.attribute]
	if f.pointer != nil && isRead && !c.hasHolder(f) {
		return nil
	}
	return f.zero
}

// hasHolder reports whether loading, or a stamp of the save, has allocated the struct behind the
// embedded pointer to a field.
func (c *comparison) hasHolder(f *field) bool {
	n := len(f.pointer)
	return slices.ContainsFunc(c.schema.fields, func(other *field) bool {
		isBehind := len(other.path) > n && slices.Equal(other.path[:n], f.pointer)
		return isBehind &&
			(slices.Contains(c.made, other) || !isNull(c.base.value(other.attribute)))
	})
}

// isNull reports whether a value is missing, or is NULL, which reads like a missing one.
func isNull(value types.AttributeValue) bool {
	return value == nil || wire.TypeOf(value) == wire.NULL
}

// canonicalByHooks loads the whole snapshot and encodes it again, once, because only the hooks know
// how attributes and fields correspond.
func (t *table) canonicalByHooks(snapshot string) func(string) (types.AttributeValue, error) {
	var whole map[string]types.AttributeValue
	return func(attribute string) (types.AttributeValue, error) {
		if whole == nil && snapshot != "" {
			loaded := t.newItem()
			err := loader{table: t}.fill(loaded, snapshot)
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

// edited reports whether an attribute's value differs from the loaded one. It compares values:
// another spelling of the same value, as other programs write it, is no edit.
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

// outcome returns the outcome of the comparison. It has edited attributes as they are encoded, and
// all others as they were loaded, including those that the schema does not know. It changes
// c.encoded, unless that belongs to the hook MarshalItem.
func (c *comparison) outcome() (outcome, error) {
	o := outcome{written: c.encoded}
	if c.base == nil {
		return o, nil
	}
	if c.schema.hooks.marshal {
		o.written = maps.Clone(c.encoded)
	}
	err := c.writeEncoded(&o)
	if err == nil {
		err = c.writeOthers(&o)
	}
	if c.schema.hooks.migrate {
		o.differing = c.differingFromStored(o.written)
	}
	slices.Sort(o.differing)
	return o, err
}

// writeEncoded replaces encoded attributes that were not edited with their loaded spelling.
func (c *comparison) writeEncoded(o *outcome) error {
	for attribute, value := range c.encoded {
		if text, loaded := c.base.text(attribute); loaded && wire.Same(text, value) {
			continue
		}
		edited, err := c.edited(attribute)
		if err != nil {
			return err
		}
		if edited {
			o.differing = append(o.differing, attribute)
			value = c.withUnknownMembers(attribute, value)
		} else {
			value = c.base.value(attribute)
			o.respelt = true
		}
		if value != nil {
			o.written[attribute] = value
		} else {
			delete(o.written, attribute)
		}
	}
	return nil
}

// withUnknownMembers adds to an edited document, or to edited JSON, the loaded members that have no
// field. The result of the hook MarshalItem is complete without them.
func (c *comparison) withUnknownMembers(
	attribute string, value types.AttributeValue,
) types.AttributeValue {
	f := c.schema.byAttribute[attribute]
	if f == nil || c.schema.hooks.marshal {
		return value
	}
	switch t := wire.TypeOf(value); {
	case t == wire.M, t == wire.L, t == wire.S && f.codec.json:
		return keepMembers(f.codec, f.goType, c.base.value(attribute), value)
	}
	return value
}

// writeOthers adds attributes that were loaded, are not encoded, and are kept.
func (c *comparison) writeOthers(o *outcome) error {
	for _, attribute := range c.base {
		if _, done := c.encoded[attribute.Name]; done {
			continue
		}
		keep, err := c.keeps(attribute.Name)
		if err != nil {
			return err
		}
		if keep {
			o.written[attribute.Name] = c.base.value(attribute.Name)
			o.respelt = o.respelt || c.schema.byAttribute[attribute.Name] != nil
		} else {
			o.differing = append(o.differing, attribute.Name)
		}
	}
	return nil
}

// keeps reports whether an attribute that is not encoded is written back, because the schema does
// not know it, or because it was not edited and only reads like a missing one.
func (c *comparison) keeps(attribute string) (bool, error) {
	if c.schema.hooks.marshal {
		return false, nil // the result of MarshalItem is the whole item
	}
	if c.schema.byAttribute[attribute] == nil {
		return true, nil
	}
	edited, err := c.edited(attribute)
	return !edited, err
}

// keyOf returns the key at which the outcome of an item is written.
func (c *comparison) keyOf(item anyItem, o *outcome) PrimaryKey {
	model := reflect.ValueOf(item).Elem()
	if !o.respelt && !c.schema.hooks.marshal {
		return c.schema.keyOf(model) // the fields have the stored spelling
	}
	return c.schema.keyAt(model, o.written)
}

// differingFromStored lists the attributes in which an item differs from the snapshot. With the
// hook MigrateItem these are more than what was edited.
func (c *comparison) differingFromStored(item map[string]types.AttributeValue) []string {
	var names []string
	for attribute, value := range item {
		if !c.raw.equal(attribute, value) {
			names = append(names, attribute)
		}
	}
	for _, attribute := range c.raw {
		if item[attribute.Name] == nil {
			names = append(names, attribute.Name)
		}
	}
	return names
}

// Snapshot returns a copy of the item as it was loaded or last saved, including the attributes that
// the schema does not know. It returns nil if the item is new. It sends no request.
func (t *Table[T]) Snapshot(item *T) map[string]types.AttributeValue {
	return orZero(t).snapshot(itemOf(item))
}

func (t *table) snapshot(item anyItem) map[string]types.AttributeValue {
	if t.isNew(item) {
		return nil
	}
	attributes, err := wire.ParseItem(t.modelOf(item).raw)
	if err != nil {
		return nil // it has been parsed before
	}
	return attributes
}

// MarshalItem returns the item as Save would put it, including the attributes that the schema does
// not know. For a partial item, it returns what was read of it. It does not change the version or
// times, and sends no request. Errors: *FieldError.
func (t *Table[T]) MarshalItem(item *T) (map[string]types.AttributeValue, error) {
	return orZero(t).marshalItem(itemOf(item))
}

func (t *table) marshalItem(item anyItem) (map[string]types.AttributeValue, error) {
	err := t.checkMade()
	if err == nil && item == nil {
		err = errNilItem
	}
	if err != nil {
		return nil, newCallError("MarshalItem", t.name, err)
	}
	c, err := t.compare(item)
	if err != nil {
		return nil, t.newEncodeError("MarshalItem", item, err)
	}
	o, err := c.outcome()
	if err != nil {
		return nil, t.newEncodeError("MarshalItem", item, err)
	}
	return o.written, nil
}

// EncodeItem encodes a model by its fields alone. It calls no hook and ignores the snapshot. A hook
// MarshalItem calls it for the attributes that the hook does not handle. It sends no request.
// Errors: *FieldError, *SchemaError.
func EncodeItem[T any](item *T) (map[string]types.AttributeValue, error) {
	if item == nil {
		return nil, newCallError("EncodeItem", "", errNilItem)
	}
	s, err := schemas.lookup(reflect.TypeFor[T]())
	if err != nil {
		return nil, newCallError("EncodeItem", "", err)
	}
	encoded, err := s.encodeItem(reflect.ValueOf(item).Elem())
	if err != nil {
		return nil, newCallError("EncodeItem", "",
			s.placeEncoding(s.keyOf(reflect.ValueOf(item).Elem()), err))
	}
	return encoded, nil
}

// newEncodeError completes the error of a value that cannot be encoded with the model, the key and
// the operation.
func (t *table) newEncodeError(op string, item anyItem, err error) error {
	return newCallError(op, t.name, t.schema.placeEncoding(t.keyOf(item), err))
}

// placeEncoding completes the error of a value that cannot be encoded with the model and the key.
func (s *schema) placeEncoding(key PrimaryKey, err error) error {
	if placed, ok := err.(*FieldError); ok {
		placed.Type, placed.Key = s.goType, key
		placed.setPath(plainPath(s.goType.Name(), ""))
	}
	return err
}
