package tests

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// folder has attributes with the same names as members of envelopes.
type folder struct {
	dynamapper.Model `dynamo:"folders"`
	ID               string         `dynamo:"id,hash"`
	Item             map[string]int `dynamo:"Item,document"`
	Keys             map[string]int `dynamo:"Keys,document"`
}

// UnmarshalItemJSON accepts an item inside a line of an export, a response, or a record of a
// stream.
func TestUnmarshalItemJSONOfEnvelopes(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[folder](t)
	const item = `{"id":{"S":"a"},"Item":{"M":{"x":{"N":"1"}}},"new":{"BOOL":true}}`
	for name, text := range map[string]string{
		"item":              item,
		"line of an export": `{"Item":` + item + "}\n",
		"response of GetItem": `{"Item": ` + item +
			`, "ConsumedCapacity": {"TableName": "folders", "CapacityUnits": 0.5}}`,
		"line of increments":       `{"Metadata":{"WriteTimestampMicros":{"N":"1"}},"Keys":{"id":{"S":"a"}},"NewImage":` + item + `}`,
		"line with both images":    `{"Metadata":{},"Keys":{"id":{"S":"a"}},"OldImage":{"id":{"S":"a"}},"NewImage":` + item + `}`,
		"the change of a record":   `{"ApproximateCreationDateTime":1.7e9,"Keys":{"id":{"S":"a"}},"NewImage":` + item + `,"SequenceNumber":"1","SizeBytes":9}`,
		"record of a stream":       `{"eventID":"1","eventName":"MODIFY","dynamodb":{"Keys":{"id":{"S":"a"}},"NewImage":` + item + `}}`,
		"record without old image": `{"eventName":"INSERT","dynamodb":{"Keys":{"id":{"S":"a"}},"OldImage":null,"NewImage":` + item + `}}`,
	} {
		loaded, err := table.UnmarshalItemJSON([]byte(text))
		require.NoError(t, err, name)
		require.Equal(t, "a", loaded.ID, name)
		require.Equal(t, map[string]int{"x": 1}, loaded.Item, name)
		require.Contains(t, table.Snapshot(loaded), "new", name)
	}
	own, err := table.UnmarshalItemJSON(
		[]byte(`{"Item":{"M":{"M":{"N":"1"}}},"Keys":{"M":{}},"id":{"S":"a"}}`))
	require.NoError(t, err, "attributes may have these names")
	require.Equal(t, map[string]int{"M": 1}, own.Item)
}

// An envelope with no item, or with several, returns an error that names the envelope.
func TestUnmarshalItemJSONOfOtherEnvelopes(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[folder](t)
	for text, want := range map[string]string{
		`{"eventName":"REMOVE","dynamodb":{"Keys":{"id":{"S":"a"}},"OldImage":{"id":{"S":"s3cr3t"}}}}`: "the record of a deletion, which has no new item; pass its OldImage",
		`{"Metadata":{},"Keys":{"id":{"S":"s3cr3t"}}}`:                                                 "a record of a stream that has keys alone; read the item with Get",
		`{"Records":[{"dynamodb":{}}]}`:                                                                "an event with several records; pass its records one by one",
		`{"Items":[],"Count":0}`:                                                                       "a response with several items; pass the elements of Items",
		`{"Item":{"id":{"S":"a"},"Item":{"S":"s3cr3t"}}}`:                                              "folder.Item (attribute Item)",
		`{"id":{"S":"a"},"Item":{"S":"s3cr3t"}}`:                                                       "folder.Item (attribute Item)",
		`{"Item":"s3cr3t"}`:                                                                            "dynamapper: UnmarshalItemJSON: ",
		`{"id":"s3cr3t"}`:                                                                              "dynamapper: UnmarshalItemJSON: ",
		`[`:                                                                                            "dynamapper: UnmarshalItemJSON: ",
	} {
		_, err := table.UnmarshalItemJSON([]byte(text))
		require.ErrorContains(t, err, want, text)
		require.NotContains(t, err.Error(), "s3cr3t", text)
	}
}
