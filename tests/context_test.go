package tests

import (
	"context"
	"fmt"
	"iter"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// Every exported method with a context parameter refuses a nil context and sends nothing.
func TestANilContextIsAnError(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	mapper := fixtures.Mapper(t)
	key := dynamapper.Key("waldo")
	called := 0
	for _, receiver := range []any{
		players, players.Query("waldo"), players.Scan(), players.Scan().Parallel(2),
		players.Update(key).Set("name", "x"), mapper,
	} {
		v := reflect.ValueOf(receiver)
		for i := range v.NumMethod() {
			method := v.Type().Method(i)
			if method.Type.NumIn() < 2 || method.Type.In(1) != reflect.TypeFor[context.Context]() ||
				method.Name == "Page" && isParallel(receiver) {
				continue
			}
			called++
			name := fmt.Sprintf("%T.%s", receiver, method.Name)
			require.ErrorContains(t, callWithoutContext(v.Method(i), key),
				"the context is nil; give context.Background()", name)
		}
	}
	_, err := dynamapper.Connect(callers{}.none())
	require.ErrorContains(t, err, "the context is nil; give context.Background()")
	require.GreaterOrEqual(t, called, 25)
	require.Empty(t, sent.Take())

	require.NoError(t,
		mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
			_, err := fixtures.TableIn[player](t, mapper).In(tx).Get(callers{}.none(), key)
			require.ErrorContains(t, err, "the context is nil; give context.Background()")
			return nil
		}))
}

func isParallel(receiver any) bool { _, is := receiver.(*dynamapper.Scan[player]); return is }

// callers passes the context of a caller that has none.
type callers struct{}

func (callers) none() context.Context { return nil }

// callWithoutContext calls a method with a nil context and otherwise valid arguments.
func callWithoutContext(method reflect.Value, key dynamapper.PrimaryKey) error {
	arguments := []reflect.Value{reflect.Zero(method.Type().In(0))}
	for i := 1; i < method.Type().NumIn(); i++ {
		if method.Type().IsVariadic() && i == method.Type().NumIn()-1 {
			break
		}
		arguments = append(arguments, argumentOf(method.Type().In(i), key))
	}
	results := method.Call(arguments)
	last := results[len(results)-1]
	if all, isIterator := last.Interface().(iter.Seq2[*player, error]); isIterator {
		for _, err := range all {
			return err
		}
		return nil
	}
	if failures, areChanges := last.Interface().(dynamapper.ChangeFailures); areChanges {
		return failures.Err()
	}
	err, _ := last.Interface().(error)
	return err
}

// argumentOf returns a valid argument of a type.
func argumentOf(t reflect.Type, key dynamapper.PrimaryKey) reflect.Value {
	switch t {
	case reflect.TypeFor[*player]():
		return reflect.ValueOf(&player{Login: "waldo"})
	case reflect.TypeFor[[]*player]():
		return reflect.ValueOf([]*player{{Login: "waldo"}})
	case reflect.TypeFor[dynamapper.PrimaryKey]():
		return reflect.ValueOf(key)
	case reflect.TypeFor[[]dynamapper.PrimaryKey]():
		return reflect.ValueOf([]dynamapper.PrimaryKey{key})
	}
	if t.Kind() == reflect.Func {
		return reflect.MakeFunc(t, func([]reflect.Value) []reflect.Value {
			return []reflect.Value{reflect.Zero(reflect.TypeFor[error]())}
		})
	}
	return reflect.Zero(t)
}
