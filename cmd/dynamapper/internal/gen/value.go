package gen

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// An Item is an item of a sample, by the names of its attributes.
type Item map[string]Value

// A Value is an attribute value.
type Value struct {
	kind    string           // S, N, B, BOOL, NULL, SS, NS, BS, L or M
	text    string           // of S and N
	bytes   []byte           // of B
	isTrue  bool             // of BOOL
	list    []Value          // of L, SS, NS and BS
	members map[string]Value // of M
}

// parseItem parses an item in DynamoDB's JSON.
func parseItem(text []byte) (Item, error) {
	var attributes map[string]json.RawMessage
	if err := json.Unmarshal(text, &attributes); err != nil || attributes == nil {
		return nil, errors.New("an item is a JSON object of attribute values")
	}
	item := Item{}
	for name, text := range attributes {
		value, err := parseValue(text)
		if err != nil {
			return nil, fmt.Errorf("attribute %q: %w", name, err)
		}
		item[name] = value
	}
	return item, nil
}

var errValue = errors.New(`an attribute value is an object such as {"S":"text"} or {"N":"1"}`)

// parseValue parses an attribute value in DynamoDB's JSON.
func parseValue(text []byte) (Value, error) {
	var described map[string]json.RawMessage
	if err := json.Unmarshal(text, &described); err != nil || len(described) != 1 {
		return Value{}, errValue
	}
	kind := slices.Collect(maps.Keys(described))[0]
	value := Value{kind: kind}
	err := value.parse(described[kind])
	return value, err
}

func (v *Value) parse(text []byte) error {
	switch v.kind {
	case "S":
		return unmarshal(text, &v.text)
	case "N":
		if err := unmarshal(text, &v.text); err != nil {
			return err
		}
		return v.checkNumber()
	case "B":
		return unmarshal(text, &v.bytes)
	case "BOOL":
		return unmarshal(text, &v.isTrue)
	case "NULL":
		return nil
	case "SS", "NS", "BS":
		var members []json.RawMessage
		if err := unmarshal(text, &members); err != nil {
			return err
		}
		return v.parseList(members, v.kind[:1])
	case "L":
		var elements []json.RawMessage
		if err := unmarshal(text, &elements); err != nil {
			return err
		}
		return v.parseList(elements, "")
	case "M":
		members, err := parseItem(text)
		v.members = members
		return err
	}
	return errValue
}

// parseList parses the elements of a list, or the members of a set, which have one kind.
func (v *Value) parseList(elements []json.RawMessage, kind string) error {
	for _, text := range elements {
		element, err := Value{kind: kind}, error(nil)
		if kind == "" {
			element, err = parseValue(text)
		} else {
			err = element.parse(text)
		}
		if err != nil {
			return err
		}
		v.list = append(v.list, element)
	}
	return nil
}

func (v *Value) checkNumber() error {
	if _, ok := wire.CompareNumbers(v.text, "0"); !ok {
		return fmt.Errorf("%q is not a number", v.text)
	}
	return nil
}

func unmarshal(text []byte, to any) error {
	if json.Unmarshal(text, to) != nil {
		return errValue
	}
	return nil
}

// valueOf converts an attribute value of the SDK.
func valueOf(from types.AttributeValue) Value {
	switch v := from.(type) {
	case *types.AttributeValueMemberS:
		return Value{kind: "S", text: v.Value}
	case *types.AttributeValueMemberN:
		return Value{kind: "N", text: v.Value}
	case *types.AttributeValueMemberB:
		return Value{kind: "B", bytes: v.Value}
	case *types.AttributeValueMemberBOOL:
		return Value{kind: "BOOL", isTrue: v.Value}
	case *types.AttributeValueMemberSS:
		return setOf("SS", v.Value, func(text string) Value { return Value{kind: "S", text: text} })
	case *types.AttributeValueMemberNS:
		return setOf("NS", v.Value, func(text string) Value { return Value{kind: "N", text: text} })
	case *types.AttributeValueMemberBS:
		return setOf("BS", v.Value, func(b []byte) Value { return Value{kind: "B", bytes: b} })
	case *types.AttributeValueMemberL:
		return setOf("L", v.Value, valueOf)
	case *types.AttributeValueMemberM:
		return Value{kind: "M", members: itemOf(v.Value)}
	}
	return Value{kind: "NULL"}
}

func setOf[T any](kind string, members []T, convert func(T) Value) Value {
	set := Value{kind: kind}
	for _, member := range members {
		set.list = append(set.list, convert(member))
	}
	return set
}

// itemOf converts an item of the SDK.
func itemOf(attributes map[string]types.AttributeValue) Item {
	item := Item{}
	for name, value := range attributes {
		item[name] = valueOf(value)
	}
	return item
}

// parseJSON parses JSON text into a value: objects are M, arrays L, and so on. It returns false if
// the text is neither an object nor an array, or if an object has a name twice.
func parseJSON(text string) (Value, bool) {
	decoder := newNumberDecoder(text)
	value, err := parseJSONValue(decoder)
	if err != nil || decoder.More() || value.kind != "M" && value.kind != "L" {
		return Value{}, false
	}
	return value, true
}

var errDuplicate = errors.New("a name comes twice")

func parseJSONValue(decoder *json.Decoder) (Value, error) {
	token, err := decoder.Token()
	if err != nil {
		return Value{}, err
	}
	switch token := token.(type) {
	case string:
		return Value{kind: "S", text: token}, nil
	case json.Number:
		return Value{kind: "N", text: token.String()}, nil
	case bool:
		return Value{kind: "BOOL", isTrue: token}, nil
	case json.Delim:
		if token == '[' {
			return parseJSONArray(decoder)
		}
		return parseJSONObject(decoder)
	}
	return Value{kind: "NULL"}, nil
}

func parseJSONArray(decoder *json.Decoder) (Value, error) {
	array := Value{kind: "L"}
	for decoder.More() {
		element, err := parseJSONValue(decoder)
		if err != nil {
			return array, err
		}
		array.list = append(array.list, element)
	}
	_, err := decoder.Token()
	return array, err
}

func parseJSONObject(decoder *json.Decoder) (Value, error) {
	object := Value{kind: "M", members: Item{}}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return object, err
		}
		member, err := parseJSONValue(decoder)
		if err != nil {
			return object, err
		}
		if _, has := object.members[name.(string)]; has {
			return object, errDuplicate
		}
		object.members[name.(string)] = member
	}
	_, err := decoder.Token()
	return object, err
}
