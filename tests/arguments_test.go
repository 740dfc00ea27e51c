package tests

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	gotoken "go/token"
	"math"
	"math/big"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

// noClient refuses every request.
type noClient struct{ dynamapper.Client }

var errNoClient = errors.New("no request is answered")

func (noClient) GetItem(
	context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	return nil, errNoClient
}

func (noClient) UpdateItem(
	context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	return nil, errNoClient
}

func (noClient) DeleteItem(
	context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options),
) (*dynamodb.DeleteItemOutput, error) {
	return nil, errNoClient
}

func (noClient) Query(
	context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options),
) (*dynamodb.QueryOutput, error) {
	return nil, errNoClient
}

func (noClient) Scan(
	context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options),
) (*dynamodb.ScanOutput, error) {
	return nil, errNoClient
}

func (noClient) BatchWriteItem(
	context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options),
) (*dynamodb.BatchWriteItemOutput, error) {
	return nil, errNoClient
}

func (noClient) BatchGetItem(
	context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options),
) (*dynamodb.BatchGetItemOutput, error) {
	return nil, errNoClient
}

func (noClient) TransactWriteItems(
	context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options),
) (
	*dynamodb.TransactWriteItemsOutput, error,
) {
	return nil, errNoClient
}

// refusedMapper returns a mapper whose requests are refused.
func refusedMapper(t *testing.T) *dynamapper.Mapper {
	t.Helper()
	mapper, err := dynamapper.New(noClient{}, dynamapper.WithMaxRetries(1))
	require.NoError(t, err)
	return mapper
}

// What the errors of empty values say.
const (
	noTable       = "the table is nil or empty; make it with TableOf"
	noTransaction = "the transaction is nil; give the one that the function of RunTransaction gets"
)

type strange struct{ _ *strange }

// strangeArguments returns values of every kind, mainly empty and wrong ones.
func strangeArguments() []any {
	var nilInt *int
	var nilTime *time.Time
	var nilS *types.AttributeValueMemberS
	var nilMarshaler *strange
	var nilError error
	number, text := 7, "x"
	pointer, loop := &number, any(nil)
	loop = &loop
	round := map[string]any{}
	round["a"] = round
	return []any{
		nil, nilInt, nilTime, nilS, nilMarshaler, nilError, &nilInt, &pointer, &loop, round, 0, -1,
		math.NaN(), math.Inf(1), int8(3), uint64(math.MaxUint64), 1.5,
		float32(2), "", "x", "\xff", &text, true, []byte(nil), []byte{}, []byte{1}, [2]byte{},
		[0]int{}, []string(nil), []string{}, []string{"a", ""},
		[]any{nil, []any{nil}}, map[string]any(nil), map[string]any{"": nil},
		map[*big.Int]int{nil: 1}, map[float64]int{1: 1}, map[any]any{nil: nil, 1: 2},
		struct{}{}, strange{}, &strange{}, func() {}, make(chan int), complex(1, 2), time.Time{},
		time.Now(), time.Unix(1e15, 0), big.NewInt(5), *big.NewInt(5),
		new(big.Float).SetInf(true), big.NewFloat(1), dynamapper.PrimaryKey{}, dynamapper.Key("x"),
		dynamapper.EQ(1),
		dynamapper.Attr("text", dynamapper.Exists()), errNoClient, reflect.ValueOf(1), uintptr(1),
		&types.AttributeValueMemberS{}, &types.AttributeValueMemberN{Value: "x"},
		&types.AttributeValueMemberNULL{},
		&types.AttributeValueMemberL{Value: []types.AttributeValue{nil}},
		&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"": nil}},
		&types.AttributeValueMemberSS{}, &types.UnknownUnionMember{},
		map[string]types.AttributeValue{"a": nil}, []*int{nil}, []map[string]*int{nil, {"a": nil}},
		map[string]struct{}{"": {}}, map[string]bool{"a": false},
	}
}

// argumentModel has a field of every kind.
type argumentModel struct {
	dynamapper.Model `dynamo:"arguments"`
	Hash             string                          `dynamo:"hash,hash"`
	Range            []byte                          `dynamo:"range,range"`
	Text             string                          `dynamo:"text,omitempty"`
	Int              int                             `dynamo:"int" index:"by-int,hash"`
	Uint             *uint8                          `dynamo:"uint"`
	Float            float64                         `dynamo:"float"`
	Big              *big.Int                        `dynamo:"big"`
	Bool             bool                            `dynamo:"bool"`
	Time             time.Time                       `dynamo:"time"`
	Unix             *time.Time                      `dynamo:"unix,unixtime"`
	Bytes            [2]byte                         `dynamo:"bytes"`
	Set              map[string]struct{}             `dynamo:"set,set"`
	Ints             []int                           `dynamo:"ints,set"`
	Blobs            [][]byte                        `dynamo:"blobs,set"`
	List             []map[string]*int               `dynamo:"list,document"`
	Map              map[int][]string                `dynamo:"map,document"`
	Doc              *argumentDocument               `dynamo:"doc,document"`
	Any              any                             `dynamo:"any,document"`
	JSON             map[string]any                  `dynamo:"json"`
	Raw              types.AttributeValue            `dynamo:"raw"`
	RawMap           map[string]types.AttributeValue `dynamo:"rawmap"`
}

type argumentDocument struct {
	Next *argumentDocument `dynamo:"next"`
	At   time.Time         `dynamo:"at"`
	Tags []string          `dynamo:"tags,set"`
	Pair [2]int            `dynamo:"pair"`
}

// Any value as a key, an operand, a clause or an element of a path is accepted or refused, and
// never causes a panic.
func TestStrangeArgumentsDoNotPanic(t *testing.T) {
	t.Parallel()
	mapper := refusedMapper(t)
	table, err := dynamapper.TableOf[argumentModel](mapper)
	if err != nil {
		t.Fatal(err)
	}
	values := strangeArguments()
	model := reflect.TypeFor[argumentModel]()
	for number := range model.NumField() - 1 {
		attribute, _, _ := strings.Cut(model.Field(number+1).Tag.Get("dynamo"), ",")
		below := []string{dynamapper.Path(attribute, 0), dynamapper.Path(attribute, "next"),
			dynamapper.Path(attribute, 1, "tags"), dynamapper.Path(attribute, "")}
		for i, v := range values {
			path := attribute
			if i%2 == number%2 { // half of each; no two fields have the same paths
				path = below[i%len(below)]
			}
			withStrange(t, table, path, v, values[(i+7)%len(values)])
		}
	}
	for _, v := range values {
		safely(t, "key", v, func() { withStrangeKey(t, mapper, table, v) })
	}
}

// safely fails the test if a call panics.
func safely(t *testing.T, what string, v any, call func()) {
	t.Helper()
	defer func() {
		if panicked := recover(); panicked != nil {
			t.Errorf("%s with %T: %v", what, v, panicked)
		}
	}()
	call()
}

func withStrange(t *testing.T, table *dynamapper.Table[argumentModel], path string, v, other any) {
	t.Helper()
	key := dynamapper.Key("h", []byte{1})
	for i, c := range []dynamapper.Comparison{
		dynamapper.EQ(v), dynamapper.NE(v), dynamapper.LT(v), dynamapper.LE(v), dynamapper.GT(v),
		dynamapper.GE(v), dynamapper.Between(v, v), dynamapper.Between(v, other),
		dynamapper.BeginsWith(v),
		dynamapper.Contains(v), dynamapper.NotContains(v), dynamapper.In(v), dynamapper.In(v,
			other), dynamapper.In[any](),
		dynamapper.Size(dynamapper.EQ(v)), dynamapper.Size(dynamapper.In(v, other)),
		dynamapper.Size(dynamapper.Size(dynamapper.EQ(v))),
		dynamapper.Size(dynamapper.Comparison{}), {}, dynamapper.Exists(),
		dynamapper.NotExists(),
	} {
		safely(t, fmt.Sprintf("comparison %d of %s", i, path), v,
			func() {
				_, _ = table.Scan().Where(dynamapper.Attr(path, c),
					dynamapper.Not(dynamapper.Attr(path, c))).
					First(t.Context())
			})
		if path == "hash" { // once for each value is enough
			safely(t, fmt.Sprintf("comparison %d in the range", i), v,
				func() { _, _ = table.Query("h").Range(c).First(t.Context()) })
		}
	}
	update := func() *dynamapper.Update[argumentModel] { return table.Update(key) }
	for method, u := range map[string]func() *dynamapper.Update[argumentModel]{
		"Set": func() *dynamapper.Update[argumentModel] { return update().Set(path, v) },
		"Add": func() *dynamapper.Update[argumentModel] { return update().Add(path, v) },
		"SetIfAbsent": func() *dynamapper.Update[argumentModel] {
			return update().SetIfAbsent(path,
				v)
		},
		"Append": func() *dynamapper.Update[argumentModel] {
			return update().Append(path, v,
				other)
		},
		"Prepend": func() *dynamapper.Update[argumentModel] {
			return update().Prepend(path).Append(path,
				v)
		},
		"AddToSet": func() *dynamapper.Update[argumentModel] {
			return update().AddToSet(path, v,
				other)
		},
		"Remove": func() *dynamapper.Update[argumentModel] {
			return update().Remove(path,
				dynamapper.Path(v, other))
		},
		"RemoveFrom": func() *dynamapper.Update[argumentModel] {
			return update().RemoveFromSet(path, v)
		},
	} {
		safely(t, method+" of "+path, v, func() { _, _ = u().Run(t.Context()) })
	}
}

func withStrangeKey(
	t *testing.T, mapper *dynamapper.Mapper, table *dynamapper.Table[argumentModel], v any,
) {
	t.Helper()
	ctx := t.Context()
	for _, key := range []dynamapper.PrimaryKey{dynamapper.Key(v), dynamapper.Key("h", v),
		dynamapper.Key(v, v), dynamapper.Key(v, nil), dynamapper.Key(v, v, v)} {
		_, _ = table.Get(ctx, key, nil, dynamapper.Consistent(),
			dynamapper.Select(fmt.Sprintf("%T", v)))
		_, _ = table.BatchGet(ctx, []dynamapper.PrimaryKey{key, {}})
		_ = mapper.BatchGet(ctx, table.Fetch(key), nil)
		_ = mapper.TransactGet(ctx, table.Fetch(key, dynamapper.Select(fmt.Sprintf("%T", v))))
		_ = table.DeleteKey(ctx, key, nil)
		_ = table.DeleteKey(ctx, key)
		_ = table.BatchDelete(ctx, []dynamapper.PrimaryKey{key})
		_, _ = table.Update(key).Set("int", 1).Run(ctx)
		_, _ = table.ModifyOrNew(ctx, key, nil)
		_, _ = table.Modify(ctx, key, func(*argumentModel) error { return nil })
		_ = mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
			in := table.In(tx)
			_, _ = in.Get(ctx, key)
			in.Save(nil)
			in.Put(nil)
			in.Delete(nil)
			in.DeleteKey(key)
			in.Update(key).Set("int", v)
			in.Check(key, dynamapper.Condition{})
			return nil
		})
		_, _ = table.Query(v).Index("by-int").Where().Select().Limit(-1).Count(ctx)
		_, _ = table.Query(v).From(fmt.Sprintf("%T", v)).Page(ctx)
	}
	item := &argumentModel{Hash: "h", Range: []byte{1}, Any: v, JSON: map[string]any{"a": v}}
	item.Raw, _ = v.(types.AttributeValue)
	item.RawMap, _ = v.(map[string]types.AttributeValue)
	_, _ = table.MarshalItem(item)
	_ = table.BatchSave(ctx, []*argumentModel{item, nil})
	table.ToMap(item)
	table.KeyOf(nil)
	table.New(nil)
	table.Snapshot(nil)
	table.ToMap(nil)
	table.IsNew(nil)
	_, _ = table.UnmarshalItem(item.RawMap)
	_, _ = table.MarshalItem(nil)
	_, _ = dynamapper.EncodeItem[argumentModel](nil)
	_ = dynamapper.DecodeItem[argumentModel](item.RawMap, nil)
}

type emptyItem struct {
	dynamapper.Model `dynamo:"items"`
	ID               string `dynamo:"id,hash"`
}

// resultTypes are the types of results, whose empty values are valid: nothing is to be done, and
// nothing has failed.
var resultTypes = []string{"Plan", "ChangeFailures"}

// emptyTypes returns the exported types with pointer methods, except the errors: a nil pointer and
// an empty value of each.
func emptyTypes() map[string][2]any {
	return map[string][2]any{
		"Mapper":   {(*dynamapper.Mapper)(nil), &dynamapper.Mapper{}},
		"Table":    {(*dynamapper.Table[emptyItem])(nil), &dynamapper.Table[emptyItem]{}},
		"Query":    {(*dynamapper.Query[emptyItem])(nil), &dynamapper.Query[emptyItem]{}},
		"Scan":     {(*dynamapper.Scan[emptyItem])(nil), &dynamapper.Scan[emptyItem]{}},
		"Search":   {(*dynamapper.Search[emptyItem])(nil), &dynamapper.Search[emptyItem]{}},
		"Update":   {(*dynamapper.Update[emptyItem])(nil), &dynamapper.Update[emptyItem]{}},
		"TxTable":  {(*dynamapper.TxTable[emptyItem])(nil), &dynamapper.TxTable[emptyItem]{}},
		"TxUpdate": {(*dynamapper.TxUpdate[emptyItem])(nil), &dynamapper.TxUpdate[emptyItem]{}},

		"Collection":       {(*dynamapper.Collection)(nil), &dynamapper.Collection{}},
		"CollectionQuery":  {(*dynamapper.CollectionQuery)(nil), &dynamapper.CollectionQuery{}},
		"CollectionScan":   {(*dynamapper.CollectionScan)(nil), &dynamapper.CollectionScan{}},
		"CollectionSearch": {(*dynamapper.CollectionSearch)(nil), &dynamapper.CollectionSearch{}},
	}
}

// Methods of a nil or empty value of an exported type never panic; the call that would send a
// request returns an error.
func TestEmptyValuesReturnErrors(t *testing.T) {
	t.Parallel()
	for _, name := range pointerTypes(t) {
		require.Contains(t, emptyTypes(), name, "add the type here")
	}
	mapper := refusedMapper(t)
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
				err := mapper.RunTransaction(t.Context(), func(ctx context.Context,
					_ *dynamapper.Tx) error {
					return callEmpty(ctx, receiver.Method(i), at)
				})
				require.ErrorContains(t, err, noTransaction, at)
			}
		}
	}
}

// A nil or empty table stages nothing, and RunTransaction returns the error.
func TestAnEmptyTableInATransaction(t *testing.T) {
	t.Parallel()
	mapper := refusedMapper(t)
	for _, table := range []*dynamapper.Table[emptyItem]{nil, {}} {
		in := reflect.TypeOf(table.In(nil))
		for i := range in.NumMethod() {
			var staged error
			err := mapper.RunTransaction(t.Context(), func(ctx context.Context,
				tx *dynamapper.Tx) error {
				staged = callEmpty(ctx, reflect.ValueOf(table.In(tx)).Method(i), in.Method(i).Name)
				if in.Method(i).Name == "Get" {
					return staged
				}
				return nil
			})
			require.ErrorContains(t, err, noTable, in.Method(i).Name)
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
		require.Regexp(t, `^dynamapper: \w+: the (table|mapper|collection) is nil or empty; make`,
			result.Error(), at)
		return
	case interface {
		Count(context.Context) (int, error)
	}:
		_, err := result.Count(ctx)
		requireEmpty(t, err, at)
	case interface {
		Run(context.Context) (*emptyItem, error)
	}:
		_, err := result.Run(ctx)
		requireEmpty(t, err, at)
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
		requireEmpty(t, err, at)
	}
}

// requireEmpty requires the error of a nil or empty value, which depends on its type.
func requireEmpty(t *testing.T, err error, at string) {
	t.Helper()
	want := noTable
	if strings.HasPrefix(at, "Collection") {
		want = "the collection is nil or empty; make it with NewCollection"
	}
	require.ErrorContains(t, err, want, at)
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
		case reflect.TypeFor[dynamapper.PrimaryKey]():
			arg = dynamapper.Key("a")
		case reflect.TypeFor[dynamapper.Comparison]():
			arg = dynamapper.EQ("a")
		case reflect.TypeFor[[]dynamapper.PrimaryKey]():
			arg = []dynamapper.PrimaryKey{dynamapper.Key("a")}
		case reflect.TypeFor[*emptyItem]():
			arg = &emptyItem{ID: "a"}
		case reflect.TypeFor[[]*emptyItem]():
			arg = []*emptyItem{{ID: "a"}}
		case reflect.TypeFor[func(*emptyItem) error]():
			arg = func(*emptyItem) error { return nil }
		case reflect.TypeFor[func(context.Context, *dynamapper.Tx) error]():
			arg = func(context.Context, *dynamapper.Tx) error { return nil }
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
	var names []string
	for _, method := range declaredMethods(t) {
		pointer, ok := method.Recv.List[0].Type.(*ast.StarExpr)
		if !ok || !method.Name.IsExported() {
			continue
		}
		of := pointer.X
		if generic, ok := of.(*ast.IndexExpr); ok {
			of = generic.X
		}
		if name := of.(*ast.Ident).Name; ast.IsExported(name) &&
			!strings.HasSuffix(name, "Error") && !slices.Contains(names, name) &&
			!slices.Contains(resultTypes, name) {
			names = append(names, name)
		}
	}
	require.Len(t, names, len(emptyTypes()))
	return names
}

// declaredMethods returns the methods that the files of this package declare.
func declaredMethods(t *testing.T) []*ast.FuncDecl {
	t.Helper()
	files, err := filepath.Glob("../*.go")
	require.NoError(t, err)
	var methods []*ast.FuncDecl
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(gotoken.NewFileSet(), file, nil,
			parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, declared := range parsed.Decls {
			if method, ok := declared.(*ast.FuncDecl); ok && method.Recv != nil {
				methods = append(methods, method)
			}
		}
	}
	return methods
}
