package tool

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/dynamapper/dynamapper"
)

// command is one of the commands.
type command struct {
	name      string
	summary   string
	details   string
	takesFile bool
	flags     []string // besides -json and -table
	run       func(context.Context, *run) error
}

// commands returns all commands in the order of the help.
func commands() []*command {
	return []*command{
		{name: "verify", run: runVerify,
			summary: "compare the tables with the models",
			details: "The exit status is 2 if a table differs from its models, or is missing."},
		{name: "plan", run: runPlan,
			summary: "say what apply would change",
			details: "The exit status is 2 if something has to change."},
		{name: "apply", run: runApply, flags: []string{"allow-destroy", "dry-run"},
			summary: "change the tables to be as the models say",
			details: "The exit status is 2 if changes were left out: those that destroy something, " +
				"without\n-allow-destroy, and those that DynamoDB cannot make."},
		{name: "migrate", run: runMigrate,
			flags: []string{"segments", "read-units", "write-units", "checkpoint", "restart",
				"skip-invalid", "dry-run"},
			summary: "bring the stored items into the form of the models",
			details: "After an interrupt, the same command with the same -checkpoint, and without " +
				"-restart,\ncontinues. The exit status is 2 if items were skipped and, with -dry-run, " +
				"if items would\nchange."},
		{name: "export", run: runExport, takesFile: true,
			flags:   []string{"segments", "read-units"},
			summary: "write the items of a table to FILE, as JSON lines",
			details: `FILE must not exist; "-" is the standard output. If its name ends in .gz, it ` +
				"is compressed."},
		{name: "import", run: runImport, takesFile: true,
			flags:   []string{"writers", "write-units", "skip-invalid", "replace", "dry-run"},
			summary: "put the items of FILE into a table",
			details: `FILE is what export wrote, "-" for the standard input, or the folder of a full ` +
				"export\nto S3, the one with manifest-files.json. The exit status is 2 if lines were " +
				"skipped."},
		{name: "describe", run: runDescribe,
			summary: "print what the service says about the tables"},
	}
}

func commandNamed(name string) (*command, error) {
	all := commands()
	names := make([]string, len(all))
	for i, c := range all {
		if c.name == name {
			return c, nil
		}
		names[i] = c.name
	}
	return nil, fmt.Errorf("there is no command %q; the commands are %s", name,
		strings.Join(names, ", "))
}

func isHelp(arg string) bool {
	return slices.Contains([]string{"help", "-h", "-help", "--help"}, arg)
}

// writeUsage lists the commands.
func writeUsage(w io.Writer) {
	fmt.Fprint(w, "usage: COMMAND [flags] [FILE]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-9s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\nCOMMAND -h lists the flags of a command. The exit status is 0 if nothing is "+
		"left to do,\n1 after an error, and 2 if something differs, was left out or was skipped.\n")
}

var errHelp = flag.ErrHelp

// flags has the values of the flags.
type flags struct {
	json         bool
	tables       []string
	allowDestroy bool
	dryRun       bool
	segments     int // 0: not given
	writers      int
	readUnits    float64 // a second; 0: no limit
	writeUnits   float64
	checkpoint   string
	restart      bool
	skipInvalid  bool
	replace      bool
	file         string
}

// define defines the flags that the command takes.
func (c *command) define(f *flags) *flag.FlagSet {
	set := flag.NewFlagSet(c.name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.BoolVar(&f.json, "json", false, "write the result as one JSON object")
	set.Func("table", "work on the table `NAME`, with its prefix; may be given several times",
		func(name string) error { f.tables = append(f.tables, name); return nil })
	for _, name := range c.flags {
		c.defineFlag(set, f, name)
	}
	return set
}

func (c *command) defineFlag(set *flag.FlagSet, f *flags, name string) {
	switch name {
	case "allow-destroy":
		set.BoolVar(&f.allowDestroy, name, false, "also make the changes that destroy something")
	case "dry-run":
		set.BoolVar(&f.dryRun, name, false, "write nothing, and report what would be done")
	case "segments":
		set.IntVar(&f.segments, name, 0, "read `N` segments of the table at once (default 1)")
	case "writers":
		set.IntVar(&f.writers, name, 4, "send up to `N` requests at once")
	case "read-units":
		set.Float64Var(&f.readUnits, name, 0, "use at most `N` read units a second; 0: no limit")
	case "write-units":
		set.Float64Var(&f.writeUnits, name, 0, "use at most `N` write units a second; 0: no limit")
	case "checkpoint":
		set.StringVar(&f.checkpoint, name, "", "keep in `FILE` where the migration is")
	case "restart":
		set.BoolVar(&f.restart, name, false,
			"begin at the start of the table, whatever the checkpoint says")
	case "skip-invalid":
		set.BoolVar(&f.skipInvalid, name, false, "report invalid items and go on")
	case "replace":
		set.BoolVar(&f.replace, name, false,
			"write to a table that has items, and replace those with the same keys")
	}
}

// writeHelp lists the flags of the command.
func (c *command) writeHelp(w io.Writer) {
	file := ""
	if c.takesFile {
		file = " FILE"
	}
	fmt.Fprintf(w, "usage: %s [flags]%s\n\n%s.\n", c.name, file,
		strings.ToUpper(c.summary[:1])+c.summary[1:])
	if c.details != "" {
		fmt.Fprintln(w, c.details)
	}
	fmt.Fprintln(w)
	set := c.define(&flags{})
	set.SetOutput(w)
	set.PrintDefaults()
}

// parse reads the flags and the file.
func (c *command) parse(args []string) (*flags, error) {
	f := &flags{}
	set := c.define(f)
	if err := set.Parse(args); errors.Is(err, errHelp) {
		return nil, errHelp
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w; %s -h lists the flags", c.name, err, c.name)
	}
	rest := set.Args()
	if c.takesFile && len(rest) > 0 {
		f.file, rest = rest[0], rest[1:]
	}
	switch {
	case c.takesFile && f.file == "":
		return nil, fmt.Errorf("%s: no file is given; name it after the flags", c.name)
	case len(rest) > 0:
		return nil, fmt.Errorf("%s: %q is one argument too many; flags come before FILE", c.name,
			rest[0])
	}
	if err := f.check(set); err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
	}
	return f, nil
}

// maxAtOnce is the bound that Migrate has for its segments.
const maxAtOnce = 1000

// check refuses values that no command can use.
func (f *flags) check(set *flag.FlagSet) (err error) {
	set.Visit(func(given *flag.Flag) {
		switch {
		case err != nil:
		case given.Name == "segments" && (f.segments < 1 || f.segments > maxAtOnce),
			given.Name == "writers" && (f.writers < 1 || f.writers > maxAtOnce):
			err = fmt.Errorf("-%s is %v; give 1 to %d", given.Name, given.Value, maxAtOnce)
		}
	})
	switch {
	case err != nil:
		return err
	case !(f.readUnits >= 0) || !(f.writeUnits >= 0):
		return errors.New("-read-units and -write-units are units a second; give 0 or more")
	case f.restart && f.checkpoint == "":
		return errors.New("-restart is without -checkpoint; leave it out")
	case f.dryRun && f.checkpoint != "":
		return errors.New("-dry-run writes no checkpoint; leave -checkpoint out")
	}
	return nil
}

// rateLimit returns the option of Migrate.
func (f *flags) rateLimit() dynamapper.MigrateOption {
	limit := func(units float64) float64 {
		if units == 0 {
			return math.Inf(1)
		}
		return units
	}
	return dynamapper.RateLimit(limit(f.readUnits), limit(f.writeUnits))
}
