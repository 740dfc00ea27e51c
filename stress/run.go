package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// banksAtOnce is the number of banks that are open at a time.
const banksAtOnce = 4

// run opens banks until all operations are done.
func run(ctx context.Context, s settings, out io.Writer) (err error) {
	server, err := dynamotest.Start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	line := dynamotest.NewFaults()
	report := newReport(s, out)
	tables, err := openTables(ctx, server, line, report)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tables.drop(context.WithoutCancel(ctx))) }()
	breakLine(line, s)
	if err := tables.runBanks(ctx, s, report); err != nil {
		return err
	}
	line.Clear()
	if err := tables.checkTickets(ctx, report); err != nil {
		return err
	}
	return report.print()
}

// breakLine makes a share of the requests fail in every way.
func breakLine(line *dynamotest.Faults, s settings) {
	random := mathrand.New(mathrand.NewPCG(s.seed, 1))
	ways := []dynamotest.Fault{
		dynamotest.Lose(), dynamotest.Lose(), dynamotest.Lose(), dynamotest.Fail(),
		dynamotest.Cut(), dynamotest.Corrupt(), dynamotest.Drop(),
	}
	line.Each("", func(int) dynamotest.Fault {
		if random.Float64() >= s.loss {
			return nil
		}
		return ways[random.IntN(len(ways))]
	})
}

// tables are the tables of one run.
type tables struct {
	plain   desk[Plain, *Plain]
	counted desk[Counted, *Counted]
	tokened desk[Tokened, *Tokened]
	shared
	drops []func(context.Context) error
}

func openTables(
	ctx context.Context, server *dynamotest.Server, line *dynamotest.Faults, report *report,
) (*tables, error) {
	prefix := dynamapper.WithTablePrefix("stress-" + strings.ToLower(rand.Text()[:10]) + "-")
	good, err := server.Mapper(ctx, prefix)
	if err != nil {
		return nil, err
	}
	cfg := line.Config(server)
	// On such a faulty line, the SDK's own retry budget would soon be used up, and nothing would be
	// retried.
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.RateLimiter, o.MaxBackoff = ratelimit.None, 20*time.Millisecond
		})
	}
	options := []dynamapper.Option{dynamapper.WithConfig(cfg), prefix,
		dynamapper.WithObserver(report.observe)}
	if report.settings.by == bySDK {
		options = append(options, dynamapper.WithSDKPipeline())
	}
	lossy, err := dynamapper.Connect(ctx, options...)
	if err != nil {
		return nil, err
	}
	t := &tables{}
	return t, errors.Join(
		open(ctx, t, good, lossy, &t.plain), open(ctx, t, good, lossy, &t.counted),
		open(ctx, t, good, lossy, &t.tokened),
		t.openShared(ctx, good, lossy),
	)
}

// open creates the table of one kind of account.
func open[T dynamapper.IsModel, A account[T]](
	ctx context.Context, t *tables, good, lossy *dynamapper.Mapper,
	d *desk[T, A]) (err error,
) {
	if d.good, err = dynamapper.TableOf[T](good); err != nil {
		return err
	}
	if d.lossy, err = dynamapper.TableOf[T](lossy); err != nil {
		return err
	}
	d.mapper = lossy
	t.drops = append(t.drops, d.good.DeleteTable)
	return d.good.CreateTable(ctx, dynamapper.WaitActive())
}

// openShared creates the tables that all kinds of accounts use.
func (t *tables) openShared(ctx context.Context, good, lossy *dynamapper.Mapper) (err error) {
	t.plain.shared, t.counted.shared, t.tokened.shared = &t.shared, &t.shared, &t.shared
	if t.journal, err = dynamapper.TableOf[Entry](lossy); err != nil {
		return err
	}
	if t.goodJournal, err = dynamapper.TableOf[Entry](good); err != nil {
		return err
	}
	if t.tickets, err = dynamapper.TableOf[Ticket](lossy); err != nil {
		return err
	}
	if t.goodTickets, err = dynamapper.TableOf[Ticket](good); err != nil {
		return err
	}
	t.drops = append(t.drops, t.goodJournal.DeleteTable, t.goodTickets.DeleteTable)
	return errors.Join(t.goodJournal.CreateTable(ctx, dynamapper.WaitActive()),
		t.goodTickets.CreateTable(ctx))
}

func (t *tables) drop(ctx context.Context) error {
	var errs []error
	for _, drop := range t.drops {
		errs = append(errs, drop(ctx))
	}
	return errors.Join(errs...)
}

// runBanks runs banks of each kind in turn, several at once. The first faulty one ends the run.
func (t *tables) runBanks(ctx context.Context, s settings, report *report) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stop := report.watch()
	defer stop()
	free := make(chan struct{}, banksAtOnce)
	var running sync.WaitGroup
	for n := range (s.ops + bankSize - 1) / bankSize {
		free <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		running.Go(func() {
			defer func() { <-free }()
			random := mathrand.New(mathrand.NewPCG(s.seed, uint64(n)+2))
			name := fmt.Sprintf("bank%d", n)
			var err error
			switch n % 3 {
			case 0:
				err = t.plain.runBank(ctx, name, s.workers, random, report.count)
			case 1:
				err = t.counted.runBank(ctx, name, s.workers, random, report.count)
			default:
				err = t.tokened.runBank(ctx, name, s.workers, random, report.count)
			}
			if err != nil {
				cancel(err)
			}
			report.banks.Add(1)
		})
	}
	running.Wait()
	return context.Cause(ctx)
}

// checkTickets compares the ids with the results that the callers got: no ticket is stored twice,
// lost, or stored although it was refused.
func (t *tables) checkTickets(ctx context.Context, report *report) error {
	found := map[string]int64{}
	for ticket, err := range t.goodTickets.Scan().Consistent().All(ctx) {
		if err != nil {
			return err
		}
		if twin, twice := found[ticket.Operation]; twice {
			return fmt.Errorf("the ticket of %s was saved twice, with the ids %d and %d",
				ticket.Operation, twin, ticket.ID)
		}
		found[ticket.Operation] = ticket.ID
	}
	for _, op := range report.tickets {
		_, saved := found[op.mark]
		if saved && op.outcome == failed || !saved && op.outcome == done {
			return fmt.Errorf("the ticket of %s: saved is %v, but the caller got another result",
				op.mark, saved)
		}
	}
	return nil
}
