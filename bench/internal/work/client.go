package work

import (
	"bytes"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// newConfig returns the configuration of every contender. Except for the HTTP client it has the
// SDK's defaults.
func newConfig(client aws.HTTPClient) aws.Config {
	return aws.Config{
		Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("bench", "bench",
			""), HTTPClient: client,
	}
}

// answer is an HTTP client that always returns the same response.
type answer struct {
	body        []byte
	sum, length string
}

func newAnswer(body []byte) *answer {
	return &answer{body, strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10),
		strconv.Itoa(len(body))}
}

func (a *answer) Do(*http.Request) (*http.Response, error) {
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
type parts []*answer

func (p parts) Do(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	_, rest, _ := bytes.Cut(body, []byte(`"N":"`))
	digits, _, _ := bytes.Cut(rest, []byte(`"`))
	id, err := strconv.Atoi(string(digits))
	if err != nil || id%partSize != 0 || id/partSize >= len(p) {
		return nil, errors.New("the request asks for other keys")
	}
	return p[id/partSize].Do(request)
}

// writes is an HTTP client that accepts every write, and keeps the last one. It is not safe for
// concurrent use.
type writes struct {
	*answer
	last bytes.Buffer
}

func newWrites() *writes { return &writes{answer: newAnswer([]byte(`{}`))} }

func (w *writes) Do(request *http.Request) (*http.Response, error) {
	w.last.Reset()
	if _, err := w.last.ReadFrom(request.Body); err != nil {
		return nil, err
	}
	return w.answer.Do(request)
}
