package dynamapper

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/timetext"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// Times that are stored as text are compared as instants. Several programs may write one table, and
// each may spell the same instant differently: 12:00:00Z, 12:00:00.000Z, 12:00:00.000000+00:00. The
// service compares text. EQ, NE and In therefore compare with every spelling of the operand that
// common writers use, and an order compares with a bound that is right for every spelling in UTC. A
// condition cannot express offsets other than UTC.

// timeOperand returns the operand as a time. It returns false if the field does not hold times, or
// if the operand is not a time.
func (f *field) timeOperand(operand any) (time.Time, bool) {
	if isNil(operand) || !isTimeType(f.valueType()) {
		return time.Time{}, false
	}
	v := reflect.ValueOf(operand)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if !isTimeType(v.Type()) {
		return time.Time{}, false
	}
	return timeOf(v), true
}

// otherTimeForms returns the spellings of an instant except the spelling that the field's codec
// writes.
func (f *field) otherTimeForms(at time.Time, written wire.Raw) []wire.Raw {
	if timetext.CheckYear(at) != nil {
		return nil
	}
	if f.codec.stored() == wire.N {
		exact := wire.NewNumber(f.formatUnix(at))
		if exact.Equal(written) {
			return nil
		}
		return []wire.Raw{exact}
	}
	var forms []wire.Raw
	for _, text := range f.spellTime(at) {
		if form := wire.NewText(text); form != written {
			forms = append(forms, form)
		}
	}
	return forms
}

// spellTime returns the texts in which an instant may be stored. They include the spelling in the
// operand's own zone, because some programs do not convert times to UTC.
func (f *field) spellTime(at time.Time) []string {
	var texts []string
	layouts := []string{f.Layout, timetext.OtherZone(f.Layout)}
	if f.Layout == "" || timetext.IsRFC3339(f.Layout) {
		texts = spellRFC3339(f.storedForm(at))
		layouts = append(layouts, time.RFC3339Nano)
	}
	for _, layout := range layouts {
		for _, t := range []time.Time{at.UTC(), at} {
			if text, ok := formatExactly(layout, t, f.storedForm(at)); ok &&
				!slices.Contains(texts, text) {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

// formatExactly formats a time, and reports whether the layout parses the text as the instant want.
func formatExactly(layout string, t, want time.Time) (text string, ok bool) {
	if layout == "" {
		return "", false
	}
	text = t.Format(layout)
	back, err := time.ParseInLocation(layout, text, time.UTC)
	return text, err == nil && back.Equal(want)
}

// fractionWidths lists how many digits common writers use for the fraction of a second: none,
// milliseconds, microseconds, ticks of 100 nanoseconds, and nanoseconds.
var fractionWidths = []int{0, 3, 6, 7, 9}

// spellRFC3339 returns the spellings of an instant in UTC that common writers use.
func spellRFC3339(at time.Time) []string {
	seconds, fraction := splitSecond(at)
	least := len(strings.TrimRight(fraction, "0"))
	var texts []string
	for _, width := range slices.Compact(
		slices.Sorted(slices.Values(append([]int{least}, fractionWidths...)))) {
		if width < least {
			continue
		}
		text := seconds
		if width > 0 {
			text += "." + fraction[:width]
		}
		texts = append(texts, text+"Z", text+"+00:00")
	}
	return texts
}

// splitSecond formats an instant in UTC as timetext.Format does, and splits it into the seconds and
// the nine digits of the fraction.
func splitSecond(at time.Time) (seconds, fraction string) {
	text := timetext.Format(at.UTC())
	const point = len("2006-01-02T15:04:05")
	return text[:point], text[point+1 : point+10]
}

// comparesInstants reports whether an order compares instants that are stored as RFC 3339. For the
// range key of a query the service accepts only one bound, so there the stored text is compared.
func (t target) comparesInstants(c Comparison) bool {
	if t.queried || t.codec.stored() != wire.S ||
		!(t.Layout == "" || timetext.IsRFC3339(t.Layout) && sortsAsTime(t.Layout)) {
		return false
	}
	return !slices.ContainsFunc(c.operands, func(operand any) bool {
		at, isTime := t.timeOperand(operand)
		// OrderedOperands refuses these.
		return !isTime || at.IsZero() || timetext.CheckYear(at) != nil
	})
}

// compareInstants writes an order of instants. A text whose fraction ends early sorts after longer
// ones if it ends with a Z. The condition therefore treats separately the texts that the bound
// alone would misjudge.
func (w *conditionWriter) compareInstants(
	t target, path string, c Comparison,
) (expression.Part, error) {
	low, _ := t.timeOperand(c.operands[0])
	high, _ := t.timeOperand(c.operands[len(c.operands)-1])
	switch c.operator {
	case opLT:
		return w.before(path, low), nil
	case opLE:
		return w.before(path, low.Add(1)), nil
	case opGT:
		return w.notBefore(path, low.Add(1)), nil
	case opGE:
		return w.notBefore(path, low), nil
	}
	if high.Before(low) {
		return expression.Part{}, errReversed
	}
	return expression.And(w.notBefore(path, low), w.before(path, high.Add(1))), nil
}

var errReversed = errors.New("the bounds of Between are reversed; give the lower bound first")

// before writes a condition that is true for instants before the given one.
func (w *conditionWriter) before(path string, at time.Time) expression.Part {
	bound, early := boundOf(at)
	part := expression.Compare(path, "<",
		w.aliases.Value(wire.NewText(bound)))
	return expression.Or(append([]expression.Part{part}, w.writeIn(path, early)...)...)
}

// notBefore writes a condition that is true for the given instant and later ones.
func (w *conditionWriter) notBefore(path string, at time.Time) expression.Part {
	bound, early := boundOf(at)
	part := expression.Compare(path, ">=",
		w.aliases.Value(wire.NewText(bound)))
	if len(early) == 0 {
		return part
	}
	return expression.And(part, expression.Not(w.writeIn(path, early)[0]))
}

// boundOf returns a bound for the text of instants in UTC. The texts of all earlier instants sort
// below it, and those of the given instant and later ones do not. The exceptions are the texts in
// early: they are earlier and sort above the bound, because they end with a Z where the bound
// continues with a digit.
func boundOf(at time.Time) (bound string, early []wire.Raw) {
	if timetext.CheckYear(at) != nil {
		return "9999-12-31T23:59:60", nil // after the last instant that can be stored
	}
	seconds, fraction := splitSecond(at)
	fraction = strings.TrimRight(fraction, "0")
	if fraction == "" {
		return seconds, nil
	}
	early = []wire.Raw{wire.NewText(seconds + "Z")}
	for width := 1; width < len(fraction); width++ {
		early = append(early,
			wire.NewText(seconds+"."+fraction[:width]+"Z"))
	}
	return seconds + "." + fraction, early
}

// timeBound returns the value that an order compares a time with, if it compares with only one. For
// a time stored as a number, the value is exact. For the range key of a query, the text is right
// for most spellings, and for those of this package always. i is the operand's position.
func (t target) timeBound(
	op operator, i int, at time.Time, written wire.Raw,
) wire.Raw {
	isLow := op == opLT || op == opGE || op == opBetween && i == 0
	switch {
	case t.codec.stored() == wire.N:
		return wire.NewNumber(t.formatUnix(at))
	case t.queried && t.Layout == "" && isLow:
		bound, _ := boundOf(at)
		return wire.NewText(bound)
	}
	return written
}
