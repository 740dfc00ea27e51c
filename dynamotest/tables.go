package dynamotest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	// cleanWithin is how long the deletion of a test's tables may take.
	cleanWithin = time.Minute
	// deleteEvery is how often a table that is being created or changed is tried again.
	deleteEvery = 200 * time.Millisecond

	// A table's name has 255 characters at most; these leave 220 to the models.
	randomLength = 10
	nameLength   = 22
)

// tablePrefix is what the tables of one mapper begin with: unique, and with the test's name in it, for who looks at a
// shared endpoint.
func tablePrefix(test string) string {
	return "t" + strings.ToLower(rand.Text()[:randomLength]) + "-" + sanitize(test) + "-"
}

// sanitize keeps the letters, digits and dashes of a test's name, and no more than its end: the beginning is that of
// its siblings too.
func sanitize(test string) string {
	kept := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
			return r
		default:
			return '-'
		}
	}, strings.TrimPrefix(test, "Test"))
	return strings.Trim(kept[max(0, len(kept)-nameLength):], "-")
}

// deleteTables deletes all tables whose names begin with prefix.
func deleteTables(ctx context.Context, client *dynamodb.Client, prefix string) error {
	tables, err := listTables(ctx, client, prefix)
	if err != nil {
		return err
	}
	errs := make([]error, len(tables))
	for i, table := range tables {
		errs[i] = deleteTable(ctx, client, table)
	}
	return errors.Join(errs...)
}

// listTables is the names of all tables that begin with prefix.
func listTables(ctx context.Context, client *dynamodb.Client, prefix string) ([]string, error) {
	var tables []string
	pages := dynamodb.NewListTablesPaginator(client, &dynamodb.ListTablesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, table := range page.TableNames {
			if strings.HasPrefix(table, prefix) {
				tables = append(tables, table)
			}
		}
	}
	return tables, nil
}

// deleteTable deletes a table, also one that is just being created, and one that is protected.
func deleteTable(ctx context.Context, client *dynamodb.Client, table string) error {
	ticker := time.NewTicker(deleteEvery)
	defer ticker.Stop()
	for {
		err := tryDelete(ctx, client, table)
		if err == nil {
			return nil
		}
		var busy *types.ResourceInUseException
		if !errors.As(err, &busy) {
			return fmt.Errorf("table %s: %w", table, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("table %s: %w", table, err)
		case <-ticker.C:
		}
	}
}

// tryDelete is one attempt; a table that is gone, or going, is fine.
func tryDelete(ctx context.Context, client *dynamodb.Client, table string) error {
	_, err := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(table)})
	var gone *types.ResourceNotFoundException
	if err == nil || errors.As(err, &gone) {
		return nil
	}
	described, describeErr := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(table)})
	switch {
	case errors.As(describeErr, &gone):
		return nil
	case describeErr != nil:
		return errors.Join(err, describeErr)
	case described.Table.TableStatus == types.TableStatusDeleting:
		return nil
	case aws.ToBool(described.Table.DeletionProtectionEnabled):
		return unprotectAndDelete(ctx, client, table)
	default:
		return err
	}
}

func unprotectAndDelete(ctx context.Context, client *dynamodb.Client, table string) error {
	_, err := client.UpdateTable(ctx, &dynamodb.UpdateTableInput{
		TableName:                 aws.String(table),
		DeletionProtectionEnabled: aws.Bool(false),
	})
	if err != nil {
		return err
	}
	_, err = client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(table)})
	return err
}
