package tool

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// TestImportSendsTheTextsOfTheFile compares the requests with the file, before the service spells
// numbers in its own way.
func TestImportSendsTheTextsOfTheFile(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	create[hero](g)
	line := g.lineTo()
	var mu sync.Mutex
	var sent []string
	line.Each("BatchWriteItem", func(int) dynamotest.Fault {
		return func(
			request *http.Request, send func() (*http.Response, error),
		) (*http.Response, error) {
			body, err := io.ReadAll(request.Body)
			require.NoError(t, err)
			request.Body = io.NopCloser(bytes.NewReader(body))
			var in struct {
				RequestItems map[string][]struct {
					PutRequest struct{ Item json.RawMessage }
				}
			}
			require.NoError(t, json.Unmarshal(body, &in))
			mu.Lock()
			defer mu.Unlock()
			for _, put := range in.RequestItems["heroes"] {
				one, err := parseItem(string(put.PutRequest.Item))
				require.NoError(t, err)
				text, err := appendLine(nil, one)
				require.NoError(t, err)
				sent = append(sent, strings.TrimSpace(string(text)))
			}
			return send()
		}
	})
	lines := append(slices.Clone(everyType),
		`{"Item":{"login":{"S":"spelt"},"n":{"N":"1.50E+2"},"ns":{"NS":["+1","0.10"]}}}`)
	g.requireRun(0, "import", g.file("heroes.json", lines...))
	slices.Sort(sent)
	slices.Sort(lines)
	require.Equal(t, lines, sent)
}

// exportFolder makes an export as DynamoDB writes it into S3, after
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
func exportFolder(t *testing.T, summary string, files ...string) string {
	dir := filepath.Join(t.TempDir(), "AWSDynamoDB", "01693685827463-2d8752fd")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "data"), 0o700))
	var manifest strings.Builder
	for i, text := range files {
		var data bytes.Buffer
		if text != "" {
			w := gzip.NewWriter(&data)
			_, err := io.WriteString(w, text)
			require.NoError(t, err)
			require.NoError(t, w.Close())
		}
		name := fmt.Sprintf("asdl%ddasas.json.gz", i)
		sum := md5.Sum(data.Bytes())
		require.NoError(t, os.WriteFile(filepath.Join(dir, "data", name), data.Bytes(), 0o600))
		fmt.Fprintf(&manifest, `{"itemCount":%d,"md5Checksum":"%s",`+
			`"etag":"af83d6f217c19b8b0fff8023d8ca4716-1","dataFileS3Key":"%s"}`+"\n",
			strings.Count(text, "\n"), base64.StdEncoding.EncodeToString(sum[:]),
			"prefix/AWSDynamoDB/01693685827463-2d8752fd/data/"+name)
	}
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("manifest-files.json", manifest.String())
	write("manifest-summary.json", summary)
	write("_started", "")
	return dir
}

const fullSummary = `{
	"version": "2020-06-30",
	"exportArn": "arn:aws:dynamodb:us-east-1:123456789012:table/heroes/export/01693685827463-2d8752fd",
	"startTime": "2023-09-02T20:17:07.463Z",
	"endTime": "2023-09-02T20:22:07.897Z",
	"tableArn": "arn:aws:dynamodb:us-east-1:123456789012:table/heroes",
	"tableId": "12345a12-abcd-123a-ab12-1234abc12345",
	"exportTime": "2023-09-02T20:17:07.463Z",
	"s3Bucket": "heroes-export",
	"s3Prefix": "prefix",
	"s3SseAlgorithm": "AES256",
	"s3SseKmsKeyId": null,
	"manifestFilesS3Key": "prefix/AWSDynamoDB/01693685827463-2d8752fd/manifest-files.json",
	"billedSizeBytes": 0,
	"itemCount": 3,
	"outputFormat": "DYNAMODB_JSON",
	"exportType": "FULL_EXPORT"
}`

func TestImportAnExportOfDynamoDB(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	create[hero](g)
	dir := exportFolder(t, fullSummary,
		`{"Item":{"login":{"S":"waldo"},"level":{"N":"3"},"guild":{"S":"owls"}}}`+"\n"+
			`{"Item":{"login":{"S":"odlaw"},"tags":{"SS":["a","b"]}}}`+"\n",
		"", // of an empty partition
		`{"Item":{"login":{"S":"wenda"},"raw":{"B":"AQID"}}}`+"\n")
	require.Contains(t, g.requireRun(0, "import", "-dry-run", dir).stdout,
		"heroes: dry run, nothing was written: 3 lines, 3 valid, 0 skipped")
	require.Empty(t, g.lines("heroes"))
	require.Contains(t, g.requireRun(0, "import", dir).stdout, "heroes: 3 lines, 3 written")
	require.Equal(t, []string{
		`{"Item":{"guild":{"S":"owls"},"level":{"N":"3"},"login":{"S":"waldo"}}}`,
		`{"Item":{"login":{"S":"odlaw"},"tags":{"SS":["a","b"]}}}`,
		`{"Item":{"login":{"S":"wenda"},"raw":{"B":"AQID"}}}`}, g.lines("heroes"))
}

func TestDamagedExports(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	create[hero](g)
	const text = `{"Item":{"login":{"S":"waldo"}}}` + "\n"
	for name, test := range map[string]struct {
		summary string
		damage  func(t *testing.T, dir string)
		fault   string
	}{
		"no manifest": {fullSummary, func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, manifestFiles)))
		}, "has no manifest-files.json; name the folder of one export"},
		"a missing file": {fullSummary, func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, "data", "asdl1dasas.json.gz")))
		}, "a file of the manifest: open"},
		"a damaged file": {fullSummary, func(t *testing.T, dir string) {
			require.NoError(t, os.Truncate(filepath.Join(dir, "data", "asdl1dasas.json.gz"), 20))
		}, "is damaged: its MD5 is not that of the manifest"},
		"a wrong count": {fullSummary, func(t *testing.T, dir string) {
			name := filepath.Join(dir, manifestFiles)
			manifest, err := os.ReadFile(name)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(name,
				bytes.Replace(manifest, []byte(`"itemCount":1`), []byte(`"itemCount":2`), 1), 0o600))
		}, "asdl0dasas.json.gz has 1 items, and the manifest lists 2"},
		"no manifest entry": {fullSummary, func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, manifestFiles), []byte(`{}`), 0o600))
		}, "entry 1: dataFileS3Key is missing"},
		"Ion": {`{"outputFormat":"ION"}`, nil, "has the format ION; import reads DYNAMODB_JSON"},
		"incremental": {`{"outputFormat":"DYNAMODB_JSON","exportType":"INCREMENTAL_EXPORT"}`, nil,
			"the export is incremental; import reads full exports"},
		"a summary of something else": {"<xml>", nil, "manifest-summary.json: invalid character"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := exportFolder(t, test.summary, text, strings.ReplaceAll(text, "waldo", "odlaw"))
			if test.damage != nil {
				test.damage(t, dir)
			}
			g.t = t
			require.Contains(t, g.requireRun(1, "import", dir).stderr, test.fault)
			require.Empty(t, g.lines("heroes"), "nothing of a damaged export is written")
		})
	}
}

// invalidLines are lines that an import refuses, with their faults.
var invalidLines = []struct{ line, fault string }{
	{`waldo`, "the line is no JSON object"},
	{`{"login":{"S":"waldo"}}`, `the line is not of the form {"Item":{...}}`},
	{`{"Item":["waldo"]}`, `the line is not of the form`},
	{`{"Metadata":{},"Keys":{},"NewImage":{}}`, "the line is of an incremental export"},
	{`{"Item":{"login":"waldo"}}`, "malformed DynamoDB JSON"},
	{`{"Item":{"guild":{"S":"owls"}}}`, `the key attribute "login" is missing`},
	{`{"Item":{"login":{"N":"1"}}}`,
		`key {"login":{"N":"1"}}: the key attribute "login" is of type N, and the table has S`},
	{`{"Item":{"login":{"S":""}}}`, `the key attribute "login" is empty`},
	{`{"Item":{"login":{"S":"a"},"guild":{"S":""}}}`,
		`key {"login":{"S":"a"}}: the key attribute "guild" is empty`},
	{`{"Item":{"login":{"S":"b"},"guild":{"N":"1"}}}`, `"guild" is of type N`},
	{`{"Item":{"login":{"S":"c"},"level":{"S":"many"}}}`, "hero.Level"},
	{`{"Item":{"login":{"S":"d"},"other":{"N":"many"}}}`, "other"},
	{`{"Item":{"login":{"S":"g"},"rank":{"N":"1"},"other":{"N":"many"}}}`,
		`key {"login":{"S":"g"}}: dynamapper: UnmarshalItemJSON: table "heroes": hero (attribute ` +
			`other): the text is not a number`},
	{`{"Item":{"login":{"S":"waldo"}}}`, "item 1 of the import has the same key"},
	{`{"Item":{"login":{"S":"h"},"a":{"N":"1"},"a":{"N":"1"}}}`, `the attribute "a" comes twice`},
	{`{"Item":{"login":{"S":"h"},"\u0061":{"N":"1"},"a":{"S":"x"}}}`,
		`the attribute "a" comes twice`},
	{`{"Item":{"login":{"S":"h"},"bag":{"M":{"x":{"L":[{"S":"y"},{"M":{"z":{"N":"1"},` +
		`"z":{"N":"2"}}}]}}}}}`, `the attribute "bag.x[1].z" comes twice`},
	{`{"Item":{"login":{"S":"h"}},"Item":{"login":{"S":"i"}}}`,
		"the line has several members of one name"},
	{`{"Item":{"login":{"S":"e"},"text":{"S":"` + strings.Repeat("x", maxItemSize) + `"}}}`,
		"the item is larger than 400 KB"},
	{`{"Item":{"login":{"S":"` + strings.Repeat("f", 2049) + `"}}}`, "ValidationException"},
}

func TestImportRefusesInvalidLines(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	create[hero](g)
	lines := []string{`{"Item":{"login":{"S":"waldo"}}}`}
	for _, test := range invalidLines {
		lines = append(lines, test.line)
		file := g.file("one.json", lines[0], "", test.line)
		got := g.requireRun(1, "import", "-replace", file)
		require.Contains(t, got.stderr, test.fault)
		require.Contains(t, got.stderr, file+":3: ")
	}
	lines = append(lines, `{"Item":{"login":{"S":"wenda"}}}`)
	file := g.file("all.json", lines...)
	got := g.requireRun(2, "import", "-replace", "-skip-invalid", file)
	for i, test := range invalidLines {
		require.Contains(t, got.stderr, test.fault)
		require.Contains(t, got.stderr, fmt.Sprintf("skipped: %s:%d: ", file, i+2))
	}
	require.Contains(t, got.stdout,
		fmt.Sprintf("heroes: %d lines, 2 written, %d skipped", len(lines), len(invalidLines)))
	require.Equal(t, []string{`{"Item":{"login":{"S":"waldo"}}}`,
		`{"Item":{"login":{"S":"wenda"}}}`}, g.lines("heroes"))

	r := g.runJSON("import", "-dry-run", "-replace", "-skip-invalid", file)
	require.Equal(t, 2, r.Status)
	require.Equal(t, len(invalidLines)-1, r.Imported.Invalid, "the service alone finds the long key")
	require.Equal(t, `{"login":{"S":"a"}}`, r.Imported.Skipped[8].Key)
	require.Equal(t, file+":10", r.Imported.Skipped[8].Place)
}

func TestImportADamagedFile(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	create[hero](g)
	var data bytes.Buffer
	w := gzip.NewWriter(&data)
	for i := range 1000 {
		fmt.Fprintf(w, `{"Item":{"login":{"S":"%d"}}}`+"\n", i)
	}
	require.NoError(t, w.Close())
	file := g.file("cut.json.gz", data.String()[:data.Len()/2])
	require.Contains(t, g.requireRun(1, "import", file).stderr, "unexpected EOF")

	file = g.file("long.json", `{"Item":{"login":{"S":"`+strings.Repeat("x", maxLine)+`"}}}`)
	require.Contains(t, g.requireRun(1, "import", "-replace", file).stderr, file+":1: bufio.Scanner")
	require.Contains(t, g.requireRun(0, "import", "-replace", g.file("empty.json")).stdout, "0 lines")
}

func TestImportWritesToAnEmptyTable(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	file := g.file("heroes.json", `{"Item":{"login":{"S":"hero-000"},"level":{"N":"9"}}}`)
	require.Contains(t, g.requireRun(1, "import", file).stderr,
		`table "heroes" does not exist; create it with apply`)
	createOldHeroes(g, 2)
	before := g.lines("heroes")
	require.Contains(t, g.requireRun(1, "import", file).stderr,
		`table "heroes" has items; to replace those with the keys of the file`)
	require.Equal(t, before, g.lines("heroes"))
	g.requireRun(0, "import", "-replace", file)
	require.Equal(t, []string{before[1], `{"Item":{"level":{"N":"9"},"login":{"S":"hero-000"}}}`},
		g.lines("heroes"))
}

// TestImportKeysOfNumbers finds a number that is spelt in two ways.
func TestImportKeysOfNumbers(t *testing.T) {
	t.Parallel()
	g := newGame(t, ModelOf[otherKeys]())
	create[otherKeys](g)
	file := g.file("ids.json", `{"Item":{"id":{"N":"10"}}}`, `{"Item":{"id":{"N":"1e1"}}}`)
	require.Contains(t, g.requireRun(1, "import", file).stderr,
		"item 1 of the import has the same key")
}

func TestImportOfACollection(t *testing.T) {
	t.Parallel()
	g := newGame(t, ModelOf[user](), ModelOf[visit]())
	g.requireRun(0, "apply")
	require.NoError(t, table[user](g).Save(t.Context(), &user{Name: "waldo", Coins: 1}))
	require.NoError(t, table[visit](g).Save(t.Context(), &visit{Name: "waldo", Day: "monday"}))
	stored := g.lines("game")
	other := newGame(t, g.models...)
	other.requireRun(0, "apply")
	file := g.file("game.json", stored...)
	other.requireRun(0, "import", file)
	require.Equal(t, stored, other.lines("game"))

	file = g.file("beast.json",
		`{"Item":{"pk":{"S":"USER#x"},"sk":{"S":"X"},"entity":{"S":"beast"}}}`)
	require.Contains(t, other.requireRun(1, "import", "-replace", file).stderr, "beast")
	wrong := strings.Replace(stored[0], `"coins":{"N":"1"}`, `"coins":{"S":"x"}`, 1)
	file = g.file("wrong.json", wrong)
	require.Contains(t, other.requireRun(1, "import", "-replace", file).stderr, "user.Coins")
}

type counted struct {
	dynamapper.Model `dynamo:"counted"`

	ID   int    `dynamo:"id,hash,autoincrement"`
	Name string `dynamo:"name"`
}

// TestTheCounterOfIDsIsKept exports and imports the item that counts the ids.
func TestTheCounterOfIDsIsKept(t *testing.T) {
	t.Parallel()
	g, other := newGame(t, ModelOf[counted]()), newGame(t, ModelOf[counted]())
	items := create[counted](g)
	for range 3 {
		require.NoError(t, items.Save(t.Context(), &counted{Name: "waldo"}))
	}
	file := filepath.Join(t.TempDir(), "counted.json.gz")
	g.requireRun(0, "export", file)
	copied := create[counted](other)
	other.requireRun(0, "import", "-replace", file)
	require.Equal(t, g.lines("counted"), other.lines("counted"))
	next := &counted{}
	require.NoError(t, copied.Save(t.Context(), next))
	require.Equal(t, 4, next.ID)
}

// TestImportOnABusyTable meets items that are left unprocessed, no capacity, and lost responses.
func TestImportOnABusyTable(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	create[hero](g)
	line := g.lineTo()
	line.On("BatchWriteItem", 2, dynamotest.Lose())
	line.On("BatchWriteItem", 3, dynamotest.Fail())
	line.On("BatchWriteItem", 4, dynamotest.Corrupt())
	line.Each("BatchWriteItem", func(n int) dynamotest.Fault {
		if n >= 5 && n < 15 {
			return dynamotest.Refuse(400, "ProvisionedThroughputExceededException")
		}
		return nil
	})
	g.server.Engine().LeaveUnprocessed("heroes", 40)
	var lines []string
	for i := range 110 {
		lines = append(lines, fmt.Sprintf(`{"Item":{"login":{"S":"%03d"}}}`, i))
	}
	r := g.runJSON("import", g.file("heroes.json", lines...))
	require.Equal(t, 0, r.Status)
	require.Equal(t, 110, r.Imported.Written)
	require.Equal(t, lines, g.lines("heroes"))
	require.Empty(t, line.Pending())

	line.Each("BatchWriteItem", func(int) dynamotest.Fault {
		return dynamotest.Refuse(400, "AccessDeniedException")
	})
	got := g.requireRun(1, "import", "-replace", g.file("heroes.json", lines...))
	require.Contains(t, got.stderr, "AccessDeniedException")
}

// An item is counted once, however often its batch is sent.
func TestAnImportCountsEachItemOnce(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	create[hero](g)
	line := g.lineTo()
	g.server.Engine().LeaveUnprocessed("heroes", 3)
	line.On("BatchWriteItem", 2, dynamotest.Refuse(400, "ValidationException"))
	line.On("BatchWriteItem", 4, dynamotest.Refuse(400, "ValidationException"))
	var lines []string
	for i := range 5 {
		lines = append(lines, fmt.Sprintf(`{"Item":{"login":{"S":"%03d"}}}`, i))
	}
	file := g.file("heroes.json", lines...)
	r := g.runJSON("import", "-skip-invalid", "-writers", "1", file)
	require.Empty(t, line.Pending())
	require.Equal(t, 2, r.Status)
	require.Equal(t, 5, r.Imported.Lines)
	require.Equal(t, 4, r.Imported.Written)
	require.Equal(t, 1, r.Imported.Invalid)
	require.Len(t, g.lines("heroes"), 4)
	n := slices.IndexFunc(lines, func(line string) bool {
		return !slices.Contains(g.lines("heroes"), line)
	})
	require.Equal(t, fmt.Sprintf("%s:%d", file, n+1), r.Imported.Skipped[0].Place)
}

func TestAnInterruptedImportSaysWhatItHasDone(t *testing.T) {
	t.Parallel()
	g := newHeroes(t)
	create[hero](g)
	line := g.lineTo()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	line.On("BatchWriteItem", 2,
		dynamotest.After(dynamotest.Refuse(400, "ThrottlingException"), cancel))
	var lines []string
	for i := range 100 {
		lines = append(lines, fmt.Sprintf(`{"Item":{"login":{"S":"%03d"}}}`, i))
	}
	file := g.file("heroes.json", lines...)
	got := g.runIn(ctx, "import", "-writers", "1", file)
	require.Equal(t, 1, got.status)
	require.Contains(t, got.stderr, "interrupted")
	require.Contains(t, got.stderr, "25 items were written before, and a few more perhaps: to import "+
		"the file again, give -replace")
	g.requireRun(0, "import", "-replace", file)
	require.Equal(t, lines, g.lines("heroes"))
}
