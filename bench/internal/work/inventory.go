package work

import (
	"encoding/json"
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// owner is a Player with a map, which the peers store as a native M.
type owner struct {
	Player
	Inventory map[string]int `dynamodbav:"inventory" dynamo:"inventory"`
}

func newOwner(i int) owner {
	return owner{newPlayer(i), map[string]int{"sword": 1, "potion": i % 20, "arrow": i}}
}

// jsonOwner stores the map as dynamapper does by default: as an S with JSON.
type jsonOwner struct {
	dynamapper.Model `dynamo:"players"`
	owner
}

var jsonOwners = kind[owner, jsonOwner]{
	make: newOwner, plain: func(m *jsonOwner) *owner { return &m.owner }, spell: spellInventory,
}

// spellInventory returns an item as dynamapper stores it, with the inventory as JSON.
func spellInventory(
	item map[string]types.AttributeValue, o owner,
) (map[string]types.AttributeValue, error) {
	text, err := json.Marshal(o.Inventory)
	if err != nil {
		return nil, err
	}
	item = maps.Clone(item)
	item["inventory"] = &types.AttributeValueMemberS{Value: string(text)}
	return item, nil
}

// documentOwner stores the map as the peers do.
type documentOwner struct {
	dynamapper.Model `dynamo:"players"`
	Player
	Inventory map[string]int `dynamo:"inventory,document"`
}

var documentOwners = kind[owner, documentOwner]{
	make: newOwner, plain: func(m *documentOwner) *owner { return &owner{m.Player, m.Inventory} },
}

// takenOwners reads into the JSON field what another library has written: an M.
var takenOwners = kind[owner, jsonOwner]{make: newOwner, plain: jsonOwners.plain}
