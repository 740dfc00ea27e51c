// Package expression writes DynamoDB's expressions: aliases for names and values, conditions,
// updates and projections. It also checks their limits. It does not depend on models.
package expression

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
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
	values []wire.Raw        // in the order of their aliases
}

// MakeAliases returns an Aliases with room for the given numbers of names and values.
func MakeAliases(names, values int) Aliases {
	var a Aliases
	if names > 0 {
		a.list = make([]string, 0, names)
	}
	if values > 0 {
		a.values = make([]wire.Raw, 0, values)
	}
	return a
}

// Name returns an attribute's placeholder. The same name always has the same placeholder.
func (a *Aliases) Name(attribute string) string {
	if alias, ok := a.lookup(attribute); ok {
		return alias
	}
	alias := nameAliases.at(len(a.list))
	a.list = append(a.list, attribute)
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
func (a *Aliases) Value(value wire.Raw) string {
	a.values = append(a.values, value)
	return valueAliases.at(len(a.values) - 1)
}

// Names returns the ExpressionAttributeNames of the request, or nil if there are none.
func (a *Aliases) Names() map[string]string {
	if len(a.list) == 0 {
		return nil
	}
	names := make(map[string]string, len(a.list))
	for i, name := range a.list {
		names[nameAliases.at(i)] = name
	}
	return names
}

// Values returns the ExpressionAttributeValues of the request, or nil if there are none.
func (a *Aliases) Values() map[string]types.AttributeValue {
	if len(a.values) == 0 {
		return nil
	}
	values := make(map[string]types.AttributeValue, len(a.values))
	for i, value := range a.values {
		values[valueAliases.at(i)] = value.AttributeValue()
	}
	return values
}

// AppendNames appends the ExpressionAttributeNames of the request as a JSON object.
func (a *Aliases) AppendNames(to []byte) []byte {
	to = append(to, '{')
	for i, name := range a.list {
		to = wire.AppendString(appendMember(to, i, nameAliases), name)
	}
	return append(to, '}')
}

// AppendValues appends the ExpressionAttributeValues of the request as a JSON object.
func (a *Aliases) AppendValues(to []byte) []byte {
	to = append(to, '{')
	for i, value := range a.values {
		to = append(appendMember(to, i, valueAliases), value...)
	}
	return append(to, '}')
}

// appendMember appends the name of member i of an object, which is a placeholder, and the colon.
func appendMember(to []byte, i int, p *placeHolders) []byte {
	if i > 0 {
		to = append(to, ',')
	}
	return append(append(append(to, '"'), p.at(i)...), `":`...)
}

// Size returns about how many bytes the names and the values take as JSON.
func (a *Aliases) Size() int {
	const around = len(`"#10":"",`)
	size := (len(a.list) + len(a.values)) * around
	for _, name := range a.list {
		size += len(name)
	}
	for _, value := range a.values {
		size += len(value)
	}
	return size
}

// HasNames reports whether the request has ExpressionAttributeNames.
func (a *Aliases) HasNames() bool { return len(a.list) > 0 }

// HasValues reports whether the request has ExpressionAttributeValues.
func (a *Aliases) HasValues() bool { return len(a.values) > 0 }

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

// Projection returns the list of the paths that a read asks for. It takes their placeholders.
func Projection(paths []string) *string { return text(strings.Join(paths, ",")) }

func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
