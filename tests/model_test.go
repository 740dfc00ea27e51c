package tests

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

var errHook = errors.New("the hook refused")

// defaulted has defaults in its tags and an InitItem hook.
type defaulted struct {
	dynamapper.Model `dynamo:"defaulted"`
	ID               string `dynamo:"id,hash"`
	Level            int    `dynamo:"level,default=3"`
	Title            string `dynamo:"title,default=Dr"`
	seen             int
}

func (d *defaulted) InitItem() { d.seen, d.Title = d.Level, d.Title+"." }

// InitItem runs after the defaults of the tags and before the caller's functions, and never when an
// item is loaded.
func TestInitItem(t *testing.T) {
	t.Parallel()
	table := fixtures.OfflineTable[defaulted](t)
	item := table.New(func(d *defaulted) { d.ID = d.Title })
	require.Equal(t, &defaulted{ID: "Dr.", Level: 3, Title: "Dr.", seen: 3}, item)
	loaded, err := table.UnmarshalItem(map[string]types.AttributeValue{"id": fixtures.Text("1")})
	require.NoError(t, err)
	require.Zero(t, loaded.Level)
	require.Zero(t, loaded.Title)
	require.NoError(t,
		dynamapper.DecodeItem(map[string]types.AttributeValue{"id": fixtures.Text("1")},
			loaded))
	require.Zero(t, loaded.Level)
}

// custom stores its words as one attribute and uses the codec for the others.
type custom struct {
	dynamapper.Model `dynamo:"custom"`
	ID               string   `dynamo:"id,hash"`
	Count            int8     `dynamo:"count"`
	Words            []string `dynamo:"-"`
}

func (c *custom) MarshalItem() (map[string]types.AttributeValue, error) {
	if len(c.Words) == 0 {
		return nil, errHook
	}
	raw, err := dynamapper.EncodeItem(c)
	if err == nil {
		raw["words"] = fixtures.Text(strings.Join(c.Words, " "))
	}
	return raw, err
}

func (c *custom) UnmarshalItem(raw map[string]types.AttributeValue) error {
	words, ok := raw["words"].(*types.AttributeValueMemberS)
	if !ok {
		return errHook
	}
	c.Words = strings.Fields(words.Value)
	return dynamapper.DecodeItem(raw, c)
}

// MarshalItem and UnmarshalItem replace the codec, and can call it for the other attributes.
func TestMarshalItemHook(t *testing.T) {
	t.Parallel()
	table := fixtures.OfflineTable[custom](t)
	raw, err := table.MarshalItem(&custom{ID: "1", Count: 2, Words: []string{"a", "b"}})
	require.NoError(t, err)
	require.Equal(t,
		map[string]types.AttributeValue{"id": fixtures.Text("1"),
			"count": &types.AttributeValueMemberN{Value: "2"}, "words": fixtures.Text("a b")}, raw)

	loaded, err := table.UnmarshalItem(raw)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b"}, loaded.Words)
	require.Equal(t, int8(2), loaded.Count)
	require.Equal(t, raw, table.Snapshot(loaded))
}

// MarshalItem returns the whole item: attributes that it omits are dropped, and unedited ones keep
// their spelling.
func TestMarshalItemHookIsTheWholeItem(t *testing.T) {
	t.Parallel()
	got := rewrite[custom](t,
		`{"id":{"S":"1"},"count":{"N":"1E1"},"words":{"S":"a   b"},"other":{"S":"x"}}`, nil)
	require.Equal(t,
		map[string]string{"id": `{"S":"1"}`, "count": `{"N":"1E1"}`, "words": `{"S":"a   b"}`}, got)
	got = rewrite(t, `{"id":{"S":"1"},"count":{"N":"1E1"},"words":{"S":"a   b"}}`,
		func(c *custom) { c.Words = append(c.Words, "c") })
	require.Equal(t,
		map[string]string{"id": `{"S":"1"}`, "count": `{"N":"1E1"}`, "words": `{"S":"a b c"}`}, got)
}

func TestMarshalItemHookErrors(t *testing.T) {
	t.Parallel()
	table := fixtures.OfflineTable[custom](t)
	_, err := table.MarshalItem(&custom{ID: "1"})
	require.ErrorIs(t, err, errHook)
	_, err = table.UnmarshalItem(map[string]types.AttributeValue{"id": fixtures.Text("1")})
	require.ErrorIs(t, err, errHook)
	placed := new(dynamapper.FieldError)
	require.ErrorAs(t, err, &placed)
	require.Equal(t, "custom", placed.Field)
	require.Equal(t, dynamapper.Key("1"), placed.Key)

	_, err = table.UnmarshalItem(
		map[string]types.AttributeValue{"id": fixtures.Text("1"), "words": fixtures.Text("a"),
			"count": &types.AttributeValueMemberN{Value: "300"}})
	require.ErrorAs(t, err, &placed)
	require.Equal(t, "UnmarshalItem", placed.Op)
	require.Equal(t, "custom.Count", placed.Field, "the path of DecodeItem appears once")
	require.Equal(t, "count", placed.Attribute)

	_, err = table.MarshalItem(&custom{ID: "1", Words: []string{"\xff"}})
	require.ErrorContains(t, err, "not valid UTF-8")
	require.ErrorAs(t, err, &placed)
	require.Equal(t, "words", placed.Attribute)
}

// outer has a hook that decodes another model.
type outer struct {
	dynamapper.Model `dynamo:"outer"`
	ID               string `dynamo:"id,hash"`
	inner            custom
}

func (o *outer) UnmarshalItem(raw map[string]types.AttributeValue) error {
	if err := dynamapper.DecodeItem(raw, o); err != nil {
		return err
	}
	return dynamapper.DecodeItem(raw, &o.inner)
}

// If a hook decodes another model, the error of that model is wrapped unchanged.
func TestHookDecodesAnotherModel(t *testing.T) {
	t.Parallel()
	_, err := fixtures.OfflineTable[outer](t).
		UnmarshalItem(
			map[string]types.AttributeValue{"id": fixtures.Text("1"), "count": fixtures.Text("x")})
	placed := new(dynamapper.FieldError)
	require.ErrorAs(t, err, &placed)
	require.Equal(t, "outer", placed.Field)
	require.ErrorAs(t, placed.Err, &placed)
	require.Equal(t, "custom.Count", placed.Field)
}

// migratedItem renames an attribute, adds one and drops one.
type migratedItem struct {
	dynamapper.Model `dynamo:"migratedItem"`
	ID               string `dynamo:"id,hash"`
	Name             string `dynamo:"name"`
	Level            int    `dynamo:"level"`
}

func (m *migratedItem) MigrateItem(raw map[string]types.AttributeValue) error {
	if raw["broken"] != nil {
		return fmt.Errorf("migrate: %w", errHook)
	}
	if old, ok := raw["oldName"]; ok {
		raw["name"] = old
		raw["level"] = &types.AttributeValueMemberN{Value: "1"}
		delete(raw, "oldName")
		delete(raw, "junk")
	}
	return nil
}

// MigrateItem receives a copy of the attributes before the codec decodes them. The snapshot stays
// as the item is stored, and a save removes the attributes that the hook deleted.
func TestMigrateItem(t *testing.T) {
	t.Parallel()
	table := fixtures.OfflineTable[migratedItem](t)
	raw := map[string]types.AttributeValue{"id": fixtures.Text("1"), "oldName": fixtures.Text("x"),
		"junk": fixtures.Text("j"), "other": fixtures.Text("o")}
	item, err := table.UnmarshalItem(raw)
	require.NoError(t, err)
	require.Equal(t, "x", item.Name)
	require.Equal(t, 1, item.Level)
	require.Len(t, raw, 4, "the caller's map is unchanged")
	require.Equal(t, raw, table.Snapshot(item))

	written, err := table.MarshalItem(item)
	require.NoError(t, err)
	require.Equal(t,
		map[string]types.AttributeValue{"id": fixtures.Text("1"), "name": fixtures.Text("x"),
			"other": fixtures.Text("o"),
			"level": &types.AttributeValueMemberN{Value: "1"}}, written)

	_, err = table.UnmarshalItem(
		map[string]types.AttributeValue{"id": fixtures.Text("1"), "broken": fixtures.Text("")})
	require.ErrorIs(t, err, errHook)
	plain := new(migratedItem)
	require.NoError(t,
		dynamapper.DecodeItem(map[string]types.AttributeValue{"oldName": fixtures.Text("x")},
			plain),
		"no hook is called")
	require.Empty(t, plain.Name)
}

// The codec returns errors for nil items and does not panic.
func TestNilItemsOfTheCodec(t *testing.T) {
	t.Parallel()
	table := fixtures.OfflineTable[custom](t)
	_, err := table.MarshalItem(nil)
	require.ErrorContains(t, err, "the item is nil")
	_, err = dynamapper.EncodeItem[custom](nil)
	require.ErrorContains(t, err, "the item is nil")
	require.ErrorContains(t, dynamapper.DecodeItem[custom](nil, nil), "the item is nil")
	_, err = dynamapper.EncodeItem(new(int))
	require.ErrorIs(t, err, dynamapper.ErrSchema)
	require.ErrorIs(t, dynamapper.DecodeItem(nil, new(int)), dynamapper.ErrSchema)
	require.NoError(t, dynamapper.DecodeItem(nil, &keptItem{}))
	_, err = fixtures.OfflineTable[keptItem](t).UnmarshalItem(nil)
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	item, err := fixtures.OfflineTable[keptItem](t).UnmarshalItem(map[string]types.AttributeValue{})
	require.NoError(t, err)
	require.NotNil(t, item)
}
