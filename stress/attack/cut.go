package attack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/dynamapper/dynamapper"
)

// cutJob is a call whose connection breaks. With the way "" the connection does not break, and is
// measured.
type cutJob struct {
	name string
	run  func(ctx context.Context, c cut, safe bool, by sender) (cutOutcome, error)
}

// cutOutcome is the outcome of a call, and the number of bytes on its connection.
type cutOutcome struct {
	outcome
	place         place
	written, read int
}

// cutJobs returns the calls on one kind of wallet.
func cutJobs[T dynamapper.IsModel, W wallet[T]](version string) []cutJob {
	var all []cutJob
	for _, o := range operations[T, W]() {
		p := place{operation: o.name, traits: o.traits, stored: o.stored, version: version,
			rival: nobody, moment: atArrival, fault: fault{doubtful: true}}
		all = append(all, cutJob{p.operation, func(
			ctx context.Context, c cut, safe bool, by sender,
		) (cutOutcome, error) {
			return runCut(ctx, p, o, c, safe, by)
		}})
	}
	return all
}

// cutJobsOfAll returns the calls on all kinds of wallets.
func cutJobsOfAll() []cutJob {
	all := cutJobs[Plain](noVersion)
	all = append(all, cutJobs[Wide](wideVersion)...)
	return append(all, cutJobs[Tokened](stringVersion)...)
}

// cutPatience limits the duration of a call that waits for a table.
const cutPatience = 10 * time.Second

// runCut makes a call whose connection breaks.
func runCut[T dynamapper.IsModel, W wallet[T]](
	ctx context.Context, p place, o operation[T, W], c cut, safe bool, by sender,
) (cutOutcome, error) {
	p.fault.name = fmt.Sprintf("%s at byte %d", c.way, c.at)
	a := &attack[T, W]{place: &p, operation: o, cut: true}
	var line *pipes
	var err, lineErr error
	a.world, err = newWorld[T, W](ctx, p.version, by, func(
		cfg aws.Config, j *journal,
	) aws.Config {
		line, lineErr = newPipes(serve(j, *cfg.BaseEndpoint), safe)
		if lineErr != nil {
			return cfg
		}
		cfg.HTTPClient = &http.Client{Transport: line.client}
		cfg.BaseEndpoint = aws.String("http://engine")
		if safe {
			cfg.BaseEndpoint = aws.String("https://engine")
		}
		return cfg
	})
	if err := errors.Join(err, lineErr); err != nil {
		return cutOutcome{}, err
	}
	defer line.stop(ctx)
	call, err := a.begin(ctx, &o)
	if err != nil {
		return cutOutcome{}, err
	}
	a.cutCall(ctx, line, c, call)
	written, read, broken := line.wire.bytes()
	a.outcome.struck = broken
	a.checkSender()
	return cutOutcome{a.outcome, p, written, read}, a.trouble
}

// cutCall makes the call and judges it.
func (a *attack[T, W]) cutCall(ctx context.Context, line *pipes, c cut, call call[T]) {
	within, cancel := context.WithTimeout(ctx, cutPatience)
	defer cancel()
	c.end = cancel
	a.arm()
	a.past = a.watch.count()
	line.aim(c)
	a.do(within, call)
	line.stop(ctx)
	a.end(ctx)
	if a.outcome.lie == honest {
		a.outcome.lie = a.judge(ctx)
	}
}
