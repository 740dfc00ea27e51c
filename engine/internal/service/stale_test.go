package service

import (
	"testing"
	"time"
)

// The age that the caller sets applies with a seed too.
func TestStaleReadsOfASeedHaveTheirAge(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := New(Options{Now: clock.Now, Seed: 1, StaleReads: time.Minute})
	createTables(t, s)
	for n := range 10 {
		give(t, s, `things {"pk":"a","n":`+itoa(n)+`}`)
		clock.add(20 * time.Second)
	}
	const get = `GetItem things {"Key":{"pk":"a"},"ProjectionExpression":"n"}`
	for range 20 {
		script(t, s, get, `{"Item":{"n":7}}`)
	}
}
