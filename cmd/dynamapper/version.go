package main

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
)

// version prints the version of the module from which the program was built.
func version(_ context.Context, args []string, stdout, _ io.Writer) error {
	if len(args) > 0 {
		return &misuseError{fmt.Sprintf("version: %q is not a flag; the command has none", args[0])}
	}
	text := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		text = info.Main.Version
	}
	fmt.Fprintln(stdout, "dynamapper", text)
	return nil
}
