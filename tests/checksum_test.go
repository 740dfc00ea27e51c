package tests

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

type vault struct {
	dynamapper.Model `dynamo:"vaults"`
	ID               string `dynamo:"id,hash"`
	Gold             int    `dynamo:"gold"`
}

// delivered sends a request, and delivers its answer with other bytes and another checksum, each made of
// the text of the answer.
func delivered(encoding string, bytesOf, summedOf func(text []byte) []byte) dynamotest.Fault {
	return func(_ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		response, err := send()
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			return nil, err
		}
		response.Header.Del("X-Amz-Crc32")
		if summedOf != nil {
			sum := crc32.ChecksumIEEE(summedOf(text))
			response.Header.Set("X-Amz-Crc32", strconv.FormatUint(uint64(sum), 10))
		}
		response.Header.Set("Content-Encoding", encoding)
		response.Header.Del("Content-Length")
		response.ContentLength = -1
		response.Body = io.NopCloser(bytes.NewReader(bytesOf(text)))
		return response, nil
	}
}

func same(text []byte) []byte { return text }

// packed compresses a text.
func packed(text []byte) []byte {
	var to bytes.Buffer
	w := gzip.NewWriter(&to)
	_, _ = w.Write(text)
	_ = w.Close()
	return to.Bytes()
}

// forged makes 900 of 100 gold. A text without gold gets a space.
func forged(text []byte) []byte {
	if bytes.Contains(text, []byte("100")) {
		return bytes.ReplaceAll(text, []byte("100"), []byte("900"))
	}
	return append(bytes.Clone(text), ' ')
}

// bent changes one bit in the middle of the compressed text.
func bent(text []byte) []byte {
	packed := packed(text)
	packed[len(packed)/2] ^= 1
	return packed
}

// half is the first half of the compressed text.
func half(text []byte) []byte {
	packed := packed(text)
	return packed[:len(packed)/2]
}

func empty([]byte) []byte { return nil }

// summedCall is a call whose answer has a checksum.
type summedCall struct {
	request string
	once    bool // the request is not sent again after a lost answer
	do      func(ctx context.Context, vaults *dynamapper.Table[vault]) error
}

// hasGold is an error unless an item has 100 gold.
func hasGold(items ...*vault) error {
	if len(items) != 1 || items[0] == nil || items[0].Gold != 100 {
		return errors.New("the gold is not what it was")
	}
	return nil
}

func summedCalls() map[string]summedCall {
	read := func(request string, read func(context.Context, *dynamapper.Table[vault]) ([]*vault, error)) summedCall {
		return summedCall{request: request, do: func(ctx context.Context, vaults *dynamapper.Table[vault]) error {
			items, err := read(ctx, vaults)
			if err != nil {
				return err
			}
			return hasGold(items...)
		}}
	}
	write := func(request string, once bool, do func(context.Context, *dynamapper.Table[vault]) error) summedCall {
		return summedCall{request, once, do}
	}
	return map[string]summedCall{
		"Get": read("GetItem", func(ctx context.Context, vaults *dynamapper.Table[vault]) ([]*vault, error) {
			item, err := vaults.Get(ctx, dynamapper.Key("bank"), dynamapper.Consistent())
			return []*vault{item}, err
		}),
		"BatchGet": read("BatchGetItem", func(ctx context.Context, vaults *dynamapper.Table[vault]) ([]*vault, error) {
			return vaults.BatchGet(ctx, dynamapper.Keys("bank"), dynamapper.Consistent())
		}),
		"Query": read("Query", func(ctx context.Context, vaults *dynamapper.Table[vault]) ([]*vault, error) {
			return vaults.Query("bank").Consistent().Collect(ctx)
		}),
		"Scan": read("Scan", func(ctx context.Context, vaults *dynamapper.Table[vault]) ([]*vault, error) {
			return vaults.Scan().Consistent().Collect(ctx)
		}),
		"Update": read("UpdateItem", func(ctx context.Context, vaults *dynamapper.Table[vault]) ([]*vault, error) {
			item, err := vaults.Update(dynamapper.Key("bank")).Set("gold", 100).Run(ctx)
			return []*vault{item}, err
		}),
		"Add": write("UpdateItem", true, func(ctx context.Context, vaults *dynamapper.Table[vault]) error {
			_, err := vaults.Update(dynamapper.Key("bank")).Add("gold", 1).Run(ctx)
			return err
		}),
		"Save": write("PutItem", false, func(ctx context.Context, vaults *dynamapper.Table[vault]) error {
			return vaults.Save(ctx, &vault{ID: "bank", Gold: 100})
		}),
		"Delete": write("DeleteItem", false, func(ctx context.Context, vaults *dynamapper.Table[vault]) error {
			return vaults.DeleteKey(ctx, dynamapper.Key("bank"))
		}),
		"BatchSave": write("BatchWriteItem", false, func(ctx context.Context, vaults *dynamapper.Table[vault]) error {
			return vaults.BatchSave(ctx, []*vault{{ID: "bank", Gold: 100}, {ID: "chest", Gold: 100}})
		}),
		"Idempotent": write("TransactWriteItems", false, func(ctx context.Context, vaults *dynamapper.Table[vault]) error {
			return vaults.Save(ctx, &vault{ID: "bank", Gold: 100}, dynamapper.Idempotent())
		}),
		"Verify":      write("DescribeTable", false, func(ctx context.Context, vaults *dynamapper.Table[vault]) error { return vaults.Verify(ctx) }),
		"Verify, TTL": write("DescribeTimeToLive", false, func(ctx context.Context, vaults *dynamapper.Table[vault]) error { return vaults.Verify(ctx) }),
	}
}

// compressedTable is a table at the end of a faulty line, whose client takes compressed answers or not.
func compressedTable(t *testing.T, compressed bool) (*dynamapper.Table[vault], *dynamotest.Faults) {
	t.Helper()
	good := tableOf[vault](t)
	line := dynamotest.NewFaults()
	client := dynamodb.NewFromConfig(lineConfig(t, line), func(o *dynamodb.Options) { o.EnableAcceptEncodingGzip = compressed })
	mapper, err := dynamapper.New(client, dynamapper.WithMaxRetries(4))
	require.NoError(t, err)
	vaults, err := dynamapper.TableOf[vault](mapper, dynamapper.WithTableName(good.Name()))
	require.NoError(t, err)
	putRaw(t, good.Name(), attributes{"id": textValue("bank"), "gold": numberValue("100")})
	return vaults, line
}

// No damaged answer is believed, whether the client takes compressed answers or not: it is read again, or
// is a lost one.
func TestADamagedAnswerIsNotBelieved(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]struct {
		compressed bool
		fault      dynamotest.Fault
	}{
		"plain":                                 {false, delivered("", forged, same)},
		"plain, where it may be compressed":     {true, delivered("", forged, same)},
		"empty, where it may be compressed":     {true, delivered("gzip", empty, nil)},
		"compressed anew":                       {true, delivered("gzip", func(text []byte) []byte { return packed(forged(text)) }, packed)},
		"one bit of the compressed":             {true, delivered("gzip", bent, packed)},
		"one bit of the compressed, no sum":     {true, delivered("gzip", bent, nil)},
		"half of the compressed, without a sum": {true, delivered("gzip", half, nil)},
		"compressed nothing":                    {true, delivered("gzip", func([]byte) []byte { return packed(nil) }, nil)},
		"not compressed at all":                 {true, delivered("gzip", same, same)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for name, call := range summedCalls() {
				vaults, line := compressedTable(t, damage.compressed)
				line.Each(call.request, first(1, damage.fault))
				err := call.do(t.Context(), vaults)
				if call.once {
					require.ErrorIs(t, err, dynamapper.ErrUnknownOutcome, name)
				} else {
					require.NoError(t, err, name)
				}
				line.Clear()
				line.Each(call.request, always(damage.fault))
				err = call.do(t.Context(), vaults)
				require.Error(t, err, name)
				require.NotErrorIs(t, err, dynamapper.ErrNotFound, name)
			}
		})
	}
}

// A compressed answer is read, a refusal and a failure of the service, too.
func TestACompressedAnswerIsAsGood(t *testing.T) {
	t.Parallel()
	fault := delivered("gzip", packed, packed)
	for name, call := range summedCalls() {
		vaults, line := compressedTable(t, true)
		line.Each("", func(int) dynamotest.Fault {
			return func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
				if request.Header.Get("Accept-Encoding") != "gzip" {
					return nil, errors.New("the client does not ask for a compressed answer")
				}
				return fault(request, send)
			}
		})
		require.NoError(t, call.do(t.Context(), vaults), name)
		for _, refusal := range []struct {
			status int
			code   string
		}{{400, "ResourceNotFoundException"}, {500, "InternalServerError"}} {
			line.Clear()
			line.Each(call.request, always(func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
				return fault(request, func() (*http.Response, error) { return dynamotest.Refuse(refusal.status, refusal.code)(request, send) })
			}))
			require.ErrorContains(t, call.do(t.Context(), vaults), refusal.code, name)
		}
	}
}

// A damaged refusal is not believed either: it says why, and what is there.
func TestADamagedRefusalIsNotBelieved(t *testing.T) {
	t.Parallel()
	vaults, line := compressedTable(t, true)
	line.Each("PutItem", first(1, delivered("gzip", func(text []byte) []byte { return packed(forged(text)) }, packed)))
	err := vaults.Save(t.Context(), &vault{ID: "bank", Gold: 1}, dynamapper.FailOnConflict())
	var overwrite *dynamapper.OverwriteError
	require.ErrorAs(t, err, &overwrite)
	require.Equal(t, numberValue("100"), overwrite.Current["gold"])
}
