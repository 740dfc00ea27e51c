//go:build unix

package dynamotest

import (
	"archive/zip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// script puts a shell script of this name into a folder, such as one on the PATH.
func script(t *testing.T, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755))
	return path
}

// fakeMaven is a mvn on an otherwise usual PATH that brings a jar of nothing but a small library, and counts its runs.
type fakeMaven struct {
	cache string // the folder of the cache, which is empty
	runs  string // a file with a line a run
	gate  string // a run waits until this pipe is written to, once it exists
}

func newFakeMaven(t *testing.T) *fakeMaven {
	t.Helper()
	folder, home := t.TempDir(), t.TempDir()
	f := &fakeMaven{
		cache: filepath.Join(home, "dynamapper"),
		runs:  filepath.Join(folder, "runs"),
		gate:  filepath.Join(folder, "gate"),
	}
	jar := filepath.Join(folder, engineJar)
	writeJar(t, jar)
	f.install(t, `echo "$@" >> `+f.runs+`
		if [ -p `+f.gate+` ]; then read -r _ < `+f.gate+`; fi
		cp `+jar+` . && echo more > more.jar`)
	t.Setenv("XDG_CACHE_HOME", home)
	t.Setenv("HOME", home) // the cache is below it on some systems
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	f.cache = filepath.Join(cache, "dynamapper")
	return f
}

// install puts a script before all other programs named mvn.
func (f *fakeMaven) install(t *testing.T, text string) {
	t.Helper()
	folder := t.TempDir()
	script(t, folder, "mvn", text)
	t.Setenv("PATH", folder+string(filepath.ListSeparator)+os.Getenv("PATH"))
}

// close lets runs wait, open lets one go on.
func (f *fakeMaven) close(t *testing.T) {
	t.Helper()
	require.NoError(t, syscall.Mkfifo(f.gate, 0o600))
}

func (f *fakeMaven) open(t *testing.T) {
	t.Helper()
	require.NoError(t, os.WriteFile(f.gate, []byte("\n"), 0))
}

// count is how many runs there were.
func (f *fakeMaven) count(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(f.runs)
	if os.IsNotExist(err) {
		return 0
	}
	require.NoError(t, err)
	return strings.Count(string(text), "\n")
}

// jars is the folder that is to be filled.
func (f *fakeMaven) jars() string {
	return filepath.Join(f.cache, jarsFolder)
}

func writeJar(t *testing.T, name string) {
	t.Helper()
	file, err := os.Create(name)
	require.NoError(t, err)
	defer file.Close()
	archive := zip.NewWriter(file)
	library, err := archive.Create(nativeLibrary(runtime.GOOS, runtime.GOARCH))
	require.NoError(t, err)
	_, err = library.Write([]byte("library"))
	require.NoError(t, err)
	require.NoError(t, archive.Close())
}
