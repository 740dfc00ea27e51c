package dynamapper

import (
	"encoding/json"
	"errors"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// envelope is what DynamoDB and its tools put around an item in JSON: a line of an export, the answer
// of GetItem, a record of a stream. Its members are no attribute values, so that no item is taken for one.
type envelope struct {
	Item   json.RawMessage   `json:"Item"`
	Items  []json.RawMessage `json:"Items"`
	Record json.RawMessage   `json:"dynamodb"`
	Event  []json.RawMessage `json:"Records"`

	Keys     json.RawMessage `json:"Keys"`
	NewImage json.RawMessage `json:"NewImage"`
	OldImage json.RawMessage `json:"OldImage"`
}

var (
	errEvent   = errors.New("the text is an event with several records; give its records one by one")
	errAnswer  = errors.New("the text is an answer with several items; give the elements of Items one by one")
	errDeleted = errors.New("the text is the record of a deletion, which has no new item; " +
		"give the OldImage in it to see what was deleted")
	errKeysAlone = errors.New("the text is a record of a stream that has keys alone; " +
		"read the item with Get, or set the stream's view to new images")
)

// itemWithin returns the item in an envelope, as text; "" if the text is none that is known.
func itemWithin(text string) (item string, err error) {
	if _, err := wire.ParseItem(text); err == nil {
		return "", nil // it is an item itself, whatever its attributes are called
	}
	var e envelope
	if json.Unmarshal([]byte(text), &e) != nil {
		return "", nil
	}
	switch {
	case isObject(e.Item):
		return string(e.Item), nil
	case isObject(e.Record):
		return itemWithin(string(e.Record))
	case isObject(e.NewImage):
		return string(e.NewImage), nil
	case isObject(e.OldImage):
		return "", errDeleted
	case isObject(e.Keys):
		return "", errKeysAlone
	case e.Event != nil:
		return "", errEvent
	case e.Items != nil:
		return "", errAnswer
	}
	return "", nil
}

func isObject(text json.RawMessage) bool { return len(text) > 0 && text[0] == '{' }
