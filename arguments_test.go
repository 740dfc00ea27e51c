package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// noClient refuses every request.
type noClient struct{ Client }

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
		new(big.Float).SetInf(true), big.NewFloat(1), PrimaryKey{}, Key("x"), EQ(1),
		Attr("text", Exists()), errNoClient, reflect.ValueOf(1), uintptr(1),
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
	Model  `dynamo:"arguments"`
	Hash   string                          `dynamo:"hash,hash"`
	Range  []byte                          `dynamo:"range,range"`
	Text   string                          `dynamo:"text,omitempty"`
	Int    int                             `dynamo:"int" index:"by-int,hash"`
	Uint   *uint8                          `dynamo:"uint"`
	Float  float64                         `dynamo:"float"`
	Big    *big.Int                        `dynamo:"big"`
	Bool   bool                            `dynamo:"bool"`
	Time   time.Time                       `dynamo:"time"`
	Unix   *time.Time                      `dynamo:"unix,unixtime"`
	Bytes  [2]byte                         `dynamo:"bytes"`
	Set    map[string]struct{}             `dynamo:"set,set"`
	Ints   []int                           `dynamo:"ints,set"`
	Blobs  [][]byte                        `dynamo:"blobs,set"`
	List   []map[string]*int               `dynamo:"list,document"`
	Map    map[int][]string                `dynamo:"map,document"`
	Doc    *argumentDocument               `dynamo:"doc,document"`
	Any    any                             `dynamo:"any,document"`
	JSON   map[string]any                  `dynamo:"json"`
	Raw    types.AttributeValue            `dynamo:"raw"`
	RawMap map[string]types.AttributeValue `dynamo:"rawmap"`
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
	table, err := TableOf[argumentModel](&Mapper{client: noClient{}})
	if err != nil {
		t.Fatal(err)
	}
	values := strangeArguments()
	for _, f := range table.schema.fields {
		below := []string{Path(f.attribute, 0), Path(f.attribute, "next"),
			Path(f.attribute, 1, "tags"), Path(f.attribute, "")}
		for i, v := range values {
			path := f.attribute
			if i%2 == f.number%2 { // half of each; no two fields have the same paths
				path = below[i%len(below)]
			}
			withStrange(t, table, path, v, values[(i+7)%len(values)])
		}
	}
	for _, v := range values {
		safely(t, "key", v, func() { withStrangeKey(t, table, v) })
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

func withStrange(t *testing.T, table *Table[argumentModel], path string, v, other any) {
	t.Helper()
	key := Key("h", []byte{1})
	for _, c := range []Comparison{
		EQ(v), NE(v), LT(v), LE(v), GT(v), GE(v), Between(v, v), Between(v, other), BeginsWith(v),
		Contains(v), NotContains(v), In(v), In(v, other), In[any](),
		Size(EQ(v)), Size(In(v, other)), Size(Size(EQ(v))), Size(Comparison{}), {}, Exists(),
		NotExists(),
	} {
		safely(t, c.shape()+" of "+path, v,
			func() {
				_, _ = table.Scan().Where(Attr(path, c), Not(Attr(path, c))).
					First(t.Context())
			})
		if path == "hash" { // once for each value is enough
			safely(t, c.shape()+" in the range", v,
				func() { _, _ = table.Query("h").Range(c).First(t.Context()) })
		}
	}
	update := func() *Update[argumentModel] { return table.Update(key) }
	for method, u := range map[string]func() *Update[argumentModel]{
		"Set":         func() *Update[argumentModel] { return update().Set(path, v) },
		"Add":         func() *Update[argumentModel] { return update().Add(path, v) },
		"SetIfAbsent": func() *Update[argumentModel] { return update().SetIfAbsent(path, v) },
		"Append":      func() *Update[argumentModel] { return update().Append(path, v, other) },
		"Prepend": func() *Update[argumentModel] {
			return update().Prepend(path).Append(path,
				v)
		},
		"AddToSet": func() *Update[argumentModel] { return update().AddToSet(path, v, other) },
		"Remove": func() *Update[argumentModel] {
			return update().Remove(path,
				Path(v, other))
		},
		"RemoveFrom": func() *Update[argumentModel] { return update().RemoveFromSet(path, v) },
	} {
		safely(t, method+" of "+path, v, func() { _, _ = u().Run(t.Context()) })
	}
}

func withStrangeKey(t *testing.T, table *Table[argumentModel], v any) {
	t.Helper()
	ctx := t.Context()
	for _, key := range []PrimaryKey{Key(v), Key("h", v), Key(v, v), Key(v, nil), Key(v, v, v)} {
		_, _ = table.Get(ctx, key, nil, Consistent(), Select(fmt.Sprintf("%T", v)))
		_, _ = table.BatchGet(ctx, []PrimaryKey{key, {}})
		_ = table.DeleteKey(ctx, key, nil)
		_ = table.DeleteKey(ctx, key)
		_ = table.BatchDelete(ctx, []PrimaryKey{key})
		_, _ = table.Update(key).Set("int", 1).Run(ctx)
		_, _ = table.ModifyOrNew(ctx, key, nil)
		_, _ = table.Modify(ctx, key, func(*argumentModel) error { return nil })
		_ = table.mapper.RunTransaction(ctx, func(ctx context.Context, tx *Tx) error {
			in := table.In(tx)
			_, _ = in.Get(ctx, key)
			in.Save(nil)
			in.Delete(nil)
			in.DeleteKey(key)
			in.Update(key).Set("int", v)
			in.Check(key, Condition{})
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
	_, _ = EncodeItem[argumentModel](nil)
	_ = DecodeItem[argumentModel](item.RawMap, nil)
}
