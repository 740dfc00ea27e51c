package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// Update changes an item without reading it: one UpdateItem does all its clauses at once, and makes the item where there is
// none. An attribute is named as in Attr, by its name or a path into a document; what is wrong with a clause comes out of
// Run before anything is sent. The version is renewed, the updated time set, the created time where it is absent. Its methods
// change it and return it. It is not safe for concurrent use.
//
// No hook sees it. An attribute that MigrateItem renames, or brings into another form, is stored in the old one until the item is
// saved: an Add makes the new one beside it, and one of the two is lost at the next load. Until every item is in the new form take
// Modify for such an attribute.
type Update[T any] struct{ update }

// update is what an Update does whatever the model is.
type update struct {
	table    *table
	key      PrimaryKey
	clauses  []clause
	settings writeSettings
	tx       *Tx    // that it is staged in; nil: none
	idle     string // a Remove of nothing
}

// Update begins an update of the item at a key. Of an attribute that the model's hook MigrateItem renames take Modify: see [Update].
func (t *Table[T]) Update(key PrimaryKey) *Update[T] {
	return &Update[T]{update{table: &orZero(t).table, key: key}}
}

// Set gives an attribute a value; an empty value removes it. Inside a list or a map, an empty value is
// stored, and only nil removes: a nil pointer, slice or map too. Of a list it removes the element, as
// Remove does. To store NULL, give a *types.AttributeValueMemberNULL.
func (u *Update[T]) Set(attr string, v any) *Update[T] {
	u = orZero(u)
	u.with("Set", attr, v)
	return u
}

// SetIfAbsent gives an attribute a value where it has none. An empty value does nothing; an update of nothing else gives the
// item as it is, or ErrNotFound.
func (u *Update[T]) SetIfAbsent(attr string, v any) *Update[T] {
	u = orZero(u)
	u.with("SetIfAbsent", attr, v)
	return u
}

// Add adds to a number; a missing one is 0. A negative delta subtracts.
func (u *Update[T]) Add(attr string, delta any) *Update[T] {
	u = orZero(u)
	u.with("Add", attr, delta)
	return u
}

// Remove removes attributes, members of documents, or elements of lists.
func (u *Update[T]) Remove(attrs ...string) *Update[T] {
	u = orZero(u)
	u.remove(attrs)
	return u
}

// Append puts values behind those of a document list; a missing list is empty. A slice of the field's own type stands for
// its elements.
func (u *Update[T]) Append(attr string, vs ...any) *Update[T] {
	u = orZero(u)
	u.with("Append", attr, vs...)
	return u
}

// Prepend puts values before those of a document list.
func (u *Update[T]) Prepend(attr string, vs ...any) *Update[T] {
	u = orZero(u)
	u.with("Prepend", attr, vs...)
	return u
}

// AddToSet puts members into a set; a missing set is empty. A value of the field's own type stands for its members. Without a
// value it changes nothing, and an update of nothing else is an error; so it is with Append, Prepend and RemoveFromSet.
func (u *Update[T]) AddToSet(attr string, vs ...any) *Update[T] {
	u = orZero(u)
	u.with("AddToSet", attr, vs...)
	return u
}

// RemoveFromSet takes members out of a set. The last one takes the attribute with it, or the member of the document.
func (u *Update[T]) RemoveFromSet(attr string, vs ...any) *Update[T] {
	u = orZero(u)
	u.with("RemoveFromSet", attr, vs...)
	return u
}

// If updates only where the conditions are true; else ErrConditionFailed. Called again, all must be true. They see what is stored:
// not what MigrateItem would make of it.
func (u *Update[T]) If(conditions ...Condition) *Update[T] {
	u = orZero(u)
	u.require(conditions)
	return u
}

// MustExist makes an item that is not there ErrNotFound, instead of making one. Where an update only removes, it is so.
func (u *Update[T]) MustExist() *Update[T] {
	u = orZero(u)
	u.mustExist()
	return u
}

// Idempotent applies the update exactly once, also when answers are lost: see the WriteOption. The item is then read back
// with a GetItem of its own, and may show later writes.
func (u *Update[T]) Idempotent() *Update[T] {
	u = orZero(u)
	u.settings.idempotent = true
	return u
}

func (u *update) with(method, attr string, values ...any) {
	defer u.changing()()
	u.clauses = append(u.clauses, clause{method, attr, values})
}

func (u *update) remove(attrs []string) {
	if len(attrs) == 0 {
		defer u.changing()()
		u.idle = "Remove has no attribute"
	}
	for _, attr := range attrs {
		u.with("Remove", attr)
	}
}

func (u *update) require(conditions []Condition) {
	defer u.changing()()
	u.settings.conditions = append(u.settings.conditions, conditions...)
}

func (u *update) mustExist() {
	defer u.changing()()
	u.settings.mustExist = true
}

// changing begins a change of the update, and gives its end. In a transaction that is over the change would be lost: it is raised.
func (u *update) changing() (end func()) {
	if u.tx == nil {
		return func() {}
	}
	u.tx.lockToStage("Update", u.table.name)
	return u.tx.mu.Unlock
}

// Run sends the update, and gives the item as it is after it: loaded through the hooks, which the update itself does not see. So an
// update of what MigrateItem renames in this item is lost, or what the item had is: take Modify.
//
// Where the answer is lost, an update that adds, appends, prepends, has an If, or sets or removes an element of a list, is not
// sent again, because it would be done twice: it ends with ErrUnknownOutcome. The others are sent again, and may undo a later
// write. Idempotent leaves no doubt.
//
// Errors: ErrConditionFailed, ErrNotFound, ErrUnknownOutcome; *FieldError for an item that was updated, and cannot be decoded.
func (u *Update[T]) Run(ctx context.Context) (*T, error) {
	u = orZero(u)
	u.table = orZero(u.table)
	return typed[T](u.run(ctx))
}

func (u *update) run(ctx context.Context) (anyItem, error) {
	t := u.table
	err := t.checkWrite(ctx)
	var plan *writePlan
	if err == nil {
		plan, err = u.plan()
	}
	if err != nil {
		return nil, newCallError("Update", t.name, err)
	}
	result, err := t.mapper.write(ctx, t.name, plan)
	if err != nil {
		return nil, err
	}
	if u.settings.idempotent {
		return u.readBack(ctx)
	}
	return loader{t, "Update", t.whole}.attributes(result.attributes)
}

// readBack reads the item after a transaction, which gives none: again with backoff, because an update that was applied must
// not look like one that failed.
func (u *update) readBack(ctx context.Context) (anyItem, error) {
	t := u.table
	row := t.mapper.newTries("Update", t.name)
	for {
		row.begin()
		item, err := t.get(ctx, "Update", u.key, readSettings{consistent: true}, t.whole)
		if field := (*FieldError)(nil); err == nil || errors.As(err, &field) {
			return item, err
		}
		if row.usedUp() || errors.Is(err, ErrNotFound) || isRefusal(err) || isCut(ctx, err) {
			return nil, u.newUnreadError(row.ended(ctx, err))
		}
		if err := row.wait(ctx, err); err != nil {
			return nil, u.newUnreadError(err)
		}
	}
}

// newUnreadError is never ErrNotFound: the update itself has made the item, or found it.
func (u *update) newUnreadError(err error) error {
	if errors.Is(err, ErrNotFound) {
		err = errors.New("it was deleted since")
	}
	return &UnknownOutcomeError{Op: "Update", Table: u.table.name, Key: u.key, Err: err,
		problem: "the update was applied, and its item could not be read back; read it again"}
}

// plan checks the clauses and makes a write of them.
func (u *update) plan() (*writePlan, error) {
	s := u.table.schema
	key, err := s.encodeSetKey(u.key)
	if err != nil {
		return nil, err
	}
	changes, err := u.makeChanges()
	if err != nil {
		return nil, err
	}
	plan := planOptions{"Update", s, u.key, u.settings}.planUpdate(key, changes)
	if len(changes) == 0 {
		return &plan, nil // what does nothing renews nothing
	}
	stamps, err := u.table.stampChanges(changes, time.Now())
	plan.changes, plan.token = append(plan.changes, stamps...), s.tokenOf(stamps)
	return &plan, err
}

// makeChanges makes the changes of the clauses.
func (u *update) makeChanges() ([]change, error) {
	var changes []change
	does, idle := false, u.idle
	for _, c := range u.clauses {
		changed, err := u.table.schema.makeChange(c)
		if err == nil && changed != nil {
			if other := overlapping(changes, changed); other != nil {
				err = fmt.Errorf("another clause changes %q already, and DynamoDB does all clauses at once; leave one out, or run two updates",
					cut(other.pathText()))
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s of %q: %w", c.method, cut(c.attr), err)
		}
		switch {
		case changed != nil:
			changes = append(changes, *changed)
			does = true
		case c.method == "SetIfAbsent":
			does = true
		default:
			idle = fmt.Sprintf("%s of %q has no value", c.method, cut(c.attr))
		}
	}
	switch {
	case does:
		return changes, nil
	case idle != "":
		return nil, fmt.Errorf("%s, and no other clause changes anything; give it one, or leave the update out", idle)
	}
	return nil, errors.New("the update has no clause; give it Set, Add or one of their like")
}

// makeChange makes a change of a clause; nil where there is nothing to do.
func (s *schema) makeChange(c clause) (*change, error) {
	t, err := s.resolve(c.attr)
	if err != nil {
		return nil, err
	}
	switch {
	case t.top.hash, t.top.rng:
		return nil, errors.New("it is a key of the table, which names the item and cannot change; save the item at the new key and delete the old one")
	case t.top.version:
		return nil, errors.New("every write renews it by itself; leave the clause out, " +
			"or put the version that was seen into an If")
	}
	changed, err := c.makeChange(t)
	if changed != nil {
		changed.steps = t.steps
	}
	return changed, err
}

// makesItem says that a change puts something where no item is.
func (c *change) makesItem() bool { return c.value != nil && c.kind != removeMembers }

// tokenOf is the random version that changes write; nil where they write none.
func (s *schema) tokenOf(changes []change) *expectation {
	for _, c := range changes {
		if s.version != nil && c.attribute == s.version.attribute && c.kind == setValue && wire.TypeOf(c.value) == wire.S {
			return &expectation{attribute: c.attribute, value: c.value}
		}
	}
	return nil
}

// stampChanges renews the version and the times, as a save does in the fields. A time of the
// caller's stays.
func (t *table) stampChanges(changes []change, now time.Time) ([]change, error) {
	s := t.schema
	isSet := func(f *field) bool {
		isOf := func(c change) bool { return c.steps[0].Name == f.attribute }
		return slices.ContainsFunc(changes, isOf)
	}
	var stamps []change
	switch f := s.version; {
	case f == nil:
	case f.codec.wire == wire.S:
		stamps = append(stamps, change{attribute: f.attribute, value: newVersionToken()})
	case f.isWide():
		begin := strconv.FormatInt(t.mapper.newVersion(now), 10)
		stamps = append(stamps, change{attribute: f.attribute, kind: countUp, value: newNumber(begin)})
	default:
		stamps = append(stamps, change{attribute: f.attribute, kind: addNumber, value: oneMore()})
	}
	if f := s.created; f != nil && !isSet(f) {
		value, err := f.encodeOperand(f.storedForm(now))
		if err != nil {
			return nil, err
		}
		stamps = append(stamps, change{attribute: f.attribute, kind: setIfAbsent, value: value})
	}
	if f := s.updated; f != nil && !isSet(f) {
		value, err := f.encodeOperand(f.storedForm(now))
		if err != nil {
			return nil, err
		}
		stamps = append(stamps, change{attribute: f.attribute, value: value})
	}
	return stamps, nil
}
