package main

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

const (
	batchSize    = 500
	settleWithin = time.Minute // the time limit for the index
)

// write writes the season in batches.
func (s *season) write(ctx context.Context) error {
	s.Heading("1. The season")
	s.Say("A score has a player, a guild, points, and the things that the player carried. The "+
		"table's key is the player. An index has\n"+
		"the scores of each guild in the order of their points, with only the keys. %d scores "+
		"are written, %d in each call:",
		s.settings.scores, batchSize)
	s.Code(
		`for batch := range slices.Chunk(all, batchSize) {`,
		`    if err := scores.BatchSave(ctx, batch); err != nil {`,
		`        ... // a *BatchError has the positions of the unwritten scores`,
	)
	used := s.Meter.Since()
	if err := s.saveAll(ctx, makeSeason(s.settings.scores)); err != nil {
		return err
	}
	total := used().Total()
	s.Table(
		[]any{"scores", "requests", "write units", "units a score"},
		[]any{total.Items, total.Requests, total.WriteUnits,
			perItem(total.WriteUnits, total.Items)},
	)
	s.Say("A score is written to the table and to the index, and both cost write units.")
	return s.settle(ctx, settleWithin)
}

func perItem(units float64, items int) string {
	return fmt.Sprintf("%.2f", units/float64(max(items, 1)))
}

func (s *season) saveAll(ctx context.Context, all []*Score) error {
	var written atomic.Int64
	stop := s.Watch(func() string {
		return fmt.Sprintf("written: %d of %d scores", written.Load(), len(all))
	})
	defer stop()
	scores := s.scores
	for batch := range slices.Chunk(all, batchSize) {
		if err := scores.BatchSave(ctx, batch); err != nil {
			return err
		}
		written.Add(int64(len(batch)))
	}
	return nil
}

// settle waits until the index has all scores, so that the following results do not depend on the
// time of the read.
func (s *season) settle(ctx context.Context, within time.Duration) error {
	looks, err := stage.Await(ctx, within, "the index does not have all scores", func(
		ctx context.Context,
	) (bool, error) {
		n, err := s.scores.Scan().Index("by-guild").Count(ctx)
		return n == s.settings.scores, err
	})
	if err == nil {
		s.Say("A global index follows its table with a delay. Checks until it had all %d: %d.",
			s.settings.scores, looks)
	}
	return err
}
