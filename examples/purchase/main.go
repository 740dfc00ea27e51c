// Purchase sells swords on a DynamoDB engine: the player, the stock and a journal record are written in one transaction.
// The same purchase sent twice is applied once, the last piece is sold once, and a process that is killed in the middle of a
// purchase leaves nothing half done: the program starts itself as the buyer, and kills it.
//
//	go run ./examples/purchase
//	go run ./examples/purchase -kills 60
//
// The code to copy is in shop.go and buy.go.
//
// It runs on an engine in its own process, which needs nothing but Go, or where the environment says: at
// AWS_ENDPOINT_URL_DYNAMODB if that is set, else on AWS if AWS_PROFILE or AWS_REGION is. There it costs less than a cent
// without flags. Its tables have names of their own and are deleted at the end, also after a failure or an interrupt.
//
// On DynamoDB Local: docker run -p 8000:8000 amazon/dynamodb-local, and set AWS_ENDPOINT_URL_DYNAMODB=http://localhost:8000.
// Any other engine does as well, by its endpoint.
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

// program is the story with settings, which its flags change.
func program(s *settings) stage.Program {
	line := dynamotest.NewFaults()
	return stage.Program{
		Name:  "purchase",
		Title: "A purchase: the player, the stock and the journal in one transaction, or nothing at all.",
		Cost:  "less than a cent",
		Line:  line,
		Flags: s.define,
		Play:  func(ctx context.Context, on *stage.Stage) error { return tellStory(ctx, on, line, *s) },
	}
}

// settings is what the flags say.
type settings struct{ kills int }

// maxKills keeps an audit, which reads every purchase in one transaction, below the 100 items of one.
const maxKills = 60

func (s *settings) define(flags *stage.Flags) {
	flags.Int(&s.kills, "kills", "how many buyers are killed", 12, 1, maxKills)
}

// story is what the scenes share.
type story struct {
	*stage.Stage
	settings settings
	line     *dynamotest.Faults // between the shop and the engine
	shop     *shop
	sent     []string // the ids of all purchases so far
}

func tellStory(ctx context.Context, on *stage.Stage, line *dynamotest.Faults, settings settings) error {
	shop, err := newShop(on.Mapper)
	if err != nil {
		return err
	}
	s := &story{Stage: on, settings: settings, line: line, shop: shop}
	return s.PlayOnAll(ctx, []stage.Table{shop.players, shop.stock, shop.purchases},
		s.purchase, s.sentAgain, s.lastPiece, s.lostAnswer, s.killedBuyers, s.finalAudit)
}

// newID gives a purchase its id. A client would take a random one, and keep it until the purchase is answered.
func (s *story) newID() string {
	id := fmt.Sprintf("purchase-%d", len(s.sent)+1)
	s.sent = append(s.sent, id)
	return id
}
