package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper/internal/attempt"
	"github.com/dynamapper/dynamapper/internal/awserr"
)

// CreateOption configures CreateTable and EnsureTable.
type CreateOption interface{ setCreate(*createSettings) error }

type createOption func(*createSettings) error

func (o createOption) setCreate(s *createSettings) error { return o(s) }

type createSettings struct {
	readUnits, writeUnits int64 // 0 for on-demand capacity
	wait                  bool
	edits                 []func(*dynamodb.CreateTableInput)
}

// throughput returns nil for on-demand capacity. Each call returns a new value, so that CreateInput
// can edit each.
func (s *createSettings) throughput() *types.ProvisionedThroughput {
	if s.readUnits == 0 {
		return nil
	}
	return &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(s.readUnits),
		WriteCapacityUnits: aws.Int64(s.writeUnits)}
}

// Provisioned reserves capacity units per second instead of paying for each request. The table and
// each global index get these units.
func Provisioned(readUnits, writeUnits int64) CreateOption {
	return createOption(func(s *createSettings) error {
		if readUnits < 1 || writeUnits < 1 {
			return fmt.Errorf(
				"Provisioned(%d, %d): a table has at least 1 unit each; leave the option out "+
					"for on-demand capacity", readUnits, writeUnits)
		}
		s.readUnits, s.writeUnits = readUnits, writeUnits
		return nil
	})
}

// WaitActive makes CreateTable wait until the table and its indexes can be used. For a model with
// an autoincrement key or a ttl field, CreateTable always waits. EnsureTable always waits too.
func WaitActive() CreateOption {
	return createOption(func(s *createSettings) error {
		s.wait = true
		return nil
	})
}

// CreateInput edits the finished input of the CreateTable request, for streams, tags, encryption or
// deletion protection. If it is given twice, the edits run in this order.
func CreateInput(edit func(*dynamodb.CreateTableInput)) CreateOption {
	return createOption(func(s *createSettings) error {
		if edit == nil {
			return errors.New("CreateInput: the function is nil; leave the option out")
		}
		s.edits = append(s.edits, edit)
		return nil
	})
}

// makeCreateSettings checks the arguments of CreateTable and EnsureTable.
func (t *table) makeCreateSettings(
	ctx context.Context, opts []CreateOption,
) (*createSettings, error) {
	if err := t.check(ctx); err != nil {
		return nil, err
	}
	s := &createSettings{}
	err := applyOptions(opts, s, CreateOption.setCreate)
	if err == nil && s.readUnits > 0 && len(t.schema.vectors) > 0 {
		err = fmt.Errorf("Provisioned(%d, %d): the model has the vector index %q, which only a "+
			"table with on-demand capacity takes; leave the option out", s.readUnits, s.writeUnits,
			t.schema.vectors[0].name)
	}
	spec := orZero(t.spec)
	if err == nil && s.readUnits > 0 && (spec.Billing != "" || spec.OnDemandMaximum != Units{}) {
		err = errors.New("Provisioned and the Spec of the table both say the capacity; keep one")
	}
	return s, err
}

// makeCreateInput returns the request that creates the table.
func (t *table) makeCreateInput(c *createSettings) *dynamodb.CreateTableInput {
	s := t.schema
	input := &dynamodb.CreateTableInput{
		TableName:             &t.name,
		AttributeDefinitions:  s.makeAttributeDefinitions(),
		KeySchema:             makeKeySchema(s.keysOf(nil)),
		BillingMode:           types.BillingModePayPerRequest,
		ProvisionedThroughput: c.throughput(),
	}
	if input.ProvisionedThroughput != nil {
		input.BillingMode = types.BillingModeProvisioned
	}
	for _, i := range s.indexes {
		name, keys, projection := aws.String(i.name), makeKeySchema(i.keys), s.makeProjection(i)
		if i.local {
			input.LocalSecondaryIndexes = append(input.LocalSecondaryIndexes,
				types.LocalSecondaryIndex{IndexName: name, KeySchema: keys, Projection: projection})
		} else {
			input.GlobalSecondaryIndexes = append(input.GlobalSecondaryIndexes,
				types.GlobalSecondaryIndex{IndexName: name, KeySchema: keys, Projection: projection,
					ProvisionedThroughput: c.throughput()})
		}
	}
	input.VectorIndexes = s.makeVectorIndexes()
	if t.spec != nil {
		t.spec.create(input)
	}
	for _, edit := range c.edits {
		edit(input)
	}
	return input
}

func makeKeySchema(keys keySchema) []types.KeySchemaElement {
	var elements []types.KeySchemaElement
	for n, f := range keys.fields() {
		role := types.KeyTypeHash
		if n >= len(keys.hash) {
			role = types.KeyTypeRange
		}
		elements = append(elements,
			types.KeySchemaElement{AttributeName: aws.String(f.attribute), KeyType: role})
	}
	return elements
}

// makeAttributeDefinitions returns the type of each attribute that is a key of the table or of an
// index, once.
func (s *schema) makeAttributeDefinitions() []types.AttributeDefinition {
	keys := slices.Clone(s.keyFields())
	for _, i := range s.indexes {
		keys = append(keys, i.keys.fields()...)
	}
	for _, v := range s.vectors {
		keys = append(keys, v.keys.fields()...)
	}
	return makeDefinitions(keys)
}

// makeDefinitions returns the type of each key attribute once.
func makeDefinitions(keys []*field) []types.AttributeDefinition {
	var definitions []types.AttributeDefinition
	for n, f := range keys {
		if !slices.Contains(keys[:n], f) {
			definitions = append(definitions, types.AttributeDefinition{
				AttributeName: &f.attribute,
				AttributeType: types.ScalarAttributeType(f.codec.wire.String()),
			})
		}
	}
	return definitions
}

// makeProjection returns what an index projects, without the keys: they are always projected, and
// the service refuses a list with keys.
func (s *schema) makeProjection(i *index) *types.Projection {
	if i.projectsAll() {
		return &types.Projection{ProjectionType: types.ProjectionTypeAll}
	}
	var include []string
	for _, attribute := range i.include {
		if f := s.fieldOf(attribute); !f.Hash && !f.Range && !i.keys.has(f) {
			include = append(include, attribute)
		}
	}
	if len(include) == 0 {
		return &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
	}
	return &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: include}
}

// CreateTable creates the table with the keys and indexes of the model. Its capacity is on-demand
// unless Provisioned is given. CreateTable returns while the service is still creating the table,
// except that it waits in these cases:
//
//   - WaitActive is given.
//   - The model has a ttl field: CreateTable then switches TTL on.
//   - The model has an autoincrement key: CreateTable then puts its counter.
//   - The Spec of the table has Recovery: CreateTable then switches it on.
//
// It waits until the context ends, and at most 10 minutes.
//
// CreateTable sends CreateTable, DescribeTable while it waits, UpdateTimeToLive for a ttl
// field, and UpdateContinuousBackups for Recovery. If the table exists, the error wraps the SDK's
// *types.ResourceInUseException.
//
// If a response was lost and the table then exists, CreateTable looks at it with DescribeTable. If
// the table was created meanwhile and is as this call creates it, the call succeeds. If no response
// comes at all, the error is ErrUnknownOutcome; call EnsureTable then.
func (t *Table[T]) CreateTable(ctx context.Context, opts ...CreateOption) error {
	return orZero(t).untyped.createTable(ctx, opts)
}

func (t *table) createTable(ctx context.Context, opts []CreateOption) error {
	s, err := t.makeCreateSettings(ctx, opts)
	if err == nil && isARN(t.name) {
		err = errForeignTable
	}
	if err != nil {
		return newCallError("CreateTable", t.name, err)
	}
	if err := t.create(ctx, s); err != nil {
		return err
	}
	const op = "CreateTable"
	recovery := orZero(t.spec).Recovery == On
	if !s.wait && t.schema.ttl == nil && !t.schema.autoincrement && !recovery {
		return nil
	}
	if _, err := t.waitActive(ctx, op); err != nil {
		return err
	}
	if t.schema.ttl != nil {
		if err := t.switchOnTTL(ctx, op); err != nil {
			return err
		}
	}
	if recovery {
		if err := newPlannedTable(t).switchOnRecovery(ctx, op); err != nil {
			return err
		}
	}
	return t.ensureCounter(ctx, op)
}

// create creates the table. If a response was lost, the table may exist because this call created
// it.
func (t *table) create(ctx context.Context, s *createSettings) error {
	in, began := t.makeCreateInput(s), time.Now()
	lost, err := t.sendCreate(ctx, "CreateTable", in)
	if lost && isInUse(err) {
		return t.judgeMade(ctx, in, began, err)
	}
	return err
}

// EnsureTable creates the table if it does not exist, as CreateTable does with these options.
// Otherwise it compares the table with the model, as Verify does. It waits until the table and the
// indexes of the model can be used, until the context ends, and at most 10 minutes. It switches TTL
// on if it is off, and puts a missing counter of an autoincrement key. Several processes may call
// it at once: if another one creates the table first, EnsureTable uses that table.
//
// EnsureTable sends DescribeTable, and CreateTable, DescribeTimeToLive and UpdateTimeToLive as
// needed, and for the Spec of the table the same as Verify. It switches point-in-time recovery on
// if the Spec says so. It returns the errors of Verify and CreateTable.
func (t *Table[T]) EnsureTable(ctx context.Context, opts ...CreateOption) error {
	return orZero(t).untyped.ensureTable(ctx, opts)
}

func (t *table) ensureTable(ctx context.Context, opts []CreateOption) error {
	const op = "EnsureTable"
	s, err := t.makeCreateSettings(ctx, opts)
	if err != nil {
		return newCallError(op, t.name, err)
	}
	if err := t.createMissing(ctx, op, s); err != nil {
		return err
	}
	table, err := t.waitActive(ctx, op)
	if err != nil {
		return err
	}
	problems := t.schema.compareTable(table)
	ttl, err := t.describeTTL(ctx, op)
	if err != nil {
		return err
	}
	unlike, err := newPlannedTable(t).ensureSpec(ctx, op, table)
	if err != nil {
		return err
	}
	problems = append(problems, unlike...)
	off := t.schema.ttl != nil && isTTLOff(ttl)
	if !off {
		problems = append(problems, t.schema.compareTTL(ttl)...)
	}
	if err := t.newDifferenceError(op, problems); err != nil {
		return err
	}
	if off {
		if err := t.switchOnTTL(ctx, op); err != nil {
			return err
		}
	}
	return t.ensureCounter(ctx, op)
}

// createMissing creates the table if it does not exist. If the table is being deleted, it first
// waits until it is gone.
func (t *table) createMissing(ctx context.Context, op string, s *createSettings) error {
	table, err := t.describe(ctx, op)
	if err == nil && table.TableStatus != types.TableStatusDeleting {
		return nil
	}
	if err == nil {
		err = t.waitGone(ctx, op)
	}
	if err != nil && !isMissing(err) {
		return err
	}
	if isARN(t.name) {
		return newCallError(op, t.name, errForeignTable)
	}
	_, err = t.sendCreate(ctx, op, t.makeCreateInput(s))
	if isInUse(err) {
		return nil
	}
	if errors.Is(err, ErrUnknownOutcome) {
		if _, missing := t.describe(ctx, op); missing == nil {
			return nil // created by this call or another
		}
	}
	return err
}

func (t *table) ensureCounter(ctx context.Context, op string) error {
	if !t.schema.autoincrement {
		return nil
	}
	return t.putCounter(ctx, op)
}

// DeleteTable deletes the table and all its items, and returns when the table is gone. If the table
// is being created or changed, it waits and tries again. It waits until the context ends, and at
// most 10 minutes.
//
// DeleteTable sends DeleteTable, again while the table is in use, and DescribeTable. If the table
// does not exist, the error wraps the SDK's *types.ResourceNotFoundException, unless an earlier
// response was lost: then the table is gone, and the call succeeds. If no response comes at all,
// the error is ErrUnknownOutcome.
func (t *Table[T]) DeleteTable(ctx context.Context) error {
	return orZero(t).untyped.deleteTable(ctx)
}

func (t *table) deleteTable(ctx context.Context) error {
	if err := t.check(ctx); err != nil {
		return newCallError("DeleteTable", t.name, err)
	}
	limited, cancel := context.WithTimeout(ctx, longestTableWait)
	defer cancel()
	row := t.mapper.newTries("DeleteTable", t.name)
	for {
		row.begin()
		err := t.sendDelete(limited)
		if err == nil || row.n() > 1 && isMissing(err) {
			return t.waitGone(ctx, "DeleteTable")
		}
		if !isInUse(err) {
			return row.ended(ctx, err)
		}
		if row.wait(limited, err) != nil {
			return t.newWaitError(ctx, "DeleteTable", "the table is still in use", err)
		}
	}
}

// sendCreate also reports whether a response was lost, so that an existing table may be this call's
// own.
func (t *table) sendCreate(
	ctx context.Context, op string, in *dynamodb.CreateTableInput,
) (lost bool, err error) {
	call := writeCall{table: t.name}
	c := t.mapper.begin("CreateTable", t.name)
	c.count(&call.counter)
	defer func() { c.end(ctx, 0, err) }()
	_, err = t.mapper.client.CreateTable(ctx, in, call.configure)
	lost = call.counter.Lost()
	switch {
	case isInUse(err):
		err = &RequestError{Op: op, Table: t.name, Err: err,
			problem: "the table exists already; use EnsureTable, which compares the table with " +
				"the model, or call DeleteTable before"}
	case err != nil && call.isLost(err):
		err = t.newTableDoubt(ctx, op, "the response was lost, and the table is being created or "+
			"not; call EnsureTable, which accepts both", err, &call.counter)
	default:
		err = t.mapper.explainTries(ctx, op, t.name, err, &call.counter)
	}
	return lost, err
}

// newTableDoubt returns the error of a change to a table without a response.
func (t *table) newTableDoubt(
	ctx context.Context, op, problem string, err error, tries *attempt.Counter,
) error {
	return &UnknownOutcomeError{Op: op, Table: t.name, problem: problem,
		Err: t.mapper.explainTries(ctx, op, t.name, err, tries)}
}

func (t *table) sendDelete(ctx context.Context) (err error) {
	call := writeCall{table: t.name}
	c := t.mapper.begin("DeleteTable", t.name)
	c.count(&call.counter)
	defer func() { c.end(ctx, 0, err) }()
	_, err = t.mapper.client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &t.name},
		call.configure)
	switch {
	case call.counter.Lost() && isMissing(err):
		return nil // an earlier try has deleted it
	case err != nil && call.isLost(err) && !isInUse(err):
		return t.newTableDoubt(ctx, "DeleteTable",
			"the response was lost, and the table is being deleted or not; "+
				"call DeleteTable again", err, &call.counter)
	}
	return t.mapper.explainTries(ctx, "DeleteTable", t.name, err, &call.counter)
}

func (t *table) describe(ctx context.Context, op string) (*types.TableDescription, error) {
	output, err := tableDescriber{t.mapper, op}.DescribeTable(ctx,
		&dynamodb.DescribeTableInput{TableName: &t.name})
	if err != nil {
		return nil, err
	}
	return output.Table, nil
}

// tableDescriber sends the requests of the SDK's waiters, observed as the mapper's own.
type tableDescriber struct {
	mapper *Mapper
	op     string // of the caller
}

func (d tableDescriber) DescribeTable(
	ctx context.Context, input *dynamodb.DescribeTableInput, optFns ...func(*dynamodb.Options),
) (*dynamodb.DescribeTableOutput, error) {
	call := writeCall{table: *input.TableName}
	c := d.mapper.begin("DescribeTable", *input.TableName)
	c.count(&call.counter)
	output, err := d.mapper.client.DescribeTable(ctx, input, func(o *dynamodb.Options) {
		if o.Protocol == nil {
			return // see configureCall: optFns add middleware, too
		}
		for _, opt := range optFns {
			opt(o)
		}
		call.configure(o)
	})
	if err == nil && output.Table == nil {
		err = errors.New("the response describes no table")
	}
	err = d.mapper.explainTries(ctx, d.op, *input.TableName, err, &call.counter)
	c.end(ctx, 0, err)
	return output, err
}

// describeTTL returns the state of TTL. If the model has no ttl field, and the credentials or the
// engine do not allow the request, it returns TTL as off: the only difference that could be found
// then is TTL on another field of the model.
func (t *table) describeTTL(ctx context.Context, op string) (*types.TimeToLiveDescription, error) {
	call := writeCall{table: t.name}
	c := t.mapper.begin("DescribeTimeToLive", t.name)
	c.count(&call.counter)
	output, err := t.mapper.client.DescribeTimeToLive(ctx,
		&dynamodb.DescribeTimeToLiveInput{TableName: &t.name}, call.configure)
	err = t.mapper.explainTries(ctx, op, t.name, err, &call.counter)
	c.end(ctx, 0, err)
	isUnasked := t.schema.ttl == nil && isNotAllowed(err)
	if err != nil && !isUnasked {
		return nil, err
	}
	if isUnasked || output.TimeToLiveDescription == nil {
		return &types.TimeToLiveDescription{TimeToLiveStatus: types.TimeToLiveStatusDisabled}, nil
	}
	return output.TimeToLiveDescription, nil
}

// switchOnTTL switches TTL on. If another caller was faster, or an earlier try whose response was
// lost, the service refuses the request with one of several messages. The state of TTL after the
// refusal decides.
func (t *table) switchOnTTL(ctx context.Context, op string) error {
	err := t.sendTTL(ctx, op, t.schema.ttl.attribute, true)
	if !awserr.IsInvalid(err) && !errors.Is(err, ErrUnknownOutcome) {
		return err
	}
	if ttl, describeErr := t.describeTTL(ctx, op); describeErr == nil &&
		len(t.schema.compareTTL(ttl)) == 0 {
		return nil
	}
	return err
}

// sendTTL switches TTL of an attribute on or off.
func (t *table) sendTTL(ctx context.Context, op, attribute string, on bool) (err error) {
	call := writeCall{table: t.name}
	c := t.mapper.begin("UpdateTimeToLive", t.name)
	c.count(&call.counter)
	defer func() { c.end(ctx, 0, err) }()
	_, err = t.mapper.client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName: &t.name, TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: &attribute, Enabled: &on}}, call.configure)
	isOn := awserr.IsInvalid(err) && strings.Contains(err.Error(), "TimeToLive is already enabled")
	switch {
	case on && isOn:
		return nil
	case err != nil && call.isLost(err) && on:
		return t.newTableDoubt(ctx, op,
			"the response was lost, and TTL is being switched on or not; "+
				"call EnsureTable", err, &call.counter)
	case err != nil && call.isLost(err):
		return t.newTableDoubt(ctx, op, "the response was lost, and TTL is being switched off or "+
			"not; plan and apply again", err, &call.counter)
	}
	return t.mapper.explainTries(ctx, op, t.name, err, &call.counter)
}

func isMissing(err error) bool {
	var missing *types.ResourceNotFoundException
	return errors.As(err, &missing)
}

func isInUse(err error) bool {
	var inUse *types.ResourceInUseException
	return errors.As(err, &inUse)
}

// isNotAllowed reports whether the credentials do not allow a request, or the engine does not know
// it.
func isNotAllowed(err error) bool {
	return awserr.Is(err, "AccessDeniedException") || awserr.Is(err, "AccessDenied") ||
		awserr.Is(err, "UnknownOperationException")
}

// Limits of the wait for a table. A local engine creates a table at once; the service takes
// seconds, and for indexes minutes.
const (
	longestTableWait = 10 * time.Minute
	firstTablePoll   = 50 * time.Millisecond
	longestTablePoll = 5 * time.Second
)

// waitActive waits until the table and the indexes of the model can be used.
func (t *table) waitActive(ctx context.Context, op string) (*types.TableDescription, error) {
	var last error
	state := "the table is not ACTIVE"
	waiter := dynamodb.NewTableExistsWaiter(tableDescriber{t.mapper, op},
		func(o *dynamodb.TableExistsWaiterOptions) {
			o.MinDelay, o.MaxDelay = firstTablePoll, longestTablePoll
			isComing := o.Retryable
			o.Retryable = func(
				ctx context.Context, in *dynamodb.DescribeTableInput,
				out *dynamodb.DescribeTableOutput, err error,
			) (bool, error) {
				last = err
				again, err := isComing(ctx, in, out, err)
				if err != nil || out == nil || out.Table == nil {
					return again, err
				}
				if err := t.checkComing(op, out.Table.TableStatus); err != nil {
					return false, err
				}
				state = t.schema.describeComing(out.Table)
				return again || t.schema.awaitsIndex(out.Table) ||
					t.schema.awaitsVector(out.Table), nil
			}
		})
	output, err := waiter.WaitForOutput(ctx, &dynamodb.DescribeTableInput{TableName: &t.name},
		longestTableWait)
	if err != nil {
		return nil, t.newWaitError(ctx, op, state, waitReason(ctx, err, last))
	}
	return output.Table, nil
}

// waitReason returns why a wait ended. If the context ended, that is the error of the last
// DescribeTable, which the SDK's waiter drops.
func waitReason(ctx context.Context, err, last error) error {
	if ctx.Err() != nil && last != nil {
		return last
	}
	return err
}

// describeComing describes the state of a table or of one of its indexes.
func (s *schema) describeComing(table *types.TableDescription) string {
	for _, live := range liveIndexes(table) {
		if table.TableStatus == types.TableStatusActive && live.status != types.IndexStatusActive &&
			live.status != "" {
			return fmt.Sprintf("the index %q of the table is %s", live.name, live.status)
		}
	}
	for _, live := range table.VectorIndexes {
		if table.TableStatus == types.TableStatusActive && isVectorComing(live) {
			return fmt.Sprintf("the vector index %q of the table is being filled",
				aws.ToString(live.IndexName))
		}
	}
	return fmt.Sprintf("the table is %s", table.TableStatus)
}

// checkComing refuses the states that a table does not leave by itself.
func (t *table) checkComing(op string, status types.TableStatus) error {
	switch status {
	case types.TableStatusInaccessibleEncryptionCredentials, types.TableStatusArchiving,
		types.TableStatusArchived:
		return &RequestError{Op: op, Table: t.name,
			problem: fmt.Sprintf(
				"the table is %s and cannot be used; restore its access to its KMS key, or "+
					"restore the table", status)}
	}
	return nil
}

func (t *table) waitGone(ctx context.Context, op string) error {
	waiter := dynamodb.NewTableNotExistsWaiter(tableDescriber{t.mapper, op},
		func(o *dynamodb.TableNotExistsWaiterOptions) {
			o.MinDelay, o.MaxDelay = firstTablePoll, longestTablePoll
		})
	err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &t.name}, longestTableWait)
	if err != nil {
		return t.newWaitError(ctx, op, "the table is not deleted yet", err)
	}
	return nil
}

// newWaitError returns why the wait for a table ended: the context ended, the time was up, or a
// request failed.
func (t *table) newWaitError(ctx context.Context, op, state string, err error) error {
	var request *RequestError
	switch {
	case ctx.Err() != nil:
		ended := ctx.Err()
		if !errors.Is(err, ended) {
			ended = fmt.Errorf("%w, after %w", ended, err)
		}
		return &RequestError{Op: op, Table: t.name, Err: ended,
			problem: "the context ended during the wait for the table, and " + state}
	case errors.As(err, &request) && !isInUse(err) && !errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return &RequestError{Op: op, Table: t.name, Err: err,
		problem: fmt.Sprintf(
			"after a wait of %s, %s; look at the table in the console, and try again",
			longestTableWait, state)}
}
