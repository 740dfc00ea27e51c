// Package expired_test tests the tables that hide expired items.
package expired_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/engine"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

type attributes = map[string]types.AttributeValue

type session struct {
	dynamapper.Model `dynamo:"sessions"`

	User    string    `dynamo:"user,hash" index:"by-expiry,hash"`
	ID      string    `dynamo:"id,range" index:"bare,hash,keys_only"`
	Expires time.Time `dynamo:"expires,ttl" index:"by-expiry,range" localIndex:"by-time,range"`
	Coins   int       `dynamo:"coins"`
}

type versioned struct {
	dynamapper.Model `dynamo:"versioned"`

	ID      string    `dynamo:"id,hash"`
	Version string    `dynamo:"version,version"`
	Expires time.Time `dynamo:"expires,ttl"`
	Coins   int       `dynamo:"coins"`
}

// The engine's clock stands in the past, so that the engine deletes no item. The engine behaves the
// same in every run, because the tests count requests and read indexes after writes.
func keepingEngine(t *testing.T) *dynamotest.Server {
	t.Helper()
	return dynamotest.RunEngine(t, engine.WithSeed(0), engine.WithClock(func() time.Time {
		return time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	}))
}

// watch returns a mapper on the test's engine, and the names of the requests that it sends.
func watch(t *testing.T, opts ...dynamapper.Option) (*dynamapper.Mapper, func() []string) {
	t.Helper()
	sent := &fixtures.Requests{}
	mapper := dynamotest.Mapper(t, append(opts, dynamapper.WithObserver(sent.Observe))...)
	return mapper, sent.Take
}

func tableOf[T dynamapper.IsModel](
	t *testing.T, m *dynamapper.Mapper, opts ...dynamapper.TableOption,
) *dynamapper.Table[T] {
	t.Helper()
	table, err := dynamapper.TableOf[T](m, opts...)
	require.NoError(t, err)
	return table
}

// seconds returns the number attribute of a time.
func seconds(at time.Time) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(at.Unix(), 10)}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func put(t *testing.T, table string, items ...attributes) {
	t.Helper()
	client := dynamodb.NewFromConfig(dynamotest.Run(t).Config())
	for _, item := range items {
		_, err := client.PutItem(t.Context(),
			&dynamodb.PutItemInput{TableName: &table, Item: item})
		require.NoError(t, err)
	}
}

// sessions returns a table that hides, the same table that does not, and the requests of the first.
// Of the user u it has the items a (no time), b (expired), c (lives), d (expired, text), e (expired
// six years ago), f (expired by one second of a fraction), g (expired) and h (lives).
func sessions(t *testing.T) (hiding, showing *dynamapper.Table[session], sent func() []string) {
	t.Helper()
	keepingEngine(t)
	mapper, sent := watch(t)
	hiding = tableOf[session](t, mapper, dynamapper.HideExpired())
	showing = tableOf[session](t, dynamotest.Mapper(t))
	require.NoError(t, hiding.CreateTable(t.Context()))
	now := time.Now()
	item := func(id string, expires types.AttributeValue) attributes {
		a := attributes{"user": text("u"), "id": text(id),
			"coins": &types.AttributeValueMemberN{Value: "1"}}
		if expires != nil {
			a["expires"] = expires
		}
		return a
	}
	put(t, hiding.Name(),
		item("a", nil),
		item("b", seconds(now.Add(-time.Hour))),
		item("c", seconds(now.Add(time.Hour))),
		item("e", seconds(now.AddDate(-6, 0, 0))),
		item("f", &types.AttributeValueMemberN{Value: strconv.FormatInt(now.Unix()-9, 10) + ".5"}),
		item("g", seconds(now.Add(-time.Minute))),
		item("h", seconds(now.Add(time.Hour))))
	sent()
	return hiding, showing, sent
}

func idsOf(items []*session) (ids string) {
	for _, item := range items {
		ids += item.ID
	}
	return ids
}

func TestQueriesAndScansLeaveExpiredItemsOut(t *testing.T) {
	t.Parallel()
	hiding, showing, sent := sessions(t)
	ctx := t.Context()

	items, err := hiding.Query("u").Collect(ctx)
	require.NoError(t, err)
	require.Equal(t, "aceh", idsOf(items))
	all, err := showing.Query("u").Select("coins").Collect(ctx)
	require.NoError(t, err)
	require.Equal(t, "abcefgh", idsOf(all))

	items, err = hiding.Scan().Collect(ctx)
	require.NoError(t, err)
	require.Equal(t, "aceh", idsOf(items))
	items, err = hiding.Scan().Parallel(3).Collect(ctx)
	require.NoError(t, err)
	require.Len(t, items, 4)

	n, err := hiding.Query("u").Count(ctx)
	require.NoError(t, err)
	require.Equal(t, 4, n)
	n, err = hiding.Scan().Count(ctx)
	require.NoError(t, err)
	require.Equal(t, 4, n)

	items, err = hiding.Query("u").Where(dynamapper.Attr("id2", dynamapper.Exists())).Collect(ctx)
	require.Error(t, err)
	require.Empty(t, items)
	items, err = hiding.Query("u").Where(dynamapper.Attr("coins", dynamapper.EQ(1))).
		Select("coins").Collect(ctx)
	require.NoError(t, err)
	require.Equal(t, "aceh", idsOf(items))

	sent()
	first, err := hiding.Query("u").Range(dynamapper.GE("b")).First(ctx)
	require.NoError(t, err)
	require.Equal(t, "c", first.ID)
	require.Equal(t, []string{"Query", "Query"}, sent(), "a small Limit reads few items")
}

func TestPagesOfWhatHasNotExpired(t *testing.T) {
	t.Parallel()
	hiding, _, _ := sessions(t)
	got, cursor, pages := "", "", 0
	for {
		page, err := hiding.Query("u").Limit(3).From(cursor).Page(t.Context())
		require.NoError(t, err)
		got, cursor, pages = got+idsOf(page.Items), page.Cursor, pages+1
		if cursor == "" {
			break
		}
		require.Len(t, page.Items, 3)
	}
	require.Equal(t, "aceh", got)
	require.LessOrEqual(t, pages, 3)
}

// DynamoDB takes no filter on the keys of an index, so the items of such a query are looked at.
func TestTheTimeIsAKeyOfTheIndex(t *testing.T) {
	t.Parallel()
	hiding, showing, sent := sessions(t)
	for _, index := range []string{"by-expiry", "by-time"} {
		items, err := hiding.Query("u").Index(index).Collect(t.Context())
		require.NoError(t, err)
		require.Equal(t, "ech", idsOf(items), index)
		n, err := showing.Query("u").Index(index).Count(t.Context())
		require.NoError(t, err)
		require.Equal(t, 6, n)
		sent()
		n, err = hiding.Query("u").Index(index).Count(t.Context())
		require.NoError(t, err)
		require.Equal(t, 3, n)
		n, err = hiding.Query("u").Index(index).Limit(2).Count(t.Context())
		require.NoError(t, err)
		require.Equal(t, 2, n)
		n, err = hiding.Scan().Index(index).Count(t.Context())
		require.NoError(t, err)
		require.Equal(t, 3, n)
		item, err := hiding.Query("u").Index(index).Reverse().
			Range(dynamapper.LT(time.Now())).First(t.Context())
		require.NoError(t, err)
		require.Equal(t, "e", item.ID)
	}
}

func TestAnIndexWithoutTheTimeIsRefused(t *testing.T) {
	t.Parallel()
	hiding, showing, sent := sessions(t)
	for _, err := range []error{
		second(hiding.Query("b").Index("bare").Collect(t.Context())),
		second(hiding.Query("b").Index("bare").Count(t.Context())),
		second(hiding.Scan().Index("bare").Collect(t.Context())),
	} {
		require.ErrorContains(t, err, `the index "bare" does not have the attribute "expires", by `+
			`which HideExpired tells expired items; let it project that, or read the table`)
	}
	require.Empty(t, sent())
	require.NoError(t, second(showing.Query("b").Index("bare").Collect(t.Context())))
}

func second[V any](_ V, err error) error { return err }

func TestGetOfAnExpiredItem(t *testing.T) {
	t.Parallel()
	hiding, showing, sent := sessions(t)
	for _, opts := range [][]dynamapper.ReadOption{
		nil, {dynamapper.Consistent()}, {dynamapper.Select("coins")},
	} {
		_, err := hiding.Get(t.Context(), dynamapper.Key("u", "b"), opts...)
		require.ErrorIs(t, err, dynamapper.ErrNotFound)
		require.EqualError(t, err, "dynamapper: Get: table "+strconv.Quote(hiding.Name())+
			": the item with this key has expired, and HideExpired hides it")
		require.Equal(t, []string{"GetItem"}, sent())
		item, err := showing.Get(t.Context(), dynamapper.Key("u", "b"), opts...)
		require.NoError(t, err)
		require.Equal(t, 1, item.Coins)
		for _, id := range []string{"a", "c", "e", "h"} {
			item, err := hiding.Get(t.Context(), dynamapper.Key("u", id), opts...)
			require.NoError(t, err)
			require.Equal(t, 1, item.Coins)
		}
		sent()
		keys := []dynamapper.PrimaryKey{}
		for _, id := range "abcefgh" {
			keys = append(keys, dynamapper.Key("u", string(id)))
		}
		items, err := hiding.BatchGet(t.Context(), keys, opts...)
		require.NoError(t, err)
		require.Equal(t, "aceh", idsOf(items))
		require.Equal(t, []string{"BatchGetItem"}, sent())
	}
	_, err := hiding.Get(t.Context(), dynamapper.Key("u", "nobody"))
	require.EqualError(t, err, "dynamapper: Get: table "+strconv.Quote(hiding.Name())+
		": there is no item with this key")
	_, err = hiding.Get(t.Context(), dynamapper.Key("u", "b"), dynamapper.Select())
	require.ErrorContains(t, err, "Select names no attribute")
}

// An item with a text in place of the time does not expire. The field cannot hold the text.
func TestTheTimeIsText(t *testing.T) {
	t.Parallel()
	keepingEngine(t)
	type noIndex struct {
		dynamapper.Model `dynamo:"plain"`
		ID               string `dynamo:"id,hash"`
		Expires          int64  `dynamo:"expires,ttl"`
	}
	plain := tableOf[noIndex](t, dynamotest.Mapper(t), dynamapper.HideExpired())
	require.NoError(t, plain.CreateTable(t.Context()))
	put(t, plain.Name(), attributes{"id": text("x"), "expires": text("1700000000")})
	n, err := plain.Scan().Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	_, err = plain.Get(t.Context(), dynamapper.Key("x"))
	var field *dynamapper.FieldError
	require.ErrorAs(t, err, &field)
}

func TestAModelThatDoesNotExpire(t *testing.T) {
	t.Parallel()
	type plain struct {
		dynamapper.Model `dynamo:"plain"`
		ID               string `dynamo:"id,hash"`
	}
	_, err := dynamapper.TableOf[plain](dynamotest.Mapper(t), dynamapper.HideExpired())
	require.ErrorIs(t, err, dynamapper.ErrSchema)
	require.ErrorContains(t, err, `HideExpired compares the field with the option "ttl" with the `+
		`clock, and the model has none; add the option to a field, or leave HideExpired out`)
}

// fake passes requests on to a client, and hides the options of a call from it, as AWS's client of
// DAX does.
type fake struct{ dynamapper.Client }

func (f fake) GetItem(
	ctx context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.GetItemOutput, error) {
	return f.Client.GetItem(ctx, in)
}

func (f fake) BatchGetItem(
	ctx context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options),
) (*dynamodb.BatchGetItemOutput, error) {
	return f.Client.BatchGetItem(ctx, in)
}

func (f fake) Query(
	ctx context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options),
) (*dynamodb.QueryOutput, error) {
	return f.Client.Query(ctx, in)
}

func TestAClientThatIgnoresOptions(t *testing.T) {
	t.Parallel()
	hiding, _, _ := sessions(t)
	mapper, err := dynamapper.New(fake{dynamodb.NewFromConfig(dynamotest.Run(t).Config())})
	require.NoError(t, err)
	hiding = tableOf[session](t, mapper, dynamapper.HideExpired(),
		dynamapper.WithTableName(hiding.Name()))
	_, err = hiding.Get(t.Context(), dynamapper.Key("u", "b"))
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	items, err := hiding.BatchGet(t.Context(),
		[]dynamapper.PrimaryKey{dynamapper.Key("u", "b"), dynamapper.Key("u", "c")})
	require.NoError(t, err)
	require.Equal(t, "c", idsOf(items))
	items, err = hiding.Query("u").Index("by-expiry").Collect(t.Context())
	require.NoError(t, err)
	require.Equal(t, "ech", idsOf(items))
}

// expiredPair returns the tables of a model with one item x that has expired, and an attribute that
// the model does not know.
func expiredPair(t *testing.T) (
	hiding, showing *dynamapper.Table[versioned], sent func() []string,
) {
	t.Helper()
	keepingEngine(t)
	mapper, sent := watch(t)
	hiding = tableOf[versioned](t, mapper, dynamapper.HideExpired())
	showing = tableOf[versioned](t, dynamotest.Mapper(t))
	require.NoError(t, hiding.CreateTable(t.Context()))
	put(t, hiding.Name(), attributes{"id": text("x"), "version": text("old"),
		"expires": seconds(time.Now().Add(-time.Hour)), "mark": text("of another program"),
		"coins": &types.AttributeValueMemberN{Value: "5"}})
	sent()
	return hiding, showing, sent
}

func rawItem(t *testing.T, table, id string) attributes {
	t.Helper()
	client := dynamodb.NewFromConfig(dynamotest.Run(t).Config())
	out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table,
		Key: attributes{"id": text(id)}})
	require.NoError(t, err)
	return out.Item
}

func TestModifyOfAnExpiredItem(t *testing.T) {
	t.Parallel()
	hiding, _, sent := expiredPair(t)
	_, err := hiding.Modify(t.Context(), dynamapper.Key("x"), func(*versioned) error {
		t.Error("the item has expired")
		return nil
	})
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	require.Equal(t, []string{"GetItem"}, sent())

	item, err := hiding.ModifyOrNew(t.Context(), dynamapper.Key("x"), func(v *versioned) error {
		require.True(t, hiding.IsNew(v))
		require.Zero(t, v.Coins)
		v.Coins++
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, []string{"GetItem", "PutItem"}, sent())
	require.Equal(t, 1, item.Coins)
	stored := rawItem(t, hiding.Name(), "x")
	require.NotContains(t, stored, "expires")
	require.NotContains(t, stored, "mark")
	require.Equal(t, &types.AttributeValueMemberN{Value: "1"}, stored["coins"])

	item.Coins = 7
	require.NoError(t, hiding.Save(t.Context(), item, dynamapper.FailOnConflict()))
}

// Another writer renews the expired item, or DynamoDB deletes it, before it is replaced.
func TestModifyOrNewMeetsAnotherWriter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meddle func(*dynamapper.Table[versioned], *versioned) error
		want   int
	}{
		"renewed": {func(showing *dynamapper.Table[versioned], item *versioned) error {
			item.Expires = time.Now().Add(time.Hour)
			return showing.Save(t.Context(), item)
		}, 6},
		"deleted": {func(showing *dynamapper.Table[versioned], item *versioned) error {
			return showing.Delete(t.Context(), item)
		}, 1},
		"edited": {func(showing *dynamapper.Table[versioned], item *versioned) error {
			item.Coins = 100
			return showing.Save(t.Context(), item)
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hiding, showing, sent := expiredPair(t)
			calls := 0
			item, err := hiding.ModifyOrNew(t.Context(), dynamapper.Key("x"),
				func(v *versioned) error {
					if calls++; calls == 1 {
						other, err := showing.Get(t.Context(), dynamapper.Key("x"))
						require.NoError(t, err)
						require.NoError(t, c.meddle(showing, other))
					}
					v.Coins++
					return nil
				})
			require.NoError(t, err)
			require.Equal(t, 2, calls)
			require.Equal(t, c.want, item.Coins)
			require.Len(t, sent(), 4)
		})
	}
}

// The insertion over an expired item is lost, and the version in the stored item proves it.
func TestModifyOrNewIsLost(t *testing.T) {
	t.Parallel()
	for _, applied := range []bool{true, false} {
		t.Run(fmt.Sprint(applied), func(t *testing.T) {
			t.Parallel()
			good, _, _ := expiredPair(t)
			line := dynamotest.NewFaults()
			fault := dynamotest.Drop()
			if applied {
				fault = dynamotest.Lose()
			}
			line.On("PutItem", 1, fault)
			hiding := tableOf[versioned](t, line.Mapper(t), dynamapper.HideExpired())
			calls := 0
			item, err := hiding.ModifyOrNew(t.Context(), dynamapper.Key("x"),
				func(v *versioned) error {
					calls++
					v.Coins++
					return nil
				})
			require.NoError(t, err)
			require.Equal(t, 1, calls)
			require.Equal(t, 2, line.Sent("PutItem"))
			stored, err := good.Get(t.Context(), dynamapper.Key("x"))
			require.NoError(t, err)
			require.Equal(t, item.Version, stored.Version)
			require.Equal(t, 1, stored.Coins)
		})
	}
}

func TestWritesSeeWhatIsStored(t *testing.T) {
	t.Parallel()
	hiding, showing, _ := expiredPair(t)
	ctx := t.Context()
	err := hiding.Save(ctx, &versioned{ID: "x"}, dynamapper.FailOnConflict())
	require.ErrorIs(t, err, dynamapper.ErrOverwrite)
	require.NoError(t,
		second(hiding.Update(dynamapper.Key("x")).Add("coins", 1).MustExist().Run(ctx)))
	item, err := hiding.Settle(ctx, dynamapper.Key("x"))
	require.NoError(t, err)
	require.Equal(t, 6, item.Coins)
	require.NotEqual(t, "old", item.Version)
	_, err = hiding.Get(ctx, dynamapper.Key("x"))
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	loaded, err := showing.Get(ctx, dynamapper.Key("x"))
	require.NoError(t, err)
	raw, err := showing.MarshalItem(loaded)
	require.NoError(t, err)
	again, err := hiding.UnmarshalItem(raw)
	require.NoError(t, err, "an item of a stream is not hidden")
	require.Equal(t, 6, again.Coins)
	require.NoError(t, hiding.DeleteKey(ctx, dynamapper.Key("x"), dynamapper.MustExist()))
}

func TestATransactionReplacesAnExpiredItem(t *testing.T) {
	t.Parallel()
	expiredPair(t)
	mapper, _ := watch(t)
	hiding := tableOf[versioned](t, mapper, dynamapper.HideExpired())
	err := mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
		for range 2 { // the second time without a request
			_, err := hiding.In(tx).Get(ctx, dynamapper.Key("x"))
			require.ErrorIs(t, err, dynamapper.ErrNotFound)
			require.ErrorContains(t, err, "has expired")
		}
		return hiding.In(tx).Save(&versioned{ID: "x", Coins: 2})
	})
	require.NoError(t, err)
	item, err := hiding.Get(t.Context(), dynamapper.Key("x"))
	require.NoError(t, err)
	require.Equal(t, 2, item.Coins)
	require.NotContains(t, rawItem(t, hiding.Name(), "x"), "mark")
}

// The commit checks that the item is as it was read: here it is renewed in between.
func TestATransactionChecksAnExpiredItem(t *testing.T) {
	t.Parallel()
	for _, writes := range []bool{true, false} {
		t.Run(fmt.Sprint(writes), func(t *testing.T) {
			t.Parallel()
			hiding, showing, _ := expiredPair(t)
			mapper, sent := watch(t)
			hiding = tableOf[versioned](t, mapper, dynamapper.HideExpired())
			calls := 0
			run := func(ctx context.Context, tx *dynamapper.Tx) error {
				item, err := hiding.In(tx).Get(ctx, dynamapper.Key("x"))
				if calls++; calls == 1 {
					require.ErrorIs(t, err, dynamapper.ErrNotFound)
					other, err := showing.Get(t.Context(), dynamapper.Key("x"))
					require.NoError(t, err)
					other.Expires = time.Now().Add(time.Hour)
					require.NoError(t, showing.Save(t.Context(), other))
				}
				if errors.Is(err, dynamapper.ErrNotFound) {
					item = &versioned{ID: "x"}
				}
				item.Coins++
				if writes {
					return hiding.In(tx).Save(item)
				}
				return hiding.In(tx).Save(&versioned{ID: "y", Coins: item.Coins})
			}
			err := mapper.RunTransaction(t.Context(), func(
				ctx context.Context, tx *dynamapper.Tx,
			) error {
				err := run(ctx, tx)
				if !writes && err == nil && calls == 2 { // nothing is edited without a Save
					item, _ := hiding.In(tx).Get(ctx, dynamapper.Key("x"))
					item.Coins--
				}
				return err
			})
			require.NoError(t, err)
			require.Equal(t, 2, calls)
			require.Equal(t, []string{"GetItem", "TransactWriteItems", "GetItem",
				"TransactWriteItems"}, sent())
			id := "y"
			if writes {
				id = "x"
			}
			item, err := hiding.Get(t.Context(), dynamapper.Key(id))
			require.NoError(t, err)
			require.Equal(t, 6, item.Coins)
		})
	}
}

// Two reads of a transaction that writes nothing are checked together.
func TestATransactionThatReadsExpiredItems(t *testing.T) {
	t.Parallel()
	expiredPair(t)
	mapper, sent := watch(t)
	hiding := tableOf[versioned](t, mapper, dynamapper.HideExpired())
	err := mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
		for _, id := range []string{"x", "y"} {
			_, err := hiding.In(tx).Get(ctx, dynamapper.Key(id))
			require.ErrorIs(t, err, dynamapper.ErrNotFound)
		}
		return nil
	})
	require.NoError(t, err)
	require.Len(t, sent(), 3)
}
