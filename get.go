package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"slices"

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

// Select reads only the given attributes, by their names in the table. It always reads the keys of
// the table and its indexes, and the version. The item is partial: Save returns ErrPartial unless
// ChangedOnly is given. If the model has the hook MigrateItem or MarshalItem, which need the whole
// item, a read with Select returns an error. The hook ValidateItem sees attributes that were not
// read as zero values.
func Select(attributes ...string) ReadOption {
	return readOption(func(s *readSettings) {
		s.selects = true
		s.selected = append(s.selected, attributes...)
	})
}

// Get reads one item by its key. It sends one GetItem. Errors: ErrNotFound, *FieldError.
func (t *Table[T]) Get(ctx context.Context, key PrimaryKey, opts ...ReadOption) (*T, error) {
	return typed[T](orZero(t).getItem(ctx, key, opts))
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
	attributes, err := s.selection(settings.selected)
	if err != nil {
		return projection{}, err
	}
	p.text = expression.Projection(&p.aliases, attributes)
	return p, nil
}

// selection lists the attributes to read: those selected, the keys of the table and its indexes,
// and the version.
func (s *schema) selection(selected []string) ([]string, error) {
	if len(selected) == 0 {
		return nil, errors.New("Select names no attribute; name an attribute, or leave Select out")
	}
	if s.needsWhole() {
		return nil, fmt.Errorf(
			"the model %s has the hook %s, which needs the whole item; leave Select out", s.goType,
			s.wholeItemHook())
	}
	attributes := s.alwaysRead()
	for _, attribute := range selected {
		if s.byAttribute[attribute] == nil {
			return nil, s.newSelectError(attribute)
		}
		attributes = append(attributes, attribute)
	}
	slices.Sort(attributes)
	return slices.Compact(attributes), nil
}

// newSelectError returns the error of a name that is no attribute. For a path, the error names the
// attribute that contains it.
func (s *schema) newSelectError(attribute string) error {
	if t, err := s.resolve(attribute); err == nil {
		return fmt.Errorf("Select takes whole attributes, and %q is a path; select %q",
			shown.Name(attribute), t.top.attribute)
	}
	return s.newUnknownAttributeError(attribute)
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
	attributes, _ := t.schema.selection(settings.selected) // getItem and batchGet have checked it
	return t.originFrom(attributes)
}

// originFrom returns the origin of items that have these attributes. nil stands for all.
func (t *table) originFrom(attributes []string) *origin {
	if attributes == nil {
		return t.whole
	}
	read := make(map[string]bool, len(attributes))
	for _, attribute := range attributes {
		read[attribute] = true
	}
	return &origin{mapper: t.mapper, table: t.name, read: read}
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
