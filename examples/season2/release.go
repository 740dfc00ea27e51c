package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/dynamapper/dynamapper"
)

const (
	writers    = 4                     // of each release
	matchEvery = 40 * time.Millisecond // of each writer
)

// release is a release of the game that runs: some programs in which players win matches.
type release struct {
	quit    chan struct{}
	once    sync.Once
	running sync.WaitGroup
	mu      sync.Mutex
	failed  error
}

// stop ends all programs of the release after their matches. A nil release has none.
func (r *release) stop() error {
	if r == nil {
		return nil
	}
	r.once.Do(func() { close(r.quit) })
	r.running.Wait()
	return r.failed
}

// fail keeps the first error.
func (r *release) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed == nil {
		r.failed = err
	}
}

// err returns why a program of the release has ended.
func (r *release) err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (s *season) stopAll() {
	for _, r := range s.release {
		_ = r.stop() // an error was returned before, or the run has failed anyway
	}
}

// start starts the programs of a release, number 1 or 2.
func start[T dynamapper.IsModel, P interface {
	*T
	winner
}](ctx context.Context, s *season, number int, table *dynamapper.Table[T]) {
	r := &release{quit: make(chan struct{})}
	s.release[number-1] = r
	for writer := range writers {
		r.running.Go(func() {
			random := rand.New(rand.NewPCG(uint64(number), uint64(writer)))
			ticks := time.NewTicker(matchEvery)
			defer ticks.Stop()
			for i := 0; ; i++ {
				select {
				case <-r.quit:
					return
				case <-ctx.Done():
					return
				case <-ticks.C:
				}
				find := Find{Match: fmt.Sprintf("r%d-%d-%d", number, writer, i),
					Thing: things[random.IntN(len(things))], Points: 1 + random.IntN(50)}
				name := nameOf(random.IntN(s.settings.players))
				_, err := table.Modify(ctx, dynamapper.Key(name), func(p *T) error {
					P(p).win(find, time.Now())
					return nil
				})
				if err := s.note(number, name, find, err); err != nil {
					r.fail(fmt.Errorf("release %d: %w", number, err))
					return
				}
			}
		})
	}
}

// note writes a match into the journal.
func (s *season) note(number int, name string, find Find, err error) error {
	s.journal.change(func() {
		switch j := s.journal; {
		case errors.Is(err, dynamapper.ErrUnknownOutcome):
			j.doubtful[find.Match] = true
		case errors.Is(err, dynamapper.ErrMaxRetriesExceeded):
			j.givenUp++
			err = nil
			return
		case err != nil:
			return
		default:
			j.finds[name] = append(j.finds[name], find)
			j.matches[number-1]++
		}
		err = nil
		if number == 1 && s.isAfter.Load() {
			s.journal.late[name] = true
		}
	})
	return err
}
