package main

import (
	"context"
	"errors"
	"strings"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

// refusedOverwrite saves a new item whose key is already in use.
func (s *story) refusedOverwrite(ctx context.Context) error {
	s.Heading("4. A new item never replaces one")
	s.Say("Somebody else also signs up as waldo:")
	s.Code(
		`stranger := &Player{Login: "waldo", Balance: 1000}`,
		`err := players.Save(ctx, stranger, dynamapper.FailOnConflict())`,
	)
	players := s.players
	stranger := &Player{Login: "waldo", Balance: 1000}
	err := players.Save(ctx, stranger, dynamapper.FailOnConflict())
	var overwrite *dynamapper.OverwriteError
	if !errors.As(err, &overwrite) {
		return stage.NotRefused("the second waldo", err)
	}
	there, err := players.UnmarshalItem(overwrite.Current)
	if err != nil {
		return err
	}
	s.Say("Refused with an OverwriteError: there already is a %s, with %d coins. Nothing was "+
		"written.", there.Login, there.Balance)
	return nil
}

// editedKey saves a loaded item under another key.
func (s *story) editedKey(ctx context.Context) error {
	s.Heading("5. An edited key")
	s.Say("DynamoDB cannot rename an item. Waldo is loaded, and his login edited:")
	s.Code(
		`waldo.Login = "wally"`,
		`err = players.Save(ctx, waldo, dynamapper.FailOnConflict())`,
	)
	players := s.players
	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	if err != nil {
		return err
	}
	waldo.Login = "wally"
	used := s.Meter.Since()
	err = players.Save(ctx, waldo, dynamapper.FailOnConflict())
	var conflict *dynamapper.ConflictError
	if !errors.As(err, &conflict) {
		return stage.NotRefused("the edited key", err)
	}
	s.Say("Refused with a ConflictError: %s has changed since it was read. Requests sent: %d. "+
		"Without the option:",
		strings.Join(conflict.Attributes, ", "), used().Total().Requests)
	s.Code(`err = players.Save(ctx, waldo)`)
	if err := players.Save(ctx, waldo); err != nil {
		return err
	}
	return s.sayBoth(ctx, "A copy has appeared")
}

// deletionByKey deletes an item without reading it.
func (s *story) deletionByKey(ctx context.Context) error {
	s.Heading("6. Deletion by key")
	s.Say("An item can be deleted without reading it first:")
	s.Code(`err := players.DeleteKey(ctx, dynamapper.Key("wally"))`)
	players := s.players
	used := s.Meter.Since()
	if err := players.DeleteKey(ctx, dynamapper.Key("wally")); err != nil {
		return err
	}
	s.Say("Requests sent: %d.", used().Total().Requests)
	return s.sayBoth(ctx, "The copy is gone")
}

// move gives an item another key: it deletes, edits and saves the item.
func (s *story) move(ctx context.Context) error {
	s.Heading("7. The move")
	s.Say("To give Waldo another login on purpose, delete him, edit the key, and save him:")
	s.Code(
		`err = players.Delete(ctx, waldo, dynamapper.FailOnConflict())`,
		`waldo.Login = "wally"`,
		`err = players.Save(ctx, waldo, dynamapper.FailOnConflict())`,
	)
	players := s.players
	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	if err != nil {
		return err
	}
	if err := players.Delete(ctx, waldo, dynamapper.FailOnConflict()); err != nil {
		return err
	}
	waldo.Login = "wally"
	if err := players.Save(ctx, waldo, dynamapper.FailOnConflict()); err != nil {
		return err
	}
	return s.sayBoth(ctx, "A deleted item is new again, so the save inserts it")
}

// sayBoth prints the items at the two keys.
func (s *story) sayBoth(ctx context.Context, what string) error {
	waldo, err := describe(ctx, s.players, "waldo")
	if err != nil {
		return err
	}
	wally, err := describe(ctx, s.players, "wally")
	if err != nil {
		return err
	}
	s.Say("%s: %s, %s.", what, waldo, wally)
	return nil
}
