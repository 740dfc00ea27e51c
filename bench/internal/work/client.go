package work

import (
	"bytes"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// response is an HTTP client that always returns the same response.
type response struct {
	body        []byte
	sum, length string
}

func newResponse(body []byte) *response {
	return &response{body, strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10),
		strconv.Itoa(len(body))}
}

func (a *response) Do(*http.Request) (*http.Response, error) {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1,
		ProtoMinor: 1,
		Header: http.Header{
			"Content-Length":   {a.length},
			"Content-Type":     {"application/x-amz-json-1.0"},
			"X-Amz-Crc32":      {a.sum},
			"X-Amzn-Requestid": {"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEF"},
		},
		ContentLength: int64(len(a.body)), Body: io.NopCloser(bytes.NewReader(a.body)),
	}, nil
}

// partSize is the number of keys in one BatchGetItem, its maximum.
const partSize = 100

// parts is an HTTP client that selects the response to a BatchGetItem by the first id in the
// request.
type parts []*response

func (p parts) Do(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	id, err := numberAfter(body, `"N":"`)
	if err != nil || id%partSize != 0 || id/partSize >= len(p) {
		return nil, errors.New("the request asks for other keys")
	}
	return p[id/partSize].Do(request)
}

// writes is an HTTP client that accepts every write, and keeps the last one. It is not safe for
// concurrent use.
type writes struct {
	*response
	last bytes.Buffer
}

func newWrites() *writes { return &writes{response: newResponse([]byte(`{}`))} }

func (w *writes) Do(request *http.Request) (*http.Response, error) {
	w.last.Reset()
	if _, err := w.last.ReadFrom(request.Body); err != nil {
		return nil, err
	}
	return w.response.Do(request)
}

// stored is an HTTP client that responds to a GetItem with the item of the id in its key, and to
// everything else as writes does.
type stored struct {
	items []*response
	*writes
}

func (s stored) Do(request *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(request.Header.Get(targetHeader), ".GetItem") {
		return s.writes.Do(request)
	}
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	id, err := numberAfter(body, `"N":"`)
	if err != nil || id >= len(s.items) {
		return nil, errors.New("the request asks for another key")
	}
	return s.items[id].Do(request)
}

// segmented is an HTTP client that selects the response to a Scan by its segment.
type segmented []*response

func (s segmented) Do(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	segment, err := numberAfter(body, `"Segment":`)
	of, too := numberAfter(body, `"TotalSegments":`)
	if err != nil || too != nil || of != len(s) || segment >= of {
		return nil, errors.New("the request asks for another segment")
	}
	return s[segment].Do(request)
}

// numberAfter returns the number behind the first occurrence of a text.
func numberAfter(body []byte, text string) (int, error) {
	_, rest, _ := bytes.Cut(body, []byte(text))
	end := bytes.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	return strconv.Atoi(string(rest[:max(0, end)]))
}

// batches is an HTTP client that accepts every write, and keeps the last ones.
type batches struct {
	*response
	mu   sync.Mutex
	kept []bytes.Buffer
	next int
}

// newBatches returns a client that keeps the last n requests.
func newBatches(n int) *batches {
	return &batches{response: newResponse([]byte(`{"UnprocessedItems":{}}`)),
		kept: make([]bytes.Buffer, n)}
}

func (b *batches) Do(request *http.Request) (*http.Response, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	to := &b.kept[b.next%len(b.kept)]
	b.next++
	to.Reset()
	if _, err := to.ReadFrom(request.Body); err != nil {
		return nil, err
	}
	return b.response.Do(request)
}
