package main

import (
	"maps"
	"slices"
	"sync"
)

// journal has all matches that were played. It is not in the table, so that it can tell what the
// table has lost. A journal is safe for concurrent use.
type journal struct {
	mu       sync.Mutex
	finds    map[string][]Find // by the player
	doubtful map[string]bool   // matches of which nobody knows whether they were stored
	late     map[string]bool   // players that release 1 wrote after the migration had begun
	matches  [2]int            // by the release
	givenUp  int               // matches that were not played, after too many conflicts
}

func newJournal() *journal {
	return &journal{finds: map[string][]Find{}, doubtful: map[string]bool{}, late: map[string]bool{}}
}

// change changes the journal while nobody else does.
func (j *journal) change(change func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	change()
}

// played returns how many matches were played in each release.
func (j *journal) played() (old, now int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.matches[0], j.matches[1]
}

// latePlayers returns the players that release 1 wrote after the migration had begun.
func (j *journal) latePlayers() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Collect(maps.Keys(j.late))
}
