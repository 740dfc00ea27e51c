package expr

import "testing"

// BenchmarkParse parses typical expressions.
func BenchmarkParse(b *testing.B) {
	values := parseMap(b, testValues)
	b.Run("condition", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := ParseCondition(KindCondition, "attribute_exists(pk) AND #a = :n",
				scopeOf(values))
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("update", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := ParseUpdate("SET #a = :s, b = if_not_exists(b, :n) + :m", scopeOf(values))
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkEval evaluates a filter on an item.
func BenchmarkEval(b *testing.B) {
	item := parseMap(b, evalItem)
	c, err := ParseCondition(KindFilter, "begins_with(b, :s) AND (a < :n OR size(l) = :n)",
		testScope(b))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		c.Eval(item)
	}
}
