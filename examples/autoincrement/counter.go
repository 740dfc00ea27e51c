package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

// counter shows where the count is stored.
func (s *story) counter(ctx context.Context) error {
	s.Heading("5. Where the count is stored")
	s.Say("The count is in the same table, in the item with the id -1. The model Item has only " +
		"the key and does not count, so it can read that item:")
	s.Code(
		`counter, err := items.Get(ctx, dynamapper.Key(-1), dynamapper.Consistent())`,
		`raw := items.Snapshot(counter)`,
	)
	if err := s.showCounter(ctx); err != nil {
		return err
	}
	s.Say("\nThe model of the tickets does not find it, and cannot overwrite it:")
	rows, err := s.askForCounter(ctx)
	if err != nil {
		return err
	}
	s.Table(rows...)
	return nil
}

// showCounter prints the stored item.
func (s *story) showCounter(ctx context.Context) error {
	items := s.items
	counter, err := items.Get(ctx, dynamapper.Key(-1), dynamapper.Consistent())
	if err != nil {
		return err
	}
	raw := items.Snapshot(counter)
	s.Say("")
	s.Code(showRaw(raw))
	return nil
}

// showRaw formats an item of strings and numbers as DynamoDB's JSON.
func showRaw(raw map[string]types.AttributeValue) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		switch value := raw[name].(type) {
		case *types.AttributeValueMemberN:
			parts = append(parts, fmt.Sprintf("%q: {\"N\": %q}", name, value.Value))
		case *types.AttributeValueMemberS:
			parts = append(parts, fmt.Sprintf("%q: {\"S\": %q}", name, value.Value))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// askForCounter reads the item through both models.
func (s *story) askForCounter(ctx context.Context) (rows [][]any, err error) {
	tickets, items := s.tickets, s.items
	everything, err := items.Scan().Consistent().Count(ctx)
	if err != nil {
		return nil, err
	}
	counted, err := tickets.Scan().Consistent().Count(ctx)
	if err != nil {
		return nil, err
	}
	all, err := tickets.Scan().Consistent().Collect(ctx)
	if err != nil {
		return nil, err
	}
	_, got := tickets.Get(ctx, dynamapper.Key(-1), dynamapper.Consistent())
	if !errors.Is(got, dynamapper.ErrNotFound) {
		return nil, stage.NotRefused("reading the counter as a ticket", got)
	}
	saved := tickets.Save(ctx, &Ticket{ID: -1, Text: "mine"})
	if !errors.Is(saved, dynamapper.ErrSchema) {
		return nil, stage.NotRefused("saving a ticket with the counter's id", saved)
	}
	return [][]any{
		{"call", "result"},
		{"items.Scan().Count", everything},
		{"tickets.Scan().Count", counted},
		{"tickets.Scan().Collect", fmt.Sprintf("%d tickets", len(all))},
		{"tickets.Get at -1", "ErrNotFound"},
		{"tickets.Save at -1", "ErrSchema"},
	}, nil
}

// original shows the counter of a table of the Python mapper.
func (s *story) original(ctx context.Context) error {
	count := (s.last/1000 + 1) * 1000
	s.Heading("6. A table of the Python mapper")
	s.Say("Python's dynamodb-mapper also stored its count in such an item. This one is from a "+
		"table in which it has numbered\n"+
		"%d tickets. It replaces ours, and two tickets are saved:", count)
	original := originalCounter(count)
	s.Say("")
	s.Code(original)
	s.Say("")
	s.Code(
		`counter, err := items.UnmarshalItemJSON([]byte(original))`,
		`err := items.Save(ctx, counter)`,
	)
	items := s.items
	counter, err := items.UnmarshalItemJSON([]byte(original))
	if err != nil {
		return err
	}
	if err := items.Save(ctx, counter); err != nil {
		return err
	}
	saved := makeTickets(2)
	for _, ticket := range saved {
		if err := s.tickets.Save(ctx, ticket); err != nil {
			return err
		}
	}
	s.Say("They got the ids %d and %d, and the item has the new count:", saved[0].ID, saved[1].ID)
	return s.showCounter(ctx)
}

// originalCounter returns the counter as the Python mapper stores it.
func originalCounter(count int) string {
	return fmt.Sprintf(`{"__max_hash_key__": {"N": "%d"}, "id": {"N": "-1"}}`, count)
}
