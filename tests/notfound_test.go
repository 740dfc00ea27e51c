package tests

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

// Every operation that takes a key names it in a NotFoundError, also within a transaction.
func TestNotFoundErrorNamesTheItem(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	key := dynamapper.Key("nobody")
	inTx := func(use func(context.Context, *txPlayers) error) error {
		return b.mapper.RunTransaction(t.Context(),
			func(ctx context.Context, tx *dynamapper.Tx) error {
				return use(ctx,
					b.players.In(tx))
			})
	}
	for op, err := range map[string]error{
		"Get":    second(b.players.Get(t.Context(), key)),
		"Modify": second(b.players.Modify(t.Context(), key, func(*player) error { return nil })),
		"Save":   b.players.Save(t.Context(), &player{Login: "nobody"}, dynamapper.MustExist()),
		"Delete": b.players.Delete(t.Context(), &player{Login: "nobody"},
			dynamapper.MustExist()),
		"DeleteKey": b.players.DeleteKey(t.Context(), key, dynamapper.MustExist(),
			dynamapper.Idempotent()),
		"Update": second(b.players.Update(key).Remove("name").Run(t.Context())),
		"Check": inTx(
			func(_ context.Context, players *txPlayers) error { players.Check(key); return nil }),
	} {
		requireNotFound(t, err, op, b.players.Name(), key)
	}
	requireNotFound(t, inTx(func(ctx context.Context, players *txPlayers) error {
		_, first := players.Get(ctx, key)
		_, again := players.Get(ctx, key)
		require.Equal(t, first, again)
		return again
	}), "Get", b.players.Name(), key)
	requireNotFound(t, second(b.entries.Get(t.Context(), dynamapper.Key(-1))), "Get",
		b.entries.Name(), dynamapper.Key(-1))
	requireNotFound(t, second(b.players.UnmarshalItem(nil)), "UnmarshalItem", b.players.Name(),
		dynamapper.PrimaryKey{})
}

func second[T any](_ T, err error) error { return err }

func requireNotFound(t *testing.T, err error, op, table string, key dynamapper.PrimaryKey) {
	t.Helper()
	require.ErrorIs(t, err, dynamapper.ErrNotFound, op)
	require.NotErrorIs(t, err, dynamapper.ErrConflict, op)
	var missing *dynamapper.NotFoundError
	require.True(t, errors.As(err, &missing), op)
	require.Equal(t, []any{op, table, key}, []any{missing.Op, missing.Table, missing.Key})
	problem := "there is no item with this key"
	if op == "UnmarshalItem" {
		problem = "the attributes are nil, which is no item"
	}
	require.EqualError(t, missing, fmt.Sprintf("dynamapper: %s: table %q: %s", op, table, problem))
}
