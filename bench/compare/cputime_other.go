//go:build !unix

package main

import "time"

var started = time.Now()

// cpuTime stands for the CPU time of the process, where that is not told: the time that has passed.
func cpuTime() time.Duration { return time.Since(started) }
