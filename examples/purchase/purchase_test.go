package main

import (
	"bufio"
	"context"
	"io"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
	"github.com/dynamapper/dynamapper/examples/internal/stage/stagetest"
)

// TestMain also makes the test binary a buyer, because it starts itself as the program does.
func TestMain(m *testing.M) {
	if isBuyer() {
		main()
	}
	m.Run()
}

// newTestStory returns a story whose shop is open.
func newTestStory(t *testing.T) *story {
	on := &stage.Stage{Printer: stage.NewPrinter(io.Discard), Engine: stagetest.NewEngine(t)}
	line := dynamotest.NewFaults()
	on.Mapper = line.Mapper(t, dynamapper.WithObserver(on.Meter.Observe))
	shop, err := newShop(on.Mapper)
	require.NoError(t, err)
	for _, table := range []stage.Table{shop.players, shop.stock, shop.purchases} {
		require.NoError(t, table.CreateTable(t.Context(), dynamapper.WaitActive()))
	}
	require.NoError(t, shop.open(t.Context()))
	return &story{Stage: on, line: line, shop: shop}
}

// requireSold checks the books and the number of pieces sold.
func requireSold(t *testing.T, s *story, ids []string, sku string, pieces int) *books {
	t.Helper()
	b, err := s.shop.audit(t.Context(), ids)
	require.NoError(t, err)
	sold, _ := b.bought("", sku)
	require.Equal(t, pieces, sold)
	records, err := s.shop.purchases.Scan().Consistent().Count(t.Context())
	require.NoError(t, err)
	require.Len(t, b.purchases, records)
	return b
}

func TestStory(t *testing.T) {
	t.Parallel()
	engine := stagetest.NewEngine(t)
	table := engine.Prefix + `purchase-\w{10}-`
	stagetest.RequireLines(t, program(&settings{kills: 5}), engine, []string{
		`Its tables are ` + table + `players, ` + table + `stock, ` + table +
			`purchases; they are deleted at the end\.`,

		`1\. A purchase`,
		`  before +10000 +0 +100 +0`,
		`  after +9850 +1 +99 +1`,

		`2\. The same purchase sent again`,
		`  sent +9700 +2 +98 +2 +4 +[\d:.]+`,
		`  sent again +9700 +2 +98 +2 +1 +[\d:.]+`,

		`3\. The last one in stock`,
		`  waldo +(bought|refused: sold out) +[01] +0`,
		`  wally +(bought|refused: sold out) +[01] +0`,
		`Sent again, both are answered as before: .*`,

		`4\. The response is lost`,
		`  bought +9[45]50 +3 +97 +3 +2`,

		`5\. The process is killed`,
		`.* Processes killed: 5\.`,
		`  has read everything +nothing +applied once +\d+ +4 +96 +4`,
		`  is about to commit +nothing +applied once +\d+ +5 +95 +5`,
		`  the commit is in progress +(nothing|everything) +applied once +\d+ +6 +94 +6`,
		`  it is applied, unanswered +everything +applied once +\d+ +7 +93 +7`,
		`  has read everything +nothing +applied once +\d+ +8 +92 +8`,
		`No purchase was ever half done, .*`,

		`6\. The audit`,
		`  coins of waldo +10000 +-1[23]00 +8[78]00 +none`,
		`  coins of wally +120 +(\+0|-100) +(120|20) +none`,
		`  swords in stock +100 +-8 +92 +none`,
		`  swords of waldo +0 +\+8 +8 +none`,
		`  crowns in stock +1 +-1 +0 +none`,
		`Purchases sent: 10, .* Records in the journal: 9\. .*`,

		`The tables are deleted\.`,
	})
}

// If the last piece or the last coins paid for the purchase, it gets the same response again, and
// is not refused.
func TestPurchaseSentTwiceIsAppliedOnce(t *testing.T) {
	t.Parallel()
	s := newTestStory(t)
	first, err := s.shop.buy(t.Context(), "a", "wally", "crown")
	require.NoError(t, err)
	before := requireSold(t, s, []string{"a"}, "crown", 1)
	require.Equal(t, 20, before.players["wally"].Balance)
	used := s.Meter.Since()
	again, err := s.shop.buy(t.Context(), "a", "wally", "crown")
	require.NoError(t, err)
	require.Equal(t, s.shop.purchases.ToMap(first), s.shop.purchases.ToMap(again))
	require.Equal(t, stage.Bill{"GetItem": {Requests: 1, Items: 1, ReadUnits: 1}},
		withoutIdle(used()))
	requireSold(t, s, []string{"a"}, "crown", 1)
}

// withoutIdle returns the operations of a bill that were used.
func withoutIdle(bill stage.Bill) stage.Bill {
	for name, usage := range bill {
		if usage == (stage.Usage{}) {
			delete(bill, name)
		}
	}
	return bill
}

// None of them has seen the records of the others when it commits.
func TestPurchaseSentAtOnceIsAppliedOnce(t *testing.T) {
	t.Parallel()
	for _, sku := range []string{"sword", "crown"} {
		t.Run(sku, func(t *testing.T) {
			s := newTestStory(t)
			var offers []*offer
			for range 4 {
				offers = append(offers, &offer{id: "a", login: "waldo"})
			}
			require.NoError(t, s.race(t.Context(), sku, offers))
			for _, o := range offers {
				require.Equal(t, "bought", o.outcome)
			}
			requireSold(t, s, []string{"a"}, sku, 1)
		})
	}
}

func TestLastPieceIsSoldOnce(t *testing.T) {
	t.Parallel()
	s := newTestStory(t)
	offers := []*offer{{id: "a", login: "waldo"}, {id: "b", login: "wally"},
		{id: "c", login: "waldo"}}
	require.NoError(t, s.race(t.Context(), "crown", offers))
	outcomes := map[string]int{}
	for _, o := range offers {
		outcomes[o.outcome]++
	}
	require.Equal(t, map[string]int{"bought": 1, "refused: sold out": 2}, outcomes)
	requireSold(t, s, []string{"a", "b", "c"}, "crown", 1)
}

func TestRefusedPurchaseLeavesNothing(t *testing.T) {
	t.Parallel()
	s := newTestStory(t)
	_, err := s.shop.buy(t.Context(), "crown", "waldo", "crown")
	require.NoError(t, err)
	for _, refused := range []struct {
		id, login, sku string
		err            error
	}{
		{"sold out", "wally", "crown", errSoldOut},
		{"too few", "wally", "sword", errTooFewCoins},
		{"nobody", "odlaw", "sword", dynamapper.ErrNotFound},
		{"no such thing", "waldo", "shield", dynamapper.ErrNotFound},
		{"crown", "wally", "crown", errIDTaken},
		{"crown", "waldo", "sword", errIDTaken},
	} {
		purchase, err := s.shop.buy(t.Context(), refused.id, refused.login, refused.sku)
		require.ErrorIs(t, err, refused.err, refused.id)
		require.Nil(t, purchase)
		requireSold(t, s, []string{"crown", refused.id}, "sword", 0)
	}
	b := requireSold(t, s, []string{"crown"}, "crown", 1)
	require.Equal(t, []int{9900, 120}, []int{b.players["waldo"].Balance,
		b.players["wally"].Balance})
}

func TestDoubtfulCommitIsAppliedOnce(t *testing.T) {
	t.Parallel()
	for _, doubt := range []struct {
		name  string
		fault dynamotest.Fault
	}{
		{"lose", dynamotest.Lose()}, {"fail", dynamotest.Fail()}, {"cut", dynamotest.Cut()},
		{"corrupt", dynamotest.Corrupt()}, {"drop", dynamotest.Drop()},
	} {
		t.Run(doubt.name, func(t *testing.T) {
			s := newTestStory(t)
			s.line.Clear()
			s.line.On("TransactWriteItems", 1, doubt.fault)
			_, err := s.shop.buy(t.Context(), "a", "waldo", "sword")
			require.NoError(t, err)
			require.Equal(t, 2, s.line.Sent("TransactWriteItems"))
			requireSold(t, s, []string{"a"}, "sword", 1)
		})
	}
}

func TestKilledBuyerLeavesNothingHalfDone(t *testing.T) {
	t.Parallel()
	for at, moment := range moments {
		t.Run(moment.name, func(t *testing.T) {
			s := newTestStory(t)
			row, err := s.killOne(t.Context(), at, 0)
			require.NoError(t, err)
			require.Contains(t, moment.leaves, row[1])
			b := requireSold(t, s, s.sent, "sword", 1)
			// for the third time
			response, err := s.send(t.Context(),
				errand{s.prefix(), s.sent[0], "waldo", "sword", noHalt})
			require.NoError(t, err)
			require.Equal(t, b.purchases[s.sent[0]].At.Format(time.RFC3339Nano), response)
			requireSold(t, s, s.sent, "sword", 1)
		})
	}
}

// A buyer that completes its purchase before the kill is reported.
func TestKillAtTheWrongMoment(t *testing.T) { // not parallel: it changes a moment
	s := newTestStory(t)
	applied, aboutToCommit := len(moments)-1, 1
	moment := moments[applied]
	t.Cleanup(func() { moments[applied] = moment })
	moments[applied].leaves = moments[aboutToCommit].leaves
	_, err := s.killOne(t.Context(), applied, 0)
	require.EqualError(t, err, `the buyer was killed at the moment "it is applied, unanswered", `+
		`and left everything of the purchase`)
}

func TestBuyerFails(t *testing.T) {
	t.Parallel()
	s := newTestStory(t)
	nobody := errand{s.prefix(), "a", "odlaw", "sword", noHalt}
	_, err := s.send(t.Context(), nobody)
	require.ErrorContains(t, err, "the buyer failed: exit status 1: dynamapper: Get: ")
	nobody.Halt = 0
	require.ErrorContains(t, s.startAndKill(t.Context(), nobody, 0),
		"the buyer did not reach the moment of its kill: EOF\nexit status 1: dynamapper: Get: ")
	require.Error(t, runErrand(t.Context(), "no errand", io.Discard))
}

// A buyer whose parent is gone also ends, and buys nothing.
func TestBuyerEndsWithItsParent(t *testing.T) {
	t.Parallel()
	s := newTestStory(t)
	b, err := s.startBuyer(t.Context(), errand{s.prefix(), "a", "waldo", "sword", 1})
	require.NoError(t, err)
	said, err := bufio.NewReader(b.stdout).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, here+"\n", said)
	require.NoError(t, b.stdin.Close())
	require.EqualError(t, b.command.Wait(), "exit status 1")
	require.Contains(t, b.stderr.String(), "the context was cancelled")
	requireSold(t, s, []string{"a"}, "sword", 0)
}

// A purchase that is made while the books are read does not look half done.
func TestAuditIsOfOneMoment(t *testing.T) {
	t.Parallel()
	s := newTestStory(t)
	s.line.Clear()
	var bought error
	// the players have been read, the stock has not
	s.line.On("GetItem", 2, dynamotest.After(nil, func() {
		_, bought = s.shop.buy(t.Context(), "a", "waldo", "sword")
	}))
	b, err := s.shop.audit(t.Context(), []string{"a"})
	require.NoError(t, err)
	require.NoError(t, bought)
	require.Len(t, b.purchases, 1)
}

func TestAuditFindsWhatIsHalfDone(t *testing.T) {
	t.Parallel()
	for _, half := range []struct {
		what string
		do   func(ctx context.Context, s *shop) error
		want string
	}{
		{"paid", func(ctx context.Context, s *shop) error {
			_, err := s.players.Update(dynamapper.Key("waldo")).Add("balance", -150).Run(ctx)
			return err
		}, "coins of waldo: 10000 at the start, +0 by the journal, but there are 9850"},
		{"got", func(ctx context.Context, s *shop) error {
			_, err := s.players.Update(dynamapper.Key("wally")).Set("inventory",
				map[string]int{"crown": 1}).Run(ctx)
			return err
		}, "crowns of wally: 0 at the start, +0 by the journal, but there are 1"},
		{"taken", func(ctx context.Context, s *shop) error {
			_, err := s.stock.Update(dynamapper.Key("sword")).Add("left", -1).Run(ctx)
			return err
		}, "swords in stock: 100 at the start, +0 by the journal, but there are 99"},
		{"recorded", func(ctx context.Context, s *shop) error {
			return s.purchases.Save(ctx,
				&Purchase{ID: "a", Login: "wally", SKU: "crown", Price: 100})
		}, "coins of wally: 120 at the start, -100 by the journal, but there are 120; " +
			"crowns in stock: 1 at the start, -1 by the journal, but there are 1; crowns of " +
			"wally: 0 at the start, +1 by the journal, but there are 0"},
	} {
		t.Run(half.what, func(t *testing.T) {
			s := newTestStory(t)
			require.NoError(t, half.do(t.Context(), s.shop))
			_, err := s.shop.audit(t.Context(), []string{"a"})
			require.EqualError(t, err, "a purchase is half done: "+half.want)
		})
	}
}

func TestFinalAuditFindsAnUnknownRecord(t *testing.T) {
	t.Parallel()
	s := newTestStory(t)
	require.NoError(t, s.finalAudit(t.Context()))
	require.NoError(t, s.shop.purchases.Save(t.Context(), &Purchase{ID: "a"}))
	require.EqualError(t, s.finalAudit(t.Context()),
		"the journal has 1 records, but only 0 are of purchases that were sent")
}

func TestInterruptLeavesNoTable(t *testing.T) {
	t.Parallel()
	for _, interrupt := range []struct {
		at  string
		nth int64
	}{
		{"CreateTable", 2},
		{"PutItem", 1},
		{"TransactWriteItems", 2}, // the first purchase
		{"TransactWriteItems", 5}, // between a kill and the purchase sent again
		{"GetItem", 12},           // of an audit
	} {
		t.Run(interrupt.at+strconv.FormatInt(interrupt.nth, 10), func(t *testing.T) {
			stagetest.RequireNoTableAfterInterrupt(t, program(&settings{kills: 2}), interrupt.at,
				interrupt.nth)
		})
	}
}

func TestRun(t *testing.T) {
	printed := stagetest.RequireRun(t, program(&settings{}), "-kills", "1")
	require.Contains(t, printed, "Processes killed: 1.")
}

func TestRunFails(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	for _, failure := range []struct{ args, want string }{
		{"", `purchase: dynamapper: CreateTable: table "purchase-\w+-players": the endpoint ` +
			`http://127\.0\.0\.1:1 cannot be reached.*`},
		{"-kill 2", `purchase: flag provided but not defined: -kill; see -help`},
		{"-kills 0", `purchase: -kills is 0; give 1 to 60`},
		{"-kills 61", `purchase: -kills is 61; give 1 to 60`},
		{"2", `purchase: there is no argument "2"; see -help`},
	} {
		stagetest.RequireRefused(t, program(&settings{}), failure.args, failure.want)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	stagetest.RequireHelp(t, program(&settings{}), "number of buyers to kill, 1 to 60 (default 12)")
}

func TestCodeShownIsCodeRun(t *testing.T) {
	t.Parallel()
	stagetest.RequireShownCodeRuns(t, 9)
}
