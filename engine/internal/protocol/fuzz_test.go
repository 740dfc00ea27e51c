package protocol

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var fuzzSeeds = []string{
	string(benchmarkBody),
	`{"TableName":"t","Key":{"id":{"N":"1"}},"ExpressionAttributeValues":{":v":{"L":[{"B":"YQ=="}]}}}`,
	`{"RequestItems":{"t":{"Keys":[{"a":{"S":"\u00e9\ud83d\ude00"}}]}}}`,
	`{"RequestItems":{"t":[{"PutRequest":{"Item":{"a":{"NS":["1","2"],"S":null}}}}]}}`,
	`{"Expected":{"a":{"Exists":"f","Value":{"BS":["YQ==","YQ=="]}}},"Limit":1.5e3}`,
	`{"KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],"X":[1,-2.5e+3,true,false,null,{}]}`,
	`[]`, `{"a":1,}`, `{"BOOL":01}`, `"\ud800"`, nest(40, `{"NULL":true}`),
}

// halfPair matches the escape of a lone surrogate or of the first half of a pair.
var halfPair = regexp.MustCompile(`\\u[dD][89a-fA-F]`)

// comparableText reports whether encoding/json reads the text by the same rules. It does not if the
// text has lone surrogates, bytes that are not UTF-8, or deep nesting: encoding/json accepts these.
func comparableText(text string) bool {
	deep := strings.Count(text, "[")+strings.Count(text, "{") > maxDepth
	return utf8.ValidString(text) && !halfPair.MatchString(text) && !deep
}

func FuzzIsJSON(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if comparableText(text) {
			assert.Equal(t, json.Valid([]byte(text)), isJSON([]byte(text)))
		}
	})
}

func FuzzText(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		body, err := json.Marshal(map[string]string{"TableName": text})
		require.NoError(t, err)
		in, err := Decode[GetItemInput](body)
		require.NoError(t, err)
		assert.Equal(t, text, *in.TableName)
		var out Writer
		out.String(*in.TableName)
		var back string
		require.NoError(t, json.Unmarshal(out.Bytes(), &back))
		assert.Equal(t, *in.TableName, back)
	})
}

func FuzzDecode(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		body := []byte(text)
		checkDecode[PutItemInput](t, body)
		checkDecode[QueryInput](t, body)
		checkDecode[BatchGetItemInput](t, body)
		checkDecode[BatchWriteItemInput](t, body)
		checkDecode[TransactWriteItemsInput](t, body)
		checkDecode[CreateTableInput](t, body)
		checkDecode[GetShardIteratorInput](t, body)
	})
}

// checkDecode decodes an arbitrary body. A body that is not JSON is refused without a message;
// every other refusal has one.
func checkDecode[In any](t *testing.T, body []byte) {
	_, err := Decode[In](body)
	if err == nil {
		assert.True(t, isJSON(body))
		return
	}
	var refusal *Error
	require.True(t, errors.As(err, &refusal))
	if !isJSON(body) {
		assert.Equal(t, &Error{Code: "SerializationException"}, refusal)
	}
	assert.True(t, json.Valid(refusal.AppendJSON(nil)))
}
