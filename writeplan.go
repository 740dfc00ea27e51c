package dynamapper

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/wire"
)

const oneMore wire.Raw = `{"N":"1"}`

// writeRequest is the kind of request that a write sends.
type writeRequest int

const (
	putItem writeRequest = iota
	updateItem
	deleteItem
)

func (r writeRequest) String() string {
	return [...]string{putItem: "PutItem", updateItem: "UpdateItem", deleteItem: "DeleteItem"}[r]
}

// expectation is a requirement on an attribute of the stored item. The write happens only if the
// attribute has the value.
type expectation struct {
	attribute string
	value     wire.Raw // if "" and not exists, the attribute must be missing
	exists    bool     // the attribute must exist with any value
	// Or the attribute of this name must be missing; "" for no alternative.
	orMissing string
}

// matches reports whether an item meets the expectation. current is nil if there is no item.
func (e expectation) matches(current map[string]types.AttributeValue) bool {
	if e.exists {
		return current[e.attribute] != nil
	}
	if e.orMissing != "" && current[e.orMissing] == nil {
		return true
	}
	stored := current[e.attribute]
	if e.value == "" {
		return stored == nil
	}
	return wire.EqualText(string(e.value), stored)
}

// matchesRaw reports whether an item met the expectation when it was read. raw is nil if there was
// no item.
func (e expectation) matchesRaw(raw rawItem) bool {
	if e.exists {
		return raw.has(e.attribute)
	}
	return raw.equal(e.attribute, e.value)
}

// change is the change that an update makes to an attribute, or to the place that a path leads to.
type change struct {
	attribute string // "" if steps name the place
	steps     []expression.Step
	kind      changeKind
	value     wire.Raw      // "" removes the attribute, if there is no source
	source    *changeSource // what is taken of other attributes in place of value; nil for none
	first     wire.Raw      // of countUp: the result for a missing number, or ""
}

// changeSource is what a change takes from other attributes, in place of a value.
type changeSource struct {
	operand *boundExpression
	needed  [][]expression.Step // the attributes that are read and that must exist
	needs   Condition           // the update needs this to be true; the zero Condition is none
}

// changeKind is the way in which an update changes a value.
type changeKind int

const (
	setValue      changeKind = iota // set the value, or remove the attribute if the value is ""
	setIfAbsent                     // set the value if the attribute is missing
	addNumber                       // add to the number; a missing one counts as 0
	appendValues                    // add the elements at the end of the list
	prependValues                   // add the elements at the front of the list
	addMembers                      // add the members to the set
	removeMembers                   // remove the members from the set
	countUp                         // add 1 to the number; a missing one counts as value
)

// guard is the meaning of a refused write.
type guard int

const (
	unguarded guard = iota
	inserts         // a new item must not replace another: OverwriteError
	compares        // the item must be as it was loaded: ConflictError
)

// writePlan is one write: its request and its expectations. A plan becomes expressions if they fit
// the limits of an expression. Otherwise it becomes the legacy parameters, which have no documented
// limit.
type writePlan struct {
	op            string // for errors, such as "Save"
	schema        *schema
	request       writeRequest
	key           itemKey
	source        keySource
	item          string   // of a put, as wire JSON
	changes       []change // of an update
	expected      []expectation
	conditions    []Condition // the conditions of the caller
	guard         guard
	token         *expectation // the random version of the item after the write
	loadedVersion *expectation // the loaded version, to compare with the returned one
	mustExist     bool
	raw           rawItem // the snapshot, to name the differences
	readOnly      map[string]bool
	returns       types.ReturnValue // which attributes the response has
	retryUnsafe   bool              // not resent: applying it twice would differ
	atNewID       bool              // an insertion at an id that was taken for it
	idempotent    bool              // sent as a transaction with a token
	staged        bool              // an operation of the caller's transaction
}

// planOptions holds the properties that all plans of one item's write have in common.
type planOptions struct {
	op       string // for errors, such as "Save"
	schema   *schema
	source   keySource
	settings writeSettings
}

// keySource is where the errors of a write find the key as the caller knows it. The key of an item
// is made only for an error.
type keySource struct {
	given   *PrimaryKey // nil: none
	item    anyItem     // nil: the key is given
	respelt bool        // the stored key has another spelling than the fields
}

// key returns the key as the caller knows it. at is the key as it is stored.
func (k *keySource) key(s *schema, at itemKey) PrimaryKey {
	switch {
	case k.item != nil:
	case k.given != nil:
		return *k.given
	default:
		return PrimaryKey{}
	}
	model := reflect.ValueOf(k.item).Elem()
	if k.respelt {
		return s.keyAt(model, at)
	}
	return s.keyOf(model)
}

// primaryKey returns the key of the write, as the caller knows it.
func (p *writePlan) primaryKey() PrimaryKey { return p.source.key(p.schema, p.key) }

// plan returns a plan without expectations.
func (o planOptions) plan(request writeRequest, key itemKey) writePlan {
	return writePlan{op: o.op, schema: o.schema, request: request, key: key, source: o.source,
		mustExist: o.settings.mustExist, conditions: o.settings.conditions,
		idempotent: o.settings.idempotent}
}

// planPut returns a plan of a put without expectations.
func (o planOptions) planPut(item encodedItem) writePlan {
	p := o.plan(putItem, o.schema.takeKey(item.attributes))
	p.item, p.token = item.text, o.schema.tokenIn(item.attributes)
	return p
}

// planReplace plans a put that replaces any item at the key.
func (o planOptions) planReplace(item encodedItem) writePlan {
	p := o.planPut(item)
	p.expectDemanded()
	return p
}

// planInsert plans a put that requires that no item has the key.
func (o planOptions) planInsert(item encodedItem) writePlan {
	p := o.planPut(item)
	p.guard, p.expected = inserts, o.schema.expectMissing()
	p.retryUnsafe, p.atNewID = o.settings.retryUnsafe && p.token == nil, o.settings.newID
	p.expectDemanded()
	return p
}

// planInsertOver plans a put of a new item that replaces an expired one. It requires that the
// expired item is as it was read.
func (o planOptions) planInsertOver(item encodedItem, expired rawItem) writePlan {
	p := o.planPut(item)
	p.guard, p.raw, p.expected = compares, expired, o.schema.expectLoaded(expired, &outcome{})
	return p
}

// planLoaded plans an update of the differences. It requires that the stored item is as it was
// loaded.
func (o planOptions) planLoaded(key itemKey, of *outcome, raw rawItem) writePlan {
	p := o.plan(updateItem, key)
	p.changes, p.token = of.changes(), o.schema.tokenIn(of.written)
	p.guard, p.raw, p.expected = compares, raw, o.schema.expectLoaded(raw, of)
	return p
}

// planChanged plans an update of the differences. It requires that the item exists. With
// FailOnConflict it also requires that the edited attributes have the loaded values; a change of
// other attributes is no conflict.
func (o planOptions) planChanged(
	key itemKey, of *outcome, raw rawItem, edited []string,
) writePlan {
	p, s := o.plan(updateItem, key), o.schema
	p.changes, p.token = of.changes(), s.tokenIn(of.written)
	if o.settings.failOnConflict {
		p.guard, p.readOnly = compares, map[string]bool{}
		for _, attribute := range edited {
			// Every other write renews the updated time, so comparing it would make each a
			// conflict.
			if s.updated == nil || attribute != s.updated.attribute {
				p.expected = append(p.expected,
					expectation{attribute: attribute, value: raw.raw(attribute)})
			}
		}
	}
	if parts := s.expectParts(of, raw); len(parts) > 0 {
		// Somebody else may have changed them since. A missing item stays ErrNotFound.
		p.mustExist = p.mustExist || p.guard == unguarded
		p.guard, p.readOnly = compares, map[string]bool{}
		p.expected = append(p.expected, parts...)
	}
	p.expectExists()
	// The result of counting up a loaded integer version shows the stored version. If no integer
	// was loaded, the result proves nothing, because another writer's version may be as large.
	if v := s.version; v != nil && (v.codec.wire == wire.S || !raw.has(v.attribute)) {
		p.returns = types.ReturnValueUpdatedOld
		p.loadedVersion = &expectation{attribute: v.attribute, value: raw.raw(v.attribute)}
	}
	return p
}

// returnOld makes the write return the item before it. Such a write is not resent after a lost
// response: the second try would return what the first one has left, and not the item before.
func (p *writePlan) returnOld() { p.returns, p.retryUnsafe = types.ReturnValueAllOld, true }

// returnsOld reports whether the write returns the item before it.
func (p *writePlan) returnsOld() bool { return p.returns == types.ReturnValueAllOld }

// planDelete plans a deletion of the item at a key.
func (o planOptions) planDelete(key itemKey) writePlan {
	p := o.plan(deleteItem, key)
	p.expectDemanded()
	return p
}

// planDeleteLoaded plans a deletion that requires that the stored item is as it was loaded. read
// has the attributes that were read of a partial item; nil means all.
func (o planOptions) planDeleteLoaded(
	key itemKey, raw rawItem, read map[string]bool,
) writePlan {
	p := o.plan(deleteItem, key)
	p.guard, p.raw, p.readOnly, p.expected = compares, raw, read, o.schema.expectLoaded(raw,
		&outcome{})
	p.expectDemanded()
	return p
}

// planUpdate plans changes of an item that was not read.
func (o planOptions) planUpdate(key itemKey, changes []change) writePlan {
	p := o.plan(updateItem, key)
	p.changes, p.returns = changes, types.ReturnValueAllNew
	p.conditions = slices.Clip(p.conditions)
	for _, c := range changes {
		if c.source != nil && c.source.needs.kind != noCondition {
			p.conditions = append(p.conditions, c.source.needs)
		}
	}
	p.retryUnsafe = len(p.conditions) > 0 ||
		slices.ContainsFunc(changes, func(c change) bool { return c.retryUnsafe() })
	if p.mustExist || !slices.ContainsFunc(changes, func(c change) bool { return c.makesItem() }) {
		p.expectExists()
	}
	return p
}

// planCount plans an update that adds n to the counter of the ids and returns the counter. If the
// update is resent after a lost response, there is a gap in the ids.
func (o planOptions) planCount(n int) writePlan {
	p := o.plan(updateItem, itemKey{hash: counterKey})
	p.changes = []change{
		{attribute: maxHashKey, value: wire.NewNumber(strconv.Itoa(n)), kind: addNumber}}
	p.returns = types.ReturnValueUpdatedNew
	return p
}

// planCheck plans an update that changes nothing. Its expectations check an item.
func (o planOptions) planCheck(key itemKey) writePlan {
	return o.plan(updateItem, key)
}

// tokenIn returns the expectation of an item's random version, or nil if the item has none.
func (s *schema) tokenIn(item rawItem) *expectation {
	v := s.version
	if v == nil || v.codec.wire != wire.S || !item.has(v.attribute) {
		return nil
	}
	return &expectation{attribute: v.attribute, value: item.raw(v.attribute)}
}

// expectDemanded requires that the item exists if MustExist is given.
func (p *writePlan) expectDemanded() {
	if p.mustExist {
		p.expectExists()
	}
}

// expectExists requires that the item exists, unless another expectation implies it.
func (p *writePlan) expectExists() {
	hash := p.schema.hash.attribute
	implied := slices.ContainsFunc(p.expected, func(e expectation) bool {
		return e.attribute == hash && (e.exists || e.value != "")
	})
	if !implied {
		p.expected = append(p.expected, expectation{attribute: hash, exists: true})
	}
}

// writeCondition renders the expectations, followed by the caller's conditions.
func (p *writePlan) writeCondition(c *expression.Condition, aliases *expression.Aliases) error {
	c.Grow(len(p.expected))
	for _, e := range p.expected {
		switch {
		case e.exists:
			c.Exists(e.attribute)
		case e.orMissing != "":
			c.Add(expression.Or(
				expression.Compare(aliases.Name(e.attribute), "=", aliases.Value(e.value)),
				expression.Call("attribute_not_exists", aliases.Name(e.orMissing))))
		case e.value != "":
			c.Equal(e.attribute, e.value)
		default:
			c.Missing(e.attribute)
		}
	}
	if len(p.conditions) == 0 {
		return nil
	}
	w := conditionWriter{schema: p.schema, aliases: aliases}
	part, err := w.writeAll(p.conditions)
	c.Add(part)
	return err
}

// writeUpdate renders the changes as an update expression.
func (p *writePlan) writeUpdate(u *expression.Update, aliases *expression.Aliases) {
	for _, c := range p.changes {
		c.write(u, aliases)
	}
}

// makeAliases makes room for the compared and the changed attributes, which may be the same.
func (p *writePlan) makeAliases() expression.Aliases {
	values := 0
	for _, e := range p.expected {
		if e.value != "" {
			values++
		}
	}
	for _, c := range p.changes {
		if c.value != "" {
			values++
		}
	}
	return expression.MakeAliases(max(len(p.expected), len(p.changes)), values)
}

// write renders the change as a part of an update expression. Inside a document the change sets a
// sum, because the documentation of ADD names whole attributes only. For a set there is no other
// action than ADD and DELETE, and the service accepts them inside documents, too.
func (c change) write(u *expression.Update, aliases *expression.Aliases) {
	steps := c.steps
	if steps == nil {
		steps = []expression.Step{{Name: c.attribute}}
	}
	path := aliases.Path(steps)
	var value string
	switch {
	case c.source != nil:
		value = expression.JoinTokens(c.source.operand.write(aliases))
	case c.value != "":
		value = aliases.Value(c.value)
	default:
		u.Remove(path)
		return
	}
	or := func(absent string) string { return "if_not_exists(" + path + "," + absent + ")" }
	switch c.kind {
	case setValue:
		u.Set(path, value)
	case setIfAbsent:
		u.Set(path, or(value))
	case addNumber:
		if len(steps) == 1 && c.source == nil {
			u.Add(path, value)
		} else {
			u.Set(path, or(aliases.Value(zeroNumber))+"+"+value)
		}
	case appendValues:
		u.Set(path, "list_append("+or(aliases.Value(emptyList))+","+value+")")
	case prependValues:
		u.Set(path, "list_append("+value+","+or(aliases.Value(emptyList))+")")
	case addMembers:
		u.Add(path, value)
	case removeMembers:
		u.Delete(path, value)
	case countUp:
		u.Set(path, or(value)+"+"+aliases.Value(oneMore))
	}
}

// legacyExpected renders the expectations as the legacy parameter Expected. DynamoDB still accepts
// it, and documents no limit on the number of expectations. Expected takes one expectation for each
// attribute.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.Expected.html
func (p *writePlan) legacyExpected() map[string]types.ExpectedAttributeValue {
	expected := make(map[string]types.ExpectedAttributeValue, len(p.expected))
	for _, e := range p.expected {
		switch {
		case e.exists:
			expected[e.attribute] = types.ExpectedAttributeValue{
				ComparisonOperator: types.ComparisonOperatorNotNull}
		case e.value != "":
			expected[e.attribute] = types.ExpectedAttributeValue{
				ComparisonOperator: types.ComparisonOperatorEq,
				AttributeValueList: []types.AttributeValue{e.value.AttributeValue()},
			}
		default:
			expected[e.attribute] = types.ExpectedAttributeValue{
				ComparisonOperator: types.ComparisonOperatorNull}
		}
	}
	return expected
}

func (p *writePlan) legacyUpdates() map[string]types.AttributeValueUpdate {
	updates := make(map[string]types.AttributeValueUpdate, len(p.changes))
	for _, c := range p.changes {
		switch {
		case c.value == "":
			updates[c.attribute] = types.AttributeValueUpdate{Action: types.AttributeActionDelete}
		case c.kind == addNumber:
			updates[c.attribute] = types.AttributeValueUpdate{Action: types.AttributeActionAdd,
				Value: c.value.AttributeValue()}
		case c.kind == countUp && c.first != "":
			updates[c.attribute] = types.AttributeValueUpdate{Action: types.AttributeActionAdd,
				Value: c.first.AttributeValue()}
		case c.kind == countUp:
			updates[c.attribute] = types.AttributeValueUpdate{Action: types.AttributeActionAdd,
				Value: oneMore.AttributeValue()}
		default:
			updates[c.attribute] = types.AttributeValueUpdate{Action: types.AttributeActionPut,
				Value: c.value.AttributeValue()}
		}
	}
	return updates
}

// writeForm is a rendered plan: the expressions or the legacy parameters.
type writeForm struct {
	condition, update *string
	aliases           expression.Aliases
	legacy            bool // the legacy parameters, made from the plan
}

// form renders the plan. It returns an error if a condition of the caller is invalid, or if the
// plan is too large for a request.
func (p *writePlan) form() (writeForm, error) {
	if len(p.expected)+len(p.conditions)+len(p.changes) == 0 {
		return writeForm{}, nil
	}
	aliases := p.makeAliases()
	condition := expression.NewCondition(&aliases)
	if err := p.writeCondition(condition, &aliases); err != nil {
		return writeForm{}, err
	}
	var update expression.Update
	p.writeUpdate(&update, &aliases)
	if !condition.Fits() || !update.Fits() {
		return p.legacyForm()
	}
	return writeForm{condition: condition.Text(), update: update.Text(), aliases: aliases}, nil
}

// legacyForm renders a plan that exceeds the limits of expressions.
func (p *writePlan) legacyForm() (writeForm, error) {
	const tooWide = "the item has more attributes than one condition compares"
	const fix = "give the model a field with the option \"version\""
	switch {
	case p.request == updateItem && !p.comparesOnly(), p.hasAlternative():
		return writeForm{}, errors.New(
			"the update and its conditions are longer than one request may be; send several " +
				"updates")
	case len(p.conditions) > 0 && len(p.expected) <= 2: // at most the version and the key
		return writeForm{}, errors.New(
			"the changes, or the If and the compared attributes, are longer than one request may " +
				"be; change less at once, or shorten the If")
	case len(p.conditions) > 0:
		return writeForm{}, errors.New(tooWide + ", and a larger comparison cannot be combined " +
			"with an If; " + fix)
	case p.staged:
		return writeForm{}, errors.New(tooWide + ", which is the limit of a transaction; " + fix)
	case p.idempotent:
		return writeForm{}, errors.New(
			tooWide + ", which is also the limit of Idempotent; " +
				fix)
	}
	for _, e := range p.expected {
		// DynamoDB's documentation does not say how the legacy parameters compare lists. DynamoDB
		// Local compares them as sets of their elements, so it would miss a conflict if a list has
		// another order or an element twice.
		if e.value.Type() == wire.L && !e.value.Equal(emptyList) {
			return writeForm{}, fmt.Errorf(
				tooWide+", and a larger comparison cannot compare the list %q; "+fix, e.attribute)
		}
	}
	return writeForm{legacy: true}, nil
}

// hasAlternative reports whether an expectation has two values that meet it. The legacy parameters
// have none such.
func (p *writePlan) hasAlternative() bool {
	return slices.ContainsFunc(p.expected, func(e expectation) bool { return e.orMissing != "" })
}

// comparesOnly reports whether the legacy parameters can express the changes.
func (p *writePlan) comparesOnly() bool {
	return !slices.ContainsFunc(p.changes, func(c change) bool {
		return c.steps != nil || c.kind != setValue && c.kind != addNumber && c.kind != countUp
	})
}

// returnOnRefusal returns the parameter that makes a refusal return the stored item.
func (p *writePlan) returnOnRefusal() types.ReturnValuesOnConditionCheckFailure {
	if len(p.expected) == 0 && len(p.conditions) == 0 {
		return ""
	}
	return types.ReturnValuesOnConditionCheckFailureAllOld
}

// itemAttributes returns the item of a put in the SDK's types.
func (p *writePlan) itemAttributes() map[string]types.AttributeValue {
	item, err := wire.ParseItemOf(p.item, len(p.schema.fields))
	if err != nil {
		return nil // the encoder has written it
	}
	return item
}

// keyAttributes returns the key in the SDK's types.
func (p *writePlan) keyAttributes() map[string]types.AttributeValue {
	return p.schema.keyAttributes(p.key)
}

func (p *writePlan) makePutInput(
	table *string, form *writeForm, capacity types.ReturnConsumedCapacity,
) *dynamodb.PutItemInput {
	in := &dynamodb.PutItemInput{
		TableName: table, ReturnConsumedCapacity: capacity, Item: p.itemAttributes(),
		ReturnValues:                        p.returns,
		ReturnValuesOnConditionCheckFailure: p.returnOnRefusal(),
		ConditionExpression:                 form.condition,
		ExpressionAttributeNames:            form.aliases.Names(),
		ExpressionAttributeValues:           form.aliases.Values(),
	}
	if form.legacy {
		in.Expected = p.legacyExpected()
	}
	return in
}

func (p *writePlan) makeUpdateInput(
	table *string, form *writeForm, capacity types.ReturnConsumedCapacity,
) *dynamodb.UpdateItemInput {
	in := &dynamodb.UpdateItemInput{
		TableName: table, ReturnConsumedCapacity: capacity, Key: p.keyAttributes(),
		ReturnValues:                        p.returns,
		ReturnValuesOnConditionCheckFailure: p.returnOnRefusal(),
		ConditionExpression:                 form.condition, UpdateExpression: form.update,
		ExpressionAttributeNames:  form.aliases.Names(),
		ExpressionAttributeValues: form.aliases.Values(),
	}
	if form.legacy {
		in.Expected, in.AttributeUpdates = p.legacyExpected(), p.legacyUpdates()
	}
	return in
}

func (p *writePlan) makeDeleteInput(
	table *string, form *writeForm, capacity types.ReturnConsumedCapacity,
) *dynamodb.DeleteItemInput {
	in := &dynamodb.DeleteItemInput{
		TableName: table, ReturnConsumedCapacity: capacity, Key: p.keyAttributes(),
		ReturnValues:                        p.returns,
		ReturnValuesOnConditionCheckFailure: p.returnOnRefusal(),
		ConditionExpression:                 form.condition,
		ExpressionAttributeNames:            form.aliases.Names(),
		ExpressionAttributeValues:           form.aliases.Values(),
	}
	if form.legacy {
		in.Expected = p.legacyExpected()
	}
	return in
}

// expectLoaded returns the expectations that the stored item is as it was loaded. If the snapshot
// has a version, only the version is compared. Otherwise every loaded attribute must be equal, and
// every attribute of the schema or the outcome that was missing must still be missing.
func (s *schema) expectLoaded(raw rawItem, o *outcome) []expectation {
	if version := s.loadedVersion(raw); version != "" {
		return []expectation{{attribute: s.version.attribute, value: version}}
	}
	expected := make([]expectation, 0, max(len(raw), len(s.fields)))
	for _, loaded := range raw {
		expected = append(expected, expectation{attribute: loaded.Name, value: loaded.Value})
	}
	for _, f := range s.fields {
		if !raw.has(f.attribute) {
			expected = append(expected, expectation{attribute: f.attribute})
		}
	}
	for _, attribute := range o.differing {
		if !raw.has(attribute) && s.byAttribute[attribute] == nil {
			expected = append(expected, expectation{attribute: attribute})
		}
	}
	return expected
}

// expectMissing returns the expectations that no item has the key.
func (s *schema) expectMissing() []expectation {
	fields := s.keyFields()
	expected := make([]expectation, len(fields))
	for i, f := range fields {
		expected[i].attribute = f.attribute
	}
	return expected
}

// loadedVersion returns the version of a snapshot if a comparison can rely on it alone. It returns
// "" if the snapshot has no version, as in an item from before the model had one, or if the
// version is an integer of a small type, whose values may recur.
func (s *schema) loadedVersion(raw rawItem) wire.Raw {
	if s.version == nil || s.version.codec.wire == wire.N && !s.version.isWide() {
		return ""
	}
	value := raw.raw(s.version.attribute)
	if value.Type() != s.version.codec.wire {
		return ""
	}
	return value
}
