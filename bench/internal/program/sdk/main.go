// Command sdk reads an item with the SDK alone, and prints its email.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func main() {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	out, err := dynamodb.NewFromConfig(settings).GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String("players"),
		Key: map[string]types.AttributeValue{
			"guild": &types.AttributeValueMemberS{Value: "night-watch"},
			"id":    &types.AttributeValueMemberN{Value: "0"},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	email, ok := out.Item["email"].(*types.AttributeValueMemberS)
	if !ok {
		log.Fatal("the item has no email")
	}
	fmt.Println(email.Value)
}
