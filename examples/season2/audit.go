package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

// indexWithin is how long the index may take until it has all players.
const indexWithin = time.Minute

// audit compares the table with the journal.
func (s *season) audit(ctx context.Context) error {
	s.Heading("6. The audit")
	old, now := s.journal.played()
	s.Say("Nobody plays any more. The journal has %d matches of release 1 and %d of release 2.",
		old, now)
	if s.journal.givenUp+len(s.journal.doubtful) > 0 {
		s.Say("%d matches more were not played, after too many conflicts, and of %d the outcome is "+
			"unknown.", s.journal.givenUp, len(s.journal.doubtful))
	}
	found, err := s.compare(ctx)
	if err != nil {
		return err
	}
	forms, err := s.oldForms(ctx)
	if err != nil {
		return err
	}
	expected := findings{players: s.settings.players}
	isRight := found == expected && len(forms) == 0
	inIndex, err := s.countIndex(ctx, isRight)
	if err != nil {
		return err
	}
	s.Table(
		[]any{"checked", "expected", "found"},
		[]any{"players", s.settings.players, found.players},
		[]any{"players in the index by-guild", s.settings.players, inIndex},
		[]any{"players in the old form", 0, len(forms)},
		[]any{"players who expire at a wrong time", 0, found.wrongExpiry},
		[]any{"players whose points are not those of their loot", 0, found.wrongPoints},
		[]any{"matches that are lost", 0, found.lost},
		[]any{"matches that nobody has played, or twice", 0, found.invented},
	)
	if !isRight || inIndex != s.settings.players {
		return errors.New("the audit has failed")
	}
	s.Say("\nNo update is lost, and every item has the new form.")
	return nil
}

// findings is what the audit has found in the table.
type findings struct{ players, wrongExpiry, wrongPoints, lost, invented int }

// compare compares each player with the journal.
func (s *season) compare(ctx context.Context) (findings, error) {
	var found findings
	for player, err := range s.players.Scan().Consistent().All(ctx) {
		if err != nil {
			return found, err
		}
		found.players++
		if !player.Expires.Equal(expiryOf(player.Seen)) {
			found.wrongExpiry++
		}
		points, stored := 0, map[string]int{}
		for _, find := range player.Loot {
			points += find.Points
			stored[find.Match]++
		}
		if player.Points != points {
			found.wrongPoints++
		}
		found.addMatches(stored, s.journal, player.Name)
	}
	return found, nil
}

// addMatches compares the matches of a player, with how often each is stored, with the journal.
func (f *findings) addMatches(stored map[string]int, j *journal, player string) {
	expected := map[string]bool{}
	for i := range findsBefore {
		expected[fmt.Sprintf("season1-%d", i)] = true
	}
	for _, find := range j.finds[player] {
		expected[find.Match] = true
	}
	for match := range expected {
		if stored[match] == 0 {
			f.lost++
		}
	}
	for match, times := range stored {
		if times > 1 || !expected[match] && !j.doubtful[match] {
			f.invented++
		}
	}
}

// countIndex returns how many players are in the index. If the table is right, the index has all of
// them soon: it follows its table with a delay.
func (s *season) countIndex(ctx context.Context, isRight bool) (n int, err error) {
	_, err = stage.Await(ctx, indexWithin, "the index does not have all players", func(
		ctx context.Context,
	) (bool, error) {
		n = 0
		for _, guild := range guilds {
			members, err := s.players.Query(guild).Index("by-guild").Count(ctx)
			if err != nil {
				return false, err
			}
			n += members
		}
		return n >= s.settings.players || !isRight, nil
	})
	return n, err
}
