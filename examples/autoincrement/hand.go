package main

import (
	"context"

	"github.com/dynamapper/dynamapper"
)

// takenByHand saves tickets with ids that the counter does not know.
func (s *story) takenByHand(ctx context.Context) error {
	s.Heading("2. Ids taken by hand")
	s.Say("A ticket with a given id is saved with that id, and the counter does not change. Here "+
		"%d and %d are taken, then\n"+
		"three tickets with the id 0 are saved:", s.last+1, s.last+3)
	s.Code(`err := tickets.Save(ctx, ticket, dynamapper.FailOnConflict())`)
	rows := [][]any{{"id given", "id saved", "counter requests", "puts"}}
	for _, given := range []int{s.last + 1, s.last + 3, 0, 0, 0} {
		row, err := s.saveAt(ctx, given)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	s.Table(rows...)
	s.Say("If an id is already taken, the put is refused and the save takes the next id: no " +
		"ticket is overwritten.")
	return nil
}

// saveAt saves a ticket with a given id, or 0. It returns the outcome as a row.
func (s *story) saveAt(ctx context.Context, given int) ([]any, error) {
	tickets := s.tickets
	ticket := &Ticket{ID: given, Player: "player-1", Text: "again"}
	if given > 0 {
		ticket.Text = "by hand" // an equal ticket at the new id would make the outcome uncertain
	}
	used := s.Meter.Since()
	err := tickets.Save(ctx, ticket, dynamapper.FailOnConflict())
	bill := used()
	s.last = max(s.last, ticket.ID)
	return []any{given, ticket.ID, bill[counting].Requests, bill[putting].Requests}, err
}
