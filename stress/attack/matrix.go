package attack

import (
	"context"
	"math/rand/v2"
	"strings"

	"github.com/dynamapper/dynamapper"
)

// job is a cell that is ready to run.
type job struct {
	place place
	run   func(context.Context, sender) (outcome, error)
}

// matrix returns every cell: operations, faults, versions, other writers.
func matrix() []job {
	var all []job
	all = append(all, column[Plain](noVersion)...)
	all = append(all, column[Wide](wideVersion)...)
	all = append(all, column[Narrow](narrowVersion)...)
	return append(all, column[Tokened](stringVersion)...)
}

// column returns the cells of one kind of wallet.
func column[T dynamapper.IsModel, W wallet[T]](version string) []job {
	var all []job
	add := func(o operation[T, W], f fault, r rival, m moment, nth int) {
		p := place{o.name, o.traits, o.stored, f, nth, version, r, m}
		all = append(all, job{p, func(ctx context.Context, by sender) (outcome, error) {
			return runCell(ctx, &p, o, by)
		}})
	}
	for _, o := range operations[T, W]() {
		for _, f := range faults {
			for nth := 1; nth <= max(1, o.sends); nth++ {
				add(o, f, nobody, atArrival, nth)
				for _, r := range o.rivals() {
					add(o, f, r, atArrival, nth)
					add(o, f, r, atResponse, nth)
				}
			}
		}
	}
	return all
}

// rivals returns the possible actions of other writers during the operation.
func (o *operation[T, W]) rivals() []rival {
	switch {
	case o.traits.has(numbers):
		return nil
	case o.traits.has(ofTable):
		return []rival{equal, deletes}
	}
	return []rival{equal, edits, restores, deletes, renews, undoes}
}

// withName returns the cells whose names contain a text.
func withName(jobs []job, text string) []job {
	var some []job
	for _, j := range jobs {
		if strings.Contains(j.place.String(), text) {
			some = append(some, j)
		}
	}
	return some
}

// draw selects n of all by a seed. If n is 0, it returns all of them.
func draw[J any](all []J, n int, seed uint64) []J {
	random := rand.New(rand.NewPCG(seed, 1))
	random.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
	if n > 0 && n < len(all) {
		return all[:n]
	}
	return all
}
