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
	Engine Engine
}

// Perform plays the program on an engine. The prefix of its tables keeps one run apart from all others.
func (p Program) Perform(ctx context.Context, engine Engine, printer *Printer) error {
	s := &Stage{Printer: printer, Engine: engine}
	prefix := p.Name + "-" + strings.ToLower(rand.Text()[:10]) + "-"
	opts := []dynamapper.Option{dynamapper.WithTablePrefix(prefix), dynamapper.WithObserver(s.Meter.Observe)}
	if p.Line != nil {
		cfg, err := engine.Config(ctx)
		if err != nil {
			return err
		}
		opts = append(opts, dynamapper.WithConfig(p.Line.Through(cfg)))
	}
	var err error
	if s.Mapper, err = engine.Connect(ctx, opts...); err != nil {
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
func (s *Stage) PlayOn(ctx context.Context, table Table, scenes ...Scene) error {
	return s.PlayOnAll(ctx, []Table{table}, scenes...)
}

// PlayOnAll is PlayOn with several tables.
func (s *Stage) PlayOnAll(ctx context.Context, tables []Table, scenes ...Scene) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.create(ctx, tables); err != nil {
		_ = s.delete(ctx, tables) // perhaps one is there, and only the answer was lost
		return err
	}
	defer func() { err = errors.Join(err, s.delete(ctx, tables)) }()
	return s.play(ctx, scenes)
}

// create is not interrupted half way: a creation that was given up may still happen, after the deletion.
func (s *Stage) create(ctx context.Context, tables []Table) error {
	if len(tables) == 1 {
		s.Say("Its table is %s; it is deleted at the end.", tables[0].Name())
	} else {
		var names []string
		for _, table := range tables {
			names = append(names, table.Name())
		}
		s.Say("Its tables are %s; they are deleted at the end.", strings.Join(names, ", "))
	}
	for _, table := range tables {
		if err := table.CreateTable(context.WithoutCancel(ctx), dynamapper.WaitActive()); err != nil {
			return err
		}
	}
	return nil
}

// delete deletes the tables also when ctx has ended. One that was never created is fine.
func (s *Stage) delete(ctx context.Context, tables []Table) error {
	var failed error
	deleted := 0
	for _, table := range tables {
		err := deleteOne(ctx, table)
		var missing *types.ResourceNotFoundException
		switch {
		case err == nil:
			deleted++
		case !errors.As(err, &missing):
			failed = errors.Join(failed, err)
		}
	}
	switch {
	case failed != nil || deleted == 0:
	case len(tables) == 1:
		s.Say("\nThe table is deleted.")
	default:
		s.Say("\nThe tables are deleted.")
	}
	return failed
}

func deleteOne(ctx context.Context, table Table) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deleteWithin)
	defer cancel()
	return table.DeleteTable(ctx)
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
