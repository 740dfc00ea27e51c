package dynamapper

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// forged makes a cursor from any text, with the binding and the checksum of a real one.
func forged(c *cursors, text string) string {
	cursor := make([]byte, cursorHeader, cursorHeader+len(text))
	cursor[0] = cursorVersion
	copy(cursor[1:], c.binding[:])
	binary.BigEndian.PutUint32(cursor[1+bindingSize:], c.sum([]byte(text)))
	return base64.RawURLEncoding.EncodeToString(append(cursor, text...))
}

// forgery has keys of all types.
type forgery struct {
	Model `dynamo:"forgeries"`
	Name  string `dynamo:"name,hash"`
	At    int    `dynamo:"at,range"`
	Blob  []byte `dynamo:"blob" index:"by-blob,hash"`
	Rank  string `dynamo:"rank" index:"by-blob,range"`
}

// A forged cursor returns ErrInvalidCursor, and nothing is sent: the table's client would panic.
func TestAForgedCursorIsRefused(t *testing.T) {
	t.Parallel()
	table := tableOf[forgery](t)
	queries := map[string]func() *query{
		"table": func() *query { return &table.Query("a").untyped },
		"index": func() *query { return &table.Query([]byte{1}).Index("by-blob").untyped },
	}
	for _, test := range []struct {
		query string
		right bool
		text  string
	}{
		{"table", true, `{"at":{"N":"7"},"name":{"S":"a"}}`},
		{"table", false, `{"at":{"N":"x"},"name":{"S":"a"}}`},
		{"table", false, `{"at":{"N":""},"name":{"S":"a"}}`},
		{"table", false, `{"at":{"N":"NaN"},"name":{"S":"a"}}`},
		{"table", false, `{"at":{"N":"1E999"},"name":{"S":"a"}}`},
		{"table", false, `{"at":{"N":"` + strings.Repeat("9", 39) + `"},"name":{"S":"a"}}`},
		{"table", false, `{"at":{"N":"7"},"name":{"S":""}}`},
		{"table", false, `{"at":{"N":"7"},"name":{"S":"b"}}`},
		{"table", false, `{"at":{"N":"7"},"name":{"N":"1"}}`},
		{"table", false, `{"at":{"S":"7"},"name":{"S":"a"}}`},
		{"table", false, `{"at":{"NULL":true},"name":{"S":"a"}}`},
		{"table", false, `{"name":{"S":"a"}}`},
		{"table", false, `{}`},
		{"table", false, `{"at":{"N":"7"},"more":{"S":"x"},"name":{"S":"a"}}`},
		{"table", false, `{"at":{"N":"7"},"at":{"N":"7"},"name":{"S":"a"}}`},
		{"table", false, `{"at":{"N":"6"},"at":{"N":"7"},"name":{"S":"a"}}`},
		{"table", false, `{"name":{"S":"a"},"at":{"N":"7"}}`},
		{"table", false, `{"at":{"N":"7"},"name":{"S":"a"}} `},
		{"table", false, `{"at":{"N":"7"},"name":{"S":"a"}}{}`},
		{"table", false, ` {"at":{"N":"7"},"name":{"S":"a"}}`},
		{"table", false, `{"at":{"N":"7"},"name":{"S":"\\u0061"}}`},
		{"table", false, `{"at":{"N":"7"},"name":{"S":"` + strings.Repeat("a", 2049) + `"}}`},
		{"table", false, `null`},
		{"table", false, `[]`},
		{"table", false, ``},
		{"index", true, `{"at":{"N":"7"},"blob":{"B":"AQ=="},"name":{"S":"a"},"rank":{"S":"r"}}`},
		{"index", false, `{"at":{"N":"7"},"blob":{"B":""},"name":{"S":"a"},"rank":{"S":"r"}}`},
		{"index", false, `{"at":{"N":"7"},"blob":{"B":"Ag=="},"name":{"S":"a"},"rank":{"S":"r"}}`},
		{"index", false, `{"at":{"N":"7"},"blob":{"B":"AQ=="},"name":{"S":"a"},"rank":{"S":""}}`},
		{"index", false,
			`{"at":{"N":"7"},"blob":{"B":"AQ=="},"name":{"S":"` + strings.Repeat("a", 2049) +
				`"},"rank":{"S":"r"}}`},
		{"index", false,
			`{"at":{"N":"7"},"blob":{"B":"AQ=="},"name":{"S":"a"},"rank":{"S":"` +
				strings.Repeat("r", 1025) + `"}}`},
		{"index", false, `{"at":{"N":"7"},"name":{"S":"a"},"rank":{"S":"r"}}`},
	} {
		q := queries[test.query]()
		plan, err := q.plan(giveItems)
		require.NoError(t, err)
		q.cursor = forged(&plan.cursors, test.text)
		plan, err = q.plan(giveItems)
		if test.right {
			require.NoError(t, err, test.text)
			require.NotNil(t, plan.start)
			continue
		}
		require.ErrorIs(t, err, ErrInvalidCursor, test.text)
	}
}

// The shape of a condition contains everything except the operands.
func TestShapes(t *testing.T) {
	t.Parallel()
	at := func(c Comparison) Condition { return Attr("at", c) }
	same := [][]Condition{
		{at(EQ(1)), at(EQ(2)), at(EQ(nil))}, {at(In(1)), at(In(1, 2))},
		{at(Between(1, 2)), at(Between(2, 3))}, {at(Size(EQ(1))), at(Size(EQ(2)))},
		{And(at(EQ(1)), at(LT(2))), And(at(EQ(3)), at(LT(4)))},
		{at(NE(1))}, {at(LT(1))}, {at(LE(1))}, {at(GT(1))}, {at(GE(1))}, {at(BeginsWith(1))},
		{at(Contains(1))}, {at(NotContains(1))}, {at(Exists())}, {at(NotExists())},
		{at(Size(LT(1)))}, {Attr("a t", EQ(1))}, {Attr(`at" EQ,"at`, EQ(1))}, {at(Comparison{})},
		{Condition{}},
		{Or(at(EQ(1)), at(LT(2)))}, {And(at(LT(1)), at(EQ(2)))}, {Not(at(EQ(1)))},
		{Not(Not(at(EQ(1))))}, {And(at(EQ(1)))}, {Or(at(EQ(1)))}, {And()}, {Or()},
		{And(at(EQ(1)), And(at(EQ(1)), at(EQ(1))))}, {And(And(at(EQ(1)), at(EQ(1))), at(EQ(1)))},
		{And(at(EQ(1)), at(EQ(1)), at(EQ(1)))},
	}
	seen := map[string]int{}
	for i, conditions := range same {
		for _, c := range conditions {
			before, known := seen[c.shape()]
			require.True(t, !known || before == i, c.shape())
			seen[c.shape()] = i
		}
	}
	require.Len(t, seen, len(same))
}
