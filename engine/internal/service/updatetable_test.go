package service

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func modify(more ...string) string { return object(append(more, nameOf("things"))...) }

func provision(read, write string) string {
	return `"ProvisionedThroughput":{"ReadCapacityUnits":` + read + `,"WriteCapacityUnits":` +
		write + `}`
}

const inUseText = "Attempt to change a resource which is still in use: "

// newProvisioned creates the table things with five units of both kinds.
func newProvisioned(t *testing.T, s *Service, more ...string) {
	t.Helper()
	members := append([]string{nameOf("things"), define("pk S"), key("pk"), fiveUnits}, more...)
	call(t, s, "CreateTable", object(members...))
}

func TestUpdateTableWrong(t *testing.T) {
	t.Parallel()
	const wrong = "One or more parameter values were invalid: "
	s := newService()
	newThings(t, s)
	const index = `"GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"idx"}}]`
	const stream = `"StreamSpecification":{"StreamEnabled":false}`
	const protect = `"DeletionProtectionEnabled":true`
	const nothing = "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, " +
		"GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, " +
		"MultiAccountReplicaReady, ReplicaTransitRoleArn, MultiRegionConsistency, " +
		"DeletionProtectionEnabled, OnDemandThroughput, WarmThroughput or TableClass is required"
	requireBad(t, s, "UpdateTable", []bad{
		{"no name", object(protect),
			"The parameter 'TableName' is required but was not present in the request"},
		{"no units", modify(provision("0", "0")), "2 validation errors detected: Value '0' at " +
			"'provisionedThroughput.writeCapacityUnits' failed to satisfy constraint: Member " +
			"must have value greater than or equal to 1; Value '0' at " +
			"'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: Member must " +
			"have value greater than or equal to 1"},
		{"no mode", modify(`"BillingMode":""`), "1 validation error detected: Value '' at " +
			"'billingMode' failed to satisfy constraint: Member must satisfy enum value set: " +
			"[PROVISIONED, PAY_PER_REQUEST]"},
		{"an index without a name", modify(`"GlobalSecondaryIndexUpdates":[{"Delete":{}}]`),
			"1 validation error detected: Value null at " +
				"'globalSecondaryIndexUpdates.1.member.delete.indexName' failed to satisfy " +
				"constraint: Member must not be null"},
		{"nothing", modify(), nothing},
		{"no index", modify(`"GlobalSecondaryIndexUpdates":[]`), nothing},
		{"definitions alone", modify(define("pk S")), nothing},
		{"no index and more", modify(`"GlobalSecondaryIndexUpdates":[]`, protect),
			wrong + "List of GlobalSecondaryIndexUpdates is empty"},
		{"an index and nothing to do", modify(`"GlobalSecondaryIndexUpdates":[{}]`), wrong +
			"One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, " +
			"GlobalSecondaryIndexUpdate.Delete must not be null"},
		{"an index and too much to do", modify(`"GlobalSecondaryIndexUpdates":[{"Delete":` +
			`{"IndexName":"idx"},"Update":{"IndexName":"idx"}}]`), wrong + "Only one global " +
			"secondary index action is allowed per GlobalSecondaryIndexUpdate object"},
		{"an index twice", modify(`"GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"idx"}},` +
			`{"Update":{"IndexName":"idx"}}]`), wrong + "Only one global secondary index update " +
			"per index is allowed simultaneously. Index: idx"},
		{"protection and more", modify(protect, stream),
			wrong + "DeletionProtection modification must be the only operation in the request"},
		{"class, protection", modify(protect, `"TableClass":"STANDARD"`),
			wrong + "TableClass modification must be the only operation in the request"},
		{"encryption, class", modify(`"TableClass":"STANDARD"`, `"SSESpecification":{}`), wrong +
			"Server-Side Encryption modification must be the only operation in the request"},
		{"warm, index", modify(index, `"WarmThroughput":{"ReadUnitsPerSecond":12000}`),
			wrong + "WarmThroughput must be the only operation in the request"},
		{"limits, stream", modify(stream, `"OnDemandThroughput":{"MaxReadRequestUnits":1}`), wrong +
			"OnDemandThroughput can only be combined with BillingMode in an UpdateTable request"},
		{"units, stream", modify(stream, fiveUnits),
			wrong + "You cannot modify stream status while updating table IOPS"},
		{"units, index", modify(index, fiveUnits),
			wrong + "You cannot create or delete index while updating table IOPS"},
		{"stream, index", modify(index, stream),
			wrong + "You cannot create or delete index while changing stream status"},
		{"units on demand", modify(fiveUnits), wrong + unitsOnDemand},
		{"units, but on demand", modify(fiveUnits, onDemand), wrong + unitsOnDemand},
		{"no units, but provisioned", modify(`"BillingMode":"PROVISIONED"`),
			wrong + "ProvisionedThroughput must be specified when BillingMode is PROVISIONED"},
		{"a limit of nothing", modify(`"OnDemandThroughput":{"MaxWriteRequestUnits":0}`), wrong +
			"Requested MaxWriteRequestUnits for OnDemandThroughput for table is outside of valid " +
			"range"},
		{"colder", modify(`"WarmThroughput":{"ReadUnitsPerSecond":11999}`), wrong + "Requested " +
			"ReadUnitsPerSecond for WarmThroughput for table is lower than current " +
			"WarmThroughput, decreasing WarmThroughput is not supported"},
		{"a stream without a view", modify(`"StreamSpecification":{"StreamEnabled":true}`),
			wrong + "If stream is being enabled then UpdateViewType is required"},
		{"no stream with a view", modify(`"StreamSpecification":{"StreamEnabled":false,` +
			`"StreamViewType":"NEW_IMAGE"}`),
			wrong + "If stream is being disabled, then UpdateViewType must not be specified"},
		{"no stream to end", modify(stream), "Table has no stream to disable: TableName: things"},
		{"no class", modify(`"TableClass":"x"`), "Invalid table-class parameter provided. Please " +
			"try again with a valid table-class value: [STANDARD, STANDARD_INFREQUENT_ACCESS]."},
		{"encrypted as it is", modify(`"SSESpecification":{"Enabled":false}`),
			wrong + "Table is already encrypted by default"},
		{"a replica", modify(`"ReplicaUpdates":[{"Create":{"RegionName":"eu-west-1"}}]`),
			"Region eu-west-1 is not supported. The latest version of global tables are only " +
				"supported in the following regions: [us-east-1]"},
		{"a replica here", modify(`"ReplicaUpdates":[{"Delete":{"RegionName":"us-east-1"}}]`),
			"Cannot add or delete the local region through ReplicaUpdates."},
		{"no replica", modify(`"ReplicaUpdates":[{}]`),
			"There are no actions specified in the Replica Update Action of the request."},
		{"no action on vectors", modify(`"VectorIndexUpdates":[{}]`),
			wrong + "One of VectorIndexUpdate.Create, VectorIndexUpdate.Delete must not be null"},
		{"consistency", modify(`"MultiRegionConsistency":"STRONG"`),
			wrong + "MultiRegionConsistency is not supported"},
	})
}

func TestUpdateTableThatIsNotThere(t *testing.T) {
	t.Parallel()
	s := newService()
	requireRefused(t, s, "UpdateTable", modify(provision("1", "1")), "ResourceNotFoundException",
		"Requested resource not found: Table: things not found")
	require.Equal(t, validation, refused(t, s, "UpdateTable", modify(provision("1", "0"))).Code)
	require.Equal(t, "InternalFailure",
		refused(t, s, "UpdateTable", modify(`"WarmThroughput":{}`)).Code)
}

func TestUpdateTableChangesUnits(t *testing.T) {
	t.Parallel()
	s := newService()
	newProvisioned(t, s)
	requireRefused(t, s, "UpdateTable", modify(provision("5", "5")), validation,
		"The provisioned throughput for the table will not change. The requested value equals "+
			"the current value. Current ReadCapacityUnits provisioned for the table: 5. "+
			"Requested ReadCapacityUnits: 5. Current WriteCapacityUnits provisioned for the "+
			"table: 5. Requested WriteCapacityUnits: 5. Refer to the Amazon DynamoDB Developer "+
			"Guide for current limits and how to request higher limits.")

	response := call(t, s, "UpdateTable", modify(provision("10", "5")))[createdTable]
	require.Equal(t, "UPDATING", at(response, "TableStatus"))
	require.Equal(t, 5.0, at(response, "ProvisionedThroughput", "ReadCapacityUnits"), "not yet")
	require.Equal(t, 1772627400.0, at(response, "ProvisionedThroughput", "LastIncreaseDateTime"))

	table := described(t, s)
	require.Equal(t, "ACTIVE", at(table, "TableStatus"))
	require.Equal(t, 10.0, at(table, "ProvisionedThroughput", "ReadCapacityUnits"))
	require.Equal(t, 10.0, at(table, "WarmThroughput", "ReadUnitsPerSecond"))
	require.Nil(t, at(table, "ProvisionedThroughput", "LastDecreaseDateTime"))

	call(t, s, "UpdateTable", modify(provision("1", "5")))
	table = described(t, s)
	require.Equal(t, 1.0, at(table, "ProvisionedThroughput", "ReadCapacityUnits"))
	require.Equal(t, 1.0, at(table, "ProvisionedThroughput", "NumberOfDecreasesToday"))
	require.Equal(t, 10.0, at(table, "WarmThroughput", "ReadUnitsPerSecond"), "never less")
}

func TestUpdateTableLimitsDecreases(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := New(Options{Now: clock.Now})
	newProvisioned(t, s)
	for _, body := range []string{
		provision("4", "5"), provision("3", "4"), provision("2", "9"), provision("1", "9"),
	} {
		call(t, s, "UpdateTable", modify(body))
		clock.add(time.Minute)
	}
	const text = "Subscriber limit exceeded: Provisioned throughput decreases are limited within " +
		"a given UTC day. After the first 4 decreases, each subsequent decrease in the same UTC " +
		"day can be performed at most once every 3600 seconds. Number of decreases today: %s " +
		"Coordinated Universal Time."
	requireRefused(t, s, "UpdateTable", modify(provision("1", "8")), "LimitExceededException",
		fmt.Sprintf(text, "4. Last decrease at Wednesday, March 4, 2026 at 12:33:00 PM "+
			"Coordinated Universal Time. Next decrease can be made at Wednesday, March 4, 2026 "+
			"at 1:33:00 PM"))
	call(t, s, "UpdateTable", modify(provision("2", "9")))

	clock.add(59 * time.Minute) // 1:33 PM
	call(t, s, "UpdateTable", modify(provision("1", "9")))
	require.Equal(t, 5.0,
		at(described(t, s), "ProvisionedThroughput", "NumberOfDecreasesToday"))
	refused(t, s, "UpdateTable", modify(provision("1", "8")))

	clock.add(10 * time.Hour) // 11:33 PM
	call(t, s, "UpdateTable", modify(provision("1", "8")))
	requireRefused(t, s, "UpdateTable", modify(provision("1", "7")), "LimitExceededException",
		fmt.Sprintf(text, "6. Last decrease at Wednesday, March 4, 2026 at 11:33:00 PM "+
			"Coordinated Universal Time. Next decrease can be made at Thursday, March 5, 2026 "+
			"at 12:00:00 AM"))
	clock.add(27 * time.Minute)
	call(t, s, "UpdateTable", modify(provision("1", "7")))
	require.Equal(t, 1.0,
		at(described(t, s), "ProvisionedThroughput", "NumberOfDecreasesToday"))
}

func TestUpdateTableSwitchesBillingMode(t *testing.T) {
	t.Parallel()
	s := newService()
	newProvisioned(t, s, globals(indexOf("idx", "pk", projectAll, fiveUnits)))
	require.Nil(t, at(described(t, s), "BillingModeSummary"))

	call(t, s, "UpdateTable", modify(onDemand, `"OnDemandThroughput":{"MaxReadRequestUnits":3}`))
	table := described(t, s)
	require.Equal(t, "PAY_PER_REQUEST", at(table, "BillingModeSummary", "BillingMode"))
	require.Equal(t, 0.0, at(table, "ProvisionedThroughput", "ReadCapacityUnits"))
	require.Equal(t, 0.0, at(table, "GlobalSecondaryIndexes", "ProvisionedThroughput",
		"ReadCapacityUnits"))
	require.Equal(t, 12000.0, at(table, "WarmThroughput", "ReadUnitsPerSecond"))
	require.Equal(t, 3.0, at(table, "OnDemandThroughput", "MaxReadRequestUnits"))

	call(t, s, "UpdateTable", modify(onDemand)) // changes nothing

	const back = `"BillingMode":"PROVISIONED"`
	requireRefused(t, s, "UpdateTable", modify(back, fiveUnits), validation, "One or more "+
		"parameter values were invalid: ProvisionedThroughput must be specified for index: idx")
	call(t, s, "UpdateTable", modify(back, fiveUnits,
		`"GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"idx",`+provision("2", "3")+`}}]`))
	table = described(t, s)
	require.Equal(t, "PROVISIONED", at(table, "BillingModeSummary", "BillingMode"))
	require.Equal(t, 5.0, at(table, "ProvisionedThroughput", "ReadCapacityUnits"))
	require.Equal(t, 2.0, at(table, "GlobalSecondaryIndexes", "ProvisionedThroughput",
		"ReadCapacityUnits"))
	require.Nil(t, at(table, "OnDemandThroughput"))
	requireRefused(t, s, "UpdateTable", modify(`"OnDemandThroughput":{"MaxReadRequestUnits":3}`),
		validation, "One or more parameter values were invalid: MaxReadRequestUnits for "+
			"OnDemandThroughput cannot be specified when the table BillingMode is PROVISIONED")
}

func TestUpdateTableChangesLimits(t *testing.T) {
	t.Parallel()
	s := newService()
	newThings(t, s)
	limits := func(limits string) any {
		return at(call(t, s, "UpdateTable", modify(`"OnDemandThroughput":`+limits)),
			createdTable, "OnDemandThroughput")
	}
	require.Equal(t, map[string]any{"MaxReadRequestUnits": 9.0, "MaxWriteRequestUnits": 8.0},
		limits(`{"MaxReadRequestUnits":9,"MaxWriteRequestUnits":8}`))
	require.Equal(t, map[string]any{"MaxReadRequestUnits": -1.0, "MaxWriteRequestUnits": 8.0},
		limits(`{"MaxReadRequestUnits":-1}`))
	require.Equal(t, map[string]any{"MaxWriteRequestUnits": 8.0},
		at(described(t, s), "OnDemandThroughput"))
	limits(`{"MaxWriteRequestUnits":-1}`)
	require.Nil(t, at(described(t, s), "OnDemandThroughput"))
}

func TestUpdateTableProtects(t *testing.T) {
	t.Parallel()
	s := newService()
	newThings(t, s)
	call(t, s, "UpdateTable", modify(`"DeletionProtectionEnabled":true`))
	requireRefused(t, s, "DeleteTable", describedName, validation, "Resource cannot be deleted as "+
		"it is currently protected against deletion. Disable deletion protection first.")
	call(t, s, "UpdateTable", modify(`"DeletionProtectionEnabled":false`))
	call(t, s, "DeleteTable", describedName)
}

func TestUpdateTableChangesClass(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := New(Options{Now: clock.Now})
	newThings(t, s)
	class := func(class string) string { return modify(`"TableClass":"` + class + `"`) }
	call(t, s, "UpdateTable", class("STANDARD"))
	require.Nil(t, at(described(t, s), "TableClassSummary"), "it was that before")
	call(t, s, "UpdateTable", class("STANDARD_INFREQUENT_ACCESS"))
	require.Equal(t, map[string]any{
		"TableClass": "STANDARD_INFREQUENT_ACCESS", "LastUpdateDateTime": 1772627400.0,
	}, at(described(t, s), "TableClassSummary"))
	call(t, s, "UpdateTable", class("STANDARD"))
	requireRefused(t, s, "UpdateTable", class("STANDARD_INFREQUENT_ACCESS"),
		"LimitExceededException", "Subscriber limit exceeded: Updates to TableClass are limited "+
			"to 2 times in 30 day(s).")
	clock.add(30 * 24 * time.Hour)
	call(t, s, "UpdateTable", class("STANDARD_INFREQUENT_ACCESS"))
}

func TestUpdateTableReencrypts(t *testing.T) {
	t.Parallel()
	s := newService()
	newThings(t, s)
	call(t, s, "UpdateTable", modify(`"SSESpecification":{"Enabled":true}`))
	require.Equal(t, map[string]any{
		"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": managedKey,
	}, at(described(t, s), "SSEDescription"))
	requireRefused(t, s, "UpdateTable", modify(`"SSESpecification":`+keySpec(managedKey)),
		validation, "One or more parameter values were invalid: Table is already encrypted with "+
			"given KMSMasterKeyId. Use KMSMasterKeyId parameter if you want to change Master Key")
	call(t, s, "UpdateTable", modify(`"SSESpecification":{"Enabled":false}`))
	require.Nil(t, at(described(t, s), "SSEDescription"))
}

func TestUpdateTableSwitchesStream(t *testing.T) {
	t.Parallel()
	s := newService()
	newThings(t, s, `"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}`)
	table := described(t, s)
	const arn = "arn:aws:dynamodb:us-east-1:000000000000:table/things/stream/"
	require.Equal(t, map[string]any{"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"},
		at(table, "StreamSpecification"))
	require.Equal(t, "2026-03-04T12:30:00.000", at(table, "LatestStreamLabel"))
	require.Equal(t, arn+"2026-03-04T12:30:00.000", at(table, "LatestStreamArn"))

	const on = `"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}`
	requireRefused(t, s, "UpdateTable", modify(on), validation,
		"Table already has an enabled stream: TableName: things")
	call(t, s, "UpdateTable", modify(`"StreamSpecification":{"StreamEnabled":false}`))
	table = described(t, s)
	require.Nil(t, at(table, "StreamSpecification"))
	require.Equal(t, arn+"2026-03-04T12:30:00.000", at(table, "LatestStreamArn"))

	call(t, s, "UpdateTable", modify(on))
	require.Equal(t, arn+"2026-03-04T12:30:00.001", at(described(t, s), "LatestStreamArn"),
		"two streams never have the same ARN")
}
