package protocol

// ListStreamsInput is the input of ListStreams.
type ListStreamsInput struct {
	ExclusiveStartStreamArn *string
	Limit                   *int64
	TableName               *string
}

// DescribeStreamInput is the input of DescribeStream.
type DescribeStreamInput struct {
	StreamArn             *string
	ExclusiveStartShardId *string
	Limit                 *int64
	ShardFilter           *ShardFilter
}

// ShardFilter chooses the shards that DescribeStream lists.
type ShardFilter struct {
	ShardId *string
	Type    *string
}

// GetShardIteratorInput is the input of GetShardIterator.
type GetShardIteratorInput struct {
	ShardId           *string
	ShardIteratorType *string
	StreamArn         *string
	SequenceNumber    *string
	Timestamp         *float64
}

// GetRecordsInput is the input of GetRecords.
type GetRecordsInput struct {
	ShardIterator *string
	Limit         *int64
}
