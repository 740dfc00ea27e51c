package wire

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// page is the result of reading a response with readPage.
type page struct {
	items  []item
	raw    []string
	others []string
}

// unit reads one unit, and repeats it if the window was too short.
func unit(r *Reader, read func()) {
	for {
		mark := r.Mark()
		if read(); !r.Grow(mark) {
			return
		}
	}
}

// readPage reads a response of items and other members as callers do.
func readPage(r *Reader) (p page, err error) {
	unit(r, r.Object)
	for {
		var name string
		var ok bool
		if unit(r, func() { name, ok = r.Member() }); !ok {
			break
		}
		if name == "Items" {
			p.readItems(r)
			continue
		}
		unit(r, func() {
			start := r.Offset()
			if r.Skip(); r.Err() == nil {
				p.others = append(p.others, name+r.Since(start))
			}
		})
	}
	unit(r, r.Done)
	return p, r.Err()
}

func (p *page) readItems(r *Reader) {
	unit(r, r.Array)
	for more := true; more; {
		unit(r, func() {
			if more = r.Element(); !more {
				return
			}
			start := r.Offset()
			if item := r.Item(); item != nil {
				p.items = append(p.items, item)
				p.raw = append(p.raw, r.Since(start))
			}
		})
	}
}

// requireSame checks that a page gives the same result through windows of the given size as without
// windows.
func requireSame(t *testing.T, text string, size int) page {
	t.Helper()
	want, wantErr := readPage(NewReader(text))
	got, err := readPage(newPageReader([]byte(text), size))
	require.Equal(t, wantErr, err, "windows of %d", size)
	require.Equal(t, want, got, "windows of %d", size)
	return got
}

func pageOf(items ...string) string {
	return `{"Count":2,"Items":[` + strings.Join(items, ",") +
		`],"LastEvaluatedKey":{"id":{"N":"17"}},"ScannedCount":12345}`
}

func TestWindowsAtEveryEdge(t *testing.T) {
	for padding := windowSize - len(sample) - 200; padding < windowSize+20; padding++ {
		filler := fmt.Sprintf(`{"filler":{"S":"%s"}}`, strings.Repeat("x", padding))
		p := requireSame(t, pageOf(filler, sample, sample), windowSize)
		require.Equal(t, []string{filler, sample, sample}, p.raw)
	}
}

func TestWindowsOfEverySize(t *testing.T) {
	text := pageOf(sample, sample, loose(sample), "{}") + "  \n"
	for size := 1; size < len(text)+3; size += 1 + size/100 {
		p := requireSame(t, text, size)
		require.Len(t, p.items, 4)
	}
}

func TestItemsLargerThanWindows(t *testing.T) {
	for _, size := range []int{
		windowSize - 30, windowSize, windowSize + 1, 3 * windowSize, 10*windowSize + 7, 400 << 10,
	} {
		large := fmt.Sprintf(`{"large":{"S":"%s"},"a":{"N":"1"}}`, strings.Repeat("ä\\n", size/4))
		p := requireSame(t, pageOf(sample, large, sample, large), windowSize)
		require.Equal(t, []string{sample, large, sample, large}, p.raw)
	}
}

func TestMalformedPagesFailAlike(t *testing.T) {
	text := pageOf(sample)
	for _, size := range []int{7, 100} {
		for cut := range len(text) {
			requireSame(t, text[:cut], size)
		}
		for at := range len(text) {
			for _, wrong := range []string{"\x00", "\xff", `"`, "}", "x", `\`, "1", ","} {
				requireSame(t, text[:at]+wrong+text[at+1:], size)
			}
		}
	}
}

func TestTrailingBytesBehindTheWindow(t *testing.T) {
	for _, behind := range []string{"x", strings.Repeat(" ", 3*windowSize) + "x"} {
		text := pageOf(sample) + behind
		r := NewPageReader([]byte(text))
		_, err := readPage(r)
		require.Equal(t, &SyntaxError{Offset: len(text) - 1, Problem: "trailing bytes"}, err)
	}
	_, err := readPage(NewPageReader([]byte(pageOf(sample) + strings.Repeat(" ", 3*windowSize))))
	require.NoError(t, err)
}

func TestNumberAtTheWindowsEnd(t *testing.T) {
	r := newPageReader([]byte(`[12345]`), 4)
	r.Array()
	mark := r.Mark()
	require.True(t, r.Element())
	r.Skip()
	require.True(t, r.Truncated())
	require.True(t, r.Grow(mark))
	require.True(t, r.Element())
	start := r.Offset()
	r.Skip()
	if r.Truncated() {
		require.True(t, r.Grow(mark))
		require.True(t, r.Element())
		r.Skip()
	}
	require.Equal(t, "12345", r.Since(start))
	require.False(t, r.Element())
	r.Done()
	require.NoError(t, r.Err())

	r = NewPageReader([]byte(`12`))
	r.Skip()
	r.Done()
	require.NoError(t, r.Err())
}

func TestGrowOnlyWhereItHelps(t *testing.T) {
	r := NewReader(`[1`)
	mark := r.Mark()
	r.Skip()
	require.True(t, r.Truncated())
	require.False(t, r.Grow(mark), "not a page")

	r = NewPageReader([]byte(`[1`))
	mark = r.Mark()
	require.False(t, r.Grow(mark), "no failure")
	r.Skip()
	require.True(t, r.Truncated())
	require.False(t, r.Grow(mark), "the page's own end")

	r = newPageReader([]byte(`[x         `), 4)
	mark = r.Mark()
	r.Skip()
	require.False(t, r.Grow(mark), "another failure")
	require.Error(t, r.Err())
}

func TestGrowFromAnOldMark(t *testing.T) {
	text := `[` + strings.Repeat(`[1,2,3,4,5,6,7,8],`, 50) + `0]`
	r := newPageReader([]byte(text), 16)
	outer := r.Mark()
	for tries := 0; ; tries++ {
		require.Less(t, tries, 20)
		r.Array()
		for r.Element() {
			unit(r, r.Skip)
		}
		if !r.Grow(outer) {
			break
		}
	}
	r.Done()
	require.NoError(t, r.Err())
}

// TestWindowsAreSmall checks that a kept string keeps a window and not the page alive, and needs no
// copy.
func TestWindowsAreSmall(t *testing.T) {
	text := []byte(benchmarkPage())
	var windows []int
	r := NewPageReader(text)
	unit(r, func() {
		r.Object()
		r.Member()
		r.Array()
	})
	for more := true; more; {
		unit(r, func() {
			if more = r.Element(); more {
				scanItem(r)
			}
		})
		if len(windows) == 0 || windows[len(windows)-1] != r.base {
			windows = append(windows, r.base)
			require.LessOrEqual(t, len(r.text), windowSize)
		}
	}
	require.NoError(t, r.Err())
	require.InDelta(t, len(text)/windowSize, len(windows), 5)
}

func TestPageIsNotKept(t *testing.T) {
	text := []byte(pageOf(sample, sample))
	p, err := readPage(NewPageReader(text))
	require.NoError(t, err)
	clear(text)
	require.Equal(t, []item{sampleItem(), sampleItem()}, p.items)
	require.Equal(t, []string{sample, sample}, p.raw)
}

// After Back, the reader skips a unit that could not be decoded, and continues as if nothing had
// failed.
func TestBack(t *testing.T) {
	page := []byte(`[{"a":{"X":"?"}},{"a":{"S":"x"}}]`)
	r := NewPageReader(page)
	r.Array()
	require.True(t, r.Element())
	mark := r.Mark()
	r.Item()
	require.Error(t, r.Err())

	r.Back(mark)
	require.NoError(t, r.Err())
	r.Skip()
	require.True(t, r.Element())
	require.Len(t, r.Item(), 1)
	require.False(t, r.Element())
	r.Done()
	require.NoError(t, r.Err())
}

func TestBackOfAPlainTextKeepsTheFailure(t *testing.T) {
	r := NewReader(`{"a":{"X":"?"}}`)
	mark := r.Mark()
	r.Item()
	r.Back(mark)
	require.Error(t, r.Err())
}

// begun reads a page of items. It counts the items, how often the reading of one was begun, and the
// bytes of the windows.
func begun(t *testing.T, text string) (items, begun, bytes int) {
	t.Helper()
	r := NewPageReader([]byte(text))
	base := -1
	count := func() {
		if r.base != base {
			base = r.base
			bytes += len(r.text)
		}
	}
	unit(r, r.Array)
	for more := true; more; {
		unit(r, func() {
			if more = r.Element(); !more {
				return
			}
			count()
			begun++
			if r.Skip(); r.Err() == nil {
				items++
			}
		})
	}
	r.Done()
	require.NoError(t, r.Err())
	return items, begun, bytes
}

// Windows end between items that begin alike. Only the item that the first window cuts is begun
// twice.
func TestWindowsEndBetweenItems(t *testing.T) {
	for _, size := range []int{300, 1000, 5000, 10_000, 17_000, 100_000} {
		var items []string
		for i := range 2_000_000 / size {
			text := strings.Repeat("x", size/2+i%size/2)
			items = append(items, fmt.Sprintf(
				`{"id":{"N":"%d"},"lines":{"L":[{"M":{"id":{"S":"%s\"}"}}},{"M":{"id":{"N":"1"}}}]}}`, i, text))
		}
		text := "[" + strings.Join(items, ",") + "]"
		read, begun, bytes := begun(t, text)
		require.Equal(t, len(items), read)
		require.LessOrEqual(t, begun, read+1, "items of %d bytes", size)
		require.LessOrEqual(t, bytes, len(text)+windowSize, "items of %d bytes", size)
	}
}

// Items that begin differently are cut, and still read.
func TestWindowsOfItemsThatBeginDifferently(t *testing.T) {
	var items []string
	for i := range 1000 {
		items = append(items, fmt.Sprintf(`{"a%d":{"S":"},{\"a%d\":"},"b":{"S":"%s"}}`, i, i,
			strings.Repeat("x", i)))
	}
	p := requireSame(t, pageOf(items...), windowSize)
	require.Equal(t, items, p.raw)
}

func TestObjectSize(t *testing.T) {
	for page, want := range map[string]int{
		``: 0, `,`: 0, `{`: 0, `"a":{}`: 0, ` {}`: 0, `{"a}`: 0, `{"a\"}`: 0, `[{}]`: 0, `{[}`: 0,
		`{}`: 2, `{},{}`: 2, `,{}`: 3, `{"}":"\"}\\"}}`: 13, `{"a":[{},{}]}]`: 13, `{"\\\\":1}`: 10,
	} {
		require.Equal(t, want, objectSize([]byte(page)), page)
	}
}
