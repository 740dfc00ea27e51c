package service

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An expired item leaves its record in the stream even if no request reaches the table before the
// stream is switched off or the table is deleted.
func TestAStreamThatEndsHasWhatExpiredBefore(t *testing.T) {
	t.Parallel()
	for _, end := range []string{
		`UpdateTable scores {"StreamSpecification":{"StreamEnabled":false}}`,
		`DeleteTable scores {}`,
	} {
		s, clock := newClocked(t)
		give(t, s, expireUntil+`
			UpdateTable scores {"StreamSpecification":
				{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}}`)
		giveUntil(t, s, "1", clock.Now().Add(time.Minute))
		arn := at(call(t, s, "DescribeTable", `{"TableName":"scores"}`), "Table", "LatestStreamArn")
		clock.add(time.Hour)
		give(t, s, end)
		stream := call(t, s, "DescribeStream", fmt.Sprintf(`{"StreamArn":"%v"}`, arn))
		iterator := call(t, s, "GetShardIterator", fmt.Sprintf(
			`{"StreamArn":"%v","ShardId":"%v","ShardIteratorType":"TRIM_HORIZON"}`,
			arn, at(stream, "StreamDescription", "Shards", "ShardId")))
		records, _ := call(t, s, "GetRecords", fmt.Sprintf(
			`{"ShardIterator":"%v"}`, iterator["ShardIterator"]))["Records"].([]any)
		require.Len(t, records, 2, end)
		assert.Equal(t, "REMOVE", at(records[1], "eventName"), end)
		assert.NotNil(t, at(records[1], "userIdentity"), end)
	}
}
