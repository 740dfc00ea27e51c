package attack

import (
	"context"

	"github.com/dynamapper/dynamapper"
)

// writing is a way to save or delete, with its options as letters.
type writing struct {
	letters string
	traits  trait
}

// options returns the options for the letters: C ChangedOnly, F FailOnConflict, I If, M MustExist,
// X Idempotent.
func (w writing) options(condition dynamapper.Condition) []dynamapper.SaveOption {
	return optionsOf[dynamapper.SaveOption](w.letters, condition)
}

// optionsOf returns the options for the letters, for a call that takes all of them.
func optionsOf[O any](letters string, condition dynamapper.Condition) []O {
	var options []O
	for _, letter := range letters {
		switch letter {
		case 'C':
			options = append(options, any(dynamapper.ChangedOnly()).(O))
		case 'F':
			options = append(options, any(dynamapper.FailOnConflict()).(O))
		case 'I':
			options = append(options, any(dynamapper.If(condition)).(O))
		case 'M':
			options = append(options, any(dynamapper.MustExist()).(O))
		case 'X':
			options = append(options, any(dynamapper.Idempotent()).(O))
		}
	}
	return options
}

// requests returns the requests that apply a write. alone are the requests of a write without a
// token.
func (w writing) requests(alone []string) []string {
	if w.traits.has(tokened) {
		return commits
	}
	return alone
}

func isAbsent() dynamapper.Condition { return dynamapper.Attr("balance", dynamapper.NotExists()) }

func isAsBefore() dynamapper.Condition { return dynamapper.Attr("balance", dynamapper.EQ(before)) }

// insertions save a new wallet.
func insertions[T dynamapper.IsModel, W wallet[T]]() []operation[T, W] {
	var all []operation[T, W]
	for _, how := range []writing{
		{"", repeats}, {"C", repeats}, {"F", checks}, {"FI", checks | conditional},
		{"I", conditional},
		{"X", tokened}, {"FX", tokened | checks}, {"IX", tokened | conditional},
	} {
		all = append(all, operation[T, W]{
			name: "Save/new/" + how.letters, effects: how.requests(puts), traits: how.traits,
			prepare: func(_ context.Context, w *world[T, W]) (call[T], error) {
				w.hand = newWallet[T, W](waldo, after)
				return w.save(how.options(isAbsent())), nil
			},
		})
	}
	return all
}

// savings save a loaded and edited wallet.
func savings[T dynamapper.IsModel, W wallet[T]]() []operation[T, W] {
	var all []operation[T, W]
	for _, how := range []writing{
		{"", repeats}, {"C", repeats | partly}, {"M", repeats | mustExist}, {"F", checks},
		{"FC", checks | partly}, {"FM", checks | mustExist}, {"FI", checks | conditional},
		{"I", conditional}, {"CI", conditional | partly}, {"X", tokened}, {"FX", tokened | checks},
		{"CX", tokened | partly}, {"FCX", tokened | checks | partly}, {"IX", tokened | conditional},
	} {
		effects := []string{"PutItem", "UpdateItem"}
		all = append(all, operation[T, W]{
			name: "Save/loaded/" + how.letters, stored: true, effects: how.requests(effects),
			traits: how.traits,
			prepare: func(ctx context.Context, w *world[T, W]) (call[T], error) {
				err := w.load(ctx)
				if err == nil {
					W(w.hand).money().set(after)
				}
				return w.save(how.options(isAsBefore())), err
			},
		})
	}
	return all
}

// load reads waldo's wallet into the hand.
func (w *world[T, W]) load(ctx context.Context) (err error) {
	w.hand, err = w.table.Get(ctx, dynamapper.Key(waldo), dynamapper.Consistent())
	return err
}

// save saves the item in hand.
func (w *world[T, W]) save(options []dynamapper.SaveOption) call[T] {
	return func(ctx context.Context) (*T, error) {
		return w.hand, w.table.Save(ctx, w.hand, options...)
	}
}

// deletions delete waldo's wallet.
func deletions[T dynamapper.IsModel, W wallet[T]]() []operation[T, W] {
	var all []operation[T, W]
	for _, how := range []writing{
		{"", repeats}, {"M", repeats | mustExist}, {"F", checks}, {"FM", checks | mustExist},
		{"I", conditional}, {"FI", checks | conditional}, {"X", tokened}, {"FX", tokened | checks},
		{"IX", tokened | conditional},
	} {
		all = append(all, operation[T, W]{
			name: "Delete/" + how.letters, stored: true, effects: how.requests(removals),
			traits: how.traits | removes,
			prepare: func(ctx context.Context, w *world[T, W]) (call[T], error) {
				err := w.load(ctx)
				return func(ctx context.Context) (*T, error) {
					return nil, w.table.Delete(
						ctx, w.hand, optionsOf[dynamapper.DeleteOption](how.letters,
							isAsBefore())...)
				}, err
			},
		})
		if how.traits.has(checks) {
			continue // a key has no snapshot to compare with
		}
		all = append(all, operation[T, W]{
			name: "DeleteKey/" + how.letters, stored: true, effects: how.requests(removals),
			traits: how.traits | removes,
			prepare: func(_ context.Context, w *world[T, W]) (call[T], error) {
				return func(ctx context.Context) (*T, error) {
					key := dynamapper.Key(waldo)
					options := optionsOf[dynamapper.DeleteKeyOption](how.letters, isAsBefore())
					return nil, w.table.DeleteKey(ctx, key, options...)
				}, nil
			},
		})
	}
	return all
}

// updatings update waldo's wallet without reading it.
func updatings[T dynamapper.IsModel, W wallet[T]]() []operation[T, W] {
	type update = *dynamapper.Update[T]
	set := func(u update) update { return u.Set("balance", after).Set("spent", total-after) }
	add := func(u update) update {
		return u.Add("balance", after-before).Add("spent", before-after)
	}
	var all []operation[T, W]
	for _, how := range []struct {
		name   string
		traits trait
		clause func(update) update
	}{
		{"Set", repeats, set},
		{"Set/I", conditional, func(u update) update { return set(u).If(isAsBefore()) }},
		{"Set/M", repeats | mustExist, func(u update) update { return set(u).MustExist() }},
		{"Set/X", tokened, func(u update) update { return set(u).Idempotent() }},
		{"Add", changes, add},
		{"Add/I", changes | conditional, func(u update) update { return add(u).If(isAsBefore()) }},
		{"Add/M", changes | mustExist, func(u update) update { return add(u).MustExist() }},
		{"Add/X", changes | tokened, func(u update) update { return add(u).Idempotent() }},
		{"Add/IX", changes | tokened | conditional, func(u update) update {
			return add(u).If(isAsBefore()).Idempotent()
		}},
	} {
		all = append(all, operation[T, W]{
			name: "Update/" + how.name, stored: true, traits: how.traits,
			effects: writing{traits: how.traits}.requests(updates), sends: 2,
			prepare: func(_ context.Context, w *world[T, W]) (call[T], error) {
				return func(ctx context.Context) (*T, error) {
					return how.clause(w.table.Update(dynamapper.Key(waldo))).Run(ctx)
				}, nil
			},
		})
	}
	return all
}

// exchanges write waldo's wallet and return it as it was before.
func exchanges[T dynamapper.IsModel, W wallet[T]]() []operation[T, W] {
	take := func(letters string, traits trait) operation[T, W] {
		return operation[T, W]{
			name: "Take/" + letters, stored: true, effects: removals, traits: traits | removes | ofOld,
			prepare: func(_ context.Context, w *world[T, W]) (call[T], error) {
				return func(ctx context.Context) (*T, error) {
					return w.table.Take(ctx, dynamapper.Key(waldo),
						optionsOf[dynamapper.TakeOption](letters, isAsBefore())...)
				}, nil
			},
		}
	}
	replace := func(name string, stored bool, letters string, traits trait) operation[T, W] {
		return operation[T, W]{
			name: "Replace/" + name, stored: stored, effects: puts, traits: traits | ofOld,
			prepare: func(_ context.Context, w *world[T, W]) (call[T], error) {
				w.hand = newWallet[T, W](waldo, after)
				return func(ctx context.Context) (*T, error) {
					return w.table.Replace(ctx, w.hand,
						optionsOf[dynamapper.ReplaceOption](letters, isAsBefore())...)
				}, nil
			},
		}
	}
	update := func(
		name string, traits trait, clause func(*dynamapper.Update[T]),
	) operation[T, W] {
		return operation[T, W]{
			name: "RunOld/" + name, stored: true, effects: updates, traits: traits | ofOld,
			prepare: func(_ context.Context, w *world[T, W]) (call[T], error) {
				u := w.table.Update(dynamapper.Key(waldo))
				clause(u)
				return u.RunOld, nil
			},
		}
	}
	set := func(u *dynamapper.Update[T]) { u.Set("balance", after).Set("spent", total-after) }
	return []operation[T, W]{
		take("", 0), take("I", conditional),
		replace("new", false, "", 0), replace("stored", true, "", 0),
		replace("stored/M", true, "M", mustExist), replace("stored/I", true, "I", conditional),
		update("Set", 0, set),
		update("Set/I", conditional, func(u *dynamapper.Update[T]) { set(u); u.If(isAsBefore()) }),
		update("Add/M", changes|mustExist, func(u *dynamapper.Update[T]) {
			u.Add("balance", after-before).Add("spent", before-after).MustExist()
		}),
	}
}

// modifications read, change and save.
func modifications[T dynamapper.IsModel, W wallet[T]]() []operation[T, W] {
	pay := func(item *T) error {
		W(item).money().set(W(item).money().Balance + after - before)
		return nil
	}
	make := func(name string, stored bool, how writing, orNew bool) operation[T, W] {
		return operation[T, W]{
			name: name, stored: stored, traits: how.traits | changes | checks, sends: 2,
			effects: how.requests([]string{"PutItem", "UpdateItem"}),
			prepare: func(_ context.Context, w *world[T, W]) (call[T], error) {
				return func(ctx context.Context) (*T, error) {
					key := dynamapper.Key(waldo)
					options := optionsOf[dynamapper.ModifyOption](how.letters,
						dynamapper.Condition{})
					if orNew {
						return w.table.ModifyOrNew(ctx, key, pay, options...)
					}
					return w.table.Modify(ctx, key, pay, options...)
				}, nil
			},
		}
	}
	return []operation[T, W]{
		make("Modify", true, writing{"", mustExist}, false),
		make("Modify/X", true, writing{"X", tokened | mustExist}, false),
		make("ModifyOrNew/stored", true, writing{}, true),
		make("ModifyOrNew/stored/X", true, writing{"X", tokened}, true),
		make("ModifyOrNew/new", false, writing{}, true),
		make("ModifyOrNew/new/X", false, writing{"X", tokened}, true),
	}
}
