package dynamapper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"
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
	most := maxShownText
	if errors.Is(err, ErrSchema) {
		most = maxShownSchema
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
		"NotFoundError":  {&NotFoundError{Op: hostile, Table: hostile, Key: key}},
		"OverwriteError": {&OverwriteError{Table: hostile, Key: key}},
		"ConflictError": {&ConflictError{Table: hostile, Attributes: names},
			&ConflictError{Attributes: names, moved: true, operation: 1},
			&ConflictError{Attributes: names, outside: true}},
		"ConditionError":   {&ConditionError{Table: hostile, attributes: names}},
		"TransactionError": {&TransactionError{Reasons: many}, &TransactionError{}},
		"BatchError": {&BatchError{Table: hostile, Err: joinReasons(many)},
			&BatchError{Err: foreign}, &BatchError{}},
		"UnknownOutcomeError": {&UnknownOutcomeError{Op: hostile, Table: hostile, Err: foreign},
			&UnknownOutcomeError{Err: foreign},
			&UnknownOutcomeError{problem: hostile, Err: foreign}, &UnknownOutcomeError{}},
		"MaxRetriesExceededError": {&MaxRetriesExceededError{Op: hostile, Err: foreign},
			&MaxRetriesExceededError{}},
		"InvalidRegionError": {&InvalidRegionError{Region: hostile}},
		"requestError": {
			&requestError{op: hostile, table: hostile, problem: hostile, cause: hostile}},
		"interruptedError": {
			&interruptedError{op: hostile, table: hostile, ended: foreign, last: foreign}},
		"entryError":        {&entryError{op: hostile, table: hostile, noun: "item", err: foreign}},
		"joinedReasons":     {joinedReasons(many)},
		"brokenAnswerError": {&brokenAnswerError{"the response is malformed", foreign}},
		"toldError": {newToldError(foreign, "%v", foreign),
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
			if method, ok := declared.(*ast.FuncDecl); ok && method.Name.Name == "Error" &&
				method.Recv != nil {
				receiver := method.Recv.List[0].Type
				if pointer, ok := receiver.(*ast.StarExpr); ok {
					receiver = pointer.X
				}
				if name, ok := receiver.(*ast.Ident); ok && name.Name != "schemaMaker" &&
					name.Name != "flattener" {
					names = append(names, name.Name)
				}
			}
		}
	}
	require.Greater(t, len(names), 15)
	return names
}

// hostileClient responds with an error whose text is hostile.
type hostileClient struct{ noClient }

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
		"prefix":   func() error { m := offline(); m.prefix = hostile; _, err := TableOf[orderModel](m); return err },
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
		require.Less(t, len(record), 3*maxShownText)
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

// A text is shortened between characters and keeps its end.
func TestShortened(t *testing.T) {
	t.Parallel()
	for i := range 12 {
		require.True(t, utf8.ValidString(shortened(strings.Repeat("é€😀", 20), 20+i, i)))
	}
	require.Equal(t, "a…", shortened("aé€", 2, 0))
	require.Equal(t, "0123…89", shortened("0123456789", 6, 2))
	require.Equal(t, `a\x1b[31m\n\xff\u202e"é😀`, escaped("a\x1b[31m\n\xff\u202e\"é😀"))
	require.Equal(t, `'`, escaped("'"))
	require.Equal(t, "a, \"b.c\", \"\\x1b\"", shownNames([]string{"a", "b.c", "\x1b"}))
	require.Equal(t, "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, and 2 more",
		joinSome(strings.Split("1 2 3 4 5 6 7 8 9 10 11 12", " "), ", "))
}
