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

func mapValue(members attributes) types.AttributeValue {
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
	before attributes
	update func(u chestUpdate) chestUpdate
	after  attributes
}

// requireItem compares items by value, including numbers and sets, because the service normalizes
// numbers and may reorder sets.
func requireItem(t *testing.T, want, got attributes) {
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
				key := attributes{"id": textValue(id)}
				stored := attributes{"id": key["id"]}
				for name, value := range c.before {
					stored[name] = value
				}
				putRaw(t, chests.Name(), stored)
				u := c.update(chests.Update(dynamapper.Key(id)))
				if idempotent {
					u.Idempotent()
				}
				sent.take()
				item, err := u.Run(t.Context())
				require.NoError(t, err)
				require.Len(t, sent.take(), 1)
				want := attributes{"id": key["id"]}
				for name, value := range c.after {
					want[name] = value
				}
				stored = getRaw(t, chests.Name(), key)
				requireItem(t, want, stored)
				requireItem(t, stored, chests.Snapshot(item))
				again := load(t, chests, id)
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
	all := attributes{"text": textValue("old"), "email": textValue("a@b"),
		"textptr": textValue("old"), "int": numberValue("1"), "some": numberValue("1"),
		"intptr": numberValue("1"), "unix": numberValue("1"), "day": textValue("2026-05-31"),
		"json": textValue(`{"a":1}`), "strings": stringSet("x"),
		"list": listValue(textValue("x")), "counts": mapValue(attributes{"a": numberValue("1")}),
		"any":      textValue("x"),
		"settings": mapValue(attributes{"lang": textValue("en"), "volume": numberValue("3")}),
		"verbatim": textValue("x"), "bytes": &types.AttributeValueMemberB{Value: []byte{1}}}
	nils := attributes{
		"counts": mapValue(
			attributes{"a": numberValue("1"), "b": numberValue("2"), "c": numberValue("3")}),
		"any": mapValue(
			attributes{"a": textValue("a"), "b": textValue("b"), "c": textValue("c"),
				"d": textValue("d"), "e": textValue("e")}),
		"nested": listValue(listValue(numberValue("1")), listValue(numberValue("2"))),
		"ptrs":   listValue(numberValue("1"), numberValue("2"), numberValue("3")),
		"lines":  listValue(mapValue(attributes{"tags": stringSet("t")})),
		"raw":    mapValue(attributes{"a": textValue("a"), "b": textValue("b")})}
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
		}, attributes{"text": textValue("red"), "email": textValue("a@b"), "textptr": textValue(""),
			"int": numberValue("7"), "small": numberValue("255"),
			"some": numberValue("7"), "intptr": numberValue("0"), "float": numberValue("1"),
			"big": numberValue("49"), "bool": boolValue(true),
			"unix": numberValue(fmt.Sprint(may31.Unix())), "day": textValue("2026-05-31"),
			"bytes": &types.AttributeValueMemberB{Value: []byte{1}},
			"addr":  textValue("10.0.0.1"), "json": textValue(`{"a":1}`), "strings": stringSet("x"),
			"numbers": numberSet("1"), "list": listValue(textValue("")),
			"counts": mapValue(attributes{}), "any": listValue(numberValue("1"), null),
			"verbatim": null, "order.by #1[0]": numberValue("3"), "size": textValue("x"),
			"settings": mapValue(
				attributes{"lang": textValue("en"), "volume": numberValue("0"),
					"dark": boolValue(false), "size.in cm": numberValue("0")}),
			"lines":  listValue(mapValue(attributes{"sku": textValue("s")})),
			"floats": numberSet("1.5")}},
		{"empty", all, func(u chestUpdate) chestUpdate {
			return u.Set("text", "").Set("email", "").Set("textptr", nil).Set("some", 0).
				Set("intptr", (*int)(nil)).Set("unix", time.Time{}).Set("day", (*time.Time)(nil)).
				Set("json", map[string]int{}).Set("strings", []string{}).Set("list", []string(nil)).
				Set("counts", nil).Set("any", nil).Set("settings.lang", "").
				Set("verbatim", nil).Set("bytes", []byte{})
		}, attributes{"int": numberValue("1"),
			"settings": mapValue(attributes{"volume": numberValue("3")})}},
		{"zero is no empty value", attributes{"int": numberValue("1")},
			func(u chestUpdate) chestUpdate {
				return u.Set("int", 0).Set("bool", false).Set("counts", map[string]int{})
			},
			attributes{"int": numberValue("0"), "bool": boolValue(false),
				"counts": mapValue(attributes{})}},
		{"into documents",
			attributes{"list": listValue(textValue("a"), textValue("b")),
				"counts": mapValue(attributes{}), "settings": mapValue(attributes{}),
				"lines": listValue(mapValue(attributes{})),
				"any":   mapValue(attributes{"k": listValue(numberValue("1"))})},
			func(u chestUpdate) chestUpdate {
				return u.Set("list[1]", "").Set(dynamapper.Path("counts", "p.q"), 1).
					Set("settings.dark", true).Set(dynamapper.Path("settings", "size.in cm"), 180).
					Set("lines[0].tags", []string{"t"}).Set("any.k[0]", "one").Set("any.n", nil).
					Set("list[9]", "c")
			},
			attributes{"list": listValue(textValue("a"), textValue(""), textValue("c")),
				"counts": mapValue(attributes{"p.q": numberValue("1")}),
				"settings": mapValue(
					attributes{"dark": boolValue(true), "size.in cm": numberValue("180")}),
				"lines": listValue(mapValue(attributes{"tags": stringSet("t")})),
				"any":   mapValue(attributes{"k": listValue(textValue("one"))})}},
		{"nil inside documents", nils, func(u chestUpdate) chestUpdate {
			return u.Set("counts.a", nil).Set("counts.b", (*int)(nil)).Set("any.a", []string(nil)).
				Set("any.b", map[string]int(nil)).
				Set("any.c", new([]string)).Set("any.d", any((*chest)(nil))).Set("nested[0]",
				[]int(nil)).Set("ptrs[1]", (*int)(nil)).
				Set("lines[0].tags", []string(nil)).Set("raw.a", nil).Set("raw.b",
				(*types.AttributeValueMemberS)(nil)).Set("any.null", null)
		}, attributes{"counts": mapValue(attributes{"c": numberValue("3")}),
			"nested": listValue(listValue(numberValue("2"))),
			"ptrs":   listValue(numberValue("1"), numberValue("3")),
			"lines":  listValue(mapValue(attributes{})), "raw": mapValue(attributes{}),
			"any": mapValue(attributes{"null": null, "e": textValue("e")})}},
		{"nil of an attribute that holds anything",
			attributes{"any": textValue("x"), "verbatim": textValue("x")},
			func(u chestUpdate) chestUpdate {
				return u.Set("any", []string(nil)).Set("verbatim",
					(*types.AttributeValueMemberS)(nil))
			}, nil},
		{"nil if absent",
			attributes{"counts": mapValue(attributes{}), "any": mapValue(attributes{})},
			func(u chestUpdate) chestUpdate {
				return u.SetIfAbsent("counts.a", nil).SetIfAbsent("any.a", []string(nil)).
					SetIfAbsent("any.b", map[string]int(nil))
			}, attributes{"counts": mapValue(attributes{}), "any": mapValue(attributes{})}},
		{"if absent",
			attributes{"text": textValue("old"),
				"counts": mapValue(attributes{"a": numberValue("1")})},
			func(u chestUpdate) chestUpdate {
				return u.SetIfAbsent("text", "new").SetIfAbsent("size", "new").
					SetIfAbsent("counts.a", 7).SetIfAbsent("counts.b", 7).SetIfAbsent("email", "").
					SetIfAbsent("some", 0).SetIfAbsent("int", 0).SetIfAbsent("strings",
					[]string{"x"})
			},
			attributes{"text": textValue("old"), "size": textValue("new"),
				"counts":  mapValue(attributes{"a": numberValue("1"), "b": numberValue("7")}),
				"int":     numberValue("0"),
				"strings": stringSet("x")}},
		{"if absent, an empty value alone", attributes{"text": textValue("old")},
			func(u chestUpdate) chestUpdate {
				return u.SetIfAbsent("email", "").SetIfAbsent("text", "")
			}, attributes{"text": textValue("old")}},
	})
}

func TestUpdateAdd(t *testing.T) {
	t.Parallel()
	testClauses(t, []clauseCase{
		{"any number",
			attributes{"int": numberValue("40"), "float": numberValue("0.5"),
				"big": numberValue(digits38[:37] + "0")}, func(u chestUpdate) chestUpdate {
				return u.Add("int", int8(2)).Add("small", uint(255)).Add("float", -0.25).Add("big",
					big.NewInt(8)).Add("some", 2.0).Add("intptr", ptr(-3)).
					Add("order.by #1[0]", 1).Add("any", 1.5)
			},
			attributes{"int": numberValue("42"), "small": numberValue("255"),
				"float": numberValue("0.25"), "big": numberValue(digits38),
				"some":   numberValue("2"),
				"intptr": numberValue("-3"), "order.by #1[0]": numberValue("1"),
				"any": numberValue("1.5")}},
		{"in documents",
			attributes{"counts": mapValue(attributes{"a": numberValue("1")}),
				"settings": mapValue(attributes{}),
				"lines":    listValue(mapValue(attributes{})), "ptrs": listValue(numberValue("5"))},
			func(u chestUpdate) chestUpdate {
				return u.Add("counts.a", -2).Add("counts.b", 2).Add("settings.volume", 11).
					Add("lines[0].count", 3).Add("ptrs[0]", 1)
			},
			attributes{
				"counts":   mapValue(attributes{"a": numberValue("-1"), "b": numberValue("2")}),
				"settings": mapValue(attributes{"volume": numberValue("11")}),
				"lines":    listValue(mapValue(attributes{"count": numberValue("3")})),
				"ptrs":     listValue(numberValue("6"))}},
		{"two to one map", attributes{"counts": mapValue(attributes{})},
			func(u chestUpdate) chestUpdate {
				return u.Add("counts.a", 1).Add("counts.b", 1).Add("int", 1)
			},
			attributes{"counts": mapValue(attributes{"a": numberValue("1"), "b": numberValue("1")}),
				"int": numberValue("1")}},
	})
}

func TestUpdateRemove(t *testing.T) {
	t.Parallel()
	before := attributes{"text": textValue("x"), "email": textValue("a@b"), "int": numberValue("1"),
		"list":   listValue(textValue("a"), textValue("b"), textValue("c")),
		"counts": mapValue(attributes{"a": numberValue("1"), "b.c": numberValue("2")}),
		"lines":  listValue(mapValue(attributes{"sku": textValue("s")}))}
	testClauses(t, []clauseCase{
		{"all kinds", before, func(u chestUpdate) chestUpdate {
			return u.Remove("text", "email", "bool").Remove("list[0]", "list[2]",
				dynamapper.Path("counts", "b.c"), "lines[0].sku", "counts.none")
		}, attributes{"int": numberValue("1"), "list": listValue(textValue("b")),
			"counts": mapValue(attributes{"a": numberValue("1")}),
			"lines":  listValue(mapValue(attributes{}))}},
		{"of nothing, beside another", before, func(u chestUpdate) chestUpdate {
			return u.Remove().Remove("text", "email", "int", "list", "counts").Remove("lines")
		}, nil},
	})
}

func TestUpdateAppend(t *testing.T) {
	t.Parallel()
	ab := listValue(textValue("a"), textValue("b"))
	testClauses(t, []clauseCase{
		{"at both ends", attributes{"list": ab, "ptrs": listValue(numberValue("1"))},
			func(u chestUpdate) chestUpdate {
				return u.Append("list", "c", colour("d"), []string{"e", ""}, nil).Prepend("ptrs", 2,
					nil, []*int{ptr(3), nil}, ptr(4))
			},
			attributes{
				"list": listValue(textValue("a"), textValue("b"), textValue("c"), textValue("d"),
					textValue("e"), textValue(""), null),
				"ptrs": listValue(numberValue("2"), null, numberValue("3"), null, numberValue("4"),
					numberValue("1"))}},
		{"to missing lists", attributes{"settings": mapValue(attributes{})},
			func(u chestUpdate) chestUpdate {
				return u.Append("list", "a").Prepend("any", 1, []any{"two", nil}, []int{3}, nil).
					Append("lines", specimenLine{SKU: "s"}, &specimenLine{Count: 1},
						[]specimenLine{{Tags: []string{"t"}}}).
					Append("nested", []int{1}, [][]int{{2}, nil}).Append("verbatim", textValue("v"))
			},
			attributes{"settings": mapValue(attributes{}), "list": listValue(textValue("a")),
				"any": listValue(numberValue("1"), textValue("two"), null,
					listValue(numberValue("3")), null),
				"lines": listValue(mapValue(attributes{"sku": textValue("s")}),
					mapValue(attributes{"count": numberValue("1")}),
					mapValue(attributes{"tags": stringSet("t")})),
				"nested": listValue(listValue(numberValue("1")), listValue(numberValue("2")),
					null),
				"verbatim": listValue(textValue("v"))}},
		{"in documents",
			attributes{"nested": listValue(listValue(numberValue("1"))),
				"any": mapValue(attributes{})}, func(u chestUpdate) chestUpdate {
				return u.Append("nested[0]", 2, []int{3}).Prepend("any.log", "x")
			},
			attributes{
				"nested": listValue(
					listValue(numberValue("1"), numberValue("2"), numberValue("3"))),
				"any": mapValue(attributes{"log": listValue(textValue("x"))})}},
		{"no values beside another", attributes{"list": ab}, func(u chestUpdate) chestUpdate {
			return u.Append("list").Prepend("list", []string{}).Append("list", []string(nil)).
				AddToSet("strings").RemoveFromSet("strings", []string{}).Add("int", 1)
		}, attributes{"list": ab, "int": numberValue("1")}},
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
		}, attributes{"strings": stringSet("x", "y", "z"), "numbers": numberSet("1", "2", "3"),
			"flags": stringSet("on", "up"), "floats": numberSet("0.5", "1", "2"),
			"blobs": &types.AttributeValueMemberBS{Value: [][]byte{{1}, {2}}},
			"days":  stringSet("2026-05-31")}},
		{"into sets that are there",
			attributes{"strings": stringSet("w", "x"), "numbers": numberSet("1")},
			func(u chestUpdate) chestUpdate {
				return u.AddToSet("strings", "x", "y").AddToSet("numbers", map[int]struct{}{})
			}, attributes{"strings": stringSet("w", "x", "y"), "numbers": numberSet("1")}},
		{"into sets in documents",
			attributes{
				"lines": listValue(
					mapValue(attributes{"sku": textValue("s"), "tags": stringSet("x")}),
					mapValue(attributes{"sku": textValue("t")}))}, func(u chestUpdate) chestUpdate {
				return u.AddToSet("lines[0].tags", "y", []string{"x"}).AddToSet("lines[1].tags",
					"z")
			},
			attributes{
				"lines": listValue(
					mapValue(attributes{"sku": textValue("s"), "tags": stringSet("x", "y")}),
					mapValue(attributes{"sku": textValue("t"), "tags": stringSet("z")}))}},
		{"out of sets in documents",
			attributes{
				"lines": listValue(
					mapValue(attributes{"sku": textValue("s"), "tags": stringSet("x", "y")}),
					mapValue(attributes{"sku": textValue("t"), "tags": stringSet("z")}))},
			func(u chestUpdate) chestUpdate {
				return u.RemoveFromSet("lines[0].tags", "y", "none").RemoveFromSet("lines[1].tags",
					"z")
			},
			attributes{
				"lines": listValue(
					mapValue(attributes{"sku": textValue("s"), "tags": stringSet("x")}),
					mapValue(attributes{"sku": textValue("t")}))}},
		{"out of sets",
			attributes{"strings": stringSet("x", "y"), "numbers": numberSet("1", "2"),
				"flags": stringSet("on"), "floats": numberSet("1")},
			func(u chestUpdate) chestUpdate {
				return u.RemoveFromSet("strings", "x", []string{"none"}).RemoveFromSet("numbers", 1,
					2.0).RemoveFromSet("flags", map[string]bool{"on": false}).
					RemoveFromSet("floats", 7)
			},
			attributes{"strings": stringSet("y"), "flags": stringSet("on"),
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
	chests, sent := watchedTable[chest](t)
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
			key := attributes{"id": textValue(name)}
			deleteRaw(t, chests.Name(), key)
			sent.take()
			u, requests := c.update(chests.Update(dynamapper.Key(name))), []string{"UpdateItem"}
			if idempotent {
				u, requests = u.Idempotent(), []string{"TransactWriteItems"}
			}
			item, err := u.Run(t.Context())
			require.ErrorIs(t, err, c.want, name)
			require.Equal(t, c.want == nil, getRaw(t, chests.Name(), key) != nil, name)
			if c.want == nil {
				require.Equal(t, getRaw(t, chests.Name(), key), chests.Snapshot(item))
				if idempotent {
					requests = append(requests, "GetItem")
				}
			} else {
				require.Nil(t, item)
				requireConditionError(t, err, chests.Name(), dynamapper.Key(name), nil)
			}
			require.Equal(t, requests, sent.take(), name)
		}
	}
}

func TestUpdateRefusedByItsCondition(t *testing.T) {
	t.Parallel()
	players := tableOf[player](t)
	putRaw(t, players.Name(), storedPlayer("waldo"))
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
	require.Equal(t, storedPlayer("waldo"), getRaw(t, players.Name(), playerKey("waldo")))
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
	table := tableOf[T](t)
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
	before := getRaw(t, table.Name(), accountKey)
	_, err = table.Update(dynamapper.Key("one")).SetIfAbsent("name", "").Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, before, getRaw(t, table.Name(), accountKey),
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
	table := tableOf[counted](t)
	for name, idempotent := range map[string]bool{"one": false, "two": true} {
		made, err := table.Update(dynamapper.Key(name)).Add("balance", 0).Run(t.Context())
		require.NoError(t, err)
		errs := inParallel(func(int) error {
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
		require.Equal(t, writers*each, load(t, table, name).Balance)
		require.Equal(t, made.Version+writers*each, load(t, table, name).Version)
	}
}

// Responses are lost and other writers add meanwhile. With Idempotent, each update is applied
// exactly once and its caller knows it; without it, every unknown outcome is reported.
func TestUpdatesWithLostResponses(t *testing.T) {
	t.Parallel()
	const each = 5
	for name, idempotent := range map[string]bool{"plain": false, "idempotent": true} {
		t.Run(name, func(t *testing.T) {
			faulty, good, line, _ := faultyTable[counted](t)
			loseTwoOfFive(line, "UpdateItem")
			loseTwoOfFive(line, "TransactWriteItems")
			made, err := good.Update(dynamapper.Key("one")).Add("balance", 0).Run(t.Context())
			require.NoError(t, err)
			unknown := make([]int, writers)
			errs := inParallel(func(writer int) error {
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
			applied := load(t, good, "one").Balance - 1000*each*writers
			require.LessOrEqual(t, applied, each*writers)
			require.LessOrEqual(t, each*writers-doubts, applied)
			require.Equal(t, idempotent, doubts == 0)
			require.Equal(t, made.Version+applied+each*writers, load(t, good, "one").Version)
		})
	}
}

// If the field cannot hold what another program stored, the update is applied nevertheless, and the
// error names the item and the attribute.
func TestUpdateGivesAnItemThatCannotBeRead(t *testing.T) {
	t.Parallel()
	chests := tableOf[chest](t)
	putRaw(t, chests.Name(), attributes{"id": textValue("one"), "small": numberValue("255")})
	for i, u := range []chestUpdate{chests.Update(dynamapper.Key("one")).Add("small", 1),
		chests.Update(dynamapper.Key("one")).Add("small", 1).Idempotent()} {
		_, err := u.Run(t.Context())
		var wrong *dynamapper.FieldError
		require.ErrorAs(t, err, &wrong)
		require.Equal(t, "small", wrong.Attribute)
		require.Equal(t, dynamapper.Key("one"), wrong.Key)
		require.Equal(t, numberValue(fmt.Sprint(256+i)),
			getRaw(t, chests.Name(), attributes{"id": textValue("one")})["small"])
	}
}
