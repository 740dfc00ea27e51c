// Package cases has the tables for the tests of gen: descriptions in every form, and items.
package cases

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/dynamapper/dynamapper/cmd/dynamapper/internal/gen"
)

// Case is a table of the test data.
type Case struct {
	Name        string // of the generated file
	description string
	parse       func([]byte) ([]*gen.Table, error)
	items       string
}

// All are the tables. The first four are those of the developer guide of DynamoDB:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AppendixSampleTables.html
var All = []Case{
	{"productcatalog", "productcatalog.create.json", gen.ParseCreateTable,
		"productcatalog.items.json"},
	{"forum", "forum.create.json", gen.ParseCreateTable, "forum.items.json"},
	{"thread", "thread.create.json", gen.ParseCreateTable, "thread.items.json"},
	{"reply", "reply.create.json", gen.ParseCreateTable, "reply.items.json"},
	{"sessions", "sessions.tf", gen.ParseTerraform, "sessions.items.jsonl"},
	{"leaderboards", "leaderboards.yaml", gen.ParseCloudFormation, "leaderboards.items.jsonl"},
	{"game", "game.show.json", gen.ParseTerraform, "game.items.jsonl"},
	{"heroes", "heroes.create.json", gen.ParseCreateTable, "heroes.items.jsonl"},
	{"campaigns", "campaigns.create.json", gen.ParseCreateTable, "campaigns.items.jsonl"},
	{"blobs", "blobs.create.json", gen.ParseCreateTable, "blobs.items.jsonl"},
	{"readings", "readings.create.json", gen.ParseCreateTable, "readings.items.jsonl"},
	{"places", "places.create.json", gen.ParseCreateTable, "places.items.jsonl"},
}

// Tables returns the tables of the case with their items.
func (c *Case) Tables(folder string) ([]*gen.Table, error) {
	text, err := os.ReadFile(filepath.Join(folder, c.description))
	if err != nil {
		return nil, err
	}
	tables, err := c.parse(text)
	if err != nil {
		return nil, err
	}
	items, err := os.ReadFile(filepath.Join(folder, c.items))
	if err != nil {
		return nil, err
	}
	sample, err := gen.ReadSample(strings.NewReader(string(items)))
	if err != nil {
		return nil, err
	}
	return tables, sample.AddTo(tables)
}

// Generate returns the models of the case.
func (c *Case) Generate(folder string) ([]byte, error) {
	tables, err := c.Tables(folder)
	if err != nil {
		return nil, err
	}
	return gen.Generate("samples", tables)
}
