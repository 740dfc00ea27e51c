//go:build unix

package dynamotest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// entries is what a folder holds.
func entries(t *testing.T, folder string) []string {
	t.Helper()
	list, err := os.ReadDir(folder)
	require.NoError(t, err)
	names := make([]string, len(list))
	for i, entry := range list {
		names[i] = entry.Name()
	}
	return names
}

func TestJarsAreBroughtOnce(t *testing.T) {
	maven := newFakeMaven(t)
	for range 2 {
		jars, err := ensureJars(t.Context())
		require.NoError(t, err)
		require.Equal(t, maven.jars(), jars)
	}
	require.Equal(t, 1, maven.count(t))
	require.Equal(t, []string{jarsFolder, jarsFolder + ".lock"}, entries(t, maven.cache))
	require.Subset(t, entries(t, maven.jars()), []string{engineJar, "more.jar", "pom.xml", "manifest.json"})
}

func TestJarsInTheCacheNeedNoMaven(t *testing.T) {
	maven := newFakeMaven(t)
	_, err := ensureJars(t.Context())
	require.NoError(t, err)

	t.Setenv("PATH", t.TempDir())
	jars, err := ensureJars(t.Context())
	require.NoError(t, err)
	require.Equal(t, maven.jars(), jars)

	require.NoError(t, os.RemoveAll(jars))
	_, err = ensureJars(t.Context())
	require.EqualError(t, err, "mvn is not on the PATH, and DynamoDB Local is not in "+jars+" yet; install Maven")
}

func TestJarsIncomplete(t *testing.T) {
	tests := map[string]func(t *testing.T, jars string){
		"a file is gone": func(t *testing.T, jars string) {
			require.NoError(t, os.Remove(filepath.Join(jars, "more.jar")))
		},
		"a file is cut": func(t *testing.T, jars string) {
			require.NoError(t, os.Truncate(filepath.Join(jars, engineJar), 1))
		},
		"no manifest": func(t *testing.T, jars string) {
			require.NoError(t, os.Remove(filepath.Join(jars, manifestFile)))
		},
		"a manifest cut": func(t *testing.T, jars string) {
			require.NoError(t, os.Truncate(filepath.Join(jars, manifestFile), 5))
		},
		"another pom.xml": func(t *testing.T, jars string) {
			require.NoError(t, os.WriteFile(filepath.Join(jars, pomFile), []byte("<project/>"), 0o644))
		},
	}
	for name, damage := range tests {
		t.Run(name, func(t *testing.T) {
			maven := newFakeMaven(t)
			jars, err := ensureJars(t.Context())
			require.NoError(t, err)
			damage(t, jars)
			require.False(t, isComplete(jars))

			_, err = ensureJars(t.Context())
			require.NoError(t, err)
			require.True(t, isComplete(jars))
			require.Equal(t, 2, maven.count(t))
		})
	}
}

func TestJarsByManyProcesses(t *testing.T) {
	maven := newFakeMaven(t)
	maven.close(t)
	processes := make([]*helper, 5)
	for i := range processes {
		processes[i] = startHelper(t, "jars")
	}
	eventually(t, func() bool {
		waiting := 0
		for _, process := range processes {
			if strings.Contains(process.stderr.String(), "another process is bringing DynamoDB Local") {
				waiting++
			}
		}
		return waiting == len(processes)-1 && maven.count(t) == 1
	}, "one process brings it, all others say that they wait")
	require.NoDirExists(t, maven.jars(), "it appears when it is complete, not before")

	maven.open(t)
	for _, process := range processes {
		require.Equal(t, maven.jars(), process.line(t))
		require.NoError(t, process.cmd.Wait())
	}
	require.Equal(t, 1, maven.count(t))
	require.True(t, isComplete(maven.jars()))
}

func TestJarsAfterAKilledProcess(t *testing.T) {
	maven := newFakeMaven(t)
	maven.close(t)
	killed := startHelper(t, "jars")
	eventually(t, func() bool { return maven.count(t) == 1 }, "mvn runs")
	require.NoError(t, killed.cmd.Process.Kill())
	require.Error(t, killed.cmd.Wait())
	require.Len(t, entries(t, maven.cache), 2, "the lock and a folder that is not complete")

	require.NoError(t, os.Remove(maven.gate))
	_, err := ensureJars(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{jarsFolder, jarsFolder + ".lock"}, entries(t, maven.cache))
	require.Equal(t, 2, maven.count(t))
}

func TestMavenFails(t *testing.T) {
	maven := newFakeMaven(t)
	maven.install(t, `echo "[INFO] resolving"; echo "[ERROR] Could not transfer artifact"; echo half > half.jar; exit 1`)
	_, err := ensureJars(t.Context())
	require.EqualError(t, err, "mvn could not bring DynamoDB Local (exit status 1), having printed last:\nCould not transfer artifact")
	require.Equal(t, []string{jarsFolder + ".lock"}, entries(t, maven.cache), "nothing half done stays")
}

func TestMavenBringsSomethingElse(t *testing.T) {
	maven := newFakeMaven(t)
	maven.install(t, `echo other > other.jar`)
	_, err := ensureJars(t.Context())
	require.EqualError(t, err, "mvn ended well, but brought no "+engineJar)
	require.NoDirExists(t, maven.jars())
}

func TestMavenIsEndedWithTheContext(t *testing.T) {
	maven := newFakeMaven(t)
	maven.close(t)
	errEnough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	failed := make(chan error)
	go func() {
		_, err := ensureJars(ctx)
		failed <- err
	}()
	eventually(t, func() bool { return maven.count(t) == 1 }, "mvn runs")
	cancel(errEnough)
	require.ErrorIs(t, <-failed, errEnough)
	require.Equal(t, []string{jarsFolder + ".lock"}, entries(t, maven.cache))
}

func TestLockIsWaitedForWithinTheContext(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(t.Context(), name, nil)
	require.NoError(t, err)

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err = lock(ctx, name, cancel) // given up as soon as it has to wait
	require.ErrorIs(t, err, context.Canceled)

	unlock()
	unlock, err = lock(t.Context(), name, func() { t.Error("nobody holds it") })
	require.NoError(t, err)
	unlock()
}

func TestCacheThatCannotBeUsed(t *testing.T) {
	maven := newFakeMaven(t)
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)

	for name, home := range map[string]string{"a file is in its place": file, "there is no home": ""} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("XDG_CACHE_HOME", home)
			t.Setenv("HOME", home)
			used, err := findCache()
			require.NoError(t, err)
			require.Equal(t, temporary, filepath.Dir(used.folder))
			require.Contains(t, used.note, "the user's cache folder cannot be used")
			require.Contains(t, used.note, used.folder)

			jars, err := ensureJars(t.Context())
			require.NoError(t, err)
			require.Equal(t, used.folder, filepath.Dir(jars))
		})
	}
	require.Equal(t, 1, maven.count(t))
}

func TestTemporaryCacheOfSomebodyElse(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	t.Setenv("TMPDIR", t.TempDir())
	used, err := findCache()
	require.NoError(t, err)
	require.NoError(t, os.Chmod(used.folder, 0o777))
	_, err = findCache()
	require.ErrorContains(t, err, used.folder+" is not a folder that only this user can write to")
}
