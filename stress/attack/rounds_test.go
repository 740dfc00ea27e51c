package attack

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/dynamapper/dynamapper"
)

// round is one item, which a program reads and writes while another program writes it too.
type round[T dynamapper.IsModel, W wallet[T]] struct {
	*world[T, W]
	random *rand.Rand
	key    dynamapper.PrimaryKey
	id     string

	balance int  // the stored balance; missing: there is no item
	loaded  int  // the balance that the program has read; missing: it has a new item
	touched bool // the other program has written since the read
	writes  int  // the number of writes since the insertion
	seen    int  // the number of writes at the time of the read
	story   []string
}

// A stale write never overwrites an update of another program, whatever that program does between
// the read and the write: it edits, restores, deletes, and inserts again.
func TestRounds(t *testing.T) {
	t.Parallel()
	n := max(1, size(1600)/4)
	if size(1) == 0 {
		n = 5000
	}
	for _, by := range senders(t) {
		t.Run(string(by), func(t *testing.T) {
			playRounds[Plain](t, noVersion, n, by)
			playRounds[Wide](t, wideVersion, n, by)
			playRounds[Narrow](t, narrowVersion, n, by)
			playRounds[Tokened](t, stringVersion, n, by)
		})
	}
}

func playRounds[T dynamapper.IsModel, W wallet[T]](
	t *testing.T, version string, n int, by sender,
) {
	random := rand.New(rand.NewPCG(*seedFlag, 4))
	start, refusals := time.Now(), 0
	synctest.Test(t, func(t *testing.T) {
		through := func(cfg aws.Config, _ *journal) aws.Config { return cfg }
		w, err := newWorld[T, W](t.Context(), version, by, through)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.good.CreateTable(t.Context()); err != nil {
			t.Fatal(err)
		}
		past := w.watch.count()
		for i := range n {
			id := fmt.Sprintf("wallet %d", i)
			r := &round[T, W]{world: w, random: random, id: id, key: dynamapper.Key(id),
				balance: missing}
			refused, err := r.play(t.Context())
			if err != nil {
				t.Fatalf("version %s: %v: %v", version, r.story, err)
			}
			if refused {
				refusals++
			}
			time.Sleep(time.Duration(random.IntN(3)) * time.Millisecond)
		}
		for _, o := range w.watch.since(past) {
			if err := by.check(o); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Logf("%d rounds with version %s in %v, seed %d: %d writes were refused, and had to be.",
		n, version, time.Since(start).Round(time.Millisecond), *seedFlag, refusals)
}

func (r *round[T, W]) tell(format string, a ...any) {
	r.story = append(r.story, fmt.Sprintf(format, a...))
}

// play stores an item or not, reads it, makes the other program write, and writes it.
func (r *round[T, W]) play(ctx context.Context) (refused bool, err error) {
	if r.random.IntN(4) > 0 {
		if err := r.rivalPut(ctx, before); err != nil {
			return false, err
		}
	}
	item, err := r.read(ctx)
	if err != nil {
		return false, err
	}
	for range r.random.IntN(4) {
		if err := r.rivalActs(ctx); err != nil {
			return false, err
		}
	}
	return r.write(ctx, item)
}

func (r *round[T, W]) read(ctx context.Context) (*T, error) {
	r.loaded, r.touched, r.seen = r.balance, false, r.writes
	if r.balance == missing {
		return newWallet[T, W](r.id, after), nil
	}
	return r.table.Get(ctx, r.key, dynamapper.Consistent())
}

// rivalActs performs a random action of the other program.
func (r *round[T, W]) rivalActs(ctx context.Context) error {
	switch r.random.IntN(4) {
	case 0:
		return r.rivalPut(ctx, before) // unchanged
	case 1:
		return r.rivalPut(ctx, 1+r.random.IntN(total))
	case 2:
		return r.rivalDeletes(ctx)
	}
	if err := r.rivalDeletes(ctx); err != nil {
		return err
	}
	return r.rivalPut(ctx, before)
}

func (r *round[T, W]) rivalDeletes(ctx context.Context) error {
	r.tell("the other deletes")
	r.touched = r.touched || r.balance != missing
	r.balance, r.writes = missing, 0
	return r.good.DeleteKey(ctx, r.key)
}

// rivalPut edits the item, or inserts it.
func (r *round[T, W]) rivalPut(ctx context.Context, balance int) error {
	r.tell("the other writes %d", balance)
	item, err := r.good.Get(ctx, r.key, dynamapper.Consistent())
	if errors.Is(err, dynamapper.ErrNotFound) {
		item, err = newWallet[T, W](r.id, balance), nil
	} else if err == nil && W(item).money().Balance == balance && r.version == noVersion {
		return nil
	}
	if err != nil {
		return err
	}
	W(item).money().set(balance)
	r.touched, r.balance, r.writes = true, balance, r.writes+1
	return r.good.Save(ctx, item, dynamapper.FailOnConflict())
}

// isStale reports whether the stored item has changed since it was read. A version of 32 bits
// starts at 1 with each insertion, and is compared together with all other attributes.
func (r *round[T, W]) isStale() bool {
	switch {
	case r.version == noVersion, r.loaded == missing:
		return r.balance != r.loaded
	case r.version == narrowVersion:
		return r.balance != r.loaded || r.writes != r.seen
	}
	return r.touched
}

// write writes the item in a random way, and compares the result with the rules.
func (r *round[T, W]) write(ctx context.Context, item *T) (refused bool, err error) {
	W(item).money().set(after)
	stale, wanted := r.isStale(), after
	switch way := r.random.IntN(5); {
	case way == 0 && r.loaded != missing:
		return r.modify(ctx)
	case way == 1 && r.loaded != missing:
		r.tell("delete")
		wanted, err = missing, r.table.Delete(ctx, item, dynamapper.FailOnConflict())
	case way == 2:
		r.tell("save what changed")
		stale = r.balance != r.loaded
		err = r.table.Save(ctx, item, dynamapper.FailOnConflict(), dynamapper.ChangedOnly())
	case way == 3:
		r.tell("save once")
		err = r.table.Save(ctx, item, dynamapper.FailOnConflict(), dynamapper.Idempotent())
	default:
		r.tell("save")
		err = r.table.Save(ctx, item, dynamapper.FailOnConflict())
	}
	if refused = errors.Is(err, dynamapper.ErrConflict); err != nil && !refused {
		return refused, err
	}
	if refused != stale {
		return refused, fmt.Errorf("the item is stale: %v, and the write was refused: %v", stale,
			err)
	}
	if !refused {
		r.balance = wanted
	}
	return refused, r.check(ctx)
}

// modify makes the other program write between the read and the write.
func (r *round[T, W]) modify(ctx context.Context) (refused bool, err error) {
	r.tell("modify")
	tries := r.random.IntN(3)
	_, err = r.table.Modify(ctx, r.key, func(item *T) error {
		W(item).money().set(W(item).money().Balance + 1)
		if tries--; tries < 0 {
			return nil
		}
		return r.rivalActs(ctx)
	})
	if gone := errors.Is(err, dynamapper.ErrNotFound); gone != (r.balance == missing) {
		return gone, fmt.Errorf("stored is %d, and Modify says: %w", r.balance, err)
	} else if gone {
		return true, r.check(ctx)
	}
	r.balance++
	return false, errors.Join(err, r.check(ctx))
}

// check compares the stored item with the rules.
func (r *round[T, W]) check(ctx context.Context) error {
	item, err := r.good.Get(ctx, r.key, dynamapper.Consistent())
	got := missing
	if err == nil {
		got = W(item).money().Balance
	} else if !errors.Is(err, dynamapper.ErrNotFound) {
		return err
	}
	if got != r.balance {
		return fmt.Errorf("%d is stored, and %d should be", got, r.balance)
	}
	return nil
}
