package service

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

// item returns an item whose values are strings.
func item(namesAndValues ...string) value.Map {
	m := value.Map{}
	for i := 0; i < len(namesAndValues); i += 2 {
		m = m.With(namesAndValues[i], value.String(namesAndValues[i+1]))
	}
	return m
}

func TestDeleteTable(t *testing.T) {
	t.Parallel()
	s := newService()
	newThings(t, s)
	require.Equal(t, "DELETING",
		at(call(t, s, "DeleteTable", describedName), createdTable, "TableStatus"))
	for _, operation := range []string{"DescribeTable", "DeleteTable", "DescribeTimeToLive"} {
		requireRefused(t, s, operation, describedName, "ResourceNotFoundException",
			"Requested resource not found: Table: things not found")
	}
	newThings(t, s)
}

func TestTablesTakeTheirTime(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := New(Options{Now: clock.Now, TableDelay: time.Minute})
	newThings(t, s)
	require.Equal(t, "CREATING", at(described(t, s), "TableStatus"))
	creating := inUseText + "Table is being created: things"
	protect := modify(`"DeletionProtectionEnabled":true`)
	requireRefused(t, s, "UpdateTable", protect, "ResourceInUseException", creating)
	requireRefused(t, s, "DeleteTable", describedName, "ResourceInUseException", creating)
	requireRefused(t, s, "DescribeTimeToLive", describedName, validation, "Cannot describe time "+
		"to live while table is in CREATING state: Current table state is CREATING")
	_, err := s.lookup("things")
	require.EqualError(t, err, "ResourceNotFoundException: Requested resource not found")

	clock.add(time.Minute)
	_, err = s.lookup("things")
	require.NoError(t, err)
	require.Equal(t, "ACTIVE", at(described(t, s), "TableStatus"))

	call(t, s, "DeleteTable", describedName)
	require.Equal(t, "DELETING", at(described(t, s), "TableStatus"))
	require.Equal(t, []any{"things"}, call(t, s, "ListTables", `{}`)["TableNames"])
	requireRefused(t, s, "DeleteTable", describedName, "ResourceInUseException",
		inUseText+"Table is being deleted: things")
	_, err = s.lookup("things")
	require.Error(t, err)
	clock.add(time.Minute)
	refused(t, s, "DescribeTable", describedName)
	require.Equal(t, []any{}, call(t, s, "ListTables", `{}`)["TableNames"])
}

func TestUpdatesTakeTheirTime(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := New(Options{Now: clock.Now, TableDelay: time.Minute})
	newProvisioned(t, s)
	clock.add(time.Minute)
	call(t, s, "UpdateTable", modify(provision("6", "6")))
	require.Equal(t, 5.0, at(described(t, s), "ProvisionedThroughput", "ReadCapacityUnits"))
	requireRefused(t, s, "UpdateTable", modify(provision("7", "7")), "ResourceInUseException",
		inUseText+"Table IOPS are currently being updated. Table: things")
	requireRefused(t, s, "UpdateTable", modify(define("pk S"), indexUpdates(
		create("idx", "pk", fiveUnits))), "ResourceInUseException", inUseText+
		"Can't create or delete indexes while table IOPS are being updated. Table: things")
	requireRefused(t, s, "DeleteTable", describedName, "ResourceInUseException",
		inUseText+"Table: things is in the process of being updated.")
	_, err := s.lookup("things")
	require.NoError(t, err, "its items can be used meanwhile")
	call(t, s, "UpdateTable", modify(`"DeletionProtectionEnabled":false`))
	clock.add(time.Minute)
	require.Equal(t, 6.0, at(described(t, s), "ProvisionedThroughput", "ReadCapacityUnits"))
	require.Equal(t, "ACTIVE", at(described(t, s), "TableStatus"))

	call(t, s, "UpdateTable",
		modify(`"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}`))
	requireRefused(t, s, "DeleteTable", describedName, "ResourceInUseException",
		inUseText+"Cannot delete table while stream is being enabled/disabled.")
}

func TestTableNames(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, code, message string }{
		{"no", validation, "1 validation error detected: Value 'no' at 'tableName' failed to " +
			"satisfy constraint: Member must have length greater than or equal to 3"},
		{"", validation, "2 validation errors detected: Value '' at 'tableName' failed to " +
			"satisfy constraint: Member must have length greater than or equal to 3; Value '' at " +
			"'tableName' failed to satisfy constraint: Member must satisfy regular expression " +
			"pattern: [a-zA-Z0-9_.-]+"},
		{"other", "ResourceNotFoundException",
			"Requested resource not found: Table: other not found"},
		{"arn:aws:dynamodb:us-east-1:000000000000:table/other", "ResourceNotFoundException",
			"Requested resource not found: Table: other not found"},
		{"arn:aws:dynamodb:eu-west-1:000000000000:table/things", validation, "1 validation error " +
			"detected: Invalid AWS region in " +
			"'arn:aws:dynamodb:eu-west-1:000000000000:table/things'"},
		{"arn:aws:dynamodb:us-east-1:123456789012:table/things", "AccessDeniedException",
			"Access is denied"},
		{"arn:aws:dynamodb:us-east-1:000000000000:table/things/index/idx", validation,
			"1 validation error detected: Invalid resource type in " +
				"'arn:aws:dynamodb:us-east-1:000000000000:table/things/index/idx'"},
		{"arn:", validation, "1 validation error detected: Invalid AWS partition in 'arn:'"},
		{"arn:aws", validation, "1 validation error detected: Invalid resource type in 'arn:aws'"},
	}
	s := newService()
	newThings(t, s)
	for _, c := range cases {
		requireRefused(t, s, "DescribeTable", object(nameOf(c.name)), c.code, c.message)
	}
	requireRefused(t, s, "DescribeTable", `{}`, validation,
		"The parameter 'TableName' is required but was not present in the request")
}

func TestItemsOfATableByARN(t *testing.T) {
	t.Parallel()
	s := newService()
	newThings(t, s)
	entry, err := s.lookup("arn:aws:dynamodb:us-east-1:000000000000:table/things")
	require.NoError(t, err)
	require.Equal(t, "things", entry.name)
	_, err = s.lookup("arn:aws:dynamodb:eu-west-1:000000000000:table/things")
	require.ErrorContains(t, err, "Invalid AWS region in")
}

func TestListTables(t *testing.T) {
	t.Parallel()
	s := newService()
	for _, i := range []int{3, 1, 2} {
		call(t, s, "CreateTable", object(nameOf(fmt.Sprintf("table-%d", i)), define("pk S"),
			key("pk"), onDemand))
	}
	require.Equal(t, map[string]any{"TableNames": []any{"table-1", "table-2", "table-3"}},
		call(t, s, "ListTables", `{}`))
	require.Equal(t, map[string]any{
		"TableNames": []any{"table-1", "table-2"}, "LastEvaluatedTableName": "table-2",
	}, call(t, s, "ListTables", `{"Limit":2}`))
	require.Equal(t, map[string]any{"TableNames": []any{"table-3"}},
		call(t, s, "ListTables", `{"Limit":2,"ExclusiveStartTableName":"table-2"}`))
	require.Equal(t, map[string]any{"TableNames": []any{"table-2", "table-3"}},
		call(t, s, "ListTables", `{"Limit":2,"ExclusiveStartTableName":"table-1x"}`),
		"there need not be the table that the list starts after")
	requireRefused(t, s, "ListTables", `{"Limit":0,"ExclusiveStartTableName":"a!"}`, validation,
		"3 validation errors detected: Value 'a!' at 'exclusiveStartTableName' failed to satisfy "+
			"constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+; Value "+
			"'a!' at 'exclusiveStartTableName' failed to satisfy constraint: Member must have "+
			"length greater than or equal to 3; Value '0' at 'limit' failed to satisfy "+
			"constraint: Member must have value greater than or equal to 1")
	require.Contains(t, refused(t, s, "ListTables", `{"Limit":101}`).Message,
		"Member must have value less than or equal to 100")
}

func TestListTablesListsAHundred(t *testing.T) {
	t.Parallel()
	s := newService()
	for i := range 101 {
		call(t, s, "CreateTable", object(nameOf(fmt.Sprintf("table-%03d", i)), define("pk S"),
			key("pk"), onDemand))
	}
	response := call(t, s, "ListTables", `{}`)
	require.Len(t, response["TableNames"], 100)
	require.Equal(t, "table-099", response["LastEvaluatedTableName"])
}

func TestTimeToLive(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := New(Options{Now: clock.Now})
	newThings(t, s)
	spec := func(attribute, enabled string) string {
		return modify(`"TimeToLiveSpecification":{"AttributeName":"` + attribute +
			`","Enabled":` + enabled + `}`)
	}
	status := func() any {
		return call(t, s, "DescribeTimeToLive", describedName)["TimeToLiveDescription"]
	}
	refuse := func(body, message string) {
		t.Helper()
		requireRefused(t, s, "UpdateTimeToLive", body, validation, message)
	}
	require.Equal(t, map[string]any{"TimeToLiveStatus": "DISABLED"}, status())
	refuse(spec("gone", "false"), "TimeToLive is already disabled")

	require.Equal(t, map[string]any{"TimeToLiveSpecification": map[string]any{
		"AttributeName": "gone", "Enabled": true,
	}}, call(t, s, "UpdateTimeToLive", spec("gone", "true")))
	require.Equal(t, map[string]any{"TimeToLiveStatus": "ENABLED", "AttributeName": "gone"},
		status())
	refuse(spec("gone", "true"), "TimeToLive is already enabled")
	for _, enabled := range []string{"true", "false"} {
		refuse(spec("other", enabled), "TimeToLive is active on a different AttributeName: "+
			"current AttributeName is gone")
	}
	refuse(spec("gone", "false"),
		"Time to live has been modified multiple times within a fixed interval")
	clock.add(time.Hour)
	call(t, s, "UpdateTimeToLive", spec("gone", "false"))
	require.Equal(t, map[string]any{"TimeToLiveStatus": "DISABLED"}, status())
}

// While time to live is being switched on or off, it has a status of its own, and items do not
// expire before it is on, and do until it is off.
func TestTimeToLiveTakesTime(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := New(Options{Now: clock.Now, TableDelay: time.Minute})
	newThings(t, s)
	clock.add(time.Minute)
	change := func(enabled string) string {
		return modify(`"TimeToLiveSpecification":{"AttributeName":"gone","Enabled":` + enabled + `}`)
	}
	requireStatus := func(status string, attribute any) {
		t.Helper()
		is := call(t, s, "DescribeTimeToLive", describedName)["TimeToLiveDescription"]
		require.Equal(t, status, at(is, "TimeToLiveStatus"))
		require.Equal(t, attribute, at(is, "AttributeName"))
	}
	put := func() {
		call(t, s, "PutItem", modify(`"Item":{"pk":{"S":"a"},"gone":{"N":"`+
			itoa(int(clock.Now().Unix())-1)+`"}}`))
	}
	requireItems := func(n float64) {
		t.Helper()
		require.Equal(t, n, call(t, s, "Scan", describedName)["Count"])
	}
	const again = "Time to live has been modified multiple times within a fixed interval"

	call(t, s, "UpdateTimeToLive", change("true"))
	put()
	requireStatus("ENABLING", "gone")
	requireItems(1)
	refused := refused(t, s, "UpdateTimeToLive", change("false"))
	require.Equal(t, again, refused.Message)
	clock.add(time.Minute)
	requireStatus("ENABLED", "gone")
	requireItems(0)

	clock.add(time.Hour)
	call(t, s, "UpdateTimeToLive", change("false"))
	put()
	requireStatus("DISABLING", "gone")
	requireItems(0)
	requireRefused(t, s, "UpdateTimeToLive", change("false"), validation,
		"TimeToLive is already disabled")
	requireRefused(t, s, "UpdateTimeToLive", change("true"), validation, again)
	clock.add(time.Minute)
	requireStatus("DISABLED", nil)
	put()
	requireItems(1)
}

func TestTimeToLiveWrong(t *testing.T) {
	t.Parallel()
	const null = " failed to satisfy constraint: Member must not be null"
	s := newService()
	newThings(t, s)
	requireBad(t, s, "UpdateTimeToLive", []bad{
		{"nothing", modify(),
			"1 validation error detected: Value null at 'timeToLiveSpecification'" + null},
		{"nothing in it", modify(`"TimeToLiveSpecification":{}`), "2 validation errors detected: " +
			"Value null at 'timeToLiveSpecification.attributeName'" + null +
			"; Value null at 'timeToLiveSpecification.enabled'" + null},
		{"an empty name", modify(`"TimeToLiveSpecification":{"AttributeName":"","Enabled":true}`),
			"1 validation error detected: Value '' at 'timeToLiveSpecification.attributeName' " +
				"failed to satisfy constraint: Member must have length greater than or equal to 1"},
	})
	requireRefused(t, s, "UpdateTimeToLive",
		`{"TableName":"other","TimeToLiveSpecification":{"AttributeName":"a","Enabled":true}}`,
		"ResourceNotFoundException", "Requested resource not found: Table: other not found")
}

const thingsARN = `"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/things"`

func tags(keysAndValues ...string) string {
	var list []string
	for i := 0; i < len(keysAndValues); i += 2 {
		list = append(list, `{"Key":"`+keysAndValues[i]+`","Value":"`+keysAndValues[i+1]+`"}`)
	}
	return `"Tags":[` + strings.Join(list, ",") + `]`
}

func TestTags(t *testing.T) {
	t.Parallel()
	s := newService()
	newThings(t, s, tags("a", "1"))
	list := func() any { return call(t, s, "ListTagsOfResource", object(thingsARN))["Tags"] }
	one := func(key, value string) any { return map[string]any{"Key": key, "Value": value} }
	require.Equal(t, []any{one("a", "1")}, list())
	call(t, s, "TagResource", object(thingsARN, tags("b", "2", "a", "3", "ключ", "")))
	require.Equal(t, []any{one("a", "3"), one("b", "2"), one("ключ", "")}, list())
	call(t, s, "UntagResource", object(thingsARN, `"TagKeys":["a","ключ","none"]`))
	require.Equal(t, []any{one("b", "2")}, list())
}

func TestTagsWrong(t *testing.T) {
	t.Parallel()
	s := newService()
	newThings(t, s)
	requireBad(t, s, "TagResource", []bad{
		{"no resource", object(tags("a", "1")), "Invalid TableArn"},
		{"no ARN", `{"ResourceArn":"things","Tags":[]}`,
			"One or more parameter values were invalid: ARNs must start with 'arn:': things"},
		{"another ARN", `{"ResourceArn":"arn:aws:s3:::bucket","Tags":[]}`,
			"Invalid TableArn: Invalid ResourceArn provided as input arn:aws:s3:::bucket"},
		{"no tags", object(thingsARN), "1 validation error detected: Value null at 'tags' failed " +
			"to satisfy constraint: Member must not be null"},
		{"no tag", object(thingsARN, tags()), "Atleast one Tag needs to be provided as Input."},
		{"no key", object(thingsARN, `"Tags":[{"Value":"a"}]`),
			"The Tag Key provided is invalid, Key: null"},
		{"no value", object(thingsARN, `"Tags":[{"Key":"a"}]`),
			"The Tag Value provided is invalid, Value: null"},
		{"a key with other letters", object(thingsARN, tags("a!", "1")),
			"The Tag Key provided is invalid, Key: a!"},
		{"a long key", object(thingsARN, tags(strings.Repeat("k", 129), "1")),
			"The Tag Key provided is invalid, Key: " + strings.Repeat("k", 129)},
		{"a reserved key", object(thingsARN, tags("aws:a", "1")),
			"Tag Key cannot be prefixed with aws:, Key: aws:a"},
		{"a key twice", object(thingsARN, tags("a", "1", "a", "2")),
			"Duplicate Tag Keys provided as input: Duplicate Tag Key found a"},
	})
	requireRefused(t, s, "UntagResource", object(thingsARN, `"TagKeys":[]`), validation,
		"Atleast one Tag Key needs to be provided as Input.")
}

func TestTagsOfATableThatIsNotThere(t *testing.T) {
	t.Parallel()
	s := newService()
	const message = "Requested resource not found: ResourceArn: " +
		"arn:aws:dynamodb:us-east-1:000000000000:table/things not found"
	requireRefused(t, s, "TagResource", object(thingsARN, tags("a", "1")),
		"ResourceNotFoundException", message)
	requireRefused(t, s, "UntagResource", object(thingsARN, `"TagKeys":["a"]`),
		"ResourceNotFoundException", message)
	require.Equal(t, "AccessDeniedException",
		refused(t, s, "ListTagsOfResource", object(thingsARN)).Code)
}

func TestFiftyTags(t *testing.T) {
	t.Parallel()
	const tooMany = "Number of Tags exceed the current limit for the provided ResourceArn"
	s := newService()
	newThings(t, s)
	var list []string
	for i := range 50 {
		list = append(list, fmt.Sprint(i), "x")
	}
	call(t, s, "TagResource", object(thingsARN, tags(list...)))
	call(t, s, "TagResource", object(thingsARN, tags("0", "y")))
	requireRefused(t, s, "TagResource", object(thingsARN, tags("new", "x")), validation, tooMany)
	requireRefused(t, s, "CreateTable", object(nameOf("others"), define("pk S"), key("pk"),
		onDemand, tags(append(list, "new", "x")...)), validation, tooMany)
}

func TestDescribeLimitsAndEndpoints(t *testing.T) {
	t.Parallel()
	s := newService()
	require.Equal(t, map[string]any{
		"AccountMaxReadCapacityUnits": 80000.0, "AccountMaxWriteCapacityUnits": 80000.0,
		"TableMaxReadCapacityUnits": 40000.0, "TableMaxWriteCapacityUnits": 40000.0,
	}, call(t, s, "DescribeLimits", `{}`))
	require.Equal(t, "localhost", at(call(t, s, "DescribeEndpoints", `{}`), "Endpoints", "Address"))
	response, err := s.Do(protocol.WithHost(t.Context(), "host:8000"), "DescribeEndpoints",
		[]byte(`{}`))
	require.NoError(t, err)
	require.JSONEq(t, `{"Endpoints":[{"Address":"host:8000","CachePeriodInMinutes":1440}]}`,
		string(response))
}

func TestDescribeContinuousBackups(t *testing.T) {
	t.Parallel()
	s := newService()
	requireRefused(t, s, "DescribeContinuousBackups", describedName, "TableNotFoundException",
		"Table not found: things")
	newThings(t, s)
	backups := at(call(t, s, "DescribeContinuousBackups", describedName),
		"ContinuousBackupsDescription")
	require.Equal(t, map[string]any{"ContinuousBackupsStatus": "ENABLED",
		"PointInTimeRecoveryDescription": map[string]any{"PointInTimeRecoveryStatus": "DISABLED"},
	}, backups)
}

func TestUpdateContinuousBackups(t *testing.T) {
	t.Parallel()
	s := newService()
	switching := func(spec string) string {
		return `{"TableName":"things","PointInTimeRecoverySpecification":{` + spec + `}}`
	}
	on := `"PointInTimeRecoveryEnabled":true`
	requireRefused(t, s, "UpdateContinuousBackups", switching(on), "TableNotFoundException",
		"Table not found: things")
	newThings(t, s)
	for _, spec := range []string{
		"", on + `,"RecoveryPeriodInDays":0`, on + `,"RecoveryPeriodInDays":36`,
	} {
		err := refused(t, s, "UpdateContinuousBackups", switching(spec))
		require.Equal(t, "ValidationException", err.Code)
		require.Contains(t, err.Message, "at 'pointInTimeRecoverySpecification.")
	}
	for _, step := range []struct {
		spec string
		days any
	}{
		{on, 35.0}, {on + `,"RecoveryPeriodInDays":7`, 7.0}, {on, 7.0},
		{`"PointInTimeRecoveryEnabled":false`, nil}, {on, 35.0},
	} {
		call(t, s, "UpdateContinuousBackups", switching(step.spec))
		described := at(call(t, s, "DescribeContinuousBackups", describedName),
			"ContinuousBackupsDescription", "PointInTimeRecoveryDescription").(map[string]any)
		status := map[bool]string{true: "ENABLED", false: "DISABLED"}[step.days != nil]
		require.Equal(t, status, described["PointInTimeRecoveryStatus"])
		require.Equal(t, step.days, described["RecoveryPeriodInDays"])
	}
}

func TestTablesAtTheSameTime(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := New(Options{Now: clock.Now, TableDelay: time.Second})
	requests := []struct{ operation, body string }{
		{"CreateTable", object(nameOf("things"), define("pk S"), key("pk"), onDemand)},
		{"DescribeTable", describedName},
		{"UpdateTable", modify(define("g S"), indexUpdates(create("idx", "g")))},
		{"UpdateTable", modify(indexUpdates(drop("idx")))},
		{"UpdateTable", modify(
			`"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}`)},
		{"UpdateTimeToLive",
			modify(`"TimeToLiveSpecification":{"AttributeName":"a","Enabled":true}`)},
		{"TagResource", object(thingsARN, tags("a", "1"))},
		{"ListTagsOfResource", object(thingsARN)},
		{"ListTables", `{}`},
		{"DescribeTimeToLive", describedName},
		{"DeleteTable", describedName},
	}
	var group sync.WaitGroup
	for i := range requests {
		group.Go(func() {
			for n := range 200 {
				r := requests[(i+n)%len(requests)]
				_, _ = s.Do(t.Context(), r.operation, []byte(r.body))
				_, _ = s.lookup("things")
				clock.add(100 * time.Millisecond)
			}
		})
	}
	group.Wait()
	clock.add(time.Hour)
	_, _ = s.Do(t.Context(), "DeleteTable", []byte(describedName))
	clock.add(time.Hour)
	require.Equal(t, []any{}, call(t, s, "ListTables", `{}`)["TableNames"])
}
