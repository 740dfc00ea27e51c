package main

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

// batch saves many tickets at once, and as many one by one.
func (s *story) batch(ctx context.Context) error {
	s.Heading("3. A batch")
	s.Say("Tickets saved one by one, and then the same number in a batch: %d.", s.settings.batch)
	s.Code(`err = tickets.BatchSave(ctx, many)`)
	tickets := s.tickets
	used := s.Meter.Since()
	var done atomic.Int64
	single, err := s.write(ctx, "player-1", s.settings.batch, &done)
	if err != nil {
		return err
	}
	singles := used()
	many := makeTickets(s.settings.batch)
	used = s.Meter.Since()
	err = tickets.BatchSave(ctx, many)
	if err != nil {
		return err
	}
	s.last = max(s.last, many[len(many)-1].ID)
	s.Table(
		[]any{"way", "tickets", "first id", "last id", "counter requests", "puts"},
		batchRow("one by one", single, singles),
		batchRow("BatchSave", many, used()),
	)
	s.Say("The batch takes all its ids with one request, and puts each ticket only if its id is " +
		"free, as Save does.")
	return nil
}

func makeTickets(n int) []*Ticket {
	tickets := make([]*Ticket, n)
	for i := range tickets {
		tickets[i] = &Ticket{Player: "player-2", Text: fmt.Sprintf("call %d of many", i+1)}
	}
	return tickets
}

func batchRow(way string, tickets []*Ticket, bill stage.Bill) []any {
	last := len(tickets) - 1
	return []any{way, len(tickets), tickets[0].ID, tickets[last].ID, bill[counting].Requests,
		bill[putting].Requests}
}
