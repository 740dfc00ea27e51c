// Leaderboard plays a season of a game on a DynamoDB engine: thousands of scores are written in batches, the top of
// a guild is read from an index and handed out page by page by an HTTP API, and the scores above a bound are counted by
// scans and by a query, with what each has cost side by side.
//
//	go run ./examples/leaderboard
//	go run ./examples/leaderboard -scores 20000 -segments 8
//
// It runs on an engine in its own process, which needs nothing but Go, or where the environment says: at
// AWS_ENDPOINT_URL_DYNAMODB if that is set, else on AWS if AWS_PROFILE or AWS_REGION is. There it costs about a cent for
// every 5,000 scores, which is how many there are without flags: writing them is nearly all of it. Its table has a name of its
// own and is deleted at the end, also after a failure or an interrupt.
//
// On DynamoDB Local: docker run -p 8000:8000 amazon/dynamodb-local, and set AWS_ENDPOINT_URL_DYNAMODB=http://localhost:8000.
// Any other engine does as well, by its endpoint.
package main

import (
	"context"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

func main() { program(&settings{}).Main() }

// program is the season with settings, which its flags change.
func program(s *settings) stage.Program {
	return stage.Program{
		Name:  "leaderboard",
		Title: "Leaderboard: a season of scores, the top of a guild page by page, and what reading costs.",
		Cost:  "about a cent",
		Flags: s.define,
		Play:  func(ctx context.Context, on *stage.Stage) error { return playSeason(ctx, on, *s) },
	}
}

// settings is what the flags say.
type settings struct{ scores, segments int }

const (
	minScores   = 100 // each guild has three pages, and more
	maxScores   = 100_000
	maxSegments = 64
)

func (s *settings) define(flags *stage.Flags) {
	flags.Int(&s.scores, "scores", "how many scores the season has", 5000, minScores, maxScores)
	flags.Int(&s.segments, "segments", "how many segments of the table are scanned at once", 4, 1, maxSegments)
}

// season is what the scenes share.
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
