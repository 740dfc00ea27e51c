package dynamapper

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Model makes a struct a model. Embed it, and write the table's name in its tag:
//
//	type User struct {
//		dynamapper.Model `dynamo:"users"`
//		Login            string `dynamo:"login,hash"`
//	}
//
// Model keeps a snapshot of the item, byte for byte as it was loaded or saved. Conflict detection
// compares with the snapshot, and attributes that the struct does not know are kept in it. A copy
// of the struct has a copy of the snapshot. Setting the field to Model{} makes the item new. Model
// holds nothing else, and encoding/json writes nothing for it.
type Model struct {
	raw    string  // the item as the JSON of the DynamoDB protocol
	origin *origin // nil for a new item
}

// Equal always returns true: a snapshot is not part of the value of a struct. go-cmp calls Equal.
func (Model) Equal(Model) bool { return true }

// IsModel is the constraint of TableOf: a struct that embeds Model. A generic function that calls
// TableOf needs it, as in func Open[T dynamapper.IsModel](m *dynamapper.Mapper). One that takes a
// *Table[T] does not.
type IsModel interface{ embedsModel() }

func (Model) embedsModel() {}

// origin describes where a snapshot came from and what it holds. All items of one read share it.
type origin struct {
	mapper  *Mapper
	table   string
	read    map[string]bool       // the requested attributes; nil for all
	inside  map[string][]readPart // of documents that were read in part, what was read of each
	deleted bool                  // since; the snapshot only keeps unknown attributes
	tx      *Tx                   // the transaction that read the item, and that alone may write it
}

// partial reports whether the item was read without some of its attributes.
func (o *origin) partial() bool { return o != nil && o.read != nil }

// hooks lists the methods of a model that take part in loading and saving.
type hooks struct {
	init, marshal, unmarshal, migrate, validate bool
}

// A model may have these hooks, as methods of its pointer.
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

// A methodOf looks up one method. It passes the name to MethodByName as a constant. With any other
// argument, and with Method, the linker would keep every exported method of the whole program.
type methodOf func(reflect.Type) (reflect.Method, bool)

func initItemOf(t reflect.Type) (reflect.Method, bool)    { return t.MethodByName("InitItem") }
func marshalItemOf(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("MarshalItem") }
func unmarshalItemOf(t reflect.Type) (reflect.Method, bool) {
	return t.MethodByName("UnmarshalItem")
}
func migrateItemOf(t reflect.Type) (reflect.Method, bool)  { return t.MethodByName("MigrateItem") }
func validateItemOf(t reflect.Type) (reflect.Method, bool) { return t.MethodByName("ValidateItem") }

// lookupHooks finds the hooks of a model. It refuses a method that has a hook's name but would
// never be called.
func lookupHooks(model reflect.Type) (hooks, error) {
	var found hooks
	pointer := reflect.PointerTo(model)
	for _, hook := range []struct {
		methodOf methodOf
		is       reflect.Type
		found    *bool
	}{
		{initItemOf, reflect.TypeFor[itemInitializer](), &found.init},
		{marshalItemOf, reflect.TypeFor[itemMarshaler](), &found.marshal},
		{unmarshalItemOf, reflect.TypeFor[itemUnmarshaler](), &found.unmarshal},
		{migrateItemOf, reflect.TypeFor[itemMigrator](), &found.migrate},
		{validateItemOf, reflect.TypeFor[itemValidator](), &found.validate},
	} {
		*hook.found = pointer.Implements(hook.is)
		want, _ := hook.methodOf(hook.is)
		method, exists := hook.methodOf(pointer)
		if !exists && hook.methodOf.hidden(model) {
			return hooks{}, &SchemaError{Type: model,
				Problem: fmt.Sprintf(
					"two embedded structs have the hook %s, and Go promotes neither, "+
						"so it would never be called; give the model itself the method, which "+
						"calls both", want.Name)}
		}
		if exists && !*hook.found {
			return hooks{}, &SchemaError{Type: model,
				Problem: fmt.Sprintf(
					"the method %s is not the hook of that name, and would never be called; "+
						"make it %s, or rename it",
					signature(method, 1), signature(want, 0))}
		}
	}
	return found, nil
}

// hidden reports whether an embedded struct has the method. If the model lacks the method, two
// embedded structs have it at the same depth.
func (of methodOf) hidden(model reflect.Type) bool {
	for i := range model.NumField() {
		f := model.Field(i)
		_, onValue := of(f.Type)
		_, onPointer := of(reflect.PointerTo(f.Type))
		if f.Anonymous && (onValue || onPointer) {
			return true
		}
	}
	return false
}

// signature returns a method as its declaration writes it, without its receivers.
func signature(method reflect.Method, receivers int) string {
	t := method.Type
	var in, out []reflect.Type
	for i := receivers; i < t.NumIn(); i++ {
		in = append(in, t.In(i))
	}
	for i := range t.NumOut() {
		out = append(out, t.Out(i))
	}
	return method.Name +
		strings.TrimPrefix(reflect.FuncOf(in, out, t.IsVariadic()).String(), "func")
}

// checkHooks refuses to decide from an item that cannot be compared with the stored one. The hook
// UnmarshalItem may read attributes that the schema does not know, and no condition can name an
// unknown attribute that was missing. A rest holds such attributes, too.
func (t *table) checkHooks() error {
	if t.schema.version != nil {
		return nil
	}
	if t.schema.rest != nil {
		return fmt.Errorf(
			"the model %s has the field %s with the option \"rest\" and no version, so that an "+
				"attribute which the item lacks, and which another program adds meanwhile, would not "+
				"be noticed; give the model a field with the option \"version\", or use Get and Save "+
				"with FailOnConflict, or Update", t.schema.goType, t.schema.rest.goPath)
	}
	if !t.schema.hooks.unmarshal {
		return nil
	}
	return fmt.Errorf(
		"the model %s has the hook UnmarshalItem and no version, so that an attribute "+
			"which only the hook knows, and which another program adds meanwhile, would not be "+
			"noticed; "+
			"give the model a field with the option \"version\"", t.schema.goType)
}
