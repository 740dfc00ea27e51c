package gen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A VectorIndex describes a vector index of a table.
type VectorIndex struct {
	Name       string
	Attribute  string // that holds the vectors
	Dimensions int
	Distance   string // COSINE, EUCLIDEAN or DOT_PRODUCT
	Hash       string // the attribute that each search names, or ""
	Filters    []string
	Projection string // ALL, KEYS_ONLY or INCLUDE
	Include    []string
}

// vectorDescription is a vector index in the JSON of CreateTable and DescribeTable.
type vectorDescription struct {
	IndexName        string
	VectorAttribute  struct{ AttributeName string }
	Dimensions       int
	DistanceFunction string
	SearchSchema     []searchElement
	Projection       struct {
		ProjectionType   string
		NonKeyAttributes []string
	}
}

type searchElement struct{ AttributeName, SearchSchemaElementType string }

// distances has the tag's names of the distances.
var distances = map[string]string{"COSINE": "cosine", "EUCLIDEAN": "euclidean", "DOT_PRODUCT": "dot"}

func (d *vectorDescription) index() (VectorIndex, error) {
	v := VectorIndex{Name: d.IndexName, Attribute: d.VectorAttribute.AttributeName,
		Dimensions: d.Dimensions, Distance: d.DistanceFunction,
		Projection: d.Projection.ProjectionType,
		Include:    slices.Sorted(slices.Values(d.Projection.NonKeyAttributes))}
	for _, element := range d.SearchSchema {
		switch element.SearchSchemaElementType {
		case "HASH":
			v.Hash = element.AttributeName
		case "INLINE_FILTER":
			v.Filters = append(v.Filters, element.AttributeName)
		default:
			return v, fmt.Errorf("the element %q of the search schema has the type %q; give HASH "+
				"or INLINE_FILTER", element.AttributeName, element.SearchSchemaElementType)
		}
	}
	return v, nil
}

// newVectorDescription converts the SDK's description of a vector index.
func newVectorDescription(from *types.VectorIndexDescription) vectorDescription {
	d := vectorDescription{IndexName: aws.ToString(from.IndexName),
		Dimensions:       int(aws.ToInt64(from.Dimensions)),
		DistanceFunction: string(from.DistanceFunction)}
	if from.VectorAttribute != nil {
		d.VectorAttribute.AttributeName = aws.ToString(from.VectorAttribute.AttributeName)
	}
	for _, element := range from.SearchSchema {
		d.SearchSchema = append(d.SearchSchema, searchElement{aws.ToString(element.AttributeName),
			string(element.SearchSchemaElementType)})
	}
	if from.Projection != nil {
		d.Projection.ProjectionType = string(from.Projection.ProjectionType)
		d.Projection.NonKeyAttributes = from.Projection.NonKeyAttributes
	}
	return d
}

// selectors returns the attributes by which a search of the index selects.
func (v *VectorIndex) selectors() []string {
	if v.Hash == "" {
		return v.Filters
	}
	return append([]string{v.Hash}, v.Filters...)
}

// chooseVectors chooses the vector indexes of a model. An entity has those that one of its items is
// in, if they project its name, which reads need. An index that a tag cannot declare for all items
// is left out, and a note says so.
func (m *model) chooseVectors(items []Item) {
	for _, v := range m.table.Vectors {
		isIn := slices.ContainsFunc(items, func(item Item) bool {
			_, has := item[v.Attribute]
			return has
		})
		projects := v.Projection != "KEYS_ONLY" &&
			(v.Projection != "INCLUDE" || slices.Contains(v.Include, m.attribute))
		switch {
		case m.entity != "" && !isIn:
		case m.entity != "" && !projects:
			m.hidden = append(m.hidden, Index{Name: v.Name})
		case !m.table.fits(&v, items):
			m.notes = append(m.notes, fmt.Sprintf("It does not have the vector index %s, because no "+
				"tag fits its attributes in all items.", strconv.Quote(v.Name)))
		default:
			m.vectors = append(m.vectors, v)
		}
	}
}

// fits reports whether tags can declare a vector index: all vectors have its dimensions, and the
// attributes by which searches select have the types of their definitions.
func (t *Table) fits(v *VectorIndex, items []Item) bool {
	if distances[v.Distance] == "" || !isTaggable(v.Attribute) || strings.Contains(v.Name, ";") {
		return false
	}
	for _, name := range v.selectors() {
		if !isTaggable(name) || t.Kinds[name] == "" {
			return false
		}
	}
	return !slices.ContainsFunc(items, func(item Item) bool {
		vector, has := item[v.Attribute]
		return has && !vector.isVector(v.Dimensions) ||
			slices.ContainsFunc(v.selectors(), func(name string) bool {
				value, has := item[name]
				return has && value.kind != t.Kinds[name]
			})
	})
}

// isVector reports whether a value is a list of so many numbers that a float32 can hold.
func (v *Value) isVector(dimensions int) bool {
	return v.kind == "L" && len(v.list) == dimensions &&
		!slices.ContainsFunc(v.list, func(number Value) bool {
			_, err := strconv.ParseFloat(number.text, 32)
			return number.kind != "N" || err != nil
		})
}

// isRounded reports whether a float32 has fewer digits than a number.
func isRounded(number Value) bool {
	exact, _ := strconv.ParseFloat(number.text, 64)
	short, _ := strconv.ParseFloat(strconv.FormatFloat(float64(float32(exact)), 'g', -1, 32), 64)
	return short != exact
}

// vectorAttributes lists the attributes that the vector indexes of a model name.
func (m *model) vectorAttributes() []string {
	var names []string
	for _, v := range m.vectors {
		names = append(append(names, v.Attribute), v.selectors()...)
		if v.Projection == "INCLUDE" {
			names = append(names, v.Include...)
		}
	}
	return names
}

// setVectors gives a field the elements of the tag vector, and a vector its type. If an item has a
// number with more digits than the type, a note says so.
func (m *model) setVectors(f *field, items []Item) {
	for _, v := range m.vectors {
		switch {
		case v.Attribute == f.attribute:
			f.goType = &goType{kind: sliceType, elem: &goType{kind: float32Type}}
			f.vectors = append(f.vectors, fmt.Sprintf("%s,%s,dimensions=%d%s", v.Name,
				distances[v.Distance], v.Dimensions,
				m.projection(Index{Projection: v.Projection, Include: v.Include})))
		case v.Hash == f.attribute:
			f.vectors = append(f.vectors, v.Name+",hash")
		case slices.Contains(v.Filters, f.attribute):
			f.vectors = append(f.vectors, v.Name+",filter")
		}
	}
	if f.goType != nil && slices.ContainsFunc(items, func(item Item) bool {
		return slices.ContainsFunc(item[f.attribute].list, isRounded)
	}) {
		f.note("Some numbers have more digits than a float32. They stay until the vector is edited.")
	}
}
