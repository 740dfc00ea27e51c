package moving

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// avPlayer is the struct of a program that uses the SDK with attributevalue.
type avPlayer struct {
	ID        string         `dynamodbav:"id"`
	Balance   int            `dynamodbav:"balance"`
	Admin     bool           `dynamodbav:"admin"`
	Avatar    []byte         `dynamodbav:"avatar"`
	Level     *int           `dynamodbav:"level"`
	Title     *string        `dynamodbav:"title"`
	Weapon    gear           `dynamodbav:"weapon"`
	Inventory map[string]int `dynamodbav:"inventory"`
	Names     []string       `dynamodbav:"names"`
	Badges    []string       `dynamodbav:"badges,stringset"`
	Bag       []gear         `dynamodbav:"bag"`
	Joined    time.Time      `dynamodbav:"joined"`
	LastSeen  time.Time      `dynamodbav:"last_seen,unixtime"`
	Nickname  string         `dynamodbav:"nickname,omitempty"`
	Motto     string         `dynamodbav:"motto"`
}

// movedPlayer is the same struct with our tags beside the old ones, so that it serves both
// programs.
type movedPlayer struct {
	dynamapper.Model `dynamo:"players,document" dynamodbav:"-"`
	ID               string         `dynamo:"id,hash" dynamodbav:"id"`
	Balance          int            `dynamo:"balance" dynamodbav:"balance"`
	Admin            bool           `dynamo:"admin" dynamodbav:"admin"`
	Avatar           []byte         `dynamo:"avatar" dynamodbav:"avatar"`
	Level            *int           `dynamo:"level" dynamodbav:"level"`
	Title            *string        `dynamo:"title" dynamodbav:"title"`
	Weapon           gear           `dynamo:"weapon" dynamodbav:"weapon"`
	Inventory        map[string]int `dynamo:"inventory" dynamodbav:"inventory"`
	Names            []string       `dynamo:"names" dynamodbav:"names"`
	Badges           []string       `dynamo:"badges,set" dynamodbav:"badges,stringset"`
	Bag              []gear         `dynamo:"bag" dynamodbav:"bag"`
	Joined           time.Time      `dynamo:"joined,layout=RFC3339Nano" dynamodbav:"joined"`
	LastSeen         time.Time      `dynamo:"last_seen,unixtime" dynamodbav:"last_seen,unixtime"`
	Nickname         string         `dynamo:"nickname,omitempty" dynamodbav:"nickname,omitempty"`
	Motto            string         `dynamo:"motto" dynamodbav:"motto"`
}

func avWaldo() avPlayer {
	return avPlayer{ID: "waldo", Balance: 200, Admin: true, Avatar: []byte("png"), Level: &seven,
		Weapon:    gear{"hand", 3},
		Inventory: map[string]int{"sword": 1}, Names: []string{"Waldo", ""},
		Badges: []string{"a", "b"},
		Bag:    []gear{{"left", 1}}, Joined: atUTC, LastSeen: atUTC.Truncate(time.Second)}
}

// Both programs use one table: the SDK writes, we edit, attributevalue reads everything and writes,
// and our stale save is refused.
func TestAttributevalueAndOursOnOneTable(t *testing.T) {
	t.Parallel()
	ctx, theirs := t.Context(), newSDK(t)
	ours := tableOf[movedPlayer](t)
	require.NoError(t, theirs.put(ctx, ours.Name(), avWaldo()))
	before := getRaw(t, ours.Name(), "waldo")
	require.Equal(t, `{"NULL":true}`, wire(before["title"]))
	require.Equal(t, `{"S":""}`, wire(before["motto"]))

	waldo, err := ours.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	require.NoError(t, err)
	waldo.Balance -= 150
	require.NoError(t, ours.Save(ctx, waldo, dynamapper.FailOnConflict()))
	want := before
	want["balance"] = &types.AttributeValueMemberN{Value: "50"}
	require.Equal(t, want, getRaw(t, ours.Name(), "waldo"), "NULL and the empty string stay, too")

	var back avPlayer
	require.NoError(t, theirs.get(ctx, ours.Name(), "waldo", &back))
	expected := avWaldo()
	expected.Balance = 50
	back.LastSeen = back.LastSeen.UTC() // attributevalue returns the local time
	require.Equal(t, expected, back)

	waldo.Weapon.Power, waldo.Bag, waldo.Joined = 4, []gear{{"back", 5}}, atUTC.Add(time.Hour)
	require.NoError(t, ours.Save(ctx, waldo, dynamapper.FailOnConflict()))
	require.NoError(t, theirs.get(ctx, ours.Name(), "waldo", &back))
	require.Equal(t, []any{4, []gear{{"back", 5}}, atUTC.Add(time.Hour)},
		[]any{back.Weapon.Power, back.Bag, back.Joined})

	back.Balance += 10
	require.NoError(t, theirs.put(ctx, ours.Name(), back))
	waldo.Balance = 0
	require.ErrorIs(t, ours.Save(ctx, waldo, dynamapper.FailOnConflict()), dynamapper.ErrConflict)
	var both movedPlayer
	require.NoError(t, theirs.get(ctx, ours.Name(), "waldo", &both), "one struct with both tags")
	require.Equal(t, 60, both.Balance)
	require.True(t, ours.IsNew(&both))
}

// A program can move one field at a time: a model with only the key and one field keeps the other
// attributes, whoever wrote them.
func TestAFieldAtATime(t *testing.T) {
	t.Parallel()
	type balance struct {
		dynamapper.Model `dynamo:"players"`
		ID               string `dynamo:"id,hash"`
		Balance          int    `dynamo:"balance"`
	}
	ctx, theirs := t.Context(), newSDK(t)
	ours := tableOf[balance](t)
	require.NoError(t, theirs.put(ctx, ours.Name(), avWaldo()))
	want := getRaw(t, ours.Name(), "waldo")
	waldo, err := ours.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	require.NoError(t, err)
	waldo.Balance = 50
	require.NoError(t, ours.Save(ctx, waldo))
	want["balance"] = &types.AttributeValueMemberN{Value: "50"}
	require.Equal(t, want, getRaw(t, ours.Name(), "waldo"))

	require.NoError(t, theirs.put(ctx, ours.Name(), avWaldo()))
	require.ErrorIs(t, ours.Save(ctx, waldo, dynamapper.FailOnConflict()), dynamapper.ErrConflict)
}

// attributevalue can read and write with our tags, by an option. Model needs its own tag.
func TestAttributevalueWithOurTags(t *testing.T) {
	t.Parallel()
	type player struct {
		dynamapper.Model `dynamo:"players" dynamodbav:"-"`
		ID               string `dynamo:"id,hash"`
		Balance          int    `dynamo:"balance"`
	}
	ours := func(o *attributevalue.EncoderOptions) { o.TagKey = "dynamo" }
	item, err := attributevalue.MarshalMapWithOptions(player{ID: "waldo", Balance: 200}, ours)
	require.NoError(t, err)
	require.Equal(t, `{"N":"200"}`, wire(item["balance"]))
	require.Equal(t, `{"M":{}}`, wire(item["players"]),
		"a superfluous attribute: the tag of Model is read, too")
}

// attributevalue and dynamapper agree on TextMarshaler if attributevalue's option for it is set.
func TestTextMarshalerOfAttributevalue(t *testing.T) {
	t.Parallel()
	item := newHolder[plain[textual]]("a", textual{"x"})
	encoded, err := attributevalue.MarshalMapWithOptions(item,
		func(o *attributevalue.EncoderOptions) { o.UseEncodingMarshalers = true })
	require.NoError(t, err)
	ours, err := dynamapper.EncodeItem((*plain[textual])(item))
	require.NoError(t, err)
	require.Equal(t, `{"S":"x"}`, wire(encoded["value"]))
	require.Equal(t, `{"S":"x"}`, wire(ours["value"]))
}

type textual struct{ text string }

func (t textual) MarshalText() ([]byte, error)     { return []byte(t.text), nil }
func (t *textual) UnmarshalText(text []byte) error { t.text = string(text); return nil }

// A model's fields need our tags: a field with only a dynamodbav tag is refused, as is
// attributevalue's option.
func TestOldTagsAlone(t *testing.T) {
	t.Parallel()
	type old struct {
		dynamapper.Model `dynamo:"old"`
		ID               string `dynamo:"id,hash"`
		Name             string `dynamodbav:"name"`
	}
	type option struct {
		dynamapper.Model `dynamo:"option"`
		ID               string   `dynamo:"id,hash"`
		Names            []string `dynamo:"names,stringset"`
	}
	mapper := dynamotest.Mapper(t)
	_, err := dynamapper.TableOf[old](mapper)
	require.ErrorContains(t, err, "the tag dynamodbav would not be read")
	_, err = dynamapper.TableOf[option](mapper)
	require.ErrorContains(t, err, `option "stringset" is not known`)
}

// An item that the SDK has read elsewhere (a stream, PartiQL) can be decoded, and our items can be
// written by the SDK.
func TestItemsInAndOut(t *testing.T) {
	t.Parallel()
	ctx, theirs := t.Context(), newSDK(t)
	ours := tableOf[movedPlayer](t)
	item, err := ours.MarshalItem(&movedPlayer{ID: "waldo", Balance: 200})
	require.NoError(t, err)
	_, err = theirs.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(ours.Name()),
		Item: item})
	require.NoError(t, err)
	waldo, err := ours.UnmarshalItem(getRaw(t, ours.Name(), "waldo"))
	require.NoError(t, err)
	waldo.Balance = 50
	require.NoError(t, ours.Save(ctx, waldo, dynamapper.FailOnConflict()), "as if loaded")
}
