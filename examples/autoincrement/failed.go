package main

import (
	"context"
	"strings"

	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

// failedSaves saves a ticket that cannot be saved, twice.
func (s *story) failedSaves(ctx context.Context) error {
	s.Heading("4. A save that fails")
	s.Say("The last id is %d. A ticket's own check requires a text, and the service refuses an "+
		"item of more than 400 KB. One ticket\n"+
		"is saved without a text, then with one of 500 KB, then with a short one:", s.last)
	s.Code(`err := tickets.Save(ctx, ticket)`)
	ticket := &Ticket{Player: "player-3"}
	empty, err := s.refused(ctx, "none", ticket)
	if err != nil {
		return err
	}
	ticket.Text = strings.Repeat("help! ", 500_000/6)
	long, err := s.refused(ctx, "500 KB", ticket)
	if err != nil {
		return err
	}
	ticket.Text = "help!"
	short, err := s.trySave(ctx, "short", ticket)
	if err != nil {
		return err
	}
	s.Table([]any{"text", "outcome", "counter requests", "puts", "id then"}, empty, long,
		append(short, ticket.ID))
	s.Say("The check fails before any request. If the service refuses the ticket, the counter "+
		"was incremented and an id stays unused.\n"+
		"The ticket's id is 0 again, so that saving it once more takes the next one: %d after %d.",
		ticket.ID, s.last)
	s.last = ticket.ID
	return nil
}

// refused saves a ticket that must be refused. It returns the outcome as a row.
func (s *story) refused(ctx context.Context, text string, ticket *Ticket) ([]any, error) {
	row, err := s.trySave(ctx, text, ticket)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err == nil:
		return nil, stage.NotRefused("the ticket with the text "+text, nil)
	}
	s.Code(shorten(err.Error()))
	return append(row, ticket.ID), nil
}

func (s *story) trySave(ctx context.Context, text string, ticket *Ticket) ([]any, error) {
	tickets := s.tickets
	used := s.Meter.Since()
	err := tickets.Save(ctx, ticket)
	bill := used()
	outcome := "saved"
	if err != nil {
		outcome = "refused"
	}
	return []any{text, outcome, bill[counting].Requests, bill[putting].Requests}, err
}

// shorten cuts off the end of a text that is too long to show.
func shorten(text string) string {
	const shown = 140
	if len(text) <= shown {
		return text
	}
	return text[:shown] + "..."
}
