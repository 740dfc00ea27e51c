package dynamapper

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

// The three DynamoDB sets encode from, and decode to, the three forms in Go.
func TestSetForms(t *testing.T) {
	t.Parallel()
	day := time.Date(2012, 5, 31, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		rule    string
		value   any
		options string
		wire    string
	}{
		{"[]string", []string{"b", "a"}, "", `{"SS":["b","a"]}`},
		{"named strings", []namedString{"b"}, "", `{"SS":["b"]}`},
		{"map of a named struct{}", map[string]present{"b": {}, "a": {}}, "", `{"SS":["a","b"]}`},
		{"map of a named bool", map[int]isMember{2: true, 1: true}, "", `{"NS":["1","2"]}`},
		{"map of strings, sorted", map[string]struct{}{"b": {}, "a": {}}, "", `{"SS":["a","b"]}`},
		{"map of bools", map[string]bool{"b": true, "a": true}, "", `{"SS":["a","b"]}`},
		{"map of named bools", map[namedString]namedBool{"a": true}, "", `{"SS":["a"]}`},
		{"[]int", []int{2, 1}, "", `{"NS":["2","1"]}`},
		{"map of ints", map[int]struct{}{5: {}}, "", `{"NS":["5"]}`},
		{"floats", []float64{1.5}, "", `{"NS":["1.5"]}`},
		{"json.Number", []json.Number{"1.50"}, "", `{"NS":["1.50"]}`},
		{"bytes", [][]byte{{2}, {1}}, "", `{"BS":["Ag==","AQ=="]}`},
		{"arrays of bytes", [][2]byte{{1, 2}}, "", `{"BS":["AQI="]}`},
		{"map of arrays of bytes", map[[2]byte]bool{{1, 2}: true}, "", `{"BS":["AQI="]}`},
		{"texts", []uuid{{'x'}}, "", `{"SS":["u-x"]}`},
		{"map of texts", map[uuid]struct{}{{'x'}: {}}, "", `{"SS":["u-x"]}`},
		{"times", []time.Time{day}, "", `{"SS":["2012-05-31T00:00:00.000000000Z"]}`},
		{"times with a layout", []time.Time{day}, ",layout=DateOnly", `{"SS":["2012-05-31"]}`},
		{"times as seconds", []time.Time{day}, ",unixtime", `{"NS":["1338422400"]}`},
		{"pointer to a set", pointer([]string{"a"}), "", `{"SS":["a"]}`},
		{"an empty string", []string{"a", ""}, "", `{"SS":["a",""]}`},
		{"an empty string alone, in a map", map[string]bool{"": true}, "", `{"SS":[""]}`},
		{"empty bytes", [][]byte{{1}, {}}, "", `{"BS":["AQ==",""]}`},
		{"an empty text", []onPointer{{"a"}, {}}, "", `{"SS":["a",""]}`},
		{"an empty set is missing", map[string]struct{}{}, "", ""},
		{"a set of false is missing", map[string]bool{"a": false}, "", ""},
		{"a nil pointer is missing", (*[]string)(nil), "", ""},
		{"a pointer to a set of false is missing", &map[string]bool{"a": false}, "", ""},
	} {
		t.Run(test.rule,
			func(t *testing.T) { requireStored(t, test.value, ",set"+test.options, test.wire) })
	}
}

// Duplicate members, including other spellings of a number, are dropped because the service refuses
// them.
func TestSetDuplicates(t *testing.T) {
	t.Parallel()
	many := make([]string, 0, 40)
	for i := range 40 {
		many = append(many, string(rune('a'+i%10)))
	}
	for _, test := range []struct {
		rule  string
		value any
		wire  string
	}{
		{"strings keep their first place", []string{"b", "a", "b", "a"}, `{"SS":["b","a"]}`},
		{"many strings", many, `{"SS":["a","b","c","d","e","f","g","h","i","j"]}`},
		{"numbers by value", []json.Number{"1", "1.0", "2", "0.1E1"}, `{"NS":["1","2"]}`},
		{"0 and -0", []float64{0, math.Copysign(0, -1)}, `{"NS":["0"]}`},
		{"bytes", [][]byte{{1}, {1}}, `{"BS":["AQ=="]}`},
		{"texts of different values", []uuid{{'x', 1}, {'x', 2}}, `{"SS":["u-x"]}`},
		{"false is no member", map[string]bool{"a": true, "b": false}, `{"SS":["a"]}`},
	} {
		t.Run(test.rule, func(t *testing.T) {
			got, err := encodeOne(t, reflect.ValueOf(test.value), ",set")
			require.NoError(t, err)
			require.Equal(t, test.wire, got)
		})
	}
}

func TestSetDuplicatesLeaveTheValueAlone(t *testing.T) {
	t.Parallel()
	value := []string{"b", "b", "a"}
	_, err := encodeOne(t, reflect.ValueOf(value), ",set")
	require.NoError(t, err)
	require.Equal(t, []string{"b", "b", "a"}, value)
}

// The error names the member that is refused.
func TestSetMembersRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule  string
		value any
		place string
		text  string
	}{
		{"an empty number", []json.Number{"1", ""}, "A[1]", "has no value, and a set of type NS"},
		{"NaN", []float64{1, math.NaN()}, "A[1]", "no NaN"},
		{"invalid UTF-8", []string{"a", "\xff"}, "A[1]", "not valid UTF-8"},
		{"a number of 39 digits", []json.Number{"123456789012345678901234567890123456789"}, "A[0]",
			"39 significant digits"},
		{"a member of another type", []changeling{{}, {1}}, "A[1]", "a set has one type"},
	} {
		t.Run(test.rule, func(t *testing.T) {
			_, err := encodeOne(t, reflect.ValueOf(test.value), ",set")
			placed := new(FieldError)
			require.ErrorAs(t, err, &placed)
			require.Equal(t, test.place, placed.Field)
			require.Contains(t, err.Error(), test.text)
		})
	}
	for _, test := range []struct{ wire, text string }{
		{`{"NS":["1","x"]}`, "not a number"},
		{`{"NS":["1","1.5"]}`, "has a fraction"},
		{`{"NS":["1","300"]}`, "does not fit"},
	} {
		_, err := decodeOne(t, test.wire, reflect.TypeFor[[]int8](), ",set")
		placed := new(FieldError)
		require.ErrorAs(t, err, &placed)
		require.Equal(t, "A[1]", placed.Field)
		require.Equal(t, "a[1]", placed.Attribute)
		require.Contains(t, err.Error(), test.text)
	}
}

// changeling encodes its zero value as S and other values as N.
type changeling struct{ n int }

func (c changeling) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	if c.n == 0 {
		return &types.AttributeValueMemberS{Value: "zero"}, nil
	}
	return &types.AttributeValueMemberN{Value: "1"}, nil
}

func (c *changeling) UnmarshalDynamoDBAttributeValue(types.AttributeValue) error { return nil }

// The texts of the members stay in the set although other fields reuse their buffers.
func TestSetKeepsOtherValues(t *testing.T) {
	t.Parallel()
	type item struct {
		Model `dynamo:"items"`
		ID    string   `dynamo:"id,hash"`
		Tags  []string `dynamo:"tags,set"`
		Nums  []int    `dynamo:"nums,set"`
		Name  string   `dynamo:"name"`
		N     int      `dynamo:"n"`
	}
	encoded, err := EncodeItem(
		&item{ID: "1", Tags: []string{"x", "y"}, Nums: []int{1, 2}, Name: "z", N: 5})
	require.NoError(t, err)
	require.Equal(t, map[string]types.AttributeValue{
		"id":   &types.AttributeValueMemberS{Value: "1"},
		"tags": &types.AttributeValueMemberSS{Value: []string{"x", "y"}},
		"nums": &types.AttributeValueMemberNS{Value: []string{"1", "2"}},
		"name": &types.AttributeValueMemberS{Value: "z"},
		"n":    &types.AttributeValueMemberN{Value: "5"},
	}, encoded)
}

// Large sets grow while they are decoded.
func TestLargeSets(t *testing.T) {
	t.Parallel()
	var want []int
	for i := range 1000 {
		want = append(want, i*i)
	}
	text, err := encodeOne(t, reflect.ValueOf(want), ",set")
	require.NoError(t, err)
	back, err := decodeOne(t, text, reflect.TypeOf(want), ",set")
	require.NoError(t, err)
	require.Equal(t, want, back.Interface())
}

// present and isMember are values of maps that represent sets.
type (
	present  struct{}
	isMember bool
)
