package tool

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

type item = map[string]types.AttributeValue

// appendLine appends an item as a line of an export.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
func appendLine(to []byte, i item) ([]byte, error) {
	to, err := appendMembers(append(to, `{"Item":`...), i)
	return append(to, "}\n"...), err
}

// appendMembers appends attributes in the order of their names, so that equal items are equal
// lines.
func appendMembers(to []byte, members item) ([]byte, error) {
	to = append(to, '{')
	for n, name := range slices.Sorted(maps.Keys(members)) {
		if n > 0 {
			to = append(to, ',')
		}
		to = append(wire.AppendString(to, name), ':')
		var err error
		if to, err = appendValue(to, members[name]); err != nil {
			return to, fmt.Errorf("attribute %q: %w", name, err)
		}
	}
	return append(to, '}'), nil
}

func appendValue(to []byte, v types.AttributeValue) ([]byte, error) {
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		to, err := appendMembers(append(to, `{"M":`...), v.Value)
		return append(to, '}'), err
	case *types.AttributeValueMemberL:
		to = append(to, `{"L":[`...)
		for n, element := range v.Value {
			if n > 0 {
				to = append(to, ',')
			}
			var err error
			if to, err = appendValue(to, element); err != nil {
				return to, err
			}
		}
		return append(to, "]}"...), nil
	}
	return wire.AppendValue(to, v)
}

// itemIn returns the JSON of the item in a line of an export.
func itemIn(line []byte) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(line, &members); err != nil {
		return nil, fmt.Errorf("the line is no JSON object: %w", err)
	}
	text, ok := members["Item"]
	switch {
	case len(members) == 1 && countMembers(line) > 1:
		return nil, errors.New("the line has several members of one name, and only one can be meant")
	case ok && len(members) == 1 && bytes.HasPrefix(text, []byte("{")):
		return text, nil
	case members["NewImage"] != nil || members["Metadata"] != nil:
		return nil, errors.New("the line is of an incremental export; import reads full exports")
	}
	return nil, errors.New(`the line is not of the form {"Item":{...}}`)
}

// maxItemSize is the largest item that DynamoDB stores.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
const maxItemSize = 400 * 1024

// keyChecker has the keys of a live table and its indexes.
type keyChecker struct {
	keys  []string                             // of the table
	kinds map[string]types.ScalarAttributeType // of the table and of its indexes
}

func newKeyChecker(table *types.TableDescription) *keyChecker {
	c := &keyChecker{kinds: keyTypes(table)}
	for _, key := range table.KeySchema {
		c.keys = append(c.keys, aws.ToString(key.AttributeName))
	}
	return c
}

// check refuses an item that the service would refuse.
func (c *keyChecker) check(i item) error {
	for _, name := range c.keys {
		if i[name] == nil {
			return fmt.Errorf("the key attribute %q is missing", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.kinds)) {
		if i[name] == nil {
			continue
		}
		if found := wire.TypeOf(i[name]).String(); found != string(c.kinds[name]) {
			return fmt.Errorf("the key attribute %q is of type %s, and the table has %s", name,
				found, c.kinds[name])
		}
		if isEmptyKey(i[name]) {
			return fmt.Errorf("the key attribute %q is empty", name)
		}
	}
	if wire.ItemSize(i) > maxItemSize {
		return errors.New("the item is larger than 400 KB")
	}
	return nil
}

func isEmptyKey(v types.AttributeValue) bool {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value == ""
	case *types.AttributeValueMemberB:
		return len(v.Value) == 0
	}
	return false
}

// text returns the key of an item as JSON, or "" if it has none.
func (c *keyChecker) text(i item) string {
	key := item{}
	for _, name := range c.keys {
		if i[name] != nil {
			key[name] = i[name]
		}
	}
	text, err := appendMembers(nil, key)
	if err != nil || len(key) == 0 {
		return ""
	}
	return string(text)
}

// keySum identifies a key. Two keys that are not equal have the same sum by an accident that does
// not happen.
type keySum [16]byte

// sum returns the sum of an item's key, which is the same for all spellings of a number.
func (c *keyChecker) sum(i item) keySum {
	var text []byte
	for _, name := range c.keys {
		value := i[name]
		if n, ok := value.(*types.AttributeValueMemberN); ok {
			value = &types.AttributeValueMemberN{Value: wire.CanonicalNumber(n.Value)}
		}
		text, _ = wire.AppendValue(text, value) // the types were checked
	}
	sum := sha256.Sum256(text)
	return keySum(sum[:16])
}

// countMembers returns the number of members of an object in JSON.
func countMembers(line []byte) int {
	n := 0
	r := wire.NewReader(string(line))
	r.Object()
	for _, ok := r.Member(); ok; _, ok = r.Member() {
		n++
		r.Skip()
	}
	return n
}

// parseItem parses the JSON of an item. It refuses a name that comes twice, of which a parser takes
// one value or the other.
func parseItem(text string) (item, error) {
	parsed, err := wire.ParseItem(text)
	if err != nil {
		return nil, err
	}
	if name := repeatedName(wire.NewReader(text)); name != "" {
		return nil, fmt.Errorf("the attribute %q comes twice, and only one can be meant", name)
	}
	return parsed, nil
}

// repeatedName returns the path of an attribute that comes twice in an item, or "".
func repeatedName(r *wire.Reader) string {
	seen := map[string]bool{}
	r.Object()
	for name, ok := r.Member(); ok; name, ok = r.Member() {
		if seen[name] {
			return name
		}
		seen[name] = true
		if inner := repeatedWithin(r); inner != "" {
			return name + inner
		}
	}
	return ""
}

// repeatedWithin consumes an attribute value, and returns the path in it as repeatedName does.
func repeatedWithin(r *wire.Reader) string {
	switch kind := r.Value(); kind {
	case wire.M:
		if inner := repeatedName(r); inner != "" {
			return "." + inner
		}
	case wire.L:
		n := 0
		for r.Array(); r.Element(); n++ {
			if inner := repeatedWithin(r); inner != "" {
				return fmt.Sprintf("[%d]%s", n, inner)
			}
		}
	default:
		r.SkipRest(kind)
	}
	r.End()
	return ""
}
