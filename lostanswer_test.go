package dynamapper_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// lossyLine loses answers: the engine gets the request and applies it, and the caller gets nothing.
type lossyLine struct {
	line http.Client

	mu    sync.Mutex
	op    string // the operation that is hit: "UpdateItem"
	loses int    // how many answers are lost yet
	sent  int    // how often it was sent
	then  func() // what somebody else does after the first loss
}

var errLine = errors.New("connection reset by peer")

func (l *lossyLine) Do(request *http.Request) (*http.Response, error) {
	response, err := l.line.Do(request)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil || l.op == "" || !strings.HasSuffix(request.Header.Get("X-Amz-Target"), "."+l.op) {
		return response, err
	}
	l.sent++
	if l.loses == 0 {
		return response, nil
	}
	l.loses--
	_ = response.Body.Close()
	if l.then != nil {
		l.then()
		l.then = nil
	}
	return nil, errLine
}

// lose begins to lose answers.
func (l *lossyLine) lose(op string, answers int, then func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.op, l.loses, l.sent, l.then = op, answers, 0, then
}

// lossyTable is a table at the end of a lossy line, and the same at the end of a good one.
func lossyTable[T any](t *testing.T) (lossy, good *dynamapper.Table[T], line *lossyLine) {
	t.Helper()
	good = tableOf[T](t)
	line = &lossyLine{}
	cfg := dynamotest.Run(t).Config()
	cfg.HTTPClient = line
	mapper, err := dynamapper.Connect(t.Context(), dynamapper.WithConfig(cfg))
	require.NoError(t, err)
	lossy, err = dynamapper.TableOf[T](mapper, dynamapper.WithTableName(good.Name()))
	require.NoError(t, err)
	return lossy, good, line
}

type tokenWallet struct {
	dynamapper.Model `dynamo:"tokenwallets"`
	ID               string `dynamo:"id,hash"`
	Balance          int    `dynamo:"balance"`
	Version          string `dynamo:"version,version"`
}

// requireDoubt holds an error to be a doubt, and nothing that was decided.
func requireDoubt(t *testing.T, err error) {
	t.Helper()
	var doubt *dynamapper.UnknownOutcomeError
	require.ErrorAs(t, err, &doubt)
	require.ErrorIs(t, err, dynamapper.ErrUnknownOutcome)
	for _, decided := range []error{dynamapper.ErrConflict, dynamapper.ErrOverwrite, dynamapper.ErrNotFound} {
		require.NotErrorIs(t, err, decided)
	}
}

// A save that compares with a snapshot is not sent again after a lost answer: its own write would be the conflict.
func TestALostAnswerOfAComparedSaveIsADoubt(t *testing.T) {
	lossy, good, line := lossyTable[player](t)
	require.NoError(t, good.Save(t.Context(), &player{Login: "waldo", Balance: 200}))
	p, err := lossy.Get(t.Context(), dynamapper.Key("waldo"), dynamapper.Consistent())
	require.NoError(t, err)
	before := *p
	p.Balance -= 150
	line.lose("UpdateItem", 1, nil)
	requireDoubt(t, lossy.Save(t.Context(), p, dynamapper.FailOnConflict()))
	require.Equal(t, 1, line.sent)
	before.Balance = 50
	require.Equal(t, before, *p, "the snapshot is as before")
	now, err := good.Get(t.Context(), dynamapper.Key("waldo"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, 50, now.Balance, "applied once")
}

// Another writer puts the old value back between the lost answer and a resend: 200, -150 lost, +150 must stay 200.
func TestALostSaveIsNotAppliedTwice(t *testing.T) {
	lossy, good, line := lossyTable[player](t)
	ctx := t.Context()
	require.NoError(t, good.Save(ctx, &player{Login: "waldo", Balance: 200}))
	p, err := lossy.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	require.NoError(t, err)
	p.Balance -= 150
	line.lose("UpdateItem", 1, func() {
		now, err := good.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
		if err == nil {
			now.Balance += 150
			err = good.Save(ctx, now, dynamapper.FailOnConflict())
		}
		if err != nil {
			t.Error(err)
		}
	})
	requireDoubt(t, lossy.Save(ctx, p, dynamapper.FailOnConflict()))
	now, err := good.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, 200, now.Balance)
}

// An insertion is sent again; the item that stands in its way is its own, and it has succeeded.
func TestALostAnswerOfAnInsertion(t *testing.T) {
	lossy, good, line := lossyTable[player](t)
	line.lose("PutItem", 2, nil)
	p := &player{Login: "waldo", Balance: 200}
	require.NoError(t, lossy.Save(t.Context(), p, dynamapper.FailOnConflict()))
	require.Equal(t, 3, line.sent)
	p.Balance = 100
	require.NoError(t, lossy.Save(t.Context(), p, dynamapper.FailOnConflict()), "what was written is the snapshot")

	// Somebody else has changed it since: a doubt, and no "somebody was faster".
	line.lose("PutItem", 1, func() {
		if err := good.Save(t.Context(), &player{Login: "wally", Balance: 7}); err != nil {
			t.Error(err)
		}
	})
	requireDoubt(t, lossy.Save(t.Context(), &player{Login: "wally", Balance: 200}, dynamapper.FailOnConflict()))
}

// With a string version a save is sent again: our token in the item says that it was applied.
func TestALostAnswerWithAStringVersion(t *testing.T) {
	lossy, good, line := lossyTable[tokenWallet](t)
	ctx := t.Context()
	item := &tokenWallet{ID: "1", Balance: 200}
	line.lose("PutItem", 1, nil)
	require.NoError(t, lossy.Save(ctx, item, dynamapper.FailOnConflict()))
	item.Balance = 50
	line.lose("UpdateItem", 2, nil)
	require.NoError(t, lossy.Save(ctx, item, dynamapper.FailOnConflict()))
	require.Equal(t, 3, line.sent)

	item.Balance = 40
	line.lose("UpdateItem", 1, func() {
		now, err := good.Get(ctx, dynamapper.Key("1"), dynamapper.Consistent())
		if err == nil {
			err = good.Save(ctx, now, dynamapper.FailOnConflict())
		}
		if err != nil {
			t.Error(err)
		}
	})
	requireDoubt(t, lossy.Save(ctx, item, dynamapper.FailOnConflict()))
}

// A delete that was applied and lost its answer is a doubt, and neither a conflict nor a missing item.
func TestALostAnswerOfADelete(t *testing.T) {
	lossy, good, line := lossyTable[player](t)
	ctx := t.Context()
	for name, remove := range map[string]func(*player) error{
		"Delete, FailOnConflict": func(p *player) error { return lossy.Delete(ctx, p, dynamapper.FailOnConflict()) },
		"Delete, MustExist":      func(p *player) error { return lossy.Delete(ctx, p, dynamapper.MustExist()) },
		"DeleteKey, MustExist": func(p *player) error {
			return lossy.DeleteKey(ctx, dynamapper.Key(p.Login), dynamapper.MustExist())
		},
	} {
		require.NoError(t, good.Save(ctx, &player{Login: "waldo"}))
		p, err := lossy.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
		require.NoError(t, err)
		line.lose("DeleteItem", 1, nil)
		requireDoubt(t, remove(p))
		require.False(t, lossy.IsNew(p), name)
	}
	require.NoError(t, good.Save(ctx, &player{Login: "waldo"}))
	line.lose("DeleteItem", 1, nil)
	require.NoError(t, lossy.DeleteKey(ctx, dynamapper.Key("waldo")), "twice is as good as once")
}

// All answers are lost, or the context ends in between.
func TestNoAnswerAtAll(t *testing.T) {
	lossy, _, line := lossyTable[player](t)
	line.lose("PutItem", 100, nil)
	err := lossy.Save(t.Context(), &player{Login: "waldo"})
	requireDoubt(t, err)
	require.ErrorIs(t, err, errLine)

	ctx, cancel := context.WithCancel(t.Context())
	line.lose("PutItem", 100, cancel)
	err = lossy.Save(ctx, &player{Login: "wally"})
	requireDoubt(t, err)
	require.ErrorIs(t, err, context.Canceled)
}

// What was never sent is no doubt.
func TestWhatWasNotSentIsNoDoubt(t *testing.T) {
	mapper, err := dynamapper.Connect(t.Context(), dynamapper.WithEndpoint("http://127.0.0.1:1"), dynamapper.WithRegion("eu-west-1"))
	require.NoError(t, err)
	players, err := dynamapper.TableOf[player](mapper)
	require.NoError(t, err)
	err = players.Save(t.Context(), &player{Login: "waldo"}, dynamapper.FailOnConflict())
	require.ErrorContains(t, err, "cannot be reached")
	require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	err = tableOf[player](t).Save(ended, &player{Login: "waldo"})
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, dynamapper.ErrUnknownOutcome)
}

// An id whose answer was lost is the item's own; where somebody has edited that item since, no second id is taken.
func TestALostAnswerOfANewID(t *testing.T) {
	lossy, good, line := lossyTable[logEntry](t)
	ctx := t.Context()
	one := &logEntry{Text: "one"}
	line.lose("PutItem", 1, nil)
	require.NoError(t, lossy.Save(ctx, one))
	require.EqualValues(t, 1, one.ID)

	two := &logEntry{Text: "two"}
	line.lose("PutItem", 1, func() {
		now, err := good.Get(ctx, dynamapper.Key(2), dynamapper.Consistent())
		if err == nil {
			now.Text = "edited"
			err = good.Save(ctx, now, dynamapper.FailOnConflict())
		}
		if err != nil {
			t.Error(err)
		}
	})
	err := lossy.Save(ctx, two)
	requireDoubt(t, err)
	var doubt *dynamapper.UnknownOutcomeError
	require.ErrorAs(t, err, &doubt)
	require.EqualValues(t, 2, doubt.Key.Hash())
	all, err := good.Scan().Consistent().Collect(ctx)
	require.NoError(t, err)
	require.Len(t, all, 2)
}
