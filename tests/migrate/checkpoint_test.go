package migrate

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/dynamotest"
)

// memory is a store of the caller's own.
type memory struct {
	mu    sync.Mutex
	texts map[string]string
	fail  func(old, text string) error // for each swap, if not nil
	after bool                         // whether fail comes after the swap
}

func (m *memory) LoadCheckpoint(_ context.Context, name string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.texts[name], nil
}

func (m *memory) SwapCheckpoint(_ context.Context, name, old, text string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var err error
	if m.fail != nil {
		if err = m.fail(old, text); err != nil && !m.after {
			return false, err
		}
	}
	if m.texts[name] != old {
		return false, err
	}
	if m.texts == nil {
		m.texts = map[string]string{}
	}
	m.texts[name] = text
	return err == nil, err
}

// stores returns a function for each kind of store, which opens it as another program would.
func (w *world[T]) stores() map[string]func() dynamapper.CheckpointStore {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "checkpoints.json")
	table, err := dynamapper.TableOf[dynamapper.Checkpoint](w.mapper)
	require.NoError(w.t, err)
	require.NoError(w.t, table.EnsureTable(w.t.Context()))
	own := &memory{}
	return map[string]func() dynamapper.CheckpointStore{
		"file":   func() dynamapper.CheckpointStore { return dynamapper.FileCheckpoints(path) },
		"table":  func() dynamapper.CheckpointStore { return dynamapper.TableCheckpoints(table) },
		"memory": func() dynamapper.CheckpointStore { return own },
	}
}

func TestAStoreSwapsOnce(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"file", "table", "memory"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			open := newWorld[player](t).stores()[kind]
			stored, err := open().LoadCheckpoint(t.Context(), "a")
			require.NoError(t, err)
			require.Empty(t, stored)
			const programs = 8
			for round, old := 0, ""; round < 5; round++ {
				var won atomic.Int32
				var next atomic.Value
				var group sync.WaitGroup
				for p := range programs {
					group.Go(func() {
						text := fmt.Sprintf("%d of %d \"quoted\"", p, round)
						swapped, err := open().SwapCheckpoint(t.Context(), "a", old, text)
						if err != nil {
							t.Error(err)
						}
						if swapped {
							won.Add(1)
							next.Store(text)
						}
					})
				}
				group.Wait()
				require.EqualValues(t, 1, won.Load())
				old, err = open().LoadCheckpoint(t.Context(), "a")
				require.NoError(t, err)
				require.Equal(t, next.Load(), old)
			}
			swapped, err := open().SwapCheckpoint(t.Context(), "b", "", "other")
			require.NoError(t, err)
			require.True(t, swapped, "another name is another checkpoint")
		})
	}
}

func TestAMigrationGoesOnWhereItEnded(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"file", "table", "memory"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld[player](t)
			open := w.stores()[kind]
			const items = 60
			for i := range items {
				w.put(oldPlayer(fmt.Sprint(i)))
			}
			w.take()
			table, line := w.faulty()
			for range 5 {
				ctx, cancel := context.WithCancel(t.Context())
				line.Clear()
				line.On("UpdateItem", line.Sent("UpdateItem")+8, before(cancel))
				_, err := table.Migrate(ctx, dynamapper.Segments(3), dynamapper.Checkpoints(open()))
				require.ErrorIs(t, err, context.Canceled)
			}
			report, err := table.Migrate(t.Context(), dynamapper.Checkpoints(open()))
			require.NoError(t, err)
			require.True(t, report.Done())
			require.Equal(t, items, report.Seen, "no item was migrated twice")
			// The response to the last write of a run is lost.
			require.InDelta(t, items, report.Changed, 5)
			require.Equal(t, 3, report.Segments)
			for id, item := range w.stored("id") {
				require.Equal(t, newPlayer(id), item)
			}

			w.take()
			again, err := table.Migrate(t.Context(), dynamapper.Checkpoints(open()))
			require.ErrorIs(t, err, dynamapper.ErrMigrated)
			require.ErrorContains(t, err, "use Restart")
			require.Equal(t, items, again.Seen, "the report is that of the checkpoint")
			require.Equal(t, report.Changed, again.Changed)
			require.True(t, again.Done())
			require.NotContains(t, w.take(), "Scan")

			report, err = table.Migrate(t.Context(), dynamapper.Checkpoints(open()),
				dynamapper.Restart())
			require.NoError(t, err)
			require.Equal(t, items, report.Seen)
			require.Zero(t, report.Changed)
		})
	}
}

func TestTwoRunsAtOnceAreRefused(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"file", "table", "memory"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld[player](t)
			open := w.stores()[kind]
			w.put(oldPlayer("1"))
			table, line := w.faulty()
			var second error
			line.On("UpdateItem", 1, before(func() {
				_, second = w.table.Migrate(t.Context(), dynamapper.Checkpoints(open()),
					dynamapper.Restart())
			}))
			_, err := table.Migrate(t.Context(), dynamapper.Checkpoints(open()))
			require.NoError(t, err)
			require.ErrorIs(t, second, dynamapper.ErrMigrating)
			require.ErrorContains(t, second, "Migrate: table")
		})
	}
}

func TestALeaseExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld[player](t)
		w.put(oldPlayer("1"))
		store := &memory{}
		table, line := w.faulty()
		ctx, kill := context.WithCancel(t.Context())
		defer kill()
		line.On("UpdateItem", 1, dynamotest.Delay(time.Hour))
		killed := make(chan error, 1)
		go func() {
			_, err := table.Migrate(ctx, dynamapper.Checkpoints(store))
			killed <- err
		}()
		time.Sleep(10 * time.Minute)
		_, err := w.table.Migrate(t.Context(), dynamapper.Checkpoints(store))
		require.ErrorIs(t, err, dynamapper.ErrMigrating, "the run renews its lease")

		store.mu.Lock()
		store.fail = func(string, string) error { return errors.New("the store is out of reach") }
		store.mu.Unlock()
		began := time.Now()
		require.ErrorContains(t, <-killed, "the store is out of reach")
		require.Less(t, time.Since(began), time.Minute, "the run ends before its lease")
		store.mu.Lock()
		store.fail = nil
		store.mu.Unlock()
		_, err = w.table.Migrate(t.Context(), dynamapper.Checkpoints(store))
		require.ErrorIs(t, err, dynamapper.ErrMigrating)
		time.Sleep(time.Minute)
		report, err := w.table.Migrate(t.Context(), dynamapper.Checkpoints(store))
		require.NoError(t, err)
		require.Equal(t, 1, report.Changed)
	})
}

func TestARunThatLostItsLeaseEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld[player](t)
		w.put(oldPlayer("1"))
		store := &memory{}
		table, line := w.faulty()
		line.On("UpdateItem", 1, dynamotest.Delay(time.Hour))
		ended := make(chan error, 1)
		go func() {
			_, err := table.Migrate(t.Context(), dynamapper.Checkpoints(store))
			ended <- err
		}()
		time.Sleep(time.Second)
		store.mu.Lock()
		for name, text := range store.texts {
			store.texts[name] = strings.Replace(text, `"holder":"`, `"holder":"other`, 1)
		}
		store.mu.Unlock()
		err := <-ended
		require.ErrorIs(t, err, dynamapper.ErrMigrating)
		require.ErrorContains(t, err, "another run has taken the checkpoint")
	})
}

func TestALostStoreIsSettled(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	w.put(oldPlayer("1"))
	store := &memory{after: true, fail: func(string, string) error { return errors.New("lost") }}
	report, err := w.table.Migrate(t.Context(), dynamapper.Checkpoints(store))
	require.NoError(t, err, "what was stored is found out")
	require.True(t, report.Done())
	_, err = w.table.Migrate(t.Context(), dynamapper.Checkpoints(store))
	require.ErrorIs(t, err, dynamapper.ErrMigrated)

	table, line := w.faulty()
	checkpoints, err := dynamapper.TableOf[dynamapper.Checkpoint](line.Mapper(t))
	require.NoError(t, err)
	require.NoError(t, checkpoints.EnsureTable(t.Context()))
	line.On("PutItem", 1, dynamotest.Lose())
	line.On("PutItem", 3, dynamotest.Lose())
	_, err = table.Migrate(t.Context(),
		dynamapper.Checkpoints(dynamapper.TableCheckpoints(checkpoints)))
	require.NoError(t, err)
	_, err = table.Migrate(t.Context(),
		dynamapper.Checkpoints(dynamapper.TableCheckpoints(checkpoints)))
	require.ErrorIs(t, err, dynamapper.ErrMigrated)
}

// cutStore stores the second checkpoint, and the connection fails until the next one.
type cutStore struct {
	memory
	swaps atomic.Int64
}

func (c *cutStore) LoadCheckpoint(ctx context.Context, name string) (string, error) {
	if c.swaps.Load() == 2 {
		return "", errors.New("cut off")
	}
	return c.memory.LoadCheckpoint(ctx, name)
}

func (c *cutStore) SwapCheckpoint(ctx context.Context, name, old, text string) (bool, error) {
	n := c.swaps.Add(1)
	swapped, err := c.memory.SwapCheckpoint(ctx, name, old, text)
	if n == 2 {
		return false, errors.New("cut off")
	}
	return swapped, err
}

// A checkpoint that was stored without the run's knowledge does not keep it from the next one.
func TestAMigrationEndsAfterAStoreThatWasCutOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld[player](t)
		w.put(oldPlayer("1"))
		store := &cutStore{}
		table, line := w.faulty()
		line.On("UpdateItem", 1, dynamotest.Delay(7*time.Second)) // a checkpoint is stored after 5
		report, err := table.Migrate(t.Context(), dynamapper.Checkpoints(store))
		require.NoError(t, err)
		require.True(t, report.Done())
		require.EqualValues(t, 4, store.swaps.Load())
		_, err = table.Migrate(t.Context(), dynamapper.Checkpoints(store))
		require.ErrorIs(t, err, dynamapper.ErrMigrated)
	})
}

func TestCheckpointsThatDoNotFit(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	w.put(oldPlayer("1"))
	store := &memory{texts: map[string]string{w.table.Name(): "{"}}
	_, err := w.table.Migrate(t.Context(), dynamapper.Checkpoints(store))
	require.ErrorContains(t, err, "is damaged; use Restart")
	store.texts[w.table.Name()] = `{"report":{"segments":1},"places":[{"cursor":"AAAA"}]}`
	_, err = w.table.Migrate(t.Context(), dynamapper.Checkpoints(store))
	require.ErrorIs(t, err, dynamapper.ErrInvalidCursor)
	require.ErrorContains(t, err, "use Restart")
	_, err = w.table.Migrate(t.Context(), dynamapper.Checkpoints(store), dynamapper.Segments(2))
	require.ErrorContains(t, err, fmt.Sprintf("the checkpoint %q has 1 segments, and Segments is 2",
		w.table.Name()))
	_, err = w.table.Migrate(t.Context(), dynamapper.Checkpoints(store), dynamapper.Segments(2),
		dynamapper.Restart())
	require.NoError(t, err)

	_, err = w.table.Migrate(t.Context(), dynamapper.Checkpoints(dynamapper.FileCheckpoints("")))
	require.ErrorContains(t, err, "the path of FileCheckpoints is empty")
	_, err = w.table.Migrate(t.Context(), dynamapper.Checkpoints(dynamapper.TableCheckpoints(nil)))
	require.ErrorContains(t, err, "the table is nil or empty")

	checkpoints, err := dynamapper.TableOf[dynamapper.Checkpoint](w.mapper)
	require.NoError(t, err)
	require.NoError(t, checkpoints.EnsureTable(t.Context()))
	require.NoError(t, checkpoints.Save(t.Context(),
		&dynamapper.Checkpoint{Name: w.table.Name(), Text: "x"}))
	_, err = w.table.Migrate(t.Context(),
		dynamapper.Checkpoints(dynamapper.TableCheckpoints(checkpoints)))
	require.ErrorContains(t, err, fmt.Sprintf("the checkpoint %q in the table %s is damaged; use "+
		"Restart", w.table.Name(), checkpoints.Name()))
}

// A file without checkpoints is the start of a migration. A file with another content stays as it
// is, and the error names it.
func TestContentsOfTheFileOfCheckpoints(t *testing.T) {
	t.Parallel()
	w := newWorld[player](t)
	w.put(oldPlayer("1"))
	path := filepath.Join(t.TempDir(), "file")
	migrate := func(content string, opts ...dynamapper.MigrateOption) (
		report dynamapper.MigrateReport, left string, err error,
	) {
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		report, err = w.table.Migrate(t.Context(),
			append(opts, dynamapper.Checkpoints(dynamapper.FileCheckpoints(path)))...)
		after, readErr := os.ReadFile(path)
		require.NoError(t, readErr)
		return report, string(after), err
	}
	entry := func(text string) string { return fmt.Sprintf("{%q:%q}", w.table.Name(), text) }

	for _, content := range []string{"", " \n", "{}", `{"other":"x"}`, entry(""),
		fmt.Sprintf("{%q:null}", w.table.Name())} {
		report, left, err := migrate(content)
		require.NoError(t, err, content)
		require.Equal(t, 1, report.Seen)
		require.NotEqual(t, content, left)
	}
	for _, content := range []string{"null", "my notes", "[]", `"x"`, "1", `{"a":1}`, "{", "{}{}",
		"\x00"} {
		_, left, err := migrate(content)
		require.ErrorContains(t, err, "the file "+path+" is no file of checkpoints; give another path")
		_, _, err = migrate(content, dynamapper.Restart())
		require.ErrorContains(t, err, "the file "+path+" is no file of checkpoints; give another path")
		require.Equal(t, content, left)
	}
	for _, text := range []string{"x", "null", "[]", `{"places":null}`, `{"places":[]}`,
		`{"places":[{}],"report":{"segments":2}}`,
		`{"places":[{}],"report":{"segments":1,"segmentsDone":1}}`,
		`{"places":[{"done":true}],"report":{"segments":1}}`,
		`{"places":[{}],"report":{"segments":1},"finished":true}`,
		`{"places":[{"cursor":"x"}],"report":{"segments":1}}`,
	} {
		report, left, err := migrate(entry(text))
		require.ErrorContains(t, err,
			fmt.Sprintf("the checkpoint %q in the file %s is ", w.table.Name(), path), text)
		require.ErrorContains(t, err, "; use Restart", text)
		require.Zero(t, report, text)
		if !strings.Contains(text, "cursor") { // a run had taken the checkpoint, and gave it up
			require.Equal(t, entry(text), left)
		}
		report, _, err = migrate(entry(text), dynamapper.Restart())
		require.NoError(t, err, text)
		require.Equal(t, 1, report.Seen)
	}
	_, _, err := migrate(entry(fmt.Sprintf(
		`{"places":[{}],"report":{"segments":1},"holder":"x","until":%q}`,
		time.Now().Add(time.Hour).Format(time.RFC3339))))
	require.ErrorIs(t, err, dynamapper.ErrMigrating)
	require.ErrorContains(t, err, "in the file "+path+" until ")
}

// Every content of a file gives a checkpoint, or an error that names the file.
func FuzzTheFileOfCheckpoints(f *testing.F) {
	path := filepath.Join(f.TempDir(), "first")
	server, err := dynamotest.StartEngine()
	require.NoError(f, err)
	f.Cleanup(func() { require.NoError(f, server.Close()) })
	mapper, err := server.Mapper(f.Context())
	require.NoError(f, err)
	table, err := dynamapper.TableOf[player](mapper)
	require.NoError(f, err)
	require.NoError(f, table.EnsureTable(f.Context()))
	for i := range 3 {
		require.NoError(f, table.Save(f.Context(), &player{ID: fmt.Sprint(i)}))
	}
	migrate := func(ctx context.Context, path string, opts ...dynamapper.MigrateOption) error {
		_, err := table.Migrate(ctx,
			append(opts, dynamapper.Checkpoints(dynamapper.FileCheckpoints(path)))...)
		return err
	}
	require.NoError(f, migrate(f.Context(), path, dynamapper.Segments(2)))
	finished, err := os.ReadFile(path)
	require.NoError(f, err)
	for _, content := range []string{string(finished), "", "null", "{}", `{"a":null}`,
		strings.NewReplacer("true", "false", `egmentsDone\":2`, `egmentsDone\":0`).
			Replace(string(finished))} {
		f.Add([]byte(content))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(path, content, 0o600))
		err := migrate(t.Context(), path)
		if err == nil || errors.Is(err, dynamapper.ErrMigrated) {
			return
		}
		require.ErrorContains(t, err, path)
		if err = migrate(t.Context(), path, dynamapper.Restart()); err != nil {
			require.ErrorContains(t, err, path)
		}
	})
}

func TestALockThatAKilledProgramLeftIsRemoved(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "checkpoints.json")
	require.NoError(t, os.WriteFile(path+".lock", []byte("killed"), 0o600))
	synctest.Test(t, func(t *testing.T) {
		swapped, err := dynamapper.FileCheckpoints(path).SwapCheckpoint(t.Context(), "a", "", "x")
		require.NoError(t, err)
		require.True(t, swapped)
	})
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing is left beside the file")

	require.NoError(t, os.WriteFile(path+".lock", []byte("alive"), 0o600))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = dynamapper.FileCheckpoints(path).SwapCheckpoint(ctx, "a", "x", "y")
	require.ErrorIs(t, err, context.Canceled)
}

// A program is killed: no further request of it arrives, and its checkpoint is not given up.
func TestKilledAtRandomMomentsAndResumed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld[counted](t)
		const items = 200
		for i := range items {
			w.put(oldCounted(fmt.Sprint(i), "1"))
		}
		store := &memory{}
		source := rand.New(rand.NewPCG(1, 2))
		runs := 0
		for ; ; runs++ {
			table, line := w.faulty()
			kill, isKilled := context.WithCancel(t.Context())
			var dead atomic.Bool
			last := int64(source.IntN(12))
			if runs >= 20 {
				last = items
			}
			var requests atomic.Int64
			slow := func(int) dynamotest.Fault {
				return func(r *httpRequest, send func() (*httpResponse, error)) (*httpResponse, error) {
					time.Sleep(500 * time.Millisecond)
					if requests.Add(1) > last && runs < 20 {
						dead.Store(true)
						isKilled()
					}
					if dead.Load() {
						return nil, errors.New("killed")
					}
					return send()
				}
			}
			line.Each("UpdateItem", slow)
			line.Each("Scan", slow)
			mine := &killedStore{memory: store, dead: &dead}
			report, err := table.Migrate(kill, dynamapper.Segments(4), dynamapper.Checkpoints(mine))
			isKilled()
			if err == nil {
				require.True(t, report.Done())
				break
			}
			require.Error(t, err)
			time.Sleep(time.Minute) // the lease
		}
		require.Equal(t, 20, runs)
		for id, item := range w.stored("id") {
			want := oldCounted(id, "2") // migrated once
			want["data"] = list(text("a"))
			require.Equal(t, want, item)
		}
	})
}

// killedStore gets nothing more from a program that is killed.
type killedStore struct {
	*memory
	dead *atomic.Bool
}

func (k *killedStore) SwapCheckpoint(ctx context.Context, name, old, text string) (bool, error) {
	if k.dead.Load() {
		return false, errors.New("killed")
	}
	return k.memory.SwapCheckpoint(ctx, name, old, text)
}
