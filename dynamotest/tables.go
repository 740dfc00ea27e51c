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
	// deleteEvery is the time between tries to delete a table that is being created or changed.
	deleteEvery = 200 * time.Millisecond

	// A table name has at most 255 characters; these lengths leave 220 to the models.
	randomLength = 10
	nameLength   = 22
)

// tablePrefix returns a prefix for the tables of a test at an endpoint. The prefix is unique, and
// contains the test's name for users of a shared endpoint.
func tablePrefix(test string) string {
	return "t" + strings.ToLower(rand.Text()[:randomLength]) + "-" + sanitize(test) + "-"
}

// sanitize keeps the letters, digits and dashes at the end of a test's name. Subtests share the
// beginning of their names.
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

// deleteTables deletes all tables whose names begin with a prefix.
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

// listTables returns the names of all tables that begin with a prefix.
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

// deleteTable deletes a table, even if it is still being created or is protected.
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

// tryDelete tries once to delete a table. It returns nil if the table is gone or is being deleted.
func tryDelete(ctx context.Context, client *dynamodb.Client, table string) error {
	_, err := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &table})
	var gone *types.ResourceNotFoundException
	if err == nil || errors.As(err, &gone) {
		return nil
	}
	described, describeErr := client.DescribeTable(ctx,
		&dynamodb.DescribeTableInput{TableName: &table})
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
		TableName:                 &table,
		DeletionProtectionEnabled: aws.Bool(false),
	})
	if err != nil {
		return err
	}
	_, err = client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &table})
	return err
}
