package main

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// deleteWithin is how long the table's deletion may take at the end, when nobody may be waiting any more.
const deleteWithin = time.Minute

// story is what the scenes share.
type story struct {
	*printer
	settings settings
	players  *dynamapper.Table[Player]
	requests requestCounter
}

// tellStory makes the table, plays the scenes, and deletes the table, whatever happened.
func tellStory(ctx context.Context, connect connect, settings settings, p *printer) (err error) {
	s := &story{printer: p, settings: settings}
	mapper, err := connect(ctx, dynamapper.WithTablePrefix(newPrefix()), dynamapper.WithObserver(s.requests.observe))
	if err != nil {
		return err
	}
	s.players, err = dynamapper.TableOf[Player](mapper)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.createTable(ctx); err != nil {
		_ = s.deleteTable(ctx) // perhaps it is there, and only the answer was lost
		return err
	}
	defer func() { err = errors.Join(err, s.deleteTable(ctx)) }()
	return s.play(ctx)
}

// newPrefix keeps the tables of one run apart from all others.
func newPrefix() string {
	return "virtualcoins-" + strings.ToLower(rand.Text()[:10]) + "-"
}

// createTable is not interrupted half way: a creation that was given up may still happen, after the deletion.
func (s *story) createTable(ctx context.Context) error {
	s.say("Its table is %s; it is deleted at the end.", s.players.Name())
	return s.players.CreateTable(context.WithoutCancel(ctx), dynamapper.WaitActive())
}

// deleteTable deletes the table also when ctx has ended. One that was never created is fine.
func (s *story) deleteTable(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deleteWithin)
	defer cancel()
	err := s.players.DeleteTable(ctx)
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		return nil
	}
	if err != nil {
		return err
	}
	s.say("\nThe table is deleted.")
	return nil
}

// play plays the scenes in their order.
func (s *story) play(ctx context.Context) error {
	for _, scene := range []func(context.Context) error{
		s.lostUpdate, s.refusedPurchase, s.race, s.refusedOverwrite, s.editedKey, s.deletionByKey, s.move,
	} {
		if err := scene(ctx); err != nil {
			return err
		}
		if s.err != nil {
			return s.err
		}
	}
	return nil
}

// requestCounter counts the requests that were sent.
type requestCounter struct{ sent atomic.Int64 }

func (c *requestCounter) observe(_ context.Context, operation dynamapper.Operation) {
	c.sent.Add(int64(operation.Attempts))
}

// since begins to count; the function it returns gives the number of requests sent since.
func (c *requestCounter) since() func() int64 {
	before := c.sent.Load()
	return func() int64 { return c.sent.Load() - before }
}
