//go:build unix

package dynamotest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/require"
)

func TestDockerArgs(t *testing.T) {
	require.Equal(t, []string{
		"run", "--rm", "--interactive", "--publish", "127.0.0.1:4321:8000", "--entrypoint", "sh",
		"amazon/dynamodb-local:2.6.1",
		"-c", supervisor, "dynamotest",
		"java", "-jar", "DynamoDBLocal.jar", "-inMemory", "-disableTelemetry", "-port", "8000",
	}, dockerArgs(4321))
}

func TestDockerWithoutADaemon(t *testing.T) {
	path := withoutEngines(t)
	script(t, path, "docker", `echo Cannot connect to the Docker daemon. >&2; exit 1`)
	_, err := Start(t.Context())
	require.EqualError(t, err, `dynamotest: no DynamoDB engine; one of these is needed:
- AWS_ENDPOINT_URL_DYNAMODB: not set; set it to the endpoint of an engine that runs, such as http://localhost:8000
- Java and Maven: java is not on the PATH; install Java 17 or newer
- Docker: the Docker daemon does not answer; start it (exit status 1, having printed last:
    Cannot connect to the Docker daemon.)`)
}

func TestDockerWithoutTheImage(t *testing.T) {
	path := withoutEngines(t)
	script(t, path, "docker", `case "$1" in version) echo 28;; *) echo "$1" no network; exit 1;; esac`)
	_, err := startDocker(t.Context())
	require.EqualError(t, err, "docker pull amazon/dynamodb-local:2.6.1 failed (exit status 1), having printed last:\npull no network")
}

// The container is played by a shell that runs what it is given, but for the engine's own place.
func TestDocker(t *testing.T) {
	Run(t) // so that the engine is in the cache
	java, err := findJava(t.Context())
	require.NoError(t, err)
	jars, err := ensureJars(t.Context())
	require.NoError(t, err)
	folder := t.TempDir()
	calls := filepath.Join(folder, "calls")
	script(t, folder, "docker", `
		echo "$1" "$2" >> `+calls+`
		test "$1" = run || exit 0
		port=${5#127.0.0.1:}
		port=${port%:8000}
		exec sh -c "${10}" dynamotest `+java+" "+shellArgs(javaArgs(jars, 0))+`"$port"`)
	usual := os.Getenv("PATH")
	withoutEngines(t)
	t.Setenv("PATH", folder+string(filepath.ListSeparator)+usual)

	engine, err := startDocker(t.Context())
	require.NoError(t, err)
	_, err = dynamodb.NewFromConfig(engine.config).ListTables(t.Context(), nil)
	require.NoError(t, err)
	require.NoError(t, engine.close())

	made, err := os.ReadFile(calls)
	require.NoError(t, err)
	require.Equal(t, "version --format\nimage inspect\nrun --rm\n", string(made))
}

// shellArgs quotes arguments, all but the last.
func shellArgs(args []string) string {
	var text strings.Builder
	for _, arg := range args[:len(args)-1] {
		text.WriteString("'" + arg + "' ")
	}
	return text.String()
}
