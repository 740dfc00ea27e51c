package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEachRuleHasANameAndAReason(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, rule := range knownDifferences {
		assert.NotEmpty(t, rule.name)
		assert.NotEmpty(t, rule.reason, rule.name)
		assert.False(t, names[rule.name], rule.name)
		names[rule.name] = true
	}
}

func TestRuleFor(t *testing.T) {
	t.Parallel()
	invalid := func(message string) observation {
		body := newObject("__type", "#ValidationException", "message", message)
		return observation{status: 400, tree: body}
	}
	ok := func(body string) observation { return observation{status: 200, tree: tree(t, body)} }
	const bounds = "Invalid FilterExpression: The BETWEEN operator requires upper bound to be " +
		"greater"
	for _, c := range []struct {
		name, operation, request string
		ours, theirs             observation
		rule                     string
	}{
		{"bounds that only ours compares", "Scan", `{}`, invalid(bounds), ok(`{}`),
			"bounds of BETWEEN"},
		{"bounds with another text", "Scan", `{}`, invalid(bounds + "; {N:0.1}"), invalid(bounds),
			"faults of expressions"},
		{"bounds that only theirs compares", "Scan", `{}`, ok(`{}`), invalid(bounds), ""},
		{"a member of another operation", "GetItem", `{"Limit":"x"}`, ok(`{}`),
			observation{status: 400, tree: newObject("__type", "#SerializationException")},
			"members that the operation does not have"},
		{"a member of the operation", "Scan", `{"Limit":"x"}`, ok(`{}`),
			observation{status: 400, tree: newObject("__type", "#SerializationException")}, ""},
		{"keys of a projection", "TransactGetItems",
			`{"TransactItems":[{"ProjectionExpression":"a"}]}`,
			ok(`{"Responses":[{"Item":{"a":{"S":"1"}}}]}`),
			ok(`{"Responses":[{"Item":{"a":{"S":"1"},"h":{"S":"2"}}}]}`),
			"projected keys in transactions"},
		{"another value", "TransactGetItems", `{"TransactItems":[{"ProjectionExpression":"a"}]}`,
			ok(`{"Responses":[{"Item":{"a":{"S":"1"}}}]}`),
			ok(`{"Responses":[{"Item":{"a":{"S":"3"},"h":{"S":"2"}}}]}`), ""},
		{"another item", "GetItem", `{}`, ok(`{"Item":{"a":{"S":"1"}}}`), ok(`{}`), ""},
	} {
		rule := ruleFor(&step{operation: c.operation, body: tree(t, c.request)}, c.ours, c.theirs)
		name := ""
		if rule != nil {
			name = rule.name
		}
		assert.Equal(t, c.rule, name, c.name)
	}
}
