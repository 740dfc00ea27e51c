package service

import (
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/expr"
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// requestError refuses a request that is wrong in itself. PutItem, UpdateItem and DeleteItem answer
// it with "1 validation error detected: " before it, the other operations without.
type requestError string

// Error returns the service's text.
func (e requestError) Error() string { return string(e) }

// refuseWrite makes an answer of an error of PutItem, UpdateItem or DeleteItem. If the request is
// not older, what is wrong with it in itself comes in an envelope.
func refuseWrite(err error, older bool) error {
	switch err.(type) {
	case requestError, *expr.Error:
		if !older {
			return protocol.Enveloped("%s", err.Error())
		}
	}
	return refuse(err)
}

// refuse makes an answer of an error.
func refuse(err error) error {
	switch err := err.(type) {
	case nil:
		return nil
	case *protocol.Error:
		return err
	case emptyKeyError:
		return err.refusal
	case problemError:
		return err.Refusal()
	}
	return protocol.Validation("%s", err.Error())
}

// parameters are the members of a request that deal with expressions and what came before them.
type parameters struct {
	legacy      []string // the members present that stand for what expressions do now
	expressions []string // the expressions present
	couldHave   []string // the expressions that the text about missing ones names
	names       protocol.Map[string]
	values      *protocol.Item
}

// present adds a member's name to a list if the request has the member.
func present(list []string, has bool, name string) []string {
	if has {
		return append(list, name)
	}
	return list
}

// check refuses expressions beside what came before them, and names or values that no expression
// could use.
func (p *parameters) check() error {
	if len(p.legacy) > 0 && len(p.expressions) > 0 {
		return requestError("Can not use both expression and non-expression parameters in the " +
			"same request: Non-expression parameters: {" + strings.Join(p.legacy, ", ") +
			"} Expression parameters: {" + strings.Join(p.expressions, ", ") + "}")
	}
	if p.names != nil && len(p.expressions) == 0 {
		return requestError("ExpressionAttributeNames can only be specified when using expressions")
	}
	if p.values != nil && len(p.expressions) == 0 {
		return requestError("ExpressionAttributeValues can only be specified when using " +
			"expressions" + p.missingExpressions())
	}
	if err := checkNames(p.names); err != nil {
		return err
	}
	return checkValues(p.values)
}

// missingExpressions returns ": A is null and B is null" for the expressions that there could be.
func (p *parameters) missingExpressions() string {
	if len(p.couldHave) == 0 {
		return ""
	}
	return ": " + strings.Join(p.couldHave, " is null and ") + " is null"
}

// checkNames checks the keys of ExpressionAttributeNames.
func checkNames(names protocol.Map[string]) error {
	if names != nil && len(names) == 0 {
		return requestError("ExpressionAttributeNames must not be empty")
	}
	for _, n := range names {
		if err := checkPlaceholder("ExpressionAttributeNames", "#", n.Key); err != nil {
			return err
		}
	}
	return nil
}

// checkValues checks the keys of ExpressionAttributeValues, and what is wrong with its values.
func checkValues(values *protocol.Item) error {
	if values == nil {
		return nil
	}
	if len(values.Attributes) == 0 && values.Problem == nil {
		return requestError("ExpressionAttributeValues must not be empty")
	}
	for _, a := range values.Attributes {
		if err := checkPlaceholder("ExpressionAttributeValues", ":", a.Name); err != nil {
			return err
		}
	}
	return itemProblem(values)
}

// checkPlaceholder refuses a key of ExpressionAttributeNames or ExpressionAttributeValues that has
// no such prefix, or a character that expressions do not know.
func checkPlaceholder(member, prefix, key string) error {
	const text = " contains invalid key: Syntax error; key: "
	switch {
	case !strings.HasPrefix(key, prefix):
		return protocol.Validation("%s", member+text+`"`+key+`"`)
	case !isASCII(key):
		return requestError(member + text + `"` + key + `"`)
	}
	return nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// scope returns the names and values for the request's expressions.
func (p *parameters) scope() *expr.Scope {
	names := make([]expr.Name, len(p.names))
	for i, n := range p.names {
		names[i] = expr.Name{Alias: n.Key, Name: n.Value}
	}
	var values value.Map
	if p.values != nil {
		values = p.values.Attributes
	}
	return expr.NewScope(names, p.names != nil, values, p.values != nil)
}
