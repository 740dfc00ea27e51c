package service

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// maxBroken is the greatest number of broken constraints that the service lists.
const maxBroken = 10

// constraints are the constraints of the service's model that a table operation's request breaks.
type constraints []string

// err returns the refusal, or nil if no constraint is broken.
func (c constraints) err() error { return refuseConstraints(c[:min(len(c), maxBroken)]) }

// add adds a broken constraint. value is the member's value as the service writes it.
func (c *constraints) add(value, path, constraint string) {
	*c = append(*c, fmt.Sprintf(
		"Value %s at '%s' failed to satisfy constraint: Member must %s", value, path, constraint))
}

func quoted(s string) string { return "'" + s + "'" }

// missing adds a constraint if a required member is missing, and reports whether it is.
func (c *constraints) missing(is bool, path string) bool {
	if is {
		c.add("null", path, "not be null")
	}
	return is
}

// enum checks a member with a few allowed values, if the request has it.
func (c *constraints) enum(v *string, path string, values ...string) {
	if v != nil && !slices.Contains(values, *v) {
		c.add(quoted(*v), path,
			"satisfy enum value set: ["+strings.Join(values, ", ")+"]")
	}
}

func (c *constraints) shorter(value string, length int, path string, least int) {
	if length < least {
		c.add(value, path, "have length greater than or equal to "+strconv.Itoa(least))
	}
}

func (c *constraints) longer(value string, length int, path string, most int) {
	if length > most {
		c.add(value, path, "have length less than or equal to "+strconv.Itoa(most))
	}
}

// units checks a number of capacity units.
func (c *constraints) units(n *int64, path string) {
	if !c.missing(n == nil, path) && *n < 1 {
		c.add(quoted(strconv.FormatInt(*n, 10)), path, "have value greater than or equal to 1")
	}
}

// throughput checks provisioned units if the request has them.
func (c *constraints) throughput(p *protocol.ProvisionedThroughput, path string) {
	if p != nil {
		c.units(p.WriteCapacityUnits, path+".writeCapacityUnits")
		c.units(p.ReadCapacityUnits, path+".readCapacityUnits")
	}
}

// keySchema checks a key of at most the given number of attributes. The service reports a key that
// is too long at "keySchema", whatever it is the key of.
func (c *constraints) keySchema(keys []protocol.KeySchemaElement, path string, most int) {
	if c.missing(keys == nil, path) {
		return
	}
	if len(keys) == 0 {
		c.shorter("'[]'", 0, path, 1)
	}
	c.longer(quoted(keySchemaText(keys)), len(keys), "keySchema", most)
	for i, k := range keys {
		member := fmt.Sprintf("%s.%d.member", path, i+1)
		c.attributeName(k.AttributeName, member+".attributeName")
		if !c.missing(k.KeyType == nil, member+".keyType") {
			c.enum(k.KeyType, member+".keyType", "HASH", "RANGE")
		}
	}
}

// keySchemaText returns a key as the service writes it in its texts.
func keySchemaText(keys []protocol.KeySchemaElement) string {
	elements := make([]string, len(keys))
	for i, k := range keys {
		elements[i] = fmt.Sprintf("KeySchemaElement(attributeName=%s, keyType=%s)",
			text(k.AttributeName), text(k.KeyType))
	}
	return "[" + strings.Join(elements, ", ") + "]"
}

func (c *constraints) attributeName(name *string, path string) {
	if c.missing(name == nil, path) {
		return
	}
	c.shorter(quoted(*name), len(*name), path, 1)
	c.longer(quoted(*name), len(*name), path, 255)
}

func (c *constraints) attributes(defined []protocol.AttributeDefinition) {
	for i, a := range defined {
		member := fmt.Sprintf("attributeDefinitions.%d.member", i+1)
		c.attributeName(a.AttributeName, member+".attributeName")
		if !c.missing(a.AttributeType == nil, member+".attributeType") {
			c.enum(a.AttributeType, member+".attributeType", "B", "N", "S")
		}
	}
}

func (c *constraints) indexName(name *string, path string) {
	path += ".indexName"
	if c.missing(name == nil, path) {
		return
	}
	if !isNameText(*name) {
		c.add(quoted(*name), path, "satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
	}
	c.shorter(quoted(*name), len(*name), path, 3)
	c.longer(quoted(*name), len(*name), path, 255)
}

func (c *constraints) projection(p *protocol.Projection, path string) {
	path += ".projection"
	if c.missing(p == nil, path) {
		return
	}
	c.enum(p.ProjectionType, path+".projectionType", "ALL", "INCLUDE", "KEYS_ONLY")
	if p.NonKeyAttributes != nil {
		list := "'[" + strings.Join(p.NonKeyAttributes, ", ") + "]'"
		c.shorter(list, len(p.NonKeyAttributes), path+".nonKeyAttributes", 1)
		c.longer(list, len(p.NonKeyAttributes), path+".nonKeyAttributes", 20)
	}
}

// The greatest numbers of attributes in a key.
const (
	maxKeys       = 2 // a table's or a local index's
	maxGlobalKeys = 8 // a global index's
)

func (c *constraints) global(index *protocol.GlobalSecondaryIndex, path string) {
	c.keySchema(index.KeySchema, path+".keySchema", maxGlobalKeys)
	c.projection(index.Projection, path)
	c.indexName(index.IndexName, path)
	c.throughput(index.ProvisionedThroughput, path+".provisionedThroughput")
}

func (c *constraints) local(index *protocol.LocalSecondaryIndex, path string) {
	c.indexName(index.IndexName, path)
	c.keySchema(index.KeySchema, path+".keySchema", maxKeys)
	c.projection(index.Projection, path)
}

func (c *constraints) stream(s *protocol.StreamSpecification) {
	if s == nil {
		return
	}
	c.missing(s.StreamEnabled == nil, "streamSpecification.streamEnabled")
	c.enum(s.StreamViewType, "streamSpecification.streamViewType",
		"OLD_IMAGE", "KEYS_ONLY", "NEW_AND_OLD_IMAGES", "NEW_IMAGE")
}

func (c *constraints) encryption(s *protocol.SSESpecification) {
	if s == nil {
		return
	}
	c.enum(s.SSEType, "sSESpecification.sSEType", "AES256", "KMS")
	if s.KMSMasterKeyId != nil {
		c.shorter("''", len(*s.KMSMasterKeyId), "sSESpecification.kMSMasterKeyId", 1)
	}
}

func (c *constraints) billingMode(mode *string) {
	c.enum(mode, "billingMode", "PROVISIONED", "PAY_PER_REQUEST")
}

// createConstraints returns the constraints that a CreateTable breaks, except those of the table's
// name.
func createConstraints(in *protocol.CreateTableInput) constraints {
	c := constraints{}
	c.billingMode(in.BillingMode)
	c.throughput(in.ProvisionedThroughput, "provisionedThroughput")
	c.keySchema(in.KeySchema, "keySchema", maxKeys)
	if !c.missing(in.AttributeDefinitions == nil, "attributeDefinitions") {
		c.attributes(in.AttributeDefinitions)
	}
	for i := range in.GlobalSecondaryIndexes {
		c.global(&in.GlobalSecondaryIndexes[i],
			fmt.Sprintf("globalSecondaryIndexes.%d.member", i+1))
	}
	for i := range in.LocalSecondaryIndexes {
		c.local(&in.LocalSecondaryIndexes[i],
			fmt.Sprintf("localSecondaryIndexes.%d.member", i+1))
	}
	for i := range in.VectorIndexes {
		c.vector(&in.VectorIndexes[i], fmt.Sprintf("vectorIndexes.%d.member", i+1))
	}
	c.stream(in.StreamSpecification)
	c.encryption(in.SSESpecification)
	return c
}

// updateConstraints returns the constraints that an UpdateTable breaks, except those of the table's
// name.
func updateConstraints(in *protocol.UpdateTableInput) constraints {
	c := constraints{}
	c.throughput(in.ProvisionedThroughput, "provisionedThroughput")
	for i, update := range in.GlobalSecondaryIndexUpdates {
		c.indexUpdate(&update, fmt.Sprintf("globalSecondaryIndexUpdates.%d.member", i+1))
	}
	for i, update := range in.VectorIndexUpdates {
		c.vectorUpdate(&update, fmt.Sprintf("vectorIndexUpdates.%d.member", i+1))
	}
	c.billingMode(in.BillingMode)
	c.attributes(in.AttributeDefinitions)
	c.stream(in.StreamSpecification)
	c.encryption(in.SSESpecification)
	if in.ReplicaUpdates != nil {
		c.shorter("'[]'", len(in.ReplicaUpdates), "replicaUpdates", 1)
	}
	return c
}

func (c *constraints) indexUpdate(update *protocol.GlobalSecondaryIndexUpdate, path string) {
	if u := update.Update; u != nil {
		c.indexName(u.IndexName, path+".update")
		c.throughput(u.ProvisionedThroughput, path+".update.provisionedThroughput")
	}
	if u := update.Create; u != nil {
		c.global((*protocol.GlobalSecondaryIndex)(u), path+".create")
	}
	if u := update.Delete; u != nil {
		c.indexName(u.IndexName, path+".delete")
	}
}
