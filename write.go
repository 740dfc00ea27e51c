package dynamapper

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/awserr"
	"github.com/dynamapper/dynamapper/internal/pipeline"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// writeResult is the result of a write.
type writeResult struct {
	capacity   *types.ConsumedCapacity
	attributes map[string]types.AttributeValue // those that the plan asks for
	unasked    bool                            // the write could not ask for the stored version
}

// write sends a plan. If the service refuses it for its expectations, write returns the plan's
// error.
func (m *Mapper) write(ctx context.Context, table string, p *writePlan) (writeResult, error) {
	if err := checkWriteContext(ctx); err != nil {
		return writeResult{}, newCallError(p.op, table, err)
	}
	form, err := p.form()
	if err != nil {
		return writeResult{}, newCallError(p.op, table, err)
	}
	if p.idempotent {
		return m.writeWithToken(ctx, table, p, &form)
	}
	return m.writeAlone(ctx, table, p, &form)
}

// writeAlone sends a write as a single request. It retries with backoff while a transaction, or a
// write in another region, is running on the item: then the service has applied nothing.
func (m *Mapper) writeAlone(
	ctx context.Context, table string, p *writePlan, form *writeForm,
) (writeResult, error) {
	row := m.newTries(p.op, table)
	for {
		row.begin()
		result, err := m.writeOnce(ctx, table, p, form)
		if !isContended(err) || row.usedUp() {
			return result, row.ended(ctx, err)
		}
		if err := row.wait(ctx, err); err != nil {
			return result, err
		}
	}
}

// refusalOf returns the refusal of a condition in an error, or nil.
func refusalOf(err error) *types.ConditionalCheckFailedException {
	if err == nil {
		return nil
	}
	var refused *types.ConditionalCheckFailedException
	errors.As(err, &refused)
	return refused
}

func (m *Mapper) writeOnce(
	ctx context.Context, table string, p *writePlan, form *writeForm,
) (result writeResult, err error) {
	call := &writeCall{table: table, counter: attempt.Counter{RetryUnsafe: p.isRetryUnsafe()}}
	tries := &call.counter
	c := m.begin(p.request.String(), table)
	c.count(tries)
	defer func() {
		items := 1
		if err != nil {
			items = 0
		}
		c.end(ctx, items, err)
	}()
	result, err = m.sendPlan(ctx, p, form, call)
	c.consumed(false, result.capacity)
	refused := refusalOf(err)
	switch {
	case err == nil:
		return result, nil
	case refused != nil && p.isOurs(refused.Item) && p.returnsOld():
		return result, &UnknownOutcomeError{Op: p.op, Table: table, Key: p.primaryKey(),
			Err: m.explainTries(ctx, p.op, table, err, tries), problem: appliedUnseen}
	case refused != nil && p.isOurs(refused.Item):
		return p.resultFrom(refused.Item), nil
	case call.isLost(err):
		// An earlier try may have been applied; even a refusal may come from our own write. So the
		// outcome is unknown, whatever the last response was.
		return result, call.newDoubt(p.op, p.primaryKey(),
			m.explainTries(ctx, p.op, table, err, tries))
	case refused != nil && p.isPerhapsOurs(refused.Item):
		return result, &UnknownOutcomeError{Op: p.op, Table: table, Key: p.primaryKey(),
			Err: m.explainTries(ctx, p.op, table, err, tries), problem: equalAtNewID}
	case refused != nil:
		return result, p.newRefusal(table, refused.Item, m.returnsRefused())
	}
	return result, m.explainTries(ctx, p.op, table, err, tries)
}

// writeWithToken sends a write as a transaction of one operation. The token makes sure that it is
// applied once. A transaction does not return old values. So if the plan asks for the loaded
// version, writeWithToken first requires that version in the condition: a refusal carries the
// stored item.
func (m *Mapper) writeWithToken(
	ctx context.Context, table string, p *writePlan, form *writeForm,
) (result writeResult, err error) {
	if p.loadedVersion != nil && m.returnsRefused() {
		strict := *p
		strict.expected = append(slices.Clip(p.expected), *p.loadedVersion)
		if strictForm, err := strict.form(); err == nil {
			current, err := m.commitWrite(ctx, table, &strict, &strictForm)
			if current == nil || p.loadedVersion.matches(current) {
				return writeResult{
					attributes: map[string]types.AttributeValue{
						p.loadedVersion.attribute: p.loadedVersion.value.AttributeValue()}}, err
			}
			result.attributes = current
		}
	}
	result.unasked = result.attributes == nil
	_, err = m.commitWrite(ctx, table, p, form)
	return result, err
}

// commitWrite sends a write as its own transaction. If the condition was false, it returns the
// stored item.
func (m *Mapper) commitWrite(
	ctx context.Context, table string, p *writePlan, form *writeForm,
) (current map[string]types.AttributeValue, err error) {
	refused, err := m.newCommitment(p.op, table).commit(ctx, []operation{{table, p, *form}})
	if doubt := (*UnknownOutcomeError)(nil); errors.As(err, &doubt) {
		doubt.Key = p.primaryKey()
	}
	if err != nil || refused == nil {
		return nil, err
	}
	if len(refused.CancellationReasons) > 0 {
		current = refused.CancellationReasons[0].Item
	}
	if p.isOurs(current) {
		return nil, nil
	}
	err = m.newReasonError(table, p, refused, 0)
	if err == nil { // refused without a reason
		err = m.explain(p.op, table, refused)
	}
	return current, err
}

// newReasonError returns the reason why one operation of a refused transaction was not applied, or
// nil if the operation was not the cause.
func (m *Mapper) newReasonError(
	table string, p *writePlan, refused *types.TransactionCanceledException, i int,
) error {
	if i >= len(refused.CancellationReasons) {
		return m.explain(p.op, table, refused)
	}
	reason := refused.CancellationReasons[i]
	code := awserr.OfReason(aws.ToString(reason.Code))
	switch code {
	case "":
		return nil
	case "ConditionalCheckFailedException":
		return p.newRefusal(table, reason.Item, m.returnsRefused())
	}
	api := &smithy.GenericAPIError{Code: code, Message: aws.ToString(reason.Message)}
	return &RequestError{Op: p.op, Table: table, Err: refused, problem: m.diagnoseResponse(api),
		cause: describeResponse(api, refused)}
}

// isRetryUnsafe reports whether a write must not be resent after a lost response: its addition
// would be applied twice, or somebody may have restored the values that it compares. A write that
// replaces the random version that it compares is safe, because nobody can restore that version.
func (p *writePlan) isRetryUnsafe() bool {
	switch {
	case p.retryUnsafe:
		return true
	case p.guard == compares:
		return !p.replacesToken()
	}
	return p.guard == unguarded && len(p.conditions) > 0
}

// replacesToken reports whether the write requires a random version and replaces it by its own.
func (p *writePlan) replacesToken() bool {
	return p.token != nil && slices.ContainsFunc(p.expected, func(e expectation) bool {
		return e.attribute == p.token.attribute && e.value != ""
	})
}

// isOurs reports whether the stored item has the token of this write. That proves that the write
// was applied, whoever resent the request: the SDK, an HTTP client or a proxy.
func (p *writePlan) isOurs(current map[string]types.AttributeValue) bool {
	return p.token != nil && p.token.matches(current)
}

// isPerhapsOurs reports whether the item at a new id equals the item of this insertion. Nobody else
// was given the id. But somebody may have used it by hand, and without a token nothing proves whose
// item it is.
func (p *writePlan) isPerhapsOurs(current map[string]types.AttributeValue) bool {
	return p.atNewID && p.token == nil && current != nil &&
		wire.EqualText(`{"M":`+p.item+`}`, &types.AttributeValueMemberM{Value: current})
}

// appliedUnseen is the problem text for a write that was applied, and whose response with the item
// before it was lost out of sight of the mapper.
const appliedUnseen = "the write was applied, and the response with the item before it was lost; " +
	"read the item and decide"

const equalAtNewID = "the insertion was refused, and the stored item equals the new one, as " +
	"happens when a request arrives twice; read the item and decide"

// resultFrom returns the result that the lost response would have had, from the item that the write
// left.
func (p *writePlan) resultFrom(current map[string]types.AttributeValue) writeResult {
	if p.returns == types.ReturnValueAllNew {
		return writeResult{attributes: current}
	}
	return writeResult{}
}

// sendPlan makes the request of a plan and sends it.
func (m *Mapper) sendPlan(
	ctx context.Context, p *writePlan, form *writeForm, call *writeCall,
) (writeResult, error) {
	body := func() ([]byte, error) { return p.writeBody(call.table, form, m.capacity()) }
	switch p.request {
	case putItem:
		out, err := send(ctx, m, request[dynamodb.PutItemInput]{
			operation: pipeline.PutItem, body: body,
			input: func() *dynamodb.PutItemInput {
				return p.makePutInput(&call.table, form, m.capacity())
			},
		}, Client.PutItem, call)
		if err != nil {
			return writeResult{}, err
		}
		return writeResult{capacity: out.ConsumedCapacity, attributes: out.Attributes}, nil
	case updateItem:
		out, err := send(ctx, m, request[dynamodb.UpdateItemInput]{
			operation: pipeline.UpdateItem, body: body,
			input: func() *dynamodb.UpdateItemInput {
				return p.makeUpdateInput(&call.table, form, m.capacity())
			},
		}, Client.UpdateItem, call)
		if err != nil {
			return writeResult{}, err
		}
		return writeResult{capacity: out.ConsumedCapacity, attributes: out.Attributes}, nil
	default:
		out, err := send(ctx, m, request[dynamodb.DeleteItemInput]{
			operation: pipeline.DeleteItem, body: body,
			input: func() *dynamodb.DeleteItemInput {
				return p.makeDeleteInput(&call.table, form, m.capacity())
			},
		}, Client.DeleteItem, call)
		if err != nil {
			return writeResult{}, err
		}
		return writeResult{capacity: out.ConsumedCapacity, attributes: out.Attributes}, nil
	}
}

// returnsRefused reports whether the client's refusals carry the stored item, so that a refusal
// without an item means that there is none. Clients other than the SDK's may leave it out.
func (m *Mapper) returnsRefused() bool {
	_, sdk := m.client.(*dynamodb.Client)
	return sdk
}
