package tests

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// losses are the ways to lose the response to a write. The caller cannot know whether the write was
// applied.
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

// afterLoss is what happens to a write after a lost response.
type afterLoss int

const (
	again afterLoss = iota // sent again, and it succeeds
	once                   // not sent again: the outcome is unknown
	// sent again; if it was applied, it is now refused and the outcome is unknown
	refused
)

// lostWrite is a write of an item: a new one with the balance 50, or a loaded one whose balance is
// edited from 200 to 50.
type lostWrite struct {
	options string // their letters; I is an If on the old balance
	after   afterLoss
	// if both tries were applied, the next save with FailOnConflict is refused, to be safe
	stale bool
}

func (w lostWrite) writeOptions(isNew bool) (opts []dynamapper.SaveOption) {
	for _, letter := range w.options {
		switch {
		case letter == 'X':
			opts = append(opts, dynamapper.Idempotent())
		case letter == 'I' && isNew:
			opts = append(opts, dynamapper.If(dynamapper.Attr("balance", dynamapper.NotExists())))
		case letter == 'I':
			opts = append(opts, dynamapper.If(dynamapper.Attr("balance", dynamapper.EQ(200))))
		default:
			opts = append(opts, writeOptions(string(letter))...)
		}
	}
	return opts
}

// testLostSaves loses the first response of each save in each way.
func testLostSaves[T dynamapper.IsModel](
	t *testing.T, w wallets[T], isNew bool, writes []lostWrite,
) {
	faulty, good, line, _ := fixtures.FaultyTable[T](t)
	for how, loss := range losses {
		for _, write := range writes {
			t.Run(how+" "+write.options, func(t *testing.T) {
				id, ctx := how+write.options, t.Context()
				item := w.make(id, 50)
				if !isNew {
					require.NoError(t, good.Save(ctx, w.make(id, 200)))
					item = fixtures.Load(t, faulty, id)
					*w.balance(item) = 50
				}
				before := *item
				line.Clear()
				line.On("", 1, loss.fault)
				err := faulty.Save(ctx, item, write.writeOptions(isNew)...)
				if write.after == again || write.after == refused && !loss.applied {
					require.NoError(t, err)
					require.Equal(t, 2, line.Sent(""))
					require.Equal(t, 50, w.stored(t, good, id))
					*w.balance(item) = 40
					err := faulty.Save(ctx, item, dynamapper.FailOnConflict())
					if write.stale && loss.applied {
						require.ErrorIs(t, err, dynamapper.ErrConflict)
					} else {
						require.NoError(t, err, "the snapshot is the written item")
					}
					return
				}
				doubt := fixtures.RequireDoubt(t, err)
				require.Equal(t,
					dynamapper.UnknownOutcomeError{Op: "Save", Table: good.Name(),
						Key: dynamapper.Key(id), Err: doubt.Err}, *doubt)
				require.Equal(t, map[bool]int{true: 1, false: 2}[write.after == once],
					line.Sent(""))
				require.Equal(t, before, *item, "neither the item nor its snapshot has changed")
				switch {
				case loss.applied:
					require.Equal(t, 50, w.stored(t, good, id))
				case isNew:
					require.Equal(t, -1, w.stored(t, good, id))
				default:
					require.Equal(t, 200, w.stored(t, good, id))
				}
			})
		}
	}
}

// A save is sent again if that is safe, or if the caller asked for no safety. Otherwise the outcome
// is unknown.
func TestALostResponseOfASave(t *testing.T) {
	t.Parallel()
	t.Run("new", func(t *testing.T) {
		inserts := []lostWrite{{"", again, false}, {"F", refused, false}, {"FI", refused, false},
			{"C", again, false}, {"I", once, false}}
		testLostSaves(t, plainWallets, true, inserts)
		testLostSaves(t, countedWallets, true, inserts)
		inserts[1].after, inserts[2].after = again, again // the token decides
		testLostSaves(t, tokenWallets, true, inserts)
	})
	t.Run("loaded", func(t *testing.T) {
		testLostSaves(t, plainWallets, false, []lostWrite{
			{"", again, false}, {"M", again, false}, {"C", again, false}, {"CM", again, false},
			{"F", once, false}, {"FC", once, false}, {"FM", once, false}, {"FI", once, false},
			{"I", once, false}, {"CI", once, false}, {"MI", once, false}, {"FCI", once, false},
		})
		testLostSaves(t, countedWallets, false, []lostWrite{
			{"", again, false}, {"C", again, true}, {"F", once, false}, {"FC", once, false},
			{"FI", once, false}, {"I", once, false},
		})
		testLostSaves(t, tokenWallets, false, []lostWrite{
			{"", again, false}, {"F", again, false}, {"FI", again, false}, {"FM", again, false},
			{"C", again, true},
			{"FC", once, false}, {"I", once, false}, {"CI", once, false},
		})
	})
}

// If a conditional delete was applied but its response was lost, the outcome is unknown. The error
// is neither a conflict nor a missing item.
func TestALostResponseOfADelete(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[tokenWallet](t)
	ctx := t.Context()
	for how, loss := range losses {
		for _, write := range []lostWrite{
			{"", again, false}, {"M", refused, false}, {"F", once, false}, {"FM", once, false},
			{"I", once, false}, {"MI", once, false}, {"FI", once, false},
		} {
			for op, remove := range map[string]func(*tokenWallet) error{
				"Delete": func(item *tokenWallet) error {
					return faulty.Delete(ctx, item,
						fixtures.OptionsAs[dynamapper.DeleteOption](write.writeOptions(false))...)
				},
				"DeleteKey": func(item *tokenWallet) error {
					return faulty.DeleteKey(ctx, dynamapper.Key(item.ID),
						fixtures.OptionsAs[dynamapper.DeleteKeyOption](write.writeOptions(false))...)
				},
			} {
				if op == "DeleteKey" && write.options != "" && write.options[0] == 'F' {
					continue
				}
				t.Run(how+" "+op+" "+write.options, func(t *testing.T) {
					require.NoError(t, good.Save(ctx, &tokenWallet{ID: "1", Balance: 200}))
					item := fixtures.Load(t, faulty, "1")
					line.Clear()
					line.On("DeleteItem", 1, loss.fault)
					err := remove(item)
					tries := map[bool]int{true: 1, false: 2}[write.after == once]
					require.Equal(t, tries, line.Sent("DeleteItem"))
					if write.after == again || write.after == refused && !loss.applied {
						require.NoError(t, err)
						require.Equal(t, -1, tokenWallets.stored(t, good, "1"))
						require.Equal(t, op == "Delete", faulty.IsNew(item))
						return
					}
					doubt := fixtures.RequireDoubt(t, err)
					require.Equal(t, op, doubt.Op)
					require.Equal(t, dynamapper.Key("1"), doubt.Key)
					require.False(t, faulty.IsNew(item))
					require.Equal(t, map[bool]int{true: -1, false: 200}[loss.applied],
						tokenWallets.stored(t, good, "1"))
				})
			}
		}
	}
}

// testRestoredSaves lets another writer restore the old balance after the lost response: after 200,
// a lost -150 and a +150, the balance must stay 200.
func testRestoredSaves[T dynamapper.IsModel](t *testing.T, w wallets[T], options ...string) {
	faulty, good, line, _ := fixtures.FaultyTable[T](t)
	for _, letters := range options {
		t.Run(letters, func(t *testing.T) {
			require.NoError(t, good.Save(t.Context(), w.make(letters, 200)))
			item := fixtures.Load(t, faulty, letters)
			*w.balance(item) -= 150
			line.Clear()
			line.On("", 1,
				dynamotest.After(dynamotest.Lose(), func() { w.setBalance(t, good, letters, 200) }))
			fixtures.RequireDoubt(t,
				faulty.Save(t.Context(), item, lostWrite{options: letters}.writeOptions(false)...))
			require.Equal(t, 200, w.stored(t, good, letters))
		})
	}
}

// A lost save with a condition is not applied twice, even if its condition has become true again.
func TestALostSaveIsNotAppliedTwice(t *testing.T) {
	t.Parallel()
	testRestoredSaves(t, plainWallets, "F", "I", "FC", "CI", "FI")
	testRestoredSaves(t, countedWallets, "F", "I", "FC", "CI", "FI")
	testRestoredSaves(t, tokenWallets, "F", "I", "FC", "CI", "FI")
}

// An item that was stored before its model had a version is compared whole. The new token does not
// protect it, because an old program may put the item back without a version.
func TestALostSaveOfAnItemWithoutVersion(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[tokenWallet](t)
	old := fixtures.Attributes{"id": fixtures.Text("1"), "balance": fixtures.Number("200")}
	fixtures.PutRaw(t, good.Name(), old)
	item := fixtures.Load(t, faulty, "1")
	item.Balance = 50
	line.On("UpdateItem", 1,
		dynamotest.After(dynamotest.Lose(), func() { fixtures.PutRaw(t, good.Name(), old) }))
	fixtures.RequireDoubt(t, faulty.Save(t.Context(), item, dynamapper.FailOnConflict()))
	require.Equal(
		t,
		old,
		fixtures.GetRaw(t, good.Name(), fixtures.Attributes{"id": fixtures.Text("1")}),
	)
}

// A conditional delete leaves an item that another writer created after the lost delete.
func TestALostDeleteIsNotAppliedTwice(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[player](t)
	ctx := t.Context()
	for name, remove := range map[string]func(*player) error{
		"F": func(p *player) error { return faulty.Delete(ctx, p, dynamapper.FailOnConflict()) },
		"I": func(p *player) error {
			return faulty.Delete(ctx, p,
				fixtures.OptionsAs[dynamapper.DeleteOption](lostWrite{options: "I"}.writeOptions(false))...)
		},
		"key I": func(p *player) error {
			return faulty.DeleteKey(ctx, dynamapper.Key(p.Login),
				fixtures.OptionsAs[dynamapper.DeleteKeyOption](
					lostWrite{options: "I"}.writeOptions(false))...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, good.Save(ctx, &player{Login: "waldo", Balance: 200}))
			p := fixtures.Load(t, faulty, "waldo")
			line.Clear()
			line.On("DeleteItem", 1, dynamotest.After(dynamotest.Lose(), func() {
				if err := good.Save(ctx, &player{Login: "waldo", Balance: 200}); err != nil {
					t.Error(err)
				}
			}))
			fixtures.RequireDoubt(t, remove(p))
			require.Equal(t, 200, plainWallets.stored(t, good, "waldo"))
		})
	}
}

// testOverwrittenSaves lets another writer change the item after the lost save: the outcome is
// unknown, and the error is no conflict.
func testOverwrittenSaves[T dynamapper.IsModel](
	t *testing.T, w wallets[T], isNew bool, options ...string,
) {
	faulty, good, line, _ := fixtures.FaultyTable[T](t)
	for _, letters := range options {
		t.Run(letters, func(t *testing.T) {
			item := w.make(letters, 50)
			if !isNew {
				require.NoError(t, good.Save(t.Context(), w.make(letters, 200)))
				item = fixtures.Load(t, faulty, letters)
				*w.balance(item) = 50
			}
			line.Clear()
			line.On("", 1,
				dynamotest.After(dynamotest.Lose(), func() { w.setBalance(t, good, letters, 7) }))
			fixtures.RequireDoubt(t,
				faulty.Save(t.Context(), item, lostWrite{options: letters}.writeOptions(isNew)...))
			require.Equal(t, 7, w.stored(t, good, letters))
		})
	}
}

// A change that another writer made after a lost save stays.
func TestALostSaveThatWasOverwritten(t *testing.T) {
	t.Parallel()
	testOverwrittenSaves(t, plainWallets, true, "F", "FI")
	testOverwrittenSaves(t, countedWallets, true, "F", "FI")
	testOverwrittenSaves(t, tokenWallets, true, "F", "FI")
	testOverwrittenSaves(t, plainWallets, false, "F", "I", "FC")
	testOverwrittenSaves(t, countedWallets, false, "F", "I", "FC")
	testOverwrittenSaves(t, tokenWallets, false, "F", "I", "FC", "FI")
}

// If the item was deleted after a lost save, the outcome is unknown, and the error is not
// ErrNotFound.
func TestALostSaveThatWasDeleted(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[tokenWallet](t)
	for _, letters := range []string{"F", "M", "C", "FC"} {
		require.NoError(t, good.Save(t.Context(), tokenWallets.make("1", 200)))
		item := fixtures.Load(t, faulty, "1")
		item.Balance = 50
		line.Clear()
		line.On("", 1,
			dynamotest.After(
				dynamotest.Lose(),
				func() {
					fixtures.DeleteRaw(t, good.Name(),
						fixtures.Attributes{"id": fixtures.Text("1")})
				},
			))
		fixtures.RequireDoubt(t, faulty.Save(t.Context(), item, writeOptions(letters)...))
	}
}

// testLostInsertion loses an insertion before it arrives, and lets another writer insert an equal
// item.
func testLostInsertion[T dynamapper.IsModel](t *testing.T, w wallets[T]) {
	faulty, good, line, _ := fixtures.FaultyTable[T](t)
	for _, letters := range []string{"F", "FI", "FC"} {
		line.Clear()
		line.On("PutItem", 1, dynamotest.After(dynamotest.Drop(), func() {
			if err := good.Save(t.Context(), w.make(letters, 50),
				dynamapper.FailOnConflict()); err != nil {
				t.Error(err)
			}
		}))
		item := w.make(letters, 50)
		before := *item
		doubt := fixtures.RequireDoubt(t,
			faulty.Save(t.Context(), item, lostWrite{options: letters}.writeOptions(true)...))
		require.Equal(t, dynamapper.Key(letters), doubt.Key)
		require.Equal(t, before, *item)
		require.Equal(t, 2, line.Sent("PutItem"))
	}
}

// If an insertion lost its response and an equal item then refuses it, the outcome is unknown: the
// item may be another writer's.
func TestALostInsertionMeetsAnEqualItem(t *testing.T) {
	t.Parallel()
	testLostInsertion(t, plainWallets)
	testLostInsertion(t, countedWallets)
	testLostInsertion(t, tokenWallets)
}

// Without a lost response, an equal item belongs to another writer: a purchase that is sent twice
// is made once.
func TestAnEqualItemIsAConflictWithoutALostResponse(t *testing.T) {
	t.Parallel()
	faulty, _, line, _ := fixtures.FaultyTable[player](t)
	require.NoError(t,
		faulty.Save(t.Context(), plainWallets.make("waldo", 50), dynamapper.FailOnConflict()))
	// not a loss
	line.On("PutItem", 1, dynamotest.Refuse(http.StatusBadRequest, "ThrottlingException"))
	require.ErrorIs(t,
		faulty.Save(t.Context(), plainWallets.make("waldo", 50), dynamapper.FailOnConflict()),
		dynamapper.ErrOverwrite)
	require.Equal(t, 3, line.Sent("PutItem"))
}

// A write without a condition is applied at least once: as its documentation says, the repetition
// may undo a write that was made after the lost response.
func TestAPlainWriteMayUndoALaterOne(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[player](t)
	line.On("PutItem", 1,
		dynamotest.After(dynamotest.Lose(),
			func() { plainWallets.setBalance(t, good, "waldo", 7) }))
	require.NoError(t, faulty.Save(t.Context(), plainWallets.make("waldo", 50)))
	require.Equal(t, 50, plainWallets.stored(t, good, "waldo"))
}

// If all responses are lost, each in another way, the error contains the last loss.
func TestNoResponseAtAll(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[player](t)
	for how, loss := range losses {
		line.Clear()
		line.Each("PutItem", fixtures.Always(loss.fault))
		for _, opts := range [][]dynamapper.SaveOption{nil, {dynamapper.FailOnConflict()}} {
			p := plainWallets.make(how, 50)
			fixtures.RequireDoubt(t, faulty.Save(t.Context(), p, opts...))
			require.True(t, faulty.IsNew(p))
			fixtures.DeleteRaw(t, good.Name(), playerKey(how))
		}
		require.Equal(t, 2*fixtures.SDKTries, line.Sent("PutItem"))
	}
	line.Clear()
	line.Each("PutItem", fixtures.Always(dynamotest.Lose()))
	err := faulty.Save(t.Context(), plainWallets.make("waldo", 50))
	require.ErrorIs(t, fixtures.RequireDoubt(t, err).Err, syscall.ECONNRESET)
}

// The context ends while the response is in transit, or between two tries.
func TestAContextThatEndsInBetween(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[player](t)
	for how, fault := range map[string]dynamotest.Fault{"lost": dynamotest.Lose(),
		"failed": dynamotest.Fail(), "dropped": dynamotest.Drop(), "applied": nil} {
		t.Run(how, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			line.Clear()
			line.Each("PutItem", fixtures.Always(dynamotest.After(fault, cancel)))
			err := faulty.Save(ctx, plainWallets.make(how, 50))
			if how == "applied" && err == nil {
				return // the response was faster
			}
			fixtures.RequireDoubt(t, err)
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, 1, line.Sent("PutItem"))
			require.Equal(t, map[bool]int{true: 50, false: -1}[how != "dropped"],
				plainWallets.stored(t, good, how))
		})
	}
}

// A refusal is not an unknown outcome, whether it is final or sent again by the SDK, even if a lost
// response would end the call.
func TestARefusalIsNoUnknownOutcome(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[player](t)
	require.NoError(t, good.Save(t.Context(), plainWallets.make("waldo", 200)))
	p := fixtures.Load(t, faulty, "waldo")
	p.Balance = 50
	for _, code := range []string{"ValidationException", "AccessDeniedException",
		"ThrottlingException", "ProvisionedThroughputExceededException"} {
		line.Clear()
		line.Each("UpdateItem", fixtures.Always(dynamotest.Refuse(http.StatusBadRequest, code)))
		err := faulty.Save(t.Context(), p, dynamapper.FailOnConflict())
		require.ErrorContains(t, err, code)
		require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
		fixtures.RequireUndecided(t, err)
	}
	require.Equal(t, fixtures.SDKTries, line.Sent("UpdateItem"))
	line.Clear()
	line.Each("UpdateItem",
		fixtures.First(2, dynamotest.Refuse(http.StatusBadRequest, "ThrottlingException")))
	require.NoError(t, faulty.Save(t.Context(), p, dynamapper.FailOnConflict()))
	require.Equal(t, 3, line.Sent("UpdateItem"))
}

// After a lost response, the outcome is unknown whatever the next response says, and nothing is
// sent again.
func TestARefusalAfterALostResponse(t *testing.T) {
	t.Parallel()
	faulty, _, line, _ := fixtures.FaultyTable[player](t)
	for _, code := range []string{"ValidationException", "TransactionConflictException",
		"ThrottlingException"} {
		line.Clear()
		line.On("PutItem", 1, dynamotest.Lose())
		line.Each("PutItem", fixtures.Always(dynamotest.Refuse(http.StatusBadRequest, code)))
		err := faulty.Save(t.Context(), plainWallets.make(code, 50))
		fixtures.RequireDoubt(t, err)
		require.ErrorContains(t, err, code)
		require.LessOrEqual(t, line.Sent("PutItem"), fixtures.SDKTries)
	}
}

// A request that was never sent has no unknown outcome: the connection or its certificate was
// refused, the request could not be signed, or the context had ended before.
func TestAnUnsentRequestIsNoUnknownOutcome(t *testing.T) {
	t.Parallel()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	t.Cleanup(untrusted.Close)
	noTLS := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(noTLS.Close)
	at := func(endpoint string) aws.Config {
		cfg := dynamotest.Run(t).Config()
		cfg.BaseEndpoint = &endpoint
		cfg.RetryMaxAttempts = 1
		return cfg
	}
	unsigned := dynamotest.Run(t).Config()
	unsigned.Credentials = aws.CredentialsProviderFunc(
		func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, context.DeadlineExceeded // as from the metadata service
		})
	for name, cfg := range map[string]aws.Config{
		"a dial that failed": at("http://127.0.0.1:1"), "a certificate": at(untrusted.URL),
		"no TLS":         at("https" + noTLS.URL[len("http"):]),
		"no credentials": unsigned,
	} {
		t.Run(name, func(t *testing.T) {
			mapper, err := dynamapper.Connect(t.Context(), dynamapper.WithConfig(cfg))
			require.NoError(t, err)
			players, err := dynamapper.TableOf[player](mapper)
			require.NoError(t, err)
			for _, opts := range [][]dynamapper.SaveOption{nil, {dynamapper.FailOnConflict()}} {
				err = players.Save(t.Context(), plainWallets.make("waldo", 50), opts...)
				require.Error(t, err)
				require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
			}
		})
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	faulty, _, line, _ := fixtures.FaultyTable[player](t)
	err := faulty.Save(ended, plainWallets.make("waldo", 50))
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
	require.Zero(t, line.Sent("PutItem"))
}

// everything is a user's retryer that retries every error.
type everything struct{ aws.RetryerV2 }

func (everything) IsErrorRetryable(error) bool { return true }

// A write that must not be sent again is not, whatever retryer the configuration has.
func TestRetriesOfTheUsersDoNotRepeatAWrite(t *testing.T) {
	t.Parallel()
	_, good, line, _ := fixtures.FaultyTable[player](t)
	require.NoError(t, good.Save(t.Context(), plainWallets.make("waldo", 200)))
	cfg := line.Config(dynamotest.Run(t))
	standard := cfg.Retryer()
	cfg.Retryer = func() aws.Retryer {
		return everything{
			retry.AddWithMaxAttempts(standard, 5).(aws.RetryerV2)}
	}
	mapper, err := dynamapper.Connect(t.Context(), dynamapper.WithConfig(cfg))
	require.NoError(t, err)
	players, err := dynamapper.TableOf[player](mapper, dynamapper.WithTableName(good.Name()))
	require.NoError(t, err)
	p := fixtures.Load(t, players, "waldo")
	p.Balance = 50
	line.Each("UpdateItem", fixtures.Always(dynamotest.Lose()))
	err = players.Save(t.Context(), p, dynamapper.FailOnConflict())
	fixtures.RequireDoubt(t, err)
	require.ErrorIs(t, err, syscall.ECONNRESET)
	require.Equal(t, 1, line.Sent("UpdateItem"))
}

// If the response to the counter's ADD is lost, the ids have a gap, but the outcome is not unknown,
// because nothing was put.
func TestALostResponseOfTheCounter(t *testing.T) {
	t.Parallel()
	for how, loss := range losses {
		t.Run(how, func(t *testing.T) {
			faulty, good, line, _ := fixtures.FaultyTable[logEntry](t)
			line.On("UpdateItem", 1, loss.fault)
			entry := &logEntry{Text: "one"}
			require.NoError(t, faulty.Save(t.Context(), entry))
			require.EqualValues(t, map[bool]int{true: 2, false: 1}[loss.applied], entry.ID)

			line.Each("UpdateItem", fixtures.Always(loss.fault))
			lost := &logEntry{Text: "two"}
			err := faulty.Save(t.Context(), lost)
			require.Error(t, err)
			require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
			require.Equal(t, logEntry{Text: "two"}, *lost)
			all, err := good.Scan().Consistent().Collect(t.Context())
			require.NoError(t, err)
			require.Len(t, all, 1)
		})
	}
}

// An insertion with a new id is sent again with that id. If it is then refused, or gets no
// response, the outcome is unknown, the error has the id, and no second id is taken.
func TestALostResponseOfANewID(t *testing.T) {
	t.Parallel()
	for how, loss := range losses {
		t.Run(how, func(t *testing.T) {
			faulty, good, line, _ := fixtures.FaultyTable[logEntry](t)
			line.On("PutItem", 1, loss.fault)
			one := &logEntry{Text: "one"}
			err := faulty.Save(t.Context(), one)
			require.Equal(t, 2, line.Sent("PutItem"))
			if loss.applied {
				doubt := fixtures.RequireDoubt(t, err)
				require.EqualValues(t, 1, doubt.Key.Hash())
				require.Equal(t, logEntry{Text: "one"}, *one)
			} else {
				require.NoError(t, err)
				require.EqualValues(t, 1, one.ID)
			}

			line.Each("PutItem", fixtures.Always(loss.fault))
			two := &logEntry{Text: "two"}
			doubt := fixtures.RequireDoubt(t, faulty.Save(t.Context(), two))
			require.EqualValues(t, 2, doubt.Key.Hash())
			require.Equal(t, logEntry{Text: "two"}, *two)
			require.Equal(t, 2, line.Sent("UpdateItem"))
			all, err := good.Scan().Consistent().Collect(t.Context())
			require.NoError(t, err)
			require.Len(t, all, map[bool]int{true: 2, false: 1}[loss.applied])
		})
	}
}

// If another writer has edited the new item meanwhile, the outcome is unknown, the error has the
// id, and no second id is taken.
func TestANewItemThatWasEditedBeforeTheResend(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[logEntry](t)
	line.On("PutItem", 1, dynamotest.After(dynamotest.Lose(), func() {
		now, err := good.Get(t.Context(), dynamapper.Key(1), dynamapper.Consistent())
		if err == nil {
			now.Text = "edited"
			err = good.Save(t.Context(), now, dynamapper.FailOnConflict())
		}
		if err != nil {
			t.Error(err)
		}
	}))
	doubt := fixtures.RequireDoubt(t, faulty.Save(t.Context(), &logEntry{Text: "one"}))
	require.EqualValues(t, 1, doubt.Key.Hash())
	require.Equal(t, 1, line.Sent("UpdateItem"))
	require.Equal(t, "edited", fixtures.Load(t, good, 1).Text)
}

// A batch is sent again in whatever way its response was lost. Without any response, the outcome of
// all items is unknown.
func TestEveryLossOfABatch(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	for how, loss := range losses {
		t.Run(how, func(t *testing.T) {
			faulty, good, line, _ := fixtures.FaultyTable[player](t)
			items := crowd(3)
			line.On("BatchWriteItem", 1, loss.fault)
			require.NoError(t, faulty.BatchSave(t.Context(), items))
			requireStored(t, good, logins(items)...)
			line.On("BatchWriteItem", 1, loss.fault)
			require.NoError(t, faulty.BatchDelete(t.Context(), keysOf(items)))
			requireStored(t, good)
			require.Equal(t, 4, line.Sent("BatchWriteItem"))

			line.Each("BatchWriteItem", fixtures.Always(loss.fault))
			for _, err := range []error{faulty.BatchSave(t.Context(), items),
				faulty.BatchDelete(t.Context(), keysOf(items))} {
				fixtures.RequireDoubt(t, err)
				requireUnwritten(t, err, 0, 1, 2)
			}
		})
	}
}

// A repeated insertion inserts an item again that another program has deleted meanwhile. With a
// token it does not.
func TestALostInsertionMeetsADeletion(t *testing.T) {
	t.Parallel()
	faulty, good, line, _ := fixtures.FaultyTable[tokenWallet](t)
	for letters, stored := range map[string]int{"F": 50, "FX": -1} {
		t.Run(letters, func(t *testing.T) {
			line.Clear()
			line.On("", 1, dynamotest.After(dynamotest.Lose(), func() {
				if err := good.DeleteKey(t.Context(), dynamapper.Key(letters)); err != nil {
					t.Error(err)
				}
			}))
			item := tokenWallets.make(letters, 50)
			options := lostWrite{options: letters}.writeOptions(true)
			require.NoError(t, faulty.Save(t.Context(), item, options...))
			require.Equal(t, stored, tokenWallets.stored(t, good, letters))
		})
	}
}
