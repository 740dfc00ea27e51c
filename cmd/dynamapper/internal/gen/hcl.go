package gen

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// hclBlock is a block of HCL, the language of Terraform, or a whole file. Only what describes a
// table is read: literals, lists of them, and references to literals of the same file.
type hclBlock struct {
	kind       string
	labels     []string
	line       int
	attributes map[string]hclValue
	blocks     []*hclBlock
}

// hclValue is an expression: text, a list, or anything else by its source.
type hclValue struct {
	text   string // of a string, a number or a boolean; with templates such as ${var.name}
	isText bool
	list   []hclValue
	isList bool
	isNull bool
	source string
	line   int
}

// hclToken is a token of HCL. Its kind is 's' for a string, 'i' for a name or a number, '\n', or
// the character of a sign.
type hclToken struct {
	kind byte
	text string
	line int
}

type hclParser struct {
	tokens []hclToken
}

// parseHCL parses a file.
func parseHCL(source string) (*hclBlock, error) {
	tokens, err := scanHCL(source)
	if err != nil {
		return nil, err
	}
	p := &hclParser{tokens: tokens}
	file := &hclBlock{}
	return file, p.parseBody(file)
}

// scanHCL splits a file into tokens.
func scanHCL(source string) ([]hclToken, error) {
	s := &hclScanner{rest: source, line: 1}
	for s.rest != "" {
		if err := s.next(); err != nil {
			return nil, fmt.Errorf("line %d: %w", s.line, err)
		}
	}
	return append(s.tokens, hclToken{'\n', "", s.line}), nil
}

type hclScanner struct {
	rest   string
	line   int
	tokens []hclToken
}

var (
	hclSpace   = regexp.MustCompile(`^([ \t\r]+|#[^\n]*|//[^\n]*|/\*(?s:.*?)\*/)`)
	hclName    = regexp.MustCompile(`^[\pL\pN_][\pL\pN_.-]*`)
	hclHeredoc = regexp.MustCompile(`^<<-?([\pL_][\pL\pN_]*)\r?\n`)
)

func (s *hclScanner) next() error {
	if space := hclSpace.FindString(s.rest); space != "" {
		s.skip(len(space))
		return nil
	}
	if name := hclName.FindString(s.rest); name != "" {
		s.add('i', name, len(name))
		return nil
	}
	if found := hclHeredoc.FindStringSubmatch(s.rest); found != nil {
		return s.scanHeredoc(len(found[0]), found[1])
	}
	if s.rest[0] == '"' {
		size, err := stringSize(s.rest)
		if err != nil {
			return err
		}
		s.add('s', unquoteHCL(s.rest[1:size-1]), size)
		return nil
	}
	s.add(s.rest[0], s.rest[:1], 1)
	return nil
}

func (s *hclScanner) add(kind byte, text string, size int) {
	s.tokens = append(s.tokens, hclToken{kind, text, s.line})
	s.skip(size)
}

func (s *hclScanner) skip(size int) {
	s.line += strings.Count(s.rest[:size], "\n")
	s.rest = s.rest[size:]
}

// scanHeredoc adds the text up to the line that ends it.
func (s *hclScanner) scanHeredoc(begin int, mark string) error {
	end := regexp.MustCompile(`(?m)^[ \t]*` + regexp.QuoteMeta(mark) + `[ \t\r]*$`).
		FindStringIndex(s.rest[begin:])
	if end == nil {
		return fmt.Errorf("the text <<%s has no end", mark)
	}
	s.add('s', s.rest[begin:begin+end[0]], begin+end[1])
	return nil
}

// stringSize returns the length of a string with its quotes. A template in it may have strings of
// its own.
func stringSize(text string) (int, error) {
	depth := 0
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && depth == 0:
			i++
		case c == '\n':
			return 0, fmt.Errorf("a string has no closing quote")
		case (c == '$' || c == '%') && strings.HasPrefix(text[i+1:], string(c)+"{") && depth == 0:
			i += 2 // an escaped template
		case (c == '$' || c == '%') && strings.HasPrefix(text[i+1:], "{"):
			depth++
			i++
		case c == '{' && depth > 0:
			depth++
		case c == '}' && depth > 0:
			depth--
		case c == '"' && depth > 0:
			size, err := stringSize(text[i:])
			if err != nil {
				return 0, err
			}
			i += size - 1
		case c == '"':
			return i + 1, nil
		}
	}
	return 0, fmt.Errorf("a string has no closing quote")
}

func unquoteHCL(text string) string {
	if strings.Contains(text, "${") {
		return text // a template; names of tables have no escapes
	}
	if plain, err := strconv.Unquote(`"` + text + `"`); err == nil {
		return plain
	}
	return text
}

// parseBody parses the attributes and blocks up to the closing brace, or the end.
func (p *hclParser) parseBody(into *hclBlock) error {
	into.attributes = map[string]hclValue{}
	for len(p.tokens) > 0 {
		token := p.take()
		switch {
		case token.kind == '\n':
			continue
		case token.kind == '}' && into.kind != "":
			return nil
		case token.kind != 'i' && token.kind != 's':
			return fmt.Errorf("line %d: %q stands where a name is expected", token.line, token.text)
		}
		if p.peek() == '=' {
			p.take()
			value, err := p.parseValue()
			if err != nil {
				return err
			}
			into.attributes[token.text] = value
			continue
		}
		block, err := p.parseBlock(token)
		if err != nil {
			return err
		}
		into.blocks = append(into.blocks, block)
	}
	if into.kind != "" {
		return fmt.Errorf("line %d: the block %s has no closing brace", into.line, into.kind)
	}
	return nil
}

func (p *hclParser) parseBlock(kind hclToken) (*hclBlock, error) {
	block := &hclBlock{kind: kind.text, line: kind.line}
	for len(p.tokens) > 0 {
		switch token := p.take(); token.kind {
		case 's', 'i':
			block.labels = append(block.labels, token.text)
		case '{':
			return block, p.parseBody(block)
		default:
			return nil, fmt.Errorf("line %d: neither = nor { follows %s", token.line, kind.text)
		}
	}
	return nil, fmt.Errorf("line %d: nothing follows %s", kind.line, kind.text)
}

func (p *hclParser) take() hclToken {
	token := p.tokens[0]
	p.tokens = p.tokens[1:]
	return token
}

func (p *hclParser) peek() byte {
	if len(p.tokens) == 0 {
		return 0
	}
	return p.tokens[0].kind
}

// parseValue parses an expression, which ends with its line, unless a bracket is open.
func (p *hclParser) parseValue() (hclValue, error) {
	var tokens []hclToken
	line, depth := p.tokens[0].line, 0
	for len(p.tokens) > 0 {
		kind := p.peek()
		if depth == 0 && (kind == '\n' || kind == '}') {
			break
		}
		switch kind {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
		if token := p.take(); token.kind != '\n' {
			tokens = append(tokens, token)
		}
	}
	if depth != 0 || len(tokens) == 0 {
		return hclValue{}, fmt.Errorf("line %d: an expression is not complete", line)
	}
	return makeHCLValue(tokens), nil
}

// makeHCLValue returns the value of an expression's tokens.
func makeHCLValue(tokens []hclToken) hclValue {
	value := hclValue{line: tokens[0].line}
	for _, token := range tokens {
		value.source += token.text
	}
	first, last := tokens[0], tokens[len(tokens)-1]
	switch {
	case len(tokens) == 1 && first.kind == 's':
		value.text, value.isText = first.text, true
	case len(tokens) == 1 && first.kind == 'i' && first.text == "null":
		value.isNull = true
	case len(tokens) == 1 && first.kind == 'i':
		if strings.Contains(first.text, ".") && !unicode.IsDigit(rune(first.text[0])) {
			value.text, value.isText = "${"+first.text+"}", true // a reference
		} else {
			value.text, value.isText = first.text, true
		}
	case first.kind == '[' && last.kind == ']':
		value.list, value.isList = makeHCLList(tokens[1 : len(tokens)-1])
	}
	return value
}

// makeHCLList returns the elements of a list. It returns false if an element is no literal.
func makeHCLList(tokens []hclToken) (list []hclValue, ok bool) {
	for i, token := range tokens {
		switch {
		case i%2 == 0 && (token.kind == 's' || token.kind == 'i'):
			list = append(list, makeHCLValue(tokens[i:i+1]))
		case i%2 == 1 && token.kind == ',':
		default:
			return nil, false
		}
	}
	return list, true
}
