package engine_test

import (
	"context"
	"fmt"
	"log"
	"net/http/httptest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/engine"
)

// A client of the AWS SDK uses an engine in the same process.
func Example() {
	db := engine.New()
	client := dynamodb.NewFromConfig(aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String("http://dynamodb.invalid"), // nothing is sent to it
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient:   db.Client(),
	})
	out, err := client.ListTables(context.Background(), &dynamodb.ListTablesInput{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(out.TableNames))
	// Output: 0
}

// An engine on a port serves clients in any language.
func ExampleEngine_ServeHTTP() {
	server := httptest.NewServer(engine.New())
	defer server.Close()
	client := dynamodb.New(dynamodb.Options{
		Region:       "us-east-1",
		BaseEndpoint: &server.URL,
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	out, err := client.ListTables(context.Background(), &dynamodb.ListTablesInput{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(out.TableNames))
	// Output: 0
}

// The program sets the clock. Here a table becomes ACTIVE only after a minute.
func ExampleWithClock() {
	now := time.Date(2026, time.May, 1, 12, 0, 0, 0, time.UTC)
	db := engine.New(
		engine.WithClock(func() time.Time { return now }),
		engine.WithTableDelay(time.Minute),
	)
	client := dynamodb.NewFromConfig(config(db))
	createPlayers(client)
	fmt.Println(statusOfPlayers(client))
	now = now.Add(time.Minute)
	fmt.Println(statusOfPlayers(client))
	// Output:
	// CREATING
	// ACTIVE
}

func createPlayers(client *dynamodb.Client) {
	_, err := client.CreateTable(context.Background(), &dynamodb.CreateTableInput{
		TableName:   aws.String("players"),
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("login"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("login"), KeyType: types.KeyTypeHash},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
}

func statusOfPlayers(client *dynamodb.Client) types.TableStatus {
	out, err := client.DescribeTable(context.Background(), &dynamodb.DescribeTableInput{
		TableName: aws.String("players"),
	})
	if err != nil {
		log.Fatal(err)
	}
	return out.Table.TableStatus
}
