package stage

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// Flags are the flags of a program: integers with bounds.
type Flags struct {
	set   *flag.FlagSet
	usage strings.Builder
	ints  []boundedInt
}

type boundedInt struct {
	name      string
	value     *int
	low, high int
}

func newFlags(program string) *Flags {
	f := &Flags{set: flag.NewFlagSet(program, flag.ContinueOnError)}
	f.set.SetOutput(io.Discard) // Run reports an error, once
	return f
}

// Int adds a flag. It appends the bounds to usage.
func (f *Flags) Int(value *int, name, usage string, standard, low, high int) {
	f.set.IntVar(value, name, standard, fmt.Sprintf("%s, %d to %d", usage, low, high))
	fmt.Fprintf(&f.usage, " [-%s n]", name)
	f.ints = append(f.ints, boundedInt{name, value, low, high})
}

// parse parses the arguments. For -help it prints the usage and returns flag.ErrHelp.
func (f *Flags) parse(args []string, stdout io.Writer) error {
	err := f.set.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(stdout, "Usage: %s%s\n", f.set.Name(), f.usage.String())
		f.set.SetOutput(stdout)
		f.set.PrintDefaults()
		return err
	case err != nil:
		return fmt.Errorf("%w; see -help", err)
	case f.set.NArg() > 0:
		return fmt.Errorf("there is no argument %q; see -help", f.set.Arg(0))
	}
	for _, i := range f.ints {
		if *i.value < i.low || *i.value > i.high {
			return fmt.Errorf("-%s is %d; give %d to %d", i.name, *i.value, i.low, i.high)
		}
	}
	return nil
}
