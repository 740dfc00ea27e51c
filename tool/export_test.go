package tool

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/internal/rate"
)

// everyType has all types of attributes, of which the model knows two.
var everyType = []string{
	`{"Item":{"b":{"B":"AAECAw=="},"bs":{"BS":["AA==","/w=="]},"login":{"S":"binary"}}}`,
	`{"Item":{"empty":{"S":""},"emptyb":{"B":""},"emptyl":{"L":[]},"emptym":{"M":{}},` +
		`"login":{"S":"empty"}}}`,
	`{"Item":{"f":{"BOOL":false},"login":{"S":"bool"},"null":{"NULL":true},"t":{"BOOL":true}}}`,
	`{"Item":{"l":{"L":[{"N":"1"},{"L":[{"NULL":true},{"M":{"a":{"SS":["x","y"]}}}]}]},` +
		`"login":{"S":"nested"},"m":{"M":{" ":{"S":""},"a.b":{"N":"-0.5"},"z":{"M":{}}}}}}`,
	`{"Item":{"login":{"S":"numbers"},"n":{"N":"12345678901234567890123456789012345678"},` +
		`"ns":{"NS":["-1.5","0","99999999999999999999999999999999999999"]},` +
		`"small":{"N":"0.00000000000000000000000000000000000001234"}}}`,
	`{"Item":{"login":{"S":"unicode"},"text":{"S":"\u0000\t\"\\/<&>é漢🎮"}}}`,
}

func TestExportAndImportKeepEveryType(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"heroes.json", "heroes.json.gz"} {
		g, other := newHeroes(t), &game{}
		create[hero](g)
		t.Run(name, func(t *testing.T) {
			for _, line := range everyType {
				g.put("heroes", strings.TrimSuffix(strings.TrimPrefix(line, `{"Item":`), "}"))
			}
			stored := g.lines("heroes")
			file := filepath.Join(t.TempDir(), name)
			r := g.runJSON("export", "-segments", "3", file)
			require.Equal(t, 0, r.Status)
			require.Equal(t, len(everyType), r.Exported.Items)
			require.Equal(t, stored, sortedLines(t, file))
			require.Equal(t, int64(len(strings.Join(stored, "\n"))+1), r.Exported.Bytes)

			other = newHeroes(t)
			create[hero](other)
			got := other.requireRun(0, "import", file)
			require.Contains(t, got.stdout, "heroes: 6 lines, 6 written, 0 skipped; 6.0 WU")
			require.Equal(t, stored, other.lines("heroes"))

			again := filepath.Join(t.TempDir(), name)
			other.requireRun(0, "export", again)
			require.Equal(t, stored, sortedLines(t, again))
		})
	}
}

// sortedLines returns the lines of a file, compressed or not.
func sortedLines(t *testing.T, path string) []string {
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	var in io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		in, err = gzip.NewReader(file)
		require.NoError(t, err)
	}
	text, err := io.ReadAll(in)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	slices.Sort(lines)
	return lines
}

// TestExportToStdout lets a pipe go on with the items.
func TestExportToStdout(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	createOldHeroes(g, 3)
	got := g.requireRun(0, "export", "-json", "-")
	require.Contains(t, got.stderr, `"items": 3`)

	other := newHeroes(t)
	create[hero](other)
	other.stdin = got.stdout
	require.Contains(t, other.requireRun(0, "import", "-").stdout, "3 lines, 3 written")
	require.Equal(t, g.lines("heroes"), other.lines("heroes"))
	require.Contains(t, g.requireRun(0, "export", "-").stderr, "heroes: 3 items, ")
}

// TestAnExportIsWholeOrMissing interrupts an export, and lets a file be in its way.
func TestAnExportIsWholeOrMissing(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	createOldHeroes(g, 3)
	line := g.lineTo()
	dir := t.TempDir()
	file := filepath.Join(dir, "heroes.json")

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	line.On("Scan", 1, dynamotest.After(dynamotest.Refuse(400, "ThrottlingException"), cancel))
	got := g.runIn(ctx, "export", file)
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "interrupted")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, entries)

	g.requireRun(0, "export", file)
	require.Contains(t, g.requireRun(1, "export", file).stderr,
		"the file "+file+" exists; give the name of a new one")
	require.Len(t, sortedLines(t, file), 3)
}

// TestExportWaitsForCapacity refuses more tries than the SDK makes.
func TestExportWaitsForCapacity(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	createOldHeroes(g, 3)
	line := g.lineTo()
	line.Each("Scan", func(n int) dynamotest.Fault {
		if n > 8 {
			return nil
		}
		return dynamotest.Refuse(400, "ProvisionedThroughputExceededException")
	})
	require.Contains(t, g.requireRun(0, "export", "-").stderr, "heroes: 3 items")
	require.Equal(t, 9, line.Sent("Scan"))

	for n, damage := range []dynamotest.Fault{dynamotest.Corrupt(), dynamotest.Cut()} {
		line.On("Scan", 1+n, damage)
	}
	require.Contains(t, g.requireRun(0, "export", "-").stderr, "heroes: 3 items")
	require.Empty(t, line.Pending())

	line.Each("Scan", func(int) dynamotest.Fault { return dynamotest.Corrupt() })
	require.Contains(t, g.requireRun(1, "export", "-").stderr, "the response is damaged")
	line.Clear()

	line.Each("Scan", func(int) dynamotest.Fault {
		return dynamotest.Refuse(400, "AccessDeniedException")
	})
	require.Contains(t, g.requireRun(1, "export", "-").stderr, "AccessDeniedException")
}

// TestRateLimits exports and imports in the time that the rate makes it take.
func TestRateLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newHeroes(t)
		create[hero](g)
		var lines []string
		for i := range 200 {
			lines = append(lines, fmt.Sprintf(`{"Item":{"login":{"S":"%d"},"text":{"S":%q}}}`, i,
				strings.Repeat("x", 4000)))
		}
		file := g.file("heroes.json", lines...)
		began := time.Now()
		g.requireRun(0, "import", "-write-units", "80", file) // 4 write units each
		took := time.Since(began)
		require.InEpsilon(t, 200*4.0/80, took.Seconds(), 0.25)

		for _, segments := range []string{"1", "4"} {
			began = time.Now()
			out := filepath.Join(t.TempDir(), "out.json")
			g.requireRun(0, "export", "-read-units", "5", "-segments", segments, out)
			took = time.Since(began)
			require.InEpsilon(t, 200*0.5/5, took.Seconds(), 0.25)
			require.Len(t, sortedLines(t, out), 200)
		}
	})
}

// manyItems is a client of a table with pages of made-up items. It notes what lives in memory.
type manyItems struct {
	dynamapper.Client
	pages, items int
	live         []uint64 // bytes, after each tenth of the pages
}

func (c *manyItems) DescribeTable(
	ctx context.Context, in *dynamodb.DescribeTableInput, _ ...func(*dynamodb.Options),
) (*dynamodb.DescribeTableOutput, error) {
	return &dynamodb.DescribeTableOutput{
		Table: &types.TableDescription{TableName: in.TableName}}, nil
}

func (c *manyItems) Scan(
	_ context.Context, in *dynamodb.ScanInput, _ ...func(*dynamodb.Options),
) (*dynamodb.ScanOutput, error) {
	page := 0
	if key, ok := in.ExclusiveStartKey["page"].(*types.AttributeValueMemberN); ok {
		if _, err := fmt.Sscan(key.Value, &page); err != nil {
			return nil, err
		}
	}
	out := &dynamodb.ScanOutput{ScannedCount: int32(c.items)}
	for i := range c.items {
		out.Items = append(out.Items, map[string]types.AttributeValue{
			"login": &types.AttributeValueMemberS{Value: fmt.Sprintf("hero-%d-%d", page, i)},
			"text":  &types.AttributeValueMemberS{Value: strings.Repeat("x", 200)},
			"level": &types.AttributeValueMemberN{Value: "12"}})
	}
	if page++; page < c.pages {
		out.LastEvaluatedKey = map[string]types.AttributeValue{
			"page": &types.AttributeValueMemberN{Value: fmt.Sprint(page)}}
	}
	if page%max(1, c.pages/10) == 0 {
		c.live = append(c.live, liveBytes())
	}
	return out, nil
}

func liveBytes() uint64 {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// TestTheMemoryOfAnExportIsFlat is not parallel, because it measures the whole program.
// DYNAMAPPER_TEST_ITEMS says how many items it exports.
func TestTheMemoryOfAnExportIsFlat(t *testing.T) {
	const page = 500
	items := 200 * page
	if text := os.Getenv("DYNAMAPPER_TEST_ITEMS"); text != "" {
		var err error
		items, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	client := &manyItems{pages: items / page, items: page}
	mapper, err := dynamapper.New(client)
	require.NoError(t, err)
	g := &game{t: t, mapper: mapper, models: []Model{ModelOf[hero]()}}
	file := filepath.Join(t.TempDir(), "heroes.json.gz")
	require.Equal(t, client.pages*page, g.runJSON("export", file).Exported.Items)
	t.Log(client.live)
	require.Less(t, slices.Max(client.live), client.live[0]+2<<20)
}

// brokenPipe fails as the standard output of a pipe does whose reader has ended.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestExportToABrokenPipe(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	createOldHeroes(g, 1)
	var stderr strings.Builder
	status := Run(t.Context(), []string{"export", "-"}, brokenPipe{}, &stderr,
		func(context.Context) (*dynamapper.Mapper, error) { return g.mapper, nil }, g.models...)
	require.Equal(t, 1, status)
	require.Contains(t, stderr.String(), "broken pipe")
}

// TestAPageIsPaidFor makes a page cost more than was taken for it: the next one waits for the rest.
func TestAPageIsPaidFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := &dynamodb.ScanInput{}
		p := &pace{perSecond: 1, limiter: rate.New(1)}
		require.NoError(t, p.begin(t.Context(), in))
		p.end(10, 30)
		began := time.Now()
		require.NoError(t, p.begin(t.Context(), in))
		require.InDelta(t, 30, time.Since(began).Seconds(), 1)
	})
}

func TestPacesOfAPage(t *testing.T) {
	t.Parallel()
	in := &dynamodb.ScanInput{}
	free := &pace{}
	require.NoError(t, free.begin(t.Context(), in))
	require.Nil(t, in.Limit)
	slow := &pace{perSecond: 1}
	require.NoError(t, slow.begin(t.Context(), in))
	require.Equal(t, int32(firstItems), aws.ToInt32(in.Limit))
	slow.end(10, 30)
	require.NoError(t, slow.begin(t.Context(), in))
	require.Equal(t, int32(1), aws.ToInt32(in.Limit))
	slow.end(1, 0.001)
	require.NoError(t, slow.begin(t.Context(), in))
	require.Equal(t, int32(1000), aws.ToInt32(in.Limit))
}
