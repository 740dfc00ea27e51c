package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
)

// kind is a kind of operation.
type kind int

const (
	read     kind = iota // read an account
	deposit              // add an amount, which may be negative
	transfer             // from one account to the other, if the money suffices
	visit                // count a visit on an account
	ticket               // save a new item with a new id
)

func (k kind) String() string {
	return [...]string{"read", "deposit", "transfer", "visit", "ticket"}[k]
}

// outcome is the result that the caller got.
type outcome int

const (
	done    outcome = iota
	refused         // because of the accounts: too little money
	failed          // nothing was applied
	unknown         // applied or not
)

// operation is one operation on a bank, with its parameters and its result.
type operation struct {
	kind    kind
	mark    string // its name, which it stores in an account when it is applied
	account int    // the first or only account
	amount  int

	outcome outcome
	shown   *shown // the state of the account, if the operation returned it
	call    int64
	end     int64
	err     error // the caller's error
}

// shown is the state of an account at one moment.
type shown struct{ balance, writes, visits int }

// history records the operations on one bank.
type history struct {
	start time.Time

	mu         sync.Mutex
	operations []operation
}

// record runs an operation and records it with its times.
func (h *history) record(op operation, run func(*operation)) {
	op.call = time.Since(h.start).Nanoseconds()
	run(&op)
	op.end = time.Since(h.start).Nanoseconds()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.operations = append(h.operations, op)
}

// state is a bank in the model: two accounts.
type state [2]shown

const deposited = 1000 // in each account at the start

// model is a correct bank: every operation happens at one moment between its call and its end.
var model = porcupine.Model{
	Init: func() any { return state{{balance: deposited}, {balance: deposited}} },
	Step: func(before, input, _ any) (bool, any) {
		s := before.(state)
		ok := s.step(input.(operation))
		return ok, s
	},
}

// step applies an operation, and reports whether its result is possible.
func (s *state) step(op operation) bool {
	a := &s[op.account]
	switch op.kind {
	case deposit:
		a.balance += op.amount
		a.writes++
	case visit:
		a.visits++
	case transfer:
		enough := a.balance >= op.amount
		if op.outcome == refused || op.outcome == unknown && !enough {
			return op.outcome == unknown || !enough
		}
		if !enough {
			return false
		}
		b := &s[1-op.account]
		a.balance, b.balance = a.balance-op.amount, b.balance+op.amount
		a.writes, b.writes = a.writes+1, b.writes+1
	}
	return op.shown == nil || *op.shown == *a
}

// print lists the operations in the order of their calls, for a human reader.
func (h *history) print(out io.Writer) {
	slices.SortFunc(h.operations, func(a, b operation) int { return cmp.Compare(a.call, b.call) })
	for _, op := range h.operations {
		outcome := [...]string{"done", "refused", "not applied", "unknown"}[op.outcome]
		fmt.Fprintf(out, "%8d to %8d µs  %-8s %s  account %d, amount %d: %s", op.call/1000,
			op.end/1000, op.kind, op.mark, op.account, op.amount, outcome)
		if op.shown != nil {
			fmt.Fprintf(out, ", balance %d, writes %d, visits %d", op.shown.balance,
				op.shown.writes, op.shown.visits)
		}
		if op.err != nil {
			fmt.Fprintf(out, ", %v", op.err)
		}
		fmt.Fprintln(out)
	}
}

// events returns the operations for the checker to order. One with an unknown outcome stays open:
// it may happen at any later moment, including after all others, where no operation sees it.
func (h *history) events() []porcupine.Operation {
	var events []porcupine.Operation
	for _, op := range h.operations {
		if op.outcome == failed || op.kind == ticket || op.kind == read && op.shown == nil {
			continue
		}
		event := porcupine.Operation{Input: op, Call: op.call, Return: op.end}
		if op.outcome == unknown {
			event.Return = math.MaxInt64
		}
		events = append(events, event)
	}
	return events
}
