package migrate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// size returns how many items a test has: DYNAMAPPER_TEST_ITEMS, or fewer.
func size(t *testing.T, usual int) int {
	t.Helper()
	text := os.Getenv("DYNAMAPPER_TEST_ITEMS")
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}

// oldWallet is how the old program stores a wallet.
type oldWallet struct {
	dynamapper.Model `dynamo:"wallets"`
	ID               int      `dynamo:"id,hash"`
	Coins            int      `dynamo:"coins"`
	Last             []string `dynamo:"last"`
}

// newWallet is how the new program stores it.
type newWallet struct {
	dynamapper.Model `dynamo:"wallets"`
	ID               int      `dynamo:"id,hash"`
	Coins            int      `dynamo:"coins"`
	Last             []string `dynamo:"last,document"`
}

// edit adds a coin, and notes who did. The note is in the form of the writer.
func (w *oldWallet) edit(who string) { w.Coins, w.Last = w.Coins+1, []string{who} }
func (w *newWallet) edit(who string) { w.Coins, w.Last = w.Coins+1, []string{who} }

type editable interface{ edit(who string) }

// ledger counts the edits of each wallet that were reported as done.
type ledger []atomic.Int64

// pace lets the writers make about as many edits as the migration makes, so that both last as long.
type pace struct {
	mu              sync.Mutex
	changed         sync.Cond
	edits, migrated int
	isOver          bool
}

// advance is how many edits the writers may be ahead.
const advance = 1000

func (p *pace) observe(_ context.Context, o dynamapper.Operation) {
	if o.Name == "UpdateItem" {
		p.change(func() { p.migrated++ })
	}
}

func (p *pace) change(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	p.changed.Broadcast()
}

// goOn waits for the turn of a writer, and reports whether the migration is still running.
func (p *pace) goOn() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.edits > p.migrated+advance && !p.isOver {
		p.changed.Wait()
	}
	p.edits++
	return !p.isOver
}

// work edits wallets until it is told to stop. pick chooses the next wallet.
func work[T dynamapper.IsModel](
	ctx context.Context, t *testing.T, table *dynamapper.Table[T], who string, done ledger,
	pick func() int, goOn func() bool,
) {
	for goOn() {
		id := pick()
		_, err := table.Modify(ctx, dynamapper.Key(id), func(item *T) error {
			any(item).(editable).edit(who)
			return nil
		})
		if errors.Is(err, dynamapper.ErrMaxRetriesExceeded) {
			continue
		}
		if err != nil {
			t.Error(err)
			return
		}
		done[id].Add(1)
	}
}

const programs = 8 // of the old kind, and of the new kind

// played is a table whose wallets old and new programs edit.
type played struct {
	old     *dynamapper.Table[oldWallet]
	wallets *dynamapper.Table[newWallet]
	done    ledger
	writers *pace
	group   sync.WaitGroup
}

// play makes a table of wallets in the old form, and lets eight old and eight new programs edit
// them. The old programs leave the even wallets alone.
func play(t *testing.T, items int) *played {
	t.Helper()
	fixtures.SteadyEngine(t)
	mapper := fixtures.Mapper(t)
	p := &played{old: fixtures.TableIn[oldWallet](t, mapper), done: make(ledger, items),
		writers: &pace{}}
	p.writers.changed.L = &p.writers.mu
	var err error
	p.wallets, err = dynamapper.TableOf[newWallet](mapper)
	require.NoError(t, err)
	all := make([]*oldWallet, items)
	for id := range all {
		all[id] = &oldWallet{ID: id, Last: []string{"old 0"}}
	}
	fixtures.PutMany(t, p.old, all)
	for i := range programs {
		source := rand.New(rand.NewPCG(uint64(i), 1))
		p.group.Go(func() {
			work(t.Context(), t, p.old, fmt.Sprint("old ", i), p.done,
				func() int { return source.IntN(items/2)*2 + 1 }, p.writers.goOn)
		})
		sourceOfNew := rand.New(rand.NewPCG(uint64(i), 2))
		p.group.Go(func() {
			work(t.Context(), t, p.wallets, fmt.Sprint("new ", i), p.done,
				func() int { return sourceOfNew.IntN(items) }, p.writers.goOn)
		})
	}
	return p
}

// end ends the programs. No edit is lost, and a second run of the migration finds what the old
// programs have written behind the first.
func (p *played) end(t *testing.T) {
	t.Helper()
	p.stop()
	remaining := requireLedger(t, p.wallets, p.done, true)
	report, err := p.wallets.Migrate(t.Context(), dynamapper.Segments(8))
	require.NoError(t, err)
	require.Equal(t, remaining, report.Changed, "a second run finds what was written since")
	t.Log(report)
	require.Zero(t, requireLedger(t, p.wallets, p.done, false))
}

func (p *played) stop() {
	p.writers.change(func() { p.writers.isOver = true })
	p.group.Wait()
}

// Eight old and eight new programs write while the table is migrated. No edit is lost. At the end
// only items are in the old form that an old program wrote last, and none to which the old programs
// did not write during the migration; a second run finds those.
func TestNoEditIsLost(t *testing.T) {
	t.Parallel()
	items := size(t, 600)
	p := play(t, items)
	defer p.stop()
	migrating, err := dynamapper.TableOf[newWallet](
		dynamotest.Mapper(t, dynamapper.WithObserver(p.writers.observe)),
		dynamapper.WithTableName(p.wallets.Name()))
	require.NoError(t, err)
	report, err := migrating.Migrate(t.Context(), dynamapper.Segments(8))
	require.NoError(t, err)
	require.Equal(t, items, report.Seen)
	p.end(t)
	t.Log(report, "beside", p.writers.edits, "edits")
}

// The same holds if the migration is killed at 20 random moments: no further request of it arrives,
// its checkpoint is not given up, and another run continues when the lease has expired.
func TestNoEditIsLostByKilledRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const kills = 20
		items := size(t, 600)
		p := play(t, items)
		defer p.stop()
		store := &memory{}
		source := rand.New(rand.NewPCG(1, 2))
		for killed := 0; ; killed++ {
			// The writers bring most items into the new form themselves. All killed runs together
			// send fewer requests than the others need, so that each is killed.
			last := int64(source.IntN(items/200 + 1))
			if killed == kills {
				last = math.MaxInt64
			}
			report, err := p.migrateUntil(t, store, last)
			if err == nil {
				require.Equal(t, kills, killed)
				require.Equal(t, items, report.Seen)
				t.Log(report)
				break
			}
			time.Sleep(time.Minute) // the lease; the writers wait, too
		}
		p.end(t)
		t.Log("beside", p.writers.edits, "edits")
	})
}

// migrateUntil migrates until a number of requests has arrived. Then the program is killed.
func (p *played) migrateUntil(
	t *testing.T, store *memory, last int64,
) (dynamapper.MigrateReport, error) {
	t.Helper()
	kill, isKilled := context.WithCancel(t.Context())
	defer isKilled()
	var dead atomic.Bool
	var requests atomic.Int64
	mortal := func(int) dynamotest.Fault {
		return func(_ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
			if requests.Add(1) > last {
				dead.Store(true)
				isKilled()
			}
			if dead.Load() {
				return nil, errors.New("killed")
			}
			p.writers.change(func() { p.writers.migrated++ })
			return send()
		}
	}
	line := dynamotest.NewFaults()
	line.Each("UpdateItem", mortal)
	line.Each("Scan", mortal)
	mapper, err := dynamapper.Connect(t.Context(),
		dynamapper.WithConfig(fixtures.LineConfig(t, line)))
	require.NoError(t, err)
	migrating, err := dynamapper.TableOf[newWallet](mapper,
		dynamapper.WithTableName(p.wallets.Name()))
	require.NoError(t, err)
	return migrating.Migrate(kill, dynamapper.Segments(8),
		dynamapper.Checkpoints(&killedStore{memory: store, dead: &dead}))
}

// requireLedger requires that each wallet has the coins of all its edits. It returns how many are
// in the old form.
func requireLedger(
	t *testing.T, wallets *dynamapper.Table[newWallet], done ledger, mayBeOld bool,
) (old int) {
	t.Helper()
	count := 0
	for wallet, err := range wallets.Scan().Consistent().All(t.Context()) {
		require.NoError(t, err)
		count++
		if int64(wallet.Coins) != done[wallet.ID].Load() {
			t.Errorf("wallet %d has %d coins after %d edits", wallet.ID, wallet.Coins,
				done[wallet.ID].Load())
		}
		if _, isOld := wallets.Snapshot(wallet)["last"].(*types.AttributeValueMemberS); isOld {
			old++
			if !mayBeOld || wallet.ID%2 == 0 || wallet.Last[0] == "old 0" && wallet.Coins == 0 ||
				wallet.Last[0][:3] != "old" {
				t.Errorf("wallet %d, last written by %q, is in the old form", wallet.ID,
					wallet.Last[0])
			}
		}
	}
	require.Equal(t, len(done), count)
	return old
}

// endless is a table of very many items that no memory holds: each page is made when it is read.
type endless struct {
	dynamapper.Client
	items  int
	writes atomic.Int64
}

const endlessPage = 1000

func (e *endless) Scan(
	_ context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options),
) (*dynamodb.ScanOutput, error) {
	next := int(aws.ToInt32(in.Segment))
	if start := in.ExclusiveStartKey["id"]; start != nil {
		last, err := strconv.Atoi(textOf(start))
		if err != nil {
			return nil, err
		}
		next = last + int(aws.ToInt32(in.TotalSegments))
	}
	out := &dynamodb.ScanOutput{}
	for ; next < e.items && len(out.Items) < endlessPage; next += int(aws.ToInt32(in.TotalSegments)) {
		form := text(`["a", "b"]`)
		if next%10 != 0 {
			form = list(text("a"), text("b"))
		}
		out.Items = append(out.Items, attributes{"id": number(strconv.Itoa(next)),
			"coins": number("5"), "last": form})
	}
	if len(out.Items) == endlessPage {
		out.LastEvaluatedKey = attributes{"id": out.Items[endlessPage-1]["id"]}
	}
	return out, nil
}

func (e *endless) UpdateItem(
	context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options),
) (*dynamodb.UpdateItemOutput, error) {
	e.writes.Add(1)
	return &dynamodb.UpdateItemOutput{}, nil
}

// heap returns the bytes in use after a garbage collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// The memory of a migration does not grow with the table. The test is not parallel, because it
// measures the memory of the process.
func TestTheMemoryIsFlat(t *testing.T) {
	items := size(t, 24_000)
	table := &endless{items: items}
	m, err := dynamapper.New(table)
	require.NoError(t, err)
	wallets, err := dynamapper.TableOf[newWallet](m)
	require.NoError(t, err)
	pages, first, most := 0, uint64(0), uint64(0)
	report, err := wallets.Migrate(t.Context(), dynamapper.Segments(8),
		dynamapper.Checkpoints(&memory{}),
		dynamapper.OnProgress(func(dynamapper.MigrateReport) {
			pages++
			if pages%max(1, items/endlessPage/20) != 0 {
				return
			}
			if now := heap(); first == 0 {
				first = now
			} else {
				most = max(most, now)
			}
		}))
	require.NoError(t, err)
	require.Equal(t, items, report.Seen)
	require.EqualValues(t, items/10, table.writes.Load())
	t.Logf("%d items: %.1f MB after the first pages, never more than %.1f MB; %v", items,
		float64(first)/1e6, float64(most)/1e6, report)
	require.Less(t, most, first+16<<20)
}
