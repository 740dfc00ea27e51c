package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/dynamapper/dynamapper"
)

// bankSize is the number of operations on one bank. It is small, because the checker tries orders.
const bankSize = 80

// checkWithin limits the checker's search for one bank.
const checkWithin = 2 * time.Minute

// pair is a table, reached through the faulty line and through a good one.
type pair[T any] struct{ lossy, good *dynamapper.Table[T] }

// desk is a table of accounts of one kind.
type desk[T dynamapper.IsModel, A account[T]] struct {
	pair[T]
	mapper *dynamapper.Mapper // on the faulty line
	books  books
}

// bank is two accounts and their history.
type bank[T dynamapper.IsModel, A account[T]] struct {
	*desk[T, A]
	name    string
	history history
}

// newAccount returns an account with its key.
func (b *bank[T, A]) newAccount(number int) *T {
	item := b.good.New()
	A(item).place(b.name, number)
	return item
}

func (b *bank[T, A]) key(number int) dynamapper.PrimaryKey {
	return b.good.KeyOf(b.newAccount(number))
}

// runBank opens a bank, runs its workers, and checks the result.
func (d *desk[T, A]) runBank(
	ctx context.Context, name string, workers int, random *rand.Rand, count func(operation),
) error {
	b := &bank[T, A]{desk: d, name: name, history: history{start: time.Now()}}
	if err := d.books.open(ctx, name); err != nil {
		return err
	}
	for i := range 2 {
		item := b.newAccount(i)
		A(item).fields().Balance = deposited
		if err := d.good.Save(ctx, item, dynamapper.FailOnConflict()); err != nil {
			return err
		}
	}
	var working sync.WaitGroup
	for worker := range workers {
		own := rand.New(rand.NewPCG(random.Uint64(), random.Uint64()))
		working.Go(func() {
			for n := range bankSize / workers {
				if ctx.Err() != nil {
					return
				}
				b.act(ctx, fmt.Sprintf("%s/%d.%d", name, worker, n), own)
			}
		})
	}
	working.Wait()
	for _, op := range b.history.operations {
		count(op)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := b.check(ctx); err != nil {
		b.history.print(os.Stderr)
		return err
	}
	return nil
}

// act runs one operation of a random kind.
func (b *bank[T, A]) act(ctx context.Context, mark string, random *rand.Rand) {
	op := operation{mark: mark, account: random.IntN(2), amount: 1 + random.IntN(400)}
	once := random.IntN(3) > 0 // with Idempotent, which leaves the checker fewer alternatives
	var run func(*operation)
	switch n := random.IntN(20); {
	case n < 5:
		op.kind, run = read, func(op *operation) { b.read(ctx, op) }
	case n < 9:
		op.kind, run = deposit, func(op *operation) { b.modify(ctx, op, once) }
	case n < 13:
		op.kind, run = deposit, func(op *operation) { b.update(ctx, op, once) }
	case n < 17:
		op.kind, run = transfer, func(op *operation) { b.transfer(ctx, op) }
	case n < 19:
		op.kind, run = visit, func(op *operation) { b.visit(ctx, op) }
	default:
		op.kind, run = ticket, func(op *operation) { b.takeTicket(ctx, op) }
	}
	if op.kind == deposit && random.IntN(2) == 0 {
		op.amount = -op.amount
	}
	b.history.record(op, run)
}

// ended records the end of an operation.
func (op *operation) ended(err error) {
	op.err = err
	switch {
	case err == nil:
		op.outcome = done
	case errors.Is(err, errTooLittle):
		op.outcome = refused
	case errors.Is(err, dynamapper.ErrUnknownOutcome):
		op.outcome = unknown
	default:
		op.outcome = failed
	}
}

func show(f *Fields) *shown { return &shown{f.Balance, len(f.Applied), f.Visits} }

func (b *bank[T, A]) read(ctx context.Context, op *operation) {
	item, err := b.lossy.Get(ctx, b.key(op.account), dynamapper.Consistent())
	if op.ended(err); err == nil {
		op.shown = show(A(item).fields())
	}
}

func (b *bank[T, A]) modify(ctx context.Context, op *operation, once bool) {
	var options []dynamapper.ModifyOption
	if once {
		options = append(options, dynamapper.Idempotent())
	}
	item, err := b.lossy.Modify(ctx, b.key(op.account), func(item *T) error {
		f := A(item).fields()
		f.Balance += op.amount
		f.Applied = append(f.Applied, op.mark)
		return nil
	}, options...)
	if op.ended(err); err == nil {
		op.shown = show(A(item).fields())
	}
}

func (b *bank[T, A]) update(ctx context.Context, op *operation, once bool) {
	u := b.lossy.Update(b.key(op.account)).Add("balance", op.amount).AddToSet("applied",
		op.mark).MustExist()
	if once {
		u.Idempotent()
	}
	item, err := u.Run(ctx)
	if op.ended(err); err == nil && !once { // the item that was read back may show later writes
		op.shown = show(A(item).fields())
	}
}

var errTooLittle = errors.New("too little money")

func (b *bank[T, A]) transfer(ctx context.Context, op *operation) {
	op.ended(b.mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		accounts := b.lossy.In(tx)
		from, err := accounts.Get(ctx, b.key(op.account))
		if err != nil {
			return err
		}
		to, err := accounts.Get(ctx, b.key(1-op.account))
		if err != nil {
			return err
		}
		a, c := A(from).fields(), A(to).fields()
		if a.Balance < op.amount {
			return errTooLittle
		}
		a.Balance, c.Balance = a.Balance-op.amount, c.Balance+op.amount
		a.Applied, c.Applied = append(a.Applied, op.mark), append(c.Applied, op.mark)
		accounts.Save(from)
		accounts.Save(to)
		b.books.record(tx, b.name, op.mark, op.amount)
		return nil
	}))
}

// visit counts a visit with a save of changed attributes; others may change the balance at the same
// time.
func (b *bank[T, A]) visit(ctx context.Context, op *operation) {
	item, err := b.lossy.Get(ctx, b.key(op.account), dynamapper.Consistent())
	if err == nil {
		f := A(item).fields()
		f.Visits++
		f.Seen = append(f.Seen, op.mark)
		err = b.lossy.Save(ctx, item, dynamapper.ChangedOnly(), dynamapper.FailOnConflict())
	}
	op.ended(err)
}

func (b *bank[T, A]) takeTicket(ctx context.Context, op *operation) {
	op.ended(b.books.takeTicket(ctx, b.name, op.mark))
}

// check compares the bank with its history.
func (b *bank[T, A]) check(ctx context.Context) error {
	for i := range 2 {
		item, err := b.good.Get(ctx, b.key(i), dynamapper.Consistent())
		if err != nil {
			return err
		}
		err = errors.Join(b.checkAccount(i, A(item).fields()), A(item).checkKeys())
		if err != nil {
			return fmt.Errorf("bank %s, account %d: %w", b.name, i, err)
		}
	}
	result := porcupine.CheckOperationsTimeout(model, b.history.events(), checkWithin)
	if result != porcupine.Ok {
		return fmt.Errorf("bank %s: the checker says %q of its %d operations", b.name, result,
			len(b.history.operations))
	}
	return b.checkJournal(ctx)
}

// checkAccount compares an account's balance with the marks in it, and the marks with the results
// that the callers got.
func (b *bank[T, A]) checkAccount(i int, f *Fields) error {
	balance := deposited
	for _, op := range b.history.operations {
		marks, change := f.Applied, op.amount
		switch {
		case op.kind == visit:
			marks, change = f.Seen, 0
		case op.kind == transfer && op.account == i:
			change = -op.amount
		case op.kind != deposit && op.kind != transfer:
			continue
		}
		if op.kind != transfer && op.account != i {
			continue
		}
		applied := slices.Contains(marks, op.mark)
		if applied {
			balance += change
		}
		if applied && (op.outcome == failed || op.outcome == refused) ||
			!applied && op.outcome == done {
			return fmt.Errorf("%s %s: applied is %v, but the caller got another result: %v",
				op.kind, op.mark, applied, op.err)
		}
	}
	if balance != f.Balance {
		return fmt.Errorf("the balance is %d, but its operations add up to %d", f.Balance, balance)
	}
	if f.Visits != len(f.Seen) {
		return fmt.Errorf("%d visits are counted, but %d visitors", f.Visits, len(f.Seen))
	}
	return nil
}

// checkJournal compares the journal with the accounts: a transfer has its record, or never
// happened.
func (b *bank[T, A]) checkJournal(ctx context.Context) error {
	item, err := b.good.Get(ctx, b.key(0), dynamapper.Consistent())
	if err != nil {
		return err
	}
	for _, op := range b.history.operations {
		if op.kind != transfer {
			continue
		}
		recorded, err := b.books.recorded(ctx, b.name, op.mark)
		if err != nil {
			return err
		}
		if recorded != slices.Contains(A(item).fields().Applied, op.mark) {
			return fmt.Errorf("bank %s, transfer %s: recorded is %v, but the accounts disagree",
				b.name, op.mark, recorded)
		}
	}
	return nil
}
