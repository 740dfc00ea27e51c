package main

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"

	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

// writers is the number of goroutines that save at once.
const writers = 8

// writeAtOnce runs all writers at once.
func (s *story) writeAtOnce(ctx context.Context) error {
	s.Heading("1. Eight writers at once")
	id, _ := reflect.TypeFor[Ticket]().FieldByName("ID")
	s.Say("The tag of a ticket's id makes the table count:")
	s.Code(fmt.Sprintf("%s %s `%s`", id.Name, id.Type, id.Tag))
	s.Say("A ticket whose id is 0 gets the next one when it is saved. Writers that save at once: "+
		"%d. Tickets of each: %d.",
		writers, s.settings.tickets)
	s.Code(
		`ticket := &Ticket{Player: player, Text: text}`,
		`err := tickets.Save(ctx, ticket) // ticket.ID is its number now`,
	)
	used := s.Meter.Since()
	saved, err := s.runWriters(ctx)
	if err != nil {
		return err
	}
	bill := used()
	s.tellIDs(saved)
	sum, err := s.check(ctx, saved)
	if err != nil {
		return err
	}
	s.last = sum.highest
	s.Table(
		[]any{"saved", "different ids", "lowest", "highest", "found unchanged"},
		[]any{sum.saved, sum.different, sum.lowest, sum.highest, sum.found},
	)
	s.Say("Requests: %d that increment the counter, and %d that put a new ticket.",
		bill[counting].Requests, bill[putting].Requests)
	return sum.complain()
}

// The requests of a save, by the names that the observer gets.
const (
	counting = "UpdateItem"
	putting  = "PutItem"
)

// runWriters runs all writers. It returns the tickets of each.
func (s *story) runWriters(ctx context.Context) ([][]*Ticket, error) {
	saved := make([][]*Ticket, writers)
	start := stage.NewMeeting(writers)
	var done atomic.Int64
	var tasks []func(context.Context) error
	for i := range writers {
		tasks = append(tasks, func(ctx context.Context) (err error) {
			if err := start.Join(ctx); err != nil {
				return err
			}
			saved[i], err = s.write(ctx, fmt.Sprintf("player-%d", i+1), s.settings.tickets, &done)
			return err
		})
	}
	stop := s.Watch(func() string {
		return fmt.Sprintf("saved: %d of %d tickets", done.Load(), writers*s.settings.tickets)
	})
	defer stop()
	return saved, stage.Together(ctx, tasks)
}

// write saves tickets of one player, one after the other.
func (s *story) write(
	ctx context.Context, player string, n int, done *atomic.Int64,
) ([]*Ticket, error) {
	tickets := s.tickets
	var saved []*Ticket
	for i := range n {
		text := fmt.Sprintf("call %d of %s", i+1, player)
		ticket := &Ticket{Player: player, Text: text}
		err := tickets.Save(ctx, ticket)
		if err != nil {
			return nil, err
		}
		saved = append(saved, ticket)
		done.Add(1)
	}
	return saved, nil
}

// tellIDs prints the first ids of each writer.
func (s *story) tellIDs(saved [][]*Ticket) {
	const shown = 8
	rows := [][]any{{"writer", "its ids"}}
	for i, tickets := range saved {
		var ids []string
		for _, ticket := range tickets[:min(shown, len(tickets))] {
			ids = append(ids, fmt.Sprint(ticket.ID))
		}
		if len(tickets) > shown {
			ids = append(ids, "...")
		}
		rows = append(rows, []any{i + 1, strings.Join(ids, ", ")})
	}
	s.Table(rows...)
}

// sum is the result of checking tickets.
type sum struct {
	saved, different int
	lowest, highest  int
	found            int // equal to the saved ticket
}

// check compares the saved tickets with those in the table.
func (s *story) check(ctx context.Context, saved [][]*Ticket) (sum, error) {
	stored, err := s.tickets.Scan().Consistent().Collect(ctx)
	if err != nil {
		return sum{}, err
	}
	at := make(map[int]*Ticket, len(stored))
	for _, ticket := range stored {
		at[ticket.ID] = ticket
	}
	return sumUp(saved, at), nil
}

func sumUp(saved [][]*Ticket, at map[int]*Ticket) sum {
	var s sum
	ids := map[int]bool{}
	for _, tickets := range saved {
		for _, ticket := range tickets {
			if s.saved == 0 {
				s.lowest = ticket.ID
			}
			s.saved++
			ids[ticket.ID] = true
			s.lowest, s.highest = min(s.lowest, ticket.ID), max(s.highest, ticket.ID)
			if there := at[ticket.ID]; there != nil && there.Text == ticket.Text {
				s.found++
			}
		}
	}
	s.different = len(ids)
	return s
}

// complain returns an error if tickets were lost or got the id of another.
func (s sum) complain() error {
	if s.different != s.saved || s.found != s.saved {
		return fmt.Errorf("of %d tickets with %d different ids, %d are in the table unchanged",
			s.saved, s.different, s.found)
	}
	return nil
}
