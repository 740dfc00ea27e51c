package dynamotest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"time"
)

const (
	// outputDelay is how long the output of an ended process is read on, should a process of its own hold it open.
	outputDelay = 3 * time.Second
	// stopWithin is how long a process may take to end when its leash is released, before it is killed.
	stopWithin = 10 * time.Second
)

// child is a process that does not outlive this one.
type child struct {
	name   string
	cmd    *exec.Cmd
	leash  leash
	output *tail
	done   chan struct{} // closed when the process is gone
	err    error         // of the process; read after done
}

// leash is what ends a child together with this process.
type leash interface {
	// hold is called once the child runs.
	hold(*exec.Cmd)
	// release ends the child. It may be called more than once.
	release()
}

// startChild starts cmd, which goes by name in errors. Its output is kept for errors, and given to observer, if any.
// The leash must have been put on cmd before.
func startChild(name string, cmd *exec.Cmd, leash leash, observer io.Writer) (*child, error) {
	c := &child{name: name, cmd: cmd, leash: leash, output: &tail{}, done: make(chan struct{})}
	var output io.Writer = c.output
	if observer != nil {
		output = io.MultiWriter(c.output, observer)
	}
	cmd.Stdout, cmd.Stderr = output, output
	cmd.WaitDelay = outputDelay

	started := make(chan error)
	go c.live(started)
	if err := <-started; err != nil {
		leash.release()
		return nil, fmt.Errorf("%s could not be started: %w", name, err)
	}
	return c, nil
}

// live starts the process and waits for its end, all on one thread that does nothing else: on Linux the kernel ends the
// child with the thread that started it, and Go ends threads as it sees fit.
func (c *child) live(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := c.cmd.Start()
	if err == nil {
		c.leash.hold(c.cmd)
	}
	started <- err
	if err != nil {
		return
	}
	c.err = c.cmd.Wait()
	close(c.done)
}

// context is a context that ends with the process, too. A request may hang when a process that ends leaves its port to
// others.
func (c *child) context(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		defer cancel()
		select {
		case <-c.done:
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// stop ends the process and returns when it is gone.
func (c *child) stop() {
	select {
	case <-c.done: // its number may be another process's by now
		return
	default:
		c.leash.release()
	}
	timer := time.NewTimer(stopWithin)
	defer timer.Stop()
	select {
	case <-c.done:
	case <-timer.C:
		_ = c.cmd.Process.Kill() // it can only be gone already
		<-c.done
	}
}

// exitError is the end of the process, of which done has told, as an error.
func (c *child) exitError() error {
	err := c.err
	if err == nil {
		err = errors.New("exit status 0")
	}
	return &exitError{name: c.name, err: err, output: c.output.String()}
}

// printed is what the process printed last, to be put behind an error.
func (c *child) printed() string {
	return printed(c.output.String())
}

// exitError is the end of a process that should have gone on.
type exitError struct {
	name   string
	err    error
	output string
}

func (e *exitError) Error() string {
	return fmt.Sprintf("%s ended (%v)%s", e.name, e.err, printed(e.output))
}

func (e *exitError) Unwrap() error { return e.err }

func printed(output string) string {
	if output == "" {
		return " and printed nothing"
	}
	return ", having printed last:\n" + output
}
