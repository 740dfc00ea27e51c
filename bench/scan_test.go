package bench

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2"
)

func BenchmarkScan(b *testing.B) {
	ctx := context.Background()
	cfg := newConfig(newAnswers(pageJSON()))
	b.Run("dynamapper", func(b *testing.B) {
		players := newPlayers(b, cfg)
		b.ReportAllocs()
		for b.Loop() {
			items, err := players.Scan().Collect(ctx)
			if err != nil {
				b.Fatal(err)
			}
			checkPlayers(b, items)
		}
	})
	b.Run("sdk", func(b *testing.B) {
		client := dynamodb.NewFromConfig(cfg)
		b.ReportAllocs()
		for b.Loop() {
			out, err := client.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("players")})
			if err != nil || len(out.Items) != pageSize {
				b.Fatal(len(out.Items), err)
			}
		}
	})
	b.Run("attributevalue", func(b *testing.B) {
		client := dynamodb.NewFromConfig(cfg)
		b.ReportAllocs()
		for b.Loop() {
			out, err := client.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("players")})
			if err != nil {
				b.Fatal(err)
			}
			var items []*plainPlayer
			if err := attributevalue.UnmarshalListOfMaps(out.Items, &items); err != nil {
				b.Fatal(err)
			}
			check(b, len(items), *items[len(items)-1])
		}
	})
	b.Run("guregu", func(b *testing.B) {
		table := dynamo.New(cfg).Table("players")
		b.ReportAllocs()
		for b.Loop() {
			var items []*plainPlayer
			if err := table.Scan().All(ctx, &items); err != nil {
				b.Fatal(err)
			}
			check(b, len(items), *items[len(items)-1])
		}
	})
}
