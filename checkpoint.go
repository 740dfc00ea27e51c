package dynamapper

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

var (
	// ErrMigrated means that the migration of a checkpoint has finished. See Restart.
	ErrMigrated = errors.New("the migration has finished")
	// ErrMigrating means that another run holds the checkpoint of a migration.
	ErrMigrating = errors.New("the migration is running")
)

// CheckpointStore keeps the checkpoints of migrations, as short texts. FileCheckpoints and
// TableCheckpoints return stores; a program may have its own. A store is safe for concurrent use by
// several programs.
type CheckpointStore interface {
	// LoadCheckpoint returns the text that was stored last under a name, or "" if there is none.
	LoadCheckpoint(ctx context.Context, name string) (string, error)
	// SwapCheckpoint stores a text if the stored one is still old, "" for none, and reports whether
	// it was. Of several calls at once with the same old text, one alone stores its text. At an
	// error, the text may have been stored.
	SwapCheckpoint(ctx context.Context, name, old, text string) (swapped bool, err error)
}

// Checkpoints makes a migration continue where an earlier run has ended or was killed. It stores
// the place of each segment every 5 seconds, and at the end. The name of the checkpoint is that of
// the table and, for a model of a shared table, of its entity.
//
// If the migration has finished, Migrate does nothing and returns ErrMigrated, with the report of
// the checkpoint; see Restart. While a run holds the checkpoint, another returns ErrMigrating. A
// run that was killed holds it for up to a minute, by the clocks of both machines.
//
// The segments are those of the first run: a later one leaves Segments out, or gives the same
// number.
func Checkpoints(store CheckpointStore) MigrateOption {
	return migrateOption(func(s *migrateSettings) error {
		if isNil(store) {
			return errors.New("the store of Checkpoints is nil; give FileCheckpoints, or leave the " +
				"option out")
		}
		s.store = store
		return nil
	})
}

// Restart makes a migration with Checkpoints begin at the start of the table, whatever the
// checkpoint says. Use it to run a finished migration again. If another run holds the checkpoint,
// Migrate still returns ErrMigrating.
func Restart() MigrateOption {
	return migrateOption(func(s *migrateSettings) error { s.restart = true; return nil })
}

const (
	checkpointInterval = 5 * time.Second
	checkpointLease    = time.Minute
	// releaseTime bounds the last request of a run whose context has ended.
	releaseTime = 10 * time.Second
)

// checkpoint is where a migration is, and which run holds it.
type checkpoint struct {
	Report   MigrateReport  `json:"report"`
	Places   []segmentPlace `json:"places"`
	Finished bool           `json:"finished,omitempty"`

	Holder string    `json:"holder,omitempty"` // a random text of the run; "" for none
	Until  time.Time `json:"until,omitzero"`   // when the run loses the checkpoint
	Number int       `json:"number"`           // of the stores, so that no two texts are equal
}

// segmentPlace is where a segment is. The cursor "" is its start.
type segmentPlace struct {
	Cursor string `json:"cursor,omitempty"`
	Done   bool   `json:"done,omitempty"`
}

// makeCheckpoint returns the checkpoint at the start of a table.
func makeCheckpoint(segments int) checkpoint {
	n := max(1, segments)
	return checkpoint{Places: make([]segmentPlace, n), Report: MigrateReport{Segments: n}}
}

// checkpointKeeper holds a checkpoint for a run. A nil checkpointKeeper keeps nothing.
type checkpointKeeper struct {
	store  CheckpointStore
	name   string
	holder string

	current checkpoint
	text    string    // the stored text of current
	until   time.Time // when the lease ends
}

var errOtherHolder = fmt.Errorf("%w: another run has taken the checkpoint, because this one did "+
	"not renew it in time", ErrMigrating)

// acquire takes the checkpoint for this run. With ErrMigrated, it returns the finished one.
func (k *checkpointKeeper) acquire(
	ctx context.Context, segments int, restart bool,
) (checkpoint, error) {
	k.holder = rand.Text()
	text, err := k.store.LoadCheckpoint(ctx, k.name)
	if err != nil {
		return checkpoint{}, k.problem("cannot be read", err)
	}
	c := makeCheckpoint(segments)
	if text != "" {
		stored, err := parseCheckpoint(text)
		switch {
		case err == nil && stored.isHeld(time.Now()):
			return c, k.newHeldError(stored.Until)
		case restart:
			c.Number = stored.Number
		case err != nil:
			return c, fmt.Errorf("%s is damaged; use Restart: %w", k.title(), err)
		case stored.Finished:
			return stored, fmt.Errorf("%w: %v; use Restart to run it again", ErrMigrated,
				stored.Report)
		case segments != 0 && segments != len(stored.Places):
			return c, fmt.Errorf("%s has %d segments, and Segments is %d; give the same number, or "+
				"Restart", k.title(), len(stored.Places), segments)
		default:
			c = stored
		}
	}
	k.text, k.current = text, c
	c.Holder = k.holder
	if err := k.swap(ctx, c); err != nil {
		return c, err
	}
	return c, nil
}

func (k *checkpointKeeper) newHeldError(until time.Time) error {
	return fmt.Errorf("%w: another run holds %s until %s; wait for its end, or until then if it was "+
		"killed", ErrMigrating, k.title(), until.UTC().Format(time.RFC3339))
}

// title names the checkpoint in an error, and where the store keeps it, if that is known.
func (k *checkpointKeeper) title() string {
	text := fmt.Sprintf("the checkpoint %q", k.name)
	if placed, ok := k.store.(interface{ place() string }); ok {
		text += " in " + placed.place()
	}
	return text
}

// isHeld reports whether a run holds the checkpoint.
func (c *checkpoint) isHeld(now time.Time) bool { return c.Holder != "" && now.Before(c.Until) }

func parseCheckpoint(text string) (c checkpoint, err error) {
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return c, err
	}
	done := 0
	for _, place := range c.Places {
		if place.Done {
			done++
		}
	}
	switch n := len(c.Places); {
	case n == 0 || n > maxMigrateSegments:
		return c, fmt.Errorf("it has %d segments", n)
	case c.Report.Segments != n || c.Report.SegmentsDone != done || c.Finished && done < n:
		return c, errors.New("its report does not fit its segments")
	}
	return c, nil
}

// save stores where the run is, and renews its lease. An error is returned only if the run has lost
// the checkpoint, or soon will.
func (k *checkpointKeeper) save(ctx context.Context, c checkpoint) error {
	c.Holder = k.holder
	err := k.swap(ctx, c)
	isLost := errors.Is(err, ErrMigrating)
	if err != nil && !isLost && time.Until(k.until) > 2*checkpointInterval {
		return nil // the next one may succeed
	}
	return err
}

// finish stores where the run has ended, and gives the checkpoint up, also after the end of the
// context.
func (k *checkpointKeeper) finish(ctx context.Context, c checkpoint) error {
	if k == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer cancel()
	c.Holder, c.Finished = "", c.Report.Done()
	return k.swap(ctx, c)
}

// release gives the checkpoint up as it was.
func (k *checkpointKeeper) release(ctx context.Context) {
	if k != nil {
		_ = k.finish(ctx, k.current) // at an error, the lease ends by itself
	}
}

// swap stores a checkpoint if this run still holds it.
func (k *checkpointKeeper) swap(ctx context.Context, c checkpoint) error {
	before := k.text
	err := k.swapOnce(ctx, c)
	if err != nil && k.text != before && ctx.Err() == nil { // it knows the stored text now
		err = k.swapOnce(ctx, c)
	}
	return err
}

func (k *checkpointKeeper) swapOnce(ctx context.Context, c checkpoint) error {
	until := time.Now().Add(checkpointLease)
	if c.Until = (time.Time{}); c.Holder != "" {
		c.Until = until.UTC()
	}
	c.Number = k.current.Number + 1
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	swapped, err := k.store.SwapCheckpoint(ctx, k.name, k.text, string(text))
	if !swapped || err != nil {
		err = k.settle(ctx, string(text), err)
	}
	if err == nil {
		k.current, k.text, k.until = c, string(text), until
	}
	return err
}

// settle finds out whether a text was stored although the store does not say so. The response may
// have been lost, and the request sent twice.
func (k *checkpointKeeper) settle(ctx context.Context, text string, reason error) error {
	stored, err := k.store.LoadCheckpoint(ctx, k.name)
	switch {
	case err != nil && reason == nil:
		return k.problem("cannot be read", err)
	case err == nil && stored == text:
		return nil
	case err == nil && stored != k.text:
		// Perhaps the text of an earlier call that returned an error.
		if c, err := parseCheckpoint(stored); err == nil && c.Holder == k.holder {
			k.text, k.current = stored, c
			break
		}
		if k.current.Holder == "" { // the first one
			return fmt.Errorf("%w: another run has just taken the checkpoint", ErrMigrating)
		}
		return errOtherHolder
	}
	if reason == nil {
		reason = errors.New("the stored text changed at the same time")
	}
	return k.problem("cannot be stored", reason)
}

func (k *checkpointKeeper) problem(what string, err error) error {
	return fmt.Errorf("the checkpoint %q %s: %w", k.name, what, err)
}

// Checkpoint is the model of the items of TableCheckpoints. Create its table with
// TableOf[Checkpoint] and EnsureTable; a table prefix and WithTableName hold for it as for any
// other.
type Checkpoint struct {
	Model `dynamo:"dynamapper-checkpoints"`
	Name  string `dynamo:"name,hash"`
	// JSON whose form may change, with the place of each segment, which contains a key, and the
	// report so far.
	Text    string    `dynamo:"text"`
	Sum     string    `dynamo:"sum"` // the SHA-256 of Text, by which a store compares it
	Updated time.Time `dynamo:"updated,updated"`
}

// TableCheckpoints keeps checkpoints as items of a table, for programs on several machines. A store
// is one PutItem with a condition, and takes one write unit for each KB. Errors of the table are
// those of Get and Save.
func TableCheckpoints(table *Table[Checkpoint]) CheckpointStore { return tableCheckpoints{table} }

type tableCheckpoints struct{ table *Table[Checkpoint] }

func (s tableCheckpoints) place() string { return "the table " + s.table.Name() }

func (s tableCheckpoints) LoadCheckpoint(ctx context.Context, name string) (string, error) {
	item, err := s.table.Get(ctx, Key(name), Consistent())
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return item.Text, nil
}

func (s tableCheckpoints) SwapCheckpoint(
	ctx context.Context, name, old, text string,
) (swapped bool, err error) {
	isOld := SaveOption(FailOnConflict())
	if old != "" {
		isOld = If(Attr("sum", EQ(checkpointSum(old))))
	}
	err = s.table.Save(ctx, &Checkpoint{Name: name, Text: text, Sum: checkpointSum(text)}, isOld)
	if errors.Is(err, ErrOverwrite) || errors.Is(err, ErrConditionFailed) {
		return false, nil
	}
	return err == nil, err
}

func checkpointSum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// FileCheckpoints keeps checkpoints in a file, as JSON with a member for each name. A file that
// does not exist or is empty has none; one with another content is left as it is, and Migrate
// returns an error. Programs that use the file at once must be on one machine, or on a file system
// with atomic renames. Beside the file, a store makes files whose names begin with its path for a
// moment; a lock that was left by a program that was killed is removed after 10 seconds.
func FileCheckpoints(path string) CheckpointStore { return fileCheckpoints(path) }

type fileCheckpoints string

func (s fileCheckpoints) place() string { return "the file " + string(s) }

func (s fileCheckpoints) LoadCheckpoint(_ context.Context, name string) (string, error) {
	all, err := s.read()
	return all[name], err
}

// read returns the texts in the file by their names.
func (s fileCheckpoints) read() (map[string]string, error) {
	all := map[string]string{}
	if s == "" {
		return nil, errors.New("the path of FileCheckpoints is empty; give the path of a file")
	}
	content, err := os.ReadFile(string(s))
	if errors.Is(err, fs.ErrNotExist) {
		return all, nil
	}
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(content)) == 0 { // mktemp makes such a file
		return all, nil
	}
	err = json.Unmarshal(content, &all)
	if err == nil && all == nil {
		err = errors.New("its content is null")
	}
	if err != nil {
		return nil, fmt.Errorf("the file %s is no file of checkpoints; give another path: %w",
			string(s), err)
	}
	return all, nil
}

func (s fileCheckpoints) SwapCheckpoint(
	ctx context.Context, name, old, text string,
) (swapped bool, err error) {
	lock := fileLock{path: string(s) + ".lock", content: rand.Text()}
	if err := lock.acquire(ctx); err != nil {
		return false, err
	}
	defer lock.release()
	all, err := s.read()
	if err != nil || all[name] != old {
		return false, err
	}
	all[name] = text
	content, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return false, err
	}
	return s.replace(&lock, content)
}

// replace writes the file whole, so that a reader sees the old or the new one.
func (s fileCheckpoints) replace(lock *fileLock, content []byte) (replaced bool, err error) {
	file, err := os.CreateTemp(filepath.Dir(string(s)), filepath.Base(string(s))+".new*")
	if err != nil {
		return false, err
	}
	defer os.Remove(file.Name())
	_, err = file.Write(append(content, '\n'))
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return false, err
	}
	if !lock.isOwn() {
		return false, errors.New("the lock of the file was held for too long")
	}
	err = os.Rename(file.Name(), string(s))
	return err == nil, err
}

// fileLock is a file that exists while a program changes another one.
type fileLock struct{ path, content string }

const (
	lockWait = 10 * time.Millisecond
	lockLife = 10 * time.Second // a lock is held for milliseconds, unless its program is killed
)

// acquire makes the file. If another program holds the lock, acquire waits; if that program seems
// to be killed, it takes the lock away.
func (l *fileLock) acquire(ctx context.Context) error {
	var held string
	var since time.Time
	for {
		err := l.create()
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		content, err := os.ReadFile(l.path)
		switch now := time.Now(); {
		case err != nil || string(content) != held || since.IsZero():
			held, since = string(content), now
		case now.Sub(since) > lockLife:
			l.takeAway(held)
			since = time.Time{}
		}
		timer := time.NewTimer(lockWait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// create makes the file, or returns an error that matches fs.ErrExist.
func (l *fileLock) create() error {
	file, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(l.content)
	return errors.Join(err, file.Close())
}

// takeAway removes a lock whose content has not changed for long. It first renames the file, which
// one program alone can do, and puts it back if it is a new lock after all.
func (l *fileLock) takeAway(held string) {
	aside := l.path + "." + l.content
	if os.Rename(l.path, aside) != nil {
		return
	}
	if content, err := os.ReadFile(aside); err == nil && string(content) != held {
		_ = os.Link(aside, l.path) // fails if there is a newer one
	}
	_ = os.Remove(aside)
}

// isOwn reports whether this program still holds the lock.
func (l *fileLock) isOwn() bool {
	content, err := os.ReadFile(l.path)
	return err == nil && string(content) == l.content
}

func (l *fileLock) release() {
	if l.isOwn() {
		_ = os.Remove(l.path)
	}
}
