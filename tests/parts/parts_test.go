// Package parts tests items of which a read has asked for parts of documents.
package parts

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

type settings struct {
	Lang   string   `dynamo:"lang"`
	Volume int      `dynamo:"volume"`
	Tags   []string `dynamo:"tags,set"`
	Colour struct {
		Fore string `dynamo:"fore"`
		Back string `dynamo:"back"`
	} `dynamo:"colour"`
}

type line struct {
	SKU   string `dynamo:"sku"`
	Count int    `dynamo:"count"`
}

type cart struct {
	dynamapper.Model `dynamo:"carts"`
	ID               string         `dynamo:"id,hash"`
	At               int            `dynamo:"at,range"`
	Name             string         `dynamo:"name" index:"by-name,hash,keys_only"`
	Settings         settings       `dynamo:"settings,document"`
	Lines            []line         `dynamo:"lines,document"`
	Array            [2]int         `dynamo:"array,document"`
	Stock            map[string]int `dynamo:"stock,document"`
	Any              any            `dynamo:"any,document"`
	Note             map[string]int `dynamo:"note"`
	Dotted           string         `dynamo:"a.b"`
	Version          string         `dynamo:"version,version"`
}

func newCart() *cart {
	c := &cart{ID: "one", At: 1, Name: "n", Lines: []line{{"s", 1}, {"t", 2}, {"u", 3}},
		Array: [2]int{1, 2}, Stock: map[string]int{"a": 1, "b.c": 2, "d": 3},
		Any: map[string]any{"x": map[string]any{"y": "z", "w": true}}, Dotted: "dotted"}
	c.Settings.Lang, c.Settings.Volume, c.Settings.Tags = "en", 11, []string{"t"}
	c.Settings.Colour.Fore, c.Settings.Colour.Back = "red", "blue"
	return c
}

var one = dynamapper.Key("one", 1)

func TestPartsOfDocuments(t *testing.T) {
	t.Parallel()
	carts := fixtures.TableOf[cart](t)
	require.NoError(t, carts.Save(t.Context(), newCart()))
	for _, c := range []struct {
		paths []string
		check func(c *cart)
	}{
		{[]string{"settings.lang"}, func(c *cart) {
			require.Equal(t, settings{Lang: "en"}, c.Settings)
			require.Empty(t, c.Lines)
			require.NotEmpty(t, c.Version, "always read")
		}},
		{[]string{"settings.tags", "settings.colour.back"}, func(c *cart) {
			want := settings{Tags: []string{"t"}}
			want.Colour.Back = "blue"
			require.Equal(t, want, c.Settings)
		}},
		{[]string{"settings.colour.back", "settings.colour", "settings.colour"}, func(c *cart) {
			require.Equal(t, "red", c.Settings.Colour.Fore)
			require.Zero(t, c.Settings.Volume)
		}},
		{[]string{"settings.lang", "settings"}, func(c *cart) {
			require.Equal(t, newCart().Settings, c.Settings)
		}},
		{[]string{dynamapper.Path("lines", 2), "lines[0].sku"}, func(c *cart) {
			require.Equal(t, []line{{SKU: "s"}, {"u", 3}}, c.Lines, "one after the other")
		}},
		{[]string{"lines[7]"}, func(c *cart) { require.Empty(t, c.Lines) }},
		{[]string{dynamapper.Path("stock", "b.c")}, func(c *cart) {
			require.Equal(t, map[string]int{"b.c": 2}, c.Stock)
		}},
		{[]string{"any.x.y"}, func(c *cart) {
			require.Equal(t, map[string]any{"x": map[string]any{"y": "z"}}, c.Any)
		}},
		{[]string{"a.b"}, func(c *cart) { require.Equal(t, "dotted", c.Dotted) }},
	} {
		ctx, opt := t.Context(), dynamapper.Select(c.paths...)
		got, err := carts.Get(ctx, one, dynamapper.Consistent(), opt)
		require.NoError(t, err)
		c.check(got)
		many, err := carts.BatchGet(ctx, []dynamapper.PrimaryKey{one}, dynamapper.Consistent(), opt)
		require.NoError(t, err)
		c.check(many[0])
		got, err = carts.Query("one").Consistent().Select(c.paths...).First(ctx)
		require.NoError(t, err)
		c.check(got)
		got, err = carts.Scan().Consistent().Select(c.paths...).First(ctx)
		require.NoError(t, err)
		c.check(got)
		require.ErrorIs(t, carts.Save(ctx, got), dynamapper.ErrPartial)
	}
}

func TestTheRequestsOfParts(t *testing.T) {
	t.Parallel()
	carts, sent := fixtures.NotedTable[cart](t)
	ctx := t.Context()
	_, err := carts.Get(ctx, one, dynamapper.Select("settings.lang", "settings.lang", "lines[0]"),
		dynamapper.Select("name", "stock", "stock.a"))
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	_, err = carts.Scan().Select("settings.volume").Collect(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{
		"GetItem select at,id,lines[0],name,settings.lang,stock,version",
		"Scan select at,id,name,settings.volume,version",
	}, sent.Take())
}

func TestPartsAreRefused(t *testing.T) {
	t.Parallel()
	carts := fixtures.OfflineTable[cart](t)
	for want, paths := range map[string][]string{
		`Select of "note.a": the attribute "note" is stored as JSON, into which DynamoDB does not ` +
			`see; give the field Note the option "document"`: {"note.a"},
		`Select of "settings.long": the document "settings" has no member "long"; did you mean ` +
			`"lang"?`: {"settings.long"},
		`Select of "name.x": the attribute "name" is of type S and has no members`: {"name.x"},
		`Select of "array[1]": the field Array is an array, and DynamoDB sends selected elements ` +
			`without the places between them; select the whole attribute`: {"array[1]"},
		`Select reads a place in "any" both as a list and as a map`: {"any.x", "any[1]"},
		`has no attribute "lones"; did you mean "lines"?`:           {"lones[0]"},
	} {
		_, err := carts.Get(t.Context(), one, dynamapper.Select(paths...))
		require.ErrorContains(t, err, want)
	}
	_, err := carts.Scan().Index("by-name").Select("settings.lang").Collect(t.Context())
	require.ErrorContains(t, err, `the index "by-name" does not have the attribute "settings"`)
}

// A document that was read in part is never written: the rest of it would be lost.
func TestAnEditOfAPartOfADocument(t *testing.T) {
	t.Parallel()
	carts, sent := fixtures.NotedTable[cart](t)
	ctx := t.Context()
	require.NoError(t, carts.Save(ctx, newCart()))
	get := func() *cart {
		c, err := carts.Get(ctx, one, dynamapper.Consistent(), dynamapper.Select("settings.lang",
			"settings.colour.back", "lines[1]", "stock.d", "name", "any.x.y"))
		require.NoError(t, err)
		return c
	}
	for place, edit := range map[[2]string]func(c *cart){
		{"cart.Settings.Lang", "settings.lang"}:     func(c *cart) { c.Settings.Lang = "de" },
		{"cart.Settings.Volume", "settings.volume"}: func(c *cart) { c.Settings.Volume = 3 },
		{"cart.Settings.Colour.Fore", "settings.colour.fore"}: func(c *cart) {
			c.Settings.Colour.Fore = "green"
		},
		{"cart.Lines", "lines"}: func(c *cart) { c.Lines[0].Count++ },
		{"cart.Stock", "stock"}: func(c *cart) { delete(c.Stock, "d") },
		{"cart.Any", "any"}:     func(c *cart) { c.Any = nil },
	} {
		for _, opts := range [][]dynamapper.SaveOption{
			{dynamapper.ChangedOnly()}, {dynamapper.ChangedOnly(), dynamapper.FailOnConflict()},
			{dynamapper.ChangedOnly(), dynamapper.Idempotent()},
		} {
			c := get()
			edit(c)
			c.Name = "edited"
			sent.Take()
			err := carts.Save(ctx, c, opts...)
			require.ErrorIs(t, err, dynamapper.ErrPartial)
			var placed *dynamapper.FieldError
			require.ErrorAs(t, err, &placed)
			require.Equal(t, place, [2]string{placed.Field, placed.Attribute})
			require.ErrorContains(t, err, "was read in part and edited, and a save would write it whole; "+
				"select the whole attribute, or use Update, which changes one member")
			require.Empty(t, sent.Take())
		}
	}
	// Another attribute may be saved, and the documents stay as they are.
	c := get()
	c.Name = "edited"
	sent.Take()
	require.NoError(t, carts.Save(ctx, c, dynamapper.ChangedOnly(), dynamapper.FailOnConflict()))
	require.Len(t, sent.Take(), 1)
	require.NoError(t, carts.Save(ctx, c, dynamapper.ChangedOnly()))
	require.Empty(t, sent.Take(), "nothing was edited")
	require.ErrorIs(t, carts.Save(ctx, c, dynamapper.FailOnConflict()), dynamapper.ErrPartial)
	require.ErrorIs(t, carts.BatchSave(ctx, []*cart{c}), dynamapper.ErrPartial)
	stored, err := carts.Get(ctx, one, dynamapper.Consistent())
	require.NoError(t, err)
	want := newCart()
	want.Name, want.Version, want.Model = "edited", stored.Version, stored.Model
	require.Equal(t, want, stored)
	require.NoError(t, carts.Delete(ctx, c, dynamapper.FailOnConflict()), "by its version")
}

// A save in a transaction refuses it, too.
func TestPartsInATransaction(t *testing.T) {
	t.Parallel()
	mapper := fixtures.Mapper(t)
	carts := fixtures.TableIn[cart](t, mapper)
	ctx := t.Context()
	require.NoError(t, carts.Save(ctx, newCart()))
	c, err := carts.Get(ctx, one, dynamapper.Consistent(), dynamapper.Select("settings.lang"))
	require.NoError(t, err)
	c.Settings.Lang = "de"
	err = mapper.RunTransaction(ctx, func(_ context.Context, tx *dynamapper.Tx) error {
		return carts.In(tx).Save(c)
	})
	require.ErrorIs(t, err, dynamapper.ErrPartial)
}

func TestThePresentationOfParts(t *testing.T) {
	t.Parallel()
	carts := fixtures.TableOf[cart](t)
	ctx := t.Context()
	require.NoError(t, carts.Save(ctx, newCart()))
	c, err := carts.Get(ctx, one, dynamapper.Consistent(),
		dynamapper.Select("settings.colour.back", "lines[1].sku", "stock.d", "settings.lang"))
	require.NoError(t, err)
	shown := carts.ToMap(c)
	delete(shown, "version")
	require.Equal(t, map[string]any{"id": "one", "at": 1, "name": "n",
		"settings": map[string]any{"lang": "en", "colour": map[string]any{"back": "blue"}},
		"lines":    []any{map[string]any{"sku": "t"}},
		"stock":    carts.ToMap(c)["stock"]}, shown)
	raw, err := carts.MarshalItem(c)
	require.NoError(t, err)
	require.Equal(t, carts.Snapshot(c), raw, "what was read")
	whole, err := carts.Get(ctx, one, dynamapper.Consistent())
	require.NoError(t, err)
	require.Len(t, carts.ToMap(whole)["settings"], 4)
}
