package dynamotest

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/dynamapper/dynamapper/engine"
)

// inProcessHost is the host of requests to an engine in process. No resolver knows it, so nothing
// leaves the process by mistake.
const inProcessHost = "dynamotest.invalid"

// headerWithin limits the time for the header of a request to a port.
const headerWithin = 10 * time.Second

// door is the access to an engine in process: an HTTP client that calls it, and a port that is
// opened on demand.
type door struct {
	engine *engine.Engine
	client *engine.Client
	other  *awshttp.BuildableClient // for requests that are not for the engine

	mu     sync.Mutex
	host   string // of the port, once it has been opened
	server *http.Server
	served chan struct{} // closed when the server has ended
	closed bool
}

func newDoor(e *engine.Engine) *door {
	return &door{engine: e, client: e.Client(), other: awshttp.NewBuildableClient()}
}

var _ aws.HTTPClient = (*door)(nil)

// Do sends a request to the engine without a socket. It sends a request to another host over HTTP.
func (d *door) Do(request *http.Request) (*http.Response, error) {
	if d.isFor(request.URL.Host) {
		return d.client.Do(request)
	}
	return d.other.Do(request)
}

// isFor reports whether a host is the engine's.
func (d *door) isFor(host string) bool {
	if host == inProcessHost {
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return host == d.host
}

// url returns the URL of the port if it was opened, and otherwise one that only Do knows.
func (d *door) url() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.host == "" {
		return "http://" + inProcessHost
	}
	return "http://" + d.host
}

// open opens the port, unless it is open or was closed, and returns the URL.
func (d *door) open() string {
	if err := d.listen(); err != nil {
		panic(fmt.Sprintf("dynamotest: the loopback interface has no port for the engine: %v", err))
	}
	return d.url()
}

func (d *door) listen() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed || d.server != nil {
		return nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	d.host = listener.Addr().String()
	d.server = &http.Server{Handler: d.engine, ReadHeaderTimeout: headerWithin}
	d.served = make(chan struct{})
	go func() {
		defer close(d.served)
		_ = d.server.Serve(listener) // until close
	}()
	return nil
}

// close closes the port and its connections, and returns when nothing serves them.
func (d *door) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	if d.server == nil {
		return nil
	}
	err := d.server.Close()
	<-d.served
	return err
}
