package stage

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
)

// Printer prints the output of a program. After an error it prints nothing more. It is not safe for
// concurrent use.
type Printer struct {
	out      io.Writer
	terminal bool // out is a terminal
	err      error
}

// NewPrinter returns a Printer that prints to out.
func NewPrinter(out io.Writer) *Printer {
	p := &Printer{out: out}
	if file, ok := out.(*os.File); ok {
		info, err := file.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

func (p *Printer) Write(text []byte) (int, error) {
	if p.err != nil {
		return 0, p.err
	}
	n, err := p.out.Write(text)
	p.err = err
	return n, err
}

// Say prints a paragraph.
func (p *Printer) Say(format string, args ...any) {
	fmt.Fprintf(p, format+"\n", args...)
}

// Heading prints the heading of a scene.
func (p *Printer) Heading(text string) {
	p.Say("\n%s", text)
}

// Code prints lines of code that the scene runs, or other literal text.
func (p *Printer) Code(lines ...string) {
	p.Say("    %s", strings.Join(lines, "\n    "))
}

// Table prints rows of cells. The first row is the header.
func (p *Printer) Table(rows ...[]any) {
	p.Say("")
	columns := tabwriter.NewWriter(p, 0, 0, 3, ' ', 0)
	for _, row := range rows {
		separator := "  "
		for _, cell := range row {
			fmt.Fprintf(columns, "%s%v", separator, cell)
			separator = "\t"
		}
		fmt.Fprintln(columns)
	}
	columns.Flush() // the printer keeps the error
}
