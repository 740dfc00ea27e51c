package migrate

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// login and account are one thing at two keys, in two tables.
type login struct {
	dynamapper.Model `dynamo:"logins"`
	Name             string `dynamo:"name,hash"`
	Coins            int    `dynamo:"coins"`
}

type account struct {
	dynamapper.Model `dynamo:"accounts"`
	ID               string `dynamo:"id,hash"`
	Coins            int    `dynamo:"coins"`
}

func accountID(name string) string { return "ACCOUNT#" + name }

// copied is what the guide shows of copies, and a program that writes both items.
type copied struct {
	mapper   *dynamapper.Mapper
	logins   *dynamapper.Table[login]
	accounts *dynamapper.Table[account]
}

func (c *copied) copyAll(ctx context.Context) error {
	for old, err := range c.logins.Scan().All(ctx) {
		if err != nil {
			return err
		}
		err := c.mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
			_, err := c.accounts.In(tx).Get(ctx, dynamapper.Key(accountID(old.Name)))
			if err == nil || !errors.Is(err, dynamapper.ErrNotFound) {
				return err
			}
			now, err := c.logins.In(tx).Get(ctx, c.logins.KeyOf(old))
			if errors.Is(err, dynamapper.ErrNotFound) {
				return nil
			}
			if err != nil {
				return err
			}
			return c.accounts.In(tx).Save(&account{ID: accountID(now.Name), Coins: now.Coins})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// add gives coins to both items. If 0, it deletes both.
func (c *copied) add(ctx context.Context, name string, coins int) error {
	return c.mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		old, err := c.logins.In(tx).Get(ctx, dynamapper.Key(name))
		if errors.Is(err, dynamapper.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if coins == 0 {
			if err := c.logins.In(tx).Delete(old); err != nil {
				return err
			}
			return c.accounts.In(tx).DeleteKey(dynamapper.Key(accountID(name)))
		}
		old.Coins += coins
		if err := c.logins.In(tx).Save(old); err != nil {
			return err
		}
		return c.accounts.In(tx).Put(&account{ID: accountID(name), Coins: old.Coins})
	})
}

// While programs write both items, the copies end as the originals: no change is lost, and no item
// comes back that was deleted.
func TestCopiesFollowTheirOriginals(t *testing.T) {
	t.Parallel()
	const items, rounds = 60, 5
	fixtures.SteadyEngine(t)
	mapper := fixtures.Mapper(t, dynamapper.WithMaxRetries(1000))
	c := &copied{mapper, fixtures.TableIn[login](t, mapper), fixtures.TableIn[account](t, mapper)}
	nameOf := func(i int) string { return fmt.Sprintf("player-%d", i) }
	all := make([]*login, items)
	for i := range all {
		all[i] = &login{Name: nameOf(i), Coins: 1}
	}
	fixtures.PutMany(t, c.logins, all)

	var running sync.WaitGroup
	for range 2 {
		running.Go(func() {
			if err := c.copyAll(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	for writer := range 3 {
		running.Go(func() {
			for i := range items * rounds {
				coins := 1
				if i%7 == writer {
					coins = 0
				}
				if err := c.add(t.Context(), nameOf((i*(writer+1))%items), coins); err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	left := 0
	for old, err := range c.logins.Scan().Consistent().All(t.Context()) {
		require.NoError(t, err)
		copied, err := c.accounts.Get(t.Context(), dynamapper.Key(accountID(old.Name)),
			dynamapper.Consistent())
		require.NoError(t, err, old.Name)
		require.Equal(t, old.Coins, copied.Coins)
		left++
	}
	n, err := c.accounts.Scan().Consistent().Count(t.Context())
	require.NoError(t, err)
	require.Equal(t, left, n)
	require.Less(t, left, items)
	require.Positive(t, left)
}
