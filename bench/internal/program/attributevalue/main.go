// Command attributevalue reads an item with the SDK and attributevalue, and prints its email.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

type key struct {
	Guild string `dynamodbav:"guild"`
	ID    int    `dynamodbav:"id"`
}

type player struct {
	key
	Email   string  `dynamodbav:"email"`
	Balance int64   `dynamodbav:"balance"`
	Rating  float64 `dynamodbav:"rating"`
	Banned  bool    `dynamodbav:"banned"`
}

func main() {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	id, err := attributevalue.MarshalMap(key{"night-watch", 0})
	if err != nil {
		log.Fatal(err)
	}
	out, err := dynamodb.NewFromConfig(settings).GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String("players"), Key: id,
	})
	if err != nil {
		log.Fatal(err)
	}
	var p player
	if err := attributevalue.UnmarshalMap(out.Item, &p); err != nil {
		log.Fatal(err)
	}
	fmt.Println(p.Email)
}
