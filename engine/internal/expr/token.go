package expr

import "unicode/utf8"

// tokenKind is a kind of token. Operators of one byte are their own kind.
type tokenKind byte

const (
	tokEnd tokenKind = iota
	tokBad           // a character that begins no token
	tokIdentifier
	tokName  // #name
	tokValue // :value
	tokIndex // digits
	tokNE    // <>
	tokLE    // <=
	tokGE    // >=
	tokAnd
	tokOr
	tokNot
	tokBetween
	tokIn
	tokSet
	tokRemove
	tokAdd
	tokDelete
)

// token is a token and its position in the expression.
type token struct {
	kind       tokenKind
	start, end int
}

// scan returns the first token of the text at or after a position.
func scan(text string, at int) token {
	for at < len(text) && isSpace(text[at]) {
		at++
	}
	if at == len(text) {
		return token{tokEnd, at, at}
	}
	switch c := text[at]; {
	case isLetter(c):
		end := wordEnd(text, at+1)
		return token{keyword(text[at:end]), at, end}
	case c == '#' || c == ':':
		return scanReference(text, at)
	case isDigit(c):
		return token{tokIndex, at, digitsEnd(text, at)}
	case c == '<' || c == '>':
		return scanComparison(text, at)
	case c == '=' || c == '(' || c == ')' || c == '[' || c == ']' || c == '.' || c == ',' ||
		c == '+' || c == '-':
		return token{tokenKind(c), at, at + 1}
	}
	_, size := utf8.DecodeRuneInString(text[at:])
	return token{tokBad, at, at + size}
}

// scanReference scans a #name or a :value. A bare "#" or ":" is a bad token.
func scanReference(text string, at int) token {
	end := wordEnd(text, at+1)
	switch {
	case end == at+1:
		return token{tokBad, at, end}
	case text[at] == '#':
		return token{tokName, at, end}
	}
	return token{tokValue, at, end}
}

func scanComparison(text string, at int) token {
	if at+1 < len(text) {
		switch text[at : at+2] {
		case "<>":
			return token{tokNE, at, at + 2}
		case "<=":
			return token{tokLE, at, at + 2}
		case ">=":
			return token{tokGE, at, at + 2}
		}
	}
	return token{tokenKind(text[at]), at, at + 1}
}

// digitsEnd returns the end of an index. A zero is an index on its own: "00" is two indexes.
func digitsEnd(text string, at int) int {
	if text[at] == '0' {
		return at + 1
	}
	for at < len(text) && isDigit(text[at]) {
		at++
	}
	return at
}

func wordEnd(text string, at int) int {
	for at < len(text) && (isLetter(text[at]) || isDigit(text[at])) {
		at++
	}
	return at
}

// keyword returns the kind of a word: that of a keyword, in upper or lower case, or of an
// identifier.
func keyword(word string) tokenKind {
	const longest = len("BETWEEN")
	if len(word) > longest {
		return tokIdentifier
	}
	var upper [longest]byte
	for i := range len(word) {
		upper[i] = upperASCII(word[i])
	}
	switch string(upper[:len(word)]) {
	case "AND":
		return tokAnd
	case "OR":
		return tokOr
	case "NOT":
		return tokNot
	case "BETWEEN":
		return tokBetween
	case "IN":
		return tokIn
	case "SET":
		return tokSet
	case "REMOVE":
		return tokRemove
	case "ADD":
		return tokAdd
	case "DELETE":
		return tokDelete
	}
	return tokIdentifier
}

func isSpace(c byte) bool  { return c == ' ' || '\t' <= c && c <= '\r' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }
