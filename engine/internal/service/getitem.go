package service

import (
	"context"
	"fmt"

	"github.com/dynamapper/dynamapper/engine/internal/expr"
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/table"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// projection returns the part of an item that a request asks for.
type projection func(value.Map) value.Map

// whole is the projection of a request that asks for whole items.
func whole(item value.Map) value.Map { return item }

// getItem answers GetItem.
func getItem(
	s *Service, ctx context.Context, in *protocol.GetItemInput, out *protocol.Writer,
) error {
	project, err := planGet(in)
	if err != nil {
		return refuse(err)
	}
	entry, err := s.open(ctx, *in.TableName)
	if err != nil {
		return err
	}
	consistent := isTrue(in.ConsistentRead)
	record, err := s.readOne(entry, in.Key.Attributes, consistent)
	if err != nil {
		return refuse(err)
	}
	consumed := units{table: readUnits(size(record), consistent)}
	out.Object()
	if record != nil {
		out.Key("Item")
		s.writeItem(out, project(record.Item))
	}
	putCapacity(out, in.ReturnConsumedCapacity, entry.name, &consumed)
	out.End()
	return nil
}

// planGet checks the request in the service's order.
func planGet(in *protocol.GetItemInput) (projection, error) {
	if in.TableName != nil && *in.TableName == "" {
		return nil, protocol.Enveloped(emptyTableName)
	}
	var broken []string
	if in.Key == nil {
		broken = append(broken, notNull("key"))
	}
	broken = append(broken, tableNameProblem(in.TableName)...)
	broken = append(broken, badCapacity(in.ReturnConsumedCapacity)...)
	if in.AttributesToGet != nil && len(in.AttributesToGet) == 0 {
		broken = append(broken, "Value '[]' at 'attributesToGet' failed to satisfy constraint: "+
			"Member must have length greater than or equal to 1")
	}
	if err := refuseConstraints(broken); err != nil {
		return nil, err
	}
	if err := emptyNames(in.AttributesToGet, in.ExpressionAttributeNames, in.Key); err != nil {
		return nil, err
	}
	p := parameters{names: in.ExpressionAttributeNames}
	p.legacy = present(p.legacy, in.AttributesToGet != nil, "AttributesToGet")
	p.expressions = present(p.expressions, in.ProjectionExpression != nil, "ProjectionExpression")
	if err := p.check(); err != nil {
		return nil, err
	}
	if err := itemProblem(in.Key); err != nil {
		return nil, err
	}
	return planProjection(in.ProjectionExpression, in.AttributesToGet, &p)
}

// planProjection makes the projection that a request asks for by an expression or by names.
func planProjection(expression *string, names []string, p *parameters) (projection, error) {
	if err := checkAttributesToGet(names); err != nil {
		return nil, err
	}
	if expression == nil {
		return projectNames(names), nil
	}
	scope := p.scope()
	parsed, err := expr.ParseProjection(*expression, scope)
	if err != nil {
		return nil, err
	}
	return parsed.Apply, scope.Unused()
}

// checkAttributesToGet refuses a name that occurs twice.
func checkAttributesToGet(names []string) error {
	seen := make(map[string]bool, len(names))
	for _, name := range names {
		if seen[name] {
			return protocol.Validation("One or more parameter values were invalid: "+
				"Duplicate value in attribute name: %s", name)
		}
		seen[name] = true
	}
	return nil
}

// projectNames returns the projection of AttributesToGet.
func projectNames(names []string) projection {
	if names == nil {
		return whole
	}
	wanted := make(map[string]bool, len(names))
	for _, name := range names {
		wanted[name] = true
	}
	return func(item value.Map) value.Map {
		part := make(value.Map, 0, len(names))
		for _, a := range item {
			if wanted[a.Name] {
				part = append(part, a)
			}
		}
		return part
	}
}

// emptyNames refuses empty attribute names in the members of a read.
func emptyNames(attributes []string, names protocol.Map[string], items ...*protocol.Item) error {
	bare := protocol.Validation("Empty attribute name")
	for _, name := range attributes {
		if name == "" {
			return bare
		}
	}
	for _, item := range items {
		if hasEmptyName(item) {
			return bare
		}
	}
	return emptyAliasedName(names)
}

// emptyAliasedName refuses an expression attribute name that stands for an empty name.
func emptyAliasedName(names protocol.Map[string]) error {
	first := ""
	for _, n := range names {
		if n.Value == "" && (first == "" || n.Key < first) {
			first = n.Key
		}
	}
	if first == "" {
		return nil
	}
	return requestError(fmt.Sprintf("ExpressionAttributeNames contains invalid value: "+
		"Empty attribute name for key %s", first))
}

func isTrue(b *bool) bool { return b != nil && *b }

// readOne reads the item with a key. It returns nil if there is none.
func (s *Service) readOne(
	entry *tableEntry, key value.Map, consistent bool,
) (*table.Record, error) {
	schema := entry.table.Keys() // never changes
	if err := checkKey(key, schema); err != nil {
		return nil, err
	}
	text, _ := schema.Key(key)
	view, done := s.view(entry, consistent)
	defer done()
	record := view.Get(text)
	return record, s.throttle(entry, readUnits(size(record), consistent), 0)
}
