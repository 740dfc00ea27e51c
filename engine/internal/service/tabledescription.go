package service

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/table"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// tableDescription describes a table, without its items and pending changes. write writes its JSON.
type tableDescription struct {
	id         string
	created    time.Time
	gone       bool // deleted
	attributes []attributeDefinition
	keys       []keyElement
	locals     []*indexDescription
	globals    []*indexDescription
	vectors    []*vectorDescription

	onDemand        bool      // the billing mode is PAY_PER_REQUEST, not PROVISIONED
	onDemandSince   time.Time // when the table was last switched to on-demand; zero: never
	capacity        capacity
	class           string      // "": never set
	classChanges    []time.Time // the last changes of the class
	protected       bool        // against deletion
	protectionAsked bool        // CreateTable returns the protection only if it was asked for
	encryptionKey   string      // its ARN; "": the service's own key
	stream          streamDescription
	tags            []tag

	recovery      recovery
	expiry        string    // the attribute of the time to live; "": none
	expiryLeft    string    // the attribute whose time to live is being switched off
	expiryChanged time.Time // when time to live was last switched on or off
}

// attributeDefinition is a key attribute of the table or an index. The type is S, N or B.
type attributeDefinition struct{ name, kind string }

// keyElement is an attribute of a key.
type keyElement struct {
	name    string
	isRange bool
}

// indexDescription is a secondary index. A local one has no capacity.
type indexDescription struct {
	name       string
	keys       []keyElement
	projection projectionDescription
	capacity   capacity
}

// projectionDescription lists what an index holds besides the keys.
type projectionDescription struct {
	kind     string   // ALL, KEYS_ONLY or INCLUDE
	included []string // for INCLUDE, sorted
}

// capacity is the throughput of a table or a global index.
type capacity struct {
	provisioned provisioned
	maximum     maximum
	warm        warm
}

// provisioned are the units of a table or index that is not on demand, and the times of their
// changes.
type provisioned struct {
	read, write          int64
	increased, decreased time.Time // zero: never
	decreases            int64     // on the day of the last decrease
}

// maximum is the greatest throughput of a table or index on demand, 0 for no limit.
type maximum struct{ read, write int64 }

// warm is the throughput that a table or index supports at once.
type warm struct {
	read, write int64
	asked       bool // asked for when the table was created
}

// streamDescription is the table's stream. The label stays when the stream is switched off.
type streamDescription struct {
	view  string // its view type; "": switched off
	label string // of the latest stream; "": there has been none
}

// tag is a label of a table.
type tag struct{ key, value string }

// The initial throughput of a table on demand: the service's documentation, "DynamoDB on-demand
// capacity mode".
const (
	initialReads  = 12000
	initialWrites = 4000
)

// newID returns the TableId of a new table, a random UUID.
func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// describe returns the description of the table that a valid request asks for.
func describe(in *protocol.CreateTableInput, now time.Time) tableDescription {
	d := tableDescription{
		id:         newID(),
		created:    now,
		attributes: attributesOf(in.AttributeDefinitions),
		keys:       keysOf(in.KeySchema),
		onDemand:   isOnDemand(in.BillingMode),
		capacity: newCapacity(in.ProvisionedThroughput, in.OnDemandThroughput,
			in.WarmThroughput),
		class:           text(in.TableClass),
		protected:       isTrue(in.DeletionProtectionEnabled),
		protectionAsked: in.DeletionProtectionEnabled != nil,
	}
	if d.onDemand {
		d.onDemandSince = now
	}
	if sse := in.SSESpecification; sse != nil && encrypts(sse) {
		d.encryptionKey = keyARN(sse.KMSMasterKeyId)
	}
	for _, index := range in.LocalSecondaryIndexes {
		d.locals = append(d.locals, &indexDescription{
			name: *index.IndexName, keys: keysOf(index.KeySchema),
			projection: projectionOf(index.Projection),
		})
	}
	for i := range in.GlobalSecondaryIndexes {
		d.globals = append(d.globals, describeGlobal(&in.GlobalSecondaryIndexes[i]))
	}
	for i := range in.VectorIndexes {
		d.vectors = append(d.vectors, describeVector(&in.VectorIndexes[i]))
	}
	for _, t := range in.Tags {
		d.tags = append(d.tags, tag{*t.Key, *t.Value})
	}
	return d
}

func describeGlobal(index *protocol.GlobalSecondaryIndex) *indexDescription {
	return &indexDescription{
		name: *index.IndexName, keys: keysOf(index.KeySchema),
		projection: projectionOf(index.Projection),
		capacity: newCapacity(index.ProvisionedThroughput, index.OnDemandThroughput,
			index.WarmThroughput),
	}
}

// newCapacity returns the capacity of a new table or index.
func newCapacity(
	units *protocol.ProvisionedThroughput, most *protocol.OnDemandThroughput,
	asked *protocol.WarmThroughput,
) capacity {
	c := capacity{warm: warm{read: initialReads, write: initialWrites}}
	if units != nil {
		read, write := *units.ReadCapacityUnits, *units.WriteCapacityUnits
		c.provisioned = provisioned{read: read, write: write}
		c.warm = warm{read: read, write: write}
	}
	if most != nil {
		c.maximum = maximum{
			orElse(most.MaxReadRequestUnits, 0), orElse(most.MaxWriteRequestUnits, 0),
		}
	}
	if asked != nil {
		c.warm = warm{
			orElse(asked.ReadUnitsPerSecond, c.warm.read),
			orElse(asked.WriteUnitsPerSecond, c.warm.write), true,
		}
	}
	return c
}

func isOnDemand(mode *string) bool { return mode != nil && *mode == "PAY_PER_REQUEST" }

func orElse[T any](v *T, otherwise T) T {
	if v == nil {
		return otherwise
	}
	return *v
}

// text returns a string of the request, or "" if it is absent.
func text(s *string) string { return orElse(s, "") }

func keysOf(schema []protocol.KeySchemaElement) []keyElement {
	keys := make([]keyElement, len(schema))
	for i, element := range schema {
		keys[i] = keyElement{text(element.AttributeName), text(element.KeyType) == "RANGE"}
	}
	return keys
}

// attributesOf returns attribute definitions in the service's order, by name.
func attributesOf(defined []protocol.AttributeDefinition) []attributeDefinition {
	attributes := make([]attributeDefinition, len(defined))
	for i, a := range defined {
		attributes[i] = attributeDefinition{text(a.AttributeName), text(a.AttributeType)}
	}
	sortAttributes(attributes)
	return attributes
}

func sortAttributes(attributes []attributeDefinition) {
	slices.SortFunc(attributes, func(a, b attributeDefinition) int {
		return cmp.Compare(a.name, b.name)
	})
}

func projectionOf(p *protocol.Projection) projectionDescription {
	included := slices.Clone(p.NonKeyAttributes)
	slices.Sort(included)
	return projectionDescription{*p.ProjectionType, included}
}

// kindOf returns the type of an attribute.
func (d *tableDescription) kindOf(attribute string) string {
	for _, a := range d.attributes {
		if a.name == attribute {
			return a.kind
		}
	}
	return ""
}

// schema returns a key in the form of package table.
func (d *tableDescription) schema(keys []keyElement) table.KeySchema {
	schema := table.KeySchema{}
	for _, k := range keys {
		part := table.KeyPart{Name: k.name, Kind: keyKinds[d.kindOf(k.name)]}
		if k.isRange {
			schema.Range = append(schema.Range, part)
		} else {
			schema.Hash = append(schema.Hash, part)
		}
	}
	return schema
}

var keyKinds = map[string]value.Kind{"S": value.KindS, "N": value.KindN, "B": value.KindB}

var projections = map[string]table.ProjectionType{
	"ALL": table.ProjectAll, "KEYS_ONLY": table.ProjectKeys, "INCLUDE": table.ProjectInclude,
}

// indexSchema returns an index in the form of package table.
func (d *tableDescription) indexSchema(index *indexDescription, local bool) table.IndexSchema {
	return table.IndexSchema{
		Name: index.name, Local: local, Keys: d.schema(index.keys),
		Projection: projections[index.projection.kind], Included: index.projection.included,
	}
}

// newTable returns an empty table of the description.
func (d *tableDescription) newTable() *table.Table {
	var indexes []table.IndexSchema
	for _, index := range d.locals {
		indexes = append(indexes, d.indexSchema(index, true))
	}
	for _, index := range d.globals {
		indexes = append(indexes, d.indexSchema(index, false))
	}
	t := table.New(d.schema(d.keys), indexes)
	for _, index := range d.vectors {
		t.AddVectorIndex(d.vectorSchema(index))
	}
	return t
}

// global returns a global index, or nil if there is none of the name.
func (d *tableDescription) global(name string) *indexDescription { return named(d.globals, name) }

// local returns a local index, or nil if there is none of the name.
func (d *tableDescription) local(name string) *indexDescription { return named(d.locals, name) }

func named(indexes []*indexDescription, name string) *indexDescription {
	for _, index := range indexes {
		if index.name == name {
			return index
		}
	}
	return nil
}

// forgetUnusedAttributes removes the definitions of attributes that are no longer part of a key.
func (d *tableDescription) forgetUnusedAttributes() {
	d.attributes = slices.DeleteFunc(d.attributes, func(a attributeDefinition) bool {
		isIt := func(k keyElement) bool { return k.name == a.name }
		if slices.ContainsFunc(d.keys, isIt) {
			return false
		}
		for _, index := range slices.Concat(d.locals, d.globals) {
			if slices.ContainsFunc(index.keys, isIt) {
				return false
			}
		}
		for _, index := range d.vectors {
			isIt := func(e searchElement) bool { return e.name == a.name }
			if slices.ContainsFunc(index.schema, isIt) {
				return false
			}
		}
		return true
	})
}
