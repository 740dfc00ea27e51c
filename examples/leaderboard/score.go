package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/dynamapper/dynamapper"
)

// Score is a player's result in the season.
type Score struct {
	dynamapper.Model `dynamo:"scores"`

	Player  string            `dynamo:"player,hash"`
	Guild   string            `dynamo:"guild" index:"by-guild,hash,keys_only"`
	Points  int               `dynamo:"points" index:"by-guild,range"`
	At      time.Time         `dynamo:"at"`
	Loadout map[string]string `dynamo:"loadout"` // the things that the player carried
}

var guilds = []string{"red", "green", "blue"}

const pointsBelow = 100_000

// makeSeason makes the scores of a season, the same in every run.
func makeSeason(n int) []*Score {
	random := rand.New(rand.NewPCG(1, 2))
	begin := time.Date(2026, time.March, 1, 18, 0, 0, 0, time.UTC)
	scores := make([]*Score, n)
	for i := range scores {
		scores[i] = &Score{
			Player:  fmt.Sprintf("player-%06d", i+1),
			Guild:   guilds[i%len(guilds)],
			Points:  random.IntN(pointsBelow),
			At:      begin.Add(time.Duration(i) * time.Minute),
			Loadout: makeLoadout(random),
		}
	}
	return scores
}

var (
	materials = []string{"iron", "steel", "silver", "ebony", "dragonbone"}
	charms    = []string{"of the bear", "of the fox", "of the winter night", "of the old forest"}
)

func makeLoadout(random *rand.Rand) map[string]string {
	loadout := make(map[string]string)
	for _, piece := range []string{
		"helmet", "armour", "gloves", "boots", "sword", "shield", "bow", "ring",
	} {
		loadout[piece] = fmt.Sprintf("%s %s %s",
			materials[random.IntN(len(materials))], piece, charms[random.IntN(len(charms))])
	}
	return loadout
}
