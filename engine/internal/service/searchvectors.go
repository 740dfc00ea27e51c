package service

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/expr"
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/table"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

const maxTopK = 100

// searchPlan is a SearchVectors, checked as far as the request alone allows.
type searchPlan struct {
	in         *protocol.SearchVectorsInput
	vector     []float32
	conditions []expr.Equality
	project    projection // nil: everything but the vector
	asked      []string   // the attributes that the projection names
}

// searchVectors answers SearchVectors.
func searchVectors(
	s *Service, ctx context.Context, in *protocol.SearchVectorsInput, out *protocol.Writer,
) error {
	plan, err := planSearch(in)
	if err != nil {
		return refuse(err)
	}
	entry, err := s.open(ctx, *in.TableName)
	if err != nil {
		return err
	}
	view, done := s.view(entry, false)
	defer done()
	index := view.Vector(*in.IndexName)
	if index == nil {
		return noIndexInTable(*in.IndexName)
	}
	if err := s.refuseVectorBackfill(entry, index.Name); err != nil {
		return err
	}
	if err := plan.fit(index); err != nil {
		return refuse(err)
	}
	plan.write(s, view.Keys(), index, out)
	return nil
}

// planSearch checks the request in the service's order.
func planSearch(in *protocol.SearchVectorsInput) (*searchPlan, error) {
	if err := searchMembers(in); err != nil {
		return nil, err
	}
	if err := emptyNames(nil, nil, nil, in.ExpressionAttributeValues); err != nil {
		return nil, err
	}
	if err := emptyAliasedName(in.ExpressionAttributeNames); err != nil {
		return nil, err
	}
	p := searchParameters(in)
	if err := p.check(); err != nil {
		return nil, err
	}
	plan := &searchPlan{in: in}
	var err error
	if plan.vector, err = searchVector(in.SearchVector); err != nil {
		return nil, err
	}
	if *in.TopK > maxTopK {
		return nil, protocol.Validation("Provided TopK value '%d' is out of valid range. The "+
			"value must be between 1 and %d inclusive", *in.TopK, maxTopK)
	}
	return plan, plan.expressions(p.scope(), len(p.expressions) > 0)
}

// searchMembers checks the members of the request against the service's model.
func searchMembers(in *protocol.SearchVectorsInput) error {
	broken := tableNameProblem(in.TableName)
	const tooShort = "Value at '%s' failed to satisfy constraint: Member must have length " +
		"greater than or equal to %d"
	switch name := in.IndexName; {
	case name == nil:
		broken = append(broken, notNull("indexName"))
	case len(*name) < 3:
		broken = append(broken, fmt.Sprintf(tooShort, "IndexName", 3))
	case len(*name) > 255:
		broken = append(broken, "Value at 'IndexName' failed to satisfy constraint: Member must "+
			"have length less than or equal to 255")
	}
	switch {
	case in.SearchVector == nil:
		broken = append(broken, notNull("searchVector"))
	case len(in.SearchVector) == 0:
		broken = append(broken, fmt.Sprintf(tooShort, "SearchVector", 1))
	case len(in.SearchVector) > maxDimensions:
		broken = append(broken, fmt.Sprintf("Value at 'SearchVector' failed to satisfy "+
			"constraint: Member must have length less than or equal to %d", maxDimensions))
	}
	switch {
	case in.TopK == nil:
		broken = append(broken, notNull("topK"))
	case *in.TopK < 1:
		broken = append(broken, fmt.Sprintf("Value '%d' at 'topK' failed to satisfy constraint: "+
			"Member must have value greater than or equal to 1", *in.TopK))
	}
	return refuseConstraints(append(broken, badCapacity(in.ReturnConsumedCapacity)...))
}

// searchParameters collects the parts of the request that concern expressions.
func searchParameters(in *protocol.SearchVectorsInput) parameters {
	p := parameters{
		names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		couldHave: []string{"SearchConditionExpression"},
	}
	p.expressions = present(p.expressions, in.ProjectionExpression != nil, "ProjectionExpression")
	p.expressions = present(p.expressions,
		in.SearchConditionExpression != nil, "SearchConditionExpression")
	return p
}

// searchVector returns the vector of a request in the precision of the indexes.
func searchVector(elements []protocol.Value) ([]float32, error) {
	list := make(value.List, len(elements))
	for i := range elements {
		if err := problem(elements[i].Problem); err != nil {
			return nil, err
		}
		list[i] = elements[i].Value
	}
	vector, ok := table.Float32s(list)
	if !ok {
		return nil, protocol.Validation("Search vector contains invalid values. All values in " +
			"the search vector must be a 32-bit floating-point number attribute")
	}
	return vector, nil
}

func (plan *searchPlan) expressions(scope *expr.Scope, some bool) error {
	in := plan.in
	var err error
	if in.SearchConditionExpression != nil {
		plan.conditions, err = expr.ParseSearchCondition(*in.SearchConditionExpression, scope)
		if err != nil {
			return err
		}
	}
	if err := checkNotEmpty(in.ProjectionExpression); err != nil {
		return err
	}
	if in.ProjectionExpression != nil {
		plan.project, plan.asked, err = planProjectionIn(in.ProjectionExpression, nil, scope)
		if err != nil {
			return err
		}
	}
	if !some {
		return nil
	}
	return scope.Unused()
}

// fit checks the request against the index.
func (plan *searchPlan) fit(index *table.VectorIndex) error {
	if len(plan.vector) != index.Dimensions {
		return protocol.Validation("Input search vector dimension %d does not match vector index "+
			"dimension %d", len(plan.vector), index.Dimensions)
	}
	parts := slices.Concat(index.Hash, index.Filters)
	for _, c := range plan.conditions {
		i := slices.IndexFunc(parts, func(p table.KeyPart) bool { return p.Name == c.Attribute })
		if i < 0 {
			return protocol.Validation("SearchConditionExpression must not contain any "+
				"attributes that is not in SearchSchema. Invalid attribute: %s", c.Attribute)
		}
		if kind := c.Value.Kind(); kind != parts[i].Kind {
			return protocol.Validation("Type of '%s' attribute in SearchConditionExpression (%s) "+
				"does not match type in search schema (%s)", c.Attribute, kind, parts[i].Kind)
		}
	}
	for _, part := range index.Hash {
		i := slices.IndexFunc(plan.conditions,
			func(c expr.Equality) bool { return c.Attribute == part.Name })
		if i < 0 {
			return protocol.Validation(
				"SearchConditionExpression must be provided when SearchSchema has a HASH key")
		}
		if kind := emptyKind(plan.conditions[i].Value); kind != "" {
			return emptyKey("One or more parameter values are not valid. The AttributeValue for "+
				"a key attribute cannot contain an empty %s value. Key: %s", kind, part.Name)
		}
	}
	return nil
}

// matches reports whether an item satisfies all conditions of the search.
func (plan *searchPlan) matches(item value.Map) bool {
	for _, c := range plan.conditions {
		if v := item.Get(c.Attribute); v == nil || !value.Equal(v, c.Value) {
			return false
		}
	}
	return true
}

// write searches the index and writes the response.
func (plan *searchPlan) write(
	s *Service, keys table.KeySchema, index *table.VectorIndex, out *protocol.Writer,
) {
	found := s.nearest(index, plan)
	out.Object()
	out.Key("SearchResults")
	out.Array()
	bytes := 0
	for _, n := range found {
		bytes += n.Vector.Size - 4*index.Dimensions - len(index.Attribute)
		out.Object()
		out.Key("Item")
		s.writeNeighbor(out, plan.part(n.Vector, index), index.Attribute)
		out.Key("Score")
		out.Float(n.Score)
		out.End()
	}
	out.End()
	if wantsCapacity(plan.in.ReturnConsumedCapacity) {
		out.Key("ConsumedCapacity")
		out.Object()
		out.Key("VectorSearchRequestBytes")
		out.Float(searchBytes(index.Dimensions, bytes))
		out.End()
	}
	out.End()
}

// searchBytes returns the bytes of a search that returns items of a size. The service's number
// varies between equal requests; this is near to what has been observed of it.
func searchBytes(dimensions, items int) float64 {
	const perDimension = 17.6
	return max(writeUnit, perDimension*float64(dimensions)+float64(items))
}

// nearest returns the neighbors that a search finds. If there is a seed, the search uses the
// freedom of an approximate one: now and then it misses a neighbor, and it returns those of equal
// scores in any order.
func (s *Service) nearest(index *table.VectorIndex, plan *searchPlan) []table.Neighbor {
	k := int(*plan.in.TopK)
	if !s.chance.on {
		return index.Nearest(plan.vector, k, plan.matches)
	}
	found := index.Nearest(plan.vector, k+1, plan.matches)
	if n := len(found); n > 1 && s.chance.oneIn(16) {
		missed := 1 + s.chance.intn(n-1)
		found = slices.Delete(found, missed, missed+1)
	}
	found = found[:min(len(found), k)]
	s.chance.shuffle(len(found), func(i, j int) {
		if found[i].Score == found[j].Score {
			found[i], found[j] = found[j], found[i]
		}
	})
	return found
}

// part returns what the request asks for of an entry. By default that is everything that the index
// holds, except the vector.
func (plan *searchPlan) part(v *table.Vector, index *table.VectorIndex) value.Map {
	if plan.project == nil {
		return v.Record.Item.Without(index.Attribute)
	}
	item := v.Record.Item
	if item.Get(index.Attribute) != nil && slices.Contains(plan.asked, index.Attribute) {
		item = item.With(index.Attribute, rounded(item.Get(index.Attribute)))
	}
	return plan.project(item)
}

// writeNeighbor writes an item of a search. The service writes the numbers of a vector as it does
// its own: "1.0".
func (s *Service) writeNeighbor(out *protocol.Writer, item value.Map, vector string) {
	list, ok := item.Get(vector).(value.List)
	if !ok {
		s.writeItem(out, item)
		return
	}
	if s.chance.on {
		item = slices.Clone(item)
		s.chance.shuffle(len(item), func(i, j int) { item[i], item[j] = item[j], item[i] })
	}
	out.Object()
	for _, a := range item {
		out.Key(a.Name)
		if a.Name != vector {
			out.Value(a.Value)
			continue
		}
		out.Object()
		out.Key("L")
		out.Array()
		for _, element := range list {
			out.Object()
			putString(out, "N", floatText(element.(value.Number)))
			out.End()
		}
		out.End()
		out.End()
	}
	out.End()
}

func floatText(n value.Number) string {
	s := n.String()
	if strings.Contains(s, ".") {
		return s
	}
	return s + ".0"
}
