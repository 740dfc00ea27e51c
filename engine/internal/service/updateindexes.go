package service

import (
	"slices"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// indexesIn returns the names of the indexes in a kind of change, separated by commas.
func (e *tableEntry) indexesIn(kind changeKind) string {
	var names []string
	for _, c := range e.changes {
		if c.kind == kind {
			names = append(names, c.index)
		}
	}
	return strings.Join(names, ", ")
}

// checkIndexUpdates checks all updates of indexes before any is applied.
func (u *tableUpdate) checkIndexUpdates() error {
	updates := u.in.GlobalSecondaryIndexUpdates
	for i := range updates {
		if err := u.checkIndexUpdate(&updates[i]); err != nil {
			return err
		}
	}
	if err := u.checkVectorUpdates(); err != nil {
		return err
	}
	if err := u.checkOnline(); err != nil {
		return err
	}
	return u.checkAllIndexesHaveUnits()
}

func (u *tableUpdate) checkIndexUpdate(update *protocol.GlobalSecondaryIndexUpdate) error {
	switch {
	case update.Create != nil:
		return u.checkIndexCreation(update.Create)
	case update.Delete != nil:
		return u.checkIndexKnown(*update.Delete.IndexName, "delete")
	}
	name := *update.Update.IndexName
	if err := u.checkIndexKnown(name, "update"); err != nil {
		return err
	}
	return u.checkIndexChange(u.entry.description.global(name), update.Update)
}

// checkIndexKnown refuses to delete or update an index that does not exist or is not in a state for
// it.
func (u *tableUpdate) checkIndexKnown(name, verb string) error {
	d := &u.entry.description
	switch {
	case d.local(name) != nil:
		return protocol.Validation("Cannot %s an index that is not a GlobalSecondaryIndex: %s",
			verb, name)
	case d.global(name) == nil:
		return u.noIndex(name)
	}
	return nil
}

func (u *tableUpdate) noIndex(name string) error {
	return &protocol.Error{
		Code:    "ResourceNotFoundException",
		Message: "Requested resource not found: Index " + name + " for table " + u.entry.name,
	}
}

const oneOnline = "Only 1 online index can be created or deleted simultaneously per table"

// checkOnline refuses to create or delete more than one index at a time, and to do so while the
// table undergoes other changes.
func (u *tableUpdate) checkOnline() error {
	e := u.entry
	switch n := onlineActions(u.in); {
	case n == 0:
		return nil
	case n > 1:
		return overLimit(oneOnline)
	}
	if e.has(indexAllocation, indexBackfill, indexDeletion) && !u.cancelsCreation() {
		return overLimit(oneOnline)
	}
	switch {
	case e.has(throughputChange):
		return inUse("Can't create or delete indexes while table IOPS are being updated. Table: " +
			e.name)
	case e.has(streamChange):
		return inUse("Can't create or delete an index when stream status is being updated.")
	case e.has(classChange):
		return inUse("Can't create or delete an index when a table class update is in progress.")
	}
	return u.checkDeletionTime()
}

// cancelsCreation reports whether the update deletes the index that is being created.
func (u *tableUpdate) cancelsCreation() bool {
	return slices.ContainsFunc(u.deleted(), func(name string) bool {
		return u.entry.changesIndex(indexBackfill, name)
	})
}

// deleted returns the names of the indexes that the update deletes.
func (u *tableUpdate) deleted() []string {
	var names []string
	for _, update := range u.in.GlobalSecondaryIndexUpdates {
		if update.Delete != nil {
			names = append(names, *update.Delete.IndexName)
		}
	}
	for _, update := range u.in.VectorIndexUpdates {
		if update.Delete != nil {
			names = append(names, *update.Delete.IndexName)
		}
	}
	return names
}

// checkDeletionTime refuses to delete an index before its filling has begun.
func (u *tableUpdate) checkDeletionTime() error {
	for _, name := range u.deleted() {
		if u.entry.changesIndex(indexAllocation, name) {
			return inUse("Index creation is in resource allocation phase. Retry deletion during " +
				"backfilling phase or when the index is active. Table: " + u.entry.name +
				" Index: " + name)
		}
	}
	return nil
}

// checkIndexCreation checks a new index.
func (u *tableUpdate) checkIndexCreation(
	index *protocol.CreateGlobalSecondaryIndexAction,
) error {
	d := &u.entry.description
	name := *index.IndexName
	if d.local(name) != nil || d.global(name) != nil || d.vector(name) != nil {
		return protocol.Validation("Attempting to create an index which already exists")
	}
	keys := keysOf(index.KeySchema)
	if err := checkGlobalKeyShape(keys); err != nil {
		return err
	}
	if err := checkProjection(index.Projection); err != nil {
		return err
	}
	if len(u.in.AttributeDefinitions) == 0 {
		return invalid("AttributeDefinitions is not specified for index: %s", name)
	}
	if err := checkKeyDefined(keys, definedNames(u.in.AttributeDefinitions)); err != nil {
		return err
	}
	if err := u.checkRedefined(keys); err != nil {
		return err
	}
	if err := u.checkNewIndexThroughput(index); err != nil {
		return err
	}
	return u.checkIndexCount(index)
}

// checkIndexCount refuses too many indexes, and too many included attributes.
func (u *tableUpdate) checkIndexCount(index *protocol.CreateGlobalSecondaryIndexAction) error {
	d := &u.entry.description
	if len(d.globals) >= maxGlobals {
		return overLimit("Number of global secondary indexes exceeds per-table limit of 20")
	}
	sum := len(index.Projection.NonKeyAttributes)
	for _, other := range slices.Concat(d.locals, d.globals) {
		sum += len(other.projection.included)
	}
	return checkProjected(sum)
}

// checkRedefined refuses a key of a new index whose type differs from that in an existing key.
func (u *tableUpdate) checkRedefined(keys []keyElement) error {
	defined := attributesOf(u.in.AttributeDefinitions)
	asked := tableDescription{attributes: defined}
	for _, key := range keys {
		has := u.entry.description.kindOf(key.name)
		now := asked.kindOf(key.name)
		if has == "" || has == now {
			continue
		}
		return invalid("Attributes cannot be redefined. Please check that your attribute has the "+
			"same type as previously defined. Existing schema: Schema:[SchemaElement: "+
			"key{%s:%s:%s}] New schema: Schema:[SchemaElement: key{%s:%s:%s}]",
			key.name, has, keyType(u.entry.description.element(key.name)),
			key.name, now, keyType(key))
	}
	return nil
}

// element returns an attribute of a key from the first key that has it.
func (d *tableDescription) element(name string) keyElement {
	keys := slices.Clone(d.keys)
	for _, index := range slices.Concat(d.locals, d.globals) {
		keys = append(keys, index.keys...)
	}
	for _, index := range d.vectors {
		for _, e := range index.schema {
			keys = append(keys, keyElement{name: e.name})
		}
	}
	i := slices.IndexFunc(keys, func(k keyElement) bool { return k.name == name })
	return keys[max(0, i)]
}

// checkNewIndexThroughput checks that a new index has units if the table will have, and none
// otherwise.
func (u *tableUpdate) checkNewIndexThroughput(
	index *protocol.CreateGlobalSecondaryIndexAction,
) error {
	name := *index.IndexName
	switch has := index.ProvisionedThroughput != nil; {
	case has && u.willBeOnDemand():
		return invalid("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for "+
			"index: %s when BillingMode is PAY_PER_REQUEST", name)
	case !has && !u.willBeOnDemand():
		return invalid("Both ReadCapacityUnits and WriteCapacityUnits must be specified for "+
			"index: %s", name)
	}
	if err := u.checkIndexMaximum(index.OnDemandThroughput, name, false); err != nil {
		return err
	}
	return checkNewWarm(index.WarmThroughput, index.ProvisionedThroughput, "index "+name)
}

func (u *tableUpdate) checkIndexMaximum(
	most *protocol.OnDemandThroughput, name string, clears bool,
) error {
	if member := firstMaximum(most); member != "" && !u.willBeOnDemand() {
		return invalid("%s for OnDemandThroughput for index : %s cannot be specified when the "+
			"table BillingMode is PROVISIONED", member, name)
	}
	return checkMaximum(most, "index : "+name, clears)
}

// checkIndexChange checks a change of an index's throughput.
func (u *tableUpdate) checkIndexChange(
	index *indexDescription, to *protocol.UpdateGlobalSecondaryIndexAction,
) error {
	if err := u.checkIndexReady(index.name); err != nil {
		return err
	}
	if err := u.checkIndexMaximum(to.OnDemandThroughput, index.name, true); err != nil {
		return err
	}
	if err := checkWarmer(to.WarmThroughput, index.capacity.warm, "index "+index.name); err != nil {
		return err
	}
	units := to.ProvisionedThroughput
	other := firstMaximum(to.OnDemandThroughput) != "" || to.WarmThroughput != nil
	switch {
	case u.willBeOnDemand() && (units != nil || !other):
		return invalid("The only Updates for index: %s when TableThroughputMode is "+
			"PAY_PER_REQUEST can be to OnDemandThroughput, WarmThroughput", index.name)
	case units == nil && !other:
		return invalid("Both ReadCapacityUnits and WriteCapacityUnits must be specified for "+
			"index: %s", index.name)
	case units == nil || u.switches():
		return nil
	}
	return u.checkIndexUnits(index, *units.ReadCapacityUnits, *units.WriteCapacityUnits)
}

func (u *tableUpdate) checkIndexReady(name string) error {
	where := " Table: " + u.entry.name + " Index: " + name
	switch u.entry.indexStatus(name) {
	case "DELETING":
		return inUse("Index is being deleted." + where)
	case "CREATING":
		return inUse("Index is being created." + where)
	case "UPDATING":
		return inUse("Index is being updated." + where)
	}
	return nil
}

// checkIndexUnits refuses units of an index that are unchanged or are decreased too often.
func (u *tableUpdate) checkIndexUnits(index *indexDescription, read, write int64) error {
	has := &index.capacity.provisioned
	if read == has.read && write == has.write {
		of := "index " + index.name
		return protocol.Validation("The provisioned throughput for the "+of+" will not change."+
			unchangedUnits, of, has.read, read, of, has.write, write)
	}
	return has.checkDecrease(read, write, u.now)
}

// checkAllIndexesHaveUnits refuses an update that gives the table units and leaves an index
// without.
func (u *tableUpdate) checkAllIndexesHaveUnits() error {
	if !u.switches() || u.willBeOnDemand() {
		return nil
	}
	var without []string
	for _, index := range u.entry.description.globals {
		gets := func(update protocol.GlobalSecondaryIndexUpdate) bool {
			return update.Update != nil && *update.Update.IndexName == index.name &&
				update.Update.ProvisionedThroughput != nil
		}
		if !slices.ContainsFunc(u.in.GlobalSecondaryIndexUpdates, gets) {
			without = append(without, index.name)
		}
	}
	if without == nil {
		return nil
	}
	return invalid("ProvisionedThroughput must be specified for index: %s",
		strings.Join(without, ","))
}

// applyIndexes starts the changes of indexes.
func (u *tableUpdate) applyIndexes() {
	for _, update := range u.in.GlobalSecondaryIndexUpdates {
		switch {
		case update.Create != nil:
			u.createIndex(update.Create)
		case update.Delete != nil:
			u.deleteIndex(*update.Delete.IndexName)
		default:
			u.changeIndex(update.Update)
		}
	}
	u.applyVectors()
}

// createIndex starts to create an index. From now on writes update it; it can be read once it is
// ACTIVE.
func (u *tableUpdate) createIndex(create *protocol.CreateGlobalSecondaryIndexAction) {
	d := &u.entry.description
	index := describeGlobal((*protocol.GlobalSecondaryIndex)(create))
	d.globals = append(d.globals, index)
	u.define()
	u.entry.table.AddIndex(d.indexSchema(index, false))
	u.beginIndex(index.name)
}

// define adds the definitions of attributes that a new index uses.
func (u *tableUpdate) define() {
	d := &u.entry.description
	for _, a := range attributesOf(u.in.AttributeDefinitions) {
		if d.kindOf(a.name) == "" {
			d.attributes = append(d.attributes, a)
		}
	}
	sortAttributes(d.attributes)
	d.forgetUnusedAttributes()
}

// beginIndex begins the creation of an index that the table already fills.
func (u *tableUpdate) beginIndex(name string) {
	u.entry.versions = nil // none of the old versions has the index
	allocated := u.now.Add(u.due.Sub(u.now) / 2)
	u.entry.begin(change{kind: indexAllocation, index: name, due: allocated})
	u.entry.begin(change{kind: indexBackfill, index: name, due: u.due})
}

// deleteIndex starts to delete an index, which cannot be read from now on.
func (u *tableUpdate) deleteIndex(name string) {
	e := u.entry
	// Its creation may be in progress.
	e.changes = slices.DeleteFunc(e.changes, func(c change) bool {
		return c.kind.ofIndex() && c.index == name
	})
	e.table.DropIndex(name)
	e.begin(change{kind: indexDeletion, index: name, due: u.due, done: func() {
		d := &e.description
		d.globals = slices.DeleteFunc(d.globals, func(index *indexDescription) bool {
			return index.name == name
		})
		d.vectors = slices.DeleteFunc(d.vectors, func(index *vectorDescription) bool {
			return index.name == name
		})
		d.forgetUnusedAttributes()
	}})
}

// changeIndex starts a change of an index's throughput.
func (u *tableUpdate) changeIndex(to *protocol.UpdateGlobalSecondaryIndexAction) {
	index := u.entry.description.global(*to.IndexName)
	if units := to.ProvisionedThroughput; units != nil {
		u.changeIndexUnits(index, *units.ReadCapacityUnits, *units.WriteCapacityUnits)
	}
	if to.OnDemandThroughput != nil {
		u.entry.changeMaximum(&index.capacity, to.OnDemandThroughput, u.now)
		u.entry.begin(change{kind: indexChange, index: index.name, due: u.due})
	}
	if to.WarmThroughput != nil {
		u.warmUp(&index.capacity, to.WarmThroughput, index.name)
	}
}

func (u *tableUpdate) changeIndexUnits(index *indexDescription, read, write int64) {
	done := func() {}
	if u.in.ProvisionedThroughput != nil && index.capacity.provisioned.read == 0 {
		index.capacity.provisioned.read, index.capacity.provisioned.write = read, write
	} else {
		done = index.capacity.change(read, write, u.now)
	}
	u.entry.begin(change{kind: indexChange, index: index.name, due: u.due, done: done})
}
