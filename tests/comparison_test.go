package tests

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/internal/wire"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// shelf has a field of each kind that comparisons treat differently.
type shelf struct {
	dynamapper.Model `dynamo:"shelf"`
	ID               string                             `dynamo:"id,hash"`
	Text             string                             `dynamo:"text"`
	Named            labelText                          `dynamo:"named"`
	TextPtr          *string                            `dynamo:"textptr"`
	Int              int                                `dynamo:"int"`
	Small            uint8                              `dynamo:"small"`
	Float            float64                            `dynamo:"float"`
	IntPtr           *int                               `dynamo:"intptr"`
	Big              *big.Int                           `dynamo:"big"`
	Exact            json.Number                        `dynamo:"exact"`
	Bool             bool                               `dynamo:"bool"`
	BoolPtr          *bool                              `dynamo:"boolptr"`
	Some             int                                `dynamo:"some,omitempty"`
	SomeBool         bool                               `dynamo:"somebool,omitempty"`
	SomePtr          *int                               `dynamo:"someptr,omitempty"`
	SomeAt           time.Time                          `dynamo:"someat,unixtime,omitempty"`
	SomeDoc          measure                            `dynamo:"somedoc,document,omitempty"`
	Bytes            []byte                             `dynamo:"bytes"`
	Digest           [4]byte                            `dynamo:"digest"`
	At               time.Time                          `dynamo:"at"`
	AtPtr            *time.Time                         `dynamo:"atptr"`
	Unix             time.Time                          `dynamo:"unix,unixtime"`
	TTLPtr           *time.Time                         `dynamo:"ttlptr,ttl"`
	Day              time.Time                          `dynamo:"day,layout=DateOnly"`
	Clock            time.Time                          `dynamo:"clock,layout=Kitchen"`
	Nano             *time.Time                         `dynamo:"nano,layout=RFC3339Nano"`
	Minute           time.Time                          `dynamo:"minute,layout=2006-01-02T15:04Z07:00"`
	Strings          []string                           `dynamo:"strings,set"`
	StringMap        map[labelText]bool                 `dynamo:"stringmap,set"`
	Numbers          map[int]struct{}                   `dynamo:"numbers,set"`
	Blobs            [][]byte                           `dynamo:"blobs,set"`
	Days             []time.Time                        `dynamo:"days,set,layout=DateOnly"`
	SetPtr           *[]string                          `dynamo:"setptr,set"`
	List             []string                           `dynamo:"list,document"`
	Pointers         []*int                             `dynamo:"pointers,document"`
	Flags            []bool                             `dynamo:"flags,document"`
	Pair             [2]int                             `dynamo:"pair,document"`
	Measures         []measure                          `dynamo:"measures,document"`
	Counts           map[string]int                     `dynamo:"counts,document"`
	ByNumber         map[int8]string                    `dynamo:"bynumber,document"`
	Measure          measure                            `dynamo:"measure,document"`
	Chain            *chain                             `dynamo:"chain,document"`
	Any              any                                `dynamo:"any,document"`
	Addr             netip.Addr                         `dynamo:"addr"`
	Cents            cents                              `dynamo:"cents"`
	Badges           badges                             `dynamo:"badges"`
	Trail            trail                              `dynamo:"trail"`
	Verbatim         types.AttributeValue               `dynamo:"verbatim"`
	Raw              map[string]types.AttributeValue    `dynamo:"raw"`
	JSON             map[string]string                  `dynamo:"json"`
	Dotted           string                             `dynamo:"a.b"`
	Quoted           map[string]map[string]measure      `dynamo:"we \"quote\".it,document"`
	Keyed            map[netip.Addr]map[string][]string `dynamo:"keyed,document"`
}

type labelText string

type measure struct {
	Size int               `dynamo:"size"`
	Unit string            `dynamo:"unit"`
	Dot  string            `dynamo:"the.dot"`
	Some int               `dynamo:"some,omitempty"`
	Tags []string          `dynamo:"tags,set"`
	JSON map[string]string `dynamo:"json,json"`
}

type chain struct {
	Name string
	Next *chain
}

// badges is a set by its own methods, and trails is a list.
type badges struct{ names []string }

func (b badges) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberSS{Value: append([]string{"none"}, b.names...)}, nil
}

func (b *badges) UnmarshalDynamoDBAttributeValue(types.AttributeValue) error { return nil }

type trail struct{}

func (trail) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberL{}, nil
}

func (*trail) UnmarshalDynamoDBAttributeValue(types.AttributeValue) error { return nil }

var placeHolder = regexp.MustCompile(`[#:]\d+`)

// written returns the filter of a scan as it is in a request, with names and values in place of the
// placeholders.
func written(t *testing.T, conditions ...dynamapper.Condition) (string, error) {
	t.Helper()
	table, client := caughtTable[shelf](t)
	if _, err := table.Scan().Where(conditions...).Collect(t.Context()); err != nil {
		return "", err
	}
	return filled(t, *client.scan.FilterExpression, client.scan.ExpressionAttributeNames,
		client.scan.ExpressionAttributeValues), nil
}

// filled returns an expression with names and values in place of the placeholders. It requires that
// each name and each value is used.
func filled(
	t *testing.T, expression string, names map[string]string, values fixtures.Attributes,
) string {
	t.Helper()
	used := map[string]bool{}
	text := placeHolder.ReplaceAllStringFunc(expression, func(alias string) string {
		used[alias] = true
		if name, ok := names[alias]; ok {
			return name
		}
		value, err := wire.AppendValue(nil, values[alias])
		require.NoError(t, err)
		return string(value)
	})
	require.Len(t, used, len(names)+len(values),
		"the service refuses a name or a value that is not used")
	return text
}

var noon = time.Date(2026, time.May, 31, 12, 0, 0, 5000, time.FixedZone("", -3600))

// Each comparison is one expression. It compares a value with every form in which the value may be
// stored, including a missing attribute.
func TestComparisonsAreWritten(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		attribute  string
		comparison dynamapper.Comparison
		want       string
	}{
		{"text", dynamapper.EQ("a"), `text={"S":"a"}`},
		{"text", dynamapper.EQ(""), `attribute_not_exists(text)`},
		{"text", dynamapper.EQ(nil), `attribute_not_exists(text)`},
		{"text", dynamapper.EQ((*string)(nil)), `attribute_not_exists(text)`},
		{"text", dynamapper.EQ(&types.AttributeValueMemberS{Value: "a"}), `text={"S":"a"}`},
		{"text", dynamapper.NE("a"), `text<>{"S":"a"}`},
		{"text", dynamapper.NE(""), `attribute_exists(text)`},
		{"text", dynamapper.LT(labelText("a")), `text<{"S":"a"}`},
		{"text", dynamapper.LE("a"), `text<={"S":"a"}`},
		{"text", dynamapper.GT("a"), `text>{"S":"a"}`},
		{"text", dynamapper.GE(fixtures.Pointer("a")), `text>={"S":"a"}`},
		{"text", dynamapper.Between("B", "a"), `text BETWEEN {"S":"B"} AND {"S":"a"}`},
		{"text", dynamapper.Between("a", "a"), `text BETWEEN {"S":"a"} AND {"S":"a"}`},
		{"text", dynamapper.BeginsWith("a"), `begins_with(text,{"S":"a"})`},
		{"text", dynamapper.BeginsWith(fixtures.Pointer(labelText("a"))),
			`begins_with(text,{"S":"a"})`},
		{"text", dynamapper.Contains("a"), `contains(text,{"S":"a"})`},
		{"text", dynamapper.NotContains("a"), `NOT contains(text,{"S":"a"})`},
		{"text", dynamapper.Exists(), `attribute_exists(text)`},
		{"text", dynamapper.NotExists(), `attribute_not_exists(text)`},
		{"text", dynamapper.In("a"), `text IN ({"S":"a"})`},
		{"text", dynamapper.In("a", "", "b"),
			`text IN ({"S":"a"},{"S":"b"}) OR attribute_not_exists(text)`},
		{"text", dynamapper.In(""), `attribute_not_exists(text)`},
		{"text", dynamapper.Size(dynamapper.LT(3)), `size(text)<{"N":"3"}`},
		{"text", dynamapper.Size(dynamapper.EQ(uint8(3))), `size(text)={"N":"3"}`},
		{"text", dynamapper.Size(dynamapper.NE(0)), `size(text)<>{"N":"0"}`},
		{"text", dynamapper.Size(dynamapper.Between(1, 10)),
			`size(text) BETWEEN {"N":"1"} AND {"N":"10"}`},
		{"text", dynamapper.Size(dynamapper.In(1, 3)), `size(text) IN ({"N":"1"},{"N":"3"})`},
		{"named", dynamapper.EQ("a"), `named={"S":"a"}`},
		{"textptr", dynamapper.EQ("a"), `textptr={"S":"a"}`},
		{"textptr", dynamapper.EQ(""), `textptr={"S":""}`},
		{"textptr", dynamapper.EQ(nil), `attribute_not_exists(textptr)`},
		{"textptr", dynamapper.Contains(labelText("a")), `contains(textptr,{"S":"a"})`},

		{"int", dynamapper.EQ(0), `int={"N":"0"}`},
		{"int", dynamapper.EQ(int8(-5)), `int={"N":"-5"}`},
		{"int", dynamapper.LT(2.5), `int<{"N":"2.5"}`},
		{"int", dynamapper.LT(float32(0.1)), `int<{"N":"0.1"}`},
		{"int", dynamapper.GE(big.NewInt(7)), `int>={"N":"7"}`},
		{"int", dynamapper.GE(*big.NewFloat(7.5)), `int>={"N":"7.5"}`},
		{"int", dynamapper.EQ(time.Second), `int={"N":"1000000000"}`},
		{"int", dynamapper.EQ(json.Number("12345678901234567890123456789012345678")),
			`int={"N":"12345678901234567890123456789012345678"}`},
		{"int", dynamapper.EQ(attributevalue.Number("1E2")), `int={"N":"1E2"}`},
		{"int", dynamapper.EQ(&types.AttributeValueMemberN{Value: "1"}), `int={"N":"1"}`},
		{"int", dynamapper.Between(9, 10), `int BETWEEN {"N":"9"} AND {"N":"10"}`},
		{"int", dynamapper.Between(json.Number("1E1"), 10),
			`int BETWEEN {"N":"1E1"} AND {"N":"10"}`},
		{"int", dynamapper.EQ(nil), `attribute_not_exists(int)`},
		{"small", dynamapper.EQ(300), `small={"N":"300"}`},
		{"float", dynamapper.EQ(1), `float={"N":"1"}`},
		{"float", dynamapper.EQ(1e-7), `float={"N":"1e-07"}`},
		{"intptr", dynamapper.EQ(0), `intptr={"N":"0"}`},
		{"intptr", dynamapper.EQ(fixtures.Pointer(7)), `intptr={"N":"7"}`},
		{"intptr", dynamapper.EQ(fixtures.Pointer(int8(7))), `intptr={"N":"7"}`},
		{"big", dynamapper.LT(uint64(math.MaxUint64)), `big<{"N":"18446744073709551615"}`},
		{"big", dynamapper.EQ(big.NewInt(7)), `big={"N":"7"} OR big={"S":"7"}`},
		{"exact", dynamapper.EQ(7), `exact={"N":"7"} OR exact={"S":"7"}`},
		{"exact", dynamapper.EQ(json.Number("")), `attribute_not_exists(exact)`},

		{"bool", dynamapper.EQ(true), `bool IN ({"BOOL":true},{"N":"1"},{"S":"true"})`},
		{"bool", dynamapper.NE(false), `NOT bool IN ({"BOOL":false},{"N":"0"},{"S":"false"})`},
		{"bool", dynamapper.In(true, false),
			`bool IN ({"BOOL":true},{"N":"1"},{"S":"true"},{"BOOL":false},{"N":"0"},{"S":"false"})`},
		{"boolptr", dynamapper.EQ(false), `boolptr IN ({"BOOL":false},{"N":"0"},{"S":"false"})`},
		{"some", dynamapper.EQ(0), `some={"N":"0"} OR attribute_not_exists(some)`},
		{"some", dynamapper.EQ(json.Number("0.0")),
			`some={"N":"0.0"} OR attribute_not_exists(some)`},
		{"some", dynamapper.NE(0), `some<>{"N":"0"} AND attribute_exists(some)`},
		{"some", dynamapper.EQ(1), `some={"N":"1"}`},
		{"some", dynamapper.In(1, 0),
			`some IN ({"N":"1"},{"N":"0"}) OR attribute_not_exists(some)`},
		{"some", dynamapper.LT(0), `some<{"N":"0"}`},
		{"somebool", dynamapper.EQ(false),
			`somebool IN ({"BOOL":false},{"N":"0"},{"S":"false"}) OR attribute_not_exists(somebool)`},
		{"somebool", dynamapper.EQ(true), `somebool IN ({"BOOL":true},{"N":"1"},{"S":"true"})`},
		{"someptr", dynamapper.EQ(0), `someptr={"N":"0"}`}, // only the nil pointer is left out
		{"someat", dynamapper.EQ(time.Unix(0, 0)), `someat={"N":"0"}`},
		{"someat", dynamapper.EQ(time.Time{}),
			`someat={"N":"-62135596800"} OR attribute_not_exists(someat)`},
		{"somedoc", dynamapper.EQ(measure{}),
			`somedoc={"M":{"size":{"N":"0"}}} OR attribute_not_exists(somedoc)`},

		{"bytes", dynamapper.EQ([]byte{1}), `bytes={"B":"AQ=="}`},
		{"bytes", dynamapper.EQ([]byte{}), `attribute_not_exists(bytes)`},
		{"bytes", dynamapper.LT([]byte{1}), `bytes<{"B":"AQ=="}`},
		{"bytes", dynamapper.BeginsWith([]byte{1}), `begins_with(bytes,{"B":"AQ=="})`},
		{"digest", dynamapper.EQ([4]byte{1}), `digest={"B":"AQAAAA=="}`},
		{"digest", dynamapper.EQ([]byte{1, 0, 0, 0}), `digest={"B":"AQAAAA=="}`},
		{"digest", dynamapper.BeginsWith([]byte{1}), `begins_with(digest,{"B":"AQ=="})`},
		{"digest", dynamapper.BeginsWith([1]byte{1}), `begins_with(digest,{"B":"AQ=="})`},

		{"at", dynamapper.LT(noon.Truncate(time.Second)), `at<{"S":"2026-05-31T13:00:00"}`},
		{"at", dynamapper.GE(noon.Truncate(time.Second)), `at>={"S":"2026-05-31T13:00:00"}`},
		{"at", dynamapper.LT(noon.Truncate(time.Second).Add(42 * time.Millisecond)),
			`at<{"S":"2026-05-31T13:00:00.042"} OR at IN ({"S":"2026-05-31T13:00:00Z"},{"S":"2026-05-31T13:00:00.0Z"},{"S":"2026-05-31T13:00:00.04Z"})`},
		{"at", dynamapper.GE(noon.Truncate(time.Second).Add(420 * time.Millisecond)),
			`at>={"S":"2026-05-31T13:00:00.42"} AND (NOT at IN ({"S":"2026-05-31T13:00:00Z"},{"S":"2026-05-31T13:00:00.4Z"}))`},
		{"at", dynamapper.Between(noon.Truncate(time.Second),
			noon.Truncate(time.Second).Add(time.Second-1)),
			`at>={"S":"2026-05-31T13:00:00"} AND at<{"S":"2026-05-31T13:00:01"}`},
		{"at", dynamapper.LE(time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)),
			`at<{"S":"9999-12-31T23:59:60"}`},
		{"at", dynamapper.LT(&types.AttributeValueMemberS{Value: "2026"}), `at<{"S":"2026"}`},
		{"at", dynamapper.EQ(&types.AttributeValueMemberS{Value: "2026-05-31T13:00:00Z"}),
			`at={"S":"2026-05-31T13:00:00Z"}`},
		{"at", dynamapper.EQ(noon.UTC()),
			`at IN ({"S":"2026-05-31T13:00:00.000005000Z"},{"S":"2026-05-31T13:00:00.000005Z"},{"S":"2026-05-31T13:00:00.000005+00:00"},` +
				`{"S":"2026-05-31T13:00:00.0000050Z"},{"S":"2026-05-31T13:00:00.0000050+00:00"},{"S":"2026-05-31T13:00:00.000005000+00:00"})`},
		{"at", dynamapper.BeginsWith("2026-05"), `begins_with(at,{"S":"2026-05"})`},
		{"at", dynamapper.BeginsWith(fixtures.Pointer("2026-05")),
			`begins_with(at,{"S":"2026-05"})`},
		{"at", dynamapper.BeginsWith(&types.AttributeValueMemberS{Value: "2026"}),
			`begins_with(at,{"S":"2026"})`},
		{"at", dynamapper.Contains("T13:"), `contains(at,{"S":"T13:"})`},
		{"atptr", dynamapper.GE(fixtures.Pointer(noon.Truncate(time.Second))),
			`atptr>={"S":"2026-05-31T13:00:00"}`},
		{"unix", dynamapper.LT(noon), `unix<{"N":"1780232400.000005"}`},
		{"unix", dynamapper.LT(noon.Truncate(time.Second)), `unix<{"N":"1780232400"}`},
		{"unix", dynamapper.GE(&noon), `unix>={"N":"1780232400.000005"}`},
		{"unix", dynamapper.GT(noon), `unix>{"N":"1780232400.000005"}`},
		{"unix", dynamapper.LE(noon), `unix<={"N":"1780232400.000005"}`},
		{"unix", dynamapper.Between(noon, noon.Add(time.Hour)),
			`unix BETWEEN {"N":"1780232400.000005"} AND {"N":"1780236000.000005"}`},
		{"ttlptr", dynamapper.LT(noon), `ttlptr<{"N":"1780232400.000005"}`},
		{"unix", dynamapper.EQ(noon), `unix={"N":"1780232400"} OR unix={"N":"1780232400.000005"}`},
		{"day", dynamapper.LT(noon), `day<={"S":"2026-05-31"}`},
		{"day", dynamapper.GE(noon), `day>{"S":"2026-05-31"}`},
		{"day", dynamapper.Between(noon.Truncate(24*time.Hour), noon),
			`day BETWEEN {"S":"2026-05-31"} AND {"S":"2026-05-31"}`},
		{"clock", dynamapper.EQ(noon), `clock={"S":"1:00PM"}`},
		{"nano", dynamapper.EQ(noon.Truncate(time.Second).Add(1)),
			`nano IN ({"S":"2026-05-31T13:00:00.000000001Z"},{"S":"2026-05-31T13:00:00.000000001+00:00"},` +
				`{"S":"2026-05-31T12:00:00.000000001-01:00"})`},
		{"minute", dynamapper.EQ(noon.UTC()),
			`minute={"S":"2026-05-31T13:00Z"} OR minute={"S":"2026-05-31T13:00+00:00"}`},

		{"strings", dynamapper.Contains("a"), `contains(strings,{"S":"a"})`},
		{"strings", dynamapper.EQ([]string{"b", "a", "b"}), `strings={"SS":["b","a"]}`},
		{"strings", dynamapper.NE([]string{}), `attribute_exists(strings)`},
		{"strings", dynamapper.Size(dynamapper.GT(1)), `size(strings)>{"N":"1"}`},
		{"stringmap", dynamapper.NotContains("a"), `NOT contains(stringmap,{"S":"a"})`},
		{"numbers", dynamapper.Contains(int64(7)), `contains(numbers,{"N":"7"})`},
		{"blobs", dynamapper.Contains([]byte{1}), `contains(blobs,{"B":"AQ=="})`},
		{"days", dynamapper.Contains(noon), `contains(days,{"S":"2026-05-31"})`},
		{"setptr", dynamapper.Contains("a"), `contains(setptr,{"S":"a"})`},
		{"setptr", dynamapper.EQ([]string{}), `attribute_not_exists(setptr)`},
		{"badges", dynamapper.Contains("gold"), `contains(badges,{"S":"gold"})`},
		{"badges", dynamapper.EQ(badges{[]string{"a"}}), `badges={"SS":["none","a"]}`},
		{"trail", dynamapper.Contains(5), `contains(trail,{"N":"5"})`},
		{"trail[2].x", dynamapper.EQ(5), `trail[2].x={"N":"5"}`},

		{"list", dynamapper.Contains("a"), `contains(list,{"S":"a"})`},
		{"list", dynamapper.Contains(""), `contains(list,{"S":""})`},
		{"list", dynamapper.EQ([]string{}), `list={"L":[]}`},
		{"list", dynamapper.EQ([]string(nil)), `attribute_not_exists(list)`},
		{"list", dynamapper.In([]string{"a"}, nil),
			`list IN ({"L":[{"S":"a"}]}) OR attribute_not_exists(list)`},
		{"list[0]", dynamapper.EQ(""), `list[0]={"S":""}`},
		{"list[0]", dynamapper.BeginsWith("a"), `begins_with(list[0],{"S":"a"})`},
		{"list[2147483647]", dynamapper.NotExists(), `attribute_not_exists(list[2147483647])`},
		{"pointers", dynamapper.Contains(nil), `contains(pointers,{"NULL":true})`},
		{"pointers[1]", dynamapper.EQ(nil),
			`pointers[1]={"NULL":true} OR attribute_not_exists(pointers[1])`},
		{"pointers[1]", dynamapper.NE(nil),
			`pointers[1]<>{"NULL":true} AND attribute_exists(pointers[1])`},
		{"keyed.::1.a", dynamapper.EQ([]string(nil)), `keyed.::1.a={"NULL":true}`},
		{"flags[1]", dynamapper.EQ(true), `flags[1] IN ({"BOOL":true},{"N":"1"},{"S":"true"})`},
		{"pair[1]", dynamapper.GT(5), `pair[1]>{"N":"5"}`},
		{"measures", dynamapper.Contains(measure{Size: 1}),
			`contains(measures,{"M":{"size":{"N":"1"}}})`},
		{"measures[0].some", dynamapper.EQ(0),
			`measures[0].some={"N":"0"} OR attribute_not_exists(measures[0].some)`},
		{"measures[0].tags", dynamapper.Contains("a"), `contains(measures[0].tags,{"S":"a"})`},
		{"measures[0].json", dynamapper.Exists(),
			`attribute_exists(measures[0].json) AND measures[0].json<>{"S":"{}"}`},
		{"counts.size", dynamapper.EQ(5), `counts.size={"N":"5"}`},
		{`counts."a.b"`, dynamapper.EQ(5), `counts.a.b={"N":"5"}`},
		{"bynumber.-128", dynamapper.EQ("a"), `bynumber.-128={"S":"a"}`},
		{"measure", dynamapper.EQ(measure{Size: 1}), `measure={"M":{"size":{"N":"1"}}}`},
		{"measure.unit", dynamapper.EQ(""), `attribute_not_exists(measure.unit)`},
		{`measure."the.dot"`, dynamapper.EQ("a"), `measure.the.dot={"S":"a"}`},
		{"chain.Next.Next.Name", dynamapper.EQ("a"), `chain.Next.Next.Name={"S":"a"}`},
		{"chain.Next", dynamapper.EQ(nil), `attribute_not_exists(chain.Next)`},
		{"chain.Next", dynamapper.Size(dynamapper.EQ(2)), `size(chain.Next)={"N":"2"}`},
		{"any", dynamapper.EQ(5), `any={"N":"5"}`},
		{"any", dynamapper.EQ(true), `any={"BOOL":true}`},
		{"any", dynamapper.LT("a"), `any<{"S":"a"}`},
		{"any", dynamapper.Contains(nil), `contains(any,{"NULL":true})`},
		{"any.a[3].b", dynamapper.BeginsWith("a"), `begins_with(any.a[3].b,{"S":"a"})`},
		{"any.a", dynamapper.EQ(nil), `any.a={"NULL":true} OR attribute_not_exists(any.a)`},
		{"addr", dynamapper.EQ(netip.MustParseAddr("::1")), `addr={"S":"::1"}`},
		{"addr", dynamapper.EQ("0:0::1"), `addr={"S":"::1"} OR addr={"S":"0:0::1"}`},
		{"addr", dynamapper.NE("0:0::1"), `addr<>{"S":"::1"} AND addr<>{"S":"0:0::1"}`},
		{"addr", dynamapper.EQ("::1"), `addr={"S":"::1"}`},
		{"addr", dynamapper.BeginsWith("10."), `begins_with(addr,{"S":"10."})`},
		{"addr", dynamapper.EQ(netip.Addr{}), `attribute_not_exists(addr)`},
		{"cents", dynamapper.EQ(cents{5}), `cents={"N":"5"}`},
		{"verbatim", dynamapper.EQ(&types.AttributeValueMemberBOOL{Value: true}),
			`verbatim={"BOOL":true}`},
		{"verbatim", dynamapper.Contains("a"), `contains(verbatim,{"S":"a"})`},
		{"raw.a.b", dynamapper.EQ(1), `raw.a.b={"N":"1"}`},
		{"json", dynamapper.Exists(), `attribute_exists(json) AND json<>{"S":"{}"}`},
		{"json", dynamapper.NotExists(), `attribute_not_exists(json) OR json={"S":"{}"}`},
		{"json", dynamapper.EQ(map[string]string{}),
			`attribute_not_exists(json) OR json={"S":"{}"}`},
		{"json", dynamapper.NE(map[string]string(nil)),
			`attribute_exists(json) AND json<>{"S":"{}"}`},
		{"a.b", dynamapper.EQ("a"), `a.b={"S":"a"}`},
		{`"a.b"`, dynamapper.EQ("a"), `a.b={"S":"a"}`},
		{dynamapper.Path(`we "quote".it`, "a]", "[0]", "size"), dynamapper.EQ(1),
			`we "quote".it.a].[0].size={"N":"1"}`},
		{dynamapper.Path("keyed", "::1", "#:", 2), dynamapper.EQ("a"), `keyed.::1.#:[2]={"S":"a"}`},
	} {
		text, err := written(t, dynamapper.Attr(row.attribute, row.comparison))
		require.NoError(t, err, "%s %v", row.attribute, row.comparison)
		require.Equal(t, row.want, text)
	}
}

// Comparisons that the schema or the operands prove wrong are refused with a hint. No message
// contains an operand.
func TestComparisonsAreRefused(t *testing.T) {
	t.Parallel()
	invalid := "secret\xff"
	for _, row := range []struct {
		attribute  string
		comparison dynamapper.Comparison
		want       string
	}{
		{"txet", dynamapper.Exists(),
			`the model tests.shelf has no attribute "txet"; did you mean "text"?`},
		{"nothing.like.it", dynamapper.Exists(),
			`has no attribute "nothing"; give an attribute's name, as it stands in the tags`},
		{"", dynamapper.Exists(), `has no attribute ""`},
		{"[0]", dynamapper.Exists(),
			`"[0]" is no path, it begins with an index; the name of an attribute stands before that`},
		{"measure.units", dynamapper.Exists(),
			`the document "measure" has no member "units"; did you mean "unit"?`},
		{"measures[3].weight", dynamapper.Exists(),
			`the document "measures[3]" has no member "weight"; use the name in the tag of one of its fields`},
		{"measure.", dynamapper.Exists(),
			`"measure." is no path, a name is missing; write one with Path`},
		{"measure..unit", dynamapper.Exists(), `a name is missing`},
		{".measure", dynamapper.Exists(), `a name is missing`},
		{"list[", dynamapper.Exists(),
			`brackets hold an index from 0 to 2147483647, and member names stand behind a dot`},
		{"list[x]", dynamapper.Exists(), `brackets hold an index`},
		{"list[]", dynamapper.Exists(), `brackets hold an index`},
		{"list[-1]", dynamapper.Exists(), `brackets hold an index`},
		{"list[2147483648]", dynamapper.Exists(), `brackets hold an index`},
		{"list[0]x", dynamapper.Exists(), `a dot is missing`},
		{"list.[0]", dynamapper.Exists(), `a dot stands before a bracket`},
		{`counts."a`, dynamapper.Exists(), `a quote is not closed`},
		{`counts."a"b`, dynamapper.Exists(), `a dot is missing`},
		{dynamapper.Path(), dynamapper.Exists(), `has no attribute ""`},
		{dynamapper.Path(3), dynamapper.Exists(), `it begins with an index`},
		{dynamapper.Path("list", 2.5), dynamapper.Exists(), `brackets hold an index`},
		{dynamapper.Path("list", nil), dynamapper.Exists(), `brackets hold an index`},
		{dynamapper.Path("list", -1), dynamapper.Exists(), `brackets hold an index`},
		{dynamapper.Path("list", uint64(math.MaxUint64)), dynamapper.Exists(),
			`brackets hold an index`},
		{"text.member", dynamapper.Exists(),
			`the attribute "text" is of type S and has no members; a name follows a document`},
		{"text[0]", dynamapper.Exists(),
			`the attribute "text" is of type S and has no elements; an index follows a list`},
		{"strings[0]", dynamapper.Exists(),
			`the attribute "strings" is of type SS and has no elements`},
		{"badges[0]", dynamapper.Exists(),
			`the attribute "badges" is of type SS and has no elements`},
		{"list.first", dynamapper.Exists(),
			`the attribute "list" is a list and has no members; an index follows it, as in list[0]`},
		{"trail.first", dynamapper.Exists(), `the attribute "trail" is a list and has no members`},
		{"counts[0]", dynamapper.Exists(),
			`the attribute "counts" is of type M and has no elements`},
		{"measure[0]", dynamapper.Exists(),
			`the attribute "measure" is of type M and has no elements`},
		{"raw[0]", dynamapper.Exists(), `the attribute "raw" is of type M and has no elements`},
		{"chain.Next.Name.x", dynamapper.Exists(),
			`the attribute "chain.Next.Name" is of type S and has no members`},
		{"pair[2]", dynamapper.Exists(),
			`the list "pair" has 2 elements, so that there is no "pair[2]"`},
		{"bynumber.one", dynamapper.Exists(),
			`the map "bynumber": the member's name is not an integer of the Go type int8`},
		{"bynumber.128", dynamapper.Exists(), `the member's name is not an integer`},
		{"keyed.home", dynamapper.Exists(),
			`the map "keyed": the method UnmarshalText of the Go type netip.Addr refused the value`},
		{dynamapper.Path("counts", ""), dynamapper.Exists(),
			`the name of the member counts."" is empty or not valid UTF-8, and DynamoDB has none such`},
		{dynamapper.Path("any", "a\xff"), dynamapper.Exists(), `is empty or not valid UTF-8`},

		{"json.a", dynamapper.EQ("a"),
			`the attribute "json" is stored as JSON, into which DynamoDB does not see; give the field JSON the option "document"`},
		{"measures[1].json.a", dynamapper.Exists(),
			`the attribute "measures[1].json" is stored as JSON, into which DynamoDB does not see; give the field Measures[1].JSON the`},
		{"json", dynamapper.EQ(map[string]string{"a": "b"}),
			`stored as JSON, and DynamoDB can only test whether it exists; give the field JSON the option "document" to compare its value`},
		{"json", dynamapper.Size(dynamapper.GT(1)), `stored as JSON`},
		{"measure.json", dynamapper.Contains("a"),
			`give the field Measure.JSON the option "document"`},

		{"bool", dynamapper.LT(true),
			`an attribute of type BOOL has no order, so that LT cannot compare it; use EQ or NE`},
		{"strings", dynamapper.Between("a", "b"),
			`an attribute of type SS has no order, so that Between cannot compare it`},
		{"list", dynamapper.GE([]string{"a"}), `an attribute of type L has no order`},
		{"measure", dynamapper.GT(measure{}), `an attribute of type M has no order`},
		{"any", dynamapper.LT(true), `a value of type BOOL has no order`},
		{"verbatim", dynamapper.LT(&types.AttributeValueMemberNULL{Value: true}),
			`a value of type NULL has no order`},
		{"clock", dynamapper.LT(noon),
			`times in the layout "3:04PM" do not sort as text, which is how DynamoDB compares them; use a layout that goes from`},
		{"nano", dynamapper.Between(noon, noon),
			`times in the layout "2006-01-02T15:04:05.999999999Z07:00" do not sort as text`},
		{"text", dynamapper.LT(""),
			`the value of LT is empty, which means a missing attribute and has no order; give another value, or leave the comparison out`},
		{"textptr", dynamapper.LT(""), `the value of LT is empty`},
		{"at", dynamapper.GE(time.Time{}), `the value of GE is empty`},
		{"int", dynamapper.GE(nil), `the value of GE is empty`},
		{"int", dynamapper.Between(1, nil), `the value of Between is empty`},
		{"int", dynamapper.Between(10, 9),
			`the bounds of Between are reversed; give the lower bound first`},
		{"int", dynamapper.Between("10", "9"),
			`a value of type string is given, and the field Int takes int`},
		{"exact", dynamapper.Between(json.Number("1E1"), json.Number("9")),
			`the bounds of Between are reversed`},
		{"text", dynamapper.Between("a", "B"), `the bounds of Between are reversed`},
		{"bytes", dynamapper.Between([]byte{2}, []byte{1, 9}),
			`the bounds of Between are reversed`},
		{"at", dynamapper.Between(noon.Add(time.Nanosecond), noon),
			`the bounds of Between are reversed`},
		{"day", dynamapper.Between(noon, noon.Add(24*time.Hour)),
			`the lower bound of Between is more exact than the layout "2006-01-02"; cut the bound to the layout, or use GT`},
		{"any", dynamapper.Between(1, "a"),
			`the bounds of Between are of types N and S; give two bounds of one type`},

		{"int", dynamapper.BeginsWith("1"),
			`BeginsWith is for text or bytes, and the attribute is of type N`},
		{"unix", dynamapper.BeginsWith("2026"),
			`BeginsWith is for text or bytes, and the time is stored as a number; use Between`},
		{"ttlptr", dynamapper.BeginsWith("2026"), `and the time is stored as a number`},
		{"at", dynamapper.BeginsWith(noon),
			`BeginsWith takes a part of the stored text, such as "2026-05", and a value of type time.Time is given; use Between for times`},
		{"atptr", dynamapper.BeginsWith(5), `a value of type int is given; use Between for times`},
		{"text", dynamapper.BeginsWith(""),
			`the value of BeginsWith is empty, and every text contains the empty text; give a part of the text, or leave the comparison out`},
		{"bytes", dynamapper.BeginsWith([]byte{}), `the value of BeginsWith is empty`},
		{"text", dynamapper.BeginsWith(nil),
			`the value of BeginsWith is nil; use Exists or NotExists`},
		{"text", dynamapper.BeginsWith((*string)(nil)), `the value of BeginsWith is nil`},
		{"text", dynamapper.BeginsWith([]byte("a")),
			`a value of type []uint8 is given, and the field Text takes string; give a value of that type`},
		{"bytes", dynamapper.BeginsWith("a"),
			`a value of type string is given, and the field Bytes takes []uint8`},
		{"any", dynamapper.BeginsWith(5),
			`BeginsWith is for text or bytes, and a value of type N is given`},

		{"text", dynamapper.Contains(nil), `the value of Contains is nil`},
		{"text", dynamapper.Contains(""),
			`the value of Contains is empty, and every text contains the empty text; give a part of the text, or leave the comparison out`},
		{"int", dynamapper.Contains(1),
			`Contains is for text, sets and lists, and the attribute is of type N`},
		{"bool", dynamapper.NotContains(true),
			`NotContains is for text, sets and lists, and the attribute is of type BOOL`},
		{"counts", dynamapper.Contains("a"),
			`Contains is for text, sets and lists, and the attribute is of type M`},
		{"bytes", dynamapper.Contains([]byte{1}),
			`Contains is for text, sets and lists, and the attribute is of type B`},
		{"strings", dynamapper.Contains(nil),
			`the value of Contains is nil, and no set has such a member; use Exists or NotExists`},
		{"numbers", dynamapper.Contains((*int)(nil)),
			`the value of Contains is nil, and no set has such a member`},
		{"strings", dynamapper.Contains(5),
			`a value of type int is given, and the field Strings takes string`},
		{"strings", dynamapper.Contains([]string{"a"}),
			`a value of type []string is given, and the field Strings takes string`},
		{"numbers", dynamapper.Contains("5"),
			`a value of type string is given, and the field Numbers takes int`},
		{"badges", dynamapper.Contains(5),
			`the attribute is of type SS, and a value of type N is given, which cannot be a member`},
		{"badges", dynamapper.Contains(nil),
			`the value of Contains is nil, and no set has such a member`},
		{"list", dynamapper.Contains(5),
			`a value of type int is given, and the field List takes string`},

		{"text", dynamapper.EQ(5),
			`a value of type int is given, and the field Text takes string; give a value of that type`},
		{"int", dynamapper.EQ("secret"),
			`a value of type string is given, and the field Int takes int`},
		{"bool", dynamapper.EQ(1), `a value of type int is given, and the field Bool takes bool`},
		{"at", dynamapper.EQ("secret"),
			`a value of type string is given, and the field At takes time.Time`},
		{"ttlptr", dynamapper.LT(5),
			`a value of type int is given, and the field TTLPtr takes *time.Time`},
		{"int", dynamapper.EQ(math.NaN()), `the text is not a number`},
		{"float", dynamapper.EQ(math.Inf(1)), `DynamoDB has no NaN and no infinities`},
		{"int", dynamapper.EQ(json.Number("secret")), `the text is not a number`},
		{"exact", dynamapper.EQ(json.Number(strings.Repeat("1", 39))),
			`the number has 39 significant digits, DynamoDB stores 38`},
		{"int", dynamapper.EQ(new(big.Int).Lsh(big.NewInt(1), 500)), `significant digits`},
		{"text", dynamapper.EQ(invalid), `the text is not valid UTF-8`},
		{"text", dynamapper.BeginsWith(invalid), `the text is not valid UTF-8`},
		{"list", dynamapper.EQ([]string{"a", invalid}),
			`in the value given, at [1]: the text is not valid UTF-8`},
		{"measure", dynamapper.EQ(measure{Unit: invalid}),
			`in the value given, at Unit: the text is not valid UTF-8`},
		{"any", dynamapper.EQ(&types.AttributeValueMemberL{Value: []types.AttributeValue{nil}}),
			`in the value given, at [0]: there is no attribute value`},
		{"addr", dynamapper.EQ("secret"), `the text given is not one of the Go type netip.Addr`},
		{"cents", dynamapper.EQ(cents{-1}),
			`the method MarshalDynamoDBAttributeValue of the Go type tests.cents refused the value`},
		{"any", dynamapper.EQ(make(chan int)), `type chan int cannot be stored`},
		{"text", dynamapper.EQ(func() {}),
			`a value of type func() is given, and the field Text takes string`},
		{"digest", dynamapper.EQ([]byte{1}),
			`a value of type []uint8 is given, and the field Digest takes [4]uint8`},
		{"text", dynamapper.EQ(&types.AttributeValueMemberN{Value: "5"}),
			`the attribute is of type S, and a value of type N is given`},
		{"verbatim", dynamapper.EQ(&types.AttributeValueMemberNULL{}),
			`NULL is false, which DynamoDB does not take`},
		{"verbatim", dynamapper.EQ(&types.UnknownUnionMember{}),
			`there is no attribute value, or one of a type that is not known`},
		{"strings", dynamapper.EQ(&types.AttributeValueMemberSS{}),
			`the set is empty, which DynamoDB does not take`},

		{"text", dynamapper.In[string](),
			`In has no value, so it would never be true; give In a value`},
		{"text", dynamapper.In([]string{"a"}),
			`a value of type []string is given, and the field Text takes string; give a value of that type; pass the elements of a slice as In(values...)`},
		{"text", dynamapper.In(5),
			`a value of type int is given, and the field Text takes string; give a value of that type`},
		{"text", dynamapper.Comparison{},
			`the comparison is empty; make it with a function such as EQ`},
		{"text", dynamapper.Size(dynamapper.Comparison{}), `the comparison is empty`},
		{"int", dynamapper.Size(dynamapper.EQ(1)),
			`an attribute of type N has no size; compare its value`},
		{"bool", dynamapper.Size(dynamapper.EQ(1)), `an attribute of type BOOL has no size`},
		{"intptr", dynamapper.Size(dynamapper.EQ(1)), `an attribute of type N has no size`},
		{"text", dynamapper.Size(dynamapper.Exists()),
			`Size does not take Exists; use EQ, NE, LT, LE, GT, GE, Between or In`},
		{"text", dynamapper.Size(dynamapper.NotExists()), `Size does not take NotExists`},
		{"text", dynamapper.Size(dynamapper.BeginsWith("1")), `Size does not take BeginsWith`},
		{"text", dynamapper.Size(dynamapper.Contains(1)), `Size does not take Contains`},
		{"text", dynamapper.Size(dynamapper.Size(dynamapper.EQ(1))), `Size does not take Size`},
		{"text", dynamapper.Size(dynamapper.EQ(nil)),
			`a size is compared with nil, and every stored value has a size; give a number, or use Exists or NotExists`},
		{"text", dynamapper.Size(dynamapper.In(fixtures.Pointer(1), nil)),
			`a size is compared with nil`},
		{"text", dynamapper.Size(dynamapper.LT(nil)), `a size is compared with nil`},
		{"text", dynamapper.Size(dynamapper.EQ("5")),
			`Size compares with a number, and a value of type string is given`},
		{"text", dynamapper.Size(dynamapper.LT(true)),
			`Size compares with a number, and a value of type bool is given`},
		{"text", dynamapper.Size(dynamapper.In[int]()), `In has no value`},
		{"text", dynamapper.Size(dynamapper.Between(10, 9)), `the bounds of Between are reversed`},
	} {
		text, err := written(t, dynamapper.Attr(row.attribute, row.comparison))
		require.ErrorContains(t, err, row.want, "%s %v: %s", row.attribute, row.comparison, text)
		require.ErrorContains(t, err, "the condition on "+strconv.Quote(row.attribute)+": ")
		require.NotContains(t, err.Error(), "secret")
	}
}

// The hint to spread a slice appears only if a slice was given.
func TestSpreadHint(t *testing.T) {
	t.Parallel()
	for comparison, hinted := range map[*dynamapper.Comparison]bool{
		fixtures.Pointer(dynamapper.In([]string{"a"})): true,
		fixtures.Pointer(dynamapper.In(5)):             false,
		fixtures.Pointer(dynamapper.EQ([]string{"a"})): false,
	} {
		_, err := written(t, dynamapper.Attr("text", *comparison))
		require.Equal(t, hinted, strings.Contains(err.Error(), "In(values...)"))
	}
}

// In accepts more values than one IN of the service.
func TestInIsSplit(t *testing.T) {
	t.Parallel()
	for values, want := range map[int][]int{1: {1}, 100: {100}, 101: {100, 1},
		250: {100, 100, 50}} {
		text, err := written(t, dynamapper.Attr("int", dynamapper.In(make([]int, values)...)))
		require.NoError(t, err)
		for i, in := range strings.Split(text, " OR ") {
			require.True(t, strings.HasPrefix(in, "int IN ("))
			require.Equal(t, want[i], strings.Count(in, `{"N":"0"}`))
		}
	}
}

// rangedShelf has a range key of any type.
type rangedShelf[R any] struct {
	dynamapper.Model `dynamo:"shelves"`
	ID               string `dynamo:"id,hash"`
	At               R      `dynamo:"at,range"`
}

// The key condition of a query accepts the service's comparisons, with operands of the range key's
// type.
func TestRangesAreWritten(t *testing.T) {
	t.Parallel()
	for want, comparison := range map[string]dynamapper.Comparison{
		`at={"N":"5"}`: dynamapper.EQ(5), `at<{"N":"5"}`: dynamapper.LT(5),
		`at<={"N":"5"}`: dynamapper.LE(5), `at>{"N":"5"}`: dynamapper.GT(5),
		`at>={"N":"5"}`:                      dynamapper.GE(5),
		`at BETWEEN {"N":"1"} AND {"N":"2"}`: dynamapper.Between(1, 2),
	} {
		requireRange(t, rangedShelf[int]{}, want, comparison)
	}
	requireRange(t, rangedShelf[string]{}, `begins_with(at,{"S":"a"})`, dynamapper.BeginsWith("a"))
}

// requireRange requires the condition on the range key that a query sends.
func requireRange[T dynamapper.IsModel](
	t *testing.T, _ T, want string, comparison dynamapper.Comparison,
) {
	t.Helper()
	table, client := caughtTable[T](t)
	_, err := table.Query("h").Range(comparison).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, `id={"S":"h"} AND `+want,
		filled(t, *client.query.KeyConditionExpression, client.query.ExpressionAttributeNames,
			client.query.ExpressionAttributeValues))
}

// stubborn refuses every value, including its own zero value.
type stubborn struct{}

func (stubborn) MarshalText() ([]byte, error)  { return nil, errors.New("secret") }
func (*stubborn) UnmarshalText(_ []byte) error { return errors.New("secret") }

type selfPointer *selfPointer

// textArray is an array with text methods.
type textArray [16]byte

func (a textArray) MarshalText() ([]byte, error) { return a[:1], nil }

func (a *textArray) UnmarshalText(text []byte) error {
	copy(a[:], text)
	return nil
}

// textOnPointer has methods only on its pointer.
type textOnPointer struct{ text string }

func (p *textOnPointer) MarshalText() ([]byte, error) { return []byte(p.text), nil }

func (p *textOnPointer) UnmarshalText(text []byte) error { p.text = string(text); return nil }

// oddOperands returns values that do not suit comparisons, and some that do.
func oddOperands() []any {
	text, number, null := "text", 5, (*string)(nil)
	selfPointing := selfPointer(nil)
	selfPointing = &selfPointing
	loop := map[string]any{}
	loop["loop"] = loop
	return []any{
		nil, null, &null, (*int)(nil), (**int)(nil), (*time.Time)(nil), (*big.Int)(nil),
		(*chain)(nil), (any)(nil), new(any), (*any)(nil),
		"", "text", "\xff", &text, labelText(""), labelText("named"), strings.Repeat("long", 2000),
		'\x00',
		0, 5, -1, &number, int8(1), uint64(math.MaxUint64), uintptr(1), 2.5, float32(0.1),
		math.NaN(), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64,
		complex(1, 2), big.NewInt(1), *big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), 10000),
		big.NewFloat(1.5), *new(big.Float).SetInf(true), big.NewRat(1, 3),
		json.Number(""), json.Number("x"), json.Number("1E999999999999"),
		attributevalue.Number("0x10"), json.RawMessage("{}"),
		true, false, fixtures.Pointer(true), time.Time{}, noon, &noon, noon.AddDate(20000, 0, 0),
		time.Second, time.May,
		[]byte(nil), []byte{}, []byte{1}, [0]byte{}, [4]byte{1}, [5]byte{1}, [1 << 10]byte{},
		fixtures.Pointer([]byte{1}),
		[]string(nil), []string{}, []string{"a", "\xff"}, []string{""}, []int{1},
		[]any{nil, 1, func() {}}, [][]byte{{1}, nil}, []time.Time{{}}, [2]int{1, 2}, []*int{nil},
		map[string]int(nil), map[string]int{"": 1}, map[string]int{"\xff": 1},
		map[int]struct{}{1: {}}, map[labelText]bool{"a": false}, map[any]any{1: 2}, loop,
		map[string]types.AttributeValue{"a": nil}, map[string]any{"a": make(chan int)},
		struct{}{}, measure{}, &measure{Size: 1}, []measure{{}}, chain{},
		&chain{Name: "a", Next: &chain{}}, selfPointing, stubborn{}, &stubborn{}, []stubborn{{}},
		make(chan int), (chan int)(nil), func() {}, (func())(nil), reflect.ValueOf(5),
		errors.New("error"), dynamapper.EQ(5), dynamapper.Exists(), dynamapper.Attr("text",
			dynamapper.EQ("a")), dynamapper.Path,
		netip.Addr{}, netip.MustParseAddr("::1"), "10.0.0.1", cents{1}, cents{-1}, &cents{1},
		badges{}, trail{}, textOnPointer{"a"}, textArray{1}, &textArray{},
		&types.AttributeValueMemberS{}, &types.AttributeValueMemberS{Value: "\xff"},
		(*types.AttributeValueMemberS)(nil), types.AttributeValueMemberS{Value: "a"},
		&types.AttributeValueMemberN{}, &types.AttributeValueMemberN{Value: "1"},
		(*types.AttributeValueMemberN)(nil), &types.AttributeValueMemberB{},
		&types.AttributeValueMemberBOOL{},
		&types.AttributeValueMemberNULL{}, &types.AttributeValueMemberNULL{Value: true},
		(*types.AttributeValueMemberNULL)(nil), &types.UnknownUnionMember{Tag: "X"},
		&types.AttributeValueMemberSS{}, &types.AttributeValueMemberNS{Value: []string{"x"}},
		&types.AttributeValueMemberBS{Value: [][]byte{nil}}, (*types.AttributeValueMemberBS)(nil),
		&types.AttributeValueMemberL{Value: []types.AttributeValue{nil}},
		&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"": nil}},
		(*types.AttributeValueMemberM)(nil),
		new(types.AttributeValue), []types.AttributeValue{nil},
	}
}

// pathsInto returns the model's attributes and paths inside their documents.
func pathsInto() []string {
	paths := []string{
		"list[0]", "pointers[0]", "flags[1]", "pair[1]", "measures[2].size", "measures[2].json",
		"measures[2].tags", "counts.a", "bynumber.5", "measure.some",
		"chain.Next.Next", "chain.Next.Name", "any.a", "any[0].b", "raw.a", "raw.a[0]", "trail[0]",
		"trail[0].a", "verbatim.a", "verbatim[0]", "badges.a", "cents.a", "addr[0]",
		"keyed.10\\.0", dynamapper.Path("keyed", "::1", "a", 0), dynamapper.Path(`we "quote".it`,
			"x", "y", "unit"),
	}
	model := reflect.TypeFor[shelf]()
	for i := 1; i < model.NumField(); i++ {
		attribute, _, _ := strings.Cut(model.Field(i).Tag.Get("dynamo"), ",")
		paths = append(paths, dynamapper.Path(attribute))
	}
	return paths
}

// A comparison of anything with anything returns an expression or an error and never panics.
func TestEveryComparisonOfEveryKindWithAnything(t *testing.T) {
	t.Parallel()
	operands := oddOperands()
	for _, path := range pathsInto() {
		for i, v := range operands {
			other := operands[(i*7+3)%len(operands)]
			for _, c := range []dynamapper.Comparison{
				dynamapper.EQ(v), dynamapper.NE(v), dynamapper.LT(v), dynamapper.LE(v),
				dynamapper.GT(v), dynamapper.GE(v), dynamapper.Between(v, v),
				dynamapper.Between(v, other),
				dynamapper.BeginsWith(v), dynamapper.Contains(v), dynamapper.NotContains(v),
				dynamapper.In(v, other), dynamapper.In(v),
				dynamapper.Size(dynamapper.EQ(v)), dynamapper.Size(dynamapper.LT(v)),
				dynamapper.Size(dynamapper.Between(v, other)),
				dynamapper.Size(dynamapper.In(v)), dynamapper.Size(dynamapper.Contains(v)),
			} {
				requireErrorOrExpression(t, path, c, v)
			}
		}
	}
}

func requireErrorOrExpression(
	t *testing.T, path string, c dynamapper.Comparison, operand any,
) {
	t.Helper()
	table, client := caughtTable[shelf](t)
	_, err := table.Scan().Where(dynamapper.Attr(path, c)).Collect(t.Context())
	if err != nil {
		if strings.Contains(err.Error(), "secret") {
			t.Fatalf("%s with %T: the message holds what is secret: %v", path, operand, err)
		}
		require.Nil(t, client.scan, "nothing is sent")
		return
	}
	if client.scan.FilterExpression == nil {
		t.Fatalf("%s with %T: neither error nor expression", path, operand)
	}
	for alias, value := range client.scan.ExpressionAttributeValues {
		if _, err := wire.AppendValue(nil, value); err != nil ||
			wire.TypeOf(value) == wire.Invalid {
			t.Fatalf("%s with %T: the value %s cannot be sent: %v", path, operand, alias, err)
		}
	}
}

// Conditions nest like their functions. Conditions beside each other are combined with AND.
func TestConditionsAreWritten(t *testing.T) {
	t.Parallel()
	a, b, c := dynamapper.Attr("text", dynamapper.EQ("a")), dynamapper.Attr("int",
		dynamapper.GT(1)), dynamapper.Attr("bool", dynamapper.EQ(true))
	for want, conditions := range map[string][]dynamapper.Condition{
		`text={"S":"a"} AND int>{"N":"1"}`:                      {a, b},
		`text={"S":"a"} AND (int>{"N":"1"} AND text={"S":"a"})`: {a, dynamapper.And(b, a)},
		`text={"S":"a"}`: {dynamapper.And(a)},
		`int>{"N":"1"}`:  {dynamapper.Or(dynamapper.And(dynamapper.Or(b)))},
		`(text={"S":"a"} OR int>{"N":"1"}) AND int>{"N":"1"}`: {
			dynamapper.Or(a, b), b},
		`text={"S":"a"} OR bool IN ({"BOOL":true},{"N":"1"},{"S":"true"})`: {
			dynamapper.Or(a, c)},
		`NOT bool IN ({"BOOL":true},{"N":"1"},{"S":"true"})`: {
			dynamapper.Not(c)},
		`NOT (NOT text={"S":"a"})`: {
			dynamapper.Not(dynamapper.Not(a))},
		`NOT (NOT contains(text,{"S":"a"}))`: {
			dynamapper.Not(dynamapper.Attr("text", dynamapper.NotContains("a")))},
		`NOT (text={"S":"a"} AND int>{"N":"1"})`: {
			dynamapper.Not(dynamapper.And(a, b))},
		`(NOT text={"S":"a"}) OR int>{"N":"1"}`: {
			dynamapper.Or(dynamapper.Not(a), b)},
		`(some<>{"N":"0"} AND attribute_exists(some)) OR int>{"N":"1"}`: {
			dynamapper.Or(dynamapper.Attr("some", dynamapper.NE(0)), b)},
		`(some={"N":"0"} OR attribute_not_exists(some)) AND (int>{"N":"1"} AND text={"S":"a"})`: {
			dynamapper.Attr("some", dynamapper.EQ(0)), dynamapper.And(b, a)},
	} {
		text, err := written(t, conditions...)
		require.NoError(t, err)
		require.Equal(t, want, text)
	}
}

// A condition without content is refused, at any depth.
func TestConditionsAreRefused(t *testing.T) {
	t.Parallel()
	good := dynamapper.Attr("text", dynamapper.EQ("a"))
	for want, conditions := range map[string][]dynamapper.Condition{
		"a condition is empty; make it with Attr, And, Or or Not": {dynamapper.Condition{}},
		"a condition is empty; make it with Attr, And, Or or Not,": {good,
			dynamapper.Condition{}},
		"a condition is empty; make it with Attr, And, Or or Not,,": {
			dynamapper.Or(good, dynamapper.Not(dynamapper.Condition{}))},
		"And contains no condition; give And a condition, or leave And out": {dynamapper.And()},
		"Or contains no condition; give Or a condition, or leave Or out,": {good,
			dynamapper.Or()},
		"Or contains no condition; give Or a condition, or leave Or out,,": {
			dynamapper.Not(dynamapper.And(good, dynamapper.Or()))},
		`the condition on "text": the comparison is empty; make it with a function such as EQ`: {
			dynamapper.Or(good, dynamapper.Attr("text", dynamapper.Comparison{}))},
		`the condition on "measure.units": the document "measure" has no member`: {
			dynamapper.And(good, dynamapper.Or(good, dynamapper.Attr("measure.units",
				dynamapper.Exists())))},
	} {
		_, err := written(t, conditions...)
		require.ErrorContains(t, err, strings.TrimRight(want, ","))
	}
}

// Conditions that exceed a request are refused before it is sent.
func TestConditionsThatDoNotFit(t *testing.T) {
	t.Parallel()
	one := dynamapper.Attr("int", dynamapper.GT(1))
	several := func(n int, c dynamapper.Condition) []dynamapper.Condition {
		cs := make([]dynamapper.Condition, n)
		for i := range cs {
			cs[i] = c
		}
		return cs
	}
	_, err := written(t, several(150, one)...)
	require.NoError(t, err)
	for _, conditions := range [][]dynamapper.Condition{
		several(151, one), {dynamapper.And(several(151, one)...)}, several(76,
			dynamapper.Attr("some", dynamapper.EQ(0))),
		several(101, dynamapper.Not(one)), {dynamapper.Attr("int", dynamapper.In(make([]int,
			1100)...))},
	} {
		_, err = written(t, conditions...)
		require.ErrorContains(t, err,
			"and DynamoDB takes 300 and 4096 in one request; send several requests")
	}
}

// Without conditions there is no expression.
func TestNoConditions(t *testing.T) {
	t.Parallel()
	table, client := caughtTable[shelf](t)
	_, err := table.Scan().Where().Collect(t.Context())
	require.NoError(t, err)
	require.Nil(t, client.scan.FilterExpression)
}
