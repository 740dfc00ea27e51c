package samples

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// LiveScore is an item of the table "live-scores". The types of its fields fit the 3 items of
// the sample.
type LiveScore struct {
	dynamapper.Model `dynamo:"live-scores"`

	GameID   string    `dynamo:"gameId,hash"`
	PlayerID string    `dynamo:"playerId,range" index:"by-player,hash"`
	Points   *int64    `dynamo:"points" index:"by-season,range=1" localIndex:"by-points,range,keys_only"`
	Season   string    `dynamo:"season" index:"by-season,hash=1,include=clan+name"`
	Country  string    `dynamo:"country" index:"by-season,hash=2"`
	Achieved time.Time `dynamo:"achieved,layout=2006-01-02T15:04:05.000000Z07:00" index:"by-season,range=2"`
	Badges   []string  `dynamo:"badges,set"`
	Banned   *bool     `dynamo:"banned"`
	Best     []int64   `dynamo:"best,set"`
	// No item of the sample has a value of "clan".
	Clan   types.AttributeValue `dynamo:"clan"`
	Name   string               `dynamo:"name"`
	Ratio  float64              `dynamo:"ratio,omitempty"`
	Rivals []LiveScoreRival     `dynamo:"rivals,document"`
}

// LiveScoreRival is a part of LiveScore.
type LiveScoreRival struct {
	Name  string `dynamo:"name"`
	Since string `dynamo:"since"`
	Won   int64  `dynamo:"won"`
}
