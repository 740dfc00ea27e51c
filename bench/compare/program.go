package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/dynamapper/dynamapper/bench/internal/work"
)

// The measurements of whole programs with one Get.
const (
	coldStart  = "Cold-start"  // from the start of the process to its end, after the first response
	binarySize = "Binary-size" // in bytes
)

// startsInRound is the number of starts of each program in a round.
const startsInRound = 10

// builtProgram is a program that is ready to run.
type builtProgram struct {
	*figures
	path string
	env  []string
	want string
}

// measurePrograms builds the programs, and measures their size and their start.
func measurePrograms(ctx context.Context, rounds int) (result, kept, error) {
	r, size := result{Work: coldStart, Items: 1}, kept{Name: binarySize}
	folder, err := os.MkdirTemp("", "compare")
	if err != nil {
		return r, size, err
	}
	defer os.RemoveAll(folder)
	endpoint, printed, err := work.ServeItem()
	if err != nil {
		return r, size, err
	}
	r.Contenders = make([]figures, len(work.Programs()))
	built := make([]builtProgram, len(r.Contenders))
	for i, p := range work.Programs() {
		r.Contenders[i].Name = p.Name
		built[i] = builtProgram{&r.Contenders[i], filepath.Join(folder, filepath.Base(p.Package)),
			environment(endpoint), printed}
		bytes, err := build(ctx, p.Package, built[i].path)
		if err != nil {
			return r, size, err
		}
		size.Keepers = append(size.Keepers, keeper{p.Name, bytes})
	}
	for round := range rounds {
		for i := range built {
			if err := built[(i+round)%len(built)].runRound(ctx); err != nil {
				return r, size, err
			}
		}
	}
	return r, size, nil
}

// build builds a package of this module, and returns the size of the binary.
func build(ctx context.Context, name, path string) (float64, error) {
	out, err := exec.CommandContext(ctx, "go", "build", "-o", path, name).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("go build %s, which must run in this module: %w\n%s", name, err, out)
	}
	file, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return float64(file.Size()), nil
}

// environment returns the environment of the programs, without the user's own configuration.
func environment(endpoint string) []string {
	var env []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") {
			env = append(env, variable)
		}
	}
	return append(env, "AWS_ENDPOINT_URL_DYNAMODB="+endpoint, "AWS_REGION=eu-west-1",
		"AWS_ACCESS_KEY_ID=bench", "AWS_SECRET_ACCESS_KEY=bench", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull)
}

// runRound starts the program several times. Its CPU time is that of its process.
func (b builtProgram) runRound(ctx context.Context) error {
	var used, elapsed time.Duration
	for range startsInRound {
		command := exec.CommandContext(ctx, b.path)
		command.Env = b.env
		start := time.Now()
		out, err := command.CombinedOutput()
		elapsed += time.Since(start)
		if err != nil || string(out) != b.want {
			return fmt.Errorf("%s: printed %q, not %q (%v)", b.Name, out, b.want, err)
		}
		used += command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	}
	b.CPU = append(b.CPU, float64(used)/startsInRound)
	b.Wall = append(b.Wall, float64(elapsed)/startsInRound)
	return nil
}
