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
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

type vault struct {
	dynamapper.Model `dynamo:"vaults"`
	ID               string `dynamo:"id,hash"`
	Gold             int    `dynamo:"gold"`
}

// delivered sends a request and replaces the body and the checksum of its response. Both are made
// from the text of the response.
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

func packed(text []byte) []byte {
	var to bytes.Buffer
	w := gzip.NewWriter(&to)
	_, _ = w.Write(text)
	_ = w.Close()
	return to.Bytes()
}

// forged turns 100 gold into 900. A text without gold gets a space.
func forged(text []byte) []byte {
	if bytes.Contains(text, []byte("100")) {
		return bytes.ReplaceAll(text, []byte("100"), []byte("900"))
	}
	return append(bytes.Clone(text), ' ')
}

// bent flips one bit in the middle of the compressed text.
func bent(text []byte) []byte {
	packed := packed(text)
	packed[len(packed)/2] ^= 1
	return packed
}

func half(text []byte) []byte {
	packed := packed(text)
	return packed[:len(packed)/2]
}

func empty([]byte) []byte { return nil }

// summedCall is a call whose response has a checksum.
type summedCall struct {
	request string
	once    bool // the request is not sent again after a lost response
	do      func(ctx context.Context, vaults *dynamapper.Table[vault]) error
}

// hasGold returns an error unless every item has 100 gold.
func hasGold(items ...*vault) error {
	if len(items) != 1 || items[0] == nil || items[0].Gold != 100 {
		return errors.New("the gold is not what it was")
	}
	return nil
}

func summedCalls() map[string]summedCall {
	read := func(
		request string, read func(context.Context, *dynamapper.Table[vault]) ([]*vault, error),
	) summedCall {
		return summedCall{request: request,
			do: func(ctx context.Context, vaults *dynamapper.Table[vault]) error {
				items, err := read(ctx, vaults)
				if err != nil {
					return err
				}
				return hasGold(items...)
			}}
	}
	write := func(
		request string, once bool, do func(context.Context, *dynamapper.Table[vault]) error,
	) summedCall {
		return summedCall{request, once, do}
	}
	return map[string]summedCall{
		"Get": read("GetItem",
			func(ctx context.Context, vaults *dynamapper.Table[vault]) ([]*vault, error) {
				item, err := vaults.Get(ctx, dynamapper.Key("bank"), dynamapper.Consistent())
				return []*vault{item}, err
			}),
		"BatchGet": read("BatchGetItem",
			func(ctx context.Context, vaults *dynamapper.Table[vault]) ([]*vault, error) {
				return vaults.BatchGet(ctx, dynamapper.Keys("bank"), dynamapper.Consistent())
			}),
		"Query": read("Query",
			func(ctx context.Context, vaults *dynamapper.Table[vault]) ([]*vault, error) {
				return vaults.Query("bank").Consistent().Collect(ctx)
			}),
		"Scan": read("Scan",
			func(ctx context.Context, vaults *dynamapper.Table[vault]) ([]*vault, error) {
				return vaults.Scan().Consistent().Collect(ctx)
			}),
		"Update": read("UpdateItem",
			func(ctx context.Context, vaults *dynamapper.Table[vault]) ([]*vault, error) {
				item, err := vaults.Update(dynamapper.Key("bank")).Set("gold", 100).Run(ctx)
				return []*vault{item}, err
			}),
		"Add": write("UpdateItem", true,
			func(ctx context.Context, vaults *dynamapper.Table[vault]) error {
				_, err := vaults.Update(dynamapper.Key("bank")).Add("gold", 1).Run(ctx)
				return err
			}),
		"Save": write("PutItem", false,
			func(ctx context.Context, vaults *dynamapper.Table[vault]) error {
				return vaults.Save(ctx, &vault{ID: "bank", Gold: 100})
			}),
		"Delete": write("DeleteItem", false,
			func(ctx context.Context, vaults *dynamapper.Table[vault]) error {
				return vaults.DeleteKey(ctx, dynamapper.Key("bank"))
			}),
		"BatchSave": write("BatchWriteItem", false,
			func(ctx context.Context, vaults *dynamapper.Table[vault]) error {
				return vaults.BatchSave(ctx,
					[]*vault{{ID: "bank", Gold: 100}, {ID: "chest", Gold: 100}})
			}),
		"Idempotent": write("TransactWriteItems", false,
			func(ctx context.Context, vaults *dynamapper.Table[vault]) error {
				return vaults.Save(ctx, &vault{ID: "bank", Gold: 100}, dynamapper.Idempotent())
			}),
		"Verify": write("DescribeTable", false,
			func(ctx context.Context, vaults *dynamapper.Table[vault]) error {
				return vaults.Verify(
					ctx)
			}),
		"Verify, TTL": write("DescribeTimeToLive", false,
			func(ctx context.Context, vaults *dynamapper.Table[vault]) error {
				return vaults.Verify(
					ctx)
			}),
	}
}

// compressedTable returns a table behind a faulty connection, whose client accepts compressed
// responses or not.
func compressedTable(t *testing.T, compressed bool) (*dynamapper.Table[vault], *dynamotest.Faults) {
	t.Helper()
	good := fixtures.TableOf[vault](t)
	line := dynamotest.NewFaults()
	client := dynamodb.NewFromConfig(fixtures.LineConfig(t, line),
		func(o *dynamodb.Options) { o.EnableAcceptEncodingGzip = compressed })
	mapper, err := dynamapper.New(client, dynamapper.WithMaxRetries(4))
	require.NoError(t, err)
	vaults, err := dynamapper.TableOf[vault](mapper, dynamapper.WithTableName(good.Name()))
	require.NoError(t, err)
	fixtures.PutRaw(
		t,
		good.Name(),
		fixtures.Attributes{"id": fixtures.Text("bank"), "gold": fixtures.Number("100")},
	)
	return vaults, line
}

// A damaged response is never used, whether the client accepts compressed responses or not. A read
// is repeated, and a write counts as having lost its response.
func TestADamagedResponseIsNotBelieved(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]struct {
		compressed bool
		fault      dynamotest.Fault
	}{
		"plain":                             {false, delivered("", forged, same)},
		"plain, where it may be compressed": {true, delivered("", forged, same)},
		"empty, where it may be compressed": {true, delivered("gzip", empty, nil)},
		"compressed anew": {true,
			delivered("gzip", func(text []byte) []byte { return packed(forged(text)) }, packed)},
		"one bit of the compressed":             {true, delivered("gzip", bent, packed)},
		"one bit of the compressed, no sum":     {true, delivered("gzip", bent, nil)},
		"half of the compressed, without a sum": {true, delivered("gzip", half, nil)},
		"compressed nothing": {true,
			delivered("gzip", func([]byte) []byte { return packed(nil) }, nil)},
		"not compressed at all": {true, delivered("gzip", same, same)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for name, call := range summedCalls() {
				vaults, line := compressedTable(t, damage.compressed)
				line.Each(call.request, fixtures.First(1, damage.fault))
				err := call.do(t.Context(), vaults)
				if call.once {
					require.ErrorIs(t, err, dynamapper.ErrUnknownOutcome, name)
				} else {
					require.NoError(t, err, name)
				}
				line.Clear()
				line.Each(call.request, fixtures.Always(damage.fault))
				err = call.do(t.Context(), vaults)
				require.Error(t, err, name)
				require.NotErrorIs(t, err, dynamapper.ErrNotFound, name)
			}
		})
	}
}

// A compressed response is decoded, including errors of the service.
func TestACompressedResponseIsAsGood(t *testing.T) {
	t.Parallel()
	fault := delivered("gzip", packed, packed)
	for name, call := range summedCalls() {
		vaults, line := compressedTable(t, true)
		line.Each("", func(int) dynamotest.Fault {
			return func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
				if request.Header.Get("Accept-Encoding") != "gzip" {
					return nil, errors.New("the client does not ask for a compressed response")
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
			line.Each(call.request,
				fixtures.Always(
					func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
						return fault(request,
							func() (*http.Response, error) {
								return dynamotest.Refuse(
									refusal.status, refusal.code)(request, send)
							})
					},
				))
			require.ErrorContains(t, call.do(t.Context(), vaults), refusal.code, name)
		}
	}
}

// A damaged refusal is not used either, because it contains the reason and the current item.
func TestADamagedRefusalIsNotBelieved(t *testing.T) {
	t.Parallel()
	vaults, line := compressedTable(t, true)
	line.Each("PutItem",
		fixtures.First(1,
			delivered("gzip", func(text []byte) []byte { return packed(forged(text)) }, packed)))
	err := vaults.Save(t.Context(), &vault{ID: "bank", Gold: 1}, dynamapper.FailOnConflict())
	var overwrite *dynamapper.OverwriteError
	require.ErrorAs(t, err, &overwrite)
	require.Equal(t, fixtures.Number("100"), overwrite.Current["gold"])
}
