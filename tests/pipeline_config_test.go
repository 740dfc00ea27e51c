package tests

import (
	"bufio"
	"context"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/engine"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// sentRequest is a request as a server got it.
type sentRequest struct {
	protocol, host string
	header         http.Header
}

// recordingServer is DynamoDB behind TLS, with a certificate that only its own bundle knows. It
// stands for 127.0.0.1 and example.com.
type recordingServer struct {
	*httptest.Server
	mu   sync.Mutex
	sent []sentRequest
}

func newRecordingServer(t *testing.T) *recordingServer {
	t.Helper()
	service := engine.New()
	s := &recordingServer{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(
		w http.ResponseWriter, r *http.Request,
	) {
		s.mu.Lock()
		s.sent = append(s.sent,
			sentRequest{r.Proto, strings.TrimSuffix(r.Host, s.port()), r.Header.Clone()})
		s.mu.Unlock()
		service.ServeHTTP(w, r)
	}))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of clients that do not trust it
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// port returns the server's port as a host of its own has it.
func (s *recordingServer) port() string {
	return strings.TrimPrefix(s.Listener.Addr().String(), "127.0.0.1")
}

// requests returns what was sent, without what differs in each request.
func (s *recordingServer) requests() []sentRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, request := range s.sent {
		for _, name := range []string{"Authorization", "X-Amz-Date", "Amz-Sdk-Invocation-Id",
			"Content-Length"} {
			if request.header.Get(name) != "" {
				request.header.Set(name, "present")
			}
		}
	}
	return s.sent
}

// bundle writes the server's certificate to a file.
func (s *recordingServer) bundle(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bundle.pem")
	block := pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}
	require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&block), 0o600))
	return path
}

// proxyTo is a proxy that connects everybody with one server, and counts the connections.
func proxyTo(t *testing.T, server *recordingServer) (proxy *url.URL, connections func() int) {
	t.Helper()
	var mu sync.Mutex
	asked := []string{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.Method+" "+r.Host)
		mu.Unlock()
		tunnel(t, w, server.Listener.Addr().String())
	}))
	t.Cleanup(s.Close)
	proxy, err := url.Parse(s.URL)
	require.NoError(t, err)
	return proxy, func() int {
		mu.Lock()
		defer mu.Unlock()
		for _, one := range asked {
			require.Equal(t, "CONNECT example.com:443", one)
		}
		return len(asked)
	}
}

// tunnel copies the bytes of both directions until one side closes its connection.
func tunnel(t *testing.T, w http.ResponseWriter, to string) {
	line, err := net.Dial("tcp", to)
	if err != nil {
		t.Error(err)
		return
	}
	client, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
	go func(from *bufio.Reader) {
		_, _ = io.Copy(line, from)
		_ = line.Close()
	}(buffered.Reader)
	_, _ = io.Copy(client, line)
	_ = client.Close()
}

// configured loads a configuration as a program does, and has the mapper use everything both ways.
// It returns the requests of the pipeline and those of the SDK's middleware.
func configured(
	t *testing.T, make func(*recordingServer) []func(*config.LoadOptions) error,
	change ...func(*dynamodb.Options),
) (byPipeline, bySDK []sentRequest) {
	t.Helper()
	for _, opts := range [][]dynamapper.Option{nil, {dynamapper.WithSDKPipeline()}} {
		server := newRecordingServer(t)
		cfg, err := config.LoadDefaultConfig(t.Context(), append([]func(*config.LoadOptions) error{
			config.WithRegion("eu-west-1"), config.WithBaseEndpoint(server.URL),
			config.WithSharedConfigFiles(nil), config.WithSharedCredentialsFiles(nil),
			config.WithCredentialsProvider(
				credentials.NewStaticCredentialsProvider("local", "local", "")),
		}, make(server)...)...)
		require.NoError(t, err)
		noted := &fixtures.Requests{}
		m, err := dynamapper.New(dynamodb.NewFromConfig(cfg, change...),
			append(opts, dynamapper.WithObserver(noted.Observe))...)
		require.NoError(t, err)
		useEverything(t, fixtures.TableIn[Piped](t, m))
		require.Equal(t, opts == nil, len(byPipelineOf(noted)) > 0)
		if opts == nil {
			byPipeline = server.requests()
		} else {
			bySDK = server.requests()
		}
	}
	return byPipeline, bySDK
}

func byPipelineOf(noted *fixtures.Requests) map[string]int { return byPipeline(noted.Operations()) }

// trusting makes a configuration trust a server.
func trusting(t *testing.T, server *recordingServer) func(*config.LoadOptions) error {
	bundle, err := os.Open(server.bundle(t))
	require.NoError(t, err)
	t.Cleanup(func() { _ = bundle.Close() })
	return config.WithCustomCABundle(bundle)
}

// The requests have the same headers on both ways, whatever a program has configured: how it
// reaches the service, and what it says about itself.
func TestPipelineOfAConfiguredClient(t *testing.T) {
	t.Parallel()
	type load = func(*config.LoadOptions) error
	for name, test := range map[string]struct {
		load   []load
		change func(*dynamodb.Options)
		header [2]string // one that all requests on items have
	}{
		"nothing more": {header: [2]string{"Amz-Sdk-Request", "attempt=1; max=4"}},
		"tries": {load: []load{config.WithRetryMaxAttempts(7)},
			header: [2]string{"Amz-Sdk-Request", "attempt=1; max=7"}},
		"adaptive": {load: []load{config.WithRetryMode(aws.RetryModeAdaptive)},
			header: [2]string{"Amz-Sdk-Request", "attempt=1; max=4"}},
		"the program's name": {load: []load{config.WithAppID("coins")}},
		"a session": {load: []load{config.WithCredentialsProvider(
			credentials.NewStaticCredentialsProvider("a", "b", "session"))},
			header: [2]string{"X-Amz-Security-Token", "session"}},
		"gzip": {change: func(o *dynamodb.Options) { o.EnableAcceptEncodingGzip = true },
			header: [2]string{"Accept-Encoding", "gzip"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			change := test.change
			if change == nil {
				change = func(*dynamodb.Options) {}
			}
			ours, theirs := configured(t, func(server *recordingServer) []load {
				return append(slices.Clone(test.load), trusting(t, server))
			}, change)
			require.Equal(t, theirs, ours)
			if test.header[0] != "" {
				require.Equal(t, test.header[1], ours[len(ours)-1].header.Get(test.header[0]))
			}
		})
	}
}

// A proxy is used for every request.
func TestPipelineThroughAProxy(t *testing.T) {
	t.Parallel()
	var connections []func() int
	ours, theirs := configured(t, func(server *recordingServer) []func(*config.LoadOptions) error {
		proxy, count := proxyTo(t, server)
		connections = append(connections, count)
		through := awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) {
			tr.Proxy = http.ProxyURL(proxy)
		})
		return []func(*config.LoadOptions) error{config.WithHTTPClient(through),
			trusting(t, server), config.WithBaseEndpoint("https://example.com")}
	})
	for _, count := range connections {
		require.Positive(t, count())
	}
	require.Equal(t, theirs, ours)
	require.Equal(t, "example.com", ours[0].host)
}

// AWS_CA_BUNDLE names the certificates that a client trusts. Without them no request is sent. The
// test changes the environment, so it is not parallel.
func TestPipelineWithABundleOfTheEnvironment(t *testing.T) {
	ours, theirs := configured(t, func(server *recordingServer) []func(*config.LoadOptions) error {
		t.Setenv("AWS_CA_BUNDLE", server.bundle(t))
		return nil
	})
	require.Equal(t, theirs, ours)
	require.NotEmpty(t, ours)

	t.Setenv("AWS_CA_BUNDLE", "")
	server := newRecordingServer(t)
	cfg, err := config.LoadDefaultConfig(context.Background(), config.WithRegion("eu-west-1"),
		config.WithBaseEndpoint(server.URL), config.WithRetryMaxAttempts(1),
		config.WithCredentialsProvider(
			credentials.NewStaticCredentialsProvider("local", "local", "")))
	require.NoError(t, err)
	m, err := dynamapper.New(dynamodb.NewFromConfig(cfg))
	require.NoError(t, err)
	table, err := dynamapper.TableOf[Piped](m)
	require.NoError(t, err)
	_, err = table.Get(t.Context(), dynamapper.Key("waldo"))
	require.ErrorContains(t, err, "certificate")
	require.Empty(t, server.requests())
}
