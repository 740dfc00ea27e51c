package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

// The audit finds each possible fault.
func TestAuditFinds(t *testing.T) {
	t.Parallel()
	key := dynamapper.Key("waldo")
	for _, c := range []struct {
		name, want string
		tamper     func(*testing.T, *testGame, *device)
	}{
		{"a coin too many", "the coins of waldo: 61 by the books, but there are 62", func(
			t *testing.T, g *testGame, _ *device,
		) {
			_, err := g.wallets.Update(key).Add("balance", 1).Run(t.Context())
			require.NoError(t, err)
		}},
		{"a bonus paid twice", "the coins of the bonus of waldo: 0 by the books, but there are 50",
			func(t *testing.T, g *testGame, _ *device) {
				_, err := g.wallets.Update(key).Add("bonusCoins", 50).Add("balance",
					50).Run(t.Context())
				require.NoError(t, err)
			}},
		{"a thing that was not bought",
			"waldo has bought map[sword:1] by the journal, but has map[sword:2]",
			func(t *testing.T, g *testGame, _ *device) {
				_, err := g.things.Update(dynamapper.Key("waldo", "sword")).Add("count",
					1).Run(t.Context())
				require.NoError(t, err)
			}},
		{"a point that nobody won", "the points of waldo: 100 by the books, but there are 99", func(
			t *testing.T, g *testGame, _ *device,
		) {
			_, err := g.scores.Update(key).Add("points", -1).Run(t.Context())
			require.NoError(t, err)
		}},
		{"no wallet",
			"the players with a journal and without a wallet: 0 by the books, but there are 1",
			func(t *testing.T, g *testGame, _ *device) {
				require.NoError(t, g.wallets.DeleteKey(t.Context(), key))
			}},
		{"a promise", "device got the response that b is done, but it is not in the journal", func(
			_ *testing.T, _ *testGame, d *device,
		) {
			d.promises["b"] = Entry{}
		}},
		{"another promise", "device got the response that p is done, but it is not in the journal",
			func(_ *testing.T, _ *testGame, d *device) {
				d.promises["p"] = Entry{Kind: kindGame}
			}},
		{"a refusal", "device got the response that p is refused, but it is in the journal", func(
			_ *testing.T, _ *testGame, d *device,
		) {
			d.refused = append(d.refused, "p")
		}},
		{"a record without a response",
			"the records in the journal: 1 by the books, but there are 2",
			func(_ *testing.T, _ *testGame, d *device) {
				delete(d.promises, "g")
			}},
		{"a bonus that is not there",
			"the players got the responses for 1 bonuses, but the wallets have the coins of 0",
			func(_ *testing.T, _ *testGame, d *device) {
				d.bonuses++
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := newTestGame(t)
			waldo, told := g.logIn(t, "waldo", "red"), &device{name: "device",
				promises: map[string]Entry{}}
			var purchase Purchase
			waldo.put(t, "PUT /me/purchases/p", aSword, &purchase)
			var match Match
			waldo.put(t, "PUT /me/games/g", `{"points":100}`, &match)
			told.promises["p"], told.promises["g"] = purchase.entry(), match.entry()
			before, err := g.audit(t.Context(), []*device{told})
			require.NoError(t, err)
			require.NoError(t, before.err())
			c.tamper(t, g, told)
			after, err := g.audit(t.Context(), []*device{told})
			require.NoError(t, err)
			require.ErrorContains(t, after.err(), c.want)
		})
	}
}
