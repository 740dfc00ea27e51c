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
	if c.Impossible != "" {
		text += "    cannot be done: " + c.Impossible + "\n"
	}
	return text
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
	if len(group) == 1 {
		return newPlannedTable(group[0].anyTable()), nil
	}
	united, err := makeCollection(group)
	if err != nil {
		return nil, err
	}
	return newPlannedTable(united.whole.table), nil
}

func newPlannedTable(t *table) *plannedTable { return &plannedTable{t, orZero(t.spec)} }

// liveTable is what the service says about a table. description is nil if there is no table.
type liveTable struct {
	description *types.TableDescription
	ttl         *types.TimeToLiveDescription
	recovery    *types.PointInTimeRecoveryDescription // nil if the spec does not ask for it
	tags        map[string]string                     // nil if the spec has none
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
	changes []TableChange
}

// changesOf compares a live table with the models and the spec, in the order in which the changes
// are made: what cannot be changed first, then capacity, which new indexes need, then indexes, and
// TTL last.
func (t *plannedTable) changesOf(
	ctx context.Context, op string, live *liveTable,
) ([]TableChange, error) {
	p := &planner{plannedTable: t, op: op, live: live}
	if live.description == nil {
		p.planCreate()
		return p.changes, nil
	}
	p.planKeys()
	p.planCapacity()
	p.planProperties()
	p.planIndexes()
	p.planVectors()
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
	if p.schema.ttl != nil {
		what += fmt.Sprintf(", TTL on %q", p.schema.ttl.attribute)
	}
	if summary := p.spec.summary(); summary != "" {
		what += ", " + summary
	}
	c := TableChange{Kind: "create-table", What: what, Why: p.fromModel(nil),
		send: func(ctx context.Context) error {
			_, err := p.sendCreate(ctx, p.op, p.makeCreateInput(&createSettings{}))
			return err
		}}
	if isARN(p.name) {
		c.Impossible = errForeignTable.Error()
	}
	p.add(c)
}

// planKeys reports keys that differ: no table changes its keys.
func (p *planner) planKeys() {
	live := describeLiveKeys(p.live.description.KeySchema, p.live.description.AttributeDefinitions)
	want := describeKeys(p.schema.keysOf(nil))
	if live != want {
		p.add(TableChange{Kind: "keys", Why: p.fromModel(p.schema.hash),
			What: fmt.Sprintf("the keys are %s, those of the model %s", live, want),
			Impossible: "DynamoDB does not change the keys of a table; correct the tags, or make " +
				"a table of another name and copy the items"})
	}
}

// planIndexes plans missing indexes, those that differ, and those that no model has.
func (p *planner) planIndexes() {
	live := liveIndexes(p.live.description)
	kinds := p.live.description.AttributeDefinitions
	for _, i := range p.schema.indexes {
		at := slices.IndexFunc(live, func(l liveIndex) bool { return l.name == i.name })
		switch {
		case at < 0 && i.local, at >= 0 && (i.local || live[at].local) &&
			len(p.schema.compareIndex(i, live[at], kinds)) > 0:
			p.planLocal(i, at >= 0)
		case at < 0, live[at].status == types.IndexStatusDeleting:
			p.planIndex(i, kinds)
		default:
			p.planReplace(i, p.schema.compareIndex(i, live[at], kinds))
		}
	}
	for _, l := range live {
		if p.isOthers(l) || l.status == types.IndexStatusDeleting {
			continue
		}
		p.planDrop(l.name, "drop the index %q",
			func(ctx context.Context) error { return p.dropIndex(ctx, p.op, l.name) })
	}
}

// isOthers reports whether a live index is not the plan's to drop.
func (p *planner) isOthers(l liveIndex) bool {
	return l.local || p.schema.indexNamed(l.name) != nil ||
		slices.Contains(p.spec.OtherIndexes, l.name)
}

// planLocal reports a local index that is missing or differs: it comes and goes only with its
// table.
func (p *planner) planLocal(i *index, exists bool) {
	what := fmt.Sprintf("the local index %q is missing", i.name)
	if exists {
		what = fmt.Sprintf("the index %q is not as the model declares it", i.name)
	}
	p.add(TableChange{Kind: "local-index", Index: i.name, What: what,
		Why: p.fromModel(i.declaredBy()),
		Impossible: "a local index comes and goes only with its table; declare a global index of " +
			"another name (the tag index), or make a table of another name and copy the items"})
}

// planIndex plans a new global index.
func (p *planner) planIndex(i *index, kinds []types.AttributeDefinition) {
	c := TableChange{Kind: "add-index", Index: i.name, Why: p.fromModel(i.declaredBy()),
		What: fmt.Sprintf("add the index %q: %s", i.name, describeKeys(i.keys)),
		Effect: "DynamoDB reads the whole table and writes each item that has the keys to the " +
			"index, which costs write units; queries of the index fail until that is done",
		send: func(ctx context.Context) error { return p.addIndex(ctx, p.op, i) }}
	for _, f := range i.keys.fields() {
		stored := types.ScalarAttributeType(f.codec.wire.String())
		for _, kind := range kinds {
			if aws.ToString(kind.AttributeName) == f.attribute && kind.AttributeType != stored {
				c.Impossible = fmt.Sprintf("the attribute %q is a key of type %s already, and "+
					"the model stores it as %s; use another attribute", f.attribute,
					kind.AttributeType, stored)
			}
		}
	}
	p.add(c)
}

// planReplace plans that a global index is deleted and added again, if it differs.
func (p *planner) planReplace(i *index, problems []string) {
	if len(problems) == 0 {
		return
	}
	p.add(TableChange{Kind: "replace-index", Index: i.name, Destroys: true,
		What: fmt.Sprintf("drop the index %q, and add it with %s", i.name, describeKeys(i.keys)),
		Why:  strings.Join(problems, "; "),
		Effect: "queries of the index fail until it is built again, and building it costs write " +
			"units; to avoid the gap, declare an index of another name, and drop this one later",
		send: func(ctx context.Context) error { return p.dropIndex(ctx, p.op, i.name) }})
}

// planVectors plans missing vector indexes, those that differ, and those that no model has.
func (p *planner) planVectors() {
	live := p.live.description
	for _, v := range p.schema.vectors {
		add := TableChange{Kind: "add-index", Index: v.name, Why: p.fromModel(v.vector),
			What: fmt.Sprintf("add the vector index %q of %s", v.name, v.describe()),
			Effect: "DynamoDB reads the whole table to fill the index; searches of it fail until " +
				"that is done",
			send: func(ctx context.Context) error { return p.addVector(ctx, p.op, v) }}
		if is := liveVector(live, v.name); is == nil {
			p.add(add)
		} else if problems := p.schema.compareVector(v, is,
			live.AttributeDefinitions); len(problems) > 0 {
			add.Kind, add.Destroys = "replace-index", true
			add.What = fmt.Sprintf("drop the vector index %q, and add it of %s", v.name,
				v.describe())
			add.Why = strings.Join(problems, "; ")
			add.Effect = "searches of the index fail until it is filled again; to avoid the gap, " +
				"declare an index of another name, and drop this one later"
			add.send = func(ctx context.Context) error { return p.dropVector(ctx, p.op, v.name) }
			p.add(add)
		}
	}
	for _, one := range live.VectorIndexes {
		name := aws.ToString(one.IndexName)
		if p.schema.vectorNamed(name) != nil || one.IndexStatus == types.IndexStatusDeleting ||
			slices.Contains(p.spec.OtherIndexes, name) {
			continue
		}
		p.planDrop(name, "drop the vector index %q",
			func(ctx context.Context) error { return p.dropVector(ctx, p.op, name) })
	}
}

// planDrop plans that an index is dropped that no model has.
func (p *planner) planDrop(name, what string, send func(context.Context) error) {
	p.add(TableChange{Kind: "drop-index", Index: name, Destroys: true,
		What: fmt.Sprintf(what, name),
		Why: "no model of the table has it; name it in Spec.OtherIndexes if another program " +
			"uses it",
		Effect: "queries of the index fail from then on",
		send:   send})
}

// planCounter plans the item that counts the ids of an autoincrement key, if it is missing.
func (p *planner) planCounter(ctx context.Context) error {
	if !p.schema.autoincrement {
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
	if !isTTLOff(p.live.ttl) {
		p.planTTLOff()
		return nil
	}
	c := TableChange{Kind: "ttl-on", Why: p.fromModel(p.schema.ttl),
		What: fmt.Sprintf("switch TTL on for the attribute %q", p.schema.ttl.attribute),
		send: func(ctx context.Context) error { return p.switchOnTTL(ctx, p.op) }}
	if p.op == opApply {
		p.add(c) // the plan has looked for expired items
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
		Effect: "DynamoDB takes up to an hour, and refuses to switch TTL on before; plan and " +
			"apply again then",
		send: func(ctx context.Context) error { return p.sendTTL(ctx, p.op, live, false) }}
	if p.live.ttl.TimeToLiveStatus == types.TimeToLiveStatusDisabling {
		c.What = fmt.Sprintf("TTL of the attribute %q is being switched off", live)
		c.Impossible = "plan and apply again when that is done, within an hour"
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
