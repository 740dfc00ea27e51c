package dynamotest

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// progressEvery is how often it is said how far Maven is.
const progressEvery = 3 * time.Second

// runMaven has Maven copy what the pom.xml of a folder names, into that folder. Maven keeps its own settings, mirrors and
// repository.
func runMaven(ctx context.Context, mvn, folder string) error {
	cmd := exec.Command(mvn, "--batch-mode", "-Dstyle.color=never", "--file", pomFile, "dependency:copy-dependencies")
	cmd.Dir = folder // so that no settings of the user's own project apply
	leash, err := newLeash(cmd)
	if err != nil {
		return err
	}
	progress := &mavenProgress{}
	child, err := startChild("mvn", cmd, leash, progress)
	if err != nil {
		return err
	}
	if err := awaitMaven(ctx, child, progress); err != nil {
		return err
	}
	if child.err != nil {
		return fmt.Errorf("mvn could not bring DynamoDB Local (%w)%s", child.err, printed(progress.problem(child.output)))
	}
	return nil
}

// awaitMaven returns when Maven is through, and ends it when ctx does.
func awaitMaven(ctx context.Context, child *child, progress *mavenProgress) error {
	began := time.Now()
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	for {
		select {
		case <-child.done:
			return nil
		case <-ctx.Done():
			child.stop()
			return fmt.Errorf("mvn was ended: %w", context.Cause(ctx))
		case <-ticker.C:
			files, megabytes := progress.sum()
			say("%d files, %.1f MB so far, after %s", files, megabytes, time.Since(began).Round(time.Second))
		}
	}
}

// mavenProgress reads in what Maven prints how much it has brought.
type mavenProgress struct {
	mu        sync.Mutex
	line      []byte // not ended yet
	files     int
	megabytes float64
	errors    []string
}

// Write never fails.
func (p *mavenProgress) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.line = append(p.line, text...)
	for {
		line, rest, ended := bytes.Cut(p.line, []byte("\n"))
		if !ended {
			return len(text), nil
		}
		p.read(strings.TrimSpace(string(line)))
		p.line = rest
	}
}

// downloaded matches: Downloaded from central: https://.../guava-33.4.0-jre.jar (3.1 MB at 2.5 MB/s)
var downloaded = regexp.MustCompile(`Downloaded from .*\.(?:jar|so|dll|dylib) \(([\d.]+) ([kM]?B) at `)

func (p *mavenProgress) read(line string) {
	if problem, is := strings.CutPrefix(line, "[ERROR] "); is {
		p.errors = append(p.errors, problem)
		return
	}
	found := downloaded.FindStringSubmatch(line)
	if found == nil {
		return
	}
	size, err := strconv.ParseFloat(found[1], 64)
	if err != nil {
		return
	}
	p.files++
	p.megabytes += size * map[string]float64{"B": 1e-6, "kB": 1e-3, "MB": 1}[found[2]]
}

// sum is how much was brought so far.
func (p *mavenProgress) sum() (files int, megabytes float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.files, p.megabytes
}

// problem is what Maven called an error, or else all that it printed last. Behind the first errors it puts advice on its
// own options.
func (p *mavenProgress) problem(output *tail) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.errors) == 0 {
		return output.String()
	}
	return strings.Join(p.errors[:min(len(p.errors), 3)], "\n")
}
