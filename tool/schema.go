package tool

import (
	"context"
	"errors"
	"strings"

	"github.com/dynamapper/dynamapper"
)

func runVerify(ctx context.Context, r *run) error {
	for _, g := range r.groups {
		v := verified{Table: g.name, Models: g.modelNames()}
		err := g.verify(ctx)
		switch {
		case err == nil:
			v.OK = true
			r.say("%s: as the models say\n", g.name)
		case isMissing(err):
			v.Problem = "the table does not exist; create it with apply"
		case errors.Is(err, dynamapper.ErrSchema):
			v.Problem = err.Error()
		default:
			return err
		}
		if !v.OK {
			r.differs()
			r.say("%s: %s\n", g.name, v.Problem)
		}
		r.result.Verified = append(r.result.Verified, v)
	}
	return nil
}

func runPlan(ctx context.Context, r *run) error {
	plan, err := dynamapper.PlanTables(ctx, tablesOf(r.groups)...)
	if err != nil {
		return err
	}
	r.showPlan(plan)
	return nil
}

// showPlan makes a plan the result.
func (r *run) showPlan(plan *dynamapper.Plan) {
	r.result.Plan = &planned{Changes: orEmpty(plan.Changes)}
	r.say("%s", plan)
	if !plan.Empty() {
		r.differs()
	}
}

// orEmpty returns a list that is [] in JSON if it is empty.
func orEmpty[E any](list []E) []E {
	if list == nil {
		return []E{}
	}
	return list
}

func runApply(ctx context.Context, r *run) error {
	plan, err := dynamapper.PlanTables(ctx, tablesOf(r.groups)...)
	if err != nil {
		return err
	}
	if r.flags.dryRun {
		r.showPlan(plan)
		return nil
	}
	done := &applied{Done: []dynamapper.TableChange{}, Left: []dynamapper.TableChange{}}
	r.result.Applied = done
	if plan.Empty() {
		r.say("%s", plan)
		return nil
	}
	shown := newApplying(r, plan)
	opts := []dynamapper.ApplyOption{dynamapper.OnProgress(func(c dynamapper.TableChange) {
		done.Done = append(done.Done, c)
		shown.done(c)
		r.say("done: %s: %s\n", c.Table, c.What)
	})}
	if r.flags.allowDestroy {
		opts = append(opts, dynamapper.AllowDestroy())
	}
	r.progress.line("changes to apply: %d; a new index of a large table takes hours",
		len(plan.Changes))
	end := shown.show(ctx)
	err = plan.Apply(ctx, opts...)
	end()
	left := (*dynamapper.PlanError)(nil)
	if !errors.As(err, &left) {
		return err
	}
	done.Left = left.Left
	for _, c := range left.Left {
		r.say("left out: %s", strings.TrimLeft(c.String(), " "))
		if c.Impossible == "" {
			r.say("    to make it, give -allow-destroy\n")
		}
	}
	r.differs()
	return nil
}
