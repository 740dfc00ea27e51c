package dynamapper

import (
	"errors"
	"math/big"
	"net/netip"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// cents stores itself as N. Its Marshaler takes precedence over its text methods.
type cents struct{ n int }

var errNegative = errors.New("negative")

func (c cents) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	if c.n < 0 {
		return nil, errNegative
	}
	return &types.AttributeValueMemberN{Value: strconv.Itoa(c.n)}, nil
}

func (c *cents) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) error {
	n, ok := value.(*types.AttributeValueMemberN)
	if !ok {
		return errNegative
	}
	var err error
	c.n, err = strconv.Atoi(n.Value)
	return err
}

func (c cents) MarshalText() ([]byte, error) { return []byte("text"), nil }

func (c *cents) UnmarshalText([]byte) error { return nil }

// labels is a map whose Marshaler distinguishes nil from empty.
type labels map[string]bool

func (l labels) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	if l == nil {
		return &types.AttributeValueMemberS{Value: "none"}, nil
	}
	return &types.AttributeValueMemberS{Value: "some"}, nil
}

func (l *labels) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) error {
	if value.(*types.AttributeValueMemberS).Value == "some" {
		*l = labels{}
	}
	return nil
}

// given stores the attribute value that it holds.
type given struct{ value types.AttributeValue }

func (g *given) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return g.value,
		nil
}

func (g *given) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) error {
	g.value = value
	return nil
}

// A value with a Marshaler is stored as the Marshaler returns it, at every place.
func TestMarshalers(t *testing.T) {
	t.Parallel()
	at := time.Unix(1338465600, 0)
	for _, test := range []struct {
		rule    string
		value   any
		options string
		wire    string
	}{
		{"before text", cents{5}, "", `{"N":"5"}`},
		{"nothing is empty", cents{}, "", `{"N":"0"}`},
		{"a nil pointer is missing", (*cents)(nil), "", ""},
		{"a pointer", &cents{5}, "", `{"N":"5"}`},
		{"in a list", []cents{{5}}, ",document", `{"L":[{"N":"5"}]}`},
		{"in a map", map[string]*cents{"a": {5}, "b": nil}, ",document",
			`{"M":{"a":{"N":"5"},"b":{"NULL":true}}}`},
		{"in a set", []cents{{5}}, ",set", `{"NS":["5"]}`},
		{"nil is what it says", labels(nil), "", `{"S":"none"}`},
		{"nil is what it says in a list", []labels{nil, {}}, ",document",
			`{"L":[{"S":"none"},{"S":"some"}]}`},
		{"methods of the pointer", given{&types.AttributeValueMemberBOOL{Value: true}}, "",
			`{"BOOL":true}`},
		{"attributevalue.UnixTime", attributevalue.UnixTime(at), "", `{"N":"1338465600"}`},
	} {
		t.Run(test.rule,
			func(t *testing.T) { requireStored(t, test.value, test.options, test.wire) })
	}
}

// A Marshaler that returns no value stores NULL, which decodes to the zero value.
func TestMarshalerOfNothing(t *testing.T) {
	t.Parallel()
	for _, nothing := range []types.AttributeValue{nil, (*types.AttributeValueMemberS)(nil)} {
		got, err := encodeOne(t, reflect.ValueOf(given{nothing}), "")
		require.NoError(t, err)
		require.Equal(t, `{"NULL":true}`, got)
	}
}

// The type of a key with a Marshaler follows from the zero value.
func TestMarshalerAsKey(t *testing.T) {
	t.Parallel()
	f, _ := oneField(t, reflect.TypeFor[cents](), ",hash")
	require.True(t, f.codec.isKey())
	require.Equal(t, wire.N, f.codec.wire)
	f, _ = oneField(t, reflect.TypeFor[given](), ",hash")
	require.False(t, f.codec.isKey())
}

// For a type that could be stored in several ways, these rules decide.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule   string
		goType reflect.Type
		wire   wire.Type
	}{
		{"Marshaler before text", reflect.TypeFor[cents](), wire.N},
		{"Marshaler before kind", reflect.TypeFor[attributevalue.UnixTime](), wire.N},
		{"time.Time before its text", timeType, wire.S},
		{"big.Int before its text", bigIntType, wire.N},
		{"big.Float before its text", bigFloatType, wire.N},
		{"json.Number before its kind", jsonNumberType, wire.N},
		{"text before byte arrays", reflect.TypeFor[uuid](), wire.S},
		{"big.Rat as its text", reflect.TypeFor[big.Rat](), wire.S},
		{"bytes before slices", reflect.TypeFor[namedBytes](), wire.B},
		{"bytes with text are no bytes", reflect.TypeFor[[]digit](), wire.L},
	} {
		made, err := newCodecMaker().makeCodec(test.goType)
		require.NoError(t, err, test.rule)
		require.Equal(t, test.wire.String(), made.wire.String(), test.rule)
	}
}

type digit uint8

func (d digit) MarshalText() ([]byte, error) { return []byte{'0' + byte(d)}, nil }

func (d *digit) UnmarshalText(text []byte) error { *d = digit(text[0] - '0'); return nil }

func TestBytesWithText(t *testing.T) {
	t.Parallel()
	requireStored(t, []digit{1, 2}, ",document", `{"L":[{"S":"1"},{"S":"2"}]}`)
	requireStored(t, []digit{1, 2}, "", `{"S":"[\"1\",\"2\"]"}`)
}

// The text of an error from a user's method stays out of the message, because it may contain the
// value. errors.As and errors.Is find the error.
func TestForeignErrors(t *testing.T) {
	t.Parallel()
	_, err := encodeOne(t, reflect.ValueOf(cents{-1}), "")
	require.ErrorIs(t, err, errNegative)
	require.ErrorContains(t, err,
		"the method MarshalDynamoDBAttributeValue of the Go type dynamapper.cents refused the "+
			"value")

	_, err = decodeOne(t, `{"N":"secret"}`, reflect.TypeFor[cents](), "")
	number := new(strconv.NumError)
	require.ErrorAs(t, err, &number)
	require.NotContains(t, err.Error(), "secret")

	_, err = decodeOne(t, `{"S":"secret"}`, reflect.TypeFor[netip.Addr](), "")
	require.ErrorContains(t, err,
		"the method UnmarshalText of the Go type netip.Addr refused the value")
	require.NotContains(t, err.Error(), "secret")
	require.ErrorContains(t, errors.Unwrap(errors.Unwrap(err)), "secret")
}

// Attribute values are stored unchanged.
func TestAttributeValues(t *testing.T) {
	t.Parallel()
	type anyValue = struct{ V types.AttributeValue }
	text := &types.AttributeValueMemberS{Value: ""}
	deep := &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{
		"l": &types.AttributeValueMemberL{
			Value: []types.AttributeValue{&types.AttributeValueMemberNULL{Value: true}}},
		"n": &types.AttributeValueMemberNS{Value: []string{"1.0", "2"}},
	}}
	for _, test := range []struct {
		rule  string
		value any
		wire  string
	}{
		{"a member by its pointer", text, `{"S":""}`},
		{"a nil member is missing", (*types.AttributeValueMemberS)(nil), ""},
		{"a document", deep, `{"M":{"l":{"L":[{"NULL":true}]},"n":{"NS":["1.0","2"]}}}`},
		{"a map", deep.Value, `{"M":{"l":{"L":[{"NULL":true}]},"n":{"NS":["1.0","2"]}}}`},
		{"a nil map is missing", map[string]types.AttributeValue(nil), ""},
		{"an empty map is stored", map[string]types.AttributeValue{}, `{"M":{}}`},
		{"a named map", map[namedString]types.AttributeValue{"a": text}, `{"M":{"a":{"S":""}}}`},
	} {
		t.Run(test.rule, func(t *testing.T) {
			requireStored(t, test.value, "", test.wire)
		})
	}
	requireStored(t, []types.AttributeValue{text, nil}, ",document",
		`{"L":[{"S":""},{"NULL":true}]}`)

	v := reflect.ValueOf(anyValue{deep}).Field(0)
	got, err := encodeOne(t, v, "")
	require.NoError(t, err)
	back, err := decodeOne(t, got, attributeValueType, "")
	require.NoError(t, err)
	require.Equal(t, deep, back.Interface())

	for _, nothing := range []types.AttributeValue{nil, (*types.AttributeValueMemberS)(nil)} {
		got, err := encodeOne(t, reflect.ValueOf(anyValue{nothing}).Field(0), "")
		require.NoError(t, err)
		require.Empty(t, got)
	}
	got, err = encodeOne(t, reflect.ValueOf(map[string]types.AttributeValue{"a": nil}), "")
	require.NoError(t, err)
	require.Equal(t, `{"M":{"a":{"NULL":true}}}`, got)
	_, err = decodeOne(t, `{"N":"1"}`, reflect.TypeFor[*types.AttributeValueMemberS](), "")
	require.ErrorContains(t, err,
		"type N, and the Go type *types.AttributeValueMemberS takes only that member")
	_, err = decodeOne(t, `{"N":"1"}`, attributeMapType, "")
	require.ErrorContains(t, err, "takes M")
}

// Attribute values are checked: a value that the service would refuse or silently change is
// refused.
func TestAttributeValuesAreChecked(t *testing.T) {
	t.Parallel()
	cycle := &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{}}
	cycle.Value["self"] = cycle
	var deep types.AttributeValue = &types.AttributeValueMemberS{}
	for range maxDepth {
		deep = &types.AttributeValueMemberL{Value: []types.AttributeValue{deep}}
	}
	in := func(name string, v types.AttributeValue) types.AttributeValue {
		return &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{name: v}}
	}
	for _, test := range []struct {
		rule  string
		value types.AttributeValue
		place string
		text  string
	}{
		{"text", &types.AttributeValueMemberS{Value: "\xff"}, "a", "not valid UTF-8"},
		{"text inside",
			in("m",
				&types.AttributeValueMemberL{
					Value: []types.AttributeValue{&types.AttributeValueMemberS{Value: "\xff"}}}),
			"a.m[0]", "not valid UTF-8"},
		{"text in a set", &types.AttributeValueMemberSS{Value: []string{"a", "\xff"}}, "a[1]",
			"not valid UTF-8"},
		{"a name", in("\xff", deep), "a", "not valid UTF-8"},
		{"an empty name", in("", deep), "a", "empty name"},
		{"a number", in("n", &types.AttributeValueMemberN{Value: "NaN"}), "a.n", "not a number"},
		{"a number in a set", &types.AttributeValueMemberNS{Value: []string{"1E200"}}, "a[0]",
			"too large"},
		{"nothing inside", in("n", nil), "a.n", "no attribute value"},
		{"a type that is not known", in("n", &types.UnknownUnionMember{}), "a.n",
			"no attribute value"},
		{"itself", cycle, "a" + repeat(".self", maxDepth), "contains itself"},
		{"too deep", in("x", deep), "a.x" + repeat("[0]", maxDepth-1), "nested deeper"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			for _, value := range []any{test.value, given{test.value}} {
				_, err := encodeOne(t, reflect.ValueOf(value), "")
				placed := new(FieldError)
				require.ErrorAs(t, err, &placed)
				require.Equal(t, test.place, placed.Attribute)
				require.Contains(t, err.Error(), test.text)
			}
		})
	}
	got, err := encodeOne(t, reflect.ValueOf(deep), "")
	require.NoError(t, err)
	require.NotEmpty(t, got)
}
