package tests

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// guid decodes capital letters but encodes small ones, as the common UUID types do.
type guid [4]byte

func (g guid) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(g[:])), nil }

func (g *guid) UnmarshalText(text []byte) error {
	if len(text) != 2*len(g) {
		return errors.New("the length is wrong")
	}
	_, err := hex.Decode(g[:], bytes.ToLower(text))
	return err
}

// reply has the keys of AWS's sample data: its range key is a time with three digits of a fraction.
type reply struct {
	dynamapper.Model `dynamo:"replies"`
	ID               guid      `dynamo:"id,hash"`
	At               time.Time `dynamo:"at,range"`
	Coins            int       `dynamo:"coins"`
	Text             string    `dynamo:"text"`
}

const (
	foreignID = "DEADBEEF"
	foreignAt = "2015-09-15T19:58:22.947Z"
)

func foreignReply() fixtures.Attributes {
	return fixtures.Attributes{"id": fixtures.Text(foreignID), "at": fixtures.Text(foreignAt),
		"coins": fixtures.Number("200")}
}

// weighed has a key that a float64 cannot represent.
type weighed struct {
	dynamapper.Model `dynamo:"weighed"`
	Weight           float64 `dynamo:"weight,hash"`
	Coins            int     `dynamo:"coins"`
}

const foreignWeight = "0.1000000000000000000000000000000000001"

// migratedReply has hooks.
type migratedReply struct {
	dynamapper.Model `dynamo:"replies"`
	ID               guid      `dynamo:"id,hash"`
	At               time.Time `dynamo:"at,range"`
	Coins            int       `dynamo:"coins"`
}

func (*migratedReply) MigrateItem(map[string]types.AttributeValue) error { return nil }

func (r *migratedReply) MarshalItem() (map[string]types.AttributeValue, error) {
	return dynamapper.EncodeItem(r)
}

// A key that was loaded leads to the item that was loaded, in every call that takes it.
func TestALoadedKeyReachesItsItem(t *testing.T) {
	t.Parallel()
	t.Run("text and time", func(t *testing.T) {
		testLoadedKey(t, foreignReply(), func(r *reply) *int { return &r.Coins })
	})
	t.Run("number", func(t *testing.T) {
		item := fixtures.Attributes{
			"weight": fixtures.Number(foreignWeight),
			"coins":  fixtures.Number("200"),
		}
		testLoadedKey(t, item, func(w *weighed) *int { return &w.Coins })
	})
	t.Run("behind hooks", func(t *testing.T) {
		testLoadedKey(t, foreignReply(), func(r *migratedReply) *int { return &r.Coins })
	})
}

func testLoadedKey[T dynamapper.IsModel](
	t *testing.T,
	raw fixtures.Attributes,
	coins func(*T) *int,
) {
	m := fixtures.Mapper(t)
	table := fixtures.TableIn[T](t, m)
	for name, use := range keyUses(t, m, table, coins) {
		fixtures.PutRaw(t, table.Name(), raw)
		items, err := table.Scan().Consistent().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, items, 1, name)
		key := table.KeyOf(items[0])
		require.NoError(t, use(items[0], key), name)
		left := scanRaw(t, table.Name())
		require.Len(t, left, 1, name)
		for attribute, value := range raw {
			if attribute != "coins" {
				require.Equal(t, value, left[0][attribute], name)
			}
		}
		require.NoError(t, table.DeleteKey(t.Context(), key, dynamapper.MustExist()), name)
		require.Empty(t, scanRaw(t, table.Name()), name)
	}
}

// keyUses are the calls that take a key, or take it from an item.
func keyUses[T any](
	t *testing.T, m *dynamapper.Mapper, table *dynamapper.Table[T], coins func(*T) *int,
) map[string]func(*T, dynamapper.PrimaryKey) error {
	type primaryKey = dynamapper.PrimaryKey
	ctx := t.Context()
	more := func(item *T) error { *coins(item)++; return nil }
	remove := func(item *T) { require.NoError(t, table.Delete(ctx, item, dynamapper.MustExist())) }
	staged := func(stage func(*dynamapper.TxTable[T]) error) error {
		return m.RunTransaction(ctx,
			func(_ context.Context, tx *dynamapper.Tx) error { return stage(table.In(tx)) })
	}
	return map[string]func(*T, primaryKey) error{
		"Get": func(_ *T, key primaryKey) error {
			_, err := table.Get(ctx, key, dynamapper.Consistent())
			return err
		},
		"BatchGet": func(_ *T, key primaryKey) error {
			items, err := table.BatchGet(ctx, []primaryKey{key}, dynamapper.Consistent())
			require.Len(t, items, 1)
			return err
		},
		"Update": func(_ *T, key primaryKey) error {
			_, err := table.Update(key).Add("coins", 1).Run(ctx)
			return err
		},
		"Update, idempotent": func(_ *T, key primaryKey) error {
			_, err := table.Update(key).Add("coins", 1).Idempotent().Run(ctx)
			return err
		},
		"Modify": func(_ *T, key primaryKey) error {
			_, err := table.Modify(ctx, key, more)
			return err
		},
		"ModifyOrNew of a missing item": func(item *T, key primaryKey) error {
			remove(item)
			require.Equal(t, key, table.KeyOf(item), "a deleted item is saved under the same key")
			_, err := table.ModifyOrNew(ctx, key, more)
			return err
		},
		"Save of a deleted item": func(item *T, _ primaryKey) error {
			remove(item)
			return table.Save(ctx, item, dynamapper.FailOnConflict())
		},
		"Delete of a deleted item": func(item *T, _ primaryKey) error {
			remove(item)
			saved := *item
			require.NoError(t, table.Save(ctx, &saved))
			remove(item)
			return table.Save(ctx, item)
		},
		"a transaction's Get and Save": func(_ *T, key primaryKey) error {
			return staged(func(in *dynamapper.TxTable[T]) error {
				item, err := in.Get(ctx, key)
				if err == nil {
					*coins(item)++
					in.Save(item)
				}
				return err
			})
		},
		"a transaction's Check and Update": func(_ *T, key primaryKey) error {
			return staged(func(in *dynamapper.TxTable[T]) error {
				in.Check(key)
				in.Update(key).Add("coins", 1)
				return nil
			})
		},
		"a transaction's Save of a deleted item": func(item *T, _ primaryKey) error {
			remove(item)
			return staged(func(in *dynamapper.TxTable[T]) error { in.Save(item); return nil })
		},
	}
}

// The key in an error leads to the item of the error.
func TestTheKeyOfAnErrorReachesItsItem(t *testing.T) {
	t.Parallel()
	line := dynamotest.NewFaults()
	m := fixtures.Mapper(t, dynamapper.WithConfig(fixtures.LineConfig(t, line)))
	table := fixtures.TableIn[reply](t, m)
	for name, fail := range failures(t, m, table, line) {
		fixtures.PutRaw(t, table.Name(), foreignReply())
		items, err := table.Scan().Consistent().Collect(t.Context())
		require.NoError(t, err)
		require.Len(t, items, 1, name)
		err = fail(items[0])
		line.Clear()
		key := keyOfError(t, err, name)
		require.NoError(t, table.DeleteKey(t.Context(), key, dynamapper.MustExist()), name)
		require.Empty(t, scanRaw(t, table.Name()), name)
	}
}

// failures are calls that return an error with a key.
func failures(
	t *testing.T, m *dynamapper.Mapper, table *dynamapper.Table[reply], line *dynamotest.Faults,
) map[string]func(*reply) error {
	ctx := t.Context()
	stored := fixtures.Attributes{"id": fixtures.Text(foreignID), "at": fixtures.Text(foreignAt)}
	steal := func() { fixtures.SetRaw(t, table.Name(), stored, "coins", fixtures.Number("150")) }
	lose := func(operation string) { line.Each(operation, fixtures.Always(dynamotest.Lose())) }
	return map[string]func(*reply) error{
		"UnknownOutcomeError of Save": func(r *reply) error {
			lose("UpdateItem")
			r.Coins++
			return table.Save(ctx, r, dynamapper.FailOnConflict())
		},
		"UnknownOutcomeError of Update": func(r *reply) error {
			lose("UpdateItem")
			_, err := table.Update(table.KeyOf(r)).Add("coins", 1).Run(ctx)
			return err
		},
		"ConflictError": func(r *reply) error {
			steal()
			r.Coins++
			return table.Save(ctx, r, dynamapper.FailOnConflict())
		},
		"ConflictError of Delete": func(r *reply) error {
			steal()
			return table.Delete(ctx, r, dynamapper.FailOnConflict())
		},
		"ConflictError of an edited key": func(r *reply) error {
			r.At = r.At.Add(time.Hour)
			return table.Save(ctx, r, dynamapper.FailOnConflict())
		},
		"ConflictError of Delete with an edited key": func(r *reply) error {
			r.ID[0]++
			return table.Delete(ctx, r, dynamapper.FailOnConflict())
		},
		"ConflictError of a transaction": func(r *reply) error {
			steal()
			return m.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
				table.In(tx).Delete(r)
				return nil
			})
		},
		"ConditionError": func(r *reply) error {
			r.Coins++
			return table.Save(ctx, r, dynamapper.If(dynamapper.Attr("coins", dynamapper.GT(1000))))
		},
		"OverwriteError": func(r *reply) error {
			require.NoError(t, table.Delete(ctx, r))
			fixtures.PutRaw(t, table.Name(), foreignReply())
			return table.Save(ctx, r, dynamapper.FailOnConflict())
		},
		"NotFoundError": func(r *reply) error {
			require.NoError(t, table.Delete(ctx, r))
			err := table.Save(ctx, r, dynamapper.MustExist())
			fixtures.PutRaw(t, table.Name(), foreignReply())
			return err
		},
		"FieldError of Save": func(r *reply) error {
			r.Text = "\xff"
			return table.Save(ctx, r)
		},
		"FieldError in a batch": func(r *reply) error {
			r.Text = "\xff"
			return table.BatchSave(ctx, []*reply{r})
		},
		"FieldError of an edit that is not staged": func(r *reply) error {
			return m.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
				read, err := table.In(tx).Get(ctx, table.KeyOf(r))
				if err == nil {
					read.Coins++
				}
				return err
			})
		},
		"FieldError of Get": func(r *reply) error {
			fixtures.SetRaw(t, table.Name(), stored, "text", fixtures.Number("1"))
			_, err := table.Get(ctx, table.KeyOf(r), dynamapper.Consistent())
			return err
		},
		"FieldError of a key that cannot be read": func(r *reply) error {
			require.NoError(t, table.Delete(ctx, r))
			fixtures.PutRaw(
				t,
				table.Name(),
				fixtures.Attributes{
					"id": fixtures.Text(foreignID),
					"at": fixtures.Text("yesterday"),
				},
			)
			_, err := table.Scan().Consistent().Collect(ctx)
			return err
		},
	}
}

// keyOfError returns the key in an error.
func keyOfError(t *testing.T, err error, name string) dynamapper.PrimaryKey {
	t.Helper()
	var (
		unknown   *dynamapper.UnknownOutcomeError
		conflict  *dynamapper.ConflictError
		condition *dynamapper.ConditionError
		overwrite *dynamapper.OverwriteError
		missing   *dynamapper.NotFoundError
		field     *dynamapper.FieldError
	)
	switch {
	case errors.As(err, &unknown):
		return unknown.Key
	case errors.As(err, &conflict):
		return conflict.Key
	case errors.As(err, &condition):
		return condition.Key
	case errors.As(err, &overwrite):
		return overwrite.Key
	case errors.As(err, &missing):
		return missing.Key
	case errors.As(err, &field):
		return field.Key
	}
	require.Fail(t, "the error has no key", "%s: %v", name, err)
	return dynamapper.PrimaryKey{}
}

// KeyOf returns the values of the fields if they encode to the stored key, and an edited key as the
// fields have it now.
func TestKeyOfALoadedItem(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[reply](t)
	item, err := table.UnmarshalItem(foreignReply())
	require.NoError(t, err)
	at := time.Date(2015, 9, 15, 19, 58, 22, 947e6, time.UTC)
	id := guid{0xde, 0xad, 0xbe, 0xef}
	key := table.KeyOf(item)
	require.Equal(t, id, key.Hash())
	require.Equal(t, at, key.Range())
	require.NotEqual(t, dynamapper.Key(id, at), key, "it names another item")
	require.Equal(t, key, table.KeyOf(item))
	require.True(t, map[dynamapper.PrimaryKey]bool{key: true}[table.KeyOf(item)],
		"keys can be compared")

	item.At = at.Add(time.Hour)
	item.ID[0] = 1
	require.Equal(t, dynamapper.Key(item.ID, item.At), table.KeyOf(item))
	item.Model = dynamapper.Model{}
	item.At, item.ID = at, id
	require.Equal(t, dynamapper.Key(id, at), table.KeyOf(item),
		"a new item is stored in the spelling of its fields")

	ours, err := table.UnmarshalItem(
		fixtures.Attributes{
			"id": fixtures.Text("deadbeef"),
			"at": fixtures.Text("2015-09-15T19:58:22.947000000Z"),
		},
	)
	require.NoError(t, err)
	require.Equal(t, dynamapper.Key(id, at), table.KeyOf(ours))
}

// Two spellings of one number are the same key.
func TestKeyOfALoadedNumber(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[weighed](t)
	item, err := table.UnmarshalItem(fixtures.Attributes{"weight": fixtures.Number("1E2")})
	require.NoError(t, err)
	require.Equal(t, dynamapper.Key(100.0), table.KeyOf(item))
}

// A text is accepted as the key if the key is stored as text.
func TestTextAsAKey(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[reply](t)
	fixtures.PutRaw(t, table.Name(), foreignReply())
	key := dynamapper.Key(foreignID, foreignAt)
	got, err := table.Get(t.Context(), key, dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, 200, got.Coins)
	_, err = table.Get(t.Context(), dynamapper.Key(got.ID, got.At))
	require.ErrorIs(t, err, dynamapper.ErrNotFound, "the mapper stores the values differently")
	for name, query := range map[string]*dynamapper.Query[reply]{
		"hash":    table.Query(foreignID),
		"EQ":      table.Query(foreignID).Range(dynamapper.EQ(foreignAt)),
		"LE":      table.Query(foreignID).Range(dynamapper.LE(foreignAt)),
		"GE":      table.Query(foreignID).Range(dynamapper.GE(foreignAt)),
		"Between": table.Query(foreignID).Range(dynamapper.Between(foreignAt, foreignAt)),
	} {
		items, err := query.Consistent().Collect(t.Context())
		require.NoError(t, err, name)
		require.Len(t, items, 1, name)
	}
	_, err = table.ModifyOrNew(t.Context(), dynamapper.Key("ABCDEF01", foreignAt),
		func(r *reply) error {
			r.Coins = 1
			return nil
		})
	require.NoError(t, err)
	require.NotNil(t,
		fixtures.GetRaw(t, table.Name(),
			fixtures.Attributes{"id": fixtures.Text("ABCDEF01"), "at": fixtures.Text(foreignAt)}))
}
