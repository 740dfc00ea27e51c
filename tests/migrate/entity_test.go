package migrate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
)

// A hero and its matches share a table. Both have gained an index, and Match had another key of it.
type hero struct {
	dynamapper.Model `dynamo:"game,entity=hero"`
	_                dynamapper.Computed `dynamo:"pk,hash,format=HERO#{login}"`
	_                dynamapper.Computed `dynamo:"id,range,format=PROFILE"`
	_                dynamapper.Computed `dynamo:"gsi,format=CITY#{city}" index:"by-city,hash"`
	Login            string              `dynamo:"login"`
	City             string              `dynamo:"city"`
	Bag              []string            `dynamo:"bag,document"`
}

type match struct {
	dynamapper.Model `dynamo:"game,entity=match"`
	_                dynamapper.Computed `dynamo:"pk,hash,format=HERO#{hero}"`
	_                dynamapper.Computed `dynamo:"id,range,format=MATCH#{number:4}"`
	_                dynamapper.Computed `dynamo:"gsi,format=CITY#{place}" index:"by-city,hash"`
	Hero             string              `dynamo:"hero"`
	Number           int                 `dynamo:"number"`
	Place            string              `dynamo:"place"`
}

func oldHero(login string) attributes {
	return attributes{"pk": text("HERO#" + login), "id": text("PROFILE"), "entity": text("hero"),
		"login": text(login), "city": text("Ulm"), "bag": text(`["rope"]`)}
}

func newHero(login string) attributes {
	item := oldHero(login)
	item["gsi"], item["bag"] = text("CITY#Ulm"), list(text("rope"))
	return item
}

func oldMatch(hero string, n int) attributes {
	return attributes{"pk": text("HERO#" + hero), "id": text(fmt.Sprintf("MATCH#%04d", n)),
		"entity": text("match"), "hero": text(hero), "number": number(fmt.Sprint(n)),
		"place": text("Rome"), "gsi": text("PLACE/Rome")}
}

func newMatch(hero string, n int) attributes {
	item := oldMatch(hero, n)
	item["gsi"] = text("CITY#Rome")
	return item
}

func newGame(t *testing.T) (*world[hero], *dynamapper.Table[match], *dynamapper.Collection) {
	w := newWorld[hero](t)
	matches, err := dynamapper.TableOf[match](w.mapper)
	require.NoError(t, err)
	game, err := dynamapper.NewCollection(w.table, matches)
	require.NoError(t, err)
	w.put(oldHero("a"), newHero("b"))
	for n := range 5 {
		w.put(oldMatch("a", n))
	}
	w.take()
	return w, matches, game
}

func TestACollectionMigratesInOnePass(t *testing.T) {
	t.Parallel()
	w, _, game := newGame(t)
	report, err := game.Migrate(t.Context())
	require.NoError(t, err)
	require.Equal(t, 7, report.Seen)
	require.Equal(t, 6, report.Changed)
	require.Equal(t, "Scan"+strings.Repeat(" UpdateItem", 6), strings.Join(w.take(), " "))
	for key, item := range w.stored("id") {
		if key == "PROFILE" {
			require.Equal(t, newHero(textOf(item["login"])), item)
		} else {
			require.Contains(t, []attributes{newMatch("a", 0), newMatch("a", 1), newMatch("a", 2),
				newMatch("a", 3), newMatch("a", 4)}, item)
		}
	}
	report, err = game.Migrate(t.Context(), dynamapper.Segments(3))
	require.NoError(t, err)
	require.Zero(t, report.Changed)
}

func TestATableOfACollectionMigratesItsOwnItems(t *testing.T) {
	t.Parallel()
	w, matches, _ := newGame(t)
	store := &memory{}
	report, err := matches.Migrate(t.Context(), dynamapper.Checkpoints(store))
	require.NoError(t, err)
	require.Equal(t, 5, report.Seen)
	require.Equal(t, 5, report.Changed)
	require.Contains(t, w.stored("login"), "a")
	require.Equal(t, oldHero("a"), w.stored("login")["a"])
	report, err = w.table.Migrate(t.Context(), dynamapper.Checkpoints(store))
	require.NoError(t, err, "the checkpoint of another entity is another one")
	require.Equal(t, 1, report.Changed)
}

func TestUnknownEntitiesAreReported(t *testing.T) {
	t.Parallel()
	w, _, game := newGame(t)
	w.put(attributes{"pk": text("HERO#a"), "id": text("X"), "entity": text("monster")})
	var skipped []error
	report, err := game.Migrate(t.Context(),
		dynamapper.SkipInvalid(func(err error) { skipped = append(skipped, err) }))
	require.NoError(t, err)
	require.Equal(t, 1, report.Skipped)
	require.Equal(t, 6, report.Changed)
	require.ErrorIs(t, skipped[0], dynamapper.ErrUnknownEntity)
	require.Equal(t, dynamapper.Key("HERO#a", "X"), skipped[0].(*dynamapper.MigrateError).Key)
	_, err = game.Migrate(t.Context())
	require.ErrorIs(t, err, dynamapper.ErrUnknownEntity)
}

func TestAnItemOfACollectionIsReadAgainByItsEntity(t *testing.T) {
	t.Parallel()
	w, _, _ := newGame(t)
	heroes, line := w.faulty()
	game, err := dynamapper.NewCollection(heroes)
	require.NoError(t, err)
	line.On("UpdateItem", 1, before(func() {
		edited := oldHero("a")
		edited["city"] = text("Bonn")
		w.put(edited)
	}))
	report, err := game.Migrate(t.Context(), dynamapper.SkipInvalid(func(error) {}))
	require.NoError(t, err)
	require.Equal(t, 1, report.Conflicts)
	require.Equal(t, 1, report.Changed)
	require.Equal(t, text("CITY#Bonn"), w.stored("login")["a"]["gsi"])
}

// wrapped is stored by its hooks alone: as one attribute, and before as two.
type wrapped struct {
	dynamapper.Model `dynamo:"wrapped"`
	ID               string `dynamo:"id,hash"`
	First, Last      string
}

func (w *wrapped) MarshalItem() (map[string]types.AttributeValue, error) {
	return attributes{"id": text(w.ID), "name": text(w.First + " " + w.Last)}, nil
}

func (w *wrapped) UnmarshalItem(item map[string]types.AttributeValue) error {
	w.ID = textOf(item["id"])
	if item["name"] == nil {
		w.First, w.Last = textOf(item["first"]), textOf(item["last"])
		return nil
	}
	w.First, w.Last, _ = strings.Cut(textOf(item["name"]), " ")
	return nil
}

// filled has its name filled in by a hook.
type filled struct {
	dynamapper.Model `dynamo:"filled"`
	ID               string `dynamo:"id,hash"`
	Name             string `dynamo:"name"`
}

func (f *filled) UnmarshalItem(item map[string]types.AttributeValue) error {
	if err := dynamapper.DecodeItem(item, f); err != nil {
		return err
	}
	if f.Name == "" {
		f.Name = "nobody"
	}
	return nil
}

func TestModelsWithHooks(t *testing.T) {
	t.Parallel()
	w := newWorld[wrapped](t)
	w.put(attributes{"id": text("1"), "first": text("Ada"), "last": text("L")},
		attributes{"id": text("2"), "name": text("Bob M")})
	require.Equal(t, 1, w.migrate().Changed)
	require.Equal(t, attributes{"id": text("1"), "name": text("Ada L")}, w.stored("id")["1"])
	w.requireSettled()
}

func TestWhatAHookFillsInIsStored(t *testing.T) {
	t.Parallel()
	w := newWorld[filled](t)
	w.put(attributes{"id": text("1"), "other": text("o")})
	require.Equal(t, 1, w.migrate().Changed)
	require.Equal(t, attributes{"id": text("1"), "name": text("nobody"), "other": text("o")},
		w.stored("id")["1"])
	w.requireSettled()
}

// unmarkedHero also takes items from before it had the name of an entity.
func TestItemsWithoutANameGetIt(t *testing.T) {
	t.Parallel()
	w, _, _ := newGame(t)
	unmarked := oldHero("c")
	delete(unmarked, "entity")
	w.put(unmarked)
	heroes, err := dynamapper.TableOf[hero](w.mapper, dynamapper.Unmarked())
	require.NoError(t, err)
	report, err := heroes.Migrate(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, report.Changed)
	require.Equal(t, newHero("c"), w.stored("login")["c"])
}

// keyed has a time as its key, which other programs have spelt in another way.
type keyed struct {
	dynamapper.Model `dynamo:"keyed"`
	At               grade    `dynamo:"id,hash"`
	Tags             []string `dynamo:"tags,document"`
}

func TestTheKeyStaysAsItIsStored(t *testing.T) {
	t.Parallel()
	w := newWorld[keyed](t)
	w.put(attributes{"id": text("UPPER"), "tags": text(`["a"]`)})
	report := w.migrate()
	require.Equal(t, 1, report.Kept)
	require.Equal(t, 1, report.Changed)
	require.Equal(t, map[string]attributes{
		"UPPER": {"id": text("UPPER"), "tags": list(text("a"))}}, w.stored("id"))
	w.requireSettled()
}

// numbered has the item that counts its ids.
type numbered struct {
	dynamapper.Model `dynamo:"numbered"`
	ID               int      `dynamo:"id,hash,autoincrement"`
	Tags             []string `dynamo:"tags,document"`
}

func TestTheCounterIsLeftAlone(t *testing.T) {
	t.Parallel()
	w := newWorld[numbered](t)
	require.NoError(t, w.table.Save(t.Context(), &numbered{Tags: []string{"a"}}))
	w.put(attributes{"id": number("7"), "tags": text(`["b"]`)})
	counter := w.stored("id")["-1"]
	report := w.migrate()
	require.Equal(t, 2, report.Seen)
	require.Equal(t, 1, report.Changed)
	require.Equal(t, counter, w.stored("id")["-1"])
}

func TestAnItemThatIsTooWideToCompareIsSkipped(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	wide := oldPlayer("wide")
	for i := range 200 {
		wide[fmt.Sprint("attribute", i)] = number("1")
	}
	wide["list"] = list(text("a"))
	w.put(wide, oldPlayer("1"))
	var skipped []error
	report := w.migrate(dynamapper.SkipInvalid(func(err error) { skipped = append(skipped, err) }))
	require.Equal(t, 1, report.Skipped)
	require.Equal(t, 1, report.Changed)
	require.ErrorContains(t, skipped[0], "give the model a field with the option \"version\"")
}

// session expires.
type session struct {
	dynamapper.Model `dynamo:"sessions"`
	ID               string    `dynamo:"id,hash"`
	Tags             []string  `dynamo:"tags,document"`
	Until            time.Time `dynamo:"until,ttl"`
}

func TestExpiredItemsAreMigrated(t *testing.T) {
	t.Parallel()
	w := newWorld[session](t)
	w.put(attributes{"id": text("1"), "tags": text(`["a"]`), "until": number("1577934245")})
	hiding, err := dynamapper.TableOf[session](w.mapper, dynamapper.HideExpired())
	require.NoError(t, err)
	report, err := hiding.Migrate(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, report.Changed, "writes see expired items")
}
