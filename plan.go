package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Plan is what has to change so that live tables are as their models and Specs say. PlanTables
// makes it, and Apply makes the changes. It is empty if nothing has to change. As JSON it is an
// object with the changes.
type Plan struct {
	Changes []TableChange `json:"changes"`
}

// TableChange is one change of a Plan.
type TableChange struct {
	Table string `json:"table"`
	// Kind is create-table, add-index, replace-index, drop-index, ttl-on, ttl-off, counter,
	// billing, units, index-units, on-demand-maximum, warm-throughput, class,
	// deletion-protection, recovery, stream, tags, encryption, keys, or local-index.
	Kind string `json:"kind"`
	// Index is the name of the index that is changed, or "".
	Index string `json:"index,omitempty"`
	// What says what is changed, and how.
	What string `json:"what"`
	// Why names the model or the Spec that asks for the change.
	Why string `json:"why"`
	// Effect says what the change costs, or what it blocks for how long. It may be "".
	Effect string `json:"effect,omitempty"`
	// Destroys reports whether the change loses something. Apply makes it only if AllowDestroy is
	// given.
	Destroys bool `json:"destroys,omitempty"`
	// Needs names the indexes that Apply drops before, by other changes of the plan. If one of them
	// is still there, Apply leaves this change out.
	Needs []string `json:"needs,omitempty"`
	// Impossible is "", or says why DynamoDB cannot make this change and what to do in its place.
	Impossible string `json:"impossible,omitempty"`

	of   *plannedTable               // nil if the change comes from JSON
	send func(context.Context) error // one request that makes the change, or begins it
}

// String returns the change on one or several lines.
func (c TableChange) String() string {
	mark := "  "
	switch {
	case c.Impossible != "":
		mark = "x "
	case c.Destroys:
		mark = "! "
	}
	text := fmt.Sprintf("%s%s: %s\n    why: %s\n", mark, c.Table, c.What, c.Why)
	if c.Effect != "" {
		text += "    effect: " + c.Effect + "\n"
	}
	if len(c.Needs) > 0 && c.Impossible == "" {
		text += "    needs: " + c.describeNeeds() + "\n"
	}
	if c.Impossible != "" {
		text += "    cannot be done: " + c.Impossible + "\n"
	}
	return text
}

// describeNeeds says which indexes have to be dropped before the change.
func (c TableChange) describeNeeds() string {
	names := make([]string, len(c.Needs))
	for i, name := range c.Needs {
		names[i] = fmt.Sprintf("%q", name)
	}
	noun := "index "
	if len(names) > 1 {
		noun = "indexes "
	}
	return "that Apply drops the " + noun + strings.Join(names, ", ") + " before"
}

// Empty reports whether nothing has to change.
func (p *Plan) Empty() bool { return p == nil || len(p.Changes) == 0 }

// String returns the changes for people. A change that destroys something is marked with "!", and
// one that DynamoDB cannot make with "x".
func (p *Plan) String() string {
	if p.Empty() {
		return "nothing to change\n"
	}
	var text strings.Builder
	for _, change := range p.Changes {
		text.WriteString(change.String())
	}
	return text.String()
}

// PlanTables compares live tables with their models and Specs and returns what has to change. It
// changes nothing. Tables of one mapper and one name are compared as one, as NewCollection unites
// them; the error for models that do not fit together is a *SchemaError.
//
// For each table, PlanTables sends DescribeTable and DescribeTimeToLive. It sends
// DescribeContinuousBackups if the Spec has Recovery, ListTagsOfResource if it has Tags, and
// GetItem for the counter of an autoincrement key. If TTL has to be switched on, it sends one
// consistent Scan of at most 1 MB: if items have expired already, TTL would delete them.
func PlanTables(ctx context.Context, tables ...AnyTable) (*Plan, error) {
	planned, err := groupTables(ctx, tables)
	if err != nil {
		return nil, newCallError(opPlan, nameOfFirst(tables), err)
	}
	plan := &Plan{}
	for _, t := range planned {
		changes, err := t.readChanges(ctx, opPlan)
		if err != nil {
			return nil, err
		}
		plan.Changes = append(plan.Changes, changes...)
	}
	return plan, nil
}

const opPlan = "PlanTables"

// plannedTable is a table with all that its models and their Spec say.
type plannedTable struct {
	*table
	spec *Spec // an empty one if the table has none
}

// groupTables unites the tables of one mapper and one name.
func groupTables(ctx context.Context, given []AnyTable) ([]*plannedTable, error) {
	if ctx == nil {
		return nil, errNilContext
	}
	type place struct {
		mapper *Mapper
		name   string
	}
	var order []place
	groups := map[place][]AnyTable{}
	for i, one := range given {
		if one == nil || one.anyTable().checkMade() != nil {
			return nil, fmt.Errorf("table %d is nil or empty; make it with TableOf", i+1)
		}
		at := place{one.anyTable().mapper, one.anyTable().name}
		if groups[at] == nil {
			order = append(order, at)
		}
		if !slices.Contains(groups[at], one) {
			groups[at] = append(groups[at], one)
		}
	}
	if len(given) == 0 {
		return nil, errors.New("no table is given; give the tables of the models")
	}
	planned := make([]*plannedTable, len(order))
	for i, at := range order {
		one, err := makePlanned(groups[at])
		if err != nil {
			return nil, err
		}
		planned[i] = one
	}
	return planned, nil
}

// makePlanned unites the tables of one name.
func makePlanned(group []AnyTable) (*plannedTable, error) {
	one := group[0].anyTable()
	if len(group) > 1 {
		united, err := makeCollection(group)
		if err != nil {
			return nil, err
		}
		one = united.whole.table
	}
	if err := one.spec.checkModel(one.schema, false); err != nil {
		return nil, fmt.Errorf("WithSpec: %w", err)
	}
	return newPlannedTable(one), nil
}

func newPlannedTable(t *table) *plannedTable { return &plannedTable{t, orZero(t.spec)} }

// liveTable is what the service says about a table. description is nil if there is no table.
type liveTable struct {
	description *types.TableDescription
	ttl         *types.TimeToLiveDescription
	recovery    *types.PointInTimeRecoveryDescription // nil if the spec does not ask for it
	tags        map[string]string                     // nil if the spec has none
	// seen are global indexes that Apply has seen before, by their names.
	seen map[string]types.GlobalSecondaryIndexDescription
}

// readChanges reads the live table and returns what has to change.
func (t *plannedTable) readChanges(ctx context.Context, op string) ([]TableChange, error) {
	live, err := t.readLive(ctx, op)
	if err != nil {
		return nil, err
	}
	return t.changesOf(ctx, op, live)
}

// readLive reads what the model and the spec speak about.
func (t *plannedTable) readLive(ctx context.Context, op string) (live *liveTable, err error) {
	live = &liveTable{}
	live.description, err = t.describe(ctx, op)
	if isMissing(err) || err == nil &&
		live.description.TableStatus == types.TableStatusDeleting {
		return &liveTable{}, nil
	}
	if err != nil {
		return nil, err
	}
	if live.ttl, err = t.describeTTL(ctx, op); err != nil {
		return nil, err
	}
	return live, t.readSpecified(ctx, op, live)
}

// readSpecified reads what DescribeTable does not say and the spec speaks about.
func (t *plannedTable) readSpecified(ctx context.Context, op string, live *liveTable) (err error) {
	if t.spec.Recovery != "" {
		if live.recovery, err = t.describeRecovery(ctx, op); err != nil {
			return err
		}
	}
	if len(t.spec.Tags) > 0 {
		live.tags, err = t.listTags(ctx, op, live.description)
	}
	return err
}

// planner collects the changes of one table.
type planner struct {
	*plannedTable
	op      string
	live    *liveTable
	indexes *indexPlan
	changes []TableChange
}

// changesOf compares a live table with the models and the spec, in the order in which the changes
// are made: what cannot be changed first, then the indexes that stand in the way, capacity, which
// new indexes need, the other indexes, and TTL last.
func (t *plannedTable) changesOf(
	ctx context.Context, op string, live *liveTable,
) ([]TableChange, error) {
	p := &planner{plannedTable: t, op: op, live: live}
	if live.description == nil {
		p.planCreate()
		return p.changes, nil
	}
	p.planKeys()
	p.arrangeIndexes()
	p.planFirstDrops()
	p.planCapacity()
	p.planProperties()
	p.planIndexes()
	if err := p.planCounter(ctx); err != nil {
		return nil, err
	}
	err := p.planTTL(ctx)
	return p.changes, err
}

// add adds a change of the table that the models or the spec ask for.
func (p *planner) add(c TableChange) {
	c.Table, c.of = p.name, p.plannedTable
	p.changes = append(p.changes, c)
}

// fromSpec is why a change is planned that the spec asks for.
const fromSpec = "the Spec of the table says so"

// fromModel names the model that asks for a change.
func (p *planner) fromModel(f *field) string {
	if f == nil {
		return p.schema.title() + " says so"
	}
	return fmt.Sprintf("%s: field %s", p.schema.title(), f.goPath)
}

// planCreate plans the creation of the whole table.
func (p *planner) planCreate() {
	what := fmt.Sprintf("create the table with the keys %s", describeKeys(p.schema.keysOf(nil)))
	for _, i := range p.schema.indexes {
		what += fmt.Sprintf(", the %s index %q", describeScope(i.local), i.name)
	}
	for _, v := range p.schema.vectors {
		what += fmt.Sprintf(", the vector index %q", v.name)
	}
	if p.schema.ttl != nil {
		what += fmt.Sprintf(", TTL on %q", p.schema.ttl.attribute)
	}
	if summary := p.spec.summary(); summary != "" {
		what += ", " + summary
	}
	c := TableChange{Kind: kindCreate, What: what, Why: p.fromModel(nil),
		send: func(ctx context.Context) error {
			_, err := p.sendCreate(ctx, p.op, p.makeCreateInput(&createSettings{}))
			return err
		}}
	if isARN(p.name) {
		c.Impossible = errForeignTable.Error()
	}
	p.add(c)
}

// hasOtherKeys reports whether the live table has other keys than the model.
func (p *planner) hasOtherKeys() bool {
	return describeLiveKeys(p.live.description.KeySchema,
		p.live.description.AttributeDefinitions) != describeKeys(p.schema.keysOf(nil))
}

// planKeys reports keys that differ: no table changes its keys.
func (p *planner) planKeys() {
	live := describeLiveKeys(p.live.description.KeySchema, p.live.description.AttributeDefinitions)
	want := describeKeys(p.schema.keysOf(nil))
	if p.hasOtherKeys() {
		p.add(TableChange{Kind: "keys", Why: p.fromModel(p.schema.hash),
			What: fmt.Sprintf("the keys are %s, those of the model %s", live, want),
			Impossible: "DynamoDB does not change the keys of a table; correct the tags, or make " +
				"a table of another name and copy the items"})
	}
}

// planCounter plans the item that counts the ids of an autoincrement key, if it is missing.
func (p *planner) planCounter(ctx context.Context) error {
	if !p.schema.autoincrement || p.hasOtherKeys() {
		return nil
	}
	item, err := p.counterItem(ctx, p.op)
	if err != nil || item {
		return err
	}
	p.add(TableChange{Kind: "counter", Why: p.fromModel(p.schema.hash),
		What: "put the item that counts the ids, at the key -1",
		send: func(ctx context.Context) error { return p.ensureCounter(ctx, p.op) }})
	return nil
}

// planTTL plans TTL as the model says it.
func (p *planner) planTTL(ctx context.Context) error {
	if len(p.schema.compareTTL(p.live.ttl)) == 0 {
		return nil
	}
	goes := p.live.ttl.TimeToLiveStatus == types.TimeToLiveStatusDisabling
	if !goes && !isTTLOff(p.live.ttl) {
		p.planTTLOff()
		return nil
	}
	c := TableChange{Kind: "ttl-on", Why: p.fromModel(p.schema.ttl),
		What: fmt.Sprintf("switch TTL on for the attribute %q", p.schema.ttl.attribute),
		send: func(ctx context.Context) error { return p.switchOnTTL(ctx, p.op) }}
	if goes {
		c.Impossible = fmt.Sprintf("TTL of the attribute %q is still being switched off; plan and "+
			"apply again when that is done, within an hour", aws.ToString(p.live.ttl.AttributeName))
	}
	if goes || p.op == opApply {
		p.add(c) // before Apply, the plan has looked for expired items
		return nil
	}
	found, more, err := p.findExpired(ctx, p.op)
	switch {
	case err != nil:
		return err
	case found:
		c.Destroys, c.Effect = true, "items of the table have expired by this attribute already, "+
			"and DynamoDB deletes them"
	case more:
		c.Destroys, c.Effect = true, "DynamoDB deletes all items that have expired by this "+
			"attribute; none was found in the first 1 MB of the table, and the rest was not read"
	}
	p.add(c)
	return nil
}

// planTTLOff plans that TTL of another attribute is switched off. That of the model follows when
// the service allows it.
func (p *planner) planTTLOff() {
	live := aws.ToString(p.live.ttl.AttributeName)
	c := TableChange{Kind: "ttl-off", Why: p.fromModel(p.schema.ttl),
		What: fmt.Sprintf("switch TTL off for the attribute %q", live),
		send: func(ctx context.Context) error { return p.sendTTL(ctx, p.op, live, false) }}
	if p.schema.ttl != nil {
		c.Effect = "DynamoDB takes up to an hour, and refuses to switch TTL on before; plan and " +
			"apply again then"
	}
	if p.live.ttl.TimeToLiveStatus == types.TimeToLiveStatusEnabling {
		c.Impossible = fmt.Sprintf("TTL of the attribute %q is still being switched on; plan and "+
			"apply again when that is done, within an hour", live)
	}
	p.add(c)
}

// findExpired reads up to 1 MB of the table. found reports whether an item has expired by the
// model's ttl attribute, and more whether the table goes on.
func (t *plannedTable) findExpired(ctx context.Context, op string) (found, more bool, err error) {
	c := t.mapper.begin("Scan", t.name)
	defer func() { c.end(ctx, 0, err) }()
	out, err := t.mapper.client.Scan(ctx, &dynamodb.ScanInput{
		TableName: &t.name, Select: types.SelectCount,
		// An item that was written a moment ago counts: the plan says what Apply would destroy.
		ConsistentRead:           aws.Bool(true),
		FilterExpression:         aws.String("#t < :now"),
		ExpressionAttributeNames: map[string]string{"#t": t.schema.ttl.attribute},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":now": &types.AttributeValueMemberN{
				Value: strconv.FormatInt(time.Now().Unix(), 10)},
		},
		ReturnConsumedCapacity: t.mapper.capacity(),
	}, c.configure)
	if err != nil {
		return false, false, t.mapper.explain(op, t.name, err)
	}
	c.consumed(true, out.ConsumedCapacity)
	return out.Count > 0, len(out.LastEvaluatedKey) > 0, nil
}
