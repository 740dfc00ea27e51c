// Package response reads the bytes of responses into buffers that are used again.
package response

import (
	"bytes"
	"net/http"
	"sync"
)

// MaxKept bounds the buffers in a pool, in bytes. A response has at most 1 MB of items, and their
// JSON is somewhat larger.
const MaxKept = 4 << 20

// Pool holds the buffers of responses. Buffers of requests are not reused, because the transport
// may read them after the call has returned. The zero value is ready to use.
type Pool struct{ pool sync.Pool }

// Get returns an empty buffer.
func (p *Pool) Get() *bytes.Buffer {
	if kept, ok := p.pool.Get().(*bytes.Buffer); ok {
		return kept
	}
	return &bytes.Buffer{}
}

// Put takes back a buffer. Nobody may use the buffer or its bytes after that.
func (p *Pool) Put(b *bytes.Buffer) {
	if b.Cap() <= MaxKept {
		b.Reset()
		p.pool.Put(b)
	}
}

// Read appends the body of a response to a buffer, as it was sent. If the body ends too early, Read
// returns the error of the connection, and the buffer holds what had come.
func Read(to *bytes.Buffer, from *http.Response) error {
	if n := from.ContentLength; n > 0 && n < MaxKept {
		to.Grow(int(n) + bytes.MinRead)
	}
	_, err := to.ReadFrom(from.Body)
	return err
}
