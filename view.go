package dynamapper

import (
	"context"
	"fmt"
	"reflect"

	"github.com/dynamapper/dynamapper/internal/shown"
)

// view is a struct into which Into reads items, by the types of its fields.
type view struct {
	place  reflect.Value
	fields map[reflect.Type]viewField // by the type of the pointers to a model
	rest   *viewField                 // of type []any; nil for none
}

// viewField is a field of a view, and what is found for it.
type viewField struct {
	name  string
	index int
	many  bool // the field is a slice
}

var anySliceType = reflect.TypeFor[[]any]()

// makeView checks that a value is a pointer to a struct whose fields take models of a collection.
func (t *table) makeView(into any) (*view, error) {
	pointer := reflect.ValueOf(into)
	if pointer.Kind() != reflect.Pointer || pointer.IsNil() ||
		pointer.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("Into takes a pointer to a struct, such as &view, and not a %T "+
			"that is nil or no such pointer", into)
	}
	v := &view{place: pointer.Elem(), fields: map[reflect.Type]viewField{}}
	for i := range v.place.NumField() {
		if err := v.addField(t, i); err != nil {
			return nil, err
		}
	}
	if len(v.fields) == 0 && v.rest == nil {
		return nil, fmt.Errorf("the struct %s has no field, so it takes no item; give it fields "+
			"such as []*%s", v.place.Type(), t.kinds.tables[0].schema.goType)
	}
	return v, nil
}

func (v *view) addField(t *table, i int) error {
	f := v.place.Type().Field(i)
	problem := func(format string, args ...any) error {
		return fmt.Errorf("the field %s of %s "+format,
			append([]any{f.Name, v.place.Type()}, args...)...)
	}
	if !f.IsExported() {
		return problem("is not exported, so it cannot be filled; export it, or remove it")
	}
	one := viewField{f.Name, i, f.Type.Kind() == reflect.Slice}
	if f.Type == anySliceType {
		if v.rest != nil {
			return problem("is of type []any, and so is %s; keep one of them", v.rest.name)
		}
		v.rest = &one
		return nil
	}
	pointer := f.Type
	if one.many {
		pointer = f.Type.Elem()
	}
	if pointer.Kind() != reflect.Pointer || t.kinds.tableOf(pointer) == nil {
		return problem("is of type %s, and takes no model of the collection; use a pointer to a "+
			"model or a slice of pointers, such as []*%s, or []any for items of all others", f.Type,
			t.kinds.tables[0].schema.goType)
	}
	if other, twice := v.fields[pointer]; twice {
		return problem("takes items of the model %s, and so does %s; keep one of them",
			pointer.Elem(), other.name)
	}
	v.fields[pointer] = one
	return nil
}

// into reads items into a view. It sets the fields only if all items have a place.
func (t *table) into(
	ctx context.Context, op string, to any,
	collect func(context.Context, func(anyItem, int)) error,
) error {
	v, err := t.makeView(to)
	if err != nil {
		return newCallError(op, t.name, err)
	}
	var items anyItems
	if err := collect(ctx, items.add); err != nil {
		return err
	}
	filled := reflect.New(v.place.Type()).Elem()
	for _, item := range items {
		if err := v.put(filled, t, op, item); err != nil {
			return err
		}
	}
	v.place.Set(filled)
	return nil
}

// put puts one item into its field.
func (v *view) put(filled reflect.Value, t *table, op string, item anyItem) error {
	value := reflect.ValueOf(item)
	of := t.kinds.tableOf(value.Type())
	one, known := v.fields[value.Type()]
	if !known {
		if v.rest == nil {
			return &ViewError{Op: op, Table: t.name, Keys: []PrimaryKey{of.keyOf(item)},
				Problem: fmt.Sprintf("an item is of the entity %q, and the struct has no field "+
					"for it; add one of type []*%s, or one of type []any for items of all others",
					shown.Name(of.schema.entityName()), of.schema.goType)}
		}
		one = *v.rest
	}
	place := filled.Field(one.index)
	switch {
	case one.many:
		place.Set(reflect.Append(place, value))
	case place.IsNil():
		place.Set(value)
	default:
		first := place.Interface()
		return &ViewError{Op: op, Table: t.name, Field: one.name,
			Keys: []PrimaryKey{of.keyOf(first), of.keyOf(item)},
			Problem: fmt.Sprintf("the field takes one item, and there is a second one; make it a "+
				"slice, []*%s, or read less", of.schema.goType)}
	}
	return nil
}

// A ViewError reports items for which the struct given to Into has no place: a second item for a
// field that takes one, or an item of a model for which there is no field.
type ViewError struct {
	Op, Table string       // Op is "Query" or "Scan"
	Field     string       // the field that takes one item; "" if there is no field for the item
	Keys      []PrimaryKey // of the first and the second item, or of the item without a field
	Problem   string       // what is wrong, and how to fix it
}

// Error returns one sentence without a value of a key.
func (e *ViewError) Error() string {
	text := prefixOf(e.Op, e.Table)
	if e.Field != "" {
		text += e.Field + ": "
	}
	return shown.Text(text + e.Problem)
}
