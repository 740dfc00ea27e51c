package wire

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

// respondWith responds to each request with the same text.
type respondWith struct{ text string }

func (r *respondWith) Do(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(r.text)),
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body:   io.NopCloser(strings.NewReader(r.text)),
	}, nil
}

// If the reader accepts a text as an item, the SDK's own deserializer reads the same item. The SDK
// accepts more: attribute values without a type or of an unknown one, several types in one value,
// text that is not valid UTF-8.
func FuzzItemAsTheSDK(f *testing.F) {
	line := &respondWith{}
	client := dynamodb.New(dynamodb.Options{
		Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("fuzz", "fuzz",
			""), HTTPClient: line,
		Retryer: aws.NopRetryer{}, DisableValidateResponseChecksum: true,
	})
	key := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "x"}}
	for _, seed := range []string{
		sample, loose(sample), `{}`, `{"a":null}`, `{"a":{"S":"\u00e4\ud83d\ude00\/"}}`,
		`{"a":{"NULL":true},"b":{"BOOL":false}}`,
		`{"a":{"SS":["x","y"]},"b":{"NS":["1"]},"c":{"BS":["AA=="]}}`,
		`{"a":` + nest(32, `{"S":""}`) + `}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseItem(text)
		if err != nil || hasDuplicates(text) {
			return
		}
		line.text = `{"Item":` + text + `}`
		out, err := client.GetItem(t.Context(),
			&dynamodb.GetItemInput{TableName: aws.String("players"), Key: key})
		require.NoError(t, err)
		require.Len(t, out.Item, len(got))
		for name, value := range got {
			require.True(t, Equal(out.Item[name], value), "%s: %#v, and %#v", name, out.Item[name],
				value)
		}
	})
}
