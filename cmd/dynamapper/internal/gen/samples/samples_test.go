package samples

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/cmd/dynamapper/internal/gen"
	"github.com/dynamapper/dynamapper/cmd/dynamapper/internal/gen/internal/cases"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/engine"
)

type attributes = map[string]types.AttributeValue

// models maps the cases to tests of their models. Each test returns how many items it has read.
var models = map[string][]func(*testing.T, *live) int{
	"productcatalog": {check[ProductCatalog]},
	"forum":          {check[Forum]},
	"thread":         {check[Thread]},
	"reply":          {check[Reply]},
	"sessions":       {check[TestSession]},
	"leaderboards":   {check[LiveScore]},
	"game":           {check[Player], check[Match], check[Thing]},
	"heroes":         {check[Hero]},
	"campaigns":      {check[Campaign]},
	"blobs":          {check[BlobsV2]},
	"readings":       {check[Reading]},
	"places":         {check[Place]},
}

// live is a table that was made from the description of a case, and holds its items.
type live struct {
	table  *gen.Table
	client *dynamodb.Client
	mapper *dynamapper.Mapper
	items  []attributes
}

// makeLive makes the table of a case on the engine of the test.
func makeLive(t *testing.T, c cases.Case) *live {
	t.Helper()
	dynamotest.RunEngine(t, engine.WithSeed(0))
	tables, err := c.Tables("../testdata")
	require.NoError(t, err)
	l := &live{table: tables[0], mapper: dynamotest.Mapper(t),
		client: dynamodb.NewFromConfig(dynamotest.Run(t).Config())}
	l.items, err = c.Items("../testdata")
	require.NoError(t, err)
	_, err = l.client.CreateTable(t.Context(), cases.CreateInput(l.table))
	require.NoError(t, err)
	if l.table.TTL != "" {
		_, err = l.client.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
			TableName: &l.table.Name, TimeToLiveSpecification: &types.TimeToLiveSpecification{
				AttributeName: &l.table.TTL, Enabled: aws.Bool(true)}})
		require.NoError(t, err)
	}
	for _, item := range l.items {
		_, err = l.client.PutItem(t.Context(),
			&dynamodb.PutItemInput{TableName: &l.table.Name, Item: item})
		require.NoError(t, err)
	}
	return l
}

// stored returns all items, by their keys.
func (l *live) stored(t *testing.T) map[string]attributes {
	t.Helper()
	page, err := l.client.Scan(t.Context(),
		&dynamodb.ScanInput{TableName: &l.table.Name, ConsistentRead: aws.Bool(true)})
	require.NoError(t, err)
	items := map[string]attributes{}
	for _, item := range page.Items {
		items[l.keyOf(item)] = item
	}
	return items
}

func (l *live) keyOf(item attributes) string {
	return strings.Join([]string{textOf(item[l.table.Hash]), textOf(item[l.table.Range])}, " ")
}

func textOf(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	case *types.AttributeValueMemberB:
		return string(v.Value)
	}
	return ""
}

// The code of every case compiles, as it is this package. Its models fit the tables that the
// descriptions make, and read and save every item without changing it.
func TestModels(t *testing.T) {
	t.Parallel()
	for _, c := range cases.All {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			l := makeLive(t, c)
			read := 0
			for _, check := range models[c.Name] {
				read += check(t, l)
			}
			expected := slices.DeleteFunc(l.items, func(item attributes) bool {
				return item["__max_hash_key__"] != nil
			})
			assert.Equal(t, len(expected), read)
		})
	}
}

// check verifies a model, loads and saves its items, and saves them again as new ones.
func check[T dynamapper.IsModel](t *testing.T, l *live) int {
	t.Helper()
	table, err := dynamapper.TableOf[T](l.mapper)
	require.NoError(t, err)
	require.NoError(t, table.Verify(t.Context()))
	before := l.stored(t)
	items, err := table.Scan().Consistent().Collect(t.Context())
	require.NoError(t, err)
	for _, item := range items {
		require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
	}
	require.Equal(t, before, l.stored(t))
	for _, item := range items {
		require.NoError(t, table.DeleteKey(t.Context(), table.KeyOf(item)))
		reflect.ValueOf(item).Elem().FieldByName("Model").SetZero() // forget what was loaded
		require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
	}
	after := l.stored(t)
	for key, item := range before {
		assert.Equal(t, comparable(item), comparable(after[key]))
	}
	return len(items)
}

// comparable returns an item without what no field can hold or what is missing if it is empty, and
// without the spelling of JSON.
func comparable(item attributes) attributes {
	copied := attributes{}
	for name, value := range item {
		_, isNull := value.(*types.AttributeValueMemberNULL)
		switch {
		case isNull, name == "-", name == "a,b", textOf(value) == "[]":
			continue
		case isJSON(value):
			value = &types.AttributeValueMemberS{Value: respell(textOf(value))}
		}
		copied[name] = value
	}
	return copied
}

func isJSON(value types.AttributeValue) bool {
	text := textOf(value)
	return len(text) > 1 && (text[0] == '{' || text[0] == '[') && json.Valid([]byte(text))
}

// respell returns JSON as encoding/json writes it.
func respell(text string) string {
	var value any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil {
		return text
	}
	spelled, _ := json.Marshal(value) // cannot fail: it is JSON
	return string(spelled)
}

// A model that is made from a live table and its items is that from the description and the file.
func TestReadLive(t *testing.T) {
	t.Parallel()
	for _, c := range cases.All {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			l := makeLive(t, c)
			table, err := gen.ReadLive(t.Context(), l.client, l.table.Name, 200)
			require.NoError(t, err)
			got, err := gen.Generate("samples", []*gen.Table{table})
			require.NoError(t, err)
			want, err := os.ReadFile(c.Name + "_test.go")
			require.NoError(t, err)
			assert.Equal(t, string(want), string(got))
		})
	}
}
