package service

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCreateTableDescribesWhatItCreates(t *testing.T) {
	t.Parallel()
	s := newService()
	response := call(t, s, "CreateTable", object(
		nameOf("things"), define("sk N, pk S, g B, l S"), key("pk sk"), fiveUnits,
		globals(indexOf("by-g", "g pk", `"Projection":{"ProjectionType":"INCLUDE",`+
			`"NonKeyAttributes":["z","a"]}`, fiveUnits)),
		locals(indexOf("by-l", "pk l", projectKeys)),
		`"TableClass":"STANDARD","DeletionProtectionEnabled":true`,
	))
	created := response[createdTable]
	require.Equal(t, "CREATING", at(created, "TableStatus"))
	require.Equal(t, "CREATING", at(created, "GlobalSecondaryIndexes", "IndexStatus"))
	require.Nil(t, at(created, "GlobalSecondaryIndexes", "Backfilling"), "nothing to fill it with")
	require.Nil(t, at(created, "WarmThroughput"), "only later descriptions have it")

	table := described(t, s)
	require.Regexp(t, "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
		at(table, "TableId"))
	id := at(table, "TableId")
	units := map[string]any{
		"NumberOfDecreasesToday": 0.0, "ReadCapacityUnits": 5.0, "WriteCapacityUnits": 5.0,
	}
	warm := map[string]any{
		"ReadUnitsPerSecond": 5.0, "WriteUnitsPerSecond": 5.0, "Status": "ACTIVE",
	}
	const arn = "arn:aws:dynamodb:us-east-1:000000000000:table/things"
	require.Equal(t, map[string]any{
		"AttributeDefinitions": []any{
			attribute("g", "B"), attribute("l", "S"), attribute("pk", "S"), attribute("sk", "N"),
		},
		"TableName":                 "things",
		"KeySchema":                 []any{element("pk", "HASH"), element("sk", "RANGE")},
		"TableStatus":               "ACTIVE",
		"CreationDateTime":          1772627400.0,
		"ProvisionedThroughput":     units,
		"TableSizeBytes":            0.0,
		"ItemCount":                 0.0,
		"TableArn":                  arn,
		"TableId":                   id,
		"TableClassSummary":         map[string]any{"TableClass": "STANDARD"},
		"DeletionProtectionEnabled": true,
		"WarmThroughput":            warm,
		"LocalSecondaryIndexes": []any{map[string]any{
			"IndexName": "by-l", "IndexArn": arn + "/index/by-l",
			"KeySchema":      []any{element("pk", "HASH"), element("l", "RANGE")},
			"Projection":     map[string]any{"ProjectionType": "KEYS_ONLY"},
			"IndexSizeBytes": 0.0, "ItemCount": 0.0,
		}},
		"GlobalSecondaryIndexes": []any{map[string]any{
			"IndexName": "by-g", "IndexArn": arn + "/index/by-g", "IndexStatus": "ACTIVE",
			"KeySchema": []any{element("g", "HASH"), element("pk", "RANGE")},
			"Projection": map[string]any{
				"ProjectionType": "INCLUDE", "NonKeyAttributes": []any{"a", "z"},
			},
			"ProvisionedThroughput": units, "WarmThroughput": warm,
			"IndexSizeBytes": 0.0, "ItemCount": 0.0,
		}},
	}, table)
}

func attribute(name, kind string) map[string]any {
	return map[string]any{"AttributeName": name, "AttributeType": kind}
}

func element(name, kind string) map[string]any {
	return map[string]any{"AttributeName": name, "KeyType": kind}
}

func TestCreateTableOnDemand(t *testing.T) {
	t.Parallel()
	s := newService()
	created := newThings(t, s, `"OnDemandThroughput":{"MaxReadRequestUnits":7}`,
		`"WarmThroughput":{"ReadUnitsPerSecond":12001}`)[createdTable]
	require.Equal(t, map[string]any{"BillingMode": "PAY_PER_REQUEST"},
		at(created, "BillingModeSummary"))
	require.Equal(t, "UPDATING", at(created, "WarmThroughput", "Status"))

	table := described(t, s)
	require.Equal(t, map[string]any{
		"BillingMode": "PAY_PER_REQUEST", "LastUpdateToPayPerRequestDateTime": 1772627400.0,
	}, at(table, "BillingModeSummary"))
	require.Equal(t, map[string]any{
		"NumberOfDecreasesToday": 0.0, "ReadCapacityUnits": 0.0, "WriteCapacityUnits": 0.0,
	}, at(table, "ProvisionedThroughput"))
	require.Equal(t, map[string]any{"MaxReadRequestUnits": 7.0}, at(table, "OnDemandThroughput"))
	require.Equal(t, map[string]any{
		"ReadUnitsPerSecond": 12001.0, "WriteUnitsPerSecond": 4000.0, "Status": "ACTIVE",
	}, at(table, "WarmThroughput"))
}

func TestCreateTableTwice(t *testing.T) {
	t.Parallel()
	s := newService()
	newThings(t, s)
	requireRefused(t, s, "CreateTable",
		object(nameOf("things"), define("other N"), key("other"), fiveUnits),
		"ResourceInUseException", "Table already exists: things")
}

func TestCreateTableByARN(t *testing.T) {
	t.Parallel()
	s := newService()
	const arn = "arn:aws:dynamodb:us-east-1:000000000000:table/things"
	call(t, s, "CreateTable", object(nameOf(arn), define("pk S"), key("pk"), onDemand))
	require.Equal(t, arn, at(described(t, s), "TableArn"))
	call(t, s, "DescribeTable", object(nameOf(arn)))
	call(t, s, "DeleteTable", object(nameOf(arn)))
	refused(t, s, "DescribeTable", describedName)
}

func TestCreateTableEncrypted(t *testing.T) {
	t.Parallel()
	const own = "arn:aws:kms:us-east-1:000000000000:key/own"
	for spec, key := range map[string]any{
		`{}`:                              nil,
		`{"Enabled":false}`:               nil,
		`{"Enabled":true}`:                managedKey,
		`{"SSEType":"KMS"}`:               managedKey,
		keySpec("own"):                    own,
		keySpec(own):                      own,
		keySpec("alias/aws/dynamodb"):     managedKey,
		`{"Enabled":true,"SSEType":null}`: managedKey,
	} {
		s := newService()
		newThings(t, s, `"SSESpecification":`+spec)
		table := described(t, s)
		require.Equal(t, key, at(table, "SSEDescription", "KMSMasterKeyArn"), spec)
		if key != nil {
			require.Equal(t, "ENABLED", at(table, "SSEDescription", "Status"))
			require.Equal(t, "KMS", at(table, "SSEDescription", "SSEType"))
		}
	}
}

func keySpec(key string) string {
	return `{"Enabled":true,"SSEType":"KMS","KMSMasterKeyId":"` + key + `"}`
}

const validation = "ValidationException"

// bad is a request that is refused with a ValidationException.
type bad struct{ name, body, message string }

func requireBad(t *testing.T, s *Service, operation string, cases []bad) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			requireRefused(t, s, operation, c.body, validation, c.message)
		})
	}
}

func TestCreateTableBrokenConstraints(t *testing.T) {
	t.Parallel()
	const one, name = "1 validation error detected: ", "Value 'ab' at 'tableName' failed to "
	pk := define("pk S") + "," + key("pk") + "," + onDemand
	requireBad(t, newService(), "CreateTable", []bad{
		{"no name", object(pk),
			"The parameter 'TableName' is required but was not present in the request"},
		{"a short name, and nothing else", `{"TableName":"ab"}`,
			one + name + "satisfy constraint: Member must have length greater than or equal to 3"},
		{"an empty name", `{"TableName":""}`, "2 validation errors detected: Value '' at " +
			"'tableName' failed to satisfy constraint: Member must satisfy regular expression " +
			"pattern: [a-zA-Z0-9_.-]+; Value '' at 'tableName' failed to satisfy constraint: " +
			"Member must have length greater than or equal to 3"},
		{"nothing else", `{"TableName":"things"}`, "2 validation errors detected: Value null " +
			"at 'keySchema' failed to satisfy constraint: Member must not be null; Value null " +
			"at 'attributeDefinitions' failed to satisfy constraint: Member must not be null"},
		{"values that are none", object(nameOf("things"),
			`"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"X"}]`,
			`"KeySchema":[{"AttributeName":"pk","KeyType":"Y"}],"BillingMode":"Z"`),
			"3 validation errors detected: Value 'Z' at 'billingMode' failed to satisfy " +
				"constraint: Member must satisfy enum value set: [PROVISIONED, PAY_PER_REQUEST]; " +
				"Value 'Y' at 'keySchema.1.member.keyType' failed to satisfy constraint: Member " +
				"must satisfy enum value set: [HASH, RANGE]; Value 'X' at " +
				"'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: " +
				"Member must satisfy enum value set: [B, N, S]"},
		{"a long key", object(nameOf("things"), define("a S, b S, c S"), key("a | b c"), onDemand),
			one + "Value '[KeySchemaElement(attributeName=a, keyType=HASH), " +
				"KeySchemaElement(attributeName=b, keyType=RANGE), " +
				"KeySchemaElement(attributeName=c, keyType=RANGE)]' at 'keySchema' failed to " +
				"satisfy constraint: Member must have length less than or equal to 2"},
		{"an empty key", object(nameOf("things"), define("a S"), `"KeySchema":[]`, onDemand),
			one + "Value '[]' at 'keySchema' failed to satisfy constraint: Member must have " +
				"length greater than or equal to 1"},
		{"no units", object(nameOf("things"), define("pk S"), key("pk"),
			`"ProvisionedThroughput":{"ReadCapacityUnits":0}`),
			"2 validation errors detected: Value null at " +
				"'provisionedThroughput.writeCapacityUnits' failed to satisfy constraint: Member " +
				"must not be null; Value '0' at 'provisionedThroughput.readCapacityUnits' failed " +
				"to satisfy constraint: Member must have value greater than or equal to 1"},
		{"a stream that says nothing", object(nameOf("things"), pk, `"StreamSpecification":{}`),
			one + "Value null at 'streamSpecification.streamEnabled' failed to satisfy " +
				"constraint: Member must not be null"},
	})
}

func TestCreateTableListsTenBrokenConstraints(t *testing.T) {
	t.Parallel()
	err := refused(t, newService(), "CreateTable", object(nameOf("things"), define("pk S"),
		key("pk"), onDemand, globals("{}", "{}", "{}", "{}")))
	require.Equal(t, 10, strings.Count(err.Message, "must not be null"))
	require.True(t, strings.HasPrefix(err.Message, "10 validation errors detected: "))
}

func TestCreateTableWrongKeys(t *testing.T) {
	t.Parallel()
	const wrong = "One or more parameter values were invalid: "
	things := func(attributes, keys string, more ...string) string {
		return object(append(more, nameOf("things"), define(attributes), key(keys), onDemand)...)
	}
	gsi := func(keys string) string { return globals(indexOf("idx", keys, projectAll)) }
	lsi := func(keys string) string { return locals(indexOf("idx", keys, projectAll)) }
	requireBad(t, newService(), "CreateTable", []bad{
		{"an attribute twice", things("pk S, pk N", "pk"), "Attribute Name is duplicated: pk"},
		{"one name for both keys", things("pk S", "pk pk"), undefinedKeys},
		{"an undefined range key", things("pk S", "pk sk"), undefinedKeys},
		{"an undefined hash key", things("other S", "pk"), wrong + "Some index key attributes " +
			"are not defined in AttributeDefinitions. Keys: [pk], AttributeDefinitions: [other]"},
		{"a range key first", things("pk S", " | pk"),
			"Invalid KeySchema: The first KeySchemaElement is not a HASH key type"},
		{"two hash keys", things("pk S, sk S", "pk sk | "),
			"Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"},
		{"an attribute too many", things("pk S, x S", "pk"), wrong + "Number of attributes in " +
			"KeySchema does not exactly match number of attributes defined in " +
			"AttributeDefinitions"},
		{"an attribute too many, with an index", things("sk S, a S, b S, pk S, c S", "pk sk",
			gsi("a")), wrong + "Some AttributeDefinitions are not used. AttributeDefinitions: " +
			"[sk, a, b, pk, c], keys used: [a, sk, pk]"},
		{"no local index", things("pk S, sk S", "pk sk", locals()),
			wrong + "List of LocalSecondaryIndexes is empty"},
		{"no global index", things("pk S", "pk", globals()),
			wrong + "List of GlobalSecondaryIndexes is empty"},
		{"a local index without range keys", things("pk S, l S", "pk", lsi("pk l")),
			wrong + "Table KeySchema does not have a range key, which is required when " +
				"specifying a LocalSecondaryIndex"},
		{"a local index with the table's range key only", things("pk S, sk S", "pk sk", lsi("pk")),
			wrong + "Index KeySchema does not have a range key for index: idx"},
		{"a local index of another hash key", things("pk S, sk S, l S", "pk sk", lsi("l sk")),
			wrong + "Index KeySchema does not have the same leading hash key as table KeySchema " +
				"for index: idx. index hash key: l, table hash key: pk"},
		{"an index with an undefined key", things("pk S, sk S", "pk sk", gsi("q")),
			wrong + "Some index key attributes are not defined in AttributeDefinitions. " +
				"Keys: [q], AttributeDefinitions: [sk, pk]"},
		{"an index with more keys than definitions", things("pk S", "pk", gsi("q r")),
			undefinedKeys},
		{"an index with a range key first", things("pk S, g S", "pk", gsi(" | g")),
			"Invalid KeySchema: The first KeySchemaElement is not a HASH key type"},
		{"an index with one name for both keys", things("pk S, g S", "pk", gsi("g g")),
			"Both the Hash Key and the Range Key element in the KeySchema have the same name"},
		{"an index with one name twice", things("pk S, g S", "pk", gsi("g pk | g")),
			"The KeySchema contains multiple key attributes with the same name"},
		{"an index with five hash keys", things("pk S, a S, b S, c S, d S, e S", "pk",
			gsi("a b c d e | ")), wrong + "The KeySchema exceeds the maximum allowed number of " +
			"HASH key attributes"},
		{"an index with five range keys", things("pk S, a S, b S, c S, d S, e S", "pk",
			gsi("pk | a b c d e")), wrong + "The KeySchema exceeds the maximum allowed number of " +
			"RANGE key attributes"},
		{"one name for two indexes", things("pk S, g S", "pk", globals(
			indexOf("idx", "g", projectAll), indexOf("idx", "pk", projectAll))),
			wrong + "Duplicate index name: idx"},
		{"one name for indexes of both kinds", things("pk S, sk S", "pk sk",
			globals(indexOf("idx", "sk", projectAll)), lsi("pk sk")),
			wrong + "Duplicate index name: idx"},
		{"a mixed key", object(nameOf("things"), define("pk S, a S, b S"), key("pk"), onDemand,
			globals(object(`"IndexName":"idx"`, projectAll, `"KeySchema":[`+
				`{"AttributeName":"pk","KeyType":"HASH"},{"AttributeName":"a","KeyType":"RANGE"},`+
				`{"AttributeName":"b","KeyType":"HASH"}]`))),
			wrong + "All HASH key attributes must precede RANGE key attributes in the KeySchema"},
	})
}

func TestCreateTableWithFullKeyOfAnIndex(t *testing.T) {
	t.Parallel()
	s := newService()
	call(t, s, "CreateTable", object(nameOf("things"), key("pk"), onDemand,
		define("pk S, h1 S, h2 N, h3 B, h4 S, r1 S, r2 N, r3 B, r4 S"),
		globals(indexOf("idx", "h1 h2 h3 h4 | r1 r2 r3 r4", projectAll))))
	keys, _ := at(described(t, s), "GlobalSecondaryIndexes", "KeySchema").([]any)
	require.Len(t, keys, 8)
	require.Equal(t, element("h4", "HASH"), keys[3])
	require.Equal(t, element("r1", "RANGE"), keys[4])
}

func TestCreateTableWrongProjection(t *testing.T) {
	t.Parallel()
	const wrong = "One or more parameter values were invalid: "
	things := func(projection string) string {
		return object(nameOf("things"), define("pk S"), key("pk"), onDemand,
			globals(indexOf("idx", "pk", `"Projection":`+projection)))
	}
	var many []string
	for i := range 21 {
		many = append(many, fmt.Sprintf(`"a%d"`, i))
	}
	requireBad(t, newService(), "CreateTable", []bad{
		{"none", things(`{}`), wrong + "Unknown ProjectionType: null"},
		{"nothing included", things(`{"ProjectionType":"INCLUDE"}`),
			wrong + "ProjectionType is INCLUDE, but NonKeyAttributes is not specified"},
		{"all and some", things(`{"ProjectionType":"ALL","NonKeyAttributes":["a"]}`),
			wrong + "ProjectionType is ALL, but NonKeyAttributes is specified"},
		{"keys and some", things(`{"ProjectionType":"KEYS_ONLY","NonKeyAttributes":["a"]}`),
			wrong + "ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified"},
		{"one twice", things(`{"ProjectionType":"INCLUDE","NonKeyAttributes":["a","a"]}`),
			wrong + "Duplicate element in NonKeyAttributes: a"},
		{"an empty list", things(`{"ProjectionType":"INCLUDE","NonKeyAttributes":[]}`),
			"1 validation error detected: Value '[]' at 'globalSecondaryIndexes.1.member." +
				"projection.nonKeyAttributes' failed to satisfy constraint: Member must have " +
				"length greater than or equal to 1"},
		{"too many", things(`{"ProjectionType":"INCLUDE","NonKeyAttributes":[` +
			strings.Join(many, ",") + `]}`),
			"1 validation error detected: Value '[" +
				strings.ReplaceAll(strings.Join(many, ", "), `"`, "") + "]' at " +
				"'globalSecondaryIndexes.1.member.projection.nonKeyAttributes' failed to satisfy " +
				"constraint: Member must have length less than or equal to 20"},
	})
}

func TestCreateTableCountsIndexes(t *testing.T) {
	t.Parallel()
	many := func(n int, keys string) []string {
		var indexes []string
		for i := range n {
			indexes = append(indexes, indexOf(fmt.Sprintf("index-%d", i), keys, projectAll))
		}
		return indexes
	}
	start := object(nameOf("things"), define("pk S, sk S"), key("pk sk"), onDemand)
	body := func(more string) string { return strings.TrimSuffix(start, "}") + "," + more + "}" }
	s := newService()
	requireRefused(t, s, "CreateTable", body(globals(many(21, "pk")...)), validation,
		"One or more parameter values were invalid: GlobalSecondaryIndex count exceeds the "+
			"per-table limit of 20")
	requireRefused(t, s, "CreateTable", body(locals(many(6, "pk sk")...)), validation,
		"One or more parameter values were invalid: Number of LocalSecondaryIndexes exceeds "+
			"per-table limit of 5")
	call(t, s, "CreateTable", body(globals(many(20, "pk")...)))
}

func TestCreateTableCountsIncludedAttributes(t *testing.T) {
	t.Parallel()
	body := func(n int) string {
		var indexes []string
		for i := range n {
			var names []string
			for j := range 20 {
				names = append(names, fmt.Sprintf(`"a%d"`, j))
			}
			indexes = append(indexes, indexOf(fmt.Sprintf("index-%d", i), "pk",
				`"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":[`+
					strings.Join(names, ",")+`]}`))
		}
		return object(nameOf("things"), define("pk S"), key("pk"), onDemand, globals(indexes...))
	}
	s := newService()
	require.Equal(t, validation, refused(t, s, "CreateTable", body(6)).Code)
	call(t, s, "CreateTable", body(5))
}

func TestCreateTableWrongThroughput(t *testing.T) {
	t.Parallel()
	const wrong = "One or more parameter values were invalid: "
	things := func(more ...string) string {
		return object(append(more, nameOf("things"), define("pk S"), key("pk"))...)
	}
	requireBad(t, newService(), "CreateTable", []bad{
		{"no billing mode, no units", things(), wrong + "ReadCapacityUnits and " +
			"WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"},
		{"units on demand", things(onDemand, fiveUnits), wrong + "Neither ReadCapacityUnits nor " +
			"WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"},
		{"far too many", things(`"ProvisionedThroughput":{"ReadCapacityUnits":1000000000001,` +
			`"WriteCapacityUnits":1}`),
			"Given value 1000000000001 for ReadCapacityUnits is out of bounds"},
		{"an index's units on demand", things(onDemand, globals(
			indexOf("idx", "pk", projectAll, fiveUnits))), wrong + "ProvisionedThroughput should " +
			"not be specified for index: idx when BillingMode is PAY_PER_REQUEST"},
		{"an index without units", things(fiveUnits, globals(indexOf("idx", "pk", projectAll))),
			wrong + "ProvisionedThroughput is not specified for index: idx"},
		{"a limit of units", things(fiveUnits, `"OnDemandThroughput":{"MaxWriteRequestUnits":9}`),
			wrong + "MaxWriteRequestUnits for OnDemandThroughput cannot be specified when table " +
				"BillingMode is PROVISIONED."},
		{"a limit of nothing", things(onDemand, `"OnDemandThroughput":{"MaxReadRequestUnits":-1}`),
			wrong + "Requested MaxReadRequestUnits for OnDemandThroughput for table is outside " +
				"of valid range"},
		{"cold", things(onDemand, `"WarmThroughput":{"WriteUnitsPerSecond":3999}`),
			wrong + "Requested WriteUnitsPerSecond for WarmThroughput for table is lower than " +
				"initial throughput for OnDemand. See: https://docs.aws.amazon.com/" +
				"amazondynamodb/latest/developerguide/on-demand-capacity-mode.html" +
				"#on-demand-capacity-mode-initial"},
		{"colder than its units", things(fiveUnits, `"WarmThroughput":{"ReadUnitsPerSecond":4}`),
			wrong + "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than " +
				"ReadCapacityUnits of ProvisionedThroughput"},
	})
}

func TestCreateTableWrongOptions(t *testing.T) {
	t.Parallel()
	const wrong = "One or more parameter values were invalid: "
	things := func(more string) string {
		return object(nameOf("things"), define("pk S"), key("pk"), onDemand, more)
	}
	requireBad(t, newService(), "CreateTable", []bad{
		{"a stream without a view", things(`"StreamSpecification":{"StreamEnabled":true}`),
			wrong + "Table is being created with a stream enabled, UpdateViewType is required"},
		{"no stream with a view", things(`"StreamSpecification":{"StreamEnabled":false,` +
			`"StreamViewType":"NEW_IMAGE"}`), wrong + "Table is being created with a stream " +
			"disabled, UpdateViewType should not be specified"},
		{"no such class", things(`"TableClass":"standard"`), "Invalid table-class parameter " +
			"provided. Please try again with a valid table-class value: " +
			"[STANDARD, STANDARD_INFREQUENT_ACCESS]."},
		{"an encryption that is off", things(`"SSESpecification":{"Enabled":false,` +
			`"SSEType":"KMS"}`), wrong + "SSEType can not be specified if Enabled is false"},
		{"an encryption that there is not", things(`"SSESpecification":{"Enabled":true,` +
			`"SSEType":"AES256"}`), wrong + "SSEType AES256 is not supported"},
		{"a key without a type", things(`"SSESpecification":{"Enabled":true,` +
			`"KMSMasterKeyId":"k"}`), wrong + "SSEType KMS is required if KMSMasterKeyId is " +
			"specified"},
		{"a tag without a key", things(`"Tags":[{}]`),
			"The Tag Key provided is invalid, Key: null"},
		{"no vectors", things(`"VectorIndexes":[]`), wrong + "List of VectorIndexes is empty"},
		{"a policy", things(`"ResourcePolicy":"{}"`), wrong + "ResourcePolicy is not supported"},
		{"a source", things(`"GlobalTableSourceArn":"arn:x"`),
			wrong + "GlobalTableSourceArn is not supported"},
	})
}

func TestCreateTableThatIsRefusedCreatesNothing(t *testing.T) {
	t.Parallel()
	s := newService()
	refused(t, s, "CreateTable", object(nameOf("things"), define("pk S"), key("pk")))
	require.Equal(t, []any{}, call(t, s, "ListTables", `{}`)["TableNames"])
}
