package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/dynamapper/dynamapper/examples/internal/stage"
)

// world has all items at the start.
type world struct {
	guilds   []*Guild
	members  []*Member
	messages []*Message
	wars     []*War
}

func (w *world) size() int {
	return len(w.guilds) + len(w.members) + len(w.messages) + len(w.wars)
}

const (
	membersOfAGuild = 10
	rounds          = 4
)

var (
	guildNames = []string{"blue", "green", "red"}
	begin      = time.Date(2026, time.May, 1, 18, 0, 0, 0, time.UTC)
)

// makeWorld makes three guilds, the same in every run. Waldo is a member of two of them.
func makeWorld(messages int) *world {
	random := rand.New(rand.NewPCG(1, 2))
	w := &world{}
	for g, name := range guildNames {
		guild := &Guild{Name: name, Region: "eu", Motto: "for the " + name}
		for n := range membersOfAGuild {
			member := &Member{Guild: name, Player: fmt.Sprintf("%s-%d", name, n),
				Trophies: 100 + random.IntN(900)}
			if n == 0 && name != "green" {
				member.Player = "waldo"
			}
			guild.Trophies += member.Trophies
			w.members = append(w.members, member)
		}
		w.guilds = append(w.guilds, guild)
		for n := range messages {
			author := w.members[g*membersOfAGuild+n%membersOfAGuild]
			w.messages = append(w.messages, &Message{Guild: name, Player: author.Player,
				At: begin.Add(time.Duration(n) * time.Minute), ID: fmt.Sprintf("m%d", n),
				Text: fmt.Sprintf("message %d of %s, to all of the guild", n, author.Player)})
		}
		for round := range rounds {
			w.wars = append(w.wars, &War{Guild: name, Against: "guild-" + fmt.Sprint(round),
				Season: "2026-spring", League: []string{"gold", "silver"}[g%2], Round: round + 1,
				Stars: random.IntN(30)})
		}
	}
	return w
}

// found writes the items and shows how they are stored.
func (c *chronicle) found(ctx context.Context) error {
	c.Heading("1. The table")
	w := makeWorld(c.settings.messages)
	c.Say("Three guilds with %d members, %d messages and %d wars. Their keys are computed from "+
		"their fields:", len(w.members), len(w.messages), len(w.wars))
	if err := c.showKeys(w); err != nil {
		return err
	}
	used := c.Meter.Since()
	if err := c.saveAll(ctx, w); err != nil {
		return err
	}
	total := used().Total()
	c.Say("\n%d items were written with %d requests, for %v write units: an index that has an "+
		"item costs as much as the table.", total.Items, total.Requests, total.WriteUnits)
	return c.settle(ctx, w)
}

// showKeys prints the stored keys of an item of each kind.
func (c *chronicle) showKeys(w *world) error {
	rows := [][]any{{"kind", "pk", "sk", "by-player", "by-trophies", "by-league"}}
	for _, marshal := range []func() (attributes, error){
		func() (attributes, error) { return c.guilds.MarshalItem(w.guilds[0]) },
		func() (attributes, error) { return c.members.MarshalItem(w.members[0]) },
		func() (attributes, error) { return c.messages.MarshalItem(w.messages[0]) },
		func() (attributes, error) { return c.wars.MarshalItem(w.wars[0]) },
	} {
		item, err := marshal()
		if err != nil {
			return err
		}
		league := ""
		if item["season"] != nil {
			league = show(item, "season", "league", "round", "stars")
		}
		rows = append(rows, []any{show(item, "entity"), show(item, "pk"), show(item, "sk"),
			show(item, "gsi1pk", "gsi1sk"), show(item, "gsi2pk", "gsi2sk"), league})
	}
	c.Table(rows...)
	return nil
}

func (c *chronicle) saveAll(ctx context.Context, w *world) error {
	if err := c.guilds.BatchSave(ctx, w.guilds); err != nil {
		return err
	}
	if err := c.members.BatchSave(ctx, w.members); err != nil {
		return err
	}
	if err := c.messages.BatchSave(ctx, w.messages); err != nil {
		return err
	}
	return c.wars.BatchSave(ctx, w.wars)
}

// settle waits until the indexes have all items, so that the following results do not depend on the
// time of the read.
func (c *chronicle) settle(ctx context.Context, w *world) error {
	_, err := stage.Await(ctx, time.Minute, "the indexes do not have all items", func(
		ctx context.Context,
	) (bool, error) {
		found := 0
		for _, count := range []func(context.Context) (int, error){
			c.messages.Scan().Index("by-player").Count, c.members.Scan().Index("by-player").Count,
			c.guilds.Scan().Index("by-trophies").Count, c.members.Scan().Index("by-trophies").Count,
			c.wars.Scan().Index("by-league").Count,
		} {
			n, err := count(ctx)
			if err != nil {
				return false, err
			}
			found += n
		}
		return found == w.size()+len(w.members), nil // members are in two indexes
	})
	return err
}
