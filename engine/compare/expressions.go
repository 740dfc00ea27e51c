package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// A phrasing makes the expressions of one request, which share names and values.
type phrasing struct {
	r      *rand.Rand
	t      *table
	names  *object
	values *object
	inside int // of 100 paths to a list or map, the number that lead into it
}

func newPhrasing(r *rand.Rand, t *table) *phrasing {
	return &phrasing{r, t, newObject(), newObject(), 60}
}

// into adds the names and values of the expressions to their request.
func (p *phrasing) into(request *object) {
	if len(p.names.members) > 0 {
		request.set("ExpressionAttributeNames", p.names)
	}
	if len(p.values.members) > 0 {
		request.set("ExpressionAttributeValues", p.values)
	}
}

func (p *phrasing) chance(percent int) bool { return p.r.IntN(100) < percent }

// needsAlias lists the names in use that an expression cannot contain without a placeholder.
var needsAlias = map[string]bool{"size": true, "x-y": true, "é.è": true, "_u": true, "a.b": true,
	"": true}

// name returns how an expression writes a name.
func (p *phrasing) name(name string) string {
	direct := 60
	if needsAlias[name] {
		direct = 2
	}
	if p.chance(direct) && name != "" {
		return name
	}
	for _, m := range p.names.members {
		if m.value == name {
			return m.name
		}
	}
	alias := fmt.Sprintf("#n%d", len(p.names.members))
	p.names.set(alias, name)
	return alias
}

// value returns how an expression writes a value.
func (p *phrasing) value(v *object) string {
	alias := fmt.Sprintf(":v%d", len(p.values.members))
	p.values.set(alias, v)
	return alias
}

// attribute returns an attribute that items have, and now and then one of their keys.
func (p *phrasing) attribute() key {
	switch n := p.r.IntN(20); {
	case n == 0:
		return pick(p.r, p.t.keys())
	case n < 4:
		return pick(p.r, indexKeys)
	}
	return pick(p.r, favourites)
}

// within returns a path to an attribute or to something inside it.
func (p *phrasing) within(a key) string {
	path := p.name(a.name)
	for range 3 {
		inside := p.inside
		if a.kind != "L" && a.kind != "M" {
			inside = 3
		}
		if !p.chance(inside) {
			return path
		}
		if a.kind == "L" || a.kind != "M" && p.chance(50) {
			path += fmt.Sprintf("[%d]", p.r.IntN(4))
		} else {
			path += "." + p.name(pick(p.r, mapKeys[:len(mapKeys)-1]))
		}
		a = key{"", pick(p.r, []string{"L", "M", "N", "S"})}
	}
	return path
}

// space returns white space for a position where an expression may have some.
func (p *phrasing) space() string {
	return pick(p.r, []string{"", "", "", " ", " ", "\t", "\n"})
}

// keyword returns a word in any case.
func (p *phrasing) keyword(word string) string {
	switch p.r.IntN(4) {
	case 0:
		return strings.ToLower(word)
	case 1:
		return strings.ToTitle(word[:1]) + strings.ToLower(word[1:])
	}
	return word
}

// condition returns a condition or filter expression.
func (p *phrasing) condition(depth int) string {
	n := p.r.IntN(10)
	switch {
	case depth > 0 && n < 3:
		word := p.keyword(pick(p.r, []string{"AND", "OR"}))
		return p.condition(depth-1) + " " + word + " " + p.condition(depth-1)
	case depth > 0 && n == 3:
		return p.keyword("NOT") + " " + p.condition(depth-1)
	case depth > 0 && n == 4:
		return "(" + p.space() + p.condition(depth-1) + p.space() + ")"
	}
	return p.test()
}

// test returns a condition without AND, OR and NOT.
func (p *phrasing) test() string {
	a := p.attribute()
	switch p.r.IntN(9) {
	case 0:
		low, high := p.operand(a), p.operand(a)
		return p.operand(a) + " " + p.keyword("BETWEEN") + " " + low + " " + p.keyword("AND") +
			" " + high
	case 1:
		return p.operand(a) + " " + p.keyword("IN") + p.space() + "(" + p.operands(a) + ")"
	case 2, 3:
		return "attribute_exists" + p.space() + "(" + p.within(a) + ")"
	case 4:
		return "attribute_not_exists(" + p.space() + p.within(a) + ")"
	case 5:
		return p.function(a)
	}
	operator := pick(p.r, []string{"=", "=", "<>", "<", "<=", ">", ">="})
	return p.operand(a) + p.space() + operator + p.space() + p.operand(a)
}

func (p *phrasing) operands(a key) string {
	var list []string
	for range 1 + p.r.IntN(4) {
		list = append(list, p.operand(a))
	}
	return strings.Join(list, p.space()+","+p.space())
}

func (p *phrasing) function(a key) string {
	switch p.r.IntN(3) {
	case 0:
		kind := attributeValue("S", pick(p.r, kinds))
		return "attribute_type(" + p.within(a) + ", " + p.value(kind) + ")"
	case 1:
		prefix := attributeValue("S", pick(p.r, []string{"", "a", "ab", "é"}))
		if p.chance(20) {
			prefix = valueOf(p.r, "B", 0)
		}
		return "begins_with(" + p.within(a) + "," + p.value(prefix) + ")"
	}
	return "contains(" + p.within(a) + ", " + p.operand(a) + ")"
}

// operand returns a path, a value or the size of a path, usually comparable with the attribute.
func (p *phrasing) operand(a key) string {
	switch n := p.r.IntN(12); {
	case n < 5:
		return p.within(a)
	case n == 5:
		return "size" + p.space() + "(" + p.within(a) + ")"
	case n == 6:
		return p.value(attributeValue("N", fmt.Sprint(p.r.IntN(5))))
	}
	return p.value(p.likely(a))
}

// likely returns a value that the attribute may have in an item.
func (p *phrasing) likely(a key) *object {
	if pool := p.t.pools[a.name]; len(pool) > 0 && p.chance(90) {
		return clone(pick(p.r, pool)).(*object)
	}
	return favouriteValue(p.r, a)
}

// update returns an update expression, mostly of different attributes.
func (p *phrasing) update() string {
	p.inside = 25
	defer func() { p.inside = 60 }()
	used := map[string]bool{}
	next := func(kinds string) key {
		for range 20 {
			a := p.attributeOf(kinds)
			if !used[a.name] || p.chance(1) {
				used[a.name] = true
				return a
			}
		}
		return key{fmt.Sprintf("more%d", p.r.IntN(100)), strings.Fields(kinds + " N")[0]}
	}
	words := []string{"SET", "REMOVE", "ADD", "DELETE"}
	p.r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	words = words[:1+p.r.IntN(2)+p.r.IntN(2)]
	if !slices.Contains(words, "SET") && p.chance(60) {
		words = append(words, "SET")
	}
	var clauses []string
	for _, word := range words {
		clauses = append(clauses, p.clause(word, next))
	}
	return strings.Join(clauses, " ")
}

// attributeOf returns an attribute that an update may change. If kinds are given, it has one of
// them.
func (p *phrasing) attributeOf(kinds string) key {
	for range 50 {
		a := pick(p.r, favourites)
		if p.chance(12) {
			a = pick(p.r, indexKeys)
		}
		if p.chance(1) {
			a = pick(p.r, p.t.keys())
		}
		if kinds == "" || slices.Contains(strings.Fields(kinds), a.kind) {
			return a
		}
	}
	return pick(p.r, favourites)
}

func (p *phrasing) clause(word string, next func(kinds string) key) string {
	kinds := map[string]string{"ADD": "N NS SS BS", "DELETE": "NS SS BS"}[word]
	if p.chance(4) {
		kinds = ""
	}
	var actions []string
	for range 1 + p.r.IntN(3) {
		actions = append(actions, p.action(word, next(kinds)))
	}
	return p.keyword(word) + " " + strings.Join(actions, p.space()+","+p.space())
}

// action returns an action of a clause.
func (p *phrasing) action(word string, a key) string {
	switch word {
	case "SET":
		return p.within(a) + p.space() + "=" + p.space() + p.assigned(a)
	case "REMOVE":
		return p.within(a)
	}
	change := valueOf(p.r, a.kind, 1)
	if a.kind == "NS" {
		change = attributeValue("NS", newStrings(pick(p.r, []string{"0", "1", "10"}), "1.5"))
	}
	if p.chance(10) {
		return p.within(a) + " " + p.value(change)
	}
	return p.name(a.name) + " " + p.value(change)
}

// assigned returns the right side of an assignment.
func (p *phrasing) assigned(a key) string {
	if n := p.r.IntN(20); n == 0 || n < 8 && a.kind == "N" {
		sign := pick(p.r, []string{"+", "-"})
		right := p.term
		if p.chance(90) {
			right = func(key) string { return p.value(valueOf(p.r, "N", 0)) }
		}
		return p.term(a) + p.space() + sign + p.space() + right(a)
	}
	return p.term(a)
}

// term returns an operand of an update.
func (p *phrasing) term(a key) string {
	n := p.r.IntN(10)
	switch {
	case n < 2:
		return "if_not_exists" + p.space() + "(" + p.within(a) + "," + p.space() + p.term(a) + ")"
	case n < 5 && a.kind == "L" || n == 9 && p.chance(10):
		list := p.value(valueOf(p.r, "L", 1))
		if p.chance(50) {
			return "list_append(" + list + ", " + p.term(a) + ")"
		}
		return "list_append(" + p.term(a) + ", " + list + ")"
	case n < 4 && p.chance(50):
		return p.within(a)
	}
	return p.value(p.likely(a))
}

// projection returns a projection expression.
func (p *phrasing) projection() string {
	var paths []string
	seen := map[string]bool{}
	for range 1 + p.r.IntN(4) {
		a := p.attribute()
		if seen[a.name] && p.chance(80) {
			continue
		}
		seen[a.name] = true
		paths = append(paths, p.within(a))
	}
	return strings.Join(paths, p.space()+","+p.space())
}

// keyCondition returns a key condition expression for the keys of a table or index.
func (p *phrasing) keyCondition(hash, ranged []key) string {
	var tests []string
	for _, k := range hash {
		tests = append(tests, p.name(k.name)+p.space()+"="+p.space()+p.value(p.likely(k)))
	}
	for i, k := range ranged {
		if p.chance(35) {
			break
		}
		if i < len(ranged)-1 && p.chance(80) {
			tests = append(tests, p.name(k.name)+" = "+p.value(p.likely(k)))
			continue
		}
		tests = append(tests, p.rangeTest(k))
		if p.chance(95) {
			break
		}
	}
	if p.chance(10) {
		p.r.Shuffle(len(tests), func(i, j int) { tests[i], tests[j] = tests[j], tests[i] })
	}
	for i, test := range tests {
		if p.chance(8) {
			tests[i] = "(" + test + ")"
		}
	}
	return strings.Join(tests, " "+p.keyword("AND")+" ")
}

func (p *phrasing) rangeTest(k key) string {
	switch p.r.IntN(8) {
	case 0, 1:
		low, high := p.value(p.likely(k)), p.value(p.likely(k))
		return p.name(k.name) + " BETWEEN " + low + " " + p.keyword("AND") + " " + high
	case 2:
		prefix := attributeValue(k.kind, map[string]string{"S": "a", "N": "1", "B": "YQ=="}[k.kind])
		return "begins_with(" + p.name(k.name) + p.space() + "," + p.value(prefix) + ")"
	}
	operator := pick(p.r, []string{"=", "<", "<=", ">", ">=", "<>"}[:5+p.r.IntN(20)/19])
	if p.chance(5) {
		return p.value(p.likely(k)) + " " + operator + " " + p.name(k.name)
	}
	return p.name(k.name) + p.space() + operator + p.space() + p.value(p.likely(k))
}
