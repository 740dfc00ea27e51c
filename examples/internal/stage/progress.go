package stage

import (
	"fmt"
	"strings"
	"time"
)

const (
	watchedEvery   = 100 * time.Millisecond // on a terminal, in one line that is erased at the end
	unwatchedEvery = 5 * time.Second        // elsewhere, in lines that stay
)

// Watch prints the progress of a scene, which line returns, again and again until the caller calls
// the function that Watch returns. The caller must not print anything meanwhile. The line must not
// become shorter.
func (p *Printer) Watch(line func() string) (stop func()) {
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		p.showProgress(line, quit)
	}()
	return func() {
		close(quit)
		<-ended
	}
}

func (p *Printer) showProgress(line func() string, quit <-chan struct{}) {
	format, every, width := "  %s\n", unwatchedEvery, 0
	if p.terminal {
		format, every = "\r  %s", watchedEvery
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			width, _ = fmt.Fprintf(p, format, line())
		case <-quit:
			if p.terminal && width > 0 {
				fmt.Fprintf(p, "\r%s\r", strings.Repeat(" ", width))
			}
			return
		}
	}
}
