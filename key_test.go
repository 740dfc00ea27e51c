package dynamapper

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

// keyed is a model with a hash key of any type.
type keyed[K any] struct {
	Model `dynamo:"keyed"`
	ID    K `dynamo:"id,hash"`
}

type ranged struct {
	Model `dynamo:"ranged"`
	ID    string `dynamo:"id,hash"`
	At    int    `dynamo:"at,range"`
}

type unixKeyed struct {
	Model `dynamo:"keyed"`
	ID    time.Time `dynamo:"id,hash,unixtime"`
}

type dayKeyed struct {
	Model `dynamo:"keyed"`
	ID    *time.Time `dynamo:"id,hash,layout=DateOnly"`
}

type (
	userName string
	userID   int32
	digest   []byte
	hexID    [4]byte
)

func (u hexID) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(u[:])), nil }

func (u *hexID) UnmarshalText(text []byte) error {
	_, err := hex.Decode(u[:], text)
	return err
}

func pointerTo[V any](v V) *V { return &v }

func keySchema[T any](t *testing.T) *schema {
	t.Helper()
	s, err := makeSchema(reflect.TypeFor[T]())
	require.NoError(t, err)
	return s
}

func TestKeysAreEncodedAsTheirFields(t *testing.T) {
	t.Parallel()
	noon := time.Date(2012, 5, 31, 12, 0, 0, 42000, time.UTC)
	textS := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	numberN := func(n string) types.AttributeValue { return &types.AttributeValueMemberN{Value: n} }
	bytesB := func(b ...byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }
	for name, c := range map[string]struct {
		schema *schema
		given  []any
		want   types.AttributeValue
	}{
		"string": {keySchema[keyed[string]](t), []any{
			"waldo", userName("waldo"), pointerTo("waldo"), pointerTo(userName("waldo")),
			textS("waldo"),
		}, textS("waldo")},
		"named string": {keySchema[keyed[userName]](t),
			[]any{"waldo", userName("waldo"), pointerTo("waldo")}, textS("waldo")},
		"string pointer": {keySchema[keyed[*string]](t),
			[]any{"waldo", pointerTo("waldo"), userName("waldo")}, textS("waldo")},
		"int": {keySchema[keyed[int]](t), []any{
			7, int8(7), int64(7), uint8(7), uint64(7), uintptr(7), 7.0, float32(7), userID(7),
			pointerTo(7), pointerTo(userID(7)),
			json.Number("7"), attributevalue.Number("7"), *big.NewInt(7), big.NewInt(7),
			big.NewFloat(7), numberN("7"),
		}, numberN("7")},
		"named int":   {keySchema[keyed[userID]](t), []any{7, userID(7), uint8(7)}, numberN("7")},
		"int pointer": {keySchema[keyed[*int]](t), []any{7, pointerTo(7), int8(7)}, numberN("7")},
		"large": {keySchema[keyed[uint64]](t),
			[]any{uint64(math.MaxUint64), json.Number("18446744073709551615")},
			numberN("18446744073709551615")},
		"float": {keySchema[keyed[float64]](t),
			[]any{0.5, float32(0.5), json.Number("0.5"), big.NewFloat(0.5)}, numberN("0.5")},
		"[]byte": {keySchema[keyed[[]byte]](t),
			[]any{[]byte{1, 2}, digest{1, 2}, pointerTo([]byte{1, 2}), bytesB(1, 2)}, bytesB(1, 2)},
		"[N]byte": {keySchema[keyed[[2]byte]](t),
			[]any{[2]byte{1, 2}, []byte{1, 2}, digest{1, 2}, pointerTo([2]byte{1, 2})},
			bytesB(1, 2)},
		"time": {keySchema[keyed[time.Time]](t),
			[]any{noon, pointerTo(noon), noon.In(time.FixedZone("", 3600))},
			textS("2012-05-31T12:00:00.000042000Z")},
		"unixtime": {keySchema[unixKeyed](t), []any{noon, &noon}, numberN("1338465600")},
		"text": {keySchema[keyed[hexID]](t), []any{
			hexID{1, 2, 3, 4}, pointerTo(hexID{1, 2, 3, 4}), "01020304", userName("01020304"),
		}, textS("01020304")},
		"address": {keySchema[keyed[netip.Addr]](t),
			[]any{netip.MustParseAddr("::1"), "::1"}, textS("::1")},
		"text as it is stored": {keySchema[keyed[hexID]](t),
			[]any{"DEADBEEF", userName("DEADBEEF"), pointerTo("DEADBEEF")}, textS("DEADBEEF")},
		"time as it is stored": {keySchema[keyed[time.Time]](t),
			[]any{"2012-05-31T14:00:00+02:00", userName("2012-05-31T14:00:00+02:00")},
			textS("2012-05-31T14:00:00+02:00")},
		"day as it is stored": {keySchema[dayKeyed](t), []any{"2012-05-31"}, textS("2012-05-31")},
	} {
		t.Run(name, func(t *testing.T) {
			for _, given := range c.given {
				encoded, err := c.schema.encodeKey(Key(given))
				require.NoError(t, err, "%T", given)
				require.Equal(t, map[string]types.AttributeValue{"id": c.want},
					c.schema.keyAttributes(encoded), "%T",
					given)
			}
		})
	}
}

func TestKeysThatFitNoTable(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	stringKey, intKey, bytesKey := keySchema[keyed[string]](t), keySchema[keyed[int]](t),
		keySchema[keyed[[2]byte]](t)
	timeKey, textKey, rangeKey := keySchema[keyed[time.Time]](t), keySchema[keyed[hexID]](t),
		keySchema[ranged](t)
	for name, c := range map[string]struct {
		schema *schema
		key    PrimaryKey
		want   string
	}{
		"zero key": {stringKey, PrimaryKey{},
			`the hash key "id" is nil; give a value of type string`},
		"nil": {stringKey, Key(nil),
			`the hash key "id" is nil; give a value of type string`},
		"nil pointer": {stringKey, Key((*string)(nil)),
			`the hash key "id" is nil; give a value of type string`},
		"nil value": {stringKey, Key((*types.AttributeValueMemberS)(nil)),
			`the hash key "id" is nil; give a value of type string`},
		"empty": {stringKey, Key(""),
			`the hash key "id" is empty, which DynamoDB does not take; give the field ID a value, or another one to Key or Query`},
		"empty pointer": {stringKey, Key(pointerTo("")), `the hash key "id" is empty`},
		"empty value": {stringKey, Key(&types.AttributeValueMemberS{}),
			`the hash key "id" is empty`},
		"nil []byte": {keySchema[keyed[[]byte]](t), Key([]byte(nil)),
			`the hash key "id" is empty`},
		"empty value B": {keySchema[keyed[[]byte]](t), Key(&types.AttributeValueMemberB{}),
			`the hash key "id" is empty`},
		"invalid UTF-8": {stringKey, Key("\xff"), "not valid UTF-8"},
		"invalid UTF-8 value": {stringKey, Key(&types.AttributeValueMemberS{Value: "\xff"}),
			"not valid UTF-8"},
		"number for string": {stringKey, Key(5),
			`the hash key "id": a value of type int is given, and the field ID takes string`},
		"time for string": {stringKey, Key(time.Time{}),
			`a value of type time.Time is given, and the field ID takes string`},
		"bytes for string": {stringKey, Key([]byte(secret)),
			`a value of type []uint8 is given, and the field ID takes string`},
		"pointer to a pointer": {stringKey, Key(pointerTo(pointerTo(secret))),
			`a value of type *string is given, and the field ID takes string`},
		"struct": {stringKey, Key(struct{ S string }{secret}),
			"is given, and the field ID takes string"},
		"function": {stringKey, Key(func() {}),
			"is given, and the field ID takes string"},
		"key in a key": {stringKey, Key(Key(secret)),
			"a value of type dynamapper.PrimaryKey is given, and the field ID takes string"},
		"value of another type": {stringKey, Key(&types.AttributeValueMemberN{Value: "1"}),
			"the attribute is of type S, and a value of type N is given"},
		"string for number": {intKey, Key(secret),
			"a value of type string is given, and the field ID takes int"},
		"bool for number": {intKey, Key(true),
			"a value of type bool is given, and the field ID takes int"},
		"not a number":       {intKey, Key(math.NaN()), `the hash key "id": `},
		"infinite":           {intKey, Key(math.Inf(1)), `the hash key "id": `},
		"broken json.Number": {intKey, Key(json.Number(secret)), `the hash key "id": `},
		"broken N": {intKey, Key(&types.AttributeValueMemberN{Value: secret}),
			`the hash key "id": `},
		"a number of 39 digits": {intKey, Key(json.Number(strings.Repeat("7", 39))), "digits"},
		"too short for [2]byte": {bytesKey, Key([]byte{1}),
			`the hash key "id": a value of type []uint8 is given, and the field ID takes [2]uint8`},
		"too long for [2]byte": {bytesKey, Key([]byte{1, 2, 3}),
			`the hash key "id": a value of type []uint8 is given, and the field ID takes [2]uint8`},
		"another array": {bytesKey, Key([3]byte{1, 2, 3}),
			"a value of type [3]uint8 is given, and the field ID takes [2]uint8"},
		"zero time": {timeKey, Key(time.Time{}), `the hash key "id" is empty`},
		"year 10000": {timeKey, Key(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)),
			"the year is outside 0 to 9999"},
		"no time": {timeKey, Key(secret),
			"the text given is not one of the Go type time.Time, such as 2012-05-31T12:00:00Z"},
		"empty text for time": {timeKey, Key(""), `the hash key "id" is empty`},
		"no time of the layout": {keySchema[dayKeyed](t), Key("2012-05-31T12:00:00Z"),
			`not one of the Go type time.Time in the layout "2006-01-02"`},
		"text for unixtime": {keySchema[unixKeyed](t), Key("2012-05-31T12:00:00Z"),
			"a value of type string is given, and the field ID takes time.Time"},
		"invalid UTF-8 for text": {textKey, Key("\xff"), "not valid UTF-8"},
		"text that does not fit": {textKey, Key(secret),
			`the hash key "id": the text given is not one of the Go type dynamapper.hexID`},
		"superfluous range": {stringKey, Key(secret, 1),
			"the key has a range key, and the model dynamapper.keyed[string] has none; use " +
				"Key(hash)"},
		"superfluous nil range": {stringKey, Key(secret, nil), "has none; use Key(hash)"},
		"missing range": {rangeKey, Key(secret),
			"the key has no range key, and the model dynamapper.ranged has one, At; use " +
				"Key(hash, range)"},
		"nil range": {rangeKey, Key(secret, nil),
			`the range key "at" is nil; give a value of type int`},
		"wrong range": {rangeKey, Key(secret, secret),
			`the range key "at": a value of type string is given, and the field At takes int`},
		"two ranges": {rangeKey, Key(secret, 1, 2),
			"the key has 2 range keys; a table has one at most: Key(hash, range)"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.schema.encodeKey(c.key)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), secret)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestKeysOfHashes(t *testing.T) {
	t.Parallel()
	require.Equal(t, []PrimaryKey{Key("a"), Key("b")}, Keys("a", "b"))
	require.Equal(t, []PrimaryKey{Key(1), Key("b")}, Keys[any](1, "b"))
	require.Empty(t, Keys[string]())
	key := Key("a", 7)
	require.Equal(t, "a", key.Hash())
	require.Equal(t, 7, key.Range())
	require.Nil(t, Key("a").Range())
}

type nestedKey struct {
	Model `dynamo:"keyed"`
	*KeyHolder
}

// KeyHolder is embedded as a pointer.
type KeyHolder struct {
	ID string `dynamo:"id,hash"`
}

func TestKeyOf(t *testing.T) {
	t.Parallel()
	m, err := New(sdkClient())
	require.NoError(t, err)
	table, err := TableOf[ranged](m)
	require.NoError(t, err)
	require.Equal(t, Key("a", 7), table.KeyOf(&ranged{ID: "a", At: 7}))
	require.Equal(t, Key("", 0), table.KeyOf(&ranged{}))
	require.Equal(t, PrimaryKey{}, table.KeyOf(nil))
	named, err := TableOf[keyed[userName]](m)
	require.NoError(t, err)
	require.Equal(t, Key(userName("a")), named.KeyOf(&keyed[userName]{ID: "a"}))
	embedded, err := TableOf[nestedKey](m)
	require.NoError(t, err)
	require.Equal(t, Key(nil), embedded.KeyOf(&nestedKey{}))
	require.ErrorContains(t, embedded.Save(t.Context(), &nestedKey{}), `the hash key "id" is empty`)
}
