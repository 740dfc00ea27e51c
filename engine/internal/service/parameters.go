package service

import (
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/expr"
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// requestError refuses an invalid request. PutItem, UpdateItem and DeleteItem put "1 validation
// error detected: " before its text; the other operations do not.
type requestError string

// Error returns the service's text.
func (e requestError) Error() string { return string(e) }

// refuseWrite makes a response from an error of PutItem, UpdateItem or DeleteItem. A requestError
// gets an envelope, unless the request is older.
func refuseWrite(err error, older bool) error {
	switch err.(type) {
	case requestError, *expr.Error:
		if !older {
			return protocol.Enveloped("%s", err.Error())
		}
	}
	return refuse(err)
}

// refuse makes a response from an error.
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

// parameters are the members of a request that concern expressions and their legacy forms.
type parameters struct {
	legacy      []string // the legacy members in the request
	expressions []string // the expressions in the request
	couldHave   []string // the expressions that the error about missing ones names
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

// check refuses expressions together with legacy members, and names or values that no expression
// can use.
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

// missingExpressions returns ": A is null and B is null" for the expressions that the request could
// have.
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

// checkValues checks the keys and values of ExpressionAttributeValues.
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

// checkPlaceholder refuses a key of ExpressionAttributeNames or ExpressionAttributeValues without
// the prefix, or with a character that expressions do not allow.
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
