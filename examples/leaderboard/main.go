// Leaderboard plays a season of a game on a DynamoDB engine. It writes thousands of scores in
// batches, reads the top of a guild from an index, and returns it page by page through an HTTP API.
// It counts the scores above a bound with scans and with a query, and compares the costs.
//
//	go run ./examples/leaderboard
//	go run ./examples/leaderboard -scores 20000 -segments 8
//
// The environment selects the engine: the endpoint AWS_ENDPOINT_URL_DYNAMODB if that is set, AWS if
// AWS_PROFILE or AWS_REGION is set, and otherwise an engine in the program's own process, which
// needs nothing but Go. On AWS a run costs about a cent for every 5,000 scores, the number without
// flags; nearly all of it is for writing them. The program deletes its table at the end, even after
// a failure or an interrupt; the table's name is unique.
//
// To use DynamoDB Local, run "docker run -p 8000:8000 amazon/dynamodb-local" and set
// AWS_ENDPOINT_URL_DYNAMODB=http://localhost:8000. Any other engine works by its endpoint too.
package main

import (
	"context"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

func main() { program(&settings{}).Main() }

// program returns the season with its settings, which flags change.
func program(s *settings) stage.Program {
	return stage.Program{
		Name: "leaderboard",
		Title: "Leaderboard: a season of scores, the top of a guild page by page, and the cost " +
			"of reads.",
		Cost:  "about a cent",
		Flags: s.define,
		Play:  func(ctx context.Context, on *stage.Stage) error { return playSeason(ctx, on, *s) },
	}
}

// settings holds the values of the flags.
type settings struct{ scores, segments int }

const (
	minScores   = 100 // each guild has more than three pages
	maxScores   = 100_000
	maxSegments = 64
)

func (s *settings) define(flags *stage.Flags) {
	flags.Int(&s.scores, "scores", "number of scores in the season", 5000, minScores, maxScores)
	flags.Int(&s.segments, "segments", "number of segments that are scanned in parallel", 4, 1,
		maxSegments)
}

// season is the state that the scenes share.
type season struct {
	*stage.Stage
	settings settings
	scores   *dynamapper.Table[Score]
}

func playSeason(ctx context.Context, on *stage.Stage, settings settings) error {
	scores, err := dynamapper.TableOf[Score](on.Mapper)
	if err != nil {
		return err
	}
	s := &season{Stage: on, settings: settings, scores: scores}
	return s.PlayOn(ctx, scores, s.write, s.topTen, s.pages, s.count)
}
