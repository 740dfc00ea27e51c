package tests

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// nilBytes has a marshaler that returns nil bytes, at the top level or nested.
type nilBytes struct{ deep bool }

func (n nilBytes) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	if !n.deep {
		return &types.AttributeValueMemberB{}, nil
	}
	return &types.AttributeValueMemberM{
		Value: fixtures.Attributes{
			"list": &types.AttributeValueMemberL{
				Value: []types.AttributeValue{&types.AttributeValueMemberB{}}}}}, nil
}

func (n *nilBytes) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) error {
	_, n.deep = value.(*types.AttributeValueMemberM)
	return nil
}

type blobs struct {
	dynamapper.Model `dynamo:"blobs"`
	ID               string               `dynamo:"id,hash"`
	Flat             nilBytes             `dynamo:"flat"`
	Deep             nilBytes             `dynamo:"deep"`
	Raw              types.AttributeValue `dynamo:"raw"`
	Map              fixtures.Attributes  `dynamo:"map"`
}

// Nil bytes are stored as empty ones. The SDK would send null, which the service refuses without
// naming the attribute.
func TestNilBytesAreStored(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[blobs](t)
	none := &types.AttributeValueMemberB{}
	item := &blobs{ID: "a", Deep: nilBytes{deep: true}, Raw: none,
		Map: fixtures.Attributes{"b": none}}
	require.NoError(t, table.Save(t.Context(), item))
	require.Nil(t, none.Value, "the argument is unchanged")
	loaded := fixtures.Load(t, table, "a")
	require.Equal(t, item.Deep, loaded.Deep)
	require.Equal(t, []byte{}, loaded.Raw.(*types.AttributeValueMemberB).Value)
	require.Equal(t, []byte{}, loaded.Map["b"].(*types.AttributeValueMemberB).Value)
	loaded.Raw = none
	require.NoError(t, table.Save(t.Context(), loaded, dynamapper.FailOnConflict()),
		"nothing was edited")
	_, err := table.Update(dynamapper.Key("a")).Set("raw", none).Run(t.Context())
	require.NoError(t, err)
}
