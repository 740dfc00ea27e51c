package service

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const noTable = "ResourceNotFoundException: Requested resource not found"

// deleteThings deletes the table things and creates it again.
func deleteThings(t *testing.T, s *Service) {
	t.Helper()
	call(t, s, "DeleteTable", `{"TableName":"things"}`)
	newThings(t, s)
}

// A request looks its tables up before it locks them. A table that is deleted in between accepts no
// writes: they would be lost, and a transaction would be applied only to its other tables.
func TestATableThatIsDeletedBeforeItIsLocked(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	gone, err := s.lookup("things")
	require.NoError(t, err)
	scores, err := s.lookup("scores")
	require.NoError(t, err)
	deleteThings(t, s)
	now, err := s.lookup("things")
	require.NoError(t, err)

	_, err = s.lockAll([]*tableEntry{scores, gone})
	require.EqualError(t, err, noTable)
	for _, entry := range []*tableEntry{scores, gone, now} {
		require.True(t, entry.mu.TryLock(), "the transaction let go of %s", entry.name)
		entry.mu.Unlock()
	}

	b := batchWrite{s: s, consumed: make([]units, 1)}
	b.write(&batchEdit{edit: &edit{kind: deleteEdit, keyCheck: checkKey}, entry: gone})
	require.EqualError(t, b.refused, noTable)
	require.EqualError(t, gone.refuseDeleted(), noTable)
	require.NoError(t, now.refuseDeleted())
}

// A table that is being deleted accepts no writes either.
func TestATableThatIsBeingDeleted(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := New(Options{Now: clock.Now, TableDelay: time.Second})
	newThings(t, s)
	clock.add(time.Second)
	entry, err := s.lookup("things")
	require.NoError(t, err)
	call(t, s, "DeleteTable", `{"TableName":"things"}`)
	require.EqualError(t, entry.refuseDeleted(), noTable)
}

// If a table and its successor of the same name are both in a request, each is locked once, the
// older one first.
func TestTablesOfOneNameAreLockedInOrder(t *testing.T) {
	t.Parallel()
	s := newTables(t)
	older := s.find("things")
	deleteThings(t, s)
	newer, scores := s.find("things"), s.find("scores")
	got := inOrder([]*tableEntry{older, newer, scores, older, newer, scores, older})
	require.Len(t, got, 3)
	assert.Same(t, scores, got[0])
	assert.Same(t, older, got[1])
	assert.Same(t, newer, got[2])
}

// A request acts on the table that exists after its wait.
func TestASlowTableIsDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{
		`PutItem things {"Item":{"pk":"a"}}`,
		`GetItem things {"Key":{"pk":"a"}}`,
		`Scan things {}`,
		`BatchGetItem {"RequestItems":{"things":{"Keys":[{"pk":"a"}]}}}`,
		transact(`Put things {"Item":{"pk":"a"}}`),
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newTables(t)
			s.Slow("things", time.Minute)
			name, body := request(t, operation)
			refusal := make(chan error, 1)
			go func() {
				_, err := s.Do(t.Context(), name, body)
				refusal <- err
			}()
			synctest.Wait()
			call(t, s, "DeleteTable", `{"TableName":"things"}`)
			require.EqualError(t, <-refusal, noTable, operation)
		})
	}
}

// Requests with one token wait for a slow table at the same time. None of them holds the token
// while it waits: the others would block on a mutex, and the clock of the bubble would never
// advance.
func TestASlowTableDoesNotHoldAToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newTables(t)
		s.Slow("things", time.Minute)
		operation, add := request(t, addTo("a", "1", "t"))
		start := time.Now()
		errs := make(chan error, 3)
		for range cap(errs) {
			go func() {
				_, err := s.Do(t.Context(), operation, add)
				errs <- err
			}()
		}
		for range cap(errs) {
			require.NoError(t, <-errs)
		}
		assert.Equal(t, time.Minute, time.Since(start))
		s.Slow("things", 0)
		requireN(t, s, "a", "1")
	})
}
