package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/dynamapper/dynamapper/internal/shown"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// Update changes an item without reading it. One UpdateItem request applies all its clauses at
// once, and creates the item if it is missing. An attribute is named as in Attr: by its name, or by
// a path into a document. Run returns an error for an invalid clause, and sends nothing. An update
// renews the version, sets the updated time, and sets the created time if it is missing.
//
// The methods change the Update and return it. An Update is not safe for concurrent use.
//
// No hook sees an update. If MigrateItem renames an attribute or changes its form, an unsaved item
// still stores the old one: Add then creates the new attribute beside the old one, and the next
// load loses one of the two. Use Modify for such an attribute until every item has the new form.
type Update[T any] struct{ untyped update }

// update is the part of Update that does not depend on the model's type.
type update struct {
	table    *table
	key      PrimaryKey
	clauses  []clause
	settings writeSettings
	tx       *Tx    // the transaction that stages it, or nil
	idle     string // what is wrong with a Remove without attributes, or ""
}

// Update returns an update of the item at a key; Run sends it. If the model's hook MigrateItem
// renames an attribute, use Modify for it: see [Update].
func (t *Table[T]) Update(key PrimaryKey) *Update[T] {
	return &Update[T]{update{table: &orZero(t).untyped, key: key}}
}

// Set sets an attribute to a value. An empty value removes the attribute. Inside a list or a map,
// an empty value is stored, and only nil removes, also as a nil pointer, slice or map. In a list,
// nil removes the element, as Remove does. To store NULL, give a *types.AttributeValueMemberNULL. A
// Ref copies the value of another attribute.
func (u *Update[T]) Set(attr string, v any) *Update[T] {
	u = orZero(u)
	u.untyped.with("Set", attr, v)
	return u
}

// SetIfAbsent sets an attribute to a value if the item does not have it. An empty value changes
// nothing. If an update consists only of such clauses, Run returns the item as it is, or
// ErrNotFound.
func (u *Update[T]) SetIfAbsent(attr string, v any) *Update[T] {
	u = orZero(u)
	u.untyped.with("SetIfAbsent", attr, v)
	return u
}

// SetExpr sets an attribute to the result of an expression in DynamoDB's own language, as the SET
// of an update expression takes it:
//
//	SetExpr("balance", "if_not_exists(balance, :zero) - price", Args{":zero": 0})
//
// The expression has names and placeholders as that of Expr. It reads the item as it was before the
// update. If it reads an attribute outside if_not_exists that is missing, Run returns
// ErrConditionFailed and writes nothing. The mapper does not know the result: if the field cannot
// decode it, Run returns a *FieldError after the update.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
func (u *Update[T]) SetExpr(attr, expression string, args Args) *Update[T] {
	u = orZero(u)
	u.untyped.setExpr(attr, expression, args)
	return u
}

// Add adds delta to a number. A missing number counts as 0. A negative delta subtracts.
func (u *Update[T]) Add(attr string, delta any) *Update[T] {
	u = orZero(u)
	u.untyped.with("Add", attr, delta)
	return u
}

// Remove removes attributes, members of documents, or elements of lists.
func (u *Update[T]) Remove(attrs ...string) *Update[T] {
	u = orZero(u)
	u.untyped.remove(attrs)
	return u
}

// Append adds values at the end of a document list. A missing list counts as empty. A slice of the
// field's own type stands for its elements.
func (u *Update[T]) Append(attr string, vs ...any) *Update[T] {
	u = orZero(u)
	u.untyped.with("Append", attr, vs...)
	return u
}

// Prepend adds values at the front of a document list, and is otherwise like Append.
func (u *Update[T]) Prepend(attr string, vs ...any) *Update[T] {
	u = orZero(u)
	u.untyped.with("Prepend", attr, vs...)
	return u
}

// AddToSet adds members to a set, which may be inside a document. A missing set counts as empty. A
// value of the field's own type stands for its members.
//
// AddToSet without values changes nothing, and Run returns an error if no other clause changes
// anything. The same holds for Append, Prepend and RemoveFromSet.
func (u *Update[T]) AddToSet(attr string, vs ...any) *Update[T] {
	u = orZero(u)
	u.untyped.with("AddToSet", attr, vs...)
	return u
}

// RemoveFromSet removes members from a set. If the last member is removed, the attribute or the
// member of the document is removed, too.
func (u *Update[T]) RemoveFromSet(attr string, vs ...any) *Update[T] {
	u = orZero(u)
	u.untyped.with("RemoveFromSet", attr, vs...)
	return u
}

// If makes Run return ErrConditionFailed, and write nothing, unless all conditions are true.
// Further calls add conditions. They are checked against the stored item, and not against the
// result of MigrateItem.
func (u *Update[T]) If(conditions ...Condition) *Update[T] {
	u = orZero(u)
	u.untyped.require(conditions)
	return u
}

// MustExist makes Run return ErrNotFound if the item is missing, instead of creating it. An update
// that only removes implies MustExist.
func (u *Update[T]) MustExist() *Update[T] {
	u = orZero(u)
	u.untyped.mustExist()
	return u
}

// Idempotent makes Run apply the update exactly once, even if responses are lost: see the function
// [Idempotent]. Run then reads the item with a GetItem of its own, so the item may show later
// writes.
func (u *Update[T]) Idempotent() *Update[T] {
	u = orZero(u)
	u.untyped.settings.idempotent = true
	return u
}

func (u *update) with(method, attr string, values ...any) {
	defer u.changing()()
	u.clauses = append(u.clauses, clause{method, attr, values})
}

func (u *update) setExpr(attr, expression string, args Args) {
	u.with("SetExpr", attr, &rawExpression{expression, maps.Clone(args)})
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

// changing locks the transaction that stages the update, and returns the unlock. If the transaction
// is over, changing panics, because the clause would be lost.
func (u *update) changing() (end func()) {
	if u.tx == nil {
		return func() {}
	}
	u.tx.lockToStage("Update", u.table.name)
	return u.tx.mu.Unlock
}

// Run sends the update, and returns the item as it is after the update. It loads the item through
// the hooks, which the update itself does not see. So do not update an attribute that MigrateItem
// renames in this item: the update is lost, or the old value. Use Modify.
//
// If the response is lost, Run sends the update again, which may undo a later write. It does not
// send an update again that uses Add, Append, Prepend, SetExpr, If or Ref, or that sets or removes
// an element of a list, because that would apply it twice; it returns ErrUnknownOutcome. With
// Idempotent, such an update is sent again and applied once.
//
// Errors: ErrConditionFailed, ErrNotFound, ErrUnknownOutcome, and *FieldError. A *FieldError for a
// value in the item means that the item was updated but cannot be decoded.
func (u *Update[T]) Run(ctx context.Context) (*T, error) {
	u = orZero(u)
	u.untyped.table = orZero(u.untyped.table)
	return typed[T](u.untyped.run(ctx))
}

// RunOld is like Run, but returns the item as it was before the update, or nil if the update has
// created the item. With MustExist, it returns ErrNotFound instead.
//
// RunOld does not send the update again after a lost response, whatever its clauses are, because
// the second try would return what the first one has left. It returns ErrUnknownOutcome. An update
// with Idempotent is a transaction, which returns no item before, so RunOld returns an error and
// sends nothing.
//
// If the item before cannot be decoded, the update is applied all the same, and RunOld returns an
// *OldItemError with the attributes of that item.
//
// Errors: ErrConditionFailed, ErrNotFound, ErrUnknownOutcome, *OldItemError, and *FieldError for
// an operand.
func (u *Update[T]) RunOld(ctx context.Context) (*T, error) {
	u = orZero(u)
	u.untyped.table = orZero(u.untyped.table)
	return typed[T](u.untyped.runOld(ctx))
}

var errOldIdempotent = errors.New(
	"RunOld and Idempotent exclude each other, because a transaction does not return the item " +
		"before; leave Idempotent out, or read the item with In(tx).Get in a RunTransaction")

func (u *update) runOld(ctx context.Context) (anyItem, error) {
	t := u.table
	err := t.checkWrite(ctx)
	if err == nil && u.settings.idempotent {
		err = errOldIdempotent
	}
	var plan *writePlan
	if err == nil {
		plan, err = u.plan()
	}
	if err != nil {
		return nil, newCallError("Update", t.name, err)
	}
	plan.returnOld()
	result, err := t.mapper.write(ctx, t.name, plan)
	if err != nil {
		return nil, err
	}
	return t.loadOld(plan, result, t.whole)
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
	return loader{table: t, op: "Update", from: t.whole}.attributes(result.attributes)
}

// readBack reads the item after a transaction, which returns none. It retries with backoff, because
// a failed read would make an applied update look like a failed one.
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

// newUnreadError never matches ErrNotFound: the update has created or found the item.
func (u *update) newUnreadError(err error) error {
	if errors.Is(err, ErrNotFound) {
		err = errors.New("the item was deleted since")
	}
	return &UnknownOutcomeError{Op: "Update", Table: u.table.name, Key: u.key, Err: err,
		problem: "the update was applied, and its item could not be read back; read it again"}
}

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
	plan := planOptions{"Update", s, keySource{given: &u.key}, u.settings}.planUpdate(key, changes)
	if len(changes) == 0 {
		return &plan, nil // an update without changes does not renew the version
	}
	stamps, err := u.table.stampChanges(changes, time.Now())
	plan.changes, plan.token = append(plan.changes, stamps...), s.tokenOf(stamps)
	if err == nil {
		err = u.completeShared(&plan)
	}
	return &plan, err
}

func (u *update) makeChanges() ([]change, error) {
	var changes []change
	does, idle := false, u.idle
	for _, c := range u.clauses {
		changed, err := u.table.schema.makeChange(c)
		if err == nil && changed != nil {
			if other := overlapping(changes, changed); other != nil {
				err = fmt.Errorf(
					"another clause changes %q already, and DynamoDB applies all clauses at once; "+
						"remove one of the two clauses, or run two updates",
					shown.Name(pathText(other.steps)))
			}
		}
		if err != nil {
			return nil, fmt.Errorf("%s of %q: %w", c.method, shown.Name(c.attr), err)
		}
		switch {
		case changed != nil:
			changes = append(changes, *changed)
			does = true
		case c.method == "SetIfAbsent":
			does = true
		default:
			idle = fmt.Sprintf("%s of %q has no value", c.method, shown.Name(c.attr))
		}
	}
	switch {
	case does:
		return changes, nil
	case idle != "":
		return nil, fmt.Errorf(
			"%s, and no other clause changes anything; give the clause a value, or leave the "+
				"update out", idle)
	}
	return nil, errors.New("the update has no clause; add one, such as Set or Add")
}

// makeChange returns the change of a clause, or nil if the clause changes nothing.
func (s *schema) makeChange(c clause) (*change, error) {
	t, err := s.resolve(c.attr)
	if err != nil {
		return nil, err
	}
	switch {
	case t.top.Hash, t.top.Range:
		return nil, errors.New(
			"the attribute is a key of the table, and the key of an item cannot change; save " +
				"the item at the new key and delete the old one")
	case t.top == s.entity:
		return nil, errors.New("the attribute names the entity, and the mapper writes it; leave the " +
			"clause out")
	case t.top.computed != nil:
		return nil, errors.New("the attribute is computed by its format; change its parts")
	case slices.Contains(s.keyParts, t.top):
		return nil, errors.New(
			"the attribute is a part of the table's key, and the key of an item cannot change; save " +
				"the item at the new key and delete the old one")
	case t.top.Version:
		return nil, errors.New("every write renews the version by itself; leave the clause out, " +
			"or put the version that was seen into an If")
	}
	changed, err := c.makeChange(s, t)
	if changed != nil {
		changed.steps = t.steps
	}
	return changed, err
}

// makesItem reports whether a change creates the item if it is missing.
func (c *change) makesItem() bool {
	return (c.value != "" || c.source != nil) && c.kind != removeMembers
}

// tokenOf returns the random version that changes write, or nil.
func (s *schema) tokenOf(changes []change) *expectation {
	for _, c := range changes {
		if s.version != nil && c.attribute == s.version.attribute && c.kind == setValue &&
			c.value.Type() == wire.S {
			return &expectation{attribute: c.attribute, value: c.value}
		}
	}
	return nil
}

// stampChanges renews the version and the times, as a save does in the fields. It keeps a time that
// the caller sets.
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
		stamps = append(stamps, change{attribute: f.attribute, value: wire.NewText(newVersionToken())})
	case f.isWide():
		begin := strconv.FormatInt(t.mapper.newVersion(now), 10)
		stamps = append(stamps,
			change{attribute: f.attribute, kind: countUp, value: wire.NewNumber(begin)})
	default:
		stamps = append(stamps, change{attribute: f.attribute, kind: addNumber, value: oneMore})
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
