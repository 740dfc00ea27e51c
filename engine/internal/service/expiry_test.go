package service

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const expireUntil = `UpdateTimeToLive scores {"TimeToLiveSpecification":
	{"AttributeName":"until","Enabled":true}}`

// newExpiring returns a service whose scores expire, with one score that expires in a minute.
func newExpiring(t *testing.T) (*Service, *clock) {
	t.Helper()
	s, clock := newClocked(t)
	give(t, s, expireUntil)
	giveUntil(t, s, "1", clock.Now().Add(time.Minute))
	return s, clock
}

func giveUntil(t *testing.T, s *Service, sk string, until time.Time) {
	t.Helper()
	give(t, s, `scores {"pk":"a","sk":`+sk+`,"day":1,"game":"go","until":`+
		itoa(int(until.Unix()))+`}`)
}

// An item exists until the clock reaches the second of its time to live; then it is gone for every
// operation.
func TestItemsExpireForEachOperation(t *testing.T) {
	t.Parallel()
	const none = `"Count":0,"ScannedCount":0`
	for _, row := range []row{{
		rule: "GetItem",
		ask:  `GetItem scores {"Key":{"pk":"a","sk":1},"ConsistentRead":true}`,
		want: `{}`,
	}, {
		rule: "GetItem, eventually consistent",
		ask:  `GetItem scores {"Key":{"pk":"a","sk":1}}`,
		want: `{}`,
	}, {
		rule: "Query",
		ask:  querySk("pk = :p", `{":p":"a"}`, ""),
		want: `{"Items":[],` + none + `}`,
	}, {
		rule: "Query of a local index",
		ask:  querySk("pk = :p", `{":p":"a"}`, `,"IndexName":"byDay"`),
		want: `{"Items":[],` + none + `}`,
	}, {
		rule: "Query of a global index",
		ask:  querySk("game = :g", `{":g":"go"}`, `,"IndexName":"games"`),
		want: `{"Items":[],` + none + `}`,
	}, {
		rule: "Scan",
		ask:  `Scan scores {"Select":"COUNT"}`,
		want: `{` + none + `}`,
	}, {
		rule: "BatchGetItem",
		ask:  `BatchGetItem {"RequestItems":{"scores":{"Keys":[{"pk":"a","sk":1}]}}}`,
		want: `{"Responses":{"scores":[]},"UnprocessedKeys":{}}`,
	}, {
		rule: "TransactGetItems",
		ask: `TransactGetItems {"TransactItems":[
			{"Get":{"TableName":"scores","Key":{"pk":"a","sk":1}}}]}`,
		want: `{"Responses":[{}]}`,
	}, {
		rule: "PutItem",
		ask: `PutItem scores {"Item":{"pk":"a","sk":1},"ReturnValues":"ALL_OLD",
			"ConditionExpression":"attribute_not_exists(pk)"}`,
		want: `{}`,
	}, {
		rule: "UpdateItem",
		ask: `UpdateItem scores {"Key":{"pk":"a","sk":1},"UpdateExpression":"SET n = :n",
			"ExpressionAttributeValues":{":n":1},"ReturnValues":"ALL_NEW"}`,
		want: `{"Attributes":{"pk":"a","sk":1,"n":1}}`,
	}, {
		rule: "DeleteItem",
		ask:  `DeleteItem scores {"Key":{"pk":"a","sk":1},"ReturnValues":"ALL_OLD"}`,
		want: `{}`,
	}, {
		rule: "TransactWriteItems",
		ask: transact(`ConditionCheck scores {"Key":{"pk":"a","sk":1},
			"ConditionExpression":"attribute_not_exists(pk)"}`),
		want: `{}`,
	}} {
		t.Run(row.rule, func(t *testing.T) {
			t.Parallel()
			s, clock := newExpiring(t)
			clock.add(time.Minute - time.Nanosecond)
			script(t, s, `Scan scores {"Select":"COUNT"}`, `{"Count":1,"ScannedCount":1}`)
			clock.add(time.Nanosecond)
			script(t, s, row.ask, row.want)
		})
	}
}

func TestWhatExpires(t *testing.T) {
	t.Parallel()
	s, clock := newClocked(t)
	give(t, s, expireUntil)
	second := func(d time.Duration) string { return itoa(int(clock.Now().Add(d).Unix())) }
	give(t, s, `
		scores {"pk":"a","sk":1,"until":`+second(0)+`}
		scores {"pk":"a","sk":2,"until":`+second(time.Second)+`}
		scores {"pk":"a","sk":3,"until":"`+second(0)+`"}
		scores {"pk":"a","sk":4}
		scores {"pk":"a","sk":5,"until":0}
		scores {"pk":"a","sk":6,"until":`+second(-6*365*24*time.Hour)+`}
		scores {"pk":"a","sk":7,"until":`+second(-4*365*24*time.Hour)+`}`)
	script(t, s, querySk("pk = :p", `{":p":"a"}`, ""), foundSk("2 3 4 5 6"))
	give(t, s, `UpdateItem scores {"Key":{"pk":"a","sk":2},"UpdateExpression":"REMOVE #u",
		"ExpressionAttributeNames":{"#u":"until"}}`)
	clock.add(time.Hour)
	script(t, s, querySk("pk = :p", `{":p":"a"}`, ""), foundSk("2 3 4 5 6"))
}

// Items that existed before time to live was switched on expire. None expire after it is switched
// off.
func TestExpiryIsSwitchedOnAndOff(t *testing.T) {
	t.Parallel()
	s, clock := newClocked(t)
	giveUntil(t, s, "1", clock.Now().Add(time.Second))
	giveUntil(t, s, "2", clock.Now().Add(2*time.Hour))
	clock.add(time.Minute)
	script(t, s, querySk("pk = :p", `{":p":"a"}`, ""), foundSk("1 2"))
	give(t, s, expireUntil)
	script(t, s, querySk("pk = :p", `{":p":"a"}`, ""), foundSk("2"))
	clock.add(time.Hour)
	give(t, s, `UpdateTimeToLive scores {"TimeToLiveSpecification":
		{"AttributeName":"until","Enabled":false}}`)
	clock.add(2 * time.Hour)
	script(t, s, querySk("pk = :p", `{":p":"a"}`, ""), foundSk("2"))
}

// The stream records that the service has removed an expired item.
func TestStreamTellsWhatExpired(t *testing.T) {
	t.Parallel()
	s, clock := newClocked(t)
	give(t, s, expireUntil+`
		UpdateTable scores {"StreamSpecification":
			{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"}}`)
	giveUntil(t, s, "1", clock.Now().Add(time.Minute))
	giveUntil(t, s, "2", clock.Now().Add(time.Hour))
	clock.add(time.Minute)
	give(t, s, `DeleteItem scores {"Key":{"pk":"a","sk":2}}`)
	described := call(t, s, "DescribeTable", `{"TableName":"scores"}`)
	arn := at(described, "Table", "LatestStreamArn")
	stream := call(t, s, "DescribeStream", fmt.Sprintf(`{"StreamArn":"%v"}`, arn))
	iterator := call(t, s, "GetShardIterator", fmt.Sprintf(
		`{"StreamArn":"%v","ShardId":"%v","ShardIteratorType":"TRIM_HORIZON"}`,
		arn, at(stream, "StreamDescription", "Shards", "ShardId")))
	records, _ := call(t, s, "GetRecords", fmt.Sprintf(
		`{"ShardIterator":"%v"}`, iterator["ShardIterator"]))["Records"].([]any)
	require.Len(t, records, 4)
	expired, deleted := records[2], records[3]
	assert.Equal(t, "REMOVE", at(expired, "eventName"))
	assert.Equal(t, "1", at(expired, "dynamodb", "OldImage", "sk", "N"))
	assert.Equal(t, map[string]any{"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"},
		at(expired, "userIdentity"))
	assert.Equal(t, "REMOVE", at(deleted, "eventName"))
	assert.Equal(t, "2", at(deleted, "dynamodb", "OldImage", "sk", "N"))
	assert.Nil(t, at(deleted, "userIdentity"))
}
