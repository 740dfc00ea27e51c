package main

import (
	"testing"

	"github.com/anishathalye/porcupine"
)

// The checker accepts every possible history and no other, so it can find lost updates.
func TestTheCheckerFindsLostUpdates(t *testing.T) {
	t.Parallel()
	see := func(balance, writes int) *shown { return &shown{balance: balance, writes: writes} }
	for _, test := range []struct {
		name       string
		operations []operation
		want       bool
	}{
		{"two deposits, one after the other", []operation{
			{kind: deposit, amount: 5, shown: see(1005, 1), call: 1, end: 2},
			{kind: deposit, amount: 7, shown: see(1012, 2), call: 3, end: 4},
		}, true},
		{"a lost update", []operation{
			{kind: deposit, amount: 5, shown: see(1005, 1), call: 1, end: 3},
			{kind: deposit, amount: 7, shown: see(1007, 1), call: 2, end: 4},
		}, false},
		{"an old value read after a write", []operation{
			{kind: deposit, amount: 5, call: 1, end: 2},
			{kind: read, shown: see(1000, 0), call: 3, end: 4},
		}, false},
		{"the same beside it", []operation{
			{kind: deposit, amount: 5, call: 1, end: 4},
			{kind: read, shown: see(1000, 0), call: 2, end: 3},
		}, true},
		{"an unknown write that was applied later", []operation{
			{kind: deposit, amount: 5, outcome: unknown, call: 1, end: 2},
			{kind: read, shown: see(1000, 0), call: 3, end: 4},
			{kind: read, shown: see(1005, 1), call: 5, end: 6},
		}, true},
		{"the same, applied twice", []operation{
			{kind: deposit, amount: 5, outcome: unknown, call: 1, end: 2},
			{kind: read, shown: see(1010, 2), call: 3, end: 4},
		}, false},
		{"a write that was told as failed, and applied", []operation{
			{kind: deposit, amount: 5, outcome: failed, call: 1, end: 2},
			{kind: read, shown: see(1005, 1), call: 3, end: 4},
		}, false},
		{"a transfer that was refused with the money there", []operation{
			{kind: transfer, amount: 500, outcome: refused, call: 1, end: 2},
		}, false},
		{"one without the money", []operation{{kind: transfer, amount: 1500, call: 1, end: 2}},
			false},
		{"half a transfer", []operation{
			{kind: transfer, amount: 500, call: 1, end: 2},
			{kind: read, account: 1, shown: see(1000, 0), call: 3, end: 4},
		}, false},
	} {
		h := history{operations: test.operations}
		if got := porcupine.CheckOperations(model, h.events()); got != test.want {
			t.Errorf("%s: the checker says %v", test.name, got)
		}
	}
}
