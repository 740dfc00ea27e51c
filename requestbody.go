package dynamapper

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// bodyWriter writes the JSON of a request. The members of an object are written in the order of
// their names, as the SDK writes them. A member without a value is left out.
type bodyWriter struct {
	text   []byte
	inside bool // the object has a member already
	err    error
}

// bodySize is the room for a request of few attributes, in bytes.
const bodySize = 256

// newBody returns a writer that has begun an object.
func newBody(room int) *bodyWriter {
	w := &bodyWriter{text: make([]byte, 0, room)}
	w.begin()
	return w
}

// done ends the body and returns it.
func (w *bodyWriter) done() ([]byte, error) {
	w.end()
	return w.text, w.err
}

func (w *bodyWriter) begin() { w.text, w.inside = append(w.text, '{'), false }

func (w *bodyWriter) end() { w.text, w.inside = append(w.text, '}'), true }

// member writes the name of a member, whose value follows.
func (w *bodyWriter) member(name string) {
	if w.inside {
		w.text = append(w.text, ',')
	}
	w.inside = true
	w.text = append(wire.AppendString(w.text, name), ':')
}

func (w *bodyWriter) string(name, value string) {
	if value != "" {
		w.member(name)
		w.text = wire.AppendString(w.text, value)
	}
}

func (w *bodyWriter) optional(name string, value *string) {
	if value != nil {
		w.member(name)
		w.text = wire.AppendString(w.text, *value)
	}
}

func (w *bodyWriter) bool(name string, value *bool) {
	if value != nil {
		w.member(name)
		w.text = strconv.AppendBool(w.text, *value)
	}
}

func (w *bodyWriter) int(name string, value *int32) {
	if value != nil {
		w.member(name)
		w.text = strconv.AppendInt(w.text, int64(*value), 10)
	}
}

func (w *bodyWriter) aliases(a *expression.Aliases) {
	if a.HasNames() {
		w.member("ExpressionAttributeNames")
		w.text = a.AppendNames(w.text)
	}
	if a.HasValues() {
		w.member("ExpressionAttributeValues")
		w.text = a.AppendValues(w.text)
	}
}

// item writes a map of attribute values.
func (w *bodyWriter) item(name string, item map[string]types.AttributeValue) {
	if item != nil {
		w.member(name)
		text, err := wire.AppendItem(w.text, item)
		w.text = text
		if err != nil && w.err == nil {
			w.err = err
		}
	}
}

// elements writes a list, each element by a function.
func (w *bodyWriter) elements(name string, n int, write func(i int)) {
	w.member(name)
	w.text = append(w.text, '[')
	for i := range n {
		if i > 0 {
			w.text = append(w.text, ',')
		}
		write(i)
	}
	w.text, w.inside = append(w.text, ']'), true
}
