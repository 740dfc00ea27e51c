package dynamapper

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/dynamapper/dynamapper/internal/shown"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// record is one record of a stream. Its items are not decoded yet.
type record struct {
	StreamRecord
	text    string // the record in an event; "" if it was none
	keys    string // as wire JSON, as the images are
	table   string // the name or ARN of the table or its stream; "" if the record names none
	shared  bool   // a stream of Kinesis may have the records of several tables
	problem error  // why the record cannot be used
}

// recordSource returns the records of an event or a response.
type recordSource func() ([]record, error)

// The identity that removes items by time to live.
const (
	serviceType      = "Service"
	servicePrincipal = "dynamodb.amazonaws.com"
)

var errNoEvent = errors.New("the text is no event of a stream, which has the member Records; " +
	"give the event as Lambda passes it")

// recordsOfEvent reads the event of a Lambda function.
//
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
func recordsOfEvent(event []byte) recordSource {
	return func() ([]record, error) { return parseEvent(string(event)) }
}

func parseEvent(text string) ([]record, error) {
	texts, err := splitEvent(text)
	if err != nil {
		return nil, err
	}
	records := make([]record, len(texts))
	for i, text := range texts {
		records[i] = parseRecord(text)
	}
	return records, nil
}

// splitEvent returns the texts of the records in an event, a list of records, or one record.
func splitEvent(text string) ([]string, error) {
	if strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "[") {
		return splitList(text)
	}
	list, isRecord := "", false
	err := eachMember(text, func(name, value string) error {
		switch name {
		case "Records":
			list = value
		case "dynamodb", "kinesis", "data":
			isRecord = true
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("the event is not JSON of an object or a list: %w", err)
	case list != "":
		return splitList(list)
	case isRecord:
		return []string{text}, nil
	}
	return nil, errNoEvent
}

// splitList returns the texts of the elements of a list.
func splitList(text string) (elements []string, err error) {
	r := wire.NewReader(text)
	r.Array()
	for r.Element() {
		start := r.Offset()
		r.Skip()
		elements = append(elements, r.Since(start))
	}
	r.Done()
	if err := r.Err(); err != nil {
		return nil, fmt.Errorf("the records of the event are no list: %w", err)
	}
	return elements, nil
}

// eachMember calls a function with each member of an object that is not null. It returns the first
// error of the text or of the function, and calls the function for all members in any case.
func eachMember(text string, take func(name, value string) error) error {
	var problem error
	r := wire.NewReader(text)
	r.Object()
	for name, more := r.Member(); more; name, more = r.Member() {
		start := r.Offset()
		r.Skip()
		value := r.Since(start)
		if r.Err() != nil || value == "null" {
			continue
		}
		if err := take(name, value); err != nil && problem == nil {
			problem = fmt.Errorf("the member %q: %w", shown.Name(name), err)
		}
	}
	r.Done()
	if err := r.Err(); err != nil {
		return err
	}
	return problem
}

// parseRecord reads a record of DynamoDB Streams or of Kinesis. What is wrong with it is the
// problem of the record, which has everything that could be read, above all its number.
func parseRecord(text string) record {
	r := record{text: text}
	change, wrapped, isFlat := "", "", false
	problem := eachMember(text, func(name, value string) (err error) {
		switch name {
		case "eventID":
			err = readText(value, &r.EventID)
		case "eventName":
			err = readText(value, (*string)(&r.Kind))
		case "eventSourceARN":
			err = readText(value, &r.table)
		case "tableName":
			err = readText(value, &r.table)
		case "userIdentity":
			r.ByTTL, err = isService(value)
		case "dynamodb":
			change = value
		case "kinesis":
			wrapped = value
		case "data":
			isFlat = true
		}
		return err
	})
	switch {
	case wrapped != "":
		return unwrapKinesis(text, wrapped)
	case isFlat && change == "":
		return unwrapKinesis(text, text)
	}
	if err := r.readChange(change); problem == nil {
		problem = err
	}
	r.complete(problem)
	return r
}

// complete checks a record.
func (r *record) complete(problem error) {
	switch r.Kind {
	case Inserted, Modified, Removed:
	default:
		if problem == nil {
			problem = fmt.Errorf("the record has the event name %q, which is none of %s, %s and %s",
				shown.Name(string(r.Kind)), Inserted, Modified, Removed)
		}
	}
	if problem == nil && r.keys == "" && r.old == "" && r.new == "" {
		problem = errors.New("the record has neither keys nor images")
	}
	r.ByTTL = r.ByTTL && r.Kind == Removed
	r.problem = problem
}

// readChange reads what a record says about the item.
func (r *record) readChange(text string) error {
	if text == "" {
		return errors.New("the record has no member \"dynamodb\", so it is not of DynamoDB Streams; " +
			"give the events of the table's stream")
	}
	return eachMember(text, func(name, value string) (err error) {
		switch name {
		case "ApproximateCreationDateTime":
			r.At, err = readTime(value)
		case "Keys":
			r.keys = value
		case "NewImage":
			r.new = value
		case "OldImage":
			r.old = value
		case "SequenceNumber":
			err = readText(value, &r.SequenceNumber)
		case "StreamViewType":
			err = readText(value, (*string)(&r.View))
		}
		return err
	})
}

// unwrapKinesis reads the record that DynamoDB has written to Kinesis. wrapped has its data and its
// number: in an event of Lambda it is the member kinesis, from EventBridge Pipes the whole text.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds.html
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-kinesis.html
func unwrapKinesis(text, wrapped string) record {
	var data, sequence string
	problem := eachMember(wrapped, func(name, value string) (err error) {
		switch name {
		case "data":
			err = readText(value, &data)
		case "sequenceNumber":
			err = readText(value, &sequence)
		}
		return err
	})
	inner, err := base64.StdEncoding.DecodeString(data)
	if problem == nil && err != nil {
		problem = errors.New("the data of the Kinesis record is not base64")
	}
	r := record{}
	if problem == nil {
		r = parseRecord(string(inner))
		problem = r.problem
	}
	r.text, r.SequenceNumber, r.shared, r.problem = text, sequence, true, problem
	return r
}

func readText(value string, to *string) error {
	r := wire.NewReader(value)
	*to = r.Text()
	r.Done()
	return r.Err()
}

// isService reports whether an identity is the service itself. Lambda writes the names of the
// members in another way than the command line.
func isService(identity string) (bool, error) {
	var kind, principal string
	err := eachMember(identity, func(name, value string) (err error) {
		switch strings.ToLower(name) {
		case "type":
			err = readText(value, &kind)
		case "principalid":
			err = readText(value, &principal)
		}
		return err
	})
	return kind == serviceType && principal == servicePrincipal, err
}

// The unit of a time follows from its size: Lambda gives seconds, and Kinesis milliseconds or
// microseconds.
const (
	maxSeconds      = 1e11 // in the year 5138
	maxMilliseconds = 1e14
)

// readTime reads a time as a number, or as the text that the command line writes.
func readTime(value string) (time.Time, error) {
	var text string
	if readText(value, &text) == nil {
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return time.Time{}, errors.New("the time is neither a number nor RFC 3339")
		}
		return at.UTC(), nil
	}
	number, err := strconv.ParseFloat(value, 64)
	switch {
	case err != nil, !(number >= 0 && number < maxMilliseconds*1000):
		return time.Time{}, errors.New("the time is no number of seconds since 1970")
	case number < maxSeconds:
		whole, fraction := math.Modf(number)
		return time.Unix(int64(whole), int64(math.Round(fraction*1e3))*int64(time.Millisecond)).UTC(),
			nil
	case number < maxMilliseconds:
		return time.UnixMilli(int64(number)).UTC(), nil
	}
	return time.UnixMicro(int64(number)).UTC(), nil
}

// tableOfARN returns the name of a table from that name, or from the ARN of the table or of its
// stream. For any other ARN it returns "".
func tableOfARN(text string) string {
	if !strings.HasPrefix(text, "arn:") {
		return text
	}
	_, name, isTable := strings.Cut(text, ":table/")
	name, _, _ = strings.Cut(name, "/")
	if !isTable {
		return ""
	}
	return name
}

// recordsOf converts the records of the SDK.
func recordsOf(given []streamtypes.Record) recordSource {
	return func() ([]record, error) { return makeRecords(given), nil }
}

func makeRecords(given []streamtypes.Record) []record {
	records := make([]record, len(given))
	for i := range given {
		records[i] = makeRecord(&given[i])
	}
	return records
}

func makeRecord(given *streamtypes.Record) record {
	r := record{StreamRecord: StreamRecord{Kind: ChangeKind(given.EventName),
		EventID: aws.ToString(given.EventID)}}
	if who := given.UserIdentity; who != nil {
		r.ByTTL = aws.ToString(who.Type) == serviceType &&
			aws.ToString(who.PrincipalId) == servicePrincipal
	}
	change := given.Dynamodb
	if change == nil {
		r.complete(errors.New("the record has no member Dynamodb"))
		return r
	}
	r.SequenceNumber = aws.ToString(change.SequenceNumber)
	r.View = types.StreamViewType(change.StreamViewType)
	if change.ApproximateCreationDateTime != nil {
		r.At = change.ApproximateCreationDateTime.UTC()
	}
	var problem error
	for _, part := range []struct {
		item map[string]streamtypes.AttributeValue
		to   *string
	}{{change.Keys, &r.keys}, {change.NewImage, &r.new}, {change.OldImage, &r.old}} {
		if part.item == nil {
			continue
		}
		text, err := wire.AppendItem(nil, tableItem(part.item, 0))
		if err != nil && problem == nil {
			problem = err
		}
		*part.to = string(text)
	}
	r.complete(problem)
	return r
}

// maxConverted is more than the depth of any item, so that AppendItem refuses what is deeper.
const maxConverted = 40

// tableItem converts the values of the package of streams to those of the package of tables.
func tableItem(
	item map[string]streamtypes.AttributeValue, depth int,
) map[string]types.AttributeValue {
	converted := make(map[string]types.AttributeValue, len(item))
	for name, value := range item {
		converted[name] = tableValue(value, depth+1)
	}
	return converted
}

// tableValue converts a value. It returns nil for what is no value.
func tableValue(value streamtypes.AttributeValue, depth int) types.AttributeValue {
	if v := reflect.ValueOf(value); depth > maxConverted ||
		v.Kind() == reflect.Pointer && v.IsNil() {
		return nil
	}
	switch v := value.(type) {
	case *streamtypes.AttributeValueMemberS:
		return &types.AttributeValueMemberS{Value: v.Value}
	case *streamtypes.AttributeValueMemberN:
		return &types.AttributeValueMemberN{Value: v.Value}
	case *streamtypes.AttributeValueMemberB:
		return &types.AttributeValueMemberB{Value: v.Value}
	case *streamtypes.AttributeValueMemberBOOL:
		return &types.AttributeValueMemberBOOL{Value: v.Value}
	case *streamtypes.AttributeValueMemberNULL:
		return &types.AttributeValueMemberNULL{Value: v.Value}
	case *streamtypes.AttributeValueMemberSS:
		return &types.AttributeValueMemberSS{Value: v.Value}
	case *streamtypes.AttributeValueMemberNS:
		return &types.AttributeValueMemberNS{Value: v.Value}
	case *streamtypes.AttributeValueMemberBS:
		return &types.AttributeValueMemberBS{Value: v.Value}
	case *streamtypes.AttributeValueMemberM:
		return &types.AttributeValueMemberM{Value: tableItem(v.Value, depth)}
	case *streamtypes.AttributeValueMemberL:
		list := make([]types.AttributeValue, len(v.Value))
		for i, element := range v.Value {
			list[i] = tableValue(element, depth+1)
		}
		return &types.AttributeValueMemberL{Value: list}
	}
	return nil
}

// change decodes a record. own is false if the record is not of an item of the model. A record that
// the model does not have is left out even if something is wrong with it.
func (l loader) change(r *record) (c anyChange, own bool, err error) {
	c.StreamRecord = r.StreamRecord
	switch other := r.otherThan(l.table.name); {
	case other != "" && r.shared:
		return c, false, nil
	case other != "":
		return c, false, fmt.Errorf("the record is of the table %q; give it to the Table of that "+
			"table, whose name WithTableName can set", shown.Name(other))
	case l.table.schema.autoincrement && r.isOfCounter(l.table.schema):
		return c, false, nil
	}
	if c, own, err = l.decodeChange(c, r); err != nil {
		c.Key = l.keyOf(r)
	}
	return c, own, err
}

// otherThan returns the table of the record, by its name or ARN, if that is another one, or "".
func (r *record) otherThan(table string) string {
	name := tableOfARN(r.table)
	switch {
	case name == "":
		return ""
	case name != tableOfARN(table):
		return name
	case isARN(r.table) && isARN(table) && accountOf(r.table) != accountOf(table):
		return ownerOf(r.table) + ":table/" + name
	}
	return ""
}

// decodeChange decodes a record of the table.
func (l loader) decodeChange(c anyChange, r *record) (_ anyChange, own bool, err error) {
	switch {
	case r.problem != nil:
		return c, false, r.problem
	case r.old == "" && r.new == "":
		return l.changeOfKey(c, r)
	}
	before, err := l.image(r.old)
	if err != nil {
		return c, false, err
	}
	after, err := l.image(r.new)
	if err != nil {
		return c, false, err
	}
	c.old, c.new = before.item, after.item
	of := after
	if after.item == nil {
		of = before
	}
	if of.item == nil {
		return c, false, nil // all images are of other entities
	}
	// Of an item that has become one of another entity, or was one, the model sees one side.
	if before.other {
		c.Kind, c.StreamRecord.old = Inserted, ""
	}
	if after.other {
		c.Kind, c.StreamRecord.new = Removed, ""
	}
	c.Key, c.Entity = l.of(of.table).keyOfImage(of.raw, r.keys), of.table.schema.entityName()
	return c, true, nil
}

// keyOf returns the key of a record that cannot be decoded: by its model, or as it is stored if no
// model has a key of that form. The key is empty if the record has none.
func (l loader) keyOf(r *record) PrimaryKey {
	text := cmp.Or(r.keys, r.new, r.old)
	keys, err := parseRawItem(text)
	if err != nil {
		return PrimaryKey{}
	}
	of, image := l.table, cmp.Or(r.new, r.old)
	switch {
	case of.kinds == nil:
	case image != "":
		of, err = l.kindOf(image)
	default:
		of, err = l.kindOfKey(keys, text)
	}
	if err != nil || of.schema.checkKeyForm(keys) != nil {
		return l.table.schema.storedKeyIn(text)
	}
	return of.schema.keyIn(text)
}

// isOfCounter reports whether a record is of the item that counts ids.
func (r *record) isOfCounter(s *schema) bool {
	for _, text := range []string{r.keys, r.new, r.old} {
		if text != "" {
			return s.isCounterText(text)
		}
	}
	return false
}

// image is a decoded image. Without one, item is nil.
type image struct {
	item  anyItem
	raw   string
	table *table // of the item's model
	other bool   // the image is of another entity
}

func (l loader) image(raw string) (image, error) {
	if raw == "" {
		return image{}, nil
	}
	if l.table.kinds != nil {
		t, err := l.kindOf(raw)
		if err != nil {
			return image{}, err
		}
		l = l.of(t)
	}
	item, err := l.checkedText(raw)
	if errors.Is(err, ErrOtherEntity) {
		return image{other: true}, nil
	}
	return image{item, raw, l.table, false}, err
}

// keyOfImage returns the key of an item. The parts of a format are taken from the image, which may
// spell them in another way than the key.
func (l loader) keyOfImage(raw, keys string) PrimaryKey {
	if keys == "" || l.table.schema.hasKeyFormat() {
		return l.table.schema.keyIn(raw)
	}
	return l.table.schema.keyIn(keys)
}

// changeOfKey completes a change of which only the key is known.
func (l loader) changeOfKey(c anyChange, r *record) (anyChange, bool, error) {
	keys, err := parseRawItem(r.keys)
	if err != nil {
		return c, false, fmt.Errorf("the keys are no attribute values: %w", err)
	}
	if l.table.kinds != nil {
		t, err := l.kindOfKey(keys, r.keys)
		if err != nil {
			return c, false, err
		}
		l = l.of(t)
	}
	s := l.table.schema
	switch {
	case s.entity != nil && !s.keyTells():
		return c, false, l.newKeyAloneError("no key of the model has a format")
	case s.entity != nil && s.checkKeyForm(keys) != nil:
		return c, false, nil
	}
	if err := s.checkKeyForm(keys); err != nil {
		return c, false, l.newError(err, "")
	}
	c.Key, c.Entity = s.keyIn(r.keys), s.entityName()
	return c, true, nil
}

// newKeyAloneError returns the error of a record whose key does not tell the entity.
func (l loader) newKeyAloneError(reason string) error {
	return fmt.Errorf("the record has no image, and its key does not tell the entity, because %s; "+
		"give the table's stream the view %s", reason, types.StreamViewTypeNewAndOldImages)
}

// keyTells reports whether the form of a key tells the entity.
func (s *schema) keyTells() bool {
	for _, f := range s.keyFields() {
		if f.computed != nil && f.computed.format.HasText() {
			return true
		}
	}
	return false
}

// kindOfKey returns the only table of a collection whose keys have the form of this key.
func (l loader) kindOfKey(keys rawItem, text string) (*table, error) {
	var found *table
	for _, t := range l.table.kinds.tables {
		if t.schema.checkKeyForm(keys) != nil {
			continue
		}
		if found != nil {
			return nil, l.newKeyAloneError(fmt.Sprintf("keys of %s and %s have this form",
				found.schema.goType, t.schema.goType))
		}
		found = t
	}
	if found == nil {
		return nil, &UnknownEntityError{Op: l.op, Table: l.table.name,
			Key: l.table.schema.storedKeyIn(text), keyAlone: true}
	}
	return found, nil
}

// checkKeyForm refuses a key that is not one of the model's: of another type or format.
func (s *schema) checkKeyForm(keys rawItem) error {
	model := reflect.New(s.goType).Elem()
	for _, f := range s.keyFields() {
		value := keys.raw(f.attribute)
		if value == "" {
			return fmt.Errorf("the record has no value of the key %q", f.attribute)
		}
		if f.computed == nil || f.computed.stored {
			if err := s.decodeAttribute(f, value, model); err != nil {
				return err
			}
		}
		if f.computed == nil {
			continue
		}
		if err := s.checkFormatted(f, value, model); err != nil {
			return err
		}
	}
	return nil
}

// checkFormatted refuses a text that is not one of the field's format.
func (s *schema) checkFormatted(f *field, value wire.Raw, model reflect.Value) error {
	texts, ok := []string(nil), value.Type() == wire.S
	if ok {
		texts, ok = f.computed.format.Split(nil, value.Text())
	}
	if !ok {
		return fmt.Errorf("the key %q is no text of its format", f.attribute)
	}
	for i, part := range f.computed.parts {
		stored := wire.NewText(texts[i])
		if part.codec.stored() == wire.N {
			stored = wire.NewNumber(texts[i])
		}
		if err := s.decodeAttribute(part, stored, model); err != nil {
			return err
		}
	}
	return nil
}
