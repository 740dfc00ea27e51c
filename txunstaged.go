package dynamapper

import (
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

var errUnstaged = errors.New("the item was edited after the transaction had read it, and no write of it is staged, so that the edit would be lost; " +
	"nothing was sent: stage it with In(tx).Save, or edit a copy")

// checkUnstaged refuses an item that was read and edited, and of which no write is staged: the edit would be dropped without a word.
func (tx *Tx) checkUnstaged() error {
	for _, e := range tx.entries {
		if err := tx.checkSeen(e); err != nil {
			return err
		}
		if !e.mayBeForgotten() || tx.writeOf(e.item) != nil {
			continue
		}
		if f := e.editedField(); f != nil {
			return &FieldError{Op: opTransaction, Type: e.schema.goType, Key: e.publicKey, Field: joinPath(e.schema.goType.Name(), f.goPath),
				Attribute: quoteElement(f.attribute), Err: errUnstaged}
		}
	}
	return nil
}

// checkSeen refuses an item that was read, whose version was set to another one, and whose key is
// written by an Update or a DeleteKey: those do not look at the item, so that nothing would compare
// the version.
func (tx *Tx) checkSeen(e *txEntry) error {
	if e.item == nil || e.write == nil || e.owner != nil || e.schema.version == nil {
		return nil
	}
	t := &table{mapper: tx.mapper, name: e.table, schema: e.schema, newItem: e.newItem}
	if !t.isLoaded(t.modelOf(e.item)) {
		return nil
	}
	_, err := t.checkVersion(e.item)
	return err
}

// newItem gives a new item of the model that Get gave.
func (e *txEntry) newItem() any { return reflect.New(e.schema.goType).Interface() }

// mayBeForgotten says that an edit of the item would be lost, and can be told. With a hook in place of the codec nobody knows
// which field belongs to what is stored. What was made new, saved or deleted outside since has gone its own way.
func (e *txEntry) mayBeForgotten() bool {
	if e.item == nil || e.write != nil || e.schema.hooks.inPlaceOfCodec() {
		return false
	}
	model := e.schema.modelOf(e.item)
	return model.origin != nil && model.origin.tx != nil && !model.origin.deleted
}

// model is the struct that Get gave.
func (e *txEntry) model() reflect.Value { return reflect.ValueOf(e.item).Elem() }

// editedField is the first field whose value is surely another than was read; nil: there is none.
func (e *txEntry) editedField() *field {
	for _, f := range e.schema.fields {
		value, err := (&encoder{}).encodeField(f, e.model())
		if err == nil && e.raw.equal(f.attribute, value) {
			continue // it is in the table as it is
		}
		asRead, known := e.asReadBy(f)
		switch {
		case !known, err == nil && wire.Equal(value, asRead):
			continue // what was read could not be written either, or it is the same in another spelling
		case e.raw.equal(f.attribute, asRead) || !hasMethodsOfItsOwn(f.goType, map[reflect.Type]bool{}):
			return f
		}
		// A type of the user's does not write what it has read: it may write the same value in many ways, as one that encrypts
		// does, or fill in what was missing by a clock or by chance. Then a difference is no edit for sure.
	}
	return nil
}

// asReadBy is what a field would have been written as when the item had just been read; not known where it could not be.
func (e *txEntry) asReadBy(f *field) (value types.AttributeValue, known bool) {
	if e.schema.hooks.migrate {
		value, known = e.migrated[f.attribute]
		return value, known
	}
	value, err := (&comparison{schema: e.schema, raw: e.raw, base: e.raw}).canonicalByField(f.attribute)
	return value, err == nil
}

// noteMigrated encodes an item that was just read through MigrateItem: the hook, called again, might fill in something else.
func (e *txEntry) noteMigrated() {
	if !e.schema.hooks.migrate || e.schema.hooks.inPlaceOfCodec() {
		return
	}
	e.migrated = make(map[string]types.AttributeValue, len(e.schema.fields))
	for _, f := range e.schema.fields {
		value, err := (&encoder{}).encodeField(f, e.model())
		if err == nil && value != nil {
			value, err = detached(value)
		}
		if err == nil {
			e.migrated[f.attribute] = value
		}
	}
}

// detached copies a value, which may share memory with the item that it was made of.
func detached(value types.AttributeValue) (types.AttributeValue, error) {
	text, err := wire.AppendValue(nil, value)
	if err != nil {
		return nil, err
	}
	return wire.NewReader(string(text)).AttributeValue(), nil
}

var ownMethods = []reflect.Type{
	textMarshalerType, textUnmarshalerType, jsonMarshalerType, jsonUnmarshalerType, marshalerType, unmarshalerType,
}

// hasMethodsOfItsOwn says that methods of the user's read or write some of a type.
func hasMethodsOfItsOwn(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] || isOfTheLibrary(t) {
		return false
	}
	seen[t] = true
	for _, method := range ownMethods {
		if implements(t, method) {
			return true
		}
	}
	switch t.Kind() {
	case reflect.Map:
		return hasMethodsOfItsOwn(t.Key(), seen) || hasMethodsOfItsOwn(t.Elem(), seen)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return hasMethodsOfItsOwn(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if hasMethodsOfItsOwn(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}

// isOfTheLibrary says that we, or the standard library, read and write a type: the same each time.
func isOfTheLibrary(t reflect.Type) bool {
	switch t {
	case timeType, urlType, bigIntType, bigFloatType, jsonNumberType, attributeNumberType, modelType:
		return true
	}
	return isAttributeValue(t)
}
