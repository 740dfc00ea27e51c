package gen

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// ReadLive describes a live table and reads up to the given number of its items. It sends
// DescribeTable, DescribeTimeToLive and Scan, a Scan for each page. If DescribeTimeToLive is not
// allowed, a note says so.
func ReadLive(
	ctx context.Context, client *dynamodb.Client, name string, items int,
) (*Table, error) {
	described, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		return nil, fmt.Errorf("table %q: %w", name, err)
	}
	table, err := describeLive(described.Table)
	if err != nil {
		return nil, err
	}
	if err := table.readTTL(ctx, client); err != nil {
		return nil, fmt.Errorf("table %q: %w", name, err)
	}
	if err := table.readItems(ctx, client, items); err != nil {
		return nil, fmt.Errorf("table %q: %w", name, err)
	}
	return table, nil
}

// describeLive converts the SDK's description of a table.
func describeLive(from *types.TableDescription) (*Table, error) {
	d := &description{TableName: aws.ToString(from.TableName), KeySchema: keysOf(from.KeySchema)}
	for _, definition := range from.AttributeDefinitions {
		d.AttributeDefinitions = append(d.AttributeDefinitions,
			attributeDefinition{aws.ToString(definition.AttributeName),
				string(definition.AttributeType)})
	}
	for _, i := range from.GlobalSecondaryIndexes {
		d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes,
			newIndexDescription(i.IndexName, i.KeySchema, i.Projection))
	}
	for _, i := range from.LocalSecondaryIndexes {
		d.LocalSecondaryIndexes = append(d.LocalSecondaryIndexes,
			newIndexDescription(i.IndexName, i.KeySchema, i.Projection))
	}
	for _, v := range from.VectorIndexes {
		d.VectorIndexes = append(d.VectorIndexes, newVectorDescription(&v))
	}
	return d.table()
}

func keysOf(from []types.KeySchemaElement) []keyElement {
	var keys []keyElement
	for _, key := range from {
		keys = append(keys, keyElement{aws.ToString(key.AttributeName), string(key.KeyType)})
	}
	return keys
}

func newIndexDescription(
	name *string, keys []types.KeySchemaElement, projection *types.Projection,
) indexDescription {
	made := indexDescription{IndexName: aws.ToString(name), KeySchema: keysOf(keys)}
	if projection != nil {
		made.Projection.ProjectionType = string(projection.ProjectionType)
		made.Projection.NonKeyAttributes = projection.NonKeyAttributes
	}
	return made
}

func (t *Table) readTTL(ctx context.Context, client *dynamodb.Client) error {
	ttl, err := client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &t.Name})
	var refused smithy.APIError
	if errors.As(err, &refused) && refused.ErrorCode() == "AccessDeniedException" {
		t.Notes = append(t.Notes, "DescribeTimeToLive was not allowed, so no field has the option "+
			"ttl.")
		return nil
	}
	if err != nil {
		return err
	}
	if d := ttl.TimeToLiveDescription; d != nil &&
		(d.TimeToLiveStatus == types.TimeToLiveStatusEnabled ||
			d.TimeToLiveStatus == types.TimeToLiveStatusEnabling) {
		t.TTL = aws.ToString(d.AttributeName)
	}
	return nil
}

// readItems reads up to n items. Each Scan has a limit, so that no more are read and paid for.
func (t *Table) readItems(ctx context.Context, client *dynamodb.Client, n int) error {
	var from map[string]types.AttributeValue
	for n > 0 {
		page, err := client.Scan(ctx, &dynamodb.ScanInput{TableName: &t.Name,
			Limit: aws.Int32(int32(min(n, 1000))), ExclusiveStartKey: from})
		if err != nil {
			return err
		}
		for _, item := range page.Items {
			t.Items = append(t.Items, itemOf(item))
		}
		n -= len(page.Items)
		if from = page.LastEvaluatedKey; len(from) == 0 {
			return nil
		}
	}
	return nil
}
