package tool

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// progress shows how far a command is: on a terminal in one line that is written again and again,
// elsewhere in a line now and then. It is safe for concurrent use.
type progress struct {
	w        io.Writer
	terminal bool
	now      func() time.Time

	mu    sync.Mutex
	began time.Time
	last  time.Time
	shown bool // a line of the terminal is to be cleared
}

// How often progress is shown.
const (
	terminalInterval = 100 * time.Millisecond
	lineInterval     = 10 * time.Second
)

func newProgress(w io.Writer) *progress {
	return makeProgress(w, isTerminal(w), time.Now)
}

func makeProgress(w io.Writer, terminal bool, now func() time.Time) *progress {
	began := now()
	return &progress{w: w, terminal: terminal, now: now, began: began, last: began}
}

// isTerminal reports whether lines can be written again.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// clearLine moves the cursor to the start of the line and erases the line.
const clearLine = "\r\x1b[K"

// update shows text, unless something was shown a moment ago.
func (p *progress) update(text func() string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	interval := lineInterval
	if p.terminal {
		interval = terminalInterval
	}
	if p.now().Sub(p.last) < interval {
		return
	}
	p.last = p.now()
	if p.terminal {
		fmt.Fprint(p.w, clearLine+firstRow(text()))
		p.shown = true
	} else {
		fmt.Fprintln(p.w, text())
	}
}

// rowWidth is the width of a narrow terminal. A longer line would take two rows, of which clearLine
// erases one.
const rowWidth = 79

func firstRow(text string) string {
	if runes := []rune(text); len(runes) > rowWidth {
		return string(runes[:rowWidth])
	}
	return text
}

// line writes a line that stays.
func (p *progress) line(format string, args ...any) { p.write(p.w, format+"\n", args...) }

// write writes text that stays to w, which may be the same terminal.
func (p *progress) write(w io.Writer, format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lockedClear()
	fmt.Fprintf(w, format, args...)
}

// clear erases what update has shown on a terminal.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lockedClear()
}

func (p *progress) lockedClear() {
	if p.shown {
		fmt.Fprint(p.w, clearLine)
		p.shown = false
	}
}

// perSecond returns a rate since the start.
func (p *progress) perSecond(n int) float64 {
	seconds := p.now().Sub(p.began).Seconds()
	if seconds <= 0 {
		return 0
	}
	return float64(n) / seconds
}

// counted describes how many items of about total are done. The service's total may be hours old.
func (p *progress) counted(name string, done int, total int64) string {
	text := name + " "
	if share := float64(done) / float64(total); total > 0 && share <= 1 {
		text += fmt.Sprintf("%s %2.0f %% ", bar(share), 100*share)
	}
	text += number(int64(done))
	if total > 0 {
		text += " of about " + number(total)
	}
	return text + fmt.Sprintf(" items, %s/s", number(int64(p.perSecond(done))))
}

// barWidth is the number of characters in a bar.
const barWidth = 10

// bar draws a share of 0 to 1.
func bar(share float64) string {
	full := int(share * barWidth)
	return "[" + strings.Repeat("#", full) + strings.Repeat(".", barWidth-full) + "]"
}

// number returns a number with commas.
func number(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// bytesText returns a number of bytes in a unit for people.
func bytesText(n int64) string {
	size, unit := float64(n), 0
	for size >= 1000 && unit < 4 {
		size, unit = size/1000, unit+1
	}
	if unit == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", size, []string{"B", "KB", "MB", "GB", "TB"}[unit])
}
