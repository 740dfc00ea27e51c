package work

import (
	"context"
	"errors"
	"sync"

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
		sdk: func(ctx context.Context, client *dynamodb.Client, each func(rawItems) error) error {
			return scanPages(ctx, client, &dynamodb.ScanInput{TableName: aws.String(tableName)},
				each)
		},
		guregu: func(ctx context.Context, table dynamo.Table) (items []P, err error) {
			err = table.Scan().All(ctx, &items)
			return items, err
		},
	})
}

// scanSegments reads all items of the table in segments, all at once.
func (k kind[P, M]) scanSegments(name string, n, segments int) Work {
	responses := func(n int) (clients, error) { return k.segments(n, segments) }
	return k.read(name, n, responses, readers[P, M]{
		dynamapper: func(ctx context.Context, table *dynamapper.Table[M]) ([]*M, error) {
			return table.Scan().Parallel(segments).Collect(ctx)
		},
		sdk: func(ctx context.Context, client *dynamodb.Client, each func(rawItems) error) error {
			return scanTogether(ctx, client, segments, each)
		},
		guregu: func(ctx context.Context, table dynamo.Table) (items []P, err error) {
			err = table.Scan().AllParallel(ctx, segments, &items)
			return items, err
		},
	})
}

// segments returns clients that respond to the Scan of each segment with its part of n items.
func (k kind[P, M]) segments(n, segments int) (clients, error) {
	var peersParts, oursParts segmented
	size := n / segments
	for i := range segments {
		peers, ours, err := k.wire(i*size, size)
		if err != nil {
			return clients{}, err
		}
		peersParts = append(peersParts, pageOf(size, peers))
		oursParts = append(oursParts, pageOf(size, ours))
	}
	return clients{peersParts, oursParts}, nil
}

// scanTogether reads each segment in a goroutine with the SDK's client.
func scanTogether(
	ctx context.Context, client *dynamodb.Client, segments int, each func(rawItems) error,
) error {
	var mu sync.Mutex
	var running sync.WaitGroup
	failed := make([]error, segments)
	for i := range segments {
		running.Go(func() {
			failed[i] = scanPages(ctx, client, &dynamodb.ScanInput{
				TableName: aws.String(tableName), Segment: aws.Int32(int32(i)),
				TotalSegments: aws.Int32(int32(segments)),
			}, func(page rawItems) error {
				mu.Lock()
				defer mu.Unlock()
				return each(page)
			})
		})
	}
	running.Wait()
	return errors.Join(failed...)
}

func scanPages(
	ctx context.Context, client *dynamodb.Client, input *dynamodb.ScanInput,
	each func(rawItems) error,
) error {
	pages := dynamodb.NewScanPaginator(client, input)
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
