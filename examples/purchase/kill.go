package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// killedBuyers kills buyers in the middle of a purchase, and lets others send the same purchase
// again.
func (s *story) killedBuyers(ctx context.Context) error {
	s.Heading("5. The process is killed")
	s.Say("A separate process makes each purchase, and is killed with SIGKILL or its equivalent "+
		"on this system. Then the players,\n"+
		"the stock and the journal are read at one moment and compared, and another process "+
		"sends the same\n"+
		"purchase again. Processes killed: %d.", s.settings.kills)
	s.line.Clear()
	rows := [][]any{append([]any{"killed when", "it left"},
		append([]any{"sent again:"}, stateHead[1:]...)...)}
	killed, err := s.killAll(ctx)
	if err != nil {
		return err
	}
	s.Table(append(rows, killed...)...)
	s.Say("No purchase was ever half done, and each was applied once.")
	return nil
}

// killAll kills buyers at one moment after the other, round by round.
func (s *story) killAll(ctx context.Context) (rows [][]any, err error) {
	var done atomic.Int64
	defer s.Watch(func() string {
		return fmt.Sprintf("killed: %d of %d", done.Load(), s.settings.kills)
	})()
	for i := range s.settings.kills {
		row, err := s.killOne(ctx, i%len(moments), pauseOf(i/len(moments)))
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
		done.Add(1)
	}
	return rows, nil
}

// pauseOf returns the time between a moment and the kill in a round, so that the kills hit a commit
// in progress at different points.
func pauseOf(round int) time.Duration { return time.Duration(round%5) * time.Millisecond }

// killOne kills a buyer, audits, sends the purchase again, and audits again.
func (s *story) killOne(ctx context.Context, at int, pause time.Duration) ([]any, error) {
	e := errand{Prefix: s.prefix(), ID: s.newID(), Login: "waldo", SKU: "sword", Halt: at}
	if err := s.startAndKill(ctx, e, pause); err != nil {
		return nil, err
	}
	found, err := s.shop.audit(ctx, s.sent)
	if err != nil {
		return nil, err
	}
	left := nothing
	if found.purchases[e.ID] != nil {
		left = everything
	}
	if !slices.Contains(moments[at].leaves, left) {
		return nil, fmt.Errorf("the buyer was killed at the moment \"%s\", and left %s of the "+
			"purchase", moments[at].name, left)
	}
	e.Halt = noHalt
	response, err := s.send(ctx, e)
	if err != nil {
		return nil, err
	}
	after, err := s.shop.audit(ctx, s.sent)
	if err != nil {
		return nil, err
	}
	if record := after.purchases[e.ID]; record == nil ||
		response != record.At.Format(time.RFC3339Nano) {
		return nil, errors.New("the purchase was sent again, but its response is not in the " +
			"journal")
	}
	return append([]any{moments[at].name, left}, after.state("applied once")...), nil
}

// prefix returns the prefix of the tables' names.
func (s *story) prefix() string { return strings.TrimSuffix(s.shop.players.Name(), "players") }

// startAndKill starts a buyer, and kills it when its moment has come.
func (s *story) startAndKill(ctx context.Context, e errand, pause time.Duration) error {
	b, err := s.startBuyer(ctx, e)
	if err != nil {
		return err
	}
	said, reading := bufio.NewReader(b.stdout).ReadString('\n')
	if reading == nil {
		wait(ctx, pause)
	}
	killing := b.command.Process.Kill()
	ended := b.command.Wait()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case reading != nil || strings.TrimSpace(said) != here:
		return fmt.Errorf("the buyer did not reach the moment of its kill: %w: %s",
			errors.Join(reading, ended), b.stderr)
	case b.stderr.Len() > 0:
		return fmt.Errorf("the buyer ended before it was killed: %s", b.stderr)
	case killing != nil:
		return fmt.Errorf("the buyer cannot be killed: %w", killing)
	}
	return nil
}

// send runs a buyer that makes a purchase, and returns the response that it got.
func (s *story) send(ctx context.Context, e errand) (string, error) {
	b, err := s.startBuyer(ctx, e)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(b.stdout)
	err = errors.Join(err, b.command.Wait())
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err != nil:
		return "", fmt.Errorf("the buyer failed: %w: %s", err, b.stderr)
	}
	return strings.TrimSpace(string(text)), nil
}

// buyer is a process that makes a purchase.
type buyer struct {
	command *exec.Cmd
	stdin   io.Closer // the buyer ends when it is closed
	stdout  io.Reader
	stderr  *bytes.Buffer
}

// startBuyer starts this program as a buyer.
func (s *story) startBuyer(ctx context.Context, e errand) (*buyer, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	engine, err := s.Environment(ctx)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	b := &buyer{command: exec.CommandContext(ctx, program), stderr: &bytes.Buffer{}}
	b.command.Env = append(append(os.Environ(), engine...), buyerVariable+"="+string(text))
	b.command.Stderr = b.stderr
	if b.stdin, err = b.command.StdinPipe(); err != nil {
		return nil, err
	}
	if b.stdout, err = b.command.StdoutPipe(); err != nil {
		return nil, err
	}
	return b, b.command.Start()
}

// wait waits for a duration, or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
