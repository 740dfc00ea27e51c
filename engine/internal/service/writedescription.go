package service

import (
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// describes names the operation that writes a description. The responses differ slightly.
type describes uint8

const (
	describesTable describes = iota
	describesNewTable
)

// write writes the table's description. The caller holds the table's lock.
func (e *tableEntry) write(out *protocol.Writer, kind describes) {
	d := &e.description
	out.Object()
	writeAttributes(out, d.attributes)
	putString(out, "TableName", e.name)
	writeKeySchema(out, d.keys)
	putString(out, "TableStatus", e.status())
	putTime(out, "CreationDateTime", d.created)
	writeProvisioned(out, &d.capacity.provisioned)
	putInt(out, "TableSizeBytes", e.table.Bytes())
	putInt(out, "ItemCount", int64(e.table.Len()))
	putString(out, "TableArn", tableARN(e.name))
	putString(out, "TableId", d.id)
	e.writeBilling(out, kind)
	e.writeLocals(out)
	e.writeGlobals(out, kind)
	e.writeVectors(out)
	e.writeStream(out)
	e.writeEncryption(out)
	if d.class != "" {
		e.writeClass(out)
	}
	if kind != describesNewTable || d.protectionAsked {
		out.Key("DeletionProtectionEnabled")
		out.Bool(d.protected)
	}
	writeMaximum(out, d.capacity.maximum)
	if kind != describesNewTable || d.capacity.warm.asked {
		writeWarm(out, d.capacity.warm, e.has(creation) || e.changesIndex(warmChange, ""))
	}
	out.End()
}

func putString(out *protocol.Writer, key, s string) {
	out.Key(key)
	out.String(s)
}

func putInt(out *protocol.Writer, key string, n int64) {
	out.Key(key)
	out.Int(n)
}

// putTime writes a time in the service's form, in seconds with a fraction of milliseconds.
func putTime(out *protocol.Writer, key string, t time.Time) {
	out.Key(key)
	out.Float(float64(t.UnixMilli()) / 1000)
}

func writeAttributes(out *protocol.Writer, attributes []attributeDefinition) {
	out.Key("AttributeDefinitions")
	out.Array()
	for _, a := range attributes {
		out.Object()
		putString(out, "AttributeName", a.name)
		putString(out, "AttributeType", a.kind)
		out.End()
	}
	out.End()
}

func writeKeySchema(out *protocol.Writer, keys []keyElement) {
	out.Key("KeySchema")
	out.Array()
	for _, k := range keys {
		out.Object()
		putString(out, "AttributeName", k.name)
		putString(out, "KeyType", keyType(k))
		out.End()
	}
	out.End()
}

func keyType(k keyElement) string {
	if k.isRange {
		return "RANGE"
	}
	return "HASH"
}

func writeProvisioned(out *protocol.Writer, p *provisioned) {
	out.Key("ProvisionedThroughput")
	out.Object()
	if !p.increased.IsZero() {
		putTime(out, "LastIncreaseDateTime", p.increased)
	}
	if !p.decreased.IsZero() {
		putTime(out, "LastDecreaseDateTime", p.decreased)
	}
	putInt(out, "NumberOfDecreasesToday", p.decreases)
	putInt(out, "ReadCapacityUnits", p.read)
	putInt(out, "WriteCapacityUnits", p.write)
	out.End()
}

// writeBilling writes the billing mode if the table has or ever had one other than PROVISIONED.
func (e *tableEntry) writeBilling(out *protocol.Writer, kind describes) {
	d := &e.description
	if d.onDemandSince.IsZero() {
		return
	}
	mode := "PROVISIONED"
	if d.onDemand {
		mode = "PAY_PER_REQUEST"
	}
	for _, name := range []string{"BillingMode", "TableThroughputMode"} {
		out.Key(name + "Summary")
		out.Object()
		putString(out, name, mode)
		if kind != describesNewTable {
			putTime(out, "LastUpdateToPayPerRequestDateTime", d.onDemandSince)
		}
		out.End()
	}
}

func (e *tableEntry) writeLocals(out *protocol.Writer) {
	if len(e.description.locals) == 0 {
		return
	}
	out.Key("LocalSecondaryIndexes")
	out.Array()
	for _, index := range e.description.locals {
		out.Object()
		e.writeIndex(out, index)
		out.End()
	}
	out.End()
}

func (e *tableEntry) writeGlobals(out *protocol.Writer, kind describes) {
	if len(e.description.globals) == 0 {
		return
	}
	out.Key("GlobalSecondaryIndexes")
	out.Array()
	for _, index := range e.description.globals {
		out.Object()
		e.writeIndex(out, index)
		status := e.indexStatus(index.name)
		putString(out, "IndexStatus", status)
		if status == "CREATING" && !e.has(creation) {
			out.Key("Backfilling")
			out.Bool(!e.changesIndex(indexAllocation, index.name))
		}
		writeProvisioned(out, &index.capacity.provisioned)
		writeMaximum(out, index.capacity.maximum)
		if kind != describesNewTable {
			writeWarm(out, index.capacity.warm,
				status == "CREATING" || e.changesIndex(warmChange, index.name))
		}
		out.End()
	}
	out.End()
}

// writeIndex writes the common members of local and global indexes.
func (e *tableEntry) writeIndex(out *protocol.Writer, index *indexDescription) {
	putString(out, "IndexName", index.name)
	writeKeySchema(out, index.keys)
	writeProjection(out, &index.projection)
	items, bytes := int64(0), int64(0)
	if held := e.table.Index(index.name); held != nil {
		items, bytes = int64(held.Len()), held.Bytes()
	}
	putInt(out, "IndexSizeBytes", bytes)
	putInt(out, "ItemCount", items)
	putString(out, "IndexArn", indexARN(e.name, index.name))
}

func writeProjection(out *protocol.Writer, p *projectionDescription) {
	out.Key("Projection")
	out.Object()
	putString(out, "ProjectionType", p.kind)
	if len(p.included) > 0 {
		out.Key("NonKeyAttributes")
		out.Array()
		for _, name := range p.included {
			out.String(name)
		}
		out.End()
	}
	out.End()
}

func (e *tableEntry) writeStream(out *protocol.Writer) {
	s := &e.description.stream
	if s.view != "" {
		out.Key("StreamSpecification")
		out.Object()
		out.Key("StreamEnabled")
		out.Bool(true)
		putString(out, "StreamViewType", s.view)
		out.End()
	}
	if s.label != "" {
		putString(out, "LatestStreamLabel", s.label)
		putString(out, "LatestStreamArn", streamARN(e.name, s.label))
	}
}

func (e *tableEntry) writeEncryption(out *protocol.Writer) {
	updating := e.has(encryptionChange)
	key := e.description.encryptionKey
	if key == "" && !updating {
		return
	}
	out.Key("SSEDescription")
	out.Object()
	status := "ENABLED"
	if updating {
		status = "UPDATING"
	}
	putString(out, "Status", status)
	if key != "" {
		putString(out, "SSEType", "KMS")
		putString(out, "KMSMasterKeyArn", key)
	}
	out.End()
}

func (e *tableEntry) writeClass(out *protocol.Writer) {
	d := &e.description
	out.Key("TableClassSummary")
	out.Object()
	putString(out, "TableClass", d.class)
	if n := len(d.classChanges); n > 0 {
		putTime(out, "LastUpdateDateTime", d.classChanges[n-1])
	}
	out.End()
}

// writeMaximum writes the limits that are set.
func writeMaximum(out *protocol.Writer, m maximum) {
	if m == (maximum{}) {
		return
	}
	out.Key("OnDemandThroughput")
	out.Object()
	if m.read != 0 {
		putInt(out, "MaxReadRequestUnits", m.read)
	}
	if m.write != 0 {
		putInt(out, "MaxWriteRequestUnits", m.write)
	}
	out.End()
}

func writeWarm(out *protocol.Writer, w warm, updating bool) {
	out.Key("WarmThroughput")
	out.Object()
	putInt(out, "ReadUnitsPerSecond", w.read)
	putInt(out, "WriteUnitsPerSecond", w.write)
	status := "ACTIVE"
	if updating {
		status = "UPDATING"
	}
	putString(out, "Status", status)
	out.End()
}
