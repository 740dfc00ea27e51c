package dynamapper

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/shown"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// newRefusal returns the reason why the service refused a write, judged by the current item.
// certain is true if a nil current means that there is no item.
func (p *writePlan) newRefusal(
	table string, current map[string]types.AttributeValue, certain bool,
) error {
	if other := p.refusalOfOther(table, current); other != nil {
		return other
	}
	switch {
	case p.mustExist && current == nil:
		return &NotFoundError{Op: p.op, Table: table, Key: p.primaryKey()}
	case len(p.conditions) > 0 && p.isExpected(current):
		return &ConditionError{Op: p.op, Table: table, Key: p.primaryKey(), Current: current,
			attributes: p.schema.attributesOf(p.conditions), missing: p.missingSource(current, certain)}
	case p.guard == inserts:
		return &OverwriteError{Op: p.op, Table: table, Key: p.primaryKey(), Current: current}
	case p.guard == compares && current == nil && certain:
		return newGoneError(p.op, table, p.primaryKey())
	case p.guard == compares:
		return &ConflictError{Op: p.op, Table: table, Key: p.primaryKey(),
			Attributes: p.differing(current), Current: current}
	}
	return &NotFoundError{Op: p.op, Table: table, Key: p.primaryKey()}
}

// missingSource describes what a change refers to and the stored item lacks. It returns "" if there
// is none such, or no stored item is known; certain is true if a nil current means that there is no
// item. The text leaves out the rest of a path, because a map's keys are values.
func (p *writePlan) missingSource(
	current map[string]types.AttributeValue, certain bool,
) string {
	if current == nil && !certain {
		return ""
	}
	whole := types.AttributeValue(&types.AttributeValueMemberM{Value: current})
	for _, c := range p.changes {
		if c.source == nil || c.kind == setIfAbsent && valueAtPath(whole, c.steps) != nil {
			continue
		}
		for _, path := range c.source.needed {
			name := shown.Name(path[0].Name)
			switch {
			case current == nil:
				return "there is no item, and the update refers to its attribute " + name
			case current[path[0].Name] == nil:
				return "the item has no attribute " + name + ", to which the update refers"
			case valueAtPath(whole, path) == nil:
				return "the attribute " + name + " has no value in the place to which the update refers"
			}
		}
	}
	return ""
}

// valueAtPath returns the value that a path leads to, or nil.
func valueAtPath(in types.AttributeValue, path []expression.Step) types.AttributeValue {
	for _, step := range path {
		switch holder := in.(type) {
		case *types.AttributeValueMemberM:
			in = holder.Value[step.Name]
			if step.List {
				return nil
			}
		case *types.AttributeValueMemberL:
			if !step.List || step.Index >= len(holder.Value) {
				return nil
			}
			in = holder.Value[step.Index]
		default:
			return nil
		}
	}
	return in
}

// attributesOf returns the attributes that conditions test, sorted. It leaves out the rest of a
// path, because a map's keys are values.
func (s *schema) attributesOf(conditions []Condition) []string {
	var attributes []string
	for _, c := range conditions {
		if t, err := s.resolve(c.attribute); c.kind == ofAttribute && err == nil {
			attributes = append(attributes, t.top.attribute)
		}
		for _, r := range c.comparison.references() {
			if t, err := s.resolve(r.path); err == nil {
				attributes = append(attributes, t.top.attribute)
			}
		}
		if c.kind == ofExpression {
			attributes = append(attributes, c.expression.attributes(s)...)
		}
		attributes = append(attributes, s.attributesOf(c.parts)...)
	}
	slices.Sort(attributes)
	return slices.Compact(attributes)
}

// isExpected reports whether the current item, which the refusal carries, meets the expectations.
// If it does, a condition of the caller was false.
func (p *writePlan) isExpected(current map[string]types.AttributeValue) bool {
	return !slices.ContainsFunc(p.expected, func(e expectation) bool { return !e.matches(current) })
}

// differing returns the attributes that are not as they were loaded, and at least those that failed
// the comparison.
func (p *writePlan) differing(current map[string]types.AttributeValue) []string {
	if current == nil {
		return nil
	}
	differ := map[string]bool{}
	for _, e := range p.expected {
		if !e.matches(current) {
			differ[e.attribute] = true
		}
	}
	for _, loaded := range p.raw {
		if attribute := loaded.Name; !wire.EqualText(string(loaded.Value), current[attribute]) {
			differ[attribute] = true
		}
	}
	for attribute := range current {
		if !p.raw.has(attribute) && (p.readOnly == nil || p.readOnly[attribute]) {
			differ[attribute] = true
		}
	}
	return slices.Sorted(maps.Keys(differ))
}
