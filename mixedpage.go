package dynamapper

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/shown"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// kinds are the tables of a collection. They decode the items of mixed pages: an item is decoded
// straight from the page by the table of the entity that it names. It is immutable.
type kinds struct {
	tables    []*table
	byEntity  map[string]*table // "" is the only unmarked table, if there is one
	unmarked  []*table          // those that take items without a name
	hiding    []*table          // those that hide expired items
	attribute string            // names the entity
	head      string            // how the attribute begins in JSON
}

func makeKinds(tables []*table) (*kinds, error) {
	attribute := tables[0].schema.entity.attribute
	k := &kinds{tables: tables, byEntity: map[string]*table{}, attribute: attribute,
		head: string(wire.AppendString(nil, attribute)) + `:{"S":"`}
	for _, t := range tables {
		k.byEntity[t.schema.entityName()] = t
		if t.hidesExpired {
			k.hiding = append(k.hiding, t)
		}
		if !t.unmarked {
			continue
		}
		for _, other := range k.unmarked {
			if !prefixesTell(t.schema.prefixOfKey(), other.schema.prefixOfKey()) {
				return nil, t.schema.newMemberError(nil, "the table has the option Unmarked, and "+
					"so has that of %s, and the keys do not tell which of them an item without a "+
					"name belongs to; give the option to one table", other.schema.goType)
			}
		}
		k.unmarked = append(k.unmarked, t)
	}
	if len(k.unmarked) == 1 {
		k.byEntity[""] = k.unmarked[0]
	}
	return k, k.checkHiding()
}

// tableOf returns the table of the model to which a type points, or nil.
func (k *kinds) tableOf(pointer reflect.Type) *table {
	for _, t := range k.tables {
		if t.schema.goType == pointer.Elem() {
			return t
		}
	}
	return nil
}

// of returns the loader of one of the models.
func (l loader) of(t *table) loader {
	l.table = t
	return l
}

// nextOfKind is next for a mixed page. It looks for the name of the entity in the item's text,
// which it does not check. If it finds none that it knows, the caller reads the item over and
// decodes it with text, which checks everything.
func (l loader) nextOfKind(d *decoder) (item anyItem, raw string, err error) {
	k := l.table.kinds
	t := k.byEntity[d.PeekText(k.head)]
	if t == nil {
		return nil, "", ErrUnknownEntity
	}
	return l.of(t).next(d)
}

// textOfKind is text for an item of a mixed page.
func (l loader) textOfKind(raw string) (anyItem, error) {
	t, err := l.kindOf(raw)
	if err != nil {
		return nil, err
	}
	return l.of(t).text(raw)
}

// attributesOfKind is attributes for an item of a mixed page.
func (l loader) attributesOfKind(item map[string]types.AttributeValue) (anyItem, error) {
	first := l.of(l.table.kinds.tables[0])
	raw, err := first.table.textOf(item)
	if err != nil {
		return nil, first.newError(err, "")
	}
	t, err := l.kindOf(raw)
	if err != nil {
		return nil, err
	}
	return l.of(t).attributes(item)
}

// kindOf returns the table of an item's entity.
func (l loader) kindOf(raw string) (*table, error) {
	k := l.table.kinds
	value, err := attributeIn(raw, k.attribute)
	if err != nil {
		return nil, l.of(k.tables[0]).newError(err, raw)
	}
	entity := value.Text()
	if t := k.byEntity[entity]; t != nil {
		return t, nil
	}
	if t := k.unmarkedOf(raw); t != nil && value == "" {
		return t, nil
	}
	return nil, &UnknownEntityError{Op: l.op, Table: l.table.name, Entity: entity,
		Key: l.table.schema.storedKeyIn(raw)}
}

// unmarkedOf returns the table of an item that names no entity, by the text of its key.
func (k *kinds) unmarkedOf(raw string) *table {
	keys := k.tables[0].schema.keys
	value, err := attributeIn(raw, keys[len(keys)-1].attribute)
	if err != nil {
		return nil
	}
	for _, t := range k.unmarked {
		if strings.HasPrefix(value.Text(), t.schema.prefixOfKey()) {
			return t
		}
	}
	return nil
}

// storedKeyIn returns the key in an item's JSON as it is stored, without a model.
func (s *schema) storedKeyIn(raw string) PrimaryKey {
	attributes, err := parseRawItem(raw)
	if err != nil {
		return PrimaryKey{}
	}
	var values []any
	for _, f := range s.keys {
		value := attributes.raw(f.attribute)
		switch value.Type() {
		case wire.Invalid:
			return PrimaryKey{}
		case wire.S:
			values = append(values, value.Text())
		case wire.N:
			values = append(values, json.Number(value.Text()))
		default:
			values = append(values, value.AttributeValue())
		}
	}
	return Key(values[0], values[1:]...)
}

// An UnknownEntityError reports an item of an entity that no model of a collection has. It concerns
// only this item. It matches ErrUnknownEntity.
type UnknownEntityError struct {
	Op, Table string // Op is "Query", "Scan", "Changes", "ChangesOf" or "HandleChanges"
	// As it is stored, because no model says which parts the key has: text is a string, a number a
	// json.Number.
	Key    PrimaryKey
	Entity string // the entity of the item; "" if the item names none

	keyAlone bool // the record of a stream has no image
}

// Error returns one sentence without a value of a key.
func (e *UnknownEntityError) Error() string {
	text := prefixOf(e.Op, e.Table)
	if e.keyAlone {
		return shown.Text(text + "the key has the form of no model's key; give the table of its " +
			"model to NewCollection")
	}
	if e.Entity == "" {
		return shown.Text(text + "the item names no entity; give TableOf of its model the option " +
			"Unmarked, and the table to NewCollection")
	}
	return shown.Text(text + fmt.Sprintf("the item is of the entity %q, which no model of the "+
		"collection has; give the table of its model to NewCollection", shown.Name(e.Entity)))
}

// Is reports whether target is ErrUnknownEntity.
func (e *UnknownEntityError) Is(target error) bool { return target == ErrUnknownEntity }
