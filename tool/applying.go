package tool

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// applying shows how far an apply is, also while it waits for hours until an index is built.
type applying struct {
	run     *run
	changes []dynamapper.TableChange // those that are to be made, in their order

	mu   sync.Mutex
	at   int // the change under way
	made int
}

// How often an apply shows the time, and how often it asks the service what the table does.
const (
	applyTick   = time.Second
	askInterval = lineInterval
)

func newApplying(r *run, plan *dynamapper.Plan) *applying {
	a := &applying{run: r}
	type index struct{ table, name string }
	kept := map[index]bool{} // those that are not dropped
	for _, c := range plan.Changes {
		isLeft := c.Impossible != "" || c.Destroys && !r.flags.allowDestroy
		for _, name := range c.Needs {
			isLeft = isLeft || kept[index{c.Table, name}]
		}
		if isLeft {
			kept[index{c.Table, c.Index}] = true
			continue
		}
		a.changes = append(a.changes, c)
	}
	return a
}

// done notes a change that was made. Those before it that were not are left out.
func (a *applying) done(made dynamapper.TableChange) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.made++
	for i, c := range a.changes[a.at:] {
		if c.Table == made.Table && c.Kind == made.Kind && c.Index == made.Index &&
			c.What == made.What {
			a.at += i + 1
			return
		}
	}
}

// underWay returns the change that is being made, or false after the last one.
func (a *applying) underWay() (c dynamapper.TableChange, made int, is bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.at == len(a.changes) {
		return c, a.made, false
	}
	return a.changes[a.at], a.made, true
}

// show begins to show progress. The function that it returns ends it, and waits for the end.
func (a *applying) show(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.keepShowing(ctx)
	}()
	return func() {
		cancel()
		<-ended
	}
}

func (a *applying) keepShowing(ctx context.Context) {
	ticker := time.NewTicker(applyTick)
	defer ticker.Stop()
	began, status, asked := time.Now(), "", time.Now()
	of := -1 // the number of changes made when the status was asked for
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			c, made, is := a.underWay()
			if !is {
				continue
			}
			if now.Sub(asked) >= askInterval {
				status, asked, of = a.ask(ctx, &c), now, made
			}
			if of != made {
				status = ""
			}
			a.run.progress.update(func() string {
				return fmt.Sprintf("%s %d of %d changes made, %v: %s%s: %s",
					bar(float64(made)/float64(len(a.changes))), made, len(a.changes),
					now.Sub(began).Round(time.Second), status, c.Table, c.What)
			})
		}
	}
}

// ask returns what the service does with a table or an index, or "" if it does not say. An error is
// that of the apply, too.
func (a *applying) ask(ctx context.Context, c *dynamapper.TableChange) string {
	out, err := a.run.client.DescribeTable(ctx,
		&dynamodb.DescribeTableInput{TableName: aws.String(c.Table)})
	if err != nil || out.Table == nil {
		return ""
	}
	status := indexStatus(out.Table, c.Index)
	if isActive(status) {
		status = string(out.Table.TableStatus)
	}
	if isActive(status) {
		return ""
	}
	return status + ": "
}

// indexStatus returns the status of an index, or "" if there is none.
func indexStatus(t *types.TableDescription, name string) string {
	if at := slices.IndexFunc(t.GlobalSecondaryIndexes,
		func(i types.GlobalSecondaryIndexDescription) bool { return aws.ToString(i.IndexName) == name },
	); at >= 0 {
		i := &t.GlobalSecondaryIndexes[at]
		return statusOf(i.IndexStatus, i.Backfilling)
	}
	if at := slices.IndexFunc(t.VectorIndexes,
		func(v types.VectorIndexDescription) bool { return aws.ToString(v.IndexName) == name },
	); at >= 0 {
		v := &t.VectorIndexes[at]
		return statusOf(v.IndexStatus, v.Backfilling)
	}
	return ""
}
