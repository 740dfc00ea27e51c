package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

const aSword = `{"sku":"sword"}`

// requireBooks checks that the audit finds no fault, and that the journal has this number of
// records.
func requireBooks(t *testing.T, g *testGame, records int) {
	t.Helper()
	told := &device{promises: map[string]Entry{}}
	for item, err := range g.all.Scan().Consistent().All(t.Context()) {
		require.NoError(t, err)
		switch item := item.(type) {
		case *Purchase:
			told.promises[item.ID] = item.entry()
		case *Match:
			told.promises[item.ID] = item.entry()
		}
	}
	b, err := g.audit(t.Context(), []*device{told})
	require.NoError(t, err)
	require.NoError(t, b.err())
	require.Equal(t, records, b.recordsOfBuying+b.recordsOfGames)
	require.Equal(t, b.expected(), b.balance)
}

func TestPurchaseSentTwice(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	waldo := g.logIn(t, "waldo", "red")
	first, again := waldo.send(t, "PUT /me/purchases/order-7", aSword), waldo.send(t,
		"PUT /me/purchases/order-7", aSword)
	require.Equal(t, http.StatusCreated, first.status, first.text)
	require.Equal(t, http.StatusOK, again.status,
		"the coins that are left would not pay a second one")
	require.JSONEq(t, first.text, again.text)
	wallet := waldo.wallet(t)
	require.Equal(t, startCoins-prices["sword"], wallet.Balance)
	require.Equal(t, map[string]int{"sword": 1}, wallet.Inventory)
	requireBooks(t, g, 1)
}

func TestPurchaseSentAtOnce(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	waldo := g.logIn(t, "waldo", "red")
	made := 0
	responses := waldo.sendAtOnce(t, 8, "PUT /me/purchases/order-7", aSword)
	for _, response := range responses {
		require.Contains(t, []int{http.StatusCreated, http.StatusOK}, response.status, response.text)
		require.JSONEq(t, responses[0].text, response.text)
		if response.status == http.StatusCreated {
			made++
		}
	}
	require.Equal(t, 1, made)
	require.Equal(t, startCoins-prices["sword"], waldo.wallet(t).Balance)
	requireBooks(t, g, 1)
}

func TestPurchaseWithoutTheCoins(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	waldo := g.logIn(t, "waldo", "red")
	require.Equal(t, http.StatusCreated, waldo.send(t, "PUT /me/purchases/1", aSword).status)
	waldo.send(t, "PUT /me/purchases/2", aSword).requireRefused(t, errTooFewCoins)
	requireBooks(t, g, 1)
	require.Equal(t, http.StatusCreated, waldo.send(t, "PUT /me/games/3", `{"points":1000}`).status)
	require.Equal(t, http.StatusCreated, waldo.send(t, "PUT /me/purchases/2", aSword).status,
		"the id was not used up by the refusal")
	require.Equal(t, map[string]int{"sword": 2}, waldo.wallet(t).Inventory)
	requireBooks(t, g, 3)
}

func TestIDOfSomethingElse(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	waldo, wally := g.logIn(t, "waldo", "red"), g.logIn(t, "wally", "red")
	require.Equal(t, http.StatusCreated,
		waldo.send(t, "PUT /me/purchases/1", `{"sku":"potion"}`).status)
	waldo.send(t, "PUT /me/purchases/1", `{"sku":"shield"}`).requireRefused(t, errIDTaken)
	require.Equal(t, http.StatusCreated, waldo.send(t, "PUT /me/games/2", `{"points":9}`).status)
	waldo.send(t, "PUT /me/games/2", `{"points":8}`).requireRefused(t, errIDTaken)
	requireBooks(t, g, 2)
	require.Equal(t, http.StatusCreated,
		wally.send(t, "PUT /me/purchases/1", `{"sku":"potion"}`).status,
		"another player's ids are others")
}

func TestGameSentTwice(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	waldo := g.logIn(t, "waldo", "red")
	require.Equal(t, http.StatusCreated, waldo.send(t, "PUT /me/games/1", `{"points":125}`).status)
	require.Equal(t, http.StatusOK, waldo.send(t, "PUT /me/games/1", `{"points":125}`).status)
	require.Equal(t, startCoins+13, waldo.wallet(t).Balance)
	requireBooks(t, g, 1)
}

// A player whose wallet was deleted has no coins to add to.
func TestGameWithoutAWallet(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	waldo := g.logIn(t, "waldo", "red")
	require.NoError(t, g.wallets.DeleteKey(t.Context(), dynamapper.Key("waldo")))
	waldo.send(t, "PUT /me/games/1", `{"points":125}`).requireRefused(t, saidNotFound)
	waldo.send(t, "PUT /me/purchases/1", aSword).requireRefused(t, saidNotFound)
	waldo.send(t, "POST /me/bonus", "").requireRefused(t, saidNotFound)
	score, err := g.scores.Get(t.Context(), dynamapper.Key("waldo"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Zero(t, score.Points)
}

func TestPurchaseWhoseResponseIsLostOnce(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]dynamotest.Fault{
		"Lose": dynamotest.Lose(), "Fail": dynamotest.Fail(), "Cut": dynamotest.Cut(),
		"Drop": dynamotest.Drop(),
	} {
		t.Run(name, func(t *testing.T) {
			g := newTestGame(t)
			waldo := g.logIn(t, "waldo", "red")
			g.line.Clear()
			g.line.On("TransactWriteItems", 1, fault)
			response := waldo.send(t, "PUT /me/purchases/1", aSword)
			require.Equal(t, http.StatusCreated, response.status, response.text)
			require.Equal(t, 2, g.line.Sent("TransactWriteItems"))
			requireBooks(t, g, 1)
		})
	}
}

// Without a response the service cannot know the outcome, and reports that. The client sends the
// same request again.
func TestPurchaseOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	for _, lost := range []struct {
		name  string
		fault dynamotest.Fault
		again int // the status of the same request later
	}{
		{"applied", dynamotest.Lose(), http.StatusOK},
		{"not applied", dynamotest.Drop(), http.StatusCreated},
	} {
		t.Run(lost.name, func(t *testing.T) {
			g := newTestGame(t, dynamapper.WithMaxRetries(1))
			waldo := g.logIn(t, "waldo", "red")
			g.line.Each("TransactWriteItems", func(int) dynamotest.Fault { return lost.fault })
			response := waldo.send(t, "PUT /me/purchases/1", aSword)
			response.requireRefused(t, saidUnknown)
			require.Equal(t, retryAfter, response.header.Get("Retry-After"))
			g.line.Clear()
			require.Equal(t, lost.again, waldo.send(t, "PUT /me/purchases/1", aSword).status)
			requireBooks(t, g, 1)
		})
	}
}

// A refusal because of values that could not be confirmed to be of one moment is not reported as a
// refusal.
func TestRefusalThatCouldNotBeChecked(t *testing.T) {
	t.Parallel()
	g := newTestGame(t, dynamapper.WithMaxRetries(1))
	waldo := g.logIn(t, "waldo", "red")
	require.Equal(t, http.StatusCreated, waldo.send(t, "PUT /me/purchases/1", aSword).status)
	g.line.Each("TransactGetItems", func(int) dynamotest.Fault { return dynamotest.Lose() })
	waldo.send(t, "PUT /me/purchases/2", aSword).requireRefused(t, saidUnavailable)
	g.line.Clear()
	waldo.send(t, "PUT /me/purchases/2", aSword).requireRefused(t, errTooFewCoins)
}

func TestThrottledIsUnavailable(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	waldo := g.logIn(t, "waldo", "red")
	g.line.Each("TransactWriteItems", func(int) dynamotest.Fault {
		return dynamotest.Refuse(http.StatusBadRequest, "ThrottlingException")
	})
	response := waldo.send(t, "PUT /me/purchases/1", aSword)
	response.requireRefused(t, saidUnavailable)
	require.Equal(t, retryAfter, response.header.Get("Retry-After"))
	requireBooks(t, g, 0)
}
