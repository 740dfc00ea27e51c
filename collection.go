package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Collection reads the items of several models that share one table, such as a player and the
// player's matches with one Query. It yields pointers to the models:
//
//	for entity, err := range game.Query("waldo").All(ctx) {
//		switch entity := entity.(type) {
//		case *Player:
//		case *Match:
//		}
//	}
//
// An item is loaded as the table of its model loads it, and that table saves it. A Collection is
// safe for concurrent use. If a Collection or a query of it is nil or zero, the call that would
// send a request returns an error.
type Collection struct{ collection }

// AnyTable is a *Table of any model. No other type implements it.
type AnyTable interface{ anyTable() *table }

func (t *Table[T]) anyTable() *table { return &orZero(t).untyped }

// collection implements Collection.
type collection struct {
	whole    source
	indexed  map[string]source // by the name of the index
	searched map[string]*table // by the name of the vector index, with the models that have it
}

// source is what one query or scan of a collection reads: the table, or an index with the models
// that have it.
type source struct {
	// The schema has what the models say about the table together. The kinds are all models of the
	// collection.
	table *table
	// Why no Query can name the hash key of all models; nil if one can.
	hashProblem error
	// The range keys of the models differ, so that they can be compared only as text, such as
	// rangeExample.
	rangesDiffer bool
	rangeExample string
}

var errNoCollection = errors.New("the collection is nil or empty; make it with NewCollection")

// NewCollection returns the collection of the models of these tables. It sends no request. The
// tables are of one mapper and have one name. Each model names its entity, in one attribute, and
// the hash keys of all have one form: the same constant text and parts that are stored in the same
// way. Range keys with a format differ, so that no two entities have one key. What the models say
// about the table must fit together: the types of keys, the indexes, and TTL.
//
// If the models do not fit, the error is a *SchemaError (errors.Is: ErrSchema) that names the model
// and the fix.
func NewCollection(tables ...AnyTable) (*Collection, error) {
	made, err := makeCollection(tables)
	if err != nil {
		return nil, newCallError("NewCollection", nameOfFirst(tables), err)
	}
	return &Collection{made}, nil
}

// nameOfFirst returns the name of the first table, for errors.
func nameOfFirst(tables []AnyTable) string {
	if len(tables) == 0 || tables[0] == nil {
		return ""
	}
	return tables[0].anyTable().name
}

func makeCollection(given []AnyTable) (collection, error) {
	if len(given) == 0 {
		return collection{}, errors.New("no table is given; give the tables of the models")
	}
	tables := make([]*table, len(given))
	for i, one := range given {
		if one == nil || one.anyTable().checkMade() != nil {
			return collection{}, fmt.Errorf("table %d is nil or empty; make it with TableOf", i+1)
		}
		tables[i] = one.anyTable()
		if slices.Contains(tables[:i], tables[i]) {
			return collection{}, fmt.Errorf("table %d is given twice; give each table once", i+1)
		}
	}
	for i, t := range tables {
		if err := t.checkMember(tables[:i]); err != nil {
			return collection{}, err
		}
	}
	return collectTables(tables)
}

// collectTables makes the collection of tables that have been checked one by one.
func collectTables(tables []*table) (collection, error) {
	kinds, err := makeKinds(tables)
	if err != nil {
		return collection{}, err
	}
	models := make([]*schema, len(tables))
	for i, t := range tables {
		models[i] = t.schema
	}
	union, err := uniteSchemas(models)
	if err != nil {
		return collection{}, err
	}
	spec, err := uniteSpecs(tables)
	if err != nil {
		return collection{}, err
	}
	if err := spec.checkModel(union, true); err != nil {
		return collection{}, fmt.Errorf("WithSpec: %w", err)
	}
	collect := func(s *schema, queried *index) source {
		of := source{table: &table{mapper: tables[0].mapper, name: tables[0].name, schema: s,
			whole: tables[0].whole, kinds: kinds, spec: spec}}
		of.compareKeys(queried)
		return of
	}
	unite := func(has func(*schema) bool) (*schema, error) {
		return uniteSchemas(slices.DeleteFunc(slices.Clone(models),
			func(s *schema) bool { return !has(s) }))
	}
	c := collection{whole: collect(union, nil), indexed: map[string]source{},
		searched: map[string]*table{}}
	for _, i := range union.indexes {
		part, err := unite(func(s *schema) bool { return s.indexNamed(i.name) != nil })
		if err != nil {
			return collection{}, err
		}
		c.indexed[i.name] = collect(part, part.indexNamed(i.name))
	}
	for _, v := range union.vectors {
		part, err := unite(func(s *schema) bool { return s.vectorNamed(v.name) != nil })
		if err != nil {
			return collection{}, err
		}
		c.searched[v.name] = collect(part, nil).table
	}
	return c, nil
}

// checkMember refuses a table that cannot be in a collection with those before it.
func (t *table) checkMember(before []*table) error {
	s := t.schema
	if s.entity == nil {
		return s.newMemberError(nil, "the model names no entity, by which a collection tells the "+
			"models apart; write it in Model's tag, as in `dynamo:\"game,entity=player\"`")
	}
	for _, other := range before {
		o := other.schema
		switch {
		case t.mapper != other.mapper:
			return s.newMemberError(nil, "the table is of another mapper than that of %s; make "+
				"both with one", o.goType)
		case t.name != other.name:
			return s.newMemberError(nil, "the table has the name %q, and that of %s has %q; a "+
				"collection reads one table", t.name, o.goType, other.name)
		case s.entity.attribute != o.entity.attribute:
			return s.newMemberError(s.entity, "the name of the entity is in another attribute "+
				"than %q, that of %s; give both models one "+
				"entityAttribute", o.entity.attribute, o.goType)
		case s.entityName() == o.entityName():
			return s.newMemberError(nil, "the entity %q is also that of %s; give each model "+
				"another entity", s.entityName(), o.goType)
		}
		if err := s.checkKeysWith(o); err != nil {
			return err
		}
	}
	return nil
}

// newMemberError returns a SchemaError about a model of a collection, and about one of its fields
// unless that is nil.
func (s *schema) newMemberError(f *field, problem string, args ...any) error {
	e := &SchemaError{Type: s.goType, Problem: fmt.Sprintf(problem, args...)}
	if f != nil {
		e.Field, e.Attribute = f.goPath, f.attribute
	}
	return e
}

// Name returns the table's name in DynamoDB, including the mapper's prefix.
func (c *Collection) Name() string { return orZero(c).name() }

// name returns the table's name, or "" if NewCollection has not made the collection.
func (c *collection) name() string { return orZero(c.whole.table).name }

// check refuses a collection that NewCollection has not made.
func (c *collection) check() error {
	if c.whole.table == nil {
		return errNoCollection
	}
	return nil
}

// lookup returns what a query or a scan reads.
func (c *collection) lookup(r *reading) (source, error) {
	if err := c.check(); err != nil {
		return source{}, err
	}
	if !r.indexed {
		return c.whole, nil
	}
	if part, known := c.indexed[r.indexName]; known {
		return part, nil
	}
	_, err := r.lookupIndex(c.whole.table.schema)
	return source{}, err
}

// CreateTable creates the table with the keys of the models, all their indexes, and TTL if a model
// has it. An index projects what one of the models that have it needs. See Table.CreateTable.
func (c *Collection) CreateTable(ctx context.Context, opts ...CreateOption) error {
	if c = orZero(c); c.check() != nil {
		return newCallError("CreateTable", "", errNoCollection)
	}
	return c.whole.table.createTable(ctx, opts)
}

// EnsureTable creates the table if it does not exist, with all that the models need. Otherwise it
// compares the table with all models, as Verify does. See Table.EnsureTable.
func (c *Collection) EnsureTable(ctx context.Context, opts ...CreateOption) error {
	if c = orZero(c); c.check() != nil {
		return newCallError("EnsureTable", "", errNoCollection)
	}
	return c.whole.table.ensureTable(ctx, opts)
}

// Verify compares the live table with all models. See Table.Verify.
func (c *Collection) Verify(ctx context.Context) error {
	if c = orZero(c); c.check() != nil {
		return newCallError("Verify", "", errNoCollection)
	}
	return c.whole.table.verify(ctx)
}

// Describe returns the description of the live table. See Table.Describe.
func (c *Collection) Describe(ctx context.Context) (*types.TableDescription, error) {
	if c = orZero(c); c.check() != nil {
		return nil, newCallError("Describe", "", errNoCollection)
	}
	return c.whole.table.describeLive(ctx)
}

// DeleteTable deletes the table and all its items, also those of models that the collection does
// not have. See Table.DeleteTable.
func (c *Collection) DeleteTable(ctx context.Context) error {
	if c = orZero(c); c.check() != nil {
		return newCallError("DeleteTable", "", errNoCollection)
	}
	return c.whole.table.deleteTable(ctx)
}

// joinTypes lists models for an error.
func joinTypes(models []*schema) string {
	names := make([]string, len(models))
	for i, s := range models {
		names[i] = s.goType.String()
	}
	return strings.Join(names, ", ")
}

var collectionType = reflect.TypeFor[Collection]()
