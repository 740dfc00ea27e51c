package work

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// rawItem is an item in the SDK's form.
type rawItem = map[string]types.AttributeValue

// encode makes the SDK's map from a Player, without a request.
func encode(name string) Work {
	p := newPlayer(0)
	return Work{Name: name, Items: 1, Contenders: []Contender{
		{Dynamapper, func() (Operation, error) {
			table, err := openTable[playerModel](inMemory, newWrites())
			m := &playerModel{Player: newPlayer(0)}
			return encoding(func() (rawItem, error) { return table.MarshalItem(m) }), err
		}},
		{ByHand, func() (Operation, error) {
			return encoding(func() (rawItem, error) { return encodeByHand(&p), nil }), nil
		}},
		{AttributeValue, func() (Operation, error) {
			return encoding(func() (rawItem, error) { return attributevalue.MarshalMap(&p) }), nil
		}},
		{Guregu, func() (Operation, error) {
			return encoding(func() (rawItem, error) { return dynamo.MarshalItem(&p) }), nil
		}},
	}}
}

func encoding(encode func() (rawItem, error)) Operation {
	return steps[rawItem]{
		func(context.Context) (rawItem, error) { return encode() },
		func(item rawItem) error { return players.checkMaps(1, rawItems{item}) },
	}
}

// decode makes a Player from the SDK's map. dynamapper also makes a snapshot.
func decode(name string) Work {
	p := newPlayer(0)
	item := encodeByHand(&p)
	return Work{Name: name, Items: 1, Contenders: []Contender{
		{Dynamapper, func() (Operation, error) {
			table, err := openTable[playerModel](inMemory, newWrites())
			return decodingOurs(func() (*playerModel, error) {
				return table.UnmarshalItem(item)
			}), err
		}},
		{ByHand, func() (Operation, error) {
			return decoding(func() (*Player, error) { return decodeByHand(item) }), nil
		}},
		{AttributeValue, func() (Operation, error) {
			return decoding(func() (*Player, error) { return toValue(item) }), nil
		}},
		{Guregu, func() (Operation, error) {
			return decoding(func() (*Player, error) { return toGuregu(item) }), nil
		}},
	}}
}

// decodeJSON makes a Player from DynamoDB's JSON, as in events and exports. The peers make a map
// first.
func decodeJSON(name string) Work {
	p := newPlayer(0)
	text, failed := itemJSON(encodeByHand(&p))
	viaMap := func(decode func(rawItem) (*Player, error)) func() (Operation, error) {
		return func() (Operation, error) {
			return decoding(func() (*Player, error) {
				item, err := attributevalue.UnmarshalMapJSON(text)
				if err != nil {
					return nil, err
				}
				return decode(item)
			}), failed
		}
	}
	return Work{Name: name, Items: 1, Contenders: []Contender{
		{Dynamapper, func() (Operation, error) {
			table, err := openTable[playerModel](inMemory, newWrites())
			return decodingOurs(func() (*playerModel, error) {
				return table.UnmarshalItemJSON(text)
			}), err
		}},
		{ByHand, viaMap(decodeByHand)}, {AttributeValue, viaMap(toValue)},
		{Guregu, viaMap(toGuregu)},
	}}
}

func toValue(item rawItem) (*Player, error) {
	var p Player
	err := attributevalue.UnmarshalMap(item, &p)
	return &p, err
}

func toGuregu(item rawItem) (*Player, error) {
	var p Player
	err := dynamo.UnmarshalItem(item, &p)
	return &p, err
}

func decoding(decode func() (*Player, error)) Operation {
	return steps[*Player]{
		func(context.Context) (*Player, error) { return decode() },
		func(p *Player) error { return players.checkItem(0, p) },
	}
}

func decodingOurs(decode func() (*playerModel, error)) Operation {
	return steps[*playerModel]{
		func(context.Context) (*playerModel, error) { return decode() },
		func(m *playerModel) error { return players.checkItem(0, &m.Player) },
	}
}
