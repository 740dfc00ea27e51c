package main

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"
)

const (
	watchedEvery   = 100 * time.Millisecond // on a terminal, in one line that is wiped out at the end
	unwatchedEvery = 5 * time.Second        // elsewhere, in lines that stay
)

// watch prints how far the race is, until the function it returns is called.
func (s *story) watch(name string, bought *atomic.Int64, total int) (stop func()) {
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		s.showProgress(name, bought, total, quit)
	}()
	return func() {
		close(quit)
		<-ended
	}
}

func (s *story) showProgress(name string, bought *atomic.Int64, total int, quit <-chan struct{}) {
	format, every, width := "  %s: %d of %d purchases\n", unwatchedEvery, 0
	if s.terminal {
		format, every = "\r  %s: %d of %d purchases", watchedEvery
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			width, _ = fmt.Fprintf(s, format, name, bought.Load(), total)
		case <-quit:
			if s.terminal && width > 0 {
				fmt.Fprintf(s, "\r%s\r", strings.Repeat(" ", width))
			}
			return
		}
	}
}
