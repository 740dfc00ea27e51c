package main

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

var (
	guilds      = []string{"amber", "blue", "coral", "green", "red", "silver", "violet", "white"}
	things      = []string{"amulet", "bow", "chest", "dagger"}
	seasonBegan = time.Now().Add(-90 * 24 * time.Hour).Truncate(time.Second)
)

const (
	findsBefore   = 2 // of each player, in the first season
	pointsOfAFind = 25

	// story makes an item as large as that of a game, so that one request does not read the table.
	story = "came from the hills in the year of the long winter, lost a horse and two wagers on " +
		"the way, and was seen in the tavern of the harbour on the evening before the first season " +
		"began, in good spirits and without a coin"
)

func nameOf(player int) string { return fmt.Sprintf("player-%06d", player) }

// makePlayer makes a player at the end of the first season, the same in every run.
func makePlayer(n int) *OldPlayer {
	p := &OldPlayer{Name: nameOf(n), Guild: guilds[n%len(guilds)], Story: story}
	for i := range findsBefore {
		find := Find{Match: fmt.Sprintf("season1-%d", i), Thing: things[(n+i)%len(things)],
			Points: pointsOfAFind}
		p.win(find, seasonBegan.Add(time.Duration(n+i)*time.Minute))
	}
	return p
}

// begin writes the players of the first season, and starts release 1.
func (s *season) begin(ctx context.Context) error {
	s.Heading("1. The first season")
	all := make([]*OldPlayer, s.settings.players)
	for i := range all {
		all[i] = makePlayer(i)
	}
	if err := s.saveAll(ctx, all); err != nil {
		return err
	}
	start(ctx, s, 1, s.olds)
	s.Say("The table has %d players. Their points are in pts, and their loot is JSON.", len(all))
	s.Say("%d programs of release 1 write matches. They know the new form, too, but write the old "+
		"one.", writers)
	return nil
}

const batchSize = 1000

func (s *season) saveAll(ctx context.Context, all []*OldPlayer) error {
	var written atomic.Int64
	stop := s.Watch(func() string {
		return fmt.Sprintf("written: %6d of %d players", written.Load(), len(all))
	})
	defer stop()
	for batch := range slices.Chunk(all, batchSize) {
		if err := s.olds.BatchSave(ctx, batch); err != nil {
			return err
		}
		written.Add(int64(len(batch)))
	}
	return nil
}
