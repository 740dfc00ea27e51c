package changes

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/engine"
)

// The images of a change follow the view of the stream.
func TestChangesOfEachView(t *testing.T) {
	t.Parallel()
	for view, has := range map[types.StreamViewType]struct{ old, new bool }{
		types.StreamViewTypeNewAndOldImages: {true, true},
		types.StreamViewTypeNewImage:        {false, true},
		types.StreamViewTypeOldImage:        {true, false},
		types.StreamViewTypeKeysOnly:        {false, false},
	} {
		t.Run(string(view), func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			players := streamedTable[player](t, view)
			began := time.Now().Truncate(time.Second)
			waldo := &player{Login: "waldo", Level: 1, Badges: []string{"gold"}}
			require.NoError(t, players.Save(ctx, waldo))
			waldo.Level = 2
			require.NoError(t, players.Save(ctx, waldo, dynamapper.FailOnConflict()))
			require.NoError(t, players.Delete(ctx, waldo))

			changes := both(t, players, records(t, players.Name()))
			require.Equal(t, []dynamapper.ChangeKind{
				dynamapper.Inserted, dynamapper.Modified, dynamapper.Removed}, kinds(changes))
			levels := []struct{ old, new int }{{0, 1}, {1, 2}, {2, 0}}
			for i, c := range changes {
				require.Equal(t, dynamapper.Key("waldo"), c.Key)
				require.Equal(t, view, c.View)
				require.NotEmpty(t, c.EventID)
				require.False(t, c.ByTTL)
				require.WithinRange(t, c.At, began, time.Now())
				require.Equal(t, has.old && levels[i].old != 0, c.Old != nil, i)
				require.Equal(t, has.new && levels[i].new != 0, c.New != nil, i)
				if c.Old != nil {
					require.Equal(t, levels[i].old, c.Old.Level)
					require.Equal(t, []string{"gold"}, c.Old.Badges)
				}
				if c.New != nil {
					require.Equal(t, levels[i].new, c.New.Level)
				}
				attributes, ok := c.Changed()
				switch {
				case i == 1 && view == bothImages:
					require.Equal(t, []string{"level"}, attributes)
				case i == 1 || i == 0 && !has.new || i == 2 && !has.old:
					require.False(t, ok)
				default:
					require.Equal(t, []string{"badges", "level", "login"}, attributes)
				}
			}
			require.Less(t, changes[0].SequenceNumber, changes[1].SequenceNumber)
		})
	}
}

// An item of a change can be saved like a loaded one: it conflicts if it has changed since.
func TestAnItemOfAChangeIsAsIfLoaded(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	players := streamedTable[player](t, bothImages)
	waldo := &player{Login: "waldo", Level: 1}
	require.NoError(t, players.Save(ctx, waldo))
	waldo.Level = 2
	require.NoError(t, players.Save(ctx, waldo))

	for _, changes := range [][]dynamapper.Change[player]{
		collect(t, players.ChangesOf(records(t, players.Name())...)),
		collect(t, players.Changes(eventOf(t, records(t, players.Name())...))),
	} {
		last := changes[1]
		require.False(t, players.IsNew(last.New))
		last.Old.Level += 10
		require.ErrorIs(t, players.Save(ctx, last.Old, dynamapper.FailOnConflict()),
			dynamapper.ErrConflict)
		last.New.Level = 2
		last.New.Badges = append(last.New.Badges, "gold")
		require.NoError(t, players.Save(ctx, last.New, dynamapper.FailOnConflict()))
		last.New.Badges = nil
		require.NoError(t, players.Save(ctx, last.New, dynamapper.FailOnConflict()))
	}
	require.NoError(t, players.Delete(ctx, waldo))
	all := records(t, players.Name())
	removed := collect(t, players.ChangesOf(all[len(all)-1]))[0]
	require.ErrorIs(t, players.Save(ctx, removed.Old, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
}

// session expires.
type session struct {
	dynamapper.Model `dynamo:"sessions"`

	Token   string    `dynamo:"token,hash"`
	Expires time.Time `dynamo:"expires,ttl"`
}

// A removal by time to live is told from one by a program.
func TestChangesByTTL(t *testing.T) {
	t.Parallel()
	now := time.Now()
	dynamotest.RunEngine(t, engine.WithClock(func() time.Time { return now }))
	sessions := streamedTable[session](t, bothImages)
	ctx := t.Context()
	for _, token := range []string{"expires", "deleted"} {
		require.NoError(t, sessions.Save(ctx,
			&session{Token: token, Expires: now.Add(time.Hour)}))
	}
	require.NoError(t, sessions.DeleteKey(ctx, dynamapper.Key("deleted")))
	now = now.Add(2 * time.Hour)
	_, err := sessions.Get(ctx, dynamapper.Key("expires"), dynamapper.Consistent())
	require.ErrorIs(t, err, dynamapper.ErrNotFound)

	byTTL := map[string]bool{}
	for _, c := range both(t, sessions, records(t, sessions.Name())) {
		if c.Kind == dynamapper.Removed {
			byTTL[c.Old.Token] = c.ByTTL
		} else {
			require.False(t, c.ByTTL)
		}
	}
	require.Equal(t, map[string]bool{"expires": true, "deleted": false}, byTTL)
}

// message is the model of the event in AWS's documentation.
type message struct {
	dynamapper.Model `dynamo:"ExampleTableWithStream"`

	ID      int    `dynamo:"Id,hash"`
	Message string `dynamo:"Message"`
}

// The event in the developer guide of Lambda:
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
const lambdaEvent = `{
  "Records": [
    {
      "eventID": "1",
      "eventVersion": "1.0",
      "dynamodb": {
        "ApproximateCreationDateTime": 1479499740,
        "Keys": {"Id": {"N": "101"}},
        "NewImage": {"Message": {"S": "New item!"}, "Id": {"N": "101"}},
        "StreamViewType": "NEW_AND_OLD_IMAGES",
        "SequenceNumber": "111",
        "SizeBytes": 26
      },
      "awsRegion": "us-west-2",
      "eventName": "INSERT",
      "eventSourceARN": "arn:aws:dynamodb:us-west-2:111122223333:table/ExampleTableWithStream/stream/2015-06-27T00:48:05.899",
      "eventSource": "aws:dynamodb"
    },
    {
      "eventID": "2",
      "eventVersion": "1.0",
      "dynamodb": {
        "OldImage": {"Message": {"S": "New item!"}, "Id": {"N": "101"}},
        "SequenceNumber": "222",
        "Keys": {"Id": {"N": "101"}},
        "SizeBytes": 59,
        "NewImage": {"Message": {"S": "This item has changed"}, "Id": {"N": "101"}},
        "StreamViewType": "NEW_AND_OLD_IMAGES"
      },
      "awsRegion": "us-west-2",
      "eventName": "MODIFY",
      "eventSourceARN": "arn:aws:dynamodb:us-west-2:111122223333:table/ExampleTableWithStream/stream/2015-06-27T00:48:05.899",
      "eventSource": "aws:dynamodb"
    },
    {
      "eventID": "3",
      "eventVersion": "1.0",
      "dynamodb": {
        "Keys": {"Id": {"N": "101"}},
        "SizeBytes": 38,
        "SequenceNumber": "333",
        "OldImage": {"Message": {"S": "This item has changed"}, "Id": {"N": "101"}},
        "StreamViewType": "NEW_AND_OLD_IMAGES"
      },
      "awsRegion": "us-west-2",
      "eventName": "REMOVE",
      "eventSourceARN": "arn:aws:dynamodb:us-west-2:111122223333:table/ExampleTableWithStream/stream/2015-06-27T00:48:05.899",
      "eventSource": "aws:dynamodb",
      "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    }
  ]
}`

func messages(t *testing.T, opts ...dynamapper.TableOption) *dynamapper.Table[message] {
	t.Helper()
	return tableIn[message](t, dynamotest.Mapper(t), opts...)
}

func TestChangesOfAWSEvent(t *testing.T) {
	t.Parallel()
	changes := collect(t, messages(t).Changes([]byte(lambdaEvent)))
	require.Len(t, changes, 3)
	inserted, modified, removed := changes[0], changes[1], changes[2]

	require.Equal(t, dynamapper.Inserted, inserted.Kind)
	require.Equal(t, dynamapper.Key(101), inserted.Key)
	require.Equal(t, "New item!", inserted.New.Message)
	require.Nil(t, inserted.Old)
	require.Equal(t, time.Unix(1479499740, 0).UTC(), inserted.At)
	require.Equal(t, "111", inserted.SequenceNumber)
	require.Equal(t, bothImages, inserted.View)

	require.Equal(t, dynamapper.Modified, modified.Kind)
	require.Equal(t, "New item!", modified.Old.Message)
	require.Equal(t, "This item has changed", modified.New.Message)
	attributes, ok := modified.Changed()
	require.True(t, ok)
	require.Equal(t, []string{"Message"}, attributes)
	require.Zero(t, modified.At)

	require.Equal(t, dynamapper.Removed, removed.Kind)
	require.True(t, removed.ByTTL)
	require.Nil(t, removed.New)
	require.Equal(t, "This item has changed", removed.Old.Message)
	require.Equal(t, "3", removed.EventID)
}

// Changes also takes a list of records, as EventBridge Pipes sends it, one record, and what the
// command line prints.
func TestChangesOfOtherForms(t *testing.T) {
	t.Parallel()
	const record = `{"eventID":"1","eventName":"REMOVE","dynamodb":{"Keys":{"Id":{"N":"101"}},
		"ApproximateCreationDateTime":"2016-11-18T12:09:00-08:00","SequenceNumber":"111"},
		"userIdentity":{"PrincipalId":"dynamodb.amazonaws.com","Type":"Service"}}`
	for name, event := range map[string]string{
		"event": `{"Records":[` + record + `]}`, "list": ` [` + record + "]\n", "record": record,
		"null": `{"Records":[` + strings.Replace(record, `{"eventID"`,
			`{"eventSourceARN":null,"kinesis":null,"eventID"`, 1) + `]}`,
	} {
		changes := collect(t, messages(t).Changes([]byte(event)))
		require.Len(t, changes, 1, name)
		require.True(t, changes[0].ByTTL, name)
		require.Equal(t, "2016-11-18T20:09:00Z", changes[0].At.Format(time.RFC3339), name)
		require.Equal(t, dynamapper.Key(101), changes[0].Key, name)
	}
	require.Empty(t, collect(t, messages(t).Changes([]byte(`{"Records":[]}`))))
	require.Empty(t, collect(t, messages(t).ChangesOf()))
}

// A text that is no event is an error without a record, with no value of the text.
func TestChangesOfNoEvent(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:                        "the event is not JSON",
		`"s3cr3t"`:                "the event is not JSON of an object or a list",
		`{}`:                      "the text is no event of a stream, which has the member Records",
		`{"Item":"s3cr3t"}`:       "the text is no event of a stream",
		`{"Records":{"a":1}}`:     "the records of the event are no list",
		`{"Records":[{"a":s3cr}]`: "the event is not JSON",
		`{"Records":null}`:        "the text is no event of a stream",
	} {
		var yielded int
		for change, err := range messages(t).Changes([]byte(text)) {
			yielded++
			require.ErrorContains(t, err,
				`dynamapper: Changes: table "ExampleTableWithStream": `+want, text)
			require.NotContains(t, err.Error(), "s3cr", text)
			require.Zero(t, change, text)
		}
		require.Equal(t, 1, yielded, text)
	}
}

// kinesisRecord returns the record of Kinesis, in the event of Lambda or flat as EventBridge Pipes
// sends it, that contains a record of DynamoDB.
func kinesisRecord(number int, isFlat bool, inner string) string {
	own := fmt.Sprintf(`"kinesisSchemaVersion":"1.0","partitionKey":"1","sequenceNumber":"%d",
		"data":"%s","approximateArrivalTimestamp":1545084650.987`,
		number, base64.StdEncoding.EncodeToString([]byte(inner)))
	if !isFlat {
		own = `"kinesis":{` + own + `}`
	}
	return fmt.Sprintf(`{%s,"eventSource":"aws:kinesis","eventVersion":"1.0",
		"eventID":"shardId-0:%d","eventName":"aws:kinesis:record","awsRegion":"us-east-2",
		"eventSourceARN":"arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream"}`,
		own, number)
}

// The events of Kinesis have the records of DynamoDB in base64. The numbers are those of Kinesis,
// and the records of other tables are left out.
func TestChangesOfKinesis(t *testing.T) {
	t.Parallel()
	inner := func(number int, table, at string) string {
		return `{"awsRegion":"us-east-1","eventID":"event-` + fmt.Sprint(number) +
			`","eventName":"INSERT","userIdentity":null,"recordFormat":"application/json",
			"tableName":"` + table + `","dynamodb":{"ApproximateCreationDateTime":` + at +
			`,"Keys":{"Id":{"N":"7"}},"NewImage":{"Id":{"N":"7"},"Message":{"S":"hi"}},
			"SizeBytes":26},"eventSource":"aws:dynamodb"}`
	}
	record := func(number int, table, at string) string {
		return kinesisRecord(number, false, inner(number, table, at))
	}
	const name = "ExampleTableWithStream"
	event := `{"Records":[` + strings.Join([]string{record(1, name, "1640276115123"),
		record(2, "other", "1640276115123"), record(3, name, "1640276115123456")}, ",") + `]}`
	changes := collect(t, messages(t).Changes([]byte(event)))
	require.Len(t, changes, 2)
	require.Equal(t, "1", changes[0].SequenceNumber)
	require.Equal(t, "event-1", changes[0].EventID)
	require.Equal(t, "hi", changes[0].New.Message)
	require.Equal(t, "2021-12-23T16:15:15.123Z", changes[0].At.Format(time.RFC3339Nano))
	require.Equal(t, "3", changes[1].SequenceNumber)
	require.Equal(t, "2021-12-23T16:15:15.123456Z", changes[1].At.Format(time.RFC3339Nano))

	for _, data := range []string{"%", base64.StdEncoding.EncodeToString([]byte("{"))} {
		for _, broken := range []string{
			`{"Records":[{"kinesis":{"sequenceNumber":"9","data":"` + data + `"}}]}`,
			`[{"sequenceNumber":"9","data":"` + data + `","eventSource":"aws:kinesis"}]`,
		} {
			yielded := 0
			for change, err := range messages(t).Changes([]byte(broken)) {
				yielded++
				require.ErrorContains(t, err, "the record with the sequence number 9: ")
				require.Equal(t, "9", change.SequenceNumber)
			}
			require.Equal(t, 1, yielded, broken)
		}
	}

	flat := kinesisRecord(4, true, inner(4, name, "1640276115123"))
	for _, event := range []string{flat, "[" + flat + "]"} {
		changes := collect(t, messages(t).Changes([]byte(event)))
		require.Len(t, changes, 1)
		require.Equal(t, "4", changes[0].SequenceNumber)
		require.Equal(t, "event-4", changes[0].EventID)
		require.Equal(t, "hi", changes[0].New.Message)
	}
	requireJSON(t, messages(t).HandleChanges(t.Context(), []byte("["+flat+"]"),
		func(context.Context, dynamapper.Change[message]) error { return errors.New("later") }), "4")
}

// A record that the model does not have is left out even if something is wrong with it.
func TestBadRecordsOfOtherItemsAreLeftOut(t *testing.T) {
	t.Parallel()
	of := func(table string) string {
		return `{"eventName":"RENAMED","tableName":"` + table +
			`","dynamodb":{"Keys":{"Id":{"N":"7"}}}}`
	}
	for _, isFlat := range []bool{false, true} {
		event := "[" + kinesisRecord(1, isFlat, of("others")) + "," +
			kinesisRecord(2, isFlat, of("ExampleTableWithStream")) + "]"
		var numbers []string
		for change, err := range messages(t).Changes([]byte(event)) {
			require.ErrorContains(t, err, `the event name "RENAMED"`)
			require.Equal(t, dynamapper.Key(7), change.Key)
			numbers = append(numbers, change.SequenceNumber)
		}
		require.Equal(t, []string{"2"}, numbers)
	}
	counter := `{"eventName":"RENAMED","dynamodb":{"Keys":{"id":{"N":"-1"}}}}`
	require.Empty(t, collect(t, tableIn[ticket](t, dynamotest.Mapper(t)).Changes([]byte(counter))))
}

// The event of another table's stream is a mistake, and no record of it is taken for one of the
// table.
func TestChangesOfAnotherTable(t *testing.T) {
	t.Parallel()
	var yielded int
	for change, err := range messages(t, dynamapper.WithTableName("others")).
		Changes([]byte(lambdaEvent)) {
		yielded++
		require.ErrorContains(t, err, `the record is of the table "ExampleTableWithStream"; `+
			"give it to the Table of that table, whose name WithTableName can set")
		require.Nil(t, change.New)
	}
	require.Equal(t, 3, yielded)

	const stream = `{"eventName":"INSERT","eventSourceARN":
		"arn:aws:dynamodb:us-west-2:111122223333:table/players/stream/2015-06-27T00:48:05.899",
		"dynamodb":{"Keys":{"Id":{"N":"1"}}}}`
	of := func(account string) *dynamapper.Table[message] {
		return messages(t, dynamapper.WithTableName(
			"arn:aws:dynamodb:us-east-1:"+account+":table/players"))
	}
	for _, err := range of("444455556666").Changes([]byte(stream)) {
		require.ErrorContains(t, err, `the record is of the table `+
			`"arn:aws:dynamodb:us-west-2:111122223333:table/players"; give it to the Table of that`)
	}
	require.Len(t, collect(t, of("111122223333").Changes([]byte(stream))), 1)
	require.Len(t, collect(t, messages(t, dynamapper.WithTableName("players")).
		Changes([]byte(stream))), 1)
}

// everything has attributes of all types, most of which the model does not know.
const everything = `{"Id":{"N":"1"},"b":{"B":"AAEC/w=="},"bs":{"BS":["AA==","/w=="]},
	"ss":{"SS":["a","b"]},"ns":{"NS":["1","2.50"]},"t":{"BOOL":true},"n":{"NULL":true},
	"m":{"M":{"l":{"L":[{"S":"x"},{"N":"1E+2"}]}}}}`

// Values of all types come from both forms as they are.
func TestChangesKeepAllTypes(t *testing.T) {
	t.Parallel()
	table := messages(t)
	event := `{"Records":[{"eventID":"1","eventName":"INSERT","dynamodb":{"Keys":{"Id":{"N":"1"}},
		"SequenceNumber":"1","NewImage":` + everything + `}}]}`
	fromEvent := collect(t, table.Changes([]byte(event)))[0]
	item := map[string]streamtypes.AttributeValue{
		"Id": &streamtypes.AttributeValueMemberN{Value: "1"},
		"b":  &streamtypes.AttributeValueMemberB{Value: []byte{0, 1, 2, 255}},
		"bs": &streamtypes.AttributeValueMemberBS{Value: [][]byte{{0}, {255}}},
		"ss": &streamtypes.AttributeValueMemberSS{Value: []string{"a", "b"}},
		"ns": &streamtypes.AttributeValueMemberNS{Value: []string{"1", "2.50"}},
		"t":  &streamtypes.AttributeValueMemberBOOL{Value: true},
		"n":  &streamtypes.AttributeValueMemberNULL{Value: true},
		"m": &streamtypes.AttributeValueMemberM{Value: map[string]streamtypes.AttributeValue{
			"l": &streamtypes.AttributeValueMemberL{Value: []streamtypes.AttributeValue{
				&streamtypes.AttributeValueMemberS{Value: "x"},
				&streamtypes.AttributeValueMemberN{Value: "1E+2"}}}}},
	}
	fromSDK := collect(t, table.ChangesOf(streamtypes.Record{EventName: "INSERT",
		Dynamodb: &streamtypes.StreamRecord{NewImage: item, SequenceNumber: aws.String("1")}}))[0]
	require.Len(t, table.Snapshot(fromSDK.New), 8)
	require.Equal(t, table.Snapshot(fromSDK.New), table.Snapshot(fromEvent.New))
	require.Equal(t, dynamapper.Key(1), fromSDK.Key, "from the image, because there are no keys")
}

// Changed compares by value.
func TestChangedComparesValues(t *testing.T) {
	t.Parallel()
	event := `{"eventName":"MODIFY","dynamodb":{"Keys":{"Id":{"N":"1"}},
		"OldImage":{"Id":{"N":"1"},"n":{"N":"1.0"},"s":{"SS":["a","b"]},"gone":{"S":"x"},
			"d":{"M":{"a":{"N":"1"},"b":{"N":"2"}}},"type":{"N":"1"}},
		"NewImage":{"s":{"SS":["b","a"]},"n":{"N":"1"},"Id":{"N":"1"},"added":{"NULL":true},
			"d":{"M":{"b":{"N":"2"},"a":{"N":"1"}}},"type":{"S":"1"}}}}`
	attributes, ok := collect(t, messages(t).Changes([]byte(event)))[0].Changed()
	require.True(t, ok)
	require.Equal(t, []string{"added", "gone", "type"}, attributes)
	_, ok = dynamapper.StreamRecord{}.Changed()
	require.False(t, ok)
}

// hero was stored under another name.
type hero struct {
	dynamapper.Model `dynamo:"heroes"`

	Name  string `dynamo:"name,hash"`
	Level int    `dynamo:"level"`
}

func (*hero) MigrateItem(item map[string]types.AttributeValue) error {
	if old, is := item["lvl"]; is {
		item["level"] = old
		delete(item, "lvl")
	}
	return nil
}

// Old items are migrated as on a load.
func TestChangesMigrate(t *testing.T) {
	t.Parallel()
	heroes := tableIn[hero](t, dynamotest.Mapper(t))
	event := `{"eventName":"MODIFY","dynamodb":{"Keys":{"name":{"S":"a"}},
		"OldImage":{"name":{"S":"a"},"lvl":{"N":"1"}},
		"NewImage":{"name":{"S":"a"},"level":{"N":"2"}}}}`
	change := collect(t, heroes.Changes([]byte(event)))[0]
	require.Equal(t, 1, change.Old.Level)
	require.Equal(t, 2, change.New.Level)
}

// ticket counts its ids.
type ticket struct {
	dynamapper.Model `dynamo:"tickets"`

	ID   int    `dynamo:"id,hash,autoincrement"`
	Text string `dynamo:"text"`
}

// The item that counts ids is no change of the model.
func TestChangesLeaveOutTheCounter(t *testing.T) {
	t.Parallel()
	for _, view := range []types.StreamViewType{bothImages, types.StreamViewTypeKeysOnly} {
		t.Run(string(view), func(t *testing.T) {
			t.Parallel()
			tickets := streamedTable[ticket](t, view)
			require.NoError(t, tickets.Save(t.Context(), &ticket{Text: "help"}))
			all := records(t, tickets.Name())
			require.Greater(t, len(all), 1)
			changes := both(t, tickets, all)
			require.Len(t, changes, 1)
			require.Equal(t, dynamapper.Key(1), changes[0].Key)
		})
	}
}

// A loop may stop, and start again.
func TestChangesCanStop(t *testing.T) {
	t.Parallel()
	changes := messages(t).Changes([]byte(lambdaEvent))
	for range 2 {
		var numbers []string
		for change, err := range changes {
			require.NoError(t, err)
			if numbers = append(numbers, change.SequenceNumber); len(numbers) == 2 {
				break
			}
		}
		require.Equal(t, []string{"111", "222"}, numbers)
	}
}

// A record of the SDK that is no record is an error.
func TestChangesOfBadRecords(t *testing.T) {
	t.Parallel()
	deep := streamtypes.AttributeValue(&streamtypes.AttributeValueMemberNULL{Value: true})
	for range 1000 {
		deep = &streamtypes.AttributeValueMemberL{Value: []streamtypes.AttributeValue{deep}}
	}
	id := &streamtypes.AttributeValueMemberN{Value: "1"}
	for want, given := range map[string]streamtypes.Record{
		"the record has no member Dynamodb":               {},
		"the record has neither keys nor images":          {EventName: "INSERT", Dynamodb: &streamtypes.StreamRecord{}},
		`the record has the event name "", which is none`: {Dynamodb: &streamtypes.StreamRecord{NewImage: map[string]streamtypes.AttributeValue{"Id": id}}},
		"record 1": {EventName: "INSERT", Dynamodb: &streamtypes.StreamRecord{
			NewImage: map[string]streamtypes.AttributeValue{"Id": id, "x": nil}}},
		"the record 1": {EventName: "INSERT", Dynamodb: &streamtypes.StreamRecord{
			NewImage: map[string]streamtypes.AttributeValue{"Id": id,
				"x": (*streamtypes.AttributeValueMemberS)(nil)}}},
		"dynamapper: ChangesOf": {EventName: "INSERT", Dynamodb: &streamtypes.StreamRecord{
			NewImage: map[string]streamtypes.AttributeValue{"Id": id, "x": deep}}},
	} {
		for _, err := range messages(t).ChangesOf(given) {
			require.ErrorContains(t, err, want)
			bad := &dynamapper.ChangeError{}
			require.ErrorAs(t, err, &bad)
			require.Nil(t, bad.Record)
		}
	}
}
