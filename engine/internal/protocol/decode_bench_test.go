package protocol

import (
	"fmt"
	"strings"
	"testing"
)

// benchmarkBody is a PutItem with an item of 400 bytes.
var benchmarkBody = []byte(`{"TableName":"players","Item":{` +
	`"id":{"S":"player#0123456789"},"at":{"N":"1732821234"},"name":{"S":"Somebody Else"},` +
	`"coins":{"N":"1250"},"level":{"N":"17"},"active":{"BOOL":true},` +
	`"note":{"S":"` + strings.Repeat("lorem ipsum ", 14) + `"},` +
	`"tags":{"SS":["blue","green","red"]},` +
	`"place":{"M":{"x":{"N":"12.5"},"y":{"N":"-3"}}},"log":{"L":[{"S":"in"},{"S":"out"}]}},` +
	`"ConditionExpression":"attribute_not_exists(#id)","ExpressionAttributeNames":{"#id":"id"}}`)

func BenchmarkDecode(b *testing.B) {
	b.Run("PutItem", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(benchmarkBody)))
		for b.Loop() {
			if _, err := Decode[PutItemInput](benchmarkBody); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("GetItem", func(b *testing.B) {
		body := []byte(`{"TableName":"players","Key":{"id":{"S":"player#0123456789"}}}`)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Decode[GetItemInput](body); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("TransactWriteItems of 100", func(b *testing.B) {
		var items []string
		for i := range 100 {
			items = append(items, fmt.Sprintf(
				`{"Put":{"TableName":"players","Item":{"id":{"S":"%d"},"n":{"N":"%d"}}}}`, i, i))
		}
		body := []byte(`{"TransactItems":[` + strings.Join(items, ",") + `]}`)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Decode[TransactWriteItemsInput](body); err != nil {
				b.Fatal(err)
			}
		}
	})
}
