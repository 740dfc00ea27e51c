package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/dynamapper/dynamapper/dynamotest"
	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

var stateHead = []any{"", "waldo's coins", "his swords", "in stock", "in the journal"}

// state returns waldo's coins and swords and the shop's, as a row of a table.
func (b *books) state(name string) []any {
	records, _ := b.bought("waldo", "sword")
	return []any{name, b.players["waldo"].Balance, b.players["waldo"].Inventory["sword"],
		b.stock["sword"].Left, records}
}

// purchase makes a purchase without faults.
func (s *story) purchase(ctx context.Context) error {
	s.Heading("1. A purchase")
	s.Say("Waldo buys a sword. One transaction writes his coins and his sword, the stock, and " +
		"the record in the journal:")
	s.Code(
		`err := s.mapper.RunTransaction(ctx, func(ctx context.Context, tx *dynamapper.Tx) (err error) {`,
		`    ... // in the function, by s.players.In(tx) and the like:`,
		`    purchase, err := purchases.Get(ctx, dynamapper.Key(id)) // was it made before?`,
		`    player, err := players.Get(ctx, dynamapper.Key(login))`,
		`    piece, err := stock.Get(ctx, dynamapper.Key(sku))`,
		`    ... // sold out? too few coins? return an error, and nothing is written`,
		`    players.Save(player)`,
		`    stock.Save(piece)`,
		`    purchases.Save(purchase)`,
	)
	if err := s.shop.open(ctx); err != nil {
		return err
	}
	before, err := s.shop.audit(ctx, s.sent)
	if err != nil {
		return err
	}
	if _, err := s.shop.buy(ctx, s.newID(), "waldo", "sword"); err != nil {
		return err
	}
	after, err := s.shop.audit(ctx, s.sent)
	if err != nil {
		return err
	}
	s.Table(stateHead, before.state("before"), after.state("after"))
	return nil
}

// sentAgain sends a purchase again, as a client that has not waited for the response does.
func (s *story) sentAgain(ctx context.Context) error {
	s.Heading("2. The same purchase sent again")
	s.Say("Waldo buys another sword. His client times out, and sends the same purchase, with the " +
		"same id, once more:")
	s.Code(`purchase, err := s.shop.buy(ctx, id, "waldo", "sword")`)
	id, rows := s.newID(), [][]any{append(stateHead, "requests", "bought at")}
	for _, name := range []string{"sent", "sent again"} {
		used := s.Meter.Since()
		purchase, err := s.shop.buy(ctx, id, "waldo", "sword")
		if err != nil {
			return err
		}
		requests := used().Total().Requests
		b, err := s.shop.audit(ctx, s.sent)
		if err != nil {
			return err
		}
		rows = append(rows, append(b.state(name), requests, purchase.At.Format("15:04:05.000000")))
	}
	s.Table(rows...)
	s.Say("The second one reads the record, writes nothing, and returns the response of the first.")
	return nil
}

// lastPiece lets two players race for the last piece.
func (s *story) lastPiece(ctx context.Context) error {
	s.Heading("3. The last one in stock")
	s.Say("One crown is left. Waldo and Wally buy it at once, and both have read it before the " +
		"first of them commits:")
	offers := []*offer{{id: s.newID(), login: "waldo"}, {id: s.newID(), login: "wally"}}
	rows := [][]any{{"buyer", "outcome", "crowns", "crowns in stock"}}
	if err := s.race(ctx, "crown", offers); err != nil {
		return err
	}
	b, err := s.shop.audit(ctx, s.sent)
	if err != nil {
		return err
	}
	if sold, _ := b.bought("", "crown"); sold != 1 {
		return fmt.Errorf("the last crown was sold %d times", sold)
	}
	for _, o := range offers {
		rows = append(rows, []any{o.login, o.outcome, b.players[o.login].Inventory["crown"],
			b.stock["crown"].Left})
	}
	s.Table(rows...)
	s.Say("The other commit is refused, because the stock has changed since it was read. The " +
		"function runs again and finds none left.")
	return s.offerAgain(ctx, offers)
}

// offer is a purchase in a race.
type offer struct{ id, login, outcome string }

// race runs all purchases at once. None commits before all have read.
func (s *story) race(ctx context.Context, sku string, offers []*offer) error {
	meeting := stage.NewMeeting(len(offers))
	s.line.Clear()
	s.line.Each("TransactWriteItems", func(n int) dynamotest.Fault {
		if n > len(offers) {
			return nil // a commit after the meeting
		}
		return meet(meeting)
	})
	var tasks []func(context.Context) error
	for _, o := range offers {
		tasks = append(tasks, func(ctx context.Context) (err error) {
			o.outcome, err = s.outcome(ctx, o.id, o.login, sku)
			return err
		})
	}
	return stage.Together(ctx, tasks)
}

// offerAgain sends the purchases of the race again. The player who has the crown does not get the
// error that it is sold out.
func (s *story) offerAgain(ctx context.Context, offers []*offer) error {
	for _, o := range offers {
		outcome, err := s.outcome(ctx, o.id, o.login, "crown")
		if err != nil {
			return err
		}
		if outcome != o.outcome {
			return fmt.Errorf("the purchase of %s was %s, but sent again it was %s", o.login,
				o.outcome, outcome)
		}
	}
	s.Say("Sent again, both are answered as before: the journal is read first, so the owner of " +
		"the crown is not refused as sold out.")
	return nil
}

// meet holds a request until all others have reached the same point.
func meet(meeting *stage.Meeting) dynamotest.Fault {
	return func(
		request *http.Request, send func() (*http.Response, error),
	) (*http.Response, error) {
		if err := meeting.Join(request.Context()); err != nil {
			return nil, err
		}
		return send()
	}
}

// outcome buys, and returns the outcome.
func (s *story) outcome(ctx context.Context, id, login, sku string) (string, error) {
	_, err := s.shop.buy(ctx, id, login, sku)
	switch {
	case errors.Is(err, errSoldOut), errors.Is(err, errTooFewCoins):
		return "refused: " + err.Error(), nil
	case err != nil:
		return "", err
	}
	return "bought", nil
}

// lostResponse commits a purchase whose response is lost.
func (s *story) lostResponse(ctx context.Context) error {
	s.Heading("4. The response is lost")
	s.Say("Waldo buys a third sword. The commit is applied, and the connection breaks before the " +
		"response arrives:")
	s.line.Clear()
	s.line.On("TransactWriteItems", 1, dynamotest.Lose())
	if _, err := s.shop.buy(ctx, s.newID(), "waldo", "sword"); err != nil {
		return err
	}
	commits := s.line.Sent("TransactWriteItems")
	b, err := s.shop.audit(ctx, s.sent)
	if err != nil {
		return err
	}
	s.Table(append(stateHead, "commits sent"), append(b.state("bought"), commits))
	s.Say("The commit is sent again with the same token, so the service knows that it was " +
		"already applied.")
	return nil
}
