// Package before tests the calls that return the item before a write: Take, Replace and RunOld.
package before

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/engine"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

type attributes = fixtures.Attributes

var (
	text   = fixtures.Text
	number = fixtures.Number
)

// coupon is a model without a version, and with an attribute that another program adds.
type coupon struct {
	dynamapper.Model `dynamo:"coupons"`
	Code             string `dynamo:"code,hash"`
	Coins            int    `dynamo:"coins"`
}

func couponKey(code string) attributes { return attributes{"code": text(code)} }

// storedCoupon is a coupon with an attribute that the model does not know.
func storedCoupon(code string) attributes {
	return attributes{"code": text(code), "coins": number("150"), "origin": text("shop")}
}

// wallet has a version and times.
type wallet struct {
	dynamapper.Model `dynamo:"wallets"`
	ID               string    `dynamo:"id,hash"`
	Coins            int       `dynamo:"coins"`
	Version          string    `dynamo:"version,version"`
	Created          time.Time `dynamo:"created,created"`
	Updated          time.Time `dynamo:"updated,updated"`
}

// numbered takes ids.
type numbered struct {
	dynamapper.Model `dynamo:"numbered"`
	ID               int64  `dynamo:"id,hash,autoincrement"`
	Text             string `dynamo:"text"`
}

// hero and spell share a table.
type hero struct {
	dynamapper.Model `dynamo:"game,entity=hero"`
	_                dynamapper.Computed `dynamo:"pk,hash,format=THING#{id}"`
	ID               string              `dynamo:"id"`
	Level            int                 `dynamo:"level"`
}

type spell struct {
	dynamapper.Model `dynamo:"game,entity=spell"`
	_                dynamapper.Computed `dynamo:"pk,hash,format=THING#{id}"`
	ID               string              `dynamo:"id"`
	Power            int                 `dynamo:"power"`
}

// losses are the ways to lose the response to a write.
var losses = map[string]struct {
	fault   dynamotest.Fault
	applied bool
}{
	"Lose":    {dynamotest.Lose(), true},
	"Fail":    {dynamotest.Fail(), true},
	"Cut":     {dynamotest.Cut(), true},
	"Corrupt": {dynamotest.Corrupt(), true},
	"Drop":    {dynamotest.Drop(), false},
	"Refuse":  {dynamotest.Refuse(http.StatusServiceUnavailable, "ServiceUnavailable"), false},
}

// Take deletes the item and returns it, with one request and without a condition.
func TestTake(t *testing.T) {
	t.Parallel()
	coupons, sent := fixtures.WatchedTable[coupon](t)
	fixtures.PutRaw(t, coupons.Name(), storedCoupon("spring"))
	taken, err := coupons.Take(t.Context(), dynamapper.Key("spring"))
	require.NoError(t, err)
	require.Equal(t, 150, taken.Coins)
	require.Nil(t, fixtures.GetRaw(t, coupons.Name(), couponKey("spring")))

	_, err = coupons.Take(t.Context(), dynamapper.Key("spring"))
	var missing *dynamapper.NotFoundError
	require.ErrorAs(t, err, &missing)
	require.Equal(t, dynamapper.NotFoundError{Op: "Take", Table: coupons.Name(),
		Key: dynamapper.Key("spring")}, *missing)
	require.Equal(t, []string{"DeleteItem", "DeleteItem"}, sent.Take())
}

// The item that was taken is new. Its insertion also writes the attributes that the model does not
// know, as after Delete.
func TestATakenItemIsNew(t *testing.T) {
	t.Parallel()
	coupons := fixtures.TableOf[coupon](t)
	fixtures.PutRaw(t, coupons.Name(), storedCoupon("spring"))
	taken, err := coupons.Take(t.Context(), dynamapper.Key("spring"))
	require.NoError(t, err)
	require.True(t, coupons.IsNew(taken))
	require.ErrorIs(t, coupons.Delete(t.Context(), taken, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
	require.NoError(t, coupons.Save(t.Context(), taken, dynamapper.FailOnConflict()))
	require.Equal(t, storedCoupon("spring"),
		fixtures.GetRaw(t, coupons.Name(), couponKey("spring")))

	wallets := fixtures.TableOf[wallet](t)
	require.NoError(t, wallets.Save(t.Context(), &wallet{ID: "1", Coins: 5}))
	first, err := wallets.Take(t.Context(), dynamapper.Key("1"))
	require.NoError(t, err)
	version := first.Version
	require.NoError(t, wallets.Save(t.Context(), first, dynamapper.FailOnConflict()))
	require.NotEqual(t, version, first.Version)
}

// Of eight takers one gets the item, and the others find none.
func TestOneTakerGetsTheItem(t *testing.T) {
	t.Parallel()
	coupons := fixtures.TableOf[coupon](t)
	for range 20 {
		fixtures.PutRaw(t, coupons.Name(), storedCoupon("spring"))
		takers := make([]*coupon, 8)
		errs := fixtures.InParallel(func(i int) (err error) {
			takers[i], err = coupons.Take(t.Context(), dynamapper.Key("spring"))
			return err
		})
		got := 0
		for i, err := range errs {
			if err == nil {
				got++
				require.Equal(t, 150, takers[i].Coins)
				continue
			}
			require.ErrorIs(t, err, dynamapper.ErrNotFound)
			require.Nil(t, takers[i])
		}
		require.Equal(t, 1, got)
	}
}

// With If, a missing item is ErrNotFound whatever the condition is, and an existing one for which
// the condition is false is ErrConditionFailed.
func TestTakeIf(t *testing.T) {
	t.Parallel()
	coupons, sent := fixtures.WatchedTable[coupon](t)
	rich := dynamapper.If(dynamapper.Attr("coins", dynamapper.GE(150)))
	poor := dynamapper.If(dynamapper.Attr("coins", dynamapper.NE(150)))
	for _, option := range []dynamapper.TakeOption{rich, poor} {
		_, err := coupons.Take(t.Context(), dynamapper.Key("spring"), option)
		require.ErrorIs(t, err, dynamapper.ErrNotFound)
		require.NotErrorIs(t, err, dynamapper.ErrConditionFailed)
	}
	fixtures.PutRaw(t, coupons.Name(), storedCoupon("spring"))
	_, err := coupons.Take(t.Context(), dynamapper.Key("spring"), poor)
	var failed *dynamapper.ConditionError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, "Take", failed.Op)
	require.Equal(t, storedCoupon("spring"), failed.Current)
	taken, err := coupons.Take(t.Context(), dynamapper.Key("spring"), rich)
	require.NoError(t, err)
	require.Equal(t, 150, taken.Coins)
	require.Len(t, sent.Take(), 4)
}

// session expires.
type session struct {
	dynamapper.Model `dynamo:"sessions"`
	ID               string    `dynamo:"id,hash"`
	Until            time.Time `dynamo:"until,ttl"`
}

// An expired item of a table that hides such items is taken as a missing one. Replace and RunOld
// return it.
func TestExpiredItems(t *testing.T) {
	t.Parallel()
	// The engine's clock stands in the past, so that the engine deletes no item.
	dynamotest.RunEngine(t, engine.WithClock(func() time.Time {
		return time.Now().Add(-24 * time.Hour)
	}))
	sessions := fixtures.TableIn[session](t, fixtures.Mapper(t), dynamapper.HideExpired())
	past, future := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	require.NoError(t, sessions.Save(t.Context(), &session{ID: "1", Until: past}))
	old, err := sessions.Update(dynamapper.Key("1")).Set("until", past).RunOld(t.Context())
	require.NoError(t, err)
	require.Equal(t, past.Unix(), old.Until.Unix())
	old, err = sessions.Replace(t.Context(), &session{ID: "1", Until: past})
	require.NoError(t, err)
	require.Equal(t, past.Unix(), old.Until.Unix())
	_, err = sessions.Take(t.Context(), dynamapper.Key("1"))
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	require.ErrorContains(t, err, "has expired")
	require.Nil(t, fixtures.GetRaw(t, sessions.Name(), attributes{"id": text("1")}))
	require.NoError(t, sessions.Save(t.Context(), &session{ID: "1", Until: future}))
	_, err = sessions.Take(t.Context(), dynamapper.Key("1"))
	require.NoError(t, err)
}

// lostCalls are the calls that return the item before, on an item with the balance 200.
var lostCalls = map[string]func(*testing.T, *dynamapper.Table[wallet]) (*wallet, error){
	"Take": func(t *testing.T, table *dynamapper.Table[wallet]) (*wallet, error) {
		return table.Take(t.Context(), dynamapper.Key("1"))
	},
	"TakeIf": func(t *testing.T, table *dynamapper.Table[wallet]) (*wallet, error) {
		return table.Take(t.Context(), dynamapper.Key("1"),
			dynamapper.If(dynamapper.Attr("coins", dynamapper.GE(1))))
	},
	"Replace": func(t *testing.T, table *dynamapper.Table[wallet]) (*wallet, error) {
		return table.Replace(t.Context(), &wallet{ID: "1", Coins: 50})
	},
	"ReplaceIf": func(t *testing.T, table *dynamapper.Table[wallet]) (*wallet, error) {
		return table.Replace(t.Context(), &wallet{ID: "1", Coins: 50}, dynamapper.MustExist(),
			dynamapper.If(dynamapper.Attr("coins", dynamapper.EQ(200))))
	},
	"RunOld": func(t *testing.T, table *dynamapper.Table[wallet]) (*wallet, error) {
		return table.Update(dynamapper.Key("1")).Set("coins", 50).RunOld(t.Context())
	},
	"RunOldIf": func(t *testing.T, table *dynamapper.Table[wallet]) (*wallet, error) {
		return table.Update(dynamapper.Key("1")).Set("coins", 50).MustExist().
			If(dynamapper.Attr("coins", dynamapper.EQ(200))).RunOld(t.Context())
	},
}

// If the response is lost, before or after the write was applied, the outcome is unknown. The
// request is not sent again: the second try would find what the first one has left.
func TestALostResponseOfTheItemBefore(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[wallet](t)
	for how, loss := range losses {
		for name, call := range lostCalls {
			t.Run(how+" "+name, func(t *testing.T) {
				require.NoError(t, good.Save(t.Context(), &wallet{ID: "1", Coins: 200}))
				line.Clear()
				line.On("", 1, loss.fault)
				old, err := call(t, faulty)
				require.Nil(t, old)
				doubt := fixtures.RequireDoubt(t, err)
				require.Equal(t, dynamapper.Key("1"), doubt.Key)
				require.Equal(t, good.Name(), doubt.Table)
				require.Equal(t, 1, line.Sent(""))
				stored := fixtures.GetRaw(t, good.Name(), attributes{"id": text("1")})
				switch {
				case !loss.applied:
					require.Equal(t, number("200"), stored["coins"])
				case name[:4] == "Take":
					require.Nil(t, stored)
				default:
					require.Equal(t, number("50"), stored["coins"])
				}

				line.Clear()
				old, err = call(t, faulty)
				if !loss.applied {
					require.NoError(t, err)
					require.Equal(t, 200, old.Coins)
				} else if name[:4] == "Take" {
					require.ErrorIs(t, err, dynamapper.ErrNotFound)
				}
			})
		}
	}
}

// A lost Take does not take the item that another program puts at the key afterwards, and a lost
// Replace does not undo a later write.
func TestALostWriteIsNotAppliedTwice(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[wallet](t)
	for name, call := range lostCalls {
		require.NoError(t, good.Save(t.Context(), &wallet{ID: "1", Coins: 200}))
		line.Clear()
		line.On("", 1, dynamotest.After(dynamotest.Lose(), func() {
			if err := good.Save(t.Context(), &wallet{ID: "1", Coins: 7}); err != nil {
				t.Error(err)
			}
		}))
		_, err := call(t, faulty)
		fixtures.RequireDoubt(t, err)
		require.Equal(t, 7, fixtures.Load(t, good, "1").Coins, name)
	}
}

// A throttled request was not applied, and is sent again.
func TestAThrottledTake(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[wallet](t)
	for name, call := range lostCalls {
		require.NoError(t, good.Save(t.Context(), &wallet{ID: "1", Coins: 200}))
		line.Clear()
		line.On("", 1, dynamotest.Refuse(http.StatusBadRequest, "ThrottlingException"))
		old, err := call(t, faulty)
		require.NoError(t, err, name)
		require.Equal(t, 200, old.Coins, name)
		require.Equal(t, 2, line.Sent(""), name)
	}
}

// If the HTTP client repeats a write out of sight, and the item's version proves that it was
// applied, the item before is still unknown.
func TestARepeatedReplaceDoesNotKnowTheItemBefore(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[wallet](t)
	repeat := func(request *http.Request, send func() (*http.Response, error),
	) (*http.Response, error) {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
		first, err := send()
		if err != nil {
			return nil, err
		}
		if err := first.Body.Close(); err != nil {
			return nil, err
		}
		request.Body = io.NopCloser(bytes.NewReader(body))
		return send()
	}
	for _, name := range []string{"ReplaceIf", "RunOldIf"} {
		require.NoError(t, good.Save(t.Context(), &wallet{ID: "1", Coins: 200}))
		line.Clear()
		line.On("", 1, repeat)
		old, err := lostCalls[name](t, faulty)
		require.Nil(t, old, name)
		fixtures.RequireDoubt(t, err)
		require.ErrorContains(t, err,
			"the write was applied, and the response with the item before it was lost")
		require.Equal(t, 50, fixtures.Load(t, good, "1").Coins, name)
	}
}

// If the item before cannot be decoded, the error has all of it.
func TestAnItemBeforeThatCannotBeDecoded(t *testing.T) {
	t.Parallel()
	coupons := fixtures.TableOf[coupon](t)
	broken := attributes{"code": text("spring"), "coins": text("many"), "origin": text("shop")}
	for name, c := range map[string]struct {
		call func() (*coupon, error)
		op   string
		text string
	}{
		"take": {func() (*coupon, error) {
			return coupons.Take(t.Context(), dynamapper.Key("spring"))
		}, "Take", "the item was deleted, and cannot be decoded; the field Old of the error has " +
			"its attributes: coupon.Coins (attribute coins): "},
		"replace": {func() (*coupon, error) {
			return coupons.Replace(t.Context(), &coupon{Code: "spring", Coins: 5})
		}, "Replace", "the write was applied, and the item before it cannot be decoded; "},
		"update": {func() (*coupon, error) {
			return coupons.Update(dynamapper.Key("spring")).Set("coins", 5).RunOld(t.Context())
		}, "Update", "the write was applied, and the item before it cannot be decoded; "},
	} {
		t.Run(name, func(t *testing.T) {
			fixtures.PutRaw(t, coupons.Name(), broken)
			old, err := c.call()
			require.Nil(t, old)
			var lost *dynamapper.OldItemError
			require.ErrorAs(t, err, &lost)
			require.Equal(t, broken, lost.Old)
			require.Equal(t, c.op, lost.Op)
			require.Equal(t, coupons.Name(), lost.Table)
			require.Equal(t, dynamapper.Key("spring"), lost.Key)
			require.ErrorContains(t, err,
				"dynamapper: "+c.op+": table \""+coupons.Name()+"\": "+c.text)
			require.NotContains(t, err.Error(), "many")
			var field *dynamapper.FieldError
			require.ErrorAs(t, err, &field)
			require.Equal(t, "coins", field.Attribute)
			stored := fixtures.GetRaw(t, coupons.Name(), couponKey("spring"))
			require.NotEqual(t, broken, stored)
			require.Equal(t, c.op == "Take", stored == nil)
		})
	}
}

// Replace puts what Save would put, and returns the replaced item as if it had been loaded.
func TestReplace(t *testing.T) {
	t.Parallel()
	coupons, sent := fixtures.WatchedTable[coupon](t)
	spring := &coupon{Code: "spring", Coins: 5}
	old, err := coupons.Replace(t.Context(), spring)
	require.NoError(t, err)
	require.Nil(t, old)
	require.False(t, coupons.IsNew(spring))
	spring.Coins = 6
	require.NoError(t, coupons.Save(t.Context(), spring, dynamapper.FailOnConflict()))

	fixtures.PutRaw(t, coupons.Name(), storedCoupon("spring"))
	sent.Take()
	old, err = coupons.Replace(t.Context(), &coupon{Code: "spring", Coins: 7})
	require.NoError(t, err)
	require.Equal(t, []string{"PutItem"}, sent.Take())
	require.Equal(t, storedCoupon("spring"), coupons.Snapshot(old))
	require.Equal(t, attributes{"code": text("spring"), "coins": number("7")},
		fixtures.GetRaw(t, coupons.Name(), couponKey("spring")), "nothing of the old item stays")

	require.False(t, coupons.IsNew(old))
	old.Coins = 8
	require.ErrorIs(t, coupons.Save(t.Context(), old, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
	old.Coins = 150
	again, err := coupons.Replace(t.Context(), old)
	require.NoError(t, err)
	require.Equal(t, 7, again.Coins)
	require.Equal(t, storedCoupon("spring"),
		fixtures.GetRaw(t, coupons.Name(), couponKey("spring")), "unknown attributes are written")
}

// The version and the times are renewed, and restored if Replace fails.
func TestReplaceRenewsTheStamps(t *testing.T) {
	t.Parallel()
	wallets := fixtures.TableOf[wallet](t)
	one := &wallet{ID: "1", Coins: 5}
	_, err := wallets.Replace(t.Context(), one, dynamapper.MustExist())
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	require.Equal(t, wallet{ID: "1", Coins: 5}, *one)
	_, err = wallets.Replace(t.Context(), one)
	require.NoError(t, err)
	before := *one
	require.NotEmpty(t, before.Version)
	require.False(t, before.Created.IsZero())

	_, err = wallets.Replace(t.Context(), one,
		dynamapper.If(dynamapper.Attr("coins", dynamapper.EQ(6))))
	require.ErrorIs(t, err, dynamapper.ErrConditionFailed)
	require.Equal(t, before, *one)
	old, err := wallets.Replace(t.Context(), one,
		dynamapper.If(dynamapper.Attr("coins", dynamapper.EQ(5))))
	require.NoError(t, err)
	require.Equal(t, before.Version, old.Version)
	require.NotEqual(t, before.Version, one.Version)
	require.Equal(t, before.Created, one.Created)

	one.Version = "another"
	_, err = wallets.Replace(t.Context(), one)
	require.ErrorIs(t, err, dynamapper.ErrConflict)
}

// A new item takes an id, and replaces none.
func TestReplaceTakesAnID(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table, sent := fixtures.WatchedTable[numbered](t)
	one := &numbered{Text: "one"}
	old, err := table.Replace(t.Context(), one)
	require.NoError(t, err)
	require.Nil(t, old)
	require.EqualValues(t, 1, one.ID)
	require.Equal(t, []string{"UpdateItem", "PutItem"}, sent.Take())
	old, err = table.Replace(t.Context(), &numbered{ID: 1, Text: "two"})
	require.NoError(t, err)
	require.Equal(t, "one", old.Text)
	_, err = table.Take(t.Context(), dynamapper.Key(-1))
	require.ErrorIs(t, err, dynamapper.ErrSchema)
	_, err = table.Replace(t.Context(), &numbered{ID: -1})
	require.ErrorIs(t, err, dynamapper.ErrSchema)
}

// A table whose Defaults have FailOnConflict replaces items only with LastWriterWins.
func TestReplaceUnderDefaults(t *testing.T) {
	t.Parallel()
	mapper := fixtures.Mapper(t)
	coupons := fixtures.TableIn[coupon](t, mapper,
		dynamapper.Defaults(dynamapper.FailOnConflict(), dynamapper.Idempotent()))
	_, err := coupons.Replace(t.Context(), &coupon{Code: "spring"})
	require.ErrorContains(t, err, "pass LastWriterWins to replace what is stored, or use Save")
	for range 2 {
		_, err = coupons.Replace(t.Context(), &coupon{Code: "spring"}, dynamapper.LastWriterWins())
		require.NoError(t, err)
	}
	_, err = coupons.Take(t.Context(), dynamapper.Key("spring"))
	require.NoError(t, err)
}

// RunOld returns the item before the update, or nil if the update has created it.
func TestRunOld(t *testing.T) {
	t.Parallel()
	wallets, sent := fixtures.WatchedTable[wallet](t)
	add := func() *dynamapper.Update[wallet] {
		return wallets.Update(dynamapper.Key("1")).Add("coins", 5)
	}
	_, err := add().MustExist().RunOld(t.Context())
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	old, err := add().RunOld(t.Context())
	require.NoError(t, err)
	require.Nil(t, old)
	old, err = add().RunOld(t.Context())
	require.NoError(t, err)
	require.Equal(t, 5, old.Coins)
	require.False(t, wallets.IsNew(old))
	require.ErrorIs(t, wallets.Save(t.Context(), old, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
	_, err = add().If(dynamapper.Attr("coins", dynamapper.LT(3))).RunOld(t.Context())
	require.ErrorIs(t, err, dynamapper.ErrConditionFailed)
	require.Equal(t, 10, fixtures.Load(t, wallets, "1").Coins)

	sent.Take()
	_, err = add().Idempotent().RunOld(t.Context())
	require.ErrorContains(t, err, "RunOld and Idempotent exclude each other")
	require.Empty(t, sent.Take())
}

// An item of another entity is neither taken nor replaced nor updated.
func TestItemsOfOtherEntities(t *testing.T) {
	t.Parallel()
	mapper := fixtures.Mapper(t)
	heroes := fixtures.TableIn[hero](t, mapper)
	spells, err := dynamapper.TableOf[spell](mapper)
	require.NoError(t, err)
	require.NoError(t, spells.Save(t.Context(), &spell{ID: "1", Power: 9}))
	for name, call := range map[string]func() (*hero, error){
		"take": func() (*hero, error) { return heroes.Take(t.Context(), dynamapper.Key("1")) },
		"take if": func() (*hero, error) {
			return heroes.Take(t.Context(), dynamapper.Key("1"),
				dynamapper.If(dynamapper.Attr("level", dynamapper.NotExists())))
		},
		"replace": func() (*hero, error) { return heroes.Replace(t.Context(), &hero{ID: "1"}) },
		"update": func() (*hero, error) {
			return heroes.Update(dynamapper.Key("1")).Set("level", 2).RunOld(t.Context())
		},
	} {
		_, err := call()
		var other *dynamapper.OtherEntityError
		require.ErrorAs(t, err, &other, name)
		require.Equal(t, "spell", other.Found, name)
		require.Equal(t, 9, fixtures.Load(t, spells, "1").Power, name)
	}
	_, err = heroes.Take(t.Context(), dynamapper.Key("2"))
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	old, err := heroes.Replace(t.Context(), &hero{ID: "2", Level: 3})
	require.NoError(t, err)
	require.Nil(t, old)
	taken, err := heroes.Take(t.Context(), dynamapper.Key("2"))
	require.NoError(t, err)
	require.Equal(t, 3, taken.Level)
	require.NoError(t, heroes.Save(t.Context(), taken, dynamapper.FailOnConflict()))
}

// Wrong calls return an error and send nothing.
func TestWrongCalls(t *testing.T) {
	t.Parallel()
	coupons, sent := fixtures.WatchedTable[coupon](t)
	var none *dynamapper.Table[coupon]
	_, err := none.Take(t.Context(), dynamapper.Key("spring"))
	require.ErrorContains(t, err, "dynamapper: Take: the table is nil or empty")
	_, err = none.Replace(t.Context(), &coupon{Code: "spring"})
	require.ErrorContains(t, err, "dynamapper: Replace: the table is nil or empty")
	_, err = new(dynamapper.Update[coupon]).RunOld(t.Context())
	require.ErrorContains(t, err, "the table is nil or empty")
	_, err = (*dynamapper.Update[coupon])(nil).RunOld(t.Context())
	require.ErrorContains(t, err, "the table is nil or empty")
	_, err = coupons.Take(t.Context(), dynamapper.Key(""))
	require.ErrorContains(t, err, `the hash key "code" is empty`)
	_, err = coupons.Take(t.Context(), dynamapper.Key("spring"), nil)
	require.ErrorContains(t, err, "an option is nil")
	_, err = coupons.Replace(t.Context(), nil)
	require.ErrorContains(t, err, "the item is nil")
	_, err = coupons.Replace(t.Context(), &coupon{Code: "\xff"})
	var field *dynamapper.FieldError
	require.ErrorAs(t, err, &field)
	require.Equal(t, "Replace", field.Op)
	_, err = coupons.Take(t.Context(), dynamapper.Key("spring"),
		dynamapper.If(dynamapper.Attr("price", dynamapper.GE(150))))
	require.ErrorContains(t, err, "dynamapper: Take: ")
	partial, err := coupons.UnmarshalItem(storedCoupon("spring"))
	require.NoError(t, err)
	require.NoError(t, coupons.Save(t.Context(), partial))
	partial, err = coupons.Get(t.Context(), dynamapper.Key("spring"), dynamapper.Consistent(),
		dynamapper.Select("coins"))
	require.NoError(t, err)
	sent.Take()
	_, err = coupons.Replace(t.Context(), partial)
	require.ErrorIs(t, err, dynamapper.ErrPartial)
	require.Empty(t, sent.Take())
}
