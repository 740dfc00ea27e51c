package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/dynamapper/dynamapper"
)

// changeTable adds the index of release 2 while release 1 plays.
func (s *season) changeTable(ctx context.Context) error {
	s.Heading("2. The table, before release 2 is deployed")
	s.Code(`plan, err := dynamapper.PlanTables(ctx, s.players)`, `err = plan.Apply(ctx)`)
	plan, err := dynamapper.PlanTables(ctx, s.players)
	if err != nil {
		return err
	}
	s.Say("\n%s", plan)
	err = plan.Apply(ctx)
	var left *dynamapper.PlanError
	if !errors.As(err, &left) {
		return errors.Join(err, errors.New("TTL should have been left out"))
	}
	s.Say("The index by-guild can be queried. It is empty, because no item has points yet.")
	s.Say("Apply has left out what could delete items: %s.", left.Left[0].What)
	return s.release[0].err()
}

const segments = 8

// migrate brings the items into the new form while both releases play. It is interrupted half way.
func (s *season) migrate(ctx context.Context) error {
	s.Heading("3. The items, while release 1 and release 2 play")
	start(ctx, s, 2, s.players)
	dir, err := os.MkdirTemp("", "season2-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	store := dynamapper.FileCheckpoints(filepath.Join(dir, "players.json"))
	s.Code(`report, err := s.players.Migrate(ctx, dynamapper.Segments(segments),`,
		`    dynamapper.RateLimit(reads, writes),`,
		`    dynamapper.Checkpoints(store), dynamapper.OnProgress(notice))`)
	s.isAfter.Store(true)

	running, interrupt := context.WithCancel(ctx)
	defer interrupt()
	report, err := s.run(running, store, func(r dynamapper.MigrateReport) {
		if r.Seen > s.settings.players*2/5 { // at the end of a page, so about the half
			interrupt()
		}
	})
	if ctx.Err() != nil || !errors.Is(err, context.Canceled) || report.Done() {
		return errors.Join(err, errors.New("the migration should have been interrupted half way"))
	}
	s.Say("\ninterrupted:  %v", report)

	report, err = s.run(ctx, store, func(dynamapper.MigrateReport) {})
	if err != nil {
		return err
	}
	s.Say("continued:    %v", report)
	if !report.Done() || report.Seen != s.settings.players {
		return fmt.Errorf("the two runs have seen %d of %d players", report.Seen, s.settings.players)
	}
	_, err = s.run(ctx, store, func(dynamapper.MigrateReport) {})
	if !errors.Is(err, dynamapper.ErrMigrated) {
		return errors.Join(err, errors.New("a third run should have had nothing to do"))
	}
	s.Say("once more:    nothing to do, the checkpoint says that the migration has finished")
	return errors.Join(s.release[0].err(), s.release[1].err())
}

// run migrates, and shows how far it is. The rates leave the game its capacity: on the engine, a
// whole migration takes about four seconds.
func (s *season) run(
	ctx context.Context, store dynamapper.CheckpointStore, also func(dynamapper.MigrateReport),
) (dynamapper.MigrateReport, error) {
	var mu sync.Mutex
	var last dynamapper.MigrateReport
	notice := func(r dynamapper.MigrateReport) {
		mu.Lock()
		last = r
		mu.Unlock()
		also(r)
	}
	stop := s.Watch(func() string {
		mu.Lock()
		defer mu.Unlock()
		old, now := s.journal.played()
		return fmt.Sprintf("%6d of %d players seen, %6d changed; matches: %6d of release 1, "+
			"%6d of release 2", last.Seen, s.settings.players, last.Changed, old, now)
	})
	defer stop()
	reads, writes := float64(s.settings.players)/50, float64(s.settings.players)/2
	return s.players.Migrate(ctx, dynamapper.Segments(segments),
		dynamapper.RateLimit(reads, writes),
		dynamapper.Checkpoints(store), dynamapper.OnProgress(notice))
}

// findTheRest stops release 1 and migrates what it has written behind the migration.
func (s *season) findTheRest(ctx context.Context) error {
	s.Heading("4. What release 1 has written behind the migration")
	if err := s.release[0].stop(); err != nil {
		return err
	}
	old, err := s.oldForms(ctx)
	if err != nil {
		return err
	}
	s.Say("Release 1 is stopped. %d players are in the old form again.", len(old))
	late := map[string]bool{}
	for _, name := range s.journal.latePlayers() {
		late[name] = true
	}
	for _, name := range old {
		if !late[name] {
			return fmt.Errorf("%s has the old form, and release 1 has not written it", name)
		}
	}
	s.Say("Release 1 has written each of them since the migration began: %d of %d.", len(old),
		len(old))
	s.Code(`report, err := s.players.Migrate(ctx, dynamapper.Segments(segments))`)
	report, err := s.players.Migrate(ctx, dynamapper.Segments(segments))
	if err != nil {
		return err
	}
	s.Say("second run:   %v", report)
	return s.release[1].err()
}

// oldForms returns the players whose items have the old form.
func (s *season) oldForms(ctx context.Context) ([]string, error) {
	var names []string
	for player, err := range s.stored.Scan().Consistent().All(ctx) {
		if err != nil {
			return nil, err
		}
		if !player.isNew() {
			names = append(names, player.Name)
		}
	}
	return names, nil
}

// expire switches TTL on, when all items have their time and none would be deleted.
func (s *season) expire(ctx context.Context) error {
	s.Heading("5. TTL, when every item has its time")
	expired, err := s.players.Scan().Consistent().
		Where(dynamapper.Attr("expires", dynamapper.LT(time.Now()))).Count(ctx)
	if err != nil {
		return err
	}
	if expired > 0 {
		return fmt.Errorf("TTL would delete %d players", expired)
	}
	plan, err := dynamapper.PlanTables(ctx, s.players)
	if err != nil {
		return err
	}
	s.Say("No player has expired, so nothing is deleted.")
	s.Code(`err = plan.Apply(ctx, dynamapper.AllowDestroy())`)
	err = plan.Apply(ctx, dynamapper.AllowDestroy())
	if err != nil {
		return err
	}
	plan, err = dynamapper.PlanTables(ctx, s.players)
	if err != nil {
		return err
	}
	s.Say("The next plan: %s.", strings.TrimSpace(plan.String()))
	if !plan.Empty() {
		return errors.New("the table is not as the model says")
	}
	return s.release[1].stop()
}
