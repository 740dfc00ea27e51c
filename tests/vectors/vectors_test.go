// Package vectors holds the tests of vector indexes and of Nearest.
package vectors

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/engine"
)

// game is what players may like. Its indexes compare in each way, with and without selection.
type game struct {
	dynamapper.Model `dynamo:"games"`
	ID               int       `dynamo:"id,hash"`
	Name             string    `dynamo:"name"`
	Genre            string    `dynamo:"genre" vector:"in-genre,hash"`
	Players          int       `dynamo:"players" vector:"in-genre,filter;by-angle,filter"`
	Taste            []float32 `dynamo:"taste" vector:"in-genre,euclidean,dimensions=3;by-angle,cosine,dimensions=3;by-product,dot,dimensions=3,include=name"`
	Version          int       `dynamo:"version,version"`
}

// requests records what a mapper sends.
type requests struct {
	mu   sync.Mutex
	sent []dynamapper.Operation
}

func (r *requests) observe(_ context.Context, operation dynamapper.Operation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent = append(r.sent, operation)
}

func (r *requests) take() []dynamapper.Operation {
	r.mu.Lock()
	defer r.mu.Unlock()
	sent := r.sent
	r.sent = nil
	return sent
}

// steady gives the test an engine that makes no random choices.
func steady(t *testing.T) *dynamotest.Server {
	t.Helper()
	return dynamotest.RunEngine(t, engine.WithSeed(0))
}

func tableOf[T dynamapper.IsModel](
	t *testing.T, opts ...dynamapper.Option,
) *dynamapper.Table[T] {
	t.Helper()
	steady(t)
	table, err := dynamapper.TableOf[T](dynamotest.Mapper(t, opts...))
	require.NoError(t, err)
	require.NoError(t, table.CreateTable(t.Context(), dynamapper.WaitActive()))
	return table
}

func games(t *testing.T, opts ...dynamapper.Option) *dynamapper.Table[game] {
	t.Helper()
	table := tableOf[game](t, opts...)
	for _, g := range []*game{
		{ID: 1, Name: "chess", Genre: "board", Players: 2, Taste: []float32{1, 0, 0}},
		{ID: 2, Name: "go", Genre: "board", Players: 2, Taste: []float32{0.9, 0.1, 0}},
		{ID: 3, Name: "poker", Genre: "card", Players: 6, Taste: []float32{0, 1, 0}},
		{ID: 4, Name: "solitaire", Genre: "card", Players: 1, Taste: []float32{-1, 0, 0}},
		{ID: 5, Name: "new", Genre: "board"},
	} {
		require.NoError(t, table.Save(t.Context(), g))
	}
	return table
}

func names[T any](neighbors []dynamapper.Neighbor[T], name func(*T) string) []string {
	found := make([]string, len(neighbors))
	for i, n := range neighbors {
		found[i] = name(n.Item)
	}
	return found
}

func nameOf(g *game) string { return g.Name }

func TestNearestByEachDistance(t *testing.T) {
	t.Parallel()
	noted := &requests{}
	table := games(t, dynamapper.WithObserver(noted.observe))
	noted.take()
	to := []float32{1, 0, 0}

	found, err := table.Nearest(to).Index("by-angle").Top(3).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"chess", "go", "poker"}, names(found, nameOf))
	require.Zero(t, found[0].Score)
	require.InDelta(t, 1, found[2].Score, 1e-6)
	sent := noted.take()
	require.Len(t, sent, 1)
	require.Equal(t, "SearchVectors", sent[0].Name)
	require.Equal(t, 3, sent[0].Items)
	require.Equal(t, 1024.0, sent[0].VectorBytes, "at least a kilobyte")
	require.Zero(t, sent[0].ReadUnits)

	found, err = table.Nearest(to).Index("in-genre").
		Where(dynamapper.Attr("genre", dynamapper.EQ("card"))).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"poker", "solitaire"}, names(found, nameOf))
	require.InDelta(t, math.Sqrt2, found[0].Score, 1e-6)

	found, err = table.Nearest(to).Index("by-product").Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"chess", "go", "poker", "solitaire"}, names(found, nameOf))
	require.Equal(t, -1.0, found[3].Score, "the greater, the nearer")

	var all []string
	for n, err := range table.Nearest(to).Index("by-angle").All(t.Context()) {
		require.NoError(t, err)
		all = append(all, n.Item.Name)
		if len(all) == 2 {
			break
		}
	}
	require.Equal(t, []string{"chess", "go"}, all)
}

func TestNearestSelects(t *testing.T) {
	t.Parallel()
	table := games(t)
	search := func(conditions ...dynamapper.Condition) ([]string, error) {
		found, err := table.Nearest([]float32{1, 0, 0}).Index("in-genre").Where(conditions...).
			Collect(t.Context())
		return names(found, nameOf), err
	}
	board := dynamapper.Attr("genre", dynamapper.EQ("board"))
	found, err := search(board)
	require.NoError(t, err)
	require.Equal(t, []string{"chess", "go"}, found, "an item without a vector is not in the index")
	card := dynamapper.Attr("genre", dynamapper.EQ("card"))
	found, err = search(dynamapper.And(card, dynamapper.Attr("players", dynamapper.EQ(6))))
	require.NoError(t, err)
	require.Equal(t, []string{"poker"}, found)
	two := dynamapper.Attr("players", dynamapper.EQ(2))
	neighbors, err := table.Nearest([]float32{1, 0, 0}).Index("by-angle").Where(two).
		Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, neighbors, 2)

	_, err = search(card, dynamapper.Attr("players", dynamapper.GT(1)))
	require.ErrorContains(t, err, "Invalid comparator used in SearchConditionExpression",
		"the service decides about other comparisons")
}

// Errors that the schema shows come before any request.
func TestNearestThatIsWrong(t *testing.T) {
	t.Parallel()
	noted := &requests{}
	table := games(t, dynamapper.WithObserver(noted.observe))
	noted.take()
	one := []float32{1, 0, 0}
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	hash := dynamapper.Attr("genre", dynamapper.EQ("board"))
	for problem, q := range map[string]*dynamapper.Search[game]{
		"name one with Index":                    table.Nearest(one),
		`did you mean "by-angle"?`:               table.Nearest(one).Index("by-angel"),
		"declare it with the tag vector":         table.Nearest(one).Index("x"),
		"2 dimensions, and the index \"by-angle": table.Nearest(one[:2]).Index("by-angle"),
		"0 dimensions":                           table.Nearest(nil).Index("by-angle"),
		"the element NaN at 1":                   table.Nearest([]float32{1, nan, 0}).Index("by-angle"),
		"the element -Inf at 2":                  table.Nearest([]float32{1, 0, inf}).Index("by-angle"),
		"Top is 0":                               table.Nearest(one).Index("by-angle").Top(0),
		"Top is 101":                             table.Nearest(one).Index("by-angle").Top(101),
		`hash attribute "genre"`:                 table.Nearest(one).Index("in-genre"),
		"keep one EQ":                            table.Nearest(one).Index("in-genre").Where(hash, hash),
		"takes one EQ on it": table.Nearest(one).Index("in-genre").
			Where(dynamapper.Attr("genre", dynamapper.BeginsWith("b"))),
		"the value is empty": table.Nearest(one).Index("in-genre").
			Where(dynamapper.Attr("genre", dynamapper.EQ(""))),
		"does not select by the attribute": table.Nearest(one).Index("by-angle").
			Where(dynamapper.Attr("name", dynamapper.EQ("go"))),
		"has no attribute": table.Nearest(one).Index("by-angle").
			Where(dynamapper.Attr("nam", dynamapper.EQ("go"))),
		`does not have the attribute "genre"`: table.Nearest(one).Index("by-product").Select("genre"),
		"a condition is empty":                table.Nearest(one).Index("by-angle").Where(dynamapper.Condition{}),
	} {
		_, err := q.Collect(t.Context())
		require.ErrorContains(t, err, problem)
		require.ErrorContains(t, err, `"games"`, "%v", err)
		for _, err := range q.All(t.Context()) {
			require.ErrorContains(t, err, problem)
		}
	}
	_, err := table.Query(1).Index("by-angle").Collect(t.Context())
	require.ErrorContains(t, err, "search it with Nearest")
	var noContext context.Context
	_, err = table.Nearest(one).Index("by-angle").Collect(noContext)
	require.ErrorContains(t, err, "the context is nil")
	require.Empty(t, noted.take())

	var none *dynamapper.Table[game]
	_, err = none.Nearest(one).Collect(t.Context())
	require.ErrorContains(t, err, "the table is nil or empty")
	var search *dynamapper.Search[game]
	_, err = search.Index("x").Where().Select().Top(1).Collect(t.Context())
	require.ErrorContains(t, err, "the table is nil or empty")
}

func TestItemsOfASearchArePartial(t *testing.T) {
	t.Parallel()
	table := games(t)
	found, err := table.Nearest([]float32{1, 0, 0}).Index("by-angle").Top(1).Collect(t.Context())
	require.NoError(t, err)
	item := found[0].Item
	require.Nil(t, item.Taste, "the service leaves the vector out")
	require.ErrorIs(t, table.Save(t.Context(), item), dynamapper.ErrPartial)
	item.Name = "xiangqi"
	require.NoError(t, table.Save(t.Context(), item, dynamapper.ChangedOnly()))
	stored, err := table.Get(t.Context(), dynamapper.Key(1))
	require.NoError(t, err)
	require.Equal(t, []float32{1, 0, 0}, stored.Taste)
	require.Equal(t, "xiangqi", stored.Name)

	found, err = table.Nearest([]float32{1, 0, 0}).Index("by-angle").Top(1).Select("taste").
		Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []float32{1, 0, 0}, found[0].Item.Taste)
	require.Empty(t, found[0].Item.Name)
	item = found[0].Item
	require.NoError(t, table.Save(t.Context(), item, dynamapper.ChangedOnly(),
		dynamapper.FailOnConflict()), "the index spells the numbers in another way")

	found, err = table.Nearest([]float32{1, 0, 0}).Index("by-product").Top(1).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, "xiangqi", found[0].Item.Name)
	require.Empty(t, found[0].Item.Genre, "the index does not project it")
}

func TestVectorsAreValidated(t *testing.T) {
	t.Parallel()
	noted := &requests{}
	table := tableOf[game](t, dynamapper.WithObserver(noted.observe))
	noted.take()
	for problem, vector := range map[string][]float32{
		"the vector has 2 dimensions, and the tag says 3": {1, 2},
		"the vector has 4 dimensions, and the tag says 3": {1, 2, 3, 4},
		"NaN": {1, float32(math.NaN()), 3},
	} {
		err := table.Save(t.Context(), &game{ID: 1, Taste: vector})
		require.ErrorContains(t, err, problem)
		field := &dynamapper.FieldError{}
		require.ErrorAs(t, err, &field)
		_, err = table.Update(dynamapper.Key(1)).Set("taste", vector).Run(t.Context())
		require.ErrorContains(t, err, problem)
	}
	_, err := table.Update(dynamapper.Key(1)).Append("taste", float32(1)).Run(t.Context())
	require.ErrorContains(t, err, "always 3 dimensions; use Set")
	require.Empty(t, noted.take(), "nothing was sent")

	require.NoError(t, table.Save(t.Context(), &game{ID: 1, Taste: []float32{}}))
	item, err := table.Get(t.Context(), dynamapper.Key(1))
	require.NoError(t, err)
	require.Nil(t, item.Taste, "an empty vector is a missing attribute")
	_, err = table.Update(dynamapper.Key(1)).Set("taste", []float32{1, 2, 3}).Run(t.Context())
	require.NoError(t, err)
}

// The text of a float32 round trips, so vectors are edited only if they were.
func TestVectorsRoundTrip(t *testing.T) {
	t.Parallel()
	noted := &requests{}
	table := tableOf[game](t, dynamapper.WithObserver(noted.observe))
	vector := []float32{0.1, math.SmallestNonzeroFloat32, math.MaxFloat32}
	require.NoError(t, table.Save(t.Context(), &game{ID: 1, Taste: vector}))
	first, err := table.Get(t.Context(), dynamapper.Key(1))
	require.NoError(t, err)
	require.Equal(t, vector, first.Taste)
	second, err := table.Get(t.Context(), dynamapper.Key(1))
	require.NoError(t, err)
	first.Taste[0] = 1.0 / 3
	require.NoError(t, table.Save(t.Context(), first, dynamapper.ChangedOnly(),
		dynamapper.FailOnConflict()))
	second.Taste[1] = 5
	require.ErrorIs(t, table.Save(t.Context(), second, dynamapper.ChangedOnly(),
		dynamapper.FailOnConflict()), dynamapper.ErrConflict)
	third, err := table.Get(t.Context(), dynamapper.Key(1))
	require.NoError(t, err)
	require.Equal(t, float32(1.0)/3, third.Taste[0])
}

// A table without a version compares the vector itself.
func TestVectorsInConflicts(t *testing.T) {
	t.Parallel()
	type note struct {
		dynamapper.Model `dynamo:"notes"`
		ID               string    `dynamo:"id,hash"`
		Text             string    `dynamo:"text"`
		V                []float32 `dynamo:"v" vector:"by-v,cosine,dimensions=2"`
	}
	table := tableOf[note](t)
	require.NoError(t, table.Save(t.Context(), &note{ID: "a", V: []float32{0.1, 0.2}}))
	one, err := table.Get(t.Context(), dynamapper.Key("a"))
	require.NoError(t, err)
	two, err := table.Get(t.Context(), dynamapper.Key("a"))
	require.NoError(t, err)
	one.V = []float32{0.2, 0.1}
	require.NoError(t, table.Save(t.Context(), one, dynamapper.FailOnConflict()))
	two.Text = "x"
	err = table.Save(t.Context(), two, dynamapper.FailOnConflict())
	require.ErrorIs(t, err, dynamapper.ErrConflict)
	one.Text = "y"
	require.NoError(t, table.Save(t.Context(), one, dynamapper.FailOnConflict()))
}

// embedding is of the size of a common embedding model.
const dimensions = 384

type embedding struct {
	dynamapper.Model `dynamo:"embeddings"`
	ID               int       `dynamo:"id,hash"`
	Topic            string    `dynamo:"topic" vector:"in-topic,hash"`
	Kind             string    `dynamo:"kind" vector:"in-topic,filter;by-cosine,filter"`
	V                []float32 `dynamo:"v" vector:"by-cosine,cosine,dimensions=384;by-distance,euclidean,dimensions=384,keys_only;by-dot,dot,dimensions=384,keys_only;in-topic,cosine,dimensions=384,keys_only"`
}

// Nearest among 10,000 vectors of 384 dimensions finds what a search of all of them finds.
func TestNearestOfManyVectors(t *testing.T) {
	t.Parallel()
	const items = 10_000
	table := tableOf[embedding](t)
	r := rand.New(rand.NewPCG(1, 2))
	all := make([]*embedding, items)
	for i := range all {
		all[i] = &embedding{ID: i, Topic: strconv.Itoa(i % 3), Kind: string(rune('a' + i%2)),
			V: randomVector(r)}
	}
	require.NoError(t, table.BatchSave(t.Context(), all))
	to := randomVector(r)
	eq := func(attribute, value string) dynamapper.Condition {
		return dynamapper.Attr(attribute, dynamapper.EQ(value))
	}
	for _, c := range []struct {
		index      string
		distance   func(a, b []float32) float64
		conditions []dynamapper.Condition
		is         func(*embedding) bool
	}{
		{"by-cosine", cosine, nil, nil},
		{"by-distance", euclidean, nil, nil},
		{"by-dot", dot, nil, nil},
		{"by-cosine", cosine, []dynamapper.Condition{eq("kind", "b")},
			func(e *embedding) bool { return e.Kind == "b" }},
		{"in-topic", cosine, []dynamapper.Condition{eq("topic", "1")},
			func(e *embedding) bool { return e.Topic == "1" }},
		{"in-topic", cosine, []dynamapper.Condition{eq("topic", "2"), eq("kind", "a")},
			func(e *embedding) bool { return e.Topic == "2" && e.Kind == "a" }},
	} {
		const top = 25
		found, err := table.Nearest(to).Index(c.index).Where(c.conditions...).Top(top).
			Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, found, top)
		want := slices.DeleteFunc(slices.Clone(all),
			func(e *embedding) bool { return c.is != nil && !c.is(e) })
		scores := make([]float64, items) // by ID
		for _, e := range want {
			scores[e.ID] = c.distance(to, e.V)
		}
		slices.SortFunc(want, func(a, b *embedding) int {
			order := cmp.Compare(scores[a.ID], scores[b.ID])
			if c.index == "by-dot" {
				return -order
			}
			return order
		})
		for i, n := range found {
			require.Equal(t, want[i].ID, n.Item.ID, "%s %d", c.index, i)
			require.InEpsilon(t, scores[want[i].ID], n.Score, 1e-6)
		}
	}
}

func randomVector(r *rand.Rand) []float32 {
	v := make([]float32, dimensions)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

func dot(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}

func cosine(a, b []float32) float64 { return 1 - dot(a, b)/math.Sqrt(dot(a, a))/math.Sqrt(dot(b, b)) }

func euclidean(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sum += d * d
	}
	return math.Sqrt(sum)
}

func TestNearestOfALaggingIndex(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC)
	dynamotest.RunEngine(t, engine.WithStaleReads(time.Minute),
		engine.WithClock(func() time.Time { return now }))
	table, err := dynamapper.TableOf[game](dynamotest.Mapper(t))
	require.NoError(t, err)
	require.NoError(t, table.CreateTable(t.Context()))
	require.NoError(t, table.Save(t.Context(), &game{ID: 1, Taste: []float32{1, 0, 0}}))
	search := table.Nearest([]float32{1, 0, 0}).Index("by-angle")
	found, err := search.Collect(t.Context())
	require.NoError(t, err)
	require.Empty(t, found)
	now = now.Add(2 * time.Minute)
	found, err = search.Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, found, 1)
}

// limited is a client without the method SearchVectors, as that of DAX is.
type limited struct{ dynamapper.Client }

// plain is a client that ignores the options of a call.
type plain struct {
	dynamapper.Client
	client *dynamodb.Client
	input  *dynamodb.SearchVectorsInput
}

func (p *plain) SearchVectors(
	ctx context.Context, in *dynamodb.SearchVectorsInput, opts ...func(*dynamodb.Options),
) (*dynamodb.SearchVectorsOutput, error) {
	options := dynamodb.Options{}
	for _, opt := range opts {
		opt(&options)
	}
	if len(options.APIOptions) > 0 {
		return nil, errors.New("this client takes no middleware")
	}
	p.input = in
	return p.client.SearchVectors(ctx, in)
}

func TestNearestWithOtherClients(t *testing.T) {
	t.Parallel()
	games(t)
	client := dynamodb.NewFromConfig(dynamotest.Run(t).Config())
	nearest := func(client dynamapper.Client) ([]dynamapper.Neighbor[game], error) {
		mapper, err := dynamapper.New(client)
		require.NoError(t, err)
		table, err := dynamapper.TableOf[game](mapper)
		require.NoError(t, err)
		return table.Nearest([]float32{1, 0.5, 0}).Index("in-genre").Select("name").Top(7).
			Where(dynamapper.Attr("genre", dynamapper.EQ("board"))).Collect(t.Context())
	}
	_, err := nearest(limited{client})
	require.ErrorContains(t, err, "has no method SearchVectors")
	p := &plain{Client: client, client: client}
	found, err := nearest(p)
	require.NoError(t, err)
	require.Equal(t, []string{"go", "chess"}, names(found, nameOf))
	require.Equal(t, &dynamodb.SearchVectorsInput{
		TableName: aws.String("games"), IndexName: aws.String("in-genre"), TopK: aws.Int32(7),
		SearchVector: []types.AttributeValue{&types.AttributeValueMemberN{Value: "1"},
			&types.AttributeValueMemberN{Value: "0.5"}, &types.AttributeValueMemberN{Value: "0"}},
		SearchConditionExpression: p.input.SearchConditionExpression,
		ProjectionExpression:      p.input.ProjectionExpression,
		ExpressionAttributeNames:  p.input.ExpressionAttributeNames,
		ExpressionAttributeValues: p.input.ExpressionAttributeValues,
	}, p.input)
	require.Equal(t, map[string]types.AttributeValue{
		":0": &types.AttributeValueMemberS{Value: "board"}}, p.input.ExpressionAttributeValues)
}

func TestSearchOfBadItems(t *testing.T) {
	t.Parallel()
	table := games(t)
	client := dynamodb.NewFromConfig(dynamotest.Run(t).Config())
	_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("games"),
		Item: map[string]types.AttributeValue{
			"id":   &types.AttributeValueMemberN{Value: "9"},
			"name": &types.AttributeValueMemberN{Value: "9"},
			"taste": &types.AttributeValueMemberL{Value: []types.AttributeValue{
				&types.AttributeValueMemberN{Value: "1"}, &types.AttributeValueMemberN{Value: "0.01"},
				&types.AttributeValueMemberN{Value: "0"}}},
		}})
	require.NoError(t, err)
	search := table.Nearest([]float32{1, 0, 0}).Index("by-angle").Top(3)
	var found []string
	bad := 0
	for n, err := range search.All(t.Context()) {
		field := &dynamapper.FieldError{}
		if errors.As(err, &field) {
			bad++
			require.Nil(t, n.Item)
			continue
		}
		require.NoError(t, err)
		found = append(found, n.Item.Name)
	}
	require.Equal(t, []string{"chess", "go"}, found)
	require.Equal(t, 1, bad)
	_, err = search.Collect(t.Context())
	require.ErrorContains(t, err, "name")
}

func TestVectorIndexesOfATable(t *testing.T) {
	t.Parallel()
	table := games(t)
	require.NoError(t, table.Verify(t.Context()))
	require.NoError(t, table.EnsureTable(t.Context()))
	err := table.CreateTable(t.Context(), dynamapper.Provisioned(1, 1))
	require.ErrorContains(t, err, "only a table with on-demand capacity")
	client := dynamodb.NewFromConfig(dynamotest.Run(t).Config())
	out, err := client.DescribeTable(t.Context(),
		&dynamodb.DescribeTableInput{TableName: aws.String("games")})
	require.NoError(t, err)
	require.Len(t, out.Table.VectorIndexes, 3)

	type other struct {
		dynamapper.Model `dynamo:"games"`
		ID               int       `dynamo:"id,hash"`
		Genre            string    `dynamo:"genre" vector:"by-angle,hash"`
		Taste            []float32 `dynamo:"taste" vector:"by-angle,dot,dimensions=4;absent,dot,dimensions=4"`
	}
	others, err := dynamapper.TableOf[other](dynamotest.Mapper(t))
	require.NoError(t, err)
	err = others.Verify(t.Context())
	require.ErrorIs(t, err, dynamapper.ErrSchema)
	require.ErrorContains(t, err, `the vector index "by-angle" is of "taste" (3, COSINE), `+
		`filter "players" (N), that of the model of "taste" (4, DOT_PRODUCT), hash "genre" (S)`)
	require.ErrorContains(t, err, `the vector index "absent" is missing: add it with PlanTables and Apply`)

	type wide struct {
		dynamapper.Model `dynamo:"games"`
		ID               int       `dynamo:"id,hash"`
		Genre            string    `dynamo:"genre"`
		Taste            []float32 `dynamo:"taste" vector:"by-product,dot,dimensions=3,include=genre"`
	}
	wides, err := dynamapper.TableOf[wide](dynamotest.Mapper(t))
	require.NoError(t, err)
	require.ErrorContains(t, wides.Verify(t.Context()),
		`the vector index "by-product" lacks the attribute "genre"`)
}

// CreateTable waits until vector indexes can be searched.
func TestCreateTableWaitsForVectorIndexes(t *testing.T) {
	t.Parallel()
	dynamotest.RunEngine(t, engine.WithSeed(0), engine.WithTableDelay(80*time.Millisecond))
	table, err := dynamapper.TableOf[game](dynamotest.Mapper(t))
	require.NoError(t, err)
	require.NoError(t, table.EnsureTable(t.Context()))
	found, err := table.Nearest([]float32{1, 0, 0}).Index("by-angle").Collect(t.Context())
	require.NoError(t, err)
	require.Empty(t, found)
}

// page and section share a table and its vector index.
type page struct {
	dynamapper.Model `dynamo:"wiki,entity=page,entityAttribute=kind"`
	PK               string    `dynamo:"pk,hash"`
	SK               string    `dynamo:"sk,range"`
	V                []float32 `dynamo:"v" vector:"by-meaning,cosine,dimensions=2"`
}

type section struct {
	dynamapper.Model `dynamo:"wiki,entity=section,entityAttribute=kind"`
	PK               string    `dynamo:"pk,hash"`
	SK               string    `dynamo:"sk,range"`
	Text             string    `dynamo:"text"`
	V                []float32 `dynamo:"v" vector:"by-meaning,cosine,dimensions=2"`
}

func TestNearestOfEntities(t *testing.T) {
	t.Parallel()
	steady(t)
	mapper := dynamotest.Mapper(t)
	pages, err := dynamapper.TableOf[page](mapper)
	require.NoError(t, err)
	sections, err := dynamapper.TableOf[section](mapper)
	require.NoError(t, err)
	wiki, err := dynamapper.NewCollection(pages, sections)
	require.NoError(t, err)
	require.NoError(t, wiki.CreateTable(t.Context(), dynamapper.WaitActive()))
	require.NoError(t, wiki.Verify(t.Context()))
	require.NoError(t, pages.Save(t.Context(), &page{PK: "a", SK: "p", V: []float32{1, 0}}))
	require.NoError(t, sections.Save(t.Context(),
		&section{PK: "a", SK: "s", Text: "x", V: []float32{1, 0.1}}))
	found, err := sections.Nearest([]float32{1, 0}).Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, found, 1, "the page is left out")
	require.Equal(t, "x", found[0].Item.Text)
	require.Positive(t, found[0].Score, "its own score")
	found, err = sections.Nearest([]float32{1, 0}).Top(1).Collect(t.Context())
	require.NoError(t, err)
	require.Empty(t, found, "the page counts")
}

// A collection searches the models that have the index, and gives each item as its own model.
func TestNearestInACollection(t *testing.T) {
	t.Parallel()
	type note struct {
		dynamapper.Model `dynamo:"wiki,entity=note,entityAttribute=kind"`
		PK               string `dynamo:"pk,hash"`
		SK               string `dynamo:"sk,range"`
	}
	steady(t)
	mapper := dynamotest.Mapper(t)
	pages, err := dynamapper.TableOf[page](mapper)
	require.NoError(t, err)
	sections, err := dynamapper.TableOf[section](mapper)
	require.NoError(t, err)
	notes, err := dynamapper.TableOf[note](mapper)
	require.NoError(t, err)
	wiki, err := dynamapper.NewCollection(notes, pages, sections)
	require.NoError(t, err)
	ctx := t.Context()
	require.NoError(t, wiki.CreateTable(ctx, dynamapper.WaitActive()))
	require.NoError(t, notes.Save(ctx, &note{PK: "a", SK: "n"}))
	require.NoError(t, pages.Save(ctx, &page{PK: "a", SK: "p", V: []float32{1, 0}}))
	require.NoError(t, sections.Save(ctx, &section{PK: "a", SK: "s", Text: "x", V: []float32{1, 1}}))

	found, err := wiki.Nearest([]float32{1, 0}).Collect(ctx)
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Equal(t, "p", found[0].Item.(*page).SK)
	require.Zero(t, found[0].Score)
	near := found[1].Item.(*section)
	require.Equal(t, "x", near.Text)
	require.ErrorIs(t, sections.Save(ctx, near), dynamapper.ErrPartial)
	near.Text = "y"
	require.NoError(t, sections.Save(ctx, near, dynamapper.ChangedOnly()))
	found, err = wiki.Nearest([]float32{1, 0}).Index("by-meaning").Top(1).Collect(ctx)
	require.NoError(t, err)
	require.Len(t, found, 1)

	found, err = wiki.Nearest([]float32{1, 0}).Select("text", "v").Collect(ctx)
	require.NoError(t, err)
	require.Equal(t, []float32{1, 0}, found[0].Item.(*page).V)
	require.Equal(t, "y", found[1].Item.(*section).Text)

	_, err = wiki.Nearest([]float32{1}).Collect(ctx)
	require.ErrorContains(t, err, "dynamapper: Nearest: table ")
	require.ErrorContains(t, err, `the vector has 1 dimension, and the index "by-meaning" has 2`)
	_, err = wiki.Nearest([]float32{1, 0}).Index("by-mean").Collect(ctx)
	require.ErrorContains(t, err, `has no vector index "by-mean"; did you mean "by-meaning"?`)
	_, err = wiki.Nearest([]float32{1, 0}).Where(dynamapper.Attr("text", dynamapper.EQ("x"))).
		Collect(ctx)
	require.ErrorContains(t, err, `the condition on "text"`)

	few, err := dynamapper.NewCollection(notes, pages)
	require.NoError(t, err)
	var errs []error
	for one, err := range few.Nearest([]float32{0, 1}).All(ctx) {
		require.Equal(t, err != nil, one.Item == nil)
		errs = append(errs, err)
	}
	require.Len(t, errs, 2)
	require.ErrorIs(t, errs[0], dynamapper.ErrUnknownEntity)
	require.NoError(t, errs[1])
	none, err := dynamapper.NewCollection(notes)
	require.NoError(t, err)
	_, err = none.Nearest([]float32{0, 1}).Collect(ctx)
	require.ErrorContains(t, err, "has no vector index")
}

func TestCollectionsOfOtherVectors(t *testing.T) {
	t.Parallel()
	type short struct {
		dynamapper.Model `dynamo:"wiki,entity=short,entityAttribute=kind"`
		PK               string    `dynamo:"pk,hash"`
		SK               string    `dynamo:"sk,range"`
		V                []float32 `dynamo:"v" vector:"by-meaning,cosine,dimensions=3"`
	}
	type text struct {
		dynamapper.Model `dynamo:"wiki,entity=text,entityAttribute=kind"`
		PK               string `dynamo:"pk,hash"`
		SK               string `dynamo:"sk,range"`
		V                string `dynamo:"v"`
	}
	mapper := dynamotest.Mapper(t)
	pages, err := dynamapper.TableOf[page](mapper)
	require.NoError(t, err)
	shorts, err := dynamapper.TableOf[short](mapper)
	require.NoError(t, err)
	texts, err := dynamapper.TableOf[text](mapper)
	require.NoError(t, err)
	_, err = dynamapper.NewCollection(pages, shorts)
	require.ErrorIs(t, err, dynamapper.ErrSchema)
	require.ErrorContains(t, err, `vector index "by-meaning" is of "v" (3, COSINE), and of`)
	_, err = dynamapper.NewCollection(pages, texts)
	require.ErrorContains(t, err, `the attribute is the vector of index "by-meaning" in another model`)
}

// refused expects that TableOf refuses a model.
func refused[T dynamapper.IsModel](t *testing.T, problem string) {
	t.Helper()
	_, err := dynamapper.TableOf[T](dynamotest.Mapper(t))
	require.ErrorIs(t, err, dynamapper.ErrSchema)
	require.ErrorContains(t, err, problem)
}

func TestSchemasWithWrongVectors(t *testing.T) {
	t.Parallel()
	type base struct {
		dynamapper.Model `dynamo:"things"`
		ID               string `dynamo:"id,hash"`
	}
	refused[struct {
		base
		V []float64 `vector:"vix,cosine,dimensions=3"`
	}](t, `the tag "vector" with a distance is for []float32, and the field is of type []float64`)
	refused[struct {
		base
		V []float32 `dynamo:"v,json" vector:"vix,cosine,dimensions=3"`
	}](t, `on a field with the option "json" or "set"`)
	refused[struct {
		base
		V []float32 `vector:"vx,cosine,dimensions=3"`
	}](t, "the index name")
	refused[struct {
		base
		V []float32 `vector:"vix,cosine,dimensions=3;vix2,cosine,dimensions=4"`
	}](t, "a vector has one number of dimensions")
	refused[struct {
		base
		V []float32 `vector:"vix,cosine,dimensions=3"`
		W []float32 `vector:"vix,cosine,dimensions=3"`
	}](t, "has a second vector, beside V")
	refused[struct {
		base
		A string    `index:"vix,hash"`
		V []float32 `vector:"vix,cosine,dimensions=3"`
	}](t, "has the name of another index")
	refused[struct {
		base
		A string `vector:"vix,hash"`
	}](t, "no field is the vector of vector index \"vix\"")
	refused[struct {
		base
		A string    `vector:"vix,hash"`
		B string    `vector:"vix,hash"`
		V []float32 `vector:"vix,cosine,dimensions=3"`
	}](t, "has a second hash attribute, beside A")
	refused[struct {
		base
		A bool      `vector:"vix,filter"`
		V []float32 `vector:"vix,cosine,dimensions=3"`
	}](t, "type bool cannot be a key")
	refused[struct {
		base
		V []float32 `vector:"vix,cosine,dimensions=3,include=x"`
	}](t, `vector index "vix"`)
	refused[struct {
		base
		V []float32 `Vector:"vix,cosine,dimensions=3"`
	}](t, "the tag Vector would not be read; write vector")
	refused[struct {
		base
		V []float32 `vector:"v-1,dot,dimensions=3;v-2,dot,dimensions=3;v-3,dot,dimensions=3;v-4,dot,dimensions=3;v-5,dot,dimensions=3;v-6,dot,dimensions=3"`
	}](t, "6 vector indexes, and a table has 5 at most")

	table, err := dynamapper.TableOf[struct {
		base
		V []float32 `vector:"vix,cosine,dimensions=2"`
	}](dynamotest.Mapper(t))
	require.NoError(t, err)
	require.NoError(t, table.CreateTable(t.Context()))
	found, err := table.Nearest([]float32{1, 0}).Collect(t.Context())
	require.NoError(t, err, "a model with one vector index needs no Index")
	require.Empty(t, found)
}

// A part of a vector cannot be saved, so that none is read.
func TestPartsOfAVectorAreRefused(t *testing.T) {
	t.Parallel()
	table := games(t)
	ctx := t.Context()
	const refused = "the field Taste is a vector, which a save writes as a whole"
	_, err := table.Get(ctx, dynamapper.Key(1), dynamapper.Select("taste[0]"))
	require.ErrorContains(t, err, refused)
	_, err = table.Nearest([]float32{1, 0, 0}).Index("by-angle").Select("taste[0]").Collect(ctx)
	require.ErrorContains(t, err, refused)
	one, err := table.Get(ctx, dynamapper.Key(1), dynamapper.Select("taste"))
	require.NoError(t, err)
	require.Len(t, one.Taste, 3)
}

// The copy of a vector has the dimensions of the other.
func TestCopiesOfVectors(t *testing.T) {
	t.Parallel()
	type pair struct {
		dynamapper.Model `dynamo:"pairs"`
		ID               int       `dynamo:"id,hash"`
		A                []float32 `dynamo:"a" vector:"by-a,cosine,dimensions=2"`
		B                []float32 `dynamo:"b" vector:"by-b,dot,dimensions=2"`
		C                []float32 `dynamo:"c" vector:"by-c,dot,dimensions=3"`
		D                []float32 `dynamo:"d,document"`
	}
	pairs := tableOf[pair](t)
	ctx, key := t.Context(), dynamapper.Key(1)
	require.NoError(t, pairs.Save(ctx, &pair{ID: 1, A: []float32{1, 2}, C: []float32{1, 2, 3},
		D: []float32{1}}))
	for _, from := range []string{"c", "d"} {
		_, err := pairs.Update(key).Set("b", dynamapper.Ref(from)).Run(ctx)
		require.ErrorContains(t, err, "the field B is a vector of 2 dimensions")
	}
	for _, at := range []string{"b", "d"} {
		loaded, err := pairs.Update(key).Set(at, dynamapper.Ref("a")).Run(ctx)
		require.NoError(t, err, at)
		require.Equal(t, []float32{1, 2}, map[string][]float32{"b": loaded.B, "d": loaded.D}[at])
	}
}

// ItemTable searches the vector indexes of the table without a model.
func TestNearestItemsOfAnyTable(t *testing.T) {
	t.Parallel()
	games(t)
	mapper := dynamotest.Mapper(t)
	items, err := dynamapper.ItemTable(t.Context(), mapper, "games")
	require.NoError(t, err)
	name := func(item *dynamapper.Item) string { return item.Attributes["name"].(string) }
	to := []float32{1, 0, 0}
	found, err := items.Nearest(to).Index("by-angle").Top(2).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"chess", "go"}, names(found, name))
	require.NotContains(t, found[0].Item.Attributes, "taste")
	require.ErrorIs(t, items.Save(t.Context(), found[0].Item), dynamapper.ErrPartial)
	found, err = items.Nearest(to).Index("by-angle").Top(1).Select("name").Collect(t.Context())
	require.NoError(t, err)
	found[0].Item.Attributes["name"] = "chess960"
	require.NoError(t, items.Save(t.Context(), found[0].Item, dynamapper.ChangedOnly()))
	whole, err := items.Get(t.Context(), dynamapper.Key(1), dynamapper.Consistent())
	require.NoError(t, err)
	require.Len(t, whole.Attributes["taste"], 3, "the save keeps the vector")
	require.Equal(t, "chess960", name(whole))

	found, err = items.Nearest(to).Index("in-genre").Select("name", "taste").
		Where(dynamapper.Attr("genre", dynamapper.EQ("card"))).Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"poker", "solitaire"}, names(found, name))
	require.Len(t, found[0].Item.Attributes["taste"], 3)
	_, err = items.Nearest(to[:2]).Index("by-angle").Collect(t.Context())
	require.ErrorContains(t, err, `the vector has 2 dimensions, and the index "by-angle" has 3`)
	_, err = items.Nearest(to).Index("by-mood").Collect(t.Context())
	require.ErrorContains(t, err, "add it to the table, and call ItemTable again")
	_, err = dynamapper.ItemTable(t.Context(), mapper, "games", dynamapper.HideExpired())
	require.ErrorContains(t, err, "which the items of ItemTable lack")
}
