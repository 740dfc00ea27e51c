package tool

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/dynamapper/dynamapper"
)

func runMigrate(ctx context.Context, r *run) error {
	for i, g := range r.groups {
		if err := r.migrate(ctx, g, r.groups[i+1:]); err != nil {
			return err
		}
	}
	return nil
}

// migrate migrates the items of a table. The tables of left come after it.
func (r *run) migrate(ctx context.Context, g *group, left []*group) error {
	m := &migrated{Table: g.name, DryRun: r.flags.dryRun}
	r.result.Migrated = append(r.result.Migrated, m)
	total, err := r.countItems(ctx, g.name)
	if err != nil {
		return err
	}
	done, err := g.migrate(ctx, r.migrateOptions(m, total)...)
	m.Report = newReport(done)
	if errors.Is(err, dynamapper.ErrMigrated) {
		m.Before = true
		r.say("%s: the migration has finished before: %v; to run it again, give -restart\n", g.name,
			m.Report)
		return nil
	}
	if err != nil {
		return r.unfinished(ctx, m, left, err)
	}
	r.say("%s: %s\n", g.name, m.describe())
	if m.Report.Skipped > 0 || m.DryRun && m.Report.Changed > 0 {
		r.differs()
	}
	return nil
}

// migrateOptions returns the options that the flags ask for.
func (r *run) migrateOptions(m *migrated, total int64) []dynamapper.MigrateOption {
	f := r.flags
	opts := []dynamapper.MigrateOption{f.rateLimit(),
		dynamapper.OnProgress(func(report dynamapper.MigrateReport) {
			r.progress.update(func() string {
				return fmt.Sprintf("%s, %s changed, %s skipped, %.0f RU, %.0f WU",
					r.progress.counted(m.Table, report.Seen, total), number(int64(report.Changed)),
					number(int64(report.Skipped)), report.ReadUnits, report.WriteUnits)
			})
		})}
	if f.segments > 0 {
		opts = append(opts, dynamapper.Segments(f.segments))
	}
	if f.checkpoint != "" {
		opts = append(opts, dynamapper.Checkpoints(dynamapper.FileCheckpoints(f.checkpoint)))
	}
	if f.restart {
		opts = append(opts, dynamapper.Restart())
	}
	if f.dryRun {
		opts = append(opts, dynamapper.DryRun())
	}
	if f.skipInvalid {
		opts = append(opts, dynamapper.SkipInvalid(func(err error) {
			one := skipped{Key: keyOf(err), Error: err.Error()}
			m.Skipped = listed(m.Skipped, one)
			r.progress.line("skipped: key %s: %s", one.Key, one.Error)
		}))
	}
	return opts
}

// unfinished reports how far a migration has come, and how to continue it.
func (r *run) unfinished(ctx context.Context, m *migrated, left []*group, err error) error {
	hasBegun := m.Report.Segments > 0
	if hasBegun {
		r.progress.line("%s: ended before its end: %s", m.Table, m.describe())
	}
	key := keyOf(err)
	switch {
	case ctx.Err() != nil && r.flags.restart && hasBegun:
		err = fmt.Errorf("%w; the same command without -restart continues there, from the "+
			"checkpoint in %s", err, r.flags.checkpoint)
		if len(left) > 0 { // they may have checkpoints of earlier runs that have finished
			err = fmt.Errorf("%w; after that, give -restart with -table for %s", err, namesOf(left))
		}
		return err
	case ctx.Err() != nil && r.flags.checkpoint != "" && !r.flags.restart:
		return fmt.Errorf("%w; the same command continues there, from the checkpoint in %s", err,
			r.flags.checkpoint)
	case key != "":
		return fmt.Errorf("%w; the key is %s; to go on without such items, give -skip-invalid", err,
			key)
	}
	return err
}

func (m *migrated) describe() string {
	if m.DryRun {
		return "dry run, nothing was written: " + m.Report.String()
	}
	return m.Report.String()
}

// keyOf returns the key in a *MigrateError, or "".
func keyOf(err error) string {
	failed := (*dynamapper.MigrateError)(nil)
	if !errors.As(err, &failed) {
		return ""
	}
	var parts []string
	for _, part := range failed.Key.Parts() {
		if text, ok := part.(string); ok {
			parts = append(parts, fmt.Sprintf("%q", text))
		} else {
			parts = append(parts, fmt.Sprint(part))
		}
	}
	return strings.Join(parts, ", ")
}

// countItems returns the number of items as the service has counted it.
func (r *run) countItems(ctx context.Context, table string) (int64, error) {
	out, err := r.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		return 0, newTableError(table, err)
	}
	return aws.ToInt64(out.Table.ItemCount), nil
}

// newTableError names the table of a request that failed.
func newTableError(table string, err error) error {
	if isMissing(err) {
		return fmt.Errorf("table %q does not exist; create it with apply: %w", table, err)
	}
	return fmt.Errorf("table %q: %w", table, err)
}
