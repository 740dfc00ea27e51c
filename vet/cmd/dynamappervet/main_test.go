package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The command reports the same alone and as a tool of go vet, in a module other than its own.
func TestTheCommandAndGoVet(t *testing.T) {
	t.Parallel()
	module := makeModule(t)
	vet := filepath.Join(t.TempDir(), "dynamappervet")
	output, err := run(".", "go", "build", "-o", vet, ".")
	require.NoError(t, err, "%s", output)

	for way, command := range map[string][]string{
		"go vet": {"go", "vet", "-vettool=" + vet},
		"alone":  {vet},
	} {
		output, err := run(module, append(command, "./...")...)
		require.Error(t, err, "%s: %s", way, output)
		wrong := filepath.Join("wrong", "wrong.go")
		require.Contains(t, output, wrong+":13:15: Login: option \"hsh\" is not known", way)
		require.Contains(t, output, wrong+":17:2: the error of Table.Save is dropped", way)
		require.NotContains(t, output, "right.go", way)

		output, err = run(module, append(command, "./right")...)
		require.NoError(t, err, "%s: %s", way, output)
		output, err = run(module, append(command, "-dynamotag", "./...")...)
		require.Error(t, err, "%s: %s", way, output)
		require.NotContains(t, output, "dropped", way)
	}
}

// makeModule copies the program of the test data, and requires what the module of vet does, so that
// nothing is downloaded.
func makeModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "program"))))
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	require.NoError(t, err)
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		require.NoError(t, err)
		changed := strings.NewReplacer("module github.com/dynamapper/dynamapper/vet\n",
			"module example.com/program\n", "=> ../\n", "=> "+root+"\n").Replace(string(text))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(changed), 0o600))
	}
	return dir
}

func run(dir string, command ...string) (output string, err error) {
	c := exec.Command(command[0], command[1:]...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off")
	both, err := c.CombinedOutput()
	return string(both), err
}
