package tests

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"math"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// keyed is a model with a hash key of any type.
type keyed[K any] struct {
	dynamapper.Model `dynamo:"keyed"`
	ID               K `dynamo:"id,hash"`
}

type ranged struct {
	dynamapper.Model `dynamo:"ranged"`
	ID               string `dynamo:"id,hash"`
	At               int    `dynamo:"at,range"`
}

type unixKeyed struct {
	dynamapper.Model `dynamo:"keyed"`
	ID               time.Time `dynamo:"id,hash,unixtime"`
}

type dayKeyed struct {
	dynamapper.Model `dynamo:"keyed"`
	ID               *time.Time `dynamo:"id,hash,layout=DateOnly"`
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

// keyTable returns a function that returns the key that Get sends, or the error if it sends none.
func keyTable[T dynamapper.IsModel](
	t *testing.T,
) func(dynamapper.PrimaryKey) (fixtures.Attributes, error) {
	t.Helper()
	table, client := caughtTable[T](t)
	return func(key dynamapper.PrimaryKey) (fixtures.Attributes, error) {
		client.get = nil
		_, err := table.Get(context.Background(), key)
		if client.get == nil {
			return nil, err
		}
		return client.get.Key, nil
	}
}

func TestKeysAreEncodedAsTheirFields(t *testing.T) {
	t.Parallel()
	noon := time.Date(2012, 5, 31, 12, 0, 0, 42000, time.UTC)
	textS := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	numberN := func(n string) types.AttributeValue { return &types.AttributeValueMemberN{Value: n} }
	bytesB := func(b ...byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }
	for name, c := range map[string]struct {
		encode func(dynamapper.PrimaryKey) (fixtures.Attributes, error)
		given  []any
		want   types.AttributeValue
	}{
		"string": {keyTable[keyed[string]](t), []any{
			"waldo", userName("waldo"), pointerTo("waldo"), pointerTo(userName("waldo")),
			textS("waldo"),
		}, textS("waldo")},
		"named string": {keyTable[keyed[userName]](t),
			[]any{"waldo", userName("waldo"), pointerTo("waldo")}, textS("waldo")},
		"string pointer": {keyTable[keyed[*string]](t),
			[]any{"waldo", pointerTo("waldo"), userName("waldo")}, textS("waldo")},
		"int": {keyTable[keyed[int]](t), []any{
			7, int8(7), int64(7), uint8(7), uint64(7), uintptr(7), 7.0, float32(7), userID(7),
			pointerTo(7), pointerTo(userID(7)),
			json.Number("7"), attributevalue.Number("7"), *big.NewInt(7), big.NewInt(7),
			big.NewFloat(7), numberN("7"),
		}, numberN("7")},
		"named int":   {keyTable[keyed[userID]](t), []any{7, userID(7), uint8(7)}, numberN("7")},
		"int pointer": {keyTable[keyed[*int]](t), []any{7, pointerTo(7), int8(7)}, numberN("7")},
		"large": {keyTable[keyed[uint64]](t),
			[]any{uint64(math.MaxUint64), json.Number("18446744073709551615")},
			numberN("18446744073709551615")},
		"float": {keyTable[keyed[float64]](t),
			[]any{0.5, float32(0.5), json.Number("0.5"), big.NewFloat(0.5)}, numberN("0.5")},
		"[]byte": {keyTable[keyed[[]byte]](t),
			[]any{[]byte{1, 2}, digest{1, 2}, pointerTo([]byte{1, 2}), bytesB(1, 2)}, bytesB(1, 2)},
		"[N]byte": {keyTable[keyed[[2]byte]](t),
			[]any{[2]byte{1, 2}, []byte{1, 2}, digest{1, 2}, pointerTo([2]byte{1, 2})},
			bytesB(1, 2)},
		"time": {keyTable[keyed[time.Time]](t),
			[]any{noon, pointerTo(noon), noon.In(time.FixedZone("", 3600))},
			textS("2012-05-31T12:00:00.000042000Z")},
		"unixtime": {keyTable[unixKeyed](t), []any{noon, &noon}, numberN("1338465600")},
		"text": {keyTable[keyed[hexID]](t), []any{
			hexID{1, 2, 3, 4}, pointerTo(hexID{1, 2, 3, 4}), "01020304", userName("01020304"),
		}, textS("01020304")},
		"address": {keyTable[keyed[netip.Addr]](t),
			[]any{netip.MustParseAddr("::1"), "::1"}, textS("::1")},
		"text as it is stored": {keyTable[keyed[hexID]](t),
			[]any{"DEADBEEF", userName("DEADBEEF"), pointerTo("DEADBEEF")}, textS("DEADBEEF")},
		"time as it is stored": {keyTable[keyed[time.Time]](t),
			[]any{"2012-05-31T14:00:00+02:00", userName("2012-05-31T14:00:00+02:00")},
			textS("2012-05-31T14:00:00+02:00")},
		"day as it is stored": {keyTable[dayKeyed](t), []any{"2012-05-31"}, textS("2012-05-31")},
	} {
		t.Run(name, func(t *testing.T) {
			for _, given := range c.given {
				encoded, err := c.encode(dynamapper.Key(given))
				require.NoError(t, err, "%T", given)
				require.Equal(t, map[string]types.AttributeValue{"id": c.want},
					encoded, "%T", given)
			}
		})
	}
}

func TestKeysThatFitNoTable(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	stringKey, intKey, bytesKey := keyTable[keyed[string]](t), keyTable[keyed[int]](t),
		keyTable[keyed[[2]byte]](t)
	timeKey, textKey, rangeKey := keyTable[keyed[time.Time]](t), keyTable[keyed[hexID]](t),
		keyTable[ranged](t)
	for name, c := range map[string]struct {
		encode func(dynamapper.PrimaryKey) (fixtures.Attributes, error)
		key    dynamapper.PrimaryKey
		want   string
	}{
		"zero key": {stringKey, dynamapper.PrimaryKey{},
			`the hash key "id" is nil; give a value of type string`},
		"nil": {stringKey, dynamapper.Key(nil),
			`the hash key "id" is nil; give a value of type string`},
		"nil pointer": {stringKey, dynamapper.Key((*string)(nil)),
			`the hash key "id" is nil; give a value of type string`},
		"nil value": {stringKey, dynamapper.Key((*types.AttributeValueMemberS)(nil)),
			`the hash key "id" is nil; give a value of type string`},
		"empty": {stringKey, dynamapper.Key(""),
			`the hash key "id" is empty, which DynamoDB does not take; give the field ID a value, or another one to Key or Query`},
		"empty pointer": {stringKey, dynamapper.Key(pointerTo("")), `the hash key "id" is empty`},
		"empty value": {stringKey, dynamapper.Key(&types.AttributeValueMemberS{}),
			`the hash key "id" is empty`},
		"nil []byte": {keyTable[keyed[[]byte]](t), dynamapper.Key([]byte(nil)),
			`the hash key "id" is empty`},
		"empty value B": {keyTable[keyed[[]byte]](t),
			dynamapper.Key(&types.AttributeValueMemberB{}),
			`the hash key "id" is empty`},
		"invalid UTF-8": {stringKey, dynamapper.Key("\xff"), "not valid UTF-8"},
		"invalid UTF-8 value": {stringKey,
			dynamapper.Key(&types.AttributeValueMemberS{Value: "\xff"}),
			"not valid UTF-8"},
		"number for string": {stringKey, dynamapper.Key(5),
			`the hash key "id": a value of type int is given, and the field ID takes string`},
		"time for string": {stringKey, dynamapper.Key(time.Time{}),
			`a value of type time.Time is given, and the field ID takes string`},
		"bytes for string": {stringKey, dynamapper.Key([]byte(secret)),
			`a value of type []uint8 is given, and the field ID takes string`},
		"pointer to a pointer": {stringKey, dynamapper.Key(pointerTo(pointerTo(secret))),
			`a value of type *string is given, and the field ID takes string`},
		"struct": {stringKey, dynamapper.Key(struct{ S string }{secret}),
			"is given, and the field ID takes string"},
		"function": {stringKey, dynamapper.Key(func() {}),
			"is given, and the field ID takes string"},
		"key in a key": {stringKey, dynamapper.Key(dynamapper.Key(secret)),
			"a value of type dynamapper.PrimaryKey is given, and the field ID takes string"},
		"value of another type": {stringKey,
			dynamapper.Key(&types.AttributeValueMemberN{Value: "1"}),
			"the attribute is of type S, and a value of type N is given"},
		"string for number": {intKey, dynamapper.Key(secret),
			"a value of type string is given, and the field ID takes int"},
		"bool for number": {intKey, dynamapper.Key(true),
			"a value of type bool is given, and the field ID takes int"},
		"not a number":       {intKey, dynamapper.Key(math.NaN()), `the hash key "id": `},
		"infinite":           {intKey, dynamapper.Key(math.Inf(1)), `the hash key "id": `},
		"broken json.Number": {intKey, dynamapper.Key(json.Number(secret)), `the hash key "id": `},
		"broken N": {intKey, dynamapper.Key(&types.AttributeValueMemberN{Value: secret}),
			`the hash key "id": `},
		"a number of 39 digits": {intKey, dynamapper.Key(json.Number(strings.Repeat("7", 39))),
			"digits"},
		"too short for [2]byte": {bytesKey, dynamapper.Key([]byte{1}),
			`the hash key "id": a value of type []uint8 is given, and the field ID takes [2]uint8`},
		"too long for [2]byte": {bytesKey, dynamapper.Key([]byte{1, 2, 3}),
			`the hash key "id": a value of type []uint8 is given, and the field ID takes [2]uint8`},
		"another array": {bytesKey, dynamapper.Key([3]byte{1, 2, 3}),
			"a value of type [3]uint8 is given, and the field ID takes [2]uint8"},
		"zero time": {timeKey, dynamapper.Key(time.Time{}), `the hash key "id" is empty`},
		"year 10000": {timeKey, dynamapper.Key(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)),
			"the year is outside 0 to 9999"},
		"no time": {timeKey, dynamapper.Key(secret),
			"the text given is not one of the Go type time.Time, such as 2012-05-31T12:00:00Z"},
		"empty text for time": {timeKey, dynamapper.Key(""), `the hash key "id" is empty`},
		"no time of the layout": {keyTable[dayKeyed](t), dynamapper.Key("2012-05-31T12:00:00Z"),
			`not one of the Go type time.Time in the layout "2006-01-02"`},
		"text for unixtime": {keyTable[unixKeyed](t), dynamapper.Key("2012-05-31T12:00:00Z"),
			"a value of type string is given, and the field ID takes time.Time"},
		"invalid UTF-8 for text": {textKey, dynamapper.Key("\xff"), "not valid UTF-8"},
		"text that does not fit": {textKey, dynamapper.Key(secret),
			`the hash key "id": the text given is not one of the Go type tests.hexID`},
		"superfluous range": {stringKey, dynamapper.Key(secret, 1),
			"the key has a range key, and the model tests.keyed[string] has none; use " +
				"Key(hash)"},
		"superfluous nil range": {stringKey, dynamapper.Key(secret, nil),
			"has none; use Key(hash)"},
		"missing range": {rangeKey, dynamapper.Key(secret),
			"the key has no range key, and the model tests.ranged has one, At; use " +
				"Key(hash, range)"},
		"nil range": {rangeKey, dynamapper.Key(secret, nil),
			`the range key "at" is nil; give a value of type int`},
		"wrong range": {rangeKey, dynamapper.Key(secret, secret),
			`the range key "at": a value of type string is given, and the field At takes int`},
		"two ranges": {rangeKey, dynamapper.Key(secret, 1, 2),
			"the key has 2 range keys; a table has one at most: Key(hash, range)"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.encode(c.key)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), secret)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestKeysOfHashes(t *testing.T) {
	t.Parallel()
	require.Equal(t, []dynamapper.PrimaryKey{dynamapper.Key("a"), dynamapper.Key("b")},
		dynamapper.Keys("a", "b"))
	require.Equal(t, []dynamapper.PrimaryKey{dynamapper.Key(1), dynamapper.Key("b")},
		dynamapper.Keys[any](1, "b"))
	require.Empty(t, dynamapper.Keys[string]())
	key := dynamapper.Key("a", 7)
	require.Equal(t, "a", key.Hash())
	require.Equal(t, 7, key.Range())
	require.Nil(t, dynamapper.Key("a").Range())
}

type nestedKey struct {
	dynamapper.Model `dynamo:"keyed"`
	*KeyHolder
}

// KeyHolder is embedded as a pointer.
type KeyHolder struct {
	ID string `dynamo:"id,hash"`
}

func TestKeyOf(t *testing.T) {
	t.Parallel()
	m, err := dynamapper.New(&catcher{})
	require.NoError(t, err)
	table, err := dynamapper.TableOf[ranged](m)
	require.NoError(t, err)
	require.Equal(t, dynamapper.Key("a", 7), table.KeyOf(&ranged{ID: "a", At: 7}))
	require.Equal(t, dynamapper.Key("", 0), table.KeyOf(&ranged{}))
	require.Equal(t, dynamapper.PrimaryKey{}, table.KeyOf(nil))
	named, err := dynamapper.TableOf[keyed[userName]](m)
	require.NoError(t, err)
	require.Equal(t, dynamapper.Key(userName("a")), named.KeyOf(&keyed[userName]{ID: "a"}))
	embedded, err := dynamapper.TableOf[nestedKey](m)
	require.NoError(t, err)
	require.Equal(t, dynamapper.Key(nil), embedded.KeyOf(&nestedKey{}))
	require.ErrorContains(t, embedded.Save(t.Context(), &nestedKey{}), `the hash key "id" is empty`)
}
