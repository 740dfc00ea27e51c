// Package option has options that contradict each other.
package option

import (
	"context"

	"github.com/dynamapper/dynamapper"
)

type Score struct {
	dynamapper.Model `dynamo:"scores"`
	keys
	Points int    `dynamo:"points" index:"by-game,range" localIndex:"by-points,range"`
	Game   string `dynamo:"game" index:"by-game,hash"`
}

type keys struct {
	Login string `dynamo:"login,hash"`
	Round int    `dynamo:"round,range"`
}

func contradict(ctx context.Context, scores *dynamapper.Table[Score], score *Score) {
	_ = scores.Save(ctx, score, dynamapper.LastWriterWins(), dynamapper.FailOnConflict()) // want `LastWriterWins and FailOnConflict contradict each other; keep one`
	_, _ = scores.Query("chess").Index("by-game").Consistent().Collect(ctx)               // want `the index "by-game" is global, and its reads are never consistent; leave Consistent out`
	_, _ = scores.Scan().Consistent().Limit(3).Index("by-game").Count(ctx)                // want `the index "by-game" is global`
	_, _ = scores.Query("chess").Index("by-gane").Collect(ctx)                            // want `the model Score has no index "by-gane"`
	_, _ = scores.Scan().Parallel(4).Segment(1, 2).Collect(ctx)                           // want `Parallel and Segment contradict each other`
}

func agree(ctx context.Context, scores *dynamapper.Table[Score], score *Score, name string) {
	_ = scores.Save(ctx, score, dynamapper.ChangedOnly(), dynamapper.FailOnConflict())
	_ = scores.Delete(ctx, score, dynamapper.LastWriterWins())
	_, _ = scores.Query("waldo").Index("by-points").Consistent().Collect(ctx)
	_, _ = scores.Query("waldo").Consistent().Collect(ctx)
	_, _ = scores.Query("waldo").Index(name).Consistent().Collect(ctx)
	_, _ = scores.Query("chess").Index("by-game").Collect(ctx)
	_, _ = scores.Scan().Parallel(4).Collect(ctx)
}
