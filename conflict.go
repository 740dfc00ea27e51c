package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// writeRequest is the kind of request that a write becomes.
type writeRequest int

const (
	putItem writeRequest = iota
	updateItem
	deleteItem
)

func (r writeRequest) String() string {
	return [...]string{putItem: "PutItem", updateItem: "UpdateItem", deleteItem: "DeleteItem"}[r]
}

// expectation is what an attribute of the stored item must be for the write to happen.
type expectation struct {
	attribute string
	value     types.AttributeValue // nil: it must be missing, unless
	exists    bool                 // it must be there, with whatever value
}

// holds says whether an item is as expected; nil is no item.
func (e expectation) holds(current map[string]types.AttributeValue) bool {
	if e.exists {
		return current[e.attribute] != nil
	}
	return wire.Equal(current[e.attribute], e.value)
}

// change is what an update does to an attribute.
type change struct {
	attribute string
	value     types.AttributeValue // nil: it is removed
	add       bool                 // the value is a number that is added
}

// guard is what a refused write means.
type guard int

const (
	unguarded guard = iota
	inserts         // a new item must not replace one: OverwriteError
	compares        // the item must be as it was loaded: ConflictError
)

// writePlan is one write, before it has a form: the request, and under which expectations it may happen. A narrow one
// becomes expressions; a wide one, which no expression can hold, the legacy parameters, which have no such limit.
type writePlan struct {
	op        string // "Save", for errors
	request   writeRequest
	key       map[string]types.AttributeValue
	publicKey PrimaryKey
	item      map[string]types.AttributeValue // of a put
	changes   []change                        // of an update
	expected  []expectation
	guard     guard
	token     *expectation // the random version that the item has once the write is applied
	mustExist bool
	raw       rawItem // the snapshot, to say what differs
	readOnly  map[string]bool
	returns   types.ReturnValue // what an update is to tell of the attributes that it wrote
}

// expectExists demands that the item is there, unless another expectation implies it.
func (p *writePlan) expectExists(hash string) {
	implied := slices.ContainsFunc(p.expected, func(e expectation) bool {
		return e.attribute == hash && (e.exists || e.value != nil)
	})
	if !implied {
		p.expected = append(p.expected, expectation{attribute: hash, exists: true})
	}
}

// condition renders the expectations as an expression.
func (p *writePlan) condition(aliases *expression.Aliases) *expression.Condition {
	c := expression.NewCondition(aliases)
	for _, e := range p.expected {
		switch {
		case e.exists:
			c.Exists(e.attribute)
		case e.value != nil:
			c.Equal(e.attribute, e.value)
		default:
			c.Missing(e.attribute)
		}
	}
	return c
}

// update renders the changes as an expression.
func (p *writePlan) update(aliases *expression.Aliases) *expression.Update {
	u := expression.NewUpdate(aliases)
	for _, c := range p.changes {
		switch {
		case c.value == nil:
			u.Remove(c.attribute)
		case c.add:
			u.Add(c.attribute, c.value)
		default:
			u.Set(c.attribute, c.value)
		}
	}
	return u
}

// legacyExpected renders the expectations as the legacy parameter, which the service still takes, without a limit on
// their number. It takes one expectation an attribute.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.Expected.html
func (p *writePlan) legacyExpected() map[string]types.ExpectedAttributeValue {
	expected := make(map[string]types.ExpectedAttributeValue, len(p.expected))
	for _, e := range p.expected {
		switch {
		case e.exists:
			expected[e.attribute] = types.ExpectedAttributeValue{ComparisonOperator: types.ComparisonOperatorNotNull}
		case e.value != nil:
			expected[e.attribute] = types.ExpectedAttributeValue{
				ComparisonOperator: types.ComparisonOperatorEq, AttributeValueList: []types.AttributeValue{e.value},
			}
		default:
			expected[e.attribute] = types.ExpectedAttributeValue{ComparisonOperator: types.ComparisonOperatorNull}
		}
	}
	return expected
}

func (p *writePlan) legacyUpdates() map[string]types.AttributeValueUpdate {
	updates := make(map[string]types.AttributeValueUpdate, len(p.changes))
	for _, c := range p.changes {
		switch {
		case c.value == nil:
			updates[c.attribute] = types.AttributeValueUpdate{Action: types.AttributeActionDelete}
		case c.add:
			updates[c.attribute] = types.AttributeValueUpdate{Action: types.AttributeActionAdd, Value: c.value}
		default:
			updates[c.attribute] = types.AttributeValueUpdate{Action: types.AttributeActionPut, Value: c.value}
		}
	}
	return updates
}

// check refuses a list among the expectations of a wide plan: DynamoDB Local compares a list in the legacy parameters
// as a set of its elements, so that one in another order, or with an element twice, would be no conflict.
func (p *writePlan) check() error {
	for _, e := range p.expected {
		list, isList := e.value.(*types.AttributeValueMemberL)
		if !isList || len(list.Value) == 0 {
			continue
		}
		if form := p.form(); form.isWide() {
			return fmt.Errorf("the item has more attributes than one condition compares, and beyond that the list %q cannot be compared; "+
				"give the model a field with the option \"version\"", e.attribute)
		}
	}
	return nil
}

// writeForm is a plan in the form of a request: the expressions, or the legacy parameters.
type writeForm struct {
	condition, update *string
	names             map[string]string
	values            map[string]types.AttributeValue
	expected          map[string]types.ExpectedAttributeValue
	updates           map[string]types.AttributeValueUpdate
}

// isWide says that no expressions can hold the plan.
func (f *writeForm) isWide() bool { return f.expected != nil }

func (p *writePlan) form() writeForm {
	var aliases expression.Aliases
	condition, update := p.condition(&aliases), p.update(&aliases)
	if !condition.Fits() || !update.Fits() {
		return writeForm{expected: p.legacyExpected(), updates: p.legacyUpdates()}
	}
	return writeForm{condition: condition.Text(), update: update.Text(), names: aliases.Names(), values: aliases.Values()}
}

// returnOnRefusal makes a refusal carry the item as it is now.
func (p *writePlan) returnOnRefusal() types.ReturnValuesOnConditionCheckFailure {
	if len(p.expected) == 0 {
		return ""
	}
	return types.ReturnValuesOnConditionCheckFailureAllOld
}

func (p *writePlan) makePutInput(table string) *dynamodb.PutItemInput {
	form := p.form()
	return &dynamodb.PutItemInput{
		TableName: &table, Item: p.item, ReturnValuesOnConditionCheckFailure: p.returnOnRefusal(),
		ConditionExpression: form.condition, ExpressionAttributeNames: form.names, ExpressionAttributeValues: form.values, Expected: form.expected,
	}
}

func (p *writePlan) makeUpdateInput(table string) *dynamodb.UpdateItemInput {
	form := p.form()
	return &dynamodb.UpdateItemInput{
		TableName: &table, Key: p.key, ReturnValues: p.returns, ReturnValuesOnConditionCheckFailure: p.returnOnRefusal(),
		ConditionExpression: form.condition, UpdateExpression: form.update,
		ExpressionAttributeNames: form.names, ExpressionAttributeValues: form.values,
		Expected: form.expected, AttributeUpdates: form.updates,
	}
}

func (p *writePlan) makeDeleteInput(table string) *dynamodb.DeleteItemInput {
	form := p.form()
	return &dynamodb.DeleteItemInput{
		TableName: &table, Key: p.key, ReturnValuesOnConditionCheckFailure: p.returnOnRefusal(),
		ConditionExpression: form.condition, ExpressionAttributeNames: form.names, ExpressionAttributeValues: form.values, Expected: form.expected,
	}
}

// writeResult is what the answer to a write says.
type writeResult struct {
	capacity   *types.ConsumedCapacity
	attributes map[string]types.AttributeValue // of an update, what was asked for
}

// write sends a plan, again with backoff while a transaction is running on the item: the service has refused it before
// anything was applied. A refusal of the expectations becomes the error that the plan says.
func (m *Mapper) write(ctx context.Context, table string, p *writePlan) (writeResult, error) {
	if ctx == nil {
		return writeResult{}, newCallError(p.op, table, errNilContext)
	}
	if err := p.check(); err != nil {
		return writeResult{}, newCallError(p.op, table, err)
	}
	for try := 1; ; try++ {
		result, err := m.writeOnce(ctx, table, p)
		running := (*types.TransactionConflictException)(nil)
		if !errors.As(err, &running) || errors.Is(err, ErrUnknownOutcome) || try > m.retries {
			return result, err
		}
		if err := attempt.Wait(ctx, try); err != nil {
			return result, m.explain(p.op, table, err)
		}
	}
}

func (m *Mapper) writeOnce(ctx context.Context, table string, p *writePlan) (result writeResult, err error) {
	tries := &attempt.Counter{Once: p.once()}
	c := m.begin(p.request.String(), table)
	c.count(tries)
	defer func() {
		items := 1
		if err != nil {
			items = 0
		}
		c.end(ctx, items, err)
	}()
	result, err = m.send(ctx, table, p, func(o *dynamodb.Options) { configureCall(o, tries) })
	c.consumed(false, result.capacity)
	refused := (*types.ConditionalCheckFailedException)(nil)
	isRefused := errors.As(err, &refused)
	switch {
	case err == nil, isRefused && tries.Lost() && p.isApplied(refused.Item):
		return result, nil
	case tries.Lost():
		// A try before may have been applied; even a refusal may be that of our own write. A doubt is never told as an answer.
		return result, &UnknownOutcomeError{Op: p.op, Table: table, Key: p.publicKey, Err: m.explain(p.op, table, err)}
	case isRefused:
		return result, p.newRefusal(table, refused.Item, m.returnsRefused())
	}
	return result, m.explain(p.op, table, err)
}

// once says that a write must not be sent again after a lost answer: somebody may have put the values back that it
// compares with. A token of ours in the item would show that it was applied.
func (p *writePlan) once() bool { return p.guard == compares && p.token == nil }

// isApplied says that a refused item is as this write leaves it: a try before was applied, and its answer lost.
func (p *writePlan) isApplied(current map[string]types.AttributeValue) bool {
	if p.token != nil {
		return p.token.holds(current)
	}
	return p.guard == inserts && current != nil &&
		wire.Equal(&types.AttributeValueMemberM{Value: p.item}, &types.AttributeValueMemberM{Value: current})
}

// send makes the request and sends it.
func (m *Mapper) send(ctx context.Context, table string, p *writePlan, configure func(*dynamodb.Options)) (writeResult, error) {
	switch p.request {
	case putItem:
		in := p.makePutInput(table)
		in.ReturnConsumedCapacity = m.capacity()
		out, err := m.client.PutItem(ctx, in, configure)
		if err != nil {
			return writeResult{}, err
		}
		return writeResult{capacity: out.ConsumedCapacity}, nil
	case updateItem:
		in := p.makeUpdateInput(table)
		in.ReturnConsumedCapacity = m.capacity()
		out, err := m.client.UpdateItem(ctx, in, configure)
		if err != nil {
			return writeResult{}, err
		}
		return writeResult{capacity: out.ConsumedCapacity, attributes: out.Attributes}, nil
	default:
		in := p.makeDeleteInput(table)
		in.ReturnConsumedCapacity = m.capacity()
		out, err := m.client.DeleteItem(ctx, in, configure)
		if err != nil {
			return writeResult{}, err
		}
		return writeResult{capacity: out.ConsumedCapacity}, nil
	}
}

// returnsRefused says that the client's refusals carry the item, so that none means that there is none. Clients of
// other kinds may leave it out.
func (m *Mapper) returnsRefused() bool {
	_, sdk := m.client.(*dynamodb.Client)
	return sdk
}

// newRefusal says why the service refused a write, by the item as it is now. certain says that nil means no item.
func (p *writePlan) newRefusal(table string, current map[string]types.AttributeValue, certain bool) error {
	switch {
	case p.mustExist && current == nil:
		return newNotFoundError(p.op, table)
	case p.guard == inserts:
		return &OverwriteError{Table: table, Key: p.publicKey, Current: current}
	case p.guard == compares && current == nil && certain:
		return newGoneError(table, p.publicKey)
	case p.guard == compares:
		return &ConflictError{Table: table, Key: p.publicKey, Attributes: p.differing(current), Current: current}
	}
	return newNotFoundError(p.op, table)
}

// newNotFoundError is ErrNotFound with the place. The key is not in it: it may be secret.
func newNotFoundError(op, table string) error {
	return fmt.Errorf("dynamapper: %s: table %q has no item with this key: %w", op, table, ErrNotFound)
}

// differing lists what a reader of the refusal wants to know: every attribute that is not as it was loaded, and at
// least those that the condition looked at.
func (p *writePlan) differing(current map[string]types.AttributeValue) []string {
	if current == nil {
		return nil
	}
	differ := map[string]bool{}
	for _, e := range p.expected {
		if !e.holds(current) {
			differ[e.attribute] = true
		}
	}
	for attribute := range p.raw {
		if !p.raw.equal(attribute, current[attribute]) {
			differ[attribute] = true
		}
	}
	for attribute := range current {
		_, loaded := p.raw[attribute]
		if !loaded && (p.readOnly == nil || p.readOnly[attribute]) {
			differ[attribute] = true
		}
	}
	return slices.Sorted(maps.Keys(differ))
}
