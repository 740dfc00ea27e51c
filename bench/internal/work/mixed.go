package work

import (
	"context"
	"encoding/json"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// The models of five entities in one table. Each has the attributes of a Player and the name of its
// entity, so a mixed page differs from a page of one kind in nothing but the kinds.
type (
	warrior struct {
		dynamapper.Model `dynamo:"players,entity=warrior"`
		Player
	}
	wizard struct {
		dynamapper.Model `dynamo:"players,entity=wizard"`
		Player
	}
	thief struct {
		dynamapper.Model `dynamo:"players,entity=thief"`
		Player
	}
	priest struct {
		dynamapper.Model `dynamo:"players,entity=priest"`
		Player
	}
	bard struct {
		dynamapper.Model `dynamo:"players,entity=bard"`
		Player
	}
)

// The same for a program that decodes by hand.
type (
	plainWarrior struct{ Player }
	plainWizard  struct{ Player }
	plainThief   struct{ Player }
	plainPriest  struct{ Player }
	plainBard    struct{ Player }
)

var entities = []string{"warrior", "wizard", "thief", "priest", "bard"}

// entityPage responds with n players of some entities, one after the other.
func entityPage(n int, of []string) (*response, error) {
	items := make([]json.RawMessage, n)
	for i := range items {
		item, err := attributevalue.MarshalMap(newPlayer(i))
		if err != nil {
			return nil, err
		}
		item["entity"] = &types.AttributeValueMemberS{Value: of[i%len(of)]}
		if items[i], err = itemJSON(item); err != nil {
			return nil, err
		}
	}
	return pageOf(n, joined(items)), nil
}

// queryEntity reads a page of one entity with the table of its model.
func queryEntity(name string, n int) Work {
	return Work{Name: name, Items: n, Contenders: []Contender{
		{Dynamapper, func() (Operation, error) {
			page, err := entityPage(n, entities[:1])
			if err != nil {
				return nil, err
			}
			table, err := openTable[warrior](inMemory, page)
			if err != nil {
				return nil, err
			}
			return steps[[]*warrior]{
				func(ctx context.Context) ([]*warrior, error) {
					return table.Query(guild).Collect(ctx)
				},
				func(items []*warrior) error { return checkEntities(n, 1, items) },
			}, nil
		}},
		{SDK, func() (Operation, error) { return readEntityMaps(n, entities[:1]) }},
		{ByHand, func() (Operation, error) { return readByHand(n, entities[:1]) }},
	}}
}

// queryEntities reads a page of five entities with a collection.
func queryEntities(name string, n int) Work {
	return Work{Name: name, Items: n, Contenders: []Contender{
		{Dynamapper, func() (Operation, error) {
			page, err := entityPage(n, entities)
			if err != nil {
				return nil, err
			}
			all, err := openCollection(page)
			if err != nil {
				return nil, err
			}
			return steps[[]any]{
				func(ctx context.Context) ([]any, error) { return all.Query(guild).Collect(ctx) },
				func(items []any) error { return checkEntities(n, len(entities), items) },
			}, nil
		}},
		{SDK, func() (Operation, error) { return readEntityMaps(n, entities) }},
		{ByHand, func() (Operation, error) { return readByHand(n, entities) }},
	}}
}

func openCollection(page *response) (*dynamapper.Collection, error) {
	mapper, err := dynamapper.Connect(context.Background(),
		dynamapper.WithConfig(inMemory(page)))
	if err != nil {
		return nil, err
	}
	var tables []dynamapper.AnyTable
	for _, open := range []func(*dynamapper.Mapper) (dynamapper.AnyTable, error){
		tableIn[warrior], tableIn[wizard], tableIn[thief], tableIn[priest], tableIn[bard],
	} {
		table, err := open(mapper)
		if err != nil {
			return nil, err
		}
		tables = append(tables, table)
	}
	return dynamapper.NewCollection(tables...)
}

func tableIn[M dynamapper.IsModel](mapper *dynamapper.Mapper) (dynamapper.AnyTable, error) {
	return dynamapper.TableOf[M](mapper)
}

// readEntityMaps reads a page with the SDK, and decodes nothing.
func readEntityMaps(n int, of []string) (Operation, error) {
	page, err := entityPage(n, of)
	if err != nil {
		return nil, err
	}
	client := dynamodb.NewFromConfig(inMemory(page))
	return steps[rawItems]{
		func(ctx context.Context) (items rawItems, err error) {
			err = queryPages(ctx, client, queryInput(), func(page rawItems) error {
				items = append(items, page...)
				return nil
			})
			return items, err
		},
		func(items rawItems) error {
			decoded := make([]any, len(items))
			for i, item := range items {
				var err error
				if decoded[i], err = decodeEntity(item); err != nil {
					return err
				}
			}
			return checkEntities(n, len(of), decoded)
		},
	}, nil
}

// readByHand reads a page with the SDK, and decodes each item by the name of its entity.
func readByHand(n int, of []string) (Operation, error) {
	page, err := entityPage(n, of)
	if err != nil {
		return nil, err
	}
	client := dynamodb.NewFromConfig(inMemory(page))
	return steps[[]any]{
		func(ctx context.Context) (items []any, err error) {
			err = queryPages(ctx, client, queryInput(), func(page rawItems) error {
				for _, item := range page {
					entity, err := decodeEntity(item)
					if err != nil {
						return err
					}
					items = append(items, entity)
				}
				return nil
			})
			return items, err
		},
		func(items []any) error { return checkEntities(n, len(of), items) },
	}, nil
}

// decodeEntity is what a program writes that has no mapper for several models.
func decodeEntity(item rawItem) (any, error) {
	entity, ok := item["entity"].(*types.AttributeValueMemberS)
	if !ok {
		return nil, errWrong("an item without an entity")
	}
	switch entity.Value {
	case "warrior":
		return decodeAs[plainWarrior](item)
	case "wizard":
		return decodeAs[plainWizard](item)
	case "thief":
		return decodeAs[plainThief](item)
	case "priest":
		return decodeAs[plainPriest](item)
	case "bard":
		return decodeAs[plainBard](item)
	}
	return nil, errWrong("the entity %q", entity.Value)
}

func decodeAs[P any](item rawItem) (any, error) {
	decoded := new(P)
	err := attributevalue.UnmarshalMap(item, decoded)
	return decoded, err
}

// checkEntities returns an error if the items are not the players of a page with so many kinds.
func checkEntities[T any](n, kinds int, items []T) error {
	if len(items) != n {
		return errWrong("%d items of %d", len(items), n)
	}
	for i := range items {
		item := reflect.ValueOf(&items[i]).Elem()
		if item.Kind() == reflect.Interface {
			item = item.Elem()
		}
		if want := newPlayer(i); !reflect.DeepEqual(item.Elem().FieldByName("Player").Interface(),
			want) {
			return errWrong("%+v, not %+v", item, want)
		}
		if kind := reflect.TypeOf(items[i]); i >= kinds && kind != reflect.TypeOf(items[i-kinds]) ||
			i > 0 && i < kinds && kind == reflect.TypeOf(items[i-1]) {
			return errWrong("item %d is of type %s", i, kind)
		}
	}
	return nil
}
