package attack

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// Ledger has a mark of every applied payment.
type Ledger struct {
	dynamapper.Model `dynamo:"ledgers"`
	Page
}

// TokenedLedger also has a string version.
type TokenedLedger struct {
	dynamapper.Model `dynamo:"tokenedledgers"`
	Page
	Version string `dynamo:"version,version"`
}

// Page holds the common fields of all ledgers.
type Page struct {
	ID      string   `dynamo:"id,hash"`
	Balance int      `dynamo:"balance"`
	Marks   []string `dynamo:"marks,set"`
}

func (p *Page) page() *Page { return p }

type ledger[T any] interface {
	*T
	page() *Page
}

// payment is a call and the result that its caller got.
type payment struct {
	mark   string
	amount int
	told   told
	err    error
	late   time.Duration // the time between its deadline and its return
}

// scene is a set of programs that pay from the same ledgers, with deadlines, on a faulty line.
type scene[T dynamapper.IsModel, L ledger[T]] struct {
	line   *dynamotest.Faults
	mapper *dynamapper.Mapper
	table  *dynamapper.Table[T]
	good   *dynamapper.Table[T]
	seed   uint64
	sender sender
	watch  *watch

	mu       sync.Mutex
	payments []payment
}

// No payment is applied twice or lost, and every call returns by its deadline. The clock of the
// bubble takes no real time.
func TestClock(t *testing.T) {
	t.Parallel()
	for _, by := range senders(t) {
		t.Run(string(by), func(t *testing.T) { testClock(t, by) })
	}
}

func testClock(t *testing.T, by sender) {
	n := size(50)
	if n == 0 {
		n = 5000
	}
	start, count := time.Now(), map[told]int{}
	requests, passed := 0, time.Duration(0)
	for round := range n {
		var payments []payment
		synctest.Test(t, func(t *testing.T) {
			began, sent := time.Now(), 0
			if seed := *seedFlag + uint64(round); round%2 == 0 {
				payments, sent = runScene[Ledger](t, seed, by)
			} else {
				payments, sent = runScene[TokenedLedger](t, seed, by)
			}
			requests, passed = requests+sent, passed+time.Since(began)
		})
		for _, p := range payments {
			count[p.told]++
		}
	}
	t.Logf("%d scenes, %d requests, %v on the clock in %v, seed %d: "+
		"%d payments done, %d refused, %d failed, %d unknown.",
		n, requests, passed.Round(time.Second), time.Since(start).Round(time.Millisecond),
		*seedFlag,
		count[done], count[refused], count[failed], count[unknown])
}

func runScene[T dynamapper.IsModel, L ledger[T]](
	t *testing.T, seed uint64, by sender,
) (payments []payment, sent int) {
	s := openScene[T, L](t, seed, by)
	past := s.watch.count()
	var working sync.WaitGroup
	for worker := range 3 {
		random := rand.New(rand.NewPCG(seed, uint64(worker)+1))
		working.Go(func() {
			for n := range 5 {
				s.pay(t.Context(), fmt.Sprintf("%d.%d", worker, n), random)
			}
		})
	}
	working.Wait()
	sent = s.line.Sent("")
	s.line.Clear()
	s.checkSender(t, past)
	s.check(t)
	return s.payments, sent
}

// checkSender checks that all requests were sent by the scene's sender. A request whose context has
// ended before is not sent at all.
func (s *scene[T, L]) checkSender(t *testing.T, past int) {
	for _, o := range s.watch.since(past) {
		unsent := errors.Is(o.Err, context.DeadlineExceeded) && !o.OwnPipeline
		if err := s.sender.check(o); err != nil && !unsent {
			t.Errorf("seed %d: %v: %v", s.seed, err, o.Err)
		}
	}
}

// openScene creates the ledgers and the faulty line.
func openScene[T dynamapper.IsModel, L ledger[T]](
	t *testing.T, seed uint64, by sender,
) *scene[T, L] {
	server := dynamotest.RunEngine(t)
	s := &scene[T, L]{line: dynamotest.NewFaults(), seed: seed, sender: by, watch: &watch{}}
	s.mapper = dynamotest.Mapper(t, append(by.options(s.watch),
		dynamapper.WithConfig(s.line.Through(server.Config())))...)
	if err := warmUp(t.Context(), s.mapper, s.watch); err != nil {
		t.Fatal(err)
	}
	var err error
	if s.table, err = dynamapper.TableOf[T](s.mapper); err == nil {
		s.good, err = dynamapper.TableOf[T](dynamotest.Mapper(t))
	}
	if err == nil {
		err = s.good.CreateTable(t.Context())
	}
	for _, id := range []string{"a", "b"} {
		item := new(T)
		*L(item).page() = Page{ID: id}
		if err == nil {
			err = s.good.Save(t.Context(), item)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	s.breakLine(rand.New(rand.NewPCG(seed, 9)))
	return s
}

// breakLine makes a third of the requests fail.
func (s *scene[T, L]) breakLine(random *rand.Rand) {
	ways := []dynamotest.Fault{
		dynamotest.Lose(), dynamotest.Drop(), dynamotest.Cut(), dynamotest.Corrupt(),
		dynamotest.Fail(), dynamotest.Refuse(400, "ThrottlingException"),
		dynamotest.Refuse(503, "ServiceUnavailable"), dynamotest.Silence(nil),
		dynamotest.Silence(dynamotest.Drop()),
	}
	s.line.Each("", func(int) dynamotest.Fault {
		switch n := random.IntN(40); {
		case n < len(ways):
			return ways[n]
		case n < len(ways)+6:
			return dynamotest.Delay(time.Duration(random.IntN(3000)) * time.Millisecond)
		}
		return nil
	})
}

// pay makes one call with a deadline.
func (s *scene[T, L]) pay(ctx context.Context, mark string, random *rand.Rand) {
	within := time.Duration(1+random.IntN(20_000)) * time.Millisecond
	p := payment{mark: mark, amount: 1 + random.IntN(100)}
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	switch random.IntN(5) {
	case 0:
		p.err = s.modify(ctx, &p)
	case 1:
		p.err = s.modify(ctx, &p, dynamapper.Idempotent())
	case 2:
		p.err = s.transfer(ctx, &p)
	case 3:
		_, p.err = s.update(&p).Run(ctx)
	case 4:
		_, p.err = s.update(&p).Idempotent().Run(ctx)
	}
	p.told = hear(p.err)
	p.late = max(0, time.Since(start)-within)
	s.mu.Lock()
	s.payments = append(s.payments, p)
	s.mu.Unlock()
	time.Sleep(time.Duration(random.IntN(500)) * time.Millisecond)
}

// add adds a payment to a ledger.
func (p *payment) add(page *Page, amount int) {
	page.Balance += amount
	page.Marks = append(page.Marks, p.mark)
}

func (s *scene[T, L]) modify(
	ctx context.Context, p *payment, options ...dynamapper.ModifyOption,
) error {
	_, err := s.table.Modify(ctx, dynamapper.Key("a"), func(item *T) error {
		p.add(L(item).page(), p.amount)
		return nil
	}, options...)
	return err
}

func (s *scene[T, L]) update(p *payment) *dynamapper.Update[T] {
	return s.table.Update(dynamapper.Key("a")).
		Add("balance", p.amount).AddToSet("marks", p.mark).MustExist()
}

// transfer takes an amount from b and gives it to a.
func (s *scene[T, L]) transfer(ctx context.Context, p *payment) error {
	return s.mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		accounts := s.table.In(tx)
		to, err := accounts.Get(ctx, dynamapper.Key("a"))
		if err != nil {
			return err
		}
		from, err := accounts.Get(ctx, dynamapper.Key("b"))
		if err != nil {
			return err
		}
		p.add(L(to).page(), p.amount)
		p.add(L(from).page(), -p.amount)
		accounts.Save(to)
		accounts.Save(from)
		return nil
	})
}

// check compares the ledgers with the results that the callers got.
func (s *scene[T, L]) check(t *testing.T) {
	pages := map[string]*Page{}
	for item, err := range s.good.Scan().Consistent().All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		pages[L(item).page().ID] = L(item).page()
	}
	a, b := pages["a"], pages["b"]
	sumA, sumB := 0, 0
	for _, p := range s.payments {
		applied := slices.Contains(a.Marks, p.mark)
		if applied {
			sumA += p.amount
		}
		if slices.Contains(b.Marks, p.mark) {
			sumB -= p.amount
		}
		if problem := p.judge(applied); problem != nil {
			t.Errorf("seed %d, payment %s: %v: %v", s.seed, p.mark, problem, p.err)
		}
	}
	if a.Balance != sumA || b.Balance != sumB {
		t.Errorf("seed %d: the balances are %d and %d, but the payments add up to %d and %d",
			s.seed, a.Balance, b.Balance, sumA, sumB)
	}
}

// judge returns an error if the result is wrong.
func (p *payment) judge(applied bool) error {
	switch {
	case p.told == done && !applied:
		return errors.New(string(toldApplied))
	case (p.told == failed || p.told == refused) && applied:
		return errors.New(string(toldRefused))
	case p.told == refused:
		return errors.New(string(falseReason))
	case p.late > 0:
		return fmt.Errorf("returned %v after its deadline", p.late)
	}
	return nil
}
