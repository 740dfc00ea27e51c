package dynamapper

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

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

func (w *bodyWriter) names(names map[string]string) {
	if names == nil {
		return
	}
	w.member("ExpressionAttributeNames")
	w.begin()
	for alias, name := range names {
		w.member(alias)
		w.text = wire.AppendString(w.text, name)
	}
	w.end()
}

// item writes a map of attribute values.
func (w *bodyWriter) item(name string, item map[string]types.AttributeValue) {
	if item != nil {
		w.member(name)
		w.attributes(item)
	}
}

func (w *bodyWriter) attributes(item map[string]types.AttributeValue) {
	text, err := wire.AppendItem(w.text, item)
	w.text = text
	if err != nil && w.err == nil {
		w.err = err
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

func getBody(in *dynamodb.GetItemInput) ([]byte, error) {
	w := newBody(bodySize)
	w.bool("ConsistentRead", in.ConsistentRead)
	w.names(in.ExpressionAttributeNames)
	w.item("Key", in.Key)
	w.optional("ProjectionExpression", in.ProjectionExpression)
	w.string("ReturnConsumedCapacity", string(in.ReturnConsumedCapacity))
	w.optional("TableName", in.TableName)
	return w.done()
}

func queryBody(in *dynamodb.QueryInput) ([]byte, error) {
	w := newBody(2 * bodySize)
	w.bool("ConsistentRead", in.ConsistentRead)
	w.item("ExclusiveStartKey", in.ExclusiveStartKey)
	w.names(in.ExpressionAttributeNames)
	w.item("ExpressionAttributeValues", in.ExpressionAttributeValues)
	w.optional("FilterExpression", in.FilterExpression)
	w.optional("IndexName", in.IndexName)
	w.optional("KeyConditionExpression", in.KeyConditionExpression)
	w.int("Limit", in.Limit)
	w.optional("ProjectionExpression", in.ProjectionExpression)
	w.string("ReturnConsumedCapacity", string(in.ReturnConsumedCapacity))
	w.bool("ScanIndexForward", in.ScanIndexForward)
	w.string("Select", string(in.Select))
	w.optional("TableName", in.TableName)
	return w.done()
}

func scanBody(in *dynamodb.ScanInput) ([]byte, error) {
	w := newBody(2 * bodySize)
	w.bool("ConsistentRead", in.ConsistentRead)
	w.item("ExclusiveStartKey", in.ExclusiveStartKey)
	w.names(in.ExpressionAttributeNames)
	w.item("ExpressionAttributeValues", in.ExpressionAttributeValues)
	w.optional("FilterExpression", in.FilterExpression)
	w.optional("IndexName", in.IndexName)
	w.int("Limit", in.Limit)
	w.optional("ProjectionExpression", in.ProjectionExpression)
	w.string("ReturnConsumedCapacity", string(in.ReturnConsumedCapacity))
	w.int("Segment", in.Segment)
	w.string("Select", string(in.Select))
	w.optional("TableName", in.TableName)
	w.int("TotalSegments", in.TotalSegments)
	return w.done()
}

func batchGetBody(in *dynamodb.BatchGetItemInput) ([]byte, error) {
	w := newBody(2 * bodySize)
	w.member("RequestItems")
	w.begin()
	for table, wanted := range in.RequestItems {
		w.member(table)
		w.begin()
		w.bool("ConsistentRead", wanted.ConsistentRead)
		w.names(wanted.ExpressionAttributeNames)
		w.elements("Keys", len(wanted.Keys), func(i int) { w.attributes(wanted.Keys[i]) })
		w.optional("ProjectionExpression", wanted.ProjectionExpression)
		w.end()
	}
	w.end()
	w.string("ReturnConsumedCapacity", string(in.ReturnConsumedCapacity))
	return w.done()
}
