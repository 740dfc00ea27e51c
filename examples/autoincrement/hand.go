package main

import (
	"context"

	"github.com/dynamapper/dynamapper"
)

// takenByHand is ids that somebody gives, and the counter does not know.
func (s *story) takenByHand(ctx context.Context) error {
	s.Heading("2. Ids taken by hand")
	s.Say("A ticket with an id of its own is saved exactly there, and the counter is not told. %d and %d are taken so, then\n"+
		"three tickets with the id 0 are saved:", s.last+1, s.last+3)
	s.Code(`err := tickets.Save(ctx, ticket, dynamapper.FailOnConflict())`)
	rows := [][]any{{"id given", "id saved", "requests that count", "requests that put"}}
	for _, given := range []int{s.last + 1, s.last + 3, 0, 0, 0} {
		row, err := s.saveAt(ctx, given)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	s.Table(rows...)
	s.Say("Where a ticket stands already, the put is refused, and the save counts on: nobody's ticket is written over.")
	return nil
}

// saveAt saves a ticket with an id of its own, or 0. It gives what came of it as a row.
func (s *story) saveAt(ctx context.Context, given int) ([]any, error) {
	tickets := s.tickets
	ticket := &Ticket{ID: given, Player: "player-1", Text: "again"}
	if given > 0 {
		ticket.Text = "by hand" // an equal ticket at the new id would be a doubt
	}
	used := s.Meter.Since()
	err := tickets.Save(ctx, ticket, dynamapper.FailOnConflict())
	bill := used()
	s.last = max(s.last, ticket.ID)
	return []any{given, ticket.ID, bill[counting].Requests, bill[putting].Requests}, err
}
