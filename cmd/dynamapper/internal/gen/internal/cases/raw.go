package cases

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/cmd/dynamapper/internal/gen"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// CreateInput returns the request that creates a table, from its description alone.
func CreateInput(t *gen.Table) *dynamodb.CreateTableInput {
	input := &dynamodb.CreateTableInput{TableName: &t.Name,
		BillingMode: types.BillingModePayPerRequest, KeySchema: keySchema([]string{t.Hash}, t.Range)}
	for name, kind := range t.Kinds {
		input.AttributeDefinitions = append(input.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: aws.String(name), AttributeType: types.ScalarAttributeType(kind)})
	}
	for _, i := range t.Indexes {
		projection := &types.Projection{ProjectionType: types.ProjectionType(i.Projection),
			NonKeyAttributes: i.Include}
		keys := keySchema(i.Hash, i.Range...)
		if i.Local {
			input.LocalSecondaryIndexes = append(input.LocalSecondaryIndexes,
				types.LocalSecondaryIndex{IndexName: aws.String(i.Name), KeySchema: keys,
					Projection: projection})
		} else {
			input.GlobalSecondaryIndexes = append(input.GlobalSecondaryIndexes,
				types.GlobalSecondaryIndex{IndexName: aws.String(i.Name), KeySchema: keys,
					Projection: projection})
		}
	}
	for _, v := range t.Vectors {
		made := types.VectorIndex{IndexName: aws.String(v.Name),
			VectorAttribute: &types.VectorAttributeDefinition{AttributeName: aws.String(v.Attribute)},
			Dimensions:      aws.Int64(int64(v.Dimensions)),
			Projection: &types.Projection{ProjectionType: types.ProjectionType(v.Projection),
				NonKeyAttributes: v.Include},
			DistanceFunction: types.VectorDistanceFunction(v.Distance)}
		if v.Hash != "" {
			made.SearchSchema = append(made.SearchSchema, types.SearchSchemaElement{
				AttributeName:           aws.String(v.Hash),
				SearchSchemaElementType: types.SearchSchemaElementTypeHash})
		}
		for _, name := range v.Filters {
			made.SearchSchema = append(made.SearchSchema, types.SearchSchemaElement{
				AttributeName:           aws.String(name),
				SearchSchemaElementType: types.SearchSchemaElementTypeInlineFilter})
		}
		input.VectorIndexes = append(input.VectorIndexes, made)
	}
	return input
}

func keySchema(hash []string, rng ...string) []types.KeySchemaElement {
	var keys []types.KeySchemaElement
	for _, name := range hash {
		keys = append(keys, types.KeySchemaElement{AttributeName: aws.String(name),
			KeyType: types.KeyTypeHash})
	}
	for _, name := range rng {
		if name != "" {
			keys = append(keys, types.KeySchemaElement{AttributeName: aws.String(name),
				KeyType: types.KeyTypeRange})
		}
	}
	return keys
}

// Items returns the items of the case for the SDK.
func (c *Case) Items(folder string) ([]map[string]types.AttributeValue, error) {
	text, err := os.ReadFile(filepath.Join(folder, c.items))
	if err != nil {
		return nil, err
	}
	var items []map[string]types.AttributeValue
	for _, text := range itemTexts(text) {
		item, err := wire.ParseItem(string(text))
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// itemTexts returns the items of test data: requests of batch-write-item, or lines.
func itemTexts(text []byte) []json.RawMessage {
	type wrapped struct{ Item json.RawMessage }
	var requests map[string][]struct{ PutRequest wrapped }
	var texts []json.RawMessage
	if json.Unmarshal(text, &requests) == nil {
		for _, table := range requests {
			for _, request := range table {
				texts = append(texts, request.PutRequest.Item)
			}
		}
		return texts
	}
	for line := range bytes.Lines(text) {
		var export wrapped
		if json.Unmarshal(line, &export) == nil && export.Item != nil {
			line = export.Item
		}
		texts = append(texts, line)
	}
	return texts
}
