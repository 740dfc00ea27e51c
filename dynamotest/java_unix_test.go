//go:build unix

package dynamotest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// fakeJava puts a java that says it is of a version into a folder.
func fakeJava(t *testing.T, folder, version string) string {
	t.Helper()
	return script(t, folder, "java", `echo 'openjdk version "`+version+`"' >&2`)
}

func TestFindJava(t *testing.T) {
	path := withoutEngines(t)
	_, err := findJava(t.Context())
	require.EqualError(t, err, "java is not on the PATH; install Java 17 or newer")

	old := fakeJava(t, path, "1.8.0_292")
	_, err = findJava(t.Context())
	require.EqualError(t, err, old+" is version 1.8.0_292; install Java 17 or newer")

	home := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(home, "bin"), 0o755))
	t.Setenv("JAVA_HOME", home)
	_, err = findJava(t.Context())
	require.ErrorContains(t, err, "no such file or directory")
	require.ErrorContains(t, err, "; "+old+" is version 1.8.0_292; install Java 17 or newer")

	inHome := fakeJava(t, filepath.Join(home, "bin"), "21-ea")
	found, err := findJava(t.Context())
	require.NoError(t, err)
	require.Equal(t, inHome, found)

	fakeJava(t, filepath.Join(home, "bin"), "11.0.2")
	fakeJava(t, path, "17")
	found, err = findJava(t.Context())
	require.NoError(t, err)
	require.Equal(t, old, found, "a JAVA_HOME that is too old does not hide a newer one on the PATH")
}

func TestFindJavaThatDoesNotRun(t *testing.T) {
	path := withoutEngines(t)
	java := script(t, path, "java", "echo no Java runtime is present; exit 1")
	_, err := findJava(t.Context())
	require.EqualError(t, err, java+" -version failed: exit status 1, having printed last:\nno Java runtime is present; install Java 17 or newer")
}
