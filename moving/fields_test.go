package moving

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// other is the library that the program moves away from.
type other interface {
	marshal(item any) (map[string]types.AttributeValue, error)
	put(ctx context.Context, table string, item any) error
	get(ctx context.Context, table, id string, item any) error
}

// guregu is guregu/dynamo v2.
type guregu struct{ db *dynamo.DB }

func newGuregu(t *testing.T) guregu { return guregu{dynamo.New(dynamotest.Run(t).Config())} }

func (g guregu) marshal(item any) (map[string]types.AttributeValue, error) {
	return dynamo.MarshalItem(item)
}

func (g guregu) put(ctx context.Context, table string, item any) error {
	return g.db.Table(table).Put(item).Run(ctx)
}

func (g guregu) get(ctx context.Context, table, id string, item any) error {
	return g.db.Table(table).Get("id", id).Consistent(true).One(ctx, item)
}

// sdk is the SDK's client with attributevalue.
type sdk struct{ client *dynamodb.Client }

func newSDK(t *testing.T) sdk { return sdk{dynamodb.NewFromConfig(dynamotest.Run(t).Config())} }

func (s sdk) marshal(item any) (map[string]types.AttributeValue, error) {
	return attributevalue.MarshalMap(item)
}

func (s sdk) put(ctx context.Context, table string, item any) error {
	attributes, err := s.marshal(item)
	if err != nil {
		return err
	}
	_, err = s.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &table, Item: attributes})
	return err
}

func (s sdk) get(ctx context.Context, table, id string, item any) error {
	key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}}
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: key,
		ConsistentRead: aws.Bool(true)})
	if err != nil {
		return err
	}
	return attributevalue.UnmarshalMap(out.Item, item)
}

// wire formats a value as in JSON on the wire; "" means a missing attribute.
func wire(value types.AttributeValue) string {
	if value == nil {
		return ""
	}
	text, err := json.Marshal(wireValue(value))
	if err != nil {
		panic(err)
	}
	return string(text)
}

func wireValue(value types.AttributeValue) map[string]any {
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		return map[string]any{"S": value.Value}
	case *types.AttributeValueMemberN:
		return map[string]any{"N": value.Value}
	case *types.AttributeValueMemberB:
		return map[string]any{"B": value.Value}
	case *types.AttributeValueMemberBOOL:
		return map[string]any{"BOOL": value.Value}
	case *types.AttributeValueMemberNULL:
		return map[string]any{"NULL": value.Value}
	case *types.AttributeValueMemberSS:
		return map[string]any{"SS": value.Value}
	case *types.AttributeValueMemberNS:
		return map[string]any{"NS": value.Value}
	case *types.AttributeValueMemberBS:
		return map[string]any{"BS": value.Value}
	case *types.AttributeValueMemberL:
		list := []any{}
		for _, element := range value.Value {
			list = append(list, wireValue(element))
		}
		return map[string]any{"L": list}
	case *types.AttributeValueMemberM:
		return map[string]any{"M": wireItem(value.Value)}
	}
	panic(fmt.Sprintf("%T", value))
}

func wireItem(item map[string]types.AttributeValue) map[string]any {
	values := map[string]any{}
	for name, value := range item {
		values[name] = wireValue(value)
	}
	return values
}

// getRaw reads a stored item.
func getRaw(t *testing.T, table, id string) map[string]types.AttributeValue {
	t.Helper()
	var item dynamo.Item
	require.NoError(t, newGuregu(t).get(t.Context(), table, id, &item))
	return item
}

// tableOf creates a new table for the test.
func tableOf[M dynamapper.IsModel](t *testing.T) *dynamapper.Table[M] {
	t.Helper()
	prefix := strings.ToLower(rand.Text()[:6]) + "-"
	table, err := dynamapper.TableOf[M](dynamotest.Mapper(t, dynamapper.WithTablePrefix(prefix)))
	require.NoError(t, err)
	require.NoError(t, table.CreateTable(t.Context(), dynamapper.WaitActive()))
	return table
}

// agree checks a field that both libraries store in the same way, with the options of the model M:
// each reads the other's items, and an unedited value is kept.
func agree[M dynamapper.IsModel, P interface {
	*M
	holder[V]
}, V any](value V, stored string) func(*testing.T, other) {
	return func(t *testing.T, them other) {
		table := tableOf[M](t)
		theirs := newHolder[M, P]("theirs", value)
		require.NoError(t, them.put(t.Context(), table.Name(), theirs))
		raw := getRaw(t, table.Name(), "theirs")
		require.Equal(t, stored, wire(raw["value"]), "stored by them")
		ours, err := table.MarshalItem((*M)(theirs))
		require.NoError(t, err)
		require.Equal(t, stored, wire(ours["value"]), "stored by us")

		loaded := editNote[M, P](t, table, value, raw)
		again := P(new(M))
		require.NoError(t, them.get(t.Context(), table.Name(), "theirs", again))
		requireHolder[M, P](t, again, value, "edited by us")
		_, _, note := again.parts()
		*note = "edited by them"
		require.NoError(t, them.put(t.Context(), table.Name(), again))
		_, _, note = P(loaded).parts()
		*note = "stale"
		require.ErrorIs(t, table.Save(t.Context(), loaded, dynamapper.FailOnConflict()),
			dynamapper.ErrConflict)
		fresh, err := table.Get(t.Context(), dynamapper.Key("theirs"), dynamapper.Consistent())
		require.NoError(t, err)
		requireHolder[M, P](t, P(fresh), value, "edited by them")

		require.NoError(t, table.Save(t.Context(), (*M)(newHolder[M, P]("ours", value))))
		back := P(new(M))
		require.NoError(t, them.get(t.Context(), table.Name(), "ours", back))
		requireHolder[M, P](t, back, value, "")
	}
}

// differ checks a field that dynamapper reads as the other library stores it, and stores in another
// way. The other library may be able to read that or not.
func differ[M dynamapper.IsModel, P interface {
	*M
	holder[V]
}, V any](value V, theirs, ours string, readable bool) func(*testing.T, other) {
	return func(t *testing.T, them other) {
		table := tableOf[M](t)
		require.NoError(t, them.put(t.Context(), table.Name(), newHolder[M, P]("theirs", value)))
		raw := getRaw(t, table.Name(), "theirs")
		require.Equal(t, theirs, wire(raw["value"]), "stored by them")
		editNote[M, P](t, table, value, raw)

		item := newHolder[M, P]("ours", value)
		marshaled, err := table.MarshalItem((*M)(item))
		require.NoError(t, err)
		require.Equal(t, ours, wire(marshaled["value"]), "stored by us")
		require.NoError(t, table.Save(t.Context(), (*M)(item)))
		back := P(new(M))
		if err := them.get(t.Context(), table.Name(), "ours", back); !readable {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		requireHolder[M, P](t, back, value, "")
	}
}

// foreign checks a field that the other library stores in a way that dynamapper does not read: it
// returns a FieldError, and nothing is changed.
func foreign[M dynamapper.IsModel, P interface {
	*M
	holder[V]
}, V any](value V, theirs string) func(*testing.T, other) {
	return func(t *testing.T, them other) {
		table := tableOf[M](t)
		require.NoError(t, them.put(t.Context(), table.Name(), newHolder[M, P]("theirs", value)))
		require.Equal(t, theirs, wire(getRaw(t, table.Name(), "theirs")["value"]), "stored by them")
		_, err := table.Get(t.Context(), dynamapper.Key("theirs"))
		var field *dynamapper.FieldError
		require.ErrorAs(t, err, &field)
		require.Equal(t, "value", field.Attribute)
	}
}

func newHolder[M any, P interface {
	*M
	holder[V]
}, V any](id string, value V) P {
	item := P(new(M))
	itsID, itsValue, _ := item.parts()
	*itsID, *itsValue = id, value
	return item
}

// requireHolder compares values as dynamapper would store them: times by their instant, and empty
// values as missing ones.
func requireHolder[M any, P interface {
	*M
	holder[V]
}, V any](t *testing.T, item P, value V, note string) {
	t.Helper()
	_, _, itsNote := item.parts()
	require.Equal(t, note, *itsNote)
	got, err := dynamapper.EncodeItem((*M)(item))
	require.NoError(t, err)
	want, err := dynamapper.EncodeItem((*M)(newHolder[M, P]("", value)))
	require.NoError(t, err)
	require.Equal(t, trimEmpty(wire(want["value"])), trimEmpty(wire(got["value"])))
}

// trimEmpty returns "" for an empty list or map, because the libraries read back a nil one in
// different ways.
func trimEmpty(text string) string {
	if text == `{"L":[]}` || text == `{"M":{}}` {
		return ""
	}
	return text
}

// editNote loads the other library's item and saves its note with FailOnConflict: the value does
// not change by a byte.
func editNote[M any, P interface {
	*M
	holder[V]
}, V any](t *testing.T, table *dynamapper.Table[M], value V,
	raw map[string]types.AttributeValue) *M {
	t.Helper()
	loaded, err := table.Get(t.Context(), dynamapper.Key("theirs"), dynamapper.Consistent())
	require.NoError(t, err)
	requireHolder[M, P](t, P(loaded), value, "")
	_, _, note := P(loaded).parts()
	*note = "edited by us"
	require.NoError(t, table.Save(t.Context(), loaded, dynamapper.FailOnConflict()))
	edited := getRaw(t, table.Name(), "theirs")
	require.Equal(t, "edited by us", edited["note"].(*types.AttributeValueMemberS).Value)
	require.Equal(t, raw["value"], edited["value"], "what was not edited stays")
	return loaded
}

var (
	atUTC   = time.Date(2026, 5, 31, 10, 0, 0, 42000000, time.UTC)
	atParis = atUTC.In(time.FixedZone("", 7200))
	seven   = 7
)

type gear struct {
	Slot  string `dynamo:"slot" dynamodbav:"slot" json:"slot"`
	Power int    `dynamo:"power" dynamodbav:"power" json:"power"`
}

// coins marshals itself through attributevalue's interface.
type coins struct{ n int }

func (c coins) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberN{Value: strconv.Itoa(c.n)}, nil
}

func (c *coins) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) (err error) {
	if number, ok := value.(*types.AttributeValueMemberN); ok {
		c.n, err = strconv.Atoi(number.Value)
	}
	return err
}

// alike are the fields that guregu, attributevalue and dynamapper store in the same way, with these
// options.
var alike = map[string]func(*testing.T, other){
	"string":              agree[plain[string]]("x", `{"S":"x"}`),
	"int":                 agree[plain[int]](5, `{"N":"5"}`),
	"int 0":               agree[plain[int]](0, `{"N":"0"}`),
	"int 0, omitempty":    agree[omitEmpty[int]](0, ``),
	"uint64":              agree[plain[uint64]](uint64(1<<63), `{"N":"9223372036854775808"}`),
	"float64":             agree[plain[float64]](2.5, `{"N":"2.5"}`),
	"bool":                agree[plain[bool]](true, `{"BOOL":true}`),
	"false":               agree[plain[bool]](false, `{"BOOL":false}`),
	"false, omitempty":    agree[omitEmpty[bool]](false, ``),
	"[]byte":              agree[plain[[]byte]]([]byte("hi"), `{"B":"aGk="}`),
	"[N]byte":             agree[plain[[3]byte]]([3]byte{1, 2, 3}, `{"B":"AQID"}`),
	"time in UTC, layout": agree[layout[time.Time]](atUTC, `{"S":"2026-05-31T10:00:00.042Z"}`),
	"time, unixtime": agree[unixTime[time.Time]](atUTC.Truncate(time.Second),
		`{"N":"1780221600"}`),
	"pointer":                agree[plain[*int]](&seven, `{"N":"7"}`),
	"nil pointer, omitempty": agree[omitEmpty[*int]]((*int)(nil), ``),
	"struct, document": agree[document[gear]](gear{"hand", 3},
		`{"M":{"power":{"N":"3"},"slot":{"S":"hand"}}}`),
	"*struct, document": agree[document[*gear]](&gear{"hand", 3},
		`{"M":{"power":{"N":"3"},"slot":{"S":"hand"}}}`),
	"map, document": agree[document[map[string]int]](map[string]int{"sword": 1},
		`{"M":{"sword":{"N":"1"}}}`),
	"empty map, document": agree[document[map[string]int]](map[string]int{}, `{"M":{}}`),
	"slice, document": agree[document[[]string]]([]string{"a", ""},
		`{"L":[{"S":"a"},{"S":""}]}`),
	"empty slice, document": agree[document[[]string]]([]string{}, `{"L":[]}`),
	"nil slice, omitempty":  agree[omitEmptyDocument[[]string]]([]string(nil), ``),
	"[]struct, document": agree[document[[]gear]]([]gear{{"hand", 3}},
		`{"L":[{"M":{"power":{"N":"3"},"slot":{"S":"hand"}}}]}`),
	"string set": agree[stringSet[[]string]]([]string{"a", "b"}, `{"SS":["a","b"]}`),
	"number set": agree[numberSet[[]int]]([]int{1, 2}, `{"NS":["1","2"]}`),
	"any, document": agree[document[any]](any(map[string]any{"a": true,
		"b": []any{"x", nil}}), `{"M":{"a":{"BOOL":true},"b":{"L":[{"S":"x"},{"NULL":true}]}}}`),
	"attributevalue.Marshaler": agree[plain[coins]](coins{7}, `{"N":"7"}`),
	"string in any, document":  agree[document[any]](any("x"), `{"S":"x"}`),
}

// unlike are the fields that guregu and attributevalue store in one way, and dynamapper in another.
var unlike = map[string]func(*testing.T, other){
	"small float64": differ[plain[float64]](1.5e-7, `{"N":"0.00000015"}`, `{"N":"1.5e-07"}`,
		true),
	"time in UTC": differ[plain[time.Time]](atUTC, `{"S":"2026-05-31T10:00:00.042Z"}`,
		`{"S":"2026-05-31T10:00:00.042000000Z"}`, true),
	"time with offset": differ[plain[time.Time]](atParis, `{"S":"2026-05-31T12:00:00.042+02:00"}`,
		`{"S":"2026-05-31T10:00:00.042000000Z"}`, true),
	"time with offset, layout": differ[layout[time.Time]](atParis,
		`{"S":"2026-05-31T12:00:00.042+02:00"}`,
		`{"S":"2026-05-31T10:00:00.042Z"}`, true),
	"zero time": differ[plain[time.Time]](time.Time{}, `{"S":"0001-01-01T00:00:00Z"}`, ``,
		true),
	"struct": differ[plain[gear]](gear{"hand", 3},
		`{"M":{"power":{"N":"3"},"slot":{"S":"hand"}}}`, `{"S":"{\"slot\":\"hand\",\"power\":3}"}`,
		false),
	"map": differ[plain[map[string]int]](map[string]int{"sword": 1},
		`{"M":{"sword":{"N":"1"}}}`, `{"S":"{\"sword\":1}"}`, false),
	"slice": differ[plain[[]string]]([]string{"a"}, `{"L":[{"S":"a"}]}`, `{"S":"[\"a\"]"}`,
		false),
	"[]struct": differ[plain[[]gear]]([]gear{{"hand", 3}},
		`{"L":[{"M":{"power":{"N":"3"},"slot":{"S":"hand"}}}]}`,
		`{"S":"[{\"slot\":\"hand\",\"power\":3}]"}`, false),
	"string in any": foreign[plain[any]](any("x"), `{"S":"x"}`),
}

func testFields(t *testing.T, them other, tables ...map[string]func(*testing.T, other)) {
	for _, table := range tables {
		for name, test := range table {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, them)
			})
		}
	}
}

func TestFieldsOfGuregu(t *testing.T) {
	t.Parallel()
	testFields(t, newGuregu(t), alike, unlike, map[string]func(*testing.T, other){
		"empty string":         agree[plain[string]]("", ``),
		"nil pointer":          agree[plain[*int]]((*int)(nil), ``),
		"nil []byte":           agree[plain[[]byte]]([]byte(nil), ``),
		"zero time, omitempty": agree[omitEmpty[time.Time]](time.Time{}, ``),
		"zero time, unixtime":  agree[unixTime[time.Time]](time.Time{}, ``),
		"nil map, document":    agree[document[map[string]int]](map[string]int(nil), ``),
		"empty set":            agree[stringSet[[]string]]([]string(nil), ``),
		"set in a map": agree[stringSet[map[string]struct{}]](
			map[string]struct{}{"a": {}}, `{"SS":["a"]}`),
		"TextMarshaler": agree[plain[netip.Addr]](netip.MustParseAddr("10.0.0.1"),
			`{"S":"10.0.0.1"}`),
		"[][]byte, document": agree[document[[][]byte]]([][]byte{{1}}, `{"L":[{"B":"AQ=="}]}`),
		"float32": differ[plain[float32]](float32(0.1),
			`{"N":"0.10000000149011612"}`, `{"N":"0.1"}`, true),
		"nil slice, document": differ[document[[]string]]([]string(nil), `{"L":[]}`, ``, true),
		"empty slice, omitempty": differ[omitEmptyDocument[[]string]]([]string{}, ``, `{"L":[]}`,
			true),
		"empty map, omitempty": differ[omitEmptyDocument[map[string]int]](map[string]int{}, ``,
			`{"M":{}}`, true),
	})
}

func TestFieldsOfAttributevalue(t *testing.T) {
	t.Parallel()
	testFields(t, newSDK(t), alike, unlike, map[string]func(*testing.T, other){
		"empty string, omitempty": agree[omitEmpty[string]]("", ``),
		"empty string":            differ[plain[string]]("", `{"S":""}`, ``, true),
		"nil pointer":             differ[plain[*int]]((*int)(nil), `{"NULL":true}`, ``, true),
		"nil []byte": differ[plain[[]byte]]([]byte(nil), `{"NULL":true}`, ``,
			true),
		"empty []byte": differ[plain[[]byte]]([]byte{}, `{"B":""}`, ``, true),
		"zero time, omitempty": differ[omitEmpty[time.Time]](time.Time{},
			`{"S":"0001-01-01T00:00:00Z"}`, ``, true),
		"zero time, unixtime": differ[unixTime[time.Time]](time.Time{},
			`{"N":"-62135596800"}`, ``, true),
		"nil map, document": differ[document[map[string]int]](map[string]int(nil),
			`{"NULL":true}`, ``, true),
		"nil slice, document": differ[document[[]string]]([]string(nil), `{"NULL":true}`,
			``, true),
		"empty set": differ[stringSet[[]string]]([]string(nil), `{"NULL":true}`,
			``, true),
		"float32":                agree[plain[float32]](float32(0.1), `{"N":"0.1"}`),
		"empty slice, omitempty": agree[omitEmptyDocument[[]string]]([]string{}, `{"L":[]}`),
		"map with numbers as its keys": agree[document[map[int]int]](map[int]int{3: 4},
			`{"M":{"3":{"N":"4"}}}`),
		"[][]byte, set": agree[stringSet[[][]byte]]([][]byte{{1}},
			`{"BS":["AQ=="]}`),
		"set in a map": foreign[stringSet[map[string]struct{}]](
			map[string]struct{}{"a": {}}, `{"M":{"a":{"M":{}}}}`),
		"TextMarshaler": foreign[plain[netip.Addr]](netip.MustParseAddr("10.0.0.1"),
			`{"M":{}}`),
	})
}
