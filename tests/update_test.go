package tests

import (
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/internal/wire"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// chest has a field of every kind that an update can change.
type chest struct {
	dynamapper.Model `dynamo:"chests"`
	ID               string                          `dynamo:"id,hash"`
	Text             string                          `dynamo:"text"`
	Email            string                          `dynamo:"email" index:"by-email,hash"`
	TextPtr          *string                         `dynamo:"textptr"`
	Int              int                             `dynamo:"int"`
	Small            uint8                           `dynamo:"small"`
	Some             int                             `dynamo:"some,omitempty"`
	IntPtr           *int                            `dynamo:"intptr"`
	Float            float64                         `dynamo:"float"`
	Big              *big.Int                        `dynamo:"big"`
	Bool             bool                            `dynamo:"bool"`
	Unix             time.Time                       `dynamo:"unix,unixtime"`
	Day              *time.Time                      `dynamo:"day,layout=DateOnly"`
	Bytes            []byte                          `dynamo:"bytes"`
	Addr             netip.Addr                      `dynamo:"addr"`
	JSON             map[string]int                  `dynamo:"json"`
	Queue            []string                        `dynamo:"queue"`
	Strings          []string                        `dynamo:"strings,set"`
	Numbers          map[int]struct{}                `dynamo:"numbers,set"`
	Flags            map[string]bool                 `dynamo:"flags,set"`
	Floats           *[]float64                      `dynamo:"floats,set"`
	Blobs            [][]byte                        `dynamo:"blobs,set"`
	Days             []time.Time                     `dynamo:"days,set,layout=DateOnly"`
	List             []string                        `dynamo:"list,document"`
	Ptrs             []*int                          `dynamo:"ptrs,document"`
	Nested           [][]int                         `dynamo:"nested,document"`
	Lines            []specimenLine                  `dynamo:"lines,document"`
	Array            [2]int                          `dynamo:"array,document"`
	Counts           map[string]int                  `dynamo:"counts,document"`
	Settings         *specimenSettings               `dynamo:"settings,document"`
	Any              any                             `dynamo:"any,document"`
	Crew             *crew                           `dynamo:"crew"`
	Verbatim         types.AttributeValue            `dynamo:"verbatim"`
	Raw              map[string]types.AttributeValue `dynamo:"raw"`
	Odd              int                             `dynamo:"order.by #1[0]"`
	Reserved         string                          `dynamo:"size"`
}

func listValue(values ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: append([]types.AttributeValue{}, values...)}
}

func mapValue(members fixtures.Attributes) types.AttributeValue {
	return &types.AttributeValueMemberM{Value: members}
}

func stringSet(members ...string) types.AttributeValue {
	return &types.AttributeValueMemberSS{Value: members}
}

func numberSet(members ...string) types.AttributeValue {
	return &types.AttributeValueMemberNS{Value: members}
}

func boolValue(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }

var null = &types.AttributeValueMemberNULL{Value: true}

type chestUpdate = *dynamapper.Update[chest]

// clauseCase is an update with the attributes of an item before and after it.
type clauseCase struct {
	name   string
	before fixtures.Attributes
	update func(u chestUpdate) chestUpdate
	after  fixtures.Attributes
}

// requireItem compares items by value, including numbers and sets, because the service normalizes
// numbers and may reorder sets.
func requireItem(t *testing.T, want, got fixtures.Attributes) {
	t.Helper()
	if !wire.Equal(mapValue(want), mapValue(got)) {
		require.Equal(t, want, got)
		t.Fatal("the items differ")
	}
}

// testClauses runs updates with and without Idempotent. The returned item equals the stored one and
// can be saved under its snapshot.
func testClauses(t *testing.T, cases []clauseCase) {
	t.Helper()
	chests, sent := notedTable[chest](t)
	for _, c := range cases {
		for _, idempotent := range []bool{false, true} {
			t.Run(fmt.Sprint(c.name, idempotent), func(t *testing.T) {
				id := fmt.Sprint(c.name, idempotent)
				key := fixtures.Attributes{"id": fixtures.Text(id)}
				stored := fixtures.Attributes{"id": key["id"]}
				for name, value := range c.before {
					stored[name] = value
				}
				fixtures.PutRaw(t, chests.Name(), stored)
				u := c.update(chests.Update(dynamapper.Key(id)))
				if idempotent {
					u.Idempotent()
				}
				sent.take()
				item, err := u.Run(t.Context())
				require.NoError(t, err)
				require.Len(t, sent.take(), 1)
				want := fixtures.Attributes{"id": key["id"]}
				for name, value := range c.after {
					want[name] = value
				}
				stored = fixtures.GetRaw(t, chests.Name(), key)
				requireItem(t, want, stored)
				requireItem(t, stored, chests.Snapshot(item))
				again := fixtures.Load(t, chests, id)
				again.Model = item.Model // attributes come in any order
				require.Equal(t, again, item)
				item.Reserved = "saved"
				require.NoError(t, chests.Save(t.Context(), item, dynamapper.FailOnConflict()))
			})
		}
	}
}

func TestUpdateSet(t *testing.T) {
	t.Parallel()
	all := fixtures.Attributes{"text": fixtures.Text("old"), "email": fixtures.Text("a@b"),
		"textptr": fixtures.Text("old"), "int": fixtures.Number("1"), "some": fixtures.Number("1"),
		"intptr": fixtures.Number(
			"1",
		), "unix": fixtures.Number("1"), "day": fixtures.Text("2026-05-31"),
		"json": fixtures.Text(`{"a":1}`), "strings": stringSet("x"),
		"list": listValue(
			fixtures.Text("x"),
		), "counts": mapValue(fixtures.Attributes{"a": fixtures.Number("1")}),
		"any": fixtures.Text("x"),
		"settings": mapValue(
			fixtures.Attributes{"lang": fixtures.Text("en"), "volume": fixtures.Number("3")},
		),
		"verbatim": fixtures.Text("x"), "bytes": &types.AttributeValueMemberB{Value: []byte{1}}}
	nils := fixtures.Attributes{
		"counts": mapValue(
			fixtures.Attributes{
				"a": fixtures.Number("1"),
				"b": fixtures.Number("2"),
				"c": fixtures.Number("3"),
			},
		),
		"any": mapValue(
			fixtures.Attributes{
				"a": fixtures.Text("a"),
				"b": fixtures.Text("b"),
				"c": fixtures.Text("c"),
				"d": fixtures.Text("d"),
				"e": fixtures.Text("e"),
			},
		),
		"nested": listValue(listValue(fixtures.Number("1")), listValue(fixtures.Number("2"))),
		"ptrs":   listValue(fixtures.Number("1"), fixtures.Number("2"), fixtures.Number("3")),
		"lines":  listValue(mapValue(fixtures.Attributes{"tags": stringSet("t")})),
		"raw":    mapValue(fixtures.Attributes{"a": fixtures.Text("a"), "b": fixtures.Text("b")})}
	testClauses(t, []clauseCase{
		{"values", nil, func(u chestUpdate) chestUpdate {
			return u.Set("text", colour("red")).Set("email", "a@b").Set("textptr", "").Set("int",
				uint16(7)).Set("small", 255).Set("some", 7.0).Set("intptr", 0).
				Set("float", 1).Set("big", "1"[0]).Set("bool", true).Set("unix", may31).Set("day",
				may31).Set("bytes", []byte{1}).Set("addr", "10.0.0.1").
				Set("json", map[string]int{"a": 1}).Set("strings", []string{"x", "x"}).
				Set("numbers", map[int]struct{}{1: {}}).Set("list", []string{""}).
				Set("counts", map[string]int{}).Set("settings", specimenSettings{Lang: "en"}).
				Set("any", []any{1, nil}).Set("verbatim", null).
				Set("order.by #1[0]", 3).Set("size", "x").Set("lines", []specimenLine{{SKU: "s"}}).
				Set("floats", []float64{1.5})
		}, fixtures.Attributes{"text": fixtures.Text("red"), "email": fixtures.Text("a@b"),
			"textptr": fixtures.Text(""),
			"int":     fixtures.Number("7"), "small": fixtures.Number("255"),
			"some": fixtures.Number(
				"7",
			), "intptr": fixtures.Number("0"), "float": fixtures.Number("1"),
			"big": fixtures.Number("49"), "bool": boolValue(true),
			"unix": fixtures.Number(fmt.Sprint(may31.Unix())), "day": fixtures.Text("2026-05-31"),
			"bytes": &types.AttributeValueMemberB{Value: []byte{1}},
			"addr": fixtures.Text(
				"10.0.0.1",
			), "json": fixtures.Text(`{"a":1}`), "strings": stringSet("x"),
			"numbers": numberSet("1"), "list": listValue(fixtures.Text("")),
			"counts": mapValue(fixtures.Attributes{}), "any": listValue(fixtures.Number("1"), null),
			"verbatim": null, "order.by #1[0]": fixtures.Number("3"), "size": fixtures.Text("x"),
			"settings": mapValue(
				fixtures.Attributes{"lang": fixtures.Text("en"), "volume": fixtures.Number("0"),
					"dark": boolValue(false), "size.in cm": fixtures.Number("0")}),
			"lines":  listValue(mapValue(fixtures.Attributes{"sku": fixtures.Text("s")})),
			"floats": numberSet("1.5")}},
		{"empty", all, func(u chestUpdate) chestUpdate {
			return u.Set("text", "").Set("email", "").Set("textptr", nil).Set("some", 0).
				Set("intptr", (*int)(nil)).Set("unix", time.Time{}).Set("day", (*time.Time)(nil)).
				Set("json", map[string]int{}).Set("strings", []string{}).Set("list", []string(nil)).
				Set("counts", nil).Set("any", nil).Set("settings.lang", "").
				Set("verbatim", nil).Set("bytes", []byte{})
		}, fixtures.Attributes{"int": fixtures.Number("1"),
			"settings": mapValue(fixtures.Attributes{"volume": fixtures.Number("3")})}},
		{"zero is no empty value", fixtures.Attributes{"int": fixtures.Number("1")},
			func(u chestUpdate) chestUpdate {
				return u.Set("int", 0).Set("bool", false).Set("counts", map[string]int{})
			},
			fixtures.Attributes{"int": fixtures.Number("0"), "bool": boolValue(false),
				"counts": mapValue(fixtures.Attributes{})}},
		{"into documents",
			fixtures.Attributes{"list": listValue(fixtures.Text("a"), fixtures.Text("b")),
				"counts": mapValue(
					fixtures.Attributes{},
				), "settings": mapValue(fixtures.Attributes{}),
				"lines": listValue(mapValue(fixtures.Attributes{})),
				"any":   mapValue(fixtures.Attributes{"k": listValue(fixtures.Number("1"))})},
			func(u chestUpdate) chestUpdate {
				return u.Set("list[1]", "").Set(dynamapper.Path("counts", "p.q"), 1).
					Set("settings.dark", true).Set(dynamapper.Path("settings", "size.in cm"), 180).
					Set("lines[0].tags", []string{"t"}).Set("any.k[0]", "one").Set("any.n", nil).
					Set("list[9]", "c")
			},
			fixtures.Attributes{
				"list":   listValue(fixtures.Text("a"), fixtures.Text(""), fixtures.Text("c")),
				"counts": mapValue(fixtures.Attributes{"p.q": fixtures.Number("1")}),
				"settings": mapValue(
					fixtures.Attributes{
						"dark":       boolValue(true),
						"size.in cm": fixtures.Number("180"),
					},
				),
				"lines": listValue(mapValue(fixtures.Attributes{"tags": stringSet("t")})),
				"any":   mapValue(fixtures.Attributes{"k": listValue(fixtures.Text("one"))}),
			}},
		{"nil inside documents", nils, func(u chestUpdate) chestUpdate {
			return u.Set("counts.a", nil).Set("counts.b", (*int)(nil)).Set("any.a", []string(nil)).
				Set("any.b", map[string]int(nil)).
				Set("any.c", new([]string)).Set("any.d", any((*chest)(nil))).Set("nested[0]",
				[]int(nil)).Set("ptrs[1]", (*int)(nil)).
				Set("lines[0].tags", []string(nil)).Set("raw.a", nil).Set("raw.b",
				(*types.AttributeValueMemberS)(nil)).Set("any.null", null)
		}, fixtures.Attributes{"counts": mapValue(fixtures.Attributes{"c": fixtures.Number("3")}),
			"nested": listValue(listValue(fixtures.Number("2"))),
			"ptrs":   listValue(fixtures.Number("1"), fixtures.Number("3")),
			"lines": listValue(
				mapValue(fixtures.Attributes{}),
			), "raw": mapValue(fixtures.Attributes{}),
			"any": mapValue(fixtures.Attributes{"null": null, "e": fixtures.Text("e")})}},
		{"nil of an attribute that holds anything",
			fixtures.Attributes{"any": fixtures.Text("x"), "verbatim": fixtures.Text("x")},
			func(u chestUpdate) chestUpdate {
				return u.Set("any", []string(nil)).Set("verbatim",
					(*types.AttributeValueMemberS)(nil))
			}, nil},
		{"nil if absent",
			fixtures.Attributes{
				"counts": mapValue(fixtures.Attributes{}),
				"any":    mapValue(fixtures.Attributes{}),
			},
			func(u chestUpdate) chestUpdate {
				return u.SetIfAbsent("counts.a", nil).SetIfAbsent("any.a", []string(nil)).
					SetIfAbsent("any.b", map[string]int(nil))
			}, fixtures.Attributes{"counts": mapValue(fixtures.Attributes{}),
				"any": mapValue(fixtures.Attributes{})}},
		{"if absent",
			fixtures.Attributes{"text": fixtures.Text("old"),
				"counts": mapValue(fixtures.Attributes{"a": fixtures.Number("1")})},
			func(u chestUpdate) chestUpdate {
				return u.SetIfAbsent("text", "new").SetIfAbsent("size", "new").
					SetIfAbsent("counts.a", 7).SetIfAbsent("counts.b", 7).SetIfAbsent("email", "").
					SetIfAbsent("some", 0).SetIfAbsent("int", 0).SetIfAbsent("strings",
					[]string{"x"})
			},
			fixtures.Attributes{"text": fixtures.Text("old"), "size": fixtures.Text("new"),
				"counts": mapValue(
					fixtures.Attributes{"a": fixtures.Number("1"), "b": fixtures.Number("7")},
				),
				"int":     fixtures.Number("0"),
				"strings": stringSet("x")}},
		{"if absent, an empty value alone", fixtures.Attributes{"text": fixtures.Text("old")},
			func(u chestUpdate) chestUpdate {
				return u.SetIfAbsent("email", "").SetIfAbsent("text", "")
			}, fixtures.Attributes{"text": fixtures.Text("old")}},
	})
}

func TestUpdateAdd(t *testing.T) {
	t.Parallel()
	testClauses(t, []clauseCase{
		{"any number",
			fixtures.Attributes{"int": fixtures.Number("40"), "float": fixtures.Number("0.5"),
				"big": fixtures.Number(digits38[:37] + "0")}, func(u chestUpdate) chestUpdate {
				return u.Add("int", int8(2)).Add("small", uint(255)).Add("float", -0.25).Add("big",
					big.NewInt(8)).Add("some", 2.0).Add("intptr", ptr(-3)).
					Add("order.by #1[0]", 1).Add("any", 1.5)
			},
			fixtures.Attributes{"int": fixtures.Number("42"), "small": fixtures.Number("255"),
				"float": fixtures.Number("0.25"), "big": fixtures.Number(digits38),
				"some":   fixtures.Number("2"),
				"intptr": fixtures.Number("-3"), "order.by #1[0]": fixtures.Number("1"),
				"any": fixtures.Number("1.5")}},
		{"in documents",
			fixtures.Attributes{"counts": mapValue(fixtures.Attributes{"a": fixtures.Number("1")}),
				"settings": mapValue(fixtures.Attributes{}),
				"lines": listValue(
					mapValue(fixtures.Attributes{}),
				), "ptrs": listValue(fixtures.Number("5"))},
			func(u chestUpdate) chestUpdate {
				return u.Add("counts.a", -2).Add("counts.b", 2).Add("settings.volume", 11).
					Add("lines[0].count", 3).Add("ptrs[0]", 1)
			},
			fixtures.Attributes{
				"counts": mapValue(
					fixtures.Attributes{"a": fixtures.Number("-1"), "b": fixtures.Number("2")},
				),
				"settings": mapValue(fixtures.Attributes{"volume": fixtures.Number("11")}),
				"lines":    listValue(mapValue(fixtures.Attributes{"count": fixtures.Number("3")})),
				"ptrs":     listValue(fixtures.Number("6"))}},
		{"two to one map", fixtures.Attributes{"counts": mapValue(fixtures.Attributes{})},
			func(u chestUpdate) chestUpdate {
				return u.Add("counts.a", 1).Add("counts.b", 1).Add("int", 1)
			},
			fixtures.Attributes{
				"counts": mapValue(
					fixtures.Attributes{"a": fixtures.Number("1"), "b": fixtures.Number("1")},
				),
				"int": fixtures.Number("1"),
			}},
	})
}

func TestUpdateRemove(t *testing.T) {
	t.Parallel()
	before := fixtures.Attributes{
		"text":  fixtures.Text("x"),
		"email": fixtures.Text("a@b"),
		"int":   fixtures.Number("1"),
		"list":  listValue(fixtures.Text("a"), fixtures.Text("b"), fixtures.Text("c")),
		"counts": mapValue(
			fixtures.Attributes{"a": fixtures.Number("1"), "b.c": fixtures.Number("2")},
		),
		"lines": listValue(mapValue(fixtures.Attributes{"sku": fixtures.Text("s")})),
	}
	testClauses(t, []clauseCase{
		{"all kinds", before, func(u chestUpdate) chestUpdate {
			return u.Remove("text", "email", "bool").Remove("list[0]", "list[2]",
				dynamapper.Path("counts", "b.c"), "lines[0].sku", "counts.none")
		}, fixtures.Attributes{"int": fixtures.Number("1"), "list": listValue(fixtures.Text("b")),
			"counts": mapValue(fixtures.Attributes{"a": fixtures.Number("1")}),
			"lines":  listValue(mapValue(fixtures.Attributes{}))}},
		{"of nothing, beside another", before, func(u chestUpdate) chestUpdate {
			return u.Remove().Remove("text", "email", "int", "list", "counts").Remove("lines")
		}, nil},
	})
}

func TestUpdateAppend(t *testing.T) {
	t.Parallel()
	ab := listValue(fixtures.Text("a"), fixtures.Text("b"))
	testClauses(t, []clauseCase{
		{"at both ends", fixtures.Attributes{"list": ab, "ptrs": listValue(fixtures.Number("1"))},
			func(u chestUpdate) chestUpdate {
				return u.Append("list", "c", colour("d"), []string{"e", ""}, nil).Prepend("ptrs", 2,
					nil, []*int{ptr(3), nil}, ptr(4))
			},
			fixtures.Attributes{
				"list": listValue(
					fixtures.Text("a"),
					fixtures.Text("b"),
					fixtures.Text("c"),
					fixtures.Text("d"),
					fixtures.Text("e"),
					fixtures.Text(""),
					null,
				),
				"ptrs": listValue(
					fixtures.Number("2"),
					null,
					fixtures.Number("3"),
					null,
					fixtures.Number("4"),
					fixtures.Number("1"),
				)}},
		{"to missing lists", fixtures.Attributes{"settings": mapValue(fixtures.Attributes{})},
			func(u chestUpdate) chestUpdate {
				return u.Append("list", "a").Prepend("any", 1, []any{"two", nil}, []int{3}, nil).
					Append("lines", specimenLine{SKU: "s"}, &specimenLine{Count: 1},
						[]specimenLine{{Tags: []string{"t"}}}).
					Append("nested", []int{1}, [][]int{{2}, nil}).
					Append("verbatim", fixtures.Text("v"))
			},
			fixtures.Attributes{
				"settings": mapValue(fixtures.Attributes{}),
				"list":     listValue(fixtures.Text("a")),
				"any": listValue(fixtures.Number("1"), fixtures.Text("two"), null,
					listValue(fixtures.Number("3")), null),
				"lines": listValue(mapValue(fixtures.Attributes{"sku": fixtures.Text("s")}),
					mapValue(fixtures.Attributes{"count": fixtures.Number("1")}),
					mapValue(fixtures.Attributes{"tags": stringSet("t")})),
				"nested": listValue(
					listValue(fixtures.Number("1")),
					listValue(fixtures.Number("2")),
					null,
				),
				"verbatim": listValue(fixtures.Text("v")),
			}},
		{"in documents",
			fixtures.Attributes{"nested": listValue(listValue(fixtures.Number("1"))),
				"any": mapValue(fixtures.Attributes{})}, func(u chestUpdate) chestUpdate {
				return u.Append("nested[0]", 2, []int{3}).Prepend("any.log", "x")
			},
			fixtures.Attributes{
				"nested": listValue(
					listValue(fixtures.Number("1"), fixtures.Number("2"), fixtures.Number("3"))),
				"any": mapValue(fixtures.Attributes{"log": listValue(fixtures.Text("x"))})}},
		{
			"no values beside another",
			fixtures.Attributes{"list": ab},
			func(u chestUpdate) chestUpdate {
				return u.Append("list").Prepend("list", []string{}).Append("list", []string(nil)).
					AddToSet("strings").RemoveFromSet("strings", []string{}).Add("int", 1)
			},
			fixtures.Attributes{"list": ab, "int": fixtures.Number("1")},
		},
	})
}

func TestUpdateSets(t *testing.T) {
	t.Parallel()
	testClauses(t, []clauseCase{
		{"into missing sets", nil, func(u chestUpdate) chestUpdate {
			return u.AddToSet("strings", "x", colour("y"), []string{"x", "z"}, ptr("x")).
				AddToSet("numbers", 1, 1.0, uint8(2), map[int]struct{}{2: {}, 3: {}}).
				AddToSet("flags", "on", map[string]bool{"off": false, "up": true}).
				AddToSet("floats", 1, 1.0, 0.5, []float64{0.5, 2}).AddToSet("blobs", []byte{1},
				[][]byte{{1}, {2}}).
				AddToSet("days", may31, may31.Add(time.Hour))
		}, fixtures.Attributes{"strings": stringSet("x", "y", "z"), "numbers": numberSet("1", "2",
			"3"),
			"flags": stringSet("on", "up"), "floats": numberSet("0.5", "1", "2"),
			"blobs": &types.AttributeValueMemberBS{Value: [][]byte{{1}, {2}}},
			"days":  stringSet("2026-05-31")}},
		{"into sets that are there",
			fixtures.Attributes{"strings": stringSet("w", "x"), "numbers": numberSet("1")},
			func(u chestUpdate) chestUpdate {
				return u.AddToSet("strings", "x", "y").AddToSet("numbers", map[int]struct{}{})
			}, fixtures.Attributes{"strings": stringSet("w", "x", "y"), "numbers": numberSet("1")}},
		{"into sets in documents",
			fixtures.Attributes{
				"lines": listValue(
					mapValue(
						fixtures.Attributes{"sku": fixtures.Text("s"), "tags": stringSet("x")},
					),
					mapValue(
						fixtures.Attributes{"sku": fixtures.Text("t")},
					),
				)}, func(u chestUpdate) chestUpdate {
				return u.AddToSet("lines[0].tags", "y", []string{"x"}).AddToSet("lines[1].tags",
					"z")
			},
			fixtures.Attributes{
				"lines": listValue(
					mapValue(
						fixtures.Attributes{"sku": fixtures.Text("s"), "tags": stringSet("x", "y")},
					),
					mapValue(
						fixtures.Attributes{"sku": fixtures.Text("t"), "tags": stringSet("z")},
					),
				)}},
		{"out of sets in documents",
			fixtures.Attributes{
				"lines": listValue(
					mapValue(
						fixtures.Attributes{"sku": fixtures.Text("s"), "tags": stringSet("x", "y")},
					),
					mapValue(
						fixtures.Attributes{"sku": fixtures.Text("t"), "tags": stringSet("z")},
					),
				)},
			func(u chestUpdate) chestUpdate {
				return u.RemoveFromSet("lines[0].tags", "y", "none").RemoveFromSet("lines[1].tags",
					"z")
			},
			fixtures.Attributes{
				"lines": listValue(
					mapValue(
						fixtures.Attributes{"sku": fixtures.Text("s"), "tags": stringSet("x")},
					),
					mapValue(fixtures.Attributes{"sku": fixtures.Text("t")}),
				)}},
		{"out of sets",
			fixtures.Attributes{"strings": stringSet("x", "y"), "numbers": numberSet("1", "2"),
				"flags": stringSet("on"), "floats": numberSet("1")},
			func(u chestUpdate) chestUpdate {
				return u.RemoveFromSet("strings", "x", []string{"none"}).RemoveFromSet("numbers", 1,
					2.0).RemoveFromSet("flags", map[string]bool{"on": false}).
					RemoveFromSet("floats", 7)
			},
			fixtures.Attributes{"strings": stringSet("y"), "flags": stringSet("on"),
				"floats": numberSet("1")}},
	})
}

// The expressions of all clauses. To add to an integer inside a document, the request sets it,
// which the service also does atomically.
func TestTheRequestsOfUpdate(t *testing.T) {
	t.Parallel()
	chests, sent := notedTable[chest](t)
	update := chests.Update(dynamapper.Key("one")).Set("text", "t").Set("email", "").
		SetIfAbsent("size", "s").Add("int", 1).Set("settings", specimenSettings{}).
		Append("list", "a").Prepend("any", "b").Remove("bool").AddToSet("strings", "x").
		RemoveFromSet("numbers", 1).
		If(dynamapper.Attr("int", dynamapper.NotExists())).
		If(dynamapper.Attr("text", dynamapper.NotExists()),
			dynamapper.Attr("size", dynamapper.NotExists()))
	const clauses = `: SET text={"S":"t"},size=if_not_exists(size,{"S":"s"}),settings={"M":{"dark":{"BOOL":false},"size.in cm":{"N":"0"},"volume":{"N":"0"}}},` +
		`list=list_append(if_not_exists(list,{"L":[]}),{"L":[{"S":"a"}]}),any=list_append({"L":[{"S":"b"}]},if_not_exists(any,{"L":[]}))` +
		` REMOVE email,bool ADD int {"N":"1"},strings {"SS":["x"]} DELETE numbers {"NS":["1"]}` +
		` if attribute_not_exists(int) AND attribute_not_exists(text) AND attribute_not_exists(size)`
	_, err := update.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"UpdateItem" + clauses}, sent.take())
	_, err = update.Idempotent().Run(t.Context())
	require.ErrorIs(t, err, dynamapper.ErrConditionFailed)
	require.Equal(t, []string{"TransactUpdate" + clauses}, sent.take())
	for want, update := range map[string]chestUpdate{
		`UpdateItem: SET settings.volume=if_not_exists(settings.volume,{"N":"0"})+{"N":"1"}`: chests.Update(dynamapper.Key("one")).Add("settings.volume", 1),
		`UpdateItem: REMOVE text,list[0] if attribute_exists(id)`:                            chests.Update(dynamapper.Key("one")).Remove("text", "list[0]"),
		`UpdateItem: DELETE strings {"SS":["x"]} if attribute_exists(id)`:                    chests.Update(dynamapper.Key("one")).RemoveFromSet("strings", "x"),
		`UpdateItem: SET int={"N":"1"} if attribute_exists(id)`:                              chests.Update(dynamapper.Key("one")).Set("int", 1).MustExist(),
		`UpdateItem if attribute_exists(id)`:                                                 chests.Update(dynamapper.Key("one")).SetIfAbsent("text", ""),
	} {
		_, err := update.Run(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{want}, sent.take())
	}
}

// An update creates a missing item unless MustExist is set or it only removes attributes. A
// condition is evaluated on the item as stored.
func TestUpdateOfAMissingItem(t *testing.T) {
	t.Parallel()
	chests, sent := fixtures.WatchedTable[chest](t)
	exists, missing := dynamapper.Attr("id", dynamapper.Exists()), dynamapper.Attr("id",
		dynamapper.NotExists())
	for name, c := range map[string]struct {
		update func(u chestUpdate) chestUpdate
		want   error
	}{
		"Set": {func(u chestUpdate) chestUpdate { return u.Set("text", "x") },
			nil},
		"SetIfAbsent": {
			func(u chestUpdate) chestUpdate { return u.SetIfAbsent("text", "x") }, nil},
		"Add": {func(u chestUpdate) chestUpdate { return u.Add("int", 1) }, nil},
		"Append": {func(u chestUpdate) chestUpdate { return u.Append("list", "x") },
			nil},
		"Prepend": {func(u chestUpdate) chestUpdate { return u.Prepend("list", "x") },
			nil},
		"AddToSet": {
			func(u chestUpdate) chestUpdate { return u.AddToSet("strings", "x") }, nil},
		"one puts, one removes": {
			func(u chestUpdate) chestUpdate { return u.Remove("text").Set("int", 1) }, nil},
		"If": {
			func(u chestUpdate) chestUpdate { return u.Add("int", 1).If(missing) }, nil},
		"If of nothing": {func(u chestUpdate) chestUpdate { return u.Add("int", 1).If() }, nil},
		"Remove": {func(u chestUpdate) chestUpdate { return u.Remove("text") },
			dynamapper.ErrNotFound},
		"Set of nothing": {func(u chestUpdate) chestUpdate { return u.Set("text", "") },
			dynamapper.ErrNotFound},
		"RemoveFromSet": {
			func(u chestUpdate) chestUpdate { return u.RemoveFromSet("strings", "x") },
			dynamapper.ErrNotFound},
		"both": {
			func(u chestUpdate) chestUpdate {
				return u.RemoveFromSet("strings", "x").
					Remove("text")
			}, dynamapper.ErrNotFound},
		"absent of nothing": {func(u chestUpdate) chestUpdate { return u.SetIfAbsent("text", "") },
			dynamapper.ErrNotFound},
		"MustExist": {func(u chestUpdate) chestUpdate { return u.Add("int", 1).MustExist() },
			dynamapper.ErrNotFound},
		"MustExist, If": {
			func(u chestUpdate) chestUpdate { return u.Add("int", 1).MustExist().If(exists) },
			dynamapper.ErrNotFound},
		"Remove, If": {func(u chestUpdate) chestUpdate { return u.Remove("text").If(exists) },
			dynamapper.ErrNotFound},
		"If refused": {func(u chestUpdate) chestUpdate { return u.Add("int", 1).If(exists) },
			dynamapper.ErrConditionFailed},
	} {
		for _, idempotent := range []bool{false, true} {
			key := fixtures.Attributes{"id": fixtures.Text(name)}
			fixtures.DeleteRaw(t, chests.Name(), key)
			sent.Take()
			u, requests := c.update(chests.Update(dynamapper.Key(name))), []string{"UpdateItem"}
			if idempotent {
				u, requests = u.Idempotent(), []string{"TransactWriteItems"}
			}
			item, err := u.Run(t.Context())
			require.ErrorIs(t, err, c.want, name)
			require.Equal(t, c.want == nil, fixtures.GetRaw(t, chests.Name(), key) != nil, name)
			if c.want == nil {
				require.Equal(t, fixtures.GetRaw(t, chests.Name(), key), chests.Snapshot(item))
				if idempotent {
					requests = append(requests, "GetItem")
				}
			} else {
				require.Nil(t, item)
				requireConditionError(t, err, chests.Name(), dynamapper.Key(name), nil)
			}
			require.Equal(t, requests, sent.Take(), name)
		}
	}
}

func TestUpdateRefusedByItsCondition(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	fixtures.PutRaw(t, players.Name(), storedPlayer("waldo"))
	for _, must := range []bool{false, true} {
		u := players.Update(dynamapper.Key("waldo")).Add("balance", -500).
			If(dynamapper.Attr("balance", dynamapper.GE(500)))
		if must {
			u.MustExist()
		}
		_, err := u.Run(t.Context())
		require.ErrorIs(t, err, dynamapper.ErrConditionFailed)
		requireConditionError(t, err, players.Name(), dynamapper.Key("waldo"),
			storedPlayer("waldo"))
	}
	require.Equal(t, storedPlayer("waldo"), fixtures.GetRaw(t, players.Name(), playerKey("waldo")))
	_, err := players.Update(dynamapper.Key("waldo")).Add("balance", -150).
		If(dynamapper.Attr("balance", dynamapper.GE(150))).Run(t.Context())
	require.NoError(t, err)
}

func TestUpdateRenewsVersionsAndTimes(t *testing.T) {
	t.Parallel()
	t.Run("integer", testUpdateStamps[counted])
	t.Run("string", testUpdateStamps[tokened])
}

func testUpdateStamps[T dynamapper.IsModel, P versioned[T]](t *testing.T) {
	table := fixtures.TableOf[T](t)
	first, err := table.Update(dynamapper.Key("one")).Add("balance", 5).Run(t.Context())
	require.NoError(t, err)
	one := P(first).fields()
	require.WithinDuration(t, time.Now(), one.Created, time.Minute)
	require.Equal(t, one.Created, one.Updated)
	require.NotEmpty(t, table.Snapshot(first)["version"])
	second, err := table.Update(dynamapper.Key("one")).Set("name", "Waldo").Run(t.Context())
	require.NoError(t, err)
	two := P(second).fields()
	require.Equal(t, one.Created, two.Created)
	require.True(t, two.Updated.After(one.Updated))
	require.NotEqual(t, table.Snapshot(first)["version"], table.Snapshot(second)["version"])
	require.ErrorIs(t, table.Save(t.Context(), first, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
	require.NoError(t, table.Save(t.Context(), second, dynamapper.FailOnConflict()))
	if counting, is := any(second).(*counted); is {
		require.Equal(t, any(first).(*counted).Version+2, counting.Version)
	}
	before := fixtures.GetRaw(t, table.Name(), accountKey)
	_, err = table.Update(dynamapper.Key("one")).SetIfAbsent("name", "").Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, before, fixtures.GetRaw(t, table.Name(), accountKey),
		"an update without effect renews nothing")
	third, err := table.Update(dynamapper.Key("one")).Set("created", may31).Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, may31, P(third).fields().Created, "a created time that the caller sets stays")
	fourth, err := table.Update(dynamapper.Key("one")).Remove("created").Set("updated", may31).
		Run(t.Context())
	require.NoError(t, err)
	require.Zero(t, P(fourth).fields().Created)
	require.Equal(t, may31, P(fourth).fields().Updated,
		"an updated time that the caller sets stays")
}

// Concurrent additions add up exactly.
func TestUpdatesAtOnce(t *testing.T) {
	t.Parallel()
	const each = 50
	table := fixtures.TableOf[counted](t)
	for name, idempotent := range map[string]bool{"one": false, "two": true} {
		made, err := table.Update(dynamapper.Key(name)).Add("balance", 0).Run(t.Context())
		require.NoError(t, err)
		errs := fixtures.InParallel(func(int) error {
			for range each {
				u := table.Update(dynamapper.Key(name)).Add("balance", 1)
				if idempotent {
					u.Idempotent()
				}
				if _, err := u.Run(t.Context()); err != nil {
					return err
				}
			}
			return nil
		})
		require.NoError(t, errors.Join(errs...))
		require.Equal(t, fixtures.Writers*each, fixtures.Load(t, table, name).Balance)
		require.Equal(t, made.Version+fixtures.Writers*each, fixtures.Load(t, table, name).Version)
	}
}

// Responses are lost and other writers add meanwhile. With Idempotent, each update is applied
// exactly once and its caller knows it; without it, every unknown outcome is reported.
func TestUpdatesWithLostResponses(t *testing.T) {
	t.Parallel()
	const each = 5
	for name, idempotent := range map[string]bool{"plain": false, "idempotent": true} {
		t.Run(name, func(t *testing.T) {
			faulty, good, line, _ := fixtures.FaultyTable[counted](t)
			loseTwoOfFive(line, "UpdateItem")
			loseTwoOfFive(line, "TransactWriteItems")
			made, err := good.Update(dynamapper.Key("one")).Add("balance", 0).Run(t.Context())
			require.NoError(t, err)
			unknown := make([]int, fixtures.Writers)
			errs := fixtures.InParallel(func(writer int) error {
				for range each {
					u := faulty.Update(dynamapper.Key("one")).Add("balance", 1)
					if idempotent {
						u.Idempotent()
					}
					_, err := u.Run(t.Context())
					if !idempotent && errors.Is(err, dynamapper.ErrUnknownOutcome) {
						unknown[writer]++
						err = nil
					}
					_, beside := good.Update(dynamapper.Key("one")).Add("balance", 1000).
						Run(t.Context())
					if err := errors.Join(err, beside); err != nil {
						return err
					}
				}
				return nil
			})
			require.NoError(t, errors.Join(errs...))
			doubts := 0
			for _, n := range unknown {
				doubts += n
			}
			applied := fixtures.Load(t, good, "one").Balance - 1000*each*fixtures.Writers
			require.LessOrEqual(t, applied, each*fixtures.Writers)
			require.LessOrEqual(t, each*fixtures.Writers-doubts, applied)
			require.Equal(t, idempotent, doubts == 0)
			require.Equal(
				t,
				made.Version+applied+each*fixtures.Writers,
				fixtures.Load(t, good, "one").Version,
			)
		})
	}
}

// If the field cannot hold what another program stored, the update is applied nevertheless, and the
// error names the item and the attribute.
func TestUpdateGivesAnItemThatCannotBeRead(t *testing.T) {
	t.Parallel()
	chests := fixtures.TableOf[chest](t)
	fixtures.PutRaw(
		t,
		chests.Name(),
		fixtures.Attributes{"id": fixtures.Text("one"), "small": fixtures.Number("255")},
	)
	for i, u := range []chestUpdate{chests.Update(dynamapper.Key("one")).Add("small", 1),
		chests.Update(dynamapper.Key("one")).Add("small", 1).Idempotent()} {
		_, err := u.Run(t.Context())
		var wrong *dynamapper.FieldError
		require.ErrorAs(t, err, &wrong)
		require.Equal(t, "small", wrong.Attribute)
		require.Equal(t, dynamapper.Key("one"), wrong.Key)
		require.Equal(
			t,
			fixtures.Number(fmt.Sprint(256+i)),
			fixtures.GetRaw(t, chests.Name(),
				fixtures.Attributes{"id": fixtures.Text("one")})["small"],
		)
	}
}
