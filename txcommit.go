package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// Limits of a transaction.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const (
	maxTransactItems = 100
	maxTransactBytes = 4 << 20
)

// verdict is what follows from a commit.
type verdict int

const (
	isOver       verdict = iota // it was applied, or there is no way
	isOutdated                  // an item is not as it was read: the function runs again
	isIDTaken                   // an id was taken by hand: another does
	isUnwritable                // nothing was sent: what is staged cannot be written
)

// commit sends what was read and staged, again where an id was taken by hand. again says that an item was not as it was read.
func (tx *Tx) commit(ctx context.Context) (again bool, err error) {
	if len(tx.staged) == 0 {
		return tx.commitReads(ctx)
	}
	row := tx.mapper.newTries(opTransaction, "")
	for {
		row.begin()
		verdict, err := tx.commitOnce(ctx)
		switch {
		case verdict == isUnwritable:
			return tx.endWith(ctx, err)
		case verdict != isIDTaken:
			return verdict == isOutdated, row.ended(ctx, err)
		}
		row.last = &takenIDError{err}
		if row.usedUp() {
			return false, row.exceeded(row.last)
		}
		tx.takenIDs = row.n()
	}
}

// commitReads checks what was read, where nothing is written. One item by itself was as it was read.
func (tx *Tx) commitReads(ctx context.Context) (again bool, err error) {
	if tx.reads() < 2 {
		return false, nil
	}
	return tx.checkReads(ctx)
}

// checkReads holds what was read against the table, all at one moment.
func (tx *Tx) checkReads(ctx context.Context) (again bool, err error) {
	var read []*txEntry
	for _, e := range tx.entries {
		if !e.read {
			continue
		}
		check := &txEntry{table: e.table, schema: e.schema, key: e.key, publicKey: e.publicKey, read: true, item: e.item, raw: e.raw}
		if err := check.prepare(); err != nil {
			return false, err
		}
		read = append(read, check)
	}
	if err := checkSize(read); err != nil {
		return false, err
	}
	verdict, err := tx.send(ctx, read)
	return verdict == isOutdated, err
}

// commitOnce plans all operations and sends them. If they are not applied the items become what they were, also where a hook
// panics.
func (tx *Tx) commitOnce(ctx context.Context) (v verdict, err error) {
	applied := false
	defer func() {
		for _, e := range tx.entries {
			e.finish(applied)
		}
	}()
	// The hooks run here, before anything is sent: what they stage comes too late.
	if err := catchStray(tx.prepare); err != nil {
		return isUnwritable, err
	}
	if err := catchStray(func() error { return tx.number(ctx) }); err != nil {
		return isOver, err
	}
	v, err = tx.send(ctx, tx.entries)
	applied = err == nil
	return v, err
}

// prepare plans all operations.
func (tx *Tx) prepare() error {
	for _, e := range tx.entries {
		if err := e.prepare(); err != nil {
			return err
		}
	}
	return checkSize(tx.entries)
}

// number takes the ids: last, when nothing else can be wrong.
func (tx *Tx) number(ctx context.Context) error {
	for _, e := range tx.entries {
		if write, needsID := e.write.(txNumbered); needsID {
			if err := tx.numberEntry(ctx, e, write); err != nil {
				return err
			}
		}
	}
	return nil
}

// numberEntry gives a new item the next id that no other item of this transaction has.
func (tx *Tx) numberEntry(ctx context.Context, e *txEntry, write txNumbered) error {
	for {
		plan, err := write.planAtNext(ctx, tx.takenIDs)
		if err != nil {
			return err
		}
		if tx.byID[itemIDOf(e.table, e.schema, plan.key)] == nil {
			return e.use(plan)
		}
	}
}

func checkSize(entries []*txEntry) error {
	if len(entries) > maxTransactItems {
		return newCallError(opTransaction, "", fmt.Errorf("the transaction has %d items, and DynamoDB takes %d; do less in one", len(entries), maxTransactItems))
	}
	size := 0
	for _, e := range entries {
		size += e.plan.size()
	}
	if size > maxTransactBytes {
		return newCallError(opTransaction, "", errors.New("the items of the transaction have more than 4 MB, and DynamoDB takes no more; do less in one"))
	}
	return nil
}

// send sends the operations of the entries, and says what the answer means.
func (tx *Tx) send(ctx context.Context, entries []*txEntry) (verdict, error) {
	operations := make([]operation, len(entries))
	writes := false
	for i, e := range entries {
		operations[i] = operation{e.table, e.plan, e.operation}
		writes = writes || e.operation.ConditionCheck == nil
	}
	refused, err := tx.mapper.commit(ctx, opTransaction, commonTable(entries), operations)
	doubt := (*UnknownOutcomeError)(nil)
	switch {
	case errors.As(err, &doubt) && !writes:
		return isOver, doubt.Err // there was nothing to apply
	case doubt != nil && len(entries) == 1:
		doubt.Key = entries[0].plan.publicKey
	}
	if err != nil || refused == nil || isApplied(entries, refused) {
		return isOver, err
	}
	return tx.judge(entries, refused)
}

// isApplied reports whether a refusal carries an item with the token of this transaction's own write: then all of it was applied.
func isApplied(entries []*txEntry, refused *types.TransactionCanceledException) bool {
	for i, e := range entries {
		if e.plan.isOurs(reasonAt(refused, i).Item) {
			return true
		}
	}
	return false
}

// commonTable is the table of all entries, "" where they are of several.
func commonTable(entries []*txEntry) string {
	for _, e := range entries {
		if e.table != entries[0].table {
			return ""
		}
	}
	return entries[0].table
}

// judge says what a refusal means. An item that is not as it was read comes before all else: the function has decided by it.
func (tx *Tx) judge(entries []*txEntry, refused *types.TransactionCanceledException) (verdict, error) {
	var stale, taken, unstaged error
	reasons, ends := make([]error, len(tx.staged)), false
	for i, e := range entries {
		reason := e.withHint(tx.mapper.newReasonError(e.table, e.plan, refused, i))
		_, needsID := e.write.(txNumbered)
		switch {
		case reason == nil:
		case e.isStale(reasonAt(refused, i)):
			stale = reason
		case needsID && errors.Is(reason, ErrOverwrite):
			taken = reason
		case e.staged == 0:
			unstaged = reason
		default:
			reasons[e.staged-1] = reason
			ends = ends || !passes(reasonAt(refused, i))
		}
	}
	switch {
	case stale != nil:
		return isOutdated, stale
	case taken != nil && !ends:
		return isIDTaken, taken
	case unstaged != nil && !ends:
		return isOver, unstaged
	}
	return isOver, &TransactionError{Op: opTransaction, Reasons: reasons}
}

// reasonAt is the reason of one operation; a client may have left them out.
func reasonAt(refused *types.TransactionCanceledException, i int) types.CancellationReason {
	if i >= len(refused.CancellationReasons) {
		return types.CancellationReason{}
	}
	return refused.CancellationReasons[i]
}

// txEntry is one item of a transaction: what was read of it, what is checked, and the one write. All of that becomes one
// operation.
type txEntry struct {
	table     string
	schema    *schema
	key       map[string]types.AttributeValue // nil: a new item that has no id yet
	publicKey PrimaryKey

	read bool    // by Get
	item anyItem // what Get gave: a *T; nil: there was none
	raw  rawItem // the same as it was stored

	migrated map[string]types.AttributeValue // as it was encoded after MigrateItem, without what could not be

	staged int // the position among what was staged, from 1; 0: only read
	checks []Condition
	exists bool    // Check without conditions
	write  txWrite // nil: there is none
	owner  any     // the item that is written: a *T

	// Of this commit:
	plan      *writePlan
	operation types.TransactWriteItem
}

// txWrite is the write of an item in a transaction.
type txWrite interface {
	// plan plans it, with what the item's fields hold now.
	plan() (*writePlan, error)
	// finish says whether it was applied: if not, the item becomes what it was before plan.
	finish(applied bool)
}

// txNumbered is a write that needs an id. Its plan is for an id that any field holds, to see what is wrong with it.
type txNumbered interface {
	txWrite
	// planAtNext takes the next id, after so many that were taken, and plans the write with that.
	planAtNext(ctx context.Context, taken int) (*writePlan, error)
}

// setRead notes what Get has found; a nil item is none.
func (e *txEntry) setRead(t *table, item anyItem) (err error) {
	e.read = true
	if item == nil {
		return nil
	}
	e.item = item
	e.noteMigrated()
	e.raw, err = parseRawItem(t.modelOf(item).raw)
	return err
}

var errMovedKey = errors.New("the item's key was changed after it was staged; set it before, or leave the id 0")

// prepare plans the operation. What is wrong with it comes out here, before anything is sent.
func (e *txEntry) prepare() error {
	if e.write == nil {
		return e.use(e.checkPlan())
	}
	plan, err := e.write.plan()
	if err != nil {
		if conflict, ok := err.(*ConflictError); ok {
			conflict.operation = e.staged
		}
		return err
	}
	if e.key != nil && e.schema.identityOf(plan.key) != e.schema.identityOf(e.key) {
		return newCallError(plan.op, e.table, errMovedKey)
	}
	return e.use(plan)
}

// checkPlan is the plan of an operation that only checks: an update that changes nothing.
func (e *txEntry) checkPlan() *writePlan {
	op := "Check"
	if e.staged == 0 {
		op = "Get"
	}
	plan := planOptions{op: op, schema: e.schema, publicKey: e.publicKey}.planCheck(e.key)
	return &plan
}

// use makes an operation of a plan, and of what Get and Check demand beside.
func (e *txEntry) use(p *writePlan) error {
	p.idempotent, p.staged = true, true
	p.conditions = append(p.conditions[:len(p.conditions):len(p.conditions)], e.checks...)
	if e.exists {
		p.mustExist = true
		p.expectExists()
	}
	// A guarded write looks at the same: not where what it compares with was loaded elsewhere, and Get has found nothing.
	if e.read && (p.guard == unguarded || p.guard == compares && e.item == nil) {
		e.expectAsRead(p)
	}
	form, err := p.form()
	if err != nil {
		return newCallError(p.op, e.table, err)
	}
	e.plan, e.operation = p, p.transactItem(e.table, &form)
	return nil
}

// expectAsRead demands that the item is as Get has found it.
func (e *txEntry) expectAsRead(p *writePlan) {
	p.guard, p.raw = compares, e.raw
	p.expected = append(p.expected, e.asRead()...)
}

func (e *txEntry) asRead() []expectation {
	if e.item != nil {
		return e.schema.expectLoaded(e.raw, &outcome{})
	}
	return e.schema.expectMissing()
}

// isStale says that the item is not as Get has found it, by the reason of a refusal. Of an item that another transaction is
// about to write nothing is known, and it is read again.
func (e *txEntry) isStale(reason types.CancellationReason) bool {
	if !e.read {
		return false
	}
	if aws.ToString(reason.Code) != "ConditionalCheckFailed" {
		return passes(reason)
	}
	for _, expected := range e.plan.expected {
		if expected.matchesRaw(e.raw) && !expected.matches(reason.Item) {
			return true
		}
	}
	return false
}

// withHint makes a refusal propose what can be done in a transaction.
func (e *txEntry) withHint(reason error) error {
	switch reason := reason.(type) {
	case *OverwriteError:
		reason.staged = true
	case *ConflictError:
		reason.outside = !e.read
	}
	return reason
}

// finish ends a commit.
func (e *txEntry) finish(applied bool) {
	if e.write != nil {
		e.write.finish(applied)
	}
}

// size is how many bytes a write sends of its item.
func (p *writePlan) size() int {
	size := wire.ItemSize(p.item)
	for _, c := range p.changes {
		if c.value != nil {
			size += wire.ItemSize(map[string]types.AttributeValue{c.attribute: c.value})
		}
	}
	return size
}

var errUnstaged = errors.New("the item was edited after the transaction had read it, and no write of it is staged, so that the edit would be lost; " +
	"nothing was sent: stage it with In(tx).Save, or edit a copy")

// checkUnstaged refuses an item that was read and edited, and of which no write is staged: the edit would be dropped without a word.
func (tx *Tx) checkUnstaged() error {
	for _, e := range tx.entries {
		if err := tx.checkSeen(e); err != nil {
			return err
		}
		if !e.mayBeForgotten() || tx.writeOf(e.item) != nil {
			continue
		}
		if f := e.editedField(); f != nil {
			return &FieldError{Op: opTransaction, Table: e.table, Type: e.schema.goType, Key: e.publicKey, Field: joinPath(e.schema.goType.Name(), f.goPath),
				Attribute: quoteElement(f.attribute), Err: errUnstaged}
		}
	}
	return nil
}

// checkSeen refuses an item that was read, whose version was set to another one, and whose key is
// written by an Update or a DeleteKey: those do not look at the item, so that nothing would compare
// the version.
func (tx *Tx) checkSeen(e *txEntry) error {
	if e.item == nil || e.write == nil || e.owner != nil || e.schema.version == nil {
		return nil
	}
	t := &table{mapper: tx.mapper, name: e.table, schema: e.schema, newItem: e.newItem}
	if !t.isLoaded(t.modelOf(e.item)) {
		return nil
	}
	if _, err := t.checkVersion(e.item); err != nil {
		return t.newEncodeError(opTransaction, e.item, err)
	}
	return nil
}

// newItem gives a new item of the model that Get gave.
func (e *txEntry) newItem() any { return reflect.New(e.schema.goType).Interface() }

// mayBeForgotten says that an edit of the item would be lost, and can be told. With a hook in place of the codec nobody knows
// which field belongs to what is stored. What was made new, saved or deleted outside since has gone its own way.
func (e *txEntry) mayBeForgotten() bool {
	if e.item == nil || e.write != nil || e.schema.hooks.inPlaceOfCodec() {
		return false
	}
	model := e.schema.modelOf(e.item)
	return model.origin != nil && model.origin.tx != nil && !model.origin.deleted
}

// model is the struct that Get gave.
func (e *txEntry) model() reflect.Value { return reflect.ValueOf(e.item).Elem() }

// editedField is the first field whose value is surely another than was read; nil: there is none.
func (e *txEntry) editedField() *field {
	for _, f := range e.schema.fields {
		value, err := (&encoder{}).encodeField(f, e.model())
		if err == nil && e.raw.equal(f.attribute, value) {
			continue // it is in the table as it is
		}
		asRead, known := e.asReadBy(f)
		switch {
		case !known, err == nil && wire.Equal(value, asRead):
			continue // what was read could not be written either, or it is the same in another spelling
		case e.raw.equal(f.attribute, asRead) || !hasMethodsOfItsOwn(f.goType, map[reflect.Type]bool{}):
			return f
		}
		// A type of the user's does not write what it has read: it may write the same value in many ways, as one that encrypts
		// does, or fill in what was missing by a clock or by chance. Then a difference is no edit for sure.
	}
	return nil
}

// asReadBy is what a field would have been written as when the item had just been read; not known where it could not be.
func (e *txEntry) asReadBy(f *field) (value types.AttributeValue, known bool) {
	if e.schema.hooks.migrate {
		value, known = e.migrated[f.attribute]
		return value, known
	}
	value, err := (&comparison{schema: e.schema, raw: e.raw, base: e.raw}).canonicalByField(f.attribute)
	return value, err == nil
}

// noteMigrated encodes an item that was just read through MigrateItem: the hook, called again, might fill in something else.
func (e *txEntry) noteMigrated() {
	if !e.schema.hooks.migrate || e.schema.hooks.inPlaceOfCodec() {
		return
	}
	e.migrated = make(map[string]types.AttributeValue, len(e.schema.fields))
	for _, f := range e.schema.fields {
		value, err := (&encoder{}).encodeField(f, e.model())
		if err == nil && value != nil {
			value, err = detached(value)
		}
		if err == nil {
			e.migrated[f.attribute] = value
		}
	}
}

// detached copies a value, which may share memory with the item that it was made of.
func detached(value types.AttributeValue) (types.AttributeValue, error) {
	text, err := wire.AppendValue(nil, value)
	if err != nil {
		return nil, err
	}
	return wire.NewReader(string(text)).AttributeValue(), nil
}

var ownMethods = []reflect.Type{
	textMarshalerType, textUnmarshalerType, jsonMarshalerType, jsonUnmarshalerType, marshalerType, unmarshalerType,
}

// hasMethodsOfItsOwn says that methods of the user's read or write some of a type.
func hasMethodsOfItsOwn(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] || isOfTheLibrary(t) {
		return false
	}
	seen[t] = true
	for _, method := range ownMethods {
		if implements(t, method) {
			return true
		}
	}
	switch t.Kind() {
	case reflect.Map:
		return hasMethodsOfItsOwn(t.Key(), seen) || hasMethodsOfItsOwn(t.Elem(), seen)
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return hasMethodsOfItsOwn(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if hasMethodsOfItsOwn(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}

// isOfTheLibrary says that we, or the standard library, read and write a type: the same each time.
func isOfTheLibrary(t reflect.Type) bool {
	switch t {
	case timeType, urlType, bigIntType, bigFloatType, jsonNumberType, attributeNumberType, modelType:
		return true
	}
	return isAttributeValue(t)
}
