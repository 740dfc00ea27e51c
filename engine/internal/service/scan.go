package service

import (
	"context"
	"fmt"

	"github.com/dynamapper/dynamapper/engine/internal/expr"
	"github.com/dynamapper/dynamapper/engine/internal/legacy"
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/table"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

const maxSegments = 1_000_000

// scanPlan is a Scan, checked as far as the request alone allows.
type scanPlan struct {
	filter  *filter
	project projection
	asked   []string // the attributes that the projection names
}

// scan answers Scan.
func scan(
	s *Service, ctx context.Context, in *protocol.ScanInput, out *protocol.Writer,
) error {
	plan, err := planScan(in)
	if err != nil {
		return refuse(err)
	}
	r := &reading{
		consistent: isTrue(in.ConsistentRead), capacity: in.ReturnConsumedCapacity,
		limit: int(orElse(in.Limit, 0)), project: plan.project,
		count: isSelect(in.Select, "COUNT"),
	}
	bind := func() error { return plan.bind(r, in) }
	return s.readPage(ctx, *in.TableName, r, bind, out)
}

// planScan checks the request in the service's order.
func planScan(in *protocol.ScanInput) (*scanPlan, error) {
	if err := scanMembers(in); err != nil {
		return nil, err
	}
	err := emptyNames(in.AttributesToGet, nil, in.ExclusiveStartKey, in.ExpressionAttributeValues)
	if err != nil {
		return nil, err
	}
	if err := filterNames(in.ScanFilter); err != nil {
		return nil, err
	}
	if err := emptyAliasedName(in.ExpressionAttributeNames); err != nil {
		return nil, err
	}
	p := scanParameters(in)
	if err := p.check(); err != nil {
		return nil, err
	}
	if err := checkOperator(in.ConditionalOperator, len(in.ScanFilter)); err != nil {
		return nil, err
	}
	if err := conditionsProblem(in.ScanFilter); err != nil {
		return nil, err
	}
	plan := &scanPlan{}
	plan.filter, err = planLegacyFilter("ScanFilter", in.ScanFilter, in.ConditionalOperator)
	if err != nil {
		return nil, err
	}
	if err := checkAttributesToGet(in.AttributesToGet); err != nil {
		return nil, err
	}
	if err := itemProblem(in.ExclusiveStartKey); err != nil {
		return nil, err
	}
	return plan, plan.expressions(in, &p)
}

// scanMembers checks the members of the request against the service's model in stages. It reaches a
// stage only if the earlier ones found no fault.
func scanMembers(in *protocol.ScanInput) error {
	missing := legacy.MissingOperators(in.ScanFilter, "scanFilter")
	if in.TableName == nil || len(missing) > 0 || in.Coerced {
		if err := refuseConstraints(scanMembersTogether(in, missing)); err != nil {
			return err
		}
	}
	var first []string
	if in.Limit != nil && *in.Limit < 1 {
		first = append(first, limitTooSmall)
	}
	first = append(first, outside("Value at 'Segment'", in.Segment, 0, maxSegments-1)...)
	first = append(first, outside("Value at 'TotalSegments'", in.TotalSegments, 1, maxSegments)...)
	if *in.TableName == "" {
		first = append(first, emptyTableName)
	}
	if err := refuseConstraints(first); err != nil {
		return err
	}
	broken := tableNameProblem(in.TableName)
	return refuseConstraints(append(broken, badCapacity(in.ReturnConsumedCapacity)...))
}

// scanMembersTogether returns all constraints that a request without a table's name breaks.
func scanMembersTogether(in *protocol.ScanInput, missing []string) []string {
	broken := badSelect(in.Select)
	broken = append(broken, outsideValue("totalSegments", in.TotalSegments, 1, maxSegments)...)
	broken = append(broken, badCapacity(in.ReturnConsumedCapacity)...)
	broken = append(broken, olderTableName(in.TableName)...)
	if !isOneOf(in.ConditionalOperator, "OR", "AND") {
		broken = append(broken,
			notInEnum(*in.ConditionalOperator, "conditionalOperator", "OR, AND"))
	}
	broken = append(broken, missing...)
	broken = append(broken, outsideValue("segment", in.Segment, 0, maxSegments-1)...)
	return append(broken, lowLimit(in.Limit)...)
}

// olderTableName returns the constraint that a missing or empty table name breaks, in the service's
// text for responses that list the faults of all members.
func olderTableName(name *string) []string {
	switch {
	case name == nil:
		return []string{notNull("tableName")}
	case *name == "":
		return []string{"Value '' at 'tableName' failed to satisfy constraint: " +
			"Member must have length greater than or equal to 1"}
	}
	return nil
}

// outside returns the constraint that a number outside its bounds breaks.
func outside(what string, n *int64, low, high int64) []string {
	switch {
	case n == nil:
		return nil
	case *n < low:
		return []string{fmt.Sprintf("%s failed to satisfy constraint: "+
			"Member must have value greater than or equal to %d", what, low)}
	case *n > high:
		return []string{fmt.Sprintf("%s failed to satisfy constraint: "+
			"Member must have value less than or equal to %d", what, high)}
	}
	return nil
}

func outsideValue(member string, n *int64, low, high int64) []string {
	if n == nil {
		return nil
	}
	return outside(fmt.Sprintf("Value '%d' at '%s'", *n, member), n, low, high)
}

// scanParameters collects the parts of the request that concern expressions.
func scanParameters(in *protocol.ScanInput) parameters {
	p := parameters{
		names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		couldHave: []string{"FilterExpression"},
	}
	p.legacy = present(p.legacy, in.AttributesToGet != nil, "AttributesToGet")
	p.legacy = present(p.legacy, in.ScanFilter != nil, "ScanFilter")
	p.legacy = present(p.legacy, in.ConditionalOperator != nil, "ConditionalOperator")
	p.expressions = present(p.expressions, in.ProjectionExpression != nil, "ProjectionExpression")
	p.expressions = present(p.expressions, in.FilterExpression != nil, "FilterExpression")
	return p
}

// expressions plans the expressions of the request.
func (plan *scanPlan) expressions(in *protocol.ScanInput, p *parameters) error {
	scope := p.scope()
	if in.FilterExpression != nil {
		f, err := planFilter(expr.KindScanFilter, *in.FilterExpression, scope)
		if err != nil {
			return err
		}
		plan.filter = f
	}
	var err error
	plan.project, plan.asked, err = planProjectionIn(
		in.ProjectionExpression, in.AttributesToGet, scope)
	if err != nil {
		return err
	}
	if err := checkSelectValue(in.Select); err != nil {
		return err
	}
	if err := checkSelectUse(in.Select, in.AttributesToGet != nil,
		in.ProjectionExpression != nil, in.IndexName != nil); err != nil {
		return err
	}
	if err := checkSegments(in.Segment, in.TotalSegments); err != nil {
		return err
	}
	if len(p.expressions) > 0 {
		return scope.Unused()
	}
	return nil
}

// checkSegments refuses one of the parallel scan's members without the other.
func checkSegments(segment, total *int64) error {
	switch {
	case segment != nil && total == nil:
		return protocol.Validation("The TotalSegments parameter is required but was not present " +
			"in the request when Segment parameter is present")
	case segment == nil && total != nil:
		return protocol.Validation("The Segment parameter is required but was not present in " +
			"the request when parameter TotalSegments is present")
	case segment != nil && *segment >= *total:
		return protocol.Validation("The Segment parameter is zero-based and must be less than "+
			"parameter TotalSegments: Segment: %d is not less than TotalSegments: %d",
			*segment, *total)
	}
	return nil
}

// bind matches the plan with the table: the index, the segment, and the start.
func (plan *scanPlan) bind(r *reading, in *protocol.ScanInput) error {
	if err := r.choose(in.IndexName, in.Select, "Scan"); err != nil {
		return err
	}
	if err := r.checkSelect(in.Select); err != nil {
		return err
	}
	r.span = table.Span{}
	if in.TotalSegments != nil {
		r.span = table.Segment(*in.Segment, *in.TotalSegments)
	}
	if in.ExclusiveStartKey != nil {
		start := in.ExclusiveStartKey.Attributes
		if err := r.checkScanStart(start); err != nil {
			return err
		}
		if err := r.checkSegmentOf(start, in); err != nil {
			return err
		}
		r.startAfter(start)
	}
	if err := plan.filter.fit(r, false); err != nil {
		return err
	}
	return r.fetchFor(plan.asked)
}

// checkSegmentOf refuses a start key from a page of another segment.
func (r *reading) checkSegmentOf(start value.Map, in *protocol.ScanInput) error {
	if r.span.Has(r.position(start)) {
		return nil
	}
	return protocol.Validation(startKeyInvalid+": Invalid ExclusiveStartKey. Please use "+
		"ExclusiveStartKey with correct Segment. TotalSegments: %d Segment: %d",
		*in.TotalSegments, *in.Segment)
}

// checkScanStart checks a start key, its types first. If the table has an index, the service's text
// names an index key, even for the table's key.
func (r *reading) checkScanStart(start value.Map) error {
	named := r.index
	if all := r.view.Indexes(); named == nil && len(all) > 0 {
		named = all[0]
	}
	if named == nil {
		return r.checkStartKey(start)
	}
	for _, part := range r.startKeyParts() {
		if v := start.Get(part.Name); v != nil && v.Kind() != part.Kind {
			return protocol.Validation("One or more parameter values were invalid: Type mismatch "+
				"for Index Key %s Expected: %s Actual: %s IndexName: %s",
				part.Name, part.Kind, v.Kind(), named.Name)
		}
	}
	return r.checkStartKey(start)
}
