package tests

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// specimen has a field for every kind of value that a condition can compare.
type specimen struct {
	dynamapper.Model `dynamo:"specimens"`
	ID               string               `dynamo:"id,hash"`
	Text             string               `dynamo:"text"`
	Colour           colour               `dynamo:"colour"`
	TextPtr          *string              `dynamo:"textptr"`
	Int              int                  `dynamo:"int"`
	Small            uint8                `dynamo:"small"`
	Float            float64              `dynamo:"float"`
	IntPtr           *int                 `dynamo:"intptr"`
	Exact            json.Number          `dynamo:"exact"`
	Bool             bool                 `dynamo:"bool"`
	Some             int                  `dynamo:"some,omitempty"`
	SomeBool         bool                 `dynamo:"somebool,omitempty"`
	At               time.Time            `dynamo:"at"`
	Unix             time.Time            `dynamo:"unix,unixtime"`
	Day              time.Time            `dynamo:"day,layout=DateOnly"`
	Bytes            []byte               `dynamo:"bytes"`
	Digest           [3]byte              `dynamo:"digest"`
	Strings          []string             `dynamo:"strings,set"`
	Numbers          map[int]struct{}     `dynamo:"numbers,set"`
	Blobs            [][]byte             `dynamo:"blobs,set"`
	List             []string             `dynamo:"list,document"`
	Lines            []specimenLine       `dynamo:"lines,document"`
	Counts           map[string]int       `dynamo:"counts,document"`
	Settings         specimenSettings     `dynamo:"settings,document"`
	Chain            *specimenChain       `dynamo:"chain,document"`
	Any              any                  `dynamo:"any,document"`
	Addr             netip.Addr           `dynamo:"addr"`
	Price            price                `dynamo:"price"`
	Crew             crew                 `dynamo:"crew"`
	Verbatim         types.AttributeValue `dynamo:"verbatim"`
	JSON             map[string]string    `dynamo:"json"`
}

type colour string

type specimenLine struct {
	SKU   string   `dynamo:"sku"`
	Count int      `dynamo:"count,omitempty"`
	Tags  []string `dynamo:"tags,set"`
}

type specimenSettings struct {
	Lang   string `dynamo:"lang"`
	Volume int    `dynamo:"volume"`
	Dark   bool   `dynamo:"dark"`
	Size   int    `dynamo:"size.in cm"`
}

type specimenChain struct {
	Name string
	Next *specimenChain
}

// price is stored in whole cents.
type price struct{ cents int }

func (p price) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return fixtures.Number(strconv.Itoa(p.cents)), nil
}

func (p *price) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) (err error) {
	p.cents, err = strconv.Atoi(value.(*types.AttributeValueMemberN).Value)
	return err
}

// crew is stored as a set by its own methods and is never empty.
type crew struct{ name string }

func (c crew) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberSS{
		Value: slices.Compact([]string{"captain", "captain" + c.name})}, nil
}

func (c *crew) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) error {
	c.name = strings.TrimPrefix(slices.Max(value.(*types.AttributeValueMemberSS).Value), "captain")
	return nil
}

var may31 = time.Date(2026, time.May, 31, 12, 0, 0, 0, time.UTC)

const digits38 = "12345678901234567890123456789012345678"

func ptr[V any](v V) *V { return &v }

// putSpecimens stores "bare", which has only its key; "null", whose attributes are NULL; "zero", as
// the mapper stores a model without values; "py0" and "py1", as dynamodb-mapper stored bools; and
// "a", "b" and "c" with values.
func putSpecimens(t *testing.T) *dynamapper.Table[specimen] {
	t.Helper()
	table := fixtures.TableOf[specimen](t)
	null := fixtures.Attributes{"id": fixtures.Text("null")}
	for _, name := range strings.Fields(
		"text int bool some somebool at strings list lines settings any exact") {
		null[name] = &types.AttributeValueMemberNULL{Value: true}
	}
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{"id": fixtures.Text("bare")},
		null,
		fixtures.Attributes{
			"id":       fixtures.Text("py0"),
			"bool":     fixtures.Number("0"),
			"somebool": fixtures.Number("0"),
			"some":     fixtures.Number("0"),
			"int":      fixtures.Number("1E1"),
			"text":     fixtures.Text(""),
		},
		fixtures.Attributes{
			"id":       fixtures.Text("py1"),
			"bool":     fixtures.Number("1"),
			"somebool": fixtures.Number("1"),
			"some":     fixtures.Number("1"),
			"int":      fixtures.Number("0.5E1"),
		},
	)
	for _, item := range []*specimen{
		{ID: "zero"},
		{ID: "a", Text: "apple", Colour: "red", TextPtr: ptr(""), Int: 5, Small: 200, Float: 0.1,
			IntPtr: ptr(0), Exact: digits38, Bool: true, Some: 7, SomeBool: true,
			At: may31, Unix: may31, Day: may31, Bytes: []byte{1, 2}, Digest: [3]byte{1, 2, 3},
			Strings: []string{"x", "y"}, Numbers: map[int]struct{}{1: {}, 20: {}},
			Blobs: [][]byte{{1}}, List: []string{"", "p"},
			Lines: []specimenLine{{SKU: "s0"}, {SKU: "s1", Count: 1}, {},
				{SKU: "s3", Count: 4, Tags: []string{"t"}}},
			Counts: map[string]int{"plain": 2, "p.q": 1, `"`: 3, "[0]": 4, "a b": 5, `\`: 6, "#": 7,
				"ü": 8, "size": 9}, Settings: specimenSettings{"en", 3, true, 10},
			Chain: &specimenChain{"one", &specimenChain{"two", nil}},
			Any:   map[string]any{"k": []any{1, "two", true}, "": nil}["k"],
			Addr:  netip.MustParseAddr("10.0.0.1"),
			Price: price{100}, Crew: crew{" ann"}, Verbatim: fixtures.Text("v"),
			JSON: map[string]string{"j": "1"}},
		{ID: "b", Text: "banana", Colour: "blue", TextPtr: ptr("p"), Int: -3, Small: 9, Float: 2.5,
			IntPtr: ptr(7), Exact: json.Number(digits38[:37] + "9"),
			At: may31.Add(12*time.Hour + 5), Unix: may31.Add(13 * time.Hour),
			Day: may31.AddDate(0, 0, 1), Bytes: []byte{1, 3}, Digest: [3]byte{9},
			Strings: []string{"y"},
			Numbers: map[int]struct{}{2: {}}, Blobs: [][]byte{{1, 2}, {3}}, List: []string{},
			Lines: []specimenLine{{SKU: "s0", Count: 2}}, Counts: map[string]int{},
			Settings: specimenSettings{Volume: 11}, Chain: &specimenChain{Name: "one"}, Any: "two",
			Addr: netip.MustParseAddr("10.0.10.1"), Price: price{250},
			Verbatim: &types.AttributeValueMemberNULL{Value: true},
			JSON:     map[string]string{"j": "2"}},
		{ID: "c", Text: "Äpfel, apple", Colour: "red", Int: 9007199254740993, Small: 10,
			Float: -1e-7, Exact: "-0.5", Bool: true, At: may31.AddDate(-1, 0, 0),
			Any: map[string]any{"k": 5}, Strings: []string{"xy"},
			Settings: specimenSettings{Lang: "en-GB"}},
	} {
		require.NoError(t, table.Save(t.Context(), item))
	}
	return table
}

// requireTrueOf requires that a condition matches the items with these ids, in alphabetical order.
func requireTrueOf[T any](
	t *testing.T, table *dynamapper.Table[T], condition dynamapper.Condition, want, about string,
) {
	t.Helper()
	items, err := table.Scan().Where(condition).Consistent().Collect(t.Context())
	require.NoError(t, err, about)
	ids := []string{}
	for _, item := range items {
		ids = append(ids, table.KeyOf(item).Hash().(string))
	}
	slices.Sort(ids)
	require.Equal(t, want, strings.Join(ids, " "), about)
}

// everyone returns the ids of all specimens except some.
func everyone(but ...string) string {
	ids := strings.Fields("a b bare c null py0 py1 zero")
	return strings.Join(
		slices.DeleteFunc(ids, func(id string) bool { return slices.Contains(but, id) }), " ")
}

type truth struct {
	attribute  string
	comparison dynamapper.Comparison
	want       string
}

func requireTruths(t *testing.T, truths []truth) {
	t.Helper()
	table := putSpecimens(t)
	for _, row := range truths {
		about := fmt.Sprint(row.attribute, " ", row.comparison)
		requireTrueOf(t, table, dynamapper.Attr(row.attribute, row.comparison), row.want, about)
		others := everyone(strings.Fields(row.want)...)
		requireTrueOf(t, table, dynamapper.Not(dynamapper.Attr(row.attribute, row.comparison)),
			others, "Not: "+about)
	}
}

// Texts compare by their bytes. An empty text is a missing attribute, except behind a pointer.
func TestConditionsOnText(t *testing.T) {
	t.Parallel()
	EQ, NE, LT, LE, GT, GE := dynamapper.EQ, dynamapper.NE, dynamapper.LT, dynamapper.LE,
		dynamapper.GT, dynamapper.GE
	requireTruths(t, []truth{
		{"text", EQ("apple"), "a"},
		{"text", EQ(""), "bare py1 zero"},
		{"text", EQ(nil), "bare py1 zero"},
		{"text", NE("apple"), everyone("a")},
		{"text", NE(""), "a b c null py0"},
		{"text", LT("b"), "a py0"},
		{"text", LE("banana"), "a b py0"},
		{"text", GT("apple"), "b c"},
		{"text", GE("apple"), "a b c"},
		{"text", dynamapper.Between("a", "banana"), "a b"},
		{"text", dynamapper.BeginsWith("app"), "a"},
		{"text", dynamapper.BeginsWith(colour("Ä")), "c"},
		{"text", dynamapper.Contains("apple"), "a c"},
		{"text", dynamapper.NotContains("an"), everyone("b")},
		{"text", dynamapper.Exists(), "a b c null py0"},
		{"text", dynamapper.NotExists(), "bare py1 zero"},
		{"text", dynamapper.In("apple", "banana", "cherry"), "a b"},
		{"text", dynamapper.In("apple", ""), "a bare py1 zero"},
		{"text", dynamapper.Size(EQ(5)), "a"},
		{"text", dynamapper.Size(NE(5)), everyone("a")},
		{"text", dynamapper.Size(LT(6)), "a py0"},
		{"text", dynamapper.Size(GT(6)), "c"},
		{"text", dynamapper.Size(LE(6)), "a b py0"},
		{"text", dynamapper.Size(GE(6)), "b c"},
		{"text", dynamapper.Size(dynamapper.Between(5, 6)), "a b"},
		{"text", dynamapper.Size(dynamapper.In(5, 6, 7)), "a b"},
		{"colour", EQ(colour("red")), "a c"},
		{"colour", EQ("blue"), "b"},
		{"colour", dynamapper.In(colour("red"), "blue"), "a b c"},
		{"textptr", EQ(""), "a"},
		{"textptr", EQ(ptr("p")), "b"},
		{"textptr", EQ(nil), everyone("a", "b")},
		{"textptr", NE(nil), "a b"},
		{"addr", EQ(netip.MustParseAddr("10.0.0.1")), "a"},
		{"addr", EQ("10.0.10.1"), "b"},
		{"addr", dynamapper.BeginsWith("10.0.1"), "b"},
		{"addr", EQ(netip.Addr{}), everyone("a", "b")},
	})
}

// Numbers compare by value, to the last of 38 digits, whatever Go type the operand has.
func TestConditionsOnNumbers(t *testing.T) {
	t.Parallel()
	EQ, NE, LT, LE, GT, GE := dynamapper.EQ, dynamapper.NE, dynamapper.LT, dynamapper.LE,
		dynamapper.GT, dynamapper.GE
	requireTruths(t, []truth{
		{"int", EQ(5), "a py1"},
		{"int", EQ(uint8(5)), "a py1"},
		{"int", EQ(5.0), "a py1"},
		{"int", EQ(ptr(5)), "a py1"},
		{"int", EQ(json.Number("50e-1")), "a py1"},
		{"int", EQ(big.NewInt(9007199254740993)), "c"},
		{"int", EQ(9007199254740992), ""},
		{"int", EQ(0), "zero"},
		{"int", EQ(nil), "bare"},
		{"int", NE(5), everyone("a", "py1")},
		{"int", NE(0), everyone("zero")},
		{"int", LT(0), "b"},
		{"int", LE(4.5), "b zero"},
		{"int", GT(5), "c py0"},
		{"int", GE(5), "a c py0 py1"},
		{"int", dynamapper.Between(9, 10), "py0"},
		{"int", dynamapper.In(5, 10, 11), "a py0 py1"},
		{"int", dynamapper.In[any](5, nil), "a bare py1"},
		{"small", GT(9), "a c"},
		{"small", LT(1000), "a b c zero"},
		{"float", EQ(0.1), "a"},
		{"float", EQ(float32(0.1)), "a"},
		{"float", LT(0), "c"},
		{"float", EQ(-1e-7), "c"},
		{"intptr", EQ(0), "a"},
		{"intptr", GE(ptr(uint16(0))), "a b"},
		{"intptr", EQ(nil), everyone("a", "b")},
		{"exact", EQ(json.Number(digits38)), "a"},
		{"exact", GT(json.Number(digits38)), "b"},
		{"exact", LT(0), "c"},
		{"exact", dynamapper.Between(json.Number("-5E-1"), json.Number(digits38)), "a c"},
		{"exact", EQ(json.Number("")), "bare py0 py1 zero"},
		{"price", GT(price{100}), "b"},
		{"price", LE(100), "a c zero"},
		{"some", EQ(0), "b bare c py0 zero"},
		{"some", NE(0), "a null py1"},
		{"some", NE(7), everyone("a")},
		{"some", dynamapper.In(0, 7), "a b bare c py0 zero"},
		{"some", dynamapper.In(1, 7), "a py1"},
		{"some", GE(0), "a py0 py1"},
		{"some", LT(1), "py0"},
		{"some", dynamapper.NotExists(), "b bare c zero"},
	})
}

// Conditions on bools also match the bools of dynamodb-mapper, which are N 0 and 1.
func TestConditionsOnBools(t *testing.T) {
	t.Parallel()
	EQ, NE := dynamapper.EQ, dynamapper.NE
	requireTruths(t, []truth{
		{"bool", EQ(true), "a c py1"},
		{"bool", EQ(false), "b py0 zero"},
		{"bool", NE(true), "b bare null py0 zero"},
		{"bool", NE(false), "a bare c null py1"},
		{"bool", dynamapper.In(true), "a c py1"},
		{"bool", dynamapper.In(true, false), "a b c py0 py1 zero"},
		{"bool", dynamapper.Exists(), everyone("bare")},
		{"somebool", EQ(true), "a py1"},
		{"somebool", EQ(false), "b bare c py0 zero"},
		{"somebool", NE(false), "a null py1"},
		{"settings.dark", EQ(true), "a"},
		{"settings.dark", EQ(false), "b c zero"},
	})
}

// Times compare in their stored form, whatever their zone. A prefix of the text matches days and
// months.
func TestConditionsOnTimes(t *testing.T) {
	t.Parallel()
	EQ, NE, LT, LE, GT, GE := dynamapper.EQ, dynamapper.NE, dynamapper.LT, dynamapper.LE,
		dynamapper.GT, dynamapper.GE
	east := may31.In(time.FixedZone("east", 7200))
	requireTruths(t, []truth{
		{"at", EQ(east), "a"},
		{"at", EQ(&east), "a"},
		{"at", EQ(time.Time{}), "bare py0 py1 zero"},
		{"at", NE(time.Time{}), "a b c null"},
		{"at", LT(east), "c"},
		{"at", LE(east), "a c"},
		{"at", GT(east), "b"},
		{"at", GE(may31.Add(12*time.Hour + 5)), "b"},
		{"at", GT(may31.Add(12*time.Hour + 5)), ""},
		{"at", dynamapper.Between(may31.AddDate(-2, 0, 0), may31), "a c"},
		{"at", dynamapper.BeginsWith("2026-05"), "a"},
		{"at", dynamapper.BeginsWith(ptr("2026-")), "a b"},
		{"at", dynamapper.Contains("-31T12"), "a c"},
		{"at", dynamapper.In(may31, time.Time{}), "a bare py0 py1 zero"},
		{"unix", EQ(east.Add(time.Millisecond)), "a"},
		{"unix", GT(east), "b"},
		{"unix", LT(may31.AddDate(1, 0, 0)), "a b"},
		{"day", EQ(may31.Add(time.Hour)), "a"},
		{"day", GT(may31), "b"},
		{"day", dynamapper.BeginsWith("2026-06"), "b"},
	})
}

// Bytes are ordered and have prefixes. Sets have members and are equal in any order.
func TestConditionsOnBytesAndSets(t *testing.T) {
	t.Parallel()
	EQ, NE := dynamapper.EQ, dynamapper.NE
	requireTruths(t, []truth{
		{"bytes", EQ([]byte{1, 2}), "a"},
		{"bytes", EQ([]byte{}), everyone("a", "b")},
		{"bytes", dynamapper.GT([]byte{1, 2}), "b"},
		{"bytes", dynamapper.BeginsWith([]byte{1}), "a b"},
		{"bytes", dynamapper.Between([]byte{1}, []byte{1, 2}), "a"},
		{"bytes", dynamapper.Size(EQ(2)), "a b"},
		{"digest", dynamapper.BeginsWith([]byte{1, 2}), "a"},
		{"digest", EQ([]byte{9, 0, 0}), "b"},
		{"strings", EQ([]string{"y", "x"}), "a"},
		{"strings", EQ([]string(nil)), "bare py0 py1 zero"},
		{"strings", NE([]string{"y"}), everyone("b")},
		{"strings", dynamapper.Contains("x"), "a"},
		{"strings", dynamapper.Contains("y"), "a b"},
		{"strings", dynamapper.NotContains("y"), everyone("a", "b")},
		{"strings", dynamapper.Size(dynamapper.LT(2)), "b c"},
		{"strings", dynamapper.In([]string{"y"}, []string{"xy"}, nil), "b bare c py0 py1 zero"},
		{"numbers", dynamapper.Contains(20.0), "a"},
		{"numbers", EQ(map[int]struct{}{2: {}}), "b"},
		{"blobs", dynamapper.Contains([]byte{1}), "a"},
		{"blobs", dynamapper.Contains([]byte{3}), "b"},
		{"crew", dynamapper.Contains("captain ann"), "a"},
		{"crew", dynamapper.Contains("captain"), "a b c zero"},
	})
}

// Conditions compare whole documents and paths inside them, also in a type that contains itself and
// in a field of type any.
func TestConditionsOnDocuments(t *testing.T) {
	t.Parallel()
	EQ, NE := dynamapper.EQ, dynamapper.NE
	requireTruths(t, []truth{
		{"list", dynamapper.Contains("p"), "a"},
		{"list", dynamapper.Contains(""), "a"},
		{"list", EQ([]string{}), "b"},
		{"list", EQ([]string{"", "p"}), "a"},
		{"list", EQ([]string{"p", ""}), ""},
		{"list", EQ([]string(nil)), "bare c py0 py1 zero"},
		{"list[0]", EQ(""), "a"},
		{"list[0]", dynamapper.Exists(), "a"},
		{"list[1]", dynamapper.BeginsWith("p"), "a"},
		{"list", dynamapper.Size(EQ(0)), "b"},
		{"lines[3].sku", EQ("s3"), "a"},
		{"lines[0].sku", EQ("s0"), "a b"},
		{"lines[0].count", EQ(0), everyone("b")},
		{"lines[0].count", NE(0), "b"},
		{"lines[2].sku", EQ(""), everyone()},
		{"lines[3].tags", dynamapper.Contains("t"), "a"},
		{"lines", dynamapper.Contains(specimenLine{SKU: "s0"}), "a"},
		{"lines", dynamapper.Size(dynamapper.Between(1, 4)), "a b"},
		{"counts", EQ(map[string]int{}), "b"},
		{"counts.plain", EQ(2), "a"},
		{"counts.plain", dynamapper.NotExists(), everyone("a")},
		{dynamapper.Path("counts", "p.q"), EQ(1), "a"},
		{dynamapper.Path("counts", `"`), EQ(3), "a"},
		{dynamapper.Path("counts", "[0]"), EQ(4), "a"},
		{dynamapper.Path("counts", "a b"), EQ(5), "a"},
		{dynamapper.Path("counts", `\`), EQ(6), "a"},
		{dynamapper.Path("counts", "#"), EQ(7), "a"},
		{dynamapper.Path("counts", "ü"), EQ(8), "a"},
		{"counts.size", EQ(9), "a"},
		{"settings.lang", EQ("en"), "a"},
		{"settings.lang", dynamapper.BeginsWith("en"), "a c"},
		{"settings.lang", EQ(""), "b bare null py0 py1 zero"},
		{"settings.volume", dynamapper.GE(3), "a b"},
		{"settings.volume", EQ(0), "c zero"},
		{dynamapper.Path("settings", "size.in cm"), EQ(10), "a"},
		{"settings", EQ(specimenSettings{Volume: 11}), "b"},
		{"settings", dynamapper.Size(EQ(4)), "a c"},
		{"chain.Name", EQ("one"), "a b"},
		{"chain.Next.Name", EQ("two"), "a"},
		{"chain.Next", EQ(nil), everyone("a")},
		{"chain.Next", EQ(specimenChain{Name: "two"}), "a"},
		{"any", EQ("two"), "b"},
		{"any", dynamapper.Contains("two"), "a b"},
		{"any", dynamapper.Contains(1), "a"},
		{"any[2]", EQ(true), "a"},
		{"any.k", dynamapper.LT(6), "c"},
		{"any.k.x", dynamapper.NotExists(), everyone()},
		{"verbatim", EQ(fixtures.Text("v")), "a"},
		{"verbatim", EQ(&types.AttributeValueMemberNULL{Value: true}), "b"},
		{"json", dynamapper.Exists(), "a b"},
		{"json", dynamapper.NotExists(), everyone("a", "b")},
	})
}

// And, Or and Not can be nested; all conditions of one call must be true.
func TestConditionsAreCombined(t *testing.T) {
	t.Parallel()
	table := putSpecimens(t)
	and, or, not := dynamapper.And, dynamapper.Or, dynamapper.Not
	red, loud := dynamapper.Attr("colour", dynamapper.EQ("red")), dynamapper.Attr("settings.volume",
		dynamapper.GT(2))
	untrue, unset := dynamapper.Attr("bool", dynamapper.EQ(false)), dynamapper.Attr("some",
		dynamapper.EQ(0))
	for i, row := range []struct {
		condition dynamapper.Condition
		want      string
	}{
		{and(red, loud), "a"},
		{or(red, loud), "a b c"},
		{and(red, not(loud)), "c"},
		{not(or(red, loud)), "bare null py0 py1 zero"},
		{not(and(red, loud)), everyone("a")},
		{and(untrue, unset), "b py0 zero"},
		{or(and(red, loud), and(untrue, not(unset))), "a"},
		{or(untrue, red), "a b c py0 zero"},
		{and(or(untrue, red), unset), "b c py0 zero"},
		{not(not(red)), "a c"},
		{and(or(and(red))), "a c"},
		{and(dynamapper.Attr("some", dynamapper.NE(0)),
			dynamapper.Attr("bool", dynamapper.NE(true))), "null"},
	} {
		requireTrueOf(t, table, row.condition, row.want, strconv.Itoa(i))
	}
	items, err := table.Scan().Consistent().Where(red, loud).Where(not(untrue)).Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, items, 1)
}

// In accepts more values than one IN of an expression.
func TestInOfManyValues(t *testing.T) {
	t.Parallel()
	table := putSpecimens(t)
	values := make([]int, 250)
	for i := range values {
		values[i] = 1000 + i
	}
	for _, place := range []int{0, 99, 100, 199, 200, 249} {
		values[place] = 5
		requireTrueOf(t, table, dynamapper.Attr("int", dynamapper.In(values...)), "a py1",
			strconv.Itoa(place))
		requireTrueOf(t, table, dynamapper.Not(dynamapper.Attr("int", dynamapper.In(values...))),
			everyone("a", "py1"), strconv.Itoa(place))
		values[place] = 1000
	}
	many := make([]string, 250)
	for i := range many {
		many[i] = strconv.Itoa(i)
	}
	many[249] = ""
	requireTrueOf(t, table, dynamapper.Attr("text", dynamapper.In(many...)), "bare py1 zero",
		"with an empty value")
	many[248] = "apple"
	requireTrueOf(t, table, dynamapper.Attr("text", dynamapper.In(many...)), "a bare py1 zero",
		"with an empty value and one that is there")
}

// The service accepts the largest conditions that the mapper accepts.
func TestTheLargestConditionsAreAccepted(t *testing.T) {
	t.Parallel()
	table := putSpecimens(t)
	several := func(n int, c dynamapper.Condition) dynamapper.Condition {
		cs := make([]dynamapper.Condition, n)
		for i := range cs {
			cs[i] = c
		}
		return dynamapper.And(cs...)
	}
	for form, one := range map[string]dynamapper.Condition{
		"comparisons": dynamapper.Attr("int", dynamapper.GT(1)),
		"ranges":      dynamapper.Attr("int", dynamapper.Between(5, 10)),
		"functions":   dynamapper.Attr("text", dynamapper.Contains("a")),
		"existence":   dynamapper.Attr("text", dynamapper.Exists()),
		"sizes":       dynamapper.Attr("text", dynamapper.Size(dynamapper.GT(1))),
		"negations":   dynamapper.Not(dynamapper.Attr("int", dynamapper.EQ(0))),
		"bools":       dynamapper.Attr("bool", dynamapper.EQ(true)),
		"lists":       dynamapper.Attr("int", dynamapper.In(5, 10)),
		"members":     dynamapper.Attr("settings.volume", dynamapper.GT(1)),
	} {
		largest := 0
		for n := 155; largest == 0; n-- {
			_, err := table.Scan().Where(several(n, one)).Count(t.Context())
			if err == nil {
				largest = n
			} else {
				require.ErrorContains(t, err, "and DynamoDB takes 300 and 4096 in one request",
					form)
			}
		}
		require.Greater(t, largest, 70, form)
	}
}

// oddly has attributes whose names need aliases in an expression: reserved words, and names with
// special characters.
type oddly struct {
	dynamapper.Model `dynamo:"oddly"`
	Key              string         `dynamo:"key,hash"`
	Name             string         `dynamo:"name" index:"by-name.status,hash"`
	Size             int            `dynamo:"size"`
	Data             []string       `dynamo:"data,document"`
	Status           string         `dynamo:"status" index:"by-name.status,range"`
	Order            map[string]int `dynamo:"order,document"`
	Dotted           string         `dynamo:"a.b"`
	Dashed           string         `dynamo:"a-b"`
	Hash             string         `dynamo:"#0"`
	Colon            string         `dynamo:":0"`
	Spaced           string         `dynamo:"a b"`
	Quoted           string         `dynamo:"\"q\""`
	Bracket          string         `dynamo:"c[0]"`
	A                oddDocument    `dynamo:"a,document"`
}

type oddDocument struct {
	B      int         `dynamo:"b"`
	Dotted int         `dynamo:"a.b"`
	Hash   int         `dynamo:"#0"`
	Quote  int         `dynamo:"\""`
	Select int         `dynamo:"select"`
	Inner  map[int]int `dynamo:"inner [map]"`
}

// Names are aliased at the top level and inside documents, in conditions, in Select and in index
// keys.
func TestConditionsOnOddNames(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table := fixtures.TableOf[oddly](t)
	full := &oddly{Key: "full", Name: "n", Size: 1, Data: []string{"d"}, Status: "s",
		Order: map[string]int{"by": 1, "desc.": 2}, Dotted: "dot", Dashed: "dash",
		Hash: "hash", Colon: "colon", Spaced: "space", Quoted: "quote", Bracket: "bracket",
		A: oddDocument{1, 2, 3, 4, 5, map[int]int{-7: 7}}}
	require.NoError(t, table.Save(t.Context(), full))
	require.NoError(t, table.Save(t.Context(), &oddly{Key: "other", Name: "n", Status: "t"}))
	path := dynamapper.Path
	for attribute, value := range map[string]any{
		"key": "full", "size": 1, "status": "s", "data[0]": "d", "order.by": 1,
		path("order", "desc."): 2, "a.b": "dot", path("a.b"): "dot", "a-b": "dash", "#0": "hash",
		":0": "colon", "a b": "space", `"q"`: "quote", path(`"q"`): "quote", "c[0]": "bracket",
		path("c[0]"): "bracket", `a."b"`: 1, path("a", "a.b"): 2, "a.#0": 3,
		path("a", `"`): 4, "a.select": 5, path("a", "inner [map]", "-7"): 7,
	} {
		requireTrueOf(t, table, dynamapper.Attr(attribute, dynamapper.EQ(value)), "full", attribute)
		requireTrueOf(t, table, dynamapper.Attr(attribute, dynamapper.NE(value)), "other",
			attribute)
		if attribute != "status" {
			found, err := table.Query("n").Index("by-name.status").
				Where(dynamapper.Attr(attribute, dynamapper.EQ(value))).Collect(t.Context())
			require.NoError(t, err, attribute)
			require.Len(t, found, 1, attribute)
		}
	}
	names := []string{"name", "size", "a.b", "a-b", "#0", ":0", "a b", `"q"`, "c[0]"}
	found, err := table.Query("n").Index("by-name.status").Range(dynamapper.BeginsWith("s")).
		Select(names...).Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, found, 1)
	got := *found[0]
	got.Model = dynamapper.Model{}
	want := oddly{Key: "full", Name: "n", Size: 1, Status: "s", Dotted: "dot", Dashed: "dash",
		Hash: "hash", Colon: "colon", Spaced: "space", Quoted: "quote", Bracket: "bracket"}
	require.Equal(t, want, got)
}
