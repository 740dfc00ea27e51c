package tests

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// drawer is a keeper with fields of user types whose methods write the same value in several ways,
// or set missing values at random.
type drawer struct {
	dynamapper.Model `dynamo:"drawers"`
	ID               string            `dynamo:"id,hash"`
	Secret           sealed            `dynamo:"secret"`
	Label            label             `dynamo:"label"`
	Parts            map[string]part   `dynamo:"parts"`
	Pages            []part            `dynamo:"pages,document"`
	Code             code              `dynamo:"code"`
	Broken           unwritable        `dynamo:"broken"`
	Notes            map[string]string `dynamo:"notes,document"`
	Hidden           string            `dynamo:"-"`
	Count            int               `dynamo:"count"`
}

// sealed is written differently each time, like an encrypted text.
type sealed struct{ text string }

func (s sealed) MarshalText() ([]byte, error) { return []byte(s.text + "|" + rand.Text()), nil }

func (s *sealed) UnmarshalText(text []byte) error {
	s.text, _, _ = strings.Cut(string(text), "|")
	return nil
}

// label sets a random number when it is read without one.
type label struct{ text string }

func (l label) MarshalText() ([]byte, error) { return []byte(l.text), nil }

func (l *label) UnmarshalText(text []byte) error {
	if l.text = string(text); !strings.Contains(l.text, "#") {
		l.text += "#" + rand.Text()
	}
	return nil
}

// part is stored in the same way in a JSON field and in a document.
type part struct {
	Label label `json:"label" dynamo:"label"`
}

// code writes exactly what it reads.
type code struct{ text string }

func (c code) MarshalText() ([]byte, error) { return []byte(c.text), nil }

func (c *code) UnmarshalText(text []byte) error { c.text = string(text); return nil }

// unwritable can only be decoded.
type unwritable struct{ text string }

func (u unwritable) MarshalText() ([]byte, error) {
	if u.text == "" {
		return nil, nil
	}
	return nil, errors.New("it can only be read")
}

func (u *unwritable) UnmarshalText(text []byte) error { u.text = string(text); return nil }

func storedDrawer() fixtures.Attributes {
	return fixtures.Attributes{
		"id": fixtures.Text("one"), "secret": fixtures.Text("s|1"), "label": fixtures.Text("l"),
		"parts": fixtures.Text(`{"a":{"label":"x"}}`),
		"pages": &types.AttributeValueMemberL{
			Value: []types.AttributeValue{
				&types.AttributeValueMemberM{
					Value: fixtures.Attributes{"label": fixtures.Text("x")},
				}}},
		"code": fixtures.Text("c"), "broken": fixtures.Text("b"), "unknown": fixtures.Text("u"),
	}
}

type unstagedEdit struct {
	edit             func(*keeper)
	field, attribute string
}

// edits returns changes that a program can make to an item that it has read and does not write.
func edits() map[string]unstagedEdit {
	return map[string]unstagedEdit{
		"a text":        {func(k *keeper) { k.Name = "Edited" }, "Name", "name"},
		"to empty":      {func(k *keeper) { k.Name = "" }, "Name", "name"},
		"a number":      {func(k *keeper) { k.Balance++ }, "Balance", "balance"},
		"what was NULL": {func(k *keeper) { k.Nothing = 7 }, "Nothing", "nothing"},
		"the key":       {func(k *keeper) { k.At = k.At.Add(time.Hour) }, "At", "at"},
		"within JSON":   {func(k *keeper) { k.Inventory["sword"]++ }, "Inventory", "inventory"},
		"within any":    {func(k *keeper) { k.Payload.([]any)[0] = "x" }, "Payload", "payload"},
		"within a map":  {func(k *keeper) { k.Settings.Lang = "en" }, "Settings", "settings"},
		"within a list": {func(k *keeper) { k.Lines[0].Quantity++ }, "Lines", "lines"},
		"a list": {func(k *keeper) { k.Lines = append(k.Lines, keeperSetting{}) },
			"Lines", "lines"},
		"a time":           {func(k *keeper) { k.Seen = k.Seen.Add(1) }, "Seen", "seen"},
		"a bool":           {func(k *keeper) { k.Done = false }, "Done", "done"},
		"a set":            {func(k *keeper) { k.Tags = k.Tags[:1] }, "Tags", "tags"},
		"not to be stored": {func(k *keeper) { k.Name = "\xff" }, "Name", "name"},
		"a year too far": {
			func(k *keeper) { k.Seen = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) }, "Seen",
			"seen"},
		"a snake": {func(k *keeper) { s := []any{nil}; s[0] = s; k.Payload = s },
			"Payload", "payload"},
		"the first of two": {func(k *keeper) { k.Score, k.Balance, k.Inventory = 1, 2, nil },
			"Inventory", "inventory"},
		"all of it": {func(k *keeper) { k2 := keeper{Model: k.Model}; *k = k2 }, "At", "at"},
	}
}

// An edited item that is not staged would lose its edit silently, so RunTransaction returns an
// error and sends nothing.
func TestTransactionRefusesToDropAnEdit(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	keepers := fixtures.TableIn[keeper](t, b.mapper)
	stored := storedKeeper()
	fixtures.PutRaw(t, keepers.Name(), stored)
	for name, test := range edits() {
		for _, staged := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				b.Take()
				calls := 0
				err := b.mapper.RunTransaction(t.Context(),
					func(ctx context.Context, tx *dynamapper.Tx) error {
						calls++
						item, err := keepers.In(tx).Get(ctx, dynamapper.Key(keeperKey["at"]))
						require.NoError(t, err)
						if staged { // another operation
							b.entries.In(tx).Save(&logEntry{Text: "one"})
						}
						test.edit(item)
						return nil
					})
				var edited *dynamapper.FieldError
				require.ErrorAs(t, err, &edited)
				require.Equal(t, "RunTransaction", edited.Op)
				require.Equal(t, reflect.TypeFor[keeper](), edited.Type)
				require.Equal(t, keeperKey["at"], edited.Key.Hash())
				require.Equal(t, []string{"keeper." + test.field, test.attribute},
					[]string{edited.Field, edited.Attribute})
				require.EqualError(t, err,
					fmt.Sprintf("dynamapper: RunTransaction: table %q: keeper.", keepers.Name())+
						test.field+" (attribute "+test.attribute+"): "+
						"the item was edited after the transaction had read it, and no write of "+
						"the item is staged, so the edit would be lost; nothing was sent: stage "+
						"the item with In(tx).Save, or edit a copy")
				require.Equal(t, []string{"GetItem"}, b.Take(), "no id is taken")
				require.Equal(t, 1, calls)
			})
		}
	}
	requireSameValues(t, stored, fixtures.GetRaw(t, keepers.Name(), keeperKey))
}

// An unedited item is not refused, however its values are spelled and whatever else is staged.
func TestTransactionDropsNothingThatWasNotEdited(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	keepers := fixtures.TableIn[keeper](t, b.mapper)
	key := dynamapper.Key(keeperKey["at"])
	for name, use := range map[string]func(context.Context, *dynamapper.Tx, *keeper){
		"nothing": func(context.Context, *dynamapper.Tx, *keeper) {},
		"another spelling": func(_ context.Context, _ *dynamapper.Tx, k *keeper) {
			slices.Reverse(k.Tags)
			slices.Reverse(k.Scores)
			k.Seen, k.At = k.Seen.In(time.FixedZone("Paris", 3600)),
				k.At.In(time.FixedZone("Paris", 3600))
		},
		"and back": func(_ context.Context, _ *dynamapper.Tx, k *keeper) { k.Balance++; k.Balance-- },
		"a copy":   func(_ context.Context, _ *dynamapper.Tx, k *keeper) { c := *k; c.Balance++ },
		"made new": func(_ context.Context, _ *dynamapper.Tx, k *keeper) {
			k.Model, k.Balance = dynamapper.Model{}, 7
		},
		"read again": func(ctx context.Context, tx *dynamapper.Tx, k *keeper) {
			again, err := keepers.In(tx).Get(ctx, key)
			require.NoError(t, err)
			require.Same(t, k, again)
		},
		"saved outside": func(_ context.Context, _ *dynamapper.Tx, k *keeper) {
			k.Balance++
			require.NoError(t, keepers.Save(t.Context(), k))
		},
		"deleted outside": func(_ context.Context, _ *dynamapper.Tx, k *keeper) {
			k.Balance++
			require.NoError(t, keepers.Delete(t.Context(), k))
		},
	} {
		t.Run(name, func(t *testing.T) {
			fixtures.PutRaw(t, keepers.Name(), storedKeeper())
			err := b.mapper.RunTransaction(t.Context(),
				func(ctx context.Context, tx *dynamapper.Tx) error {
					item, err := keepers.In(tx).Get(ctx, key)
					require.NoError(t, err)
					use(ctx, tx, item)
					return nil
				})
			require.NoError(t, err)
		})
	}
}

// Any staged write of an item's key decides about its edit, even if its own key has changed since.
// A check does not, because it writes nothing.
func TestTransactionThatStagesAnEditedItem(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	key := dynamapper.Key("waldo")
	for name, stage := range map[string]func(*txPlayers, *player){
		"Save":      func(players *txPlayers, p *player) { players.Save(p) },
		"Delete":    func(players *txPlayers, p *player) { players.Delete(p) },
		"DeleteKey": func(players *txPlayers, _ *player) { players.DeleteKey(key) },
		"Update":    func(players *txPlayers, _ *player) { players.Update(key).Add("balance", 1) },
		"Check": func(players *txPlayers, p *player) {
			players.Check(key)
			players.Save(p)
		},
		"only Check": func(players *txPlayers, _ *player) { players.Check(key) },
	} {
		t.Run(name, func(t *testing.T) {
			fixtures.PutRaw(t, b.players.Name(), storedPlayer("waldo"))
			err := b.mapper.RunTransaction(t.Context(),
				func(ctx context.Context, tx *dynamapper.Tx) error {
					p := b.get(t, ctx, tx, "waldo")
					p.Balance++
					stage(b.players.In(tx), p)
					return nil
				})
			if name == "only Check" {
				require.ErrorContains(t, err,
					"player.Balance (attribute balance): the item was edited")
			} else {
				require.NoError(t, err)
			}
		})
	}
	fixtures.PutRaw(t, b.players.Name(), storedPlayer("waldo"))
	err := b.mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
		p := b.get(t, ctx, tx, "waldo")
		p.Login = "moved"
		b.players.In(tx).Save(p)
		return nil
	})
	require.ErrorContains(t, err, "its key was edited since (login)",
		"the hint is that for a moved item")
}

// Each call of the function is checked by itself, and an error of the function takes precedence.
func TestTransactionLooksAtEachTry(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	calls := 0
	run := func(saves func(try int) bool, failed error) error {
		calls = 0
		return b.mapper.RunTransaction(t.Context(),
			func(ctx context.Context, tx *dynamapper.Tx) error {
				calls++
				p := b.get(t, ctx, tx, "waldo")
				p.Balance -= 50
				if calls == 1 {
					b.setBalance(t, "waldo", 1000)
				}
				if saves(calls) {
					b.players.In(tx).Save(p)
				}
				return failed
			})
	}
	require.NoError(t, run(func(int) bool { return true }, nil))
	require.Equal(t, []int{2, 950}, []int{calls, b.balance(t, "waldo")})
	require.ErrorContains(t, run(func(try int) bool { return try == 1 }, nil),
		"no write of the item is staged")
	require.Equal(t, []int{2, 1000}, []int{calls, b.balance(t, "waldo")})
	require.ErrorContains(t, run(func(int) bool { return false }, nil),
		"no write of the item is staged")
	require.Equal(t, 1, calls, "whatever the function has read")
	mine := errors.New("mine")
	require.Equal(t, mine, run(func(int) bool { return false }, mine),
		"nothing is written in this case anyway")
}

// If a hook replaces the codec, a difference does not prove an edit.
func TestTransactionDoesNotLookBehindHooks(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	names, shouting := fixtures.TableIn[fullName](t, b.mapper), fixtures.TableIn[shout](t, b.mapper)
	fixtures.PutRaw(t, shouting.Name(), fixtures.Attributes{"id": fixtures.Text("one")})
	fixtures.PutRaw(
		t,
		names.Name(),
		fixtures.Attributes{"id": fixtures.Text("one"), "full": fixtures.Text("Waldo  Wally")},
	)
	require.NoError(t,
		b.mapper.RunTransaction(t.Context(), func(ctx context.Context, tx *dynamapper.Tx) error {
			name, err := names.In(tx).Get(ctx, dynamapper.Key("one"))
			require.NoError(t, err)
			name.First = ""
			loud, err := shouting.In(tx).Get(ctx, dynamapper.Key("one"))
			require.NoError(t, err)
			loud.Scratch = "edited"
			return nil
		}))
}

// growing has a hook that sets a new value at each load, and a field that writes a different text
// each time.
type growing struct {
	dynamapper.Model `dynamo:"growing"`
	ID               string   `dynamo:"id,hash"`
	Title            string   `dynamo:"title"`
	Token            string   `dynamo:"token"`
	Data             []byte   `dynamo:"data"`
	Lines            []string `dynamo:"lines,document"`
	Seal             sealed   `dynamo:"seal"`
	Code             code     `dynamo:"code"`
	Broken           unwritable
	Raw              types.AttributeValue `dynamo:"raw"`
}

func (*growing) MigrateItem(raw map[string]types.AttributeValue) error {
	raw["title"], raw["token"], raw["seal"] = raw["name"], fixtures.Text(
		rand.Text(),
	), fixtures.Text(
		"s|1",
	)
	delete(raw, "name")
	return nil
}

// With MigrateItem, an item is compared with itself as it was immediately after the read, so
// changes by the hook are not edits.
func TestTransactionLooksBehindMigrateItem(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	table := fixtures.TableIn[growing](t, b.mapper)
	stored := fixtures.Attributes{
		"id": fixtures.Text("one"), "name": fixtures.Text("Waldo"),
		"data": &types.AttributeValueMemberB{Value: []byte{1, 2}}, "code": fixtures.Text("c"),
		"lines":  &types.AttributeValueMemberL{Value: []types.AttributeValue{fixtures.Text("a")}},
		"Broken": fixtures.Text("b"), "unknown": fixtures.Text("u"), "raw": fixtures.Text("r"),
	}
	fixtures.PutRaw(t, table.Name(), stored)
	for name, test := range map[string]struct {
		edit  func(*growing)
		field string // empty if not refused
	}{
		"nothing":                 {func(*growing) {}, ""},
		"and back":                {func(g *growing) { g.Title += "x"; g.Title = "Waldo" }, ""},
		"what was renamed":        {func(g *growing) { g.Title = "Edited" }, "Title"},
		"what was filled in":      {func(g *growing) { g.Token = "Edited" }, "Token"},
		"in place":                {func(g *growing) { g.Data[0] = 7 }, "Data"},
		"in place, in a document": {func(g *growing) { g.Lines[0] = "b" }, "Lines"},
		"in place, verbatim": {
			func(g *growing) { g.Raw.(*types.AttributeValueMemberS).Value = "s" }, "Raw"},
		"what writes in many ways": {func(g *growing) { g.Seal.text = "edited" }, ""},
		"what writes as it reads":  {func(g *growing) { g.Code.text = "edited" }, "Code"},
		"what cannot be written":   {func(g *growing) { g.Broken.text = "edited" }, ""},
		"not to be stored":         {func(g *growing) { g.Title = "\xff" }, "Title"},
	} {
		t.Run(name, func(t *testing.T) {
			err := b.mapper.RunTransaction(t.Context(),
				func(ctx context.Context, tx *dynamapper.Tx) error {
					item, err := table.In(tx).Get(ctx, dynamapper.Key("one"))
					require.NoError(t, err)
					require.Equal(t, "Waldo", item.Title)
					test.edit(item)
					return nil
				})
			requireEdited(t, err, "growing", test.field)
		})
	}
	requireSameValues(
		t,
		stored,
		fixtures.GetRaw(t, table.Name(), fixtures.Attributes{"id": fixtures.Text("one")}),
	)
}

// shout has a field that it does not write.
type shout struct {
	dynamapper.Model `dynamo:"shouts"`
	ID               string `dynamo:"id,hash"`
	Scratch          string `dynamo:"scratch"`
}

func (s *shout) MarshalItem() (map[string]types.AttributeValue, error) {
	return map[string]types.AttributeValue{"id": fixtures.Text(s.ID)}, nil
}

// A type's own methods may write or read a value in several ways. A difference is an edit only if
// they write what they have read.
func TestTransactionAndTypesWithMethodsOfTheirOwn(t *testing.T) {
	t.Parallel()
	b := openBank(t)
	drawers := fixtures.TableIn[drawer](t, b.mapper)
	fixtures.PutRaw(
		t,
		drawers.Name(),
		storedDrawer(),
		fixtures.Attributes{"id": fixtures.Text("empty")},
	)
	for name, test := range map[string]struct {
		edit  func(*drawer)
		field string // empty if not refused
	}{
		"nothing":                  {func(*drawer) {}, ""},
		"what writes in many ways": {func(d *drawer) { d.Secret.text = "edited" }, ""},
		"what reads in many ways":  {func(d *drawer) { d.Label.text = "edited#1" }, ""},
		"the same in JSON":         {func(d *drawer) { d.Parts["a"] = part{} }, ""},
		"the same in a document":   {func(d *drawer) { d.Pages[0] = part{} }, ""},
		"what cannot be written":   {func(d *drawer) { d.Broken.text = "edited" }, ""},
		"what is no attribute":     {func(d *drawer) { d.Hidden = "edited" }, ""},
		"what writes as it reads":  {func(d *drawer) { d.Code.text = "edited" }, "Code"},
		"another field":            {func(d *drawer) { d.Count++ }, "Count"},
		"what was missing, of another one": {func(d *drawer) { d.Notes = map[string]string{} },
			"Notes"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, id := range []string{"one", "empty"} {
				if id == "empty" && test.field != "Count" && name != "nothing" {
					continue
				}
				err := b.mapper.RunTransaction(t.Context(),
					func(ctx context.Context, tx *dynamapper.Tx) error {
						item, err := drawers.In(tx).Get(ctx, dynamapper.Key(id))
						require.NoError(t, err)
						test.edit(item)
						return nil
					})
				requireEdited(t, err, "drawer", test.field)
			}
		})
	}
}

// requireEdited requires that a transaction was refused for an edit of a field, or not refused if
// field is empty.
func requireEdited(t *testing.T, err error, model, field string) {
	t.Helper()
	if field == "" {
		require.NoError(t, err)
		return
	}
	var edited *dynamapper.FieldError
	require.ErrorAs(t, err, &edited)
	require.Equal(t, model+"."+field, edited.Field)
}
