package pipeline

import (
	"net/http"
	"sync/atomic"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// maxTrusted is how long a request may take for its response to tell the service's time.
const maxTrusted = 15 * time.Minute

// skew is how far the service's clock is ahead. As the SDK does, the pipeline takes it from each
// response, and signs with the corrected time.
type skew struct {
	disabled bool
	by       atomic.Int64 // in nanoseconds
	last     atomic.Pointer[serverTime]
}

// serverTime is a header Date and the time in it. The header changes once a second.
type serverTime struct {
	text string
	time time.Time
}

func (s *skew) load() time.Duration { return time.Duration(s.by.Load()) }

// now returns the corrected time.
func (s *skew) now() time.Time { return time.Now().Add(s.load()) }

// note takes the skew from a response to a request that was begun at a time. A response out of a
// cache, which has the header Age, tells nothing.
func (s *skew) note(h http.Header, begun time.Time) {
	text := h.Get("Date")
	if s.disabled || text == "" || h.Get("Age") != "" {
		return
	}
	now := time.Now()
	if now.Sub(begun) > maxTrusted {
		return
	}
	told := s.last.Load()
	if told == nil || told.text != text {
		at, err := smithyhttp.ParseTime(text)
		if err != nil {
			return
		}
		told = &serverTime{text, at}
		s.last.Store(told)
	}
	s.by.Store(int64(told.time.Sub(now)))
}
