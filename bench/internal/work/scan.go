package work

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2"

	"github.com/dynamapper/dynamapper"
)

// scan reads all items of the table.
func (k kind[P, M]) scan(name string, n int) Work {
	return k.read(name, n, k.page, readers[P, M]{
		dynamapper: func(ctx context.Context, table *dynamapper.Table[M]) ([]*M, error) {
			return table.Scan().Collect(ctx)
		},
		sdk: scanPages,
		guregu: func(ctx context.Context, table dynamo.Table) (items []P, err error) {
			err = table.Scan().All(ctx, &items)
			return items, err
		},
	})
}

func scanPages(ctx context.Context, client *dynamodb.Client, each func(rawItems) error) error {
	pages := dynamodb.NewScanPaginator(client,
		&dynamodb.ScanInput{TableName: aws.String(tableName)})
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
