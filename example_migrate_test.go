package dynamapper_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// exampleHeroes makes the table of Hero, with items that an older version of the program has
// written.
func exampleHeroes(ctx context.Context) (heroes *dynamapper.Table[Hero], end func()) {
	mapper, end := exampleMapper()
	old, err := dynamapper.TableOf[OldHero](mapper)
	check(err)
	check(old.CreateTable(ctx, dynamapper.WaitActive()))
	check(old.Save(ctx, &OldHero{Name: "Duke", Level: 7}))
	check(old.Save(ctx, &OldHero{Name: "Lara", Level: 9}))
	heroes, err = dynamapper.TableOf[Hero](mapper)
	check(err)
	check(heroes.Save(ctx, &Hero{Name: "Max", Level: 1}))
	return heroes, end
}

// putBroken puts an item that the model cannot read.
func putBroken(ctx context.Context, table string) {
	_, err := dynamodb.NewFromConfig(exampleServer().Config()).PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &table, Item: map[string]types.AttributeValue{
			"name":  &types.AttributeValueMemberS{Value: "Broken"},
			"level": &types.AttributeValueMemberS{Value: "high"}}})
	check(err)
}

// Migrate stores what MigrateItem has changed, in all items.
func ExampleTable_Migrate() {
	ctx := context.Background()
	heroes, end := exampleHeroes(ctx)
	defer end()

	report, err := heroes.Migrate(ctx, dynamapper.Segments(8), dynamapper.RateLimit(200, 50))
	check(err)
	fmt.Println(report.Seen, "seen,", report.Changed, "changed")
	duke, err := heroes.Get(ctx, dynamapper.Key("Duke"), dynamapper.Consistent())
	check(err)
	printItem(heroes.Snapshot(duke))

	again, err := heroes.Migrate(ctx)
	check(err)
	fmt.Println(again.Seen, "seen,", again.Changed, "changed")
	// Output:
	// 3 seen, 2 changed
	// level {"N":"7"}
	// name {"S":"Duke"}
	// 3 seen, 0 changed
}

// One scan migrates the items of all models that share a table.
func ExampleCollection_Migrate() {
	ctx := context.Background()
	game, end := exampleCollection(ctx)
	defer end()

	report, err := game.Migrate(ctx, dynamapper.DryRun())
	check(err)
	fmt.Println(report.Done(), report.Changed) // all have the form of their models
	// Output: true 0
}

// The options may be collected, for example from the flags of a program.
func ExampleMigrateOption() {
	ctx := context.Background()
	heroes, end := exampleHeroes(ctx)
	defer end()

	opts := []dynamapper.MigrateOption{dynamapper.Segments(4)}
	if isDryRun := true; isDryRun {
		opts = append(opts, dynamapper.DryRun())
	}
	report, err := heroes.Migrate(ctx, opts...)
	check(err)
	fmt.Println(report.Changed, "items to change")
	// Output: 2 items to change
}

// Four segments are read and written at once.
func ExampleSegments() {
	ctx := context.Background()
	heroes, end := exampleHeroes(ctx)
	defer end()

	report, err := heroes.Migrate(ctx, dynamapper.Segments(4))
	check(err)
	fmt.Println(report.SegmentsDone, report.Changed)
	// Output: 4 2
}

// The migration leaves capacity to the game.
func ExampleRateLimit() {
	ctx := context.Background()
	heroes, end := exampleHeroes(ctx)
	defer end()

	report, err := heroes.Migrate(ctx, dynamapper.RateLimit(math.Inf(1), 50)) // writes alone
	check(err)
	fmt.Println(report.WriteUnits)
	// Output: 2
}

// The function gets the report after each page.
func ExampleOnProgress() {
	ctx := context.Background()
	heroes, end := exampleHeroes(ctx)
	defer end()

	_, err := heroes.Migrate(ctx, dynamapper.OnProgress(func(r dynamapper.MigrateReport) {
		fmt.Printf("%d of %d segments, %d items\n", r.SegmentsDone, r.Segments, r.Seen)
	}))
	check(err)
	// Output: 1 of 1 segments, 3 items
}

// A dry run counts the items that a migration would change.
func ExampleDryRun() {
	ctx := context.Background()
	heroes, end := exampleHeroes(ctx)
	defer end()

	report, err := heroes.Migrate(ctx, dynamapper.DryRun())
	check(err)
	fmt.Println(report.Changed, report.WriteUnits)
	// Output: 2 0
}

// An item that cannot be read does not hold up the others.
func ExampleSkipInvalid() {
	ctx := context.Background()
	heroes, end := exampleHeroes(ctx)
	defer end()
	putBroken(ctx, heroes.Name())

	report, err := heroes.Migrate(ctx, dynamapper.SkipInvalid(func(err error) {
		var failed *dynamapper.MigrateError
		if errors.As(err, &failed) {
			fmt.Println("skipped:", failed.Key.Hash())
		}
	}))
	check(err)
	fmt.Println(report.Changed, "changed,", report.Skipped, "skipped")
	// Output:
	// skipped: Broken
	// 2 changed, 1 skipped
}

// Without SkipInvalid, an item that cannot be read ends the migration.
func ExampleMigrateError() {
	ctx := context.Background()
	heroes, end := exampleHeroes(ctx)
	defer end()
	putBroken(ctx, heroes.Name())

	_, err := heroes.Migrate(ctx)
	var failed *dynamapper.MigrateError
	var field *dynamapper.FieldError
	fmt.Println(errors.As(err, &failed), failed.Key.Hash(), errors.As(err, &field), field.Attribute)
	// Output: true Broken true level
}

func ExampleMigrateReport() {
	ctx := context.Background()
	heroes, end := exampleHeroes(ctx)
	defer end()

	report, err := heroes.Migrate(ctx)
	check(err)
	fmt.Println(report.Seen, report.Changed, report.Conflicts, report.Skipped, report.Kept)
	fmt.Println(report.ReadUnits, report.WriteUnits)
	// Output:
	// 3 2 0 0 0
	// 0.5 2
}

// If the context ends, the report says how far the migration has come.
func ExampleMigrateReport_Done() {
	heroes, end := exampleHeroes(context.Background())
	defer end()

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	report, err := heroes.Migrate(ctx)
	fmt.Println(report.Done(), errors.Is(err, context.Canceled))
	// Output: false true
}

func ExampleMigrateReport_String() {
	report := dynamapper.MigrateReport{Seen: 1000, Changed: 40, Segments: 8, SegmentsDone: 3}
	fmt.Println(report)
	// Output:
	// 3 of 8 segments: 1000 seen, 40 changed, 0 conflicts, 0 skipped, 0 kept; 0.0 RU, 0.0 WU; 0s
}

// A migration that ended early continues where it was; one that has finished says so.
func ExampleCheckpoints() {
	ctx := context.Background()
	heroes, end := exampleHeroes(ctx)
	defer end()
	folder, err := os.MkdirTemp("", "migration")
	check(err)
	defer os.RemoveAll(folder)

	at := dynamapper.Checkpoints(
		dynamapper.FileCheckpoints(filepath.Join(folder, "migration.json")))
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err = heroes.Migrate(ended, at)
	fmt.Println(errors.Is(err, context.Canceled))
	report, err := heroes.Migrate(ctx, at)
	check(err)
	fmt.Println(report.Done(), report.Changed)
	_, err = heroes.Migrate(ctx, at)
	switch {
	case errors.Is(err, dynamapper.ErrMigrated):
		fmt.Println("finished before")
	case errors.Is(err, dynamapper.ErrMigrating):
		fmt.Println("another program is at it")
	default:
		check(err)
	}
	// Output:
	// true
	// true 2
	// finished before
}

// When no old program is left, the second run finds what they have written since.
func ExampleRestart() {
	ctx := context.Background()
	heroes, end := exampleHeroes(ctx)
	defer end()
	folder, err := os.MkdirTemp("", "migration")
	check(err)
	defer os.RemoveAll(folder)

	at := dynamapper.Checkpoints(
		dynamapper.FileCheckpoints(filepath.Join(folder, "migration.json")))
	_, err = heroes.Migrate(ctx, at)
	check(err)
	report, err := heroes.Migrate(ctx, at, dynamapper.Restart())
	check(err)
	fmt.Println(report.Seen, report.Changed)
	// Output: 3 0
}

func ExampleFileCheckpoints() {
	ctx := context.Background()
	heroes, end := exampleHeroes(ctx)
	defer end()
	folder, err := os.MkdirTemp("", "migration")
	check(err)
	defer os.RemoveAll(folder)

	store := dynamapper.FileCheckpoints(filepath.Join(folder, "migration.json"))
	report, err := heroes.Migrate(ctx, dynamapper.Checkpoints(store))
	check(err)
	fmt.Println(report.Changed)
	// Output: 2
}

// A table keeps the checkpoints of programs that may run on any machine.
func ExampleTableCheckpoints() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	heroes, err := dynamapper.TableOf[Hero](mapper)
	check(err)
	check(heroes.EnsureTable(ctx))
	checkpoints, err := dynamapper.TableOf[dynamapper.Checkpoint](mapper)
	check(err)
	check(checkpoints.EnsureTable(ctx))

	_, err = heroes.Migrate(ctx,
		dynamapper.Checkpoints(dynamapper.TableCheckpoints(checkpoints)))
	check(err)
	_, err = heroes.Migrate(ctx,
		dynamapper.Checkpoints(dynamapper.TableCheckpoints(checkpoints)))
	fmt.Println(errors.Is(err, dynamapper.ErrMigrated))
	// Output: true
}

// The checkpoints are items of a table like any other.
func ExampleCheckpoint() {
	ctx := context.Background()
	mapper, end := exampleMapper()
	defer end()
	checkpoints, err := dynamapper.TableOf[dynamapper.Checkpoint](mapper,
		dynamapper.WithTableName("migrations"))
	check(err)
	check(checkpoints.EnsureTable(ctx))
	all, err := checkpoints.Scan().Collect(ctx)
	check(err)
	fmt.Println(len(all))
	// Output: 0
}

// memoryCheckpoints is a store of a program's own. This one is of no use after the program's end.
type memoryCheckpoints struct {
	mu    sync.Mutex
	texts map[string]string
}

func (m *memoryCheckpoints) LoadCheckpoint(_ context.Context, name string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.texts[name], nil
}

func (m *memoryCheckpoints) SwapCheckpoint(
	_ context.Context, name, old, text string,
) (swapped bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.texts[name] != old {
		return false, nil // another program was faster
	}
	m.texts[name] = text
	return true, nil
}

// A program may keep checkpoints anywhere that can compare and swap a text.
func ExampleCheckpointStore() {
	ctx := context.Background()
	heroes, end := exampleHeroes(ctx)
	defer end()

	var store dynamapper.CheckpointStore = &memoryCheckpoints{texts: map[string]string{}}
	_, err := heroes.Migrate(ctx, dynamapper.Checkpoints(store))
	check(err)
	_, err = heroes.Migrate(ctx, dynamapper.Checkpoints(store))
	if errors.Is(err, dynamapper.ErrMigrated) {
		fmt.Println("finished before")
	}
	// Output: finished before
}
