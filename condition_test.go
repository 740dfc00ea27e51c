package dynamapper

import (
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/expression"
)

// Conditions nest like their functions. Conditions beside each other are combined with AND.
func TestConditionsAreWritten(t *testing.T) {
	t.Parallel()
	a, b, c := Attr("text", EQ("a")), Attr("int", GT(1)), Attr("bool", EQ(true))
	for want, conditions := range map[string][]Condition{
		`text={"S":"a"} AND int>{"N":"1"}`:                      {a, b},
		`text={"S":"a"} AND (int>{"N":"1"} AND text={"S":"a"})`: {a, And(b, a)},
		`text={"S":"a"}`: {And(a)},
		`int>{"N":"1"}`:  {Or(And(Or(b)))},
		`(text={"S":"a"} OR int>{"N":"1"}) AND int>{"N":"1"}`: {
			Or(a, b), b},
		`text={"S":"a"} OR bool IN ({"BOOL":true},{"N":"1"},{"S":"true"})`: {
			Or(a, c)},
		`NOT bool IN ({"BOOL":true},{"N":"1"},{"S":"true"})`: {
			Not(c)},
		`NOT (NOT text={"S":"a"})`: {
			Not(Not(a))},
		`NOT (NOT contains(text,{"S":"a"}))`: {
			Not(Attr("text", NotContains("a")))},
		`NOT (text={"S":"a"} AND int>{"N":"1"})`: {
			Not(And(a, b))},
		`(NOT text={"S":"a"}) OR int>{"N":"1"}`: {
			Or(Not(a), b)},
		`(some<>{"N":"0"} AND attribute_exists(some)) OR int>{"N":"1"}`: {
			Or(Attr("some", NE(0)), b)},
		`(some={"N":"0"} OR attribute_not_exists(some)) AND (int>{"N":"1"} AND text={"S":"a"})`: {
			Attr("some", EQ(0)), And(b, a)},
	} {
		text, err := written(t, conditions...)
		require.NoError(t, err)
		require.Equal(t, want, text)
	}
}

// A condition without content is refused, at any depth.
func TestConditionsAreRefused(t *testing.T) {
	t.Parallel()
	good := Attr("text", EQ("a"))
	for want, conditions := range map[string][]Condition{
		"a condition is empty; make it with Attr, And, Or or Not": {Condition{}},
		"a condition is empty; make it with Attr, And, Or or Not,": {good,
			Condition{}},
		"a condition is empty; make it with Attr, And, Or or Not,,": {
			Or(good, Not(Condition{}))},
		"And has no condition in it; give it one, or leave it out": {And()},
		"Or has no condition in it; give it one, or leave it out,": {good, Or()},
		"Or has no condition in it; give it one, or leave it out,,": {
			Not(And(good, Or()))},
		`the condition on "text": the comparison is empty; make it with EQ or`: {
			Or(good, Attr("text", Comparison{}))},
		`the condition on "measure.units": the document "measure" has no member`: {
			And(good, Or(good, Attr("measure.units", Exists())))},
	} {
		_, err := written(t, conditions...)
		require.ErrorContains(t, err, strings.TrimRight(want, ","))
	}
}

// Conditions that exceed a request are refused before it is sent.
func TestConditionsThatDoNotFit(t *testing.T) {
	t.Parallel()
	one := Attr("int", GT(1))
	several := func(n int, c Condition) []Condition {
		cs := make([]Condition, n)
		for i := range cs {
			cs[i] = c
		}
		return cs
	}
	_, err := written(t, several(150, one)...)
	require.NoError(t, err)
	for _, conditions := range [][]Condition{
		several(151, one), {And(several(151, one)...)}, several(76, Attr("some", EQ(0))),
		several(101, Not(one)), {Attr("int", In(make([]int, 1100)...))},
	} {
		_, err = written(t, conditions...)
		require.ErrorContains(t, err,
			"and DynamoDB takes 300 and 4096 in one request; do it in several")
	}
}

// Without conditions there is no expression.
func TestNoConditions(t *testing.T) {
	t.Parallel()
	made, err := makeSchema(reflect.TypeFor[shelf]())
	require.NoError(t, err)
	part, err := (&conditionWriter{schema: made, aliases: &expression.Aliases{}}).writeAll(nil)
	require.NoError(t, err)
	require.Nil(t, part.Text())
}

// The shape of a condition contains everything except the operands.
func TestShapes(t *testing.T) {
	t.Parallel()
	at := func(c Comparison) Condition { return Attr("at", c) }
	same := [][]Condition{
		{at(EQ(1)), at(EQ(2)), at(EQ(nil))}, {at(In(1)), at(In(1, 2))},
		{at(Between(1, 2)), at(Between(2, 3))}, {at(Size(EQ(1))), at(Size(EQ(2)))},
		{And(at(EQ(1)), at(LT(2))), And(at(EQ(3)), at(LT(4)))},
		{at(NE(1))}, {at(LT(1))}, {at(LE(1))}, {at(GT(1))}, {at(GE(1))}, {at(BeginsWith(1))},
		{at(Contains(1))}, {at(NotContains(1))}, {at(Exists())}, {at(NotExists())},
		{at(Size(LT(1)))}, {Attr("a t", EQ(1))}, {Attr(`at" EQ,"at`, EQ(1))}, {at(Comparison{})},
		{Condition{}},
		{Or(at(EQ(1)), at(LT(2)))}, {And(at(LT(1)), at(EQ(2)))}, {Not(at(EQ(1)))},
		{Not(Not(at(EQ(1))))}, {And(at(EQ(1)))}, {Or(at(EQ(1)))}, {And()}, {Or()},
		{And(at(EQ(1)), And(at(EQ(1)), at(EQ(1))))}, {And(And(at(EQ(1)), at(EQ(1))), at(EQ(1)))},
		{And(at(EQ(1)), at(EQ(1)), at(EQ(1)))},
	}
	seen := map[string]int{}
	for i, conditions := range same {
		for _, c := range conditions {
			before, known := seen[c.shape()]
			require.True(t, !known || before == i, c.shape())
			seen[c.shape()] = i
		}
	}
	require.Len(t, seen, len(same))
}
