package stage

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// deleteWithin is how long a table's deletion may take at the end, when nobody may be waiting any more.
const deleteWithin = time.Minute

// Stage is what a program plays on: what it prints with, and a mapper whose requests the meter counts.
type Stage struct {
	*Printer
	Mapper *dynamapper.Mapper
	Meter  Meter
}

// Perform plays the program on an engine. The prefix of its tables keeps one run apart from all others.
func (p Program) Perform(ctx context.Context, connect Connect, printer *Printer) error {
	s := &Stage{Printer: printer}
	prefix := p.Name + "-" + strings.ToLower(rand.Text()[:10]) + "-"
	var err error
	s.Mapper, err = connect(ctx, dynamapper.WithTablePrefix(prefix), dynamapper.WithObserver(s.Meter.Observe))
	if err != nil {
		return err
	}
	return p.Play(ctx, s)
}

// Table is what a stage needs of a *dynamapper.Table.
type Table interface {
	Name() string
	CreateTable(context.Context, ...dynamapper.CreateOption) error
	DeleteTable(context.Context) error
}

// Scene is a part of a program.
type Scene func(context.Context) error

// PlayOn creates the table, plays the scenes in their order, and deletes the table, whatever happened.
func (s *Stage) PlayOn(ctx context.Context, table Table, scenes ...Scene) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.create(ctx, table); err != nil {
		_ = s.delete(ctx, table) // perhaps it is there, and only the answer was lost
		return err
	}
	defer func() { err = errors.Join(err, s.delete(ctx, table)) }()
	return s.play(ctx, scenes)
}

// create is not interrupted half way: a creation that was given up may still happen, after the deletion.
func (s *Stage) create(ctx context.Context, table Table) error {
	s.Say("Its table is %s; it is deleted at the end.", table.Name())
	return table.CreateTable(context.WithoutCancel(ctx), dynamapper.WaitActive())
}

// delete deletes the table also when ctx has ended. One that was never created is fine.
func (s *Stage) delete(ctx context.Context, table Table) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deleteWithin)
	defer cancel()
	err := table.DeleteTable(ctx)
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		return nil
	}
	if err != nil {
		return err
	}
	s.Say("\nThe table is deleted.")
	return nil
}

func (s *Stage) play(ctx context.Context, scenes []Scene) error {
	for _, scene := range scenes {
		if err := scene(ctx); err != nil {
			return err
		}
		if s.err != nil {
			return s.err
		}
	}
	return nil
}

// NotRefused is the error of a scene in which what must be refused was not, or failed for another reason.
func NotRefused(what string, err error) error {
	if err == nil {
		return errors.New(what + " was not refused, and must be")
	}
	return err
}
