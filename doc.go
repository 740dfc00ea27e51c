// Package dynamapper maps Go structs to the items of Amazon DynamoDB.
//
// [Ten minutes] is a first program. The [guide] answers questions, such as which write to use for a
// purchase.
//
// # Models
//
// A model is a struct that embeds [Model]. The first element of a tag is a name: the table's on
// Model, the attribute's on a field. Options follow. A field without a tag is stored under its own
// name. The fields of an embedded struct belong to the model.
//
//	type User struct {
//		dynamapper.Model `dynamo:"users"`
//
//		Login     string         `dynamo:"login,hash"`
//		Email     string         `dynamo:"email" index:"by-email,hash"`
//		Balance   int            `dynamo:"balance"`
//		Badges    []string       `dynamo:"badges,set"`
//		Inventory map[string]int `dynamo:"inventory"`         // stored as S, as JSON
//		Settings  Settings       `dynamo:"settings,document"` // stored as M
//		LastSeen  time.Time      `dynamo:"last_seen"`
//		Version   string         `dynamo:"version,version"`
//	}
//
// The page on [models] lists how each type is stored, all tag options, the index tags, and the
// hooks: methods by which a model validates, migrates or encodes its items.
//
// # Tables
//
// [Connect] and [New] return a [Mapper]. [TableOf] returns the [Table] of a model, and an error if
// a tag is invalid. The methods of the table are the operations.
//
//	mapper, err := dynamapper.Connect(ctx)
//	users, err := dynamapper.TableOf[User](mapper)
//	waldo, err := users.Get(ctx, dynamapper.Key("waldo"), dynamapper.Consistent())
//	waldo.Balance -= 150
//	err = users.Save(ctx, waldo, dynamapper.FailOnConflict())
//
// Each call has its own option type, such as [SaveOption]. A call does not compile with an option
// that it does not take.
//
// # Conflicts
//
// Model keeps a snapshot of the raw item when an item is loaded or saved. With [FailOnConflict],
// Save and Delete write only if the stored item is as it was loaded, and otherwise return
// ErrConflict. If the key of a new item is taken, Save returns ErrOverwrite. A field with the
// option version makes FailOnConflict compare the version alone, unless the version is a 32-bit
// integer.
//
// Without FailOnConflict, Save replaces the stored item, and the last writer wins. [Defaults] sets
// FailOnConflict for every Save and Delete of a table; [LastWriterWins] lifts the defaults for one
// call. Defaults do not apply to other writes, except that BatchSave then requires LastWriterWins.
//
// Save writes back attributes that the struct does not know, and fields that were not edited, as
// they were loaded.
//
// # Other writes
//
// [If] adds conditions to a write. [Table.Update] changes attributes without a read. [Table.Modify]
// reads an item, calls a function that changes it, saves it, and starts again after a conflict.
// [Mapper.RunTransaction] does the same with items of several tables, and writes all of them or
// none:
//
//	err := mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
//		waldo, err := users.In(tx).Get(ctx, dynamapper.Key("waldo"))
//		if err != nil {
//			return err
//		}
//		waldo.Balance -= 150
//		return users.In(tx).Save(waldo)
//	})
//
// The functions of Modify and RunTransaction may be called several times. If the response to a
// write is lost, and nothing proves whether the write was applied, the call returns
// ErrUnknownOutcome. A transaction, and a write with [Idempotent], is sent again with a token and
// applied once. The page on [writing] compares all writes.
//
// # Reads
//
// [Table.Get] and [Table.BatchGet] read by key. [Table.Query] reads the items of one hash key, of
// the table or of an index, and [Table.Scan] reads the whole table. Both read page by page:
//
//	for score, err := range scores.Query("red").Index("by-guild").Reverse().Limit(10).All(ctx) {
//	}
//
// A [Collection] reads items of several models that share a table, such as a player with the
// player's matches. The page on [reading] describes cursors, conditions, and what each read costs,
// and the page on [entities] tables with many kinds of items.
//
// # Errors
//
// Use errors.Is to find ErrNotFound, ErrConflict and the other sentinels, and errors.As to find the
// types with details. Messages name the table, the Go field and the attribute, and how to fix the
// problem. They never contain a value of an item. Invalid arguments return an error before any
// request is sent, and no sentinel matches it. The page on [errors] lists all errors.
//
// # Tests
//
// Package dynamotest gives each test a DynamoDB in the process of the test, written in Go, and can
// lose responses on purpose. Package engine is this DynamoDB.
//
// # Concurrency and memory
//
// A Mapper and a Table are safe for concurrent use; an item is not. A batch sends several requests
// at once, and calls hooks and observers from several goroutines. No goroutine outlives its call.
//
// Copying an item copies its snapshot. The strings and snapshots of one page share memory in blocks
// of 16 KiB: an item that is kept keeps its block.
//
// [Ten minutes]: https://github.com/dynamapper/dynamapper/blob/main/docs/start.md
// [guide]: https://github.com/dynamapper/dynamapper/blob/main/docs/README.md
// [models]: https://github.com/dynamapper/dynamapper/blob/main/docs/models.md
// [writing]: https://github.com/dynamapper/dynamapper/blob/main/docs/writing.md
// [reading]: https://github.com/dynamapper/dynamapper/blob/main/docs/reading.md
// [entities]: https://github.com/dynamapper/dynamapper/blob/main/docs/entities.md
// [errors]: https://github.com/dynamapper/dynamapper/blob/main/docs/errors.md
package dynamapper
