package tests

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

type wireHero struct {
	dynamapper.Model `dynamo:"heroes"`
	Name             string `dynamo:"name,hash"`
	Level            int    `dynamo:"level"`
}

// wireResponse is a response as it is sent over the network.
type wireResponse struct {
	status int
	body   string
	sum    string // empty for the correct one, "-" for none
	cut    bool   // the connection ends before the body does
	gzip   bool
}

// wireClient returns the responses in order and then repeats the last one.
type wireClient struct {
	responses []wireResponse
	asked     int
	bodies    []*trackedBody
}

// trackedBody records whether it was read to its end and closed. Otherwise its connection cannot be
// reused.
type trackedBody struct {
	io.Reader
	ended, closed bool
}

func (b *trackedBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.ended = b.ended || err != nil
	return n, err
}

func (b *trackedBody) Close() error {
	b.closed = true
	return nil
}

func (c *wireClient) Do(*http.Request) (*http.Response, error) {
	response := c.responses[min(c.asked, len(c.responses)-1)]
	c.asked++
	body := []byte(response.body)
	header := http.Header{"Content-Type": {"application/x-amz-json-1.0"}}
	if response.gzip {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, _ = w.Write(body)
		_ = w.Close()
		body = packed.Bytes()
		header.Set("Content-Encoding", "gzip")
	}
	switch response.sum {
	case "":
		header.Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	case "-":
	default:
		header.Set("X-Amz-Crc32", response.sum)
	}
	reader := io.Reader(bytes.NewReader(body))
	if response.cut {
		reader = io.MultiReader(bytes.NewReader(body[:len(body)/2]), errorReader{})
	}
	tracked := &trackedBody{Reader: reader}
	c.bodies = append(c.bodies, tracked)
	status := response.status
	if status == 0 {
		status = http.StatusOK
	}
	return &http.Response{StatusCode: status, Header: header, Body: tracked,
		ContentLength: int64(len(body))}, nil
}

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// heroesFrom makes a table whose client receives the given responses. The SDK's retries do not
// wait.
func heroesFrom(
	t *testing.T, client *wireClient, opts ...dynamapper.Option,
) *dynamapper.Table[wireHero] {
	t.Helper()
	mapper, err := dynamapper.New(sdkOver(client), opts...)
	require.NoError(t, err)
	heroes, err := dynamapper.TableOf[wireHero](mapper)
	require.NoError(t, err)
	return heroes
}

// sdkOver returns a client of the SDK over an HTTP client.
func sdkOver(client *wireClient, opts ...func(*dynamodb.Options)) *dynamodb.Client {
	return dynamodb.NewFromConfig(aws.Config{
		Region:      "eu-west-1",
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient:  client,
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.Backoff = retry.BackoffDelayerFunc(
					func(int, error) (time.Duration, error) { return 0, nil })
			})
		},
	}, opts...)
}

const goodHero = `{"Item":{"name":{"S":"Duke"},"level":{"N":"7"}}}`

// A response that was damaged on its way is never decoded into a value: the read is sent again, or
// returns an error.
func TestADamagedResponseIsReadAgain(t *testing.T) {
	t.Parallel()
	for name, damaged := range map[string]wireResponse{
		"wrong checksum":      {body: goodHero, sum: "12345"},
		"unreadable checksum": {body: goodHero, sum: "many"},
		"cut connection":      {body: goodHero, cut: true},
		"cut body":            {body: goodHero[:30], sum: "-"},
		"empty body":          {body: ""},
		"server error": {status: 500,
			body: `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"?"}`},
	} {
		t.Run(name, func(t *testing.T) {
			client := &wireClient{responses: []wireResponse{damaged, {body: goodHero}}}
			got, err := heroesFrom(t, client).Get(t.Context(), dynamapper.Key("Duke"))
			require.NoError(t, err)
			require.Equal(t, 7, got.Level)
			require.Equal(t, 2, client.asked)

			client = &wireClient{responses: []wireResponse{damaged}}
			_, err = heroesFrom(t, client).Get(t.Context(), dynamapper.Key("Duke"))
			require.Error(t, err)
			require.NotErrorIs(t, err, dynamapper.ErrNotFound)
			require.Greater(t, client.asked, 1)
		})
	}
}

// A response without a checksum causes neither a warning nor an error.
func TestAResponseWithoutChecksumIsAccepted(t *testing.T) {
	t.Parallel()
	got, err := heroesFrom(t, &wireClient{responses: []wireResponse{{body: goodHero, sum: "-"}}}).
		Get(t.Context(), dynamapper.Key("Duke"))
	require.NoError(t, err)
	require.Equal(t, "Duke", got.Name)
}

// With gzip, the checksum is that of the compressed bytes.
func TestACompressedResponseIsRead(t *testing.T) {
	t.Parallel()
	client := &wireClient{responses: []wireResponse{{body: goodHero, gzip: true}}}
	mapper, err := dynamapper.New(
		sdkOver(client, func(o *dynamodb.Options) { o.EnableAcceptEncodingGzip = true }))
	require.NoError(t, err)
	heroes, err := dynamapper.TableOf[wireHero](mapper)
	require.NoError(t, err)
	got, err := heroes.Get(t.Context(), dynamapper.Key("Duke"))
	require.NoError(t, err)
	require.Equal(t, 7, got.Level)
}

// An attribute type that the SDK's own deserializer would accept silently returns an error that
// names the attribute.
func TestAnUnknownAttributeTypeIsNamed(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{"unknown type": `{"V":"1"}`, "no type": `{}`,
		"two types": `{"N":"1","S":"x"}`, "no value": `null`} {
		for _, attribute := range []string{"level", "unknown"} {
			t.Run(name+" in "+attribute, func(t *testing.T) {
				body := fmt.Sprintf(`{"Item":{"name":{"S":"Duke"},%q:%s}}`, attribute, value)
				_, err := heroesFrom(t, &wireClient{responses: []wireResponse{{body: body}}}).
					Get(t.Context(), dynamapper.Key("Duke"))
				var broken *dynamapper.FieldError
				require.ErrorAs(t, err, &broken)
				require.Equal(t, attribute, broken.Attribute)
				require.Equal(t, "Get", broken.Op)
			})
		}
	}
}

// A malformed body returns an error. It is not requested again if its checksum is correct.
func TestAMalformedResponseIsAnError(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"trailing bytes": goodHero + `x`, "two responses": goodHero + goodHero, "no object": `[]`,
		"no JSON": `{"Item":{"name":{"S":}}}`,
		"deep nesting": `{"Item":{"a":` + strings.Repeat(`{"L":[`, 10000) +
			strings.Repeat(`]}`, 10000) + `}}`,
	} {
		t.Run(name, func(t *testing.T) {
			client := &wireClient{responses: []wireResponse{{body: body}}}
			_, err := heroesFrom(t, client).Get(t.Context(), dynamapper.Key("Duke"))
			require.Error(t, err)
			require.Equal(t, 1, client.asked)
			require.NotContains(t, err.Error(), "Duke", "no value in a message")
		})
	}
}

// Each try starts afresh, the output contains everything beside the items, and bodies are read to
// their end and closed.
func TestEachTryStartsAfresh(t *testing.T) {
	t.Parallel()
	full := `{"Count":2,"Items":[{"name":{"S":"a"},"level":{"N":"1"}},{"name":{"S":"b"},"level":{"N":"2"}}],"ScannedCount":5,` +
		`"LastEvaluatedKey":{"name":{"S":"b"}},"ConsumedCapacity":{"TableName":"heroes","CapacityUnits":1.5}}`
	client := &wireClient{
		responses: []wireResponse{{body: full[:len(full)-1], sum: "-"}, {body: full},
			{body: `{"Count":0,"Items":[],"ScannedCount":0}`}}}
	var seen []dynamapper.Operation
	heroes := heroesFrom(t, client, dynamapper.WithObserver(observeInto(&seen)))

	items, err := heroes.Scan().Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, items, 2)
	require.Equal(t, 3, client.asked)
	for _, body := range client.bodies {
		require.True(t, body.ended && body.closed)
	}
	require.Len(t, seen, 2)
	require.Equal(t,
		dynamapper.Operation{Name: "Scan", Table: "heroes", Attempts: 2, Items: 2, ReadUnits: 1.5},
		withoutDuration(seen[0]))
}

// The decoder reads escapes, surrogate pairs, escaped slashes, escaped names, NULL and white space.
func TestEscapesAndNulls(t *testing.T) {
	t.Parallel()
	body := "{ \"Item\" : { \"n\\u0061me\" : { \"S\" : \"D\\u00fcke \\ud83d\\ude00 \\/ " +
		"\\\"x\\\"\" } , \"level\":{\"NULL\":true} } }"
	got, err := heroesFrom(t, &wireClient{responses: []wireResponse{{body: body}}}).Get(t.Context(),
		dynamapper.Key("x"))
	require.NoError(t, err)
	require.Equal(t, "Düke 😀 / \"x\"", got.Name)
	require.Zero(t, got.Level)

	for _, wrong := range []string{`"\ud83d"`, "\"\xff\"", "\"\x01\""} {
		_, err = heroesFrom(t,
			&wireClient{responses: []wireResponse{{body: `{"Item":{"name":{"S":` + wrong + `}}}`}}}).
			Get(t.Context(), dynamapper.Key("x"))
		require.Error(t, err)
	}
}

// If an item cannot be decoded, the other items of its page are still read.
func TestOneBadItemDoesNotEndAPage(t *testing.T) {
	t.Parallel()
	page := func(bad string) string {
		var items []string
		for i := range 200 {
			items = append(items,
				fmt.Sprintf(`{"name":{"S":"hero-%d"},"level":{"N":"%d"},"motto":{"S":%q}}`, i, i,
					strings.Repeat("x", i)))
		}
		items[77] = bad
		return `{"Count":200,"Items":[` + strings.Join(items, ",") + `]}`
	}
	for name, bad := range map[string]string{
		"wrong wire type": `{"name":{"S":"bad"},"level":{"S":"seven"}}`,
		"overflow":        `{"name":{"S":"bad"},"level":{"N":"99999999999999999999"}}`,
		"unknown type":    `{"name":{"S":"bad"},"level":{"Q":"7"}}`,
		"a large one": `{"name":{"S":"bad"},"level":{"S":"` + strings.Repeat("y", 50000) +
			`"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			heroes := heroesFrom(t, &wireClient{responses: []wireResponse{{body: page(bad)}}})
			good, failed := 0, 0
			for item, err := range heroes.Scan().All(t.Context()) {
				if err == nil {
					require.Equal(t, fmt.Sprintf("hero-%d", item.Level), item.Name)
					good++
					continue
				}
				var broken *dynamapper.FieldError
				require.ErrorAs(t, err, &broken)
				require.Equal(t, "level", broken.Attribute)
				require.Equal(t, "wireHero.Level", broken.Field)
				if name != "unknown type" {
					require.Equal(t, "bad", broken.Key.Hash())
				}
				failed++
			}
			require.Equal(t, []int{199, 1}, []int{good, failed})
			_, err := heroes.Scan().Collect(t.Context())
			require.Error(t, err)
		})
	}
}

// Items of all sizes around the reader's windows are decoded correctly.
func TestPagesOfAnyItemSize(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, 50, 399, 4000, 8100, 8191, 8192, 8193, 9000, 40000} {
		t.Run(strconv.Itoa(size), func(t *testing.T) {
			var items []string
			for i := range 40 {
				items = append(items,
					fmt.Sprintf(`{"name":{"S":"%d%s"},"level":{"N":"%d"}}`, i,
						strings.Repeat("x", size+i), i))
			}
			for _, body := range []string{
				`{"Items":[` + strings.Join(items, ",") + `],"Count":40}`,
				`{"Count":40, "Items" : [ ` + strings.Join(items, " , ") + ` ] }`,
			} {
				got, err := heroesFrom(t,
					&wireClient{responses: []wireResponse{{body: body}}}).Scan().
					Collect(t.Context())
				require.NoError(t, err)
				require.Len(t, got, 40)
				for i, item := range got {
					require.Equal(t, i, item.Level)
					require.Equal(t, strconv.Itoa(i)+strings.Repeat("x", size+i), item.Name)
				}
			}
		})
	}
}

// A BatchGetItem response groups items by table and lists the unprocessed keys.
func TestBatchGetAsksAgainForWhatIsUnprocessed(t *testing.T) {
	t.Parallel()
	client := &wireClient{responses: []wireResponse{
		{body: `{"Responses":{"heroes":[{"name":{"S":"b"},"level":{"N":"2"}}]},"UnprocessedKeys":{"heroes":{"Keys":[{"name":{"S":"a"}}]}}}`},
		{body: `{"Responses":{"heroes":[{"name":{"S":"a"},"level":{"N":"1"}}]},"UnprocessedKeys":{}}`},
	}}
	got, err := heroesFrom(t, client).BatchGet(t.Context(), dynamapper.Keys("a", "b", "a",
		"missing"))
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Equal(t, []string{"a", "b"}, []string{got[0].Name, got[1].Name})
	require.Equal(t, 2, client.asked)
}

// A refusal by the service stays the SDK's error, with its details.
func TestAnErrorResponseIsTheSDKs(t *testing.T) {
	t.Parallel()
	client := &wireClient{
		responses: []wireResponse{
			{status: 400,
				body: `{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no"}`}}}
	_, err := heroesFrom(t, client).Get(t.Context(), dynamapper.Key("x"))
	var missing *types.ResourceNotFoundException
	require.True(t, errors.As(err, &missing))
}

// A nil item returns an error or a zero result and does not panic.
func TestNilItems(t *testing.T) {
	t.Parallel()
	heroes := heroesFrom(t, &wireClient{responses: []wireResponse{{body: `{}`}}})
	for name, call := range map[string]func() error{
		"Save":        func() error { return heroes.Save(t.Context(), nil) },
		"Delete":      func() error { return heroes.Delete(t.Context(), nil) },
		"MarshalItem": func() error { _, err := heroes.MarshalItem(nil); return err },
		"EncodeItem":  func() error { _, err := dynamapper.EncodeItem[wireHero](nil); return err },
		"DecodeItem":  func() error { return dynamapper.DecodeItem[wireHero](nil, nil) },
	} {
		require.ErrorContains(t, call(), "the item is nil", name)
	}
	require.True(t, heroes.IsNew(nil))
	require.Nil(t, heroes.Snapshot(nil))
	require.Nil(t, heroes.ToMap(nil))
	require.Equal(t, dynamapper.PrimaryKey{}, heroes.KeyOf(nil))
}

// A nil context returns an error in every operation on items and does not panic.
func TestNilContexts(t *testing.T) {
	t.Parallel()
	heroes := heroesFrom(t, &wireClient{responses: []wireResponse{{body: `{}`}}})
	var none context.Context
	_, get := heroes.Get(none, dynamapper.Key("x"))
	_, query := heroes.Query("x").Collect(none)
	_, scan := heroes.Scan().Collect(none)
	_, batch := heroes.BatchGet(none, dynamapper.Keys("x"))
	for name, err := range map[string]error{
		"Get": get, "Query": query, "Scan": scan, "BatchGet": batch,
		"Save":      heroes.Save(none, &wireHero{Name: "x"}),
		"Delete":    heroes.Delete(none, &wireHero{Name: "x"}),
		"DeleteKey": heroes.DeleteKey(none, dynamapper.Key("x")),
	} {
		require.ErrorContains(t, err, "the context is nil", name)
	}
}

func observeInto(seen *[]dynamapper.Operation) func(context.Context, dynamapper.Operation) {
	return func(_ context.Context, o dynamapper.Operation) { *seen = append(*seen, o) }
}

func withoutDuration(o dynamapper.Operation) dynamapper.Operation {
	o.Duration = 0
	return o
}

// Every observer is called once for each request, with the error that the caller gets.
func TestObserversAreToldOfEachRequest(t *testing.T) {
	t.Parallel()
	var one, other []dynamapper.Operation
	heroes := heroesFrom(t, &wireClient{responses: []wireResponse{
		{body: `{"Item":{"name":{"S":"Duke"},"level":{"N":"7"}},"ConsumedCapacity":{"TableName":"heroes","CapacityUnits":0.5}}`}, {body: `{}`},
	}}, dynamapper.WithObserver(observeInto(&one)), dynamapper.WithObserver(observeInto(&other)))

	_, err := heroes.Get(t.Context(), dynamapper.Key("Duke"))
	require.NoError(t, err)
	_, missing := heroes.Get(t.Context(), dynamapper.Key("Duke"))
	require.ErrorIs(t, missing, dynamapper.ErrNotFound)

	require.Positive(t, one[0].Duration)
	require.Equal(t,
		dynamapper.Operation{Name: "GetItem", Table: "heroes", Attempts: 1, Items: 1,
			ReadUnits: 0.5},
		withoutDuration(one[0]))
	require.Equal(t, dynamapper.Operation{Name: "GetItem", Table: "heroes", Attempts: 1,
		Err:         missing,
		OwnPipeline: true}, // the first request is the SDK's
		withoutDuration(one[1]))
	require.Equal(t, one, other)
}

// A logger gets one debug record for each request, without values of items.
func TestLoggerRecordsEachRequest(t *testing.T) {
	t.Parallel()
	logged := func(opts *slog.HandlerOptions) string {
		var log bytes.Buffer
		heroes := heroesFrom(t, &wireClient{responses: []wireResponse{{body: goodHero},
			{body: `{"Item":{"name":{"S":"Duke"},"level":{"S":"secret"}}}`}}},
			dynamapper.WithLogger(slog.New(slog.NewTextHandler(&log, opts))))
		_, err := heroes.Get(t.Context(), dynamapper.Key("Duke"))
		require.NoError(t, err)
		_, err = heroes.Get(t.Context(), dynamapper.Key("Duke"))
		require.Error(t, err)
		return log.String()
	}
	log := logged(&slog.HandlerOptions{Level: slog.LevelDebug})
	require.Equal(t, 2, strings.Count(log, "operation=GetItem table=heroes"))
	require.Contains(t, log, "error=")
	require.NotContains(t, log, "secret")
	require.NotContains(t, log, "Duke")
	require.Empty(t, logged(nil), "debug records only")
}
