// Package expression writes DynamoDB's expressions: aliases for names and values, conditions, updates and
// projections, and knows their limits. It knows nothing of models.
package expression

import (
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

// Aliases gives each attribute name and each value its place holder. All expressions of one request share one.
// Names are always aliased, so that reserved words and special characters need no care.
type Aliases struct {
	byName map[string]string
	names  map[string]string
	values map[string]types.AttributeValue
}

// Name gives an attribute's place holder; the same name has the same.
func (a *Aliases) Name(attribute string) string {
	if alias, ok := a.byName[attribute]; ok {
		return alias
	}
	if a.byName == nil {
		a.byName = map[string]string{}
		a.names = map[string]string{}
	}
	alias := "#" + strconv.Itoa(len(a.names))
	a.byName[attribute] = alias
	a.names[alias] = attribute
	return alias
}

// Value gives a value's place holder.
func (a *Aliases) Value(value types.AttributeValue) string {
	if a.values == nil {
		a.values = map[string]types.AttributeValue{}
	}
	alias := ":" + strconv.Itoa(len(a.values))
	a.values[alias] = value
	return alias
}

// Names is the ExpressionAttributeNames of the request, nil if there are none.
func (a *Aliases) Names() map[string]string { return a.names }

// Values is the ExpressionAttributeValues of the request, nil if there are none.
func (a *Aliases) Values() map[string]types.AttributeValue { return a.values }

// Condition is a condition whose parts must all be true.
type Condition struct {
	aliases   *Aliases
	text      strings.Builder
	operators int
}

// NewCondition begins a condition.
func NewCondition(aliases *Aliases) *Condition { return &Condition{aliases: aliases} }

// Equal demands that the attribute has the value.
func (c *Condition) Equal(attribute string, value types.AttributeValue) {
	c.and(c.aliases.Name(attribute) + "=" + c.aliases.Value(value))
}

// Exists demands that the attribute is there.
func (c *Condition) Exists(attribute string) {
	c.and("attribute_exists(" + c.aliases.Name(attribute) + ")")
}

// Missing demands that the attribute is not there.
func (c *Condition) Missing(attribute string) {
	c.and("attribute_not_exists(" + c.aliases.Name(attribute) + ")")
}

func (c *Condition) and(part string) {
	if c.operators > 0 {
		c.text.WriteString(" AND ")
		c.operators++
	}
	c.text.WriteString(part)
	c.operators++
}

// Text is the expression, nil if it has no part.
func (c *Condition) Text() *string { return text(c.text.String()) }

// Fits says that the service takes the expression: it has not too many operators, nor too many bytes.
func (c *Condition) Fits() bool { return c.operators <= MaxOperators && c.text.Len() <= MaxBytes }

// Update is an update of several attributes.
type Update struct {
	aliases          *Aliases
	set, remove, add []string
}

// NewUpdate begins an update.
func NewUpdate(aliases *Aliases) *Update { return &Update{aliases: aliases} }

// Set gives the attribute a value.
func (u *Update) Set(attribute string, value types.AttributeValue) {
	u.set = append(u.set, u.aliases.Name(attribute)+"="+u.aliases.Value(value))
}

// Remove removes the attribute.
func (u *Update) Remove(attribute string) { u.remove = append(u.remove, u.aliases.Name(attribute)) }

// Add adds a number to the attribute.
func (u *Update) Add(attribute string, value types.AttributeValue) {
	u.add = append(u.add, u.aliases.Name(attribute)+" "+u.aliases.Value(value))
}

// Text is the expression, nil if nothing is updated.
func (u *Update) Text() *string {
	var clauses []string
	for _, clause := range []struct {
		keyword string
		parts   []string
	}{{"SET ", u.set}, {"REMOVE ", u.remove}, {"ADD ", u.add}} {
		if len(clause.parts) > 0 {
			clauses = append(clauses, clause.keyword+strings.Join(clause.parts, ","))
		}
	}
	return text(strings.Join(clauses, " "))
}

// Fits says that the service takes the expression.
func (u *Update) Fits() bool {
	expression := u.Text()
	return len(u.set)+len(u.remove)+len(u.add) <= MaxOperators && (expression == nil || len(*expression) <= MaxBytes)
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
