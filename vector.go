package dynamapper

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/tag"
)

// Limits of vector indexes.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
const (
	maxVectorIndexes = 5
	maxInlineFilters = 18 // of one index
)

// vectorIndex is a vector index of the table. The hash attribute of its keys, if it has one, and
// its inline filters, as the range attributes, are those by which a search selects.
type vectorIndex struct {
	index
	vector     *field
	distance   types.VectorDistanceFunction
	dimensions int
}

var distanceFunctions = map[string]types.VectorDistanceFunction{
	"cosine":    types.VectorDistanceFunctionCosine,
	"euclidean": types.VectorDistanceFunctionEuclidean,
	"dot":       types.VectorDistanceFunctionDotProduct,
}

// hash returns the index's hash attribute, or nil if it has none.
func (v *vectorIndex) hash() *field {
	if len(v.keys.hash) == 0 {
		return nil
	}
	return v.keys.hash[0]
}

// isVector reports whether a place is a whole vector, not an element of one.
func (t target) isVector() bool { return t.Dimensions > 0 && !t.element }

// isVector reports whether a type can be a vector.
func isVector(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Float32 &&
		!hasOwnCodec(t) && !hasOwnCodec(t.Elem())
}

// makeVectorCodec makes the codec of a vector, which is stored as L of N. An empty vector is
// missing. A vector of other dimensions can be read and not written, because the service refuses
// it.
func (m *codecMaker) makeVectorCodec(t reflect.Type, dimensions int) (*codec, error) {
	list, err := m.makeCodec(t)
	if err != nil {
		return nil, err
	}
	vector := *list
	vector.empty = func(v reflect.Value) bool { return v.Len() == 0 }
	vector.encode = func(e *encoder, v reflect.Value) error {
		if v.Len() != dimensions {
			return fmt.Errorf("the vector has %s, and the tag says %d; give a vector of the same "+
				"embedding model", amountOf(v.Len(), "dimension"), dimensions)
		}
		return list.encode(e, v)
	}
	return &vector, nil
}

// makeVectors makes the vector indexes from the vector tags of all fields.
func (m *schemaMaker) makeVectors() error {
	for _, f := range m.schema.fields {
		for _, element := range f.vectorTags {
			if element.Selects() {
				continue
			}
			if err := m.addVector(f, element); err != nil {
				return err
			}
		}
	}
	for _, f := range m.schema.fields {
		for _, element := range f.vectorTags {
			if !element.Selects() {
				continue
			}
			if err := m.addSelector(f, element); err != nil {
				return err
			}
		}
	}
	if n := len(m.schema.vectors); n > maxVectorIndexes {
		return m.error("the model has %d vector indexes, and a table has %d at most; remove some",
			n, maxVectorIndexes)
	}
	return nil
}

// addVector adds the vector index that a tag at a vector declares.
func (m *schemaMaker) addVector(f *field, element tag.Vector) error {
	if err := checkName("index", element.Name); err != nil {
		return m.errorAt(f, "%v", err)
	}
	switch other := m.schema.vectorNamed(element.Name); {
	case other != nil:
		return m.errorAt(f, "vector index %q has a second vector, beside %s; keep one, or give the "+
			"index of one of them another name", element.Name, other.vector.goPath)
	case m.schema.indexNamed(element.Name) != nil:
		return m.errorAt(f, "vector index %q has the name of another index; give one of the two "+
			"another name", element.Name)
	case element.Dimensions != f.Dimensions:
		return m.errorAt(f, "the vector has %d dimensions in vector index %q and %d in another; "+
			"a vector has one number of dimensions", element.Dimensions, element.Name, f.Dimensions)
	}
	v := &vectorIndex{vector: f, distance: distanceFunctions[element.Distance],
		dimensions: element.Dimensions,
		index: index{name: element.Name, keysOnly: element.KeysOnly,
			include: element.Include}}
	for n, attribute := range v.include {
		if m.schema.byAttribute[attribute] == nil {
			return m.errorAt(f, "vector index %q: %v", v.name,
				m.schema.newUnknownAttributeError(attribute))
		}
		if slices.Contains(v.include[:n], attribute) {
			return m.errorAt(f, "vector index %q includes the attribute %q twice; remove one of "+
				"the two", v.name, attribute)
		}
	}
	m.schema.vectors = append(m.schema.vectors, v)
	return nil
}

// addSelector adds an attribute by which searches select to the vector index that a tag names.
func (m *schemaMaker) addSelector(f *field, element tag.Vector) error {
	v := m.schema.vectorNamed(element.Name)
	switch {
	case v == nil:
		return m.errorAt(f, "no field is the vector of vector index %q; add the tag "+
			"`vector:%q` to it", element.Name, element.Name+",cosine,dimensions=N")
	case v.keys.has(f):
		return m.errorAt(f, "vector index %q has the field twice; keep one", v.name)
	case element.Hash && len(v.keys.hash) > 0:
		return m.errorAt(f, "vector index %q has a second hash attribute, beside %s; keep one, or "+
			"make it a filter", v.name, v.hash().goPath)
	case element.Hash:
		v.keys.hash = []*field{f}
		return nil
	case len(v.keys.rng) == maxInlineFilters:
		return m.errorAt(f, "vector index %q has more than %d filters; remove some", v.name,
			maxInlineFilters)
	}
	v.keys.rng = append(v.keys.rng, f)
	return nil
}

func (s *schema) vectorNamed(name string) *vectorIndex {
	for _, v := range s.vectors {
		if v.name == name {
			return v
		}
	}
	return nil
}

// makeSearchSchema lists the attributes by which a search selects.
func (v *vectorIndex) makeSearchSchema() []types.SearchSchemaElement {
	var elements []types.SearchSchemaElement
	for n, f := range v.keys.fields() {
		role := types.SearchSchemaElementTypeHash
		if n >= len(v.keys.hash) {
			role = types.SearchSchemaElementTypeInlineFilter
		}
		elements = append(elements, types.SearchSchemaElement{
			AttributeName: aws.String(f.attribute), SearchSchemaElementType: role})
	}
	return elements
}

// makeVectorIndexes returns the vector indexes of a table to create.
func (s *schema) makeVectorIndexes() []types.VectorIndex {
	var made []types.VectorIndex
	for _, v := range s.vectors {
		made = append(made, types.VectorIndex{
			IndexName: aws.String(v.name),
			VectorAttribute: &types.VectorAttributeDefinition{
				AttributeName: aws.String(v.vector.attribute)},
			Dimensions: aws.Int64(int64(v.dimensions)), DistanceFunction: v.distance,
			SearchSchema: v.makeSearchSchema(), Projection: s.makeProjection(&v.index),
		})
	}
	return made
}

// awaitsVector reports whether a vector index of the model cannot be searched yet.
func (s *schema) awaitsVector(table *types.TableDescription) bool {
	return slices.ContainsFunc(table.VectorIndexes, func(live types.VectorIndexDescription) bool {
		return isVectorComing(live) && s.vectorNamed(aws.ToString(live.IndexName)) != nil
	})
}

// isVectorComing reports whether a vector index is being created or filled.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/VectorSearchDataSync.html
func isVectorComing(live types.VectorIndexDescription) bool {
	return live.IndexStatus == types.IndexStatusCreating || aws.ToBool(live.Backfilling)
}

// compareVectors describes the differences between the vector indexes of the live table and of the
// model.
func (s *schema) compareVectors(table *types.TableDescription) []string {
	var problems []string
	for _, v := range s.vectors {
		live := liveVector(table, v.name)
		if live == nil {
			problems = append(problems, fmt.Sprintf("the vector index %q is missing: add it with "+
				"PlanTables and Apply", v.name))
			continue
		}
		problems = append(problems, s.compareVector(v, live, table.AttributeDefinitions)...)
	}
	return problems
}

// liveVector returns a vector index of the live table, or nil.
func liveVector(table *types.TableDescription, name string) *types.VectorIndexDescription {
	at := slices.IndexFunc(table.VectorIndexes, func(live types.VectorIndexDescription) bool {
		return aws.ToString(live.IndexName) == name
	})
	if at < 0 || table.VectorIndexes[at].IndexStatus == types.IndexStatusDeleting {
		return nil
	}
	return &table.VectorIndexes[at]
}

// compareVector describes the differences between a live vector index and that of the model.
func (s *schema) compareVector(
	v *vectorIndex, live *types.VectorIndexDescription, kinds []types.AttributeDefinition,
) []string {
	var problems []string
	is := describeLiveVector(live, kinds)
	if want := v.describe(); is != want {
		problems = append(problems, fmt.Sprintf("the vector index %q is of %s, that of the "+
			"model of %s: correct the tags, or replace the index with PlanTables and Apply",
			v.name, is, want))
	}
	if lacking := s.lackingIn(&v.index, live.Projection); lacking != "" {
		problems = append(problems, fmt.Sprintf("the vector index %q lacks %s: say in its tag "+
			"what it projects (keys_only or include=), or replace the index with PlanTables and "+
			"Apply", v.name, lacking))
	}
	return problems
}

// describe describes a vector index in the form of describeLiveVector.
func (v *vectorIndex) describe() string {
	parts := []string{fmt.Sprintf("%q (%d, %s)", v.vector.attribute, v.dimensions, v.distance)}
	for n, f := range v.keys.fields() {
		role := "hash"
		if n >= len(v.keys.hash) {
			role = "filter"
		}
		parts = append(parts, fmt.Sprintf("%s %q (%s)", role, f.attribute, f.codec.wire))
	}
	slices.Sort(parts[1:]) // the order has no meaning
	return strings.Join(parts, ", ")
}

// describeLiveVector describes a live vector index: "taste" (384, COSINE), hash "team" (S).
func describeLiveVector(
	live *types.VectorIndexDescription, kinds []types.AttributeDefinition,
) string {
	attribute := ""
	if live.VectorAttribute != nil {
		attribute = aws.ToString(live.VectorAttribute.AttributeName)
	}
	parts := []string{fmt.Sprintf("%q (%d, %s)", attribute, aws.ToInt64(live.Dimensions),
		live.DistanceFunction)}
	for _, element := range live.SearchSchema {
		role := "filter"
		if element.SearchSchemaElementType == types.SearchSchemaElementTypeHash {
			role = "hash"
		}
		name := aws.ToString(element.AttributeName)
		parts = append(parts, fmt.Sprintf("%s %q (%s)", role, name, kindOfLive(name, kinds)))
	}
	slices.Sort(parts[1:])
	return strings.Join(parts, ", ")
}

// describeVectors describes all vector indexes of a table, in a form that does not depend on their
// order.
func describeVectors(
	indexes []types.VectorIndexDescription, kinds []types.AttributeDefinition,
) string {
	var texts []string
	for i := range indexes {
		text := fmt.Sprintf("%q %s", aws.ToString(indexes[i].IndexName),
			describeLiveVector(&indexes[i], kinds))
		if p := indexes[i].Projection; p != nil {
			text += fmt.Sprintf(" %s %q", p.ProjectionType,
				slices.Sorted(slices.Values(p.NonKeyAttributes)))
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return strings.Join(texts, "\n")
}

// askedVectors lists the vector indexes of a request in the form of a description.
func askedVectors(asked []types.VectorIndex) []types.VectorIndexDescription {
	var described []types.VectorIndexDescription
	for _, v := range asked {
		described = append(described, types.VectorIndexDescription{
			IndexName: v.IndexName, VectorAttribute: v.VectorAttribute, Dimensions: v.Dimensions,
			DistanceFunction: v.DistanceFunction, SearchSchema: v.SearchSchema,
			Projection: v.Projection})
	}
	return described
}

// uniteVectors adds the vector indexes of all models of a collection. An index of several models
// projects what one of them needs.
func (u *union) uniteVectors() error {
	for _, model := range u.models {
		for _, v := range model.vectors {
			known := u.schema.vectorNamed(v.name)
			switch {
			case u.schema.indexNamed(v.name) != nil:
				return model.newMemberError(v.vector, "vector index %q has the name of an index "+
					"of another model of the collection; give one of them another name", v.name)
			case known == nil:
				u.schema.vectors = append(u.schema.vectors, &vectorIndex{
					index: *u.copyOf(&v.index), vector: u.schema.byAttribute[v.vector.attribute],
					distance: v.distance, dimensions: v.dimensions})
			case known.describe() != v.describe():
				return model.newMemberError(v.vector, "vector index %q is of %s, and of %s in "+
					"another model of the collection; give all models the same attributes",
					v.name, v.describe(), known.describe())
			default:
				known.project(&v.index)
			}
		}
	}
	if n := len(u.schema.vectors); n > maxVectorIndexes {
		return &SchemaError{Type: collectionType, Problem: fmt.Sprintf("the models have %d vector "+
			"indexes together, and a table has %d at most; remove some", n, maxVectorIndexes)}
	}
	return u.checkVectors()
}

// checkVectors refuses a model that stores something else, or a vector of other dimensions, where
// another model of the collection has a vector: the service refuses such an item.
func (u *union) checkVectors() error {
	for _, v := range u.schema.vectors {
		for _, model := range u.models {
			f := model.byAttribute[v.vector.attribute]
			if f != nil && f.Dimensions != v.dimensions {
				return model.newMemberError(f, "the attribute is the vector of index %q in another "+
					"model of the collection, with %d dimensions; give it the tag `vector:%q`, or "+
					"another name", v.name, v.dimensions, v.name+",...")
			}
		}
	}
	return nil
}
