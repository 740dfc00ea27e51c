package dynamapper

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/shown"
	"github.com/dynamapper/dynamapper/internal/spelling"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// Args gives the placeholders of an expression their meaning. A key that begins with a colon, such
// as ":n", is a value. A key that begins with #, such as "#a", is an attribute: its value is a name
// or a path, as for Attr. Inside a path, as in "moves.#m", it is one member of a document, whatever
// characters its name has.
//
// Text, numbers, booleans and bytes are encoded by their Go type, and a types.AttributeValue stands
// for itself. Any other value needs As, because its stored form depends on the field.
type Args map[string]any

// Arg is a value that As encodes as one of an attribute.
type Arg struct {
	attribute string
	value     any
}

// As returns a value for Args that is encoded as one of an attribute, by the attribute's own codec:
// Args{":since": As("seen", time.Now())}.
func As(attribute string, v any) Arg { return Arg{attribute, v} }

// Expr returns a condition in DynamoDB's own language, for what the other functions cannot say:
//
//	Expr("size(moves) > :n OR attribute_type(#a, :type)",
//		Args{":n": 3, "#a": "settings.lang", ":type": "S"})
//
// Attributes are written as for Attr, by their names or by paths into documents. A name with other
// characters than letters, digits and _, and a name that is a keyword such as AND, stands in
// quotes, or has a placeholder such as #a. Reserved words of DynamoDB need no care. Values have
// placeholders. All attributes are those of the schema.
//
// Expr stands wherever a condition does, also in And, Or and Not. If it has a placeholder that args
// lack, or the reverse, the call that gets it returns an error before it sends a request. The
// service checks the rest: if it finds a mistake, the call returns a *RequestError.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
func Expr(text string, args Args) Condition {
	return Condition{kind: ofExpression, expression: &rawExpression{text, maps.Clone(args)}}
}

// rawExpression is an expression as the caller has written it.
type rawExpression struct {
	text string
	args Args
}

// grammar is what differs between the expressions of conditions and of updates.
type grammar struct {
	functions []string
	keywords  bool
	instead   string // what to use in place of a value that would be a missing attribute
}

var (
	conditionGrammar = grammar{functions: []string{"attribute_exists", "attribute_not_exists",
		"attribute_type", "begins_with", "contains", "size"}, keywords: true,
		instead: "use attribute_exists or attribute_not_exists"}
	updateGrammar = grammar{functions: []string{"if_not_exists", "list_append"},
		instead: "to remove the attribute, use Remove"}
)

// boundExpression is an expression whose names and values are those of the schema.
type boundExpression struct {
	tokens []expression.Token
	paths  map[int]target   // the attribute of a token
	values map[int]wire.Raw // the value of a token
}

// bind resolves the names and encodes the values of an expression.
func (r *rawExpression) bind(s *schema, g grammar) (*boundExpression, error) {
	tokens, err := expression.Tokens(r.text)
	if err != nil {
		return nil, err
	}
	b := &boundExpression{tokens, map[int]target{}, map[int]wire.Raw{}}
	used := map[string]bool{}
	for i, token := range tokens {
		switch token.Kind {
		case expression.Function:
			err = checkFunction(token.Text, g.functions)
		case expression.Keyword:
			if !g.keywords {
				err = fmt.Errorf("%s does not stand in an update; it belongs into an If", token.Text)
			}
		case expression.Path:
			b.paths[i], err = r.resolve(s, token, used)
		case expression.Value:
			used[token.Text] = true
			b.values[i], err = r.encode(s, token.Text, g)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.args)) {
		if !used[name] {
			return nil, fmt.Errorf("the expression does not use %q of its Args; leave it out, and "+
				"begin a key with : for a value and with # for a name", shown.Name(name))
		}
	}
	return b, nil
}

// newPathExpression returns an expression that is one attribute.
func newPathExpression(t target) *boundExpression {
	return &boundExpression{tokens: []expression.Token{{Kind: expression.Path}},
		paths: map[int]target{0: t}}
}

// checkFunction refuses a function that DynamoDB does not have in this place.
func checkFunction(name string, functions []string) error {
	if slices.Contains(functions, name) {
		return nil
	}
	fix := "use " + strings.Join(functions[:len(functions)-1], ", ") + " or " +
		functions[len(functions)-1]
	if near := spelling.Nearest(name, functions); near != "" {
		fix = fmt.Sprintf("did you mean %q?", near)
	}
	return fmt.Errorf("DynamoDB has no function %q here; %s", shown.Name(name), fix)
}

// resolve finds the attribute of a path, in which placeholders stand for names and paths.
func (r *rawExpression) resolve(
	s *schema, token expression.Token, used map[string]bool,
) (target, error) {
	path := ""
	for _, element := range token.Elements {
		if strings.HasPrefix(element, "#") {
			used[element] = true
			name, ok := r.args[element].(string)
			if !ok {
				return target{}, fmt.Errorf("the Args have no text for %q; give the name of an attribute, "+
					"or a path", element)
			}
			element = name
			if len(token.Elements) > 1 {
				element = expression.OneElement(name)
			}
		}
		path = expression.JoinPath(path, element)
	}
	return s.resolve(path)
}

// encode encodes the value of a placeholder.
func (r *rawExpression) encode(s *schema, name string, g grammar) (wire.Raw, error) {
	given, ok := r.args[name]
	if !ok {
		return "", fmt.Errorf("the Args have no value for %q; give one", name)
	}
	value, err := encodeArg(s, given, g)
	if err != nil {
		return "", fmt.Errorf("the value of %q: %w", name, err)
	}
	return value, nil
}

func encodeArg(s *schema, given any, g grammar) (wire.Raw, error) {
	if as, ok := given.(Arg); ok {
		t, err := s.resolve(as.attribute)
		if err != nil {
			return "", err
		}
		value, err := t.encodeOperand(as.value)
		if err == nil && value == "" {
			err = fmt.Errorf("the value is empty, which %q stores as a missing attribute; %s",
				shown.Name(as.attribute), g.instead)
		}
		return value, err
	}
	if isNil(given) {
		return "", errors.New("the value is nil; " + g.instead)
	}
	if _, ok := given.(types.AttributeValue); !ok && !isPlain(reflect.TypeOf(given)) {
		return "", fmt.Errorf("the stored form of a value of type %T depends on its field; give "+
			"As(attribute, value)", given)
	}
	return new(field).anyField().encodeOperand(given)
}

// isPlain reports whether values of a type have one stored form.
func isPlain(t reflect.Type) bool {
	switch {
	case isAnyNumber(t), isBytes(t) && !implements(t, textMarshalerType):
		return true
	case hasOwnCodec(t):
		return false
	}
	return t.Kind() == reflect.String || t.Kind() == reflect.Bool ||
		t.Kind() >= reflect.Int && t.Kind() <= reflect.Float64 && t.Kind() != reflect.Uintptr
}

// write replaces the attributes and values by placeholders of the request.
func (b *boundExpression) write(aliases *expression.Aliases) []expression.Token {
	tokens := slices.Clone(b.tokens)
	written := map[string]string{} // a value that stands twice is sent once
	for i, token := range tokens {
		switch token.Kind {
		case expression.Path:
			tokens[i].Text = aliases.Path(b.paths[i].steps)
		case expression.Value:
			if written[token.Text] == "" {
				written[token.Text] = aliases.Value(b.values[i])
			}
			tokens[i].Text = written[token.Text]
		}
	}
	return tokens
}

// writeExpression writes a condition that the caller has written.
func (w *conditionWriter) writeExpression(r *rawExpression) (expression.Part, error) {
	b, err := r.bind(w.schema, conditionGrammar)
	if err != nil {
		return expression.Part{}, err
	}
	for i := range b.tokens {
		t, isPath := b.paths[i]
		if !isPath || w.check == nil {
			continue
		}
		if err := w.check(t.top); err != nil {
			return expression.Part{}, fmt.Errorf("%q: %w", t.top.attribute, err)
		}
	}
	return expression.RawPart(b.write(w.aliases)), nil
}

// attributes returns the attributes of an expression that is valid.
func (r *rawExpression) attributes(s *schema) (attributes []string) {
	b, err := r.bind(s, conditionGrammar)
	if err != nil {
		return nil
	}
	for _, t := range b.paths {
		attributes = append(attributes, t.top.attribute)
	}
	return attributes
}

// shape returns the expression with its names, and without its values.
func (r *rawExpression) shape() string {
	shape := fmt.Sprintf("Expr(%q", r.text)
	for _, name := range slices.Sorted(maps.Keys(r.args)) {
		if strings.HasPrefix(name, "#") {
			shape += fmt.Sprintf(" %s=%q", name, r.args[name])
		}
	}
	return shape + ")"
}

// makeExpression makes the change of SetExpr. An attribute that the expression reads outside
// if_not_exists must exist.
func (c clause) makeExpression(s *schema) (*change, error) {
	r := c.values[0].(*rawExpression)
	b, err := r.bind(s, updateGrammar)
	if err != nil {
		return nil, err
	}
	for _, token := range b.tokens {
		if token.Kind == expression.Symbol && strings.ContainsAny(token.Text, "<>=") {
			return nil, fmt.Errorf("the expression has %q, and SetExpr takes only the value behind "+
				"the = of SET; give each attribute a SetExpr of its own", token.Text)
		}
	}
	from := &changeSource{operand: b}
	var needs []Condition
	depth, optional := 0, -1 // the depth of parentheses; that of an if_not_exists around the token
	for i, token := range b.tokens {
		switch {
		case token.Text == "if_not_exists" && optional < 0:
			optional = depth
		case token.Text == "(":
			depth++
		case token.Text == ")":
			if depth--; depth == optional {
				optional = -1
			}
		case token.Kind == expression.Path && optional < 0:
			t := b.paths[i]
			from.needed = append(from.needed, t.steps)
			needs = append(needs, Attr(pathText(t.steps), Comparison{operator: opStored}))
		}
	}
	if len(needs) > 0 {
		from.needs = And(needs...)
	}
	return &change{source: from}, nil
}
