package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/dynamapper/dynamapper/internal/awserr"
	"github.com/dynamapper/dynamapper/internal/shown"
)

// ApplyOption configures Plan.Apply.
type ApplyOption interface{ setApply(*applySettings) error }

type applyOption func(*applySettings) error

func (o applyOption) setApply(s *applySettings) error { return o(s) }

type applySettings struct {
	destroy  bool
	progress func(TableChange)
}

// AllowDestroy lets Apply make the changes that lose something: an index that is dropped or
// replaced, a stream or its view, backups, and TTL on a table whose items may have expired.
func AllowDestroy() ApplyOption {
	return applyOption(func(s *applySettings) error { s.destroy = true; return nil })
}

func (TableChange) onProgress(report func(TableChange)) ApplyOption {
	return applyOption(func(s *applySettings) error {
		if report == nil {
			return errNilProgress
		}
		s.progress = report
		return nil
	})
}

// Apply makes the changes of the plan, in order, and waits after each until the table and its
// indexes can be used. It waits as long as the context lets it: an index of a large table takes
// hours. Before each change, Apply reads the live table again, and leaves out what it no longer
// needs. So Apply may be called again after a crash, and two callers at once do no harm.
//
// Apply does not make changes that destroy something, unless AllowDestroy is given, nor those that
// DynamoDB cannot make, nor those that need a drop which was left out. It makes all others, and
// then returns a *PlanError (errors.Is: ErrNotApplied) with those that it left out. If the live
// table has changed since the plan was made, so that a change would now destroy what the plan does
// not name, or could not be completed, Apply leaves that change out, too.
//
// An index that is dropped and added again keeps its units and its maximum, unless the Spec says
// others. A new index of a provisioned table gets the units of the Spec, or those of the table.
//
// Apply sends UpdateTable for each change of the table or an index, one index at a time, or
// CreateTable, UpdateTimeToLive, UpdateContinuousBackups or TagResource, and what PlanTables sends.
// If the service refuses a request because the table is being changed, Apply waits and sends it
// again.
func (p *Plan) Apply(ctx context.Context, opts ...ApplyOption) error {
	if ctx == nil {
		return newCallError(opApply, "", errNilContext)
	}
	settings := &applySettings{progress: func(TableChange) {}}
	if err := applyOptions(opts, settings, ApplyOption.setApply); err != nil {
		return newCallError(opApply, "", err)
	}
	if p.Empty() {
		return nil
	}
	var left []TableChange
	appliers := map[*plannedTable]*applier{}
	for _, change := range p.Changes {
		if change.Impossible != "" || change.Destroys && !settings.destroy {
			left = append(left, change)
			continue
		}
		if change.of == nil {
			return newCallError(opApply, change.Table, errPlanOfJSON)
		}
		a := appliers[change.of]
		if a == nil {
			a = &applier{plannedTable: change.of,
				seen: map[string]types.GlobalSecondaryIndexDescription{}}
			appliers[change.of] = a
		}
		a.left = left
		refused, err := a.apply(ctx, change)
		if err != nil {
			return err
		}
		left = append(left, refused...)
		if len(refused) == 0 {
			settings.progress(change)
		}
	}
	if len(left) > 0 {
		return &PlanError{Op: opApply, Table: left[0].Table, Left: left}
	}
	return nil
}

const opApply = "Apply"

var errPlanOfJSON = errors.New("the plan was not made by PlanTables in this program, so that it " +
	"has no tables; call PlanTables, and apply its result")

// applier makes the changes of one table in one call of Apply.
type applier struct {
	*plannedTable
	// seen are the global indexes that the call has seen, with their capacity, by their names. An
	// index that is dropped and added again keeps it.
	seen map[string]types.GlobalSecondaryIndexDescription
	live *types.TableDescription // as it was before the last request
	left []TableChange           // what was left out so far
}

// apply makes one change and waits until the live table shows it. It returns what remains to be
// done and must not be sent.
func (a *applier) apply(ctx context.Context, planned TableChange) ([]TableChange, error) {
	row := a.mapper.newTries(opApply, a.name)
	sent := "" // the kind of the last request that succeeded
	for {
		row.begin()
		next, refused, err := a.openStep(ctx, planned)
		if err != nil || next == nil {
			return refused, row.ended(ctx, err)
		}
		err = next.send(ctx)
		if drops := a.dropsForRoom(next, err); len(drops) > 0 {
			next.Needs = drops
			return []TableChange{*next}, nil
		}
		if err != nil && !mayApplyAgain(err) {
			// Another caller may have made the change meanwhile.
			if next, refused, failed := a.openStep(ctx, planned); failed == nil && next == nil {
				return refused, nil
			}
			return nil, err
		}
		if err == nil && next.Kind != sent {
			sent = next.Kind
			continue
		}
		// The live table shows the change late, or another caller is changing it.
		if row.usedUp() {
			return nil, row.exceeded(orNotShown(err))
		}
		if err := row.wait(ctx, orNotShown(err)); err != nil {
			return nil, err
		}
	}
}

// dropsForRoom returns the indexes that were not dropped, if the service refuses another one of
// their kind because the table has as many as the quota allows.
func (a *applier) dropsForRoom(next *TableChange, err error) (names []string) {
	var api smithy.APIError
	if next.Kind != kindAdd || a.live == nil || !errors.As(err, &api) {
		return nil
	}
	isVector := a.schema.vectorNamed(next.Index) != nil
	if isVector && len(a.live.VectorIndexes) < maxVectorIndexes ||
		!isVector && len(a.live.GlobalSecondaryIndexes) < maxGlobalIndexes {
		return nil // it is refused for another reason
	}
	for _, c := range a.left {
		if c.Table == a.name && c.Kind == kindDrop && isVector == (liveVector(a.live, c.Index) != nil) {
			names = append(names, c.Index)
		}
	}
	return names
}

var errNotShown = errors.New("the service accepted the change, and the table does not show it yet")

// orNotShown returns the reason for another look at the table.
func orNotShown(err error) error {
	if err == nil {
		return errNotShown
	}
	return err
}

// mayApplyAgain reports whether a request may be sent again after a look at the table: the table is
// being changed, or the outcome is unknown.
func mayApplyAgain(err error) bool {
	var limit *types.LimitExceededException
	return isInUse(err) || errors.As(err, &limit) || errors.Is(err, ErrUnknownOutcome) ||
		isThrottled(err) || awserr.Is(err, "ContinuousBackupsUnavailableException")
}

// openStep waits until the table is not being changed, and returns what remains to be done of a
// planned change, or nil. refused are steps that remain and must not be sent.
func (a *applier) openStep(
	ctx context.Context, planned TableChange,
) (next *TableChange, refused []TableChange, err error) {
	live, err := a.waitSettled(ctx)
	if err != nil {
		return nil, nil, err
	}
	a.live = live.description
	if live.description != nil {
		for _, i := range live.description.GlobalSecondaryIndexes {
			a.seen[aws.ToString(i.IndexName)] = i
		}
	}
	live.seen = a.seen
	open, err := a.changesOf(ctx, opApply, live)
	if err != nil {
		return nil, nil, err
	}
	next, refused = nextStep(planned, open)
	return next, refused, nil
}

// nextStep returns what remains to be done of a planned change, among the open changes of the live
// table, or nil. A change of two steps goes on with its second one: a dropped index is added again,
// and the new table gets its TTL. A step that DynamoDB cannot make, that needs a drop first, or
// that destroys what the plan does not name, is refused. So an index is not dropped if it could not
// be added again.
func nextStep(planned TableChange, open []TableChange) (next *TableChange, refused []TableChange) {
	var steps []TableChange
	for _, isStep := range []func(TableChange) bool{
		func(c TableChange) bool {
			return c.Kind == planned.Kind && c.Index == planned.Index
		},
		func(c TableChange) bool { return c.continues(planned) },
	} {
		for _, c := range open {
			if len(steps) > 0 && planned.Kind != kindCreate {
				break
			}
			if isStep(c) {
				steps = append(steps, c)
			}
		}
	}
	for i, c := range steps {
		if c.Impossible == "" && len(c.Needs) == 0 && (!c.Destroys || planned.Destroys) {
			return &steps[i], nil
		}
	}
	return nil, steps
}

// The kinds of changes that a step of another kind may continue.
const (
	kindCreate  = "create-table"
	kindAdd     = "add-index"
	kindReplace = "replace-index"
	kindDrop    = "drop-index"
)

// continues reports whether an open change is a step of a planned change of another kind. If the
// live table has changed since the plan was made, an index may need other steps than were planned.
func (c TableChange) continues(planned TableChange) bool {
	ofIndex := c.Index == planned.Index
	switch planned.Kind {
	case kindCreate:
		return c.Kind != kindCreate
	case kindReplace, kindAdd:
		return ofIndex && (c.Kind == kindAdd || c.Kind == kindReplace || c.Kind == kindDrop)
	case kindDrop:
		return ofIndex && c.Kind == kindReplace
	}
	return false
}

// waitSettled reads the live table until neither it nor an index is being changed, or there is no
// table.
func (t *plannedTable) waitSettled(ctx context.Context) (*liveTable, error) {
	delay := firstTablePoll
	for {
		live, err := t.readLive(ctx, opApply)
		if err != nil {
			return nil, err
		}
		if isSettled(live.description) {
			return live, nil
		}
		if err := t.checkComing(opApply, live.description.TableStatus); err != nil {
			return nil, err
		}
		timer := time.NewTimer(delay)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, t.newWaitError(ctx, opApply, t.schema.describeComing(live.description),
				ctx.Err())
		case <-timer.C:
		}
		delay = min(2*delay, longestTablePoll)
	}
}

// isSettled reports whether the table and all its indexes are active, or there is no table.
func isSettled(table *types.TableDescription) bool {
	if table == nil {
		return true
	}
	coming := func(i liveIndex) bool {
		return i.status != "" && i.status != types.IndexStatusActive
	}
	comingVector := func(v types.VectorIndexDescription) bool {
		return isVectorComing(v) || v.IndexStatus != types.IndexStatusActive
	}
	return table.TableStatus == types.TableStatusActive &&
		!slices.ContainsFunc(liveIndexes(table), coming) &&
		!slices.ContainsFunc(table.VectorIndexes, comingVector)
}

// PlanError reports the changes of a plan that Apply has not made.
type PlanError struct {
	Op    string
	Table string // the table of the first change
	Left  []TableChange
}

// ErrNotApplied matches a *PlanError.
var ErrNotApplied = errors.New("not all changes of the plan were made")

// Error returns one sentence with each change that was left out, and why.
func (e *PlanError) Error() string {
	text := fmt.Sprintf("%d changes were left out", len(e.Left))
	for _, c := range e.Left {
		reason := "it destroys something; give AllowDestroy if that is intended"
		switch {
		case c.Impossible != "":
			reason = c.Impossible
		case len(c.Needs) > 0 && !c.Destroys:
			reason = "it needs " + c.describeNeeds() + "; give AllowDestroy if that is intended, and " +
				"plan again if the plan does not drop it"
		}
		text += fmt.Sprintf("; of table %s: %s: %s", c.Table, c.What, reason)
	}
	return shown.Text(prefixOf(e.Op, e.Table) + text)
}

// Is reports whether target is ErrNotApplied.
func (e *PlanError) Is(target error) bool { return target == ErrNotApplied }

// changer is what plans and their application need of a client, besides Client. The SDK's client
// has it.
type changer interface {
	UpdateTable(
		context.Context, *dynamodb.UpdateTableInput, ...func(*dynamodb.Options),
	) (*dynamodb.UpdateTableOutput, error)
	DescribeContinuousBackups(
		context.Context, *dynamodb.DescribeContinuousBackupsInput, ...func(*dynamodb.Options),
	) (*dynamodb.DescribeContinuousBackupsOutput, error)
	UpdateContinuousBackups(
		context.Context, *dynamodb.UpdateContinuousBackupsInput, ...func(*dynamodb.Options),
	) (*dynamodb.UpdateContinuousBackupsOutput, error)
	ListTagsOfResource(
		context.Context, *dynamodb.ListTagsOfResourceInput, ...func(*dynamodb.Options),
	) (*dynamodb.ListTagsOfResourceOutput, error)
	TagResource(
		context.Context, *dynamodb.TagResourceInput, ...func(*dynamodb.Options),
	) (*dynamodb.TagResourceOutput, error)
}

// sendChange sends one request that changes the table, and that Client does not have.
func (t *table) sendChange(
	ctx context.Context, op, name string, send func(changer, func(*dynamodb.Options)) error,
) error {
	return t.sendAbout(ctx, op, name, send, func(call *writeCall, err error) error {
		if err != nil && call.isLost(err) && !isInUse(err) {
			return t.newTableDoubt(ctx, op, "the response to "+name+" was lost, and the change is "+
				"being made or not; plan and apply again", err, &call.counter)
		}
		return t.mapper.explainTries(ctx, op, t.name, err, &call.counter)
	})
}

// sendDescription sends one request that describes the table, and that Client does not have.
func (t *table) sendDescription(
	ctx context.Context, op, name string, send func(changer, func(*dynamodb.Options)) error,
) error {
	return t.sendAbout(ctx, op, name, send, func(call *writeCall, err error) error {
		return t.mapper.explainTries(ctx, op, t.name, err, &call.counter)
	})
}

// sendAbout sends one request about the table. explain completes its error.
func (t *table) sendAbout(
	ctx context.Context, op, name string, send func(changer, func(*dynamodb.Options)) error,
	explain func(*writeCall, error) error,
) (err error) {
	client, can := t.mapper.client.(changer)
	if !can {
		return newCallError(op, t.name, fmt.Errorf("the client of type %T has no method %s; make "+
			"the mapper with a *dynamodb.Client", t.mapper.client, name))
	}
	call := writeCall{table: t.name}
	c := t.mapper.begin(name, t.name)
	c.count(&call.counter)
	defer func() { c.end(ctx, 0, err) }()
	return explain(&call, send(client, call.configure))
}

// updateTable sends one UpdateTable.
func (t *table) updateTable(
	ctx context.Context, op string, edit func(*dynamodb.UpdateTableInput),
) error {
	in := &dynamodb.UpdateTableInput{TableName: &t.name}
	edit(in)
	return t.sendChange(ctx, op, "UpdateTable",
		func(client changer, configure func(*dynamodb.Options)) error {
			_, err := client.UpdateTable(ctx, in, configure)
			return err
		})
}

// addIndex begins to build a global index. What the spec does not say of its capacity is that of
// the index that was dropped before, or of the table.
func (p *planner) addIndex(ctx context.Context, i *index) error {
	create := &types.CreateGlobalSecondaryIndexAction{
		IndexName: &i.name, KeySchema: makeKeySchema(i.keys),
		Projection: p.schema.makeProjection(i)}
	was := p.live.seen[i.name]
	if live := liveCapacity(p.live.description); live.mode == types.BillingModeProvisioned {
		create.ProvisionedThroughput = p.spec.unitsOf(i.name)
		others := []Units{unitsOfLive(was.ProvisionedThroughput), {live.read, live.write}}
		for _, units := range others {
			if create.ProvisionedThroughput == nil && units.Read > 0 && units.Write > 0 {
				create.ProvisionedThroughput = units.provisioned()
			}
		}
	} else {
		create.OnDemandThroughput = maximumOfLive(was.OnDemandThroughput).onDemand()
	}
	return p.updateTable(ctx, p.op, func(in *dynamodb.UpdateTableInput) {
		in.AttributeDefinitions = makeDefinitions(i.keys.fields())
		in.GlobalSecondaryIndexUpdates = []types.GlobalSecondaryIndexUpdate{{Create: create}}
	})
}

// dropIndex begins to delete a global index.
func (t *plannedTable) dropIndex(ctx context.Context, op, index string) error {
	return t.updateTable(ctx, op, func(in *dynamodb.UpdateTableInput) {
		in.GlobalSecondaryIndexUpdates = []types.GlobalSecondaryIndexUpdate{
			{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: &index}}}
	})
}

// addVector begins to fill a vector index.
func (t *plannedTable) addVector(ctx context.Context, op string, v *vectorIndex) error {
	return t.updateTable(ctx, op, func(in *dynamodb.UpdateTableInput) {
		in.AttributeDefinitions = makeDefinitions(v.keys.fields())
		in.VectorIndexUpdates = []types.VectorIndexUpdate{{
			Create: &types.CreateVectorIndexAction{
				IndexName: &v.name,
				VectorAttribute: &types.VectorAttributeDefinition{
					AttributeName: &v.vector.attribute},
				Dimensions: aws.Int64(int64(v.dimensions)), DistanceFunction: v.distance,
				SearchSchema: v.makeSearchSchema(),
				Projection:   t.schema.makeProjection(&v.index)}}}
	})
}

// dropVector begins to delete a vector index.
func (t *plannedTable) dropVector(ctx context.Context, op, index string) error {
	return t.updateTable(ctx, op, func(in *dynamodb.UpdateTableInput) {
		in.VectorIndexUpdates = []types.VectorIndexUpdate{
			{Delete: &types.DeleteVectorIndexAction{IndexName: &index}}}
	})
}

// describeRecovery returns the state of point-in-time recovery.
func (t *table) describeRecovery(
	ctx context.Context, op string,
) (recovery *types.PointInTimeRecoveryDescription, err error) {
	recovery = &types.PointInTimeRecoveryDescription{}
	err = t.sendDescription(ctx, op, "DescribeContinuousBackups",
		func(client changer, configure func(*dynamodb.Options)) error {
			out, err := client.DescribeContinuousBackups(ctx,
				&dynamodb.DescribeContinuousBackupsInput{TableName: &t.name}, configure)
			if err == nil && out.ContinuousBackupsDescription != nil &&
				out.ContinuousBackupsDescription.PointInTimeRecoveryDescription != nil {
				recovery = out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
			}
			return err
		})
	return recovery, err
}

// updateRecovery switches point-in-time recovery as the spec says.
func (t *plannedTable) updateRecovery(ctx context.Context, op string) error {
	asks := &types.PointInTimeRecoverySpecification{
		PointInTimeRecoveryEnabled: aws.Bool(t.spec.Recovery == On)}
	if t.spec.RecoveryDays != 0 {
		asks.RecoveryPeriodInDays = &t.spec.RecoveryDays
	}
	return t.sendChange(ctx, op, "UpdateContinuousBackups",
		func(client changer, configure func(*dynamodb.Options)) error {
			_, err := client.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{
				TableName: &t.name, PointInTimeRecoverySpecification: asks}, configure)
			return err
		})
}

// switchOnRecovery switches point-in-time recovery on. The service refuses it for a short time
// after a table was created.
func (t *plannedTable) switchOnRecovery(ctx context.Context, op string) error {
	return t.mapper.newTries(op, t.name).repeat(ctx, mayApplyAgain,
		func() error { return t.updateRecovery(ctx, op) })
}

// listTags returns all tags of the table.
func (t *table) listTags(
	ctx context.Context, op string, of *types.TableDescription,
) (tags map[string]string, err error) {
	tags = map[string]string{}
	in := &dynamodb.ListTagsOfResourceInput{ResourceArn: of.TableArn}
	for {
		err = t.sendDescription(ctx, op, "ListTagsOfResource",
			func(client changer, configure func(*dynamodb.Options)) error {
				out, err := client.ListTagsOfResource(ctx, in, configure)
				if err != nil {
					return err
				}
				for _, tag := range out.Tags {
					tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
				}
				in.NextToken = out.NextToken
				return nil
			})
		if err != nil || in.NextToken == nil {
			return tags, err
		}
	}
}

// setTags adds tags to the table.
func (t *table) setTags(ctx context.Context, op string, arn *string, tags []types.Tag) error {
	return t.sendChange(ctx, op, "TagResource",
		func(client changer, configure func(*dynamodb.Options)) error {
			_, err := client.TagResource(ctx,
				&dynamodb.TagResourceInput{ResourceArn: arn, Tags: tags}, configure)
			return err
		})
}

// counterItem reports whether the item that counts ids exists.
func (t *table) counterItem(ctx context.Context, op string) (exists bool, err error) {
	c := t.mapper.begin("GetItem", t.name)
	defer func() { c.end(ctx, 0, err) }()
	out, err := t.mapper.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.name, ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{
			t.schema.hash.attribute: &types.AttributeValueMemberN{Value: "-1"}},
		ReturnConsumedCapacity: t.mapper.capacity(),
	}, c.configure)
	if err != nil {
		return false, t.mapper.explain(op, t.name, err)
	}
	c.consumed(true, out.ConsumedCapacity)
	return len(out.Item) > 0, nil
}
