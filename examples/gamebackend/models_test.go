package main

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/dynamotest"
)

// A player's items of all kinds share a hash key, as the table in models.go shows.
func TestAPlayersItemsShareAHashKey(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	waldo := g.logIn(t, "waldo", "red")
	waldo.put(t, "PUT /me/purchases/7", aSword, &Purchase{})
	waldo.put(t, "PUT /me/games/7", `{"points":100}`, &Match{})
	g.logIn(t, "wally", "red")

	client, table := dynamodb.NewFromConfig(dynamotest.Run(t).Config()), g.players.Name()
	asked, consistent, only := "PLAYER#waldo", true, "pk = :pk"
	found, err := client.Query(t.Context(), &dynamodb.QueryInput{
		TableName: &table, KeyConditionExpression: &only, ConsistentRead: &consistent,
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":pk": &types.AttributeValueMemberS{Value: asked},
		},
	})
	require.NoError(t, err)
	var kinds []string
	for _, item := range found.Items {
		kinds = append(kinds, textOf(item["sk"])+" "+textOf(item["entity"]))
	}
	slices.Sort(kinds)
	require.Equal(t, []string{"MATCH#7 match", "PROFILE player", "PURCHASE#7 purchase",
		"SCORE score", "THING#sword thing", "WALLET wallet"}, kinds)
}

func textOf(value types.AttributeValue) string {
	return value.(*types.AttributeValueMemberS).Value
}
