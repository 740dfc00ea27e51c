package main

import "context"

// topTen reads the best scores of a guild.
func (s *season) topTen(ctx context.Context) error {
	s.Heading("2. The top ten of a guild")
	s.Say("The query reads the red scores of the index, from the highest points down:")
	s.Code(`top, err := scores.Query("red").Index("by-guild").Reverse().Limit(10).Collect(ctx)`)
	scores := s.scores
	used := s.Meter.Since()
	top, err := scores.Query("red").Index("by-guild").Reverse().Limit(10).Collect(ctx)
	if err != nil {
		return err
	}
	total := used().Total()
	rows := [][]any{{"rank", "player", "points"}}
	for i, score := range top {
		rows = append(rows, []any{i + 1, score.Player, score.Points})
	}
	s.Table(rows...)
	all, err := scores.Query("red").Index("by-guild").Count(ctx)
	if err != nil {
		return err
	}
	s.Say("Scores read: %d of the %d red ones. Requests sent: %d. Read units: %v.", total.Items,
		all, total.Requests, total.ReadUnits)
	return nil
}
