package dynamapper

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/internal/wire"
)

// requireSameRead requires that our body of a read equals the body that the SDK makes of its input.
func requireSameRead(
	t *testing.T, body func() ([]byte, error), call func(context.Context, *dynamodb.Client) error,
) {
	t.Helper()
	got, err := body()
	require.NoError(t, err)
	require.JSONEq(t, serialized(t, call), string(got))
	require.LessOrEqual(t, cap(got), 4*len(got)+4*bodySize)
}

// A request is the same whether we write it or the SDK.
func TestBodiesOfReads(t *testing.T) {
	t.Parallel()
	quoted, numbered := tableOf[bodiedToken](t), tableOf[bodied](t)
	placed := tableOf[bodiedPlace](t)
	numbered.untyped.mapper.observers = []func(context.Context, Operation){nil} // ask for the capacity
	for name, options := range map[string][]ReadOption{
		"plain": nil, "consistent": {Consistent()}, "selected": {Select("name", "gold")},
	} {
		settings, err := settingsOf(options, ReadOption.setRead)
		require.NoError(t, err)
		read, err := numbered.untyped.schema.projection(settings)
		require.NoError(t, err)
		key, err := numbered.untyped.schema.encodeKey(Key("a\"\u2028é", -1))
		require.NoError(t, err)
		get := &getRequest{table: &numbered.untyped, key: key, projection: read}
		t.Run(name, func(t *testing.T) {
			requireSameRead(t, get.body, func(ctx context.Context, c *dynamodb.Client) error {
				_, err := c.GetItem(ctx, get.makeInput())
				return err
			})
		})
		keys := make([]PrimaryKey, 0, 250)
		for i := range 125 {
			keys = append(keys, Key("a\"", i), Key("a\"", float64(i)))
		}
		wanted, err := numbered.untyped.makeBatchKeys(keys)
		require.NoError(t, err)
		require.Len(t, wanted.parts, 2)
		require.Len(t, wanted.parts[1].attributes(), 25)
		for i := range wanted.parts {
			batch := &batchGetRequest{numbered.untyped.mapper, "", []batchGetPart{
				{numbered.untyped.name, wanted.part(i).keys, read},
				{quoted.untyped.name, `{"id":{"S":"é"}}`, read}}}
			requireSameRead(t, batch.body, func(ctx context.Context, c *dynamodb.Client) error {
				_, err := c.BatchGetItem(ctx, batch.makeInput())
				return err
			})
		}
		together := &transactGetRequest{mapper: numbered.untyped.mapper, gets: []transactGet{
			{numbered.untyped.name, numbered.untyped.schema, key, read},
			{quoted.untyped.name, quoted.untyped.schema, itemKey{hash: wire.Raw(inS("a\"é"))},
				projection{}}}}
		t.Run("together, "+name, func(t *testing.T) {
			requireSameRead(t, together.body, func(ctx context.Context, c *dynamodb.Client) error {
				_, err := c.TransactGetItems(ctx, together.makeInput())
				return err
			})
		})
	}
	start, err := numbered.untyped.schema.encodeKey(Key("\\", 7))
	require.NoError(t, err)
	limit := int32(3)
	for i, at := range []pageRequest{{}, {numbered.untyped.schema.keyAttributes(start), &limit}} {
		where := []Condition{Attr("na\"me", In("x", "\"<>"))}
		for j, q := range []*query{
			numbered.Query("a").Range(GT(2)).Reverse().Consistent().run(),
			quoted.Query("é").Where(where...).Select("na\"me").run(),
			placed.Query("é", 2).Index("by-place").RangeParts(EQ(-1), GE("\\")).Reverse().run(),
		} {
			plan, err := q.plan(giveItems)
			require.NoError(t, err)
			t.Run(fmt.Sprint("query", i, j), func(t *testing.T) {
				requireSameRead(t, func() ([]byte, error) { return q.body(plan, at) },
					func(ctx context.Context, c *dynamodb.Client) error {
						_, err := c.Query(ctx, q.makeInput(plan, at))
						return err
					})
			})
		}
		for j, s := range []*scan{
			numbered.Scan().Consistent().Where(Attr("gold", GT(1))).run(),
			quoted.Scan().Segment(1, 4).Where(where...).Select("na\"me").run(),
		} {
			plan, err := s.plan(giveCount)
			require.NoError(t, err)
			t.Run(fmt.Sprint("scan", i, j), func(t *testing.T) {
				requireSameRead(t, func() ([]byte, error) { return s.body(plan, s.segment, at) },
					func(ctx context.Context, c *dynamodb.Client) error {
						_, err := c.Scan(ctx, s.makeInput(plan, s.segment, at))
						return err
					})
			})
		}
	}
}

// Unprocessed keys are sent again as the service spelt them.
func TestUnprocessedKeysAsTexts(t *testing.T) {
	t.Parallel()
	const text = `{"id":{"S":"a\"b"},"rank":{"N":"1.0"}},{"id":{"S":""},"rank":{"N":"2"}}`
	keys := keyList(text).attributes()
	require.Len(t, keys, 2)
	again, err := makeKeyList(keys)
	require.NoError(t, err)
	require.JSONEq(t, "["+text+"]", "["+string(again)+"]")
	_, err = makeKeyList(append(keys, map[string]types.AttributeValue{"id": nil}))
	require.Error(t, err)
}

// bodyCatcher is an HTTP client that keeps the body of each request and answers with nothing.
type bodyCatcher struct{ bodies []string }

func (c *bodyCatcher) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	c.bodies = append(c.bodies, string(body))
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{},
		Body: io.NopCloser(strings.NewReader("{}"))}, err
}

// serialized returns the body that the SDK sends for the request of a call.
func serialized(t *testing.T, call func(context.Context, *dynamodb.Client) error) string {
	t.Helper()
	catcher := &bodyCatcher{}
	client := dynamodb.New(dynamodb.Options{Region: "eu-west-1", HTTPClient: catcher,
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")})
	require.NoError(t, call(t.Context(), client))
	require.Len(t, catcher.bodies, 1)
	return catcher.bodies[0]
}

// requireSameBody requires that our body of a write equals the body that the SDK makes of its
// input.
func requireSameBody(t *testing.T, p *writePlan, name string) {
	t.Helper()
	form, err := p.form()
	require.NoError(t, err, name)
	table := "a table's \"name\""
	for _, capacity := range []types.ReturnConsumedCapacity{"", types.ReturnConsumedCapacityTotal} {
		want := serialized(t, func(ctx context.Context, client *dynamodb.Client) (err error) {
			switch p.request {
			case putItem:
				in := p.makePutInput(&table, &form, capacity)
				_, err = client.PutItem(ctx, in)
			case updateItem:
				in := p.makeUpdateInput(&table, &form, capacity)
				_, err = client.UpdateItem(ctx, in)
			default:
				in := p.makeDeleteInput(&table, &form, capacity)
				_, err = client.DeleteItem(ctx, in)
			}
			return err
		})
		got, err := p.writeBody(table, &form, capacity)
		require.NoError(t, err, name)
		require.JSONEq(t, want, string(got), name)
		require.LessOrEqual(t, cap(got), 4*len(got)+2*bodySize, name)
	}
}

type bodiedPlace struct {
	Model `dynamo:"places"`
	ID    string `dynamo:"id,hash"`
	City  string `dynamo:"city" index:"by-place,hash=1,keys_only"`
	Rank  int    `dynamo:"rank" index:"by-place,range=1"`
	Zone  int    `dynamo:"zone" index:"by-place,hash=2"`
	Name  string `dynamo:"name" index:"by-place,range=2"`
}

type bodied struct {
	Model   `dynamo:"bodied"`
	ID      string         `dynamo:"id,hash"`
	Rank    int            `dynamo:"rank,range"`
	Name    string         `dynamo:"name"`
	Gold    int            `dynamo:"gold"`
	Tags    []string       `dynamo:"tags,set"`
	Lines   []int          `dynamo:"lines,document"`
	Map     map[string]int `dynamo:"map,document"`
	Version int64          `dynamo:"version,version"`
}

type bodiedToken struct {
	Model   `dynamo:"bodied"`
	ID      string `dynamo:"id,hash"`
	Name    string `dynamo:"na\"me"`
	Version string `dynamo:"version,version"`
}

// bodyPlans returns a plan of each kind, by a name.
func bodyPlans(t *testing.T) map[string]*writePlan {
	t.Helper()
	numbered, random := tableOf[bodied](t), tableOf[bodiedToken](t)
	plans := map[string]*writePlan{}
	save := func(name string, table *table, item anyItem, settings writeSettings) {
		s, err := table.prepareSave("Save", item, settings)
		require.NoError(t, err, name)
		plans["save "+name] = s.plan
	}
	isRich := []Condition{Attr("gold", GT(1)), Attr("name", In("a", "\u2028\"<"))}
	for i, settings := range []writeSettings{
		{}, {failOnConflict: true}, {changedOnly: true}, {mustExist: true},
		{failOnConflict: true, changedOnly: true},
	} {
		for _, conditions := range [][]Condition{nil, isRich} {
			name := fmt.Sprint(i, len(conditions))
			settings.conditions = conditions
			save("new "+name, &numbered.untyped,
				&bodied{ID: "a\"b", Rank: 1, Tags: []string{"x", "y"}, Lines: []int{1, 2}}, settings)
			loaded, err := numbered.UnmarshalItemJSON([]byte(`{"id":{"S":"é"},"rank":{"N":"1.0"},` +
				`"gold":{"N":"5"},"name":{"S":"n"},"version":{"N":"1700000000000000"},` +
				`"other":{"M":{"k":{"B":"AAEC"}}}}`))
			require.NoError(t, err)
			plans["delete "+name], err = numbered.untyped.planDelete("Delete", loaded, settings)
			require.NoError(t, err)
			loaded.Name, loaded.Gold, loaded.Tags = "", 6, []string{"z"}
			save("loaded "+name, &numbered.untyped, loaded, settings)
			settings.conditions = nil
			token, err := random.UnmarshalItemJSON([]byte(`{"id":{"S":"1"},"version":{"S":"v"}}`))
			require.NoError(t, err)
			token.Name = "edited"
			save("token "+name, &random.untyped, token, settings)
			old, err := random.UnmarshalItemJSON([]byte(`{"id":{"S":"1"},"na\"me":{"S":"v"}}`))
			require.NoError(t, err)
			old.Name = "edited"
			save("without version "+name, &random.untyped, old, settings)
		}
	}
	update, err := numbered.Update(Key("a", 1)).Set("name", "x").Add("gold", -2).
		Append("lines", 3, 4).AddToSet("tags", "a", "b").Add("map.x", 1).Remove("map.y").
		If(isRich...).untyped.plan()
	require.NoError(t, err)
	plans["update"] = update
	update, err = random.Update(Key("1")).Remove("na\"me").MustExist().untyped.plan()
	require.NoError(t, err)
	plans["update that removes"] = update
	key, err := numbered.untyped.schema.encodeKey(Key("a", 1))
	require.NoError(t, err)
	check := planOptions{op: "Check", schema: numbered.untyped.schema,
		settings: writeSettings{conditions: isRich}}.planCheck(key)
	plans["check"] = &check
	count := planOptions{op: "Save", schema: numbered.untyped.schema}.planCount(3)
	count.key = key
	plans["count"] = &count
	plain := planOptions{op: "DeleteKey", schema: numbered.untyped.schema}.planDelete(key)
	plans["delete key"] = &plain
	plans["take"], err = numbered.untyped.planTake(Key("a", 1), writeSettings{conditions: isRich})
	require.NoError(t, err)
	replacing, err := random.untyped.prepareSave("Replace", &bodiedToken{ID: "1", Name: "x"},
		writeSettings{})
	require.NoError(t, err)
	replacing.plan.returnOld()
	plans["replace"] = replacing.plan
	return plans
}

// A request is the same whether we write it or the SDK.
func TestBodiesOfWrites(t *testing.T) {
	t.Parallel()
	for name, p := range bodyPlans(t) {
		requireSameBody(t, p, name)
	}
}

// The legacy parameters of wide items, too.
func TestBodiesOfWideItems(t *testing.T) {
	t.Parallel()
	table := tableOf[bodiedToken](t)
	text := `{"id":{"S":"1"}`
	for i := range 400 {
		text += fmt.Sprintf(`,"attribute%d":{"N":"%d"}`, i, i)
	}
	item, err := table.UnmarshalItemJSON([]byte(text + `}`))
	require.NoError(t, err)
	item.Name = "edited"
	deleted, err := table.untyped.planDelete("Delete", item, writeSettings{failOnConflict: true})
	require.NoError(t, err)
	s, err := table.untyped.prepareSave("Save", item, writeSettings{failOnConflict: true})
	require.NoError(t, err)
	for _, p := range []*writePlan{s.plan, deleted} {
		form, err := p.form()
		require.NoError(t, err)
		require.True(t, form.legacy)
		requireSameBody(t, p, p.op)
	}
}

func TestBodiesOfTransactionsAndBatches(t *testing.T) {
	t.Parallel()
	var operations []operation
	kinds := map[string]bool{}
	var part []*batchedWrite
	for _, p := range bodyPlans(t) {
		form, err := p.form()
		require.NoError(t, err)
		o := operation{"a \"table\"", p, form}
		kinds[o.kind()] = true
		operations = append(operations, o)
		if p.request != updateItem {
			for _, name := range []string{"t", "a \"table\""} {
				part = append(part, &batchedWrite{table: &table{name: name}, plan: p})
			}
		}
	}
	require.Len(t, kinds, 4)
	m := &Mapper{observers: []func(context.Context, Operation){nil}}
	c := &commitment{mapper: m, token: "t\"oken"}
	want := serialized(t, func(ctx context.Context, client *dynamodb.Client) error {
		_, err := client.TransactWriteItems(ctx, c.makeInput(operations))
		return err
	})
	got, err := transactBody(operations, c.token, m.capacity())
	require.NoError(t, err)
	require.JSONEq(t, want, string(got))

	want = serialized(t, func(ctx context.Context, client *dynamodb.Client) error {
		_, err := client.BatchWriteItem(ctx, makeBatchInput(part, m.capacity()))
		return err
	})
	got, err = batchBody(part, m.capacity())
	require.NoError(t, err)
	require.JSONEq(t, want, string(got))
}

// A request holds at most 25 writes and the service's limit of bytes. A larger write is sent alone.
func TestSplitBatch(t *testing.T) {
	t.Parallel()
	sized := func(sizes ...int) []*batchedWrite {
		writes := make([]*batchedWrite, len(sizes))
		for i, size := range sizes {
			writes[i] = &batchedWrite{table: new(table), size: size}
		}
		return writes
	}
	const most = maxBatchBytes
	for _, c := range []struct {
		writes []*batchedWrite
		want   []int
	}{
		{nil, nil},
		{sized(0), []int{1}},
		{sized(make([]int, 25)...), []int{25}},
		{sized(make([]int, 51)...), []int{25, 25, 1}},
		{sized(most-1, 1, 1, most), []int{2, 1, 1}},
		{sized(most+1, most+1, 1), []int{1, 1, 1}},
	} {
		var got []int
		for _, part := range splitBatch(c.writes) {
			got = append(got, len(part))
		}
		require.Equal(t, c.want, got)
	}
}
