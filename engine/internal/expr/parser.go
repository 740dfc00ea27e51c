package expr

import "strconv"

// parser reads an expression in one pass. A method that fails leaves the parser at the unexpected
// token.
type parser struct {
	kind   Kind
	text   string
	before token // the token before tok; its end is 0 if tok is the first
	tok    token
	after  token

	operators int
	// misuse is the first error that is not a syntax error, such as a reserved word. The service
	// reports it only if the syntax is right.
	misuse error
}

// newParser returns a parser at the expression's first token.
func newParser(kind Kind, text string) (*parser, error) {
	if err := kind.checkSize(text); err != nil {
		return nil, err
	}
	p := &parser{kind: kind, text: text}
	p.tok = scan(text, 0)
	p.after = scan(text, p.tok.end)
	return p, nil
}

// next advances to the next token.
func (p *parser) next() {
	p.before, p.tok = p.tok, p.after
	p.after = scan(p.text, p.tok.end)
}

// word returns the text of the token.
func (p *parser) word() string { return p.text[p.tok.start:p.tok.end] }

// accept advances past the token if it has the kind, and reports whether it did.
func (p *parser) accept(kind tokenKind) bool {
	if p.tok.kind != kind {
		return false
	}
	p.next()
	return true
}

// expect advances past a token of the kind, and returns an error for any other.
func (p *parser) expect(kind tokenKind) error {
	if !p.accept(kind) {
		return p.syntaxError()
	}
	return nil
}

// finish checks that the expression ends here, and returns the error that blame kept, if any.
func (p *parser) finish() error {
	if p.tok.kind != tokEnd {
		return p.syntaxError()
	}
	if p.operators > maxOperators {
		return p.kind.wrong("The expression contains too many operators; operator count: %d",
			p.operators)
	}
	return p.misuse
}

// syntaxError returns the service's error about the token, with the tokens around it.
func (p *parser) syntaxError() error {
	start, end, word := p.tok.start, p.tok.end, p.word()
	if p.before.end > 0 {
		start = p.before.start
	}
	switch {
	case p.tok.kind == tokEnd && p.before.end > 0:
		word, end = "<EOF>", p.before.end
	case p.tok.kind == tokEnd:
		word, start = "<EOF>", 0
	case p.after.kind != tokEnd:
		end = p.after.end
	}
	return p.kind.wrong(`Syntax error; token: "%s", near: "%s"`, word, p.text[start:end])
}

// blame keeps the first error that is not a syntax error.
func (p *parser) blame(format string, args ...any) {
	if p.misuse == nil {
		p.misuse = p.kind.wrong(format, args...)
	}
}

// path reads a document path.
func (p *parser) path() (path, error) {
	read := make(path, 0, 1)
	s, err := p.pathName()
	if err != nil {
		return nil, err
	}
	read = append(read, s)
	for {
		switch {
		case p.accept('.'):
			s, err = p.pathName()
		case p.accept('['):
			s, err = p.pathIndex()
		default:
			return read, nil
		}
		if err != nil {
			return nil, err
		}
		read = append(read, s)
	}
}

// pathName reads a name in a path.
func (p *parser) pathName() (step, error) {
	name := p.word()
	switch p.tok.kind {
	case tokName:
	case tokIdentifier:
		if isReserved(name) {
			p.blame("Attribute name is a reserved keyword; reserved keyword: %s", name)
		}
	default:
		return step{}, p.syntaxError()
	}
	p.next()
	return step{name: name}, nil
}

// pathIndex reads an index and its closing bracket.
func (p *parser) pathIndex() (step, error) {
	digits := p.word()
	if err := p.expect(tokIndex); err != nil {
		return step{}, err
	}
	index, err := strconv.ParseInt(digits, 10, 32)
	if err != nil {
		p.blame("List index is not within the allowable range; index: [%s]", digits)
	}
	return step{index: int(index), isIndex: true}, p.expect(']')
}

// operand reads an operand of a condition or of an update.
func (p *parser) operand() (node, error) {
	switch {
	case p.tok.kind == '(' && p.kind == KindUpdate:
		return p.parenthesised(p.assigned)
	case p.tok.kind == '(':
		return p.parenthesised(p.operand)
	}
	n, err := p.bareOperand()
	if err == nil && n.op.isCondition() {
		p.blameFunction(n)
	}
	return n, err
}

// bareOperand reads an operand without parentheses, or a function that is a condition.
func (p *parser) bareOperand() (node, error) {
	switch {
	case p.tok.kind == tokValue:
		n := node{op: opValue, text: p.word()}
		p.next()
		return n, nil
	case p.tok.kind == tokIdentifier && p.after.kind == '(':
		return p.call()
	}
	read, err := p.path()
	return node{op: opPath, path: read}, err
}

// parenthesised reads an expression in parentheses.
func (p *parser) parenthesised(inside func() (node, error)) (node, error) {
	p.next()
	n, err := inside()
	if err != nil {
		return node{}, err
	}
	if err := p.expect(')'); err != nil {
		return node{}, err
	}
	if n.parens {
		return node{}, p.kind.wrong("The expression has redundant parentheses;")
	}
	n.parens = true
	return n, nil
}

// call reads a function and its operands.
func (p *parser) call() (node, error) {
	n := node{op: opUnknown, text: p.word()}
	f, known := functions[n.text]
	switch {
	case !known:
		p.blame("Invalid function name; function: %s", n.text)
	case f.update && p.kind != KindUpdate:
		p.blame("The function is not allowed in a condition expression; function: %s", n.text)
	case !f.update && p.kind == KindUpdate:
		p.blame("The function is not allowed in an update expression; function: %s", n.text)
	default:
		n.op = f.op
	}
	p.operators++
	p.next()
	var err error
	if n.args, err = p.list(); err != nil {
		return node{}, err
	}
	if n.op != opUnknown && len(n.args) != f.operands {
		p.blame("Incorrect number of operands for operator or function; "+
			"operator or function: %s, number of operands: %d", n.text, len(n.args))
	}
	return n, nil
}

// list reads operands in parentheses.
func (p *parser) list() ([]node, error) {
	if err := p.expect('('); err != nil {
		return nil, err
	}
	args := make([]node, 0, 2)
	for {
		n, err := p.operand()
		if err != nil {
			return nil, err
		}
		args = append(args, n)
		if !p.accept(',') {
			return args, p.expect(')')
		}
	}
}

// blameFunction keeps the error about a function in a place where it is not allowed.
func (p *parser) blameFunction(n node) {
	p.blame("The function is not allowed to be used this way in an expression; function: %s",
		n.text)
}
