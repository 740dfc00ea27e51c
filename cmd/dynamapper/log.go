package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// withLog returns a handler that writes a line for each request: the time, the method, the
// operation and tables, the status and length of the response, and the duration. It writes no
// values.
func withLog(handler http.Handler, w io.Writer) http.Handler {
	var mu sync.Mutex
	return http.HandlerFunc(func(to http.ResponseWriter, request *http.Request) {
		came := time.Now()
		asked := &recordedBody{ReadCloser: request.Body}
		request.Body = asked
		recorded := &recordedResponse{ResponseWriter: to, status: http.StatusOK}
		handler.ServeHTTP(recorded, request)
		line := fmt.Sprintf("%s %s %s %s %d %s %d B\n",
			came.Format("15:04:05.000"), printable(request.Method), printable(operation(request)),
			printable(tables(asked.text)), recorded.status,
			time.Since(came).Round(time.Microsecond), recorded.bytes)
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.WriteString(w, line)
	})
}

// recordedBody keeps what the handler reads of a request's body.
type recordedBody struct {
	io.ReadCloser
	text []byte
}

func (b *recordedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.text = append(b.text, p[:n]...)
	return n, err
}

// recordedResponse records the status and the length of a response.
type recordedResponse struct {
	http.ResponseWriter
	status, bytes int
}

func (r *recordedResponse) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recordedResponse) Write(p []byte) (int, error) {
	n, err := r.ResponseWriter.Write(p)
	r.bytes += n
	return n, err
}

// operation returns the operation of a request.
func operation(request *http.Request) string {
	_, name, _ := strings.Cut(request.Header.Get("X-Amz-Target"), ".")
	return name
}

// tables returns the names of the tables in a request's body, each once and in order, separated by
// commas.
func tables(body []byte) string {
	type named struct{ TableName string }
	var in struct {
		TableName     string
		RequestItems  map[string]json.RawMessage
		TransactItems []map[string]named
	}
	// The engine reports an invalid body; here it may only lead to missing names.
	_ = json.Unmarshal(body, &in)
	found := map[string]bool{in.TableName: true}
	for name := range in.RequestItems {
		found[name] = true
	}
	for _, item := range in.TransactItems {
		for _, action := range item {
			found[action.TableName] = true
		}
	}
	delete(found, "")
	return strings.Join(slices.Sorted(maps.Keys(found)), ",")
}

// printable returns a text of a request in a form that fits into one line: quoted if it could break
// the line, and "-" if it is empty.
func printable(text string) string {
	if text == "" {
		return "-"
	}
	quoted := strconv.QuoteToASCII(text)
	if quoted != `"`+text+`"` || strings.Contains(text, " ") {
		return quoted
	}
	return text
}
