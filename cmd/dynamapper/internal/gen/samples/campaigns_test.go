package samples

import (
	"time"

	"github.com/dynamapper/dynamapper"
)

// Campaign is an item of the table "campaigns". The types of its fields fit the 3 items of the
// sample.
type Campaign struct {
	dynamapper.Model `dynamo:"campaigns"`

	ID        int64            `dynamo:"id,hash,autoincrement"`
	At        time.Time        `dynamo:"at,layout=2006-01-02T15:04:05.000000-07:00"`
	Cheats    []string         `dynamo:"cheats,set"`
	Completed *int64           `dynamo:"completed"`
	Extra     string           `dynamo:"extra"`
	Mixed     []any            `dynamo:"mixed"`
	Monsters  map[string]int64 `dynamo:"monsters"`
	Name      string           `dynamo:"name"`
	Players   []string         `dynamo:"players"`
	// JSON of which a struct would lose something, such as null beside a missing member.
	World any `dynamo:"world"`
}
