package tool

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// clock is a time that a test sets.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func (c *clock) pass(d time.Duration) { c.at = c.at.Add(d) }

func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	var w bytes.Buffer
	at := &clock{time.Unix(0, 0)}
	p := makeProgress(&w, true, at.now)
	show := func(text string) { p.update(func() string { return text }) }
	show("too early")
	at.pass(terminalInterval)
	show("one")
	show("too early")
	at.pass(terminalInterval)
	show("two")
	at.pass(terminalInterval)
	show(strings.Repeat("é", 100))
	p.line("a line that stays")
	p.clear()
	require.Equal(t, "\r\x1b[Kone\r\x1b[Ktwo\r\x1b[K"+strings.Repeat("é", rowWidth)+
		"\r\x1b[Ka line that stays\n", w.String())
}

func TestProgressElsewhere(t *testing.T) {
	t.Parallel()
	var w bytes.Buffer
	at := &clock{time.Unix(0, 0)}
	p := makeProgress(&w, false, at.now)
	for range 25 {
		at.pass(time.Second)
		p.update(func() string { return p.counted("heroes", 500, 2000) })
	}
	p.clear()
	require.Equal(t, "heroes [##........] 25 % 500 of about 2,000 items, 50/s\n"+
		"heroes [##........] 25 % 500 of about 2,000 items, 25/s\n", w.String())
	require.Equal(t, "heroes 3,000 of about 2,000 items, 120/s", p.counted("heroes", 3000, 2000))
	require.Equal(t, "heroes 1,234,567 items, 49,382/s", p.counted("heroes", 1234567, 0))
}

func TestWhatIsATerminal(t *testing.T) {
	t.Parallel()
	require.False(t, isTerminal(&bytes.Buffer{}))
	file, err := os.CreateTemp(t.TempDir(), "")
	require.NoError(t, err)
	defer file.Close()
	require.False(t, isTerminal(file))
}

func TestNumbersForPeople(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"0", "999", "1,000", "12,345,678"},
		[]string{number(0), number(999), number(1000), number(12345678)})
	require.Equal(t, []string{"0 B", "999 B", "1.0 KB", "1.5 GB", "2000.0 TB"},
		[]string{bytesText(0), bytesText(999), bytesText(1000), bytesText(1.5e9), bytesText(2e15)})
}
