package changes

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

// No event panics, every record is yielded once or left out, and what is decoded is as
// UnmarshalItemJSON decodes it.
func FuzzChanges(f *testing.F) {
	for _, seed := range []string{lambdaEvent, string(poisoned()), `{}`, `[]`, `{"Records":[{}]}`,
		`{"Records":[{"kinesis":{"data":"e30=","sequenceNumber":"1"}}]}`,
		`[{"data":"e30=","sequenceNumber":"1","eventSource":"aws:kinesis"}]`,
		`{"eventName":"REMOVE","dynamodb":{"Keys":{"Id":{"N":"1"}},"ApproximateCreationDateTime":1.5e9},
			"userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"}}`,
		`[{"eventName":"MODIFY","dynamodb":{"NewImage":` + everything + `,"OldImage":{"Id":{"N":"1"}}}}]`,
	} {
		f.Add([]byte(seed))
	}
	client := dynamodb.New(dynamodb.Options{Region: "us-east-1",
		BaseEndpoint: aws.String("http://127.0.0.1:1")}) // nothing is sent
	mapper, err := dynamapper.New(client)
	require.NoError(f, err)
	table, err := dynamapper.TableOf[message](mapper)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, event []byte) {
		for change, err := range table.Changes(event) {
			bad := &dynamapper.ChangeError{}
			switch {
			case errors.As(err, &bad):
				require.Equal(t, bad.SequenceNumber, change.SequenceNumber)
				require.NotEmpty(t, bad.Record)
			case err != nil:
				require.Zero(t, change)
			case change.New != nil:
				require.False(t, table.IsNew(change.New))
				_, err := table.MarshalItem(change.New)
				require.NoError(t, err)
			}
			if attributes, ok := change.Changed(); !ok {
				require.Empty(t, attributes)
			}
		}
		failures := table.HandleChanges(t.Context(), event, ignore[dynamapper.Change[message]])
		text, err := json.Marshal(failures)
		require.NoError(t, err)
		require.True(t, json.Valid(text))
	})
}
