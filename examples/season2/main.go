// Season2 changes the model of a game while the game is played. Its table has 20,000 players of the
// first season. In the second season, an attribute has another name, JSON becomes a document, there
// is a new index, and items expire. Programs of the old and of the new release play on meanwhile.
//
//	go run ./examples/season2
//	go run ./examples/season2 -players 5000
//
// The program plans the table's changes and applies them, migrates the items, is interrupted half
// way, continues from its checkpoint, and finds what the old release has written behind it. Each
// match is in a journal. At the end an audit compares the table with the journal: if an update is
// lost, or an item has the old form, the exit status is 1.
//
// The models are in models.go, the migration is in migrate.go.
//
// The environment selects the engine: the endpoint AWS_ENDPOINT_URL_DYNAMODB if that is set, AWS if
// AWS_PROFILE or AWS_REGION is set, and otherwise an engine in the program's own process, which
// needs nothing but Go. On AWS a run takes some minutes, for the index, and costs less than a
// dollar. The program deletes its table at the end, even after a failure or an interrupt; the
// table's name is unique.
package main

import (
	"context"
	"sync/atomic"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

func main() { program(&settings{}).Main() }

// program returns the example with its settings, which flags change.
func program(s *settings) stage.Program {
	return stage.Program{
		Name:  "season2",
		Title: "Season 2: a model changes, and nobody stops playing.",
		Cost:  "less than a dollar",
		Flags: s.define,
		Play:  func(ctx context.Context, on *stage.Stage) error { return play(ctx, on, *s) },
	}
}

// settings holds the values of the flags.
type settings struct{ players int }

func (s *settings) define(flags *stage.Flags) {
	flags.Int(&s.players, "players", "number of players", 20_000, 4000, 1_000_000)
}

// season is the state that the scenes share.
type season struct {
	*stage.Stage
	settings settings

	olds    *dynamapper.Table[OldPlayer]
	players *dynamapper.Table[Player]
	stored  *dynamapper.Table[storedPlayer]

	journal *journal
	release [2]*release // nil until its scene starts it
	isAfter atomic.Bool // the migration has begun
}

func openSeason(on *stage.Stage, settings settings) (*season, error) {
	s := &season{Stage: on, settings: settings, journal: newJournal()}
	var err error
	if s.olds, err = dynamapper.TableOf[OldPlayer](on.Mapper); err != nil {
		return nil, err
	}
	if s.players, err = dynamapper.TableOf[Player](on.Mapper); err != nil {
		return nil, err
	}
	s.stored, err = dynamapper.TableOf[storedPlayer](on.Mapper)
	return s, err
}

func play(ctx context.Context, on *stage.Stage, settings settings) error {
	s, err := openSeason(on, settings)
	if err != nil {
		return err
	}
	return s.PlayOn(ctx, playedTable{s.olds, s}, s.begin, s.changeTable, s.migrate, s.findTheRest,
		s.expire, s.audit)
}

// playedTable is the table of a season. Nobody plays any more when it is deleted.
type playedTable struct {
	*dynamapper.Table[OldPlayer]
	season *season
}

func (t playedTable) DeleteTable(ctx context.Context) error {
	t.season.stopAll()
	return t.Table.DeleteTable(ctx)
}
