package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/dynamapper/dynamapper"
)

// Entry is the effect of a request on a player: coins or points gained or spent, and for what.
type Entry struct {
	Kind, SKU     string
	Points, Coins int // negative: spent
}

// The kinds of entries.
const (
	kindPurchase = "purchase"
	kindGame     = "game"
)

func (p *Purchase) entry() Entry { return Entry{Kind: kindPurchase, SKU: p.SKU, Coins: -p.Price} }

func (m *Match) entry() Entry { return Entry{Kind: kindGame, Points: m.Points, Coins: m.Coins} }

// record is implemented by the records of requests. All records together are the journal.
type record[T any] interface {
	*T
	entry() Entry
}

// readEntry decodes the body of a request that is applied once, and returns its id.
func readEntry(r *http.Request, body any) (id string, err error) {
	if err := readBody(r, body); err != nil {
		return "", err
	}
	if id = r.PathValue("id"); !word.MatchString(id) {
		return "", newBadRequest("an id has 1 to 64 letters, digits, _ and -")
	}
	return id, nil
}

// putOnce applies a request once, and responds with its record: 201 for the request that applied
// it, and 200 for later ones.
func putOnce[T any, R record[T]](
	w http.ResponseWriter, r *http.Request, g *game, records *dynamapper.Table[T], asked T,
	apply stageFunc,
) error {
	applied, repeated, err := once[T, R](r.Context(), g, records, asked, apply)
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if repeated {
		status = http.StatusOK
	}
	respond(w, status, applied)
	return nil
}

// once applies a request together with its record. It reads the record first: a purchase that took
// the last coins is not refused when it is sent again. If there is no record, the commit checks
// that there still is none.
func once[T any, R record[T]](
	ctx context.Context, g *game, records *dynamapper.Table[T], asked T, apply stageFunc,
) (applied *T, repeated bool, err error) {
	err = g.transact(ctx, func(ctx context.Context, tx *dynamapper.Tx) (err error) {
		applied, err = records.In(tx).Get(ctx, records.KeyOf(&asked))
		if repeated = err == nil; repeated {
			return checkEntry(R(applied).entry(), R(&asked).entry())
		}
		if !errors.Is(err, dynamapper.ErrNotFound) {
			return err
		}
		if err := apply(ctx, tx); err != nil {
			return err
		}
		made := asked
		applied = &made
		records.In(tx).Save(applied)
		return nil
	})
	return applied, repeated, err
}

// checkEntry refuses an id under which another request was made.
func checkEntry(applied, asked Entry) error {
	if applied != asked {
		return errIDTaken
	}
	return nil
}
