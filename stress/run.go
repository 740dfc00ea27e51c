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

// A bankRunner opens a bank, runs its workers, and checks the result.
type bankRunner func(
	ctx context.Context, name string, workers int, random *mathrand.Rand, count func(operation),
) error

// tables are the tables of one run.
type tables struct {
	good, lossy *dynamapper.Mapper
	books       books
	runners     []bankRunner // one for each kind of account
	drops       map[string]func(context.Context) error
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
	t := &tables{good: good, lossy: lossy, drops: map[string]func(context.Context) error{}}
	if report.settings.entities {
		return t, t.openEntities(ctx)
	}
	return t, t.openKinds(ctx)
}

// openKinds opens a table for each kind of account, one for the journal and one for the tickets.
func (t *tables) openKinds(ctx context.Context) error {
	b := &tableBooks{}
	t.books = b
	return errors.Join(openDesk[Plain](ctx, t), openDesk[Counted](ctx, t),
		openDesk[Tokened](ctx, t), open(ctx, t, &b.entries), open(ctx, t, &b.slips))
}

// openEntities opens one table for all. The accounts come first, because only they have an index.
func (t *tables) openEntities(ctx context.Context) error {
	b := &entityBooks{mapper: t.lossy}
	t.books = b
	return errors.Join(openDesk[PlainEntity](ctx, t), openDesk[CountedEntity](ctx, t),
		openDesk[TokenedEntity](ctx, t), open(ctx, t, &b.entries), open(ctx, t, &b.counters),
		open(ctx, t, &b.slips))
}

// openDesk opens the table of one kind of account.
func openDesk[T dynamapper.IsModel, A account[T]](ctx context.Context, t *tables) error {
	d := &desk[T, A]{mapper: t.lossy, books: t.books}
	t.runners = append(t.runners, d.runBank)
	return open(ctx, t, &d.pair)
}

// open opens a table, and creates it if it is missing.
func open[T dynamapper.IsModel](ctx context.Context, t *tables, p *pair[T]) (err error) {
	if p.good, err = dynamapper.TableOf[T](t.good); err != nil {
		return err
	}
	if p.lossy, err = dynamapper.TableOf[T](t.lossy); err != nil {
		return err
	}
	t.drops[p.good.Name()] = p.good.DeleteTable
	return p.good.EnsureTable(ctx)
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
			runBank := t.runners[n%len(t.runners)]
			err := runBank(ctx, name, s.workers, random, report.count)
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
	found, err := t.books.tickets(ctx)
	if err != nil {
		return err
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
