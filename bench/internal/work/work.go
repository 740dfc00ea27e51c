package work

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// The contenders.
const (
	Dynamapper     = "dynamapper"
	SDK            = "SDK alone"      // only maps
	AttributeValue = "attributevalue" // the SDK with its own mapper
	Guregu         = "guregu"
	ByHand         = "by hand" // code written for the one type
)

// Work is a task that all contenders do.
type Work struct {
	Name       string
	Items      int // the number of items in one run
	Goroutines int // the number of concurrent runs
	Contenders []Contender
}

// Contender is one way to do a work. Open makes its client, and everything else that is made once.
type Contender struct {
	Name string
	Open func() (Operation, error)
}

// Operation is a contender that is ready to run.
type Operation interface {
	// Run does the work once.
	Run(context.Context) error
	// Check does the work once, and checks the whole result.
	Check(context.Context) error
}

// Contender returns the contender of the name.
func (w Work) Contender(name string) (Contender, bool) {
	i := slices.IndexFunc(w.Contenders, func(c Contender) bool { return c.Name == name })
	if i < 0 {
		return Contender{}, false
	}
	return w.Contenders[i], true
}

// Repeat runs an operation the given number of times, spread over the work's goroutines.
func (w Work) Repeat(ctx context.Context, operation Operation, times int) error {
	if w.Goroutines <= 1 {
		return repeat(ctx, operation, times)
	}
	var left atomic.Int64
	left.Store(int64(times))
	failed := make([]error, w.Goroutines)
	var running sync.WaitGroup
	for i := range w.Goroutines {
		running.Go(func() {
			for left.Add(-1) >= 0 && failed[i] == nil {
				failed[i] = operation.Run(ctx)
			}
		})
	}
	running.Wait()
	return errors.Join(failed...)
}

func repeat(ctx context.Context, operation Operation, times int) error {
	for range times {
		if err := operation.Run(ctx); err != nil {
			return err
		}
	}
	return nil
}

// steps is an operation with a result of type R.
type steps[R any] struct {
	run   func(context.Context) (R, error)
	check func(R) error
}

func (s steps[R]) Run(ctx context.Context) error {
	_, err := s.run(ctx)
	return err
}

func (s steps[R]) Check(ctx context.Context) error {
	result, err := s.run(ctx)
	if err != nil {
		return err
	}
	return s.check(result)
}

// errWrong is the error of a contender with a wrong result.
func errWrong(format string, args ...any) error {
	return fmt.Errorf("wrong result: "+format, args...)
}
