package protocol

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/number"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// Texts of the service about sets.
const (
	emptyStringSet = invalid + "An string set  may not be empty"
	emptyNumberSet = invalid + "An number set  may not be empty"
	emptyBinarySet = invalid + "Binary sets should not be empty"
)

// set reads the elements of a set.
func (d *decoder) set(kind value.Kind, c *candidate) (err error) {
	if d.peek() != '[' {
		return d.notList()
	}
	c.duplicates = ""
	size, empty := 0, emptyStringSet
	switch kind {
	case value.KindNS:
		size, err = d.numberSet(c)
		empty = emptyNumberSet
	case value.KindBS:
		size, err = d.binarySet(c)
		empty = emptyBinarySet
	default:
		size, err = d.stringSet(c)
	}
	if size == 0 && c.emptySet == "" {
		c.emptySet = empty
	}
	return err
}

func (d *decoder) stringSet(c *candidate) (size int, err error) {
	texts, err := d.sortedTexts(c, d.duplicateStrings, func() (string, error) {
		if d.peek() != '"' {
			return "", d.notScalar("String")
		}
		text, err := d.text()
		return d.arena.keep(text), err
	})
	c.value = value.StringSet(texts)
	return len(texts), err
}

func (d *decoder) binarySet(c *candidate) (size int, err error) {
	texts, err := d.sortedTexts(c, d.duplicateBinaries, func() (string, error) {
		bytes, err := d.blob()
		return d.arena.keep(bytes), err
	})
	c.value = value.BinarySet(texts)
	return len(texts), err
}

// sortedTexts reads the elements of a set of strings or binary values. refusal returns the text for
// a set whose element at an index repeats an earlier one.
func (d *decoder) sortedTexts(
	c *candidate, refusal func(texts []string, at int) string, read func() (string, error),
) ([]string, error) {
	texts, err := elements(d, read)
	if at := repeated(texts); at >= 0 {
		c.duplicates = refusal(texts, at)
	}
	slices.Sort(texts)
	return texts, err
}

func (d *decoder) numberSet(c *candidate) (size int, err error) {
	elements, err := elements(d, func() (number.Number, error) { return d.numeral(c) })
	slices.SortFunc(elements, func(a, b number.Number) int { return a.Compare(b) })
	for i := 1; i < len(elements); i++ {
		if elements[i] == elements[i-1] {
			c.duplicates = d.duplicateNumbers()
		}
	}
	c.value = value.NumberSet(elements)
	return len(elements), err
}

// elements reads an array.
func elements[T any](d *decoder, read func() (T, error)) ([]T, error) {
	if err := d.open(); err != nil {
		return nil, err
	}
	var all []T
	for first := true; ; first = false {
		more, err := d.element(first)
		if err != nil || !more {
			return all, err
		}
		element, err := read()
		if err != nil {
			return nil, err
		}
		all = append(all, element)
	}
}

// fewElements is the greatest number of elements for which comparing each pair is cheapest.
const fewElements = 16

// repeated returns the index of the first element that equals an earlier one, or -1 if all differ.
func repeated(elements []string) int {
	if len(elements) <= fewElements {
		for i, e := range elements {
			if slices.Contains(elements[:i], e) {
				return i
			}
		}
		return -1
	}
	seen := make(map[string]bool, len(elements))
	for i, e := range elements {
		if seen[e] {
			return i
		}
		seen[e] = true
	}
	return -1
}

// duplicateNumbers returns the refusal of a number set that has an element twice.
func (d *decoder) duplicateNumbers() string {
	if d.older {
		return "Input collection contains duplicates"
	}
	return invalid + "Input collection contains duplicates."
}

// duplicateStrings returns the refusal of a string set whose element at an index repeats an earlier
// one.
func (d *decoder) duplicateStrings(elements []string, at int) string {
	shown := elements
	if !d.older {
		shown = quoted(readOrder(elements, at))
	}
	return invalid + "Input collection [" + strings.Join(shown, ", ") + "] contains duplicates."
}

// duplicateBinaries returns the refusal of a binary set whose element at an index repeats an
// earlier one.
func (d *decoder) duplicateBinaries(elements []string, at int) string {
	shown, comma := elements, ", "
	if !d.older {
		shown, comma = readOrder(elements, at), ","
	}
	texts := make([]string, len(shown))
	for i, e := range shown {
		texts[i] = base64.StdEncoding.EncodeToString([]byte(e))
	}
	if !d.older {
		texts = quoted(texts)
	}
	return invalid + "Input collection [" + strings.Join(texts, comma) +
		"]of type BS contains duplicates."
}

// readOrder returns elements as the service lists them: those before the first repeated one sorted,
// then the rest in the order of the request.
func readOrder(elements []string, at int) []string {
	shown := slices.Clone(elements)
	slices.Sort(shown[:at])
	return shown
}

func quoted(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = string(value.AppendString(nil, t))
	}
	return out
}
