package dynamapper

import (
	"errors"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

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
	for _, f := range orders.schema.fields {
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
