package expr

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// fuzzItems are the items that the fuzz tests evaluate expressions on.
func fuzzItems(t testing.TB) []value.Map {
	return []value.Map{nil, parseMap(t, evalItem), parseMap(t, updateItem)}
}

// checkRefusal checks that a refusal has one of the service's texts.
func checkRefusal(t *testing.T, err error) {
	require.IsType(t, &Error{}, err)
	require.NotEmpty(t, err.Error())
}

func seed(f *testing.F, texts ...string) {
	for _, c := range conditionErrors {
		f.Add(c.text)
	}
	for _, c := range updateErrors {
		f.Add(c.text)
	}
	for _, text := range texts {
		f.Add(text)
	}
}

func FuzzCondition(f *testing.F) {
	var texts []string
	for _, c := range evaluations {
		texts = append(texts, c.text)
	}
	seed(f, texts...)
	items := fuzzItems(f)
	values := parseMap(f, testValues)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCondition(KindCondition, text, scopeOf(values))
		if err != nil {
			checkRefusal(t, err)
			return
		}
		negated, err := ParseCondition(KindCondition, "NOT ("+text+")", scopeOf(values))
		if err != nil { // one operator too many, or parentheses around parentheses
			checkRefusal(t, err)
			return
		}
		for _, item := range items {
			require.NotEqual(t, c.Eval(item), negated.Eval(item))
		}
	})
}

func FuzzFilter(f *testing.F) {
	seed(f)
	values := parseMap(f, testValues)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCondition(KindScanFilter, text, scopeOf(values))
		_, conditionErr := ParseCondition(KindCondition, text, scopeOf(values))
		require.Equal(t, err == nil, conditionErr == nil)
		if err != nil {
			checkRefusal(t, err)
			return
		}
		require.Subset(t, c.Attributes(), c.NestedAttributes())
	})
}

func FuzzKeyCondition(f *testing.F) {
	seed(f, "pk = :s AND sk BETWEEN :one AND :n", "begins_with(sk, :s) AND :n < pk")
	values := parseMap(f, testValues)
	f.Fuzz(func(t *testing.T, text string) {
		tests, err := ParseKeyCondition(text, scopeOf(values))
		if err != nil {
			checkRefusal(t, err)
			return
		}
		require.NotEmpty(t, tests)
		for _, test := range tests {
			require.NotNil(t, test.Low)
			require.Equal(t, test.Op == KeyBetween, test.High != nil)
		}
	})
}

func FuzzProjection(f *testing.F) {
	seed(f, "a, b.c[0], l[1], l[0].x")
	items := fuzzItems(f)
	values := parseMap(f, testValues)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseProjection(text, scopeOf(values))
		if err != nil {
			checkRefusal(t, err)
			return
		}
		for _, item := range items {
			for _, a := range p.Apply(item) {
				require.Contains(t, p.Attributes(), a.Name)
			}
		}
	})
}

func FuzzUpdate(f *testing.F) {
	var texts []string
	for _, c := range updates {
		texts = append(texts, c.text)
	}
	for _, c := range refusedUpdates {
		texts = append(texts, c.text)
	}
	seed(f, texts...)
	items := fuzzItems(f)
	values := parseMap(f, testValues)
	f.Fuzz(func(t *testing.T, text string) {
		u, err := ParseUpdate(text, scopeOf(values))
		if err != nil {
			checkRefusal(t, err)
			return
		}
		require.Positive(t, u.RequestSize())
		for _, item := range items {
			before := show(item)
			after, err := u.Apply(item)
			require.Equal(t, before, show(item))
			if err != nil {
				checkRefusal(t, err)
				continue
			}
			u.Touched(after)
			checkOthers(t, u, item, after)
		}
	})
}

// checkOthers checks that an update changes only the attributes that it names, and that the item is
// still sorted.
func checkOthers(t *testing.T, u *Update, before, after value.Map) {
	for i, a := range after {
		require.True(t, i == 0 || after[i-1].Name < a.Name)
	}
	for _, name := range u.Attributes() {
		before, after = before.Without(name), after.Without(name)
	}
	require.Equal(t, show(before), show(after))
}
