package service

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const streamARNs = "arn:aws:dynamodb:us-east-1:000000000000:table/things/stream/"

// firstStream is the ARN of the stream that newStreaming creates.
const firstStream = streamARNs + "2026-03-04T12:30:00.000"

const (
	streamsOn = `"StreamSpecification":
		{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"}`
	streamsOff = `"StreamSpecification":{"StreamEnabled":false}`
)

// newStreaming returns a service with the table things, whose key is pk and whose stream is on.
func newStreaming(t *testing.T) (*Service, *clock) {
	t.Helper()
	clock := newClock()
	s := New(Options{Now: clock.Now})
	newThings(t, s, streamsOn)
	return s, clock
}

// shardOf returns the one shard of a stream.
func shardOf(t *testing.T, s *Service, arn string) map[string]any {
	t.Helper()
	described := call(t, s, "DescribeStream", `{"StreamArn":"`+arn+`"}`)["StreamDescription"]
	shards := at(described, "Shards").([]any)
	require.Len(t, shards, 1)
	return shards[0].(map[string]any)
}

// iteratorRequest returns the body of a GetShardIterator for a stream's shard.
func iteratorRequest(t *testing.T, s *Service, arn, kind string, more ...string) string {
	t.Helper()
	shard := shardOf(t, s, arn)["ShardId"].(string)
	return object(append([]string{`"StreamArn":"` + arn + `"`, `"ShardId":"` + shard + `"`,
		`"ShardIteratorType":"` + kind + `"`}, more...)...)
}

// iteratorOf returns an iterator of a stream.
func iteratorOf(t *testing.T, s *Service, arn, kind string, more ...string) string {
	t.Helper()
	response := call(t, s, "GetShardIterator", iteratorRequest(t, s, arn, kind, more...))
	return response["ShardIterator"].(string)
}

func recordsRequest(iterator string, more ...string) string {
	return object(append([]string{`"ShardIterator":"` + iterator + `"`}, more...)...)
}

// next reads records: "INSERT a, REMOVE a". It returns them and the iterator after them, or "" at a
// stream's end.
func next(t *testing.T, s *Service, iterator string, more ...string) (events, after string) {
	t.Helper()
	response := call(t, s, "GetRecords", recordsRequest(iterator, more...))
	var all []string
	for _, r := range response["Records"].([]any) {
		key := at(r, "dynamodb", "Keys", "pk", "S").(string)
		all = append(all, at(r, "eventName").(string)+" "+key)
	}
	after, _ = response["NextShardIterator"].(string)
	return strings.Join(all, ", "), after
}

// requireNext checks the records that an iterator reads.
func requireNext(t *testing.T, s *Service, iterator, want string, more ...string) string {
	t.Helper()
	events, after := next(t, s, iterator, more...)
	require.Equal(t, want, events)
	return after
}

func TestGetRecords(t *testing.T) {
	t.Parallel()
	s, clock := newStreaming(t)
	clock.add(90*time.Second + 700*time.Millisecond)
	give(t, s, `things {"pk":"a","n":1}
		UpdateItem things {"Key":{"pk":"a"},"AttributeUpdates":{"n":{"Value":{"N":"2"}}}}
		DeleteItem things {"Key":{"pk":"a"}}`)
	response := call(t, s, "GetRecords",
		recordsRequest(iteratorOf(t, s, firstStream, "TRIM_HORIZON")))
	records := response["Records"].([]any)
	require.Len(t, records, 3)
	first := shardOf(t, s, firstStream)["SequenceNumberRange"].(map[string]any)
	require.Equal(t, map[string]any{
		"eventID": at(records[0], "eventID"), "eventName": "INSERT", "eventVersion": "1.1",
		"eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
		"dynamodb": map[string]any{
			"ApproximateCreationDateTime": float64(clock.Now().Unix()),
			"Keys":                        decode(t, `{"pk":{"S":"a"}}`),
			"NewImage":                    decode(t, `{"pk":{"S":"a"},"n":{"N":"1"}}`),
			"SequenceNumber":              first["StartingSequenceNumber"],
			"SizeBytes":                   9.0,
			"StreamViewType":              "NEW_AND_OLD_IMAGES",
		},
	}, records[0])
	assert.Equal(t, "MODIFY", at(records[1], "eventName"))
	assert.Equal(t, decode(t, `{"pk":{"S":"a"},"n":{"N":"1"}}`),
		at(records[1], "dynamodb", "OldImage"))
	assert.Equal(t, decode(t, `{"pk":{"S":"a"},"n":{"N":"2"}}`),
		at(records[1], "dynamodb", "NewImage"))
	assert.Equal(t, "REMOVE", at(records[2], "eventName"))
	assert.Nil(t, at(records[2], "dynamodb", "NewImage"))
	assert.Nil(t, at(records[2], "userIdentity"))
	for i := range 2 {
		assert.Less(t, at(records[i], "dynamodb", "SequenceNumber"),
			at(records[i+1], "dynamodb", "SequenceNumber"))
		assert.NotEqual(t, at(records[i], "eventID"), at(records[i+1], "eventID"))
	}
	requireNext(t, s, response["NextShardIterator"].(string), "")
}

func TestWhatHasRecords(t *testing.T) {
	t.Parallel()
	const update = `UpdateItem things {"Key":{"pk":"a"},"UpdateExpression":`
	for writes, want := range map[string]string{
		`things {"pk":"a"}
			things {"pk":"a"}`: "INSERT a",
		`things {"pk":"a"}
			things {"pk":"a","n":1}`: "INSERT a, MODIFY a",
		`DeleteItem things {"Key":{"pk":"a"}}`:                        "",
		update + `"SET n = :n","ExpressionAttributeValues":{":n":1}}`: "INSERT a",
		`things {"pk":"a","n":1}
			` + update + `"SET n = :n","ExpressionAttributeValues":{":n":1}}`: "INSERT a",
		`BatchWriteItem {"RequestItems":{"things":[{"PutRequest":{"Item":{"pk":"a"}}},
			{"DeleteRequest":{"Key":{"pk":"b"}}}]}}`: "INSERT a",
		`things {"pk":"b"}
			TransactWriteItems {"TransactItems":[
			{"Put":{"TableName":"things","Item":{"pk":"a"}}},
			{"Delete":{"TableName":"things","Key":{"pk":"b"}}}]}`: "INSERT b, INSERT a, REMOVE b",
	} {
		s, _ := newStreaming(t)
		give(t, s, writes)
		events, _ := next(t, s, iteratorOf(t, s, firstStream, "TRIM_HORIZON"))
		assert.Equal(t, want, events, "%s", writes)
	}
}

func TestIterators(t *testing.T) {
	t.Parallel()
	s, clock := newStreaming(t)
	number := func(n string) string { return `"SequenceNumber":"` + n + `"` }
	starting := func() string {
		return at(shardOf(t, s, firstStream),
			"SequenceNumberRange", "StartingSequenceNumber").(string)
	}
	empty := starting()
	fromNothing := iteratorOf(t, s, firstStream, "AFTER_SEQUENCE_NUMBER", number(empty))
	give(t, s, `things {"pk":"a"}`)
	requireNext(t, s, fromNothing, "INSERT a")
	latest := iteratorOf(t, s, firstStream, "LATEST")
	clock.add(time.Minute)
	noon := clock.Now()
	give(t, s, `things {"pk":"b"}
		things {"pk":"c"}`)
	require.Equal(t, empty, starting())

	requireNext(t, s, latest, "INSERT b, INSERT c")
	requireNext(t, s, iteratorOf(t, s, firstStream, "TRIM_HORIZON"),
		"INSERT a, INSERT b, INSERT c")
	requireNext(t, s, iteratorOf(t, s, firstStream, "AT_SEQUENCE_NUMBER", number(empty)),
		"INSERT a, INSERT b, INSERT c")
	requireNext(t, s, iteratorOf(t, s, firstStream, "AFTER_SEQUENCE_NUMBER", number(empty)),
		"INSERT b, INSERT c")
	for second, want := range map[int64]string{
		0: "INSERT a, INSERT b, INSERT c", noon.Unix() - 1: "INSERT b, INSERT c",
		noon.Unix(): "INSERT b, INSERT c",
	} {
		stamp := `"Timestamp":` + itoa(int(second))
		requireNext(t, s, iteratorOf(t, s, firstStream, "AT_TIMESTAMP", stamp), want)
	}

	after := requireNext(t, s, iteratorOf(t, s, firstStream, "TRIM_HORIZON"), "INSERT a",
		`"Limit":1`)
	after = requireNext(t, s, after, "INSERT b", `"Limit":1`)
	requireNext(t, s, after, "INSERT c", `"Limit":1000`)
}

func TestGetRecordsReturnsAMegabyte(t *testing.T) {
	t.Parallel()
	s, _ := newStreaming(t)
	for _, pk := range []string{"a", "b", "c", "d"} {
		give(t, s, `things {"pk":"`+pk+`","x":"`+strings.Repeat("x", 300<<10)+`"}`)
	}
	after := requireNext(t, s, iteratorOf(t, s, firstStream, "TRIM_HORIZON"),
		"INSERT a, INSERT b, INSERT c")
	requireNext(t, s, after, "INSERT d")
}

func TestIteratorsExpire(t *testing.T) {
	t.Parallel()
	s, clock := newStreaming(t)
	iterator := iteratorOf(t, s, firstStream, "TRIM_HORIZON")
	clock.add(15*time.Minute - 1)
	after := requireNext(t, s, iterator, "")
	clock.add(1)
	requireRefused(t, s, "GetRecords", recordsRequest(iterator), "ExpiredIteratorException",
		"The provided iterator exceeds the maximum age allowed.")
	requireNext(t, s, after, "")
}

func TestTrimmedRecords(t *testing.T) {
	t.Parallel()
	s, clock := newStreaming(t)
	const trimmed = "The data you are trying to access has been trimmed."
	give(t, s, `things {"pk":"a"}`)
	first := at(shardOf(t, s, firstStream), "SequenceNumberRange", "StartingSequenceNumber")
	clock.add(24*time.Hour - time.Minute)
	give(t, s, `things {"pk":"b"}`)
	iterator := iteratorOf(t, s, firstStream, "TRIM_HORIZON")
	requireNext(t, s, iterator, "INSERT a, INSERT b")
	clock.add(time.Minute)
	requireRefused(t, s, "GetRecords", recordsRequest(iterator),
		"TrimmedDataAccessException", trimmed)
	requireRefused(t, s, "GetShardIterator", iteratorRequest(t, s, firstStream,
		"AT_SEQUENCE_NUMBER", `"SequenceNumber":"`+first.(string)+`"`),
		"TrimmedDataAccessException", trimmed)
	requireNext(t, s, iteratorOf(t, s, firstStream, "TRIM_HORIZON"), "INSERT b")
	requireNext(t, s, iteratorOf(t, s, firstStream, "AT_TIMESTAMP", `"Timestamp":0`), "INSERT b")
}

func TestExpiredItemsHaveRecords(t *testing.T) {
	t.Parallel()
	s, clock := newStreaming(t)
	give(t, s, `UpdateTimeToLive things {"TimeToLiveSpecification":
		{"AttributeName":"until","Enabled":true}}
		things {"pk":"a","until":`+itoa(int(clock.Now().Unix())+60)+`}`)
	iterator := iteratorOf(t, s, firstStream, "LATEST")
	clock.add(time.Minute)
	response := call(t, s, "GetRecords", recordsRequest(iterator))
	require.Equal(t, "REMOVE", at(response, "Records", "eventName"))
	require.Equal(t, map[string]any{"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"},
		at(response, "Records", "userIdentity"))
}

func TestDescribeStream(t *testing.T) {
	t.Parallel()
	s, clock := newStreaming(t)
	shard := shardOf(t, s, firstStream)
	require.Len(t, shard["ShardId"], 37)
	request := `{"StreamArn":"` + firstStream + `"`
	require.Equal(t, map[string]any{
		"StreamArn": firstStream, "StreamLabel": "2026-03-04T12:30:00.000",
		"StreamStatus": "ENABLED", "StreamViewType": "NEW_AND_OLD_IMAGES", "TableName": "things",
		"CreationRequestDateTime": float64(clock.Now().Unix()), "Shards": []any{shard},
		"KeySchema": []any{map[string]any{"AttributeName": "pk", "KeyType": "HASH"}},
	}, call(t, s, "DescribeStream", request+"}")["StreamDescription"])
	id := shard["ShardId"].(string)
	for more, want := range map[string]int{
		`"Limit":1`: 1, `"ShardFilter":{}`: 1,
		`"ExclusiveStartShardId":"` + id + `"`:                         0,
		`"ExclusiveStartShardId":"` + strings.Repeat("0", 28) + `"`:    1,
		`"ShardFilter":{"Type":"CHILD_SHARDS","ShardId":"` + id + `"}`: 0,
		`"ExclusiveStartShardId":"` + strings.Repeat("z", 28) + `"`:    0,
	} {
		response := call(t, s, "DescribeStream", request+","+more+"}")
		require.Len(t, at(response, "StreamDescription", "Shards"), want, more)
	}
}

func TestStreamThatIsSwitchedOff(t *testing.T) {
	t.Parallel()
	s, clock := newStreaming(t)
	give(t, s, `things {"pk":"a"}
		things {"pk":"b"}`)
	iterator := iteratorOf(t, s, firstStream, "TRIM_HORIZON")
	call(t, s, "UpdateTable", modify(streamsOff))
	give(t, s, `things {"pk":"c"}`)
	clock.add(time.Minute)
	call(t, s, "UpdateTable", modify(streamsOn))
	give(t, s, `things {"pk":"d"}`)
	const second = streamARNs + "2026-03-04T12:31:00.000"

	after := requireNext(t, s, iterator, "INSERT a", `"Limit":1`)
	require.Empty(t, requireNext(t, s, after, "INSERT b", `"Limit":1`), "the end of the shard")
	require.Empty(t, requireNext(t, s, iteratorOf(t, s, firstStream, "LATEST"), ""))
	requireNext(t, s, iteratorOf(t, s, second, "TRIM_HORIZON"), "INSERT d")
	requireStreams(t, s, `{"TableName":"things"}`, firstStream, second)
	description := call(t, s, "DescribeStream", `{"StreamArn":"`+firstStream+`"}`)
	require.Equal(t, "DISABLED", at(description, "StreamDescription", "StreamStatus"))
	numbers := shardOf(t, s, firstStream)["SequenceNumberRange"].(map[string]any)
	ending := `"SequenceNumber":"` + numbers["EndingSequenceNumber"].(string) + `"`
	requireNext(t, s, iteratorOf(t, s, firstStream, "AT_SEQUENCE_NUMBER", ending), "INSERT b")
	require.NotContains(t, shardOf(t, s, second)["SequenceNumberRange"], "EndingSequenceNumber")

	clock.add(24*time.Hour - time.Minute)
	requireStreams(t, s, `{}`, second)
	requireRefused(t, s, "DescribeStream", `{"StreamArn":"`+firstStream+`"}`,
		"ResourceNotFoundException",
		"Requested resource not found: Stream: "+firstStream+" not found")
}

func TestStreamOfADeletedTable(t *testing.T) {
	t.Parallel()
	s, clock := newStreaming(t)
	give(t, s, `things {"pk":"a"}`)
	call(t, s, "DeleteTable", describedName)
	call(t, s, "CreateTable", object(nameOf("things"), define("id N"), key("id"), onDemand))
	require.Empty(t,
		requireNext(t, s, iteratorOf(t, s, firstStream, "TRIM_HORIZON"), "INSERT a"))
	response := call(t, s, "DescribeStream", `{"StreamArn":"`+firstStream+`"}`)
	require.Equal(t, "pk", at(response, "StreamDescription", "KeySchema", "AttributeName"),
		"the key of the table that had the stream")
	clock.add(24 * time.Hour)
	requireStreams(t, s, `{}`)
	require.Empty(t, s.catalog.streams)
}

// requireStreams checks the ARNs that a ListStreams returns.
func requireStreams(t *testing.T, s *Service, request string, arns ...string) {
	t.Helper()
	listed := []string{}
	for _, stream := range call(t, s, "ListStreams", request)["Streams"].([]any) {
		listed = append(listed, at(stream, "StreamArn").(string))
	}
	require.ElementsMatch(t, arns, listed)
}

func TestListStreams(t *testing.T) {
	t.Parallel()
	s, _ := newStreaming(t)
	call(t, s, "CreateTable", object(nameOf("others"), define("pk S"), key("pk"), onDemand,
		streamsOn))
	call(t, s, "CreateTable", object(nameOf("quiet"), define("pk S"), key("pk"), onDemand))
	const others = "arn:aws:dynamodb:us-east-1:000000000000:table/others/stream/" +
		"2026-03-04T12:30:00.000"
	requireStreams(t, s, `{}`, others, firstStream)
	requireStreams(t, s, `{"TableName":"quiet"}`)
	requireStreams(t, s, `{"TableName":"nothing"}`)
	require.Equal(t, map[string]any{"Streams": []any{map[string]any{
		"StreamArn": firstStream, "TableName": "things",
		"StreamLabel": "2026-03-04T12:30:00.000",
	}}}, call(t, s, "ListStreams", `{"TableName":"things"}`))

	page := call(t, s, "ListStreams", `{"Limit":1}`)
	require.Equal(t, others, at(page, "Streams", "StreamArn"))
	require.Equal(t, others, page["LastEvaluatedStreamArn"])
	page = call(t, s, "ListStreams", `{"Limit":1,"ExclusiveStartStreamArn":"`+others+`"}`)
	require.Equal(t, firstStream, at(page, "Streams", "StreamArn"))
	require.NotContains(t, page, "LastEvaluatedStreamArn")
}

func TestBadStreamRequests(t *testing.T) {
	t.Parallel()
	s, _ := newStreaming(t)
	const noStream = "arn:aws:dynamodb:us-east-1:000000000000:table/none/stream/2026"
	const noText = "no-arn-at-all-but-a-text-of-37-letters"
	const number = "100000000000000000000"
	const wrong = "One or more parameter values were invalid: "
	short, zeros := strings.Repeat("0", 20), strings.Repeat("0", 28)
	shard := shardOf(t, s, firstStream)["ShardId"].(string)
	streamOf := func(arn string) string { return `"StreamArn":"` + arn + `"` }
	iterator := func(kind string, more ...string) string {
		return iteratorRequest(t, s, firstStream, kind, more...)
	}
	one := func(what string) string {
		return "1 validation error detected: Value " + what
	}
	const least37 = "Member must have length greater than or equal to 37"
	for _, test := range []struct{ operation, body, code, message string }{
		{"ListStreams", `{"Limit":0}`, validation, one("'0' at 'limit' failed to satisfy " +
			"constraint: Member must have value greater than or equal to 1")},
		{"ListStreams", `{"Limit":101}`, validation, one("'101' at 'limit' failed to satisfy " +
			"constraint: Member must have value less than or equal to 100")},
		{"ListStreams", `{"TableName":"a"}`, validation, one("'a' at 'tableName' failed to " +
			"satisfy constraint: Member must have length greater than or equal to 3")},
		{"ListStreams", `{"ExclusiveStartStreamArn":"a"}`, validation,
			one("'a' at 'exclusiveStartStreamArn' failed to satisfy constraint: " + least37)},
		{"ListStreams", `{"ExclusiveStartStreamArn":"` + noText + `"}`, validation,
			"Invalid StreamArn"},

		{"DescribeStream", `{}`, validation,
			one("null at 'streamArn' failed to satisfy constraint: Member must not be null")},
		{"DescribeStream", object(streamOf("a"), `"Limit":0`), validation, "2 validation errors " +
			"detected: Value 'a' at 'streamArn' failed to satisfy constraint: " + least37 +
			"; Value '0' at 'limit' failed to satisfy constraint: " +
			"Member must have value greater than or equal to 1"},
		{"DescribeStream", object(streamOf(firstStream), `"ExclusiveStartShardId":"`+short+`"`),
			validation, one("'" + short + "' at 'exclusiveStartShardId' failed to satisfy " +
				"constraint: Member must have length greater than or equal to 28")},
		{"DescribeStream", object(streamOf(firstStream), `"ShardFilter":{"Type":"ALL"}`),
			validation, one("'ALL' at 'shardFilter.type' failed to satisfy constraint: " +
				"Member must satisfy enum value set: [CHILD_SHARDS]")},
		{"DescribeStream", object(streamOf(noText)), validation, "Invalid StreamArn"},
		{"DescribeStream", object(streamOf(noStream)), "ResourceNotFoundException",
			"Requested resource not found: Stream: " + noStream + " not found"},

		{"GetShardIterator", `{}`, validation, "3 validation errors detected: Value null at " +
			"'streamArn' failed to satisfy constraint: Member must not be null; Value null at " +
			"'shardId' failed to satisfy constraint: Member must not be null; Value null at " +
			"'shardIteratorType' failed to satisfy constraint: Member must not be null"},
		{"GetShardIterator", iterator("FIRST"), validation, one("'FIRST' at " +
			"'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value " +
			"set: [TRIM_HORIZON, LATEST, AT_SEQUENCE_NUMBER, AFTER_SEQUENCE_NUMBER, " +
			"AT_TIMESTAMP]")},
		{"GetShardIterator", iterator("AT_SEQUENCE_NUMBER", `"SequenceNumber":"5"`), validation,
			one("at 'sequenceNumber' failed to satisfy constraint: Member must have length " +
				"greater than or equal to 21")},
		{"GetShardIterator", iterator("AT_SEQUENCE_NUMBER",
			`"SequenceNumber":"`+strings.Repeat("1", 41)+`"`), validation,
			one("at 'sequenceNumber' failed to satisfy constraint: Member must have length " +
				"less than or equal to 40")},
		{"GetShardIterator", iterator("AT_SEQUENCE_NUMBER"), validation,
			wrong + "SequenceNumber cannot be null"},
		{"GetShardIterator", iterator("LATEST", `"SequenceNumber":"`+number+`"`), validation,
			wrong + "SequenceNumber should not be passed for this iterator type"},
		{"GetShardIterator", iterator("AT_SEQUENCE_NUMBER",
			`"SequenceNumber":"`+strings.Repeat("9", 30)+`"`), validation,
			"Invalid SequenceNumber for the shard"},
		{"GetShardIterator", iterator("AFTER_SEQUENCE_NUMBER",
			`"SequenceNumber":"118446744073709551615"`), validation,
			"Invalid SequenceNumber for the shard"},
		{"GetShardIterator", iterator("AT_SEQUENCE_NUMBER", `"SequenceNumber":"`+number+`"`),
			"TrimmedDataAccessException", "The data you are trying to access has been trimmed."},
		{"GetShardIterator", iterator("AT_TIMESTAMP"), validation,
			wrong + "Timestamp cannot be null"},
		{"GetShardIterator", iterator("AT_TIMESTAMP", `"Timestamp":1e300`), validation,
			wrong + "Timestamp cannot be in the future"},
		{"GetShardIterator", iterator("LATEST", `"Timestamp":1`), validation,
			wrong + "Timestamp should not be passed for this iterator type"},
		{"GetShardIterator", object(streamOf(noStream), `"ShardId":"`+shard+`"`,
			`"ShardIteratorType":"LATEST"`), "ResourceNotFoundException",
			"Requested resource not found: Stream: " + noStream + " not found"},
		{"GetShardIterator", object(streamOf(firstStream), `"ShardId":"`+zeros+`"`,
			`"ShardIteratorType":"LATEST"`), "ResourceNotFoundException",
			"Requested resource not found: Shard does not exist"},

		{"GetRecords", `{}`, validation, one("null at 'shardIterator' failed to satisfy " +
			"constraint: Member must not be null")},
		{"GetRecords", recordsRequest("x", `"Limit":1001`), validation, one("'1001' at 'limit' " +
			"failed to satisfy constraint: Member must have value less than or equal to 1000")},
		{"GetRecords", recordsRequest("x", `"Limit":0`), validation, one("'0' at 'limit' " +
			"failed to satisfy constraint: Member must have value greater than or equal to 1")},
		{"GetRecords", recordsRequest(noText), validation, "Invalid ShardIterator"},
		{"GetRecords", recordsRequest("YXxi"), validation, "Invalid ShardIterator"},
		{"GetRecords", recordsRequest("YXxifGM="), validation, "Invalid ShardIterator"},
		{"GetRecords", recordsRequest("YXwxfGM="), validation, "Invalid ShardIterator"},
	} {
		requireRefused(t, s, test.operation, test.body, test.code, test.message)
	}
}

// A client can send any text as an iterator.
func TestMadeUpIterators(t *testing.T) {
	t.Parallel()
	s, clock := newStreaming(t)
	give(t, s, `things {"pk":"a"}`)
	at := iterator{firstStream, 0, clock.Now()}
	for place, want := range map[uint64]string{
		1<<64 - 1: "", 1 << 63: "", 0: "TrimmedDataAccessException",
	} {
		at.place = place
		if want == "" {
			requireNext(t, s, at.String(), "")
			continue
		}
		require.Equal(t, want, refused(t, s, "GetRecords", recordsRequest(at.String())).Code)
	}
	at.arn = "arn:aws:dynamodb:us-east-1:000000000000:table/none/stream/2026"
	require.Equal(t, "ResourceNotFoundException",
		refused(t, s, "GetRecords", recordsRequest(at.String())).Code)
}

func TestStreamARNs(t *testing.T) {
	t.Parallel()
	for arn, good := range map[string]bool{
		firstStream: true,
		"arn:aws-cn:dynamodb:cn-north-1:123456789012:table/x/stream/2026-03-04T12:30:00.000": true,
		"arn:aws:kinesis:us-east-1:000000000000:table/things/stream/2026":                    false,
		"urn:aws:dynamodb:us-east-1:000000000000:table/things/stream/2026":                   false,
		"arn:aws:dynamodb:us-east-1:000000000000:table/things":                               false,
		"arn:aws:dynamodb:us-east-1:000000000000:table/things/index/2026":                    false,
		"arn:aws:dynamodb:us-east-1:000000000000:stream/things/stream/2026":                  false,
		"arn:aws:dynamodb": false, "": false,
	} {
		require.Equal(t, good, checkStreamARN(arn) == nil, "%s", arn)
	}
}
