// Autoincrement numbers support tickets on a DynamoDB engine: eight writers save at once, and no id is given twice
// and no ticket lost; ids taken by hand are skipped; a batch takes its ids with one request; after a save that fails the
// field is 0 again; and the count is kept where the Python mapper kept it, so that its tables go on counting.
//
//	go run ./examples/autoincrement
//	go run ./examples/autoincrement -tickets 100 -batch 500
//
// It runs on an engine in its own process, which needs nothing but Go, or where the environment says: at
// AWS_ENDPOINT_URL_DYNAMODB if that is set, else on AWS if AWS_PROFILE or AWS_REGION is. There it costs less than a cent
// without flags. Its table has a name of its own and is deleted at the end, also after a failure or an interrupt.
//
// On DynamoDB Local: docker run -p 8000:8000 amazon/dynamodb-local, and set AWS_ENDPOINT_URL_DYNAMODB=http://localhost:8000.
// Any other engine does as well, by its endpoint.
package main

import (
	"context"
	"fmt"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

func main() { program(&settings{}).Main() }

// program is the story with settings, which its flags change.
func program(s *settings) stage.Program {
	return stage.Program{
		Name:  "autoincrement",
		Title: "Autoincrement: support tickets that get their numbers from the table.",
		Cost:  "less than a cent",
		Flags: s.define,
		Play:  func(ctx context.Context, on *stage.Stage) error { return tellStory(ctx, on, *s) },
	}
}

// settings is what the flags say.
type settings struct{ tickets, batch int }

const (
	maxTickets = 1000
	maxBatch   = 1000
)

func (s *settings) define(flags *stage.Flags) {
	flags.Int(&s.tickets, "tickets", fmt.Sprintf("how many tickets each of the %d writers saves", writers), 25, 1, maxTickets)
	flags.Int(&s.batch, "batch", "how many tickets are saved in a batch", 100, 1, maxBatch)
}

// story is what the scenes share.
type story struct {
	*stage.Stage
	settings settings
	tickets  *dynamapper.Table[Ticket]
	items    *dynamapper.Table[Item]
	last     int // the highest id that was given
}

func tellStory(ctx context.Context, on *stage.Stage, settings settings) error {
	tickets, err := dynamapper.TableOf[Ticket](on.Mapper)
	if err != nil {
		return err
	}
	items, err := dynamapper.TableOf[Item](on.Mapper)
	if err != nil {
		return err
	}
	s := &story{Stage: on, settings: settings, tickets: tickets, items: items}
	return s.PlayOn(ctx, tickets, s.writeAtOnce, s.takenByHand, s.batch, s.failedSaves, s.counter, s.original)
}
