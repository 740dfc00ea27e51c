package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync/atomic"
	"time"
)

// device is a client of a player, with a record of the responses that it got. A player may have
// several.
type device struct {
	base, login, guild, name string
	http                     *http.Client
	patience                 time.Duration
	answered                 *atomic.Int64

	token    string
	ids      int
	promises map[string]Entry // by id: the entries that the service confirmed
	refused  []string         // the ids of the requests that it refused
	bonuses  int              // the number that it confirmed as paid
	repeated int              // purchases that were answered and still sent again
	took     map[string][]time.Duration
	unknown  int // 503 responses after which the outcome is unknown
	busy     int // the other 503 responses
}

// statusError is a response that ends a call.
type statusError struct {
	status int
	said   refusal
}

func (e *statusError) Error() string {
	return fmt.Sprintf("answered %d: %s: %s", e.status, e.said.Code, e.said.Message)
}

// call sends a request until its outcome is known. The caller lists the statuses that mean success;
// any other is a *statusError.
func (d *device) call(
	ctx context.Context, what, method, path string, body, into any, good ...int,
) error {
	for {
		status, text, header, err := d.send(ctx, what, method, path, body)
		switch {
		case err != nil:
			return err
		case status == http.StatusServiceUnavailable:
			if err := d.wait(ctx, header, text); err != nil {
				return err
			}
			continue
		case !slices.Contains(good, status):
			return fmt.Errorf("%s %s: %w", method, path, newStatusError(status, text))
		case into != nil:
			return json.Unmarshal(text, into)
		}
		return nil
	}
}

func newStatusError(status int, text []byte) *statusError {
	var body struct{ Error refusal }
	_ = json.Unmarshal(text, &body)
	return &statusError{status, body.Error}
}

// send sends a request once.
func (d *device) send(
	ctx context.Context, what, method, path string, body any,
) (int, []byte, http.Header, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, nil, err
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, d.base+path, content)
	if err != nil {
		return 0, nil, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+d.token)
	start := time.Now()
	response, err := d.http.Do(request)
	if err != nil {
		return 0, nil, nil, err
	}
	text, err := io.ReadAll(response.Body)
	err = errors.Join(err, response.Body.Close())
	d.note(what, time.Since(start))
	return response.StatusCode, text, response.Header, err
}

func (d *device) note(what string, took time.Duration) {
	if d.took == nil {
		d.took = map[string][]time.Duration{}
	}
	d.took[what] = append(d.took[what], took)
	d.answered.Add(1)
}

// wait waits as Retry-After demands.
func (d *device) wait(ctx context.Context, header http.Header, text []byte) error {
	if newStatusError(0, text).said.Code == saidUnknown.Code {
		d.unknown++
	} else {
		d.busy++
	}
	seconds, err := strconv.Atoi(header.Get("Retry-After"))
	if err != nil {
		return fmt.Errorf("a 503 without Retry-After: %w", err)
	}
	timer := time.NewTimer(min(time.Duration(seconds)*time.Second, d.patience))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (d *device) logIn(ctx context.Context) error {
	var body struct{ Token string }
	err := d.call(ctx, "login", http.MethodPost, "/login",
		map[string]string{"login": d.login, "guild": d.guild}, &body,
		http.StatusOK, http.StatusCreated)
	d.token = body.Token
	return err
}

func (d *device) newID() string {
	d.ids++
	return fmt.Sprintf("%s-%d", d.name, d.ids)
}

func (d *device) playGame(ctx context.Context) error {
	id, points := d.newID(), 1+rand.IntN(maxPoints)
	var match Match
	err := d.call(ctx, "game", http.MethodPut, "/me/games/"+id, map[string]int{"points": points},
		&match, http.StatusCreated, http.StatusOK)
	d.promises[id] = match.entry()
	return err
}

// buy buys a thing. It sends a share of the purchases again, as an impatient client does.
func (d *device) buy(ctx context.Context) error {
	skus := []string{"sword", "shield", "potion"}
	id, body := d.newID(), map[string]string{"sku": skus[rand.IntN(len(skus))]}
	first, err := d.purchase(ctx, id, body)
	var refused *statusError
	switch {
	case errors.As(err, &refused) && refused.status == errTooFewCoins.Status:
		d.refused = append(d.refused, id)
		return nil
	case err != nil:
		return err
	}
	d.promises[id] = first.entry()
	if rand.IntN(3) > 0 {
		return nil
	}
	again, err := d.purchase(ctx, id, body)
	d.repeated++
	if err == nil && (again.entry() != first.entry() || !again.At.Equal(first.At)) {
		return fmt.Errorf("the purchase %s was sent again, and got another response", id)
	}
	return err
}

func (d *device) purchase(
	ctx context.Context, id string, body map[string]string,
) (made Purchase, err error) {
	err = d.call(ctx, "purchase", http.MethodPut, "/me/purchases/"+id, body, &made,
		http.StatusCreated, http.StatusOK)
	return made, err
}

func (d *device) takeBonus(ctx context.Context) error {
	var body struct{ Paid bool }
	err := d.call(ctx, "bonus", http.MethodPost, "/me/bonus", nil, &body, http.StatusOK)
	if body.Paid {
		d.bonuses++
	}
	return err
}

// readTop reads the leaderboard of the guild to its end.
func (d *device) readTop(ctx context.Context) error {
	for next := ""; ; {
		var page top
		path := "/guilds/" + d.guild + "/top?limit=2&cursor=" + url.QueryEscape(next)
		if err := d.call(ctx, "leaderboard", http.MethodGet, path, nil, &page,
			http.StatusOK); err != nil {
			return err
		}
		if next = page.Next; next == "" {
			return nil
		}
	}
}
