package moving

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// stamps is embedded by both models.
type stamps struct {
	Joined time.Time `dynamo:"joined"`
	Visits int       `dynamo:"visits"`
}

// guregusPlayer is the struct of a program that uses guregu/dynamo.
type guregusPlayer struct {
	ID        string         `dynamo:"id,hash"`
	Guild     string         `dynamo:"guild" index:"by-guild,hash"`
	Points    int            `dynamo:"points" index:"by-guild,range"`
	Balance   int            `dynamo:"balance"`
	Rate      float64        `dynamo:"rate"`
	Admin     bool           `dynamo:"admin"`
	Avatar    []byte         `dynamo:"avatar"`
	Level     *int           `dynamo:"level"`
	Weapon    gear           `dynamo:"weapon"`
	Inventory map[string]int `dynamo:"inventory"`
	Names     []string       `dynamo:"names"`
	Badges    []string       `dynamo:"badges,set"`
	Bag       []gear         `dynamo:"bag"`
	LastSeen  time.Time      `dynamo:"last_seen,unixtime"`
	Nickname  string         `dynamo:"nickname,omitempty"`
	stamps
}

// ourPlayer is the same struct with Model. Its tag has document, so that guregu can still read
// structs, maps and slices.
type ourPlayer struct {
	dynamapper.Model `dynamo:"players,document"`
	ID               string         `dynamo:"id,hash"`
	Guild            string         `dynamo:"guild" index:"by-guild,hash"`
	Points           int            `dynamo:"points" index:"by-guild,range"`
	Balance          int            `dynamo:"balance"`
	Rate             float64        `dynamo:"rate"`
	Admin            bool           `dynamo:"admin"`
	Avatar           []byte         `dynamo:"avatar"`
	Level            *int           `dynamo:"level"`
	Weapon           gear           `dynamo:"weapon"`
	Inventory        map[string]int `dynamo:"inventory"`
	Names            []string       `dynamo:"names"`
	Badges           []string       `dynamo:"badges,set"`
	Bag              []gear         `dynamo:"bag"`
	LastSeen         time.Time      `dynamo:"last_seen,unixtime"`
	Nickname         string         `dynamo:"nickname,omitempty"`
	stamps
}

func guregusWaldo() guregusPlayer {
	return guregusPlayer{ID: "waldo", Guild: "red", Points: 7, Balance: 200, Rate: 1.5e-7,
		Admin: true, Avatar: []byte("png"), Level: &seven,
		Weapon: gear{"hand", 3}, Inventory: map[string]int{"sword": 1},
		Names: []string{"Waldo", ""}, Badges: []string{"a", "b"},
		Bag: []gear{{"left", 1}, {"right", 2}}, LastSeen: atUTC.Truncate(time.Second),
		stamps: stamps{Joined: atParis, Visits: 3}}
}

// guregusTable creates a table with guregu, from its own struct.
func guregusTable(t *testing.T) (dynamo.Table, *dynamapper.Table[ourPlayer]) {
	t.Helper()
	table, err := dynamapper.TableOf[ourPlayer](dynamotest.Mapper(t))
	require.NoError(t, err)
	db := newGuregu(t).db
	require.NoError(t, db.CreateTable(table.Name(),
		guregusPlayer{}).OnDemand(true).Wait(t.Context()))
	require.NoError(t, table.Verify(t.Context()), "keys and indexes are as our tags say")
	return db.Table(table.Name()), table
}

// Both programs use one table: guregu writes, we edit, guregu reads everything and writes, and our
// stale save is refused.
func TestGureguAndOursOnOneTable(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	theirs, ours := guregusTable(t)
	require.NoError(t, theirs.Put(guregusWaldo()).Run(ctx))
	before := getRaw(t, ours.Name(), "waldo")

	waldo, err := ours.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, gear{"hand", 3}, waldo.Weapon)
	require.True(t, atParis.Equal(waldo.Joined))
	waldo.Balance -= 150
	require.NoError(t, ours.Save(ctx, waldo, dynamapper.FailOnConflict()))
	want := before
	want["balance"] = &types.AttributeValueMemberN{Value: "50"}
	require.Equal(t, want, getRaw(t, ours.Name(), "waldo"),
		"what was not edited is as guregu wrote it")

	var back guregusPlayer
	require.NoError(t, theirs.Get("id", "waldo").Consistent(true).One(ctx, &back))
	expected := guregusWaldo()
	expected.Balance = 50
	require.True(t, expected.Joined.Equal(back.Joined))
	expected.Joined = back.Joined
	require.Equal(t, expected, back)

	waldo.Weapon.Power, waldo.Inventory["shield"], waldo.Badges = 4, 1, []string{"c"}
	waldo.Bag = append(waldo.Bag, gear{"back", 5})
	waldo.Joined = atUTC.Add(time.Hour)
	require.NoError(t, ours.Save(ctx, waldo, dynamapper.FailOnConflict()))
	require.NoError(t, theirs.Get("id", "waldo").Consistent(true).One(ctx, &back))
	require.Equal(t, []any{4, map[string]int{"sword": 1, "shield": 1}, []string{"c"}, waldo.Bag,
		atUTC.Add(time.Hour)},
		[]any{back.Weapon.Power, back.Inventory, back.Badges, back.Bag, back.Joined},
		"guregu reads what we edited")

	require.NoError(t, theirs.Update("id", "waldo").Add("balance", 10).Run(ctx))
	waldo.Balance = 0
	require.ErrorIs(t, ours.Save(ctx, waldo, dynamapper.FailOnConflict()), dynamapper.ErrConflict)
	fresh, err := ours.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
	require.NoError(t, err)
	require.Equal(t, 60, fresh.Balance)

	red, err := ours.Query("red").Index("by-guild").Collect(ctx)
	require.NoError(t, err)
	require.Len(t, red, 1)
	require.Equal(t, 60, red[0].Balance)
}

// Without document, a field that guregu wrote is read and kept until it is edited. Then it becomes
// JSON, which guregu cannot read.
func TestGureguCannotReadJSON(t *testing.T) {
	t.Parallel()
	table := tableOf[plain[[]string]](t)
	them := newGuregu(t)
	require.NoError(t, them.put(t.Context(), table.Name(),
		newHolder[plain[[]string]]("waldo", []string{"a"})))
	item, err := table.Get(t.Context(), dynamapper.Key("waldo"))
	require.NoError(t, err)
	item.Value = append(item.Value, "b")
	require.NoError(t, table.Save(t.Context(), item, dynamapper.FailOnConflict()))
	require.Equal(t, `{"S":"[\"a\",\"b\"]"}`, wire(getRaw(t, table.Name(), "waldo")["value"]))
	require.ErrorContains(t, them.get(t.Context(), table.Name(), "waldo", new(plain[[]string])),
		"cannot unmarshal string attribute value")
}

// guregu accepts our struct itself: it ignores Model and unknown options.
func TestOneStructForGureguAndOurs(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	theirs, ours := guregusTable(t)
	waldo := &ourPlayer{ID: "waldo", Guild: "red", Balance: 200, Weapon: gear{"hand", 3}}
	require.NoError(t, ours.Save(ctx, waldo, dynamapper.FailOnConflict()))
	var back ourPlayer
	require.NoError(t, theirs.Get("id", "waldo").Consistent(true).One(ctx, &back))
	require.True(t, ours.IsNew(&back), "what guregu has read has no snapshot")
	require.ErrorIs(t, ours.Save(ctx, &back, dynamapper.FailOnConflict()), dynamapper.ErrOverwrite)
	require.NoError(t, theirs.Put(back).Run(ctx))
	require.NotContains(t, getRaw(t, ours.Name(), "waldo"), "players")
	require.NoError(t, newGuregu(t).db.CreateTable(ours.Name()+"-2",
		ourPlayer{}).OnDemand(true).Wait(ctx))
}

// A check protects only the program that has it.
func TestOnlyOneOfTwoProgramsChecks(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	theirs, ours := guregusTable(t)
	put := func() (*ourPlayer, guregusPlayer) {
		t.Helper()
		require.NoError(t, theirs.Put(guregusWaldo()).Run(ctx))
		loaded, err := ours.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
		require.NoError(t, err)
		return loaded, guregusWaldo()
	}
	t.Run("our write is lost under their Put", func(t *testing.T) {
		mine, other := put()
		mine.Balance -= 150
		require.NoError(t, ours.Save(ctx, mine, dynamapper.FailOnConflict()))
		other.Points++
		require.NoError(t, theirs.Put(other).Run(ctx))
		now, err := ours.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
		require.NoError(t, err)
		require.Equal(t, 200, now.Balance, "paid, and yet not")
	})
	t.Run("their Put with a condition is refused", func(t *testing.T) {
		mine, other := put()
		mine.Balance -= 150
		require.NoError(t, ours.Save(ctx, mine, dynamapper.FailOnConflict()))
		err := theirs.Put(other).If("'balance' = ?", 200).Run(ctx)
		require.True(t, dynamo.IsCondCheckFailed(err))
	})
	t.Run("our Save is refused after their Put", func(t *testing.T) {
		mine, other := put()
		other.Points++
		require.NoError(t, theirs.Put(other).Run(ctx))
		mine.Balance -= 150
		require.ErrorIs(t, ours.Save(ctx, mine, dynamapper.FailOnConflict()),
			dynamapper.ErrConflict)
	})
	t.Run("their Put drops what their struct does not know", func(t *testing.T) {
		_, other := put()
		require.NoError(t, theirs.Update("id", "waldo").Set("new_attribute", 1).Run(ctx))
		require.NoError(t, theirs.Put(other).Run(ctx))
		require.NotContains(t, getRaw(t, ours.Name(), "waldo"), "new_attribute")
	})
	t.Run("our Save keeps what our struct does not know", func(t *testing.T) {
		_, _ = put()
		require.NoError(t, theirs.Update("id", "waldo").Set("new_attribute", 1).Run(ctx))
		mine, err := ours.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
		require.NoError(t, err)
		mine.Balance = 1
		require.NoError(t, ours.Save(ctx, mine))
		require.Contains(t, getRaw(t, ours.Name(), "waldo"), "new_attribute")
	})
}

// versioned is one struct for both programs.
type versioned struct {
	dynamapper.Model `dynamo:"versioned"`
	ID               string `dynamo:"id,hash"`
	Balance          int    `dynamo:"balance"`
	Version          int    `dynamo:"version,version"`
}

// A version that both programs count is checked by both. If guregu's program does not count it, its
// writes are hidden from us.
func TestVersionsOfBoth(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	ours := tableOf[versioned](t)
	theirs := newGuregu(t).db.Table(ours.Name())
	require.NoError(t, theirs.Put(versioned{ID: "waldo", Balance: 200, Version: 1}).Run(ctx))
	load := func() *versioned {
		t.Helper()
		waldo, err := ours.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
		require.NoError(t, err)
		return waldo
	}
	counted := func(item versioned) error {
		item.Version++
		return theirs.Put(item).If("'version' = ?", item.Version-1).Run(ctx)
	}

	mine, other := load(), versioned{ID: "waldo", Balance: 100, Version: 1}
	mine.Balance = 50
	require.NoError(t, ours.Save(ctx, mine, dynamapper.FailOnConflict()))
	require.True(t, dynamo.IsCondCheckFailed(counted(other)), "ours counted")
	other.Version = 2
	require.NoError(t, counted(other))
	require.ErrorIs(t, ours.Save(ctx, mine, dynamapper.FailOnConflict()), dynamapper.ErrConflict,
		"guregu counted")

	mine = load()
	require.NoError(t, theirs.Update("id", "waldo").Add("balance", 10).Run(ctx))
	mine.Balance = 0
	require.NoError(t, ours.Save(ctx, mine, dynamapper.FailOnConflict()),
		"guregu did not count: its ten coins are lost")
	require.Equal(t, 0, load().Balance)
}

// timed has a time as its range key, as in guregu's README.
type timed struct {
	dynamapper.Model `dynamo:"timed"`
	ID               string    `dynamo:"id,hash"`
	At               time.Time `dynamo:"at,range,layout=RFC3339Nano"`
	Text             string    `dynamo:"text"`
}

// A key is found by its text: with layout=RFC3339Nano if guregu wrote UTC, and with the text itself
// always.
func TestTimesAsKeysOfGuregu(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	ours := tableOf[timed](t)
	theirs := newGuregu(t).db.Table(ours.Name())
	require.NoError(t, theirs.Put(timed{ID: "a", At: atUTC}).Run(ctx))
	require.NoError(t, theirs.Put(timed{ID: "b", At: atParis}).Run(ctx))
	found, err := ours.Get(ctx, dynamapper.Key("a", atUTC))
	require.NoError(t, err)
	found.Text = "edited"
	require.NoError(t, ours.Save(ctx, found, dynamapper.FailOnConflict()))
	_, err = ours.Get(ctx, dynamapper.Key("b", atParis))
	require.ErrorIs(t, err, dynamapper.ErrNotFound, "guregu wrote the offset")
	found, err = ours.Get(ctx, dynamapper.Key("b", "2026-05-31T12:00:00.042+02:00"))
	require.NoError(t, err)
	again, err := ours.Get(ctx, ours.KeyOf(found))
	require.NoError(t, err, "the key of a loaded item reaches it")
	require.Equal(t, found.At, again.At)
	found.Text = "edited"
	require.NoError(t, ours.Save(ctx, found, dynamapper.FailOnConflict()),
		"a loaded key stays as it is spelled")
	count, err := ours.Scan().Consistent().Count(ctx)
	require.NoError(t, err)
	require.Equal(t, 2, count)
	_, err = ours.Query("a").Range(dynamapper.GE(atUTC)).Collect(ctx)
	require.Error(t, err, "the layout does not sort as text")
	var back timed
	require.NoError(t, theirs.Get("id", "b").Range("at", dynamo.Equal, atParis).One(ctx, &back))
	require.Equal(t, "edited", back.Text)
}

// Options that only guregu has are refused with an explanation.
func TestOptionsOfGureguOnly(t *testing.T) {
	t.Parallel()
	type nulls struct {
		dynamapper.Model `dynamo:"nulls"`
		ID               string `dynamo:"id,hash"`
		Name             string `dynamo:"name,null"`
	}
	type allows struct {
		dynamapper.Model `dynamo:"allows"`
		ID               string `dynamo:"id,hash"`
		Name             string `dynamo:"name,allowempty"`
	}
	type omits struct {
		dynamapper.Model `dynamo:"omits"`
		ID               string   `dynamo:"id,hash"`
		Names            []string `dynamo:"names,omitemptyelem"`
	}
	mapper := dynamotest.Mapper(t)
	_, err := dynamapper.TableOf[nulls](mapper)
	require.ErrorContains(t, err, `option "null" is not known; remove it`)
	_, err = dynamapper.TableOf[allows](mapper)
	require.ErrorContains(t, err,
		`option "allowempty" is not known; make the field a pointer, such as *string`)
	_, err = dynamapper.TableOf[omits](mapper)
	require.ErrorContains(t, err,
		`option "omitemptyelem" is not known; remove it, and leave empty elements out`)
}
