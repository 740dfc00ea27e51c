package work

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// kind is a kind of items: P is the peers' type, M dynamapper's model of the same.
type kind[P any, M dynamapper.IsModel] struct {
	make  func(i int) P
	plain func(*M) *P
	// spell returns an item as dynamapper stores it; nil: as the peers do.
	spell func(map[string]types.AttributeValue, P) (map[string]types.AttributeValue, error)
	// text returns item i as DynamoDB sends it; nil: itemJSON.
	text func(i int, item rawItem) ([]byte, error)
	// number returns the number of an item that is read in any order; nil: they come in order.
	number func(P) int
}

// wire returns n items from number start on, as DynamoDB sends them, to the peers and to
// dynamapper.
func (k kind[P, M]) wire(start, n int) (peers, ours []byte, err error) {
	var peersItems, oursItems []json.RawMessage
	for i := start; i < start+n; i++ {
		plain := k.make(i)
		item, err := attributevalue.MarshalMap(plain)
		if err != nil {
			return nil, nil, err
		}
		spelled := item
		if k.spell != nil {
			if spelled, err = k.spell(item, plain); err != nil {
				return nil, nil, err
			}
		}
		for to, item := range map[*[]json.RawMessage]map[string]types.AttributeValue{
			&peersItems: item, &oursItems: spelled,
		} {
			text, err := k.textOf(i, item)
			if err != nil {
				return nil, nil, err
			}
			*to = append(*to, text)
		}
	}
	return joined(peersItems), joined(oursItems), nil
}

func (k kind[P, M]) textOf(i int, item rawItem) ([]byte, error) {
	if k.text == nil {
		return itemJSON(item)
	}
	return k.text(i, item)
}

// itemJSON returns an item as DynamoDB sends it, always in the same order.
func itemJSON(item map[string]types.AttributeValue) ([]byte, error) {
	text, err := attributevalue.MarshalMapJSON(item)
	if err != nil {
		return nil, err
	}
	var unordered any
	if err := json.Unmarshal(text, &unordered); err != nil {
		return nil, err
	}
	return json.Marshal(unordered)
}

func joined(items []json.RawMessage) []byte {
	return fmt.Appendf(nil, "[%s]", bytes.Join(asBytes(items), []byte(",")))
}

func asBytes(items []json.RawMessage) [][]byte {
	texts := make([][]byte, len(items))
	for i, item := range items {
		texts[i] = item
	}
	return texts
}

// checkPlain returns an error if a contender did not read n items from number 0 on.
func (k kind[P, M]) checkPlain(n int, items []P) error {
	if len(items) != n {
		return errWrong("%d items of %d", len(items), n)
	}
	if k.number != nil {
		items = slices.Clone(items)
		slices.SortFunc(items, func(a, b P) int { return cmp.Compare(k.number(a), k.number(b)) })
	}
	for i := range items {
		if err := k.checkItem(i, &items[i]); err != nil {
			return err
		}
	}
	return nil
}

func (k kind[P, M]) checkItem(i int, item *P) error {
	if want := k.make(i); !reflect.DeepEqual(*item, want) {
		return errWrong("%+v, not %+v", *item, want)
	}
	return nil
}

// checkModels is checkPlain for dynamapper.
func (k kind[P, M]) checkModels(n int, models []*M) error {
	items := make([]P, len(models))
	for i, m := range models {
		items[i] = *k.plain(m)
	}
	return k.checkPlain(n, items)
}

// checkMaps is checkPlain for the SDK alone.
func (k kind[P, M]) checkMaps(n int, maps []map[string]types.AttributeValue) error {
	var items []P
	if err := attributevalue.UnmarshalListOfMaps(maps, &items); err != nil {
		return err
	}
	return k.checkPlain(n, items)
}
