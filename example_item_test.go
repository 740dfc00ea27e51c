package dynamapper_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/dynamapper/dynamapper"
)

func ExampleKey() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	score, err := scores.Get(ctx, dynamapper.Key("tetris", "ada")) // the hash key and the range key
	check(err)
	fmt.Println(score.Points)
	// Output: 90
}

func ExampleKeys() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200},
		&Player{Login: "wally", Coins: 5})
	defer end()

	logins := []string{"wally", "waldo", "nobody"}
	found, err := players.BatchGet(ctx, dynamapper.Keys(logins...))
	check(err)
	for _, player := range found {
		fmt.Println(player.Login, player.Coins)
	}
	// Output:
	// wally 5
	// waldo 200
}

// A list of keys, each with a hash key and a range key.
func ExamplePrimaryKey() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	keys := []dynamapper.PrimaryKey{dynamapper.Key("chess", "ada"), dynamapper.Key("tetris", "bob")}
	found, err := scores.BatchGet(ctx, keys)
	check(err)
	for _, score := range found {
		fmt.Println(score.Game, score.Player, score.Points)
	}
	// Output:
	// chess ada 12
	// tetris bob 40
}

func ExamplePrimaryKey_Hash() {
	key := dynamapper.Key("tetris", "ada")
	fmt.Println(key.Hash())
	// Output: tetris
}

func ExamplePrimaryKey_Range() {
	fmt.Println(dynamapper.Key("tetris", "ada").Range())
	fmt.Println(dynamapper.Key("waldo").Range())
	// Output:
	// ada
	// <nil>
}

func ExampleTable_Get() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	fmt.Println(waldo.Coins)
	// Output: 200
}

// A consistent read of two attributes, the key and the coins.
func ExampleReadOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200, Guild: "knights"})
	defer end()

	opts := []dynamapper.ReadOption{dynamapper.Consistent(), dynamapper.Select("coins")}
	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), opts...)
	check(err)
	fmt.Printf("%q %d %q\n", waldo.Login, waldo.Coins, waldo.Guild)
	// Output: "waldo" 200 ""
}

// A consistent read before a decision about money.
func ExampleConsistent() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	fmt.Println(waldo.Coins >= 150)
	// Output: true
}

// Select makes the item partial, and ChangedOnly saves only its edited attributes.
func ExampleSelect() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200, Guild: "knights"})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Select("coins"))
	check(err)
	waldo.Coins++
	check(players.Save(ctx, waldo, dynamapper.ChangedOnly()))

	waldo, err = players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	fmt.Println(waldo.Coins, waldo.Guild)
	// Output: 201 knights
}

// Select with a path reads a part of a document.
func ExampleSelect_path() {
	ctx := context.Background()
	type Settings struct {
		Lang   string `dynamo:"lang"`
		Volume int    `dynamo:"volume"`
	}
	type Profile struct {
		dynamapper.Model `dynamo:"profiles"`
		Login            string   `dynamo:"login,hash"`
		Settings         Settings `dynamo:"settings,document"`
	}
	profiles, end := exampleTable(ctx, &Profile{Login: "waldo", Settings: Settings{"en", 11}})
	defer end()

	key := dynamapper.Key("waldo")
	waldo, err := profiles.Get(ctx, key, dynamapper.Select("settings.lang"))
	check(err)
	fmt.Println(waldo.Settings)

	waldo.Settings.Lang = "de"
	err = profiles.Save(ctx, waldo, dynamapper.ChangedOnly())
	fmt.Println(errors.Is(err, dynamapper.ErrPartial)) // a save would lose the volume
	waldo, err = profiles.Update(key).Set("settings.lang", "de").Run(ctx)
	check(err)
	fmt.Println(waldo.Settings)
	// Output:
	// {en 0}
	// true
	// {de 11}
}

func ExampleTable_BatchGet() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200},
		&Player{Login: "wally", Coins: 5})
	defer end()

	found, err := players.BatchGet(ctx, dynamapper.Keys("waldo", "nobody", "wally"),
		dynamapper.Consistent())
	check(err)
	for _, player := range found { // the items found, in the order of the keys
		fmt.Println(player.Login, player.Coins)
	}
	// Output:
	// waldo 200
	// wally 5
}

// Fetch sends nothing. Give its result to TransactGet or BatchGet of the mapper.
func ExampleTable_Fetch() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo := players.Fetch(dynamapper.Key("waldo"))
	fmt.Println(waldo.Item == nil, waldo.Err != nil) // nothing is read yet
	// Output: true true
}

// A Fetch has the item, or the error of the item.
func ExampleFetch() {
	ctx := context.Background()
	m, players, _, end := exampleBank(ctx)
	defer end()

	waldo := players.Fetch(dynamapper.Key("waldo"))
	nobody := players.Fetch(dynamapper.Key("nobody"))
	check(m.TransactGet(ctx, waldo, nobody))
	fmt.Println(waldo.Item.Coins, waldo.Err)
	fmt.Println(nobody.Item == nil, errors.Is(nobody.Err, dynamapper.ErrNotFound))
	// Output:
	// 200 <nil>
	// true true
}

// The sum of all coins is right at any time, even while other programs move coins: both players are
// read at one moment.
func ExampleMapper_TransactGet() {
	ctx := context.Background()
	m, players, _, end := exampleBank(ctx)
	defer end()

	waldo := players.Fetch(dynamapper.Key("waldo"))
	wally := players.Fetch(dynamapper.Key("wally"))
	check(m.TransactGet(ctx, waldo, wally))
	for _, p := range []*dynamapper.Fetch[Player]{waldo, wally} {
		check(p.Err)
	}
	fmt.Println(waldo.Item.Coins + wally.Item.Coins)
	// Output: 210
}

// BatchGet reads items of several tables with one request.
func ExampleMapper_BatchGet() {
	ctx := context.Background()
	m, players, purchases, end := exampleBank(ctx)
	defer end()
	check(purchases.Save(ctx, &Purchase{ID: "order 7", Buyer: "waldo"}))

	buyer := players.Fetch(dynamapper.Key("waldo"), dynamapper.Consistent())
	order := purchases.Fetch(dynamapper.Key("order 7"), dynamapper.Consistent())
	check(m.BatchGet(ctx, buyer, order))
	check(errors.Join(buyer.Err, order.Err))
	fmt.Println(order.Item.Buyer, buyer.Item.Coins)
	// Output: waldo 200
}

// Any number of Fetches, of any models, can be in one slice.
func ExampleAnyFetch() {
	ctx := context.Background()
	m, players, purchases, end := exampleBank(ctx)
	defer end()

	fetches := []dynamapper.AnyFetch{purchases.Fetch(dynamapper.Key("order 7"))}
	var found []*dynamapper.Fetch[Player]
	for _, login := range []string{"waldo", "wally"} {
		p := players.Fetch(dynamapper.Key(login))
		found, fetches = append(found, p), append(fetches, p)
	}
	check(m.BatchGet(ctx, fetches...))
	for _, p := range found {
		check(p.Err)
		fmt.Println(p.Item.Login, p.Item.Coins)
	}
	// Output:
	// waldo 200
	// wally 10
}

// New applies the defaults of the tags, then the hook InitItem, then this function.
func ExampleTable_New() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	waldo := players.New(func(p *Player) { p.Login, p.Coins = "waldo", 200 })
	fmt.Println(waldo.Login, waldo.Coins, players.IsNew(waldo))
	// Output: waldo 200 true
}

func ExampleTable_KeyOf() {
	scores, end := exampleTable[Score](context.Background())
	defer end()

	key := scores.KeyOf(&Score{Game: "tetris", Player: "ada", Points: 90})
	fmt.Println(key.Hash(), key.Range())
	// Output: tetris ada
}

func ExampleTable_IsNew() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	waldo := &Player{Login: "waldo"}
	fmt.Println(players.IsNew(waldo))
	check(players.Save(ctx, waldo))
	fmt.Println(players.IsNew(waldo))
	check(players.Delete(ctx, waldo))
	fmt.Println(players.IsNew(waldo))
	// Output:
	// true
	// false
	// true
}

// Snapshot returns the item as it was loaded, regardless of later edits.
func ExampleTable_Snapshot() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	waldo.Coins = 50
	printItem(players.Snapshot(waldo))
	// Output:
	// coins {"N":"200"}
	// login {"S":"waldo"}
}

// A page that needs every field, as to_json_dict of dynamodb-mapper returns them.
func ExampleEmptyFields() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	text, err := json.Marshal(players.ToMap(&Player{Login: "waldo"}, dynamapper.EmptyFields()))
	check(err)
	fmt.Println(string(text))
	// Output: {"badges":[],"coins":0,"guild":"","inventory":{},"login":"waldo"}
}

func ExampleMapOption() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	whole := []dynamapper.MapOption{dynamapper.EmptyFields()}
	fmt.Println(players.ToMap(&Player{Login: "waldo"}, whole...)["badges"])
	// Output: []
}

func ExampleTable_ToMap() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	waldo := &Player{Login: "waldo", Coins: 200, Badges: []string{"gold", "fast"}}
	text, err := json.Marshal(players.ToMap(waldo)) // a response of an HTTP handler
	check(err)
	fmt.Println(string(text))
	// Output: {"badges":["fast","gold"],"coins":200,"login":"waldo"}
}

// MarshalItem returns an attribute map for a request through the SDK.
func ExampleTable_MarshalItem() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	raw, err := players.MarshalItem(
		&Player{Login: "waldo", Coins: 200, Inventory: map[string]int{"sword": 1}})
	check(err)
	printItem(raw)
	// Output:
	// coins {"N":"200"}
	// inventory {"M":{"sword":{"N":"1"}}}
	// login {"S":"waldo"}
}

// An OverwriteError holds the current item. Decoded, it can be edited and saved like a loaded item.
func ExampleTable_UnmarshalItem() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	err := players.Save(ctx, &Player{Login: "waldo"}, dynamapper.FailOnConflict())
	var taken *dynamapper.OverwriteError
	if errors.As(err, &taken) {
		waldo, err := players.UnmarshalItem(taken.Current)
		check(err)
		fmt.Println(waldo.Login, waldo.Coins, players.IsNew(waldo))
	}
	// Output: waldo 200 false
}

// UnmarshalItemJSON decodes an image from a stream event, as a Lambda function receives it.
func ExampleTable_UnmarshalItemJSON() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	image := `{"login":{"S":"waldo"},"coins":{"N":"200"},"badges":{"SS":["gold"]}}`
	waldo, err := players.UnmarshalItemJSON([]byte(image))
	check(err)
	fmt.Println(waldo.Login, waldo.Coins, waldo.Badges)
	// Output: waldo 200 [gold]
}

// exampleEvent is the event of a Lambda function: waldo reaches a level, and an item is unreadable.
func exampleEvent(table string) []byte {
	return fmt.Appendf(nil, `{"Records":[
		{"eventID":"a","eventName":"MODIFY","dynamodb":{"Keys":{"login":{"S":"waldo"}},
			"OldImage":{"login":{"S":"waldo"},"coins":{"N":"200"}},
			"NewImage":{"login":{"S":"waldo"},"coins":{"N":"50"},"badges":{"SS":["gold"]}},
			"SequenceNumber":"111","StreamViewType":"NEW_AND_OLD_IMAGES"},
			"eventSourceARN":"arn:aws:dynamodb:eu-west-1:123456789012:table/%[1]s/stream/2026"},
		{"eventID":"b","eventName":"REMOVE","dynamodb":{"Keys":{"login":{"S":"bad"}},
			"OldImage":{"login":{"S":"bad"},"coins":{"S":"many"}},
			"SequenceNumber":"222","StreamViewType":"NEW_AND_OLD_IMAGES"}},
		{"eventID":"c","eventName":"REMOVE","dynamodb":{"Keys":{"login":{"S":"wally"}},
			"OldImage":{"login":{"S":"wally"},"coins":{"N":"7"}},
			"SequenceNumber":"333","StreamViewType":"NEW_AND_OLD_IMAGES"},
			"userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"}}
	]}`, table)
}

// A record that cannot be decoded does not end the loop.
func ExampleTable_Changes() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	for change, err := range players.Changes(exampleEvent(players.Name())) {
		switch {
		case err != nil:
			fmt.Println(change.SequenceNumber, "is unreadable")
		case change.Kind == dynamapper.Modified:
			fmt.Println(change.New.Login, "had", change.Old.Coins, "and has", change.New.Coins)
		case change.Kind == dynamapper.Removed:
			fmt.Println(change.Old.Login, "is gone, expired:", change.ByTTL)
		}
	}
	// Output:
	// waldo had 200 and has 50
	// 222 is unreadable
	// wally is gone, expired: true
}

// ChangesOf takes what the client of package dynamodbstreams returns.
func ExampleTable_ChangesOf() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	output := &dynamodbstreams.GetRecordsOutput{Records: []streamtypes.Record{{
		EventName: streamtypes.OperationTypeInsert,
		Dynamodb: &streamtypes.StreamRecord{NewImage: map[string]streamtypes.AttributeValue{
			"login": &streamtypes.AttributeValueMemberS{Value: "waldo"},
			"coins": &streamtypes.AttributeValueMemberN{Value: "200"},
		}},
	}}}
	for change, err := range players.ChangesOf(output.Records...) {
		check(err)
		fmt.Println(change.Kind, change.New.Login, change.New.Coins)
	}
	// Output: INSERT waldo 200
}

// The function of a Lambda handler stops at the first failure, from which Lambda continues.
func ExampleTable_HandleChanges() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	failures := players.HandleChanges(ctx, exampleEvent(players.Name()),
		func(ctx context.Context, change dynamapper.Change[Player]) error {
			fmt.Println("handled", change.SequenceNumber)
			return nil
		})
	response, err := json.Marshal(failures) // as Lambda does
	check(err)
	fmt.Println(string(response))
	// Output:
	// handled 111
	// {"batchItemFailures":[{"itemIdentifier":"222"}]}
}

// With SetAside, a record that cannot be decoded holds nothing up.
func ExampleSetAside() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	var queue []json.RawMessage
	failures := players.HandleChanges(ctx, exampleEvent(players.Name()),
		func(ctx context.Context, change dynamapper.Change[Player]) error {
			fmt.Println("handled", change.SequenceNumber)
			return nil
		},
		dynamapper.SetAside(func(ctx context.Context, bad *dynamapper.ChangeError) error {
			queue = append(queue, bad.Record)
			return nil
		}))
	fmt.Println(len(queue), failures.Err())
	// Output:
	// handled 111
	// handled 333
	// 1 <nil>
}

// A HandleOption is a value, so a program can collect options at run time.
func ExampleHandleOption() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	skip := func(context.Context, *dynamapper.ChangeError) error { return nil }
	opts := []dynamapper.HandleOption{dynamapper.SetAside(skip)}
	handle := func(context.Context, dynamapper.Change[Player]) error { return nil }
	fmt.Println(players.HandleChanges(ctx, exampleEvent(players.Name()), handle, opts...).Err())
	// Output: <nil>
}

// exampleChanges returns the changes that can be decoded.
func exampleChanges(players *dynamapper.Table[Player]) (changes []dynamapper.Change[Player]) {
	for change, err := range players.Changes(exampleEvent(players.Name())) {
		if err == nil {
			changes = append(changes, change)
		}
	}
	return changes
}

// The item of a change is as if it had been loaded.
func ExampleChange() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	change := exampleChanges(players)[0]
	change.New.Coins += 10
	err := players.Save(ctx, change.New, dynamapper.FailOnConflict())
	fmt.Println(errors.Is(err, dynamapper.ErrConflict)) // it is not in the table any more
	// Output: true
}

// A function may take the record alone.
func ExampleStreamRecord() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	audit := func(record dynamapper.StreamRecord) {
		fmt.Println(record.EventID, record.Kind, record.Key.Hash(), record.View)
	}
	for _, change := range exampleChanges(players) {
		audit(change.StreamRecord)
	}
	// Output:
	// a MODIFY waldo NEW_AND_OLD_IMAGES
	// c REMOVE wally NEW_AND_OLD_IMAGES
}

func ExampleStreamRecord_Changed() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	fmt.Println(exampleChanges(players)[0].Changed())
	// Output: [badges coins] true
}

func ExampleChangeKind() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	for _, change := range exampleChanges(players) {
		switch change.Kind {
		case dynamapper.Inserted, dynamapper.Modified:
			fmt.Println("index", change.New.Login)
		case dynamapper.Removed:
			fmt.Println("forget", change.Old.Login)
		}
	}
	// Output:
	// index waldo
	// forget wally
}

// A handler with a loop of its own, which goes on after a failure. Lambda delivers the first failed
// record, and all behind it, again.
func ExampleChangeFailures() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	handler := func(_ context.Context, event json.RawMessage) (dynamapper.ChangeFailures, error) {
		var failures dynamapper.ChangeFailures
		for change, err := range players.Changes(event) {
			failures.Add(change.SequenceNumber, err)
		}
		return failures, nil
	}
	failures, err := handler(context.Background(), exampleEvent(players.Name()))
	check(err)
	fmt.Println(failures.Err() != nil)
	// Output: true
}

func ExampleChangeFailures_Add() {
	var failures dynamapper.ChangeFailures
	failures.Add("111", nil)
	failures.Add("222", errors.New("the shop is closed"))
	fmt.Println(failures.Err())
	// Output: the shop is closed
}

func ExampleChangeFailures_Err() {
	var failures dynamapper.ChangeFailures
	fmt.Println(failures.Err())
	// Output: <nil>
}

func ExampleChangeFailures_MarshalJSON() {
	var failures dynamapper.ChangeFailures
	failures.Add("222", errors.New("the shop is closed"))
	response, err := json.Marshal(failures)
	check(err)
	fmt.Println(string(response))
	// Output: {"batchItemFailures":[{"itemIdentifier":"222"}]}
}

// The error has what a queue for later needs, and its text has no value of the item.
func ExampleChangeError() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	for _, err := range players.Changes(exampleEvent(players.Name())) {
		bad := &dynamapper.ChangeError{}
		if errors.As(err, &bad) {
			fmt.Println(bad.EventID, bad.SequenceNumber, len(bad.Record) > 0)
		}
	}
	// Output: b 222 true
}

// Attributes without a field in the struct are kept when the item is saved.
func ExampleTable_Snapshot_unknown() {
	players, end := exampleTable[Player](context.Background())
	defer end()

	waldo, err := players.UnmarshalItem(map[string]types.AttributeValue{
		"login": &types.AttributeValueMemberS{Value: "waldo"},
		"pet":   &types.AttributeValueMemberS{Value: "dragon"}, // written by a newer program
	})
	check(err)
	raw, err := players.MarshalItem(waldo)
	check(err)
	printItem(raw)
	// Output:
	// login {"S":"waldo"}
	// pet {"S":"dragon"}
}

// Without options, the last writer wins.
func ExampleTable_Save() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	check(players.Save(ctx, &Player{Login: "waldo", Coins: 200}))
	check(players.Save(ctx, &Player{Login: "waldo", Coins: 5}))
	waldo, err := players.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	fmt.Println(waldo.Coins)
	// Output: 5
}

// Delete and Save under another key move an item. Save alone would make a copy.
func ExampleTable_Delete() {
	ctx := context.Background()
	waldo := &Player{Login: "waldo", Coins: 200}
	players, end := exampleTable(ctx, waldo)
	defer end()

	check(players.Delete(ctx, waldo))
	waldo.Login = "wally"
	check(players.Save(ctx, waldo, dynamapper.FailOnConflict()))
	all, err := players.Scan().Collect(ctx)
	check(err)
	fmt.Println(len(all), all[0].Login, all[0].Coins)
	// Output: 1 wally 200
}

func ExampleTable_DeleteKey() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo"})
	defer end()

	check(players.DeleteKey(ctx, dynamapper.Key("waldo")))
	_, err := players.Get(ctx, dynamapper.Key("waldo"))
	fmt.Println(errors.Is(err, dynamapper.ErrNotFound))
	// Output: true
}

// A token that can be used once: of all callers, one takes it.
func ExampleTable_Take() {
	ctx := context.Background()
	tokens, end := exampleTable(ctx, &Player{Login: "waldo's invitation", Coins: 50})
	defer end()

	for range 2 {
		token, err := tokens.Take(ctx, dynamapper.Key("waldo's invitation"))
		if errors.Is(err, dynamapper.ErrNotFound) {
			fmt.Println("used already")
			continue
		}
		check(err)
		fmt.Println("worth", token.Coins)
	}
	// Output:
	// worth 50
	// used already
}

// Take deletes only an item for which the condition is true.
func ExampleTakeOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	poor := []dynamapper.TakeOption{dynamapper.If(dynamapper.Attr("coins", dynamapper.LT(10)))}
	_, err := players.Take(ctx, dynamapper.Key("waldo"), poor...)
	fmt.Println(errors.Is(err, dynamapper.ErrConditionFailed))
	// Output: true
}

// The item that was replaced shows what the new one has changed.
func ExampleTable_Replace() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	for _, guild := range []string{"knights", "thieves"} {
		old, err := players.Replace(ctx, &Player{Login: "waldo", Guild: guild})
		check(err)
		if old == nil {
			fmt.Println("joins the", guild)
		} else {
			fmt.Println("leaves the", old.Guild, "for the", guild)
		}
	}
	// Output:
	// joins the knights
	// leaves the knights for the thieves
}

func ExampleReplaceOption() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	opts := []dynamapper.ReplaceOption{dynamapper.MustExist()}
	_, err := players.Replace(ctx, &Player{Login: "waldo"}, opts...)
	fmt.Println(errors.Is(err, dynamapper.ErrNotFound))
	// Output: true
}

// A ConditionOption, such as If, fits every write of one item, also Take.
func ExampleConditionOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	var rich dynamapper.ConditionOption = dynamapper.If(
		dynamapper.Attr("coins", dynamapper.GE(150)))
	waldo, err := players.Take(ctx, dynamapper.Key("waldo"), rich)
	check(err)
	err = players.Save(ctx, waldo, rich) // nobody is there
	fmt.Println(errors.Is(err, dynamapper.ErrConditionFailed))
	// Output: true
}

// A SaveOption is a value, so a program can collect options at run time.
func ExampleSaveOption() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	opts := []dynamapper.SaveOption{dynamapper.ChangedOnly()}
	if careful := true; careful {
		opts = append(opts, dynamapper.FailOnConflict())
	}
	waldo, err := players.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	waldo.Coins -= 150
	fmt.Println(players.Save(ctx, waldo, opts...))
	// Output: <nil>
}

// Of two purchases at the same time, the second returns ErrConflict and changes nothing.
func ExampleFailOnConflict() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	one, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	other, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	one.Coins -= 150
	check(players.Save(ctx, one, dynamapper.FailOnConflict()))

	other.Coins -= 100
	err = players.Save(ctx, other, dynamapper.FailOnConflict())
	fmt.Println(errors.Is(err, dynamapper.ErrConflict))
	// Output: true
}

// Delete returns ErrConflict if the item has changed.
func ExampleFailOnConflict_delete() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	check(players.Save(ctx, &Player{Login: "waldo", Coins: 201})) // meanwhile, another writer
	err = players.Delete(ctx, waldo, dynamapper.FailOnConflict())
	fmt.Println(errors.Is(err, dynamapper.ErrConflict))
	// Output: true
}

// Two writers that change different attributes both succeed.
func ExampleChangedOnly() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	one, err := players.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	other, err := players.Get(ctx, dynamapper.Key("waldo"))
	check(err)
	one.Coins = 50
	check(players.Save(ctx, one, dynamapper.ChangedOnly(), dynamapper.FailOnConflict()))
	other.Guild = "knights"
	check(players.Save(ctx, other, dynamapper.ChangedOnly(), dynamapper.FailOnConflict()))

	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	fmt.Println(waldo.Coins, waldo.Guild)
	// Output: 50 knights
}

// MustExist keeps a save from bringing back a deleted player.
func ExampleMustExist() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	err := players.Save(ctx, &Player{Login: "waldo", Coins: 50}, dynamapper.MustExist())
	fmt.Println(errors.Is(err, dynamapper.ErrNotFound))
	// Output: true
}

// The condition deletes the player only if no coins are left.
func ExampleIf() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	err := players.DeleteKey(ctx, dynamapper.Key("waldo"),
		dynamapper.If(dynamapper.Attr("coins", dynamapper.EQ(0))))
	fmt.Println(errors.Is(err, dynamapper.ErrConditionFailed))
	// Output: true
}

func ExampleTable_BatchSave() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	var items []*Player
	for n := range 30 { // two requests
		items = append(items, &Player{Login: fmt.Sprintf("player%d", n), Coins: 200})
	}
	check(players.BatchSave(ctx, items))
	n, err := players.Scan().Consistent().Count(ctx)
	check(err)
	fmt.Println(n, players.IsNew(items[0]))
	// Output: 30 false
}

func ExampleTable_BatchDelete() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "ada"}, &Player{Login: "bob"},
		&Player{Login: "eve"})
	defer end()

	check(players.BatchDelete(ctx, dynamapper.Keys("ada", "eve", "nobody")))
	left, err := players.Scan().Consistent().Collect(ctx)
	check(err)
	fmt.Println(len(left), left[0].Login)
	// Output: 1 bob
}

// Loaded items are deleted, and are new afterwards.
func ExampleTable_DeleteItems() {
	ctx := context.Background()
	scores, end := exampleScores(ctx)
	defer end()

	tetris, err := scores.Query("tetris").Consistent().Collect(ctx)
	check(err)
	check(scores.DeleteItems(ctx, tetris))
	left, err := scores.Scan().Consistent().Count(ctx)
	check(err)
	fmt.Println(len(tetris), left, scores.IsNew(tetris[0]))
	// Output: 3 1 true
}

// A table that detects conflicts deletes a batch only if the caller says so.
func ExampleDeleteItemsOption() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	players, err := dynamapper.TableOf[Player](mapper,
		dynamapper.Defaults(dynamapper.FailOnConflict()))
	check(err)
	check(players.CreateTable(ctx, dynamapper.WaitActive()))

	waldo := &Player{Login: "waldo"}
	check(players.Save(ctx, waldo))
	opts := []dynamapper.DeleteItemsOption{dynamapper.LastWriterWins()}
	fmt.Println(players.DeleteItems(ctx, []*Player{waldo}, opts...))
	// Output: <nil>
}

// One request writes to two tables.
func ExampleMapper_BatchWrite() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	check(players.CreateTable(ctx, dynamapper.WaitActive()))
	scores, err := dynamapper.TableOf[Score](mapper)
	check(err)
	check(scores.CreateTable(ctx, dynamapper.WaitActive()))
	check(scores.Save(ctx, &Score{Game: "chess", Player: "waldo"}))

	check(mapper.BatchWrite(ctx,
		players.Puts(&Player{Login: "waldo"}, &Player{Login: "wally"}),
		scores.Puts(&Score{Game: "tetris", Player: "wally", Points: 90}),
		scores.Deletes(dynamapper.Key("chess", "waldo"))))
	people, err := players.Scan().Consistent().Count(ctx)
	check(err)
	left, err := scores.Scan().Consistent().Collect(ctx)
	check(err)
	fmt.Println(people, len(left), left[0].Game)
	// Output: 2 1 tetris
}

// Parts can be collected. An option is a part, too.
func ExampleBatchPart() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	check(players.CreateTable(ctx, dynamapper.WaitActive()))

	parts := []dynamapper.BatchPart{dynamapper.LastWins()}
	for _, login := range []string{"waldo", "wally", "waldo"} {
		parts = append(parts, players.Puts(&Player{Login: login}))
	}
	check(mapper.BatchWrite(ctx, parts...))
	n, err := players.Scan().Consistent().Count(ctx)
	check(err)
	fmt.Println(n)
	// Output: 2
}

// A part sends nothing. BatchWrite does.
func ExampleTable_Puts() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	check(players.CreateTable(ctx, dynamapper.WaitActive()))

	waldo := &Player{Login: "waldo"}
	puts := players.Puts(waldo)
	fmt.Println(players.IsNew(waldo))
	check(mapper.BatchWrite(ctx, puts))
	fmt.Println(players.IsNew(waldo))
	// Output:
	// true
	// false
}

func ExampleTable_Deletes() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	players, err := dynamapper.TableOf[Player](mapper)
	check(err)
	check(players.CreateTable(ctx, dynamapper.WaitActive()))
	check(players.Save(ctx, &Player{Login: "waldo"}))

	check(mapper.BatchWrite(ctx, players.Deletes(dynamapper.Keys("waldo", "nobody")...),
		players.Puts(&Player{Login: "wally"})))
	left, err := players.Scan().Consistent().Collect(ctx)
	check(err)
	fmt.Println(len(left), left[0].Login)
	// Output: 1 wally
}

// Of the events of a queue, the last one of each player counts.
func ExampleLastWins() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	events := []*Player{{Login: "waldo", Coins: 1}, {Login: "wally", Coins: 2},
		{Login: "waldo", Coins: 3}}
	check(players.BatchSave(ctx, events, dynamapper.LastWins()))
	waldo, err := players.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	check(err)
	fmt.Println(waldo.Coins)
	// Output: 3
}

// LastWins is an option of BatchSave and of BatchWrite.
func ExampleLastWinsOption() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	var opt dynamapper.LastWinsOption = dynamapper.LastWins()
	fmt.Println(players.BatchSave(ctx, []*Player{{Login: "waldo"}, {Login: "waldo"}}, opt))
	// Output: <nil>
}

// If one item is too large, BatchSave still writes the others.
func ExampleBatchError() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	items := []*Player{{Login: "ada"}, {Login: "bob", Guild: strings.Repeat("x", 500_000)},
		{Login: "eve"}}
	err := players.BatchSave(ctx, items)
	var failed *dynamapper.BatchError
	if errors.As(err, &failed) {
		for _, position := range failed.Unprocessed {
			fmt.Println(items[position].Login, "was not written")
		}
	}
	n, err := players.Scan().Consistent().Count(ctx)
	check(err)
	fmt.Println(n)
	// Output:
	// bob was not written
	// 2
}

// A withdrawal that never overdraws: one request, without a read.
func ExampleTable_Update() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	withdraw := func(coins int) {
		waldo, err := players.Update(dynamapper.Key("waldo")).Add("coins", -coins).
			If(dynamapper.Attr("coins", dynamapper.GE(coins))).Run(ctx)
		if errors.Is(err, dynamapper.ErrConditionFailed) {
			fmt.Println("too few coins")
			return
		}
		check(err)
		fmt.Println(waldo.Coins)
	}
	withdraw(150)
	withdraw(150)
	// Output:
	// 50
	// too few coins
}

// An update applies all of its clauses at once, or none.
func ExampleUpdate() {
	ctx := context.Background()
	players, end := exampleTable(ctx,
		&Player{Login: "waldo", Coins: 200, Inventory: map[string]int{"sword": 1}})
	defer end()

	purchase := players.Update(dynamapper.Key("waldo")).Add("coins", -150).
		Add(dynamapper.Path("inventory", "shield"), 1)
	if first := true; first {
		purchase.AddToSet("badges", "customer")
	}
	waldo, err := purchase.Run(ctx)
	check(err)
	fmt.Println(waldo.Coins, waldo.Inventory, waldo.Badges)
	// Output: 50 map[shield:1 sword:1] [customer]
}

// An empty value removes the attribute.
func ExampleUpdate_Set() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Guild: "knights"})
	defer end()

	waldo, err := players.Update(dynamapper.Key("waldo")).Set("coins", 10).Set("guild", "").Run(ctx)
	check(err)
	printItem(players.Snapshot(waldo))
	// Output:
	// coins {"N":"10"}
	// login {"S":"waldo"}
}

// SetIfAbsent keeps the first guild.
func ExampleUpdate_SetIfAbsent() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo"})
	defer end()

	for _, guild := range []string{"knights", "rogues"} {
		waldo, err := players.Update(dynamapper.Key("waldo")).SetIfAbsent("guild", guild).Run(ctx)
		check(err)
		fmt.Println(waldo.Guild)
	}
	// Output:
	// knights
	// knights
}

// SetExpr computes the value from other attributes, in DynamoDB's own language.
func ExampleUpdate_SetExpr() {
	ctx := context.Background()
	type Order struct {
		dynamapper.Model `dynamo:"orders"`
		ID               string `dynamo:"id,hash"`
		Price            int    `dynamo:"price"`
		Rebate           int    `dynamo:"rebate"`
		Total            int    `dynamo:"total"`
	}
	orders, end := exampleTable(ctx, &Order{ID: "one", Price: 100, Rebate: 15})
	defer end()

	order, err := orders.Update(dynamapper.Key("one")).
		SetExpr("total", "price - if_not_exists(rebate, :none)", dynamapper.Args{":none": 0}).
		Run(ctx)
	check(err)
	fmt.Println(order.Total)
	// Output: 85
}

// Add treats a missing number as 0 and creates a missing item.
func ExampleUpdate_Add() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	for _, coins := range []int{100, -30} {
		waldo, err := players.Update(dynamapper.Key("waldo")).Add("coins", coins).Run(ctx)
		check(err)
		fmt.Println(waldo.Coins)
	}
	// Output:
	// 100
	// 70
}

func ExampleUpdate_Remove() {
	ctx := context.Background()
	players, end := exampleTable(ctx,
		&Player{Login: "waldo", Guild: "knights",
			Inventory: map[string]int{"sword": 1, "armor": 2}})
	defer end()

	waldo, err := players.Update(dynamapper.Key("waldo")).Remove("guild", "inventory.sword").
		Run(ctx)
	check(err)
	fmt.Printf("%q %v\n", waldo.Guild, waldo.Inventory)
	// Output: "" map[armor:2]
}

// A slice of the field's type stands for its elements.
func ExampleUpdate_Append() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada's moves: left, drop
	defer end()

	ada, err := scores.Update(dynamapper.Key("tetris", "ada")).Append("moves", "right",
		[]string{"turn", "drop"}).Run(ctx)
	check(err)
	fmt.Println(ada.Moves)
	// Output: [left drop right turn drop]
}

func ExampleUpdate_Prepend() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // ada's moves: left, drop
	defer end()

	ada, err := scores.Update(dynamapper.Key("tetris", "ada")).Prepend("moves", "turn").Run(ctx)
	check(err)
	fmt.Println(ada.Moves)
	// Output: [turn left drop]
}

// Adding a member that the set already has changes nothing.
func ExampleUpdate_AddToSet() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // eve's badges: fast
	defer end()

	eve, err := scores.Update(dynamapper.Key("tetris", "eve")).AddToSet("badges", "fast", "gold").
		Run(ctx)
	check(err)
	fmt.Println(len(eve.Badges))
	// Output: 2
}

// Removing the last member removes the attribute.
func ExampleUpdate_RemoveFromSet() {
	ctx := context.Background()
	scores, end := exampleScores(ctx) // eve's badges: fast
	defer end()

	eve, err := scores.Update(dynamapper.Key("tetris", "eve")).RemoveFromSet("badges", "fast",
		"gold").Run(ctx)
	check(err)
	fmt.Println(eve.Badges, scores.Snapshot(eve)["badges"] == nil)
	// Output: [] true
}

// The condition lets a player choose a guild only once.
func ExampleUpdate_If() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Guild: "knights"})
	defer end()

	_, err := players.Update(dynamapper.Key("waldo")).Set("guild", "rogues").
		If(dynamapper.Attr("guild", dynamapper.NotExists())).Run(ctx)
	fmt.Println(errors.Is(err, dynamapper.ErrConditionFailed))
	// Output: true
}

// MustExist keeps the gift from creating a player.
func ExampleUpdate_MustExist() {
	ctx := context.Background()
	players, end := exampleTable[Player](ctx)
	defer end()

	_, err := players.Update(dynamapper.Key("nobody")).Add("coins", 100).MustExist().Run(ctx)
	fmt.Println(errors.Is(err, dynamapper.ErrNotFound))
	// Output: true
}

// Coins are added once, even if a response is lost.
func ExampleUpdate_Idempotent() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Update(dynamapper.Key("waldo")).Add("coins", 100).Idempotent().Run(ctx)
	check(err)
	fmt.Println(waldo.Coins)
	// Output: 300
}

// The coins before the update show whether the player has just become rich.
func ExampleUpdate_RunOld() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 900})
	defer end()

	for range 2 {
		old, err := players.Update(dynamapper.Key("waldo")).Add("coins", 100).RunOld(ctx)
		check(err)
		fmt.Println(old.Coins < 1000 && old.Coins+100 >= 1000)
	}
	// Output:
	// true
	// false
}

// Run returns the item as it is after the update; it can be edited and saved.
func ExampleUpdate_Run() {
	ctx := context.Background()
	players, end := exampleTable(ctx, &Player{Login: "waldo", Coins: 200})
	defer end()

	waldo, err := players.Update(dynamapper.Key("waldo")).Add("coins", -150).Run(ctx)
	check(err)
	waldo.Guild = "knights"
	fmt.Println(waldo.Coins, players.Save(ctx, waldo, dynamapper.FailOnConflict()))
	// Output: 50 <nil>
}
