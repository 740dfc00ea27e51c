package maps

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// shelf declares the table that the tests open by its name.
type shelf struct {
	dynamapper.Model `dynamo:"shelves"`
	Size             int    `dynamo:"size,hash"`
	Sum              []byte `dynamo:"sum,range"`
	Owner            string `dynamo:"owner" index:"by-owner,hash"`
	Rank             int    `dynamo:"rank,omitempty" index:"by-owner,range" localIndex:"by-rank,range,keys_only"`
	Shop             string `dynamo:"shop" index:"by-shop,hash,include=color"`
	Color            string `dynamo:"color"`
}

// itemTable returns a table of items that has the given one, and its requests.
func itemTable(t *testing.T, stored ...attributes) (*dynamapper.Table[dynamapper.Item], *fixtures.Requests) {
	t.Helper()
	fixtures.SteadyEngine(t)
	noted := &fixtures.Requests{}
	m := fixtures.Mapper(t, dynamapper.WithObserver(noted.Observe))
	shelves := fixtures.TableIn[shelf](t, m)
	fixtures.PutRaw(t, shelves.Name(), stored...)
	noted.Take()
	items, err := dynamapper.ItemTable(t.Context(), m, "shelves")
	require.NoError(t, err)
	require.Equal(t, []string{"DescribeTable"}, noted.Take())
	require.Equal(t, shelves.Name(), items.Name())
	require.NoError(t, items.Verify(t.Context()))
	noted.Take()
	return items, noted
}

func shelfItem(sum byte, more attributes) attributes {
	item := attributes{"size": number("7"),
		"sum": &types.AttributeValueMemberB{Value: []byte{sum}}}
	for name, value := range more {
		item[name] = value
	}
	return item
}

func shelfKey(sum byte) dynamapper.PrimaryKey { return dynamapper.Key(7, []byte{sum}) }

func TestItemsOfAnyTable(t *testing.T) {
	t.Parallel()
	want := allTypes(shelfItem(1, nil))
	items, noted := itemTable(t, want)
	ctx := t.Context()
	item, err := items.Get(ctx, shelfKey(1), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, json.Number("7"), item.Attributes["size"])
	require.Equal(t, []byte{1}, item.Attributes["sum"])
	require.Len(t, item.Attributes, len(want))
	require.Equal(t, []string{"GetItem"}, noted.Take())
	require.Equal(t, want, items.Snapshot(item))

	require.NoError(t, items.Save(ctx, item, dynamapper.ChangedOnly()))
	require.Empty(t, noted.Take())
	require.NoError(t, items.Save(ctx, item, dynamapper.FailOnConflict()))
	require.Equal(t, want, fixtures.GetRaw(t, items.Name(), shelfItem(1, nil)))

	item.Attributes["owner"] = "waldo"
	item.Attributes["n"] = 3
	delete(item.Attributes, "ss")
	require.NoError(t, items.Save(ctx, item, dynamapper.FailOnConflict()))
	want["owner"], want["n"] = text("waldo"), number("3")
	delete(want, "ss")
	require.Equal(t, want, fixtures.GetRaw(t, items.Name(), shelfItem(1, nil)))

	other := allTypes(shelfItem(1, nil))
	fixtures.PutRaw(t, items.Name(), other)
	item.Attributes["n"] = 4
	require.ErrorIs(t, items.Save(ctx, item, dynamapper.FailOnConflict()), dynamapper.ErrConflict)
	require.ErrorIs(t, items.Delete(ctx, item, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
	require.NoError(t, items.Delete(ctx, item))
	_, err = items.Get(ctx, shelfKey(1))
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
}

func TestKeysOfItems(t *testing.T) {
	t.Parallel()
	items, noted := itemTable(t, shelfItem(1, attributes{"x": text("a")}))
	ctx := t.Context()
	item, err := items.Get(ctx, shelfKey(1))
	require.NoError(t, err)
	noted.Take()

	key := items.KeyOf(item)
	require.Equal(t, json.Number("7"), key.Hash())
	require.Equal(t, []byte{1}, key.Range())
	again, err := items.Get(ctx, key)
	require.NoError(t, err)
	require.Equal(t, item.Attributes, again.Attributes)
	noted.Take()

	for _, one := range []struct {
		attribute string
		value     any
		want      string
	}{
		{"size", "7", `key of type N, and the value is of type S; give a number`},
		{"sum", "text", `key of type B, and the value is of type S; give bytes`},
		{"owner", 5, `key of type S, and the value is of type N; give a string`},
		{"size", nil, `key of type N, and the value is of type NULL`},
	} {
		wrong := &dynamapper.Item{Attributes: object{"size": 1, "sum": []byte{1}}}
		wrong.Attributes[one.attribute] = one.value
		require.ErrorContains(t, items.Save(ctx, wrong), one.want)
		require.ErrorContains(t, items.Save(ctx, wrong), `Attributes["`+one.attribute+`"]`)
	}
	require.ErrorContains(t, items.Save(ctx, &dynamapper.Item{}), `the hash key "size" is empty`)
	require.ErrorContains(t,
		items.Save(ctx, &dynamapper.Item{Attributes: object{"size": 1}}), `the range key "sum"`)
	delete(item.Attributes, "sum")
	require.ErrorContains(t, items.Save(ctx, item), `the range key "sum"`)
	for _, key := range []dynamapper.PrimaryKey{
		dynamapper.Key(7), dynamapper.Key("7", []byte{1}), dynamapper.Key(7, "x"),
		dynamapper.Key(nil, []byte{1}), dynamapper.Key(7, []byte{}),
	} {
		_, err := items.Get(ctx, key)
		require.Error(t, err)
		require.NotErrorIs(t, err, dynamapper.ErrNotFound)
	}
	require.Empty(t, noted.Take(), "wrong input is refused before a request")

	again.Attributes["sum"] = []byte{9}
	require.ErrorContains(t, items.Save(ctx, again, dynamapper.FailOnConflict()),
		"its key was edited since (sum)")
	require.NoError(t, items.Save(ctx, again))
	found, err := items.Scan().Consistent().Collect(ctx)
	require.NoError(t, err)
	require.Len(t, found, 2, "a save at another key leaves the item at the first key")
	_, err = items.Update(shelfKey(1)).Set("size", 8).Run(ctx)
	require.ErrorContains(t, err, "is a key of the table")
}

func TestReadsOfItems(t *testing.T) {
	t.Parallel()
	items, _ := itemTable(t,
		shelfItem(1, attributes{"owner": text("waldo"), "rank": number("1"), "x": number("1")}),
		shelfItem(2, attributes{"owner": text("waldo"), "rank": number("2"), "x": text("a")}),
		shelfItem(3, attributes{"shop": text("s"), "color": text("red"), "x": text("b")}))
	ctx := t.Context()
	found, err := items.Query("waldo").Index("by-owner").Range(dynamapper.GE(2)).Collect(ctx)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, "a", found[0].Attributes["x"])
	found, err = items.Query(7).Index("by-rank").Reverse().Collect(ctx)
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Equal(t,
		object{"size": json.Number("7"), "sum": []byte{2}, "rank": json.Number("2")},
		found[0].Attributes, "the index projects keys alone")
	found[0].Attributes["rank"] = 5
	require.NoError(t, items.Save(ctx, found[0], dynamapper.ChangedOnly()))
	found, err = items.Query("s").Index("by-shop").Collect(ctx)
	require.NoError(t, err)
	require.Equal(t, object{"size": json.Number("7"), "sum": []byte{3}, "shop": "s", "color": "red"},
		found[0].Attributes)
	_, err = items.Query("waldo").Collect(ctx)
	require.ErrorContains(t, err, `hash key "size"`)
	_, err = items.Query("waldo").Index("by-nobody").Collect(ctx)
	require.ErrorContains(t, err, "by-nobody")

	var sums []any
	for cursor := ""; ; {
		page, err := items.Query(7).Limit(1).From(cursor).Page(ctx)
		require.NoError(t, err)
		for _, item := range page.Items {
			sums = append(sums, item.Attributes["sum"])
		}
		if cursor = page.Cursor; cursor == "" {
			break
		}
	}
	require.Equal(t, []any{[]byte{1}, []byte{2}, []byte{3}}, sums)
	some, err := items.BatchGet(ctx,
		[]dynamapper.PrimaryKey{shelfKey(1), shelfKey(3), shelfKey(4)})
	require.NoError(t, err)
	require.Len(t, some, 2)
	found, err = items.Scan().Where(dynamapper.Attr("x", dynamapper.EQ("b"))).Collect(ctx)
	require.NoError(t, err)
	require.Len(t, found, 1)
}

func TestWritesOfItemsTogether(t *testing.T) {
	t.Parallel()
	items, _ := itemTable(t, shelfItem(1, attributes{"x": number("1")}))
	ctx := t.Context()
	one := &dynamapper.Item{Attributes: object{"size": 7, "sum": []byte{2}, "x": 2}}
	two := items.New(func(i *dynamapper.Item) {
		i.Attributes["size"], i.Attributes["sum"] = 7, []byte{3}
	})
	require.NoError(t, items.BatchSave(ctx, []*dynamapper.Item{one, two}))
	require.False(t, items.IsNew(one))
	require.NoError(t, items.DeleteItems(ctx, []*dynamapper.Item{two}))
	item, err := items.Get(ctx, shelfKey(2), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, json.Number("2"), item.Attributes["x"])
	item.Attributes["x"] = 3
	require.NoError(t, items.Save(ctx, item, dynamapper.Idempotent()))
	old, err := items.Take(ctx, shelfKey(2))
	require.NoError(t, err)
	require.Equal(t, json.Number("3"), old.Attributes["x"])
}

func TestItemsInATransaction(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	m := fixtures.Mapper(t)
	shelves := fixtures.TableIn[shelf](t, m)
	ctx := t.Context()
	items, err := dynamapper.ItemTable(ctx, m, "shelves", dynamapper.Defaults(
		dynamapper.FailOnConflict()))
	require.NoError(t, err)
	require.NoError(t, m.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		in := items.In(tx)
		if err := in.Put(&dynamapper.Item{
			Attributes: object{"size": 7, "sum": []byte{1}, "color": "red"}}); err != nil {
			return err
		}
		return shelves.In(tx).Save(&shelf{Size: 7, Sum: []byte{2}})
	}))
	read := shelves.Fetch(shelfKey(1))
	same := items.Fetch(shelfKey(1))
	require.NoError(t, m.TransactGet(ctx, same))
	require.NoError(t, m.BatchGet(ctx, read))
	require.Equal(t, "red", read.Item.Color)
	require.Equal(t, "red", same.Item.Attributes["color"])
	_, err = items.Modify(ctx, shelfKey(1), func(*dynamapper.Item) error { return nil })
	require.ErrorContains(t, err, "version")
}

func TestItemTableErrors(t *testing.T) {
	t.Parallel()
	noted := &fixtures.Requests{}
	m := fixtures.Mapper(t, dynamapper.WithObserver(noted.Observe))
	ctx := t.Context()
	_, err := dynamapper.ItemTable(ctx, m, "missing")
	var missing *types.ResourceNotFoundException
	require.ErrorAs(t, err, &missing)
	require.ErrorContains(t, err, "ItemTable")
	require.ErrorContains(t, err, "-missing")
	require.Equal(t, []string{"DescribeTable"}, noted.Take())

	for name, want := range map[string]string{
		"": "the name of the table is empty", "no table!": "is not one that DynamoDB takes",
		"arn:aws:dynamodb": "is not the ARN of a table",
	} {
		_, err := dynamapper.ItemTable(ctx, m, name)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "ItemTable")
	}
	_, err = dynamapper.ItemTable(ctx, m, "items", dynamapper.WithTableName("others"))
	require.ErrorContains(t, err, "given twice")
	_, err = dynamapper.ItemTable(ctx, m, "items", dynamapper.HideExpired())
	require.ErrorContains(t, err, "HideExpired")
	_, err = dynamapper.ItemTable(ctx, nil, "items")
	require.ErrorContains(t, err, "the mapper is nil")
	//lint:ignore SA1012 the call refuses it
	_, err = dynamapper.ItemTable(nil, m, "items") //nolint:staticcheck // the call refuses it
	require.ErrorContains(t, err, "the context is nil")
	_, err = dynamapper.TableOf[dynamapper.Item](m, dynamapper.WithTableName("items"))
	require.ErrorIs(t, err, dynamapper.ErrSchema)
	require.ErrorContains(t, err, "use ItemTable")
	require.Empty(t, noted.Take())
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = dynamapper.ItemTable(canceled, m, "items")
	require.ErrorIs(t, err, context.Canceled)
}

// plain is a client that ignores the options of a call, as AWS's client of DAX does.
type plain struct{ *dynamodb.Client }

func (c plain) DescribeTable(
	ctx context.Context, in *dynamodb.DescribeTableInput, _ ...func(*dynamodb.Options),
) (*dynamodb.DescribeTableOutput, error) {
	return c.Client.DescribeTable(ctx, in)
}

func (c plain) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	return c.Client.GetItem(ctx, in)
}

func (c plain) PutItem(
	ctx context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.PutItemOutput, error) {
	return c.Client.PutItem(ctx, in)
}

func TestItemsWithAnotherClient(t *testing.T) {
	t.Parallel()
	shelves := fixtures.TableOf[shelf](t)
	fixtures.PutRaw(t, shelves.Name(), allTypes(shelfItem(1, nil)))
	client := dynamodb.NewFromConfig(dynamotest.Run(t).Config())
	m, err := dynamapper.New(plain{client})
	require.NoError(t, err)
	items, err := dynamapper.ItemTable(t.Context(), m, shelves.Name())
	require.NoError(t, err)
	item, err := items.Get(t.Context(), shelfKey(1), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, allTypes(shelfItem(1, nil)), items.Snapshot(item))
	item.Attributes["s"] = "edited"
	require.NoError(t, items.Save(t.Context(), item))
	want := allTypes(shelfItem(1, nil))
	want["s"] = text("edited")
	require.Equal(t, want, fixtures.GetRaw(t, shelves.Name(), shelfItem(1, nil)))
}

// Two tables of items share the Go type, and not the schema.
func TestTablesOfItemsAreIndependent(t *testing.T) {
	t.Parallel()
	m := fixtures.Mapper(t)
	fixtures.TableIn[shelf](t, m)
	fixtures.TableIn[row](t, m)
	shelves, err := dynamapper.ItemTable(t.Context(), m, "shelves")
	require.NoError(t, err)
	rows, err := dynamapper.ItemTable(t.Context(), m, "rows")
	require.NoError(t, err)
	_, err = rows.Query("x").Index("by-owner").Collect(t.Context())
	require.ErrorContains(t, err, "by-owner")
	_, err = shelves.Query("x").Index("by-owner").Collect(t.Context())
	require.NoError(t, err)
}

func TestLostResponsesOfItems(t *testing.T) {
	t.Parallel()
	_, good, line, sent := fixtures.FaultyTable[shelf](t)
	m, err := dynamapper.Connect(t.Context(),
		dynamapper.WithConfig(fixtures.LineConfig(t, line)), dynamapper.WithObserver(sent.Observe))
	require.NoError(t, err)
	line.On("DescribeTable", 1, dynamotest.Lose())
	items, err := dynamapper.ItemTable(t.Context(), m, good.Name())
	require.NoError(t, err, "a lost description is asked for again")
	require.Equal(t, []string{"DescribeTable"}, sent.Take())

	fixtures.PutRaw(t, good.Name(), shelfItem(1, attributes{"x": number("1")}))
	item, err := items.Get(t.Context(), shelfKey(1), dynamapper.Consistent())
	require.NoError(t, err)
	item.Attributes["x"] = 2
	line.Each("UpdateItem", fixtures.Always(dynamotest.Lose()))
	fixtures.RequireDoubt(t,
		items.Save(t.Context(), item, dynamapper.FailOnConflict(), dynamapper.ChangedOnly()))
	require.Equal(t, number("1"), items.Snapshot(item)["x"], "the item is as before the save")
}

// In a place of any type, the values of AddToSet and RemoveFromSet say which set it is.
func TestSetsOfItems(t *testing.T) {
	t.Parallel()
	items, _ := itemTable(t, shelfItem(1, attributes{"doc": &types.AttributeValueMemberM{Value: attributes{
		"tags": &types.AttributeValueMemberSS{Value: []string{"a"}}}}}))
	ctx := t.Context()
	update := func() *dynamapper.Update[dynamapper.Item] { return items.Update(shelfKey(1)) }
	_, err := update().AddToSet("s", "b", "a", "b").AddToSet("n", 1, json.Number("1.0"), 2).
		AddToSet("b", []byte("x")).AddToSet("doc.tags", "b").Run(ctx)
	require.NoError(t, err)
	_, err = update().AddToSet("s", &types.AttributeValueMemberSS{Value: []string{"c", "d"}}, "e").
		RemoveFromSet("n", 2).RemoveFromSet("b", []byte("y")).RemoveFromSet("doc.tags", "a").Run(ctx)
	require.NoError(t, err)
	stored := fixtures.GetRaw(t, items.Name(), shelfItem(1, nil))
	require.ElementsMatch(t, []string{"a", "b", "c", "d", "e"},
		stored["s"].(*types.AttributeValueMemberSS).Value)
	require.Equal(t, &types.AttributeValueMemberNS{Value: []string{"1"}}, stored["n"])
	require.Equal(t, &types.AttributeValueMemberBS{Value: [][]byte{[]byte("x")}}, stored["b"])
	require.Equal(t, &types.AttributeValueMemberM{Value: attributes{
		"tags": &types.AttributeValueMemberSS{Value: []string{"b"}}}}, stored["doc"])

	for _, wrong := range []struct {
		values []any
		says   string
	}{
		{[]any{"a", 1}, "members for sets of the types SS and NS are given"},
		{[]any{[]string{"a"}}, "a value of type []string is given, which is no member of a set"},
		{[]any{true}, "a value of type bool is given"},
		{[]any{nil}, "a member is nil"},
		{[]any{dynamapper.Ref("s")}, "DynamoDB's sets take values only"},
	} {
		_, err := update().AddToSet("s", wrong.values...).Run(ctx)
		require.ErrorContains(t, err, wrong.says)
	}
}
