package dynamapper

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dynamapper/dynamapper/internal/parallel"
)

// A Fetch is the read of one item. Table.Fetch makes it, and Mapper.TransactGet or Mapper.BatchGet
// runs it together with others, also of other tables and models. A Fetch is for one goroutine.
//
// If a Fetch is run again, it reads the item again: Item is then another pointer, and the item of
// the run before is unchanged.
type Fetch[T any] struct {
	// Item is the item, or nil if Err is not nil. It is as an item from Table.Get: Save with
	// FailOnConflict compares the stored item with it. Each Fetch has an item of its own, even if
	// several have the same key.
	Item *T
	// Err is why there is no Item. Errors: ErrNotFound, ErrOtherEntity, *FieldError, and the error
	// of the call that was to run the Fetch. Before that call, Err says so.
	Err error

	untyped fetch
}

// fetch is the part of a Fetch that does not depend on the type of the model.
type fetch struct {
	table *table // nil if Table.Fetch has not made the Fetch
	key   PrimaryKey
	opts  []ReadOption
}

// AnyFetch is a *Fetch of any model. No other type implements it.
type AnyFetch interface {
	anyFetch() *fetch
	end(item anyItem, err error)
}

func (f *Fetch[T]) anyFetch() *fetch { return &orZero(f).untyped }

func (f *Fetch[T]) end(item anyItem, err error) { f.Item, f.Err = typed[T](item, err) }

var errNotFetched = errors.New(
	"the item was not read yet; give the Fetch to TransactGet or BatchGet of the mapper")

// Fetch returns the read of one item, for Mapper.TransactGet and Mapper.BatchGet. It sends no
// request. With Select the item is partial. Consistent matters to BatchGet; TransactGet always
// reads consistently, at twice the read units.
func (t *Table[T]) Fetch(key PrimaryKey, opts ...ReadOption) *Fetch[T] {
	table := &orZero(t).untyped
	return &Fetch[T]{Err: newCallError("Fetch", table.name, errNotFetched),
		untyped: fetch{table: table, key: key, opts: opts}}
}

// TransactGet reads up to 100 items of any tables of the mapper at one moment: no write falls
// between two of the reads, and a transaction is seen as a whole or not at all. It sends one
// TransactGetItems, which reads an item once, even if several Fetches have its key. Without Fetches
// it sends nothing.
//
// The results are in the Fetches. If TransactGet returns nil, each Fetch has either its Item or the
// Err of that item, such as ErrNotFound. If TransactGet returns an error, no Fetch has an item, and
// each Err is that error.
//
// An item costs two read units for each 4 KB, and a missing item two. If a transaction is writing
// one of the items, or a table is throttled, TransactGet sends the request again with backoff, as
// often as WithMaxRetries says. The items must have less than 4 MB together; the service refuses
// more. See
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
//
// If the Fetches of an item have different Selects, the request has the attributes of all, and each
// Item has those of its own Select.
//
// Errors: ErrMaxRetriesExceeded. More than 100 items, tables of several accounts, and a client
// without TransactGetItems are errors before any request.
func (m *Mapper) TransactGet(ctx context.Context, fetches ...AnyFetch) error {
	return m.runFetches(ctx, "TransactGet", fetches, (*fetchPlan).transactGet)
}

// BatchGet reads the items of any number of Fetches, of any tables of the mapper. The items may be
// of different moments. See Table.BatchGet for many keys of one table.
//
// BatchGet sends a BatchGetItem for each 100 keys, several at a time. It sends a key once, even if
// several Fetches have it. Fetches of one table with different options need requests of their own.
// BatchGet sends unprocessed keys again with backoff, as often as WithMaxRetries says.
//
// The results are in the Fetches. If BatchGet returns nil, each Fetch has either its Item or the
// Err of that item, such as ErrNotFound. If BatchGet returns an error, each Fetch that was not read
// has that error in Err. Errors: ErrMaxRetriesExceeded.
func (m *Mapper) BatchGet(ctx context.Context, fetches ...AnyFetch) error {
	return m.runFetches(ctx, "BatchGet", fetches, (*fetchPlan).batchGet)
}

// runFetches plans the Fetches of a call and sends their requests. Whatever happens, each Fetch
// then has an item or an error.
func (m *Mapper) runFetches(
	ctx context.Context, op string, fetches []AnyFetch,
	send func(*fetchPlan, context.Context) error,
) error {
	plan, err := m.planFetches(ctx, op, fetches)
	if err == nil {
		err = send(plan, ctx)
	}
	for _, f := range fetches {
		if err != nil && f != nil && f.anyFetch().table != nil && !plan.isRead(f) {
			f.end(nil, err)
		}
	}
	return err
}

// fetchPlan is what a call reads.
type fetchPlan struct {
	mapper *Mapper
	op     string
	items  []*fetchedItem // in the order of their first Fetch
	by     map[fetchID]*fetchedItem
	of     map[AnyFetch]*fetchedItem
}

// fetchID identifies an item, and what is read of it. Fetches that differ in it are read apart.
type fetchID struct {
	itemID
	consistent bool
	selection  string // "" for all attributes
}

// fetchedItem is an item that a call reads once, for one or several Fetches.
type fetchedItem struct {
	fetchID
	projection
	parts   []readPart // what the projection reads; nil for all
	table   *table     // of the first Fetch
	key     itemKey
	fetches []AnyFetch
	origins []*origin // of the Fetches
	isRead  bool
}

// isRead reports whether a Fetch has its result. The plan may be nil.
func (p *fetchPlan) isRead(f AnyFetch) bool {
	return p != nil && p.of[f] != nil && p.of[f].isRead
}

func (m *Mapper) planFetches(
	ctx context.Context, op string, fetches []AnyFetch,
) (*fetchPlan, error) {
	switch {
	case m.isEmpty():
		return nil, newCallError(op, "", errNoMapper)
	case ctx == nil:
		return nil, newCallError(op, "", errNilContext)
	}
	plan := &fetchPlan{mapper: m, op: op, by: map[fetchID]*fetchedItem{},
		of: make(map[AnyFetch]*fetchedItem, len(fetches))}
	for i, f := range fetches {
		if err := plan.add(f); err != nil {
			return nil, plan.newError(i, f, err)
		}
	}
	return plan, nil
}

// newError returns the error of a Fetch that is wrong. Its text has the place of the Fetch.
func (p *fetchPlan) newError(i int, f AnyFetch, err error) error {
	table := ""
	if f != nil {
		table = orZero(f.anyFetch().table).name
	}
	if _, placed := err.(*FieldError); placed {
		return newCallError(p.op, table, err)
	}
	return newCallError(p.op, table, fmt.Errorf("the Fetch %d: %w", i+1, err))
}

// add adds a Fetch to the plan. A Fetch that is given twice is added once.
func (p *fetchPlan) add(f AnyFetch) error {
	if f == nil || f.anyFetch().table == nil {
		return errors.New("the Fetch is nil or zero; make it with Table.Fetch")
	}
	if p.of[f] != nil {
		return nil
	}
	one := f.anyFetch()
	t := one.table
	if err := t.checkMade(); err != nil {
		return err
	}
	if t.mapper != p.mapper {
		return errors.New("the table is of another mapper; read it with that mapper")
	}
	settings, err := settingsOf(one.opts, ReadOption.setRead)
	if err != nil {
		return err
	}
	settings = t.selectExpiry(settings)
	key, err := t.schema.encodeKey(one.key)
	if err != nil {
		return err
	}
	read, err := t.schema.projection(settings)
	if err != nil {
		return err
	}
	parts := t.schema.partsOf(settings)
	item := p.item(fetchID{itemID{t.name, t.schema.identityOf(key)}, settings.consistent,
		textOfParts(parts)}, fetchedItem{projection: read, parts: parts, table: t, key: key})
	item.fetches = append(item.fetches, f)
	item.origins = append(item.origins, t.originOf(settings))
	p.of[f] = item
	return nil
}

// partsOf returns what a read with these settings asks for, or nil for all.
func (s *schema) partsOf(settings readSettings) []readPart {
	if !settings.selects {
		return nil
	}
	parts, _ := s.selection(settings.selected) // projection has checked it
	return parts
}

// textOfParts returns a text that is equal for equal parts to read, and "" for all.
func textOfParts(parts []readPart) string {
	if parts == nil {
		return ""
	}
	return fmt.Sprintf("%#v", parts)
}

// item returns the item of the plan with an id, and adds it if it is new.
func (p *fetchPlan) item(id fetchID, item fetchedItem) *fetchedItem {
	if known := p.by[id]; known != nil {
		return known
	}
	item.fetchID = id
	p.by[id] = &item
	p.items = append(p.items, &item)
	return &item
}

// requested lists the items that are to be requested. The others are the counters of ids, which are
// no items of a model.
func (p *fetchPlan) requested() []*fetchedItem {
	return slices.DeleteFunc(slices.Clone(p.items), func(item *fetchedItem) bool {
		return item.table.schema.isCounter(item.key)
	})
}

// endMissing ends the Fetches of the items that no response had.
func (p *fetchPlan) endMissing(items []*fetchedItem) {
	for _, item := range items {
		if !item.isRead {
			p.end(item, storedItem{})
		}
	}
}

// end gives the stored item to its Fetches. Each decodes it by its own model.
func (p *fetchPlan) end(item *fetchedItem, stored storedItem) {
	item.isRead = true
	for i, f := range item.fetches {
		one := f.anyFetch()
		f.end(stored.load(loader{table: one.table, op: p.op, from: item.origins[i]}, one.key))
	}
}

// load decodes the item for the loader's operation. key is the key as the caller gave it.
func (s *storedItem) load(l loader, key PrimaryKey) (anyItem, error) {
	t := l.table
	if s.isMissing() {
		return nil, &NotFoundError{Op: l.op, Table: t.name, Key: key}
	}
	if raw, err := s.text(); err == nil && t.hides(raw) {
		return nil, newExpiredError(l.op, t.name, key, raw)
	}
	if s.attributes != nil {
		return l.attributes(s.attributes)
	}
	return l.text(s.raw)
}

// commonTableOf returns the table of all items, or "" if they have several.
func commonTableOf(items []*fetchedItem) string {
	for _, item := range items {
		if item.table.name != items[0].table.name {
			return ""
		}
	}
	if len(items) == 0 {
		return ""
	}
	return items[0].table.name
}

func (p *fetchPlan) transactGet(ctx context.Context) error {
	items := p.requested()
	request := &transactGetRequest{mapper: p.mapper, op: p.op, table: commonTableOf(items),
		most: p.mapper.attempts}
	all, err := p.readOnce(items)
	if err != nil {
		return err
	}
	for _, one := range all {
		request.gets = append(request.gets, one.get())
	}
	if n := len(request.gets); n > maxTransactItems {
		return newCallError(p.op, request.table, fmt.Errorf("%d items are to be read at one "+
			"moment, and DynamoDB reads %d; read fewer, or read them with BatchGet at different "+
			"moments", n, maxTransactItems))
	}
	if len(items) > 0 {
		stored, err := request.send(ctx)
		if err != nil {
			return err
		}
		for i, one := range all {
			p.endSame(one, stored[i])
		}
	}
	p.endMissing(p.items)
	return nil
}

// sameItem holds all that read one item at one moment. DynamoDB takes one read of it.
type sameItem []*fetchedItem

// readOnce groups the reads by their items, in the order of the first read of each.
func (p *fetchPlan) readOnce(items []*fetchedItem) (all []sameItem, err error) {
	at := map[itemID]int{}
	var owner ownership
	for _, item := range items {
		if p.mapper.usesARN.Load() {
			if err := owner.admit(item.table.name); err != nil {
				return nil, newCallError(p.op, item.table.name, err)
			}
		}
		id := itemIDOf(item.table.name, item.table.schema, item.key)
		i, known := at[id]
		if !known {
			i, at[id] = len(all), len(all)
			all = append(all, nil)
		}
		all[i] = append(all[i], item)
	}
	return all, nil
}

// differ reports whether the reads are of different attributes.
func (s sameItem) differ() bool {
	return slices.ContainsFunc(s,
		func(item *fetchedItem) bool { return item.selection != s[0].selection })
}

// get returns the read of all that the reads ask for.
func (s sameItem) get() transactGet {
	get := transactGet{s[0].table.name, s[0].table.schema, s[0].key, s[0].projection}
	if s.differ() {
		get.projection = s.projectionOfAll()
	}
	return get
}

// endSame gives an item to all that read it. If they read different attributes, each gets its own.
func (p *fetchPlan) endSame(same sameItem, stored storedItem) {
	cuts := same.differ()
	for _, item := range same {
		one := stored
		if cuts {
			one = stored.cut(item.parts)
		}
		p.end(item, one)
	}
}

// fetchBatch is one BatchGetItem of a plan. It has at most one group of each table, because a
// request has one Consistent and one Select for a table.
type fetchBatch struct {
	items  []*fetchedItem
	groups map[string]fetchID // by the name of the table; of each only what a request says once
}

// takes reports whether an item can be in the request.
func (b *fetchBatch) takes(item *fetchedItem) bool {
	group, has := b.groups[bareName(item.table.name)]
	return len(b.items) < maxBatchGet && (!has || group == item.group())
}

// group returns what all keys of one table in a request have in common.
func (item *fetchedItem) group() fetchID {
	return fetchID{itemID{table: item.table.name}, item.fetchID.consistent, item.selection}
}

func (b *fetchBatch) add(item *fetchedItem) {
	b.items = append(b.items, item)
	b.groups[bareName(item.table.name)] = item.group()
}

// batches puts the items into requests: each into the first one that takes it.
func (p *fetchPlan) batches() (all []*fetchBatch) {
	open := 0 // the requests before it are full
	for _, item := range p.requested() {
		i := open
		for i < len(all) && !all[i].takes(item) {
			i++
		}
		if i == len(all) {
			all = append(all, &fetchBatch{groups: map[string]fetchID{}})
		}
		all[i].add(item)
		for open < len(all) && len(all[open].items) == maxBatchGet {
			open++
		}
	}
	return all
}

func (p *fetchPlan) batchGet(ctx context.Context) error {
	batches := p.batches()
	err := parallel.Run(ctx, len(batches), batchRequests,
		func(ctx context.Context, i int) error { return p.sendBatch(ctx, batches[i]) })
	if err == nil {
		p.endMissing(p.items)
	}
	return err
}

// sendBatch reads the items of one request.
func (p *fetchPlan) sendBatch(ctx context.Context, b *fetchBatch) error {
	request, wanted := b.request(p.mapper)
	decoder := responseDecoder{keep: (*responseDecoder).keepByTable,
		loader: loader{table: &table{mapper: p.mapper, name: request.table}, op: p.op}}
	err := request.send(ctx, decoder, func(d *responseDecoder) error {
		for _, stored := range d.stored {
			item := wanted.find(&stored)
			if item == nil {
				return newCallError(p.op, stored.table, errNotWanted)
			}
			p.end(item, stored)
		}
		return nil
	})
	if err == nil {
		p.endMissing(b.items)
	}
	return err
}

var errNotWanted = errors.New("the response has an item whose key was not requested; try again")

// wantedItems are the items of one request, and a model of each table.
type wantedItems struct {
	byID   map[itemID]*fetchedItem
	models map[string]*table // by their names alone
}

// find returns the item that was requested by the key of a stored one, or nil. All models of a
// table have the same key attributes.
func (w *wantedItems) find(stored *storedItem) *fetchedItem {
	// The service may use the name, although the request has the ARN.
	model := w.models[bareName(stored.table)]
	if model == nil {
		return nil
	}
	id, err := stored.identity(model.schema)
	if err != nil {
		return nil
	}
	return w.byID[itemID{model.name, id}]
}

// identity returns the identity of the item by a model of its table.
func (s *storedItem) identity(of *schema) (identity, error) {
	if s.attributes != nil {
		return of.identityOfAttributes(s.attributes)
	}
	return of.identityIn(s.raw), nil
}

// request returns the request of the items, with the keys of each table in their order.
func (b *fetchBatch) request(m *Mapper) (*batchGetRequest, *wantedItems) {
	request := &batchGetRequest{mapper: m, table: commonTableOf(b.items)}
	wanted := &wantedItems{map[itemID]*fetchedItem{}, map[string]*table{}}
	keys := map[string][]byte{}
	for _, item := range b.items {
		name := item.table.name
		wanted.byID[item.itemID] = item
		wanted.models[bareName(name)] = item.table
		if keys[name] == nil {
			request.parts = append(request.parts,
				batchGetPart{table: name, projection: item.projection})
		} else {
			keys[name] = append(keys[name], ',')
		}
		keys[name] = item.table.schema.appendKey(keys[name], item.key)
	}
	for i := range request.parts {
		request.parts[i].keys = keyList(keys[request.parts[i].table])
	}
	slices.SortFunc(request.parts,
		func(a, b batchGetPart) int { return strings.Compare(a.table, b.table) })
	return request, wanted
}
