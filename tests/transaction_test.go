package tests

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

func poor() dynamapper.Condition { return dynamapper.Attr("balance", dynamapper.LT(100)) }

func rich() dynamapper.Condition { return dynamapper.Attr("balance", dynamapper.GE(100)) }

// Operations of all kinds on items of several tables are applied by one request, and the items have
// the written values.
func TestTransaction(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	fixtures.PutRaw(
		t,
		b.players.Name(),
		storedPlayer("gone"),
		storedPlayer("left"),
		storedPlayer("updated"),
		storedPlayer("checked"),
		storedPlayer("outside"),
	)
	outside, gone := fixtures.Load(t, b.players, "outside"), fixtures.Load(t, b.players, "gone")
	fresh, entry := &purse{Owner: "fresh", Coins: 5}, &logEntry{Text: "one"}
	var waldo *player
	var full *purse
	var version int
	b.Take()
	err := b.mapper.RunTransaction(t.Context(),
		func(ctx context.Context, tx *dynamapper.Tx) (err error) {
			players := b.players.In(tx)
			waldo = b.get(t, ctx, tx, "waldo")
			full, err = b.purses.In(tx).Get(ctx, dynamapper.Key("waldo"))
			require.NoError(t, err)
			version = full.Version
			players.Save(waldo)
			players.Save(outside)
			b.purses.In(tx).Save(full)
			b.purses.In(tx).Save(fresh)
			b.entries.In(tx).Save(entry)
			players.Delete(gone)
			players.DeleteKey(dynamapper.Key("left"))
			players.Update(dynamapper.Key("updated")).Add("balance", 1).Set("name", "Set")
			players.Check(dynamapper.Key("checked"), rich())
			// items are encoded at the commit
			waldo.Balance, outside.Balance, full.Coins, fresh.Coins = 1, 2, 3, 4
			return nil
		})
	require.NoError(t, err)
	require.Equal(t, []string{"GetItem", "GetItem", "UpdateItem", "TransactWriteItems"}, b.Take())
	for login, balance := range map[string]int{"waldo": 1, "outside": 2, "gone": -1, "left": -1,
		"updated": 201, "checked": 200} {
		require.Equal(t, balance, b.balance(t, login), login)
	}
	require.Equal(
		t,
		fixtures.Text("reds"),
		fixtures.GetRaw(t, b.players.Name(), playerKey("waldo"))["clan"],
		"unknown attributes stay",
	)
	requireAsStored(t, b.purses, full, "waldo")
	require.Equal(t, version+1, full.Version)
	requireAsStored(t, b.purses, fresh, "fresh")
	require.NotZero(t, fresh.Version)
	require.EqualValues(t, 1, entry.ID)
	requireAsStored(t, b.entries, entry, 1)
	require.True(t, b.players.IsNew(gone))

	entry.Text, waldo.Balance, outside.Balance, full.Coins, fresh.Coins = "two", 10, 20, 30, 40
	for _, err := range []error{
		b.players.Save(t.Context(), waldo, dynamapper.FailOnConflict()),
		b.players.Save(t.Context(), outside, dynamapper.FailOnConflict()),
		b.purses.Save(t.Context(), full, dynamapper.FailOnConflict()),
		b.purses.Save(t.Context(), fresh, dynamapper.FailOnConflict()),
		b.entries.Save(t.Context(), entry, dynamapper.FailOnConflict()),
		b.players.Save(t.Context(), gone, dynamapper.FailOnConflict()),
	} {
		require.NoError(t, err, "the snapshot is the written item")
	}
	require.Equal(
		t,
		fixtures.Text("reds"),
		fixtures.GetRaw(t, b.players.Name(), playerKey("gone"))["clan"],
	)
}

// Get reads an item once, consistently, and then returns the same pointer.
func TestTransactionGet(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	err := b.mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
		one, other := b.get(t, ctx, tx, "waldo"), b.get(t, ctx, tx, "waldo")
		require.Same(t, one, other)
		b.players.In(tx).Check(dynamapper.Key("waldo"))
		require.Same(t, one, b.get(t, ctx, tx, "waldo"), "a check writes nothing")
		for range 2 {
			_, err := b.players.In(tx).Get(ctx, dynamapper.Key("nobody"))
			require.ErrorIs(t, err, dynamapper.ErrNotFound)
		}
		_, err := b.entries.In(tx).Get(ctx, dynamapper.Key(-1))
		require.ErrorIs(t, err, dynamapper.ErrNotFound, "the counter is not an item of the model")
		_, err = b.players.In(tx).Get(ctx, dynamapper.Key(""))
		require.ErrorContains(t, err, "is empty")
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, []string{"GetItem", "GetItem", "TransactWriteItems"}, b.Take())
}

// Modify and transactions read consistently, because they decide by what they read.
func TestModifyAndTransactionsReadConsistently(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	var bodies []string
	b.line.Each("GetItem", func(int) dynamotest.Fault {
		return func(request *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
			body, err := io.ReadAll(request.Body)
			if err != nil {
				return nil, err
			}
			bodies = append(bodies, string(body))
			request.Body = io.NopCloser(bytes.NewReader(body))
			return send()
		}
	})
	_, err := b.players.Modify(t.Context(), dynamapper.Key("waldo"),
		func(*player) error { return nil })
	require.NoError(t, err)
	require.NoError(t,
		b.mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
			b.get(t, ctx, tx, "waldo")
			return nil
		}))
	require.Len(t, bodies, 2)
	for _, body := range bodies {
		require.Contains(t, body, `"ConsistentRead":true`)
	}
}

// A transaction can load or create an item: the commit checks that a missing item is still missing.
// If another writer has inserted it, the function runs again, and nothing is replaced.
func TestTransactionLoadsOrCreates(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	tries := 0
	deposit := func(ctx context.Context, tx *dynamapper.Tx) error {
		tries++
		p, err := b.players.In(tx).Get(ctx, dynamapper.Key("new"))
		if errors.Is(err, dynamapper.ErrNotFound) {
			p, err = &player{Login: "new"}, nil
		}
		require.NoError(t, err)
		if tries == 1 {
			fixtures.PutRaw(t, b.players.Name(), storedPlayer("new"))
		}
		p.Balance += 5
		b.players.In(tx).Save(p)
		return nil
	}
	require.NoError(t, b.mapper.RunTransaction(t.Context(), deposit))
	require.Equal(t, 2, tries)
	require.Equal(t, 205, b.balance(t, "new"))
	fixtures.DeleteRaw(t, b.players.Name(), playerKey("new"))
	require.NoError(t, b.mapper.RunTransaction(t.Context(), deposit))
	require.Equal(t, 5, b.balance(t, "new"))
}

// The commit also checks that an item which Get did not find is still missing if an item that was
// loaded earlier is written there. If another writer has restored the item, the function runs
// again, because it decided by its absence.
func TestTransactionWritesALoadedItemWhereGetFoundNone(t *testing.T) {
	t.Parallel()
	for name, stage := range map[string]func(*txPlayers, *player){
		"Save":   func(players *txPlayers, p *player) { players.Save(p) },
		"Delete": func(players *txPlayers, p *player) { players.Delete(p) },
	} {
		t.Run(name, func(t *testing.T) {
			b := openBank(t)
			loaded := fixtures.Load(t, b.players, "waldo")
			fixtures.DeleteRaw(t, b.players.Name(), playerKey("waldo"))
			var found []bool
			attempt := func(restored bool) error {
				found = nil
				return b.mapper.RunTransaction(t.Context(),
					func(ctx context.Context, tx *dynamapper.Tx) error {
						p, err := b.players.In(tx).Get(ctx, dynamapper.Key("waldo"))
						if restored && len(found) == 0 {
							fixtures.PutRaw(t, b.players.Name(), storedPlayer("waldo"))
						}
						found = append(found, err == nil)
						if err == nil {
							return errInDebt
						}
						require.Nil(t, p)
						stage(b.players.In(tx), loaded)
						return nil
					})
			}
			require.ErrorIs(t, attempt(true), errInDebt)
			require.Equal(t, []bool{false, true}, found)
			require.Equal(
				t,
				storedPlayer("waldo"),
				fixtures.GetRaw(t, b.players.Name(), playerKey("waldo")),
			)
			fixtures.DeleteRaw(t, b.players.Name(), playerKey("waldo"))
			require.ErrorIs(t, attempt(false), dynamapper.ErrConflict,
				"the item is missing, and another call of the function would find the same")
			require.Equal(t, []bool{false}, found)
		})
	}
}

// A hook writes an attribute that is not in the schema. If another writer has added that attribute
// since, the item has changed.
func TestTransactionRunsAgainForAnAttributeOfAHook(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	labelled := fixtures.TableIn[labelledItem](t, b.mapper)
	key := fixtures.Attributes{"id": fixtures.Text("1")}
	fixtures.PutRaw(t, labelled.Name(), key)
	tries := 0
	require.NoError(t,
		b.mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
			item, err := labelled.In(tx).Get(ctx, dynamapper.Key("1"))
			require.NoError(t, err)
			if tries++; tries == 1 {
				fixtures.SetRaw(t, labelled.Name(), key, "label", fixtures.Text("theirs"))
			}
			item.Count++
			labelled.In(tx).Save(item)
			return nil
		}))
	require.Equal(t, 2, tries)
	require.Equal(t, fixtures.Text("item 1"), fixtures.GetRaw(t, labelled.Name(), key)["label"])
}

// labelledItem has a hook that writes an attribute without a field.
type labelledItem struct {
	dynamapper.Model `dynamo:"labelled"`
	ID               string `dynamo:"id,hash"`
	Count            int    `dynamo:"count"`
}

func (l *labelledItem) MarshalItem() (fixtures.Attributes, error) {
	item, err := dynamapper.EncodeItem(l)
	if err == nil {
		item["label"] = fixtures.Text(fmt.Sprint("item ", l.Count))
	}
	return item, err
}

// If an item has changed since it was read, the function runs again, whatever it does with the
// item, and also if another operation was refused. The writes follow from the new state.
func TestTransactionRunsAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stage func(b *bank, tx *dynamapper.Tx, p *player)
		wally int // the balance of wally afterwards, or -1
	}{
		"Save": {
			func(b *bank, tx *dynamapper.Tx, p *player) { p.Name = "x"; b.players.In(tx).Save(p) },
			200},
		"Delete": {func(b *bank, tx *dynamapper.Tx, p *player) { b.players.In(tx).Delete(p) },
			-1},
		"DeleteKey": {
			func(b *bank, tx *dynamapper.Tx, p *player) {
				b.players.In(tx).
					DeleteKey(dynamapper.Key("wally"))
			}, -1},
		"Update": {func(b *bank, tx *dynamapper.Tx, p *player) {
			b.players.In(tx).Update(dynamapper.Key("wally")).Add("balance", 1)
		}, 201},
		"Update, If": {func(b *bank, tx *dynamapper.Tx, p *player) {
			b.players.In(tx).Update(dynamapper.Key("wally")).Set("name", "x").If(rich())
		}, 200},
		"Save, If": {
			func(b *bank, tx *dynamapper.Tx, p *player) {
				b.players.In(tx).Save(p,
					dynamapper.If(rich()))
			}, 200},
		"Check": {
			func(b *bank, tx *dynamapper.Tx, p *player) {
				b.players.In(tx).
					Check(dynamapper.Key("wally"))
			}, 200},
		"Check, false": {
			func(b *bank, tx *dynamapper.Tx, p *player) {
				b.players.In(tx).
					Check(dynamapper.Key("wally"), rich())
			}, 200},
		"MustExist": {func(b *bank, tx *dynamapper.Tx, p *player) {
			b.players.In(tx).DeleteKey(dynamapper.Key("wally"), dynamapper.MustExist())
		}, -1},
		"only read": {func(*bank, *dynamapper.Tx, *player) {}, 200},
		"beside an If": {func(b *bank, tx *dynamapper.Tx, p *player) { b.besideRefusal(tx, p) },
			200},
		"outside, beside": {func(b *bank, tx *dynamapper.Tx, p *player) {
			if p.Balance != 200 {
				b.players.In(tx).Save(&player{Login: "waldo"}) // exists already
			}
		}, 200},
	} {
		t.Run(name, func(t *testing.T) {
			b := openBank(t)
			fixtures.SetRaw(
				t,
				b.players.Name(),
				playerKey("wally"),
				"balance",
				fixtures.Number("7"),
			)
			var seen []int
			err := b.mapper.RunTransaction(t.Context(),
				func(ctx context.Context, tx *dynamapper.Tx) error {
					p := b.get(t, ctx, tx, "wally")
					if seen = append(seen, p.Balance); len(seen) == 1 {
						b.setBalance(t, "wally", 200)
					}
					test.stage(b, tx, p)
					b.purses.In(tx).Update(dynamapper.Key("waldo")).Add("coins", 1)
					return nil
				})
			require.NoError(t, err)
			require.Equal(t, []int{7, 200}, seen)
			require.Equal(t, test.wally, b.balance(t, "wally"))
			require.Equal(t, 201, fixtures.Load(t, b.purses, "waldo").Coins, "applied once")
		})
	}
}

// If a transaction reads one item and writes another, it is refused when the first one has changed:
// there is no write skew.
func TestTransactionHasNoWriteSkew(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	withdraw := func(other, own string) error {
		return b.mapper.RunTransaction(t.Context(),
			func(ctx context.Context, tx *dynamapper.Tx) error {
				if b.get(t, ctx, tx, other).Balance+b.get(t, ctx, tx, own).Balance < 300 {
					return errInDebt
				}
				p := b.get(t, ctx, tx, own)
				p.Balance -= 300
				b.players.In(tx).Save(p)
				return nil
			})
	}
	errs := fixtures.InParallel(func(writer int) error {
		if writer%2 == 0 {
			return withdraw("waldo", "wally")
		}
		return withdraw("wally", "waldo")
	})
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		} else {
			require.ErrorIs(t, err, errInDebt)
		}
	}
	require.Equal(t, 1, done)
	require.Equal(t, 100, b.balance(t, "waldo")+b.balance(t, "wally"))
}

// Writers move money between two accounts while it lasts and count the moves with Modify, and
// readers watch: the sum stays the same, no balance is negative, and no reader sees a state that
// never existed.
func TestTransactionsMoveMoney(t *testing.T) {
	t.Parallel()
	const each = 6
	b := openBank(t)
	require.NoError(t, b.purses.Save(t.Context(), &purse{Owner: "count"}))
	see := func() error {
		sum := 0
		err := b.mapper.RunTransaction(t.Context(),
			func(ctx context.Context, tx *dynamapper.Tx) error {
				sum = 0
				for _, login := range []string{"waldo", "wally"} {
					p, err := b.players.In(tx).Get(ctx, dynamapper.Key(login))
					if err != nil {
						return err
					}
					if p.Balance < 0 {
						return errInDebt
					}
					sum += p.Balance
				}
				return nil
			})
		if err == nil && sum != 400 {
			err = fmt.Errorf("the accounts have %d", sum)
		}
		return err
	}
	refused := make([]int, fixtures.Writers)
	move := func(writer int, from, to string) error {
		err := b.mapper.RunTransaction(t.Context(),
			func(ctx context.Context, tx *dynamapper.Tx) error {
				p, err := b.players.In(tx).Get(ctx, dynamapper.Key(from))
				if err != nil {
					return err
				}
				if p.Balance < 150 {
					return errInDebt
				}
				p.Balance -= 150
				b.players.In(tx).Save(p)
				b.players.In(tx).Update(dynamapper.Key(to)).Add("balance", 150)
				return nil
			})
		if errors.Is(err, errInDebt) {
			refused[writer]++
			return nil
		}
		if err == nil {
			_, err = b.purses.Modify(t.Context(), dynamapper.Key("count"), credit(1))
		}
		return err
	}
	require.NoError(t, errors.Join(fixtures.InParallel(func(writer int) error {
		for i := range each {
			from, to := "waldo", "wally"
			if (writer+i)%3 == 0 {
				from, to = to, from
			}
			if err := errors.Join(move(writer, from, to), see()); err != nil {
				return err
			}
		}
		return nil
	})...))
	moved := each * fixtures.Writers
	for _, n := range refused {
		moved -= n
	}
	require.Equal(t, moved, fixtures.Load(t, b.purses, "count").Coins)
	require.NoError(t, see())
}

// An error of the function ends the transaction, but several reads are checked first, so that the
// error does not rest on a state that never existed. A single read needs no check.
func TestTransactionFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		logins  []string
		changes bool
		tries   int
		sent    int // number of TransactGetItems
	}{
		"no read":               {nil, true, 1, 0},
		"one read, changed":     {[]string{"waldo"}, true, 1, 0},
		"two reads":             {[]string{"waldo", "wally"}, false, 1, 1},
		"two reads, changed":    {[]string{"waldo", "wally"}, true, 2, 2},
		"one missing":           {[]string{"waldo", "nobody"}, false, 1, 1},
		"one missing, changed":  {[]string{"waldo", "nobody"}, true, 2, 2},
		"two missing, inserted": {[]string{"nobody", "none"}, true, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			b := openBank(t)
			tries := 0
			failed := fmt.Errorf("mine: %w", errInDebt)
			err := b.mapper.RunTransaction(t.Context(),
				func(ctx context.Context, tx *dynamapper.Tx) error {
					tries++
					for _, login := range test.logins {
						_, err := b.players.In(tx).Get(ctx, dynamapper.Key(login))
						require.True(t, err == nil || errors.Is(err, dynamapper.ErrNotFound))
					}
					if test.changes && tries == 1 {
						fixtures.PutRaw(
							t,
							b.players.Name(),
							fixtures.Attributes{
								"login":   fixtures.Text("waldo"),
								"balance": fixtures.Number("1"),
							},
							storedPlayer("none"),
						)
					}
					b.players.In(tx).DeleteKey(dynamapper.Key("wally"))
					return failed
				})
			require.Equal(t, failed, err, "the function's error is unchanged")
			require.Equal(t, test.tries, tries)
			require.Equal(t, test.sent, b.line.Sent("TransactGetItems"))
			require.Equal(t, 200, b.balance(t, "wally"), "nothing is written")
		})
	}
}

// ValidateItem also decides by what was read, so an error from it is checked in the same way.
// Together, the purses have 200.
func TestTransactionIsNotValid(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		price, moved, tries, left int
	}{
		"by what never was": {150, 200, 2, 50}, "by what is": {250, 0, 1, -1},
		"by what is in the end": {250, 200, 2, -1},
	} {
		t.Run(name, func(t *testing.T) {
			b := openBank(t)
			require.NoError(t, b.purses.Save(t.Context(), &purse{Owner: "wally"}))
			tries := 0
			var waldo, wally *purse
			err := b.mapper.RunTransaction(t.Context(),
				func(ctx context.Context, tx *dynamapper.Tx) (err error) {
					wally, err = b.purses.In(tx).Get(ctx, dynamapper.Key("wally"))
					require.NoError(t, err)
					if tries++; tries == 1 && test.moved > 0 {
						for owner, coins := range map[string]int{"waldo": -test.moved,
							"wally": test.moved} {
							_, err := b.purses.Modify(t.Context(), dynamapper.Key(owner),
								credit(coins))
							require.NoError(t, err)
						}
					}
					waldo, err = b.purses.In(tx).Get(ctx, dynamapper.Key("waldo"))
					require.NoError(t, err)
					waldo.Coins, wally.Coins = waldo.Coins+wally.Coins-test.price, 0
					b.purses.In(tx).Save(wally)
					b.purses.In(tx).Save(waldo)
					return nil
				})
			require.Equal(t, test.tries, tries)
			if test.left >= 0 {
				require.NoError(t, err)
				require.Equal(t, test.left, fixtures.Load(t, b.purses, "waldo").Coins)
				return
			}
			require.ErrorIs(t, err, errInDebt)
			require.ErrorContains(t, err, "the item is not valid")
			require.Equal(
				t,
				200,
				fixtures.Load(t, b.purses, "waldo").Coins+fixtures.Load(t, b.purses, "wally").Coins,
			)
			require.Equal(t, fixtures.Load(t, b.purses, "wally").Version, wally.Version,
				"the stamps are removed again")
		})
	}
}

// If a function only reads, several reads are checked for a consistent view; one read needs no
// further request.
func TestTransactionThatOnlyReads(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	require.NoError(t,
		b.mapper.RunTransaction(t.Context(),
			func(context.Context, *dynamapper.Tx) error { return nil }))
	require.Empty(t, b.Take())
	tries := 0
	require.NoError(t,
		b.mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
			tries++
			b.get(t, ctx, tx, "waldo")
			b.setBalance(t, "waldo", 1)
			return nil
		}))
	require.Equal(t, []string{"GetItem"}, b.Take())
	require.Equal(t, 1, tries)
	var seen []int
	require.NoError(t,
		b.mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
			waldo := b.get(t, ctx, tx, "waldo")
			if len(seen) == 0 {
				b.setBalance(t, "waldo", 0)
				b.setBalance(t, "wally", 400)
			}
			seen = append(seen, waldo.Balance+b.get(t, ctx, tx, "wally").Balance)
			return nil
		}))
	require.Equal(t, []int{401, 400}, seen)
	require.Equal(t,
		[]string{"GetItem", "GetItem", "TransactGetItems", "GetItem", "GetItem",
			"TransactGetItems"}, b.Take())
}

// A refusal that no changed read explains ends the transaction with the reasons in the order
// staged, and changes neither the table nor the items.
func TestTransactionIsRefused(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	stale := fixtures.Load(t, b.players, "wally")
	b.setBalance(t, "wally", 50)
	fresh, entry := &purse{Owner: "fresh"}, &logEntry{Text: "one"}
	var full *purse
	var beforeFull purse
	beforeStale := copyOf(stale)
	tries := 0
	err := b.mapper.RunTransaction(t.Context(),
		func(ctx context.Context, tx *dynamapper.Tx) (err error) {
			tries++
			players := b.players.In(tx)
			full, err = b.purses.In(tx).Get(ctx, dynamapper.Key("waldo"))
			require.NoError(t, err)
			beforeFull = *full
			b.purses.In(tx).
				Save(fresh) // 0: succeeds
			players.Save(
				stale) // 1: loaded outside, and has changed
			b.entries.In(tx).
				Save(entry) // 2: succeeds
			players.Check(dynamapper.Key("waldo"),
				poor()) // 3: condition is false
			b.purses.In(tx).
				Save(full) // 4: succeeds
			players.Check(
				dynamapper.Key("nobody")) // 5: missing
			players.Save(
				&player{Login: "waldo2"}) // 6: succeeds
			players.Update(dynamapper.Key("none")).Set("name", "x").
				MustExist() // 7: missing
			b.purses.In(tx).DeleteKey(dynamapper.Key("none"),
				dynamapper.If(dynamapper.Attr("coins", dynamapper.EQ(1)))) // 8: condition is false
			return nil
		})
	var refused *dynamapper.TransactionError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, 1, tries)
	require.Len(t, refused.Reasons, 9)
	for i, reason := range refused.Reasons {
		want := map[int]error{1: dynamapper.ErrConflict, 3: dynamapper.ErrConditionFailed,
			5: dynamapper.ErrNotFound, 7: dynamapper.ErrNotFound,
			8: dynamapper.ErrConditionFailed}[i]
		require.ErrorIs(t, reason, want, i)
		if want != nil {
			require.ErrorIs(t, err, want)
			require.ErrorContains(t, err, fmt.Sprintf("operation %d: ", i+1))
		}
	}
	require.NotErrorIs(t, err, dynamapper.ErrOverwrite)
	require.NotContains(t, err.Error(), "wally")
	require.Equal(t, 1, strings.Count(err.Error(), "dynamapper: "), err)
	var conflict *dynamapper.ConflictError
	require.ErrorAs(t, err, &conflict)
	require.Equal(t, []string{"balance"}, conflict.Attributes)
	require.Equal(t, fixtures.Number("50"), conflict.Current["balance"])
	require.Equal(t, dynamapper.Key("wally"), conflict.Key)
	var condition *dynamapper.ConditionError
	require.ErrorAs(t, err, &condition)
	require.Equal(t, storedPlayer("waldo"), condition.Current)

	require.Equal(t, purse{Owner: "fresh"}, *fresh)
	require.Equal(t, logEntry{Text: "one"}, *entry, "the id is 0 again")
	require.Equal(t, beforeFull, *full, "fields, version, times and snapshot")
	require.Equal(t, beforeStale, stale)
	require.Nil(
		t,
		fixtures.GetRaw(t, b.purses.Name(), fixtures.Attributes{"owner": fixtures.Text("fresh")}),
	)
	requireAsStored(t, b.purses, full, "waldo")
	entries, err := b.entries.Scan().Consistent().Collect(t.Context())
	require.NoError(t, err)
	require.Empty(t, entries)
}

// The solution that an error suggests works in a transaction.
func TestTransactionHintsWorkInATransaction(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	refusal := func(stage func(*txPlayers)) string {
		err := b.mapper.RunTransaction(t.Context(),
			func(_ context.Context, tx *dynamapper.Tx) error {
				stage(
					b.players.In(tx))
				return nil
			})
		require.ErrorIs(t, err, dynamapper.ErrConflict)
		return strings.ReplaceAll(err.Error(), b.players.Name(), "players")
	}
	const refused = "dynamapper: RunTransaction: the transaction was refused, nothing was " +
		"written: operation 1: "
	require.Equal(t,
		refused+
			`Save: table "players": an item with this key exists already, and a new one must not replace it; nothing was written: `+
			"read the item with In(tx).Get and change the value read, or stage an Update of its "+
			"key",
		refusal(func(players *txPlayers) { players.Save(&player{Login: "waldo"}) }))

	const again = "nothing was written: read it with In(tx).Get in the function, which is " +
		"called again then when the item has changed"
	for name, stage := range map[string]func(*txPlayers, *player){
		"Save":   func(players *txPlayers, p *player) { players.Save(p) },
		"Delete": func(players *txPlayers, p *player) { players.Delete(p) },
	} {
		outside := loadedPlayer(t, b.players, "wally")
		b.setBalance(t, "wally", 50)
		require.Equal(t,
			refused+name+
				`: table "players": the item was loaded outside of the transaction, and is not as it was read (balance); `+again,
			refusal(func(players *txPlayers) { stage(players, outside) }), name)
		fixtures.DeleteRaw(t, b.players.Name(), playerKey("wally"))
		require.Equal(t,
			refused+name+
				`: table "players": the item was loaded outside of the transaction, and was deleted since; `+again,
			refusal(func(players *txPlayers) { stage(players, outside) }), name)
	}

	once := openBank(t, dynamapper.WithMaxRetries(1))
	err := once.mapper.RunTransaction(t.Context(),
		func(ctx context.Context, tx *dynamapper.Tx) error {
			p := once.get(t, ctx, tx, "waldo")
			p.Balance++
			once.players.In(tx).Save(p)
			once.setBalance(t, "waldo", 50)
			return nil
		})
	require.ErrorContains(t, err,
		"is not as it was read (balance); nothing was written: load it and decide again",
		"a read inside does not confirm the item that was loaded outside")
}

// A condition that is false for the item as it was read ends the transaction, because it would fail
// again in another call of the function.
func TestTransactionIsRefusedForWhatItHasRead(t *testing.T) {
	t.Parallel()
	for name, stage := range map[string]func(*txPlayers, *player){
		"Check": func(players *txPlayers, _ *player) {
			players.Check(dynamapper.Key("waldo"),
				poor())
		},
		"Save, If": func(players *txPlayers, p *player) {
			p.Name = "x"
			players.Save(p,
				dynamapper.If(poor()))
		},
		"Update, If": func(players *txPlayers, _ *player) {
			players.Update(dynamapper.Key("waldo")).Set("name", "x").If(poor())
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := openBank(t, dynamapper.WithMaxRetries(2))
			tries := 0
			err := b.mapper.RunTransaction(t.Context(),
				func(ctx context.Context, tx *dynamapper.Tx) error {
					tries++
					stage(b.players.In(tx), b.get(t, ctx, tx, "waldo"))
					return nil
				})
			require.ErrorIs(t, err, dynamapper.ErrConditionFailed)
			require.NotErrorIs(t, err, dynamapper.ErrMaxRetriesExceeded)
			require.Equal(t, 1, tries)
		})
	}
}

// A new item at the key of an unread existing one returns ErrOverwrite, and the function does not
// run again.
func TestTransactionOverwritesNothing(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	tries := 0
	err := b.mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
		tries++
		b.players.In(tx).Save(&player{Login: "waldo"})
		return nil
	})
	require.Equal(t, 1, tries)
	require.ErrorIs(t, err, dynamapper.ErrOverwrite)
	var overwrite *dynamapper.OverwriteError
	require.ErrorAs(t, err, &overwrite)
	require.Equal(t, storedPlayer("waldo"), overwrite.Current)
	require.Equal(
		t,
		storedPlayer("waldo"),
		fixtures.GetRaw(t, b.players.Name(), playerKey("waldo")),
	)
}

// A check of an item that is also written becomes part of the write, in either order: one
// operation, one reason.
func TestTransactionChecksWhatItWrites(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stage txFunc2
		is    error
	}{
		"true, Save": {
			func(players *txPlayers, p *player) {
				players.Check(dynamapper.Key("waldo"),
					rich())
				players.Save(p)
			}, nil},
		"Save, true": {
			func(players *txPlayers, p *player) {
				players.Save(p)
				players.Check(
					dynamapper.Key("waldo"), rich())
			}, nil},
		"false, Save": {
			func(players *txPlayers, p *player) {
				players.Check(dynamapper.Key("waldo"),
					poor())
				players.Save(p)
			}, dynamapper.ErrConditionFailed},
		"Delete, false": {
			func(players *txPlayers, p *player) {
				players.Delete(p)
				players.Check(
					dynamapper.Key("waldo"), poor())
			}, dynamapper.ErrConditionFailed},
		"Save, If, false": {func(players *txPlayers, p *player) {
			players.Save(p, dynamapper.If(rich()))
			players.Check(dynamapper.Key("waldo"), poor())
		}, dynamapper.ErrConditionFailed},
		"twice, false": {func(players *txPlayers, p *player) {
			players.Check(dynamapper.Key("waldo"), rich())
			players.Check(dynamapper.Key("waldo"), poor())
		}, dynamapper.ErrConditionFailed},
		"exists": {func(players *txPlayers, p *player) {
			players.Check(dynamapper.Key("none"))
			players.Update(dynamapper.Key("none")).Set("name", "x")
		}, dynamapper.ErrNotFound},
		"Update": {func(players *txPlayers, p *player) {
			players.Update(dynamapper.Key("waldo")).Set("name", "x").If(rich())
			players.Check(dynamapper.Key("waldo"), dynamapper.Attr("name", dynamapper.EQ("Waldo")))
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			b := openBank(t)
			p := fixtures.Load(t, b.players, "waldo")
			err := b.mapper.RunTransaction(t.Context(),
				func(_ context.Context, tx *dynamapper.Tx) error {
					test.stage(b.players.In(tx), p)
					return nil
				})
			require.ErrorIs(t, err, test.is)
			var refused *dynamapper.TransactionError
			if errors.As(err, &refused) {
				require.Len(t, refused.Reasons, 1)
			}
		})
	}
}

type (
	txPlayers = dynamapper.TxTable[player]
	txFunc2   = func(*txPlayers, *player)
)

// Ids are assigned before the commit. An id that is in use is skipped, also if the transaction
// itself uses it.
func TestTransactionGivesIDs(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	require.NoError(t, b.entries.Save(t.Context(), &logEntry{ID: 2, Text: "by hand"}))
	one, two, byHand := &logEntry{Text: "one"}, &logEntry{Text: "two"},
		&logEntry{ID: 1, Text: "hand"}
	b.Take()
	tries := 0
	require.NoError(t,
		b.mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
			tries++
			entries := b.entries.In(tx)
			entries.Save(one)
			entries.Save(byHand)
			entries.Save(two, dynamapper.If(dynamapper.Attr("text", dynamapper.NotExists())))
			return nil
		}))
	require.Equal(t, 1, tries, "the function does not run again")
	require.Equal(t,
		[]string{"UpdateItem", "UpdateItem", "UpdateItem", "TransactWriteItems", "UpdateItem",
			"UpdateItem", "TransactWriteItems"}, b.Take())
	require.Equal(t, []int64{4, 5, 1}, []int64{one.ID, two.ID, byHand.ID})
	require.Equal(t, "by hand", fixtures.Load(t, b.entries, 2).Text)
	for _, entry := range []*logEntry{one, two, byHand} {
		requireAsStored(t, b.entries, entry, entry.ID)
	}
	require.Equal(t, counter("5"), fixtures.GetRaw(t, b.entries.Name(), idKey("-1")))
}

// If the If of an item that takes an id is refused, the id does not count as taken. If an id is
// taken beside a refusal, the id is no reason.
func TestTransactionRefusesWithAnID(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	entry := &logEntry{Text: "one"}
	err := b.mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
		b.entries.In(tx).Save(entry, dynamapper.If(dynamapper.Attr("text", dynamapper.Exists())))
		return nil
	})
	require.ErrorIs(t, err, dynamapper.ErrConditionFailed)
	require.Equal(t, []string{"UpdateItem", "TransactWriteItems"}, b.Take())
	require.NoError(t, b.entries.Save(t.Context(), &logEntry{ID: 2, Text: "by hand"}))
	b.Take()
	err = b.mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
		b.entries.In(tx).Save(entry)
		b.players.In(tx).Check(dynamapper.Key("waldo"), poor())
		return nil
	})
	var refused *dynamapper.TransactionError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, []string{"UpdateItem", "TransactWriteItems"}, b.Take(),
		"the transaction ends and takes no further id")
	require.NoError(t, refused.Reasons[0], "the operation could have taken another id")
	require.ErrorIs(t, refused.Reasons[1], dynamapper.ErrConditionFailed)
	require.Equal(t, logEntry{Text: "one"}, *entry)
}

// If too many ids are taken, the transaction fails.
func TestTransactionWithTooManyTakenIDs(t *testing.T) {
	t.Parallel()
	b := openBank(t, dynamapper.WithMaxRetries(2))
	for id := range int64(3) {
		require.NoError(t, b.entries.Save(t.Context(), &logEntry{ID: id + 1, Text: "by hand"}))
	}
	entry := &logEntry{Text: "one"}
	err := b.mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
		b.entries.In(tx).Save(entry)
		return nil
	})
	var exceeded *dynamapper.MaxRetriesExceededError
	require.ErrorAs(t, err, &exceeded)
	require.Equal(t, 2, exceeded.Tries)
	require.ErrorIs(t, err, dynamapper.ErrOverwrite)
	require.Equal(t, logEntry{Text: "one"}, *entry)
}

// If a transaction keeps losing to other writers, it returns the last conflict.
func TestTransactionUsesUpItsRetries(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]bool{"written": true, "only read": false} {
		t.Run(name, func(t *testing.T) {
			b := openBank(t, dynamapper.WithMaxRetries(3))
			tries := 0
			err := b.mapper.RunTransaction(t.Context(),
				func(ctx context.Context, tx *dynamapper.Tx) error {
					p := b.get(t, ctx, tx, "waldo")
					tries++
					b.setBalance(t, "waldo", tries)
					if write {
						p.Name = "Edited"
						b.players.In(tx).Save(p)
					}
					b.players.In(tx).DeleteKey(dynamapper.Key("wally"))
					return nil
				})
			var exceeded *dynamapper.MaxRetriesExceededError
			require.ErrorAs(t, err, &exceeded)
			require.ErrorIs(t, err, dynamapper.ErrMaxRetriesExceeded)
			require.Equal(t, "RunTransaction", exceeded.Op)
			require.Equal(t, 3, exceeded.Tries)
			require.Equal(t, 3, tries)
			var conflict *dynamapper.ConflictError
			require.ErrorAs(t, err, &conflict)
			require.Equal(t, dynamapper.Key("waldo"), conflict.Key)
			require.Equal(t, []string{"balance"}, conflict.Attributes)
			require.Equal(t, 200, b.balance(t, "wally"))
		})
	}
}

// Writes and transactions with the function's context return an error, because they would not be
// part of the transaction. Reads are allowed, and the outer context is not marked.
func TestTransactionMarksItsContext(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	never := func(context.Context, *dynamapper.Tx) error { t.Error("ran inside"); return nil }
	err := b.mapper.RunTransaction(t.Context(), func(ctx context.Context, _ *dynamapper.Tx) error {
		waldo, err := b.players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
		require.NoError(t, err)
		_, err = b.players.BatchGet(ctx, dynamapper.Keys("waldo"), dynamapper.Consistent())
		require.NoError(t, err)
		_, err = b.players.Query("waldo").Collect(ctx)
		require.NoError(t, err)
		_, err = b.players.Scan().Collect(ctx)
		require.NoError(t, err)
		b.Take()
		_, modified := b.players.Modify(ctx, dynamapper.Key("waldo"),
			func(*player) error { return nil })
		_, updated := b.players.Update(dynamapper.Key("waldo")).Set("name", "x").Run(ctx)
		inner, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		for _, err := range []error{
			modified, updated, b.players.Save(ctx, waldo),
			b.players.Save(ctx, waldo, dynamapper.ChangedOnly()),
			b.players.Save(inner, waldo, dynamapper.Idempotent()), b.players.Delete(ctx, waldo),
			b.players.DeleteKey(ctx, dynamapper.Key("waldo")),
			b.players.BatchSave(ctx, []*player{waldo}),
			b.players.BatchDelete(ctx, dynamapper.Keys("waldo")), b.entries.Save(ctx, &logEntry{}),
			b.mapper.RunTransaction(ctx, never),
		} {
			require.ErrorContains(t, err, "the context is that of a transaction's function")
		}
		require.Empty(t, b.Take())
		return b.players.DeleteKey(t.Context(), dynamapper.Key("wally"))
	})
	require.NoError(t, err)
	require.Equal(t, -1, b.balance(t, "wally"))
}

// The journal entry of a purchase is a new item, so a purchase that is sent twice is applied once,
// and the second call returns an error.
func TestTheSamePurchaseSentTwice(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	buy := func() error {
		return b.mapper.RunTransaction(t.Context(),
			func(ctx context.Context, tx *dynamapper.Tx) error {
				p, err := b.purses.In(tx).Get(ctx, dynamapper.Key("waldo"))
				if err != nil {
					return err
				}
				p.Coins -= 150
				if p.Coins < 0 {
					p.Coins = 0
				}
				b.purses.In(tx).Save(p)
				b.players.In(tx).Save(&player{Login: "purchase 1", Name: "sword"})
				return nil
			})
	}
	require.NoError(t, buy())
	require.ErrorIs(t, buy(), dynamapper.ErrOverwrite)
	require.Equal(t, 50, fixtures.Load(t, b.purses, "waldo").Coins)
}

// A panic of the function, or of a hook at the commit, passes through, and nothing is written or
// changed.
func TestTransactionPanics(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	require.PanicsWithValue(t, "mine", func() {
		_ = b.mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
			b.players.In(tx).DeleteKey(dynamapper.Key("waldo"))
			panic("mine")
		})
	})
	saved, deleted := &purse{Owner: "new"}, fixtures.Load(t, b.players, "waldo")
	panicking := fixtures.TableIn[panickingItem](t, b.mapper)
	require.PanicsWithValue(t, "hook", func() {
		_ = b.mapper.RunTransaction(t.Context(), func(_ context.Context, tx *dynamapper.Tx) error {
			b.players.In(tx).Delete(deleted)
			b.purses.In(tx).Save(saved)
			panicking.In(tx).Save(&panickingItem{ID: "1"})
			return nil
		})
	})
	require.Equal(t, purse{Owner: "new"}, *saved)
	require.False(t, b.players.IsNew(deleted))
	require.Equal(t, 200, b.balance(t, "waldo"))
}

type panickingItem struct {
	dynamapper.Model `dynamo:"panicking"`
	ID               string `dynamo:"id,hash"`
}

func (*panickingItem) ValidateItem() error { panic("hook") }

// The end of the context ends the transaction: before the commit nothing is sent, and between two
// tries nothing is read again.
func TestTransactionEndsWithItsContext(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := b.mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		b.players.In(tx).DeleteKey(dynamapper.Key("waldo"))
		cancel()
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
	require.ErrorContains(t, err, "the context was cancelled")
	require.Equal(t, 200, b.balance(t, "waldo"))

	ctx, cancel = context.WithCancel(t.Context())
	b.line.On("TransactWriteItems", 1, dynamotest.After(nil, cancel))
	tries := 0
	err = b.mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		tries++
		p := b.get(t, ctx, tx, "waldo")
		b.setBalance(t, "waldo", 1)
		b.players.In(tx).Save(p)
		return nil
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 1, tries)
}

// Items of models with hooks, and items whose keys are spelled differently, are saved at the key
// where they were read.
func TestTransactionWritesAtTheStoredKey(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	timed := fixtures.TableIn[timedEntry](t, b.mapper)
	stored := fixtures.Attributes{"id": fixtures.Number("7"),
		"at": fixtures.Text("2026-05-02T12:00:00.000000+00:00")}
	fixtures.PutRaw(t, timed.Name(), stored)
	for _, write := range []func(*dynamapper.TxTable[timedEntry], *timedEntry){
		func(entries *dynamapper.TxTable[timedEntry], e *timedEntry) {
			e.Text = "noted"
			entries.Save(e)
		},
		func(entries *dynamapper.TxTable[timedEntry], e *timedEntry) { entries.Delete(e) },
	} {
		require.NoError(t,
			b.mapper.RunTransaction(t.Context(),
				func(ctx context.Context, tx *dynamapper.Tx) error {
					e, err := timed.In(tx).Get(ctx, dynamapper.Key(7, stored["at"]))
					if err == nil {
						write(timed.In(tx), e)
					}
					return err
				}))
	}
	require.Nil(t, fixtures.GetRaw(t, timed.Name(), stored))
	require.Equal(t, 2, strings.Count(strings.Join(b.Take(), " "), "TransactWriteItems"))
}
