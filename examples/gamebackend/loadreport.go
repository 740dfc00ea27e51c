package main

import (
	"fmt"
	"slices"
	"time"
)

// report prints the results of the players, and the audit.
func (l *load) report(devices []*device, took time.Duration, b *books) {
	l.Say("\n%d players on %d devices played for %.1f s.", l.settings.players, len(devices),
		took.Seconds())
	l.Table(requestRows(devices, took)...)
	l.Table(l.eventRows(devices, b)...)
	l.Say("\nThe audit: the wallets of %d players compared with the journal", b.players)
	l.Table(b.rows()...)
	for _, difference := range b.differences {
		l.Say("WRONG: %s", difference)
	}
	if b.differences == nil {
		l.Say("Every coin is accounted for, as are all bought things, all points, and all " +
			"responses that players got.")
	}
}

// requestRows returns the numbers of requests and their durations.
func requestRows(devices []*device, took time.Duration) [][]any {
	rows := [][]any{{"request", "answered", "a second", "p50", "p99"}}
	var all []time.Duration
	for _, what := range []string{"login", "game", "purchase", "bonus", "wallet", "leaderboard"} {
		var some []time.Duration
		for _, d := range devices {
			some = append(some, d.took[what]...)
		}
		all = append(all, some...)
		rows = append(rows, requestRow(what, some, took))
	}
	return append(rows, requestRow("all", all, took))
}

func requestRow(what string, durations []time.Duration, took time.Duration) []any {
	slices.Sort(durations)
	return []any{what, len(durations), fmt.Sprintf("%.1f", float64(len(durations))/took.Seconds()),
		milliseconds(quantile(durations, 50)), milliseconds(quantile(durations, 99))}
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

// quantile returns the duration that the given percentage of the sorted durations does not exceed.
func quantile(durations []time.Duration, percent int) time.Duration {
	if len(durations) == 0 {
		return 0
	}
	return durations[(len(durations)*percent+99)/100-1]
}

// eventRows returns the numbers of other events.
func (l *load) eventRows(devices []*device, b *books) [][]any {
	var refused, repeated, unknown, busy int
	for _, d := range devices {
		refused += len(d.refused)
		repeated += d.repeated
		unknown += d.unknown
		busy += d.busy
	}
	rows := [][]any{
		{"what", "how often"},
		{"conflicts retried by the service", l.game.conflicts.Load()},
		{"purchases made", b.recordsOfBuying},
		{"purchases refused, too few coins", refused},
		{"purchases repeated with the same id", repeated},
	}
	if l.trouble != nil {
		rows = append(rows, []any{"writes to DynamoDB that failed", l.trouble.made.Load()})
	}
	return append(rows,
		[]any{"503, outcome unknown, sent again", unknown},
		[]any{"503, unavailable, sent again", busy},
	)
}

// rows returns the audit: where the coins came from, where they went, and where they are.
func (b *books) rows() [][]any {
	return [][]any{
		{"coins", "how many", ""},
		{"at the start", b.start, fmt.Sprintf("%d players", b.players)},
		{"won in games", fmt.Sprintf("%+d", b.games), fmt.Sprintf("%d records", b.recordsOfGames)},
		{"daily bonuses", fmt.Sprintf("%+d", b.bonuses),
			fmt.Sprintf("%d days", b.bonuses/bonusCoins)},
		{"paid for purchases", fmt.Sprintf("%+d", -b.spent),
			fmt.Sprintf("%d records", b.recordsOfBuying)},
		{"expected", b.expected(), ""},
		{"in the wallets", b.balance, ""},
		{"difference", b.balance - b.expected(), ""},
	}
}
