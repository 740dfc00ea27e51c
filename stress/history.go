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

// kind is what an operation does.
type kind int

const (
	read     kind = iota // an account as it is
	deposit              // an amount, perhaps negative
	transfer             // from one account to the other, where the money is there
	visit                // counted on an account
	ticket               // a new item with a new id
)

func (k kind) String() string {
	return [...]string{"read", "deposit", "transfer", "visit", "ticket"}[k]
}

// outcome is what the caller was told.
type outcome int

const (
	done    outcome = iota
	refused         // for a reason that the accounts give: too little money
	failed          // nothing was applied
	unknown         // applied, or not
)

// operation is one operation of a bank, as it was called and as it ended.
type operation struct {
	kind    kind
	mark    string // its name, which it leaves where it is applied
	account int    // the first or only one
	amount  int

	outcome outcome
	shown   *shown // what it saw of the account, where that was said
	call    int64
	end     int64
	err     error // as the caller got it
}

// shown is an account at one moment.
type shown struct{ balance, writes, visits int }

// history is what happened in one bank.
type history struct {
	start time.Time

	mu         sync.Mutex
	operations []operation
}

// record runs an operation and keeps it with its times.
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

const deposited = 1000 // in each account at the beginning

// model is the bank as it should be: every operation happens at one moment between its call and its end.
var model = porcupine.Model{
	Init: func() any { return state{{balance: deposited}, {balance: deposited}} },
	Step: func(before, input, _ any) (bool, any) {
		s := before.(state)
		ok := s.step(input.(operation))
		return ok, s
	},
}

// step applies an operation, and says whether it may have ended as it did.
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

// print lists the operations in the order of their calls, for the one who looks for what went wrong.
func (h *history) print(out io.Writer) {
	slices.SortFunc(h.operations, func(a, b operation) int { return cmp.Compare(a.call, b.call) })
	for _, op := range h.operations {
		outcome := [...]string{"done", "refused", "not applied", "unknown"}[op.outcome]
		fmt.Fprintf(out, "%8d to %8d µs  %-8s %s  account %d, amount %d: %s", op.call/1000, op.end/1000, op.kind, op.mark, op.account, op.amount, outcome)
		if op.shown != nil {
			fmt.Fprintf(out, ", balance %d, writes %d, visits %d", op.shown.balance, op.shown.writes, op.shown.visits)
		}
		if op.err != nil {
			fmt.Fprintf(out, ", %v", op.err)
		}
		fmt.Fprintln(out)
	}
}

// events are the operations that the checker orders. One whose outcome is unknown stays open: it may happen at any later
// moment, and after everything else, where nobody sees it.
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
