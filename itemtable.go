package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// Item is an item of any table, for tools that know no model of it. ItemTable returns its table.
//
// A loaded attribute is a string, json.Number, []byte, bool, []any, map[string]any, nil for NULL,
// or one of the SDK's sets, such as *types.AttributeValueMemberSS. An attribute may be set to any
// Go value. Save writes what was edited or added, and removes what was deleted from the map.
type Item struct {
	Model
	Attributes map[string]any `dynamo:",rest"`
}

// ItemTable returns the table with a name, whose items are maps. The mapper's prefix is put before
// the name, which may be an ARN, as in WithTableName. ItemTable sends one DescribeTable, and takes
// from the response the keys, their types, and the indexes, also those of vectors; it does not
// notice indexes that are added later.
//
// All calls of Table work as with a model that has no version. Modify, and a Get in a transaction,
// therefore return an error: use Get, and Save with FailOnConflict. If other programs compare a
// version, a save must renew it; use a struct with the version and a field with the option rest.
//
// If the table does not exist, the error wraps the SDK's *types.ResourceNotFoundException. If the
// name is none that DynamoDB takes, ItemTable sends no request, and the error matches ErrSchema.
func ItemTable(
	ctx context.Context, m *Mapper, name string, opts ...TableOption,
) (*Table[Item], error) {
	made, err := prepareItemTable(ctx, m, name, opts)
	if err != nil {
		return nil, newCallError("ItemTable", "", err)
	}
	live, err := made.describe(ctx, "ItemTable")
	if err == nil {
		err = made.schema.takeLive(live)
		if err != nil {
			err = newCallError("ItemTable", made.name, err)
		}
	}
	if err != nil {
		return nil, err
	}
	return &Table[Item]{made}, nil
}

// prepareItemTable returns the table of items, whose schema has no keys yet.
func prepareItemTable(
	ctx context.Context, m *Mapper, name string, opts []TableOption,
) (table, error) {
	switch {
	case m.isEmpty():
		return table{}, errNoMapper
	case ctx == nil:
		return table{}, errNilContext
	case name == "":
		return table{}, errors.New("the name of the table is empty; give a name")
	}
	s := &schema{structPlan: structPlan{goType: reflect.TypeFor[Item]()}, table: name}
	maker := &schemaMaker{schema: s, codecs: newCodecMaker()}
	for _, step := range []func() error{maker.findFields, maker.readModelTag, maker.takeRest} {
		if err := step(); err != nil {
			return table{}, err
		}
	}
	s.table = name
	given := tableSettings{name: name}
	if err := applyOptions(opts, &given, TableOption.setTable); err != nil {
		return table{}, err
	}
	if given.name != name {
		return table{}, fmt.Errorf("the name of the table is given twice, as %q and by "+
			"WithTableName; leave WithTableName out", name)
	}
	return s.makeTable(m, newItem[Item], opts)
}

// takeLive takes the keys and the indexes of a live table. The schema is of one table, so that it
// is not in the cache.
func (s *schema) takeLive(live *types.TableDescription) error {
	l := liveSchema{schema: s, kinds: live.AttributeDefinitions}
	keys, err := l.takeKeys(live.KeySchema)
	if err != nil {
		return err
	}
	if len(keys.hash) != 1 || len(keys.rng) > 1 {
		return errors.New("the response to DescribeTable has not one hash key and at most one range " +
			"key, which every table has; check what the client is connected to")
	}
	s.hash, s.keys = keys.hash[0], keys.fields()
	s.hash.Hash = true
	if len(keys.rng) > 0 {
		s.rng, s.keys[1].Range = keys.rng[0], true
	}
	for _, i := range liveIndexes(live) {
		if i.status == types.IndexStatusDeleting {
			continue
		}
		if err := l.takeIndex(i); err != nil {
			return err
		}
	}
	for _, v := range live.VectorIndexes {
		if v.IndexStatus == types.IndexStatusDeleting {
			continue
		}
		if err := l.takeVector(v); err != nil {
			return err
		}
	}
	s.setFields(l.fields)
	s.sorted = sortFields(s.fields)
	s.keyParts = s.keys
	return nil
}

// howToDeclare returns how a user adds what an index lacks. The library declares the model of
// ItemTable, so that nobody can change its tags.
func (s *schema) howToDeclare(byTag string) string {
	if s.goType == reflect.TypeFor[Item]() {
		return "add it to the table, and call ItemTable again"
	}
	return byTag
}

// liveSchema collects the fields of the keys of a live table.
type liveSchema struct {
	schema *schema
	kinds  []types.AttributeDefinition
	fields []*field
}

func (l *liveSchema) takeIndex(live liveIndex) error {
	keys, err := l.takeKeys(live.keys)
	if err != nil {
		return fmt.Errorf("index %q: %w", live.name, err)
	}
	taken := &index{name: live.name, local: live.local, keys: keys}
	keys.markIndexed()
	taken.takeProjection(live.projection)
	l.schema.indexes = append(l.schema.indexes, taken)
	return nil
}

func (i *index) takeProjection(live *types.Projection) {
	if live == nil {
		return
	}
	i.keysOnly = live.ProjectionType == types.ProjectionTypeKeysOnly
	if live.ProjectionType == types.ProjectionTypeInclude {
		i.include = append([]string{}, live.NonKeyAttributes...)
	}
}

// takeVector takes a vector index. Its vector is a member of the map as any other.
func (l *liveSchema) takeVector(live types.VectorIndexDescription) error {
	name := aws.ToString(live.IndexName)
	if live.VectorAttribute == nil || live.Dimensions == nil {
		return fmt.Errorf("the response to DescribeTable does not name the vector attribute of the "+
			"index %q; check what the client is connected to", name)
	}
	v := &vectorIndex{index: index{name: name}, distance: live.DistanceFunction,
		dimensions: int(*live.Dimensions),
		vector:     l.schema.rest.member(aws.ToString(live.VectorAttribute.AttributeName))}
	v.takeProjection(live.Projection)
	for _, element := range live.SearchSchema {
		f, err := l.take(aws.ToString(element.AttributeName))
		if err != nil {
			return fmt.Errorf("vector index %q: %w", name, err)
		}
		if element.SearchSchemaElementType == types.SearchSchemaElementTypeHash {
			v.keys.hash = append(v.keys.hash, f)
		} else {
			v.keys.rng = append(v.keys.rng, f)
		}
	}
	v.keys.markIndexed()
	l.schema.vectors = append(l.schema.vectors, v)
	return nil
}

// markIndexed marks the attributes as those of an index, apart from the keys of the table.
func (k keySchema) markIndexed() {
	for _, f := range k.fields() {
		f.IndexKey = f.IndexKey || !f.Hash && !f.Range
	}
}

func (l *liveSchema) takeKeys(elements []types.KeySchemaElement) (keys keySchema, err error) {
	for _, element := range elements {
		f, err := l.take(aws.ToString(element.AttributeName))
		if err != nil {
			return keys, err
		}
		if element.KeyType == types.KeyTypeHash {
			keys.hash = append(keys.hash, f)
		} else {
			keys.rng = append(keys.rng, f)
		}
	}
	return keys, nil
}

// take returns the field of a key attribute, which stands for the member of the map.
func (l *liveSchema) take(attribute string) (*field, error) {
	at := slices.IndexFunc(l.fields, func(f *field) bool { return f.attribute == attribute })
	if at >= 0 {
		return l.fields[at], nil
	}
	kind := kindOfLive(attribute, l.kinds)
	want, ok := map[types.ScalarAttributeType]wire.Type{types.ScalarAttributeTypeS: wire.S,
		types.ScalarAttributeTypeN: wire.N, types.ScalarAttributeTypeB: wire.B}[kind]
	if !ok {
		return nil, fmt.Errorf("the key attribute %q is of type %s, and keys are of type S, N or B",
			attribute, kind)
	}
	f := l.schema.rest.member(attribute)
	f.number, f.codec = len(l.fields), f.codec.only(want)
	l.fields = append(l.fields, f)
	return f, nil
}

// only returns a codec of values of any Go type that are stored as one type.
func (c *codec) only(want wire.Type) *codec {
	typed := *c
	typed.wire = want
	typed.encode = func(e *encoder, v reflect.Value) error {
		start := len(e.text)
		if err := c.encode(e, v); err != nil {
			return err
		}
		if got := e.taken(start).Type(); got != want {
			return fmt.Errorf("the attribute is a key of type %s, and the value is of type %s; give "+
				"%s", want, got, keyValues[want])
		}
		return nil
	}
	return &typed
}

// keyValues describes the Go values of keys.
var keyValues = map[wire.Type]string{wire.S: "a string", wire.N: "a number", wire.B: "bytes"}
