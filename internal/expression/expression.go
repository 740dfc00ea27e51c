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

// Step is one step of a path into a document: a member's name, or a position in a list.
type Step struct {
	Name  string
	Index int
	List  bool // the step is the index
}

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

// Path gives the place holders of a path, with its indexes.
func (a *Aliases) Path(steps []Step) string {
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
	alias := ":" + strconv.Itoa(len(a.values))
	a.values[alias] = value
	return alias
}

// Names is the ExpressionAttributeNames of the request, nil if there are none.
func (a *Aliases) Names() map[string]string { return a.names }

// Values is the ExpressionAttributeValues of the request, nil if there are none.
func (a *Aliases) Values() map[string]types.AttributeValue { return a.values }

// Update is an update of several attributes. It is made of place holders.
type Update struct {
	set, remove, add, delete []string
}

// Set gives what stands at a path a value, or what an expression gives.
func (u *Update) Set(path, value string) { u.set = append(u.set, path+"="+value) }

// Remove removes what stands at a path.
func (u *Update) Remove(path string) { u.remove = append(u.remove, path) }

// Add adds a number to an attribute, or members to a set.
func (u *Update) Add(path, value string) { u.add = append(u.add, path+" "+value) }

// Delete takes members out of a set.
func (u *Update) Delete(path, value string) { u.delete = append(u.delete, path+" "+value) }

// Text is the expression, nil if nothing is updated.
func (u *Update) Text() *string {
	var clauses []string
	for _, clause := range []struct {
		keyword string
		parts   []string
	}{{"SET ", u.set}, {"REMOVE ", u.remove}, {"ADD ", u.add}, {"DELETE ", u.delete}} {
		if len(clause.parts) > 0 {
			clauses = append(clauses, clause.keyword+strings.Join(clause.parts, ","))
		}
	}
	return text(strings.Join(clauses, " "))
}

// Fits says that the service takes the expression.
func (u *Update) Fits() bool {
	expression := u.Text()
	return len(u.set)+len(u.remove)+len(u.add)+len(u.delete) <= MaxOperators && (expression == nil || len(*expression) <= MaxBytes)
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
