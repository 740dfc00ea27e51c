package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// pages reads the same list over HTTP, page by page.
func (s *season) pages(ctx context.Context) error {
	s.Heading("3. Page by page, over HTTP")
	s.Say("An HTTP API returns the same list in pages. Each response has the cursor of the next " +
		"page; the server keeps no state:")
	s.Code(
		`page, err := scores.Query(guild).Index("by-guild").Reverse().Limit(limit).From(cursor).Page(ctx)`,
		`case errors.Is(err, dynamapper.ErrInvalidCursor): // 400 Bad Request`,
	)
	api, err := startAPI(ctx, newHandler(s.scores, slog.Default()))
	if err != nil {
		return err
	}
	defer api.stop()
	s.Say("It listens at %s. Three pages are requested; cursors are shortened here:", api.base)
	next, err := s.threePages(ctx, api)
	if err != nil {
		return err
	}
	return s.badRequests(ctx, api, next)
}

// threePages requests the first pages, and returns the cursor of the next one.
func (s *season) threePages(ctx context.Context, api *api) (next string, err error) {
	rows := [][]any{{"page", "scores read", "requests", "read units"}}
	for number := 1; number <= 3; number++ {
		used := s.Meter.Since()
		body, err := s.ask(ctx, api, "red", 10, next, http.StatusOK)
		if err != nil {
			return "", err
		}
		var page scorePage
		if err := json.Unmarshal(body, &page); err != nil {
			return "", err
		}
		total := used().Total()
		rows = append(rows, []any{number, total.Items, total.Requests, total.ReadUnits})
		next = page.Next
	}
	s.Table(rows...)
	s.Say("A later page reads only the scores that it shows: the cursor continues at its position.")
	return next, nil
}

// badRequests shows requests that the API refuses.
func (s *season) badRequests(ctx context.Context, api *api, next string) error {
	s.Say("\nThe cursor of the red guild is not valid for the blue one, nor is a damaged cursor:")
	used := s.Meter.Since()
	if _, err := s.ask(ctx, api, "blue", 10, next, http.StatusBadRequest); err != nil {
		return err
	}
	if _, err := s.ask(ctx, api, "red", 10, next[1:], http.StatusBadRequest); err != nil {
		return err
	}
	s.Say("\nThe limit must be in range, too:")
	if _, err := s.ask(ctx, api, "red", 0, "", http.StatusBadRequest); err != nil {
		return err
	}
	s.Say("\nRequests sent to DynamoDB for these: %d.", used().Total().Requests)
	return nil
}

// ask calls the API, and shows the URL and the response.
func (s *season) ask(
	ctx context.Context, api *api, guild string, limit int, cursor string, want int,
) ([]byte, error) {
	path := fmt.Sprintf("/guilds/%s/top?limit=%d", guild, limit)
	if cursor != "" {
		path += "&cursor=" + url.QueryEscape(cursor)
	}
	status, body, err := api.get(ctx, path)
	if err != nil {
		return nil, err
	}
	s.Say("")
	s.Code("GET "+shorten(path), fmt.Sprintf("%d %s", status, showBody(body)))
	if status != want {
		return nil, fmt.Errorf("the status for %s is %d instead of %d", path, status, want)
	}
	return body, nil
}

// showBody formats a response with one line for each score. It omits some scores and shortens the
// cursor.
func showBody(body []byte) string {
	var page struct {
		Items []json.RawMessage
		Next  string
	}
	if err := json.Unmarshal(body, &page); err != nil || len(page.Items) < 3 {
		return strings.TrimSpace(string(body))
	}
	last := len(page.Items) - 1
	return fmt.Sprintf(
		"{\"items\":[\n      %s,\n      ... %d more,\n      %s],\n     \"next\":\"%s\"}",
		page.Items[0], last-1, page.Items[last], shorten(page.Next))
}

// shorten cuts out the middle of a text that is too long to show.
func shorten(text string) string {
	const head, tail = 60, 8
	if len(text) <= head+tail {
		return text
	}
	return text[:head] + "..." + text[len(text)-tail:]
}

// api is a running HTTP server.
type api struct {
	base   string
	server *http.Server
	client *http.Client
}

// startAPI serves on a free port of this machine. Its requests end with ctx.
func startAPI(ctx context.Context, handler http.Handler) (*api, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	a := &api{
		base: "http://" + listener.Addr().String(),
		server: &http.Server{Handler: handler, BaseContext: func(net.Listener) context.Context {
			return ctx
		}},
		client: &http.Client{Transport: &http.Transport{}},
	}
	go func() { _ = a.server.Serve(listener) }() // until stop
	return a, nil
}

func (a *api) stop() {
	a.client.CloseIdleConnections()
	a.server.Close()
}

func (a *api) get(ctx context.Context, path string) (status int, body []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+path, nil)
	if err != nil {
		return 0, nil, err
	}
	response, err := a.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	if ctx.Err() != nil { // the server ends with it, and may not have responded
		err = ctx.Err()
	}
	return response.StatusCode, body, err
}
