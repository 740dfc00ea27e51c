package service

import (
	"fmt"
	"slices"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/table"
)

// Limits of vector indexes: the service's documentation, "Quotas".
const (
	maxVectors       = 5 // indexes of a table
	maxDimensions    = 4096
	maxInlineFilters = 18 // of an index
	maxInlineFilter  = 10240
)

// vectorDescription is a vector index.
type vectorDescription struct {
	name       string
	attribute  string // the attribute with the vectors
	dimensions int64
	distance   string // COSINE, EUCLIDEAN or DOT_PRODUCT
	schema     []searchElement
	projection projectionDescription
}

// searchElement is an attribute by which searches select.
type searchElement struct {
	name   string
	filter bool // INLINE_FILTER, not HASH
}

const inlineFilter = "INLINE_FILTER"

var distances = map[string]table.Distance{
	"COSINE": table.Cosine, "EUCLIDEAN": table.Euclidean, "DOT_PRODUCT": table.DotProduct,
}

func describeVector(index *protocol.VectorIndex) *vectorDescription {
	return &vectorDescription{
		name: *index.IndexName, attribute: *index.VectorAttribute.AttributeName,
		dimensions: *index.Dimensions, distance: *index.DistanceFunction,
		schema: searchElementsOf(index.SearchSchema), projection: projectionOf(index.Projection),
	}
}

func searchElementsOf(schema []protocol.SearchSchemaElement) []searchElement {
	elements := make([]searchElement, len(schema))
	for i, e := range schema {
		elements[i] = searchElement{
			text(e.AttributeName), text(e.SearchSchemaElementType) == inlineFilter,
		}
	}
	return elements
}

// vectorSchema returns a vector index in the form of package table.
func (d *tableDescription) vectorSchema(index *vectorDescription) table.VectorSchema {
	schema := table.VectorSchema{
		Name: index.name, Attribute: index.attribute, Dimensions: int(index.dimensions),
		Distance:   distances[index.distance],
		Projection: projections[index.projection.kind], Included: index.projection.included,
	}
	for _, e := range index.schema {
		part := table.KeyPart{Name: e.name, Kind: keyKinds[d.kindOf(e.name)]}
		if e.filter {
			schema.Filters = append(schema.Filters, part)
		} else {
			schema.Hash = append(schema.Hash, part)
		}
	}
	return schema
}

// vector returns a vector index, or nil if there is none of the name.
func (d *tableDescription) vector(name string) *vectorDescription {
	for _, index := range d.vectors {
		if index.name == name {
			return index
		}
	}
	return nil
}

// writeVectors writes the vector indexes of the table's description.
func (e *tableEntry) writeVectors(out *protocol.Writer) {
	if len(e.description.vectors) == 0 {
		return
	}
	out.Key("VectorIndexes")
	out.Array()
	for _, index := range e.description.vectors {
		e.writeVector(out, index)
	}
	out.End()
}

func (e *tableEntry) writeVector(out *protocol.Writer, index *vectorDescription) {
	out.Object()
	putString(out, "IndexName", index.name)
	out.Key("VectorAttribute")
	out.Object()
	putString(out, "AttributeName", index.attribute)
	out.End()
	putInt(out, "Dimensions", index.dimensions)
	putString(out, "DistanceFunction", index.distance)
	if len(index.schema) > 0 {
		out.Key("SearchSchema")
		out.Array()
		for _, element := range index.schema {
			out.Object()
			putString(out, "AttributeName", element.name)
			kind := "HASH"
			if element.filter {
				kind = inlineFilter
			}
			putString(out, "SearchSchemaElementType", kind)
			out.End()
		}
		out.End()
	}
	writeProjection(out, &index.projection)
	status := e.indexStatus(index.name)
	putString(out, "IndexStatus", status)
	if status == "CREATING" && !e.has(creation) {
		out.Key("Backfilling")
		out.Bool(!e.changesIndex(indexAllocation, index.name))
	}
	items, bytes := int64(0), int64(0)
	if held := e.table.Vector(index.name); held != nil {
		items, bytes = int64(held.Len()), held.Bytes()
	}
	putInt(out, "IndexSizeBytes", bytes)
	putInt(out, "ItemCount", items)
	putString(out, "IndexArn", indexARN(e.name, index.name))
	out.End()
}

// vector checks the members of a vector index against the service's model.
func (c *constraints) vector(index *protocol.VectorIndex, path string) {
	c.indexName(index.IndexName, path)
	if !c.missing(index.VectorAttribute == nil, path+".vectorAttribute") {
		c.attributeName(index.VectorAttribute.AttributeName, path+".vectorAttribute.attributeName")
	}
	if !c.missing(index.Dimensions == nil, path+".dimensions") && *index.Dimensions < 1 {
		c.add(quoted(fmt.Sprint(*index.Dimensions)), path+".dimensions",
			"have value greater than or equal to 1")
	}
	if !c.missing(index.DistanceFunction == nil, path+".distanceFunction") {
		c.enum(index.DistanceFunction, path+".distanceFunction",
			"COSINE", "DOT_PRODUCT", "EUCLIDEAN")
	}
	c.projection(index.Projection, path)
	if index.SearchSchema != nil {
		c.shorter("'[]'", len(index.SearchSchema), path+".searchSchema", 1)
	}
	for i, e := range index.SearchSchema {
		member := fmt.Sprintf("%s.searchSchema.%d.member", path, i+1)
		c.attributeName(e.AttributeName, member+".attributeName")
		if !c.missing(e.SearchSchemaElementType == nil, member+".searchSchemaElementType") {
			c.enum(e.SearchSchemaElementType, member+".searchSchemaElementType",
				"HASH", inlineFilter)
		}
	}
}

// checkVectors checks the vector indexes of a new table.
func (r *tableRequest) checkVectors() error {
	in := r.in
	if in.VectorIndexes == nil {
		return nil
	}
	switch {
	case len(in.VectorIndexes) == 0:
		return invalid("List of VectorIndexes is empty")
	case !isOnDemand(in.BillingMode):
		return invalid(vectorsOnDemand)
	case len(in.VectorIndexes) > maxVectors:
		return invalid(tooManyVectors, maxVectors)
	}
	names := make([]string, len(in.VectorIndexes))
	described := make([]*vectorDescription, len(in.VectorIndexes))
	for i := range in.VectorIndexes {
		index := &in.VectorIndexes[i]
		names[i] = *index.IndexName
		if err := checkVectorIndex(index, r.defined, described[:i]); err != nil {
			return err
		}
		described[i] = describeVector(index)
	}
	return checkDistinct(names)
}

const (
	vectorsOnDemand = "Vector indexes are only supported for PAY_PER_REQUEST tables"
	tooManyVectors  = "VectorIndex count exceeds the per-table limit of %d"
)

// checkVectorIndex checks a vector index against the definitions of the request and the other
// vector indexes of the table.
func checkVectorIndex(
	index *protocol.VectorIndex, defined []string, others []*vectorDescription,
) error {
	if *index.Dimensions > maxDimensions {
		return invalid("Number of dimensions must be between 1 and %d inclusive.", maxDimensions)
	}
	if err := checkSearchSchema(searchElementsOf(index.SearchSchema), defined); err != nil {
		return err
	}
	attribute := *index.VectorAttribute.AttributeName
	if slices.Contains(defined, attribute) {
		return invalid("Conflicting attribute definition for '%s'. An attribute cannot be "+
			"defined in AttributeDefinitions when used as a VectorAttribute.", attribute)
	}
	for _, other := range others {
		if other.attribute == attribute && other.dimensions != *index.Dimensions {
			return invalid("Conflicting attribute definition for '%s'. All VectorIndexes on the "+
				"same vector attribute must use the same dimensions.", attribute)
		}
	}
	return checkProjection(index.Projection)
}

func checkSearchSchema(schema []searchElement, defined []string) error {
	hashes, filters := 0, 0
	for i, e := range schema {
		if slices.ContainsFunc(schema[:i], func(o searchElement) bool { return o.name == e.name }) {
			return invalid("SearchSchema contains a duplicate AttributeName")
		}
		if !slices.Contains(defined, e.name) {
			return invalid("One element in SearchSchema is not defined in attribute definitions")
		}
		if e.filter {
			filters++
		} else {
			hashes++
		}
	}
	const tooMany = "Value '%d' at 'SearchSchema' failed to satisfy constraint: Member must have " +
		"%s count less than or equal to %d"
	if hashes > 1 {
		return invalid(tooMany, hashes, "HASH", 1)
	}
	if filters > maxInlineFilters {
		return invalid(tooMany, filters, inlineFilter, maxInlineFilters)
	}
	return nil
}

// vectorConstraints checks the updates of vector indexes against the service's model.
func (c *constraints) vectorUpdate(update *protocol.VectorIndexUpdate, path string) {
	if u := update.Create; u != nil {
		c.vector((*protocol.VectorIndex)(u), path+".create")
	}
	if u := update.Delete; u != nil {
		c.indexName(u.IndexName, path+".delete")
	}
}

// checkVectorActions checks that each update of a vector index has one action.
func checkVectorActions(in *protocol.UpdateTableInput) error {
	for _, update := range in.VectorIndexUpdates {
		if (update.Create == nil) == (update.Delete == nil) {
			return invalid("One of VectorIndexUpdate.Create, VectorIndexUpdate.Delete must not " +
				"be null")
		}
	}
	return nil
}

// checkVectorUpdates checks the updates of vector indexes against the table.
func (u *tableUpdate) checkVectorUpdates() error {
	d := &u.entry.description
	if len(d.vectors) > 0 && !u.willBeOnDemand() {
		return invalid(vectorsOnDemand)
	}
	for _, update := range u.in.VectorIndexUpdates {
		if update.Delete != nil {
			if name := *update.Delete.IndexName; d.vector(name) == nil {
				return u.noIndex(name)
			}
			continue
		}
		if err := u.checkVectorCreation((*protocol.VectorIndex)(update.Create)); err != nil {
			return err
		}
	}
	return nil
}

// checkVectorCreation checks a new vector index. The service looks for the definitions of its
// attributes only in the request, not in the table.
func (u *tableUpdate) checkVectorCreation(index *protocol.VectorIndex) error {
	d := &u.entry.description
	name := *index.IndexName
	switch {
	case !u.willBeOnDemand():
		return invalid(vectorsOnDemand)
	case d.local(name) != nil || d.global(name) != nil || d.vector(name) != nil:
		return protocol.Validation("Attempting to create an index which already exists")
	case len(d.vectors) >= maxVectors:
		return invalid(tooManyVectors, maxVectors)
	}
	defined := definedNames(u.in.AttributeDefinitions)
	if err := checkVectorIndex(index, defined, d.vectors); err != nil {
		return err
	}
	attribute := *index.VectorAttribute.AttributeName
	if d.kindOf(attribute) != "" {
		return invalid("Conflicting attribute definition for '%s'. An attribute cannot be "+
			"defined in AttributeDefinitions when used as a VectorAttribute.", attribute)
	}
	keys := make([]keyElement, len(index.SearchSchema))
	for i, e := range index.SearchSchema {
		keys[i] = keyElement{name: *e.AttributeName}
	}
	return u.checkRedefined(keys)
}

// applyVectors starts the changes of vector indexes.
func (u *tableUpdate) applyVectors() {
	for _, update := range u.in.VectorIndexUpdates {
		if update.Delete != nil {
			u.deleteIndex(*update.Delete.IndexName)
			continue
		}
		d := &u.entry.description
		index := describeVector((*protocol.VectorIndex)(update.Create))
		d.vectors = append(d.vectors, index)
		u.define()
		u.entry.table.AddVectorIndex(d.vectorSchema(index))
		u.beginIndex(index.name)
	}
}
