package dynamapper

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

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/timetext"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// shelf has a field of each kind that comparisons treat differently.
type shelf struct {
	Model     `dynamo:"shelf"`
	ID        string                             `dynamo:"id,hash"`
	Text      string                             `dynamo:"text"`
	Named     label                              `dynamo:"named"`
	TextPtr   *string                            `dynamo:"textptr"`
	Int       int                                `dynamo:"int"`
	Small     uint8                              `dynamo:"small"`
	Float     float64                            `dynamo:"float"`
	IntPtr    *int                               `dynamo:"intptr"`
	Big       *big.Int                           `dynamo:"big"`
	Exact     json.Number                        `dynamo:"exact"`
	Bool      bool                               `dynamo:"bool"`
	BoolPtr   *bool                              `dynamo:"boolptr"`
	Some      int                                `dynamo:"some,omitempty"`
	SomeBool  bool                               `dynamo:"somebool,omitempty"`
	SomePtr   *int                               `dynamo:"someptr,omitempty"`
	SomeAt    time.Time                          `dynamo:"someat,unixtime,omitempty"`
	SomeDoc   measure                            `dynamo:"somedoc,document,omitempty"`
	Bytes     []byte                             `dynamo:"bytes"`
	Digest    [4]byte                            `dynamo:"digest"`
	At        time.Time                          `dynamo:"at"`
	AtPtr     *time.Time                         `dynamo:"atptr"`
	Unix      time.Time                          `dynamo:"unix,unixtime"`
	TTLPtr    *time.Time                         `dynamo:"ttlptr,ttl"`
	Day       time.Time                          `dynamo:"day,layout=DateOnly"`
	Clock     time.Time                          `dynamo:"clock,layout=Kitchen"`
	Nano      *time.Time                         `dynamo:"nano,layout=RFC3339Nano"`
	Minute    time.Time                          `dynamo:"minute,layout=2006-01-02T15:04Z07:00"`
	Strings   []string                           `dynamo:"strings,set"`
	StringMap map[label]bool                     `dynamo:"stringmap,set"`
	Numbers   map[int]struct{}                   `dynamo:"numbers,set"`
	Blobs     [][]byte                           `dynamo:"blobs,set"`
	Days      []time.Time                        `dynamo:"days,set,layout=DateOnly"`
	SetPtr    *[]string                          `dynamo:"setptr,set"`
	List      []string                           `dynamo:"list,document"`
	Pointers  []*int                             `dynamo:"pointers,document"`
	Flags     []bool                             `dynamo:"flags,document"`
	Pair      [2]int                             `dynamo:"pair,document"`
	Measures  []measure                          `dynamo:"measures,document"`
	Counts    map[string]int                     `dynamo:"counts,document"`
	ByNumber  map[int8]string                    `dynamo:"bynumber,document"`
	Measure   measure                            `dynamo:"measure,document"`
	Chain     *chain                             `dynamo:"chain,document"`
	Any       any                                `dynamo:"any,document"`
	Addr      netip.Addr                         `dynamo:"addr"`
	Cents     cents                              `dynamo:"cents"`
	Badges    badges                             `dynamo:"badges"`
	Trail     trail                              `dynamo:"trail"`
	Verbatim  types.AttributeValue               `dynamo:"verbatim"`
	Raw       map[string]types.AttributeValue    `dynamo:"raw"`
	JSON      map[string]string                  `dynamo:"json"`
	Dotted    string                             `dynamo:"a.b"`
	Quoted    map[string]map[string]measure      `dynamo:"we \"quote\".it,document"`
	Keyed     map[netip.Addr]map[string][]string `dynamo:"keyed,document"`
}

type label string

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

// written returns conditions as they are in a request, with names and values in place of the
// placeholders.
func written(t *testing.T, conditions ...Condition) (string, error) {
	t.Helper()
	made, err := makeSchema(reflect.TypeFor[shelf]())
	require.NoError(t, err)
	var aliases expression.Aliases
	w := conditionWriter{schema: made, aliases: &aliases}
	part, err := w.writeAll(conditions)
	if err != nil {
		return "", err
	}
	used := map[string]bool{}
	text := placeHolder.ReplaceAllStringFunc(*part.Text(), func(alias string) string {
		used[alias] = true
		if name, ok := aliases.Names()[alias]; ok {
			return name
		}
		value, err := wire.AppendValue(nil, aliases.Values()[alias])
		require.NoError(t, err)
		return string(value)
	})
	require.Len(t, used, len(aliases.Names())+len(aliases.Values()),
		"the service refuses a name or a value that is not used")
	return text, nil
}

var noon = time.Date(2026, time.May, 31, 12, 0, 0, 5000, time.FixedZone("", -3600))

// Each comparison is one expression. It compares a value with every form in which the value may be
// stored, including a missing attribute.
func TestComparisonsAreWritten(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		attribute  string
		comparison Comparison
		want       string
	}{
		{"text", EQ("a"), `text={"S":"a"}`},
		{"text", EQ(""), `attribute_not_exists(text)`},
		{"text", EQ(nil), `attribute_not_exists(text)`},
		{"text", EQ((*string)(nil)), `attribute_not_exists(text)`},
		{"text", EQ(&types.AttributeValueMemberS{Value: "a"}), `text={"S":"a"}`},
		{"text", NE("a"), `text<>{"S":"a"}`},
		{"text", NE(""), `attribute_exists(text)`},
		{"text", LT(label("a")), `text<{"S":"a"}`},
		{"text", LE("a"), `text<={"S":"a"}`},
		{"text", GT("a"), `text>{"S":"a"}`},
		{"text", GE(pointer("a")), `text>={"S":"a"}`},
		{"text", Between("B", "a"), `text BETWEEN {"S":"B"} AND {"S":"a"}`},
		{"text", Between("a", "a"), `text BETWEEN {"S":"a"} AND {"S":"a"}`},
		{"text", BeginsWith("a"), `begins_with(text,{"S":"a"})`},
		{"text", BeginsWith(pointer(label("a"))), `begins_with(text,{"S":"a"})`},
		{"text", Contains("a"), `contains(text,{"S":"a"})`},
		{"text", NotContains("a"), `NOT contains(text,{"S":"a"})`},
		{"text", Exists(), `attribute_exists(text)`},
		{"text", NotExists(), `attribute_not_exists(text)`},
		{"text", In("a"), `text IN ({"S":"a"})`},
		{"text", In("a", "", "b"), `text IN ({"S":"a"},{"S":"b"}) OR attribute_not_exists(text)`},
		{"text", In(""), `attribute_not_exists(text)`},
		{"text", Size(LT(3)), `size(text)<{"N":"3"}`},
		{"text", Size(EQ(uint8(3))), `size(text)={"N":"3"}`},
		{"text", Size(NE(0)), `size(text)<>{"N":"0"}`},
		{"text", Size(Between(1, 10)), `size(text) BETWEEN {"N":"1"} AND {"N":"10"}`},
		{"text", Size(In(1, 3)), `size(text) IN ({"N":"1"},{"N":"3"})`},
		{"named", EQ("a"), `named={"S":"a"}`},
		{"textptr", EQ("a"), `textptr={"S":"a"}`},
		{"textptr", EQ(""), `textptr={"S":""}`},
		{"textptr", EQ(nil), `attribute_not_exists(textptr)`},
		{"textptr", Contains(label("a")), `contains(textptr,{"S":"a"})`},

		{"int", EQ(0), `int={"N":"0"}`},
		{"int", EQ(int8(-5)), `int={"N":"-5"}`},
		{"int", LT(2.5), `int<{"N":"2.5"}`},
		{"int", LT(float32(0.1)), `int<{"N":"0.1"}`},
		{"int", GE(big.NewInt(7)), `int>={"N":"7"}`},
		{"int", GE(*big.NewFloat(7.5)), `int>={"N":"7.5"}`},
		{"int", EQ(time.Second), `int={"N":"1000000000"}`},
		{"int", EQ(json.Number("12345678901234567890123456789012345678")),
			`int={"N":"12345678901234567890123456789012345678"}`},
		{"int", EQ(attributevalue.Number("1E2")), `int={"N":"1E2"}`},
		{"int", EQ(&types.AttributeValueMemberN{Value: "1"}), `int={"N":"1"}`},
		{"int", Between(9, 10), `int BETWEEN {"N":"9"} AND {"N":"10"}`},
		{"int", Between(json.Number("1E1"), 10), `int BETWEEN {"N":"1E1"} AND {"N":"10"}`},
		{"int", EQ(nil), `attribute_not_exists(int)`},
		{"small", EQ(300), `small={"N":"300"}`},
		{"float", EQ(1), `float={"N":"1"}`},
		{"float", EQ(1e-7), `float={"N":"1e-07"}`},
		{"intptr", EQ(0), `intptr={"N":"0"}`},
		{"intptr", EQ(pointer(7)), `intptr={"N":"7"}`},
		{"intptr", EQ(pointer(int8(7))), `intptr={"N":"7"}`},
		{"big", LT(uint64(math.MaxUint64)), `big<{"N":"18446744073709551615"}`},
		{"big", EQ(big.NewInt(7)), `big={"N":"7"} OR big={"S":"7"}`},
		{"exact", EQ(7), `exact={"N":"7"} OR exact={"S":"7"}`},
		{"exact", EQ(json.Number("")), `attribute_not_exists(exact)`},

		{"bool", EQ(true), `bool IN ({"BOOL":true},{"N":"1"},{"S":"true"})`},
		{"bool", NE(false), `NOT bool IN ({"BOOL":false},{"N":"0"},{"S":"false"})`},
		{"bool", In(true, false),
			`bool IN ({"BOOL":true},{"N":"1"},{"S":"true"},{"BOOL":false},{"N":"0"},{"S":"false"})`},
		{"boolptr", EQ(false), `boolptr IN ({"BOOL":false},{"N":"0"},{"S":"false"})`},
		{"some", EQ(0), `some={"N":"0"} OR attribute_not_exists(some)`},
		{"some", EQ(json.Number("0.0")), `some={"N":"0.0"} OR attribute_not_exists(some)`},
		{"some", NE(0), `some<>{"N":"0"} AND attribute_exists(some)`},
		{"some", EQ(1), `some={"N":"1"}`},
		{"some", In(1, 0), `some IN ({"N":"1"},{"N":"0"}) OR attribute_not_exists(some)`},
		{"some", LT(0), `some<{"N":"0"}`},
		{"somebool", EQ(false),
			`somebool IN ({"BOOL":false},{"N":"0"},{"S":"false"}) OR attribute_not_exists(somebool)`},
		{"somebool", EQ(true), `somebool IN ({"BOOL":true},{"N":"1"},{"S":"true"})`},
		{"someptr", EQ(0), `someptr={"N":"0"}`}, // only the nil pointer is left out
		{"someat", EQ(time.Unix(0, 0)), `someat={"N":"0"}`},
		{"someat", EQ(time.Time{}), `someat={"N":"-62135596800"} OR attribute_not_exists(someat)`},
		{"somedoc", EQ(measure{}),
			`somedoc={"M":{"size":{"N":"0"}}} OR attribute_not_exists(somedoc)`},

		{"bytes", EQ([]byte{1}), `bytes={"B":"AQ=="}`},
		{"bytes", EQ([]byte{}), `attribute_not_exists(bytes)`},
		{"bytes", LT([]byte{1}), `bytes<{"B":"AQ=="}`},
		{"bytes", BeginsWith([]byte{1}), `begins_with(bytes,{"B":"AQ=="})`},
		{"digest", EQ([4]byte{1}), `digest={"B":"AQAAAA=="}`},
		{"digest", EQ([]byte{1, 0, 0, 0}), `digest={"B":"AQAAAA=="}`},
		{"digest", BeginsWith([]byte{1}), `begins_with(digest,{"B":"AQ=="})`},
		{"digest", BeginsWith([1]byte{1}), `begins_with(digest,{"B":"AQ=="})`},

		{"at", LT(noon.Truncate(time.Second)), `at<{"S":"2026-05-31T13:00:00"}`},
		{"at", GE(noon.Truncate(time.Second)), `at>={"S":"2026-05-31T13:00:00"}`},
		{"at", LT(noon.Truncate(time.Second).Add(42 * time.Millisecond)),
			`at<{"S":"2026-05-31T13:00:00.042"} OR at IN ({"S":"2026-05-31T13:00:00Z"},{"S":"2026-05-31T13:00:00.0Z"},{"S":"2026-05-31T13:00:00.04Z"})`},
		{"at", GE(noon.Truncate(time.Second).Add(420 * time.Millisecond)),
			`at>={"S":"2026-05-31T13:00:00.42"} AND (NOT at IN ({"S":"2026-05-31T13:00:00Z"},{"S":"2026-05-31T13:00:00.4Z"}))`},
		{"at", Between(noon.Truncate(time.Second), noon.Truncate(time.Second).Add(time.Second-1)),
			`at>={"S":"2026-05-31T13:00:00"} AND at<{"S":"2026-05-31T13:00:01"}`},
		{"at", LE(time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)),
			`at<{"S":"9999-12-31T23:59:60"}`},
		{"at", LT(&types.AttributeValueMemberS{Value: "2026"}), `at<{"S":"2026"}`},
		{"at", EQ(&types.AttributeValueMemberS{Value: "2026-05-31T13:00:00Z"}),
			`at={"S":"2026-05-31T13:00:00Z"}`},
		{"at", EQ(noon.UTC()),
			`at IN ({"S":"2026-05-31T13:00:00.000005000Z"},{"S":"2026-05-31T13:00:00.000005Z"},{"S":"2026-05-31T13:00:00.000005+00:00"},` +
				`{"S":"2026-05-31T13:00:00.0000050Z"},{"S":"2026-05-31T13:00:00.0000050+00:00"},{"S":"2026-05-31T13:00:00.000005000+00:00"})`},
		{"at", BeginsWith("2026-05"), `begins_with(at,{"S":"2026-05"})`},
		{"at", BeginsWith(pointer("2026-05")), `begins_with(at,{"S":"2026-05"})`},
		{"at", BeginsWith(&types.AttributeValueMemberS{Value: "2026"}),
			`begins_with(at,{"S":"2026"})`},
		{"at", Contains("T13:"), `contains(at,{"S":"T13:"})`},
		{"atptr", GE(pointer(noon.Truncate(time.Second))), `atptr>={"S":"2026-05-31T13:00:00"}`},
		{"unix", LT(noon), `unix<{"N":"1780232400.000005"}`},
		{"unix", LT(noon.Truncate(time.Second)), `unix<{"N":"1780232400"}`},
		{"unix", GE(&noon), `unix>={"N":"1780232400.000005"}`},
		{"unix", GT(noon), `unix>{"N":"1780232400.000005"}`},
		{"unix", LE(noon), `unix<={"N":"1780232400.000005"}`},
		{"unix", Between(noon, noon.Add(time.Hour)),
			`unix BETWEEN {"N":"1780232400.000005"} AND {"N":"1780236000.000005"}`},
		{"ttlptr", LT(noon), `ttlptr<{"N":"1780232400.000005"}`},
		{"unix", EQ(noon), `unix={"N":"1780232400"} OR unix={"N":"1780232400.000005"}`},
		{"day", LT(noon), `day<={"S":"2026-05-31"}`},
		{"day", GE(noon), `day>{"S":"2026-05-31"}`},
		{"day", Between(noon.Truncate(24*time.Hour), noon),
			`day BETWEEN {"S":"2026-05-31"} AND {"S":"2026-05-31"}`},
		{"clock", EQ(noon), `clock={"S":"1:00PM"}`},
		{"nano", EQ(noon.Truncate(time.Second).Add(1)),
			`nano IN ({"S":"2026-05-31T13:00:00.000000001Z"},{"S":"2026-05-31T13:00:00.000000001+00:00"},` +
				`{"S":"2026-05-31T12:00:00.000000001-01:00"})`},
		{"minute", EQ(noon.UTC()),
			`minute={"S":"2026-05-31T13:00Z"} OR minute={"S":"2026-05-31T13:00+00:00"}`},

		{"strings", Contains("a"), `contains(strings,{"S":"a"})`},
		{"strings", EQ([]string{"b", "a", "b"}), `strings={"SS":["b","a"]}`},
		{"strings", NE([]string{}), `attribute_exists(strings)`},
		{"strings", Size(GT(1)), `size(strings)>{"N":"1"}`},
		{"stringmap", NotContains("a"), `NOT contains(stringmap,{"S":"a"})`},
		{"numbers", Contains(int64(7)), `contains(numbers,{"N":"7"})`},
		{"blobs", Contains([]byte{1}), `contains(blobs,{"B":"AQ=="})`},
		{"days", Contains(noon), `contains(days,{"S":"2026-05-31"})`},
		{"setptr", Contains("a"), `contains(setptr,{"S":"a"})`},
		{"setptr", EQ([]string{}), `attribute_not_exists(setptr)`},
		{"badges", Contains("gold"), `contains(badges,{"S":"gold"})`},
		{"badges", EQ(badges{[]string{"a"}}), `badges={"SS":["none","a"]}`},
		{"trail", Contains(5), `contains(trail,{"N":"5"})`},
		{"trail[2].x", EQ(5), `trail[2].x={"N":"5"}`},

		{"list", Contains("a"), `contains(list,{"S":"a"})`},
		{"list", Contains(""), `contains(list,{"S":""})`},
		{"list", EQ([]string{}), `list={"L":[]}`},
		{"list", EQ([]string(nil)), `attribute_not_exists(list)`},
		{"list", In([]string{"a"}, nil),
			`list IN ({"L":[{"S":"a"}]}) OR attribute_not_exists(list)`},
		{"list[0]", EQ(""), `list[0]={"S":""}`},
		{"list[0]", BeginsWith("a"), `begins_with(list[0],{"S":"a"})`},
		{"list[2147483647]", NotExists(), `attribute_not_exists(list[2147483647])`},
		{"pointers", Contains(nil), `contains(pointers,{"NULL":true})`},
		{"pointers[1]", EQ(nil), `pointers[1]={"NULL":true} OR attribute_not_exists(pointers[1])`},
		{"pointers[1]", NE(nil), `pointers[1]<>{"NULL":true} AND attribute_exists(pointers[1])`},
		{"keyed.::1.a", EQ([]string(nil)), `keyed.::1.a={"NULL":true}`},
		{"flags[1]", EQ(true), `flags[1] IN ({"BOOL":true},{"N":"1"},{"S":"true"})`},
		{"pair[1]", GT(5), `pair[1]>{"N":"5"}`},
		{"measures", Contains(measure{Size: 1}), `contains(measures,{"M":{"size":{"N":"1"}}})`},
		{"measures[0].some", EQ(0),
			`measures[0].some={"N":"0"} OR attribute_not_exists(measures[0].some)`},
		{"measures[0].tags", Contains("a"), `contains(measures[0].tags,{"S":"a"})`},
		{"measures[0].json", Exists(),
			`attribute_exists(measures[0].json) AND measures[0].json<>{"S":"{}"}`},
		{"counts.size", EQ(5), `counts.size={"N":"5"}`},
		{`counts."a.b"`, EQ(5), `counts.a.b={"N":"5"}`},
		{"bynumber.-128", EQ("a"), `bynumber.-128={"S":"a"}`},
		{"measure", EQ(measure{Size: 1}), `measure={"M":{"size":{"N":"1"}}}`},
		{"measure.unit", EQ(""), `attribute_not_exists(measure.unit)`},
		{`measure."the.dot"`, EQ("a"), `measure.the.dot={"S":"a"}`},
		{"chain.Next.Next.Name", EQ("a"), `chain.Next.Next.Name={"S":"a"}`},
		{"chain.Next", EQ(nil), `attribute_not_exists(chain.Next)`},
		{"chain.Next", Size(EQ(2)), `size(chain.Next)={"N":"2"}`},
		{"any", EQ(5), `any={"N":"5"}`},
		{"any", EQ(true), `any={"BOOL":true}`},
		{"any", LT("a"), `any<{"S":"a"}`},
		{"any", Contains(nil), `contains(any,{"NULL":true})`},
		{"any.a[3].b", BeginsWith("a"), `begins_with(any.a[3].b,{"S":"a"})`},
		{"any.a", EQ(nil), `any.a={"NULL":true} OR attribute_not_exists(any.a)`},
		{"addr", EQ(netip.MustParseAddr("::1")), `addr={"S":"::1"}`},
		{"addr", EQ("0:0::1"), `addr={"S":"::1"} OR addr={"S":"0:0::1"}`},
		{"addr", NE("0:0::1"), `addr<>{"S":"::1"} AND addr<>{"S":"0:0::1"}`},
		{"addr", EQ("::1"), `addr={"S":"::1"}`},
		{"addr", BeginsWith("10."), `begins_with(addr,{"S":"10."})`},
		{"addr", EQ(netip.Addr{}), `attribute_not_exists(addr)`},
		{"cents", EQ(cents{5}), `cents={"N":"5"}`},
		{"verbatim", EQ(&types.AttributeValueMemberBOOL{Value: true}), `verbatim={"BOOL":true}`},
		{"verbatim", Contains("a"), `contains(verbatim,{"S":"a"})`},
		{"raw.a.b", EQ(1), `raw.a.b={"N":"1"}`},
		{"json", Exists(), `attribute_exists(json) AND json<>{"S":"{}"}`},
		{"json", NotExists(), `attribute_not_exists(json) OR json={"S":"{}"}`},
		{"json", EQ(map[string]string{}), `attribute_not_exists(json) OR json={"S":"{}"}`},
		{"json", NE(map[string]string(nil)), `attribute_exists(json) AND json<>{"S":"{}"}`},
		{"a.b", EQ("a"), `a.b={"S":"a"}`},
		{`"a.b"`, EQ("a"), `a.b={"S":"a"}`},
		{Path(`we "quote".it`, "a]", "[0]", "size"), EQ(1), `we "quote".it.a].[0].size={"N":"1"}`},
		{Path("keyed", "::1", "#:", 2), EQ("a"), `keyed.::1.#:[2]={"S":"a"}`},
	} {
		text, err := written(t, Attr(row.attribute, row.comparison))
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
		comparison Comparison
		want       string
	}{
		{"txet", Exists(),
			`the model dynamapper.shelf has no attribute "txet"; did you mean "text"?`},
		{"nothing.like.it", Exists(),
			`has no attribute "nothing"; give an attribute's name, as it stands in the tags`},
		{"", Exists(), `has no attribute ""`},
		{"[0]", Exists(),
			`"[0]" is no path, it begins with an index; the name of an attribute stands before that`},
		{"measure.units", Exists(),
			`the document "measure" has no member "units"; did you mean "unit"?`},
		{"measures[3].weight", Exists(),
			`the document "measures[3]" has no member "weight"; use the name in the tag of one of its fields`},
		{"measure.", Exists(), `"measure." is no path, a name is missing; write one with Path`},
		{"measure..unit", Exists(), `a name is missing`},
		{".measure", Exists(), `a name is missing`},
		{"list[", Exists(),
			`brackets hold an index from 0 to 2147483647, and member names stand behind a dot`},
		{"list[x]", Exists(), `brackets hold an index`},
		{"list[]", Exists(), `brackets hold an index`},
		{"list[-1]", Exists(), `brackets hold an index`},
		{"list[2147483648]", Exists(), `brackets hold an index`},
		{"list[0]x", Exists(), `a dot is missing`},
		{"list.[0]", Exists(), `a dot stands before a bracket`},
		{`counts."a`, Exists(), `a quote is not closed`},
		{`counts."a"b`, Exists(), `a dot is missing`},
		{Path(), Exists(), `has no attribute ""`},
		{Path(3), Exists(), `it begins with an index`},
		{Path("list", 2.5), Exists(), `brackets hold an index`},
		{Path("list", nil), Exists(), `brackets hold an index`},
		{Path("list", -1), Exists(), `brackets hold an index`},
		{Path("list", uint64(math.MaxUint64)), Exists(), `brackets hold an index`},
		{"text.member", Exists(),
			`the attribute "text" is of type S and has no members; a name follows a document`},
		{"text[0]", Exists(),
			`the attribute "text" is of type S and has no elements; an index follows a list`},
		{"strings[0]", Exists(), `the attribute "strings" is of type SS and has no elements`},
		{"badges[0]", Exists(), `the attribute "badges" is of type SS and has no elements`},
		{"list.first", Exists(),
			`the attribute "list" is a list and has no members; an index follows it, as in list[0]`},
		{"trail.first", Exists(), `the attribute "trail" is a list and has no members`},
		{"counts[0]", Exists(), `the attribute "counts" is of type M and has no elements`},
		{"measure[0]", Exists(), `the attribute "measure" is of type M and has no elements`},
		{"raw[0]", Exists(), `the attribute "raw" is of type M and has no elements`},
		{"chain.Next.Name.x", Exists(),
			`the attribute "chain.Next.Name" is of type S and has no members`},
		{"pair[2]", Exists(), `the list "pair" has 2 elements, so that there is no "pair[2]"`},
		{"bynumber.one", Exists(),
			`the map "bynumber": the member's name is not an integer of the Go type int8`},
		{"bynumber.128", Exists(), `the member's name is not an integer`},
		{"keyed.home", Exists(),
			`the map "keyed": the method UnmarshalText of the Go type netip.Addr refused the value`},
		{Path("counts", ""), Exists(),
			`the name of the member counts."" is empty or not valid UTF-8, and DynamoDB has none such`},
		{Path("any", "a\xff"), Exists(), `is empty or not valid UTF-8`},

		{"json.a", EQ("a"),
			`the attribute "json" is stored as JSON, into which DynamoDB does not see; give the field JSON the option "document"`},
		{"measures[1].json.a", Exists(),
			`the attribute "measures[1].json" is stored as JSON, into which DynamoDB does not see; give the field Measures[1].JSON the`},
		{"json", EQ(map[string]string{"a": "b"}),
			`stored as JSON, and DynamoDB can only test whether it exists; give the field JSON the option "document" to compare its value`},
		{"json", Size(GT(1)), `stored as JSON`},
		{"measure.json", Contains("a"), `give the field Measure.JSON the option "document"`},

		{"bool", LT(true),
			`an attribute of type BOOL has no order, so that LT cannot compare it; use EQ or NE`},
		{"strings", Between("a", "b"),
			`an attribute of type SS has no order, so that Between cannot compare it`},
		{"list", GE([]string{"a"}), `an attribute of type L has no order`},
		{"measure", GT(measure{}), `an attribute of type M has no order`},
		{"any", LT(true), `a value of type BOOL has no order`},
		{"verbatim", LT(&types.AttributeValueMemberNULL{Value: true}),
			`a value of type NULL has no order`},
		{"clock", LT(noon),
			`times in the layout "3:04PM" do not sort as text, which is how DynamoDB compares them; use a layout that goes from`},
		{"nano", Between(noon, noon),
			`times in the layout "2006-01-02T15:04:05.999999999Z07:00" do not sort as text`},
		{"text", LT(""),
			`the value of LT is empty, which means a missing attribute and has no order; give another value, or leave the comparison out`},
		{"textptr", LT(""), `the value of LT is empty`},
		{"at", GE(time.Time{}), `the value of GE is empty`},
		{"int", GE(nil), `the value of GE is empty`},
		{"int", Between(1, nil), `the value of Between is empty`},
		{"int", Between(10, 9), `the bounds of Between are reversed; give the lower bound first`},
		{"int", Between("10", "9"), `a value of type string is given, and the field Int takes int`},
		{"exact", Between(json.Number("1E1"), json.Number("9")),
			`the bounds of Between are reversed`},
		{"text", Between("a", "B"), `the bounds of Between are reversed`},
		{"bytes", Between([]byte{2}, []byte{1, 9}), `the bounds of Between are reversed`},
		{"at", Between(noon.Add(time.Nanosecond), noon), `the bounds of Between are reversed`},
		{"day", Between(noon, noon.Add(24*time.Hour)),
			`the lower bound of Between is more exact than the layout "2006-01-02"; cut the bound to the layout, or use GT`},
		{"any", Between(1, "a"),
			`the bounds of Between are of types N and S; give two bounds of one type`},

		{"int", BeginsWith("1"), `BeginsWith is for text or bytes, and the attribute is of type N`},
		{"unix", BeginsWith("2026"),
			`BeginsWith is for text or bytes, and the time is stored as a number; use Between`},
		{"ttlptr", BeginsWith("2026"), `and the time is stored as a number`},
		{"at", BeginsWith(noon),
			`BeginsWith takes a part of the stored text, such as "2026-05", and a value of type time.Time is given; use Between for times`},
		{"atptr", BeginsWith(5), `a value of type int is given; use Between for times`},
		{"text", BeginsWith(""),
			`the value of BeginsWith is empty, and every text contains the empty text; give a part of the text, or leave the comparison out`},
		{"bytes", BeginsWith([]byte{}), `the value of BeginsWith is empty`},
		{"text", BeginsWith(nil), `the value of BeginsWith is nil; use Exists or NotExists`},
		{"text", BeginsWith((*string)(nil)), `the value of BeginsWith is nil`},
		{"text", BeginsWith([]byte("a")),
			`a value of type []uint8 is given, and the field Text takes string; give a value of that type`},
		{"bytes", BeginsWith("a"),
			`a value of type string is given, and the field Bytes takes []uint8`},
		{"any", BeginsWith(5), `BeginsWith is for text or bytes, and a value of type N is given`},

		{"text", Contains(nil), `the value of Contains is nil`},
		{"text", Contains(""),
			`the value of Contains is empty, and every text contains the empty text; give a part of the text, or leave the comparison out`},
		{"int", Contains(1),
			`Contains is for text, sets and lists, and the attribute is of type N`},
		{"bool", NotContains(true),
			`NotContains is for text, sets and lists, and the attribute is of type BOOL`},
		{"counts", Contains("a"),
			`Contains is for text, sets and lists, and the attribute is of type M`},
		{"bytes", Contains([]byte{1}),
			`Contains is for text, sets and lists, and the attribute is of type B`},
		{"strings", Contains(nil),
			`the value of Contains is nil, and no set has such a member; use Exists or NotExists`},
		{"numbers", Contains((*int)(nil)),
			`the value of Contains is nil, and no set has such a member`},
		{"strings", Contains(5),
			`a value of type int is given, and the field Strings takes string`},
		{"strings", Contains([]string{"a"}),
			`a value of type []string is given, and the field Strings takes string`},
		{"numbers", Contains("5"),
			`a value of type string is given, and the field Numbers takes int`},
		{"badges", Contains(5),
			`the attribute is of type SS, and a value of type N is given, which cannot be a member`},
		{"badges", Contains(nil), `the value of Contains is nil, and no set has such a member`},
		{"list", Contains(5), `a value of type int is given, and the field List takes string`},

		{"text", EQ(5),
			`a value of type int is given, and the field Text takes string; give a value of that type`},
		{"int", EQ("secret"), `a value of type string is given, and the field Int takes int`},
		{"bool", EQ(1), `a value of type int is given, and the field Bool takes bool`},
		{"at", EQ("secret"), `a value of type string is given, and the field At takes time.Time`},
		{"ttlptr", LT(5), `a value of type int is given, and the field TTLPtr takes *time.Time`},
		{"int", EQ(math.NaN()), `the text is not a number`},
		{"float", EQ(math.Inf(1)), `DynamoDB has no NaN and no infinities`},
		{"int", EQ(json.Number("secret")), `the text is not a number`},
		{"exact", EQ(json.Number(strings.Repeat("1", 39))),
			`the number has 39 significant digits, DynamoDB stores 38`},
		{"int", EQ(new(big.Int).Lsh(big.NewInt(1), 500)), `significant digits`},
		{"text", EQ(invalid), `the text is not valid UTF-8`},
		{"text", BeginsWith(invalid), `the text is not valid UTF-8`},
		{"list", EQ([]string{"a", invalid}),
			`in the value given, at [1]: the text is not valid UTF-8`},
		{"measure", EQ(measure{Unit: invalid}),
			`in the value given, at Unit: the text is not valid UTF-8`},
		{"any", EQ(&types.AttributeValueMemberL{Value: []types.AttributeValue{nil}}),
			`in the value given, at [0]: there is no attribute value`},
		{"addr", EQ("secret"), `the text given is not one of the Go type netip.Addr`},
		{"cents", EQ(cents{-1}),
			`the method MarshalDynamoDBAttributeValue of the Go type dynamapper.cents refused the value`},
		{"any", EQ(make(chan int)), `type chan int cannot be stored`},
		{"text", EQ(func() {}), `a value of type func() is given, and the field Text takes string`},
		{"digest", EQ([]byte{1}),
			`a value of type []uint8 is given, and the field Digest takes [4]uint8`},
		{"text", EQ(&types.AttributeValueMemberN{Value: "5"}),
			`the attribute is of type S, and a value of type N is given`},
		{"verbatim", EQ(&types.AttributeValueMemberNULL{}),
			`NULL is false, which DynamoDB does not take`},
		{"verbatim", EQ(&types.UnknownUnionMember{}),
			`there is no attribute value, or one of a type that is not known`},
		{"strings", EQ(&types.AttributeValueMemberSS{}),
			`the set is empty, which DynamoDB does not take`},

		{"text", In[string](), `In has no value, so it would never be true; give In a value`},
		{"text", In([]string{"a"}),
			`a value of type []string is given, and the field Text takes string; give a value of that type; pass the elements of a slice as In(values...)`},
		{"text", In(5),
			`a value of type int is given, and the field Text takes string; give a value of that type`},
		{"text", Comparison{}, `the comparison is empty; make it with a function such as EQ`},
		{"text", Size(Comparison{}), `the comparison is empty`},
		{"int", Size(EQ(1)), `an attribute of type N has no size; compare its value`},
		{"bool", Size(EQ(1)), `an attribute of type BOOL has no size`},
		{"intptr", Size(EQ(1)), `an attribute of type N has no size`},
		{"text", Size(Exists()),
			`Size does not take Exists; use EQ, NE, LT, LE, GT, GE, Between or In`},
		{"text", Size(NotExists()), `Size does not take NotExists`},
		{"text", Size(BeginsWith("1")), `Size does not take BeginsWith`},
		{"text", Size(Contains(1)), `Size does not take Contains`},
		{"text", Size(Size(EQ(1))), `Size does not take Size`},
		{"text", Size(EQ(nil)),
			`a size is compared with nil, and every stored value has a size; give a number, or use Exists or NotExists`},
		{"text", Size(In(pointer(1), nil)), `a size is compared with nil`},
		{"text", Size(LT(nil)), `a size is compared with nil`},
		{"text", Size(EQ("5")), `Size compares with a number, and a value of type string is given`},
		{"text", Size(LT(true)), `Size compares with a number, and a value of type bool is given`},
		{"text", Size(In[int]()), `In has no value`},
		{"text", Size(Between(10, 9)), `the bounds of Between are reversed`},
	} {
		text, err := written(t, Attr(row.attribute, row.comparison))
		require.ErrorContains(t, err, row.want, "%s %v: %s", row.attribute, row.comparison, text)
		require.ErrorContains(t, err, "the condition on "+strconv.Quote(row.attribute)+": ")
		require.NotContains(t, err.Error(), "secret")
	}
}

// The hint to spread a slice appears only if a slice was given.
func TestSpreadHint(t *testing.T) {
	t.Parallel()
	for comparison, hinted := range map[*Comparison]bool{pointer(In([]string{"a"})): true,
		pointer(In(5)): false, pointer(EQ([]string{"a"})): false} {
		_, err := written(t, Attr("text", *comparison))
		require.Equal(t, hinted, strings.Contains(err.Error(), "In(values...)"))
	}
}

// In accepts more values than one IN of the service.
func TestInIsSplit(t *testing.T) {
	t.Parallel()
	for values, want := range map[int][]int{1: {1}, 100: {100}, 101: {100, 1},
		250: {100, 100, 50}} {
		text, err := written(t, Attr("int", In(make([]int, values)...)))
		require.NoError(t, err)
		for i, in := range strings.Split(text, " OR ") {
			require.True(t, strings.HasPrefix(in, "int IN ("))
			require.Equal(t, want[i], strings.Count(in, `{"N":"0"}`))
		}
	}
}

// A layout is sortable only if the text of every later time is greater.
func TestLayoutsThatSort(t *testing.T) {
	t.Parallel()
	for layout, sorts := range map[string]bool{
		time.RFC3339: true, time.DateOnly: true, time.DateTime: true, time.TimeOnly: true,
		timetext.Stored: true, "2006-01": true, "20060102150405": true,
		"2006-01-02T15:04:05.000000-07:00": true, "2006-01-02 15:04:05.999999": true,
		"2006-002": true, "2006-01-_2": true, "2006": true, "15": true,
		time.RFC3339Nano: false, time.Kitchen: false, time.ANSIC: false, time.RFC1123: false,
		time.RFC822: false, "02.01.2006": false, "2006-1-02": false,
		"2006-01-2": false, "2006-01-02 3:04 PM": false, "2006-01-02 03:04:05 PM": false,
		"2006-01-02 15:4": false, "2006-01-02 15:04:5": false,
		"2006 Jan 02": false, "06-01-02": false, "2006-01-02T15:04:05.99Z": false,
		"15:04 2006-01-02": false,
	} {
		require.Equal(t, sorts, sortsAsTime(layout), layout)
	}
}

// The key condition of a query accepts the service's comparisons, with operands of the range key's
// type.
func TestRangesAreWritten(t *testing.T) {
	t.Parallel()
	made, err := makeSchema(reflect.TypeFor[shelf]())
	require.NoError(t, err)
	for attribute, rows := range map[string]map[string]Comparison{
		"int": {`#0=:0`: EQ(5), `#0<:0`: LT(5), `#0<=:0`: LE(5), `#0>:0`: GT(5), `#0>=:0`: GE(5),
			`#0 BETWEEN :0 AND :1`: Between(1, 2)},
		"text": {`begins_with(#0,:0)`: BeginsWith("a")},
	} {
		for want, comparison := range rows {
			w := conditionWriter{schema: made, aliases: &expression.Aliases{}}
			part, err := w.writeRange(made.byAttribute[attribute], comparison)
			require.NoError(t, err)
			require.Equal(t, want, *part.Text())
		}
	}
}

// stubborn refuses every value, including its own zero value.
type stubborn struct{}

func (stubborn) MarshalText() ([]byte, error)  { return nil, errors.New("secret") }
func (*stubborn) UnmarshalText(_ []byte) error { return errors.New("secret") }

// oddOperands returns values that do not suit comparisons, and some that do.
func oddOperands() []any {
	text, number, null := "text", 5, (*string)(nil)
	selfPointing := pointerToItself(nil)
	selfPointing = &selfPointing
	loop := map[string]any{}
	loop["loop"] = loop
	return []any{
		nil, null, &null, (*int)(nil), (**int)(nil), (*time.Time)(nil), (*big.Int)(nil),
		(*chain)(nil), (any)(nil), new(any), (*any)(nil),
		"", "text", "\xff", &text, label(""), label("named"), strings.Repeat("long", 2000), '\x00',
		0, 5, -1, &number, int8(1), uint64(math.MaxUint64), uintptr(1), 2.5, float32(0.1),
		math.NaN(), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64,
		complex(1, 2), big.NewInt(1), *big.NewInt(1), new(big.Int).Lsh(big.NewInt(1), 10000),
		big.NewFloat(1.5), *new(big.Float).SetInf(true), big.NewRat(1, 3),
		json.Number(""), json.Number("x"), json.Number("1E999999999999"),
		attributevalue.Number("0x10"), json.RawMessage("{}"),
		true, false, pointer(true), time.Time{}, noon, &noon, noon.AddDate(20000, 0, 0),
		time.Second, time.May,
		[]byte(nil), []byte{}, []byte{1}, [0]byte{}, [4]byte{1}, [5]byte{1}, [1 << 10]byte{},
		pointer([]byte{1}),
		[]string(nil), []string{}, []string{"a", "\xff"}, []string{""}, []int{1},
		[]any{nil, 1, func() {}}, [][]byte{{1}, nil}, []time.Time{{}}, [2]int{1, 2}, []*int{nil},
		map[string]int(nil), map[string]int{"": 1}, map[string]int{"\xff": 1},
		map[int]struct{}{1: {}}, map[label]bool{"a": false}, map[any]any{1: 2}, loop,
		map[string]types.AttributeValue{"a": nil}, map[string]any{"a": make(chan int)},
		struct{}{}, measure{}, &measure{Size: 1}, []measure{{}}, chain{},
		&chain{Name: "a", Next: &chain{}}, selfPointing, stubborn{}, &stubborn{}, []stubborn{{}},
		make(chan int), (chan int)(nil), func() {}, (func())(nil), reflect.ValueOf(5),
		errors.New("error"), EQ(5), Exists(), Attr("text", EQ("a")), Path,
		netip.Addr{}, netip.MustParseAddr("::1"), "10.0.0.1", cents{1}, cents{-1}, &cents{1},
		badges{}, trail{}, onPointer{"a"}, uuid{1}, &uuid{},
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
func pathsInto(made *schema) []string {
	paths := []string{
		"list[0]", "pointers[0]", "flags[1]", "pair[1]", "measures[2].size", "measures[2].json",
		"measures[2].tags", "counts.a", "bynumber.5", "measure.some",
		"chain.Next.Next", "chain.Next.Name", "any.a", "any[0].b", "raw.a", "raw.a[0]", "trail[0]",
		"trail[0].a", "verbatim.a", "verbatim[0]", "badges.a", "cents.a", "addr[0]",
		"keyed.10\\.0", Path("keyed", "::1", "a", 0), Path(`we "quote".it`, "x", "y", "unit"),
	}
	for _, f := range made.fields {
		paths = append(paths, Path(f.attribute))
	}
	return paths
}

// A comparison of anything with anything returns an expression or an error and never panics.
func TestEveryComparisonOfEveryKindWithAnything(t *testing.T) {
	t.Parallel()
	made, err := makeSchema(reflect.TypeFor[shelf]())
	require.NoError(t, err)
	operands := oddOperands()
	for _, path := range pathsInto(made) {
		for i, v := range operands {
			other := operands[(i*7+3)%len(operands)]
			for _, c := range []Comparison{
				EQ(v), NE(v), LT(v), LE(v), GT(v), GE(v), Between(v, v), Between(v, other),
				BeginsWith(v), Contains(v), NotContains(v), In(v, other), In(v),
				Size(EQ(v)), Size(LT(v)), Size(Between(v, other)), Size(In(v)), Size(Contains(v)),
			} {
				requireErrorOrExpression(t, made, Attr(path, c), v)
			}
		}
	}
}

func requireErrorOrExpression(t *testing.T, made *schema, c Condition, operand any) {
	t.Helper()
	var aliases expression.Aliases
	part, err := (&conditionWriter{schema: made, aliases: &aliases}).writeAll([]Condition{c})
	if err != nil {
		if strings.Contains(err.Error(), "secret") {
			t.Fatalf("%s with %T: the message holds what is secret: %v", c.attribute, operand, err)
		}
		return
	}
	if part.Text() == nil {
		t.Fatalf("%s %s with %T: neither error nor expression", c.attribute, c.comparison.operator,
			operand)
	}
	for alias, value := range aliases.Values() {
		if _, err := wire.AppendValue(nil, value); err != nil ||
			wire.TypeOf(value) == wire.Invalid {
			t.Fatalf("%s %s with %T: the value %s cannot be sent: %v", c.attribute,
				c.comparison.operator, operand, alias, err)
		}
	}
}

// Conditions nest like their functions. Conditions beside each other are combined with AND.
func TestConditionsAreWritten(t *testing.T) {
	t.Parallel()
	a, b, c := Attr("text", EQ("a")), Attr("int", GT(1)), Attr("bool", EQ(true))
	for want, conditions := range map[string][]Condition{
		`text={"S":"a"} AND int>{"N":"1"}`:                      {a, b},
		`text={"S":"a"} AND (int>{"N":"1"} AND text={"S":"a"})`: {a, And(b, a)},
		`text={"S":"a"}`: {And(a)},
		`int>{"N":"1"}`:  {Or(And(Or(b)))},
		`(text={"S":"a"} OR int>{"N":"1"}) AND int>{"N":"1"}`: {
			Or(a, b), b},
		`text={"S":"a"} OR bool IN ({"BOOL":true},{"N":"1"},{"S":"true"})`: {
			Or(a, c)},
		`NOT bool IN ({"BOOL":true},{"N":"1"},{"S":"true"})`: {
			Not(c)},
		`NOT (NOT text={"S":"a"})`: {
			Not(Not(a))},
		`NOT (NOT contains(text,{"S":"a"}))`: {
			Not(Attr("text", NotContains("a")))},
		`NOT (text={"S":"a"} AND int>{"N":"1"})`: {
			Not(And(a, b))},
		`(NOT text={"S":"a"}) OR int>{"N":"1"}`: {
			Or(Not(a), b)},
		`(some<>{"N":"0"} AND attribute_exists(some)) OR int>{"N":"1"}`: {
			Or(Attr("some", NE(0)), b)},
		`(some={"N":"0"} OR attribute_not_exists(some)) AND (int>{"N":"1"} AND text={"S":"a"})`: {
			Attr("some", EQ(0)), And(b, a)},
	} {
		text, err := written(t, conditions...)
		require.NoError(t, err)
		require.Equal(t, want, text)
	}
}

// A condition without content is refused, at any depth.
func TestConditionsAreRefused(t *testing.T) {
	t.Parallel()
	good := Attr("text", EQ("a"))
	for want, conditions := range map[string][]Condition{
		"a condition is empty; make it with Attr, And, Or or Not": {Condition{}},
		"a condition is empty; make it with Attr, And, Or or Not,": {good,
			Condition{}},
		"a condition is empty; make it with Attr, And, Or or Not,,": {
			Or(good, Not(Condition{}))},
		"And contains no condition; give And a condition, or leave And out": {And()},
		"Or contains no condition; give Or a condition, or leave Or out,":   {good, Or()},
		"Or contains no condition; give Or a condition, or leave Or out,,": {
			Not(And(good, Or()))},
		`the condition on "text": the comparison is empty; make it with a function such as EQ`: {
			Or(good, Attr("text", Comparison{}))},
		`the condition on "measure.units": the document "measure" has no member`: {
			And(good, Or(good, Attr("measure.units", Exists())))},
	} {
		_, err := written(t, conditions...)
		require.ErrorContains(t, err, strings.TrimRight(want, ","))
	}
}

// Conditions that exceed a request are refused before it is sent.
func TestConditionsThatDoNotFit(t *testing.T) {
	t.Parallel()
	one := Attr("int", GT(1))
	several := func(n int, c Condition) []Condition {
		cs := make([]Condition, n)
		for i := range cs {
			cs[i] = c
		}
		return cs
	}
	_, err := written(t, several(150, one)...)
	require.NoError(t, err)
	for _, conditions := range [][]Condition{
		several(151, one), {And(several(151, one)...)}, several(76, Attr("some", EQ(0))),
		several(101, Not(one)), {Attr("int", In(make([]int, 1100)...))},
	} {
		_, err = written(t, conditions...)
		require.ErrorContains(t, err,
			"and DynamoDB takes 300 and 4096 in one request; send several requests")
	}
}

// Without conditions there is no expression.
func TestNoConditions(t *testing.T) {
	t.Parallel()
	made, err := makeSchema(reflect.TypeFor[shelf]())
	require.NoError(t, err)
	part, err := (&conditionWriter{schema: made, aliases: &expression.Aliases{}}).writeAll(nil)
	require.NoError(t, err)
	require.Nil(t, part.Text())
}

// The shape of a condition contains everything except the operands.
func TestShapes(t *testing.T) {
	t.Parallel()
	at := func(c Comparison) Condition { return Attr("at", c) }
	same := [][]Condition{
		{at(EQ(1)), at(EQ(2)), at(EQ(nil))}, {at(In(1)), at(In(1, 2))},
		{at(Between(1, 2)), at(Between(2, 3))}, {at(Size(EQ(1))), at(Size(EQ(2)))},
		{And(at(EQ(1)), at(LT(2))), And(at(EQ(3)), at(LT(4)))},
		{at(NE(1))}, {at(LT(1))}, {at(LE(1))}, {at(GT(1))}, {at(GE(1))}, {at(BeginsWith(1))},
		{at(Contains(1))}, {at(NotContains(1))}, {at(Exists())}, {at(NotExists())},
		{at(Size(LT(1)))}, {Attr("a t", EQ(1))}, {Attr(`at" EQ,"at`, EQ(1))}, {at(Comparison{})},
		{Condition{}},
		{Or(at(EQ(1)), at(LT(2)))}, {And(at(LT(1)), at(EQ(2)))}, {Not(at(EQ(1)))},
		{Not(Not(at(EQ(1))))}, {And(at(EQ(1)))}, {Or(at(EQ(1)))}, {And()}, {Or()},
		{And(at(EQ(1)), And(at(EQ(1)), at(EQ(1))))}, {And(And(at(EQ(1)), at(EQ(1))), at(EQ(1)))},
		{And(at(EQ(1)), at(EQ(1)), at(EQ(1)))},
	}
	seen := map[string]int{}
	for i, conditions := range same {
		for _, c := range conditions {
			before, known := seen[c.shape()]
			require.True(t, !known || before == i, c.shape())
			seen[c.shape()] = i
		}
	}
	require.Len(t, seen, len(same))
}
