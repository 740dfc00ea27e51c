package dynamapper

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/dynamapper/dynamapper/internal/expression"
	"github.com/dynamapper/dynamapper/internal/wire"
)

// longExpired is the number of seconds since its expiry after which the service does not delete an
// item any more: five years.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-before-you-start.html
const longExpired = 5 * 365 * 24 * 60 * 60

// HideExpired makes reads leave out the items that have expired. DynamoDB deletes an item up to
// days after the time in the field with the option ttl, and returns it until then. A table with
// HideExpired treats such an item as missing:
//
//   - Query and Scan leave it out by a filter, so that Count and Limit are right.
//   - Get, BatchGet and TransactGet compare its time with the clock of this machine: Get returns
//     ErrNotFound. With Select they read the ttl attribute as well.
//   - Nearest leaves it out of what the search has found, so that Top may give fewer items. With
//     Select it reads the ttl attribute as well.
//   - In a transaction, In(tx).Get returns ErrNotFound. A Save of a new item of that key replaces
//     the expired one. The commit checks that the item is stored as it was read.
//   - Modify returns ErrNotFound. ModifyOrNew makes a new item, which replaces the expired one
//     unless that has changed meanwhile.
//   - Take deletes the item and returns ErrNotFound. Replace and RunOld return what is stored.
//   - A Collection follows the option of the table of each model.
//
// Reading an expired item costs the same read units. Only the items that DynamoDB would delete are
// hidden: an item without the attribute, with a value that is no number, or with a time more than
// five years ago does not expire.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ttl-expired-items.html
//
// Writes see what is stored. So a Save of a new item with FailOnConflict returns ErrOverwrite if
// the key has an expired item, MustExist accepts it, and Update changes it; ModifyOrNew replaces
// it. Settle also reads it.
//
// If the model has no field with the option ttl, TableOf returns a *SchemaError.
func HideExpired() TableOption {
	return tableOption(func(s *tableSettings) error { s.hidesExpired = true; return nil })
}

// newNoExpiryError makes the error for HideExpired of a model whose items do not expire.
func (s *schema) newNoExpiryError() error {
	if s.goType == reflect.TypeFor[Item]() {
		return &SchemaError{Type: s.goType, Problem: "HideExpired needs a field with the option " +
			"\"ttl\", which the items of ItemTable lack; use a model, or leave HideExpired out"}
	}
	return &SchemaError{Type: s.goType, Problem: "HideExpired compares the field with the option " +
		"\"ttl\" with the clock, and the model has none; add the option to a field, or leave " +
		"HideExpired out"}
}

// isExpired reports whether an attribute holds a time at which its item expires and which has
// passed. The service deletes such an item at some time.
func isExpired(expiry wire.Raw, now time.Time) bool {
	if expiry.Type() != wire.N {
		return false
	}
	// Text of a number that is too large is an infinity.
	at, _ := strconv.ParseFloat(expiry.Text(), 64)
	seconds := float64(now.Unix())
	return at <= seconds && at >= seconds-longExpired
}

// hides reports whether reads leave out an item, which is given as JSON, because it has expired.
func (t *table) hides(raw string) bool {
	if t.kinds != nil {
		if t = t.kinds.hidingTableOf(raw); t == nil {
			return false
		}
	}
	if !t.hidesExpired {
		return false
	}
	expiry, err := attributeIn(raw, t.schema.ttl.attribute)
	return err == nil && isExpired(expiry, time.Now())
}

// hidingTableOf returns the table whose option decides about an item, or nil. If all tables hide
// expired items, it does not matter which entity the item is of.
func (k *kinds) hidingTableOf(raw string) *table {
	switch len(k.hiding) {
	case 0:
		return nil
	case len(k.tables):
		return k.hiding[0]
	}
	t, err := loader{table: &table{kinds: k, schema: k.tables[0].schema}}.kindOf(raw)
	if err != nil {
		return nil
	}
	return t
}

// checkHiding refuses tables of which some hide expired items and some do not, if no filter can
// tell their items apart.
func (k *kinds) checkHiding() error {
	for _, t := range k.unmarked {
		if t.hidesExpired != k.unmarked[0].hidesExpired {
			return t.schema.newMemberError(nil, "one of the tables with the option Unmarked has "+
				"HideExpired and another has not, and a filter cannot tell their items apart; give "+
				"HideExpired to all of them, or to none")
		}
	}
	return nil
}

// leaveOutExpired returns the condition that leaves expired items out, or nothing if the read needs
// none. DynamoDB takes no filter on the keys of a query. If the time is one of them, the decoder
// leaves the items out.
func (p *readPlan) leaveOutExpired(t *table, keys keySchema) ([]expression.Part, error) {
	hiding := []*table{t}
	if t.kinds != nil {
		hiding = t.kinds.hiding
	}
	if len(hiding) == 0 || !hiding[0].hidesExpired {
		return nil, nil
	}
	attribute := hiding[0].schema.ttl.attribute
	if keys.has(t.schema.byAttribute[attribute]) {
		p.looksAtExpiry = true
		return nil, nil
	}
	if p.index != nil && !p.index.has(t.schema.byAttribute[attribute]) {
		return nil, fmt.Errorf("the index %q does not have the attribute %q, by which "+
			"HideExpired tells expired items; let it project that, or read the table",
			p.index.name, attribute)
	}
	now := time.Now().Unix()
	number := func(n int64) string {
		return p.aliases.Value(wire.NewNumber(strconv.FormatInt(n, 10)))
	}
	part := expression.Between(p.aliases.Name(attribute), number(now-longExpired), number(now))
	if t.kinds != nil && len(hiding) < len(t.kinds.tables) {
		part = expression.And(part, t.kinds.isOneOf(hiding, p))
	}
	return []expression.Part{expression.Not(part)}, nil
}

// isOneOf returns the condition that an item is of the model of one of the tables.
func (k *kinds) isOneOf(tables []*table, p *readPlan) expression.Part {
	name := p.aliases.Name(k.attribute)
	var entities []string
	unmarked := false
	for _, t := range tables {
		entities = append(entities, p.aliases.Value(wire.NewText(t.schema.entityName())))
		unmarked = unmarked || t.unmarked
	}
	part := expression.In(name, entities)
	if unmarked {
		part = expression.Or(part, expression.Call("attribute_not_exists", name))
	}
	return part
}

// countByLooking makes a run that counts read what it needs to see which items have expired, and of
// which entity they are.
func (p *readPlan) countByLooking(t *table) {
	attributes := p.schema.alwaysRead()
	if t.kinds != nil {
		attributes = append(attributes, t.kinds.attribute)
	}
	attributes = slices.DeleteFunc(attributes, func(attribute string) bool {
		return p.index != nil && !p.index.has(p.schema.byAttribute[attribute])
	})
	slices.Sort(attributes)
	p.selects = ""
	names := slices.Compact(attributes)
	for i, attribute := range names {
		names[i] = p.aliases.Name(attribute)
	}
	p.projection = expression.Projection(names)
}

// selectExpiry adds the attribute by which HideExpired tells expired items to a selection.
func (t *table) selectExpiry(settings readSettings) readSettings {
	if t.hidesExpired {
		return t.schema.selectExpiry(settings)
	}
	return settings
}

func (s *schema) selectExpiry(settings readSettings) readSettings {
	if settings.selects && len(settings.selected) > 0 {
		settings.selected = append(slices.Clip(settings.selected), s.ttl.attribute)
	}
	return settings
}

// newExpiredError makes the error for an item that is hidden. raw is its JSON.
func newExpiredError(op, table string, key PrimaryKey, raw string) error {
	return &NotFoundError{Op: op, Table: table, Key: key, expired: raw,
		problem: "the item with this key has expired, and HideExpired hides it"}
}

// expiredIn returns the expired item that a read has hidden, or nil.
func expiredIn(err error) (rawItem, error) {
	hidden := (*NotFoundError)(nil)
	if !errors.As(err, &hidden) {
		return nil, nil
	}
	return parseRawItem(hidden.expired)
}
