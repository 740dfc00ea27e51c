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

	Style []float32 `dynamo:"style" vector:"by-style,cosine,dimensions=2"`
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
	_, _ = scores.Query("chess").Index("by-style").Collect(ctx)                           // want `the index "by-style" is one of vectors; search it with Nearest`
	_, _ = scores.Nearest([]float32{1, 2}).Index("by-stile").Collect(ctx)                 // want `the model Score has no vector index "by-stile"`
	_, _ = scores.Nearest([]float32{1, 2}).Index("by-game").Collect(ctx)                  // want `the index "by-game" has no vector`
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
	_, _ = scores.Nearest([]float32{1, 2}).Index("by-style").Collect(ctx)
	_, _ = scores.Nearest([]float32{1, 2}).Top(3).Collect(ctx)
}

// The indexes of an Item are those of its table.
func anyItem(ctx context.Context, items *dynamapper.Table[dynamapper.Item]) {
	_, _ = items.Query("chess").Index("by-game").Consistent().Collect(ctx)
}
