package dynamapper

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"
)

// requireSameRead requires that our body of a read is the one that the SDK makes of its input.
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
	numbered.mapper.observers = []func(context.Context, Operation){nil} // ask for the capacity
	for name, options := range map[string][]ReadOption{
		"plain": nil, "consistent": {Consistent()}, "selected": {Select("name", "gold")},
	} {
		settings, err := settingsOf(options, ReadOption.setRead)
		require.NoError(t, err)
		read, err := numbered.schema.projection(settings)
		require.NoError(t, err)
		key, err := numbered.schema.encodeKey(Key("a\"\u2028é", -1))
		require.NoError(t, err)
		get := &getRequest{&numbered.table, key, read}
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
		wanted, err := numbered.makeBatchKeys(keys)
		require.NoError(t, err)
		require.Len(t, wanted.parts, 2)
		require.Len(t, wanted.parts[1].attributes(), 25)
		for i := range wanted.parts {
			batch := &batchGetRequest{&numbered.table, wanted.part(i).keys, read}
			requireSameRead(t, batch.body, func(ctx context.Context, c *dynamodb.Client) error {
				_, err := c.BatchGetItem(ctx, batch.makeInput())
				return err
			})
		}
	}
	start, err := numbered.schema.encodeKey(Key("\\", 7))
	require.NoError(t, err)
	limit := int32(3)
	for i, at := range []pageRequest{{}, {numbered.schema.keyAttributes(start), &limit}} {
		where := []Condition{Attr("na\"me", In("x", "\"<>"))}
		for j, q := range []*query{
			numbered.Query("a").Range(GT(2)).Reverse().Consistent().run(),
			quoted.Query("é").Where(where...).Select("na\"me").run(),
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
