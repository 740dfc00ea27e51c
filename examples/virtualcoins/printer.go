package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
)

// printer prints the story. After an error it prints nothing more.
type printer struct {
	out      io.Writer
	terminal bool // somebody watches
	err      error
}

func newPrinter(out io.Writer) *printer {
	p := &printer{out: out}
	if file, ok := out.(*os.File); ok {
		info, err := file.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

func (p *printer) Write(text []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	n, err := p.out.Write(text)
	p.err = err
	return n, err
}

// say prints a paragraph.
func (p *printer) say(format string, args ...any) {
	fmt.Fprintf(p, format+"\n", args...)
}

func (p *printer) heading(text string) {
	p.say("\n%s", text)
}

// code prints the lines of code that a scene runs.
func (p *printer) code(lines ...string) {
	p.say("    %s", strings.Join(lines, "\n    "))
}

// table prints rows of cells; the first row is the head.
func (p *printer) table(rows ...[]any) {
	p.say("")
	columns := tabwriter.NewWriter(p, 0, 0, 3, ' ', 0)
	for _, row := range rows {
		separator := "  "
		for _, cell := range row {
			fmt.Fprintf(columns, "%s%v", separator, cell)
			separator = "\t"
		}
		fmt.Fprintln(columns)
	}
	columns.Flush() // its error is the printer's
}
