package attack

import (
	"context"
	"errors"

	"github.com/dynamapper/dynamapper"
)

// rival is what another writer does to the wallet while the call under attack is on its way.
type rival string

const (
	nobody   rival = "nobody"
	equal    rival = "equal"    // writes what the call writes, or creates the table
	edits    rival = "edits"    // gives the wallet another balance, or inserts one
	restores rival = "restores" // gives it the balance that it had before the call
	deletes  rival = "deletes"  // the wallet, or the table
	renews   rival = "renews"   // deletes the wallet and inserts it as it was before the call
	undoes   rival = "undoes"   // edits it, and restores it before a late request arrives
)

const (
	before = 200 // the balance of stored wallets before the call
	after  = 50  // the balance that a call writes
	others = 120 // the balance that the other writer writes
)

// act does what a rival does at the first of its moments.
func (w *world[T, W]) act(ctx context.Context, r rival, stored bool) error {
	defer w.look()
	switch r {
	case equal:
		return w.setBalance(ctx, after)
	case edits, undoes:
		return w.setBalance(ctx, others)
	case restores:
		return w.putBack(ctx, stored)
	case deletes:
		return w.good.DeleteKey(ctx, dynamapper.Key(waldo))
	case renews:
		if err := w.good.DeleteKey(ctx, dynamapper.Key(waldo)); err != nil || !stored {
			return err
		}
		return w.good.Save(ctx, newWallet[T, W](waldo, before), dynamapper.FailOnConflict())
	}
	return nil
}

// putBack gives the wallet the balance that it had before the call.
func (w *world[T, W]) putBack(ctx context.Context, stored bool) error {
	if stored {
		return w.setBalance(ctx, before)
	}
	return w.good.DeleteKey(ctx, dynamapper.Key(waldo))
}

// setBalance writes as a program does that reads first, or inserts.
func (w *world[T, W]) setBalance(ctx context.Context, balance int) error {
	item, err := w.good.Get(ctx, dynamapper.Key(waldo), dynamapper.Consistent())
	if errors.Is(err, dynamapper.ErrNotFound) {
		item, err = newWallet[T, W](waldo, balance), nil
	}
	if err != nil {
		return err
	}
	W(item).money().set(balance)
	return w.good.Save(ctx, item, dynamapper.FailOnConflict())
}

// actOnTable does what a rival does if the call is about the table.
func (w *world[T, W]) actOnTable(ctx context.Context, r rival) error {
	defer w.look()
	switch r {
	case equal:
		return w.good.EnsureTable(ctx)
	case deletes:
		_ = w.good.DeleteTable(ctx) // perhaps it does not exist
	}
	return nil
}
