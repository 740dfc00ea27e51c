package dynamapper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/shown"
)

// hostile ends a log line, colors a terminal, changes the direction of the text, is not valid
// UTF-8, and is very long.
var hostile = "a\x1b[31m\r\n2026-01-01 ERROR forged \x00\x7f\u202e\u2028\xff" +
	strings.Repeat("k\x1b", 150_000)

// requireShown requires that an error's text is one printable line of limited length.
func requireShown(t *testing.T, err error, what string) {
	t.Helper()
	if err == nil {
		return
	}
	text := err.Error()
	require.True(t, utf8.ValidString(text), what)
	require.Less(t, strings.IndexFunc(text, func(r rune) bool { return !strconv.IsPrint(r) }), 0,
		what)
	most := shown.MaxText
	if errors.Is(err, ErrSchema) {
		most = shown.MaxSchema
	}
	require.LessOrEqual(t, len(text), most+len("…"), what)
}

// hostileErrors returns errors of every type in this package, filled with foreign text.
func hostileErrors() map[string][]error {
	foreign, key := errors.New(hostile), Key(hostile)
	names := strings.Split(strings.Repeat(hostile[:100]+",", 200), ",")
	model := reflect.TypeFor[orderModel]()
	many := make([]error, 200)
	for i := range many {
		many[i] = foreign
	}
	return map[string][]error{
		"SchemaError": {
			&SchemaError{Type: model, Field: hostile, Attribute: hostile, Problem: hostile}},
		"FieldError": {
			&FieldError{Op: hostile, Field: hostile, Attribute: hostile, Err: foreign},
			&FieldError{}, placedAt(foreign, namedPath("", hostile)), withMember(foreign, hostile)},
		"NotFoundError": {&NotFoundError{Op: hostile, Table: hostile, Key: key}},
		"OtherEntityError": {
			&OtherEntityError{Op: hostile, Table: hostile, Key: key, Entity: hostile, Found: hostile},
			&OtherEntityError{Op: hostile, Table: hostile, Entity: hostile}},
		"UnknownEntityError": {
			&UnknownEntityError{Op: hostile, Table: hostile, Key: key, Entity: hostile},
			&UnknownEntityError{Op: hostile, Table: hostile}},
		"ViewError": {&ViewError{Op: hostile, Table: hostile, Field: hostile, Problem: hostile},
			&ViewError{}},
		"OverwriteError": {&OverwriteError{Table: hostile, Key: key}},
		"ConflictError": {&ConflictError{Table: hostile, Attributes: names},
			&ConflictError{Attributes: names, moved: true, operation: 1},
			&ConflictError{Attributes: names, outside: true}},
		"ConditionError":   {&ConditionError{Table: hostile, attributes: names}},
		"TransactionError": {&TransactionError{Reasons: many}, &TransactionError{}},
		"PlanError": {&PlanError{}, &PlanError{Op: hostile, Table: hostile, Left: []TableChange{
			{Table: hostile, What: hostile}, {Impossible: hostile}}}},
		"MigrateError": {&MigrateError{Op: hostile, Table: hostile, Key: key, Err: foreign},
			&MigrateError{}},
		"ChangeError": {&ChangeError{}, &ChangeError{Op: hostile, Table: hostile,
			EventID: hostile, SequenceNumber: hostile, Err: foreign}},
		"OldItemError": {&OldItemError{Op: hostile, Table: hostile, Err: foreign}, &OldItemError{}},
		"BatchError": {&BatchError{Table: hostile, Err: joinReasons(many)},
			&BatchError{Err: foreign}, &BatchError{}},
		"UnknownOutcomeError": {&UnknownOutcomeError{Op: hostile, Table: hostile, Err: foreign},
			&UnknownOutcomeError{Err: foreign},
			&UnknownOutcomeError{problem: hostile, Err: foreign}, &UnknownOutcomeError{}},
		"MaxRetriesExceededError": {&MaxRetriesExceededError{Op: hostile, Err: foreign},
			&MaxRetriesExceededError{}},
		"InvalidRegionError": {&InvalidRegionError{Region: hostile}},
		"RequestError": {
			&RequestError{Op: hostile, Table: hostile, Err: foreign},
			&RequestError{problem: hostile, cause: hostile}, &RequestError{}},
		"interruptedError": {
			&interruptedError{op: hostile, table: hostile, ended: foreign, last: foreign}},
		"entryError":           {&entryError{op: hostile, table: hostile, entry: "item 3", err: foreign}},
		"joinedReasons":        {joinedReasons(many)},
		"damagedResponseError": {&damagedResponseError{"the response is malformed", foreign}},
		"shown.Error": {shown.Errorf(foreign, "%v", foreign),
			newCallError(hostile, hostile, foreign), newCallError(hostile, "", foreign)},
		// these three contain no foreign text
		"partialError": {&partialError{"the item was read in part"}},
		"takenIDError": {&takenIDError{foreign}},
		"unreadableError": {&unreadableError{reflect.TypeFor[struct {
			A int `dynamo:"\x1b[31m"`
		}](), form{write: "MarshalText", read: "UnmarshalText"}, foreign}},
		"foreignError": {newForeignError(foreign, model, "MarshalText")},
	}
}

// Foreign text in an error is shortened, on one line and without control characters. The test fails
// if an error type of this package is missing here.
func TestForeignTextsInErrors(t *testing.T) {
	t.Parallel()
	known := hostileErrors()
	for _, name := range errorTypes(t) {
		require.Contains(t, known, name, "make the error with a hostile text here")
		for _, err := range known[name] {
			requireShown(t, err, name)
		}
	}
}

// errorTypes returns the types of this package that have a method Error.
func errorTypes(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, method := range declaredMethods(t) {
		if method.Name.Name != "Error" {
			continue
		}
		receiver := method.Recv.List[0].Type
		if pointer, ok := receiver.(*ast.StarExpr); ok {
			receiver = pointer.X
		}
		if name, ok := receiver.(*ast.Ident); ok && name.Name != "schemaMaker" &&
			name.Name != "flattener" {
			names = append(names, name.Name)
		}
	}
	require.Greater(t, len(names), 15)
	return names
}

// declaredMethods returns the methods that the files of this package declare.
func declaredMethods(t *testing.T) []*ast.FuncDecl {
	t.Helper()
	files, err := os.ReadDir(".")
	require.NoError(t, err)
	var methods []*ast.FuncDecl
	for _, file := range files {
		if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil,
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

// hostileClient responds with an error whose text is hostile.
type hostileClient struct{ Client }

func (hostileClient) GetItem(
	context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	return nil, &smithy.GenericAPIError{Code: hostile, Message: hostile}
}

func (hostileClient) DeleteItem(
	context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options),
) (*dynamodb.DeleteItemOutput, error) {
	return nil, errors.New(hostile)
}

func (hostileClient) Query(
	context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options),
) (*dynamodb.QueryOutput, error) {
	return &dynamodb.QueryOutput{Items: []map[string]types.AttributeValue{{
		"id":    &types.AttributeValueMemberS{Value: "a"},
		hostile: &types.AttributeValueMemberN{Value: hostile},
	}}}, nil
}

// Text from the caller, from an item or from the service is made safe in the same way, in errors
// and in the log.
func TestForeignTextsOfCalls(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	mapper, err := New(hostileClient{},
		WithLogger(
			slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		WithMaxRetries(1))
	require.NoError(t, err)
	orders, err := TableOf[orderModel](mapper)
	require.NoError(t, err)
	ctx, key := t.Context(), Key("o1", 7)
	item := &orderModel{ID: "o1", Prices: map[string]float64{hostile: 1e300}}
	path := Path("prices", hostile)
	for name, call := range map[string]func() error{
		"Get":       func() error { _, err := orders.Get(ctx, key); return err },
		"Select":    func() error { _, err := orders.Get(ctx, key, Select(hostile)); return err },
		"path":      func() error { _, err := orders.Get(ctx, key, Select(path)); return err },
		"DeleteKey": func() error { return orders.DeleteKey(ctx, key) },
		"Query":     func() error { _, err := orders.Query("o1").Collect(ctx); return err },
		"Index": func() error {
			_, err := orders.Query("o1").Index(hostile).
				Collect(ctx)
			return err
		},
		"cursor": func() error {
			_, err := orders.Query("o1").From(hostile).
				Page(ctx)
			return err
		},
		"Where": func() error {
			_, err := orders.Scan().Where(Attr(hostile, EQ(1))).
				First(ctx)
			return err
		},
		"Where, path": func() error {
			_, err := orders.Scan().Where(Attr(path, EQ("x"))).
				First(ctx)
			return err
		},
		"Where, deep": func() error {
			_, err := orders.Scan().
				Where(Attr(Path("json", hostile), EQ(1))).First(ctx)
			return err
		},
		"Set": func() error {
			_, err := orders.Update(key).Set(path, 1).Set(path, 2).
				Run(ctx)
			return err
		},
		"Set, value": func() error {
			_, err := orders.Update(key).Set("lines",
				[]line{{SKU: hostile}}).Run(ctx)
			return err
		},
		"Add": func() error {
			_, err := orders.Update(key).Add(hostile, 1).
				Run(ctx)
			return err
		},
		"Save": func() error { return orders.Save(ctx, item) },
		"name": func() error {
			_, err := TableOf[orderModel](mapper,
				WithTableName(hostile))
			return err
		},
		"prefix": func() error {
			m := offline()
			m.prefix = hostile
			_, err := TableOf[orderModel](m)
			return err
		},
		"endpoint": func() error { _, err := Connect(ctx, WithEndpoint(hostile)); return err },
		"region":   func() error { _, err := Connect(ctx, WithRegion(hostile)); return err },
		"item": func() error {
			_, err := orders.UnmarshalItemJSON([]byte(fmt.Sprintf(`{%q:{"S":"x"}}`, hostile)))
			return err
		},
		"member": func() error {
			_, err := orders.UnmarshalItemJSON(
				[]byte(
					`{"id":{"S":"o1"},"number":{"N":"1"},"prices":{"M":{"\u001b]0;x":{"S":"x"}}}}`))
			return err
		},
		"transaction": func() error {
			return mapper.RunTransaction(ctx, func(ctx context.Context, tx *Tx) error {
				orders.In(tx).Save(item)
				_, err := orders.In(tx).Get(ctx, key)
				return err
			})
		},
	} {
		err := call()
		require.Error(t, err, name)
		requireShown(t, err, name)
	}
	for _, record := range strings.Split(strings.TrimSpace(log.String()), "\n") {
		require.Less(t, strings.IndexFunc(record, func(r rune) bool { return r < ' ' }), 0)
		require.Less(t, len(record), 3*shown.MaxText)
		require.True(t, strings.HasPrefix(record, `{"time":`))
	}
}

// The key of a map is a value: it is in the fields of the error, but not in its text.
func TestMapKeysStayOutOfTexts(t *testing.T) {
	t.Parallel()
	orders := tableOf[orderModel](t)
	type keyed struct {
		Model `dynamo:"keyed"`
		ID    string                 `dynamo:"id,hash"`
		JSON  map[string][]jsonLine  `dynamo:"json"`
		Deep  map[string]map[int]int `dynamo:"deep,document"`
	}
	items := tableOf[keyed](t)
	for _, test := range []struct {
		err                          error
		golang, stored, shown, place string
	}{
		{second(
			orders.MarshalItem(
				&orderModel{ID: "a", Prices: map[string]float64{"waldo@x.org": 1e300}})),
			`orderModel.Prices["waldo@x.org"]`, `prices."waldo@x.org"`, "orderModel.Prices[...]",
			"prices[...]"},
		{second(
			items.MarshalItem(
				&keyed{ID: "a", JSON: map[string][]jsonLine{"secret": {{}, {SKU: "\xff"}}}})),
			`keyed.JSON["secret"][1].SKU`, `json.secret[1].sku`, "keyed.JSON[...][1].SKU",
			"json[...][1].sku"},
		{second(
			items.UnmarshalItemJSON(
				[]byte(`{"id":{"S":"a"},"json":{"S":"{\"secret\":[{},{\"sku\":1}]}"}}`))),
			`keyed.JSON["secret"][1].SKU`, `json.secret[1].sku`, "keyed.JSON[...][1].SKU",
			"json[...][1].sku"},
		{second(
			items.UnmarshalItemJSON(
				[]byte(`{"id":{"S":"a"},"deep":{"M":{"secret":{"M":{"7":{"S":"x"}}}}}}`))),
			`keyed.Deep["secret"]["7"]`, `deep.secret.7`, "keyed.Deep[...][...]", "deep[...][...]"},
	} {
		placed := new(FieldError)
		require.ErrorAs(t, test.err, &placed)
		require.Equal(t, []string{test.golang, test.stored},
			[]string{placed.Field, placed.Attribute})
		require.ErrorContains(t, test.err, ": "+test.shown+" (attribute "+test.place+"): ")
		require.NotContains(t, test.err.Error(), "secret")
	}
}

func second[T any](_ T, err error) error { return err }

// Names in errors are quoted as the elements of a path.
func TestNamesInErrors(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a, \"b.c\", \"\\x1b\"", joinNames([]string{"a", "b.c", "\x1b"}))
}

// exportedErrors holds an empty value of each exported error type.
var exportedErrors = map[string]error{
	"SchemaError":             &SchemaError{},
	"FieldError":              &FieldError{},
	"OldItemError":            &OldItemError{},
	"PlanError":               &PlanError{},
	"MigrateError":            &MigrateError{},
	"ChangeError":             &ChangeError{},
	"NotFoundError":           &NotFoundError{},
	"OtherEntityError":        &OtherEntityError{},
	"UnknownEntityError":      &UnknownEntityError{},
	"ViewError":               &ViewError{},
	"OverwriteError":          &OverwriteError{},
	"ConflictError":           &ConflictError{},
	"ConditionError":          &ConditionError{},
	"UnknownOutcomeError":     &UnknownOutcomeError{},
	"MaxRetriesExceededError": &MaxRetriesExceededError{},
	"InvalidRegionError":      &InvalidRegionError{},
	"BatchError":              &BatchError{},
	"TransactionError":        &TransactionError{},
	"RequestError":            &RequestError{},
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
		require.IsType(t, map[bool]error{true: inner, false: &shown.Error{}}[inner != errNilItem],
			err)
	}
	kept := &SchemaError{}
	_ = newCallError("Save", "players", kept)
	require.Empty(t, kept.Op)
}

func tableOf[T IsModel](t testing.TB) *Table[T] {
	t.Helper()
	table, err := TableOf[T](offline())
	require.NoError(t, err)
	return table
}

// offline returns a mapper for tests that send nothing.
func offline() *Mapper { return &Mapper{client: struct{ Client }{}} }

// Stock is embedded by Order.
type Stock struct {
	Shelf int8 `dynamo:"shelf"`
}

type orderModel struct {
	Model `dynamo:"orders"`
	Stock
	ID     string             `dynamo:"id,hash"`
	Number int                `dynamo:"number,range"`
	Lines  []line             `dynamo:"lines,document"`
	JSON   []jsonLine         `dynamo:"json"`
	Prices map[string]float64 `dynamo:"prices,document"`
	Tags   []string           `dynamo:"tags,set"`
	When   time.Time          `dynamo:"when"`
	From   netip.Addr         `dynamo:"from"`
	Dotted string             `dynamo:"a.b"`
	Cents  cents              `dynamo:"cents"`
}

// A FieldError of decoding has the operation, the model, the key and both paths, at any depth.
func TestFieldErrorOfReading(t *testing.T) {
	t.Parallel()
	orders := tableOf[orderModel](t)
	for _, test := range []struct{ attribute, golang, stored string }{
		{`"lines":{"L":[{"M":{}},{"M":{"sku":{"N":"1"}}}]}`, "orderModel.Lines[1].SKU",
			"lines[1].sku"},
		{`"lines":{"L":[{"M":{"x":{"S":"1"}}}]}`, "orderModel.Lines[0].point.X", "lines[0].x"},
		{`"json":{"S":"[{},{},{},{\"sku\":1}]"}`, "orderModel.JSON[3].SKU", "json[3].sku"},
		{`"prices":{"M":{"a b.c":{"S":"1"}}}`, `orderModel.Prices["a b.c"]`, `prices."a b.c"`},
		{`"tags":{"NS":["1"]}`, "orderModel.Tags", "tags"},
		{`"shelf":{"N":"300"}`, "orderModel.Stock.Shelf", "shelf"},
		{`"when":{"S":"soon"}`, "orderModel.When", "when"},
		{`"from":{"S":"here"}`, "orderModel.From", "from"},
		{`"a.b":{"N":"1"}`, "orderModel.Dotted", `"a.b"`},
		{`"new":{"S":1}`, "orderModel", "new"},
		{`"new.er":{"L":[{"S":"\ud800"}]}`, "orderModel", `"new.er"`},
	} {
		_, err := orders.UnmarshalItemJSON(
			[]byte(`{"id":{"S":"o1"},` + test.attribute + `,"number":{"N":"7"}}`))
		placed := new(FieldError)
		require.True(t, errors.As(err, &placed), test.attribute)
		require.Equal(t, "UnmarshalItemJSON", placed.Op)
		require.Equal(t, reflect.TypeFor[orderModel](), placed.Type)
		require.Equal(t, test.golang, placed.Field)
		require.Equal(t, test.stored, placed.Attribute)
		golang, stored := test.golang, test.stored
		if strings.HasPrefix(stored, "prices") { // the key of a map is a value and not shown
			golang, stored = "orderModel.Prices[...]", "prices[...]"
		}
		require.ErrorContains(t, err,
			`dynamapper: UnmarshalItemJSON: table "orders": `+golang+" (attribute "+stored+"): ")
		if test.golang != "orderModel" { // otherwise the text cannot be read as far as the key
			require.Equal(t, Key("o1", 7), placed.Key)
		}
	}
	_, err := orders.UnmarshalItemJSON([]byte(`{"id":{"N":"1"}}`))
	placed := new(FieldError)
	require.ErrorAs(t, err, &placed)
	require.Equal(t, "orderModel.ID", placed.Field)
	require.Equal(t, PrimaryKey{}, placed.Key, "an undecodable key is not in the error")
}

// A FieldError of encoding has the same content.
func TestFieldErrorOfWriting(t *testing.T) {
	t.Parallel()
	orders := tableOf[orderModel](t)
	for _, test := range []struct {
		set            func(*orderModel)
		golang, stored string
	}{
		{func(o *orderModel) { o.Lines = []line{{}, {SKU: "\xff"}} }, "orderModel.Lines[1].SKU",
			"lines[1].sku"},
		{func(o *orderModel) { o.JSON = []jsonLine{{}, {}, {}, {SKU: "\xff"}} },
			"orderModel.JSON[3].SKU", "json[3].sku"},
		{func(o *orderModel) { o.Prices = map[string]float64{"a b.c": math.NaN()} },
			`orderModel.Prices["a b.c"]`, `prices."a b.c"`},
		{func(o *orderModel) { o.Tags = []string{"a", "b", "\xff"} }, "orderModel.Tags[2]",
			"tags[2]"},
		{func(o *orderModel) { o.When = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
			"orderModel.When", "when"},
		{func(o *orderModel) { o.Dotted = "\xff" }, "orderModel.Dotted", `"a.b"`},
		{func(o *orderModel) { o.Cents.n = -1 }, "orderModel.Cents", "cents"},
	} {
		item := &orderModel{ID: "o1", Number: 7}
		test.set(item)
		_, marshalErr := orders.MarshalItem(item)
		_, encodeErr := EncodeItem(item)
		for op, err := range map[string]error{"MarshalItem": marshalErr, "EncodeItem": encodeErr} {
			placed := new(FieldError)
			require.ErrorAs(t, err, &placed)
			require.Equal(t, op, placed.Op)
			require.Equal(t, reflect.TypeFor[orderModel](), placed.Type)
			require.Equal(t, Key("o1", 7), placed.Key)
			require.Equal(t, test.golang, placed.Field)
			require.Equal(t, test.stored, placed.Attribute)
		}
	}
}

// Items in the SDK's types return the same errors.
func TestFieldErrorOfSDKValues(t *testing.T) {
	t.Parallel()
	orders := tableOf[orderModel](t)
	for _, test := range []struct {
		attribute      string
		value          types.AttributeValue
		golang, stored string
	}{
		{"shelf", &types.AttributeValueMemberN{Value: "300"}, "orderModel.Stock.Shelf", "shelf"},
		{"a.b", &types.AttributeValueMemberS{Value: "\xff"}, "orderModel.Dotted", `"a.b"`},
		{"new",
			&types.AttributeValueMemberL{
				Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: "\xff"}}},
			"orderModel[0]", `new[0]`},
		{"new", &types.AttributeValueMemberN{Value: "NaN"}, "orderModel", `new`},
	} {
		raw := map[string]types.AttributeValue{
			"id":     &types.AttributeValueMemberS{Value: "o1"},
			"number": &types.AttributeValueMemberN{Value: "7"}, test.attribute: test.value,
		}
		_, unmarshalErr := orders.UnmarshalItem(raw)
		decodeErr := DecodeItem(raw, new(orderModel))
		for op, err := range map[string]error{"UnmarshalItem": unmarshalErr,
			"DecodeItem": decodeErr} {
			placed := new(FieldError)
			require.ErrorAs(t, err, &placed, test.attribute)
			require.Equal(t, op, placed.Op)
			require.Equal(t, Key("o1", 7), placed.Key)
			require.Equal(t, test.golang, placed.Field)
			require.Equal(t, test.stored, placed.Attribute)
		}
	}
	_, err := orders.UnmarshalItem(map[string]types.AttributeValue{"id": nil})
	require.ErrorContains(t, err, `"id"`)
}

// No error message contains a value of the item.
func TestNoValueInMessages(t *testing.T) {
	t.Parallel()
	orders := tableOf[orderModel](t)
	const secret = "sEcReT"
	for _, wire := range []string{
		`{"S":"sEcReT"}`, `{"N":"sEcReT"}`, `{"N":"777777"}`, `{"N":"-777777.7"}`,
		`{"N":"777777E777777"}`, `{"B":"sEcReT"}`, `{"B":"c0VjUmVU"}`,
		`{"BOOL":true}`, `{"SS":["sEcReT"]}`, `{"NS":["777777","sEcReT"]}`, `{"BS":["sEcReT"]}`,
		`{"L":[{"S":"sEcReT"},{"N":"777777"}]}`,
		`{"M":{"sku":{"B":"c0VjUmVU"},"shelf":{"N":"777777"},"ip":{"S":"sEcReT"}}}`,
		`{"S":"[{\"sku\":777777}]"}`, `{"S":"[{\"count\":777777}]"}`,
		`{"S":"[{\"at\":\"sEcReT\"}]"}`, `{"S":"[{\"ip\":\"sEcReT\"}]"}`,
		`{"S":"[{\"n\":\"sEcReT\"}]"}`, `{"S":"[{\"loud\":\"sEcReT\"}]"}`,
		`{"S":"{\"sku\":sEcReT}"}`, `{"S":"[\"sEcReT"}`, `{"S":"\ud800sEcReT"}`, `{"S":"sEcReT\q"}`,
		`{"S":sEcReT}`, `{"S":"x"sEcReT}`, `{"S":"x","N":"777777"}`,
	} {
		for _, attribute := range []string{"id", "number", "lines", "json", "prices", "tags",
			"when", "from", "shelf", "a.b", "cents", "new"} {
			raw := `{"id":{"S":"o1"},"number":{"N":"7"},"` + attribute + `":` + wire + `}`
			_, err := orders.UnmarshalItemJSON([]byte(raw))
			if err != nil {
				requireNoSecret(t, err, secret)
			}
		}
	}
	for _, item := range []*orderModel{
		{ID: secret + "\xff"}, {Lines: []line{{Notes: []string{secret + "\xff"}}}},
		{JSON: []jsonLine{{SKU: secret + "\xff"}}}, {Tags: []string{secret + "\xff"}},
		{Prices: map[string]float64{"a": 777777e200}}, {Cents: cents{-777777}},
	} {
		_, err := orders.MarshalItem(item)
		require.Error(t, err)
		requireNoSecret(t, err, secret)
	}
}

func requireNoSecret(t *testing.T, err error, secret string) {
	t.Helper()
	require.NotContains(t, err.Error(), secret)
	require.NotContains(t, err.Error(), "777777")
}

// A missing attribute and NULL decode to the zero value of every type.
func TestMissingAndNULL(t *testing.T) {
	t.Parallel()
	orders := tableOf[orderModel](t)
	missing, err := orders.UnmarshalItemJSON([]byte(`{}`))
	require.NoError(t, err)
	missing.Model = Model{}
	require.Equal(t, &orderModel{}, missing)
	text := `{"x":{"NULL":true}`
	for _, f := range orders.untyped.schema.fields {
		text += `,"` + f.attribute + `":{"NULL":true}`
	}
	null, err := orders.UnmarshalItemJSON([]byte(text + `}`))
	require.NoError(t, err)
	null.Model = Model{}
	require.Equal(t, &orderModel{}, null)

	filled := &orderModel{ID: "x", Lines: []line{{}}, Stock: Stock{5}}
	require.NoError(t, DecodeItem(map[string]types.AttributeValue{}, filled))
	require.Equal(t, &orderModel{}, filled)
}

// If an attribute is repeated, the last one counts. The service sends each attribute once.
func TestRepeatedAttribute(t *testing.T) {
	t.Parallel()
	orders := tableOf[orderModel](t)
	item, err := orders.UnmarshalItemJSON(
		[]byte(
			`{"tags":{"SS":["a"]},"lines":{"L":[{"M":{}}]},"tags":{"SS":["b"]},"lines":{"L":[]}}`))
	require.NoError(t, err)
	require.Equal(t, []string{"b"}, item.Tags)
	require.Empty(t, item.Lines)
}

// The fields of anonymous structs are attributes of the item. An embedded pointer is allocated if
// one of its attributes exists.
func TestEmbedding(t *testing.T) {
	t.Parallel()
	type item struct {
		Model `dynamo:"items"`
		*Embedded
		point
		ID    string   `dynamo:"id,hash"`
		Named Embedded `dynamo:"named,document"`
	}
	items := tableOf[item](t)
	bare := &item{ID: "1"}
	raw, err := items.MarshalItem(bare)
	require.NoError(t, err)
	require.Len(t, raw, 4, "id, named, and the two numbers")
	back, err := items.UnmarshalItem(raw)
	require.NoError(t, err)
	require.Nil(t, back.Embedded)

	full := &item{ID: "1", Embedded: &Embedded{Title: "t"}, point: point{1, 2}}
	raw, err = items.MarshalItem(full)
	require.NoError(t, err)
	require.Equal(t, &types.AttributeValueMemberS{Value: "t"}, raw["Title"])
	require.Equal(t, &types.AttributeValueMemberN{Value: "2"}, raw["y"])
	back, err = items.UnmarshalItem(raw)
	require.NoError(t, err)
	back.Model = Model{}
	require.Equal(t, full, back)
}

// Malformed items return errors that do not name an unrelated attribute of the schema.
func TestMalformedItems(t *testing.T) {
	t.Parallel()
	orders := tableOf[orderModel](t)
	for _, text := range []string{
		``, ` `, `null`, `[]`, `{`, `{"id"`, `{"id":`, `{"id":{}}`, `{"id":{"S":"a"}`,
		`{"id":{"S":"a"}} x`, `{"id":{"S":"a"}}{}`, `{"id":{"X":"a"}}`,
		`{"id":{"S":"a","N":"1"}}`, `{"id":"a"}`, `{"id":{"S":null}}`, `{id:{"S":"a"}}`,
		`{"id":{"S":"a"},}`, "{\"id\":{\"S\":\"\xff\"}}",
	} {
		_, err := orders.UnmarshalItemJSON([]byte(text))
		placed := new(FieldError)
		require.ErrorAs(t, err, &placed, text)
		require.Equal(t, "UnmarshalItemJSON", placed.Op)
	}
}

// The text of an error names the operation, the table and the position once, whatever the wrapped
// error names.
func TestEntryError(t *testing.T) {
	t.Parallel()
	for _, inside := range []error{
		errNilItem,
		newCallError("BatchSave", "heroes", errNilItem),
		newCallError("BatchSave", "", errNilItem),
	} {
		err := &entryError{op: "BatchSave", table: "heroes", entry: "item 3", err: inside}
		require.EqualError(t, err,
			`dynamapper: BatchSave: table "heroes": item 3: the item is nil; give a pointer to a model`)
		require.ErrorIs(t, err, errNilItem)
	}
}

// givenResponse starts a server that gives the same response to every request, and returns a mapper
// that sends each request to it once.
func givenResponse(t *testing.T, status int, body string, opts ...Option) *Mapper {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.Header().Set("X-Amzn-Requestid", "REQUEST-ID")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return givenEndpoint(t, server.URL, opts...)
}

func givenEndpoint(t *testing.T, url string, opts ...Option) *Mapper {
	t.Helper()
	cfg := aws.Config{
		Region:           "eu-west-1",
		Credentials:      credentials.NewStaticCredentialsProvider("key", "secret", ""),
		RetryMaxAttempts: 1,
	}
	m, err := Connect(t.Context(), append([]Option{WithConfig(cfg), WithEndpoint(url)}, opts...)...)
	require.NoError(t, err)
	return m
}

// getItem sends a request and returns its error before and after the explanation.
func getItem(ctx context.Context, m *Mapper) (raw, explained error) {
	key := map[string]types.AttributeValue{"login": &types.AttributeValueMemberS{Value: "waldo"}}
	_, raw = m.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("users"), Key: key})
	return raw, m.explain("GetItem", "users", raw)
}

func TestExplainResponses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		code, message string
		says          string
	}{
		{"ResourceNotFoundException", "Requested resource not found",
			`the table does not exist in region "eu-west-1" at http://127.0.0.1`},
		{"ResourceInUseException", "", "being created, changed or deleted"},
		{"LimitExceededException", "", "too many tables"},
		{"UnrecognizedClientException", "The security token included in the request is invalid.",
			"check WithCredentials"},
		{"MissingAuthenticationTokenException", "", "the request is not signed"},
		{"InvalidSignatureException", "", "check the secret access key, and the clock"},
		{"ExpiredTokenException", "", "the credentials have expired"},
		{"AccessDeniedException", "is not authorized to perform: dynamodb:GetItem", "IAM policy"},
		{"ValidationException", "Something is off",
			"the service refused the request as invalid: ValidationException: Something is off"},
		{"ValidationException", "Item size has exceeded the maximum allowed size", "400 KB"},
		{"ValidationException", "The table does not have the specified index: by-email",
			"add it with PlanTables and Apply"},
		{"ValidationException", "The provided key element does not match the schema",
			"call Verify"},
		{"ValidationException", "Missing the key login in the item", "call Verify"},
		{"ProvisionedThroughputExceededException", "",
			"the capacity of the table or an index is used up"},
		{"ThrottlingException", "", "throttles"},
		{"RequestLimitExceeded", "", "the account's limit of requests"},
		{"ItemCollectionSizeLimitExceededException", "", "10 GB"},
		{"TransactionConflictException", "", "another write is running on the item"},
		{"InternalServerError", "", "the service failed"},
		{"NewException", "something else", "NewException: something else"},
	} {
		t.Run(test.code, func(t *testing.T) {
			body := fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":%q}`,
				test.code, test.message)
			raw, err := getItem(t.Context(), givenResponse(t, http.StatusBadRequest, body))

			require.ErrorContains(t, err, `dynamapper: GetItem: table "users": `)
			require.ErrorContains(t, err, test.says)
			require.ErrorContains(t, err, test.code)
			require.ErrorContains(t, err, test.message)
			require.ErrorContains(t, err, "(request REQUEST-ID)")
			require.NotContains(t, err.Error(), "waldo")
			require.ErrorIs(t, err, raw)
			var api smithy.APIError
			require.ErrorAs(t, err, &api)
			require.Equal(t, test.code, api.ErrorCode())
			var request *RequestError
			require.ErrorAs(t, err, &request)
			require.Equal(t, []any{"GetItem", "users", raw},
				[]any{request.Op, request.Table, request.Err})
		})
	}
}

func TestExplainKeepsTypes(t *testing.T) {
	t.Parallel()
	_, err := getItem(t.Context(), givenResponse(t, http.StatusBadRequest,
		`{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"}`, WithTablePrefix("staging-")))
	var missing *types.ResourceNotFoundException
	require.ErrorAs(t, err, &missing)
	require.ErrorContains(t, err, `check the region and the table prefix "staging-"`)
}

func TestExplainOtherResponses(t *testing.T) {
	t.Parallel()
	t.Run("given a server that is no DynamoDB", func(t *testing.T) {
		_, err := getItem(t.Context(),
			givenResponse(t, http.StatusBadGateway, "<html>bad gateway</html>"))
		require.ErrorContains(t, err, `dynamapper: GetItem: table "users": `)
		require.ErrorContains(t, err, "502")
	})
	t.Run("given a response that is no JSON", func(t *testing.T) {
		_, err := getItem(t.Context(), givenResponse(t, http.StatusOK, "{"))
		require.ErrorContains(t, err, `dynamapper: GetItem: table "users": `)
	})
}

func TestExplainUnreachable(t *testing.T) {
	t.Parallel()
	t.Run("given a closed port", func(t *testing.T) {
		const address = "127.0.0.1:1" // another test may take a port that was free
		raw, err := getItem(t.Context(), givenEndpoint(t, "http://user:hidden@"+address))
		require.ErrorContains(t, err,
			"the endpoint http://user:xxxxx@"+address+" cannot be reached; check its host and port")
		require.NotContains(t, err.Error(), "hidden")
		require.ErrorIs(t, err, raw)
	})
	t.Run("given a region without a host", func(t *testing.T) {
		refuse := func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp",
				Err: &net.DNSError{Err: "no such host", Name: "dynamodb.eu-west-9.amazonaws.com",
					IsNotFound: true}}
		}
		_, err := getItem(t.Context(), givenConfig(t, aws.Config{
			Region:      "eu-west-9",
			Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
			HTTPClient:  &http.Client{Transport: &http.Transport{DialContext: refuse}},
		}))
		require.ErrorContains(t, err,
			`DynamoDB cannot be reached; check the network, and that the region "eu-west-9" exists: lookup dynamodb.eu-west-9`)
	})
	t.Run("given a connection that breaks", func(t *testing.T) {
		server := httptest.NewServer(
			http.HandlerFunc(
				func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
		t.Cleanup(server.Close)
		_, err := getItem(t.Context(), givenEndpoint(t, server.URL))
		require.ErrorContains(t, err, `dynamapper: GetItem: table "users": `)
		require.ErrorContains(t, err, "EOF")
	})
}

// givenConfig returns a mapper with a client passed to New, which does not check its configuration.
func givenConfig(t *testing.T, cfg aws.Config) *Mapper {
	t.Helper()
	cfg.RetryMaxAttempts = 1
	m, err := New(dynamodb.NewFromConfig(cfg))
	require.NoError(t, err)
	return m
}

func TestExplainCredentials(t *testing.T) {
	const says = `dynamapper: GetItem: table "users": no credentials could be had; set AWS_ACCESS_KEY_ID`
	unreachable := aws.String("http://127.0.0.1:1") // nothing is sent
	t.Run("given nothing configured", func(t *testing.T) {
		isolate(t)
		m, err := Connect(t.Context(), WithRegion("eu-west-1"))
		require.NoError(t, err)
		raw, err := getItem(t.Context(), m)
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "AWS_EC2_METADATA_DISABLED")
		require.NotContains(t, err.Error(), "operation error DynamoDB")
		require.ErrorIs(t, err, raw)
	})
	t.Run("given a metadata service without a role", func(t *testing.T) {
		isolate(t)
		metadata := httptest.NewServer(http.NotFoundHandler())
		t.Cleanup(metadata.Close)
		t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
		t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata.URL)
		m, err := Connect(t.Context(), WithRegion("eu-west-1"))
		require.NoError(t, err)
		_, err = getItem(t.Context(), m)
		require.ErrorContains(t, err, says)
	})
	t.Run("given an empty key", func(t *testing.T) {
		_, err := getItem(t.Context(), givenConfig(t, aws.Config{
			Region: "eu-west-1", BaseEndpoint: unreachable,
			Credentials: credentials.NewStaticCredentialsProvider("", "", ""),
		}))
		require.ErrorContains(t, err, says)
		var empty *credentials.StaticCredentialsEmptyError
		require.ErrorAs(t, err, &empty)
	})
	t.Run("given a provider that fails", func(t *testing.T) {
		failed := errors.New("the vault is sealed")
		_, err := getItem(t.Context(),
			givenConfig(t, aws.Config{Region: "eu-west-1", BaseEndpoint: unreachable,
				Credentials: aws.CredentialsProviderFunc(
					func(context.Context) (aws.Credentials, error) {
						return aws.Credentials{},
							failed
					})}))
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "the vault is sealed")
		require.ErrorIs(t, err, failed)
	})
}

func TestExplainNoRegion(t *testing.T) {
	t.Parallel()
	_, err := getItem(t.Context(),
		givenConfig(t,
			aws.Config{Credentials: credentials.NewStaticCredentialsProvider("key", "secret", "")}))
	require.ErrorContains(t, err, "the client has no region; give the client a region")
}

func TestExplainContext(t *testing.T) {
	t.Parallel()
	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(hanging.Close)
	m := givenEndpoint(t, hanging.URL)

	t.Run("given a cancelled one", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := getItem(ctx, m)
		require.EqualError(t, err, `dynamapper: GetItem: table "users": the context was cancelled`)
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("given a cancellation while waiting", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		_, err := getItem(ctx, m)
		require.EqualError(t, err, `dynamapper: GetItem: table "users": the context was cancelled`)
		require.ErrorIs(t, err, context.Canceled)
	})
	t.Run("given a deadline", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, err := getItem(ctx, m)
		require.ErrorContains(t, err,
			`dynamapper: GetItem: table "users": no response came before the deadline`)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
	t.Run("given a deadline in the past", func(t *testing.T) {
		ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
		defer cancel()
		_, err := getItem(ctx, m)
		require.ErrorContains(t, err, "no response came before the deadline")
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestExplainPassesOwnErrors(t *testing.T) {
	t.Parallel()
	m := &Mapper{}
	for _, own := range []error{
		ErrNotFound, ErrPartial, ErrInvalidCursor,
		&SchemaError{Problem: "no hash key"},
		&FieldError{Op: "Get", Field: "User.Age", Err: errors.New("out of range")},
		&OverwriteError{Table: "users"},
		&ConflictError{Table: "users"},
		&ConditionError{Table: "users"},
		&UnknownOutcomeError{Op: "Save", Table: "users", Err: context.Canceled},
		&MaxRetriesExceededError{Op: "Save", Tries: 100, Err: &types.ThrottlingException{}},
		&InvalidRegionError{Region: "moon"},
		&BatchError{Table: "users", Err: &types.ThrottlingException{}},
		&TransactionError{Reasons: []error{nil, &types.ThrottlingException{}}},
		m.explain("GetItem", "users", io.ErrUnexpectedEOF),
	} {
		assert.Equal(t, own, m.explain("GetItem", "other", own))
		wrapped := fmt.Errorf("more: %w", own)
		assert.Equal(t, wrapped, m.explain("GetItem", "other", wrapped))
	}
	assert.NoError(t, m.explain("GetItem", "users", nil))
}

func TestExplainOfSeveralTables(t *testing.T) {
	t.Parallel()
	err := (&Mapper{}).explain("BatchGetItem", "", io.ErrUnexpectedEOF)
	require.EqualError(t, err, "dynamapper: BatchGetItem: unexpected EOF")
}

func TestExplainOfAFake(t *testing.T) {
	t.Parallel()
	fake := struct{ Client }{}
	err := (&Mapper{client: fake}).explain("GetItem", "users",
		&types.ResourceNotFoundException{Message: aws.String("gone")})
	require.EqualError(t, err,
		`dynamapper: GetItem: table "users": the table does not exist; create it with CreateTable or EnsureTable, `+
			`or check the region and WithTablePrefix: ResourceNotFoundException: gone`)
}
