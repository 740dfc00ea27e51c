package dynamotest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// oldestJava is the oldest major version that runs DynamoDB Local 2.6.
const oldestJava = 17

// startJava starts DynamoDB Local under Java, bringing it into the cache first where it is not there yet.
func startJava(ctx context.Context) (*engine, error) {
	java, err := findJava(ctx)
	if err != nil {
		return nil, err
	}
	jars, err := ensureJars(ctx)
	if err != nil {
		return nil, err
	}
	return startEngine(ctx, func(port int) (*child, error) {
		cmd := exec.Command(java, javaArgs(jars, port)...)
		leash, err := newLeash(cmd)
		if err != nil {
			return nil, err
		}
		return startChild("DynamoDB Local", cmd, leash, nil)
	})
}

// javaArgs are the arguments that run the engine from a folder of jars.
func javaArgs(jars string, port int) []string {
	return []string{
		// No file in the system's temporary folder outlives a killed engine: neither the JVM's statistics nor, with its
		// path given, a copy of the database library.
		"-XX:-UsePerfData",
		"-Dorg.sqlite.lib.path=" + jars,
		"-Djava.library.path=" + jars,
		"-cp", filepath.Join(jars, "*"),
		"com.amazonaws.services.dynamodbv2.local.main.ServerRunner",
		"-inMemory",
		"-disableTelemetry",
		"-port", strconv.Itoa(port),
	}
}

// findJava is the path of the first Java that is new enough: that of JAVA_HOME, then that of PATH.
func findJava(ctx context.Context) (string, error) {
	var problems []string
	for _, candidate := range javaCandidates() {
		err := checkJava(ctx, candidate)
		if err == nil {
			return candidate, nil
		}
		problems = append(problems, err.Error())
	}
	if len(problems) == 0 {
		problems = []string{"java is not on the PATH"}
	}
	return "", fmt.Errorf("%s; install Java %d or newer", strings.Join(problems, "; "), oldestJava)
}

func javaCandidates() []string {
	var candidates []string
	if home := os.Getenv("JAVA_HOME"); home != "" {
		candidates = append(candidates, filepath.Join(home, "bin", "java"))
	}
	if path, err := exec.LookPath("java"); err == nil {
		candidates = append(candidates, path)
	}
	return candidates
}

// checkJava runs a Java to see its version.
func checkJava(ctx context.Context, path string) error {
	output, err := exec.CommandContext(ctx, path, "-version").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s -version failed: %w%s", path, err, printed(strings.TrimSpace(string(output))))
	}
	version, major, err := parseJavaVersion(string(output))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if major < oldestJava {
		return fmt.Errorf("%s is version %s", path, version)
	}
	return nil
}

var javaVersionPattern = regexp.MustCompile(`\bversion "((?:1\.)?(\d+)[^"]*)"`)

// parseJavaVersion reads what java -version prints: version "17.0.15", "21", "22-ea", and "1.8.0_292" for 8. Other lines
// may come first.
func parseJavaVersion(output string) (version string, major int, err error) {
	found := javaVersionPattern.FindStringSubmatch(output)
	if found == nil {
		return "", 0, errors.New("it does not tell its version" + printed(strings.TrimSpace(output)))
	}
	major, err = strconv.Atoi(found[2])
	return found[1], major, err
}
