package tests

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/internal/wire"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// isTrue matches every item of these tests and a missing item; isFalse matches neither.
var (
	isTrue  = dynamapper.Attr("balance", dynamapper.NE(-1))
	isFalse = dynamapper.Attr("balance", dynamapper.EQ(-1))
)

// withIf returns the outcome of a write with an additional condition. If the condition is true, a
// request is always sent; if it is false, a write that was not refused is refused.
func withIf(want string, conditionIsTrue bool) string {
	if want == "none" {
		want = "UpdateItem"
	}
	if !conditionIsTrue && !strings.Contains(want, " ") {
		want += " condition"
	}
	return want
}

// ifOutcome is outcome that also knows a refusal by the condition.
func ifOutcome(sent []string, err error) string {
	if errors.Is(err, dynamapper.ErrConditionFailed) {
		return strings.Join(sent, "+") + " condition"
	}
	return outcome(sent, err)
}

// If combines with every option in every state of the item. A conflict or a missing item is
// reported before a false condition.
func TestSaveWithIfSendsWhatTheTableSays(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	for _, row := range saveOutcomes {
		for letters, without := range row.outcomes {
			for condition, holds := range map[*dynamapper.Condition]bool{&isTrue: true,
				&isFalse: false} {
				t.Run(fmt.Sprint(row.state, letters, holds), func(t *testing.T) {
					login := fmt.Sprint(row.state, letters, holds)
					p := states[row.state](t, players, login)
					before, storedBefore, snapshot := copyOf(p), fixtures.GetRaw(t, players.Name(),
						playerKey(login)), players.Snapshot(p)
					sent.Take()
					err := players.Save(t.Context(), p,
						append(writeOptions(letters), dynamapper.If(*condition))...)
					require.Equal(t, withIf(without, holds), ifOutcome(sent.Take(), err))
					if err == nil {
						requireSaved(
							t,
							p,
							fixtures.GetRaw(t, players.Name(), playerKey(login)),
							row.state,
						)
						return
					}
					require.Equal(t, before, p)
					require.Equal(t, snapshot, players.Snapshot(p))
					require.Equal(
						t,
						storedBefore,
						fixtures.GetRaw(t, players.Name(), playerKey(login)),
					)
					requireConditionError(t, err, players.Name(), dynamapper.Key(login),
						storedBefore)
				})
			}
		}
	}
}

// requireConditionError requires that a refusal by a condition has the table, the key and the
// current item, and that its text contains no value.
func requireConditionError(
	t *testing.T, err error, table string, key dynamapper.PrimaryKey, current fixtures.Attributes,
) {
	t.Helper()
	var refused *dynamapper.ConditionError
	if !errors.As(err, &refused) {
		require.NotErrorIs(t, err, dynamapper.ErrConditionFailed)
		return
	}
	require.Equal(t, table, refused.Table)
	require.Equal(t, key, refused.Key)
	require.Equal(t, current, refused.Current)
	require.NotErrorIs(t, err, dynamapper.ErrConflict)
	require.NotErrorIs(t, err, dynamapper.ErrNotFound)
	require.NotContains(t, err.Error(), fmt.Sprint(key.Hash()))
}

func TestDeleteWithIfSendsWhatTheTableSays(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	for _, row := range deleteOutcomes {
		for letters, without := range row.outcomes {
			for condition, holds := range map[*dynamapper.Condition]bool{&isTrue: true,
				&isFalse: false} {
				t.Run(fmt.Sprint(row.state, letters, holds), func(t *testing.T) {
					login := fmt.Sprint(row.state, letters, holds)
					p := states[row.state](t, players, login)
					before, storedBefore, snapshot := copyOf(p), fixtures.GetRaw(t, players.Name(),
						playerKey(login)), players.Snapshot(p)
					sent.Take()
					err := players.Delete(t.Context(), p,
						fixtures.OptionsAs[dynamapper.DeleteOption](
							append(writeOptions(letters), dynamapper.If(*condition)))...)
					require.Equal(t, withIf(without, holds), ifOutcome(sent.Take(), err))
					if err == nil {
						require.Nil(t, fixtures.GetRaw(t, players.Name(), playerKey(login)))
						require.True(t, players.IsNew(p))
						return
					}
					require.Equal(t, before, p)
					require.Equal(t, snapshot, players.Snapshot(p))
					require.Equal(
						t,
						storedBefore,
						fixtures.GetRaw(t, players.Name(), playerKey(login)),
					)
					requireConditionError(t, err, players.Name(), dynamapper.Key(login),
						storedBefore)
				})
			}
		}
	}
}

func TestDeleteKeyWithIf(t *testing.T) {
	t.Parallel()
	players := fixtures.TableOf[player](t)
	for name, c := range map[string]struct {
		stored    bool
		condition dynamapper.Condition
		letters   string
		want      string
	}{
		"there, true":                {true, isTrue, "", ""},
		"there, true, must exist":    {true, isTrue, "M", ""},
		"there, false":               {true, isFalse, "", " condition"},
		"there, false, must exist":   {true, isFalse, "M", " condition"},
		"missing, true":              {false, isTrue, "", ""},
		"missing, false":             {false, isFalse, "", " condition"},
		"missing, true, must exist":  {false, isTrue, "M", " missing"},
		"missing, false, must exist": {false, isFalse, "M", " missing"},
	} {
		for _, idempotent := range []bool{false, true} {
			t.Run(fmt.Sprint(name, idempotent), func(t *testing.T) {
				opts := append(writeOptions(c.letters), dynamapper.If(c.condition))
				if idempotent {
					opts = append(opts, dynamapper.Idempotent())
				}
				var stored fixtures.Attributes
				if c.stored {
					stored = storedPlayer("waldo")
					fixtures.PutRaw(t, players.Name(), stored)
				}
				err := players.DeleteKey(t.Context(), dynamapper.Key("waldo"),
					fixtures.OptionsAs[dynamapper.DeleteKeyOption](opts)...)
				require.Equal(t, c.want, strings.TrimPrefix(ifOutcome(nil, err), "none"))
				requireConditionError(t, err, players.Name(), dynamapper.Key("waldo"), stored)
				require.Equal(t, c.stored && err != nil,
					fixtures.GetRaw(t, players.Name(), playerKey("waldo")) != nil)
				fixtures.DeleteRaw(t, players.Name(), playerKey("waldo"))
			})
		}
	}
}

// If also works with Idempotent, where the condition is part of the transaction.
func TestIdempotentWithIf(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	for letters, condition := range map[string]dynamapper.Condition{
		"": isFalse, "F": isFalse, "C": isFalse, "FC": isFalse, "M": isFalse,
	} {
		login := "waldo" + letters
		p := loadedPlayer(t, players, login)
		p.Name = "Edited"
		sent.Take()
		opts := append(writeOptions(letters), dynamapper.Idempotent())
		err := players.Save(t.Context(), p, append(opts, dynamapper.If(condition))...)
		require.Equal(t, "TransactWriteItems condition", ifOutcome(sent.Take(), err))
		requireConditionError(t, err, players.Name(), dynamapper.Key(login), storedPlayer(login))
		require.NoError(t, players.Save(t.Context(), p, append(opts, dynamapper.If(isTrue))...))
		require.Equal(
			t,
			fixtures.Text("Edited"),
			fixtures.GetRaw(t, players.Name(), playerKey(login))["name"],
		)
	}
	p := loadedPlayer(t, players, "unedited")
	sent.Take()
	require.NoError(t,
		players.Save(t.Context(), p, dynamapper.ChangedOnly(), dynamapper.If(isTrue),
			dynamapper.Idempotent()),
		"nothing is changed, and only the condition is checked")
	require.Equal(t, []string{"TransactWriteItems"}, sent.Take())
}

func TestVersionsWithIf(t *testing.T) {
	t.Parallel()
	t.Run("integer", testVersionWithIf[counted])
	t.Run("string", testVersionWithIf[tokened])
}

// A refused write removes its stamps from the fields. A write with an If renews them even if
// nothing was edited.
func testVersionWithIf[T dynamapper.IsModel, P versioned[T]](t *testing.T) {
	table, sent := fixtures.WatchedTable[T](t)
	stale := savedAccount[T, P](t, table)
	fresh := fixtures.Load(t, table, "one")
	P(fresh).fields().Name = "Theirs"
	require.NoError(t, table.Save(t.Context(), fresh))
	P(stale).fields().Balance = 7
	for letters, want := range map[string]map[*T]string{
		"":   {stale: "PutItem condition", fresh: "PutItem condition"},
		"F":  {stale: "UpdateItem conflict", fresh: "UpdateItem condition"},
		"C":  {stale: "UpdateItem condition", fresh: "UpdateItem condition"},
		"FC": {stale: "UpdateItem condition", fresh: "UpdateItem condition"},
		"FM": {stale: "UpdateItem conflict", fresh: "UpdateItem condition"},
	} {
		for item, outcome := range want {
			before, stored := *item, fixtures.GetRaw(t, table.Name(), accountKey)
			sent.Take()
			err := table.Save(t.Context(), item,
				append(writeOptions(letters), dynamapper.If(isFalse))...)
			require.Equal(t, outcome, ifOutcome(sent.Take(), err), letters)
			require.Equal(t, before, *item, letters)
			require.Equal(t, stored, fixtures.GetRaw(t, table.Name(), accountKey))
			requireConditionError(t, err, table.Name(), dynamapper.Key("one"), stored)
		}
	}
	require.ErrorIs(t,
		table.Delete(t.Context(), stale, dynamapper.FailOnConflict(), dynamapper.If(isTrue)),
		dynamapper.ErrConflict)
	require.ErrorIs(t,
		table.Delete(t.Context(), fresh, dynamapper.FailOnConflict(), dynamapper.If(isFalse)),
		dynamapper.ErrConditionFailed)
	for _, letters := range []string{"F", "C", "FC", ""} {
		before, snapshot := *fresh, table.Snapshot(fresh)
		require.NoError(t,
			table.Save(t.Context(), fresh, append(writeOptions(letters), dynamapper.If(isTrue))...))
		stored := fixtures.GetRaw(t, table.Name(), accountKey)
		require.NotEqual(t, snapshot["version"], stored["version"], "the version is renewed")
		require.Equal(t, stored, table.Snapshot(fresh))
		require.False(t, P(fresh).fields().Updated.Before(P(&before).fields().Updated))
		require.Equal(t, P(&before).fields().Created, P(fresh).fields().Created)
	}
	require.NoError(t,
		table.Delete(t.Context(), fresh, dynamapper.FailOnConflict(), dynamapper.If(isTrue)))
}

// An item that takes an id is put only if that id is free, together with the condition. If the
// condition refuses it, the id is 0 again.
func TestAutoincrementWithIf(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[logEntry](t)
	missing, exists := dynamapper.Attr("id", dynamapper.NotExists()), dynamapper.Attr("id",
		dynamapper.Exists())
	entry := &logEntry{}
	require.NoError(t, table.Save(t.Context(), entry, dynamapper.If(missing)))
	require.EqualValues(t, 1, entry.ID)
	fixtures.PutRaw(
		t,
		table.Name(),
		fixtures.Attributes{"id": fixtures.Number("2"), "text": fixtures.Text("by hand")},
	)
	refused := &logEntry{}
	err := table.Save(t.Context(), refused, dynamapper.If(exists))
	var condition *dynamapper.ConditionError
	require.ErrorAs(t, err, &condition, "the id 2 is in use and skipped, and no item has the id 3")
	require.Nil(t, condition.Current)
	require.Equal(t, &logEntry{}, refused)
	sent.Take()
	err = table.Save(t.Context(), refused,
		dynamapper.If(dynamapper.Attr("nobody", dynamapper.Exists())))
	require.ErrorContains(t, err, "nobody")
	require.Empty(t, sent.Take(), "an invalid condition takes no id")
	require.Equal(t, &logEntry{}, refused)
}

// An invalid condition returns an error before anything is sent, and the item is unchanged.
func TestAWrongConditionOfAWrite(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[counted](t)
	item := savedAccount[counted](t, table)
	item.Name = "Edited"
	before, stored := *item, fixtures.GetRaw(t, table.Name(), accountKey)
	sent.Take()
	for want, condition := range map[string]dynamapper.Condition{
		`"balanc"`:                  dynamapper.Attr("balanc", dynamapper.EQ(1)),
		"a value of type string":    dynamapper.Attr("balance", dynamapper.EQ("1")),
		"a condition is empty":      {},
		"And contains no condition": dynamapper.And(),
		"In has no value":           dynamapper.Attr("name", dynamapper.In[string]()),
		"the comparison is empty":   dynamapper.Attr("name", dynamapper.Comparison{}),
		"and DynamoDB takes 300":    dynamapper.Or(make301()...),
	} {
		writes := map[string]error{
			"DeleteKey": table.DeleteKey(t.Context(), dynamapper.Key("one"),
				dynamapper.If(condition)),
			"Delete": table.Delete(t.Context(), item, dynamapper.If(condition)),
			"FDelete": table.Delete(t.Context(), item, dynamapper.FailOnConflict(),
				dynamapper.If(condition)),
			"Update": errOf(
				table.Update(dynamapper.Key("one")).Add("balance", 1).If(condition).
					Run(t.Context())),
			"IUpdate": errOf(
				table.Update(dynamapper.Key("one")).Add("balance", 1).If(condition).Idempotent().
					Run(t.Context())),
			"IDelete": table.Delete(t.Context(), item, dynamapper.Idempotent(),
				dynamapper.If(condition)),
		}
		for _, letters := range []string{"", "F", "C", "FC", "M"} {
			writes[letters+"Save"] = table.Save(t.Context(), item,
				append(writeOptions(letters), dynamapper.If(condition))...)
		}
		for name, err := range writes {
			require.ErrorContains(t, err, want, name)
			require.ErrorContains(t, err,
				fmt.Sprintf("dynamapper: %s: table %q: ", strings.TrimLeft(name, "FCMI"),
					table.Name()))
			require.Equal(t, before, *item)
		}
	}
	require.Empty(t, sent.Take())
	require.Equal(t, stored, fixtures.GetRaw(t, table.Name(), accountKey))
}

func make301() []dynamapper.Condition {
	conditions := make([]dynamapper.Condition, 301)
	for i := range conditions {
		conditions[i] = dynamapper.Attr("balance", dynamapper.EQ(i))
	}
	return conditions
}

func errOf[V any](_ V, err error) error { return err }

// An item with more attributes than a condition can compare does not accept If together with
// FailOnConflict. The error suggests a version if that helps. Without FailOnConflict, every item
// accepts If.
func TestWideItemsWithIf(t *testing.T) {
	t.Parallel()
	table, sent := fixtures.WatchedTable[narrow](t)
	fixtures.PutRaw(t, table.Name(), unknownAttributes(200))
	loaded := fixtures.Load(t, table, "one")
	loaded.Name = "Edited"
	before := *loaded
	sent.Take()
	named := dynamapper.If(dynamapper.Attr("name", dynamapper.EQ("Waldo")))
	for _, err := range []error{
		table.Save(t.Context(), loaded, dynamapper.FailOnConflict(), named),
		table.Delete(t.Context(), loaded, dynamapper.FailOnConflict(), named),
	} {
		require.ErrorContains(t, err, "cannot be combined with an If")
		require.ErrorContains(t, err, `give the model a field with the option "version"`)
		require.NotErrorIs(t, err, dynamapper.ErrConflict)
	}
	require.Empty(t, sent.Take())
	require.Equal(t, before, *loaded)
	require.NoError(t, table.Save(t.Context(), loaded, named))
	loaded.Name = "Again"
	require.ErrorIs(t, table.Save(t.Context(), loaded, dynamapper.ChangedOnly(), named),
		dynamapper.ErrConditionFailed)

	wide := fixtures.TableOf[wide700](t)
	item := &wide700{ID: "one"}
	require.NoError(t, wide.Save(t.Context(), item))
	fillWide(item, 700, "edited ")
	err := wide.Save(t.Context(), item, dynamapper.ChangedOnly(),
		dynamapper.If(dynamapper.Attr("id", dynamapper.Exists())))
	require.ErrorContains(t, err, "change less at once")
	require.NotContains(t, err.Error(), "version", "not needed here")
}

// If can be given several times, and all conditions must be true. An If without conditions has no
// effect.
func TestIfTwice(t *testing.T) {
	t.Parallel()
	players, sent := fixtures.WatchedTable[player](t)
	p := loadedPlayer(t, players, "waldo")
	named := func(name string) dynamapper.SaveOption {
		return dynamapper.If(dynamapper.Attr("name", dynamapper.EQ(name)))
	}
	rich := dynamapper.If(dynamapper.Attr("balance", dynamapper.GE(100)),
		dynamapper.Attr("clan", dynamapper.EQ("reds")))
	require.ErrorContains(t, players.Save(t.Context(), p, rich), `"clan"`)
	rich = dynamapper.If(dynamapper.Attr("balance", dynamapper.GE(100)),
		dynamapper.Attr("inventory", dynamapper.Exists()))
	require.NoError(t, players.Save(t.Context(), p, named("Waldo"), rich))
	require.ErrorIs(t, players.Save(t.Context(), p, named("Nobody"), rich),
		dynamapper.ErrConditionFailed)
	require.ErrorIs(t, players.Save(t.Context(), p, rich, named("Nobody")),
		dynamapper.ErrConditionFailed)
	require.ErrorIs(t, players.Save(t.Context(), p, named("Waldo"), dynamapper.If(isFalse, isTrue)),
		dynamapper.ErrConditionFailed)
	sent.Take()
	require.NoError(t, players.Save(t.Context(), p, dynamapper.ChangedOnly(), dynamapper.If()))
	require.Empty(t, sent.Take(), "no condition, and nothing changed")
	require.NoError(t, players.Save(t.Context(), p, dynamapper.If(), dynamapper.FailOnConflict()))
	require.NoError(t, players.DeleteKey(t.Context(), dynamapper.Key("waldo"), dynamapper.If()))
}

// inputs records the writes that a mapper sends as text, with each alias replaced by its value.
type inputs struct {
	mu   sync.Mutex
	sent []string
	odd  []string // aliases that a request declares but does not use
}

func (i *inputs) note(input any) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if transaction, is := input.(*dynamodb.TransactWriteItemsInput); is {
		for _, item := range transaction.TransactItems {
			for _, operation := range []any{item.Put, item.Update, item.Delete,
				item.ConditionCheck} {
				if v := reflect.ValueOf(operation); !v.IsNil() {
					i.noteOne("Transact"+v.Type().Elem().Name(), v.Elem())
				}
			}
		}
		return
	}
	v := reflect.ValueOf(input).Elem()
	if v.FieldByName("ConditionExpression").IsValid() {
		i.noteOne(strings.TrimSuffix(v.Type().Name(), "Input"), v)
	}
}

func (i *inputs) noteOne(name string, in reflect.Value) {
	names, _ := in.FieldByName("ExpressionAttributeNames").Interface().(map[string]string)
	values, _ := in.FieldByName("ExpressionAttributeValues").Interface().(fixtures.Attributes)
	text := name
	for _, field := range []string{"UpdateExpression", "ConditionExpression"} {
		if e := in.FieldByName(field); e.IsValid() && !e.IsNil() {
			text += map[string]string{"UpdateExpression": ": ",
				"ConditionExpression": " if "}[field] + e.Elem().String()
		}
	}
	replace := func(alias, by string) {
		if !strings.Contains(text, alias) {
			i.odd = append(i.odd, text+" lacks "+alias)
		}
		text = strings.ReplaceAll(text, alias, by)
	}
	for n := len(names) - 1; n >= 0; n-- { // so that #12 is replaced before #1
		replace(fmt.Sprintf("#%d", n), names[fmt.Sprintf("#%d", n)])
	}
	for n := len(values) - 1; n >= 0; n-- {
		replace(fmt.Sprintf(":%d", n), jsonText(values[fmt.Sprintf(":%d", n)]))
	}
	i.sent = append(i.sent, text)
}

// jsonText returns a value in DynamoDB's JSON, with the members of a document sorted by name.
func jsonText(value types.AttributeValue) string {
	if document, is := value.(*types.AttributeValueMemberM); is {
		var members []string
		for _, name := range slices.Sorted(maps.Keys(document.Value)) {
			members = append(members, strconv.Quote(name)+":"+jsonText(document.Value[name]))
		}
		return `{"M":{` + strings.Join(members, ",") + `}}`
	}
	text, err := wire.AppendValue(nil, value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// take returns the writes since the last call.
func (i *inputs) take() []string {
	i.mu.Lock()
	defer i.mu.Unlock()
	sent := i.sent
	i.sent = nil
	return sent
}

// notedTable returns a table whose writes are recorded. When the test ends, it requires that no
// request declared an unused alias.
func notedTable[T dynamapper.IsModel](t *testing.T) (*dynamapper.Table[T], *inputs) {
	t.Helper()
	noted := &inputs{}
	cfg := dynamotest.Run(t).Config()
	cfg.APIOptions = append(cfg.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("note", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			noted.note(in.Parameters)
			return next.HandleInitialize(ctx, in)
		}), middleware.After)
	})
	t.Cleanup(func() { require.Empty(t, noted.odd) })
	table := fixtures.TableIn[T](t, fixtures.Mapper(t, dynamapper.WithConfig(cfg)))
	noted.take()
	return table, noted
}

// The caller's condition follows the condition of the option.
func TestTheRequestsOfIf(t *testing.T) {
	t.Parallel()
	players, sent := notedTable[player](t)
	fixtures.PutRaw(
		t,
		players.Name(),
		fixtures.Attributes{"login": fixtures.Text("waldo"), "name": fixtures.Text("W")},
	)
	p := fixtures.Load(t, players, "waldo")
	p.Name = "E"
	refuse := dynamapper.If(dynamapper.Attr("balance", dynamapper.EQ(-1)))
	save := func(p *player, opts ...dynamapper.SaveOption) func() error {
		return func() error { return players.Save(t.Context(), p, append(opts, refuse)...) }
	}
	for _, c := range []struct {
		write func() error
		want  string
	}{
		{save(p), `PutItem if balance={"N":"-1"}`},
		{save(p, dynamapper.MustExist()),
			`PutItem if attribute_exists(login) AND balance={"N":"-1"}`},
		{save(&player{Login: "new"}, dynamapper.FailOnConflict()),
			`PutItem if attribute_not_exists(login) AND balance={"N":"-1"}`},
		{save(p, dynamapper.FailOnConflict()),
			`UpdateItem: SET name={"S":"E"} if login={"S":"waldo"} AND name={"S":"W"}` +
				` AND attribute_not_exists(balance) AND attribute_not_exists(inventory) AND balance={"N":"-1"}`},
		{save(p, dynamapper.ChangedOnly()),
			`UpdateItem: SET name={"S":"E"} if attribute_exists(login) AND balance={"N":"-1"}`},
		{save(p, dynamapper.ChangedOnly(), dynamapper.FailOnConflict()),
			`UpdateItem: SET name={"S":"E"} if name={"S":"W"} AND attribute_exists(login) AND balance={"N":"-1"}`},
		{save(p, dynamapper.Idempotent()), `TransactPut if balance={"N":"-1"}`},
		{func() error { return players.Delete(t.Context(), p, refuse) },
			`DeleteItem if balance={"N":"-1"}`},
		{func() error {
			return players.DeleteKey(t.Context(), dynamapper.Key("waldo"), refuse,
				dynamapper.MustExist())
		},
			`DeleteItem if attribute_exists(login) AND balance={"N":"-1"}`},
	} {
		err := c.write()
		got := sent.take()
		require.Len(t, got, 1, c.want)
		require.ErrorIs(t, err, dynamapper.ErrConditionFailed, got[0])
		require.Equal(t, c.want, got[0])
	}
}

// Every attribute of a missing item is missing: a comparison with a value is false, and its
// negation is true.
func TestConditionsOnAMissingItem(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[player](t)
	on := func(c dynamapper.Comparison) dynamapper.Condition {
		return dynamapper.Attr("balance",
			c)
	}
	for name, test := range map[string]struct {
		condition dynamapper.Condition
		holds     bool
	}{
		"EQ":           {on(dynamapper.EQ(0)), false},
		"LT":           {on(dynamapper.LT(5)), false},
		"LE":           {on(dynamapper.LE(5)), false},
		"GT":           {on(dynamapper.GT(-5)), false},
		"GE":           {on(dynamapper.GE(-5)), false},
		"Between":      {on(dynamapper.Between(-5, 5)), false},
		"In":           {on(dynamapper.In(0, 1)), false},
		"Exists":       {on(dynamapper.Exists()), false},
		"BeginsWith":   {dynamapper.Attr("name", dynamapper.BeginsWith("W")), false},
		"Contains":     {dynamapper.Attr("name", dynamapper.Contains("W")), false},
		"Size":         {dynamapper.Attr("name", dynamapper.Size(dynamapper.LT(5))), false},
		"NE":           {on(dynamapper.NE(5)), true},
		"NotExists":    {on(dynamapper.NotExists()), true},
		"NotContains":  {dynamapper.Attr("name", dynamapper.NotContains("W")), true},
		"EQ of empty":  {dynamapper.Attr("name", dynamapper.EQ("")), true},
		"NE of empty":  {dynamapper.Attr("name", dynamapper.NE("")), false},
		"Not of false": {dynamapper.Not(on(dynamapper.GE(5))), true},
	} {
		t.Run(name, func(t *testing.T) {
			for write, err := range map[string]error{
				"Save": table.Save(t.Context(), &player{Login: name},
					dynamapper.If(test.condition)),
				"Update": func() error {
					_, err := table.Update(dynamapper.Key(name+" updated")).Set("name", "x").
						If(test.condition).Run(t.Context())
					return err
				}(),
			} {
				if test.holds {
					require.NoError(t, err, write)
				} else {
					var refused *dynamapper.ConditionError
					require.ErrorAs(t, err, &refused, write)
					require.Nil(t, refused.Current)
				}
			}
		})
	}
	err := table.Save(t.Context(), &player{Login: "must exist"},
		dynamapper.If(on(dynamapper.NE(5))), dynamapper.MustExist())
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
}
