package tests

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// tally is a model whose items can be invalid in many ways.
type tally struct {
	dynamapper.Model `dynamo:"tallies"`
	ID               string  `dynamo:"id,hash"`
	Points           float64 `dynamo:"points"`
	Version          string  `dynamo:"version,version"`
}

// wordTally is a model of the same table, with text in place of the number.
type wordTally struct {
	dynamapper.Model `dynamo:"tallies"`
	ID               string `dynamo:"id,hash"`
	Points           string `dynamo:"points"`
}

// rangedTally has keys that differ from those of the table.
type rangedTally struct {
	dynamapper.Model `dynamo:"tallies"`
	ID               string `dynamo:"id,hash"`
	At               string `dynamo:"at,range"`
}

// operationOf returns the Op and the Table of the outermost error of an exported type.
func operationOf(err error) (op, table string, found bool) {
	for _, target := range []any{
		new(*dynamapper.TransactionError), new(*dynamapper.BatchError),
		new(*dynamapper.MaxRetriesExceededError),
		new(*dynamapper.UnknownOutcomeError), new(*dynamapper.SchemaError),
		new(*dynamapper.MigrateError), new(*dynamapper.OldItemError),
		new(*dynamapper.FieldError),
		new(*dynamapper.NotFoundError), new(*dynamapper.OverwriteError),
		new(*dynamapper.ConflictError),
		new(*dynamapper.ConditionError), new(*dynamapper.InvalidRegionError),
		new(*dynamapper.RequestError),
	} {
		if errors.As(err, target) {
			is := reflect.ValueOf(target).Elem().Elem()
			if t := is.FieldByName("Table"); t.IsValid() {
				table = t.String()
			}
			return is.FieldByName("Op").String(), table, true
		}
	}
	return "", "", false
}

type failingCall struct {
	op    string // as in the error
	call  func() error
	plain bool // the arguments are invalid, and the error has no exported type
}

// failingCalls holds the mapper, the tables and the connection of the failing calls.
type failingCalls struct {
	ctx    context.Context
	mapper *dynamapper.Mapper
	table  *dynamapper.Table[tally]
	ranged *dynamapper.Table[rangedTally]
	line   *dynamotest.Faults
}

func newFailingCalls(t *testing.T) *failingCalls {
	fixtures.SteadyEngine(t)
	line := dynamotest.NewFaults()
	f := &failingCalls{ctx: t.Context(),
		mapper: fixtures.Mapper(t, dynamapper.WithConfig(fixtures.LineConfig(t, line)),
			dynamapper.WithMaxRetries(1)), line: line}
	f.table = fixtures.TableIn[tally](t, f.mapper)
	var err error
	f.ranged, err = dynamapper.TableOf[rangedTally](f.mapper)
	require.NoError(t, err)
	words, err := dynamapper.TableOf[wordTally](f.mapper)
	require.NoError(t, err)
	require.NoError(t, words.Save(t.Context(), &wordTally{ID: "word", Points: "many"}))
	require.NoError(t, f.table.Save(t.Context(), &tally{ID: "one"}))
	return f
}

// stale returns an item that another writer has changed since it was loaded.
func (f *failingCalls) stale() *tally {
	item, err := f.table.Get(f.ctx, dynamapper.Key("one"), dynamapper.Consistent())
	if err == nil {
		_, err = f.table.Update(dynamapper.Key("one")).Add("points", 1).Run(f.ctx)
	}
	if err != nil {
		panic(err)
	}
	return item
}

// losing makes a call whose responses are lost.
func (f *failingCalls) losing(operation string, call func() error) func() error {
	return func() error {
		f.line.Each(operation, fixtures.Always(dynamotest.Lose()))
		defer f.line.Clear()
		return call()
	}
}

// in stages writes in a transaction and returns the error of RunTransaction.
func (f *failingCalls) in(stage func(x *dynamapper.TxTable[tally]) error) func() error {
	return func() error {
		return f.mapper.RunTransaction(f.ctx, func(_ context.Context, tx *dynamapper.Tx) error {
			_ = stage(f.table.In(tx))
			return nil
		})
	}
}

func no[V any](_ V, err error) error { return err }

// ofTable returns failing calls of a Table.
func (f *failingCalls) ofTable() map[string][]failingCall {
	t, ctx, word, none := f.table, f.ctx, dynamapper.Key("word"), dynamapper.Key("none")
	keep := func(*tally) error { return nil }
	spoil := func(item *tally) error { item.Points = math.NaN(); return nil }
	return map[string][]failingCall{
		"Get": {
			{op: "Get",
				call: func() error { return no(t.Get(ctx, none, dynamapper.Consistent())) }},
			{op: "Get",
				call: func() error { return no(t.Get(ctx, word, dynamapper.Consistent())) }},
			{op: "Get", plain: true,
				call: func() error { return no(t.Get(ctx, dynamapper.Key(1, 2))) }},
		},
		"BatchGet": {
			{op: "BatchGet",
				call: func() error {
					return no(
						t.BatchGet(ctx, []dynamapper.PrimaryKey{word}, dynamapper.Consistent()))
				}},
			{op: "BatchGet", plain: true,
				call: func() error {
					return no(
						t.BatchGet(ctx, []dynamapper.PrimaryKey{dynamapper.Key("")}))
				}},
		},
		"Save": {
			{op: "Save",
				call: func() error { return t.Save(ctx, f.stale(), dynamapper.FailOnConflict()) }},
			{op: "Save",
				call: func() error {
					return t.Save(ctx, &tally{ID: "one"},
						dynamapper.FailOnConflict())
				}},
			{op: "Save",
				call: func() error {
					return t.Save(ctx, &tally{ID: "none"},
						dynamapper.MustExist())
				}},
			{op: "Save",
				call: func() error { return t.Save(ctx, &tally{ID: "one", Points: math.Inf(1)}) }},
			{op: "Save", call: func() error {
				return t.Save(ctx, &tally{ID: "none"},
					dynamapper.If(dynamapper.Attr("points", dynamapper.GT(5))))
			}},
			{op: "Save", call: f.losing("PutItem", func() error {
				return t.Save(ctx, &tally{ID: "lost"},
					dynamapper.If(dynamapper.Attr("points", dynamapper.NE(5))))
			})},
			{op: "Save", plain: true, call: func() error { return t.Save(ctx, nil) }},
		},
		"BatchSave": {
			{op: "BatchSave",
				call: func() error {
					return t.BatchSave(ctx,
						[]*tally{{ID: "a", Points: math.NaN()}})
				}},
			{op: "BatchSave",
				call: f.losing("BatchWriteItem",
					func() error { return t.BatchSave(ctx, []*tally{{ID: "a"}}) })},
		},
		"Delete": {
			{op: "Delete",
				call: func() error {
					return t.Delete(ctx, f.stale(),
						dynamapper.FailOnConflict())
				}},
			{op: "Delete",
				call: func() error {
					return t.Delete(ctx, &tally{ID: "one"},
						dynamapper.FailOnConflict())
				}},
		},
		"DeleteKey": {
			{op: "DeleteKey",
				call: func() error { return t.DeleteKey(ctx, none, dynamapper.MustExist()) }},
		},
		"Take": {
			{op: "Take", call: func() error { return no(t.Take(ctx, none)) }},
			{op: "Take", call: f.losing("DeleteItem",
				func() error { return no(t.Take(ctx, none)) })},
		},
		"Replace": {
			{op: "Replace", call: func() error {
				return no(t.Replace(ctx, &tally{ID: "none"}, dynamapper.MustExist()))
			}},
			{op: "Replace", call: func() error {
				return no(t.Replace(ctx, &tally{ID: "one", Points: math.NaN()}))
			}},
		},
		"DeleteItems": {
			{op: "DeleteItems", call: f.losing("BatchWriteItem",
				func() error { return t.DeleteItems(ctx, []*tally{{ID: "none"}}) })},
		},
		"Describe": {
			{op: "Describe", call: func() error { return no(f.elsewhere().Describe(ctx)) }},
		},
		"BatchDelete": {
			{op: "BatchDelete",
				call: f.losing("BatchWriteItem",
					func() error { return t.BatchDelete(ctx, []dynamapper.PrimaryKey{none}) })},
		},
		"Modify": {
			{op: "Modify", call: func() error { return no(t.Modify(ctx, none, keep)) }},
			{op: "Modify",
				call: func() error { return no(t.Modify(ctx, dynamapper.Key("one"), spoil)) }},
			{op: "Modify", call: func() error {
				return no(t.Modify(ctx, dynamapper.Key("one"), func(item *tally) error {
					item.Points++
					f.stale()
					return nil
				}))
			}},
		},
		"ModifyOrNew": {
			{op: "ModifyOrNew", call: func() error { return no(t.ModifyOrNew(ctx, none, spoil)) }},
		},
		"Settle": {
			{op: "Settle", call: func() error { return no(t.Settle(ctx, none)) }},
			{op: "Settle",
				call: func() error { return no(f.ranged.Settle(ctx, dynamapper.Key("a", "b"))) }},
		},
		"Migrate": {
			{op: "Migrate", call: func() error { return no(t.Migrate(ctx)) }},
			{op: "Migrate", plain: true,
				call: func() error { return no(t.Migrate(ctx, dynamapper.Segments(0))) }},
		},
		"CreateTable": {
			{op: "CreateTable", call: func() error { return t.CreateTable(ctx) }},
			{op: "CreateTable", plain: true, call: func() error { return t.CreateTable(ctx, nil) }},
		},
		"EnsureTable": {
			{op: "EnsureTable", call: func() error { return f.ranged.EnsureTable(ctx) }},
			{op: "EnsureTable", plain: true, call: func() error { return t.EnsureTable(ctx, nil) }},
		},
		"Verify": {
			{op: "Verify", call: func() error { return f.ranged.Verify(ctx) }},
		},
		"DeleteTable": {
			{op: "DeleteTable",
				call: f.losing("DeleteTable",
					func() error { return f.elsewhere().DeleteTable(ctx) })},
			{op: "DeleteTable", call: func() error { return f.elsewhere().DeleteTable(ctx) }},
		},
		"MarshalItem": {
			{op: "MarshalItem",
				call: func() error { return no(t.MarshalItem(&tally{Points: math.NaN()})) }},
		},
		"UnmarshalItem": {
			{op: "UnmarshalItem", call: func() error { return no(t.UnmarshalItem(nil)) }},
		},
		"UnmarshalItemJSON": {
			{op: "UnmarshalItemJSON",
				call: func() error {
					return no(
						t.UnmarshalItemJSON([]byte(`{"points":{"S":"x"}}`)))
				}},
			{op: "UnmarshalItemJSON", plain: true,
				call: func() error { return no(t.UnmarshalItemJSON([]byte(`{"Records":[]}`))) }},
		},
	}
}

// elsewhere returns a table that does not exist, whose name contains that of the other table.
func (f *failingCalls) elsewhere() *dynamapper.Table[tally] {
	table, err := dynamapper.TableOf[tally](f.mapper, dynamapper.WithTableName("tallies-elsewhere"))
	if err != nil {
		panic(err)
	}
	return table
}

// ofReads returns failing calls of Query and Scan.
func (f *failingCalls) ofReads() map[string][]failingCall {
	ctx := f.ctx
	query, scan := func() *dynamapper.Query[tally] { return f.table.Query("word").Consistent() },
		func() *dynamapper.Scan[tally] { return f.table.Scan().Consistent() }
	all := map[string][]failingCall{}
	for _, run := range []struct {
		name        string
		query, scan func() error
		plain       bool
	}{
		{"Collect", func() error { return no(query().Collect(ctx)) },
			func() error { return no(scan().Collect(ctx)) }, false},
		{"First", func() error { return no(f.table.Query("none").First(ctx)) },
			func() error {
				return no(
					scan().Where(dynamapper.Attr("points", dynamapper.EQ(1234))).First(ctx))
			}, false},
		{"Page", func() error { return no(query().Page(ctx)) },
			func() error { return no(scan().Page(ctx)) }, false},
		{"Count", func() error { return no(query().Limit(-1).Count(ctx)) },
			func() error { return no(scan().Limit(-1).Count(ctx)) }, true},
		{"All", func() error { return lastError(query().All(ctx)) },
			func() error { return lastError(scan().All(ctx)) }, false},
	} {
		all["Query."+run.name] = []failingCall{{op: "Query", call: run.query, plain: run.plain}}
		all["Scan."+run.name] = []failingCall{{op: "Scan", call: run.scan, plain: run.plain}}
	}
	return all
}

func lastError[V any](all func(func(V, error) bool)) (last error) {
	for _, err := range all {
		last = err
	}
	return last
}

// ofOthers returns failing calls of Update, of RunTransaction and of TxTable.
func (f *failingCalls) ofOthers() map[string][]failingCall {
	one, none := dynamapper.Key("one"), dynamapper.Key("none")
	return map[string][]failingCall{
		"Update.Run": {
			{op: "Update",
				call: func() error {
					return no(
						f.table.Update(none).Add("points", 1).MustExist().Run(f.ctx))
				}},
			{op: "Update",
				call: f.losing("UpdateItem",
					func() error { return no(f.table.Update(one).Add("points", 1).Run(f.ctx)) })},
			{op: "Update", plain: true,
				call: func() error { return no(f.table.Update(one).Run(f.ctx)) }},
		},
		"Update.RunOld": {
			{op: "Update",
				call: func() error {
					return no(f.table.Update(none).Add("points", 1).MustExist().RunOld(f.ctx))
				}},
		},
		"TxTable.Get": {
			{op: "Get", call: func() error {
				return f.mapper.RunTransaction(f.ctx,
					func(ctx context.Context, tx *dynamapper.Tx) error {
						return no(f.table.In(tx).Get(ctx, none))
					})
			}},
			{op: "Get", call: func() error { // read twice, and changed in between
				return errors.Unwrap(
					f.mapper.RunTransaction(f.ctx,
						func(ctx context.Context, tx *dynamapper.Tx) error {
							_, err := f.table.In(tx).Get(ctx, one)
							f.stale()
							f.table.In(tx).Check(none,
								dynamapper.Attr("points", dynamapper.NotExists()))
							return err
						}))
			}},
		},
		"TxTable.Save": {
			{op: "RunTransaction",
				call: f.in(
					func(x *dynamapper.TxTable[tally]) error { return x.Save(&tally{ID: "one"}) })},
			{op: "Save",
				call: f.in(
					func(x *dynamapper.TxTable[tally]) error {
						return x.Save(
							&tally{ID: "new", Points: math.NaN()})
					})},
			{op: "Save", plain: true,
				call: f.in(func(x *dynamapper.TxTable[tally]) error { return x.Save(nil) })},
		},
		"TxTable.Put": {
			{op: "Put",
				call: f.in(
					func(x *dynamapper.TxTable[tally]) error {
						return x.Put(&tally{ID: "new", Points: math.NaN()})
					})},
			{op: "Put", plain: true,
				call: f.in(func(x *dynamapper.TxTable[tally]) error { return x.Put(nil) })},
		},
		"Mapper.TransactGet": {
			{op: "TransactGet", plain: true, call: func() error {
				var tooMany []dynamapper.AnyFetch
				for i := range 101 {
					tooMany = append(tooMany, f.table.Fetch(dynamapper.Key(fmt.Sprint(i))))
				}
				return f.mapper.TransactGet(f.ctx, tooMany...)
			}},
			{op: "TransactGet", call: f.losing("TransactGetItems", func() error {
				return f.mapper.TransactGet(f.ctx, f.table.Fetch(one))
			})},
			{op: "TransactGet", call: func() error {
				missing := f.table.Fetch(none)
				if err := f.mapper.TransactGet(f.ctx, missing); err != nil {
					return err
				}
				return missing.Err
			}},
		},
		"Mapper.BatchWrite": {
			{op: "BatchWrite", call: f.losing("BatchWriteItem", func() error {
				return f.mapper.BatchWrite(f.ctx, f.table.Puts(&tally{ID: "a"}))
			})},
		},
		"Mapper.BatchGet": {
			{op: "BatchGet", plain: true, call: func() error {
				return f.mapper.BatchGet(f.ctx, f.table.Fetch(one, nil))
			}},
			{op: "BatchGet", call: f.losing("BatchGetItem", func() error {
				return f.mapper.BatchGet(f.ctx, f.table.Fetch(one))
			})},
		},
		"TxTable.Delete": {
			{op: "RunTransaction",
				call: f.in(
					func(x *dynamapper.TxTable[tally]) error { return x.Delete(f.stale()) })},
			{op: "Delete",
				call: f.in(
					func(x *dynamapper.TxTable[tally]) error {
						return x.Delete(
							&tally{ID: "one"})
					})},
		},
		"TxTable.DeleteKey": {
			{op: "RunTransaction",
				call: f.in(
					func(x *dynamapper.TxTable[tally]) error {
						return x.DeleteKey(none,
							dynamapper.MustExist())
					})},
			{op: "DeleteKey", plain: true,
				call: f.in(
					func(x *dynamapper.TxTable[tally]) error {
						return x.DeleteKey(
							dynamapper.Key(""))
					})},
		},
		"TxTable.Check": {
			{op: "RunTransaction",
				call: f.in(func(x *dynamapper.TxTable[tally]) error { return x.Check(none) })},
			{op: "Check", plain: true,
				call: f.in(
					func(x *dynamapper.TxTable[tally]) error {
						return x.Check(none,
							dynamapper.Condition{})
					})},
		},
		"Mapper.RunTransaction": {
			{op: "RunTransaction",
				call: f.losing("TransactWriteItems",
					f.in(
						func(x *dynamapper.TxTable[tally]) error {
							return x.DeleteKey(
								dynamapper.Key("other"))
						}))},
			{op: "RunTransaction", call: func() error {
				return f.mapper.RunTransaction(f.ctx,
					func(ctx context.Context, tx *dynamapper.Tx) error {
						item, err := f.table.In(tx).Get(ctx, one)
						item.Points++ // without a write of it
						return err
					})
			}},
			{op: "RunTransaction", call: func() error {
				return f.mapper.RunTransaction(f.ctx,
					func(ctx context.Context, tx *dynamapper.Tx) error {
						item, err := f.table.In(tx).Get(ctx, one)
						f.stale()
						_ = f.table.In(tx).Save(item)
						return err
					})
			}},
			{op: "Update", plain: true,
				call: f.in(func(x *dynamapper.TxTable[tally]) error { x.Update(one); return nil })},
		},
	}
}

// refusedCalls returns a call of each operation that sends a request, by its name in errors.
func (f *failingCalls) refusedCalls(item *tally) map[string][]func() error {
	t, ctx, one := f.table, f.ctx, dynamapper.Key("one")
	keep := func(*tally) error { return nil }
	query, scan := t.Query("one"), t.Scan()
	return map[string][]func() error{
		"Get": {func() error { return no(t.Get(ctx, one)) }},
		"BatchGet": {
			func() error { return no(t.BatchGet(ctx, []dynamapper.PrimaryKey{one})) },
			func() error { return f.mapper.BatchGet(ctx, t.Fetch(one)) },
		},
		"TransactGet": {func() error { return f.mapper.TransactGet(ctx, t.Fetch(one)) }},
		"Query": {
			func() error { return no(query.Collect(ctx)) },
			func() error { return no(query.First(ctx)) },
			func() error { return no(query.Page(ctx)) },
			func() error { return no(query.Count(ctx)) },
			func() error { return lastError(query.All(ctx)) },
		},
		"Scan": {
			func() error { return no(scan.Collect(ctx)) },
			func() error { return no(scan.Count(ctx)) },
			func() error { return no(scan.Parallel(3).Collect(ctx)) },
		},
		"Save": {
			func() error { return t.Save(ctx, &tally{ID: "one"}) },
			func() error { return t.Save(ctx, item, dynamapper.FailOnConflict()) },
			func() error { return t.Save(ctx, &tally{ID: "one"}, dynamapper.Idempotent()) },
		},
		"Delete":    {func() error { return t.Delete(ctx, item) }},
		"DeleteKey": {func() error { return t.DeleteKey(ctx, one) }},
		"Update":    {func() error { return no(t.Update(one).Add("points", 1).Run(ctx)) }},
		"Modify":    {func() error { return no(t.Modify(ctx, one, keep)) }},
		"ModifyOrNew": {func() error {
			return no(t.ModifyOrNew(ctx, one, keep))
		}},
		"Settle":      {func() error { return no(t.Settle(ctx, one)) }},
		"Migrate":     {func() error { return no(t.Migrate(ctx)) }},
		"CreateTable": {func() error { return t.CreateTable(ctx) }},
		"EnsureTable": {func() error { return t.EnsureTable(ctx) }},
		"Verify":      {func() error { return t.Verify(ctx) }},
		"DeleteTable": {func() error { return t.DeleteTable(ctx) }},
	}
}

// If the service refuses a request, the error is a RequestError with the call, the table and the
// SDK's error.
func TestARefusedRequestIsARequestError(t *testing.T) {
	t.Parallel()
	f := newFailingCalls(t)
	item, err := f.table.Get(f.ctx, dynamapper.Key("one"), dynamapper.Consistent())
	require.NoError(t, err)
	f.line.Each("", fixtures.Always(dynamotest.Refuse(http.StatusBadRequest,
		"AccessDeniedException")))
	for op, calls := range f.refusedCalls(item) {
		for i, call := range calls {
			at := fmt.Sprintf("%s, %d", op, i)
			err := call()
			var request *dynamapper.RequestError
			require.ErrorAs(t, err, &request, at)
			require.Same(t, err, request, at)
			require.Equal(t, op, request.Op, at)
			require.Equal(t, f.table.Name(), request.Table, at)
			require.True(t, strings.HasPrefix(err.Error(), fmt.Sprintf("dynamapper: %s: table %q: "+
				"the credentials do not allow this", op, f.table.Name())), err)
			var api smithy.APIError
			require.ErrorAs(t, request.Err, &api, at)
			require.Equal(t, "AccessDeniedException", api.ErrorCode(), at)
		}
	}
}

// Every error names the operation and the table, in its message and in its fields.
func TestErrorsNameOperationAndTable(t *testing.T) {
	t.Parallel()
	f := newFailingCalls(t)
	all := map[string][]failingCall{}
	for name, ones := range f.ofTable() {
		all["Table."+name] = ones
	}
	for _, more := range []map[string][]failingCall{f.ofReads(), f.ofOthers()} {
		for name, ones := range more {
			all[name] = ones
		}
	}
	for name, ones := range all {
		for i, one := range ones {
			err := one.call()
			at := fmt.Sprintf("%s, %d: %v", name, i, err)
			require.Error(t, err, at)
			require.True(t, strings.HasPrefix(err.Error(), "dynamapper: "+one.op+": "), at)
			require.Contains(t, err.Error(),
				fmt.Sprintf("%q", f.table.Name())[:len(f.table.Name())], at)
			require.Equal(t, 1, strings.Count(err.Error(), "dynamapper: "), at)
			op, table, typed := operationOf(err)
			require.Equal(t, one.plain, !typed, at)
			if typed {
				require.Equal(t, one.op, op, at)
			}
			if table != "" {
				require.True(t,
					strings.HasPrefix(err.Error(),
						fmt.Sprintf("dynamapper: %s: table %q: ", op, table)), at)
			}
		}
	}
	for _, has := range []reflect.Type{
		reflect.TypeFor[*dynamapper.Table[tally]](), reflect.TypeFor[*dynamapper.Query[tally]](),
		reflect.TypeFor[*dynamapper.Scan[tally]](), reflect.TypeFor[*dynamapper.Update[tally]](),
		reflect.TypeFor[*dynamapper.TxTable[tally]](), reflect.TypeFor[*dynamapper.Mapper](),
	} {
		for i := range has.NumMethod() {
			m := has.Method(i)
			if n := m.Type.NumOut(); n > 0 && m.Type.Out(n-1) == reflect.TypeFor[error]() {
				name, _, _ := strings.Cut(has.Elem().Name(), "[")
				require.Contains(t, all, name+"."+m.Name, "make it fail here")
			}
		}
	}
}

// Errors of calls without a table name the operation.
func TestErrorsOfCallsWithoutATable(t *testing.T) {
	t.Parallel()
	type noKey struct{ dynamapper.Model }
	_, ofTable := dynamapper.TableOf[noKey](fixtures.Mapper(t))
	_, ofEncode := dynamapper.EncodeItem(&noKey{})
	_, ofValue := dynamapper.EncodeItem(&tally{Points: math.NaN()})
	for name, err := range map[string]error{
		"TableOf": ofTable, "EncodeItem": ofEncode,
		"DecodeItem": dynamapper.DecodeItem(nil, &noKey{}),
	} {
		op, _, _ := operationOf(err)
		require.Equal(t, name, op)
		require.True(t,
			strings.HasPrefix(err.Error(),
				"dynamapper: "+name+": tests.noKey: no field is the hash key"), err)
	}
	op, _, _ := operationOf(ofValue)
	require.Equal(t, "EncodeItem", op)
}
