package service

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func indexUpdates(updates ...string) string {
	out := `"GlobalSecondaryIndexUpdates":[`
	for i, u := range updates {
		if i > 0 {
			out += ","
		}
		out += "{" + u + "}"
	}
	return out + "]"
}

func create(name, keys string, more ...string) string {
	return `"Create":` + indexOf(name, keys, projectAll, more...)
}

func drop(name string) string { return `"Delete":{"IndexName":"` + name + `"}` }

func alter(name string, more ...string) string {
	return `"Update":` + object(append(more, `"IndexName":"`+name+`"`)...)
}

func TestUpdateTableCreatesIndex(t *testing.T) {
	t.Parallel()
	s := newService()
	newThings(t, s)
	response := call(t, s, "UpdateTable", modify(define("g S, pk S, unused N"),
		indexUpdates(create("idx", "g pk"))))[createdTable]
	require.Equal(t, "UPDATING", at(response, "TableStatus"))
	require.Equal(t, "CREATING", at(response, "GlobalSecondaryIndexes", "IndexStatus"))
	require.Equal(t, false, at(response, "GlobalSecondaryIndexes", "Backfilling"))
	require.Equal(t, []any{attribute("g", "S"), attribute("pk", "S")},
		at(response, "AttributeDefinitions"), "without the one that is not used")

	table := described(t, s)
	require.Equal(t, "ACTIVE", at(table, "TableStatus"))
	require.Equal(t, "ACTIVE", at(table, "GlobalSecondaryIndexes", "IndexStatus"))
	require.Nil(t, at(table, "GlobalSecondaryIndexes", "Backfilling"))

	call(t, s, "UpdateTable", modify(indexUpdates(drop("idx"))))
	table = described(t, s)
	require.Nil(t, at(table, "GlobalSecondaryIndexes"))
	require.Equal(t, []any{attribute("pk", "S")}, at(table, "AttributeDefinitions"))
}

func TestUpdateTableWrongIndex(t *testing.T) {
	t.Parallel()
	const wrong = "One or more parameter values were invalid: "
	s := newService()
	call(t, s, "CreateTable", object(nameOf("things"), define("pk S, sk S, g S"), key("pk sk"),
		onDemand, globals(indexOf("by-g", "g", projectAll)),
		locals(indexOf("local", "pk g", projectAll))))
	requireBad(t, s, "UpdateTable", []bad{
		{"a name that is taken", modify(define("g S"), indexUpdates(create("by-g", "g"))),
			"Attempting to create an index which already exists"},
		{"the name of a local index", modify(define("g S"), indexUpdates(create("local", "g"))),
			"Attempting to create an index which already exists"},
		{"no definitions", modify(indexUpdates(create("idx", "g"))),
			wrong + "AttributeDefinitions is not specified for index: idx"},
		{"another definition", modify(define("g S"), indexUpdates(create("idx", "x"))), wrong +
			"Some index key attributes are not defined in AttributeDefinitions. Keys: [x], " +
			"AttributeDefinitions: [g]"},
		{"too few definitions", modify(define("g S"), indexUpdates(create("idx", "x y"))),
			undefinedKeys},
		{"another type", modify(define("sk N"), indexUpdates(create("idx", "sk"))), wrong +
			"Attributes cannot be redefined. Please check that your attribute has the same type " +
			"as previously defined. Existing schema: Schema:[SchemaElement: key{sk:S:RANGE}] " +
			"New schema: Schema:[SchemaElement: key{sk:N:HASH}]"},
		{"units on demand", modify(define("g S"), indexUpdates(create("idx", "g", fiveUnits))),
			wrong + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for " +
				"index: idx when BillingMode is PAY_PER_REQUEST"},
		{"deleting a local one", modify(indexUpdates(drop("local"))),
			"Cannot delete an index that is not a GlobalSecondaryIndex: local"},
		{"updating a local one", modify(indexUpdates(alter("local"))),
			"Cannot update an index that is not a GlobalSecondaryIndex: local"},
		{"updating nothing", modify(indexUpdates(alter("by-g"))), wrong + "The only Updates for " +
			"index: by-g when TableThroughputMode is PAY_PER_REQUEST can be to " +
			"OnDemandThroughput, WarmThroughput"},
		{"colder", modify(indexUpdates(alter("by-g", `"WarmThroughput":`+
			`{"WriteUnitsPerSecond":1}`))), wrong + "Requested WriteUnitsPerSecond for " +
			"WarmThroughput for index by-g is lower than current WarmThroughput, decreasing " +
			"WarmThroughput is not supported"},
		{"an attribute twice", modify(define("g S"), indexUpdates(create("idx", "g g"))),
			"Both the Hash Key and the Range Key element in the KeySchema have the same name"},
	})
	for _, action := range []string{drop("ghost"), alter("ghost")} {
		requireRefused(t, s, "UpdateTable", modify(indexUpdates(action)),
			"ResourceNotFoundException",
			"Requested resource not found: Index ghost for table things")
	}
}

func TestUpdateTableChangesOneIndexAtATime(t *testing.T) {
	t.Parallel()
	const message = "Subscriber limit exceeded: Only 1 online index can be created or deleted " +
		"simultaneously per table"
	s := newService()
	newThings(t, s, globals(indexOf("one", "pk", projectAll), indexOf("two", "pk", projectAll)))
	for _, actions := range [][]string{
		{create("three", "pk"), create("four", "pk")},
		{create("three", "pk"), drop("one")},
		{drop("one"), drop("two")},
	} {
		requireRefused(t, s, "UpdateTable", modify(define("pk S"), indexUpdates(actions...)),
			"LimitExceededException", message)
	}
	call(t, s, "UpdateTable", modify(define("pk S"), indexUpdates(create("three", "pk"),
		alter("one", `"OnDemandThroughput":{"MaxReadRequestUnits":4}`),
		alter("two", `"WarmThroughput":{"ReadUnitsPerSecond":12001}`))))
	indexes, _ := at(described(t, s), "GlobalSecondaryIndexes").([]any)
	require.Len(t, indexes, 3)
	require.Equal(t, 4.0, at(indexes[0], "OnDemandThroughput", "MaxReadRequestUnits"))
	require.Equal(t, 12001.0, at(indexes[1], "WarmThroughput", "ReadUnitsPerSecond"))
	require.Equal(t, "three", at(indexes[2], "IndexName"))
}

func TestUpdateTableCountsIndexes(t *testing.T) {
	t.Parallel()
	s := newService()
	var indexes []string
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
		indexes = append(indexes, indexOf("one"+name, "pk", projectAll),
			indexOf("two"+name, "pk", projectAll))
	}
	newThings(t, s, globals(indexes...))
	requireRefused(t, s, "UpdateTable", modify(define("pk S"), indexUpdates(create("idx", "pk"))),
		"LimitExceededException", "Subscriber limit exceeded: Number of global secondary indexes "+
			"exceeds per-table limit of 20")
	call(t, s, "UpdateTable", modify(indexUpdates(drop("onea"))))
	call(t, s, "UpdateTable", modify(define("pk S"), indexUpdates(create("idx", "pk"))))
}

func TestUpdateTableChangesUnitsOfIndex(t *testing.T) {
	t.Parallel()
	s := newService()
	newProvisioned(t, s, globals(indexOf("idx", "pk", projectAll, fiveUnits)))
	requireRefused(t, s, "UpdateTable", modify(indexUpdates(alter("idx", fiveUnits))), validation,
		"The provisioned throughput for the index idx will not change. The requested value "+
			"equals the current value. Current ReadCapacityUnits provisioned for index idx: 5. "+
			"Requested ReadCapacityUnits: 5. Current WriteCapacityUnits provisioned for index "+
			"idx: 5. Requested WriteCapacityUnits: 5. Refer to the Amazon DynamoDB Developer "+
			"Guide for current limits and how to request higher limits.")
	requireRefused(t, s, "UpdateTable", modify(define("pk S"), indexUpdates(create("new", "pk"))),
		validation, "One or more parameter values were invalid: Both ReadCapacityUnits and "+
			"WriteCapacityUnits must be specified for index: new")

	response := call(t, s, "UpdateTable", modify(indexUpdates(alter("idx", provision("7", "5")))))
	index := at(response, createdTable, "GlobalSecondaryIndexes")
	require.Equal(t, "ACTIVE", at(response, createdTable, "TableStatus"))
	require.Equal(t, "UPDATING", at(index, "IndexStatus"))
	require.Equal(t, 5.0, at(index, "ProvisionedThroughput", "ReadCapacityUnits"))
	index = at(described(t, s), "GlobalSecondaryIndexes")
	require.Equal(t, "ACTIVE", at(index, "IndexStatus"))
	require.Equal(t, 7.0, at(index, "ProvisionedThroughput", "ReadCapacityUnits"))
}

func TestNewIndexHasTheItems(t *testing.T) {
	t.Parallel()
	s := newService()
	newThings(t, s)
	entry := s.find("things")
	entry.table.Put("a", item("pk", "a", "g", "x"))
	entry.table.Put("b", item("pk", "b"))
	call(t, s, "UpdateTable", modify(define("g S"), indexUpdates(create("idx", "g"))))
	table := described(t, s)
	require.Equal(t, 2.0, at(table, "ItemCount"))
	require.Equal(t, 8.0, at(table, "TableSizeBytes"))
	require.Equal(t, 1.0, at(table, "GlobalSecondaryIndexes", "ItemCount"))
	require.Equal(t, 5.0, at(table, "GlobalSecondaryIndexes", "IndexSizeBytes"))
}

func TestIndexesTakeTheirTime(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := New(Options{Now: clock.Now, TableDelay: time.Minute})
	newThings(t, s)
	clock.add(time.Minute)
	call(t, s, "UpdateTable", modify(define("g S"), indexUpdates(create("idx", "g"))))
	requireRefused(t, s, "UpdateTable", modify(indexUpdates(drop("idx"))),
		"ResourceInUseException", inUseText+"Index creation is in resource allocation phase. "+
			"Retry deletion during backfilling phase or when the index is active. Table: things "+
			"Index: idx")
	requireRefused(t, s, "UpdateTable",
		modify(`"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}`),
		"ResourceInUseException",
		inUseText+"Can't change stream status when an index is being created")

	clock.add(30 * time.Second)
	table := described(t, s)
	require.Equal(t, "ACTIVE", at(table, "TableStatus"))
	require.Equal(t, "CREATING", at(table, "GlobalSecondaryIndexes", "IndexStatus"))
	require.Equal(t, true, at(table, "GlobalSecondaryIndexes", "Backfilling"))
	const backfills = "Cannot read from backfilling global secondary index: idx"
	requireRefused(t, s, "Scan", `{"TableName":"things","IndexName":"idx"}`, validation, backfills)
	requireRefused(t, s, "Query", `{"TableName":"things","IndexName":"idx","KeyConditions":{"g":
		{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"a"}]}}}`, validation, backfills)
	requireRefused(t, s, "UpdateTable", modify(define("g S"), indexUpdates(create("new", "g"))),
		"LimitExceededException", "Subscriber limit exceeded: "+oneOnline)
	requireRefused(t, s, "DeleteTable", describedName, "ResourceInUseException", inUseText+
		"Cannot delete table while indexes are being created, updated, or deleted.")

	clock.add(30 * time.Second)
	call(t, s, "Scan", `{"TableName":"things","IndexName":"idx"}`)
	require.Equal(t, "ACTIVE", at(described(t, s), "GlobalSecondaryIndexes", "IndexStatus"))

	response := call(t, s, "UpdateTable", modify(indexUpdates(drop("idx"))))
	require.Equal(t, "DELETING", at(response, createdTable, "GlobalSecondaryIndexes", "IndexStatus"))
	require.Equal(t, "DELETING", at(described(t, s), "GlobalSecondaryIndexes", "IndexStatus"))
	require.Nil(t, s.find("things").table.Index("idx"), "nobody reads it any more")
	clock.add(time.Minute)
	require.Nil(t, at(described(t, s), "GlobalSecondaryIndexes"))
}

func TestIndexCreationCanBeCancelled(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := New(Options{Now: clock.Now, TableDelay: time.Minute})
	newThings(t, s)
	clock.add(time.Minute)
	call(t, s, "UpdateTable", modify(define("g S"), indexUpdates(create("idx", "g"))))
	clock.add(30 * time.Second)
	call(t, s, "UpdateTable", modify(indexUpdates(drop("idx"))))
	require.Equal(t, "DELETING", at(described(t, s), "GlobalSecondaryIndexes", "IndexStatus"))
	clock.add(time.Minute)
	table := described(t, s)
	require.Nil(t, at(table, "GlobalSecondaryIndexes"))
	require.Equal(t, "ACTIVE", at(table, "TableStatus"))
}

func TestUpdateTableWhileAnIndexChanges(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := New(Options{Now: clock.Now, TableDelay: time.Minute})
	newProvisioned(t, s, globals(indexOf("one", "pk", projectAll, fiveUnits),
		indexOf("two", "pk", projectAll, fiveUnits)))
	clock.add(time.Minute)
	refuse := func(body, message string) {
		t.Helper()
		requireRefused(t, s, "UpdateTable", body, "ResourceInUseException", inUseText+message)
	}
	six := provision("6", "6")
	call(t, s, "UpdateTable", modify(indexUpdates(alter("one", six))))
	refuse(modify(indexUpdates(alter("one", provision("7", "7")))),
		"Index is being updated. Table: things Index: one")
	call(t, s, "UpdateTable", modify(indexUpdates(alter("two", six))))
	clock.add(time.Minute)

	call(t, s, "UpdateTable", modify(indexUpdates(drop("one"))))
	refuse(modify(six), "Can't change table IOPS when an index is being deleted. Table: things "+
		"Indexes: [one]")
	refuse(modify(indexUpdates(alter("one", provision("7", "7")))),
		"Index is being deleted. Table: things Index: one")
	clock.add(time.Minute)

	call(t, s, "UpdateTable", modify(define("pk S"), indexUpdates(create("new", "pk", six))))
	refuse(modify(six), "Table is being updated: things")
	clock.add(30 * time.Second)
	call(t, s, "UpdateTable", modify(six))
}
