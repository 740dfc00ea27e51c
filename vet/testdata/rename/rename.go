// Package rename has models whose hook MigrateItem renames attributes.
package rename

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

type Hero struct {
	dynamapper.Model `dynamo:"heroes"`

	Name  string         `dynamo:"name,hash"`
	Level int            `dynamo:"level"`
	Guild string         `dynamo:"guild"`
	Bag   map[string]int `dynamo:"bag,document"`
	Coins int            `dynamo:"coins"`
}

func (h *Hero) MigrateItem(raw map[string]types.AttributeValue) error {
	if old, has := raw["lvl"]; has {
		if raw["level"] == nil {
			raw["level"] = old
		}
		delete(raw, "lvl")
	}
	if raw["bag"] == nil {
		raw["bag"] = raw["inventory"]
		delete(raw, "inventory")
	}
	raw["guild"] = raw["clan"] // kept, so old programs read it
	delete(raw, "trophies")
	return nil
}

func renamed(ctx context.Context, heroes *dynamapper.Table[Hero], tx *dynamapper.Tx) {
	duke := dynamapper.Key("Duke")
	_, _ = heroes.Update(duke).Add("level", 1).Run(ctx)                               // want `MigrateItem renames "lvl" to "level", and Update.Add sees stored items`
	_, _ = heroes.Update(duke).Set("coins", 1).Remove("level").Run(ctx)               // want `Update.Remove sees stored items`
	_, _ = heroes.Update(duke).Set("bag.sword", 1).Run(ctx)                           // want `MigrateItem renames "inventory" to "bag"`
	heroes.In(tx).Update(duke).Add("level", 1)                                        // want `TxUpdate.Add sees stored items`
	_, _ = heroes.Scan().Where(dynamapper.Attr("level", dynamapper.GE(5))).Count(ctx) // want `the condition sees stored items`
	_ = heroes.DeleteKey(ctx, duke,
		dynamapper.If(dynamapper.Not(dynamapper.Attr("level", dynamapper.GE(5))))) // want `the condition sees stored items`
}

type Other struct {
	dynamapper.Model `dynamo:"others"`

	Name  string `dynamo:"name,hash"`
	Level int    `dynamo:"level"`
}

func fine(ctx context.Context, heroes *dynamapper.Table[Hero], others *dynamapper.Table[Other], name string) {
	duke := dynamapper.Key("Duke")
	_, _ = heroes.Update(duke).Add("coins", 1).Set("guild", "level").Run(ctx)
	_, _ = heroes.Update(duke).Set(name, 1).Run(ctx)
	_, _ = others.Update(duke).Add("level", 1).Run(ctx)
	_, _ = heroes.Scan().Where(dynamapper.Attr("coins", dynamapper.GE(5))).Count(ctx)
	_, _ = heroes.Modify(ctx, duke, func(h *Hero) error {
		h.Level++
		return nil
	})
}
