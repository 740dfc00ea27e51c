package compose

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// bonus always stages the same.
func bonus(_ context.Context, players *txPlayers) error {
	players.Update(key("waldo")).Add("balance", 5)
	return players.Put(&player{Login: "wally", Balance: 1})
}

// A transaction whose function always does the same is applied once with its token, also by another
// mapper, as in another process.
func TestATokenIsAppliedOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	request := dynamapper.Token("request 1")
	require.NoError(t, b.run(t, bonus, request))
	require.Equal(t, 205, b.balance(t, "waldo"))
	b.setBalance(t, "wally", 77)
	other, err := dynamapper.New(fixtures.RawClient(t))
	require.NoError(t, err)
	players, err := dynamapper.TableOf[player](other)
	require.NoError(t, err)
	require.NoError(t, other.RunTransaction(t.Context(),
		func(ctx context.Context, tx *dynamapper.Tx) error { return bonus(ctx, players.In(tx)) },
		request))
	require.Equal(t, 205, b.balance(t, "waldo"), "the bonus is paid once")
	require.Equal(t, 77, b.balance(t, "wally"), "nothing is written again")
	require.NoError(t, b.run(t, bonus, dynamapper.Token("request 2")))
	require.NoError(t, b.run(t, bonus))
	require.Equal(t, 215, b.balance(t, "waldo"))
}

// If the contents differ, nothing is written, and the error says that the token was used.
func TestATokenOfAnotherTransaction(t *testing.T) {
	t.Parallel()
	b := open(t)
	request := dynamapper.Token(strings.Repeat("é", 18))
	require.NoError(t, b.run(t, bonus, request))
	spend := func(ctx context.Context, players *txPlayers) error {
		return pay(ctx, players, "waldo", 5)
	}
	for range 2 {
		err := b.run(t, spend, request)
		require.ErrorIs(t, err, dynamapper.ErrTokenUsed)
		require.ErrorContains(t, err, `dynamapper: RunTransaction: table "players": the token was `+
			"used in the last ten minutes for a transaction with other contents, which was applied")
		fixtures.RequireUndecided(t, err)
		require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
		var mismatch *types.IdempotentParameterMismatchException
		require.ErrorAs(t, err, &mismatch)
		require.Equal(t, 205, b.balance(t, "waldo"))
	}
	// A version and a time are set anew in each call.
	purses := func(ctx context.Context, tx *dynamapper.Tx) error {
		return b.purses.In(tx).Put(&purse{Owner: "waldo", Coins: 1})
	}
	versioned := dynamapper.Token("versioned")
	require.NoError(t, b.mapper.RunTransaction(t.Context(), purses, versioned))
	require.ErrorIs(t, b.mapper.RunTransaction(t.Context(), purses, versioned),
		dynamapper.ErrTokenUsed)
	// A new item takes another id in each call.
	for name, stage := range map[string]func(*dynamapper.TxTable[entry]) error{
		"save": func(entries *dynamapper.TxTable[entry]) error {
			return entries.Save(&entry{Text: "a"})
		},
		"put": func(entries *dynamapper.TxTable[entry]) error { return entries.Put(&entry{Text: "a"}) },
	} {
		insert := func(_ context.Context, tx *dynamapper.Tx) error { return stage(b.entries.In(tx)) }
		token := dynamapper.Token(name)
		require.NoError(t, b.mapper.RunTransaction(t.Context(), insert, token))
		require.ErrorIs(t, b.mapper.RunTransaction(t.Context(), insert, token),
			dynamapper.ErrTokenUsed, name)
	}
}

func TestTokensThatAreWrong(t *testing.T) {
	t.Parallel()
	b := open(t)
	for want, options := range map[string][]dynamapper.TransactionOption{
		"the token is empty; leave the option Token out": {dynamapper.Token("")},
		"the token has 38 bytes, and may have 36": {
			dynamapper.Token(strings.Repeat("é", 19))},
		"is not valid UTF-8": {dynamapper.Token("a\xff")},
		"given twice":        {dynamapper.Token("a"), dynamapper.Token("b")},
	} {
		err := b.run(t, func(context.Context, *txPlayers) error { panic("not called") },
			options...)
		require.ErrorContains(t, err, "dynamapper: RunTransaction: ")
		require.ErrorContains(t, err, want)
	}
	require.Empty(t, b.Take())
}

// A transaction that writes nothing does not use its token up.
func TestATokenOfATransactionThatOnlyReads(t *testing.T) {
	t.Parallel()
	b := open(t)
	request := dynamapper.Token("request")
	for _, read := range []func(context.Context, *txPlayers) error{
		func(_ context.Context, players *txPlayers) error { return players.Check(key("waldo")) },
		func(ctx context.Context, players *txPlayers) error {
			for _, login := range []string{"waldo", "wally"} {
				_, _ = players.Get(ctx, key(login))
			}
			return nil
		},
		func(context.Context, *txPlayers) error { return nil },
	} {
		require.NoError(t, b.run(t, read, request))
	}
	require.NoError(t, b.run(t, bonus, request))
	require.Equal(t, 205, b.balance(t, "waldo"))
}

// If the response is lost, the request is sent again with the caller's token and applied once. If
// no response comes, the next call with the token finds out.
func TestALostTransactionWithAToken(t *testing.T) {
	t.Parallel()
	b := open(t, dynamapper.WithMaxRetries(2))
	b.line.Each("TransactWriteItems", fixtures.First(fixtures.SDKTries, dynamotest.Lose()))
	require.NoError(t, b.run(t, bonus, dynamapper.Token("one")))
	require.Equal(t, 205, b.balance(t, "waldo"))

	b.line.Clear()
	b.line.Each("TransactWriteItems", fixtures.Always(dynamotest.Lose()))
	fixtures.RequireDoubt(t, b.run(t, bonus, dynamapper.Token("two")))
	require.Equal(t, 210, b.balance(t, "waldo"))
	b.line.Clear()
	require.NoError(t, b.run(t, bonus, dynamapper.Token("two")))
	require.Equal(t, 210, b.balance(t, "waldo"))
}

// If an item that the function has read was changed, the function runs again with the same token.
func TestATransactionWithATokenRunsAgain(t *testing.T) {
	t.Parallel()
	b := open(t)
	tries := 0
	require.NoError(t, b.run(t, func(ctx context.Context, players *txPlayers) error {
		err := pay(ctx, players, "waldo", 150)
		if tries++; tries == 1 {
			b.setBalance(t, "waldo", 1000)
		}
		return err
	}, dynamapper.Token("request")))
	require.Equal(t, 2, tries)
	require.Equal(t, 850, b.balance(t, "waldo"))
	err := b.run(t, bonus, dynamapper.Token("request"))
	require.ErrorIs(t, err, dynamapper.ErrTokenUsed, "the second try has used it")
}

var errPoor = errors.New("too poor")

// late keeps the first request, whose response is lost, until arrive is called.
type late struct{ arrive func() (status int) }

func (l *late) fault(request *http.Request, send func() (*http.Response, error)) (
	*http.Response, error,
) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	// The context of the call is canceled when the call returns.
	*request = *request.WithContext(context.WithoutCancel(request.Context()))
	l.arrive = func() int {
		request.Body = io.NopCloser(bytes.NewReader(body))
		response, err := send()
		if err != nil {
			return 0
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		return response.StatusCode
	}
	return dynamotest.Drop()(request, nil)
}

// After a lost try and a refused one, the first may still arrive. With the caller's token no fence
// is sent, which would use the token up: the next commit with the token is the fence, and without
// one the outcome is not known.
func TestALateTryWithAToken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		again func(ctx context.Context, players *txPlayers) error // the second call
		is    error                                               // nil: applied
		last  string
	}{
		"applied": {func(ctx context.Context, players *txPlayers) error {
			return pay(ctx, players, "waldo", 150)
		}, nil, ""},
		"an error": {func(context.Context, *txPlayers) error { return errPoor },
			dynamapper.ErrUnknownOutcome, "too poor"},
		"nothing": {func(context.Context, *txPlayers) error { return nil },
			dynamapper.ErrUnknownOutcome, "the function staged nothing"},
		"a false condition": {func(_ context.Context, players *txPlayers) error {
			return players.Check(key("waldo"), dynamapper.Attr("balance", dynamapper.EQ(3)))
		}, dynamapper.ErrUnknownOutcome, "the condition on the item is false"},
	} {
		t.Run(name, func(t *testing.T) {
			b, l := open(t), &late{}
			b.line.On("TransactWriteItems", 1, l.fault)
			tries := 0
			err := b.run(t, func(ctx context.Context, players *txPlayers) error {
				if tries++; tries > 1 {
					return test.again(ctx, players)
				}
				err := pay(ctx, players, "waldo", 150)
				b.setBalance(t, "waldo", 1000) // the second try is refused
				return err
			}, dynamapper.Token("request"))
			require.Equal(t, 2, tries)
			b.setBalance(t, "waldo", 200) // with which the first try would succeed
			if test.is == nil {
				require.NoError(t, err)
				require.Equal(t, http.StatusBadRequest, l.arrive())
				require.Equal(t, 200, b.balance(t, "waldo"), "the late try is not applied")
				return
			}
			fixtures.RequireDoubt(t, err)
			require.ErrorContains(t, err, test.last)
			require.NotErrorIs(t, err, errPoor)
			require.Equal(t, http.StatusOK, l.arrive())
			require.Equal(t, 50, b.balance(t, "waldo"), "it was applied after all")
			// The next call with the token finds out.
			require.ErrorIs(t, b.run(t, bonus, dynamapper.Token("request")),
				dynamapper.ErrTokenUsed)
		})
	}
}

// If the late try arrives before the commit of the second call, that one is not applied.
func TestALateTryBeforeTheNextCommit(t *testing.T) {
	t.Parallel()
	b, l := open(t), &late{}
	b.line.On("TransactWriteItems", 1, l.fault)
	tries := 0
	err := b.run(t, func(ctx context.Context, players *txPlayers) error {
		tries++
		err := pay(ctx, players, "waldo", 150)
		if tries == 1 {
			b.setBalance(t, "waldo", 1000)
		} else {
			b.setBalance(t, "waldo", 200)
			require.Equal(t, http.StatusOK, l.arrive())
			b.setBalance(t, "waldo", 1000)
		}
		return err
	}, dynamapper.Token("request"))
	require.ErrorIs(t, err, dynamapper.ErrTokenUsed)
	require.Equal(t, 1000, b.balance(t, "waldo"), "the second one was not applied")
}
