package dynamapper

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// A tag that looks like ours and would not be read is refused; others are nobody's business.
func TestTagKeys(t *testing.T) {
	t.Parallel()
	for tag, want := range map[reflect.StructTag]string{
		``:                                  "",
		`dynamo:"a,hash" json:"b" xml:",c"`: "",
		`dynamo:"a" index:"i,hash"`:         "",
		`dynamodbav:"a" dynamo:"a"`:         "",
		`json: "a"`:                         "",
		`no tag at all`:                     "",
		`dynamo: "a"`:                       `has not the form key:"value"`,
		`dynamo:a`:                          `has not the form key:"value"`,
		`dynamo:"a`:                         `has not the form key:"value"`,
		`json:"b",dynamo:"a"`:               `has not the form key:"value"`,
		`Dynamo:"a"`:                        "the tag Dynamo would not be read; write dynamo",
		`dynamo:"a" localindex:"i,range"`:   "the tag localindex would not be read; write localIndex",
		`dynamo:"a" Index:"i,hash"`:         "the tag Index would not be read; write index",
		`index:"i,hash" index:"j,range"`:    "the tag index stands there twice",
		`dynamo:"a" dynamo:"b"`:             "the tag dynamo stands there twice",
		`dynamo:"a" gsi:"i,hash"`:           "the tag gsi would not be read; did you mean index?",
		`dynamo:"a" globalIndex:"i,hash"`:   "the tag globalIndex would not be read; did you mean index?",
		`dynamo:"a" LSI:"i,range"`:          "the tag LSI would not be read; did you mean localIndex?",
		`json:"a" gsi:"i,hash"`:             "",
		`dynamodbav:"a"`:                    "the tag dynamodbav would not be read",
		`dynamodb:"a,hash"`:                 "the tag dynamodb would not be read",
	} {
		if err := checkTagKeys(tag); want == "" {
			require.NoError(t, err, tag)
		} else {
			require.ErrorContains(t, err, want, tag)
		}
	}
}

// The schema says so of a model's field.
func TestTagKeysOfAModel(t *testing.T) {
	t.Parallel()
	type misspelt struct {
		Model `dynamo:"misspelt"`
		ID    string `dynamo:"id,hash"`
		Name  string `dynamodbav:"name"`
	}
	_, err := makeSchema(reflect.TypeFor[misspelt]())
	var schema *SchemaError
	require.ErrorAs(t, err, &schema)
	require.Equal(t, "Name", schema.Field)
	require.ErrorContains(t, err, "the tag dynamodbav would not be read")
}
