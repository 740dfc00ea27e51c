package work

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
)

// StructsAndMaps is what a user of the SDK keeps to compare an item with its loaded state.
const StructsAndMaps = "attributevalue, with its maps"

// Keeping is something that a program loads and keeps, to measure its heap memory.
type Keeping struct {
	Name    string
	Keepers []Keeper
}

// Keeper is one way to keep it. Open returns the function that loads it once.
type Keeper struct {
	Name string
	Open func() (Load, error)
}

// Load reads a page and returns what is kept of it.
type Load func(context.Context) (any, error)

// The keepings.
const (
	KeepPage = "Kept-1000-items"
	KeepOne  = "Kept-one-item-of-1000"
)

// Keepings returns all keepings.
func Keepings() []Keeping {
	page := players.query("", 1000)
	return []Keeping{
		{KeepPage, []Keeper{
			keeper(page, Dynamapper, Dynamapper, func(items []*playerModel) (any, error) {
				return items, nil
			}),
			keeper(page, SDK, SDK, func(items rawItems) (any, error) { return items, nil }),
			keeper(page, AttributeValue, AttributeValue, func(items []Player) (any, error) {
				return items, nil
			}),
			keeper(page, StructsAndMaps, SDK, func(items rawItems) (any, error) {
				return withMaps(items)
			}),
			keeper(page, Guregu, Guregu, func(items []Player) (any, error) { return items, nil }),
		}},
		{KeepOne, []Keeper{
			keeper(page, Dynamapper, Dynamapper, func(items []*playerModel) (any, error) {
				return items[500], nil
			}),
			keeper(page, SDK, SDK, func(items rawItems) (any, error) { return items[500], nil }),
			keeper(page, AttributeValue, AttributeValue, func(items []Player) (any, error) {
				return copyOf(items[500]), nil
			}),
			keeper(page, StructsAndMaps, SDK, func(items rawItems) (any, error) {
				return withMaps(items[500:501])
			}),
			keeper(page, Guregu, Guregu, func(items []Player) (any, error) {
				return copyOf(items[500]), nil
			}),
		}},
	}
}

// kept are items and the maps from which they were made.
type kept struct {
	players []Player
	maps    rawItems
}

func withMaps(items rawItems) (any, error) {
	k := kept{maps: slices.Clone(items)}
	err := attributevalue.UnmarshalListOfMaps(items, &k.players)
	return k, err
}

// copyOf copies an item out of its slice.
func copyOf(p Player) *Player { return &p }

// keeper reads a page as one of its contenders does, and selects what is kept.
func keeper[R any](page Work, name, contender string, pick func(R) (any, error)) Keeper {
	return Keeper{name, func() (Load, error) {
		c, _ := page.Contender(contender)
		operation, err := c.Open()
		if err != nil {
			return nil, err
		}
		read := operation.(steps[R]).run
		return func(ctx context.Context) (any, error) {
			result, err := read(ctx)
			if err != nil {
				return nil, err
			}
			return pick(result)
		}, nil
	}}
}
