package tests

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// counterRow has one attribute that is always stored, and one that is missing if it is empty. Other
// programs write a third one that it does not know.
type counterRow struct {
	dynamapper.Model `dynamo:"rows"`

	ID string `dynamo:"id,hash"`
	rowValues
}

type rowValues struct {
	Count int    `dynamo:"count"`
	Note  string `dynamo:"note"`
}

// entityRow is the same row in a table of several entities, with the key of an index that is
// computed from both values.
type entityRow struct {
	dynamapper.Model `dynamo:"shared,entity=row"`

	_     dynamapper.Computed `dynamo:"pk,hash,format=ROW#{id}"`
	_     dynamapper.Computed `dynamo:"sk,range,format=ROW"`
	Index dynamapper.Computed `dynamo:"gsi,format=N#{note}#{count:3}" index:"by-note,hash"`
	ID    string              `dynamo:"id"`
	rowValues
}

// rowKind says how the rows of a machine are made and stored.
type rowKind[T any] struct {
	make   func(id string) *T
	fields func(*T) (id string, values *rowValues)
	raw    func(id string) (key, others fixtures.Attributes) // what is stored beside the values
	// index returns the computed attribute of a row, or "" if the row has none.
	index    func(r row) string
	computes bool // rows have a computed attribute
	update   func(m *machine[T], id string)
}

var counterRows = rowKind[counterRow]{
	make:   func(id string) *counterRow { return &counterRow{ID: id} },
	fields: func(r *counterRow) (string, *rowValues) { return r.ID, &r.rowValues },
	raw: func(id string) (key, others fixtures.Attributes) {
		return fixtures.Attributes{"id": fixtures.Text(id)}, nil
	},
	index:  func(row) string { return "" },
	update: (*machine[counterRow]).add,
}

var entityRows = rowsOfEntity("ROW", "row",
	func(id string) *entityRow { return &entityRow{ID: id} },
	func(r *entityRow) (string, *rowValues) { return r.ID, &r.rowValues })

// rowsOfEntity returns the kind of the rows of an entity with this range key.
func rowsOfEntity[T any](
	sk, entity string, make func(id string) *T, fields func(*T) (string, *rowValues),
) rowKind[T] {
	return rowKind[T]{
		make: make, fields: fields,
		raw: func(id string) (key, others fixtures.Attributes) {
			return fixtures.Attributes{"pk": fixtures.Text("ROW#" + id), "sk": fixtures.Text(sk)},
				fixtures.Attributes{"id": fixtures.Text(id), "entity": fixtures.Text(entity)}
		},
		index: func(r row) string {
			if r["note"] == "" || r["count"] == "" {
				return ""
			}
			count, _ := strconv.Atoi(r["count"])
			return fmt.Sprintf("N#%s#%03d", r["note"], count)
		},
		computes: true,
		update:   (*machine[T]).set,
	}
}

// row is a stored item, or one as a client believes it to be: attributes as texts, and nil for no
// item.
type row map[string]string

// rowClient is a client with an item and its expected snapshot.
type rowClient[T any] struct {
	kind     *rowKind[T]
	item     *T
	snapshot row // nil for a new item
	kept     row // unknown attributes that an insertion must keep
}

// encoded returns the item as a save would put it.
func (c *rowClient[T]) encoded() row {
	_, values := c.kind.fields(c.item)
	r := row{"count": strconv.Itoa(values.Count)}
	if values.Note != "" {
		r["note"] = values.Note
	}
	maps.Copy(r, c.kept)
	return c.kind.indexed(r)
}

// indexed sets the computed attribute of a row.
func (k *rowKind[T]) indexed(r row) row { return r.apply(row{"gsi": k.index(r)}) }

func (c *rowClient[T]) id() string {
	id, _ := c.kind.fields(c.item)
	return id
}

// edits returns the differences from the snapshot; "" is a removal.
func (c *rowClient[T]) edits() row {
	edits, encoded := row{}, c.encoded()
	for _, attribute := range []string{"count", "note", "gsi"} {
		if encoded[attribute] != c.snapshot[attribute] {
			edits[attribute] = encoded[attribute]
		}
	}
	return edits
}

// asLoaded reports whether a stored row is as the client has loaded it, in all attributes of the
// snapshot and of the schema.
func (c *rowClient[T]) asLoaded(stored row) bool {
	if stored == nil {
		return false
	}
	for attribute := range c.snapshot {
		if stored[attribute] != c.snapshot[attribute] {
			return false
		}
	}
	return stored["note"] == c.snapshot["note"] && stored["gsi"] == c.snapshot["gsi"]
}

// partsAsLoaded reports whether the parts of a computed attribute that the client has not edited
// are as loaded, if it has edited any.
func (c *rowClient[T]) partsAsLoaded(stored row) bool {
	edits := c.edits()
	if len(edits) == 0 || !c.kind.computes {
		return true
	}
	for _, part := range []string{"count", "note"} {
		if _, edited := edits[part]; !edited && stored[part] != c.snapshot[part] {
			return false
		}
	}
	return true
}

// editedAsLoaded reports the same for the attributes that the client has edited.
func (c *rowClient[T]) editedAsLoaded(stored row) bool {
	for attribute := range c.edits() {
		if stored[attribute] != c.snapshot[attribute] {
			return false
		}
	}
	return stored != nil
}

// apply returns the row after the edits.
func (r row) apply(edits row) row {
	after := row{}
	maps.Copy(after, r)
	for attribute, text := range edits {
		if text == "" {
			delete(after, attribute)
		} else {
			after[attribute] = text
		}
	}
	return after
}

// machine applies the same operations to a table and to a model in memory.
type machine[T any] struct {
	*testing.T
	random  *rand.Rand
	kind    *rowKind[T]
	rows    *dynamapper.Table[T]
	stored  map[string]row // the expected content of the table
	clients []*rowClient[T]
	story   []string
}

// Random operations of several independent clients leave the table as the rules say, and every call
// returns the error that the rules say.
func TestTableIsAsTheRulesSay(t *testing.T) {
	t.Parallel()
	testRows(t, fixtures.TableOf[counterRow](t), &counterRows)
}

// The same holds for the items of an entity, and each item has the computed attribute that its
// values say.
func TestEntitiesAreAsTheRulesSay(t *testing.T) {
	t.Parallel()
	testRows(t, fixtures.TableOf[entityRow](t), &entityRows)
}

func testRows[T any](t *testing.T, rows *dynamapper.Table[T], kind *rowKind[T]) {
	for seed := range uint64(12) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			m := newMachine(t, rand.New(rand.NewPCG(seed, 7)), rows, kind)
			for range 100 {
				m.step()
			}
			require.Greater(t, len(m.story), 60)
		})
	}
}

// newMachine returns a machine with three clients.
func newMachine[T any](
	t *testing.T, random *rand.Rand, rows *dynamapper.Table[T], kind *rowKind[T],
) *machine[T] {
	m := &machine[T]{T: t, random: random, rows: rows, kind: kind, stored: map[string]row{}}
	for range 3 {
		m.clients = append(m.clients, &rowClient[T]{kind: kind, item: kind.make(m.id())})
	}
	return m
}

// id returns one of a few ids, so that the clients meet. Each run has its own.
func (m *machine[T]) id() string { return fmt.Sprintf("%s %d", m.Name(), m.random.IntN(2)) }

func (m *machine[T]) step() {
	c := m.clients[m.random.IntN(len(m.clients))]
	switch m.random.IntN(10) {
	case 0, 1:
		m.load(c)
	case 2:
		m.foreign()
	case 3:
		m.delete(c)
	case 4:
		m.kind.update(m, c.id())
	default:
		m.edit(c)
		m.save(c)
	}
	m.requireStored(c.id())
}

func (m *machine[T]) tell(
	format string, a ...any,
) {
	m.story = append(m.story, fmt.Sprintf(format, a...))
}

func (m *machine[T]) edit(c *rowClient[T]) {
	_, values := c.kind.fields(c.item)
	if m.random.IntN(4) > 0 {
		values.Count = m.random.IntN(4)
	}
	if m.random.IntN(3) == 0 {
		values.Note = []string{"", "x", "y"}[m.random.IntN(3)]
	}
}

func (m *machine[T]) load(c *rowClient[T]) {
	id := m.id()
	m.tell("load %s", id)
	item, err := m.rows.Get(m.Context(), dynamapper.Key(id), dynamapper.Consistent())
	stored := m.stored[id]
	if stored == nil {
		require.ErrorIs(m, err, dynamapper.ErrNotFound, m.story)
		*c = rowClient[T]{kind: m.kind, item: m.kind.make(id)}
		return
	}
	require.NoError(m, err, m.story)
	*c = rowClient[T]{
		kind:     m.kind,
		item:     item,
		snapshot: maps.Clone(stored),
		kept:     unknownOf(stored),
	}
	require.Equal(m, stored, c.encoded(), m.story)
}

func unknownOf(r row) row {
	if r["extra"] == "" {
		return nil
	}
	return row{"extra": r["extra"]}
}

// save saves with random options and expects the result that the rules give.
func (m *machine[T]) save(c *rowClient[T]) {
	id, isNew := c.id(), c.snapshot == nil
	onConflict, changed, must := m.random.IntN(2) == 0, m.random.IntN(3) == 0, m.random.IntN(5) == 0
	var opts []dynamapper.SaveOption
	for _, option := range []struct {
		given  bool
		option dynamapper.SaveOption
	}{{onConflict, dynamapper.FailOnConflict()}, {changed, dynamapper.ChangedOnly()},
		{must, dynamapper.MustExist()}} {
		if option.given {
			opts = append(opts, option.option)
		}
	}
	condition := -1
	if m.random.IntN(5) == 0 {
		condition = m.random.IntN(4)
		opts = append(opts, dynamapper.If(dynamapper.Attr("count", dynamapper.EQ(condition))))
	}
	m.tell("save %s %+v new=%t conflict=%t changed=%t must=%t if=%d", id, c.encoded(), isNew,
		onConflict, changed, must, condition)

	stored := m.stored[id]
	after, want := c.encoded(), error(nil)
	partly := changed && !isNew
	nothing := partly && len(c.edits()) == 0 && condition < 0 && !must
	switch {
	case nothing:
	case (must || partly && !onConflict) && stored == nil:
		want = dynamapper.ErrNotFound
	case onConflict && isNew && stored != nil:
		want = dynamapper.ErrOverwrite
	case partly && !c.partsAsLoaded(stored), onConflict && partly && !c.editedAsLoaded(stored),
		onConflict && !isNew && !partly && !c.asLoaded(stored):
		want = dynamapper.ErrConflict
	case condition >= 0 && stored["count"] != strconv.Itoa(condition):
		want = dynamapper.ErrConditionFailed
	case partly, onConflict && !isNew:
		after = stored.apply(c.edits())
	}
	err := m.rows.Save(m.Context(), c.item, opts...)
	require.ErrorIs(m, err, want, m.story)
	if err != nil || nothing {
		return
	}
	m.stored[id] = after
	c.snapshot = c.encoded()
}

func (m *machine[T]) delete(c *rowClient[T]) {
	id := c.id()
	onConflict, must := m.random.IntN(2) == 0, m.random.IntN(3) == 0
	var opts []dynamapper.SaveOption
	if onConflict {
		opts = append(opts, dynamapper.FailOnConflict())
	}
	if must {
		opts = append(opts, dynamapper.MustExist())
	}
	m.tell("delete %s conflict=%t must=%t", id, onConflict, must)
	var want error
	switch {
	case onConflict && c.snapshot == nil:
		want = dynamapper.ErrConflict
	case must && m.stored[id] == nil:
		want = dynamapper.ErrNotFound
	case onConflict && !c.asLoaded(m.stored[id]):
		want = dynamapper.ErrConflict
	}
	err := m.rows.Delete(m.Context(), c.item, fixtures.OptionsAs[dynamapper.DeleteOption](opts)...)
	require.ErrorIs(m, err, want, m.story)
	if err == nil {
		delete(m.stored, id)
		c.snapshot = nil
		require.True(m, m.rows.IsNew(c.item))
	}
}

// set sets both values without a read, and creates a missing item.
func (m *machine[T]) set(id string) {
	count, note := m.random.IntN(4), []string{"", "x", "y"}[m.random.IntN(3)]
	m.tell("set %s %d %q", id, count, note)
	item, err := m.rows.Update(dynamapper.Key(id)).Set("count", count).Set("note", note).
		Run(m.Context())
	require.NoError(m, err, m.story)
	edits := row{"count": strconv.Itoa(count), "note": note}
	m.stored[id] = m.kind.indexed(m.stored[id].apply(edits))
	_, values := m.kind.fields(item)
	require.Equal(m, rowValues{count, note}, *values, m.story)
}

// add adds without a read, and creates a missing item.
func (m *machine[T]) add(id string) {
	m.tell("add %s", id)
	stored := m.stored[id]
	count, _ := strconv.Atoi(stored["count"])
	item, err := m.rows.Update(dynamapper.Key(id)).Add("count", 1).Run(m.Context())
	require.NoError(m, err, m.story)
	if stored == nil {
		stored = row{}
	}
	m.stored[id] = stored.apply(row{"count": strconv.Itoa(count + 1)})
	_, values := m.kind.fields(item)
	require.Equal(m, count+1, values.Count, m.story)
}

// foreign writes as another program, which knows one more attribute.
func (m *machine[T]) foreign() {
	id := m.id()
	key, others := m.kind.raw(id)
	if m.random.IntN(4) == 0 {
		m.tell("foreign delete %s", id)
		fixtures.DeleteRaw(m.T, m.rows.Name(), key)
		delete(m.stored, id)
		return
	}
	r := m.kind.indexed(
		row{"count": strconv.Itoa(m.random.IntN(4)), "extra": strconv.Itoa(m.random.IntN(2))})
	m.tell("foreign put %s %v", id, r)
	item := fixtures.Attributes{
		"count": fixtures.Number(r["count"]),
		"extra": fixtures.Text(r["extra"]),
	}
	maps.Copy(item, key)
	maps.Copy(item, others)
	fixtures.PutRaw(m.T, m.rows.Name(), item)
	m.stored[id] = r
}

// requireStored compares the table with its expected content.
func (m *machine[T]) requireStored(id string) {
	key, others := m.kind.raw(id)
	item := fixtures.GetRaw(m.T, m.rows.Name(), key)
	if item == nil {
		require.Nil(m, m.stored[id], m.story)
		return
	}
	got := row{}
	for attribute, value := range item {
		switch value := value.(type) {
		case *types.AttributeValueMemberN:
			got[attribute] = value.Value
		case *types.AttributeValueMemberS:
			got[attribute] = value.Value
		}
	}
	for _, beside := range []fixtures.Attributes{key, others} {
		for attribute, value := range beside {
			require.Equal(m, value, item[attribute], m.story)
			delete(got, attribute)
		}
	}
	require.Equal(m, m.stored[id], got, m.story)
}
