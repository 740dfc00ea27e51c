package tests

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/tests/internal/fixtures"
)

// pager is the common part of Query and Scan.
type pager interface {
	Page(context.Context) (dynamapper.Page[score], error)
	Collect(context.Context) ([]*score, error)
}

// pagers returns the queries and scans to walk, each from a cursor, with a limit and a page size; 0
// means none.
func pagers(
	table *dynamapper.Table[score],
) map[string]func(cursor string, limit, pageSize int) pager {
	query := func(make func() *dynamapper.Query[score]) func(string, int, int) pager {
		return func(cursor string, limit, pageSize int) pager {
			q := make().From(cursor)
			if limit > 0 {
				q.Limit(limit)
			}
			if pageSize > 0 {
				q.PageSize(pageSize)
			}
			return q
		}
	}
	scan := func(make func() *dynamapper.Scan[score]) func(string, int, int) pager {
		return func(cursor string, limit, pageSize int) pager {
			s := make().From(cursor)
			if limit > 0 {
				s.Limit(limit)
			}
			if pageSize > 0 {
				s.PageSize(pageSize)
			}
			return s
		}
	}
	few := dynamapper.Attr("order", dynamapper.In(7, 8, 30))
	return map[string]func(string, int, int) pager{
		"table": query(func() *dynamapper.Query[score] { return table.Query("red") }),
		"table, backwards": query(
			func() *dynamapper.Query[score] { return table.Query("red").Reverse() }),
		"table, a range": query(
			func() *dynamapper.Query[score] {
				return table.Query("red").
					Range(dynamapper.Between(11, 101))
			}),
		"table, filtered": query(
			func() *dynamapper.Query[score] { return table.Query("red").Where(few) }),
		"table, selected": query(
			func() *dynamapper.Query[score] { return table.Query("red").Select("comment") }),
		"local index": query(
			func() *dynamapper.Query[score] { return table.Query("red").Index("by-points") }),
		"local index, backwards": query(func() *dynamapper.Query[score] {
			return table.Query("red").Index("by-rank").Reverse()
		}),
		"global index": query(
			func() *dynamapper.Query[score] { return table.Query("spring").Index("by-season") }),
		"global index, backwards": query(
			func() *dynamapper.Query[score] {
				return table.Query("spring").Index("by-season").
					Reverse()
			}),
		"global index, filtered": query(func() *dynamapper.Query[score] {
			return table.Query("spring").Index("by-season").
				Where(dynamapper.Or(few, dynamapper.Attr("user", dynamapper.EQ(3))))
		}),
		"global index, keys only": query(
			func() *dynamapper.Query[score] { return table.Query("spring").Index("keys") }),
		"scan": scan(func() *dynamapper.Scan[score] { return table.Scan() }),
		"scan, filtered": scan(
			func() *dynamapper.Scan[score] { return table.Scan().Where(few) }),
		"scan of an index": scan(
			func() *dynamapper.Scan[score] { return table.Scan().Index("by-season") }),
		"scan of a segment": scan(
			func() *dynamapper.Scan[score] { return table.Scan().Segment(0, 2) }),
	}
}

// A walk with cursors returns the same items in the same order as one run, whatever the sizes of
// its pages.
func TestCursorsWalkToTheEnd(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table, _ := scoreTable(t)
	for name, make := range pagers(table) {
		t.Run(name, func(t *testing.T) {
			whole, err := make("", 0, 0).Collect(t.Context())
			require.NoError(t, err)
			require.NotEmpty(t, whole)
			want := names(whole)
			for _, step := range [][2]int{{0, 7}, {0, 50}, {1, 0}, {7, 0}, {50, 0}, {7, 1}, {7, 5},
				{50, 11}} {
				got, cursor := []string{}, ""
				for pages := 0; ; pages++ {
					page, err := make(cursor, step[0], step[1]).Page(t.Context())
					require.NoError(t, err)
					got = append(got, names(page.Items)...)
					if step[0] > 0 && page.Cursor != "" {
						require.Len(t, page.Items, step[0],
							"every page except the last one is full")
					}
					require.Equal(t, url.QueryEscape(page.Cursor), page.Cursor,
						"the cursor is URL-safe")
					if cursor = page.Cursor; cursor == "" {
						break
					}
					require.LessOrEqual(t, pages, 160)
				}
				require.Equal(t, want, got, step)
			}
		})
	}
}

// names identifies scores.
func names(scores []*score) []string {
	list := []string{}
	for _, one := range scores {
		list = append(list, fmt.Sprint(one.Guild, one.Player))
	}
	return list
}

// All also continues from a cursor. After a cursor, the query may use other sizes, attributes and
// values.
func TestACursorIsBoundToItsQueryOnly(t *testing.T) {
	t.Parallel()
	table, _ := scoreTable(t)
	ctx := t.Context()
	page, err := table.Query("red").Range(dynamapper.GT(3)).
		Where(dynamapper.Attr("order", dynamapper.GE(0))).Limit(5).Page(ctx)
	require.NoError(t, err)
	require.Equal(t, upTo(4, 8), players(page.Items))
	rest := table.Query("red").Range(dynamapper.GT(1)).
		Where(dynamapper.Attr("order", dynamapper.GE(-1))).From(page.Cursor)
	require.Equal(t, upTo(9, 119), collected(t, rest))
	again, err := table.Query("red").Range(dynamapper.GT(3)).
		Where(dynamapper.Attr("order", dynamapper.GE(0))).PageSize(3).Limit(5).Page(ctx)
	require.NoError(t, err)
	require.Equal(t, page.Cursor, again.Cursor, "one position has one cursor")
	require.Equal(t, upTo(9, 19),
		collected(t, rest.Limit(11).PageSize(3).Select("comment").Consistent()))
	count, err := rest.Count(ctx)
	require.NoError(t, err)
	require.Equal(t, 11, count)
	first, err := rest.First(ctx)
	require.NoError(t, err)
	require.Equal(t, 9, first.Player)
}

// A cursor of another query returns an error before anything is sent.
func TestACursorOfAnotherQueryIsRefused(t *testing.T) {
	t.Parallel()
	table, sent := scoreTable(t)
	other := fixtures.TableOf[score](t)
	ctx := t.Context()
	page, err := table.Query("red").Limit(5).Page(ctx)
	require.NoError(t, err)
	require.NotEmpty(t, page.Cursor)
	scanned, err := table.Scan().Limit(5).Page(ctx)
	require.NoError(t, err)
	sent.Take()
	comment := dynamapper.Attr("comment", dynamapper.EQ("x"))
	for name, q := range map[string]pager{
		"another table":       other.Query("red").From(page.Cursor),
		"another hash key":    table.Query("blue").From(page.Cursor),
		"another direction":   table.Query("red").Reverse().From(page.Cursor),
		"an index":            table.Query("red").Index("by-points").From(page.Cursor),
		"a range":             table.Query("red").Range(dynamapper.GT(0)).From(page.Cursor),
		"a condition":         table.Query("red").Where(comment).From(page.Cursor),
		"a scan":              table.Scan().From(page.Cursor),
		"a query":             table.Query("red").From(scanned.Cursor),
		"a segment":           table.Scan().Segment(0, 2).From(scanned.Cursor),
		"a scan of an index":  table.Scan().Index("by-season").From(scanned.Cursor),
		"a scan with a where": table.Scan().Where(comment).From(scanned.Cursor),
	} {
		_, err := q.Page(ctx)
		require.ErrorIs(t, err, dynamapper.ErrInvalidCursor, name)
		require.ErrorContains(t, err, "belongs to another query", name)
		_, err = q.Collect(ctx)
		require.ErrorIs(t, err, dynamapper.ErrInvalidCursor, name)
	}
	require.Empty(t, sent.Take())

	filtered, err := table.Query("red").Where(comment, dynamapper.Not(comment)).PageSize(5).
		Page(ctx)
	require.NoError(t, err)
	for name, conditions := range map[string][]dynamapper.Condition{
		"another comparison": {dynamapper.Attr("comment", dynamapper.NE("x")),
			dynamapper.Not(comment)},
		"another attribute": {dynamapper.Attr("note-to-self", dynamapper.EQ("x")),
			dynamapper.Not(comment)},
		"another word": {comment, dynamapper.Or(comment)},
		"fewer":        {comment},
	} {
		_, err := table.Query("red").Where(conditions...).From(filtered.Cursor).Page(ctx)
		require.ErrorIs(t, err, dynamapper.ErrInvalidCursor, name)
	}
}

// A damaged cursor returns an error before anything is sent, wherever the damage is.
func TestADamagedCursorIsRefused(t *testing.T) {
	t.Parallel()
	table, sent := scoreTable(t)
	page, err := table.Query("red").Limit(5).Page(t.Context())
	require.NoError(t, err)
	sent.Take()
	damaged := []string{"x", "!", page.Cursor + "A", page.Cursor + "=", page.Cursor[1:],
		page.Cursor[:len(page.Cursor)-2], page.Cursor[:8], " " + page.Cursor}
	raw, err := base64.RawURLEncoding.DecodeString(page.Cursor)
	require.NoError(t, err)
	for i := range raw {
		tampered := slices.Clone(raw)
		tampered[i] ^= 1
		damaged = append(damaged, base64.RawURLEncoding.EncodeToString(tampered))
	}
	for _, cursor := range damaged {
		_, err := table.Query("red").From(cursor).Page(t.Context())
		require.ErrorIs(t, err, dynamapper.ErrInvalidCursor, cursor)
		require.ErrorContains(t, err, "the text is damaged", cursor)
	}
	require.Empty(t, sent.Take())
}

// A cursor outside the bounds of Range is an invalid cursor, not an error of the service.
func TestACursorOutsideOfTheRange(t *testing.T) {
	t.Parallel()
	table, _ := scoreTable(t)
	page, err := table.Query("red").Range(dynamapper.GE(0)).Limit(5).Page(t.Context())
	require.NoError(t, err)
	_, err = table.Query("red").Range(dynamapper.GE(50)).From(page.Cursor).Page(t.Context())
	require.ErrorIs(t, err, dynamapper.ErrInvalidCursor)
	require.ErrorContains(t, err, "outside of Range")
}

// If the item of a cursor was deleted, the walk continues after its position.
func TestACursorOfADeletedItem(t *testing.T) {
	t.Parallel()
	table, _ := scoreTable(t)
	page, err := table.Query("red").Limit(5).Page(t.Context())
	require.NoError(t, err)
	require.NoError(t, table.DeleteKey(t.Context(), dynamapper.Key("red", 4)))
	require.Equal(t, upTo(5, 119), collected(t, table.Query("red").From(page.Cursor)))
}

// If a page fails in its middle, Page returns the items before the failure and a cursor to the item
// after it.
func TestAPageThatFailsInItsMiddle(t *testing.T) {
	t.Parallel()
	fixtures.SteadyEngine(t)
	table, _ := scoreTable(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	mapper, err := dynamapper.New(fixtures.RawClient(t),
		dynamapper.WithObserver(func(context.Context, dynamapper.Operation) { cancel() }))
	require.NoError(t, err)
	stopping, err := dynamapper.TableOf[score](mapper, dynamapper.WithTableName(table.Name()))
	require.NoError(t, err)
	page, err := stopping.Query("red").Limit(50).PageSize(7).Page(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, upTo(0, 6), players(page.Items))
	require.Equal(t, upTo(7, 119), collected(t, table.Query("red").From(page.Cursor)))
}

type dated struct {
	dynamapper.Model `dynamo:"dated"`
	Day              int    `dynamo:"day,hash"`
	Name             string `dynamo:"name,range"`
}

// A cursor is bound to the value of a number, not to its spelling.
func TestACursorOfANumber(t *testing.T) {
	t.Parallel()
	table := fixtures.TableOf[dated](t)
	fixtures.PutMany(t, table, []*dated{{Day: 3, Name: "a"}, {Day: 3, Name: "b"}})
	page, err := table.Query(3).Consistent().Limit(1).Page(t.Context())
	require.NoError(t, err)
	rest, err := table.Query(fixtures.Number("3.0")).
		Consistent().
		From(page.Cursor).
		Collect(t.Context())
	require.NoError(t, err)
	require.Len(t, rest, 1)
	require.Equal(t, "b", rest[0].Name)
}

// echo responds to a query with the key at which it starts as the last one.
type echo struct{ dynamapper.Client }

func (echo) Query(
	_ context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options),
) (*dynamodb.QueryOutput, error) {
	last := in.ExclusiveStartKey
	if last == nil {
		last = fixtures.Attributes{"id": fixtures.Text("a"), "range": fixtures.Number("7")}
	}
	return &dynamodb.QueryOutput{LastEvaluatedKey: last}, nil
}

// echoed has a key of two attributes.
type echoed struct {
	dynamapper.Model `dynamo:"echoes"`
	ID               string `dynamo:"id,hash"`
	Range            int    `dynamo:"range,range"`
}

// Every accepted cursor is encoded again as the same text.
func FuzzCursor(f *testing.F) {
	mapper, err := dynamapper.New(echo{})
	require.NoError(f, err)
	table, err := dynamapper.TableOf[echoed](mapper)
	require.NoError(f, err)
	page := func(cursor string) (string, error) {
		page, err := table.Query("a").From(cursor).PageSize(1).Page(context.Background())
		return page.Cursor, err
	}
	valid, err := page("")
	require.NoError(f, err)
	require.NotEmpty(f, valid)
	f.Add(valid)
	f.Add("AQ")
	f.Fuzz(func(t *testing.T, cursor string) {
		again, err := page(cursor)
		if err != nil {
			require.ErrorIs(t, err, dynamapper.ErrInvalidCursor)
			return
		}
		if cursor != "" {
			require.Equal(t, cursor, again)
		}
	})
}
