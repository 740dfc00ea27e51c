//go:build unix

package dynamotest

import "os/exec"

// superviseWithShell has cmd run under the supervising shell.
func superviseWithShell(cmd *exec.Cmd) {
	args := append([]string{"sh", "-c", supervisor, "dynamotest", cmd.Path}, cmd.Args[1:]...)
	cmd.Path, cmd.Args = "/bin/sh", args
}
