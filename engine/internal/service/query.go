package service

import (
	"context"

	"github.com/dynamapper/dynamapper/engine/internal/expr"
	"github.com/dynamapper/dynamapper/engine/internal/legacy"
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

const limitTooSmall = "Value at 'Limit' failed to satisfy constraint: " +
	"Member must have value greater than or equal to 1"

// queryPlan is a Query, checked as far as the request alone allows.
type queryPlan struct {
	tests   []expr.KeyTest
	filter  *filter
	project projection
	asked   []string // the attributes that the projection names
}

// query answers Query.
func query(
	s *Service, ctx context.Context, in *protocol.QueryInput, out *protocol.Writer,
) error {
	plan, err := planQuery(in)
	if err != nil {
		return refuse(err)
	}
	r := &reading{
		consistent: isTrue(in.ConsistentRead), capacity: in.ReturnConsumedCapacity,
		backward: in.ScanIndexForward != nil && !*in.ScanIndexForward,
		limit:    int(orElse(in.Limit, 0)), project: plan.project,
		count: isSelect(in.Select, "COUNT"),
	}
	bind := func() error { return plan.bind(r, in) }
	return s.readPage(ctx, *in.TableName, r, bind, out)
}

// planQuery checks the request in the service's order.
func planQuery(in *protocol.QueryInput) (*queryPlan, error) {
	if err := queryMembers(in); err != nil {
		return nil, err
	}
	err := emptyNames(in.AttributesToGet, nil, in.ExclusiveStartKey, in.ExpressionAttributeValues)
	if err != nil {
		return nil, err
	}
	if err := filterNames(in.QueryFilter); err != nil {
		return nil, err
	}
	if err := emptyAliasedName(in.ExpressionAttributeNames); err != nil {
		return nil, err
	}
	p := queryParameters(in)
	if err := p.check(); err != nil {
		return nil, err
	}
	if err := checkSelectValue(in.Select); err != nil {
		return nil, err
	}
	if err := checkOperator(in.ConditionalOperator, len(in.QueryFilter)); err != nil {
		return nil, err
	}
	return planQueryParts(in, &p)
}

// queryMembers checks the members of the request against the service's model.
func queryMembers(in *protocol.QueryInput) error {
	missing := append(legacy.MissingOperators(in.KeyConditions, "keyConditions"),
		legacy.MissingOperators(in.QueryFilter, "queryFilter")...)
	if in.TableName == nil || in.Coerced {
		broken := append(badSelect(in.Select), badCapacity(in.ReturnConsumedCapacity)...)
		broken = append(broken, olderTableName(in.TableName)...)
		broken = append(broken, missing...)
		broken = append(broken, lowLimit(in.Limit)...)
		if err := refuseConstraints(broken); err != nil {
			return err
		}
	}
	var first []string
	if in.Limit != nil && *in.Limit < 1 {
		first = append(first, limitTooSmall)
	}
	if *in.TableName == "" {
		first = append(first, emptyTableName)
	}
	if err := refuseConstraints(first); err != nil {
		return err
	}
	broken := tableNameProblem(in.TableName)
	broken = append(broken, badCapacity(in.ReturnConsumedCapacity)...)
	return refuseConstraints(append(broken, missing...))
}

// queryParameters collects the parts of the request that concern expressions.
func queryParameters(in *protocol.QueryInput) parameters {
	p := parameters{
		names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		couldHave: []string{"FilterExpression", "KeyConditionExpression"},
	}
	p.legacy = present(p.legacy, in.AttributesToGet != nil, "AttributesToGet")
	p.legacy = present(p.legacy, in.QueryFilter != nil, "QueryFilter")
	p.legacy = present(p.legacy, in.ConditionalOperator != nil, "ConditionalOperator")
	p.legacy = present(p.legacy, in.KeyConditions != nil, "KeyConditions")
	p.expressions = present(p.expressions, in.ProjectionExpression != nil, "ProjectionExpression")
	p.expressions = present(p.expressions, in.FilterExpression != nil, "FilterExpression")
	p.expressions = present(p.expressions,
		in.KeyConditionExpression != nil, "KeyConditionExpression")
	return p
}

// planQueryParts plans the filter, the key conditions and the projection.
func planQueryParts(in *protocol.QueryInput, p *parameters) (*queryPlan, error) {
	if err := conditionsProblem(in.QueryFilter, in.KeyConditions); err != nil {
		return nil, err
	}
	plan := &queryPlan{}
	var err error
	plan.filter, err = planLegacyFilter("QueryFilter", in.QueryFilter, in.ConditionalOperator)
	if err != nil {
		return nil, err
	}
	if err := legacy.CheckKeyConditions(in.KeyConditions); err != nil {
		return nil, err
	}
	if err := checkAttributesToGet(in.AttributesToGet); err != nil {
		return nil, err
	}
	if err := itemProblem(in.ExclusiveStartKey); err != nil {
		return nil, err
	}
	return plan, plan.expressions(in, p)
}

// expressions plans the expressions of the request.
func (plan *queryPlan) expressions(in *protocol.QueryInput, p *parameters) error {
	if in.KeyConditionExpression != nil && *in.KeyConditionExpression == "" {
		return requestError("Invalid KeyConditionExpression: The expression can not be empty;")
	}
	scope := p.scope()
	if in.FilterExpression != nil {
		f, err := planFilter(expr.KindFilter, *in.FilterExpression, scope)
		if err != nil {
			return err
		}
		plan.filter = f
	}
	if err := checkNotEmpty(in.ProjectionExpression); err != nil {
		return err
	}
	if err := checkSelectUse(in.Select, in.AttributesToGet != nil,
		in.ProjectionExpression != nil, in.IndexName != nil); err != nil {
		return err
	}
	var err error
	if in.KeyConditionExpression != nil {
		plan.tests, err = expr.ParseKeyCondition(*in.KeyConditionExpression, scope)
		if err != nil {
			return err
		}
	}
	plan.project, plan.asked, err = planProjectionIn(
		in.ProjectionExpression, in.AttributesToGet, scope)
	if err != nil {
		return err
	}
	if in.KeyConditionExpression == nil && len(in.KeyConditions) == 0 {
		return protocol.Validation("Either the KeyConditions or KeyConditionExpression " +
			"parameter must be specified in the request.")
	}
	if len(p.expressions) > 0 {
		return scope.Unused()
	}
	return nil
}

// checkNotEmpty refuses an empty ProjectionExpression before the other expressions are read.
func checkNotEmpty(projection *string) error {
	if projection != nil && *projection == "" {
		return requestError("Invalid ProjectionExpression: The expression can not be empty;")
	}
	return nil
}

// bind matches the plan with the table: the index, the span of its keys, and the start.
func (plan *queryPlan) bind(r *reading, in *protocol.QueryInput) error {
	if in.KeyConditions != nil {
		tests, err := legacy.ParseKeyConditions(in.KeyConditions, r.kindOf)
		if err != nil {
			return err
		}
		plan.tests = tests
	}
	if err := r.choose(in.IndexName, in.Select, "Query"); err != nil {
		return err
	}
	var start value.Map
	if in.ExclusiveStartKey != nil {
		start = in.ExclusiveStartKey.Attributes
		if err := r.checkStartKey(start); err != nil {
			return err
		}
	}
	bound, err := bindKeys(plan.tests, r.keys())
	if err != nil {
		return err
	}
	r.span = bound.span(r.keys())
	if start != nil {
		if err := bound.checkStart(r, start); err != nil {
			return err
		}
		r.startAfter(start)
	}
	if err := plan.filter.fit(r, true); err != nil {
		return err
	}
	if err := r.checkSelect(in.Select); err != nil {
		return err
	}
	if err := plan.filter.checkHeld(r); err != nil {
		return err
	}
	return r.fetchFor(plan.asked)
}
