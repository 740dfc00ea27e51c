package tool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/dynamapper/dynamapper"
)

// Main runs the command that the program's arguments name, and ends the program with its exit
// status. connect returns the mapper of the tables; Main calls it when the arguments are right. At
// the first interrupt (Ctrl-C or SIGTERM), the context of the command ends: it ends the request
// under way and, with -checkpoint, stores where it is. A second interrupt ends the program at once.
func Main(connect func(context.Context) (*dynamapper.Mapper, error), models ...Model) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	os.Exit(Run(ctx, os.Args[1:], os.Stdout, os.Stderr, connect, models...))
}

// Run runs the command that args name and returns its exit status: 0 if everything is as it should
// be, or the work is done; 1 after an error; and 2 if something differs, was left out or was
// skipped. Results go to stdout. Errors and progress go to stderr. If the context ends, so does the
// command, with status 1. An import from "-" reads os.Stdin.
//
// The requests of each command are in docs/tool.md.
func Run(
	ctx context.Context, args []string, stdout, stderr io.Writer,
	connect func(context.Context) (*dynamapper.Mapper, error), models ...Model,
) int {
	r := &run{args: args, stdout: stdout, stderr: stderr, stdin: os.Stdin, connect: connect,
		models: models}
	return r.run(ctx)
}

// The exit statuses.
const (
	statusDone    = 0
	statusError   = 1
	statusDiffers = 2
)

// run is one run of the command.
type run struct {
	args           []string
	stdout, stderr io.Writer
	stdin          io.Reader
	connect        func(context.Context) (*dynamapper.Mapper, error)
	models         []Model

	flags    *flags
	client   dynamapper.Client
	groups   []*group // the tables that -table chooses
	progress *progress
	result   result
}

func (r *run) run(ctx context.Context) int {
	if len(r.args) == 0 {
		writeUsage(r.stderr)
		return statusError
	}
	args := r.args
	if isHelp(args[0]) {
		if len(args) == 1 {
			writeUsage(r.stdout)
			return statusDone
		}
		args = []string{args[1], "-h"}
	}
	c, err := commandNamed(args[0])
	if err == nil {
		r.flags, err = c.parse(args[1:])
	}
	if errors.Is(err, errHelp) {
		c.writeHelp(r.stdout)
		return statusDone
	}
	r.progress = newProgress(r.stderr)
	r.result.Command = args[0]
	if err != nil {
		return r.misused(ctx, args, err)
	}
	err = r.open(ctx, c)
	if err == nil {
		err = c.run(ctx, r)
	}
	return r.end(ctx, err)
}

// misused ends a run whose arguments are wrong, so that the flags are not known. -json holds
// wherever it stands.
func (r *run) misused(ctx context.Context, args []string, err error) int {
	r.flags = &flags{}
	for _, arg := range args {
		switch name, value, given := strings.Cut(strings.TrimLeft(arg, "-"), "="); {
		case arg == "-":
			r.flags.file = arg
		case strings.HasPrefix(arg, "-") && name == "json":
			on, err := strconv.ParseBool(value)
			r.flags.json = !given || err != nil || on
		}
	}
	return r.end(ctx, err)
}

// open connects, and makes the tables of the models.
func (r *run) open(ctx context.Context, c *command) error {
	if ctx == nil {
		return errors.New("the context is nil; give context.Background()")
	}
	if r.connect == nil {
		return errors.New("the function that connects is nil; give one that returns a mapper")
	}
	mapper, err := r.connect(ctx)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	all, err := groupModels(mapper, r.models)
	if err != nil {
		return err
	}
	r.client = mapper.Client()
	if r.groups, err = chooseGroups(all, r.flags.tables); err != nil {
		return err
	}
	if c.takesFile && len(r.groups) != 1 {
		return fmt.Errorf("%s works on one table; choose it with -table: %s", c.name,
			namesOf(r.groups))
	}
	return nil
}

// end writes what is left of the result, and the error, and returns the exit status.
func (r *run) end(ctx context.Context, err error) int {
	r.progress.clear()
	if err != nil {
		r.result.Status, r.result.Error = statusError, err.Error()
		if ctx != nil && ctx.Err() != nil {
			r.result.Interrupted = true
			fmt.Fprintln(r.stderr, "interrupted")
		}
		fmt.Fprintf(r.stderr, "error: %v\n", err)
	}
	if !r.flags.json {
		return r.result.Status
	}
	if err := r.result.write(r.report()); err != nil {
		fmt.Fprintf(r.stderr, "error: writing the result: %v\n", err)
		return statusError
	}
	return r.result.Status
}

// report is where the result goes: to stdout, unless that has the items of an export.
func (r *run) report() io.Writer {
	if r.result.Command == "export" && r.flags.file == "-" {
		return r.stderr
	}
	return r.stdout
}

// say writes a line of the result for people. With -json, the result is written at the end.
func (r *run) say(format string, args ...any) {
	if r.flags.json {
		return
	}
	r.progress.write(r.report(), format, args...)
}

// differs notes that the exit status is 2.
func (r *run) differs() { r.result.Status = statusDiffers }
