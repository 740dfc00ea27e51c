// Autoincrement numbers support tickets on a DynamoDB engine. Eight writers save at once; no id is
// used twice and no ticket is lost. Ids taken by hand are skipped, a batch takes its ids with one
// request, and after a failed save the field is 0 again. The count is stored where the Python
// mapper stored it, so that its tables continue to count.
//
//	go run ./examples/autoincrement
//	go run ./examples/autoincrement -tickets 100 -batch 500
//
// The environment selects the engine: the endpoint AWS_ENDPOINT_URL_DYNAMODB if that is set, AWS if
// AWS_PROFILE or AWS_REGION is set, and otherwise an engine in the program's own process, which
// needs nothing but Go. Without flags, a run on AWS costs less than a cent. The program deletes its
// table at the end, even after a failure or an interrupt; the table's name is unique.
//
// To use DynamoDB Local, run "docker run -p 8000:8000 amazon/dynamodb-local" and set
// AWS_ENDPOINT_URL_DYNAMODB=http://localhost:8000. Any other engine works by its endpoint too.
package main

import (
	"context"
	"fmt"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

func main() { program(&settings{}).Main() }

// program returns the story with its settings, which flags change.
func program(s *settings) stage.Program {
	return stage.Program{
		Name:  "autoincrement",
		Title: "Autoincrement: support tickets whose numbers come from the table.",
		Cost:  "less than a cent",
		Flags: s.define,
		Play:  func(ctx context.Context, on *stage.Stage) error { return tellStory(ctx, on, *s) },
	}
}

// settings holds the values of the flags.
type settings struct{ tickets, batch int }

const (
	maxTickets = 1000
	maxBatch   = 1000
)

func (s *settings) define(flags *stage.Flags) {
	flags.Int(&s.tickets, "tickets",
		fmt.Sprintf("number of tickets that each of the %d writers saves", writers), 25, 1,
		maxTickets)
	flags.Int(&s.batch, "batch", "number of tickets in a batch", 100, 1, maxBatch)
}

// story is the state that the scenes share.
type story struct {
	*stage.Stage
	settings settings
	tickets  *dynamapper.Table[Ticket]
	items    *dynamapper.Table[Item]
	last     int // the highest assigned id
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
	return s.PlayOn(ctx, tickets, s.writeAtOnce, s.takenByHand, s.batch, s.failedSaves, s.counter,
		s.original)
}
