package main

import (
	"context"
	"fmt"

	"github.com/dynamapper/dynamapper"
)

// bound is the number of points above which scores are counted.
const bound = 90_000

// way is a way to count them.
type way struct {
	name  string
	count func(context.Context) (int, error)
}

// counted is the result of a way, and its usage.
type counted struct {
	name      string
	found     int
	requests  int
	readUnits float64
}

// count counts the same scores in three ways, and all scores for comparison.
func (s *season) count(ctx context.Context) error {
	s.Heading("4. Why a scan is not a query")
	s.Say("How many of the %d scores are above %d? Three ways to count them, and for comparison "+
		"a count of all scores:", s.settings.scores, bound)
	s.Code(
		`found, err := scores.Scan().Count(ctx)`,
		`above := dynamapper.Attr("points", dynamapper.GT(bound))`,
		`found, err := scores.Scan().Where(above).Count(ctx)`,
		`found, err := scores.Scan().Where(above).Parallel(segments).Count(ctx)`,
		`for _, guild := range guilds {`,
		`    found, err := scores.Query(guild).Index("by-guild").Range(dynamapper.GT(bound)).Count(ctx)`,
	)
	var results []counted
	rows := [][]any{{"way", "found", "requests", "read units"}}
	for _, way := range s.ways() {
		c, err := s.measure(ctx, way)
		if err != nil {
			return err
		}
		results = append(results, c)
		rows = append(rows, []any{c.name, c.found, c.requests, c.readUnits})
	}
	s.Table(rows...)
	s.Say("%s", conclude(results[0], results[1], results[2], results[3]))
	return nil
}

func (s *season) ways() []way {
	scores, segments := s.scores, s.settings.segments
	above := dynamapper.Attr("points", dynamapper.GT(bound))
	parallel := fmt.Sprintf("the same, parallel segments: %d", segments)
	return []way{
		{"scan of all scores", func(ctx context.Context) (int, error) {
			found, err := scores.Scan().Count(ctx)
			return found, err
		}},
		{"scan, above the bound", func(ctx context.Context) (int, error) {
			found, err := scores.Scan().Where(above).Count(ctx)
			return found, err
		}},
		{parallel, func(ctx context.Context) (int, error) {
			found, err := scores.Scan().Where(above).Parallel(segments).Count(ctx)
			return found, err
		}},
		{"query of the index, guild by guild", s.countByQuery},
	}
}

// countByQuery reads the index of each guild above the bound.
func (s *season) countByQuery(ctx context.Context) (int, error) {
	scores, sum := s.scores, 0
	for _, guild := range guilds {
		found, err := scores.Query(guild).Index("by-guild").Range(dynamapper.GT(bound)).Count(ctx)
		if err != nil {
			return 0, err
		}
		sum += found
	}
	return sum, nil
}

func (s *season) measure(ctx context.Context, way way) (counted, error) {
	used := s.Meter.Since()
	found, err := way.count(ctx)
	total := used().Total()
	return counted{name: way.name, found: found, requests: total.Requests,
		readUnits: total.ReadUnits}, err
}

// conclude explains the numbers.
func conclude(all, scan, parallel, query counted) string {
	if scan.found != query.found || scan.found != parallel.found {
		return "The ways have different results: without Consistent a read may miss recent writes."
	}
	if all.readUnits == 0 {
		return "This engine does not report the cost of reads."
	}
	return fmt.Sprintf("A scan reads every score, and Where only filters the result: to find %d "+
		"of %d scores costs %s of the read units of all.\n"+
		"Parallel segments read the same table, and cost %s.\n"+
		"The query starts at the bound and reads only the scores that it finds, and only their "+
		"keys, because the index has nothing else: %s.\n"+
		"In return, every write also pays for the index: see 1.",
		scan.found, all.found, percent(scan, all), percent(parallel, all), percent(query, all))
}

// percent returns the cost of a way in percent of another.
func percent(way, of counted) string {
	return fmt.Sprintf("%.1f%%", 100*way.readUnits/of.readUnits)
}
