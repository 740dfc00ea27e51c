package dynamotest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMavenProgress(t *testing.T) {
	var progress mavenProgress
	for _, text := range []string{
		"[INFO] Scanning for projects...\n",
		"Downloading from central: https://repository.test/a/a-1.jar\n",
		"Downloaded from central: https://repository.test/a/a-1.pom (2.0 kB at 1 kB/s)\n",
		"Downloaded from central: https://repository.test/a/a-1.jar (500 kB at 1.2 MB/s)\nDownloaded from cen",
		"tral: https://repository.test/b/b-1.jar (1.5 MB at 1.2 MB/s)\r\n",
		"Downloaded from mirror: https://repository.test/c/c-1.so (250 B at 10 kB/s)\n",
		"Downloaded from mirror: https://repository.test/d/d-1.jar (1.5 MB",
	} {
		fmt.Fprint(&progress, text)
	}
	files, megabytes := progress.sum()
	require.Equal(t, 3, files)
	require.InDelta(t, 2.00025, megabytes, 1e-9)
}

func TestMavenProblem(t *testing.T) {
	var (
		progress mavenProgress
		output   tail
	)
	fmt.Fprintln(&output, "mvn: JAVA_HOME is not set")
	require.Equal(t, "mvn: JAVA_HOME is not set", progress.problem(&output))

	fmt.Fprint(&progress, "[INFO] x\n[ERROR] no such host\n[ERROR] \n[ERROR] for more, use -e\n[ERROR] [Help 1]\n[ERROR] [Help 2]\n")
	require.Equal(t, "no such host\nfor more, use -e\n[Help 1]", progress.problem(&output))
}
