package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// The service's limits for a transaction:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
const (
	maxTransactItems = 100
	maxTransactBytes = 4 << 20
)

// verdict says how to continue after a commit.
type verdict int

const (
	isOver       verdict = iota // the commit was applied, or has failed for good
	isOutdated                  // an item has changed since it was read: run the function again
	isIDTaken                   // another writer has used a new id: try the next one
	isUnwritable                // nothing was sent, because a staged operation is invalid
)

// commit sends what was read and staged. If another writer has used a new id, commit tries the
// next. again reports that an item has changed since it was read.
func (tx *Tx) commit(ctx context.Context) (again bool, err error) {
	if len(tx.staged) == 0 {
		return tx.commitReads(ctx)
	}
	row := tx.newTries()
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

// newTries returns a row of tries with the transaction's retries.
func (tx *Tx) newTries() *tries {
	row := tx.mapper.newTries(opTransaction, "")
	row.most = tx.run.attempts
	return row
}

// commitReads checks the items read by a transaction that writes nothing. A single item needs no
// check, because a single read is consistent.
func (tx *Tx) commitReads(ctx context.Context) (again bool, err error) {
	if tx.reads() < 2 {
		return false, nil
	}
	return tx.checkReads(ctx)
}

// checkReads checks, with one request and so at one moment, that the items are as they were read.
func (tx *Tx) checkReads(ctx context.Context) (again bool, err error) {
	var read []*txEntry
	for _, e := range tx.entries {
		if e.read {
			read = append(read, &txEntry{table: e.table, schema: e.schema, key: e.key,
				source: e.source, read: true, item: e.item, raw: e.raw})
		}
	}
	if err := checkCount(len(read)); err != nil {
		return false, err
	}
	if _, ok := tx.mapper.transactGets(); ok {
		return tx.readAgain(ctx, read)
	}
	return tx.checkByConditions(ctx, read)
}

// readAgain reads the items at one moment and compares them with what was read.
func (tx *Tx) readAgain(ctx context.Context, read []*txEntry) (again bool, err error) {
	request := &transactGetRequest{mapper: tx.mapper, op: opTransaction,
		table: commonTable(read), most: tx.run.attempts}
	for _, e := range read {
		request.gets = append(request.gets,
			transactGet{table: e.table, schema: e.schema, key: e.key})
	}
	stored, err := request.send(ctx)
	if err != nil {
		return false, err
	}
	for i, e := range read {
		changed, err := e.compareWith(&stored[i])
		if err != nil {
			return false, newCallError(opTransaction, e.table, err)
		}
		if changed != nil {
			return true, changed
		}
	}
	return false, nil
}

// checkByConditions is readAgain for a client without TransactGetItems.
func (tx *Tx) checkByConditions(ctx context.Context, read []*txEntry) (again bool, err error) {
	for _, e := range read {
		if err := e.prepare(); err != nil {
			return false, err
		}
	}
	if err := checkSize(read); err != nil {
		return false, err
	}
	verdict, err := tx.send(ctx, read)
	return verdict == isOutdated, err
}

// compareWith returns the conflict if the stored item is not as it was read, or nil. It compares
// values, because the service may send the attributes in another order.
func (e *txEntry) compareWith(stored *storedItem) (conflict, err error) {
	raw, err := stored.text()
	if err != nil {
		return nil, err
	}
	current, err := parseRawItem(raw)
	if err != nil {
		return nil, err
	}
	differing := e.raw.differing(current)
	switch {
	case len(differing) == 0:
		return nil, nil
	case raw == "":
		return newGoneError("Get", e.table, e.primaryKey()), nil
	}
	attributes, err := wire.ParseItem(raw)
	return &ConflictError{Op: "Get", Table: e.table, Key: e.primaryKey(),
		Attributes: differing, Current: attributes}, err
}

// commitOnce plans all operations and sends them. If they are not applied, or if a hook panics, it
// restores the items.
func (tx *Tx) commitOnce(ctx context.Context) (v verdict, err error) {
	applied := false
	defer func() {
		for _, e := range tx.entries {
			e.finish(applied)
		}
	}()
	// prepare calls the hooks, and staging in a hook is too late.
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

func (tx *Tx) prepare() error {
	for _, e := range tx.entries {
		if err := e.prepare(); err != nil {
			return err
		}
	}
	return checkSize(tx.entries)
}

// number takes the new ids. It runs last, so that an invalid operation uses up no id.
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

// checkCount refuses more items than a transaction may have.
func checkCount(n int) error {
	if n <= maxTransactItems {
		return nil
	}
	return newCallError(opTransaction, "", fmt.Errorf("the transaction has %d items, and DynamoDB "+
		"takes %d; use several transactions", n, maxTransactItems))
}

func checkSize(entries []*txEntry) error {
	if err := checkCount(len(entries)); err != nil {
		return err
	}
	if sumOf(entries, (*writePlan).textSize) > maxTransactBytes &&
		sumOf(entries, (*writePlan).size) > maxTransactBytes {
		return newCallError(opTransaction, "",
			errors.New(
				"the items of the transaction have more than 4 MB, the limit of DynamoDB; use "+
					"several transactions"))
	}
	return nil
}

func sumOf(entries []*txEntry, size func(*writePlan) int) (sum int) {
	for _, e := range entries {
		sum += size(e.operation.plan)
	}
	return sum
}

// send sends the operations of the entries and judges the response.
func (tx *Tx) send(ctx context.Context, entries []*txEntry) (verdict, error) {
	operations := make([]operation, len(entries))
	writes := false
	for i, e := range entries {
		operations[i] = e.operation
		writes = writes || !e.operation.checks()
	}
	c := tx.mapper.newCommitment(opTransaction, commonTable(entries))
	if c.attempts = tx.run.attempts; writes {
		tx.run.giveToken(c)
	}
	refused, err := c.commit(ctx, operations)
	if writes {
		isWritten := err == nil && (refused == nil || isApplied(entries, refused))
		tx.run.mayArrive = !isWritten && (tx.run.mayArrive || c.mayArrive)
	}
	doubt := (*UnknownOutcomeError)(nil)
	switch {
	case errors.As(err, &doubt) && !writes:
		return isOver, doubt.Err // checks write nothing, so there is no doubt
	case doubt != nil && len(entries) == 1:
		doubt.Key = entries[0].operation.plan.primaryKey()
	}
	if err != nil || refused == nil || isApplied(entries, refused) {
		return isOver, err
	}
	return tx.judge(entries, refused)
}

// isApplied reports whether a refusal contains an item with the version token that this transaction
// writes. If so, an earlier try has applied the whole transaction.
func isApplied(entries []*txEntry, refused *types.TransactionCanceledException) bool {
	for i, e := range entries {
		if e.operation.plan.isOurs(reasonAt(refused, i).Item) {
			return true
		}
	}
	return false
}

// commonTable returns the table of all entries, or "" if they have several.
func commonTable(entries []*txEntry) string {
	for _, e := range entries {
		if e.table != entries[0].table {
			return ""
		}
	}
	return entries[0].table
}

// judge returns the verdict on a refusal. A changed item comes before every other reason, because
// the function has made its decisions from the item as it was read.
func (tx *Tx) judge(
	entries []*txEntry, refused *types.TransactionCanceledException,
) (verdict, error) {
	var stale, taken, unstaged error
	reasons, ends := make([]error, len(tx.staged)), false
	for i, e := range entries {
		reason := e.withHint(tx.mapper.newReasonError(e.table, e.operation.plan, refused, i))
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

// reasonAt returns the reason of one operation. A client may leave reasons out.
func reasonAt(refused *types.TransactionCanceledException, i int) types.CancellationReason {
	if i >= len(refused.CancellationReasons) {
		return types.CancellationReason{}
	}
	return refused.CancellationReasons[i]
}

// txEntry is one item of a transaction: what was read, the checks, and the one write. Together they
// become one operation.
type txEntry struct {
	table  string
	schema *schema
	key    itemKey // zero for a new item that has no id yet
	source keySource

	read bool    // by Get
	item anyItem // the *T that Get returned; nil if the item was missing or has expired
	raw  rawItem // the item as it was stored; nil if it was missing

	migrated map[string]wire.Raw // after MigrateItem, without what cannot be encoded

	staged int // the position among the staged operations, from 1; 0 if only read
	checks []Condition
	exists bool    // a Check without conditions: the item must exist
	write  txWrite // nil if the item is not written
	owner  any     // the *T that is written

	// Of the current commit:
	operation operation
}

// txWrite is the write of an item in a transaction.
type txWrite interface {
	// plan plans the write with the current values of the item's fields.
	plan() (*writePlan, error)
	// finish ends a commit. If the write was not applied, finish restores the item as it was before
	// plan.
	finish(applied bool)
	// after returns the item that the write leaves, or nil if it deletes the item. known is false
	// if only the service knows the result.
	after() (item anyItem, known bool)
}

// txRepeated is the write of a whole item. If the item is staged again, both are one write.
type txRepeated interface {
	txWrite
	options() writeSettings
	// repeat adds the options of another staging.
	repeat(writeSettings)
}

// txNumbered is a write that needs a new id. Its plan uses an id that any field can hold, to find
// errors before an id is taken.
type txNumbered interface {
	txWrite
	// planAtNext takes the next id, and plans the write with it. taken is how many ids of this
	// commit other items had.
	planAtNext(ctx context.Context, taken int) (*writePlan, error)
}

// setRead records the result of Get. If the item is missing, item is nil, and missing is the error,
// which has the item if that is hidden because it has expired.
func (e *txEntry) setRead(t *table, item anyItem, missing error) (err error) {
	e.read = true
	if item == nil {
		e.raw, err = expiredIn(missing)
		return err
	}
	e.item = item
	e.noteMigrated()
	e.raw, err = parseRawItem(t.modelOf(item).raw)
	return err
}

var errMovedKey = errors.New(
	"the item's key was changed after the item was staged; set the key before, or leave the id 0")

// prepare plans the operation, so that an invalid one returns an error before anything is sent.
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
	if e.key != (itemKey{}) && e.schema.identityOf(plan.key) != e.schema.identityOf(e.key) {
		return newCallError(plan.op, e.table, errMovedKey)
	}
	return e.use(plan)
}

// checkPlan returns the plan of an operation that only checks.
func (e *txEntry) checkPlan() *writePlan {
	op := "Check"
	if e.staged == 0 {
		op = "Get"
	}
	plan := planOptions{op: op, schema: e.schema, source: e.source}.planCheck(e.key)
	return &plan
}

// use makes the operation from a plan, and adds the conditions of Get and Check.
func (e *txEntry) use(p *writePlan) error {
	p.idempotent, p.staged = true, true
	p.conditions = append(p.conditions[:len(p.conditions):len(p.conditions)], e.checks...)
	if e.exists {
		p.mustExist = true
		p.expectExists()
	}
	if e.read && p.guard == inserts && e.raw != nil && !p.mustExist {
		p.guard, p.expected = unguarded, nil // the new item replaces the expired one
	}
	// A guarded write compares with the stored item anyway. But if Get has found none, the item
	// that it compares with was loaded elsewhere.
	if e.read && (p.guard == unguarded || p.guard == compares && e.item == nil) {
		e.expectAsRead(p)
	}
	form, err := p.form()
	if err != nil {
		return newCallError(p.op, e.table, err)
	}
	e.operation = operation{e.table, p, form}
	return nil
}

// expectAsRead makes the write fail unless the item is still as Get found it.
func (e *txEntry) expectAsRead(p *writePlan) {
	p.guard, p.raw = compares, e.raw
	p.expected = append(p.expected, e.asRead()...)
}

func (e *txEntry) asRead() []expectation {
	if e.raw != nil {
		return e.schema.expectLoaded(e.raw, &outcome{})
	}
	return e.schema.expectMissing()
}

// isStale reports whether the reason of a refusal shows that the item has changed since Get. If
// another transaction is writing the item, its state is not known, and it must be read again.
func (e *txEntry) isStale(reason types.CancellationReason) bool {
	if !e.read {
		return false
	}
	if aws.ToString(reason.Code) != "ConditionalCheckFailed" {
		return passes(reason)
	}
	for _, expected := range e.operation.plan.expected {
		if expected.matchesRaw(e.raw) && !expected.matches(reason.Item) {
			return true
		}
	}
	return false
}

// withHint makes the error of a refusal suggest a fix that works inside a transaction.
func (e *txEntry) withHint(reason error) error {
	switch reason := reason.(type) {
	case *OverwriteError:
		reason.staged = true
	case *ConflictError:
		reason.outside = !e.read
	}
	return reason
}

// primaryKey returns the key of the entry, as the caller knows it.
func (e *txEntry) primaryKey() PrimaryKey { return e.source.key(e.schema, e.key) }

func (e *txEntry) finish(applied bool) {
	if e.write != nil {
		e.write.finish(applied)
	}
}

// textSize returns how many bytes of JSON of its item a write sends, which are at least as many as
// those of the item.
func (p *writePlan) textSize() int {
	size := len(p.item)
	for _, c := range p.changes {
		size += len(c.attribute) + len(c.value)
	}
	return size
}

// size returns how many bytes of its item a write sends.
func (p *writePlan) size() int {
	size := 0
	if p.item != "" {
		size = wire.RawSize(`{"M":` + wire.Raw(p.item) + `}`)
	}
	for _, c := range p.changes {
		if c.value != "" {
			size += len(c.attribute) + wire.RawSize(c.value)
		}
	}
	return size
}

var errUnstaged = errors.New(
	"the item was edited after the transaction had read it, and no write of the item is staged, " +
		"so the edit would be lost; nothing was sent: stage the item with In(tx).Save, or edit " +
		"a copy")

// checkUnstaged refuses an item that was read and edited, and of which no write is staged: the edit
// would be lost in silence.
func (tx *Tx) checkUnstaged() error {
	for _, e := range tx.entries {
		if err := tx.checkSeen(e); err != nil {
			return err
		}
		if !e.mayBeForgotten() || tx.writeOf(e.item) != nil {
			continue
		}
		if f := e.editedField(); f != nil {
			return &FieldError{Op: opTransaction, Table: e.table, Type: e.schema.goType,
				Key: e.primaryKey(), Field: expression.JoinPath(e.schema.goType.Name(), f.goPath),
				Attribute: expression.QuoteElement(f.attribute), Err: errUnstaged}
		}
	}
	return nil
}

// checkSeen refuses an item that was read and whose version was set to another one, if an Update or
// a DeleteKey writes its key. Those do not look at the item, so nothing would compare the version.
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

// newItem returns a new item of the model that Get returned.
func (e *txEntry) newItem() any { return reflect.New(e.schema.goType).Interface() }

// mayBeForgotten reports whether an edit of the item would be lost and can be detected. If a hook
// replaces the codec, the fields cannot be compared with the stored attributes. If the item has
// been made new, saved or deleted outside the transaction since, it does not belong to the
// transaction any more.
func (e *txEntry) mayBeForgotten() bool {
	if e.item == nil || e.write != nil || e.schema.hooks.inPlaceOfCodec() {
		return false
	}
	model := e.schema.modelOf(e.item)
	return model.origin != nil && model.origin.tx != nil && !model.origin.deleted
}

// model returns the struct that Get returned.
func (e *txEntry) model() reflect.Value { return reflect.ValueOf(e.item).Elem() }

// editedField returns the first field whose value has certainly changed since Get, or nil.
func (e *txEntry) editedField() *field {
	for _, f := range e.schema.fieldsIn(e.model(), e.members()) {
		value, err := f.rawIn(e.model())
		if err == nil && e.raw.equal(f.attribute, value) && !e.schema.hooks.migrate {
			continue // the same value is stored
		}
		asRead, known := e.asReadBy(f)
		switch {
		case !known, err == nil && value.Equal(asRead):
			continue // the read value has no encoding either, or only the spelling differs
		case e.raw.equal(f.attribute, asRead) ||
			!hasMethodsOfItsOwn(f.goType, map[reflect.Type]bool{}):
			return f
		}
		// Otherwise a difference may not be an edit: a user's type may encode the same value
		// differently each time, as encryption does, or fill in a missing value from a clock or at
		// random.
	}
	return nil
}

// asReadBy returns a field's value as it would have been encoded right after Get. known is false if
// it could not be.
func (e *txEntry) asReadBy(f *field) (value wire.Raw, known bool) {
	if e.schema.hooks.migrate {
		value, known = e.migrated[f.attribute]
		return value, known || f.isInRest() // a member that Get did not return was missing
	}
	value, err := (&comparison{schema: e.schema, raw: e.raw, base: e.raw}).canonicalByField(
		f.attribute)
	return value, err == nil
}

// members returns attributes with the names of all that the item had when Get returned it.
func (e *txEntry) members() rawItem {
	members := slices.Clip(e.raw)
	for name, value := range e.migrated {
		members = append(members, wire.Attribute{Name: name, Value: value})
	}
	return members
}

// noteMigrated encodes an item that MigrateItem has just changed, because a second call of the hook
// might fill in something else.
func (e *txEntry) noteMigrated() {
	if !e.schema.hooks.migrate || e.schema.hooks.inPlaceOfCodec() {
		return
	}
	e.migrated = make(map[string]wire.Raw, len(e.schema.fields))
	for _, f := range e.schema.fieldsIn(e.model(), e.raw) {
		if value, err := f.rawIn(e.model()); err == nil {
			e.migrated[f.attribute] = value
		}
	}
}

var ownMethods = []reflect.Type{
	textMarshalerType, textUnmarshalerType, jsonMarshalerType, jsonUnmarshalerType, marshalerType,
	unmarshalerType,
}

// hasMethodsOfItsOwn reports whether a user's methods encode or decode the type, or a part of it.
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

// isOfTheLibrary reports whether this package or the standard library encodes and decodes the type,
// and so always gives the same result.
func isOfTheLibrary(t reflect.Type) bool {
	switch t {
	case timeType, urlType, bigIntType, bigFloatType, jsonNumberType, attributeNumberType,
		modelType:
		return true
	}
	return isAttributeValue(t)
}
