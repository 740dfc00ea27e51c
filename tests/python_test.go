package tests

import (
	"encoding/json"
	"maps"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// pythonItems returns the items of a table exactly as Python's dynamodb-mapper wrote them.
func pythonItems(t *testing.T, table string) []fixtures.Attributes {
	t.Helper()
	text, err := os.ReadFile("testdata/python_items.json")
	require.NoError(t, err)
	var tables []struct {
		Table string
		Items []json.RawMessage
	}
	require.NoError(t, json.Unmarshal(text, &tables))
	var items []fixtures.Attributes
	for _, stored := range tables {
		for _, raw := range stored.Items {
			if stored.Table == table {
				items = append(items, parseAttributes(t, raw))
			}
		}
	}
	require.NotEmpty(t, items)
	return items
}

// anyItem is a model with only a key, used to parse DynamoDB's JSON.
type anyItem struct {
	dynamapper.Model `dynamo:"any-item"`
	Key              string `dynamo:"no such attribute,hash"`
}

func parseAttributes(t *testing.T, raw []byte) fixtures.Attributes {
	t.Helper()
	mapper, err := dynamapper.New(fixtures.RawClient(t))
	require.NoError(t, err)
	table, err := dynamapper.TableOf[anyItem](mapper)
	require.NoError(t, err)
	item, err := table.UnmarshalItemJSON(raw)
	require.NoError(t, err)
	return table.Snapshot(item)
}

// The models of dynamodb-mapper's own tests.
type (
	doomMap struct {
		dynamapper.Model `dynamo:"doom_map"`
		Episode          int      `dynamo:"episode_id,hash"`
		Name             string   `dynamo:"name,range"`
		World            string   `dynamo:"world"`
		Cheats           []string `dynamo:"cheats,set"`
	}
	doomMonsterMap struct {
		dynamapper.Model `dynamo:"doom_monster_map"`
		Map              int            `dynamo:"map_id,hash"`
		Monsters         map[string]any `dynamo:"monsters"`
	}
	patch struct {
		dynamapper.Model `dynamo:"patch"`
		At               time.Time `dynamo:"datetime,hash,layout=2006-01-02T15:04:05.000000-07:00"`
		Description      string    `dynamo:"description"`
	}
	gameReport struct {
		dynamapper.Model `dynamo:"game_report"`
		Players          string    `dynamo:"player_ids,hash"`
		At               time.Time `dynamo:"datetime,range"`
		Score            float64   `dynamo:"score"`
	}
	campaignStatus struct {
		dynamapper.Model `dynamo:"doom_campaign_status"`
		ID               int    `dynamo:"id,hash"`
		Name             string `dynamo:"name"`
		Completed        bool   `dynamo:"completed"`
	}
	userPurchase struct {
		dynamapper.Model `dynamo:"user_purchase"`
		Requester        int       `dynamo:"requester_id,hash"`
		At               time.Time `dynamo:"datetime,range"`
		Status           string    `dynamo:"status"`
	}
)

func TestItemsOfTheOriginal(t *testing.T) {
	t.Parallel()
	t.Run("doom_map", func(t *testing.T) { testOriginal(t, func(m *doomMap) { m.World += "!" }) })
	t.Run("doom_monster_map", func(t *testing.T) {
		testOriginal(t, func(m *doomMonsterMap) { m.Monsters = map[string]any{"imp": "1"} })
	})
	t.Run("patch", func(t *testing.T) { testOriginal(t, func(p *patch) { p.Description += "!" }) })
	t.Run("game_report", func(t *testing.T) { testOriginal(t, func(r *gameReport) { r.Score++ }) })
	t.Run("doom_campaign_status",
		func(t *testing.T) {
			testOriginal(t,
				func(s *campaignStatus) { s.Completed = !s.Completed })
		})
	t.Run("log_entry", func(t *testing.T) { testOriginal(t, func(e *logEntry) { e.Text += "!" }) })
	t.Run("user_purchase",
		func(t *testing.T) { testOriginal(t, func(p *userPurchase) { p.Status = "pending" }) })
}

// testOriginal stores a table's items without the mapper, then reads, saves, edits and deletes
// them.
func testOriginal[T dynamapper.IsModel](t *testing.T, edit func(*T)) {
	for _, letters := range []string{"", "F", "C", "FC"} {
		table := fixtures.TableOf[T](t)
		model := t.Name()[len("TestItemsOfTheOriginal/"):]
		fixtures.PutRaw(t, table.Name(), pythonItems(t, model)...)
		before := scanRaw(t, table.Name())
		items, err := table.Scan().Consistent().Collect(t.Context())
		require.NoError(t, err)
		for _, item := range items {
			raw, err := table.MarshalItem(item)
			require.NoError(t, err)
			require.Contains(t, before, raw, "marshaled unchanged")
			require.NoError(t, table.Save(t.Context(), item, writeOptions(letters)...))
		}
		require.ElementsMatch(t, before, scanRaw(t, table.Name()), "saved unchanged, byte for byte")
		for _, item := range items {
			edit(item)
			require.NoError(t, table.Save(t.Context(), item, writeOptions(letters)...))
		}
		require.Len(t, scanRaw(t, table.Name()), len(before),
			"no item was written under another key")
		again, err := table.Scan().Consistent().Collect(t.Context())
		require.NoError(t, err)
		for i, item := range items {
			require.Equal(t, table.ToMap(item), table.ToMap(again[i]))
			if letters == "C" {
				letters = ""
			}
			require.NoError(t,
				table.Delete(t.Context(), again[i],
					fixtures.OptionsAs[dynamapper.DeleteOption](
						writeOptions(letters[:min(1, len(letters))]))...))
		}
		require.Len(t, scanRaw(t, table.Name()), len(before)-len(items),
			"at most the counter is left")
	}
}

func scanRaw(t *testing.T, table string) []fixtures.Attributes {
	t.Helper()
	var items []fixtures.Attributes
	pages := dynamodb.NewScanPaginator(fixtures.RawClient(t),
		&dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		items = append(items, page.Items...)
	}
	return items
}

func TestValuesOfTheOriginal(t *testing.T) {
	t.Parallel()
	maps := fixtures.TableOf[doomMap](t)
	fixtures.PutRaw(t, maps.Name(), pythonItems(t, "doom_map")...)
	hangar := fixtures.Load(t, maps, 1, "Hangar")
	require.Equal(t, "Phobos", hangar.World)
	require.ElementsMatch(t, []string{"Konami", "iddqd", "idkfa"}, hangar.Cheats)
	require.Equal(t, []string{"é"}, fixtures.Load(t, maps, 0, `Café ☢ "quoted"`).Cheats)

	monsters := fixtures.TableOf[doomMonsterMap](t)
	fixtures.PutRaw(t, monsters.Name(), pythonItems(t, "doom_monster_map")...)
	require.Contains(t, fixtures.Load(t, monsters, 1).Monsters, "unicodé")
	require.Empty(t, fixtures.Load(t, monsters, 2).Monsters)

	patches := fixtures.TableOf[patch](t)
	fixtures.PutRaw(t, patches.Name(), pythonItems(t, "patch")...)
	at := time.Date(2012, 5, 31, 12, 0, 0, 42000, time.UTC)
	require.Equal(t, "Nightmare mode", fixtures.Load(t, patches, at).Description)
	require.Equal(t, "noon, written from Paris",
		fixtures.Load(t, patches, at.Truncate(time.Second)).Description)
	require.NoError(t, patches.DeleteKey(t.Context(), dynamapper.Key(at), dynamapper.MustExist()))

	reports := fixtures.TableOf[gameReport](t)
	fixtures.PutRaw(t, reports.Name(), pythonItems(t, "game_report")...)
	report := fixtures.Load(t, reports, `["duke3d", "doomguy", "blackmage"]`,
		fixtures.Text("1998-01-02T03:04:05.678900+00:00"))
	require.Equal(t, -1.5e-07, report.Score)
	require.Equal(t, time.Date(1998, 1, 2, 3, 4, 5, 678900000, time.UTC), report.At)

	campaigns := fixtures.TableOf[campaignStatus](t)
	fixtures.PutRaw(t, campaigns.Name(), pythonItems(t, "doom_campaign_status")...)
	require.True(t, fixtures.Load(t, campaigns, 1).Completed)
	require.False(t, fixtures.Load(t, campaigns, 2).Completed)
}

// pythonSave writes as dynamodb-mapper does with raise_on_conflict: it puts the whole item if the
// stored one is as it was read. An item that was not read must not exist.
func pythonSave(t *testing.T, table string, read, item fixtures.Attributes) error {
	t.Helper()
	expected := map[string]types.ExpectedAttributeValue{}
	for name, value := range read {
		expected[name] = types.ExpectedAttributeValue{Value: value}
	}
	if read == nil {
		expected["id"] = types.ExpectedAttributeValue{Exists: aws.Bool(false)}
	}
	_, err := fixtures.RawClient(t).PutItem(t.Context(),
		&dynamodb.PutItemInput{TableName: &table, Item: item, Expected: expected})
	return err
}

// dynamodb-mapper and this mapper write one table, each with its own check, and neither overwrites
// the other.
func TestTheOriginalAndOursOnOneTable(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[campaignStatus](t)
	fixtures.PutRaw(t, table.Name(), pythonItems(t, "doom_campaign_status")...)
	refused := func(err error) {
		t.Helper()
		var failed *types.ConditionalCheckFailedException
		require.ErrorAs(t, err, &failed)
	}
	key := fixtures.Attributes{"id": fixtures.Number("1")}

	read, loaded := fixtures.GetRaw(t, table.Name(), key), fixtures.Load(t, table, 1)
	loaded.Name = "ours"
	require.NoError(t, table.Save(t.Context(), loaded, dynamapper.FailOnConflict()))
	item := maps.Clone(read)
	item["completed"] = fixtures.Number("0")
	refused(pythonSave(t, table.Name(), read, item))

	read = fixtures.GetRaw(t, table.Name(), key)
	require.Equal(t, fixtures.Number("1"), read["completed"], "an unedited bool stays N")
	item = maps.Clone(read)
	item["completed"] = fixtures.Number("0")
	require.NoError(t, pythonSave(t, table.Name(), read, item))
	loaded.Name = "stale"
	require.ErrorIs(t, table.Save(t.Context(), loaded, dynamapper.FailOnConflict()),
		dynamapper.ErrConflict)
	require.False(t, fixtures.Load(t, table, 1).Completed)

	require.NoError(t, table.Save(t.Context(), &campaignStatus{ID: 3}, dynamapper.FailOnConflict()))
	refused(pythonSave(t, table.Name(), nil, fixtures.Attributes{"id": fixtures.Number("3")}))
	require.NoError(
		t,
		pythonSave(t, table.Name(), nil, fixtures.Attributes{"id": fixtures.Number("4")}),
	)
	require.ErrorIs(t, table.Save(t.Context(), &campaignStatus{ID: 4}, dynamapper.FailOnConflict()),
		dynamapper.ErrOverwrite)
}

// Both programs take ids from the same counter.
func TestTheOriginalAndOursCountTogether(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[logEntry](t)
	fixtures.PutRaw(t, table.Name(), pythonItems(t, "log_entry")...)
	entry := &logEntry{Text: "ours"}
	require.NoError(t, table.Save(t.Context(), entry))
	require.EqualValues(t, 8, entry.ID)
	counted := fixtures.GetRaw(t, table.Name(), idKey("-1"))
	require.Equal(t, counter("8"), counted)
	require.NoError(t, pythonSave(t, table.Name(), counted, counter("10")),
		"dynamodb-mapper skips the id 9, which is in use")
	require.NoError(t,
		pythonSave(
			t,
			table.Name(),
			nil,
			fixtures.Attributes{
				"id":   fixtures.Number("10"),
				"text": fixtures.Text("the original's"),
			},
		))
	entry = &logEntry{Text: "ours"}
	require.NoError(t, table.Save(t.Context(), entry))
	require.EqualValues(t, 11, entry.ID)
}

// pythonForm is stored as dynamodb-mapper reads it: a bool as N, a datetime with six digits.
type pythonForm struct {
	dynamapper.Model `dynamo:"python-form"`
	ID               int            `dynamo:"id,hash"`
	Completed        int            `dynamo:"completed"`
	At               time.Time      `dynamo:"at,layout=2006-01-02T15:04:05.000000-07:00"`
	Monsters         map[string]int `dynamo:"monsters"`
	Cheats           []string       `dynamo:"cheats,set"`
}

// The form for dynamodb-mapper, beside the default form.
func TestTheFormOfTheOriginal(t *testing.T) {
	t.Parallel()
	at := time.Date(2012, 5, 31, 12, 0, 0, 42000, time.UTC)
	item, err := dynamapper.EncodeItem(
		&pythonForm{ID: 1, Completed: 1, At: at, Monsters: map[string]int{"imp": 40, "é": 1},
			Cheats: []string{"iddqd"}})
	require.NoError(t, err)
	require.Equal(t, fixtures.Attributes{
		"id": fixtures.Number("1"), "completed": fixtures.Number("1"),
		"at":       fixtures.Text("2012-05-31T12:00:00.000042+00:00"),
		"monsters": fixtures.Text(`{"imp":40,"é":1}`),
		"cheats":   &types.AttributeValueMemberSS{Value: []string{"iddqd"}},
	}, item)
	item, err = dynamapper.EncodeItem(&gameReport{Players: "[]", At: at})
	require.NoError(t, err)
	require.Equal(t, fixtures.Text("2012-05-31T12:00:00.000042000Z"), item["datetime"])
	item, err = dynamapper.EncodeItem(&campaignStatus{ID: 1, Completed: true})
	require.NoError(t, err)
	require.Equal(t, &types.AttributeValueMemberBOOL{Value: true}, item["completed"])
}
