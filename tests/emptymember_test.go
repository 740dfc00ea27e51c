package tests

import (
	"net/netip"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// satchel has sets of every kind whose members may be empty.
type satchel struct {
	dynamapper.Model `dynamo:"satchels"`
	ID               string               `dynamo:"id,hash"`
	Name             string               `dynamo:"name"`
	Texts            []string             `dynamo:"texts,set"`
	Names            map[string]bool      `dynamo:"names,set"`
	Addrs            []netip.Addr         `dynamo:"addrs,set"`
	Blobs            [][]byte             `dynamo:"blobs,set"`
	Doc              pouch                `dynamo:"doc,document"`
	Raw              types.AttributeValue `dynamo:"raw"`
}

type pouch struct {
	Texts []string `dynamo:"texts,set"`
}

func textSet(members ...string) types.AttributeValue {
	return &types.AttributeValueMemberSS{Value: members}
}

func bytesSet(members ...[]byte) types.AttributeValue {
	return &types.AttributeValueMemberBS{Value: members}
}

// satchelSets returns the sets of a satchel, each with an empty member.
func satchelSets() fixtures.Attributes {
	return fixtures.Attributes{
		"texts": textSet("", "a"), "names": textSet("", "a"), "addrs": textSet("", "::1"),
		"blobs": bytesSet([]byte{}, []byte{1}),
		"doc":   &types.AttributeValueMemberM{Value: fixtures.Attributes{"texts": textSet("")}},
		"raw":   bytesSet([]byte{}),
	}
}

func putSatchel(t *testing.T, table *dynamapper.Table[satchel]) {
	t.Helper()
	item := satchelSets()
	item["id"], item["name"] = fixtures.Text("1"), fixtures.Text("old")
	fixtures.PutRaw(t, table.Name(), item)
}

// requireSets requires that the stored sets are as they were put, except those given.
func requireSets(t *testing.T, table *dynamapper.Table[satchel], edited fixtures.Attributes) {
	t.Helper()
	got := fixtures.GetRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text("1")})
	want := satchelSets()
	want["id"], want["name"] = fixtures.Text("1"), got["name"]
	for name, value := range edited {
		want[name] = value
	}
	requireSameValues(t, want, got)
}

// An item whose sets have empty members is saved, deleted and compared like any other item.
func TestSetsWithEmptyMembersAreSaved(t *testing.T) {
	t.Parallel()
	table, ctx := fixtures.TableOf[satchel](t), t.Context()
	putSatchel(t, table)
	for _, opts := range [][]dynamapper.SaveOption{
		nil, {dynamapper.FailOnConflict()}, {dynamapper.ChangedOnly()},
		{dynamapper.FailOnConflict(), dynamapper.Idempotent()},
	} {
		item := fixtures.Load(t, table, "1")
		require.ElementsMatch(t, []string{"", "a"}, item.Texts)
		item.Name += "!"
		require.NoError(t, table.Save(ctx, item, opts...))
		requireSets(t, table, nil)
	}
	item := fixtures.Load(t, table, "1")
	item.Texts, item.Names = append(item.Texts, "b"), map[string]bool{"": true}
	// nil is the empty member, which a set holds once
	item.Blobs = append(item.Blobs, nil, []byte{})
	item.Addrs, item.Doc.Texts = []netip.Addr{{}}, []string{"", ""}
	item.Raw = bytesSet(nil, []byte{2})
	require.NoError(t, table.Save(ctx, item, dynamapper.FailOnConflict()))
	edited := fixtures.Attributes{
		"texts": textSet("", "a", "b"), "names": textSet(""), "addrs": textSet(""),
		"raw": bytesSet([]byte{}, []byte{2}),
	}
	requireSets(t, table, edited)
	fixtures.SetRaw(
		t,
		table.Name(),
		fixtures.Attributes{"id": fixtures.Text("1")},
		"names",
		textSet("", "b"),
	)
	require.ErrorIs(t, table.Save(ctx, item, dynamapper.FailOnConflict()), dynamapper.ErrConflict)
	require.NoError(t, table.Delete(ctx, fixtures.Load(t, table, "1"), dynamapper.FailOnConflict()))
	require.Nil(t, fixtures.GetRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text("1")}))
}

// AddToSet and RemoveFromSet accept the empty member, alone and among others.
func TestEmptyMembersAreAddedAndRemoved(t *testing.T) {
	t.Parallel()
	table, ctx := fixtures.TableOf[satchel](t), t.Context()
	putSatchel(t, table)
	update := func() *dynamapper.Update[satchel] { return table.Update(dynamapper.Key("1")) }
	removed, err := update().RemoveFromSet("texts", "").RemoveFromSet("names",
		map[string]bool{"": true}).
		RemoveFromSet("addrs", netip.Addr{}).RemoveFromSet("blobs", []byte(nil)).Run(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{"a"}, removed.Texts)
	require.Equal(t, [][]byte{{1}}, removed.Blobs)
	requireSets(t, table, fixtures.Attributes{
		"texts": textSet("a"), "names": textSet("a"), "addrs": textSet("::1"),
		"blobs": bytesSet([]byte{1}),
	})
	_, err = update().AddToSet("texts", []string{"", "b"}).AddToSet("names", "").AddToSet("addrs",
		"").
		AddToSet("blobs", []byte{}).AddToSet("doc.texts", "", "c").Run(ctx)
	require.NoError(t, err)
	requireSets(t, table, fixtures.Attributes{
		"texts": textSet("", "a", "b"),
		"doc": &types.AttributeValueMemberM{
			Value: fixtures.Attributes{"texts": textSet("", "c")},
		},
	})
	_, err = update().AddToSet("texts", nil).Run(ctx)
	require.ErrorContains(t, err, "a member is nil")
}

// Conditions find the empty member and distinguish a set that has it from a missing set.
func TestConditionsOnEmptyMembers(t *testing.T) {
	t.Parallel()
	table, ctx := fixtures.TableOf[satchel](t), t.Context()
	putSatchel(t, table)
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{
			"id":    fixtures.Text("2"),
			"texts": textSet("a"),
			"blobs": bytesSet([]byte{1}),
		},
		fixtures.Attributes{"id": fixtures.Text("3")},
	)
	for name, c := range map[string]struct {
		condition dynamapper.Condition
		want      []string
	}{
		"texts":      {dynamapper.Attr("texts", dynamapper.Contains("")), []string{"1"}},
		"a map":      {dynamapper.Attr("names", dynamapper.Contains("")), []string{"1"}},
		"addresses":  {dynamapper.Attr("addrs", dynamapper.Contains(netip.Addr{})), []string{"1"}},
		"bytes":      {dynamapper.Attr("blobs", dynamapper.Contains([]byte{})), []string{"1"}},
		"a document": {dynamapper.Attr("doc.texts", dynamapper.Contains("")), []string{"1"}},
		"not":        {dynamapper.Attr("texts", dynamapper.NotContains("")), []string{"2", "3"}},
		"the set":    {dynamapper.Attr("texts", dynamapper.EQ([]string{"a", ""})), []string{"1"}},
		"another set": {dynamapper.Attr("texts", dynamapper.NE([]string{""})),
			[]string{"1", "2", "3"}},
		"one of": {dynamapper.Attr("doc.texts", dynamapper.In([]string{""}, []string{"x"})),
			[]string{"1"}},
		"empty":  {dynamapper.Attr("texts", dynamapper.EQ([]string{})), []string{"3"}},
		"a size": {dynamapper.Attr("texts", dynamapper.Size(dynamapper.EQ(2))), []string{"1"}},
	} {
		items, err := table.Scan().Consistent().Where(c.condition).Collect(ctx)
		require.NoError(t, err, name)
		ids := []string{}
		for _, item := range items {
			ids = append(ids, item.ID)
		}
		require.ElementsMatch(t, c.want, ids, name)
	}
}
