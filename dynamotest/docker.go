package dynamotest

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

const (
	dockerImage = "amazon/dynamodb-local:" + engineVersion
	// dockerWithin is how long the daemon may take to answer.
	dockerWithin = 20 * time.Second
)

// startDocker starts DynamoDB Local in a container, with a Docker daemon.
func startDocker(ctx context.Context) (*engine, error) {
	docker, err := findDocker(ctx)
	if err != nil {
		return nil, err
	}
	if err := ensureImage(ctx, docker); err != nil {
		return nil, err
	}
	return startEngine(ctx, func(port int) (*child, error) {
		cmd := exec.Command(docker, dockerArgs(port)...)
		leash, err := newStdinLeash(cmd)
		if err != nil {
			return nil, err
		}
		return startChild("docker run "+dockerImage, cmd, leash, nil)
	})
}

// dockerArgs are the arguments that run the image. The container, not only Docker's client, ends with this process: its
// standard input ends then, which its supervising shell waits for.
func dockerArgs(port int) []string {
	return []string{
		"run", "--rm", "--interactive",
		"--publish", fmt.Sprintf("127.0.0.1:%d:8000", port),
		"--entrypoint", "sh",
		dockerImage,
		"-c", supervisor, "dynamotest",
		"java", "-jar", "DynamoDBLocal.jar", "-inMemory", "-disableTelemetry", "-port", "8000",
	}
}

// findDocker is the path of Docker's client, if there is a daemon for it.
func findDocker(ctx context.Context) (string, error) {
	docker, err := exec.LookPath("docker")
	if err != nil {
		return "", errors.New("docker is not on the PATH; install Docker")
	}
	ctx, cancel := context.WithTimeout(ctx, dockerWithin)
	defer cancel()
	output, err := exec.CommandContext(ctx, docker, "version", "--format", "{{.Server.Version}}").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("the Docker daemon does not answer; start it (%w%s)", err, printed(strings.TrimSpace(string(output))))
	}
	return docker, nil
}

// ensureImage brings the image where it is not there yet.
func ensureImage(ctx context.Context, docker string) error {
	if exec.CommandContext(ctx, docker, "image", "inspect", dockerImage).Run() == nil {
		return nil
	}
	say("bringing DynamoDB Local %s, the engine that runs here, with docker pull %s: this once", engineVersion, dockerImage)
	output, err := exec.CommandContext(ctx, docker, "pull", dockerImage).CombinedOutput()
	if err != nil {
		return fmt.Errorf("docker pull %s failed (%w)%s", dockerImage, err, printed(strings.TrimSpace(string(output))))
	}
	return nil
}
