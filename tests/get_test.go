package tests

import (
	"context"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

func TestGet(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	fixtures.PutRaw(t, players.Name(), storedPlayer("waldo"))
	p, err := players.Get(t.Context(), dynamapper.Key("waldo"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, "Waldo", p.Name)
	require.Equal(t, map[string]int{"sword": 2, "armor": 1}, p.Inventory)
	require.False(t, players.IsNew(p))
	require.Equal(t, storedPlayer("waldo"), players.Snapshot(p))
	missing, err := players.Get(t.Context(), dynamapper.Key("nobody"))
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	require.ErrorContains(t, err, players.Name())
	require.NotContains(t, err.Error(), "nobody", "a key may be secret")
	require.Nil(t, missing)
	require.Equal(t, []string{"GetItem", "GetItem"}, sent.Take())
}

func TestASnapshotIsACopy(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	p := loadedPlayer(t, players, "waldo")
	players.Snapshot(p)["name"].(*types.AttributeValueMemberS).Value = "changed"
	require.Equal(t, storedPlayer("waldo"), players.Snapshot(p))
}

func TestAnItemThatCannotBeDecoded(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	stored := storedPlayer("waldo")
	stored["balance"] = fixtures.Text("s3cr3t")
	fixtures.PutRaw(t, players.Name(), stored)
	p, err := players.Get(t.Context(), dynamapper.Key("waldo"), dynamapper.Consistent())
	require.Nil(t, p)
	var wrong *dynamapper.FieldError
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, "Get", wrong.Op)
	require.Equal(t, dynamapper.Key("waldo"), wrong.Key)
	require.Equal(t, "player.Balance", wrong.Field)
	require.Equal(t, "balance", wrong.Attribute)
	require.NotContains(t, err.Error(), "s3cr3t")
	require.NotContains(t, err.Error(), "waldo")
}

// token is a key that is stored as its text.
type token [4]byte

func (k token) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(k[:])), nil }

func (k *token) UnmarshalText(text []byte) error {
	_, err := hex.Decode(k[:], text)
	return err
}

type session struct {
	dynamapper.Model `dynamo:"sessions"`
	Token            token     `dynamo:"token,hash"`
	At               time.Time `dynamo:"at,range"`
	User             string    `dynamo:"user"`
}

func TestKeysOfTextAndTime(t *testing.T) {
	t.Parallel()
	sessions := fixtures.TableOf[session](t)
	at := time.Date(2024, 2, 29, 23, 59, 59, 1, time.FixedZone("", -3600))
	s := &session{Token: token{1, 2, 3, 4}, At: at, User: "waldo"}
	require.NoError(t, sessions.Save(t.Context(), s, dynamapper.FailOnConflict()))
	require.Equal(t, fixtures.Attributes{
		"token": fixtures.Text("01020304"), "at": fixtures.Text("2024-03-01T00:59:59.000000001Z"),
		"user": fixtures.Text("waldo"),
	}, sessions.Snapshot(s))
	for _, key := range []dynamapper.PrimaryKey{
		dynamapper.Key(token{1, 2, 3, 4}, at), dynamapper.Key("01020304", at.UTC()),
		sessions.KeyOf(s),
	} {
		got, err := sessions.Get(t.Context(), key, dynamapper.Consistent())
		require.NoError(t, err)
		require.Equal(t, "waldo", got.User)
		require.True(t, got.At.Equal(at))
		require.NoError(t, sessions.Save(t.Context(), got, dynamapper.FailOnConflict()))
	}
	require.NoError(t,
		sessions.DeleteKey(t.Context(), dynamapper.Key("01020304", at), dynamapper.MustExist()))
}

// Keys that do not fit the table return an error before anything is sent.
func TestCallsRefuseKeys(t *testing.T) {
	t.Parallel()
	sessions, sent := fixtures.WatchedTable[session](t)
	for _, key := range []dynamapper.PrimaryKey{
		{}, dynamapper.Key("s3cr3t"), dynamapper.Key("s3cr3t", time.Now()),
		dynamapper.Key("01020304", "s3cr3t"), dynamapper.Key(nil, nil),
		dynamapper.Key("01020304", time.Now(), 3),
		dynamapper.Key(&types.AttributeValueMemberS{}, time.Now()),
	} {
		_, getErr := sessions.Get(t.Context(), key)
		for _, err := range []error{getErr, sessions.DeleteKey(t.Context(), key)} {
			require.ErrorContains(t, err, sessions.Name())
			require.NotContains(t, err.Error(), "s3cr3t")
		}
	}
	require.Empty(t, sent.Take())
}

// calls returns all calls on one item.
func calls(
	ctx context.Context, players *dynamapper.Table[player], loaded *player,
) map[string]func() error {
	key := dynamapper.Key("waldo")
	return map[string]func() error{
		"Get": func() error { _, err := players.Get(ctx, key); return err },
		"Save": func() error {
			return players.Save(ctx,
				&player{Login: "waldo", Name: "New"})
		},
		"Save under": func() error {
			return players.Save(ctx, loaded,
				dynamapper.FailOnConflict())
		},
		"Save the changed": func() error {
			return players.Save(ctx, loaded,
				dynamapper.ChangedOnly())
		},
		"Delete": func() error {
			return players.Delete(ctx, loaded,
				dynamapper.FailOnConflict())
		},
		"DeleteKey": func() error { return players.DeleteKey(ctx, key) },
	}
}

func TestCallsWithACancelledContext(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	loaded := loadedPlayer(t, players, "waldo")
	loaded.Name = "Edited"
	before := copyOf(loaded)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	expired, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Hour))
	defer cancel()
	for name, call := range calls(cancelled, players, loaded) {
		err := call()
		require.ErrorIs(t, err, context.Canceled, name)
		require.ErrorContains(t, err, "the context was cancelled", name)
		require.ErrorContains(t, err, players.Name(), name)
	}
	for name, call := range calls(expired, players, loaded) {
		require.ErrorIs(t, call(), context.DeadlineExceeded, name)
	}
	require.Equal(t, before, loaded)
	require.Equal(t, storedPlayer("waldo"), fixtures.GetRaw(t, players.Name(), playerKey("waldo")))
}

func TestCallsWithANilContext(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	loaded := loadedPlayer(t, players, "waldo")
	loaded.Name = "Edited"
	var missing context.Context
	for name, call := range calls(missing, players, loaded) {
		require.ErrorContains(t, call(), "the context is nil; give context.Background()", name)
	}
	require.Equal(t, storedPlayer("waldo"), fixtures.GetRaw(t, players.Name(), playerKey("waldo")))
}

func TestCallsOnATableThatDoesNotExist(t *testing.T) {
	t.Parallel()
	players, err := dynamapper.TableOf[player](fixtures.Mapper(t))
	require.NoError(t, err)
	loaded, err := players.UnmarshalItem(storedPlayer("waldo"))
	require.NoError(t, err)
	loaded.Name = "Edited"
	before := copyOf(loaded)
	for name, call := range calls(t.Context(), players, loaded) {
		err := call()
		var missing *types.ResourceNotFoundException
		require.True(t, errors.As(err, &missing), name)
		require.ErrorContains(t, err, players.Name(), name)
		require.ErrorContains(t, err, "create it with CreateTable or EnsureTable", name)
		require.NotErrorIs(t, err, dynamapper.ErrNotFound, name)
	}
	require.Equal(t, before, loaded)
}

func TestNilItemsAreErrors(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	require.ErrorContains(t, players.Save(t.Context(), nil),
		"the item is nil; give a pointer to a model")
	require.ErrorContains(t, players.Delete(t.Context(), nil),
		"the item is nil; give a pointer to a model")
	_, err := players.MarshalItem(nil)
	require.ErrorContains(t, err, "the item is nil")
	require.Nil(t, players.ToMap(nil))
	require.Nil(t, players.Snapshot(nil))
	require.True(t, players.IsNew(nil))
}
