package dynamapper

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// renewal is an item in the form in which the model writes it today.
type renewal struct {
	outcome
	// An attribute keeps another form than the model's: a key, or a value of which the model's form
	// would hold less.
	kept bool
}

var (
	errUnsettled = errors.New("the model's hooks read another item from what they write, so that " +
		"each migration would change it again; let them change only what has an old form")
	errKeyMoves = errors.New("the model's hooks give the item another key, and Migrate moves no " +
		"item; save a copy and delete the original instead")
)

// prepareRenewal plans the save that brings a loaded item into the form of the model. The plan of
// the result is nil if the item has that form already.
func (t *table) prepareRenewal(op string, item anyItem) (s *saving, kept bool, err error) {
	c, r, err := t.renew(item)
	if err != nil || !c.needsWrite(&r) {
		return newEmptySaving(), r.kept, err
	}
	if err := t.checkSettled(&c, &r); err != nil {
		return nil, r.kept, err
	}
	settings := writeSettings{failOnConflict: true, keepsTimes: true}
	stamps, err := t.stamp(item, settings, time.Now())
	if err != nil {
		return nil, r.kept, err
	}
	if c, r, err = t.renew(item); err != nil { // with the new version
		return nil, r.kept, err
	}
	key := t.schema.takeKey(r.written)
	if err := t.schema.checkKey(key); err != nil {
		return nil, r.kept, err
	}
	at := planOptions{op, t.schema, c.keySource(item, &r.outcome), settings}
	s = &saving{raw: c.raw, stamps: stamps, after: t.newEncodedItem(r.written)}
	s.planned = at.planLoaded(key, &r.outcome, c.raw)
	s.plan = &s.planned
	return s, r.kept, nil
}

// renew compares a loaded item with its snapshot, and finds what a migration writes.
func (t *table) renew(item anyItem) (c comparison, r renewal, err error) {
	if c, err = t.compare(item); err != nil {
		return c, r, err
	}
	if r, err = c.renewal(); err != nil {
		return c, r, err
	}
	for i, f := range t.schema.keyFields() {
		if key := t.schema.takeKey(r.written); !c.raw.equal(f.attribute, key.part(i)) {
			return c, r, errKeyMoves
		}
	}
	return c, r, nil
}

// needsWrite reports whether the item is not in the form of the model, or lacks the version that
// every save gives it.
func (c *comparison) needsWrite(r *renewal) bool {
	v := c.schema.version
	return len(r.differing) > 0 || v != nil && !c.schema.hooks.marshal && !c.raw.has(v.attribute)
}

// checkSettled returns an error if the item would be read as another one after the save, or differ
// again. A model without hooks settles, because each attribute is checked by itself.
func (t *table) checkSettled(c *comparison, r *renewal) error {
	hooks := t.schema.hooks
	if !hooks.beforeCodec() && !hooks.marshal {
		return nil
	}
	again, err := loader{table: t, from: t.whole}.text(t.newEncodedItem(r.written).text)
	if err != nil {
		return err
	}
	read, next, err := t.renew(again)
	if err != nil {
		return err
	}
	if len(next.differing) > 0 {
		return errUnsettled
	}
	for _, before := range c.encoded.attributes {
		stored := c.raw.raw(before.Name)
		isStored := stored != "" && stored == r.written.raw(before.Name)
		if !isStored && !read.encoded.attributes.equal(before.Name, before.Value) {
			return errUnsettled
		}
	}
	return nil
}

// renewal returns the item in the form of the model. In contrast to outcome, an attribute that was
// not edited gets that form too. An attribute whose value equals the stored one is not touched.
func (c *comparison) renewal() (renewal, error) {
	r := renewal{outcome: outcome{written: make(rawItem, 0,
		max(len(c.encoded.attributes), len(c.base)))}}
	for _, encoded := range c.encoded.attributes {
		if !c.base.has(encoded.Name) {
			if err := c.renewMissing(&r, encoded); err != nil {
				return r, err
			}
		}
	}
	for _, stored := range c.base {
		if err := c.renewStored(&r, stored); err != nil {
			return r, err
		}
	}
	slices.SortFunc(r.written,
		func(a, b wire.Attribute) int { return strings.Compare(a.Name, b.Name) })
	r.differing = c.differingFromStored(r.written)
	return r, nil
}

// renewMissing writes an attribute that the stored item lacks if a save of the loaded item would. A
// missing zero stays missing, unless the hooks have filled it in.
func (c *comparison) renewMissing(r *renewal, encoded wire.Attribute) error {
	f, hooks := c.schema.byAttribute[encoded.Name], c.schema.hooks
	if hooks.marshal || f != nil && hooks.unmarshal && encoded.Value != f.zero {
		r.add(encoded.Name, encoded.Value)
		return nil
	}
	edited, err := c.edited(encoded.Name, encoded.Value)
	if edited {
		r.add(encoded.Name, encoded.Value)
	}
	return err
}

// renewStored writes a stored attribute in the form of the model.
func (c *comparison) renewStored(r *renewal, stored wire.Attribute) error {
	f, value := c.schema.fieldOf(stored.Name), c.encoded.attributes.raw(stored.Name)
	if value.Equal(stored.Value) {
		r.add(stored.Name, stored.Value)
		return nil
	}
	switch {
	case f == nil && value == "" && !c.schema.hooks.marshal:
		r.add(stored.Name, stored.Value)
		return nil
	case f == c.schema.version && f != nil:
		r.add(stored.Name, value) // a new one, as all stored ones are written back as they are
		return nil
	case f != nil && (f.Hash || f.Range):
		return c.renewKey(r, f, value, stored.Value)
	case c.schema.hooks.marshal:
		r.add(stored.Name, value) // the result of MarshalItem is the whole item
		return nil
	case value == "":
		if !f.isPlainlyEmpty(stored.Value) {
			value = stored.Value
		}
		r.add(stored.Name, value)
		return nil
	}
	renewed, err := c.withUnknownMembers(inPlace, stored.Name, value, stored.Value)
	if err != nil {
		return err
	}
	if renewed.Equal(stored.Value) {
		renewed = stored.Value
	} else if f.computed == nil && !c.holdsAll(f, renewed, value, stored.Value) {
		renewed, r.kept = stored.Value, true
	}
	r.add(stored.Name, renewed)
	return nil
}

// renewKey keeps a key of the table as it is stored. An edited key is another item's.
func (c *comparison) renewKey(r *renewal, f *field, value, stored wire.Raw) error {
	edited, err := c.edited(f.attribute, value)
	if err != nil {
		return err
	}
	if edited {
		return withPath(errKeyMoves, f.goPath, f.attribute)
	}
	r.kept = true
	r.add(f.attribute, stored)
	return nil
}

// isPlainlyEmpty reports whether a stored value that the model reads as a missing attribute holds
// nothing: it is NULL, or the zero value of its type.
func (f *field) isPlainlyEmpty(stored wire.Raw) bool {
	if f.computed != nil {
		return false
	}
	switch t := stored.Type(); t {
	case wire.NULL:
		return true
	case wire.S:
		text := stored.Text()
		return text == "" || isTimeType(f.valueType()) ||
			f.codec.json && slices.Contains(emptyJSON, strings.TrimSpace(text))
	case wire.N:
		return stored.Equal(zeroNumber)
	case wire.BOOL:
		return !stored.Bool()
	case wire.B:
		return len(stored.Bytes()) == 0
	case wire.M, wire.L:
		return stored.Equal(emptyList) || stored.Equal(`{"M":{}}`)
	}
	return false
}

// emptyJSON lists the JSON texts that hold nothing.
var emptyJSON = []string{"null", `""`, "{}", "[]", "0", "false"}

// holdsAll reports whether the form of the model, renewed, holds all that the stored value does,
// and is read back as the same. encoded is renewed without the members that the model does not
// know. A model may read less than is stored: a float32 of a number with many digits, or a struct
// of JSON with more members, after the option document was added. Then the stored form stays.
func (c *comparison) holdsAll(f *field, renewed, encoded, stored wire.Raw) bool {
	read, again := reflect.New(c.schema.goType).Elem(), reflect.New(c.schema.goType).Elem()
	if c.schema.decodeAttribute(f, renewed, again) != nil {
		return false
	}
	if written, err := f.rawIn(again); err != nil || !written.Equal(encoded) {
		return false // such as a type that encrypts, which writes another text each time
	}
	if f.Layout != "" {
		if c.schema.decodeAttribute(f, stored, read) != nil {
			return false
		}
		a, _ := f.valueIn(read)
		b, _ := f.valueIn(again)
		if !reflect.DeepEqual(a.Interface(), b.Interface()) {
			return false // the layout has no place for the fraction of the time
		}
	}
	return contentOf(f, renewed).holds(contentOf(f, stored))
}

// content is what a value holds, whatever its form: how many values that are not empty, and the
// numbers that Go might round.
type content struct {
	values  int
	numbers map[string]int
}

// holds reports whether the content is not less than the other.
func (c *content) holds(other *content) bool {
	for number, count := range other.numbers {
		if c.numbers[number] < count {
			return false
		}
	}
	return c.values >= other.values
}

// contentOf returns the content of a stored value of a field. It does not look into a text, unless
// the text is JSON.
func contentOf(f *field, value wire.Raw) *content {
	c := &content{numbers: map[string]int{}}
	if value.Type() == wire.S && (f.codec.json || f.Document) {
		decoder := json.NewDecoder(strings.NewReader(value.Text()))
		decoder.UseNumber()
		var any any
		if decoder.Decode(&any) == nil {
			c.addJSON(any)
			return c
		}
	}
	c.add(value.AttributeValue())
	return c
}

func (c *content) add(value types.AttributeValue) {
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		c.addText(value.Value)
	case *types.AttributeValueMemberN:
		c.addNumber(value.Value)
	case *types.AttributeValueMemberBOOL:
		c.addBool(value.Value)
	case *types.AttributeValueMemberB:
		c.addText(string(value.Value))
	case *types.AttributeValueMemberSS:
		c.values += len(value.Value)
	case *types.AttributeValueMemberBS:
		c.values += len(value.Value)
	case *types.AttributeValueMemberNS:
		for _, number := range value.Value {
			c.addNumber(number)
		}
	case *types.AttributeValueMemberL:
		for _, element := range value.Value {
			c.add(element)
		}
	case *types.AttributeValueMemberM:
		for _, member := range value.Value {
			c.add(member)
		}
	}
}

func (c *content) addJSON(value any) {
	switch value := value.(type) {
	case string:
		c.addText(value)
	case json.Number:
		c.addNumber(value.String())
	case bool:
		c.addBool(value)
	case []any:
		for _, element := range value {
			c.addJSON(element)
		}
	case map[string]any:
		for _, member := range value {
			c.addJSON(member)
		}
	}
}

func (c *content) addText(text string) { c.addBool(text != "") }

func (c *content) addBool(isFilled bool) {
	if isFilled {
		c.values++
	}
}

// maxSureDigits is the number of digits of an integer that every number type in Go keeps.
const maxSureDigits = 6

func (c *content) addNumber(text string) {
	number := wire.CanonicalNumber(text)
	c.addBool(number != "0")
	if digits := strings.TrimPrefix(number, "-"); len(digits) > maxSureDigits ||
		strings.ContainsAny(number, ".eE") {
		c.numbers[number]++
	}
}
