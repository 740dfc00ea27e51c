package gen

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Table describes a table, and holds a sample of its items.
type Table struct {
	Name        string
	Hash, Range string            // Range is "" for a table without a range key
	Kinds       map[string]string // S, N or B, of each key of the table and its indexes
	Indexes     []Index
	Vectors     []VectorIndex
	TTL         string // the attribute of the time to live, or ""
	Items       []Item
	Notes       []string // sentences for the model's comment
}

// An Index describes an index of a table.
type Index struct {
	Name        string
	Local       bool
	Hash, Range []string
	Projection  string   // ALL, KEYS_ONLY or INCLUDE
	Include     []string // the attributes of INCLUDE
}

// description is a table in the JSON of CreateTable, DescribeTable and CloudFormation.
type description struct {
	TableName              string
	AttributeDefinitions   []attributeDefinition
	KeySchema              []keyElement
	GlobalSecondaryIndexes []indexDescription
	LocalSecondaryIndexes  []indexDescription
	VectorIndexes          []vectorDescription

	TimeToLiveSpecification *struct {
		AttributeName string
		Enabled       bool
	}
}

type attributeDefinition struct{ AttributeName, AttributeType string }

type keyElement struct{ AttributeName, KeyType string }

type indexDescription struct {
	IndexName  string
	KeySchema  []keyElement
	Projection struct {
		ProjectionType   string
		NonKeyAttributes []string
	}
}

// ParseCreateTable parses the JSON of a CreateTable request, as create-table --cli-input-json takes
// it, or the output of create-table or describe-table.
func ParseCreateTable(text []byte) ([]*Table, error) {
	var envelope struct {
		Table, TableDescription *description
		description
	}
	if err := json.Unmarshal(text, &envelope); err != nil {
		return nil, fmt.Errorf("it is not the JSON of a table: %w", err)
	}
	for _, found := range []*description{envelope.Table, envelope.TableDescription,
		&envelope.description} {
		if found != nil {
			table, err := found.table()
			if err != nil {
				return nil, err
			}
			return []*Table{table}, nil
		}
	}
	return nil, nil
}

func (d *description) table() (*Table, error) {
	t := &Table{Name: d.TableName, Kinds: map[string]string{}}
	for _, definition := range d.AttributeDefinitions {
		t.Kinds[definition.AttributeName] = definition.AttributeType
	}
	hash, rng, err := splitKeys(d.KeySchema)
	if err != nil {
		return nil, fmt.Errorf("table %q: %w", d.TableName, err)
	}
	t.setKeys(hash, rng)
	for _, local := range []bool{false, true} {
		described := d.GlobalSecondaryIndexes
		if local {
			described = d.LocalSecondaryIndexes
		}
		for _, i := range described {
			hash, rng, err := splitKeys(i.KeySchema)
			if err != nil {
				return nil, fmt.Errorf("table %q: index %q: %w", d.TableName, i.IndexName, err)
			}
			t.Indexes = append(t.Indexes, Index{i.IndexName, local, hash, rng,
				i.Projection.ProjectionType, i.Projection.NonKeyAttributes})
		}
	}
	for _, described := range d.VectorIndexes {
		v, err := described.index()
		if err != nil {
			return nil, fmt.Errorf("table %q: index %q: %w", d.TableName, described.IndexName, err)
		}
		t.Vectors = append(t.Vectors, v)
	}
	if ttl := d.TimeToLiveSpecification; ttl != nil && ttl.Enabled {
		t.TTL = ttl.AttributeName
	}
	return t, t.check()
}

func splitKeys(elements []keyElement) (hash, rng []string, err error) {
	for _, element := range elements {
		switch element.KeyType {
		case "HASH":
			hash = append(hash, element.AttributeName)
		case "RANGE":
			rng = append(rng, element.AttributeName)
		default:
			return nil, nil, fmt.Errorf("the key %q has the type %q; give HASH or RANGE",
				element.AttributeName, element.KeyType)
		}
	}
	return hash, rng, nil
}

func (t *Table) setKeys(hash, rng []string) {
	t.Hash, t.Range = slices.Concat(hash, []string{""})[0], slices.Concat(rng, []string{""})[0]
}

// check returns an error if a description is incomplete. It sorts the indexes and
// what they project, so that every description of a table gives the same models.
func (t *Table) check() error {
	switch {
	case t.Name == "":
		return errors.New("there is no name of a table; it is not the description of one")
	case t.Hash == "":
		return fmt.Errorf("table %q: there is no hash key", t.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(t.Kinds)) {
		if kind := t.Kinds[name]; kind != "S" && kind != "N" && kind != "B" {
			return fmt.Errorf("table %q: the attribute definition of %q has the type %q; give S, N "+
				"or B", t.Name, name, kind)
		}
	}
	for _, name := range t.keys() {
		if t.Kinds[name] == "" {
			return fmt.Errorf("table %q: the key %q has no attribute definition; add one with the "+
				"type S, N or B", t.Name, name)
		}
	}
	for n, i := range t.Indexes {
		t.Indexes[n].Include = slices.Sorted(slices.Values(i.Include))
		if i.Name == "" || len(i.Hash) == 0 || i.Local && len(i.Range) == 0 {
			return fmt.Errorf("table %q: index %q has no name or no key", t.Name, i.Name)
		}
	}
	for _, v := range t.Vectors {
		if v.Name == "" || v.Attribute == "" || v.Dimensions < 1 {
			return fmt.Errorf("table %q: vector index %q has no name, no attribute or no dimensions",
				t.Name, v.Name)
		}
	}
	slices.SortFunc(t.Indexes, func(a, b Index) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(t.Vectors, func(a, b VectorIndex) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// tableKeys returns the names of the table's key attributes.
func (t *Table) tableKeys() []string {
	if t.Range == "" {
		return []string{t.Hash}
	}
	return []string{t.Hash, t.Range}
}

// keys returns the names of all key attributes, those of the table first and each once.
func (t *Table) keys() []string {
	names := t.tableKeys()
	for _, i := range t.Indexes {
		for _, name := range slices.Concat(i.Hash, i.Range) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}
