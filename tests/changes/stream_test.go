package changes

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/internal/wire"
)

type player struct {
	dynamapper.Model `dynamo:"players"`

	Login  string   `dynamo:"login,hash"`
	Level  int      `dynamo:"level"`
	Badges []string `dynamo:"badges,set"`
}

// profile, match and award are three entities of one table. The range keys of matches and awards
// differ in their constant text.
type profile struct {
	dynamapper.Model `dynamo:"game,entity=profile"`

	_       dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{login}"`
	_       dynamapper.Computed `dynamo:"sk,range,format=PROFILE"`
	Login   string              `dynamo:"login"`
	Balance int                 `dynamo:"balance"`
}

type match struct {
	dynamapper.Model `dynamo:"game,entity=match"`

	_      dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{player}"`
	_      dynamapper.Computed `dynamo:"sk,range,format=MATCH#{number:4}"`
	Player string              `dynamo:"player"`
	Number int                 `dynamo:"number"`
	Points int                 `dynamo:"points"`
}

type award struct {
	dynamapper.Model `dynamo:"game,entity=award"`

	_      dynamapper.Computed `dynamo:"pk,hash,format=PLAYER#{player}"`
	_      dynamapper.Computed `dynamo:"sk,range,format=AWARD#{name}"`
	Player string              `dynamo:"player"`
	Name   string              `dynamo:"name"`
}

func tableIn[T dynamapper.IsModel](
	t *testing.T, m *dynamapper.Mapper, opts ...dynamapper.TableOption,
) *dynamapper.Table[T] {
	t.Helper()
	table, err := dynamapper.TableOf[T](m, opts...)
	require.NoError(t, err)
	return table
}

// streamOption makes CreateTable enable a stream.
func streamOption(view types.StreamViewType) dynamapper.CreateOption {
	return dynamapper.CreateInput(func(in *dynamodb.CreateTableInput) {
		in.StreamSpecification = &types.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: view}
	})
}

// streamedTable makes a table with a stream.
func streamedTable[T dynamapper.IsModel](
	t *testing.T, view types.StreamViewType,
) *dynamapper.Table[T] {
	t.Helper()
	table := tableIn[T](t, dynamotest.Mapper(t))
	require.NoError(t, table.CreateTable(t.Context(), dynamapper.WaitActive(), streamOption(view)))
	return table
}

const bothImages = types.StreamViewTypeNewAndOldImages

// records returns all records of the stream of a table.
func records(t *testing.T, table string) []streamtypes.Record {
	t.Helper()
	ctx := t.Context()
	client := dynamodbstreams.NewFromConfig(dynamotest.Run(t).Config())
	listed, err := client.ListStreams(ctx, &dynamodbstreams.ListStreamsInput{TableName: &table})
	require.NoError(t, err)
	require.Len(t, listed.Streams, 1)
	arn := listed.Streams[0].StreamArn
	described, err := client.DescribeStream(ctx,
		&dynamodbstreams.DescribeStreamInput{StreamArn: arn})
	require.NoError(t, err)
	var all []streamtypes.Record
	for _, shard := range described.StreamDescription.Shards {
		at, err := client.GetShardIterator(ctx, &dynamodbstreams.GetShardIteratorInput{
			StreamArn: arn, ShardId: shard.ShardId,
			ShardIteratorType: streamtypes.ShardIteratorTypeTrimHorizon})
		require.NoError(t, err)
		for place := at.ShardIterator; place != nil; {
			out, err := client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: place})
			require.NoError(t, err)
			if len(out.Records) == 0 {
				break
			}
			all, place = append(all, out.Records...), out.NextShardIterator
		}
	}
	return all
}

// eventOf writes records as the event that Lambda makes of them.
func eventOf(t *testing.T, records ...streamtypes.Record) []byte {
	t.Helper()
	return fmt.Appendf(nil, `{"Records":[%s]}`, strings.Join(recordTexts(t, records), ","))
}

func recordTexts(t *testing.T, records []streamtypes.Record) []string {
	t.Helper()
	texts := make([]string, len(records))
	for i, r := range records {
		change := map[string]any{
			"ApproximateCreationDateTime": r.Dynamodb.ApproximateCreationDateTime.Unix(),
			"SequenceNumber":              r.Dynamodb.SequenceNumber,
			"SizeBytes":                   r.Dynamodb.SizeBytes,
			"StreamViewType":              r.Dynamodb.StreamViewType,
		}
		for name, item := range map[string]map[string]streamtypes.AttributeValue{
			"Keys": r.Dynamodb.Keys, "NewImage": r.Dynamodb.NewImage, "OldImage": r.Dynamodb.OldImage,
		} {
			if item != nil {
				change[name] = json.RawMessage(itemText(t, item))
			}
		}
		record := map[string]any{"eventID": r.EventID, "eventName": r.EventName,
			"eventVersion": r.EventVersion, "eventSource": r.EventSource, "awsRegion": r.AwsRegion,
			"dynamodb": change}
		if who := r.UserIdentity; who != nil {
			record["userIdentity"] = map[string]any{"type": who.Type, "principalId": who.PrincipalId}
		}
		text, err := json.Marshal(record)
		require.NoError(t, err)
		texts[i] = string(text)
	}
	return texts
}

func itemText(t *testing.T, item map[string]streamtypes.AttributeValue) string {
	t.Helper()
	converted, err := attributevalue.FromDynamoDBStreamsMap(item)
	require.NoError(t, err)
	text, err := wire.AppendItem(nil, converted)
	require.NoError(t, err)
	return string(text)
}

// collect returns what a loop yields. It requires that there is no error.
func collect[C any](t *testing.T, changes iter.Seq2[C, error]) []C {
	t.Helper()
	var all []C
	for change, err := range changes {
		require.NoError(t, err)
		all = append(all, change)
	}
	return all
}

// both returns the changes in records, and requires that the event of Lambda has the same.
func both[T any](
	t *testing.T, table *dynamapper.Table[T], records []streamtypes.Record,
) []dynamapper.Change[T] {
	t.Helper()
	changes := collect(t, table.ChangesOf(records...))
	require.Equal(t, shapes(table, changes),
		shapes(table, collect(t, table.Changes(eventOf(t, records...)))))
	return changes
}

// shape is what a change has, in a form that can be compared.
type shape struct {
	record   dynamapper.StreamRecord
	old, new map[string]types.AttributeValue
}

func shapes[T any](table *dynamapper.Table[T], changes []dynamapper.Change[T]) []shape {
	all := make([]shape, len(changes))
	for i, c := range changes {
		r := c.StreamRecord
		all[i] = shape{dynamapper.StreamRecord{Kind: r.Kind, Key: r.Key, Entity: r.Entity, At: r.At,
			ByTTL: r.ByTTL, EventID: r.EventID, SequenceNumber: r.SequenceNumber, View: r.View},
			table.Snapshot(c.Old), table.Snapshot(c.New)}
	}
	return all
}

func kinds[T any](changes []dynamapper.Change[T]) []dynamapper.ChangeKind {
	all := make([]dynamapper.ChangeKind, len(changes))
	for i, c := range changes {
		all[i] = c.Kind
	}
	return all
}

// requireJSON requires the response that Lambda gets.
func requireJSON(t *testing.T, failures dynamapper.ChangeFailures, sequenceNumbers ...string) {
	t.Helper()
	text, err := json.Marshal(failures)
	require.NoError(t, err)
	want := make([]string, len(sequenceNumbers))
	for i, number := range sequenceNumbers {
		want[i] = fmt.Sprintf(`{"itemIdentifier":%q}`, number)
	}
	require.Equal(t, `{"batchItemFailures":[`+strings.Join(want, ",")+`]}`, string(text))
}

// ignore handles a change by doing nothing.
func ignore[C any](context.Context, C) error { return nil }
