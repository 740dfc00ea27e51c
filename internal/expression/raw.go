package expression

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dynamapper/dynamapper/internal/shown"
)

// TokenKind is the kind of a token of an expression that a caller has written.
type TokenKind int

// The kinds of tokens.
const (
	Symbol   TokenKind = iota // an operator of signs, a comma or a parenthesis
	Keyword                   // such as AND, in capitals
	Function                  // the name of a function, whose parenthesis follows
	Path                      // a path to an attribute
	Value                     // the placeholder of a value, such as :n
)

// Token is a token of an expression that a caller has written.
type Token struct {
	Kind TokenKind
	Text string
	// The elements of a path in the notation of paths: names, indexes and placeholders such as #a.
	Elements []string
}

var keywords = []string{"AND", "OR", "NOT", "BETWEEN", "IN"}

// Tokens splits an expression into tokens. It removes parentheses around the whole expression,
// because DynamoDB refuses redundant ones, and returns an error if parentheses do not match, so
// that the expression can stand in parentheses beside others.
func Tokens(text string) ([]Token, error) {
	var tokens []Token
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		token, n, err := nextToken(rest)
		if err != nil {
			return nil, err
		}
		tokens, rest = append(tokens, token), rest[n:]
	}
	if err := checkParentheses(tokens); err != nil {
		return nil, err
	}
	for isEnclosed(tokens) {
		tokens = tokens[1 : len(tokens)-1]
	}
	if len(tokens) == 0 {
		return nil, errors.New("the expression is empty")
	}
	return tokens, nil
}

// nextToken returns the token at the beginning of a text, and its length.
func nextToken(text string) (Token, int, error) {
	for _, symbol := range []string{"<=", "<>", ">=", "<", ">", "=", "(", ")", ",", "+", "-"} {
		if strings.HasPrefix(text, symbol) {
			return Token{Kind: Symbol, Text: symbol}, len(symbol), nil
		}
	}
	c := text[0]
	switch {
	case c == ':':
		n := 1 + wordLength(text[1:])
		if n == 1 {
			return Token{}, 0, errors.New("a colon has no name behind it; write a placeholder such as :n")
		}
		return Token{Kind: Value, Text: text[:n]}, n, nil
	case c >= '0' && c <= '9', c == '\'':
		return Token{}, 0, errors.New(
			"a value stands in the expression; write a placeholder such as :n, and give its value")
	case c == '#', c == '"', wordLength(text) > 0:
		return pathToken(text)
	}
	return Token{}, 0, fmt.Errorf("the character %q does not belong into an expression; "+
		"write a name with it in quotes", shown.Text(firstRune(text)))
}

func firstRune(text string) string {
	for i := range text {
		if i > 0 {
			return text[:i]
		}
	}
	return text
}

// wordLength returns the length of the word of letters, digits and _ at the beginning of a text.
func wordLength(text string) int {
	n := strings.IndexFunc(text, func(c rune) bool {
		return c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
	})
	if n < 0 {
		return len(text)
	}
	return n
}

// pathToken returns the path, the keyword or the function at the beginning of a text.
func pathToken(text string) (Token, int, error) {
	token, rest := Token{Kind: Path}, text
	for {
		element, err := pathElement(rest)
		if err != nil {
			return token, 0, err
		}
		token.Elements, rest = append(token.Elements, element), rest[len(element):]
		if strings.HasPrefix(rest, ".") {
			rest = rest[1:]
		} else if !strings.HasPrefix(rest, "[") {
			break
		}
	}
	n := len(text) - len(rest)
	token.Text = text[:n]
	switch word := strings.ToUpper(token.Text); {
	case slices.Contains(keywords, word):
		return Token{Kind: Keyword, Text: word}, n, nil
	case len(token.Elements) == 1 && wordLength(token.Text) == n &&
		strings.HasPrefix(strings.TrimSpace(rest), "("):
		return Token{Kind: Function, Text: token.Text}, n, nil
	}
	return token, n, nil
}

// pathElement returns the name, the placeholder or the index at the beginning of a text.
func pathElement(text string) (string, error) {
	n := 0
	switch {
	case strings.HasPrefix(text, "#"):
		if n = 1 + wordLength(text[1:]); n == 1 {
			return "", errors.New("a # has no name behind it; write a placeholder such as #a")
		}
		return text[:n], nil
	case strings.HasPrefix(text, `"`):
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			return "", errors.New("a quote is not closed")
		}
		return quoted, nil
	case strings.HasPrefix(text, "["):
		n = strings.IndexByte(text, ']') + 1
		if n == 0 {
			return "", errors.New("a bracket is not closed")
		}
		return text[:n], nil // the schema checks the index
	}
	if n = wordLength(text); n == 0 {
		return "", errors.New("a name is missing behind a dot")
	}
	return text[:n], nil
}

// checkParentheses returns an error if the parentheses do not match.
func checkParentheses(tokens []Token) error {
	depth := 0
	for _, token := range tokens {
		switch token.Text {
		case "(":
			depth++
		case ")":
			depth--
		}
		if depth < 0 {
			return errParentheses
		}
	}
	if depth != 0 {
		return errParentheses
	}
	return nil
}

var errParentheses = errors.New("the parentheses do not match; close each one")

// isEnclosed reports whether one pair of parentheses encloses all tokens.
func isEnclosed(tokens []Token) bool {
	if len(tokens) < 2 || tokens[0].Text != "(" {
		return false
	}
	depth := 0
	for i, token := range tokens {
		switch token.Text {
		case "(":
			depth++
		case ")":
			depth--
		}
		if depth == 0 {
			return i == len(tokens)-1
		}
	}
	return false
}

// JoinTokens returns the text of tokens whose paths and values are placeholders of a request.
func JoinTokens(tokens []Token) string {
	var b strings.Builder
	for _, token := range tokens {
		if token.Kind == Keyword || token.Text == "+" || token.Text == "-" {
			b.WriteString(" " + token.Text + " ")
		} else {
			b.WriteString(token.Text)
		}
	}
	return strings.TrimSpace(b.String())
}

// RawPart returns a condition of tokens that a caller has written. It needs parentheses beside
// other conditions.
func RawPart(tokens []Token) Part {
	part := Part{text: JoinTokens(tokens), compound: true}
	ranges := 0 // the BETWEENs whose AND has not come yet
	for _, token := range tokens {
		switch {
		case token.Kind == Keyword && token.Text == "AND" && ranges > 0:
			ranges--
			continue
		case token.Kind == Keyword && token.Text == "BETWEEN":
			ranges++
		case token.Kind == Symbol && strings.ContainsAny(token.Text, "(),"),
			token.Kind == Path, token.Kind == Value:
			continue
		}
		part.operators++
	}
	return part
}
