// Purchase sells swords on a DynamoDB engine. It writes the player, the stock and a journal record
// in one transaction. The same purchase sent twice is applied once, the last piece is sold once,
// and a process that is killed in the middle of a purchase leaves nothing half done: the program
// starts itself as the buyer, and kills it.
//
//	go run ./examples/purchase
//	go run ./examples/purchase -kills 60
//
// The code to copy is in shop.go and buy.go.
//
// The environment selects the engine: the endpoint AWS_ENDPOINT_URL_DYNAMODB if that is set, AWS if
// AWS_PROFILE or AWS_REGION is set, and otherwise an engine in the program's own process, which
// needs nothing but Go. Without flags, a run on AWS costs less than a cent. The program deletes its
// tables at the end, even after a failure or an interrupt; the tables' names are unique.
//
// To use DynamoDB Local, run "docker run -p 8000:8000 amazon/dynamodb-local" and set
// AWS_ENDPOINT_URL_DYNAMODB=http://localhost:8000. Any other engine works by its endpoint too.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

func main() {
	if isBuyer() {
		os.Exit(buyerMain())
	}
	program(&settings{}).Main()
}

// program returns the story with its settings, which flags change.
func program(s *settings) stage.Program {
	line := dynamotest.NewFaults()
	return stage.Program{
		Name: "purchase",
		Title: "A purchase: the player, the stock and the journal in one transaction, or nothing " +
			"at all.",
		Cost:  "less than a cent",
		Line:  line,
		Flags: s.define,
		Play: func(ctx context.Context, on *stage.Stage) error {
			return tellStory(ctx, on, line, *s)
		},
	}
}

// settings holds the values of the flags.
type settings struct{ kills int }

// maxKills keeps an audit, which reads every purchase in one transaction, below the limit of 100
// items.
const maxKills = 60

func (s *settings) define(flags *stage.Flags) {
	flags.Int(&s.kills, "kills", "number of buyers to kill", 12, 1, maxKills)
}

// story is the state that the scenes share.
type story struct {
	*stage.Stage
	settings settings
	line     *dynamotest.Faults // between the shop and the engine
	shop     *shop
	sent     []string // the ids of all purchases so far
}

func tellStory(
	ctx context.Context, on *stage.Stage, line *dynamotest.Faults, settings settings,
) error {
	shop, err := newShop(on.Mapper)
	if err != nil {
		return err
	}
	s := &story{Stage: on, settings: settings, line: line, shop: shop}
	return s.PlayOnAll(ctx, []stage.Table{shop.players, shop.stock, shop.purchases},
		s.purchase, s.sentAgain, s.lastPiece, s.lostResponse, s.killedBuyers, s.finalAudit)
}

// newID returns the id of a purchase. A client would use a random id, and keep it until the
// purchase is answered.
func (s *story) newID() string {
	id := fmt.Sprintf("purchase-%d", len(s.sent)+1)
	s.sent = append(s.sent, id)
	return id
}
