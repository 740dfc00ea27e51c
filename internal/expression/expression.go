// Package expression writes DynamoDB's expressions: aliases for names and values, conditions, updates and
// projections, and knows their limits. It knows nothing of models.
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

// Step is one step of a path into a document: a member's name, or a position in a list.
type Step struct {
	Name  string
	Index int
	List  bool // the step is the index
}

// Aliases gives each attribute name and each value its place holder. All expressions of one request share one.
// Names are always aliased, so that reserved words and special characters need no care.
type Aliases struct {
	list   []string          // the names, in the order of their aliases
	byName map[string]string // beside many names
	names  map[string]string
	values map[string]types.AttributeValue
}

// MakeAliases makes aliases with room for so many names and values.
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

// Name gives an attribute's place holder; the same name has the same.
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

// fewNames are compared with each other faster than through a map.
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

// placeHolders are the first place holders of a kind, ready.
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

// Path gives the place holders of a path, with its indexes.
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

// Value gives a value's place holder.
func (a *Aliases) Value(value types.AttributeValue) string {
	if a.values == nil {
		a.values = map[string]types.AttributeValue{}
	}
	alias := valueAliases.at(len(a.values))
	a.values[alias] = value
	return alias
}

// Names is the ExpressionAttributeNames of the request, nil if there are none.
func (a *Aliases) Names() map[string]string { return a.names }

// Values is the ExpressionAttributeValues of the request, nil if there are none.
func (a *Aliases) Values() map[string]types.AttributeValue { return a.values }

// Update is an update of several attributes. It is made of place holders.
type Update struct {
	set, remove, add, delete clause
}

// clause is what stands behind one keyword of an update.
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

// Set gives what stands at a path a value, or what an expression gives.
func (u *Update) Set(path, value string) { u.set.write(path, "=", value) }

// Remove removes what stands at a path.
func (u *Update) Remove(path string) { u.remove.write(path, "", "") }

// Add adds a number to an attribute, or members to a set.
func (u *Update) Add(path, value string) { u.add.write(path, " ", value) }

// Delete takes members out of a set.
func (u *Update) Delete(path, value string) { u.delete.write(path, " ", value) }

// clauses lists the clauses with their keywords.
func (u *Update) clauses() [4]keywordClause {
	return [...]keywordClause{{"SET ", &u.set}, {"REMOVE ", &u.remove}, {"ADD ", &u.add}, {"DELETE ", &u.delete}}
}

type keywordClause struct {
	keyword string
	*clause
}

// size is how many actions the update has, and how many bytes.
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

// Text is the expression, nil if nothing is updated.
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

// Fits says that the service takes the expression.
func (u *Update) Fits() bool {
	actions, bytes := u.size()
	return actions <= MaxOperators && bytes <= MaxBytes
}

// Projection is the list of attributes that a read asks for.
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
