// Package dynamapper maps structs to the items of Amazon DynamoDB.
//
// # A model
//
// A struct that embeds [Model] is a model; its tags say the rest. The first element of a tag is always the name. A field without a
// tag is stored under its own name; an embedded struct's fields count as the model's.
//
//	type User struct {
//		dynamapper.Model `dynamo:"game-dev-users"`
//
//		Login     string         `dynamo:"login,hash"`
//		Email     string         `dynamo:"email" index:"email-index,hash"`
//		Balance   int            `dynamo:"balance"`
//		Badges    []string       `dynamo:"badges,set"`
//		Inventory map[string]int `dynamo:"inventory"`         // one S that holds JSON
//		Settings  Settings       `dynamo:"settings,document"` // a native M
//		LastSeen  time.Time      `dynamo:"last_seen"`
//	}
//
// [Connect] or [New] make a [Mapper], [TableOf] makes the [Table] of a model, and its methods are the operations: Get, Save,
// Delete, Query, Scan, BatchGet, CreateTable and more.
//
// # Conflicts
//
// Loading and saving keep a snapshot of the raw item in Model. Save and Delete with [FailOnConflict] refuse to act when the stored
// item is not as the snapshot says: of two purchases that read the same balance, the second is refused with ErrConflict, and
// nothing is lost. A new item is never put over an existing one: ErrOverwrite. Without the option the last writer wins.
//
// What the struct does not know is kept, and what was not edited is written back as it was loaded.
//
// # Writes that are decided by the service
//
// [If] makes a write depend on conditions. [Table.Update] changes attributes without reading, [Table.Modify] reads, changes and saves
// again on a conflict, [Mapper.RunTransaction] does that with several items of several tables, all or nothing. With [Idempotent] a write
// is applied exactly once also when answers are lost; a transaction always is. Where that cannot be known, it is ErrUnknownOutcome.
//
// A transaction's function reads and stages through the [Tx] that it gets, and may be called again: see [Table.In].
//
//	err := mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) error {
//		waldo, err := users.In(tx).Get(ctx, dynamapper.Key("waldo"))
//		if err != nil {
//			return err
//		}
//		waldo.Balance -= 150
//		users.In(tx).Save(waldo) // else it is an error: no edit is dropped
//		return nil
//	})
//
// # Many items
//
// [Table.Query] reads the items of one hash key, of the table or of an index, and [Table.Scan] all of them: page by page while a
// loop over All goes on, or by Collect, First, Count and Page, whose cursor goes on behind it later, and elsewhere. Range and Where
// take the comparisons of [EQ] and its like. [Table.BatchGet], [Table.BatchSave] and [Table.BatchDelete] take any number of items;
// batches have no conditions, and what they write is written at least once.
//
//	for score, err := range scores.Query("red").Index("by-guild").Reverse().Limit(10).All(ctx) {
//	}
//
// # Types
//
//	Go                                      stored as                        missing where
//	string kinds                            S                                ""
//	integers, floats                        N
//	big.Int, big.Float, json.Number         N, exact to 38 digits            json.Number ""
//	bool                                    BOOL; N 0, 1 and S true, false are read too
//	[]byte, [N]byte                         B                                empty
//	time.Time                               S, RFC 3339, UTC, nine digits    zero
//	struct, map, slice, any                 S that holds JSON                empty
//	  with the option document              M, L                             nil
//	  with the option set                   SS, NS, BS                       empty
//	pointers                                as what they point to            nil
//	url.URL                                 S                                its text is ""
//	encoding.TextMarshaler                  S                                its text is ""
//	attributevalue.Marshaler                what it says
//	types.AttributeValue                    as it is                         nil
//
// The first of these that fits a type is taken: AttributeValue, Marshaler, time.Time and the number types, TextMarshaler,
// bytes, the kind. Inside a document, names come from the dynamo tags, and elements of lists and maps are always stored, nil as
// NULL. Inside JSON, encoding/json and its json tags rule; numbers are exact, in an any they are json.Number. NULL reads as missing, and a missing attribute as the zero
// value. Times are read with any offset and fraction, and come back in UTC.
//
// # Tag options
//
//	hash, range (partition, sort)   the primary key
//	autoincrement                   on an integer hash key: 0 gets the next id when it is saved
//	set                             SS, NS or BS, on []T, map[T]struct{} and map[T]bool
//	document, json                  the form of a struct, map, slice or any
//	unixtime, unixmilli             a time as N, seconds or milliseconds
//	layout=LAYOUT                   a time as text in a layout of package time, or the name of one
//	ttl                             seconds, by which the service deletes the item; CreateTable switches it on
//	version                         an int64 or a string that every write renews, and FailOnConflict alone looks at
//	created, updated                a time that the first save, or every write, sets, unless the caller has set it
//	omitempty                       zero and false are missing attributes too
//	default=VALUE                   given by Table.New; now is the time
//	-                               the field is left out
//
// A value with a comma stands in single quotes. An integer version begins at the time in
// microseconds, so that it does not come again when the item is deleted and inserted anew; one of
// 32 bits begins at 1, and is compared together with all other attributes. A version that is set in
// a loaded item is the one that the caller has seen: if it is not the loaded one, every write of
// the item is ErrConflict. Index tags are index:"NAME,hash",
// index:"NAME,range" and localIndex:"NAME,range", several separated by semicolons; beside the hash key (of a local index the
// range key) keys_only or include=a+b says what is projected.
//
// # Hooks
//
// A model may have methods on its pointer:
//
//	InitItem()                                                     by Table.New, after the defaults of the tags
//	ValidateItem() error                                           before every Save; its error stops it
//	MigrateItem(raw map[string]types.AttributeValue) error         changes what is loaded before the codec reads it
//	UnmarshalItem(raw map[string]types.AttributeValue) error       in place of the codec; see DecodeItem
//	MarshalItem() (map[string]types.AttributeValue, error)         in place of the codec; see EncodeItem
//
// What MarshalItem returns is the whole item. A model with MigrateItem or MarshalItem cannot be read with [Select].
// An attribute that only a hook knows, and that was not there when the item was loaded, is not
// compared: a model with UnmarshalItem needs a version for Modify and for a transaction.
//
// # Errors
//
// errors.Is finds ErrNotFound, ErrConflict and the others; errors.As finds the types with the details. A message names the
// table, the attribute and the Go path, and how to mend, and never a value.
//
// # Tests
//
// Package dynamotest gives each test DynamoDB in the test's own process, and makes the line to it lose answers. Package engine is
// that DynamoDB.
//
// # Concurrency and limits
//
// A Mapper and a Table are safe for concurrent use, an item is not. A batch has several requests under way at once, so that hooks
// and observers are called for several at once; no goroutine outlives the call. Copying an item copies its snapshot. Strings and snapshots of
// one page share memory in pieces of 16 KiB: an item that is kept keeps its piece. Lists and maps nest 31 deep in an item at most,
// as in DynamoDB. A document or JSON field that was edited is written whole, by the fields that the struct knows.
package dynamapper
