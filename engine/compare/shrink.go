package main

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// minimise returns the shortest list that it finds for which fails still returns true. It leaves
// out large parts first, then small ones. fails must return true for the whole list.
func minimise[T any](items []T, fails func([]T) bool) []T {
	for size := len(items); size > 0; size = min(size/2, len(items)) {
		for start := 0; start < len(items); {
			end := min(start+size, len(items))
			shorter := append(items[:start:start], items[end:]...)
			if fails(shorter) {
				items = shorter
			} else {
				start = end
			}
		}
	}
	return items
}

// simplify returns the smallest tree that it finds for which fails still returns true. It leaves
// out members and elements, and shortens texts and numbers. fails must return true for the tree.
func simplify(tree any, fails func(any) bool) any {
	for i := 0; i < len(places(tree)); {
		smaller := clone(tree)
		places(smaller)[i].remove()
		if fails(smaller) {
			tree = smaller
		} else {
			i++
		}
	}
	for i := range places(tree) {
		tree = fewerWords(tree, i, fails)
		for _, simple := range simpler(places(tree)[i].get()) {
			smaller := clone(tree)
			places(smaller)[i].set(simple)
			if fails(smaller) {
				tree = smaller
				break
			}
		}
	}
	return tree
}

// fewerWords leaves words out of the text at a place.
func fewerWords(tree any, i int, fails func(any) bool) any {
	text, ok := places(tree)[i].get().(string)
	words := strings.Fields(text)
	if !ok || len(words) < 2 {
		return tree
	}
	put := func(words []string) any {
		smaller := clone(tree)
		places(smaller)[i].set(strings.Join(words, " "))
		return smaller
	}
	if !fails(put(words)) {
		return tree
	}
	return put(minimise(words, func(some []string) bool { return fails(put(some)) }))
}

// simpler returns values that may replace a text or number, the simplest first.
func simpler(value any) []any {
	switch v := value.(type) {
	case string:
		return shorter(v)
	case json.Number:
		if v != "1" {
			return []any{json.Number("1")}
		}
	}
	return nil
}

// shorter returns beginnings of a text, the shortest first.
func shorter(text string) []any {
	if len(text) < 2 {
		return nil
	}
	var found []any
	for size := 1; size < len(text); size *= 2 {
		if utf8.ValidString(text[:size]) {
			found = append(found, text[:size])
		}
	}
	if len(text) > 9 {
		found = append(found, text[:len(text)-1])
	}
	return found
}

// A shrinker looks for a shortest script that shows a difference.
type shrinker struct {
	c       *comparer
	kind    string
	replays int // how many are left
}

// shrink returns a shorter history and a smaller last step that differ in the same way. If the
// history does not show the difference again, shrink returns it unchanged and false.
func (c *comparer) shrink(history []*step, last *step, kind string) ([]*step, *step, bool) {
	h := &shrinker{c, kind, c.settings.replays}
	if !h.fails(history, last) {
		return history, last, false
	}
	if few := creations(history); h.fails(few, last) {
		history = few
	} else if writes := withoutReads(history); h.fails(writes, last) {
		history = writes
	}
	history = minimise(history, func(some []*step) bool { return h.fails(some, last) })
	last = h.simplifyStep(last, func(s *step) bool { return h.fails(history, s) })
	for i := range history {
		history[i] = h.simplifyStep(history[i], func(s *step) bool {
			changed := append(append(append([]*step(nil), history[:i]...), s), history[i+1:]...)
			return h.fails(changed, last)
		})
	}
	return history, last, true
}

// fails reports whether a script still ends with the difference.
func (h *shrinker) fails(history []*step, last *step) bool {
	if h.replays == 0 {
		return false
	}
	h.replays--
	found := h.c.replay(history, last)
	return found.kind == h.kind && ruleFor(last, found.ours, found.theirs) == nil
}

// simplifyStep returns a smaller step for which fails returns true.
func (h *shrinker) simplifyStep(s *step, fails func(*step) bool) *step {
	smaller := *s
	if smaller.raw != "" {
		smaller.raw = string(minimise([]rune(s.raw), func(text []rune) bool {
			return len(text) > 0 &&
				fails(&step{operation: s.operation, body: s.body, raw: string(text)})
		}))
		return &smaller
	}
	if single := (&step{operation: s.operation, body: s.body}); s.mode != once && fails(single) {
		smaller.mode = once
	}
	smaller.body = simplify(s.body, func(body any) bool {
		return fails(&step{operation: s.operation, body: body, mode: smaller.mode})
	})
	return &smaller
}

func creations(history []*step) []*step {
	var kept []*step
	for _, s := range history {
		if s.operation == "CreateTable" {
			kept = append(kept, s)
		}
	}
	return kept
}

func withoutReads(history []*step) []*step {
	var kept []*step
	for _, s := range history {
		if changes[s.operation] {
			kept = append(kept, s)
		}
	}
	return kept
}

// changes are the operations that can change something.
var changes = map[string]bool{"PutItem": true, "UpdateItem": true, "DeleteItem": true,
	"BatchWriteItem": true, "TransactWriteItems": true, "CreateTable": true, "UpdateTable": true,
	"DeleteTable": true, "TagResource": true, "UntagResource": true, "UpdateTimeToLive": true}
