package format

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// Operator is a comparison in a key condition of DynamoDB.
type Operator int

// The comparisons of a key condition. None is no condition.
const (
	None Operator = iota
	Equal
	Less
	LessEqual
	Greater
	GreaterEqual
	Between
	BeginsWith
)

// Symbol returns the sign of a comparison in DynamoDB's expressions. None, Between and BeginsWith
// have none.
func (o Operator) Symbol() string {
	return [...]string{Equal: "=", Less: "<", LessEqual: "<=", Greater: ">", GreaterEqual: ">=",
		Between: "", BeginsWith: ""}[o]
}

// Condition is one condition on the text of a range key.
type Condition struct {
	Operator Operator
	Low      string // the operand; of Between the lower one
	High     string // only of Between
}

// All returns the condition that all texts of the format fulfil.
func (f *Format) All() Condition {
	switch {
	case len(f.parts) == 0:
		return Condition{Operator: Equal, Low: f.literals[0]}
	case f.literals[0] == "":
		return Condition{}
	}
	return Condition{Operator: BeginsWith, Low: f.literals[0]}
}

// First returns the condition of the texts whose first part fulfils a comparison. Text is ordered
// together with the text that follows it in the format. It returns a *PartError if an operand
// cannot be a part.
func (f *Format) First(op Operator, operands ...string) (Condition, error) {
	if len(f.parts) == 0 {
		return Condition{}, errors.New("the format has no part left to compare")
	}
	if op == BeginsWith {
		return f.firstBegins(operands[0])
	}
	// The texts with such a part: the part, and the literal that follows it.
	texts := make([]string, len(operands))
	for i, operand := range operands {
		one, err := f.Fix(map[string]string{f.parts[0].Name: operand})
		if err != nil {
			return Condition{}, err
		}
		texts[i] = one.literals[0]
	}
	return f.compare(op, texts), nil
}

func (f *Format) firstBegins(prefix string) (Condition, error) {
	switch {
	case f.parts[0].Width > 0:
		return Condition{}, &PartError{0, "BeginsWith is for text, and the part is a number; use " +
			"Between"}
	case prefix == "":
		return Condition{}, &PartError{0, "the value of BeginsWith is empty; give some of the text, " +
			"or leave the comparison out"}
	}
	if err := f.check(0, prefix); err != nil {
		return Condition{}, err
	}
	return Condition{Operator: BeginsWith, Low: f.literals[0] + prefix}, nil
}

// compare returns the condition of a comparison with texts that begin with the operand. If a part
// follows, the texts with an equal first part go on behind that; otherwise they are equal.
func (f *Format) compare(op Operator, texts []string) Condition {
	goesOn, low, high := len(f.parts) > 1, texts[0], texts[len(texts)-1]
	switch {
	case op == Equal && goesOn:
		return Condition{Operator: BeginsWith, Low: low}
	case op == Equal:
		return Condition{Operator: Equal, Low: low}
	}
	if goesOn && (op == Greater || op == LessEqual || op == Between) {
		high += End // behind all texts that go on
	}
	prefix := f.literals[0]
	switch op {
	case Between:
		return Condition{Between, low, high}
	case GreaterEqual:
		return bounded(prefix, Condition{Operator: op, Low: low}, low, prefix+End)
	case Greater:
		return bounded(prefix, Condition{Operator: op, Low: high}, high+"\x00", prefix+End)
	case LessEqual:
		return bounded(prefix, Condition{Operator: op, Low: high}, prefix, high)
	}
	if !goesOn {
		return bounded(prefix, Condition{Operator: op, Low: high}, prefix, before(high))
	}
	// No text equals the bound, because a part follows.
	return bounded(prefix, Condition{Operator: op, Low: high}, prefix, high)
}

// bounded returns a range within a prefix. Without a prefix it returns the open condition.
func bounded(prefix string, open Condition, low, high string) Condition {
	if prefix == "" {
		return open
	}
	return Condition{Between, low, high}
}

// before returns a text that is less than the given one, and not less than any smaller text
// without the character End.
func before(text string) string {
	last, size := utf8.DecodeLastRuneInString(text)
	text = text[:len(text)-size]
	switch last {
	case 0:
		return text
	case 0xE000: // behind the surrogates, which are no characters
		last = 0xD800
	}
	return text + string(last-1) + End
}

// String returns the condition in the notation of DynamoDB, for tests and errors.
func (c Condition) String() string {
	switch c.Operator {
	case None:
		return ""
	case BeginsWith:
		return fmt.Sprintf("begins_with(%q)", c.Low)
	case Between:
		return fmt.Sprintf("BETWEEN %q AND %q", c.Low, c.High)
	}
	return fmt.Sprintf("%s %q", c.Operator.Symbol(), c.Low)
}
