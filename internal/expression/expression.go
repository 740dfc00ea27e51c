// Package expression writes DynamoDB's expressions: aliases for names and values, conditions,
// updates and projections. It also checks their limits. It does not depend on models.
package expression

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Limits of an expression.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const (
	MaxOperators = 300
	MaxBytes     = 4096
)

// Step is one step of a path into a document: a member's name or an index into a list.
type Step struct {
	Name  string
	Index int
	List  bool // the step is the index
}

// Aliases assigns a placeholder to each attribute name and each value. All expressions of one
// request share one Aliases. Every name gets a placeholder, so that reserved words and special
// characters need no special treatment.
type Aliases struct {
	list   []string          // the names, in the order of their aliases
	byName map[string]string // only for many names
	names  map[string]string
	values map[string]types.AttributeValue
}

// MakeAliases returns an Aliases with room for the given numbers of names and values.
func MakeAliases(names, values int) Aliases {
	var a Aliases
	if names > 0 {
		a.list = make([]string, 0, names)
		a.names = make(map[string]string, names)
	}
	if values > 0 {
		a.values = make(map[string]types.AttributeValue, values)
	}
	return a
}

// Name returns an attribute's placeholder. The same name always has the same placeholder.
func (a *Aliases) Name(attribute string) string {
	if alias, ok := a.lookup(attribute); ok {
		return alias
	}
	if a.names == nil {
		a.names = map[string]string{}
	}
	alias := nameAliases.at(len(a.list))
	a.list = append(a.list, attribute)
	a.names[alias] = attribute
	if a.byName != nil {
		a.byName[attribute] = alias
	}
	return alias
}

// fewNames is the number of names up to which comparing with each is faster than a map.
const fewNames = 16

func (a *Aliases) lookup(attribute string) (string, bool) {
	if len(a.list) <= fewNames {
		i := slices.Index(a.list, attribute)
		if i < 0 {
			return "", false
		}
		return nameAliases.at(i), true
	}
	if a.byName == nil {
		a.byName = make(map[string]string, cap(a.list))
		for i, name := range a.list {
			a.byName[name] = nameAliases.at(i)
		}
	}
	alias, ok := a.byName[attribute]
	return alias, ok
}

// placeHolders are precomputed placeholders of a kind.
type placeHolders struct {
	sign  string
	ready [64]string
}

func makePlaceHolders(sign string) *placeHolders {
	p := &placeHolders{sign: sign}
	for i := range p.ready {
		p.ready[i] = sign + strconv.Itoa(i)
	}
	return p
}

var nameAliases, valueAliases = makePlaceHolders("#"), makePlaceHolders(":")

func (p *placeHolders) at(i int) string {
	if i < len(p.ready) {
		return p.ready[i]
	}
	return p.sign + strconv.Itoa(i)
}

// Path returns the placeholders of a path, with its indexes.
func (a *Aliases) Path(steps []Step) string {
	if len(steps) == 1 && !steps[0].List {
		return a.Name(steps[0].Name)
	}
	var text strings.Builder
	for i, step := range steps {
		switch {
		case step.List:
			text.WriteString("[" + strconv.Itoa(step.Index) + "]")
		case i > 0:
			text.WriteString("." + a.Name(step.Name))
		default:
			text.WriteString(a.Name(step.Name))
		}
	}
	return text.String()
}

// Value returns a value's placeholder.
func (a *Aliases) Value(value types.AttributeValue) string {
	if a.values == nil {
		a.values = map[string]types.AttributeValue{}
	}
	alias := valueAliases.at(len(a.values))
	a.values[alias] = value
	return alias
}

// Names returns the ExpressionAttributeNames of the request, or nil if there are none.
func (a *Aliases) Names() map[string]string { return a.names }

// Values returns the ExpressionAttributeValues of the request, or nil if there are none.
func (a *Aliases) Values() map[string]types.AttributeValue { return a.values }

// Update is an update of several attributes. Its methods take placeholders.
type Update struct {
	set, remove, add, delete clause
}

// clause holds the actions behind one keyword of an update.
type clause struct {
	text  []byte
	parts int
}

func (c *clause) write(path, between, value string) {
	if c.parts++; c.parts > 1 {
		c.text = append(c.text, ',')
	}
	c.text = append(append(append(c.text, path...), between...), value...)
}

// Set sets the value at a path to a value or to the result of an expression.
func (u *Update) Set(path, value string) { u.set.write(path, "=", value) }

// Remove removes the value at a path.
func (u *Update) Remove(path string) { u.remove.write(path, "", "") }

// Add adds a number to an attribute, or elements to a set.
func (u *Update) Add(path, value string) { u.add.write(path, " ", value) }

// Delete removes elements from a set.
func (u *Update) Delete(path, value string) { u.delete.write(path, " ", value) }

// clauses returns the clauses with their keywords.
func (u *Update) clauses() [4]keywordClause {
	return [...]keywordClause{{"SET ", &u.set}, {"REMOVE ", &u.remove}, {"ADD ", &u.add},
		{"DELETE ", &u.delete}}
}

type keywordClause struct {
	keyword string
	*clause
}

// size returns the number of actions in the update, and its length in bytes.
func (u *Update) size() (actions, bytes int) {
	for _, c := range u.clauses() {
		if c.parts == 0 {
			continue
		}
		if actions > 0 {
			bytes++ // between two clauses
		}
		actions += c.parts
		bytes += len(c.keyword) + len(c.text)
	}
	return actions, bytes
}

// Text returns the expression, or nil if nothing is updated.
func (u *Update) Text() *string {
	_, bytes := u.size()
	if bytes == 0 {
		return nil
	}
	var b strings.Builder
	b.Grow(bytes)
	for _, c := range u.clauses() {
		if c.parts == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(c.keyword)
		b.Write(c.text)
	}
	return text(b.String())
}

// Fits reports whether the expression is within the service's limits.
func (u *Update) Fits() bool {
	actions, bytes := u.size()
	return actions <= MaxOperators && bytes <= MaxBytes
}

// Projection returns the list of the attributes that a read asks for.
func Projection(aliases *Aliases, attributes []string) *string {
	names := make([]string, len(attributes))
	for i, attribute := range attributes {
		names[i] = aliases.Name(attribute)
	}
	return text(strings.Join(names, ","))
}

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
