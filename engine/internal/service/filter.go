package service

import (
	"fmt"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/expr"
	"github.com/dynamapper/dynamapper/engine/internal/legacy"
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// filter is the filter of a Query or a Scan. A nil filter accepts every item.
type filter struct {
	eval       func(value.Map) bool
	attributes []string // the top-level attributes in the filter
	nested     []string // those whose members the filter tests
	legacy     string   // the name of the legacy member; "" for an expression
}

// planFilter makes the filter of a FilterExpression.
func planFilter(kind expr.Kind, text string, scope *expr.Scope) (*filter, error) {
	parsed, err := expr.ParseCondition(kind, text, scope)
	if err != nil {
		return nil, err
	}
	return &filter{
		eval: parsed.Eval, attributes: parsed.Attributes(), nested: parsed.NestedAttributes(),
	}, nil
}

// planLegacyFilter makes the filter of a QueryFilter or a ScanFilter, or nil if there is none.
func planLegacyFilter(
	member string, in protocol.Map[protocol.Condition], operator *string,
) (*filter, error) {
	if len(in) == 0 {
		return nil, nil
	}
	parsed, err := legacy.ParseFilter(in, operator)
	if err != nil {
		return nil, err
	}
	return &filter{eval: parsed.Eval, attributes: parsed.Attributes(), legacy: member}, nil
}

// fit adds the filter to the reading. It refuses a filter of a query on the keys that are read, and
// one that looks into a key.
func (f *filter) fit(r *reading, query bool) error {
	if f == nil {
		return nil
	}
	r.filter = f.eval
	keys := r.keys()
	for _, name := range f.attributes {
		if query && keys.Has(name) {
			member := "Filter Expression"
			if f.legacy != "" {
				member = f.legacy
			}
			return protocol.Validation("%s can only contain non-primary key attributes: "+
				"Primary key attribute: %s", member, name)
		}
	}
	for _, name := range f.nested {
		if r.isKey(name) {
			return protocol.Validation("Key attributes must be scalars; list random access '[]' "+
				"and map lookup '.' are not allowed: %s: %s", r.keyWord(name), name)
		}
	}
	return nil
}

// checkHeld refuses a filter of a query on attributes that the index does not hold.
func (f *filter) checkHeld(r *reading) error {
	if f == nil {
		return nil
	}
	missing := r.missing(f.attributes)
	if missing == nil {
		return nil
	}
	return protocol.Validation("One or more parameter values were invalid: Secondary index %s "+
		"does not project one or more filter attributes: [%s]",
		r.index.Name, strings.Join(missing, ", "))
}

// keyWord returns the service's word for a key attribute of the table or of an index.
func (r *reading) keyWord(name string) string {
	if r.view.Keys().Has(name) {
		return "Key"
	}
	return "IndexKey"
}

// badSelect returns the broken constraints of a Select.
func badSelect(selects *string) []string {
	if isOneOf(selects, "SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES",
		"ALL_PROJECTED_ATTRIBUTES") {
		return nil
	}
	return []string{notInEnum(*selects, "select",
		"SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES")}
}

// checkSelectValue refuses a Select that the model does not have.
func checkSelectValue(selects *string) error { return refuseConstraints(badSelect(selects)) }

// lowLimit returns the broken constraints of a Limit.
func lowLimit(limit *int64) []string {
	if limit == nil || *limit >= 1 {
		return nil
	}
	return []string{fmt.Sprintf("Value '%d' at 'limit' failed to satisfy constraint: "+
		"Member must have value greater than or equal to 1", *limit)}
}

// checkSelectUse refuses a Select that contradicts the projection, or that needs an index.
func checkSelectUse(selects *string, names, expression, index bool) error {
	if selects == nil {
		return nil
	}
	projected := ""
	switch {
	case names:
		projected = "AttributesToGet"
	case expression:
		projected = "ProjectionExpression"
	}
	switch {
	case *selects == "SPECIFIC_ATTRIBUTES" && projected == "":
		return protocol.Enveloped("Must specify the AttributesToGet or ProjectionExpression " +
			"when choosing to get SPECIFIC_ATTRIBUTES")
	case *selects == "SPECIFIC_ATTRIBUTES":
		return nil
	case *selects == "COUNT" && projected != "":
		return protocol.Enveloped("Cannot specify the %s when choosing to get only the Count",
			projected)
	case projected != "":
		return protocol.Enveloped("Cannot specify the %s when choosing to get %s",
			projected, *selects)
	case *selects == "ALL_PROJECTED_ATTRIBUTES" && !index:
		return protocol.Enveloped(
			"ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
	}
	return nil
}

// planProjectionIn is planProjection for a request with other expressions in the same scope. It
// also returns the top-level attributes that the projection names.
func planProjectionIn(
	expression *string, names []string, scope *expr.Scope,
) (projection, []string, error) {
	if expression == nil {
		return projectNames(names), names, nil
	}
	parsed, err := expr.ParseProjection(*expression, scope)
	if err != nil {
		return nil, nil, err
	}
	return parsed.Apply, parsed.Attributes(), nil
}
