//go:build !unix

package main

import "time"

var started = time.Now()

// cpuTime returns the elapsed time in place of the process's CPU time, which this system does not
// report.
func cpuTime() time.Duration { return time.Since(started) }
