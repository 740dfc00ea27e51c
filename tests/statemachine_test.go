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
)

// counterRow has one attribute that is always stored, and one that is missing if it is empty. Other
// programs write a third one that it does not know.
type counterRow struct {
	dynamapper.Model `dynamo:"rows"`

	ID    string `dynamo:"id,hash"`
	Count int    `dynamo:"count"`
	Note  string `dynamo:"note"`
}

// row is a stored item, or one as a client believes it to be: attributes as texts, and nil for no
// item.
type row map[string]string

// rowClient is a client with an item and its expected snapshot.
type rowClient struct {
	item     *counterRow
	snapshot row // nil for a new item
	kept     row // unknown attributes that an insertion must keep
}

// encoded returns the item as a save would put it.
func (c *rowClient) encoded() row {
	r := row{"count": strconv.Itoa(c.item.Count)}
	if c.item.Note != "" {
		r["note"] = c.item.Note
	}
	maps.Copy(r, c.kept)
	return r
}

// edits returns the differences from the snapshot; "" is a removal.
func (c *rowClient) edits() row {
	edits, encoded := row{}, c.encoded()
	for _, attribute := range []string{"count", "note"} {
		if encoded[attribute] != c.snapshot[attribute] {
			edits[attribute] = encoded[attribute]
		}
	}
	return edits
}

// asLoaded reports whether a stored row is as the client has loaded it, in all attributes of the
// snapshot and of the schema.
func (c *rowClient) asLoaded(stored row) bool {
	if stored == nil {
		return false
	}
	for attribute := range c.snapshot {
		if stored[attribute] != c.snapshot[attribute] {
			return false
		}
	}
	return stored["note"] == c.snapshot["note"]
}

// editedAsLoaded reports the same for the attributes that the client has edited.
func (c *rowClient) editedAsLoaded(stored row) bool {
	for attribute := range c.edits() {
		if stored[attribute] != c.snapshot[attribute] {
			return false
		}
	}
	return stored != nil
}

// apply returns the row after the edits.
func (r row) apply(edits row) row {
	after := maps.Clone(r)
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
type machine struct {
	*testing.T
	random  *rand.Rand
	rows    *dynamapper.Table[counterRow]
	stored  map[string]row // the expected content of the table
	clients []*rowClient
	story   []string
}

// Random operations of several independent clients leave the table as the rules say, and every call
// returns the error that the rules say.
func TestTableIsAsTheRulesSay(t *testing.T) {
	t.Parallel()
	rows := tableOf[counterRow](t)
	for seed := range uint64(12) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			m := &machine{T: t, random: rand.New(rand.NewPCG(seed, 7)), rows: rows,
				stored: map[string]row{}}
			for range 3 {
				m.clients = append(m.clients, &rowClient{item: &counterRow{ID: m.id()}})
			}
			for range 100 {
				m.step()
			}
			require.Greater(t, len(m.story), 60)
		})
	}
}

// id returns one of a few ids, so that the clients meet. Each run has its own.
func (m *machine) id() string { return fmt.Sprintf("%s %d", m.Name(), m.random.IntN(2)) }

func (m *machine) step() {
	c := m.clients[m.random.IntN(len(m.clients))]
	switch m.random.IntN(10) {
	case 0, 1:
		m.load(c)
	case 2:
		m.foreign()
	case 3:
		m.delete(c)
	case 4:
		m.update(c.item.ID)
	default:
		m.edit(c)
		m.save(c)
	}
	m.requireStored(c.item.ID)
}

func (m *machine) tell(
	format string, a ...any,
) {
	m.story = append(m.story, fmt.Sprintf(format, a...))
}

func (m *machine) edit(c *rowClient) {
	if m.random.IntN(4) > 0 {
		c.item.Count = m.random.IntN(4)
	}
	if m.random.IntN(3) == 0 {
		c.item.Note = []string{"", "x", "y"}[m.random.IntN(3)]
	}
}

func (m *machine) load(c *rowClient) {
	id := m.id()
	m.tell("load %s", id)
	item, err := m.rows.Get(m.Context(), dynamapper.Key(id), dynamapper.Consistent())
	stored := m.stored[id]
	if stored == nil {
		require.ErrorIs(m, err, dynamapper.ErrNotFound, m.story)
		*c = rowClient{item: &counterRow{ID: id}}
		return
	}
	require.NoError(m, err, m.story)
	*c = rowClient{item: item, snapshot: maps.Clone(stored), kept: unknownOf(stored)}
	require.Equal(m, stored, c.encoded(), m.story)
}

func unknownOf(r row) row {
	if r["extra"] == "" {
		return nil
	}
	return row{"extra": r["extra"]}
}

// save saves with random options and expects the result that the rules give.
func (m *machine) save(c *rowClient) {
	id, isNew := c.item.ID, c.snapshot == nil
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
	case onConflict && partly && !c.editedAsLoaded(stored),
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

func (m *machine) delete(c *rowClient) {
	id := c.item.ID
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
	err := m.rows.Delete(m.Context(), c.item, optionsAs[dynamapper.DeleteOption](opts)...)
	require.ErrorIs(m, err, want, m.story)
	if err == nil {
		delete(m.stored, id)
		c.snapshot = nil
		require.True(m, m.rows.IsNew(c.item))
	}
}

// update adds without a read, and creates a missing item.
func (m *machine) update(id string) {
	m.tell("update %s", id)
	stored := m.stored[id]
	count, _ := strconv.Atoi(stored["count"])
	item, err := m.rows.Update(dynamapper.Key(id)).Add("count", 1).Run(m.Context())
	require.NoError(m, err, m.story)
	if stored == nil {
		stored = row{}
	}
	m.stored[id] = stored.apply(row{"count": strconv.Itoa(count + 1)})
	require.Equal(m, count+1, item.Count, m.story)
}

// foreign writes as another program, which knows one more attribute.
func (m *machine) foreign() {
	id := m.id()
	if m.random.IntN(4) == 0 {
		m.tell("foreign delete %s", id)
		deleteRaw(m.T, m.rows.Name(), attributes{"id": textValue(id)})
		delete(m.stored, id)
		return
	}
	r := row{"count": strconv.Itoa(m.random.IntN(4)), "extra": strconv.Itoa(m.random.IntN(2))}
	m.tell("foreign put %s %v", id, r)
	putRaw(m.T, m.rows.Name(),
		attributes{"id": textValue(id), "count": numberValue(r["count"]),
			"extra": textValue(r["extra"])})
	m.stored[id] = r
}

// requireStored compares the table with its expected content.
func (m *machine) requireStored(id string) {
	var got row
	for attribute, value := range getRaw(m.T, m.rows.Name(), attributes{"id": textValue(id)}) {
		if got == nil {
			got = row{}
		}
		switch value := value.(type) {
		case *types.AttributeValueMemberN:
			got[attribute] = value.Value
		case *types.AttributeValueMemberS:
			got[attribute] = value.Value
		}
	}
	delete(got, "id")
	require.Equal(m, m.stored[id], got, m.story)
}
