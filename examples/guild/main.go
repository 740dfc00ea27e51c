// Guild keeps guilds, their members, chats and wars in one table of DynamoDB. It shows how one
// query reads several kinds of items, how two indexes serve several kinds, how an index has keys of
// several attributes, and what each read and each write costs.
//
//	go run ./examples/guild
//	go run ./examples/guild -messages 2000
//
// The environment selects the engine: the endpoint AWS_ENDPOINT_URL_DYNAMODB if that is set, AWS if
// AWS_PROFILE or AWS_REGION is set, and otherwise an engine in the program's own process, which
// needs nothing but Go. On AWS a run costs less than a cent. The program deletes its table at the
// end, even after a failure or an interrupt; the table's name is unique.
//
// An index with keys of several attributes is new in the service, and DynamoDB Local 2.6 refuses
// it.
package main

import (
	"context"

	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

func main() { program(&settings{}).Main() }

// program returns the example with its settings, which flags change.
func program(s *settings) stage.Program {
	return stage.Program{
		Name:  "guild",
		Title: "Guild: guilds, members, chats and wars in one table, and what each access costs.",
		Cost:  "less than a cent",
		Flags: s.define,
		Play:  func(ctx context.Context, on *stage.Stage) error { return play(ctx, on, *s) },
	}
}

// settings holds the values of the flags.
type settings struct{ messages int }

func (s *settings) define(flags *stage.Flags) {
	flags.Int(&s.messages, "messages", "number of messages in each chat", 200, 20, 10_000)
}

// chronicle is the state that the scenes share.
type chronicle struct {
	*stage.Stage
	tables
	settings settings
}

func play(ctx context.Context, on *stage.Stage, settings settings) error {
	t, err := openTables(on.Mapper)
	if err != nil {
		return err
	}
	c := &chronicle{Stage: on, tables: t, settings: settings}
	return c.PlayOn(ctx, t.all, c.found, c.openPage, c.askTable, c.askIndexes, c.write)
}
