package samples

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// Hero is an item of the table "heroes". The types of its fields fit the 3 items of the sample.
type Hero struct {
	dynamapper.Model `dynamo:"heroes"`

	ID   int64  `dynamo:"ID,hash"`
	Born string `dynamo:"Born,range"`
	// The sample has values of the types L, N, S.
	Any     any              `dynamo:"Any,document"`
	Bag     map[string]int64 `dynamo:"Bag,document"`
	Friends []*string        `dynamo:"Friends,document"`
	Key     []byte           `dynamo:"Key"`
	// NULL in some items, which is read as a missing attribute.
	Note   string    `dynamo:"Note"`
	Quests []any     `dynamo:"Quests,document"`
	Ratio  float64   `dynamo:"Ratio,omitempty"`
	Seen   time.Time `dynamo:"Seen,layout=RFC3339Nano"`
	// The sample has values of the types L, SS.
	Tags   types.AttributeValue `dynamo:"Tags"`
	Unix   int64                `dynamo:"Unix"`
	Weapon *HeroWeapon          `dynamo:"Weapon,document"`
}

// HeroWeapon is a part of Hero.
type HeroWeapon struct {
	Power int64   `dynamo:"power"`
	Slot  *string `dynamo:"slot"`
}
