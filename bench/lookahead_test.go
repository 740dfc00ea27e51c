package bench

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// line is an item of a long list, with enough fields that decoding a page takes a while.
type line struct {
	dynamapper.Model `dynamo:"lines"`

	List   string         `dynamo:"list,hash"`
	Number int            `dynamo:"number,range"`
	Text   string         `dynamo:"text"`
	Tags   []string       `dynamo:"tags,set"`
	Counts map[string]int `dynamo:"counts,document"`
	At     time.Time      `dynamo:"at"`
}

// BenchmarkLookahead reads ten pages of 1,000 items from a service at a distance: with All, which
// requests a page when the last one is read, and with Collect, which requests it before.
//
//	go -C bench test -bench Lookahead .
func BenchmarkLookahead(b *testing.B) {
	const items, pageSize = 10_000, 1000
	server, faults := dynamotest.Run(b), dynamotest.NewFaults()
	near, err := dynamapper.TableOf[line](dynamotest.Mapper(b))
	require.NoError(b, err)
	require.NoError(b, near.CreateTable(b.Context(), dynamapper.WaitActive()))
	lines := make([]*line, items)
	for i := range lines {
		lines[i] = &line{List: "a", Number: i, Text: fmt.Sprint("line ", i), At: time.Now(),
			Tags: []string{"red", "blue", "green"}, Counts: map[string]int{"gold": i, "silver": 2}}
	}
	require.NoError(b, near.BatchSave(b.Context(), lines))
	far, err := dynamapper.Connect(b.Context(),
		dynamapper.WithConfig(faults.Through(server.Config())))
	require.NoError(b, err)
	table, err := dynamapper.TableOf[line](far, dynamapper.WithTableName(near.Name()))
	require.NoError(b, err)
	for _, latency := range []time.Duration{0, 2 * time.Millisecond, 10 * time.Millisecond} {
		faults.Clear()
		faults.Each("Query", func(int) dynamotest.Fault { return distant(latency) })
		query := table.Query("a").PageSize(pageSize)
		b.Run(fmt.Sprintf("All/%v", latency), func(b *testing.B) {
			for b.Loop() {
				read := 0
				for _, err := range query.All(b.Context()) {
					if err != nil {
						b.Fatal(err)
					}
					read++
				}
				require.Equal(b, items, read)
			}
		})
		b.Run(fmt.Sprintf("Collect/%v", latency), func(b *testing.B) {
			for b.Loop() {
				read, err := query.Collect(b.Context())
				require.NoError(b, err)
				require.Len(b, read, items)
			}
		})
	}
}
