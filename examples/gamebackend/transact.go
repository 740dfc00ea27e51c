package main

import (
	"context"

	"github.com/dynamapper/dynamapper"
)

// stageFunc reads and stages in a transaction.
type stageFunc = func(context.Context, *dynamapper.Tx) error

// transact runs a transaction, and counts its repetitions.
func (g *game) transact(ctx context.Context, fn stageFunc) error {
	tries := 0
	defer func() { g.countTries(tries) }()
	return g.mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
		tries++
		return fn(ctx, tx)
	})
}

func (g *game) countTries(tries int) {
	if tries > 1 {
		g.conflicts.Add(int64(tries - 1))
	}
}
