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

// deleteWithin limits the time for the deletion of a table at the end, when nobody may be waiting
// for it.
const deleteWithin = time.Minute

// Stage is what a program needs to run: a printer, and a mapper whose requests the meter counts.
type Stage struct {
	*Printer
	Mapper *dynamapper.Mapper
	Meter  Meter
	Engine Engine
}

// Perform runs the program on an engine. The prefix of its tables separates each run from all
// others.
func (p Program) Perform(ctx context.Context, engine Engine, printer *Printer) error {
	s := &Stage{Printer: printer, Engine: engine}
	prefix := p.Name + "-" + strings.ToLower(rand.Text()[:10]) + "-"
	opts := []dynamapper.Option{dynamapper.WithTablePrefix(prefix),
		dynamapper.WithObserver(s.Meter.Observe)}
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

// Table is the part of a *dynamapper.Table that a stage needs.
type Table interface {
	Name() string
	CreateTable(context.Context, ...dynamapper.CreateOption) error
	DeleteTable(context.Context) error
}

// Scene is a part of a program.
type Scene func(context.Context) error

// PlayOn creates the table, plays the scenes in order, and deletes the table in any case.
func (s *Stage) PlayOn(ctx context.Context, table Table, scenes ...Scene) error {
	return s.PlayOnAll(ctx, []Table{table}, scenes...)
}

// PlayOnAll is PlayOn with several tables.
func (s *Stage) PlayOnAll(ctx context.Context, tables []Table, scenes ...Scene) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.create(ctx, tables); err != nil {
		_ = s.delete(ctx, tables) // a table may exist although the response was lost
		return err
	}
	defer func() { err = errors.Join(err, s.delete(ctx, tables)) }()
	return s.play(ctx, scenes)
}

// create does not stop in the middle when ctx ends: a creation that was given up could still happen
// after the deletion.
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
		err := table.CreateTable(context.WithoutCancel(ctx), dynamapper.WaitActive())
		if err != nil {
			return err
		}
	}
	return nil
}

// delete deletes the tables even if ctx has ended. It accepts that a table was never created.
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

// NotRefused returns the error of a scene in which a call should have been refused and was not, or
// failed for another reason.
func NotRefused(what string, err error) error {
	if err == nil {
		return errors.New(what + " should have been refused")
	}
	return err
}
