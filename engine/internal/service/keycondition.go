package service

import (
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/expr"
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/table"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// boundKeys are the key conditions of a query, matched with a key schema.
type boundKeys struct {
	hash  value.Map     // the hash attributes
	equal []value.Value // for the first range attributes, in order
	last  *expr.KeyTest // for the range attribute after them; nil: none
}

// bindKeys matches key conditions with a schema.
func bindKeys(tests []expr.KeyTest, keys table.KeySchema) (*boundKeys, error) {
	if defined := len(keys.Hash) + len(keys.Range); len(tests) > defined {
		return nil, protocol.Validation("The number of query conditions (%d) exceeds the number "+
			"of key attributes defined in the schema (%d)", len(tests), defined)
	}
	if err := checkHashTests(tests, keys); err != nil {
		return nil, err
	}
	if err := checkStrayTests(tests, keys); err != nil {
		return nil, err
	}
	b := &boundKeys{}
	for _, part := range keys.Hash {
		b.hash = b.hash.With(part.Name, testOf(tests, part.Name).Low)
	}
	if err := b.bindRange(tests, keys); err != nil {
		return nil, err
	}
	return b, checkTestTypes(tests, keys)
}

// testOf returns the condition on an attribute, or nil if there is none.
func testOf(tests []expr.KeyTest, name string) *expr.KeyTest {
	for i := range tests {
		if tests[i].Attribute == name {
			return &tests[i]
		}
	}
	return nil
}

func isEqual(t *expr.KeyTest) bool { return t != nil && t.Op == expr.KeyEQ }

// checkHashTests refuses a query that does not give each hash attribute a value.
func checkHashTests(tests []expr.KeyTest, keys table.KeySchema) error {
	if len(keys.Hash) > 1 || len(keys.Range) > 1 {
		var missing []string
		for _, part := range keys.Hash {
			if !isEqual(testOf(tests, part.Name)) {
				missing = append(missing, part.Name)
			}
		}
		if missing != nil {
			return protocol.Validation("HASH key attributes %s must have equality conditions "+
				"specified in the query", strings.Join(missing, ", "))
		}
		return nil
	}
	name := keys.Hash[0].Name
	switch t := testOf(tests, name); {
	case t == nil:
		return protocol.Validation("Query condition missed key schema element: %s", name)
	case !isEqual(t):
		return protocol.Validation("Query key condition not supported")
	}
	return nil
}

// checkStrayTests refuses a condition on an attribute that is not a key, because a range attribute
// then has none.
func checkStrayTests(tests []expr.KeyTest, keys table.KeySchema) error {
	for _, t := range tests {
		if keys.Has(t.Attribute) {
			continue
		}
		unmatched := ""
		for _, part := range keys.Range {
			if testOf(tests, part.Name) == nil {
				unmatched = part.Name
				break
			}
		}
		return protocol.Validation("Query condition missed key schema element: %s", unmatched)
	}
	return nil
}

// bindRange matches the conditions on the range attributes: equalities from the first attribute on,
// and any condition on the next one.
func (b *boundKeys) bindRange(tests []expr.KeyTest, keys table.KeySchema) error {
	last := -1
	for i, part := range keys.Range {
		if testOf(tests, part.Name) != nil {
			last = i
		}
	}
	var missing []string
	for i, part := range keys.Range[:last+1] {
		t := testOf(tests, part.Name)
		switch {
		case isEqual(t):
			b.equal = append(b.equal, t.Low)
		case i == last:
			b.last = t
		default:
			missing = append(missing, part.Name)
		}
	}
	if missing != nil {
		return protocol.Validation("RANGE key attributes %s must have equality conditions "+
			"specified in the query because a condition is present on key attribute %s",
			strings.Join(missing, ", "), keys.Range[last].Name)
	}
	return nil
}

// kindOf returns the type of a key attribute of the table or of any of its indexes, or 0 for
// another attribute.
func (r *reading) kindOf(attribute string) value.Kind {
	schemas := []table.KeySchema{r.view.Keys()}
	for _, index := range r.view.Indexes() {
		schemas = append(schemas, index.Keys)
	}
	for _, keys := range schemas {
		for _, part := range keys.Parts() {
			if part.Name == attribute {
				return part.Kind
			}
		}
	}
	return 0
}

// checkTestTypes refuses values whose type differs from their attribute's.
func checkTestTypes(tests []expr.KeyTest, keys table.KeySchema) error {
	for _, part := range keys.Parts() {
		t := testOf(tests, part.Name)
		if t == nil {
			continue
		}
		for _, v := range []value.Value{t.Low, t.High} {
			if v != nil && v.Kind() != part.Kind {
				return protocol.Validation("One or more parameter values were invalid: " +
					"Condition parameter type does not match schema type")
			}
		}
	}
	return nil
}

// rangeBounds maps the comparisons of key conditions to the table's bounds.
var rangeBounds = map[expr.KeyOp]table.Bound{
	expr.KeyEQ: table.Equal, expr.KeyLT: table.Less, expr.KeyLE: table.LessOrEqual,
	expr.KeyGT: table.Greater, expr.KeyGE: table.GreaterOrEqual,
	expr.KeyBetween: table.Between, expr.KeyBeginsWith: table.BeginsWith,
}

// span returns the span of the keys that the conditions allow.
func (b *boundKeys) span(keys table.KeySchema) table.Span {
	span := keys.Partition(b.hash, b.equal)
	if b.last != nil {
		span = span.Where(table.RangeTest{
			Bound: rangeBounds[b.last.Op], Low: b.last.Low, High: b.last.High,
		})
	}
	return span
}

// checkStart refuses a start key that cannot be the end of a page of this query.
func (b *boundKeys) checkStart(r *reading, start value.Map) error {
	keys := r.keys()
	atMostOne := protocol.Validation(
		"The query can return at most one row and cannot be restarted")
	final := len(keys.Hash) - 1
	for _, part := range keys.Hash[:final] {
		if !value.Equal(start.Get(part.Name), b.hash.Get(part.Name)) {
			return atMostOne
		}
	}
	if !b.inRange(keys, start) {
		return protocol.Validation(
			"The provided starting key does not match the range key predicate")
	}
	name := keys.Hash[final].Name
	switch {
	case value.Equal(start.Get(name), b.hash.Get(name)):
		return nil
	case len(b.equal) > 0 || b.last != nil:
		return atMostOne
	case r.index == nil && len(keys.Range) == 0:
		return protocol.Validation("The provided exclusive start key is invalid")
	}
	return protocol.Validation(
		"The provided starting key is outside query boundaries based on provided conditions")
}

// inRange reports whether the range attributes of a start key satisfy the conditions. It assumes
// that the start key is in the queried partition.
func (b *boundKeys) inRange(keys table.KeySchema, start value.Map) bool {
	moved := start
	for _, a := range b.hash {
		moved = moved.With(a.Name, a.Value)
	}
	key, ok := keys.Key(moved)
	return ok && b.span(keys).Has(key)
}
