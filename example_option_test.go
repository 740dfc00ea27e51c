package dynamapper_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/dynamapper/dynamapper"
)

// No save of this table overwrites what somebody else wrote.
func ExampleDefaults() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	players, err := dynamapper.TableOf[Player](mapper, dynamapper.Defaults(dynamapper.FailOnConflict()))
	check(err)
	check(players.CreateTable(ctx))

	check(players.Save(ctx, &Player{Login: "waldo", Coins: 200}))
	err = players.Save(ctx, &Player{Login: "waldo"})
	fmt.Println(errors.Is(err, dynamapper.ErrOverwrite))
	// Output: true
}

// One call of a table with defaults overwrites on purpose.
func ExampleLastWriterWins() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	players, err := dynamapper.TableOf[Player](mapper, dynamapper.Defaults(dynamapper.FailOnConflict()))
	check(err)
	check(players.CreateTable(ctx))

	check(players.Save(ctx, &Player{Login: "waldo", Coins: 200}))
	fmt.Println(players.Save(ctx, &Player{Login: "waldo"}, dynamapper.LastWriterWins()))
	// Output: <nil>
}

// A condition is for every write.
func ExampleWriteOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	var rich dynamapper.WriteOption = dynamapper.If(dynamapper.Attr("coins", dynamapper.GE(150)))
	fmt.Println(players.Save(ctx, waldo, rich), players.Delete(ctx, waldo, rich))
	// Output: <nil> <nil>
}

// One option for the writes of an item that was read.
func ExampleConflictOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	var careful dynamapper.ConflictOption = dynamapper.FailOnConflict()
	fmt.Println(players.Save(ctx, waldo, careful), players.Delete(ctx, waldo, careful))
	// Output: <nil> <nil>
}

// A save that sends what was edited.
func ExampleChangedOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	var changed dynamapper.ChangedOption = dynamapper.ChangedOnly()
	fmt.Println(players.Save(ctx, waldo, changed))
	// Output: <nil>
}

// A write that is applied exactly once.
func ExampleIdempotentOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	var once dynamapper.IdempotentOption = dynamapper.Idempotent()
	fmt.Println(players.Save(ctx, waldo, once), players.Delete(ctx, waldo, once))
	// Output: <nil> <nil>
}

// A batch that may overwrite.
func ExampleOverwriteOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	var overwrite dynamapper.OverwriteOption = dynamapper.LastWriterWins()
	fmt.Println(players.BatchSave(ctx, []*Player{waldo}, overwrite))
	// Output: <nil>
}

// Options are values.
func ExampleBatchOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	opts := []dynamapper.BatchOption{dynamapper.LastWriterWins()}
	fmt.Println(players.BatchSave(ctx, []*Player{waldo}, opts...))
	// Output: <nil>
}

// Options are values.
func ExampleDeleteOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	opts := []dynamapper.DeleteOption{dynamapper.FailOnConflict(), dynamapper.MustExist()}
	fmt.Println(players.Delete(ctx, waldo, opts...))
	// Output: <nil>
}

// Options are values.
func ExampleDeleteKeyOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	opts := []dynamapper.DeleteKeyOption{dynamapper.MustExist()}
	fmt.Println(players.DeleteKey(ctx, players.KeyOf(waldo), opts...))
	// Output: <nil>
}

// Options are values.
func ExampleModifyOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	opts := []dynamapper.ModifyOption{dynamapper.Idempotent()}
	waldo, err = players.Modify(ctx, players.KeyOf(waldo), func(p *Player) error { p.Coins -= 150; return nil }, opts...)
	check(err)
	fmt.Println(waldo.Coins)
	// Output: 50
}

// Options are values.
func ExampleTxOption() {
	ctx := context.Background()
	mapper, players, end := exampleWaldo(ctx)
	defer end()

	opts := []dynamapper.TxOption{dynamapper.MustExist()}
	err := mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		waldo, err := players.In(tx).Get(ctx, dynamapper.Key("waldo"))
		if err != nil {
			return err
		}
		waldo.Coins -= 150
		return players.In(tx).Save(waldo, opts...)
	})
	fmt.Println(err)
	// Output: <nil>
}

// Defaults that a program's configuration decides.
func ExampleDefaultOption() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	defaults := []dynamapper.DefaultOption{dynamapper.FailOnConflict()}
	if mobile := true; mobile { // connections die often
		defaults = append(defaults, dynamapper.Idempotent())
	}
	players, err := dynamapper.TableOf[Player](mapper, dynamapper.Defaults(defaults...))
	check(err)
	check(players.CreateTable(ctx))
	fmt.Println(players.Save(ctx, &Player{Login: "waldo"}))
	// Output: <nil>
}
