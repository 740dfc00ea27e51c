package dynamapper

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/pipeline"
	"github.com/dynamapper/dynamapper/internal/shown"
)

// ReadOption configures Get and BatchGet.
type ReadOption interface{ setRead(*readSettings) }

type readOption func(*readSettings)

func (o readOption) setRead(s *readSettings) { o(s) }

type readSettings struct {
	consistent bool
	selected   []string
	selects    bool

	keepsExpired bool // the item is read even if the table hides it
}

// Consistent makes a read strongly consistent: it sees every write that was acknowledged before. It
// costs twice the read units.
func Consistent() ReadOption {
	return readOption(func(s *readSettings) { s.consistent = true })
}

// Select reads only the given attributes, by their names in the table, or only the places in
// documents to which paths lead: Select("settings.lang"), Select(Path("lines", 0)). It always reads
// the keys of the table and its indexes, and the version. The item is partial: Save returns
// ErrPartial unless ChangedOnly is given. Selected elements of a list follow each other from the
// front of the slice, because DynamoDB sends them without those between them. Save returns
// ErrPartial if a document that was read in part was edited. If the model has the hook MigrateItem
// or MarshalItem, which need the whole item, a read with Select returns an error. The hook
// ValidateItem sees attributes that were not read as zero values.
func Select(attributes ...string) ReadOption {
	return readOption(func(s *readSettings) { s.add(attributes) })
}

// add reads only these attributes, and those that were added before.
func (s *readSettings) add(attributes []string) {
	s.selects = true
	s.selected = append(s.selected, attributes...)
}

// Get reads one item by its key. It sends one GetItem. Errors: ErrNotFound, *FieldError.
func (t *Table[T]) Get(ctx context.Context, key PrimaryKey, opts ...ReadOption) (*T, error) {
	return typed[T](orZero(t).untyped.getItem(ctx, key, opts))
}

func (t *table) getItem(ctx context.Context, key PrimaryKey, opts []ReadOption) (anyItem, error) {
	settings, err := settingsOf(opts, ReadOption.setRead)
	if err == nil {
		err = t.check(ctx)
	}
	if err != nil {
		return nil, newCallError("Get", t.name, err)
	}
	settings = t.selectExpiry(settings)
	return t.get(ctx, "Get", key, settings, t.originOf(settings))
}

// get reads one item for the operation op.
func (t *table) get(
	ctx context.Context, op string, key PrimaryKey, settings readSettings, from *origin,
) (anyItem, error) {
	encoded, err := t.schema.encodeKey(key)
	if err != nil {
		return nil, newCallError(op, t.name, err)
	}
	read, err := t.schema.projection(settings)
	if err != nil {
		return nil, newCallError(op, t.name, err)
	}
	if t.schema.isCounter(encoded) {
		// The counter is no item of the model.
		return nil, &NotFoundError{Op: op, Table: t.name, Key: key}
	}
	c := t.mapper.begin("GetItem", t.name)
	item, err := t.sendGet(ctx, op, key, &getRequest{t, encoded, settings.keepsExpired, read},
		from, c)
	items := 0
	if item != nil {
		items = 1
	}
	c.end(ctx, items, err)
	return item, err
}

// getRequest is one GetItem.
type getRequest struct {
	table        *table
	key          itemKey
	keepsExpired bool
	projection
}

func (g *getRequest) makeInput() *dynamodb.GetItemInput {
	return &dynamodb.GetItemInput{TableName: &g.table.name,
		Key:            g.table.schema.keyAttributes(g.key),
		ConsistentRead: g.consistent, ProjectionExpression: g.projection.text,
		ExpressionAttributeNames: g.aliases.Names(),
		ReturnConsumedCapacity:   g.table.mapper.capacity()}
}

// projection holds the parameters of a read that depend on its options: its consistency and the
// attributes that it reads.
type projection struct {
	consistent *bool
	text       *string // nil for all attributes
	aliases    expression.Aliases
}

func (s *schema) projection(settings readSettings) (p projection, err error) {
	if settings.consistent {
		p.consistent = &settings.consistent
	}
	if !settings.selects {
		return p, nil
	}
	parts, err := s.selection(settings.selected)
	if err != nil {
		return projection{}, err
	}
	p.text = projectionOf(&p.aliases, parts)
	return p, nil
}

// readPart is what a read asks for: an attribute, or a place inside a document.
type readPart struct {
	attribute string
	inside    []expression.Step // from the attribute on; nil for all of it
}

// projectionOf returns the projection expression of what a read asks for.
func projectionOf(aliases *expression.Aliases, parts []readPart) *string {
	paths := make([]string, len(parts))
	for i, part := range parts {
		if paths[i] = aliases.Name(part.attribute); part.inside != nil {
			paths[i] = aliases.Path(part.inside)
		}
	}
	return expression.Projection(paths)
}

// selection lists what to read: the attributes and places selected, the keys of the table and its
// indexes, and the version. They are sorted, and none contains another one, which DynamoDB refuses.
func (s *schema) selection(selected []string) ([]readPart, error) {
	if len(selected) == 0 {
		return nil, errors.New("Select names no attribute; name an attribute, or leave Select out")
	}
	var parts []readPart
	for _, model := range s.models() {
		if model.needsWhole() {
			return nil, fmt.Errorf(
				"the model %s has the hook %s, which needs the whole item; leave Select out",
				model.goType, model.wholeItemHook())
		}
		for _, attribute := range model.alwaysRead() {
			parts = append(parts, readPart{attribute: attribute})
		}
	}
	for _, path := range selected {
		more, err := s.selectedParts(path)
		if err != nil {
			return nil, fmt.Errorf("Select of %q: %w", shown.Name(path), err)
		}
		parts = append(parts, more...)
	}
	slices.SortStableFunc(parts, compareParts)
	kept := parts[:0]
	for _, part := range parts {
		if len(kept) == 0 || !kept[len(kept)-1].contains(part) {
			kept = append(kept, part)
		}
	}
	return kept, checkPlaces(kept)
}

// selectedParts returns what a name or path of Select asks for in each model that has the
// attribute.
func (s *schema) selectedParts(path string) (parts []readPart, err error) {
	for _, model := range s.models() {
		if s.members != nil && !model.hasTop(path) {
			continue
		}
		part, err := model.selectedPart(path)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		_, err = s.resolve(path)
	}
	return parts, err
}

// hasTop reports whether the model has the attribute in which a path begins.
func (s *schema) hasTop(path string) bool {
	if s.byAttribute[path] != nil || s.rest != nil {
		return true
	}
	steps, err := expression.ParsePath(path)
	return err == nil && s.byAttribute[steps[0].Name] != nil
}

// selectedPart returns what a name or path of Select asks for in a model.
func (s *schema) selectedPart(path string) (readPart, error) {
	t, err := s.resolve(path)
	switch {
	case err != nil:
		return readPart{}, err
	case len(t.steps) == 1:
		return readPart{attribute: t.top.attribute}, nil
	case t.top.Dimensions > 0:
		return readPart{}, fmt.Errorf("the field %s is a vector, which a save writes as a whole; "+
			"select the whole attribute", t.top.goPath)
	}
	f := t.top
	for _, step := range t.steps[1:] {
		if _, goType := f.behindPointers(); step.List && goType.Kind() == reflect.Array {
			return readPart{}, fmt.Errorf("the field %s is an array, and DynamoDB sends selected "+
				"elements without the places between them; select the whole attribute", f.goPath)
		}
		if f, _, err = f.resolveStep(step); err != nil {
			return readPart{}, err
		}
	}
	return readPart{t.top.attribute, t.steps}, nil
}

// compareParts sorts parts so that one stands before those inside it.
func compareParts(a, b readPart) int {
	return cmp.Or(strings.Compare(a.attribute, b.attribute),
		slices.CompareFunc(a.inside, b.inside, func(a, b expression.Step) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.Index, b.Index))
		}))
}

// contains reports whether another part is the same, or inside this one.
func (p readPart) contains(other readPart) bool {
	return p.attribute == other.attribute && len(p.inside) <= len(other.inside) &&
		slices.Equal(p.inside, other.inside[:len(p.inside)])
}

// checkPlaces returns an error if one place is read both as a list and as a map, which DynamoDB
// refuses. Only the elements of a field of any type can be.
func checkPlaces(parts []readPart) error {
	for i, one := range parts {
		for _, other := range parts[i+1:] {
			n := 0
			for n < min(len(one.inside), len(other.inside)) && one.inside[n] == other.inside[n] {
				n++
			}
			if n > 0 && n < min(len(one.inside), len(other.inside)) &&
				one.inside[n].List != other.inside[n].List {
				return fmt.Errorf("Select reads a place in %q both as a list and as a map; "+
					"select the whole attribute", one.attribute)
			}
		}
	}
	return nil
}

// needsWhole reports whether the model has a hook that needs whole items.
func (s *schema) needsWhole() bool { return s.hooks.migrate || s.hooks.marshal }

// wholeItemHook returns the name of the hook that needs whole items.
func (s *schema) wholeItemHook() string {
	if s.hooks.migrate {
		return "MigrateItem"
	}
	return "MarshalItem"
}

// alwaysRead lists the attributes that every partial item has.
func (s *schema) alwaysRead() []string {
	var attributes []string
	for _, f := range s.fields {
		if f.IsKey() || f.Version || f.computed != nil || len(f.partOf) > 0 {
			attributes = append(attributes, f.attribute)
		}
	}
	return attributes
}

// originOf returns the origin of items that are read with these settings.
func (t *table) originOf(settings readSettings) *origin {
	if !settings.selects {
		return t.whole
	}
	parts, _ := t.schema.selection(settings.selected) // getItem and batchGet have checked it
	return t.originFrom(parts)
}

// originFrom returns the origin of items of which these parts were read. nil stands for all.
func (t *table) originFrom(parts []readPart) *origin {
	if parts == nil {
		return t.whole
	}
	from := &origin{mapper: t.mapper, table: t.name, read: make(map[string]bool, len(parts))}
	for _, part := range parts {
		from.read[part.attribute] = true
		if part.inside == nil {
			continue
		}
		if from.inside == nil {
			from.inside = map[string][]readPart{}
		}
		from.inside[part.attribute] = append(from.inside[part.attribute], part)
	}
	return from
}

func (t *table) sendGet(
	ctx context.Context, op string, key PrimaryKey, get *getRequest, from *origin, c *call,
) (anyItem, error) {
	d := &responseDecoder{call: c,
		loader: loader{table: t, op: op, from: from, keepsExpired: get.keepsExpired}}
	out, err := send(ctx, t.mapper, request[dynamodb.GetItemInput]{
		operation: pipeline.GetItem,
		input:     get.makeInput,
		body:      get.body,
	}, Client.GetItem, d)
	if err != nil {
		return nil, d.explain(ctx, err)
	}
	c.consumed(true, out.ConsumedCapacity)
	if !d.hooked && out.Item != nil {
		d.addAttributes(out.Item)
	}
	if len(d.items) == 0 && d.expired != "" {
		return nil, newExpiredError(op, t.name, key, d.expired)
	}
	if len(d.items) == 0 {
		return nil, &NotFoundError{Op: op, Table: t.name, Key: key}
	}
	return d.items[0].item(), d.items[0].err()
}
