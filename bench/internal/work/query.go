package work

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/dynamapper/dynamapper"
)

// query reads all items of one hash key.
func (k kind[P, M]) query(name string, n int) Work {
	return k.read(name, n, k.page, readers[P, M]{
		dynamapper: func(ctx context.Context, table *dynamapper.Table[M]) ([]*M, error) {
			return table.Query(guild).Collect(ctx)
		},
		sdk: func(ctx context.Context, client *dynamodb.Client, each func(rawItems) error) error {
			return queryPages(ctx, client, queryInput(), each)
		},
		guregu: func(ctx context.Context, table dynamo.Table) (items []P, err error) {
			err = table.Get("guild", guild).All(ctx, &items)
			return items, err
		},
	})
}

// querySelected reads some attributes of all items of one hash key.
func (k kind[P, M]) querySelected(name string, n int) Work {
	return k.read(name, n, k.page, readers[P, M]{
		dynamapper: func(ctx context.Context, table *dynamapper.Table[M]) ([]*M, error) {
			return table.Query(guild).Select(selected...).Collect(ctx)
		},
		sdk: func(ctx context.Context, client *dynamodb.Client, each func(rawItems) error) error {
			input := queryInput()
			input.ProjectionExpression = aws.String("#guild, #id, #level")
			input.ExpressionAttributeNames["#id"] = "id"
			input.ExpressionAttributeNames["#level"] = "level"
			return queryPages(ctx, client, input, each)
		},
		guregu: func(ctx context.Context, table dynamo.Table) (items []P, err error) {
			err = table.Get("guild", guild).Project(selected...).All(ctx, &items)
			return items, err
		},
	})
}

func queryInput() *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName: aws.String(tableName), KeyConditionExpression: aws.String("#guild = :guild"),
		ExpressionAttributeNames: map[string]string{"#guild": "guild"},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":guild": &types.AttributeValueMemberS{Value: guild}},
	}
}

func queryPages(
	ctx context.Context, client *dynamodb.Client, input *dynamodb.QueryInput,
	each func(rawItems) error,
) error {
	pages := dynamodb.NewQueryPaginator(client, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := each(page.Items); err != nil {
			return err
		}
	}
	return nil
}
