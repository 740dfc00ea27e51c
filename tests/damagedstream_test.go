package tests

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// tlsFront is a TLS server before the engine. After the engine has applied a write, it can write
// unencrypted bytes in place of the response.
type tlsFront struct {
	t      *testing.T
	engine aws.Config
	damage atomic.Pointer[string]
	writes atomic.Int64
}

func (f *tlsFront) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".GetItem") {
		f.writes.Add(1)
	}
	response, err := f.pass(r)
	if err != nil {
		f.t.Error(err)
		return
	}
	defer response.Body.Close()
	if damage := f.damage.Load(); damage != nil &&
		!strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".GetItem") {
		f.damage.Store(nil)
		f.breakInto(w, *damage)
		return
	}
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(w, response.Body)
}

// pass forwards a request to the engine.
func (f *tlsFront) pass(r *http.Request) (*http.Response, error) {
	to, err := url.Parse(aws.ToString(f.engine.BaseEndpoint))
	if err != nil {
		return nil, err
	}
	again := r.Clone(r.Context())
	again.URL.Scheme, again.URL.Host, again.Host, again.RequestURI = to.Scheme, to.Host, "", ""
	client := f.engine.HTTPClient
	if client == nil {
		client = awshttp.NewBuildableClient()
	}
	return client.Do(again)
}

// breakInto writes to a connection below its TLS layer and closes it.
func (f *tlsFront) breakInto(w http.ResponseWriter, damage string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		f.t.Error(err)
		return
	}
	raw := conn.(*tls.Conn).NetConn()
	_, _ = io.WriteString(raw, damage)
	_ = raw.Close()
}

// damages are bytes in place of the next TLS record. To net/http, each looks as if the connection
// had never been made.
var damages = map[string]string{
	"a damaged record": "\x99\x99\x99\x99\x99\x99\x99\x99",
	"plain HTTP":       "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
}

// testDamagedStreams takes 150 of 200 from a wallet and damages the stream after the write.
func testDamagedStreams[T dynamapper.IsModel](
	t *testing.T, w wallets[T], add string, isProven bool,
) {
	good := fixtures.TableOf[T](t)
	front := &tlsFront{t: t, engine: dynamotest.Run(t).Config()}
	server := httptest.NewTLSServer(front)
	t.Cleanup(server.Close)
	cfg := front.engine.Copy()
	cfg.BaseEndpoint, cfg.HTTPClient, cfg.Retryer = &server.URL, server.Client(),
		fixtures.QuickRetryer
	mapper, err := dynamapper.Connect(t.Context(), dynamapper.WithConfig(cfg))
	require.NoError(t, err)
	faulty, err := dynamapper.TableOf[T](mapper, dynamapper.WithTableName(good.Name()))
	require.NoError(t, err)
	take := func(item *T) error { *w.balance(item) -= 150; return nil }
	for write, test := range map[string]struct {
		do       func(id string) error
		isProven bool
	}{
		"Update": {func(id string) error {
			_, err := faulty.Update(dynamapper.Key(id)).Add(add, -150).Run(t.Context())
			return err
		}, false},
		"Modify": {func(id string) error {
			_, err := faulty.Modify(t.Context(), dynamapper.Key(id), take)
			return err
		}, isProven},
		"Save": {func(id string) error {
			item := fixtures.Load(t, faulty, id)
			_ = take(item)
			return faulty.Save(t.Context(), item, dynamapper.FailOnConflict())
		}, isProven},
		"Modify, Idempotent": {func(id string) error {
			_, err := faulty.Modify(t.Context(), dynamapper.Key(id), take, dynamapper.Idempotent())
			return err
		}, true},
	} {
		for how, damage := range damages {
			t.Run(write+", "+how, func(t *testing.T) {
				id := write + how
				require.NoError(t, good.Save(t.Context(), w.make(id, 200)))
				front.writes.Store(0)
				front.damage.Store(&damage)
				err := test.do(id)
				require.Nil(t, front.damage.Load(), "the stream was damaged")
				require.Equal(t, 50, w.stored(t, good, id))
				if test.isProven {
					require.NoError(t, err)
					require.EqualValues(t, 2, front.writes.Load())
					return
				}
				fixtures.RequireDoubt(t, err)
				require.EqualValues(t, 1, front.writes.Load())
			})
		}
	}
}

// A stream that is damaged after a request is not an unmade connection: nothing is applied twice,
// and the mapper returns no conflict with its own write.
func TestADamagedStreamIsALostResponse(t *testing.T) {
	t.Parallel()
	t.Run("no version",
		func(t *testing.T) { testDamagedStreams(t, plainWallets, "balance", false) })
	t.Run("integer", func(t *testing.T) { testDamagedStreams(t, countedWallets, "balance", false) })
	t.Run("string", func(t *testing.T) { testDamagedStreams(t, tokenWallets, "balance", true) })
}
