package dynamapper

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Model makes a struct a model: embed it, with the table's name in its tag.
//
//	type User struct {
//		dynamapper.Model `dynamo:"users"`
//		Login            string `dynamo:"login,hash"`
//	}
//
// It remembers the item as it was loaded or saved, byte for byte: the snapshot that conflict detection compares with,
// and that keeps the attributes which the struct does not know. Copying the struct copies its snapshot.
// Setting the field to Model{} makes the item new. Model holds nothing else: encoding/json writes nothing for it.
type Model struct {
	raw    string  // the item's wire JSON
	origin *origin // nil: a new item
}

// Equal says that two Models are equal, always: for comparisons of structs by value, as go-cmp makes them, a snapshot
// is no part of the value.
func (Model) Equal(Model) bool { return true }

// origin says where a snapshot came from and what it holds. It is shared by all items of one read.
type origin struct {
	mapper  *Mapper
	table   string
	read    map[string]bool // the attributes that were asked for; nil: all of them
	deleted bool            // the item was deleted since; the snapshot only keeps unknown attributes
}

// partial says that the item was read without some of its attributes.
func (o *origin) partial() bool { return o != nil && o.read != nil }

// hooks are the methods of a model that take part in loading and saving. They are looked up once a type.
type hooks struct {
	init, marshal, unmarshal, migrate, validate bool
}

// The hooks that a model may have, on its pointer.
type (
	itemInitializer interface{ InitItem() }
	itemMarshaler   interface {
		MarshalItem() (map[string]types.AttributeValue, error)
	}
	itemUnmarshaler interface {
		UnmarshalItem(map[string]types.AttributeValue) error
	}
	itemMigrator interface {
		MigrateItem(map[string]types.AttributeValue) error
	}
	itemValidator interface{ ValidateItem() error }
)

// lookupHooks finds the hooks of a model, and refuses a method that has a hook's name and would never be called.
func lookupHooks(model reflect.Type) (hooks, error) {
	var found hooks
	pointer := reflect.PointerTo(model)
	for _, hook := range []struct {
		method string
		is     reflect.Type
		found  *bool
	}{
		{"InitItem", reflect.TypeFor[itemInitializer](), &found.init},
		{"MarshalItem", reflect.TypeFor[itemMarshaler](), &found.marshal},
		{"UnmarshalItem", reflect.TypeFor[itemUnmarshaler](), &found.unmarshal},
		{"MigrateItem", reflect.TypeFor[itemMigrator](), &found.migrate},
		{"ValidateItem", reflect.TypeFor[itemValidator](), &found.validate},
	} {
		*hook.found = pointer.Implements(hook.is)
		method, exists := pointer.MethodByName(hook.method)
		if exists && !*hook.found {
			return hooks{}, &SchemaError{Type: model, Problem: "method " + hook.method + " has the signature " + signature(method.Type) +
				", and would not be called; make it " + signature(hook.is.Method(0).Type) + " or rename it"}
		}
	}
	return found, nil
}

// signature writes a method's type without its receiver.
func signature(method reflect.Type) string {
	text := method.String()
	if method.NumIn() > 0 && method.In(0).Kind() == reflect.Pointer && method.In(0).Elem().Kind() == reflect.Struct {
		in := make([]reflect.Type, 0, method.NumIn())
		for i := 1; i < method.NumIn(); i++ {
			in = append(in, method.In(i))
		}
		out := make([]reflect.Type, 0, method.NumOut())
		for i := range method.NumOut() {
			out = append(out, method.Out(i))
		}
		text = reflect.FuncOf(in, out, method.IsVariadic()).String()
	}
	return text
}
