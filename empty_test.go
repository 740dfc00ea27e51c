package dynamapper

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type emptyItem struct {
	Model `dynamo:"items"`
	ID    string `dynamo:"id,hash"`
}

// emptyTypes returns the exported types with pointer methods, except the errors: a nil pointer and an
// empty value of each.
func emptyTypes() map[string][2]any {
	return map[string][2]any{
		"Mapper":   {(*Mapper)(nil), &Mapper{}},
		"Table":    {(*Table[emptyItem])(nil), &Table[emptyItem]{}},
		"Query":    {(*Query[emptyItem])(nil), &Query[emptyItem]{}},
		"Scan":     {(*Scan[emptyItem])(nil), &Scan[emptyItem]{}},
		"Update":   {(*Update[emptyItem])(nil), &Update[emptyItem]{}},
		"TxTable":  {(*TxTable[emptyItem])(nil), &TxTable[emptyItem]{}},
		"TxUpdate": {(*TxUpdate[emptyItem])(nil), &TxUpdate[emptyItem]{}},
	}
}

// Methods of a nil or empty value of an exported type never panic; the call that would send a
// request returns an error.
func TestEmptyValuesReturnErrors(t *testing.T) {
	t.Parallel()
	for _, name := range pointerTypes(t) {
		require.Contains(t, emptyTypes(), name, "add the type here")
	}
	mapper := &Mapper{client: noClient{}, attempts: 1}
	for name, values := range emptyTypes() {
		for kind, value := range values {
			receiver := reflect.ValueOf(value)
			for i := range receiver.NumMethod() {
				at := fmt.Sprintf("%s.%s of %s", name, receiver.Type().Method(i).Name,
					[...]string{"nil", "an empty value"}[kind])
				if !strings.HasPrefix(name, "Tx") {
					requireEmptyError(t, t.Context(), receiver.Method(i), at)
					continue
				}
				// An operation that cannot be staged ends the function, and RunTransaction returns
				// its error.
				err := mapper.RunTransaction(t.Context(), func(ctx context.Context, _ *Tx) error {
					return callEmpty(ctx, receiver.Method(i), at)
				})
				require.ErrorIs(t, err, errNoTx, at)
			}
		}
	}
}

// A nil or empty table stages nothing, and RunTransaction returns the error.
func TestAnEmptyTableInATransaction(t *testing.T) {
	t.Parallel()
	mapper := &Mapper{client: noClient{}, attempts: 1}
	for _, table := range []*Table[emptyItem]{nil, {}} {
		in := reflect.TypeOf(table.In(nil))
		for i := range in.NumMethod() {
			var staged error
			err := mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *Tx) error {
				staged = callEmpty(ctx, reflect.ValueOf(table.In(tx)).Method(i), in.Method(i).Name)
				if in.Method(i).Name == "Get" {
					return staged
				}
				return nil
			})
			require.ErrorIs(t, err, errNoTable, in.Method(i).Name)
			require.True(t,
				strings.HasPrefix(err.Error(),
					"dynamapper: "+in.Method(i).Name+": the table is nil or empty"), err)
			if in.Method(i).Name != "Update" { // Update returns no error
				require.Equal(t, err, staged, in.Method(i).Name)
			}
		}
	}
}

// requireEmptyError calls a method, and then the methods of its result. Every method with an error
// result must return an error.
func requireEmptyError(t *testing.T, ctx context.Context, method reflect.Value, at string) {
	t.Helper()
	out := method.Call(argumentsOf(ctx, method.Type()))
	if len(out) == 0 {
		return
	}
	last := out[len(out)-1]
	switch result := last.Interface().(type) {
	case error:
		require.Regexp(t, `^dynamapper: \w+: the (table|mapper) is nil or empty; make`,
			result.Error(), at)
		return
	case interface {
		Count(context.Context) (int, error)
	}:
		_, err := result.Count(ctx)
		require.ErrorIs(t, err, errNoTable, at)
	case interface {
		Run(context.Context) (*emptyItem, error)
	}:
		_, err := result.Run(ctx)
		require.ErrorIs(t, err, errNoTable, at)
	}
	require.NotEqual(t, reflect.TypeFor[error](), last.Type(), "no error of %s", at)
	if last.Kind() == reflect.Func {
		var err error
		last.Call(
			[]reflect.Value{
				reflect.MakeFunc(last.Type().In(0), func(args []reflect.Value) []reflect.Value {
					err, _ = args[1].Interface().(error)
					return []reflect.Value{reflect.ValueOf(true)}
				})})
		require.ErrorIs(t, err, errNoTable, at)
	}
}

// callEmpty calls a method and returns its error.
func callEmpty(ctx context.Context, method reflect.Value, at string) error {
	out := method.Call(argumentsOf(ctx, method.Type()))
	if len(out) == 0 {
		return fmt.Errorf("%s has no result", at)
	}
	err, _ := out[len(out)-1].Interface().(error)
	return err
}

// argumentsOf returns valid arguments.
func argumentsOf(ctx context.Context, method reflect.Type) []reflect.Value {
	var args []reflect.Value
	for i := range method.NumIn() {
		if method.IsVariadic() && i == method.NumIn()-1 {
			break
		}
		t := method.In(i)
		var arg any
		switch t {
		case reflect.TypeFor[context.Context]():
			arg = ctx
		case reflect.TypeFor[PrimaryKey]():
			arg = Key("a")
		case reflect.TypeFor[Comparison]():
			arg = EQ("a")
		case reflect.TypeFor[[]PrimaryKey]():
			arg = []PrimaryKey{Key("a")}
		case reflect.TypeFor[*emptyItem]():
			arg = &emptyItem{ID: "a"}
		case reflect.TypeFor[[]*emptyItem]():
			arg = []*emptyItem{{ID: "a"}}
		case reflect.TypeFor[func(*emptyItem) error]():
			arg = func(*emptyItem) error { return nil }
		case reflect.TypeFor[func(context.Context, *Tx) error]():
			arg = func(context.Context, *Tx) error { return nil }
		default:
			args = append(args, reflect.Zero(t))
			continue
		}
		args = append(args, reflect.ValueOf(arg))
	}
	return args
}

// pointerTypes returns the exported types, except errors, that have exported methods on their
// pointer.
func pointerTypes(t *testing.T) []string {
	t.Helper()
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	var names []string
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil,
			parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, declared := range parsed.Decls {
			method, ok := declared.(*ast.FuncDecl)
			if !ok || method.Recv == nil || !method.Name.IsExported() {
				continue
			}
			pointer, ok := method.Recv.List[0].Type.(*ast.StarExpr)
			if !ok {
				continue
			}
			of := pointer.X
			if generic, ok := of.(*ast.IndexExpr); ok {
				of = generic.X
			}
			if name := of.(*ast.Ident).Name; ast.IsExported(name) &&
				!strings.HasSuffix(name, "Error") && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	require.Len(t, names, len(emptyTypes()))
	return names
}
