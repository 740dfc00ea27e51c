package dynamapper_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamapper/dynamapper"
)

var errTooPoor = errors.New("not enough coins")

// Purchase is a record in the journal of purchases.
type Purchase struct {
	dynamapper.Model `dynamo:"purchases"`

	ID    string `dynamo:"id,hash"`
	Buyer string `dynamo:"buyer"`
}

// exampleBank makes a table of players, where waldo has 200 coins and wally 10, and a table of
// purchases.
func exampleBank(
	ctx context.Context,
) (
	m *dynamapper.Mapper, players *dynamapper.Table[Player],
	purchases *dynamapper.Table[Purchase], end func(),
) {
	m, end = exampleMapper()
	players, err := dynamapper.TableOf[Player](m)
	check(err)
	purchases, err = dynamapper.TableOf[Purchase](m)
	check(err)
	check(players.CreateTable(ctx, dynamapper.WaitActive()))
	check(purchases.CreateTable(ctx, dynamapper.WaitActive()))
	check(players.Save(ctx, &Player{Login: "waldo", Coins: 200, Guild: "knights"}))
	check(players.Save(ctx, &Player{Login: "wally", Coins: 10}))
	return m, players, purchases, end
}

// Modify repeats the purchase if another writer changed the item, so no coin is lost.
func ExampleTable_Modify() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	buy := func(p *Player) error {
		if p.Coins < 150 {
			return errTooPoor
		}
		p.Coins -= 150
		return nil
	}
	waldo, err := players.Modify(ctx, dynamapper.Key("waldo"), buy)
	check(err)
	fmt.Println(waldo.Coins)
	_, err = players.Modify(ctx, dynamapper.Key("waldo"), buy, dynamapper.Idempotent())
	fmt.Println(err)
	// Output:
	// 50
	// not enough coins
}

// The first deposit makes the player.
func ExampleTable_ModifyOrNew() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	for range 2 {
		waldo, err := players.ModifyOrNew(ctx, dynamapper.Key("waldo"), func(p *Player) error {
			p.Coins += 100
			return nil
		})
		check(err)
		fmt.Println(waldo.Login, waldo.Coins)
	}
	// Output:
	// waldo 100
	// waldo 200
}

// Both players are saved, or neither is.
func ExampleMapper_RunTransaction() {
	ctx := context.Background()
	m, players, _, end := exampleBank(ctx)
	defer end()

	check(m.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		waldo, err := players.In(tx).Get(ctx, dynamapper.Key("waldo"))
		if err != nil {
			return err
		}
		wally, err := players.In(tx).Get(ctx, dynamapper.Key("wally"))
		if err != nil {
			return err
		}
		if waldo.Coins < 150 {
			return errTooPoor
		}
		waldo.Coins -= 150
		wally.Coins += 150
		players.In(tx).Save(waldo)
		players.In(tx).Save(wally)
		return nil
	}))
	for _, login := range []string{"waldo", "wally"} {
		p, err := players.Get(ctx, dynamapper.Key(login), dynamapper.Consistent())
		check(err)
		fmt.Println(p.Login, p.Coins)
	}
	// Output:
	// waldo 50
	// wally 160
}

// A phone that gets no response sends the request again, perhaps to another server. With the token
// the bonus is paid once.
func ExampleToken() {
	ctx := context.Background()
	m, players, _, end := exampleBank(ctx)
	defer end()

	pay := func(coins int, options ...dynamapper.TransactionOption) error {
		return m.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
			players.In(tx).Update(dynamapper.Key("wally")).Add("coins", coins)
			return nil
		}, options...)
	}
	request := dynamapper.Token("bonus 2026-05-31 wally")
	check(pay(5, request))
	check(pay(5, request)) // the same contents: nothing is written again
	fmt.Println(errors.Is(pay(6, request), dynamapper.ErrTokenUsed))
	wally, err := players.Get(ctx, dynamapper.Key("wally"), dynamapper.Consistent())
	check(err)
	fmt.Println(wally.Coins)
	// Output:
	// true
	// 15
}

// A TransactionOption holds for one transaction.
func ExampleTransactionOption() {
	ctx := context.Background()
	m, players, _, end := exampleBank(ctx)
	defer end()

	options := []dynamapper.TransactionOption{dynamapper.WithMaxRetries(1)}
	err := m.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		waldo, err := players.In(tx).Get(ctx, dynamapper.Key("waldo"))
		if err != nil {
			return err
		}
		check(players.Save(context.Background(), &Player{Login: "waldo"})) // another writer
		waldo.Coins++
		return players.In(tx).Save(waldo)
	}, options...)
	fmt.Println(errors.Is(err, dynamapper.ErrMaxRetriesExceeded))
	// Output: true
}

// A RetriesOption sets the retries of a mapper, or of one transaction.
func ExampleRetriesOption() {
	ctx := context.Background()
	_, players, _, end := exampleBank(ctx)
	defer end()

	var few dynamapper.RetriesOption = dynamapper.WithMaxRetries(3)
	m, err := dynamapper.New(&dynamodb.Client{}, few)
	check(err)
	err = m.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		return players.In(tx).DeleteKey(dynamapper.Key("waldo")) // of another mapper
	}, few)
	fmt.Println(err != nil)
	// Output: true
}

// A purchase that is sent twice is applied once, because its record in the journal can be new only
// once.
func ExampleMapper_RunTransaction_journal() {
	ctx := context.Background()
	m, players, purchases, end := exampleBank(ctx)
	defer end()

	buy := func(id string) error {
		return m.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
			waldo, err := players.In(tx).Get(ctx, dynamapper.Key("waldo"))
			if err != nil {
				return err
			}
			waldo.Coins -= 50
			players.In(tx).Save(waldo)
			purchases.In(tx).Save(&Purchase{ID: id, Buyer: "waldo"})
			return nil
		})
	}
	check(buy("order 7"))
	fmt.Println(errors.Is(buy("order 7"), dynamapper.ErrOverwrite))
	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	fmt.Println(waldo.Coins)
	// Output:
	// true
	// 150
}

// A function that only stages writes reads nothing; its writes are applied together.
func ExampleTx() {
	ctx := context.Background()
	m, players, purchases, end := exampleBank(ctx)
	defer end()

	deposit := func(tx *dynamapper.Tx, login string, coins int) {
		players.In(tx).Update(dynamapper.Key(login)).Add("coins", coins)
	}
	check(m.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		deposit(tx, "waldo", -50)
		deposit(tx, "wally", 50)
		purchases.In(tx).Save(&Purchase{ID: "gift", Buyer: "waldo"})
		return nil
	}))
	wally, err := players.Get(ctx, dynamapper.Key("wally"), dynamapper.Consistent())
	check(err)
	fmt.Println(wally.Coins)
	// Output: 60
}

// Tables of several models take part in one transaction.
func ExampleTable_In() {
	ctx := context.Background()
	m, players, purchases, end := exampleBank(ctx)
	defer end()

	check(m.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		players.In(tx).DeleteKey(dynamapper.Key("waldo"))
		purchases.In(tx).Save(&Purchase{ID: "account closed", Buyer: "waldo"})
		return nil
	}))
	left, err := purchases.Get(ctx, dynamapper.Key("account closed"), dynamapper.Consistent())
	check(err)
	fmt.Println(left.Buyer)
	// Output: waldo
}

// Errors in staged operations are returned by RunTransaction, and nothing is written.
func ExampleTxTable() {
	ctx := context.Background()
	m, players, _, end := exampleBank(ctx)
	defer end()

	err := m.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		inTx := players.In(tx)
		inTx.DeleteKey(dynamapper.Key("waldo"))
		inTx.Update(dynamapper.Key("waldo")).Set("guild", "rogues")
		return nil
	})
	fmt.Println(err != nil)
	_, err = players.Get(ctx, dynamapper.Key("waldo"))
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}

// Get and Save load or create an item. If the item was missing, the commit checks that it still is.
func ExampleTxTable_Get() {
	ctx := context.Background()
	m, players, _, end := exampleBank(ctx)
	defer end()

	check(m.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		ada, err := players.In(tx).Get(ctx, dynamapper.Key("ada"))
		if errors.Is(err, dynamapper.ErrNotFound) {
			ada, err = players.New(func(p *Player) { p.Login = "ada" }), nil
		}
		if err != nil {
			return err
		}
		ada.Coins += 100
		players.In(tx).Save(ada)
		return nil
	}))
	ada, err := players.Get(ctx, dynamapper.Key("ada"), dynamapper.Consistent())
	check(err)
	fmt.Println(ada.Coins)
	// Output: 100
}

// An item that was loaded outside the transaction is saved only if it has not changed since.
func ExampleTxTable_Save() {
	ctx := context.Background()
	m, players, _, end := exampleBank(ctx)
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	save := func(_ context.Context, tx *dynamapper.Tx) error {
		waldo.Guild = "rogues"
		players.In(tx).Save(waldo)
		return nil
	}
	check(m.RunTransaction(ctx, save))
	check(players.DeleteKey(ctx, dynamapper.Key("waldo"))) // meanwhile, another writer
	fmt.Println(errors.Is(m.RunTransaction(ctx, save), dynamapper.ErrConflict))
	// Output: true
}

// Put replaces what is there without reading it. Get in the same transaction returns what is staged.
func ExampleTxTable_Put() {
	ctx := context.Background()
	m, players, _, end := exampleBank(ctx)
	defer end()

	check(m.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		if err := players.In(tx).Put(&Player{Login: "waldo", Coins: 1}); err != nil {
			return err
		}
		waldo, err := players.In(tx).Get(ctx, dynamapper.Key("waldo")) // sends nothing
		if err != nil {
			return err
		}
		waldo.Coins++
		return nil // the commit writes the edited item
	}))
	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	fmt.Printf("%d %q\n", waldo.Coins, waldo.Guild)
	// Output: 2 ""
}

// Delete and Save in one transaction move a player to another key.
func ExampleTxTable_Delete() {
	ctx := context.Background()
	m, players, _, end := exampleBank(ctx)
	defer end()

	check(m.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		waldo, err := players.In(tx).Get(ctx, dynamapper.Key("waldo"))
		if err != nil {
			return err
		}
		players.In(tx).Delete(waldo)
		players.In(tx).Save(&Player{Login: "odlaw", Coins: waldo.Coins})
		return nil
	}))
	odlaw, err := players.Get(ctx, dynamapper.Key("odlaw"), dynamapper.Consistent())
	check(err)
	fmt.Println(odlaw.Coins)
	// Output: 200
}

func ExampleTxTable_DeleteKey() {
	ctx := context.Background()
	m, players, _, end := exampleBank(ctx)
	defer end()

	check(m.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		players.In(tx).DeleteKey(dynamapper.Key("waldo"))
		players.In(tx).DeleteKey(dynamapper.Key("wally"), dynamapper.MustExist())
		return nil
	}))
	n, err := players.Scan().Consistent().Count(ctx)
	check(err)
	fmt.Println(n)
	// Output: 0
}

// Coins move without a read, and the condition keeps the account from falling below zero.
func ExampleTxTable_Update() {
	ctx := context.Background()
	m, players, _, end := exampleBank(ctx)
	defer end()

	pay := func(coins int) error {
		return m.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
			players.In(tx).Update(dynamapper.Key("waldo")).Add("coins", -coins).
				If(dynamapper.Attr("coins", dynamapper.GE(coins)))
			players.In(tx).Update(dynamapper.Key("wally")).Add("coins", coins)
			return nil
		})
	}
	check(pay(150))
	fmt.Println(errors.Is(pay(150), dynamapper.ErrConditionFailed))
	wally, err := players.Get(ctx, dynamapper.Key("wally"), dynamapper.Consistent())
	check(err)
	fmt.Println(wally.Coins)
	// Output:
	// true
	// 160
}

// Check lets only members of the knights buy armor.
func ExampleTxTable_Check() {
	ctx := context.Background()
	m, players, purchases, end := exampleBank(ctx)
	defer end()

	for _, login := range []string{"waldo", "wally"} {
		err := m.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
			players.In(tx).Check(dynamapper.Key(login),
				dynamapper.Attr("guild", dynamapper.EQ("knights")))
			purchases.In(tx).Save(&Purchase{ID: "armor of " + login, Buyer: login})
			return nil
		})
		fmt.Println(login, errors.Is(err, dynamapper.ErrConditionFailed))
	}
	// Output:
	// waldo false
	// wally true
}

// The reasons are in the order in which the operations were staged; a reason is nil if its
// operation did not fail.
func ExampleTransactionError() {
	ctx := context.Background()
	m, players, purchases, end := exampleBank(ctx)
	defer end()

	err := m.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		purchases.In(tx).Save(&Purchase{ID: "armor"})
		players.In(tx).Check(dynamapper.Key("nobody"))
		players.In(tx).Save(&Player{Login: "waldo"})
		return nil
	})
	var refused *dynamapper.TransactionError
	if errors.As(err, &refused) {
		for _, reason := range refused.Reasons {
			fmt.Println(errors.Is(reason, dynamapper.ErrNotFound),
				errors.Is(reason, dynamapper.ErrOverwrite))
		}
	}
	// Output:
	// false false
	// true false
	// false true
}

// afterUpdate stages an update of a player in a transaction and returns the player as stored
// afterwards.
func afterUpdate(stage func(*dynamapper.TxUpdate[Player])) *Player {
	ctx := context.Background()
	mapper, players, end := exampleWaldo(ctx)
	defer end()
	check(mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		stage(players.In(tx).Update(dynamapper.Key("waldo")))
		return nil
	}))
	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	return waldo
}

// exampleWaldo makes a mapper and a table with one player.
func exampleWaldo(ctx context.Context) (
	mapper *dynamapper.Mapper, players *dynamapper.Table[Player], end func(),
) {
	mapper, end = exampleMapper()
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	check(players.CreateTable(ctx, dynamapper.WaitActive()))
	check(players.Save(ctx, &Player{Login: "waldo", Coins: 200, Badges: []string{"gold"},
		Inventory: map[string]int{"sword": 1}}))
	return mapper, players, end
}

// The commit applies all clauses at once, and exactly once.
func ExampleTxUpdate() {
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.Add("coins", -150).Add(dynamapper.Path("inventory", "shield"), 1)
	})
	fmt.Println(waldo.Coins, waldo.Inventory)
	// Output: 50 map[shield:1 sword:1]
}

// Set replaces the stored value.
func ExampleTxUpdate_Set() {
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.Set("guild", "knights")
	})
	fmt.Println(waldo.Guild)
	// Output: knights
}

// SetIfAbsent keeps a stored value.
func ExampleTxUpdate_SetIfAbsent() {
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.SetIfAbsent("coins", 10).SetIfAbsent("guild", "knights")
	})
	fmt.Println(waldo.Coins, waldo.Guild)
	// Output: 200 knights
}

func ExampleTxUpdate_SetExpr() {
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.SetExpr("coins", "coins + :gift", dynamapper.Args{":gift": 5})
	})
	fmt.Println(waldo.Coins)
	// Output: 205
}

// Adding a negative number subtracts.
func ExampleTxUpdate_Add() {
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.Add("coins", -50)
	})
	fmt.Println(waldo.Coins)
	// Output: 150
}

// Remove takes attributes and paths into documents.
func ExampleTxUpdate_Remove() {
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.Remove("badges", dynamapper.Path("inventory", "sword"))
	})
	fmt.Println(len(waldo.Badges), len(waldo.Inventory))
	// Output: 0 0
}

// A set holds each member once.
func ExampleTxUpdate_AddToSet() {
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.AddToSet("badges", "gold", "fast")
	})
	fmt.Println(len(waldo.Badges))
	// Output: 2
}

// The attribute is removed with its last member.
func ExampleTxUpdate_RemoveFromSet() {
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.RemoveFromSet("badges", "gold")
	})
	fmt.Println(len(waldo.Badges))
	// Output: 0
}

// A condition guards all writes of the transaction.
func ExampleTxUpdate_If() {
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.Add("coins", -150).If(dynamapper.Attr("coins", dynamapper.GE(150)))
	})
	fmt.Println(waldo.Coins)
	// Output: 50
}

// With MustExist, an update does not create a missing item.
func ExampleTxUpdate_MustExist() {
	waldo := afterUpdate(func(u *dynamapper.TxUpdate[Player]) {
		u.Add("coins", 1).MustExist()
	})
	fmt.Println(waldo.Coins)
	// Output: 201
}

// afterMove stages an update of a score whose only move is left, and returns its moves afterwards.
func afterMove(stage func(*dynamapper.TxUpdate[Score])) []string {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	scores, err := dynamapper.TableOf[Score](mapper)
	check(err)
	check(scores.CreateTable(ctx, dynamapper.WaitActive()))
	check(scores.Save(ctx, &Score{Game: "tetris", Player: "ada", Moves: []string{"left"}}))

	key := dynamapper.Key("tetris", "ada")
	check(mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		stage(scores.In(tx).Update(key))
		return nil
	}))
	ada, err := scores.Get(ctx, key, dynamapper.Consistent())
	check(err)
	return ada.Moves
}

// Append adds values at the end of a list.
func ExampleTxUpdate_Append() {
	fmt.Println(afterMove(func(u *dynamapper.TxUpdate[Score]) { u.Append("moves", "drop") }))
	// Output: [left drop]
}

// Prepend adds values at the front of a list.
func ExampleTxUpdate_Prepend() {
	fmt.Println(afterMove(func(u *dynamapper.TxUpdate[Score]) { u.Prepend("moves", "drop") }))
	// Output: [drop left]
}
