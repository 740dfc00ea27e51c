package tests

import (
	"regexp"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// The items of these tests are those that ElectroDB 3.9, OneTable 2.7 and dynamodb-toolbox 2.10
// wrote to the engine, and that they read after the mapper's writes. A table goes on: its items are
// found, and saved in the same form, and new ones have the same form.

// keyOf returns the key of an item with the key attributes pk and sk.
func keyOf(item fixtures.Attributes) fixtures.Attributes {
	return fixtures.Attributes{"pk": item["pk"], "sk": item["sk"]}
}

// task reads and writes items of the entity tasks in the service taskapp.
type task struct {
	dynamapper.Model `dynamo:"tasks,entity=tasks,entityAttribute=__edb_e__"`

	_       dynamapper.Computed `dynamo:"pk,hash,format=$taskapp#team_{team}"`
	_       dynamapper.Computed `dynamo:"sk,range,format=$tasks_1#project_{project}#task_{task}"`
	_       dynamapper.Computed `dynamo:"__edb_v__,format=1"`
	Team    string              `dynamo:"team"`
	Project string              `dynamo:"project"`
	Task    string              `dynamo:"task"`
	Points  int                 `dynamo:"points"`
}

func TestATableOfElectroDB(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	tasks := fixtures.TableOf[task](t)
	stored := fixtures.Attributes{"pk": fixtures.Text("$taskapp#team_alpha"),
		"sk": fixtures.Text("$tasks_1#project_x#task_t1"), "__edb_e__": fixtures.Text("tasks"),
		"__edb_v__": fixtures.Text(
			"1",
		), "team": fixtures.Text("alpha"), "project": fixtures.Text("x"),
		"task": fixtures.Text("t1"), "points": fixtures.Number("3")}
	fixtures.PutRaw(t, tasks.Name(), stored)
	found, err := tasks.Query("alpha").Range(dynamapper.EQ("x")).Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, found, 1)
	found[0].Points++
	require.NoError(t, tasks.Save(t.Context(), found[0], dynamapper.FailOnConflict()))
	stored["points"] = fixtures.Number("4")
	assert.Equal(t, stored, fixtures.GetRaw(t, tasks.Name(), keyOf(stored)))
	fixtures.DeleteRaw(t, tasks.Name(), keyOf(stored))
	saveAll(t, tasks, &task{Team: "alpha", Project: "x", Task: "t1", Points: 4})
	assert.Equal(t, stored, fixtures.GetRaw(t, tasks.Name(), keyOf(stored)))
}

// ElectroDB writes keys in lower case. A loaded item is saved at the key that it has.
func TestAKeyOfElectroDBInLowerCase(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	tasks := fixtures.TableOf[task](t)
	stored := fixtures.Attributes{"pk": fixtures.Text("$taskapp#team_alpha"),
		"sk": fixtures.Text("$tasks_1#project_x#task_t1"), "__edb_e__": fixtures.Text("tasks"),
		"__edb_v__": fixtures.Text(
			"1",
		), "team": fixtures.Text("Alpha"), "project": fixtures.Text("x"),
		"task": fixtures.Text("T1"), "points": fixtures.Number("3")}
	fixtures.PutRaw(t, tasks.Name(), stored)
	_, err := tasks.Get(t.Context(), dynamapper.Key("Alpha", "x", "T1"))
	require.ErrorIs(t, err, dynamapper.ErrNotFound)
	found, err := tasks.Get(t.Context(), dynamapper.Key("alpha", "x", "t1"))
	require.NoError(t, err)
	assert.Equal(t, "Alpha", found.Team)
	found.Points++
	require.NoError(t, tasks.Save(t.Context(), found, dynamapper.FailOnConflict()))
	stored["points"] = fixtures.Number("4")
	assert.Equal(t, stored, fixtures.GetRaw(t, tasks.Name(), keyOf(stored)))
}

// jsTimes are the texts of Date.toISOString in JavaScript.
var jsTimes = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)

// requireRenewed checks that an item has the wanted attributes, and in one of them a time of
// JavaScript that is later than the wanted one.
func requireRenewed(t *testing.T, want, got fixtures.Attributes, attribute string) {
	t.Helper()
	renewed := got[attribute].(*types.AttributeValueMemberS).Value
	require.Regexp(t, jsTimes, renewed)
	require.Greater(t, renewed, want[attribute].(*types.AttributeValueMemberS).Value)
	want[attribute] = fixtures.Text(renewed)
	require.Equal(t, want, got)
}

// tenant reads and writes items of the model Account, with isoDates and timestamps.
type tenant struct {
	dynamapper.Model `dynamo:"accounts,entity=Account,entityAttribute=_type"`

	_       dynamapper.Computed `dynamo:"pk,hash,format=account#{id}"`
	_       dynamapper.Computed `dynamo:"sk,range,format=account#"`
	ID      string              `dynamo:"id"`
	Name    string              `dynamo:"name"`
	Created time.Time           `dynamo:"created,created,layout=2006-01-02T15:04:05.000Z07:00"`
	Updated time.Time           `dynamo:"updated,updated,layout=2006-01-02T15:04:05.000Z07:00"`
}

func TestATableOfOneTable(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	accounts := fixtures.TableOf[tenant](t)
	stored := fixtures.Attributes{"pk": fixtures.Text("account#1"), "sk": fixtures.Text("account#"),
		"_type": fixtures.Text("Account"), "id": fixtures.Text("1"), "name": fixtures.Text("Acme"),
		"created": fixtures.Text("2021-11-29T15:09:46.187Z"),
		"updated": fixtures.Text("2021-11-29T15:09:46.187Z")}
	fixtures.PutRaw(t, accounts.Name(), stored)
	acme, err := accounts.Get(t.Context(), dynamapper.Key("1"))
	require.NoError(t, err)
	assert.Equal(t, time.Date(2021, 11, 29, 15, 9, 46, 187e6, time.UTC), acme.Created)
	acme.Name = "Acme Inc."
	require.NoError(t, accounts.Save(t.Context(), acme, dynamapper.FailOnConflict()))
	stored["name"] = fixtures.Text("Acme Inc.")
	requireRenewed(t, stored, fixtures.GetRaw(t, accounts.Name(), keyOf(stored)), "updated")
	fixtures.DeleteRaw(t, accounts.Name(), keyOf(stored))
	saveAll(t, accounts, &tenant{ID: "1", Name: "Acme Inc.", Created: acme.Created,
		Updated: acme.Updated})
	assert.Equal(t, stored, fixtures.GetRaw(t, accounts.Name(), keyOf(stored)))
}

// pokemon reads and writes items of the entity Pokemon.
type pokemon struct {
	dynamapper.Model `dynamo:"poke,entity=Pokemon,entityAttribute=_et"`

	_        dynamapper.Computed `dynamo:"pk,hash,format=TRAINER#{trainer}"`
	_        dynamapper.Computed `dynamo:"sk,range,format=POKEMON#{pokemon}"`
	Trainer  string              `dynamo:"trainer"`
	Pokemon  string              `dynamo:"pokemon"`
	Level    int                 `dynamo:"level"`
	Created  time.Time           `dynamo:"_ct,created,layout=2006-01-02T15:04:05.000Z07:00"`
	Modified time.Time           `dynamo:"_md,updated,layout=2006-01-02T15:04:05.000Z07:00"`
}

// storedPokemon returns an item as dynamodb-toolbox stores it. With a computeKey, the parts of the
// keys have attributes of their own; with savedAs and the transformer prefix, only the keys have
// them.
func storedPokemon(computed bool) fixtures.Attributes {
	stored := fixtures.Attributes{
		"pk":    fixtures.Text("TRAINER#ash"),
		"sk":    fixtures.Text("POKEMON#pika"),
		"_et":   fixtures.Text("Pokemon"),
		"level": fixtures.Number("3"),
		"_ct": fixtures.Text(
			"2021-11-29T15:09:46.133Z",
		),
		"_md": fixtures.Text("2021-11-29T15:09:46.133Z"),
	}
	if computed {
		stored["trainer"], stored["pokemon"] = fixtures.Text("ash"), fixtures.Text("pika")
	}
	return stored
}

func TestATableOfDynamoDBToolbox(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	pokemons := fixtures.TableOf[pokemon](t)
	for _, computed := range []bool{true, false} {
		stored := storedPokemon(computed)
		fixtures.PutRaw(t, pokemons.Name(), stored)
		pika, err := pokemons.Get(t.Context(), dynamapper.Key("ash", "pika"))
		require.NoError(t, err)
		assert.Equal(t, "ash", pika.Trainer)
		assert.Equal(t, "pika", pika.Pokemon)
		pika.Level++
		require.NoError(t, pokemons.Save(t.Context(), pika, dynamapper.FailOnConflict()))
		stored["level"] = fixtures.Number("4")
		requireRenewed(t, stored, fixtures.GetRaw(t, pokemons.Name(), keyOf(stored)), "_md")

		_, err = pokemons.Update(dynamapper.Key("ash", "pika")).Add("level", 1).Run(t.Context())
		require.NoError(t, err)
		updated := fixtures.GetRaw(t, pokemons.Name(), keyOf(stored))
		assert.Equal(t, fixtures.Number("5"), updated["level"])
		assert.Equal(t, stored["_ct"], updated["_ct"])
		fixtures.DeleteRaw(t, pokemons.Name(), keyOf(stored))
	}
	created := time.Date(2021, 11, 29, 15, 9, 46, 133e6, time.UTC)
	saveAll(t, pokemons, &pokemon{Trainer: "ash", Pokemon: "pika", Level: 3, Created: created,
		Modified: created})
	want := storedPokemon(true)
	assert.Equal(t, want, fixtures.GetRaw(t, pokemons.Name(), keyOf(want)))
}
