package attack

import (
	"context"
	"errors"

	"github.com/dynamapper/dynamapper"
)

// rival is the action of another writer on the wallet during the call under attack.
type rival string

const (
	nobody   rival = "nobody"
	equal    rival = "equal"    // writes what the call writes, or creates the table
	edits    rival = "edits"    // gives the wallet another balance, or inserts one
	restores rival = "restores" // restores the balance from before the call
	deletes  rival = "deletes"  // deletes the wallet, or the table
	renews   rival = "renews"   // deletes the wallet and inserts it as it was before the call
	undoes   rival = "undoes"   // edits the wallet, and restores it before a late request arrives
)

const (
	before = 200 // the balance of stored wallets before the call
	after  = 50  // the balance that a call writes
	others = 120 // the balance that the other writer writes
)

// act performs a rival's action at the first of its moments.
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

// putBack restores the wallet's balance from before the call.
func (w *world[T, W]) putBack(ctx context.Context, stored bool) error {
	if stored {
		return w.setBalance(ctx, before)
	}
	return w.good.DeleteKey(ctx, dynamapper.Key(waldo))
}

// setBalance reads the wallet and writes it, or inserts it.
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

// actOnTable performs a rival's action for a call on the table.
func (w *world[T, W]) actOnTable(ctx context.Context, r rival) error {
	defer w.look()
	switch r {
	case equal:
		return w.good.EnsureTable(ctx)
	case deletes:
		_ = w.good.DeleteTable(ctx) // it may not exist
	}
	return nil
}
