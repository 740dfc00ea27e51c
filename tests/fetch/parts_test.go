package fetch

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// order has documents, whose places a Select can name.
type order struct {
	dynamapper.Model `dynamo:"orders"`
	ID               string    `dynamo:"id,hash"`
	Total            int       `dynamo:"total"`
	Lines            []line    `dynamo:"lines,document"`
	Places           settings  `dynamo:"places,document"`
	Expires          time.Time `dynamo:"expires,ttl"`
}

type line struct {
	Item string `dynamo:"item"`
	N    int    `dynamo:"n"`
}

type settings struct {
	Lang string            `dynamo:"lang"`
	Tags map[string]string `dynamo:"tags"`
}

// bill is another model of orders, with a version.
type bill struct {
	dynamapper.Model `dynamo:"orders"`
	ID               string `dynamo:"id,hash"`
	Total            int    `dynamo:"total"`
	Paid             bool   `dynamo:"paid"`
	Version          int    `dynamo:"version,version"`
}

// plain is a client that ignores the options of its calls, so that the SDK decodes its responses.
type plain struct{ *dynamodb.Client }

func (p plain) TransactGetItems(
	ctx context.Context, in *dynamodb.TransactGetItemsInput, _ ...func(*dynamodb.Options),
) (*dynamodb.TransactGetItemsOutput, error) {
	return p.Client.TransactGetItems(ctx, in)
}

// Fetches of one item with different Selects, models and tables each have what they have alone.
func TestOneItemInSeveralParts(t *testing.T) {
	t.Parallel()
	client := dynamodb.NewFromConfig(dynamotest.Run(t).Config())
	sdk, err := dynamapper.New(plain{client})
	require.NoError(t, err)
	tableOf[order](t, sdk)
	for name, mapper := range map[string]*dynamapper.Mapper{
		"own decoder": dynamotest.Mapper(t), "SDK": sdk,
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			orders, err := dynamapper.TableOf[order](mapper)
			require.NoError(t, err)
			hiding, err := dynamapper.TableOf[order](mapper, dynamapper.HideExpired())
			require.NoError(t, err)
			bills, err := dynamapper.TableOf[bill](mapper)
			require.NoError(t, err)
			require.NoError(t, orders.Save(ctx, &order{ID: "a\"é", Total: 7,
				Lines:   []line{{"tea", 1}, {"milk", 2}, {"salt", 3}},
				Places:  settings{Lang: "fr", Tags: map[string]string{"a": "b", "c\"": "d"}},
				Expires: time.Unix(5, 0)}))
			key, sel := dynamapper.Key("a\"é"), dynamapper.Select
			fetches := func() (all []*dynamapper.Fetch[order]) {
				for _, opts := range [][]dynamapper.ReadOption{
					{sel("total")}, {sel("total"), dynamapper.Consistent()}, {sel("lines")},
					{sel("lines[0].item", "lines[2]", "places.lang")}, {sel("lines[2].n")},
					{sel("lines[7]", "places.tags.a")}, {sel(`places.tags."c\""`, "places.lang")},
					{sel("places.tags.none")}, {sel("expires", "id")}, {sel("id")},
				} {
					all = append(all, orders.Fetch(key, opts...))
				}
				return append(all, hiding.Fetch(key, sel("total")), orders.Fetch(key,
					sel("places.tags", "places.tags.a")))
			}
			for _, more := range [][]dynamapper.ReadOption{{sel("paid")}, {}} {
				together, paid := fetches(), bills.Fetch(key, more...)
				given := []dynamapper.AnyFetch{paid}
				for _, f := range together {
					given = append(given, f)
				}
				require.NoError(t, mapper.TransactGet(ctx, given...))
				require.NoError(t, paid.Err)
				require.Equal(t, len(more) == 0, paid.Item.Total == 7)
				for i, alone := range fetches() {
					require.NoError(t, mapper.TransactGet(ctx, alone))
					require.Equal(t, alone.Err, together[i].Err, i)
					require.Equal(t, alone.Item == nil, together[i].Item == nil, i)
					if alone.Item == nil {
						require.ErrorIs(t, alone.Err, dynamapper.ErrNotFound, i)
						continue
					}
					require.Equal(t, orders.ToMap(alone.Item), orders.ToMap(together[i].Item), i)
					alone.Item.Model, together[i].Item.Model = dynamapper.Model{}, dynamapper.Model{}
					require.Equal(t, alone.Item, together[i].Item, i)
				}
			}

			// Each item is partial as its own Select says.
			part, other := orders.Fetch(key, sel("places.lang")), orders.Fetch(key, sel("lines"))
			require.NoError(t, mapper.TransactGet(ctx, part, other))
			part.Item.Total, other.Item.Lines = 8, other.Item.Lines[:1]
			require.ErrorIs(t, orders.Save(ctx, part.Item), dynamapper.ErrPartial)
			require.NoError(t, orders.Save(ctx, other.Item, dynamapper.ChangedOnly(),
				dynamapper.FailOnConflict()))
			stored, err := orders.Get(ctx, key, dynamapper.Consistent())
			require.NoError(t, err)
			require.Equal(t, []line{{"tea", 1}}, stored.Lines)
			require.Equal(t, 7, stored.Total)
			require.NoError(t, orders.DeleteKey(ctx, key))
			missing, whole := orders.Fetch(key, sel("total")), orders.Fetch(key)
			require.NoError(t, mapper.TransactGet(ctx, missing, whole))
			require.ErrorIs(t, missing.Err, dynamapper.ErrNotFound)
			require.ErrorIs(t, whole.Err, dynamapper.ErrNotFound)
		})
	}
}

// The request names the attributes of all Selects, and no others.
func TestTheRequestOfSeveralParts(t *testing.T) {
	t.Parallel()
	var asked *dynamodb.TransactGetItemsInput
	client := dynamodb.NewFromConfig(dynamotest.Run(t).Config())
	mapper, err := dynamapper.New(spy{client, &asked})
	require.NoError(t, err)
	orders := tableOf[order](t, mapper)
	key := dynamapper.Key("a")
	require.NoError(t, mapper.TransactGet(t.Context(),
		orders.Fetch(key, dynamapper.Select("lines[2].n")),
		orders.Fetch(key, dynamapper.Select("total", "lines[0]"))))
	require.Len(t, asked.TransactItems, 1)
	get := asked.TransactItems[0].Get
	require.Equal(t, "#0,#1,#2", *get.ProjectionExpression)
	require.Equal(t, map[string]string{"#0": "id", "#1": "lines", "#2": "total"},
		get.ExpressionAttributeNames)
}

type spy struct {
	*dynamodb.Client
	asked **dynamodb.TransactGetItemsInput
}

func (s spy) TransactGetItems(
	ctx context.Context, in *dynamodb.TransactGetItemsInput, _ ...func(*dynamodb.Options),
) (*dynamodb.TransactGetItemsOutput, error) {
	*s.asked = in
	return s.Client.TransactGetItems(ctx, in)
}
