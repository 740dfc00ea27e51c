package tests

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// testIdempotentSaves loses the first response of each save in each way. If the save was applied,
// another writer may then write the item.
func testIdempotentSaves[T dynamapper.IsModel](
	t *testing.T, w wallets[T], isNew bool, options ...string,
) {
	faulty, good, line, _ := fixtures.FaultyTable[T](t)
	for how, loss := range losses {
		for _, letters := range options {
			for _, busy := range []bool{true, false} {
				name := how + letters + map[bool]string{true: " busy"}[busy]
				t.Run(name, func(t *testing.T) {
					item := w.make(name, 50)
					if !isNew {
						require.NoError(t, good.Save(t.Context(), w.make(name, 200)))
						item = fixtures.Load(t, faulty, name)
						*w.balance(item) = 50
					}
					line.Clear()
					line.On("", 1, dynamotest.After(loss.fault, func() {
						if busy && loss.applied {
							w.setBalance(t, good, name, 200)
						}
					}))
					require.NoError(t,
						faulty.Save(t.Context(), item,
							lostWrite{options: letters + "X"}.writeOptions(isNew)...))
					require.Equal(t, []int{2, 2},
						[]int{line.Sent("TransactWriteItems"), line.Sent("")})
					if busy && loss.applied {
						require.Equal(t, 200, w.stored(t, good, name), "a later write stays")
						return
					}
					require.Equal(t, 50, w.stored(t, good, name))
					*w.balance(item) = 40
					require.NoError(t, faulty.Save(t.Context(), item, dynamapper.FailOnConflict()),
						"the snapshot is the written item")
				})
			}
		}
	}
}

// A save with Idempotent is applied exactly once, in whatever way its response is lost and whatever
// other writers do meanwhile.
func TestAnIdempotentSaveIsAppliedOnce(t *testing.T) {
	t.Parallel()
	t.Run("new", func(t *testing.T) {
		testIdempotentSaves(t, plainWallets, true, "", "F", "I", "FI")
		testIdempotentSaves(t, countedWallets, true, "", "F")
		testIdempotentSaves(t, tokenWallets, true, "", "F")
	})
	t.Run("loaded", func(t *testing.T) {
		testIdempotentSaves(t, plainWallets, false, "", "F", "C", "FC", "M", "I", "FI", "CI")
		testIdempotentSaves(t, countedWallets, false, "", "F", "C", "FC")
		testIdempotentSaves(t, tokenWallets, false, "", "F", "C", "FC", "I", "CI")
	})
}

// An integer version is incremented by exactly one.
func TestAnIdempotentSaveCountsOnce(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[countedWallet](t)
	line.Each("TransactWriteItems", func(n int) dynamotest.Fault {
		if n%3 != 0 {
			return dynamotest.Lose()
		}
		return nil
	})
	require.NoError(t, good.Save(t.Context(), countedWallets.make("1", 0)))
	item := fixtures.Load(t, faulty, "1")
	first := item.Version
	for i := range 5 {
		item.Balance++
		require.NoError(t,
			faulty.Save(t.Context(), item, dynamapper.ChangedOnly(), dynamapper.Idempotent()))
		require.Equal(t, first+i+1, item.Version)
		require.Equal(t, first+i+1, fixtures.Load(t, good, "1").Version)
	}
	require.Equal(t, 15, line.Sent("TransactWriteItems"))
}

// A delete with Idempotent is applied exactly once: an item that was created again in between
// stays.
func TestAnIdempotentDeleteIsAppliedOnce(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[player](t)
	ctx := t.Context()
	for how, loss := range losses {
		for _, letters := range []string{"", "M", "I", "F", "FI"} {
			for _, op := range []string{"Delete", "DeleteKey"} {
				if op == "DeleteKey" && letters != "" && letters[0] == 'F' {
					continue
				}
				t.Run(how+" "+op+" "+letters, func(t *testing.T) {
					require.NoError(t, good.Save(ctx, plainWallets.make("waldo", 200)))
					p := fixtures.Load(t, faulty, "waldo")
					line.Clear()
					line.On("TransactWriteItems", 1, dynamotest.After(loss.fault, func() {
						if err := good.Save(ctx, plainWallets.make("waldo", 200)); err != nil {
							t.Error(err)
						}
					}))
					opts := lostWrite{options: letters + "X"}.writeOptions(false)
					if op == "Delete" {
						require.NoError(
							t,
							faulty.Delete(
								ctx,
								p,
								fixtures.OptionsAs[dynamapper.DeleteOption](opts)...),
						)
						require.True(t, faulty.IsNew(p))
					} else {
						require.NoError(t,
							faulty.DeleteKey(ctx, dynamapper.Key("waldo"),
								fixtures.OptionsAs[dynamapper.DeleteKeyOption](opts)...))
					}
					require.Equal(t, 2, line.Sent(""))
					require.Equal(t, map[bool]int{true: 200, false: -1}[loss.applied],
						plainWallets.stored(t, good, "waldo"))
				})
			}
		}
	}
}

// After the SDK's tries, the mapper sends the request again with the same token, as often as
// MaxRetries allows.
func TestAnIdempotentSaveIsSentAgainByTheMapper(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[player](t, dynamapper.WithMaxRetries(3))
	line.Each("TransactWriteItems", fixtures.First(3*fixtures.SDKTries-1, dynamotest.Lose()))
	p := plainWallets.make("waldo", 50)
	require.NoError(t,
		faulty.Save(t.Context(), p, dynamapper.FailOnConflict(), dynamapper.Idempotent()))
	require.Equal(t, 3*fixtures.SDKTries, line.Sent("TransactWriteItems"))

	for how, loss := range losses {
		p.Balance++
		before := copyOf(p)
		line.Clear()
		line.Each("TransactWriteItems", fixtures.Always(loss.fault))
		doubt := fixtures.RequireDoubt(t,
			faulty.Save(t.Context(), p, dynamapper.FailOnConflict(), dynamapper.Idempotent()))
		require.Equal(t,
			dynamapper.UnknownOutcomeError{Op: "Save", Table: good.Name(),
				Key: dynamapper.Key("waldo"), Err: doubt.Err}, *doubt)
		require.Equal(t, 3*fixtures.SDKTries, line.Sent("TransactWriteItems"), how)
		require.Equal(t, before, p)
		p = fixtures.Load(t, faulty, "waldo")
	}
}

// If the service throttles the repeated request, the outcome of the try whose response was lost is
// still open, so the request is repeated again.
func TestAnIdempotentSaveThatIsThrottledAfterALostResponse(t *testing.T) {
	t.Parallel()
	faulty, _, line, _ := fixtures.FaultyTable[player](t)
	line.Each("TransactWriteItems", func(n int) dynamotest.Fault {
		switch {
		case n <= fixtures.SDKTries:
			return dynamotest.Lose()
		case n <= 3*fixtures.SDKTries:
			return dynamotest.Refuse(http.StatusBadRequest, "ThrottlingException")
		}
		return nil
	})
	p := plainWallets.make("waldo", 50)
	require.NoError(t,
		faulty.Save(t.Context(), p, dynamapper.FailOnConflict(), dynamapper.Idempotent()))
	require.Equal(t, 3*fixtures.SDKTries+1, line.Sent("TransactWriteItems"))
	requireAsStored(t, faulty, p, "waldo")

	faulty, _, line, _ = fixtures.FaultyTable[player](t, dynamapper.WithMaxRetries(2))
	line.On("TransactWriteItems", 1, dynamotest.Lose())
	line.Each("TransactWriteItems",
		fixtures.Always(dynamotest.Refuse(http.StatusBadRequest, "ThrottlingException")))
	fixtures.RequireDoubt(t, faulty.Save(t.Context(), p, dynamapper.Idempotent()))
	require.Equal(t, 2*fixtures.SDKTries, line.Sent("TransactWriteItems"))
}

// The end of the context ends the repetitions. The outcome is unknown if a response was lost, but
// not if the service only refused the request.
func TestAnIdempotentSaveWhoseContextEnds(t *testing.T) {
	t.Parallel()
	faulty, _, line, _ := fixtures.FaultyTable[player](t)
	for name, test := range map[string]struct {
		fault   dynamotest.Fault
		isDoubt bool
	}{
		"lost": {dynamotest.Lose(), true}, "failed": {dynamotest.Fail(), true},
		"throttled": {dynamotest.Refuse(http.StatusBadRequest, "ThrottlingException"), false},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			line.Clear()
			line.Each("TransactWriteItems", fixtures.Always(dynamotest.After(test.fault, cancel)))
			err := faulty.Save(ctx, plainWallets.make(name, 50), dynamapper.Idempotent())
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, 1, line.Sent("TransactWriteItems"))
			if test.isDoubt {
				fixtures.RequireDoubt(t, err)
			} else {
				require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
			}
		})
	}
}

// With Idempotent, a write returns the same refusal as without, even if the response with the
// refusal is lost at first.
func TestRefusalsOfIdempotentWrites(t *testing.T) {
	t.Parallel()
	faulty, _, line, _ := fixtures.FaultyTable[player](t)
	isFalse := dynamapper.If(dynamapper.Attr("balance", dynamapper.EQ(-1)))
	save := func(opts ...dynamapper.SaveOption) func(*player, ...dynamapper.SaveOption) error {
		return func(p *player, more ...dynamapper.SaveOption) error {
			return faulty.Save(t.Context(), p, append(opts, more...)...)
		}
	}
	remove := func(opts ...dynamapper.SaveOption) func(*player, ...dynamapper.SaveOption) error {
		return func(p *player, more ...dynamapper.SaveOption) error {
			return faulty.Delete(t.Context(), p,
				fixtures.OptionsAs[dynamapper.DeleteOption](append(opts, more...))...)
		}
	}
	removeKey := func(opts ...dynamapper.SaveOption) func(*player, ...dynamapper.SaveOption) error {
		return func(p *player, more ...dynamapper.SaveOption) error {
			return faulty.DeleteKey(t.Context(), faulty.KeyOf(p),
				fixtures.OptionsAs[dynamapper.DeleteKeyOption](append(opts, more...))...)
		}
	}
	for name, test := range map[string]struct {
		state string
		write func(*player, ...dynamapper.SaveOption) error
		want  error
	}{
		"F, taken": {"new, taken", save(dynamapper.FailOnConflict()),
			dynamapper.ErrOverwrite},
		"F, changed": {"same attribute changed", save(dynamapper.FailOnConflict()),
			dynamapper.ErrConflict},
		"F, gone": {"gone", save(dynamapper.FailOnConflict()),
			dynamapper.ErrConflict},
		"FC, changed": {"same attribute changed",
			save(dynamapper.FailOnConflict(), dynamapper.ChangedOnly()), dynamapper.ErrConflict},
		"FI, changed": {"same attribute changed",
			save(dynamapper.FailOnConflict(), isFalse), dynamapper.ErrConflict},
		"FI, unchanged": {"loaded", save(dynamapper.FailOnConflict(), isFalse),
			dynamapper.ErrConditionFailed},
		"I": {"loaded", save(isFalse), dynamapper.ErrConditionFailed},
		"CI": {"loaded", save(dynamapper.ChangedOnly(), isFalse),
			dynamapper.ErrConditionFailed},
		"C, gone": {"gone", save(dynamapper.ChangedOnly()), dynamapper.ErrNotFound},
		"M, missing": {"new, free", save(dynamapper.MustExist()),
			dynamapper.ErrNotFound},
		"Delete F, changed": {"same attribute changed", remove(dynamapper.FailOnConflict()),
			dynamapper.ErrConflict},
		"Delete F, gone": {"gone", remove(dynamapper.FailOnConflict()),
			dynamapper.ErrConflict},
		"Delete M, gone": {"gone", remove(dynamapper.MustExist()), dynamapper.ErrNotFound},
		"Delete I":       {"loaded", remove(isFalse), dynamapper.ErrConditionFailed},
		"DeleteKey M, gone": {"gone", removeKey(dynamapper.MustExist()),
			dynamapper.ErrNotFound},
		"DeleteKey I":            {"loaded", removeKey(isFalse), dynamapper.ErrConditionFailed},
		"DeleteKey I, not there": {"gone", removeKey(isFalse), dynamapper.ErrConditionFailed},
	} {
		t.Run(name, func(t *testing.T) {
			line.Clear()
			p := states[test.state](t, faulty, name)
			want := test.write(p)
			require.ErrorIs(t, want, test.want)
			for _, lost := range []bool{false, true} {
				p := states[test.state](t, faulty, name)
				before := copyOf(p)
				line.Clear()
				if lost {
					line.On("TransactWriteItems", 1, dynamotest.Lose())
				}
				require.Equal(t, want, test.write(p, dynamapper.Idempotent()))
				require.Equal(t, before, p)
				require.Equal(t, map[bool]int{false: 1, true: 3}[lost],
					line.Sent("TransactWriteItems"), "the lost try is fenced")
			}
		})
	}
}

// With a string version, ChangedOnly and Idempotent, the snapshot does not vouch for attributes
// that another writer has changed unseen, so the next save with FailOnConflict is refused. A
// refusal returns its own error.
func TestAnIdempotentSaveOfChangesBesideAnother(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[tokenWallet](t)
	changes := []dynamapper.SaveOption{dynamapper.ChangedOnly(), dynamapper.Idempotent()}
	// the transaction that requires the loaded version, or the one that does not
	for _, lost := range []int{1, 2} {
		require.NoError(t, good.Save(t.Context(), tokenWallets.make("1", 200)))
		item := fixtures.Load(t, faulty, "1")
		fixtures.SetRaw(
			t,
			good.Name(),
			fixtures.Attributes{"id": fixtures.Text("1")},
			"version",
			fixtures.Text("theirs"),
		)
		item.Balance = 50
		line.Clear()
		line.On("TransactWriteItems", lost, dynamotest.Lose())
		require.NoError(t, faulty.Save(t.Context(), item, changes...))
		require.Equal(t, 3, line.Sent(""))
		require.Equal(t, 50, fixtures.Load(t, good, "1").Balance)
		item.Balance = 40
		require.ErrorIs(t, faulty.Save(t.Context(), item, dynamapper.FailOnConflict()),
			dynamapper.ErrConflict)
	}
	item := fixtures.Load(t, faulty, "1")
	item.Balance = 30
	isFalse := dynamapper.If(dynamapper.Attr("balance", dynamapper.EQ(-1)))
	require.ErrorIs(t, faulty.Save(t.Context(), item, append(changes, isFalse)...),
		dynamapper.ErrConditionFailed)
	fixtures.SetRaw(
		t,
		good.Name(),
		fixtures.Attributes{"id": fixtures.Text("1")},
		"version",
		fixtures.Text("theirs"),
	)
	require.ErrorIs(t, faulty.Save(t.Context(), item, append(changes, isFalse)...),
		dynamapper.ErrConditionFailed)
	fixtures.DeleteRaw(t, good.Name(), fixtures.Attributes{"id": fixtures.Text("1")})
	require.ErrorIs(t, faulty.Save(t.Context(), item, changes...), dynamapper.ErrNotFound)
}

// A new id is taken once, and its item is put once.
func TestAnIdempotentSaveWithANewID(t *testing.T) {
	t.Parallel()
	for how, loss := range losses {
		t.Run(how, func(t *testing.T) {
			faulty, good, line, _ := fixtures.FaultyTable[logEntry](t)
			fixtures.PutRaw(
				t,
				good.Name(),
				fixtures.Attributes{"id": fixtures.Number("1"), "text": fixtures.Text("by hand")},
			)
			line.Each("TransactWriteItems", func(n int) dynamotest.Fault {
				if n%2 == 1 {
					return loss.fault
				}
				return nil
			})
			entry := &logEntry{Text: "two"}
			require.NoError(t, faulty.Save(t.Context(), entry, dynamapper.Idempotent()))
			require.EqualValues(t, 2, entry.ID)
			sent := 6 // the id 1 was refused and fenced, and 2 was put; each response was lost once
			if how == "Cut" || how == "Corrupt" {
				sent = 4 // a damaged refusal is still a refusal, so no fence is needed
			}
			require.Equal(t, sent, line.Sent("TransactWriteItems"))
			all, err := good.Scan().Consistent().Collect(t.Context())
			require.NoError(t, err)
			require.Len(t, all, 2)
		})
	}
}

// An idempotent write costs as much as a transaction: two write units for each KB.
func TestAnIdempotentSaveCostsATransaction(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	for _, kilobytes := range []int{1, 3} {
		p := plainWallets.make("waldo", 50)
		p.Name = strings.Repeat("x", 1024*(kilobytes-1)+1)
		require.NoError(t, players.Save(t.Context(), p))
		require.NoError(t, players.Save(t.Context(), p, dynamapper.Idempotent()))
		require.NoError(t, players.Delete(t.Context(), p, dynamapper.Idempotent()))
		operations := sent.Operations()
		require.Equal(t, []string{"PutItem", "TransactWriteItems", "TransactWriteItems"},
			sent.Take())
		for i, factor := range []int{1, 2, 2} {
			require.EqualValues(t, factor*kilobytes, operations[i].WriteUnits)
			require.Equal(t, 1, operations[i].Items)
			require.Equal(t, players.Name(), operations[i].Table)
		}
	}
}

// An item that is too wide for a condition cannot be compared in a transaction, so nothing is sent.
// It can be put without a comparison.
func TestAnIdempotentSaveOfAWideItem(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[wide200](t)
	item := &wide200{ID: "one"}
	fillWide(item, 200, "first ")
	require.NoError(t,
		table.Save(t.Context(), item, dynamapper.FailOnConflict(), dynamapper.Idempotent()))
	require.Equal(t, []string{"TransactWriteItems"}, sent.Take())
	fillWide(item, 200, "second ")
	const says = `the item has more attributes than one condition compares, which is also the limit of Idempotent; ` +
		`give the model a field with the option "version"`
	require.ErrorContains(t,
		table.Save(t.Context(), item, dynamapper.FailOnConflict(), dynamapper.Idempotent()), says)
	require.ErrorContains(t,
		table.Delete(t.Context(), item, dynamapper.FailOnConflict(), dynamapper.Idempotent()), says)
	require.Empty(t, sent.Take())
	require.NoError(t, table.Save(t.Context(), item, dynamapper.Idempotent()))
	require.NoError(t, table.Delete(t.Context(), item, dynamapper.Idempotent()))
}

// A transaction that the service refuses without a reason, or rejects as invalid, was not applied,
// and the error is not an unknown outcome.
func TestAnIdempotentSaveThatIsRefusedWithoutAReason(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[player](t, dynamapper.WithMaxRetries(1))
	const without = `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"no","CancellationReasons":[{"Code":"None"}]}`
	for name, fault := range map[string]dynamotest.Fault{
		"no reasons": dynamotest.Refuse(http.StatusBadRequest, "TransactionCanceledException"),
		"no reason": func(*http.Request, func() (*http.Response, error)) (*http.Response, error) {
			return fixtures.RawResponse(http.StatusBadRequest, without), nil
		},
		"not taken": dynamotest.Refuse(http.StatusBadRequest, "AccessDeniedException"),
		"throttled": dynamotest.Refuse(http.StatusBadRequest, "ThrottlingException"),
	} {
		t.Run(name, func(t *testing.T) {
			line.Clear()
			line.Each("TransactWriteItems", fixtures.Always(fault))
			p := plainWallets.make("waldo", 50)
			err := faulty.Save(t.Context(), p, dynamapper.Idempotent())
			require.Error(t, err)
			require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
			fixtures.RequireUndecided(t, err)
			require.True(t, faulty.IsNew(p))
			require.Equal(t, -1, plainWallets.stored(t, good, "waldo"))
		})
	}
	line.Clear()
	line.Each("TransactWriteItems",
		fixtures.First(2, dynamotest.Refuse(http.StatusBadRequest, "ThrottlingException")))
	require.NoError(t,
		faulty.Save(t.Context(), plainWallets.make("waldo", 50), dynamapper.Idempotent()))
}

// If the service gives a reason of its own, the error is that of the service.
func TestAnIdempotentSaveThatIsTooLarge(t *testing.T) {
	t.Parallel()
	faulty, _, _, _ := fixtures.FaultyTable[player](t)
	p := plainWallets.make("waldo", 50)
	p.Name = string(make([]byte, 401<<10))
	err := faulty.Save(t.Context(), p, dynamapper.Idempotent())
	require.ErrorContains(t, err, "the item is larger than 400 KB")
}

// forgetful is a client that hides its tries and loses the first responses.
type forgetful struct {
	plain
	losses *int
}

func (c forgetful) TransactWriteItems(
	ctx context.Context, in *dynamodb.TransactWriteItemsInput, _ ...sdkOptions,
) (*dynamodb.TransactWriteItemsOutput, error) {
	out, err := c.Client.TransactWriteItems(ctx, in)
	if *c.losses--; err == nil && *c.losses >= 0 {
		return nil, errors.New("the connection is gone")
	}
	return out, err
}

// A client that hides its tries may have sent a request that it reports as failed. With a token,
// the request can be repeated safely.
func TestAnIdempotentSaveByAClientThatHidesItsTries(t *testing.T) {
	t.Parallel()
	for losses, isKnown := range map[int]bool{2: true, 3: false} {
		direct := fixtures.TableOf[countedWallet](t)
		mapper, err := dynamapper.New(forgetful{plain{fixtures.RawClient(t)}, &losses},
			dynamapper.WithMaxRetries(3))
		require.NoError(t, err)
		purses, err := dynamapper.TableOf[countedWallet](mapper,
			dynamapper.WithTableName(direct.Name()))
		require.NoError(t, err)
		_, err = purses.Update(dynamapper.Key("waldo")).Add("balance", 5).Idempotent().
			Run(t.Context())
		if isKnown {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, dynamapper.ErrUnknownOutcome)
		}
		require.Equal(t, 5, fixtures.Load(t, direct, "waldo").Balance)
	}
}
