package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

// loadSettings describes a load: the number of players and devices, and how long they play.
type loadSettings struct {
	duration time.Duration
	steps    int           // the most steps of each device; 0: no limit
	faults   share         // of the writes that fail
	players  int           // who play at once
	devices  int           // of each player: they conflict with each other
	timeout  time.Duration // of the service's requests
	patience time.Duration // the longest wait of a client after a 503
}

// troubledTimeout is shorter, because some requests wait for it in vain.
const troubledTimeout = 2 * time.Second

func standardLoad() loadSettings {
	return loadSettings{players: 8, devices: 2, timeout: 5 * time.Second, patience: time.Minute}
}

var guilds = []string{"red", "green", "blue"}

// performLoad runs the load on the engine that the environment names.
func performLoad(ctx context.Context, s loadSettings, stdout, stderr io.Writer) (err error) {
	printer := stage.NewPrinter(stdout)
	printer.Say("A game's backend under load: every coin is accounted for.")
	engine, err := stage.Start(ctx, "a cent or two for each ten seconds")
	if err != nil {
		return err
	}
	defer func() {
		if closing := engine.Close(); err == nil {
			err = closing
		}
	}()
	printer.Say("This runs on %s.", engine.Where)
	logger := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	return performLoadOn(ctx, engine, printer, s, logger)
}

func performLoadOn(
	ctx context.Context, engine stage.Engine, printer *stage.Printer, s loadSettings,
	logger *slog.Logger,
) error {
	l := newLoad(s, logger)
	if l.trouble != nil {
		engine = swift{engine}
	}
	return l.program().Perform(ctx, engine, printer)
}

// load is a run of players against the service.
type load struct {
	*stage.Stage
	settings loadSettings
	logger   *slog.Logger
	trouble  *trouble // nil: none
	game     *game
	requests atomic.Int64 // answered so far
}

func newLoad(s loadSettings, logger *slog.Logger) *load {
	l := &load{settings: s, logger: logger}
	if s.faults > 0 {
		l.trouble = newTrouble(float64(s.faults))
	}
	return l
}

// program returns the load as a program on a stage, which deletes the tables in any case.
func (l *load) program() stage.Program {
	p := stage.Program{Name: "gamebackend", Play: l.play}
	if l.trouble != nil {
		p.Line = l.trouble.line
	}
	return p
}

func (l *load) play(ctx context.Context, on *stage.Stage) error {
	t, err := newTables(on.Mapper)
	if err != nil {
		return err
	}
	l.Stage, l.game = on, &game{tables: t, logger: l.logger, timeout: l.settings.timeout,
		now: time.Now}
	return on.PlayOnAll(ctx, t.stored(), l.run)
}

// run serves, runs the players, stops the service as an interrupt does, and audits the books.
func (l *load) run(ctx context.Context) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	stopped := make(chan error, 1)
	go func() { stopped <- serve(serving, newServer(l.game), listener, time.Minute) }()

	started := time.Now()
	devices, playing := l.playAll(ctx, "http://"+listener.Addr().String())
	took := time.Since(started)
	stop()
	if err := <-stopped; err != nil {
		return err
	}
	if playing != nil {
		return playing
	}
	books, err := l.game.audit(ctx, devices)
	if err != nil {
		return err
	}
	l.report(devices, took, books)
	return books.err()
}

// playAll runs all devices and returns them with their records.
func (l *load) playAll(ctx context.Context, base string) ([]*device, error) {
	if l.trouble != nil {
		l.trouble.begin()
		defer l.trouble.end()
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 2 * l.settings.players * l.settings.devices}
	defer transport.CloseIdleConnections()
	started := time.Now()
	defer l.Watch(func() string {
		return fmt.Sprintf("%3.0f s: %d requests answered", time.Since(started).Seconds(),
			l.requests.Load())
	})()
	var devices []*device
	var tasks []func(context.Context) error
	for n := range l.settings.players * l.settings.devices {
		d := &device{
			base: base, http: &http.Client{Transport: transport}, patience: l.settings.patience,
			answered: &l.requests,
			login:    fmt.Sprintf("player-%d", n/l.settings.devices),
			name:     fmt.Sprintf("device-%d", n),
			guild:    guilds[n/l.settings.devices%len(guilds)], promises: map[string]Entry{},
		}
		devices = append(devices, d)
		tasks = append(tasks, func(ctx context.Context) error {
			return d.playUntil(ctx, started.Add(l.settings.duration), l.settings.steps)
		})
	}
	return devices, stage.Together(ctx, tasks)
}

// playUntil plays until the time is up. It finishes a request that it has begun: it repeats it
// until the outcome is known.
func (d *device) playUntil(ctx context.Context, end time.Time, steps int) error {
	if err := d.logIn(ctx); err != nil {
		return err
	}
	for n := 0; (steps == 0 || n < steps) && (steps > 0 || time.Now().Before(end)); n++ {
		if err := d.step(ctx); err != nil {
			return fmt.Errorf("%s of %s: %w", d.name, d.login, err)
		}
	}
	return nil
}

// step performs a random action of a player.
func (d *device) step(ctx context.Context) error {
	switch n := rand.IntN(100); {
	case n < 35:
		return d.playGame(ctx)
	case n < 65:
		return d.buy(ctx)
	case n < 75:
		return d.takeBonus(ctx)
	case n < 85:
		return d.call(ctx, "wallet", http.MethodGet, "/me/wallet", nil, nil, http.StatusOK)
	}
	return d.readTop(ctx)
}
