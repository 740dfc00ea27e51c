package dynamapper

import (
	"fmt"
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

// find returns the position of an attribute, or the one at which it would stand.
func (r rawItem) find(attribute string) (i int, ok bool) {
	return slices.BinarySearchFunc(r, attribute,
		func(a wire.Attribute, name string) int { return strings.Compare(a.Name, name) })
}

// raw returns an attribute, or "" if it is missing.
func (r rawItem) raw(attribute string) wire.Raw {
	i, ok := r.find(attribute)
	if !ok {
		return ""
	}
	return r[i].Value
}

func (r rawItem) has(attribute string) bool {
	_, ok := r.find(attribute)
	return ok
}

// equal reports whether an attribute equals a value. "" equals a missing attribute.
func (r rawItem) equal(attribute string, value wire.Raw) bool {
	return r.raw(attribute).Equal(value)
}

// with returns a copy of the item with another value of an attribute, or without the attribute if
// the value is "".
func (r rawItem) with(attribute string, value wire.Raw) rawItem {
	i, ok := r.find(attribute)
	changed := append(make(rawItem, 0, len(r)+1), r...)
	switch {
	case ok && value == "":
		return slices.Delete(changed, i, i+1)
	case ok:
		changed[i].Value = value
	case value != "":
		return slices.Insert(changed, i, wire.Attribute{Name: attribute, Value: value})
	}
	return changed
}

// differing returns the attributes in which two items differ, sorted.
func (r rawItem) differing(other rawItem) []string {
	var names []string
	for _, attribute := range r {
		if !other.equal(attribute.Name, attribute.Value) {
			names = append(names, attribute.Name)
		}
	}
	for _, attribute := range other {
		if !r.has(attribute.Name) {
			names = append(names, attribute.Name)
		}
	}
	slices.Sort(names)
	return names
}

// appendTo appends the item's JSON.
func (r rawItem) appendTo(to []byte) []byte {
	to = append(to, '{')
	for i, attribute := range r {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(append(wire.AppendString(to, attribute.Name), ':'), attribute.Value...)
	}
	return append(to, '}')
}

// attributeIn returns one attribute of an item's JSON, or "" if it is missing.
func attributeIn(item, attribute string) (value wire.Raw, err error) {
	if item == "" {
		return "", nil
	}
	r := wire.NewReader(item)
	r.Object()
	for name, more := r.Member(); more; name, more = r.Member() {
		start := r.Offset()
		r.SkipValue()
		if name == attribute {
			value = wire.Raw(r.Since(start))
		}
	}
	r.Done()
	if err := r.Err(); err != nil {
		return "", err
	}
	return value, nil
}

// comparison compares an item's fields with its snapshot.
type comparison struct {
	schema  *schema
	raw     rawItem // the snapshot, which is the last known stored item; nil for none
	base    rawItem // raw after the hook MigrateItem, as the fields were filled from it
	encoded encodedItem
	read    map[string]bool // of a partial item, the attributes that were read; nil for all
	made    []*field        // fields whose embedded pointer the stamps of a save have set
	// byHooks returns an attribute of base as the model's hooks would write it. It is nil if there
	// are no such hooks.
	byHooks func(attribute string) (wire.Raw, error)
	// asLoaded is a model with the parts of formats as loading base fills them. It is made when it
	// is needed.
	asLoaded reflect.Value
}

// outcome is what a comparison finds: what a save of the item writes, and how that differs from the
// snapshot.
type outcome struct {
	// written is the whole item as a put has it, sorted by name.
	written rawItem
	// encoded reports that written is the encoded item, none of whose attributes was replaced.
	encoded bool
	// differing lists the attributes of written that are not as in the snapshot, and those of the
	// snapshot that are not written. It is sorted.
	differing []string
	// respelt reports that an attribute is written as it was loaded, in another spelling than that
	// of the fields.
	respelt bool
}

// changes returns the changes of an update that makes the stored item the written one.
func (o *outcome) changes() []change {
	changes := make([]change, len(o.differing))
	for i, attribute := range o.differing {
		changes[i] = change{attribute: attribute, value: o.written.raw(attribute)}
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
func (t *table) encode(item anyItem) (encodedItem, error) {
	if !t.schema.hooks.marshal {
		e := t.schema.encoders.get()
		defer t.schema.encoders.put(e)
		return t.schema.encodeItem(e, reflect.ValueOf(item).Elem())
	}
	encoded, err := item.(itemMarshaler).MarshalItem()
	if err != nil {
		return encodedItem{}, fmt.Errorf("the hook MarshalItem: %w", err)
	}
	if err := t.schema.checkItem(encoded); err != nil {
		return encodedItem{}, err
	}
	text, err := wire.AppendItem(nil, encoded)
	if err != nil {
		return encodedItem{}, err
	}
	attributes, err := parseRawItem(string(text))
	return encodedItem{string(text), attributes}, err
}

// migrate calls the hook MigrateItem, and checks the attributes that it changed. raw is the item
// before the hook.
func (s *schema) migrate(
	item itemMigrator, attributes map[string]types.AttributeValue, raw string,
) error {
	if err := item.MigrateItem(attributes); err != nil {
		return fmt.Errorf("the hook MigrateItem: %w", err)
	}
	err := s.checkItem(attributes)
	if err == nil {
		return nil
	}
	// The value may be none of the hook: an item that does not come from the service may have it.
	if before, parseErr := wire.ParseItem(raw); parseErr == nil {
		if err := s.checkItem(before); err != nil {
			return err
		}
	}
	if placed, ok := err.(*FieldError); ok {
		placed.Err = fmt.Errorf("the hook MigrateItem has set a value that cannot be stored: %w",
			placed.Err)
		return placed
	}
	return fmt.Errorf("the hook MigrateItem: %w", err)
}

// migrated applies the hook MigrateItem to a copy of the snapshot, as loading did.
func (t *table) migrated(snapshot string) (rawItem, error) {
	attributes, err := wire.ParseItem(snapshot)
	if err != nil {
		return nil, err
	}
	if err := t.schema.migrate(t.newItem().(itemMigrator), attributes, snapshot); err != nil {
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
func (c *comparison) canonical(attribute string) (wire.Raw, error) {
	if c.byHooks != nil {
		return c.byHooks(attribute)
	}
	return c.canonicalByField(attribute)
}

// canonicalByField decodes one attribute and encodes it again.
func (c *comparison) canonicalByField(attribute string) (wire.Raw, error) {
	f := c.schema.fieldOf(attribute)
	if f.computed != nil {
		return c.canonicalComputed(f)
	}
	stored := c.base.raw(attribute)
	if stored == "" && len(f.partOf) > 0 {
		return c.canonicalPart(f)
	}
	if stored == "" {
		return c.unloaded(f), nil
	}
	model := reflect.New(c.schema.goType).Elem()
	if err := c.schema.decodeAttribute(f, stored, model); err != nil {
		return "", err
	}
	return f.rawIn(model)
}

// canonicalComputed computes an attribute from the loaded parts. If these were not edited, the
// attribute is written back as it was loaded. An attribute that the stored item lacks is written,
// so that items get the keys of a new index.
func (c *comparison) canonicalComputed(f *field) (wire.Raw, error) {
	if c.isRead(f) && !c.base.has(f.attribute) {
		return "", nil
	}
	model, err := c.loadedParts()
	if err != nil {
		return "", err
	}
	return f.rawIn(model)
}

// canonicalPart returns a part whose attribute is missing as loading fills it in from a key.
func (c *comparison) canonicalPart(f *field) (wire.Raw, error) {
	model, err := c.loadedParts()
	if err != nil {
		return "", err
	}
	if value, ok := f.valueIn(model); ok && !value.IsZero() {
		return f.rawIn(model)
	}
	return c.unloaded(f), nil
}

// loadedParts returns a model with the parts of formats as they were loaded.
func (c *comparison) loadedParts() (reflect.Value, error) {
	if c.asLoaded.IsValid() {
		return c.asLoaded, nil
	}
	model := reflect.New(c.schema.goType).Elem()
	for _, part := range partsOf(c.schema.computed) {
		if value := c.base.raw(part.attribute); value != "" {
			if err := c.schema.decodeAttribute(part, value, model); err != nil {
				return model, err
			}
		}
	}
	c.asLoaded = model
	return model, c.schema.fillParts(model, c.base)
}

// isRead reports whether an attribute was read when the item was loaded.
func (c *comparison) isRead(f *field) bool { return c.read == nil || c.read[f.attribute] }

// unloaded returns a missing attribute as a save would write it. If no attribute behind an embedded
// pointer was stored, loading left the pointer nil, and a zero struct there is an edit. An
// attribute that was not read may have any value, so its zero value is no edit.
func (c *comparison) unloaded(f *field) wire.Raw {
	if f.pointer != nil && c.isRead(f) && !c.hasHolder(f) {
		return ""
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
			(slices.Contains(c.made, other) || !isNull(c.base.raw(other.attribute)))
	})
}

// isNull reports whether a value is missing, or is NULL, which reads like a missing one.
func isNull(value wire.Raw) bool { return value == "" || value.Type() == wire.NULL }

// canonicalByHooks loads the whole snapshot and encodes it again, once, because only the hooks know
// how attributes and fields correspond.
func (t *table) canonicalByHooks(snapshot string) func(string) (wire.Raw, error) {
	var whole rawItem
	return func(attribute string) (wire.Raw, error) {
		if whole == nil && snapshot != "" {
			loaded := t.newItem()
			err := loader{table: t}.fill(loaded, snapshot)
			if err != nil {
				return "", err
			}
			encoded, err := t.encode(loaded)
			if err != nil {
				return "", err
			}
			whole = encoded.attributes
		}
		return whole.raw(attribute), nil
	}
}

// edited reports whether an attribute, of which value is encoded, differs from the loaded one. It
// compares values if the texts differ: another spelling of the same value, as other programs write
// it, is no edit.
func (c *comparison) edited(attribute string, value wire.Raw) (bool, error) {
	if c.base.equal(attribute, value) {
		return false, nil
	}
	canonical, err := c.canonical(attribute)
	if err != nil {
		return false, err
	}
	return !value.Equal(canonical), nil
}

// outcome returns the outcome of the comparison. It has edited attributes as they are encoded, and
// all others as they were loaded, including those that the schema does not know.
func (c *comparison) outcome() (outcome, error) {
	encoded := c.encoded.attributes
	if c.base == nil {
		return outcome{written: encoded, encoded: true}, nil
	}
	o := outcome{written: make(rawItem, 0, max(len(encoded), len(c.base))), encoded: true}
	err := c.merge(&o)
	if c.schema.hooks.migrate {
		o.differing = c.differingFromStored(o.written)
	}
	return o, err
}

// merge walks over the encoded and the loaded attributes, both of which are sorted by name.
func (c *comparison) merge(o *outcome) error {
	encoded, loaded := c.encoded.attributes, c.base
	for len(encoded) > 0 || len(loaded) > 0 {
		order := 0
		switch {
		case len(loaded) == 0:
			order = -1
		case len(encoded) == 0:
			order = 1
		default:
			order = strings.Compare(encoded[0].Name, loaded[0].Name)
		}
		var err error
		if order <= 0 {
			var stored wire.Raw
			if order == 0 {
				stored, loaded = loaded[0].Value, loaded[1:]
			}
			err = c.writeEncoded(o, encoded[0], stored)
			encoded = encoded[1:]
		} else {
			err = c.writeOther(o, loaded[0])
			loaded = loaded[1:]
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// add adds an attribute to what is written, unless its value is "".
func (o *outcome) add(attribute string, value wire.Raw) {
	if value != "" {
		o.written = append(o.written, wire.Attribute{Name: attribute, Value: value})
	}
}

// writeEncoded writes an encoded attribute, or its stored spelling if it was not edited. stored is
// "" if the attribute was missing.
func (c *comparison) writeEncoded(o *outcome, encoded wire.Attribute, stored wire.Raw) error {
	value := encoded.Value
	if value.Spells(stored) {
		o.add(encoded.Name, value)
		return nil
	}
	edited, err := c.edited(encoded.Name, value)
	if err != nil {
		return err
	}
	if edited {
		o.differing = append(o.differing, encoded.Name)
		value, err = c.withUnknownMembers(byValue, encoded.Name, value, stored)
	} else {
		value, o.respelt = stored, true
	}
	o.encoded = o.encoded && value == encoded.Value
	o.add(encoded.Name, value)
	return err
}

// withUnknownMembers adds to an edited document, or to edited JSON, the stored members that have no
// field. The result of the hook MarshalItem is complete without them.
func (c *comparison) withUnknownMembers(
	how keeping, attribute string, value, stored wire.Raw,
) (wire.Raw, error) {
	f := c.schema.byAttribute[attribute]
	if f == nil || c.schema.hooks.marshal || stored == "" {
		return value, nil
	}
	switch t := value.Type(); {
	case t == wire.M, t == wire.L, t == wire.S && f.codec.json:
		return wire.MakeRaw(how.keepMembers(f.codec, f.goType, stored.AttributeValue(),
			value.AttributeValue()))
	}
	return value, nil
}

// writeOther writes an attribute that was loaded, is not encoded, and is kept.
func (c *comparison) writeOther(o *outcome, loaded wire.Attribute) error {
	keep, err := c.keeps(loaded.Name)
	if err != nil {
		return err
	}
	if !keep {
		o.differing = append(o.differing, loaded.Name)
		return nil
	}
	o.encoded = false
	o.respelt = o.respelt || c.schema.byAttribute[loaded.Name] != nil
	o.add(loaded.Name, loaded.Value)
	return nil
}

// keeps reports whether an attribute that is not encoded is written back, because the schema does
// not know it, or because it was not edited and only reads like a missing one.
func (c *comparison) keeps(attribute string) (bool, error) {
	if c.schema.hooks.marshal {
		return false, nil // the result of MarshalItem is the whole item
	}
	if c.schema.fieldOf(attribute) == nil {
		return true, nil
	}
	edited, err := c.edited(attribute, "")
	return !edited, err
}

// keySource returns where errors find the key of the written item.
func (c *comparison) keySource(item anyItem, o *outcome) keySource {
	// Otherwise the fields have the stored spelling.
	return keySource{item: item, respelt: o.respelt || c.schema.hooks.marshal}
}

// differingFromStored lists the attributes in which an item differs from the snapshot. With the
// hook MigrateItem these are more than what was edited.
func (c *comparison) differingFromStored(item rawItem) []string {
	return c.raw.differing(item)
}

// Snapshot returns a copy of the item as it was loaded or last saved, including the attributes that
// the schema does not know. It returns nil if the item is new. It sends no request.
func (t *Table[T]) Snapshot(item *T) map[string]types.AttributeValue {
	return orZero(t).untyped.snapshot(itemOf(item))
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
	return orZero(t).untyped.marshalItem(itemOf(item))
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
	return wire.ParseItemOf(t.writtenItem(&c, &o).text, len(o.written))
}

// takeKey returns the key of an item, in which parts may be missing.
func (s *schema) takeKey(item rawItem) (key itemKey) {
	for i, f := range s.keyFields() {
		key.set(i, item.raw(f.attribute))
	}
	return key
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
	encoded, err := s.encodeAttributes(reflect.ValueOf(item).Elem())
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
