package tests

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// An invalid update returns an error before anything is sent. The error names the clause and the
// attribute.
func TestRefusedUpdates(t *testing.T) {
	t.Parallel()
	chests, sent := fixtures.WatchedTable[chest](t)
	type update = func(u chestUpdate) chestUpdate
	for name, c := range map[string]struct {
		update update
		want   string
	}{
		"no clause": {func(u chestUpdate) chestUpdate { return u },
			"the update has no clause; add one, such as Set or Add"},
		"no values": {
			func(u chestUpdate) chestUpdate {
				return u.Append("list").AddToSet("strings").
					Remove()
			}, `AddToSet of "strings" has no value, and no other clause changes anything`},
		"no member": {
			func(u chestUpdate) chestUpdate { return u.RemoveFromSet("strings", []string{}) },
			`RemoveFromSet of "strings" has no value`},
		"no element": {
			func(u chestUpdate) chestUpdate { return u.Prepend("list", []string(nil)) },
			`Prepend of "list" has no value`},
		"no attribute": {func(u chestUpdate) chestUpdate { return u.Remove() },
			"Remove has no attribute, and no other clause changes anything"},
		"only a condition": {
			func(u chestUpdate) chestUpdate { return u.If(isTrue).MustExist().Idempotent() },
			"the update has no clause"},
		"unknown": {func(u chestUpdate) chestUpdate { return u.Set("txt", 1) },
			`Set of "txt": `},
		"unknown, of none": {func(u chestUpdate) chestUpdate { return u.Append("txt") },
			`Append of "txt": `},
		"unknown member": {
			func(u chestUpdate) chestUpdate { return u.Remove("settings.land") },
			`did you mean "lang"?`},
		"no path": {func(u chestUpdate) chestUpdate { return u.Remove("list[x]") },
			"is no path"},
		"empty name": {func(u chestUpdate) chestUpdate { return u.Remove("") },
			`Remove of "": `},
		"hash key": {func(u chestUpdate) chestUpdate { return u.Set("id", "x") },
			`Set of "id": the attribute is a key of the table`},
		"twice": {
			func(u chestUpdate) chestUpdate { return u.Set("text", "a").Remove("text") },
			`Remove of "text": another clause changes "text" already`},
		"twice in one": {func(u chestUpdate) chestUpdate { return u.Remove("text", "text") },
			`another clause changes "text" already`},
		"twice, after others": {
			func(u chestUpdate) chestUpdate {
				return u.Add("int", 1).Set("text", "a").Add("int",
					1)
			}, `another clause changes "int" already`},
		"inside": {func(u chestUpdate) chestUpdate {
			return u.Set("settings", specimenSettings{}).Add("settings.volume", 1)
		}, `another clause changes "settings" already`},
		"outside": {
			func(u chestUpdate) chestUpdate {
				return u.Add("settings.volume", 1).
					Remove("settings")
			}, `another clause changes "settings.volume" already`},
		"element": {
			func(u chestUpdate) chestUpdate {
				return u.Remove("lines[1]").Set("lines[1].sku",
					"s")
			}, `another clause changes "lines[1]" already`},
		"element and list": {
			func(u chestUpdate) chestUpdate { return u.Set("list[1]", "x").Append("list", "y") },
			`another clause changes "list[1]" already`},
		"spelt differently": {
			func(u chestUpdate) chestUpdate { return u.Set("counts.a", 1).Set(`counts."a"`, 2) },
			`another clause changes "counts.a" already`},
		"odd name": {
			func(u chestUpdate) chestUpdate {
				return u.Set(`counts."a.b"`, 1).
					Remove(`counts."a.b"`)
			}, `changes "counts.\"a.b\"" already`},
		"wrong type": {func(u chestUpdate) chestUpdate { return u.Set("text", 5) },
			"a value of type int is given, and the field Text takes string"},
		"wrong wire type": {
			func(u chestUpdate) chestUpdate { return u.Set("text", fixtures.Number("5")) },
			"the attribute is of type S, and a value of type N is given"},
		"fraction": {func(u chestUpdate) chestUpdate { return u.Set("small", 2.5) },
			`Set of "small": `},
		"overflow": {func(u chestUpdate) chestUpdate { return u.Set("small", 300) },
			"does not fit the Go type uint8"},
		"overflow, absent": {
			func(u chestUpdate) chestUpdate { return u.SetIfAbsent("small", -1) },
			"does not fit the Go type uint8"},
		"overflow in a member": {
			func(u chestUpdate) chestUpdate { return u.Set("lines[0].count", 2.5) },
			`Set of "lines[0].count": `},
		"bad wire document": {func(u chestUpdate) chestUpdate {
			return u.Set("lines",
				listValue(mapValue(fixtures.Attributes{"count": fixtures.Text("5")})))
		}, "in the value given, at [0].Count: "},
		"not a date": {
			func(u chestUpdate) chestUpdate { return u.Set("day", fixtures.Text("tomorrow")) },
			`Set of "day": `},
		"not an address": {func(u chestUpdate) chestUpdate { return u.Set("addr", "x") },
			"the text given is not one of the Go type"},
		"invalid UTF-8": {func(u chestUpdate) chestUpdate { return u.Set("text", "\xff") },
			"not valid UTF-8"},
		"NaN": {
			func(u chestUpdate) chestUpdate { return u.Set("float", math.NaN()) },
			`Set of "float": `},
		"into JSON": {func(u chestUpdate) chestUpdate { return u.Add("json.a", 1) },
			`give the field JSON the option "document"`},
		"into a text": {func(u chestUpdate) chestUpdate { return u.Set("text.a", 1) },
			"has no members"},
		"Add to text": {func(u chestUpdate) chestUpdate { return u.Add("text", 1) },
			"the field Text does not hold a number to add to; use Set"},
		"Add to a time": {func(u chestUpdate) chestUpdate { return u.Add("unix", 1) },
			"the field Unix does not hold a number"},
		"Add to a date": {func(u chestUpdate) chestUpdate { return u.Add("day", 1) },
			"the field Day does not hold a number"},
		"Add to a bool": {func(u chestUpdate) chestUpdate { return u.Add("bool", 1) },
			"the field Bool does not hold a number"},
		"Add to a set": {func(u chestUpdate) chestUpdate { return u.Add("numbers", 1) },
			"the field Numbers does not hold a number"},
		"Add to JSON": {func(u chestUpdate) chestUpdate { return u.Add("json", 1) },
			"the field JSON does not hold a number"},
		"Add nil": {func(u chestUpdate) chestUpdate { return u.Add("int", nil) },
			"the number is nil; give a number"},
		"Add a nil pointer": {
			func(u chestUpdate) chestUpdate { return u.Add("any", (*int)(nil)) },
			"the number is nil; give a number"},
		"Add text": {func(u chestUpdate) chestUpdate { return u.Add("int", "1") },
			"a value of type string is given"},
		"Add text to any": {func(u chestUpdate) chestUpdate { return u.Add("any", "1") },
			"the added value is not a number; give a number"},
		"Add a fraction": {func(u chestUpdate) chestUpdate { return u.Add("int", 0.5) },
			"has a fraction; give an integer"},
		"Add a big fraction": {
			func(u chestUpdate) chestUpdate { return u.Add("big", json.Number("1.5")) },
			"has a fraction; give an integer"},
		"Add a member fraction": {func(u chestUpdate) chestUpdate { return u.Add("counts.a", 0.5) },
			"has a fraction; give an integer"},
		"Add too much": {func(u chestUpdate) chestUpdate { return u.Add("small", 256) },
			"does not fit the Go type uint8"},
		"Add far too much": {func(u chestUpdate) chestUpdate { return u.Add("int", -1e30) },
			"does not fit the Go type int"},
		"Add 39 digits": {
			func(u chestUpdate) chestUpdate { return u.Add("big", json.Number(digits38+"9")) },
			`Add of "big": `},
		"Append to JSON": {func(u chestUpdate) chestUpdate { return u.Append("queue", "x") },
			`give the field Queue the option "document"`},
		"Append to a map": {func(u chestUpdate) chestUpdate { return u.Append("counts", 1) },
			`the field Counts does not hold a list that can grow; Append is for slices`},
		"Prepend to an array": {func(u chestUpdate) chestUpdate { return u.Prepend("array", 1) },
			`the field Array does not hold a list that can grow; Prepend is for slices`},
		"Append to a set": {
			func(u chestUpdate) chestUpdate { return u.Append("strings", "x") },
			"the field Strings does not hold a list"},
		"Append another type": {
			func(u chestUpdate) chestUpdate { return u.Append("list", "a", 5) },
			`Append of "list": a value of type int is given`},
		"Append a fraction": {func(u chestUpdate) chestUpdate { return u.Append("ptrs", 2.5) },
			`Append of "ptrs": `},
		"another slice type": {
			func(u chestUpdate) chestUpdate { return u.Append("list", []int{1}) },
			"a value of type []int is given"},
		"AddToSet of a list": {func(u chestUpdate) chestUpdate { return u.AddToSet("list", "x") },
			`the field List holds no set; AddToSet is for the option "set"`},
		"AddToSet of a type": {func(u chestUpdate) chestUpdate { return u.AddToSet("crew", "x") },
			"encodes its set with its own methods"},
		"no set in a document": {
			func(u chestUpdate) chestUpdate { return u.RemoveFromSet("lines[0].sku", "x") },
			"holds no set"},
		"a member in it": {
			func(u chestUpdate) chestUpdate { return u.AddToSet("lines[0].tags", 5) },
			"a value of type int is given"},
		"a nil member": {
			func(u chestUpdate) chestUpdate { return u.AddToSet("numbers", nil) },
			"a member is nil"},
		"a member's type": {func(u chestUpdate) chestUpdate { return u.AddToSet("strings", 5) },
			"a value of type int is given"},
		"a member's fraction": {
			func(u chestUpdate) chestUpdate { return u.RemoveFromSet("numbers", 2.5) },
			`RemoveFromSet of "numbers": `},
	} {
		t.Run(name, func(t *testing.T) {
			for _, u := range []chestUpdate{chests.Update(dynamapper.Key("one")),
				chests.Update(dynamapper.Key("one")).Idempotent()} {
				item, err := c.update(u).Run(t.Context())
				require.Nil(t, item)
				require.ErrorContains(t, err, c.want)
				require.ErrorContains(t, err,
					fmt.Sprintf("dynamapper: Update: table %q: ", chests.Name()))
			}
			require.Empty(t, sent.Take())
		})
	}
}

// An update also refuses invalid keys, fields that every write renews, and an invalid context.
func TestRefusedUpdatesOfKeysAndStamps(t *testing.T) {
	t.Parallel()
	accounts, sent := fixtures.WatchedTable[counted](t)
	entries, entriesSent := fixtures.WatchedTable[logEntry](t)
	scores, scoresSent := fixtures.WatchedTable[score](t)
	one := dynamapper.Key("one")
	for want, err := range map[string]error{
		`Set of "version": every write renews the version by itself`: errOf(
			accounts.Update(one).Set("version", 5).Run(t.Context())),
		`Remove of "version": every write renews the version by itself`: errOf(
			accounts.Update(one).Remove("version").Run(t.Context())),
		"the context is nil": errOf(
			accounts.Update(one).Add("balance", 1).Run(context.Context(nil))),
		`the hash key "id" is empty`: errOf(
			accounts.Update(dynamapper.Key("")).Add("balance", 1).Run(t.Context())),
		"the key -1 belongs to": errOf(
			entries.Update(dynamapper.Key(-1)).Set("text", "x").Run(t.Context())),
		"the key is 0": errOf(
			entries.Update(dynamapper.Key(0)).Set("text", "x").Run(t.Context())),
		`Add of "user": the attribute is a key of the`: errOf(
			scores.Update(dynamapper.Key("red", 1)).Add("user", 1).Run(t.Context())),
		"range key": errOf(scores.Update(dynamapper.Key("red")).Add("order", 1).Run(t.Context())),
	} {
		require.ErrorContains(t, err, want)
	}
	require.ErrorIs(t, errOf(entries.Update(dynamapper.Key(-1)).Set("text", "x").Run(t.Context())),
		dynamapper.ErrSchema)
	require.Empty(t, sent.Take())
	require.Empty(t, entriesSent.Take())
	require.Empty(t, scoresSent.Take())
}

// Names that are reserved words, or contain characters with a meaning in expressions, need no
// special care.
func TestUpdateOfOddNames(t *testing.T) {
	t.Parallel()
	scores, _ := notedTable[score](t)
	item, err := scores.Update(dynamapper.Key("red", 1)).Add("points#", 5).Set("season.name",
		"spring").Set("date", may31).Add("order", 1).SetIfAbsent("note-to-self", "x").
		If(dynamapper.Attr("season.name", dynamapper.NotExists())).Run(t.Context())
	require.NoError(t, err)
	want := &score{Guild: "red", Player: 1, Points: 5, Season: "spring", Day: may31, Rank: 1,
		Note: "x", Version: item.Version}
	want.Model = item.Model
	require.NotZero(t, item.Version)
	require.Equal(t, want, item)
}

// DynamoDB changes nothing inside a missing attribute, and the error says so.
func TestUpdateInsideOfNothing(t *testing.T) {
	t.Parallel()
	chests := fixtures.TableOf[chest](t)
	fixtures.PutRaw(
		t,
		chests.Name(),
		fixtures.Attributes{"id": fixtures.Text("one"), "text": fixtures.Text("x")},
	)
	for _, id := range []string{"one", "none"} {
		for _, u := range []chestUpdate{
			chests.Update(dynamapper.Key(id)).Set("settings.lang", "en"),
			chests.Update(dynamapper.Key(id)).Add("counts.a", 1),
			chests.Update(dynamapper.Key(id)).Append("any.log", 1),
			chests.Update(dynamapper.Key(id)).Set("list[0]", "x"),
			chests.Update(dynamapper.Key(id)).Set("settings.lang", "en").Idempotent(),
		} {
			_, err := u.Run(t.Context())
			require.ErrorContains(t, err, "the item has no such document")
			require.ErrorContains(t, err, "set the whole attribute before")
			require.ErrorContains(t, err, "Update")
			require.ErrorContains(t, err, chests.Name())
			require.NotErrorIs(t, err, dynamapper.ErrNotFound)
		}
	}
}

// An update that is too large for one request returns an error before anything is sent.
func TestUpdateTooLong(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[wide400](t)
	u := table.Update(dynamapper.Key("one"))
	for i := range 301 {
		u.Set(wideName(i), "x")
	}
	_, err := u.Run(t.Context())
	require.ErrorContains(t, err, "longer than one request may be; send several updates")
	require.Empty(t, sent.Take())
}

// After a lost response, an update is sent again only if applying it twice has the same result as
// once. Removing a list element is excluded because it moves those after it, and setting one beyond
// the end is excluded because it appends.
func TestUpdateAfterALostResponse(t *testing.T) {
	t.Parallel()
	line := dynamotest.NewFaults()
	chests := fixtures.TableIn[chest](t, line.Mapper(t))
	for name, c := range map[string]struct {
		update func(u chestUpdate) chestUpdate
		again  bool
	}{
		"Set":          {func(u chestUpdate) chestUpdate { return u.Set("text", "x") }, true},
		"Set a member": {func(u chestUpdate) chestUpdate { return u.Set("counts.a", 1) }, true},
		"Set inside one": {func(u chestUpdate) chestUpdate { return u.Set("lines[0].sku", "x") },
			true},
		"SetIfAbsent": {func(u chestUpdate) chestUpdate { return u.SetIfAbsent("text", "x") },
			true},
		"Remove": {func(u chestUpdate) chestUpdate { return u.Remove("text", "counts.a") },
			true},
		"AddToSet": {func(u chestUpdate) chestUpdate { return u.AddToSet("strings", "x") },
			true},
		"RemoveFromSet": {
			func(u chestUpdate) chestUpdate { return u.RemoveFromSet("strings", "x") }, true},
		"MustExist": {func(u chestUpdate) chestUpdate { return u.Set("text", "x").MustExist() },
			true},
		"Idempotent": {
			func(u chestUpdate) chestUpdate {
				return u.Add("int", 1).Remove("list[0]").
					Idempotent()
			}, true},
		"Add":          {func(u chestUpdate) chestUpdate { return u.Add("int", 1) }, false},
		"Add a member": {func(u chestUpdate) chestUpdate { return u.Add("counts.a", 1) }, false},
		"Append":       {func(u chestUpdate) chestUpdate { return u.Append("list", "x") }, false},
		"Prepend": {
			func(u chestUpdate) chestUpdate { return u.Prepend("list", "x").Set("text", "x") },
			false},
		"If": {func(u chestUpdate) chestUpdate {
			return u.Set("text", "x").If(dynamapper.Attr("id", dynamapper.Exists()))
		}, false},
		"Remove element": {
			func(u chestUpdate) chestUpdate { return u.Set("text", "x").Remove("list[0]") }, false},
		"Set element": {func(u chestUpdate) chestUpdate { return u.Set("list[9]", "x") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			before := fixtures.Attributes{"id": fixtures.Text(name), "text": fixtures.Text("old"),
				"int": fixtures.Number(
					"1",
				), "counts": mapValue(fixtures.Attributes{"a": fixtures.Number("1")}),
				"strings": stringSet(
					"x",
					"y",
				), "list": listValue(fixtures.Text("a"), fixtures.Text("b")),
				"lines": listValue(mapValue(fixtures.Attributes{}))}
			key := fixtures.Attributes{"id": fixtures.Text(name)}
			fixtures.PutRaw(t, chests.Name(), before)
			_, err := c.update(chests.Update(dynamapper.Key(name))).Run(t.Context())
			require.NoError(t, err)
			want := fixtures.GetRaw(t, chests.Name(), key)
			fixtures.PutRaw(t, chests.Name(), before)
			line.Clear()
			line.On("", 1, dynamotest.Lose())
			_, err = c.update(chests.Update(dynamapper.Key(name))).Run(t.Context())
			requireItem(t, want, fixtures.GetRaw(t, chests.Name(), key))
			line.Clear()
			if c.again {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, dynamapper.ErrUnknownOutcome)
			var doubt *dynamapper.UnknownOutcomeError
			require.ErrorAs(t, err, &doubt)
			require.Equal(t, dynamapper.Key(name), doubt.Key)
		})
	}
}

// A refusal after a lost response is an unknown outcome, not a missing item: the update may have
// been applied, and the item deleted afterwards.
func TestAnUpdateThatIsRefusedAfterALostResponse(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[player](t)
	waldo := dynamapper.Key("waldo")
	for name, u := range map[string]*dynamapper.Update[player]{
		"MustExist": faulty.Update(waldo).Set("name", "x").MustExist(),
		"Remove":    faulty.Update(waldo).Remove("name"),
	} {
		t.Run(name, func(t *testing.T) {
			fixtures.PutRaw(t, good.Name(), storedPlayer("waldo"))
			line.Clear()
			line.On("UpdateItem", 1,
				dynamotest.After(dynamotest.Lose(),
					func() { fixtures.DeleteRaw(t, good.Name(), playerKey("waldo")) }))
			_, err := u.Run(t.Context())
			require.Equal(t, waldo, fixtures.RequireDoubt(t, err).Key)
			require.Equal(t, 2, line.Sent("UpdateItem"))
		})
	}
}

// Without any response, the outcome of an idempotent update is unknown, also if the context ends in
// between. The update is applied once.
func TestAnIdempotentUpdateWithoutAResponse(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[player](t, dynamapper.WithMaxRetries(2))
	for name, test := range map[string]struct {
		ends bool
		sent int
	}{"all lost": {false, 2 * fixtures.SDKTries}, "the context ends": {true, 2}} {
		t.Run(name, func(t *testing.T) {
			fixtures.PutRaw(t, good.Name(), storedPlayer("waldo"))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			line.Clear()
			line.Each("TransactWriteItems", func(n int) dynamotest.Fault {
				if test.ends && n == 2 {
					return dynamotest.After(dynamotest.Lose(), cancel)
				}
				return dynamotest.Lose()
			})
			_, err := faulty.Update(dynamapper.Key("waldo")).Add("balance", 1).Idempotent().Run(ctx)
			fixtures.RequireDoubt(t, err)
			require.Equal(t, test.ends, errors.Is(err, context.Canceled))
			require.Equal(t, test.sent, line.Sent(""))
			require.Equal(t, fixtures.Number("201"),
				fixtures.GetRaw(t, good.Name(), playerKey("waldo"))["balance"])
		})
	}
}

// If an idempotent update was applied but its item cannot be read back, the error says so and
// matches neither a refusal nor a missing item. A read that the service refuses is not repeated.
func TestAnIdempotentUpdateThatCannotBeReadBack(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[player](t)
	for name, test := range map[string]struct {
		fault func(cancel func()) dynamotest.Fault
		text  string
		ends  bool
	}{
		"not allowed": {func(func()) dynamotest.Fault {
			return dynamotest.Refuse(http.StatusBadRequest, "AccessDeniedException")
		}, "do not allow this", false},
		"deleted": {func(func()) dynamotest.Fault {
			return func(_ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
				fixtures.DeleteRaw(t, good.Name(), playerKey("waldo"))
				return send()
			}
		}, "the item was deleted since", false},
		"the context ends": {
			func(cancel func()) dynamotest.Fault {
				return dynamotest.After(dynamotest.Lose(),
					cancel)
			}, "the context was cancelled", true},
	} {
		t.Run(name, func(t *testing.T) {
			fixtures.PutRaw(t, good.Name(), storedPlayer("waldo"))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			line.Clear()
			line.Each("GetItem", fixtures.Always(test.fault(cancel)))
			item, err := faulty.Update(dynamapper.Key("waldo")).Add("balance", 1).Idempotent().
				Run(ctx)
			require.Nil(t, item)
			fixtures.RequireDoubt(t, err)
			require.ErrorContains(t, err,
				fmt.Sprintf(
					"dynamapper: Update: table %q: the update was applied, and its item could "+
						"not be read back; read it again: ", good.Name()))
			require.ErrorContains(t, err, test.text)
			require.Equal(t, test.ends, errors.Is(err, context.Canceled))
			require.Equal(t, 1, line.Sent("GetItem"))
		})
	}
}

// In a list type that contains itself, a value of the type is one element.
func TestAppendToAListOfItself(t *testing.T) {
	t.Parallel()
	type tree []tree
	type forest struct {
		dynamapper.Model `dynamo:"forests"`
		ID               string               `dynamo:"id,hash"`
		Tree             tree                 `dynamo:"tree,document"`
		Own              types.AttributeValue `dynamo:"own"`
	}
	forests := fixtures.TableOf[forest](t)
	item, err := forests.Update(dynamapper.Key("one")).Append("tree", tree{{}}, tree{}).
		Append("own", fixtures.Text("x")).Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, tree{{{}}, {}}, item.Tree)
}
