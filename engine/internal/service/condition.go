package service

import (
	"github.com/dynamapper/dynamapper/engine/internal/expr"
	"github.com/dynamapper/dynamapper/engine/internal/legacy"
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// plannedCondition is the condition of a single write: a ConditionExpression, Expected, or none.
type plannedCondition struct {
	eval  func(value.Map) bool // nil: no condition
	scope *expr.Scope          // nil: no expression
}

// unused refuses names and values that no expression of the request uses.
func (c *plannedCondition) unused() error {
	if c.scope == nil {
		return nil
	}
	return c.scope.Unused()
}

// parameters collects the parts of the request that concern expressions.
func (w *singleWrite) parameters() parameters {
	p := parameters{names: w.names, values: w.values}
	p.legacy = present(p.legacy, w.expected != nil, "Expected")
	p.legacy = present(p.legacy, w.operator != nil, "ConditionalOperator")
	p.expressions = present(p.expressions, w.condition != nil, "ConditionExpression")
	return p
}

// planCondition checks the request's condition and makes a test from it.
func (w *singleWrite) planCondition(p *parameters) (*plannedCondition, error) {
	if len(p.expressions) == 0 {
		return w.planConditionIn(nil)
	}
	return w.planConditionIn(p.scope())
}

// planConditionIn is planCondition with the scope of the request's expressions.
func (w *singleWrite) planConditionIn(scope *expr.Scope) (*plannedCondition, error) {
	c := &plannedCondition{scope: scope}
	if err := w.checkExpected(); err != nil {
		return nil, err
	}
	if w.condition != nil {
		parsed, err := expr.ParseCondition(expr.KindCondition, *w.condition, c.scope)
		if err != nil {
			return nil, err
		}
		c.eval = parsed.Eval
		return c, nil
	}
	if len(w.expected) == 0 {
		return c, nil
	}
	parsed, err := legacy.ParseExpected(w.expected, w.operator)
	if err != nil {
		return nil, requestError(protocol.MessageOf(err))
	}
	c.eval = parsed.Eval
	return c, nil
}

// checkExpected makes the service's checks of the conditions that precede those of their operators.
func (w *singleWrite) checkExpected() error {
	if err := checkOperator(w.operator, len(w.expected)); err != nil {
		return err
	}
	return expectedProblem(w.expected)
}

// checkOperator refuses a ConditionalOperator without two conditions to join.
func checkOperator(operator *string, conditions int) error {
	switch {
	case operator == nil:
		return nil
	case conditions == 0:
		return requestError("ConditionalOperator cannot be used without Filter or Expected")
	case conditions == 1:
		return requestError(
			"ConditionalOperator can only be used when Filter or Expected has two or more elements")
	case !isOneOf(operator, "AND", "OR"):
		return requestError(
			"Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]")
	}
	return nil
}
