package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper/dynamotest"
)

// paidOf counts the responses that confirm a payment of the bonus.
func paidOf(t *testing.T, responses ...received) int {
	t.Helper()
	paid := 0
	for _, response := range responses {
		require.Equal(t, http.StatusOK, response.status, response.text)
		var body struct{ Paid bool }
		response.read(t, &body)
		if body.Paid {
			paid++
		}
	}
	return paid
}

func TestBonusOnceADay(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	waldo := g.logIn(t, "waldo", "red")
	for day := 1; day <= 2; day++ {
		require.Equal(t, 1, paidOf(t, waldo.sendAtOnce(t, 8, "POST /me/bonus", "")...))
		require.Zero(t, paidOf(t, waldo.send(t, "POST /me/bonus", "")))
		require.Equal(t, startCoins+day*bonusCoins, waldo.wallet(t).Balance)
		g.setClock(g.now().AddDate(0, 0, 1))
		waldo = g.logIn(t, "waldo", "red") // the session has expired
	}
	g.setClock(g.now().AddDate(0, 0, -2)) // the first day again: another machine's clock is behind
	require.Zero(t, paidOf(t, waldo.send(t, "POST /me/bonus", "")))
	requireBooks(t, g, 0)
}

func TestBonusWhoseResponseIsLost(t *testing.T) {
	t.Parallel()
	g := newTestGame(t)
	waldo := g.logIn(t, "waldo", "red")
	g.line.Clear()
	g.line.On("TransactWriteItems", 1, dynamotest.Lose())
	require.Equal(t, 1, paidOf(t, waldo.send(t, "POST /me/bonus", "")))
	require.Equal(t, 2, g.line.Sent("TransactWriteItems"))
	wallet := waldo.wallet(t)
	require.Equal(t, startCoins+bonusCoins, wallet.Balance)
	require.Equal(t, g.now().UTC().Format(time.DateOnly), wallet.BonusDay)
}
