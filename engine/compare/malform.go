package main

import (
	"encoding/json"
	"strings"
)

// malform makes a request invalid, usually in one way.
func (g *generator) malform(s *step) {
	for range 1 + g.r.IntN(8)/6 {
		g.spoil(s)
	}
	if g.chance(4) {
		s.raw = g.mutatedText(encode(s.body))
		s.mode = once
	}
}

// spoil changes one part of a request. The names of its tables usually stay valid, because
// otherwise most requests would fail for the same reason.
func (g *generator) spoil(s *step) {
	body := s.body.(*object)
	switch n := g.r.IntN(100); {
	case n < 30:
		g.spoilExpression(body)
	case n < 42:
		g.spoilEnum(body)
	case n < 50:
		g.addMember(body)
	case n < 60:
		g.spoilValue(body)
	default:
		g.spoilPlace(body)
	}
}

// spoilPlace removes or replaces a value somewhere in a request.
func (g *generator) spoilPlace(body *object) {
	all := places(body)
	if len(all) == 0 {
		return
	}
	p := pick(g.r, all)
	if p.name() == "TableName" && g.chance(80) {
		p = pick(g.r, all)
	}
	if g.chance(45) {
		p.remove()
		return
	}
	switch v := p.get().(type) {
	case string:
		p.set(g.otherText(v))
	case json.Number:
		p.set(json.Number(pick(g.r, []string{"0", "-1", "1.5", "2147483648", "101", "1e2"})))
	case *list:
		g.spoilList(p, v)
	default:
		p.set(g.anything())
	}
}

func (g *generator) spoilList(p place, l *list) {
	switch {
	case g.chance(30):
		p.set(newList())
	case g.chance(40) && len(l.elements) > 0:
		l.add(clone(pick(g.r, l.elements)))
	case g.chance(30) && len(l.elements) > 0:
		for i := range 101 {
			l.add(clone(l.elements[i%len(l.elements)]))
		}
	default:
		p.set(g.anything())
	}
}

// anything returns a value of any JSON type.
func (g *generator) anything() any {
	return clone(pick(g.r, []any{nil, true, "text", "", newInt(7), newList(), newObject(),
		newList("a"), newObject("S", "a"), newObject("Q", "a")}))
}

func (g *generator) otherText(text string) any {
	switch g.r.IntN(6) {
	case 0:
		return ""
	case 1:
		return strings.Repeat("long", 2000)
	case 2:
		return g.anything()
	case 3:
		return text + "x"
	}
	return g.mutatedText(text)
}

// mutatedText changes some characters of a text.
func (g *generator) mutatedText(text string) string {
	runes := []rune(text)
	for range 1 + g.r.IntN(2) {
		at := g.r.IntN(len(runes) + 1)
		end := min(at+1+g.r.IntN(2), len(runes))
		switch g.r.IntN(3) {
		case 0:
			runes = append(runes[:at:at], runes[end:]...)
		case 1:
			added := pick(g.r, []rune("()[].,:#=<>\"+-_ a0Zé{}"))
			runes = append(append(runes[:at:at], added), runes[at:]...)
		default:
			runes = append(append(runes[:end:end], runes[at:end]...), runes[end:]...)
		}
	}
	return string(runes)
}

// expressionPlaces returns the places of the expressions of a request.
func expressionPlaces(body *object) []place {
	var found []place
	for _, p := range places(body) {
		if _, ok := p.get().(string); ok && strings.HasSuffix(p.name(), "Expression") {
			found = append(found, p)
		}
	}
	return found
}

// spoilExpression changes an expression, word by word or character by character.
func (g *generator) spoilExpression(body *object) {
	all := expressionPlaces(body)
	if len(all) == 0 {
		g.spoilPlace(body)
		return
	}
	p := pick(g.r, all)
	text := p.get().(string)
	switch g.r.IntN(12) {
	case 0:
		p.set("")
	case 1:
		p.set(text + " AND " + text)
	case 2:
		p.set("(" + text + ")")
	case 3, 4:
		p.set(g.mutatedText(text))
	case 5:
		p.set(strings.Repeat("(", 300) + text + strings.Repeat(")", 300))
	case 6:
		p.set(text + strings.Repeat(" ", 4097-min(len(text), 4096)))
	default:
		p.set(g.otherWords(text))
	}
}

// otherTokens are tokens for any position of an expression, usually a wrong one.
var otherTokens = []string{"AND", "OR", "NOT", "SET", "REMOVE", "ADD", "DELETE", "BETWEEN", "IN",
	"=", "<>", ",", "(", ")", "#", ":", "size(a)", "size(:v0)", "a", "a.b", "c[0]", "c[-1]",
	"c[99999999999]", "#n0", "#none", ":v0", ":none", "attribute_exists(a)",
	"attribute_exists(:v0)", "begins_with(a)", "contains(a, a)", "if_not_exists(a, :v0)",
	"list_append(c, c)", "unknown(a)", "name", "12", "'x'", "attribute_type(a, b)", "a.c[0].d",
	"ATTRIBUTE_EXISTS(a)", ":v0 = :v0", "a = a"}

// otherWords replaces, drops, doubles or adds a word of an expression.
func (g *generator) otherWords(text string) string {
	words := strings.Fields(text)
	if len(words) == 0 {
		return text
	}
	at := g.r.IntN(len(words))
	switch g.r.IntN(4) {
	case 0:
		words = append(words[:at:at], words[at+1:]...)
	case 1:
		words[at] += " " + words[at]
	case 2:
		other := g.r.IntN(len(words))
		words[at], words[other] = words[other], words[at]
	default:
		words[at] = pick(g.r, otherTokens)
	}
	return strings.Join(words, " ")
}

// spoilEnum gives a member with few allowed values another one.
func (g *generator) spoilEnum(body *object) {
	name := pick(g.r, []string{"ReturnValues", "ReturnConsumedCapacity", "Select", "Limit",
		"ConditionalOperator", "ReturnItemCollectionMetrics", "Segment", "TotalSegments",
		"ReturnValuesOnConditionCheckFailure", "IndexName", "ConsistentRead"})
	body.set(name, pick(g.r, []any{"WRONG", "", "all_old", "ALL_OLD", "UPDATED_NEW", "ALL_NEW",
		"AND", "SIZE", "COUNT", "INDEXES", "TOTAL", "none.such", nil, true,
		newInt(0), newInt(-1), newInt(3)}))
}

// addMember adds a member that does not fit the others, or that the operation does not use.
func (g *generator) addMember(body *object) {
	t := g.tables[0]
	p := newPhrasing(g.r, t)
	switch g.r.IntN(11) {
	case 0:
		body.set("Unknown", g.anything())
	case 1:
		g.addTo(body, "ExpressionAttributeNames", pick(g.r, []string{"#u", "u", "#", "#a-b"}),
			"unused")
	case 2:
		g.addTo(body, "ExpressionAttributeValues", pick(g.r, []string{":u", "u", ":", ":a-b"}),
			randomValue(g.r, 1))
	case 3:
		g.expected(body, p)
	case 4:
		g.conditions(body, p, pick(g.r, []string{"QueryFilter", "ScanFilter"}))
	case 5:
		body.set("AttributesToGet", newStrings("a", pick(g.r, []string{"a", "b"})))
	case 6:
		body.set("ConditionExpression", p.condition(1))
	case 7:
		body.set("FilterExpression", p.condition(1))
	case 8:
		g.attributeUpdates(body, p)
	case 9:
		body.set("ExpressionAttributeNames", newObject())
	default:
		body.set("ExpressionAttributeValues", newObject())
	}
}

func (g *generator) addTo(body *object, member, name string, value any) {
	o, ok := body.get(member).(*object)
	if !ok {
		o = newObject()
		body.set(member, o)
	}
	o.set(name, value)
}

// spoilValue makes an attribute value invalid.
func (g *generator) spoilValue(body *object) {
	var values []place
	for _, p := range places(body) {
		if isAttributeValue(p.get()) {
			values = append(values, p)
		}
	}
	if len(values) == 0 {
		g.spoilPlace(body)
		return
	}
	pick(g.r, values).set(g.wrongValue())
}

// isAttributeValue reports whether a tree looks like an attribute value.
func isAttributeValue(tree any) bool {
	o, ok := tree.(*object)
	if !ok || len(o.members) != 1 {
		return false
	}
	for _, kind := range kinds {
		if o.members[0].name == kind {
			return true
		}
	}
	return false
}

func (g *generator) wrongValue() *object {
	switch g.r.IntN(5) {
	case 0, 1:
		return attributeValue("N", pick(g.r, wrongNumbers))
	case 2:
		return deep(g.r, 33+g.r.IntN(8))
	}
	return clone(pick(g.r, wrongValues)).(*object)
}

var wrongNumbers = []string{"", "x", "1 2", "0x10", "NaN", "Infinity", "1_000", "--1", "1e", "+1",
	"1E126", "1E-131", "123456789012345678901234567890123456789"}

var wrongValues = []any{
	newObject(), newObject("Q", "x"), newObject("S", "a", "N", "1"), newObject("NULL", false),
	newObject("S", newInt(1)), newObject("N", newInt(1)), newObject("BOOL", "true"),
	newObject("S", nil), newObject("S", ""), newObject("B", ""), newObject("B", "not base64!"),
	newObject("B", "YQ"), newObject("S", strings.Repeat("k", 2049)),
	newObject("S", strings.Repeat("k", 1025)),
	newObject("SS", newList()), newObject("NS", newList()), newObject("BS", newList()),
	newObject("SS", newStrings("a", "a")), newObject("NS", newStrings("1", "1.0")),
	newObject("BS", newStrings("AA==", "AA==")), newObject("NS", newStrings("x")),
	newObject("SS", newStrings("")),
	newObject("L", newObject()), newObject("M", newList()), newObject("L", newList(nil)),
	newObject("L", newList(newObject("Q", "x"))), newObject("M", newObject("x", newObject())),
	newObject("M", newObject("", newObject("S", "a"))),
}
