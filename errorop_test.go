package dynamapper

import (
	"go/ast"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// exportedErrors holds an empty value of each exported error type.
var exportedErrors = map[string]error{
	"SchemaError":             &SchemaError{},
	"FieldError":              &FieldError{},
	"NotFoundError":           &NotFoundError{},
	"OverwriteError":          &OverwriteError{},
	"ConflictError":           &ConflictError{},
	"ConditionError":          &ConditionError{},
	"UnknownOutcomeError":     &UnknownOutcomeError{},
	"MaxRetriesExceededError": &MaxRetriesExceededError{},
	"InvalidRegionError":      &InvalidRegionError{},
	"BatchError":              &BatchError{},
	"TransactionError":        &TransactionError{},
}

// withoutTable are the errors of calls that have no table, or several.
var withoutTable = map[string]bool{"InvalidRegionError": true, "TransactionError": true}

// Every exported error type has the fields Op and Table, and its message starts with them.
func TestEveryErrorTypeNamesOperationAndTable(t *testing.T) {
	t.Parallel()
	for _, name := range errorTypes(t) {
		if !ast.IsExported(name) {
			continue
		}
		require.Contains(t, exportedErrors, name, "add the type here")
		err := reflect.New(reflect.TypeOf(exportedErrors[name]).Elem())
		prefix := "dynamapper: "
		require.True(t, strings.HasPrefix(err.Interface().(error).Error(), prefix), name)
		field := func(name, value, text string) {
			f := err.Elem().FieldByName(name)
			require.True(t, f.IsValid() && f.Kind() == reflect.String, "%s.%s", err.Type(), name)
			f.SetString(value)
			prefix += text
		}
		field("Op", "Save", "Save: ")
		if !withoutTable[name] {
			field("Table", "players", `table "players": `)
		}
		require.True(t, strings.HasPrefix(err.Interface().(error).Error(), prefix), err.Interface())
	}
}

// newCallError sets the operation and the table of the package's errors, and leaves an error that a
// type keeps unchanged.
func TestNewCallErrorCompletes(t *testing.T) {
	t.Parallel()
	for _, inner := range []error{&SchemaError{}, &ConflictError{}, &FieldError{}, errNilItem} {
		err := newCallError("Save", "players", inner)
		require.True(t, strings.HasPrefix(err.Error(), `dynamapper: Save: table "players": `), err)
		require.IsType(t, map[bool]error{true: inner, false: &toldError{}}[inner != errNilItem],
			err)
	}
	kept := &SchemaError{}
	_ = newCallError("Save", "players", kept)
	require.Empty(t, kept.Op)
}
