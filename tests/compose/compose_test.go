// Package compose tests transactions that are put together from several functions: reads of what is
// staged, Put, and the options of one transaction.
package compose

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

type player struct {
	dynamapper.Model `dynamo:"players"`
	Login            string `dynamo:"login,hash"`
	Name             string `dynamo:"name"`
	Balance          int    `dynamo:"balance"`
}

type shadow struct {
	dynamapper.Model `dynamo:"players"`
	Login            string `dynamo:"login,hash"`
}

type purse struct {
	dynamapper.Model `dynamo:"purses"`
	Owner            string    `dynamo:"owner,hash"`
	Coins            int       `dynamo:"coins"`
	Version          int       `dynamo:"version,version"`
	Updated          time.Time `dynamo:"updated,updated"`
}

type entry struct {
	dynamapper.Model `dynamo:"entries"`
	ID               int64  `dynamo:"id,hash,autoincrement"`
	Text             string `dynamo:"text"`
}

type bank struct {
	fixtures.Requests
	mapper  *dynamapper.Mapper
	players *dynamapper.Table[player]
	purses  *dynamapper.Table[purse]
	entries *dynamapper.Table[entry]
	line    *dynamotest.Faults
}

func key(hash any) dynamapper.PrimaryKey { return dynamapper.Key(hash) }

func open(t *testing.T, opts ...dynamapper.Option) *bank {
	t.Helper()
	fixtures.SteadyEngine(t)
	b := &bank{line: dynamotest.NewFaults()}
	opts = append([]dynamapper.Option{dynamapper.WithObserver(b.Observe),
		dynamapper.WithConfig(fixtures.LineConfig(t, b.line))}, opts...)
	var err error
	b.mapper, err = dynamapper.Connect(t.Context(), opts...)
	require.NoError(t, err)
	b.players, b.purses = tableOf[player](t, b.mapper), tableOf[purse](t, b.mapper)
	b.entries = tableOf[entry](t, b.mapper)
	fixtures.PutMany(t, b.players, []*player{{Login: "waldo", Name: "Waldo", Balance: 200}})
	require.NoError(t, b.purses.Save(t.Context(), &purse{Owner: "waldo", Coins: 10}))
	b.Take()
	return b
}

func tableOf[T dynamapper.IsModel](t *testing.T, m *dynamapper.Mapper) *dynamapper.Table[T] {
	t.Helper()
	table, err := dynamapper.TableOf[T](m)
	require.NoError(t, err)
	require.NoError(t, table.CreateTable(t.Context(), dynamapper.WaitActive()))
	return table
}

func (b *bank) balance(t *testing.T, login string) int {
	t.Helper()
	return fixtures.Load(t, b.players, login).Balance
}

func (b *bank) setBalance(t *testing.T, login string, balance int) {
	t.Helper()
	fixtures.SetRaw(t, "players", fixtures.Attributes{"login": fixtures.Text(login)}, "balance",
		fixtures.Number(fmt.Sprint(balance)))
}

// run runs a function that stages in the players.
func (b *bank) run(
	t *testing.T, fn func(ctx context.Context, players *dynamapper.TxTable[player]) error,
	opts ...dynamapper.TransactionOption,
) error {
	t.Helper()
	return b.mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
		return fn(ctx, b.players.In(tx))
	}, opts...)
}

type txPlayers = dynamapper.TxTable[player]

// pay is a function that knows nothing of the others in its transaction.
func pay(ctx context.Context, players *txPlayers, login string, coins int) error {
	p, err := players.Get(ctx, key(login))
	if err != nil {
		return err
	}
	p.Balance -= coins
	return players.Save(p)
}

// Get returns what was saved, so that functions compose: each sees the edits of the others, and all
// are one write.
func TestGetReturnsWhatIsStaged(t *testing.T) {
	t.Parallel()
	b := open(t)
	require.NoError(t, b.run(t, func(ctx context.Context, players *txPlayers) error {
		return errors.Join(pay(ctx, players, "waldo", 50), pay(ctx, players, "waldo", 30))
	}))
	require.Equal(t, []string{"GetItem", "TransactWriteItems"}, b.Take())
	require.Equal(t, 120, b.balance(t, "waldo"))
	b.Take()
	for name, stage := range map[string]func(*txPlayers, *player) error{
		"Save": func(p *txPlayers, item *player) error { return p.Save(item) },
		"Put":  func(p *txPlayers, item *player) error { return p.Put(item) },
	} {
		fresh := &player{Login: name, Balance: 100}
		require.NoError(t, b.run(t, func(ctx context.Context, players *txPlayers) error {
			require.NoError(t, stage(players, fresh))
			got, err := players.Get(ctx, key(name))
			require.NoError(t, err)
			require.Same(t, fresh, got)
			return errors.Join(pay(ctx, players, name, 10), stage(players, fresh))
		}))
		require.Equal(t, []string{"TransactWriteItems"}, b.Take(), "nothing is read")
		require.Equal(t, 90, b.balance(t, name))
		b.Take()
	}
}

// After a deletion Get finds nothing. What an Update leaves is not known, and a model reads only
// what it has staged itself.
func TestGetOfOtherStagedWrites(t *testing.T) {
	t.Parallel()
	b := open(t)
	waldo := fixtures.Load(t, b.players, "waldo")
	b.Take()
	for _, test := range []struct {
		stage func(*txPlayers) error
		is    error
		text  string
	}{
		{func(p *txPlayers) error { return p.Delete(waldo) }, dynamapper.ErrNotFound, ""},
		{func(p *txPlayers) error { return p.DeleteKey(key("waldo")) }, dynamapper.ErrNotFound, ""},
		{func(p *txPlayers) error { p.Update(key("waldo")).Add("balance", 1); return nil }, nil,
			`Get: table "players": the transaction has an Update of this item, whose result only ` +
				"the service knows; read the item before"},
	} {
		err := b.run(t, func(ctx context.Context, players *txPlayers) error {
			require.NoError(t, test.stage(players))
			_, err := players.Get(ctx, key("waldo"))
			return err
		})
		if test.is != nil {
			require.ErrorIs(t, err, test.is)
		}
		require.ErrorContains(t, err, test.text)
		require.Empty(t, b.Take())
	}
	shadows, err := dynamapper.TableOf[shadow](b.mapper)
	require.NoError(t, err)
	for _, stage := range []func(*txPlayers) error{
		func(p *txPlayers) error { return p.Put(&player{Login: "waldo"}) },
		func(p *txPlayers) error { return p.Check(key("waldo")) },
	} {
		err = b.mapper.RunTransaction(t.Context(),
			func(ctx context.Context, tx *dynamapper.Tx) error {
				require.NoError(t, stage(b.players.In(tx)))
				_, err := shadows.In(tx).Get(ctx, key("waldo"))
				return err
			})
		require.ErrorContains(t, err, "as another model")
	}
}

// An item may be read after a check of its key. The commit checks both.
func TestGetAfterACheck(t *testing.T) {
	t.Parallel()
	b := open(t)
	rich := dynamapper.Attr("balance", dynamapper.GE(100))
	tries := 0
	require.NoError(t, b.run(t, func(ctx context.Context, players *txPlayers) error {
		require.NoError(t, players.Check(key("waldo"), rich))
		_, err := players.Get(ctx, key("waldo"))
		if tries++; tries == 1 {
			b.setBalance(t, "waldo", 150)
		}
		return errors.Join(err, pay(ctx, players, "waldo", 10))
	}))
	require.Equal(t, 2, tries)
	require.Equal(t, 140, b.balance(t, "waldo"))
	err := b.run(t, func(ctx context.Context, players *txPlayers) error {
		require.NoError(t, players.Check(key("waldo"), dynamapper.Not(rich)))
		_, err := players.Get(ctx, key("waldo"))
		return err
	})
	require.ErrorIs(t, err, dynamapper.ErrConditionFailed)
}

// Two stagings of one item are one operation with the options of both. Another value at its key is
// refused, as before.
func TestTwoStagingsOfOneItem(t *testing.T) {
	t.Parallel()
	b := open(t)
	poor := dynamapper.If(dynamapper.Attr("balance", dynamapper.LT(100)))
	rich := dynamapper.If(dynamapper.Attr("balance", dynamapper.GE(100)))
	stagings := map[string]func(*txPlayers, *player, dynamapper.WriteOption) error{
		"Save": func(p *txPlayers, item *player, o dynamapper.WriteOption) error {
			return p.Save(item, o)
		},
		"Put": func(p *txPlayers, item *player, o dynamapper.WriteOption) error {
			return p.Put(item, o)
		},
	}
	for first, stageFirst := range stagings {
		for second, stageSecond := range stagings {
			for _, options := range [][]dynamapper.WriteOption{{poor, rich}, {rich, poor}} {
				waldo := fixtures.Load(t, b.players, "waldo")
				err := b.run(t, func(_ context.Context, players *txPlayers) error {
					return errors.Join(stageFirst(players, waldo, options[0]),
						stageSecond(players, waldo, options[1]))
				})
				require.ErrorIs(t, err, dynamapper.ErrConditionFailed, first+second)
				var refused *dynamapper.TransactionError
				require.ErrorAs(t, err, &refused)
				require.Len(t, refused.Reasons, 1)
			}
			waldo := fixtures.Load(t, b.players, "waldo")
			err := b.run(t, func(_ context.Context, players *txPlayers) error {
				require.NoError(t, stageFirst(players, waldo, rich))
				return stageSecond(players, &player{Login: "waldo"}, rich)
			})
			require.ErrorContains(t, err, "operation 2 of the transaction writes the item of "+
				"operation 1", first+second)
		}
		err := b.run(t, func(_ context.Context, players *txPlayers) error {
			nobody := &player{Login: "nobody"}
			require.NoError(t, stageFirst(players, nobody, rich))
			return errors.Join(stageFirst(players, nobody, dynamapper.MustExist()))
		})
		require.Error(t, err, "MustExist of the second staging holds")
	}
	// A new item with an id of the commit is staged twice and inserted once.
	one := &entry{Text: "one"}
	require.NoError(t, b.mapper.RunTransaction(t.Context(),
		func(_ context.Context, tx *dynamapper.Tx) error {
			return errors.Join(b.entries.In(tx).Save(one), b.entries.In(tx).Save(one),
				b.entries.In(tx).Put(one))
		}))
	require.EqualValues(t, 1, one.ID)
}

// Put replaces what is there without reading it, also with a version and an id.
func TestPut(t *testing.T) {
	t.Parallel()
	b := open(t)
	fresh, entered := &purse{Owner: "waldo", Coins: 99}, &entry{Text: "new"}
	require.NoError(t, b.mapper.RunTransaction(t.Context(),
		func(_ context.Context, tx *dynamapper.Tx) error {
			return errors.Join(b.purses.In(tx).Put(fresh), b.entries.In(tx).Put(entered),
				b.players.In(tx).Put(&player{Login: "waldo", Balance: 1}),
				b.players.In(tx).Put(&player{Login: "wally", Balance: 2}))
		}))
	require.Equal(t, []string{"UpdateItem", "TransactWriteItems"}, b.Take(), "no read")
	require.Equal(t, []int{1, 2}, []int{b.balance(t, "waldo"), b.balance(t, "wally")})
	require.Empty(t, fixtures.Load(t, b.players, "waldo").Name, "it is replaced as a whole")
	require.EqualValues(t, 1, entered.ID)
	require.Equal(t, 99, fixtures.Load(t, b.purses, "waldo").Coins)
	// The snapshot is what was written.
	fresh.Coins++
	require.NoError(t, b.purses.Save(t.Context(), fresh, dynamapper.FailOnConflict()))
	// The version is new, so that a save of what was loaded before is a conflict.
	before := fixtures.Load(t, b.purses, "waldo")
	require.NoError(t, b.mapper.RunTransaction(t.Context(),
		func(_ context.Context, tx *dynamapper.Tx) error {
			return b.purses.In(tx).Put(&purse{Owner: "waldo"})
		}))
	require.ErrorIs(t, b.purses.Save(t.Context(), before, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
}

// The options of Put are conditions on what it replaces.
func TestPutWithOptions(t *testing.T) {
	t.Parallel()
	b := open(t)
	poor := dynamapper.If(dynamapper.Attr("balance", dynamapper.LT(100)))
	for login, test := range map[string]struct {
		option dynamapper.WriteOption
		is     error
	}{
		"waldo": {poor, dynamapper.ErrConditionFailed},
		"wally": {dynamapper.MustExist(), dynamapper.ErrNotFound},
	} {
		p := &player{Login: login}
		err := b.run(t, func(_ context.Context, players *txPlayers) error {
			return players.Put(p, test.option)
		})
		require.ErrorIs(t, err, test.is)
		require.ErrorContains(t, err, "operation 1: Put: ")
		require.Equal(t, player{Login: login}, *p)
	}
	for text, p := range map[string]*player{
		`Put: table "players": the item is nil`: nil, "is empty": {},
	} {
		err := b.run(t, func(_ context.Context, players *txPlayers) error {
			return players.Put(p)
		})
		require.ErrorContains(t, err, text)
	}
	part, err := b.players.Get(t.Context(), key("waldo"), dynamapper.Select("name"))
	require.NoError(t, err)
	err = b.run(t, func(_ context.Context, players *txPlayers) error { return players.Put(part) })
	require.ErrorIs(t, err, dynamapper.ErrPartial)
}

// If the transaction has read the item that it puts, the commit checks it.
func TestPutOfAnItemThatWasRead(t *testing.T) {
	t.Parallel()
	b := open(t)
	tries := 0
	require.NoError(t, b.run(t, func(ctx context.Context, players *txPlayers) error {
		p, err := players.Get(ctx, key("waldo"))
		if tries++; tries == 1 {
			b.setBalance(t, "waldo", 1000)
		}
		p.Balance -= 150
		return errors.Join(err, players.Put(p))
	}))
	require.Equal(t, 2, tries)
	require.Equal(t, 850, b.balance(t, "waldo"))
	err := b.run(t, func(ctx context.Context, players *txPlayers) error {
		_, err := players.Get(ctx, key("waldo"))
		return errors.Join(err, players.Put(&player{Login: "waldo"}))
	})
	require.ErrorContains(t, err, "another value is to be written in its place")
}

// A transaction with a Put whose response is lost is applied once: the resent request undoes
// nothing that another writer has written in between.
func TestALostPutIsAppliedOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.line.Each("TransactWriteItems", func(n int) dynamotest.Fault {
		if n > 1 {
			return nil
		}
		return dynamotest.After(dynamotest.Lose(), func() { b.setBalance(t, "waldo", 7) })
	})
	require.NoError(t, b.run(t, func(_ context.Context, players *txPlayers) error {
		return players.Put(&player{Login: "waldo", Balance: 1})
	}))
	require.Equal(t, 2, b.line.Sent("TransactWriteItems"))
	require.Equal(t, 7, b.balance(t, "waldo"))
}

// A Put of a transaction that is nil or over panics, as all staging does.
func TestPutOutsideOfATransaction(t *testing.T) {
	t.Parallel()
	b := open(t)
	var kept *txPlayers
	require.NoError(t, b.run(t, func(_ context.Context, players *txPlayers) error {
		kept = players
		return nil
	}))
	var none *txPlayers
	for _, players := range []*txPlayers{kept, none, {}, b.players.In(nil)} {
		require.Panics(t, func() { players.Put(&player{Login: "late"}) })
	}
	require.Empty(t, b.Take())
}

// The error of a write with the function's context names what a transaction has in its place.
func TestWritesThatNoTransactionHas(t *testing.T) {
	t.Parallel()
	b := open(t)
	err := b.mapper.RunTransaction(t.Context(), func(ctx context.Context, _ *dynamapper.Tx) error {
		_, taken := b.players.Take(ctx, key("waldo"))
		_, replaced := b.players.Replace(ctx, &player{Login: "waldo"})
		_, old := b.players.Update(key("waldo")).Set("name", "x").RunOld(ctx)
		for _, err := range []error{taken, replaced, old,
			b.mapper.BatchWrite(ctx, b.players.Puts(&player{Login: "waldo"}))} {
			require.ErrorContains(t, err, "stage a Save, Put, Update, Delete or DeleteKey with "+
				"Table.In for each item, after a Get if the item before is needed, or pass the "+
				"context from outside of it")
		}
		return nil
	})
	require.NoError(t, err)
	require.Empty(t, b.Take())
}

// The error of an option has its place once.
func TestAWrongNumberOfRetries(t *testing.T) {
	t.Parallel()
	const problem = "WithMaxRetries: 0 is not a number of tries; 1 means no retry"
	b := open(t)
	err := b.run(t, func(context.Context, *txPlayers) error { return nil },
		dynamapper.WithMaxRetries(0))
	require.EqualError(t, err, "dynamapper: RunTransaction: "+problem)
	_, err = dynamapper.New(b.mapper.Client(), dynamapper.WithMaxRetries(0))
	require.EqualError(t, err, "dynamapper: "+problem)
	_, err = dynamapper.Connect(t.Context(), dynamapper.WithMaxRetries(0))
	require.EqualError(t, err, "dynamapper: "+problem)
}

// WithMaxRetries of one transaction limits its calls of the function, and its requests.
func TestTheRetriesOfOneTransaction(t *testing.T) {
	t.Parallel()
	b := open(t, dynamapper.WithMaxRetries(50))
	tries := 0
	err := b.run(t, func(ctx context.Context, players *txPlayers) error {
		tries++
		err := pay(ctx, players, "waldo", 1)
		b.setBalance(t, "waldo", 1000*tries)
		return err
	}, dynamapper.WithMaxRetries(3))
	var exceeded *dynamapper.MaxRetriesExceededError
	require.ErrorAs(t, err, &exceeded)
	require.Equal(t, []int{3, 3}, []int{tries, exceeded.Tries})
	b.line.Clear()
	b.line.Each("TransactWriteItems", fixtures.Always(refusing("TransactionConflict")))
	put := func(_ context.Context, players *txPlayers) error {
		return players.Put(&player{Login: "waldo"})
	}
	require.ErrorIs(t, b.run(t, put, dynamapper.WithMaxRetries(2)),
		dynamapper.ErrMaxRetriesExceeded)
	require.Equal(t, 2, b.line.Sent("TransactWriteItems"))
	b.line.Clear()
	b.line.Each("TransactGetItems", fixtures.Always(refusing("TransactionConflict")))
	err = b.run(t, func(ctx context.Context, players *txPlayers) error {
		for _, login := range []string{"a", "b"} {
			_, err := players.Get(ctx, key(login))
			require.ErrorIs(t, err, dynamapper.ErrNotFound)
		}
		return nil
	}, dynamapper.WithMaxRetries(2))
	require.ErrorIs(t, err, dynamapper.ErrMaxRetriesExceeded)
	require.Equal(t, 2, b.line.Sent("TransactGetItems"))
	for _, option := range []dynamapper.TransactionOption{dynamapper.WithMaxRetries(0), nil} {
		err := b.run(t, func(context.Context, *txPlayers) error { panic("not called") }, option)
		require.ErrorContains(t, err, "dynamapper: RunTransaction: ")
	}
}

// refusing refuses a transaction with these reasons.
func refusing(codes ...string) dynamotest.Fault {
	reasons := make([]string, len(codes))
	for i, code := range codes {
		reasons[i] = fmt.Sprintf(`{"Code":%q,"Message":"refused"}`, code)
	}
	body := `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",` +
		`"CancellationReasons":[` + strings.Join(reasons, ",") + `]}`
	return func(request *http.Request, _ func() (*http.Response, error)) (*http.Response, error) {
		response := fixtures.RawResponse(http.StatusBadRequest, body)
		response.Request = request
		return response, nil
	}
}

// hero and castle are entities of one table, with keys of one form.
type hero struct {
	dynamapper.Model `dynamo:"world,entity=hero"`
	ID               string `dynamo:"id,hash"`
	Level            int    `dynamo:"level"`
}

type castle struct {
	dynamapper.Model `dynamo:"world,entity=castle"`
	ID               string `dynamo:"id,hash"`
	Level            int    `dynamo:"level"`
}

// What reads the item at a key, or changes it in place, refuses an item of another entity.
func TestTheItemOfAnotherEntityIsRefused(t *testing.T) {
	t.Parallel()
	b := open(t)
	heroes, castles := worldOf(t, b)
	inTx := func(stage func(context.Context, *dynamapper.TxTable[castle]) error) error {
		return b.mapper.RunTransaction(t.Context(),
			func(ctx context.Context, tx *dynamapper.Tx) error { return stage(ctx, castles.In(tx)) })
	}
	for name, call := range map[string]func(context.Context) error{
		"Get": func(ctx context.Context) error {
			_, err := castles.Get(ctx, key("a"))
			return err
		},
		"TransactGet": func(ctx context.Context) error {
			fetch := castles.Fetch(key("a"))
			return errors.Join(b.mapper.TransactGet(ctx, fetch), fetch.Err)
		},
		"mapper.BatchGet": func(ctx context.Context) error {
			fetch := castles.Fetch(key("a"))
			return errors.Join(b.mapper.BatchGet(ctx, fetch), fetch.Err)
		},
		"In(tx).Get": func(context.Context) error {
			return inTx(func(ctx context.Context, castles *dynamapper.TxTable[castle]) error {
				_, err := castles.Get(ctx, key("a"))
				return err
			})
		},
		"Modify": func(ctx context.Context) error {
			_, err := castles.Modify(ctx, key("a"), func(*castle) error { return nil })
			return err
		},
		"ModifyOrNew": func(ctx context.Context) error {
			_, err := castles.ModifyOrNew(ctx, key("a"), func(*castle) error { return nil })
			return err
		},
		"RunOld": func(ctx context.Context) error {
			_, err := castles.Update(key("a")).Add("level", 1).RunOld(ctx)
			return err
		},
		"Update": func(ctx context.Context) error {
			_, err := castles.Update(key("a")).Add("level", 1).Run(ctx)
			return err
		},
		"In(tx).Update": func(context.Context) error {
			return inTx(func(_ context.Context, castles *dynamapper.TxTable[castle]) error {
				castles.Update(key("a")).Add("level", 1)
				return nil
			})
		},
		"Take": func(ctx context.Context) error {
			_, err := castles.Take(ctx, key("a"))
			return err
		},
		"Replace": func(ctx context.Context) error {
			_, err := castles.Replace(ctx, &castle{ID: "a"})
			return err
		},
	} {
		require.ErrorIs(t, call(t.Context()), dynamapper.ErrOtherEntity, name)
		stored, err := heroes.Get(t.Context(), key("a"), dynamapper.Consistent())
		require.NoError(t, err, name)
		require.Equal(t, 3, stored.Level, name)
	}
}

// What replaces or deletes the whole item at a key does not look at its entity.
func TestWritesThatReplaceTheItemOfAnotherEntity(t *testing.T) {
	t.Parallel()
	b := open(t)
	heroes, castles := worldOf(t, b)
	for name, write := range map[string]func(context.Context) error{
		"Save":   func(ctx context.Context) error { return castles.Save(ctx, &castle{ID: "a"}) },
		"Delete": func(ctx context.Context) error { return castles.Delete(ctx, &castle{ID: "a"}) },
		"BatchSave": func(ctx context.Context) error {
			return castles.BatchSave(ctx, []*castle{{ID: "a"}})
		},
		"DeleteKey": func(ctx context.Context) error { return castles.DeleteKey(ctx, key("a")) },
		"BatchDelete": func(ctx context.Context) error {
			return castles.BatchDelete(ctx, dynamapper.Keys("a"))
		},
		"DeleteItems": func(ctx context.Context) error {
			return castles.DeleteItems(ctx, []*castle{{ID: "a"}})
		},
		"BatchWrite Puts": func(ctx context.Context) error {
			return b.mapper.BatchWrite(ctx, castles.Puts(&castle{ID: "a"}))
		},
		"BatchWrite Deletes": func(ctx context.Context) error {
			return b.mapper.BatchWrite(ctx, castles.Deletes(key("a")))
		},
		"In(tx).Put": func(ctx context.Context) error {
			return b.mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
				return castles.In(tx).Put(&castle{ID: "a"})
			})
		},
		"In(tx).DeleteKey": func(ctx context.Context) error {
			return b.mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
				return castles.In(tx).DeleteKey(key("a"))
			})
		},
	} {
		require.NoError(t, heroes.Save(t.Context(), &hero{ID: "a", Level: 3}), name)
		require.NoError(t, write(t.Context()), name)
		_, err := heroes.Get(t.Context(), key("a"), dynamapper.Consistent())
		isGone := errors.Is(err, dynamapper.ErrNotFound) || errors.Is(err, dynamapper.ErrOtherEntity)
		require.True(t, isGone, "%s: %v", name, err)
	}
}

// worldOf makes the table of heroes and castles, with the hero a of the level 3.
func worldOf(t *testing.T, b *bank) (*dynamapper.Table[hero], *dynamapper.Table[castle]) {
	t.Helper()
	heroes, err := dynamapper.TableOf[hero](b.mapper)
	require.NoError(t, err)
	castles, err := dynamapper.TableOf[castle](b.mapper)
	require.NoError(t, err)
	require.NoError(t, heroes.CreateTable(t.Context()))
	require.NoError(t, heroes.Save(t.Context(), &hero{ID: "a", Level: 3}))
	return heroes, castles
}
