package engine_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine"
)

// The SDK creates a vector index, writes vectors and searches them.
func TestTheSDKSearchesVectors(t *testing.T) {
	t.Parallel()
	client := dynamodb.NewFromConfig(config(engine.New()))
	const table, index = "docs", "by-meaning"
	_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String(table),
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash},
		},
		BillingMode: types.BillingModePayPerRequest,
		VectorIndexes: []types.VectorIndex{{
			IndexName:        aws.String(index),
			VectorAttribute:  &types.VectorAttributeDefinition{AttributeName: aws.String("v")},
			Dimensions:       aws.Int64(2),
			DistanceFunction: types.VectorDistanceFunctionCosine,
			Projection:       &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	})
	require.NoError(t, err)
	for id, vector := range map[string][]types.AttributeValue{
		"east":  numbers("1", "0"),
		"north": numbers("0", "1"),
	} {
		out, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: aws.String(table),
			Item: map[string]types.AttributeValue{
				"id": &types.AttributeValueMemberS{Value: id},
				"v":  &types.AttributeValueMemberL{Value: vector},
			},
			ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes,
		})
		require.NoError(t, err)
		require.Equal(t, 1024.0,
			*out.ConsumedCapacity.VectorIndexes[index].VectorWriteRequestBytes)
	}
	out, err := client.SearchVectors(t.Context(), &dynamodb.SearchVectorsInput{
		TableName:              aws.String(table),
		IndexName:              aws.String(index),
		SearchVector:           numbers("1", "0.5"),
		TopK:                   aws.Int32(1),
		ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
	})
	require.NoError(t, err)
	require.Len(t, out.SearchResults, 1)
	require.Equal(t, &types.AttributeValueMemberS{Value: "east"}, out.SearchResults[0].Item["id"])
	require.InDelta(t, 1-1/1.118034, out.SearchResults[0].Score, 1e-6)
	require.Equal(t, 1024.0, *out.ConsumedCapacity.VectorSearchRequestBytes)

	described, err := client.DescribeTable(t.Context(),
		&dynamodb.DescribeTableInput{TableName: aws.String(table)})
	require.NoError(t, err)
	require.Equal(t, int64(2), *described.Table.VectorIndexes[0].ItemCount)
	_, err = client.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
		TableName: aws.String(table),
		VectorIndexUpdates: []types.VectorIndexUpdate{{
			Delete: &types.DeleteVectorIndexAction{IndexName: aws.String(index)},
		}},
	})
	require.NoError(t, err)
}

func numbers(texts ...string) []types.AttributeValue {
	list := make([]types.AttributeValue, len(texts))
	for i, text := range texts {
		list[i] = &types.AttributeValueMemberN{Value: text}
	}
	return list
}
