package main

import "fmt"

// tableRequest returns a request of an operation on tables. It leaves the session's tables as the
// other requests expect them, except for the changes of UpdateTable.
func (g *generator) tableRequest(operation string) *object {
	t := g.table()
	arn := arnMark + "table/" + t.name
	switch operation {
	case "CreateTable":
		return randomTable(g.r, g.otherName(), false).create(g.r)
	case "DeleteTable":
		return newObject("TableName", g.otherName())
	case "UpdateTable":
		return g.updateTable(t)
	case "TagResource":
		return newObject("ResourceArn", arn, "Tags", newList(g.tag(), g.tag()))
	case "UntagResource":
		return newObject("ResourceArn", arn, "TagKeys", newList(g.tag().get("Key")))
	case "ListTagsOfResource":
		return newObject("ResourceArn", arn)
	case "UpdateTimeToLive":
		return newObject("TableName", t.name, "TimeToLiveSpecification",
			newObject("AttributeName", "expires", "Enabled", g.chance(60)))
	case "ListTables":
		return newObject()
	}
	return newObject("TableName", t.name)
}

// otherName returns the name of a table that no other request uses.
func (g *generator) otherName() string {
	return fmt.Sprintf("%s.%d", g.tables[0].name, g.r.IntN(3))
}

func (g *generator) tag() *object {
	return newObject("Key", pick(g.r, []string{"team", "stage", "é"}),
		"Value", pick(g.r, []string{"", "one", "two"}))
}

// added is the index that UpdateTable creates and deletes most often: no read depends on it.
const added = "global.d"

func (g *generator) updateTable(t *table) *object {
	o := newObject("TableName", t.name)
	switch g.r.IntN(7) {
	case 0:
		o.set("BillingMode", "PAY_PER_REQUEST")
	case 1:
		o.set("BillingMode", "PROVISIONED")
		o.set("ProvisionedThroughput", newObject(
			"ReadCapacityUnits", jsonInt(g.r, 5, 6, 7), "WriteCapacityUnits", jsonInt(g.r, 5, 6)))
	case 2:
		o.set("StreamSpecification", newObject("StreamEnabled", false))
		if g.chance(50) {
			view := pick(g.r, []string{"NEW_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"})
			o.set("StreamSpecification", newObject("StreamEnabled", true, "StreamViewType", view))
		}
	case 3:
		o.set("DeletionProtectionEnabled", g.chance(30))
	case 4:
		o.set("TableClass", pick(g.r, []string{"STANDARD", "STANDARD_INFREQUENT_ACCESS"}))
	case 5:
		g.createIndex(o, t)
	default:
		name := added
		if g.chance(15) {
			name = pick(g.r, []string{"global.a", "global.b", "global.c"})
		}
		o.set("GlobalSecondaryIndexUpdates", newList(
			newObject("Delete", newObject("IndexName", name))))
	}
	return o
}

// createIndex adds a global index to a table.
func (g *generator) createIndex(request *object, t *table) {
	x := randomGlobal(g.r, t, 0, false)
	x.name = added
	definitions := newList()
	for _, k := range x.keys() {
		definitions.add(newObject("AttributeName", k.name, "AttributeType", k.kind))
	}
	request.set("AttributeDefinitions", definitions)
	request.set("GlobalSecondaryIndexUpdates", newList(newObject("Create", x.describe())))
}
